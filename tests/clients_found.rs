//! Homes with the files of other tools, planted by hand from the references, and the logins that are found in them.

#[path = "support/planted.rs"]
mod planted;
#[path = "support/planted_logins.rs"]
mod planted_logins;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use planted::Planted;
use planted_logins::*;
use serde_json::json;
use sextant::clients::{Tool, conflicts};
use sextant::locations::Platform;

#[test]
fn a_fresh_home_has_none() {
    let found = Planted::new().found();
    assert_eq!(found, sextant::clients::Found::default());
}

#[test]
fn each_tool_is_found_by_what_it_leaves() {
    let exp = json!({"exp": 1_795_600_000, "user_name": "ann"});
    let past = json!({"exp": 1_700_000_000});
    let cases: Vec<(&str, Planted, &[&str])> = vec![
        (
            "conda-repo-cli",
            with_repo_cli(Planted::new(), A),
            &["Server https://psm.example.com {A} by conda-repo-cli"],
        ),
        (
            "conda-repo-cli, a site beside the default one, a host in capitals and a port",
            Planted::new()
                .file(
                    ".conda/repo-cli-config.yaml",
                    "default_site: two\nsites:\n  one: {url: https://ONE.example.com:8443/api/}\n  two: {url: http://two.example.com/api}\n  three: {url: https://three.example.com/api}\n",
                )
                .file(&format!("{REPO_CLI}/https%3A%2F%2FONE.example.com%3A8443%2Fapi%2F.token"), A)
                .file(&format!("{SHARED}/http%3A%2F%2Ftwo.example.com%2Fapi.token"), format!("{B}\n"))
                .file(&format!("{SHARED}/https%3A%2F%2Fthree.example.com%2Fapi.token"), ""),
            &[
                "Server http://two.example.com {B} by conda-repo-cli",
                "Server https://one.example.com:8443 {A} by conda-repo-cli",
            ],
        ),
        (
            "anaconda-client without configuration",
            Planted::new().file(&format!("{SHARED}/{ORG}"), "al-11111111").file(&format!("{CLIENT}/{ORG}"), "al-11111111"),
            &["AnacondaOrg https://api.anaconda.org al-11111111 by anaconda-client"],
        ),
        (
            "anaconda-client at a repository on site, and at a site of its own",
            Planted::new()
                .file(
                    ".continuum/anaconda-client/config.yaml",
                    "url: http://aer.example.com:8080/api\nsites:\n  lab: {url: https://lab.example.com/api}\n",
                )
                .file(&format!("{CLIENT}/http%3A%2F%2Faer.example.com%3A8080%2Fapi.token"), "al-1")
                .file(&format!("{SHARED}/https%3A%2F%2Flab.example.com%2Fapi.token"), "al-2"),
            &[
                "Repository http://aer.example.com:8080/api al-1 by anaconda-client",
                "Repository https://lab.example.com/api al-2 by anaconda-client",
            ],
        ),
        (
            "conda-token",
            Planted::new().file(&format!("{SHARED}/{CLOUD}"), A),
            &["Cloud https://repo.anaconda.cloud/repo/ {A} by conda-token"],
        ),
        (
            "conda-token at another repository, beside the usual one",
            Planted::new()
                .variable("CONDA_TOKEN_REPO_URL", "https://cloud.example.com/repo")
                .file(&format!("{SHARED}/https%3A%2F%2Fcloud.example.com%2Frepo%2F.token"), A)
                .file(&format!("{SHARED}/{CLOUD}"), B),
            &[
                "Cloud https://cloud.example.com/repo/ {A} by conda-token",
                "Cloud https://repo.anaconda.cloud/repo/ {B} by conda-token",
            ],
        ),
        (
            "Navigator",
            with_navigator(Planted::new(), A),
            &["Server https://psm.example.com {A} by Anaconda Navigator as alice id 37233609 session until 2026-11-25T09:46:40Z"],
        ),
        (
            "Navigator before 2.4, by its file alone",
            Planted::new().file(
                INI,
                format!("[main]\nlogged_api_url = 'https://psm.example.com'\nteam_edition_api_url = 'https://psm.example.com'\nteam_edition_token = '{A}'\nteam_edition_token_id = 'x'\n"),
            ),
            &["Server https://psm.example.com {A} by Anaconda Navigator id x"],
        ),
        (
            "Navigator that took over a login of the command line",
            with_repo_cli(Planted::new(), A).file(
                INI,
                "[main]\nlogged_brand = Anaconda Server\nlogged_api_url = 'https://psm.example.com'\n",
            ),
            &["Server https://psm.example.com {A} by conda-repo-cli, Anaconda Navigator"],
        ),
        (
            "Navigator at the cloud",
            Planted::new()
                .file(INI, "[main]\nlogged_brand = Anaconda Professional\nlogged_api_url = 'https://repo.anaconda.cloud'\n")
                .file(&format!("{SHARED}/{CLOUD}"), A),
            &["Cloud https://repo.anaconda.cloud/repo/ {A} by conda-token, Anaconda Navigator"],
        ),
        (
            "Navigator at Anaconda.org",
            Planted::new()
                .file(
                    INI,
                    "[main]\nlogged_brand = Anaconda.org\nlogged_api_url = 'https://api.anaconda.org'\n",
                )
                .file(&format!("{CLIENT}/{ORG}"), "al-1"),
            &["AnacondaOrg https://api.anaconda.org al-1 by anaconda-client, Anaconda Navigator"],
        ),
        (
            "a session of Navigator's that nothing else speaks of, ended",
            Planted::new().file(&format!("{CLIENT}/{JWT}"), json!({"jwt_token": jwt(&past)}).to_string()),
            &["Server https://psm.example.com session by Anaconda Navigator until 2023-11-14T22:13:20Z session until 2023-11-14T22:13:20Z EXPIRED"],
        ),
        (
            "anaconda-auth",
            Planted::new().file(
                ".anaconda/keyring",
                keyring(&[(
                    "anaconda.com",
                    json!({"domain": "anaconda.com", "api_key": jwt(&exp), "username": "ann@example.com",
                           "repo_tokens": [{"token": A, "org_name": "lab"}, {"token": B, "org_name": "field"}], "version": 2}),
                )]),
            ),
            &[
                "Cloud https://repo.anaconda.cloud/repo/ API key by anaconda-auth as ann@example.com until 2026-11-25T09:46:40Z",
                "Cloud https://repo.anaconda.cloud/repo/ {A} by anaconda-auth of lab as ann@example.com",
                "Cloud https://repo.anaconda.cloud/repo/ {B} by anaconda-auth of field as ann@example.com",
            ],
        ),
        (
            "anaconda-auth with nothing but a token, under a past name of the domain",
            Planted::new().file(
                ".anaconda/keyring",
                keyring(&[("id.anaconda.cloud", json!({"domain": "id.anaconda.cloud", "repo_tokens": [{"token": A}]}))]),
            ),
            &["Cloud https://repo.anaconda.cloud/repo/ {A} by anaconda-auth"],
        ),
        (
            "anaconda-auth at a platform of one's own, with a key that has ended",
            Planted::new().file(
                ".anaconda/keyring",
                keyring(&[("Platform.example.com:8443", json!({"api_key": jwt(&past), "repo_tokens": null}))]),
            ),
            &["Server https://platform.example.com:8443 API key by anaconda-auth until 2023-11-14T22:13:20Z EXPIRED"],
        ),
        (
            "files in conda's folder that no configuration speaks of",
            Planted::new()
                .file(&format!("{SHARED}/{API}"), A)
                .file(&format!("{SHARED}/{API_REPO}"), A)
                .file(&format!("{SHARED}/http%3A%2F%2Faer%2Fapi.token"), B)
                .file(&format!("{SHARED}/https%3A%2F%2Felsewhere.example.com%2Fget.token"), B),
            &["Server https://psm.example.com {A} by conda", "Repository http://aer/api {B} by conda"],
        ),
    ];
    for (name, home, expected) in cases {
        let expected: Vec<String> = expected
            .iter()
            .map(|line| line.replace("{A}", A).replace("{B}", B))
            .collect();
        assert_eq!(home.told(), expected, "{name}");
        assert_eq!(home.found().remarks, [], "{name}");
    }
}

