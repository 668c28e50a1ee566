use std::time::Duration;

use super::*;

const TOKENS: &str = "/api/account/tokens";

fn body(expires_at: &str, scopes: &[&str]) -> Value {
    json!({"name": "ci", "expires_at": expires_at, "scopes": scopes})
}

#[tokio::test]
async fn a_token_lives_through_create_list_renew_and_delete() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    let me = As::Bearer(&session);
    assert_eq!(
        asker.get(TOKENS, me).await,
        (StatusCode::OK, json!({"items": []}))
    );

    let (status, created) = asker.post(TOKENS, me, &body("2999-12-31", &READ)).await;
    assert_eq!(status, 200);
    let (id, value) = (text(&created["id"]), text(&created["token"]));
    assert_eq!(value.len(), 48);
    assert!(
        value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    );
    assert_eq!(created["expires_at"], "2999-12-31T00:00:00+00:00");
    assert_eq!(created["name"], "ci");

    let (status, listed) = asker.get(TOKENS, me).await;
    assert_eq!(status, 200);
    assert_eq!(keys(&listed), ["items"], "no total_count, as recorded");
    let item = &listed["items"][0];
    assert_eq!(
        keys(item),
        [
            "created_at",
            "expires_at",
            "id",
            "metadata",
            "name",
            "scopes",
            "type"
        ]
    );
    assert_eq!(item["id"], id.as_str());
    assert_eq!(item["scopes"], json!(READ));
    assert_eq!(item["type"], "scope");

    let path = format!("{TOKENS}/{id}");
    assert_eq!(asker.status("/api/account", As::XAuth(&value)).await, 200);
    let (status, renewed) = Asker::send(asker.request(Method::PUT, &path, me).json(&json!({}))).await;
    assert_eq!(status, 200);
    assert_eq!(keys(&renewed), ["id", "token"]);
    let newer = text(&renewed["token"]);
    assert_ne!(newer, value);
    assert_eq!(asker.status("/api/account", As::XAuth(&value)).await, 401);
    assert_eq!(asker.status("/api/account", As::XAuth(&newer)).await, 200);
    // The oldest client sends no body.
    let (status, renewed) = Asker::send(asker.request(Method::PUT, &path, me)).await;
    assert_eq!(status, 200);
    let newest = text(&renewed["token"]);

    let gone = asker.request(Method::DELETE, &path, me).send().await.unwrap();
    assert_eq!(gone.status(), 204);
    assert_eq!(gone.text().await.unwrap(), "");
    assert_eq!(asker.status("/api/account", As::XAuth(&newest)).await, 401);
    assert_error(&Asker::send(asker.request(Method::DELETE, &path, me)).await, 404);
    assert_error(&Asker::send(asker.request(Method::PUT, &path, me)).await, 404);
    assert_eq!(asker.get(TOKENS, me).await.1, json!({"items": []}));
    assert!(asker.server.tokens().is_empty());
}

#[tokio::test]
async fn tokens_are_managed_with_a_session_only() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    let (id, token) = asker.token("alice", &READ).await;
    let one = format!("{TOKENS}/{id}");
    for who in [
        As::Nobody,
        As::XAuth(&token),
        As::Basic(&token),
        As::Bearer(&token),
    ] {
        assert_error(&asker.get(TOKENS, who).await, 401);
        assert_error(&asker.get("/api/account/scopes", who).await, 401);
        assert_error(&asker.post(TOKENS, who, &body("2999-12-31", &READ)).await, 401);
        assert_error(&Asker::send(asker.request(Method::PUT, &one, who)).await, 401);
        assert_error(&Asker::send(asker.request(Method::DELETE, &one, who)).await, 401);
    }
    for who in [As::Bearer(&session), As::Cookies(&session)] {
        assert_eq!(asker.status(TOKENS, who).await, 200);
        assert_eq!(asker.post(TOKENS, who, &body("2999-12-31", &READ)).await.0, 200);
    }
    let deleted = asker
        .request(Method::DELETE, &one, As::Cookies(&session))
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), 204);
}

#[tokio::test]
async fn nobody_touches_the_tokens_of_another() {
    let asker = Asker::new().await;
    let (id, token) = asker.token("alice", &READ).await;
    let bob = asker.session("bob").await;
    let one = format!("{TOKENS}/{id}");
    assert_eq!(asker.get(TOKENS, As::Bearer(&bob)).await.1, json!({"items": []}));
    assert_error(
        &Asker::send(asker.request(Method::PUT, &one, As::Bearer(&bob))).await,
        404,
    );
    assert_error(
        &Asker::send(asker.request(Method::DELETE, &one, As::Bearer(&bob))).await,
        404,
    );
    assert_eq!(asker.status("/api/account", As::XAuth(&token)).await, 200);
}

