//! Channels: what they are, who may see and read them (server reference, sections 1.7, 1.8 and 1.16).
//!
//! Rules of this server where the contract leaves them open: `channels` lists public and authenticated channels to
//! everybody who is signed in, private ones only to those who have access; `account/channels` lists what one owns or
//! was given; an administrator has access to all, but owns only what names them. A sub-channel has owners and privacy of
//! its own.

use serde_json::{Map, Value, json};

use crate::practice::account::{Account, Role};
use crate::practice::random::uuid_of;

/// Who may read a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Privacy {
    /// Anyone, also without a credential.
    Public,
    /// Anyone who is signed in, or holds a token.
    Authenticated,
    /// The owners and those who were given access.
    Private,
}

impl Privacy {
    fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Private => "private",
        }
    }
}

/// A channel, or a sub-channel of one.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) name: String,
    pub(super) parent: Option<String>,
    pub(super) privacy: Privacy,
    pub(super) description: Option<&'static str>,
    /// As the server sends them: groups as well as people, and null where an owner is gone.
    pub(super) owners: Vec<Option<&'static str>>,
    /// The people who were given access, directly or through an owning group.
    pub(super) granted: Vec<&'static str>,
    pub(super) artifacts: u32,
    pub(super) downloads: u32,
    pub(super) mirrors: u32,
    pub(super) created: String,
    pub(super) updated: Option<String>,
    /// Counted by the catalogue.
    pub(super) subchannels: u32,
}

impl Channel {
    /// `channel` or `channel/subchannel`.
    pub(super) fn path(&self) -> String {
        match &self.parent {
            Some(parent) => format!("{parent}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Owned by, or given to, this person.
    pub(super) fn belongs_to(&self, account: &Account) -> bool {
        self.owners.contains(&Some(account.username)) || self.granted.contains(&account.username)
    }

    /// Whether someone who is signed in may see it and read its content.
    pub(super) fn open_to(&self, account: &Account) -> bool {
        self.privacy != Privacy::Private || account.role == Role::Admin || self.belongs_to(account)
    }

    /// As recorded: a top-level channel has no `parent` key at all (server reference, section 9).
    pub(super) fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert(
            "id".to_owned(),
            json!(uuid_of(&format!("channel {}", self.path()))),
        );
        json.insert("name".to_owned(), json!(self.name));
        if let Some(parent) = &self.parent {
            json.insert("parent".to_owned(), json!(parent));
        }
        json.insert("description".to_owned(), json!(self.description));
        json.insert("privacy".to_owned(), json!(self.privacy.as_str()));
        json.insert("artifact_count".to_owned(), json!(self.artifacts));
        json.insert("download_count".to_owned(), json!(self.downloads));
        json.insert("subchannel_count".to_owned(), json!(self.subchannels));
        json.insert("group_count".to_owned(), json!(1));
        json.insert("mirror_count".to_owned(), json!(self.mirrors));
        json.insert("filters".to_owned(), json!({}));
        json.insert("owners".to_owned(), json!(self.owners));
        json.insert("created".to_owned(), json!(self.created));
        json.insert("updated".to_owned(), json!(self.updated));
        Value::Object(json)
    }
}

/// All channels, sorted once by name with each sub-channel right after its channel.
#[derive(Debug)]
pub(in crate::practice) struct Catalogue {
    channels: Vec<Channel>,
}

impl Catalogue {
    pub(super) fn new(mut channels: Vec<Channel>) -> Self {
        channels.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut catalogue = Self { channels };
        for at in 0..catalogue.channels.len() {
            let count = catalogue.subchannels_after(at).len();
            catalogue.channels[at].subchannels = u32::try_from(count).unwrap_or(u32::MAX);
        }
        catalogue
    }

    pub(in crate::practice) fn len(&self) -> usize {
        self.channels.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.channels.iter()
    }

    fn position(&self, name: &str, subchannel: Option<&str>) -> Option<usize> {
        let wanted = (name, subchannel);
        self.channels
            .binary_search_by(|channel| key(channel).cmp(&wanted))
            .ok()
    }

    pub(super) fn find(&self, name: &str, subchannel: Option<&str>) -> Option<&Channel> {
        Some(&self.channels[self.position(name, subchannel)?])
    }

    /// The sub-channels of a channel, in order; nothing if there is no such channel.
    pub(super) fn subchannels_of(&self, name: &str) -> Option<&[Channel]> {
        Some(self.subchannels_after(self.position(name, None)?))
    }

    fn subchannels_after(&self, at: usize) -> &[Channel] {
        let channel = &self.channels[at];
        let rest = &self.channels[at + 1..];
        let end = rest
            .iter()
            .take_while(|next| next.parent.as_deref() == Some(&channel.name))
            .count();
        &rest[..end]
    }
}

fn key(channel: &Channel) -> (&str, Option<&str>) {
    match &channel.parent {
        Some(parent) => (parent, Some(&channel.name)),
        None => (&channel.name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::channels;
    use super::*;

    #[test]
    fn every_channel_is_found_and_its_subchannels_follow_it() {
        let catalogue = Catalogue::new(channels(137));
        for channel in catalogue.iter() {
            let (name, subchannel) = key(channel);
            let found = catalogue.find(name, subchannel).unwrap();
            assert_eq!(found.path(), channel.path());
            if subchannel.is_none() {
                let below = catalogue.subchannels_of(name).unwrap();
                assert_eq!(below.len(), found.subchannels as usize, "{name}");
            }
        }
        assert_eq!(catalogue.find("research", None).unwrap().subchannels, 1);
        assert!(catalogue.find("gpu", None).is_none());
        assert!(catalogue.subchannels_of("nowhere").is_none());
    }

    #[test]
    fn access_follows_privacy_ownership_and_role() {
        let catalogue = Catalogue::new(channels(0));
        let may = |user: &str, name: &str, sub: Option<&str>| {
            catalogue
                .find(name, sub)
                .unwrap()
                .open_to(Account::named(user).unwrap())
        };
        assert!(may("alice", "research", Some("gpu")));
        assert!(!may("bob", "research", Some("gpu")));
        assert!(may("alice", "risk-models", None));
        assert!(!may("bob", "risk-models", None));
        assert!(may("bob", "genomics", None) && may("bob", "vendor-a", None));
        assert!(!may("bob", "alice", None));
        assert!(may("admin", "alice", None) && may("admin", "risk-models", None));
    }
}
