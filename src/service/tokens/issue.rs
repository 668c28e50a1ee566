//! Making a token for somebody or something else: a colleague, a machine that builds, pip (seed 004).
//!
//! Unlike the token of a sign-in, such a token is nothing that Sextant looks after: it is shown once, and then it is the
//! person's.

use std::path::Path;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::repository::{
    BinstarApi, Extent, NameTaken, NewBinstarToken, NewToken, RepositoryError, Strength,
};
use crate::secret::{Secret, Token};
use crate::service::connection::Service;
use crate::service::sign_in::{Grant, LoggedIn, host_name, midnight};
use crate::service::{ServiceError, Services};

/// Something that a token can be allowed to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ScopeShown {
    pub name: String,
    /// In the server's own words; empty where it has none.
    pub description: String,
}

/// What tokens are usually made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// conda packages, private ones too.
    Download,
    PipDownload,
    /// A machine that builds and uploads.
    Upload,
    Everything,
}

impl Preset {
    pub const ALL: [Self; 4] = [Self::Download, Self::PipDownload, Self::Upload, Self::Everything];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Download => "Download conda packages",
            Self::PipDownload => "Download Python packages",
            Self::Upload => "Upload from a build machine",
            Self::Everything => "Everything",
        }
    }

    /// The scopes of it, among those that the server has. Anaconda Server and the repository have scopes of their own
    /// (server reference, section 1.5; repository reference, section 1.2).
    pub fn scopes(self, service: Service, offered: &[ScopeShown]) -> Vec<String> {
        let wanted = |scope: &str| match (service, self) {
            (_, Self::Everything) => scope != "all" || service != Service::Server,
            (Service::Server, Self::Download | Self::PipDownload) => {
                scope.ends_with(":view") || scope.ends_with(":view-artifacts") || scope == "artifact:download"
            }
            (Service::Server, Self::Upload) => {
                scope.starts_with("artifact:") && scope != "artifact:delete"
                    || scope.ends_with(":view")
                    || scope.ends_with(":view-artifacts")
            }
            (_, Self::Download) => matches!(scope, "repos" | "conda:download"),
            (_, Self::PipDownload) => scope == "pypi:download",
            (_, Self::Upload) => matches!(scope, "api:read" | "api:write" | "pypi:upload" | "repos"),
        };
        let names = offered.iter().map(|scope| scope.name.as_str());
        if self == Self::Everything
            && service != Service::Server
            && offered.iter().any(|one| one.name == "all")
        {
            return vec!["all".to_owned()];
        }
        names.filter(|name| wanted(name)).map(str::to_owned).collect()
    }
}

/// What is to happen when there is a token of the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameName {
    /// Nothing is made.
    #[default]
    Refuse,
    /// The new one is made, then the old one is revoked: the way out when a token's text was lost.
    Replace,
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenWish {
    pub name: String,
    pub scopes: Vec<String>,
    /// The day it ends; without, one year from today.
    pub expires_on: Option<Date>,
    /// The organisation whose packages it is for, at a repository.
    pub organization: Option<String>,
    pub strength: Strength,
    pub same_name: SameName,
}

/// A token that was just made. Its text is told this once.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// Where the server knows tokens by an id.
    pub id: Option<String>,
    pub name: String,
    pub scopes: Vec<String>,
    pub expires_at: Option<Timestamp>,
    pub token: Token,
    pub uses: TokenUses,
    /// The former token of the name is still on the server, for this reason.
    pub former_remains: Option<crate::error::Problem>,
}

/// What a person types to use a token, by the tool; `<token>` stands for its text, and CHANNEL, LABEL and PACKAGE for what
/// only the person knows (seed 004, "Using a token"). Nothing where the token may not download.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TokenUses {
    pub conda_channel: Option<String>,
    pub conda_label: Option<String>,
    pub conda_install: Option<String>,
    pub pip_install: Option<String>,
}

impl TokenUses {
    /// Whether the token may download nothing, so that there is nothing to type for it.
    pub const fn is_empty(&self) -> bool {
        self.conda_channel.is_none() && self.pip_install.is_none()
    }
}

/// Whose packages a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opens {
    Conda,
    Pypi,
}

impl Opens {
    /// Whether scopes of a repository let one download (seed 004, "The available scopes are"). One that is not known here
    /// may mean anything.
    fn is_among(self, scopes: &[String]) -> bool {
        scopes.iter().any(|scope| match scope.as_str() {
            "conda" | "conda:download" => self == Self::Conda,
            "pypi" | "pypi:download" => self == Self::Pypi,
            "api" | "api:modify-group" | "api:read" | "api:write" | "pypi:upload" => false,
            _ => true,
        })
    }
}

