//! What all listeners of a practice server share: one clock, one list of requests, one trouble, one end.

use tokio::sync::watch;

use super::clock::Clock;
use super::record::Records;
use super::trouble::{Trouble, Troubles};

/// The part of the server's memory that belongs to no product.
pub(super) struct Common {
    pub(super) clock: Clock,
    pub(super) records: Records,
    pub(super) troubles: Troubles,
    /// Becomes true when the server stops, so that nothing goes on waiting.
    pub(super) stopping: watch::Receiver<bool>,
}

impl Common {
    pub(super) fn new(trouble: Trouble, stopping: watch::Receiver<bool>) -> Self {
        Self {
            clock: Clock::default(),
            records: Records::default(),
            troubles: Troubles::new(trouble),
            stopping,
        }
    }
}
