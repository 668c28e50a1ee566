//! Draws every dialog of signing in, in each of its states, in light and dark and in the lowest window.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test dialog_gallery` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;

use std::path::PathBuf;
use std::time::Duration;

use canvas::Canvas;
use iced::time::Instant;
use iced::widget::container;
use iced::{Element, Fill, Theme, theme::Mode};
use iced_test::selector::id;
use jiff::tz::TimeZone;
use sextant::error::{Explain, Kind, Problem};
use sextant::repository::kerberos::Ticket;
use sextant::repository::oidc::{DevicePrompt, OidcError};
use sextant::repository::{
    AuthenticationType, BinstarApi, Certificate, CheckStep, Domain, Fingerprint, Outcome, Product,
    ProxyError, RepositoryError, Scope, Step, TlsFailure, TlsReason,
};
use sextant::screen::anaconda_org_login::{self, AnacondaOrgLogin};
use sextant::screen::browser_wait::{self, BrowserWait};
use sextant::screen::certificate::{self, CertificateDialog};
use sextant::screen::device_code::{self, DeviceCode};
use sextant::screen::proxy_login::{self, ProxyLogin};
use sextant::screen::repository_login::{self, RepositoryLogin};
use sextant::screen::set_domain::{self, SetDomain, Wanted};
use sextant::screen::typed::Typed;
use sextant::screen::{Key, credentials, permissions, secret_field};
use sextant::service::sign_in::repository::RepositoryOffer;
use sextant::service::sign_in::sso::{BrowserOpened, SignOnSite};
use sextant::ui::modal::{Dialog, modal};
use sextant::ui::theme::{Appearance, Contrast, Preference, palette};
use sextant::ui::{style, text};

type View<'a> = Element<'a, ()>;

fn themes() -> [(&'static str, Theme); 2] {
    [("light", Preference::Light), ("dark", Preference::Dark)].map(|(name, preference)| {
        let appearance = Appearance {
            system: Mode::None,
            preference,
            contrast: Contrast::Standard,
        };
        (name, appearance.theme())
    })
}

fn over_a_page<'a, Message: Clone + 'a>(dialog: Dialog<'a, Message>) -> View<'a> {
    let page = container(text::title("Environments"))
        .padding(28)
        .width(Fill)
        .height(Fill)
        .style(style::page);
    modal(page, Some(dialog.map(|_| ())))
}

/// The windows: what is usual, what is small, and the small one at 200 %.
const WINDOWS: [(&str, f32, f32, f32); 3] = [
    ("", 1280.0, 800.0, 1.0),
    ("-small", 1024.0, 600.0, 1.0),
    ("-low", 512.0, 300.0, 2.0),
];

/// Draws a dialog in every window and theme; the way out of it must always be in sight.
fn draw<'a, Message: Clone + 'a>(name: &str, way_out: &'static str, view: impl Fn() -> Dialog<'a, Message>) {
    for (window, width, height, scale) in WINDOWS {
        let mut canvas = Canvas::new(width, height);
        let button = canvas
            .find(over_a_page(view()), id(way_out))
            .unwrap_or_else(|| panic!("{name}{window}: no {way_out}"));
        let seen = button
            .visible_bounds()
            .map_or(0.0, |seen| seen.width * seen.height);
        let whole = button.bounds().width * button.bounds().height;
        assert!((seen - whole).abs() < 1.0, "{name}{window}: {way_out} is cut off");
        for (theme_name, theme) in themes() {
            let picture = canvas.picture(over_a_page(view()), &theme, scale);
            let p = palette(&theme);
            for (what, color) in [("surface", p.surface), ("text", p.text)] {
                let share = picture.share_of(color);
                assert!(share > 0.000_05, "{name}{window}: nothing drawn in {what}");
            }
            if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
                let file = PathBuf::from(folder).join(format!("{name}{window}-{theme_name}.png"));
                std::fs::write(file, picture.png()).expect("the gallery's folder");
            }
        }
    }
}

fn domain(text: &str) -> Domain {
    Domain::parse(text).expect("a domain")
}

fn refused() -> Problem {
    Problem::new(Kind::Auth, "the sign-in was declined")
        .because("The sign-in site said: access_denied")
        .remedy("Sign in again; if you did not decline it yourself, ask your administrator for access")
}

fn server() -> SignOnSite {
    SignOnSite::Server {
        domain: domain("psm.example.com"),
        ca_file: None,
        through: None,
    }
}

fn opened(not_opened: Option<Problem>) -> BrowserOpened {
    let address = "https://sso.example.com/auth/realms/dev/protocol/openid-connect/auth?response_type=code&\
                   client_id=repo-service-cli&redirect_uri=http%3A%2F%2Flocalhost%3A44321%2F&scope=openid&\
                   state=N3mvXxIqJ0&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    BrowserOpened {
        address: address.parse().expect("an address"),
        site: "sso.example.com".to_owned(),
        offers_code: true,
        limit: Duration::from_secs(272),
        not_opened,
    }
}

