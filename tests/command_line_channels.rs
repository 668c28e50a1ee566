//! `sextant channels`: what conda searches, from the command line.

#[path = "support/sandbox.rs"]
mod sandbox;

use sandbox::Sandbox;
use serde_json::{Value, json};

/// A home that is signed in to the practice server.
fn signed_in(channels: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sign_in(&["--add-to-channels", channels]);
    sandbox
}

fn names(answer: &Value) -> Vec<String> {
    let rows = answer["channels"].as_array().unwrap().iter();
    rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_list_says_where_everything_stands_and_what_conda_asks_for() {
    let sandbox = signed_in("research,main");
    let url = sandbox.practice.url().to_owned();
    let answer = sandbox.run(&["channels", "list", "--json"]).succeeded().json();
    assert_eq!(names(&answer), ["research", "main"]);
    let research = &answer["channels"][0];
    assert_eq!(research["url"], json!(format!("{url}/api/repo/research")));
    assert!(research["source"].as_str().unwrap().ends_with(".condarc"));
    assert_eq!(research["canonical_names"], json!(["research"]));
    assert_eq!(research["can_be_moved"], json!(true));
    assert!(research["line"].as_u64().unwrap() > 0);
    assert_eq!(answer["priority"], "flexible");
    let searched = answer["searched"].as_array().unwrap();
    assert_eq!(searched.len(), 4);
    assert_eq!(searched[1], json!(format!("{url}/api/repo/research/noarch")));
    let text = sandbox.run(&["channels", "list"]).succeeded().out;
    assert!(
        text.contains("priority: flexible") && text.contains(", line "),
        "{text}"
    );
}

#[test]
fn each_channel_is_asked_for() {
    let sandbox = signed_in("research,main");
    sandbox
        .run(&["channels", "add", "nothing-there", "bob", "--json"])
        .succeeded();
    let answer = sandbox.run(&["channels", "check", "--json"]).succeeded().json();
    let states: Vec<(&str, &str)> = answer["channels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), row["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        [
            ("research", "found"),
            ("main", "found"),
            ("nothing-there", "missing"),
            ("bob", "closed")
        ]
    );
    let one = sandbox
        .run(&["channels", "check", "bob", "--json"])
        .succeeded()
        .json();
    assert_eq!(names(&one), ["bob"]);
    assert_eq!(one["channels"][0]["problem"]["kind"], "forbidden");
    assert_eq!(
        sandbox
            .run(&["channels", "check", "elsewhere", "--json"])
            .failed(),
        "usage"
    );
    let text = sandbox.run(&["channels", "check", "bob"]).succeeded().out;
    assert!(
        text.starts_with("closed to you      bob") && text.contains("try: ask the owner"),
        "{text}"
    );
}

#[test]
fn addresses_labels_and_lines_are_added_in_their_place() {
    let sandbox = signed_in("research");
    let answer = sandbox
        .run(&[
            "channels",
            "add",
            "--first",
            "https://conda.anaconda.org/org/label/dev",
            "team/sub/noarch",
            "--json",
        ])
        .succeeded()
        .json();
    assert_eq!(
        answer["channels"],
        json!(["https://conda.anaconda.org/org/label/dev", "team/sub", "research"])
    );
    sandbox
        .run(&["channels", "add", "--default", "main", "r-main", "--json"])
        .succeeded();
    let ordered = sandbox
        .run(&["channels", "order", "--default", "r-main", "--json"])
        .succeeded()
        .json();
    assert_eq!(ordered["default_channels"], json!(["r-main", "main"]));
    let before = sandbox.read(".condarc");
    let plan = sandbox
        .run(&["channels", "add", "conda-forge", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert!(
        plan["plan"]["diffs"][0]["path"]
            .as_str()
            .unwrap()
            .ends_with(".condarc")
    );
    assert_eq!(sandbox.read(".condarc"), before);
    for wrong in ["a//b", "https://", "$X", "please add this"] {
        assert_eq!(
            sandbox.run(&["channels", "add", wrong, "--json"]).failed(),
            "usage",
            "{wrong}"
        );
    }
}

#[test]
fn a_token_comes_on_standard_input_and_never_in_a_word() {
    let sandbox = Sandbox::new();
    for word in [
        "t/tok-123/research",
        "https://psm.example.com/api/repo/t/tok-123/research",
        "curl https://psm.example.com/api/repo/t/tok-123/research/noarch/repodata.json",
    ] {
        let ran = sandbox.run(&["channels", "add", word, "--json"]);
        let said = format!("{} {}", ran.out, ran.err);
        assert_eq!(ran.failed(), "usage");
        assert!(
            said.contains("--token-stdin") && !said.contains("tok-123"),
            "{said}"
        );
    }
    let words = [
        "channels",
        "add",
        "https://psm.example.com/api/repo/research",
        "--token-stdin",
        "--json",
    ];
    let ran = sandbox.run_with_input(&words, "tok-123\n").succeeded();
    assert!(!ran.out.contains("tok-123"), "{}", ran.out);
    assert!(
        sandbox
            .read(".condarc")
            .contains("- https://psm.example.com/api/repo/research\n")
    );
    let file = ".config/binstar/https%3A%2F%2Fpsm.example.com%2Fapi%2Frepo%2Fresearch%2F.token";
    assert_eq!(sandbox.read(file), "tok-123");
    sandbox
        .run(&[
            "channels",
            "remove",
            "https://psm.example.com/api/repo/research",
            "--json",
        ])
        .succeeded();
    assert!(!sandbox.home().join(file).exists());
    sandbox.run(&["undo", "--json"]).succeeded();
    assert_eq!(sandbox.read(file), "tok-123");
    let two = ["channels", "add", "a", "b", "--token-stdin", "--json"];
    assert_eq!(sandbox.run_with_input(&two, "tok-123\n").failed(), "usage");
}

#[test]
fn with_check_only_what_is_there_is_added() {
    let sandbox = signed_in("research");
    let before = sandbox.read(".condarc");
    let refused = ["channels", "add", "--check", "main", "nothing-there", "--json"];
    assert_eq!(sandbox.run(&refused).failed(), "usage");
    assert_eq!(sandbox.read(".condarc"), before);
    let answer = sandbox
        .run(&["channels", "add", "--check", "main", "--json"])
        .succeeded()
        .json();
    assert_eq!(answer["channels"], json!(["research", "main"]));
}

#[test]
fn the_priority_is_seen_and_set() {
    let sandbox = signed_in("research");
    let shown = sandbox
        .run(&["channels", "priority", "--json"])
        .succeeded()
        .json();
    assert_eq!(shown["priority"], "flexible");
    let set = sandbox
        .run(&["channels", "priority", "strict", "--json"])
        .succeeded()
        .json();
    assert_eq!(set["priority"], "strict");
    assert!(sandbox.read(".condarc").ends_with("channel_priority: strict\n"));
    sandbox.run(&["undo", "--json"]).succeeded();
    assert!(!sandbox.read(".condarc").contains("channel_priority"));
}

#[test]
fn what_cannot_be_taken_out_says_why() {
    let sandbox = signed_in("research");
    let ran = sandbox
        .command(&["channels", "remove", "from-variable", "--json"])
        .env("CONDA_CHANNELS", "from-variable")
        .output()
        .unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(!ran.status.success());
    assert!(said.contains("CONDA_CHANNELS"), "{said}");
}

#[test]
fn what_no_channel_can_be_called_is_not_added() {
    let sandbox = signed_in("main");
    let before = sandbox.listing();
    let ran = sandbox.run(&["channels", "add", "-", "--json"]);
    assert_eq!(ran.failed(), "usage");
    assert_eq!(ran.json()["error"]["message"], "'-' is no name of a channel");
    assert_eq!(sandbox.listing(), before);
}

#[test]
fn channels_of_organisations_are_listed_or_said_to_be_missing() {
    let sandbox = Sandbox::new();
    sandbox.sign_in_to_repository(&["--skip-channels"]);
    let answer = sandbox
        .run(&["channels", "available", "--json"])
        .succeeded()
        .json();
    assert_eq!(names(&answer), ["alice"]);
    let said = answer["warnings"].to_string();
    assert!(said.contains("--password-stdin"), "{said}");
    let words = ["channels", "available", "--password-stdin", "--json"];
    let answer = sandbox.run_with_input(&words, "sextant\n").succeeded().json();
    assert!(names(&answer).contains(&"practice-org".to_owned()), "{answer}");
    assert_eq!(answer["warnings"], json!([]));
    // The token that was made for looking is gone again.
    assert_eq!(sandbox.practice.repository_tokens().len(), 1);

    let sandbox = Sandbox::new();
    sandbox.sign_in_to_repository(&["--skip-channels", "--scopes", "conda:download,api:read"]);
    let answer = sandbox
        .run(&["channels", "available", "--json"])
        .succeeded()
        .json();
    assert!(names(&answer).contains(&"practice-org".to_owned()), "{answer}");
    assert_eq!(answer["warnings"], json!([]));
}
