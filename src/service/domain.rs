//! The address of the server: set, shown, and checked step by step.

use std::path::Path;

use serde::Serialize;

use super::connection::Service;
use super::plan::Plan;
use super::policy::Lock;
use super::{ServiceError, Services, blocking};
use crate::edit::file;
use crate::edit::history::Entry;
use crate::navigator::NavigatorFile;
use crate::repository::{
    CheckStep, Checked, Domain, PresentedCertificates, check_domain, look_at_certificate,
};

/// The domain that is set, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainShown {
    pub domain: Option<String>,
    /// The file that says so.
    pub source: String,
    /// Why it cannot be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<Lock>,
}

impl Services {
    /// The domain in force: the one that the administrator decided, else that in Navigator's file, else what a policy or
    /// preset proposes.
    pub fn domain(&self) -> Result<DomainShown, ServiceError> {
        blocking(|| {
            let decided = self.policy()?.domain().map(|decided| DomainShown {
                domain: Some(decided.value.as_str().to_owned()),
                source: decided.path.display().to_string(),
                locked: decided.lock,
            });
            if let Some(locked) = decided.as_ref().filter(|decided| decided.locked.is_some()) {
                return Ok(locked.clone());
            }
            let path = self.navigator_path();
            let domain = match file::read(&path)? {
                Some(image) => NavigatorFile::parse(&image.bytes)
                    .map_err(ServiceError::in_navigator(&path))?
                    .with_generation(self.navigator_generation())
                    .domain(),
                None => None,
            };
            let written = DomainShown {
                domain,
                source: path.display().to_string(),
                locked: None,
            };
            Ok(match decided {
                Some(proposed) if written.domain.is_none() => proposed,
                _ => written,
            })
        })
    }

    /// Name, connection, TLS and answer of a server, each reported as it happens. Dropping the future cancels.
    pub async fn check_domain(
        &self,
        domain: &Domain,
        ca_file: Option<&Path>,
        report: impl FnMut(CheckStep) + Send,
    ) -> Result<Checked, ServiceError> {
        let http = self.http(domain, ca_file).await?;
        let checked = check_domain(&http, domain, report).await;
        self.heard(domain, &checked);
        Ok(checked?)
    }

    /// The certificate that the server at `domain` presents, also one that is not accepted.
    pub async fn certificates_of(
        &self,
        domain: &Domain,
        ca_file: Option<&Path>,
    ) -> Result<PresentedCertificates, ServiceError> {
        let http = self.http(domain, ca_file).await?;
        Ok(look_at_certificate(&http, domain).await?)
    }

    /// What setting the domain will change.
    ///
    /// Errors: [`ServiceError::DomainInUse`] while signed in to another one; [`ServiceError::Policy`] where the
    /// administrator decided otherwise.
    pub fn plan_domain(&self, domain: &Domain) -> Result<Plan, ServiceError> {
        if let Some(connection) = self.connections()?.of(Service::Server)
            && connection.domain != domain.as_str()
        {
            return Err(ServiceError::DomainInUse {
                domain: connection.domain.clone(),
            });
        }
        blocking(|| {
            let mut plan = Plan::new("domain", format!("Set the server domain to {domain}"));
            self.plan_navigator(&mut plan, |navigator| navigator.set_domain(Some(domain.as_str())))?;
            self.allowed(&plan)?;
            Ok(plan)
        })
    }

    /// What forgetting the domain will change.
    ///
    /// Errors: as for [`Services::plan_domain`].
    pub fn plan_forget_domain(&self) -> Result<Plan, ServiceError> {
        if let Some(connection) = self.connections()?.of(Service::Server) {
            return Err(ServiceError::DomainInUse {
                domain: connection.domain.clone(),
            });
        }
        blocking(|| {
            let mut plan = Plan::new("domain", "Forgot the server domain");
            if plan.content(&self.navigator_path())?.is_some() {
                self.plan_navigator(&mut plan, |navigator| match navigator.domain() {
                    Some(_) => navigator.set_domain(None),
                    None => Ok(()),
                })?;
            }
            self.allowed(&plan)?;
            Ok(plan)
        })
    }

    pub async fn set_domain(&self, plan: &Plan) -> Result<Entry, ServiceError> {
        self.commit_files(plan, None, |_, _| {}).await
    }
}
