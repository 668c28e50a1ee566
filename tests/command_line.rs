//! Signing in and out by command line, as the command-line contract has it.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::path::Path;

use sandbox::{Sandbox, mode};
use serde_json::json;
use sextant::practice::{Effect, Fault, Options, Tls, Trouble};

const CONDARC: &str = "# mine\nssl_verify: true   # never change\nchannels:\n  - conda-forge # fast\n  - bioconda\ndefault_channels:\n  - https://repo.anaconda.com/pkgs/main\n\nproxy_servers:\n  http: http://proxy:8080\n";

const INI: &str = "[main]\nversion = 2.0.0\n# a comment\nanaconda_server_api_url = None\nanaconda_server_token = None\nanaconda_server_token_id = None\nlogged_api_url = None\nlogged_brand = None\noffline_mode = False\n\n[ssl]\ntrusted_servers = []\n";

#[test]
fn nothing_is_connected_at_first() {
    let sandbox = Sandbox::new();
    let status = sandbox.run(&["status", "--json"]).succeeded().json();
    assert_eq!(
        (&status["connections"], &status["offline"]),
        (&json!([]), &json!(false))
    );
    assert_eq!(status["credentials"]["place"], "file");
    assert_eq!(
        sandbox.run(&["history", "--json"]).succeeded().json(),
        json!({"entries": []})
    );
    assert_eq!(sandbox.listing().len(), 0);
}

#[test]
fn signing_in_does_everything_and_signing_out_undoes_it() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.write(".anaconda/navigator/anaconda-navigator.ini", INI);
    let before = sandbox.listing();

    let answer = sandbox
        .sign_in(&[
            "--add-to-channels",
            "research,research/gpu",
            "--add-to-default-channels",
            "main",
        ])
        .json();
    let tokens = sandbox.practice.tokens();
    let token = &tokens[0];
    assert_eq!(tokens.len(), 1);
    assert_eq!(answer["service"], "server");
    assert_eq!(answer["domain"], sandbox.practice.url());
    assert_eq!(answer["user"], "alice");
    assert_eq!(answer["token"]["id"], token.id);
    assert_eq!(answer["token"]["name"], token.name);
    assert!(token.name.starts_with("sextant-alice@"), "{}", token.name);
    assert_eq!(
        answer["channels"],
        json!(["research", "research/gpu", "defaults"])
    );
    assert_eq!(answer["default_channels"], json!(["main"]));

    let condarc = sandbox.read(".condarc");
    assert!(
        condarc.starts_with("# mine\nssl_verify: true   # never change\n"),
        "{condarc}"
    );
    assert!(
        condarc.contains("proxy_servers:\n  http: http://proxy:8080\n"),
        "{condarc}"
    );
    assert!(
        condarc.contains(&format!("channel_alias: {}/api/repo", sandbox.practice.url())),
        "{condarc}"
    );
    assert!(
        !condarc.contains("conda-forge") && !condarc.contains("repo.anaconda.com"),
        "{condarc}"
    );

    let ini = sandbox.read(".anaconda/navigator/anaconda-navigator.ini");
    let url = sandbox.practice.url();
    for line in [
        "logged_brand = Anaconda Server".to_owned(),
        format!("logged_api_url = '{url}'"),
        format!("anaconda_server_api_url = '{url}'"),
        format!("anaconda_server_token = '{}'", token.value.expose()),
        format!("anaconda_server_token_id = '{}'", token.id),
        "# a comment".to_owned(),
    ] {
        assert!(ini.contains(&line), "{line}: {ini}");
    }

    let quoted = url.replace(':', "%3A").replace('/', "%2F");
    for folder in [".config/binstar", ".continuum/anaconda-client/tokens"] {
        for name in [
            format!("{quoted}%2Fapi.token"),
            format!("{quoted}%2Fapi%2Frepo.token"),
        ] {
            let path = sandbox.home().join(folder).join(name);
            assert_eq!(fs::read_to_string(&path).unwrap(), token.value.expose());
            assert_eq!(mode(&path), 0o600);
        }
    }

    let status = sandbox.run(&["status", "--json"]).succeeded().json();
    assert_eq!(status["connections"][0]["user"], "alice");
    assert_eq!(status["connections"][0]["origin"], "sextant");
    assert_eq!(status["connections"][0]["state"], "connected");

    let answer = sandbox.run(&["sign-out", "--json"]).succeeded().json();
    assert_eq!(answer["token_revoked"], true);
    assert!(sandbox.tokens().is_empty());
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    let mut after = sandbox.listing();
    let ini = after
        .remove(Path::new(".anaconda/navigator/anaconda-navigator.ini"))
        .unwrap();
    assert!(
        ini.contains("anaconda_server_token = None") && ini.contains("logged_api_url = None"),
        "{ini}"
    );
    assert!(
        !after
            .keys()
            .any(|path| path.extension().is_some_and(|extension| extension == "token"))
    );
    assert_eq!(
        after.get(Path::new(".condarc")),
        before.get(Path::new(".condarc"))
    );
    assert_eq!(
        sandbox.run(&["status", "--json"]).json()["connections"],
        json!([])
    );
}

