use std::fs;

use iced::keyboard::key::Named;
use iced_test::Simulator;
use iced_test::selector::id;

use super::*;
use crate::error::Kind;
use crate::locations::Locations;
use crate::service::Services;
use crate::ui::modal::modal;

const CONDARC: &str = "channels: []\nssl_verify: false\n";
const INI: &str = "[main]\nanaconda_server_api_url = 'https://psm.example.com'\n";

struct Trial {
    home: tempfile::TempDir,
    screen: Preferences,
}

impl Trial {
    fn open() -> Self {
        Self::with(&[
            (".condarc", CONDARC),
            (".anaconda/navigator/anaconda-navigator.ini", INI),
        ])
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = home.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let (screen, action) = Preferences::new(home.path());
        let mut trial = Self { home, screen };
        trial.read(action);
        trial
    }

    /// Answers the question what the files say.
    fn read(&mut self, action: Action) {
        let (Action::Read(key) | Action::Done { read: key, .. }) = action else {
            panic!("nothing is read: {action:?}");
        };
        let services = Services::new(Locations::inside(self.home.path()));
        let environments = ["base", "etl"].map(|name| EnvironmentChoice {
            name: name.to_owned(),
            prefix: Path::new("/opt").join(name),
        });
        let _ = self.screen.update(Message::Read {
            key,
            shown: Box::new(services.settings()),
            environments: environments.into(),
        });
    }

    fn ui(&self) -> Simulator<'_, Message> {
        // High enough to see all of it.
        let window = iced::Size::new(1000.0, 2400.0);
        Simulator::with_size(
            crate::ui::font::settings(),
            window,
            modal(self.screen.view(), None),
        )
    }

    /// What a press on something gives; nothing for what is greyed.
    fn messages(&self, name: &'static str) -> Vec<Message> {
        let mut ui = self.ui();
        assert!(ui.click(id(name)).is_ok(), "there is no {name}");
        ui.into_messages().collect()
    }

    fn press(&mut self, name: &'static str) -> Action {
        let messages = self.messages(name);
        let [message] = messages.as_slice() else {
            panic!("{name} gives {messages:?}");
        };
        self.screen.update(message.clone())
    }

    fn is_greyed(&self, name: &'static str) -> bool {
        self.messages(name).is_empty()
    }

    /// Replaces what stands in a field.
    fn type_into(&mut self, name: &'static str, text: &str) {
        let messages: Vec<Message> = {
            let mut ui = self.ui();
            assert!(ui.click(id(name)).is_ok(), "there is no {name}");
            let _ = ui.typewrite(text);
            ui.into_messages().collect()
        };
        let Some(Message::Typed(field, _)) = messages.last() else {
            panic!("{name} gives {messages:?}");
        };
        let _ = self.screen.update(Message::Typed(*field, Typed::new(text)));
    }

    /// Opens a list and takes the option so many further.
    fn choose(&mut self, name: &'static str, steps: usize) {
        let messages: Vec<Message> = {
            let mut ui = self.ui();
            assert!(ui.click(id(name)).is_ok(), "there is no {name}");
            for _ in 0..steps {
                ui.tap_key(Named::ArrowDown);
            }
            ui.tap_key(Named::Enter);
            ui.into_messages().collect()
        };
        let [message] = messages.as_slice() else {
            panic!("{name} gives {messages:?}");
        };
        let _ = self.screen.update(message.clone());
    }

    fn shows(&self, words: &str) -> bool {
        let wanted = words.to_owned();
        let holds = move |candidate: iced_test::selector::Candidate<'_>| match candidate {
            iced_test::selector::Candidate::Text { content, .. } if content.contains(&wanted) => Some(()),
            _ => None,
        };
        self.ui().find(holds).is_ok()
    }

    fn to_apply(&self) -> Settings {
        self.screen.to_apply().expect("something to apply")
    }
}

fn applied(action: Action) -> (Key, Settings) {
    match action {
        Action::Apply { key, to, .. } => (key, *to),
        other => panic!("nothing is applied: {other:?}"),
    }
}

#[test]
fn apply_is_greyed_until_something_has_changed_and_all_of_it_is_right() {
    let mut trial = Trial::open();
    assert!(trial.is_greyed("preferences-apply") && trial.is_greyed("preferences-discard"));
    trial.type_into("preferences-server", "ftp://psm.example.com");
    assert!(trial.shows("ftp:// is not the address of a web server."));
    assert!(trial.is_greyed("preferences-apply"));
    trial.type_into("preferences-server", "PSM2.example.com/api");
    assert!(trial.shows("using https://psm2.example.com"));
    assert!(trial.shows("1 change"));
    assert!(!trial.is_greyed("preferences-apply"));
    let _ = trial.press("preferences-discard");
    assert!(trial.is_greyed("preferences-apply"));
    trial.type_into("preferences-server", "https://psm.example.com");
    assert!(
        trial.is_greyed("preferences-apply"),
        "what is typed is what is there"
    );
}

