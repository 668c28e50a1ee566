//! Packages as they are now: those of the world, and what people uploaded (repository reference, P1 to P11).

use std::sync::Arc;

use axum::body::Bytes;
use md5::Md5;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::package::{Access, Package, archives_of};
use crate::practice::package;
use crate::practice::random::hex;

/// A package of an owner.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) owner: &'static str,
    pub(super) name: String,
    pub(super) summary: String,
    /// What was uploaded under the name: `conda`, `pypi`, `ipynb`, `env`.
    pub(super) kinds: Vec<String>,
    pub(super) access: Access,
    /// People who were given it without a group.
    pub(super) collaborators: Vec<&'static str>,
    /// Oldest first.
    pub(super) releases: Vec<Release>,
}

/// A version of a package.
#[derive(Debug, Clone)]
pub(super) struct Release {
    pub(super) version: String,
    pub(super) files: Vec<File>,
}

/// A file of a version.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// `<subdir>/<file name>` of a conda package, else the file name.
    pub(super) basename: String,
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    /// What the uploader told of it.
    pub(super) attributes: Value,
    pub(super) content: Content,
}

/// What is in a file. Those of the world are made when somebody wants them.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Conda(Arc<package::Package>),
    Other(Bytes),
}

impl Content {
    pub(super) fn bytes(&self) -> Bytes {
        match self {
            Self::Conda(package) => package
                .built()
                .map(|built| built.bytes.clone())
                .unwrap_or_default(),
            Self::Other(bytes) => bytes.clone(),
        }
    }
}

impl File {
    /// What lies in a conda channel.
    fn conda(&self) -> Option<&Arc<package::Package>> {
        match &self.content {
            Content::Conda(package) => Some(package),
            Content::Other(_) => None,
        }
    }

    fn subdir(&self) -> Option<&'static str> {
        Some(self.conda()?.subdir().as_str())
    }

    /// The answer to `GET dist/…`.
    pub(super) fn to_json(&self, owner: &str, package: &str, version: &str) -> Value {
        let bytes = self.content.bytes();
        json!({
            "basename": self.basename,
            "full_name": format!("{owner}/{package}/{version}/{}", self.basename),
            "distribution_type": self.kind,
            "version": version,
            "labels": self.labels,
            "channels": self.labels,
            "attrs": self.attributes,
            "size": bytes.len(),
            "md5": hex(&<[u8; 16]>::from(Md5::digest(&bytes))),
            "sha256": hex(&<[u8; 32]>::from(Sha256::digest(&bytes))),
            "ndownloads": 0,
        })
    }
}

impl Held {
    pub(super) fn of_world(package: &Package) -> Self {
        let file = |archive: &Arc<package::Package>| File {
            basename: format!("{}/{}", archive.subdir().as_str(), archive.file_name()),
            kind: "conda".to_owned(),
            labels: vec![package.label.to_owned()],
            attributes: json!({"subdir": archive.subdir().as_str()}),
            content: Content::Conda(Arc::clone(archive)),
        };
        let archives: Vec<_> = archives_of(package).shared().cloned().collect();
        let releases = package.versions.iter().map(|version| Release {
            version: (*version).to_owned(),
            files: archives
                .iter()
                .filter(|archive| archive.version() == *version)
                .map(file)
                .collect(),
        });
        Self {
            owner: package.owner,
            name: package.name.to_owned(),
            summary: package.summary.to_owned(),
            kinds: vec!["conda".to_owned()],
            access: package.access,
            collaborators: package.collaborators.to_vec(),
            releases: releases.collect(),
        }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.releases.iter().flat_map(|release| &release.files)
    }

    pub(super) fn release(&self, version: &str) -> Option<&Release> {
        self.releases.iter().find(|release| release.version == version)
    }

    pub(super) fn has_label(&self, label: &str) -> bool {
        self.files()
            .any(|file| file.labels.iter().any(|one| one == label))
    }

    /// The conda packages that carry a label.
    pub(super) fn labelled(&self, label: &str) -> impl Iterator<Item = Arc<package::Package>> {
        self.files()
            .filter(move |file| file.labels.iter().any(|one| one == label))
            .filter_map(|file| file.conda().cloned())
    }

    pub(super) fn subdirs(&self) -> Vec<&'static str> {
        let mut all = Vec::new();
        for subdir in self.files().filter_map(File::subdir) {
            if !all.contains(&subdir) {
                all.push(subdir);
            }
        }
        all
    }

    /// A row of a package list.
    pub(super) fn to_row(&self) -> Value {
        let versions: Vec<&str> = self.releases.iter().map(|one| one.version.as_str()).collect();
        json!({
            "name": self.name,
            "full_name": format!("{}/{}", self.owner, self.name),
            "owner": self.owner,
            "summary": self.summary,
            "latest_version": versions.last(),
            "versions": versions,
            "package_types": self.kinds,
            "conda_platforms": self.subdirs(),
            "builds": [],
            "revision": versions.len(),
            "published": false,
            "public": self.access == Access::Public,
            "access": self.access.as_str(),
        })
    }

    /// The answer to `GET package/<owner>/<name>`.
    pub(super) fn to_json(&self) -> Value {
        let releases: Vec<Value> = self
            .releases
            .iter()
            .map(|release| json!({"version": release.version}))
            .collect();
        let mut document = self.to_row();
        document["owner"] = json!({"login": self.owner});
        document["releases"] = json!(releases);
        document["files"] = self
            .releases
            .iter()
            .flat_map(|release| self.files_json(release))
            .collect();
        document
    }

    /// The answer to `GET release/…`.
    pub(super) fn release_json(&self, release: &Release) -> Value {
        let distributions: Vec<Value> = self.files_json(release).collect();
        json!({"version": release.version, "distributions": distributions})
    }

    /// Without their digests: those would have to be made first.
    fn files_json<'a>(&'a self, release: &'a Release) -> impl Iterator<Item = Value> + 'a {
        release.files.iter().map(|file| {
            let mut item = Map::new();
            item.insert("basename".to_owned(), json!(file.basename));
            item.insert("version".to_owned(), json!(release.version));
            item.insert("labels".to_owned(), json!(file.labels));
            item.insert("distribution_type".to_owned(), json!(file.kind));
            Value::Object(item)
        })
    }
}
