use super::*;

fn at(channel: &str) -> String {
    format!("/api/repo/{channel}/noarch/repodata.json")
}

fn with_token(token: &str, channel: &str) -> String {
    format!("/api/repo/t/{token}/{channel}/noarch/repodata.json")
}

#[tokio::test]
async fn three_privacies_are_kept() {
    let asker = Asker::new().await;
    let (_, alice) = asker.token("alice", &READ).await;
    let (_, bob) = asker.token("bob", &READ).await;
    let (_, admin) = asker.token("admin", &READ).await;
    let bob_session = asker.session("bob").await;
    //                             nobody alice bob  admin
    for (channel, expected) in [
        ("main", [200, 200, 200, 200]),
        ("sandbox", [200, 200, 200, 200]),
        ("research", [401, 200, 200, 200]),
        ("vendor-a", [401, 200, 200, 200]),
        ("research/gpu", [401, 200, 403, 200]),
        ("risk-models", [401, 200, 403, 200]),
        ("genomics", [401, 200, 200, 200]),
        ("alice", [401, 200, 403, 200]),
        ("bob", [401, 403, 200, 200]),
        ("nowhere", [404, 404, 404, 404]),
    ] {
        assert_eq!(
            asker.status(&at(channel), As::Nobody).await,
            expected[0],
            "{channel}"
        );
        for (token, status) in [(&alice, expected[1]), (&bob, expected[2]), (&admin, expected[3])] {
            assert_eq!(
                asker.status(&with_token(token, channel), As::Nobody).await,
                status,
                "{channel}"
            );
            assert_eq!(
                asker.status(&at(channel), As::XAuth(token)).await,
                status,
                "{channel}"
            );
            assert_eq!(
                asker.status(&at(channel), As::Basic(token)).await,
                status,
                "{channel}"
            );
        }
        assert_eq!(
            asker.status(&at(channel), As::Bearer(&bob_session)).await,
            expected[2],
            "{channel}"
        );
        assert_eq!(
            asker.status(&at(channel), As::Cookies(&bob_session)).await,
            expected[2],
            "{channel}"
        );
    }
}

#[tokio::test]
async fn a_token_that_does_not_count_is_refused_everywhere() {
    let asker = Asker::new().await;
    let (revoked, revoked_value) = asker.token("alice", &READ).await;
    let (expired, expired_value) = asker.token("alice", &READ).await;
    asker.server.revoke_token(&revoked);
    asker.server.expire_token(&expired);
    let unknown = "0".repeat(48);
    for token in [&revoked_value, &expired_value, &unknown] {
        for channel in ["main", "research", "risk-models", "nowhere"] {
            assert_error(&asker.get(&with_token(token, channel), As::Nobody).await, 401);
            assert_error(&asker.get(&at(channel), As::XAuth(token)).await, 401);
        }
    }
}

#[tokio::test]
async fn the_token_in_the_path_comes_first() {
    let asker = Asker::new().await;
    let (_, good) = asker.token("alice", &READ).await;
    assert_eq!(
        asker.status(&with_token(&good, "alice"), As::XAuth("bad")).await,
        200
    );
    assert_eq!(
        asker.status(&with_token("bad", "alice"), As::XAuth(&good)).await,
        401
    );
}

#[tokio::test]
async fn scopes_limit_what_a_token_reads() {
    let asker = Asker::new().await;
    let status = async |scopes: &[&str], channel: &str| {
        let (_, token) = asker.token("alice", scopes).await;
        asker.status(&with_token(&token, channel), As::Nobody).await
    };
    let top = ["artifact:download", "channel:view-artifacts"];
    let sub = ["artifact:download", "subchannel:view-artifacts"];
    for channel in ["research", "risk-models"] {
        assert_eq!(status(&top, channel).await, 200);
        assert_eq!(status(&sub, channel).await, 403);
        assert_eq!(status(&["artifact:download"], channel).await, 403);
        assert_eq!(status(&["channel:view-artifacts"], channel).await, 403);
    }
    assert_eq!(status(&sub, "research/gpu").await, 200);
    assert_eq!(status(&top, "research/gpu").await, 403);
    assert_eq!(
        status(&["channel:create"], "main").await,
        200,
        "public is for anyone"
    );
}

