//! The section about Kerberos.

use iced::Element;
use iced::widget::column;

use super::page::{self, Card};
use super::{Action, Clients, Message as PageMessage, Part, Wish};
use crate::error::{Explain, Problem};
use crate::repository::kerberos::Ticket;
use crate::screen::Key;
use crate::screen::secret_field::{self, SecretField};
use crate::screen::shown::{self, sentence};
use crate::service::setup::{ClientSetup, KerberosSetup, KerberosState, KerberosView, KeyServerState};
use crate::ui::facts::{Fact, facts};
use crate::ui::form_field::FormField;
use crate::ui::style::Tone;
use crate::ui::{button, spacing};

#[derive(Debug, Clone)]
pub(super) struct Section {
    server: String,
    realm: String,
    key_server: String,
    name: String,
    password: SecretField,
    error: Option<String>,
    look: Look,
    ticket: Getting,
}

/// What ticket, key servers and clock are like.
#[derive(Debug, Clone, Default)]
enum Look {
    #[default]
    Nothing,
    Looking(Key),
    Seen(Box<KerberosState>),
    Failed(Problem),
}

/// A ticket that is asked for.
#[derive(Debug, Clone, Default)]
enum Getting {
    /// Its fields are not shown.
    #[default]
    Folded,
    Asking,
    Waiting(Key),
    Refused(Problem),
}

impl Default for Section {
    fn default() -> Self {
        Self {
            server: String::new(),
            realm: String::new(),
            key_server: String::new(),
            name: String::new(),
            password: SecretField::new("clients-ticket-password", "clients-ticket-reveal"),
            error: None,
            look: Look::default(),
            ticket: Getting::default(),
        }
    }
}

#[derive(Debug, Clone)]
pub enum Message {
    ServerTyped(String),
    RealmTyped(String),
    KeyServerTyped(String),
    ShowPressed,
    LookPressed,
    LookedAt {
        key: Key,
        result: Result<Box<KerberosState>, Problem>,
    },
    TicketPressed,
    NameTyped(String),
    Password(secret_field::Message),
    GetPressed,
    TicketCame {
        key: Key,
        result: Result<Option<Ticket>, Problem>,
    },
    SignInPressed,
}

impl Section {
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The server in use, where the person has named none.
    pub fn is_about(&mut self, host: &str) {
        if self.server.is_empty() {
            self.server = host.to_owned();
        }
    }

    pub fn update(&mut self, message: Message) -> Wish {
        match message {
            Message::ServerTyped(server) => {
                self.server = server;
                self.error = None;
                self.look = Look::Nothing;
            }
            Message::RealmTyped(realm) => {
                self.realm = realm;
                self.error = None;
            }
            Message::KeyServerTyped(key_server) => {
                self.key_server = key_server;
                self.error = None;
            }
            Message::ShowPressed => return self.plan(),
            Message::LookPressed => return self.look(),
            Message::LookedAt { key, result } => {
                if matches!(self.look, Look::Looking(own) if own == key) {
                    self.look = result.map_or_else(Look::Failed, Look::Seen);
                }
            }
            Message::TicketPressed => {
                self.ticket = match self.ticket {
                    Getting::Folded => Getting::Asking,
                    Getting::Waiting(key) => Getting::Waiting(key),
                    Getting::Asking | Getting::Refused(_) => Getting::Folded,
                };
            }
            Message::NameTyped(name) => self.name = name,
            Message::Password(message) => {
                let is_other = self.password.update(message) == secret_field::Standing::Changed;
                if is_other && matches!(self.ticket, Getting::Refused(_)) {
                    self.ticket = Getting::Asking;
                }
            }
            Message::GetPressed => return self.get(),
            Message::TicketCame { key, result } => return self.ticket_came(key, result),
            Message::SignInPressed => return Wish::Do(Action::SignIn),
        }
        Wish::None
    }

    fn plan(&mut self) -> Wish {
        match KerberosSetup::new(&self.server, &self.realm, &self.key_server) {
            Ok(setup) => Wish::Plan(ClientSetup::Kerberos(setup)),
            Err(error) => {
                self.error = Some(shown::lines(&error.explain()));
                Wish::None
            }
        }
    }

