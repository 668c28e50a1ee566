//! Conda packages made from descriptions: real archives in both forms, the same bytes in every run.
//!
//! What lies in a package follows conda-build's documentation of its metadata (`info/index.json`, `info/paths.json`,
//! `info/link.json`, ...). A package is made when it is first needed, and kept.

mod archive;
mod entry;
mod flaw;
mod info;
mod read;
mod subdir;

use std::sync::OnceLock;

use axum::body::Bytes;
use md5::Md5;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

pub(super) use entry::{Body, Entry, PLACEHOLDER};
pub(super) use flaw::Flaw;
pub(super) use subdir::{PLATFORMS, SUBDIRS, Subdir};

use super::random::hex;

/// When the first package of a shelf was built, in milliseconds: the first of January 2026. Each later one is an hour
/// younger.
pub(super) const BUILT: i64 = 1_767_225_600_000;
const HOUR: i64 = 3_600_000;

/// The form of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Conda,
    TarBz2,
}

impl Form {
    fn extension(self) -> &'static str {
        match self {
            Self::Conda => "conda",
            Self::TarBz2 => "tar.bz2",
        }
    }
}

/// What a package without architecture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Native,
    Generic,
    Python,
}

/// A package of one version, build and subdir.
#[derive(Debug)]
pub(super) struct Package {
    name: String,
    version: String,
    build: String,
    build_number: u64,
    subdir: Subdir,
    kind: Kind,
    depends: Vec<String>,
    constrains: Vec<String>,
    /// `<command> = <module>:<function>`
    entry_points: Vec<String>,
    entries: Vec<Entry>,
    license: &'static str,
    form: Form,
    flaw: Option<Flaw>,
    timestamp: i64,
    built: OnceLock<Option<Built>>,
    /// `info/index.json` of a package that somebody uploaded.
    given: Option<Map<String, Value>>,
}

/// The archive, and what an index says about it.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) bytes: Bytes,
    pub(super) sha256: [u8; 32],
    pub(super) md5: [u8; 16],
}

/// The description of a package, with these defaults: nothing in it, nothing needed, a `.conda` archive.
impl Package {
    fn new(name: &str, version: &str, build: &str, subdir: Subdir, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: build.to_owned(),
            build_number: 0,
            subdir,
            kind,
            depends: Vec::new(),
            constrains: Vec::new(),
            entry_points: Vec::new(),
            entries: Vec::new(),
            license: "BSD-3-Clause",
            form: Form::Conda,
            flaw: None,
            timestamp: BUILT,
            built: OnceLock::new(),
            given: None,
        }
    }

    /// A package that somebody uploaded as `file_name`; nothing for what is none, or is for a platform that there is not
    /// here.
    pub(super) fn uploaded(file_name: &str, bytes: Bytes) -> Option<Self> {
        let form = [Form::Conda, Form::TarBz2]
            .into_iter()
            .find(|form| file_name.ends_with(&format!(".{}", form.extension())))?;
        let index = read::index(&bytes, form)?;
        let text = |key: &str| index.get(key).and_then(Value::as_str);
        let subdir = Subdir::named(text("subdir").unwrap_or("noarch"))?;
        let mut package = Self::new(
            text("name")?,
            text("version")?,
            text("build")?,
            subdir,
            Kind::Native,
        );
        package.form = form;
        package.built = OnceLock::from(Some(Built {
            sha256: Sha256::digest(&bytes).into(),
            md5: Md5::digest(&bytes).into(),
            bytes,
        }));
        package.given = Some(index);
        Some(package)
    }

    /// For one platform.
    pub(super) fn native(name: &str, version: &str, build: &str, subdir: Subdir) -> Self {
        Self::new(name, version, build, subdir, Kind::Native)
    }

    /// For every platform, linked as it is.
    pub(super) fn generic(name: &str, version: &str) -> Self {
        Self::new(name, version, "0", Subdir::Noarch, Kind::Generic)
    }

    /// For every platform, linked into the site-packages of whatever Python is there. It has a module of its name and what
    /// pip wants to know.
    pub(super) fn python(name: &str, version: &str) -> Self {
        let module = name.replace(['-', '.'], "_");
        let metadata = format!("site-packages/{module}-{version}.dist-info");
        Self::new(name, version, "pyhd8ed1ab_0", Subdir::Noarch, Kind::Python)
            .depends(&["python >=3.9"])
            .text(
                format!("site-packages/{module}/__init__.py"),
                format!("\"\"\"{name}, made for practice.\"\"\"\n\n__version__ = \"{version}\"\n"),
            )
            .text(
                format!("{metadata}/METADATA"),
                format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
            )
            .text(format!("{metadata}/INSTALLER"), "conda\n")
            .text(
                format!("{metadata}/RECORD"),
                format!("{module}/__init__.py,,\n{module}-{version}.dist-info/METADATA,,\n"),
            )
    }

    /// In place of what was said before.
    pub(super) fn depends(mut self, depends: &[&str]) -> Self {
        self.depends = depends.iter().map(|&text| text.to_owned()).collect();
        self
    }

    pub(super) fn constrains(mut self, constrains: &[&str]) -> Self {
        self.constrains = constrains.iter().map(|&text| text.to_owned()).collect();
        self
    }

    pub(super) fn build(mut self, build: &str, number: u64) -> Self {
        build.clone_into(&mut self.build);
        self.build_number = number;
        self
    }

    pub(super) fn license(mut self, license: &'static str) -> Self {
        self.license = license;
        self
    }

    pub(super) fn tar_bz2(mut self) -> Self {
        self.form = Form::TarBz2;
        self
    }

    pub(super) fn flawed(mut self, flaw: Flaw) -> Self {
        self.flaw = Some(flaw);
        self
    }

    pub(super) fn entry_point(mut self, entry_point: &str) -> Self {
        self.entry_points.push(entry_point.to_owned());
        self
    }

    /// Whatever lies in the archive.
    pub(super) fn entry(mut self, path: impl Into<String>, body: Body) -> Self {
        self.entries.push(Entry {
            path: path.into(),
            body,
            executable: false,
            listed: true,
        });
        self
    }

    pub(super) fn text(self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.entry(path, Body::Text(text.into()))
    }

    pub(super) fn program(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.entries.push(Entry {
            path: path.into(),
            body: Body::Text(text.into()),
            executable: true,
            listed: true,
        });
        self
    }

    /// Something that lies in the archive but is not in its lists.
    pub(super) fn unlisted(mut self, path: impl Into<String>, body: Body) -> Self {
        self.entries.push(Entry {
            path: path.into(),
            body,
            executable: false,
            listed: false,
        });
        self
    }

    /// Built as the so-manieth of its shelf.
    pub(super) fn in_place(mut self, place: usize) -> Self {
        self.timestamp = BUILT + HOUR * i64::try_from(place).unwrap_or(0);
        self
    }
}

