//! Writing down what an environment holds, so that it can be made again elsewhere.
//!
//! No address that is written holds a secret: whoever reads the file has to be let in by a login of their own.

mod explicit;
mod yml;

use std::path::Path;

use serde::Serialize;

use super::listing::Names;
use super::protect::shown;
use crate::conda::channel::ChannelEntry;
use crate::conda::configuration::Configuration;
use crate::conda::environment::history::History;
use crate::conda::environment::{self, Environment, EnvironmentError, Installed, variables};
use crate::conda::setting::Key;
use crate::package::lock;
use crate::package::solve;
use crate::service::plan::Warning;
use crate::service::{ServiceError, Services, blocking};

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// `environment.yml` with every package, as `conda env export`.
    Yml {
        /// Whether builds are named, which fits one platform only.
        builds: bool,
    },
    /// `environment.yml` with what was asked for, as `conda env export --from-history`.
    FromHistory,
    /// Addresses with checksums, for one platform (`@EXPLICIT`).
    Explicit,
    /// A lock file of pixi and rattler, with addresses and checksums.
    Lock,
}

impl ExportFormat {
    /// The usual name of such a file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Yml { .. } | Self::FromHistory => "environment.yml",
            Self::Explicit => "explicit.txt",
            Self::Lock => "pixi.lock",
        }
    }
}

/// What was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    pub text: String,
    /// What the form cannot hold.
    pub warnings: Vec<Warning>,
}

/// What an environment is, for every form.
struct Contents {
    environment: Environment,
    installed: Installed,
    /// The platform that it is for.
    subdir: String,
}

impl Services {
    /// What an environment holds, written down.
    ///
    /// Errors: [`EnvironmentError::NotAnEnvironment`]; [`EnvironmentError::WithoutAddress`] where a form needs the address of
    /// every package; file errors.
    pub fn export_environment(&self, prefix: &Path, format: ExportFormat) -> Result<Exported, ServiceError> {
        blocking(|| {
            let contents = self.contents(prefix)?;
            match format {
                ExportFormat::Yml { builds } => self.as_yml(&contents, builds),
                ExportFormat::FromHistory => self.as_requested(&contents),
                ExportFormat::Explicit => explicit::write(&contents.installed, &contents.subdir),
                ExportFormat::Lock => self.as_lock(&contents),
            }
        })
    }

    fn contents(&self, prefix: &Path) -> Result<Contents, ServiceError> {
        let not_one = || EnvironmentError::NotAnEnvironment {
            prefix: prefix.to_owned(),
        };
        let environment = environment::at(&self.surroundings(), prefix).ok_or_else(not_one)?;
        let installed = environment::installed::read(prefix)?;
        let configuration = Configuration::read(&self.surroundings());
        let native = installed.conda().map(|package| package.subdir.as_str());
        let native = native
            .into_iter()
            .find(|subdir| !matches!(*subdir, "" | "noarch"));
        Ok(Contents {
            subdir: native.map_or_else(|| configuration.subdir(), str::to_owned),
            environment,
            installed,
        })
    }

    fn as_yml(&self, contents: &Contents, builds: bool) -> Result<Exported, ServiceError> {
        let configuration = Configuration::read(&self.surroundings());
        let resolver = configuration.resolver();
        let mut names = Names::new(&resolver);
        let mut channels: Vec<String> = Vec::new();
        let mut dependencies = Vec::new();
        for package in contents.installed.conda() {
            let channel = names.of(package);
            if !channel.is_empty() && channel != "<unknown>" && !channels.contains(&channel) {
                channels.push(channel);
            }
            let version = format!("{}={}", package.name, package.version);
            dependencies.push(match builds {
                true => format!("{version}={}", package.build),
                false => version,
            });
        }
        for channel in configured(&configuration) {
            if !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        let pip = contents.installed.pypi();
        let document = yml::Document {
            name: shown(&contents.environment),
            channels,
            dependencies,
            pip: pip
                .map(|package| format!("{}=={}", package.name, package.version))
                .collect(),
            variables: variables::read(&contents.environment.prefix)?,
            prefix: contents.environment.prefix.display().to_string(),
        };
        Ok(Exported {
            warnings: damaged(&contents.installed),
            text: document.to_text(),
        })
    }

    fn as_requested(&self, contents: &Contents) -> Result<Exported, ServiceError> {
        let prefix = &contents.environment.prefix;
        let names = contents.installed.conda().map(|package| package.name.as_str());
        let requested = History::read(prefix)?.requested_specs(names);
        let document = yml::Document {
            name: shown(&contents.environment),
            channels: configured(&Configuration::read(&self.surroundings())),
            dependencies: requested.iter().map(|spec| yml::of_spec(&spec.spec)).collect(),
            pip: Vec::new(),
            variables: variables::read(prefix)?,
            prefix: prefix.display().to_string(),
        };
        let mut warnings = damaged(&contents.installed);
        if requested.is_empty() {
            warnings.push(Warning::with_remedy(
                "the history of this environment tells of nothing that was asked for",
                "write down every package instead: --format yml",
            ));
        }
        warnings.extend(about_pip(&contents.installed));
        Ok(Exported {
            text: document.to_text(),
            warnings,
        })
    }

    fn as_lock(&self, contents: &Contents) -> Result<Exported, ServiceError> {
        let installed = solve::Installed::read(&contents.environment.prefix)?;
        explicit::check_addresses(&contents.installed)?;
        // Those that are searched come in their order, others behind them.
        let configuration = Configuration::read(&self.surroundings());
        let searched = configuration.searched().unwrap_or_default();
        let mut channels: Vec<String> = Vec::new();
        let used = installed.channels();
        let searched = searched.iter().map(|searched| searched.channel.url());
        for channel in searched
            .filter(|channel| used.contains(channel))
            .chain(used.clone())
        {
            if !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        let mut warnings = damaged(&contents.installed);
        warnings.extend(about_pip(&contents.installed));
        Ok(Exported {
            text: lock::write(&installed, &channels, &contents.subdir)?,
            warnings,
        })
    }
}

/// The channels that conda searches, as its configuration has them, without secrets.
fn configured(configuration: &Configuration) -> Vec<String> {
    let value = configuration.explain(Key::Channels).value;
    let mut channels: Vec<String> = Vec::new();
    for item in value.items() {
        let channel = match ChannelEntry::from_text(item.expose()) {
            ChannelEntry::Url(url) => url.public(),
            entry => crate::secret::mask_text(&entry.expose()),
        };
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    channels
}

fn damaged(installed: &Installed) -> Vec<Warning> {
    let told = |(path, reason): &(std::path::PathBuf, String)| {
        Warning::new(format!("{} is left out: {reason}", path.display()))
    };
    installed.damaged.iter().map(told).collect()
}

fn about_pip(installed: &Installed) -> Option<Warning> {
    let names: Vec<&str> = installed.pypi().map(|package| package.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        Warning::with_remedy(
            format!("what pip has installed is left out: {}", names.join(", ")),
            "write down every package with its version instead: --format yml",
        )
    })
}
