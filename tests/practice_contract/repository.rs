//! Anaconda Repository: logging in, and tokens (repository reference, A1 to A9).

use std::time::Duration;

use sextant::practice::RepositoryToken;

use super::*;

/// What anaconda-client sends when it logs in, as captured.
pub(super) fn login_body(name: &str) -> Value {
    json!({
        "scopes": null,
        "note": name,
        "note_url": "http://127.0.0.1:18080/api",
        "hostname": "vm",
        "user": null,
        "max-age": null,
        "strength": "strong",
        "fail-if-exists": true,
    })
}

/// The same with some keys changed.
pub(super) fn with(mut body: Value, changes: Value) -> Value {
    for (key, value) in changes.as_object().unwrap() {
        body[key.as_str()] = value.clone();
    }
    body
}

impl Asker {
    pub(super) fn repository(&self, method: Method, path: &str) -> RequestBuilder {
        self.at(Site::Repository, method, path)
    }

    /// Asks for a token with name and password.
    pub(super) async fn log_in(&self, username: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.repository(Method::POST, "/api/authentications");
        let password = password(&self.server, username);
        Self::send(request.basic_auth(username, Some(password)).json(body)).await
    }

    /// The value of a new token.
    pub(super) async fn repository_token(&self, username: &str, changes: Value) -> String {
        let (status, answer) = self.log_in(username, &with(login_body("test"), changes)).await;
        assert_eq!(status, 200, "{answer}");
        text(&answer["token"])
    }

    pub(super) async fn with_token(&self, method: Method, path: &str, token: &str) -> (StatusCode, Value) {
        let request = self.repository(method, path);
        Self::send(request.header("Authorization", format!("token {token}"))).await
    }

    async fn names(&self, token: &str) -> Vec<String> {
        let (status, list) = self.with_token(Method::GET, "/api/authentications", token).await;
        assert_eq!(status, 200, "{list}");
        let items = list.as_array().unwrap().iter();
        items.map(|item| text(&item["application"])).collect()
    }
}

#[track_caller]
pub(super) fn assert_binstar_error(answer: &(StatusCode, Value), status: u16) {
    assert_eq!(answer.0, status, "{}", answer.1);
    assert_eq!(keys(&answer.1), ["error"]);
    assert!(answer.1["error"].is_string());
}

fn only_token(asker: &Asker) -> RepositoryToken {
    let mut tokens = asker.server.repository_tokens();
    assert_eq!(tokens.len(), 1);
    tokens.remove(0)
}

#[tokio::test]
async fn it_is_a_repository_and_no_anaconda_server() {
    let asker = Asker::new().await;
    let head = asker.repository(Method::HEAD, "/api").send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert!(head.headers().contains_key("x-binstar-api-version"));
    let (status, kind) = Asker::send(asker.repository(Method::GET, "/api/authentication-type")).await;
    assert_eq!(
        (status.as_u16(), kind),
        (200, json!({"authentication_type": "password"}))
    );
    for path in [
        "/api/system",
        "/api/auth/login",
        "/api/account",
        "/authentication-type",
        "/elsewhere",
    ] {
        assert_binstar_error(&Asker::send(asker.repository(Method::GET, path)).await, 404);
    }
    assert_binstar_error(
        &Asker::send(asker.repository(Method::PATCH, "/api/user")).await,
        405,
    );
    // And the other way round.
    for path in ["/api", "/api/authentication-type", "/api/user", "/api/scopes"] {
        assert_error(&asker.get(path, As::Nobody).await, 404);
    }
}

#[tokio::test]
async fn a_login_gives_a_token_for_a_year() {
    let asker = Asker::new().await;
    let (status, answer) = asker.log_in("alice", &login_body("binstar_client:root@vm")).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(keys(&answer), ["token"]);
    let token = text(&answer["token"]);
    let lengths: Vec<usize> = token.split('-').map(str::len).collect();
    assert_eq!((&token[..3], lengths), ("al-", vec![2, 8, 4, 4, 4, 12]));

    let (status, list) = asker
        .with_token(Method::GET, "/api/authentications", &token)
        .await;
    assert_eq!(status, 200);
    let item = &list[0];
    assert_eq!(
        keys(item),
        [
            "application",
            "expires",
            "hostname",
            "id",
            "remote_addr",
            "scopes"
        ]
    );
    assert_eq!(
        (&item["application"], &item["hostname"], &item["scopes"]),
        (&json!("binstar_client:root@vm"), &json!("vm"), &json!(["all"]))
    );
    let expires: jiff::Timestamp = text(&item["expires"]).parse().unwrap();
    assert!(text(&item["expires"]).ends_with("+00:00"));
    let record = only_token(&asker);
    let year = jiff::SignedDuration::from_hours(365 * 24);
    assert_eq!(record.expires_at, record.created_at + year);
    assert_eq!(expires.as_second(), record.expires_at.as_second());
    assert_eq!(record.value.expose(), token);
    assert!(!list.to_string().contains(&token));

    let (status, current) = asker.with_token(Method::GET, "/api/authentication", &token).await;
    assert_eq!(status, 200);
    assert_eq!(
        current,
        json!({"application": "binstar_client:root@vm", "id": record.id})
    );
}

