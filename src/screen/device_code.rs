//! The dialog of a sign-in with a device code: the person opens a page, on any device, and enters the code there.
//!
//! The work behind it reports the code ([`Message::Given`]) and how it ended ([`Message::Answered`]). While
//! [`DeviceCode::is_counting`], a [`Message::Ticked`] each second keeps the time right.

use iced::time::Instant;
use iced::widget::{column, container, row};
use iced::{Center, Element, Length, Task};
use url::Url;

use super::browser_wait::agree;
use super::countdown::Countdown;
use super::login::Ready;
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
    site: SignOnSite,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Preparing(Key),
    Waiting(Box<Waiting>),
    /// The server would have one sign in at a host of another name. Nothing was sent there.
    OtherSite {
        host: String,
        problem: Problem,
    },
    /// There never was a code.
    NoCode(Problem),
    /// There was one, and it came to nothing: expired, declined, or the network failed.
    Spent(Problem),
}

#[derive(Debug, Clone)]
struct Waiting {
    key: Key,
    prompt: DevicePrompt,
    left: Countdown,
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
        let mut screen = Self {
            site,
            state: State::Preparing(Key::fresh()),
        };
        let action = screen.begin();
        (screen, action)
    }

    fn begin(&mut self) -> Action {
        let key = Key::fresh();
        self.state = State::Preparing(key);
        Action::Begin {
            key,
            site: self.site.clone(),
        }
    }

    /// Whether time runs out, so that ticks are of use.
    pub fn is_counting(&self) -> bool {
        matches!(self.state, State::Waiting(_))
    }

    pub fn service(&self) -> Service {
        self.site.service()
    }

    fn running(&self) -> Option<Key> {
        match &self.state {
            State::Preparing(key) => Some(*key),
            State::Waiting(waiting) => Some(waiting.key),
            State::OtherSite { .. } | State::NoCode(_) | State::Spent(_) => None,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Ticked(now) => {
                if let State::Waiting(waiting) = &mut self.state {
                    waiting.left.tick(now);
                }
                Action::None
            }
            Message::CopyCodePressed => self.copy(Copied::Code),
            Message::CopyAddressPressed => self.copy(Copied::Address),
            Message::OpenPagePressed => match &self.state {
                State::Waiting(waiting) => {
                    let prompt = &waiting.prompt;
                    Action::OpenPage(
                        prompt
                            .verification_uri_complete
                            .as_ref()
                            .unwrap_or(&prompt.verification_uri)
                            .clone(),
                    )
                }
                _ => Action::None,
            },
            Message::GoOnPressed => match &self.state {
                State::OtherSite { host, .. } => {
                    agree(&mut self.site, host);
                    self.begin()
                }
                _ => Action::None,
            },
            Message::NewCodePressed => match self.state {
                State::NoCode(_) | State::Spent(_) => self.begin(),
                _ => Action::None,
            },
            Message::CancelPressed => self.running().map_or(Action::Close, Action::Abort),
            Message::Given { key, .. } | Message::OtherSite { key, .. } | Message::Answered { key, .. }
                if self.running() != Some(key) =>
            {
                Action::None
            }
            Message::Given { key, prompt, at } => {
                self.state = State::Waiting(Box::new(Waiting {
                    key,
                    left: Countdown::new(prompt.expires_in, at),
                    prompt,
                    copied: Copied::Nothing,
                }));
                focus(OPEN_PAGE)
            }
            Message::OtherSite { host, problem, .. } => {
                self.state = State::OtherSite { host, problem };
                // To go on is no matter for a quick Enter.
                focus(CANCEL)
            }
            Message::Answered {
                result: Ok(ready), ..
            } => Action::Done(ready),
            Message::Answered {
                result: Err(problem), ..
            } => {
                self.state = match self.state {
                    State::Waiting(_) => State::Spent(problem),
                    _ => State::NoCode(problem),
                };
                focus(NEW_CODE)
            }
        }
    }

    fn copy(&mut self, what: Copied) -> Action {
        let State::Waiting(waiting) = &mut self.state else {
            return Action::None;
        };
        waiting.copied = what;
        match what {
            Copied::Code => Action::Copy(waiting.prompt.user_code.clone()),
            Copied::Address => Action::Copy(waiting.prompt.verification_uri.to_string()),
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
        let content: Element<'_, Message> = match &self.state {
            State::Preparing(_) => container(shown::working("Asking for a code"))
                .padding(spacing::M)
                .width(Length::Fill)
                .style(style::well)
                .into(),
            State::Waiting(waiting) => waiting_view(waiting),
            State::OtherSite { host, problem } => {
                shown::other_site(problem, host, Message::GoOnPressed).into()
            }
            State::NoCode(problem) => failed(problem, "Try again"),
            State::Spent(problem) => failed(problem, "New code"),
        };
        let title = format!("Sign in to {}", shown::site(&self.site));
        let is_preparing = matches!(self.state, State::Preparing(_));
        let dialog = Dialog::new("device-code", title, content)
            .eyebrow(self.site.service().title())
            .subtitle("Open the page on any device, and enter the code.")
            .button(
                button::secondary("Cancel")
                    .id(CANCEL)
                    // Enter opened this; a second one must not end it before anything was shown.
                    .tab_stop(!is_preparing)
                    .on_press(Message::CancelPressed),
            )
            .on_close(Message::CancelPressed);
        match &self.state {
            State::Waiting(_) => dialog
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

fn waiting_view(waiting: &Waiting) -> Element<'_, Message> {
    let is = |what| waiting.copied == what;
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
    let code = column![code(&waiting.prompt.user_code), copy_code]
        .spacing(spacing::S)
        .align_x(Center);
    let code = container(code)
        .padding(spacing::L)
        .center_x(Length::Fill)
        .style(style::well);
    let page = column![
        text::small("Page"),
        copy_line(waiting.prompt.verification_uri.as_str(), copy_address)
    ]
    .spacing(spacing::XS);
    let wait = row![
        progress::activity(),
        container(text::body("Waiting for you to enter the code…")).width(Length::Fill),
        text::heading(waiting.left.to_string()),
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
