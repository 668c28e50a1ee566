//! Packages built in memory, honest ones and others, and a server that gives them, for the tests of this room.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bzip2::write::BzEncoder;
use futures::future::BoxFuture;
use rattler_conda_types::{RepoDataRecord, Subdir};
use rattler_digest::{Md5, Sha256, compute_bytes_digest};
use reqwest::{Body, Request, Response};
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::transport::{Courier, CourierError, Transport};

pub(super) const CHANNEL: &str = "https://packages.test/main";

/// The prefix that files were built for.
pub(super) const PLACEHOLDER: &str = "/built/for/placehold_placehold_placehold_placehold_placehold";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Conda,
    TarBz2,
}

#[derive(Debug, Clone)]
struct Entry {
    path: String,
    kind: EntryType,
    target: String,
    content: Vec<u8>,
    mode: u32,
    /// Whether the list of paths names it, and whether it holds the placeholder.
    is_listed: bool,
    has_placeholder: bool,
}

/// A package to be built.
#[derive(Debug, Clone)]
pub(super) struct Package {
    name: String,
    version: String,
    build: String,
    noarch: Option<&'static str>,
    depends: Vec<String>,
    entries: Vec<Entry>,
    entry_points: Vec<String>,
    listed: Vec<Value>,
    form: Form,
}

/// A package as a channel offers it.
#[derive(Debug, Clone)]
pub(super) struct Built {
    pub record: RepoDataRecord,
    pub bytes: Vec<u8>,
}

