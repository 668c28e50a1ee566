//! The promise that finding out what fits together takes at most 1.1 times what rattler's own Python package takes, in time and in
//! memory, on the same index and the same wishes.
//!
//! `cargo bench --bench solve`. `SEXTANT_BENCH_RECORDS` sets the size of the index, which is made up. Each side works in a process of
//! its own: once with nothing read yet, then over what it has read. Where the package cannot be installed, only Sextant is measured.
//! It fails beyond the promise only in an optimised build.

#[path = "../tests/support/generated_index.rs"]
mod generated_index;
#[path = "../tests/support/peers.rs"]
mod peers;
#[path = "support/py_rattler.rs"]
mod py_rattler;

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;
use generated_index::{Amount, built, pure};
use peers::Peer;
use py_rattler::PY_RATTLER;
use serde_json::{Value, json};
use sextant::error::{Kind, Problem};
use sextant::package::index::{Forms, Freshness, Indexer, Stock};
use sextant::package::solve::{self, Goal, Indexes, Installed, Machine, Request, Rules, SearchedChannel};
use sextant::package::{Channel, ChannelNames, Courier, CourierError, Transport};

const PROMISE: f64 = 1.1;
/// Times and sizes differ from run to run by about this, on a machine that does something else too.
const ROUNDS: usize = 5;
/// How the child process of this program is told from its parent.
const CHILD: &str = "SEXTANT_BENCH_CHILD";

const SCRIPT: &str = r#"
import asyncio, json, sys, time
import rattler

async def main():
    question = json.load(sys.stdin)
    gateway = rattler.Gateway(cache_dir=question["cache"])
    machine = [rattler.GenericVirtualPackage(rattler.PackageName(n), rattler.Version(v), b) for n, v, b in question["machine"]]
    times, count = [], 0
    for _ in range(question["rounds"]):
        start = time.perf_counter()
        records = await rattler.solve(
            sources=[rattler.Channel(question["channel"])], specs=question["specs"], gateway=gateway,
            platforms=["linux-64", "noarch"], virtual_packages=machine, add_pip_as_python_dependency=True)
        times.append((time.perf_counter() - start) * 1000)
        count = len(records)
    peak = [int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")]
    print(json.dumps({"times": times, "packages": count, "peak": peak[0] if peak else 0}))

asyncio.run(main())
"#;

struct NoCourier;

impl Courier for NoCourier {
    fn carry(
        &self,
        _request: reqwest::Request,
    ) -> BoxFuture<'static, Result<reqwest::Response, CourierError>> {
        async {
            Err(CourierError(Problem::new(
                Kind::Network,
                "there is no network here",
            )))
        }
        .boxed()
    }
}

/// What one side took.
#[derive(Debug)]
struct Taken {
    /// Milliseconds: the first time, and the median of the others.
    first: f64,
    again: f64,
    packages: u64,
    /// Kilobytes.
    peak: u64,
}

impl Taken {
    fn of(answer: &str) -> Self {
        let answer: Value = serde_json::from_str(answer).expect("an answer in JSON");
        let times: Vec<f64> = serde_json::from_value(answer["times"].clone()).expect("times");
        let mut again = times[1..].to_vec();
        again.sort_by(f64::total_cmp);
        Self {
            first: times[0],
            again: again[again.len() / 2],
            packages: answer["packages"].as_u64().unwrap_or_default(),
            peak: answer["peak"].as_u64().unwrap_or_default(),
        }
    }
}

