//! Logins that other programs made on this machine, read from their files: which tool is signed in where, with which
//! token, and what has to happen to its files to end that.
//!
//! Nothing here asks the network, and nothing here writes: an ending is returned as the new contents of files, so that
//! the service can show it, journal it and undo it. Tokens are read into [`crate::secret::Token`] and
//! [`crate::secret::Secret`] and come out in no other way.
//!
//! Beside the logins: where these tools and their neighbours (pip, uv, Kerberos, browsers) keep their configuration, what it
//! says, and how it is changed.
//!
//! | module | tool | server reference |
//! |---|---|---|
//! | [`repo_cli`] | conda-repo-cli | 4.1 |
//! | [`anaconda_client`] | anaconda-client | repository reference, 2 |
//! | [`conda_token`] | conda-token, and anaconda-auth's way to the same file | 2.1 |
//! | [`anaconda_auth`] | anaconda-auth and its keyring | 2.2 |
//! | [`navigator`] | Anaconda Navigator | 4.3, 5.4 |
//! | [`conda`] | conda itself: token files that no other tool's configuration speaks of | 3 |

mod anaconda_auth;
mod anaconda_client;
pub mod anaconda_client_settings;
pub mod browsers;
mod conda;
mod conda_token;
mod navigator;
mod repo_cli;

mod address;
mod configuration;
pub mod ending;
mod error;
pub mod found;
mod json_style;
mod jwt;
mod keyring;
pub mod krb5;
pub mod layered;
pub mod machine;
pub mod netrc;
pub mod pip_settings;
mod token_files;
pub mod uv_settings;
pub mod watched;

#[cfg(test)]
mod fixture;

pub use ending::{Ending, FileChange, end};
pub use error::ClientsError;
pub use found::{
    Conflict, Credential, Found, FoundLogin, LoginState, Place, Product, Remark, Tool, conflicts, logins,
};
pub use machine::{Machine, NavigatorReading, NavigatorValues};
pub use watched::{Watched, watched};
