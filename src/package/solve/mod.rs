//! Which packages an environment shall hold.

mod solution;

pub use solution::{ChangeSpecs, ChannelNames, Solution};
