//! How long work goes on after it was cancelled: the index of a large channel, a solve, a change of an environment while it
//! downloads and while it links, and the counting of what environments take.
//!
//! `cargo bench --bench cancel`. Every work is done once to its end, and then again and again and cancelled at moments spread over
//! that time. Two times are told: until the one who waits has the answer, which is what is promised, and until no thread works on
//! it any more. Whether it has left something behind is looked at. It fails beyond the promise only in an optimised build.
//! `SEXTANT_BENCH_MOMENTS=1` tells of every moment.

#[path = "support/built_packages.rs"]
mod built_packages;
#[path = "support/generated_channel.rs"]
mod generated_channel;
#[path = "../tests/support/generated_index.rs"]
mod generated_index;
#[path = "support/plain_server.rs"]
mod plain_server;
#[path = "support/services.rs"]
mod services;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use services::{runtime, services};
use sextant::error::{Explain, Kind};
use sextant::package::transaction::Scripts;
use sextant::service::packages::apply::Consent;
use sextant::service::packages::index::IndexStatus;
use sextant::service::packages::plan::{ChangeOptions, ChangePlan};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

const PROMISE: Duration = Duration::from_millis(100);
/// At so many moments each work is cancelled.
const MOMENTS: u32 = 12;
const INDEX_RECORDS: usize = 300_000;
const SOLVE_RECORDS: usize = 60_000;
/// Says to this program that it is to be the server of a folder.
const SERVE: &str = "SEXTANT_BENCH_SERVE";

/// Work that is cancelled by no longer waiting for it, or by a wish that it hears.
type Work<'a> = dyn Fn(&Runtime, oneshot::Receiver<()>) -> Ended + Sync + 'a;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    Cancelled,
}

/// What became of it, when that was known, and when the last thread was still.
struct Run {
    ended: Ended,
    /// From the wish; from the start where there was none.
    answered: Duration,
    still: Duration,
}

fn run(work: &Work<'_>, cancel_after: Option<Duration>) -> Run {
    let runtime = runtime();
    let (wish, wished) = oneshot::channel();
    let start = Instant::now();
    let mut from = start;
    let ended = std::thread::scope(|scope| {
        let working = scope.spawn(|| work(&runtime, wished));
        match cancel_after {
            Some(after) => {
                std::thread::sleep(after);
                from = Instant::now();
                let _ = wish.send(());
                working.join().unwrap()
            }
            None => {
                let ended = working.join().unwrap();
                drop(wish);
                ended
            }
        }
    });
    let answered = from.elapsed();
    // Waits for every thread that still works.
    drop(runtime);
    Run {
        ended,
        answered,
        still: from.elapsed(),
    }
}

/// Waits for the work until the wish comes, and gives it up then.
fn unless_wished<T>(
    runtime: &Runtime,
    work: impl Future<Output = T>,
    wished: oneshot::Receiver<()>,
) -> Ended {
    runtime.block_on(async {
        tokio::select! {
            _ = work => Ended::Done,
            Ok(()) = wished => Ended::Cancelled,
        }
    })
}

