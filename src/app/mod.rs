//! The root of the window: boots the services, gives every message to its screen, and turns what a screen asks for into
//! work over the services. It owns no rule of the domain.

mod access;
mod account_tokens;
mod boot;
mod change;
mod channels;
mod clients;
mod configuration_editor;
mod connect;
mod demo;
mod display;
mod doctor;
mod domain;
mod environment_dialogs;
mod environment_sizes;
mod environments;
mod frame;
mod history;
mod manage_channels;
mod notice;
mod package_index;
mod packages;
mod preferences;
mod put_back;
mod repair;
mod repository;
mod restart;
mod route;
mod sign_in;
mod single_sign_on;
mod standing;
mod tokens;
mod update;
mod upload;
mod watching;
mod work;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iced::{Subscription, Task, Theme, theme};

use crate::credential::Place;
use crate::error::Problem;
use crate::repository::{Domain, TlsFailure};
use crate::screen::anaconda_org_login::{self, AnacondaOrgLogin};
use crate::screen::browser_wait::{self, BrowserWait};
use crate::screen::certificate::{self, CertificateDialog};
use crate::screen::clients::Clients;
use crate::screen::cloud_token::{self, CloudToken};
use crate::screen::connect::Connect;
use crate::screen::device_code::{self, DeviceCode};
use crate::screen::doctor::{self as doctor_page, Doctor};
use crate::screen::environments::{self as environments_page, Environments};
use crate::screen::history::details::{self, Details};
use crate::screen::history::versions::{self, Versions};
use crate::screen::history::{self as history_page, History};
use crate::screen::left_behind::{self, LeftBehindDialog};
use crate::screen::login::{self, Login};
use crate::screen::package_index as package_index_dialog;
use crate::screen::packages::basket_dialog::{self, BasketDialog};
use crate::screen::packages::change::{self as change_dialog, Refusal};
use crate::screen::packages::{self as packages_page, Basket, Packages};
use crate::screen::proxy_login::{self, ProxyLogin};
use crate::screen::put_back::PutBackDialog;
use crate::screen::renew::{self, Renew};
use crate::screen::repair::{self as repair_dialog, RepairDialog};
use crate::screen::replace::{self, Replace};
use crate::screen::repository_login::{self, RepositoryLogin};
use crate::screen::review::{self, Review};
use crate::screen::set_domain::{self, SetDomain};
use crate::screen::tokens::Tokens;
use crate::screen::upload::{self as upload_dialog, Upload};
use crate::screen::{self, Key};
use crate::service::Services;
use crate::service::configuration::{ConfigurationFile, EditedFile};
use crate::service::connection::Service;
use crate::service::recover::Recovery;
use crate::service::sign_in::Replacing;
use crate::service::tokens::TokenHealth;
use crate::service::undo::Undone;
use crate::service::watch::Changed;
use crate::ui::keyboard::{Intent, intent};

pub use boot::{application, run};
pub use demo::Demonstration;
use notice::Notice;
use standing::Standing;
use work::Works;

/// One change of the person's files at a time, within this process; the lock file keeps other processes out.
type Turn = Arc<tokio::sync::Mutex<()>>;

const SECOND: Duration = Duration::from_secs(1);

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
    /// What the system says about light and dark.
    system_theme: theme::Mode,
    page: Page,
    environments: Environments,
    /// The packages of one environment, in the place of the list.
    packages: Option<Packages>,
    /// What was marked in environments whose packages are not shown.
    baskets: HashMap<PathBuf, Basket>,
    index: package_index::Place,
    /// The search of the index that is waited for.
    searching: Option<Key>,
    /// The counting of sizes that is under way.
    measuring: Option<Key>,
    change: Option<change::Change>,
    history: Option<History>,
    channels: channels::Place,
    manage_channels: manage_channels::Place,
    tokens: Option<Tokens>,
    access: Option<screen::access::Access>,
    preferences: preferences::Place,
    clients: Option<Clients>,
    doctor: Option<Doctor>,
    upload: Option<Upload>,
    dialog: Option<Dialog>,
    /// The dialog in which the credentials were given that the review is about, for going back to it.
    behind: Option<Dialog>,
    /// The sign-in under way.
    flow: Flow,
    /// The domain that was checked last.
    checked: Option<domain::Check>,
    works: Works,
    notices: Vec<Notice>,
    /// What this run learnt about the services.
    met: Met,
}

/// The pages of the navigation rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Environments,
    Channels,
    Tokens,
    Access,
    Preferences,
    Clients,
    Doctor,
    History,
}

