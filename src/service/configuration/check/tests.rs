use super::*;

/// Every finding as `line:column severity message`.
fn told(file: ConfigurationFile, text: &str) -> Vec<String> {
    check_text(file, text)
        .iter()
        .map(|finding| {
            format!(
                "{}:{} {:?} {}",
                finding.line, finding.column, finding.severity, finding.message
            )
        })
        .collect()
}

/// The one finding of a text, and that it begins so.
#[track_caller]
fn only(file: ConfigurationFile, text: &str, expected: &str) {
    let told = told(file, text);
    assert!(
        told.len() == 1 && told[0].starts_with(expected),
        "{text:?}: {told:#?}, expected {expected}"
    );
}

#[track_caller]
fn remedy(file: ConfigurationFile, text: &str) -> String {
    check_text(file, text)[0].remedy.clone().unwrap_or_default()
}

use ConfigurationFile::{AnacondaClient, Conda, Navigator, Pip};

#[test]
fn a_file_in_order_has_no_findings() {
    let condarc = "# mine\nchannels: #!final\n  - defaults #!top\n  - conda-forge\nssl_verify: /etc/ssl/ca.pem\n\
                   proxy_servers:\n  https: http://proxy:3128 #!final\n  http: http://proxy:3128\n\
                   channel_settings:\n  - channel: lab\n    auth: lab-auth\ncustom_multichannels:\n  ours:\n    - a\n    - b\n\
                   channels_note: x\n";
    let told_of_condarc = told(Conda, condarc);
    assert_eq!(told_of_condarc.len(), 1, "{told_of_condarc:?}");
    assert!(
        told_of_condarc[0].contains("channels_note"),
        "{told_of_condarc:?}"
    );
    for text in ["", "# nothing\n", "---\n...\n", "channels:\n", "{}\n"] {
        assert_eq!(told(Conda, text), [""; 0], "{text:?}");
    }
    let ini = "[main]\nversion = 2.0.0\nanaconda_server_api_url = 'https://psm.example.com'\nlogged_brand = Anaconda Server\n\
               anaconda_server_token = 'secret'\noffline_mode = False\n\n[ssl]\ntrusted_servers = []\n";
    assert_eq!(told(Navigator, ini), [""; 0]);
    let pip = "[global]\nindex-url = https://repo.example.com/pypi/simple\nextra-index-url =\n    https://a/simple\n    https://b/simple\ntimeout = 60\n\n[install]\nno-deps = yes\n";
    assert_eq!(told(Pip, pip), [""; 0]);
    let client = "url: https://repo.example.com/api/\ndefault_site: lab\nsites:\n  lab:\n    url: https://lab.example.com/api/\n    ssl_verify: /ca.pem\n";
    assert_eq!(told(AnacondaClient, client), [""; 0]);
}

#[test]
fn what_yaml_cannot_be_is_told_at_its_line() {
    for (text, expected) in [
        ("channels: [a\nssl_verify: true\n", "2:1 Error this line"),
        ("channels:\n\t- a\n", "2:2 Error this line uses a tab"),
        (
            "a: 1\n---\nb: 2\n",
            "2:1 Error this line starts a second YAML document",
        ),
        ("- a\n", "1:1 Error this line holds a list"),
        ("channels: \u{1}\n", "1:1 Error this line contains the character"),
    ] {
        let told = told(Conda, text);
        assert!(
            told.iter().any(|told| told.starts_with(expected)),
            "{text:?}: {told:#?}"
        );
    }
    only(
        Conda,
        "channels: [a]\nssl_verify: \u{fffd}\n",
        "2:13 Error a character here could not be read",
    );
}

#[test]
fn keys_that_stand_twice_or_under_two_names_stop_conda() {
    only(
        Conda,
        "channels: [a]\nssl_verify: true\nchannels: [b]\n",
        "3:1 Error channels stands in line 1 already",
    );
    only(
        Conda,
        "proxy_servers:\n  http: x\n  http: y\n",
        "3:3 Error http stands in line 2 already",
    );
    only(
        Conda,
        "channel: [a]\nssl_verify: true\nchannels: [b]\n",
        "3:1 Error channels is another name of channel in line 1",
    );
}

#[test]
fn misspelt_keys_are_told_with_what_was_meant() {
    only(
        Conda,
        "ssl_verfy: true\n",
        "1:1 Warning conda does not know ssl_verfy",
    );
    assert_eq!(remedy(Conda, "ssl_verfy: true\n"), "did you mean ssl_verify?");
    only(Conda, "my_plugin_setting: 1\n", "1:1 Hint conda does not know");
    only(
        Conda,
        "restore_free_channel: true\n",
        "1:1 Hint restore_free_channel: conda no longer reads it",
    );
    only(
        Navigator,
        "[main]\nofline_mode = False\n",
        "2:1 Warning Navigator does not know ofline_mode",
    );
    assert_eq!(
        remedy(Navigator, "[main]\nofline_mode = False\n"),
        "did you mean offline_mode?"
    );
    only(
        Navigator,
        "[main]\ntrusted_servers = []\n",
        "2:1 Warning Navigator does not look for trusted_servers in [main]",
    );
    only(
        Navigator,
        "[Main]\n",
        "1:1 Warning Navigator does not know this section",
    );
    only(
        Pip,
        "[global]\nextra-index-ulr = https://a\n",
        "2:1 Warning pip does not know extra-index-ulr",
    );
    only(
        Pip,
        "[Global]\ntimeout = 5\n",
        "1:1 Warning pip does not read this section",
    );
    only(
        AnacondaClient,
        "defaultsite: x\n",
        "1:1 Warning anaconda-client does not know defaultsite",
    );
}

