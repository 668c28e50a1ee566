//! Environments and packages by command line, from an empty home without conda, on the practice server.

#![cfg(unix)]

#[path = "support/environments.rs"]
mod environments;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::process::Command;

use environments::{keys, names, prefix, signed_in, versions};
use serde_json::{Value, json};

#[test]
fn the_whole_story() {
    let sandbox = signed_in();
    let run = |words: &[&str]| -> Value {
        let mut words = words.to_vec();
        words.push("--json");
        sandbox.run(&words).succeeded().json()
    };

    // What there is.
    let index = run(&["index", "update"]);
    assert!(
        index["channels"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["status"] == "updated")
    );
    let found = run(&["search", "risk-engine"]);
    assert_eq!(found["packages"][0]["name"], "risk-engine");
    assert_eq!(found["packages"][0]["versions"], json!(["2.1.0", "2.0.0"]));
    assert_eq!(found["packages"][0]["channel"], "risk-models");

    // An environment that has an older engine.
    let made = run(&["env", "create", "-n", "work", "python=3.12", "risk-engine=2.0"]);
    let work = prefix(&sandbox, "work");
    assert_eq!(made["prefix"], work.to_str().unwrap());
    assert_eq!(made["done"], true);
    let held = versions(&work);
    assert_eq!(held["python"], "3.12.8");
    assert_eq!(held["risk-engine"], "2.0.0");
    assert_eq!(names(&made["install"]).len(), held.len());
    let said = Command::new(work.join("bin/python")).arg("-V").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), "Python 3.12.8\n");

    // More packages, newer ones, fewer.
    let installed = run(&["install", "-n", "work", "flask"]);
    assert!(names(&installed["install"]).contains(&"werkzeug"));
    let updated = run(&["update", "-n", "work", "risk-engine"]);
    assert_eq!(updated["change"][0]["name"], "risk-engine");
    assert_eq!(versions(&work)["risk-engine"], "2.1.0");
    let removed = run(&["remove", "-n", "work", "flask"]);
    assert!(names(&removed["remove"]).contains(&"flask"));
    assert!(!versions(&work).contains_key("flask"));

    // The last change is undone by the history, and the undoing as well.
    let with_flask = versions(&work);
    assert!(!with_flask.contains_key("flask"));
    let history = run(&["history"]);
    let newest = &history["entries"][0];
    assert_eq!(newest["kind"], "packages");
    assert!(
        newest["what"].as_str().unwrap().starts_with("In work: removed "),
        "{newest}"
    );
    assert_eq!(newest["can_be_undone"], true);
    let previewed = run(&["undo", "--dry-run"]);
    assert!(names(&previewed["install"]).contains(&"flask"), "{previewed}");
    assert!(!versions(&work).contains_key("flask"));
    let undone = run(&["undo"]);
    assert_eq!(undone["undoes"], newest["id"]);
    assert!(versions(&work).contains_key("flask"));
    let exported = sandbox
        .run(&["env", "export", "-n", "work", "--format", "from-history"])
        .succeeded();
    assert!(exported.out.contains("- flask"), "{exported:?}");
    run(&["undo", undone["id"].as_str().unwrap()]);
    assert_eq!(versions(&work), with_flask);

    // The list, and why something is on it.
    let packages = run(&["packages", "-n", "work"]);
    let list = packages["packages"].as_array().unwrap();
    let engine = list.iter().find(|one| one["name"] == "risk-engine").unwrap();
    assert_eq!(engine["channel"], "risk-models");
    let why = sandbox.run(&["packages", "why", "six", "-n", "work"]).succeeded();
    assert!(
        why.out.contains("python-dateutil") && why.out.contains("pandas"),
        "{why:?}"
    );

    // Written down, copied, renamed, removed and put back.
    let exported = sandbox.run(&["env", "export", "-n", "work"]).succeeded();
    assert!(exported.out.contains("- risk-engine=2.1.0="), "{exported:?}");
    run(&["env", "clone", "-n", "work", "copy"]);
    assert_eq!(versions(&prefix(&sandbox, "copy")), versions(&work));
    run(&["env", "rename", "-n", "copy", "renamed"]);
    assert!(!prefix(&sandbox, "copy").exists());
    let renamed = prefix(&sandbox, "renamed");
    assert_eq!(versions(&renamed), versions(&work));
    let program = fs::read_to_string(renamed.join("bin/risk-engine")).unwrap();
    assert!(program.contains(renamed.to_str().unwrap()), "{program}");
    let gone = run(&["env", "remove", "-n", "renamed"]);
    assert!(!renamed.exists());
    let list = run(&["env", "list"]);
    assert_eq!(names(&list["environments"]), ["work"]);
    run(&["env", "trash", "restore", gone["trash"].as_str().unwrap()]);
    assert_eq!(versions(&renamed), versions(&work));
}