#[tokio::test]
async fn repodata_is_there_for_the_subdirs_and_nothing_else_is() {
    let asker = Asker::new().await;
    for subdir in SUBDIRS {
        let path = format!("/api/repo/main/{subdir}/repodata.json");
        let response = asker
            .request(Method::GET, &path, As::Nobody)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        let tag = response.headers()["etag"].clone();
        let length = response.headers()["content-length"].clone();
        let repodata: Value = response.json().await.unwrap();
        assert_eq!(repodata["info"]["subdir"], subdir);
        assert_eq!(repodata["repodata_version"], 1);
        assert!(!repodata["packages.conda"].as_object().unwrap().is_empty());

        let head = asker
            .request(Method::HEAD, &path, As::Nobody)
            .send()
            .await
            .unwrap();
        assert_eq!(
            (head.status().as_u16(), &head.headers()["content-length"]),
            (200, &length)
        );
        assert_eq!(head.text().await.unwrap(), "");
        let again = asker
            .request(Method::GET, &path, As::Nobody)
            .header("If-None-Match", tag);
        assert_eq!(again.send().await.unwrap().status(), 304);
    }
    for path in [
        "main",
        "main/",
        "main/noarch",
        "main/noarch/",
        "main/linux-ppc64le/repodata.json",
        "main/noarch/repodata_shards.msgpack.zst",
        "main/repodata_shards.msgpack.zst/noarch",
        "main/noarch/six-1.17.0-py_0.conda",
        "main/linux-64/six-1.17.0-pyhd8ed1ab_0.conda",
        "legacy-2019/noarch/repodata.json.zst",
        "legacy-2019/noarch/current_repodata.json",
        "main/gpu/noarch/repodata.json",
        "main/noarch/noarch/repodata.json",
        "research/gpu",
        "t/abc",
    ] {
        let (_, token) = asker.token("alice", &READ).await;
        let path = format!("/api/repo/{path}");
        assert_error(&asker.get(&path, As::XAuth(&token)).await, 404);
        let head = asker
            .request(Method::HEAD, &path, As::XAuth(&token))
            .send()
            .await
            .unwrap();
        assert_eq!(head.status(), 404);
    }
    let alien = asker.request(Method::PUT, &at("main"), As::Nobody);
    assert_error(&Asker::send(alien).await, 405);
}

#[tokio::test]
async fn every_channel_has_noarch_even_an_empty_one() {
    let asker = Asker::with(Options {
        channels: 12,
        ..Options::default()
    })
    .await;
    let (_, token) = asker.token("admin", &READ).await;
    let all = asker
        .get("/api/channels?include_subchannels=true", As::XAuth(&token))
        .await
        .1;
    for channel in all["items"].as_array().unwrap() {
        let name = text(&channel["name"]);
        let path = match channel.get("parent") {
            Some(parent) => format!("{}/{name}", parent.as_str().unwrap()),
            None => name,
        };
        let (status, repodata) = asker.get(&with_token(&token, &path), As::Nobody).await;
        assert_eq!(status, 200, "{path}");
        let packages = ["packages", "packages.conda"].map(|key| repodata[key].as_object().unwrap().len());
        let none = channel["artifact_count"] == 0;
        assert_eq!(packages == [0, 0], none, "{path}");
    }
}

#[tokio::test]
async fn a_token_at_the_root_counts_only_behind_the_switch() {
    for (accept_root_token, status) in [(false, 404), (true, 200)] {
        let asker = Asker::with(Options {
            accept_root_token,
            ..Options::default()
        })
        .await;
        let (_, token) = asker.token("alice", &READ).await;
        let path = format!("/t/{token}/api/repo/risk-models/noarch/repodata.json");
        assert_eq!(asker.status(&path, As::Nobody).await, status);
        let bad = "/t/bad/api/repo/risk-models/noarch/repodata.json";
        assert_eq!(
            asker.status(bad, As::Nobody).await,
            if accept_root_token { 401 } else { 404 }
        );
    }
}

#[tokio::test]
async fn requests_are_recorded_without_their_secrets() {
    let asker = Asker::new().await;
    let (_, token) = asker.token("alice", &READ).await;
    asker.server.forget_requests();
    assert_eq!(
        asker.status(&with_token(&token, "risk-models"), As::Nobody).await,
        200
    );
    assert_eq!(
        asker.status("/api/channels?limit=5", As::XAuth(&token)).await,
        200
    );
    asker.session("alice").await;
    let requests = asker.server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(
        requests[0].path,
        "/api/repo/t/••••/risk-models/noarch/repodata.json"
    );
    assert_eq!(requests[0].credentials[0].value.expose(), token);
    assert_eq!(
        (requests[1].query.as_deref(), requests[1].header("x-auth")),
        (Some("limit=5"), Some("••••"))
    );
    assert_eq!(
        requests[2].body,
        Some(json!({"username": "alice", "password": "••••"}))
    );
    assert!(requests.iter().all(|request| request.status == Some(200)));
    assert!(!format!("{requests:?}").contains(&token));
}
