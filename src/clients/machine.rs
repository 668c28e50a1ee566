//! What this room has to know of the machine. The service fills it in, since conda's and Navigator's own rules live in
//! rooms beside this one.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::locations::{Locations, Platform};
use crate::secret::Secret;

/// The machine as other tools see it.
#[derive(Clone)]
pub struct Machine {
    pub locations: Locations,
    /// The base installation of conda.
    pub conda_root: Option<PathBuf>,
    /// The token folders that conda, anaconda-client, conda-repo-cli and Navigator have in common: where conda looks
    /// first (server reference, section 3.1).
    pub conda_token_folders: Vec<PathBuf>,
    /// Token folders that only some versions of conda read.
    pub old_conda_token_folders: Vec<PathBuf>,
    /// Every `anaconda-navigator.ini`, the one in use first.
    pub navigator: Vec<NavigatorReading>,
    pub now: Timestamp,
}

/// What came of reading an `anaconda-navigator.ini`.
#[derive(Debug, Clone)]
pub struct NavigatorReading {
    pub path: PathBuf,
    /// The reason, without any value, where the file cannot be read.
    pub values: Result<NavigatorValues, String>,
}

/// The values of Navigator's file that tell a login. `None` is Navigator's own `None`, an empty text or no value.
#[derive(Debug, Clone, Default)]
pub struct NavigatorValues {
    /// `logged_brand`.
    pub logged_brand: Option<String>,
    /// `logged_api_url`.
    pub logged_api_url: Option<String>,
    /// `anaconda_server_api_url` or `team_edition_api_url`.
    pub server_api_url: Option<String>,
    /// `anaconda_server_token` or `team_edition_token`.
    pub server_token: Option<Secret>,
    /// `anaconda_server_token_id` or `team_edition_token_id`.
    pub server_token_id: Option<String>,
}

impl Machine {
    pub(super) fn home(&self) -> &Path {
        &self.locations.home
    }

    /// The value of a variable; one that is set but empty counts as not set.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.locations.variable(name).filter(|value| !value.is_empty())
    }

    /// The path that a variable names; a relative one counts as not set, since it depends on where a tool is started.
    pub(super) fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).and_then(|value| self.expand(value))
    }

    /// A path of this machine's system, below the root that the surroundings name.
    pub(super) fn system(&self, path: &str) -> PathBuf {
        self.locations.system_root.join(path)
    }

    /// A path as Python's `expandvars` and `expanduser` make it out of a text. Nothing for one that is not absolute then.
    pub(super) fn expand(&self, text: &str) -> Option<PathBuf> {
        let text = self.expand_variables(text);
        let path = match text.strip_prefix('~') {
            Some("") => self.locations.home.clone(),
            Some(rest) if rest.starts_with(['/', '\\']) => self.locations.home.join(&rest[1..]),
            _ => PathBuf::from(text),
        };
        path.is_absolute().then_some(path)
    }

    /// `$NAME` and `${NAME}`; a variable that is not set stays as it is written.
    fn expand_variables(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            expanded.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let (name, length) = match after.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
                Some((name, _)) => (name, name.len() + 2),
                None => {
                    let end = after
                        .find(|c: char| !c.is_alphanumeric() && c != '_')
                        .unwrap_or(after.len());
                    (&after[..end], end)
                }
            };
            match self.locations.variables.get(name) {
                Some(value) => expanded.push_str(value),
                None => expanded.push_str(&rest[at..at + 1 + length]),
            }
            rest = &after[length..];
        }
        expanded.push_str(rest);
        expanded
    }

    /// Where anaconda-client and Navigator look for token files (repository reference, section 2.4).
    pub(super) fn anaconda_client_token_folders(&self) -> Vec<PathBuf> {
        let own = match self.folder("BINSTAR_CONFIG_DIR") {
            Some(folder) => folder.join("data/tokens"),
            None => self.home().join(".continuum/anaconda-client/tokens"),
        };
        self.conda_token_folders.iter().cloned().chain([own]).collect()
    }

    /// The folders in which anaconda-client and conda-repo-cli look for configuration that is not a person's own, older
    /// versions' places first, lowest precedence first (repository reference, section 2.1).
    pub(super) fn site_data_folders(&self) -> Vec<PathBuf> {
        match self.locations.platform {
            Platform::Linux => {
                let first_of = |name: &str| {
                    let value = self.variable(name)?;
                    let first = PathBuf::from(value.split(':').next()?);
                    first.is_absolute().then(|| first.join("binstar"))
                };
                vec![
                    first_of("XDG_CONFIG_DIRS").unwrap_or_else(|| self.system("etc/xdg/binstar")),
                    first_of("XDG_DATA_DIRS").unwrap_or_else(|| self.system("usr/local/share/binstar")),
                ]
            }
            Platform::MacOs => vec![self.system("Library/Application Support/binstar")],
            Platform::Windows => vec![self.system("ProgramData/ContinuumIO/binstar")],
        }
    }

    /// `$CONDA_ROOT/etc/anaconda-client`, if there is a base installation.
    pub(super) fn installation_folder(&self) -> Option<PathBuf> {
        let root = self.conda_root.as_ref()?;
        Some(root.join("etc/anaconda-client"))
    }

    /// `$CONDA_PREFIX/etc/anaconda-client`; where no environment is active, both tools take the base installation for it.
    pub(super) fn environment_folder(&self) -> Option<PathBuf> {
        match self.folder("CONDA_PREFIX") {
            Some(prefix) => Some(prefix.join("etc/anaconda-client")),
            None => self.installation_folder(),
        }
    }
}

/// Without the values of variables: any may be a secret.
impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("home", &self.locations.home)
            .field("conda_root", &self.conda_root)
            .field("conda_token_folders", &self.conda_token_folders)
            .field("navigator", &self.navigator)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Home;
    use super::*;

    #[test]
    fn a_path_expands_as_python_expands_it() {
        let home = Home::new().variable("WORK", "/srv/work").variable("EMPTY", "");
        for (text, expanded) in [
            ("~/a", Some(home.path("a"))),
            ("~", Some(home.path(""))),
            ("$WORK/ring", Some(PathBuf::from("/srv/work/ring"))),
            ("${WORK}2/ring$", Some(PathBuf::from("/srv/work2/ring$"))),
            ("/x/$MISSING/${ALSO", Some(PathBuf::from("/x/$MISSING/${ALSO"))),
            ("relative/$WORK", None),
            ("${EMPTY}ring", None),
        ] {
            assert_eq!(home.machine().expand(text), expanded, "{text}");
        }
    }

    #[test]
    fn the_values_of_variables_do_not_show() {
        let home = Home::new().variable("BINSTAR_API_TOKEN", "canary");
        assert!(!format!("{:?}", home.machine()).contains("canary"));
    }
}
