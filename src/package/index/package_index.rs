//! Everything that the searched channels offer, by name.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use rattler_conda_types::{MatchSpec, ParseStrictness, Subdir, Version};
use serde::Serialize;

use super::error::{IndexError, IndexTrouble};
use super::gateway::gateway;
use super::opened::Opened;
use super::search::{Fit, Query, letters};
use super::update::{Indexer, SubdirIndex, Wanted};
use crate::package::{Channel, ChannelNames, Record};

/// A name that fits what is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    pub name: String,
    pub fit: Fit,
    /// One for each channel that has it, in the order of search.
    pub offers: Vec<Offer>,
}

/// What one channel has of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    pub channel: Channel,
    /// By conda's order of versions; nothing for a sharded channel, which is asked when the versions are wanted.
    pub newest: Option<String>,
    /// By version and build; 0 where the channel has not told.
    pub records: u64,
}

/// Where a name is: the number of the subdir, and the place there.
type Found = (u16, u32);

/// The indexes that are kept of some channels, open to be searched. Names are in memory, about 60 bytes each; everything else
/// is read when it is asked for. Cheap to clone.
#[derive(Clone)]
pub struct PackageIndex(Arc<Inner>);

struct Inner {
    indexer: Indexer,
    channels: Vec<Channel>,
    subdirs: Vec<Opened>,
    told: Vec<SubdirIndex>,
    lacking: Vec<IndexError>,
    /// Every place of every name, those of one name together, in the order of names.
    places: Vec<Found>,
    /// Where each name begins in `places`.
    starts: Vec<u32>,
    /// Which letters each name has.
    letters: Vec<u64>,
}

impl std::fmt::Debug for PackageIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackageIndex")
            .field("channels", &self.0.channels)
            .field("names", &self.len())
            .finish_non_exhaustive()
    }
}

impl PackageIndex {
    /// Opens what is kept. Takes some milliseconds and asks no network; what is not kept, or damaged, is [`lacking`].
    ///
    /// [`lacking`]: Self::lacking
    pub fn open(indexer: Indexer, wanted: &Wanted) -> Self {
        let cache = indexer.cache().to_owned();
        let (mut subdirs, mut told, mut lacking) = (Vec::new(), Vec::new(), Vec::new());
        for (channel, subdir) in wanted.subdirs() {
            match Opened::open(&cache, channel, subdir, &wanted.forms.file_names) {
                Ok(Some(opened)) => {
                    told.push(opened.told(&cache, &wanted.forms.file_names));
                    subdirs.push(opened);
                }
                Ok(None) => {}
                Err(error) => lacking.push(error),
            }
        }
        let (places, starts) = merged(&subdirs);
        let mut inner = Inner {
            indexer,
            channels: wanted
                .channels
                .iter()
                .map(|wanted| wanted.channel.clone())
                .collect(),
            subdirs,
            told,
            lacking,
            places,
            starts,
            letters: Vec::new(),
        };
        inner.letters = (0..inner.len()).map(|name| letters(inner.name(name))).collect();
        Self(Arc::new(inner))
    }

    /// What is kept of each channel and subdir.
    pub fn subdirs(&self) -> &[SubdirIndex] {
        &self.0.told
    }

    /// The channels and subdirs of which nothing is kept that can be used.
    pub fn lacking(&self) -> &[IndexError] {
        &self.0.lacking
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many records there are, as far as the channels tell.
    pub fn record_count(&self) -> u64 {
        self.0.told.iter().map(|told| told.records).sum()
    }

    /// Every name, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|name| self.0.name(name))
    }

    /// Every name that a channel has, in order.
    pub fn names_of(&self, channel: &Channel) -> impl Iterator<Item = &str> {
        let of_channel =
            |found: &Found| self.0.subdirs[usize::from(found.0)].place.channel.url == channel.url;
        (0..self.len())
            .filter(move |name| self.0.places_of(*name).iter().any(of_channel))
            .map(|name| self.0.name(name))
    }

    /// The names that some channel of each group has, in order.
    pub fn shared_names(&self, one: &[Channel], other: &[Channel]) -> Vec<String> {
        let has = |name: usize, group: &[Channel]| {
            self.0.places_of(name).iter().any(|(subdir, _)| {
                let channel = &self.0.subdirs[usize::from(*subdir)].place.channel;
                group.iter().any(|member| member.url == channel.url)
            })
        };
        (0..self.len())
            .filter(|name| has(*name, one) && has(*name, other))
            .map(|name| self.0.name(name).to_owned())
            .collect()
    }

