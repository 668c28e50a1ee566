//! What can go wrong with conda's files.

use std::path::PathBuf;

use thiserror::Error;

use super::channel::{InvalidChannelName, InvalidChannelUrl};
use super::setting::Key;
use super::token_file::InvalidApiBase;
use crate::edit::yaml::YamlError;
use crate::error::{Explain, Kind, Problem};
use crate::secret::InvalidToken;

/// A failure around conda's files. Never holds a token or a password.
#[derive(Debug, Error)]
pub enum CondaError {
    #[error(transparent)]
    ChannelName(#[from] InvalidChannelName),
    #[error(transparent)]
    ChannelUrl(#[from] InvalidChannelUrl),
    #[error(transparent)]
    ApiBase(#[from] InvalidApiBase),
    #[error(transparent)]
    Yaml(#[from] YamlError),
    #[error("the file has one setting under two names: {}", spellings.join(" and "))]
    TwoSpellings { spellings: Vec<&'static str> },
    #[error("{key} in the file is not a list")]
    NotAList { key: Key },
    #[error("the token file {} cannot be read", path.display())]
    TokenUnreadable { path: PathBuf, source: std::io::Error },
    #[error("the token file {} holds no token that conda could use", path.display())]
    TokenUnusable { path: PathBuf, source: InvalidToken },
    #[error("the token file {} cannot be written", path.display())]
    TokenUnwritable { path: PathBuf, source: std::io::Error },
    #[error("the token file {} cannot be removed", path.display())]
    TokenNotRemoved { path: PathBuf, source: std::io::Error },
}

impl Explain for CondaError {
    fn explain(&self) -> Problem {
        let problem = |kind| Problem::new(kind, self.to_string());
        match self {
            Self::ChannelName(_) => problem(Kind::Usage)
                .remedy("Write the channel as the server lists it: `channel` or `channel/subchannel`."),
            Self::ChannelUrl(_) => {
                problem(Kind::Usage).remedy("Write the whole address, starting with https://.")
            }
            Self::ApiBase(_) => problem(Kind::Usage)
                .remedy("Write the server's address like https://psm.example.com, without a trailing slash."),
            Self::Yaml(error) => error.explain(),
            Self::TwoSpellings { spellings } => problem(Kind::RefusedEdit)
                .because("every conda command stops at such a file")
                .remedy(format!(
                    "Join the two under the name '{}'.",
                    spellings.first().unwrap_or(&"channels")
                )),
            Self::NotAList { key } => problem(Kind::RefusedEdit)
                .because("every conda command stops at such a file")
                .remedy(format!(
                    "Write each entry of {key} on a line of its own that starts with '- '."
                )),
            Self::TokenUnreadable { source, .. } => problem(Kind::File)
                .because(source.to_string())
                .remedy("Check the permissions of the file and of its folder."),
            Self::TokenUnusable { source, .. } => problem(Kind::File)
                .because(source.to_string())
                .remedy("Sign in again to replace it."),
            Self::TokenUnwritable { source, .. } | Self::TokenNotRemoved { source, .. } => {
                problem(Kind::File)
                    .because(source.to_string())
                    .remedy("Check the permissions of the folder and the free space on its disk.")
            }
        }
    }
}
