//! What is asked at a terminal, and only there.

#![cfg(unix)]

#[path = "support/browser.rs"]
mod browser;
#[path = "support/guarded_proxy.rs"]
mod guarded_proxy;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;

use guarded_proxy::{GuardedProxy, PASSWORD, USER};
use sandbox::{CONDARC, Sandbox};
use sextant::practice::{Fault, Trouble};
use terminal::{INTERRUPT, at_terminal};

fn to_server<'a>(sandbox: &'a Sandbox, more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["sign-in", "server", "--domain", sandbox.practice.url()];
    words.extend(more);
    words
}

#[test]
fn name_password_and_agreement_are_asked_for() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let command = sandbox.command(&to_server(&sandbox, &[]));
    let dialogue = [
        ("User name: ", "alice\r"),
        ("Password of alice at 127.0.0.1: ", "sextant\r"),
        ("Go on? [Y/n] ", "\r"),
    ];
    let Some(session) = at_terminal(&command, &dialogue) else {
        return;
    };
    assert_eq!((session.code, session.echoes), (0, true), "{session:?}");
    assert!(
        session.shown.contains("create token sextant-alice@"),
        "the plan comes first: {session:?}"
    );
    assert!(!session.shown.contains("sextant\r\n"), "{session:?}");
    assert_eq!(sandbox.tokens().len(), 1);

    let command = sandbox.command(&["sign-out"]);
    let session = at_terminal(&command, &[("Go on? [Y/n] ", "n\r")]).unwrap();
    assert_eq!(session.code, 1, "{session:?}");
    assert!(session.shown.contains("nothing was changed"), "{session:?}");
    assert_eq!(sandbox.tokens().len(), 1);
    let session = at_terminal(&sandbox.command(&["sign-out", "--yes"]), &[]).unwrap();
    assert_eq!(session.code, 0, "{session:?}");
    assert_eq!(sandbox.read(".condarc"), CONDARC);
}

#[test]
fn interrupting_a_question_gives_the_terminal_back_and_changes_nothing() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let before = sandbox.listing();
    let command = sandbox.command(&to_server(&sandbox, &["--username", "alice"]));
    let dialogues: [&[(&str, &str)]; 3] = [
        &[("Password of alice", INTERRUPT)],
        &[("Password of alice", "se"), ("", INTERRUPT)],
        &[("Password of alice", "sextant\r"), ("Go on?", INTERRUPT)],
    ];
    for dialogue in dialogues {
        let Some(session) = at_terminal(&command, dialogue) else {
            return;
        };
        assert_eq!((session.code, session.echoes), (1, true), "{session:?}");
        assert!(session.shown.contains("error: cancelled"), "{session:?}");
        assert_eq!(sandbox.listing(), before);
        assert!(sandbox.tokens().is_empty());
    }
}

#[test]
fn a_token_is_pasted_without_being_shown() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let base = sandbox.cloud_base();
    let token = sandbox.cloud_token();
    let command = sandbox.command(&["sign-in", "cloud", "--url", &base]);
    let typed = format!("{token}\r");
    let dialogue = [("Token for 127.0.0.1", typed.as_str()), ("Go on?", "y\r")];
    let Some(session) = at_terminal(&command, &dialogue) else {
        return;
    };
    assert_eq!(session.code, 0, "{session:?}");
    assert!(!session.shown.contains(&token), "{session:?}");
    assert_eq!(sandbox.connected()[0].0, "cloud");
}

#[test]
fn leaving_one_service_for_another_is_asked() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&[]);
    let command = sandbox.command(&[
        "sign-in",
        "repository",
        "--domain",
        sandbox.practice.repository_url(),
        "--username",
        "alice",
    ]);
    let question = "Sign out of it first? [y/N] ";
    let Some(session) = at_terminal(&command, &[(question, "\r")]) else {
        return;
    };
    assert_eq!(session.code, 1, "{session:?}");
    assert_eq!(sandbox.connected()[0].0, "server");
    let dialogue = [
        (question, "y\r"),
        ("Password of alice", "sextant\r"),
        ("Go on?", "y\r"),
    ];
    let session = at_terminal(&command, &dialogue).unwrap();
    assert_eq!(session.code, 0, "{session:?}");
    assert!(
        session
            .shown
            .contains(&format!("sign out of {} as alice", sandbox.practice.url())),
        "{session:?}"
    );
    assert_eq!(sandbox.connected()[0].0, "repository");
    assert!(sandbox.tokens().is_empty());
}

#[test]
fn a_proxy_on_the_way_asks_for_its_login() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let proxy = GuardedProxy::start();
    sandbox.write(".condarc", proxy.condarc());
    let command = sandbox.command(&["domain", "check", sandbox.practice.url()]);
    let wrong = "canary-wrong\r";
    let right = format!("{PASSWORD}\r");
    let user = format!("{USER}\r");
    let dialogue = [
        ("User name at the proxy: ", user.as_str()),
        ("Password at the proxy: ", wrong),
        ("does not accept this user name and password", ""),
        ("User name at the proxy: ", user.as_str()),
        ("Password at the proxy: ", right.as_str()),
    ];
    let Some(session) = at_terminal(&command, &dialogue) else {
        return;
    };
    assert_eq!(session.code, 0, "{session:?}");
    assert!(!session.shown.contains("canary"), "{session:?}");
    // It is kept: nothing is asked the next time.
    sandbox
        .run(&["domain", "check", sandbox.practice.url(), "--json"])
        .succeeded();
}

#[test]
fn another_site_for_single_sign_on_is_asked_about() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    let elsewhere = sandbox.practice.url().replace("127.0.0.1", "localhost");
    let to = format!("{elsewhere}/auth/realms/dev/protocol/openid-connect/auth?client_id=x");
    sandbox
        .practice
        .set_trouble(Trouble::fault(Fault::Redirect { to }).only_path("/api/auth/authorize"));
    let mut command = sandbox.command(&to_server(&sandbox, &["--sso", "--yes"]));
    command.env("BROWSER", browser::command(&sandbox.system()));
    let asked = "sends you to localhost to sign in";
    let Some(session) = at_terminal(&command, &[]) else {
        return;
    };
    assert_eq!(session.code, 1, "without questions it is an error: {session:?}");
    let mut command = sandbox.command(&to_server(&sandbox, &["--sso"]));
    command.env("BROWSER", browser::command(&sandbox.system()));
    let session = at_terminal(&command, &[(asked, "\r")]).unwrap();
    assert!(
        session.code == 1 && session.shown.contains("nothing was sent there"),
        "{session:?}"
    );
    std::thread::scope(|scope| {
        let folder = sandbox.system();
        scope.spawn(move || browser::approve(&browser::sent_to(&folder)));
        let session = at_terminal(&command, &[(asked, "y\r"), ("Go on?", "y\r")]).unwrap();
        assert_eq!(session.code, 0, "{session:?}");
    });
    assert_eq!(sandbox.tokens().len(), 1);
}

#[test]
fn an_ended_session_asks_for_the_password_once_more() {
    let sandbox = Sandbox::with_condarc(CONDARC);
    sandbox.sign_in(&[]);
    sandbox.practice.expire_sessions();
    let command = sandbox.command(&["tokens", "renew"]);
    let dialogue = [("Go on?", "y\r"), ("Password of alice", "sextant\r")];
    let Some(session) = at_terminal(&command, &dialogue) else {
        return;
    };
    assert_eq!(session.code, 0, "{session:?}");
    assert!(
        session.shown.contains("The former token was revoked."),
        "{session:?}"
    );
    assert_eq!(sandbox.tokens().len(), 1);
}
