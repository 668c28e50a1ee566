use std::path::PathBuf;

use iced_test::selector::id;
use iced_test::{Simulator, simulator};

use super::*;
use crate::edit::history::SEXTANT;
use crate::error::Kind;
use crate::locations::Locations;
use crate::screen::secret_field;
use crate::screen::typed::Typed;
use crate::service::Services;
use crate::service::setup::PipLevel;

/// Services over a home that is thrown away; asks no network.
struct Machine {
    folder: tempfile::TempDir,
    services: Services,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let locations = Locations::inside(folder.path());
        let credentials = crate::credential::FileStore::new(locations.credentials());
        let services = Services::with(
            locations,
            std::sync::Arc::new(credentials),
            std::sync::Arc::new(crate::service::SystemClock),
        );
        Self { folder, services }
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// The page with everything read.
    fn page(&self) -> Clients {
        let (mut screen, action) = Clients::new(self.folder.path());
        self.answer(&mut screen, action);
        screen
    }

    fn answer(&self, screen: &mut Clients, action: Action) {
        match action {
            Action::Read { key, servers } => {
                let result = self.services.clients_standing(&servers).map(Box::new);
                let result = result.map_err(Problem::from);
                let next = screen.update(Message::StandingRead { key, result });
                self.answer(screen, next);
            }
            Action::Plan { key, setup } => {
                let result = self.services.plan_client_setup(&setup).map(Box::new);
                let result = result.map_err(Problem::from);
                screen.update(Message::Planned { key, result });
            }
            Action::None => {}
            action => panic!("{action:?}"),
        }
    }
}

fn sees(screen: &Clients, words: &str) -> bool {
    simulator(screen.view()).find(words).is_ok()
}

/// Presses what has this id; gives what the screen wants done.
fn press(screen: &mut Clients, what: &'static str) -> Action {
    let mut ui: Simulator<'_, Message> = Simulator::with_size(
        iced::Settings::default(),
        iced::Size::new(900.0, 2600.0),
        screen.view(),
    );
    ui.click(id(what)).unwrap_or_else(|_| panic!("no {what}"));
    let mut messages: Vec<Message> = ui.into_messages().collect();
    let last = messages.pop().unwrap_or_else(|| panic!("{what} does nothing"));
    for message in messages {
        screen.update(message);
    }
    screen.update(last)
}

fn type_url(screen: &mut Clients, url: &str) {
    screen.update(Message::AnacondaClient(AnacondaClientMessage::UrlTyped(
        url.to_owned(),
    )));
}

#[test]
fn what_is_set_is_shown_with_its_source() {
    let machine = Machine::new();
    machine.write(
        ".continuum/anaconda-client/config.yaml",
        "url: https://repo.corp/api/\n",
    );
    machine.write(
        ".config/pip/pip.conf",
        "[global]\nextra-index-url = https://u:canary@repo.corp/simple\n",
    );
    machine.write(".condarc", "channel_alias: https://repo.corp/conda\n");
    let (screen, _) = Clients::new(machine.folder.path());
    assert!(sees(&screen, "Reading the files of this machine"));
    let screen = machine.page();
    for words in [
        "https://repo.corp/api/, by ~/.continuum/anaconda-client/config.yaml",
        "~/.continuum/anaconda-client/config.yaml (the last one prevails)",
        "https://repo.corp/conda",
        "https://••••@repo.corp/simple, by ~/.config/pip/pip.conf",
    ] {
        assert!(sees(&screen, words), "{words}");
    }
    assert_eq!(
        screen.anaconda_client_url(),
        "https://repo.corp/api/",
        "what is set can be gone on from"
    );
}

