//! Ending the logins of other tools: what goes, and what stays to the byte.

#[path = "support/planted.rs"]
mod planted;
#[path = "support/planted_logins.rs"]
mod planted_logins;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use planted::Planted;
use planted_logins::*;
use serde_json::json;
use sextant::clients::{Place, Tool};

#[test]
fn ending_a_login_removes_its_token_wherever_it_lies_and_nothing_else() {
    let home = with_navigator(with_repo_cli(Planted::new(), A), A)
        .file(&format!("{SHARED}/{ORG}"), B)
        .file(&format!("{CLIENT}/{API_REPO}"), B);
    let found = home.found();
    let server: Vec<_> = found
        .logins
        .iter()
        .filter(|login| login.tools.contains(&Tool::CondaRepoCli))
        .collect();
    assert_eq!(server.len(), 1, "{found:?}");
    // Since it was found, one of its files got another token.
    home.plant(&format!("{REPO_CLI}/{API}"), B);
    let ending = home.end(server);
    assert_eq!(ending.navigator, [home.path(INI)]);
    assert!(ending.files.iter().all(|change| change.after.is_none()));
    for gone in [
        format!("{SHARED}/{API}"),
        format!("{CLIENT}/{API}"),
        format!("{REPO_CLI}/{API_REPO}"),
        format!("{SHARED}/{JWT}"),
    ] {
        assert_eq!(home.read(&gone), None, "{gone}");
    }
    for kept in [
        format!("{REPO_CLI}/{API}"),
        format!("{CLIENT}/{API_REPO}"),
        format!("{SHARED}/{ORG}"),
    ] {
        assert_eq!(home.read(&kept).as_deref(), Some(B), "{kept}");
    }
    assert_eq!(
        home.read(".conda/repo-cli-config.yaml").as_deref(),
        Some(REPO_CLI_CONFIG)
    );
    assert!(!format!("{ending:?}").contains(A));
}

#[test]
fn ending_a_login_in_the_keyring_keeps_what_is_not_its_own() {
    let anaconda = json!({"domain": "anaconda.com", "api_key": jwt(&json!({"exp": 1_795_600_000})), "username": "ann",
                          "user_id": 7, "repo_tokens": [{"token": A, "org_name": "lab", "new": true}, {"token": B, "org_name": "field"}],
                          "version": 2, "unknown": {"a": [1]}});
    let other = STANDARD.encode("not what anybody expects");
    let content = |inner: Option<&serde_json::Value>| {
        let domain =
            inner.map(|inner| format!(r#""anaconda.com": "{}", "#, STANDARD.encode(inner.to_string())));
        format!(
            r#"{{"Somebody": {{"x": "\u00fc"}}, "Anaconda Cloud": {{{}"odd.example.com": "{other}"}}}}"#,
            domain.unwrap_or_default()
        )
    };
    let home = Planted::new().file(".anaconda/keyring", content(Some(&anaconda)));
    let login = |home: &Planted, part: &str| {
        let found = home.found();
        let matching = found
            .logins
            .iter()
            .find(|login| planted::tell(login).contains(part));
        matching.unwrap_or_else(|| panic!("{part}: {found:?}")).clone()
    };
    let edited = |change: &dyn Fn(&mut serde_json::Map<String, serde_json::Value>)| {
        let mut inner = anaconda.clone();
        change(inner.as_object_mut().unwrap());
        inner
    };

    home.end([&login(&home, A)]);
    let without_lab = edited(&|inner| {
        inner["repo_tokens"].as_array_mut().unwrap().remove(0);
    });
    assert_eq!(
        home.read(".anaconda/keyring").unwrap(),
        content(Some(&without_lab))
    );

    home.end([&login(&home, "API key")]);
    let without_key = edited(&|inner| {
        inner["repo_tokens"].as_array_mut().unwrap().remove(0);
        inner.shift_remove("api_key");
        inner.shift_remove("username");
    });
    assert_eq!(
        home.read(".anaconda/keyring").unwrap(),
        content(Some(&without_key))
    );

    // The last credential takes the domain with it; what is gone already changes nothing.
    let last = login(&home, B);
    home.end([&last]);
    assert_eq!(home.read(".anaconda/keyring").unwrap(), content(None));
    assert!(home.end([&last]).files.is_empty());

    // A damaged entry goes as a whole, and all at once is one change of one file.
    let home = Planted::new().file(".anaconda/keyring", content(Some(&anaconda)));
    let found = home.found();
    assert_eq!(found.logins.len(), 4, "{found:?}");
    let ending = home.end(&found.logins);
    assert_eq!(ending.files.len(), 1);
    assert_eq!(
        home.read(".anaconda/keyring").unwrap(),
        r#"{"Somebody": {"x": "\u00fc"}, "Anaconda Cloud": {}}"#
    );
}

#[test]
fn a_keyring_that_broke_since_is_not_touched() {
    let home = Planted::new().file(
        ".anaconda/keyring",
        keyring(&[("anaconda.com", json!({"repo_tokens": [{"token": A}]}))]),
    );
    let found = home.found();
    assert!(
        matches!(&found.logins[0].places[..], [Place::Keyring { domain, .. }] if domain == "anaconda.com")
    );
    home.plant(".anaconda/keyring", "{canary");
    let error = sextant::clients::end(&found.logins).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("canary"));
}
