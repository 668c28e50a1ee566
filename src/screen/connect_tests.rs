use iced_test::selector::id;
use iced_test::simulator;

use super::*;
use crate::service::status::ConnectionState;
use crate::ui::modal::modal;

fn view(screen: &Connect) -> Element<'_, Message> {
    modal(text::body("page"), Some(screen.view()))
}

fn screen(connections: Vec<ConnectionStatus>) -> Connect {
    Connect::new(connections, None, Path::new("/home/ana"))
}

fn connection(service: Service, days_left: Option<i64>) -> ConnectionStatus {
    ConnectionStatus {
        service,
        domain: "https://psm.example.com:8443".to_owned(),
        user: "alice".to_owned(),
        state: ConnectionState::Connected,
        token_expires_at: None,
        origin: ProgramName::Sextant,
        token_days_left: days_left,
        token_state: match days_left {
            None => TokenState::Unknown,
            Some(..30) => TokenState::EndsSoon,
            Some(_) => TokenState::Good,
        },
        can_be_taken_over: false,
    }
}

fn expired(service: Service) -> ConnectionStatus {
    ConnectionStatus {
        state: ConnectionState::TokenExpired,
        token_state: TokenState::Expired,
        can_be_taken_over: false,
        ..connection(service, Some(0))
    }
}

/// What pressing the button with this id asks of the parent.
fn pressed(screen: &mut Connect, name: &'static str) -> Vec<Action> {
    let messages: Vec<Message> = {
        let mut ui = simulator(view(screen));
        ui.click(id(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        ui.into_messages().collect()
    };
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

fn shows(screen: &Connect, words: &str) -> bool {
    simulator(view(screen)).find(words).is_ok()
}

#[test]
fn every_service_can_be_signed_in_to() {
    let mut screen = screen(Vec::new());
    for (name, service) in [
        ("connect-anaconda-org", Service::AnacondaOrg),
        ("connect-cloud", Service::Cloud),
        ("connect-server", Service::Server),
        ("connect-repository", Service::Repository),
    ] {
        assert_eq!(pressed(&mut screen, name), [Action::SignIn(service)]);
    }
    assert!(shows(&screen, "deprecated by its vendor"));
    assert!(!shows(&screen, "Sign out"));
}

#[test]
fn the_rows_stand_in_the_order_of_the_vendor() {
    let screen = screen(Vec::new());
    let mut ui = simulator(view(&screen));
    let heights: Vec<f32> = Service::ALL
        .into_iter()
        .map(|service| {
            let found = ui.find(service.title()).expect("the row");
            iced_test::selector::Bounded::bounds(&found).y
        })
        .collect();
    assert!(heights.is_sorted(), "{heights:?}");
}

#[test]
fn anaconda_org_stays_beside_a_repository() {
    let org = ConnectionStatus {
        domain: "https://api.anaconda.org".to_owned(),
        ..connection(Service::AnacondaOrg, None)
    };
    let mut screen = screen(vec![org, connection(Service::Server, Some(364))]);
    for words in [
        "Connected to api.anaconda.org as alice",
        "Connected to psm.example.com:8443 as alice · 364 days left of the token",
    ] {
        assert!(shows(&screen, words), "{words}");
    }
    assert_eq!(
        pressed(&mut screen, "connect-anaconda-org"),
        [Action::SignOut(Service::AnacondaOrg)]
    );
    assert_eq!(
        pressed(&mut screen, "connect-server"),
        [Action::SignOut(Service::Server)]
    );
    assert_eq!(
        pressed(&mut screen, "connect-cloud"),
        [Action::SignIn(Service::Cloud)]
    );
}

#[test]
fn a_service_that_does_not_say_who_one_is_names_nobody() {
    let cloud = ConnectionStatus {
        domain: "https://repo.anaconda.cloud".to_owned(),
        user: String::new(),
        ..connection(Service::Cloud, None)
    };
    assert!(shows(&screen(vec![cloud]), "Connected to repo.anaconda.cloud"));
}

#[test]
fn a_token_that_ends_soon_can_be_renewed() {
    for (days, words) in [(29, "in 29 days"), (1, "in 1 day"), (0, "today")] {
        let mut screen = screen(vec![connection(Service::Server, Some(days))]);
        let words = format!("Connected to psm.example.com:8443 as alice; the token ends {words}");
        assert!(shows(&screen, &words), "{words}");
        assert_eq!(
            pressed(&mut screen, "renew-server"),
            [Action::Renew(Service::Server)]
        );
    }
    assert!(!shows(
        &screen(vec![connection(Service::Server, Some(30))]),
        "Renew"
    ));
}

#[test]
fn an_expired_token_is_said_and_can_be_renewed() {
    let mut screen = screen(vec![expired(Service::Server)]);
    assert!(shows(&screen, "The token for psm.example.com:8443 has expired"));
    assert_eq!(
        pressed(&mut screen, "renew-server"),
        [Action::Renew(Service::Server)]
    );
    // The token of the cloud is the person's own: nobody can renew it here.
    assert!(!shows(&self::screen(vec![expired(Service::Cloud)]), "Renew"));
}

#[test]
fn a_login_of_another_program_leads_to_the_channels() {
    let found = ConnectionStatus {
        origin: ProgramName::CondaRepoCli,
        can_be_taken_over: true,
        ..connection(Service::Server, None)
    };
    let mut screen = screen(vec![found]);
    assert!(shows(
        &screen,
        "Connected to psm.example.com:8443 as alice, signed in with conda-repo-cli"
    ));
    assert_eq!(
        pressed(&mut screen, "choose-server"),
        [Action::ChooseChannels(Service::Server)]
    );
    assert_eq!(
        pressed(&mut screen, "connect-server"),
        [Action::SignOut(Service::Server)]
    );
}

#[test]
fn where_the_secrets_are_is_said_once_it_is_known() {
    let home = Path::new("/home/ana");
    let foot = |secrets| Connect::new(Vec::new(), secrets, home).foot();
    assert!(!foot(None).contains("kept"));
    assert!(foot(Some(Place::Keyring)).contains("keyring of this system"));
    let file = Place::File("/home/ana/.local/share/sextant/credentials.json".into());
    assert!(foot(Some(file)).contains("~/.local/share/sextant/credentials.json"));
}

#[test]
fn only_the_host_of_an_address_is_shown() {
    for (address, host) in [
        ("https://psm.example.com:8443", "psm.example.com:8443"),
        ("https://h/api", "h"),
        ("h", "h"),
    ] {
        assert_eq!(host_of(address), host);
    }
}
