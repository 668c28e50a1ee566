//! Packages: what channels offer, which of them fit together, and how they get into an environment.
//!
//! The rattler crates do the work behind this one interface; no other room names them. They are told everything they need to
//! know: full addresses without secrets, folders, and a [`Transport`] that carries their requests. What conda's files say
//! about any of it is not known here.

pub mod activation;
pub mod cache;
pub mod distribution;
#[cfg(test)]
mod fixture;
pub mod index;
mod inside;
pub mod lock;
mod record;
pub mod solve;
mod stop;
pub mod transaction;
mod transport;

pub use cache::PackageCache;
pub use record::{Channel, Record};
pub use solve::{ChangeSpecs, ChannelNames, Solution};
pub use stop::Stop;
pub use transport::{Courier, CourierError, Transport};
