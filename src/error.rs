//! What a person reads when something fails: what happened, why, and what to do, kept apart.
//!
//! Every module has its own `thiserror` enum; it becomes a [`Problem`] through [`Explain`] at the border
//! where a person is told (window or command line).

use std::fmt;

/// The kinds of failure that the command line's JSON names (command-line contract, "General").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The call itself was wrong: a missing or malformed argument.
    Usage,
    /// Name lookup, connection, time-out, or an answer that broke off.
    Network,
    /// The certificate of the server was not accepted.
    Tls,
    /// Credentials or a token were not accepted.
    Auth,
    /// Something answered, but it is not the service that was expected.
    NotAServer,
    /// The account is known but may not do this.
    Forbidden,
    /// The world changed meanwhile, or the request contradicts the present state.
    Conflict,
    /// A file could not be read or written.
    File,
    /// A person's file has a shape that cannot be edited without risk; nothing was written.
    RefusedEdit,
    /// Another Sextant is at work.
    Busy,
    /// The person cancelled.
    Cancelled,
    /// No set of packages fulfils the request.
    Unsolvable,
    /// A defect of Sextant itself.
    Internal,
}

/// A failure in the words of a person. Secrets are masked before they get here.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    pub kind: Kind,
    /// What happened, one sentence without a full stop.
    pub message: String,
    /// Why, as far as it is known.
    pub cause: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl Problem {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            cause: None,
            remedy: None,
        }
    }

    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// Turns a module's error into what a person reads.
pub trait Explain {
    fn explain(&self) -> Problem;
}

impl<E: Explain> From<E> for Problem {
    fn from(error: E) -> Self {
        error.explain()
    }
}
