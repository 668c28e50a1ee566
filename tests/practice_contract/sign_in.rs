use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

use super::*;

fn decoded(jwt: &str, part: usize) -> Value {
    let part = jwt.split('.').nth(part).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn has_empty_text(value: &Value) -> bool {
    value.as_object().unwrap().values().any(|value| value == "")
}

#[tokio::test]
async fn the_system_says_what_it_is_to_anyone() {
    let asker = Asker::new().await;
    let (status, system) = asker.get("/api/system", As::Nobody).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&system["service_name"], &system["status"]),
        (&json!("repo"), &json!("ok"))
    );
    assert!(!has_empty_text(&system));
}

#[tokio::test]
async fn a_login_gives_two_tokens_of_the_recorded_shape() {
    let asker = Asker::new().await;
    let body = json!({"username": "alice", "password": "sextant"});
    let (status, pair) = asker.post("/api/auth/login", As::Nobody, &body).await;
    assert_eq!(status, 200);
    assert_eq!(keys(&pair), ["refresh_token", "token"]);

    let access = text(&pair["token"]);
    assert!(access.is_ascii());
    let (header, payload) = (decoded(&access, 0), decoded(&access, 1));
    assert_eq!(keys(&header), ["alg", "kid", "typ"]);
    assert_eq!(header["alg"], "RS256");
    for key in [
        "exp",
        "iat",
        "jti",
        "iss",
        "aud",
        "sub",
        "typ",
        "azp",
        "session_state",
        "acr",
        "scope",
    ] {
        assert!(!payload[key].is_null(), "{key}");
    }
    assert_eq!(
        payload["exp"].as_i64().unwrap() - payload["iat"].as_i64().unwrap(),
        36_000
    );
    assert_eq!(payload["typ"], "Bearer");
    assert_eq!(payload["preferred_username"], "alice");
    let roles = payload["realm_access"]["roles"].as_array().unwrap();
    assert!(roles.contains(&json!("author")) && !roles.contains(&json!("admin")));

    let refresh = text(&pair["refresh_token"]);
    assert_eq!(
        (
            decoded(&refresh, 0)["alg"].clone(),
            decoded(&refresh, 1)["typ"].clone()
        ),
        (json!("HS256"), json!("Refresh"))
    );
    assert_eq!(asker.status("/api/account", As::Bearer(&refresh)).await, 401);

    let admin = asker.session("admin").await;
    assert!(
        decoded(&admin, 1)["realm_access"]["roles"]
            .as_array()
            .unwrap()
            .contains(&json!("admin"))
    );
}

#[tokio::test]
async fn a_login_that_is_wrong_is_refused() {
    let asker = Asker::new().await;
    for (body, status) in [
        (json!({"username": "alice", "password": "wrong"}), 401),
        (json!({"username": "nobody", "password": "sextant"}), 401),
        (json!({"username": "alice", "password": ""}), 401),
        (json!({"username": "alice"}), 400),
        (json!(["alice", "sextant"]), 400),
    ] {
        assert_error(&asker.post("/api/auth/login", As::Nobody, &body).await, status);
    }
    let form = asker
        .request(Method::POST, "/api/auth/login", As::Nobody)
        .body("username=alice");
    assert_error(&Asker::send(form).await, 415);
    let broken = asker.request(Method::POST, "/api/auth/login", As::Nobody);
    let broken = broken
        .header("Content-Type", "application/json; charset=utf-8")
        .body("{");
    assert_error(&Asker::send(broken).await, 400);
    // The client of old that writes every name in lower case meets people with capitals in theirs.
    let capitals = json!({"username": "Alice", "password": "sextant"});
    assert_eq!(asker.post("/api/auth/login", As::Nobody, &capitals).await.0, 200);
}

