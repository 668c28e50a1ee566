//! The root of the window: boots the services, gives every message to its screen, and turns what a screen asks for into
//! work over the services. It owns no rule of the domain.

mod boot;
mod channels;
mod connect;
mod demo;
mod domain;
mod frame;
mod notice;
mod put_back;
mod route;
mod sign_in;
mod standing;
mod tokens;
mod update;
mod work;

use std::path::PathBuf;
use std::sync::Arc;

use iced::{Subscription, Task, Theme, theme};

use crate::credential::Place;
use crate::edit::history::Entry;
use crate::error::Problem;
use crate::screen::cloud_token::{self, CloudToken};
use crate::screen::connect::Connect;
use crate::screen::environments::{self, Environments};
use crate::screen::history::{self, History};
use crate::screen::login::{self, Login};
use crate::screen::put_back::PutBackDialog;
use crate::screen::renew::{self, Renew};
use crate::screen::replace::{self, Replace};
use crate::screen::review::{self, Review};
use crate::screen::set_domain::{self, SetDomain};
use crate::screen::tokens::Tokens;
use crate::screen::{self, Key};
use crate::service::Services;
use crate::service::connection::Service;
use crate::service::recover::Recovery;
use crate::service::sign_in::Replacing;
use crate::service::tokens::TokenHealth;
use crate::service::undo::Undone;
use crate::ui::keyboard::{Intent, intent};
use crate::ui::theme::{Appearance, Preference};

pub use boot::{application, run};
pub use demo::Demonstration;
use notice::Notice;
use standing::Standing;
use work::Works;

/// One change of the person's files at a time, within this process; the lock file keeps other processes out.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// What the window needs to begin with.
#[derive(Debug, Clone)]
pub struct Start {
    pub services: Services,
    pub demonstration: Option<Demonstration>,
}

/// The state of the window.
pub struct App {
    services: Services,
    home: PathBuf,
    turn: Turn,
    demonstration: Option<Demonstration>,
    standing: Standing,
    /// Where secrets are kept, once the keyring has answered.
    secrets: Option<Place>,
    /// Why the server did not answer the last time the person did something that asked it.
    unreachable: Option<Problem>,
    appearance: Appearance,
    page: Page,
    environments: Environments,
    history: Option<History>,
    channels: channels::Place,
    tokens: Option<Tokens>,
    dialog: Option<Dialog>,
    /// What the sign-in under way does about another repository service.
    replacing: Replacing,
    works: Works,
    notices: Vec<Notice>,
    /// What this run learnt about the server whose domain is set.
    met: Met,
}

/// The pages of the navigation rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Environments,
    Channels,
    Tokens,
    History,
}

/// The dialog above the page; at most one.
enum Dialog {
    Connect(Connect),
    Replace(Replace),
    SetDomain(SetDomain),
    Login(Login),
    CloudToken(CloudToken),
    Review(Review),
    Renew(Renew),
    PutBack(PutBackDialog),
}

#[derive(Debug, Clone, Default)]
struct Met {
    ca_file: Option<PathBuf>,
    facts: String,
    user: String,
}

/// Everything that happens to the window.
#[derive(Debug, Clone)]
pub enum Message {
    PageChosen(Page),
    ConnectPressed,
    KeyPressed(Intent),
    SystemThemeFound(theme::Mode),
    AppearanceChosen(Preference),
    PreferencesStored(Result<(), Problem>),
    CheckAgainPressed,
    StandingRead(Box<Standing>),
    SecretsPlaced(Place),

    /// A piece of work lasts long enough to be shown.
    WorkLasted(Key),
    WorkCancelled(Key),
    /// Work tells how far it is; dropped once it was cancelled.
    Reported(Key, Box<Message>),
    /// Work has ended; dropped if it was cancelled before.
    Answered(Key, Box<Message>),

