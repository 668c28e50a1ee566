//! Which channels conda searches on this machine, one by one.

use crate::conda::configuration::Configuration;
use crate::conda::resolution::{ResolvedChannel, SearchedChannel};
use crate::package::Channel;
use crate::service::manage_channels::ManageError;
use crate::service::{ServiceError, Services, blocking};

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
}

/// The channels of what is searched, each once.
pub(super) fn each_once(searched: &[SearchedChannel]) -> Vec<Channel> {
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
