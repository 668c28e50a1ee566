//! From a request to a solution, in as few steps away from what is there as possible.

use std::collections::BTreeSet;
use std::sync::Arc;

use rattler_conda_types::RepoDataRecord;
use rattler_repodata_gateway::RepoData;
use rattler_solve::CancellationToken;

use super::candidates::Candidates;
use super::demand::{Demand, Why};
use super::engine::{Engine, Failure};
use super::explanation;
use super::index::Indexes;
use super::outcome::{self, Solved};
use super::request::{Latitude, Request, SolveProgress};
use super::situation::{Hold, Situation};
use super::{SolveError, clash::Clash};

/// How often what is in the way is let go before everything is.
const RELEASES: usize = 10;
/// How many versions of a package that is to be updated are tried by name, and how many attempts that may take.
const NEWEST: usize = 6;
const ATTEMPTS: usize = 40;

/// Finds what the environment shall hold. Asks for indexes; changes nothing. Dropping the future stops the work.
///
/// # Errors
/// [`SolveError`]; above all [`SolveError::Unsolvable`], which tells what is in the way and what would help.
pub async fn solve(
    request: Request,
    indexes: &Indexes,
    progress: impl Fn(SolveProgress) + Send + Sync + 'static,
) -> Result<Solved, SolveError> {
    let work = Work {
        request: Arc::new(request),
        progress: Arc::new(progress),
        stop: CancelOnDrop(CancellationToken::new()),
    };
    let first = work.run(indexes).await?;
    let Some(with_dependencies) = work.with_dependencies(&first) else {
        return Ok(first);
    };
    let again = Work {
        request: Arc::new(with_dependencies),
        progress: work.progress.clone(),
        stop: CancelOnDrop(CancellationToken::new()),
    };
    again.run(indexes).await
}

