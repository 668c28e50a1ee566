//! The channels of Package Security Manager Cloud: the curated ones, and those of the person's organisations.

use super::connection::Service;
use super::sign_in::binstar::Kept;
use super::{ServiceError, Services, blocking};
use crate::repository::{ApiKey, Channel, ChannelProgress, CloudBase, Privacy};

/// The curated channels that every token opens (server reference, section 2.1).
const CURATED: [(&str, &str); 3] = [
    ("main", "Packages for Python and the command line"),
    ("r", "Packages for R"),
    ("msys2", "Tools that packages need on Windows"),
];

impl Services {
    /// A token alone cannot list what it opens. Who is signed in to Anaconda.com beside it is offered the channels of the
    /// organisations too; any other is found by its name.
    pub(crate) async fn channels_of_cloud(
        &self,
        base: &CloudBase,
        mut progress: impl FnMut(ChannelProgress) + Send,
    ) -> Result<Vec<Channel>, ServiceError> {
        let mut channels: Vec<Channel> = CURATED
            .iter()
            .map(|(name, description)| curated(base, name, description))
            .collect();
        channels.extend(self.channels_of_organizations(base).await);
        progress(ChannelProgress {
            loaded: channels.len(),
            total: Some(channels.len()),
        });
        Ok(channels)
    }

    /// None where nobody is signed in to Anaconda.com, or where it does not list them.
    async fn channels_of_organizations(&self, base: &CloudBase) -> Vec<Channel> {
        let Ok(Some(key)) = self.key_of_anaconda_com() else {
            return Vec::new();
        };
        let Ok(client) = self.anaconda_com_client(key.value()).await else {
            return Vec::new();
        };
        let found = client.channels().await.unwrap_or_default().into_iter();
        found
            .filter(|channel| channel.parent.is_some())
            .map(|channel| Channel {
                address: Some(base.channel(&channel.path())),
                ..channel
            })
            .collect()
    }

    /// The key of a sign-in at Anaconda.com, unless it has ended.
    pub(crate) fn key_of_anaconda_com(&self) -> Result<Option<ApiKey>, ServiceError> {
        let connections = self.connections()?;
        let name = connections
            .of(Service::AnacondaOrg)
            .and_then(|connection| connection.session.clone());
        let Some(name) = name else {
            return Ok(None);
        };
        let stored = blocking(|| self.credentials().read(&name))?;
        let key = stored.and_then(|stored| Kept::from_secret(&stored).key);
        Ok(key.filter(|key| key.expires_at().is_none_or(|end| end > self.now())))
    }
}

fn curated(base: &CloudBase, name: &str, description: &str) -> Channel {
    Channel {
        name: name.to_owned(),
        parent: None,
        privacy: Privacy::Authenticated,
        description: description.to_owned(),
        owners: vec!["Anaconda".to_owned()],
        artifact_count: None,
        subchannel_count: None,
        mirror: false,
        updated: None,
        address: Some(base.channel(name)),
    }
}
