//! Putting one of Sextant's own TOML files back although it was changed since: setting by setting.

use std::path::Path;

use toml::Table;

use crate::service::ServiceError;
use crate::service::merge::Versions;

/// What was changed between *target* and *base* goes back where it is still as it was written; what was changed since
/// stays. `None` is no file.
///
/// Errors: [`ServiceError::DamagedPreferences`] for a file that cannot be understood.
pub(crate) fn own_back(path: &Path, versions: Versions<'_>) -> Result<Option<Vec<u8>>, ServiceError> {
    let table = |bytes: Option<&[u8]>| -> Result<Table, ServiceError> {
        let text = String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        toml::from_str(&text).map_err(|error| ServiceError::DamagedPreferences {
            path: path.to_owned(),
            reason: error.message().to_owned(),
        })
    };
    let (mut present, base, target) = (
        table(versions.present)?,
        table(versions.base)?,
        table(versions.target)?,
    );
    put_back(&mut present, &base, &target);
    if present.is_empty() && versions.target.is_none() {
        return Ok(None);
    }
    let written = toml::to_string(&present).map_err(|error| ServiceError::Internal(error.to_string()))?;
    // A comment at the head of the file stays.
    let text = String::from_utf8_lossy(versions.present.unwrap_or_default()).into_owned();
    let head: String = text
        .split_inclusive('\n')
        .take_while(|line| line.starts_with('#') || line.trim().is_empty())
        .collect();
    Ok(Some(format!("{head}{written}").into_bytes()))
}

fn put_back(present: &mut Table, base: &Table, target: &Table) {
    let names: Vec<String> = base.keys().chain(target.keys()).cloned().collect();
    for name in names {
        let (now, written, wanted) = (present.get(&name), base.get(&name), target.get(&name));
        if written == wanted {
            continue;
        }
        if now == written {
            match wanted {
                Some(value) => present.insert(name, value.clone()),
                None => present.remove(&name),
            };
            continue;
        }
        let inside = |value: Option<&toml::Value>| value.and_then(toml::Value::as_table).cloned();
        if let Some(toml::Value::Table(now)) = present.get_mut(&name) {
            put_back(
                now,
                &inside(written).unwrap_or_default(),
                &inside(wanted).unwrap_or_default(),
            );
            if now.is_empty() {
                present.remove(&name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(present: &str, base: &str, target: Option<&str>) -> Option<String> {
        let versions = Versions {
            present: Some(present.as_bytes()),
            base: Some(base.as_bytes()),
            target: target.map(str::as_bytes),
        };
        let content = own_back(Path::new("/p.toml"), versions).unwrap();
        content.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn what_was_changed_since_stays() {
        assert_eq!(
            back("a = 2\nb = 9\n", "a = 2\nb = 2\n", Some("a = 1\nb = 1\n")).as_deref(),
            Some("a = 1\nb = 9\n")
        );
        assert_eq!(
            back("a = 3\n", "a = 2\n", Some("a = 1\n")).as_deref(),
            Some("a = 3\n")
        );
    }

    #[test]
    fn a_file_that_was_not_there_goes_unless_something_was_added() {
        assert_eq!(back("a = 2\n", "a = 2\n", None), None);
        assert_eq!(
            back("a = 2\nc = 1\n", "a = 2\n", None).as_deref(),
            Some("c = 1\n")
        );
        assert_eq!(
            back(
                "# head\n\n[server.h]\nca-file = \"x\"\n[server.i]\nca-file = \"y\"\n",
                "[server.h]\nca-file = \"x\"\n",
                None
            )
            .as_deref(),
            Some("# head\n\n[server.i]\nca-file = \"y\"\n")
        );
    }

    #[test]
    fn a_damaged_file_is_left_alone() {
        let versions = Versions {
            present: Some(b"a = [\n"),
            base: Some(b""),
            target: None,
        };
        own_back(Path::new("/p.toml"), versions).unwrap_err();
    }
}
