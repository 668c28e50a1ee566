//! Changing the settings of Preferences: one plan, one entry of the history, whichever files they stand in.

use super::Preferences;
use super::described::described;
use super::settings::Settings;
use crate::edit::history::Entry;
use crate::navigator::{NavigatorError, NavigatorFile};
use crate::repository::{BinstarApi, Domain};
use crate::service::configuration::{ConfigurationFile, SettingChange};
use crate::service::connection::Service;
use crate::service::plan::{Owner, Plan};
use crate::service::trust::Trust;
use crate::service::{ServiceError, Services, blocking};

/// The kind of the entry in the history.
pub(crate) const KIND: &str = "preferences";

impl Services {
    /// What going from the settings as they were shown to others will change, in one plan over all files. Only what
    /// differs between the two is touched, so that what another program changed meanwhile stays.
    ///
    /// Errors: [`ServiceError::DomainInUse`] for a domain that one is signed in to, [`ServiceError::Domain`] for what is
    /// no domain, and whatever keeps a file from being changed.
    pub fn plan_preferences(&self, from: &Settings, to: &Settings) -> Result<Plan, ServiceError> {
        self.refuse_domains_in_use(from, to)?;
        blocking(|| {
            let what = described(from, to);
            let mut plan = match conda_change(from, to) {
                Some(change) => self.plan_settings(&what, &[change])?,
                None => Plan::new(KIND, what.clone()),
            };
            plan.kind = KIND;
            plan.what = what;
            self.plan_trust(&mut plan, from, to)?;
            if from.own != to.own {
                // The file, read anew: another window may have changed something else in it.
                let present = self.preferences()?;
                let own = merged(&present, &from.own, &to.own);
                self.allow_proxy(&own)?;
                plan.put(self.preferences_path(), Owner::Sextant, Some(own.written()?))?;
            }
            self.plan_navigator_preferences(&mut plan, from, to)?;
            self.allowed(&plan)?;
            Ok(plan)
        })
    }

    /// Executes the plan of [`Services::plan_preferences`].
    pub async fn change_preferences(&self, plan: &Plan) -> Result<Entry, ServiceError> {
        // What sign-ins remember of `.condarc` stays: this is the person's own change, and signing out keeps it.
        self.commit_files(plan, None, |_, _| {}).await
    }

    /// Whether an entry of the history changed the server domain in Navigator's file.
    pub(crate) fn changed_server_domain(&self, entry: &Entry) -> Result<bool, ServiceError> {
        let path = self.navigator_path();
        let Some(versions) = entry.files.iter().find(|versions| versions.path == path) else {
            return Ok(false);
        };
        let domain = |version| -> Result<Option<String>, ServiceError> {
            let content = self.version_content(&path, version)?.unwrap_or_default();
            // What cannot be read has no domain.
            Ok(NavigatorFile::parse(&content).ok().and_then(|file| file.domain()))
        };
        Ok(domain(versions.before.as_ref())? != domain(versions.after.as_ref())?)
    }

    fn refuse_domains_in_use(&self, from: &Settings, to: &Settings) -> Result<(), ServiceError> {
        let connections = self.connections()?;
        for (service, before, after) in [
            (Service::Server, &from.server_domain, &to.server_domain),
            (Service::Repository, &from.repository, &to.repository),
        ] {
            if before != after
                && let Some(connection) = connections.of(service)
            {
                return Err(ServiceError::DomainInUse {
                    domain: connection.domain.clone(),
                });
            }
        }
        Ok(())
    }

    /// The CA file belongs to the server whose domain is set afterwards.
    fn plan_trust(&self, plan: &mut Plan, from: &Settings, to: &Settings) -> Result<(), ServiceError> {
        if from.ca_file == to.ca_file && from.server_domain == to.server_domain {
            return Ok(());
        }
        let Some(domain) = &to.server_domain else {
            return Ok(());
        };
        let domain = Domain::parse(domain)?;
        let before = self.trust_of(&domain)?;
        let trust = Trust {
            ca_file: to.ca_file.clone(),
            ..before.clone()
        };
        if trust == before {
            return Ok(());
        }
        self.check_trust(&trust)?;
        let content = self.trust_file_with(&domain, trust)?;
        Ok(plan.put(self.trust_path(), Owner::Sextant, content)?)
    }

