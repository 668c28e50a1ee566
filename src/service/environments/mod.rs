//! The environments on this machine: what there is, what is in each, and making, copying, renaming and removing them.

mod change;
mod commit;
mod create;
pub(crate) mod effect;
mod error;
mod export;
mod import;
mod listing;
mod making;
mod pip;
mod protect;
mod remove;
mod rename;
mod running;
mod sizes;
mod target;
mod trash;
mod undo;

pub(crate) use change::KIND;
pub use change::{Done, EnvironmentAction, EnvironmentPlan};
pub use error::EnvironmentChangeError;
pub use export::{ExportFormat, Exported};
pub use import::{Asked, ImportError, Imported};
pub use making::{MadeEnvironment, NewEnvironmentPlan, Origin};
pub use protect::WhichEnvironment;
pub use sizes::KnownSize;
pub use target::{NewEnvironment, Target};
pub use trash::{TrashLimits, Trashed};
