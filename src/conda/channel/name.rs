//! The names of channels on a server.

use std::fmt;

use thiserror::Error;

/// Why a text is not the name of a channel on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidChannelName {
    #[error("the channel name is empty")]
    Empty,
    #[error("the channel name has an empty part: there is a '/' too many")]
    EmptyPart,
    #[error("the channel name contains '.' or '..' as a part")]
    DotPart,
    #[error("the channel name contains a space or a control character")]
    Space,
    #[error(
        "the channel name contains {0:?}, which has another meaning in an address or in conda's configuration"
    )]
    Character(char),
    /// No server lets one be made (server reference, section 1.8).
    #[error("a part of the channel name has neither a letter nor a digit")]
    NoLetter,
    #[error("the channel name begins with '-', as an option of a command does")]
    Option,
    #[error(
        "'defaults' and 'local' have a meaning of their own in conda and cannot name a channel of a server"
    )]
    Reserved,
}

/// The name of a channel as a server lists it: `channel`, or `channel/subchannel`, which conda resolves
/// through `channel_alias`. More parts are accepted, because other repositories have them (`org/label/dev`).
///
/// A server that follows its own rules has names of `^[a-z][a-z0-9_-]*$` only (server reference, section 1.8);
/// what is refused here is just what would change its meaning on the way through conda.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelName(String);

impl ChannelName {
    pub fn parse(text: &str) -> Result<Self, InvalidChannelName> {
        if text.is_empty() {
            return Err(InvalidChannelName::Empty);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidChannelName::Space);
        }
        if let Some(c) = text.chars().find(|c| r#"\:?#%$&,"'<>{}[]@!*|`^~="#.contains(*c)) {
            return Err(InvalidChannelName::Character(c));
        }
        for part in text.split('/') {
            match part {
                "" => return Err(InvalidChannelName::EmptyPart),
                "." | ".." => return Err(InvalidChannelName::DotPart),
                part if !part.contains(char::is_alphanumeric) => return Err(InvalidChannelName::NoLetter),
                _ => {}
            }
        }
        if text.starts_with('-') {
            return Err(InvalidChannelName::Option);
        }
        if text == "defaults" || text == "local" {
            return Err(InvalidChannelName::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name of a subchannel of this channel.
    pub fn subchannel(&self, name: &str) -> Result<Self, InvalidChannelName> {
        Self::parse(&format!("{}/{name}", self.0))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The channel that holds this one, without its last part.
    pub fn parent(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(parent, _)| parent)
    }

    /// The last part of the name.
    pub fn last_part(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether every part is a name under which the server lets a channel be created.
    pub fn follows_server_rules(&self) -> bool {
        self.0.split('/').all(|part| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
        })
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_servers_list_them() {
        for (name, follows) in [
            ("main", true),
            ("team/sub", true),
            ("anaconda-main_2", true),
            ("Team.A", false),
            ("org/label/dev", true),
            ("2fast", false),
            ("équipe", false),
        ] {
            assert_eq!(
                ChannelName::parse(name).unwrap().follows_server_rules(),
                follows,
                "{name}"
            );
        }
        let name = ChannelName::parse("team").unwrap().subchannel("sub").unwrap();
        assert_eq!((name.parent(), name.last_part()), (Some("team"), "sub"));
    }

    #[test]
    fn what_would_change_its_meaning_is_no_name() {
        for (text, error) in [
            ("", InvalidChannelName::Empty),
            ("a b", InvalidChannelName::Space),
            ("a\n", InvalidChannelName::Space),
            ("a\u{7}", InvalidChannelName::Space),
            ("..", InvalidChannelName::DotPart),
            ("a/../b", InvalidChannelName::DotPart),
            ("a//b", InvalidChannelName::EmptyPart),
            ("/a", InvalidChannelName::EmptyPart),
            ("a/", InvalidChannelName::EmptyPart),
            ("https://h/a", InvalidChannelName::Character(':')),
            ("a?b", InvalidChannelName::Character('?')),
            ("$A", InvalidChannelName::Character('$')),
            ("defaults", InvalidChannelName::Reserved),
            ("-", InvalidChannelName::NoLetter),
            ("research/_", InvalidChannelName::NoLetter),
            ("-c", InvalidChannelName::Option),
        ] {
            assert_eq!(ChannelName::parse(text).unwrap_err(), error, "{text:?}");
        }
    }
}
