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
use iced_test::selector::{Bounded as _, id};
use jiff::tz::TimeZone;
use sextant::error::{Kind, Problem};
use sextant::repository::kerberos::Ticket;
use sextant::repository::{
    AuthenticationType, BinstarApi, Certificate, CheckStep, Domain, Outcome, Product, ProxyError,
    RepositoryError, Scope, Step, TlsFailure, TlsReason,
};
use sextant::screen::anaconda_org_login::{self, AnacondaOrgLogin};
use sextant::screen::browser_wait::{self, BrowserWait};
use sextant::screen::certificate::{self, CertificateDialog};
use sextant::screen::countdown::Countdown;
use sextant::screen::device_code::{self, DeviceCode, Prompt};
use sextant::screen::proxy_login::{self, ProxyLogin};
use sextant::screen::repository_login::{self, RepositoryLogin};
use sextant::screen::set_domain::{self, SetDomain, Wanted};
use sextant::screen::typed::Typed;
use sextant::screen::{credentials, permissions};
use sextant::service::connection::Service;
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

fn countdown(seconds: u64) -> Countdown {
    Countdown::new(Duration::from_secs(seconds), Instant::now())
}

#[test]
fn single_sign_on_in_the_browser() {
    let begin = || {
        let (screen, action) = BrowserWait::new(Service::Server, domain("psm.example.com"));
        let browser_wait::Action::Begin { key, .. } = action else {
            panic!("it begins at once");
        };
        (screen, key)
    };
    let draw = |name: &str, screen: &BrowserWait| draw(name, "browser-cancel", || screen.view());
    let (screen, _) = begin();
    draw("browser-preparing", &screen);
    let waiting = || {
        let (mut screen, key) = begin();
        screen.update(browser_wait::Message::Discovered {
            key,
            site: "sso.example.com".to_owned(),
            offers_code: true,
        });
        let address = "https://sso.example.com/auth/realms/dev/protocol/openid-connect/auth?response_type=code&\
                       client_id=repo-service-cli&redirect_uri=http%3A%2F%2Flocalhost%3A44321%2F&scope=openid&\
                       state=N3mvXxIqJ0&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        screen.update(browser_wait::Message::Began {
            key,
            address: address.parse().expect("an address"),
            left: countdown(272),
        });
        (screen, key)
    };
    draw("browser-waiting", &waiting().0);
    let (mut screen, key) = waiting();
    screen.update(browser_wait::Message::NotOpened {
        key,
        problem: Problem::new(Kind::Internal, "the browser could not be opened")
            .because("no program is set for web pages"),
    });
    draw("browser-not-opened", &screen);
    let (mut screen, key) = waiting();
    screen.update(browser_wait::Message::CodeArrived { key });
    draw("browser-finishing", &screen);
    let (mut screen, key) = waiting();
    screen.update(browser_wait::Message::Answered {
        key,
        result: Err(refused()),
    });
    draw("browser-failed", &screen);
    let (mut screen, key) = begin();
    screen.update(browser_wait::Message::OtherSite {
        key,
        site: "login.corp.example".to_owned(),
        problem: Problem::new(
            Kind::Auth,
            "https://psm.example.com sends you to another site to sign in: login.corp.example",
        )
        .because(
            "Nothing was sent there; what you get by signing in at login.corp.example would be shown to \
             https://psm.example.com",
        )
        .remedy(
            "Go on only if login.corp.example is where your organisation signs in; otherwise ask your administrator",
        ),
    });
    draw("browser-other-site", &screen);
}

#[test]
fn a_device_code() {
    let begin = || {
        let (screen, action) = DeviceCode::new(Service::AnacondaOrg, domain("anaconda.com"), None);
        let device_code::Action::Begin { key, .. } = action else {
            panic!("it begins at once");
        };
        (screen, key)
    };
    let draw = |name: &str, screen: &DeviceCode| draw(name, "device-cancel", || screen.view());
    let (screen, _) = begin();
    draw("device-preparing", &screen);
    let (mut screen, key) = begin();
    screen.update(device_code::Message::Began {
        key,
        prompt: Prompt {
            code: "WDJB-MJHT".to_owned(),
            page: "https://anaconda.com/device".parse().expect("a page"),
            page_with_code: None,
        },
        left: countdown(55),
    });
    draw("device-waiting", &screen);
    screen.update(device_code::Message::Answered {
        key,
        result: Err(Problem::new(
            Kind::Auth,
            "the device code expired before the sign-in was finished",
        )
        .remedy("Start again for a new code")),
    });
    draw("device-expired", &screen);
}

fn repository(address: &str, wants: AuthenticationType) -> (RepositoryLogin, repository_login::Action) {
    RepositoryLogin::new(
        BinstarApi::parse(address).expect("an address"),
        "not encrypted · Anaconda Repository · 21 ms".to_owned(),
        wants,
        "jsmith".to_owned(),
        None,
        TimeZone::UTC,
    )
}

