//! Environments by command line: written down and made again, copied, renamed, removed for good or not, and protected.

#![cfg(unix)]

#[path = "support/environments.rs"]
mod environments;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;

use environments::{files_below, names, prefix, signed_in, versions, with_channels};
use sandbox::Sandbox;
use serde_json::Value;
use terminal::at_terminal;

fn json(sandbox: &Sandbox, words: &[&str]) -> Value {
    let words = [words, &["--json"]].concat();
    sandbox.run(&words).succeeded().json()
}

/// A home with the environment `work` in it.
fn with_work() -> Sandbox {
    let sandbox = signed_in();
    let words = ["env", "create", "-n", "work", "python=3.12", "risk-engine"];
    sandbox.run(&words).succeeded();
    sandbox
}

#[test]
fn what_is_written_down_makes_the_same_again() {
    let sandbox = with_work();
    let held = versions(&prefix(&sandbox, "work"));
    for (format, file, everything) in [
        ("yml", "work.yml", true),
        ("from-history", "asked.yml", true),
        ("explicit", "work.txt", true),
        ("lock", "pixi.lock", true),
    ] {
        let words = ["env", "export", "-n", "work", "--format", format];
        let printed = sandbox.run(&words).succeeded();
        sandbox.run(&[&words[..], &["--file", file]].concat()).succeeded();
        assert_eq!(sandbox.read(file).trim_end(), printed.out.trim_end(), "{format}");
        let name = format!("again-{format}");
        let planned = json(&sandbox, &["env", "import", file, "-n", &name, "--dry-run"]);
        assert_eq!(planned["done"], false);
        assert!(!prefix(&sandbox, &name).exists());
        let made = json(&sandbox, &["env", "import", file, "-n", &name]);
        assert_eq!(made["prefix"], prefix(&sandbox, &name).to_str().unwrap());
        if everything {
            assert_eq!(versions(&prefix(&sandbox, &name)), held, "{format}");
        }
    }
    // Without a name, the file's own; which is taken here.
    let taken = sandbox.run(&["env", "import", "work.yml", "--json"]);
    assert_eq!(taken.failed(), "conflict");
    let unnamed = sandbox.run(&["env", "import", "work.txt", "--json"]);
    assert_eq!(unnamed.failed(), "usage");
    for (file, content) in [("broken.yml", "dependencies: [\n"), ("empty.yml", "")] {
        sandbox.write(file, content);
        let ran = sandbox.run(&["env", "import", file, "-n", "x", "--json"]);
        assert!(
            ["file", "usage"].contains(&ran.failed().as_str()),
            "{file}: {ran:?}"
        );
    }
    let missing = sandbox.run(&["env", "import", "nowhere.yml", "-n", "x", "--json"]);
    assert!(
        ["file", "usage"].contains(&missing.failed().as_str()),
        "{missing:?}"
    );
    let folder = sandbox.run(&["env", "export", "-n", "work", "--file", ".", "--json"]);
    assert_eq!(folder.failed(), "usage");
}

#[test]
fn pip_installs_on_request_only() {
    let sandbox = signed_in();
    sandbox.write(
        "environment.yml",
        "name: with-pip\ndependencies:\n  - python=3.12\n  - pip\n  - pip:\n    - something\n",
    );
    let made = sandbox.run(&["env", "import", "environment.yml"]).succeeded();
    assert!(
        made.err.contains("something"),
        "it is said that pip's part is left out: {made:?}"
    );
    // The pip of the practice server installs nothing, and says so.
    let ran = sandbox.run(&[
        "env",
        "import",
        "environment.yml",
        "-n",
        "other",
        "--pip",
        "--json",
    ]);
    assert_ne!(ran.code, Some(0), "{ran:?}");
    assert!(
        versions(&prefix(&sandbox, "other")).contains_key("pip"),
        "{ran:?}"
    );
}

#[test]
fn a_copy_is_an_environment_of_its_own() {
    let sandbox = with_work();
    fs::write(prefix(&sandbox, "work").join("mine.txt"), "mine").unwrap();
    let place = sandbox.home().join("elsewhere/copy");
    let made = json(&sandbox, &["env", "clone", "-n", "work", "./elsewhere/copy"]);
    assert_eq!(made["prefix"], place.to_str().unwrap());
    assert_eq!(versions(&place), versions(&prefix(&sandbox, "work")));
    assert_eq!(fs::read_to_string(place.join("mine.txt")).unwrap(), "mine");
    for file in files_below(&place) {
        let text = fs::read(&file).unwrap();
        let original = prefix(&sandbox, "work");
        let original = original.to_str().unwrap().as_bytes();
        let is_history = file.ends_with("conda-meta/history");
        let names_original = text.windows(original.len()).any(|window| window == original);
        assert!(
            !names_original || is_history,
            "{} names the original",
            file.display()
        );
    }
    sandbox
        .run(&["remove", "-p", place.to_str().unwrap(), "risk-engine"])
        .succeeded();
    assert!(versions(&prefix(&sandbox, "work")).contains_key("risk-engine"));
    for (words, kind) in [
        (&["env", "clone", "-n", "work", "work"][..], "conflict"),
        (&["env", "clone", "-n", "nowhere", "x"], "usage"),
        (&["env", "clone", "-n", "work", "a:b"], "usage"),
        (&["env", "rename", "-n", "work", "base"], "usage"),
    ] {
        let ran = sandbox.run(&[words, &["--json"]].concat());
        assert_eq!(ran.failed(), kind, "{words:?}: {ran:?}");
    }
}

