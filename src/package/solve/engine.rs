//! The solver itself: what fits together, or which demands clash.

use std::collections::HashMap;

use rattler_conda_types::{
    GenericVirtualPackage, MatchSpec, NamelessMatchSpec, PackageNameMatcher, RepoDataRecord,
};
use rattler_solve::resolvo::{CondaDependencyProvider, NameType, RepoData, SolverPackageRecord};
use rattler_solve::{CancellationToken, ChannelPriority as Priority, SolveStrategy};
use resolvo::{ConditionalRequirement, Problem, Solver, UnsolvableOrCancelled, VersionSetId};

use super::SolveError;
use super::candidates::Candidates;
use super::clash::Clash;
use super::demand::{Demand, Force};
use super::request::ChannelPriority;
use crate::error::{Kind, Problem as Told};

/// Solves over one set of candidates, as often as wanted: what was sorted and parsed once is kept.
pub(super) struct Engine<'a> {
    solver: Solver<CondaDependencyProvider<'a>>,
    machine: Vec<VersionSetId>,
}

/// Why a set of demands has no solution.
pub(super) enum Failure {
    Clash(Clash),
    Cancelled,
}

impl<'a> Engine<'a> {
    /// # Errors
    /// [`SolveError::Index`] when a channel lists one file twice, with different contents.
    pub fn new(
        candidates: &'a Candidates,
        machine: &'a [GenericVirtualPackage],
        priority: ChannelPriority,
        stop: &CancellationToken,
    ) -> Result<Self, SolveError> {
        let tiers = candidates.tiers().map(|(multi_channel, records)| RepoData {
            records,
            multi_channel,
        });
        let favored: Vec<_> = candidates.favored().iter().collect();
        let provider = CondaDependencyProvider::new(
            tiers,
            &favored,
            &[],
            machine,
            &[],
            None,
            Some(stop.clone()),
            match priority {
                ChannelPriority::Strict => Priority::Strict,
                ChannelPriority::Flexible => Priority::Flexible,
                ChannelPriority::Disabled => Priority::Disabled,
            },
            None,
            SolveStrategy::Highest,
            Vec::new(),
            &HashMap::new(),
        );
        let provider = provider.map_err(|error| {
            let message = "the index of a channel contradicts itself";
            SolveError::Index(Told::new(Kind::Network, message).because(error.to_string()))
        })?;
        let machine = machine.iter().map(|package| {
            let name = provider.pool.intern_package_name(NameType::from(&package.name));
            provider
                .pool
                .intern_version_set(name, NamelessMatchSpec::default().into())
        });
        Ok(Self {
            machine: machine.collect(),
            solver: Solver::new(provider),
        })
    }

    /// Every package of the best solution that fulfils the demands.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn solve(&mut self, demands: &[Demand]) -> Result<Vec<RepoDataRecord>, Failure> {
        let mut requirements: Vec<ConditionalRequirement> =
            self.machine.iter().copied().map(Into::into).collect();
        let mut constraints = Vec::new();
        let mut origins = Vec::with_capacity(demands.len());
        for demand in demands {
            let set = self.version_set(demand.spec.matcher.clone());
            origins.push(set);
            match demand.force {
                Force::Must => requirements.push(set.into()),
                Force::IfThere => constraints.push(set),
            }
        }
        let problem = Problem::new().requirements(requirements).constraints(constraints);
        match self.solver.solve(problem) {
            Ok(chosen) => {
                let pool = &self.solver.provider().pool;
                let record = |id| match &pool.resolve_solvable(id).record {
                    SolverPackageRecord::Record(record) => Some((*record).clone()),
                    SolverPackageRecord::VirtualPackage(_) | SolverPackageRecord::Extra { .. } => None,
                };
                Ok(chosen.into_iter().filter_map(record).collect())
            }
            Err(UnsolvableOrCancelled::Cancelled(_)) => Err(Failure::Cancelled),
            Err(UnsolvableOrCancelled::Unsolvable(conflict)) => {
                Err(Failure::Clash(Clash::of(&conflict, &self.solver, &origins)))
            }
        }
    }

    fn version_set(&self, matcher: MatchSpec) -> VersionSetId {
        let pool = &self.solver.provider().pool;
        let (name, nameless) = matcher.into_nameless();
        // A spec names one package: see `Spec::parse`.
        let name = match name {
            PackageNameMatcher::Exact(name) => NameType::from(&name),
            other => NameType::Base(other.to_string()),
        };
        pool.intern_version_set(pool.intern_package_name(name), nameless.into())
    }
}
