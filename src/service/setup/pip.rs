//! pip's index (seed 002, "pip configuration"; repository reference, section 4).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{IndexAddress, IndexLogin, KIND, SetupError, SetupPlan};
use crate::clients::layered::{Origin, SourceValue, Value};
use crate::clients::machine::Machine;
use crate::clients::netrc;
use crate::clients::pip_settings::{self, GLOBAL, PipSettings};
use crate::edit::file::{self, PRIVATE};
use crate::edit::ini::{IniError, IniFile};
use crate::secret::{MASK, Secret, mask_text};
use crate::service::configuration::{ConfigurationError, ConfigurationFile};
use crate::service::plan::{Owner, Plan, PlannedFile, Warning};
use crate::service::{ServiceError, Services, blocking};

const FILE: ConfigurationFile = ConfigurationFile::Pip;

/// How long pip may take to say what it has read.
const PATIENCE: Duration = Duration::from_secs(30);

/// What becomes of the public index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexUse {
    /// It is asked as well: `extra-index-url`. The highest version wins, whoever published it.
    #[default]
    Beside,
    /// It is not asked any more: `index-url`.
    Instead,
}

impl IndexUse {
    /// pip's name for it.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Beside => "extra-index-url",
            Self::Instead => "index-url",
        }
    }
}

/// Which of pip's files, by the names that `pip config` has for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PipLevel {
    /// The person's own: the one in which the setting stands already, else the usual one.
    #[default]
    User,
    /// For everybody on this machine.
    Global,
    /// Of the active environment.
    Site,
}

#[derive(Debug, Clone)]
pub struct PipSetup {
    pub address: IndexAddress,
    pub index_use: IndexUse,
    /// Given by hand; where it must be set, it is set in any case.
    pub trusted_host: Option<String>,
    pub level: PipLevel,
    pub login: Option<IndexLogin>,
}

/// What pip itself says that it has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PipAnswer {
    pub program: PathBuf,
    /// The lines of `pip config list`, secrets masked.
    pub settings: Vec<String>,
    /// It has the address.
    pub has_index: bool,
}

/// The files of one plan.
struct Draft<'a> {
    services: &'a Services,
    machine: &'a Machine,
    plan: Plan,
    level: PipLevel,
    keys: Vec<(PathBuf, String)>,
}

impl Services {
    /// What letting pip use an index will change: the address in the file that has the setting already, `trusted-host` where
    /// the connection is not encrypted, and `.netrc` for a name with its password.
    ///
    /// Errors: [`SetupError`]; [`ConfigurationError`] for a file that pip itself would stop at.
    pub fn plan_pip(&self, setup: &PipSetup) -> Result<SetupPlan, ServiceError> {
        check_trusted_host(setup)?;
        let holds_token = matches!(setup.login, Some(IndexLogin::Token(_)));
        if holds_token && setup.level == PipLevel::Global {
            return Err(SetupError::SecretForEverybody.into());
        }
        blocking(|| {
            let machine = self.machine();
            let address = &setup.address;
            let mut draft = Draft {
                services: self,
                machine: &machine,
                plan: Plan::new(KIND, format!("Let pip use {address}")),
                level: setup.level,
                keys: Vec::new(),
            };
            let written = address.written(setup.login.as_ref());
            match setup.index_use {
                IndexUse::Beside => draft.add("extra-index-url", address.as_str(), written.expose())?,
                IndexUse::Instead => draft.replace("index-url", written.expose())?,
            }
            let trusted = setup.trusted_host.clone();
            let trusted = trusted.or(address.needs_trusted_host().then(|| address.host_and_port()));
            if let Some(host) = trusted.filter(|host| !draft.trusts(host)) {
                draft.add("trusted-host", &host, &host)?;
            }
            // Also where pip was told before that it may go there.
            if address.needs_trusted_host() {
                let host = address.host_and_port();
                let what = match holds_token {
                    true => "packages can be exchanged on the way, and the token be read",
                    false => "packages can be exchanged on the way",
                };
                draft.plan.warnings.push(Warning::with_remedy(
                    format!("the connection to {host} is not encrypted: {what}"),
                    "use https, if the repository offers it",
                ));
            }
            if holds_token {
                draft.restrict()?;
            }
            draft.warn()?;
            let mut plan = draft.plan;
            if let Some(IndexLogin::Password { user, password }) = &setup.login {
                self.plan_netrc(&mut plan, &machine, address.host(), user, password)?;
            }
            if !address.looks_like_an_index() {
                plan.warnings.push(Warning::with_remedy(
                    format!("{address} does not end as an index does"),
                    "the packages of an account are at …/pypi/NAME/simple",
                ));
            }
            let words = format!(
                "setup pip --{} {address} --{}",
                setup.index_use.option(),
                level(setup.level)
            );
            self.parted(plan, &words)
        })
    }

