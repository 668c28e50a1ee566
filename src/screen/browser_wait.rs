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
    site: SignOnSite,
    /// Whether a device code can be used there instead, as far as it is known.
    offers_code: bool,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Preparing(Key),
    Waiting(Box<Waiting>),
    /// The browser came back; the rest is between Sextant and the server.
    Finishing(Key),
    /// The server would have one sign in at a host of another name. Nothing was sent there.
    OtherSite {
        host: String,
        problem: Problem,
    },
    Failed(Problem),
}

#[derive(Debug, Clone)]
struct Waiting {
    key: Key,
    address: Url,
    /// The host that the person sees in the browser.
    host: String,
    left: Countdown,
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
        let mut screen = Self {
            // Anaconda.com is known to give out codes (server reference, section 2).
            offers_code: site == SignOnSite::AnacondaCom,
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
            State::Preparing(key) | State::Finishing(key) => Some(*key),
            State::Waiting(waiting) => Some(waiting.key),
            State::OtherSite { .. } | State::Failed(_) => None,
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
            Message::OpenAgainPressed => match &mut self.state {
                State::Waiting(waiting) => {
                    waiting.not_opened = None;
                    Action::OpenAgain {
                        key: waiting.key,
                        address: waiting.address.clone(),
                    }
                }
                _ => Action::None,
            },
            Message::CopyPressed => match &mut self.state {
                State::Waiting(waiting) => {
                    waiting.is_copied = true;
                    Action::Copy(waiting.address.to_string())
                }
                _ => Action::None,
            },
            Message::UseCodePressed => Action::UseCode {
                running: self.running(),
                site: self.site.clone(),
            },
            Message::GoOnPressed => match &self.state {
                State::OtherSite { host, .. } => {
                    agree(&mut self.site, host);
                    self.begin()
                }
                _ => Action::None,
            },
            Message::TryAgainPressed => match self.state {
                State::Failed(_) => self.begin(),
                _ => Action::None,
            },
            Message::CancelPressed => self.running().map_or(Action::Close, Action::Abort),
            Message::Opened { key, .. }
            | Message::NotOpened { key, .. }
            | Message::CameBack { key }
            | Message::OtherSite { key, .. }
            | Message::Answered { key, .. }
                if self.running() != Some(key) =>
            {
                Action::None
            }
            Message::Opened { key, opened, at } => {
                self.offers_code = opened.offers_code;
                self.state = State::Waiting(Box::new(Waiting {
                    key,
                    address: opened.address,
                    host: opened.site,
                    left: Countdown::new(opened.limit, at),
                    not_opened: opened.not_opened,
                    is_copied: false,
                }));
                focus(OPEN_AGAIN)
            }
            Message::NotOpened { problem, .. } => {
                if let State::Waiting(waiting) = &mut self.state {
                    waiting.not_opened = Some(problem);
                }
                Action::None
            }
            Message::CameBack { key } => {
                self.state = State::Finishing(key);
                Action::None
            }
            Message::OtherSite { host, problem, .. } => {
                self.state = State::OtherSite { host, problem };
                // To go on is no matter for a quick Enter.
                focus(CANCEL)
            }
            Message::Answered { result, .. } => match result {
                Ok(ready) => Action::Done(ready),
                Err(problem) => {
                    self.state = State::Failed(problem);
                    focus(TRY_AGAIN)
                }
            },
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let content: Element<'_, Message> = match &self.state {
            State::Preparing(_) => {
                let words = format!("Asking {} how to sign in", shown::site(&self.site));
                stage(text::body(words).into(), None)
            }
            State::Waiting(waiting) => waiting_view(waiting),
            State::Finishing(_) => {
                let words = column![
                    text::strong("Back from the browser"),
                    text::body("Finishing the sign-in.")
                ];
                stage(words.into(), None)
            }
            State::OtherSite { host, problem } => {
                shown::other_site(problem, host, Message::GoOnPressed).into()
            }
            State::Failed(problem) => shown::problem(problem)
                .button(
                    button::secondary("Try again")
                        .id(TRY_AGAIN)
                        .on_press(Message::TryAgainPressed),
                )
                .into(),
        };
        let is_preparing = matches!(self.state, State::Preparing(_));
        let title = format!("Sign in to {}", shown::site(&self.site));
        let dialog = Dialog::new("browser-wait", title, content)
            .eyebrow(self.site.service().title())
            .focus(match self.state {
                State::OtherSite { .. } => CANCEL,
                _ => OPEN_AGAIN,
            })
            .button(
                button::secondary("Cancel")
                    .id(CANCEL)
                    // Enter opened this; a second one must not end it before anything was shown.
                    .tab_stop(!is_preparing)
                    .on_press(Message::CancelPressed),
            )
            .on_close(Message::CancelPressed);
        let takes_code = !matches!(self.state, State::Finishing(_));
        if self.offers_code && takes_code {
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

/// The person agreed to sign in at this host.
pub(super) fn agree(site: &mut SignOnSite, host: &str) {
    if let SignOnSite::Server { through, .. } = site {
        *through = Some(host.to_owned());
    }
}

fn waiting_view(waiting: &Waiting) -> Element<'_, Message> {
    let words = column![
        text::strong(format!("You sign in at {}", waiting.host)),
        text::body("Go on in your browser. This window continues by itself."),
    ];
    let open_again = button::secondary("Open the browser again")
        .id(OPEN_AGAIN)
        .on_press(Message::OpenAgainPressed);
    let copy = if waiting.is_copied {
        "Address copied"
    } else {
        "Copy the address"
    };
    let mut parts: Column<'_, Message> = column![stage(words.into(), Some(waiting.left))].spacing(spacing::L);
    match &waiting.not_opened {
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
                .push(copy_line(waiting.address.as_str(), copy))
                .push(open_again);
        }
    }
    parts.into()
}

/// What is going on, with the time that is left for it.
fn stage<'a>(words: Element<'a, Message>, left: Option<Countdown>) -> Element<'a, Message> {
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
