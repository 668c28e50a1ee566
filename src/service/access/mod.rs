//! Who may see and download which package of a repository, and changing it (seed 004).
//!
//! The token that conda uses is for downloading and may do none of this. Every call here works with a token that is made for
//! it, from the password or the Kerberos ticket, and revoked when it is done; where the token in use may do it, no password
//! is needed.

mod groups;
mod not_there;
mod who;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

use super::connection::{Connection, Service};
use super::sign_in::{BRIEF_LIFETIME, Grant};
use super::{ServiceError, Services};
use crate::error::{Explain, Problem};
use crate::repository::{BinstarClient, OwnedPackage, RepositoryError, SetVisibility, Visibility};
use crate::secret::{Secret, Token};

pub use groups::{GroupShown, GroupSubject};
pub use not_there::NotThere;
pub use who::{Reason, Viewer, Viewers};

/// Scopes that let a token do the work itself.
const MAY_READ: [&str; 3] = ["all", "api", "api:read"];
const MAY_WRITE: [&str; 3] = ["all", "api", "api:write"];

/// `<owner>/<package>`, or a package of one's own by its name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageReference {
    /// `None` for the account itself.
    pub owner: Option<String>,
    pub name: String,
}

/// Neither `<package>` nor `<owner>/<package>`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" names no package; write OWNER/PACKAGE, or PACKAGE for one of your own")]
pub struct InvalidPackageReference {
    text: String,
}

