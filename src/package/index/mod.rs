//! The index of channels: what they offer, fetched, kept, and searched without being held in memory.

mod arriving;
mod entries;
mod error;
mod essentials;
mod fetch;
mod gateway;
mod intake;
mod lock;
mod place;
mod state;
mod store;
mod stranger;
mod update;

pub use error::{IndexError, IndexTrouble};
pub(in crate::package) use gateway::gateway;
pub use update::{Freshness, Indexer, Outcome, Progress, SubdirIndex, Wanted};
