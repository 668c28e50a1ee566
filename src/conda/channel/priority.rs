//! How the order of channels decides about a package that several of them have.

use std::fmt;

/// The values of `channel_priority` (repository reference, section 3.3; seed 002).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelPriority {
    /// Only the first channel that has a package is looked at for it.
    Strict,
    /// A later channel is looked at where an earlier one has no version that fits.
    #[default]
    Flexible,
    /// The newest version wins, from whatever channel.
    Disabled,
}

impl ChannelPriority {
    pub const ALL: [Self; 3] = [Self::Strict, Self::Flexible, Self::Disabled];

    /// As conda's configuration has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Flexible => "flexible",
            Self::Disabled => "disabled",
        }
    }

    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.name() == text)
    }
}

impl fmt::Display for ChannelPriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
