//! The program is killed at every step of making, copying, renaming, removing and bringing back an environment, and of emptying the trash.
//! Whatever happens, a recovery ends with the home as before or as after, and nothing else.
//!
//! The steps run in a process of their own: this very test program, told what to do by variables.

#[path = "support/environment_home.rs"]
mod environment_home;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use environment_home::{Home, furnish, named};
#[cfg(unix)]
use sextant::package::transaction::Scripts;
#[cfg(unix)]
use sextant::practice::{Options, Practice};
use sextant::service::environments::NewEnvironment;
#[cfg(unix)]
use sextant::service::environments::NewEnvironmentPlan;
#[cfg(unix)]
use sextant::service::packages::{apply::Consent, plan::ChangeOptions};

const HOME: &str = "SEXTANT_TEST_HOME";
const WORK: &str = "SEXTANT_TEST_WORK";
const STEP: &str = "SEXTANT_TEST_STEP";

fn new(name: &str) -> NewEnvironment {
    NewEnvironment::Named(name.to_owned())
}

fn work(home: &Home, what: &str) {
    match what {
        "create" => home.create(&new("fresh")).map(drop).unwrap(),
        "remove" => home.remove("etl").map(drop).unwrap(),
        "rename" => home.rename("etl", "a-longer-name").map(drop).unwrap(),
        "undo" => home.undo(None).map(drop).unwrap(),
        "empty" => home.wait(home.services.empty_trash(None)).map(drop).unwrap(),
        #[cfg(unix)]
        "clone" => {
            let planned = home.services.plan_clone_environment(&named("work"), &new("copy"));
            make(home, &planned.unwrap());
        }
        other => panic!("{other}"),
    }
}

/// The process that is killed: says each step and waits at the one that is named.
#[test]
#[ignore = "started by the other tests"]
fn victim() {
    let variable = |name| std::env::var(name).unwrap();
    let stop: usize = variable(STEP).parse().unwrap();
    let count = AtomicUsize::new(0);
    let home = Home::over(Path::new(&variable(HOME)), &[], |services| {
        services.watched_by(Arc::new(move |name: &str| {
            if count.fetch_add(1, Ordering::SeqCst) == stop {
                eprintln!("stopped at: {name}");
                loop {
                    std::thread::park();
                }
            }
        }))
    });
    work(&home, &variable(WORK));
}

/// The name of the step at which it was killed; nothing when it came to its end.
fn killed(home: &Path, what: &str, step: usize) -> Option<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["victim", "--exact", "--ignored", "--nocapture"])
        .env(HOME, home)
        .env(WORK, what)
        .env(STEP, step.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stopped = None;
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap)
    {
        if let Some(name) = line.strip_prefix("stopped at: ") {
            stopped = Some(name.to_owned());
            break;
        }
        said.push_str(&line);
        said.push('\n');
    }
    // SIGKILL: no destructor runs.
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(stopped.is_some() || status.success(), "{said}");
    stopped
}

/// What a change may change: the home, and what Sextant remembers.
#[derive(Debug, PartialEq, Eq)]
struct World {
    files: BTreeMap<String, String>,
    trash: usize,
    entries: Vec<String>,
}

impl World {
    fn of(home: &Home) -> Self {
        let plain = home.folder.display().to_string();
        let files = home.listing().into_iter();
        Self {
            // Every home lies elsewhere, also as the files tell it; in a record a digest of one tells it too.
            files: files
                // What can be fetched again is no part of it.
                .filter(|(name, _)| !name.starts_with(".cache"))
                .map(|(name, content)| {
                    let content = content.replace(&plain, "HOME");
                    let dated = name.ends_with("conda-meta/history") || name.ends_with(".json");
                    (name, if dated { String::new() } else { content })
                })
                .collect(),
            trash: home.services.trash().len(),
            // That the test itself has written a file is noticed at one time or another.
            entries: home
                .services
                .entries()
                .unwrap()
                .into_iter()
                .filter(|entry| !entry.is_from_outside())
                .map(|entry| entry.what)
                .collect(),
        }
    }
}

