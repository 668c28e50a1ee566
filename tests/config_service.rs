//! Changing settings and editing whole files through the service: what is written, what is warned of, and how it comes
//! back.

#[path = "support/planted.rs"]
mod planted;

use planted::Planted;
use sextant::edit::diff::Change;
use sextant::edit::history::Entry;
use sextant::error::{Explain, Kind};
use sextant::service::ServiceError;
use sextant::service::configuration::{
    ConfigurationError, ConfigurationFile, LineEnding, PlaceState, Saving, SettingChange, Severity,
};
use sextant::service::merge::PutBack;
use sextant::service::plan::Plan;

use ConfigurationFile::{AnacondaClient, Conda, Navigator, Pip};

const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";
const CONFIG_YAML: &str = ".continuum/anaconda-client/config.yaml";

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}

fn carry_out(home: &Planted, plan: &Plan) -> Entry {
    wait(home.services().change_configuration(plan)).unwrap()
}

fn set(home: &Planted, file: ConfigurationFile, key: &str, value: &str) -> Vec<String> {
    let plan = home.services().plan_set(file, key, value).unwrap();
    carry_out(home, &plan);
    told(&plan)
}

fn told(plan: &Plan) -> Vec<String> {
    plan.warnings
        .iter()
        .map(|warning| warning.message.clone())
        .collect()
}

fn refused(home: &Planted, file: ConfigurationFile, key: &str, value: &str) -> String {
    let error = home.services().plan_set(file, key, value).unwrap_err();
    let problem = error.explain();
    format!("{} / {}", problem.message, problem.remedy.unwrap_or_default())
}

#[test]
fn a_setting_is_changed_where_it_stands_and_nothing_else_is() {
    let before = "# mine\nchannel: # these\n  - a # first\n  - b\nverify_ssl: true   # never change\nproxy_servers:\n  http: http://p:1 # ours\n";
    let home = Planted::new().file(".condarc", before);
    let warnings = set(&home, Conda, "channels", "[a, c]");
    assert_eq!(warnings, [""; 0]);
    set(&home, Conda, "ssl_verify", "truststore");
    set(&home, Conda, "proxy_servers.https", "http://p:2");
    set(&home, Conda, "remote_max_retries", "5");
    set(&home, Conda, "offline", "off");
    assert_eq!(
        home.read(".condarc").unwrap(),
        "# mine\nchannel: # these\n  - a # first\n  - c\nverify_ssl: truststore   # never change\nproxy_servers:\n  http: http://p:1 # ours\n  https: http://p:2\nremote_max_retries: 5\noffline: false\n"
    );
    // The same once more changes nothing.
    assert!(
        home.services()
            .plan_set(Conda, "offline", "no")
            .unwrap()
            .is_empty()
    );
    let plan = home.services().plan_unset(Conda, "proxy_servers.http").unwrap();
    carry_out(&home, &plan);
    assert!(
        home.read(".condarc")
            .unwrap()
            .contains("proxy_servers:\n  https: http://p:2\n")
    );
}

#[test]
fn every_file_is_changed_by_its_own_rules() {
    let home = Planted::new()
        .file(
            INI,
            "[main]\nteam_edition_api_url = None\noffline_mode = False ; note\n",
        )
        .file(".pip/pip.conf", "[global]\nindex_url = https://old\n");
    set(
        &home,
        Navigator,
        "main.anaconda_server_api_url",
        "https://psm.example.com/",
    );
    set(&home, Navigator, "provide_analytics", "no");
    set(&home, Navigator, "ssl.trusted_servers", "a,b");
    assert_eq!(
        home.read(INI).unwrap(),
        "[main]\nteam_edition_api_url = 'https://psm.example.com'\noffline_mode = False ; note\nprovide_analytics = False\n\n[ssl]\ntrusted_servers = ['a', 'b']\n"
    );
    set(&home, Pip, "index-url", "https://new/simple");
    set(&home, Pip, "install.no-deps", "yes");
    assert_eq!(
        home.read(".pip/pip.conf").unwrap(),
        "[global]\nindex_url = https://new/simple\n\n[install]\nno-deps = true\n"
    );
    set(
        &home,
        AnacondaClient,
        "sites.lab.url",
        "https://lab.example.com/api/",
    );
    set(&home, AnacondaClient, "default_site", "lab");
    assert_eq!(
        home.read(CONFIG_YAML).unwrap(),
        "sites:\n  lab:\n    url: https://lab.example.com/api/\ndefault_site: lab\n"
    );
    let domain = home.services().domain().unwrap().domain;
    assert_eq!(domain.as_deref(), Some("https://psm.example.com"));
}

