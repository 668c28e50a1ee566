//! Tokens for somebody or something else, from the command line (seed 004).

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::path::Path;

use sandbox::{Ran, Sandbox};
use serde_json::{Value, json};

const PASSWORD: &str = "sextant\n";

fn at_repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sign_in_to_repository(&["--skip-channels"]);
    sandbox
}

fn at_server() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--skip-channels"]);
    sandbox
}

fn tokens(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let words = [&["tokens"], words, &["--password-stdin", "--json"]].concat();
    sandbox.run_with_input(&words, PASSWORD)
}

fn answer(sandbox: &Sandbox, words: &[&str]) -> Value {
    tokens(sandbox, words).succeeded().json()
}

/// Whether a file below the folder holds the text.
fn is_kept_below(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return is_kept_below(&path, text);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    })
}

/// What the server says to a request without any login but the address.
fn status_of(address: &str) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let authority = address
            .strip_prefix("http://")
            .unwrap()
            .split('/')
            .next()
            .unwrap();
        let path = &address[7 + authority.len()..];
        let mut stream = tokio::net::TcpStream::connect(authority).await.unwrap();
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await.unwrap();
        String::from_utf8_lossy(&said)
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap()
    })
}

#[test]
fn a_token_for_downloads_is_made_shown_once_and_kept_nowhere() {
    let sandbox = at_repository();
    let made = answer(
        &sandbox,
        &[
            "create",
            "--name",
            "colleague",
            "--scopes",
            "repos,conda:download",
        ],
    );
    let keys: Vec<&String> = made.as_object().unwrap().keys().collect();
    for key in ["id", "name", "scopes", "created_at", "expires_at", "token"] {
        assert!(keys.iter().any(|found| *found == key), "{keys:?}");
    }
    assert_eq!(made["scopes"], json!(["repos", "conda:download"]));
    let token = made["token"].as_str().unwrap();
    assert!(
        !is_kept_below(&sandbox.home(), token),
        "the token is the person's alone"
    );
    // It opens what is private, put where the manual says.
    let alias = format!("{}/conda", sandbox.practice.repository_url());
    assert_eq!(
        status_of(&format!("{alias}/t/{token}/practice-org/noarch/repodata.json")),
        200
    );
    let uses = made["uses"]["conda_label"].as_str().unwrap();
    assert_eq!(
        uses,
        format!("conda config --add channels {alias}/t/<token>/CHANNEL/label/LABEL")
    );
    let text = sandbox
        .run_with_input(
            &[
                "tokens",
                "create",
                "--name",
                "other",
                "--preset",
                "download",
                "--password-stdin",
            ],
            PASSWORD,
        )
        .succeeded();
    assert!(
        text.out.contains("It is not shown again") && text.out.contains("pip install"),
        "{text:?}"
    );
    let listed = answer(&sandbox, &["list", "--all"]);
    let names: Vec<&str> = listed["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"colleague") && names.contains(&"other"),
        "{names:?}"
    );
    assert!(!listed.to_string().contains(token));
}

#[test]
fn a_taken_name_is_said_and_a_lost_token_replaced() {
    let sandbox = at_repository();
    let create = ["create", "--name", "ci", "--preset", "upload"];
    let first = answer(&sandbox, &create);
    let again = tokens(&sandbox, &create);
    assert_eq!(again.failed(), "conflict");
    assert!(
        again.json()["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("--replace")
    );
    let second = answer(&sandbox, &[&create[..], &["--replace"]].concat());
    assert_ne!(first["token"], second["token"]);
    let named: Vec<_> = sandbox
        .practice
        .repository_tokens()
        .into_iter()
        .filter(|token| token.name == "ci")
        .collect();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].value.expose(), second["token"].as_str().unwrap());
}

#[test]
fn name_scopes_and_day_are_checked_before_anything_is_made() {
    let sandbox = at_repository();
    for words in [
        &["create", "--name", " ", "--preset", "download"][..],
        &["create", "--name", "n", "--scopes", "fly"],
        &[
            "create",
            "--name",
            "n",
            "--preset",
            "download",
            "--expires",
            "2001-01-01",
        ],
    ] {
        assert_eq!(tokens(&sandbox, words).failed(), "usage", "{words:?}");
    }
    let wrong = sandbox.run(&["tokens", "create", "--name", "n"]);
    assert_eq!(wrong.code, Some(2));
    let planned = answer(
        &sandbox,
        &["create", "--name", "n", "--preset", "full", "--dry-run"],
    );
    assert_eq!(
        (&planned["token"], &planned["scopes"]),
        (&Value::Null, &json!(["all"]))
    );
    assert_eq!(sandbox.practice.repository_tokens().len(), 1);
}

