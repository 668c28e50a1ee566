//! Putting a person's file back although somebody else changed it meanwhile: a three-way merge, key by key.
//!
//! *Base* is the file as the change left it, *target* as it was before, *present* as it is now. A key that the change
//! touched (base and target differ) and that nobody touched since (present and base agree) goes back to the target,
//! comments and style included. A key that somebody else changed since is theirs: it stays, unless the person says
//! otherwise. Everything else in the file stays as it is.
//!
//! A past version may have lost its secrets ([`Past::Masked`]). It is compared without them then, and what held one is
//! not brought back.

mod ini;
mod yaml;

use std::collections::BTreeMap;
use std::path::Path;

use super::plan::KeptEdit;
use super::preferences::own_back;
use super::{ServiceError, configuration};
use crate::edit::snapshot;

/// How to treat what somebody else changed meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PutBack {
    /// Their edits stay.
    #[default]
    KeepEdits,
    /// The old bytes come back, whatever stands there now.
    Exact,
    /// Per key: true keeps the present value. Keys that are not named keep it.
    PerKey(BTreeMap<String, bool>),
}

impl PutBack {
    /// The choices for the keys that begin with `prefix`, without it.
    pub(super) fn below(&self, prefix: &str) -> Self {
        match self {
            Self::PerKey(choices) => {
                let below =
                    |(key, keep): (&String, &bool)| Some((key.strip_prefix(prefix)?.to_owned(), *keep));
                Self::PerKey(choices.iter().filter_map(below).collect())
            }
            other => other.clone(),
        }
    }

    /// Whether the present value of a key stays that somebody else changed.
    fn keeps(&self, key: &str) -> bool {
        match self {
            Self::KeepEdits => true,
            Self::Exact => false,
            Self::PerKey(choices) => choices.get(key).copied().unwrap_or(true),
        }
    }
}

/// A merged file; `None` is no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub content: Option<Vec<u8>>,
    pub edits: Vec<KeptEdit>,
    /// Keys that are not brought back, because the earlier value held a secret that is kept nowhere.
    pub lost: Vec<String>,
}

impl Merged {
    fn whole(content: Option<&[u8]>) -> Self {
        Self {
            content: content.map(<[u8]>::to_vec),
            edits: Vec::new(),
            lost: Vec::new(),
        }
    }
}

/// What the lines of a file mean, as far as it matters for a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A mapping of settings, such as `.condarc`.
    Yaml,
    /// Sections with options, such as Navigator's file.
    Ini,
    /// Sextant's own settings.
    Toml,
    /// Lines that mean something by themselves, in a grammar of another program's.
    Lines,
    /// A content that is taken or left as a whole.
    Opaque,
}

/// The files of other programs whose lines are told apart, although their names look like something else.
fn is_of_lines(path: &Path, name: &str) -> bool {
    let is_policy = || path.components().any(|part| part.as_os_str() == "policies");
    match name {
        "uv.toml" | "user.js" | ".netrc" | "_netrc" => true,
        _ if name.starts_with("krb5") => true,
        _ => name.ends_with(".json") && is_policy(),
    }
}

impl Format {
    /// By the names that conda, Navigator, pip and their relatives give their files.
    pub fn of(path: &Path) -> Self {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.unwrap_or_default() {
            _ if name == ".condarc" || name == "condarc" => Self::Yaml,
            _ if is_of_lines(path, name) => Self::Lines,
            "yml" | "yaml" => Self::Yaml,
            "ini" | "cfg" | "conf" => Self::Ini,
            "toml" => Self::Toml,
            _ => Self::Opaque,
        }
    }
}

/// An earlier version of a file, as far as it can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Past {
    /// To the byte; `None` is no file.
    Whole(Option<Vec<u8>>),
    /// With references in the place of secrets that are kept nowhere.
    Masked(Vec<u8>),
}

impl Past {
    fn without_secrets(&self) -> Option<Vec<u8>> {
        match self {
            Self::Whole(bytes) => hidden(bytes.as_deref()),
            Self::Masked(bytes) => Some(snapshot::without_secrets(bytes)),
        }
    }
}

