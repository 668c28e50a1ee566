//! Signing in to Anaconda Repository (Enterprise 4) with a password or a Kerberos ticket.
//!
//! Effects: seeds 002 and 004; repository reference, sections 1.2, 2.4, 3.3.

use std::path::Path;

use super::files::{base_of, paths, warn_of_intruders};
use super::server::warn_of_the_way;
use super::{ChannelChoice, Grant, LoggedIn, owned};
use crate::conda::CondaError;
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::resolution::{Resolver, Through};
use crate::conda::token_file;
use crate::edit::file;
use crate::navigator::NavigatorFile;
use crate::repository::kerberos::Ticket;
use crate::repository::{AuthenticationType, BinstarApi, BinstarClient, CheckStep, Scope, check_repository};
use crate::secret::{Secret, Token};
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services, blocking};

/// What a token for conda needs (seed 004): access to the packages, and the right to download private ones.
pub const DOWNLOAD_SCOPES: [&str; 2] = ["repos", "conda:download"];

/// Every scope that the manual names (seed 004), for a server that does not list its own.
pub const KNOWN_SCOPES: [(&str, &str); 11] = [
    ("all", "Allow all operations"),
    ("api", "Allow all API operations"),
    ("api:modify-group", "Allow addition and modification of groups"),
    ("api:read", "Allow read access to the API site"),
    ("api:write", "Allow write access to the API site"),
    ("conda", "Allow all operations on conda repositories"),
    (
        "conda:download",
        "Allow private downloads from conda repositories",
    ),
    ("pypi", "Allow all operations on PyPI repositories"),
    ("pypi:download", "Allow private downloads from PyPI repositories"),
    ("pypi:upload", "Allow uploads to PyPI repositories"),
    ("repos", "Allow access to all package repositories"),
];

/// How a person proves who she is.
#[derive(Debug, Clone)]
pub enum RepositoryLogin {
    Password {
        username: String,
        password: Secret,
    },
    /// With the ticket that is there. `over_plain_http` says that the person was warned of showing it to a server without
    /// encryption, and agreed.
    Kerberos {
        over_plain_http: bool,
    },
}

/// What can make and revoke tokens.
#[derive(Debug, Clone)]
pub(crate) enum BinstarProof {
    Password {
        username: String,
        password: Secret,
    },
    Kerberos {
        over_plain_http: bool,
    },
    /// The access token of a sign-in at Anaconda.com.
    Bearer(Secret),
    /// A token that was made before.
    Token(Token),
}

/// What a repository wants of those who sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryOffer {
    pub api: BinstarApi,
    pub authentication: AuthenticationType,
    /// The ticket that would be used; asked for only where the server wants one.
    pub ticket: Option<Ticket>,
    /// Why there is none.
    pub no_ticket_because: Option<crate::error::Problem>,
    /// What a token can be allowed to do, in the server's words.
    pub scopes: Vec<Scope>,
}

impl Services {
    /// Name, connection, TLS and answer of a repository, each reported as it happens. Dropping the future cancels.
    pub async fn check_repository(
        &self,
        api: &BinstarApi,
        ca_file: Option<&Path>,
        report: impl FnMut(CheckStep) + Send,
    ) -> Result<(), ServiceError> {
        let http = self.http(api.domain(), ca_file).await?;
        let checked = check_repository(&http, api, report).await;
        self.heard(api.domain(), &checked);
        Ok(checked.map(drop)?)
    }

    pub(crate) async fn binstar(
        &self,
        api: &BinstarApi,
        ca_file: Option<&Path>,
    ) -> Result<BinstarClient, ServiceError> {
        Ok(BinstarClient::new(
            self.http(api.domain(), ca_file).await?,
            api.clone(),
        ))
    }

    /// The repository that Navigator's file names. A file that cannot be read names none.
    pub fn repository_api(&self) -> Result<Option<BinstarApi>, ServiceError> {
        let Some(image) = file::read(&self.navigator_path())? else {
            return Ok(None);
        };
        let named = NavigatorFile::parse(&image.bytes)
            .ok()
            .and_then(|navigator| navigator.repository_api_url());
        Ok(named.as_deref().map(BinstarApi::parse).transpose()?)
    }

    /// How one signs in there, and what a token may be allowed to do.
    pub async fn repository_offer(
        &self,
        api: &BinstarApi,
        ca_file: Option<&Path>,
    ) -> Result<RepositoryOffer, ServiceError> {
        let client = self.binstar(api, ca_file).await?;
        let authentication = client.authentication_type().await?;
        // A server without the list is no reason not to sign in.
        let scopes = match client.scopes().await {
            Ok(scopes) if !scopes.is_empty() => scopes,
            _ => known_scopes(),
        };
        let (ticket, no_ticket_because) = match authentication {
            AuthenticationType::Kerberos => {
                let kerberos = self.kerberos().clone();
                match blocking(|| kerberos.ticket()) {
                    Ok(ticket) => (ticket, None),
                    Err(error) => (None, Some(error.into())),
                }
            }
            AuthenticationType::Password | AuthenticationType::Other(_) => (None, None),
        };
        Ok(RepositoryOffer {
            api: api.clone(),
            authentication,
            ticket,
            no_ticket_because,
            scopes,
        })
    }

