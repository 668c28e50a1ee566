//! What environments there are, and what is in each.

use std::collections::HashMap;
use std::path::Path;

use crate::conda::configuration::Configuration;
use crate::conda::environment::history::{History, RequestedSpec};
use crate::conda::environment::{self, Environment, Found, Installed, InstalledPackage};
use crate::conda::resolution::Resolver;
use crate::service::{ServiceError, Services, blocking};

impl Services {
    /// Every environment that conda left a trace of, base installations first. Asks no network and no conda.
    pub fn environments(&self) -> Vec<Environment> {
        blocking(|| environment::list(&self.surroundings()))
    }

    /// The same, and the lines of `environments.txt` that lead nowhere.
    pub fn find_environments(&self) -> Found {
        blocking(|| environment::find(&self.surroundings()))
    }

    /// The packages of an environment, those that pip has installed too. Channels are called what conda calls them.
    ///
    /// Errors: [`EnvironmentError::NotAnEnvironment`](crate::conda::environment::EnvironmentError::NotAnEnvironment).
    pub fn installed(&self, prefix: &Path) -> Result<Installed, ServiceError> {
        blocking(|| {
            let mut installed = environment::installed::read(prefix)?;
            let resolver = Configuration::read(&self.surroundings()).resolver();
            let mut names = Names::new(&resolver);
            for package in &mut installed.packages {
                if package.is_conda() {
                    package.channel = names.of(package);
                }
            }
            Ok(installed)
        })
    }

    /// What the person has asked for, of what is there.
    ///
    /// Errors: [`EnvironmentError::NotAnEnvironment`](crate::conda::environment::EnvironmentError::NotAnEnvironment); file
    /// errors.
    pub fn requested_specs(&self, prefix: &Path) -> Result<Vec<RequestedSpec>, ServiceError> {
        blocking(|| {
            let installed = environment::installed::read(prefix)?;
            let names = installed.conda().map(|package| package.name.as_str());
            Ok(History::read(prefix)?.requested_specs(names))
        })
    }
}

/// What conda calls the channels that stand in records; most packages share one.
pub(super) struct Names<'a> {
    resolver: &'a Resolver,
    known: HashMap<String, String>,
}

impl<'a> Names<'a> {
    pub fn new(resolver: &'a Resolver) -> Self {
        Self {
            resolver,
            known: HashMap::new(),
        }
    }

    pub fn of(&mut self, package: &InstalledPackage) -> String {
        let written = match package.channel.as_str() {
            "" | "<unknown>" => package.url.as_deref().unwrap_or(&package.channel),
            channel => channel,
        };
        if let Some(known) = self.known.get(written) {
            return known.clone();
        }
        let resolution = match written.contains("://") {
            true => self.resolver.channel_at(written),
            false => self.resolver.resolve_text(written).channels.into_iter().next(),
        };
        let name = match resolution {
            Some(channel) => channel.canonical_name().to_owned(),
            None => written.to_owned(),
        };
        self.known.insert(written.to_owned(), name.clone());
        name
    }
}