#[test]
fn what_is_no_setting_or_no_value_is_refused_with_what_is_meant() {
    let home = Planted::new().file(".condarc", "my_tool: 1\nchannel: [a]\nchannels: [b]\n");
    for (file, key, value, expected) in [
        (
            Conda,
            "ssl_verfy",
            "true",
            "conda has no setting ssl_verfy / did you mean ssl_verify?",
        ),
        (
            Conda,
            "offline",
            "maybe",
            "offline cannot be maybe / give true or false",
        ),
        (
            Conda,
            "channel_priority",
            "high",
            "channel_priority cannot be high / give strict, flexible or disabled",
        ),
        (
            Conda,
            "channel_alias",
            "h",
            "channel_alias cannot be h / give an address",
        ),
        (
            Conda,
            "default_channels",
            "[a",
            "default_channels cannot be [a / give a list",
        ),
        (
            Conda,
            "proxy_servers",
            "x",
            "proxy_servers cannot be x / give a map",
        ),
        (
            Conda,
            "channel_settings",
            "[{auth: x}]",
            "channel_settings cannot be",
        ),
        (
            Navigator,
            "ofline_mode",
            "True",
            "Anaconda Navigator has no setting main.ofline_mode / did you mean main.offline_mode?",
        ),
        (
            Navigator,
            "offline_mode",
            "maybe",
            "main.offline_mode cannot be maybe / give True or False",
        ),
        (
            Navigator,
            "anaconda_server_api_url",
            "psm",
            "main.anaconda_server_api_url cannot be psm / give an address",
        ),
        (
            AnacondaClient,
            "defaultsite",
            "x",
            "anaconda-client has no setting defaultsite / did you mean default_site?",
        ),
        (
            AnacondaClient,
            "url",
            "repo",
            "url cannot be repo / give an address",
        ),
        (Pip, "extra-index", "x", "pip has no setting global.extra-index"),
        (
            Pip,
            "timeout",
            "soon",
            "global.timeout cannot be soon / give a number",
        ),
    ] {
        let refused = refused(&home, file, key, value);
        assert!(refused.starts_with(expected), "{refused}");
    }
    // Two names of one setting: nobody can say which one counts.
    assert!(refused(&home, Conda, "channels", "c").contains("channels and channel twice"));
    // What another program put there may be changed.
    set(&home, Conda, "my_tool", "{a: [1, 2]}");
    assert!(
        home.read(".condarc")
            .unwrap()
            .starts_with("my_tool:\n  a:\n    - 1\n    - 2\n")
    );
    assert_eq!(
        home.services()
            .plan_set(Conda, "x", "y")
            .unwrap_err()
            .explain()
            .kind,
        Kind::Usage
    );
}

