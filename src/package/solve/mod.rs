//! Which packages an environment shall hold: from what is wanted, what is there, what channels offer and what conda is set to,
//! to a [`Solution`], or to an [`Explanation`] of why there is none.
//!
//! The rules are conda's. An install keeps what is there as long as it goes; an update frees what it names; neither moves
//! Python to another minor version, and what was asked for before stays in force. Removing takes along what needs the removed
//! package and what was there for it only.

mod advice;
mod back;
mod candidates;
mod clash;
mod copied;
mod demand;
mod engine;
mod error;
mod explanation;
mod explicit;
mod graph;
mod index;
mod installed;
mod nearest;
mod outcome;
mod reasons;
mod request;
mod run;
mod situation;
mod solution;
mod spec;
mod virtual_packages;

pub use back::back;
pub use copied::copied;
pub use error::SolveError;
pub use explanation::{Explanation, Reason};
pub use explicit::{ExplicitRequest, explicit};
pub use index::Indexes;
pub use installed::Installed;
pub use outcome::{GoesAlong, Note, Solved};
pub use request::{
    ChannelPriority, Cutoffs, Dependencies, Goal, Latitude, Pin, Request, Rules, SearchedChannel,
    SolveProgress,
};
pub use run::solve;
pub(in crate::package) use solution::channel_address;
pub(in crate::package) use solution::without_credentials;
pub use solution::{ChangeSpecs, ChannelNames, Solution};
pub use virtual_packages::Machine;

/// The channel that a spec names in front of `::`.
pub fn channel_of_spec(spec: &str) -> Option<&str> {
    spec::channel_of(spec)
}

/// Whether a text is a match spec of one package, whatever the channels have.
///
/// # Errors
/// [`SolveError::BadSpec`].
pub fn check_spec(text: &str) -> Result<(), SolveError> {
    match spec::Spec::parse(text, &[]) {
        // Which channels are searched is asked when it is solved.
        Ok(_) | Err(SolveError::UnknownChannel { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The name in a spec.
fn name_of_spec(spec: &str) -> Option<String> {
    let (_, rest) = spec::split_channel(spec);
    let spec = spec::Spec::parse(rest, &[]).ok()?;
    Some(spec.name.as_normalized().to_owned())
}

/// Whether the first of two versions comes before the second, as conda orders them. What is no version is older than nothing.
pub fn is_older(one: &str, other: &str) -> bool {
    use rattler_conda_types::Version;
    let parse = |text: &str| text.parse::<Version>().ok();
    parse(one)
        .zip(parse(other))
        .is_some_and(|(one, other)| one < other)
}

#[cfg(test)]
mod tests;
