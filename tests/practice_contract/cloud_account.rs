//! anaconda.com: the account, its organizations and their tokens, and API keys (server reference, section 2).

use std::time::Duration;

use sextant::practice::{TokenState, Trouble};

use super::single_sign_on::payload;
use super::*;

impl Asker {
    pub(super) fn cloud(&self, method: Method, path: &str) -> RequestBuilder {
        self.at(Site::Cloud, method, path)
    }

    pub(super) async fn cloud_get(&self, path: &str, bearer: &str) -> (StatusCode, Value) {
        Self::send(self.cloud(Method::GET, path).bearer_auth(bearer)).await
    }

    /// Someone's access token.
    pub(super) async fn access(&self, user: &str) -> String {
        let provider = self.cloud_provider().await;
        text(&self.sign_in(&provider, user, "openid").await["access_token"])
    }

    async fn make_key(&self, path: &str, access: &str, scopes: &[&str]) -> (StatusCode, Value) {
        let body = json!({"scopes": scopes, "tags": ["test/v1"]});
        Self::send(self.cloud(Method::POST, path).bearer_auth(access).json(&body)).await
    }

    /// Someone's new API key.
    pub(super) async fn api_key(&self, user: &str) -> String {
        let access = self.access(user).await;
        let scopes = ["cloud:read", "cloud:write", "repo:read"];
        let (status, answer) = self.make_key("/api/auth/api-keys", &access, &scopes).await;
        assert_eq!(status, 201, "{answer}");
        text(&answer["api_key"])
    }
}

#[track_caller]
pub(super) fn assert_cloud_error(answer: &(StatusCode, Value), status: u16) {
    assert_eq!(answer.0, status, "{}", answer.1);
    assert_eq!(keys(&answer.1), ["error"]);
    assert_eq!(keys(&answer.1["error"]), ["code", "message"]);
}

#[tokio::test]
async fn an_api_key_is_made_with_an_access_token() {
    let asker = Asker::new().await;
    let access = asker.access("alice").await;
    for path in ["/api/auth/api-keys", "/api/iam/api-keys"] {
        let (status, answer) = asker.make_key(path, &access, &["cloud:read"]).await;
        assert_eq!((status.as_u16(), keys(&answer)), (201, vec!["api_key"]));
        let claims = payload(&answer["api_key"]);
        let year = 365 * 24 * 3_600;
        assert_eq!(
            claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
            year
        );
        let key = text(&answer["api_key"]);
        assert_eq!(asker.cloud_get("/api/account", &key).await.0, 200);
        let again = asker.make_key(path, &key, &["cloud:read"]).await;
        assert_cloud_error(&again, 403);
    }
    let kept = asker.server.api_keys();
    assert_eq!(kept.len(), 2);
    assert_eq!(
        (kept[0].user, &kept[0].scopes, &kept[0].tags),
        (
            "alice",
            &vec!["cloud:read".to_owned()],
            &vec!["test/v1".to_owned()]
        )
    );
    assert_cloud_error(&asker.make_key("/api/auth/api-keys", "x", &[]).await, 401);
    let nobody = asker.cloud(Method::POST, "/api/auth/api-keys").json(&json!({}));
    let (status, answer) = Asker::send(nobody).await;
    assert_eq!(
        (status.as_u16(), &answer["error"]["code"]),
        (401, &json!("auth_required"))
    );
    let odd = asker
        .cloud(Method::POST, "/api/auth/api-keys")
        .bearer_auth(&access);
    assert_cloud_error(&Asker::send(odd.json(&json!({"scopes": "all"}))).await, 400);
}

#[tokio::test]
async fn the_old_address_stands_in_for_the_new_one() {
    let asker = Asker::new().await;
    let access = asker.access("alice").await;
    asker
        .server
        .set_trouble(Trouble::status(404).only_path("/api/auth/api-keys"));
    assert_cloud_error(&asker.make_key("/api/auth/api-keys", &access, &[]).await, 404);
    assert_eq!(asker.make_key("/api/iam/api-keys", &access, &[]).await.0, 201);
}

#[tokio::test]
async fn an_api_key_is_listed_and_deleted_by_its_owner() {
    let asker = Asker::new().await;
    let (alice, bob) = (asker.access("alice").await, asker.access("bob").await);
    let key = asker.api_key("alice").await;
    let (status, list) = asker.cloud_get("/api/auth/api-keys", &alice).await;
    assert_eq!(status, 200);
    assert!(!list.to_string().contains(&key));
    let id = text(&list[0]["id"]);
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(asker.cloud_get("/api/auth/api-keys", &bob).await.1, json!([]));
    let path = format!("/api/auth/api-keys/{id}");
    let delete =
        async |bearer: &str| Asker::send(asker.cloud(Method::DELETE, &path).bearer_auth(bearer)).await;
    assert_cloud_error(&delete(&bob).await, 404);
    assert_eq!(asker.cloud_get("/api/account", &key).await.0, 200);
    assert_eq!(delete(&alice).await.0, 204);
    assert_cloud_error(&asker.cloud_get("/api/account", &key).await, 401);
    assert_cloud_error(&delete(&alice).await, 404);
    assert!(asker.server.api_keys().is_empty());
}

