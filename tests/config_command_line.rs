//! `sextant config` as the command-line contract has it.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::io::Write as _;

use sandbox::{Ran, Sandbox};
use serde_json::{Value, json};

const CONDARC: &str =
    "# mine\nchannels:\n  - a\nssl_verify: true\nproxy_servers:\n  https: http://ana:canary@proxy:3128\n";

fn run_with(sandbox: &Sandbox, words: &[&str], variables: &[(&str, &str)], input: &str) -> Ran {
    let mut child = sandbox
        .command(words)
        .envs(variables.iter().copied())
        .spawn()
        .unwrap();
    // The program may end without reading what it was sent.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap().into()
}

fn origins(document: &Value) -> Vec<(String, bool)> {
    let sources = document["sources"].as_array().unwrap();
    sources
        .iter()
        .map(|source| {
            (
                source["origin"].as_str().unwrap().to_owned(),
                source["wins"].as_bool().unwrap(),
            )
        })
        .collect()
}

#[test]
fn explain_tells_every_source_and_which_one_wins() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", "ssl_verify: true\nchannels: [a]\n");
    sandbox.write(".conda/condarc", "ssl_verify: false\nchannels: [b]\n");
    let document = sandbox
        .run(&["config", "explain", "ssl_verify", "--json"])
        .succeeded()
        .json();
    let (low, high) = (
        sandbox.home().join(".conda/condarc").display().to_string(),
        sandbox.condarc().display().to_string(),
    );
    assert_eq!(document["key"], "ssl_verify");
    assert_eq!(document["value"], true);
    assert_eq!(origins(&document), [(low.clone(), false), (high.clone(), true)]);
    assert_eq!(document["sources"][0]["value"], false);
    assert_eq!(document["locked_by"], Value::Null);
    let document = sandbox
        .run(&["config", "explain", "channels", "--json"])
        .succeeded()
        .json();
    assert_eq!(document["value"], json!(["a", "b"]));
    assert_eq!(origins(&document), [(low.clone(), true), (high.clone(), true)]);

    sandbox.write(".conda/condarc", "ssl_verify: false #!final\n");
    let document = sandbox
        .run(&["config", "explain", "verify_ssl", "--json"])
        .succeeded()
        .json();
    assert_eq!(document["value"], false);
    assert_eq!(document["locked_by"], json!(low));
    assert_eq!(origins(&document), [(low, true), (high, false)]);

    let text = sandbox.run(&["config", "explain", "ssl_verify"]).succeeded().out;
    assert!(
        text.starts_with("ssl_verify = false\n") && text.contains("Locked by line 1 of"),
        "{text}"
    );
    let document = sandbox
        .run(&["config", "explain", "offline", "--json"])
        .succeeded()
        .json();
    assert_eq!(
        (&document["value"], &document["sources"]),
        (&json!(false), &json!([]))
    );
    let failed = sandbox.run(&["config", "explain", "ssl_verfy", "--json"]);
    assert_eq!((failed.failed().as_str(), failed.code), ("usage", Some(2)));
    assert_eq!(failed.json()["error"]["remedy"], "did you mean ssl_verify?");
}

#[test]
fn every_file_is_shown_got_and_set() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    sandbox.write(
        ".anaconda/navigator/anaconda-navigator.ini",
        "[main]\nanaconda_server_token = 'canary'\n",
    );
    for (file, key, value, shown) in [
        ("conda", "offline", "yes", json!(true)),
        ("conda", "channels", "[b, c]", json!(["b", "c"])),
        (
            "navigator",
            "main.anaconda_server_api_url",
            "https://psm.example.com",
            json!("https://psm.example.com"),
        ),
        (
            "anaconda-client",
            "url",
            "https://repo.example.com/api/",
            json!("https://repo.example.com/api/"),
        ),
        (
            "pip",
            "global.extra-index-url",
            "https://a https://b",
            json!(["https://a", "https://b"]),
        ),
    ] {
        let set = sandbox
            .run(&["config", "set", file, key, value, "--json"])
            .succeeded()
            .json();
        assert_eq!((&set["file"], &set["key"]), (&json!(file), &json!(key)));
        assert_eq!(set["files"].as_array().unwrap().len(), 1, "{set}");
        let id = set["id"].as_str().unwrap().to_owned();
        let got = sandbox
            .run(&["config", "get", file, key, "--json"])
            .succeeded()
            .json();
        assert_eq!(got, json!({"key": key, "value": shown}));
        let show = sandbox.run(&["config", "show", file, "--json"]).succeeded();
        assert!(!show.out.contains("canary"), "{}", show.out);
        let show = show.json();
        let settings = show["settings"].as_array().unwrap();
        assert!(
            settings
                .iter()
                .any(|setting| setting["key"] == key && setting["value"] == shown),
            "{show}"
        );
        assert!(
            show["places"]
                .as_array()
                .unwrap()
                .iter()
                .any(|place| place["own"] == true && place["state"] == "read")
        );
        // It is in the history, and comes back.
        let undone = sandbox.run(&["undo", &id, "--json"]).succeeded().json();
        assert_eq!(undone["undoes"], json!(id));
    }
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn what_is_printed_for_a_person_masks_secrets_and_lists_line_by_line() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    let ran = sandbox.run(&["config", "show", "conda"]).succeeded();
    assert!(
        !ran.out.contains("canary") && ran.out.contains("proxy:3128"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("your own"), "{}", ran.out);
    sandbox.write(".condarc", "channels: [a, b]\n");
    assert_eq!(
        sandbox
            .run(&["config", "get", "conda", "channels"])
            .succeeded()
            .out,
        "a\nb\n"
    );
    assert_eq!(
        sandbox
            .run(&["config", "get", "conda", "offline"])
            .succeeded()
            .out,
        "false\n"
    );
    let all = sandbox
        .run(&["config", "show", "conda", "--all", "--json"])
        .succeeded()
        .json();
    assert!(all["settings"].as_array().unwrap().len() > 100);
}

