//! Where things are on this machine: the home, Sextant's own folders, and the environment as it was at start.
//!
//! The process environment is read once, in `main`; everything else takes a [`Locations`], so that a test
//! builds the same services over a temporary home.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::error::{Explain, Kind, Problem};

/// The families of operating systems that conda's and Navigator's own path rules distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Linux,
    MacOs,
    Windows,
}

impl Platform {
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

#[derive(Debug, Clone, Error)]
pub enum LocationsError {
    #[error("this account has no home folder")]
    NoHome,
}

impl Explain for LocationsError {
    fn explain(&self) -> Problem {
        Problem::new(Kind::File, self.to_string())
            .because("neither the environment nor the operating system names one")
            .remedy("set the environment variable HOME (on Windows USERPROFILE) to your home folder")
    }
}

/// The folders and environment variables that everything below the window works with.
#[derive(Debug, Clone)]
pub struct Locations {
    pub home: PathBuf,
    /// History, journal and connections of Sextant.
    pub data: PathBuf,
    /// Preferences of Sextant.
    pub config: PathBuf,
    cache: PathBuf,
    pub platform: Platform,
    /// `/`; a temporary folder in tests, so that no system file of the machine is read.
    pub system_root: PathBuf,
    /// The environment at start; names are upper-case as the operating system gave them.
    pub variables: BTreeMap<String, String>,
    /// Whether `home` only stands in for a home that nobody could name.
    pub is_stand_in: bool,
}

impl Locations {
    /// The locations of this process's user. `variables` is the environment, read by the caller.
    pub fn discover(variables: BTreeMap<String, String>) -> Result<Self, LocationsError> {
        let platform = Platform::current();
        let set = |name: &str| {
            variables
                .get(name)
                .filter(|value| Path::new(value).is_absolute())
                .map(PathBuf::from)
        };
        let system = directories::BaseDirs::new();
        let home = set(if platform == Platform::Windows {
            "USERPROFILE"
        } else {
            "HOME"
        })
        .or_else(|| system.as_ref().map(|found| found.home_dir().to_owned()))
        .ok_or(LocationsError::NoHome)?;
        let (data, config, cache) = match (platform, system) {
            (Platform::Linux, _) | (_, None) => (
                set("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share")),
                set("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config")),
                set("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache")),
            ),
            (_, Some(found)) => (
                found.data_local_dir().to_owned(),
                found.config_dir().to_owned(),
                found.cache_dir().to_owned(),
            ),
        };
        let cache = cache.join("sextant");
        // A throw-away home points every path of a test or demonstration at itself.
        let system_root = set("SEXTANT_SYSTEM_ROOT").unwrap_or_else(|| PathBuf::from("/"));
        Ok(Self {
            // Windows has one folder for what stays and for what can be fetched again.
            cache: match platform {
                Platform::Windows => cache.join("cache"),
                _ => cache,
            },
            data: data.join("sextant"),
            config: config.join("sextant"),
            home,
            platform,
            system_root,
            variables,
            is_stand_in: false,
        })
    }

    /// Locations in a folder that stands in for a home which nobody can name, so that the window opens and says so.
    pub fn standing_in(folder: &Path) -> Self {
        Self {
            is_stand_in: true,
            ..Self::inside(folder)
        }
    }

    /// Locations that lie wholly inside `home`, with no environment variables: for tests and the demonstration.
    pub fn inside(home: &Path) -> Self {
        Self {
            home: home.to_owned(),
            data: home.join(".local/share/sextant"),
            config: home.join(".config/sextant"),
            cache: home.join(".cache/sextant"),
            platform: Platform::current(),
            system_root: home.join("system-root"),
            variables: BTreeMap::from([("HOME".to_owned(), home.display().to_string())]),
            is_stand_in: false,
        }
    }

    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    pub fn journals(&self) -> PathBuf {
        self.data.join("journal")
    }

    pub fn history(&self) -> PathBuf {
        self.data.join("history")
    }

    pub fn connections(&self) -> PathBuf {
        self.data.join("connections.json")
    }

    pub fn lock(&self) -> PathBuf {
        self.data.join("lock")
    }

    /// The folder of everything that can be fetched again: indexes of channels and packages.
    pub fn cache(&self) -> PathBuf {
        self.cache.clone()
    }

    /// The fallback of the keyring: mode 0600.
    pub fn credentials(&self) -> PathBuf {
        self.data.join("credentials.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides() {
        let variables = BTreeMap::from([
            ("HOME".to_owned(), "/h".to_owned()),
            ("XDG_DATA_HOME".to_owned(), "/d".to_owned()),
            ("XDG_CONFIG_HOME".to_owned(), "relative/is/ignored".to_owned()),
            ("XDG_CACHE_HOME".to_owned(), "/c".to_owned()),
        ]);
        let locations = Locations::discover(variables).unwrap();
        if locations.platform == Platform::Linux {
            assert_eq!(locations.home, Path::new("/h"));
            assert_eq!(locations.data, Path::new("/d/sextant"));
            assert_eq!(locations.config, Path::new("/h/.config/sextant"));
            assert_eq!(locations.cache(), Path::new("/c/sextant"));
        }
    }
}
