//! The settings of conda that decide from where packages come, and the values they can have.

use std::fmt;

use super::Platform;
use super::channel::OpaqueText;

/// A setting by its name in conda's documentation (repository reference, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Channels,
    DefaultChannels,
    ChannelAlias,
    CustomChannels,
    CustomMultichannels,
    MigratedChannelAliases,
    AddAnacondaToken,
    SslVerify,
    ClientSslCert,
    ClientSslCertKey,
    ProxyServers,
    AllowlistChannels,
    DenylistChannels,
}

/// What kind of value a setting takes, and with it how several files merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One text or switch: the last file wins.
    Scalar,
    /// Joined, the higher file's items first.
    List,
    /// Joined per name.
    Map,
    /// Joined per name, and the lists under one name joined too.
    MapOfLists,
}

impl Key {
    pub const ALL: [Self; 13] = [
        Self::Channels,
        Self::DefaultChannels,
        Self::ChannelAlias,
        Self::CustomChannels,
        Self::CustomMultichannels,
        Self::MigratedChannelAliases,
        Self::AddAnacondaToken,
        Self::SslVerify,
        Self::ClientSslCert,
        Self::ClientSslCertKey,
        Self::ProxyServers,
        Self::AllowlistChannels,
        Self::DenylistChannels,
    ];

    pub fn name(self) -> &'static str {
        self.spellings()[0]
    }

    /// Every name under which conda accepts the setting, the preferred one first. Two of them in one file
    /// stop every conda command.
    pub fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Channels => &["channels", "channel"],
            Self::DefaultChannels => &["default_channels"],
            Self::ChannelAlias => &["channel_alias"],
            Self::CustomChannels => &["custom_channels"],
            Self::CustomMultichannels => &["custom_multichannels"],
            Self::MigratedChannelAliases => &["migrated_channel_aliases"],
            Self::AddAnacondaToken => &["add_anaconda_token", "add_binstar_token"],
            Self::SslVerify => &["ssl_verify", "verify_ssl"],
            Self::ClientSslCert => &["client_ssl_cert", "client_cert"],
            Self::ClientSslCertKey => &["client_ssl_cert_key", "client_cert_key"],
            Self::ProxyServers => &["proxy_servers"],
            Self::AllowlistChannels => &["allowlist_channels", "whitelist_channels"],
            Self::DenylistChannels => &["denylist_channels"],
        }
    }

    pub fn shape(self) -> Shape {
        match self {
            Self::ChannelAlias
            | Self::AddAnacondaToken
            | Self::SslVerify
            | Self::ClientSslCert
            | Self::ClientSslCertKey => Shape::Scalar,
            Self::Channels
            | Self::DefaultChannels
            | Self::MigratedChannelAliases
            | Self::AllowlistChannels
            | Self::DenylistChannels => Shape::List,
            Self::CustomChannels | Self::ProxyServers => Shape::Map,
            Self::CustomMultichannels => Shape::MapOfLists,
        }
    }

    /// Whether conda expands `$NAME` in the setting's values.
    pub fn expands_variables(self) -> bool {
        !matches!(self, Self::MigratedChannelAliases | Self::AddAnacondaToken)
    }

    /// What conda takes where no source has the setting. For `channels` that is nothing since conda 25;
    /// versions up to 24.11 took `defaults` (server reference, section 9).
    pub fn default_value(self, platform: Platform) -> Value {
        let list = |items: &[&str]| Value::List(items.iter().copied().map(OpaqueText::new).collect());
        match self {
            Self::DefaultChannels => match platform {
                Platform::Windows => list(&[MAIN, R, MSYS2]),
                Platform::Linux | Platform::MacOs => list(&[MAIN, R]),
            },
            Self::ChannelAlias => Value::scalar("https://conda.anaconda.org"),
            Self::AddAnacondaToken | Self::SslVerify => Value::scalar("true"),
            Self::CustomChannels => Value::Map(vec![(
                "pkgs/pro".to_owned(),
                Value::scalar("https://repo.anaconda.com"),
            )]),
            Self::ClientSslCert | Self::ClientSslCertKey => Value::Null,
            Self::CustomMultichannels | Self::ProxyServers => Value::Map(Vec::new()),
            Self::Channels
            | Self::MigratedChannelAliases
            | Self::AllowlistChannels
            | Self::DenylistChannels => list(&[]),
        }
    }
}

