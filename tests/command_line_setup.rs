//! Setting up clients from the command line: what is shown, done, refused and undone.

#![cfg(target_os = "linux")]

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use sandbox::{CONDARC, Sandbox, mode};
use serde_json::{Value, json};

const PIP: &str = ".config/pip/pip.conf";

/// Runs a set-up as JSON.
#[track_caller]
fn set_up(sandbox: &Sandbox, words: &[&str], input: &str) -> Value {
    let words: Vec<&str> = ["setup"]
        .iter()
        .chain(words)
        .chain(&["--json"])
        .copied()
        .collect();
    sandbox.run_with_input(&words, input).succeeded().json()
}

#[track_caller]
fn undo(sandbox: &Sandbox) {
    sandbox.run(&["undo", "--json"]).succeeded();
}

/// A file of the system that no account may write, not even this one.
fn fixed(sandbox: &Sandbox, path: &str, content: &str) {
    let path = sandbox.system().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
}

fn system(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.system().join(path)).unwrap()
}

fn warnings(document: &Value) -> String {
    document["warnings"].to_string()
}

#[test]
fn anaconda_client_and_conda_follow_a_repository_and_an_undo_brings_all_back() {
    let condarc = "# mine\nchannel_alias: https://old.corp/conda # before\nchannels:\n  - jane # own\n";
    let sandbox = Sandbox::with_condarc(condarc);
    sandbox.write(
        ".continuum/anaconda-client/config.yaml",
        "# kept\nssl_verify: /ca.pem\n",
    );
    let before = sandbox.listing();
    let words = ["anaconda-client", "--url", "http://repo.corp:8080/api"];
    let shown = set_up(&sandbox, &[&words[..], &["--dry-run"]].concat(), "");
    assert_eq!(sandbox.listing(), before, "a dry run changes nothing");
    assert_eq!(shown["plan"]["diffs"].as_array().unwrap().len(), 2);

    let done = set_up(&sandbox, &words, "");
    assert_eq!(done["url"], "http://repo.corp:8080/api/");
    assert_eq!(done["done"], true);
    assert_eq!(
        sandbox.read(".continuum/anaconda-client/config.yaml"),
        "# kept\nssl_verify: /ca.pem\nurl: http://repo.corp:8080/api/\n"
    );
    let now = sandbox.read(".condarc");
    for line in [
        "# mine\n",
        "channel_alias: http://repo.corp:8080/conda # before\n",
        "  - jane # own\n",
        "default_channels:\n  - http://repo.corp:8080/conda/anaconda\n",
        "migrated_channel_aliases:\n  - https://old.corp/conda\n",
    ] {
        assert!(now.contains(line), "{line}: {now}");
    }
    assert!(warnings(&done).contains("not encrypted"), "{done}");
    assert_eq!(
        set_up(&sandbox, &words, "")["id"],
        Value::Null,
        "the second time nothing is left to do"
    );
    undo(&sandbox);
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn without_channels_conda_searches_the_defaults_of_the_repository() {
    let sandbox = Sandbox::new();
    let more = [
        "--default-channel",
        "main",
        "--default-channel",
        "https://api.x/conda/extra",
    ];
    set_up(
        &sandbox,
        &[&["anaconda-client", "--url", "https://repo.corp"][..], &more].concat(),
        "",
    );
    assert_eq!(
        sandbox.read(".condarc"),
        "channel_alias: https://repo.corp/conda\ndefault_channels:\n  - https://repo.corp/conda/main\n  \
         - https://api.x/conda/extra\nchannels:\n  - defaults\n"
    );
    let sandbox = Sandbox::with_condarc(CONDARC);
    set_up(
        &sandbox,
        &["anaconda-client", "--url", "https://repo.corp", "--no-conda"],
        "",
    );
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn the_true_order_of_anaconda_clients_files_is_shown_and_the_persons_own_prevails() {
    let sandbox = Sandbox::new();
    let site = [
        "anaconda-client",
        "--url",
        "https://site.corp",
        "--site",
        "--no-conda",
    ];
    let done = set_up(&sandbox, &site, "");
    assert_eq!(
        system(&sandbox, "etc/anaconda-client/config.yaml"),
        "url: https://site.corp/api/\n"
    );
    assert!(!warnings(&done).contains("prevails"), "{done}");
    set_up(
        &sandbox,
        &["anaconda-client", "--url", "https://own.corp", "--no-conda"],
        "",
    );
    let again = set_up(&sandbox, &site, "");
    assert!(warnings(&again).contains("prevails over"), "{again}");
    let shown = set_up(&sandbox, &["anaconda-client"], "");
    let url = &shown["settings"][0];
    assert_eq!(
        (&url["key"], &url["value"]),
        (&json!("url"), &json!("https://own.corp/api/"))
    );
    assert_eq!(url["sources"].as_array().unwrap().len(), 2);
    let read: Vec<&Value> = shown["places"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|place| place["state"] == "read")
        .map(|place| &place["scope"])
        .collect();
    assert_eq!(read.len(), 2, "{shown}");
}

#[test]
fn pip_goes_on_in_the_file_that_has_the_list_and_its_comments_stay() {
    let sandbox = Sandbox::new();
    let text = "; head\n[global]\nextra_index_url =\n    https://one/simple\n    # why two\n    https://two/simple\ntimeout = 9\n";
    sandbox.write(".pip/pip.conf", text);
    let words = [
        "pip",
        "--extra-index-url",
        "http://repo.corp:8080/pypi/jsmith/simple",
    ];
    let done = set_up(&sandbox, &words, "");
    assert_eq!(
        sandbox.read(".pip/pip.conf"),
        text.replace(
            "https://two/simple\n",
            "https://two/simple\n    http://repo.corp:8080/pypi/jsmith/simple\n"
        ) + "trusted-host = repo.corp:8080\n"
    );
    assert!(warnings(&done).contains("takes the highest version"), "{done}");
    assert!(warnings(&done).contains("not encrypted"), "{done}");
    assert_eq!(set_up(&sandbox, &words, "")["id"], Value::Null);
    undo(&sandbox);
    assert_eq!(sandbox.read(".pip/pip.conf"), text);
}

#[test]
fn a_list_for_everybody_is_taken_over_since_pip_replaces_lists() {
    let sandbox = Sandbox::new();
    fixed(
        &sandbox,
        "etc/pip.conf",
        "[global]\nextra-index-url = https://company/simple\n",
    );
    let words = ["pip", "--extra-index-url", "https://repo.corp/pypi/jsmith/simple"];
    let done = set_up(&sandbox, &words, "");
    assert!(warnings(&done).contains("is taken over"), "{done}");
    assert_eq!(
        sandbox.read(PIP),
        "[global]\nextra-index-url = \n\thttps://company/simple\n\thttps://repo.corp/pypi/jsmith/simple\n"
    );
    // For everybody it takes an administrator, who gets the command.
    let done = set_up(&sandbox, &[&words[..], &["--global"]].concat(), "");
    assert_eq!((&done["done"], &done["id"]), (&json!(false), &Value::Null));
    let command = done["by_hand"][0]["command"].as_str().unwrap();
    let ran = Command::new("sh")
        .args(["-c", &command.replace("sudo tee", "tee -i")])
        .status();
    assert!(ran.unwrap().success() || !is_root());
    if is_root() {
        assert_eq!(
            system(&sandbox, "etc/pip.conf"),
            "[global]\nextra-index-url = https://company/simple\n    https://repo.corp/pypi/jsmith/simple\n"
        );
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

#[test]
fn secrets_come_on_standard_input_and_stand_where_nobody_else_reads_them() {
    let sandbox = Sandbox::new();
    let url = "https://repo.corp/pypi/jsmith/simple";
    for (words, kind) in [
        (
            vec!["pip", "--index-url", "https://u:canary@repo.corp/simple"],
            "usage",
        ),
        (
            vec!["pip", "--index-url", "https://repo.corp/t/canary/pypi/j/simple"],
            "usage",
        ),
        (
            vec!["pip", "--index-url", url, "--trusted-host", "repo.corp"],
            "usage",
        ),
        (
            vec![
                "pip",
                "--extra-index-url",
                "http://repo.corp/simple",
                "--trusted-host",
                "evil.net",
            ],
            "usage",
        ),
        (
            vec!["pip", "--index-url", url, "--token-stdin", "--global"],
            "usage",
        ),
        (vec!["uv", "--index", url, "--name", "a b"], "usage"),
        (
            vec!["anaconda-client", "--url", "https://repo.corp/t/tk-canary/x"],
            "usage",
        ),
    ] {
        let words: Vec<&str> = ["setup"].into_iter().chain(words).chain(["--json"]).collect();
        let ran = sandbox.run_with_input(&words, "tk-1\n");
        assert_eq!(ran.failed(), kind, "{words:?}");
        assert!(
            !ran.out.contains("canary") && !ran.err.contains("canary"),
            "{ran:?}"
        );
    }
    sandbox.write(PIP, "[global]\ntimeout = 9\n");
    let done = set_up(
        &sandbox,
        &["pip", "--index-url", url, "--token-stdin"],
        "tk-canary\n",
    );
    assert!(!done.to_string().contains("canary"), "{done}");
    assert!(warnings(&done).contains("pip prints the token"), "{done}");
    assert!(
        sandbox
            .read(PIP)
            .contains("index-url = https://repo.corp/t/tk-canary/pypi/jsmith/simple\n")
    );
    assert_eq!(
        mode(&sandbox.home().join(PIP)),
        0o600,
        "the file was open to all before"
    );
    // Another token takes the place of the first.
    set_up(
        &sandbox,
        &["pip", "--index-url", url, "--token-stdin"],
        "tk-other\n",
    );
    assert!(!sandbox.read(PIP).contains("canary"));
    undo(&sandbox);
    undo(&sandbox);
    assert_eq!(sandbox.read(PIP), "[global]\ntimeout = 9\n");

    // A name with its password lies in .netrc, and the file of the program holds none of it.
    sandbox.write(".netrc", "machine other login me password others-canary\n");
    let words = [
        "pip",
        "--index-url",
        url,
        "--username",
        "jsmith",
        "--password-stdin",
    ];
    let done = set_up(&sandbox, &words, "pw-canary\n");
    assert!(!done.to_string().contains("canary"), "{done}");
    assert!(
        sandbox
            .read(PIP)
            .contains("index-url = https://repo.corp/pypi/jsmith/simple\n")
    );
    assert!(
        sandbox
            .read(".netrc")
            .contains("machine repo.corp\n  login jsmith\n  password pw-canary\n")
    );
    assert_eq!(mode(&sandbox.home().join(".netrc")), 0o600);
    assert!(
        !in_history(&sandbox, "canary"),
        "the history holds no password, not even somebody else's"
    );
    undo(&sandbox);
    assert_eq!(
        sandbox.read(".netrc"),
        "machine other login me password others-canary\n"
    );
}

/// Whether a text stands anywhere in what Sextant keeps, apart from where secrets are kept.
fn in_history(sandbox: &Sandbox, text: &str) -> bool {
    fn look(folder: &Path, text: &str) -> bool {
        fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| {
            let path = entry.path();
            match path.is_dir() {
                true => look(&path, text),
                false if path.ends_with("credentials.json") => false,
                false => String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(text),
            }
        })
    }
    look(&sandbox.data(), text)
}

#[test]
fn uv_gets_an_index_and_keeps_the_rest() {
    let sandbox = Sandbox::new();
    let text = "# mine\nnative-tls = true\n";
    sandbox.write(".config/uv/uv.toml", text);
    let words = [
        "uv",
        "--index",
        "https://repo.corp/pypi/jsmith/simple",
        "--name",
        "corp",
    ];
    set_up(&sandbox, &words, "");
    let written =
        format!("{text}\n[[index]]\nname = \"corp\"\nurl = \"https://repo.corp/pypi/jsmith/simple\"\n");
    assert_eq!(sandbox.read(".config/uv/uv.toml"), written);
    // What was added since stays when it is undone.
    sandbox.write(".config/uv/uv.toml", format!("# theirs\n{written}"));
    undo(&sandbox);
    assert_eq!(sandbox.read(".config/uv/uv.toml"), format!("# theirs\n{text}"));
}

#[test]
fn kerberos_gets_what_is_missing_or_the_administrator_the_command() {
    let sandbox = Sandbox::new();
    let words = [
        "kerberos",
        "--server",
        "https://Repo.Corp:8443/",
        "--realm",
        "CORP.EXAMPLE",
        "--kdc",
        "kdc.corp",
    ];
    let done = set_up(&sandbox, &words, "");
    assert_eq!(done["server"], "repo.corp");
    let stanza = "[libdefaults]\n    default_realm = CORP.EXAMPLE\n\n[realms]\n    CORP.EXAMPLE = {\n        \
                  kdc = kdc.corp\n    }\n\n[domain_realm]\n    repo.corp = CORP.EXAMPLE\n";
    assert_eq!(system(&sandbox, "etc/krb5.conf"), stanza);
    assert_eq!(set_up(&sandbox, &words, "")["id"], Value::Null);
    undo(&sandbox);
    assert!(!sandbox.system().join("etc/krb5.conf").exists());

    fixed(
        &sandbox,
        "etc/krb5.conf",
        "# company\n[domain_realm]\n  .corp = CORP.EXAMPLE\n",
    );
    let done = set_up(&sandbox, &words, "");
    assert_eq!(done["done"], false);
    let step = &done["by_hand"][0];
    assert_eq!(step["needs_administrator"], true);
    let command = step["command"].as_str().unwrap();
    assert!(
        command.starts_with("sudo tee ") && command.contains("# company\n[domain_realm]"),
        "{command}"
    );
    assert!(
        !command.contains("repo.corp ="),
        "the domain says it already: {command}"
    );

    fixed(&sandbox, "etc/krb5.conf", "[realms]\nbroken\n");
    let words: Vec<&str> = ["setup"].into_iter().chain(words).chain(["--json"]).collect();
    assert_eq!(sandbox.run(&words).failed(), "refused-edit");
}

#[test]
fn browsers_are_told_beside_what_they_were_told_before() {
    let sandbox = Sandbox::new();
    let managed = "etc/opt/chrome/policies/managed";
    fs::create_dir_all(sandbox.system().join(managed)).unwrap();
    let manual = sandbox.system().join(managed).join("anaconda_repo_policy.json");
    fs::write(&manual, "{\"AuthServerWhitelist\": \"old.corp\"}\n").unwrap();
    let words = [
        "browser",
        "--server",
        "repo.corp",
        "--browser",
        "chrome",
        "--browser",
        "firefox",
    ];
    let done = set_up(&sandbox, &words, "");
    assert!(warnings(&done).contains("AuthServerWhitelist"), "{done}");
    assert!(
        done["afterwards"].to_string().contains("restart Google Chrome"),
        "{done}"
    );
    let policy: Value = serde_json::from_slice(&fs::read(&manual).unwrap()).unwrap();
    assert_eq!(policy["AuthServerAllowlist"], "old.corp,repo.corp");
    assert_eq!(policy["AuthServerWhitelist"], "old.corp");
    let firefox: Value =
        serde_json::from_str(&system(&sandbox, "etc/firefox/policies/policies.json")).unwrap();
    assert_eq!(
        firefox["policies"]["Authentication"]["SPNEGO"],
        json!(["repo.corp"])
    );
    let again = set_up(&sandbox, &words, "");
    assert_eq!((&again["id"], &again["done"]), (&Value::Null, &json!(true)));
    let standing = |document: &Value, name: &str| {
        let all = document["browsers"].as_array().unwrap().clone();
        all.into_iter().find(|view| view["browser"] == name).unwrap()["standing"].clone()
    };
    assert_eq!(standing(&again, "chrome"), "allowed");
    assert_eq!(standing(&again, "edge"), "not-allowed");
    undo(&sandbox);
    assert_eq!(
        fs::read_to_string(&manual).unwrap(),
        "{\"AuthServerWhitelist\": \"old.corp\"}\n"
    );

    // A file that is no JSON is refused, with the line to add.
    fs::write(&manual, "{\"AuthServerAllowlist\": \"x\",}").unwrap();
    fs::rename(&manual, sandbox.system().join(managed).join("sextant.json")).unwrap();
    let ran = sandbox.run(&[
        "setup",
        "browser",
        "--server",
        "repo.corp",
        "--browser",
        "chrome",
        "--json",
    ]);
    assert_eq!(ran.failed(), "refused-edit");
    assert!(
        ran.json()["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("AuthServerAllowlist")
    );
}

#[test]
fn firefox_can_be_told_in_the_persons_own_profile() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".mozilla/firefox/profiles.ini",
        "[Profile0]\nName=default\nIsRelative=1\nPath=p.default\n",
    );
    sandbox.write(".mozilla/firefox/p.default/user.js", "// mine\n");
    let words = [
        "browser",
        "--server",
        "repo.corp",
        "--browser",
        "firefox",
        "--profile",
    ];
    let done = set_up(&sandbox, &words, "");
    assert_eq!(done["done"], true);
    let next = done["afterwards"].to_string();
    assert!(
        next.contains("about:config") && !next.contains("about:policies"),
        "{next}"
    );
    let own = ".mozilla/firefox/p.default/user.js";
    assert_eq!(
        sandbox.read(own),
        "// mine\nuser_pref(\"network.negotiate-auth.trusted-uris\", \"repo.corp\");\n"
    );
    undo(&sandbox);
    assert_eq!(sandbox.read(own), "// mine\n");
}

#[test]
fn an_account_without_rights_is_shown_the_command_and_changes_nothing() {
    if !is_root() {
        // Then every other test runs without them already.
        return;
    }
    let sandbox = Sandbox::new();
    let open = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    open(sandbox.home().parent().unwrap(), 0o755);
    open(&sandbox.home(), 0o777);
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(env!("CARGO_BIN_EXE_sextant"))
        .args([
            "setup",
            "browser",
            "--server",
            "repo.corp",
            "--browser",
            "chromium",
            "--json",
        ])
        .env_clear()
        .env("HOME", sandbox.home())
        .env("PATH", "/usr/bin:/bin")
        .env("SEXTANT_SYSTEM_ROOT", sandbox.system())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "setpriv is needed here: {error}"
            );
            eprintln!("skipped, because setpriv could not be started: {error}");
            return;
        }
    };
    // The program may lie where nobody else can read it.
    if !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("Permission denied") {
        eprintln!("skipped, because the program cannot be started by another account");
        return;
    }
    let done: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!((&done["done"], &done["id"]), (&json!(false), &Value::Null));
    let command = done["by_hand"][0]["command"].as_str().unwrap();
    assert!(command.starts_with("sudo mkdir -p"), "{command}");
    assert!(!sandbox.system().join("etc").exists());
    // The command does it.
    let ran = Command::new("sh")
        .args(["-c", &command.replace("sudo ", "")])
        .status();
    assert!(ran.unwrap().success());
    let policy = system(&sandbox, "etc/chromium/policies/managed/sextant.json");
    assert_eq!(policy, "{\n  \"AuthServerAllowlist\": \"repo.corp\"\n}\n");
}

