//! The time line on a machine beside a server: undoing any entry, keeping what came later, and what others did meanwhile.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;

use sandbox::{Sandbox, mode};
use serde_json::Value;

const CONDARC: &str = "# mine\nchannels:\n  - conda-forge # fast\nssl_verify: true\n";
const NAVIGATOR: &str = ".anaconda/navigator/anaconda-navigator.ini";

fn home() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", CONDARC);
    sandbox
}

fn entries(sandbox: &Sandbox) -> Vec<Value> {
    let history = sandbox.run(&["history", "--json"]).succeeded().json();
    history["entries"].as_array().unwrap().clone()
}

/// The id of the newest entry that says this.
fn id_of(sandbox: &Sandbox, what: &str) -> String {
    let entries = entries(sandbox);
    let found = entries
        .iter()
        .find(|entry| entry["what"].as_str().unwrap().contains(what));
    let found = found.unwrap_or_else(|| panic!("{what} is not in {entries:#?}"));
    found["id"].as_str().unwrap().to_owned()
}

#[test]
fn changes_by_others_stand_in_the_time_line_with_their_differences() {
    let sandbox = home();
    assert!(entries(&sandbox).is_empty());
    sandbox.write(".condarc", format!("{CONDARC}auto_update_conda: false\n"));
    let all = entries(&sandbox);
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&all[0]["by"], &all[0]["kind"], &all[0]["can_be_undone"]),
        (&"outside".into(), &"outside".into(), &true.into())
    );
    let id = all[0]["id"].as_str().unwrap();
    let shown = sandbox.run(&["history", "show", id, "--json"]).succeeded().json();
    let lines = shown["diffs"][0]["lines"].as_array().unwrap();
    assert!(
        lines
            .iter()
            .any(|line| line["kind"] == "added" && line["text"] == "auto_update_conda: false")
    );
    let text = sandbox.run(&["history", "show", id]).succeeded().out;
    assert!(
        text.contains("+ auto_update_conda: false") && text.contains("sextant undo"),
        "{text}"
    );
    let condarc = sandbox.condarc().display().to_string();
    for name in ["conda", &condarc] {
        let of_file = sandbox
            .run(&["history", "--file", name, "--json"])
            .succeeded()
            .json();
        assert_eq!(of_file["entries"].as_array().unwrap().len(), 1);
    }
    let other = sandbox
        .run(&["history", "--file", "navigator", "--json"])
        .succeeded()
        .json();
    assert!(other["entries"].as_array().unwrap().is_empty());
}

#[test]
fn an_old_entry_is_undone_and_everything_that_came_later_stays() {
    let sandbox = home();
    sandbox.sign_in(&["--skip-channels"]);
    sandbox
        .run(&["channels", "add", "research", "--json"])
        .succeeded();
    let added = id_of(&sandbox, "Added research");
    sandbox
        .run(&["channels", "add", "main", "--default", "--json"])
        .succeeded();
    let text = sandbox
        .read(".condarc")
        .replace("ssl_verify: true", "ssl_verify: truststore # theirs");
    sandbox.write(".condarc", &text);
    let dry = sandbox
        .run(&["undo", &added, "--dry-run", "--json"])
        .succeeded()
        .json();
    let kept = dry["plan"]["kept_edits"].as_array().unwrap();
    assert_eq!(
        kept.len(),
        1,
        "the later addition put defaults into the same list: {dry:#}"
    );
    assert_eq!(sandbox.read(".condarc"), text);
    // The later change of the list stays, unless one says otherwise.
    sandbox
        .run(&["undo", &added, "--put-back", "channels", "--json"])
        .succeeded();
    let after = sandbox.read(".condarc");
    assert!(
        !after.contains("research") && after.contains("default_channels"),
        "{after}"
    );
    assert!(after.contains("ssl_verify: truststore # theirs"), "{after}");
    let undone = entries(&sandbox);
    let entry = undone.iter().find(|entry| entry["id"] == *added).unwrap();
    assert_eq!(
        (&entry["undone"], &entry["can_be_undone"]),
        (&true.into(), &false.into())
    );
    assert_eq!(sandbox.run(&["undo", &added, "--json"]).failed(), "conflict");
}