#[test]
fn every_control_changes_its_setting() {
    let mut trial = Trial::open();
    trial.type_into("preferences-server", "https://a.example.com");
    trial.type_into("preferences-anaconda-org", "https://api.b.example.com");
    trial.type_into("preferences-repository", "http://c.example.com:8080");
    trial.type_into("preferences-ca-file", "/etc/ca.pem");
    let _ = trial.press("preferences-hidden");
    let _ = trial.press("preferences-offline");
    let _ = trial.press("preferences-contrast");
    let _ = trial.press("preferences-review");
    let _ = trial.press("preferences-text-larger");
    trial.choose("preferences-environment", 2);
    trial.choose("preferences-names", 1);
    let _ = trial.screen.update(Message::AppearanceChosen(Appearance::Dark));
    let _ = trial.screen.update(Message::ProxyChosen(ProxyKind::Own));
    trial.type_into("preferences-proxy", "http://proxy.example.com:3128");
    trial.type_into("preferences-no-proxy", ".example.com");
    let to = trial.to_apply();
    assert_eq!(to.server_domain.as_deref(), Some("https://a.example.com"));
    assert_eq!(to.anaconda_org.as_deref(), Some("https://api.b.example.com"));
    assert_eq!(to.repository.as_deref(), Some("http://c.example.com:8080/api"));
    assert_eq!(to.ca_file.as_deref(), Some(Path::new("/etc/ca.pem")));
    assert!(to.shows_hidden_channels && to.is_offline);
    assert_eq!(to.default_environment.as_deref(), Some(Path::new("/opt/etl")));
    let own = &to.own;
    assert_eq!(
        (own.appearance, own.contrast, own.text_size, own.navigator_names),
        (
            Appearance::Dark,
            Contrast::High,
            TextSize::from(110),
            NavigatorNames::AnacondaServer
        )
    );
    assert!(!own.review_before_sign_in);
    assert_eq!(own.no_proxy, ".example.com");
    let look = trial.screen.look().unwrap();
    assert_eq!(
        (look.appearance, look.text_size),
        (Appearance::Dark, TextSize::from(110))
    );
}

#[test]
fn condas_checks_can_be_set_back_and_never_be_switched_off() {
    let mut trial = Trial::open();
    assert!(trial.shows("false: not at all"));
    assert!(trial.shows(".condarc, line 2"));
    let _ = trial.press("preferences-conda-trust-back");
    assert_eq!(trial.to_apply().conda_trust, CondaTrust::Bundled);
    let checked = Trial::with(&[(".condarc", "ssl_verify: true\n")]);
    assert!(!checked.screen.trusts().contains(&CondaTrust::Anybody));
}

#[test]
fn a_setting_is_reverted_to_the_file_or_reset_to_the_default() {
    let mut trial = Trial::open();
    trial.type_into("preferences-server", "https://other.example.com");
    assert!(trial.shows("not applied yet"));
    let revert = "revert-PSM On-Prem API domain";
    let _ = trial.press(revert);
    assert_eq!(trial.screen.draft.server.as_str(), "https://psm.example.com");
    let _ = trial.press("reset-PSM On-Prem API domain");
    assert_eq!(trial.to_apply().server_domain, None);
}

#[test]
fn a_domain_is_asked_before_it_is_stored() {
    let mut trial = Trial::open();
    trial.type_into("preferences-server", "https://new.example.com");
    let Action::Check { key, questions } = trial.press("preferences-apply") else {
        panic!("nobody is asked");
    };
    assert!(matches!(
        questions.as_slice(),
        [(Field::ServerDomain, Question::Server { domain, .. })] if domain.as_str() == "https://new.example.com"
    ));
    let stale = Message::Checked {
        key: Key::fresh(),
        unanswered: Vec::new(),
    };
    assert_eq!(trial.screen.update(stale), Action::None);
    let answered = Message::Checked {
        key,
        unanswered: Vec::new(),
    };
    let (key, to) = applied(trial.screen.update(answered));
    assert_eq!(to.server_domain.as_deref(), Some("https://new.example.com"));
    let result = Ok(Some("entry".to_owned()));
    let done = trial.screen.update(Message::Applied { key, result });
    assert!(matches!(&done, Action::Done { entry: Some(entry), .. } if entry == "entry"));
    fs::write(
        trial
            .home
            .path()
            .join(".anaconda/navigator/anaconda-navigator.ini"),
        INI.replace("psm.", "new."),
    )
    .unwrap();
    trial.read(done);
    assert!(trial.is_greyed("preferences-apply"));
}