#[test]
fn a_missing_condarc_is_made_and_goes_again() {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--skip-channels"]);
    let condarc = sandbox.read(".condarc");
    assert!(condarc.contains("channels: []"), "{condarc}");
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert!(!sandbox.condarc().exists());
}

#[test]
fn a_dry_run_shows_and_changes_nothing() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let ran = sandbox
        .run_with_input(&sandbox.sign_in_words(&["--dry-run"]), "sextant\n")
        .succeeded();
    let answer = ran.json();
    assert_eq!(answer["dry_run"], true);
    assert!(answer["plan"]["diffs"].as_array().unwrap().len() > 2);
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.tokens().is_empty());
    assert!(
        sandbox.run(&["history", "--json"]).json()["entries"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    sandbox.sign_in(&[]);
    let signed_in = sandbox.listing();
    sandbox.run(&["sign-out", "--dry-run", "--json"]).succeeded();
    sandbox
        .run(&["channels", "add", "main", "--dry-run", "--json"])
        .succeeded();
    sandbox.run(&["undo", "--dry-run", "--json"]).succeeded();
    assert_eq!(sandbox.listing(), signed_in);
    assert_eq!(sandbox.tokens().len(), 1);
}

#[test]
fn failures_name_their_kind_and_change_nothing() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let url = sandbox.practice.url().to_owned();

    let wrong = sandbox.run_with_input(&sandbox.sign_in_words(&[]), "wrong\n");
    assert_eq!((wrong.failed().as_str(), wrong.code), ("auth", Some(1)));
    let empty = sandbox.run_with_input(&sandbox.sign_in_words(&[]), "\n");
    assert_eq!((empty.failed().as_str(), empty.code), ("usage", Some(2)));
    let unknown = sandbox.run_with_input(
        &sandbox.sign_in_words(&["--add-to-channels", "no-such"]),
        "sextant\n",
    );
    assert_eq!(unknown.failed(), "usage");
    assert!(unknown.out.contains("no-such"), "{unknown:?}");

    let usage = sandbox.run(&["sign-in", "server", "--frobnicate", "--json"]);
    assert_eq!((usage.failed().as_str(), usage.code), ("usage", Some(2)));
    assert_eq!(sandbox.run(&["frobnicate"]).code, Some(2));
    for (domain, kind) in [
        ("", "usage"),
        ("ftp://x", "usage"),
        ("https://al:pw@x", "usage"),
        ("http://127.0.0.1:9", "network"),
        ("https://no-such-host.invalid", "network"),
    ] {
        let ran = sandbox.run(&["domain", "check", domain, "--json"]);
        assert_eq!(ran.failed(), kind, "{domain}: {ran:?}");
        assert!(!ran.out.contains("al:pw"), "{ran:?}");
    }
    sandbox.practice.set_trouble(Trouble::fault(Fault::Html));
    let page = sandbox.run(&["domain", "check", &url, "--json"]);
    assert_eq!(page.failed(), "not-a-server");
    sandbox.practice.set_trouble(Trouble::status(503));
    let failing = sandbox.run_with_input(&sandbox.sign_in_words(&[]), "sextant\n");
    assert_ne!(failing.code, Some(0));
    sandbox.practice.set_trouble(Trouble::none());

    for words in [
        &["sign-out", "--json"][..],
        &["undo", "--json"],
        &["channels", "available", "--json"],
    ] {
        assert_eq!(sandbox.run(words).failed(), "conflict", "{words:?}");
    }
    assert_eq!(
        sandbox.run(&["undo", "no-such-entry", "--json"]).failed(),
        "usage"
    );
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn a_certificate_that_is_not_trusted_is_named_and_a_ca_file_helps() {
    for (tls, word) in [
        (Tls::SelfSigned, "self"),
        (Tls::Expired, "expired"),
        (Tls::WrongHost, "other.example"),
        (Tls::UnknownIssuer, "issue"),
    ] {
        let sandbox = Sandbox::with(Options {
            tls,
            ..Options::default()
        });
        let ca_file = sandbox.practice.ca_file().map(|path| path.display().to_string());
        let mut words = vec!["domain", "check", sandbox.practice.url(), "--json"];
        if let Some(ca_file) = &ca_file {
            words.extend(["--ca-file", ca_file]);
        }
        let ran = sandbox.run(&words);
        assert_eq!(ran.failed(), "tls");
        assert!(ran.out.to_lowercase().contains(word), "{tls:?}: {ran:?}");
    }
    let sandbox = Sandbox::with(Options {
        tls: Tls::Valid,
        ..Options::default()
    });
    assert_eq!(
        sandbox
            .run(&["domain", "check", sandbox.practice.url(), "--json"])
            .failed(),
        "tls"
    );
    let ca_file = sandbox.practice.ca_file().unwrap().display().to_string();
    sandbox.sign_in(&["--ca-file", &ca_file]);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn the_domain_is_set_shown_and_used() {
    let sandbox = Sandbox::new();
    let url = sandbox.practice.url().to_owned();
    let pasted = format!("conda config --set channel_alias {url}/api/repo");
    sandbox.run(&["domain", "set", &pasted, "--json"]).succeeded();
    let shown = sandbox.run(&["domain", "show", "--json"]).succeeded().json();
    assert_eq!(shown["domain"], url.as_str());
    assert!(
        sandbox
            .read(".anaconda/navigator/anaconda-navigator.ini")
            .contains(&format!("anaconda_server_api_url = '{url}'"))
    );
    sandbox
        .run_with_input(
            &[
                "sign-in",
                "server",
                "--username",
                "alice",
                "--password-stdin",
                "--json",
            ],
            "sextant\n",
        )
        .succeeded();
    let other = sandbox.run(&[
        "domain",
        "set",
        "https://other.example.com",
        "--no-check",
        "--json",
    ]);
    assert_eq!(other.failed(), "conflict");
    let again = sandbox.run_with_input(&sandbox.sign_in_words(&[]), "sextant\n");
    assert_eq!(again.failed(), "conflict");
}

#[test]
fn channels_are_added_ordered_removed_and_undone() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&[]);
    let signed_in = sandbox.read(".condarc");
    let available = sandbox
        .run(&["channels", "available", "--json"])
        .succeeded()
        .json();
    let names: Vec<&str> = available["channels"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|c| c["name"].as_str())
        .collect();
    assert!(
        names.contains(&"research/gpu") && names.contains(&"main"),
        "{names:?}"
    );

    sandbox
        .run(&["channels", "add", "research", "main", "--json"])
        .succeeded();
    let added = sandbox
        .run(&["channels", "add", "--default", "r-main", "--json"])
        .succeeded()
        .json();
    assert_eq!(added["channels"], json!(["research", "main", "defaults"]));
    let listed = sandbox.run(&["channels", "list", "--json"]).succeeded().json();
    assert_eq!(listed["channels"][0]["name"], "research");
    assert_eq!(
        listed["channels"][0]["url"],
        format!("{}/api/repo/research", sandbox.practice.url())
    );
    assert_eq!(listed["default_channels"][0]["name"], "r-main");

    let ordered = sandbox
        .run(&["channels", "order", "main", "--json"])
        .succeeded()
        .json();
    assert_eq!(ordered["channels"], json!(["main", "research", "defaults"]));
    sandbox
        .run(&["channels", "remove", "research", "--json"])
        .succeeded();
    assert_eq!(
        sandbox
            .run(&["channels", "remove", "research", "--json"])
            .failed(),
        "usage"
    );

    sandbox.run(&["undo", "--json"]).succeeded();
    assert!(sandbox.read(".condarc").contains("research"));
    for _ in 0..3 {
        sandbox.run(&["undo", "--json"]).succeeded();
    }
    assert_eq!(sandbox.read(".condarc"), signed_in);
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn undoing_a_sign_in_is_signing_out() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&["--add-to-channels", "main"]);
    let undone = sandbox.run(&["undo", "--json"]).succeeded().json();
    assert_eq!(undone["token_revoked"], true);
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert!(sandbox.tokens().is_empty());
    assert_eq!(sandbox.run(&["undo", "--json"]).failed(), "conflict");
}

