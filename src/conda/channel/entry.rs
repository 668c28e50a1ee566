//! What stands in conda's lists of channels.

use std::borrow::Cow;
use std::fmt;

use super::{ChannelName, ChannelUrl};
use crate::secret::{self, Secret};

/// One entry of `channels`, `default_channels` or a list of `custom_multichannels`, as it is written in a file.
#[derive(Clone, PartialEq, Eq)]
pub enum ChannelEntry {
    /// `defaults`: the channels of `default_channels`.
    Defaults,
    /// `local`: what was built on this machine.
    Local,
    /// A name that conda resolves through `channel_alias`, `custom_channels` or `custom_multichannels`.
    Name(ChannelName),
    Url(ChannelUrl),
    /// A folder on this machine.
    Folder(String),
    /// Anything else, kept as it is: a variable, or a text conda itself may not understand.
    Other(OpaqueText),
}

impl ChannelEntry {
    /// Reads an entry; every text is some entry.
    pub fn from_text(text: &str) -> Self {
        match text {
            "defaults" => return Self::Defaults,
            "local" => return Self::Local,
            _ => {}
        }
        if let Ok(url) = ChannelUrl::parse(text) {
            return Self::Url(url);
        }
        if is_folder(text) {
            return Self::Folder(text.to_owned());
        }
        match ChannelName::parse(text) {
            Ok(name) => Self::Name(name),
            Err(_) => Self::Other(OpaqueText::new(text)),
        }
    }

    /// The text that stands in the file, with whatever secret it holds.
    pub fn expose(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Defaults => "defaults",
            Self::Local => "local",
            Self::Name(name) => name.as_str(),
            Self::Url(url) => url.expose(),
            Self::Folder(folder) => folder,
            Self::Other(text) => text.expose(),
        })
    }
}

impl From<ChannelName> for ChannelEntry {
    fn from(name: ChannelName) -> Self {
        Self::Name(name)
    }
}

impl fmt::Display for ChannelEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&secret::mask_text(&self.expose()))
    }
}

impl fmt::Debug for ChannelEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// What conda takes for a path instead of a name.
pub(in crate::conda) fn is_folder(text: &str) -> bool {
    let drive = text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && (text[1..].starts_with(":/") || text[1..].starts_with(":\\"));
    drive
        || ["./", "..", "~", "/", "\\\\"]
            .iter()
            .any(|start| text.starts_with(start))
}

/// A text of a person's file that may hold a secret: compared and written back as it is, shown masked.
#[derive(Clone)]
pub struct OpaqueText(Secret);

impl OpaqueText {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text))
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl PartialEq for OpaqueText {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for OpaqueText {}

impl fmt::Display for OpaqueText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&secret::mask_text(self.expose()))
    }
}

impl fmt::Debug for OpaqueText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn entries_are_told_apart() {
        let kinds = |text| match ChannelEntry::from_text(text) {
            ChannelEntry::Defaults => "defaults",
            ChannelEntry::Local => "local",
            ChannelEntry::Name(_) => "name",
            ChannelEntry::Url(_) => "url",
            ChannelEntry::Folder(_) => "folder",
            ChannelEntry::Other(_) => "other",
        };
        for (text, kind) in [
            ("defaults", "defaults"),
            ("local", "local"),
            ("conda-forge", "name"),
            ("team/sub", "name"),
            ("https://h/t/${TOKEN}/x", "url"),
            ("file:///opt/ch", "url"),
            ("./here", "folder"),
            ("~/ch", "folder"),
            ("C:\\channels", "folder"),
            ("$CHANNEL", "other"),
            ("", "other"),
            ("é:", "other"),
        ] {
            assert_eq!(kinds(text), kind, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_entry_is_written_back_as_it_was_read(text in "\\PC{0,40}") {
            let entry = ChannelEntry::from_text(&text);
            prop_assert_eq!(entry.expose(), text.as_str());
        }
    }
}
