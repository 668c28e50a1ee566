//! What to do about a failure, in commands: the services say it in the words of the window.

use super::Asked;
use crate::error::{Explain, Problem};
use crate::repository::kerberos::KerberosError;
use crate::repository::oidc::OidcError;
use crate::repository::{Product, RepositoryError, TlsReason};
use crate::service::ServiceError;

/// Calls a server. A proxy on the way that wants a login gets one from the person at the terminal, and the call is made
/// again.
///
/// Errors: as the call, with remedies that are commands.
pub(super) async fn reach<T>(
    asked: &Asked<'_>,
    mut call: impl AsyncFnMut() -> Result<T, ServiceError>,
) -> Result<T, Problem> {
    loop {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        match proxy_that_asks(&error) {
            Some(proxy) if asked.output.can_ask() => {
                asked.output.tell(&error.explain().message);
                super::proxy::ask(asked, proxy).await?;
            }
            _ => return Err(in_commands(&error)),
        }
    }
}

/// The failure as a person at the command line reads it.
pub(super) fn in_commands(error: &ServiceError) -> Problem {
    let problem = error.explain();
    match remedy(error) {
        Some(remedy) => problem.remedy(remedy),
        None => problem,
    }
}

fn remedy(error: &ServiceError) -> Option<String> {
    if let Some(proxy) = proxy_that_asks(error) {
        let proxy = proxy.split_once("://").map_or(proxy, |(_, rest)| rest);
        return Some(format!(
            "sextant proxy log-in {proxy} --username NAME --password-stdin"
        ));
    }
    match error {
        ServiceError::SingleSignOn(error) => of_single_sign_on(error),
        ServiceError::Repository(error) => of_repository(error),
        ServiceError::AlreadySignedIn { service, .. } => Some(format!(
            "add --replace to sign out of it in the same change, or sign out first: sextant sign-out {}",
            service.name()
        )),
        _ => None,
    }
}

fn of_single_sign_on(error: &OidcError) -> Option<String> {
    match error {
        OidcError::Repository(error) => of_repository(error),
        OidcError::OtherSite { site, .. } => Some(format!(
            "if {site} is where your organisation signs in, add --sso-site {site}; otherwise ask your administrator"
        )),
        OidcError::PortTaken {
            port,
            device_code_offered,
        } => {
            let instead = if *device_code_offered {
                ", or use a code instead: --device"
            } else {
                ""
            };
            Some(format!(
                "close the program that uses port {port}, or choose another with --port{instead}"
            ))
        }
        OidcError::NoListener {
            device_code_offered: true,
            ..
        } => Some("use a code instead: --device".to_owned()),
        OidcError::NoSingleSignOn { .. } => {
            Some("sign in with your user name and password: --username NAME".to_owned())
        }
        OidcError::NoDeviceCode { .. } => Some("sign in in the browser: leave out --device".to_owned()),
        OidcError::TimedOut { .. } => {
            Some("start again and finish it in the browser, or use a code on any device: --device".to_owned())
        }
        _ => None,
    }
}

fn of_repository(error: &RepositoryError) -> Option<String> {
    match error {
        RepositoryError::OtherProduct { address, found, .. } => Some(match found {
            Product::AnacondaServer => {
                format!("sign in to it as an Anaconda Server: sextant sign-in server --domain {address}")
            }
            Product::AnacondaRepository => {
                format!("sign in to it as an Anaconda Repository: sextant sign-in repository --domain {address}")
            }
            Product::AnacondaOrg => "sign in to Anaconda.org: sextant sign-in anaconda-org".to_owned(),
            Product::AnacondaCloud => {
                "sign in with the token of your organisation: sextant sign-in cloud --token-stdin".to_owned()
            }
        }),
        RepositoryError::Kerberos(KerberosError::PlainHttp { .. }) => {
            Some("use https:// in the address, or accept it: --allow-plain-http".to_owned())
        }
        RepositoryError::Tls(failure) if failure.reason == TlsReason::SelfSigned => Some(
            "compare the fingerprint with the administrator of the server, then pin it: sextant trust set URL --pin \
             SHA256; or ask for a CA file and trust that: --ca-file FILE"
                .to_owned(),
        ),
        _ => None,
    }
}

/// The proxy that a person should log in to.
pub(super) fn proxy_that_asks(error: &ServiceError) -> Option<&str> {
    match error {
        ServiceError::Repository(RepositoryError::Proxy(error))
        | ServiceError::SingleSignOn(OidcError::Repository(RepositoryError::Proxy(error))) => {
            error.asks_for_credentials()
        }
        _ => None,
    }
}
