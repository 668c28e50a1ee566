//! What the person decided about Sextant itself: a TOML file in its own configuration folder.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::edit::file;
use crate::navigator::Generation;
use crate::service::network::ProxyChoice;
use crate::service::policy::Field;
use crate::service::trust::in_line;
use crate::service::{ServiceError, Services};

/// The order in which the window looks: what the system says, or what the person said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Appearance {
    #[default]
    System,
    Light,
    Dark,
}

/// How strongly things stand out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contrast {
    #[default]
    Standard,
    High,
}

/// The size of everything in the window, in percent: 80 to 200. A number beyond that counts as the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "u16", into = "u16")]
pub struct TextSize(u16);

impl TextSize {
    pub const USUAL: Self = Self(100);
    /// The sizes that can be chosen.
    pub const STEPS: [Self; 8] = [
        Self(80),
        Self(90),
        Self(100),
        Self(110),
        Self(125),
        Self(150),
        Self(175),
        Self(200),
    ];

    pub fn percent(self) -> u16 {
        self.0
    }

    /// By how much everything is enlarged.
    pub fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }

    /// The next larger size that can be chosen; none beyond the largest.
    pub fn larger(self) -> Option<Self> {
        Self::STEPS.into_iter().find(|step| *step > self)
    }

    pub fn smaller(self) -> Option<Self> {
        Self::STEPS.into_iter().rev().find(|step| *step < self)
    }
}

impl Default for TextSize {
    fn default() -> Self {
        Self::USUAL
    }
}

impl From<u16> for TextSize {
    fn from(percent: u16) -> Self {
        Self(percent.clamp(80, 200))
    }
}

impl From<TextSize> for u16 {
    fn from(size: TextSize) -> Self {
        size.0
    }
}

/// For which Navigator its file is written: the names of the login differ (seed 003).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NavigatorNames {
    /// As the file has them.
    #[default]
    Automatic,
    /// 2.4.0 and newer: `anaconda_server_…`.
    AnacondaServer,
    /// Before 2.4.0: `team_edition_…`.
    TeamEdition,
}

impl NavigatorNames {
    pub(crate) fn generation(self) -> Option<Generation> {
        match self {
            Self::Automatic => None,
            Self::AnacondaServer => Some(Generation::AnacondaServer),
            Self::TeamEdition => Some(Generation::TeamEdition),
        }
    }
}

/// Every preference has a default; a file with some of them is a whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Preferences {
    pub appearance: Appearance,
    pub contrast: Contrast,
    pub text_size: TextSize,
    /// Show what signing in will change before it happens.
    pub review_before_sign_in: bool,
    /// The way Sextant takes out of this computer.
    pub proxy: ProxyChoice,
    /// Servers that are reached without a proxy, as `NO_PROXY` lists them.
    pub no_proxy: String,
    /// Ask nothing of the network. Not set, Anaconda Navigator's own offline mode decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline: Option<bool>,
    pub navigator_names: NavigatorNames,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            appearance: Appearance::System,
            contrast: Contrast::Standard,
            text_size: TextSize::USUAL,
            review_before_sign_in: true,
            proxy: ProxyChoice::System,
            no_proxy: String::new(),
            offline: None,
            navigator_names: NavigatorNames::Automatic,
        }
    }
}

impl Preferences {
    pub(super) fn written(&self) -> Result<Vec<u8>, ServiceError> {
        let text = toml::to_string(self).map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok(text.into_bytes())
    }
}

impl Services {
    pub(crate) fn preferences_path(&self) -> PathBuf {
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
        self.allow_proxy(preferences)?;
        Ok(file::write(
            &self.preferences_path(),
            &preferences.written()?,
            0o644,
        )?)
    }

    /// Errors: [`ServiceError::Policy`] where the proxy is decided by the administrator, and differs.
    pub(super) fn allow_proxy(&self, preferences: &Preferences) -> Result<(), ServiceError> {
        let policy = self.policy()?;
        if policy.lock(Field::Proxy).is_some() {
            // A file that cannot be read is going to be replaced.
            let present = self.preferences().unwrap_or_default();
            if (&present.proxy, &present.no_proxy) != (&preferences.proxy, &preferences.no_proxy) {
                policy.unless_locked(Field::Proxy, || "the proxy of this computer is fixed".to_owned())?;
            }
        }
        Ok(())
    }

    /// The names that Navigator's file is written with; the file decides where the preferences do not, or cannot be
    /// read.
    pub(crate) fn navigator_generation(&self) -> Option<Generation> {
        self.preferences().ok()?.navigator_names.generation()
    }
}