#[test]
fn an_undo_is_undone_too() {
    let sandbox = home();
    sandbox.sign_in(&["--skip-channels"]);
    sandbox
        .run(&["channels", "add", "research", "--json"])
        .succeeded();
    let with = sandbox.read(".condarc");
    let added = id_of(&sandbox, "Added research");
    sandbox.run(&["undo", "--json"]).succeeded();
    let without = sandbox.read(".condarc");
    assert_ne!(with, without);
    let undo = id_of(&sandbox, "Undid: Added research");
    sandbox.run(&["undo", &undo, "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), with);
    // What was undone and is in force again can be undone again.
    sandbox.run(&["undo", &added, "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), without);
}

#[test]
fn edits_of_others_outlive_changes_of_sextant_and_its_sign_out() {
    let sandbox = home();
    sandbox.sign_in(&["--skip-channels"]);
    let signed_in = sandbox.read(".condarc");
    sandbox.write(
        ".condarc",
        format!("{signed_in}proxy_servers:\n  https: http://proxy:3128 # theirs\n"),
    );
    // Sextant changes the same file afterwards: their setting does not become its own.
    sandbox
        .run(&["channels", "add", "research", "--json"])
        .succeeded();
    sandbox.run(&["channels", "add", "main", "--json"]).succeeded();
    sandbox.run(&["undo", "--json"]).succeeded();
    sandbox.run(&["sign-out", "--json"]).succeeded();
    assert_eq!(
        sandbox.read(".condarc"),
        format!("{CONDARC}proxy_servers:\n  https: http://proxy:3128 # theirs\n")
    );
}

#[test]
fn the_last_good_version_of_a_broken_file_comes_back() {
    let sandbox = home();
    entries(&sandbox);
    sandbox.write(".condarc", "channels: [a\n");
    let status = sandbox.run(&["status", "--json"]).succeeded().json();
    let problem = &status["problems"][0];
    assert_eq!(problem["path"], sandbox.condarc().display().to_string());
    assert!(
        problem["line"].is_u64() && !problem["snapshot"].is_null(),
        "{status:#}"
    );
    let dry = sandbox
        .run(&["restore", "conda", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(dry["files"][0]["change"], "edited");
    assert_eq!(sandbox.read(".condarc"), "channels: [a\n");
    sandbox.run(&["restore", "conda", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
    assert_eq!(sandbox.run(&["restore", "conda", "--json"]).failed(), "usage");
    let versions = sandbox.run(&["history", "versions", "--json"]).succeeded().json();
    let versions = versions["versions"].as_array().unwrap();
    let broken = versions
        .iter()
        .find(|version| version["contents"]["state"] == "broken")
        .unwrap();
    sandbox
        .run(&[
            "restore",
            "conda",
            "--to",
            broken["id"].as_str().unwrap(),
            "--json",
        ])
        .succeeded();
    assert_eq!(sandbox.read(".condarc"), "channels: [a\n");
    assert_eq!(
        sandbox
            .run(&["restore", "conda", "--to", "nothing", "--json"])
            .failed(),
        "usage"
    );
}

#[test]
fn copies_of_navigators_are_listed_and_imported() {
    let sandbox = home();
    let copy = "channels:\n  - before-navigator\n";
    sandbox.write(
        ".anaconda/navigator/condarc_storage/.condarc_fad58de7366495db4650cfefac2fcd61",
        copy,
    );
    let listed = sandbox.run(&["history", "versions"]).succeeded().out;
    assert!(
        listed.contains("navigator:main") && listed.contains("from before a login"),
        "{listed}"
    );
    sandbox
        .run(&["restore", "conda", "--to", "navigator:main", "--json"])
        .succeeded();
    assert_eq!(sandbox.read(".condarc"), copy);
    sandbox.run(&["undo", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn a_domain_that_was_set_is_undone_with_the_rest_of_the_file_as_it_is_now() {
    let sandbox = home();
    sandbox.write(
        NAVIGATOR,
        "[main]\nanaconda_server_token = 'persons1'\noffline_mode = False\n",
    );
    sandbox
        .run(&["domain", "set", sandbox.practice.url(), "--json"])
        .succeeded();
    // A token that nobody ends is not kept in clear, and comes back all the same.
    let stored: String = walk(&sandbox.data().join("history"));
    assert!(!stored.contains("persons1"));
    let text = sandbox
        .read(NAVIGATOR)
        .replace("offline_mode = False", "offline_mode = True");
    sandbox.write(NAVIGATOR, &text);
    sandbox.run(&["undo", "--json"]).succeeded();
    let after = sandbox.read(NAVIGATOR);
    assert!(
        after.contains("offline_mode = True") && after.contains("'persons1'"),
        "{after}"
    );
    assert!(!after.contains("127.0.0.1"), "{after}");
    let forgotten = sandbox.run(&["domain", "forget", "--json"]).succeeded().json();
    assert!(forgotten["files"].as_array().unwrap().is_empty());
}

fn walk(folder: &std::path::Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match path.is_dir() {
            true => text.push_str(&walk(&path)),
            false => {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                text.push_str(&String::from_utf8_lossy(&fs::read(path).unwrap()));
            }
        }
    }
    text
}

#[test]
fn secrets_stay_out_of_every_answer() {
    let sandbox = Sandbox::new();
    let secret = "personsowntoken123";
    sandbox.write(".condarc", format!("channels:\n  - https://h/t/{secret}/c\n"));
    sandbox.run(&["history"]).succeeded();
    sandbox.write(
        ".condarc",
        format!("channels:\n  - https://h/t/{secret}/d\n  - defaults\n"),
    );
    let id = id_of(&sandbox, "~/.condarc");
    let mut said = String::new();
    for words in [
        &["history"][..],
        &["history", "show", &id],
        &["history", "show", &id, "--json"],
        &["history", "versions"],
        &["history", "versions", "--json"],
        &["undo", &id, "--dry-run"],
        &["undo", &id, "--dry-run", "--json"],
        &["undo", &id, "--json"],
    ] {
        let ran = sandbox.run(words).succeeded();
        said.push_str(&format!("{}{}", ran.out, ran.err));
    }
    assert!(!said.contains(secret), "{said}");
    assert_eq!(
        sandbox.read(".condarc"),
        format!("channels:\n  - https://h/t/{secret}/c\n")
    );
}
