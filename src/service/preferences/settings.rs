//! What Preferences show: each setting as it stands, where it stands, and what keeps it from being changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Preferences;
use crate::conda::configuration::Configuration;
use crate::conda::network::SslVerify;
use crate::edit::file;
use crate::error::{Explain, Problem};
use crate::navigator::NavigatorFile;
use crate::repository::Domain;
use crate::service::configuration::{ConfigurationFile, Explained, Origin, SettingValue};
use crate::service::connection::Service;
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services, blocking};

/// A setting on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    ServerDomain,
    AnacondaOrgDomain,
    RepositoryDomain,
    HiddenChannels,
    CondaTrust,
    CaFile,
    Proxy,
    NoProxy,
    Offline,
    DefaultEnvironment,
    Appearance,
    Contrast,
    TextSize,
    ReviewBeforeSignIn,
    NavigatorNames,
}

impl Field {
    /// In the order of the page.
    pub const ALL: [Self; 15] = [
        Self::ServerDomain,
        Self::AnacondaOrgDomain,
        Self::RepositoryDomain,
        Self::HiddenChannels,
        Self::CondaTrust,
        Self::CaFile,
        Self::Proxy,
        Self::NoProxy,
        Self::Offline,
        Self::DefaultEnvironment,
        Self::Appearance,
        Self::Contrast,
        Self::TextSize,
        Self::ReviewBeforeSignIn,
        Self::NavigatorNames,
    ];
}

/// Whom conda trusts: its `ssl_verify` (repository reference, section 3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CondaTrust {
    /// `true`: the authorities that come with it.
    Bundled,
    /// `truststore`: those of the operating system.
    System,
    /// Those in this file or folder.
    File(PathBuf),
    /// `false`: anybody. It can be left, not chosen.
    Anybody,
}

impl CondaTrust {
    /// As it stands in a `.condarc`.
    pub fn written(&self) -> String {
        match self {
            Self::Bundled => "true".to_owned(),
            Self::System => "truststore".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Anybody => "false".to_owned(),
        }
    }
}

/// Everything that Preferences decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// **PSM On-Prem API domain**.
    pub server_domain: Option<String>,
    /// The address of the API of Anaconda.org; nothing is Navigator's default.
    pub anaconda_org: Option<String>,
    /// The address of the API of an Anaconda Repository (Enterprise 4).
    pub repository: Option<String>,
    pub shows_hidden_channels: bool,
    pub conda_trust: CondaTrust,
    /// Of the server at `server_domain`: trusted beside those of the operating system.
    pub ca_file: Option<PathBuf>,
    pub is_offline: bool,
    pub default_environment: Option<PathBuf>,
    pub own: Preferences,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Default,
    File { path: PathBuf, line: Option<usize> },
    Variable { name: String },
}

/// Why a setting cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    pub reason: String,
    pub remedy: Option<String>,
}

/// What is known about a setting beside its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub source: Source,
    /// What overrides it, or has another effect than it seems.
    pub notes: Vec<Warning>,
    pub lock: Option<Lock>,
}

/// The page's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub settings: Settings,
    facts: BTreeMap<Field, Facts>,
    /// Files that cannot be read; what stands in them is locked. [`Services::troubles`] knows the ways out of them.
    pub problems: Vec<Problem>,
}

impl Shown {
    pub fn facts(&self, field: Field) -> Option<&Facts> {
        self.facts.get(&field)
    }

    pub fn lock(&self, field: Field) -> Option<&Lock> {
        self.facts(field)?.lock.as_ref()
    }
}

/// The settings in other programs' files, with the names by which their sources are asked for.
const EXPLAINED: [(Field, ConfigurationFile, &str); 7] = [
    (
        Field::ServerDomain,
        ConfigurationFile::Navigator,
        "main.anaconda_server_api_url",
    ),
    (
        Field::AnacondaOrgDomain,
        ConfigurationFile::Navigator,
        "main.anaconda_api_url",
    ),
    (
        Field::RepositoryDomain,
        ConfigurationFile::Navigator,
        "main.enterprise_4_repo_api_url",
    ),
    (
        Field::HiddenChannels,
        ConfigurationFile::Navigator,
        "main.anaconda_server_show_hidden_channels",
    ),
    (Field::Offline, ConfigurationFile::Navigator, "main.offline_mode"),
    (
        Field::DefaultEnvironment,
        ConfigurationFile::Navigator,
        "main.default_env",
    ),
    (Field::CondaTrust, ConfigurationFile::Conda, "ssl_verify"),
];