/// The package as it is found in a channel.
impl Package {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn subdir(&self) -> Subdir {
        self.subdir
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    fn stem(&self) -> String {
        format!("{}-{}-{}", self.name, self.version, self.build)
    }

    pub(super) fn file_name(&self) -> String {
        format!("{}.{}", self.stem(), self.form.extension())
    }

    /// The archive; nothing if it cannot be made, which no package of this server brings about.
    pub(super) fn built(&self) -> Option<&Built> {
        self.built.get_or_init(|| archive::build(self).ok()).as_ref()
    }

    /// What a `repodata.json` says about it; nothing if the archive cannot be made.
    pub(super) fn record(&self) -> Option<Value> {
        let built = self.built()?;
        let mut record = self.index();
        record.insert("md5".to_owned(), json!(hex(&built.md5)));
        record.insert("sha256".to_owned(), json!(hex(&built.sha256)));
        record.insert("size".to_owned(), json!(built.bytes.len()));
        Some(Value::Object(record))
    }

    /// `info/index.json`, which an index repeats.
    fn index(&self) -> Map<String, Value> {
        if let Some(given) = &self.given {
            return given.clone();
        }
        let mut index = Map::new();
        let mut put = |key: &str, value: Value| index.insert(key.to_owned(), value);
        if let Some((platform, arch)) = self.subdir.platform_and_arch() {
            put("arch", json!(arch));
            put("platform", json!(platform));
        }
        put("build", json!(self.build));
        put("build_number", json!(self.build_number));
        if !self.constrains.is_empty() {
            put("constrains", json!(self.constrains));
        }
        put("depends", json!(self.depends));
        put("license", json!(self.license));
        put("name", json!(self.name));
        match self.kind {
            Kind::Native => None,
            Kind::Generic => put("noarch", json!("generic")),
            Kind::Python => put("noarch", json!("python")),
        };
        put("subdir", json!(self.subdir.as_str()));
        put("timestamp", json!(self.timestamp));
        put("version", json!(self.version));
        index
    }
}
