//! A new order of channels with everything that is known about it: the files, the servers' answers, the index, and what is
//! installed.

use std::collections::HashSet;

use super::arrangement::{Arrangement, PlannedArrangement};
use super::caution::Caution;
use super::check::{Access, CheckedAddress, CheckedChannel};
use super::shadow::{KnownChannel, Shadow, shadows};
use super::sources::{self, InstalledFrom, Searched};
use crate::conda::configuration::Configuration;
use crate::conda::resolution::SearchedChannel;
use crate::package::Channel;
use crate::package::index::PackageIndex;
use crate::service::{ServiceError, Services, blocking};

impl Services {
    /// [`Services::plan_arrangement`], with what the index and the environments tell about it: packages that may come from a
    /// public channel instead of a private one, and installed packages that lose their channel or change it. `checked` is
    /// what is known of the channels. Asks no network.
    ///
    /// # Errors
    /// As [`Services::plan_arrangement`].
    pub fn review_arrangement(
        &self,
        wanted: &Arrangement,
        checked: &[CheckedChannel],
    ) -> Result<PlannedArrangement, ServiceError> {
        blocking(|| {
            let mut planned = self.plan_arrangement(wanted)?;
            let path = planned.after.path.clone();
            let before = Configuration::read(&self.surroundings());
            let after = self.configuration_after(&planned.plan, &path);
            let mut cautions = self.about_packages(&before, &after, checked);
            cautions.append(&mut planned.cautions);
            planned.cautions = cautions;
            Ok(planned)
        })
    }

    /// Nothing where conda stops at a channel: that is told already.
    fn about_packages(
        &self,
        before: &Configuration,
        after: &Configuration,
        checked: &[CheckedChannel],
    ) -> Vec<Caution> {
        let (Ok(old), Ok(new)) = (before.searched(), after.searched()) else {
            return Vec::new();
        };
        let index = self.index_of(after, &new);
        let mut cautions: Vec<Caution> = match &index {
            Some(index) => {
                let known = known(&new, index, checked);
                shadows(&known, after.channel_priority())
                    .iter()
                    .map(Shadow::caution)
                    .collect()
            }
            None => Vec::new(),
        };
        let (old, new) = (names(&old), names(&new));
        if old != new {
            let installed = self.installed_from(after);
            let offered = |package: &str| match &index {
                Some(index) => index
                    .offers(package)
                    .into_iter()
                    .map(|offer| offer.channel.url)
                    .collect(),
                None => Vec::new(),
            };
            cautions.extend(sources::cautions(&installed, &old, &new, offered));
        }
        cautions
    }

    /// What is kept of the indexes of these channels.
    fn index_of(&self, configuration: &Configuration, searched: &[SearchedChannel]) -> Option<PackageIndex> {
        let wanted = self.wanted_indexes_of(configuration, searched);
        let indexer = self.indexer().ok()?;
        Some(PackageIndex::open(indexer, &wanted))
    }

    /// Every package that conda has linked, with the channel that it came from.
    fn installed_from(&self, configuration: &Configuration) -> Vec<InstalledFrom> {
        let resolver = configuration.resolver();
        let mut all = Vec::new();
        for environment in self.environments() {
            let name = environment
                .name
                .clone()
                .unwrap_or_else(|| environment.prefix.display().to_string());
            let Ok(installed) = self.installed(&environment.prefix) else {
                continue;
            };
            all.extend(installed.conda().filter_map(|package| {
                let channel = package
                    .url
                    .as_deref()
                    .and_then(|url| resolver.channel_at(url))
                    .or_else(|| {
                        resolver
                            .resolve_text(&package.channel)
                            .channels
                            .into_iter()
                            .next()
                    })?;
                Some(InstalledFrom {
                    environment: name.clone(),
                    package: package.name.clone(),
                    channel: channel.url(),
                })
            }));
        }
        all
    }
}

fn names(searched: &[SearchedChannel]) -> Vec<Searched> {
    let mut names: Vec<Searched> = Vec::new();
    for found in searched {
        let url = found.channel.url();
        if !names.iter().any(|(_, known)| *known == url) {
            names.push((shown(found), url));
        }
    }
    names
}

/// The channel as a person knows it: a part of a list by its own name, since the list's says nothing about it.
fn shown(found: &SearchedChannel) -> String {
    let entry = found.entry.to_string();
    let canonical = found.channel.canonical_name();
    match canonical == entry && found.channel.name() != entry {
        true => format!("{} (in {entry})", found.channel.name()),
        false if canonical.contains("://") || canonical == entry => entry,
        false => canonical.to_owned(),
    }
}

/// The searched channels with their packages and what their servers said.
fn known(
    searched: &[SearchedChannel],
    index: &PackageIndex,
    checked: &[CheckedChannel],
) -> Vec<KnownChannel> {
    let answers: Vec<&CheckedAddress> = checked.iter().flat_map(|checked| &checked.addresses).collect();
    let mut seen = HashSet::new();
    searched
        .iter()
        .filter(|found| seen.insert(found.channel.url()))
        .map(|found| {
            let url = found.channel.url();
            let answer = answers.iter().find(|answer| answer.url == url);
            let access = answer.map_or(Access::Unknown, |answer| answer.access);
            let channel = Channel {
                name: found.channel.canonical_name().to_owned(),
                url,
            };
            let packages = match access {
                // Nothing is said about it, so that its packages are of no interest.
                Access::Unknown => HashSet::new(),
                Access::Open | Access::Closed => index.names_of(&channel).map(str::to_owned).collect(),
            };
            KnownChannel {
                name: shown(found),
                access,
                is_mirror: answer.is_some_and(|answer| answer.mirror),
                packages,
            }
        })
        .collect()
}
