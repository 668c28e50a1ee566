//! `--demo`: the window on the built-in practice server, in a throw-away home.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Start;
use crate::credential::FileStore;
use crate::error::{Kind, Problem};
use crate::locations::Locations;
use crate::practice::{OidcTimes, Options, Practice, TokenState};
use crate::secret::Secret;
use crate::service::{Services, SystemClock};

/// Names a folder to use as the home, so that one can look into it; otherwise a temporary one is made and removed.
const HOME: &str = "SEXTANT_DEMO_HOME";

/// Channels of the practice server beside the dozen fixed ones.
const CHANNELS: usize = 240;

/// So that there is something of one's own to see in the differences.
const CONDARC: &str = "# Packages for everyday work\nchannels:\n  - conda-forge  # before the others\nauto_activate_base: false\n";

/// For a demonstration that starts itself anew: the port of its server, and whether the home is to be removed at the
/// end.
const PORT: &str = "SEXTANT_DEMO_PORT";
const TEMPORARY: &str = "SEXTANT_DEMO_TEMPORARY";
const PREFIX: &str = "sextant-demo-";

/// What the window shows of a demonstration.
#[derive(Debug, Clone)]
pub struct Demonstration {
    /// Suggested in the Set Domain dialog.
    pub domain: String,
    /// Suggested where the domain of a repository is asked for.
    pub repository: String,
    /// Said in the Login dialogs: the practice server's published credentials.
    pub hint: String,
    /// Offered where the token of the cloud is asked for.
    pub cloud_token: Option<Secret>,
    /// Said in the status line.
    pub note: String,
    /// The variables with which it comes back as it is.
    pub again: Vec<(String, OsString)>,
}

/// A home that is removed at the end, unless another process has taken it over.
struct Temporary(PathBuf);

