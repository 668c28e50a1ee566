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
mod tests;