impl FromStr for PackageReference {
    type Err = InvalidPackageReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidPackageReference {
            text: text.to_owned(),
        };
        let usable = |part: &str| {
            !matches!(part, "" | "." | "..")
                && !part.contains(['/', '\\'])
                && !part.contains(char::is_whitespace)
        };
        let (owner, name) = match text.split_once('/') {
            Some((owner, name)) => (Some(owner), name),
            None => (None, text),
        };
        if !usable(name) || owner.is_some_and(|owner| !usable(owner)) {
            return Err(invalid());
        }
        Ok(Self {
            owner: owner.map(str::to_owned),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for PackageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Some(owner) => write!(f, "{owner}/{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// What became of one package whose access was to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccessChanged {
    pub owner: String,
    pub name: String,
    #[serde(flatten)]
    pub outcome: AccessOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum AccessOutcome {
    Changed {
        access: Visibility,
    },
    /// The server has no call for it: the page where a person sets it.
    OnlyInBrowser {
        page: String,
    },
    Failed {
        problem: Problem,
    },
}

/// As whom the repository is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsManager<'a> {
    pub client: &'a BinstarClient,
    pub token: &'a Token,
    /// The account's login.
    pub login: &'a str,
}

/// An account and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnedByAccount {
    /// The account's own spelling of its name.
    pub login: String,
    /// The organisations that it belongs to, also those without packages.
    pub organizations: Vec<String>,
    /// Those of the account, then those of its organisations, as far as the account may see them.
    pub packages: Vec<OwnedPackage>,
}

impl Services {
    /// The packages of the account and its organisations, as far as the account may see them. `password` is needed where
    /// neither the token in use nor a ticket will do.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], credentials that do not count, network.
    pub async fn owned_packages(
        &self,
        service: Service,
        password: Option<&Secret>,
    ) -> Result<Vec<OwnedPackage>, ServiceError> {
        Ok(self.owned_by_account(service, password).await?.packages)
    }

    /// The same with the account and its organisations.
    ///
    /// Errors: as for [`Services::owned_packages`].
    pub async fn owned_by_account(
        &self,
        service: Service,
        password: Option<&Secret>,
    ) -> Result<OwnedByAccount, ServiceError> {
        self.managing(service, password, &["api:read"], async |manager| {
            let AsManager { client, token, login } = manager;
            let mut packages = client.packages(token, login).await?;
            let mut organizations = Vec::new();
            for organization in client.organizations(token).await? {
                packages.extend(client.packages(token, &organization.login).await?);
                organizations.push(organization.login);
            }
            Ok(OwnedByAccount {
                login: login.to_owned(),
                organizations,
                packages,
            })
        })
        .await
    }

    /// Makes packages public, private, or for whoever is logged in; what fails is told and keeps nothing else from being
    /// changed.
    ///
    /// Errors: as for [`Services::owned_packages`], before anything is changed.
    pub async fn set_access(
        &self,
        service: Service,
        packages: &[PackageReference],
        access: Visibility,
        password: Option<&Secret>,
    ) -> Result<Vec<AccessChanged>, ServiceError> {
        self.managing(service, password, &["api:read", "api:write"], async |manager| {
            let AsManager { client, token, login } = manager;
            let mut all = Vec::new();
            for package in packages {
                let owner = package.owner.as_deref().unwrap_or(login);
                let outcome = match client.set_visibility(token, owner, &package.name, access).await {
                    Ok(SetVisibility::Done) => AccessOutcome::Changed { access },
                    Ok(SetVisibility::OnlyInBrowser { page }) => AccessOutcome::OnlyInBrowser { page },
                    Err(error) => AccessOutcome::Failed {
                        problem: NotThere::package(owner, &package.name)
                            .instead_of(error)
                            .explain(),
                    },
                };
                all.push(AccessChanged {
                    owner: owner.to_owned(),
                    name: package.name.clone(),
                    outcome,
                });
            }
            Ok(all)
        })
        .await
    }

    /// The address where a person sets a package's access in the browser. Asks no network.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], and a service that has no packages of accounts.
    pub fn access_page(&self, service: Service, package: &PackageReference) -> Result<String, ServiceError> {
        let connection = self.repository_connection(service)?;
        let api = self.api_of(service, &connection.domain)?;
        let domain = api.website();
        let owner = package.owner.as_deref().unwrap_or(&connection.user);
        Ok(format!("{domain}/{owner}/{}/settings/admin", package.name))
    }

    /// The connection to a service whose accounts own packages.
    pub(crate) fn repository_connection(&self, service: Service) -> Result<Connection, ServiceError> {
        match service {
            Service::Repository | Service::AnacondaOrg => self.connection_of(service),
            Service::Server | Service::Cloud => Err(ServiceError::NoAccounts {
                service: service.title(),
            }),
        }
    }

    /// Does `work` as somebody who may use these scopes of the API.
    pub(super) async fn managing<T>(
        &self,
        service: Service,
        password: Option<&Secret>,
        scopes: &[&str],
        work: impl AsyncFnOnce(AsManager<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.managing_for(service, password, scopes, BRIEF_LIFETIME, work)
            .await
    }

    /// The same for work that takes up to `lifetime`.
    pub(super) async fn managing_for<T>(
        &self,
        service: Service,
        password: Option<&Secret>,
        scopes: &[&str],
        lifetime: Duration,
        work: impl AsyncFnOnce(AsManager<'_>) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let connection = self.repository_connection(service)?;
        if password.is_none()
            && may(&connection.token.scopes, scopes)
            && let Some(token) = self.token_of(&connection)?
        {
            let api = self.api_of(service, &connection.domain)?;
            let client = self.binstar(&api, connection.ca_file.as_deref()).await?;
            let login = login_of(&client, &token).await?;
            return work(AsManager {
                client: &client,
                token: &token,
                login: &login,
            })
            .await;
        }
        let login = self.log_in_again(&connection, password).await?;
        let Grant::Binstar { api, proof } = &login.grant else {
            return Err(ServiceError::NoAccounts {
                service: service.title(),
            });
        };
        let client = self.binstar(api, login.ca_file.as_deref()).await?;
        let work = async |client: &BinstarClient, token: &Token, _: Option<&str>| {
            let login = login_of(client, token).await?;
            work(AsManager {
                client,
                token,
                login: &login,
            })
            .await
        };
        self.with_token_of_work(&login.user, client, proof, scopes, lifetime, work)
            .await
    }
}

/// The account's own spelling of its name, which addresses want.
async fn login_of(client: &BinstarClient, token: &Token) -> Result<String, RepositoryError> {
    Ok(client.user(token).await?.login)
}

/// Whether a token with scopes `has` may do what `scopes` are for. Without any scope written down, nothing is known of it.
pub(super) fn may(has: &[String], scopes: &[&str]) -> bool {
    let holds = |any: &[&str]| has.iter().any(|scope| any.contains(&scope.as_str()));
    scopes.iter().all(|scope| match *scope {
        "api:read" => holds(&MAY_READ),
        "api:write" => holds(&MAY_WRITE),
        other => holds(&["all", "api", other]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_with_or_without_its_owner() {
        let parse = |text: &str| text.parse::<PackageReference>().map(|found| found.to_string());
        assert_eq!(parse("tools").unwrap(), "tools");
        assert_eq!(parse("team/tools").unwrap(), "team/tools");
        for wrong in [
            "",
            "/",
            "team/",
            "/tools",
            "a/b/c",
            "..",
            "a/..",
            "two words",
            "a\\b",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_token_does_the_work_itself_only_where_its_scopes_say_so() {
        let may = |has: &[&str], scopes: &[&str]| {
            let has: Vec<String> = has.iter().map(|&scope| scope.to_owned()).collect();
            super::may(&has, scopes)
        };
        assert!(may(&["all"], &["api:read", "api:write", "api:modify-group"]));
        assert!(may(&["api:read"], &["api:read"]));
        assert!(!may(&["api:read"], &["api:read", "api:write"]));
        assert!(!may(&["repos", "conda:download"], &["api:read"]));
        assert!(!may(&[], &["api:read"]));
    }
}
