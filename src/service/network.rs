//! The way to a server: who vouches for it, and what stands in between. Every request of every use case takes it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::{ServiceError, Services};
use crate::edit::file;
use crate::repository::{
    CaBundle, Domain, HttpClient, HttpSettings, ProxySettings, ProxyVariables, RepositoryError, ServerClient,
};

/// The clients made so far. They are kept, since making one reads the whole trust store.
#[derive(Debug, Default)]
pub(crate) struct Ways(Mutex<Vec<(CaBundle, HttpClient)>>);

impl Ways {
    fn find(&self, ca: &CaBundle) -> Option<HttpClient> {
        let clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = clients.iter().find(|(known, _)| known == ca);
        found.map(|(_, client)| client.clone())
    }

    fn keep(&self, ca: CaBundle, client: HttpClient) {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.push((ca, client));
    }
}

impl Services {
    /// The client for the server at `address`. The certificates in `ca_file` are trusted beside everything else that is.
    ///
    /// # Errors
    /// [`ServiceError::NoCaFile`] and [`crate::repository::CaError`] for a CA file that is none.
    pub(crate) async fn http(
        &self,
        _address: &Domain,
        ca_file: Option<&Path>,
    ) -> Result<HttpClient, ServiceError> {
        let ca = match ca_file {
            None => CaBundle::default(),
            Some(path) => match file::read(path)? {
                Some(image) => CaBundle::from_bytes(&image.bytes).map_err(RepositoryError::from)?,
                None => {
                    return Err(ServiceError::NoCaFile {
                        path: path.to_owned(),
                    });
                }
            },
        };
        if let Some(client) = self.ways.find(&ca) {
            return Ok(client);
        }
        let settings = HttpSettings {
            proxy: ProxySettings::Environment(ProxyVariables::capture(self.locations().variables.clone())),
            ca: ca.clone(),
            ..HttpSettings::default()
        };
        let client = HttpClient::open(settings).await?;
        self.ways.keep(ca, client.clone());
        Ok(client)
    }

    pub(crate) async fn server(
        &self,
        domain: &Domain,
        ca_file: Option<&Path>,
    ) -> Result<ServerClient, ServiceError> {
        Ok(ServerClient::new(
            self.http(domain, ca_file).await?,
            domain.clone(),
        ))
    }
}
