//! Signing in to every service through the window, one in the place of another, and beside each other; against the
//! practice server, checked by what stands in the files and on the server.

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use sextant::practice::{Effect, Fault, Site, Trouble};
use window::{CONDARC, INI, Window};

#[test]
fn the_token_of_the_cloud_opens_channels_that_no_list_holds() {
    let mut window = Window::with_condarc();
    let good = window.cloud_token();
    window.click("connect");
    window.click("connect-cloud");
    assert!(
        window.says(window.practice.cloud_url().to_owned().as_str()),
        "not the usual address"
    );

    // What is no token is told without asking; a token that is cut off is refused in place.
    window.type_into("cloud-token", "abc_def");
    window.practice.forget_requests();
    window.click("cloud-token-set");
    assert!(window.says("which conda would cut off") && window.practice.requests().is_empty());
    window.click("cloud-token-cancel");
    window.click("connect");
    window.click("connect-cloud");
    window.type_into("cloud-token", &good[..30]);
    window.click("cloud-token-set");
    window.until_it_says("it may have been cut off");
    window.click("cloud-token-cancel");

    // The address around it is left out, and that is said.
    window.click("connect");
    window.click("connect-cloud");
    window.type_into(
        "cloud-token",
        &format!("https://repo.anaconda.cloud/t/{good}/repo/main"),
    );
    assert!(window.says("taken out of the address"));
    window.click("cloud-token-set");
    window.until_it_says("Your token");
    assert!(
        !window.texts().iter().any(|text| text.contains(&good)),
        "it never shows"
    );
    assert_eq!(
        window.file(".condarc"),
        CONDARC,
        "nothing happens before it is confirmed"
    );
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    assert_eq!(window.token_files(), 1);

    // The page lists what is curated; the rest is found by its name.
    window.until_it_says("Add a channel by name");
    window.type_into("channels-find", "practice-org/nothing");
    window.click("channels-find-now");
    window.until_it_says("does not open the channel practice-org/nothing");
    assert!(
        !window.has("practice-org/nothing: Add to channels"),
        "it is not there"
    );
    window.click("page-environments");
    window.click("page-channels");
    window.until_it_says("What conda searches, in this order.");
    window.until_idle();
    window.click("manage-choose");
    window.until_there("channels-find");
    window.until_idle();
    window.type_into("channels-find", "practice-org/models");
    window.click("channels-find-now");
    window.until("it appears", |window| {
        window.has("practice-org/models: Add to channels")
    });
    window.until_idle();
    window.click("channels-add");
    window.until_it_says("conda searches the chosen channels now");
    let address = format!("{}/repo/practice-org/models", window.practice.cloud_url());
    let condarc = window.file(".condarc");
    assert!(condarc.contains(&address), "{condarc}");

    window.click("connect");
    window.click("connect-cloud");
    window.until_it_says("it is only forgotten on this machine");
    window.click("put-back-now");
    window.until_it_says("The token was forgotten here");
    assert_eq!(
        (window.file(".condarc").as_str(), window.token_files()),
        (CONDARC, 0)
    );
}

#[test]
fn one_repository_service_takes_the_place_of_another_in_one_step() {
    let mut window = Window::with_condarc();
    window.sign_in();
    window.until_idle();
    let signed_in = window.file(".condarc");
    window.click("connect");
    window.click("connect-cloud");
    window.until_it_says("is revoked.");
    assert!(window.says("Sign out of 127.0.0.1"));
    window.click("replace-cancel");
    window.open_replace();
    assert_eq!(window.file(".condarc"), signed_in, "nothing has happened");
    window.set_cloud_token();
    assert!(window.says("Signed out of first") && window.says("Your token"));
    assert_eq!(window.practice.tokens().len(), 1);
    window.click("review-sign-in");
    window.until_it_says("its token was revoked");
    assert!(window.practice.tokens().is_empty());
    window.until_idle();
    let condarc = window.file(".condarc");
    assert!(
        condarc.contains("conda-forge") && !condarc.contains("channel_alias"),
        "{condarc}"
    );
    // Signing out of the second puts back what was there before the first.
    window.click("connect");
    window.click("connect-cloud");
    window.until_it_says("it is only forgotten on this machine");
    window.click("put-back-now");
    window.until_it_says("Not connected");
    assert_eq!(window.file(".condarc"), CONDARC);
}

#[test]
fn what_somebody_else_changed_meanwhile_is_named_in_the_review_and_kept() {
    let mut window = Window::with_condarc();
    window.sign_in();
    window.until_idle();
    let theirs = window
        .file(".condarc")
        .replace("channels: []", "channels:\n  - theirs");
    std::fs::write(window.path(".condarc"), theirs).unwrap();
    window.open_replace();
    window.set_cloud_token();
    assert!(window.says("Changed by somebody else meanwhile, and kept"));
    window.click("review-sign-in");
    window.until_it_says("its token was revoked");
    let condarc = window.file(".condarc");
    assert!(condarc.contains("- theirs"), "{condarc}");
}

