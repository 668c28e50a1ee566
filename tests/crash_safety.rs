//! The program is killed at every step of signing in and out. Whatever happens, a recovery ends with the home and
//! the server's tokens as before or as after, and nothing else.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use sandbox::Sandbox;
use sextant::practice::Trouble;

const CONDARC: &str =
    "# mine\nchannels:\n  - conda-forge # fast\ndefault_channels: [https://repo.anaconda.com/pkgs/main]\n";
const INI: &str =
    "[main]\nanaconda_server_api_url = None\nanaconda_server_token = 'old'\n\n[ssl]\ntrusted_servers = []\n";

type Listing = BTreeMap<PathBuf, String>;

fn home() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    sandbox.write(".anaconda/navigator/anaconda-navigator.ini", INI);
    let quoted = sandbox.practice.url().replace(':', "%3A").replace('/', "%2F");
    sandbox.write(format!(".config/binstar/{quoted}.token"), "stale");
    sandbox
}

/// The files, with what differs from run to run made equal.
fn comparable(sandbox: &Sandbox) -> Listing {
    let tokens = sandbox.practice.tokens();
    let address = sandbox.practice.url().to_owned();
    let quoted = address.replace(':', "%3A").replace('/', "%2F");
    sandbox
        .listing()
        .into_iter()
        .map(|(path, content)| {
            let path = path.display().to_string().replace(&quoted, "SERVER");
            let content = tokens
                .iter()
                .fold(content.replace(&address, "SERVER"), |content, token| {
                    content
                        .replace(token.value.expose(), "TOKEN")
                        .replace(&token.id, "ID")
                });
            (PathBuf::from(path), content)
        })
        .collect()
}

/// Runs the program until a step, by number or name, and kills it there. The step's name, or nothing when the program
/// ended before.
fn kill_at(sandbox: &Sandbox, words: &[&str], input: &str, step: &str) -> Option<String> {
    let mut child = sandbox
        .command(words)
        .env("SEXTANT_STOP_AT_STEP", step)
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
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

struct Ends {
    before: Listing,
    after: Listing,
    tokens_before: usize,
    tokens_after: usize,
}

/// Kills at every step, recovers, and checks that the end is one of the two.
fn at_every_step(
    ends: &Ends,
    prepare: impl Fn() -> Sandbox,
    words: impl Fn(&Sandbox) -> Vec<String>,
    input: &str,
) {
    let mut names = Vec::new();
    let mut seen = [0, 0];
    for step in 0.. {
        let sandbox = prepare();
        let words = words(&sandbox);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(name) = kill_at(&sandbox, &words, input, &step.to_string()) else {
            break;
        };
        let at = format!("killed at step {step}, {name}");
        sandbox.run(&["recover", "--json"]).succeeded();
        let now = comparable(&sandbox);
        let tokens = sandbox.tokens().len();
        let is_before = now == ends.before && tokens == ends.tokens_before;
        let is_after = now == ends.after && tokens == ends.tokens_after;
        assert!(is_before || is_after, "{at}: {tokens} tokens, {now:#?}");
        let connected = sandbox.run(&["status", "--json"]).json()["connections"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(connected, tokens, "{at}");
        // A second recovery has nothing to do, and nothing of ours lies about.
        let again = sandbox.run(&["recover", "--json"]).succeeded().json();
        assert_eq!(again["changes"].as_array().unwrap().len(), 0, "{at}");
        let journals = std::fs::read_dir(sandbox.data().join("journal"));
        assert_eq!(journals.map(Iterator::count).unwrap_or(0), 0, "{at}");
        let left = sandbox.data().join("credentials.json").exists();
        assert_eq!(left, connected == 1, "{at}");
        seen[usize::from(is_after)] += 1;
        names.push(name);
    }
    assert!(names.len() > 12, "{names:#?}");
    assert!(seen[0] > 1 && seen[1] > 1, "{seen:?} {names:#?}");
}

fn sign_in_words(sandbox: &Sandbox) -> Vec<String> {
    sandbox
        .sign_in_words(&["--add-to-channels", "research"])
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_kill_during_sign_in_ends_as_before_or_as_after() {
    let sandbox = home();
    let before = comparable(&sandbox);
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let ends = Ends {
        before,
        after: comparable(&sandbox),
        tokens_before: 0,
        tokens_after: 1,
    };
    at_every_step(&ends, home, sign_in_words, "sextant\n");
}

#[test]
fn a_kill_during_sign_out_ends_as_before_or_as_after() {
    let signed_in = || {
        let sandbox = home();
        sandbox.sign_in(&["--add-to-channels", "research"]);
        sandbox
    };
    let sandbox = signed_in();
    let before = comparable(&sandbox);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    let ends = Ends {
        before,
        after: comparable(&sandbox),
        tokens_before: 1,
        tokens_after: 0,
    };
    let words = |_: &Sandbox| ["sign-out", "--json"].map(str::to_owned).to_vec();
    at_every_step(&ends, signed_in, words, "");
}

#[test]
fn a_token_that_cannot_be_deleted_after_a_crash_is_not_forgotten() {
    let sandbox = home();
    let before = comparable(&sandbox);
    let words = sign_in_words(&sandbox);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    kill_at(&sandbox, &words, "sextant\n", "create token: after").unwrap();
    assert_eq!(sandbox.tokens().len(), 1);

    sandbox.practice.set_trouble(Trouble::status(503));
    let first = sandbox.run(&["recover", "--json"]).succeeded().json();
    assert_eq!(first["changes"][0]["outcome"], "rolled-back");
    assert_eq!(first["waiting"].as_array().unwrap().len(), 1);
    assert_eq!(comparable(&sandbox), before);

    sandbox.practice.set_trouble(Trouble::none());
    let second = sandbox.run(&["recover", "--json"]).succeeded().json();
    assert_eq!(second["revoked"].as_array().unwrap().len(), 1);
    assert!(sandbox.tokens().is_empty());
    assert!(!sandbox.data().join("credentials.json").exists());
}