    /// Prepares a sign-in. The server has no way to look at a password without making a token, so a wrong one shows only
    /// when the plan is carried out.
    ///
    /// Errors: [`crate::repository::kerberos::KerberosError`] when there is no ticket; an empty list of scopes, which the
    /// server would read as everything.
    pub fn log_in_to_repository(
        &self,
        api: &BinstarApi,
        ca_file: Option<&Path>,
        login: RepositoryLogin,
        scopes: Vec<String>,
    ) -> Result<LoggedIn, ServiceError> {
        if scopes.is_empty() {
            return Err(ServiceError::NoScopes);
        }
        let (user, proof) = match login {
            RepositoryLogin::Password { username, password } => {
                (username.clone(), BinstarProof::Password { username, password })
            }
            RepositoryLogin::Kerberos { over_plain_http } => {
                let kerberos = self.kerberos().clone();
                let ticket =
                    blocking(|| kerberos.ticket()).map_err(crate::repository::RepositoryError::from)?;
                let principal = ticket.map(|ticket| ticket.principal).unwrap_or_default();
                let user = principal.split(['@', '/']).next().unwrap_or_default();
                (user.to_owned(), BinstarProof::Kerberos { over_plain_http })
            }
        };
        Ok(LoggedIn {
            service: Service::Repository,
            domain: api.domain().clone(),
            ca_file: owned(ca_file),
            user,
            scopes,
            grant: Grant::Binstar {
                api: api.clone(),
                proof,
            },
        })
    }

    pub(super) fn plan_repository(
        &self,
        login: &LoggedIn,
        api: &BinstarApi,
        choice: &ChannelChoice,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        plan.token = self.planned_token(login);
        self.plan_condarc_of_repository(login, api, choice, plan)?;
        self.plan_navigator(plan, |navigator| {
            navigator.set_signed_in_to_repository(api.as_str())
        })?;
        self.plan_binstar_token(api, plan)
    }

    /// The token under every name that conda and its neighbours look for, none of which leads to another host.
    pub(super) fn plan_binstar_token(&self, api: &BinstarApi, plan: &mut Plan) -> Result<(), ServiceError> {
        let surroundings = self.surroundings();
        let base = base_of(api)?;
        warn_of_intruders(plan, token_file::intruders(&surroundings, &base));
        self.plan_token_files(
            plan,
            paths(token_file::files_to_write(&surroundings, &base)),
            token_file::stale(&surroundings, &base),
        )
    }

    fn plan_condarc_of_repository(
        &self,
        login: &LoggedIn,
        api: &BinstarApi,
        choice: &ChannelChoice,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let alias = ChannelUrl::parse(&api.channel_alias()).map_err(CondaError::from)?;
        self.plan_condarc_in_use(plan, |condarc, configuration| {
            let resolver = configuration.resolver();
            let stay = |entries: &[ChannelEntry]| -> Vec<ChannelEntry> {
                let stays = |entry: &ChannelEntry| as_it_was(&resolver, &alias, entry.clone());
                entries.iter().map(stays).collect()
            };
            let (present, defaults) = (condarc.channels()?, condarc.default_channels()?);
            let (kept, kept_defaults) = (stay(&present), stay(&defaults));
            condarc.sign_in_to_repository(&alias)?;
            let nothing_chosen = choice.channels().is_empty() && choice.default_channels().is_empty();
            if nothing_chosen && kept == present && kept_defaults == defaults {
                return Ok(());
            }
            let channels = choice.channels().iter().cloned().chain(kept);
            let defaults = choice.default_channels().iter().cloned().chain(kept_defaults);
            condarc.choose_channels(&ChannelChoice::new(channels, defaults))
        })?;
        warn_of_the_way(login, plan);
        Ok(())
    }
}

/// A channel that was named before the sign-in, under an address with which it means the same afterwards: a bare name would
/// lead to the repository from then on, where nobody meant it (seed 002: "If you still wish to access certain channels
/// from the public").
fn as_it_was(resolver: &Resolver, alias: &ChannelUrl, entry: ChannelEntry) -> ChannelEntry {
    let resolution = resolver.resolve(&entry);
    match (resolution.through, resolution.addresses.as_slice()) {
        (Through::Alias, [address]) if !address.starts_with(&format!("{}/", alias.public())) => {
            ChannelEntry::from_text(address)
        }
        _ => entry,
    }
}

fn known_scopes() -> Vec<Scope> {
    KNOWN_SCOPES
        .iter()
        .map(|(name, description)| Scope {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
        })
        .collect()
}