impl Services {
    /// What a token of this service can be allowed to do, in the server's order. `password` is needed where the session has
    /// ended; a repository tells it to anybody.
    ///
    /// Errors: [`ServiceError::NotSignedIn`], an ended session, network, and a service whose tokens are made on its pages.
    pub async fn token_scopes(
        &self,
        service: Service,
        password: Option<&Secret>,
    ) -> Result<Vec<ScopeShown>, ServiceError> {
        let connection = self.connection_of(service)?;
        match service {
            Service::Cloud => Err(ServiceError::NotRenewable {
                domain: connection.domain,
            }),
            Service::Server => {
                let login = self.log_in_again(&connection, password).await?;
                self.scopes_of(&login).await
            }
            // Told to anybody.
            Service::Repository | Service::AnacondaOrg => {
                let api = self.api_of(service, &connection.domain)?;
                self.scopes_at_repository(&api, connection.ca_file.as_deref())
                    .await
            }
        }
    }

    /// The same for whoever is logged in.
    pub(super) async fn scopes_of(&self, login: &LoggedIn) -> Result<Vec<ScopeShown>, ServiceError> {
        match &login.grant {
            Grant::Server(session) => {
                let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
                let names = client.scopes(session).await?.into_iter();
                Ok(names
                    .map(|name| ScopeShown {
                        description: meaning(&name),
                        name,
                    })
                    .collect())
            }
            Grant::Binstar { api, .. } => self.scopes_at_repository(api, login.ca_file.as_deref()).await,
            Grant::Cloud { .. } | Grant::Found(_) => Err(ServiceError::NotRenewable {
                domain: login.domain.as_str().to_owned(),
            }),
        }
    }

    async fn scopes_at_repository(
        &self,
        api: &BinstarApi,
        ca_file: Option<&Path>,
    ) -> Result<Vec<ScopeShown>, ServiceError> {
        let client = self.binstar(api, ca_file).await?;
        let all = client.scopes().await?.into_iter();
        Ok(all
            .map(|scope| ScopeShown {
                name: scope.name,
                description: scope.description,
            })
            .collect())
    }

    /// Makes a token.
    ///
    /// Errors: [`ServiceError::NoScopes`], a name that is taken, an ended session or a wrong password, network. When the
    /// connection breaks off, the token may exist under its name all the same.
    pub async fn issue_token(
        &self,
        service: Service,
        wish: &TokenWish,
        password: Option<&Secret>,
    ) -> Result<IssuedToken, ServiceError> {
        if wish.scopes.is_empty() {
            return Err(ServiceError::NoScopes);
        }
        let end = wish.expires_on.unwrap_or_else(|| self.in_a_year());
        let connection = self.connection_of(service)?;
        let login = self.log_in_again(&connection, password).await?;
        match &login.grant {
            Grant::Server(session) => {
                let client = self.server(&login.domain, login.ca_file.as_deref()).await?;
                let mut former = client.tokens(session).await?;
                former.retain(|token| token.name == wish.name);
                if !former.is_empty() && wish.same_name == SameName::Refuse {
                    return Err(RepositoryError::TokenNameTaken {
                        name: wish.name.clone(),
                        said: None,
                    }
                    .into());
                }
                let new = NewToken {
                    name: wish.name.clone(),
                    expires_on: end,
                    scopes: wish.scopes.clone(),
                };
                let made = client.create_token(session, &new).await?;
                let mut former_remains = None;
                for token in former {
                    if let Err(error) = client.delete_token(session, &token.id).await {
                        former_remains = Some(error.into());
                    }
                }
                Ok(IssuedToken {
                    id: Some(made.id),
                    name: wish.name.clone(),
                    scopes: wish.scopes.clone(),
                    expires_at: made.expires_at.or(midnight(end)),
                    token: made.token,
                    uses: uses_at_server(login.domain.as_str()),
                    former_remains,
                })
            }
            Grant::Binstar { api, proof } => {
                let new = NewBinstarToken {
                    name: wish.name.clone(),
                    hostname: host_name(),
                    extent: if wish.scopes.iter().any(|scope| scope == "all") {
                        Extent::Everything
                    } else {
                        Extent::Scopes(wish.scopes.clone())
                    },
                    organization: wish.organization.clone(),
                    lifetime: Some(self.until(end)),
                    strength: wish.strength,
                    // The server replaces the other one in the same breath.
                    if_name_taken: match wish.same_name {
                        SameName::Refuse => NameTaken::Refuse,
                        SameName::Replace => NameTaken::Proceed,
                    },
                };
                let client = self.binstar(api, login.ca_file.as_deref()).await?;
                let token = self
                    .proven(client, proof, async |client, proof| {
                        client.create_token(proof, &new).await
                    })
                    .await?;
                let owner = wish.organization.as_deref().unwrap_or(&login.user);
                Ok(IssuedToken {
                    id: None,
                    name: wish.name.clone(),
                    scopes: wish.scopes.clone(),
                    expires_at: midnight(end),
                    token,
                    uses: uses_at_repository(&api.channel_alias(), &api.pypi_index(owner), &wish.scopes),
                    former_remains: None,
                })
            }
            Grant::Cloud { .. } | Grant::Found(_) => Err(ServiceError::NotRenewable {
                domain: connection.domain,
            }),
        }
    }

