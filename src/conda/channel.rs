//! Channels: their names on a server, their addresses, and the entries of `channels` and `default_channels`.

mod address;
mod entry;
mod name;

pub(super) use address::split_token;
pub use address::{ChannelUrl, InvalidChannelUrl};
pub use entry::{ChannelEntry, OpaqueText};
pub use name::{ChannelName, InvalidChannelName};
