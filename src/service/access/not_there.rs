//! Names that a server does not have: a refusal with 404 names only the address of the call, in which several stand.

use thiserror::Error;

use super::{AsManager, GroupSubject};
use crate::error::{Explain, Kind, Problem};
use crate::repository::RepositoryError;
use crate::service::ServiceError;

/// Somebody or something that is not there, or that the account may not see: servers do not tell one from the other.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotThere {
    #[error("the server has no package {owner}/{name}")]
    Package { owner: String, name: String },
    #[error("the server has no user {login}")]
    User { login: String },
    #[error("the server has no organisation {name}")]
    Organization { name: String },
    #[error("{organization} has no group {name}")]
    Group { organization: String, name: String },
    #[error("{subject} is not in the group {organization}/{group}")]
    Member {
        subject: String,
        organization: String,
        group: String,
    },
    #[error("{user} is not a collaborator of {owner}/{name}")]
    Collaborator {
        user: String,
        owner: String,
        name: String,
    },
}

impl Explain for NotThere {
    fn explain(&self) -> Problem {
        const HIDDEN: &str = "it is not there, or this account may not see it";
        let problem = Problem::new(Kind::Usage, self.to_string());
        match self {
            Self::Package { .. } => problem.because(HIDDEN).remedy(
                "see what there is: sextant access list; a package of somebody else is OWNER/PACKAGE",
            ),
            Self::User { .. } => problem
                .because("nobody has this login, or this account may not see them")
                .remedy("ask them for their login; those in groups are listed by: sextant access groups"),
            Self::Organization { .. } => problem
                .because(HIDDEN)
                .remedy("see those that you belong to: sextant access groups"),
            Self::Group { organization, .. } => problem
                .because(HIDDEN)
                .remedy(format!("see what there is: sextant access groups {organization}")),
            Self::Member { organization, .. } => problem.remedy(format!(
                "see who and what is: sextant access groups {organization}"
            )),
            Self::Collaborator { owner, name, .. } => {
                problem.remedy(format!("see who is: sextant access who {owner}/{name}"))
            }
        }
    }
}

impl NotThere {
    /// What this says in the place of a refusal with 404; any other error stays.
    pub(super) fn instead_of(self, error: RepositoryError) -> ServiceError {
        match error {
            RepositoryError::NotFound { .. } => self.into(),
            other => other.into(),
        }
    }

    pub(super) fn package(owner: &str, name: &str) -> Self {
        Self::Package {
            owner: owner.to_owned(),
            name: name.to_owned(),
        }
    }

    pub(super) fn organization(name: &str) -> Self {
        Self::Organization {
            name: name.to_owned(),
        }
    }
}

/// Whether somebody or something was to go in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

/// Which name a refused change of a group was about: the organisation, the group, or who or what was to go in or out.
pub(super) async fn missing_of_group(
    manager: AsManager<'_>,
    organization: &str,
    group: &str,
    subject: &GroupSubject,
    way: Way,
    error: RepositoryError,
) -> ServiceError {
    if !matches!(error, RepositoryError::NotFound { .. }) {
        return error.into();
    }
    let AsManager { client, token, .. } = manager;
    let is_missing = |error: RepositoryError| matches!(error, RepositoryError::NotFound { .. });
    let not_there = if client
        .group(token, organization, group)
        .await
        .is_err_and(is_missing)
    {
        match client.groups(token, organization).await.is_err_and(is_missing) {
            true => NotThere::organization(organization),
            false => NotThere::Group {
                organization: organization.to_owned(),
                name: group.to_owned(),
            },
        }
    } else {
        match (way, subject) {
            (Way::In, GroupSubject::User(login)) => NotThere::User { login: login.clone() },
            (Way::In, GroupSubject::Package(name)) => NotThere::package(organization, name),
            (Way::Out, GroupSubject::User(subject) | GroupSubject::Package(subject)) => NotThere::Member {
                subject: subject.clone(),
                organization: organization.to_owned(),
                group: group.to_owned(),
            },
        }
    };
    not_there.into()
}

/// Which name a refused change of a collaborator was about: the package or the person.
pub(super) async fn missing_of_package(
    manager: AsManager<'_>,
    owner: &str,
    name: &str,
    user: &str,
    way: Way,
    error: RepositoryError,
) -> ServiceError {
    if !matches!(error, RepositoryError::NotFound { .. }) {
        return error.into();
    }
    let AsManager { client, token, .. } = manager;
    let not_there = match (client.package(token, owner, name).await, way) {
        (Err(RepositoryError::NotFound { .. }), _) => NotThere::package(owner, name),
        (_, Way::In) => NotThere::User {
            login: user.to_owned(),
        },
        (_, Way::Out) => NotThere::Collaborator {
            user: user.to_owned(),
            owner: owner.to_owned(),
            name: name.to_owned(),
        },
    };
    not_there.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_found_gets_a_name() {
        let about = |error| {
            NotThere::package("alice", "nosuch")
                .instead_of(error)
                .explain()
                .message
        };
        let not_found = RepositoryError::NotFound {
            address: "http://h/api/package/alice/nosuch".to_owned(),
            doing: "look at the package",
        };
        assert_eq!(about(not_found), "the server has no package alice/nosuch");
        assert_eq!(about(RepositoryError::NoNetwork), "this computer has no network");
    }
}
