//! What comes from servers and from people's files may be anything: the readers of indexes and of channel addresses meet
//! bytes that are changed at random, and neither stop nor show a secret.
//!
//! The cases are the same in every run; `SEXTANT_CASES` sets their number, and a failure names the case. The functions called
//! `meets_…` take any bytes, as the entry of a fuzzing program does.

#[path = "support/dice.rs"]
mod dice;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dice::{Dice, cases};
use sextant::conda::Surroundings;
use sextant::conda::channel::{ChannelEntry, ChannelName, ChannelUrl};
use sextant::conda::configuration::Configuration;
use sextant::conda::in_flight::ChannelCredentials;
use sextant::credential::FileStore;
use sextant::locations::Locations;
use sextant::package::index::{Form, examine};
use sextant::repository::Domain;
use sextant::secret::without_secrets;
use sextant::service::{Services, SystemClock};
use tempfile::TempDir;
use url::Url;

/// Texts that mean something to the readers.
const WORDS: [&str; 24] = [
    "\"packages\":{",
    "\"packages.conda\":{",
    "\"info\":{\"base_url\":\"",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    ",",
    ":",
    "null",
    "/t/",
    "://",
    "@",
    "https://",
    "file://",
    "/noarch",
    "%2F",
    "..",
    "\u{feff}",
    "\u{0}",
    "é",
    "machine ",
];

fn corpus(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn addresses() -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/channel_addresses.txt");
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| line.as_bytes().to_vec()).collect()
}

