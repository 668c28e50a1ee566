//! Why the index of a channel cannot be had.

use std::error::Error;

use thiserror::Error;

use crate::edit::file::FileError;
use crate::error::{Explain, Kind, Problem};
use crate::package::CourierError;

/// What happened to the index of one channel and subdir.
#[derive(Debug, Clone, Error)]
#[error("{channel}/{subdir}: {reason}")]
pub struct IndexError {
    /// The channel as conda calls it.
    pub channel: String,
    pub subdir: String,
    pub reason: IndexTrouble,
}

#[derive(Debug, Clone, Error)]
pub enum IndexTrouble {
    /// The request did not get there, or the answer broke off.
    #[error("{}", .0.message)]
    Unreached(Box<Problem>),
    /// 401: the credential, or having none, is not accepted.
    #[error("the server wants a sign-in (401)")]
    Unauthorized { address: String },
    /// 403: the account may not read the channel.
    #[error("the server does not open it to you (403)")]
    Forbidden { address: String },
    /// conda wants `noarch` of every channel; the other subdirs may be missing.
    #[error("the channel has no index there (404)")]
    NotThere { address: String },
    #[error("the server failed ({status})")]
    ServerFailed { address: String, status: u16 },
    /// Something else answers there.
    #[error("{address} is no index of a channel")]
    NotAnIndex { address: String, what: String },
    #[error("what is kept of it is damaged")]
    Damaged { what: String },
    #[error("nothing is kept of it yet")]
    NotIndexed,
    #[error(transparent)]
    Cache(#[from] FileError),
    #[error("the address {address} of the channel is none")]
    Address { address: String, reason: String },
    #[error("Sextant has a defect here")]
    Internal { detail: String },
}

impl IndexTrouble {
    /// Whether it may be otherwise in a moment.
    pub(super) const fn is_passing(&self) -> bool {
        match self {
            Self::Unreached(problem) => matches!(problem.kind, Kind::Network),
            Self::ServerFailed { .. } => true,
            _ => false,
        }
    }

    /// What a failed request was about: what the courier said, or all causes of anything else.
    pub(super) fn of_request(error: &(dyn Error + 'static)) -> Self {
        let mut causes: Vec<String> = Vec::new();
        let mut next = Some(error);
        while let Some(cause) = next {
            if let Some(CourierError(problem)) = cause.downcast_ref::<CourierError>() {
                return Self::Unreached(Box::new(problem.clone()));
            }
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes.dedup();
        let problem = Problem::new(Kind::Network, "the index could not be fetched");
        Self::Unreached(Box::new(problem.because(causes.join(": ")).remedy("try again")))
    }
}

impl Explain for IndexError {
    fn explain(&self) -> Problem {
        let whole = |kind| Problem::new(kind, self.to_string());
        match &self.reason {
            IndexTrouble::Unreached(problem) => Problem {
                message: self.to_string(),
                ..(**problem).clone()
            },
            IndexTrouble::Unauthorized { address } => whole(Kind::Auth)
                .because(format!(
                    "{address} is not shown without a token that the server knows"
                ))
                .remedy("sign in, or check the token"),
            IndexTrouble::Forbidden { address } => whole(Kind::Forbidden)
                .because(format!("{address} is closed to this account"))
                .remedy("ask the owner of the channel for access, or take the channel out"),
            IndexTrouble::NotThere { address } => whole(Kind::NotAServer)
                .because(format!("{address} does not exist, or is hidden from you"))
                .remedy("check the spelling, ask its owner for access, or take the channel out"),
            IndexTrouble::ServerFailed { address, .. } => whole(Kind::Network)
                .because(format!("it happened at {address}"))
                .remedy("try again later, or tell the administrator of the server"),
            IndexTrouble::NotAnIndex { what, .. } => whole(Kind::NotAServer)
                .because(what.clone())
                .remedy("check the address of the channel; a gateway may want a sign-in first"),
            IndexTrouble::Damaged { what } => whole(Kind::File)
                .because(what.clone())
                .remedy("update the index: sextant index update"),
            IndexTrouble::NotIndexed => {
                whole(Kind::Conflict).remedy("update the index: sextant index update")
            }
            IndexTrouble::Cache(error) => Problem {
                message: format!("{}/{}: {error}", self.channel, self.subdir),
                ..error.explain()
            },
            IndexTrouble::Address { reason, .. } => whole(Kind::Usage)
                .because(reason.clone())
                .remedy("correct the address of the channel"),
            IndexTrouble::Internal { detail } => whole(Kind::Internal)
                .because(detail.clone())
                .remedy("please report it with what you did before"),
        }
    }
}