impl Package {
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: "0".to_owned(),
            noarch: None,
            depends: Vec::new(),
            entries: Vec::new(),
            entry_points: Vec::new(),
            listed: Vec::new(),
            form: Form::Conda,
        }
    }

    pub fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    pub fn for_every_python(mut self) -> Self {
        self.noarch = Some("python");
        self.depends("python")
    }

    pub fn depends(mut self, on: &str) -> Self {
        self.depends.push(on.to_owned());
        self
    }

    pub fn command(mut self, entry_point: &str) -> Self {
        self.entry_points.push(entry_point.to_owned());
        self
    }

    fn entry(mut self, path: &str, kind: EntryType, target: &str, content: &[u8], mode: u32) -> Self {
        self.entries.push(Entry {
            path: path.to_owned(),
            kind,
            target: target.to_owned(),
            content: content.to_vec(),
            mode,
            is_listed: true,
            has_placeholder: false,
        });
        self
    }

    pub fn file(self, path: &str, content: &str) -> Self {
        self.entry(path, EntryType::Regular, "", content.as_bytes(), 0o644)
    }

    pub fn program(self, path: &str, content: &str) -> Self {
        self.entry(path, EntryType::Regular, "", content.as_bytes(), 0o755)
    }

    pub fn binary(self, path: &str, content: &[u8]) -> Self {
        self.entry(path, EntryType::Regular, "", content, 0o755)
    }

    pub fn mode(self, path: &str, mode: u32) -> Self {
        self.entry(path, EntryType::Regular, "", b"x", mode)
    }

    /// A text that names the prefix.
    pub fn text_with_prefix(self, path: &str) -> Self {
        let mut package = self.program(path, &format!("#!{PLACEHOLDER}/bin/python\nprint()\n"));
        if let Some(entry) = package.entries.last_mut() {
            entry.has_placeholder = true;
        }
        package
    }

    pub fn link(self, path: &str, target: &str) -> Self {
        self.entry(path, EntryType::Symlink, target, b"", 0o777)
    }

    pub fn folder(self, path: &str) -> Self {
        self.entry(path, EntryType::Directory, "", b"", 0o755)
    }

    /// Something in the archive that no list of paths names.
    pub fn smuggled(self, path: &str, kind: EntryType, target: &str) -> Self {
        let content: &[u8] = if kind.is_file() { b"smuggled" } else { b"" };
        let mut package = self.entry(path, kind, target, content, 0o644);
        if let Some(entry) = package.entries.last_mut() {
            entry.is_listed = false;
        }
        package
    }

    /// A line of the list of paths, whatever the archive holds.
    pub fn listed(mut self, path: &str, path_type: &str) -> Self {
        self.listed.push(json!({"_path": path, "path_type": path_type}));
        self
    }

    fn stem(&self) -> String {
        format!("{}-{}-{}", self.name, self.version, self.build)
    }

    fn subdir(&self) -> String {
        match self.noarch {
            Some(_) => "noarch".to_owned(),
            None => platform(),
        }
    }

    pub fn build(self) -> Built {
        let bytes = match self.form {
            Form::TarBz2 => {
                let mut tar = Builder::new(BzEncoder::new(Vec::new(), bzip2::Compression::fast()));
                self.append_info(&mut tar);
                self.append_content(&mut tar);
                tar.into_inner().unwrap().finish().unwrap()
            }
            Form::Conda => self.as_conda(),
        };
        let extension = match self.form {
            Form::TarBz2 => "tar.bz2",
            Form::Conda => "conda",
        };
        let file_name = format!("{}.{extension}", self.stem());
        let mut record = self.index();
        let digests = json!({
            "fn": file_name,
            "url": format!("{CHANNEL}/{}/{file_name}", self.subdir()),
            "channel": CHANNEL,
            "size": bytes.len(),
            "sha256": super::cache::tests::hexadecimal_of(&compute_bytes_digest::<Sha256>(&bytes)),
            "md5": super::cache::tests::hexadecimal_of(&compute_bytes_digest::<Md5>(&bytes)),
        });
        for (key, value) in digests.as_object().unwrap() {
            record[key] = value.clone();
        }
        Built {
            record: serde_json::from_value(record).unwrap(),
            bytes,
        }
    }

    fn index(&self) -> Value {
        let mut index = json!({
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": 0,
            "depends": self.depends,
            "subdir": self.subdir(),
        });
        if let Some(noarch) = self.noarch {
            index["noarch"] = json!(noarch);
        }
        index
    }

    fn as_conda(&self) -> Vec<u8> {
        let mut info = Builder::new(Vec::new());
        self.append_info(&mut info);
        let mut content = Builder::new(Vec::new());
        self.append_content(&mut content);
        // The same bytes whenever it is built.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default());
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let compressed = |tar: Builder<Vec<u8>>| zstd::encode_all(&*tar.into_inner().unwrap(), 1).unwrap();
        for (name, bytes) in [
            (
                "metadata.json".to_owned(),
                br#"{"conda_pkg_format_version": 2}"#.to_vec(),
            ),
            (format!("pkg-{}.tar.zst", self.stem()), compressed(content)),
            (format!("info-{}.tar.zst", self.stem()), compressed(info)),
        ] {
            zip.start_file(name, options).unwrap();
            zip.write_all(&bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn append_info(&self, tar: &mut Builder<impl Write>) {
        let mut paths: Vec<Value> = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.is_listed) {
            let path_type = match entry.kind {
                EntryType::Symlink => "softlink",
                EntryType::Directory => "directory",
                _ => "hardlink",
            };
            let mut path = json!({"_path": entry.path, "path_type": path_type});
            if entry.kind.is_file() {
                path["size_in_bytes"] = json!(entry.content.len());
                let digest = compute_bytes_digest::<Sha256>(&entry.content);
                path["sha256"] = json!(super::cache::tests::hexadecimal_of(&digest));
            }
            if entry.has_placeholder {
                path["file_mode"] = json!("text");
                path["prefix_placeholder"] = json!(PLACEHOLDER);
            }
            paths.push(path);
        }
        paths.extend(self.listed.iter().cloned());
        let mut files = vec![
            ("info/index.json", self.index()),
            ("info/about.json", json!({})),
            ("info/paths.json", json!({"paths_version": 1, "paths": paths})),
        ];
        if self.noarch == Some("python") {
            let link = json!({
                "noarch": {"type": "python", "entry_points": self.entry_points},
                "package_metadata_version": 1,
            });
            files.push(("info/link.json", link));
        }
        for (path, content) in files {
            append(
                tar,
                path,
                EntryType::Regular,
                "",
                content.to_string().as_bytes(),
                0o644,
            );
        }
    }

    fn append_content(&self, tar: &mut Builder<impl Write>) {
        for entry in &self.entries {
            append(
                tar,
                &entry.path,
                entry.kind,
                &entry.target,
                &entry.content,
                entry.mode,
            );
        }
    }
}

/// Into the header as it is: the crate itself would refuse such paths.
fn append(
    tar: &mut Builder<impl Write>,
    path: &str,
    kind: EntryType,
    target: &str,
    content: &[u8],
    mode: u32,
) {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(1_700_000_000);
    header.set_size(content.len() as u64);
    let raw = header.as_gnu_mut().unwrap();
    raw.name[..path.len()].copy_from_slice(path.as_bytes());
    raw.linkname[..target.len()].copy_from_slice(target.as_bytes());
    header.set_cksum();
    tar.append(&header, content).unwrap();
}

pub(super) fn platform() -> String {
    Subdir::current().unwrap().to_string()
}

/// What a server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Gives(Vec<u8>),
    /// So many bytes, and then the connection is gone.
    BreaksAfter(Vec<u8>),
    /// So many bytes, and then nothing more for ever.
    StallsAfter(Vec<u8>),
    Status(u16),
    /// The network is gone.
    Nobody,
}

