//! What a file is that somebody wants to upload: conda package, wheel, source distribution, notebook or environment file.
//!
//! A file is read to its end before anything is said of it, so that one that is cut short or damaged is found here and not by
//! those who install it. Names and versions come from what lies inside; the name of a file is only held against it.

mod conda;
mod document;
mod error;
mod metadata;
mod python;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use md5::Md5;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub use error::DistributionError;

use crate::edit::file::FileError;

/// No description of a package is larger.
const LARGEST_DESCRIPTION: u64 = 16 * 1024 * 1024;

const BLOCK: usize = 256 * 1024;

/// Whether whoever waits has given up. It is asked now and then while a file is read.
pub type GivenUp<'a> = &'a (dyn Fn() -> bool + Sync);

/// A file that can be uploaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    pub path: PathBuf,
    /// The name that the file has on a server. That of a conda package follows from what lies inside.
    pub file_name: String,
    pub size: u64,
    pub sha256: [u8; 32],
    pub md5: [u8; 16],
    pub name: String,
    pub version: String,
    pub about: About,
    pub form: Form,
}

/// What a package says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    pub summary: Option<String>,
    pub description: Option<String>,
    pub home: Option<String>,
    pub license: Option<String>,
    pub license_url: Option<String>,
    pub license_family: Option<String>,
}

/// What it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    Conda(Box<CondaIndex>),
    Wheel(WheelTags),
    SourceDistribution {
        requires: Vec<String>,
    },
    Notebook,
    /// A conda environment, as `environment.yml`.
    Environment,
}

impl Form {
    /// As a person reads it.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Conda(_) => "conda package",
            Self::Wheel(_) => "wheel",
            Self::SourceDistribution { .. } => "source distribution",
            Self::Notebook => "notebook",
            Self::Environment => "environment file",
        }
    }

    /// One word for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Conda(_) => "conda",
            Self::Wheel(_) => "wheel",
            Self::SourceDistribution { .. } => "sdist",
            Self::Notebook => "notebook",
            Self::Environment => "environment",
        }
    }
}

/// `info/index.json` of a conda package.
#[derive(Debug, Clone, PartialEq)]
pub struct CondaIndex {
    pub subdir: String,
    pub build: String,
    pub build_number: u64,
    pub depends: Vec<String>,
    /// Whether files in it must be told where they are installed.
    pub has_prefix: bool,
    /// Everything, as it stands there.
    pub fields: Map<String, Value>,
}

/// What the name of a wheel says, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelTags {
    pub build: Option<String>,
    pub python: String,
    /// Nothing for `none`.
    pub abi: Option<String>,
    /// Nothing for `any`.
    pub platform: Option<String>,
    pub requires: Vec<String>,
}

/// What was read out of a file, before it has a name and a digest.
struct Inside {
    name: String,
    version: String,
    about: About,
    form: Form,
    /// Where it follows from what is inside.
    file_name: Option<String>,
}

/// A kind of file that is recognised by its name, and then has to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Conda,
    TarBz2,
    Wheel,
    TarGz,
    Zip,
    Notebook,
    Yaml,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ends = |end: &str| name.len() > end.len() && name.ends_with(end);
        Some(match () {
            () if ends(".conda") => Self::Conda,
            () if ends(".tar.bz2") => Self::TarBz2,
            () if ends(".whl") => Self::Wheel,
            () if ends(".tar.gz") || ends(".tgz") => Self::TarGz,
            () if ends(".zip") => Self::Zip,
            () if ends(".ipynb") => Self::Notebook,
            () if ends(".yml") || ends(".yaml") => Self::Yaml,
            () => return None,
        })
    }
}

