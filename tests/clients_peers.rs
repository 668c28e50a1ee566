//! Logins written by the real tools are found, and what ending one leaves is what the real tools make of it.

#[path = "support/peers.rs"]
mod peers;
#[path = "support/planted.rs"]
mod planted;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use peers::Peer;
use planted::Planted;
use serde_json::{Value, json};
use sextant::clients::{Credential, FoundLogin, Tool};

const A: &str = "al-46e98d3dbf2378bb26e2107867652ee7";
const B: &str = "al-b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0";

/// Stores a token as `anaconda login` does, for the site that is named or the one in use.
const STORE: &str = r#"
import argparse, sys
from binstar_client.utils import config
config.store_token(sys.stdin.read(), argparse.Namespace(site=None))
"#;

/// The address in use, and the token that goes with it.
const LOAD: &str = r#"
import json
from binstar_client.utils import config
url = config.get_config()["url"]
print(json.dumps([url, config.load_token(url)]))
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

fn ask(peer: &Peer, home: &Planted, script: &str, input: &str) -> String {
    peer.run(script, home.home(), home.variables(), input)
}

/// What anaconda-client itself would use: address and token.
fn in_use(peer: &Peer, home: &Planted) -> (String, Option<String>) {
    serde_json::from_str(&ask(peer, home, LOAD, "")).unwrap()
}

/// The first login of anaconda-client that is found: the one in use.
fn first(home: &Planted) -> Option<FoundLogin> {
    let found = home.found().logins;
    found
        .into_iter()
        .find(|login| login.tools.contains(&Tool::AnacondaClient))
}

fn token(login: &FoundLogin) -> String {
    match &login.credential {
        Some(Credential::Token(token)) => token.expose().to_owned(),
        other => panic!("{other:?}"),
    }
}

/// A home in which the order of anaconda-client's files matters, from the fewest files to the most.
fn homes() -> Vec<Planted> {
    let moved = || {
        Planted::new()
            .place("XDG_DATA_DIRS", "site")
            .place("XDG_CONFIG_HOME", "xdg")
            .place("CONDA_ROOT", "conda")
            .place("CONDA_PREFIX", "env")
    };
    let order = [
        "site/binstar",
        "conda/etc/anaconda-client",
        "xdg/binstar",
        ".continuum/anaconda-client",
        "env/etc/anaconda-client",
    ];
    let mut homes = vec![Planted::new(), moved()];
    for count in 1..=order.len() {
        let files = order[..count].iter().enumerate();
        homes.push(files.fold(moved(), |home, (number, folder)| {
            home.file(
                &format!("{folder}/any-name.yml"),
                format!("url: https://h{number}.example.com/api\n"),
            )
        }));
    }
    let person = ".continuum/anaconda-client/config.yaml";
    for content in [
        "default_site: lab\nsites:\n  lab: {url: 'https://lab.example.com/api'}\nurl: https://aer.example.com/api\n",
        "default_site: binstar\nurl: https://aer.example.com/api\n",
        "default_site: nowhere\nurl: https://aer.example.com/api\n",
        "sites:\n  binstar: {url: 'http://127.0.0.1:18080/api'}\ndefault_site: binstar\n",
        "url: http://127.0.0.1:18080/api/\nurl: http://127.0.0.1:18081/api/\n",
        "url: HTTPS://Aer.Example.com:8443/api\n# a comment\n",
        "",
        "---\n...\n",
    ] {
        homes.push(moved().file(person, content));
    }
    homes.push(
        Planted::new()
            .place("BINSTAR_CONFIG_DIR", "one")
            .file("one/data/config.yaml", "url: https://one.example.com/api\n")
            .file(person, "url: https://two.example.com/api\n"),
    );
    homes.push(
        moved()
            .place("CONDA_PREFIX", "conda")
            .file(
                "conda/etc/anaconda-client/config.yaml",
                "url: https://base.example.com/api\n",
            )
            .file(person, "url: https://own.example.com/api\n"),
    );
    homes
}

