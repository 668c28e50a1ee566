//! The program is killed at every step of making an environment and of changing its packages. Whatever happens, a recovery
//! ends with the environment as before or as after, and it can be used.

#![cfg(unix)]

#[path = "support/environments.rs"]
mod environments;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use environments::{prefix, with_channels};
use sandbox::Sandbox;

/// A home as it was, to begin from again and again.
struct Beginning {
    sandbox: Sandbox,
    kept: tempfile::TempDir,
}

impl Beginning {
    /// `prepare` are the commands that lead there.
    fn after(prepare: &[&[&str]]) -> Self {
        let sandbox = with_channels("vendor-a,main");
        sandbox.run(&["index", "update"]).succeeded();
        // So that no step waits for a download: that they are killed as well is seen in the tests of the room itself.
        sandbox
            .run(&["env", "create", "-n", "warm", "company-fonts"])
            .succeeded();
        sandbox
            .run(&["env", "create", "-n", "warm-2", "company-fonts=1.0"])
            .succeeded();
        for words in prepare {
            sandbox.run(words).succeeded();
        }
        let kept = tempfile::tempdir().unwrap();
        copy(&sandbox.home(), &kept.path().join("home"));
        Self { sandbox, kept }
    }

    fn restore(&self) {
        fs::remove_dir_all(self.sandbox.home()).unwrap();
        copy(&self.kept.path().join("home"), &self.sandbox.home());
    }
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").args([from, to]).status().unwrap();
    assert!(done.success());
}

type Tree = BTreeMap<PathBuf, String>;

/// Everything that a change of packages may change: environments, conda's list of them, and what Sextant remembers of changes
/// under way. Dates are made equal.
fn world(sandbox: &Sandbox) -> Tree {
    let mut found = Tree::new();
    let home = sandbox.home();
    let mut left = vec![home.join(".conda"), sandbox.data().join("changing-environments")];
    while let Some(path) = left.pop() {
        let Ok(metadata) = path.symlink_metadata() else {
            continue;
        };
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
        let what = if metadata.is_symlink() {
            format!("-> {}", fs::read_link(&path).unwrap().display())
        } else if metadata.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            format!("folder {mode:o}")
        } else {
            format!("{mode:o} {}", without_dates(&fs::read(&path).unwrap()))
        };
        found.insert(path.strip_prefix(&home).unwrap().to_owned(), what);
    }
    found
}

fn without_dates(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let lines = text.lines().map(|line| match line.starts_with("==> ") {
        true => "==> DATE <==",
        false => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs the program until a step, and kills it there. The step's name, or nothing when the program ended before.
fn kill_at(sandbox: &Sandbox, words: &[&str], step: usize) -> Option<String> {
    let mut command = sandbox.command(words);
    let mut child = command
        .env("SEXTANT_STOP_AT_STEP", step.to_string())
        .spawn()
        .unwrap();
    drop(child.stdin.take());
    let mut stopped = None;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        if let Some(name) = line.unwrap().strip_prefix("stopped at: ") {
            stopped = Some(name.to_owned());
            break;
        }
    }
    // SIGKILL: no destructor runs.
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(stopped.is_some() || status.success(), "{status}");
    stopped
}

fn at_every_step(prepare: &[&[&str]], words: &[&str]) {
    let beginning = Beginning::after(prepare);
    let sandbox = &beginning.sandbox;
    let before = world(sandbox);
    sandbox.run(words).succeeded();
    let after = world(sandbox);
    assert_ne!(before, after);
    let (mut names, mut as_before, mut as_after) = (Vec::new(), 0, 0);
    for step in 0.. {
        beginning.restore();
        let Some(name) = kill_at(sandbox, words, step) else {
            break;
        };
        let at = format!("{words:?} killed at step {step}, {name}");
        let told = sandbox.run(&["recover", "--json"]).succeeded().json();
        let now = world(sandbox);
        assert!(
            now == before || now == after,
            "{at}: {told} {:#?}",
            difference(&now, &before)
        );
        for change in told["changes"].as_array().unwrap() {
            let expected = if now == before { "rolled-back" } else { "finished" };
            assert_eq!(change["outcome"], expected, "{at}: {told}");
        }
        assert!(told["environments"].is_null(), "{at}: {told}");
        let again = sandbox.run(&["recover", "--json"]).succeeded().json();
        assert_eq!(
            again,
            serde_json::json!({"changes": [], "revoked": [], "waiting": []}),
            "{at}"
        );
        if now == before {
            as_before += 1;
            sandbox.run(words).succeeded();
            assert_eq!(world(sandbox), after, "{at}, and done once more");
        } else {
            as_after += 1;
        }
        names.push(name);
    }
    assert!(names.len() > 20, "{names:#?}");
    let enough = as_before > 5 && as_after > 1;
    assert!(enough, "{as_before} {as_after} {names:#?}");
}

fn difference(one: &Tree, other: &Tree) -> Vec<(PathBuf, Option<String>, Option<String>)> {
    let mut paths: Vec<&PathBuf> = one.keys().chain(other.keys()).collect();
    paths.sort();
    paths.dedup();
    let differing = paths
        .into_iter()
        .filter(|path| one.get(*path) != other.get(*path));
    differing
        .map(|path| (path.clone(), one.get(path).cloned(), other.get(path).cloned()))
        .collect()
}

#[test]
fn a_kill_while_an_environment_is_made_ends_as_before_or_as_after() {
    at_every_step(&[], &["env", "create", "-n", "new", "company-fonts"]);
}

#[test]
fn a_kill_while_a_package_is_installed_ends_as_before_or_as_after() {
    at_every_step(
        &[&["env", "create", "-n", "a"]],
        &["install", "-n", "a", "company-fonts"],
    );
}

#[test]
fn a_kill_while_a_package_is_updated_ends_as_before_or_as_after() {
    let prepare: &[&str] = &["env", "create", "-n", "a", "company-fonts=1.0"];
    at_every_step(&[prepare], &["install", "-n", "a", "company-fonts=1.1"]);
}

#[test]
fn a_kill_while_a_package_is_removed_ends_as_before_or_as_after() {
    let prepare: &[&str] = &["env", "create", "-n", "a", "company-fonts"];
    at_every_step(&[prepare], &["remove", "-n", "a", "company-fonts"]);
}

/// The environment that a killed program has left is made good by the next change of it as well, without anybody asking.
#[test]
fn the_next_change_makes_good_what_a_kill_has_left() {
    let beginning = Beginning::after(&[&["env", "create", "-n", "a", "company-fonts=1.0"]]);
    let sandbox = &beginning.sandbox;
    let words = ["install", "-n", "a", "company-fonts=1.1"];
    let stopped = (0..).map_while(|step| {
        beginning.restore();
        kill_at(sandbox, &words, step)
    });
    let mut stopped = stopped.skip_while(|name| !name.starts_with("place "));
    stopped.next().unwrap();
    drop(stopped);
    let meta = prefix(sandbox, "a").join("conda-meta");
    assert!(meta.join(".sextant-change/journal.json").exists());
    sandbox.run(&words).succeeded();
    assert!(!meta.join(".sextant-change").exists());
    assert_eq!(
        environments::versions(&prefix(sandbox, "a"))["company-fonts"],
        "1.1.0"
    );
    assert!(!sandbox.data().join("changing-environments").exists());
}
