use std::collections::BTreeSet;

use super::*;

fn names(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|item| match item.get("parent") {
            Some(parent) => format!("{}/{}", parent.as_str().unwrap(), item["name"].as_str().unwrap()),
            None => text(&item["name"]),
        })
        .collect()
}

const ALL: &str = "/api/channels?include_subchannels=true";
const OWN: &str = "/api/account/channels?offset=0&limit=1000&sort=name,updated_at&include_subchannels=true";

#[tokio::test]
async fn each_person_sees_the_channels_they_may_see() {
    let asker = Asker::new().await;
    let public = ["legacy-2019", "main", "r-main", "sandbox"];
    let authenticated = ["research", "vendor-a"];
    for (user, private, own) in [
        (
            "alice",
            vec!["alice", "genomics", "research/gpu", "risk-models"],
            vec!["alice", "genomics", "research", "research/gpu", "risk-models"],
        ),
        (
            "bob",
            vec!["bob", "genomics"],
            vec!["bob", "genomics", "research"],
        ),
        (
            "admin",
            vec!["admin", "alice", "bob", "genomics", "research/gpu", "risk-models"],
            vec!["admin"],
        ),
    ] {
        let session = asker.session(user).await;
        let expected: BTreeSet<&str> = public
            .into_iter()
            .chain(authenticated)
            .chain(private.iter().copied())
            .collect();
        let (status, all) = asker.get(ALL, As::Bearer(&session)).await;
        assert_eq!(status, 200);
        assert_eq!(names(&all), Vec::from_iter(expected), "sorted, each once: {user}");
        assert_eq!(all["total_count"], names(&all).len());
        let (status, mine) = asker.get(OWN, As::Cookies(&session)).await;
        assert_eq!(status, 200);
        assert_eq!(names(&mine), own, "{user}");
        let top = asker.get("/api/channels", As::Bearer(&session)).await.1;
        assert!(names(&top).iter().all(|name| !name.contains('/')));
    }
}

#[tokio::test]
async fn channels_have_the_recorded_shape() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    let top = [
        "artifact_count",
        "created",
        "description",
        "download_count",
        "filters",
        "group_count",
        "id",
        "mirror_count",
        "name",
        "owners",
        "privacy",
        "subchannel_count",
        "updated",
    ];
    let (_, all) = asker.get(ALL, As::Bearer(&session)).await;
    for item in all["items"].as_array().unwrap() {
        let mut expected = Vec::from(top);
        if item["name"] == "gpu" {
            expected.push("parent");
            expected.sort_unstable();
        }
        assert_eq!(keys(item), expected);
    }
    let one = async |path: &str| {
        asker
            .get(&format!("/api/channels/{path}"), As::Bearer(&session))
            .await
            .1
    };
    let main = one("main").await;
    assert_eq!(
        (&main["artifact_count"], &main["mirror_count"]),
        (&json!(1204), &json!(1))
    );
    assert_eq!(
        (&main["privacy"], &main["owners"]),
        (&json!("public"), &json!(["team-it"]))
    );
    let sandbox = one("sandbox").await;
    assert_eq!(sandbox["owners"], json!([null]));
    assert!(sandbox["description"].is_null() && sandbox["updated"].is_null());
    assert_eq!(one("research").await["subchannel_count"], 1);
    assert_eq!(one("research/subchannels/gpu").await["parent"], "research");
}

#[tokio::test]
async fn single_channels_keep_their_privacy() {
    let asker = Asker::new().await;
    let bob = asker.session("bob").await;
    for (path, status) in [
        ("main", 200),
        ("research", 200),
        ("vendor-a", 200),
        ("genomics", 200),
        ("risk-models", 403),
        ("alice", 403),
        ("nowhere", 404),
        ("research/subchannels", 200),
        ("research/subchannels/gpu", 403),
        ("research/subchannels/none", 404),
        ("main/subchannels/gpu", 404),
        ("risk-models/subchannels", 403),
        ("nowhere/subchannels", 404),
    ] {
        let path = format!("/api/channels/{path}");
        assert_eq!(asker.status(&path, As::Bearer(&bob)).await, status, "{path}");
        assert_eq!(asker.status(&path, As::Nobody).await, 401, "{path}");
    }
    let gpu = "/api/channels/research/subchannels";
    assert_eq!(
        asker.get(gpu, As::Bearer(&bob)).await.1,
        json!({"total_count": 0, "items": []})
    );
    let alice = asker.session("alice").await;
    assert_eq!(
        names(&asker.get(gpu, As::Bearer(&alice)).await.1),
        ["research/gpu"]
    );
}

