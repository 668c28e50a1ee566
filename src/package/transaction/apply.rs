//! One change from its beginning to its end.

use std::collections::BTreeSet;
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rattler_conda_types::RepoDataRecord;
use tokio::sync::mpsc;

use super::bytecode::compiled;
use super::change::{Change, dist, requested};
use super::error::TransactionError;
use super::journal::{Journal, Phase, Record as JournalRecord, Step};
use super::layout::Layout;
use super::lock::{PrefixLock, look_for_others};
use super::prefix::{META, Mark, installed};
use super::registration::Registration;
use super::scripts::{self, Moment};
use super::stage::{Stage, Staged};
use super::steps::{self, Goal};
use super::{Outcome, Progress, Request, Scripts, records, recover, run, sweep};
use crate::edit::file::{self, FileError};
use crate::error::Explain;
use crate::package::cache::{Contents, Needed, Told, provide};
use crate::package::stop::{Stop, StopOnDrop};
use crate::package::{ChannelNames, Record};

type Tell = mpsc::UnboundedSender<Progress>;

/// Brings the environment of `request` to what its solution holds, or leaves it as it was.
///
/// `told` hears how far it is. When `stop` comes to its end with success the change ends: at once as long as the environment was
/// not touched, after taking everything back otherwise; a `stop` that fails is no wish to stop. Dropping the future does the
/// same, without anybody waiting for it.
///
/// Errors: whatever failed, and then the environment is as it was, except with [`TransactionError::NotPutBack`], where the next
/// [`recover`](recover::recover) tries again.
pub async fn apply<E>(
    request: Request,
    mut told: impl FnMut(Progress),
    stop: impl Future<Output = Result<(), E>>,
) -> Result<Outcome, TransactionError> {
    let wish = Stop::default();
    let _ends = StopOnDrop(wish.clone());
    let (tell, mut hear) = mpsc::unbounded_channel();
    let mut work = std::pin::pin!(carry_out(Arc::new(request), tell, wish.clone()));
    let mut stop = std::pin::pin!(stop);
    let mut may_stop = true;
    loop {
        tokio::select! {
            biased;
            wished = &mut stop, if may_stop => {
                may_stop = false;
                if wished.is_ok() {
                    wish.set();
                }
            }
            Some(progress) = hear.recv() => told(progress),
            ended = &mut work => {
                while let Ok(progress) = hear.try_recv() {
                    told(progress);
                }
                return ended;
            }
        }
    }
}

async fn carry_out(request: Arc<Request>, tell: Tell, stop: Stop) -> Result<Outcome, TransactionError> {
    let opened = {
        let (request, stop) = (request.clone(), stop.clone());
        off_the_runtime(move || Opened::open(request, stop)).await?
    };
    let Some(opened) = opened else {
        return Ok(Outcome::default());
    };
    request.watch("fetch: before");
    let hear = tell.clone();
    let fetched = provide(
        &request.cache,
        &request.transport,
        opened.needed(),
        move |told| {
            let _ = hear.send(told.into());
        },
        &stop,
    );
    let contents = fetched.await?;
    request.watch("fetch: after");
    off_the_runtime(move || opened.change_to(contents, &tell)).await
}

/// File work, off the threads that wait for the network.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransactionError> + Send + 'static,
) -> Result<T, TransactionError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going down.
            Err(_) => Err(TransactionError::Cancelled),
        },
    }
}

impl From<Told> for Progress {
    fn from(told: Told) -> Self {
        match told {
            Told::Downloading {
                bytes,
                total,
                package,
            } => Self::Downloading {
                bytes,
                total,
                package,
            },
            Told::Unpacking { done, total, package } => Self::Unpacking { done, total, package },
        }
    }
}

impl Request {
    fn watch(&self, step: &str) {
        (self.watcher)(step);
    }
}

/// The environment under lock, with a journal that says that nothing was done yet.
///
/// Dropped before the first step, it leaves no trace; later, a journal for the next recovery.
struct Opened {
    request: Arc<Request>,
    stop: Stop,
    registration: Registration,
    journal: Journal,
    change: Change,
    /// `conda-meta` as it was read.
    mark: Mark,
    /// Nothing once the change is at its end, or has to be made good later.
    lock: Option<PrefixLock>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        if self.journal.record.phase == Phase::Staging {
            let _ = self.close();
        }
    }
}

