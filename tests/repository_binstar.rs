//! Signing in to an Anaconda Repository, its tokens and accounts, over real connections on the loopback.

#[path = "support/repository.rs"]
mod common;
#[path = "support/scripted_server.rs"]
mod scripted_server;

use std::time::Duration;

use common::{TOKEN, client, new_token, token, with_header};
use scripted_server::{Received, Reply, ScriptedServer};
use serde_json::json;
use sextant::error::{Explain, Kind};
use sextant::repository::{
    AuthenticationType, Extent, Leftover, NameTaken, NewBinstarToken, Proof, RepositoryError, Revocation,
    ServerWarning, Strength, UserKind,
};
use sextant::secret::Secret;

const PASSWORD: &str = "canary-pässword: 1";

fn password() -> Secret {
    Secret::new(PASSWORD)
}

fn basic(password: &Secret) -> Proof<'_> {
    Proof::Basic {
        username: "jsmith",
        password,
    }
}

fn json(body: impl Into<String>) -> Reply {
    Reply::Json(200, body.into())
}

fn created() -> Reply {
    json(format!(r#"{{"token":"{TOKEN}"}}"#))
}

fn shown(error: &RepositoryError) -> String {
    let shown = format!("{error} {error:?} {:?}", error.explain());
    assert!(!shown.contains("canary") && !shown.contains(TOKEN), "{shown}");
    shown
}

/// Answers in the form that the clients read them in (repository reference, sections 1.2 and 1.3).
fn repository(request: &Received) -> Reply {
    match (request.method.as_str(), request.path()) {
        ("HEAD", "/api") => Reply::Header(200, "X", "y".into()),
        ("GET", "/api/authentication-type") => json(r#"{"authentication_type":"password"}"#),
        ("POST", "/api/authentications") => created(),
        ("GET", "/api/authentications") => json(
            r#"[{"id":"5f","application":"binstar_client:jsmith@vm","remote_addr":"10.0.0.7","hostname":"vm","expires":"2027-11-23T10:00:00+00:00","scopes":["repos","conda:download"]},
                {"id":7,"application":"forever","remote_addr":null,"hostname":null,"expires":null,"scopes":[]},
                {"scopes":[]}]"#,
        ),
        ("GET", "/api/authentication") => json(r#"{"application":"binstar_client:jsmith@vm","id":"5f"}"#),
        ("DELETE", "/api/authentications") => Reply::Json(201, String::new()),
        ("DELETE", "/api/authentications/name/my%20laptop") => Reply::Html(201, "done"),
        ("DELETE", "/api/authentications/org/team/name/ci%2Fcd") => Reply::Json(201, "{}".into()),
        ("DELETE", "/api/authentications/name/page") => Reply::Html(200, "<html>please sign in</html>"),
        ("GET", "/api/scopes") => json(
            r#"{"repos":"Allow access to all package repositories","all":"Allow all operations","api:read":null}"#,
        ),
        ("GET", "/api/user") => json(
            r#"{"login":"jsmith","name":"Jo Smith","user_type":"user","created_at":"2015-04-02 12:22:55.244876+00:00","company":""}"#,
        ),
        ("GET", "/api/user/orgs") => {
            json(r#"[{"login":"team","name":"The team"},{"login":"other"},{"name":"?"}]"#)
        }
        _ => Reply::Json(404, r#"{"error":"no such thing"}"#.into()),
    }
}

#[tokio::test]
async fn every_call_is_understood() {
    let server = ScriptedServer::start(repository).await;
    let (client, password, token) = (client(&server), password(), token());
    assert_eq!(
        client.check().await.unwrap().authentication,
        AuthenticationType::Password
    );
    assert_eq!(
        client.authentication_type().await.unwrap(),
        AuthenticationType::Password
    );
    let made = client.create_token(basic(&password), &new_token()).await.unwrap();
    assert_eq!(made.expose(), TOKEN);

    let tokens = client.tokens(&token).await.unwrap();
    assert_eq!(tokens.len(), 2);
    assert_eq!(
        (tokens[0].id.as_str(), tokens[0].name.as_str()),
        ("5f", "binstar_client:jsmith@vm")
    );
    assert_eq!(tokens[0].expires_at.unwrap().to_string(), "2027-11-23T10:00:00Z");
    assert_eq!(
        (tokens[0].hostname.as_deref(), tokens[0].remote_address.as_deref()),
        (Some("vm"), Some("10.0.0.7"))
    );
    assert_eq!(tokens[0].scopes, ["repos", "conda:download"]);
    assert_eq!((tokens[1].id.as_str(), tokens[1].expires_at), ("7", None));
    assert_eq!(
        client.current_token(&token).await.unwrap().name,
        "binstar_client:jsmith@vm"
    );

    let user = client.user(&token).await.unwrap();
    assert_eq!(
        (user.login.as_str(), user.name.as_deref(), user.kind),
        ("jsmith", Some("Jo Smith"), UserKind::Person)
    );
    assert_eq!(
        user.created_at.unwrap().to_string(),
        "2015-04-02T12:22:55.244876Z"
    );
    let organizations = client.organizations(&token).await.unwrap();
    let logins: Vec<_> = organizations
        .iter()
        .map(|organization| organization.login.as_str())
        .collect();
    assert_eq!(logins, ["team", "other"]);

    // In the server's order, a description or not.
    let scopes: Vec<_> = client
        .scopes()
        .await
        .unwrap()
        .into_iter()
        .map(|scope| (scope.name, scope.description))
        .collect();
    let expected = [
        ("repos", "Allow access to all package repositories"),
        ("all", "Allow all operations"),
        ("api:read", ""),
    ];
    assert_eq!(
        scopes,
        expected.map(|(name, description)| (name.to_owned(), description.to_owned()))
    );

    assert_eq!(client.revoke_current(&token).await.unwrap(), Revocation::Revoked);
    let by_name = async |name, organization| client.revoke_by_name(&token, name, organization).await;
    assert_eq!(by_name("my laptop", None).await.unwrap(), Revocation::Revoked);
    assert_eq!(by_name("ci/cd", Some("team")).await.unwrap(), Revocation::Revoked);
    assert_eq!(by_name("unknown", None).await.unwrap(), Revocation::AlreadyGone);
    assert_eq!(
        by_name("page", None).await.unwrap_err().explain().kind,
        Kind::NotAServer
    );

    // A name that would mean another address is never sent.
    let before = server.requests().len();
    for name in ["", ".", ".."] {
        assert_eq!(
            by_name(name, None).await.unwrap_err().explain().kind,
            Kind::Internal
        );
        assert_eq!(
            by_name("x", Some(name)).await.unwrap_err().explain().kind,
            Kind::Internal
        );
        let new = NewBinstarToken {
            name: name.into(),
            ..new_token()
        };
        assert!(client.create_token(basic(&password), &new).await.is_err());
    }
    assert_eq!(server.requests().len(), before);
}

/// The two bodies that both anaconda-clients were seen to send (repository reference, section 1.2, A3).
#[tokio::test]
async fn a_token_is_asked_for_as_the_known_clients_ask() {
    let server = ScriptedServer::start(repository).await;
    let (client, password) = (client(&server), password());
    client.create_token(basic(&password), &new_token()).await.unwrap();
    let narrow = NewBinstarToken {
        name: "ci".into(),
        extent: Extent::Scopes(vec!["repos".into(), "conda:download".into()]),
        organization: Some("myorg".into()),
        lifetime: Some(Duration::from_secs(3600)),
        strength: Strength::Weak,
        if_name_taken: NameTaken::Proceed,
        ..new_token()
    };
    client.create_token(basic(&password), &narrow).await.unwrap();
    let note_url = format!("{}/api", server.url());
    let bodies: Vec<String> = server
        .requests()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(
        bodies,
        [
            format!(
                r#"{{"scopes":null,"note":"binstar_client:jsmith@vm","note_url":"{note_url}","hostname":"vm","user":null,"max-age":null,"strength":"strong","fail-if-exists":true}}"#
            ),
            format!(
                r#"{{"scopes":["repos","conda:download"],"note":"ci","note_url":"{note_url}","hostname":"vm","user":"myorg","max-age":3600,"strength":"weak","fail-if-exists":false}}"#
            ),
        ]
    );
    // No scope would be every scope.
    let none = NewBinstarToken {
        extent: Extent::Scopes(vec![]),
        ..new_token()
    };
    let error = client.create_token(basic(&password), &none).await.unwrap_err();
    assert_eq!(error.explain().kind, Kind::Internal);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn each_proof_travels_in_its_own_header() {
    let server = ScriptedServer::start(repository).await;
    let (client, token) = (client(&server), token());
    let jwt = Secret::new("canary.jwt.x");
    let latin = password();
    let wide = Secret::new("пароль");
    for proof in [
        Proof::Token(&token),
        Proof::Bearer(&jwt),
        basic(&latin),
        basic(&wide),
    ] {
        client.create_token(proof, &new_token()).await.unwrap();
    }
    client.scopes().await.unwrap();
    let sent: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(
        sent,
        [
            Some(format!("token {TOKEN}")),
            Some("Bearer canary.jwt.x".to_owned()),
            // Latin-1, as Python's requests sends it, where it has the letters; UTF-8 elsewhere.
            Some("Basic anNtaXRoOmNhbmFyeS1w5HNzd29yZDogMQ==".to_owned()),
            Some("Basic anNtaXRoOtC/0LDRgNC+0LvRjA==".to_owned()),
            None,
        ]
    );
    // The server would take the part behind the colon for the beginning of the password.
    let split = Proof::Basic {
        username: "a:b",
        password: &latin,
    };
    let error = client.create_token(split, &new_token()).await.unwrap_err();
    assert!(matches!(error, RepositoryError::WrongPassword { .. }));
    assert_eq!(server.requests().len(), 5);
    assert_eq!(format!("{:?}", basic(&latin)), "Basic");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let refused = async |status: u16| {
        // What was sent comes back with the words.
        let server = ScriptedServer::start(move |request| {
            let sent = request.header("authorization").unwrap();
            let sent = if sent.starts_with("Basic") { PASSWORD } else { sent };
            Reply::Json(status, json!({ "error": format!("no {sent}") }).to_string())
        })
        .await;
        let (client, password, token) = (client(&server), password(), token());
        let made = client
            .create_token(basic(&password), &new_token())
            .await
            .unwrap_err();
        let read = client.user(&token).await.unwrap_err();
        shown(&made);
        shown(&read);
        (made, read)
    };
    let (made, read) = refused(401).await;
    assert!(matches!(made, RepositoryError::WrongPassword { .. }), "{made:?}");
    assert!(
        matches!(read, RepositoryError::TokenNotAccepted { .. }),
        "{read:?}"
    );
    let (made, read) = refused(403).await;
    assert!(matches!(made, RepositoryError::Forbidden { .. }), "{made:?}");
    assert!(matches!(read, RepositoryError::Forbidden { .. }), "{read:?}");
    let (made, read) = refused(404).await;
    assert!(matches!(made, RepositoryError::NotFound { .. }), "{made:?}");
    assert!(matches!(read, RepositoryError::NotFound { .. }), "{read:?}");
    let (made, _) = refused(409).await;
    assert!(matches!(made, RepositoryError::Conflict { .. }), "{made:?}");
    let (made, _) = refused(422).await;
    assert!(
        matches!(made, RepositoryError::Rejected { status: 422, .. }),
        "{made:?}"
    );
    let (made, read) = refused(503).await;
    assert!(matches!(made, RepositoryError::ServerFailed { .. }), "{made:?}");
    assert_eq!(made.explain().cause.unwrap(), "The server said: no ••••");
    assert_eq!(read.explain().cause.unwrap(), "The server said: no token ••••");
}

#[tokio::test]
async fn a_name_that_is_taken_is_an_error_of_its_own() {
    let server = ScriptedServer::start(|_| Reply::Json(400, r#"{"error":"token exists"}"#.into())).await;
    let (client, password) = (client(&server), password());
    let error = client
        .create_token(basic(&password), &new_token())
        .await
        .unwrap_err();
    let taken = RepositoryError::TokenNameTaken {
        name: "binstar_client:jsmith@vm".into(),
        said: Some("token exists".into()),
    };
    assert_eq!(error, taken);
    assert_eq!(error.explain().cause.unwrap(), "The server said: token exists");
    // When the new one was to be made in any case, it was something else.
    let proceed = NewBinstarToken {
        if_name_taken: NameTaken::Proceed,
        ..new_token()
    };
    let error = client.create_token(basic(&password), &proceed).await.unwrap_err();
    assert!(
        matches!(error, RepositoryError::Rejected { status: 400, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_token_that_conda_cannot_use_is_refused_and_revoked() {
    for (revocation, leftover, remedy) in [
        (201, Leftover::Revoked, "It was revoked at once"),
        (500, Leftover::OnServer, "in the web page of the repository"),
    ] {
        let server = ScriptedServer::start(move |request| match request.method.as_str() {
            "POST" => json(r#"{"token":"j_-canary-1188"}"#),
            _ => Reply::Json(revocation, String::new()),
        })
        .await;
        let (client, password) = (client(&server), password());
        let error = client
            .create_token(basic(&password), &new_token())
            .await
            .unwrap_err();
        assert!(
            matches!(&error, RepositoryError::TokenNotForConda { leftover: left, .. } if *left == leftover)
        );
        let told = shown(&error);
        assert!(
            told.contains(remedy) && told.contains("letters, digits and '-'"),
            "{told}"
        );
        let requests = server.requests();
        assert_eq!(
            (requests[1].method.as_str(), requests[1].path()),
            ("DELETE", "/api/authentications")
        );
        assert_eq!(requests[1].header("authorization"), Some("token j_-canary-1188"));
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = ScriptedServer::start(repository).await;
    let to = elsewhere.url();
    let server =
        ScriptedServer::start(move |_| Reply::Header(307, "Location", format!("{to}/api/user"))).await;
    let (client, password, token) = (client(&server), password(), token());
    let error = client
        .create_token(basic(&password), &new_token())
        .await
        .unwrap_err();
    assert!(matches!(error, RepositoryError::Redirected { .. }), "{error:?}");
    assert!(client.user(&token).await.is_err());
    assert!(client.check().await.is_err());
    assert_eq!(elsewhere.requests().len(), 0);
}

#[tokio::test]
async fn the_servers_warnings_are_kept_once() {
    let server = ScriptedServer::start(|request| match request.path() {
        "/api/user" => with_header(
            200,
            "Conda-Token-Warning: your token ends soon: js-b03c64bf-f01f-47d1-a2a0-1188dae76630\r\nX-Anaconda-Read-Only: 1",
            r#"{"login":"jsmith"}"#,
        ),
        _ => with_header(200, "X-Anaconda-Lockdown: 1", "{}"),
    })
    .await;
    let (client, token) = (client(&server), token());
    assert_eq!(client.warnings(), []);
    client.user(&token).await.unwrap();
    client.clone().user(&token).await.unwrap();
    client.scopes().await.unwrap();
    let expected = [
        ServerWarning::Token("your token ends soon: ••••".into()),
        ServerWarning::ReadOnly,
        ServerWarning::Lockdown,
    ];
    assert_eq!(client.warnings(), expected);
    assert_eq!(
        expected[0].to_string(),
        "the server says of the token: your token ends soon: ••••"
    );
}

#[tokio::test]
async fn nonsense_is_told_as_such() {
    let answered = async |body: &'static str| {
        let server = ScriptedServer::start(move |_| json(body)).await;
        let (client, password, token) = (client(&server), password(), token());
        let errors = [
            client
                .create_token(basic(&password), &new_token())
                .await
                .map(|_| ()),
            client.tokens(&token).await.map(|_| ()),
            client.user(&token).await.map(|_| ()),
            client.organizations(&token).await.map(|_| ()),
            client.scopes().await.map(|_| ()),
            client.authentication_type().await.map(|_| ()),
        ];
        errors.map(|result| result.map_err(|error| error.explain().kind))
    };
    let wrong = Err(Kind::NotAServer);
    assert_eq!(answered("<html>canary").await, [wrong; 6]);
    assert_eq!(answered("[]").await, [wrong, Ok(()), wrong, Ok(()), wrong, wrong]);
    assert_eq!(answered("{}").await, [wrong, wrong, wrong, wrong, Ok(()), wrong]);
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_gone() {
    let server = ScriptedServer::start(|_| Reply::Json(401, "{}".into())).await;
    let (client, token) = (client(&server), token());
    assert_eq!(
        client.revoke_current(&token).await.unwrap(),
        Revocation::AlreadyGone
    );
    let error = client.revoke_by_name(&token, "ci", None).await.unwrap_err();
    assert!(
        matches!(error, RepositoryError::TokenNotAccepted { .. }),
        "{error:?}"
    );
}
