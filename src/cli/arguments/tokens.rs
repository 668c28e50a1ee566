//! The tokens of this machine.

use clap::{Args, Subcommand};

use super::ServiceName;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum TokensCommand {
    /// The tokens that the sign-ins of this machine use
    List,
    /// Tokens that earlier sign-ins of this machine left on the server
    LeftOver(TokensLeftOver),
    /// Put a new token in the place of the one in use
    Renew(TokensRenew),
    /// Revoke tokens that were left over
    Revoke(TokensRevoke),
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
    /// The service; when left out, the repository that you are signed in to, else Anaconda.org
    #[arg(long)]
    pub service: Option<ServiceName>,
    /// Read the password from standard input, where the session has expired
    #[arg(long)]
    pub password_stdin: bool,
}
