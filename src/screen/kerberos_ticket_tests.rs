use iced_test::simulator;
use jiff::tz::Offset;

use super::*;
use crate::error::Kind;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const NOON: &str = "2026-11-25T12:00:00Z";

fn ticket(until: Option<&str>) -> Ticket {
    Ticket {
        principal: "jsmith@EXAMPLE.COM".to_owned(),
        expires_at: until.map(time),
    }
}

fn told(result: Result<Option<Ticket>, Problem>) -> KerberosTicket {
    let mut screen = KerberosTicket::new(false, Offset::constant(1).to_time_zone());
    screen.tell(time(NOON), result);
    screen
}

fn shows(screen: &KerberosTicket, words: &str) -> bool {
    simulator(screen.view(true, "jsmith")).find(words).is_ok()
}

fn pressed(screen: &mut KerberosTicket, words: &str) -> Action {
    let messages: Vec<Message> = {
        let mut ui = simulator(screen.view(true, "jsmith"));
        ui.click(words).expect("something to press");
        ui.into_messages().collect()
    };
    assert_eq!(messages.len(), 1, "{words}");
    screen.update(messages.into_iter().next().unwrap())
}

#[test]
fn it_says_whose_ticket_and_until_when() {
    for (until, shown) in [
        (Some("2026-11-25T16:40:00Z"), "Ticket until 17:40"),
        (Some("2026-11-25T23:30:00Z"), "Ticket until 26 Nov 00:30"),
    ] {
        let screen = told(Ok(Some(ticket(until))));
        assert!(screen.is_usable());
        assert!(shows(&screen, "Sign in as jsmith@EXAMPLE.COM"));
        assert!(shows(&screen, shown), "{shown}");
    }
    assert!(told(Ok(Some(ticket(None)))).is_usable(), "not every system says");
}

#[test]
fn before_anybody_looked_nothing_is_known() {
    let screen = KerberosTicket::new(false, TimeZone::UTC);
    assert!(shows(&screen, "Looking for your Kerberos ticket"));
    assert!(!screen.is_usable());
}

#[cfg(not(windows))]
#[test]
fn without_a_ticket_the_command_is_there_to_be_copied() {
    let mut screen = told(Ok(None));
    assert!(!screen.is_usable());
    for words in [
        "There is no Kerberos ticket on this computer.",
        "Run this command in a terminal. It asks for the password of your organisation.",
        "kinit jsmith",
    ] {
        assert!(shows(&screen, words), "{words}");
    }
    assert_eq!(
        pressed(&mut screen, "Copy"),
        Action::Copy("kinit jsmith".to_owned())
    );
    assert!(shows(&screen, "Copied"));
    assert_eq!(pressed(&mut screen, "Check again"), Action::Look);
    assert!(shows(&screen, "Looking for your Kerberos ticket"));
}

#[cfg(not(windows))]
#[test]
fn an_expired_ticket_is_renewed_by_its_own_name() {
    let screen = told(Ok(Some(ticket(Some(NOON)))));
    assert!(!screen.is_usable(), "it has just expired");
    assert!(shows(
        &screen,
        "The Kerberos ticket of jsmith@EXAMPLE.COM has expired."
    ));
    assert!(shows(&screen, "kinit jsmith@EXAMPLE.COM"));
}

#[cfg(not(windows))]
#[test]
fn a_name_that_the_shell_would_read_otherwise_is_left_out() {
    for (name, said) in [
        ("jsmith", "kinit jsmith"),
        ("j.smith/admin@EXAMPLE.COM", "kinit j.smith/admin@EXAMPLE.COM"),
        ("", "kinit"),
        ("a; rm -r b", "kinit"),
        ("$(date)", "kinit"),
        ("-h", "kinit"),
    ] {
        assert_eq!(command(name), said, "{name:?}");
    }
}

#[test]
fn a_computer_without_kerberos_says_so() {
    let problem = Problem::new(Kind::Auth, "there is no Kerberos on this computer")
        .remedy("install the Kerberos library");
    let mut screen = told(Err(problem));
    assert!(shows(&screen, "There is no Kerberos on this computer."));
    assert!(shows(&screen, "Install the Kerberos library."));
    assert_eq!(pressed(&mut screen, "Check again"), Action::Look);
}

#[test]
fn without_encryption_it_is_for_the_person_to_allow() {
    let mut screen = KerberosTicket::new(true, TimeZone::UTC);
    screen.tell(time(NOON), Ok(Some(ticket(None))));
    assert!(!screen.is_usable());
    pressed(&mut screen, "Use Kerberos over this unencrypted connection");
    assert!(screen.is_usable() && screen.is_plain_http_allowed());
    pressed(&mut screen, "Use Kerberos over this unencrypted connection");
    assert!(!screen.is_usable());
    let encrypted = told(Ok(Some(ticket(None))));
    assert!(!shows(
        &encrypted,
        "Use Kerberos over this unencrypted connection"
    ));
    assert!(!encrypted.is_plain_http_allowed());
}
