//! Linking 200 packages out of a warm cache into a new environment, beside py-rattler's `install` of the same packages in the
//! same run, where that can be installed.
//!
//! `cargo bench --bench install`. Each measurement is a process of its own, so that the memory is its own too. It fails beyond the
//! promise only in an optimised build.

#[path = "support/built_packages.rs"]
mod built_packages;
#[path = "../tests/support/peers.rs"]
mod peers;
#[path = "support/py_rattler.rs"]
mod py_rattler;
#[path = "support/services.rs"]
mod services;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use built_packages::{FILES, PACKAGES, addresses, build};
use peers::Peer;
use py_rattler::PY_RATTLER;
use serde_json::{Value, json};
use services::{runtime, services};
use sextant::package::transaction::Scripts;
use sextant::service::packages::apply::Consent;
use sextant::service::packages::plan::ChangeOptions;

const ROUNDS: usize = 7;
/// Of py-rattler's time and memory.
const PROMISE: f64 = 1.1;

fn main() {
    let mut words = std::env::args().skip(1);
    if let (Some("--link"), Some(folder), Some(round)) = (words.next().as_deref(), words.next(), words.next())
    {
        link(Path::new(&folder), &round);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let channel = folder.path().join("channel");
    let bytes = build(&channel);
    println!(
        "{PACKAGES} packages with {} files, {:.0} MB unpacked",
        PACKAGES * FILES,
        bytes as f64 / 1e6
    );
    let own = |round: usize| {
        let program = std::env::current_exe().unwrap();
        measured(
            Command::new(program)
                .arg("--link")
                .arg(folder.path())
                .arg(round.to_string()),
        )
    };
    let py_rattler = Peer::with(&[PY_RATTLER]);
    let peer = |peer: &Peer, round: usize| {
        settle();
        let question = json!({"folder": folder.path(), "round": round});
        Measured::of(&peer.run(SCRIPT, folder.path(), &[], &question.to_string()))
    };
    // The caches fill, and the files are read once.
    own(0);
    if let Some(py_rattler) = &py_rattler {
        peer(py_rattler, 0);
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        ours.push(own(round));
        if let Some(py_rattler) = &py_rattler {
            theirs.push(peer(py_rattler, round));
        }
    }
    let (time, memory) = report("sextant", &ours);
    if py_rattler.is_none() {
        return;
    }
    let (their_time, their_memory) = report("py-rattler", &theirs);
    let times = time.as_secs_f64() / their_time.as_secs_f64();
    let memories = memory / their_memory;
    println!("{times:.2} of its time, {memories:.2} of its memory; promised: at most {PROMISE}");
    assert!(
        cfg!(debug_assertions) || (times <= PROMISE && memories <= PROMISE),
        "more than promised"
    );
}

/// Says how long it took, and the most memory that it held beyond what it held before.
#[derive(Clone, Copy)]
struct Measured {
    took: Duration,
    megabytes: f64,
}

impl Measured {
    fn of(said: &str) -> Self {
        let said: Value = serde_json::from_str(said).unwrap();
        Self {
            took: Duration::from_secs_f64(said["seconds"].as_f64().unwrap()),
            megabytes: said["megabytes"].as_f64().unwrap(),
        }
    }
}

/// What the round before left to be written would count against the next one.
fn settle() {
    let _ = Command::new("sync").status();
}

fn measured(command: &mut Command) -> Measured {
    settle();
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Measured::of(&String::from_utf8_lossy(&output.stdout))
}

fn report(what: &str, all: &[Measured]) -> (Duration, f64) {
    let mut times: Vec<Duration> = all.iter().map(|one| one.took).collect();
    let mut memories: Vec<f64> = all.iter().map(|one| one.megabytes).collect();
    times.sort_unstable();
    memories.sort_by(f64::total_cmp);
    let (time, memory) = (times[times.len() / 2], memories[memories.len() / 2]);
    println!(
        "{what:<12} best {:>8.2?}, median {time:>8.2?}, worst {:>8.2?}, {memory:>6.1} MB",
        times[0],
        times[times.len() - 1]
    );
    (time, memory)
}

/// Kilobytes of a line of `/proc/self/status`; nothing elsewhere than on Linux.
fn status(line: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = text.lines().find_map(|found| found.strip_prefix(line));
    let digits = found.and_then(|rest| rest.split_whitespace().next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

/// The part that is measured: everything between the agreement and the environment.
fn link(folder: &Path, round: &str) {
    let runtime = runtime();
    let services = services(&folder.join("home"));
    let prefix = folder.join(format!("sextant-environment-{round}"));
    let channel = folder.join("channel");
    let addresses = addresses(&channel, &format!("file://{}", channel.display()));
    let options = ChangeOptions::default();
    let plan = runtime
        .block_on(services.plan_explicit(&prefix, &addresses, &options, |_| {}))
        .unwrap();
    assert_eq!(plan.preview.added.len(), PACKAGES);
    let consent = Consent {
        scripts: Scripts::Skip,
        command: "bench".to_owned(),
    };
    let before = status("VmRSS:");
    let start = Instant::now();
    let stop = std::future::pending::<Result<(), ()>>();
    runtime
        .block_on(services.apply_change(&plan, &consent, |_| {}, stop))
        .unwrap();
    let took = start.elapsed();
    let megabytes = (status("VmHWM:") - before) / 1e3;
    check(&prefix);
    println!(
        "{}",
        json!({"seconds": took.as_secs_f64(), "megabytes": megabytes})
    );
}

/// The environment is whole. It stays until all is over: a file system that has just lost many files makes new ones slowly.
fn check(prefix: &Path) {
    let records = fs::read_dir(prefix.join("conda-meta")).unwrap().flatten();
    let records = records.filter(|entry| entry.path().extension().is_some_and(|found| found == "json"));
    assert_eq!(records.count(), PACKAGES);
    let text = fs::read_to_string(prefix.join("bin/tool0")).unwrap();
    assert!(text.contains(prefix.to_str().unwrap()));
}

const SCRIPT: &str = r#"
import asyncio, json, pathlib, sys, time
import rattler
question = json.load(sys.stdin)
folder = pathlib.Path(question["folder"])
def status(line):
    with open("/proc/self/status") as file:
        return next(int(found.split()[1]) for found in file if found.startswith(line))
channel = rattler.Channel((folder / "channel").as_uri())
records = []
for subdir in ("noarch", "linux-64"):
    data = rattler.RepoData.from_path(str(folder / "channel" / subdir / "repodata.json"))
    records += data.into_repo_data(channel)
prefix = folder / f"rattler-environment-{question['round']}"
async def work():
    await rattler.install(records, target_prefix=str(prefix), cache_dir=str(folder / "rattler-cache"), show_progress=False)
before = status("VmRSS:")
start = time.perf_counter()
asyncio.run(work())
took = time.perf_counter() - start
peak = status("VmHWM:")
assert len(list((prefix / "conda-meta").glob("*.json"))) == len(records)
print(json.dumps({"seconds": took, "megabytes": (peak - before) / 1e3}))
"#;
