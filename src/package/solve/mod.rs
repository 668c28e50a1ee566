//! Which packages an environment shall hold.

mod solution;

pub(in crate::package) use solution::without_credentials;
pub use solution::{ChangeSpecs, ChannelNames, Solution};