    /// A name and password for a host in `.netrc`, which pip and uv read without being told.
    pub(super) fn plan_netrc(
        &self,
        plan: &mut Plan,
        machine: &Machine,
        host: &str,
        user: &str,
        password: &Secret,
    ) -> Result<(), ServiceError> {
        let path = netrc::path(machine);
        let image = file::read(&path)?;
        let before = image.as_ref().map(|image| image.bytes.clone());
        let after = netrc::with_login(before.as_deref(), host, user, password).map_err(|source| {
            SetupError::Netrc {
                path: path.clone(),
                source,
            }
        })?;
        let mut planned = PlannedFile::new(path, Owner::Netrc, before, Some(after.into_bytes()));
        planned.mode = image.and_then(|image| image.mode).and_then(restricted);
        plan.files.push(planned);
        plan.warnings.push(Warning::new(format!(
            "every program that reads .netrc shows this name and password to {host}, conda among them"
        )));
        Ok(())
    }

    /// Asks the `pip` of this terminal what it has read, to see whether that is what was written.
    ///
    /// Errors: [`SetupError::NoPip`].
    pub fn ask_pip(&self, address: &IndexAddress) -> Result<PipAnswer, ServiceError> {
        let said = blocking(|| config_list(&self.locations().variables))?;
        // The address may have a token in front of its path.
        let (host, path) = (address.host_and_port(), address.as_str());
        let path = path.split_once(&host).map_or(path, |(_, path)| path);
        let has_index = said
            .lines()
            .any(|line| line.contains("index-url") && line.contains(&host) && line.contains(path));
        Ok(PipAnswer {
            program: PathBuf::from("pip"),
            settings: said.lines().map(mask_text).collect(),
            has_index,
        })
    }
}

const fn level(level: PipLevel) -> &'static str {
    match level {
        PipLevel::User => "user",
        PipLevel::Global => "global",
        PipLevel::Site => "site",
    }
}

fn check_trusted_host(setup: &PipSetup) -> Result<(), SetupError> {
    let Some(host) = &setup.trusted_host else {
        return Ok(());
    };
    if !setup.address.is_plain_http() {
        return Err(SetupError::TrustedHostOverTls { host: host.clone() });
    }
    let fits = [setup.address.host().to_owned(), setup.address.host_and_port()];
    match fits.contains(host) {
        true => Ok(()),
        false => Err(SetupError::TrustedHostElsewhere {
            host: host.clone(),
            index: setup.address.to_string(),
        }),
    }
}

/// The mode without the rights of others, where they have any.
fn restricted(mode: u32) -> Option<u32> {
    (mode & 0o077 != 0).then_some(PRIVATE)
}

