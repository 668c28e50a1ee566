//! The dialog of a sign-in that happens in the person's own browser.
//!
//! The work behind it tells how far it is: where one signs in ([`Message::Discovered`]), the address that was opened
//! ([`Message::Began`]), that the browser came back ([`Message::CodeArrived`]), and how it ended
//! ([`Message::Answered`]). While [`BrowserWait::is_counting`], a [`Message::Ticked`] each second keeps the time right.

use iced::time::Instant;
use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length, Task};
use url::Url;

use super::countdown::Countdown;
use super::login::Ready;
use super::{Key, shown};
use crate::error::Problem;
use crate::repository::Domain;
use crate::service::connection::Service;
use crate::ui::banner::Banner;
use crate::ui::copy_line::copy_line;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

const CANCEL: &str = "browser-cancel";
const OPEN_AGAIN: &str = "browser-open-again";
const TRY_AGAIN: &str = "browser-try-again";

#[derive(Debug, Clone)]
pub struct BrowserWait {
    service: Service,
    domain: Domain,
    /// The host of another name where the person agreed to sign in.
    agreed_site: Option<String>,
    /// The host where one signs in, once it is known.
    site: Option<String>,
    /// Whether a device code can be used there instead.
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
        site: String,
        problem: Problem,
    },
    Failed(Problem),
}

#[derive(Debug, Clone)]
struct Waiting {
    key: Key,
    address: Url,
    left: Countdown,
    browser: Browser,
    is_copied: bool,
}

#[derive(Debug, Clone)]
enum Browser {
    Opened,
    NotOpened(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    /// The way to sign in is known: the host one goes to, and whether it gives out device codes.
    Discovered {
        key: Key,
        site: String,
        offers_code: bool,
    },
    /// The browser is being opened at this address, and Sextant waits for it to come back.
    Began {
        key: Key,
        address: Url,
        left: Countdown,
    },
    /// There is no browser to be opened; whoever opens the address by hand is still waited for.
    NotOpened {
        key: Key,
        problem: Problem,
    },
    Ticked(Instant),
    CodeArrived {
        key: Key,
    },
    /// The server sends people to a host that has not been agreed to.
    OtherSite {
        key: Key,
        site: String,
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
        service: Service,
        domain: Domain,
        agreed_site: Option<String>,
    },
    OpenAgain(Url),
    Copy(String),
    /// Sign in with a device code instead; what still runs is to be stopped.
    UseCode {
        running: Option<Key>,
        service: Service,
        domain: Domain,
        agreed_site: Option<String>,
    },
    /// Stop, and close.
    Abort(Key),
    Close,
    Done(Box<Ready>),
    Run(Task<Message>),
}

impl BrowserWait {
    /// Begins at once. `domain` is where the service is; the site where one signs in may be another.
    pub fn new(service: Service, domain: Domain) -> (Self, Action) {
        let mut screen = Self {
            service,
            domain,
            agreed_site: None,
            site: None,
            offers_code: false,
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
            service: self.service,
            domain: self.domain.clone(),
            agreed_site: self.agreed_site.clone(),
        }
    }

    /// Whether time runs out, so that ticks are of use.
    pub fn is_counting(&self) -> bool {
        matches!(self.state, State::Waiting(_))
    }

    pub fn service(&self) -> Service {
        self.service
    }