#[test]
fn the_login_that_anaconda_client_uses_is_found_and_can_be_ended() {
    for peer in anaconda_clients() {
        for home in homes() {
            // Logins for other addresses do not take its place.
            let home = home.file(".config/binstar/https%3A%2F%2Fother.example.com%2Fapi.token", B);
            ask(&peer, &home, STORE, A);
            let (url, stored) = in_use(&peer, &home);
            assert_eq!(stored.as_deref(), Some(A), "{url}");
            let login = first(&home).unwrap_or_else(|| panic!("{url}: {:?}", home.found()));
            let plain = url.trim_end_matches('/').to_lowercase();
            assert_eq!(
                (login.address.as_str(), token(&login).as_str()),
                (plain.as_str(), A),
                "{url}"
            );
            assert_eq!(login.places.len(), 2, "{login:?}");
            home.end([&login]);
            assert_eq!(in_use(&peer, &home), (url, None));
        }
    }
}

#[test]
fn a_file_that_anaconda_client_cannot_read_counts_for_neither() {
    for peer in anaconda_clients() {
        let home = Planted::new()
            .file(
                ".continuum/anaconda-client/config.yaml",
                "url: [https://broken.example.com\n",
            )
            .file(
                ".config/binstar/config.yaml",
                "url: https://good.example.com/api\n",
            );
        ask(&peer, &home, STORE, A);
        assert_eq!(in_use(&peer, &home).0, "https://good.example.com/api");
        assert_eq!(first(&home).unwrap().address, "https://good.example.com/api");
        assert_eq!(home.found().remarks.len(), 1);
    }
}

/// Saves logins given as JSON.
const SAVE: &str = r#"
import json, sys
from anaconda_auth.token import TokenInfo
for login in json.load(sys.stdin):
    TokenInfo(**login).save()
"#;

/// What is loaded for each domain.
const LOADED: &str = r#"
import json, sys
from anaconda_auth.exceptions import TokenNotFoundError
from anaconda_auth.token import TokenInfo
def load(domain):
    try:
        return TokenInfo.load(domain).model_dump(exclude_none=True)
    except TokenNotFoundError:
        return None
print(json.dumps([load(domain) for domain in json.load(sys.stdin)]))
"#;

/// Signs out of each domain as `anaconda logout` does.
const DELETE: &str = r#"
import json, sys
from anaconda_auth.token import TokenInfo
for domain in json.load(sys.stdin):
    TokenInfo.load(domain).delete()
"#;