/// A server whose answers to an address are given one after another; the last one stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    answers: Arc<Mutex<HashMap<String, Vec<Answer>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn offers(&self, built: &Built) {
        self.answers_with(built, [Answer::Gives(built.bytes.clone())]);
    }

    pub fn answers_with(&self, built: &Built, answers: impl IntoIterator<Item = Answer>) {
        let url = built.record.url.to_string();
        self.answers
            .lock()
            .unwrap()
            .insert(url, answers.into_iter().collect());
    }

    pub fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub fn transport(&self) -> Transport {
        Transport::new(Arc::new(self.clone())).unwrap()
    }

    fn next(&self, url: &str) -> Answer {
        self.asked.lock().unwrap().push(url.to_owned());
        let mut answers = self.answers.lock().unwrap();
        match answers.get_mut(url) {
            None => Answer::Status(404),
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
        }
    }
}

impl Courier for Server {
    fn carry(&self, request: Request) -> BoxFuture<'static, Result<Response, CourierError>> {
        use futures::StreamExt;
        type Part = Result<Vec<u8>, std::io::Error>;
        let part = |bytes: Vec<u8>| futures::stream::iter([Part::Ok(bytes)]);
        let answer = self.next(request.url().as_str());
        let (status, body) = match answer {
            Answer::Gives(bytes) => (200, Body::from(bytes)),
            Answer::BreaksAfter(bytes) => {
                let broken = futures::stream::iter([Part::Err(std::io::ErrorKind::ConnectionReset.into())]);
                (200, Body::wrap_stream(part(bytes).chain(broken)))
            }
            Answer::StallsAfter(bytes) => (
                200,
                Body::wrap_stream(part(bytes).chain(futures::stream::pending())),
            ),
            Answer::Status(status) => (status, Body::from("")),
            Answer::Nobody => {
                let problem = crate::error::Problem::new(crate::error::Kind::Network, "there is no network");
                return Box::pin(async move { Err(CourierError(problem)) });
            }
        };
        let response = http::Response::builder().status(status).body(body).unwrap();
        Box::pin(async move { Ok(Response::from(response)) })
    }
}

/// What lies in a folder: paths with kind, mode and content.
pub(super) fn tree(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            let metadata = path.symlink_metadata().unwrap();
            let what = if metadata.is_symlink() {
                format!("-> {}", fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                left.push(path.clone());
                format!("folder {}", mode(&metadata))
            } else {
                let content = fs::read(&path).unwrap();
                format!("{} {}", mode(&metadata), String::from_utf8_lossy(&content))
            };
            found.insert(path.strip_prefix(folder).unwrap().to_owned(), what);
        }
    }
    found
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> String {
    use std::os::unix::fs::PermissionsExt;
    format!("{:o}", metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_metadata: &fs::Metadata) -> String {
    String::new()
}
