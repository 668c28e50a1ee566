//! The dialog of a sign-in with a device code: the person opens a page, on any device, and enters the code there.
//!
//! The work behind it reports the code ([`Message::Given`]) and how it ended ([`Message::Answered`]). While
//! [`DeviceCode::is_counting`], a [`Message::Ticked`] each second keeps the time right.

use iced::time::Instant;
use iced::widget::{column, container, row};
use iced::{Center, Element, Length, Task};
use url::Url;

use super::countdown::Countdown;
use super::login::Ready;
use super::sign_on::{SignOn, Stage};
use super::{Key, shown};
use crate::error::Problem;
use crate::repository::oidc::DevicePrompt;
use crate::service::connection::Service;
use crate::service::sign_in::sso::SignOnSite;
use crate::ui::code::code;
use crate::ui::copy_line::copy_line;
use crate::ui::modal::Dialog;
use crate::ui::style;
use crate::ui::{button, progress, spacing, text};

const CANCEL: &str = "device-cancel";
const OPEN_PAGE: &str = "device-open-page";
const NEW_CODE: &str = "device-new-code";

#[derive(Debug, Clone)]
pub struct DeviceCode {
    sign_on: SignOn<Waited>,
}

#[derive(Debug, Clone)]
struct Waited {
    prompt: DevicePrompt,
    copied: Copied,
}

/// What lies in the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copied {
    Nothing,
    Code,
    Address,
}

#[derive(Debug, Clone)]
pub enum Message {
    /// The code is there, and is asked about from now on.
    Given {
        key: Key,
        prompt: DevicePrompt,
        at: Instant,
    },
    Ticked(Instant),
    /// The person has agreed there.
    CodeUsed {
        key: Key,
    },
    /// The server sends people to a host of another name, which they have not agreed to.
    OtherSite {
        key: Key,
        host: String,
        problem: Problem,
    },
    Answered {
        key: Key,
        result: Result<Box<Ready>, Problem>,
    },
    CopyCodePressed,
    CopyAddressPressed,
    OpenPagePressed,
    GoOnPressed,
    NewCodePressed,
    CancelPressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Begin {
        key: Key,
        site: SignOnSite,
    },
    /// In the system's browser.
    OpenPage(Url),
    Copy(String),
    /// Stop, and close.
    Abort(Key),
    Close,
    Done(Box<Ready>),
    Run(Task<Message>),
}

impl DeviceCode {
    /// Asks for a code at once.
    pub fn new(site: SignOnSite) -> (Self, Action) {
        let (sign_on, key) = SignOn::new(site);
        let screen = Self { sign_on };
        let action = screen.begun(key);
        (screen, action)
    }

    fn begun(&self, key: Key) -> Action {
        Action::Begin {
            key,
            site: self.sign_on.site().clone(),
        }
    }

    /// Whether time runs out, so that ticks are of use.
    pub fn is_counting(&self) -> bool {
        self.sign_on.is_counting()
    }

