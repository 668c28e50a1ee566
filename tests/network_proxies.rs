//! Which proxy is taken, and how a person signs in to one.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/connect_proxy.rs"]
mod connect_proxy;
#[path = "support/domain_check.rs"]
mod domain_check;
#[path = "support/network_home.rs"]
mod network_home;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::fs;

use certificates::{Authority, unchanged};
use connect_proxy::{guarded, logins, open, wanting};
use domain_check::system;
use network_home::{Home, check, of, refused};
use scripted_server::ScriptedServer;
use sextant::error::{Explain, Kind};
use sextant::repository::{ProxyAddress, ProxyError, RepositoryError};
use sextant::secret::Secret;
use sextant::service::network::ProxyChoice;
use sextant::service::preferences::Preferences;
use sextant::service::trust::Trust;
use sextant::service::{ServiceError, Services};

const DOMAIN: &str = "https://repo.example.com:8443";
const TARGET: &str = "repo.example.com:8443";

async fn at_proxy(services: &Services) -> ProxyError {
    match check(services, DOMAIN).await {
        Err(ServiceError::Repository(RepositoryError::Proxy(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_proxy_is_the_first_that_somebody_set() {
    let home = Home::new()
        .variable("HTTPS_PROXY", "http://al:canary@environment:1")
        .variable("ALL_PROXY", "http://everything:2")
        .variable("NO_PROXY", "direct.example.com,10.0.0.0/8,far.example.com:8443");
    let address = |address: &str| ProxyAddress::parse(address).unwrap();
    let choose = |proxy: ProxyChoice, no_proxy: &str| {
        let preferences = Preferences {
            proxy,
            no_proxy: no_proxy.to_owned(),
            ..Preferences::default()
        };
        home.services().set_preferences(&preferences).unwrap();
    };
    let proxy = |domain: &str| home.proxy(domain).map(|(proxy, _)| proxy);
    let by = |proxy: &str| Some(proxy.to_owned());

    assert_eq!(
        home.proxy(DOMAIN),
        Some((
            "http://environment:1".to_owned(),
            "the environment variable HTTPS_PROXY".to_owned()
        ))
    );
    assert_eq!(home.way(DOMAIN).proxy.unwrap().user.as_deref(), Some("al"));
    assert_eq!(proxy("http://repo.example.com"), by("http://everything:2"));

    let condarc = home.file(
        ".condarc",
        "proxy_servers:\n  https: http://conda:3\n  https://far.example.com: http://far:4\n",
    );
    assert_eq!(
        home.proxy(DOMAIN),
        Some((
            "http://conda:3".to_owned(),
            format!("proxy_servers in line 1 of {}", condarc.display())
        ))
    );
    assert_eq!(proxy("https://far.example.com"), by("http://far:4"));
    assert_eq!(proxy("http://repo.example.com"), by("http://everything:2"));

    choose(ProxyChoice::Everywhere(address("mine:5")), "");
    assert_eq!(
        home.proxy(DOMAIN),
        Some(("http://mine:5".to_owned(), "Sextant's preferences".to_owned()))
    );
    let per_scheme = ProxyChoice::PerScheme {
        http: Some(address("mine:6")),
        https: None,
    };
    choose(per_scheme, "*.internal.example.com");
    assert_eq!(proxy("http://repo.example.com"), by("http://mine:6"));
    assert_eq!(proxy(DOMAIN), by("http://conda:3"));

    // Exceptions hold for every source.
    for direct in [
        "https://direct.example.com",
        "http://a.direct.example.com:8080",
        "http://10.1.2.3:8080",
        "https://far.example.com:8443",
        "https://repo.internal.example.com",
        "https://localhost:8443",
        "http://127.0.0.1:8080",
    ] {
        assert_eq!(proxy(direct), None, "{direct}");
    }
    choose(ProxyChoice::None, "");
    assert_eq!(proxy(DOMAIN), None);
    assert_eq!(proxy("https://far.example.com"), None);
}

#[test]
fn a_proxy_in_the_preferences_is_read_as_it_is_written() {
    let home = Home::new();
    let read = |text: &str| {
        home.file(".config/sextant/preferences.toml", text);
        home.services().preferences()
    };
    let address = |text: &str| ProxyAddress::parse(text).unwrap();
    for (text, expected) in [
        ("", ProxyChoice::System),
        ("proxy = \"system\"", ProxyChoice::System),
        ("proxy = \"none\"", ProxyChoice::None),
        (
            "proxy = \"proxy:3128\"",
            ProxyChoice::Everywhere(address("http://proxy:3128")),
        ),
        (
            "proxy = { https = \"https://proxy\" }",
            ProxyChoice::PerScheme {
                http: None,
                https: Some(address("https://proxy:443")),
            },
        ),
    ] {
        let preferences = read(text).unwrap();
        assert_eq!(preferences.proxy, expected, "{text}");
        home.services().set_preferences(&preferences).unwrap();
        assert_eq!(home.services().preferences().unwrap(), preferences, "{text}");
    }
    assert_eq!(read("no-proxy = \"a,b\"").unwrap().no_proxy, "a,b");
    for (text, part) in [
        (
            "proxy = \"http://al:canary@proxy\"",
            "line 1: the proxy has a user name or password",
        ),
        (
            "\nproxy = \"socks5://canary\"",
            "line 2: the proxy cannot be used: a proxy of the kind socks5",
        ),
        ("proxy = { ftp = \"canary\" }", "line 1: "),
    ] {
        let error = read(text).unwrap_err();
        let problem = error.explain();
        assert!(problem.cause.as_ref().unwrap().starts_with(part), "{problem:?}");
        assert!(
            !format!("{error:?} {problem:?}").contains("canary"),
            "{problem:?}"
        );
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_login_gets_it_from_the_person_once() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(&["repo.example.com"], unchanged), system).await;
    let proxy = guarded(&[(TARGET, server.address)]).await;
    let mut home = Home::new().variable("https_proxy", proxy.url());
    let ca = home.file("corp.pem", authority.pem());
    home = home.variable("SSL_CERT_FILE", ca.display().to_string());
    let services = home.services();
    let wanted = || ProxyError::AuthRequired { proxy: proxy.url() };
    let sent = || logins(&proxy).into_iter().flatten().count();

    let error = at_proxy(&services).await;
    assert_eq!(error, wanted());
    let asked_for = error.asks_for_credentials().unwrap().to_owned();
    services
        .set_proxy_credentials(&asked_for, "al", &Secret::new("canary?"))
        .unwrap();
    assert_eq!(
        at_proxy(&services).await,
        ProxyError::WrongPassword { proxy: proxy.url() }
    );
    // The wrong one is not sent a second time, which might lock the account.
    assert_eq!(at_proxy(&services).await, wanted());
    assert_eq!(sent(), 1);
    // The same one given anew is.
    services
        .set_proxy_credentials(&asked_for, "al", &Secret::new("canary?"))
        .unwrap();
    assert_eq!(
        at_proxy(&services).await,
        ProxyError::WrongPassword { proxy: proxy.url() }
    );
    assert_eq!(sent(), 2);

    services
        .set_proxy_credentials(&asked_for, "al", &Secret::new("canary!"))
        .unwrap();
    check(&services, DOMAIN).await.unwrap();
    let next = home.services();
    check(&next, DOMAIN).await.unwrap();
    let way = next.way_to(&of(DOMAIN), None).unwrap();
    assert_eq!(way.proxy.as_ref().unwrap().user.as_deref(), Some("al"));
    let store = fs::read_to_string(next.locations().credentials()).unwrap();
    assert!(store.contains(&format!("\"proxy/{}\"", proxy.address)), "{store}");
    assert!(!format!("{way:?} {} {next:?}", serde_json::to_string(&way).unwrap()).contains("canary"));

    next.forget_proxy_credentials(&proxy.address.to_string()).unwrap();
    assert_eq!(at_proxy(&next).await, wanted());
    assert!(!next.locations().credentials().exists());
    let error = next
        .set_proxy_credentials("http://a:canary/@b", "al", &Secret::new("x"))
        .unwrap_err();
    assert!(!format!("{error:?} {:?}", error.explain()).contains("canary"));
}

#[tokio::test]
async fn a_login_that_sextant_knows_goes_before_the_one_in_condas_settings() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(&["repo.example.com"], unchanged), system).await;
    let proxy = guarded(&[(TARGET, server.address)]).await;
    let home = Home::new();
    let ca = home.file("corp.pem", authority.pem());
    home.file(
        ".condarc",
        format!(
            "ssl_verify: {}\nproxy_servers:\n  https: http://al:canary%3F@{}\n",
            ca.display(),
            proxy.address
        ),
    );
    let services = home.services();
    let error = at_proxy(&services).await;
    assert_eq!(error, ProxyError::WrongPassword { proxy: proxy.url() });
    assert_eq!(error.explain().kind, Kind::Auth);
    services
        .set_proxy_credentials(&proxy.url(), "al", &Secret::new("canary!"))
        .unwrap();
    check(&services, DOMAIN).await.unwrap();
}

#[tokio::test]
async fn a_proxy_for_windows_accounts_only_and_one_that_cannot_be_used_are_told() {
    let proxy = wanting(&[], Some("none"), "Proxy-Authenticate: NTLM\r\n").await;
    let home = Home::new().variable("https_proxy", proxy.url());
    let error = at_proxy(&home.services()).await;
    assert_eq!(
        error,
        ProxyError::UnsupportedAuth {
            proxy: proxy.url(),
            wanted: vec!["NTLM".into()]
        }
    );
    let home = Home::new().variable("https_proxy", "socks5://canary:1");
    let error = home.services().way_to(&of(DOMAIN), None).unwrap_err();
    assert!(
        error.to_string().contains("https_proxy") && error.to_string().contains("socks5"),
        "{error}"
    );
    // What would not go there is not kept from its way.
    assert_eq!(home.proxy("http://repo.example.com"), None);
}

#[tokio::test]
async fn the_certificate_of_a_server_behind_a_proxy_is_pinned_like_any_other() {
    let authority = Authority::named("Example Corp TLS Inspection");
    let inspecting =
        ScriptedServer::start_tls(authority.server(&["repo.example.com"], unchanged), system).await;
    let proxy = open(&[(TARGET, inspecting.address)]).await;
    let home = Home::new().variable("all_proxy", proxy.url());
    let services = home.services();
    let failed = refused(&services, DOMAIN).await;
    assert!(failed.may_be_inspected());
    assert_eq!(failed.proxy, Some(proxy.url()));
    let trust = Trust {
        pinned_certificate: Some(failed.leaf().unwrap().fingerprint),
        ..Trust::default()
    };
    services.set_trust(&of(DOMAIN), trust).unwrap();
    check(&services, DOMAIN).await.unwrap();
}
