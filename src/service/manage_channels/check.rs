//! Whether a channel is there, and open to this machine: its index for every platform is asked for, as conda and Navigator
//! do (server reference, section 1.11), with the credential that is sent to it.

use std::path::PathBuf;

use serde::Serialize;
use url::Url;

use super::answer::{self, Sent};
use super::listing::ManagedChannel;
use crate::conda::channel::ChannelUrl;
use crate::conda::configuration::Configuration;
use crate::conda::in_flight::{ChannelCredentials, CredentialSource, InFlight};
use crate::conda::resolution::ResolvedChannel;
use crate::error::{Explain, Kind, Problem};
use crate::repository::{ChannelAnswer, Domain, HttpClient, Privacy, RepositoryError, probe_index};
use crate::secret::{Secret, Token, mask_text};
use crate::service::connection::{Connection, Service};
use crate::service::{ServiceError, Services, blocking};

/// The path at which conda begins with a channel.
pub(super) const INDEX: &str = "noarch/repodata.json";

/// Whether somebody without a credential gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Everybody does.
    Open,
    /// Only who has a credential.
    Closed,
    #[default]
    Unknown,
}

/// How an address answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ChannelState {
    /// Its index is there.
    Found,
    /// Its index is somewhere else, to which conda follows.
    Moved { to: String },
    /// 401 without a credential.
    SignInWanted,
    /// 401 with one.
    CredentialRefused,
    /// 403.
    Closed,
    /// 404, or a folder without an index.
    Missing,
    /// Nobody could be asked.
    Unreachable,
    /// Nobody was asked: Sextant works offline.
    NotAsked,
}

impl ChannelState {
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Found | Self::Moved { .. })
    }

    /// In one or two words.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Moved { .. } => "found elsewhere",
            Self::SignInWanted => "wants a sign-in",
            Self::CredentialRefused => "token refused",
            Self::Closed => "closed to you",
            Self::Missing => "not there",
            Self::Unreachable => "not reached",
            Self::NotAsked => "not asked",
        }
    }
}

/// One address after it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedAddress {
    /// Without secrets.
    pub url: String,
    #[serde(flatten)]
    pub state: ChannelState,
    /// The credential that was sent, by the place it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    pub access: Access,
    /// Whether its packages are copied from elsewhere, as far as its server says.
    pub mirror: bool,
    /// How many packages it has, as far as its server says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// A channel after it was asked; several addresses where its name stands for several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedChannel {
    pub addresses: Vec<CheckedAddress>,
}

impl CheckedChannel {
    /// The address that is worst off; nothing where the entry leads nowhere.
    pub fn worst(&self) -> Option<&CheckedAddress> {
        let rank = |checked: &&CheckedAddress| match checked.state {
            ChannelState::Found => 0,
            ChannelState::Moved { .. } => 1,
            ChannelState::NotAsked => 2,
            ChannelState::Unreachable => 3,
            _ => 4,
        };
        // The first of the worst.
        self.addresses.iter().rev().max_by_key(rank)
    }

    pub fn is_good(&self) -> bool {
        self.worst().is_some_and(|worst| worst.state.is_good())
    }
}

/// A credential as it is tried.
struct Tried {
    address: Url,
    token: Option<Secret>,
    login: Option<(Secret, Secret)>,
    source: Option<CredentialSource>,
}

impl Services {
    /// What is wrong, in the words of this answer; nothing where it is good.
    fn problem_of(&self, checked: &CheckedAddress, tried: &Tried) -> Option<Problem> {
        let domain = Domain::parse(&checked.url).ok();
        let is_signed_in = domain
            .as_ref()
            .is_some_and(|domain| blocking(|| self.connection_at(domain)).is_some());
        let host = domain
            .as_ref()
            .map_or(checked.url.as_str(), Domain::host_and_port);
        let credential = match (&tried.source, tried.token.is_some() || tried.login.is_some()) {
            (Some(source), _) => Sent::From(source),
            (None, true) => Sent::WithTheChannel,
            (None, false) => Sent::Nothing,
        };
        answer::problem(&checked.state, &checked.url, host, &credential, is_signed_in)
    }