#[test]
fn a_change_without_effect_is_warned_of_with_the_place_and_the_way_out() {
    let home = Planted::new()
        .file(
            "system-root/etc/conda/.condarc",
            "ssl_verify: /corp/ca.pem #!final\nchannels: [corp]\n",
        )
        .file(
            "env/.condarc",
            "offline: true\nproxy_servers:\n  https: http://env:1\n",
        )
        .place("CONDA_PREFIX", "env")
        .variable("CONDA_CHANNEL_ALIAS", "https://variable");
    let services = home.services();
    let warned = |key: &str, value: &str| -> (String, String) {
        let plan = services.plan_set(Conda, key, value).unwrap();
        let warning = plan.warnings.first().cloned().unwrap_or_else(|| panic!("{key}"));
        (warning.message, warning.remedy.unwrap_or_default())
    };
    let (message, remedy) = warned("ssl_verify", "true");
    assert!(
        message.contains("locked by line 1 of") && message.contains("#!final"),
        "{message}"
    );
    assert!(remedy.contains("ask whoever looks after that file"), "{remedy}");
    let (message, remedy) = warned("channel_alias", "https://mine");
    assert!(
        message.contains("channel_alias stays https://variable"),
        "{message}"
    );
    assert!(remedy.starts_with("unset CONDA_CHANNEL_ALIAS"), "{remedy}");
    let (message, remedy) = warned("offline", "false");
    assert!(
        message.contains("offline stays true") && message.contains("env/.condarc"),
        "{message}"
    );
    assert!(remedy.starts_with("change it there"), "{remedy}");
    let (message, _) = warned("channels", "mine");
    assert!(
        message.contains("adds corp to channels, after what stands in"),
        "{message}"
    );
    let (message, _) = warned("proxy_servers.https", "http://mine:1");
    assert!(
        message.contains("proxy_servers.https stays http://env:1"),
        "{message}"
    );
    // What is explained says the same before anything is changed.
    let explained = services.explain(Conda, "ssl_verify").unwrap();
    assert!(
        explained.hindrances[0].message.contains("locked by"),
        "{explained:?}"
    );
    let (message, _) = warned("default_channels", "x");
    assert!(
        message.contains("only where defaults is among the channels"),
        "{message}"
    );
    let home = home.file(".conda/condarc", "custom_multichannels:\n  defaults: [y]\n");
    let plan = home.services().plan_set(Conda, "default_channels", "x").unwrap();
    assert!(
        told(&plan)
            .iter()
            .any(|told| told.contains("custom_multichannels")),
        "{:?}",
        told(&plan)
    );
}

#[test]
fn the_other_programs_too_say_what_prevails() {
    let home = Planted::new()
        .file("env/etc/anaconda-client/x.yml", "url: https://env/api\n")
        .file(
            CONFIG_YAML,
            "default_site: lab\nsites:\n  lab: {ssl_verify: false}\n",
        )
        .place("CONDA_PREFIX", "env")
        .variable("PIP_TIMEOUT", "9")
        .file(".config/pip/pip.conf", "[install]\npre = yes\n");
    let services = home.services();
    let first = |file, key: &str, value: &str| told(&services.plan_set(file, key, value).unwrap()).remove(0);
    assert!(first(AnacondaClient, "url", "https://mine/api/").contains("url stays https://env/api"));
    assert!(first(AnacondaClient, "ssl_verify", "true").contains("gives the site in use a value of its own"));
    assert!(first(AnacondaClient, "default_site", "other").contains("there is no site other"));
    assert!(first(Pip, "timeout", "30").contains("global.timeout stays 9"));
    assert!(first(Pip, "pre", "no").contains("pip install uses a value of its own"));
    assert!(first(Pip, "index-url", "http://h:8080/simple").contains("pip ignores h:8080"));
    assert!(first(Pip, "extra-index-url", "https://h/simple").contains("whoever published it"));
}

#[test]
fn several_changes_are_one_entry_and_come_back_together() {
    let home = Planted::new()
        .file(".condarc", "offline: true\n")
        .file(INI, "[main]\noffline_mode = True\n");
    let change = |file, key: &str, value: Option<&str>| SettingChange {
        file,
        key: key.to_owned(),
        value: value.map(str::to_owned),
    };
    let plan = home
        .services()
        .plan_settings(
            "Changed the preferences",
            &[
                change(Conda, "offline", None),
                change(Conda, "quiet", Some("yes")),
                change(Navigator, "offline_mode", Some("False")),
            ],
        )
        .unwrap();
    assert_eq!(plan.diffs().len(), 2);
    let entry = carry_out(&home, &plan);
    assert_eq!(entry.what, "Changed the preferences");
    assert_eq!(home.read(".condarc").unwrap(), "quiet: true\n");
    // Somebody else goes on; what was changed comes back, theirs stays.
    home.plant(".condarc", "quiet: true\njson: true\n");
    let services = home.services();
    let undo = services.plan_undo(Some(&entry.id), &PutBack::KeepEdits).unwrap();
    wait(services.undo(&undo)).unwrap();
    let condarc = home.read(".condarc").unwrap();
    assert!(
        condarc.contains("offline: true\n") && condarc.contains("json: true\n"),
        "{condarc}"
    );
    assert!(!condarc.contains("quiet"), "{condarc}");
    assert_eq!(home.read(INI).unwrap(), "[main]\noffline_mode = True\n");
}

