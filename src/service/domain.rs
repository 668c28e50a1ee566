//! The address of the server: set, shown, and checked step by step.

use std::path::Path;

use serde::Serialize;

use super::connection::Service;
use super::plan::Plan;
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
}

impl Services {
    /// The domain in Navigator's file.
    pub fn domain(&self) -> Result<DomainShown, ServiceError> {
        blocking(|| {
            let path = self.navigator_path();
            let domain = match file::read(&path)? {
                Some(image) => NavigatorFile::parse(&image.bytes)
                    .map_err(ServiceError::in_navigator(&path))?
                    .with_generation(self.navigator_generation())
                    .domain(),
                None => None,
            };
            Ok(DomainShown {
                domain,
                source: path.display().to_string(),
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
        Ok(check_domain(&http, domain, report).await?)
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
    /// Errors: [`ServiceError::DomainInUse`] while signed in to another one.
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
            Ok(plan)
        })
    }

    pub async fn set_domain(&self, plan: &Plan) -> Result<Entry, ServiceError> {
        self.commit_files(plan, None, |_, _| {}).await
    }
}
