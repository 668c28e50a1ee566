//! How Sextant's own settings, conda's and the environment decide who is trusted and which way is taken.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/connect_proxy.rs"]
mod connect_proxy;
#[path = "support/domain_check.rs"]
mod domain_check;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use certificates::{Authority, HERE, expired, self_signed, unchanged};
use connect_proxy::{guarded, logins, open, wanting};
use domain_check::system;
use rustls::version::TLS13;
use scripted_server::ScriptedServer;
use sextant::credential::FileStore;
use sextant::error::{Explain, Kind};
use sextant::locations::Locations;
use sextant::repository::{Domain, ProxyAddress, ProxyError, RepositoryError, TlsFailure, TlsReason};
use sextant::secret::Secret;
use sextant::service::network::{ProxyChoice, TrustShown, Way};
use sextant::service::preferences::Preferences;
use sextant::service::trust::{ClientFiles, Trust};
use sextant::service::{ServiceError, Services, SystemClock};

const DOMAIN: &str = "https://repo.example.com:8443";
const TARGET: &str = "repo.example.com:8443";

/// A home of one's own, with the variables that a test gives it.
struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// As the next start of the program would make them.
    fn services(&self) -> Services {
        let mut locations = Locations::inside(self.folder.path());
        locations.variables.extend(self.variables.iter().cloned());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        Services::with(locations, credentials, Arc::new(SystemClock))
    }

    fn way(&self, domain: &str) -> Way {
        self.services().way_to(&of(domain), None).unwrap()
    }

    /// The proxy on the way, and where it is set.
    fn proxy(&self, domain: &str) -> Option<(String, String)> {
        self.way(domain).proxy.map(|proxy| (proxy.address, proxy.source))
    }

    fn warnings(&self, domain: &str) -> Vec<String> {
        let warnings = self.way(domain).warnings;
        warnings.into_iter().map(|warning| warning.message).collect()
    }
}

fn of(domain: &str) -> Domain {
    Domain::parse(domain).unwrap()
}

async fn check(services: &Services, domain: &str) -> Result<(), ServiceError> {
    services.check_domain(&of(domain), None, |_| ()).await.map(|_| ())
}

async fn refused(services: &Services, domain: &str) -> TlsFailure {
    match check(services, domain).await {
        Err(ServiceError::Repository(RepositoryError::Tls(failure))) => *failure,
        other => panic!("{other:?}"),
    }
}