/// The furnished home, once this was done in it.
fn after(done: &[&str]) -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let home = Home::over(folder.path(), &[], |services| services);
    for what in done {
        work(&home, what);
    }
    (folder, home)
}

/// A home with an environment whose package is in the cache, and with a file of the person's own in it.
#[cfg(unix)]
fn with_packages() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::over(folder.path(), &[], |services| services);
    let practice = home.wait(Practice::start(Options::default())).unwrap();
    home.write(
        ".condarc",
        format!("channel_alias: {}/api/repo\nchannels: [main]\n", practice.url()),
    );
    let specs = ["zlib".to_owned()];
    let options = ChangeOptions::default();
    let target = new("work");
    let planned = home
        .services
        .plan_new_environment(&target, &specs, &options, |_| {});
    let planned = home.wait(planned).unwrap();
    make(&home, &planned);
    home.write(
        ".conda/envs/work/own",
        planned.target.prefix.display().to_string(),
    );
    // Where the practice server was is different each time.
    home.write(".condarc", "");
    (folder, home)
}

#[cfg(unix)]
fn make(home: &Home, planned: &NewEnvironmentPlan) {
    let consent = Consent {
        scripts: Scripts::Skip,
        command: "sextant env".to_owned(),
    };
    let never = std::future::pending::<Result<(), ()>>();
    home.wait(home.services.make_environment(planned, &consent, |_| {}, never))
        .unwrap();
}

fn at_every_step(what: &str, prepared: impl Fn() -> (tempfile::TempDir, Home)) {
    let (_folder, whole) = prepared();
    let before = World::of(&whole);
    work(&whole, what);
    let after = World::of(&whole);
    assert_ne!(before, after);
    let mut names = Vec::new();
    let (mut as_before, mut as_after) = (0, 0);
    for step in 0.. {
        let (folder, home) = prepared();
        let Some(name) = killed(folder.path(), what, step) else {
            break;
        };
        let at = format!("{what} killed at step {step}, {name}");
        home.wait(home.services.recover()).unwrap();
        if what == "empty" {
            // Deleting goes on when the trash is next looked at.
            home.wait(home.services.trim_trash(Default::default())).unwrap();
        }
        let now = World::of(&home);
        assert!(
            now == before || now == after,
            "{at}: {now:#?}\n{before:#?}\n{after:#?}"
        );
        assert!(!home.services.needs_recovery(), "{at}");
        match now == before {
            true => as_before += 1,
            false => as_after += 1,
        }
        // What was begun can be done now, from either end.
        if now == before {
            work(&home, what);
            assert_eq!(World::of(&home), after, "{at}, and once more");
        }
        names.push(name);
    }
    // Emptying the trash goes one way only.
    assert!(
        as_after > 0 && (as_before > 0 || what == "empty"),
        "{as_before} {as_after} {names:#?}"
    );
    assert!(names.len() > 1, "{names:#?}");
}

#[test]
fn a_kill_while_an_environment_is_made_ends_as_before_or_as_after() {
    at_every_step("create", || after(&[]));
}

#[test]
fn a_kill_while_an_environment_is_removed_ends_as_before_or_as_after() {
    at_every_step("remove", || after(&[]));
}

#[test]
fn a_kill_while_an_environment_comes_back_ends_as_before_or_as_after() {
    at_every_step("undo", || after(&["remove"]));
}

#[test]
fn a_kill_while_an_environment_is_renamed_ends_as_before_or_as_after() {
    at_every_step("rename", || after(&[]));
}

#[test]
fn a_kill_while_a_name_is_given_back_ends_as_before_or_as_after() {
    at_every_step("undo", || after(&["rename"]));
}

#[test]
fn a_kill_while_the_trash_is_emptied_loses_nothing_but_the_trash() {
    at_every_step("empty", || after(&["remove"]));
}

#[cfg(unix)]
#[test]
fn a_kill_while_an_environment_is_copied_ends_as_before_or_as_after() {
    at_every_step("clone", with_packages);
}
