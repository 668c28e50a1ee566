//! Where one signs in, as it describes itself (OpenID Connect Discovery).

use reqwest::Method;
use serde_json::Value;
use url::Url;

use super::error::{DiscoveryFlaw, OidcError};
use crate::repository::answer::Answer;
use crate::repository::http::{HttpClient, Request, shown};
use crate::repository::{Domain, RepositoryError};

/// Below an issuer, where its description lies.
const WELL_KNOWN: [&str; 2] = [".well-known", "openid-configuration"];

/// The addresses of a provider. They are web addresses, and under https when the description came over https.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// What the provider calls itself, if it does.
    pub(super) issuer: Option<String>,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) device_authorization_endpoint: Option<Url>,
    /// Whether every answer names its issuer (RFC 9207).
    pub(super) names_issuer_in_answers: bool,
    /// Whether the description came over https, so that nothing less may follow.
    pub(super) is_protected: bool,
}

impl Provider {
    /// Reads `<issuer>/.well-known/openid-configuration`.
    ///
    /// # Errors
    /// [`OidcError::DiscoveryBroken`] when it does not describe a sign-in that can be used, [`OidcError::Repository`]
    /// when it cannot be had.
    pub async fn discover(http: &HttpClient, issuer: &Url) -> Result<Self, OidcError> {
        let address = well_known(issuer)?;
        let is_protected = address.scheme() == "https";
        let answer = http.send(Request::new(Method::GET, address)).await?;
        Self::read(&answer, is_protected).map_err(|flaw| match flaw {
            // What is ill for the moment is not wrongly set up.
            DiscoveryFlaw::Status(status @ 500..=599) => {
                OidcError::Repository(RepositoryError::ServerFailed {
                    status,
                    doing: "describe its sign-in",
                    said: answer.said(),
                })
            }
            flaw => OidcError::DiscoveryBroken {
                address: answer.address,
                flaw,
            },
        })
    }

    /// The provider of an Anaconda Server: `GET <domain>/api/auth/authorize` must answer 302 to a Keycloak realm
    /// (server reference, section 1.4), whose description is then read on the server's own address.
    ///
    /// Every Anaconda Server knows the same client, and the token that a sign-in ends with is shown to the server. So a
    /// server could have people sign in at another's site and come by their tokens there: everything has to be on the
    /// host of `domain`.
    ///
    /// # Errors
    /// [`OidcError::NoSingleSignOn`] when the server has none, [`OidcError::OtherSite`] when another host takes part in
    /// it; otherwise as [`Provider::discover`].
    pub async fn of_server(http: &HttpClient, domain: &Domain) -> Result<Self, OidcError> {
        Self::at_server(http, domain, None).await
    }

    /// As [`Provider::of_server`], for a server whose sign-in is at the host `site`, which the person has confirmed
    /// after [`OidcError::OtherSite`] named it.
    ///
    /// # Errors
    /// As [`Provider::of_server`]; [`OidcError::OtherSite`] for any third host.
    pub async fn of_server_through(
        http: &HttpClient,
        domain: &Domain,
        site: &str,
    ) -> Result<Self, OidcError> {
        Self::at_server(http, domain, Some(site)).await
    }

    async fn at_server(
        http: &HttpClient,
        domain: &Domain,
        confirmed: Option<&str>,
    ) -> Result<Self, OidcError> {
        let allowed = |url: &Url| {
            let host = url.host_str().unwrap_or_default();
            if host == domain.host() || confirmed == Some(host) {
                return Ok(());
            }
            Err(OidcError::OtherSite {
                domain: domain.to_string(),
                site: host.to_owned(),
            })
        };
        let (location, realm) = realm_of(http, domain).await?;
        allowed(&location)?;
        // The server's own address is the one that is known to work; the confirmed site has its own.
        let mut issuer = if location.host_str() == Some(domain.host()) {
            parse(domain.as_str())?
        } else {
            location
        };
        issuer.set_query(None);
        issuer.set_fragment(None);
        issuer.set_path(&format!("/auth/realms/{realm}"));
        if issuer.scheme() == "http" && !domain.is_plain_http() {
            return Err(OidcError::DiscoveryBroken {
                address: shown(&issuer),
                flaw: DiscoveryFlaw::Unprotected("the sign-in site"),
            });
        }
        let provider = Self::discover(http, &issuer).await?;
        provider.endpoints().try_for_each(allowed)?;
        Ok(provider)
    }