#[test]
fn every_answer_has_the_keys_of_the_contract() {
    let sandbox = signed_in();
    let run = |words: &[&str]| -> Value {
        let mut words = words.to_vec();
        words.push("--json");
        sandbox.run(&words).succeeded().json()
    };
    let has = |object: &Value, wanted: &[&str]| {
        let keys = keys(object);
        assert!(
            wanted.iter().all(|key| keys.contains(key)),
            "{wanted:?}: {object}"
        );
    };
    let index = run(&["index", "update"]);
    has(
        &index["channels"][0],
        &["name", "url", "subdir", "records", "status"],
    );
    let found = run(&["search", "numpy"]);
    has(&found["packages"][0], &["name", "versions", "channel"]);
    let change = ["prefix", "install", "remove", "bytes_to_download", "done"];
    let planned = run(&["env", "create", "-n", "work", "six", "--dry-run"]);
    has(&planned, &change);
    assert_eq!(planned["done"], false);
    assert!(planned["bytes_to_download"].as_u64().unwrap() > 0);
    assert!(!prefix(&sandbox, "work").exists(), "nothing is changed");
    let made = run(&["env", "create", "-n", "work", "six"]);
    has(&made, &change);
    assert_eq!(made["done"], true);
    has(&made["install"][0], &["name", "version", "build", "channel"]);
    has(&run(&["install", "-n", "work", "pytz"]), &change);
    has(&run(&["update", "-n", "work", "--all"]), &change);
    has(&run(&["remove", "-n", "work", "pytz"]), &change);
    let packages = run(&["packages", "-n", "work"]);
    has(&packages["packages"][0], &["name", "version", "build", "channel"]);
    let list = run(&["env", "list"]);
    has(
        &list["environments"][0],
        &["name", "prefix", "python", "packages", "bytes"],
    );
    assert_eq!(list["environments"][0]["name"], "work");
    assert!(list["environments"][0]["bytes"].as_u64().unwrap() > 0);
}

#[test]
fn a_channel_is_searched_first_for_one_command() {
    let sandbox = environments::with_channels("main");
    let condarc = sandbox.read(".condarc");
    let without = sandbox.run(&["env", "create", "-n", "work", "risk-engine", "--json"]);
    assert_eq!(without.failed(), "unsolvable");
    let url = format!("{}/api/repo/risk-models", sandbox.practice.url());
    // By its address and by its name; what is private is opened by the token of the sign-in.
    sandbox
        .run(&[
            "env",
            "create",
            "-n",
            "work",
            "-c",
            &url,
            "risk-engine=2.0",
            "--json",
        ])
        .succeeded();
    let work = prefix(&sandbox, "work");
    assert_eq!(versions(&work)["risk-engine"], "2.0.0");
    let words = [
        "update",
        "-n",
        "work",
        "--channel",
        "risk-models",
        "risk-engine",
        "--json",
    ];
    sandbox.run(&words).succeeded();
    assert_eq!(versions(&work)["risk-engine"], "2.1.0");
    sandbox
        .run(&["env", "create", "-n", "other", "python", "--json"])
        .succeeded();
    let words = [
        "install",
        "-n",
        "other",
        "-c",
        "risk-models",
        "risk-engine",
        "--json",
    ];
    sandbox.run(&words).succeeded();
    assert!(versions(&prefix(&sandbox, "other")).contains_key("risk-engine"));
    // Nothing of it stays.
    assert_eq!(sandbox.read(".condarc"), condarc);

    let secret = format!("{}/api/repo/t/canary-1/risk-models", sandbox.practice.url());
    let ran = sandbox.run(&["install", "-n", "other", "-c", &secret, "numpy", "--json"]);
    assert_eq!(ran.failed(), "usage");
    assert!(
        !ran.out.contains("canary") && !ran.err.contains("canary"),
        "{ran:?}"
    );
    let ran = sandbox.run(&["install", "-n", "other", "-c", "-", "numpy", "--json"]);
    assert_eq!(ran.failed(), "usage");
}
