//! Signing in to an Anaconda Server, its tokens and its channels, over real connections on the loopback.

#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::time::Duration;

use jiff::civil::date;
use scripted_server::{Received, Reply, ScriptedServer};
use sextant::error::{Explain, Kind};
use sextant::repository::{
    Domain, HttpClient, HttpSettings, NewToken, Privacy, READ_SCOPES, RepositoryError, Revocation,
    ServerClient, Session, Timeouts, Wait,
};
use sextant::secret::{Secret, Token};

const PASSWORD: &str = "canary-pässword \"1\"";
const JWT: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE2MTc0MDIxNzUsIm4iOiJjYW5hcnkifQ.c2ln";
const REFRESH: &str = "canary-refresh";
const TOKEN: &str = "46e98d3dbf2378bb26e2107867652ee734eb098ea5b96f35";

fn client(domain: &str) -> ServerClient {
    with_settings(domain, HttpSettings::default())
}

fn with_settings(domain: &str, settings: HttpSettings) -> ServerClient {
    ServerClient::new(
        HttpClient::new(&settings).unwrap(),
        Domain::parse(domain).unwrap(),
    )
}

fn impatient() -> HttpSettings {
    let soon = Duration::from_millis(100);
    HttpSettings {
        timeouts: Timeouts {
            connect: soon,
            read: soon,
            total: soon,
        },
        ..HttpSettings::default()
    }
}

fn session() -> Session {
    Session::new("alice", Secret::new(JWT), Some(Secret::new(REFRESH)))
}

fn token() -> Token {
    Token::parse(TOKEN).unwrap()
}

fn json(body: impl Into<String>) -> Reply {
    Reply::Json(200, body.into())
}

fn new_token() -> NewToken {
    NewToken {
        name: "sextant-test".into(),
        expires_on: date(2027, 11, 23),
        scopes: READ_SCOPES.map(str::to_owned).to_vec(),
    }
}

fn shown(error: &RepositoryError) -> String {
    format!("{error} {error:?} {:?}", error.explain())
}