    pub fn service(&self) -> Service {
        self.sign_on.service()
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Ticked(now) => {
                self.sign_on.tick(now);
                Action::None
            }
            Message::CopyCodePressed => self.copy(Copied::Code),
            Message::CopyAddressPressed => self.copy(Copied::Address),
            Message::OpenPagePressed => match self.sign_on.waited() {
                Some(Waited { prompt, .. }) => {
                    let complete = prompt.verification_uri_complete.as_ref();
                    Action::OpenPage(complete.unwrap_or(&prompt.verification_uri).clone())
                }
                None => Action::None,
            },
            Message::GoOnPressed => match self.sign_on.go_on() {
                Some(key) => self.begun(key),
                None => Action::None,
            },
            Message::NewCodePressed if self.sign_on.has_failed() => {
                let key = self.sign_on.begin();
                self.begun(key)
            }
            Message::NewCodePressed => Action::None,
            Message::CancelPressed => self.sign_on.running().map_or(Action::Close, Action::Abort),
            Message::Given { key, .. }
            | Message::CodeUsed { key }
            | Message::OtherSite { key, .. }
            | Message::Answered { key, .. }
                if self.sign_on.running() != Some(key) =>
            {
                Action::None
            }
            Message::Given { key, prompt, at } => {
                let limit = prompt.expires_in;
                let copied = Copied::Nothing;
                self.sign_on.wait(key, limit, at, Waited { prompt, copied });
                focus(OPEN_PAGE)
            }
            Message::CodeUsed { key } => {
                self.sign_on.finish(key);
                Action::None
            }
            Message::OtherSite { host, problem, .. } => {
                self.sign_on.meet_other_site(host, problem);
                // To go on is no matter for a quick Enter.
                focus(CANCEL)
            }
            Message::Answered { result, .. } => match result {
                Ok(ready) => Action::Done(ready),
                Err(problem) => {
                    self.sign_on.fail(problem);
                    focus(NEW_CODE)
                }
            },
        }
    }

    fn copy(&mut self, what: Copied) -> Action {
        let Some(waited) = self.sign_on.waited() else {
            return Action::None;
        };
        waited.copied = what;
        match what {
            Copied::Code => Action::Copy(waited.prompt.user_code.clone()),
            Copied::Address => Action::Copy(waited.prompt.verification_uri.to_string()),
            Copied::Nothing => Action::None,
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let failed = |problem, label| -> Element<'_, Message> {
            let again = button::secondary(label)
                .id(NEW_CODE)
                .on_press(Message::NewCodePressed);
            shown::problem(problem).button(again).into()
        };
        let at_work = |words| -> Element<'_, Message> {
            container(shown::working(words))
                .padding(spacing::M)
                .width(Length::Fill)
                .style(style::well)
                .into()
        };
        let content: Element<'_, Message> = match self.sign_on.stage() {
            Stage::Preparing(_) => at_work("Asking for a code"),
            Stage::Finishing(_) => at_work("Finishing the sign-in"),
            Stage::Waiting { left, waited, .. } => waiting_view(waited, *left),
            Stage::OtherSite { host, problem } => {
                shown::other_site(problem, host, Message::GoOnPressed).into()
            }
            Stage::NotBegun(problem) => failed(problem, "Try again"),
            Stage::Spent(problem) => failed(problem, "New code"),
        };
        let dialog = self
            .sign_on
            .dialog("device-code", content, CANCEL, Message::CancelPressed)
            .subtitle("Open the page on any device, and enter the code.");
        match self.sign_on.stage() {
            Stage::Waiting { .. } => dialog
                .focus(OPEN_PAGE)
                .button(
                    button::primary("Open page")
                        .id(OPEN_PAGE)
                        .on_press(Message::OpenPagePressed),
                )
                .on_submit(Some(Message::OpenPagePressed)),
            _ => dialog,
        }
    }
}

fn waiting_view(waited: &Waited, left: Countdown) -> Element<'_, Message> {
    let is = |what| waited.copied == what;
    let copy_code = button::secondary(if is(Copied::Code) {
        "Code copied"
    } else {
        "Copy code"
    })
    .id("device-copy-code")
    .on_press(Message::CopyCodePressed);
    let copy_address = button::small_link(if is(Copied::Address) { "Copied" } else { "Copy" })
        .id("device-copy-address")
        .on_press(Message::CopyAddressPressed);
    let code = column![code(&waited.prompt.user_code), copy_code]
        .spacing(spacing::S)
        .align_x(Center);
    let code = container(code)
        .padding(spacing::L)
        .center_x(Length::Fill)
        .style(style::well);
    let page = column![
        text::small("Page"),
        copy_line(waited.prompt.verification_uri.as_str(), copy_address)
    ]
    .spacing(spacing::XS);
    let wait = row![
        progress::activity(),
        container(text::body("Waiting for you to enter the code…")).width(Length::Fill),
        text::heading(left.to_string()),
    ]
    .spacing(spacing::M)
    .align_y(Center);
    column![code, page, wait].spacing(spacing::L).into()
}

fn focus(id: &'static str) -> Action {
    Action::Run(iced::widget::operation::focus(id))
}

#[cfg(test)]
#[path = "device_code_tests.rs"]
mod tests;
