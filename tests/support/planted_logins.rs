//! What other tools leave in a home when a person signs in with them.

#![allow(dead_code, reason = "every test uses its part")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::planted::Planted;

pub const A: &str = "46e98d3dbf2378bb26e2107867652ee734eb098ea5b96f35";
pub const B: &str = "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0";
pub const API: &str = "https%3A%2F%2Fpsm.example.com%2Fapi.token";
pub const API_REPO: &str = "https%3A%2F%2Fpsm.example.com%2Fapi%2Frepo.token";
pub const CLOUD: &str = "https%3A%2F%2Frepo.anaconda.cloud%2Frepo%2F.token";
pub const ORG: &str = "https%3A%2F%2Fapi.anaconda.org.token";
pub const JWT: &str = "jwt_https%3A%2F%2Fpsm.example.com.jwt";
pub const SHARED: &str = ".config/binstar";
pub const CLIENT: &str = ".continuum/anaconda-client/tokens";
pub const REPO_CLI: &str = ".conda/tokens";
pub const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";

pub const REPO_CLI_CONFIG: &str =
    "default_site: example.com\nsites:\n  example.com: {url: https://psm.example.com/api}\n";

pub fn jwt(claims: &serde_json::Value) -> String {
    let part = |value: &str| URL_SAFE_NO_PAD.encode(value);
    format!(
        "{}.{}.c2lnbmF0dXJl",
        part(r#"{"alg":"RS256"}"#),
        part(&claims.to_string())
    )
}

/// A keyring of anaconda-auth with these domains.
pub fn keyring(domains: &[(&str, serde_json::Value)]) -> String {
    let domains: serde_json::Map<_, _> = domains
        .iter()
        .map(|(domain, inner)| ((*domain).to_owned(), json!(STANDARD.encode(inner.to_string()))))
        .collect();
    json!({ "Anaconda Cloud": domains }).to_string()
}

/// What `conda repo login` leaves (server reference, section 5.1).
pub fn with_repo_cli(home: Planted, token: &str) -> Planted {
    [SHARED, REPO_CLI]
        .into_iter()
        .flat_map(|folder| [API, API_REPO].map(|name| format!("{folder}/{name}")))
        .fold(home, |home, path| home.file(&path, token))
        .file(".conda/repo-cli-config.yaml", REPO_CLI_CONFIG)
}

/// What Navigator leaves (server reference, section 5.3).
pub fn with_navigator(home: Planted, token: &str) -> Planted {
    let session = jwt(&json!({"exp": 1_795_600_000, "preferred_username": "alice"}));
    let cookies =
        json!({"token": session, "refresh_token": "r", "jwt_token": session, "jwt_token_refresh": "r"});
    [SHARED, CLIENT]
        .into_iter()
        .flat_map(|folder| [API, API_REPO].map(|name| format!("{folder}/{name}")))
        .fold(home, |home, path| home.file(&path, token))
        .file(&format!("{SHARED}/{JWT}"), cookies.to_string())
        .file(&format!("{CLIENT}/{JWT}"), cookies.to_string())
        .file(
            INI,
            format!(
                "[main]\nlogged_brand = Anaconda Server\nlogged_api_url = 'https://psm.example.com'\n\
                 anaconda_server_api_url = 'https://psm.example.com'\nanaconda_server_token = '{token}'\n\
                 anaconda_server_token_id = '37233609'\n"
            ),
        )
}