    fn look(&mut self) -> Wish {
        if self.server.trim().is_empty() {
            self.error = Some("Name the server first.".to_owned());
            return Wish::None;
        }
        let key = Key::fresh();
        self.look = Look::Looking(key);
        let typed = self.key_server.trim();
        Wish::Do(Action::LookAtKerberos {
            key,
            server: self.server.clone(),
            more: (!typed.is_empty())
                .then(|| typed.to_owned())
                .into_iter()
                .collect(),
        })
    }

    fn get(&mut self) -> Wish {
        let can_ask = matches!(self.ticket, Getting::Asking | Getting::Refused(_));
        if !can_ask || self.name.trim().is_empty() || self.password.is_empty() {
            return Wish::None;
        }
        let key = Key::fresh();
        self.ticket = Getting::Waiting(key);
        Wish::Do(Action::GetTicket {
            key,
            principal: self.principal(),
            password: self.password.take(),
        })
    }

    /// A name without a realm is meant in the one that is typed.
    fn principal(&self) -> String {
        let (name, realm) = (self.name.trim(), self.realm.trim());
        match name.contains('@') || realm.is_empty() {
            true => name.to_owned(),
            false => format!("{name}@{realm}"),
        }
    }

    fn ticket_came(&mut self, key: Key, result: Result<Option<Ticket>, Problem>) -> Wish {
        if !matches!(self.ticket, Getting::Waiting(own) if own == key) {
            return Wish::None;
        }
        match result {
            Ok(_) => {
                self.password.forget();
                self.ticket = Getting::Folded;
                // It shows in what is looked at.
                match self.server.trim().is_empty() {
                    true => Wish::None,
                    false => self.look(),
                }
            }
            Err(problem) => {
                self.ticket = Getting::Refused(problem);
                Wish::None
            }
        }
    }

    pub fn view<'a>(&'a self, page: &'a Clients) -> Element<'a, PageMessage> {
        let wrap = PageMessage::Kerberos;
        let server = FormField::new("repo.example.com", &self.server)
            .label("Server")
            .id("clients-server")
            .on_input(move |text| wrap(Message::ServerTyped(text)))
            .on_submit(wrap(Message::LookPressed));
        let realm = FormField::new("EXAMPLE.COM", &self.realm)
            .label("Realm")
            .id("clients-realm")
            .on_input(move |text| wrap(Message::RealmTyped(text)))
            .on_submit(wrap(Message::ShowPressed));
        let key_server = FormField::new("kdc.example.com", &self.key_server)
            .label("Key server")
            .id("clients-kdc")
            .on_input(move |text| wrap(Message::KeyServerTyped(text)))
            .on_submit(wrap(Message::ShowPressed))
            .error(self.error.clone());
        let seen = match &self.look {
            Look::Nothing => None,
            Look::Looking(_) => Some(shown::working("Asking the key servers")),
            Look::Failed(problem) => Some(shown::problem(problem).into()),
            Look::Seen(state) => Some(seen(state)),
        };
        let form = column![server, realm, key_server, seen, self.ticket_form()].spacing(spacing::M);
        let of_files = page.read().and_then(|standing| standing.kerberos.as_ref());
        Card::new(Part::Kerberos, "Kerberos")
            .facts(of_files.map(|view| said(page, view)))
            .form(form)
            .button(page::show_button(
                page,
                "clients-show-kerberos",
                wrap(Message::ShowPressed),
            ))
            .button(
                button::secondary("Check")
                    .id("clients-check")
                    .on_press(wrap(Message::LookPressed)),
            )
            .button(
                button::secondary("Get a ticket…")
                    .id("clients-ticket")
                    .on_press(wrap(Message::TicketPressed)),
            )
            .button(
                button::secondary("Sign in…")
                    .id("clients-sign-in")
                    .on_press(wrap(Message::SignInPressed)),
            )
            .view(page)
    }