#[test]
fn single_sign_on_in_the_browser() {
    let begin = || {
        let (screen, action) = BrowserWait::new(server());
        let browser_wait::Action::Begin { key, .. } = action else {
            panic!("it begins at once");
        };
        (screen, key)
    };
    let draw = |name: &str, screen: &BrowserWait| draw(name, "browser-cancel", || screen.view());
    let (screen, _) = begin();
    draw("browser-preparing", &screen);
    let waiting = |not_opened| {
        let (mut screen, key) = begin();
        screen.update(browser_wait::Message::Opened {
            key,
            opened: opened(not_opened),
            at: Instant::now(),
        });
        (screen, key)
    };
    draw("browser-waiting", &waiting(None).0);
    let not_opened = Problem::new(Kind::Conflict, "xdg-open could not open the browser")
        .because("no program is set for web pages");
    draw("browser-not-opened", &waiting(Some(not_opened)).0);
    let (mut screen, key) = waiting(None);
    screen.update(browser_wait::Message::CameBack { key });
    draw("browser-finishing", &screen);
    screen.update(browser_wait::Message::Answered {
        key,
        result: Err(refused()),
    });
    draw("browser-failed", &screen);
    let (mut screen, key) = begin();
    screen.update(browser_wait::Message::OtherSite {
        key,
        host: "login.corp.example".to_owned(),
        problem: OidcError::OtherSite {
            domain: "https://psm.example.com".to_owned(),
            site: "login.corp.example".to_owned(),
        }
        .explain(),
    });
    draw("browser-other-site", &screen);
}

#[test]
fn a_device_code() {
    let begin = || {
        let (screen, action) = DeviceCode::new(SignOnSite::AnacondaCom);
        let device_code::Action::Begin { key, .. } = action else {
            panic!("it begins at once");
        };
        (screen, key)
    };
    let draw = |name: &str, screen: &DeviceCode| draw(name, "device-cancel", || screen.view());
    let (screen, _) = begin();
    draw("device-preparing", &screen);
    let (mut screen, key) = begin();
    screen.update(device_code::Message::Given {
        key,
        prompt: DevicePrompt {
            user_code: "WDJB-MJHT".to_owned(),
            verification_uri: "https://anaconda.com/device".parse().expect("a page"),
            verification_uri_complete: None,
            expires_in: Duration::from_secs(55),
        },
        at: Instant::now(),
    });
    draw("device-waiting", &screen);
    screen.update(device_code::Message::Answered {
        key,
        result: Err(OidcError::DeviceCodeExpired.explain()),
    });
    draw("device-expired", &screen);
}

fn repository(address: &str) -> (RepositoryLogin, Key) {
    let (screen, action) = RepositoryLogin::new(
        BinstarApi::parse(address).expect("an address"),
        "not encrypted · Anaconda Repository · 21 ms".to_owned(),
        "jsmith".to_owned(),
        None,
        TimeZone::UTC,
    );
    let repository_login::Action::AskForOffer { key, .. } = action else {
        panic!("the server is asked at once");
    };
    (screen, key)
}

fn offered(address: &str, wants: AuthenticationType, ticket: Option<Ticket>) -> RepositoryLogin {
    let (mut screen, key) = repository(address);
    let scope = |name: &str, description: &str| Scope {
        name: name.to_owned(),
        description: description.to_owned(),
    };
    let offer = RepositoryOffer {
        api: BinstarApi::parse(address).expect("an address"),
        authentication: wants,
        ticket,
        no_ticket_because: None,
        scopes: vec![
            scope("all", "Allow all operations"),
            scope("conda", "Allow all operations on conda repositories"),
            scope(
                "conda:download",
                "Allow private downloads from conda repositories",
            ),
            scope("repos", "Allow access to all package repositories"),
        ],
    };
    screen.update(repository_login::Message::Offered {
        key,
        at: "2026-11-25T09:00:00Z".parse().expect("a time"),
        result: Ok(Box::new(offer)),
    });
    screen
}