    fn plan_navigator_preferences(
        &self,
        plan: &mut Plan,
        from: &Settings,
        to: &Settings,
    ) -> Result<(), ServiceError> {
        let server = to.server_domain.as_deref().map(Domain::parse).transpose()?;
        let anaconda_org = api(to.anaconda_org.as_deref())?;
        let repository = api(to.repository.as_deref())?;
        let names = to.own.navigator_names.generation();
        let changes_names = from.own.navigator_names != to.own.navigator_names;
        let differs = |file: &mut NavigatorFile| -> Result<(), NavigatorError> {
            if changes_names {
                *file = file.clone().with_generation(names);
                if let Some(generation) = names {
                    file.carry_over(generation)?;
                }
            }
            if from.server_domain != to.server_domain {
                file.set_domain(server.as_ref().map(Domain::as_str))?;
            }
            if from.anaconda_org != to.anaconda_org {
                file.set_anaconda_api_url(anaconda_org.as_ref().map(BinstarApi::as_str))?;
            }
            if from.repository != to.repository {
                file.set_repository_api_url(repository.as_ref().map(BinstarApi::as_str))?;
            }
            if from.shows_hidden_channels != to.shows_hidden_channels {
                file.set_shows_hidden_channels(to.shows_hidden_channels)?;
            }
            if from.is_offline != to.is_offline {
                file.set_offline_mode(to.is_offline)?;
            }
            if from.default_environment != to.default_environment {
                let prefix = to
                    .default_environment
                    .as_ref()
                    .map(|prefix| prefix.display().to_string());
                file.set_default_environment(prefix.as_deref())?;
            }
            Ok(())
        };
        let is_about_navigator = changes_names
            || Settings {
                conda_trust: from.conda_trust.clone(),
                ca_file: from.ca_file.clone(),
                own: from.own.clone(),
                ..to.clone()
            } != *from;
        if is_about_navigator {
            self.plan_navigator(plan, differs)?;
        }
        Ok(())
    }
}

fn api(address: Option<&str>) -> Result<Option<BinstarApi>, ServiceError> {
    Ok(address.map(BinstarApi::parse).transpose()?)
}

fn conda_change(from: &Settings, to: &Settings) -> Option<SettingChange> {
    (from.conda_trust != to.conda_trust).then(|| SettingChange {
        file: ConfigurationFile::Conda,
        key: "ssl_verify".to_owned(),
        value: Some(to.conda_trust.written()),
    })
}

/// Every preference that differs between two versions as in the second, the others as they are.
fn merged(present: &Preferences, from: &Preferences, to: &Preferences) -> Preferences {
    fn pick<T: Clone + PartialEq>(present: &T, from: &T, to: &T) -> T {
        if from == to { present.clone() } else { to.clone() }
    }
    Preferences {
        appearance: pick(&present.appearance, &from.appearance, &to.appearance),
        contrast: pick(&present.contrast, &from.contrast, &to.contrast),
        text_size: pick(&present.text_size, &from.text_size, &to.text_size),
        review_before_sign_in: pick(
            &present.review_before_sign_in,
            &from.review_before_sign_in,
            &to.review_before_sign_in,
        ),
        proxy: pick(&present.proxy, &from.proxy, &to.proxy),
        no_proxy: pick(&present.no_proxy, &from.no_proxy, &to.no_proxy),
        offline: pick(&present.offline, &from.offline, &to.offline),
        navigator_names: pick(
            &present.navigator_names,
            &from.navigator_names,
            &to.navigator_names,
        ),
    }
}
