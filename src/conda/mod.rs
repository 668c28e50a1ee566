//! conda's own files on this machine: where they are, what they say together, and how they are changed.
//!
//! Nothing here reads the process environment or guesses a home folder: every function takes [`Surroundings`],
//! so that a test runs the same code over a temporary home.

pub mod channel;
pub mod condarc;
pub mod configuration;
pub mod environment;
pub mod in_flight;
pub mod network;
pub mod resolution;
pub mod search_path;
pub mod setting;
pub mod subdir;
pub mod surroundings;
pub mod token_file;
pub mod token_match;
pub mod warnings;

mod error;
#[cfg(test)]
mod fixture;
mod layer;
mod merge;

pub use error::CondaError;
pub use layer::{Flaw, Foreign, Reaction};
pub use merge::Flag;
pub use surroundings::{Platform, Surroundings};