impl Services {
    /// Every setting of Preferences as it stands now. Reads files and asks no network.
    pub fn settings(&self) -> Shown {
        blocking(|| Reading::new(self).read())
    }
}

struct Reading<'a> {
    services: &'a Services,
    facts: BTreeMap<Field, Facts>,
    problems: Vec<Problem>,
    /// conda's `ssl_verify` is `truststore`.
    uses_system_store: bool,
}

impl<'a> Reading<'a> {
    fn new(services: &'a Services) -> Self {
        Self {
            services,
            facts: BTreeMap::new(),
            problems: Vec::new(),
            uses_system_store: false,
        }
    }

    fn read(mut self) -> Shown {
        self.explain();
        let navigator = self.navigator();
        let own = self.own();
        let server_domain = navigator.domain();
        let ca_file = self.ca_file(server_domain.as_deref());
        self.lock_domains_in_use();
        self.lock_what_is_decided();
        let settings = Settings {
            anaconda_org: navigator.anaconda_api_url(),
            repository: navigator.repository_api_url(),
            shows_hidden_channels: navigator.shows_hidden_channels(),
            is_offline: own.offline.unwrap_or(navigator.offline_mode()),
            default_environment: navigator.default_environment().map(PathBuf::from),
            conda_trust: self.conda_trust(),
            server_domain,
            ca_file,
            own,
        };
        Shown {
            settings,
            facts: self.facts,
            problems: self.problems,
        }
    }

    /// Sources and hindrances of what stands in other programs' files.
    fn explain(&mut self) {
        let asked: Vec<_> = EXPLAINED.iter().map(|(_, file, key)| (*file, *key)).collect();
        let explained = self.services.explain_all(&asked);
        for ((field, ..), explained) in EXPLAINED.into_iter().zip(explained) {
            let facts = match explained {
                Ok(explained) => {
                    if field == Field::CondaTrust {
                        self.uses_system_store = matches!(&explained.value, Some(SettingValue::Text(text)) if text == "truststore");
                    }
                    Facts {
                        source: source_of(&explained),
                        notes: explained.hindrances,
                        lock: None,
                    }
                }
                // What cannot be read is told below.
                Err(_) => Facts::of(Source::Default),
            };
            self.facts.insert(field, facts);
        }
    }

    fn navigator(&mut self) -> NavigatorFile {
        let path = self.services.navigator_path();
        let read = file::read(&path)
            .map_err(ServiceError::from)
            .and_then(|image| match image {
                Some(image) => NavigatorFile::parse(&image.bytes).map_err(ServiceError::in_navigator(&path)),
                None => Ok(NavigatorFile::empty()),
            });
        match read {
            Ok(navigator) => navigator.with_generation(self.services.navigator_generation()),
            Err(error) => {
                let fields = EXPLAINED
                    .iter()
                    .filter(|(_, file, _)| *file == ConfigurationFile::Navigator);
                let fields: Vec<Field> = fields.map(|(field, ..)| *field).collect();
                self.fail(&error, &path, &fields);
                NavigatorFile::empty()
            }
        }
    }

    fn own(&mut self) -> Preferences {
        const FIELDS: [Field; 7] = [
            Field::Appearance,
            Field::Contrast,
            Field::TextSize,
            Field::ReviewBeforeSignIn,
            Field::NavigatorNames,
            Field::Proxy,
            Field::NoProxy,
        ];
        let path = self.services.preferences_path();
        let (preferences, error) = match self.services.preferences() {
            Ok(preferences) => (preferences, None),
            Err(error) => (Preferences::default(), Some(error)),
        };
        let usual = Preferences::default();
        let is_usual = |field: Field| match field {
            Field::Appearance => preferences.appearance == usual.appearance,
            Field::Contrast => preferences.contrast == usual.contrast,
            Field::TextSize => preferences.text_size == usual.text_size,
            Field::ReviewBeforeSignIn => preferences.review_before_sign_in == usual.review_before_sign_in,
            Field::NavigatorNames => preferences.navigator_names == usual.navigator_names,
            Field::Proxy => preferences.proxy == usual.proxy,
            _ => preferences.no_proxy == usual.no_proxy,
        };
        for field in FIELDS {
            let source = if is_usual(field) {
                Source::Default
            } else {
                Source::File {
                    path: path.clone(),
                    line: None,
                }
            };
            self.facts.insert(field, Facts::of(source));
        }
        if preferences.offline.is_some() {
            let source = Source::File { path, line: None };
            self.facts.insert(Field::Offline, Facts::of(source));
        }
        if let Some(error) = error {
            self.fail(&error, &self.services.preferences_path(), &FIELDS);
        }
        preferences
    }