#[test]
fn what_is_removed_comes_back_until_it_is_deleted() {
    let sandbox = with_work();
    let work = prefix(&sandbox, "work");
    let held = versions(&work);
    let before = sandbox.read(".conda/environments.txt");
    let planned = json(&sandbox, &["env", "remove", "-n", "work", "--dry-run"]);
    assert_eq!(planned["done"], false);
    assert!(work.exists());
    let removed = json(&sandbox, &["env", "remove", "-n", "work"]);
    assert!(!work.exists());
    assert_eq!(sandbox.read(".conda/environments.txt"), "");
    let id = removed["id"].as_str().unwrap();
    let trash = json(&sandbox, &["env", "trash", "list"]);
    assert_eq!(trash["trash"][0]["id"], id);
    assert_eq!(trash["trash"][0]["prefix"], work.to_str().unwrap());
    json(&sandbox, &["undo"]);
    assert_eq!(versions(&work), held);
    assert_eq!(sandbox.read(".conda/environments.txt"), before);

    let removed = json(&sandbox, &["env", "remove", "-p", work.to_str().unwrap()]);
    let id = removed["id"].as_str().unwrap();
    let unsaid = sandbox.run(&["env", "trash", "empty", "--json"]);
    assert_eq!(unsaid.failed(), "usage", "without a word nothing is deleted");
    let planned = json(&sandbox, &["env", "trash", "empty", id, "--dry-run"]);
    assert_eq!(planned["deleted"][0], work.to_str().unwrap());
    let deleted = json(&sandbox, &["env", "trash", "empty", id, "--yes"]);
    assert_eq!(deleted["done"], true);
    let late = sandbox.run(&["env", "trash", "restore", id, "--json"]);
    assert_eq!(late.failed(), "usage");
    let late = sandbox.run(&["undo", id, "--json"]);
    assert_eq!(late.failed(), "conflict");
}

#[test]
fn frozen_environments_stay_as_they_are_unless_the_person_insists() {
    let sandbox = with_work();
    let work = prefix(&sandbox, "work");
    fs::write(
        work.join("conda-meta/frozen"),
        r#"{"message": "it is the one of the paper"}"#,
    )
    .unwrap();
    for words in [
        &["install", "-n", "work", "pytz"][..],
        &["update", "-n", "work", "--all"],
        &["remove", "-n", "work", "risk-engine"],
        &["env", "remove", "-n", "work"],
        &["env", "rename", "-n", "work", "other"],
    ] {
        let ran = sandbox.run(&[words, &["--json"]].concat());
        assert_eq!(ran.failed(), "forbidden", "{words:?}: {ran:?}");
        assert!(
            ran.out.contains("it is the one of the paper"),
            "{words:?}: {ran:?}"
        );
    }
    let list = json(&sandbox, &["env", "list"]);
    assert_eq!(list["environments"][0]["protections"][0]["kind"], "frozen");
    sandbox
        .run(&["install", "-n", "work", "requests", "--override-protection"])
        .succeeded();
    assert!(versions(&work).contains_key("requests"));
}

#[test]
fn an_environment_may_be_empty() {
    let sandbox = Sandbox::new();
    let planned = json(&sandbox, &["env", "create", "-n", "empty", "--dry-run"]);
    assert_eq!(planned["done"], false);
    assert!(!prefix(&sandbox, "empty").exists());
    let made = json(&sandbox, &["env", "create", "-n", "empty"]);
    assert_eq!(made["done"], true);
    assert!(names(&made["install"]).is_empty());
    let list = json(&sandbox, &["env", "list"]);
    assert_eq!(names(&list["environments"]), ["empty"]);
    assert_eq!(list["environments"][0]["python"], Value::Null);
    json(&sandbox, &["undo"]);
    assert!(!prefix(&sandbox, "empty").exists());
}

#[test]
fn a_person_at_a_terminal_sees_how_far_it_is() {
    let sandbox = with_channels("research,main");
    sandbox
        .practice
        .set_trouble(sextant::practice::Trouble::trickle(16_000_000).only_path("research-corpus-"));
    let command = sandbox.command(&["env", "create", "-n", "a", "research-corpus", "--yes"]);
    let Some(session) = at_terminal(&command, &[]) else {
        return;
    };
    assert_eq!(session.code, 0, "{session:?}");
    assert!(session.shown.contains("downloading"), "{session:?}");
    assert!(
        session.shown.contains("of 8.0 MB: research-corpus"),
        "{session:?}"
    );
    assert!(
        session.shown.trim_end().ends_with("installed 1 package."),
        "{session:?}"
    );
    let quiet = sandbox
        .run(&["env", "create", "-n", "b", "research-corpus"])
        .succeeded();
    assert!(!quiet.err.contains('\r'), "{quiet:?}");
}