#[test]
fn a_server_that_is_gone_keeps_nobody_from_another_and_its_token_is_revoked_later() {
    let mut window = Window::with_condarc();
    window.sign_in();
    window.until_idle();
    let down = Fault::Drop {
        effect: Effect::NotPerformed,
    };
    window
        .practice
        .set_trouble(Trouble::fault(down).only_site(Site::Server));
    window.open_replace();
    window.set_cloud_token();
    window.click("review-sign-in");
    window.until_it_says("The token was not revoked on 127.0.0.1");
    assert_eq!(window.practice.tokens().len(), 1);
    window.until_idle();
    window.practice.set_trouble(Trouble::none());
    window.click_text("Retry");
    window.until_it_says("The token that was still to be revoked is revoked now.");
    assert!(window.practice.tokens().is_empty());
}

#[test]
fn a_repository_is_signed_in_to_with_a_password_that_it_sees_last() {
    let mut window = Window::with_condarc();
    let url = window.practice.repository_url().to_owned();
    window.click("connect");
    window.click("connect-repository");
    window.type_into("domain", &url);
    window.click("set-domain-set");
    window.until_there("password");
    window.type_into("user-name", "alice");
    window.type_into("password", "wrong");
    window.click("repository-login");
    window.until_it_says("A new token on the server");
    window.click("review-sign-in");
    // Back where the password was given, with the name still there.
    window.until_it_says("Log in to 127.0.0.1");
    window.until_idle();
    assert!(window.says("password"), "why is said: {:#?}", window.texts());
    assert!(window.practice.repository_tokens().is_empty());
    assert_eq!(window.file(".condarc"), CONDARC);
    window.type_over("password", "sextant");
    window.click("repository-login");
    window.until_it_says("A new token on the server");
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    assert_eq!(window.practice.repository_tokens().len(), 1);
    window.until("its channels are there", |window| {
        window.has("alice: Add to channels")
    });
    assert!(window.says("Add a channel by name"));
    window.click("connect");
    window.click("connect-repository");
    window.until_it_says("is revoked.");
    window.click("put-back-now");
    window.until_it_says("Signed out.");
    window.until_idle();
    assert!(window.practice.repository_tokens().is_empty());
    assert_eq!(window.file(".condarc"), CONDARC);

    // The next time it is known how one signs in there.
    window.click("connect");
    window.click("connect-repository");
    window.until_it_says("Log in to 127.0.0.1");
}

#[test]
fn anaconda_org_stays_beside_a_repository() {
    let mut window = Window::open_after(&[(".condarc", CONDARC)], |home, practice| {
        let ini = home.join(INI);
        std::fs::create_dir_all(ini.parent().unwrap()).unwrap();
        let text = format!("[main]\nanaconda_api_url = {}\n", practice.anaconda_org_url());
        std::fs::write(ini, text).unwrap();
    });
    window.sign_in();
    window.until_idle();
    window.click("connect");
    window.click("connect-anaconda-org");
    // With a code, which the person enters in a browser.
    window.click("anaconda-device");
    window.until_there("device-open-page");
    window.click("device-open-page");
    window.until_it_says("A new token on the server");
    window.click("review-sign-in");
    window.until("the dialog closes", |window| {
        !window.has(iced_test::selector::id("review-cancel"))
    });
    window.until_idle();
    assert_eq!(window.practice.anaconda_org_tokens().len(), 1);
    assert_eq!(window.practice.tokens().len(), 1, "the repository stays");
    window.until_idle();
    let before = window.file(".condarc");
    window.click("connect");
    window.click("connect-anaconda-org");
    window.until_it_says("is revoked.");
    window.click("put-back-now");
    window.until_it_says("Signed out. The token was revoked on the server.");
    assert!(window.practice.anaconda_org_tokens().is_empty());
    assert_eq!(window.file(".condarc"), before);
}

#[test]
fn single_sign_on_goes_through_the_browser() {
    let mut window = Window::with_condarc();
    window.open_login();
    window.click("login-sso");
    window.until_it_says("A new token on the server");
    assert!(window.says("as alice"));
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    assert_eq!(window.practice.tokens().len(), 1);
}

#[test]
fn single_sign_on_can_be_left_for_the_password() {
    let mut window = Window::open(&[]);
    window.open_login();
    window.practice.set_trouble(Trouble::fault(Fault::Stall {
        effect: Effect::NotPerformed,
    }));
    window.click("login-sso");
    assert!(window.says("how to sign in"));
    window.click("browser-cancel");
    assert!(
        window.has(iced_test::selector::id("password")),
        "back to the login"
    );
    window.until_idle();
}
