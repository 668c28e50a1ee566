//! The doctor on the command line: the document of the contract, the remedy of one check, and a report without a secret in
//! it, whatever is planted.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sandbox::{Ran, Sandbox};
use serde_json::{Value, json};

/// Where nobody answers.
const NOWHERE: &str = "http://127.0.0.1:1";

/// Secrets of every kind.
mod canary {
    pub const TOKEN_FILE: &str = "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1";
    pub const CHANNEL_TOKEN: &str = "canary2channel2token";
    pub const CHANNEL_PASSWORD: &str = "canary3-channel-password";
    pub const PROXY_PASSWORD: &str = "canary4-proxy-password";
    pub const PIP_PASSWORD: &str = "canary5-pip-password";
    pub const HISTORY_TOKEN: &str = "canary6history6token";
    pub const TYPED_PASSWORD: &str = "canary7-typed-password";
    pub const LOGGED_TOKEN: &str = "c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8c8";
    pub const SESSION: &str = "canary9-session-of-navigator";
    pub const API_KEY: &str = "canary10-key-of-anaconda-auth";
    pub const NETRC: &str = "canary11-netrc-password";
    pub const RATTLER: &str = "canary12rattler12token";
    pub const VARIABLE: &str = "canary13variable13token";
    pub const VARIABLE_PROXY: &str = "canary14-proxy-variable";
    pub const BROKEN_FILE: &str = "canary15-in-a-broken-file";
    pub const WITH_UUID: &str = "el-b03c64bf-f01f-47d1-a2a0-1188dae76630";
    pub const ALL: [&str; 16] = [
        TOKEN_FILE,
        CHANNEL_TOKEN,
        CHANNEL_PASSWORD,
        PROXY_PASSWORD,
        PIP_PASSWORD,
        HISTORY_TOKEN,
        TYPED_PASSWORD,
        LOGGED_TOKEN,
        SESSION,
        API_KEY,
        NETRC,
        RATTLER,
        VARIABLE,
        VARIABLE_PROXY,
        BROKEN_FILE,
        WITH_UUID,
    ];
}

/// A home in which alice is signed in, and every kind of secret lies somewhere.
fn planted() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let condarc = sandbox.read(".condarc");
    sandbox.write(
        ".condarc",
        format!(
            "{condarc}custom_channels:\n  mine: {NOWHERE}/t/{}/x\ncustom_multichannels:\n  several:\n    - http://al:{}@127.0.0.1:1/c\n\
             proxy_servers:\n  http://127.0.0.1:2: http://al:{}@127.0.0.1:1\n",
            canary::CHANNEL_TOKEN,
            canary::CHANNEL_PASSWORD,
            canary::PROXY_PASSWORD
        ),
    );
    let name = "http%3A%2F%2F127.0.0.1%3A1%2Fapi";
    sandbox.write(format!(".config/binstar/{name}.token"), canary::TOKEN_FILE);
    let session = format!(
        "{}.{}.{}",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#),
        URL_SAFE_NO_PAD.encode(r#"{"exp":4000000000,"preferred_username":"alice"}"#),
        canary::SESSION
    );
    sandbox.write(
        ".config/binstar/jwt_http%3A%2F%2F127.0.0.1%3A1.jwt",
        json!({"token": session, "refresh_token": canary::SESSION, "jwt_token": session}).to_string(),
    );
    let inner = STANDARD.encode(
        json!({"domain": "127.0.0.1:1", "api_key": canary::API_KEY, "username": "alice"}).to_string(),
    );
    sandbox.write(
        ".anaconda/keyring",
        json!({"Anaconda Cloud": {"127.0.0.1:1": inner}}).to_string(),
    );
    sandbox.write(
        ".config/pip/pip.conf",
        format!(
            "[global]\nextra-index-url = http://al:{}@127.0.0.1:1/simple\n",
            canary::PIP_PASSWORD
        ),
    );
    sandbox.write(
        ".bash_history",
        format!(
            "conda install -c {NOWHERE}/t/{}/c x\nanaconda login --username al --password {}\nanaconda -t {} whoami\n",
            canary::HISTORY_TOKEN,
            canary::TYPED_PASSWORD,
            canary::WITH_UUID
        ),
    );
    sandbox.write(
        ".local/state/binstar/log/cli.log",
        format!("Saving token {} to file\n", canary::LOGGED_TOKEN),
    );
    sandbox.write(
        ".netrc",
        format!("machine h login al password {}\n", canary::NETRC),
    );
    sandbox.write(
        ".rattler/credentials.json",
        json!({"h": {"CondaToken": canary::RATTLER}}).to_string(),
    );
    let broken = sandbox.system().join("etc/conda/.condarc");
    std::fs::create_dir_all(broken.parent().unwrap()).unwrap();
    std::fs::write(
        broken,
        format!("channels: [a\nproxy: {}\n\u{0}", canary::BROKEN_FILE),
    )
    .unwrap();
    sandbox
}