/// Tells the solver to stop when nobody waits for it any more.
struct CancelOnDrop(CancellationToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

struct Work {
    request: Arc<Request>,
    progress: Arc<dyn Fn(SolveProgress) + Send + Sync>,
    stop: CancelOnDrop,
}

impl Work {
    async fn run(&self, indexes: &Indexes) -> Result<Solved, SolveError> {
        let situation = Situation::of(&self.request)?;
        if let Some(records) = without_solving(&situation)? {
            return outcome::of(&situation, records);
        }
        if self.request.channels.is_empty() {
            return Err(SolveError::NoChannels);
        }
        // Most wishes fit what is there: then only the builds of what is wished for have to be looked at.
        if !situation.is_update() && situation.removed.is_empty() && !self.request.installed.is_empty() {
            let repodata = self.read_index(indexes, &situation, false).await?;
            let found = self
                .blocking(repodata, |attempt| attempt.frozen(BTreeSet::new()))
                .await?;
            if let Ok(records) = found {
                return outcome::of(&situation, records);
            }
        }
        let repodata = self.read_index(indexes, &situation, true).await?;
        let kept = repodata.clone();
        match self.blocking(repodata, |attempt| attempt.in_steps()).await? {
            Ok(records) => outcome::of(&situation, records),
            Err(demands) => {
                (self.progress)(SolveProgress::Explaining);
                let names = indexes.names(&self.request.channels, self.request.machine.platform());
                let names = names.await.unwrap_or_default();
                let told = self.blocking(kept, move |attempt| {
                    let Attempt {
                        candidates,
                        situation,
                        stop,
                    } = attempt;
                    Ok(explanation::of(candidates, situation, &demands, &names, &stop))
                });
                Err(told.await?)
            }
        }
    }

    async fn read_index(
        &self,
        indexes: &Indexes,
        situation: &Situation<'_>,
        all: bool,
    ) -> Result<Vec<RepoData>, SolveError> {
        (self.progress)(SolveProgress::ReadingIndex);
        let request = &self.request;
        let names = situation.names(all);
        let rules = &request.rules;
        let platform = request.machine.platform();
        indexes
            .of(
                &request.channels,
                platform,
                &names,
                rules.only_tar_bz2,
                rules.pip_comes_with_python,
            )
            .await
    }

    /// Solves on a thread of its own, since it does not wait for anything.
    async fn blocking<T: Send + 'static>(
        &self,
        repodata: Vec<RepoData>,
        work: impl FnOnce(Attempt<'_>) -> Result<T, SolveError> + Send + 'static,
    ) -> Result<T, SolveError> {
        let (request, stop, progress) = (self.request.clone(), self.stop.0.clone(), self.progress.clone());
        let done = tokio::task::spawn_blocking(move || {
            let situation = Situation::of(&request)?;
            let sources = situation.sources();
            let cutoffs = request.rules.cutoffs.clone();
            let candidates = Candidates::new(repodata, situation.favored(), sources, cutoffs);
            progress(SolveProgress::Solving {
                candidates: candidates.count(),
            });
            work(Attempt {
                candidates: &candidates,
                situation: &situation,
                stop,
            })
        });
        done.await.map_err(|error| SolveError::Defect {
            cause: error.to_string(),
        })?
    }

    /// The same request with everything that the wanted packages depend on to be updated too, where conda is set to do so.
    fn with_dependencies(&self, solved: &Solved) -> Option<Request> {
        let request = &self.request;
        let goal = &request.goal;
        if request.rules.latitude != Latitude::WithDependencies
            || goal.install.is_empty() && goal.update.is_empty()
        {
            return None;
        }
        let situation = Situation::of(request).ok()?;
        let wanted = situation.asked.iter().map(|spec| spec.name.as_normalized());
        let wanted = wanted.chain(situation.updated.iter().map(String::as_str));
        let needed = super::graph::Graph::of(solved.solution.records()).with_needs(wanted);
        let mut more = Request::clone(request);
        more.rules.latitude = Latitude::AsNeeded;
        let is_free = |name: &String| {
            request.installed.holds(name)
                && name != "python"
                && situation.pin(name).is_none()
                && !situation.is_asked(name)
        };
        more.goal.update = needed.into_iter().filter(is_free).collect();
        (more.goal.update.len() > goal.update.len()).then_some(more)
    }
}

/// What needs no index: removing packages, and what is fulfilled already where that is enough.
fn without_solving(situation: &Situation<'_>) -> Result<Option<Vec<RepoDataRecord>>, SolveError> {
    let request = situation.request;
    let records = request.installed.records();
    let nothing_new = situation.asked.is_empty() && situation.updated.is_empty();
    if nothing_new {
        let gone = match situation.removed.is_empty() {
            true => BTreeSet::new(),
            false => situation.removal(),
        };
        let stays = |record: &&RepoDataRecord| !gone.contains(super::situation::name_of(record));
        return Ok(Some(records.iter().filter(stays).cloned().collect()));
    }
    let is_met = situation
        .asked
        .iter()
        .all(|spec| records.iter().any(|record| spec.matches(record)));
    let suffices = request.rules.latitude == Latitude::OnlyIfUnmet
        && is_met
        && situation.updated.is_empty()
        && situation.removed.is_empty();
    Ok(suffices.then(|| records.to_vec()))
}

/// Solving over one part of the index.
pub(super) struct Attempt<'a> {
    candidates: &'a Candidates,
    situation: &'a Situation<'a>,
    stop: CancellationToken,
}

/// The demands that cannot be fulfilled, where there is no solution.
type Found = Result<Vec<RepoDataRecord>, Vec<Demand>>;

