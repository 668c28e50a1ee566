//! repo.anaconda.cloud: channels and who may read them (server reference, section 2).

use super::cloud_account::assert_cloud_error;
use super::*;

fn main_of(token: &str) -> String {
    format!("/t/{token}/repo/main/noarch/repodata.json")
}

/// The site tokens: a valid, an expired and a revoked one.
fn tokens(asker: &Asker) -> [String; 3] {
    let tokens = asker.server.cloud_tokens();
    assert!(tokens.iter().all(|token| token.organization == "practice-org"));
    [0, 1, 2].map(|at: usize| tokens[at].value.expose().to_owned())
}

#[tokio::test]
async fn only_a_valid_token_opens_the_default_channels() {
    let asker = Asker::new().await;
    let [valid, expired, revoked] = tokens(&asker);
    for method in [Method::HEAD, Method::GET] {
        let status = async |token: &str| {
            let request = asker.cloud(method.clone(), &main_of(token));
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(status(&valid).await, 200);
        for token in [expired.as_str(), revoked.as_str(), "x", &"A".repeat(48)] {
            assert_eq!(status(token).await, 403);
        }
    }
    for channel in ["main", "r", "msys2"] {
        for subdir in SUBDIRS {
            let path = format!("/t/{valid}/repo/{channel}/{subdir}/repodata.json");
            let (status, repodata) = Asker::send(asker.cloud(Method::GET, &path)).await;
            assert_eq!(
                (status.as_u16(), &repodata["info"]["subdir"]),
                (200, &json!(subdir))
            );
        }
    }
    for path in [
        "main/linux-ppc64le/repodata.json",
        "nowhere/noarch/repodata.json",
        "main/noarch/repodata_shards.msgpack.zst",
        "main",
    ] {
        let path = format!("/t/{valid}/repo/{path}");
        assert_cloud_error(&Asker::send(asker.cloud(Method::GET, &path)).await, 404);
    }
}

#[tokio::test]
async fn a_header_does_as_well_as_a_path() {
    let asker = Asker::new().await;
    let [valid, expired, _] = tokens(&asker);
    let key = asker.api_key("alice").await;
    let access = asker.access("alice").await;
    let path = "/repo/main/noarch/repodata.json";
    for (authorization, status) in [
        (format!("token {valid}"), 200),
        (format!("Bearer {key}"), 200),
        (format!("token {expired}"), 403),
        (format!("token {key}"), 403),
        (format!("Bearer {valid}"), 403),
        (format!("Bearer {access}"), 403),
        ("Bearer x".to_owned(), 403),
        ("Basic eDp5".to_owned(), 403),
    ] {
        let request = asker
            .cloud(Method::GET, path)
            .header("Authorization", authorization);
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    let both = asker.cloud(Method::GET, &main_of(&expired)).bearer_auth(&key);
    assert_eq!(both.send().await.unwrap().status(), 403, "the path counts");
}

#[tokio::test]
async fn a_key_reads_channels_only_if_it_may() {
    let asker = Asker::new().await;
    let access = asker.access("alice").await;
    let body = json!({"scopes": ["cloud:read"]});
    let request = asker
        .cloud(Method::POST, "/api/auth/api-keys")
        .bearer_auth(access);
    let key = text(&Asker::send(request.json(&body)).await.1["api_key"]);
    assert_eq!(asker.cloud_get("/api/account", &key).await.0, 200);
    let path = "/repo/main/noarch/repodata.json";
    assert_cloud_error(&asker.cloud_get(path, &key).await, 403);
}

#[tokio::test]
async fn channeldata_needs_a_token_too() {
    let asker = Asker::new().await;
    let [valid, ..] = tokens(&asker);
    let path = "/repo/main/channeldata.json";
    assert_cloud_error(&Asker::send(asker.cloud(Method::GET, path)).await, 403);
    let (status, data) = Asker::send(asker.cloud(Method::GET, &format!("/t/{valid}{path}"))).await;
    assert_eq!((status.as_u16(), &data["channeldata_version"]), (200, &json!(1)));
    assert_eq!(
        data["packages"]["numpy"]["subdirs"],
        json!(["linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"])
    );
}

#[tokio::test]
async fn channels_of_organizations_are_for_those_who_may_read_them() {
    let asker = Asker::new().await;
    let [token, ..] = tokens(&asker);
    let (alice, bob) = (asker.api_key("alice").await, asker.api_key("bob").await);
    //                                  token alice bob
    for (channel, expected) in [
        ("practice-org/models", [200, 200, 403]),
        ("practice-org/internal", [200, 200, 403]),
        ("bobs-lab/notes", [403, 200, 200]),
        ("open-data/weather", [200, 200, 200]),
        ("practice-org/nothing", [404, 404, 404]),
        ("nowhere/models", [404, 404, 404]),
    ] {
        let file = format!("{channel}/noarch/repodata.json");
        let by_token = asker.cloud(Method::GET, &format!("/t/{token}/repo/{file}"));
        let path = format!("/repo/{file}");
        assert_eq!(
            [
                Asker::send(by_token).await.0.as_u16(),
                asker.cloud_get(&path, &alice).await.0.as_u16(),
                asker.cloud_get(&path, &bob).await.0.as_u16(),
            ],
            expected,
            "{channel}"
        );
        let nobody = Asker::send(asker.cloud(Method::GET, &path)).await;
        assert_cloud_error(&nobody, 403);
    }
}

#[tokio::test]
async fn tokens_end_from_outside() {
    let asker = Asker::new().await;
    let tokens = asker.server.cloud_tokens();
    let status = async || {
        let request = asker.cloud(Method::HEAD, &main_of(tokens[0].value.expose()));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status().await, 200);
    assert!(asker.server.expire_cloud_token(&tokens[0].id));
    assert_eq!(status().await, 403);
    assert!(asker.server.revoke_cloud_token(&tokens[0].id));
    assert!(!asker.server.revoke_cloud_token(&tokens[0].id));
    assert!(!asker.server.revoke_cloud_token("x") && !asker.server.expire_cloud_token("x"));
}
