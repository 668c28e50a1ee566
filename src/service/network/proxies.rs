//! What stands between this computer and a server, and who signs in to it.

use serde::{Deserialize, Serialize};

use super::{ProxyChoice, ProxyShown};
use crate::conda::configuration::{Configuration, Origin};
use crate::repository::{
    Applies, Domain, Exceptions, ProxyAddress, ProxyCredentials, ProxyError, ProxyLogin, ProxyRule,
    ProxySettings, RepositoryError,
};
use crate::secret::Secret;
use crate::service::{ServiceError, Services, blocking};

/// The name in conda's `proxy_servers` that stands for a list of exceptions.
const NO_PROXY: &str = "no_proxy";

/// A login as it lies in the credential store.
#[derive(Serialize, Deserialize)]
struct Stored {
    user: String,
    password: String,
}

impl Services {
    /// The proxies in force, with the login for the one on the way to `domain`.
    pub(super) fn proxies_for(
        &self,
        domain: &Domain,
        configuration: &Configuration,
    ) -> Result<(ProxySettings, Option<ProxyShown>), ServiceError> {
        let mut settings = self.proxy_settings(configuration)?;
        let Some(used) = settings.used_for(domain).map_err(RepositoryError::from)? else {
            return Ok((settings, None));
        };
        let mut shown = ProxyShown {
            address: used.address,
            source: used.source,
            user: used.user,
        };
        if let Some(login) = self.proxy_login(&used.host_and_port)? {
            shown.user = Some(login.user.clone());
            settings.credentials = Some(ProxyCredentials {
                proxy: used.host_and_port,
                login,
            });
        }
        Ok((settings, Some(shown)))
    }

    fn proxy_settings(&self, configuration: &Configuration) -> Result<ProxySettings, ServiceError> {
        let mut preferences = self.preferences()?;
        let mut source = None;
        if let Some(decided) = self.policy()?.proxy() {
            let (proxy, no_proxy) = decided.value;
            let is_open = decided.lock.is_none();
            if let Some(proxy) = proxy
                && (!is_open || preferences.proxy == ProxyChoice::System)
            {
                preferences.proxy = proxy;
                source = Some(decided.path.display().to_string());
            }
            if let Some(no_proxy) = no_proxy
                && (!is_open || preferences.no_proxy.is_empty())
            {
                preferences.no_proxy = no_proxy;
            }
        }
        if preferences.proxy == ProxyChoice::None {
            return Ok(ProxySettings::default());
        }
        let environment = ProxySettings::environment(self.locations().variables.clone());
        let (exceptions, servers): (Vec<_>, Vec<_>) = configuration
            .proxy_servers()
            .into_iter()
            .partition(|server| server.name == NO_PROXY);
        let of_conda = servers.into_iter().map(|server| {
            let place = server.origin.as_ref().map_or_else(String::new, Origin::to_string);
            let source = format!("proxy_servers in {place}");
            ProxyRule::new(Applies::parse(&server.name), &server.address, source)
        });
        let exceptions = exceptions
            .iter()
            .map(|server| Exceptions::parse(server.address.expose()))
            .fold(environment.exceptions, Exceptions::and)
            .and(Exceptions::parse(&preferences.no_proxy));
        let empty = ProxySettings {
            exceptions,
            system: true,
            ..ProxySettings::default()
        };
        let rules = preferences.proxy.rules().into_iter().map(|rule| ProxyRule {
            source: source.clone().unwrap_or(rule.source),
            ..rule
        });
        Ok(empty.then(rules).then(of_conda).then(environment.rules))
    }

    /// Keeps the login for a proxy, named by `host:port` or by its address as errors show it. The next client uses it.
    ///
    /// # Errors
    /// [`ProxyError::Unusable`] for what is no address, and trouble with the credential store.
    pub fn set_proxy_credentials(
        &self,
        proxy: &str,
        user: &str,
        password: &Secret,
    ) -> Result<(), ServiceError> {
        let stored = Stored {
            user: user.to_owned(),
            password: password.expose().to_owned(),
        };
        let text =
            serde_json::to_string(&stored).map_err(|error| ServiceError::Internal(error.to_string()))?;
        let name = credential_name(proxy)?;
        blocking(|| self.credentials().write(&name, &Secret::new(text)))?;
        self.ways.forget();
        Ok(())
    }

    /// Forgets the login for a proxy; one that is not there is no error.
    ///
    /// # Errors
    /// As for [`Services::set_proxy_credentials`].
    pub fn forget_proxy_credentials(&self, proxy: &str) -> Result<(), ServiceError> {
        let name = credential_name(proxy)?;
        blocking(|| self.credentials().remove(&name))?;
        self.ways.forget();
        Ok(())
    }

    /// What cannot be understood any more is as good as nothing: the proxy asks again.
    fn proxy_login(&self, host_and_port: &str) -> Result<Option<ProxyLogin>, ServiceError> {
        let secret = self.credentials().read(&credential_name(host_and_port)?)?;
        let stored = secret.and_then(|secret| serde_json::from_str::<Stored>(secret.expose()).ok());
        Ok(stored.map(|stored| ProxyLogin {
            user: stored.user,
            password: Secret::new(stored.password),
        }))
    }
}

fn credential_name(proxy: &str) -> Result<String, ServiceError> {
    let address = ProxyAddress::parse(proxy).map_err(|reason| {
        RepositoryError::from(ProxyError::Unusable {
            source_name: "the login to be kept".to_owned(),
            reason,
        })
    })?;
    Ok(format!("proxy/{}", address.host_and_port()))
}