    /// The day on which a token ends of which nothing else is said.
    pub fn in_a_year(&self) -> Date {
        let today = TimeZone::UTC.to_datetime(self.now()).date();
        today.checked_add(1.year()).unwrap_or(today)
    }

    fn until(&self, end: Date) -> Duration {
        let seconds = midnight(end).map_or(0, |end| end.as_second() - self.now().as_second());
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default().max(1))
    }
}

/// What a scope of Anaconda Server lets one do, read off its name: `<what>[.<part>]:<action>` (server reference, section
/// 1.5).
fn meaning(scope: &str) -> String {
    let Some((what, action)) = scope.split_once(':') else {
        return String::new();
    };
    let (what, part) = match what.split_once('.') {
        Some((what, part)) => (what, Some(part.replace('-', " "))),
        None => (what, None),
    };
    let things = match what {
        "artifact" => "packages".to_owned(),
        "channel" => "channels".to_owned(),
        "subchannel" => "sub-channels".to_owned(),
        other => format!("{other}s"),
    };
    let of_what = match part {
        Some(part) => format!("the {part} of {things}"),
        None => things,
    };
    match action {
        "view" => format!("See {of_what}"),
        "view-artifacts" => format!("See the packages in {of_what}"),
        "history" => format!("See the history of {of_what}"),
        "create" => format!("Make {of_what}"),
        "edit" => format!("Change {of_what}"),
        "delete" => format!("Delete {of_what}"),
        "download" => format!("Download {of_what}"),
        other => format!("{} {of_what}", other.replace('-', " ")),
    }
}

fn uses_at_server(domain: &str) -> TokenUses {
    let base = format!("{domain}/api/repo");
    let with_login = domain.replacen("://", "://<token>:x-auth-token@", 1);
    TokenUses {
        conda_channel: Some(format!("conda config --add channels {base}/t/<token>/CHANNEL")),
        conda_label: None,
        conda_install: Some(format!("conda install -c {base}/t/<token>/CHANNEL PACKAGE")),
        pip_install: Some(format!(
            "pip install --index-url {with_login}/api/repo/CHANNEL/simple PACKAGE"
        )),
    }
}

fn uses_at_repository(alias: &str, pypi_index: &str, scopes: &[String]) -> TokenUses {
    let conda = Opens::Conda.is_among(scopes);
    let pypi = Opens::Pypi.is_among(scopes);
    let line = |is_open: bool, line: String| is_open.then_some(line);
    TokenUses {
        conda_channel: line(
            conda,
            format!("conda config --add channels {alias}/t/<token>/CHANNEL"),
        ),
        conda_label: line(
            conda,
            format!("conda config --add channels {alias}/t/<token>/CHANNEL/label/LABEL"),
        ),
        conda_install: line(
            conda,
            format!("conda install -c {alias}/t/<token>/CHANNEL PACKAGE"),
        ),
        pip_install: line(
            pypi,
            format!("pip install --index-url {} PACKAGE", pypi_with_token(pypi_index)),
        ),
    }
}