    /// Asks for every address of a channel. `token` is one that is not kept yet; it is tried where conda has none to send.
    pub async fn check_channel(&self, channel: &ManagedChannel, token: Option<&Token>) -> CheckedChannel {
        let (configuration, credentials) = blocking(|| {
            let surroundings = self.surroundings();
            let configuration = Configuration::read(&surroundings);
            let credentials = ChannelCredentials::read(&surroundings, &configuration);
            (configuration, credentials)
        });
        let resolver = configuration.resolver();
        let checks = channel.addresses.iter().map(|address| {
            let resolved = resolver.channel_at(address);
            self.check_address(address, resolved, &credentials, token)
        });
        CheckedChannel {
            addresses: futures::future::join_all(checks).await,
        }
    }

    async fn check_address(
        &self,
        address: &str,
        resolved: Option<ResolvedChannel>,
        credentials: &ChannelCredentials,
        token: Option<&Token>,
    ) -> CheckedAddress {
        let checked = |state| CheckedAddress {
            url: address.to_owned(),
            state,
            credential: None,
            access: Access::Unknown,
            mirror: false,
            artifacts: None,
            problem: None,
        };
        if let Some(folder) = folder_of(address) {
            return of_folder(&folder, checked(ChannelState::Found));
        }
        let asked = match tried(self, address, resolved, credentials, token) {
            Ok(tried) => self.ask(address, &tried).await.map(|answer| (tried, answer)),
            Err(error) => Err(error),
        };
        match asked {
            Ok((tried, answered)) => {
                let mut checked = CheckedAddress {
                    credential: source_of(&tried),
                    ..checked(answered.state)
                };
                checked.problem = self.problem_of(&checked, &tried);
                checked.access = answered.access;
                self.add_details(&mut checked).await;
                checked
            }
            Err(error) => {
                let state = match &error {
                    ServiceError::Offline(_) => ChannelState::NotAsked,
                    _ => ChannelState::Unreachable,
                };
                CheckedAddress {
                    problem: Some(error.explain()),
                    ..checked(state)
                }
            }
        }
    }

    async fn ask(&self, address: &str, tried: &Tried) -> Result<Answered, ServiceError> {
        let domain = Domain::parse(address)?;
        let connection = blocking(|| self.connection_at(&domain));
        let ca_file = connection.and_then(|connection| connection.ca_file);
        let http = self.http(&domain, ca_file.as_deref()).await?;
        let state = probed(&http, &tried.address, tried).await?;
        let has_credential = tried.token.is_some() || tried.login.is_some();
        let access = match (&state, has_credential) {
            (ChannelState::Found, false) => Access::Open,
            (ChannelState::Found, true) => self.open_to_strangers(&http, address).await,
            (ChannelState::SignInWanted | ChannelState::Closed, _) => Access::Closed,
            _ => Access::Unknown,
        };
        Ok(Answered { state, access })
    }

    /// Whether the channel opens without the credential, which tells a private channel from a public one.
    async fn open_to_strangers(&self, http: &HttpClient, address: &str) -> Access {
        let Ok(index) = Url::parse(&format!("{address}/{INDEX}")) else {
            return Access::Unknown;
        };
        match probe_index(http, &index, None, None).await {
            Ok(ChannelAnswer::Open) => Access::Open,
            Ok(_) => Access::Closed,
            Err(_) => Access::Unknown,
        }
    }

    /// What the server that one is signed in to says of the channel. It adds to what is known already, so that a refusal
    /// counts for nothing.
    async fn add_details(&self, checked: &mut CheckedAddress) {
        if !checked.state.is_good() {
            return;
        }
        let Ok(domain) = Domain::parse(&checked.url) else {
            return;
        };
        let connection = blocking(|| self.connection_at(&domain));
        let Some(connection) = connection.filter(|connection| connection.service == Service::Server) else {
            return;
        };
        let Ok(server) = Domain::parse(&connection.domain) else {
            return;
        };
        let alias = format!("{}/", server.channel_alias());
        let (Some(name), Ok(Some(token))) = (checked.url.strip_prefix(&alias), self.token_of(&connection))
        else {
            return;
        };
        let Ok(client) = self.server(&server, connection.ca_file.as_deref()).await else {
            return;
        };
        if let Ok(channel) = client.channel(name, &token).await {
            checked.mirror = channel.mirror;
            checked.artifacts = channel.artifact_count;
            checked.access = match channel.privacy {
                Privacy::Public => Access::Open,
                Privacy::Authenticated | Privacy::Private => Access::Closed,
                Privacy::Other(_) => checked.access,
            };
        }
    }

