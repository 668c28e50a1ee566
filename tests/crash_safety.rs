//! The program is killed at every step of signing in and out, of switching services and of renewing a token. Whatever
//! happens, a recovery ends with the home and the tokens on the servers as before or as after, and nothing else.

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
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.write(".anaconda/navigator/anaconda-navigator.ini", INI);
    let quoted = quoted(sandbox.practice.url());
    sandbox.write(format!(".config/binstar/{quoted}.token"), "stale");
    sandbox
}

fn quoted(address: &str) -> String {
    address.replace(':', "%3A").replace('/', "%2F")
}

/// The files, with what differs from run to run made equal.
fn comparable(sandbox: &Sandbox) -> Listing {
    let practice = &sandbox.practice;
    let addresses = [
        (practice.url(), "SERVER"),
        (practice.cloud_url(), "CLOUD"),
        (practice.repository_url(), "REPOSITORY"),
    ];
    let mut secrets = vec![(sandbox.cloud_token(), "TOKEN")];
    for token in practice.tokens() {
        secrets.push((token.value.expose().to_owned(), "TOKEN"));
        secrets.push((token.id, "ID"));
    }
    for token in practice.repository_tokens() {
        secrets.push((token.value.expose().to_owned(), "TOKEN"));
    }
    sandbox
        .listing()
        .into_iter()
        .map(|(path, content)| {
            let mut path = path.display().to_string();
            let mut content = content;
            for (address, name) in addresses {
                path = path.replace(&quoted(address), name);
                content = content.replace(address, name);
            }
            for (secret, name) in &secrets {
                content = content.replace(secret, name);
            }
            (PathBuf::from(path), content)
        })
        .collect()
}

/// Everything that a change may change.
#[derive(Debug, Clone, PartialEq)]
struct World {
    files: Listing,
    connected: Vec<String>,
    server_tokens: usize,
    repository_tokens: usize,
    /// Whether a token of before is still on a server.
    has_former: bool,
    /// Whether Sextant keeps a secret.
    keeps_secrets: bool,
}

impl World {
    /// `former` are the names of the tokens that there were before.
    fn of(sandbox: &Sandbox, former: &[String]) -> Self {
        let names = all_tokens(sandbox);
        Self {
            files: comparable(sandbox),
            connected: sandbox
                .connected()
                .into_iter()
                .map(|(service, _)| service)
                .collect(),
            server_tokens: sandbox.practice.tokens().len(),
            repository_tokens: sandbox.practice.repository_tokens().len(),
            has_former: names.iter().any(|name| former.contains(name)),
            keeps_secrets: sandbox.data().join("credentials.json").exists(),
        }
    }
}

