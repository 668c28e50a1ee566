//! Which service this machine is signed in to, as Sextant remembers it, and what it needs to undo that.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ServiceError, Services};
use crate::edit::file;
use crate::edit::history::Version;

/// The services of the Connect dialog; the names are those of the command line's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Anaconda Server / Package Security Manager (On-prem).
    Server,
    /// Package Security Manager Cloud.
    Cloud,
    /// Anaconda Repository (Enterprise 4).
    Repository,
    /// Anaconda.com / Anaconda.org.
    AnacondaOrg,
}

impl Service {
    /// In the order of the Connect dialog.
    pub const ALL: [Self; 4] = [Self::AnacondaOrg, Self::Cloud, Self::Server, Self::Repository];

    /// Whether it is one of the repository services, of which a machine is signed in to one at a time; Anaconda.org
    /// stays beside it (seed 003).
    pub const fn is_repository(self) -> bool {
        !matches!(self, Self::AnacondaOrg)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Cloud => "cloud",
            Self::Repository => "repository",
            Self::AnacondaOrg => "anaconda-org",
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Server => "Package Security Manager (On-prem)",
            Self::Cloud => "Package Security Manager Cloud",
            Self::Repository => "Anaconda Repository",
            Self::AnacondaOrg => "Anaconda.com / Anaconda.org",
        }
    }
}

/// The program whose sign-in it is. Its name is the `origin` of the command line's JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProgramName {
    #[default]
    Sextant,
    CondaRepoCli,
    AnacondaClient,
    CondaToken,
    AnacondaNavigator,
    AnacondaAuth,
    /// A token file that no program's settings speak of.
    Conda,
}

impl ProgramName {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sextant => "sextant",
            Self::CondaRepoCli => "conda-repo-cli",
            Self::AnacondaClient => "anaconda-client",
            Self::CondaToken => "conda-token",
            Self::AnacondaNavigator => "anaconda-navigator",
            Self::AnacondaAuth => "anaconda-auth",
            Self::Conda => "conda",
        }
    }

    /// As it is called in a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sextant => "Sextant",
            Self::CondaRepoCli => "conda-repo-cli",
            Self::AnacondaClient => "anaconda-client",
            Self::CondaToken => "conda token",
            Self::AnacondaNavigator => "Anaconda Navigator",
            Self::AnacondaAuth => "anaconda-auth",
            Self::Conda => "conda",
        }
    }
}

/// The token that goes with a sign-in. Its value is in conda's token files; where Sextant alone can revoke it, also in
/// the credential store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// The server's identifier; none for a token that the person brought, or of a server that gives none.
    pub id: Option<String>,
    /// The name under which Sextant created it; none for a token that the person or another program brought.
    pub name: Option<String>,
    pub expires_at: Option<Timestamp>,
    /// What it may do, as it was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

impl TokenRecord {
    /// Whether Sextant created it, and so has to revoke it.
    pub fn is_ours(&self) -> bool {
        self.name.is_some()
    }
}

/// The `.condarc` that a sign-in edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CondarcRecord {
    pub path: PathBuf,
    /// Before the sign-in; `None` when there was no file.
    pub before: Option<Version>,
    /// As Sextant last wrote it.
    pub last: Option<Version>,
}

/// A sign-in that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub service: Service,
    pub domain: String,
    pub user: String,
    pub signed_in_at: Timestamp,
    pub token: TokenRecord,
    pub ca_file: Option<PathBuf>,
    /// Name in the credential store of what can revoke the token; none when there is nothing to revoke.
    pub session: Option<String>,
    /// None where the sign-in left `.condarc` alone.
    pub condarc: Option<CondarcRecord>,
    pub token_files: Vec<PathBuf>,
    /// The history entry of the sign-in.
    pub entry: String,
    /// Whose sign-in it was before Sextant took it over.
    #[serde(default)]
    pub origin: ProgramName,
}