#[test]
fn one_token_in_the_files_of_several_tools_is_one_login() {
    let home = with_navigator(with_repo_cli(Planted::new(), A), A);
    let found = home.found();
    let [login] = &found.logins[..] else {
        panic!("{found:?}")
    };
    assert_eq!(login.tools, [Tool::CondaRepoCli, Tool::Navigator]);
    assert_eq!(login.user.as_deref(), Some("alice"));
    let mut places = home.places(login);
    places.sort();
    let mut expected: Vec<String> = [SHARED, CLIENT, REPO_CLI]
        .iter()
        .flat_map(|folder| [API, API_REPO].map(|name| format!("{folder}/{name}")))
        .chain([
            format!("{SHARED}/{JWT}"),
            format!("{CLIENT}/{JWT}"),
            INI.to_owned(),
        ])
        .collect();
    expected.sort();
    assert_eq!(places, expected);
    assert!(conflicts(&found.logins).is_empty());

    // The same token of the cloud in the keyring and in conda's folder.
    let home = Planted::new().file(&format!("{SHARED}/{CLOUD}"), A).file(
        ".anaconda/keyring",
        keyring(&[(
            "anaconda.com",
            json!({"repo_tokens": [{"token": A, "org_name": "lab"}]}),
        )]),
    );
    assert_eq!(
        home.told(),
        [format!(
            "Cloud https://repo.anaconda.cloud/repo/ {A} by conda-token, anaconda-auth of lab"
        )]
    );
}

