//! Signing in to Package Security Manager Cloud with the token of an organisation.
//!
//! Effects: seed 003, "PSM (Cloud)"; those of conda-token, server reference 2.1.

use super::files::paths_for_conda;
use super::{ChannelChoice, Grant, LoggedIn};
use crate::conda::CondaError;
use crate::conda::channel::ChannelEntry;
use crate::conda::token_file::{self, ApiBase};
use crate::repository::{CLOUD_REPOSITORY, CloudBase, CloudClient};
use crate::secret::Token;
use crate::service::connection::{Connection, Service};
use crate::service::found::TakenOver;
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services};

impl LoggedIn {
    /// The repository, where the service is Package Security Manager Cloud.
    pub(crate) fn cloud(&self) -> Option<&CloudBase> {
        match &self.grant {
            Grant::Cloud { base, .. } => Some(base),
            Grant::Found(found) => match &found.kind {
                TakenOver::Cloud(base) => Some(base),
                TakenOver::Server | TakenOver::Binstar(_) => None,
            },
            Grant::Server(_) | Grant::Binstar { .. } => None,
        }
    }

    /// The address under which the sign-in is remembered: that of the service, with the path of a cloud's repository where
    /// that is not the usual one.
    pub(super) fn address(&self) -> String {
        let domain = self.domain.as_str();
        match self.cloud() {
            Some(base) if CloudBase::parse(domain).as_ref() != Ok(base) => {
                base.as_str().trim_end_matches('/').to_owned()
            }
            _ => domain.to_owned(),
        }
    }
}

impl Services {
    /// Where the repository is: named by `CONDA_TOKEN_REPO_URL`, else the service's own address.
    pub fn cloud_base(&self) -> Result<CloudBase, ServiceError> {
        let named = self
            .locations()
            .variable("CONDA_TOKEN_REPO_URL")
            .filter(|named| !named.trim().is_empty());
        Ok(CloudBase::parse(named.unwrap_or(CLOUD_REPOSITORY))?)
    }

    /// Where the repository of a sign-in is.
    pub(crate) fn cloud_base_of(&self, connection: &Connection) -> Result<CloudBase, ServiceError> {
        Ok(CloudBase::parse(&connection.domain)?)
    }

    pub(crate) async fn cloud(&self, base: &CloudBase) -> Result<CloudClient, ServiceError> {
        let http = self.http(&base.domain()?, None).await?;
        Ok(CloudClient::new(http, base.clone()))
    }

    /// Finds out whether the token is good.
    ///
    /// Errors: [`crate::repository::RepositoryError::CloudTokenRefused`] and every kind of trouble on the way.
    pub async fn log_in_to_cloud(&self, base: &CloudBase, token: &Token) -> Result<LoggedIn, ServiceError> {
        self.may_sign_in(Service::Cloud, None)?;
        self.cloud(base).await?.check_token(token).await?;
        Ok(LoggedIn {
            service: Service::Cloud,
            domain: base.domain()?,
            ca_file: None,
            user: String::new(),
            scopes: Vec::new(),
            grant: Grant::Cloud {
                base: base.clone(),
                token: token.clone(),
            },
        })
    }

    pub(super) fn plan_cloud(
        &self,
        base: &CloudBase,
        choice: &ChannelChoice,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        self.plan_condarc_of_cloud(base, choice, plan)?;
        self.plan_navigator(plan, |navigator| {
            let domain = base.as_str().trim_end_matches('/');
            // Navigator knows the service by its site, without the path of the repository.
            navigator.set_signed_in_to_cloud(domain.strip_suffix("/repo").unwrap_or(domain))
        })?;
        let surroundings = self.surroundings();
        let api = ApiBase::parse(base.as_str()).map_err(CondaError::from)?;
        self.plan_token_files(
            plan,
            paths_for_conda(&surroundings, base.as_str()),
            token_file::stale(&surroundings, &api),
        )
    }

    fn plan_condarc_of_cloud(
        &self,
        base: &CloudBase,
        choice: &ChannelChoice,
        plan: &mut Plan,
    ) -> Result<(), ServiceError> {
        let defaults = base
            .default_channels()
            .map(|address| ChannelEntry::from_text(&address));
        self.plan_condarc_in_use(plan, |condarc, _| {
            condarc.sign_in_to_cloud(&defaults)?;
            // Without `defaults` among the channels conda would search none of them.
            let mut present = condarc.channels()?;
            if present.is_empty() {
                present.push(ChannelEntry::Defaults);
            }
            let channels = choice.channels().iter().cloned().chain(present);
            let defaults = defaults.iter().chain(choice.default_channels()).cloned();
            condarc.choose_channels(&ChannelChoice::new(channels, defaults))
        })
    }
}
