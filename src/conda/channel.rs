//! Channels: their names on a server, their addresses, and the entries of `channels` and `default_channels`.

mod address;
mod entry;
mod name;
mod priority;

pub use address::{ChannelUrl, InvalidChannelUrl};
pub(super) use address::{scheme, split_token};
pub(super) use entry::is_folder;
pub use entry::{ChannelEntry, OpaqueText};
pub use name::{ChannelName, InvalidChannelName};
pub use priority::ChannelPriority;
