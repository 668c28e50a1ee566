//! Groups of an organisation: people who may do something with some of its packages (repository reference, section 1.3).

use std::fmt;
use std::str::FromStr;

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{BinstarClient, check_name};
use crate::repository::answer::Answer;
use crate::repository::error::RepositoryError;
use crate::repository::server::text;
use crate::secret::Token;

/// What the members of a group may do with its packages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    Read,
    Write,
    Admin,
    /// A word that is not known here.
    #[serde(untagged)]
    Other(String),
}

impl Permission {
    fn of(word: &str) -> Self {
        word.parse().unwrap_or_else(|_| Self::Other(word.to_owned()))
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not one of the three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a permission is read, write or admin")]
pub struct UnknownPermission;

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            "admin" => Ok(Self::Admin),
            _ => Err(UnknownPermission),
        }
    }
}

/// A group of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Group {
    pub name: String,
    pub permission: Permission,
    /// How many, where the server says so.
    pub members: Option<u64>,
    pub packages: Option<u64>,
}

impl Group {
    fn read(item: &Value) -> Option<Self> {
        Some(Self {
            name: text(item, "name")?,
            permission: Permission::of(&text(item, "permission").unwrap_or_default()),
            members: item["members_count"].as_u64(),
            packages: item["repos_count"].as_u64(),
        })
    }
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Member {
    pub login: String,
    pub name: Option<String>,
}

impl BinstarClient {
    /// `GET groups/<organisation>`.
    ///
    /// # Errors
    /// As every call.
    pub async fn groups(&self, token: &Token, organization: &str) -> Result<Vec<Group>, RepositoryError> {
        const EXPECTED: &str = "a list of groups";
        check_name(organization)?;
        let answer = self
            .get(&["groups", organization], token.into(), "list the groups")
            .await?;
        let body = answer.json(EXPECTED)?;
        let items = body["groups"]
            .as_array()
            .ok_or_else(|| answer.missing(EXPECTED, "groups"))?;
        Ok(items.iter().filter_map(Group::read).collect())
    }

    /// `GET group/<organisation>/<name>`: the group with the numbers of its members and packages.
    ///
    /// # Errors
    /// As every call.
    pub async fn group(
        &self,
        token: &Token,
        organization: &str,
        name: &str,
    ) -> Result<Group, RepositoryError> {
        const EXPECTED: &str = "a group";
        let answer = self
            .get_of_group(token, [organization, name], None, "look at the group")
            .await?;
        let body = answer.json(EXPECTED)?;
        Group::read(&body).ok_or_else(|| answer.missing(EXPECTED, "name"))
    }

    /// `POST group/<organisation>/<name>`: makes a group. The permission cannot be changed afterwards, nor the group
    /// removed, but in the browser (repository reference, section 1.3).
    ///
    /// # Errors
    /// [`RepositoryError::Conflict`] when there is one of that name; otherwise as every call.
    pub async fn create_group(
        &self,
        token: &Token,
        organization: &str,
        name: &str,
        permission: &Permission,
    ) -> Result<(), RepositoryError> {
        check_name(organization)?;
        check_name(name)?;
        let request = self
            .request(Method::POST, &["group", organization, name])?
            .json(&json!({"perms": permission.name()}));
        let answer: Answer = self.send_as(request, token.into()).await?.believed()?;
        self.expect_success(&answer, Some(token.into()), "make a group")
    }

    /// `GET group/<organisation>/<name>/members`.
    ///
    /// # Errors
    /// As every call.
    pub async fn members(
        &self,
        token: &Token,
        organization: &str,
        name: &str,
    ) -> Result<Vec<Member>, RepositoryError> {
        const EXPECTED: &str = "a list of members";
        let answer = self
            .get_of_group(
                token,
                [organization, name],
                Some("members"),
                "list the members of the group",
            )
            .await?;
        let body = answer.json(EXPECTED)?;
        let items = body.as_array().ok_or_else(|| answer.not_json(EXPECTED))?;
        let read = |item: &Value| {
            let login = text(item, "login")?;
            let name = text(item, "name").filter(|name| !name.is_empty());
            Some(Member { login, name })
        };
        Ok(items.iter().filter_map(read).collect())
    }

    /// `GET group/<organisation>/<name>/packages`: names of packages.
    ///
    /// # Errors
    /// As every call.
    pub async fn packages_of_group(
        &self,
        token: &Token,
        organization: &str,
        name: &str,
    ) -> Result<Vec<String>, RepositoryError> {
        const EXPECTED: &str = "a list of packages";
        let answer = self
            .get_of_group(
                token,
                [organization, name],
                Some("packages"),
                "list the packages of the group",
            )
            .await?;
        let body = answer.json(EXPECTED)?;
        let items = body.as_array().ok_or_else(|| answer.not_json(EXPECTED))?;
        Ok(items.iter().filter_map(|item| text(item, "name")).collect())
    }

    /// `PUT group/<organisation>/<name>/members/<user>`.
    ///
    /// # Errors
    /// As every call.
    pub async fn add_member(
        &self,
        token: &Token,
        organization: &str,
        name: &str,
        user: &str,
    ) -> Result<(), RepositoryError> {
        let path = ["group", organization, name, "members", user];
        self.change(Method::PUT, &path, token, "add a member").await
    }

    /// `DELETE group/<organisation>/<name>/members/<user>`.
    ///
    /// # Errors
    /// As every call.
    pub async fn remove_member(
        &self,
        token: &Token,
        organization: &str,
        name: &str,
        user: &str,
    ) -> Result<(), RepositoryError> {
        let path = ["group", organization, name, "members", user];
        self.change(Method::DELETE, &path, token, "remove a member").await
    }

    /// `PUT group/<organisation>/<name>/packages/<package>`.
    ///
    /// # Errors
    /// As every call.
    pub async fn add_package_to_group(
        &self,
        token: &Token,
        organization: &str,
        name: &str,
        package: &str,
    ) -> Result<(), RepositoryError> {
        let path = ["group", organization, name, "packages", package];
        self.change(Method::PUT, &path, token, "give a package to a group")
            .await
    }

    /// `DELETE group/<organisation>/<name>/packages/<package>`.
    ///
    /// # Errors
    /// As every call.
    pub async fn remove_package_from_group(
        &self,
        token: &Token,
        organization: &str,
        name: &str,
        package: &str,
    ) -> Result<(), RepositoryError> {
        let path = ["group", organization, name, "packages", package];
        self.change(Method::DELETE, &path, token, "take a package from a group")
            .await
    }

    async fn get_of_group(
        &self,
        token: &Token,
        group: [&str; 2],
        part: Option<&str>,
        doing: &'static str,
    ) -> Result<Answer, RepositoryError> {
        for name in group {
            check_name(name)?;
        }
        let path = [&["group"], &group[..], part.as_slice()].concat();
        self.get(&path, token.into(), doing).await
    }
}
