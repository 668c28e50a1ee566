//! Managing the channels that conda searches: what they are and where they come from, whether they are there, and how their
//! order is changed (seeds 000 and 001, "Manage Channels"; seed 002, "Conda channel priority").

mod answer;
mod arrangement;
mod caution;
mod check;
mod error;
mod left;
mod listing;
mod review;
mod shadow;
mod sources;
mod tokens;
mod wanted;

pub use arrangement::{Arrangement, Elsewhere, KeptToken, PlannedArrangement};
pub use caution::{Caution, CautionKind};
pub use check::{Access, ChannelState, CheckedAddress, CheckedChannel};
pub use error::ManageError;
pub use listing::{Freedom, ManagedChannel, ManagedChannels, ManagedPriority, RowPlace};
pub use shadow::{KnownChannel, Shadow, shadows};
pub use wanted::{Change, End, List, NotWanted, WantedChannel};
