//! The products of one practice server together.

use std::sync::Arc;

use axum::Router;

use super::binstar::{self, Login};
use super::cloud;
use super::common::Common;
use super::control;
use super::options::Options;
use super::server;
use super::site::Site;

/// Where each product is.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    pub(super) server: String,
    pub(super) cloud: String,
    pub(super) repository: String,
    pub(super) anaconda_org: String,
}

/// The memory of every product.
#[derive(Clone)]
pub(super) struct Sites {
    pub(super) common: Arc<Common>,
    pub(super) server: Arc<server::State>,
    pub(super) cloud: Arc<cloud::State>,
    pub(super) repository: Arc<binstar::State>,
    pub(super) anaconda_org: Arc<binstar::State>,
}

impl Sites {
    pub(super) fn new(options: &Options, urls: &Urls, common: Arc<Common>) -> Result<Self, getrandom::Error> {
        let cloud = Arc::new(cloud::State::new(&urls.cloud, Arc::clone(&common))?);
        let repository = Login::from(options.repository_login.clone());
        let anaconda_org = Login::Unified(Arc::clone(&cloud));
        Ok(Self {
            server: Arc::new(server::State::new(options, &urls.server, Arc::clone(&common))?),
            cloud,
            repository: Arc::new(binstar::State::new(
                repository,
                &urls.repository,
                Arc::clone(&common),
            )),
            anaconda_org: Arc::new(binstar::State::new(
                anaconda_org,
                &urls.anaconda_org,
                Arc::clone(&common),
            )),
            common,
        })
    }

    /// What a product answers; the control endpoints are the same on each.
    pub(super) fn router(&self, site: Site, options: &Options) -> Router {
        match site {
            Site::Server => server::router(
                Arc::clone(&self.server),
                options.single_sign_on,
                options.oidc,
                control::router(self.clone()),
            ),
            Site::Cloud => cloud::router(
                Arc::clone(&self.cloud),
                options.oidc,
                control::router(self.clone()),
            ),
            Site::Repository => binstar::router(Arc::clone(&self.repository), control::router(self.clone())),
            Site::AnacondaOrg => {
                binstar::router(Arc::clone(&self.anaconda_org), control::router(self.clone()))
            }
        }
    }

    /// Ends the sessions of Anaconda Server and of the cloud; tokens and API keys are not touched.
    pub(super) fn end_sessions(&self) {
        self.server.sessions.end_all();
        self.cloud.sessions.end_all();
    }
}
