//! Channels on the loopback whose indexes a test writes, and a home whose conda searches them.

// Every test file that includes this uses only a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use sextant::credential::FileStore;
use sextant::locations::Locations;
use sextant::service::packages::index::{IndexStatus, IndexedSubdir};
use sextant::service::{Clock, Services};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::scripted_server::{Received, Reply, ScriptedServer};

/// The subdir of every home here, whatever machine the tests run on.
pub const SUBDIR: &str = "linux-64";

/// A clock that stands where a test puts it.
#[derive(Debug)]
pub struct SetClock(Mutex<Timestamp>);

impl SetClock {
    pub fn set(&self, time: &str) {
        *self.0.lock().unwrap() = time.parse().unwrap();
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub struct Home {
    pub folder: TempDir,
    pub services: Services,
    pub clock: Arc<SetClock>,
}

impl Home {
    /// A home with this `.condarc`.
    pub fn new(condarc: &str) -> Self {
        Self::furnished(condarc, |_| {})
    }

    pub fn furnished(condarc: &str, furnish: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join(".condarc"),
            format!("subdir: {SUBDIR}\n{condarc}"),
        )
        .unwrap();
        furnish(folder.path());
        let locations = Locations::inside(folder.path());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let clock = Arc::new(SetClock(Mutex::new("2026-11-25T12:00:00Z".parse().unwrap())));
        let services = Services::with(locations, credentials, clock.clone());
        Self {
            folder,
            services,
            clock,
        }
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    /// What is kept of indexes, by file name.
    pub fn kept(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path(".cache/sextant/index"));
        let mut names: Vec<String> = entries
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with(".lock"))
            .collect();
        names.sort();
        names
    }

    pub async fn update(&self) -> Vec<IndexedSubdir> {
        self.services.update_index(|_| {}).await.unwrap()
    }

    /// Updates, and gives subdir, status and number of records of each row.
    pub async fn update_briefly(&self) -> Vec<(String, IndexStatus, u64)> {
        let rows = self.update().await;
        rows.into_iter()
            .map(|row| (row.subdir, row.status, row.records))
            .collect()
    }

    pub fn found(&self, typed: &str) -> Vec<String> {
        let found = self.services.search_packages(typed, 50).unwrap();
        found.hits.into_iter().map(|hit| hit.name).collect()
    }
}

/// One record: name, version, build, and what it needs.
pub fn record(name: &str, version: &str, build: &str, depends: &[&str]) -> serde_json::Value {
    serde_json::json!({
        "name": name, "version": version, "build": build, "build_number": 0, "depends": depends, "size": 1234,
        "license": "MIT", "timestamp": 1_700_000_000_000_u64, "md5": "0".repeat(32), "sha256": "1".repeat(64),
    })
}

/// `repodata.json` of these records, half of them in the older format.
pub fn repodata(subdir: &str, records: &[serde_json::Value]) -> Vec<u8> {
    let mut maps = [serde_json::Map::new(), serde_json::Map::new()];
    for (number, record) in records.iter().enumerate() {
        let text = |key: &str| record[key].as_str().unwrap_or("x").to_owned();
        let extension = if number % 2 == 0 { ".conda" } else { ".tar.bz2" };
        let file = format!(
            "{}-{}-{}{extension}",
            text("name"),
            text("version"),
            text("build")
        );
        maps[number % 2].insert(file, record.clone());
    }
    let [conda, older] = maps;
    let whole = serde_json::json!({
        "info": {"subdir": subdir}, "packages": older, "packages.conda": conda, "removed": ["gone-1-0.conda"],
        "repodata_version": 1,
    });
    whole.to_string().into_bytes()
}

pub fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

pub fn bz2(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Files by path, with entity tags; everything else is not there.
#[derive(Clone, Default)]
pub struct Shelf(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Shelf {
    pub fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) -> &Self {
        self.0.lock().unwrap().insert(path.to_owned(), bytes.into());
        self
    }

    pub fn remove(&self, path: &str) {
        self.0.lock().unwrap().remove(path);
    }

    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(path).cloned()
    }

    /// The usual answer: the file or a part of it, 304 or 404.
    pub fn reply(&self, request: &Received) -> Reply {
        let Some(bytes) = self.get(request.path()) else {
            return answer(request, 404, &[], b"");
        };
        let tag = tag(&bytes);
        if request.header("if-none-match") == Some(tag.as_str()) {
            return answer(request, 304, &[("ETag", &tag)], b"");
        }
        let range = request.header("range").and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse::<usize>()
                .ok()
        });
        match range.filter(|_| {
            request
                .header("if-range")
                .is_none_or(|condition| condition == tag)
        }) {
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
                answer(
                    request,
                    206,
                    &[("ETag", &tag), ("Content-Range", &range)],
                    &bytes[from..],
                )
            }
            None => answer(request, 200, &[("ETag", &tag)], &bytes),
        }
    }

    pub async fn serve(&self) -> ScriptedServer {
        let shelf = self.clone();
        ScriptedServer::start(move |request| shelf.reply(request)).await
    }
}

pub fn tag(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    format!("\"{:02x}{:02x}{:02x}{:02x}\"", hash[0], hash[1], hash[2], hash[3])
}

fn head(status: u16, headers: &[(&str, &str)], length: usize) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    (head + "\r\n").into_bytes()
}

pub fn answer(request: &Received, status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut bytes = head(status, headers, body.len());
    if request.method != "HEAD" {
        bytes.extend_from_slice(body);
    }
    Reply::Raw(bytes)
}

/// An answer that says how long it is and ends before.
pub fn cut(headers: &[(&str, &str)], body: &[u8], after: usize) -> Reply {
    let mut bytes = head(200, headers, body.len());
    bytes.extend_from_slice(&body[..after]);
    Reply::Raw(bytes)
}

/// An answer that says how long it is and stops half way.
pub fn stalled(body: &[u8], after: usize) -> Reply {
    let mut bytes = head(200, &[], body.len());
    bytes.extend_from_slice(&body[..after]);
    Reply::Stalled(bytes)
}

/// A page as a gateway shows it in the place of everything.
pub fn page(request: &Received) -> Reply {
    let body = b"<!DOCTYPE html><html><head><title>Corporate sign-in</title></head></html>";
    answer(request, 200, &[("Content-Type", "text/html")], body)
}

/// Every file below a folder that holds one of the texts, with the text.
pub fn files_with(folder: &Path, texts: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            for text in texts {
                let is_in_name = path.to_string_lossy().contains(text);
                if is_in_name || bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                    found.push((path.clone(), (*text).to_owned()));
                }
            }
        }
    }
    found.sort();
    found
}
