use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::credential::FileStore;
use crate::error::Explain;
use crate::locations::Locations;
use crate::service::merge::PutBack;
use crate::service::network::ProxyChoice;
use crate::service::plan::Plan;
use crate::service::{ServiceError, Services, SystemClock};

const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";
const OWN: &str = ".config/sextant/preferences.toml";
const TRUST: &str = ".config/sextant/trust.toml";
const CONDARC: &str = "# mine\nchannels:\n  - conda-forge  # fast\nssl_verify: false\n";
const NAVIGATOR: &str = "[main]\n# my own note\nanaconda_api_url = https://api.anaconda.org\nteam_edition_api_url = 'https://psm.example.com'\nteam_edition_token = None\noffline_mode = False\n";

struct Machine {
    home: tempfile::TempDir,
    services: Services,
}

impl Machine {
    fn new(files: &[(&str, &str)]) -> Self {
        Self::with_variables(files, &[])
    }

    fn with_variables(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let machine = Self {
            services: {
                let mut locations = Locations::inside(home.path());
                for (name, value) in variables {
                    locations
                        .variables
                        .insert((*name).to_owned(), (*value).to_owned());
                }
                let credentials = Arc::new(FileStore::new(locations.credentials()));
                Services::with(locations, credentials, Arc::new(SystemClock))
            },
            home,
        };
        for (path, content) in files {
            machine.write(path, content);
        }
        machine
    }

