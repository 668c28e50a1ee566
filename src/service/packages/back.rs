//! Undoing a change of packages: the environment gets back what it held, and conda's history what was asked for.

use std::path::{Path, PathBuf};

use super::plan::ChangePlan;
use crate::conda::configuration::Configuration;
use crate::conda::environment::history::RequestedSpec;
use crate::package::solve::{self, Installed};
use crate::package::{ChangeSpecs, Channel, ChannelNames};
use crate::service::{ServiceError, Services, blocking};

/// What an environment held at some moment.
#[derive(Debug, Clone)]
pub struct Earlier {
    pub(super) prefix: PathBuf,
    pub(super) installed: Installed,
    pub(super) requested: Vec<RequestedSpec>,
}

impl Earlier {
    pub fn prefix(&self) -> &Path {
        &self.prefix
    }
}

impl Services {
    /// What an environment holds now, to be able to come back to it.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn remember_environment(&self, prefix: &Path) -> Result<Earlier, ServiceError> {
        let requested = self.requested_specs(prefix)?;
        Ok(Earlier {
            installed: blocking(|| Installed::read(prefix))?,
            prefix: prefix.to_owned(),
            requested,
        })
    }

    /// What it takes to bring an environment back to what it held. Asks no network; what is no longer in the package cache
    /// is fetched when the plan is carried out.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn plan_earlier(&self, earlier: &Earlier) -> Result<ChangePlan, ServiceError> {
        let present = self.remember_environment(&earlier.prefix)?;
        let is_known = |specs: &[RequestedSpec], spec: &RequestedSpec| specs.contains(spec);
        let is_asked = |specs: &[RequestedSpec], name: &str| specs.iter().any(|spec| spec.name == name);
        let lost = earlier
            .requested
            .iter()
            .filter(|spec| !is_known(&present.requested, spec));
        let new = present
            .requested
            .iter()
            .filter(|spec| !is_asked(&earlier.requested, &spec.name));
        let history = ChangeSpecs {
            update: lost.map(|spec| spec.spec.clone()).collect(),
            remove: new.map(|spec| spec.name.clone()).collect(),
            neutered: Vec::new(),
        };
        let requested = earlier.requested.iter().map(|spec| spec.spec.clone()).collect();
        blocking(|| {
            let resolver = Configuration::read(&self.surroundings()).resolver();
            let channels = [&earlier.installed, &present.installed].map(Installed::channels);
            let named = channels.into_iter().flatten().filter_map(|url| {
                let name = resolver.channel_at(&url)?.canonical_name().to_owned();
                Some(Channel { name, url })
            });
            let solved = solve::back(
                &earlier.prefix,
                &present.installed,
                &earlier.installed,
                requested,
                history,
                &ChannelNames::new(named),
            );
            Ok(self.plan_of(solved, Vec::new()))
        })
    }
}
