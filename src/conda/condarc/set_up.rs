//! Following a repository without signing in to it.

use super::Condarc;
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::error::CondaError;
use crate::conda::setting::Key;

impl Condarc {
    /// Bare names lead to the repository, an address that they led to before is remembered as migrated, and `defaults`
    /// stands for these channels; where there are none, `default_channels` stays as it is (repository reference,
    /// section 3.3). With `searches_defaults`, `channels` becomes `defaults` alone: for where conda would search nothing.
    pub fn use_repository(
        &mut self,
        channel_alias: &ChannelUrl,
        default_channels: &[ChannelEntry],
        searches_defaults: bool,
    ) -> Result<(), CondaError> {
        self.change(|condarc| {
            condarc.sign_in_to_repository(channel_alias)?;
            if default_channels.is_empty() {
                return Ok(());
            }
            condarc.set_list(Key::DefaultChannels, default_channels)?;
            match searches_defaults {
                true => condarc.set_list(Key::Channels, &[ChannelEntry::Defaults]),
                false => Ok(()),
            }
        })
    }
}
