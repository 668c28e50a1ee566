//! What a solution means for the environment: what comes, changes and goes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rattler_conda_types::{Matches, RepoDataRecord};

use super::SolveError;
use super::graph::Graph;
use super::request::{Dependencies, Request};
use super::situation::{Situation, name_of};
use super::solution::{ChangeSpecs, ChannelNames, Solution, channel_address};
use super::spec::Spec;
use crate::package::{Channel, PackageCache, Record};

/// A solution beside what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved {
    pub solution: Solution,
    pub added: Vec<Record>,
    /// What was there, and what takes its place.
    pub changed: Vec<(Record, Record)>,
    pub removed: Vec<Record>,
    pub notes: Vec<Note>,
}

impl Solved {
    /// How much has to be fetched: what comes and does not lie in `cache` already. A package whose size no index tells counts as
    /// nothing.
    pub fn bytes_to_download(&self, cache: &PackageCache) -> u64 {
        let missing = self.coming().filter(|record| !cache.holds(record));
        missing.filter_map(|record| record.package_record.size).sum()
    }

    /// The packages that come and lie unpacked in `cache` already: each one's name, and where it lies.
    pub fn unpacked(&self, cache: &PackageCache) -> Vec<(String, PathBuf)> {
        let unpacked = self.coming().filter_map(|record| {
            let folder = cache.unpacked(record)?;
            Some((name_of(record).to_owned(), folder))
        });
        unpacked.collect()
    }

    fn coming(&self) -> impl Iterator<Item = &RepoDataRecord> {
        let changed = self.changed.iter().map(|(_, after)| after);
        let names: BTreeSet<_> = self
            .added
            .iter()
            .chain(changed)
            .map(|record| record.name.as_str())
            .collect();
        let records = self.solution.records().iter();
        records.filter(move |record| names.contains(name_of(record)))
    }
}

