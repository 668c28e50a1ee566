//! Sharded repodata (CEP 16): an index of all names, and a file for each with its records.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::repodata::sections;
use super::served::zst;
use crate::practice::package::{Package, Subdir};
use crate::practice::random::hex;

pub(super) const INDEX: &str = "repodata_shards.msgpack.zst";
/// Where the shards lie below the subdir.
pub(super) const FOLDER: &str = "shards";

/// A JSON value as MessagePack has it: checksums are bytes.
enum Packed {
    Json(Value),
    Map(BTreeMap<String, Packed>),
    Bytes(Vec<u8>),
}

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(value) => value.serialize(serializer),
            Self::Map(entries) => entries.serialize(serializer),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}

/// The index; nothing if it cannot be made.
pub(super) fn index(subdir: Subdir, packages: &[&Package]) -> Option<Vec<u8>> {
    let mut shards = BTreeMap::new();
    for name in names(packages) {
        let digest: [u8; 32] = Sha256::digest(made(name, packages)?).into();
        shards.insert(name.to_owned(), Packed::Bytes(digest.to_vec()));
    }
    let info = [
        ("subdir", subdir.as_str()),
        ("base_url", "./"),
        ("shards_base_url", "./shards/"),
        ("created_at", "2026-01-01T00:00:00Z"),
    ];
    let info = info.map(|(key, value)| (key.to_owned(), Packed::Json(value.into())));
    packed(Packed::Map(BTreeMap::from([
        ("version".to_owned(), Packed::Json(1.into())),
        ("info".to_owned(), Packed::Map(info.into())),
        ("shards".to_owned(), Packed::Map(shards)),
    ])))
}

/// The shard with this file name, which is its checksum.
pub(super) fn shard(packages: &[&Package], file_name: &str) -> Option<Vec<u8>> {
    names(packages)
        .into_iter()
        .filter_map(|name| made(name, packages))
        .find(|shard| {
            let digest: [u8; 32] = Sha256::digest(shard).into();
            file_name == format!("{}.msgpack.zst", hex(&digest))
        })
}

fn names<'p>(packages: &[&'p Package]) -> Vec<&'p str> {
    let mut names: Vec<&str> = packages.iter().map(|package| package.name()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn made(name: &str, packages: &[&Package]) -> Option<Vec<u8>> {
    let same_name: Vec<&Package> = packages
        .iter()
        .copied()
        .filter(|package| package.name() == name)
        .collect();
    let [archives, conda_archives] = sections(&same_name).map(records);
    packed(Packed::Map(BTreeMap::from([
        ("packages".to_owned(), archives),
        ("packages.conda".to_owned(), conda_archives),
        ("removed".to_owned(), Packed::Json(Value::Array(Vec::new()))),
    ])))
}

fn records(section: Map<String, Value>) -> Packed {
    let records = section.into_iter().map(|(file_name, record)| {
        let entries = match record {
            Value::Object(entries) => entries.into_iter().map(entry).collect(),
            _ => BTreeMap::new(),
        };
        (file_name, Packed::Map(entries))
    });
    Packed::Map(records.collect())
}

fn entry((key, value): (String, Value)) -> (String, Packed) {
    let bytes = match (key.as_str(), &value) {
        ("sha256" | "md5", Value::String(digits)) => from_hex(digits),
        _ => None,
    };
    let packed = bytes.map_or(Packed::Json(value), Packed::Bytes);
    (key, packed)
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

fn packed(value: Packed) -> Option<Vec<u8>> {
    zst(&rmp_serde::to_vec_named(&value).ok()?)
}
