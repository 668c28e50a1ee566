//! The Connect dialog: the services, and whether this machine is signed in to them.

use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, row, rule};
use iced::{Center, Element, Length};

use crate::credential::Place;
use crate::service::connection::{ProgramName, Service};
use crate::service::plan::short_path;
use crate::service::status::ConnectionStatus;
use crate::service::tokens::TokenState;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// What is connected as the dialog opens.
#[derive(Debug, Clone)]
pub struct Connect {
    connections: Vec<ConnectionStatus>,
    /// Where Sextant keeps its secrets; not known at once, since a keyring takes its time.
    secrets: Option<Place>,
    home: PathBuf,
}

#[derive(Debug, Clone)]
pub enum Message {
    SignInPressed(Service),
    SignOutPressed(Service),
    RenewPressed(Service),
    ChooseChannelsPressed(Service),
    RepairPressed,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    SignIn(Service),
    SignOut(Service),
    /// A new token in place of the one that ends.
    Renew(Service),
    /// Of the login that another program made.
    ChooseChannels(Service),
    /// Clear away what is left of a login that is stuck.
    Repair,
    Close,
}

/// What a row says of its service, whoever is signed in.
struct Entry {
    mark: &'static str,
    what: &'static str,
    note: Option<&'static str>,
    /// The id of **Sign in** / **Sign out**.
    button: &'static str,
    renew: &'static str,
    choose: &'static str,
}

const fn entry(service: Service) -> Entry {
    match service {
        Service::AnacondaOrg => Entry {
            mark: "A",
            what: "Public and private packages; stays beside a repository",
            note: None,
            button: "connect-anaconda-org",
            renew: "renew-anaconda-org",
            choose: "choose-anaconda-org",
        },
        Service::Cloud => Entry {
            mark: "C",
            what: "repo.anaconda.cloud with the token of your organisation",
            note: None,
            button: "connect-cloud",
            renew: "renew-cloud",
            choose: "choose-cloud",
        },
        Service::Server => Entry {
            mark: "S",
            what: "Anaconda Server of your organisation: domain, then credentials or SSO",
            note: None,
            button: "connect-server",
            renew: "renew-server",
            choose: "choose-server",
        },
        Service::Repository => Entry {
            mark: "R",
            what: "Enterprise 4, on site",
            note: Some("deprecated by its vendor"),
            button: "connect-repository",
            renew: "renew-repository",
            choose: "choose-repository",
        },
    }
}