#[test]
fn a_domain_that_does_not_answer_can_be_saved_anyway() {
    let mut trial = Trial::open();
    trial.type_into("preferences-repository", "http://new.example.com:8080");
    let Action::Check { key, .. } = trial.press("preferences-apply") else {
        panic!("nobody is asked");
    };
    let problem = Problem::new(Kind::Network, "new.example.com does not answer");
    let unanswered = vec![(Field::RepositoryDomain, problem)];
    let _ = trial.screen.update(Message::Checked { key, unanswered });
    assert!(trial.shows("new.example.com does not answer."));
    let (_, to) = applied(trial.press("preferences-save-anyway"));
    assert_eq!(to.repository.as_deref(), Some("http://new.example.com:8080/api"));
}

#[test]
fn asking_can_be_cancelled_or_cut_short() {
    let mut trial = Trial::open();
    trial.type_into("preferences-server", "https://new.example.com");
    let Action::Check { key, .. } = trial.press("preferences-apply") else {
        panic!("nobody is asked");
    };
    assert!(trial.shows("Asking the server"));
    assert_eq!(trial.press("preferences-cancel"), Action::Abort(key));
    assert!(!trial.is_greyed("preferences-apply"));
    let _ = trial.press("preferences-apply");
    let (_, to) = applied(trial.press("preferences-save-anyway"));
    assert_eq!(to.server_domain.as_deref(), Some("https://new.example.com"));
}

#[test]
fn offline_and_without_a_new_domain_nobody_is_asked() {
    let mut trial = Trial::open();
    let _ = trial.press("preferences-hidden");
    applied(trial.press("preferences-apply"));
    let mut trial = Trial::open();
    trial.type_into("preferences-server", "https://new.example.com");
    let _ = trial.press("preferences-offline");
    applied(trial.press("preferences-apply"));
}

#[test]
fn what_is_not_applied_tells_why_and_keeps_what_was_typed() {
    let mut trial = Trial::open();
    let _ = trial.press("preferences-hidden");
    let (key, _) = applied(trial.press("preferences-apply"));
    assert!(trial.shows("Saving"));
    let result = Err(Problem::new(Kind::File, "the disk is full"));
    let _ = trial.screen.update(Message::Applied { key, result });
    assert!(trial.shows("The disk is full."));
    assert!(!trial.is_greyed("preferences-apply"));
}

#[test]
fn a_file_that_others_change_is_followed_where_nothing_was_typed() {
    let mut trial = Trial::open();
    trial.type_into("preferences-repository", "http://mine.example.com:8080");
    fs::write(
        trial
            .home
            .path()
            .join(".anaconda/navigator/anaconda-navigator.ini"),
        "[main]\nteam_edition_api_url = 'https://theirs.example.com'\noffline_mode = True\n",
    )
    .unwrap();
    let action = trial.screen.update(Message::FilesTouched);
    trial.read(action);
    assert_eq!(trial.screen.draft.server.as_str(), "https://theirs.example.com");
    assert!(trial.screen.draft.is_offline);
    assert_eq!(
        trial.screen.draft.repository.as_str(),
        "http://mine.example.com:8080"
    );
    assert!(trial.shows("1 change"));
}

#[test]
fn a_broken_file_greys_what_stands_in_it_and_says_so() {
    let trial = Trial::with(&[
        (".condarc", CONDARC),
        (".anaconda/navigator/anaconda-navigator.ini", "[main\n"),
    ]);
    assert!(trial.shows("anaconda-navigator.ini cannot be read."));
    assert!(trial.is_greyed("preferences-server") && trial.is_greyed("preferences-offline"));
    assert!(!trial.is_greyed("preferences-contrast"));
}

#[test]
fn both_files_are_opened_in_the_editor() {
    let mut trial = Trial::open();
    let action = trial.press("configure-navigator");
    assert_eq!(action, Action::Configure(ConfigurationFile::Navigator));
    let action = trial.press("configure-conda");
    assert_eq!(action, Action::Configure(ConfigurationFile::Conda));
}

#[test]
fn nothing_typed_shows_in_a_message() {
    let typed = Message::Typed(Field::Proxy, Typed::new("http://ana:hunter2@proxy"));
    assert!(!format!("{typed:?}").contains("hunter2"));
}