fn all_tokens(sandbox: &Sandbox) -> Vec<String> {
    let repository = sandbox.practice.repository_tokens().into_iter();
    let mut names = sandbox.tokens();
    names.extend(repository.map(|token| token.name));
    names
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

/// A change that is interrupted at every step.
struct Change {
    prepare: fn() -> Sandbox,
    words: fn(&Sandbox) -> Vec<String>,
    input: fn(&Sandbox) -> String,
    /// A token whose value never arrived cannot be named to its service: it waits for the next sign-in, which is this
    /// change once more.
    may_wait: bool,
}

impl Change {
    fn run(&self, sandbox: &Sandbox) {
        let words = (self.words)(sandbox);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        sandbox.run_with_input(&words, &(self.input)(sandbox)).succeeded();
    }

    /// Kills at every step, recovers, and checks that the end is one of the two.
    fn at_every_step(&self) {
        let whole = (self.prepare)();
        let former = all_tokens(&whole);
        let before = World::of(&whole, &former);
        self.run(&whole);
        let after = World::of(&whole, &former);
        assert_ne!(before, after);
        let mut names = Vec::new();
        let (mut as_before, mut as_after) = (0, 0);
        for step in 0.. {
            let sandbox = (self.prepare)();
            let former = all_tokens(&sandbox);
            let words = (self.words)(&sandbox);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let input = (self.input)(&sandbox);
            let Some(name) = kill_at(&sandbox, &words, &input, &step.to_string()) else {
                break;
            };
            let at = format!("killed at step {step}, {name}");
            let recovery = sandbox.run(&["recover", "--json"]).succeeded().json();
            let waits = !recovery["waiting"].as_array().unwrap().is_empty();
            let mut now = World::of(&sandbox, &former);
            if self.may_wait && waits {
                assert_eq!(
                    (&now.files, &now.connected),
                    (&before.files, &before.connected),
                    "{at}"
                );
                self.run(&sandbox);
                now = World::of(&sandbox, &former);
                assert_eq!(now, after, "{at}, and signed in once more");
            }
            assert!(now == before || now == after, "{at}: {now:#?}");
            // A second recovery has nothing to do, and nothing of ours lies about.
            let again = sandbox.run(&["recover", "--json"]).succeeded().json();
            assert_eq!(
                again,
                serde_json::json!({"changes": [], "revoked": [], "waiting": []}),
                "{at}"
            );
            let journals = std::fs::read_dir(sandbox.data().join("journal"));
            assert_eq!(journals.map(Iterator::count).unwrap_or(0), 0, "{at}");
            if now == before {
                as_before += 1;
            } else {
                as_after += 1;
            }
            names.push(name);
        }
        assert!(names.len() > 12, "{names:#?}");
        assert!(as_before > 1 && as_after > 1, "{as_before} {as_after} {names:#?}");
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn sign_in_words(sandbox: &Sandbox) -> Vec<String> {
    owned(&sandbox.sign_in_words(&["--add-to-channels", "research"]))
}

fn cloud_words(sandbox: &Sandbox, more: &[&str]) -> Vec<String> {
    let base = sandbox.cloud_base();
    let words = ["sign-in", "cloud", "--token-stdin", "--url", &base, "--json"];
    owned(&[&words, more].concat())
}

fn signed_in() -> Sandbox {
    let sandbox = home();
    sandbox.sign_in(&["--add-to-channels", "research"]);
    sandbox
}

fn password(_: &Sandbox) -> String {
    "sextant\n".to_owned()
}

#[test]
fn a_kill_during_sign_in_ends_as_before_or_as_after() {
    let change = Change {
        prepare: home,
        words: sign_in_words,
        input: password,
        may_wait: false,
    };
    change.at_every_step();
}

#[test]
fn a_kill_during_sign_out_ends_as_before_or_as_after() {
    let change = Change {
        prepare: signed_in,
        words: |_| owned(&["sign-out", "--json"]),
        input: |_| String::new(),
        may_wait: false,
    };
    change.at_every_step();
}

#[test]
fn a_kill_during_a_sign_in_to_the_cloud_ends_as_before_or_as_after() {
    let change = Change {
        prepare: home,
        words: |sandbox| cloud_words(sandbox, &["--add-to-channels", "practice-org/models"]),
        input: Sandbox::cloud_token,
        may_wait: false,
    };
    change.at_every_step();
}

#[test]
fn a_kill_during_a_sign_in_to_a_repository_ends_as_before_or_as_after() {
    let change = Change {
        prepare: home,
        words: |sandbox| owned(&sandbox.repository_words(&["--add-to-channels", "practice-org"])),
        input: password,
        may_wait: true,
    };
    change.at_every_step();
}

#[test]
fn a_kill_during_a_switch_of_services_ends_as_before_or_as_after() {
    let change = Change {
        prepare: signed_in,
        words: |sandbox| cloud_words(sandbox, &["--replace"]),
        input: Sandbox::cloud_token,
        may_wait: false,
    };
    change.at_every_step();
}

#[test]
fn a_kill_during_a_renewal_ends_as_before_or_as_after() {
    let change = Change {
        prepare: signed_in,
        words: |_| owned(&["tokens", "renew", "--json"]),
        input: |_| String::new(),
        may_wait: false,
    };
    change.at_every_step();
}

#[test]
fn a_kill_while_a_new_token_takes_the_place_of_another_leaves_one_in_use_and_no_secret_behind() {
    let words = [
        "tokens", "create", "--name", "desk", "--preset", "download", "--use", "store", "--json",
    ];
    // Which token lies in the files is told by which of them conda's files hold.
    let in_use = |sandbox: &Sandbox| {
        let tokens = sandbox.practice.tokens().into_iter();
        let folder = std::fs::read_dir(sandbox.home().join(".config/binstar")).unwrap();
        let held: Vec<String> = folder
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        let names: Vec<String> = tokens
            .filter(|token| held.iter().all(|text| text == token.value.expose()))
            .map(|token| token.name)
            .collect();
        assert_eq!(names.len(), 1, "{names:?}");
        names[0].clone()
    };
    let kept = |sandbox: &Sandbox| {
        let text = std::fs::read_to_string(sandbox.data().join("credentials.json")).unwrap();
        text.matches("session/").count()
    };
    let (mut as_before, mut as_after) = (0, 0);
    for step in 0.. {
        let sandbox = signed_in();
        let former = sandbox.tokens();
        let Some(name) = kill_at(&sandbox, &words, "", &step.to_string()) else {
            break;
        };
        let at = format!("killed at step {step}, {name}");
        sandbox.run(&["recover", "--json"]).succeeded();
        let listed = sandbox.run(&["tokens", "list", "--json"]).succeeded().json();
        assert_eq!(listed["tokens"][0]["name"], in_use(&sandbox), "{at}");
        if in_use(&sandbox) == former[0] {
            as_before += 1;
        } else {
            as_after += 1;
            assert_eq!(sandbox.tokens(), ["desk"], "{at}: the one before is revoked");
        }
        assert_eq!(kept(&sandbox), 1, "{at}");
    }
    assert!(as_before > 1 && as_after > 1, "{as_before} {as_after}");
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
