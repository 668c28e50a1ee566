use super::*;

/// The proposals at the place marked `|`.
fn at(file: ConfigurationFile, marked: &str) -> Completions {
    let place = marked.find('|').expect("a place is marked");
    let text = marked.replacen('|', "", 1);
    let line = marked[..place].matches('\n').count();
    let column = marked[..place]
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    completions(file, &text, Position { line, column })
}

fn labels(file: ConfigurationFile, marked: &str) -> Vec<String> {
    at(file, marked)
        .items
        .into_iter()
        .map(|item| item.label)
        .collect()
}

use ConfigurationFile::{AnacondaClient, Conda, Navigator, Pip};

#[test]
fn keys_are_proposed_where_a_key_stands() {
    let found = at(Conda, "ssl_verify: true\nchan|\n");
    assert_eq!(found.replaces, 0..4);
    let names: Vec<_> = found.items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(
        names[..4],
        [
            "channels",
            "channel_alias",
            "channel_priority",
            "channel_settings"
        ]
    );
    assert!(names.contains(&"default_channels"));
    assert_eq!(found.items[0].insert, "channels:\n  - ");
    assert_eq!(found.items[1].insert, "channel_alias: ");
    assert!(
        found.items[1]
            .documentation
            .ends_with("Default: https://conda.anaconda.org.")
    );
    // What is there is not proposed again, under none of its names.
    assert!(!labels(Conda, "verify_ssl: true\nssl|\n").contains(&"ssl_verify".to_owned()));
    assert_eq!(labels(Conda, "proxy_servers:\n  ht|\n"), ["http", "https"]);
    assert_eq!(
        labels(AnacondaClient, "sites:\n  lab:\n    u|\n"),
        ["url", "upload_user"]
    );
    assert_eq!(labels(AnacondaClient, "def|"), ["default_site"]);
}

#[test]
fn values_are_proposed_where_a_key_has_few_of_them() {
    assert_eq!(
        labels(Conda, "channel_priority: |\n"),
        ["strict", "flexible", "disabled"]
    );
    assert_eq!(labels(Conda, "channel_priority: st|\n"), ["strict"]);
    assert_eq!(labels(Conda, "ssl_verify: |"), ["true", "false", "truststore"]);
    assert_eq!(labels(Conda, "offline: f|"), ["false"]);
    assert_eq!(
        labels(Conda, "channels:\n  - conda-forge\n  - |\n"),
        ["defaults", "local", "nodefaults"]
    );
    assert_eq!(labels(Conda, "channels:\n- d|\n"), ["defaults"]);
    assert_eq!(labels(Conda, "ssl_verify: true #|"), ["#!final"]);
    assert_eq!(labels(Conda, "channels:\n  - a #!b|"), ["#!bottom"]);
    assert_eq!(
        labels(AnacondaClient, "sites:\n  lab:\n    ssl_verify: |"),
        ["true", "false"]
    );
    assert_eq!(labels(Conda, "# chan|"), [""; 0]);
    assert_eq!(labels(Conda, "http://x|"), [""; 0]);
}

#[test]
fn options_and_sections_are_proposed() {
    assert_eq!(
        labels(Navigator, "[main]\nanaconda_server_api_url = None\nanaconda_s|\n"),
        [
            "anaconda_server_token",
            "anaconda_server_token_id",
            "anaconda_server_show_hidden_channels"
        ]
    );
    assert_eq!(labels(Navigator, "[main]\noffline_mode = |\n"), ["True", "False"]);
    assert_eq!(labels(Navigator, "[main]\nteam_edition_api_url = |\n"), ["None"]);
    assert_eq!(labels(Navigator, "[ssl]\nt|\n"), ["trusted_servers"]);
    assert_eq!(
        labels(Navigator, "[main]\n\n[|\n"),
        ["[ssl]", "[applications]", "[internal]"]
    );
    assert_eq!(
        labels(Pip, "[global]\nindex_url = a\nind|\n"),
        ["extra-index-url", "no-index"]
    );
    let found = at(Pip, "[install]\nextra-index|");
    assert_eq!(found.items[0].insert, "extra-index-url = ");
    assert_eq!(
        labels(Pip, "[global]\nprogress-bar = |"),
        ["auto", "on", "off", "raw"]
    );
    // The lines of a value have none.
    assert_eq!(labels(Pip, "[global]\nextra-index-url =\n    ind|\n"), [""; 0]);
}

#[test]
fn a_place_outside_of_the_text_has_proposals_or_none_but_no_trouble() {
    for file in ConfigurationFile::ALL {
        for text in ["", "a: b", "ünï: x\n\n  - y", "[main]\nü = ö\n"] {
            for line in 0..4 {
                for column in 0..9 {
                    let found = completions(file, text, Position { line, column });
                    assert!(found.replaces.end <= column.max(found.replaces.end));
                }
            }
        }
    }
}