#[tokio::test]
async fn a_login_that_is_wrong_is_refused() {
    let asker = Asker::new().await;
    let post = || {
        asker
            .repository(Method::POST, "/api/authentications")
            .json(&login_body("n"))
    };
    for request in [
        post(),
        post().basic_auth("alice", Some("wrong")),
        post().basic_auth("nobody", Some("sextant")),
        post().header("Authorization", "token al-0"),
        post().header("Authorization", "Basic !"),
    ] {
        assert_binstar_error(&Asker::send(request).await, 401);
    }
    let bearer = Asker::send(post().bearer_auth("a.b.c")).await;
    assert_eq!(
        bearer,
        (
            StatusCode::UNAUTHORIZED,
            json!({"error": "Bearer token authentication is not enabled"})
        )
    );
    for changes in [
        json!({"scopes": "all"}),
        json!({"scopes": ["fly"]}),
        json!({"note": null}),
        json!({"max-age": -1}),
        json!({"strength": "middling"}),
    ] {
        let answer = asker.log_in("alice", &with(login_body("n"), changes)).await;
        assert_binstar_error(&answer, 400);
    }
    assert!(asker.server.repository_tokens().is_empty());
}

#[tokio::test]
async fn a_token_makes_no_other_where_there_are_passwords() {
    let asker = Asker::new().await;
    let token = asker.repository_token("alice", json!({})).await;
    let request = asker.repository(Method::POST, "/api/authentications");
    let request = request
        .header("Authorization", format!("token {token}"))
        .json(&login_body("another"));
    assert_binstar_error(&Asker::send(request).await, 401);
}

#[tokio::test]
async fn a_name_is_taken_until_it_is_given_up_or_its_token_ends() {
    let asker = Asker::new().await;
    let first = asker.repository_token("alice", json!({"note": "ci"})).await;
    let again = login_body("ci");
    assert_binstar_error(&asker.log_in("alice", &again).await, 400);
    assert_eq!(asker.server.repository_tokens().len(), 1);
    assert_eq!(
        asker.log_in("bob", &again).await.0,
        200,
        "names are each owner's own"
    );

    let forced = with(again.clone(), json!({"fail-if-exists": false}));
    let (status, second) = asker.log_in("alice", &forced).await;
    assert_eq!(status, 200);
    assert_binstar_error(&asker.with_token(Method::GET, "/api/user", &first).await, 401);
    let second = text(&second["token"]);
    assert_eq!(asker.names(&second).await, ["ci"]);

    let alices = asker.server.repository_tokens();
    let id = &alices.iter().find(|token| token.owner == "alice").unwrap().id;
    assert!(asker.server.expire_repository_token(id));
    assert_eq!(asker.log_in("alice", &again).await.0, 200);
}