/// Does it, cancels it at every moment, and gives the longest time until the one who waits had the answer.
fn measure(what: &str, before: &dyn Fn(), work: &Work<'_>, no_trace: &dyn Fn()) -> Duration {
    before();
    let whole = run(work, None);
    assert_eq!(whole.ended, Ended::Done);
    let (mut answered, mut still) = (Vec::new(), Vec::new());
    for moment in 0..MOMENTS {
        before();
        let run = run(work, Some(whole.still * moment / MOMENTS));
        if run.ended == Ended::Cancelled {
            if std::env::var_os("SEXTANT_BENCH_MOMENTS").is_some() {
                println!(
                    "  after {:>8.2?}: answered {:>8.2?}, still {:>8.2?}",
                    whole.still * moment / MOMENTS,
                    run.answered,
                    run.still
                );
            }
            no_trace();
            answered.push(run.answered);
            still.push(run.still);
        }
    }
    assert!(!still.is_empty(), "{what} was never cancelled");
    answered.sort_unstable();
    still.sort_unstable();
    let (middle, last) = (still.len() / 2, still.len() - 1);
    println!(
        "{what:<34} {:>8.2?} whole; cancelled {} times: answered median {:>8.2?}, worst {:>8.2?}; still median {:>8.2?}, worst {:>8.2?}",
        whole.still,
        still.len(),
        answered[middle],
        answered[last],
        still[middle],
        still[last]
    );
    answered[last]
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(folder: &Path) -> (Server, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(SERVE, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let address = plain_server::address_of(&mut child);
    (Server(child), format!("http://{address}"))
}

fn empty(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn index(folder: &Path) -> Duration {
    let channel = folder.join("large");
    generated_channel::write(&channel, INDEX_RECORDS);
    let (_server, address) = serve(&channel);
    let home = folder.join("index-home");
    let before = || {
        empty(&home);
        let condarc = format!("subdir: linux-64\nchannels: ['{address}/main']\n");
        fs::write(home.join(".condarc"), condarc).unwrap();
    };
    let work = |runtime: &Runtime, wished| {
        let services = services(&home);
        let update = async {
            let rows = services.update_index(|_| {}).await.unwrap();
            assert!(
                rows.iter().all(|row| row.status == IndexStatus::Updated),
                "{rows:?}"
            );
        };
        unless_wished(runtime, update, wished)
    };
    let no_trace = || {
        let parts = entries(&home.join(".cache/sextant/index"));
        let is_part = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "part");
        assert_eq!(parts.iter().find(is_part), None);
    };
    measure("index of 300,000 records", &before, &work, &no_trace)
}

fn solve(folder: &Path) -> Duration {
    let channel = folder.join("solved");
    generated_index::write(&channel, generated_index::Amount::of_records(SOLVE_RECORDS));
    let home = folder.join("solve-home");
    empty(&home);
    let condarc = format!("subdir: linux-64\nchannels: ['file://{}']\n", channel.display());
    fs::write(home.join(".condarc"), condarc).unwrap();
    runtime().block_on(services(&home).update_index(|_| {})).unwrap();
    let specs: Vec<String> = (0..30).map(|number| generated_index::pure(number * 5)).collect();
    let work = |runtime: &Runtime, wished| {
        let services = services(&home);
        let prefix = home.join("wanted");
        let plan = async {
            let options = ChangeOptions::default();
            services
                .plan_create(&prefix, &specs, &options, |_| {})
                .await
                .unwrap();
        };
        unless_wished(runtime, plan, wished)
    };
    measure("solve over 60,000 records", &|| {}, &work, &|| {})
}

/// New environments, of packages that have to come from the server, or are here.
///
/// Each has a place of its own, and its packages too: a file system that has just lost many files makes new ones slowly.
struct Installing {
    folder: PathBuf,
    packages: Vec<String>,
    round: AtomicUsize,
    plan: Mutex<Option<ChangePlan>>,
    _server: Server,
}

impl Installing {
    fn new(folder: &Path) -> Self {
        let channel = folder.join("packages");
        built_packages::build(&channel);
        let (server, address) = serve(&channel);
        Self {
            folder: folder.to_owned(),
            packages: built_packages::addresses(&channel, &address),
            round: AtomicUsize::new(0),
            plan: Mutex::default(),
            _server: server,
        }
    }

    fn environments(&self) -> PathBuf {
        self.folder.join("environments")
    }

    fn prefix(&self) -> PathBuf {
        let round = self.round.load(Ordering::SeqCst);
        self.environments().join(format!("environment-{round}"))
    }

    /// Plans the next environment, with the packages of this home.
    fn plan_next(&self, home: &Path) {
        self.round.fetch_add(1, Ordering::SeqCst);
        fs::create_dir_all(home).unwrap();
        let options = ChangeOptions::default();
        let services = services(home);
        let prefix = self.prefix();
        let plan = services.plan_explicit(&prefix, &self.packages, &options, |_| {});
        *self.plan.lock().unwrap() = Some(runtime().block_on(plan).unwrap());
    }

    fn make(&self, home: &Path, runtime: &Runtime, wished: oneshot::Receiver<()>) -> Ended {
        let plan = self.plan.lock().unwrap().take().unwrap();
        let consent = Consent {
            scripts: Scripts::Skip,
            command: "bench".to_owned(),
        };
        let services = services(home);
        match runtime.block_on(services.apply_change(&plan, &consent, |_| {}, wished)) {
            Ok(_) => Ended::Done,
            Err(error) => {
                let problem = error.explain();
                assert_eq!(problem.kind, Kind::Cancelled, "{problem:?}");
                Ended::Cancelled
            }
        }
    }

    fn no_trace(&self, home: &Path) {
        assert!(!self.prefix().exists(), "an environment is left");
        let is_hidden = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with('.')
        };
        assert_eq!(entries(&self.environments()).iter().find(is_hidden), None);
        assert_eq!(services(home).unfinished_environments(), Vec::<PathBuf>::new());
        let removed = Instant::now();
        while home.join(".local/share/sextant/discarded").exists() {
            assert!(removed.elapsed() < Duration::from_secs(10), "files are left");
            std::thread::yield_now();
        }
    }

    fn downloading(&self) -> Duration {
        let home = || {
            let round = self.round.load(Ordering::SeqCst);
            self.folder.join(format!("download-home-{round}"))
        };
        measure(
            "200 packages that are not here",
            &|| {
                let next = self.round.load(Ordering::SeqCst) + 1;
                self.plan_next(&self.folder.join(format!("download-home-{next}")));
            },
            &|runtime, wished| self.make(&home(), runtime, wished),
            &|| self.no_trace(&home()),
        )
    }

    fn linking(&self, home: &Path) -> Duration {
        self.plan_next(home);
        run(&|runtime, wished| self.make(home, runtime, wished), None);
        measure(
            "20,000 files of packages here",
            &|| self.plan_next(home),
            &|runtime, wished| self.make(home, runtime, wished),
            &|| self.no_trace(home),
        )
    }

    fn counting(&self, home: &Path) -> Duration {
        let prefixes = entries(&self.environments());
        let work = |_: &Runtime, mut wished: oneshot::Receiver<()>| {
            let stop = AtomicBool::new(false);
            let services = services(home);
            std::thread::scope(|scope| {
                let counting = scope.spawn(|| services.measure_environments(&prefixes, &|_| {}, &stop));
                while !counting.is_finished() {
                    if wished.try_recv().is_ok() {
                        stop.store(true, Ordering::SeqCst);
                        break;
                    }
                    std::thread::yield_now();
                }
                match counting.join().unwrap() {
                    Ok(_) => Ended::Done,
                    Err(_) => Ended::Cancelled,
                }
            })
        };
        measure("what environments take", &|| {}, &work, &|| {})
    }
}

fn main() {
    if let Some(folder) = std::env::var_os(SERVE) {
        return plain_server::serve(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let installing = Installing::new(folder);
    let home = folder.join("install-home");
    let worst = [
        index(folder),
        solve(folder),
        installing.downloading(),
        installing.linking(&home),
        installing.counting(&home),
    ];
    let worst = worst.into_iter().max().unwrap_or_default();
    println!("promised: at most {PROMISE:?}; worst: {worst:.2?}");
    assert!(cfg!(debug_assertions) || worst <= PROMISE, "more than promised");
}