fn doctor(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let words: Vec<&str> = ["doctor"].iter().chain(words).copied().collect();
    let mut command: Command = sandbox.command(&words);
    command
        .env("USER", "jsmith")
        .env("ANACONDA_API_TOKEN", canary::VARIABLE)
        .env(
            "HTTPS_PROXY",
            format!("http://al:{}@127.0.0.1:1", canary::VARIABLE_PROXY),
        )
        .env("NO_PROXY", "127.0.0.1");
    command.output().unwrap().into()
}

#[track_caller]
fn no_secret(what: &str, text: &str, sandbox: &Sandbox) {
    for canary in canary::ALL {
        assert!(!text.contains(canary), "{canary} in {what}:\n{text}");
    }
    for path in [".config/binstar", ".continuum/anaconda-client/tokens"] {
        for entry in std::fs::read_dir(sandbox.home().join(path)).unwrap().flatten() {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "token")
            {
                let token = std::fs::read_to_string(entry.path()).unwrap();
                assert!(!text.contains(&token), "a token in {what}");
            }
        }
    }
    let stored: Value = serde_json::from_str(&sandbox.read(".local/share/sextant/credentials.json")).unwrap();
    for value in stored.as_object().unwrap().values().filter_map(Value::as_str) {
        assert!(!text.contains(value), "a session in {what}");
    }
}

#[test]
fn a_report_holds_no_secret_whatever_is_planted() {
    let sandbox = planted();
    for name in ["report.txt", "report.json"] {
        let ran = doctor(&sandbox, &["--report", name]).succeeded();
        let path = sandbox.home().join(name);
        let report = sandbox.read(name);
        no_secret(name, &report, &sandbox);
        no_secret("the output", &format!("{}{}", ran.out, ran.err), &sandbox);
        #[cfg(unix)]
        assert_eq!(sandbox::mode(&path), 0o600);
        // It says what helps all the same.
        for part in [
            "secrets-shell",
            "channel_alias",
            "cli.log",
            "Signed in to",
            sandbox.practice.url(),
        ] {
            let is_text = name.ends_with(".txt");
            let part = if is_text {
                part.replace("secrets-shell", "Secrets in shell histories")
            } else {
                part.to_owned()
            };
            assert!(report.contains(&part), "no {part} in {report}");
        }
        // Whose home it is stays with its owner.
        assert!(!report.contains(sandbox.home().to_str().unwrap()), "{report}");
        for person in ["alice", "jsmith"] {
            assert!(!report.to_lowercase().contains(person), "{person} in {report}");
        }
        std::fs::remove_file(path).unwrap();
    }
    let json = doctor(&sandbox, &["--json"]).succeeded();
    no_secret("the document", &format!("{}{}", json.out, json.err), &sandbox);
    doctor(&sandbox, &["--report", "named.txt", "--keep-names"]).succeeded();
    let named = sandbox.read("named.txt");
    no_secret("named.txt", &named, &sandbox);
    assert!(named.contains("alice"));
}

#[cfg(unix)]
#[test]
fn a_report_takes_the_place_of_an_open_file_as_a_closed_one() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    sandbox.write("report.txt", "old");
    let path = sandbox.home().join("report.txt");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    doctor(&sandbox, &["--report", "report.txt"]).succeeded();
    assert_eq!(sandbox::mode(&path), 0o600);
    assert!(sandbox.read("report.txt").starts_with("Sextant doctor"));
    // With --dry-run nothing is written.
    doctor(&sandbox, &["--report", "other.txt", "--dry-run"]).succeeded();
    assert!(!sandbox.home().join("other.txt").exists());
    let refused = doctor(&sandbox, &["--report", "report.txt/x", "--json"]);
    assert_eq!(refused.failed(), "file");
}