    NoticePressed(u64),
    NoticeDismissed(u64),
    Recovered(Result<Recovery, Problem>),
    Undone(Result<Box<Undone>, Problem>),
    SignInEnded {
        key: Key,
        end: review::End,
    },
    /// What was cancelled, by its name, has left no trace, or says what it left.
    CleanedUp(&'static str, Result<Recovery, Problem>),
    /// The token that is to be renewed, if it is still there.
    TokenFound(Result<Option<Box<TokenHealth>>, Problem>),

    Environments(environments::Message),
    ChannelsOpened(channels::Opening),
    ChannelsApplied(Result<Option<Entry>, Problem>),
    Channels(screen::channels::Message),
    History(history::Message),
    Connect(screen::connect::Message),
    Replace(replace::Message),
    SetDomain(set_domain::Message),
    Login(login::Message),
    CloudToken(cloud_token::Message),
    Review(review::Message),
    Tokens(screen::tokens::Message),
    Renew(renew::Message),
    PutBack(screen::put_back::Message),
}

impl App {
    /// The window as it opens. Reads local files and asks no network.
    pub fn new(start: Start) -> (Self, Task<Message>) {
        let Start {
            services,
            demonstration,
        } = start;
        let standing = Standing::read(&services);
        let home = services.locations().home.clone();
        let (environments, load) = Environments::new(&home);
        let mut app = Self {
            appearance: Appearance {
                preference: standing.preference(),
                ..Appearance::default()
            },
            met: Met {
                user: standing
                    .of(Service::Server)
                    .map(|server| server.user.clone())
                    .unwrap_or_default(),
                ..Met::default()
            },
            home,
            turn: Turn::default(),
            demonstration,
            unreachable: None,
            page: Page::Environments,
            environments,
            history: None,
            channels: channels::Place::default(),
            tokens: None,
            dialog: None,
            replacing: Replacing::Nothing,
            works: Works::default(),
            notices: Vec::new(),
            services,
            standing,
            secrets: None,
        };
        let mut tasks = vec![
            iced::system::theme().map(Message::SystemThemeFound),
            app.environments_asked(load),
            app.find_secrets(),
        ];
        if app.standing.needs_recovery {
            tasks.push(app.recover());
        }
        (app, Task::batch(tasks))
    }

    /// What the window shows, for the desktop's list of windows. Never holds a name of a server or a person.
    pub fn title(&self) -> String {
        let shown = match (&self.dialog, self.page) {
            (Some(Dialog::Connect(_)), _) => "Connect",
            (Some(Dialog::Replace(_)), _) => "Sign out first",
            (Some(Dialog::SetDomain(_)), _) => "Set Domain",
            (Some(Dialog::Login(_)), _) => "Login",
            (Some(Dialog::CloudToken(_)), _) => "Set Token",
            (Some(Dialog::Review(_)), _) => "Review",
            (Some(Dialog::Renew(_)), _) => "Renew",
            (Some(Dialog::PutBack(dialog)), _) => dialog.verb(),
            (None, Page::Environments) => "Environments",
            (None, Page::Channels) => "Channels",
            (None, Page::Tokens) => "Tokens",
            (None, Page::History) => "History",
        };
        match &self.demonstration {
            Some(_) => format!("{shown} - Sextant (demonstration)"),
            None => format!("{shown} - Sextant"),
        }
    }

    pub fn theme(&self) -> Theme {
        self.appearance.theme()
    }

    pub fn subscription(&self) -> Subscription<Message> {
        Subscription::batch([
            iced::keyboard::listen().filter_map(|event| intent(&event).map(Message::KeyPressed)),
            iced::system::theme_changes().map(Message::SystemThemeFound),
        ])
    }

    /// The page that is shown.
    pub fn page(&self) -> Page {
        self.page
    }

    /// Whether any work is still under way.
    pub fn is_busy(&self) -> bool {
        !self.works.is_empty()
    }

    fn notify(&mut self, notice: Notice) -> Task<Message> {
        // A few at a time: the page below must stay readable.
        const MOST: usize = 2;
        let expiry = notice.expiry();
        // Only the last change is undone from here; the others are in the history.
        if notice.offers_undo() {
            self.notices.retain(|older| !older.offers_undo());
        }
        self.notices.push(notice);
        let surplus = self.notices.len().saturating_sub(MOST);
        self.notices.drain(..surplus);
        expiry
    }
}
