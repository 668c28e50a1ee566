//! What can go wrong with the channels that conda searches.

use thiserror::Error;

use super::wanted::NotWanted;
use crate::conda::resolution::{RefusedBy, RefusedChannel};
use crate::error::{Explain, Kind, Problem};

/// Why channels cannot be searched or changed. Never holds a token or a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ManageError {
    #[error("{} is a channel that must not be used", .0.entry)]
    Refused(RefusedChannel),
    #[error(transparent)]
    NotWanted(#[from] NotWanted),
    #[error("{name} cannot be changed here")]
    Fixed { name: String, reason: String },
}

impl From<RefusedChannel> for ManageError {
    fn from(refused: RefusedChannel) -> Self {
        Self::Refused(refused)
    }
}

impl Explain for ManageError {
    fn explain(&self) -> Problem {
        match self {
            Self::Refused(refused) => Problem::new(Kind::Forbidden, self.to_string())
                .because(refused.to_string())
                .remedy(match refused.by {
                    RefusedBy::Denylist => "take the channel out, or ask whoever set denylist_channels",
                    RefusedBy::Allowlist => {
                        "take the channel out, or ask whoever set allowlist_channels to add it"
                    }
                }),
            Self::NotWanted(error) => error.explain(),
            Self::Fixed { reason, .. } => Problem::new(Kind::Conflict, self.to_string())
                .because(reason.clone())
                .remedy("change it where it is set: sextant channels list says where that is"),
        }
    }
}