#[test]
fn what_others_changed_meanwhile_is_kept_unless_told_otherwise() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&["--add-to-channels", "main"]);
    let theirs = format!(
        "{}auto_update_conda: false # theirs\n",
        sandbox
            .read(".condarc")
            .replace("  - main", "  - main\n  - theirs")
    );
    sandbox.write(".condarc", &theirs);

    let shown = sandbox
        .run(&["sign-out", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(shown["kept_edits"][0]["key"], "channels");
    let answer = sandbox
        .run(&["sign-out", "--keep-edits", "--json"])
        .succeeded()
        .json();
    assert_eq!(answer["kept_edits"][0]["kept"], true);
    let condarc = sandbox.read(".condarc");
    assert!(
        condarc.contains("- theirs") && condarc.contains("auto_update_conda: false # theirs"),
        "{condarc}"
    );
    assert!(
        !condarc.contains("channel_alias") && condarc.contains("repo.anaconda.com/pkgs/main"),
        "{condarc}"
    );

    sandbox.write(".condarc", CONDARC);
    sandbox.sign_in(&["--add-to-channels", "main"]);
    sandbox.write(".condarc", ":\nbroken: [");
    assert_eq!(sandbox.run(&["sign-out", "--json"]).failed(), "refused-edit");
    sandbox.run(&["sign-out", "--exact", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn a_server_that_is_gone_does_not_keep_anybody_signed_in() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&["--add-to-channels", "main"]);
    sandbox.practice.set_trouble(Trouble::status(503));
    let ran = sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(ran.json()["token_revoked"], false);
    assert!(ran.err.is_empty(), "{ran:?}");
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert_eq!(sandbox.tokens().len(), 1);

    let waiting = sandbox.run(&["recover", "--json"]).succeeded().json();
    assert_eq!(waiting["waiting"].as_array().unwrap().len(), 1);
    sandbox.practice.set_trouble(Trouble::none());
    let recovered = sandbox.run(&["recover", "--json"]).succeeded().json();
    assert_eq!(recovered["revoked"].as_array().unwrap().len(), 1);
    assert!(sandbox.tokens().is_empty());
    let nothing = sandbox.run(&["recover", "--json"]).succeeded().json();
    assert_eq!(nothing, json!({"changes": [], "revoked": [], "waiting": []}));
}

#[test]
fn an_expired_session_is_renewed_with_the_password_or_at_the_next_sign_in() {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&[]);
    sandbox.practice.expire_sessions();
    let answer = sandbox
        .run_with_input(&["sign-out", "--password-stdin", "--json"], "sextant\n")
        .succeeded();
    assert_eq!(answer.json()["token_revoked"], true);

    sandbox.sign_in(&[]);
    sandbox.practice.expire_sessions();
    assert_eq!(
        sandbox.run(&["sign-out", "--json"]).succeeded().json()["token_revoked"],
        false
    );
    assert_eq!(sandbox.tokens().len(), 1);
    sandbox.sign_in(&[]);
    assert_eq!(
        sandbox.tokens().len(),
        1,
        "the old token goes when there is a session again"
    );
}

#[test]
fn an_answer_that_never_arrived_leaves_no_token() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    sandbox.practice.set_trouble(
        Trouble::drop_after_effect_at(1)
            .only_path("/account/tokens")
            .only_method("POST"),
    );
    let ran = sandbox.run_with_input(&sandbox.sign_in_words(&[]), "sextant\n");
    assert_eq!(ran.failed(), "network");
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.tokens().is_empty());
    assert!(!sandbox.data().join("credentials.json").exists());
}