#[test]
fn an_address_of_which_a_part_would_be_lost_is_refused() {
    let sandbox = Sandbox::new();
    let before = sandbox.listing();
    for url in ["https://aer.example.com/repo/api", "https://aer.example.com/xyz"] {
        let ran = sandbox.run(&["setup", "anaconda-client", "--url", url, "--json"]);
        assert_eq!(ran.failed(), "usage", "{url}");
        let error = &ran.json()["error"];
        assert!(
            error["message"].as_str().unwrap().contains("has a path"),
            "{error}"
        );
        assert!(
            error["remedy"]
                .as_str()
                .unwrap()
                .contains("give https://aer.example.com/api if that is it"),
            "{error}"
        );
    }
    assert_eq!(sandbox.listing(), before);
    // The way that the remedy names keeps the whole address.
    sandbox
        .run(&[
            "config",
            "set",
            "anaconda-client",
            "url",
            "https://aer.example.com/repo/api",
            "--json",
        ])
        .succeeded();
    let file = sandbox.read(".continuum/anaconda-client/config.yaml");
    assert!(file.contains("https://aer.example.com/repo/api"), "{file}");
}

#[test]
fn pip_takes_this_computer_as_secure_and_no_other_one() {
    for url in [
        "http://127.0.0.1:18099/pypi/alice/simple",
        "http://localhost/pypi/alice/simple",
        "http://[::1]:8080/pypi/alice/simple",
    ] {
        for (more, input) in [(&[][..], ""), (&["--token-stdin"], "tk-canary\n")] {
            let sandbox = Sandbox::new();
            let done = set_up(&sandbox, &[&["pip", "--index-url", url], more].concat(), input);
            assert!(!warnings(&done).contains("not encrypted"), "{url}: {done}");
            let file = sandbox.read(PIP);
            assert!(!file.contains("trusted-host"), "{file}");
        }
    }
    let url = "http://repo.corp:8080/pypi/alice/simple";
    let sandbox = Sandbox::new();
    for (more, input) in [(&[][..], ""), (&["--token-stdin"], "tk-canary\n")] {
        let done = set_up(&sandbox, &[&["pip", "--index-url", url], more].concat(), input);
        assert!(
            warnings(&done).contains("the connection to repo.corp:8080 is not encrypted"),
            "{done}"
        );
        assert!(!done.to_string().contains("canary"), "{done}");
        assert!(sandbox.read(PIP).contains("trusted-host = repo.corp:8080\n"));
    }
}