/// Something about a solution that a person would want to know before it is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// It goes because it needs something that was removed, or was needed by nothing else.
    GoesAlong { name: String, why: GoesAlong },
    /// Its dependencies were not fulfilled before either; it is left as it was.
    Broken { name: String, needs: String },
    /// It needs something that will not be there: packages given by address bring nothing along.
    Unmet { name: String, needs: String },
    /// An earlier wish gave way.
    Loosened { was: String, now: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoesAlong {
    /// It depends on this package, which is removed.
    Needs(String),
    /// It was there only for packages that are removed.
    Unneeded,
    /// It does not go with what was asked for.
    DoesNotFit,
}

/// Puts together what the solver chose and what was there.
///
/// # Errors
/// [`SolveError::Disallowed`]; [`SolveError::CondaNeeds`].
pub(super) fn of(situation: &Situation<'_>, chosen: Vec<RepoDataRecord>) -> Result<Solved, SolveError> {
    let request = situation.request;
    let installed = request.installed.records();
    let mut notes = Vec::new();
    let mut records: Vec<_> = chosen
        .into_iter()
        .map(|record| as_it_is(record, installed))
        .collect();
    if request.rules.dependencies != Dependencies::Along {
        records = cut_down(situation, records);
    }
    put_back_broken(situation, &mut records, &mut notes);
    records.sort_by(|one, other| name_of(one).cmp(name_of(other)));

    conda_still_runs(request, &records)?;
    let new: Vec<_> = records
        .iter()
        .filter(|record| !installed.contains(record))
        .collect();
    none_disallowed(request, &new)?;

    let (in_force, loosened) = situation.in_force_after(&records);
    for now in &loosened {
        let name = Spec::parse(now, &[]).map(|spec| spec.name.as_normalized().to_owned());
        let was = name
            .ok()
            .and_then(|name| situation.earlier.get(&name))
            .map(|spec| spec.text.clone());
        notes.extend(was.map(|was| Note::Loosened {
            was,
            now: now.clone(),
        }));
    }
    let goal = &request.goal;
    let history = ChangeSpecs {
        update: goal.install.iter().chain(&goal.update).cloned().collect(),
        remove: goal.remove.clone(),
        neutered: loosened,
    };
    let names = channel_names(request);
    let after: BTreeSet<_> = records.iter().map(name_of).collect();
    let gone: Vec<_> = installed
        .iter()
        .filter(|record| !after.contains(name_of(record)))
        .collect();
    notes.extend(why_gone(situation, &gone));
    let (added, changed, removed) = difference(installed, &records, &names);
    Ok(Solved {
        added,
        changed,
        removed,
        notes,
        solution: Solution::new(
            request.prefix.clone(),
            request.machine.subdir().to_owned(),
            records,
        )
        .asked(in_force, history),
    })
}

/// What comes, what changes (from, to) and what goes, each by name.
pub(super) fn difference(
    before: &[RepoDataRecord],
    after: &[RepoDataRecord],
    names: &ChannelNames,
) -> (Vec<Record>, Vec<(Record, Record)>, Vec<Record>) {
    let told = |record: &RepoDataRecord| Record::of(record, names);
    let find =
        |records: &[RepoDataRecord], name: &str| records.iter().position(|known| name_of(known) == name);
    let mut added = Vec::new();
    let mut changed = Vec::new();
    for record in after {
        match find(before, name_of(record)) {
            Some(at) if before[at] != *record => changed.push((told(&before[at]), told(record))),
            Some(_) => {}
            None => added.push(told(record)),
        }
    }
    let gone = before
        .iter()
        .filter(|record| find(after, name_of(record)).is_none());
    (added, changed, gone.map(told).collect())
}

pub(super) fn channel_names(request: &Request) -> ChannelNames {
    ChannelNames::new(request.channels.iter().map(|searched| Channel {
        name: searched.channel.name.clone(),
        url: searched.channel.url.trim_end_matches('/').to_owned(),
    }))
}

/// The record of `conda-meta`, where the solver chose what is there already: the same file of the same channel.
pub(super) fn as_it_is(chosen: RepoDataRecord, installed: &[RepoDataRecord]) -> RepoDataRecord {
    let is_same = |record: &&RepoDataRecord| is_same_build(record, &chosen);
    installed.iter().find(is_same).cloned().unwrap_or(chosen)
}

/// conda compares packages by these, too.
pub(super) fn is_same_build(one: &RepoDataRecord, other: &RepoDataRecord) -> bool {
    let (left, right) = (&one.package_record, &other.package_record);
    left.name == right.name
        && left.version == right.version
        && left.build == right.build
        && left.build_number == right.build_number
        && left.subdir == right.subdir
        && channel_address(one) == channel_address(other)
}

/// Only the wanted packages change, or only what they depend on.
fn cut_down(situation: &Situation<'_>, chosen: Vec<RepoDataRecord>) -> Vec<RepoDataRecord> {
    let request = situation.request;
    let wanted = |record: &RepoDataRecord| {
        situation.is_asked(name_of(record)) || situation.updated.contains(name_of(record))
    };
    let changes = |record: &RepoDataRecord| match request.rules.dependencies {
        Dependencies::Along => true,
        Dependencies::Without => wanted(record),
        Dependencies::Only => !wanted(record),
    };
    let (mut all, others): (Vec<_>, Vec<_>) = chosen.into_iter().partition(changes);
    drop(others);
    for record in request.installed.records() {
        let name = name_of(record);
        if !situation.removed.contains(name) && !all.iter().any(|known| name_of(known) == name) {
            all.push(record.clone());
        }
    }
    all
}

/// What did not work before is left as it was, unless something has taken its place.
fn put_back_broken(situation: &Situation<'_>, records: &mut Vec<RepoDataRecord>, notes: &mut Vec<Note>) {
    let gone = match situation.removed.is_empty() {
        true => BTreeSet::new(),
        false => situation.removal(),
    };
    for (name, needs) in &situation.broken {
        let is_back = records.iter().any(|record| name_of(record) == *name);
        let Some(record) = situation.request.installed.get(name) else {
            continue;
        };
        if gone.contains(*name) {
            continue;
        }
        if !is_back {
            records.push(record.clone());
        }
        if records.contains(record) {
            notes.push(Note::Broken {
                name: (*name).to_owned(),
                needs: (*needs).to_owned(),
            });
        }
    }
}

/// conda refuses to remove itself, or what it needs, from where it runs.
fn conda_still_runs(request: &Request, records: &[RepoDataRecord]) -> Result<(), SolveError> {
    if !request.rules.is_base || !request.installed.holds("conda") {
        return Ok(());
    }
    let needed = Graph::of(request.installed.records()).with_needs(["conda"]);
    let after = Graph::of(records).with_needs(["conda"]);
    let there: BTreeSet<_> = records.iter().map(name_of).collect();
    let wanted_gone = request.goal.remove.iter().filter(|name| needed.contains(*name));
    let mut gone: BTreeSet<_> = wanted_gone.cloned().collect();
    if !after.contains("conda") {
        gone.insert("conda".to_owned());
    }
    gone.retain(|name| !there.contains(name.as_str()));
    match gone.is_empty() {
        true => Ok(()),
        false => Err(SolveError::CondaNeeds {
            names: gone.into_iter().collect(),
        }),
    }
}

fn none_disallowed(request: &Request, new: &[&RepoDataRecord]) -> Result<(), SolveError> {
    for rule in &request.rules.disallowed {
        let Ok(spec) = Spec::parse(rule, &request.channels) else {
            continue;
        };
        if let Some(record) = new.iter().find(|record| spec.matches(record)) {
            return Err(SolveError::Disallowed {
                package: record.package_record.to_string(),
                rule: rule.clone(),
            });
        }
    }
    Ok(())
}

/// Why packages go that nobody wanted gone.
fn why_gone(situation: &Situation<'_>, gone: &[&RepoDataRecord]) -> Vec<Note> {
    let names: BTreeSet<_> = gone.iter().map(|record| name_of(record)).collect();
    let along = gone
        .iter()
        .filter(|record| !situation.removed.contains(name_of(record)));
    let installed = situation.request.installed.records();
    along
        .map(|record| {
            let needs = record.package_record.depends.iter().find_map(|depend| {
                let spec = Spec::parse(depend, &[]).ok()?;
                let is_gone = names.contains(spec.name.as_normalized());
                let was_it = installed.iter().any(|known| {
                    is_gone
                        && known.package_record.name == spec.name
                        && spec.matcher.matches(&known.package_record)
                });
                was_it.then(|| spec.name.as_normalized().to_owned())
            });
            let why = match needs {
                _ if situation.removed.is_empty() => GoesAlong::DoesNotFit,
                Some(name) => GoesAlong::Needs(name),
                None => GoesAlong::Unneeded,
            };
            Note::GoesAlong {
                name: name_of(record).to_owned(),
                why,
            }
        })
        .collect()
}
