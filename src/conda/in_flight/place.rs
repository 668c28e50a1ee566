//! Where in an address a token stands: behind the part that conda takes for the location of channels.

use url::Url;

use crate::conda::channel::ChannelUrl;
use crate::conda::configuration::Configuration;
use crate::conda::setting::Key;
use crate::secret::Token;

/// The beginning of a path, without a slash at its end; behind it goes the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base(String);

impl Base {
    /// The address with `/t/<token>` behind this beginning of its path.
    pub(super) fn with_token(&self, address: &Url, token: &Token) -> Url {
        let rest = address.path().strip_prefix(&self.0).unwrap_or(address.path());
        let base = &address.path()[..address.path().len() - rest.len()];
        let mut sent = address.clone();
        sent.set_path(&format!("{base}/t/{}{rest}", token.expose()));
        sent
    }
}

/// The path before `/t/<token>` of an address in which that is written.
pub(super) fn written_in(url: &ChannelUrl) -> Base {
    let before = url.expose().split("/t/").next().unwrap_or_default();
    let path = Url::parse(before).map(|url| url.path().trim_end_matches('/').to_owned());
    Base(path.unwrap_or_default())
}

/// A location of the configuration, compared without its scheme as conda does it.
#[derive(Debug, Clone)]
struct Place {
    /// `host[:port]` as the URL standard writes it.
    host: String,
    /// The path of the location.
    base: String,
    /// The path of what it holds: the location's, and behind it the name of the channel.
    holds: String,
}

/// The locations that conda compares addresses with, in its order.
pub(super) struct Places {
    /// The longest name first.
    custom: Vec<(String, Place)>,
    alias: Option<Place>,
}

impl Places {
    pub(super) fn read(configuration: &Configuration) -> Self {
        let alias = configuration.explain(Key::ChannelAlias).value;
        let alias = alias
            .as_text()
            .and_then(|text| ChannelUrl::parse(text.expose()).ok());
        let mut custom = Vec::new();
        let multichannels = configuration.explain(Key::CustomMultichannels).value;
        let defaults = configuration.explain(Key::DefaultChannels).value;
        let channels = multichannels
            .entries()
            .iter()
            .flat_map(|(_, list)| list.items())
            .chain(defaults.items());
        for channel in channels {
            custom.extend(
                ChannelUrl::parse(channel.expose())
                    .ok()
                    .and_then(|url| of_channel(&url, alias.as_ref())),
            );
        }
        for (name, value) in configuration.explain(Key::CustomChannels).value.entries() {
            let base = value
                .as_text()
                .and_then(|text| ChannelUrl::parse(text.expose()).ok());
            let base = base.as_ref().or(alias.as_ref()).map(ChannelUrl::public);
            custom.extend(base.and_then(|base| place(name.trim_matches('/'), &base)));
        }
        custom.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self {
            custom,
            alias: alias.and_then(|alias| Some(place("", &alias.public())?.1)),
        }
    }

    /// `custom_channels` (with the channels of every multichannel), then `channel_alias`; else the host, or `/conda` behind
    /// it, which is where an Anaconda Repository has its channels.
    pub(super) fn of(&self, address: &Url) -> Base {
        let host = host_of(address);
        let path = address.path();
        let holds = |place: &&Place| place.host == host && is_below(path, &place.holds);
        let custom = self.custom.iter().map(|(_, place)| place).find(holds);
        match custom.or(self.alias.as_ref().filter(holds)) {
            Some(place) => Base(place.base.clone()),
            None if is_below(path, "/conda") => Base("/conda".to_owned()),
            None => Base(String::new()),
        }
    }
}

/// A channel of a multichannel by conda's rule: what is below the alias has the alias's location, any other the host's.
fn of_channel(url: &ChannelUrl, alias: Option<&ChannelUrl>) -> Option<(String, Place)> {
    let alias = alias.map(ChannelUrl::public);
    let public = url.public();
    if let Some(alias) = alias
        && let Some(name) = public.strip_prefix(&format!("{alias}/"))
    {
        return place(name, &alias);
    }
    let parsed = Url::parse(&public).ok()?;
    let bumped = parsed.path().strip_prefix("/conda/").map(|name| ("/conda", name));
    let (base, name) = bumped.unwrap_or(("", parsed.path().trim_matches('/')));
    let mut location = parsed.clone();
    location.set_path(base);
    place(name, location.as_str())
}

fn place(name: &str, location: &str) -> Option<(String, Place)> {
    let location = Url::parse(location).ok()?;
    let base = location.path().trim_end_matches('/').to_owned();
    let mut whole = location.clone();
    whole.set_path(&format!("{base}/{name}"));
    Some((
        name.to_owned(),
        Place {
            host: host_of(&location),
            holds: whole.path().trim_end_matches('/').to_owned(),
            base,
        },
    ))
}

fn host_of(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
