//! The Clients page in the window: what is set is shown, what will happen is shown before it does, and what was done is
//! undone from the notice.

#![cfg(target_os = "linux")]

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use iced_test::selector::id;
use sextant::app::Message;
use sextant::screen::clients::{
    AnacondaClientMessage, BrowsersMessage, KerberosMessage, Message as Clients, PythonMessage,
};
use window::{CONDARC, Window};

const CONFIG: &str = ".continuum/anaconda-client/config.yaml";

fn opened(files: &[(&str, &str)]) -> Window {
    let mut window = Window::open(files);
    window.click("page-clients");
    window.until("the facts", |window| {
        window.says("by ~/") || window.says("the default")
    });
    window
}

/// What is further down the page than the window shows.
fn send(window: &mut Window, message: Clients) {
    window.send(Message::Clients(message));
}

#[test]
fn anaconda_client_is_pointed_at_the_repository_and_back() {
    let mut window = opened(&[(".condarc", CONDARC)]);
    let url = window.practice.repository_url().to_owned();
    window.type_into("clients-url", &url);
    window.click("clients-show-anaconda-client");
    window.until_it_says(&format!("url: {url}/api/"));
    assert_eq!(
        window.file(".condarc"),
        CONDARC,
        "nothing happens before it is confirmed"
    );
    send(&mut window, Clients::ApplyPressed);
    window.until_it_says("Pointed anaconda-client at");
    window.until_idle();
    assert_eq!(window.file(CONFIG), format!("url: {url}/api/\n"));
    assert!(
        window
            .file(".condarc")
            .contains(&format!("channel_alias: {url}/conda\n"))
    );
    window.until("what is set now", |window| {
        window.says(&format!("{url}/api/, by ~/.continuum"))
    });
    window.click_text("Undo");
    window.until_it_says("Undid: Pointed anaconda-client");
    window.until_idle();
    assert_eq!(window.file(".condarc"), CONDARC);
    assert!(window.says("the default"));
}

#[test]
fn what_was_typed_stays_when_the_page_is_left_and_files_change() {
    let mut window = opened(&[(".condarc", CONDARC)]);
    window.type_into("clients-url", "https://typed.corp");
    window.click("page-environments");
    window.click("page-clients");
    window.until_idle();
    send(
        &mut window,
        Clients::AnacondaClient(AnacondaClientMessage::ShowPressed),
    );
    window.until_it_says("url: https://typed.corp/api/");
}

#[test]
fn pip_and_browsers_are_set_up_and_the_history_knows() {
    let mut window = opened(&[(".condarc", CONDARC)]);
    let typed = PythonMessage::AddressTyped("https://repo.corp/pypi/jane/simple".to_owned());
    send(&mut window, Clients::Python(typed));
    send(&mut window, Clients::Python(PythonMessage::ShowPressed));
    window.until("the plan", |window| {
        window.has(id("clients-apply")) || window.says("extra-index-url =")
    });
    send(&mut window, Clients::ApplyPressed);
    window.until_it_says("Let pip use https://repo.corp/pypi/jane/simple.");
    window.until_idle();
    assert_eq!(
        window.file(".config/pip/pip.conf"),
        "[global]\nextra-index-url = https://repo.corp/pypi/jane/simple\n"
    );
    let typed = BrowsersMessage::ServerTyped("repo.corp".to_owned());
    send(&mut window, Clients::Browsers(typed));
    let ticked = vec![sextant::clients::browsers::Browser::Chromium];
    send(
        &mut window,
        Clients::Browsers(BrowsersMessage::ShowPressed { ticked }),
    );
    window.until_idle();
    send(&mut window, Clients::ApplyPressed);
    window.until_it_says("Let Chromium show Kerberos tickets to repo.corp.");
    window.until_idle();
    let policy = "system-root/etc/chromium/policies/managed/sextant.json";
    assert_eq!(
        window.file(policy),
        "{\n  \"AuthServerAllowlist\": \"repo.corp\"\n}\n"
    );
    window.click("page-history");
    window.until_it_says("Let Chromium show Kerberos tickets to repo.corp");
}

#[test]
fn a_key_server_that_does_not_answer_is_told_in_its_section() {
    let mut window = opened(&[]);
    for message in [
        KerberosMessage::ServerTyped("repo.corp".to_owned()),
        KerberosMessage::KeyServerTyped("127.0.0.1:1".to_owned()),
        KerberosMessage::LookPressed,
    ] {
        send(&mut window, Clients::Kerberos(message));
    }
    window.until_idle();
    assert!(window.says("127.0.0.1:1"), "{:?}", window.texts());
    assert!(window.says("Connection refused"), "{:?}", window.texts());
}
