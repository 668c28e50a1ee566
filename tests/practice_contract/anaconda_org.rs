//! Anaconda.org: the binstar API, reached with what anaconda.com gives (repository reference, A3 and section 0).

use super::repository::{assert_binstar_error, login_body};
use super::*;

impl Asker {
    fn org(&self, method: Method, path: &str) -> RequestBuilder {
        self.at(Site::AnacondaOrg, method, path)
    }
}

#[tokio::test]
async fn the_api_is_at_its_own_address() {
    let asker = Asker::new().await;
    for base in ["", "/api"] {
        let head = asker.org(Method::HEAD, base).send().await.unwrap();
        assert_eq!(head.status(), 200, "{base}");
        let path = format!("{base}/authentication-type");
        let (status, kind) = Asker::send(asker.org(Method::GET, &path)).await;
        assert_eq!(
            (status.as_u16(), &kind["authentication_type"]),
            (200, &json!("password"))
        );
        let post = asker.org(Method::POST, &format!("{base}/authentications"));
        let body = login_body(&format!("at {base}"));
        let (status, answer) = Asker::send(post.basic_auth("alice", Some("sextant")).json(&body)).await;
        assert_eq!(status, 200);
        let user = asker.org(Method::GET, &format!("{base}/user"));
        let user = user.header("Authorization", format!("token {}", text(&answer["token"])));
        assert_eq!(Asker::send(user).await.1["login"], "alice");
    }
    assert_binstar_error(&Asker::send(asker.org(Method::GET, "/api/system")).await, 404);
    assert_binstar_error(&Asker::send(asker.org(Method::GET, "/elsewhere")).await, 404);
}

#[tokio::test]
async fn it_sends_people_to_anaconda_com() {
    let asker = Asker::new().await;
    let path = "/.well-known/openid-configuration";
    let (status, document) = Asker::send(asker.org(Method::GET, path)).await;
    assert_eq!(status, 200);
    assert_eq!(document, asker.cloud_provider().await.document);
    let elsewhere = Asker::send(asker.repository(Method::GET, path)).await;
    assert_binstar_error(&elsewhere, 404);
}

#[tokio::test]
async fn an_access_token_or_an_api_key_opens_it() {
    let asker = Asker::new().await;
    let (access, key) = (asker.access("bob").await, asker.api_key("alice").await);
    let log_in = async |bearer: &str, name: &str| {
        let post = asker.org(Method::POST, "/authentications").bearer_auth(bearer);
        Asker::send(post.json(&login_body(name))).await
    };
    let (status, answer) = log_in(&access, "one").await;
    assert_eq!(status, 200);
    assert!(text(&answer["token"]).starts_with("bo-"));
    let (status, answer) = log_in(&key, "two").await;
    assert_eq!(status, 200);
    assert!(text(&answer["token"]).starts_with("al-"));
    assert_binstar_error(&log_in(&key, "two").await, 400);
    assert_binstar_error(&log_in("a.b.c", "three").await, 401);
    asker.server.expire_sessions();
    assert_binstar_error(&log_in(&access, "four").await, 401);

    let owners: Vec<&str> = asker
        .server
        .anaconda_org_tokens()
        .iter()
        .map(|token| token.owner)
        .collect();
    assert_eq!(owners, ["bob", "alice"]);
    assert!(asker.server.repository_tokens().is_empty(), "two servers");
}

#[tokio::test]
async fn its_tokens_count_here_only() {
    let asker = Asker::new().await;
    let key = asker.api_key("alice").await;
    let post = asker.org(Method::POST, "/authentications").bearer_auth(key);
    let (_, answer) = Asker::send(post.json(&login_body("n"))).await;
    let token = text(&answer["token"]);
    for path in [
        format!("/conda/t/{token}/alice/noarch/repodata.json"),
        format!("/t/{token}/conda/alice/noarch/repodata.json"),
    ] {
        assert_eq!(Asker::send(asker.org(Method::GET, &path)).await.0, 200);
        let elsewhere = Asker::send(asker.repository(Method::GET, &path)).await;
        assert_binstar_error(&elsewhere, 401);
    }
    let id = asker.server.anaconda_org_tokens()[0].id.clone();
    assert!(!asker.server.revoke_repository_token(&id));
    assert!(asker.server.expire_anaconda_org_token(&id));
    assert!(asker.server.revoke_anaconda_org_token(&id));
    assert!(asker.server.anaconda_org_tokens().is_empty());
}