#[test]
fn anaconda_repository_with_a_password() {
    let draw = |name: &str, screen: &RepositoryLogin| draw(name, "repository-cancel", || screen.view());
    let begin = || repository("http://repo.example.com:8080", AuthenticationType::Password).0;
    let permissions = |message| repository_login::Message::Permissions(message);
    let mut screen = begin();
    draw("repository-password", &screen);
    screen.update(repository_login::Message::Credentials(
        credentials::Message::PasswordTyped(Typed::new("correct horse")),
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
    screen.update(permissions(permissions::Message::PresetChosen(
        permissions::Preset::Everything,
    )));
    draw("repository-refused-everything", &screen);
    let mut screen = begin();
    let repository_login::Action::AskForScopes { key, .. } =
        screen.update(permissions(permissions::Message::FoldToggled))
    else {
        panic!("the list is asked for");
    };
    let scope = |name: &str, description: &str| Scope {
        name: name.to_owned(),
        description: description.to_owned(),
    };
    screen.update(repository_login::Message::scopes_told(
        key,
        Ok(vec![
            scope("all", "Allow all operations"),
            scope("conda", "Allow all operations on conda repositories"),
            scope(
                "conda:download",
                "Allow private downloads from conda repositories",
            ),
            scope("repos", "Allow access to all package repositories"),
        ]),
    ));
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
    let begin = |address| {
        let (screen, action) = repository(address, AuthenticationType::Kerberos);
        let repository_login::Action::LookForTicket(key) = action else {
            panic!("a ticket is looked for");
        };
        (screen, key)
    };
    let at = "2026-11-25T09:00:00Z".parse().expect("a time");
    let ticket = || Ticket {
        principal: "jsmith@EXAMPLE.COM".to_owned(),
        expires_at: Some("2026-11-25T17:40:00Z".parse().expect("a time")),
    };
    let (mut screen, key) = begin("https://repo.example.com");
    draw("kerberos-looking", &screen);
    screen.update(repository_login::Message::ticket_found(
        key,
        at,
        Ok(Some(ticket())),
    ));
    draw("kerberos-ticket", &screen);
    let (mut screen, key) = begin("https://repo.example.com");
    screen.update(repository_login::Message::ticket_found(key, at, Ok(None)));
    draw("kerberos-no-ticket", &screen);
    let (mut screen, key) = begin("http://repo.example.com:8080");
    screen.update(repository_login::Message::ticket_found(
        key,
        at,
        Ok(Some(ticket())),
    ));
    draw("kerberos-plain-http", &screen);
}

#[test]
fn anaconda_org() {
    let draw = |name: &str, screen: &AnacondaOrgLogin| draw(name, "anaconda-cancel", || screen.view());
    let mut screen = AnacondaOrgLogin::new("jsmith".to_owned());
    draw("anaconda", &screen);
    screen.update(anaconda_org_login::Message::PasswordUnfolded);
    draw("anaconda-password", &screen);
    screen.update(anaconda_org_login::Message::Credentials(
        credentials::Message::PasswordTyped(Typed::new("correct horse")),
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
        fingerprint: ["3A", "F1", "09", "C4", "77", "B0", "5E", "12"]
            .repeat(4)
            .join(":")
            .parse()
            .expect("a fingerprint"),
        more_names: 0,
        self_issued: false,
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

#[test]
fn certificates() {
    let draw = |name: &str, screen: &CertificateDialog| draw(name, "certificate-close", || screen.view());
    let authority = Certificate {
        subject: leaf().issuer,
        issuer: "CN=Example Corp Root CA".to_owned(),
        names: Vec::new(),
        ..leaf()
    };
    let screen = CertificateDialog::new(failure(TlsReason::UnknownIssuer, vec![leaf(), authority]));
    draw("certificate-unknown-issuer", &screen);
    let own = Certificate {
        issuer: leaf().subject,
        self_issued: true,
        ..leaf()
    };
    let mut screen = CertificateDialog::new(failure(TlsReason::SelfSigned, vec![own]));
    screen.update(certificate::Message::ComparedToggled(true));
    draw("certificate-self-signed", &screen);
    screen.update(certificate::Message::CaFileTyped("/tmp/notes.txt".to_owned()));
    let certificate::Action::UseCaFile { key, .. } = screen.update(certificate::Message::UseCaFilePressed)
    else {
        panic!("no check");
    };
    screen.update(certificate::Message::Answered {
        key,
        result: Err(Problem::new(Kind::Tls, "the CA file holds no certificate")
            .remedy("Choose a PEM file with one or more blocks that begin with -----BEGIN CERTIFICATE-----")),
    });
    draw("certificate-ca-file-refused", &screen);
    let expired = CertificateDialog::new(failure(TlsReason::Expired, vec![leaf()]));
    draw("certificate-expired", &expired);
    let no_tls = CertificateDialog::new(failure(TlsReason::NotTls, Vec::new()));
    draw("certificate-not-tls", &no_tls);
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
        proxy_login::Message::Credentials(credentials::Message::PasswordTyped(Typed::new("correct horse"))),
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
