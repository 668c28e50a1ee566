//! All sources of one configuration, read once.

mod anaconda_client;
mod conda;
mod hindrance;
mod navigator;
mod pip;

pub(super) use navigator::known_options;
pub(super) use navigator::split as split_navigator;
pub(super) use pip::split as split_pip;

use std::path::{Path, PathBuf};

use super::{ConfigurationError, ConfigurationFile, Effective, Explained, known_keys};
use crate::clients::layered::{Scope, State};
use crate::clients::{anaconda_client_settings, pip_settings};
use crate::service::{ServiceError, Services};

/// A content that a file does not have yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned<'a> {
    pub path: &'a Path,
    pub content: &'a [u8],
}

pub(super) trait Reading {
    /// Errors: [`ConfigurationError::UnknownKey`].
    fn explain(&self, key: &str) -> Result<Explained, ConfigurationError>;

    fn effective(&self) -> Effective;
}

impl Services {
    pub(super) fn reading(
        &self,
        file: ConfigurationFile,
        planned: Option<&Planned<'_>>,
    ) -> Result<Box<dyn Reading>, ServiceError> {
        let own = match planned {
            Some(planned) => planned.path.to_owned(),
            None => self.own_file(file, None)?,
        };
        Ok(match file {
            ConfigurationFile::Conda => {
                Box::new(conda::CondaReading::read(&self.surroundings(), own, planned))
            }
            ConfigurationFile::AnacondaClient => Box::new(anaconda_client::AnacondaClientReading::read(
                &self.machine(),
                own,
                planned,
            )),
            ConfigurationFile::Pip => Box::new(pip::PipReading::read(&self.machine(), own, planned)),
            ConfigurationFile::Navigator => Box::new(navigator::NavigatorReading::read(self, own, planned)?),
        })
    }

    /// The person's own file; for pip that depends on the setting, given as section and option.
    pub(super) fn own_file(
        &self,
        file: ConfigurationFile,
        setting: Option<(&str, &str)>,
    ) -> Result<PathBuf, ServiceError> {
        Ok(match file {
            ConfigurationFile::Conda => self.condarc_path()?,
            ConfigurationFile::Navigator => self.navigator_path(),
            ConfigurationFile::AnacondaClient => anaconda_client_settings::own_file(&self.machine()),
            ConfigurationFile::Pip => pip_settings::own_file(&self.machine(), setting),
        })
    }
}

/// Of all known names and aliases the one that looks like `key`, unless nothing does.
pub(super) fn suggestion(file: ConfigurationFile, key: &str) -> Option<String> {
    let names: Vec<&str> = known_keys(file)
        .iter()
        .flat_map(|known| std::iter::once(known.name).chain(known.aliases.iter().copied()))
        .collect();
    closest(key, &names).map(str::to_owned)
}

/// The candidate that looks most like the word: a slip of the fingers away, not another word.
pub(super) fn closest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let lower = word.to_lowercase().replace('-', "_");
    let plain = |candidate: &&&str| candidate.to_lowercase().replace('-', "_") == lower;
    if let Some(same) = candidates.iter().find(plain) {
        return Some(same);
    }
    // The comparison is thorough and slow, and most words have nothing to do with each other.
    let worth_it: Vec<&str> = candidates
        .iter()
        .copied()
        .filter(|candidate| may_be_close(word, candidate))
        .collect();
    similar::get_close_matches(word, &worth_it, 1, CLOSE)
        .first()
        .copied()
}

/// How much of two words must be the same, of 1.
const CLOSE: f32 = 0.8;

/// Whether two words have letters enough in common, in whatever order: without that they cannot be close.
fn may_be_close(one: &str, other: &str) -> bool {
    if !one.is_ascii() || !other.is_ascii() {
        return true;
    }
    let mut counts = [0_i32; 128];
    for byte in one.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let mut common = 0;
    for byte in other.bytes() {
        let count = &mut counts[usize::from(byte)];
        common += i32::from(*count > 0);
        *count -= 1;
    }
    let total = (one.len() + other.len()).max(1) as f32;
    2.0 * common as f32 / total >= CLOSE
}

pub(super) fn unknown(file: ConfigurationFile, key: &str) -> ConfigurationError {
    ConfigurationError::UnknownKey {
        file,
        key: crate::secret::mask_text(key),
        suggestion: suggestion(file, key),
    }
}

/// Whom a place is for.
const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Machine => "everybody on this machine",
        Scope::Installation => "everybody who uses this conda",
        Scope::Person => "you",
        Scope::Environment => "the active environment",
        Scope::Named => "named by a variable",
    }
}

fn state(state: &State) -> super::PlaceState {
    match state {
        State::Read => super::PlaceState::Read,
        State::Missing => super::PlaceState::Missing,
        State::Unused { reason, .. } => super::PlaceState::Unused {
            reason: reason.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_fingers_are_recognised() {
        let conda = |key| suggestion(ConfigurationFile::Conda, key);
        for (typed, meant) in [
            ("chanels", Some("channels")),
            ("ssl-verify", Some("ssl_verify")),
            ("Channel_Alias", Some("channel_alias")),
            ("proxy_server", Some("proxy_servers")),
            ("my_own_setting", None),
        ] {
            assert_eq!(conda(typed).as_deref(), meant, "{typed}");
        }
        assert_eq!(
            suggestion(ConfigurationFile::Pip, "global.extra-index-urls").as_deref(),
            Some("global.extra-index-url")
        );
    }
}
