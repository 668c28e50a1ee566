//! Packages from the channels that conda searches: their index, and changes of environments.

pub mod change;
mod channels;
mod courier;
pub mod index;