/// The content as [`snapshot::without_secrets`] shows it.
fn hidden(bytes: Option<&[u8]>) -> Option<Vec<u8>> {
    let masked = snapshot::mask(bytes?, snapshot::Named::NOTHING);
    Some(snapshot::without_secrets(&masked.bytes))
}

/// The three versions of a file; `None` is no file.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    pub present: Option<&'a [u8]>,
    pub base: Option<&'a [u8]>,
    pub target: Option<&'a [u8]>,
}

/// What is compared, and what is changed: they differ where a past version lacks its secrets.
#[derive(Debug, Clone, Copy)]
struct Compared<'a> {
    compared: Versions<'a>,
    /// The file that is changed, secrets and all.
    present: Option<&'a [u8]>,
}

/// Merges a `.condarc` whose earlier versions are known to the byte.
///
/// Errors: [`ServiceError::Condarc`] when the present file cannot be read as YAML or edited without risk.
pub fn condarc(path: &Path, versions: Versions<'_>, how: &PutBack) -> Result<Merged, ServiceError> {
    if versions.present == versions.base || *how == PutBack::Exact {
        return Ok(Merged::whole(versions.target));
    }
    let compared = Compared {
        compared: versions,
        present: versions.present,
    };
    yaml::merge(path, compared, how)
}

/// Merges a file of any format.
///
/// Errors: as [`condarc`], and [`ServiceError::Navigator`] for a file of the other format. [`PutBack::Exact`] is an
/// error where the target has lost its secrets; the caller sees to it.
pub fn file(
    format: Format,
    path: &Path,
    present: Option<&[u8]>,
    (base, target): (&Past, &Past),
    how: &PutBack,
) -> Result<Merged, ServiceError> {
    if let (Past::Whole(base), Past::Whole(target)) = (base, target) {
        let versions = Versions {
            present,
            base: base.as_deref(),
            target: target.as_deref(),
        };
        if versions.present == versions.base || *how == PutBack::Exact {
            return Ok(Merged::whole(versions.target));
        }
        let compared = Compared {
            compared: versions,
            present,
        };
        return by_format(format, path, compared, how);
    }
    let shown = (hidden(present), base.without_secrets(), target.without_secrets());
    let compared = Compared {
        compared: Versions {
            present: shown.0.as_deref(),
            base: shown.1.as_deref(),
            target: shown.2.as_deref(),
        },
        present,
    };
    by_format(format, path, compared, how)
}

fn by_format(
    format: Format,
    path: &Path,
    compared: Compared<'_>,
    how: &PutBack,
) -> Result<Merged, ServiceError> {
    let Versions { base, target, .. } = compared.compared;
    match format {
        // A past version that was broken has no keys to speak of.
        Format::Yaml if yaml::is_readable(base) && yaml::is_readable(target) => {
            yaml::merge(path, compared, how)
        }
        Format::Ini if ini::is_readable(base) && ini::is_readable(target) => ini::merge(path, compared, how),
        Format::Toml if !hides(base) && !hides(target) => {
            let versions = Versions {
                present: compared.present,
                ..compared.compared
            };
            Ok(Merged::whole(own_back(path, versions)?.as_deref()))
        }
        Format::Lines => Ok(by_lines(path, compared).unwrap_or_else(|| as_a_whole(path, compared, how))),
        Format::Yaml | Format::Ini | Format::Toml | Format::Opaque => Ok(as_a_whole(path, compared, how)),
    }
}

/// What was changed goes back line by line, where nobody touched the lines around it since.
fn by_lines(path: &Path, compared: Compared<'_>) -> Option<Merged> {
    let Versions {
        present,
        base,
        target,
    } = compared.compared;
    if hides(base) || hides(target) || compared.present != present {
        return None;
    }
    let text = |bytes: Option<&[u8]>| std::str::from_utf8(bytes?).ok().map(str::to_owned);
    let (present, base, target) = (text(present)?, text(base)?, text(target)?);
    let joined = configuration::joined_lines(&base, &target, &present)?;
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let is_sound = !is_json || serde_json::from_str::<serde_json::Value>(&joined).is_ok();
    is_sound.then(|| Merged::whole(Some(joined.as_bytes())))
}

/// Whether a secret is missing in an earlier version.
fn hides(bytes: Option<&[u8]>) -> bool {
    bytes
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .is_some_and(snapshot::hides_something)
}