#[test]
fn changes_of_pip_and_anaconda_client_come_back_too() {
    let home = Planted::new().file(".config/pip/pip.conf", "[global]\ntimeout = 5\n");
    let services = home.services();
    for (file, key, value, path) in [
        (Pip, "timeout", "9", ".config/pip/pip.conf"),
        (AnacondaClient, "url", "https://h/api/", CONFIG_YAML),
    ] {
        let before = home.read(path);
        let entry = carry_out(&home, &services.plan_set(file, key, value).unwrap());
        assert_ne!(home.read(path), before);
        let undo = services.plan_undo(Some(&entry.id), &PutBack::KeepEdits).unwrap();
        wait(services.undo(&undo)).unwrap();
        assert_eq!(home.read(path), before);
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_with_a_password_is_private_and_the_password_shows_nowhere() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Planted::new();
    let plan = home
        .services()
        .plan_set(Pip, "index-url", "https://ana:canary@h/simple")
        .unwrap();
    let shown = format!(
        "{plan:?} {:?}",
        plan.diffs()
            .iter()
            .map(sextant::edit::diff::FileDiff::to_text)
            .collect::<Vec<_>>()
    );
    let warnings = told(&plan).join(" ");
    assert!(
        !plan.diffs()[0].to_text().contains("canary") && !warnings.contains("canary"),
        "{shown}"
    );
    assert!(warnings.contains("in clear"), "{warnings}");
    let entry = carry_out(&home, &plan);
    let path = home.path(".config/pip/pip.conf");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!format!("{entry:?}").contains("canary"));
    let explained = home.services().explain(Pip, "index-url").unwrap();
    assert!(!format!("{explained:?} {}", explained.value.as_ref().unwrap().to_json()).contains("canary"));
    let ordinary = Planted::new();
    set(&ordinary, Pip, "index-url", "https://h/simple");
    let path = ordinary.path(".config/pip/pip.conf");
    assert_ne!(path.metadata().unwrap().permissions().mode() & 0o044, 0);
}

#[test]
fn navigators_token_is_never_shown() {
    let home = Planted::new().file(
        INI,
        "[main]\nanaconda_server_token = 'canary'\nanaconda_server_api_url = 'https://h'\n",
    );
    let services = home.services();
    let effective = services.effective(Navigator).unwrap();
    let edited = services.open_for_editing(Navigator).unwrap();
    let json: Vec<_> = effective
        .settings
        .iter()
        .filter_map(|set| Some(set.value.as_ref()?.to_json().to_string()))
        .collect();
    assert!(!format!("{effective:?} {edited:?} {json:?}").contains("canary"));
    let mut edited = edited;
    // A file that is broken elsewhere hides it as well.
    home.plant(INI, "[main]\nanaconda_server_token = 'canary'\nbroken\n");
    edited.text = "[main]\nanaconda_server_token = None\n".to_owned();
    let diff = services.diff_to_disk(&edited).unwrap();
    assert!(!diff.to_text().contains("canary"), "{}", diff.to_text());
}

#[test]
fn a_text_is_opened_edited_and_saved_with_everything_else_kept() {
    let before = "# mine\r\nchannels:\r\n  - a\r\nssl_verify: true\r\n";
    let home = Planted::new().file(".condarc", before);
    let services = home.services();
    let mut edited = services.open_for_editing(Conda).unwrap();
    assert_eq!(edited.text, before.replace("\r\n", "\n"));
    assert_eq!(edited.marks.line_ending, LineEnding::CarriageReturnLineFeed);
    assert!(!edited.is_changed());
    assert_eq!(services.diff_to_disk(&edited).unwrap().change, Change::Unchanged);
    assert!(services.plan_save(&edited, Saving::Refuse).unwrap().is_empty());

    edited.text = edited.text.replace("  - a\n", "  - a\n  - b\n");
    assert!(edited.is_changed());
    assert_eq!(services.diff_to_disk(&edited).unwrap().change, Change::Edited);
    let plan = services.plan_save(&edited, Saving::Refuse).unwrap();
    assert_eq!(plan.what, "Edited ~/.condarc");
    let entry = carry_out(&home, &plan);
    assert_eq!(
        home.read(".condarc").unwrap(),
        before.replace("  - a\r\n", "  - a\r\n  - b\r\n")
    );
    let undo = services.plan_undo(Some(&entry.id), &PutBack::KeepEdits).unwrap();
    wait(services.undo(&undo)).unwrap();
    assert_eq!(home.read(".condarc").unwrap(), before);
}

