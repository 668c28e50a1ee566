//! The way through a proxy: which login goes there, and what is said when it does not let us through.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/connect_proxy.rs"]
mod connect_proxy;
#[path = "support/domain_check.rs"]
mod domain_check;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::sync::{Arc, Mutex};

use certificates::{Authority, expired, unchanged};
use connect_proxy::{LOGIN, guarded, logins, open, wanting};
use domain_check::{check, failure, system, trusting};
use scripted_server::{Received, Reply, ScriptedServer};
use sextant::error::{Explain, Kind};
use sextant::repository::{
    Domain, Found, HttpClient, HttpSettings, Outcome, Pin, ProxyCredentials, ProxyError, ProxyLogin,
    ProxySettings, RepositoryError, ServerClient, TlsReason,
};
use sextant::secret::{Secret, Token};

const DOMAIN: &str = "https://repo.example.com:8443";
const TARGET: &str = "repo.example.com:8443";

fn token() -> Token {
    Token::parse("46e98d3d").unwrap()
}

fn client(domain: &str, settings: &HttpSettings) -> ServerClient {
    ServerClient::new(HttpClient::new(settings).unwrap(), Domain::parse(domain).unwrap())
}

fn through(variables: &[(&str, &str)]) -> ProxySettings {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    ProxySettings::environment(variables.iter().map(owned))
}

fn login(proxy: &ScriptedServer, password: &str) -> Option<ProxyCredentials> {
    Some(ProxyCredentials {
        proxy: proxy.address.to_string(),
        login: ProxyLogin {
            user: "al".into(),
            password: Secret::new(password),
        },
    })
}

