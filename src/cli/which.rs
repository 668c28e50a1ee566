//! Which service is meant.

use super::Asked;
use super::arguments::ServiceName;
use crate::error::Problem;
use crate::service::ServiceError;
use crate::service::connection::Service;

impl From<ServiceName> for Service {
    fn from(name: ServiceName) -> Self {
        match name {
            ServiceName::Server => Self::Server,
            ServiceName::Cloud => Self::Cloud,
            ServiceName::Repository => Self::Repository,
            ServiceName::AnacondaOrg => Self::AnacondaOrg,
        }
    }
}

/// The service that was named; else the repository service that this machine is signed in to, else Anaconda.org.
///
/// Errors: nothing was named, and the machine is signed in to nothing.
pub(super) fn service_of(asked: &Asked<'_>, named: Option<ServiceName>) -> Result<Service, Problem> {
    if let Some(named) = named {
        return Ok(named.into());
    }
    Ok(current(asked)?.ok_or(NOWHERE)?)
}

/// The same for signing out, which ends the logins of other programs where there is no sign-in of Sextant's own.
///
/// Errors: nothing was named, and nobody is signed in to anything.
pub(super) fn service_to_end(asked: &Asked<'_>, named: Option<ServiceName>) -> Result<Service, Problem> {
    if let Some(named) = named {
        return Ok(named.into());
    }
    if let Some(service) = current(asked)? {
        return Ok(service);
    }
    let found = asked.services.found_logins()?;
    let repository = found.iter().find(|login| login.service.is_repository());
    Ok(repository.or(found.first()).ok_or(NOWHERE)?.service)
}

const NOWHERE: ServiceError = ServiceError::NotSignedIn {
    service: "any service",
};

fn current(asked: &Asked<'_>) -> Result<Option<Service>, Problem> {
    let connections = asked.services.connections()?;
    let found = connections
        .repository()
        .or_else(|| connections.of(Service::AnacondaOrg));
    Ok(found.map(|connection| connection.service))
}