impl Opened {
    /// Nothing when the environment already is what it shall be.
    fn open(request: Arc<Request>, stop: Stop) -> Result<Option<Self>, TransactionError> {
        let prefix = request.solution.prefix.clone();
        if stop.is_set() {
            return Err(TransactionError::Cancelled);
        }
        let registration = Registration {
            new_folders: file::missing_folders(&prefix.join(META).join("history")),
            prefix: prefix.clone(),
        };
        request.watch("register: before");
        registration.write(&request.registrations)?;
        request.watch("register: after");
        let opened = Self::under_lock(request.clone(), stop, &registration);
        if !matches!(opened, Ok(Some(_))) {
            registration.remove_new_folders();
            let _ = registration.remove(&request.registrations);
        }
        opened
    }

    fn under_lock(
        request: Arc<Request>,
        stop: Stop,
        registration: &Registration,
    ) -> Result<Option<Self>, TransactionError> {
        let prefix = &registration.prefix;
        make_prefix(prefix)?;
        let lock = PrefixLock::take(prefix)?;
        let watch = |step: &str| request.watch(step);
        // What somebody's killed Sextant has left; the change was planned for something else then, which is seen below.
        recover::resume(prefix, &*request.ledger, &watch)?;
        let begun = Self::begin(&request, prefix, registration);
        match begun {
            Ok(Some((journal, change, mark))) => Ok(Some(Self {
                request,
                stop,
                registration: registration.clone(),
                journal,
                change,
                mark,
                lock: Some(lock),
            })),
            other => {
                lock.release();
                other.map(|_| None)
            }
        }
    }

    fn begin(
        request: &Request,
        prefix: &Path,
        registration: &Registration,
    ) -> Result<Option<(Journal, Change, Mark)>, TransactionError> {
        look_for_others(prefix)?;
        let mark = Mark::of(prefix)?;
        let change = Change::between(installed(prefix)?, &request.solution)?;
        let (gone, linked) = change.difference();
        if let Some(expected) = &request.expected
            && (expected.gone != gone || expected.linked != linked)
        {
            return Err(TransactionError::Changed {
                prefix: prefix.to_owned(),
            });
        }
        if change.is_empty() && run::is_there(&prefix.join(META).join("history")) {
            return Ok(None);
        }
        request.watch("journal: before");
        let journal = Journal::begin(
            prefix,
            JournalRecord {
                id: request.id.clone(),
                started_at: request.at,
                what: request.what.clone(),
                phase: Phase::Staging,
                has_scripts: false,
                new_folders: registration.new_folders.clone(),
                steps: Vec::new(),
            },
        )?;
        request.watch("journal: after");
        Ok(Some((journal, change, mark)))
    }

    fn needed(&self) -> Vec<Needed> {
        let needed = |record: &RepoDataRecord| Needed {
            record: record.clone(),
            is_unindexed: self.request.solution.is_unindexed(record),
        };
        self.change.linked.iter().map(needed).collect()
    }

    fn prefix(&self) -> &Path {
        &self.registration.prefix
    }

    /// Makes the change, or takes back what was done of it.
    fn change_to(mut self, contents: Vec<Contents>, tell: &Tell) -> Result<Outcome, TransactionError> {
        let mut outcome = Outcome {
            gone: self
                .change
                .gone
                .iter()
                .map(|one| dist(&one.record.repodata_record))
                .collect(),
            ..Outcome::default()
        };
        // What only its archive tells is known now.
        self.change.linked = contents.iter().map(|contents| contents.record.clone()).collect();
        outcome.linked = self.change.linked.iter().map(dist).collect();
        let plan = self.stage(&contents, tell, &mut outcome)?;
        let placed = self.place(plan, tell, &mut outcome);
        if let Err(cause) = placed {
            return Err(self.take_back(cause, tell));
        }
        let watch = |step: &str| self.request.watch(step);
        watch("environments.txt: before");
        outcome.not_registered = self.request.ledger.register(self.prefix()).err();
        watch("environments.txt: after");
        outcome.set_aside = match run::give_back_foreign(&self.journal, self.prefix()) {
            Ok(()) => run::given_back(&self.journal, self.prefix()),
            Err(error) => {
                // It lies in the folder of the change until it can be given back.
                self.lock = None;
                outcome.problems.push(error.explain());
                return Ok(outcome);
            }
        };
        self.close()?;
        Ok(outcome)
    }

