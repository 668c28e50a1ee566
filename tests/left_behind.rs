//! What conda still searches of a service after signing out of it.

#[path = "support/sandbox.rs"]
mod sandbox;

use sandbox::Sandbox;
use serde_json::Value;

fn names(signed_out: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let left = signed_out["left_behind"].as_array().unwrap().iter();
    left.map(|one| (text(&one["name"]), text(&one["setting"])))
        .collect()
}

fn sign_out(sandbox: &Sandbox) -> Value {
    sandbox.run(&["sign-out", "--json"]).succeeded().json()
}

#[test]
fn channels_of_the_cloud_with_a_token_in_them_are_left_and_removed_and_defaults_stays() {
    let sandbox = Sandbox::new();
    // The example of the manual: added by hand, with the token in the address.
    let base = sandbox.cloud_base();
    let host = base.trim_end_matches("/repo/").to_owned();
    let channel = |name: &str| format!("{host}/t/persons1/repo/org/{name}");
    let text = format!(
        "channels:\n  - {} # one\n  - {}\n  - defaults # keep\n",
        channel("channel1"),
        channel("channel2")
    );
    sandbox.write(".condarc", &text);
    sandbox.sign_in_to_cloud(&[]);
    let signed_out = sign_out(&sandbox);
    let masked = |name: &str| channel(name).replace("persons1", "••••");
    let expected = [masked("channel1"), masked("channel2")].map(|name| (name, "channels".to_owned()));
    assert_eq!(names(&signed_out), expected);
    assert!(!signed_out.to_string().contains("persons1"));
    assert_eq!(sandbox.read(".condarc"), text, "nothing is removed by itself");
    // By the address without the token, as nobody types a token.
    let plain = |name: &str| format!("{host}/repo/org/{name}");
    let words = [
        "channels",
        "remove",
        &plain("channel1"),
        &plain("channel2"),
        "--json",
    ];
    sandbox.run(&words).succeeded();
    assert_eq!(sandbox.read(".condarc"), "channels:\n  - defaults # keep\n");
    sandbox.run(&["undo", "--json"]).succeeded();
    assert_eq!(sandbox.read(".condarc"), text);
}

#[test]
fn names_that_led_to_the_server_are_left_behind_wherever_they_stand() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", "channels: [defaults]\n");
    sandbox.sign_in(&["--add-to-channels", "research"]);
    // Somebody adds to the list, so that it is not put back.
    let text = sandbox
        .read(".condarc")
        .replace("- research", "- research\n  - main");
    sandbox.write(".condarc", text);
    sandbox.write(
        ".conda/.condarc",
        "channels:\n  - research # theirs\n  - elsewhere\n",
    );
    let signed_out = sign_out(&sandbox);
    let left = names(&signed_out);
    let count = left.iter().filter(|(name, _)| name == "research").count();
    assert_eq!(count, 2, "{signed_out:#}");
    assert!(left.iter().any(|(name, _)| name == "main"), "{left:?}");
    assert!(left.iter().all(|(name, _)| name != "defaults"), "{left:?}");
    // Without the server they lead to where nobody meant.
    assert!(
        signed_out["left_behind"][0]["url"]
            .as_str()
            .unwrap()
            .contains("conda.anaconda.org")
    );
    let text = sandbox.run(&["sign-out"]);
    assert_ne!(text.code, Some(0));
    sandbox
        .run(&["channels", "remove", "elsewhere", "--json"])
        .succeeded();
    assert_eq!(
        sandbox.read(".conda/.condarc"),
        "channels:\n  - research # theirs\n"
    );
}

#[test]
fn what_was_added_from_anaconda_org_is_still_searched() {
    let sandbox = Sandbox::new();
    sandbox.know_anaconda_org();
    let org = sandbox.practice.anaconda_org_url().to_owned();
    sandbox.write(
        ".condarc",
        format!("channels:\n  - {org}/conda/alice\n  - https://elsewhere.example.com/x\n  - defaults\n"),
    );
    let words = [
        "sign-in",
        "anaconda-org",
        "--username",
        "alice",
        "--password-stdin",
        "--json",
    ];
    sandbox.run_with_input(&words, "sextant\n").succeeded();
    let signed_out = sandbox
        .run(&["sign-out", "anaconda-org", "--json"])
        .succeeded()
        .json();
    let left = names(&signed_out);
    assert_eq!(left.len(), 1, "{signed_out:#}");
    assert!(left[0].0.ends_with("/alice"), "{left:?}");
}

#[test]
fn after_a_plain_sign_out_nothing_is_left() {
    let sandbox = Sandbox::new();
    sandbox.write(".condarc", "channels: [conda-forge, defaults]\n");
    sandbox.sign_in(&[
        "--add-to-channels",
        "research",
        "--add-to-default-channels",
        "main",
    ]);
    assert!(names(&sign_out(&sandbox)).is_empty());
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--skip-channels"]);
    let text = sandbox.run(&["sign-out"]).succeeded();
    assert!(!text.out.contains("Still there"), "{text:?}");
}
