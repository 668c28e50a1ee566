//! A process is killed at every step of changing an environment. Whatever happens, the next start ends with the environment as
//! before or as after, and nothing else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::*;
use super::world::{Watcher, World};
use super::{app, child, library, python};
use crate::package::fixture::{Built, Package};

/// A change: what the environment holds before, and after.
struct Scenario {
    name: &'static str,
    /// Nothing for an environment that is to be made.
    before: Option<fn() -> Vec<Built>>,
    after: fn() -> Vec<Built>,
    scripts: Scripts,
}

const SCENARIOS: [Scenario; 6] = [
    Scenario {
        name: "create",
        before: None,
        after: || vec![python("3.12.4"), app("1.0"), library("1.3")],
        scripts: Scripts::Skip,
    },
    Scenario {
        name: "install",
        before: Some(|| vec![python("3.12.4")]),
        after: || vec![python("3.12.4"), app("1.0"), library("1.3")],
        scripts: Scripts::Skip,
    },
    Scenario {
        name: "update",
        before: Some(|| vec![python("3.12.4"), app("1.0"), library("1.3")]),
        after: || vec![python("3.13.0"), app("2.0"), library("1.4")],
        scripts: Scripts::Skip,
    },
    Scenario {
        name: "remove",
        before: Some(|| vec![python("3.12.4"), app("1.0"), library("1.3")]),
        after: || vec![python("3.12.4")],
        scripts: Scripts::Skip,
    },
    Scenario {
        name: "clobber",
        before: Some(|| vec![common("one", "", "x")]),
        after: || vec![common("one", "", "x"), common("other", "one", "y")],
        scripts: Scripts::Skip,
    },
    Scenario {
        name: "scripts",
        before: Some(|| vec![scripted("1")]),
        after: || vec![scripted("2")],
        scripts: Scripts::Run,
    },
];

fn common(name: &str, needs: &str, content: &str) -> Built {
    let package = Package::new(name, "1").file("share/common", content);
    match needs {
        "" => package.build(),
        needs => package.depends(needs).build(),
    }
}

fn scripted(version: &str) -> Built {
    let package = Package::new("font", version).file("share/font", version);
    package
        .file("bin/.font-post-link.sh", "true")
        .file("bin/.font-pre-unlink.sh", "true")
        .build()
}

impl Scenario {
    fn named(name: &str) -> &'static Self {
        SCENARIOS.iter().find(|scenario| scenario.name == name).unwrap()
    }

    /// A world in which the change can begin.
    async fn prepared(&self) -> World {
        let mut world = World::new();
        if let Some(before) = self.before {
            let packages = before();
            world.hold(&packages.iter().collect::<Vec<_>>()).await.unwrap();
            // Files of the person, one of them in the way.
            world.write("notes.txt", "mine");
            world.write("lib/libz.so.1.4", "mine too");
            world.write("share/__pycache__/x.pyc", "x");
        }
        world.scripts = self.scripts;
        world
    }

    async fn run(&self, world: &World, watcher: Watcher) -> Result<Outcome, TransactionError> {
        let packages = (self.after)();
        let packages: Vec<&Built> = packages.iter().collect();
        world
            .hold_watched(&packages, watcher, std::future::pending())
            .await
    }
}

/// Says so at the step of this number, and waits to be killed.
fn stops_at(step: usize) -> Watcher {
    let count = AtomicUsize::new(0);
    Arc::new(move |name| {
        if count.fetch_add(1, Ordering::SeqCst) == step {
            eprintln!("stopped at: {name}");
            loop {
                std::thread::park();
            }
        }
    })
}

/// The part that is killed. Without a role it has nothing to do.
#[test]
fn child() {
    let Some((role, folder)) = child::role() else {
        return;
    };
    let mut words = role.split(' ');
    let (what, scenario) = (words.next().unwrap(), words.next().unwrap());
    let step: usize = words.next().unwrap().parse().unwrap();
    let scenario = Scenario::named(scenario);
    let mut world = World::in_folder(&folder);
    world.scripts = scenario.scripts;
    match what {
        "recover" => {
            let watcher = stops_at(step);
            recover(&world.registrations(), &world.ledger(), &*watcher);
        }
        _ => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(scenario.run(&world, stops_at(step))).unwrap();
        }
    }
}

/// Runs it until it says that it has stopped, and kills it there. The step's name, or nothing when it ended before.
fn kill_at(what: &str, scenario: &Scenario, step: usize, world: &World) -> Option<String> {
    let role = format!("{what} {} {step}", scenario.name);
    let mut command: Command = child::command("kill::child", &role, world.folder.path());
    let mut process = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut said = Vec::new();
    let mut stopped = None;
    for line in lines {
        if let Some(name) = line.strip_prefix("stopped at: ") {
            stopped = Some(name.to_owned());
            break;
        }
        said.push(line);
    }
    // SIGKILL: no destructor runs.
    let _ = process.kill();
    let status = process.wait().unwrap();
    assert!(stopped.is_some() || status.success(), "{said:#?}");
    stopped
}

type State = BTreeMap<PathBuf, String>;

/// The two states that a change may end with.
async fn ends(scenario: &Scenario) -> (State, State) {
    let world = scenario.prepared().await;
    let before = world.comparable();
    scenario.run(&world, Arc::new(|_| {})).await.unwrap();
    (before, world.comparable())
}