#[tokio::test]
async fn keys_and_access_end() {
    let asker = Asker::new().await;
    let access = asker.access("alice").await;
    let key = asker.api_key("alice").await;
    let status = async |bearer: &str| asker.cloud_get("/api/account", bearer).await.0.as_u16();
    asker.server.advance_clock(Duration::from_secs(3_600));
    assert_eq!((status(&access).await, status(&key).await), (401, 200));
    let id = asker.server.api_keys()[0].id.clone();
    assert!(asker.server.expire_api_key(&id));
    assert_eq!(status(&key).await, 401);
    assert!(asker.server.revoke_api_key(&id) && !asker.server.revoke_api_key(&id));
    let access = asker.access("alice").await;
    assert_eq!(status(&access).await, 200);
    asker.server.expire_sessions();
    assert_eq!(status(&access).await, 401);
}

#[tokio::test]
async fn the_account_is_told_to_its_owner() {
    let asker = Asker::new().await;
    let key = asker.api_key("alice").await;
    let (status, account) = asker.cloud_get("/api/account", &key).await;
    assert_eq!(status, 200);
    assert_eq!(keys(&account), ["profile", "subscriptions", "user"]);
    assert_eq!(
        keys(&account["user"]),
        ["email", "first_name", "id", "last_name", "username"]
    );
    assert_eq!(account["user"]["email"], "alice@practice.example");
    let (status, organizations) = asker.cloud_get("/api/organizations/my", &key).await;
    assert_eq!(status, 200);
    let mine = &organizations[0];
    assert_eq!(
        (&mine["name"], &mine["title"]),
        (&json!("practice-org"), &json!("Practice Organization"))
    );
    assert_eq!(account["subscriptions"][0]["org_id"], mine["id"]);
    assert_eq!(organizations.as_array().unwrap().len(), 1);
    for path in [
        "/api/account",
        "/api/organizations/my",
        "/api/auth/organizations/my",
    ] {
        assert_eq!(asker.cloud_get(path, &key).await.0, 200);
        assert_cloud_error(&Asker::send(asker.cloud(Method::GET, path)).await, 401);
        assert_cloud_error(&asker.cloud_get(path, "no.jwt.atall").await, 401);
    }
}

#[tokio::test]
async fn anaconda_com_knows_people_by_their_address() {
    let asker = Asker::new().await;
    let provider = asker.cloud_provider().await;
    let begun = asker.begin_device(&provider).await;
    let pairs = [
        ("user_code", begun["user_code"].as_str().unwrap()),
        ("username", "bob@practice.example"),
        ("password", "octant"),
        ("decision", "approve"),
    ];
    let url = begun["verification_uri"].as_str().unwrap();
    let (_, page) = asker.form(url, &pairs).await;
    assert!(text(&page).contains("connected"));
}

#[tokio::test]
async fn a_seat_has_one_token_and_a_new_one_revokes_it() {
    let asker = Asker::new().await;
    let key = asker.api_key("alice").await;
    let path = "/api/organizations/practice-org/ce/current-token";
    let put =
        async |body: Value| Asker::send(asker.cloud(Method::PUT, path).bearer_auth(&key).json(&body)).await;
    let reads = async |token: &str| {
        let path = format!("/t/{token}/repo/main/noarch/repodata.json");
        Asker::send(asker.cloud(Method::HEAD, &path)).await.0.as_u16()
    };
    assert_cloud_error(&asker.cloud_get(path, &key).await, 404);
    assert_cloud_error(&put(json!({})).await, 400);
    assert_cloud_error(&put(json!({"confirm": "no"})).await, 400);
    let (status, first) = put(json!({"confirm": "yes"})).await;
    assert_eq!(
        (status.as_u16(), keys(&first)),
        (200, vec!["expires_at", "token"])
    );
    let token = text(&first["token"]);
    assert!(token.len() == 48 && token.chars().all(|c| c.is_ascii_alphanumeric()));
    assert!(!text(&first["expires_at"]).contains(['Z', '+']), "as recorded");
    let (status, current) = asker.cloud_get(path, &key).await;
    assert_eq!((status.as_u16(), keys(&current)), (200, vec!["expires_at", "id"]));
    assert_eq!(current["expires_at"], first["expires_at"]);
    assert_eq!(reads(&token).await, 200);

    let (_, second) = put(json!({"confirm": "yes"})).await;
    assert_eq!(
        (
            reads(&token).await,
            reads(second["token"].as_str().unwrap()).await
        ),
        (403, 200)
    );
    let states: Vec<TokenState> = asker
        .server
        .cloud_tokens()
        .iter()
        .filter(|token| token.user == Some("alice"))
        .map(|token| token.state)
        .collect();
    assert_eq!(states, [TokenState::Revoked, TokenState::Valid]);
    let site = &asker.server.cloud_tokens()[0];
    assert_eq!(
        (site.state, reads(site.value.expose()).await),
        (TokenState::Valid, 200),
        "the organization's own token stays"
    );
}

#[tokio::test]
async fn tokens_are_for_members_of_organizations_with_a_plan() {
    let asker = Asker::new().await;
    let bob = asker.api_key("bob").await;
    for organization in ["practice-org", "bobs-lab", "nowhere"] {
        let path = format!("/api/organizations/{organization}/ce/current-token");
        assert_cloud_error(&asker.cloud_get(&path, &bob).await, 403);
        let put = asker.cloud(Method::PUT, &path).bearer_auth(&bob);
        assert_cloud_error(&Asker::send(put.json(&json!({"confirm": "yes"}))).await, 403);
        assert_cloud_error(&Asker::send(asker.cloud(Method::GET, &path)).await, 401);
    }
}
