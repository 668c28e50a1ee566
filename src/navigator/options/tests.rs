use super::*;

fn file(text: &str) -> NavigatorFile {
    NavigatorFile::parse(text.as_bytes()).unwrap()
}

fn set(text: &str, section: &str, name: &str, value: &str) -> String {
    let mut file = file(text);
    file.set_option(section, name, &Literal::read(value)).unwrap();
    String::from_utf8(file.bytes()).unwrap()
}

#[test]
fn values_are_written_in_the_form_of_their_option() {
    for (section, name, value, written) in [
        ("main", "offline_mode", "True", "True"),
        ("main", "anaconda_api_url", "'https://h/api'", "https://h/api"),
        ("main", "anaconda_api_url", "https://h/api", "https://h/api"),
        ("main", "anaconda_server_api_url", "https://h", "'https://h'"),
        ("main", "anaconda_server_api_url", "None", "None"),
        ("main", "logged_brand", "Anaconda Server", "Anaconda Server"),
        ("main", "default_env", "/opt/env", "/opt/env"),
        ("main", "identity", "'None'", "'None'"),
        ("ssl", "trusted_servers", "['a', 'b']", "['a', 'b']"),
        ("main", "of_a_plugin", "some text", "some text"),
    ] {
        let text = set("[main]\n", section, name, value);
        assert!(text.contains(&format!("{name} = {written}\n")), "{name}: {text}");
    }
}

#[test]
fn the_names_that_the_file_has_are_kept() {
    let old = "[main]\nteam_edition_api_url = None\n";
    assert_eq!(
        set(old, "main", "anaconda_server_api_url", "https://h"),
        "[main]\nteam_edition_api_url = 'https://h'\n"
    );
    let both = "[main]\nteam_edition_token_id = 'a'\nanaconda_server_token_id = 'b'\n";
    assert_eq!(
        set(both, "main", "team_edition_token_id", "None"),
        "[main]\nteam_edition_token_id = None\nanaconda_server_token_id = None\n"
    );
    assert_eq!(
        set(
            "[main]\nteam_edition_token = 'x'\n",
            "main",
            "anaconda_server_api_url",
            "https://h"
        ),
        "[main]\nteam_edition_token = 'x'\nteam_edition_api_url = 'https://h'\n"
    );
    assert_eq!(
        set("[main]\n", "main", "anaconda_server_api_url", "https://h"),
        "[main]\nanaconda_server_api_url = 'https://h'\n"
    );
}

#[test]
fn the_names_that_are_told_are_used_beside_those_of_the_file() {
    let told = Some(super::super::Generation::AnacondaServer);
    let mut file = file("[main]\nteam_edition_api_url = None\n").with_generation(told);
    let value = Literal::Bare("https://h".to_owned());
    file.set_option("main", "anaconda_server_api_url", &value)
        .unwrap();
    assert_eq!(
        String::from_utf8(file.bytes()).unwrap(),
        "[main]\nteam_edition_api_url = 'https://h'\nanaconda_server_api_url = 'https://h'\n"
    );
}

#[test]
fn an_option_goes_under_all_of_its_names() {
    let mut file = file("[main]\nteam_edition_api_url = 'a'\nanaconda_server_api_url = 'b'\nx = 1\n");
    assert!(file.remove_option("main", "anaconda_server_api_url").unwrap());
    assert!(!file.remove_option("main", "anaconda_server_api_url").unwrap());
    assert_eq!(file.bytes(), b"[main]\nx = 1\n");
}

#[test]
fn defaults_are_values_that_their_option_can_have() {
    for option in OPTIONS {
        if let Some(default) = option.default {
            assert_eq!(option.refused(&Literal::read(default)), None, "{}", option.name);
        }
        assert!(known(option.section, option.name) == Some(&option));
    }
    let refused = |name, value: &str| {
        known("main", name)
            .unwrap()
            .refused(&Literal::read(value))
            .is_some()
    };
    assert!(refused("offline_mode", "true"));
    assert!(refused("anaconda_server_api_url", "psm.example.com"));
    assert!(!refused("anaconda_server_api_url", "'http://psm.example.com'"));
    assert!(
        known("ssl", "trusted_servers")
            .unwrap()
            .refused(&Literal::read("'a'"))
            .is_some()
    );
}