    fn ticket_form(&self) -> Option<Element<'_, PageMessage>> {
        let wrap = PageMessage::Kerberos;
        if matches!(self.ticket, Getting::Folded) {
            return None;
        }
        let is_waiting = matches!(self.ticket, Getting::Waiting(_));
        let name = FormField::new("jsmith", &self.name)
            .label("Name")
            .hint(match self.principal() {
                principal if principal.contains('@') && !self.name.is_empty() => format!("As {principal}"),
                _ => "With its realm, if it is not the default one: NAME@REALM".to_owned(),
            })
            .id("clients-ticket-name")
            .on_input(move |text| wrap(Message::NameTyped(text)));
        let refused = match &self.ticket {
            Getting::Refused(problem) => Some(problem),
            _ => None,
        };
        let wrap_password: fn(secret_field::Message) -> PageMessage =
            |message| PageMessage::Kerberos(Message::Password(message));
        let password = self
            .password
            .password_view("Password", !is_waiting, refused, None, wrap_password)
            .on_submit(wrap(Message::GetPressed));
        let end: Element<'_, PageMessage> = match is_waiting {
            true => shown::working("Asking the key server"),
            false => {
                let can_get = !self.name.trim().is_empty() && !self.password.is_empty();
                button::secondary("Get the ticket")
                    .id("clients-kinit")
                    .on_press_maybe(can_get.then(|| wrap(Message::GetPressed)))
                    .into()
            }
        };
        Some(column![name, password, end].spacing(spacing::M).into())
    }
}

/// What the files say of the server.
fn said<'a>(page: &Clients, view: &KerberosView) -> Element<'a, PageMessage> {
    let realm = match (&view.realm, &view.default_realm) {
        (Some((realm, by)), _) => Fact::new("Realm", format!("{realm}, by {by} in [domain_realm]")),
        (None, Some(realm)) => {
            Fact::new("Realm", format!("not named; the default one is {realm}")).tone(Tone::Warning)
        }
        (None, None) => Fact::new("Realm", "not named").tone(Tone::Warning),
    };
    let servers = match view.key_servers.is_empty() {
        true => Fact::new("Key servers", "none is named").tone(Tone::Warning),
        false => Fact::new("Key servers", view.key_servers.join(", ")),
    };
    let file = page.short(&view.file.display().to_string());
    let broken = view.broken().map(|(path, reason)| {
        let words = format!(
            "Kerberos stops at {}: {reason}",
            page.short(&path.display().to_string())
        );
        Fact::new("Trouble", words).tone(Tone::Bad)
    });
    facts(
        [Fact::new("File", file), realm, servers]
            .into_iter()
            .chain(broken),
    )
}

/// Ticket, key servers and clock.
fn seen<'a>(state: &KerberosState) -> Element<'a, PageMessage> {
    let ticket = match &state.ticket {
        Ok(Some(ticket)) => Fact::new("Ticket", ticket.principal.clone()).tone(Tone::Good),
        Ok(None) => Fact::new("Ticket", "none; get one below").tone(Tone::Warning),
        Err(problem) => Fact::new("Ticket", sentence(&problem.message)).tone(Tone::Warning),
    };
    let bears = i64::from(state.view.clock_skew);
    let server = |server: &KeyServerState| {
        let (words, tone) = match (&server.answer, server.ahead) {
            (Err(problem), _) => {
                let cause = problem.cause.as_deref().unwrap_or(&problem.message);
                (cause.to_owned(), Tone::Bad)
            }
            (Ok(answer), _) if answer.refuses_realm => {
                (format!("{} does not serve this realm", server.address), Tone::Bad)
            }
            (Ok(_), Some(ahead)) if ahead.abs() > bears => (
                format!(
                    "{}: its clock is {ahead} s ahead, more than Kerberos bears",
                    server.address
                ),
                Tone::Bad,
            ),
            (Ok(answer), Some(ahead)) => {
                let took = answer.took.as_millis();
                (
                    format!(
                        "{} answers in {took} ms, its clock is {ahead} s ahead",
                        server.address
                    ),
                    Tone::Good,
                )
            }
            (Ok(answer), None) => (
                format!("{} answers in {} ms", server.address, answer.took.as_millis()),
                Tone::Good,
            ),
        };
        Fact::new("Key server", words).tone(tone)
    };
    let servers: Vec<Fact<'a, PageMessage>> = state.key_servers.iter().map(server).collect();
    facts([ticket].into_iter().chain(servers))
}
