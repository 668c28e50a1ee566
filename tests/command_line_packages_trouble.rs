//! What keeps the commands for packages from their end: every kind of failure, told in good order, with nothing left behind.

#![cfg(unix)]

#[path = "support/environments.rs"]
mod environments;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;

use environments::{names, prefix, signed_in, versions, with_channels};
use sandbox::Sandbox;
use sextant::practice::{Fault, Trouble};
use terminal::{INTERRUPT, at_terminal};

fn trouble(sandbox: &Sandbox, fault: Fault, path: &str) {
    sandbox
        .practice
        .set_trouble(Trouble::fault(fault).only_path(path));
}

fn status(status: u16) -> Fault {
    Fault::Status {
        status,
        retry_after: None,
    }
}

#[test]
fn words_that_are_wrong_are_usage() {
    let sandbox = signed_in();
    for words in [
        &["env", "create", "python", "--json"][..],
        &["env", "create", "-n", "a", "-p", "/tmp/b", "python", "--json"],
        &["install", "-n", "a", "--json"],
        &["update", "-n", "a", "--json"],
        &["update", "-n", "a", "numpy", "--all", "--json"],
        &["packages", "--json"],
        &["packages", "-n", "nowhere", "--json"],
        &["packages", "-p", "/nowhere", "--json"],
        &["install", "-n", "nowhere", "numpy", "--json"],
        &["env", "create", "-n", "a/b", "python", "--json"],
        &["env", "create", "-n", "base", "python", "--json"],
        &["env", "create", "-n", "a", "numpy[version", "--json"],
        &["env", "remove", "-n", "nowhere", "--json"],
    ] {
        let ran = sandbox.run(words);
        assert_eq!(ran.failed(), "usage", "{words:?}: {ran:?}");
        assert_eq!(ran.code, Some(2), "{words:?}");
    }
}