#[test]
fn different_tokens_for_one_server_are_a_conflict() {
    let home = with_navigator(with_repo_cli(Planted::new(), A), B);
    // Navigator came second: in the shared folder its token took the place of the command line's.
    let found = home.found();
    assert_eq!(found.logins.len(), 2, "{found:?}");
    let found_conflicts = conflicts(&found.logins);
    let [conflict] = &found_conflicts[..] else {
        panic!("{found:?}")
    };
    assert_eq!(conflict.address, "https://psm.example.com");
    let tools: Vec<_> = conflict.logins.iter().map(|login| login.tools.clone()).collect();
    assert_eq!(
        tools,
        [
            vec![Tool::CondaRepoCli, Tool::Navigator],
            vec![Tool::CondaRepoCli]
        ]
    );

    // Tokens of two organisations are none, and neither are a key and a token.
    let home = Planted::new().file(
        ".anaconda/keyring",
        keyring(&[(
            "anaconda.com",
            json!({"api_key": jwt(&json!({})), "repo_tokens": [{"token": A, "org_name": "a"}, {"token": B, "org_name": "b"}]}),
        )]),
    );
    assert!(conflicts(&home.found().logins).is_empty());
}

#[test]
fn configuration_is_merged_in_the_order_of_its_tool() {
    let site = |url: &str| format!("default_site: s\nsites:\n  s: {{url: '{url}'}}\n");
    // Each later file prevails; the token is there for every address, so that the first login tells which one is in use.
    let order = [
        (".conda/repo-cli-config.yaml", "https://h0/api"),
        (
            "system-root/etc/xdg/binstar/repo-cli-config.yaml",
            "https://h1/api",
        ),
        (
            "system-root/usr/local/share/binstar/repo-cli-config.yaml",
            "https://h2/api",
        ),
        (
            "system-root/etc/anaconda-client/repo-cli-config.yaml",
            "https://h3/api",
        ),
        (
            "opt/conda/etc/anaconda-client/repo-cli-config.yaml",
            "https://h4/api",
        ),
        (".config/binstar/repo-cli-config.yaml", "https://h5/api"),
        (
            ".continuum/anaconda-client/repo-cli-config.yaml",
            "https://h6/api",
        ),
        ("env/etc/anaconda-client/repo-cli-config.yaml", "https://h7/api"),
    ];
    let mut home = Planted::new()
        .place("CONDA_ROOT", "opt/conda")
        .place("CONDA_PREFIX", "env")
        .file(
            ".continuum/anaconda-client/ignored.yaml",
            site("https://ignored/api"),
        );
    for (number, (path, url)) in order.into_iter().enumerate() {
        home = home
            .file(path, site(url))
            .file(&format!("{SHARED}/https%3A%2F%2Fh{number}%2Fapi.token"), A);
        let found = home.found();
        let of_repo_cli: Vec<_> = found
            .logins
            .iter()
            .filter(|login| login.tools.contains(&Tool::CondaRepoCli))
            .map(|login| login.address.clone())
            .collect();
        assert_eq!(of_repo_cli, [format!("https://h{number}")], "{path}");
    }
}

