//! Repairing a login that is stuck, from whatever is left of it.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use sandbox::{Ran, Sandbox};
use serde_json::Value;

const CONDARC: &str = "# mine\nchannels:\n  - conda-forge # fast\nssl_verify: true\n";
const NAVIGATOR: &str = ".anaconda/navigator/anaconda-navigator.ini";
const SERVER: &str = "https://psm.example.com";

/// What Navigator leaves of a login, in the names of both generations.
fn navigators_login(server: &str) -> String {
    format!(
        "[main]\nlogged_brand = Anaconda Server\nlogged_api_url = '{server}'\nanaconda_server_api_url = '{server}'\n\
         anaconda_server_token = 'stale1'\nanaconda_server_token_id = 'id-1'\nteam_edition_token = 'stale2'\n\
         team_edition_token_id = 'id-2'\noffline_mode = False\n\n[ssl]\ntrusted_servers = []\n"
    )
}

fn navigators_login_repaired(server: &str) -> String {
    format!(
        "[main]\nlogged_brand = None\nlogged_api_url = None\nanaconda_server_api_url = '{server}'\n\
         anaconda_server_token = None\nanaconda_server_token_id = None\nteam_edition_token = None\n\
         team_edition_token_id = None\noffline_mode = False\n\n[ssl]\ntrusted_servers = []\n"
    )
}

/// The token files for a server in both folders, and those of another one.
fn leave_tokens(sandbox: &Sandbox, server: &str) {
    for key in [format!("{server}/api"), format!("{server}/api/repo")] {
        let path = sandbox.token_file(&key);
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let other = sandbox
            .home()
            .join(".continuum/anaconda-client/tokens")
            .join(name);
        for path in [path, other] {
            sandbox.write(&path, "staletoken");
            #[cfg(unix)]
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
    }
    sandbox.write(
        sandbox.token_file("https://other.example.com/api"),
        "anothertoken",
    );
}

fn tokens_for(sandbox: &Sandbox, host: &str) -> usize {
    sandbox
        .listing()
        .keys()
        .filter(|path| path.display().to_string().contains(host))
        .count()
}

fn repair(sandbox: &Sandbox) -> Value {
    sandbox.run(&["repair", "--json"]).succeeded().json()
}

#[test]
fn the_remedy_of_the_manual_in_one_step_and_back_again() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", format!("{CONDARC}channel_alias: {SERVER}/api/repo\n"));
    sandbox.write(NAVIGATOR, navigators_login(SERVER));
    leave_tokens(&sandbox, SERVER);
    let before = sandbox.listing();

    let dry = sandbox.run(&["repair", "--dry-run", "--json"]).succeeded();
    assert_eq!(sandbox.listing(), before);
    for secret in ["stale1", "stale2", "staletoken"] {
        assert!(!dry.out.contains(secret), "{dry:?}");
    }
    assert_eq!(dry.json()["plan"]["diffs"].as_array().unwrap().len(), 6);

    let done = repair(&sandbox);
    assert_eq!(
        (&done["servers"][0], &done["sign_in_to"]),
        (&SERVER.into(), &SERVER.into())
    );
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert_eq!(sandbox.read(NAVIGATOR), navigators_login_repaired(SERVER));
    assert_eq!(tokens_for(&sandbox, "psm.example.com"), 0);
    assert_eq!(tokens_for(&sandbox, "other.example.com"), 1);
    let again = sandbox.run(&["repair", "--dry-run", "--json"]).succeeded().json();
    assert!(again["files"].as_array().unwrap().is_empty(), "{again:#}");

    // Undone, it is to the byte as it was: no token had ended.
    sandbox.run(&["undo", "--json"]).succeeded();
    assert_eq!(sandbox.listing(), before);
    let history = sandbox.run(&["history", "--json"]).succeeded().out;
    assert!(!history.contains("stale"), "{history}");
}

#[test]
fn it_works_from_whatever_is_left() {
    let alias = format!("channel_alias: {SERVER}/api/repo\n");
    let login = navigators_login(SERVER);
    for parts in 1..16_u32 {
        let has = |part: u32| parts & (1 << part) != 0;
        let sandbox = Sandbox::new();
        if has(0) {
            sandbox.write(".condarc", &alias);
        }
        if has(1) {
            sandbox.write(NAVIGATOR, &login);
        }
        if has(2) {
            leave_tokens(&sandbox, SERVER);
        }
        if has(3) {
            // What an old Navigator knows, and nothing else.
            sandbox.write(
                NAVIGATOR,
                format!("[main]\nteam_edition_api_url = '{SERVER}'\nteam_edition_token = 'stale2'\n"),
            );
        }
        // A token alone may be the login of another program that is well; the server has to be named then.
        let words = match parts {
            4 => vec!["repair", "--domain", SERVER, "--json"],
            _ => vec!["repair", "--json"],
        };
        sandbox.run(&words).succeeded();
        let home: String = sandbox.listing().into_values().collect();
        assert!(
            !home.contains("channel_alias") && !home.contains("stale"),
            "{parts}: {home}"
        );
        assert_eq!(tokens_for(&sandbox, "psm.example.com"), 0, "{parts}");
        let nothing = repair(&sandbox);
        assert!(
            nothing["files"].as_array().unwrap().is_empty(),
            "{parts}: {nothing:#}"
        );
    }
}