#[test]
fn a_dry_run_changes_nothing_and_a_change_without_effect_is_warned_of() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    let before = sandbox.listing();
    let ran = sandbox
        .run(&["config", "set", "conda", "ssl_verify", "false", "--dry-run"])
        .succeeded();
    assert!(
        ran.out.contains("- ssl_verify: true") && ran.out.contains("+ ssl_verify: false"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("warning: conda checks no certificates"),
        "{}",
        ran.err
    );
    let dry = sandbox
        .run(&["config", "set", "conda", "quiet", "true", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(dry["dry_run"], true);
    assert_eq!(sandbox.listing(), before);
    sandbox.write("env/.condarc", "quiet: false\n");
    let env = sandbox.home().join("env").display().to_string();
    let ran = run_with(
        &sandbox,
        &["config", "set", "conda", "quiet", "true"],
        &[("CONDA_PREFIX", env.as_str())],
        "",
    )
    .succeeded();
    assert!(
        ran.err.contains("quiet stays false") && ran.err.contains("try: change it there"),
        "{}",
        ran.err
    );
    let ran = sandbox
        .run(&["config", "unset", "conda", "quiet", "--json"])
        .succeeded()
        .json();
    assert_eq!(ran["value"], Value::Null);
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    let again = sandbox
        .run(&["config", "unset", "conda", "quiet", "--json"])
        .succeeded()
        .json();
    assert_eq!((&again["id"], &again["files"]), (&Value::Null, &json!([])));
}

#[test]
fn wrong_words_and_values_are_usage_errors() {
    let sandbox = Sandbox::new();
    for words in [
        &["config", "show", "mamba", "--json"][..],
        &["config", "set", "conda", "offline", "--json"],
        &["config", "set", "conda", "offline", "maybe", "--json"],
        &["config", "set", "conda", "nonsense", "x", "--json"],
        &["config", "get", "pip", "nonsense", "--json"],
    ] {
        let ran = sandbox.run(words);
        assert_eq!((ran.failed().as_str(), ran.code), ("usage", Some(2)), "{words:?}");
    }
    assert_eq!(sandbox.listing().len(), 0);
}

#[test]
fn a_value_with_a_password_comes_on_standard_input() {
    let sandbox = Sandbox::new();
    let ran = run_with(
        &sandbox,
        &["config", "set", "conda", "proxy_servers.https", "--value-stdin"],
        &[],
        "http://ana:canary@proxy:3128\n",
    )
    .succeeded();
    assert!(
        !ran.out.contains("canary") && !ran.err.contains("canary"),
        "{ran:?}"
    );
    assert!(ran.err.contains("in clear"), "{}", ran.err);
    assert_eq!(
        sandbox.read(".condarc"),
        "proxy_servers:\n  https: http://ana:canary@proxy:3128\n"
    );
    assert_eq!(sandbox::mode(&sandbox.condarc()), 0o600);
}

/// An editor that puts this text into the file.
fn editor(sandbox: &Sandbox, script: &str) -> String {
    let path = sandbox.home().parent().unwrap().join("editor.sh");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    format!("sh {}", path.display())
}

#[cfg(unix)]
#[test]
fn edit_opens_the_persons_editor_on_a_private_copy_and_saves_through_a_plan() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    let seen = sandbox.home().parent().unwrap().join("seen");
    let script = format!(
        "ls -l \"$1\" > {0}; echo \"$1\" >> {0}; sed -i 's/  - a/  - a\\n  - b/' \"$1\"",
        seen.display()
    );
    let editor = editor(&sandbox, &script);
    let edit = |words: &[&str]| run_with(&sandbox, words, &[("EDITOR", editor.as_str())], "");

    let dry = edit(&["config", "edit", "conda", "--dry-run"]).succeeded();
    assert!(
        dry.out.contains("+   - b") && !dry.out.contains("canary"),
        "{}",
        dry.out
    );
    assert_eq!(sandbox.read(".condarc"), CONDARC);

    let ran = edit(&["config", "edit", "conda", "--json"]).succeeded().json();
    assert_eq!(
        sandbox.read(".condarc"),
        CONDARC.replace("  - a\n", "  - a\n  - b\n")
    );
    assert_eq!(ran["files"][0]["change"], "edited");
    let seen = fs::read_to_string(seen).unwrap();
    assert!(
        seen.starts_with("-rw-------") && seen.contains("/.condarc"),
        "{seen}"
    );
    // Nothing stays of the copy.
    assert!(!sandbox.data().join("edits").exists());
    sandbox.run(&["undo", ran["id"].as_str().unwrap()]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[cfg(unix)]
#[test]
fn a_broken_text_is_refused_with_line_and_message_and_kept() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", "channels: [a]\n");
    let editor = editor(&sandbox, "printf 'ok: 1\\nchannels: a\\n' > \"$1\"");
    let ran = run_with(
        &sandbox,
        &["config", "edit", "conda", "--json"],
        &[("VISUAL", editor.as_str()), ("EDITOR", "false")],
        "",
    );
    assert_eq!(ran.failed(), "refused-edit");
    let error = &ran.json()["error"];
    assert!(
        error["message"].as_str().unwrap().starts_with("line 2 of "),
        "{error}"
    );
    let remedy = error["remedy"].as_str().unwrap();
    let kept = remedy.rsplit("kept in ").next().unwrap();
    assert_eq!(fs::read_to_string(kept).unwrap(), "ok: 1\nchannels: a\n");
    assert_eq!(sandbox::mode(kept.as_ref()), 0o600);
    assert_eq!(sandbox.read(".condarc"), "channels: [a]\n");
}

#[cfg(unix)]
#[test]
fn a_file_that_changes_while_it_is_edited_is_not_overwritten_unless_told() {
    let sandbox = Sandbox::new();
    let (before, theirs) = (
        "channels: [a]\n\noffline: false\n",
        "channels: [a]\n\noffline: true\n",
    );
    let script = format!(
        "printf '{}' > {}; sed -i 's/\\[a\\]/[a, b]/' \"$1\"",
        theirs.replace('\n', "\\n"),
        sandbox.condarc().display()
    );
    let editor = editor(&sandbox, &script);
    let edit = |how: &[&str]| {
        sandbox.write(".condarc", before);
        let words: Vec<&str> = ["config", "edit", "conda", "--json"]
            .iter()
            .chain(how)
            .copied()
            .collect();
        run_with(&sandbox, &words, &[("EDITOR", editor.as_str())], "")
    };
    let ran = edit(&[]);
    assert_eq!(ran.failed(), "conflict");
    assert!(
        ran.json()["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("--merge"),
        "{ran:?}"
    );
    assert_eq!(sandbox.read(".condarc"), theirs);
    edit(&["--merge"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), "channels: [a, b]\n\noffline: true\n");
    edit(&["--overwrite"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), "channels: [a, b]\n\noffline: false\n");
}

#[cfg(unix)]
#[test]
fn an_editor_that_fails_or_changes_nothing_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", "channels: [a]\n");
    let before = sandbox.listing();
    let unchanged = run_with(
        &sandbox,
        &["config", "edit", "conda", "--json"],
        &[("EDITOR", "true")],
        "",
    )
    .succeeded()
    .json();
    assert_eq!(
        (&unchanged["id"], &unchanged["files"]),
        (&Value::Null, &json!([]))
    );
    let failed = run_with(
        &sandbox,
        &["config", "edit", "conda", "--json"],
        &[("EDITOR", "false")],
        "",
    );
    assert_eq!(failed.failed(), "cancelled");
    let none = sandbox.run(&["config", "edit", "conda", "--json"]);
    assert_eq!((none.failed().as_str(), none.code), ("usage", Some(2)));
    assert_eq!(sandbox.listing(), before);
}