#[test]
fn variables_move_what_a_tool_reads() {
    let home = Planted::new()
        .place("REPO_CONFIG_DIR", "moved")
        .file("moved/data/repo-cli-config.yaml", REPO_CLI_CONFIG)
        .file(&format!("moved/data/tokens/{API}"), A)
        .file(&format!("{REPO_CLI}/{API}"), B);
    assert_eq!(
        home.told(),
        [format!("Server https://psm.example.com {A} by conda-repo-cli")]
    );

    let home = Planted::new()
        .place("BINSTAR_CONFIG_DIR", "binstar")
        .file("binstar/data/config.yaml", "url: https://aer/api\n")
        .file("binstar/data/https%3A%2F%2Faer%2Fapi.token", A)
        .file("binstar/data/tokens/https%3A%2F%2Faer%2Fapi.token", A)
        .file(&format!("{SHARED}/{ORG}"), B);
    assert_eq!(
        home.told(),
        [format!("Repository https://aer/api {A} by anaconda-client")]
    );
    assert_eq!(home.found().logins[0].places.len(), 2);

    let ring = keyring(&[("anaconda.com", json!({"repo_tokens": [{"token": A}]}))]);
    for (toml, variable, path) in [
        ("", Some(("ANACONDA_AUTH_KEYRING_PATH", "~/ring")), "ring"),
        ("[plugin.auth]\nkeyring_path = '~/by-plugin'\n", None, "by-plugin"),
        (
            "[plugin.cloud]\nkeyring_path = '$HOME/by-old-plugin'\n[plugin.auth]\nkeyring_path = '~/no'\n",
            None,
            "by-old-plugin",
        ),
        (
            "[plugin.auth]\nkeyring_path = '~/no'\n",
            Some(("ANACONDA_AUTH_KEYRING_PATH", "~/ring")),
            "ring",
        ),
        (
            "[sites.zzz]\nkeyring_path = '~/by-site'\n[sites.aaa]\nkeyring_path = '~/no'\n",
            None,
            "by-site",
        ),
        (
            "default_site = 'b.example.com'\n[sites.a]\n[sites.b]\ndomain = 'b.example.com'\nkeyring_path = '~/by-domain'\n",
            None,
            "by-domain",
        ),
        (
            "[plugin.auth]\nkeyring_path = 'relative'\n",
            None,
            ".anaconda/keyring",
        ),
    ] {
        let home = Planted::new()
            .file(".anaconda/config.toml", toml)
            .file(path, &ring);
        let home = variable
            .into_iter()
            .fold(home, |home, (name, value)| home.variable(name, value));
        assert_eq!(home.found().logins.len(), 1, "{toml} {variable:?}");
        assert_eq!(home.places(&home.found().logins[0]), [path], "{toml}");
    }
    let moved = Planted::new()
        .variable("ANACONDA_CONFIG_TOML", "~/other.toml")
        .file("other.toml", "[plugin.auth]\nkeyring_path = '~/ring'\n")
        .file("ring", &ring);
    assert_eq!(moved.found().logins.len(), 1);
}

