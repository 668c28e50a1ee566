//! What a policy forbids, and what can be wrong with one.

use std::path::PathBuf;

use thiserror::Error;

use super::{Authority, Field, Lock};
use crate::edit::file::FileError;
use crate::error::{Explain, Kind, Problem};
use crate::repository::RepositoryError;

#[derive(Debug, Clone, Error)]
pub enum PolicyError {
    /// Each problem names its line.
    #[error("{} {path} cannot be understood", whose(*by))]
    Damaged {
        by: Authority,
        path: PathBuf,
        problems: Vec<String>,
    },
    #[error("{} {path} cannot be read", whose(*by))]
    Unreadable {
        by: Authority,
        path: PathBuf,
        source: FileError,
    },
    #[error("{what}")]
    Refused { field: Field, what: String, lock: Lock },
    #[error("there is no file {path}")]
    NoPreset { path: PathBuf },
    #[error("{address} is no address of a preset")]
    NotALink { address: String },
    #[error("the preset cannot be fetched")]
    NotFetched { source: RepositoryError },
}

const fn whose(by: Authority) -> &'static str {
    match by {
        Authority::Policy => "the policy",
        Authority::Preset => "the preset",
    }
}

impl Explain for PolicyError {
    fn explain(&self) -> Problem {
        match self {
            Self::Damaged { by, path, problems } => Problem::new(Kind::File, self.to_string())
                .because(problems.join("; "))
                .remedy(match by {
                    Authority::Policy => format!(
                        "let your administrator correct it; nothing is changed until then. To check it: sextant \
                         policy check {}",
                        path.display()
                    ),
                    Authority::Preset => {
                        "correct it, or do without it: sextant policy forget-preset".to_owned()
                    }
                }),
            Self::Unreadable { by, source, .. } => {
                let problem = source.explain();
                Problem::new(Kind::File, self.to_string())
                    .because(problem.message)
                    .remedy(match by {
                        Authority::Policy => "let your administrator make it readable for everyone; nothing is \
                                              changed until then"
                            .to_owned(),
                        Authority::Preset => problem
                            .remedy
                            .unwrap_or_else(|| "do without it: sextant policy forget-preset".to_owned()),
                    })
            }
            Self::Refused { lock, .. } => Problem::new(Kind::Forbidden, self.to_string())
                .because(match lock.reason.as_str() {
                    "" => format!("{} says so", lock.path.display()),
                    reason => format!("{reason} ({})", lock.path.display()),
                })
                .remedy(match &lock.contact {
                    Some(contact) => format!("ask {contact}"),
                    None => "ask your administrator".to_owned(),
                }),
            Self::NoPreset { .. } => Problem::new(Kind::Usage, self.to_string())
                .remedy("name a file, or a link that begins with https://"),
            Self::NotALink { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("what decides about your packages must not be changed on the way")
                .remedy("use a link that begins with https://, without a user name or password in it"),
            Self::NotFetched { source } => {
                let problem = source.explain();
                Problem {
                    cause: Some(match problem.cause {
                        Some(cause) => format!("{}: {cause}", problem.message),
                        None => problem.message,
                    }),
                    message: self.to_string(),
                    ..problem
                }
            }
        }
    }
}