    /// The names that fit what somebody types, at most `limit`, the best first: the name itself, names that begin with it,
    /// names that hold it, names that it may be a slip of. Everything in order when nothing is typed.
    pub fn search(&self, typed: &str, limit: usize) -> Vec<Hit> {
        let query = Query::new(typed);
        if query.is_empty() {
            let all = (0..self.len().min(limit)).map(|name| self.hit(name, Fit::Prefix));
            return all.collect();
        }
        let inner = &self.0;
        let fits = |name| Some((query.fit(inner.name(name))?, inner.name(name).len(), name));
        let mut found: Vec<_> = (0..self.len()).filter_map(fits).collect();
        if found.len() < limit {
            let nearly = |name| {
                let text = inner.name(name);
                Some((query.near_fit(text, inner.letters[name])?, text.len(), name))
            };
            let held: std::collections::HashSet<usize> = found.iter().map(|(.., name)| *name).collect();
            let rest = (0..self.len()).filter(|name| !held.contains(name));
            found.extend(rest.filter_map(nearly));
        }
        // Short names first: they hold more of what was typed. Places are in the order of names.
        if found.len() > limit {
            found.select_nth_unstable(limit);
            found.truncate(limit);
        }
        found.sort_unstable();
        found
            .into_iter()
            .map(|(fit, _, name)| self.hit(name, fit))
            .collect()
    }

    fn hit(&self, name: usize, fit: Fit) -> Hit {
        Hit {
            name: self.0.name(name).to_owned(),
            fit,
            offers: self.0.offers(name),
        }
    }

    /// What each channel has of a name, in the order of search; nothing where no channel has it. A damaged index is passed
    /// over: it tells of itself when the versions are read.
    pub fn offers(&self, name: &str) -> Vec<Offer> {
        self.0
            .find(name)
            .map(|name| self.0.offers(name))
            .unwrap_or_default()
    }

    /// Every version and build of a name, the newest first by conda's order; of equal ones those of the channel that is
    /// searched first. Sharded channels are asked.
    ///
    /// # Errors
    /// A damaged index, which is then fetched anew by the next update, and failed requests to sharded channels.
    pub async fn versions(&self, name: &str) -> Result<Vec<Record>, IndexError> {
        let name = name.to_ascii_lowercase();
        let Some(found) = self.0.find(&name) else {
            return Ok(Vec::new());
        };
        let mut records = Vec::new();
        for (subdir, place) in self.0.places_of(found) {
            let opened = &self.0.subdirs[usize::from(*subdir)];
            match opened.has_records {
                true => records.extend(opened.records(*place as usize)?),
                false => records.extend(self.shard(opened, &name).await?),
            }
        }
        Ok(newest_first(records))
    }

    /// What a sharded channel has of a name.
    async fn shard(&self, opened: &Opened, name: &str) -> Result<Vec<Record>, IndexError> {
        let defect = |detail: String| opened.place.failed(IndexTrouble::Internal { detail });
        let channel = super::fetch::rattler_channel(&opened.place).map_err(|e| opened.place.failed(e))?;
        let subdir = Subdir::from_str(&opened.place.subdir).map_err(|error| defect(error.to_string()))?;
        let spec = MatchSpec::from_str(name, ParseStrictness::Lenient).map_err(|e| defect(e.to_string()))?;
        let gateway = gateway(self.0.indexer.transport(), self.0.indexer.cache());
        let found = gateway.query([channel], [subdir], [spec]).execute().await;
        let found = found.map_err(|error| opened.place.failed(IndexTrouble::of_request(&error)))?;
        let names = ChannelNames::new([opened.place.channel.clone()]);
        let records = found.repodata.iter().flat_map(|data| data.iter());
        let shown = records.map(|record| Record {
            channel: opened.place.channel.clone(),
            ..Record::of(record, &names)
        });
        Ok(shown.collect())
    }

    /// The newest version of each of these names that each channel has, in the order of search. Sharded channels are asked.
    ///
    /// # Errors
    /// As for [`Self::versions`].
    pub async fn newest(&self, names: &[String]) -> Result<BTreeMap<String, Vec<Offer>>, IndexError> {
        let mut all = BTreeMap::new();
        for name in names {
            let mut offers = self.offers(name);
            if offers.iter().any(|offer| offer.newest.is_none()) {
                // The newest of a channel comes first.
                let records = self.versions(name).await?;
                for offer in &mut offers {
                    let of_channel = || records.iter().filter(|record| record.channel == offer.channel);
                    offer.newest = of_channel().next().map(|record| record.version.clone());
                    offer.records = of_channel().count() as u64;
                }
            }
            if !offers.is_empty() {
                all.insert(name.clone(), offers);
            }
        }
        Ok(all)
    }
}

