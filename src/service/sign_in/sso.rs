//! Single sign-on: in the person's own browser, or with a code on another device (seed 003, "Sign in with SSO"; server
//! reference, sections 1.4 and 2).

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::LoggedIn;
use crate::error::Problem;
use crate::repository::oidc::{BrowserSignIn, Client, DevicePrompt, DeviceSignIn, Grant, Port, Provider};
use crate::repository::{Domain, Session};
use crate::service::connection::Service;
use crate::service::{ServiceError, Services};

/// How long a person may take in the browser.
pub const BROWSER_LIMIT: Duration = Duration::from_secs(300);

/// Where one signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignOnSite {
    Server {
        domain: Domain,
        ca_file: Option<PathBuf>,
        /// The host of another site than the server's own, which the person has confirmed.
        through: Option<String>,
    },
    AnacondaCom,
}

impl SignOnSite {
    /// The service that a sign-in there is for.
    pub fn service(&self) -> Service {
        match self {
            Self::Server { .. } => Service::Server,
            Self::AnacondaCom => Service::AnacondaOrg,
        }
    }
}

/// A sign-in that waits for the person in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserOpened {
    /// What was opened, for opening it again or by hand.
    pub address: Url,
    /// The host that the person sees there.
    pub site: String,
    /// Whether a device code would do as well.
    pub offers_code: bool,
    /// How long it is waited for.
    pub limit: Duration,
    /// Why the browser did not open; the address can be opened by hand then.
    pub not_opened: Option<Problem>,
}

/// How far a sign-in elsewhere is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignOnProgress<Waited> {
    /// It is the person's turn.
    Waiting(Waited),
    /// The person is done; the rest takes a moment.
    Finishing,
}

impl Services {
    /// Opens the browser, tells so, and waits for the person to come back from it. Dropping the future ends the wait and
    /// frees the port at once. `port` replaces the one that is usual for the site.
    ///
    /// Errors: [`crate::repository::oidc::OidcError`] with what went wrong and the other way in.
    pub async fn sign_on_with_browser(
        &self,
        site: &SignOnSite,
        port: Option<u16>,
        mut tell: impl FnMut(SignOnProgress<BrowserOpened>) + Send,
    ) -> Result<LoggedIn, ServiceError> {
        let provider = self.provider_of(site).await?;
        let client = match port {
            Some(port) => client_of(site).on_port(Port::Fixed(port)),
            None => client_of(site),
        };
        let waiting = BrowserSignIn::begin(&provider, client).await?;
        let address = waiting.authorize_url().clone();
        let not_opened = self.open_in_browser(&address).await.err().map(Problem::from);
        tell(SignOnProgress::Waiting(BrowserOpened {
            address,
            site: provider.site(),
            offers_code: provider.offers_device_code(),
            limit: BROWSER_LIMIT,
            not_opened,
        }));
        let http = self.http_of(site).await?;
        let came_back = || tell(SignOnProgress::Finishing);
        let granted = waiting.wait(&http, BROWSER_LIMIT, came_back).await?;
        self.logged_in_after_sign_on(site, granted).await
    }

    /// Asks for a code, tells it, and waits for the person to use it on any device.
    ///
    /// Errors: as for [`Services::sign_on_with_browser`].
    pub async fn sign_on_with_code(
        &self,
        site: &SignOnSite,
        mut tell: impl FnMut(SignOnProgress<DevicePrompt>) + Send,
    ) -> Result<LoggedIn, ServiceError> {
        let provider = self.provider_of(site).await?;
        let http = self.http_of(site).await?;
        let waiting = DeviceSignIn::begin(&http, &provider, client_of(site)).await?;
        tell(SignOnProgress::Waiting(waiting.prompt().clone()));
        let granted = waiting.wait(&http).await?;
        tell(SignOnProgress::Finishing);
        self.logged_in_after_sign_on(site, granted).await
    }

    /// Opens a web address in the person's browser.
    pub async fn open_in_browser(&self, address: &Url) -> Result<(), ServiceError> {
        let (browser, address) = (self.browser().clone(), address.clone());
        match tokio::task::spawn_blocking(move || browser.open(&address)).await {
            Ok(opened) => Ok(opened?),
            Err(error) => Err(ServiceError::Internal(error.to_string())),
        }
    }

    async fn provider_of(&self, site: &SignOnSite) -> Result<Provider, ServiceError> {
        let domain = match site {
            SignOnSite::Server { domain, .. } => Some(domain),
            SignOnSite::AnacondaCom => None,
        };
        self.may_sign_in(site.service(), domain)?;
        Ok(match site {
            SignOnSite::Server { domain, through, .. } => {
                let http = self.http_of(site).await?;
                match through {
                    None => Provider::of_server(&http, domain).await?,
                    Some(through) => Provider::of_server_through(&http, domain, through).await?,
                }
            }
            SignOnSite::AnacondaCom => self.provider_of_anaconda_com().await?,
        })
    }

    async fn http_of(&self, site: &SignOnSite) -> Result<crate::repository::HttpClient, ServiceError> {
        match site {
            SignOnSite::Server { domain, ca_file, .. } => self.http(domain, ca_file.as_deref()).await,
            SignOnSite::AnacondaCom => self.http(&self.anaconda_com()?, None).await,
        }
    }

    async fn logged_in_after_sign_on(
        &self,
        site: &SignOnSite,
        granted: Grant,
    ) -> Result<LoggedIn, ServiceError> {
        match site {
            SignOnSite::Server { domain, ca_file, .. } => {
                let session = Session::new("", granted.access_token, granted.refresh_token);
                self.logged_in_with(domain, ca_file.as_deref(), session).await
            }
            SignOnSite::AnacondaCom => self.logged_in_to_anaconda_com(&granted).await,
        }
    }
}

fn client_of(site: &SignOnSite) -> Client {
    match site {
        SignOnSite::Server { .. } => Client::anaconda_server(),
        SignOnSite::AnacondaCom => Client::anaconda_com(),
    }
}
