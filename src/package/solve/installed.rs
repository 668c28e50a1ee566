//! What an environment holds, as far as a solve needs to know it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rattler_conda_types::RepoDataRecord;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::SolveError;
use super::solution::{ChannelNames, channel_address, without_credentials};
use crate::package::Record;
use crate::side_by_side;

/// The packages of an environment, by name. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Installed {
    records: Arc<Vec<RepoDataRecord>>,
}

impl Installed {
    /// Reads every `conda-meta/*.json` of a prefix; a prefix that is not there holds nothing.
    ///
    /// # Errors
    /// [`SolveError::Prefix`] when the folder cannot be read; [`SolveError::DamagedRecord`] for a record that cannot: what
    /// fits together cannot be told without it.
    pub fn read(prefix: &Path) -> Result<Self, SolveError> {
        let folder = prefix.join("conda-meta");
        let files = match std::fs::read_dir(&folder) {
            Ok(files) => files,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(&folder, &error)),
        };
        let mut paths = Vec::new();
        for file in files {
            let path = file.map_err(|error| unreadable(&folder, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                paths.push(path);
            }
        }
        let installed = Self::of(read_all(&paths)?);
        if let Some(twice) = installed
            .records
            .windows(2)
            .find(|pair| pair[0].package_record.name == pair[1].package_record.name)
        {
            return Err(SolveError::LinkedTwice {
                prefix: prefix.to_owned(),
                name: twice[0].package_record.name.as_normalized().to_owned(),
            });
        }
        Ok(installed)
    }

    pub(in crate::package) fn of(mut records: Vec<RepoDataRecord>) -> Self {
        records.sort_by(|one, other| one.package_record.name.cmp(&other.package_record.name));
        Self {
            records: Arc::new(records),
        }
    }

    pub(in crate::package) fn records(&self) -> &[RepoDataRecord] {
        &self.records
    }

    pub(super) fn get(&self, name: &str) -> Option<&RepoDataRecord> {
        self.records
            .iter()
            .find(|record| record.package_record.name.as_normalized() == name)
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn holds(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// By name.
    pub fn packages(&self, names: &ChannelNames) -> Vec<Record> {
        self.records
            .iter()
            .map(|record| Record::of(record, names))
            .collect()
    }

    /// All of it, to be kept; addresses are without secrets.
    pub fn to_json(&self) -> Value {
        let records = self.records.iter().map(|record| {
            let mut record = record.clone();
            let channel = record.channel.as_ref();
            record.channel = channel.map(|_| channel_address(&record));
            if let Ok(url) = without_credentials(&record.url).parse() {
                record.url = url;
            }
            serde_json::to_value(record).unwrap_or_default()
        });
        Value::Array(records.collect())
    }

    /// What [`to_json`](Self::to_json) has made; nothing for anything else.
    pub fn from_json(kept: Value) -> Option<Self> {
        serde_json::from_value(kept).ok().map(Self::of)
    }

    /// The platform that the environment was made for: that of any package which is not for all of them.
    pub fn subdir(&self) -> Option<&str> {
        let mut subdirs = self
            .records
            .iter()
            .map(|record| record.package_record.subdir.as_str());
        subdirs.find(|subdir| !subdir.is_empty() && *subdir != "noarch")
    }

    /// The addresses of the channels that its packages are from, without secrets.
    pub fn channels(&self) -> Vec<String> {
        let mut channels: Vec<_> = self.records.iter().map(channel_address).collect();
        channels.sort();
        channels.dedup();
        channels
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> SolveError {
    SolveError::Prefix {
        path: path.to_owned(),
        cause: error.to_string(),
    }
}

/// A big environment has hundreds of files, each with a long list of files: they are read side by side.
fn read_all(paths: &[PathBuf]) -> Result<Vec<RepoDataRecord>, SolveError> {
    // The first that is damaged is told, whichever was read first.
    side_by_side::each(paths, |path| read(path)).into_iter().collect()
}

fn read(path: &Path) -> Result<RepoDataRecord, SolveError> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    parse(&bytes).map_err(|cause| SolveError::DamagedRecord {
        path: path.to_owned(),
        cause,
    })
}

fn parse(bytes: &[u8]) -> Result<RepoDataRecord, String> {
    let Fields(mut fields) = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    complete(&mut fields)?;
    serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())
}

/// Old environments lack fields that are taken for granted today; conda derives them in the same way.
fn complete(fields: &mut Map<String, Value>) -> Result<(), String> {
    let text =
        |fields: &Map<String, Value>, key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    let (Some(name), Some(version)) = (text(fields, "name"), text(fields, "version")) else {
        return Err("it has no name or no version".to_owned());
    };
    let build = text(fields, "build").unwrap_or_default();
    let file_name = match text(fields, "fn") {
        Some(file_name) if file_name.ends_with(".conda") || file_name.ends_with(".tar.bz2") => file_name,
        _ => format!("{name}-{version}-{build}.tar.bz2"),
    };
    let subdir = text(fields, "subdir").unwrap_or_else(|| "noarch".to_owned());
    let has_address = text(fields, "url").is_some_and(|url| url::Url::parse(&url).is_ok());
    if !has_address {
        let channel = text(fields, "channel").filter(|channel| channel.contains("://"));
        let channel = channel.unwrap_or_else(|| "file:///unknown".to_owned());
        let channel = channel
            .trim_end_matches('/')
            .trim_end_matches(&format!("/{subdir}"))
            .to_owned();
        fields.insert("url".to_owned(), format!("{channel}/{subdir}/{file_name}").into());
    }
    fields.insert("fn".to_owned(), file_name.into());
    fields.insert("subdir".to_owned(), subdir.into());
    fields.insert("build".to_owned(), build.into());
    if fields.get("build_number").is_none_or(Value::is_null) {
        fields.insert("build_number".to_owned(), 0.into());
    }
    if text(fields, "track_features").is_some_and(|features| features.trim().is_empty()) {
        fields.remove("track_features");
    }
    fields.retain(|_, value| !value.is_null());
    Ok(())
}

/// A record without the lists of its files, which are most of it.
struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Skipping;

        impl<'de> Visitor<'de> for Skipping {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a package's record")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Map::new();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "files" | "paths_data" | "link" | "installed_system_menus" => {
                            map.next_value::<IgnoredAny>()?;
                        }
                        _ => {
                            fields.insert(key, map.next_value()?);
                        }
                    }
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Skipping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(prefix: &Path, name: &str, content: &str) {
        std::fs::create_dir_all(prefix.join("conda-meta")).unwrap();
        std::fs::write(prefix.join("conda-meta").join(name), content).unwrap();
    }