#[test]
fn anaconda_repository_with_a_password() {
    let draw = |name: &str, screen: &RepositoryLogin| draw(name, "repository-cancel", || screen.view());
    let address = "http://repo.example.com:8080";
    let begin = || offered(address, AuthenticationType::Password, None);
    let (mut screen, key) = repository(address);
    draw("repository-asking", &screen);
    screen.update(repository_login::Message::Offered {
        key,
        at: "2026-11-25T09:00:00Z".parse().expect("a time"),
        result: Err(RepositoryError::Refused {
            address: address.to_owned(),
        }
        .explain()),
    });
    draw("repository-unknown", &screen);
    let strange = AuthenticationType::Other("ldap".to_owned());
    draw("repository-strange", &offered(address, strange, None));
    let mut screen = begin();
    draw("repository-password", &screen);
    screen.update(repository_login::Message::Credentials(
        credentials::Message::Password(secret_field::Message::Typed(Typed::new("correct horse"))),
    ));
    let repository_login::Action::LogIn { key, .. } = screen.update(repository_login::Message::LoginPressed)
    else {
        panic!("no login");
    };
    draw("repository-running", &screen);
    screen.update(repository_login::Message::Answered {
        key,
        result: Err(Problem::new(
            Kind::Auth,
            "http://repo.example.com:8080 does not accept this user name and password",
        )),
    });
    let permissions = |message| repository_login::Message::Permissions(message);
    screen.update(permissions(permissions::Message::PresetChosen(
        permissions::Preset::Everything,
    )));
    draw("repository-refused-everything", &screen);
    let mut screen = begin();
    screen.update(permissions(permissions::Message::FoldToggled));
    draw("repository-scopes", &screen);
    for scope in ["conda:download", "repos"] {
        screen.update(permissions(permissions::Message::Ticked {
            scope: scope.to_owned(),
            is_ticked: false,
        }));
    }
    draw("repository-no-scopes", &screen);
}

#[test]
fn anaconda_repository_with_kerberos() {
    let draw = |name: &str, screen: &RepositoryLogin| draw(name, "repository-cancel", || screen.view());
    let ticket = || {
        Some(Ticket {
            principal: "jsmith@EXAMPLE.COM".to_owned(),
            expires_at: Some("2026-11-25T17:40:00Z".parse().expect("a time")),
        })
    };
    let begin = |address, ticket| offered(address, AuthenticationType::Kerberos, ticket);
    draw("kerberos-ticket", &begin("https://repo.example.com", ticket()));
    draw("kerberos-no-ticket", &begin("https://repo.example.com", None));
    draw(
        "kerberos-plain-http",
        &begin("http://repo.example.com:8080", ticket()),
    );
}

#[test]
fn anaconda_org() {
    let draw = |name: &str, screen: &AnacondaOrgLogin| draw(name, "anaconda-cancel", || screen.view());
    let mut screen = AnacondaOrgLogin::new("jsmith".to_owned());
    draw("anaconda", &screen);
    screen.update(anaconda_org_login::Message::PasswordUnfolded);
    draw("anaconda-password", &screen);
    screen.update(anaconda_org_login::Message::Credentials(
        credentials::Message::Password(secret_field::Message::Typed(Typed::new("correct horse"))),
    ));
    screen.update(anaconda_org_login::Message::PasswordPressed);
    draw("anaconda-running", &screen);
}

fn leaf() -> Certificate {
    Certificate {
        subject: "CN=psm.example.com, O=Example Corp".to_owned(),
        issuer: "CN=Example Corp Issuing CA 3, O=Example Corp".to_owned(),
        valid_from: "2026-01-05T00:00:00Z".parse().expect("a time"),
        valid_until: "2027-01-05T23:59:59Z".parse().expect("a time"),
        names: ["psm.example.com", "repo.example.com", "10.0.0.7"]
            .map(str::to_owned)
            .to_vec(),
        more_names: 0,
        fingerprint: Fingerprint::of(b"a certificate"),
        self_issued: false,
        is_authority: false,
        key: sextant::repository::PublicKey::Ec { bits: 256 },
        signature: sextant::repository::Signature::known_as("1.2.840.10045.4.3.2"),
    }
}

fn failure(reason: TlsReason, chain: Vec<Certificate>) -> TlsFailure {
    TlsFailure {
        host: "psm.example.com".to_owned(),
        reason,
        chain,
        proxy: None,
        clocks: None,
    }
}

fn certificate_dialog(reason: TlsReason, chain: Vec<Certificate>) -> CertificateDialog {
    CertificateDialog::new(domain("psm.example.com"), failure(reason, chain))
}

