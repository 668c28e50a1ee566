use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::error::{Explain, Kind as ProblemKind};
use crate::package::fixture::{Form as Packed, Package};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> std::path::PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn read(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<Distribution, DistributionError> {
        read(&self.put(name, bytes), &|| false)
    }

    #[track_caller]
    fn refused(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let problem = self.read(name, bytes).unwrap_err().explain();
        assert_eq!(problem.kind, ProblemKind::File);
        assert!(problem.remedy.is_some(), "{problem:?}");
        format!("{} {}", problem.message, problem.cause.unwrap_or_default())
    }
}

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, name, content.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

const METADATA: &str = "Metadata-Version: 2.1\nName: Small-Tools\nVersion: 1.2.0\nSummary: Helpers\nLicense: MIT\nRequires-Dist: numpy>=2\n";

#[test]
fn conda_packages_of_both_forms_are_read_from_what_lies_inside() {
    let folder = Folder::new();
    for (form, extension) in [(Packed::Conda, ".conda"), (Packed::TarBz2, ".tar.bz2")] {
        let built = Package::new("tools", "1.0")
            .depends("numpy >=2")
            .file("share/tools/a.txt", "a")
            .form(form)
            .build();
        // Whatever somebody called it.
        let found = folder.read(&format!("renamed{extension}"), &built.bytes).unwrap();
        let Form::Conda(index) = &found.form else {
            panic!("{found:?}");
        };
        assert_eq!((found.name.as_str(), found.version.as_str()), ("tools", "1.0"));
        assert_eq!(found.file_name, format!("tools-1.0-{}{extension}", index.build));
        assert_eq!(index.depends, ["numpy >=2"]);
        assert_eq!(found.size, built.bytes.len() as u64);
        assert_eq!(found.sha256, <[u8; 32]>::from(Sha256::digest(&built.bytes)));
    }
}

#[test]
fn a_conda_package_that_is_cut_short_or_something_else_is_refused() {
    let folder = Folder::new();
    for (form, extension) in [(Packed::Conda, ".conda"), (Packed::TarBz2, ".tar.bz2")] {
        let built = Package::new("tools", "1.0")
            .file("share/tools/a.txt", &"a".repeat(9_000))
            .form(form)
            .build();
        let name = format!("tools-1.0-0{extension}");
        let half = &built.bytes[..built.bytes.len() - built.bytes.len() / 3];
        assert!(folder.refused(&name, half).contains("is damaged"), "{name}");
        assert!(folder.refused(&name, "").contains("is damaged"), "{name}");
        assert!(folder.refused(&name, "<html>").contains("is damaged"), "{name}");
    }
    let said = folder.refused("other.conda", zipped(&[("readme.txt", "no")]));
    assert!(said.contains("is damaged"), "{said}");
}

#[test]
fn wheels_are_read_and_held_against_their_names() {
    let folder = Folder::new();
    let wheel = zipped(&[
        ("small_tools/__init__.py", ""),
        ("small_tools-1.2.0.dist-info/METADATA", METADATA),
    ]);
    let found = folder
        .read("small_tools-1.2.0-1-py3-none-manylinux_2_17_x86_64.whl", &wheel)
        .unwrap();
    assert_eq!(
        (found.name.as_str(), found.version.as_str()),
        ("Small-Tools", "1.2.0")
    );
    assert_eq!(found.about.license.as_deref(), Some("MIT"));
    let Form::Wheel(tags) = found.form else {
        panic!("no wheel");
    };
    assert_eq!(tags.build.as_deref(), Some("1"));
    assert_eq!((tags.python.as_str(), tags.abi), ("py3", None));
    assert_eq!(tags.platform.as_deref(), Some("manylinux_2_17_x86_64"));
    assert_eq!(tags.requires, ["numpy>=2"]);
    for wrong in [
        "small_tools.whl",
        "other-1.2.0-py3-none-any.whl",
        "small_tools-9-py3-none-any.whl",
    ] {
        assert!(folder.refused(wrong, &wheel).contains("is damaged"), "{wrong}");
    }
    let said = folder.refused("a-1-py3-none-any.whl", zipped(&[("a/__init__.py", "")]));
    assert!(said.contains("METADATA"), "{said}");
    let damaged = &wheel[..wheel.len() - 10];
    assert!(
        folder
            .refused("small_tools-1.2.0-py3-none-any.whl", damaged)
            .contains("is damaged")
    );
}