impl<'a> Attempt<'a> {
    fn engine(&self) -> Result<Engine<'a>, SolveError> {
        let request = self.situation.request;
        Engine::new(
            self.candidates,
            request.machine.records(),
            request.rules.priority,
            &self.stop,
        )
    }

    /// Keeps everything that is there as it is.
    fn frozen(&self, released: BTreeSet<String>) -> Result<Found, SolveError> {
        let demands = self.situation.demands(&Hold::Frozen { released });
        match self.engine()?.solve(&demands) {
            Ok(records) => Ok(Ok(records)),
            Err(Failure::Clash(_)) => Ok(Err(demands)),
            Err(Failure::Cancelled) => Err(SolveError::Cancelled),
        }
    }

    /// Lets go of what is there step by step, until there is a solution.
    fn in_steps(&self) -> Result<Found, SolveError> {
        let mut engine = self.engine()?;
        let situation = self.situation;
        if !situation.is_update() {
            match self.releasing(&mut engine)? {
                Ok(records) => return Ok(Ok(records)),
                Err(demands) if situation.request.rules.latitude == Latitude::Frozen => {
                    return Ok(Err(demands));
                }
                Err(_) => {}
            }
        } else if !situation.updates_everything()
            && let Some(records) = self.newest(&mut engine)?
        {
            return Ok(Ok(records));
        }
        let mut failed = None;
        for hold in [Hold::Preferred, Hold::Loose, Hold::Older] {
            if hold == Hold::Older && !situation.is_update() {
                continue;
            }
            let demands = situation.demands(&hold);
            match engine.solve(&demands) {
                Ok(records) => return Ok(Ok(records)),
                Err(Failure::Cancelled) => return Err(SolveError::Cancelled),
                Err(Failure::Clash(_)) => failed = failed.or(Some(demands)),
            }
        }
        Ok(Err(failed.unwrap_or_default()))
    }

    /// Keeps everything but what turns out to be in the way.
    fn releasing(&self, engine: &mut Engine<'_>) -> Result<Found, SolveError> {
        let mut released = BTreeSet::new();
        loop {
            let demands = self.situation.demands(&Hold::Frozen {
                released: released.clone(),
            });
            let clash: Clash = match engine.solve(&demands) {
                Ok(records) => return Ok(Ok(records)),
                Err(Failure::Cancelled) => return Err(SolveError::Cancelled),
                Err(Failure::Clash(clash)) => clash,
            };
            let in_the_way = clash.involved.iter().filter_map(|at| demands.get(*at));
            let in_the_way: Vec<_> = in_the_way
                .filter(|demand| demand.why == Why::Installed && !released.contains(demand.name()))
                .map(|demand| demand.name().to_owned())
                .collect();
            if in_the_way.is_empty() || released.len() >= RELEASES {
                return Ok(Err(demands));
            }
            if self.situation.request.rules.latitude == Latitude::Frozen {
                return Ok(Err(demands));
            }
            released.extend(in_the_way);
        }
    }

    /// The newest versions of what is to be updated that go with the rest, or nothing where none is newer.
    fn newest(&self, engine: &mut Engine<'_>) -> Result<Option<Vec<RepoDataRecord>>, SolveError> {
        let demands = self.situation.demands(&Hold::Preferred);
        let mut attempts = 0;
        let mut attempt = |engine: &mut Engine<'_>, more: &[Demand]| {
            attempts += 1;
            let all: Vec<_> = demands.iter().chain(more).cloned().collect();
            match engine.solve(&all) {
                Ok(records) => Ok((Some(records), attempts)),
                Err(Failure::Clash(_)) => Ok((None, attempts)),
                Err(Failure::Cancelled) => Err(SolveError::Cancelled),
            }
        };
        let wanted: Vec<_> = self
            .situation
            .updated
            .iter()
            .map(|name| self.newer_versions(name))
            .collect();
        let all_newest: Vec<_> = wanted
            .iter()
            .filter_map(|versions| versions.first().cloned())
            .collect();
        if let (Some(records), _) = attempt(engine, &all_newest)? {
            return Ok(Some(records));
        }
        let mut fixed: Vec<Demand> = Vec::new();
        let mut best = None;
        for versions in &wanted {
            for version in versions {
                fixed.push(version.clone());
                let (records, attempts) = attempt(engine, &fixed)?;
                if records.is_some() {
                    best = records;
                    break;
                }
                fixed.pop();
                if attempts >= ATTEMPTS {
                    return Ok(best);
                }
            }
        }
        Ok(best)
    }

    /// A demand for each version of an installed package that would be an update, the best first.
    fn newer_versions(&self, name: &str) -> Vec<Demand> {
        let request = self.situation.request;
        let Some(record) = request.installed.get(name) else {
            return Vec::new();
        };
        let package = &record.package_record;
        let versions = self.candidates.versions_of(name, request.rules.priority);
        versions
            .into_iter()
            .filter(|version| **version >= *package.version.version())
            .take(NEWEST)
            .map(|version| Demand::version(&package.name, version, Why::Updated))
            .collect()
    }
}
