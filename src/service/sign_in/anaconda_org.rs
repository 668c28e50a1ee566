//! Signing in to Anaconda.com and Anaconda.org, which stay beside a repository.
//!
//! Effects: seed 003 ("you can be signed into Anaconda.com while also signed into a repository service"); server reference,
//! section 2; repository reference, section 1.2. The key of Anaconda.com lies in the keyring; the token of Anaconda.org lies
//! where conda looks for it.

use super::repository::{BinstarProof, DOWNLOAD_SCOPES};
use super::{Grant, LoggedIn};
use crate::edit::file;
use crate::navigator::NavigatorFile;
use crate::repository::oidc::{self, Provider};
use crate::repository::{ANACONDA_COM, ANACONDA_ORG, AnacondaComClient, BinstarApi, Domain, issuer_of};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services};

impl Services {
    /// The site of Anaconda.com: named by `ANACONDA_AUTH_DOMAIN`, as for anaconda-auth, else the service's own.
    pub fn anaconda_com(&self) -> Result<Domain, ServiceError> {
        let named = self
            .locations()
            .variable("ANACONDA_AUTH_DOMAIN")
            .filter(|named| !named.trim().is_empty());
        Ok(Domain::parse(named.unwrap_or(ANACONDA_COM))?)
    }

    /// The API of Anaconda.org: named by Navigator's file, else the service's own.
    pub fn anaconda_org(&self) -> Result<BinstarApi, ServiceError> {
        let path = self.navigator_path();
        let named = match file::read(&path)? {
            // A file that cannot be read names none.
            Some(image) => NavigatorFile::parse(&image.bytes)
                .ok()
                .and_then(|navigator| navigator.anaconda_api_url()),
            None => None,
        };
        Ok(BinstarApi::parse(named.as_deref().unwrap_or(ANACONDA_ORG))?)
    }

    /// Where one signs in to Anaconda.com.
    pub(crate) async fn provider_of_anaconda_com(&self) -> Result<Provider, ServiceError> {
        let domain = self.anaconda_com()?;
        let issuer = issuer_of(&domain)?;
        let http = self.http(&domain, None).await?;
        Ok(Provider::discover(&http, &issuer).await?)
    }

    pub(crate) async fn anaconda_com_client(
        &self,
        bearer: &Secret,
    ) -> Result<AnacondaComClient, ServiceError> {
        let domain = self.anaconda_com()?;
        let http = self.http(&domain, None).await?;
        Ok(AnacondaComClient::new(http, domain, bearer.clone()))
    }

    /// Accepted credentials from a sign-in at Anaconda.com.
    pub(crate) async fn logged_in_to_anaconda_com(
        &self,
        granted: &oidc::Grant,
    ) -> Result<LoggedIn, ServiceError> {
        let bearer = &granted.access_token;
        let person = self.anaconda_com_client(bearer).await?.account().await?;
        let api = self.anaconda_org()?;
        Ok(LoggedIn {
            service: Service::AnacondaOrg,
            domain: api.domain().clone(),
            ca_file: None,
            user: person.name,
            scopes: DOWNLOAD_SCOPES.map(str::to_owned).to_vec(),
            grant: Grant::Binstar {
                api,
                proof: BinstarProof::Bearer(bearer.clone()),
            },
        })
    }

    /// Prepares a sign-in with user name and password of Anaconda.org. A wrong password shows only when the plan is
    /// carried out.
    pub fn log_in_to_anaconda_org(
        &self,
        username: &str,
        password: &Secret,
    ) -> Result<LoggedIn, ServiceError> {
        let api = self.anaconda_org()?;
        Ok(LoggedIn {
            service: Service::AnacondaOrg,
            domain: api.domain().clone(),
            ca_file: None,
            user: username.to_owned(),
            scopes: DOWNLOAD_SCOPES.map(str::to_owned).to_vec(),
            grant: Grant::Binstar {
                api,
                proof: BinstarProof::Password {
                    username: username.to_owned(),
                    password: password.clone(),
                },
            },
        })
    }

    pub(super) fn plan_anaconda_org(
        &self,
        login: &LoggedIn,
        api: &BinstarApi,
        proof: &BinstarProof,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        plan.token = self.planned_token(login);
        plan.creates_key = matches!(proof, BinstarProof::Bearer(_));
        self.plan_binstar_token(api, plan)
    }
}
