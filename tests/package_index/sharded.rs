//! A channel whose index comes in shards (CEP 16).

use std::collections::BTreeMap;

use serde::Serialize;
use sextant::service::packages::index::IndexStatus;
use sha2::{Digest, Sha256};

use crate::channel_server::{Home, Shelf, record, zst};

#[derive(Serialize)]
struct List {
    info: BTreeMap<&'static str, &'static str>,
    shards: BTreeMap<String, serde_bytes::Bytes32>,
}

/// MessagePack's bytes, which serde has no type for.
mod serde_bytes {
    pub struct Bytes32(pub [u8; 32]);

    impl serde::Serialize for Bytes32 {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }
}

fn shard(records: &[serde_json::Value]) -> Vec<u8> {
    let files: BTreeMap<String, serde_json::Value> = records
        .iter()
        .map(|record| {
            let text = |key: &str| record[key].as_str().unwrap().to_owned();
            let mut record = record.clone();
            record
                .as_object_mut()
                .unwrap()
                .retain(|key, _| !matches!(key.as_str(), "md5" | "sha256"));
            (
                format!("{}-{}-{}.conda", text("name"), text("version"), text("build")),
                record,
            )
        })
        .collect();
    let none: BTreeMap<String, ()> = BTreeMap::new();
    let whole = (none, files, Vec::<String>::new());
    #[derive(Serialize)]
    struct Shard {
        packages: BTreeMap<String, ()>,
        #[serde(rename = "packages.conda")]
        conda: BTreeMap<String, serde_json::Value>,
        removed: Vec<String>,
    }
    let shard = Shard {
        packages: whole.0,
        conda: whole.1,
        removed: whole.2,
    };
    zst(&rmp_serde::to_vec_named(&shard).unwrap())
}

/// Puts a sharded subdir on the shelf.
fn put(shelf: &Shelf, subdir: &'static str, packages: &[(&str, Vec<serde_json::Value>)]) {
    let mut shards = BTreeMap::new();
    for (name, records) in packages {
        let bytes = shard(records);
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        shelf.put(&format!("/s/{subdir}/shards/{hex}.msgpack.zst"), bytes);
        shards.insert((*name).to_owned(), serde_bytes::Bytes32(hash));
    }
    let list = List {
        info: BTreeMap::from([
            ("subdir", subdir),
            ("base_url", "./"),
            ("shards_base_url", "./shards/"),
        ]),
        shards,
    };
    let bytes = zst(&rmp_serde::to_vec_named(&list).unwrap());
    shelf.put(&format!("/s/{subdir}/repodata_shards.msgpack.zst"), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_come_at_once_and_records_when_they_are_wanted() {
    let shelf = Shelf::default();
    put(
        &shelf,
        "noarch",
        &[
            (
                "attrs",
                vec![
                    record("attrs", "25.1", "0", &["python"]),
                    record("attrs", "9.0", "0", &[]),
                ],
            ),
            ("six", vec![record("six", "1.17.0", "0", &[])]),
        ],
    );
    let server = shelf.serve().await;
    let home = Home::new(&format!("channels: ['{}/s/noarch']\n", server.url()));
    assert_eq!(
        home.update_briefly().await,
        [("noarch".to_owned(), IndexStatus::Updated, 2)]
    );
    assert_eq!(home.found("att"), ["attrs"]);
    let shards = || {
        let requests = server.requests();
        requests
            .iter()
            .filter(|request| request.target.contains("/shards/"))
            .count()
    };
    assert_eq!(shards(), 0);
    assert!(
        server
            .requests()
            .iter()
            .all(|request| !request.target.contains("repodata.json"))
    );
    let index = home.services.package_index().unwrap();
    assert_eq!(index.search("attrs", 1)[0].offers[0].newest, None);
    let versions = index.versions("attrs").await.unwrap();
    let briefly: Vec<_> = versions.iter().map(|record| record.version.as_str()).collect();
    assert_eq!(briefly, ["25.1", "9.0"]);
    assert_eq!(versions[0].depends, ["python"]);
    assert_eq!(versions[0].channel.url, format!("{}/s", server.url()));
    assert_eq!(shards(), 1);
    let newest = index
        .newest(&["attrs".to_owned(), "six".to_owned()])
        .await
        .unwrap();
    assert_eq!(newest["attrs"][0].newest.as_deref(), Some("25.1"));
    assert_eq!(newest["six"][0].records, 1);
    // Each shard was fetched once.
    assert_eq!(shards(), 2);

    assert_eq!(home.update_briefly().await[0].1, IndexStatus::Unchanged);
    put(
        &shelf,
        "noarch",
        &[("tzdata", vec![record("tzdata", "2026b", "0", &[])])],
    );
    assert_eq!(
        home.update_briefly().await,
        [("noarch".to_owned(), IndexStatus::Updated, 1)]
    );
    assert_eq!(home.found(""), ["tzdata"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_becomes_sharded_is_noticed_when_it_is_asked_again() {
    let shelf = Shelf::default();
    let whole = crate::channel_server::repodata("noarch", &[record("six", "1.17.0", "0", &[])]);
    shelf.put("/s/noarch/repodata.json", whole);
    let server = shelf.serve().await;
    let home = Home::new(&format!("channels: ['{}/s/noarch']\n", server.url()));
    home.update().await;
    put(
        &shelf,
        "noarch",
        &[("attrs", vec![record("attrs", "25.1", "0", &[])])],
    );
    home.update().await;
    assert_eq!(home.found(""), ["six"], "it is believed for two weeks");
    home.clock.set("2026-12-10T12:00:00Z");
    home.update().await;
    assert_eq!(home.found(""), ["attrs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_place_of_shards_leads_to_the_whole_index() {
    let shelf = Shelf::default();
    let whole = crate::channel_server::repodata("noarch", &[record("six", "1.17.0", "0", &[])]);
    shelf.put("/s/noarch/repodata.json", whole);
    shelf.put(
        "/s/noarch/repodata_shards.msgpack.zst",
        "<html><title>Sign in</title></html>",
    );
    let server = shelf.serve().await;
    let home = Home::new(&format!("channels: ['{}/s/noarch']\n", server.url()));
    assert_eq!(
        home.update_briefly().await,
        [("noarch".to_owned(), IndexStatus::Updated, 1)]
    );
    assert_eq!(home.found(""), ["six"]);
}
