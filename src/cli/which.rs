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
    let connections = asked.services.connections()?;
    let found = connections
        .repository()
        .or_else(|| connections.of(Service::AnacondaOrg));
    let nowhere = ServiceError::NotSignedIn {
        service: "any service",
    };
    Ok(found.ok_or(nowhere)?.service)
}
