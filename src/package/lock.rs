//! Lock files: every package of an environment with its address and checksums, as pixi and rattler write them.
//!
//! Written is the newest version of the format; read are all of them, and conda-lock's.

use rattler_conda_types::Subdir;
use rattler_lock::{CondaPackageData, LockFile, LockedPackage, PlatformData, PlatformName, UrlOrPath};
use thiserror::Error;

use super::solve::{Installed, channel_address, without_credentials};
use crate::error::{Explain, Kind, Problem};
use crate::secret::mask_text;

#[derive(Debug, Clone, Error)]
pub enum LockError {
    #[error("the lock file cannot be read")]
    Damaged { cause: String },
    #[error("the lock file is for {}, not for {wanted}", there.join(", "))]
    OtherPlatform { there: Vec<String>, wanted: String },
    #[error("the lock file holds several environments: {}", there.join(", "))]
    SeveralEnvironments { there: Vec<String> },
    #[error("{subdir} is no platform that packages are made for")]
    UnknownPlatform { subdir: String },
    #[error("the lock file cannot be written")]
    Unwritable { cause: String },
}

impl Explain for LockError {
    fn explain(&self) -> Problem {
        let problem = |kind| Problem::new(kind, self.to_string());
        match self {
            Self::Damaged { cause } => problem(Kind::File)
                .because(cause.clone())
                .remedy("make it anew with the program that wrote it"),
            Self::OtherPlatform { .. } => problem(Kind::Usage)
                .because("packages of one platform do not run on another")
                .remedy("make one for this platform: pixi and conda-lock write several into one file"),
            Self::SeveralEnvironments { .. } => {
                problem(Kind::Usage).remedy("make a file that holds the wanted one only")
            }
            Self::UnknownPlatform { .. } => problem(Kind::Usage),
            Self::Unwritable { cause } => problem(Kind::Internal).because(cause.clone()),
        }
    }
}

/// What a lock file says about one environment on one platform.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// Addresses or names of channels, in the order of search, without secrets.
    pub channels: Vec<String>,
    /// `https://host/channel/subdir/file.conda#<checksum>`, without secrets.
    pub packages: Vec<String>,
    /// What pip is to install, by name: `requests==2.32`.
    pub pypi: Vec<String>,
    /// Packages that would have to be built from their sources first.
    pub from_source: Vec<String>,
}

/// The one environment of a lock file that only says what is there.
const DEFAULT: &str = "default";

/// A lock file of what an environment holds. `channels` are addresses in the order of search.
///
/// # Errors
/// [`LockError::UnknownPlatform`]; [`LockError::Unwritable`] for what is no defect of the person's.
pub fn write(installed: &Installed, channels: &[String], subdir: &str) -> Result<String, LockError> {
    let unwritable = |cause: String| LockError::Unwritable { cause };
    let platform = subdir.parse::<Subdir>().map_err(|_| LockError::UnknownPlatform {
        subdir: subdir.to_owned(),
    })?;
    let mut builder = LockFile::builder()
        .with_platforms(vec![PlatformData {
            name: PlatformName::from(&platform),
            subdir: platform,
            virtual_packages: Vec::new(),
        }])
        .map_err(|error| unwritable(error.to_string()))?;
    builder.set_channels(DEFAULT, channels.iter().map(|channel| format!("{channel}/")));
    for record in installed.records() {
        let mut record = record.clone();
        record.channel = Some(channel_address(&record));
        let clean = without_credentials(&record.url);
        record.url = clean.parse().map_err(|_| unwritable(clean))?;
        builder
            .add_conda_package(DEFAULT, platform.as_str(), CondaPackageData::from(record))
            .map_err(|error| unwritable(error.to_string()))?;
    }
    builder
        .finish()
        .render_to_string()
        .map_err(|error| unwritable(error.to_string()))
}

/// What a lock file says for a platform. Of several environments, `environment` names the one that is meant; not needed where
/// there is one, or one called `default`.
///
/// # Errors
/// All but [`LockError::Unwritable`].
pub fn read(text: &str, environment: Option<&str>, subdir: &str) -> Result<Lock, LockError> {
    let file = LockFile::from_str_with_base_directory(text, None).map_err(|error| LockError::Damaged {
        cause: mask_text(&error.to_string()),
    })?;
    let names = || {
        file.environments()
            .map(|(name, _)| name.to_owned())
            .collect::<Vec<_>>()
    };
    let found = match environment {
        Some(name) => file.environment(name),
        None => file
            .default_environment()
            .or_else(|| match file.environments().len() {
                1 => file.environments().next().map(|(_, environment)| environment),
                _ => None,
            }),
    };
    let Some(found) = found else {
        return Err(LockError::SeveralEnvironments { there: names() });
    };
    let platform = found
        .platforms()
        .find(|platform| platform.subdir().as_str() == subdir);
    let Some(platform) = platform else {
        return Err(LockError::OtherPlatform {
            there: found
                .platforms()
                .map(|platform| platform.name().to_string())
                .collect(),
            wanted: subdir.to_owned(),
        });
    };
    let mut lock = Lock {
        channels: found
            .channels()
            .iter()
            .map(|channel| clean_channel(&channel.url))
            .collect(),
        ..Lock::default()
    };
    for package in found.packages(platform).into_iter().flatten() {
        lock.take(package);
    }
    lock.packages.sort();
    Ok(lock)
}

