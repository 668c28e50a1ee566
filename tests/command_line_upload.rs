//! Uploading by command, to both products, and what it does to conda's world.

#[path = "support/distributions.rs"]
mod distributions;
#[path = "support/environments.rs"]
mod environments;
#[path = "support/sandbox.rs"]
mod sandbox;

use distributions::{ENVIRONMENT, NOTEBOOK, conda, noise, put, wheel};
use environments::{prefix, versions, with_channels};
use sandbox::{Ran, Sandbox};
use serde_json::{Value, json};
use sextant::practice::{Fault, Trouble};

const PASSWORD: &str = "sextant\n";

fn at_repository() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.sign_in_to_repository(&["--skip-channels"]);
    sandbox
}

fn file(sandbox: &Sandbox, name: &str, bytes: impl AsRef<[u8]>) -> String {
    put(&sandbox.home().join("files"), name, bytes)
        .to_str()
        .unwrap()
        .to_owned()
}

fn upload(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let words = [&["upload"], words, &["--password-stdin", "--json"]].concat();
    let ran = sandbox.run_with_input(&words, PASSWORD);
    assert!(
        !ran.out.contains("\"sextant\"") && !ran.err.contains(PASSWORD),
        "{ran:?}"
    );
    assert!(ran.out.lines().count() <= 1, "one document: {ran:?}");
    ran
}

fn outcomes(document: &Value) -> Vec<&str> {
    let files = document["files"].as_array().unwrap();
    files
        .iter()
        .map(|file| file["outcome"].as_str().unwrap())
        .collect()
}