    /// Lays everything beside the environment and works out the steps.
    fn stage(
        &mut self,
        contents: &[Contents],
        tell: &Tell,
        outcome: &mut Outcome,
    ) -> Result<Plan, TransactionError> {
        let request = self.request.clone();
        let stage = self.journal.stage();
        request.watch("stage: before");
        let layout = Layout::plan(&self.change, contents)?;
        outcome.clobbered.clone_from(&layout.clobbered);
        let total = contents.len();
        let staged = Stage {
            prefix: self.prefix(),
            folder: &stage,
            contents,
            layout: &layout,
            python: self.change.python.as_ref(),
            platform: self.change.platform,
            stop: &self.stop,
            told: &|done, package| {
                let _ = tell.send(Progress::Linking {
                    done,
                    total,
                    package: package.to_owned(),
                });
            },
        }
        .lay()?;
        let goal = self.goal(&stage, contents, &layout, &staged)?;
        request.watch("stage: after");
        // A conda that ran meanwhile has changed what the plan was made for.
        look_for_others(self.prefix())?;
        if Mark::of(self.prefix())? != self.mark {
            return Err(TransactionError::Changed {
                prefix: self.prefix().to_owned(),
            });
        }
        if self.stop.is_set() {
            return Err(TransactionError::Cancelled);
        }
        let plan = self.scripts(&layout, outcome);
        self.journal.record.has_scripts = !plan.is_empty();
        self.journal.record.steps = steps::plan(self.prefix(), &stage, &goal);
        request.watch("commit: before");
        self.journal.turn(Phase::Placing)?;
        request.watch("commit: after");
        Ok(plan)
    }

    fn goal(
        &self,
        stage: &Path,
        contents: &[Contents],
        layout: &Layout,
        staged: &Staged,
    ) -> Result<Goal, TransactionError> {
        let wanted = requested(&self.request.solution);
        let (new_records, mut replaced) =
            records::write(stage, &self.change, contents, layout, staged, &wanted)?;
        let history = Path::new(META).join("history");
        self.write_history(&stage.join(&history))?;
        replaced.insert(history);
        let mut removed = layout.removed.clone();
        removed.extend(compiled(self.prefix(), &removed));
        removed.extend(self.change.gone.iter().map(|one| one.file.clone()));
        let staying = self
            .change
            .staying
            .iter()
            .flat_map(|one| &one.record.paths_data.paths);
        let needed_folders = staying
            .filter(|path| path.path_type == rattler_conda_types::prefix_record::PathType::Directory)
            .map(|path| path.relative_path.clone())
            .collect();
        let missing: BTreeSet<&PathBuf> = staged.missing.iter().collect();
        let files = layout.laid.iter().map(|laid| &laid.place);
        let files = files.filter(|place| !missing.contains(place) && !layout.folders.contains(*place));
        let mut placed: BTreeSet<PathBuf> = files.cloned().collect();
        placed.extend(new_records);
        Ok(Goal {
            removed,
            needed_folders,
            placed,
            placed_folders: layout.folders.clone(),
            replaced,
        })
    }

