//! Merging files of sections and options.

use std::path::Path;

use super::{Compared, Merged, PutBack};
use crate::edit::ini::{IniError, IniFile};
use crate::edit::snapshot::hides_something;
use crate::navigator::NavigatorError;
use crate::secret::{MASK, mask_text};
use crate::service::ServiceError;
use crate::service::plan::KeptEdit;

pub(super) fn is_readable(bytes: Option<&[u8]>) -> bool {
    bytes.is_none_or(|bytes| IniFile::parse(bytes).is_ok())
}

/// Where an option stands.
type Place = (String, String);

pub(super) fn merge(path: &Path, files: Compared<'_>, how: &PutBack) -> Result<Merged, ServiceError> {
    let unreadable = |error: IniError| ServiceError::in_navigator(path)(NavigatorError::Unreadable(error));
    let unchangeable =
        |error: IniError| ServiceError::in_navigator(path)(NavigatorError::Unchangeable(error));
    let parse = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => IniFile::parse(bytes).map_err(unreadable),
        None => Ok(IniFile::empty()),
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
    for place in touched(&base, &target) {
        let key = format!("{}.{}", place.0, place.1);
        let (now, then) = (own(&present, &place), own(&target, &place));
        let foreign = now != own(&base, &place) && now != then;
        let kept = foreign && how.keeps(&key);
        if foreign {
            edits.push(KeptEdit {
                restored: shown(&place, then),
                present: shown(&place, now),
                key: key.clone(),
                kept,
            });
        }
        if kept {
            continue;
        }
        match then {
            Some(value) if hides_something(value) => lost.push(key),
            Some(value) => changed.set(&place.0, &place.1, value).map_err(unchangeable)?,
            None => {
                changed.remove(&place.0, &place.1).map_err(unchangeable)?;
            }
        }
    }
    let nothing_left = versions.target.is_none() && changed.entries().next().is_none();
    let content = if nothing_left || (files.present.is_none() && changed.bytes().is_empty()) {
        None
    } else {
        Some(changed.bytes())
    };
    Ok(Merged { content, edits, lost })
}

fn touched(base: &IniFile, target: &IniFile) -> Vec<Place> {
    let places = |file: &IniFile| -> Vec<Place> {
        let entries = file.entries();
        entries
            .map(|(section, option, _)| (section.to_owned(), option.to_owned()))
            .collect()
    };
    let mut all = places(base);
    for place in places(target) {
        if !all.contains(&place) {
            all.push(place);
        }
    }
    all.retain(|place| own(base, place) != own(target, place));
    all
}

/// The value that the section itself gives the option.
fn own<'a>(file: &'a IniFile, (section, option): &Place) -> Option<&'a str> {
    file.entries()
        .find(|(in_section, name, _)| in_section == section && name == option)
        .map(|(_, _, value)| value)
}

/// A value on one line. The file does not tell which values are secret; the names of the options do.
fn shown((_, option): &Place, value: Option<&str>) -> Option<String> {
    let value = value?;
    let is_nothing = value.is_empty() || value == "None";
    if !is_nothing
        && !option.ends_with("_id")
        && ["token", "password"].iter().any(|word| option.contains(word))
    {
        return Some(MASK.to_owned());
    }
    Some(mask_text(&value.replace('\n', " ")))
}
