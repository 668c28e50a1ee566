//! Packages: what lies in the archives, and the ways in which an index is offered (server reference, section 1.11).

use std::collections::BTreeMap;
use std::io::Read as _;

use sextant::practice::{Fault, Trouble};
use sha2::{Digest, Sha256};

use super::*;

/// Every record of an index by file name.
fn records(repodata: &Value) -> BTreeMap<String, Value> {
    ["packages", "packages.conda"]
        .iter()
        .flat_map(|section| repodata[section].as_object().unwrap().clone())
        .collect()
}

async fn bytes(asker: &Asker, path: &str) -> Vec<u8> {
    let response = asker.request(Method::GET, path, As::Nobody).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.bytes().await.unwrap().to_vec()
}

/// The files of an archive by path; links hold their target.
fn unpacked(file_name: &str, archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let tars: Vec<Vec<u8>> = if file_name.ends_with(".conda") {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
        assert!(zip.index_for_name("metadata.json").is_some());
        let stem = file_name.trim_end_matches(".conda");
        let members = ["info", "pkg"].map(|part| format!("{part}-{stem}.tar.zst"));
        let read = |member: String| zstd::decode_all(zip.by_name(&member).unwrap()).unwrap();
        members.map(read).into()
    } else {
        let mut tar = Vec::new();
        bzip2::read::BzDecoder::new(archive)
            .read_to_end(&mut tar)
            .unwrap();
        vec![tar]
    };
    let mut files = BTreeMap::new();
    for tar in tars {
        for entry in tar::Archive::new(tar.as_slice()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let mut content = Vec::new();
            match entry.link_name().unwrap() {
                Some(target) => content.extend(target.to_str().unwrap().bytes()),
                None => drop(entry.read_to_end(&mut content).unwrap()),
            }
            files.insert(path, content);
        }
    }
    files
}