/// The index of CHANNEL, of that of some owner: `<site>/pypi/<owner>/simple`, or `https://pypi.<host>/<owner>/simple`. The
/// token stands in front of the path, as the documentation has it for every address ("All Repository URLs can be prefixed
/// with /t/<token>", seed 004), and as the set-up of pip writes it.
fn pypi_with_token(pypi_index: &str) -> String {
    let base = pypi_index
        .strip_suffix("/simple")
        .and_then(|rest| rest.rsplit_once('/'))
        .map_or(pypi_index, |(base, _)| base);
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, format!("/{path}")),
        None => (rest, String::new()),
    };
    format!("{scheme}://{host}/t/<token>{path}/CHANNEL/simple")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(names: &[&str]) -> Vec<ScopeShown> {
        let scope = |name: &&str| ScopeShown {
            name: (*name).to_owned(),
            description: String::new(),
        };
        names.iter().map(scope).collect()
    }

    #[test]
    fn presets_take_what_the_server_has() {
        let repository = offered(&[
            "all",
            "api",
            "api:read",
            "api:write",
            "conda:download",
            "pypi:download",
            "pypi:upload",
            "repos",
        ]);
        let of = |preset: Preset| preset.scopes(Service::Repository, &repository);
        assert_eq!(of(Preset::Download), ["conda:download", "repos"]);
        assert_eq!(of(Preset::PipDownload), ["pypi:download"]);
        assert_eq!(
            of(Preset::Upload),
            ["api:read", "api:write", "pypi:upload", "repos"]
        );
        assert_eq!(of(Preset::Everything), ["all"]);
        let server = offered(&[
            "artifact:create",
            "artifact:delete",
            "artifact:download",
            "artifact:view",
            "channel:view",
            "channel:delete",
        ]);
        let of = |preset: Preset| preset.scopes(Service::Server, &server);
        assert_eq!(
            of(Preset::Download),
            ["artifact:download", "artifact:view", "channel:view"]
        );
        assert_eq!(
            of(Preset::Upload),
            [
                "artifact:create",
                "artifact:download",
                "artifact:view",
                "channel:view"
            ]
        );
        assert_eq!(of(Preset::Everything).len(), 6);
    }

    #[test]
    fn scopes_of_anaconda_server_are_put_into_words() {
        for (scope, words) in [
            ("artifact:download", "Download packages"),
            ("channel:view-artifacts", "See the packages in channels"),
            (
                "channel.default-channel:edit",
                "Change the default channel of channels",
            ),
            ("subchannel.group:edit", "Change the group of sub-channels"),
            ("user:impersonate", "impersonate users"),
            ("odd", ""),
        ] {
            assert_eq!(meaning(scope), words, "{scope}");
        }
    }

    #[test]
    fn the_token_stands_where_each_product_wants_it() {
        let all = ["all".to_owned()];
        let uses = uses_at_repository("http://h:8080/conda", "http://h:8080/pypi/team/simple", &all);
        assert_eq!(
            uses.pip_install.unwrap(),
            "pip install --index-url http://h:8080/t/<token>/pypi/CHANNEL/simple PACKAGE"
        );
        assert_eq!(
            pypi_with_token("https://pypi.h.example/team/simple"),
            "https://pypi.h.example/t/<token>/CHANNEL/simple"
        );
        assert_eq!(
            uses.conda_label.unwrap(),
            "conda config --add channels http://h:8080/conda/t/<token>/CHANNEL/label/LABEL"
        );
        let uses = uses_at_server("https://psm.example.com");
        assert_eq!(
            uses.pip_install.unwrap(),
            "pip install --index-url https://<token>:x-auth-token@psm.example.com/api/repo/CHANNEL/simple PACKAGE"
        );
    }

    #[test]
    fn there_is_no_line_for_what_a_token_may_not_download() {
        let lines = |scopes: &[&str]| {
            let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
            let uses = uses_at_repository("http://h/conda", "http://h/pypi/team/simple", &scopes);
            assert_eq!(uses.conda_channel.is_some(), uses.conda_install.is_some());
            assert_eq!(uses.conda_channel.is_some(), uses.conda_label.is_some());
            (uses.conda_channel.is_some(), uses.pip_install.is_some())
        };
        for (scopes, expected) in [
            (&["pypi:upload"][..], (false, false)),
            (&["api:read", "api:write"], (false, false)),
            (&["conda:download", "api:read"], (true, false)),
            (&["pypi:download"], (false, true)),
            (&["repos"], (true, true)),
            (&["all"], (true, true)),
            // A scope of a later version of the server.
            (&["mirror"], (true, true)),
        ] {
            assert_eq!(lines(scopes), expected, "{scopes:?}");
        }
    }
}
