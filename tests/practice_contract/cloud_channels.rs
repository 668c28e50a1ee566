//! The channels of organizations as anaconda-client 1.16 asks for them (inferred from its `repocore` client).

use super::cloud_account::assert_cloud_error;
use super::*;

const ALL: &str = "/api/repo/channels?offset=0&limit=100&include_subchannels=True";
const OWN: &str = "/api/repo/account/channels?offset=0&limit=100&include_subchannels=True";

fn paths(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|item| match item.get("parent") {
            Some(parent) => format!("{}/{}", parent.as_str().unwrap(), text(&item["name"])),
            None => text(&item["name"]),
        })
        .collect()
}

#[tokio::test]
async fn one_sees_what_one_may_read() {
    let asker = Asker::new().await;
    let alice = asker.api_key("alice").await;
    let (status, all) = asker.cloud_get(ALL, &alice).await;
    assert_eq!(status, 200);
    assert_eq!(
        paths(&all),
        [
            "bobs-lab",
            "bobs-lab/notes",
            "open-data",
            "open-data/weather",
            "practice-org",
            "practice-org/internal",
            "practice-org/models"
        ]
    );
    assert_eq!(all["total_count"], 7);
    let bob = asker.access("bob").await;
    assert_eq!(
        paths(&asker.cloud_get(ALL, &bob).await.1),
        ["bobs-lab", "bobs-lab/notes", "open-data", "open-data/weather"]
    );
    assert_eq!(
        paths(&asker.cloud_get("/api/repo/channels", &bob).await.1),
        ["bobs-lab", "open-data"]
    );
    assert_eq!(
        paths(
            &asker
                .cloud_get("/api/repo/channels?offset=1&limit=1", &bob)
                .await
                .1
        ),
        ["open-data"]
    );
}

#[tokio::test]
async fn ones_own_channels_say_how_far_one_may_go() {
    let asker = Asker::new().await;
    let alice = asker.api_key("alice").await;
    let (status, own) = asker.cloud_get(OWN, &alice).await;
    assert_eq!(status, 200);
    let access: Vec<(String, &str)> = paths(&own)
        .into_iter()
        .zip(own["items"].as_array().unwrap())
        .map(|(path, item)| (path, item["access"].as_str().unwrap()))
        .collect();
    let expected = [
        ("bobs-lab/notes", "viewer"),
        ("practice-org", "collaborator"),
        ("practice-org/internal", "collaborator"),
        ("practice-org/models", "collaborator"),
    ];
    assert_eq!(access, expected.map(|(path, access)| (path.to_owned(), access)));
    let admin = asker.api_key("admin").await;
    let (_, own) = asker.cloud_get(OWN, &admin).await;
    let items = own["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["access"] == "owner"));
}

#[tokio::test]
async fn channels_have_what_the_client_reads() {
    let asker = Asker::new().await;
    let alice = asker.api_key("alice").await;
    let (_, all) = asker.cloud_get(ALL, &alice).await;
    for item in all["items"].as_array().unwrap() {
        for key in ["name", "privacy", "indexing_behavior", "created", "updated"] {
            assert!(item[key].is_string(), "{key}");
        }
        for key in [
            "artifact_count",
            "download_count",
            "mirror_count",
            "channel_count",
        ] {
            assert!(item[key].is_u64(), "{key}");
        }
        assert!(item["owners"].is_array() && item.get("access").is_none());
    }
    let (status, one) = asker
        .cloud_get("/api/repo/channels/practice-org/subchannels/models", &alice)
        .await;
    assert_eq!(
        (status.as_u16(), &one["parent"], &one["privacy"]),
        (200, &json!("practice-org"), &json!("authenticated"))
    );
    assert_eq!(
        paths(
            &asker
                .cloud_get("/api/repo/channels/practice-org/subchannels?limit=50", &alice)
                .await
                .1
        ),
        ["practice-org/internal", "practice-org/models"]
    );
    assert_eq!(
        asker.cloud_get("/api/repo/channels/practice-org", &alice).await.1["channel_count"],
        2
    );
}

#[tokio::test]
async fn what_is_not_for_the_caller_is_not_there() {
    let asker = Asker::new().await;
    let bob = asker.api_key("bob").await;
    for path in [
        "/api/repo/channels/practice-org",
        "/api/repo/channels/practice-org/subchannels",
        "/api/repo/channels/practice-org/subchannels/models",
        "/api/repo/channels/nowhere",
    ] {
        assert_cloud_error(&asker.cloud_get(path, &bob).await, 404);
        assert_cloud_error(&Asker::send(asker.cloud(Method::GET, path)).await, 401);
    }
    for path in [ALL, OWN] {
        assert_cloud_error(&Asker::send(asker.cloud(Method::GET, path)).await, 401);
        let token = asker.server.cloud_tokens()[0].value.expose().to_owned();
        assert_cloud_error(&asker.cloud_get(path, &token).await, 401);
    }
    assert_cloud_error(&asker.cloud_get("/api/repo/channels?limit=x", &bob).await, 400);
}
