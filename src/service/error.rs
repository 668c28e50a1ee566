//! Why a use case failed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::connection::Service;
use crate::conda::CondaError;
use crate::conda::environment::Protection;
use crate::credential::CredentialError;
use crate::edit::file::FileError;
use crate::edit::history::HistoryError;
use crate::edit::lock::LockError;
use crate::edit::transaction::TransactionError;
use crate::error::{Explain, Kind, Problem};
use crate::navigator::NavigatorError;
use crate::repository::kerberos::KerberosError;
use crate::repository::oidc::OidcError;
use crate::repository::{CaError, ClientCertificateError, DomainError, RepositoryError, SessionError};

#[derive(Debug, Clone, Error)]
pub enum ServiceError {
    #[error(transparent)]
    Domain(#[from] DomainError),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Conda(Arc<CondaError>),
    #[error("there is no file {path}")]
    NoTrustFile { path: PathBuf },
    #[error("{path}: {source}")]
    CaFile { path: PathBuf, source: CaError },
    #[error("{path}: {source}")]
    ClientCertificate {
        path: PathBuf,
        source: ClientCertificateError,
    },
    #[error("what {path} says about trusted servers cannot be read")]
    DamagedTrust { path: PathBuf, reason: String },
    #[error("{path} cannot be edited")]
    Condarc { path: PathBuf, source: Arc<CondaError> },
    #[error("{path} cannot be used")]
    Navigator { path: PathBuf, source: NavigatorError },
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error(transparent)]
    Credential(#[from] CredentialError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error("you are signed in to {domain}{} already", as_user(user))]
    AlreadySignedIn {
        service: Service,
        domain: String,
        user: String,
    },
    #[error("you are not signed in to {service}")]
    NotSignedIn { service: &'static str },
    #[error("{service} has no packages of accounts")]
    NoAccounts { service: &'static str },
    #[error(transparent)]
    Clients(#[from] crate::clients::ClientsError),
    #[error(transparent)]
    SingleSignOn(#[from] OidcError),
    #[error(transparent)]
    Browser(#[from] super::browser::BrowserError),
    #[error("no scope is chosen for the token")]
    NoScopes,
    #[error("the token for {domain} cannot be renewed from here")]
    NotRenewable { domain: String },
    #[error("this cannot be done with one click")]
    NoRemedy { reason: String, remedy: String },
    #[error("no server domain is set")]
    NoDomain,
    #[error("you are signed in to {domain}; its domain cannot be changed")]
    DomainInUse { domain: String },
    #[error("the server has no channel {}", names.join(", "))]
    UnknownChannels { names: Vec<String> },
    #[error("this is neither the name of a channel nor its address")]
    NotAChannel,
    #[error("{domain} has no channel {name}")]
    NoSuchChannel { name: String, domain: String },
    #[error("{domain} does not open the channel {name} to you")]
    ChannelClosed { name: String, domain: String },
    /// A server refused the token that lies in these files (server reference, section 6, row 1).
    #[error("{domain} does not accept the token of this machine")]
    TokenRefused { domain: String, files: Vec<PathBuf> },
    #[error("{name} is not among the channels in {path}")]
    ChannelNotListed { name: String, path: PathBuf },
    #[error(transparent)]
    Configuration(#[from] super::configuration::ConfigurationError),
    #[error(transparent)]
    Setup(#[from] super::setup::SetupError),
    #[error(transparent)]
    Kerberos(#[from] KerberosError),
    #[error(transparent)]
    Environment(#[from] crate::conda::environment::EnvironmentError),
    #[error(transparent)]
    Terminal(#[from] super::environments::TerminalError),
    #[error(transparent)]
    Import(#[from] super::environments::ImportError),
    #[error(transparent)]
    LockFile(#[from] crate::package::lock::LockError),
    #[error(transparent)]
    EnvironmentChange(#[from] super::environments::EnvironmentChangeError),
    #[error(transparent)]
    Channels(Box<super::manage_channels::ManageError>),
    #[error(transparent)]
    EnvironmentTransaction(#[from] crate::package::transaction::TransactionError),
    #[error("{path} is not a file of Sextant's own")]
    NotOurs { path: PathBuf },
    #[error(transparent)]
    Solve(#[from] crate::package::solve::SolveError),
    #[error("{prefix} cannot be changed")]
    Protected { prefix: PathBuf, protection: Protection },
    #[error("the channel {channel} may not be used")]
    ChannelNotAllowed { channel: String, reason: String },
    #[error("there is nothing to undo")]
    NothingToUndo,
    #[error("there is no earlier version {id} of {path}")]
    NoSuchSnapshot { id: String, path: PathBuf },
    #[error(transparent)]
    Policy(#[from] super::policy::PolicyError),
    #[error(transparent)]
    Offline(#[from] super::offline::OfflineError),
    #[error("the entry {id} cannot be undone")]
    NotUndoable {
        id: String,
        reason: String,
        remedy: String,
    },
    #[error("{path} is damaged")]
    DamagedConnections { path: PathBuf, reason: String },
    #[error("the preferences in {path} cannot be read")]
    DamagedPreferences { path: PathBuf, reason: String },
    #[error(transparent)]
    Index(Box<crate::package::index::IndexError>),
    #[error(transparent)]
    Upload(#[from] super::upload::UploadError),
    #[error(transparent)]
    NotThere(#[from] super::access::NotThere),
    #[error("Sextant has a defect here")]
    Internal(String),
}

fn shown(files: &[PathBuf]) -> String {
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    files.join(", ")
}

fn as_user(user: &str) -> String {
    match user {
        "" => String::new(),
        user => format!(" as {user}"),
    }
}

impl ServiceError {
    /// Whether a failure says that nothing came to be of a request: it never got there, or it was refused.
    pub(crate) fn made_nothing(&self) -> bool {
        if matches!(self, Self::Offline(_)) {
            return true;
        }
        let Self::Repository(error) = self else {
            return false;
        };
        match error {
            RepositoryError::UnknownName { .. }
            | RepositoryError::Refused { .. }
            | RepositoryError::Unreachable { .. }
            | RepositoryError::NoNetwork
            | RepositoryError::Proxy(_)
            | RepositoryError::Tls(_)
            | RepositoryError::WrongPassword { .. }
            | RepositoryError::SessionExpired { .. }
            | RepositoryError::SignInRequired { .. }
            | RepositoryError::Forbidden { .. }
            | RepositoryError::NotFound { .. }
            | RepositoryError::TokenNameTaken { .. } => true,
            // The ticket may have been accepted by a server that did not prove itself.
            RepositoryError::Kerberos(error) => !matches!(
                error,
                KerberosError::MutualAuthenticationMissing { .. } | KerberosError::InvalidReply { .. }
            ),
            _ => false,
        }
    }

    /// For a file that conda's or YAML's rules stop us at: says which file it is.
    pub(crate) fn in_condarc<E: Into<CondaError>>(path: &Path) -> impl Fn(E) -> Self + '_ {
        |source| Self::Condarc {
            path: path.to_owned(),
            source: Arc::new(source.into()),
        }
    }
}

impl ServiceError {
    /// For Navigator's file: says where it is.
    pub(crate) fn in_navigator(path: &Path) -> impl Fn(NavigatorError) -> Self + '_ {
        |source| Self::Navigator {
            path: path.to_owned(),
            source,
        }
    }
}

impl From<CondaError> for ServiceError {
    fn from(error: CondaError) -> Self {
        Self::Conda(Arc::new(error))
    }
}

impl From<super::manage_channels::ManageError> for ServiceError {
    fn from(error: super::manage_channels::ManageError) -> Self {
        Self::Channels(Box::new(error))
    }
}

impl From<crate::package::index::IndexError> for ServiceError {
    fn from(error: crate::package::index::IndexError) -> Self {
        Self::Index(Box::new(error))
    }
}

impl Explain for ServiceError {
    fn explain(&self) -> Problem {
        let conflict = || Problem::new(Kind::Conflict, self.to_string());
        match self {
            Self::Domain(error) => error.explain(),
            Self::Repository(error) => error.explain(),
            Self::Session(error) => error.explain(),
            Self::Conda(error) => error.explain(),
            Self::NoTrustFile { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("it is set as a CA file or client certificate for this server")
                .remedy("name the file that holds the certificate of your organisation's authority (PEM)"),
            Self::CaFile { source, .. } => Problem {
                message: self.to_string(),
                ..source.explain()
            },
            Self::ClientCertificate { source, .. } => Problem {
                message: self.to_string(),
                ..source.explain()
            },
            Self::Condarc { path, source } => {
                let mut problem = source.explain();
                problem.message = format!("{}: {}", path.display(), problem.message);
                problem
            }
            Self::Navigator { path, source } => {
                let mut problem = source.explain();
                problem.message = format!("{}: {}", path.display(), problem.message);
                problem
            }
            Self::File(error) => error.explain(),
            Self::Upload(error) => error.explain(),
            Self::NotThere(error) => error.explain(),
            Self::Transaction(error) => error.explain(),
            Self::History(error) => error.explain(),
            Self::Credential(error) => error.explain(),
            Self::Lock(error) => error.explain(),
            Self::AlreadySignedIn { service, .. } => conflict()
                .because("one repository service at a time")
                .remedy(format!("sign out first: sextant sign-out {}", service.name())),
            Self::NotSignedIn { .. } => conflict().remedy("sign in first: sextant sign-in"),
            Self::NoAccounts { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("who may see what is decided there for whole channels, on the pages of the server")
                .remedy("name the service whose packages are meant: --service repository or --service anaconda-org"),
            Self::Clients(error) => error.explain(),
            Self::Setup(error) => error.explain(),
            Self::Kerberos(error) => error.explain(),
            Self::SingleSignOn(error) => error.explain(),
            Self::Browser(error) => error.explain(),
            Self::NoScopes => Problem::new(Kind::Usage, self.to_string())
                .because("a repository reads that as everything")
                .remedy("choose what the token may do, such as: repos conda:download"),
            Self::NotRenewable { .. } => conflict()
                .because("only the pages of the service issue such tokens")
                .remedy("issue a new one there and sign in with it; it takes the place of the old one"),
            Self::NoRemedy { reason, remedy } => conflict().because(reason.clone()).remedy(remedy.clone()),
            Self::NoDomain => conflict().remedy("set it first: sextant domain set https://repo.example.com"),
            Self::DomainInUse { .. } => conflict()
                .because("the token and the channels in use belong to it")
                .remedy("sign out first: sextant sign-out"),
            Self::UnknownChannels { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("it does not list it for this account")
                .remedy("see what there is: sextant channels available"),
            Self::NotAChannel => Problem::new(Kind::Usage, self.to_string())
                .because("an address that holds a token or a password is not taken either")
                .remedy("give it as the service names it, as in: research or my-organisation/models"),
            Self::NoSuchChannel { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("it has no index for conda there")
                .remedy("check the spelling, or ask its owner for the name"),
            Self::ChannelClosed { .. } => Problem::new(Kind::Forbidden, self.to_string())
                .because("it is private, or not part of what your token opens")
                .remedy("ask the owner of the channel for access"),
            Self::TokenRefused { files, .. } => Problem::new(Kind::Auth, self.to_string())
                .because(format!(
                    "it has expired or was revoked; it lies in {}, and conda fails with 401 there, for public channels too",
                    shown(files)
                ))
                .remedy("renew the token, or sign in again"),
            Self::ChannelNotListed { .. } => {
                Problem::new(Kind::Usage, self.to_string()).remedy("see what is there: sextant channels list")
            }
            Self::Configuration(error) => error.explain(),
            Self::Environment(error) => error.explain(),
            Self::Terminal(error) => error.explain(),
            Self::Import(error) => error.explain(),
            Self::LockFile(error) => error.explain(),
            Self::Solve(error) => error.explain(),
            Self::EnvironmentTransaction(error) => error.explain(),
            Self::Protected { prefix, protection } => {
                Problem::new(Kind::Forbidden, self.to_string())
                .because(protection.reason())
                .remedy(protection.remedy(prefix))
            }
            Self::ChannelNotAllowed { reason, .. } => {
                Problem::new(Kind::Forbidden, self.to_string()).because(reason.clone())
            }
            Self::EnvironmentChange(error) => error.explain(),
            Self::Channels(error) => error.explain(),
            Self::NothingToUndo => conflict().remedy("see what was changed: sextant history"),
            Self::NoSuchSnapshot { path, .. } => Problem::new(Kind::Usage, self.to_string()).remedy(format!(
                "list them: sextant history --file {}",
                path.display()
            )),
            Self::NotOurs { .. } => Problem::new(Kind::Usage, self.to_string())
                .because("other programs read it too")
                .remedy("mend it, or put an earlier version back: sextant restore"),
            Self::Policy(error) => error.explain(),
            Self::Index(error) => error.explain(),
            Self::Offline(error) => error.explain(),
            Self::NotUndoable { reason, remedy, .. } => {
                conflict().because(reason.clone()).remedy(remedy.clone())
            }
            Self::DamagedConnections { path, reason } => Problem::new(Kind::File, self.to_string())
                .because(reason.clone())
                .remedy(format!(
                    "move it away; Sextant then no longer knows that it signed in: mv {0} {0}.damaged",
                    path.display()
                )),
            Self::DamagedTrust { path, reason } | Self::DamagedPreferences { path, reason } => {
                Problem::new(Kind::File, self.to_string())
                    .because(reason.clone())
                    .remedy(format!(
                        "mend the line, or move the file away: mv {0} {0}.damaged",
                        path.display()
                    ))
            }
            Self::Internal(reason) => Problem::new(Kind::Internal, self.to_string())
                .because(reason.clone())
                .remedy("please report it with what you did before"),
        }
    }
}