/// The answers that a real server gave (server reference, section 9).
fn recorded(request: &Received) -> Reply {
    match (request.method.as_str(), request.path()) {
        ("POST", "/api/auth/login") => json(format!(r#"{{"token":"{JWT}","refresh_token":"{REFRESH}"}}"#)),
        ("GET", "/api/account") => json(
            r#"{"user_id":"0f3d9c1e-0000-4000-8000-000000000000","username":"john","roles":["author"],"default_channel_name":"john","dbroles":["author"]}"#,
        ),
        ("GET", "/api/account/scopes") => {
            json(r#"{"scopes":["channel:create","channel:view","artifact:download"]}"#)
        }
        ("GET", "/api/account/tokens") => json(
            r#"{"items":[{"id":"37233609-9ca2-4fde-b75f-9c6b4de86d89","name":"repo-cli-token-host","metadata":null,"type":"scope","created_at":"2021-04-02T12:22:55.244876+00:00","expires_at":"2021-05-02T00:00:00+00:00","scopes":["channel:view"]},{"name":"without id"}]}"#,
        ),
        ("POST", "/api/account/tokens") => json(format!(
            r#"{{"id":"37233609-9ca2-4fde-b75f-9c6b4de86d89","token":"{TOKEN}","expires_at":"2027-11-23"}}"#
        )),
        ("GET", "/api/account/token-info") => json(r#"{"expires_at":"2021-05-02T00:00:00+00:00"}"#),
        ("DELETE", "/api/account/tokens/here") => Reply::Raw(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        ("DELETE", "/api/account/tokens/here-200") => json("{}"),
        ("DELETE", "/api/account/tokens/page") => Reply::Html(200, "<html>please sign in</html>"),
        ("GET", "/api/account/channels" | "/api/channels") => json(
            r#"{"total_count":3,"items":[{"id":"0f3d9c1e-0000-4000-8000-000000000001","name":"main","description":"","privacy":"public","artifact_count":0,"download_count":0,"subchannel_count":0,"group_count":1,"mirror_count":0,"filters":{},"owners":["john"],"created":"2021-04-02T12:22:55.112819+00:00","updated":null},{"name":"stage","parent":"main","privacy":"authenticated","artifact_count":12,"mirror_count":2,"owners":["john",null]},{"name":"john","privacy":"private","owners":null}]}"#,
        ),
        _ => Reply::Json(404, r#"{"code":"not_found","message":"no such thing"}"#.into()),
    }
}

#[tokio::test]
async fn the_recorded_answers_of_a_real_server_are_understood() {
    let server = ScriptedServer::start(recorded).await;
    let client = client(&server.url());
    let session = client
        .log_in("Alice.B@Example.com", &Secret::new(PASSWORD))
        .await
        .unwrap();
    assert_eq!(session.username(), "Alice.B@Example.com");
    assert_eq!(session.expires_at().unwrap().to_string(), "2021-04-02T22:22:55Z");

    let account = client.account(&session).await.unwrap();
    assert_eq!(
        (account.username.as_str(), account.default_channel.as_deref()),
        ("john", Some("john"))
    );
    assert_eq!(
        client.read_scopes(&session).await,
        ["channel:view", "artifact:download"]
    );
    let tokens = client.tokens(&session).await.unwrap();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].expires_at.unwrap().to_string(), "2021-05-02T00:00:00Z");
    let made = client.create_token(&session, &new_token()).await.unwrap();
    assert_eq!(
        (made.token.expose(), made.expires_at.unwrap().to_string()),
        (TOKEN, "2027-11-23T00:00:00Z".into())
    );
    assert_eq!(
        client.token_end(&made.token).await.unwrap().unwrap().as_second(),
        1_619_913_600
    );

    assert_eq!(
        client.delete_token(&session, "here").await.unwrap(),
        Revocation::Revoked
    );
    assert_eq!(
        client.delete_token(&session, "here-200").await.unwrap(),
        Revocation::Revoked
    );
    assert_eq!(
        client.delete_token(&session, "unknown").await.unwrap(),
        Revocation::AlreadyGone
    );
    let page = client.delete_token(&session, "page").await.unwrap_err();
    assert_eq!(page.explain().kind, Kind::NotAServer, "{page}");
    assert!(client.delete_token(&session, "..").await.is_err());

    let channels = client.channels(&session, |_| ()).await.unwrap();
    let paths: Vec<String> = channels.iter().map(sextant::repository::Channel::path).collect();
    assert_eq!(paths, ["john", "main", "main/stage"]);
    assert_eq!(
        (&channels[2].privacy, channels[2].mirror),
        (&Privacy::Authenticated, true)
    );
    assert_eq!(
        (channels[2].owners.as_slice(), channels[2].artifact_count),
        (["john".to_owned()].as_slice(), Some(12))
    );

    let requests = server.requests();
    let login: serde_json::Value = serde_json::from_str(&requests[0].body).unwrap();
    assert_eq!(
        login,
        serde_json::json!({"username": "Alice.B@Example.com", "password": PASSWORD})
    );
    let creation = requests
        .iter()
        .find(|r| r.method == "POST" && r.path() == "/api/account/tokens")
        .unwrap();
    let body: serde_json::Value = serde_json::from_str(&creation.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"name": "sextant-test", "expires_at": "2027-11-23", "scopes": READ_SCOPES})
    );
    assert!(requests.iter().all(|r| {
        r.header("user-agent")
            .is_some_and(|agent| agent.starts_with("sextant/"))
    }));
}

#[tokio::test]
async fn each_access_goes_by_its_own_carriers() {
    let server = ScriptedServer::start(recorded).await;
    let client = client(&server.url());
    client.account(&session()).await.unwrap();
    client.account(&token()).await.unwrap();
    let requests = server.requests();
    assert_eq!(
        requests[0].header("authorization"),
        Some(format!("Bearer {JWT}").as_str())
    );
    assert_eq!(
        requests[0].header("cookie"),
        Some(
            format!("token={JWT}; jwt_token={JWT}; refresh_token={REFRESH}; jwt_token_refresh={REFRESH}")
                .as_str()
        )
    );
    assert_eq!(requests[0].header("x-auth"), None);
    assert_eq!(requests[1].header("x-auth"), Some(TOKEN));
    assert_eq!(
        (requests[1].header("authorization"), requests[1].header("cookie")),
        (None, None)
    );
}

#[tokio::test]
async fn a_refusal_is_named_by_what_was_sent() {
    let answering = |status: u16| {
        ScriptedServer::start(move |_| Reply::Json(status, r#"{"code":"c","message":"because"}"#.into()))
    };
    let server = answering(401).await;
    let here = client(&server.url());
    let domain = here.domain().to_string();
    assert_eq!(
        here.log_in("al", &Secret::new(PASSWORD)).await.unwrap_err(),
        RepositoryError::WrongPassword {
            domain: domain.clone()
        }
    );
    assert_eq!(
        here.account(&session()).await.unwrap_err(),
        RepositoryError::SessionExpired {
            domain: domain.clone()
        }
    );
    assert_eq!(
        here.token_end(&token()).await.unwrap_err(),
        RepositoryError::TokenNotAccepted { domain }
    );
    for (status, kind) in [
        (400, Kind::Conflict),
        (403, Kind::Forbidden),
        (404, Kind::NotAServer),
        (409, Kind::Conflict),
        (429, Kind::Conflict),
        (500, Kind::Network),
        (503, Kind::Network),
    ] {
        let server = answering(status).await;
        let error = client(&server.url())
            .create_token(&session(), &new_token())
            .await
            .unwrap_err();
        let problem = error.explain();
        assert_eq!(problem.kind, kind, "{status}");
        assert!(problem.remedy.is_some());
        if status != 404 {
            assert_eq!(
                problem.cause.as_deref(),
                Some("The server said: because"),
                "{status}"
            );
        }
        if status == 503 {
            assert_eq!(
                problem.message,
                "the server answered 503 to the request to make a token"
            );
        }
    }
}

#[tokio::test]
async fn scopes_are_the_usual_ones_when_the_server_does_not_tell() {
    for body in [r#"{"scopes":["something:else"]}"#, "[]", "<html>"] {
        let server = ScriptedServer::start(move |_| json(body)).await;
        assert_eq!(
            client(&server.url()).read_scopes(&session()).await,
            READ_SCOPES,
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_answer_of_another_shape_names_what_was_expected() {
    let account = async |body: &'static str| {
        let server = ScriptedServer::start(move |_| json(body)).await;
        client(&server.url()).account(&session()).await.unwrap_err()
    };
    let error = account("<html>\u{1b}[2J no json").await;
    assert!(
        matches!(
            &error,
            RepositoryError::NotJson {
                expected: "an account",
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(
        error.explain().cause.as_deref(),
        Some("The answer began with: <html> [2J no json")
    );
    assert!(matches!(account("").await, RepositoryError::NotJson { excerpt, .. } if excerpt.is_empty()));
    for body in ["{}", "[]", "null", r#"{"username":null}"#, r#"{"username":""}"#] {
        let error = account(body).await;
        assert!(
            matches!(
                &error,
                RepositoryError::MissingField {
                    field: "username",
                    ..
                }
            ),
            "{body}: {error:?}"
        );
    }
    let login = async |body: &'static str| {
        let server = ScriptedServer::start(move |_| json(body)).await;
        client(&server.url()).log_in("al", &Secret::new(PASSWORD)).await
    };
    assert!(
        login(r#"{"token":"only"}"#)
            .await
            .unwrap()
            .refresh_token()
            .is_none()
    );
    let error = login(r#"{"refresh_token":"x"}"#).await.unwrap_err();
    assert!(
        matches!(error, RepositoryError::MissingField { field: "token", .. }),
        "{error:?}"
    );
    // A session or a token that was just made is in an answer before we know it.
    for body in [r#"{"token":"canary"#, r#"["canary"]"#] {
        let shown = shown(&login(body).await.unwrap_err());
        assert!(!shown.contains("canary"), "{shown}");
    }
    let server = ScriptedServer::start(|_| json(r#"{"id":7,"token":"canary_with_underscore"}"#)).await;
    let error = client(&server.url())
        .create_token(&session(), &new_token())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, RepositoryError::UnusableToken { id, .. } if id == "7"),
        "{error:?}"
    );
    assert!(!shown(&error).contains("canary"));
}

#[tokio::test]
async fn a_redirect_is_told_and_no_secret_follows_it() {
    let other = ScriptedServer::start(|_| json("{}")).await;
    let elsewhere = other.url();
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{elsewhere}/login?code=canary-code&next={JWT}");
        let server =
            ScriptedServer::start(move |_| Reply::Header(status, "Location", location.clone())).await;
        let here = client(&server.url());
        let errors = [
            here.log_in("al", &Secret::new(PASSWORD)).await.unwrap_err(),
            here.account(&session()).await.unwrap_err(),
            here.account(&token()).await.unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(&error, RepositoryError::Redirected { to, .. } if *to == format!("{elsewhere}/login")),
                "{error:?}"
            );
            assert!(!shown(&error).contains("canary"), "{error:?}");
        }
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn no_answer_is_read_beyond_its_limit() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{".to_vec();
    let server = ScriptedServer::start(move |_| Reply::Raw(announced.clone())).await;
    let error = client(&server.url()).account(&session()).await.unwrap_err();
    assert!(
        matches!(error, RepositoryError::TooLarge { limit: 1_048_576, .. }),
        "{error:?}"
    );

    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let server = ScriptedServer::start(move |_| Reply::Endless(head, vec![b' '; 65_536])).await;
    let error = client(&server.url()).account(&session()).await.unwrap_err();
    assert!(matches!(error, RepositoryError::TooLarge { .. }), "{error:?}");
    server.abandoned.notified().await;
}

#[tokio::test]
async fn a_broken_connection_is_told_from_silence_and_refusal() {
    for bytes in [
        b"".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Le".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"user".to_vec(),
        b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
        vec![0, 159, 146, 150, 13, 10, 13, 10],
    ] {
        let sent = bytes.clone();
        let server = ScriptedServer::start(move |_| Reply::Raw(sent.clone())).await;
        let error = client(&server.url()).account(&session()).await.unwrap_err();
        assert!(
            matches!(error, RepositoryError::BrokenOff { .. }),
            "{bytes:?}: {error:?}"
        );
    }
    let mute = ScriptedServer::start_mute().await;
    let error = with_settings(&mute.url(), impatient())
        .account(&session())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            RepositoryError::TimedOut {
                wait: Wait::Answer,
                ..
            }
        ),
        "{error:?}"
    );

    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = client(&format!("http://{closed}"))
        .account(&session())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, RepositoryError::Refused { address } if address.contains(&closed.to_string())),
        "{error:?}"
    );
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection() {
    let server = ScriptedServer::start_mute().await;
    let client = client(&server.url());
    let call = tokio::spawn(async move { client.channels(&session(), |_| ()).await });
    server.accepted.notified().await;
    call.abort();
    server.abandoned.notified().await;
    assert!(call.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_server_that_repeats_our_secrets_does_not_make_us_show_them() {
    // Everything that came in goes back, in the shapes an error may have.
    let echo = |request: &Received| {
        let all = format!("{} {:?}", request.body, request.headers);
        let raw: String = request
            .headers
            .iter()
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        (all, raw)
    };
    let shapes: [fn(String, String) -> Reply; 5] = [
        |all, _| Reply::Json(500, serde_json::json!({ "message": all }).to_string()),
        |_, raw| Reply::Json(403, serde_json::json!({ "error": raw }).to_string()),
        |all, _| Reply::Json(200, all),
        |_, raw| Reply::Json(200, raw),
        |all, _| Reply::Json(200, serde_json::json!({ all: 1 }).to_string()),
    ];
    for shape in shapes {
        let server = ScriptedServer::start(move |request| {
            let (all, raw) = echo(request);
            shape(all, raw)
        })
        .await;
        let here = client(&server.url());
        let errors = [
            here.log_in("al", &Secret::new(PASSWORD)).await.unwrap_err(),
            here.account(&session()).await.unwrap_err(),
            here.account(&token()).await.unwrap_err(),
            here.create_token(&session(), &new_token()).await.unwrap_err(),
            here.channels(&token(), |_| ()).await.unwrap_err(),
        ];
        for error in errors {
            let shown = shown(&error);
            for secret in ["canary", "eyJ", TOKEN] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }
}
