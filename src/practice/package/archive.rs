//! The two forms of a package: one compressed tar, or a zip that holds two.

use std::io::{self, Cursor, Write as _};

use axum::body::Bytes;
use bzip2::Compression;
use bzip2::write::BzEncoder;
use md5::Md5;
use serde_json::json;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::entry::{Body, Entry};
use super::flaw::Flaw;
use super::{BUILT, Built, Form, Package, info};

/// What the archives of `.conda` packages are compressed with: little effort, since nobody waits for these packages.
const EFFORT: i32 = 1;

pub(super) fn build(package: &Package) -> io::Result<Built> {
    let mut bytes = match (package.flaw, package.form) {
        (Some(Flaw::NotAnArchive), _) => b"<!DOCTYPE html><title>Sign in</title>".to_vec(),
        (_, Form::TarBz2) => tar_bz2(package)?,
        (_, Form::Conda) => conda(package)?,
    };
    if package.flaw == Some(Flaw::HalfAnArchive) {
        bytes.truncate(bytes.len() / 2);
    }
    let mut sha256: [u8; 32] = Sha256::digest(&bytes).into();
    let mut md5: [u8; 16] = Md5::digest(&bytes).into();
    if package.flaw == Some(Flaw::WrongChecksum) {
        sha256.reverse();
        md5.reverse();
    }
    Ok(Built {
        bytes: Bytes::from(bytes),
        sha256,
        md5,
    })
}

fn tar_bz2(package: &Package) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(BzEncoder::new(Vec::new(), Compression::fast()));
    append_info(&mut tar, package)?;
    append_entries(&mut tar, package)?;
    tar.into_inner()?.finish()
}

fn conda(package: &Package) -> io::Result<Vec<u8>> {
    let stem = package.stem();
    let mut info = Builder::new(Vec::new());
    append_info(&mut info, package)?;
    let mut content = Builder::new(Vec::new());
    append_entries(&mut content, package)?;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let members = [
        (
            "metadata.json".to_owned(),
            json!({"conda_pkg_format_version": 2}).to_string().into_bytes(),
        ),
        (format!("pkg-{stem}.tar.zst"), compressed(&content.into_inner()?)?),
        (format!("info-{stem}.tar.zst"), compressed(&info.into_inner()?)?),
    ];
    for (name, bytes) in members {
        zip.start_file(name, options)?;
        zip.write_all(&bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    zstd::encode_all(bytes, EFFORT)
}

fn append_info(tar: &mut Builder<impl io::Write>, package: &Package) -> io::Result<()> {
    for (path, text) in info::files(package) {
        append_file(tar, path, 0o644, text.as_bytes())?;
    }
    Ok(())
}

fn append_entries(tar: &mut Builder<impl io::Write>, package: &Package) -> io::Result<()> {
    package.entries.iter().try_for_each(|entry| append(tar, entry))
}

fn append(tar: &mut Builder<impl io::Write>, entry: &Entry) -> io::Result<()> {
    match &entry.body {
        Body::Link(target) => append_link(tar, &entry.path, EntryType::Symlink, target),
        Body::HardLink(target) => append_link(tar, &entry.path, EntryType::Link, target),
        Body::Text(_) | Body::Binary(_) | Body::Noise(_) => {
            let mode = if entry.executable { 0o755 } else { 0o644 };
            append_file(tar, &entry.path, mode, &entry.bytes())
        }
    }
}

fn append_file(tar: &mut Builder<impl io::Write>, path: &str, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut header = header(path, EntryType::Regular, mode)?;
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    tar.append(&header, bytes)
}

fn append_link(
    tar: &mut Builder<impl io::Write>,
    path: &str,
    entry_type: EntryType,
    target: &str,
) -> io::Result<()> {
    let mut header = header(path, entry_type, 0o777)?;
    write_name(&mut header.as_old_mut().linkname, target)?;
    header.set_size(0);
    header.set_cksum();
    tar.append(&header, io::empty())
}

/// The name is laid down as it stands: the library would refuse `..` and absolute paths, which some packages here have.
fn header(path: &str, entry_type: EntryType, mode: u32) -> io::Result<Header> {
    let mut header = Header::new_gnu();
    write_name(&mut header.as_old_mut().name, path)?;
    header.set_entry_type(entry_type);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(BUILT / 1_000).unwrap_or(0));
    Ok(header)
}

fn write_name(field: &mut [u8; 100], name: &str) -> io::Result<()> {
    let place = field
        .get_mut(..name.len())
        .ok_or(io::ErrorKind::InvalidFilename)?;
    place.copy_from_slice(name.as_bytes());
    Ok(())
}