/// The file is taken or left.
fn as_a_whole(path: &Path, compared: Compared<'_>, how: &PutBack) -> Merged {
    let Versions {
        present,
        base,
        target,
    } = compared.compared;
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let unchanged = |lost| Merged {
        content: compared.present.map(<[u8]>::to_vec),
        edits: Vec::new(),
        lost,
    };
    if present == target {
        return unchanged(Vec::new());
    }
    if hides(target) {
        return unchanged(vec![name]);
    }
    if present == base {
        return Merged::whole(target);
    }
    let kept = how.keeps(&name);
    let said = |bytes: Option<&[u8]>| bytes.map(|bytes| format!("a file of {} bytes", bytes.len()));
    let edit = KeptEdit {
        restored: said(target),
        present: said(present),
        key: name,
        kept,
    };
    let merged = if kept {
        unchanged(Vec::new())
    } else {
        Merged::whole(target)
    };
    Merged {
        edits: vec![edit],
        ..merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# mine\nchannels:\n  - conda-forge # fast\nssl_verify: true\n";
    const OURS: &str = "# mine\nchannels: []\nssl_verify: true\nchannel_alias: https://h/api/repo\n";

    fn merge(
        present: Option<&str>,
        base: Option<&str>,
        target: Option<&str>,
        how: &PutBack,
    ) -> (Option<String>, Vec<String>) {
        let versions = Versions {
            present: present.map(str::as_bytes),
            base: base.map(str::as_bytes),
            target: target.map(str::as_bytes),
        };
        let merged = condarc(Path::new(".condarc"), versions, how).unwrap();
        assert!(merged.lost.is_empty());
        (
            merged.content.map(|bytes| String::from_utf8(bytes).unwrap()),
            merged.edits.into_iter().map(|edit| edit.key).collect(),
        )
    }

    #[test]
    fn untouched_since_comes_back_to_the_byte() {
        let (content, edits) = merge(Some(OURS), Some(OURS), Some(BEFORE), &PutBack::KeepEdits);
        assert_eq!((content.as_deref(), edits.len()), (Some(BEFORE), 0));
        assert_eq!(merge(Some(OURS), Some(OURS), None, &PutBack::KeepEdits).0, None);
    }

    #[test]
    fn their_new_keys_and_comments_stay() {
        let present = format!("# theirs\n{OURS}proxy_servers:\n  https: http://proxy:8080\n");
        let (content, edits) = merge(Some(&present), Some(OURS), Some(BEFORE), &PutBack::KeepEdits);
        let content = content.unwrap();
        assert!(
            content.starts_with("# theirs\n# mine\nchannels:\n  - conda-forge # fast\n"),
            "{content}"
        );
        assert!(
            content.contains("proxy_servers:\n  https: http://proxy:8080\n")
                && !content.contains("channel_alias")
        );
        assert!(edits.is_empty());
    }

    #[test]
    fn a_key_that_somebody_else_changed_is_theirs_unless_told_otherwise() {
        let present = OURS.replace("channels: []", "channels:\n  - theirs");
        let (content, edits) = merge(Some(&present), Some(OURS), Some(BEFORE), &PutBack::KeepEdits);
        assert!(content.unwrap().contains("- theirs"));
        assert_eq!(edits, ["channels"]);

        let choice = PutBack::PerKey(BTreeMap::from([("channels".to_owned(), false)]));
        let (content, edits) = merge(Some(&present), Some(OURS), Some(BEFORE), &choice);
        assert!(content.unwrap().contains("- conda-forge # fast"));
        assert_eq!(edits, ["channels"]);

        let (content, _) = merge(Some(&present), Some(OURS), Some(BEFORE), &PutBack::Exact);
        assert_eq!(content.as_deref(), Some(BEFORE));
    }

    #[test]
    fn a_file_that_sextant_made_goes_only_when_nothing_else_is_in_it() {
        let ours = "channels: []\nchannel_alias: https://h/api/repo\n";
        let present = format!("{ours}auto_update_conda: false\n");
        let (content, _) = merge(Some(&present), Some(ours), None, &PutBack::KeepEdits);
        assert_eq!(content.as_deref(), Some("auto_update_conda: false\n"));
        let (content, edits) = merge(None, Some(OURS), Some(BEFORE), &PutBack::KeepEdits);
        assert_eq!(content, None, "{edits:?}");
    }

    fn past(text: Option<&str>) -> Past {
        Past::Whole(text.map(|text| text.as_bytes().to_vec()))
    }

    fn in_ini(present: &str, base: &str, target: &str, how: &PutBack) -> Merged {
        let path = Path::new("anaconda-navigator.ini");
        let past = (&past(Some(base)), &past(Some(target)));
        file(Format::of(path), path, Some(present.as_bytes()), past, how).unwrap()
    }

    fn text(merged: &Merged) -> &str {
        std::str::from_utf8(merged.content.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn options_of_an_ini_file_are_merged_one_by_one() {
        let base = "[main]\nurl = 'a'\nother = 1\n";
        let target = "[main]\nurl = None\nother = 1\nold = x\n";
        let present = "# theirs\n[main]\nurl = 'a'\nother = 2\n\n[ssl]\ntrusted = []\n";
        let merged = in_ini(present, base, target, &PutBack::KeepEdits);
        assert!(merged.edits.is_empty(), "{:?}", merged.edits);
        assert_eq!(
            text(&merged),
            "# theirs\n[main]\nurl = None\nother = 2\nold = x\n\n[ssl]\ntrusted = []\n"
        );
    }

    #[test]
    fn an_option_that_somebody_else_changed_is_theirs_unless_told_otherwise() {
        let (base, target) = (
            "[main]\nanaconda_server_token = 'b'\n",
            "[main]\nanaconda_server_token = 'c'\n",
        );
        let present = "[main]\nanaconda_server_token = 'theirs'\n";
        let merged = in_ini(present, base, target, &PutBack::KeepEdits);
        assert_eq!(text(&merged), present);
        let edit = &merged.edits[0];
        assert_eq!(
            (edit.key.as_str(), edit.kept),
            ("main.anaconda_server_token", true)
        );
        assert!(!format!("{edit:?}").contains("theirs"), "{edit:?}");
        let choice = PutBack::PerKey(BTreeMap::from([("main.anaconda_server_token".to_owned(), false)]));
        assert_eq!(text(&in_ini(present, base, target, &choice)), target);
    }

    #[test]
    fn a_value_whose_secret_is_kept_nowhere_is_not_brought_back_but_the_rest_is() {
        let path = Path::new(".condarc");
        let mask = |text: &str| Past::Masked(snapshot::mask(text.as_bytes(), snapshot::Named::NOTHING).bytes);
        let target = mask("channels:\n  - https://h/t/old/c\nssl_verify: true\n");
        let base = mask("channels:\n  - main\nssl_verify: false\n");
        let present = "channels:\n  - main\nssl_verify: false\nx: https://h/t/mine/c # keep\n";
        let merged = file(
            Format::Yaml,
            path,
            Some(present.as_bytes()),
            (&base, &target),
            &PutBack::KeepEdits,
        )
        .unwrap();
        assert_eq!(merged.lost, ["channels"]);
        assert_eq!(
            text(&merged),
            "channels:\n  - main\nssl_verify: true\nx: https://h/t/mine/c # keep\n"
        );
    }

    #[test]
    fn what_has_no_keys_is_taken_or_left_as_a_whole() {
        let path = Path::new("a.token");
        let merge = |present: Option<&str>, base, target, how: &PutBack| {
            let present = present.map(str::as_bytes);
            file(Format::of(path), path, present, (&past(base), &past(target)), how).unwrap()
        };
        assert_eq!(
            merge(Some("b"), Some("b"), None, &PutBack::KeepEdits).content,
            None
        );
        let kept = merge(Some("x"), Some("b"), Some("a"), &PutBack::KeepEdits);
        assert_eq!((text(&kept), kept.edits[0].kept), ("x", true));
        let choice = PutBack::PerKey(BTreeMap::from([("a.token".to_owned(), false)]));
        assert_eq!(text(&merge(Some("x"), Some("b"), Some("a"), &choice)), "a");
        let gone = Past::Masked(snapshot::mask(b"secret", snapshot::Named::gone(&["secret"])).bytes);
        let merged = file(
            Format::Opaque,
            path,
            Some(b"b"),
            (&past(Some("b")), &gone),
            &PutBack::KeepEdits,
        )
        .unwrap();
        assert_eq!((text(&merged), merged.lost.len()), ("b", 1));
    }

    #[test]
    fn lines_of_other_programs_go_back_one_by_one() {
        let path = Path::new("/etc/krb5.conf");
        let (target, base) = ("[a]\nx = 1\n\n[b]\n", "[a]\nx = 1\nours = 2\n\n[b]\n");
        let present = "# theirs\n[a]\nx = 1\nours = 2\n\n[b]\nmore = 3\n";
        let past = (&past(Some(base)), &past(Some(target)));
        let merged = file(
            Format::of(path),
            path,
            Some(present.as_bytes()),
            past,
            &PutBack::KeepEdits,
        )
        .unwrap();
        assert_eq!(text(&merged), "# theirs\n[a]\nx = 1\n\n[b]\nmore = 3\n");
        assert!(merged.edits.is_empty());
        // Where they touched the very line, it is theirs.
        let touched = present.replace("ours = 2", "ours = 4");
        let merged = file(
            Format::of(path),
            path,
            Some(touched.as_bytes()),
            past,
            &PutBack::KeepEdits,
        )
        .unwrap();
        assert_eq!((text(&merged), merged.edits.len()), (touched.as_str(), 1));
        // JSON that would be none is not put together.
        let path = Path::new("/etc/chromium/policies/managed/x.json");
        let (target, base) = ("{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n");
        let present = "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n";
        let past = (&self::past(Some(base)), &self::past(Some(target)));
        let merged = file(
            Format::of(path),
            path,
            Some(present.as_bytes()),
            past,
            &PutBack::KeepEdits,
        )
        .unwrap();
        assert_eq!(text(&merged), present);
    }

    #[test]
    fn a_past_version_that_was_broken_comes_back_as_a_whole_or_not_at_all() {
        let path = Path::new(".condarc");
        let past = (&past(Some("a: [1\n")), &past(Some("a: [1]\n")));
        let merge = |how: &PutBack| file(Format::Yaml, path, Some(b"a: 2\n"), past, how).unwrap();
        assert_eq!(text(&merge(&PutBack::KeepEdits)), "a: 2\n");
        assert_eq!(text(&merge(&PutBack::Exact)), "a: [1]\n");
    }

    proptest::proptest! {
        /// Keys that only one side touched come out as that side has them.
        #[test]
        fn nothing_of_either_side_is_lost(
            base in keys(), mine in keys(), theirs in keys(), ini in proptest::bool::ANY
        ) {
            let written = |keys: &BTreeMap<u8, u8>| {
                let lines = keys.iter().map(|(key, value)| match ini {
                    true => format!("k{key} = {value}\n"),
                    false => format!("k{key}: {value}\n"),
                });
                let head = if ini { "[main]\n" } else { "# head\n" };
                std::iter::once(head.to_owned()).chain(lines).collect::<String>()
            };
            let path = Path::new(if ini { "x.ini" } else { ".condarc" });
            let merged = file(
                Format::of(path),
                path,
                Some(written(&theirs).as_bytes()),
                (&past(Some(&written(&base))), &past(Some(&written(&mine)))),
                &PutBack::KeepEdits,
            )
            .unwrap();
            let mut expected = theirs.clone();
            for key in 0..4 {
                let (was, here, there) = (base.get(&key), mine.get(&key), theirs.get(&key));
                if was != here && was == there {
                    match here {
                        Some(value) => expected.insert(key, *value),
                        None => expected.remove(&key),
                    };
                }
            }
            let lines: std::collections::BTreeSet<&str> = text(&merged).lines().skip(1).collect();
            let wanted = written(&expected);
            let wanted: std::collections::BTreeSet<&str> = wanted.lines().skip(1).collect();
            proptest::prop_assert_eq!(lines, wanted);
        }
    }

    fn keys() -> impl proptest::strategy::Strategy<Value = BTreeMap<u8, u8>> {
        proptest::collection::btree_map(0..4u8, 0..3u8, 0..4)
    }
}