#[tokio::test]
async fn a_token_that_cannot_be_is_refused_and_not_made() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    for (bad, status) in [
        (body("2001-01-01", &READ), 422),
        (body("soon", &READ), 422),
        (body("2999-12-31", &["artifact:fly"]), 422),
        (body("2999-12-31", &[]), 422),
        (json!({"expires_at": "2999-12-31", "scopes": READ}), 400),
        (json!({"name": "n", "scopes": READ, "resources": {}}), 400),
        (json!("n"), 400),
    ] {
        assert_error(&asker.post(TOKENS, As::Bearer(&session), &bad).await, status);
    }
    let plain = asker
        .request(Method::POST, TOKENS, As::Bearer(&session))
        .body("{}");
    assert_error(&Asker::send(plain).await, 415);
    assert!(asker.server.tokens().is_empty());
}

#[tokio::test]
async fn the_server_may_shorten_a_life() {
    let asker = Asker::with(Options {
        max_token_days: Some(30),
        ..Options::default()
    })
    .await;
    let session = asker.session("alice").await;
    let (status, created) = asker
        .post(TOKENS, As::Bearer(&session), &body("2999-12-31", &READ))
        .await;
    assert_eq!(status, 200);
    let record = &asker.server.tokens()[0];
    let lasts = record.expires_at.duration_since(record.created_at);
    assert!(
        lasts.as_hours() > 24 * 28 && lasts.as_hours() <= 24 * 30,
        "{lasts}"
    );
    let listed = asker.get(TOKENS, As::Bearer(&session)).await.1;
    assert_eq!(created["expires_at"], listed["items"][0]["expires_at"]);
    assert!(!text(&created["expires_at"]).starts_with("2999"));
}

#[tokio::test]
async fn every_offered_scope_is_accepted() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    let (status, answer) = asker.get("/api/account/scopes", As::Bearer(&session)).await;
    assert_eq!(status, 200);
    assert_eq!(answer["scopes"].as_array().unwrap().len(), 20);
    let all = json!({"name": "all", "expires_at": "2999-12-31", "scopes": answer["scopes"]});
    assert_eq!(asker.post(TOKENS, As::Cookies(&session), &all).await.0, 200);
}

#[tokio::test]
async fn a_token_is_told_about_itself_until_it_ends() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    let (id, token) = asker.token("alice", &READ).await;
    let path = "/api/account/token-info";
    let (status, info) = asker.get(path, As::XAuth(&token)).await;
    assert_eq!(status, 200);
    assert_eq!(info["expires_at"], "2999-12-31T00:00:00+00:00");
    assert!(info.get("token").is_none());
    assert_error(&asker.get(path, As::Nobody).await, 401);
    assert_error(&asker.get(path, As::Bearer(&session)).await, 401);

    assert!(asker.server.expire_token(&id));
    assert_error(&asker.get(path, As::XAuth(&token)).await, 401);
    assert_eq!(
        asker.get(TOKENS, As::Bearer(&session)).await.1["items"][0]["id"],
        id.as_str(),
        "still listed"
    );
    assert!(asker.server.revoke_token(&id));
    assert!(!asker.server.revoke_token(&id) && !asker.server.expire_token(&id));
    assert_eq!(
        asker.get(TOKENS, As::Bearer(&session)).await.1,
        json!({"items": []})
    );
}

#[tokio::test]
async fn a_token_ends_when_its_day_begins() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    let unlimited = json!({"name": "default end", "scopes": READ});
    let (status, created) = asker.post(TOKENS, As::Bearer(&session), &unlimited).await;
    assert_eq!(status, 200);
    let token = text(&created["token"]);
    asker.server.advance_clock(Duration::from_secs(29 * 86_400));
    assert_eq!(asker.status("/api/account", As::XAuth(&token)).await, 200);
    asker.server.advance_clock(Duration::from_secs(86_400));
    assert_error(&asker.get("/api/account", As::XAuth(&token)).await, 401);
}

#[tokio::test]
async fn the_list_gives_its_first_page_only() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    for _ in 0..101 {
        assert_eq!(
            asker
                .post(TOKENS, As::Bearer(&session), &body("2999-12-31", &READ))
                .await
                .0,
            200
        );
    }
    let count = async |path: &str| {
        let answer = asker.get(path, As::Bearer(&session)).await.1;
        answer["items"].as_array().unwrap().len()
    };
    assert_eq!(count(TOKENS).await, 100);
    assert_eq!(count(&format!("{TOKENS}?offset=100")).await, 1);
}