#[tokio::test]
async fn plain_requests_go_to_the_proxy_with_the_login_in_its_address() {
    let seen: Arc<Mutex<Vec<Received>>> = Arc::default();
    let kept = seen.clone();
    let proxy = ScriptedServer::start(move |request| {
        kept.lock().unwrap().push(request.clone());
        if request.header("proxy-authorization").is_none() {
            return Reply::Header(407, "Proxy-Authenticate", "Basic".into());
        }
        Reply::Json(200, r#"{"username":"john"}"#.into())
    })
    .await;
    let settings = |address: &str| HttpSettings {
        proxy: through(&[("http_proxy", address)]),
        ..HttpSettings::default()
    };
    let with_password = settings(&format!("http://al:canary%21@{}", proxy.address));
    let account = client("http://repo.example.com", &with_password)
        .account(&token())
        .await;
    assert_eq!(account.unwrap().username, "john");
    let first = seen.lock().unwrap()[0].clone();
    assert_eq!(first.target, "http://repo.example.com/api/account");
    assert_eq!(first.header("proxy-authorization"), Some(LOGIN));

    let error = client("http://repo.example.com", &settings(&proxy.url()))
        .account(&token())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the proxy {} wants a user name and a password", proxy.url())
    );

    // The loopback never goes through a proxy.
    let server = ScriptedServer::start(|_| Reply::Json(200, r#"{"username":"john"}"#.into())).await;
    let account = client(&server.url(), &with_password).account(&token()).await;
    assert_eq!(account.unwrap().username, "john");
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_and_not_sent_again() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(&["repo.example.com"], unchanged), system).await;
    let proxy = guarded(&[(TARGET, server.address)]).await;
    let settings = |credentials: Option<ProxyCredentials>| HttpSettings {
        proxy: ProxySettings {
            credentials,
            ..through(&[("https_proxy", &proxy.url())])
        },
        ..trusting(&authority.pem())
    };
    let wanted = || RepositoryError::from(ProxyError::AuthRequired { proxy: proxy.url() });
    let wrong = || RepositoryError::from(ProxyError::WrongPassword { proxy: proxy.url() });

    // Nobody gave one: the check says it as every later call does.
    assert_eq!(failure(DOMAIN, &settings(None)).await, wanted());
    let error = client(DOMAIN, &settings(None))
        .account(&token())
        .await
        .unwrap_err();
    assert_eq!(error, wanted());
    assert_eq!(error.explain().kind, Kind::Auth);
    assert!(logins(&proxy).iter().all(Option::is_none));

    let mistaken = client(DOMAIN, &settings(login(&proxy, "canary?")));
    let error = mistaken.account(&token()).await.unwrap_err();
    assert_eq!(error, wrong());
    let RepositoryError::Proxy(error) = error else {
        panic!()
    };
    assert_eq!(error.asks_for_credentials(), Some(proxy.url().as_str()));
    assert!(!format!("{error:?} {:?} {mistaken:?}", error.explain()).contains("canary"));
    assert_eq!(mistaken.account(&token()).await.unwrap_err(), wanted());
    let sent = || logins(&proxy).into_iter().flatten().count();
    assert_eq!(sent(), 1);
    assert_eq!(
        failure(DOMAIN, &settings(login(&proxy, "canary?"))).await,
        wrong()
    );
    assert_eq!(sent(), 2);

    let (result, _) = check(DOMAIN, &settings(login(&proxy, "canary!"))).await;
    result.unwrap();
    assert!(server.requests().len() == 1 && logins(&proxy).last().unwrap().as_deref() == Some(LOGIN));
    // A login for another proxy stays where it is.
    let mut other = login(&proxy, "canary!");
    other.as_mut().unwrap().proxy = "other.example.com:3128".into();
    assert_eq!(failure(DOMAIN, &settings(other)).await, wanted());
}

#[tokio::test]
async fn a_proxy_that_wants_what_sextant_cannot_do_is_told_plainly() {
    let both = "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n";
    for (offers, expected) in [
        (both, Some("Negotiate or NTLM")),
        (
            "proxy-authenticate: Digest realm=\"x\", nonce=\"q\"\r\n",
            Some("Digest"),
        ),
        ("Proxy-Authenticate: Negotiate, NTLM, Basic realm=\"x\"\r\n", None),
        // One that does not say what it wants will take what everybody takes.
        ("", None),
    ] {
        let proxy = wanting(&[], Some(LOGIN), offers).await;
        let settings = HttpSettings {
            proxy: ProxySettings {
                credentials: login(&proxy, "canary?"),
                ..through(&[("all_proxy", &proxy.url())])
            },
            ..HttpSettings::default()
        };
        let errors = [
            failure(DOMAIN, &settings).await,
            client(DOMAIN, &settings).account(&token()).await.unwrap_err(),
            client("http://repo.example.com", &settings)
                .account(&token())
                .await
                .unwrap_err(),
        ];
        for error in errors {
            let problem = error.explain();
            match expected {
                Some(ways) => {
                    let message = format!(
                        "the proxy {} wants a sign-in by {ways}, which Sextant cannot do",
                        proxy.url()
                    );
                    assert_eq!(problem.message, message);
                    assert!(problem.remedy.unwrap().contains("NO_PROXY"));
                }
                None => assert_eq!(error, ProxyError::WrongPassword { proxy: proxy.url() }.into()),
            }
        }
    }
}

#[tokio::test]
async fn a_proxy_that_inspects_the_connection_is_recognised() {
    // It ends the connection itself and shows a certificate of its own authority.
    let inspection = Authority::named("Example Corp TLS Inspection");
    let inspecting =
        ScriptedServer::start_tls(inspection.server(&["repo.example.com"], unchanged), system).await;
    let proxy = open(&[(TARGET, inspecting.address)]).await;
    let proxied = |settings: HttpSettings| HttpSettings {
        proxy: through(&[("https_proxy", &proxy.url())]),
        ..settings
    };
    let settings = proxied(HttpSettings::default());
    let error = failure(DOMAIN, &settings).await;
    let RepositoryError::Tls(failed) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(failed.reason, TlsReason::UnknownIssuer);
    assert!(failed.may_be_inspected());
    assert_eq!(
        failed.leaf().unwrap().issuer_name(),
        "Example Corp TLS Inspection"
    );
    let problem = error.explain();
    let cause = problem.cause.unwrap();
    assert!(
        cause.contains("A proxy of your organisation may inspect the connection"),
        "{cause}"
    );
    assert!(cause.contains(&proxy.url()), "{cause}");
    let remedy = problem.remedy.unwrap();
    assert!(
        remedy.contains("CA file") && remedy.contains("trust store"),
        "{remedy}"
    );
    // Later calls say the same, and nothing was sent to whoever sits in between.
    let later = client(DOMAIN, &settings).account(&token()).await.unwrap_err();
    assert_eq!(later, error);
    assert!(inspecting.requests().is_empty());

    // With its authority in the CA file, the way is open.
    let (result, _) = check(DOMAIN, &proxied(trusting(&inspection.pem()))).await;
    result.unwrap();
}

#[tokio::test]
async fn a_wrong_clock_shows_against_that_of_the_server() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(&["repo.example.com"], expired), system).await;
    for (date, explains) in [
        ("Sat, 01 Jun 2019 10:00:00 GMT", true),
        ("Mon, 01 Jun 2026 10:00:00 GMT", false),
        ("yesterday", false),
    ] {
        let target = server.address;
        let proxy = ScriptedServer::start(move |request| match request.method.as_str() {
            "CONNECT" => Reply::Tunnel(target),
            _ => Reply::Header(301, "Date", date.into()),
        })
        .await;
        let settings = HttpSettings {
            proxy: through(&[("all_proxy", &proxy.url())]),
            ..trusting(&authority.pem())
        };
        let errors = [
            failure(DOMAIN, &settings).await,
            client(DOMAIN, &settings).account(&token()).await.unwrap_err(),
        ];
        for error in errors {
            let RepositoryError::Tls(failed) = &error else {
                panic!("{error:?}")
            };
            assert_eq!(failed.reason, TlsReason::Expired);
            let cause = error.explain().cause.unwrap();
            assert_eq!(
                cause.starts_with("The clock of this computer is wrong"),
                explains,
                "{cause}"
            );
            assert_eq!(
                cause.contains("the server says 2019-06-01 10:00 UTC"),
                explains,
                "{cause}"
            );
        }
        // It was asked for the time and nothing else.
        let question = proxy
            .requests()
            .into_iter()
            .find(|r| r.method != "CONNECT")
            .unwrap();
        assert_eq!(
            (question.method.as_str(), question.target.as_str()),
            ("HEAD", "http://repo.example.com/")
        );
        assert_eq!(question.header("x-auth"), None);
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_proxy_behind_tls_is_trusted_as_every_server_but_not_by_the_pin() {
    let authority = Authority::new();
    let server = ScriptedServer::start_tls(authority.server(&["repo.example.com"], unchanged), system).await;
    let target = server.address;
    let proxy = ScriptedServer::start_tls(authority.server(&["localhost"], unchanged), move |_| {
        Reply::Tunnel(target)
    })
    .await;
    let address = format!("https://localhost:{}", proxy.address.port());
    let trusting_both = HttpSettings {
        proxy: through(&[("https_proxy", &address)]),
        ..trusting(&authority.pem())
    };
    let (result, steps) = check(DOMAIN, &trusting_both).await;
    result.unwrap();
    let leaf = steps.iter().find_map(|step| match &step.outcome {
        Outcome::Done {
            found: Found::Tls(facts),
            ..
        } => facts.certificate.clone(),
        _ => None,
    });
    let pinned = HttpSettings {
        pin: Some(Pin::new("repo.example.com", leaf.unwrap().fingerprint)),
        ..trusting_both
    };
    let (result, _) = check(DOMAIN, &pinned).await;
    result.unwrap();
    let stranger = HttpSettings {
        proxy: pinned.proxy.clone(),
        ..HttpSettings::default()
    };
    let error = failure(DOMAIN, &stranger).await;
    assert!(
        matches!(&error, RepositoryError::Tls(failed) if failed.host == "localhost"),
        "{error:?}"
    );
}