/// The child's part: solves, and prints what it took.
fn child() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("a question");
    let question: Value = serde_json::from_str(&input).expect("a question in JSON");
    let text = |key: &str| question[key].as_str().expect(key).to_owned();
    let specs: Vec<String> = serde_json::from_value(question["specs"].clone()).expect("specs");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let transport = Transport::new(Arc::new(NoCourier)).expect("a transport");
    let indexer = Indexer::new(transport, Path::new(&text("cache")), jiff::Timestamp::now());
    let indexes = Indexes::new(Stock::new(indexer, Forms::default(), Freshness::AsTheServerSays));
    let machine = Machine::baseline("linux-64").expect("a machine");
    let (mut times, mut packages) = (Vec::new(), 0);
    for _ in 0..question["rounds"].as_u64().expect("rounds") {
        let start = Instant::now();
        let request = Request {
            prefix: "/nowhere".into(),
            channels: vec![SearchedChannel {
                channel: Channel {
                    name: "made-up".to_owned(),
                    url: text("channel"),
                },
                multichannel: None,
            }],
            installed: Installed::default(),
            requested: Vec::new(),
            goal: Goal {
                install: specs.clone(),
                ..Goal::default()
            },
            rules: Rules {
                priority: solve::ChannelPriority::Strict,
                ..Rules::default()
            },
            machine: machine.clone(),
        };
        let solved = runtime
            .block_on(solve::solve(request, &indexes, |_| {}))
            .expect("a solution");
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        packages = solved.solution.packages(&ChannelNames::default()).len();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak
        .and_then(|peak| peak.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    println!("{}", json!({"times": times, "packages": packages, "peak": peak}));
}

fn ours(question: &Value) -> Taken {
    use std::io::Write as _;
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts");
    let mut input = child.stdin.take().expect("piped");
    input
        .write_all(question.to_string().as_bytes())
        .expect("it listens");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    Taken::of(&String::from_utf8_lossy(&output.stdout))
}

fn show(who: &str, taken: &Taken) {
    println!(
        "  {who:<10} {:>8.0} ms first, {:>7.0} ms again, {:>5} MB, {} packages",
        taken.first,
        taken.again,
        taken.peak / 1024,
        taken.packages
    );
}

fn main() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let records: usize = std::env::var("SEXTANT_BENCH_RECORDS").map_or(200_000, |records| {
        records.parse().expect("SEXTANT_BENCH_RECORDS is a number")
    });
    let folder = tempfile::tempdir().expect("a folder");
    let channel = folder.path().join("channel");
    let records = generated_index::write(&channel, Amount::of_records(records));
    println!("an index of {records} records");
    let url = url::Url::from_file_path(&channel)
        .expect("an address")
        .to_string();
    let machine = Machine::baseline("linux-64")
        .expect("a machine")
        .virtual_packages();
    let peer = Peer::with(&[PY_RATTLER]);
    let many: Vec<String> = (0..25)
        .map(|number| pure(number * 11))
        .chain((0..10).map(|number| built(number * 7)))
        .collect();
    let mut worst: f64 = 0.0;
    for (what, specs) in [
        ("one package", vec![pure(40)]),
        (
            "three packages and a python",
            vec![pure(12), built(30), pure(77), "python 3.12.*".to_owned()],
        ),
        ("35 packages", many),
    ] {
        println!("{what}:");
        let question = |cache: &str| {
            json!({
                "cache": folder.path().join(cache), "channel": url, "machine": machine, "specs": specs, "rounds": ROUNDS,
            })
        };
        let ours = ours(&question("ours"));
        show("Sextant", &ours);
        let Some(peer) = &peer else { continue };
        let theirs = peer.run(SCRIPT, folder.path(), &[], &question("theirs").to_string());
        let theirs = Taken::of(&theirs);
        show("py-rattler", &theirs);
        assert_eq!(ours.packages, theirs.packages, "both find the same");
        let ratios = [
            ours.first / theirs.first,
            ours.again / theirs.again,
            ours.peak as f64 / theirs.peak as f64,
        ];
        println!(
            "  times       {:>8.2}        {:>12.2}    {:>8.2}",
            ratios[0], ratios[1], ratios[2]
        );
        worst = ratios.into_iter().fold(worst, f64::max);
    }
    println!("promised: at most {PROMISE} times; worst: {worst:.2}");
    assert!(
        cfg!(debug_assertions) || worst <= PROMISE,
        "{worst:.2} is more than promised"
    );
}