impl Connection {
    /// The token as one that is still to be revoked; none when Sextant did not create it.
    pub(crate) fn revocation(&self) -> Option<Revocation> {
        Some(Revocation {
            service: self.service,
            domain: self.domain.clone(),
            ca_file: self.ca_file.clone(),
            user: self.user.clone(),
            session: self.session.clone()?,
            token_name: self.token.name.clone()?,
            token_id: self.token.id.clone(),
            reason: None,
        })
    }
}

/// A token that is still to be deleted on its server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    #[serde(default = "server")]
    pub service: Service,
    pub domain: String,
    pub ca_file: Option<PathBuf>,
    pub user: String,
    pub session: String,
    pub token_name: String,
    /// Unknown when the server's answer never arrived; the name finds it then.
    pub token_id: Option<String>,
    /// Why it has not happened yet.
    pub reason: Option<String>,
}

/// The service of records that were written when there was only one.
fn server() -> Service {
    Service::Server
}

/// The content of `connections.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    #[serde(default)]
    pub connections: Vec<Connection>,
    #[serde(default)]
    pub revocations: Vec<Revocation>,
    /// Sign-ins that a repair took out. They come back when it is undone; the next sign-in ends them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repaired: Vec<Repaired>,
}

/// A sign-in that a repair took out. Its token is not revoked yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// The history entry of the repair.
    pub entry: String,
    pub connection: Connection,
}

impl Connections {
    pub fn of(&self, service: Service) -> Option<&Connection> {
        self.connections
            .iter()
            .find(|connection| connection.service == service)
    }

    /// The repository service that this machine is signed in to, of which there is one at most.
    pub fn repository(&self) -> Option<&Connection> {
        self.connections
            .iter()
            .find(|connection| connection.service.is_repository())
    }

    /// The connection whose sign-in edited this `.condarc`.
    pub(crate) fn of_condarc_mut(&mut self, path: &std::path::Path) -> Option<&mut CondarcRecord> {
        self.connections
            .iter_mut()
            .filter_map(|connection| connection.condarc.as_mut())
            .find(|record| record.path == path)
    }

    /// Undoes what a repair did to the sign-ins.
    pub(crate) fn take_back_repaired(&mut self, entry: &str) {
        for at in (0..self.repaired.len()).rev() {
            if self.repaired[at].entry == entry {
                self.connections.push(self.repaired.remove(at).connection);
            }
        }
    }

    /// A new sign-in takes the place of those that a repair took out: their tokens are to be revoked now.
    pub(crate) fn give_up_repaired(&mut self, service: Service) {
        for at in (0..self.repaired.len()).rev() {
            let old = self.repaired[at].connection.service;
            if old == service || (old.is_repository() && service.is_repository()) {
                self.revocations
                    .extend(self.repaired.remove(at).connection.revocation());
            }
        }
    }

    pub(crate) fn of_mut(&mut self, service: Service) -> Option<&mut Connection> {
        self.connections
            .iter_mut()
            .find(|connection| connection.service == service)
    }

    pub(crate) fn to_bytes(&self) -> Result<Option<Vec<u8>>, ServiceError> {
        if *self == Self::default() {
            return Ok(None);
        }
        serde_json::to_vec_pretty(self)
            .map(Some)
            .map_err(|error| ServiceError::Internal(error.to_string()))
    }
}

impl Services {
    /// What Sextant remembers; nothing when it never signed in.
    ///
    /// Errors: [`ServiceError::DamagedConnections`] when the file was tampered with.
    pub fn connections(&self) -> Result<Connections, ServiceError> {
        Ok(self.connections_with_bytes()?.0)
    }

    pub(crate) fn connections_with_bytes(&self) -> Result<(Connections, Option<Vec<u8>>), ServiceError> {
        let path = self.locations().connections();
        let Some(image) = file::read(&path)? else {
            return Ok((Connections::default(), None));
        };
        match serde_json::from_slice(&image.bytes) {
            Ok(connections) => Ok((connections, Some(image.bytes))),
            Err(error) => Err(ServiceError::DamagedConnections {
                path,
                reason: error.to_string(),
            }),
        }
    }
}