    fn usual() -> Self {
        Self::new(&[(".condarc", CONDARC), (INI, NAVIGATOR)])
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn file(&self, path: &str) -> String {
        fs::read_to_string(self.home.path().join(path)).unwrap_or_default()
    }

    fn plan(&self, change: impl Fn(&mut Settings)) -> Result<Plan, ServiceError> {
        let from = self.services.settings().settings;
        let mut to = from.clone();
        change(&mut to);
        self.services.plan_preferences(&from, &to)
    }

    /// Changes settings as the page does; the id of the entry.
    fn change(&self, change: impl Fn(&mut Settings)) -> String {
        let plan = self.plan(change).unwrap();
        let entry = run(self.services.change_preferences(&plan)).unwrap();
        entry.id
    }

    fn undo(&self, id: &str) {
        let plan = self.services.plan_undo(Some(id), &PutBack::KeepEdits).unwrap();
        run(self.services.undo(&plan)).unwrap();
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(work)
}

#[test]
fn every_setting_is_shown_with_where_it_stands() {
    let machine = Machine::usual();
    let shown = machine.services.settings();
    let settings = &shown.settings;
    assert_eq!(settings.server_domain.as_deref(), Some("https://psm.example.com"));
    assert_eq!(settings.anaconda_org.as_deref(), Some("https://api.anaconda.org"));
    assert_eq!(
        (settings.repository.as_deref(), settings.is_offline),
        (None, false)
    );
    assert_eq!(settings.conda_trust, CondaTrust::Anybody);
    assert!(shown.problems.is_empty());
    let line_of = |field| match &shown.facts(field).unwrap().source {
        Source::File { path, line } => (path.strip_prefix(machine.home.path()).unwrap().to_owned(), *line),
        other => panic!("{field:?}: {other:?}"),
    };
    assert_eq!(line_of(Field::ServerDomain), (PathBuf::from(INI), Some(4)));
    assert_eq!(line_of(Field::AnacondaOrgDomain), (PathBuf::from(INI), Some(3)));
    assert_eq!(line_of(Field::CondaTrust), (PathBuf::from(".condarc"), Some(4)));
    for field in [
        Field::HiddenChannels,
        Field::DefaultEnvironment,
        Field::Appearance,
        Field::CaFile,
    ] {
        assert_eq!(shown.facts(field).unwrap().source, Source::Default, "{field:?}");
    }
    assert!(
        !shown.facts(Field::CondaTrust).unwrap().notes.is_empty(),
        "conda checks nothing, which is told"
    );
    for field in Field::ALL {
        assert!(
            shown.facts(field).is_some() && shown.lock(field).is_none(),
            "{field:?}"
        );
    }
}

#[test]
fn a_variable_that_overrides_is_told() {
    let machine = Machine::with_variables(
        &[(".condarc", "ssl_verify: false\n")],
        &[("CONDA_SSL_VERIFY", "truststore")],
    );
    let shown = machine.services.settings();
    assert_eq!(shown.settings.conda_trust, CondaTrust::System);
    let facts = shown.facts(Field::CondaTrust).unwrap();
    assert_eq!(
        facts.source,
        Source::Variable {
            name: "CONDA_SSL_VERIFY".to_owned()
        }
    );
    assert!(!facts.notes.is_empty(), "the person's own file has no effect");
}

#[test]
fn one_apply_is_one_entry_over_all_files_and_undone_as_one() {
    let machine = Machine::usual();
    machine.write("authority.pem", &authority());
    let ca_file = machine.home.path().join("authority.pem");
    let id = machine.change(|to| {
        to.server_domain = Some("https://psm2.example.com".to_owned());
        to.anaconda_org = Some("https://api.example.com".to_owned());
        to.shows_hidden_channels = true;
        to.is_offline = true;
        to.default_environment = Some("/opt/conda/envs/etl".into());
        to.conda_trust = CondaTrust::Bundled;
        to.ca_file = Some(ca_file.clone());
        to.own.text_size = TextSize::from(125);
        to.own.contrast = Contrast::High;
        to.own.proxy = ProxyChoice::None;
    });
    let ini = machine.file(INI);
    for line in [
        "# my own note",
        "anaconda_api_url = https://api.example.com",
        "team_edition_api_url = 'https://psm2.example.com'",
        "anaconda_server_show_hidden_channels = True",
        "offline_mode = True",
        "default_env = /opt/conda/envs/etl",
    ] {
        assert!(ini.contains(line), "{line} in {ini}");
    }
    assert_eq!(machine.file(".condarc"), CONDARC.replace("false", "true"));
    assert!(
        machine.file(OWN).contains("text-size = 125") && machine.file(OWN).contains("contrast = \"high\"")
    );
    assert!(
        machine
            .file(TRUST)
            .contains("[server.\"https://psm2.example.com\"]")
    );
    let entries = machine.services.entries().unwrap();
    assert_eq!(entries.len(), 1);
    assert!(
        entries[0]
            .what
            .starts_with("Changed preferences: the server domain,"),
        "{}",
        entries[0].what
    );
    assert_eq!(entries[0].files.len(), 4);

    machine.undo(&id);
    assert_eq!(machine.file(INI), NAVIGATOR);
    assert_eq!(machine.file(".condarc"), CONDARC);
    assert_eq!(
        (machine.file(OWN), machine.file(TRUST)),
        (String::new(), String::new())
    );
}

/// A certificate authority in PEM.
fn authority() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.self_signed(&key).unwrap().pem()
}

#[test]
fn only_what_was_changed_is_touched() {
    let machine = Machine::usual();
    let from = machine.services.settings().settings;
    let mut to = from.clone();
    to.own.text_size = TextSize::from(150);
    to.is_offline = true;
    // Meanwhile somebody else decides something beside it.
    machine.write(OWN, "appearance = \"dark\"\n");
    machine.write(INI, &NAVIGATOR.replace("# my own note", "default_env = /theirs"));
    let plan = machine.services.plan_preferences(&from, &to).unwrap();
    run(machine.services.change_preferences(&plan)).unwrap();
    let own = machine.services.preferences().unwrap();
    assert_eq!(
        (own.appearance, own.text_size),
        (Appearance::Dark, TextSize::from(150))
    );
    let ini = machine.file(INI);
    assert!(ini.contains("default_env = /theirs") && ini.contains("offline_mode = True"));
    assert_eq!(machine.file(".condarc"), CONDARC);
}

#[test]
fn nothing_to_change_is_an_empty_plan() {
    let machine = Machine::usual();
    assert!(machine.plan(|_| {}).unwrap().is_empty());
    // Saying what holds anyway leaves no line behind.
    let plan = machine.plan(|to| to.shows_hidden_channels = false).unwrap();
    assert!(plan.is_empty());
}

#[test]
fn a_single_change_is_named_with_its_value() {
    let machine = Machine::usual();
    let what = |change: fn(&mut Settings)| machine.plan(change).unwrap().what;
    assert_eq!(
        what(|to| to.server_domain = Some("https://x.example.com".to_owned())),
        "Set the server domain to https://x.example.com"
    );
    assert_eq!(what(|to| to.server_domain = None), "Took back the server domain");
    assert_eq!(what(|to| to.is_offline = true), "Set offline mode to on");
    assert_eq!(what(|to| to.own.contrast = Contrast::High), "Changed the look");
}

#[test]
fn the_file_is_written_for_the_navigator_that_is_chosen() {
    let machine = Machine::usual();
    machine.change(|to| to.own.navigator_names = NavigatorNames::AnacondaServer);
    let ini = machine.file(INI);
    assert!(
        ini.contains("anaconda_server_api_url = 'https://psm.example.com'"),
        "{ini}"
    );
    assert!(
        ini.contains("team_edition_api_url = 'https://psm.example.com'"),
        "what is there stays"
    );
    machine.change(|to| to.server_domain = Some("https://new.example.com".to_owned()));
    let ini = machine.file(INI);
    for name in ["anaconda_server", "team_edition"] {
        assert!(
            ini.contains(&format!("{name}_api_url = 'https://new.example.com'")),
            "{ini}"
        );
    }
    assert_eq!(
        machine.services.domain().unwrap().domain.as_deref(),
        Some("https://new.example.com")
    );
}

#[test]
fn a_broken_file_locks_its_settings_and_no_others() {
    let machine = Machine::new(&[(".condarc", CONDARC), (INI, "[main\n"), (OWN, "appearance = \n")]);
    let shown = machine.services.settings();
    assert_eq!(shown.problems.len(), 2);
    for field in Field::ALL {
        let is_free = matches!(field, Field::CondaTrust | Field::CaFile);
        assert_eq!(shown.lock(field).is_none(), is_free, "{field:?}");
        let is_quiet = shown.facts(field).unwrap().notes.is_empty();
        assert!(is_quiet || field == Field::CondaTrust, "{field:?} says it twice");
    }
    machine.change(|to| to.conda_trust = CondaTrust::System);
    assert!(machine.file(".condarc").contains("ssl_verify: truststore"));
    assert_eq!(machine.file(INI), "[main\n");
    let error = machine.plan(|to| to.is_offline = true).unwrap_err();
    assert!(error.explain().message.contains("anaconda-navigator.ini"));
}

#[test]
fn a_ca_file_that_is_none_is_refused_before_anything_changes() {
    let machine = Machine::usual();
    let wrong = machine.home.path().join("missing.pem");
    let error = machine.plan(|to| to.ca_file = Some(wrong.clone())).unwrap_err();
    assert!(matches!(error, ServiceError::NoTrustFile { .. }), "{error:?}");
    assert_eq!(machine.file(TRUST), "");
}

#[test]
fn sizes_beyond_the_limits_count_as_the_nearest() {
    let machine = Machine::new(&[(OWN, "text-size = 5000\n")]);
    assert_eq!(machine.services.preferences().unwrap().text_size.percent(), 200);
    assert_eq!(TextSize::from(1).percent(), 80);
    assert_eq!(TextSize::from(200).larger(), None);
    assert_eq!(TextSize::from(80).smaller(), None);
    assert_eq!(TextSize::from(120).larger(), Some(TextSize::from(125)));
    assert_eq!(TextSize::from(120).smaller(), Some(TextSize::from(110)));
}
