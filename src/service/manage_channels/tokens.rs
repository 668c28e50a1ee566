//! Keeping the token of a channel where conda finds it: in a file of its own, under a key that is the channel's whole
//! address.
//!
//! conda takes any stored token whose key is the beginning of an address (server reference, section 3.4). A key that ends
//! with the channel's name and a slash is for this channel and those below it alone, so that tokens for two channels of one
//! server never meet.

use super::arrangement::{Arrangement, KeptToken};
use crate::conda::channel::ChannelEntry;
use crate::conda::configuration::Configuration;
use crate::conda::resolution::Resolver;
use crate::conda::token_file::{self, Place, TokenFile};
use crate::conda::token_match::matching_keys;
use crate::service::plan::{Owner, Plan, PlannedFile, Warning};
use crate::service::sign_in::files::paths_for_conda;
use crate::service::{ServiceError, Services};

/// The key under which the token of one channel is kept.
fn key_of(address: &str) -> String {
    format!("{address}/")
}

impl Services {
    /// Plans the token files of what is added, and the end of those of what is removed.
    pub(super) fn plan_tokens(
        &self,
        plan: &mut Plan,
        configuration: &Configuration,
        before: &Arrangement,
        wanted: &Arrangement,
    ) -> Result<(), ServiceError> {
        let resolver = configuration.resolver();
        let kept = read_by_conda(token_file::existing(&self.surroundings()));
        for token in &wanted.tokens {
            self.plan_token(plan, &resolver, &kept, token)?;
        }
        let stays: Vec<String> = addresses(&resolver, wanted);
        let gone = addresses(&resolver, before)
            .into_iter()
            .filter(|address| !stays.contains(address));
        for address in gone {
            for file in kept.iter().filter(|file| file.key == key_of(&address)) {
                put(plan, file.path.clone(), None)?;
            }
        }
        Ok(())
    }

    fn plan_token(
        &self,
        plan: &mut Plan,
        resolver: &Resolver,
        kept: &[TokenFile],
        wanted: &KeptToken,
    ) -> Result<(), ServiceError> {
        for address in resolver.resolve(&wanted.entry).addresses {
            let key = key_of(&address);
            let applying: Vec<&TokenFile> = kept
                .iter()
                .filter(|file| !matching_keys(&key, [file.key.as_str()]).is_empty())
                .collect();
            let mut others = applying.iter().filter(|file| file.key != key);
            let same = |file: &&&TokenFile| {
                let token = token_file::read(&file.path).ok().flatten();
                token.as_ref() == Some(&wanted.token)
            };
            if others.clone().any(|file| same(&file)) {
                continue;
            }
            // Of several tokens for one address conda takes whichever it comes across first.
            if let Some(other) = others.next() {
                plan.warnings.push(Warning::with_remedy(
                    format!(
                        "the token for {} is not kept, since conda sends the one in {} there already",
                        wanted.entry,
                        other.path.display()
                    ),
                    "where that one does not open the channel, ask its owner for access, or sign in with the other token",
                ));
                continue;
            }
            for path in paths_for_conda(&self.surroundings(), &key) {
                put(plan, path, Some(wanted.token.expose().as_bytes().to_vec()))?;
            }
        }
        Ok(())
    }

    /// Whether conda sends a stored token to this address already that is not for this channel alone: a sign-in's.
    pub(crate) fn has_token_of_server(&self, address: &str) -> bool {
        let key = key_of(address);
        read_by_conda(token_file::existing(&self.surroundings()))
            .iter()
            .any(|file| file.key != key && !matching_keys(&key, [file.key.as_str()]).is_empty())
    }

    /// Whether conda sends some stored token to this address already.
    pub(super) fn has_stored_token(&self, address: &str) -> bool {
        let key = key_of(address);
        read_by_conda(token_file::existing(&self.surroundings()))
            .iter()
            .any(|file| !matching_keys(&key, [file.key.as_str()]).is_empty())
    }
}

/// The token is the person's own, so that undoing brings it back.
fn put(plan: &mut Plan, path: std::path::PathBuf, after: Option<Vec<u8>>) -> Result<(), ServiceError> {
    let before = crate::edit::file::read(&path)?.map(|image| image.bytes);
    if before == after || plan.files.iter().any(|file| file.path == path) {
        return Ok(());
    }
    plan.files.push(PlannedFile {
        keeps_token: true,
        ..PlannedFile::new(path, Owner::TokenFile, before, after)
    });
    Ok(())
}

fn read_by_conda(files: Vec<TokenFile>) -> Vec<TokenFile> {
    let mut files = files;
    files.retain(|file| matches!(file.place, Place::Conda | Place::Conda2311));
    files
}

/// Where everything leads that stands in the lists.
fn addresses(resolver: &Resolver, arrangement: &Arrangement) -> Vec<String> {
    let entries = arrangement.channels.iter().chain(&arrangement.default_channels);
    entries
        .filter(|entry| !matches!(entry, ChannelEntry::Defaults))
        .flat_map(|entry| resolver.resolve(entry).addresses)
        .collect()
}
