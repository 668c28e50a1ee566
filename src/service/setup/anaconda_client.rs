//! Pointing anaconda-client at a repository, and conda with it (seed 002, "Anaconda client configuration").
//!
//! conda followed anaconda-client's file until 4.1; since then its `channel_alias` must be set too (repository reference,
//! section 0, finding 2).

use std::path::PathBuf;

use super::{Audience, KIND, SetupError, SetupPlan};
use crate::clients::anaconda_client_settings;
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::setting::Key;
use crate::repository::{BinstarApi, PastedApi};
use crate::service::configuration::ConfigurationFile;
use crate::service::connection::Service;
use crate::service::plan::{Owner, Plan, Warning};
use crate::service::{ServiceError, Services, blocking};

const FILE: ConfigurationFile = ConfigurationFile::AnacondaClient;

/// The account under which a repository usually mirrors the public packages (repository reference, section 3.3).
pub const DEFAULT_MIRROR: &str = "anaconda";

/// What becomes of conda's own file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CondaPart {
    /// It stays as it is.
    Leave,
    /// Bare names lead to the repository, and `defaults` stands for these channels of it: names, or whole addresses.
    Follow { default_channels: Vec<String> },
}

/// The repository that anaconda-client is to work with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnacondaClientSetup {
    pub api: BinstarApi,
    pub audience: Audience,
    pub conda: CondaPart,
}

impl AnacondaClientSetup {
    /// The API that typed text names, where nothing of it is lost: what is shortened points at another place.
    ///
    /// Errors: [`SetupError::PathInAddress`].
    pub fn api_of(pasted: &PastedApi) -> Result<BinstarApi, SetupError> {
        match pasted.has_lost_path() {
            true => Err(SetupError::PathInAddress {
                api: pasted.api.to_string(),
            }),
            false => Ok(pasted.api.clone()),
        }
    }
}

impl Services {
    /// What pointing anaconda-client at a repository will change: `url` in its file, and `channel_alias`,
    /// `default_channels` and `migrated_channel_aliases` in conda's. The address gets a slash at its end: tokens are kept
    /// under it, and conda would else send them to hosts whose names begin alike (section 0, finding 7).
    ///
    /// Errors: a file that cannot be changed without risk; a policy that forbids it.
    pub fn plan_anaconda_client(&self, setup: &AnacondaClientSetup) -> Result<SetupPlan, ServiceError> {
        blocking(|| {
            let api = &setup.api;
            let whose = match setup.audience {
                Audience::Person => "",
                Audience::Everybody => " for everybody",
            };
            let mut plan = Plan::new(
                KIND,
                format!("Pointed anaconda-client at {}{whose}", api.website()),
            );
            let machine = self.machine();
            let path = match setup.audience {
                Audience::Person => anaconda_client_settings::own_file(&machine),
                Audience::Everybody => anaconda_client_settings::site_file(&machine),
            };
            let before = plan.content(&path)?;
            let url = api.token_key();
            let after = FILE.changed(&path, before.as_deref(), "url", Some(&url))?;
            let effects = self.effects(FILE, &path, &after, &["url".to_owned()])?;
            plan.warnings.extend(effects);
            plan.put(path, Owner::AnacondaClient, Some(after))?;
            if api.is_plain_http() {
                plan.warnings.push(Warning::with_remedy(
                    format!(
                        "the connection to {} is not encrypted",
                        api.domain().host_and_port()
                    ),
                    "use https, if the repository offers it: passwords and tokens can be read on the way",
                ));
            }
            if let CondaPart::Follow { default_channels } = &setup.conda {
                self.plan_conda_to_follow(&mut plan, setup, default_channels)?;
            }
            let site = match setup.audience {
                Audience::Person => "",
                Audience::Everybody => " --site",
            };
            self.parted(
                plan,
                &format!("setup anaconda-client --url {}{site}", api.as_str()),
            )
        })
    }

    fn plan_conda_to_follow(
        &self,
        plan: &mut Plan,
        setup: &AnacondaClientSetup,
        default_channels: &[String],
    ) -> Result<(), ServiceError> {
        let alias = setup.api.channel_alias();
        let address = ChannelUrl::parse(&alias).map_err(|error| ServiceError::Internal(error.to_string()))?;
        let whole = |name: &String| match ChannelEntry::from_text(name) {
            ChannelEntry::Name(name) => ChannelEntry::from_text(&format!("{alias}/{}", name.as_str())),
            entry => entry,
        };
        let channels: Vec<ChannelEntry> = default_channels.iter().map(whole).collect();
        let path = match setup.audience {
            Audience::Person => self.condarc_path()?,
            Audience::Everybody => self.condarc_for_everybody(),
        };
        self.plan_condarc(plan, path, |condarc, configuration| {
            let searches_nothing = configuration.explain(Key::Channels).value.items().is_empty();
            condarc.use_repository(&address, &channels, searches_nothing)
        })?;
        if !channels.is_empty() {
            let names: Vec<String> = channels.iter().map(ToString::to_string).collect();
            plan.warnings.push(Warning::with_remedy(
                format!("conda takes {} for its defaults from now on", names.join(", ")),
                "name the accounts under which your repository mirrors the public packages, if these are not they",
            ));
        }
        if let Some(connection) = self.connections()?.repository() {
            let is_this =
                connection.service == Service::Repository && connection.domain == setup.api.as_str();
            if !is_this {
                plan.warnings.push(Warning::with_remedy(
                    format!(
                        "you are signed in to {}, whose channels conda then finds by their whole address only",
                        connection.domain
                    ),
                    "sign out there first, or leave conda as it is",
                ));
            }
        }
        Ok(())
    }

    /// The file that `conda config --system` writes; without a base installation the system's.
    fn condarc_for_everybody(&self) -> PathBuf {
        let surroundings = self.surroundings();
        match surroundings.conda_root() {
            Some(root) => root.join(".condarc"),
            None => surroundings.system_root.join("etc/conda/.condarc"),
        }
    }
}
