//! conda packages, of both forms.

use std::io::{BufReader, Read};
use std::path::Path;

use rattler_package_streaming::read::stream_tar_bz2;
use rattler_package_streaming::seek::{stream_conda_content, stream_conda_info};
use serde_json::Value;

use super::{About, BLOCK, CondaIndex, DistributionError, Form, Inside, Reading, said};

/// The files of `info` that say what a package is.
#[derive(Default)]
struct Described {
    index: Option<Vec<u8>>,
    about: Option<Vec<u8>>,
    has_prefix: bool,
}

pub(super) fn read_conda(reading: &Reading<'_>) -> Result<Inside, DistributionError> {
    let mut described = Described::default();
    let info = stream_conda_info(reading.open()?).map_err(|error| reading.damaged(error))?;
    described.read(reading, info)?;
    let content = stream_conda_content(reading.open()?).map_err(|error| reading.damaged(error))?;
    described.read(reading, content)?;
    described.inside(reading, ".conda")
}

pub(super) fn read_tar_bz2(reading: &Reading<'_>) -> Result<Inside, DistributionError> {
    let mut described = Described::default();
    let file = BufReader::with_capacity(BLOCK, reading.open()?);
    described.read(reading, stream_tar_bz2(file))?;
    described.inside(reading, ".tar.bz2")
}

impl Described {
    /// Reads an archive to its end.
    fn read<R: Read>(
        &mut self,
        reading: &Reading<'_>,
        mut archive: tar::Archive<R>,
    ) -> Result<(), DistributionError> {
        for entry in archive.entries().map_err(|error| reading.damaged(error))? {
            let mut entry = entry.map_err(|error| reading.damaged(error))?;
            let path = entry.path().map_err(|error| reading.damaged(error))?.into_owned();
            let path = path.strip_prefix(".").unwrap_or(&path);
            if path == Path::new("info/index.json") {
                self.index = Some(reading.whole(&mut entry)?);
            } else if path == Path::new("info/about.json") {
                self.about = Some(reading.whole(&mut entry)?);
            } else if path == Path::new("info/has_prefix") {
                self.has_prefix = true;
            }
            reading.drain(entry)?;
        }
        // What is cut short behind the last file is damaged too.
        reading.drain(archive.into_inner())
    }

    fn inside(self, reading: &Reading<'_>, extension: &str) -> Result<Inside, DistributionError> {
        let index = self
            .index
            .ok_or_else(|| reading.lacks("info/index.json, so it is no conda package"))?;
        let index = reading.json(&index, "info/index.json")?;
        let Value::Object(fields) = index.clone() else {
            return Err(reading.damaged("info/index.json is no description"));
        };
        let about = match self.about {
            Some(about) => reading.json(&about, "info/about.json")?,
            None => Value::Null,
        };
        let missing = |what| reading.lacks(what);
        let name = said(&index, "name")
            .ok_or_else(|| missing("its name"))?
            .to_lowercase();
        let version = said(&index, "version").ok_or_else(|| missing("its version"))?;
        let build = said(&index, "build").unwrap_or_else(|| "0".to_owned());
        let subdir = subdir_of(&index);
        for part in [&build, &subdir] {
            if matches!(part.as_str(), "." | "..") || part.contains(['/', '\\']) {
                return Err(reading.damaged(format!("\"{}\" names no file", part.escape_debug())));
            }
        }
        let depends = index["depends"].as_array().map_or(&[][..], Vec::as_slice);
        let depends = depends.iter().filter_map(Value::as_str).map(str::to_owned);
        Ok(Inside {
            file_name: Some(format!("{name}-{version}-{build}{extension}")),
            about: About {
                summary: said(&about, "summary"),
                description: said(&about, "description"),
                home: said(&about, "home"),
                license: said(&about, "license").or_else(|| said(&index, "license")),
                license_url: said(&about, "license_url"),
                license_family: said(&about, "license_family").or_else(|| said(&index, "license_family")),
            },
            form: Form::Conda(Box::new(CondaIndex {
                depends: depends.collect(),
                build_number: index["build_number"].as_u64().unwrap_or_default(),
                has_prefix: self.has_prefix,
                subdir,
                build,
                fields,
            })),
            name,
            version,
        })
    }
}

/// Old packages do not name it.
fn subdir_of(index: &Value) -> String {
    if let Some(subdir) = said(index, "subdir") {
        return subdir;
    }
    match (said(index, "platform"), said(index, "arch")) {
        (Some(platform), Some(arch)) => {
            let arch = match arch.as_str() {
                "x86" => "32",
                "x86_64" => "64",
                other => other,
            };
            format!("{platform}-{arch}")
        }
        _ => "noarch".to_owned(),
    }
}
