//! What the files of this machine say: who is signed in where, and what is wrong with them. Nothing that is wrong keeps
//! the window from opening.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::error::Problem;
use crate::repository::BinstarApi;
use crate::service::Services;
use crate::service::broken::Trouble;
use crate::service::configuration::ConfigurationFile;
use crate::service::connection::Service;
use crate::service::offline::OfflineReason;
use crate::service::preferences::Preferences;
use crate::service::status::ConnectionStatus;

#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Every sign-in that is in force, whichever program made it.
    pub connections: Vec<ConnectionStatus>,
    /// The services that Sextant itself looks after.
    pub own: Vec<Service>,
    /// Those of them whose token files are gone.
    pub without_token: Vec<Service>,
    /// The domain of a server in Navigator's file.
    pub domain: Option<String>,
    /// The repository in the same file.
    pub repository_api: Option<BinstarApi>,
    /// Nothing when the file is damaged: then it must not be overwritten.
    pub preferences: Option<Preferences>,
    /// Files that cannot be read, each with a way out.
    pub troubles: Vec<Trouble>,
    /// What else is wrong.
    pub problems: Vec<Problem>,
    /// The files that the person can mend here, by editing them.
    pub editable: Vec<(PathBuf, ConfigurationFile)>,
    /// Why nothing is asked of the network.
    pub offline: Option<OfflineReason>,
    pub needs_recovery: bool,
}

impl Standing {
    pub fn read(services: &Services) -> Self {
        let troubles = services.troubles();
        let mut problems = Vec::new();
        let mut note = |problem: Problem| {
            let is_known = troubles.iter().any(|trouble| trouble.problem == problem);
            if !is_known && !problems.contains(&problem) {
                problems.push(problem);
            }
        };
        let connections = match services.status() {
            Ok(status) => status.connections,
            Err(error) => {
                note(error.into());
                Vec::new()
            }
        };
        // What is wrong with that file was noted already.
        let own = services.connections().unwrap_or_default().connections;
        let domain = services
            .domain()
            .map(|shown| shown.domain)
            .unwrap_or_else(|error| {
                note(error.into());
                None
            });
        let repository_api = services.repository_api().unwrap_or_else(|error| {
            note(error.into());
            None
        });
        let preferences = services.preferences().map_err(|error| note(error.into())).ok();
        if let Err(error) = services.chosen_channels() {
            note(error.into());
        }
        Self {
            connections,
            without_token: own
                .iter()
                .filter(|connection| {
                    let files = &connection.token_files;
                    !files.is_empty() && !files.iter().any(|file| file.exists())
                })
                .map(|connection| connection.service)
                .collect(),
            own: own.iter().map(|connection| connection.service).collect(),
            domain,
            repository_api,
            preferences,
            troubles,
            problems,
            editable: [ConfigurationFile::Conda, ConfigurationFile::Navigator]
                .into_iter()
                .filter_map(|file| Some((services.configuration_path(file).ok()?, file)))
                .collect(),
            offline: services.offline(),
            needs_recovery: services.needs_recovery(),
        }
    }

    /// Takes note of something that is wrong.
    pub fn note(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub fn of(&self, service: Service) -> Option<&ConnectionStatus> {
        self.connections
            .iter()
            .find(|connection| connection.service == service)
    }

    fn is_own(&self, service: Service) -> bool {
        self.own.contains(&service)
    }

    /// The repository service that Sextant is signed in to, of which there is one at most.
    pub fn repository(&self) -> Option<&ConnectionStatus> {
        self.connections
            .iter()
            .find(|connection| connection.service.is_repository() && self.is_own(connection.service))
    }

    /// The login of another program whose channels can be chosen here.
    pub fn found(&self) -> Option<&ConnectionStatus> {
        self.connections
            .iter()
            .find(|connection| connection.can_be_taken_over)
    }

    /// The one to name where there is room for one.
    pub fn foremost(&self) -> Option<&ConnectionStatus> {
        let is_repository = |connection: &&ConnectionStatus| connection.service.is_repository();
        self.repository()
            .or_else(|| self.connections.iter().find(is_repository))
            .or_else(|| self.connections.first())
    }

    /// Who is signed in where.
    pub fn names(&self) -> HashMap<Service, String> {
        self.connections
            .iter()
            .filter(|connection| !connection.user.is_empty())
            .map(|connection| (connection.service, connection.user.clone()))
            .collect()
    }

    pub fn reviews_sign_in(&self) -> bool {
        self.preferences
            .as_ref()
            .is_none_or(|preferences| preferences.review_before_sign_in)
    }
}
