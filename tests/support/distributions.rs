//! Files to be uploaded, made anew: packages of conda and Python, notebooks, environment files.

#![allow(dead_code, reason = "every test uses its part")]

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};
use tar::{Builder, Header};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A `.conda` archive for every platform, with one file in it, that needs nothing.
pub fn conda(name: &str, version: &str, content: &[u8]) -> Vec<u8> {
    let file = format!("share/{name}/data.txt");
    let index = json!({
        "arch": null, "build": "0", "build_number": 0, "depends": [], "license": "MIT",
        "name": name, "noarch": "generic", "platform": null, "subdir": "noarch",
        "timestamp": 1_767_225_600_000_u64, "version": version,
    });
    let about = json!({"summary": format!("What {name} is for"), "license": "MIT", "home": "https://example.invalid"});
    let digest: [u8; 32] = Sha256::digest(content).into();
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let paths = json!({
        "paths": [{"_path": file, "path_type": "hardlink", "sha256": digits, "size_in_bytes": content.len()}],
        "paths_version": 1,
    });
    let info = tarred(&[
        ("info/index.json", index.to_string().as_bytes()),
        ("info/about.json", about.to_string().as_bytes()),
        ("info/paths.json", paths.to_string().as_bytes()),
        ("info/files", format!("{file}\n").as_bytes()),
    ]);
    let content = tarred(&[(&file, content)]);
    let stem = format!("{name}-{version}-0");
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (member, bytes) in [
        (
            "metadata.json".to_owned(),
            br#"{"conda_pkg_format_version": 2}"#.to_vec(),
        ),
        (
            format!("pkg-{stem}.tar.zst"),
            zstd::encode_all(&content[..], 1).unwrap(),
        ),
        (
            format!("info-{stem}.tar.zst"),
            zstd::encode_all(&info[..], 1).unwrap(),
        ),
    ] {
        archive.start_file(member, options).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_767_225_600);
        archive.append_data(&mut header, path, *content).unwrap();
    }
    archive.into_inner().unwrap()
}

/// Bytes that no compression makes less of.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A wheel of a package with nothing in it.
pub fn wheel(name: &str, version: &str) -> Vec<u8> {
    let module = name.replace('-', "_");
    let metadata =
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: What {name} is for\n");
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in [
        (format!("{module}/__init__.py"), "\n"),
        (format!("{module}-{version}.dist-info/METADATA"), &metadata),
        (
            format!("{module}-{version}.dist-info/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        ),
        (format!("{module}-{version}.dist-info/RECORD"), ""),
    ] {
        archive.start_file(path, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

pub const NOTEBOOK: &str = r#"{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#;
pub const ENVIRONMENT: &str = "name: work\ndependencies:\n  - python\n";

/// Writes the file into a folder, and says where it is.
pub fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}
