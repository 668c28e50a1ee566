//! Anaconda Repository: the content of channels (repository reference, section 1.6).

use super::repository::assert_binstar_error;
use super::*;

async fn packages(asker: &Asker, path: &str) -> Vec<String> {
    let (status, repodata) = Asker::send(asker.repository(Method::GET, path)).await;
    assert_eq!(status, 200, "{path}: {repodata}");
    let mut names: Vec<String> = ["packages", "packages.conda"]
        .iter()
        .flat_map(|section| repodata[section].as_object().unwrap().values())
        .map(|record| text(&record["name"]))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[tokio::test]
async fn everybody_gets_what_they_may_have() {
    let asker = Asker::new().await;
    let alice = asker.repository_token("alice", json!({})).await;
    let bob = asker.repository_token("bob", json!({})).await;
    let organization = asker
        .repository_token("alice", json!({"note": "org", "user": "practice-org"}))
        .await;
    let file = "practice-org/noarch/repodata.json";
    assert_eq!(
        packages(&asker, &format!("/conda/{file}")).await,
        ["forecast-data"]
    );
    for (token, expected) in [
        (
            &alice,
            vec!["forecast-data", "handbook", "pricing", "risk-report"],
        ),
        (&bob, vec!["forecast-data", "handbook", "risk-report"]),
        (
            &organization,
            vec!["forecast-data", "handbook", "pricing", "risk-report"],
        ),
    ] {
        for path in [
            format!("/conda/t/{token}/{file}"),
            format!("/t/{token}/conda/{file}"),
        ] {
            assert_eq!(packages(&asker, &path).await, expected);
        }
    }
    assert_eq!(
        packages(&asker, &format!("/t/{alice}/conda/bob/noarch/repodata.json")).await,
        ["survey"]
    );
    assert!(
        packages(&asker, "/conda/bob/noarch/repodata.json")
            .await
            .is_empty()
    );
    assert_eq!(
        packages(&asker, "/conda/anaconda/linux-64/repodata.json").await,
        ["numpy", "python"]
    );
}

#[tokio::test]
async fn labels_are_channels_of_their_own() {
    let asker = Asker::new().await;
    let alice = asker.repository_token("alice", json!({})).await;
    let dev = "alice/label/dev/noarch/repodata.json";
    assert_eq!(
        packages(&asker, &format!("/conda/{dev}")).await,
        ["alice-tools-next"]
    );
    assert_eq!(
        packages(&asker, &format!("/conda/t/{alice}/{dev}")).await,
        ["alice-tools-next"]
    );
    let main = "/conda/alice/label/main/noarch/repodata.json";
    assert_eq!(packages(&asker, main).await, ["alice-tools"]);
    assert_eq!(
        packages(&asker, "/conda/alice/noarch/repodata.json").await,
        ["alice-tools"]
    );
    let beta = "practice-org/label/beta/noarch/repodata.json";
    assert!(packages(&asker, &format!("/conda/{beta}")).await.is_empty());
    assert_eq!(
        packages(&asker, &format!("/t/{alice}/conda/{beta}")).await,
        ["forecast-beta"]
    );
}

#[tokio::test]
async fn a_token_reads_as_far_as_its_scopes_go() {
    let asker = Asker::new().await;
    for (scope, expected) in [
        ("all", vec!["alice-tools", "draft"]),
        ("conda", vec!["alice-tools", "draft"]),
        ("conda:download", vec!["alice-tools", "draft"]),
        ("repos", vec!["alice-tools", "draft"]),
        ("api", vec!["alice-tools"]),
        ("pypi:download", vec!["alice-tools"]),
    ] {
        let changes = json!({"scopes": [scope], "fail-if-exists": false});
        let token = asker.repository_token("alice", changes).await;
        let path = format!("/conda/t/{token}/alice/noarch/repodata.json");
        assert_eq!(packages(&asker, &path).await, expected, "{scope}");
    }
}

#[tokio::test]
async fn a_token_that_does_not_count_is_refused_everywhere() {
    let asker = Asker::new().await;
    let expired = asker.repository_token("alice", json!({})).await;
    let id = asker.server.repository_tokens()[0].id.clone();
    assert!(asker.server.expire_repository_token(&id));
    for token in [expired.as_str(), "al-00000000-0000-4000-8000-000000000000"] {
        for path in [
            format!("/conda/t/{token}/anaconda/noarch/repodata.json"),
            format!("/t/{token}/conda/anaconda/noarch/repodata.json"),
        ] {
            assert_binstar_error(&Asker::send(asker.repository(Method::GET, &path)).await, 401);
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let asker = Asker::new().await;
    for path in [
        "/conda/nobody/noarch/repodata.json",
        "/conda/alice/label/nothing/noarch/repodata.json",
        "/conda/alice/linux-ppc64le/repodata.json",
        "/conda/alice/noarch/draft-0.1.0-0.tar.bz2",
        "/conda/alice/noarch/alice-tools-1.0.0-py_0.conda",
        "/conda/alice/repodata_shards.msgpack.zst/noarch",
        "/conda/alice",
        "/api/repo/main/noarch/repodata.json",
    ] {
        assert_binstar_error(&Asker::send(asker.repository(Method::GET, path)).await, 404);
    }
    let path = "/conda/alice/noarch/repodata.json";
    let response = asker.repository(Method::GET, path).send().await.unwrap();
    let tag = response.headers()["etag"].clone();
    let again = asker.repository(Method::GET, path).header("If-None-Match", tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
}
