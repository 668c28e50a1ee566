//! Groups of organisations, their members and packages; collaborators of a package.

use serde::Serialize;

use super::not_there::{Way, missing_of_group, missing_of_package};
use super::{AsManager, NotThere, PackageReference};
use crate::repository::{Group, Member, Permission};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::{ServiceError, Services};

/// What a token needs to change groups.
const CHANGING: [&str; 3] = ["api:read", "api:write", "api:modify-group"];

/// A group with everything in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupShown {
    pub organization: String,
    pub name: String,
    pub permission: Permission,
    pub members: Vec<Member>,
    pub packages: Vec<String>,
}

/// Who or what is put into a group, or taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupSubject {
    User(String),
    /// By its name, since a group holds packages of its organisation only.
    Package(String),
}

impl Services {
    /// The groups of an organisation, or of all organisations that the account belongs to. A group whose content may not be
    /// listed is shown without.
    ///
    /// Errors: as for [`Services::owned_packages`], and an organisation that the account does not belong to.
    pub async fn access_groups(
        &self,
        service: Service,
        organization: Option<&str>,
        password: Option<&Secret>,
    ) -> Result<Vec<GroupShown>, ServiceError> {
        self.managing(service, password, &["api:read"], async |manager| {
            let AsManager { client, token, .. } = manager;
            let organizations = match organization {
                Some(one) => vec![one.to_owned()],
                None => {
                    let all = client.organizations(token).await?;
                    all.into_iter().map(|one| one.login).collect()
                }
            };
            let mut shown = Vec::new();
            for organization in organizations {
                let groups = client
                    .groups(token, &organization)
                    .await
                    .map_err(|error| NotThere::organization(&organization).instead_of(error))?;
                for group in groups {
                    shown.push(content_of(manager, &organization, group).await?);
                }
            }
            Ok(shown)
        })
        .await
    }

    /// Makes a group of an organisation.
    ///
    /// Errors: as for [`Services::owned_packages`]; a conflict where there is one of that name; forbidden to whoever does not
    /// own the organisation.
    pub async fn create_group(
        &self,
        service: Service,
        organization: &str,
        name: &str,
        permission: &Permission,
        password: Option<&Secret>,
    ) -> Result<(), ServiceError> {
        self.managing(service, password, &CHANGING, async |manager| {
            let AsManager { client, token, .. } = manager;
            client
                .create_group(token, organization, name, permission)
                .await
                .map_err(|error| NotThere::organization(organization).instead_of(error))
        })
        .await
    }

    /// Puts somebody or something into a group.
    ///
    /// Errors: as for [`Services::create_group`]; not found where there is no such group, person or package.
    pub async fn add_to_group(
        &self,
        service: Service,
        organization: &str,
        group: &str,
        subject: &GroupSubject,
        password: Option<&Secret>,
    ) -> Result<(), ServiceError> {
        self.managing(service, password, &CHANGING, async |manager| {
            let AsManager { client, token, .. } = manager;
            let added = match subject {
                GroupSubject::User(user) => client.add_member(token, organization, group, user).await,
                GroupSubject::Package(package) => {
                    client
                        .add_package_to_group(token, organization, group, package)
                        .await
                }
            };
            match added {
                Ok(()) => Ok(()),
                Err(error) => {
                    Err(missing_of_group(manager, organization, group, subject, Way::In, error).await)
                }
            }
        })
        .await
    }

    /// Takes somebody or something out of a group.
    ///
    /// Errors: as for [`Services::add_to_group`].
    pub async fn remove_from_group(
        &self,
        service: Service,
        organization: &str,
        group: &str,
        subject: &GroupSubject,
        password: Option<&Secret>,
    ) -> Result<(), ServiceError> {
        self.managing(service, password, &CHANGING, async |manager| {
            let AsManager { client, token, .. } = manager;
            let removed = match subject {
                GroupSubject::User(user) => client.remove_member(token, organization, group, user).await,
                GroupSubject::Package(package) => {
                    client
                        .remove_package_from_group(token, organization, group, package)
                        .await
                }
            };
            match removed {
                Ok(()) => Ok(()),
                Err(error) => {
                    Err(missing_of_group(manager, organization, group, subject, Way::Out, error).await)
                }
            }
        })
        .await
    }

    /// Gives a package to one person without a group, or takes it back.
    ///
    /// Errors: as for [`Services::owned_packages`]; not found where there is no such package or person.
    pub async fn set_collaborator(
        &self,
        service: Service,
        package: &PackageReference,
        user: &str,
        is_one: bool,
        password: Option<&Secret>,
    ) -> Result<(), ServiceError> {
        self.managing(service, password, &["api:read", "api:write"], async |manager| {
            let AsManager { client, token, login } = manager;
            let owner = package.owner.as_deref().unwrap_or(login);
            let name = &package.name;
            let (changed, way) = match is_one {
                true => (client.add_collaborator(token, owner, name, user).await, Way::In),
                false => (
                    client.remove_collaborator(token, owner, name, user).await,
                    Way::Out,
                ),
            };
            match changed {
                Ok(()) => Ok(()),
                Err(error) => Err(missing_of_package(manager, owner, name, user, way, error).await),
            }
        })
        .await
    }
}

async fn content_of(
    manager: AsManager<'_>,
    organization: &str,
    group: Group,
) -> Result<GroupShown, ServiceError> {
    use crate::repository::RepositoryError::Forbidden;

    let AsManager { client, token, .. } = manager;
    let members = match client.members(token, organization, &group.name).await {
        Err(Forbidden { .. }) => Vec::new(),
        other => other?,
    };
    let packages = match client.packages_of_group(token, organization, &group.name).await {
        Err(Forbidden { .. }) => Vec::new(),
        other => other?,
    };
    Ok(GroupShown {
        organization: organization.to_owned(),
        name: group.name,
        permission: group.permission,
        members,
        packages,
    })
}
