//! Putting the lists of channels in order as a person arranges them.

use super::Condarc;
use crate::conda::channel::{ChannelEntry, ChannelPriority};
use crate::conda::error::CondaError;
use crate::conda::setting::Key;

impl Condarc {
    /// Writes the two lists as they are given. What stands there already is not touched: a list that is missing and stays
    /// empty is not written, and `default_channels` goes where nothing is left of it, since conda would take an empty one
    /// for "no defaults at all".
    pub fn arrange(
        &mut self,
        channels: &[ChannelEntry],
        default_channels: &[ChannelEntry],
    ) -> Result<(), CondaError> {
        self.change(|condarc| {
            if condarc.channels()? != channels {
                condarc.set_list(Key::Channels, channels)?;
            }
            if condarc.default_channels()? == default_channels {
                return Ok(());
            }
            match default_channels {
                [] => condarc.remove(Key::DefaultChannels),
                some => condarc.set_list(Key::DefaultChannels, some),
            }
        })
    }

    /// Sets how the order of channels counts.
    pub fn set_channel_priority(&mut self, priority: ChannelPriority) -> Result<(), CondaError> {
        self.change(|condarc| condarc.set_text(Key::ChannelPriority, priority.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(texts: &[&str]) -> Vec<ChannelEntry> {
        texts.iter().map(|text| ChannelEntry::from_text(text)).collect()
    }

    fn arranged(text: &str, channels: &[&str], default_channels: &[&str]) -> String {
        let mut condarc = Condarc::parse(text.as_bytes()).unwrap();
        condarc
            .arrange(&entries(channels), &entries(default_channels))
            .unwrap();
        condarc.text().to_owned()
    }

    #[test]
    fn what_stays_keeps_its_lines_and_what_is_not_there_is_not_written() {
        let text = "# mine\nchannels:\n  - a # first\n  - b # second\nssl_verify: true\n";
        assert_eq!(arranged(text, &["a", "b"], &[]), text);
        assert_eq!(
            arranged(text, &["b", "a"], &[]),
            "# mine\nchannels:\n  - b # second\n  - a # first\nssl_verify: true\n"
        );
        assert_eq!(
            arranged("ssl_verify: true\n", &[], &["main"]),
            "ssl_verify: true\ndefault_channels:\n  - main\n"
        );
        assert_eq!(
            arranged("channels: [a]\ndefault_channels:\n  - main\n", &["a"], &[]),
            "channels: [a]\n"
        );
        assert_eq!(arranged("", &[], &[]), "");
    }

    #[test]
    fn the_priority_is_set_in_its_place() {
        let mut condarc = Condarc::parse(b"channel_priority: true # usual\nchannels: []\n").unwrap();
        condarc.set_channel_priority(ChannelPriority::Strict).unwrap();
        assert_eq!(condarc.text(), "channel_priority: strict # usual\nchannels: []\n");
    }
}
