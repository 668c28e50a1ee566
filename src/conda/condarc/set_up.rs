//! Following a repository without signing in to it.

use super::Condarc;
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::error::CondaError;
use crate::conda::setting::Key;

impl Condarc {
    /// Bare names lead to the repository, an address that they led to before is remembered as migrated, and `defaults`
    /// stands for these channels; where there are none, `default_channels` stays as it is (repository reference,
    /// section 3.3).
    pub fn use_repository(
        &mut self,
        channel_alias: &ChannelUrl,
        default_channels: &[ChannelEntry],
    ) -> Result<(), CondaError> {
        self.change(|condarc| {
            condarc.sign_in_to_repository(channel_alias)?;
            match default_channels.is_empty() {
                true => Ok(()),
                false => condarc.set_list(Key::DefaultChannels, default_channels),
            }
        })
    }
}
