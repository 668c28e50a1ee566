//! The window, signed in to the practice repository or its Anaconda.org as alice.

use crate::window::Window;

/// The password of alice.
pub const PASSWORD: &str = "sextant";

/// Signs in to the repository. conda's token may only download, so that pages ask for the password again.
pub fn sign_in_to_repository(window: &mut Window) {
    let url = window.practice.repository_url().to_owned();
    window.click("connect");
    window.click("connect-repository");
    window.type_into("domain", &url);
    window.click("set-domain-set");
    window.until_it_says("Log in to 127.0.0.1");
    window.until_idle();
    log_in(window, "repository-login");
}

fn log_in(window: &mut Window, button: &'static str) {
    window.type_into("user-name", "alice");
    window.type_into("password", PASSWORD);
    window.click(button);
    window.until_it_says("A new token on the server");
    window.click("review-sign-in");
    window.until_it_says("Signed in to 127.0.0.1");
    window.until_idle();
}

/// Gives the password in the place of a page's content.
pub fn prove(window: &mut Window, field: &'static str, go: &'static str) {
    window.until_there(field);
    window.type_into(field, PASSWORD);
    window.click(go);
}
