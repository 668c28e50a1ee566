//! What a test may see and do from the outside, while clients talk to the server.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::Practice;
use super::account::{self, PracticeUser};
use super::binstar::RepositoryToken;
use super::cloud::{ApiKey, CloudToken};
use super::record::RecordedRequest;
use super::server::TokenRecord;
use super::site::Site;
use super::trouble::Trouble;

impl Practice {
    /// Anaconda Server: `http://127.0.0.1:PORT`, or `https://localhost:PORT`; without `/api`.
    pub fn url(&self) -> &str {
        &self.urls.server
    }

    /// PSM Cloud and anaconda.com together. Channels are at `<cloud_url>/repo/...`, and the discovery document at
    /// `<cloud_url>/.well-known/openid-configuration`.
    pub fn cloud_url(&self) -> &str {
        &self.urls.cloud
    }

    /// Anaconda Repository, without `/api`. Channels are at `<repository_url>/conda/...`.
    pub fn repository_url(&self) -> &str {
        &self.urls.repository
    }

    /// Anaconda.org, the way `https://api.anaconda.org` stands for it: the API is at this address and under its `/api`.
    /// Channels are at `<anaconda_org_url>/conda/...`.
    pub fn anaconda_org_url(&self) -> &str {
        &self.urls.anaconda_org
    }

    /// The authority that signed the server's certificate, in PEM, in the modes whose fault is another one.
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(|authority| authority.pem.as_str())
    }

    /// The same as a file, which is there as long as the server runs.
    pub fn ca_file(&self) -> Option<&Path> {
        self.authority.as_ref().map(|authority| authority.file.path())
    }

    /// Who can sign in: the same people in every product, by name and on the cloud also by email address. On the cloud,
    /// alice and admin belong to `practice-org`, bob to `bobs-lab`; on Anaconda Repository and Anaconda.org, alice and
    /// admin own the organization `practice-org`, bob is in its group `analysts`.
    pub fn users(&self) -> Vec<PracticeUser> {
        account::users()
    }

    /// What `sextant practice-server` prints first: the addresses, the people with their passwords, the number of
    /// channels, the cloud's repository tokens, and the file of the authority if there is one (command-line contract).
    pub fn announcement(&self) -> Value {
        let users: Vec<Value> = self
            .users()
            .iter()
            .map(|user| {
                json!({
                    "username": user.username,
                    "password": user.password.expose(),
                    "email": user.email,
                })
            })
            .collect();
        let tokens: Vec<Value> = self
            .cloud_tokens()
            .iter()
            .map(|token| {
                json!({
                    "token": token.value.expose(),
                    "state": token.state,
                    "organization": token.organization,
                })
            })
            .collect();
        let mut announcement = json!({
            "url": self.urls.server,
            "cloud_url": self.urls.cloud,
            "repository_url": self.urls.repository,
            "anaconda_org_url": self.urls.anaconda_org,
            "users": users,
            "cloud_tokens": tokens,
            "channels": self.sites.server.catalogue.len(),
        });
        if let Some(file) = self.ca_file() {
            announcement["ca_file"] = json!(file);
        }
        announcement
    }

    /// How many files were announced to Anaconda Repository and are neither taken over nor taken back.
    pub fn repository_announcements(&self) -> usize {
        self.sites.repository.announcements()
    }

    /// The tokens of Anaconda Server, oldest first, also those that have expired; revoked ones are gone.
    pub fn tokens(&self) -> Vec<TokenRecord> {
        self.sites.server.tokens.all()
    }

    /// Revokes a token of Anaconda Server as an administrator would; false if there is none with this id.
    pub fn revoke_token(&self, id: &str) -> bool {
        self.sites.server.tokens.revoke(id)
    }

    /// Lets a token of Anaconda Server end now; false if there is none with this id.
    pub fn expire_token(&self, id: &str) -> bool {
        self.sites.server.tokens.expire(id, self.sites.common.clock.now())
    }

    /// The cloud's repository tokens with their states, oldest first, also those that count no more. At the start there
    /// are three site tokens of `practice-org`: a valid, an expired and a revoked one.
    pub fn cloud_tokens(&self) -> Vec<CloudToken> {
        self.sites.cloud.tokens.all(self.sites.common.clock.now())
    }

    /// Revokes a repository token of the cloud; false if there is none with this id that is not revoked.
    pub fn revoke_cloud_token(&self, id: &str) -> bool {
        self.sites.cloud.tokens.revoke(id)
    }

    /// Lets a repository token of the cloud end now; false if there is none with this id.
    pub fn expire_cloud_token(&self, id: &str) -> bool {
        let now = self.sites.common.clock.now();
        self.sites.cloud.tokens.expire(id, now)
    }

    /// The cloud's API keys, oldest first, also those that have expired; deleted ones are gone.
    pub fn api_keys(&self) -> Vec<ApiKey> {
        self.sites.cloud.sessions.all_keys()
    }

    /// Deletes an API key as its owner could on the web page; false if there is none with this id.
    pub fn revoke_api_key(&self, id: &str) -> bool {
        self.sites.cloud.sessions.revoke_key(id)
    }

    /// Lets an API key end now, whatever its own `exp` says; false if there is none with this id.
    pub fn expire_api_key(&self, id: &str) -> bool {
        let now = self.sites.common.clock.now();
        self.sites.cloud.sessions.expire_key(id, now)
    }

    /// The tokens of Anaconda Repository, oldest first, also those that have expired; removed ones are gone.
    pub fn repository_tokens(&self) -> Vec<RepositoryToken> {
        self.sites.repository.tokens.all()
    }

    /// Revokes a token of Anaconda Repository; false if there is none with this id.
    pub fn revoke_repository_token(&self, id: &str) -> bool {
        self.sites.repository.tokens.revoke(id)
    }

    /// Lets a token of Anaconda Repository end now; false if there is none with this id.
    pub fn expire_repository_token(&self, id: &str) -> bool {
        let now = self.sites.common.clock.now();
        self.sites.repository.tokens.expire(id, now)
    }

    /// As [`Self::repository_tokens`], of Anaconda.org.
    pub fn anaconda_org_tokens(&self) -> Vec<RepositoryToken> {
        self.sites.anaconda_org.tokens.all()
    }

    /// As [`Self::revoke_repository_token`], of Anaconda.org.
    pub fn revoke_anaconda_org_token(&self, id: &str) -> bool {
        self.sites.anaconda_org.tokens.revoke(id)
    }

    /// As [`Self::expire_repository_token`], of Anaconda.org.
    pub fn expire_anaconda_org_token(&self, id: &str) -> bool {
        let now = self.sites.common.clock.now();
        self.sites.anaconda_org.tokens.expire(id, now)
    }

    /// Ends every session of Anaconda Server and of the cloud: each session and access token that was given out is
    /// refused from now on. Tokens and API keys are not touched.
    pub fn expire_sessions(&self) {
        self.sites.end_sessions();
    }

    /// Moves the clock of all products on, by which sessions, tokens, codes and keys end.
    pub fn advance_clock(&self, by: Duration) {
        self.sites.common.clock.advance(by);
    }

    /// The requests to all products so far, oldest first, without those to the control endpoints; at most the last ten
    /// thousand.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.sites.common.records.all()
    }

    /// The requests to one product.
    pub fn requests_to(&self, site: Site) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.site == site);
        requests
    }

    pub fn forget_requests(&self) {
        self.sites.common.records.forget();
    }

    /// Replaces the trouble in force, which is one for all products unless it names one; the requests it concerns are
    /// counted from now.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.sites.common.troubles.set(trouble);
    }
}
