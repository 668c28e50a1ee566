//! Merging files of settings in YAML.

use std::path::Path;

use super::{Compared, Merged, PutBack};
use crate::edit::snapshot::hides_something;
use crate::edit::yaml::YamlFile;
use crate::secret::mask_text;
use crate::service::ServiceError;
use crate::service::plan::KeptEdit;

pub(super) fn is_readable(bytes: Option<&[u8]>) -> bool {
    bytes.is_none_or(|bytes| YamlFile::parse(bytes).is_ok())
}

pub(super) fn merge(path: &Path, files: Compared<'_>, how: &PutBack) -> Result<Merged, ServiceError> {
    let parse = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => YamlFile::parse(bytes).map_err(ServiceError::in_condarc(path)),
        None => Ok(YamlFile::empty()),
    };
    let versions = files.compared;
    let (present, base, target) = (
        parse(versions.present)?,
        parse(versions.base)?,
        parse(versions.target)?,
    );
    let mut changed = parse(files.present)?;
    let mut edits = Vec::new();
    let mut lost = Vec::new();
    for key in touched(&base, &target) {
        let foreign = present.value(&key) != base.value(&key) && present.value(&key) != target.value(&key);
        let kept = foreign && how.keeps(&key);
        if foreign {
            edits.push(KeptEdit {
                restored: shown(&target, &key),
                present: shown(&present, &key),
                key: key.clone(),
                kept,
            });
        }
        if kept {
            continue;
        }
        let mut restored = changed.clone();
        restored
            .restore(&key, &target)
            .map_err(ServiceError::in_condarc(path))?;
        if hides_something(restored.text()) {
            lost.push(key);
        } else {
            changed = restored;
        }
    }
    let bytes = changed.bytes();
    let nothing_left = versions.target.is_none() && bytes.iter().all(u8::is_ascii_whitespace);
    let content = if nothing_left || (files.present.is_none() && bytes.is_empty()) {
        None
    } else {
        Some(bytes)
    };
    Ok(Merged { content, edits, lost })
}

/// The keys in which the two differ.
fn touched(base: &YamlFile, target: &YamlFile) -> Vec<String> {
    let mut keys: Vec<String> = base.keys().into_iter().map(str::to_owned).collect();
    let added = target.keys().into_iter().filter(|key| base.value(key).is_none());
    keys.extend(added.map(str::to_owned));
    keys.retain(|key| base.value(key) != target.value(key));
    keys
}

/// A value on one line, secrets masked.
fn shown(file: &YamlFile, key: &str) -> Option<String> {
    let value = file.value(key)?;
    let text = serde_json::to_string(value).unwrap_or_else(|_| "…".to_owned());
    Some(mask_text(&text))
}
