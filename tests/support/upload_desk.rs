//! Alice, signed in to one of the products that take uploads, and what the server holds of hers.

use std::path::PathBuf;

use sextant::package::Stop;
use sextant::practice::{Fault, Site, Trouble};
use sextant::repository::{BinstarApi, Visibility};
use sextant::secret::Secret;
use sextant::service::ServiceError;
use sextant::service::connection::Service;
use sextant::service::sign_in::repository::RepositoryLogin;
use sextant::service::sign_in::{ChannelChoice, Replacing};
use sextant::service::upload::{UploadPlan, UploadProgress, UploadReport, UploadWish};

use crate::distributions::put;
use crate::services::{Machine, password};

/// Where alice is signed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    Repository,
    Server,
}

pub const BOTH: [At; 2] = [At::Repository, At::Server];

pub struct Desk {
    pub machine: Machine,
    pub at: At,
}

impl Desk {
    pub fn new(at: At) -> Self {
        let machine = Machine::new();
        match at {
            At::Server => {
                machine.sign_in();
            }
            At::Repository => {
                let api = BinstarApi::parse(machine.practice.repository_url()).unwrap();
                let services = &machine.services;
                let scopes = ["repos", "conda:download"].map(str::to_owned).to_vec();
                let login = RepositoryLogin::Password {
                    username: "alice".to_owned(),
                    password: password(),
                };
                machine
                    .wait(async {
                        let login = services.log_in_to_repository(&api, None, login, scopes)?;
                        let plan =
                            services.plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing)?;
                        services.sign_in(&login, &plan).await
                    })
                    .unwrap();
            }
        }
        Self { machine, at }
    }

    pub fn service(&self) -> Service {
        match self.at {
            At::Repository => Service::Repository,
            At::Server => Service::Server,
        }
    }

    /// A repository takes nothing of what is stored here.
    pub fn password(&self) -> Option<Secret> {
        (self.at == At::Repository).then(password)
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        put(&self.machine.path("files"), name, bytes)
    }

    pub fn wish(&self, files: &[PathBuf]) -> UploadWish {
        UploadWish {
            files: files.to_vec(),
            ..UploadWish::default()
        }
    }

    pub fn try_plan(&self, wish: &UploadWish) -> Result<UploadPlan, ServiceError> {
        let services = &self.machine.services;
        let (password, stop) = (self.password(), Stop::default());
        self.machine
            .wait(services.plan_upload(self.service(), wish, password.as_ref(), &stop, |_| {}))
    }

    #[track_caller]
    pub fn plan(&self, wish: &UploadWish) -> UploadPlan {
        self.try_plan(wish).unwrap()
    }

    pub fn carry_out(
        &self,
        plan: &UploadPlan,
        stop: &Stop,
        told: impl Fn(UploadProgress) + Send + Sync,
    ) -> UploadReport {
        let password = self.password();
        let services = &self.machine.services;
        self.machine
            .wait(services.upload(plan, password.as_ref(), stop, told))
            .unwrap()
    }

    #[track_caller]
    pub fn upload(&self, files: &[PathBuf]) -> UploadReport {
        let plan = self.plan(&self.wish(files));
        self.carry_out(&plan, &Stop::default(), |_| {})
    }

    pub fn site(&self) -> Site {
        match self.at {
            At::Repository => Site::Repository,
            At::Server => Site::Server,
        }
    }

    /// Where the bytes of a file go.
    pub fn way_of_files(&self) -> &'static str {
        match self.at {
            At::Repository => "/storage/",
            At::Server => "/artifacts",
        }
    }

    pub fn trouble(&self, fault: Fault) -> Trouble {
        Trouble::fault(fault)
            .only_site(self.site())
            .only_method("POST")
            .only_path(self.way_of_files())
    }

    /// What the server gives for a path below alice's own channel, as everybody with alice's token gets it.
    pub fn fetch(&self, path: &str) -> (u16, Vec<u8>) {
        let url = match self.at {
            At::Repository => format!("{}/conda/alice/{path}", self.machine.practice.repository_url()),
            At::Server => {
                let token = self.machine.token_values().remove(0);
                format!("{}/api/repo/t/{token}/alice/{path}", self.machine.practice.url())
            }
        };
        self.get(&url)
    }

    pub fn get(&self, url: &str) -> (u16, Vec<u8>) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        self.machine.wait(async {
            let answer = reqwest::get(url).await.unwrap();
            let status = answer.status().as_u16();
            (status, answer.bytes().await.unwrap().to_vec())
        })
    }

    pub fn repodata(&self) -> serde_json::Value {
        let (status, body) = self.fetch("noarch/repodata.json");
        assert_eq!(status, 200);
        serde_json::from_slice(&body).unwrap()
    }

    pub fn is_listed(&self, file: &str) -> bool {
        self.repodata()["packages.conda"].get(file).is_some()
    }

    /// The names of packages that alice has at the repository.
    pub fn packages(&self) -> Vec<(String, Option<Visibility>)> {
        let services = &self.machine.services;
        let all = self
            .machine
            .wait(services.owned_packages(Service::Repository, Some(&password())))
            .unwrap();
        let own = all.into_iter().filter(|package| package.owner == "alice");
        own.map(|package| (package.name, package.visibility)).collect()
    }

    /// Nothing but what the sign-in made is on the server.
    #[track_caller]
    pub fn has_left_no_token(&self) {
        let tokens = match self.at {
            At::Repository => self.machine.practice.repository_tokens().len(),
            At::Server => self.machine.practice.tokens().len(),
        };
        assert_eq!(tokens, 1, "the token of the work is gone");
    }
}
