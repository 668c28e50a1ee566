//! What one could try where there is no solution. Everything that is promised has been tried on the index.

use std::time::Instant;

use rattler_conda_types::RepoDataRecord;
use rattler_solve::CancellationToken;

use super::SolveError;
use super::candidates::{Candidates, Left};
use super::demand::{Demand, Why};
use super::engine::{Engine, Failure};
use super::explanation::or;
use super::request::ChannelPriority;
use super::situation::{Situation, name_of};
use super::solution::channel_address;
use super::spec::Spec;

/// How many ways out are told.
const MOST: usize = 4;

struct Advisor<'a, 'e, 'c> {
    engine: &'e mut Engine<'c>,
    candidates: &'a Candidates,
    situation: &'a Situation<'a>,
    demands: &'a [Demand],
    until: Instant,
}

pub(super) fn of<'c>(
    engine: &mut Engine<'c>,
    candidates: &'c Candidates,
    situation: &'c Situation<'c>,
    demands: &[Demand],
    core: &[Demand],
    stop: &CancellationToken,
    until: Instant,
) -> Result<Vec<String>, SolveError> {
    let mut advisor = Advisor {
        engine,
        candidates,
        situation,
        demands,
        until,
    };
    let mut advice = Vec::new();
    for demand in core {
        if advice.len() < MOST {
            advice.extend(advisor.about(demand)?);
        }
    }
    if advice.len() < MOST
        && situation.request.rules.priority == ChannelPriority::Strict
        && advisor.is_in_time()
    {
        let machine = situation.request.machine.records();
        let mut flexible = Engine::new(candidates, machine, ChannelPriority::Flexible, stop)?;
        if let Some(records) = solved(flexible.solve(demands))? {
            advice.push(with_flexible(situation, core, &records));
        }
    }
    Ok(advice)
}

fn solved(result: Result<Vec<RepoDataRecord>, Failure>) -> Result<Option<Vec<RepoDataRecord>>, SolveError> {
    match result {
        Ok(records) => Ok(Some(records)),
        Err(Failure::Clash(_)) => Ok(None),
        Err(Failure::Cancelled) => Err(SolveError::Cancelled),
    }
}

fn with_flexible(situation: &Situation<'_>, core: &[Demand], records: &[RepoDataRecord]) -> String {
    let searched = &situation.request.channels;
    let name = |address: &str| {
        let known = searched
            .iter()
            .find(|known| known.channel.url.trim_end_matches('/') == address);
        known.map_or_else(|| address.to_owned(), |known| known.channel.name.clone())
    };
    let wanted = core
        .iter()
        .find_map(|demand| records.iter().find(|record| name_of(record) == demand.name()));
    match wanted {
        Some(record) => format!(
            "under flexible channel priority it can be had, with {} {} from {}: set channel_priority to flexible",
            name_of(record),
            record.package_record.version,
            name(&channel_address(record))
        ),
        None => "under flexible channel priority it can be had: set channel_priority to flexible".to_owned(),
    }
}

impl Advisor<'_, '_, '_> {
    fn is_in_time(&self) -> bool {
        Instant::now() < self.until
    }

    /// What would come of the demands with others in the place of one.
    fn instead(
        &mut self,
        demand: &Demand,
        others: &[Demand],
    ) -> Result<Option<Vec<RepoDataRecord>>, SolveError> {
        if !self.is_in_time() {
            return Ok(None);
        }
        // Whoever asks for a package lifts what holds it back otherwise.
        let is_lifted = |known: &Demand| {
            known.name() == demand.name() && matches!(known.why, Why::PythonStays | Why::NotOlder)
        };
        let rest = self
            .demands
            .iter()
            .filter(|known| *known != demand && !is_lifted(known));
        let all: Vec<_> = rest.chain(others).cloned().collect();
        solved(self.engine.solve(&all))
    }

    fn about(&mut self, demand: &Demand) -> Result<Option<String>, SolveError> {
        let spec = &demand.spec;
        let name = demand.name().to_owned();
        let version = |records: &[RepoDataRecord]| {
            let record = records.iter().find(|record| name_of(record) == name)?;
            let version = record.package_record.version.to_string();
            // Of python, one asks for the minor version.
            let minor = version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
            Some(if name == "python" { minor } else { version })
        };
        Ok(match &demand.why {
            Why::Asked if !spec.is_bare() => {
                let bare = Demand::must(Spec::bare(&spec.name), Why::Asked);
                match self.instead(demand, &[bare])? {
                    Some(records) => version(&records)
                        .map(|version| format!("{name} {version} can be had: ask for {name} alone")),
                    None => self.versions_there_are(demand),
                }
            }
            Why::Asked => None,
            Why::PythonStays => {
                let records = self.instead(demand, &[])?;
                records
                    .and_then(|records| version(&records))
                    .map(|minor| format!("it can be had with python {minor}: ask for python={minor} too"))
            }
            Why::Pinned { source } => {
                let found = self.instead(demand, &[])?;
                found.map(|_| format!("it can be had without the pin {} in {source}", spec.text))
            }
            Why::Earlier => {
                let bare = Demand::must(Spec::bare(&spec.name), Why::Earlier);
                match self.instead(demand, std::slice::from_ref(&bare))? {
                    Some(records) if !spec.is_bare() => version(&records).map(|version| {
                        format!("it can be had with {name} {version}: ask for {name}={version} too")
                    }),
                    _ => self
                        .instead(demand, &[])?
                        .map(|_| format!("it can be had without {name}: remove {name} first")),
                }
            }
            Why::Installed => {
                let found = self.instead(demand, &[])?;
                found.map(|_| format!("it can be had without {name} as it is: update or remove {name}"))
            }
            Why::NotOlder => {
                let records = self.instead(demand, &[])?;
                records
                    .and_then(|records| version(&records))
                    .map(|version| format!("it can be had with {name} {version}: ask for {name}={version}"))
            }
            Why::Updated | Why::AlwaysUpdated | Why::Removed => None,
        })
    }

    /// Where no version of what was asked for can be had with the rest: which there are.
    fn versions_there_are(&self, demand: &Demand) -> Option<String> {
        let name = demand.name();
        let builds = self.candidates.builds_of(name);
        if builds.iter().any(|(record, _)| demand.spec.matches(record)) {
            return None;
        }
        let elsewhere = builds.iter().find(|(record, left)| {
            *left == Some(Left::OtherSource)
                && rattler_conda_types::Matches::matches(&demand.spec.matcher, *record)
        });
        if let Some((record, _)) = elsewhere {
            return Some(format!(
                "{name} {} is in {}",
                record.package_record.version,
                channel_address(record)
            ));
        }
        let versions = self
            .candidates
            .versions_of(name, self.situation.request.rules.priority);
        let versions: Vec<_> = versions.iter().take(3).map(ToString::to_string).collect();
        (!versions.is_empty()).then(|| {
            format!(
                "ask for a version of {name} that there is, such as {}",
                or(&versions)
            )
        })
    }
}