    #[test]
    fn records_of_conda_are_read_without_their_files() {
        let home = tempfile::tempdir().unwrap();
        let prefix = home.path();
        write(
            prefix,
            "zlib-1.3-h1_2.json",
            r#"{"name": "zlib", "version": "1.3", "build": "h1_2", "build_number": 2, "subdir": "linux-64",
                "channel": "https://h/main/linux-64", "url": "https://h/main/linux-64/zlib-1.3-h1_2.conda",
                "fn": "zlib-1.3-h1_2.conda", "depends": ["libc"], "constrains": [], "files": ["lib/libz.so"],
                "paths_data": {"paths": [{"_path": "lib/libz.so"}]}, "requested_spec": "None", "track_features": ""}"#,
        );
        write(
            prefix,
            "old-1-0.json",
            r#"{"name": "old", "version": "1", "build": "0", "url": null, "channel": "https://h/main", "depends": [],
                "license": null}"#,
        );
        write(prefix, "history", "");
        let installed = Installed::read(prefix).unwrap();
        let packages = installed.packages(&ChannelNames::default());
        assert_eq!(packages.len(), 2);
        assert_eq!(
            (packages[0].name.as_str(), packages[0].channel.url.as_str()),
            ("old", "https://h/main")
        );
        assert_eq!(packages[1].depends, ["libc"]);
        assert_eq!(installed.subdir(), Some("linux-64"));
        assert_eq!(installed.channels(), ["https://h/main"]);
        assert!(Installed::read(&prefix.join("none")).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_file() {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), "zlib-1.3-h1_2.json", r#"{"name": "zlib"#);
        let error = Installed::read(home.path()).unwrap_err();
        assert!(
            matches!(error, SolveError::DamagedRecord { path, .. } if path.ends_with("zlib-1.3-h1_2.json"))
        );

        let home = tempfile::tempdir().unwrap();
        let record = r#"{"name": "zlib", "version": "1", "build": "0"}"#;
        write(home.path(), "zlib-1-0.json", record);
        write(home.path(), "zlib-2-0.json", &record.replace("\"1\"", "\"2\""));
        let error = Installed::read(home.path()).unwrap_err();
        assert!(matches!(error, SolveError::LinkedTwice { name, .. } if name == "zlib"));
    }
}