#[test]
fn values_of_the_wrong_kind_are_told_at_the_value() {
    for (text, expected) in [
        ("channels: conda-forge\n", "1:11 Error channels must be a list"),
        ("channels:\n  a: b\n", "1:1 Error channels must be a list"),
        (
            "channels: [a, ~]\n",
            "1:15 Warning conda takes an item without a value for the word None",
        ),
        ("channels: [a, [b]]\n", "1:1 Error channels must be a list"),
        ("ssl_verify: [a]\n", "1:1 Error ssl_verify must be a single value"),
        ("offline: maybe\n", "1:10 Error offline must be true or false"),
        (
            "remote_max_retries: many\n",
            "1:21 Error remote_max_retries must be a whole number",
        ),
        (
            "channel_priority: high\n",
            "1:19 Error channel_priority must be strict, flexible or disabled",
        ),
        (
            "channel_alias: repo.example.com\n",
            "1:16 Error channel_alias must be an address",
        ),
        (
            "proxy_servers: http://p\n",
            "1:16 Error proxy_servers must be a map",
        ),
        (
            "proxy_servers:\n  http: [x]\n",
            "1:1 Error proxy_servers must be a map",
        ),
        (
            "custom_multichannels:\n  x: a\n",
            "1:1 Error custom_multichannels must be a map of lists",
        ),
        (
            "channel_settings: [a]\n",
            "1:1 Error channel_settings must be a list of maps",
        ),
        ("exclude_newer: 2026-01-01\n", "1:16 Error this is a date to YAML"),
        ("ssl_verify: false\n", "1:13 Warning conda checks no certificates"),
        ("ssl_verify:\n", "1:1 Warning conda takes nothing for false here"),
        (
            "add_anaconda_token: no\n",
            "1:21 Warning conda uses no stored token",
        ),
    ] {
        only(Conda, text, expected);
    }
    assert_eq!(
        remedy(Conda, "exclude_newer: 2026-01-01\n"),
        "put it in quotes: \"2026-01-01\""
    );
    for (text, expected) in [
        (
            "[main]\noffline_mode = yes\n",
            "2:16 Warning offline_mode must be True or False",
        ),
        (
            "[main]\nanaconda_server_api_url = psm.example.com\n",
            "2:27 Warning anaconda_server_api_url must be an address",
        ),
        (
            "[main]\nanaconda_server_api_url = 'https://psm.example.com/'\n",
            "2:27 Warning Navigator wants no slash",
        ),
        (
            "[main]\nlogged_api_url = 'https://h\n",
            "2:18 Warning the quotes are not closed",
        ),
        (
            "[main]\nssl_verification = False\n",
            "2:20 Warning Navigator checks no certificates",
        ),
    ] {
        only(Navigator, text, expected);
    }
    assert_eq!(remedy(Navigator, "[main]\noffline_mode = yes\n"), "write True");
    for (text, expected) in [
        ("[global]\npre = maybe\n", "2:7 Error pre must be true or false"),
        (
            "[global]\ntimeout = soon\n",
            "2:11 Error timeout must be a number",
        ),
        (
            "[global]\nindex-url = https://a # ours\n",
            "2:13 Warning to pip a comment behind a value is part of the value",
        ),
        (
            "[global]\nindex-url = http://repo:8080/simple\n",
            "2:13 Warning pip ignores repo:8080",
        ),
    ] {
        only(Pip, text, expected);
    }
    for here in ["localhost:8080", "127.0.0.1", "[::1]:8080"] {
        let text = format!("[global]\nindex-url = http://{here}/simple\n");
        assert_eq!(told(Pip, &text), [""; 0], "{here}");
    }
    only(
        AnacondaClient,
        "sites: x\n",
        "1:1 Error sites must be a map of sites",
    );
    only(
        AnacondaClient,
        "verify_ssl: false\n",
        "1:1 Warning anaconda-client never looks at verify_ssl",
    );
    only(
        AnacondaClient,
        "default_site: lab\n",
        "1:15 Warning this file has no site lab",
    );
    only(
        AnacondaClient,
        "upload_user: !!python/name:os.path x\n",
        "1:14 Error anaconda-client does not accept a tag",
    );
}

