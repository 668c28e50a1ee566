//! What a person types or pastes to add a channel, in whatever form: a name, an address, a line of a manual.

mod line;
mod word;

use std::fmt;

use thiserror::Error;

use crate::conda::channel::{ChannelEntry, InvalidChannelName};
use crate::error::{Explain, Kind, Problem};
use crate::secret::{InvalidToken, Token};

/// One of conda's two lists of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// `channels`: what conda searches, in order.
    Channels,
    /// `default_channels`: what `defaults` stands for.
    DefaultChannels,
}

impl List {
    /// The name of the setting.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Channels => "channels",
            Self::DefaultChannels => "default_channels",
        }
    }
}

/// To which end of its list a channel goes, where the text says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Searched before the others.
    First,
    /// Searched after them.
    Last,
}

/// A channel that a person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedChannel {
    /// As it is to be written; no secret is in it.
    pub entry: ChannelEntry,
    /// The token that stood in it.
    pub token: Option<Token>,
    /// The list that the text names.
    pub list: Option<List>,
    pub end: Option<End>,
    /// What was done to the text.
    pub changes: Vec<Change>,
}

/// What was done to the text to make a channel of it. `Display` says it to a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Change {
    /// A token was taken out.
    TokenTakenOut,
    /// A platform at the end was left out.
    SubdirDropped(String),
    /// The name of a file was left out.
    FileDropped,
    /// A question mark or hash and what follows was left out.
    QueryDropped,
    /// `https://` was put before a host.
    SchemeAdded,
    /// The address of a web page was read as that of the channel it shows.
    PageRead,
    /// It stood in a command or a line of a file.
    OutOfLine,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenTakenOut => f.write_str(
                "the token goes into the token store, from which conda sends it, and not into the file",
            ),
            Self::SubdirDropped(subdir) => {
                write!(f, "the platform {subdir} was left out: conda adds it itself")
            }
            Self::FileDropped => f.write_str("the name of the file was left out"),
            Self::QueryDropped => f.write_str("what follows the address was left out"),
            Self::SchemeAdded => f.write_str("https:// was put before it"),
            Self::PageRead => f.write_str("the web page was read as the channel that it shows"),
            Self::OutOfLine => f.write_str("it was taken out of the line around it"),
        }
    }
}

/// Why a text is no channel to be added. Holds nothing of the text but names, since it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotWanted {
    #[error("there is no channel in the text")]
    Nothing,
    #[error("{text} is no name of a channel")]
    Name {
        text: String,
        source: InvalidChannelName,
    },
    #[error("this is no address of a channel")]
    Address,
    #[error("the text holds words that are no channels")]
    Words,
    #[error("this is the place for a token, such as documentation shows it, not the token itself")]
    Placeholder,
    #[error("the token in the text cannot be one")]
    Token(InvalidToken),
    #[error("the address holds a user name or password")]
    Password,
    #[error("the folder depends on where conda is started")]
    RelativeFolder,
    #[error("the line takes something out")]
    Removes,
}

impl Explain for NotWanted {
    fn explain(&self) -> Problem {
        let problem = Problem::new(Kind::Usage, self.to_string());
        const FORMS: &str =
            "write a name such as research or research/gpu, or an address that begins with https://";
        match self {
            Self::Nothing | Self::Address => problem.remedy(FORMS),
            Self::Name { source, .. } => problem.because(source.to_string()).remedy(FORMS),
            Self::Words => problem
                .because("only names, addresses and lines of conda, curl or a .condarc are understood")
                .remedy("give the channels alone, separated by commas"),
            Self::Placeholder => problem.remedy("put your own token in its place"),
            Self::Token(reason) => problem
                .because(reason.to_string())
                .remedy("copy the token again; it has letters, digits and '-' only"),
            Self::Password => problem
                .because("it would stand in .condarc for anyone to read")
                .remedy("leave it out, and put it into ~/.netrc, where conda looks for it too"),
            Self::RelativeFolder => problem.remedy("write the whole path, from the root or from ~"),
            Self::Removes => problem
                .because("only lines that add channels are understood here")
                .remedy("take the channel out of the list instead"),
        }
    }
}

impl WantedChannel {
    /// Every channel in a text: a name (`research`, `parent/child`, `org/label/dev`), an address with or without a token, a
    /// folder, `t/<token>/<name>`, or lines of conda, curl, wget and `.condarc` that name some. Channels that are there twice
    /// are there once.
    ///
    /// # Errors
    /// [`NotWanted`] at the first thing that is none; nothing is guessed.
    pub fn parse(text: &str) -> Result<Vec<Self>, NotWanted> {
        let mut wanted: Vec<Self> = Vec::new();
        for found in line::channels(text)? {
            let channel = word::channel(&found)?;
            match wanted
                .iter_mut()
                .find(|known| known.entry == channel.entry && known.list == channel.list)
            {
                Some(known) => known.token = known.token.take().or(channel.token),
                None => wanted.push(channel),
            }
        }
        match wanted.is_empty() {
            true => Err(NotWanted::Nothing),
            false => Ok(wanted),
        }
    }
}

#[cfg(test)]
mod tests;
