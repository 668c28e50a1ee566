//! What is wanted of an environment, and everything that decides what the answer may be.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use super::installed::Installed;
use super::virtual_packages::Machine;
use crate::package::Channel;

/// A channel in the order of search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchedChannel {
    pub channel: Channel,
    /// The multichannel it is searched as a part of, such as `defaults`: its channels have one priority.
    pub multichannel: Option<String>,
}

/// What the order of the channels means (repository reference, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelPriority {
    /// A package comes from the first channel that has its name, and from no other.
    Strict,
    /// A package comes from the first channel that has its name, and from a later one where none of the first fits.
    #[default]
    Flexible,
    /// The version decides, then the order.
    Disabled,
}

/// What to do, in conda's terms. Match specs as conda reads them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Goal {
    pub install: Vec<String>,
    /// Names of packages that are there.
    pub update: Vec<String>,
    pub update_everything: bool,
    pub remove: Vec<String>,
}

/// A spec that holds for its package whatever is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Without a version, the package stays as it is.
    pub spec: String,
    /// Where it is set, as a person reads it: a file or a variable.
    pub source: String,
}

/// How much else may change (conda's `update_modifier`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Latitude {
    /// What is there stays as long as the goal can be reached with it.
    #[default]
    AsNeeded,
    /// What is there stays.
    Frozen,
    /// What the wanted packages depend on is brought up to date too.
    WithDependencies,
    /// Everything is brought up to date too.
    Everything,
    /// Nothing is done where what is there fits.
    OnlyIfUnmet,
}

/// What becomes of the dependencies of what is wanted (conda's `deps_modifier`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dependencies {
    #[default]
    Along,
    /// The wanted packages change, and nothing else.
    Without,
    /// Their dependencies come, they do not.
    Only,
}

/// Packages that were published later than this do not count; those without a date do (conda's `exclude_newer`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cutoffs {
    pub all: Option<Timestamp>,
    /// By address of the channel; nothing lifts the limit.
    pub channels: BTreeMap<String, Option<Timestamp>>,
    /// By name of the package; goes before those of channels.
    pub packages: BTreeMap<String, Option<Timestamp>>,
}

impl Cutoffs {
    pub(super) fn of(&self, name: &str, channel: &str) -> Option<Timestamp> {
        match (self.packages.get(name), self.channels.get(channel)) {
            (Some(cutoff), _) | (None, Some(cutoff)) => *cutoff,
            (None, None) => self.all,
        }
    }
}

/// Further settings of conda that decide about the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub priority: ChannelPriority,
    pub pins: Vec<Pin>,
    /// Names of packages that are brought up to date by every change.
    pub always_updated: Vec<String>,
    /// Specs of packages that no environment may get.
    pub disallowed: Vec<String>,
    pub latitude: Latitude,
    pub dependencies: Dependencies,
    pub cutoffs: Cutoffs,
    /// Whether `python` brings `pip`, where a channel has it.
    pub pip_comes_with_python: bool,
    pub only_tar_bz2: bool,
    /// Whether the environment is what a conda runs from: `conda` is never made older there.
    pub is_base: bool,
    /// Whether that conda is brought up to date by every change of its environment.
    pub conda_updates_itself: bool,
}

impl Default for Rules {
    /// What conda does where nothing is configured.
    fn default() -> Self {
        Self {
            priority: ChannelPriority::default(),
            pins: Vec::new(),
            always_updated: ["ca-certificates", "certifi", "openssl"]
                .map(str::to_owned)
                .to_vec(),
            disallowed: Vec::new(),
            latitude: Latitude::default(),
            dependencies: Dependencies::default(),
            cutoffs: Cutoffs::default(),
            pip_comes_with_python: true,
            only_tar_bz2: false,
            is_base: false,
            conda_updates_itself: true,
        }
    }
}

/// Everything a solve needs, apart from the index.
#[derive(Debug, Clone)]
pub struct Request {
    pub prefix: PathBuf,
    /// The one searched first in front.
    pub channels: Vec<SearchedChannel>,
    pub installed: Installed,
    /// What was asked for before and is in force, from the environment's history.
    pub requested: Vec<String>,
    pub goal: Goal,
    pub rules: Rules,
    pub machine: Machine,
}

/// How far a solve is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SolveProgress {
    ReadingIndex,
    /// Out of so many builds of packages that come into question.
    Solving {
        candidates: usize,
    },
    /// There is no solution: what is in the way, and what would help.
    Explaining,
}