impl Draft<'_> {
    fn path(&self, option: &str) -> Result<PathBuf, ServiceError> {
        Ok(match self.level {
            PipLevel::User => pip_settings::own_file(self.machine, Some((GLOBAL, option))),
            PipLevel::Global => pip_settings::machine_file(self.machine)
                .ok_or_else(|| ServiceError::Internal("pip has no file for everybody".to_owned()))?,
            PipLevel::Site => {
                pip_settings::environment_file(self.machine).ok_or(SetupError::NoEnvironment)?
            }
        })
    }

    /// The lists of pip's files replace one another: what a file further down has is taken over.
    fn add(&mut self, option: &str, recognised: &str, item: &str) -> Result<(), ServiceError> {
        let path = match self.keys.first() {
            // What has no place yet goes where the index goes.
            Some((path, _)) if !self.stands_in_own_file(option) => path.clone(),
            _ => self.path(option)?,
        };
        let before = self.plan.content(&path)?;
        let settings = PipSettings::planned(self.machine, &path, before.as_deref().unwrap_or_default());
        let explained = settings.explain(GLOBAL, option);
        let own = explained
            .sources
            .iter()
            .find(|source| is_in(&source.origin, &path));
        let items = |value: &Value| -> Vec<String> {
            let Value::List(items) = value else {
                return Vec::new();
            };
            let text = |item: &Value| match item {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            };
            items.iter().filter_map(text).collect()
        };
        let is_known = |known: &String| known == item || same_index(known, recognised);
        let mut file = parse(&path, before.as_deref())?;
        let refused = |error: IniError| not_editable(&path, &error);
        let spelling = own.map_or(option, |source| {
            source.spelling.rsplit_once('.').map_or(option, |(_, name)| name)
        });
        match own.map(|source| items(&source.value)) {
            Some(known) if known.iter().any(|known| known == item) => {}
            Some(known) if known.iter().any(is_known) => {
                // The same index with another token, or without.
                let items = known
                    .iter()
                    .map(|known| if is_known(known) { item } else { known.as_str() });
                let items: Vec<&str> = items.collect();
                file.set(GLOBAL, spelling, &as_value(&items)).map_err(refused)?;
            }
            Some(_) => file.append(GLOBAL, spelling, item).map_err(refused)?,
            None => {
                let below = explained.value.as_ref().map(items).unwrap_or_default();
                let below: Vec<&String> = below.iter().filter(|known| !is_known(known)).collect();
                if let (false, Some(source)) = (below.is_empty(), explained.sources.last()) {
                    self.plan.warnings.push(Warning::new(format!(
                        "{option} of {} is taken over: pip replaces lists, it does not join them",
                        source_name(source)
                    )));
                }
                let items: Vec<&str> = below.into_iter().map(String::as_str).chain([item]).collect();
                file.set(GLOBAL, option, &as_value(&items)).map_err(refused)?;
            }
        }
        self.put(path, option, file.bytes(), before.is_some())
    }

    fn replace(&mut self, option: &str, value: &str) -> Result<(), ServiceError> {
        let path = self.path(option)?;
        let before = self.plan.content(&path)?;
        let after = FILE.changed(
            &path,
            before.as_deref(),
            &format!("{GLOBAL}.{option}"),
            Some(value),
        )?;
        self.put(path, option, after, before.is_some())
    }

    fn put(&mut self, path: PathBuf, option: &str, after: Vec<u8>, exists: bool) -> Result<(), ServiceError> {
        self.keys.push((path.clone(), format!("{GLOBAL}.{option}")));
        if exists || !after.is_empty() {
            self.plan.put(path, Owner::Pip, Some(after))?;
        }
        Ok(())
    }

    fn stands_in_own_file(&self, option: &str) -> bool {
        let Ok(path) = self.path(option) else { return false };
        let explained = PipSettings::read(self.machine).explain(GLOBAL, option);
        explained
            .sources
            .iter()
            .any(|source| is_in(&source.origin, &path))
    }

    /// Whether pip goes there already, whatever the port.
    fn trusts(&self, host: &str) -> bool {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let trusted = PipSettings::read(self.machine)
            .explain(GLOBAL, "trusted-host")
            .value;
        let Some(Value::List(hosts)) = trusted else {
            return false;
        };
        hosts
            .iter()
            .any(|known| matches!(known, Value::Text(text) if text == host || text == name))
    }

    /// Nobody else reads the file that gets the token.
    fn restrict(&mut self) -> Result<(), ServiceError> {
        for planned in &mut self.plan.files {
            let mode = file::read(&planned.path)?.and_then(|image| image.mode);
            planned.mode = mode.and_then(restricted);
        }
        Ok(())
    }

    fn warn(&mut self) -> Result<(), ServiceError> {
        for (path, key) in &self.keys {
            let Some(planned) = self.plan.files.iter().find(|planned| planned.path == *path) else {
                continue;
            };
            let content = planned.after.as_deref().unwrap_or_default();
            for warning in self
                .services
                .effects(FILE, path, content, std::slice::from_ref(key))?
            {
                if !self.plan.warnings.contains(&warning) {
                    self.plan.warnings.push(warning);
                }
            }
        }
        Ok(())
    }
}