    fn ca_file(&mut self, server: Option<&str>) -> Option<PathBuf> {
        self.facts.insert(Field::CaFile, Facts::of(Source::Default));
        let Some(Ok(domain)) = server.map(Domain::parse) else {
            return None;
        };
        match self.services.trust_of(&domain) {
            Ok(trust) => {
                if trust.ca_file.is_some() {
                    let source = Source::File {
                        path: self.services.trust_path(),
                        line: None,
                    };
                    self.facts.insert(Field::CaFile, Facts::of(source));
                }
                trust.ca_file
            }
            Err(error) => {
                self.fail(&error, &self.services.trust_path(), &[Field::CaFile]);
                None
            }
        }
    }

    fn conda_trust(&self) -> CondaTrust {
        let configuration = Configuration::read(&self.services.surroundings());
        match configuration.ssl_verify().value {
            SslVerify::Usual if self.uses_system_store => CondaTrust::System,
            SslVerify::Usual => CondaTrust::Bundled,
            SslVerify::Nobody => CondaTrust::Anybody,
            SslVerify::Path(path) => CondaTrust::File(path),
        }
    }

    /// The token and the channels in use belong to the domain.
    fn lock_domains_in_use(&mut self) {
        let Ok(connections) = self.services.connections() else {
            return;
        };
        for (service, field) in [
            (Service::Server, Field::ServerDomain),
            (Service::Repository, Field::RepositoryDomain),
        ] {
            if let Some(connection) = connections.of(service)
                && let Some(facts) = self.facts.get_mut(&field)
            {
                facts.lock = Some(Lock {
                    reason: format!("you are signed in to {}", connection.domain),
                    remedy: Some("sign out to change the domain".to_owned()),
                });
            }
        }
    }

    /// What an administrator decided, with the reason. A policy that cannot be read is told where something is changed.
    fn lock_what_is_decided(&mut self) {
        use crate::service::policy::Field as Decided;
        let Ok(policy) = self.services.policy() else {
            return;
        };
        for (decided, fields) in [
            (Decided::Domain, &[Field::ServerDomain][..]),
            (Decided::CaFile, &[Field::CaFile]),
            (Decided::Proxy, &[Field::Proxy, Field::NoProxy]),
        ] {
            let Some(lock) = policy.lock(decided) else {
                continue;
            };
            for field in fields {
                let facts = self
                    .facts
                    .entry(*field)
                    .or_insert_with(|| Facts::of(Source::Default));
                facts.lock = Some(Lock {
                    reason: lock.reason.clone(),
                    remedy: lock
                        .contact
                        .as_ref()
                        .map(|contact| format!("ask {contact} about it")),
                });
            }
        }
    }

    /// A file that cannot be read locks what stands in it.
    fn fail(&mut self, error: &ServiceError, path: &Path, fields: &[Field]) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        for field in fields {
            let facts = self
                .facts
                .entry(*field)
                .or_insert_with(|| Facts::of(Source::Default));
            // That says it all.
            facts.notes.clear();
            facts.lock = Some(Lock {
                reason: format!("{name} cannot be read"),
                remedy: None,
            });
        }
        self.problems.push(error.explain());
    }
}

impl Facts {
    fn of(source: Source) -> Self {
        Self {
            source,
            notes: Vec::new(),
            lock: None,
        }
    }
}

fn source_of(explained: &Explained) -> Source {
    match explained.decided_by().map(|source| &source.origin) {
        None | Some(Origin::CommandLine) => Source::Default,
        Some(Origin::File { path, line }) => Source::File {
            path: path.clone(),
            line: *line,
        },
        Some(Origin::Variable { name }) => Source::Variable { name: name.clone() },
    }
}
