//! The index of channels: what they offer, fetched, kept, and searched without being held in memory.

mod arriving;
mod entries;
mod error;
mod essentials;
mod examine;
mod fetch;
mod gateway;
mod intake;
mod lock;
mod opened;
mod package_index;
mod place;
mod search;
mod state;
mod stock;
mod store;
mod stranger;
mod update;

pub use error::{IndexError, IndexTrouble};
pub use examine::{Examined, Form, examine};
pub use package_index::{Hit, Offer, PackageIndex};
pub use search::Fit;
pub(in crate::package) use stock::StockedChannel;
pub use stock::{Stale, Stock};
pub use update::{Forms, Freshness, Indexer, Outcome, Progress, SubdirIndex, Wanted, WantedChannel};
