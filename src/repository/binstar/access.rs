//! Packages and who may have them (repository reference, section 1.4).

use std::fmt;
use std::str::FromStr;

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{BinstarClient, check_name};
use crate::repository::answer::Answer;
use crate::repository::error::RepositoryError;
use crate::repository::http::LIST_LIMIT;
use crate::repository::server::{text, texts};
use crate::secret::Token;

/// Who may see and download a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Anyone who reaches the repository.
    Public,
    /// Anyone who is logged in.
    Authenticated,
    /// The owner, collaborators and members of groups that have it.
    Private,
}

impl Visibility {
    pub const ALL: [Self; 3] = [Self::Public, Self::Authenticated, Self::Private];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Private => "private",
        }
    }
}

impl fmt::Display for Visibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not one of the three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("access is public, authenticated or private")]
pub struct UnknownVisibility;

impl FromStr for Visibility {
    type Err = UnknownVisibility;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or(UnknownVisibility)
    }
}

/// What is inside: a repository keeps more than conda's packages, and access means the same for all (seed 004).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageKind {
    Conda,
    Pypi,
    Notebook,
    /// A conda environment, as `environment.yml`.
    Environment,
    #[serde(untagged)]
    Other(String),
}

impl PackageKind {
    /// The server's word; anaconda-client writes `ipynb` and `env`.
    fn of(word: &str) -> Self {
        match word {
            "conda" => Self::Conda,
            "pypi" | "python" => Self::Pypi,
            "ipynb" | "notebook" => Self::Notebook,
            "env" | "environment" => Self::Environment,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The word that anaconda-client uses for it.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Conda => "conda",
            Self::Pypi => "pypi",
            Self::Notebook => "ipynb",
            Self::Environment => "env",
            Self::Other(word) => word,
        }
    }

    /// As a person reads it.
    pub fn title(&self) -> &str {
        match self {
            Self::Conda => "conda package",
            Self::Pypi => "Python package",
            Self::Notebook => "notebook",
            Self::Environment => "environment",
            Self::Other(word) => word,
        }
    }
}

/// A package of an account.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OwnedPackage {
    pub owner: String,
    pub name: String,
    pub summary: Option<String>,
    pub kinds: Vec<PackageKind>,
    /// `None` when the server says nothing of it.
    pub visibility: Option<Visibility>,
    pub latest_version: Option<String>,
    /// How often its files were downloaded, where the server counts.
    pub downloads: Option<u64>,
}

impl OwnedPackage {
    fn read(item: &Value, owner: &str) -> Option<Self> {
        let name = text(item, "name")?;
        let owner_of_item = match &item["owner"] {
            Value::String(login) => Some(login.clone()),
            other => text(other, "login"),
        };
        let kinds = item.get("package_types").and_then(Value::as_array);
        let stated = text(item, "access").and_then(|word| word.parse().ok());
        Some(Self {
            owner: owner_of_item.unwrap_or_else(|| owner.to_owned()),
            name,
            summary: text(item, "summary").filter(|summary| !summary.is_empty()),
            kinds: kinds.map_or_else(Vec::new, |words| {
                texts(words).iter().map(|word| PackageKind::of(word)).collect()
            }),
            visibility: stated.or(match item["public"] {
                Value::Bool(true) => Some(Visibility::Public),
                Value::Bool(false) => Some(Visibility::Private),
                _ => None,
            }),
            latest_version: text(item, "latest_version"),
            downloads: item["ndownloads"].as_u64().or_else(|| item["downloads"].as_u64()),
        })
    }
}

/// What became of a wish for another visibility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetVisibility {
    /// The server confirms it when asked again.
    Done,
    /// This server has no call for it; a person can do it at this address in the browser.
    OnlyInBrowser { page: String },
}

impl BinstarClient {
    /// `GET packages/<owner>`: the packages that the token's account may see there, in the server's order.
    ///
    /// The list tells public packages from the others. Where it does not say more, those for everybody who is logged in
    /// are asked for with a second request.
    ///
    /// # Errors
    /// As every call.
    pub async fn packages(&self, token: &Token, owner: &str) -> Result<Vec<OwnedPackage>, RepositoryError> {
        let (mut all, says_more) = self.package_rows(token, owner, &[]).await?;
        let has_hidden = all
            .iter()
            .any(|package| package.visibility == Some(Visibility::Private));
        if has_hidden && !says_more {
            let authenticated = self
                .package_rows(token, owner, &[("access", "authenticated")])
                .await;
            // A server without the filter answers with everything, which tells nothing.
            if let Ok((some, _)) = authenticated
                && some.len() < all.len()
            {
                for package in &mut all {
                    let is_listed = some.iter().any(|one| one.name == package.name);
                    if is_listed && package.visibility == Some(Visibility::Private) {
                        package.visibility = Some(Visibility::Authenticated);
                    }
                }
            }
        }
        Ok(all)
    }

