//! A login that Sextant stores for a repository is found by the real anaconda-clients, whichever way their configuration
//! spells its address, and one that they store is found and replaced.

#![cfg(target_os = "linux")]

#[path = "support/peers.rs"]
mod peers;

use std::collections::BTreeMap;
use std::fs;

use peers::Peer;
use sextant::conda::token_file::{self, ApiBase, file_name};
use sextant::conda::{Platform, Surroundings};
use sextant::repository::BinstarApi;
use sextant::secret::Token;

/// What anaconda-client itself would use.
const LOAD: &str = r#"
from binstar_client.utils import config
print(config.load_token(config.get_config()["url"]))
"#;

/// Stores a token as `anaconda login` does.
const STORE: &str = r#"
import argparse, sys
from binstar_client.utils import config
config.store_token(sys.stdin.read(), argparse.Namespace(site=None))
"#;

fn anaconda_clients() -> Vec<Peer> {
    [
        &["anaconda-client==1.13.0"][..],
        &["anaconda-client==1.16.0", "anaconda-auth==0.15.3"],
    ]
    .into_iter()
    .filter_map(Peer::with)
    .collect()
}

/// A home in which anaconda-client is configured for `url`.
struct Home {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

impl Home {
    fn new(url: &str, moved: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut variables = BTreeMap::new();
        let config = if moved {
            let moved = folder.path().join("moved");
            variables.insert("BINSTAR_CONFIG_DIR".to_owned(), moved.display().to_string());
            moved.join("data")
        } else {
            folder.path().join(".continuum/anaconda-client")
        };
        fs::create_dir_all(&config).unwrap();
        fs::write(config.join("config.yaml"), format!("url: {url}\n")).unwrap();
        Self { folder, variables }
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings {
            home: self.folder.path().to_owned(),
            variables: self.variables.clone(),
            platform: Platform::Linux,
            system_root: self.folder.path().to_owned(),
        }
    }

    fn ask(&self, peer: &Peer, script: &str, input: &str) -> String {
        let variables: Vec<_> = self.variables.clone().into_iter().collect();
        peer.run(script, self.folder.path(), &variables, input)
            .trim()
            .to_owned()
    }
}

#[test]
fn both_clients_find_the_login_in_every_spelling() {
    for peer in anaconda_clients() {
        for (url, moved) in [
            ("http://repo.example.com:8080/api", false),
            ("http://repo.example.com:8080/api/", true),
            ("HTTP://Repo.Example.com:8080/api", false),
            ("https://api.corp.example", true),
            ("https://api.corp.example/", false),
            ("api.corp.example", false),
        ] {
            let home = Home::new(url, moved);
            let api = BinstarApi::parse(url).unwrap();
            let base = ApiBase::of_repository(api.as_str(), &api.channel_alias())
                .unwrap()
                .configured_as(url);
            // What the client stored itself is replaced or goes.
            home.ask(&peer, STORE, "js-old");
            assert_eq!(home.ask(&peer, LOAD, ""), "js-old");
            for stale in token_file::stale(&home.surroundings(), &base) {
                token_file::remove(&stale.path).unwrap();
            }
            assert_eq!(token_file::existing(&home.surroundings()), [], "{url}");

            let token = Token::parse("js-new").unwrap();
            for file in token_file::files_to_write(&home.surroundings(), &base) {
                token_file::write(&file.path, &token).unwrap();
            }
            assert_eq!(home.ask(&peer, LOAD, ""), "js-new", "{url}");
            assert_eq!(token_file::leaks(&home.surroundings()), [], "{url}");
        }
    }
}

/// Why the key with a slash alone does not do, and why the other one is not in conda's folder: the table in the
/// documentation of the token files.
#[test]
fn the_clients_compare_their_url_letter_by_letter() {
    let conda = ".config/binstar";
    let own = ".continuum/anaconda-client/tokens";
    for peer in anaconda_clients() {
        for base in ["http://repo.example.com:8080/api", "https://api.corp.example"] {
            for (folder, configured, key, found) in [
                (conda, "", "", true),
                (conda, "", "/", false),
                (conda, "/", "", false),
                (conda, "/", "/", true),
                (own, "", "", true),
                (own, "", "/", false),
                (own, "/", "", false),
                (own, "/", "/", true),
            ] {
                let home = Home::new(&format!("{base}{configured}"), false);
                let path = home
                    .folder
                    .path()
                    .join(folder)
                    .join(file_name(&format!("{base}{key}")));
                token_file::write(&path, &Token::parse("js-1").unwrap()).unwrap();
                let expected = if found { "js-1" } else { "None" };
                assert_eq!(
                    home.ask(&peer, LOAD, ""),
                    expected,
                    "{folder} {base}{key} for {base}{configured}"
                );
            }
        }
    }
}