#[test]
fn certificates() {
    let draw = |name: &str, screen: &CertificateDialog| draw(name, "certificate-close", || screen.view());
    let authority = Certificate {
        subject: leaf().issuer,
        issuer: "CN=Example Corp Root CA".to_owned(),
        names: Vec::new(),
        ..leaf()
    };
    let screen = certificate_dialog(TlsReason::UnknownIssuer, vec![leaf(), authority]);
    draw("certificate-unknown-issuer", &screen);
    let own = Certificate {
        issuer: leaf().subject,
        self_issued: true,
        ..leaf()
    };
    let mut screen = certificate_dialog(TlsReason::SelfSigned, vec![own]);
    screen.update(certificate::Message::ComparedToggled(true));
    draw("certificate-self-signed", &screen);
    screen.update(certificate::Message::CaFileTyped("/tmp/notes.txt".to_owned()));
    let certificate::Action::Decide { key, .. } = screen.update(certificate::Message::UseCaFilePressed)
    else {
        panic!("no check");
    };
    screen.update(certificate::Message::Answered {
        key,
        result: Err(Problem::new(Kind::Tls, "the CA file holds no certificate")
            .remedy("Choose a PEM file with one or more blocks that begin with -----BEGIN CERTIFICATE-----")),
    });
    draw("certificate-ca-file-refused", &screen);
    let expired = certificate_dialog(TlsReason::Expired, vec![leaf()]);
    draw("certificate-expired", &expired);
    let no_tls = certificate_dialog(TlsReason::NotTls, Vec::new());
    draw("certificate-not-tls", &no_tls);
    let pinned = TlsReason::OtherThanPinned {
        pinned: Fingerprint::of(b"another certificate"),
        trusted_otherwise: true,
    };
    draw("certificate-pinned", &certificate_dialog(pinned, vec![leaf()]));
}

#[test]
fn a_proxy() {
    let draw = |name: &str, screen: &ProxyLogin| draw(name, "proxy-cancel", || screen.view());
    let proxy = || "http://proxy.example.com:3128".to_owned();
    draw("proxy", &ProxyLogin::new(proxy(), String::new(), None));
    let problem = Problem::new(
        Kind::Auth,
        "the proxy http://proxy.example.com:3128 does not accept this user name and password",
    )
    .remedy("Type them again; too many wrong ones may lock your account, so ask if you are not sure");
    let mut screen = ProxyLogin::new(proxy(), "jsmith".to_owned(), Some(problem));
    draw("proxy-refused", &screen);
    for message in [
        proxy_login::Message::Credentials(credentials::Message::Password(secret_field::Message::Typed(
            Typed::new("correct horse"),
        ))),
        proxy_login::Message::UsePressed,
    ] {
        screen.update(message);
    }
    draw("proxy-running", &screen);
}

/// The dialog after a check that failed at this step.
fn failed_check(wanted: Wanted, step: Step, error: RepositoryError, problem: Problem) -> SetDomain {
    let (mut screen, action) = SetDomain::checking(wanted, "https://psm.example.com", None);
    let set_domain::Action::Check { key, .. } = action else {
        panic!("it checks at once");
    };
    let took = Duration::from_millis(12);
    let failed = CheckStep {
        step,
        outcome: Outcome::Failed { took, error },
    };
    screen.update(set_domain::Message::Stepped { key, step: failed });
    screen.update(set_domain::Message::Ended {
        key,
        result: Err(problem),
    });
    screen
}

#[test]
fn the_domain() {
    let draw = |name: &str, screen: &SetDomain| draw(name, "set-domain-cancel", || screen.view());
    draw("domain-repository", &SetDomain::new(Wanted::Repository, "", None));
    let typed = SetDomain::new(
        Wanted::Repository,
        "http://repo.example.com:8080/conda/alice",
        None,
    );
    draw("domain-repository-typed", &typed);
    let explained = |error: RepositoryError| {
        let problem = Problem::from(error.clone());
        (error, problem)
    };
    let tls = failure(TlsReason::SelfSigned, vec![leaf()]);
    let (error, problem) = explained(RepositoryError::from(tls));
    draw(
        "domain-tls",
        &failed_check(Wanted::Server, Step::Tls, error, problem),
    );
    let (error, problem) = explained(RepositoryError::Proxy(ProxyError::AuthRequired {
        proxy: "http://proxy.example.com:3128".to_owned(),
    }));
    draw(
        "domain-proxy",
        &failed_check(Wanted::Server, Step::Proxy, error, problem),
    );
    let (error, problem) = explained(RepositoryError::OtherProduct {
        address: "https://psm.example.com".to_owned(),
        expected: Product::AnacondaServer,
        found: Product::AnacondaRepository,
    });
    draw(
        "domain-other-product",
        &failed_check(Wanted::Server, Step::Answer, error, problem),
    );
}