#[test]
fn both_names_of_navigators_options_are_understood() {
    let both = |value: &str| {
        format!("[main]\nteam_edition_api_url = 'https://a'\nanaconda_server_api_url = {value}\n")
    };
    assert_eq!(told(Navigator, &both("'https://a'")), [""; 0]);
    only(
        Navigator,
        &both("'https://b'"),
        "3:1 Warning anaconda_server_api_url is another name of team_edition_api_url in line 2",
    );
}

#[test]
fn what_pythons_configparser_stumbles_over_is_told_at_its_line() {
    for (text, line) in [
        ("offline_mode = True\n", 1),
        ("[main]\na = 1\n[main]\nb = 2\n", 3),
        ("[main]\na = 1\nA = 2\n", 3),
        ("[main]\njust words\n", 2),
    ] {
        let findings = check_text(Navigator, text);
        let first = findings
            .iter()
            .find(|finding| finding.severity == Severity::Error);
        assert_eq!(
            first.map(|finding| finding.line),
            Some(line),
            "{text:?}: {findings:?}"
        );
    }
    only(
        Pip,
        "[global]\nindex_url = https://a\nindex-url = https://b\n",
        "3:1 Error index-url is the same as index_url in line 2",
    );
}

#[test]
fn marks_that_conda_does_not_see_are_told() {
    for (text, expected) in [
        (
            "ssl_verify: true #!final\n# note\n",
            "1:18 Warning the comment below takes #!final away",
        ),
        (
            "ssl_verify: true #!final\n\n# note\n",
            "1:18 Warning the comment below takes #!final away",
        ),
        (
            "ssl_verify: true # !final\n",
            "1:18 Warning conda does not take this for a mark",
        ),
        (
            "ssl_verify: true #!final keep\n",
            "1:18 Warning conda does not take this for a mark",
        ),
        (
            "channels:\n  - a #!final\n",
            "2:7 Warning final means nothing on an item",
        ),
        (
            "ssl_verify: true #!top\n",
            "1:18 Warning this mark means nothing here",
        ),
        (
            "proxy_servers:\n  http: x #!final\n  # note\n  https: y\n",
            "2:11 Warning the comment below takes #!final away",
        ),
        (
            "channels:\n  - a #!top\n  # note\n  - b\n",
            "2:7 Warning the comment below takes #!top away",
        ),
    ] {
        only(Conda, text, expected);
    }
    for text in [
        "ssl_verify: true #!final\n",
        "ssl_verify: true #final\n",
        "ssl_verify: true #!final\n\n",
        "channels: #!final\n  - a\n",
        "channels:\n  - a #!top\n  - b #!bottom\n",
        "proxy_servers:\n  http: x #!final\n  https: y\n",
        "channel_alias: https://h/#!final\n",
        "offline: true # the final word is mine\n",
    ] {
        assert_eq!(told(Conda, text), [""; 0], "{text:?}");
    }
}

#[test]
fn secrets_in_clear_are_told_and_never_shown() {
    let text = "channels:\n  - https://h/t/canary-1/x\nproxy_servers:\n  http: http://ana:canary-2@p:1\n  https: http://ana:${PW}@p:1\nchannel_alias: https://h/t/${TOK}/\n";
    let findings = told(Conda, text);
    assert_eq!(
        findings,
        [
            "2:17 Warning a token stands here in clear",
            "4:16 Warning a password stands here in clear"
        ]
    );
    let broken = "channels: [https://h/t/canary-1/x\nproxy_servers: http://ana:canary-2@p\ncanary_key: x\n";
    let all: String = ConfigurationFile::ALL
        .iter()
        .flat_map(|file| check_text(*file, broken))
        .map(|finding| format!("{finding:?}"))
        .collect();
    assert!(!all.contains("canary-1") && !all.contains("canary-2"), "{all}");
    only(
        Pip,
        "[global]\nindex-url = https://u:canary@h/simple\n",
        "2:21 Warning a password stands here in clear",
    );
}

#[test]
fn no_text_makes_it_stumble() {
    let parts = [
        "channels:",
        " [",
        "]",
        "- a",
        "\n",
        "\t",
        "#!final",
        "{",
        "}",
        ": ",
        "&x ",
        "*x",
        "'",
        "\"",
        "!!t ",
        "|\n",
        "ü",
        "\u{feff}",
        "\0",
        "\r",
        "[main]",
        "=",
        "https://u:p@h/t/x",
    ];
    // Every row of three parts, between two lines that are in order.
    for a in parts {
        for b in parts {
            for c in parts {
                let text = format!("ssl_verify: true\n{a}{b}{c}\nchannels: []\n");
                for file in ConfigurationFile::ALL {
                    for finding in check_text(file, &text) {
                        assert!(finding.line >= 1 && finding.column >= 1, "{text:?}: {finding:?}");
                        assert!(finding.line <= text.split('\n').count(), "{text:?}: {finding:?}");
                    }
                }
            }
        }
    }
}
