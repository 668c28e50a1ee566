//! What a repository warns of beside its answers (repository reference, section 1.1).

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::repository::answer::Answer;
use crate::repository::excerpt::EXCERPT_CHARACTERS;

/// A warning in the headers of an answer. `Display` says it to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerWarning {
    /// The words of the server about the token that was sent; it may end soon.
    Token(String),
    /// Nothing can be changed on the server at the moment.
    ReadOnly,
    /// The server serves only what its administrator has opened.
    Lockdown,
}

impl fmt::Display for ServerWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(words) => write!(f, "the server says of the token: {words}"),
            Self::ReadOnly => f.write_str("the server is in read-only mode"),
            Self::Lockdown => f.write_str("the server is in lockdown mode"),
        }
    }
}

/// All warnings of a server so far, each once. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Warnings(Arc<Mutex<Vec<ServerWarning>>>);

impl Warnings {
    pub(super) fn all(&self) -> Vec<ServerWarning> {
        self.lock().clone()
    }

    pub(super) fn note(&self, answer: &Answer) {
        let mut known = self.lock();
        for warning in in_headers(answer) {
            if !known.contains(&warning) {
                known.push(warning);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ServerWarning>> {
        // A list of warnings is whole even if a holder of the lock panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_headers(answer: &Answer) -> Vec<ServerWarning> {
    let mut warnings = Vec::new();
    if let Some(words) = answer.headers.get("conda-token-warning") {
        let words = answer
            .scrub
            .excerpt(&String::from_utf8_lossy(words.as_bytes()), EXCERPT_CHARACTERS);
        if !words.is_empty() {
            warnings.push(ServerWarning::Token(words));
        }
    }
    if answer.headers.contains_key("x-anaconda-read-only") {
        warnings.push(ServerWarning::ReadOnly);
    }
    if answer.headers.contains_key("x-anaconda-lockdown") {
        warnings.push(ServerWarning::Lockdown);
    }
    warnings
}