fn sha256(bytes: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn every_archive_is_what_its_record_says() {
    let asker = Asker::new().await;
    let (_, token) = asker.token("alice", &READ).await;
    for channel in [
        "main",
        "vendor-a",
        "genomics",
        "risk-models",
        "legacy-2019",
        "alice",
    ] {
        for subdir in SUBDIRS {
            let base = format!("/api/repo/t/{token}/{channel}/{subdir}");
            let index = bytes(&asker, &format!("{base}/repodata.json")).await;
            for (file_name, record) in records(&serde_json::from_slice(&index).unwrap()) {
                let archive = bytes(&asker, &format!("{base}/{file_name}")).await;
                assert_eq!(record["sha256"], sha256(&archive), "{file_name}");
                assert_eq!(record["size"], archive.len(), "{file_name}");
                let files = unpacked(&file_name, &archive);
                assert_index_and_paths(&file_name, &record, &files);
            }
        }
    }
}

fn assert_index_and_paths(file_name: &str, record: &Value, files: &BTreeMap<String, Vec<u8>>) {
    let json = |path: &str| serde_json::from_slice::<Value>(&files[path]).unwrap();
    let mut said = record.clone();
    for key in ["md5", "sha256", "size"] {
        said.as_object_mut().unwrap().remove(key);
    }
    assert_eq!(json("info/index.json"), said, "{file_name}");
    let paths = json("info/paths.json");
    let listed: Vec<&Value> = paths["paths"].as_array().unwrap().iter().collect();
    let own = files.keys().filter(|path| !path.starts_with("info/")).count();
    assert_eq!(listed.len(), own, "{file_name}");
    for path in listed {
        let name = path["_path"].as_str().unwrap();
        let content = &files[name];
        if path["path_type"] == "softlink" {
            continue;
        }
        assert_eq!(path["sha256"], sha256(content), "{file_name}: {name}");
        assert_eq!(path["size_in_bytes"], content.len(), "{file_name}: {name}");
        if let Some(placeholder) = path.get("prefix_placeholder") {
            let placeholder = placeholder.as_str().unwrap().as_bytes();
            assert!(
                content
                    .windows(placeholder.len())
                    .any(|window| window == placeholder)
            );
        }
    }
    assert_eq!(
        files.contains_key("info/link.json"),
        record.get("noarch").is_some(),
        "{file_name}"
    );
}

#[tokio::test]
async fn two_servers_have_the_same_bytes() {
    let (one, other) = (Asker::new().await, Asker::new().await);
    for path in [
        "/api/repo/main/linux-64/repodata.json",
        "/api/repo/main/linux-64/repodata.json.zst",
        "/api/repo/r-main/noarch/repodata_shards.msgpack.zst",
    ] {
        assert_eq!(bytes(&one, path).await, bytes(&other, path).await, "{path}");
    }
}

#[tokio::test]
async fn an_index_comes_in_several_forms() {
    let asker = Asker::new().await;
    for channel in ["main", "r-main", "sandbox"] {
        for subdir in SUBDIRS {
            let base = format!("/api/repo/{channel}/{subdir}");
            let plain = bytes(&asker, &format!("{base}/repodata.json")).await;
            let packed = bytes(&asker, &format!("{base}/repodata.json.zst")).await;
            assert_eq!(zstd::decode_all(packed.as_slice()).unwrap(), plain);
            let packed = bytes(&asker, &format!("{base}/repodata.json.bz2")).await;
            let mut unpacked = Vec::new();
            bzip2::read::BzDecoder::new(packed.as_slice())
                .read_to_end(&mut unpacked)
                .unwrap();
            assert_eq!(unpacked, plain);
            let current = bytes(&asker, &format!("{base}/current_repodata.json")).await;
            let current = records(&serde_json::from_slice(&current).unwrap());
            let all = records(&serde_json::from_slice(&plain).unwrap());
            assert!(current.iter().all(|(file, record)| all[file] == *record));
            assert!(current.len() < all.len());
        }
    }
}

/// A package name's shard with the records of a plain index, checksums as bytes.
#[derive(serde::Deserialize)]
struct Shards {
    info: BTreeMap<String, String>,
    shards: BTreeMap<String, Vec<u8>>,
}

#[tokio::test]
async fn shards_hold_what_the_index_holds() {
    let asker = Asker::new().await;
    for subdir in SUBDIRS {
        let base = format!("/api/repo/r-main/{subdir}");
        let index = bytes(&asker, &format!("{base}/repodata_shards.msgpack.zst")).await;
        let index: Shards = rmp_serde::from_slice(&zstd::decode_all(index.as_slice()).unwrap()).unwrap();
        assert_eq!(index.info["subdir"], subdir);
        let mut found = 0;
        for (name, digest) in &index.shards {
            let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let shard = bytes(&asker, &format!("{base}/shards/{digits}.msgpack.zst")).await;
            assert_eq!(sha256(&shard), digits, "{name}");
            let shard = zstd::decode_all(shard.as_slice()).unwrap();
            let shard: BTreeMap<String, serde::de::IgnoredAny> = rmp_serde::from_slice(&shard).unwrap();
            assert!(shard.contains_key("packages") && shard.contains_key("packages.conda"));
            found += 1;
        }
        let plain = bytes(&asker, &format!("{base}/repodata.json")).await;
        let mut names: Vec<String> = records(&serde_json::from_slice(&plain).unwrap())
            .values()
            .map(|record| text(&record["name"]))
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(found, names.len());
    }
    let (_, token) = asker.token("alice", &READ).await;
    let vendor = "vendor-a/noarch/repodata_shards.msgpack.zst";
    assert_eq!(
        asker.status(&format!("/api/repo/{vendor}"), As::Nobody).await,
        401
    );
    assert_eq!(
        asker
            .status(&format!("/api/repo/t/{token}/{vendor}"), As::Nobody)
            .await,
        200
    );
    let nowhere = format!("/api/repo/r-main/noarch/shards/{}.msgpack.zst", "0".repeat(64));
    assert_error(&asker.get(&nowhere, As::Nobody).await, 404);
}

#[tokio::test]
async fn a_file_is_sent_in_parts_and_not_again_to_whoever_has_it() {
    let asker = Asker::new().await;
    let path = "/api/repo/main/noarch/six-1.17.0-pyhd8ed1ab_0.conda";
    let whole = bytes(&asker, path).await;
    let ask = || asker.request(Method::GET, path, As::Nobody);
    let response = ask().send().await.unwrap();
    let (tag, date) = (&response.headers()["etag"], &response.headers()["last-modified"]);
    assert_eq!(response.headers()["accept-ranges"], "bytes");

    let part = ask().header("Range", "bytes=10-19").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(
        part.headers()["content-range"],
        format!("bytes 10-19/{}", whole.len())
    );
    assert_eq!(part.bytes().await.unwrap(), whole[10..20]);
    let rest = ask().header("Range", "bytes=100-").header("If-Range", tag);
    assert_eq!(rest.send().await.unwrap().bytes().await.unwrap(), whole[100..]);
    let other = ask()
        .header("Range", "bytes=100-")
        .header("If-Range", "\"other\"");
    let other = other.send().await.unwrap();
    assert_eq!(other.status(), 200, "another file is sent whole");
    let beyond = ask().header("Range", format!("bytes={}-", whole.len()));
    assert_eq!(beyond.send().await.unwrap().status(), 416);

    let known = ask().header("If-None-Match", tag).send().await.unwrap();
    assert_eq!((known.status().as_u16(), &known.headers()["etag"]), (304, tag));
    let unchanged = ask().header("If-Modified-Since", date).send().await.unwrap();
    assert_eq!(unchanged.status(), 304);
    let changed = ask()
        .header("If-None-Match", "\"other\"")
        .header("If-Modified-Since", date);
    assert_eq!(changed.send().await.unwrap().status(), 200, "the tag counts");
}

#[tokio::test]
async fn packages_are_as_private_as_their_channel() {
    let asker = Asker::new().await;
    let (_, alice) = asker.token("alice", &READ).await;
    let (_, bob) = asker.token("bob", &READ).await;
    let file = "risk-models/noarch/risk-engine-2.1.0-pyhd8ed1ab_0.conda";
    assert_eq!(asker.status(&format!("/api/repo/{file}"), As::Nobody).await, 401);
    assert_eq!(
        asker
            .status(&format!("/api/repo/t/{alice}/{file}"), As::Nobody)
            .await,
        200
    );
    assert_eq!(
        asker
            .status(&format!("/api/repo/t/{bob}/{file}"), As::Nobody)
            .await,
        403
    );
    let [valid, ..] = [0].map(|at: usize| asker.server.cloud_tokens()[at].value.expose().to_owned());
    let six = "repo/main/noarch/six-1.17.0-pyhd8ed1ab_0.conda";
    let status = async |path: String| {
        let response = asker.cloud(Method::GET, &path).send().await.unwrap();
        response.status().as_u16()
    };
    assert_eq!(status(format!("/t/{valid}/{six}")).await, 200);
    assert_eq!(status(format!("/{six}")).await, 403);
    let token = asker.repository_token("alice", json!({})).await;
    let draft = "conda/alice/noarch/draft-0.1.0-0.tar.bz2";
    let status = async |path: String| {
        let response = asker.repository(Method::GET, &path).send().await.unwrap();
        response.status().as_u16()
    };
    assert_eq!(status(format!("/{draft}")).await, 404);
    assert_eq!(status(format!("/t/{token}/{draft}")).await, 200);
}

#[tokio::test]
async fn files_may_be_changed_cut_or_slow_on_their_way() {
    let asker = Asker::new().await;
    let path = "/api/repo/main/noarch/six-1.17.0-pyhd8ed1ab_0.conda";
    let whole = bytes(&asker, path).await;
    let set = |fault| {
        asker
            .server
            .set_trouble(Trouble::fault(fault).only_path(".conda"));
    };
    set(Fault::Corrupt);
    let changed = bytes(&asker, path).await;
    assert_eq!(changed.len(), whole.len());
    assert_eq!(
        changed
            .iter()
            .zip(&whole)
            .filter(|(one, other)| one != other)
            .count(),
        1
    );
    set(Fault::Halve);
    assert_eq!(bytes(&asker, path).await, whole[..whole.len() / 2]);
    set(Fault::Truncate);
    let broken = asker.request(Method::GET, path, As::Nobody).send().await.unwrap();
    assert_eq!(broken.content_length(), Some(whole.len() as u64));
    assert!(broken.bytes().await.is_err());
    set(Fault::Trickle {
        bytes_per_second: 20 * whole.len() as u64 / 3,
    });
    let mut slow = asker.request(Method::GET, path, As::Nobody).send().await.unwrap();
    let mut parts = Vec::new();
    while let Some(part) = slow.chunk().await.unwrap() {
        parts.push(part);
    }
    assert!(parts.len() > 2, "it comes in parts");
    assert_eq!(parts.concat(), whole);
}

#[tokio::test]
async fn some_channels_mean_harm() {
    let asker = Asker::new().await;
    let channels = asker
        .get("/api/channels", As::Bearer(&asker.session("admin").await))
        .await
        .1;
    assert!(!channels.to_string().contains("trouble"), "they are in no list");
    let base = "/api/repo/trouble-archives/noarch";
    let index = bytes(&asker, &format!("{base}/repodata.json")).await;
    let index = records(&serde_json::from_slice(&index).unwrap());
    let mut escaping = 0;
    for (file_name, record) in &index {
        let archive = bytes(&asker, &format!("{base}/{file_name}")).await;
        let name = record["name"].as_str().unwrap();
        assert_eq!(
            record["sha256"] == sha256(&archive),
            name != "wrong-checksum",
            "{file_name}"
        );
        if ["wrong-checksum", "half-an-archive", "not-an-archive"].contains(&name) {
            continue;
        }
        let files = unpacked(file_name, &archive);
        assert_eq!(
            files.contains_key("info/index.json"),
            name != "no-info",
            "{file_name}"
        );
        let leads_out = |path: &String| path.contains("..") || path.starts_with('/');
        escaping += usize::from(files.keys().any(leads_out));
    }
    assert_eq!(escaping, 2 * 7, "seven kinds of paths, each in both forms");

    let index = bytes(&asker, "/api/repo/trouble-index/noarch/repodata.json").await;
    let index = serde_json::from_slice::<Value>(&index).unwrap();
    assert!(records(&index).values().any(Value::is_null));

    for count in [0, 1, 1_234] {
        let path = format!("/api/repo/trouble-large-{count}/linux-64/repodata.json");
        let large = bytes(&asker, &path).await;
        assert!(!large.contains(&b'\n'));
        let large = records(&serde_json::from_slice(&large).unwrap());
        assert_eq!(large.len(), count);
    }
    for path in [
        "trouble-large-x",
        "trouble-large-5/linux-64/x",
        "trouble-else/noarch/repodata.json",
    ] {
        assert_error(&asker.get(&format!("/api/repo/{path}"), As::Nobody).await, 404);
    }
}