/// The state of a row: its tone and words, and what it offers beside signing in and out.
struct Shown {
    tone: Tone,
    words: String,
    offer: Option<Offer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offer {
    Renew,
    ChooseChannels,
}

impl Connect {
    pub fn new(connections: Vec<ConnectionStatus>, secrets: Option<Place>, home: &Path) -> Self {
        Self {
            connections,
            secrets,
            home: home.to_owned(),
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::SignInPressed(service) => Action::SignIn(service),
            Message::SignOutPressed(service) => Action::SignOut(service),
            Message::RenewPressed(service) => Action::Renew(service),
            Message::ChooseChannelsPressed(service) => Action::ChooseChannels(service),
            Message::RepairPressed => Action::Repair,
            Message::Closed => Action::Close,
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let line = || rule::horizontal(spacing::LINE).style(style::separator);
        let mut rows: Column<'_, Message> = column![line()].spacing(spacing::M);
        for service in Service::ALL {
            rows = rows.push(self.row(service)).push(line());
        }
        let repair = button::small_link("Repair the connection")
            .id("connect-repair")
            .on_press(Message::RepairPressed);
        let trouble = row![
            text::small("A login fails, or hangs half-way?").style(style::muted),
            repair
        ];
        rows = rows.push(trouble.spacing(spacing::XS).align_y(Center));
        // What most people came for.
        let repository = self
            .connections
            .iter()
            .find(|connection| connection.service.is_repository())
            .map_or(Service::Server, |connection| connection.service);
        Dialog::new("connect", "Connect", rows)
            .subtitle("One repository at a time. Anaconda.org can stay beside it.")
            .wide()
            .focus(entry(repository).button)
            .aside(text::small(self.foot()).style(style::muted))
            .button(
                button::secondary("Close")
                    .id("connect-close")
                    .on_press(Message::Closed),
            )
            .on_close(Message::Closed)
    }

    fn foot(&self) -> String {
        match &self.secrets {
            None => "Nothing is sent before you sign in.".to_owned(),
            Some(Place::Keyring) => {
                "Nothing is sent before you sign in. Secrets are kept in the keyring of this system."
                    .to_owned()
            }
            Some(Place::File(path)) => format!(
                "Nothing is sent before you sign in. Without a keyring, secrets are kept in {}, for you alone.",
                short_path(path, &self.home)
            ),
        }
    }

    fn row(&self, service: Service) -> Element<'_, Message> {
        let entry = entry(service);
        let connection = self
            .connections
            .iter()
            .find(|connection| connection.service == service);
        let action = match connection {
            None => button::link("Sign in").on_press(Message::SignInPressed(service)),
            Some(_) => button::link("Sign out").on_press(Message::SignOutPressed(service)),
        };
        let mark = container(text::strong(entry.mark).style(style::accent))
            .center_x(34)
            .center_y(34)
            .style(style::mark);
        let note = entry.note.map(|note| text::badge(note, Tone::Warning));
        let words = column![
            row![text::heading(service.title()), note]
                .spacing(spacing::S)
                .align_y(Center),
            text::small(entry.what).style(style::muted),
            connection.map(|connection| state_view(&entry, service, shown(connection))),
        ]
        .spacing(spacing::XXS);
        row![
            mark,
            container(words).width(Length::Fill),
            action.id(entry.button)
        ]
        .spacing(spacing::M)
        .align_y(Center)
        .into()
    }
}

fn state_view<'a>(entry: &Entry, service: Service, shown: Shown) -> Element<'a, Message> {
    let tone = match shown.tone {
        Tone::Good => Tone::Neutral,
        tone => tone,
    };
    let offer = shown.offer.map(|offer| {
        let (label, id, message) = match offer {
            Offer::Renew => ("Renew", entry.renew, Message::RenewPressed(service)),
            Offer::ChooseChannels => (
                "Choose channels",
                entry.choose,
                Message::ChooseChannelsPressed(service),
            ),
        };
        button::small_link(label).flush().id(id).on_press(message)
    });
    let words = text::small(shown.words).style(style::toned(tone));
    column![text::state(shown.tone, words), offer]
        .spacing(spacing::XXS)
        .into()
}

fn shown(connection: &ConnectionStatus) -> Shown {
    let host = host_of(&connection.domain);
    let who = connected_to(connection);
    let program = other_program(connection);
    let days = connection.token_days_left.unwrap_or_default();
    match (connection.token_state, program) {
        (TokenState::Expired, None) => Shown {
            tone: Tone::Warning,
            words: format!("The token for {host} has expired"),
            offer: is_renewable(connection).then_some(Offer::Renew),
        },
        (TokenState::Expired, Some(program)) => Shown {
            tone: Tone::Warning,
            words: format!("The token of {program} for {host} has expired"),
            offer: None,
        },
        (TokenState::EndsSoon, None) => Shown {
            tone: Tone::Warning,
            words: format!("{who}; the token ends {}", in_days(days)),
            offer: is_renewable(connection).then_some(Offer::Renew),
        },
        (_, None) => Shown {
            tone: Tone::Good,
            words: format!("{who}{}", ending(connection.token_days_left)),
            offer: None,
        },
        (_, Some(program)) => Shown {
            tone: Tone::Good,
            words: format!(
                "{who}, signed in with {program}{}",
                ending(connection.token_days_left)
            ),
            offer: connection.can_be_taken_over.then_some(Offer::ChooseChannels),
        },
    }
}

/// Whether Sextant can get another token in place of the one there is.
fn is_renewable(connection: &ConnectionStatus) -> bool {
    connection.service != Service::Cloud
}

fn ending(days: Option<i64>) -> String {
    match days {
        None => String::new(),
        Some(days) => format!(" · {} left of the token", count_of_days(days)),
    }
}

fn in_days(days: i64) -> String {
    match days {
        ..=0 => "today".to_owned(),
        days => format!("in {}", count_of_days(days)),
    }
}

/// `1 day`, `12 days`.
pub fn count_of_days(days: i64) -> String {
    match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// `Connected to HOST as USER`; the user left out where the service does not say who it is.
pub fn connected_to(connection: &ConnectionStatus) -> String {
    let host = host_of(&connection.domain);
    match connection.user.as_str() {
        "" => format!("Connected to {host}"),
        user => format!("Connected to {host} as {user}"),
    }
}

/// The program whose login this is, where it is not Sextant's own.
pub fn other_program(connection: &ConnectionStatus) -> Option<&'static str> {
    (connection.origin != ProgramName::Sextant).then(|| connection.origin.title())
}

/// `host[:port]` of an address.
pub fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(host, _)| host)
}

#[cfg(test)]
#[path = "connect_tests.rs"]
mod tests;
