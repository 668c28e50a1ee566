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
    pub server: Option<ConnectionStatus>,
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
        let server = match services.status() {
            Ok(status) => status
                .connections
                .into_iter()
                .find(|found| found.service == Service::Server),
            Err(error) => {
                note(error.into());
                None
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
            server,
            domain,
            preferences,
            problems,
            needs_recovery: services.needs_recovery(),
        }
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