#[tokio::test]
async fn a_token_lives_as_long_as_was_asked_and_warns_of_its_end() {
    let asker = Asker::new().await;
    let day = 24 * 3_600;
    let token = asker
        .repository_token("alice", json!({"max-age": 30 * day, "strength": "weak"}))
        .await;
    assert!(token.len() < "al-00000000-0000-4000-8000-000000000000".len());
    let warned = async || {
        let request = asker.repository(Method::GET, "/api/user");
        let request = request.header("Authorization", format!("token {token}"));
        let response = request.send().await.unwrap();
        let warned = response.headers().contains_key("conda-token-warning");
        (response.status().as_u16(), warned)
    };
    assert_eq!(warned().await, (200, false));
    asker.server.advance_clock(Duration::from_secs(24 * day));
    assert_eq!(warned().await, (200, true));
    asker.server.advance_clock(Duration::from_secs(6 * day));
    assert_eq!(warned().await, (401, false));
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_answered_with_201() {
    let asker = Asker::new().await;
    let login = asker.repository_token("alice", json!({"note": "login"})).await;
    asker
        .repository_token("alice", json!({"note": "binstar_client:root@vm"}))
        .await;
    asker.repository_token("bob", json!({"note": "bobs"})).await;
    let delete = async |path: &str| asker.with_token(Method::DELETE, path, &login).await;
    let named = delete("/api/authentications/name/binstar_client:root@vm").await;
    assert_eq!(named.0, 201);
    assert_binstar_error(
        &delete("/api/authentications/name/binstar_client:root@vm").await,
        404,
    );
    assert_binstar_error(&delete("/api/authentications/name/bobs").await, 404);
    assert_eq!(asker.names(&login).await, ["login"]);

    let organization = json!({"note": "shared", "user": "practice-org"});
    asker.repository_token("alice", organization).await;
    let path = "/api/authentications/org/practice-org/name/shared";
    let bob = asker.repository_token("bob", json!({"note": "bob"})).await;
    assert_binstar_error(&asker.with_token(Method::DELETE, path, &bob).await, 403);
    assert_binstar_error(&delete("/api/authentications/org/nowhere/name/shared").await, 403);
    assert_eq!(delete(path).await.0, 201);
    assert_binstar_error(&delete(path).await, 404);

    assert_eq!(delete("/api/authentications").await.0, 201);
    assert_binstar_error(&delete("/api/authentications").await, 401);
    let left = asker.server.repository_tokens();
    assert!(left.iter().all(|token| token.owner == "bob"));
}

#[tokio::test]
async fn a_token_for_an_organization_acts_for_it() {
    let asker = Asker::new().await;
    let body = |organization: &str| with(login_body("org"), json!({"user": organization}));
    assert_binstar_error(&asker.log_in("bob", &body("practice-org")).await, 403);
    assert_binstar_error(&asker.log_in("alice", &body("nowhere")).await, 403);
    assert_binstar_error(&asker.log_in("alice", &body("bob")).await, 403);
    assert_eq!(asker.log_in("alice", &body("alice")).await.0, 200);
    let token = asker
        .repository_token("alice", json!({"user": "practice-org"}))
        .await;
    assert!(token.starts_with("pr-"));
    let (status, user) = asker.with_token(Method::GET, "/api/user", &token).await;
    assert_eq!((status.as_u16(), &user["login"]), (200, &json!("practice-org")));
}

#[tokio::test]
async fn scopes_open_what_they_say() {
    let asker = Asker::new().await;
    let (status, scopes) = Asker::send(asker.repository(Method::GET, "/api/scopes")).await;
    assert_eq!(status, 200);
    let mut all = keys(&scopes);
    all.sort_unstable();
    assert_eq!(
        all,
        [
            "all",
            "api",
            "api:modify-group",
            "api:read",
            "api:write",
            "conda",
            "conda:download",
            "pypi",
            "pypi:download",
            "pypi:upload",
            "repos"
        ]
    );
    assert!(all.iter().all(|scope| scopes[*scope].is_string()));

    //                        GET user   DELETE by name
    for (scopes, reads, writes) in [
        (json!(null), 200, 404),
        (json!([]), 200, 404),
        (json!(["all"]), 200, 404),
        (json!(["api"]), 200, 404),
        (json!(["api:read"]), 200, 403),
        (json!(["api:write"]), 403, 404),
        (json!(["repos", "conda:download"]), 403, 403),
    ] {
        let changes = json!({"scopes": scopes, "fail-if-exists": false});
        let token = asker.repository_token("alice", changes).await;
        let status =
            async |method: Method, path: &str| asker.with_token(method, path, &token).await.0.as_u16();
        assert_eq!(status(Method::GET, "/api/user").await, reads, "{scopes}");
        assert_eq!(
            status(Method::GET, "/api/authentications").await,
            reads,
            "{scopes}"
        );
        let named = "/api/authentications/name/nothing";
        assert_eq!(status(Method::DELETE, named).await, writes, "{scopes}");
        // Whatever it may do, a token may know and end itself.
        assert_eq!(status(Method::GET, "/api/authentication").await, 200, "{scopes}");
        assert_eq!(
            status(Method::DELETE, "/api/authentications").await,
            201,
            "{scopes}"
        );
    }
}

#[tokio::test]
async fn an_administrator_ends_tokens_from_outside() {
    let asker = Asker::new().await;
    let token = asker.repository_token("alice", json!({})).await;
    let id = only_token(&asker).id;
    let user = async || asker.with_token(Method::GET, "/api/user", &token).await;
    assert_eq!(user().await.0, 200);
    assert!(asker.server.expire_repository_token(&id));
    assert_binstar_error(&user().await, 401);
    assert!(asker.server.revoke_repository_token(&id));
    assert!(!asker.server.revoke_repository_token(&id));
    assert_binstar_error(&user().await, 401);
}