#[test]
fn a_file_that_does_not_exist_is_made_only_when_something_is_written() {
    let home = Planted::new();
    let services = home.services();
    for (file, text, path) in [
        (Conda, "channels: [a]\n", ".condarc"),
        (Navigator, "[main]\noffline_mode = True\n", INI),
        (AnacondaClient, "url: https://h/api/\n", CONFIG_YAML),
        (Pip, "[global]\ntimeout = 5\n", ".config/pip/pip.conf"),
    ] {
        let mut edited = services.open_for_editing(file).unwrap();
        assert_eq!((edited.text.as_str(), edited.digest.as_deref()), ("", None));
        assert!(services.plan_save(&edited, Saving::Refuse).unwrap().is_empty());
        edited.text = text.to_owned();
        let plan = services.plan_save(&edited, Saving::Refuse).unwrap();
        assert_eq!(plan.diffs()[0].change, Change::Created);
        carry_out(&home, &plan);
        assert_eq!(home.read(path).as_deref(), Some(text));
    }
}

#[test]
fn a_text_that_the_program_would_stumble_over_is_not_saved() {
    let home = Planted::new()
        .file(".condarc", "channels: [a]\n")
        .file(INI, "[main]\n");
    let services = home.services();
    for (file, text, line) in [
        (Conda, "channels: [a\n", 2),
        (Conda, "ok: 1\nchannels: a\n", 2),
        (Conda, "channels: [a]\nchannel: [b]\n", 2),
        (Navigator, "[main]\na = 1\nA = 2\n", 3),
        (Pip, "timeout = 5\n", 1),
        (AnacondaClient, "url: !!python/name:x y\n", 1),
    ] {
        let mut edited = services.open_for_editing(file).unwrap();
        edited.text = text.to_owned();
        let error = services.plan_save(&edited, Saving::Overwrite).unwrap_err();
        let ServiceError::Configuration(ConfigurationError::Broken { finding, .. }) = &error else {
            panic!("{error:?}")
        };
        assert_eq!(
            (finding.line, finding.severity),
            (line, Severity::Error),
            "{text:?}"
        );
        assert_eq!(error.explain().kind, Kind::RefusedEdit);
        // The text is still there to be mended.
        assert_eq!(edited.text, text);
    }
    assert_eq!(home.read(".condarc").unwrap(), "channels: [a]\n");
}

#[test]
fn a_broken_file_opens_and_can_be_mended() {
    let home = Planted::new().file(".condarc", b"channels: [a]\nssl_verify: \xe9\0\n");
    let services = home.services();
    let mut edited = services.open_for_editing(Conda).unwrap();
    let findings = sextant::service::configuration::check_text(Conda, &edited.text);
    assert_eq!(findings[0].line, 2, "{findings:?}");
    let effective = services.effective(Conda).unwrap();
    assert!(
        effective
            .places
            .iter()
            .any(|place| place.is_own && matches!(place.state, PlaceState::Unused { .. }))
    );
    edited.text = "channels: [a]\nssl_verify: true\n".to_owned();
    carry_out(&home, &services.plan_save(&edited, Saving::Refuse).unwrap());
    assert_eq!(
        home.read(".condarc").unwrap(),
        "channels: [a]\nssl_verify: true\n"
    );
}