/// Says what the file at `path` is. It takes as long as reading the file twice; not for a thread that others wait for.
///
/// # Errors
/// [`DistributionError::Unknown`] for a file that cannot be uploaded, [`DistributionError::Damaged`] for one that is not what
/// its name says, file errors, and [`DistributionError::Cancelled`].
pub fn read(path: &Path, given_up: GivenUp<'_>) -> Result<Distribution, DistributionError> {
    let failed = |error| DistributionError::File(FileError::of_io(error, path, "read"));
    let file = File::open(path).map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    let unknown = || DistributionError::Unknown {
        path: path.to_owned(),
    };
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(unknown)?;
    if !facts.is_file() {
        return Err(unknown());
    }
    let kind = Kind::of(name).ok_or_else(unknown)?;
    let (size, sha256, md5) = digests(file, path, given_up)?;
    let changed = facts
        .modified()
        .ok()
        .and_then(|time| Timestamp::try_from(time).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let reading = Reading { path, name, given_up };
    let inside = match kind {
        Kind::Conda => conda::read_conda(&reading),
        Kind::TarBz2 => conda::read_tar_bz2(&reading),
        Kind::Wheel => python::read_wheel(&reading),
        Kind::TarGz => python::read_tar_gz(&reading),
        Kind::Zip => python::read_zip(&reading),
        Kind::Notebook => document::read_notebook(&reading, changed),
        Kind::Yaml => document::read_environment(&reading, changed),
    }?;
    for (what, text) in [("name", &inside.name), ("version", &inside.version)] {
        let is_usable = !matches!(text.as_str(), "" | "." | "..")
            && !text.contains(|c: char| c == '/' || c == '\\' || c.is_control() || c.is_whitespace());
        if !is_usable {
            return Err(reading.damaged(format!("its {what} is \"{}\"", text.escape_debug())));
        }
    }
    Ok(Distribution {
        path: path.to_owned(),
        file_name: inside.file_name.unwrap_or_else(|| name.to_owned()),
        size,
        sha256,
        md5,
        name: inside.name,
        version: inside.version,
        about: inside.about,
        form: inside.form,
    })
}

/// A file that is being looked at.
struct Reading<'a> {
    path: &'a Path,
    name: &'a str,
    given_up: GivenUp<'a>,
}

impl Reading<'_> {
    fn open(&self) -> Result<File, DistributionError> {
        File::open(self.path).map_err(|error| FileError::of_io(error, self.path, "read").into())
    }

    fn unknown(&self) -> DistributionError {
        DistributionError::Unknown {
            path: self.path.to_owned(),
        }
    }

    fn damaged(&self, reason: impl ToString) -> DistributionError {
        DistributionError::Damaged {
            path: self.path.to_owned(),
            reason: reason.to_string(),
        }
    }

    fn lacks(&self, what: &'static str) -> DistributionError {
        DistributionError::Lacks {
            path: self.path.to_owned(),
            what,
        }
    }

    /// Reads to the end, and keeps nothing.
    fn drain(&self, mut from: impl Read) -> Result<(), DistributionError> {
        let mut block = vec![0; BLOCK];
        loop {
            if (self.given_up)() {
                return Err(DistributionError::Cancelled);
            }
            match from.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.damaged(error)),
            }
        }
    }

    /// The whole of something that is small in every honest file.
    fn whole(&self, from: impl Read) -> Result<Vec<u8>, DistributionError> {
        let mut bytes = Vec::new();
        from.take(LARGEST_DESCRIPTION + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| self.damaged(error))?;
        if bytes.len() as u64 > LARGEST_DESCRIPTION {
            return Err(self.damaged("its description is larger than any honest one"));
        }
        Ok(bytes)
    }

    fn json(&self, bytes: &[u8], what: &str) -> Result<Value, DistributionError> {
        serde_json::from_slice(bytes).map_err(|error| self.damaged(format!("{what}: {error}")))
    }
}

fn digests(
    mut file: File,
    path: &Path,
    given_up: GivenUp<'_>,
) -> Result<(u64, [u8; 32], [u8; 16]), DistributionError> {
    let (mut sha256, mut md5, mut size) = (Sha256::new(), Md5::new(), 0);
    let mut block = vec![0; BLOCK];
    loop {
        if given_up() {
            return Err(DistributionError::Cancelled);
        }
        match file.read(&mut block) {
            Ok(0) => return Ok((size, sha256.finalize().into(), md5.finalize().into())),
            Ok(read) => {
                sha256.update(&block[..read]);
                md5.update(&block[..read]);
                size += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(FileError::of_io(error, path, "read").into()),
        }
    }
}

/// A text of a description that is there and says something.
fn said(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
