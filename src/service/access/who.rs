//! Who can see a package, and why.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{AsManager, NotThere, PackageReference};
use crate::repository::{Permission, RepositoryError, Visibility};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::{ServiceError, Services};

/// Everyone who can see a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Viewers {
    pub owner: String,
    pub name: String,
    /// `None` when the server does not say.
    pub access: Option<Visibility>,
    /// Those who are known by name, each with every reason.
    pub people: Vec<Viewer>,
    /// What could not be looked at, so that others may see it too.
    pub unknown: Vec<String>,
}

/// Somebody who can see the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Viewer {
    pub login: String,
    pub reasons: Vec<Reason>,
}

/// Why somebody can see a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "because")]
pub enum Reason {
    Owner,
    /// Of the organisation that owns it, by a group that may do everything.
    Administrator {
        group: String,
    },
    /// A group that has the package.
    Group {
        group: String,
        permission: Permission,
    },
    Collaborator,
}

impl Services {
    /// Who can see a package, and why: by its access, as its owner, by groups, as collaborators. Whoever holds a token for
    /// the owner's packages can see it as well; nobody can list such people.
    ///
    /// Errors: as for [`Services::owned_packages`], and a package that is not there.
    pub async fn who_sees(
        &self,
        service: Service,
        package: &PackageReference,
        password: Option<&Secret>,
    ) -> Result<Viewers, ServiceError> {
        self.managing(service, password, &["api:read"], async |manager| {
            let owner = package.owner.as_deref().unwrap_or(manager.login);
            look(manager, owner, &package.name).await
        })
        .await
    }
}

async fn look(manager: AsManager<'_>, owner: &str, name: &str) -> Result<Viewers, ServiceError> {
    let AsManager { client, token, .. } = manager;
    let missing = |error| NotThere::package(owner, name).instead_of(error);
    let listed = client.packages(token, owner).await.map_err(missing)?;
    // The list tells three kinds of access apart, where the package itself may tell two.
    let found = match listed.into_iter().find(|package| package.name == name) {
        Some(found) => found,
        None => client.package(token, owner, name).await.map_err(missing)?,
    };
    let mut people: BTreeMap<String, Vec<Reason>> = BTreeMap::new();
    let mut unknown = Vec::new();
    match client.groups(token, owner).await {
        Ok(groups) => {
            for group in groups {
                let everything = group.permission == Permission::Admin && group.name == "owners";
                let has_package = everything
                    || client
                        .packages_of_group(token, owner, &group.name)
                        .await?
                        .iter()
                        .any(|package| package == name);
                if !has_package {
                    continue;
                }
                for member in client.members(token, owner, &group.name).await? {
                    let group_name = group.name.clone();
                    people.entry(member.login).or_default().push(if everything {
                        Reason::Administrator { group: group_name }
                    } else {
                        Reason::Group {
                            group: group_name,
                            permission: group.permission.clone(),
                        }
                    });
                }
            }
        }
        // People have no groups.
        Err(RepositoryError::NotFound { .. }) => {
            people.entry(owner.to_owned()).or_default().push(Reason::Owner);
        }
        Err(RepositoryError::Forbidden { .. }) => {
            unknown.push(format!("the groups of {owner}, which you may not list"));
        }
        Err(error) => return Err(error.into()),
    }
    match client.collaborators(token, owner, name).await {
        Ok(logins) => {
            for login in logins {
                people.entry(login).or_default().push(Reason::Collaborator);
            }
        }
        Err(RepositoryError::Forbidden { .. } | RepositoryError::NotFound { .. }) => {
            unknown.push("the collaborators of the package, which you may not list".to_owned());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Viewers {
        owner: found.owner,
        name: found.name,
        access: found.visibility,
        people: people
            .into_iter()
            .map(|(login, reasons)| Viewer { login, reasons })
            .collect(),
        unknown,
    })
}
