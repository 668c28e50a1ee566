//! Tokens through the window: how long they live, renewing them, and those that were left over on the server; and logins
//! that other programs made.

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use std::path::Path;

use sextant::practice::Practice;
use window::{CONDARC, INI, Window};

/// The one token of the practice server.
fn the_token(window: &Window) -> String {
    let tokens = window.practice.tokens();
    assert_eq!(tokens.len(), 1);
    tokens[0].value.expose().to_owned()
}

fn newest_token(window: &Window) -> String {
    let tokens = window.practice.tokens();
    tokens.last().unwrap().value.expose().to_owned()
}

/// Every token file holds this.
#[track_caller]
fn holds_everywhere(window: &Window, token: &str) {
    let folder = std::fs::read_dir(window.path(".config/binstar")).unwrap();
    let mut count = 0;
    for file in folder.map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "token") {
            assert_eq!(std::fs::read_to_string(&file).unwrap(), token, "{file:?}");
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn a_token_is_renewed_in_every_file_and_the_old_one_revoked() {
    let mut window = Window::with_condarc();
    window.sign_in();
    let old = the_token(&window);
    window.open_tokens();
    assert!(window.says("sextant-alice@"));
    window.click("token-renew-server");
    window.until_it_says("is revoked once the new one works.");
    assert_eq!(the_token(&window), old, "nothing happens before it is confirmed");
    window.click("renew-now");
    window.until_it_says("is renewed");
    window.until_idle();
    let new = the_token(&window);
    assert_ne!(new, old);
    holds_everywhere(&window, &new);
    assert!(window.file(INI).contains(&new));
    assert!(
        !window.texts().iter().any(|text| text.contains(&new)),
        "it never shows"
    );
}

#[test]
fn an_ended_session_asks_for_the_password_in_place() {
    let mut window = Window::with_condarc();
    window.sign_in();
    let old = the_token(&window);
    window.practice.expire_sessions();
    window.click("page-tokens");
    // Looking for left-over tokens finds out; so does renewing.
    window.until_it_says("Password of alice");
    window.until_idle();
    window.click("token-renew-server");
    window.until_it_says("is revoked once the new one works.");
    window.click("renew-now");
    window.until_there("renew-password");
    window.until_idle();
    window.type_into("renew-password", "sextant");
    window.click("renew-now");
    window.until_it_says("is renewed");
    assert_ne!(the_token(&window), old);
}

#[test]
fn a_cancelled_renewal_leaves_no_trace() {
    let mut window = Window::with_condarc();
    window.sign_in();
    let old = the_token(&window);
    window.open_tokens();
    window.click("token-renew-server");
    window.until_it_says("is revoked once the new one works.");
    window.lose_answer_to_new_token();
    window.click("renew-now");
    window.until("the token is created", |window| {
        window.practice.tokens().len() == 2
    });
    window.click("renew-cancel");
    window.until_it_says("Renewal cancelled. Nothing was changed.");
    assert_eq!(the_token(&window), old);
    holds_everywhere(&window, &old);
}

#[test]
fn what_was_left_over_is_revoked() {
    let mut window = Window::with_condarc();
    window.sign_in();
    let left_over = window.practice.tokens()[0].name.clone();
    // What a reinstallation does: the server knows nothing of it.
    for folder in [".local", ".config", ".anaconda"] {
        std::fs::remove_dir_all(window.path(folder)).unwrap();
    }
    std::fs::write(window.path(".condarc"), CONDARC).unwrap();
    let mut window = window.reopen();
    window.sign_in();
    assert_eq!(window.practice.tokens().len(), 2);
    window.click("page-tokens");
    window.until_it_says("Left over on 127.0.0.1");
    window.until_it_says(&left_over);
    window.until_idle();
    window.click_text(&left_over);
    assert!(window.says("Revoke 1 token"));
    window.click("left-over-revoke-server");
    window.until_it_says("1 token was revoked");
    assert!(window.says("None."));
    let tokens = window.practice.tokens();
    assert_eq!(tokens.len(), 1);
    assert_ne!(tokens[0].name, left_over, "the one in use stays");
}

/// A home in which conda-repo-cli is logged in, as it writes its files itself.
fn logged_in_by_repo_cli(home: &Path, practice: &Practice, token: &str) {
    let write = |inside: &str, content: &str| {
        let path = home.join(inside);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    let url = practice.url();
    write(
        ".conda/repo-cli-config.yaml",
        &format!("default_site: practice\nsites:\n  practice: {{url: {url}/api}}\n"),
    );
    let quoted = format!("{url}/api").replace(':', "%3A").replace('/', "%2F");
    for folder in [".config/binstar", ".conda/tokens"] {
        write(&format!("{folder}/{quoted}.token"), token);
        write(&format!("{folder}/{quoted}%2Frepo.token"), token);
    }
}

/// The window on a machine where conda-repo-cli is logged in, and nobody else.
fn found() -> Window {
    let mut window = Window::with_condarc();
    // A token of alice's from the server, and nothing of Sextant's.
    window.sign_in();
    window.until_idle();
    let token = the_token(&window);
    for folder in [".local", ".config", ".anaconda"] {
        std::fs::remove_dir_all(window.path(folder)).unwrap();
    }
    std::fs::write(window.path(".condarc"), CONDARC).unwrap();
    logged_in_by_repo_cli(&window.path(""), &window.practice, &token);
    window.practice.forget_requests();
    window.reopen()
}

#[test]
fn a_login_of_another_program_is_shown_at_the_start_without_any_request() {
    let mut window = found();
    window.until_idle();
    assert!(window.says("Connected to 127.0.0.1"));
    assert!(window.says("conda-repo-cli is logged in to 127.0.0.1"));
    assert!(window.practice.requests().is_empty());
    window.click("connect");
    assert!(window.says("signed in with conda-repo-cli"));
}

#[test]
fn its_channels_are_chosen_and_it_is_looked_after_from_then_on() {
    let mut window = found();
    window.click_text("Choose channels");
    window.until("its channels are there", |window| {
        window.has("research: Add to channels")
    });
    assert!(window.says("conda-repo-cli is logged in here."));
    assert_eq!(window.file(".condarc"), CONDARC, "nothing is changed by looking");
    window.click_text("research: Add to channels");
    window.until_idle();
    assert!(window.says("channel_alias"), "what it changes is shown");
    window.click("channels-add");
    window.until_it_says("conda searches the chosen channels now");
    window.until_idle();
    let condarc = window.file(".condarc");
    assert!(condarc.contains("- research"), "{condarc}");
    assert_eq!(window.practice.tokens().len(), 1, "no token is made");
    assert!(
        !window.says("is logged in here."),
        "it is Sextant's to look after now"
    );

    // Signing out says that it ends the other program's login, and does.
    window.click("connect");
    window.click("connect-server");
    window.until_it_says("conda-repo-cli is logged out of");
    window.click("put-back-now");
    window.until_it_says("conda-repo-cli is logged out too.");
    assert_eq!(window.token_files(), 0);
    assert!(window.says("Not connected"));
}

#[test]
fn it_is_signed_out_of_without_being_looked_after() {
    let mut window = found();
    window.click("connect");
    window.click("connect-server");
    window.until_it_says("conda-repo-cli is logged out of");
    assert!(window.says("it is only forgotten on this machine"));
    window.click("put-back-now");
    window.until_it_says("conda-repo-cli is logged out too.");
    assert_eq!(
        (window.token_files(), window.file(".condarc").as_str()),
        (0, CONDARC)
    );
}

#[test]
fn what_other_programs_change_while_the_window_is_open_is_told() {
    let mut window = found();
    window.watch();
    window.until_idle();
    // conda-repo-cli logs out.
    for folder in [".config/binstar", ".conda/tokens"] {
        std::fs::remove_dir_all(window.path(folder)).unwrap();
    }
    window.until_it_says("conda-repo-cli is no longer logged in to 127.0.0.1");
    assert!(window.says("Not connected"));

    // What the window does itself is not told as somebody else's doing.
    window.sign_in();
    window.until_idle();
    assert!(!window.says("another program") && !window.says("Another program"));
    let token = newest_token(&window);
    // Its token disappears: that is told, with a way to get another one.
    std::fs::remove_dir_all(window.path(".config/binstar")).unwrap();
    std::fs::remove_dir_all(window.path(".continuum")).unwrap();
    window.until_it_says("Another program removed the token for 127.0.0.1");
    window.click_text("Renew");
    window.until_it_says("is revoked once the new one works.");
    window.click("renew-now");
    window.until_it_says("is renewed");
    window.until_idle();
    assert!(window.token_files() > 0);
    assert_ne!(newest_token(&window), token);
}

#[test]
fn signing_out_elsewhere_is_told() {
    let mut window = Window::with_condarc();
    window.watch();
    window.sign_in();
    window.until_idle();
    let services = window.services.clone();
    window.wait(async {
        let service = sextant::service::connection::Service::Server;
        let how = sextant::service::merge::PutBack::KeepEdits;
        let plan = services.plan_sign_out(service, &how).unwrap();
        services.sign_out(service, &plan, None).await.unwrap();
    });
    window.until_it_says("by another program");
    window.until_it_says("You are not signed in");
    assert!(window.says("Not connected"));
}