/// One item stands beside the name, several below it.
fn as_value(items: &[&str]) -> String {
    match items {
        [one] => (*one).to_owned(),
        many => format!("\n{}", many.join("\n")),
    }
}

/// Whether an address is that of the index, whatever token or name stands in it.
fn same_index(known: &str, address: &str) -> bool {
    let bare = |text: &str| {
        let masked = mask_text(text);
        let without = masked.replace(&format!("/t/{}", MASK), "");
        without
            .replace(&format!("{}@", MASK), "")
            .trim_end_matches('/')
            .to_owned()
    };
    bare(known) == bare(address)
}

fn is_in(origin: &Origin, path: &Path) -> bool {
    matches!(origin, Origin::File { path: file, .. } if file == path)
}

fn source_name(source: &SourceValue) -> String {
    match &source.origin {
        Origin::File { path, .. } => path.display().to_string(),
        Origin::Variable { name } => name.clone(),
    }
}

fn parse(path: &Path, bytes: Option<&[u8]>) -> Result<IniFile, ServiceError> {
    match bytes {
        None => Ok(IniFile::empty()),
        Some(bytes) => pip_settings::parse(bytes).map_err(|reason| {
            ConfigurationError::NotEditable {
                path: path.to_owned(),
                reason,
            }
            .into()
        }),
    }
}

fn not_editable(path: &Path, error: &IniError) -> ServiceError {
    ConfigurationError::NotEditable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
    .into()
}

/// What `pip config list` prints.
fn config_list(variables: &BTreeMap<String, String>) -> Result<String, SetupError> {
    let no_pip = |reason: String| SetupError::NoPip { reason };
    let mut child = Command::new("pip")
        .args(["config", "list", "--disable-pip-version-check"])
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| no_pip(error.to_string()))?;
    let latest = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if Instant::now() < latest => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(no_pip("it does not answer".to_owned()));
            }
            Err(error) => return Err(no_pip(error.to_string())),
        }
    }
    let ended = child
        .wait_with_output()
        .map_err(|error| no_pip(error.to_string()))?;
    match ended.status.success() {
        true => Ok(String::from_utf8_lossy(&ended.stdout).into_owned()),
        false => {
            let said = String::from_utf8_lossy(&ended.stderr);
            let line = said
                .lines()
                .rfind(|line| !line.trim().is_empty())
                .unwrap_or_default();
            Err(no_pip(mask_text(line.trim())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_the_same_whatever_lets_one_in() {
        let address = "https://h:8080/pypi/o/simple";
        for same in [
            "https://h:8080/pypi/o/simple/",
            "https://h:8080/t/tk-1/pypi/o/simple",
            "https://u:p@h:8080/pypi/o/simple",
        ] {
            assert!(same_index(same, address), "{same}");
        }
        assert!(!same_index("https://h:8080/pypi/other/simple", address));
    }
}