#[track_caller]
fn assert_one_of(world: &World, before: &State, after: &State, at: &str) -> Recovery {
    let now = world.comparable();
    if &now == before {
        return Recovery::RolledBack;
    }
    if &now == after {
        return Recovery::Finished;
    }
    let differs = |other: &State| {
        let mut paths: Vec<_> = now
            .keys()
            .chain(other.keys())
            .filter(|path| now.get(*path) != other.get(*path))
            .collect();
        paths.dedup();
        paths
            .into_iter()
            .map(|path| (path.clone(), now.get(path).cloned()))
            .collect::<Vec<_>>()
    };
    panic!(
        "{at}\nas before but {:#?}\nas after but {:#?}",
        differs(before),
        differs(after)
    );
}

/// Kills at every step, recovers, and checks that the end is one of the two.
async fn at_every_step(name: &str) {
    let scenario = Scenario::named(name);
    let (before, after) = ends(scenario).await;
    assert_ne!(before, after);
    let (mut names, mut as_before, mut as_after) = (Vec::new(), 0, 0);
    for step in 0.. {
        let world = scenario.prepared().await;
        let Some(stopped) = kill_at("change", scenario, step, &world) else {
            break;
        };
        let at = format!("{name} killed at step {step}, {stopped}");
        let recovered = world.recover();
        for (prefix, outcome) in &recovered {
            assert_eq!(prefix, &world.prefix, "{at}");
            assert!(outcome.is_ok(), "{at}: {outcome:?}");
        }
        let end = assert_one_of(&world, &before, &after, &at);
        let told = recovered.iter().find_map(|(_, outcome)| outcome.clone().unwrap());
        if let Some(told) = told {
            assert_eq!(told.recovery, end, "{at}");
        }
        match end {
            Recovery::RolledBack => as_before += 1,
            Recovery::Finished => as_after += 1,
        }
        // A second one has nothing to do, and the environment can be used.
        assert!(world.recover().is_empty(), "{at}");
        scenario.run(&world, Arc::new(|_| {})).await.unwrap();
        assert_eq!(world.comparable(), after, "{at}, and done once more");
        names.push(stopped);
    }
    assert!(names.len() > 15, "{names:#?}");
    assert!(as_before > 5 && as_after > 1, "{as_before} {as_after} {names:#?}");
}

#[tokio::test]
async fn a_kill_while_an_environment_is_made_ends_as_before_or_as_after() {
    at_every_step("create").await;
}

#[tokio::test]
async fn a_kill_while_packages_are_installed_ends_as_before_or_as_after() {
    at_every_step("install").await;
}

#[tokio::test]
async fn a_kill_while_packages_are_updated_ends_as_before_or_as_after() {
    at_every_step("update").await;
}

#[tokio::test]
async fn a_kill_while_packages_are_removed_ends_as_before_or_as_after() {
    at_every_step("remove").await;
}

#[tokio::test]
async fn a_kill_while_files_of_other_packages_move_ends_as_before_or_as_after() {
    at_every_step("clobber").await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_kill_around_scripts_ends_as_before_or_as_after() {
    at_every_step("scripts").await;
}

/// The recovery itself is killed at every step, and then done again.
#[tokio::test]
async fn a_kill_of_the_recovery_is_made_good_too() {
    for (name, kills) in [("update", [12, 17, 22]), ("scripts", [10, 12, 14])] {
        let scenario = Scenario::named(name);
        let (before, after) = ends(scenario).await;
        for kill in kills {
            let mut stops = 0;
            for step in 0.. {
                let world = scenario.prepared().await;
                let stopped = kill_at("change", scenario, kill, &world).unwrap();
                let Some(again) = kill_at("recover", scenario, step, &world) else {
                    break;
                };
                let at = format!("{name} killed at {stopped}, its recovery at {again}");
                world.recover();
                assert_one_of(&world, &before, &after, &at);
                assert!(world.recover().is_empty(), "{at}");
                world.assert_tidy_but_fetching(&at);
                stops += 1;
            }
            assert!(stops > 3, "{name} {kill}: {stops}");
        }
    }
}

/// A wish to stop instead of a kill, at every step: nobody has to come later.
#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_stop_at_any_step_ends_as_before_or_as_after() {
    for scenario in &SCENARIOS {
        if cfg!(windows) && scenario.name == "scripts" {
            continue;
        }
        let (before, after) = ends(scenario).await;
        let mut cancelled = 0;
        for step in 0.. {
            let world = scenario.prepared().await;
            let (wish, stop) = tokio::sync::oneshot::channel();
            let wish = std::sync::Mutex::new(Some(wish));
            let count = AtomicUsize::new(0);
            let reached = Arc::new(AtomicUsize::new(0));
            let watcher: Watcher = {
                let reached = reached.clone();
                Arc::new(move |_| {
                    if count.fetch_add(1, Ordering::SeqCst) == step {
                        reached.fetch_add(1, Ordering::SeqCst);
                        let wish: tokio::sync::oneshot::Sender<()> = wish.lock().unwrap().take().unwrap();
                        wish.send(()).unwrap();
                        // Until it is heard.
                        std::thread::sleep(std::time::Duration::from_millis(5));
                    }
                })
            };
            let packages = (scenario.after)();
            let packages: Vec<&Built> = packages.iter().collect();
            let stop = async { stop.await.map_err(drop) };
            let ended = world.hold_watched(&packages, watcher, stop).await;
            let at = format!("{} stopped at step {step}", scenario.name);
            match (&ended, assert_one_of(&world, &before, &after, &at)) {
                (Err(TransactionError::Cancelled), Recovery::RolledBack) => cancelled += 1,
                (Ok(_), Recovery::Finished) => {}
                (ended, end) => panic!("{at}: {ended:?}, {end:?}"),
            }
            world.assert_tidy();
            if reached.load(Ordering::SeqCst) == 0 {
                break;
            }
        }
        assert!(cancelled > 8, "{}: {cancelled}", scenario.name);
    }
}
