//! The dialog of a sign-in that happens in the person's own browser.
//!
//! The work behind it tells how far it is: the browser was opened ([`Message::Opened`]), it came back
//! ([`Message::CameBack`]), and how it ended ([`Message::Answered`]). While [`BrowserWait::is_counting`], a
//! [`Message::Ticked`] each second keeps the time right.

use iced::time::Instant;
use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length, Task};
use url::Url;

use super::countdown::Countdown;
use super::login::Ready;
use super::sign_on::{SignOn, Stage};
use super::{Key, shown};
use crate::error::Problem;
use crate::service::connection::Service;
use crate::service::sign_in::sso::{BrowserOpened, SignOnSite};
use crate::ui::banner::Banner;
use crate::ui::copy_line::copy_line;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

const CANCEL: &str = "browser-cancel";
const OPEN_AGAIN: &str = "browser-open-again";
const TRY_AGAIN: &str = "browser-try-again";

#[derive(Debug, Clone)]
pub struct BrowserWait {
    sign_on: SignOn<Waited>,
    /// Whether a device code can be used there instead, as far as it is known.
    offers_code: bool,
}

#[derive(Debug, Clone)]
struct Waited {
    address: Url,
    /// The host that the person sees in the browser.
    host: String,
    not_opened: Option<Problem>,
    is_copied: bool,
}

#[derive(Debug, Clone)]
pub enum Message {
    /// The browser was opened, or could not be: whoever opens the address by hand is waited for as well.
    Opened {
        key: Key,
        opened: BrowserOpened,
        at: Instant,
    },
    /// Opening it again did not succeed.
    NotOpened {
        key: Key,
        problem: Problem,
    },
    Ticked(Instant),
    /// The person has signed in there.
    CameBack {
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
    OpenAgainPressed,
    CopyPressed,
    UseCodePressed,
    GoOnPressed,
    TryAgainPressed,
    CancelPressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Begin {
        key: Key,
        site: SignOnSite,
    },
    /// A failure is answered by [`Message::NotOpened`].
    OpenAgain {
        key: Key,
        address: Url,
    },
    Copy(String),
    /// Sign in with a device code instead; what still runs is to be stopped.
    UseCode {
        running: Option<Key>,
        site: SignOnSite,
    },
    /// Stop, and close.
    Abort(Key),
    Close,
    Done(Box<Ready>),
    Run(Task<Message>),
}

impl BrowserWait {
    /// Begins at once.
    pub fn new(site: SignOnSite) -> (Self, Action) {
        // Anaconda.com is known to give out codes (server reference, section 2).
        let offers_code = site == SignOnSite::AnacondaCom;
        let (sign_on, key) = SignOn::new(site);
        let screen = Self { sign_on, offers_code };
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
            Message::OpenAgainPressed => match (self.sign_on.running(), self.sign_on.waited()) {
                (Some(key), Some(waited)) => {
                    waited.not_opened = None;
                    Action::OpenAgain {
                        key,
                        address: waited.address.clone(),
                    }
                }
                _ => Action::None,
            },
            Message::CopyPressed => match self.sign_on.waited() {
                Some(waited) => {
                    waited.is_copied = true;
                    Action::Copy(waited.address.to_string())
                }
                None => Action::None,
            },
            Message::UseCodePressed => Action::UseCode {
                running: self.sign_on.running(),
                site: self.sign_on.site().clone(),
            },
            Message::GoOnPressed => match self.sign_on.go_on() {
                Some(key) => self.begun(key),
                None => Action::None,
            },
            Message::TryAgainPressed if self.sign_on.has_failed() => {
                let key = self.sign_on.begin();
                self.begun(key)
            }
            Message::TryAgainPressed => Action::None,
            Message::CancelPressed => self.sign_on.running().map_or(Action::Close, Action::Abort),
            Message::Opened { key, .. }
            | Message::NotOpened { key, .. }
            | Message::CameBack { key }
            | Message::OtherSite { key, .. }
            | Message::Answered { key, .. }
                if self.sign_on.running() != Some(key) =>
            {
                Action::None
            }
            Message::Opened { key, opened, at } => {
                self.offers_code = opened.offers_code;
                let waited = Waited {
                    address: opened.address,
                    host: opened.site,
                    not_opened: opened.not_opened,
                    is_copied: false,
                };
                self.sign_on.wait(key, opened.limit, at, waited);
                focus(OPEN_AGAIN)
            }
            Message::NotOpened { problem, .. } => {
                if let Some(waited) = self.sign_on.waited() {
                    waited.not_opened = Some(problem);
                }
                Action::None
            }
            Message::CameBack { key } => {
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
                    focus(TRY_AGAIN)
                }
            },
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let stage = self.sign_on.stage();
        let content: Element<'_, Message> = match stage {
            Stage::Preparing(_) => {
                let words = format!("Asking {} how to sign in", shown::site(self.sign_on.site()));
                stage_view(text::body(words).into(), None)
            }
            Stage::Waiting { left, waited, .. } => waiting_view(waited, *left),
            Stage::Finishing(_) => {
                let words = column![
                    text::strong("Back from the browser"),
                    text::body("Finishing the sign-in.")
                ];
                stage_view(words.into(), None)
            }
            Stage::OtherSite { host, problem } => {
                shown::other_site(problem, host, Message::GoOnPressed).into()
            }
            Stage::NotBegun(problem) | Stage::Spent(problem) => shown::problem(problem)
                .button(
                    button::secondary("Try again")
                        .id(TRY_AGAIN)
                        .on_press(Message::TryAgainPressed),
                )
                .into(),
        };
        let first = match stage {
            Stage::OtherSite { .. } => CANCEL,
            _ => OPEN_AGAIN,
        };
        let dialog = self
            .sign_on
            .dialog("browser-wait", content, CANCEL, Message::CancelPressed)
            .focus(first);
        if self.offers_code && !matches!(stage, Stage::Finishing(_)) {
            dialog.aside(
                button::link("Use a code instead")
                    .flush()
                    .id("browser-use-code")
                    .on_press(Message::UseCodePressed),
            )
        } else {
            dialog
        }
    }
}

