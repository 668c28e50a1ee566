//! What may stand in the way of a domain, in the window: a certificate that nobody vouches for, and another product.

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use iced_test::selector::id;
use sextant::practice::{Options, Tls};
use window::{CONDARC, Window};

fn beside(tls: Tls) -> Window {
    let options = Options {
        tls,
        ..Options::default()
    };
    Window::open_beside(options, &[(".condarc", CONDARC)], |_, _| {})
}

/// To the certificate that the check stumbles over.
fn open_certificate(window: &mut Window) {
    let url = window.practice.url().to_owned();
    window.set_domain(&url);
    window.until_it_says("Show the certificate");
    window.click("set-domain-offer");
    window.until_there("certificate-compared");
}

#[test]
fn a_certificate_that_signed_itself_is_trusted_by_its_fingerprint() {
    let mut window = beside(Tls::SelfSigned);
    open_certificate(&mut window);
    window.click("certificate-trust");
    assert!(
        window.has(id("certificate-compared")),
        "not before it was compared"
    );
    window.click("certificate-compared");
    window.click("certificate-trust");
    window.until_it_says("Log in to localhost");
    assert!(window.says("TLS verified"));
    assert!(
        window
            .file(".config/sextant/trust.toml")
            .contains("pinned-certificate")
    );
    window.log_in();
}

#[test]
fn the_authority_of_the_organisation_makes_a_certificate_good() {
    let mut window = beside(Tls::Valid);
    open_certificate(&mut window);
    // A file that is no authority, and then the right one.
    std::fs::write(window.path("wrong.pem"), "no certificate").unwrap();
    let wrong = window.path("wrong.pem").display().to_string();
    window.type_into("certificate-ca-file", &wrong);
    window.click("certificate-use-ca-file");
    window.until_idle();
    assert!(window.has(id("certificate-use-ca-file")), "it is told in place");
    assert_eq!(window.file(".config/sextant/trust.toml"), "");
    let right = window.practice.ca_file().unwrap().display().to_string();
    window.type_over("certificate-ca-file", &right);
    window.click("certificate-use-ca-file");
    window.until_it_says("Log in to localhost");
    assert!(window.file(".config/sextant/trust.toml").contains("ca-file"));
}

#[test]
fn a_certificate_that_is_not_trusted_leads_back_to_the_domain() {
    let mut window = beside(Tls::UnknownIssuer);
    open_certificate(&mut window);
    window.practice.forget_requests();
    window.click("certificate-close");
    assert!(window.has(id("set-domain-set")));
    window.until_idle();
    assert!(window.practice.requests().is_empty());
    assert_eq!(window.file(".config/sextant/trust.toml"), "");
}

#[test]
fn a_repository_in_the_place_of_a_server_is_offered_as_what_it_is() {
    let mut window = Window::with_condarc();
    let url = window.practice.repository_url().to_owned();
    window.set_domain(&url);
    window.until_it_says("Use it as an Anaconda Repository");
    window.click("set-domain-offer");
    window.until_there("password");
    assert!(window.says("Anaconda Repository"));
    assert!(window.has(id("repository-login")));
}
