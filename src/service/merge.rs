//! Putting a person's file back although somebody else changed it meanwhile: a three-way merge, key by key.
//!
//! *Base* is the file as Sextant last wrote it, *target* as it was before, *present* as it is now. A key that
//! Sextant changed (base and target differ) and that nobody touched since (present and base agree) goes back to
//! the target, comments and style included. A key that somebody else changed since is theirs: it stays, unless
//! the person says otherwise. Everything else in the file stays as it is.

use std::collections::BTreeMap;
use std::path::Path;

use super::ServiceError;
use super::plan::KeptEdit;
use crate::edit::yaml::YamlFile;
use crate::secret::mask_text;

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

/// A merged file; `None` is no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub content: Option<Vec<u8>>,
    pub edits: Vec<KeptEdit>,
}

/// The three versions of a file; `None` is no file.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    pub present: Option<&'a [u8]>,
    pub base: Option<&'a [u8]>,
    pub target: Option<&'a [u8]>,
}

/// Merges a `.condarc`.
///
/// Errors: [`ServiceError::Condarc`] when the present file cannot be read as YAML or edited without risk.
pub fn condarc(path: &Path, versions: Versions<'_>, how: &PutBack) -> Result<Merged, ServiceError> {
    if versions.present == versions.base || *how == PutBack::Exact {
        return Ok(Merged {
            content: versions.target.map(<[u8]>::to_vec),
            edits: Vec::new(),
        });
    }
    let parse = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => YamlFile::parse(bytes).map_err(ServiceError::in_condarc(path)),
        None => Ok(YamlFile::empty()),
    };
    let (mut present, base, target) = (
        parse(versions.present)?,
        parse(versions.base)?,
        parse(versions.target)?,
    );
    let mut keys: Vec<String> = base.keys().into_iter().map(str::to_owned).collect();
    keys.extend(
        target
            .keys()
            .into_iter()
            .filter(|key| base.value(key).is_none())
            .map(str::to_owned),
    );
    let mut edits = Vec::new();
    for key in keys {
        if base.value(&key) == target.value(&key) {
            continue;
        }
        let foreign = present.value(&key) != base.value(&key) && present.value(&key) != target.value(&key);
        let keep = foreign
            && match how {
                PutBack::PerKey(choices) => choices.get(&key).copied().unwrap_or(true),
                _ => true,
            };
        if foreign {
            edits.push(KeptEdit {
                restored: shown(&target, &key),
                present: shown(&present, &key),
                key: key.clone(),
                kept: keep,
            });
        }
        if !keep {
            present
                .restore(&key, &target)
                .map_err(ServiceError::in_condarc(path))?;
        }
    }
    let bytes = present.bytes();
    let nothing_left = versions.target.is_none() && bytes.iter().all(u8::is_ascii_whitespace);
    let content = if nothing_left || (versions.present.is_none() && bytes.is_empty()) {
        None
    } else {
        Some(bytes)
    };
    Ok(Merged { content, edits })
}

/// A value on one line, secrets masked.
fn shown(file: &YamlFile, key: &str) -> Option<String> {
    let value = file.value(key)?;
    let text = serde_json::to_string(value).unwrap_or_else(|_| "…".to_owned());
    Some(mask_text(&text))
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
}
