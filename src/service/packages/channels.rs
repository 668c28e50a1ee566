//! Which channels conda searches on this machine, one by one.

use crate::conda::configuration::Configuration;
use crate::conda::resolution::{ResolvedChannel, SearchedChannel};
use crate::package::Channel;
use crate::service::manage_channels::ManageError;
use crate::service::{ServiceError, Services, blocking};

/// Whether the channels that a person names for one command are searched beside those of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Beside {
    /// Before them.
    #[default]
    Configured,
    /// Alone (`--override-channels`).
    Nothing,
}

impl Services {
    /// Every channel that conda searches, in its order, each once; lists such as `defaults` are taken apart.
    ///
    /// # Errors
    /// [`ManageError::Refused`]: a channel that the configuration does not allow, at which conda stops too.
    pub fn searched_channels(&self) -> Result<Vec<Channel>, ServiceError> {
        let configuration = blocking(|| Configuration::read(&self.surroundings()));
        let searched = configuration.searched().map_err(ManageError::from)?;
        Ok(each_once(&searched))
    }

    /// The same where a person names channels for one command, as `conda install --channel` takes them.
    ///
    /// # Errors
    /// As [`Services::searched_channels`]; [`ManageError::OverrideForbidden`].
    pub fn searched_channels_with(
        &self,
        named: &[String],
        beside: Beside,
    ) -> Result<Vec<Channel>, ServiceError> {
        let configuration = blocking(|| Configuration::read(&self.surroundings()));
        if beside == Beside::Nothing && !configuration.allows_other_channels() {
            return Err(ManageError::OverrideForbidden.into());
        }
        let mut searched = configuration.searched_by(named).map_err(ManageError::from)?;
        if beside == Beside::Configured {
            searched.extend(configuration.searched().map_err(ManageError::from)?);
        }
        Ok(each_once(&searched))
    }
}

fn each_once(searched: &[SearchedChannel]) -> Vec<Channel> {
    let mut channels: Vec<Channel> = Vec::new();
    for SearchedChannel { channel, .. } in searched {
        if !channels.iter().any(|known| known.url == channel.url()) {
            channels.push(as_package_channel(channel));
        }
    }
    channels
}

fn as_package_channel(channel: &ResolvedChannel) -> Channel {
    Channel {
        name: channel.canonical_name().to_owned(),
        url: channel.url(),
    }
}