    /// The host, with its port when it is not the usual one, of the page on which the person signs in.
    pub fn site(&self) -> String {
        let host = self.authorization_endpoint.host_str().unwrap_or_default();
        let port = self.authorization_endpoint.port();
        port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// What the provider calls itself, if it does.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether one can sign in with a device code here.
    pub fn offers_device_code(&self) -> bool {
        self.device_authorization_endpoint.is_some()
    }

    fn endpoints(&self) -> impl Iterator<Item = &Url> {
        [&self.authorization_endpoint, &self.token_endpoint]
            .into_iter()
            .chain(&self.device_authorization_endpoint)
    }

    fn read(answer: &Answer, is_protected: bool) -> Result<Self, DiscoveryFlaw> {
        if answer.status != 200 {
            return Err(DiscoveryFlaw::Status(answer.status));
        }
        let body = answer
            .json("a description of a sign-in")
            .map_err(|_| DiscoveryFlaw::NotJson)?;
        let required = |field| endpoint(&body, field, is_protected)?.ok_or(DiscoveryFlaw::Missing(field));
        let issuer = body.get("issuer").and_then(Value::as_str);
        let names_issuer = body.get("authorization_response_iss_parameter_supported");
        Ok(Self {
            issuer: issuer.filter(|issuer| !issuer.is_empty()).map(str::to_owned),
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            device_authorization_endpoint: endpoint(&body, "device_authorization_endpoint", is_protected)?,
            names_issuer_in_answers: names_issuer.and_then(Value::as_bool) == Some(true),
            is_protected,
        })
    }
}

/// Where the server's sign-in page redirects to, and the realm in it.
async fn realm_of(http: &HttpClient, domain: &Domain) -> Result<(Url, String), OidcError> {
    let address = domain
        .api(&["auth", "authorize"])
        .map_err(|e| OidcError::Internal {
            detail: e.to_string(),
        })?;
    let from = shown(&address);
    let answer = http.ask_for_redirect(Request::new(Method::GET, address)).await?;
    let (status, location) = match answer {
        (status @ 300..=399, Some(location)) => (status, location),
        (status @ 500..=599, _) => {
            return Err(OidcError::Repository(RepositoryError::ServerFailed {
                status,
                doing: "sign in through the browser",
                said: None,
            }));
        }
        _ => {
            return Err(OidcError::NoSingleSignOn {
                site: domain.to_string(),
            });
        }
    };
    match realm(&location) {
        Some(realm) if status == 302 => {
            let realm = realm.to_owned();
            Ok((location, realm))
        }
        // Such as from http to https, or to the sign-in page of a gateway.
        _ => Err(OidcError::Repository(RepositoryError::Redirected {
            from,
            to: shown(&location),
        })),
    }
}

/// The realm of `/auth/realms/<realm>/…`.
fn realm(url: &Url) -> Option<&str> {
    if !is_web_address(url) {
        return None;
    }
    let (realm, _) = url.path().strip_prefix("/auth/realms/")?.split_once('/')?;
    let is_name = !realm.is_empty()
        && realm
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    is_name.then_some(realm)
}

fn is_web_address(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
}

/// An optional endpoint of a description.
fn endpoint(body: &Value, field: &'static str, is_protected: bool) -> Result<Option<Url>, DiscoveryFlaw> {
    let text = match body.get(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_str().ok_or(DiscoveryFlaw::NoAddress(field))?,
    };
    web_address(text, field, is_protected).map(Some)
}

/// A web address that a provider named, under https if the provider is.
pub(super) fn web_address(text: &str, field: &'static str, is_protected: bool) -> Result<Url, DiscoveryFlaw> {
    let url = Url::parse(text).map_err(|_| DiscoveryFlaw::NoAddress(field))?;
    if !is_web_address(&url) || url.fragment().is_some() {
        return Err(DiscoveryFlaw::NoAddress(field));
    }
    if is_protected && url.scheme() != "https" {
        return Err(DiscoveryFlaw::Unprotected(field));
    }
    Ok(url)
}

fn parse(text: &str) -> Result<Url, OidcError> {
    Url::parse(text).map_err(|e| OidcError::Internal {
        detail: e.to_string(),
    })
}

fn well_known(issuer: &Url) -> Result<Url, OidcError> {
    let mut address = issuer.clone();
    address.set_query(None);
    address.set_fragment(None);
    match address.path_segments_mut() {
        Ok(mut segments) => {
            segments.pop_if_empty().extend(WELL_KNOWN);
        }
        Err(()) => {
            return Err(OidcError::Internal {
                detail: "the sign-in site is no web address".to_owned(),
            });
        }
    }
    Ok(address)
}
