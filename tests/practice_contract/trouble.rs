use std::time::Duration;

use sextant::practice::{Effect, Fault, Trouble};

use super::*;

const SYSTEM: &str = "/api/system";
const TOKENS: &str = "/api/account/tokens";

fn new_token() -> Value {
    json!({"name": "ci", "expires_at": "2999-12-31", "scopes": READ})
}

async fn failed(request: RequestBuilder) -> reqwest::Error {
    match request.send().await {
        Ok(response) => response.bytes().await.unwrap_err(),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_status_is_given_instead_and_nothing_is_done() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    asker.server.set_trouble(Trouble::fault(Fault::Status {
        status: 503,
        retry_after: Some(7),
    }));
    let response = asker
        .request(Method::POST, TOKENS, As::Bearer(&session))
        .json(&new_token());
    let response = response.send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(
        asker
            .status("/api/repo/main/noarch/repodata.json", As::Nobody)
            .await,
        503
    );
    assert!(asker.server.tokens().is_empty());
    asker.server.set_trouble(Trouble::status(407));
    assert_eq!(asker.status(SYSTEM, As::Nobody).await, 407);
    asker.server.set_trouble(Trouble::status(7));
    assert_eq!(asker.status(SYSTEM, As::Nobody).await, 500);
    asker.server.set_trouble(Trouble::none());
    assert_eq!(asker.status(SYSTEM, As::Nobody).await, 200);
}

#[tokio::test]
async fn only_the_requests_that_fit_are_hit() {
    let asker = Asker::with(Options {
        trouble: Trouble::status(500)
            .only_path("/channels")
            .only_method("GET")
            .from(2)
            .times(1),
        ..Options::default()
    })
    .await;
    let session = asker.session("alice").await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(asker.status("/api/channels", As::Bearer(&session)).await);
    }
    assert_eq!(statuses, [200, 500, 200, 200]);
}

#[tokio::test]
async fn a_connection_drops_before_or_after_the_effect() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    let create = || {
        asker
            .request(Method::POST, TOKENS, As::Bearer(&session))
            .json(&new_token())
    };

    asker.server.set_trouble(Trouble::drop_at(2));
    assert_eq!(asker.status(SYSTEM, As::Nobody).await, 200);
    assert!(failed(create()).await.is_request());
    assert!(asker.server.tokens().is_empty());
    assert_eq!(asker.server.requests().last().unwrap().status, None);

    asker.server.set_trouble(Trouble::drop_after_effect_at(1));
    assert!(failed(create()).await.is_request());
    assert_eq!(
        asker.server.tokens().len(),
        1,
        "made, but its answer never arrived"
    );
    let (status, listed) = asker.get(TOKENS, As::Bearer(&session)).await;
    assert_eq!(
        (status.as_u16(), listed["items"].as_array().unwrap().len()),
        (200, 1)
    );
}

#[tokio::test]
async fn an_answer_may_never_come() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    asker.server.set_trouble(Trouble::fault(Fault::Stall {
        effect: Effect::Performed,
    }));
    let url = format!("{}{TOKENS}", asker.server.url());
    let request = asker.http.post(url).bearer_auth(&session).json(&new_token());
    let waiting = tokio::spawn(request.send());
    while asker.server.tokens().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    // The end of the server ends the wait, too.
    drop(asker);
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn a_slow_answer_outlasts_an_impatient_client() {
    let asker = Asker::with(Options {
        trouble: Trouble::slow(Duration::from_secs(3_600)),
        ..Options::default()
    })
    .await;
    let request = asker
        .request(Method::GET, SYSTEM, As::Nobody)
        .timeout(Duration::from_millis(50));
    assert!(failed(request).await.is_timeout());
    asker.server.set_trouble(Trouble::slow(Duration::from_millis(1)));
    assert_eq!(asker.status(SYSTEM, As::Nobody).await, 200);
}

#[tokio::test]
async fn answers_may_be_no_json() {
    let asker = Asker::new().await;
    asker.server.set_trouble(Trouble::fault(Fault::Html));
    let page = asker
        .request(Method::GET, SYSTEM, As::Nobody)
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.text().await.unwrap().starts_with("<!DOCTYPE html>"));

    asker.server.set_trouble(Trouble::fault(Fault::GarbageJson));
    let garbage = asker
        .request(Method::GET, SYSTEM, As::Nobody)
        .send()
        .await
        .unwrap();
    assert_eq!(garbage.headers()["content-type"], "application/json");
    assert!(garbage.json::<Value>().await.unwrap_err().is_decode());

    asker.server.set_trouble(Trouble::fault(Fault::Redirect {
        to: "https://elsewhere.invalid/".to_owned(),
    }));
    let moved = asker
        .request(Method::GET, SYSTEM, As::Nobody)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            moved.status().as_u16(),
            moved.headers()["location"].to_str().unwrap()
        ),
        (302, "https://elsewhere.invalid/")
    );
}

#[tokio::test]
async fn garbage_hides_what_was_done() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    asker
        .server
        .set_trouble(Trouble::fault(Fault::GarbageJson).only_method("POST"));
    let (status, body) = asker.post(TOKENS, As::Bearer(&session), &new_token()).await;
    assert_eq!(status, 200);
    assert!(body.is_string(), "not JSON: {body}");
    assert_eq!(asker.server.tokens().len(), 1);
}