impl Lock {
    fn take(&mut self, package: &LockedPackage) {
        match package {
            LockedPackage::Pypi(_) => self.pypi.push(pypi(package)),
            LockedPackage::Conda(CondaPackageData::Source(_)) => {
                self.from_source.push(package.name().to_owned());
            }
            LockedPackage::Conda(CondaPackageData::Binary(binary)) => {
                let address = match &binary.location {
                    UrlOrPath::Url(url) => without_credentials(url),
                    UrlOrPath::Path(path) => path.to_string(),
                };
                let record = &binary.package_record;
                let sum = match (&record.sha256, &record.md5) {
                    (Some(sum), _) => format!("#sha256:{}", hexadecimal(sum)),
                    (None, Some(sum)) => format!("#{}", hexadecimal(sum)),
                    (None, None) => String::new(),
                };
                self.packages.push(format!("{address}{sum}"));
            }
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pypi(package: &LockedPackage) -> String {
    let version = match package {
        LockedPackage::Pypi(data) => data.version().map(|version| format!("=={version}")),
        LockedPackage::Conda(_) => None,
    };
    format!("{}{}", package.name(), version.unwrap_or_default())
}

fn clean_channel(channel: &str) -> String {
    match channel.parse::<url::Url>() {
        Ok(url) => without_credentials(&url),
        Err(_) => mask_text(channel.trim_end_matches('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(url: &str) -> Installed {
        let record = serde_json::json!({
            "name": "zlib", "version": "1.3", "build": "h1_2", "build_number": 2, "subdir": "linux-64",
            "fn": "zlib-1.3-h1_2.conda", "url": url, "channel": "https://h/main/linux-64", "size": 7,
            "license": "Zlib", "depends": ["libc"], "timestamp": 1_700_000_000_000_u64,
            "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
            "md5": "d3b07384d113edec49eaa6238ad5ff00",
        });
        Installed::of(vec![serde_json::from_value(record).unwrap()])
    }

    #[test]
    fn what_is_written_is_read_back_without_secrets() {
        let url = "https://me:secret@h/t/secret/main/linux-64/zlib-1.3-h1_2.conda";
        let channels = ["https://h/main".to_owned()];
        let text = write(&installed(url), &channels, "linux-64").unwrap();
        assert!(!text.contains("secret"), "{text}");
        assert!(
            text.contains("- conda: https://h/main/linux-64/zlib-1.3-h1_2.conda"),
            "{text}"
        );
        let lock = read(&text, None, "linux-64").unwrap();
        assert_eq!(lock.channels, channels);
        assert_eq!(
            lock.packages,
            [concat!(
                "https://h/main/linux-64/zlib-1.3-h1_2.conda",
                "#sha256:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
            )]
        );
        assert_eq!(read(&text, Some(DEFAULT), "linux-64").unwrap(), lock);
        assert!(matches!(
            read(&text, None, "osx-arm64"),
            Err(LockError::OtherPlatform { there, .. }) if there == ["linux-64"]
        ));
        assert!(matches!(
            read(&text, Some("other"), "linux-64"),
            Err(LockError::SeveralEnvironments { .. })
        ));
        assert!(matches!(
            write(&installed(url), &channels, "amiga"),
            Err(LockError::UnknownPlatform { .. })
        ));
    }

    #[test]
    fn older_formats_are_read() {
        let version_6 = "version: 6
environments:
  default:
    channels:
    - url: https://h/t/secret/main/
    indexes:
    - https://pypi.org/simple
    packages:
      linux-64:
      - conda: https://h/t/secret/main/linux-64/zlib-1.3-h1_2.conda
      - pypi: https://h/files/six-1.16.0-py2.py3-none-any.whl
packages:
- conda: https://h/t/secret/main/linux-64/zlib-1.3-h1_2.conda
  sha256: b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
  md5: d3b07384d113edec49eaa6238ad5ff00
- pypi: https://h/files/six-1.16.0-py2.py3-none-any.whl
  name: six
  version: 1.16.0
";
        let lock = read(version_6, None, "linux-64").unwrap();
        assert_eq!(lock.channels, ["https://h/main"]);
        assert_eq!(lock.packages.len(), 1);
        assert!(lock.packages[0].starts_with("https://h/main/linux-64/zlib-1.3-h1_2.conda#sha256:"));
        assert_eq!(lock.pypi, ["six==1.16.0"]);

        let conda_lock = "version: 1
metadata:
  content_hash:
    linux-64: abc
  channels:
  - url: main
    used_env_vars: []
  platforms:
  - linux-64
  sources:
  - environment.yml
package:
- name: zlib
  version: '1.3'
  manager: conda
  platform: linux-64
  dependencies: {}
  url: https://h/main/linux-64/zlib-1.3-h1_2.conda
  hash:
    md5: d3b07384d113edec49eaa6238ad5ff00
    sha256: b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
  category: main
  optional: false
";
        let lock = read(conda_lock, None, "linux-64").unwrap();
        assert_eq!(lock.packages.len(), 1);
        assert!(matches!(
            read("version: 99\n", None, "linux-64"),
            Err(LockError::Damaged { .. })
        ));
        assert!(matches!(
            read("nonsense", None, "linux-64"),
            Err(LockError::Damaged { .. })
        ));
    }
}
