//! The packages that are in a prefix, as `conda list` shows them: what conda has linked, read from `conda-meta/*.json`, and
//! what pip has put beside it.
//!
//! A record is mostly a list of files, which is passed over (see [`record_file`]); several threads share the records.

mod pypi;
mod record_file;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{EnvironmentError, meta};
use crate::conda::channel::ChannelUrl;
use crate::side_by_side;
use record_file::RecordFile;

/// For which Pythons a package that fits every platform is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noarch {
    Generic,
    Python,
}

/// A package in a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstalledPackage {
    pub name: String,
    pub version: String,
    /// The build string.
    pub build: String,
    pub build_number: u64,
    /// As it is written down: a name or an address without subdir and secrets; `pypi` for what pip has installed.
    pub channel: String,
    /// `https://host/channel/subdir/file.conda`, without secrets.
    pub url: Option<String>,
    pub subdir: String,
    /// `<name>-<version>-<build>.conda` or `.tar.bz2`.
    pub file_name: String,
    /// Of the file that was downloaded, in bytes.
    pub size: Option<u64>,
    pub noarch: Option<Noarch>,
    /// The match specs that the person asked for it with, as the record remembers them.
    pub requested_specs: Vec<String>,
    /// Of the file that was downloaded, in hexadecimal digits.
    pub md5: Option<String>,
    pub sha256: Option<String>,
    /// The record's file in `conda-meta`; none for what pip has installed.
    pub record: Option<PathBuf>,
}

/// The channel of what pip has installed.
pub const PYPI: &str = "pypi";

/// The channel of what pip has linked to a person's own folder (`pip install -e` of old).
pub const DEVELOP: &str = "<develop>";

impl InstalledPackage {
    /// Whether conda has linked it.
    pub fn is_conda(&self) -> bool {
        self.record.is_some()
    }
}

/// What a prefix holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installed {
    /// By name.
    pub packages: Vec<InstalledPackage>,
    /// Records that cannot be read, with the reason: conda passes over some of them and stops at others.
    pub damaged: Vec<(PathBuf, String)>,
}

impl Installed {
    pub fn get(&self, name: &str) -> Option<&InstalledPackage> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// What conda has linked.
    pub fn conda(&self) -> impl Iterator<Item = &InstalledPackage> {
        self.packages.iter().filter(|package| package.is_conda())
    }

    /// What pip has installed.
    pub fn pypi(&self) -> impl Iterator<Item = &InstalledPackage> {
        self.packages.iter().filter(|package| !package.is_conda())
    }
}

/// Reads every package of a prefix, those that pip has installed too.
///
/// Errors: [`EnvironmentError::NotAnEnvironment`] when there is no `conda-meta`; a damaged record is no error.
pub fn read(prefix: &Path) -> Result<Installed, EnvironmentError> {
    let (records, damaged) = read_records(prefix)?;
    let mut packages: BTreeMap<String, InstalledPackage> = BTreeMap::new();
    let python = records.iter().find(|(_, record)| record.name == "python");
    let pip = python.map(|(_, python)| pypi::beside(prefix, python, &records));
    for (path, record) in &records {
        let package = package(path, record);
        packages.insert(package.name.clone(), package);
    }
    if let Some(pip) = pip {
        for name in &pip.replaced {
            packages.remove(name);
        }
        for package in pip.packages {
            packages.insert(package.name.clone(), package);
        }
    }
    Ok(Installed {
        packages: packages.into_values().collect(),
        damaged,
    })
}

type Records = Vec<(PathBuf, RecordFile)>;
type Damaged = Vec<(PathBuf, String)>;

/// The paths of all records of a prefix.
///
/// Errors: [`EnvironmentError::NotAnEnvironment`].
pub(crate) fn record_paths(prefix: &Path) -> Result<Vec<PathBuf>, EnvironmentError> {
    let entries = fs::read_dir(meta(prefix)).map_err(|_| EnvironmentError::NotAnEnvironment {
        prefix: prefix.to_owned(),
    })?;
    Ok(entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            // `._name` is what macOS leaves on foreign disks.
            name.ends_with(".json") && !name.starts_with("._")
        })
        .map(|entry| entry.path())
        .collect())
}

fn read_records(prefix: &Path) -> Result<(Records, Damaged), EnvironmentError> {
    let paths = record_paths(prefix)?;
    let mut records = Vec::with_capacity(paths.len());
    let mut damaged = Vec::new();
    let read = side_by_side::each(&paths, |path| read_record(path));
    for (path, read) in paths.into_iter().zip(read) {
        match read {
            Ok(record) => records.push((path, record)),
            Err(reason) => damaged.push((path, reason)),
        }
    }
    damaged.sort();
    Ok((records, damaged))
}

fn read_record(path: &Path) -> Result<RecordFile, String> {
    let record = RecordFile::read(path)?;
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let told = format!("{}-{}-{}", record.name, record.version, record.build);
    match stem == told {
        true => Ok(record),
        false => {
            Err("the name of the file is not that of the package in it, and conda passes it over".to_owned())
        }
    }
}

fn package(path: &Path, record: &RecordFile) -> InstalledPackage {
    let url = record.url.as_deref().map(public);
    let file_name = record
        .file_name
        .clone()
        .or_else(|| Some(url.as_deref()?.rsplit('/').next()?.to_owned()))
        .unwrap_or_else(|| format!("{}-{}-{}.conda", record.name, record.version, record.build));
    let channel = record.channel.as_deref().unwrap_or_default();
    InstalledPackage {
        channel: channel_of(channel, &record.subdir),
        name: record.name.clone(),
        version: record.version.clone(),
        build: record.build.clone(),
        build_number: record.build_number,
        url,
        subdir: record.subdir.clone(),
        file_name,
        size: record.size,
        noarch: record.noarch,
        requested_specs: record.requested_specs.clone(),
        md5: record.md5.clone(),
        sha256: record.sha256.clone(),
        record: Some(path.to_owned()),
    }
}

/// An address without what is secret in it.
fn public(url: &str) -> String {
    if !url.contains("/t/") && !url.contains('@') {
        return url.to_owned();
    }
    match ChannelUrl::parse(url) {
        Ok(url) => url.public(),
        Err(_) => crate::secret::mask_text(url),
    }
}

fn channel_of(channel: &str, subdir: &str) -> String {
    let channel = public(channel);
    let channel = channel.trim_end_matches('/');
    let without = channel
        .strip_suffix(subdir)
        .and_then(|rest| rest.strip_suffix('/'));
    without.unwrap_or(channel).to_owned()
}

#[cfg(test)]
mod tests;
