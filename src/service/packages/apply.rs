//! Carrying out a planned change of an environment, and making good what a kill has left of one.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::change::{ChangeProgress, Preview};
use super::plan::ChangePlan;
use crate::conda::Surroundings;
use crate::conda::configuration::Configuration;
use crate::conda::environment::history::{self, Change, History};
use crate::conda::environment::{folders, registry};
use crate::error::{Explain, Problem};
use crate::package::transaction::{self, Expected, Ledger, Outcome, Progress, Recovered, Request, Scripts};
use crate::package::{ChangeSpecs, PackageCache, Record};
use crate::service::{ServiceError, Services, blocking};

/// What the person decided about a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Whether packages may run the scripts that the preview names.
    pub scripts: Scripts,
    /// The words of the command, for conda's history of the environment.
    pub command: String,
}

impl Services {
    /// Brings the environment to what the plan says, or leaves it as it was; a prefix that is not there yet is made. When `stop`
    /// ends with success the change ends too: at once as long as the environment was not touched, after taking everything back
    /// otherwise. Dropping the future does the same.
    ///
    /// # Errors
    /// [`ServiceError::EnvironmentTransaction`]: the environment is as it was, unless it says otherwise.
    pub async fn apply_change<E>(
        &self,
        plan: &ChangePlan,
        consent: &Consent,
        mut progress: impl FnMut(ChangeProgress),
        stop: impl Future<Output = Result<(), E>>,
    ) -> Result<Outcome, ServiceError> {
        let request = Request {
            solution: plan.solution.clone(),
            cache: self.package_cache(),
            transport: self.transport()?,
            registrations: self.changing_environments(),
            discards: self.discards.clone(),
            id: self.new_id(),
            what: consent.command.clone(),
            at: self.now(),
            scripts: consent.scripts,
            expected: Some(expected(&plan.preview)),
            ledger: Arc::new(Book {
                surroundings: self.surroundings(),
                turn: self.turn_of_list(),
                at: self.now(),
                command: consent.command.clone(),
                specs: plan.solution.history.clone(),
            }),
            variables: self.surroundings().variables,
            watcher: self.shared_watcher(),
        };
        Ok(transaction::apply(request, |told| progress(told.into()), stop).await?)
    }

    /// Makes good every change of an environment that a kill has left half way; says of each environment what became of it. Asks
    /// no network.
    pub fn recover_environments(&self) -> Vec<(PathBuf, Result<Option<Recovered>, Problem>)> {
        let book = Book {
            surroundings: self.surroundings(),
            turn: self.turn_of_list(),
            at: self.now(),
            command: "sextant recover".to_owned(),
            specs: ChangeSpecs::default(),
        };
        let watcher = self.shared_watcher();
        let recovered =
            blocking(|| transaction::recover(&self.changing_environments(), &book, &|step| watcher(step)));
        recovered
            .into_iter()
            .map(|(prefix, outcome)| (prefix, outcome.map_err(|error| error.explain())))
            .collect()
    }

    /// The environments with a change that was left half way. Asks no network.
    pub fn unfinished_environments(&self) -> Vec<PathBuf> {
        blocking(|| transaction::unfinished(&self.changing_environments()))
    }

    /// Lets a thread remove files of ended changes that programs which were killed have left.
    pub fn sweep_discarded_files(&self) {
        self.discards.sweep();
    }

    /// Whether a thread of this program still removes files of changes that have ended.
    pub fn removes_discarded_files(&self) -> bool {
        self.discards.are_being_removed()
    }

    /// By which those take turns who write conda's list of environments.
    pub(crate) fn turn_of_list(&self) -> PathBuf {
        self.locations().lock().with_file_name("environments.lock")
    }

    fn changing_environments(&self) -> PathBuf {
        self.locations()
            .journals()
            .with_file_name("changing-environments")
    }

    /// Where unpacked packages lie, Sextant's own and those of every conda on this machine.
    pub(crate) fn package_cache(&self) -> PackageCache {
        let surroundings = self.surroundings();
        let mut conda = folders::pkgs_dirs(&surroundings, None);
        for root in crate::conda::environment::roots(&surroundings) {
            for folder in folders::pkgs_dirs(&surroundings, Some(&root)) {
                if !conda.contains(&folder) {
                    conda.push(folder);
                }
            }
        }
        PackageCache::new(self.locations().cache().join("pkgs"), conda)
    }
}

/// What the person has seen of it.
fn expected(preview: &Preview) -> Expected {
    let dist = |record: &Record| format!("{}-{}-{}", record.name, record.version, record.build);
    let Preview {
        added,
        changed,
        removed,
        ..
    } = preview;
    Expected {
        gone: removed
            .iter()
            .chain(changed.iter().map(|(before, _)| before))
            .map(dist)
            .collect(),
        linked: added
            .iter()
            .chain(changed.iter().map(|(_, after)| after))
            .map(dist)
            .collect(),
    }
}

/// Writes down what happens to an environment where conda looks for it.
struct Book {
    surroundings: Surroundings,
    /// See [`registry::register`].
    turn: PathBuf,
    at: jiff::Timestamp,
    command: String,
    specs: ChangeSpecs,
}

impl Ledger for Book {
    fn history(&self, before: Option<&[u8]>, present: &[Record]) -> Vec<u8> {
        let resolver = Configuration::read(&self.surroundings).resolver();
        // As conda does: `channel/subdir::name-version-build`, with the channel as conda calls it.
        let dists = present.iter().map(|record| {
            let channel = resolver.channel_at(&record.channel.url);
            let name = channel
                .as_ref()
                .map_or(record.channel.url.as_str(), |known| known.canonical_name());
            format!(
                "{name}/{}::{}-{}-{}",
                record.subdir, record.name, record.version, record.build
            )
        });
        let earlier = History::parse(&String::from_utf8_lossy(before.unwrap_or_default()));
        let local = TimeZone::system().to_datetime(self.at);
        let mut change = Change::between(&earlier, &dists.collect(), local, &self.command);
        change.update_specs.clone_from(&self.specs.update);
        change.remove_specs.clone_from(&self.specs.remove);
        change.neutered_specs.clone_from(&self.specs.neutered);
        history::with(before, &change)
    }

    fn register(&self, prefix: &Path) -> Result<(), Problem> {
        // The base of a conda is found without being written down.
        registry::register(&self.surroundings, prefix, &self.turn).map_err(|error| error.explain())
    }
}

impl From<Progress> for ChangeProgress {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Downloading {
                bytes,
                total,
                package,
            } => Self::Downloading {
                bytes,
                total,
                package,
            },
            Progress::Unpacking { done, total, package } => Self::Unpacking { done, total, package },
            Progress::Linking { done, total, package } => Self::Linking { done, total, package },
            Progress::Unlinking { done, total, package } => Self::Unlinking { done, total, package },
            Progress::RollingBack { done, total } => Self::RollingBack { done, total },
        }
    }
}