const MAIN: &str = "https://repo.anaconda.com/pkgs/main";
const R: &str = "https://repo.anaconda.com/pkgs/r";
const MSYS2: &str = "https://repo.anaconda.com/pkgs/msys2";

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The value of a setting. Texts show with tokens and passwords masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    /// A text, number or switch, as conda would read it from text.
    Scalar(OpaqueText),
    List(Vec<OpaqueText>),
    /// In the order of the file.
    Map(Vec<(String, Value)>),
}

impl Value {
    pub fn scalar(text: impl Into<String>) -> Self {
        Self::Scalar(OpaqueText::new(text))
    }

    pub fn as_text(&self) -> Option<&OpaqueText> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none where the value is no list.
    pub fn items(&self) -> &[OpaqueText] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; none where the value is no map.
    pub fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn entry(&self, name: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The value as a switch, by conda's rules: `yes`, `on`, `1` and so on count too, and nothing is off.
    /// `None` where conda would refuse the value.
    pub fn as_switch(&self) -> Option<bool> {
        let text = match self {
            Self::Null => return Some(false),
            Self::Scalar(text) => text.expose().trim().to_lowercase().replacen('.', "", 1),
            Self::List(_) | Self::Map(_) => return None,
        };
        match text.as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "off" | "n" | "no" | "non" | "none" | "" => Some(false),
            number => number.parse::<f64>().ok().map(|number| number != 0.0),
        }
    }

    /// The value with `change` applied to every text in it, names of a map excepted.
    pub(super) fn map_texts(&self, change: &impl Fn(&str) -> String) -> Self {
        let changed = |text: &OpaqueText| OpaqueText::new(change(text.expose()));
        match self {
            Self::Null => Self::Null,
            Self::Scalar(text) => Self::Scalar(changed(text)),
            Self::List(items) => Self::List(items.iter().map(changed).collect()),
            Self::Map(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(name, value)| (name.clone(), value.map_texts(change)))
                    .collect(),
            ),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Scalar(text) => text.fmt(f),
            Self::List(items) => {
                write!(
                    f,
                    "[{}]",
                    items
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            Self::Map(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_as_conda_reads_them() {
        for (text, switch) in [
            ("true", Some(true)),
            ("Yes", Some(true)),
            (" on ", Some(true)),
            ("1", Some(true)),
            ("0", Some(false)),
            ("0.0", Some(false)),
            ("0.1", Some(true)),
            ("False", Some(false)),
            ("off", Some(false)),
            ("", Some(false)),
            ("maybe", None),
        ] {
            assert_eq!(Value::scalar(text).as_switch(), switch, "{text:?}");
        }
        assert_eq!(Value::Null.as_switch(), Some(false));
        assert_eq!(Value::List(Vec::new()).as_switch(), None);
    }

    #[test]
    fn values_show_masked() {
        let value = Value::Map(vec![(
            "https".to_owned(),
            Value::scalar("http://ana:pw@proxy:3128"),
        )]);
        let list = Value::List(vec![OpaqueText::new("https://h/t/tok-1/x")]);
        let shown = format!("{value} {value:?} {list} {list:?}");
        assert!(!shown.contains("pw") && !shown.contains("tok-1"), "{shown}");
        assert!(shown.contains("proxy:3128"));
    }

    #[test]
    fn no_spelling_belongs_to_two_settings() {
        let mut all: Vec<_> = Key::ALL.iter().flat_map(|key| key.spellings()).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
