use std::fs;

use super::super::fixture::Home;
use super::*;

fn write(home: &Home, path: &str, content: &str) {
    let path = home.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn told(home: &Home, section: &str, option: &str) -> Vec<String> {
    let explanation = PipSettings::read(&home.machine()).explain(section, option);
    let mut told = vec![format!("{:?}", explanation.value)];
    told.extend(explanation.sources.iter().map(|source| {
        let place = match &source.origin {
            Origin::File { path, line } => {
                format!(
                    "{}:{}",
                    path.strip_prefix(home.path("")).unwrap().display(),
                    line.unwrap()
                )
            }
            Origin::Variable { name } => name.clone(),
        };
        format!("{place} {} {:?}", source.spelling, source.part)
    }));
    told
}

#[test]
fn a_later_file_replaces_a_list_and_a_variable_every_file() {
    let env = Home::new();
    let home = env.variable("PIP_TIMEOUT", "60");
    write(
        &home,
        "system-root/etc/pip.conf",
        "[global]\nextra-index-url = https://a\ntimeout = 1\n",
    );
    write(
        &home,
        ".pip/pip.conf",
        "# old\n[global]\nExtra_Index_URL =\n    https://b\n    https://c\n",
    );
    assert_eq!(
        told(&home, "global", "extra_index_url"),
        [
            "Some(List([Text(\"https://b\"), Text(\"https://c\")]))",
            "system-root/etc/pip.conf:2 global.extra-index-url Overridden",
            ".pip/pip.conf:3 global.extra_index_url Decides",
        ]
    );
    assert_eq!(
        told(&home, "global", "timeout"),
        [
            "Some(Text(\"60\"))",
            "system-root/etc/pip.conf:3 global.timeout Overridden",
            "PIP_TIMEOUT PIP_TIMEOUT Decides",
        ]
    );
}

#[test]
fn the_named_file_takes_the_place_of_the_persons_own() {
    let home = Home::new();
    let named = home.path("named.conf").display().to_string();
    let home = home.variable("PIP_CONFIG_FILE", &named);
    write(&home, ".config/pip/pip.conf", "[global]\ntimeout = 1\n");
    assert_eq!(told(&home, "global", "timeout")[0], "Some(Text(\"1\"))");
    write(&home, "named.conf", "[global]\nretries = 9\n");
    assert_eq!(told(&home, "global", "timeout")[0], "None");
    assert_eq!(told(&home, "global", "retries")[0], "Some(Text(\"9\"))");
    assert_eq!(own_file(&home.machine(), None), home.path("named.conf"));
    let off = Home::new().variable("PIP_CONFIG_FILE", "/dev/null");
    write(&off, ".config/pip/pip.conf", "[global]\ntimeout = 1\n");
    assert_eq!(told(&off, "global", "timeout")[0], "None");
}

#[test]
fn a_file_at_which_pip_stops_is_told() {
    for content in [
        "timeout = 1\n",
        "[global]\ntimeout = 1\ntimeout = 2\n",
        "[global]\nextra_index_url = a\nextra-index-url = b\n",
        "\u{feff}[global]\ntimeout = 1\n",
    ] {
        let home = Home::new();
        write(&home, ".config/pip/pip.conf", content);
        let settings = PipSettings::read(&home.machine());
        let stops = settings
            .places()
            .iter()
            .any(|place| matches!(place.state, State::Unused { stops: true, .. }));
        assert!(stops, "{content}");
        assert_eq!(told(&home, "global", "timeout")[0], "None");
    }
}

#[test]
fn a_setting_is_changed_where_it_lives() {
    let home = Home::new();
    let present = home.path(".config/pip/pip.conf");
    let own = |setting| own_file(&home.machine(), setting);
    assert_eq!(own(Some(("global", "timeout"))), present);
    write(&home, ".pip/pip.conf", "[global]\nindex-url = https://a\n");
    assert_eq!(own(None), home.path(".pip/pip.conf"));
    write(&home, ".config/pip/pip.conf", "[global]\ntimeout = 1\n");
    assert_eq!(own(Some(("global", "index_url"))), home.path(".pip/pip.conf"));
    assert_eq!(own(Some(("global", "timeout"))), present);
    assert_eq!(own(Some(("install", "index-url"))), present);
}

#[test]
fn sections_of_commands_are_named() {
    let home = Home::new();
    write(
        &home,
        ".config/pip/pip.conf",
        "[global]\npre = true\n[install]\nPRE = no\n[list]\nformat = json\n",
    );
    let settings = PipSettings::read(&home.machine());
    assert_eq!(settings.commands_with("pre"), ["install"]);
    assert_eq!(settings.keys(), ["global.pre", "install.pre", "list.format"]);
}

#[test]
fn this_computer_is_secure_for_pip_whatever_it_is_called() {
    for here in [
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1",
        "127.9.0.1:1",
        "[::1]:8080",
        "[::1]",
        "u:p@localhost:80",
    ] {
        assert!(is_loopback(here), "{here}");
    }
    for elsewhere in [
        "",
        "repo.corp",
        "localhost.evil.net",
        "127.0.0.1.evil.net:80",
        "localhost@repo.corp",
        "10.0.0.1:8080",
        "[2001:db8::1]:80",
        "[::]",
    ] {
        assert!(!is_loopback(elsewhere), "{elsewhere}");
    }
}
