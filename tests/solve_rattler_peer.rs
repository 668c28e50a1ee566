//! In a new environment, the same packages are chosen as by rattler's own Python package over the same index: same solver, same
//! order of what it is told.

#[path = "support/generated_index.rs"]
mod generated_index;
#[path = "support/peers.rs"]
mod peers;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use generated_index::{Amount, built, library, pure, version};
use peers::Peer;
use reqwest::{Request as HttpRequest, Response};
use serde_json::{Value, json};
use sextant::error::{Kind, Problem};
use sextant::package::index::{Forms, Freshness, Indexer, Stock};
use sextant::package::solve::{
    self, ChannelPriority, Goal, Indexes, Installed, Machine, Request, Rules, SearchedChannel, SolveError,
};
use sextant::package::{Channel, ChannelNames, Courier, CourierError, Transport};

/// The version that the bench is run beside, too.
const PY_RATTLER: &str = "py-rattler==0.26.0";

const SCRIPT: &str = r#"
import asyncio, json, sys
import rattler

async def main():
    question = json.load(sys.stdin)
    gateway = rattler.Gateway(cache_dir=question["cache"])
    machine = [rattler.GenericVirtualPackage(rattler.PackageName(n), rattler.Version(v), b) for n, v, b in question["machine"]]
    priorities = {"strict": rattler.ChannelPriority.Strict, "flexible": rattler.ChannelPriority.Flexible,
                  "disabled": rattler.ChannelPriority.Disabled}
    answers = []
    for case in question["cases"]:
        try:
            records = await rattler.solve(
                sources=[rattler.Channel(url) for url in question["channels"]], specs=case["specs"], gateway=gateway,
                platforms=["linux-64", "noarch"], virtual_packages=machine,
                channel_priority=priorities[case["priority"]], add_pip_as_python_dependency=True)
            answers.append(sorted(f"{r.name.normalized} {r.version} {r.build}" for r in records))
        except rattler.exceptions.SolverError:
            answers.append(None)
    print(json.dumps(answers))

asyncio.run(main())
"#;

/// Nobody is asked here.
struct NoCourier;

impl Courier for NoCourier {
    fn carry(&self, _request: HttpRequest) -> BoxFuture<'static, Result<Response, CourierError>> {
        async {
            Err(CourierError(Problem::new(
                Kind::Network,
                "there is no network here",
            )))
        }
        .boxed()
    }
}

fn cases() -> Vec<(Vec<String>, &'static str)> {
    let mut cases = Vec::new();
    for number in 0..12 {
        let priority = ["strict", "flexible", "disabled"][number % 3];
        cases.push((vec![pure(number * 2)], priority));
        cases.push((
            vec![built(number), format!("python 3.{}.*", 9 + number % 5)],
            priority,
        ));
        cases.push((
            vec![
                format!("{} <{}", built(number * 3 % 17), version(12)),
                library(number),
            ],
            priority,
        ));
        cases.push((vec![pure(number), pure(number + 7), built(number + 3)], priority));
        // Versions of another time do not go together; what comes of it is the same.
        cases.push((
            vec![
                format!("{} =={}", library(number + 2), version(number)),
                built(number + 5),
            ],
            priority,
        ));
    }
    cases
}

#[test]
fn the_same_packages_are_chosen_as_by_rattler() {
    let Some(peer) = Peer::with(&[PY_RATTLER]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    generated_index::write(
        &path("one"),
        Amount {
            libraries: 24,
            built: 20,
            noarch: 24,
        },
    );
    generated_index::write(
        &path("two"),
        Amount {
            libraries: 30,
            built: 30,
            noarch: 34,
        },
    );
    let channels: Vec<_> = ["one", "two"]
        .map(|name| url::Url::from_file_path(path(name)).unwrap().to_string())
        .to_vec();
    let machine = Machine::baseline("linux-64").unwrap();
    let cases = cases();
    let asked: Vec<_> = cases
        .iter()
        .map(|(specs, priority)| json!({"specs": specs, "priority": priority}))
        .collect();
    let question = json!({
        "cache": path("cache"), "channels": channels, "machine": machine.virtual_packages(), "cases": asked,
    });
    let home = tempfile::tempdir().unwrap();
    let answers = peer.run(SCRIPT, home.path(), &[], &question.to_string());
    let answers: Vec<Value> = serde_json::from_str(&answers).unwrap();
    assert_eq!(answers.len(), cases.len());
    assert!(
        answers.iter().filter(|answer| answer.is_array()).count() > cases.len() / 2,
        "{answers:?}"
    );

    let transport = Transport::new(Arc::new(NoCourier)).unwrap();
    let indexer = Indexer::new(transport, &path("our-cache"), jiff::Timestamp::now());
    let indexes = Indexes::new(Stock::new(indexer, Forms::default(), Freshness::Ask));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for ((specs, priority), answer) in cases.iter().zip(&answers) {
        let request = Request {
            prefix: path("env"),
            channels: channels
                .iter()
                .map(|url| SearchedChannel {
                    channel: Channel {
                        name: url.clone(),
                        url: url.clone(),
                    },
                    multichannel: None,
                })
                .collect(),
            installed: Installed::default(),
            requested: Vec::new(),
            goal: Goal {
                install: specs.clone(),
                ..Goal::default()
            },
            rules: Rules {
                priority: match *priority {
                    "strict" => ChannelPriority::Strict,
                    "flexible" => ChannelPriority::Flexible,
                    _ => ChannelPriority::Disabled,
                },
                ..Rules::default()
            },
            machine: machine.clone(),
        };
        let ours = match runtime.block_on(solve::solve(request, &indexes, |_| {})) {
            Ok(solved) => {
                let packages = solved.solution.packages(&ChannelNames::default());
                let told = packages
                    .iter()
                    .map(|record| format!("{} {} {}", record.name, record.version, record.build));
                Some(told.collect::<BTreeSet<_>>())
            }
            Err(SolveError::Unsolvable(_)) => None,
            Err(error) => panic!("{specs:?}: {error:?}"),
        };
        let theirs: Option<BTreeSet<String>> = serde_json::from_value(answer.clone()).unwrap();
        assert_eq!(ours, theirs, "{specs:?} {priority}");
    }
}
