//! Why a client could not be set up.

use std::path::PathBuf;

use thiserror::Error;

use crate::clients::krb5::Krb5Error;
use crate::clients::netrc::NetrcError;
use crate::clients::uv_settings::UvError;
use crate::edit::json::JsonError;
use crate::error::{Explain, Kind, Problem};

/// Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SetupError {
    #[error("this is no address of a package index")]
    NotAnIndex,
    /// Arguments of a command are seen by everybody on the machine.
    #[error("the address holds a token or password")]
    SecretInAddress,
    /// `api` is what would be left of it.
    #[error("the address has a path that anaconda-client's url does not take here")]
    PathInAddress { api: String },
    #[error("{host} is reached by an encrypted connection and needs no trusted-host")]
    TrustedHostOverTls { host: String },
    #[error("{host} is not the host of {index}")]
    TrustedHostElsewhere { host: String, index: String },
    #[error("a token does not belong into a file for everybody")]
    SecretForEverybody,
    #[error("there is no active environment")]
    NoEnvironment,
    #[error("{text} is no name of a realm")]
    NotARealm { text: String },
    #[error("{text} is no address of a key server")]
    NotAKeyServer { text: String },
    #[error("no browser was found on this computer")]
    NoBrowser,
    #[error("{} cannot be edited", path.display())]
    Krb5 { path: PathBuf, source: Krb5Error },
    #[error("{} cannot be edited", path.display())]
    Json {
        path: PathBuf,
        source: JsonError,
        /// The lines to add by hand.
        lines: String,
    },
    #[error("{} cannot be edited", path.display())]
    Uv {
        path: PathBuf,
        source: UvError,
        lines: String,
    },
    #[error("{} cannot be edited", path.display())]
    Netrc { path: PathBuf, source: NetrcError },
    #[error("pip could not be asked")]
    NoPip { reason: String },
}

impl Explain for SetupError {
    fn explain(&self) -> Problem {
        let usage = || Problem::new(Kind::Usage, self.to_string());
        let refused = |reason: String| Problem::new(Kind::RefusedEdit, self.to_string()).because(reason);
        match self {
            Self::NotAnIndex => {
                usage().remedy("give the whole address, such as https://repo.example.com/pypi/NAME/simple")
            }
            Self::SecretInAddress => usage()
                .because("arguments of a command are seen by everybody on this computer")
                .remedy("leave it out of the address: --token-stdin, or --username NAME --password-stdin"),
            Self::PathInAddress { api } => usage()
                .because(format!(
                    "the API is looked for at {api}, so that everything else in the path would be lost"
                ))
                .remedy(format!(
                    "give {api} if that is it; for a repository behind another path, set the whole address alone: \
                     sextant config set anaconda-client url ADDRESS"
                )),
            Self::TrustedHostOverTls { .. } => usage()
                .because("it would switch the check of the server's certificate off")
                .remedy("leave it out; to trust your company's own authority: pip's setting cert"),
            Self::TrustedHostElsewhere { .. } => usage()
                .because("pip would take packages from there over a connection that anybody can change")
                .remedy("name the host of the index"),
            Self::SecretForEverybody => usage()
                .because("everybody on this computer could read it")
                .remedy("set it up for yourself, without --global"),
            Self::NoEnvironment => usage()
                .because("neither VIRTUAL_ENV nor CONDA_PREFIX names one")
                .remedy("activate the environment first, or set it up for yourself: --user"),
            Self::NotARealm { .. } => usage().remedy("give it as the administrator does: CORP.EXAMPLE.COM"),
            Self::NotAKeyServer { .. } => usage().remedy("give a host, or host and port: kdc.example.com:88"),
            Self::NoBrowser => usage().remedy("name one: --browser chrome|chromium|edge|firefox|safari"),
            Self::Krb5 { source, .. } => {
                refused(source.to_string()).remedy("Kerberos stops there, too; correct the file by hand")
            }
            Self::Json { source, lines, .. } => {
                refused(source.to_string()).remedy(format!("put this into it by hand: {lines}"))
            }
            Self::Uv { source, lines, .. } => {
                refused(source.to_string()).remedy(format!("put this into it by hand:\n{lines}"))
            }
            Self::Netrc { source, .. } => {
                refused(source.to_string()).remedy("write the name and password there by hand")
            }
            Self::NoPip { reason } => Problem::new(Kind::File, self.to_string())
                .because(reason.clone())
                .remedy("activate an environment that has pip, and ask again: pip config list"),
        }
    }
}
