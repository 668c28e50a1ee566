//! What the files of this machine say: who is signed in where, and what is wrong with them. Nothing that is wrong keeps
//! the window from opening.

use crate::error::Problem;
use crate::service::Services;
use crate::service::connection::Service;
use crate::service::preferences::{Appearance, Preferences};
use crate::service::status::ConnectionStatus;
use crate::ui::theme::Preference;

#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Every sign-in that is in force, whichever program made it.
    pub connections: Vec<ConnectionStatus>,
    /// The domain in Navigator's file.
    pub domain: Option<String>,
    /// Nothing when the file is damaged: then it must not be overwritten.
    pub preferences: Option<Preferences>,
    pub problems: Vec<Problem>,
    pub needs_recovery: bool,
}

impl Standing {
    pub fn read(services: &Services) -> Self {
        let mut problems = Vec::new();
        let mut note = |problem: Problem| {
            if !problems.contains(&problem) {
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
        let domain = services
            .domain()
            .map(|shown| shown.domain)
            .unwrap_or_else(|error| {
                note(error.into());
                None
            });
        let preferences = services.preferences().map_err(|error| note(error.into())).ok();
        if let Err(error) = services.chosen_channels() {
            note(error.into());
        }
        Self {
            connections,
            domain,
            preferences,
            problems,
            needs_recovery: services.needs_recovery(),
        }
    }

    pub fn of(&self, service: Service) -> Option<&ConnectionStatus> {
        self.connections
            .iter()
            .find(|connection| connection.service == service)
    }

    /// The repository service that this machine is signed in to, of which there is one at most.
    pub fn repository(&self) -> Option<&ConnectionStatus> {
        self.connections
            .iter()
            .find(|connection| connection.service.is_repository())
    }

    /// The one to name where there is room for one.
    pub fn foremost(&self) -> Option<&ConnectionStatus> {
        self.repository().or_else(|| self.connections.first())
    }

    pub fn preference(&self) -> Preference {
        match self
            .preferences
            .as_ref()
            .map(|preferences| preferences.appearance)
        {
            Some(Appearance::Light) => Preference::Light,
            Some(Appearance::Dark) => Preference::Dark,
            Some(Appearance::System) | None => Preference::System,
        }
    }

    pub fn reviews_sign_in(&self) -> bool {
        self.preferences
            .as_ref()
            .is_none_or(|preferences| preferences.review_before_sign_in)
    }
}