/// A seed with some changes.
fn changed(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[dice.roll(seeds.len())].clone();
    for _ in 0..dice.roll(6) {
        let at = dice.roll(bytes.len() + 1);
        let end = (at + dice.roll(20)).min(bytes.len());
        match dice.roll(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.roll(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            3 => {
                let word = dice.pick(&WORDS).as_bytes().to_vec();
                bytes.splice(at..at, word);
            }
            4 => {
                let other = &seeds[dice.roll(seeds.len())];
                let from = dice.roll(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            5 => bytes.truncate(at),
            _ => bytes.insert(at, dice.roll(256) as u8),
        }
    }
    bytes
}

/// An index in every form. What serde_json reads as one is read as one, with no fewer entries.
fn meets_index(bytes: &[u8]) {
    let plain = examine(bytes, Form::Plain);
    let _ = examine(bytes, Form::Zst);
    let _ = examine(bytes, Form::Bz2);
    let zst = zstd::encode_all(bytes, 1).unwrap();
    let through_zst = examine(&zst, Form::Zst);
    assert_eq!(plain.is_ok(), through_zst.is_ok());
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(serde_json::Value::Object(read)) = serde_json::from_slice(bare) else {
        return;
    };
    let maps = ["packages", "packages.conda"].map(|key| read.get(key));
    let is_index =
        maps.iter().any(Option::is_some) && maps.iter().flatten().all(|map| map.is_object() || map.is_null());
    let is_told_apart = read.keys().all(|key| !key.contains('\\') && !key.contains('"'));
    if is_index && is_told_apart {
        let contents = plain.unwrap();
        let entries: usize = maps
            .iter()
            .flatten()
            .filter_map(|map| Some(map.as_object()?.len()))
            .sum();
        assert!(contents.records + contents.skipped >= entries as u64);
    }
}

/// An address as it may stand in a `.condarc`, on a command line or in a clipboard.
fn meets_address(text: &str, home: &Home) {
    let entry = ChannelEntry::from_text(text);
    assert_eq!(entry.expose(), text);
    let shown = format!("{entry} {entry:?}");
    let _ = (
        ChannelName::parse(text),
        Domain::parse_pasted(text).map_err(|error| error.to_string()),
    );
    assert!(
        !without_secrets(&without_secrets(text)).contains("/t/canary-1/"),
        "{text}"
    );
    let Ok(url) = ChannelUrl::parse(text) else {
        return;
    };
    assert_eq!(url.expose(), text);
    if let Some(token) = url.token() {
        let is_ambiguous = token.expose().len() < 6 || url.public().contains(token.expose());
        assert!(is_ambiguous || !shown.contains(token.expose()), "{shown}");
    }
    if let Ok(again) = ChannelUrl::parse(&url.public()) {
        assert!(again.scheme() == url.scheme());
    }
    home.knows(text);
}

/// A `.netrc`.
fn meets_netrc(bytes: &[u8], home: &Home) {
    fs::write(home.path(".netrc"), bytes).unwrap();
    home.knows("https://psm.example.com/api/repo/main");
    fs::remove_file(home.path(".netrc")).unwrap();
}

struct Home {
    folder: TempDir,
    services: Services,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let locations = Locations::inside(folder.path());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let services = Services::with(locations, credentials, Arc::new(SystemClock));
        Self { folder, services }
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    /// conda's configuration with the text as a channel, and what would go along with a request to it.
    fn knows(&self, channel: &str) {
        let condarc =
            serde_json::json!({"channels": [channel], "channel_alias": "https://a.example/t/canary-9"});
        fs::write(self.path(".condarc"), condarc.to_string()).unwrap();
        let locations = self.services.locations();
        let surroundings = Surroundings {
            home: locations.home.clone(),
            variables: locations.variables.clone(),
            platform: locations.platform,
            system_root: locations.system_root.clone(),
        };
        let configuration = Configuration::read(&surroundings);
        let credentials = ChannelCredentials::read(&surroundings, &configuration);
        let Ok(searched) = self.services.searched_channels() else {
            return;
        };
        for channel in searched {
            assert!(!channel.url.contains("canary-9"), "{}", channel.url);
            let Ok(url) = Url::parse(&format!("{}/noarch/repodata.json", channel.url)) else {
                continue;
            };
            let Ok(in_flight) = credentials.for_address(&url) else {
                continue;
            };
            assert_eq!(in_flight.expose().host(), url.host(), "{url}");
            assert!(!format!("{in_flight:?}").contains("canary"), "{in_flight:?}");
        }
    }
}

/// Runs a case so that a panic names it.
fn each_case(mut case: impl FnMut(&mut Dice)) {
    for number in 0..cases() {
        let told = Told(number);
        case(&mut Dice::for_case(number));
        std::mem::forget(told);
    }
}

struct Told(usize);

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("this was case {}", self.0);
    }
}

#[test]
fn the_reader_of_indexes_meets_anything() {
    let seeds = corpus("repodata");
    seeds.iter().for_each(|seed| meets_index(seed));
    each_case(|dice| meets_index(&changed(dice, &seeds)));
}

#[test]
fn the_readers_of_addresses_meet_anything() {
    let (seeds, home) = (addresses(), Home::new());
    seeds
        .iter()
        .for_each(|seed| meets_address(&String::from_utf8_lossy(seed), &home));
    each_case(|dice| {
        let bytes = changed(dice, &seeds);
        meets_address(&String::from_utf8_lossy(&bytes), &home);
    });
}

#[test]
fn the_reader_of_logins_meets_anything() {
    let (seeds, home) = (corpus("netrc"), Home::new());
    seeds.iter().for_each(|seed| meets_netrc(seed, &home));
    each_case(|dice| meets_netrc(&changed(dice, &seeds), &home));
}

/// What is kept may have been changed by anything too: it is used or made anew.
#[test]
fn a_kept_index_may_be_anything() {
    let home = Home::new();
    let channel = tempfile::tempdir().unwrap();
    fs::create_dir_all(channel.path().join("noarch")).unwrap();
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/repodata/many.json"),
        channel.path().join("noarch/repodata.json"),
    )
    .unwrap();
    let condarc = format!("channels: ['file://{}/noarch']\n", channel.path().display());
    fs::write(home.path(".condarc"), condarc).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let update = || runtime.block_on(home.services.update_index(|_| {})).unwrap();
    assert_eq!(update()[0].records, 40);
    let kept: Vec<(PathBuf, Vec<u8>)> = fs::read_dir(home.path(".cache/sextant/index"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "lock"))
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect();
    assert_eq!(kept.len(), 2);
    each_case(|dice| {
        for (path, bytes) in &kept {
            fs::write(path, changed(dice, std::slice::from_ref(bytes))).unwrap();
        }
        let index = home.services.package_index().unwrap();
        for hit in index.search("p", 100) {
            let _ = runtime.block_on(index.versions(&hit.name));
        }
    });
    // And is mended, however it was left.
    for (path, bytes) in &kept {
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    }
    assert_eq!(update()[0].records, 40);
}
