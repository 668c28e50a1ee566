//! Packages from the channels that conda searches: their index, and changes of environments.

pub mod apply;
pub mod back;
pub mod change;
pub mod channels;
mod courier;
pub mod history;
pub mod index;
pub mod plan;
pub mod search;
mod settings;
pub mod tree;
mod warnings;
