//! Demands that cannot all be fulfilled: which packages stand between them.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use rattler_solve::resolvo::{CondaDependencyProvider, SolverPackageRecord};
use resolvo::conflict::{Conflict, ConflictCause, ConflictEdge, ConflictNode};
use resolvo::{Interner, Requirement, Solver, VersionSetId};

/// A package that was considered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Considered {
    pub name: String,
    pub version: String,
    pub build: String,
    /// Without subdir; nothing for a virtual package.
    pub channel: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// What is demanded.
    Demands,
    Package(Considered),
    /// Stands for every package that nobody has.
    Missing,
    /// A reason why a package does not come into question.
    Excluded(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edge {
    /// The first needs a package of `set`, and the second is one of those that fit.
    Needs {
        set: usize,
    },
    /// The first does not go with anything outside of `set`, and the second is outside.
    Forbids {
        set: usize,
    },
    /// Two builds of one package.
    OnlyOne,
    Excluded,
}

/// A package name and what of it fits: a match spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set {
    pub name: String,
    /// Version and build, as a spec has them after the name.
    pub fits: String,
}

impl std::fmt::Display for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.fits.as_str() {
            "" | "*" => f.write_str(&self.name),
            fits => write!(f, "{} {fits}", self.name),
        }
    }
}

/// Why a set of demands has no solution: a graph from the demands to what contradicts.
#[derive(Debug, Clone, Default)]
pub(super) struct Clash {
    pub nodes: Vec<Node>,
    /// From, to, what.
    pub edges: Vec<(usize, usize, Edge)>,
    pub sets: Vec<Set>,
    /// By set: the demands it stands for, as places in the list of demands.
    pub demands_of: Vec<Vec<usize>>,
    /// The demands that take part.
    pub involved: BTreeSet<usize>,
}

impl Clash {
    /// `origins` has the set of each demand, in order.
    pub fn of(
        conflict: &Conflict,
        solver: &Solver<CondaDependencyProvider<'_>>,
        origins: &[VersionSetId],
    ) -> Self {
        // The graph checks its own sanity with assertions. One that fails must not end the program; the clash is then known,
        // and what it consists of is not.
        let told = std::panic::catch_unwind(AssertUnwindSafe(|| Self::read(conflict, solver, origins)));
        told.unwrap_or_else(|_| Self {
            involved: (0..origins.len()).collect(),
            ..Self::default()
        })
    }

    fn read(
        conflict: &Conflict,
        solver: &Solver<CondaDependencyProvider<'_>>,
        origins: &[VersionSetId],
    ) -> Self {
        let graph = conflict.graph(solver);
        let provider = solver.provider();
        let mut clash = Self::default();
        let mut known: Vec<VersionSetId> = Vec::new();
        let mut set_of = |clash: &mut Self, id: VersionSetId| {
            known.iter().position(|known| *known == id).unwrap_or_else(|| {
                known.push(id);
                clash.sets.push(Set {
                    name: provider.display_name(provider.version_set_name(id)).to_string(),
                    fits: provider.display_version_set(id).to_string(),
                });
                let demands = origins.iter().enumerate().filter(|(_, origin)| **origin == id);
                clash.demands_of.push(demands.map(|(at, _)| at).collect());
                known.len() - 1
            })
        };
        for node in graph.graph.raw_nodes() {
            clash.nodes.push(match node.weight {
                ConflictNode::Root => Node::Demands,
                ConflictNode::UnresolvedDependency => Node::Missing,
                ConflictNode::Excluded(reason) => Node::Excluded(provider.display_string(reason).to_string()),
                ConflictNode::Solvable(id) => {
                    Node::Package(considered(&provider.pool.resolve_solvable(id).record))
                }
            });
        }
        for edge in graph.graph.raw_edges() {
            let what = match edge.weight {
                ConflictEdge::Requires(Requirement::Single(id)) => Edge::Needs {
                    set: set_of(&mut clash, id),
                },
                // conda's packages need no one-of-many.
                ConflictEdge::Requires(Requirement::Union(_)) => continue,
                ConflictEdge::Conflict(ConflictCause::Constrains(id)) => Edge::Forbids {
                    set: set_of(&mut clash, id),
                },
                ConflictEdge::Conflict(ConflictCause::ForbidMultipleInstances | ConflictCause::Locked(_)) => {
                    Edge::OnlyOne
                }
                ConflictEdge::Conflict(ConflictCause::Excluded) => Edge::Excluded,
            };
            let (from, to) = (edge.source().index(), edge.target().index());
            if clash.nodes[from] == Node::Demands
                && let Edge::Needs { set } | Edge::Forbids { set } = what
            {
                let demands = clash.demands_of[set].clone();
                clash.involved.extend(demands);
            }
            clash.edges.push((from, to, what));
        }
        clash
    }
}

fn considered(record: &SolverPackageRecord<'_>) -> Considered {
    match record {
        SolverPackageRecord::Record(record) => {
            let package = &record.package_record;
            Considered {
                name: package.name.as_normalized().to_owned(),
                version: package.version.to_string(),
                build: package.build.to_string(),
                channel: Some(super::solution::channel_address(record)),
            }
        }
        SolverPackageRecord::VirtualPackage(package) => Considered {
            name: package.name.as_normalized().to_owned(),
            version: package.version.to_string(),
            build: package.build_string.to_string(),
            channel: None,
        },
        SolverPackageRecord::Extra { package, extra } => Considered {
            name: format!("{}[{extra}]", package.as_normalized()),
            version: String::new(),
            build: String::new(),
            channel: None,
        },
    }
}
