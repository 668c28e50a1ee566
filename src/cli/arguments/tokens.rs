//! The tokens of this machine.

use clap::{Args, Subcommand, ValueEnum};

use super::ServiceName;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TokensCommand {
    /// The tokens that the sign-ins of this machine use, or all of the account
    List(TokensList),
    /// What a token can be allowed to do, in the server's words
    Scopes(TokensScopes),
    /// Make a token for somebody or something else; its text is shown this once
    Create(TokensCreate),
    /// Tokens that earlier sign-ins of this machine left on the server
    LeftOver(TokensLeftOver),
    /// Put a new token in the place of the one in use
    Renew(TokensRenew),
    /// Revoke tokens of the account
    Revoke(TokensRevoke),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TokensList {
    /// Every token of the account, as the server lists them
    #[arg(long)]
    pub all: bool,
    /// The service; when left out, the repository that you are signed in to, else Anaconda.org
    #[arg(long, requires = "all")]
    pub service: Option<ServiceName>,
    /// Read the password from standard input, where the session has expired
    #[arg(long, requires = "all")]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TokensScopes {
    /// The service; when left out, the repository that you are signed in to, else Anaconda.org
    #[arg(long)]
    pub service: Option<ServiceName>,
    /// Read the password from standard input, where the session has expired
    #[arg(long)]
    pub password_stdin: bool,
}

/// What tokens are usually made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PresetName {
    /// Download conda packages, private ones too
    Download,
    /// Download Python packages
    PipDownload,
    /// Upload from a machine that builds
    Upload,
    /// Everything the account may do
    Full,
}

/// What is done with a token that was just made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TokenUseName {
    /// Only say what to type to use it
    Show,
    /// Add a channel, with the token in conda's token store
    Channel,
    /// Let conda use it in the place of the token of the sign-in, which is revoked
    Store,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("extent").required(true))]
pub(in crate::cli) struct TokensCreate {
    /// Under this name it is listed and revoked
    #[arg(long)]
    pub name: String,
    /// What it may do; see: sextant tokens scopes
    #[arg(long, value_delimiter = ',', group = "extent")]
    pub scopes: Vec<String>,
    /// The scopes for a usual purpose instead
    #[arg(long, value_enum, group = "extent")]
    pub preset: Option<PresetName>,
    /// The day it ends; without, a year from today
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub expires: Option<jiff::civil::Date>,
    /// The organisation whose packages it is for, at a repository
    #[arg(long, value_name = "ORG")]
    pub organization: Option<String>,
    /// A shorter text, for being typed; at a repository
    #[arg(long)]
    pub weak: bool,
    /// Revoke the token of the same name: the way out when its text was lost
    #[arg(long)]
    pub replace: bool,
    /// Put it straight into use on this machine
    #[arg(long = "use", value_enum, default_value = "show")]
    pub put_to_use: TokenUseName,
    /// The channel to add with --use channel, as in research or my-organisation/label/dev; when left out, that of the
    /// account or organisation
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Option<String>,
    /// The service; when left out, the repository that you are signed in to, else Anaconda.org
    #[arg(long)]
    pub service: Option<ServiceName>,
    /// Read the password from standard input, where the session has expired
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TokensLeftOver {
    /// The service; when left out, the repository that you are signed in to, else Anaconda.org
    pub service: Option<ServiceName>,
    /// Read the password from standard input, where the session has expired
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TokensRenew {
    /// The service, or the id or name of its token; when left out, the repository that you are signed in to, else
    /// Anaconda.org
    #[arg(value_name = "SERVICE")]
    pub which: Option<String>,
    /// Read the password from standard input, where the session has expired
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TokensRevoke {
    #[arg(required = true, value_name = "ID-OR-NAME")]
    pub tokens: Vec<String>,
    /// The organisation whose tokens they are, by their names, at a repository
    #[arg(long, value_name = "ORG")]
    pub organization: Option<String>,
    /// The service; when left out, the repository that you are signed in to, else Anaconda.org
    #[arg(long)]
    pub service: Option<ServiceName>,
    /// Read the password from standard input, where the session has expired
    #[arg(long)]
    pub password_stdin: bool,
}