impl Clients {
    fn anaconda_client_url(&self) -> String {
        let mut copy = self.clone();
        match copy.update(Message::AnacondaClient(AnacondaClientMessage::ShowPressed)) {
            Action::Plan { setup, .. } => match *setup {
                ClientSetup::AnacondaClient(setup) => setup.api.token_key(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn changes_are_shown_before_they_happen_and_undone_from_the_notice() {
    let machine = Machine::new();
    let mut screen = machine.page();
    type_url(&mut screen, "http://repo.corp:8080");
    let action = press(&mut screen, "clients-show-anaconda-client");
    assert!(sees(&screen, "Reading the files"));
    machine.answer(&mut screen, action);
    for words in [
        "~/.continuum/anaconda-client/config.yaml, new",
        "url: http://repo.corp:8080/api/",
        "channel_alias: http://repo.corp:8080/conda",
    ] {
        assert!(sees(&screen, words), "{words}");
    }
    let Action::SetUp { key, plan } = press(&mut screen, "clients-apply") else {
        panic!("it is carried out")
    };
    assert!(
        matches!(screen.update(Message::ApplyPressed), Action::None),
        "not twice"
    );
    assert!(matches!(screen.update(Message::ProposalClosed), Action::None));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let entry = runtime.block_on(machine.services.set_up(&plan)).unwrap().unwrap();
    assert_eq!(entry.by, SEXTANT);
    let result = Ok(Some(Box::new(entry)));
    let Action::All(actions) = screen.update(Message::SetUp { key, result }) else {
        panic!("it is told")
    };
    assert!(
        matches!(&actions[..], [Action::Told(_), Action::Read { .. }]),
        "{actions:?}"
    );
    for action in actions {
        if let Action::Read { .. } = action {
            machine.answer(&mut screen, action);
        }
    }
    assert!(sees(
        &screen,
        "http://repo.corp:8080/api/, by ~/.continuum/anaconda-client/config.yaml"
    ));
    assert!(
        !sees(&screen, "url: http://repo.corp:8080/api/"),
        "the proposal is gone"
    );
}

#[test]
fn what_is_no_address_is_said_at_its_field() {
    let machine = Machine::new();
    let mut screen = machine.page();
    type_url(&mut screen, "");
    assert!(matches!(
        press(&mut screen, "clients-show-anaconda-client"),
        Action::None
    ));
    let typed = PythonMessage::AddressTyped("https://u:canary@h/simple".to_owned());
    screen.update(Message::Python(typed));
    assert!(matches!(press(&mut screen, "clients-show-python"), Action::None));
    assert!(sees(
        &screen,
        "Leave the token or password out, and give it below."
    ));
    let pressed = screen.update(Message::Kerberos(KerberosMessage::ShowPressed));
    assert!(matches!(pressed, Action::None));
    assert!(screen.proposal.is_none());
}

#[test]
fn a_token_for_pip_is_never_shown() {
    let machine = Machine::new();
    let mut screen = machine.page();
    for message in [
        PythonMessage::AddressTyped("https://repo.corp/pypi/jane/simple".to_owned()),
        PythonMessage::EntranceChosen(python::Entrance::Token),
    ] {
        screen.update(Message::Python(message));
    }
    assert!(
        matches!(press(&mut screen, "clients-show-python"), Action::None),
        "there is no token yet"
    );
    let typed = secret_field::Message::Typed(Typed::new("tk-canary"));
    screen.update(Message::Python(PythonMessage::Secret(typed)));
    let action = press(&mut screen, "clients-show-python");
    let Action::Plan { setup, .. } = &action else {
        panic!("{action:?}")
    };
    assert!(!format!("{setup:?}{screen:?}").contains("canary"));
    let ClientSetup::Pip(setup) = &**setup else {
        panic!("{setup:?}")
    };
    assert_eq!(setup.level, PipLevel::User);
    machine.answer(&mut screen, action);
    assert!(sees(
        &screen,
        "extra-index-url = https://repo.corp/t/••••/pypi/jane/simple"
    ));
    assert!(!format!("{screen:?}").contains("canary"));
}

#[test]
fn what_an_administrator_has_to_do_is_shown_with_its_command() {
    let machine = Machine::new();
    machine.write("system-root/etc/krb5.conf", "# company\n");
    let path = machine.folder.path().join("system-root/etc/krb5.conf");
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&path, permissions).unwrap();
    let mut screen = machine.page();
    for message in [
        KerberosMessage::ServerTyped("repo.corp".to_owned()),
        KerberosMessage::RealmTyped("CORP".to_owned()),
        KerberosMessage::KeyServerTyped("kdc.corp".to_owned()),
    ] {
        screen.update(Message::Kerberos(message));
    }
    let action = press(&mut screen, "clients-show-kerberos");
    machine.answer(&mut screen, action);
    assert!(sees(&screen, "kdc = kdc.corp") || sees(&screen, "        kdc = kdc.corp"));
    assert!(
        simulator(screen.view()).find(id("clients-apply")).is_err(),
        "there is nothing to apply"
    );
    let Action::Copy(command) = press(&mut screen, "clients-copy-0") else {
        panic!("it is copied")
    };
    assert!(
        command.starts_with("sudo tee ") && command.contains("# company"),
        "{command}"
    );
    assert!(sees(&screen, "Copied"));
    press(&mut screen, "clients-close");
    assert!(screen.proposal.is_none());
}

#[test]
fn a_ticket_is_asked_for_with_a_password_that_goes_nowhere_else() {
    let machine = Machine::new();
    let mut screen = machine.page();
    screen.update(Message::Kerberos(KerberosMessage::RealmTyped("CORP".to_owned())));
    press(&mut screen, "clients-ticket");
    screen.update(Message::Kerberos(KerberosMessage::NameTyped("jane".to_owned())));
    assert!(sees(&screen, "As jane@CORP"));
    let typed = secret_field::Message::Typed(Typed::new("canary"));
    screen.update(Message::Kerberos(KerberosMessage::Password(typed)));
    let Action::GetTicket {
        key,
        principal,
        password,
    } = press(&mut screen, "clients-kinit")
    else {
        panic!("it is asked for")
    };
    assert_eq!((principal.as_str(), password.expose()), ("jane@CORP", "canary"));
    assert!(!format!("{screen:?}").contains("canary"));
    let refused = Problem::new(Kind::Auth, "Kerberos does not accept this password for jane@CORP");
    screen.update(answers::ticket(Key::fresh(), Err(refused.clone())));
    assert!(
        !sees(&screen, "Kerberos does not accept this password for jane@CORP"),
        "a stale answer"
    );
    screen.update(answers::ticket(key, Err(refused)));
    assert!(sees(
        &screen,
        "Kerberos does not accept this password for jane@CORP"
    ));
}

#[test]
fn browsers_that_are_ticked_are_set_up_and_how_they_stand_is_shown() {
    let machine = Machine::new();
    machine.write(
        "system-root/etc/chromium/policies/managed/a.json",
        "{\"AuthServerWhitelist\": \"repo.corp\"}",
    );
    let mut screen = machine.page();
    screen.update(Message::Browsers(BrowsersMessage::ServerTyped(
        "repo.corp".to_owned(),
    )));
    let action = press(&mut screen, "clients-look-browsers");
    machine.answer(&mut screen, action);
    assert!(sees(&screen, "keeps the ticket to itself"));
    let action = press(&mut screen, "clients-show-browsers");
    machine.answer(&mut screen, action);
    let path = PathBuf::from("~/system-root/etc/chromium/policies/managed/a.json");
    assert!(sees(&screen, &path.display().to_string()));
    assert!(sees(
        &screen,
        "Then restart Chromium, and look at chrome://policy"
    ));
}

#[test]
fn answers_to_other_questions_are_dropped() {
    let machine = Machine::new();
    let mut screen = machine.page();
    let failed = Problem::new(Kind::File, "no");
    let stale = Message::StandingRead {
        key: Key::fresh(),
        result: Err(failed.clone()),
    };
    screen.update(stale);
    assert!(screen.read().is_some());
    type_url(&mut screen, "repo.corp");
    let Action::Plan { .. } = press(&mut screen, "clients-show-anaconda-client") else {
        panic!("it is planned")
    };
    screen.update(Message::Planned {
        key: Key::fresh(),
        result: Err(failed.clone()),
    });
    assert!(sees(&screen, "Reading the files"));
    let done = Message::SetUp {
        key: Key::fresh(),
        result: Err(failed),
    };
    assert!(matches!(screen.update(done), Action::None));
}
