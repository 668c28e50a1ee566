//! Which channels conda searches on this machine, one by one.

use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::configuration::Configuration;
use crate::conda::resolution::Through;
use crate::conda::setting::Key;
use crate::package::Channel;
use crate::service::{ServiceError, Services, blocking};

impl Services {
    /// Every channel that conda searches, in its order, each once; lists such as `defaults` are taken apart.
    ///
    /// # Errors
    /// None so far: what conda cannot resolve is left out.
    pub fn searched_channels(&self) -> Result<Vec<Channel>, ServiceError> {
        let configuration = blocking(|| Configuration::read(&self.surroundings()));
        let resolver = configuration.resolver();
        let alias = configuration.explain(Key::ChannelAlias).value;
        let alias = alias
            .as_text()
            .and_then(|text| ChannelUrl::parse(text.expose()).ok())
            .map(|alias| format!("{}/", alias.public()));
        let mut channels: Vec<Channel> = Vec::new();
        for item in configuration.explain(Key::Channels).value.items() {
            let entry = ChannelEntry::from_text(item.expose());
            let resolution = resolver.resolve(&entry);
            for url in resolution.addresses {
                let below_alias = alias.as_ref().and_then(|alias| url.strip_prefix(alias.as_str()));
                let name = match (&resolution.through, &entry) {
                    (Through::Multichannel(name), _) => name.clone(),
                    (Through::Alias | Through::CustomChannel(_), ChannelEntry::Name(name)) => {
                        name.to_string()
                    }
                    _ => below_alias.unwrap_or(&url).to_owned(),
                };
                if !channels.iter().any(|known| known.url == url) {
                    channels.push(Channel { name, url });
                }
            }
        }
        Ok(channels)
    }
}
