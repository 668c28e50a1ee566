//! What pip has put into the site-packages of a prefix, as conda finds it.
//!
//! A Python package shows by a folder or file in site-packages. Those that a record of conda lists are conda's; the others are
//! pip's. Where the one that a record lists is gone, pip has put another version over conda's package, which then counts as
//! gone: conda removes such a record, here it is left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::record_file::RecordFile;
use super::{DEVELOP, InstalledPackage, PYPI};
use std::path::PathBuf;

/// What pip did to a prefix.
#[derive(Debug, Default)]
pub(super) struct Pip {
    pub packages: Vec<InstalledPackage>,
    /// conda's packages that pip has put others over.
    pub replaced: Vec<String>,
}

/// Finds what pip has installed beside conda's packages.
pub(super) fn beside(prefix: &Path, python: &RecordFile, records: &[(PathBuf, RecordFile)]) -> Pip {
    let short = site_packages(prefix, python);
    let Some(present) = anchors_in(&prefix.join(&short), &short) else {
        return Pip::default();
    };
    // The same folder may be reached through a link, as `lib/python3.13` is for a Python without a lock.
    let resolved = fs::canonicalize(prefix.join(&short)).ok();
    let same = |folder: &str| {
        folder == short || (resolved.is_some() && fs::canonicalize(prefix.join(folder)).ok() == resolved)
    };
    let mut of_conda: BTreeMap<String, &str> = BTreeMap::new();
    let mut known: BTreeMap<&str, bool> = BTreeMap::new();
    for (_, record) in records {
        let mut own = record.anchors.iter().filter_map(|anchor| {
            let (folder, inside) = folder_of(anchor)?;
            let is_there = *known.entry(folder).or_insert_with(|| same(folder));
            is_there.then(|| format!("{short}/{inside}"))
        });
        // Of several, conda takes the longest; the first of those.
        let first = own.next();
        let longest = own.fold(first, |best, next| match best {
            Some(best) if best.len() >= next.len() => Some(best),
            _ => Some(next),
        });
        if let Some(anchor) = longest {
            of_conda.insert(anchor, &record.name);
        }
    }
    let replaced = of_conda
        .iter()
        .filter(|(anchor, _)| !present.contains(anchor))
        .map(|(_, name)| (*name).to_owned())
        .collect();
    let packages = present
        .iter()
        .filter(|anchor| !of_conda.contains_key(*anchor))
        .filter_map(|anchor| package(prefix, anchor))
        .collect();
    Pip { packages, replaced }
}

/// Where a Python keeps its packages, below the prefix.
pub(super) fn site_packages(prefix: &Path, python: &RecordFile) -> String {
    if let Some(folder) = python.site_packages.as_deref().filter(|folder| is_below(folder)) {
        return folder.trim_matches('/').to_owned();
    }
    if prefix.join("Lib/site-packages").is_dir()
        && !prefix.join("lib").join("python3").exists()
        && cfg!(windows)
    {
        return "Lib/site-packages".to_owned();
    }
    let mut parts = python.version.split('.');
    let (major, minor) = (parts.next().unwrap_or("3"), parts.next().unwrap_or("0"));
    format!("lib/python{major}.{minor}/site-packages")
}

fn is_below(folder: &str) -> bool {
    !folder.is_empty()
        && Path::new(folder)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// `lib/python3.12/site-packages`, and what follows it.
fn folder_of(anchor: &str) -> Option<(&str, &str)> {
    let at = anchor.find("site-packages/")? + "site-packages".len();
    let (folder, inside) = (&anchor[..at], &anchor[at + 1..]);
    // What lies deeper belongs to a package that carries others within it.
    let depth = inside.matches('/').count();
    let is_direct = depth == 0 || (depth == 1 && !inside.ends_with(".egg-info"));
    is_direct.then_some((folder, inside))
}

/// The signs of Python packages in a folder, as conda calls them; nothing where there is no such folder.
fn anchors_in(folder: &Path, short: &str) -> Option<Vec<String>> {
    let mut anchors = Vec::new();
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = entry.path();
        if name.ends_with(".dist-info") {
            anchors.push(format!("{short}/{name}/RECORD"));
        } else if name.ends_with(".egg-info") {
            match path.is_file() {
                true => anchors.push(format!("{short}/{name}")),
                false => anchors.push(format!("{short}/{name}/PKG-INFO")),
            }
        } else if name.ends_with(".egg") && path.is_dir() {
            anchors.push(format!("{short}/{name}/EGG-INFO/PKG-INFO"));
        } else if name.ends_with(".egg-link") {
            anchors.push(format!("{short}/{name}"));
        }
    }
    anchors.sort();
    Some(anchors)
}

fn package(prefix: &Path, anchor: &str) -> Option<InstalledPackage> {
    let path = prefix.join(anchor);
    let folder = path.parent()?;
    let own_name = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
    let (metadata, channel, file_name) = if anchor.ends_with(".egg-link") {
        (linked(&path)?, DEVELOP, None)
    } else if anchor.ends_with("/RECORD") {
        (folder.join("METADATA"), PYPI, own_name(folder))
    } else if anchor.ends_with("/PKG-INFO") {
        (path.clone(), PYPI, own_name(folder))
    } else {
        (path.clone(), PYPI, own_name(&path))
    };
    let text = fs::read(metadata).ok()?;
    let (name, version) = name_and_version(&String::from_utf8_lossy(&text))?;
    let build = if channel == DEVELOP { "dev_0" } else { "pypi_0" };
    Some(InstalledPackage {
        file_name: file_name.unwrap_or_default(),
        name: name.replace(['.', '_'], "-").to_lowercase(),
        version,
        build: build.to_owned(),
        build_number: 0,
        channel: channel.to_owned(),
        url: None,
        subdir: PYPI.to_owned(),
        size: None,
        noarch: None,
        requested_specs: Vec::new(),
        md5: None,
        sha256: None,
        record: None,
    })
}

/// The description of the package that an `.egg-link` leads to.
fn linked(link: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(link).ok()?;
    let target = PathBuf::from(text.lines().next()?.trim());
    let mut eggs = fs::read_dir(target)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".egg-info"));
    let egg = eggs.next()?.path();
    // conda gives up where there are several.
    if eggs.next().is_some() {
        return None;
    }
    Some(if egg.is_dir() { egg.join("PKG-INFO") } else { egg })
}

/// From the head lines of `METADATA` or `PKG-INFO`.
fn name_and_version(text: &str) -> Option<(String, String)> {
    let (mut name, mut version) = (None, None);
    for line in text.lines().take_while(|line| !line.trim().is_empty()) {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        match key.to_ascii_lowercase().as_str() {
            "name" => name = name.or(Some(value.trim().to_owned())),
            "version" => version = version.or(Some(value.trim().to_owned())),
            _ => {}
        }
    }
    let name = name.filter(|name| !name.is_empty())?;
    Some((name, version.unwrap_or_default()))
}