#[test]
fn tokens_of_others_for_the_same_server_do_not_win() {
    let sandbox = Sandbox::new();
    let url = sandbox.practice.url().to_owned();
    let quoted = url.replace(':', "%3A").replace('/', "%2F");
    sandbox.write(format!(".config/binstar/{quoted}.token"), "stale1");
    sandbox.write(format!(".config/binstar/{quoted}%2Fapi.token"), "stale2");
    sandbox.write(".config/binstar/https%3A%2F%2Fapi.anaconda.org.token", "other");
    sandbox.sign_in(&[]);
    let value = sandbox.practice.tokens()[0].value.expose().to_owned();
    assert!(
        !sandbox
            .home()
            .join(format!(".config/binstar/{quoted}.token"))
            .exists()
    );
    assert_eq!(
        sandbox.read(format!(".config/binstar/{quoted}%2Fapi.token")),
        value
    );
    assert_eq!(
        sandbox.read(".config/binstar/https%3A%2F%2Fapi.anaconda.org.token"),
        "other"
    );
}

#[test]
fn another_sextant_at_work_is_said() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.data()).unwrap();
    let file = fs::File::create(sandbox.data().join("lock")).unwrap();
    file.lock().unwrap();
    let ran = sandbox.run_with_input(&sandbox.sign_in_words(&[]), "sextant\n");
    assert_eq!(ran.failed(), "busy");
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn a_file_that_overrules_the_change_is_named() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.system().join("etc/conda")).unwrap();
    fs::write(
        sandbox.system().join("etc/conda/.condarc"),
        "channel_alias: https://elsewhere.example #!final\n",
    )
    .unwrap();
    let ran = sandbox.sign_in(&["--add-to-channels", "main"]);
    assert!(
        ran.err.contains("etc/conda/.condarc") && ran.err.contains("channel_alias"),
        "{ran:?}"
    );
}

