//! The channels of a server, read from its paged lists.

use std::collections::HashSet;
use std::fmt;

use serde_json::Value;

/// How many channels are asked for at once, as Navigator does (server reference, section 1.7).
pub(super) const PAGE: usize = 1000;

/// Who may read a channel (server reference, section 1.16).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Privacy {
    /// Anyone.
    Public,
    /// Anyone who is signed in.
    Authenticated,
    /// Its owners and their groups.
    Private,
    /// A word of a newer server, or an empty one when the server does not say.
    Other(String),
}

impl Privacy {
    fn parse(word: &str) -> Self {
        match word {
            "public" => Self::Public,
            "authenticated" => Self::Authenticated,
            "private" => Self::Private,
            other => Self::Other(other.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Private => "private",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for Privacy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A channel or sub-channel of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The bare name, without the parent's.
    pub name: String,
    /// The channel that this is a sub-channel of.
    pub parent: Option<String>,
    pub privacy: Privacy,
    pub description: String,
    pub owners: Vec<String>,
    pub artifact_count: Option<u64>,
    pub subchannel_count: Option<u64>,
    /// Whether its packages are copied from elsewhere.
    pub mirror: bool,
    /// When it last changed, in the server's own words.
    pub updated: Option<String>,
    /// What has to stand in `.condarc`, where the path alone would not lead to the channel.
    pub address: Option<String>,
}

impl Channel {
    /// `name`, or `parent/name` of a sub-channel: what conda resolves through the channel alias.
    pub fn path(&self) -> String {
        match &self.parent {
            Some(parent) => format!("{parent}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Reads one item of a list. Only the name must be there; whatever else is missing, null or odd counts as not said.
    pub(super) fn from_json(item: &Value) -> Option<Self> {
        let text = |field| {
            item.get(field)
                .and_then(Value::as_str)
                .filter(|text: &&str| !text.is_empty())
        };
        let count = |field| item.get(field).and_then(Value::as_u64);
        Some(Self {
            name: text("name")?.to_owned(),
            parent: text("parent").map(str::to_owned),
            privacy: Privacy::parse(text("privacy").unwrap_or_default()),
            description: text("description").unwrap_or_default().to_owned(),
            owners: owners(item.get("owners")),
            artifact_count: count("artifact_count"),
            subchannel_count: count("subchannel_count"),
            mirror: count("mirror_count").is_some_and(|mirrors| mirrors > 0),
            updated: text("updated").or_else(|| text("created")).map(str::to_owned),
            address: None,
        })
    }
}

/// The names among the owners; real servers send nulls between them (server reference, section 1.7).
fn owners(value: Option<&Value>) -> Vec<String> {
    let items = value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// How much of the channel lists has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelProgress {
    /// The entries read so far; a channel that is in both lists counts twice, as it does in `total`.
    pub loaded: usize,
    /// What the server announced; `None` when it does not say.
    pub total: Option<usize>,
}

/// One page of a list as it came.
pub(super) struct Page {
    /// How many items there were, readable or not.
    items: usize,
    total: Option<usize>,
    channels: Vec<Channel>,
}

impl Page {
    /// Reads `{"items": […], "total_count": n}`, or a bare list as early servers sent; `None` when it is neither.
    pub(super) fn from_json(body: &Value) -> Option<Self> {
        let items = body.get("items").unwrap_or(body).as_array()?;
        let total = body.get("total_count").and_then(Value::as_u64);
        Some(Self {
            items: items.len(),
            total: total.and_then(|total| usize::try_from(total).ok()),
            channels: items.iter().filter_map(Channel::from_json).collect(),
        })
    }
}

/// Where the reading of one list stands.
#[derive(Debug, Default)]
pub(super) struct Position {
    pub(super) offset: usize,
    pub(super) total: Option<usize>,
    pub(super) finished: bool,
}

/// The channels of several lists, each once.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// The entries read, those in both lists counted twice.
    pub(super) entries: usize,
    seen: HashSet<(Option<String>, String)>,
    channels: Vec<Channel>,
}

impl Collected {
    /// Takes a page in and moves the position on.
    ///
    /// A list is finished at its announced length, at an empty page, and at a page that repeats the one before (a
    /// server that does not know `offset`). `seen_in_list` holds what this list has brought, since the other one may
    /// have brought the same before.
    pub(super) fn take(
        &mut self,
        page: Page,
        position: &mut Position,
        seen_in_list: &mut HashSet<(Option<String>, String)>,
    ) {
        self.entries += page.items;
        let mut anything_new = page.channels.is_empty() && page.items > 0;
        for channel in page.channels {
            let key = (channel.parent.clone(), channel.name.clone());
            anything_new |= seen_in_list.insert(key.clone());
            if self.seen.insert(key) {
                self.channels.push(channel);
            }
        }
        // A server may add the sub-channels to a page on top of the limit; the next page still begins after the limit.
        position.offset += page.items.min(PAGE);
        position.total = page.total.or(position.total);
        let complete = position.total.is_some_and(|total| position.offset >= total);
        position.finished = page.items == 0 || !anything_new || complete;
    }

    /// All channels, each sub-channel right after its parent.
    pub(super) fn into_sorted(mut self) -> Vec<Channel> {
        self.channels.sort_by_cached_key(|channel| match &channel.parent {
            Some(parent) => (
                parent.to_lowercase(),
                Some(channel.name.to_lowercase()),
                channel.path(),
            ),
            None => (channel.name.to_lowercase(), None, channel.path()),
        });
        self.channels
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_channel_needs_no_more_than_its_name() {
        let bare = Channel::from_json(&json!({"name": "main"})).unwrap();
        assert_eq!(
            (bare.path().as_str(), &bare.privacy),
            ("main", &Privacy::Other(String::new()))
        );
        let odd = json!({
            "name": "stage", "parent": "main", "privacy": "secret-ish", "description": null,
            "owners": ["alice", null, 7, "bob"], "artifact_count": "3", "mirror_count": 2, "updated": null,
            "created": "2021-04-02T12:22:55.112819+00:00"
        });
        let odd = Channel::from_json(&odd).unwrap();
        assert_eq!(odd.path(), "main/stage");
        assert_eq!(odd.privacy, Privacy::Other("secret-ish".into()));
        assert_eq!(odd.owners, ["alice", "bob"]);
        assert_eq!(
            (odd.artifact_count, odd.mirror, odd.description.as_str()),
            (None, true, "")
        );
        assert_eq!(odd.updated.as_deref(), Some("2021-04-02T12:22:55.112819+00:00"));
        for none in [json!({"name": ""}), json!({"name": null}), json!(3), json!({})] {
            assert_eq!(Channel::from_json(&none), None, "{none}");
        }
    }

    #[test]
    fn sub_channels_follow_their_parent() {
        let mut collected = Collected::default();
        let body = json!({"items": [
            {"name": "b"}, {"name": "z", "parent": "a"}, {"name": "a"}, {"name": "c", "parent": "B"}, {"name": "a", "parent": "b"}
        ]});
        collected.take(
            Page::from_json(&body).unwrap(),
            &mut Position::default(),
            &mut HashSet::new(),
        );
        let paths: Vec<String> = collected.into_sorted().iter().map(Channel::path).collect();
        assert_eq!(paths, ["a", "a/z", "b", "b/a", "B/c"]);
    }
}