#[tokio::test]
async fn every_carrier_of_the_api_works_and_tokens_need_their_scope() {
    let asker = Asker::new().await;
    let session = asker.session("alice").await;
    let (_, token) = asker.token("alice", &READ).await;
    let (_, top_only) = asker.token("alice", &["channel:view"]).await;
    let (_, blind) = asker.token("alice", &["artifact:download"]).await;
    for path in [
        "/api/channels",
        "/api/account/channels",
        ALL,
        OWN,
        "/api/channels/research/subchannels/gpu",
    ] {
        for who in [As::Bearer(&session), As::Cookies(&session), As::XAuth(&token)] {
            assert_eq!(asker.status(path, who).await, 200, "{path}");
        }
        assert_error(&asker.get(path, As::Nobody).await, 401);
        assert_error(&asker.get(path, As::Basic(&token)).await, 401);
        assert_error(&asker.get(path, As::XAuth(&blind)).await, 403);
        let below = path.contains("subchannel");
        assert_eq!(
            asker.status(path, As::XAuth(&top_only)).await,
            if below { 403 } else { 200 },
            "{path}"
        );
    }
}

#[tokio::test]
async fn two_thousand_five_hundred_and_one_channels_are_paged() {
    // The fixed world has eleven top-level channels, all of which an administrator sees.
    let asker = Asker::with(Options {
        channels: 2_490,
        ..Options::default()
    })
    .await;
    let admin = asker.session("admin").await;
    let mut seen = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let path = format!(
            "/api/channels?offset={}&limit=1000&sort=name,updated_at",
            seen.len()
        );
        let (status, page) = asker.get(&path, As::Bearer(&admin)).await;
        assert_eq!(status, 200);
        assert_eq!(page["total_count"], 2_501);
        let names = names(&page);
        if names.is_empty() {
            break;
        }
        sizes.push(names.len());
        seen.extend(names);
    }
    assert_eq!(sizes, [1_000, 1_000, 501]);
    assert!(seen.is_sorted());
    assert_eq!(BTreeSet::from_iter(&seen).len(), 2_501);

    let with_subchannels = asker.get(ALL, As::Bearer(&admin)).await.1;
    assert_eq!(with_subchannels["total_count"], 2_501 + 1 + 249);
    assert_eq!(
        names(&with_subchannels).len(),
        100,
        "the size of a page nobody asked for"
    );
    let most = asker.get("/api/channels?limit=5000", As::Bearer(&admin)).await.1;
    assert_eq!(names(&most).len(), 1_000);

    let alice = asker.session("alice").await;
    let fewer = asker.get("/api/channels", As::Bearer(&alice)).await.1["total_count"]
        .as_u64()
        .unwrap();
    assert!(fewer < 2_501);
}

#[tokio::test]
async fn lists_can_be_sorted_and_wrong_numbers_are_refused() {
    let asker = Asker::with(Options {
        channels: 50,
        ..Options::default()
    })
    .await;
    let admin = asker.session("admin").await;
    let sorted = async |key: &str| {
        let path = format!("/api/channels?limit=1000&sort={key}");
        asker.get(&path, As::Bearer(&admin)).await.1["items"]
            .as_array()
            .unwrap()
            .clone()
    };
    let counts: Vec<u64> = sorted("-artifact_count,name")
        .await
        .iter()
        .map(|item| item["artifact_count"].as_u64().unwrap())
        .collect();
    assert!(counts.is_sorted_by(|a, b| a >= b));
    let mirrors: Vec<(u64, String)> = sorted("mirror_count,-name")
        .await
        .iter()
        .map(|item| (item["mirror_count"].as_u64().unwrap(), text(&item["name"])))
        .collect();
    assert!(mirrors.is_sorted_by(|a, b| a.0 < b.0 || (a.0 == b.0 && a.1 > b.1)));
    assert_eq!(sorted("nonsense").await, sorted("name").await);
    for query in ["limit=0", "limit=ten", "offset=-1"] {
        assert_error(
            &asker
                .get(&format!("/api/channels?{query}"), As::Bearer(&admin))
                .await,
            400,
        );
    }
}