    /// The sign-in that goes with an address.
    fn connection_at(&self, domain: &Domain) -> Option<Connection> {
        let connections = self.connections().ok()?.connections;
        let is_there = |connection: &Connection| {
            Domain::parse(&connection.domain).is_ok_and(|known| {
                let host = known.host_and_port();
                // The channels of anaconda.org, and of repositories like it, are on a host beside that of their API.
                let beside = host.replacen("api.", "conda.", 1);
                [host, beside.as_str()].contains(&domain.host_and_port())
            })
        };
        connections.into_iter().find(is_there)
    }
}

struct Answered {
    state: ChannelState,
    access: Access,
}

/// # Errors
/// Network and TLS failures, and a server that fails.
async fn probed(http: &HttpClient, index: &Url, tried: &Tried) -> Result<ChannelState, ServiceError> {
    let login = tried.login.as_ref().map(|(user, password)| (user, password));
    let has_credential = tried.token.is_some() || login.is_some();
    match probe_index(http, index, tried.token.as_ref(), login).await {
        Ok(ChannelAnswer::Open) => Ok(ChannelState::Found),
        Ok(ChannelAnswer::NotThere) => Ok(ChannelState::Missing),
        Ok(ChannelAnswer::Forbidden) => Ok(ChannelState::Closed),
        Ok(ChannelAnswer::Unauthorized) if has_credential => Ok(ChannelState::CredentialRefused),
        Ok(ChannelAnswer::Unauthorized) => Ok(ChannelState::SignInWanted),
        // conda follows; where it leads is not this check's to follow with a token.
        Err(RepositoryError::Redirected { to, .. }) => Ok(ChannelState::Moved { to: mask_text(&to) }),
        Err(error) => Err(error.into()),
    }
}

/// The credential that goes along: the one conda sends, else the token that came with the channel.
fn tried(
    services: &Services,
    address: &str,
    resolved: Option<ResolvedChannel>,
    credentials: &ChannelCredentials,
    token: Option<&Token>,
) -> Result<Tried, ServiceError> {
    let internal = |error: url::ParseError| ServiceError::Internal(format!("{address}: {error}"));
    let index = Url::parse(&format!("{address}/{INDEX}")).map_err(internal)?;
    let in_flight = blocking(|| credentials.for_address(&index))?;
    let brought = token.filter(|_| in_flight.token.is_none() && !services.has_stored_token(address));
    if let (Some(token), Some(channel)) = (brought, resolved) {
        let whole = format!("{}/{INDEX}", channel.request_address(Some(token)).expose());
        return Ok(Tried {
            address: Url::parse(&whole).map_err(internal)?,
            token: Some(Secret::new(token.expose())),
            login: None,
            source: None,
        });
    }
    let source = in_flight.source().cloned();
    let InFlight { token, login, .. } = in_flight.clone();
    Ok(Tried {
        address: in_flight.expose().clone(),
        token: token.map(|(token, _)| Secret::new(token.expose())),
        login: login.map(|login| (login.user, login.password)),
        source,
    })
}

fn source_of(tried: &Tried) -> Option<String> {
    match (&tried.source, &tried.token) {
        (Some(source), _) => Some(source.to_string()),
        (None, Some(_)) => Some("the token that was given with it".to_owned()),
        (None, None) => None,
    }
}

/// The folder of an address on this computer.
fn folder_of(address: &str) -> Option<PathBuf> {
    let url = ChannelUrl::parse(address)
        .ok()
        .filter(|url| url.scheme() == "file")?;
    match Url::parse(address).ok().and_then(|url| url.to_file_path().ok()) {
        Some(path) => Some(path),
        None => Some(PathBuf::from(url.location())),
    }
}

fn of_folder(folder: &std::path::Path, mut checked: CheckedAddress) -> CheckedAddress {
    checked.access = Access::Closed;
    if !folder.join(INDEX).is_file() {
        checked.state = ChannelState::Missing;
        checked.problem = Some(
            Problem::new(Kind::File, format!("there is no index in {}", folder.display()))
                .because(format!("conda looks for {INDEX} in it"))
                .remedy("correct the folder, or take the channel out"),
        );
    }
    checked
}
