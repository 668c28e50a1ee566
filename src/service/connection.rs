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
            Self::AnacondaOrg => "Anaconda.org",
        }
    }
}

/// The token that a sign-in created. Its value is in conda's token files and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    pub id: String,
    pub name: String,
    pub expires_at: Option<Timestamp>,
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
    /// Name in the credential store of the session that created the token.
    pub session: String,
    pub condarc: CondarcRecord,
    pub navigator: PathBuf,
    pub token_files: Vec<PathBuf>,
    /// The history entry of the sign-in.
    pub entry: String,
}

/// A token that is still to be deleted on its server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
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

/// The content of `connections.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    #[serde(default)]
    pub connections: Vec<Connection>,
    #[serde(default)]
    pub revocations: Vec<Revocation>,
}

impl Connections {
    pub fn of(&self, service: Service) -> Option<&Connection> {
        self.connections
            .iter()
            .find(|connection| connection.service == service)
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
