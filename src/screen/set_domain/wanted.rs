//! The products that have an address of their own, and what pasted text comes down to for each.

use crate::repository::{BinstarApi, Domain, DomainError};
use crate::service::connection::Service;

/// The product whose address is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Anaconda Server / Package Security Manager (On-prem).
    Server,
    /// Anaconda Repository (Enterprise 4).
    Repository,
}

impl Wanted {
    pub(super) fn service(self) -> Service {
        match self {
            Self::Server => Service::Server,
            Self::Repository => Service::Repository,
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Server => "Set the domain of your server",
            Self::Repository => "Set the domain of your repository",
        }
    }

    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Server => "https://repo.example.com",
            Self::Repository => "http://repo.example.com:8080",
        }
    }

    /// What the text comes down to; or what is wrong with it.
    pub(super) fn reduce(self, text: &str) -> Result<Reduced, DomainError> {
        Ok(match self {
            Self::Server => {
                let parsed = Domain::parse_pasted(text)?;
                Reduced {
                    shown: parsed.domain.to_string(),
                    is_changed: !parsed.changes.is_empty(),
                    domain: parsed.domain,
                }
            }
            Self::Repository => {
                let pasted = BinstarApi::parse_pasted(text)?;
                let domain = pasted.api.domain().clone();
                Reduced {
                    shown: pasted.api.to_string(),
                    is_changed: !pasted.changes.is_empty() || domain.as_str() != text.trim(),
                    domain,
                }
            }
        })
    }
}

/// What pasted text comes down to.
pub(super) struct Reduced {
    pub(super) domain: Domain,
    /// The address that is asked.
    pub(super) shown: String,
    pub(super) is_changed: bool,
}
