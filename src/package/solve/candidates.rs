//! The builds of packages that may become part of a solution.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rattler_conda_types::{RepoDataRecord, Version};
use rattler_repodata_gateway::RepoData;

use super::index::is_pip;
use super::request::{ChannelPriority, Cutoffs, SearchedChannel};
use super::solution::channel_address;
use super::spec::Source;

/// Why a build that a channel has does not come into question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// It was published too late.
    TooNew,
    /// The person asked for another channel, platform or file.
    OtherSource,
}

/// Builds in the order of search, and what already lies in the environment.
pub(super) struct Candidates {
    repodata: Vec<RepoData>,
    /// The same builds as in `repodata`, changed, by address.
    changed: HashMap<url::Url, RepoDataRecord>,
    /// What is preferred: builds that are in the environment.
    favored: Vec<RepoDataRecord>,
    /// By name: where it may come from.
    sources: BTreeMap<String, Vec<Source>>,
    cutoffs: Cutoffs,
}

impl Candidates {
    pub fn new(
        repodata: Vec<RepoData>,
        favored: impl IntoIterator<Item = RepoDataRecord>,
        sources: BTreeMap<String, Vec<Source>>,
        cutoffs: Cutoffs,
    ) -> Self {
        let favored: Vec<_> = favored.into_iter().map(like_an_index_entry).collect();
        let mut records = repodata.iter().flat_map(RepoData::iter);
        let has_pip = records.any(|record| record.package_record.name.as_normalized() == "pip");
        let changed = match has_pip {
            true => HashMap::new(),
            // Where no channel has pip, python comes without it.
            false => repodata
                .iter()
                .flat_map(RepoData::iter)
                .filter(|record| record.package_record.name.as_normalized() == "python")
                .map(|record| (record.url.clone(), without_pip(record)))
                .collect(),
        };
        Self {
            repodata,
            changed,
            favored,
            sources,
            cutoffs,
        }
    }

    pub fn count(&self) -> usize {
        self.repodata.iter().map(RepoData::len).sum()
    }

    pub fn favored(&self) -> &[RepoDataRecord] {
        &self.favored
    }

    /// The builds that come into question, by channel and subdir in the order of search, with the multichannel.
    pub fn tiers(&self) -> impl Iterator<Item = (Option<&str>, Vec<&RepoDataRecord>)> {
        self.repodata.iter().map(|repodata| {
            let admitted = repodata.iter().filter(|record| self.left(record).is_none());
            let records = admitted
                .map(|record| self.changed.get(&record.url).unwrap_or(record))
                .collect();
            (repodata.multi_channel(), records)
        })
    }

    /// Every build of a package that some channel has, and why it does not come into question.
    pub fn builds_of(&self, name: &str) -> Vec<(&RepoDataRecord, Option<Left>)> {
        let records = self.repodata.iter().flat_map(RepoData::iter);
        records
            .filter(|record| record.package_record.name.as_normalized() == name)
            .map(|record| (record, self.left(record)))
            .collect()
    }

    fn left(&self, record: &RepoDataRecord) -> Option<Left> {
        let name = record.package_record.name.as_normalized();
        if let Some(sources) = self.sources.get(name)
            && !sources.iter().all(|source| source.admits(record))
        {
            return Some(Left::OtherSource);
        }
        if self.cutoffs == Cutoffs::default() {
            return None;
        }
        let cutoff = self.cutoffs.of(name, &channel_address(record))?;
        let package = &record.package_record;
        let published = package.indexed_timestamp.or(package.timestamp)?;
        (published.timestamp_millis() > cutoff.as_millisecond()).then_some(Left::TooNew)
    }

    /// The versions of a package that come into question, the one to try first in front.
    pub fn versions_of(&self, name: &str, priority: ChannelPriority) -> Vec<&Version> {
        let mut found = Vec::new();
        let mut first_tier = None;
        let mut tier = 0;
        let mut last = None;
        for (multichannel, records) in self.tiers() {
            let records = records
                .into_iter()
                .filter(|record| record.package_record.name.as_normalized() == name);
            for record in records {
                let channel = match multichannel {
                    Some(name) => name.to_owned(),
                    None => channel_address(record),
                };
                if last.as_ref() != Some(&channel) {
                    tier += usize::from(last.is_some());
                    last = Some(channel);
                }
                if priority == ChannelPriority::Strict && *first_tier.get_or_insert(tier) != tier {
                    continue;
                }
                let rank = if priority == ChannelPriority::Flexible {
                    tier
                } else {
                    0
                };
                let package = &record.package_record;
                let tracked = !package.track_features.is_empty();
                found.push((tracked, rank, Reverse(package.version.version())));
            }
        }
        found.sort();
        let mut seen = BTreeSet::new();
        found
            .into_iter()
            .map(|(_, _, Reverse(version))| version)
            .filter(|version| seen.insert(*version))
            .collect()
    }

    /// Channels that have a build of the package which comes into question, in the order of search.
    pub fn channels_with<'a>(&self, name: &str, searched: &'a [SearchedChannel]) -> Vec<&'a SearchedChannel> {
        let builds = self.builds_of(name);
        let has = |channel: &&SearchedChannel| {
            let address = channel.channel.url.trim_end_matches('/');
            builds
                .iter()
                .any(|(record, left)| left.is_none() && channel_address(record) == address)
        };
        searched.iter().filter(has).collect()
    }
}

/// A record of `conda-meta` with the channel written as an index has it, so that both count as the same channel.
fn like_an_index_entry(mut record: RepoDataRecord) -> RepoDataRecord {
    record.channel = Some(format!("{}/", channel_address(&record)));
    record
}

fn without_pip(record: &RepoDataRecord) -> RepoDataRecord {
    let mut record = record.clone();
    record.package_record.depends.retain(|depend| !is_pip(depend));
    record
}
