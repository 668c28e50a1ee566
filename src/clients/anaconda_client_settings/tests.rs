use super::super::fixture::Home;
use super::*;

fn write(home: &Home, path: &str, content: &str) {
    let path = home.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn told(home: &Home, key: &str) -> Vec<String> {
    let explanation = AnacondaClientSettings::read(&home.machine()).explain(key);
    let source = |source: &SourceValue| {
        let Origin::File { path, line } = &source.origin else {
            panic!("{source:?}")
        };
        let path = path.strip_prefix(home.path("")).unwrap().display();
        format!("{path}:{} {} {:?}", line.unwrap(), source.spelling, source.part)
    };
    let mut told = vec![format!("{:?}", explanation.value)];
    told.extend(explanation.sources.iter().map(source));
    told
}

#[test]
fn later_files_prevail_and_the_site_in_use_over_all_of_them() {
    let home = Home::new();
    write(&home, "system-root/etc/anaconda-client/a.yml", "url: https://a\n");
    write(&home, ".config/binstar/x.yaml", "# x\nurl: https://x\n");
    write(
        &home,
        ".continuum/anaconda-client/config.yaml",
        "url: https://own\nsites:\n  lab:\n    url: https://lab\n    ssl_verify: no\n",
    );
    assert_eq!(
        told(&home, "url"),
        [
            "Some(Text(\"https://own\"))",
            "system-root/etc/anaconda-client/a.yml:1 url Overridden",
            ".config/binstar/x.yaml:2 url Overridden",
            ".continuum/anaconda-client/config.yaml:1 url Decides",
        ]
    );
    write(&home, ".config/binstar/y.yaml", "default_site: lab\n");
    let of_url = told(&home, "url");
    assert_eq!(of_url[0], "Some(Text(\"https://lab\"))");
    assert_eq!(
        of_url[4],
        ".continuum/anaconda-client/config.yaml:4 sites.lab.url Decides"
    );
    assert_eq!(told(&home, "ssl_verify")[0], "Some(Switch(false))");
    assert_eq!(
        told(&home, "sites.lab.url"),
        [
            "Some(Text(\"https://lab\"))",
            ".continuum/anaconda-client/config.yaml:4 sites.lab.url Decides"
        ]
    );
    let keys = AnacondaClientSettings::read(&home.machine()).keys();
    assert_eq!(keys.len(), 4, "{keys:?}");
}

#[test]
fn without_files_the_defaults_apply() {
    let home = Home::new();
    assert_eq!(told(&home, "url"), ["Some(Text(\"https://api.anaconda.org\"))"]);
    assert_eq!(told(&home, "upload_user"), ["None"]);
    let settings = AnacondaClientSettings::read(&home.machine());
    assert!(
        settings
            .places()
            .iter()
            .all(|place| place.state == State::Missing)
    );
}

#[test]
fn what_cannot_be_used_is_told_without_its_content() {
    let home = Home::new();
    write(&home, ".config/binstar/a.yaml", "url: [canary\n");
    write(&home, ".config/binstar/b.yaml", "- canary\n");
    write(&home, ".config/binstar/c.yaml", "url: {canary: 1}\n");
    write(
        &home,
        ".config/binstar/d.yaml",
        "url: !!python/object:canary.X {}\n",
    );
    write(
        &home,
        ".config/binstar/e.yaml",
        "url: https://twice\nurl: https://e\n",
    );
    let settings = AnacondaClientSettings::read(&home.machine());
    let unused: Vec<_> = settings
        .places()
        .iter()
        .filter_map(|place| match &place.state {
            State::Unused { stops, .. } => Some(*stops),
            _ => None,
        })
        .collect();
    assert_eq!(unused.iter().filter(|stops| **stops).count(), 2, "{settings:?}");
    assert_eq!(unused.len(), 4);
    assert!(!format!("{settings:?}").contains("canary"));
    assert_eq!(told(&home, "url")[0], "Some(Text(\"https://e\"))");
}

#[test]
fn single_values_are_read_by_the_rules_of_yaml_1_1() {
    for (text, value) in [
        ("yes", Value::Switch(true)),
        ("Off", Value::Switch(false)),
        ("yEs", Value::text("yEs")),
        ("~", Value::Nothing),
        ("12", Value::Number("12".to_owned())),
        ("1.5", Value::Number("1.5".to_owned())),
        ("1.2.3", Value::text("1.2.3")),
        ("https://h", Value::text("https://h")),
    ] {
        assert_eq!(plain(text), value, "{text}");
    }
}