fn jwt(claims: &Value) -> String {
    let part = |value: &str| URL_SAFE_NO_PAD.encode(value);
    format!(
        "{}.{}.c2ln",
        part(r#"{"alg":"RS256","typ":"JWT"}"#),
        part(&claims.to_string())
    )
}

fn anaconda_auth() -> Option<Peer> {
    Peer::with(&["anaconda-client==1.16.0", "anaconda-auth==0.15.3"])
}

fn loaded(peer: &Peer, home: &Planted, domains: &[&str]) -> Vec<Value> {
    // Before it, anaconda-auth may complain of names that it no longer likes.
    let said = ask(peer, home, LOADED, &json!(domains).to_string());
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[test]
fn the_logins_of_anaconda_auth_are_found_and_end_one_by_one() {
    let Some(peer) = anaconda_auth() else { return };
    let key = jwt(&json!({"exp": 1_795_600_000}));
    let logins = json!([
        {"domain": "anaconda.com", "api_key": key, "username": "ünn@example.com",
         "repo_tokens": [{"token": "lab1", "org_name": "lab"}, {"token": "field2", "org_name": "field"}]},
        {"domain": "platform.example.com", "api_key": key, "username": "ann"},
    ]);
    let home = Planted::new();
    ask(&peer, &home, SAVE, &logins.to_string());
    assert_eq!(
        home.told(),
        [
            "Server https://platform.example.com API key by anaconda-auth as ann until 2026-11-25T09:46:40Z",
            "Cloud https://repo.anaconda.cloud/repo/ API key by anaconda-auth as ünn@example.com until 2026-11-25T09:46:40Z",
            "Cloud https://repo.anaconda.cloud/repo/ lab1 by anaconda-auth of lab as ünn@example.com",
            "Cloud https://repo.anaconda.cloud/repo/ field2 by anaconda-auth of field as ünn@example.com",
        ]
    );
    let found = home.found().logins;
    let platform = loaded(&peer, &home, &["platform.example.com"]);

    home.end([&found[2]]);
    let expected = json!({"domain": "anaconda.com", "api_key": key, "username": "ünn@example.com", "version": 2,
                          "repo_tokens": [{"token": "field2", "org_name": "field"}]});
    assert_eq!(loaded(&peer, &home, &["anaconda.com"]), [expected]);

    home.end([&found[1]]);
    let expected = json!({"domain": "anaconda.com", "version": 2, "repo_tokens": [{"token": "field2", "org_name": "field"}]});
    assert_eq!(loaded(&peer, &home, &["anaconda.com"]), [expected]);

    home.end([&found[3]]);
    assert_eq!(loaded(&peer, &home, &["anaconda.com"]), [Value::Null]);
    assert_eq!(loaded(&peer, &home, &["platform.example.com"]), platform);
}

#[test]
fn ending_every_login_of_a_domain_leaves_the_bytes_that_signing_out_there_leaves() {
    let Some(peer) = anaconda_auth() else { return };
    let login =
        json!({"domain": "anaconda.com", "api_key": jwt(&json!({})), "repo_tokens": [{"token": "lab1"}]});
    let other = json!({"domain": "platform.example.com", "api_key": jwt(&json!({"exp": 1}))});
    for logins in [json!([login]), json!([login, other]), json!([other, login])] {
        let (theirs, ours) = (Planted::new(), Planted::new());
        for home in [&theirs, &ours] {
            ask(&peer, home, SAVE, &logins.to_string());
        }
        ask(&peer, &theirs, DELETE, &json!(["anaconda.com"]).to_string());
        let cloud: Vec<FoundLogin> = ours.found().logins;
        ours.end(
            cloud
                .iter()
                .filter(|login| login.address.contains("anaconda.cloud")),
        );
        assert_eq!(ours.read(".anaconda/keyring"), theirs.read(".anaconda/keyring"));
    }
}

#[test]
fn the_keyring_is_looked_for_where_anaconda_auth_keeps_it() {
    let Some(peer) = anaconda_auth() else { return };
    let moved = |toml: &str| Planted::new().file(".anaconda/config.toml", toml);
    for home in [
        Planted::new(),
        Planted::new().variable("ANACONDA_AUTH_KEYRING_PATH", "~/ring"),
        Planted::new().variable("ANACONDA_AUTH_KEYRING_PATH", "$HOME/deep/er/ring"),
        Planted::new()
            .variable("ANACONDA_CONFIG_TOML", "~/other.toml")
            .file("other.toml", "[plugin.auth]\nkeyring_path = '~/ring'\n"),
        moved("[plugin.auth]\nkeyring_path = '${HOME}/ring'\n"),
        moved("[plugin.cloud]\nkeyring_path = '~/old'\n[plugin.auth]\nkeyring_path = '~/new'\n"),
        moved("[plugin.auth]\nkeyring_path = '~/new'\n").variable("ANACONDA_CLOUD_KEYRING_PATH", "~/old"),
        moved(
            "[plugin.auth]\nkeyring_path = '~/plugin'\n[sites.z]\nkeyring_path = '~/z'\n[sites.a]\nkeyring_path = '~/a'\n",
        ),
        moved("default_site = 'a'\n[sites.z]\nkeyring_path = '~/z'\n[sites.a]\nkeyring_path = '~/a'\n"),
        moved(
            "default_site = 'a.example.com'\n[sites.z]\n[sites.a]\ndomain = 'a.example.com'\nkeyring_path = '~/a'\n",
        ),
    ] {
        let login =
            json!([{"domain": "anaconda.com", "repo_tokens": [{"token": "lab1", "org_name": "lab"}]}]);
        ask(&peer, &home, SAVE, &login.to_string());
        let told = home.told();
        assert_eq!(
            told.len(),
            1,
            "{:?} {:?}",
            home.variables(),
            home.read(".anaconda/config.toml")
        );
        home.end(&home.found().logins);
        assert_eq!(loaded(&peer, &home, &["anaconda.com"]), [Value::Null]);
    }
}

#[test]
fn looking_without_a_login_leaves_a_file_that_is_no_login() {
    let Some(peer) = anaconda_auth() else { return };
    let home = Planted::new();
    assert_eq!(loaded(&peer, &home, &["anaconda.com"]), [Value::Null]);
    assert_eq!(home.read(".anaconda/keyring").as_deref(), Some(""));
    assert_eq!(home.found(), sextant::clients::Found::default());
}