async fn at_proxy(services: &Services) -> ProxyError {
    match check(services, DOMAIN).await {
        Err(ServiceError::Repository(RepositoryError::Proxy(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_authorities_that_conda_trusts_are_trusted_too() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(HERE, unchanged), system).await;
    let url = server.url();

    let home = Home::new();
    assert_eq!(
        refused(&home.services(), &url).await.reason,
        TlsReason::UnknownIssuer
    );
    assert_eq!(home.way(&url).trust, [TrustShown::OperatingSystem]);

    let ca = home.file("corp.pem", authority.pem());
    home.file("folder/0a1b2c3d.0", authority.pem());
    home.file("folder/README", "no certificate");
    let folder = home.folder.path().join("folder");
    for path in [&ca, &folder] {
        let condarc = home.file(".condarc", format!("ssl_verify: {}\n", path.display()));
        check(&home.services(), &url).await.unwrap();
        let way = home.way(&url);
        assert_eq!(
            way.trust[1].to_string(),
            format!(
                "1 authority in {}, set by ssl_verify in line 1 of {}",
                path.display(),
                condarc.display()
            )
        );
        assert!(way.warnings.is_empty(), "{way:?}");
    }
    for ordinary in ["truststore", "true"] {
        home.file(".condarc", format!("ssl_verify: {ordinary}\n"));
        refused(&home.services(), &url).await;
        assert!(home.warnings(&url).is_empty());
    }
    let value = ca.display().to_string();
    home.file(".condarc", "");
    for name in [
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_DIR",
        "CONDA_SSL_VERIFY",
    ] {
        let value = match name {
            "SSL_CERT_DIR" => format!("/nowhere:{}", folder.display()),
            _ => value.clone(),
        };
        let home = Home::new().variable(name, value);
        check(&home.services(), &url).await.unwrap();
        let trust = home.way(&url).trust;
        assert!(
            trust.iter().any(|shown| shown.to_string().ends_with(name)),
            "{trust:?}"
        );
    }
}

#[tokio::test]
async fn checks_stay_on_when_conda_has_switched_them_off() {
    let (_, config) = self_signed(HERE, unchanged);
    let server = ScriptedServer::start_tls(config, system).await;
    let home = Home::new();
    let condarc = home.file(".condarc", "channels: []\nssl_verify: false\n");
    let services = home.services();
    assert_eq!(
        refused(&services, &server.url()).await.reason,
        TlsReason::SelfSigned
    );
    assert_eq!(
        home.warnings(&server.url()),
        [format!(
            "conda does not check certificates (ssl_verify: false in line 2 of {}); Sextant does",
            condarc.display()
        )]
    );
    assert!(server.requests().is_empty());
}

#[test]
fn what_conda_and_the_environment_name_wrongly_is_told_and_left_out() {
    let home = Home::new();
    let empty = home.file("empty.pem", "nothing");
    for (value, part) in [
        ("/nowhere/ca.pem".to_owned(), "there is no such file or folder"),
        (
            empty.display().to_string(),
            "it holds no certificate of an authority",
        ),
        ("corp/ca.pem".to_owned(), "is not a whole path"),
    ] {
        home.file(
            ".condarc",
            format!("ssl_verify: {value}\nclient_ssl_cert: /nowhere/me.pem\n"),
        );
        let warnings = home.warnings(DOMAIN);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(
            warnings[0].contains(&value) && warnings[0].contains(part),
            "{warnings:?}"
        );
        assert!(
            warnings[1].contains("client_ssl_cert in line 2 of"),
            "{warnings:?}"
        );
    }
    let home = Home::new()
        .variable("SSL_CERT_FILE", "/nowhere/bundle.pem")
        .variable("REQUESTS_CA_BUNDLE", "/nowhere/requests.pem");
    home.file(".condarc", "ssl_verify: false\n");
    let warnings = home.warnings(DOMAIN).join("\n");
    for part in [
        "Sextant does",
        "conda obeys the environment variable REQUESTS_CA_BUNDLE instead of ssl_verify",
        "/nowhere/bundle.pem is not used as the environment variable SSL_CERT_FILE says",
        "/nowhere/requests.pem is not used",
    ] {
        assert!(warnings.contains(part), "{part}: {warnings}");
    }
}

#[tokio::test]
async fn trust_is_set_server_by_server() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(HERE, unchanged), system).await;
    let home = Home::new();
    let services = home.services();
    let here = of(&server.url());
    let ca_file = Some(home.file("corp.pem", authority.pem()));
    let trust = Trust {
        ca_file: ca_file.clone(),
        ..Trust::default()
    };
    services
        .set_trust(&of("https://127.0.0.1:1"), trust.clone())
        .unwrap();
    refused(&services, &server.url()).await;
    services.set_trust(&here, trust).unwrap();
    check(&services, &server.url()).await.unwrap();
    assert!(
        services.way_to(&here, None).unwrap().trust[1]
            .to_string()
            .ends_with("settings for this server")
    );

    // The pin holds at once, for the certificate that is shown and for no other.
    let (_, config) = self_signed(&["old.example.com"], expired);
    let odd = ScriptedServer::start_tls(config, system).await;
    let shown = refused(&services, &odd.url()).await.leaf().unwrap().fingerprint;
    let pinned = Trust {
        pinned_certificate: Some(shown),
        ..Trust::default()
    };
    services.set_trust(&of(&odd.url()), pinned.clone()).unwrap();
    check(&services, &odd.url()).await.unwrap();
    check(&home.services(), &odd.url()).await.unwrap();
    assert_eq!(
        services.way_to(&of(&odd.url()), None).unwrap().trust[0].to_string(),
        format!("only the pinned certificate {shown}")
    );
    let both = Trust { ca_file, ..pinned };
    services.set_trust(&here, both).unwrap();
    assert_eq!(
        refused(&services, &server.url()).await.reason,
        TlsReason::OtherThanPinned {
            pinned: shown,
            trusted_otherwise: true
        }
    );
    services.set_trust(&of(&odd.url()), Trust::default()).unwrap();
    refused(&services, &odd.url()).await;
}

#[tokio::test]
async fn a_file_that_is_set_in_sextant_must_be_right() {
    let home = Home::new();
    let services = home.services();
    let domain = of("https://127.0.0.1:1");
    let wrong = home.file("wrong.pem", "nothing");
    let client = |certificate: &PathBuf| Trust {
        client_certificate: Some(ClientFiles {
            certificate: certificate.clone(),
            key: None,
        }),
        ..Trust::default()
    };
    for (path, part) in [
        (&wrong, "wrong.pem: "),
        (&PathBuf::from("/nowhere.pem"), "no file /nowhere.pem"),
    ] {
        let ca = Trust {
            ca_file: Some(path.clone()),
            ..Trust::default()
        };
        for trust in [ca, client(path)] {
            services.set_trust(&domain, trust).unwrap();
            let error = check(&services, domain.as_str()).await.unwrap_err();
            let problem = error.explain();
            assert!(problem.message.contains(part), "{problem:?}");
            assert!(problem.remedy.is_some());
        }
    }
    let damaged = home.folder.path().join(".config/sextant/trust.toml");
    fs::write(&damaged, "[server.\"https://127.0.0.1:1\"]\nverify = false\n").unwrap();
    let error = check(&services, domain.as_str()).await.unwrap_err();
    assert!(
        matches!(&error, ServiceError::DamagedTrust { reason, .. } if reason.starts_with("line 2: unknown field")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_client_certificate_comes_from_sextant_or_from_conda() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server_for_members(HERE, &[&TLS13]), system).await;
    let home = Home::new();
    let ca = home.file("corp.pem", authority.pem());
    let (certificate, key) = authority.client("Alice");
    let both = home.file("both.pem", format!("{certificate}{key}"));
    let certificate = home.file("me.pem", certificate);
    let key = home.file("me.key", key);

    let condarc = format!("ssl_verify: {}\n", ca.display());
    home.file(".condarc", &condarc);
    let failed = refused(&home.services(), &server.url()).await;
    assert_eq!(failed.reason, TlsReason::WantsClientCertificate);
    for more in [
        format!("client_ssl_cert: {}\n", both.display()),
        format!(
            "client_ssl_cert: {}\nclient_ssl_cert_key: {}\n",
            certificate.display(),
            key.display()
        ),
    ] {
        home.file(".condarc", format!("{condarc}{more}"));
        check(&home.services(), &server.url()).await.unwrap();
    }
    let shown = home.way(&server.url()).client_certificate.unwrap();
    assert_eq!(
        (shown.subject.as_str(), shown.path),
        ("CN=Alice", certificate.clone())
    );
    assert!(shown.source.starts_with("client_ssl_cert in line 2 of "));

    home.file(".condarc", &condarc);
    let services = home.services();
    let trust = Trust {
        client_certificate: Some(ClientFiles {
            certificate,
            key: Some(key),
        }),
        ..Trust::default()
    };
    services.set_trust(&of(&server.url()), trust).unwrap();
    check(&services, &server.url()).await.unwrap();
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
