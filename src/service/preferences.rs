//! What the person decided about Sextant itself: a TOML file in its own configuration folder.

use serde::{Deserialize, Serialize};

use super::network::ProxyChoice;
use super::policy::Field;
use super::trust::in_line;
use super::{ServiceError, Services};
use crate::edit::file;

/// The order in which the window looks: what the system says, or what the person said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Appearance {
    #[default]
    System,
    Light,
    Dark,
}

/// Every preference has a default; a file with some of them is a whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Preferences {
    pub appearance: Appearance,
    /// Show what signing in will change before it happens.
    pub review_before_sign_in: bool,
    /// The way Sextant takes out of this computer.
    pub proxy: ProxyChoice,
    /// Servers that are reached without a proxy, as `NO_PROXY` lists them.
    pub no_proxy: String,
    /// Ask nothing of the network. Not set, Anaconda Navigator's own offline mode decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline: Option<bool>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            appearance: Appearance::System,
            review_before_sign_in: true,
            proxy: ProxyChoice::System,
            no_proxy: String::new(),
            offline: None,
        }
    }
}

impl Services {
    fn preferences_path(&self) -> std::path::PathBuf {
        self.locations().config.join("preferences.toml")
    }

    /// The preferences; the defaults when there is no file.
    ///
    /// Errors: [`ServiceError::DamagedPreferences`] with the line, so that nothing is lost by overwriting it.
    pub fn preferences(&self) -> Result<Preferences, ServiceError> {
        let path = self.preferences_path();
        let Some(image) = file::read(&path)? else {
            return Ok(Preferences::default());
        };
        let text = String::from_utf8_lossy(&image.bytes);
        toml::from_str(&text).map_err(|error| ServiceError::DamagedPreferences {
            path,
            // Never the text itself: somebody may have put a password there.
            reason: in_line(&text, error.span(), error.message()),
        })
    }

    /// Errors: [`ServiceError::Policy`] for a change of what the administrator decided.
    pub fn set_preferences(&self, preferences: &Preferences) -> Result<(), ServiceError> {
        let policy = self.policy()?;
        if policy.lock(Field::Proxy).is_some() {
            // A file that cannot be read is going to be replaced.
            let present = self.preferences().unwrap_or_default();
            if (&present.proxy, &present.no_proxy) != (&preferences.proxy, &preferences.no_proxy) {
                policy.unless_locked(Field::Proxy, || "the proxy of this computer is fixed".to_owned())?;
            }
        }
        let text = toml::to_string(preferences).map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok(file::write(&self.preferences_path(), text.as_bytes(), 0o644)?)
    }
}