#[test]
fn windows_has_its_own_folder_and_its_own_slip() {
    let home = Planted::on(Platform::Windows)
        .place("LOCALAPPDATA", "AppData/Local")
        .file(".conda/repo-cli-config.yaml", REPO_CLI_CONFIG)
        .file(&format!("AppData/Local/ContinuumIO/binstar/{API}"), A)
        .file(
            "AppData/Local/ContinuumIO/binstar/https%3A%2F%2Fpsm.example.com%2Fapi%5Crepo.token",
            A,
        );
    let found = home.found();
    assert_eq!(
        home.told(),
        [format!("Server https://psm.example.com {A} by conda-repo-cli")]
    );
    assert_eq!(found.logins[0].places.len(), 2);
}

#[test]
fn what_is_damaged_is_said_and_hides_nothing_else() {
    let ring = |inner: &str| format!(r#"{{"Anaconda Cloud": {{"anaconda.com": "{inner}"}}, "other": 1}}"#);
    let token = STANDARD.encode(json!({"repo_tokens": [{"token": "canary_1"}]}).to_string());
    let key = STANDARD.encode(json!({"api_key": "canary"}).to_string());
    for (content, expected) in [
        (ring("canary!"), "the entry is no base64"),
        (ring("Y2FuYXJ5"), "the entry holds no JSON object"),
        (ring(&token), "a character other than"),
        (ring(&key), "the API key is no JSON Web Token"),
    ] {
        let home = Planted::new()
            .file(".anaconda/keyring", content)
            .file(&format!("{SHARED}/{CLOUD}"), A);
        let told = home.told();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told.iter()
                .any(|line| line.contains("DAMAGED") && line.contains(expected)),
            "{told:?}"
        );
        assert!(!format!("{:?}", home.found()).contains("canary"));
    }
    for (content, remark) in [
        ("", None),
        ("\n", None),
        ("{}", None),
        (r#"{"Anaconda Cloud": {}}"#, None),
        ("{canary", Some("it is no JSON (line 1, column 2)")),
        ("[1]", Some("it is no JSON object")),
        (r#"{"Anaconda Cloud": 3}"#, Some("is no JSON object")),
    ] {
        let home = Planted::new().file(".anaconda/keyring", content);
        let found = home.found();
        assert!(found.logins.is_empty());
        match remark {
            None => assert_eq!(found.remarks, [], "{content}"),
            Some(part) => {
                assert!(found.remarks[0].message.contains(part), "{found:?}");
                assert!(!format!("{found:?}").contains("canary"));
            }
        }
    }
    let home = Planted::new()
        .file(".anaconda/config.toml", "[plugin.auth]\napi_key = canary\n")
        .file(INI, "canary\n[main]\n")
        .file(".conda/repo-cli-config.yaml", "sites: [canary\n")
        .file(&format!("{SHARED}/{ORG}"), "canary canary");
    let found = home.found();
    let told: Vec<_> = found
        .remarks
        .iter()
        .map(|remark| remark.message.as_str())
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.iter().any(|line| line.contains("line 2 is no TOML")),
        "{told:?}"
    );
    assert!(home.told()[0].contains("DAMAGED"), "{:?}", home.told());
    assert!(!format!("{found:?}").contains("canary"));
}

#[test]
fn a_token_in_a_variable_is_remarked_on_without_its_value() {
    let home = Planted::new()
        .variable("ANACONDA_API_TOKEN", "canary")
        .variable("ANACONDA_AUTH_API_KEY", "canary")
        .file(
            ".anaconda/config.toml",
            "[plugin.auth]\npreferred_token_storage = 'system'\n",
        );
    let found = home.found();
    assert_eq!(found.remarks.len(), 3, "{found:?}");
    assert!(!format!("{found:?} {:?}", home.machine()).contains("canary"));
}