#[test]
fn a_token_of_an_organisation_ends_when_it_was_said() {
    let sandbox = at_repository();
    let day = "2031-02-03";
    let made = answer(
        &sandbox,
        &[
            "create",
            "--name",
            "team",
            "--preset",
            "pip-download",
            "--organization",
            "practice-org",
            "--expires",
            day,
            "--weak",
        ],
    );
    assert!(made["expires_at"].as_str().unwrap().starts_with(day), "{made}");
    let all = sandbox.practice.repository_tokens();
    let token = all.iter().find(|token| token.name == "team").unwrap();
    assert_eq!(
        (token.owner, token.scopes.as_slice()),
        ("practice-org", &["pypi:download".to_owned()][..])
    );
    assert!(token.expires_at.to_string().starts_with(day));
    let foreign = tokens(
        &sandbox,
        &[
            "create",
            "--name",
            "x",
            "--preset",
            "download",
            "--organization",
            "anaconda",
        ],
    );
    assert_eq!(foreign.failed(), "forbidden");
}

#[test]
fn one_or_many_are_revoked_but_not_the_one_in_use() {
    let sandbox = at_repository();
    for name in ["one", "two"] {
        answer(&sandbox, &["create", "--name", name, "--preset", "download"]);
    }
    let own = sandbox.practice.repository_tokens()[0].name.clone();
    let refused = tokens(&sandbox, &["revoke", &own, "--yes"]);
    assert_eq!(refused.failed(), "usage");
    let revoked = answer(&sandbox, &["revoke", "one", "two", "--yes"]);
    assert_eq!(revoked["revoked"].as_array().unwrap().len(), 2);
    assert_eq!(sandbox.practice.repository_tokens().len(), 1);
    assert_eq!(tokens(&sandbox, &["revoke", "one", "--yes"]).failed(), "usage");
}

#[test]
fn anaconda_server_makes_tokens_too() {
    let sandbox = at_server();
    let scopes = answer(&sandbox, &["scopes"]);
    let scopes = scopes["scopes"].as_array().unwrap();
    let download = scopes.iter().find(|scope| scope["name"] == "artifact:download");
    assert_eq!(download.unwrap()["description"], "Download packages");
    let made = answer(&sandbox, &["create", "--name", "ci", "--preset", "download"]);
    assert!(made["id"].is_string());
    let token = made["token"].as_str().unwrap();
    assert!(!is_kept_below(&sandbox.home(), token));
    let again = tokens(&sandbox, &["create", "--name", "ci", "--preset", "download"]);
    assert_eq!(again.failed(), "conflict");
    let replaced = answer(
        &sandbox,
        &["create", "--name", "ci", "--preset", "download", "--replace"],
    );
    assert_ne!(made["id"], replaced["id"]);
    let listed = answer(&sandbox, &["list", "--all"]);
    let named = listed["tokens"].as_array().unwrap().iter();
    assert_eq!(named.filter(|token| token["name"] == "ci").count(), 1);
    answer(&sandbox, &["revoke", "ci", "--yes"]);
    assert_eq!(sandbox.tokens().len(), 1);
}

#[test]
fn a_channel_is_added_with_the_token_and_the_token_stands_in_no_file_of_condas() {
    let sandbox = at_repository();
    let words = [
        "create", "--name", "desk", "--preset", "download", "--use", "channel",
    ];
    let made = answer(
        &sandbox,
        &[&words[..], &["--channel", "practice-org/label/beta"]].concat(),
    );
    assert_eq!(
        (&made["use"], &made["channel"]),
        (&json!("channel"), &json!("practice-org/label/beta"))
    );
    let condarc = fs::read_to_string(sandbox.condarc()).unwrap();
    assert!(condarc.contains("- practice-org/label/beta"), "{condarc}");
    let token = made["token"].as_str().unwrap();
    assert!(!condarc.contains(token));
    assert_eq!(made["files"].as_array().unwrap().len(), 1, "{made}");
    // Without a name it is the account's own channel.
    let own = answer(&sandbox, &[&words[..], &["--replace"]].concat());
    assert_eq!(own["channel"], "alice");
    // What is no channel is found out before there is a token.
    let before = sandbox.practice.repository_tokens().len();
    let wrong = [
        "create",
        "--name",
        "x",
        "--preset",
        "download",
        "--use",
        "channel",
        "--channel",
        "two words",
    ];
    assert_eq!(tokens(&sandbox, &wrong).failed(), "usage");
    assert_eq!(sandbox.practice.repository_tokens().len(), before);
}