impl Inner {
    fn len(&self) -> usize {
        self.starts.len()
    }

    fn places_of(&self, name: usize) -> &[Found] {
        let start = self.starts[name] as usize;
        let end = self
            .starts
            .get(name + 1)
            .map_or(self.places.len(), |end| *end as usize);
        &self.places[start..end]
    }

    fn name(&self, name: usize) -> &str {
        let (subdir, place) = self.places[self.starts[name] as usize];
        self.subdirs[usize::from(subdir)].stored().name(place as usize)
    }

    fn find(&self, name: &str) -> Option<usize> {
        let name = name.to_ascii_lowercase();
        let at = self.starts.partition_point(|start| {
            let (subdir, place) = self.places[*start as usize];
            self.subdirs[usize::from(subdir)].stored().name(place as usize) < name.as_str()
        });
        (at < self.len() && self.name(at) == name).then_some(at)
    }

    fn offers(&self, name: usize) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Vec::new();
        for (subdir, place) in self.places_of(name) {
            let opened = &self.subdirs[usize::from(*subdir)];
            let Ok((newest, records)) = opened.summary(*place as usize) else {
                continue;
            };
            match offers
                .iter_mut()
                .find(|offer| offer.channel == opened.place.channel)
            {
                Some(offer) => {
                    offer.records += records;
                    offer.newest = newer(offer.newest.take(), newest);
                }
                None => offers.push(Offer {
                    channel: opened.place.channel.clone(),
                    newest,
                    records,
                }),
            }
        }
        offers
    }
}

fn newer(one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(match version(&other) > version(&one) {
            true => other,
            false => one,
        }),
        // A part of the channel has not told yet.
        _ => None,
    }
}

fn version(text: &str) -> Option<Version> {
    Version::from_str(text).ok()
}

/// Every name of every subdir, and where it begins; in the order of names, of one name in the order of subdirs.
fn merged(subdirs: &[Opened]) -> (Vec<Found>, Vec<u32>) {
    let mut next = vec![0; subdirs.len()];
    let (mut places, mut starts) = (Vec::new(), Vec::new());
    loop {
        let heads = subdirs
            .iter()
            .zip(&next)
            .filter(|(opened, place)| **place < opened.stored().len());
        let Some(least) = heads.map(|(opened, place)| opened.stored().name(*place)).min() else {
            return (places, starts);
        };
        starts.push(places.len() as u32);
        for (number, opened) in subdirs.iter().enumerate() {
            let place = next[number];
            if place < opened.stored().len() && opened.stored().name(place) == least {
                places.push((number as u16, place as u32));
                next[number] += 1;
            }
        }
    }
}

/// Newest version, then highest build number, then latest build; a file in conda's newer format stands for the older one
/// beside it, as in conda.
fn newest_first(records: Vec<Record>) -> Vec<Record> {
    let mut keyed: Vec<_> = records
        .into_iter()
        .enumerate()
        .map(|(order, record)| (version(&record.version), order, record))
        .collect();
    keyed.sort_by(
        |(one_version, one_order, one), (other_version, other_order, other)| {
            other_version
                .cmp(one_version)
                .then_with(|| other.version.cmp(&one.version))
                .then_with(|| other.build_number.cmp(&one.build_number))
                .then_with(|| other.timestamp.cmp(&one.timestamp))
                .then_with(|| one_order.cmp(other_order))
        },
    );
    let stem = |file: &str| {
        let stem = file
            .strip_suffix(".conda")
            .or_else(|| file.strip_suffix(".tar.bz2"));
        stem.unwrap_or(file).to_owned()
    };
    let modern: std::collections::HashSet<_> = keyed
        .iter()
        .filter(|(.., record)| record.file_name.ends_with(".conda"))
        .map(|(.., record)| {
            (
                record.channel.url.clone(),
                record.subdir.clone(),
                stem(&record.file_name),
            )
        })
        .collect();
    keyed
        .into_iter()
        .map(|(.., record)| record)
        .filter(|record| {
            record.file_name.ends_with(".conda")
                || !modern.contains(&(
                    record.channel.url.clone(),
                    record.subdir.clone(),
                    stem(&record.file_name),
                ))
        })
        .collect()
}
