//! The doctor: what keeps a sign-in, conda or this machine from working, found out by looking, and what to do about it.
//!
//! Every check is small, looks and changes nothing. [`Services::examine`] makes them side by side and tells each as it
//! ends; dropping its future ends it. Where a finding can be mended with one click it carries a [`Remedy`], which is
//! planned, shown and carried out like every other change. [`Services::report`] writes what was found down for a person
//! who helps, without anything secret in it.
//!
//! | module | checks |
//! |---|---|
//! | [`way`], [`clock`], [`chain`] | the way to each service: name, connection, proxy, TLS, trust, answer, clock |
//! | [`account`], [`token`] | whether the service knows the account and takes the tokens |
//! | [`channels`] | whether every channel that conda searches is there, with the token that conda sends |
//! | [`conda_view`], [`token_keys`] | what conda makes of its files and of the stored tokens |
//! | [`environments`] | whether the environments that conda knows are there and can be read |
//! | [`files`], [`keyring`], [`permissions`], [`secrets`], [`unfinished`] | this machine |

mod account;
mod chain;
mod channels;
mod check;
mod clock;
mod conda_view;
mod environments;
mod files;
mod fix;
mod keyring;
mod permissions;
mod remedy;
mod report;
mod run;
mod secrets;
mod token;
mod token_keys;
mod undo;
mod unfinished;
mod way;
mod world;

pub use check::{Announced, Check, CheckId, Detail, Finding, Group, Kind, Outcome, UnknownCheck};
pub use remedy::{CarriedOut, Remedy, RemedyPlan};
pub use report::{Names, ReportFormat};
pub use run::{Examination, Progress};

/// The kind of the history entries of remedies.
pub(crate) const KIND: &str = "doctor";

/// The kind of those that cannot be undone: what they took away is kept nowhere.
pub(crate) const ERASURE: &str = "erasure";