#[test]
fn conda_uses_the_new_token_where_that_is_wanted_and_the_one_before_is_revoked() {
    let sandbox = at_repository();
    let before = sandbox.practice.repository_tokens()[0].name.clone();
    let create = [
        "create", "--name", "desk", "--preset", "download", "--use", "store",
    ];
    let planned = answer(&sandbox, &[&create[..], &["--dry-run"]].concat());
    assert!(
        planned["plan"]["files"]
            .as_array()
            .is_some_and(|files| !files.is_empty())
            || !planned["files"].as_array().unwrap().is_empty(),
        "{planned}"
    );
    assert_eq!(sandbox.practice.repository_tokens().len(), 1);

    let made = answer(&sandbox, &create);
    let token = made["token"].as_str().unwrap();
    let left = sandbox.practice.repository_tokens();
    let names: Vec<&str> = left.iter().map(|token| token.name.as_str()).collect();
    assert_eq!(names, ["desk"], "{before} is revoked");
    assert!(is_kept_below(&sandbox.home().join(".config/binstar"), token));
    // It is the sign-in's from now on: listed as such, and ended by signing out.
    let listed = sandbox.run(&["tokens", "list", "--json"]).succeeded().json();
    assert_eq!(listed["tokens"][0]["name"], "desk");
    sandbox.run(&["sign-out", "--json", "--yes"]).succeeded();
    assert!(sandbox.practice.repository_tokens().is_empty());
    assert!(!is_kept_below(&sandbox.home(), token));
}

#[test]
fn at_anaconda_server_too() {
    let sandbox = at_server();
    let words = [
        "create", "--name", "desk", "--preset", "download", "--use", "store",
    ];
    let made = answer(&sandbox, &words);
    assert_eq!(sandbox.tokens().len(), 1);
    assert!(is_kept_below(
        &sandbox.home().join(".config/binstar"),
        made["token"].as_str().unwrap()
    ));
    let nameless = [
        "create", "--name", "x", "--preset", "download", "--use", "channel",
    ];
    assert_eq!(tokens(&sandbox, &nameless).failed(), "usage");
    let named = [&nameless[..], &["--channel", "research"]].concat();
    assert_eq!(answer(&sandbox, &named)["channel"], "research");
    let condarc = fs::read_to_string(sandbox.condarc()).unwrap();
    assert!(condarc.contains("- research"), "{condarc}");
}

#[test]
fn a_token_of_an_organisation_is_revoked_by_its_name() {
    let sandbox = at_repository();
    let organization = ["--organization", "practice-org"];
    answer(
        &sandbox,
        &[
            &["create", "--name", "team", "--preset", "download"],
            &organization[..],
        ]
        .concat(),
    );
    let revoke = [&["revoke", "team", "--yes"], &organization[..]].concat();
    assert_eq!(answer(&sandbox, &revoke)["revoked"][0]["name"], "team");
    assert_eq!(sandbox.practice.repository_tokens().len(), 1);
    assert_eq!(tokens(&sandbox, &revoke).failed(), "usage");
}

#[test]
fn a_token_that_may_not_download_comes_without_lines_for_it() {
    let sandbox = at_repository();
    let made = answer(&sandbox, &["create", "--name", "push", "--scopes", "pypi:upload"]);
    for line in ["conda_channel", "conda_label", "conda_install", "pip_install"] {
        assert_eq!(made["uses"][line], Value::Null, "{made}");
    }
    let words = [
        "tokens",
        "create",
        "--name",
        "read",
        "--scopes",
        "api:read",
        "--password-stdin",
    ];
    let ran = sandbox.run_with_input(&words, PASSWORD).succeeded();
    assert!(
        ran.out.contains("may not download") && !ran.out.contains("<token>"),
        "{ran:?}"
    );
    let made = answer(
        &sandbox,
        &["create", "--name", "pull", "--scopes", "pypi:download"],
    );
    assert_eq!(made["uses"]["conda_channel"], Value::Null);
    // As `setup pip --token-stdin` writes it.
    assert_eq!(
        made["uses"]["pip_install"],
        format!(
            "pip install --index-url {}/t/<token>/pypi/CHANNEL/simple PACKAGE",
            sandbox.practice.repository_url()
        )
    );
}
