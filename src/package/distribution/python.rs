//! Wheels and source distributions.

use std::io::{BufReader, Read};

use flate2::read::MultiGzDecoder;

use super::metadata::{Metadata, is_same_name};
use super::{BLOCK, DistributionError, Form, Inside, Reading, WheelTags};

/// `<name>-<version>[-<build>]-<python>-<abi>-<platform>.whl`
pub(super) fn read_wheel(reading: &Reading<'_>) -> Result<Inside, DistributionError> {
    let stem = reading.name.get(..reading.name.len() - ".whl".len());
    let parts: Vec<&str> = stem.unwrap_or_default().split('-').collect();
    let (name, version, build, [python, abi, platform]) = match parts.as_slice() {
        [name, version, tags @ ..] if tags.len() == 3 => (name, version, None, [tags[0], tags[1], tags[2]]),
        [name, version, build, tags @ ..] if tags.len() == 3 => (
            name,
            version,
            Some((*build).to_owned()),
            [tags[0], tags[1], tags[2]],
        ),
        _ => {
            return Err(reading
                .damaged("the name of a wheel is NAME-VERSION-PYTHON-ABI-PLATFORM.whl, and pip goes by it"));
        }
    };
    let metadata = zipped(reading, |path| {
        let parts = path.split_once('/');
        parts.is_some_and(|(folder, file)| file == "METADATA" && folder.ends_with(".dist-info"))
    })?;
    let metadata = metadata.ok_or_else(|| reading.lacks("METADATA, so it is no wheel"))?;
    let metadata = Metadata::parse(&String::from_utf8_lossy(&metadata));
    let told = named(reading, &metadata)?;
    if !is_same_name(&told.0, name) || !is_same_version(&told.1, version) {
        return Err(reading.damaged(format!(
            "inside it is {} {}, which is not what its name says",
            told.0, told.1
        )));
    }
    Ok(Inside {
        name: told.0,
        version: told.1,
        about: metadata.about(),
        form: Form::Wheel(WheelTags {
            build,
            python: python.to_owned(),
            abi: (abi != "none").then(|| abi.to_owned()),
            platform: (platform != "any").then(|| platform.to_owned()),
            requires: metadata.requires(),
        }),
        file_name: None,
    })
}

/// The names of files write `-` of a version as `_`, and versions may be spelled in more than one way.
fn is_same_version(one: &str, other: &str) -> bool {
    let plain = |version: &str| version.to_lowercase().replace(['-', '_', '+', '.'], "");
    plain(one) == plain(other)
}

pub(super) fn read_tar_gz(reading: &Reading<'_>) -> Result<Inside, DistributionError> {
    let file = BufReader::with_capacity(BLOCK, reading.open()?);
    let mut archive = tar::Archive::new(MultiGzDecoder::new(file));
    let mut metadata = None;
    for entry in archive.entries().map_err(|error| reading.damaged(error))? {
        let mut entry = entry.map_err(|error| reading.damaged(error))?;
        let is_wanted = {
            let path = entry.path().map_err(|error| reading.damaged(error))?;
            path.to_str().is_some_and(is_package_information)
        };
        if is_wanted {
            metadata = Some(reading.whole(&mut entry)?);
        }
        reading.drain(entry)?;
    }
    reading.drain(archive.into_inner())?;
    source_distribution(reading, metadata)
}

pub(super) fn read_zip(reading: &Reading<'_>) -> Result<Inside, DistributionError> {
    let metadata = zipped(reading, is_package_information)?;
    source_distribution(reading, metadata)
}

/// `<name>-<version>/PKG-INFO`, and no other file of that name.
fn is_package_information(path: &str) -> bool {
    let parts = path.trim_start_matches("./").split_once('/');
    parts.is_some_and(|(_, file)| file == "PKG-INFO")
}

fn source_distribution(
    reading: &Reading<'_>,
    metadata: Option<Vec<u8>>,
) -> Result<Inside, DistributionError> {
    // An archive of something else, which is no damage.
    let metadata = metadata.ok_or_else(|| reading.unknown())?;
    let metadata = Metadata::parse(&String::from_utf8_lossy(&metadata));
    let (name, version) = named(reading, &metadata)?;
    Ok(Inside {
        name,
        version,
        about: metadata.about(),
        form: Form::SourceDistribution {
            requires: metadata.requires(),
        },
        file_name: None,
    })
}

fn named(reading: &Reading<'_>, metadata: &Metadata) -> Result<(String, String), DistributionError> {
    let name = metadata.one("Name").ok_or_else(|| reading.lacks("its name"))?;
    let version = metadata
        .one("Version")
        .ok_or_else(|| reading.lacks("its version"))?;
    Ok((name, version))
}

/// The one file of a zip archive that is wanted; everything else is read too, which finds what is damaged.
fn zipped(
    reading: &Reading<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Option<Vec<u8>>, DistributionError> {
    let file = BufReader::with_capacity(BLOCK, reading.open()?);
    let mut archive = zip::ZipArchive::new(file).map_err(|error| reading.damaged(error))?;
    let mut found = None;
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).map_err(|error| reading.damaged(error))?;
        let name = entry.name().map_err(|error| reading.damaged(error))?.into_owned();
        if is_wanted(&name) {
            found = Some(reading.whole(&mut entry as &mut dyn Read)?);
        }
        reading.drain(entry)?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_description_of_the_whole_counts() {
        assert!(is_package_information("tools-1.0/PKG-INFO"));
        for other in [
            "PKG-INFO",
            "tools-1.0/tools.egg-info/PKG-INFO",
            "tools-1.0/README",
        ] {
            assert!(!is_package_information(other), "{other}");
        }
    }

    #[test]
    fn versions_may_be_spelled_in_two_ways() {
        assert!(is_same_version("1.0+local.1", "1.0+local_1"));
        assert!(!is_same_version("1.0.1", "1.0.2"));
    }
}
