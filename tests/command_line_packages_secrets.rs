//! No token leaves its store: not in what the commands for packages say, and not in any file that they write.

#![cfg(unix)]

#[path = "support/environments.rs"]
mod environments;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use environments::{files_below, with_channels};
use sandbox::Sandbox;
use sextant::practice::{Fault, Trouble};

/// The files of the home that hold this text.
fn holding(sandbox: &Sandbox, text: &str) -> BTreeSet<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files_below(&sandbox.home()).into_iter().filter(holds).collect()
}

#[test]
fn tokens_stay_in_their_store() {
    // One channel with an index in shards, private ones, one without a credential.
    let sandbox = with_channels("risk-models,research/gpu,vendor-a,main");
    let token = sandbox.practice.tokens()[0].value.expose().to_owned();
    let before = holding(&sandbox, &token);
    assert!(!before.is_empty(), "a search that finds nothing proves nothing");
    let mut said = String::new();
    let mut run = |words: &[&str], more: &str| {
        for words in [words.to_vec(), [words, &["--json"]].concat()] {
            let ran = sandbox.run(&words);
            said.push_str(&format!("{words:?} {}\n{}\n{}\n", more, ran.out, ran.err));
        }
    };
    run(&["index", "update"], "");
    run(&["search", "risk"], "");
    run(
        &[
            "env",
            "create",
            "-n",
            "one",
            "python=3.12",
            "risk-engine",
            "--dry-run",
        ],
        "",
    );
    run(&["env", "create", "-n", "one", "python=3.12", "risk-engine"], "");
    run(&["install", "-n", "one", "company-fonts", "--allow-scripts"], "");
    run(&["update", "-n", "one", "--all"], "");
    run(&["packages", "-n", "one"], "");
    run(&["packages", "why", "numpy", "-n", "one"], "");
    run(&["packages", "needs", "risk-engine", "-n", "one"], "");
    for format in ["yml", "from-history", "explicit", "lock"] {
        run(&["env", "export", "-n", "one", "--format", format], "");
    }
    run(
        &[
            "env", "export", "-n", "one", "--format", "explicit", "--file", "one.txt",
        ],
        "",
    );
    run(&["env", "import", "one.txt", "-n", "two"], "");
    run(&["env", "clone", "-n", "one", "three"], "");
    run(&["install", "-n", "one", "legacy-pricing"], "unsolvable");
    // Failures, too, must say nothing.
    for fault in [
        Fault::Html,
        Fault::Truncate,
        Fault::Corrupt,
        Fault::Status {
            status: 401,
            retry_after: None,
        },
        Fault::Status {
            status: 403,
            retry_after: None,
        },
        Fault::Status {
            status: 500,
            retry_after: None,
        },
    ] {
        sandbox
            .practice
            .set_trouble(Trouble::fault(fault.clone()).only_path("/risk-models/"));
        run(&["index", "update"], &format!("{fault:?}"));
        run(
            &["install", "-n", "one", "risk-models-tools"],
            &format!("{fault:?}"),
        );
        run(&["remove", "-n", "one", "risk-models-tools"], "");
    }
    assert!(!said.contains(&token), "{said}");
    assert_eq!(holding(&sandbox, &token), before);
    let requests = sandbox.practice.requests();
    let with_token = requests
        .iter()
        .filter(|request| request.path.contains("/risk-models/") && request.path.contains("/t/"));
    assert!(
        with_token.count() > 5,
        "the token was used, so it could have leaked"
    );
}