    fn write_history(&self, to: &Path) -> Result<(), TransactionError> {
        let path = self.prefix().join(META).join("history");
        let before = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(FileError::of_io(error, &path, "read").into()),
        };
        let names = ChannelNames::default();
        let staying = self.change.staying.iter().map(|one| &one.record.repodata_record);
        let present = staying.chain(&self.change.linked);
        let present: Vec<Record> = present.map(|record| Record::of(record, &names)).collect();
        let content = self.request.ledger.history(before.as_deref(), &present);
        fs::write(to, content).map_err(|error| FileError::of_io(error, &path, "written"))?;
        if let Ok(metadata) = fs::metadata(&path) {
            // A file that others may write stays one.
            let _ = fs::set_permissions(to, metadata.permissions());
        }
        Ok(())
    }

    /// The scripts that will run; those that will not are noted.
    fn scripts(&self, layout: &Layout, outcome: &mut Outcome) -> Plan {
        let platform = self.change.platform;
        let before = self.change.gone.iter().map(|one| &one.record.repodata_record);
        let before = before.filter(|record| {
            let script = Moment::PreUnlink.path(record, platform);
            layout.removed.contains(&script) && self.prefix().join(script).is_file()
        });
        let places: BTreeSet<&Path> = layout.laid.iter().map(|laid| laid.recorded.as_path()).collect();
        let after = self.change.linked.iter();
        let after = after.filter(|record| places.contains(&*Moment::PostLink.path(record, platform)));
        let plan = Plan {
            before: before.cloned().collect(),
            after: in_order_of_need(after.cloned().collect()),
        };
        let names: Vec<String> = plan
            .all()
            .map(|(moment, record)| name_of(moment, record))
            .collect();
        match self.request.scripts {
            Scripts::Run => plan,
            Scripts::Skip => {
                outcome.scripts_skipped = names;
                Plan::default()
            }
        }
    }

    /// Takes the steps, and runs the scripts around them.
    fn place(&mut self, plan: Plan, tell: &Tell, outcome: &mut Outcome) -> Result<(), TransactionError> {
        let request = self.request.clone();
        let watch = |step: &str| request.watch(step);
        for record in &plan.before {
            match self.run_script(Moment::PreUnlink, record, outcome) {
                // It is going either way.
                Err(error @ TransactionError::Script { .. }) => outcome.problems.push(error.explain()),
                other => other?,
            }
        }
        let told = self.unlinking(tell);
        run::forward(&self.journal, self.prefix(), &watch, Some(&self.stop), told)?;
        for record in &plan.after {
            self.run_script(Moment::PostLink, record, outcome)?;
        }
        if self.stop.is_set() {
            return Err(TransactionError::Cancelled);
        }
        watch("finish: before");
        self.journal.turn(Phase::Finishing)?;
        watch("finish: after");
        Ok(())
    }

    /// Tells of the packages that go while their files go.
    fn unlinking<'a>(&'a self, tell: &'a Tell) -> impl Fn(usize) + 'a {
        let is_keep = |step: &&Step| matches!(step, Step::Keep { .. });
        let keeps = self.journal.record.steps.iter().take_while(is_keep).count();
        let gone = &self.change.gone;
        let told = std::cell::Cell::new(0);
        move |steps| {
            let done = match keeps {
                0 => gone.len(),
                keeps => gone.len() * steps.min(keeps) / keeps,
            };
            if done > told.replace(done) {
                let _ = tell.send(Progress::Unlinking {
                    done,
                    total: gone.len(),
                    package: dist(&gone[done - 1].record.repodata_record),
                });
            }
        }
    }

    fn run_script(
        &self,
        moment: Moment,
        record: &RepoDataRecord,
        outcome: &mut Outcome,
    ) -> Result<(), TransactionError> {
        let name = name_of(moment, record);
        self.request.watch(&format!("script {name}: before"));
        let message = scripts::run(
            moment,
            self.prefix(),
            record,
            self.change.platform,
            &self.request.variables,
            &self.stop,
        )?;
        self.request.watch(&format!("script {name}: after"));
        outcome.scripts_run.push(name);
        outcome.messages.extend(message);
        Ok(())
    }

    /// Takes the steps back, and says why.
    fn take_back(&mut self, cause: TransactionError, tell: &Tell) -> TransactionError {
        let request = self.request.clone();
        let watch = |step: &str| request.watch(step);
        let total = self.journal.record.steps.len();
        let _ = tell.send(Progress::RollingBack { done: 0, total });
        watch("back: before");
        // Without space even for this the journal still says that the steps are being taken; they are taken back all the same.
        let _ = self.journal.turn(Phase::Back);
        watch("back: after");
        let back = run::back(&self.journal, self.prefix(), &watch, |done| {
            let _ = tell.send(Progress::RollingBack { done, total });
        });
        match back.and_then(|()| self.close()) {
            Ok(()) => cause,
            Err(reason) => {
                // The journal stays, for the next recovery.
                self.lock = None;
                TransactionError::NotPutBack {
                    cause: Box::new(cause),
                    reason: Box::new(reason),
                }
            }
        }
    }

    /// Ends the journal and gives the lock back. The environment is as it was or as it will be.
    fn close(&mut self) -> Result<(), TransactionError> {
        let Some(lock) = self.lock.take() else {
            return Ok(());
        };
        let is_taken_back = self.journal.record.phase != Phase::Finishing;
        let watch = |step: &str| self.request.watch(step);
        sweep(&self.journal, &watch)?;
        lock.release();
        if is_taken_back {
            self.registration.remove_new_folders();
        }
        watch("unregister: before");
        self.registration.remove(&self.request.registrations)?;
        watch("unregister: after");
        Ok(())
    }
}

/// The scripts that run.
#[derive(Debug, Default)]
struct Plan {
    before: Vec<RepoDataRecord>,
    after: Vec<RepoDataRecord>,
}

impl Plan {
    fn all(&self) -> impl Iterator<Item = (Moment, &RepoDataRecord)> {
        let before = self.before.iter().map(|record| (Moment::PreUnlink, record));
        before.chain(self.after.iter().map(|record| (Moment::PostLink, record)))
    }

    fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }
}

/// A script may need what another package's script has done.
fn in_order_of_need(records: Vec<RepoDataRecord>) -> Vec<RepoDataRecord> {
    rattler_conda_types::PackageRecord::sort_topologically(records)
}

fn name_of(moment: Moment, record: &RepoDataRecord) -> String {
    format!(
        "{} ({})",
        record.package_record.name.as_normalized(),
        moment.name()
    )
}

/// Makes the folders of an environment that is not there yet, and finds out whether it can be written.
fn make_prefix(prefix: &Path) -> Result<(), TransactionError> {
    let folder = super::journal::folder_of(prefix);
    let failed = |error| FileError::of_io(error, prefix, "changed");
    fs::create_dir_all(prefix.join(META)).map_err(failed)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error).into()),
        _ => Ok(()),
    }
}