/// The dialog above the page; at most one.
enum Dialog {
    Connect(Connect),
    Replace(Replace),
    SetDomain(SetDomain),
    Login(Login),
    CloudToken(CloudToken),
    BrowserWait(BrowserWait),
    DeviceCode(DeviceCode),
    RepositoryLogin(Box<RepositoryLogin>),
    AnacondaOrgLogin(AnacondaOrgLogin),
    Certificate(CertificateDialog),
    Proxy(ProxyLogin),
    Review(Review),
    Renew(Renew),
    Token(screen::tokens::dialog::Dialog),
    Access(screen::access::dialog::Dialog),
    PutBack(PutBackDialog),
    Details(Details),
    Versions(Box<Versions>),
    Repair(Box<RepairDialog>),
    LeftBehind(Box<LeftBehindDialog>),
    Environment(environments_page::dialog::Dialog),
    Basket(BasketDialog),
    /// The change that is under way.
    Change,
    /// The update of the index.
    Index,
    /// Files that are uploaded.
    Upload,
}

impl Dialog {
    /// Whether what was given in it can be given again.
    fn asks_for_credentials(&self) -> bool {
        matches!(
            self,
            Self::Login(_) | Self::CloudToken(_) | Self::RepositoryLogin(_) | Self::AnacondaOrgLogin(_)
        )
    }
}

#[derive(Debug, Clone, Default)]
struct Met {
    ca_file: Option<PathBuf>,
    facts: String,
    /// The repository that answered last.
    repository: Option<domain::Repository>,
    /// Who signed in where.
    names: HashMap<Service, String>,
}

/// A sign-in on its way from the Connect dialog to the review.
#[derive(Debug, Clone, Default)]
struct Flow {
    source: Source,
    /// What is done about another repository service.
    replacing: Replacing,
}

/// Where a sign-in gets its credentials from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Source {
    /// The person is asked for them.
    #[default]
    Asked,
    /// Another program has signed in already.
    Found,
}

/// Everything that happens to the window.
#[derive(Debug, Clone)]
pub enum Message {
    PageChosen(Page),
    ConnectPressed,
    KeyPressed(Intent),
    SystemThemeFound(theme::Mode),
    PreferencesStored(Result<(), Problem>),
    CheckAgainPressed,
    StandingRead(Box<Standing>),
    SecretsPlaced(Place),
    /// Files have changed on disk, whoever did it.
    FilesChanged(Changed),
    /// What they say since then.
    StandingFound(Box<Standing>),

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

    Environments(environments_page::Message),
    Environment(environments_page::dialog::Message),
    /// What stands against a deed is known.
    EnvironmentLookedAt(environments_page::Deed, Box<environments_page::Environment>),
    EnvironmentChanged(Box<environments::DeedEnd>),
    /// A terminal shows itself; only a failure has to be told.
    TerminalOpened(Result<(), Problem>),
    Packages(packages_page::Message),
    Basket(basket_dialog::Message),
    Change(change_dialog::Message),
    ChangePlanned {
        key: Key,
        result: Result<Box<change::Planned>, Box<Refusal>>,
    },
    ChangeEnded {
        key: Key,
        result: Result<Box<change::Changed>, change_dialog::End>,
    },
    Upload(upload_dialog::Message),
    /// A file was let fall on the window.
    FileDropped(PathBuf),
    Index(package_index_dialog::Message),
    IndexOpened(Result<Box<package_index::Opened>, Problem>),
    ChannelsOpened(Result<Box<channels::Opening>, Problem>),
    ChannelsApplied(Result<channels::Applied, Problem>),
    Channels(screen::channels::Message),
    ManageChannels(screen::manage_channels::Message),
    /// Every channel that was asked has answered.
    ChannelsChecked(Key),
    ArrangementApplied(Result<Option<crate::edit::history::Entry>, Problem>),
    History(history_page::Message),
    Connect(screen::connect::Message),
    Replace(replace::Message),
    SetDomain(set_domain::Message),
    Login(login::Message),
    CloudToken(cloud_token::Message),
    BrowserWait(browser_wait::Message),
    DeviceCode(device_code::Message),
    RepositoryLogin(repository_login::Message),
    AnacondaOrgLogin(anaconda_org_login::Message),
    Certificate(certificate::Message),
    Proxy(proxy_login::Message),
    /// A second has passed while a dialog counts time down.
    Ticked(Instant),
    /// An address was to be opened in the browser.
    NotOpened(Problem),
    Review(review::Message),
    Tokens(screen::tokens::Message),
    Token(screen::tokens::dialog::Message),
    Access(screen::access::Message),
    AccessDialog(screen::access::dialog::Message),
    Preferences(screen::preferences::Message),
    /// A file is to be opened in the editor.
    EditPressed(ConfigurationFile),
    EditorOpened {
        key: Key,
        result: Result<Box<EditedFile>, Problem>,
    },
    ConfigurationEditor(screen::configuration_editor::Message),
    /// The window is here; the program starts itself anew.
    WindowPlaced(restart::Placement),
    Restarted(Result<(), Problem>),
    WindowCloseAsked,
    /// The person comes back from another window, in which environments may have changed.
    WindowFocused,
    Clients(screen::clients::Message),
    Doctor(doctor_page::Message),
    /// The certificate that a server shows, and why it is not accepted; nothing when it is.
    CertificateSeen(Result<(Domain, Option<Box<TlsFailure>>), Problem>),
    Renew(renew::Message),
    PutBack(screen::put_back::Message),
    Details(details::Message),
    Versions(versions::Message),
    RepairPressed,
    Repair(repair_dialog::Message),
    LeftBehind(left_behind::Message),