#[tokio::test]
async fn the_account_answers_to_every_carrier_of_the_api() {
    let asker = Asker::new().await;
    let session = asker.session("bob").await;
    let (_, token) = asker.token("bob", &READ).await;
    for who in [As::Bearer(&session), As::Cookies(&session), As::XAuth(&token)] {
        let (status, account) = asker.get("/api/account", who).await;
        assert_eq!(status, 200);
        assert_eq!(
            keys(&account),
            ["dbroles", "default_channel_name", "roles", "user_id", "username"]
        );
        assert_eq!(
            (&account["username"], &account["default_channel_name"]),
            (&json!("bob"), &json!("bob"))
        );
        assert_eq!(account["roles"], json!(["author"]));
    }
    for who in [
        As::Nobody,
        As::Bearer("no.jwt.atall"),
        As::Bearer(&token),
        As::XAuth(&session),
        As::XAuth("0".repeat(48).as_str()),
        As::Basic(&token),
        As::Cookies(&token),
    ] {
        assert_error(&asker.get("/api/account", who).await, 401);
    }
}

#[tokio::test]
async fn one_cookie_of_the_four_is_enough() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    for (cookie, status) in [
        ("jwt_token", 200),
        ("token", 200),
        ("jwt_token_refresh", 401),
        ("refresh_token", 401),
    ] {
        let request = asker.request(Method::GET, "/api/account", As::Nobody);
        let request = request.header("Cookie", format!("{cookie}={session}"));
        assert_eq!(Asker::send(request).await.0, status, "{cookie}");
    }
}

#[tokio::test]
async fn a_session_ends_after_ten_hours_or_when_it_is_ended() {
    let asker = Asker::new().await;
    let first = asker.session("alice").await;
    asker
        .server
        .advance_clock(std::time::Duration::from_secs(36_000 - 600));
    assert_eq!(asker.status("/api/account", As::Bearer(&first)).await, 200);
    let second = asker.session("alice").await;
    asker.server.advance_clock(std::time::Duration::from_secs(601));
    assert_error(&asker.get("/api/account", As::Bearer(&first)).await, 401);
    assert_eq!(asker.status("/api/account", As::Bearer(&second)).await, 200);
    asker.server.expire_sessions();
    assert_error(&asker.get("/api/account", As::Bearer(&second)).await, 401);
    let third = asker.session("alice").await;
    assert_eq!(asker.status("/api/account", As::Bearer(&third)).await, 200);
}

#[tokio::test]
async fn a_session_of_another_server_is_refused() {
    let (one, other) = (Asker::new().await, Asker::new().await);
    let session = one.session("alice").await;
    assert_eq!(other.status("/api/account", As::Bearer(&session)).await, 401);
}

#[tokio::test]
async fn what_is_not_offered_says_so() {
    let asker = Asker::new().await;
    assert_error(&asker.get("/api/nothing", As::Nobody).await, 404);
    assert_error(&asker.get("/elsewhere", As::Nobody).await, 404);
    assert_error(&asker.get("/api/auth/login", As::Nobody).await, 405);
    assert_error(
        &asker.post("/api/account/channels", As::Nobody, &json!({})).await,
        405,
    );
    let (status, page) = asker.get("/", As::Nobody).await;
    assert_eq!(status, 200);
    assert!(page.as_str().unwrap().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn the_announcement_is_enough_to_begin() {
    let asker = Asker::with(Options {
        channels: 20,
        ..Options::default()
    })
    .await;
    let announcement = asker.server.announcement();
    assert_eq!(announcement["url"], asker.server.url());
    assert_eq!(announcement["cloud_url"], asker.server.cloud_url());
    assert_eq!(announcement["repository_url"], asker.server.repository_url());
    assert_eq!(announcement["anaconda_org_url"], asker.server.anaconda_org_url());
    let tokens = announcement["cloud_tokens"].as_array().unwrap();
    let states: Vec<&Value> = tokens.iter().map(|token| &token["state"]).collect();
    assert_eq!(states, ["valid", "expired", "revoked"]);
    assert!(announcement.get("ca_file").is_none());
    let (status, all) = asker
        .get(
            "/api/channels?include_subchannels=true",
            As::Bearer(&asker.session("admin").await),
        )
        .await;
    assert_eq!(status, 200);
    assert_eq!(announcement["channels"], all["total_count"]);
    for user in announcement["users"].as_array().unwrap() {
        assert_eq!(asker.post("/api/auth/login", As::Nobody, user).await.0, 200);
    }
}
