//! How the clients of a repository stand on this machine, all at once: what a person sees before changing anything.

use super::{
    AnacondaClientSetup, BrowserSetup, BrowserView, KerberosSetup, KerberosView, PipSetup, SetupPlan, UvSetup,
};
use crate::clients::uv_settings::UvSettings;
use crate::service::configuration::{ConfigurationFile, Explained, Place};
use crate::service::{ServiceError, Services};

/// One set-up, whichever client it is for.
#[derive(Debug, Clone)]
pub enum ClientSetup {
    AnacondaClient(AnacondaClientSetup),
    Pip(PipSetup),
    Uv(UvSetup),
    Kerberos(KerberosSetup),
    Browsers(BrowserSetup),
}

/// What Kerberos and the browsers are asked about. What is no server is as none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServersInQuestion {
    pub of_kerberos: String,
    pub of_browsers: String,
}

/// What is set now, and where that is said. Nothing of it was asked of the network.
#[derive(Debug, Clone)]
pub struct ClientsStanding {
    /// `url` of anaconda-client.
    pub anaconda_client: Explained,
    /// Its files in their true order, lowest precedence first.
    pub anaconda_client_places: Vec<Place>,
    /// `channel_alias` and `default_channels`.
    pub conda: Vec<Explained>,
    /// `index-url`, `extra-index-url` and `trusted-host`.
    pub pip: Vec<Explained>,
    pub uv: UvSettings,
    /// Of the server that is asked about; nothing while none is.
    pub kerberos: Option<KerberosView>,
    pub browsers: Vec<BrowserView>,
}

impl Services {
    /// How the clients stand, Kerberos and the browsers at the servers that are named.
    ///
    /// Errors: what Sextant remembers of its sign-ins cannot be read.
    pub fn clients_standing(&self, servers: &ServersInQuestion) -> Result<ClientsStanding, ServiceError> {
        let explained = |file, keys: &[&str]| -> Result<Vec<Explained>, ServiceError> {
            let keys: Vec<(ConfigurationFile, &str)> = keys.iter().map(|key| (file, *key)).collect();
            self.explain_all(&keys).into_iter().collect()
        };
        Ok(ClientsStanding {
            anaconda_client: self.explain(ConfigurationFile::AnacondaClient, "url")?,
            anaconda_client_places: self.effective(ConfigurationFile::AnacondaClient)?.places,
            conda: explained(ConfigurationFile::Conda, &["channel_alias", "default_channels"])?,
            pip: explained(
                ConfigurationFile::Pip,
                &["index-url", "extra-index-url", "trusted-host"],
            )?,
            uv: self.uv_settings(),
            kerberos: self.kerberos_view(&servers.of_kerberos).ok(),
            browsers: self.browser_views(&servers.of_browsers).unwrap_or_default(),
        })
    }

    /// What a set-up will change.
    ///
    /// Errors: as for the set-up of the client.
    pub fn plan_client_setup(&self, setup: &ClientSetup) -> Result<SetupPlan, ServiceError> {
        match setup {
            ClientSetup::AnacondaClient(setup) => self.plan_anaconda_client(setup),
            ClientSetup::Pip(setup) => self.plan_pip(setup),
            ClientSetup::Uv(setup) => self.plan_uv(setup),
            ClientSetup::Kerberos(setup) => self.plan_kerberos(setup),
            ClientSetup::Browsers(setup) => self.plan_browsers(setup),
        }
    }
}