#[test]
fn source_distributions_are_told_from_other_archives() {
    let folder = Folder::new();
    let other = "Name: inner\nVersion: 9\n";
    let files = [
        ("small-tools-1.2.0/small_tools.egg-info/PKG-INFO", other),
        ("small-tools-1.2.0/PKG-INFO", METADATA),
    ];
    for (name, bytes) in [("a.tar.gz", tar_gz(&files)), ("a.zip", zipped(&files))] {
        let found = folder.read(name, &bytes).unwrap();
        assert_eq!(
            (found.name.as_str(), found.version.as_str()),
            ("Small-Tools", "1.2.0")
        );
        assert_eq!(found.form.word(), "sdist");
        assert_eq!(found.file_name, name);
    }
    let said = folder.refused("photos.tar.gz", tar_gz(&[("photos/a.txt", "a")]));
    assert!(said.contains("nothing that can be uploaded"), "{said}");
    let cut = tar_gz(&files);
    assert!(
        folder
            .refused("cut.tar.gz", &cut[..cut.len() - 12])
            .contains("is damaged")
    );
}

#[test]
fn notebooks_and_environment_files_are_versions_of_the_day_they_were_saved() {
    let folder = Folder::new();
    let path = folder.put(
        "My Plot.ipynb",
        r#"{"cells": [], "nbformat": 4, "metadata": {"summary": "A plot"}}"#,
    );
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_268_800);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    let found = read(&path, &|| false).unwrap();
    assert_eq!(
        (found.name.as_str(), found.version.as_str()),
        ("my-plot", "2026.01.01.1200")
    );
    assert_eq!(found.about.summary.as_deref(), Some("A plot"));
    assert_eq!(
        read(&path, &|| false).unwrap(),
        found,
        "the same whenever it is read"
    );
    let found = folder
        .read("environment.yml", "name: work\ndependencies:\n  - python\n")
        .unwrap();
    assert_eq!((found.name.as_str(), found.form.word()), ("work", "environment"));
    assert!(
        folder
            .refused("environment.yml", "dependencies: [python]\n")
            .contains("a name")
    );
    assert!(
        folder
            .refused("compose.yaml", "name: x\nservices: {}\n")
            .contains("no environment file")
    );
    assert!(folder.refused("broken.yml", "name: [\n").contains("is damaged"));
    assert!(
        folder
            .refused("a.ipynb", "{\"cells\": []}")
            .contains("no notebook")
    );
    assert!(folder.refused("a.ipynb", "{").contains("is damaged"));
}

#[test]
fn names_that_would_be_other_addresses_are_refused() {
    let folder = Folder::new();
    for name in ["..", "a/b", "a b"] {
        let text = format!("name: \"{name}\"\ndependencies: [python]\n");
        assert!(
            folder.refused("environment.yml", text).contains("is damaged"),
            "{name}"
        );
    }
}

#[test]
fn anything_else_and_folders_are_refused_and_giving_up_counts() {
    let folder = Folder::new();
    for name in ["a.txt", "README", ".conda", "a.egg"] {
        assert!(
            folder.refused(name, "x").contains("nothing that can be uploaded"),
            "{name}"
        );
    }
    let inner = folder.0.path().join("folder.conda");
    fs::create_dir(&inner).unwrap();
    assert!(matches!(
        read(&inner, &|| false),
        Err(DistributionError::Unknown { .. } | DistributionError::File(_))
    ));
    assert!(matches!(
        read(&folder.0.path().join("missing.conda"), &|| false),
        Err(DistributionError::File(_))
    ));
    let path = folder.put("a.conda", "x");
    assert!(matches!(read(&path, &|| true), Err(DistributionError::Cancelled)));
}
