//! The channels of Package Security Manager Cloud: the curated ones, and those of the person's organisations.

use super::{ServiceError, Services};
use crate::repository::{Channel, ChannelProgress, CloudBase, Privacy};

/// The curated channels that every token opens (server reference, section 2.1).
const CURATED: [(&str, &str); 3] = [
    ("main", "Packages for Python and the command line"),
    ("r", "Packages for R"),
    ("msys2", "Tools that packages need on Windows"),
];

impl Services {
    pub(crate) async fn channels_of_cloud(
        &self,
        base: &CloudBase,
        mut progress: impl FnMut(ChannelProgress) + Send,
    ) -> Result<Vec<Channel>, ServiceError> {
        let channels: Vec<Channel> = CURATED
            .iter()
            .map(|(name, description)| Channel {
                name: (*name).to_owned(),
                parent: None,
                privacy: Privacy::Authenticated,
                description: (*description).to_owned(),
                owners: vec!["Anaconda".to_owned()],
                artifact_count: None,
                subchannel_count: None,
                mirror: false,
                updated: None,
                address: Some(base.channel(name)),
            })
            .collect();
        progress(ChannelProgress {
            loaded: channels.len(),
            total: Some(channels.len()),
        });
        Ok(channels)
    }
}