#[test]
fn what_does_not_fit_together_is_explained() {
    let sandbox = signed_in();
    let words = ["env", "create", "-n", "a", "risk-engine", "legacy-pricing"];
    let ran = sandbox.run(&[&words[..], &["--json"]].concat());
    assert_eq!((ran.failed().as_str(), ran.code), ("unsolvable", Some(1)));
    let ran = sandbox.run(&words);
    assert_eq!(ran.code, Some(1));
    for part in ["risk-engine", "legacy-pricing", "numpy"] {
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    assert!(!prefix(&sandbox, "a").exists());
    let ran = sandbox.run(&["env", "create", "-n", "a", "no-such-package", "--json"]);
    assert_eq!(ran.failed(), "unsolvable");
    assert!(ran.out.contains("no-such-package"), "{ran:?}");
}

#[test]
fn a_server_that_refuses_is_told_with_the_channel() {
    let sandbox = signed_in();
    for (fault, kind) in [
        (status(401), "auth"),
        (status(403), "forbidden"),
        (status(500), "network"),
        (Fault::Html, "not-a-server"),
    ] {
        trouble(&sandbox, fault.clone(), "/risk-models/");
        let ran = sandbox.run(&["env", "create", "-n", "a", "risk-engine", "--json"]);
        assert_eq!(ran.failed(), kind, "{fault:?}: {ran:?}");
        assert!(ran.out.contains("risk-models"), "{fault:?}: {ran:?}");
        assert!(!prefix(&sandbox, "a").exists());
    }
}

#[test]
fn a_file_that_is_not_what_it_should_be_changes_nothing() {
    let sandbox = signed_in();
    sandbox.run(&["env", "create", "-n", "a", "six"]).succeeded();
    let before = sandbox.listing();
    let environment = |sandbox: &Sandbox| -> Vec<_> {
        let files = environments::files_below(&prefix(sandbox, "a"));
        files
            .into_iter()
            .map(|path| (fs::read(&path).unwrap(), path))
            .collect()
    };
    let held = environment(&sandbox);
    for fault in [Fault::Corrupt, Fault::Halve] {
        trouble(&sandbox, fault.clone(), "risk-engine-2.1.0");
        let ran = sandbox.run(&["install", "-n", "a", "risk-engine", "--json"]);
        assert_ne!(ran.failed(), "internal", "{fault:?}: {ran:?}");
        assert_eq!(environment(&sandbox), held, "{fault:?}");
    }
    drop(before);
    sandbox.practice.set_trouble(Trouble::none());
    sandbox.run(&["install", "-n", "a", "risk-engine"]).succeeded();
    assert_eq!(versions(&prefix(&sandbox, "a"))["risk-engine"], "2.1.0");
}

#[test]
fn a_connection_that_drops_once_is_taken_up_again() {
    let sandbox = with_channels("research,main");
    sandbox.run(&["index", "update"]).succeeded();
    let once = Trouble::fault(Fault::Truncate)
        .only_path("research-corpus")
        .times(1);
    sandbox.practice.set_trouble(once);
    sandbox
        .run(&["env", "create", "-n", "a", "research-corpus"])
        .succeeded();
    let corpus = prefix(&sandbox, "a").join("share/research-corpus/corpus.bin");
    assert_eq!(fs::metadata(corpus).unwrap().len(), 8_000_000);
}

#[test]
fn archives_that_lead_out_of_the_prefix_are_refused() {
    let sandbox = Sandbox::new();
    let channel = format!("{}/api/repo/trouble-archives", sandbox.practice.url());
    sandbox.write(
        ".condarc",
        format!(
            "channels:\n  - {channel}\n  - {}/api/repo/main\n",
            sandbox.practice.url()
        ),
    );
    for name in [
        "path-to-parent",
        "path-in-the-middle",
        "path-from-root",
        "file-through-link",
        "hard-link-out",
        "unlisted-path",
        "info-from-outside",
        "command-to-parent",
        "module-to-parent",
        "link-to-root",
        "link-to-parent",
        "wrong-checksum",
        "half-an-archive",
        "not-an-archive",
        "another-package",
        "no-info",
    ] {
        for version in ["1.0.0", "2.0.0"] {
            let spec = format!("{name}={version}");
            let ran = sandbox.run(&["env", "create", "-n", "a", &spec, "--json"]);
            let kind = ran.failed();
            assert!(kind != "internal" && kind != "usage", "{spec}: {ran:?}");
            assert!(!prefix(&sandbox, "a").exists(), "{spec}");
        }
    }
    let files = environments::files_below(&sandbox.home());
    let escaped = files
        .iter()
        .filter(|path| path.to_string_lossy().contains("escaped"));
    assert_eq!(escaped.count(), 0, "{files:?}");
    assert!(!std::path::Path::new("/tmp/sextant-practice-escaped.txt").exists());
}

#[test]
fn scripts_run_with_consent_only() {
    let sandbox = with_channels("vendor-a,main");
    let ran = sandbox
        .run(&["env", "create", "-n", "a", "company-fonts"])
        .succeeded();
    assert!(
        ran.err.contains("company-fonts"),
        "it is said that a script was left out: {ran:?}"
    );
    let registered = prefix(&sandbox, "a").join("var/company-fonts/registered");
    assert!(!registered.exists());
    sandbox
        .run(&["env", "create", "-n", "b", "company-fonts", "--allow-scripts"])
        .succeeded();
    let registered = prefix(&sandbox, "b").join("var/company-fonts/registered");
    assert_eq!(
        fs::read_to_string(&registered).unwrap(),
        "company-fonts 1.1.0 0\n"
    );
    sandbox
        .run(&["remove", "-n", "b", "company-fonts", "--allow-scripts"])
        .succeeded();
    assert!(!registered.exists());
}

#[test]
fn interrupting_leaves_nothing() {
    let sandbox = with_channels("research,main");
    sandbox.run(&["env", "create", "-n", "a", "six"]).succeeded();
    let held = versions(&prefix(&sandbox, "a"));
    sandbox
        .practice
        .set_trouble(Trouble::trickle(400_000).only_path("research-corpus"));
    for words in [
        &["install", "-n", "a", "research-corpus"][..],
        &["env", "create", "-n", "b", "research-corpus"],
    ] {
        let running = sandbox.start(sandbox.command(words));
        while !sandbox
            .practice
            .requests()
            .iter()
            .any(|request| request.path.ends_with(".conda") && request.path.contains("research-corpus"))
        {
            std::thread::yield_now();
        }
        running.interrupt();
        let ran = running.end();
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.err.contains("cancelled"), "{ran:?}");
        sandbox.practice.forget_requests();
    }
    assert_eq!(versions(&prefix(&sandbox, "a")), held);
    assert!(!prefix(&sandbox, "b").exists());
    let doctor = sandbox.run(&["doctor", "--json"]).json();
    let unfinished = doctor["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["id"] == "unfinished")
        .unwrap();
    assert_eq!(unfinished["outcome"], "pass");
}

#[test]
fn a_change_is_agreed_to_at_a_terminal() {
    let sandbox = signed_in();
    let command = sandbox.command(&["env", "create", "-n", "a", "six"]);
    let Some(session) = at_terminal(&command, &[("Go on? [Y/n] ", "n\r")]) else {
        return;
    };
    assert_eq!(session.code, 1, "{session:?}");
    assert!(session.shown.contains("nothing was changed"), "{session:?}");
    assert!(
        session.shown.contains("to install"),
        "the change is shown first: {session:?}"
    );
    assert!(!prefix(&sandbox, "a").exists());
    let session = at_terminal(&command, &[("Go on? [Y/n] ", INTERRUPT)]).unwrap();
    assert_eq!(session.code, 1, "{session:?}");
    assert!(!prefix(&sandbox, "a").exists());
    let session = at_terminal(&command, &[("Go on? [Y/n] ", "\r")]).unwrap();
    assert_eq!(session.code, 0, "{session:?}");
    assert!(versions(&prefix(&sandbox, "a")).contains_key("six"));
    let list = sandbox.run(&["env", "list", "--json"]).succeeded().json();
    assert_eq!(names(&list["environments"]), ["a"]);
}