#[test]
fn what_is_uploaded_to_a_channel_is_found_and_installed() {
    let sandbox = with_channels("research");
    let package = file(&sandbox, "a.conda", conda("field-notes", "1.0", b"hello"));
    let planned = sandbox
        .run(&["upload", &package, "--channel", "research", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(
        (&planned["to"], &planned["channel"]),
        (&json!("research"), &json!("research"))
    );
    assert_eq!(
        (&planned["dry_run"], &planned["done"]),
        (&json!(true), &json!(false))
    );
    let first = &planned["files"][0];
    assert_eq!(first["file"], "field-notes-1.0-0.conda");
    assert_eq!(
        (
            &first["type"],
            &first["name"],
            &first["version"],
            &first["there"],
            &first["access"]
        ),
        (
            &json!("conda"),
            &json!("field-notes"),
            &json!("1.0"),
            &json!("nothing"),
            &json!("authenticated")
        )
    );
    assert_eq!(first["will_be_sent"], true);
    let nothing = sandbox
        .run(&["search", "field-notes", "--json"])
        .succeeded()
        .json();
    assert_eq!(nothing["packages"], json!([]), "a dry run sends nothing");

    let sent = sandbox
        .run(&["upload", &package, "--to", "research", "--json"])
        .succeeded()
        .json();
    assert_eq!((outcomes(&sent), &sent["done"]), (vec!["uploaded"], &json!(true)));
    sandbox.run(&["index", "update"]).succeeded();
    let found = sandbox
        .run(&["search", "field-notes", "--json"])
        .succeeded()
        .json();
    assert_eq!(found["packages"][0]["channel"], "research");
    sandbox
        .run(&["env", "create", "-n", "work", "field-notes", "--json"])
        .succeeded();
    let work = prefix(&sandbox, "work");
    assert_eq!(versions(&work)["field-notes"], "1.0");
    assert_eq!(
        std::fs::read(work.join("share/field-notes/data.txt")).unwrap(),
        b"hello"
    );
    // The session of the sign-in was enough, and the token of the work is gone.
    assert_eq!(sandbox.practice.tokens().len(), 1);
    let text = sandbox
        .run(&["upload", &package, "--channel", "research"])
        .succeeded();
    assert_eq!(text.out.trim(), "field-notes-1.0-0.conda was there already.");
}

#[test]
fn what_is_uploaded_to_a_repository_is_in_the_list_of_packages() {
    let sandbox = at_repository();
    let files = [
        file(&sandbox, "a.conda", conda("field-notes", "1.0", b"hello")),
        file(
            &sandbox,
            "small_tools-1.2-py3-none-any.whl",
            wheel("small-tools", "1.2"),
        ),
        file(&sandbox, "My Plot.ipynb", NOTEBOOK),
        file(&sandbox, "environment.yml", ENVIRONMENT),
    ];
    let mut words: Vec<&str> = files.iter().map(String::as_str).collect();
    words.extend(["--owner", "practice-org", "--private", "--label", "beta"]);
    let sent = upload(&sandbox, &words).succeeded().json();
    assert_eq!(outcomes(&sent), ["uploaded"; 4]);
    assert_eq!(
        (&sent["owner"], &sent["labels"]),
        (&json!("practice-org"), &json!(["beta"]))
    );
    let listed = sandbox
        .run_with_input(&["access", "list", "--json", "--password-stdin"], PASSWORD)
        .succeeded()
        .json();
    let packages = listed["packages"].as_array().unwrap();
    for (name, kind) in [
        ("field-notes", "conda"),
        ("small-tools", "pypi"),
        ("my-plot", "notebook"),
        ("work", "environment"),
    ] {
        let package = packages.iter().find(|package| package["name"] == name);
        let package = package.unwrap_or_else(|| panic!("no {name} in {listed}"));
        assert_eq!(package["owner"], "practice-org");
        assert_eq!(
            (&package["visibility"], &package["kinds"]),
            (&json!("private"), &json!([kind]))
        );
    }
    assert_eq!(sandbox.practice.repository_tokens().len(), 1);
    let text = sandbox
        .run_with_input(
            &["upload", &files[0], "--to", "practice-org", "--password-stdin"],
            PASSWORD,
        )
        .succeeded();
    assert_eq!(text.out.trim(), "field-notes-1.0-0.conda was there already.");
}

#[test]
fn another_file_of_the_name_is_in_the_way_until_it_is_decided() {
    let sandbox = at_repository();
    let package = file(&sandbox, "a.conda", conda("field-notes", "1.0", b"first"));
    upload(&sandbox, &[&package]).succeeded();
    let package = file(&sandbox, "a.conda", conda("field-notes", "1.0", b"second"));
    let other = file(&sandbox, "b.conda", conda("other", "1.0", b"x"));
    for words in [&[][..], &["-y"], &["--on-conflict", "fail"]] {
        let ran = upload(&sandbox, &[&[package.as_str(), &other], words].concat());
        assert_eq!(ran.failed(), "conflict", "{words:?}");
        assert_eq!(ran.code, Some(1));
    }
    let planned = upload(&sandbox, &[&package, &other, "--dry-run"])
        .succeeded()
        .json();
    assert_eq!(planned["files"][0]["there"], "other-file");
    assert_eq!(planned["files"][1]["there"], "nothing", "nothing was sent");
    let kept = upload(&sandbox, &[&package, &other, "--on-conflict", "skip"])
        .succeeded()
        .json();
    assert_eq!(outcomes(&kept), ["skipped", "uploaded"]);
    let replaced = upload(&sandbox, &[&package, &other, "--on-conflict", "replace"])
        .succeeded()
        .json();
    assert_eq!(outcomes(&replaced), ["replaced", "already-there"]);
}

#[test]
fn failures_are_told_with_what_is_left() {
    let sandbox = at_repository();
    let files = [
        file(&sandbox, "notes.txt", "hello"),
        file(&sandbox, "a.conda", conda("one", "1.0", &noise(300_000))),
        file(&sandbox, "b.conda", conda("two", "1.0", b"b")),
    ];
    // One alone that is nothing: nobody is asked for anything else.
    let ran = upload(&sandbox, &[&files[0]]);
    assert_eq!(ran.failed(), "file");
    assert!(
        ran.json()["error"]["cause"].as_str().unwrap().contains("wheels"),
        "{ran:?}"
    );
    let trouble = Trouble::fault(Fault::DropRequest { after: 50_000 });
    sandbox
        .practice
        .set_trouble(trouble.only_path("/storage/").times(1));
    let words: Vec<&str> = files.iter().map(String::as_str).collect();
    let ran = upload(&sandbox, &words);
    assert_eq!(ran.code, Some(1));
    let document = ran.json();
    assert_eq!(outcomes(&document), ["failed", "failed", "uploaded"]);
    assert_eq!(document["rest"], json!([files[0], files[1]]));
    assert_eq!(
        (&document["done"], &document["error"]["kind"]),
        (&json!(false), &json!("file"))
    );
    assert_eq!(document["files"][1]["problem"]["kind"], "network");
    assert_eq!(
        outcomes(&upload(&sandbox, &[&files[1]]).succeeded().json()),
        ["uploaded"]
    );
    // For a person.
    let mut words = vec!["upload"];
    words.extend([files[0].as_str(), files[2].as_str(), "--password-stdin"]);
    let ran = sandbox.run_with_input(&words, PASSWORD);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains(&format!("left to upload: {}", files[0])),
        "{ran:?}"
    );
}

#[test]
fn private_is_refused_where_it_cannot_be_and_nothing_is_sent() {
    let sandbox = Sandbox::new();
    sandbox.know_anaconda_org();
    let words = [
        "sign-in",
        "anaconda-org",
        "--username",
        "alice",
        "--password-stdin",
    ];
    sandbox.run_with_input(&words, PASSWORD).succeeded();
    let package = file(&sandbox, "a.conda", conda("secret-plan", "1.0", b"x"));
    let ran = upload(&sandbox, &[&package, "--private"]);
    assert_eq!(ran.failed(), "conflict");
    assert!(
        ran.out.contains("Private packages are not part of this plan"),
        "{ran:?}"
    );
    let planned = upload(&sandbox, &[&package, "--dry-run"]).succeeded().json();
    assert_eq!(planned["files"][0]["there"], "nothing");
    upload(&sandbox, &[&package]).succeeded();
}

#[test]
fn words_that_do_not_fit_are_told() {
    let sandbox = at_repository();
    let package = file(&sandbox, "a.conda", conda("one", "1.0", b"x"));
    for words in [
        &["upload", "--json"][..],
        &["upload", &package, "--channel", "research", "--json"],
        &["upload", &package, "--to", "a", "--owner", "b", "--json"],
        &["upload", &package, "--on-conflict", "perhaps", "--json"],
    ] {
        let ran = sandbox.run(words);
        assert_eq!((ran.failed().as_str(), ran.code), ("usage", Some(2)), "{words:?}");
    }
    let ran = sandbox.run(&["upload", &package, "--json"]);
    assert_eq!(ran.failed(), "auth", "without a password nobody may");
    let nobody = Sandbox::new();
    let package = file(&nobody, "a.conda", conda("one", "1.0", b"x"));
    assert_eq!(nobody.run(&["upload", &package, "--json"]).failed(), "conflict");
}

#[cfg(unix)]
#[test]
fn interrupting_breaks_it_off_and_leaves_nothing() {
    let sandbox = with_channels("research");
    let package = file(
        &sandbox,
        "a.conda",
        conda("large", "1.0", &noise(24 * 1024 * 1024)),
    );
    let stall = Trouble::fault(Fault::StallRequest { after: 1_000_000 });
    sandbox
        .practice
        .set_trouble(stall.only_path("/artifacts").only_method("POST"));
    let running = sandbox.start(sandbox.command(&["upload", &package, "--to", "research"]));
    // It is on its way once the server has been asked to take it.
    let asked = || {
        let all = sandbox.practice.requests();
        all.iter()
            .any(|one| one.method == "POST" && one.path.ends_with("/artifacts"))
    };
    while !asked() {
        std::thread::yield_now();
    }
    running.interrupt();
    let ran = running.end();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("cancelled"), "{ran:?}");
    sandbox.practice.set_trouble(Trouble::none());
    let planned = sandbox
        .run(&["upload", &package, "--to", "research", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(planned["files"][0]["there"], "nothing");
    assert_eq!(sandbox.practice.tokens().len(), 1);
}
