//! The person's Kerberos ticket as part of a dialog: whose it is, or how to get one.

use iced::widget::{column, container, row};
use iced::{Center, Element, Length};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::shown;
use crate::error::Problem;
use crate::repository::kerberos::Ticket;
use crate::ui::banner::Banner;
use crate::ui::check_box::check_box;
use crate::ui::copy_line::copy_line;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

#[derive(Debug, Clone)]
pub struct KerberosTicket {
    found: Found,
    plain_http: PlainHttp,
    /// For telling until when a ticket is good.
    zone: TimeZone,
    is_copied: bool,
}

#[derive(Debug, Clone)]
enum Found {
    Looking,
    Good { ticket: Ticket, until: Option<String> },
    Expired { principal: String },
    Nothing,
    Failed(Problem),
}

/// Whether others on the way to the server could use the sign-in for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlainHttp {
    /// The connection is encrypted.
    No,
    NotAllowed,
    Allowed,
}

#[derive(Debug, Clone)]
pub enum Message {
    CheckAgainPressed,
    CopyPressed(String),
    PlainHttpToggled(bool),
}

/// What the dialog has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    None,
    /// Look again; the answer comes to [`KerberosTicket::tell`].
    Look,
    Copy(String),
}

impl KerberosTicket {
    /// Nobody has looked yet.
    pub fn new(is_plain_http: bool, zone: TimeZone) -> Self {
        Self {
            found: Found::Looking,
            plain_http: if is_plain_http {
                PlainHttp::NotAllowed
            } else {
                PlainHttp::No
            },
            zone,
            is_copied: false,
        }
    }

    /// The ticket that there is, looked for at this time; or why there is none.
    pub fn tell(&mut self, at: Timestamp, result: Result<Option<Ticket>, Problem>) {
        self.is_copied = false;
        self.found = match result {
            Err(problem) => Found::Failed(problem),
            Ok(None) => Found::Nothing,
            Ok(Some(ticket)) if ticket.expires_at.is_some_and(|end| end <= at) => Found::Expired {
                principal: ticket.principal,
            },
            Ok(Some(ticket)) => Found::Good {
                until: ticket.expires_at.map(|end| self.until(end, at)),
                ticket,
            },
        };
    }

    /// Whether a sign-in can be made with it now.
    pub fn is_usable(&self) -> bool {
        matches!(self.found, Found::Good { .. }) && self.plain_http != PlainHttp::NotAllowed
    }

    pub fn is_plain_http_allowed(&self) -> bool {
        self.plain_http == PlainHttp::Allowed
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::CheckAgainPressed => {
                self.found = Found::Looking;
                Action::Look
            }
            Message::CopyPressed(command) => {
                self.is_copied = true;
                Action::Copy(command)
            }
            Message::PlainHttpToggled(is_allowed) => {
                if self.plain_http != PlainHttp::No {
                    self.plain_http = if is_allowed {
                        PlainHttp::Allowed
                    } else {
                        PlainHttp::NotAllowed
                    };
                }
                Action::None
            }
        }
    }

    /// The time of day; the day too when it is another one.
    fn until(&self, end: Timestamp, now: Timestamp) -> String {
        let end = end.to_zoned_datetime(self.zone.clone());
        let is_today = end.date() == now.to_zoned_datetime(self.zone.clone()).date();
        end.strftime(if is_today { "%H:%M" } else { "%-d %b %H:%M" })
            .to_string()
    }

    /// `name` is who the person may be, for the command that gets a ticket.
    pub fn view(&self, is_enabled: bool, name: &str) -> Element<'_, Message> {
        let check_again = |label| {
            button::secondary(label)
                .id("ticket-check-again")
                .on_press_maybe(is_enabled.then_some(Message::CheckAgainPressed))
        };
        let part: Element<'_, Message> = match &self.found {
            Found::Looking => boxed(shown::working("Looking for your Kerberos ticket")),
            Found::Good { ticket, until } => self.good_view(ticket, until.as_deref(), is_enabled),
            Found::Expired { principal } => {
                let words = format!("The Kerberos ticket of {principal} has expired.");
                self.missing_view(words, command(principal), check_again("Check again"))
            }
            Found::Nothing => {
                let words = "There is no Kerberos ticket on this computer.".to_owned();
                self.missing_view(words, command(name), check_again("Check again"))
            }
            Found::Failed(problem) => shown::problem(problem).button(check_again("Check again")).into(),
        };
        column![part, self.plain_http_view(is_enabled)]
            .spacing(spacing::M)
            .into()
    }

    fn good_view(&self, ticket: &Ticket, until: Option<&str>, is_enabled: bool) -> Element<'_, Message> {
        let until = until.map(|until| text::small(format!("Ticket until {until}")).style(style::muted));
        let words = column![text::body(format!("Sign in as {}", ticket.principal)), until];
        let again = button::small_link("check again")
            .id("ticket-check-again")
            .on_press_maybe(is_enabled.then_some(Message::CheckAgainPressed));
        let state = container(text::state(Tone::Good, words)).width(Length::Fill);
        boxed(row![state, again].spacing(spacing::S).align_y(Center).into())
    }

    fn missing_view<'a>(
        &self,
        words: String,
        command: String,
        check_again: button::Button<'a, Message>,
    ) -> Element<'a, Message> {
        let remedy = if cfg!(windows) {
            "Sign in to this computer with your organisation's account, or run this command."
        } else {
            "Run this command in a terminal. It asks for the password of your organisation."
        };
        let banner = Banner::new(Tone::Warning, words)
            .cause("The repository signs you in with Kerberos, which needs one.")
            .remedy(remedy);
        let copy = button::small_link(if self.is_copied { "Copied" } else { "Copy" })
            .id("ticket-copy")
            .on_press(Message::CopyPressed(command.clone()));
        column![banner, copy_line(command, copy), check_again]
            .spacing(spacing::S)
            .into()
    }

    fn plain_http_view(&self, is_enabled: bool) -> Option<Element<'_, Message>> {
        if self.plain_http == PlainHttp::No {
            return None;
        }
        let tick = check_box(self.plain_http == PlainHttp::Allowed)
            .explained_label(
                "Use Kerberos over this unencrypted connection",
                "Somebody on the way could use the sign-in for themselves. Better ask for an https:// address.",
            )
            .id("ticket-plain-http");
        let tick = if is_enabled {
            tick.on_toggle(Message::PlainHttpToggled)
        } else {
            tick
        };
        Some(tick.into())
    }
}

fn boxed<'a>(content: Element<'a, Message>) -> Element<'a, Message> {
    container(content)
        .padding(spacing::M)
        .width(Length::Fill)
        .style(style::well)
        .into()
}

/// What gets a ticket for this person (seed 002: `kinit jsmith`).
fn command(name: &str) -> String {
    if cfg!(windows) {
        "klist get krbtgt".to_owned()
    } else if name.is_empty() {
        "kinit".to_owned()
    } else {
        // A name that the shell would read otherwise is left to be typed.
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || "._-@/".contains(c));
        if is_plain && !name.starts_with('-') {
            format!("kinit {name}")
        } else {
            "kinit".to_owned()
        }
    }
}

#[cfg(test)]
#[path = "kerberos_ticket_tests.rs"]
mod tests;
