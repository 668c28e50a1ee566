//! Taking out of a `.condarc` what belongs to a server that is no longer in use.

use super::Condarc;
use crate::conda::channel::ChannelEntry;
use crate::conda::error::CondaError;
use crate::conda::setting::Key;

impl Condarc {
    /// Removes `channel_alias`. Whether it was there.
    pub fn forget_channel_alias(&mut self) -> Result<bool, CondaError> {
        let spelling = self.spelling(Key::ChannelAlias)?;
        Ok(self.file.remove(spelling)?)
    }

    /// Takes entries out of a list; a list that loses all of them stays as an empty one, but for `default_channels`,
    /// which conda would take for "no defaults at all".
    pub fn take_out(&mut self, key: Key, gone: &[ChannelEntry]) -> Result<(), CondaError> {
        self.change(|condarc| {
            let mut entries = condarc.entries(key)?;
            let before = entries.len();
            entries.retain(|entry| !gone.contains(entry));
            match entries.len() {
                left if left == before => Ok(()),
                0 if key == Key::DefaultChannels => condarc.remove(key),
                _ => condarc.set_list(key, &entries),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, change: impl FnOnce(&mut Condarc)) -> String {
        let mut condarc = Condarc::parse(text.as_bytes()).unwrap();
        change(&mut condarc);
        condarc.text().to_owned()
    }

    #[test]
    fn the_alias_goes_and_nothing_else() {
        let text = "# mine\nchannel_alias: https://h/api/repo # theirs\nssl_verify: true\n";
        let forget = |condarc: &mut Condarc| assert!(condarc.forget_channel_alias().unwrap());
        assert_eq!(after(text, forget), "# mine\nssl_verify: true\n");
        let mut empty = Condarc::empty();
        assert!(!empty.forget_channel_alias().unwrap());
    }

    #[test]
    fn entries_go_and_the_others_stay_as_they_are_written() {
        let text =
            "channels:\n  - https://old/c # old\n  - defaults # keep\ndefault_channels:\n  - https://old/d\n";
        let gone = ["https://old/c", "https://old/d"].map(ChannelEntry::from_text);
        let changed = after(text, |condarc| {
            condarc.take_out(Key::Channels, &gone).unwrap();
            condarc.take_out(Key::DefaultChannels, &gone).unwrap();
        });
        assert_eq!(changed, "channels:\n  - defaults # keep\n");
        let changed = after("channels: [https://old/c]\n", |condarc| {
            condarc.take_out(Key::Channels, &gone).unwrap();
        });
        assert_eq!(changed, "channels: []\n");
    }
}