#[test]
fn what_is_not_this_servers_stays() {
    let sandbox = Sandbox::new();
    let condarc = "channel_alias: https://other.example.com/conda # mine\n";
    sandbox.write(".condarc", condarc);
    sandbox.write(NAVIGATOR, navigators_login(SERVER));
    repair(&sandbox);
    assert_eq!(sandbox.read(".condarc"), condarc);

    // Only the server that is named.
    let sandbox = Sandbox::new();
    sandbox.write(NAVIGATOR, navigators_login(SERVER));
    leave_tokens(&sandbox, SERVER);
    let words = ["repair", "--domain", "https://other.example.com", "--json"];
    sandbox.run(&words).succeeded();
    assert_eq!(tokens_for(&sandbox, "psm.example.com"), 4);
    assert_eq!(tokens_for(&sandbox, "other.example.com"), 0);

    // A file that others look after is only spoken of.
    let sandbox = Sandbox::new();
    let system = sandbox.system().join("etc/conda/.condarc");
    fs::create_dir_all(system.parent().unwrap()).unwrap();
    fs::write(&system, format!("channel_alias: {SERVER}/api/repo\n")).unwrap();
    sandbox.write(NAVIGATOR, navigators_login(SERVER));
    let done = repair(&sandbox);
    assert!(
        done["warnings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("etc/conda/.condarc"),
        "{done:#}"
    );
    assert!(fs::read_to_string(&system).unwrap().contains("channel_alias"));
}

#[test]
fn a_broken_file_keeps_nothing_else_from_being_repaired() {
    for (name, path, text) in [
        ("condarc", ".condarc", "channel_alias: [\n"),
        ("navigator", NAVIGATOR, "no section\n"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write(".condarc", format!("channel_alias: {SERVER}/api/repo\n"));
        sandbox.write(NAVIGATOR, navigators_login(SERVER));
        sandbox.write(path, text);
        leave_tokens(&sandbox, SERVER);
        let done = repair(&sandbox);
        assert_eq!(sandbox.read(path), text, "{name}");
        assert_eq!(tokens_for(&sandbox, "psm.example.com"), 0, "{name}");
        if name == "navigator" {
            let warnings = done["warnings"].as_array().unwrap();
            let told = |one: &Value| {
                one["message"]
                    .as_str()
                    .unwrap()
                    .contains("anaconda-navigator.ini")
            };
            assert!(warnings.iter().any(told), "{done:#}");
        }
    }
}

#[test]
fn a_sign_in_of_sextants_is_forgotten_and_its_token_ends_with_the_next() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    sandbox.sign_in(&["--add-to-channels", "research"]);
    let signed_in = sandbox.listing();
    let first = sandbox.tokens();
    let done = repair(&sandbox);
    assert_eq!(done["sign_in_to"], sandbox.practice.url());
    assert_eq!(sandbox.read(".condarc"), CONDARC, "as before the sign-in");
    assert!(sandbox.connected().is_empty());
    assert_eq!(sandbox.tokens(), first, "nothing is revoked yet");
    // A recovery is no reason to revoke it either: the repair can still be undone.
    sandbox.run(&["recover", "--json"]).succeeded();
    sandbox.run(&["undo", "--json"]).succeeded();
    assert_eq!(sandbox.listing(), signed_in);
    assert_eq!(sandbox.connected().len(), 1);
    sandbox.run(&["channels", "available", "--json"]).succeeded();

    repair(&sandbox);
    let repaired = sandbox.run(&["history", "--json"]).json()["entries"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    sandbox.sign_in(&["--skip-channels"]);
    let second = sandbox.tokens();
    assert_eq!(second.len(), 1, "{second:?}");
    assert_ne!(second, first);
    let refused = sandbox.run(&["undo", &repaired, "--json"]);
    assert_eq!(refused.failed(), "conflict");
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert!(sandbox.tokens().is_empty());
    assert!(
        !sandbox.data().join("credentials.json").exists(),
        "no secret is left of it"
    );
}

#[test]
fn a_sign_in_whose_files_are_gone_is_repaired_too() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    sandbox.sign_in(&["--skip-channels"]);
    fs::remove_file(sandbox.condarc()).unwrap();
    fs::remove_dir_all(sandbox.home().join(".anaconda")).unwrap();
    fs::remove_dir_all(sandbox.home().join(".config/binstar")).unwrap();
    repair(&sandbox);
    assert!(sandbox.connected().is_empty());
    sandbox.sign_in(&["--skip-channels"]);
    assert_eq!(sandbox.tokens().len(), 1);
}

#[test]
fn what_sextant_cannot_remember_any_more_is_put_aside() {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--skip-channels"]);
    let connections = sandbox.data().join("connections.json");
    fs::write(&connections, "{\"connections\": [").unwrap();
    let status = sandbox.run(&["status", "--json"]).succeeded().json();
    assert_eq!(status["problems"][0]["path"], connections.display().to_string());
    assert_eq!(sandbox.run(&["sign-out", "--json"]).failed(), "file");
    let done = repair(&sandbox);
    let aside = PathBuf::from(done["set_aside"][0].as_str().unwrap());
    assert_eq!(fs::read_to_string(aside).unwrap(), "{\"connections\": [");
    assert_eq!(tokens_for(&sandbox, "127.0.0.1"), 0);
    sandbox.sign_in(&["--skip-channels"]);
    assert_eq!(sandbox.connected().len(), 1);
}

#[test]
fn the_login_of_another_service_stays_in_navigators_file() {
    let sandbox = Sandbox::new();
    sandbox.sign_in_to_cloud(&[]);
    let ini = sandbox.read(NAVIGATOR);
    sandbox.write(NAVIGATOR, format!("{ini}anaconda_server_token = 'stale1'\n"));
    repair(&sandbox);
    let after = sandbox.read(NAVIGATOR);
    assert!(
        after.contains("logged_brand = Anaconda Professional")
            && after.contains("anaconda_server_token = None"),
        "{after}"
    );
    assert_eq!(sandbox.connected().len(), 1);
}

/// Runs a command until a step and kills it there; nothing when it ended before.
fn kill_at(sandbox: &Sandbox, words: &[&str], step: usize) -> Option<String> {
    let mut child = sandbox
        .command(words)
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

/// Killed at every step, a recovery ends as before or as after, and nothing else.
fn at_every_step(
    prepare: impl Fn() -> Sandbox,
    words: &[&str],
    comparable: impl Fn(&Sandbox) -> BTreeMap<PathBuf, String>,
) {
    let sandbox = prepare();
    let before = comparable(&sandbox);
    sandbox.run(words).succeeded();
    let after = comparable(&sandbox);
    assert_ne!(before, after);
    let (mut steps, mut seen) = (0, [0, 0]);
    for step in 0.. {
        let sandbox = prepare();
        let Some(name) = kill_at(&sandbox, words, step) else {
            break;
        };
        let ran: Ran = sandbox.run(&["recover", "--json"]).succeeded();
        let now = comparable(&sandbox);
        assert!(
            now == before || now == after,
            "killed at {name}: {now:#?} {ran:?}"
        );
        let again = sandbox.run(&["recover", "--json"]).succeeded().json();
        assert!(
            again["changes"].as_array().unwrap().is_empty(),
            "killed at {name}"
        );
        let journals = fs::read_dir(sandbox.data().join("journal"));
        assert_eq!(journals.map(Iterator::count).unwrap_or(0), 0, "killed at {name}");
        // Whatever it was, it can be done, or done again, from there.
        sandbox.run(words).succeeded();
        assert_eq!(comparable(&sandbox), after, "killed at {name}");
        steps += 1;
        seen[usize::from(now == after)] += 1;
    }
    assert!(steps > 12 && seen[0] > 1 && seen[1] > 1, "{steps} {seen:?}");
}

#[test]
fn a_kill_during_a_repair_ends_as_before_or_as_after() {
    let prepare = || {
        let sandbox = Sandbox::new();
        sandbox.write(".condarc", format!("{CONDARC}channel_alias: {SERVER}/api/repo\n"));
        sandbox.write(NAVIGATOR, navigators_login(SERVER));
        leave_tokens(&sandbox, SERVER);
        sandbox
    };
    at_every_step(prepare, &["repair", "--json"], Sandbox::listing);
}

#[test]
fn a_kill_during_the_repair_of_a_sign_in_forgets_neither_it_nor_its_token() {
    let prepare = || {
        let sandbox = Sandbox::new();
        sandbox.write(".condarc", CONDARC);
        sandbox.sign_in(&["--add-to-channels", "research"]);
        sandbox
    };
    let comparable = |sandbox: &Sandbox| {
        let url = sandbox.practice.url().to_owned();
        let quoted = url.replace(':', "%3A").replace('/', "%2F");
        let tokens = sandbox.practice.tokens();
        assert_eq!(tokens.len(), 1, "the token is neither lost nor doubled");
        let plain = |text: String| {
            text.replace(&quoted, "SERVER")
                .replace(&url, "SERVER")
                .replace(tokens[0].value.expose(), "TOKEN")
                .replace(&tokens[0].id, "ID")
        };
        let mut listing: BTreeMap<PathBuf, String> = sandbox
            .listing()
            .into_iter()
            .map(|(path, content)| (PathBuf::from(plain(path.display().to_string())), plain(content)))
            .collect();
        let connected = sandbox.connected().len();
        listing.insert("connected".into(), connected.to_string());
        // Whether it is in force or can still come back, what revokes the token is there.
        assert!(sandbox.data().join("credentials.json").exists());
        listing
    };
    at_every_step(prepare, &["repair", "--json"], comparable);
}
