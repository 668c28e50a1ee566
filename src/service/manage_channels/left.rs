//! Channels of a server that was signed out of: their names lead elsewhere now, which nobody meant (seed 003).

use super::caution::{Caution, CautionKind};
use super::listing::ManagedChannels;
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::condarc::Condarc;
use crate::conda::configuration::Configuration;
use crate::conda::resolution::Resolver;
use crate::edit::history::Entry;
use crate::service::Services;

/// The file as it was when the service was signed out of.
struct Before {
    alias: ChannelUrl,
    names: Vec<ChannelEntry>,
}

impl Services {
    /// Names that led to the server of the last sign-out, and lead somewhere else by now.
    pub(super) fn left_by_sign_out(
        &self,
        configuration: &Configuration,
        managed: &ManagedChannels,
    ) -> Vec<Caution> {
        let is_name = |entry: &ChannelEntry| matches!(entry, ChannelEntry::Name(_));
        if !managed.all().any(|(_, channel)| is_name(&channel.entry)) {
            return Vec::new();
        }
        let Some(before) = self.before_sign_out(managed) else {
            return Vec::new();
        };
        let there = format!("{}/", before.alias.public());
        let host = before.alias.location().split('/').next().unwrap_or_default();
        let resolver = configuration.resolver();
        managed
            .searched()
            .filter(|(_, channel)| {
                before.names.contains(&channel.entry) && leads_elsewhere(&resolver, &channel.entry, &there)
            })
            .map(|(_, channel)| {
                Caution::new(
                    CautionKind::SignedOut,
                    format!(
                        "{} was a channel of {host}, which you have signed out of",
                        channel.entry
                    ),
                )
                .because(format!(
                    "conda looks for it at {} now",
                    channel.addresses.join(", ")
                ))
                .remedy("take it out, or sign in again")
                .about(channel)
            })
            .collect()
    }

    /// What stood in the file before the last sign-out; nothing where one is signed in again, or the sign-out was undone.
    fn before_sign_out(&self, managed: &ManagedChannels) -> Option<Before> {
        let entries = self.entries().ok()?;
        let is_about_login = |entry: &&Entry| matches!(entry.kind.as_str(), "sign-in" | "sign-out");
        let last = entries
            .iter()
            .filter(|entry| !entry.is_undone(&entries))
            .find(is_about_login)
            .filter(|entry| entry.kind == "sign-out")?;
        let file = last.files.iter().find(|file| file.path == managed.path)?;
        let content = self.history().masked_content(file.before.as_ref()?).ok()?;
        let condarc = Condarc::parse(&content).ok()?;
        let mut names = condarc.channels().ok()?;
        names.extend(condarc.default_channels().ok()?);
        Some(Before {
            alias: condarc.channel_alias()?,
            names,
        })
    }
}

/// Whether a name leads to one address, and not to the one that it had `there`.
fn leads_elsewhere(resolver: &Resolver, entry: &ChannelEntry, there: &str) -> bool {
    let ChannelEntry::Name(_) = entry else {
        return false;
    };
    match resolver.resolve(entry).addresses.as_slice() {
        [one] => !one.starts_with(there),
        _ => false,
    }
}