    /// The rows, and whether they name the access in one word.
    async fn package_rows(
        &self,
        token: &Token,
        owner: &str,
        query: &[(&str, &str)],
    ) -> Result<(Vec<OwnedPackage>, bool), RepositoryError> {
        const EXPECTED: &str = "a list of packages";
        check_name(owner)?;
        let mut request = self.request(Method::GET, &["packages", owner])?.limit(LIST_LIMIT);
        if !query.is_empty() {
            request = request.query(query);
        }
        let answer = self.send_as(request, token.into()).await?.believed()?;
        self.expect_success(&answer, Some(token.into()), "list packages")?;
        let body = answer.json(EXPECTED)?;
        let items = body.as_array().ok_or_else(|| answer.not_json(EXPECTED))?;
        let says_more = items.iter().any(|item| item.get("access").is_some());
        let read = items.iter().filter_map(|item| OwnedPackage::read(item, owner));
        Ok((read.collect(), says_more))
    }

    /// `GET package/<owner>/<name>`.
    ///
    /// # Errors
    /// [`RepositoryError::NotFound`] also for one that the account may not see; otherwise as every call.
    pub async fn package(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
    ) -> Result<OwnedPackage, RepositoryError> {
        const EXPECTED: &str = "a package";
        check_name(owner)?;
        check_name(name)?;
        let answer = self
            .get(&["package", owner, name], token.into(), "look at the package")
            .await?;
        let body = answer.json(EXPECTED)?;
        OwnedPackage::read(&body, owner).ok_or_else(|| answer.missing(EXPECTED, "name"))
    }

    /// Makes a package that exists visible to others than before. No client of the vendor has a call for this
    /// (repository reference, section 0.10), so `PATCH package/<owner>/<name>` is tried, and believed only when the server
    /// says the same when it is asked again.
    ///
    /// # Errors
    /// [`RepositoryError::Forbidden`] for whoever may not change the package, [`RepositoryError::NotFound`]; otherwise as
    /// every call.
    pub async fn set_visibility(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
        visibility: Visibility,
    ) -> Result<SetVisibility, RepositoryError> {
        let before = self.package(token, owner, name).await?;
        if before.visibility == Some(visibility) && visibility == Visibility::Public {
            return Ok(SetVisibility::Done);
        }
        let request = self
            .request(Method::PATCH, &["package", owner, name])?
            .json(&json!({
                "access": visibility.name(),
                "public": visibility == Visibility::Public,
            }));
        let answer = self.send_as(request, token.into()).await?.believed()?;
        let only_in_browser = SetVisibility::OnlyInBrowser {
            page: self.settings_page(owner, name),
        };
        match answer.status {
            200..=299 => {}
            // What a server answers that does not know the call, or not these keys.
            400 | 404 | 405 | 422 | 501 => return Ok(only_in_browser),
            _ => self.expect_success(&answer, Some(token.into()), "change who may see the package")?,
        }
        let now = self.package(token, owner, name).await?;
        let is_done = match visibility {
            Visibility::Public => now.visibility == Some(Visibility::Public),
            // A server that knows only public and not public has done what it can.
            Visibility::Private => now.visibility == Some(Visibility::Private),
            Visibility::Authenticated => now.visibility == Some(Visibility::Authenticated),
        };
        Ok(if is_done {
            SetVisibility::Done
        } else {
            only_in_browser
        })
    }

    /// Where the owner sets a package's access in the browser: Settings, Admin, Set access (seed 004).
    pub fn settings_page(&self, owner: &str, name: &str) -> String {
        page(&self.api().website(), &[owner, name, "settings", "admin"])
    }

    /// `GET packages/<owner>/<name>/collaborators`: the logins of people who have the package without a group.
    ///
    /// # Errors
    /// As every call.
    pub async fn collaborators(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
    ) -> Result<Vec<String>, RepositoryError> {
        const EXPECTED: &str = "a list of collaborators";
        let answer = self
            .get(
                &["packages", owner, name, "collaborators"],
                token.into(),
                "list the collaborators",
            )
            .await?;
        let body = answer.json(EXPECTED)?;
        let items = body.as_array().ok_or_else(|| answer.not_json(EXPECTED))?;
        Ok(items.iter().filter_map(|item| text(item, "login")).collect())
    }

    /// `PUT packages/<owner>/<name>/collaborators/<user>`.
    ///
    /// # Errors
    /// As every call.
    pub async fn add_collaborator(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
        user: &str,
    ) -> Result<(), RepositoryError> {
        let path = ["packages", owner, name, "collaborators", user];
        self.change(Method::PUT, &path, token, "add a collaborator").await
    }

    /// `DELETE packages/<owner>/<name>/collaborators/<user>`.
    ///
    /// # Errors
    /// As every call.
    pub async fn remove_collaborator(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
        user: &str,
    ) -> Result<(), RepositoryError> {
        let path = ["packages", owner, name, "collaborators", user];
        self.change(Method::DELETE, &path, token, "remove a collaborator")
            .await
    }

    /// A call that changes something and answers nothing of interest.
    pub(super) async fn change(
        &self,
        method: Method,
        path: &[&str],
        token: &Token,
        doing: &'static str,
    ) -> Result<(), RepositoryError> {
        for part in path {
            check_name(part)?;
        }
        let answer: Answer = self
            .send_as(self.request(method, path)?, token.into())
            .await?
            .believed()?;
        self.expect_success(&answer, Some(token.into()), doing)
    }
}

/// An address of the website, each part percent-encoded.
fn page(website: &str, parts: &[&str]) -> String {
    let Ok(mut url) = url::Url::parse(website) else {
        return website.to_owned();
    };
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(parts);
    }
    url.into()
}