#[test]
fn a_file_that_changed_meanwhile_is_refused_joined_or_overwritten() {
    let opened = "# top\nchannels:\n  - a\n\nssl_verify: true\noffline: false\n";
    let theirs = "# top\nchannels:\n  - a\n\nssl_verify: true\noffline: true\n";
    let home = Planted::new().file(".condarc", opened);
    let services = home.services();
    let mut edited = services.open_for_editing(Conda).unwrap();
    edited.text = edited
        .text
        .replace("# top\n", "# my comment\n")
        .replace("  - a\n", "  - a\n  - b\n");
    home.plant(".condarc", theirs);
    assert!(!services.is_unchanged(&edited).unwrap());
    let error = services.plan_save(&edited, Saving::Refuse).unwrap_err();
    assert!(matches!(
        error,
        ServiceError::Configuration(ConfigurationError::ChangedMeanwhile { .. })
    ));
    assert_eq!(error.explain().kind, Kind::Conflict);
    // Both changes, comments included.
    carry_out(&home, &services.plan_save(&edited, Saving::Merge).unwrap());
    assert_eq!(
        home.read(".condarc").unwrap(),
        "# my comment\nchannels:\n  - a\n  - b\n\nssl_verify: true\noffline: true\n"
    );
    // Both changed the same.
    home.plant(".condarc", opened);
    let mut edited = services.open_for_editing(Conda).unwrap();
    edited.text = edited.text.replace("offline: false", "offline: true # mine");
    edited.text = edited.text.replace("- a", "- mine");
    home.plant(".condarc", opened.replace("- a", "- theirs"));
    let error = services.plan_save(&edited, Saving::Merge).unwrap_err();
    let ServiceError::Configuration(ConfigurationError::CannotMerge { reason, .. }) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(reason, "both changed channels");
    carry_out(&home, &services.plan_save(&edited, Saving::Overwrite).unwrap());
    assert!(home.read(".condarc").unwrap().contains("- mine"));
}

#[test]
fn options_of_ini_files_are_joined_too() {
    let home = Planted::new().file(
        INI,
        "[main]\na = 1\noffline_mode = False\nprovide_analytics = True\n",
    );
    let services = home.services();
    let mut edited = services.open_for_editing(Navigator).unwrap();
    edited.text = edited.text.replace("offline_mode = False", "offline_mode = True");
    home.plant(
        INI,
        "[main]\na = 1\noffline_mode = False\nprovide_analytics = False\n",
    );
    carry_out(&home, &services.plan_save(&edited, Saving::Merge).unwrap());
    assert_eq!(
        home.read(INI).unwrap(),
        "[main]\na = 1\noffline_mode = True\nprovide_analytics = False\n"
    );
    let mut edited = services.open_for_editing(Navigator).unwrap();
    edited.text = edited.text.replace("a = 1", "a = 2");
    home.plant(INI, "[main]\na = 3\n");
    let error = services.plan_save(&edited, Saving::Merge).unwrap_err();
    assert!(error.explain().cause.unwrap().contains("main.a"), "{error:?}");
}

#[test]
fn saving_warns_of_what_has_no_effect() {
    let home = Planted::new()
        .file("env/.condarc", "offline: true\n")
        .place("CONDA_PREFIX", "env")
        .file(".condarc", "offline: false\n");
    let services = home.services();
    let mut edited = services.open_for_editing(Conda).unwrap();
    edited.text = "offline: no\nssl_verify: true #!final\n# note\nchanels: [a]\n".to_owned();
    let warnings = told(&services.plan_save(&edited, Saving::Refuse).unwrap());
    for part in [
        "line 2: the comment below takes #!final away",
        "line 4: conda does not know chanels",
        "offline stays true",
    ] {
        assert!(
            warnings.iter().any(|warning| warning.contains(part)),
            "{part}: {warnings:?}"
        );
    }
}

#[test]
fn preferences_are_explained_at_once() {
    let home = Planted::new().file(".condarc", "ssl_verify: false\n").file(
        INI,
        "[main]\nanaconda_server_api_url = 'https://h'\nenable_high_dpi_scaling = True\n",
    );
    let explained = home.services().explain_all(&[
        (Conda, "ssl_verify"),
        (Navigator, "anaconda_server_api_url"),
        (Navigator, "hide_quit_dialog"),
        (Conda, "nonsense"),
        (Pip, "index-url"),
    ]);
    let value = |at: usize| {
        explained[at]
            .as_ref()
            .unwrap()
            .value
            .as_ref()
            .unwrap()
            .to_string()
    };
    assert_eq!(
        (value(0), value(1), value(2)),
        ("false".to_owned(), "https://h".to_owned(), "false".to_owned())
    );
    assert!(explained[3].is_err());
    assert_eq!(value(4), "https://pypi.org/simple");
    assert!(explained[2].as_ref().unwrap().sources.is_empty());
    assert_eq!(explained[1].as_ref().unwrap().sources[0].origin.line(), Some(2));
}