fn waiting_view(waited: &Waited, left: Countdown) -> Element<'_, Message> {
    let words = column![
        text::strong(format!("You sign in at {}", waited.host)),
        text::body("Go on in your browser. This window continues by itself."),
    ];
    let open_again = button::secondary("Open the browser again")
        .id(OPEN_AGAIN)
        .on_press(Message::OpenAgainPressed);
    let copy = if waited.is_copied {
        "Address copied"
    } else {
        "Copy the address"
    };
    let mut parts: Column<'_, Message> = column![stage_view(words.into(), Some(left))].spacing(spacing::L);
    match &waited.not_opened {
        None => {
            let copy = button::link(copy)
                .id("browser-copy")
                .on_press(Message::CopyPressed);
            parts = parts.push(row![open_again, copy].spacing(spacing::S).align_y(Center));
        }
        Some(problem) => {
            let banner = Banner::new(Tone::Warning, shown::sentence(&problem.message))
                .remedy("Copy the address below, and open it in a browser on this computer.");
            let banner = match &problem.cause {
                Some(cause) => banner.cause(shown::sentence(cause)),
                None => banner,
            };
            let copy = button::small_link(copy)
                .id("browser-copy")
                .on_press(Message::CopyPressed);
            parts = parts
                .push(banner)
                .push(copy_line(waited.address.as_str(), copy))
                .push(open_again);
        }
    }
    parts.into()
}

/// What is going on, with the time that is left for it.
fn stage_view<'a>(words: Element<'a, Message>, left: Option<Countdown>) -> Element<'a, Message> {
    let left = left.map(|left| {
        column![
            text::heading(left.to_string()),
            text::small("left").style(style::muted)
        ]
        .align_x(iced::Right)
    });
    let line = row![progress::activity(), container(words).width(Length::Fill), left];
    container(line.spacing(spacing::M).align_y(Center))
        .padding(spacing::M)
        .width(Length::Fill)
        .style(style::well)
        .into()
}

fn focus(id: &'static str) -> Action {
    Action::Run(iced::widget::operation::focus(id))
}

#[cfg(test)]
#[path = "browser_wait_tests.rs"]
mod tests;