/// Interrupted while the server has made the token but does not answer.
#[cfg(unix)]
#[test]
fn an_interrupted_sign_in_leaves_no_trace() {
    use std::io::Write;
    use std::time::{Duration, Instant};

    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    sandbox.practice.set_trouble(
        Trouble::fault(Fault::Stall {
            effect: Effect::Performed,
        })
        .only_path("/account/tokens")
        .only_method("POST"),
    );
    let mut child = sandbox.command(&sandbox.sign_in_words(&[])).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"sextant\n").unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while sandbox.tokens().is_empty() {
        assert!(Instant::now() < deadline, "the token was never made");
        std::thread::yield_now();
    }
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    let ran: sandbox::Ran = child.wait_with_output().unwrap().into();
    assert_eq!(ran.failed(), "cancelled");
    assert_eq!(sandbox.listing(), before);
    assert!(sandbox.tokens().is_empty());
    assert!(!sandbox.data().join("credentials.json").exists());
}

#[cfg(unix)]
#[test]
fn the_practice_server_announces_itself_and_ends_when_interrupted() {
    use std::io::{BufRead, BufReader};

    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(&["practice-server", "--channels", "30"])
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let announced: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = announced["url"].as_str().unwrap().to_owned();
    assert!(announced["users"].as_array().unwrap().len() > 1);
    let checked = sandbox
        .run(&["domain", "check", &url, "--json"])
        .succeeded()
        .json();
    assert_eq!(checked["ok"], true);
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(sandbox.listing().len(), 0);
}