#[tokio::test]
async fn answers_may_be_huge_or_break_off() {
    let asker = Asker::new().await;
    for bytes in [1_u64, 200_000, 3_000_000] {
        asker
            .server
            .set_trouble(Trouble::fault(Fault::HugeBody { bytes }));
        let huge = asker
            .request(Method::GET, SYSTEM, As::Nobody)
            .send()
            .await
            .unwrap();
        assert_eq!(huge.content_length(), None);
        let body = huge.bytes().await.unwrap();
        assert_eq!(body.len() as u64, bytes);
        assert_eq!(serde_json::from_slice::<String>(&body).is_ok(), bytes > 1);
    }
    asker.server.set_trouble(Trouble::fault(Fault::Truncate));
    let broken = asker
        .request(Method::GET, SYSTEM, As::Nobody)
        .send()
        .await
        .unwrap();
    assert_eq!(broken.status(), 200);
    assert!(broken.bytes().await.is_err());
}

#[tokio::test]
async fn fields_may_be_missing() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    asker.server.set_trouble(Trouble::fault(Fault::MissingFields {
        fields: vec!["privacy".to_owned()],
    }));
    let (status, list) = asker.get("/api/channels", As::Bearer(&session)).await;
    assert_eq!(status, 200);
    assert_eq!(list["total_count"], 9);
    let items = list["items"].as_array().unwrap();
    assert!(
        items
            .iter()
            .all(|item| item.get("privacy").is_none() && item.get("name").is_some())
    );
    asker
        .server
        .set_trouble(Trouble::fault(Fault::MissingFields { fields: Vec::new() }));
    assert_eq!(
        asker.get("/api/channels", As::Bearer(&session)).await,
        (StatusCode::OK, json!({}))
    );
}

#[tokio::test]
async fn another_process_controls_the_server() {
    let asker = Asker::new().await;
    let trouble = json!({"fault": {"kind": "status", "status": 503}, "only_path": "/api/system"});
    let (status, in_force) = asker.post("/practice/trouble", As::Nobody, &trouble).await;
    assert_eq!(
        (status.as_u16(), &in_force["fault"]["status"]),
        (200, &json!(503))
    );
    assert_eq!(asker.status(SYSTEM, As::Nobody).await, 503);
    assert_eq!(asker.get("/practice/trouble", As::Nobody).await.1, in_force);
    assert_error(
        &asker
            .post("/practice/trouble", As::Nobody, &json!({"fualt": {}}))
            .await,
        422,
    );
    assert_eq!(
        asker.status(SYSTEM, As::Nobody).await,
        503,
        "a slip changes nothing"
    );
    assert_eq!(
        asker.post("/practice/trouble", As::Nobody, &json!({})).await.0,
        200
    );
    assert_eq!(asker.status(SYSTEM, As::Nobody).await, 200);

    let (id, token) = asker.token("alice", &READ).await;
    let (_, tokens) = asker.get("/practice/tokens", As::Nobody).await;
    assert_eq!(
        (&tokens["items"][0]["id"], &tokens["items"][0]["user"]),
        (&json!(id), &json!("alice"))
    );
    let (_, requests) = asker.get("/practice/requests", As::Nobody).await;
    let last = requests["items"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["method"], &last["path"], &last["status"]),
        (&json!("POST"), &json!(TOKENS), &json!(200))
    );
    assert_eq!(last["carriers"], json!(["bearer"]));
    assert!(!format!("{tokens}{requests}").contains(&token));

    let post = async |path: &str| asker.post(path, As::Nobody, &json!({})).await.0.as_u16();
    assert_eq!(asker.status("/api/account", As::XAuth(&token)).await, 200);
    assert_eq!(post(&format!("/practice/tokens/{id}/expire")).await, 204);
    assert_eq!(asker.status("/api/account", As::XAuth(&token)).await, 401);
    assert_eq!(post(&format!("/practice/tokens/{id}/revoke")).await, 204);
    assert_eq!(post(&format!("/practice/tokens/{id}/revoke")).await, 404);

    let session = asker.session("alice").await;
    assert_eq!(post("/practice/sessions/expire").await, 204);
    assert_eq!(asker.status("/api/account", As::Bearer(&session)).await, 401);
    let session = asker.session("alice").await;
    let hours = json!({"advance_seconds": 36_001});
    assert_eq!(asker.post("/practice/clock", As::Nobody, &hours).await.0, 204);
    assert_eq!(asker.status("/api/account", As::Bearer(&session)).await, 401);
    assert_eq!(post("/practice/clock").await, 400);

    let forgotten = asker
        .request(Method::DELETE, "/practice/requests", As::Nobody)
        .send()
        .await
        .unwrap();
    assert_eq!(forgotten.status(), 204);
    assert!(asker.server.requests().is_empty());
}

#[tokio::test]
async fn a_request_without_measure_is_refused() {
    let asker = Asker::new().await;
    let body = vec![b' '; 2 * 1024 * 1024];
    let request = asker
        .request(Method::POST, "/api/auth/login", As::Nobody)
        .body(body);
    // The server may refuse while the client still sends, in which case the client sees a broken connection.
    if let Ok(response) = request.send().await {
        assert_eq!(response.status(), 413);
    }
    assert_eq!(asker.status(SYSTEM, As::Nobody).await, 200);
}
