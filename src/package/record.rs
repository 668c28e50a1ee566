//! A package in one version and build, as an index lists it or as an environment holds it.

use jiff::Timestamp;
use serde::Serialize;

/// A channel to take packages from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Channel {
    /// As conda calls it: what `conda list` shows beside a package.
    pub name: String,
    /// `https://host/path/of/channel`, without subdir, token, password and trailing slash.
    pub url: String,
}

/// A package in one version and build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    pub name: String,
    pub version: String,
    /// The build string.
    pub build: String,
    pub build_number: u64,
    pub channel: Channel,
    /// `noarch`, `linux-64` and the like.
    pub subdir: String,
    /// `<name>-<version>-<build>.conda` or `.tar.bz2`.
    pub file_name: String,
    /// Of the file to download, in bytes.
    pub size: Option<u64>,
    pub license: Option<String>,
    /// Match specs.
    pub depends: Vec<String>,
    /// Match specs that hold only for packages which are there anyway.
    pub constrains: Vec<String>,
    /// When it was built.
    pub timestamp: Option<Timestamp>,
}