    /// So many changes of others were recorded.
    ChangesNoticed(Result<usize, Problem>),
    MendPressed(history::Mending),
    Mended(Result<history::Mended, Problem>),
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
            system_theme: theme::Mode::default(),
            met: Met {
                names: standing.names(),
                ..Met::default()
            },
            home,
            turn: Turn::default(),
            demonstration,
            unreachable: None,
            page: Page::Environments,
            environments,
            packages: None,
            baskets: HashMap::new(),
            index: package_index::Place::default(),
            searching: None,
            measuring: None,
            change: None,
            history: None,
            channels: channels::Place::default(),
            manage_channels: manage_channels::Place::default(),
            tokens: None,
            access: None,
            preferences: preferences::Place::default(),
            clients: None,
            doctor: None,
            upload: None,
            dialog: None,
            behind: None,
            flow: Flow::default(),
            checked: None,
            works: Works::default(),
            notices: Vec::new(),
            services,
            standing,
            secrets: None,
        };
        let mut tasks = vec![
            iced::system::theme().map(Message::SystemThemeFound),
            app.environments_acted(load),
            app.find_secrets(),
            app.sweep(),
        ];
        if app.standing.repository().is_none()
            && let Some(found) = app.standing.found()
        {
            let notice = notice::of_found(found);
            tasks.push(app.notify(notice));
        }
        tasks.push(match app.standing.needs_recovery {
            true => app.recover(),
            false => app.notice_changes(),
        });
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
            (Some(Dialog::BrowserWait(_) | Dialog::DeviceCode(_)), _) => "Sign in",
            (Some(Dialog::RepositoryLogin(_) | Dialog::AnacondaOrgLogin(_)), _) => "Login",
            (Some(Dialog::Certificate(_)), _) => "Certificate",
            (Some(Dialog::Proxy(_)), _) => "Proxy",
            (Some(Dialog::Review(_)), _) => "Review",
            (Some(Dialog::Renew(_)), _) => "Renew",
            (Some(Dialog::Token(dialog)), _) => dialog.title(),
            (Some(Dialog::Access(dialog)), _) => dialog.title(),
            (Some(Dialog::PutBack(dialog)), _) => dialog.verb(),
            (Some(Dialog::Details(_)), _) => "Details",
            (Some(Dialog::Versions(_)), _) => "Earlier versions",
            (Some(Dialog::Repair(_)), _) => "Repair",
            (Some(Dialog::LeftBehind(_)), _) => "Channels that are left",
            (Some(Dialog::Environment(dialog)), _) => dialog.title(),
            (Some(Dialog::Basket(_)), _) => "Changes",
            (Some(Dialog::Change), _) => self
                .change
                .as_ref()
                .map_or("Apply", |change| change.dialog.verb()),
            (Some(Dialog::Index), _) => "Package index",
            (Some(Dialog::Upload), _) => "Upload",
            (None, Page::Environments) if self.packages.is_some() => "Packages",
            (None, Page::Environments) => "Environments",
            (None, Page::Channels) => "Channels",
            (None, Page::Tokens) => "Tokens",
            (None, Page::Access) => "Access",
            (None, Page::Preferences) => self
                .preferences
                .editor
                .as_ref()
                .map_or("Preferences", |editor| editor.title()),
            (None, Page::Clients) => "Clients",
            (None, Page::Doctor) => "Doctor",
            (None, Page::History) => "History",
        };
        match &self.demonstration {
            Some(_) => format!("{shown} - Sextant (demonstration)"),
            None => format!("{shown} - Sextant"),
        }
    }

    pub fn theme(&self) -> Theme {
        self.appearance().theme()
    }

    pub fn subscription(&self) -> Subscription<Message> {
        let ticks = if self.is_counting() {
            iced::time::every(SECOND).map(Message::Ticked)
        } else {
            Subscription::none()
        };
        Subscription::batch([
            iced::keyboard::listen().filter_map(|event| intent(&event).map(Message::KeyPressed)),
            iced::system::theme_changes().map(Message::SystemThemeFound),
            iced::window::close_requests().map(|_| Message::WindowCloseAsked),
            iced::event::listen_with(|event, _, _| match event {
                iced::Event::Window(iced::window::Event::Focused) => Some(Message::WindowFocused),
                iced::Event::Window(iced::window::Event::FileDropped(path)) => {
                    Some(Message::FileDropped(path))
                }
                _ => None,
            }),
            ticks,
            self.files_of_others(),
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