    /// The work that is still going on.
    pub fn running(&self) -> Option<Key> {
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
            Message::OpenAgainPressed => self.open_again(),
            Message::CopyPressed => match &mut self.state {
                State::Waiting(waiting) => {
                    waiting.is_copied = true;
                    Action::Copy(waiting.address.to_string())
                }
                _ => Action::None,
            },
            Message::UseCodePressed => Action::UseCode {
                running: self.running(),
                service: self.service,
                domain: self.domain.clone(),
                agreed_site: self.agreed_site.clone(),
            },
            Message::GoOnPressed => match &self.state {
                State::OtherSite { site, .. } => {
                    self.agreed_site = Some(site.clone());
                    self.begin()
                }
                _ => Action::None,
            },
            Message::TryAgainPressed => match self.state {
                State::Failed(_) => self.begin(),
                _ => Action::None,
            },
            Message::CancelPressed => self.running().map_or(Action::Close, Action::Abort),
            Message::Discovered { key, .. }
            | Message::Began { key, .. }
            | Message::NotOpened { key, .. }
            | Message::CodeArrived { key }
            | Message::OtherSite { key, .. }
            | Message::Answered { key, .. }
                if self.running() != Some(key) =>
            {
                Action::None
            }
            reported => self.reported(reported),
        }
    }

    /// The work's own reports; stale ones never come here.
    fn reported(&mut self, message: Message) -> Action {
        match message {
            Message::Discovered {
                site, offers_code, ..
            } => {
                self.site = Some(site);
                self.offers_code = offers_code;
                Action::None
            }
            Message::Began { key, address, left } => {
                self.state = State::Waiting(Box::new(Waiting {
                    key,
                    address,
                    left,
                    browser: Browser::Opened,
                    is_copied: false,
                }));
                focus(OPEN_AGAIN)
            }
            Message::NotOpened { problem, .. } => {
                if let State::Waiting(waiting) = &mut self.state {
                    waiting.browser = Browser::NotOpened(problem);
                }
                Action::None
            }
            Message::CodeArrived { key } => {
                self.state = State::Finishing(key);
                Action::None
            }
            Message::OtherSite { site, problem, .. } => {
                self.state = State::OtherSite { site, problem };
                // To go on is no matter for a quick Enter.
                focus(CANCEL)
            }
            Message::Answered {
                result: Ok(ready), ..
            } => Action::Done(ready),
            Message::Answered {
                result: Err(problem), ..
            } => {
                self.state = State::Failed(problem);
                focus(TRY_AGAIN)
            }
            _ => Action::None,
        }
    }

    fn open_again(&mut self) -> Action {
        match &mut self.state {
            State::Waiting(waiting) => {
                waiting.browser = Browser::Opened;
                Action::OpenAgain(waiting.address.clone())
            }
            _ => Action::None,
        }
    }

    fn site(&self) -> &str {
        self.site
            .as_deref()
            .unwrap_or_else(|| self.domain.host_and_port())
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let content: Element<'_, Message> = match &self.state {
            State::Preparing(_) => {
                let words = format!("Asking {} how to sign in", self.domain.host_and_port());
                stage(text::body(words).into(), None)
            }
            State::Waiting(waiting) => self.waiting_view(waiting),
            State::Finishing(_) => {
                let words = column![
                    text::strong("Back from the browser"),
                    text::body("Finishing the sign-in.")
                ];
                stage(words.into(), None)
            }
            State::OtherSite { site, problem } => {
                shown::other_site(problem, site, Message::GoOnPressed).into()
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
        let dialog = Dialog::new("browser-wait", self.title(), content)
            .eyebrow(self.service.title())
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

    fn title(&self) -> String {
        format!("Sign in to {}", self.domain.host_and_port())
    }

    fn waiting_view<'a>(&'a self, waiting: &'a Waiting) -> Element<'a, Message> {
        let words = column![
            text::strong(format!("You sign in at {}", self.site())),
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
        let mut parts: Column<'_, Message> =
            column![stage(words.into(), Some(waiting.left))].spacing(spacing::L);
        match &waiting.browser {
            Browser::Opened => {
                let copy = button::link(copy)
                    .id("browser-copy")
                    .on_press(Message::CopyPressed);
                parts = parts.push(row![open_again, copy].spacing(spacing::S).align_y(Center));
            }
            Browser::NotOpened(problem) => {
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
    let line = row![
        crate::ui::progress::activity(),
        container(words).width(Length::Fill),
        left
    ];
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
