//! The answer of a solve: every package that an environment shall hold.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rattler_conda_types::RepoDataRecord;
use url::Url;

use crate::package::{Channel, Record};

/// What an environment shall hold: every record, in no particular order, and what the person asked for.
///
/// A package that stays as it is has the very record that the environment's `conda-meta` holds, so that comparing records
/// finds no change where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    pub prefix: PathBuf,
    /// Of the machine that the environment is for, like `linux-64`.
    pub subdir: String,
    /// Match specs that are in force after the change: earlier ones and those of this change.
    pub requested: Vec<String>,
    /// What this change adds to the environment's history.
    pub history: ChangeSpecs,
    records: Vec<RepoDataRecord>,
    /// Addresses of those records that no index described: name, version and build were read off the address, and what
    /// such a package depends on is in its archive only.
    unindexed: BTreeSet<Url>,
}

/// What a change writes into `conda-meta/history`, in conda's terms; each a list of match specs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeSpecs {
    pub update: Vec<String>,
    pub remove: Vec<String>,
    /// Earlier specs that this change loosened, since it could not be had with them.
    pub neutered: Vec<String>,
}

impl Solution {
    pub(in crate::package) fn new(prefix: PathBuf, subdir: String, records: Vec<RepoDataRecord>) -> Self {
        Self {
            prefix,
            subdir,
            requested: Vec::new(),
            history: ChangeSpecs::default(),
            records,
            unindexed: BTreeSet::new(),
        }
    }

    #[must_use]
    pub(in crate::package) fn asked(mut self, requested: Vec<String>, history: ChangeSpecs) -> Self {
        self.requested = requested;
        self.history = history;
        self
    }

    #[must_use]
    pub(in crate::package) fn read_off_addresses(mut self, unindexed: BTreeSet<Url>) -> Self {
        self.unindexed = unindexed;
        self
    }

    pub(in crate::package) fn records(&self) -> &[RepoDataRecord] {
        &self.records
    }

    /// Whether only the address of this record is known, so that its archive must tell the rest.
    pub(in crate::package) fn is_unindexed(&self, record: &RepoDataRecord) -> bool {
        self.unindexed.contains(&record.url)
    }

    /// Every package that the environment shall hold, by name.
    pub fn packages(&self, names: &ChannelNames) -> Vec<Record> {
        let mut packages: Vec<_> = self
            .records
            .iter()
            .map(|record| Record::of(record, names))
            .collect();
        packages.sort_by(|one, other| one.name.cmp(&other.name));
        packages
    }

    pub fn prefix(&self) -> &Path {
        &self.prefix
    }
}

/// How conda calls the channels at addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelNames(Vec<Channel>);

impl ChannelNames {
    pub fn new(channels: impl IntoIterator<Item = Channel>) -> Self {
        Self(channels.into_iter().collect())
    }

    /// The channel at an address without subdir. One that nobody named is called by its address, as conda does.
    pub fn at(&self, url: &str) -> Channel {
        let url = url.trim_end_matches('/');
        let known = self.0.iter().find(|channel| channel.url == url);
        known.cloned().unwrap_or_else(|| Channel {
            name: url.to_owned(),
            url: url.to_owned(),
        })
    }
}

impl Record {
    /// An entry of an index, or of what an environment holds.
    pub(in crate::package) fn of(record: &RepoDataRecord, names: &ChannelNames) -> Self {
        let package = &record.package_record;
        Self {
            name: package.name.as_normalized().to_owned(),
            version: package.version.to_string(),
            build: package.build.as_str().to_owned(),
            build_number: package.build_number,
            channel: names.at(&channel_address(record)),
            subdir: package.subdir.clone(),
            file_name: record.identifier.to_file_name(),
            size: package.size,
            license: package.license.clone(),
            depends: package.depends.clone(),
            constrains: package.constrains.clone(),
            timestamp: package
                .timestamp
                .and_then(|built| Timestamp::from_millisecond(built.timestamp_millis()).ok()),
        }
    }
}

/// The address of the channel that a record is from, without subdir, token, password and trailing slash.
///
/// What the package was fetched from decides. `channel` is written differently by each program: conda adds the subdir to it,
/// older ones wrote a name or `<unknown>`.
pub(in crate::package) fn channel_address(record: &RepoDataRecord) -> String {
    let address = without_credentials(&record.url);
    let folder = address
        .rsplit_once('/')
        .map_or(address.as_str(), |(folder, _)| folder);
    match folder.rsplit_once('/') {
        Some((channel, subdir)) if subdir == record.package_record.subdir => channel.to_owned(),
        _ => folder.to_owned(),
    }
}

/// An address without what lets somebody in: `user:password@`, `/t/<token>/`, query and fragment. Environments made by conda
/// may hold such addresses in `conda-meta`.
pub(in crate::package) fn without_credentials(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Neither can fail for an address with a host, and one without a host has neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let parts: Vec<_> = url.path().split('/').collect();
    if let Some(at) = parts
        .windows(2)
        .position(|pair| pair[0] == "t" && !pair[1].is_empty())
        && parts.len() > at + 2
    {
        let kept = [&parts[..at], &parts[at + 2..]].concat().join("/");
        url.set_path(&kept);
    }
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(url: &str) -> RepoDataRecord {
        let text = format!(
            r#"{{"name": "zlib", "version": "1.3", "build": "h1_2", "build_number": 2, "subdir": "linux-64",
                "fn": "zlib-1.3-h1_2.conda", "url": "{url}", "channel": "https://h/main/linux-64", "size": 7,
                "license": "Zlib", "depends": ["libc"], "timestamp": 1700000000000}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_record_tells_what_an_index_holds() {
        let names = ChannelNames::new([Channel {
            name: "main".to_owned(),
            url: "https://h/main".to_owned(),
        }]);
        let told = Record::of(&record("https://h/main/linux-64/zlib-1.3-h1_2.conda"), &names);
        assert_eq!(told.name, "zlib");
        assert_eq!((told.version.as_str(), told.build.as_str()), ("1.3", "h1_2"));
        assert_eq!(told.channel.name, "main");
        assert_eq!(told.file_name, "zlib-1.3-h1_2.conda");
        assert_eq!((told.size, told.license.as_deref()), (Some(7), Some("Zlib")));
        assert_eq!(told.depends, ["libc"]);
        assert_eq!(told.timestamp.unwrap().as_millisecond(), 1_700_000_000_000);
    }

    #[test]
    fn a_channel_is_told_by_the_address_of_the_package() {
        for (url, channel) in [
            ("https://h/main/linux-64/zlib-1.3-h1_2.conda", "https://h/main"),
            (
                "https://h/api/repo/t/secret/main/linux-64/zlib-1.3-h1_2.conda",
                "https://h/api/repo/main",
            ),
            (
                "https://h/t/secret/main/linux-64/zlib-1.3-h1_2.conda",
                "https://h/main",
            ),
            (
                "https://me:secret@h/main/linux-64/zlib-1.3-h1_2.conda",
                "https://h/main",
            ),
            (
                "https://h/main/linux-64/zlib-1.3-h1_2.conda?key=secret#secret",
                "https://h/main",
            ),
            ("https://h/files/zlib-1.3-h1_2.conda", "https://h/files"),
            (
                "file:///srv/main/linux-64/zlib-1.3-h1_2.conda",
                "file:///srv/main",
            ),
        ] {
            assert_eq!(channel_address(&record(url)), channel, "{url}");
        }
        let told = Record::of(
            &record("https://h/t/secret/c/linux-64/z-1-0.conda"),
            &ChannelNames::default(),
        );
        assert_eq!(told.channel.name, "https://h/c");
    }
}
