//! The Connect dialog: the services, and whether this machine is signed in to them.

use iced::widget::{Column, column, container, row, rule};
use iced::{Center, Element, Length};

use super::SERVER;
use crate::service::connection::Service;
use crate::service::status::{ConnectionState, ConnectionStatus};
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// What is connected as the dialog opens.
#[derive(Debug, Clone)]
pub struct Connect {
    server: Option<ConnectionStatus>,
}

#[derive(Debug, Clone)]
pub enum Message {
    SignInPressed,
    SignOutPressed(Service),
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    SignIn,
    SignOut(Service),
    Close,
}

/// A row of the dialog.
struct Entry {
    mark: &'static str,
    name: &'static str,
    what: &'static str,
    note: Option<&'static str>,
}

const SERVER_ENTRY: Entry = Entry {
    mark: "S",
    name: SERVER,
    what: "Anaconda Server of your organisation: domain, then credentials",
    note: None,
};

/// Listed so that nobody looks for them elsewhere; this release cannot sign in there.
const LATER: [Entry; 3] = [
    Entry {
        mark: "C",
        name: "Package Security Manager Cloud",
        what: "repo.anaconda.cloud with the token of your organisation",
        note: None,
    },
    Entry {
        mark: "R",
        name: "Anaconda Repository",
        what: "Enterprise 4, on site",
        note: Some("deprecated by its vendor"),
    },
    Entry {
        mark: "A",
        name: "Anaconda.com / Anaconda.org",
        what: "May be signed in beside a repository",
        note: None,
    },
];

impl Connect {
    pub fn new(server: Option<ConnectionStatus>) -> Self {
        Self { server }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::SignInPressed => Action::SignIn,
            Message::SignOutPressed(service) => Action::SignOut(service),
            Message::Closed => Action::Close,
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let line = || rule::horizontal(spacing::LINE).style(style::separator);
        let mut rows: Column<'_, Message> = column![line(), self.server_row(), line()].spacing(spacing::M);
        for entry in &LATER {
            let state = text::small("not yet in this version").style(style::muted);
            rows = rows.push(entry_row(entry, None, state.into())).push(line());
        }
        Dialog::new("connect", "Connect", rows)
            .subtitle("One repository at a time. Anaconda.org can stay beside it.")
            .wide()
            .focus("connect-server")
            .aside(text::small("Nothing is sent before you sign in.").style(style::muted))
            .button(
                button::secondary("Close")
                    .id("connect-close")
                    .on_press(Message::Closed),
            )
            .on_close(Message::Closed)
    }

    fn server_row(&self) -> Element<'_, Message> {
        let (state, button) = match &self.server {
            None => (None, button::link("Sign in").on_press(Message::SignInPressed)),
            Some(connection) => {
                let host = host_of(&connection.domain);
                let words = match connection.state {
                    ConnectionState::Connected => format!("Connected to {host} as {}", connection.user),
                    ConnectionState::TokenExpired => {
                        format!("The token for {host} has expired. Sign out, then sign in again.")
                    }
                };
                let tone = match connection.state {
                    ConnectionState::Connected => Tone::Good,
                    ConnectionState::TokenExpired => Tone::Warning,
                };
                let sign_out = button::link("Sign out").on_press(Message::SignOutPressed(connection.service));
                (Some((tone, words)), sign_out)
            }
        };
        entry_row(&SERVER_ENTRY, state, button.id("connect-server").into())
    }
}

/// `host[:port]` of a domain.
pub fn host_of(domain: &str) -> &str {
    domain.split_once("://").map_or(domain, |(_, host)| host)
}

fn entry_row<'a>(
    entry: &Entry,
    state: Option<(Tone, String)>,
    action: Element<'a, Message>,
) -> Element<'a, Message> {
    let mark = container(text::strong(entry.mark).style(style::accent))
        .center_x(34)
        .center_y(34)
        .style(style::mark);
    let what = text::small(entry.what).style(style::muted);
    let note = entry.note.map(|note| text::badge(note, Tone::Warning));
    let state = state.map(|(tone, words)| {
        text::state(
            tone,
            text::small(words).style(style::toned(if tone == Tone::Good {
                Tone::Neutral
            } else {
                tone
            })),
        )
    });
    let words = column![
        text::heading(entry.name),
        row![what, note].spacing(spacing::S).align_y(Center),
        state
    ]
    .spacing(spacing::XXS);
    row![mark, container(words).width(Length::Fill), action]
        .spacing(spacing::M)
        .align_y(Center)
        .into()
}

#[cfg(test)]
mod tests {
    use iced_test::simulator;

    use super::*;
    use crate::service::connection::ProgramName;
    use crate::service::tokens::TokenState;
    use crate::ui::modal::modal;

    fn view(screen: &Connect) -> Element<'_, Message> {
        modal(text::body("page"), Some(screen.view()))
    }

    fn connection(state: ConnectionState) -> ConnectionStatus {
        ConnectionStatus {
            service: Service::Server,
            domain: "https://psm.example.com:8443".to_owned(),
            user: "alice".to_owned(),
            state,
            token_expires_at: None,
            origin: ProgramName::Sextant,
            token_days_left: Some(12),
            token_state: TokenState::EndsSoon,
            can_be_taken_over: false,
        }
    }

    #[test]
    fn only_what_works_can_be_pressed() {
        let mut screen = Connect::new(None);
        let mut ui = simulator(view(&screen));
        ui.click("Sign in").expect("one button to sign in");
        assert!(ui.find("not yet in this version").is_ok());
        assert!(ui.find("Sign out").is_err());
        let messages: Vec<Message> = ui.into_messages().collect();
        assert_eq!(messages.len(), 1);
        let actions: Vec<Action> = messages
            .into_iter()
            .map(|message| screen.update(message))
            .collect();
        assert_eq!(actions, [Action::SignIn]);
    }

    #[test]
    fn who_is_connected_can_sign_out() {
        let mut screen = Connect::new(Some(connection(ConnectionState::Connected)));
        let mut ui = simulator(view(&screen));
        ui.find("Connected to psm.example.com:8443 as alice")
            .expect("the state");
        ui.click("Sign out").expect("the button");
        let messages: Vec<Message> = ui.into_messages().collect();
        let actions: Vec<Action> = messages
            .into_iter()
            .map(|message| screen.update(message))
            .collect();
        assert_eq!(actions, [Action::SignOut(Service::Server)]);
    }

    #[test]
    fn an_expired_token_is_said() {
        let screen = Connect::new(Some(connection(ConnectionState::TokenExpired)));
        let mut ui = simulator(view(&screen));
        ui.find("The token for psm.example.com:8443 has expired. Sign out, then sign in again.")
            .expect("the state");
    }
}