impl Temporary {
    fn make() -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        Ok(Self(folder.keep()))
    }

    /// The home of the process before, if it was one.
    fn taken_over(home: &Path, variables: &BTreeMap<String, String>) -> Option<Self> {
        let is_ours = home.parent() == Some(std::env::temp_dir().as_path())
            && home
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        (variables.contains_key(TEMPORARY) && is_ours).then(|| Self(home.to_owned()))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A demonstration while it runs: its server, and its home if it has to be removed afterwards.
pub(super) struct Stage {
    practice: Practice,
    home: PathBuf,
    variables: BTreeMap<String, String>,
    temporary: Option<Temporary>,
}

impl Stage {
    pub fn set(variables: &BTreeMap<String, String>) -> Result<Self, Problem> {
        let (home, temporary) = match variables.get(HOME).filter(|named| !named.is_empty()) {
            Some(named) => {
                let home = PathBuf::from(named);
                let temporary = Temporary::taken_over(&home, variables);
                (home, temporary)
            }
            None => {
                let folder = Temporary::make().map_err(|error| not_set_up(&error))?;
                (folder.0.clone(), Some(folder))
            }
        };
        furnish(&home).map_err(|error| not_set_up(&error))?;
        let options = Options {
            port: variables
                .get(PORT)
                .and_then(|port| port.parse().ok())
                .unwrap_or_default(),
            channels: CHANNELS,
            // A person takes longer than a test.
            oidc: OidcTimes {
                code_seconds: 600,
                device_seconds: 600,
                ..OidcTimes::default()
            },
            ..Options::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|error| not_set_up(&error))?;
        let practice = runtime.block_on(Practice::start(options))?;
        name_anaconda_org(&home, &practice).map_err(|error| not_set_up(&error))?;
        Ok(Self {
            variables: surroundings(&practice, variables),
            practice,
            home,
            temporary,
        })
    }

    /// Nothing of it reaches the real home or the real keyring.
    pub fn start(&self) -> Start {
        let mut locations = Locations::inside(&self.home);
        locations.variables.extend(self.variables.clone());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        Start {
            services: Services::with(locations, credentials, Arc::new(SystemClock)),
            demonstration: Some(self.demonstration()),
        }
    }

    fn again(&self) -> Vec<(String, OsString)> {
        let port = self.practice.url().rsplit(':').next().unwrap_or_default();
        let mut again = vec![
            (HOME.to_owned(), self.home.clone().into_os_string()),
            (PORT.to_owned(), port.into()),
        ];
        if self.temporary.is_some() {
            again.push((TEMPORARY.to_owned(), "1".into()));
        }
        again
    }

    fn demonstration(&self) -> Demonstration {
        let url = self.practice.url();
        let user = self.practice.users().into_iter().next();
        let hint = match user {
            Some(user) => format!(
                "This is the practice server. Log in as {} with the password {}.",
                user.username,
                user.password.expose()
            ),
            None => "This is the practice server.".to_owned(),
        };
        let tokens = self.practice.cloud_tokens();
        let good = tokens.into_iter().find(|token| token.state == TokenState::Valid);
        Demonstration {
            domain: url.to_owned(),
            repository: self.practice.repository_url().to_owned(),
            hint,
            cloud_token: good.map(|token| token.value),
            note: format!(
                "Demonstration: practice server at {url}, home in {}",
                self.home.display()
            ),
            again: self.again(),
        }
    }
}

/// Where the products of the practice server are, for whoever takes their addresses from the environment; and what a
/// browser needs to be opened.
fn surroundings(practice: &Practice, variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let cloud = practice.cloud_url();
    let mut all = BTreeMap::from([
        ("CONDA_TOKEN_REPO_URL".to_owned(), format!("{cloud}/repo/")),
        ("ANACONDA_AUTH_DOMAIN".to_owned(), cloud.to_owned()),
    ]);
    for name in [
        "BROWSER",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XDG_RUNTIME_DIR",
        super::restart::VARIABLE,
    ] {
        if let Some(value) = variables.get(name) {
            all.insert(name.to_owned(), value.clone());
        }
    }
    all
}

/// Navigator's file names the practice server in the place of Anaconda.org; what is there already stays.
fn name_anaconda_org(home: &Path, practice: &Practice) -> std::io::Result<()> {
    let file = home.join(".anaconda/navigator/anaconda-navigator.ini");
    if file.exists() {
        return Ok(());
    }
    fs::create_dir_all(home.join(".anaconda/navigator"))?;
    let text = format!("[main]\nanaconda_api_url = {}\n", practice.anaconda_org_url());
    fs::write(file, text)
}

fn not_set_up(error: &std::io::Error) -> Problem {
    Problem::new(Kind::File, "the demonstration cannot be set up").because(error.to_string())
}

/// A `.condarc` and three environments; what is there already stays.
fn furnish(home: &Path) -> std::io::Result<()> {
    fs::create_dir_all(home)?;
    let condarc = home.join(".condarc");
    if !condarc.exists() {
        fs::write(condarc, CONDARC)?;
    }
    let root = home.join("miniconda3");
    fs::create_dir_all(root.join("condabin"))?;
    let environment = |prefix: &Path, python: &str, packages: &[&str]| -> std::io::Result<()> {
        let meta = prefix.join("conda-meta");
        fs::create_dir_all(&meta)?;
        fs::write(meta.join(format!("python-{python}-h2b_0.json")), "{}")?;
        for package in packages {
            fs::write(meta.join(format!("{package}-py_0.json")), "{}")?;
        }
        Ok(())
    };
    environment(
        &root,
        "3.12.4",
        &["conda-26.9.1", "pip-26.2", "ca-certificates-2026.10.1"],
    )?;
    environment(
        &root.join("envs/forecast"),
        "3.11.9",
        &[
            "numpy-2.3.1",
            "pandas-3.0.0",
            "scikit-learn-1.8.0",
            "prophet-1.2.1",
            "pip-26.2",
        ],
    )?;
    environment(
        &root.join("envs/etl"),
        "3.13.2",
        &["polars-1.34.0", "pyarrow-22.0.0"],
    )?;
    let listed = home.join(".conda/environments.txt");
    if !listed.exists() {
        fs::create_dir_all(home.join(".conda"))?;
        fs::write(listed, format!("{}\n", root.display()))?;
    }
    Ok(())
}