#[test]
fn the_document_is_that_of_the_contract() {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let document = sandbox.run(&["doctor", "--json"]).succeeded().json();
    let checks = document["checks"].as_array().unwrap();
    assert!(checks.len() > 15);
    for check in checks {
        assert!(check["id"].as_str().is_some_and(|id| !id.is_empty()), "{check}");
        let outcome = check["outcome"].as_str().unwrap();
        assert!(["pass", "warn", "fail", "skip"].contains(&outcome), "{check}");
        assert!(check["ms"].is_u64(), "{check}");
        assert_eq!(check["cause"].is_null(), outcome == "pass", "{check}");
        assert!(
            check["remedy"].is_null() || check["remedy"].is_string(),
            "{check}"
        );
    }
    assert!(
        checks.iter().all(|check| check["outcome"] != "fail"),
        "{checks:#?}"
    );
    let text = sandbox.run(&["doctor"]).succeeded().out;
    assert!(text.starts_with("Network\n  ok    Name "), "{text}");
    assert!(
        text.contains("\n\nThis machine\n") && text.contains("Everything is well."),
        "{text}"
    );
}

#[test]
fn the_remedy_of_one_check_is_shown_first_and_then_carried_out() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", "channels: []\n");
    let history = "conda install -c http://127.0.0.1:1/t/tok-1/c x\n";
    sandbox.write(".bash_history", history);
    let shown = sandbox
        .run(&["doctor", "--fix", "secrets-shell", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(shown["files"][0]["change"], "edited");
    assert!(
        shown["plan"]["diffs"][0]["lines"]
            .to_string()
            .contains("<REMOVED>"),
        "{shown}"
    );
    assert_eq!(sandbox.read(".bash_history"), history);
    let done = sandbox
        .run(&["doctor", "--fix", "secrets-shell", "--json"])
        .succeeded()
        .json();
    assert_eq!(done["what"], "Erased secrets in ~/.bash_history");
    assert_eq!(
        sandbox.read(".bash_history"),
        history.replace("tok-1", "<REMOVED>")
    );
    let entries = sandbox.run(&["history", "--json"]).succeeded().json();
    assert_eq!(entries["entries"][0]["id"], done["id"]);
    // Again there is nothing to do; what is no check is wrong usage.
    let again = sandbox
        .run(&["doctor", "--fix", "secrets-shell", "--json"])
        .succeeded()
        .json();
    assert_eq!(again["files"], json!([]));
    let unknown = sandbox.run(&["doctor", "--fix", "nothing", "--json"]);
    assert_eq!((unknown.code, unknown.failed().as_str()), (Some(2), "usage"));
    let absent = sandbox.run(&["doctor", "--fix", "channel:nowhere", "--json"]);
    assert_eq!(absent.failed(), "usage");
}

#[test]
fn a_token_is_renewed_through_its_check() {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let before = sandbox.tokens();
    let id = sandbox.practice.tokens()[0].id.clone();
    sandbox.practice.expire_token(&id);
    let checks = sandbox.run(&["doctor", "--json"]).succeeded().json();
    let token = checks["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["id"] == "token")
        .unwrap();
    assert_eq!(
        (&token["outcome"], &token["fix"]["command"]),
        (&json!("fail"), &json!("sextant doctor --fix token"))
    );
    sandbox.run(&["doctor", "--fix", "token", "--json"]).succeeded();
    assert_ne!(sandbox.tokens(), before);
    let checks = sandbox.run(&["doctor", "--json"]).succeeded().json();
    assert!(
        checks["checks"]
            .as_array()
            .unwrap()
            .iter()
            .all(|check| check["outcome"] != "fail"),
        "{checks:#}"
    );
}

#[test]
fn what_takes_a_person_says_which_command_asks_for_it() {
    let sandbox = Sandbox::with(sextant::practice::Options {
        tls: sextant::practice::Tls::SelfSigned,
        ..Default::default()
    });
    let url = sandbox.practice.url();
    sandbox.run(&["domain", "set", url, "--no-check"]).succeeded();
    let refused = sandbox.run(&["doctor", "--fix", "tls", "--json"]);
    assert_eq!(refused.failed(), "conflict");
    let error = &refused.json()["error"];
    assert_eq!(error["remedy"], format!("sextant trust certificate {url}"));
    let text = sandbox.run(&["doctor"]).succeeded().out;
    assert!(
        text.contains("  FAIL  TLS ") && text.contains("the server vouches for itself"),
        "{text}"
    );
}
