//! The Preferences page: every setting with where it stands, changed together by **Apply**.
//!
//! What is typed is checked at once. Domains are asked in the background before they are stored; one that does not
//! answer can be saved anyway. Look and text size are shown as they will be while they are chosen.
//!
//! The view fills its place and brings its own margins; it needs a [`modal`](crate::ui::modal::modal) around the window
//! for Tab to work.

mod connection;
mod draft;
mod fields;
mod page;
mod section;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iced::Element;

use super::Key;
use super::typed::Typed;
use crate::error::Problem;
use crate::repository::{BinstarApi, Domain};
use crate::service::configuration::ConfigurationFile;
use crate::service::preferences::{
    Appearance, CondaTrust, Contrast, Field, NavigatorNames, Settings, Shown, TextSize,
};
pub use draft::ProxyKind;
use draft::{Draft, Fault};

/// The page.
#[derive(Debug)]
pub struct Preferences {
    home: PathBuf,
    /// What stands in the files; nothing while that is read for the first time.
    shown: Option<Shown>,
    draft: Draft,
    environments: Vec<EnvironmentChoice>,
    state: State,
    /// Why domains that were asked did not answer.
    unanswered: BTreeMap<Field, Problem>,
    /// Why it was not applied.
    problem: Option<Problem>,
}

/// What is under way.
#[derive(Debug, Clone)]
enum State {
    Ready,
    Reading(Key),
    /// Domains are asked; then everything is applied.
    Checking {
        key: Key,
        asked: Box<Asked>,
    },
    Applying {
        key: Key,
        asked: Box<Asked>,
    },
}

/// What is to be applied, and what the controls held then.
#[derive(Debug, Clone)]
struct Asked {
    to: Settings,
    draft: Draft,
}

/// An environment to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentChoice {
    pub name: String,
    pub prefix: PathBuf,
}

/// How the window looks while it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub appearance: Appearance,
    pub contrast: Contrast,
    pub text_size: TextSize,
}

/// An address to be asked before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    Server {
        domain: Domain,
        ca_file: Option<PathBuf>,
    },
    /// An Anaconda Repository, or Anaconda.org.
    Repository(BinstarApi),
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// The files were read.
    Read {
        key: Key,
        shown: Box<Shown>,
        environments: Vec<EnvironmentChoice>,
    },
    /// Another program may have changed a file.
    FilesTouched,

    Typed(Field, Typed),
    Toggled(Field, bool),
    ProxyChosen(ProxyKind),
    TrustChosen(CondaTrust),
    EnvironmentChosen(Option<PathBuf>),
    AppearanceChosen(Appearance),
    TextSizeChosen(TextSize),
    NamesChosen(NavigatorNames),
    /// Back to the default.
    ResetPressed(Field),
    /// Back to what stands in the file.
    RevertPressed(Field),

    ApplyPressed,
    SaveAnywayPressed,
    CancelPressed,
    DiscardPressed,
    /// Every domain was asked; those that did not answer.
    Checked {
        key: Key,
        unanswered: Vec<(Field, Problem)>,
    },
    /// It was applied, as this entry of the history where anything changed.
    Applied {
        key: Key,
        result: Result<Option<String>, Problem>,
    },
    ConfigurePressed(ConfigurationFile),
}

/// What the parent has to do.
#[derive(Debug, PartialEq)]
pub enum Action {
    None,
    /// Read what the files say, and which environments there are.
    Read(Key),
    /// Ask the domains.
    Check {
        key: Key,
        questions: Vec<(Field, Question)>,
    },
    /// Stop asking.
    Abort(Key),
    Apply {
        key: Key,
        from: Box<Settings>,
        to: Box<Settings>,
    },
    /// It was applied. The page reads the files again.
    Done {
        entry: Option<String>,
        read: Key,
    },
    Configure(ConfigurationFile),
}

impl Preferences {
    /// The page, which asks to be told what the files say.
    pub fn new(home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let screen = Self {
            home: home.to_owned(),
            shown: None,
            draft: Draft::default(),
            environments: Vec::new(),
            state: State::Reading(key),
            unanswered: BTreeMap::new(),
            problem: None,
        };
        (screen, Action::Read(key))
    }

    /// How the window is to look while this page is shown; nothing before the files are read.
    pub fn look(&self) -> Option<Look> {
        self.shown.as_ref().map(|_| Look {
            appearance: self.draft.appearance,
            contrast: self.draft.contrast,
            text_size: self.draft.text_size,
        })
    }

    /// Reads the files again, as when the page is shown again. What was typed and not applied stays.
    pub fn refresh(&mut self) -> Action {
        match self.state {
            State::Ready | State::Reading(_) => {
                let key = Key::fresh();
                self.state = State::Reading(key);
                Action::Read(key)
            }
            State::Checking { .. } | State::Applying { .. } => Action::None,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Read {
                key,
                shown,
                environments,
            } => {
                if matches!(self.state, State::Reading(own) if own == key) {
                    self.state = State::Ready;
                    self.environments = environments;
                    self.take_over(*shown);
                }
                Action::None
            }
            Message::FilesTouched => self.refresh(),
            Message::Checked { key, unanswered } => self.checked(key, unanswered),
            Message::Applied { key, result } => self.applied(key, result),
            Message::ApplyPressed => self.apply(),
            Message::SaveAnywayPressed => self.save_anyway(),
            Message::CancelPressed => match &self.state {
                State::Checking { key, .. } => {
                    let key = *key;
                    self.state = State::Ready;
                    Action::Abort(key)
                }
                _ => Action::None,
            },
            Message::ConfigurePressed(file) => Action::Configure(file),
            change => {
                self.change(change);
                Action::None
            }
        }
    }

    /// A change of the draft.
    fn change(&mut self, message: Message) {
        let Some(shown) = &self.shown else { return };
        self.problem = None;
        let field = match message {
            Message::Typed(field, text) => {
                self.draft.set_text(field, text);
                field
            }
            Message::Toggled(field, is_on) => {
                self.draft.set_switch(field, is_on);
                field
            }
            Message::ProxyChosen(kind) => {
                self.draft.proxy_kind = kind;
                Field::Proxy
            }
            Message::TrustChosen(trust) => {
                self.draft.conda_trust = trust;
                Field::CondaTrust
            }
            Message::EnvironmentChosen(prefix) => {
                self.draft.default_environment = prefix;
                Field::DefaultEnvironment
            }
            Message::AppearanceChosen(appearance) => {
                self.draft.appearance = appearance;
                Field::Appearance
            }
            Message::TextSizeChosen(size) => {
                self.draft.text_size = size;
                Field::TextSize
            }
            Message::NamesChosen(names) => {
                self.draft.navigator_names = names;
                Field::NavigatorNames
            }
            Message::ResetPressed(field) => {
                self.draft.copy(&Draft::default(), field);
                field
            }
            Message::RevertPressed(field) => {
                self.draft.copy(&Draft::of(&shown.settings), field);
                field
            }
            Message::DiscardPressed => {
                self.draft = Draft::of(&shown.settings);
                self.unanswered.clear();
                return;
            }
            _ => return,
        };
        self.unanswered.remove(&field);
    }

    /// The files say this now. What was not edited here follows them.
    fn take_over(&mut self, shown: Shown) {
        let after = Draft::of(&shown.settings);
        match &self.shown {
            None => self.draft = after,
            Some(before) => self.draft.follow(&Draft::of(&before.settings), &after),
        }
        self.shown = Some(shown);
    }

    fn apply(&mut self) -> Action {
        let Some(to) = self.to_apply() else {
            return Action::None;
        };
        let key = Key::fresh();
        let questions = self.questions(&to);
        self.unanswered.clear();
        if questions.is_empty() {
            return self.begin(self.asked(to));
        }
        self.state = State::Checking {
            key,
            asked: Box::new(self.asked(to)),
        };
        Action::Check { key, questions }
    }

    /// What is to be applied: nothing unless something has changed and everything is right.
    fn to_apply(&self) -> Option<Settings> {
        let shown = self.shown.as_ref()?;
        if self.is_busy() || self.changes() == 0 {
            return None;
        }
        self.draft.settings(&shown.settings).ok()
    }

    /// The addresses that are new. While working offline nobody is asked.
    fn questions(&self, to: &Settings) -> Vec<(Field, Question)> {
        let Some(shown) = self.shown.as_ref().filter(|_| !to.is_offline) else {
            return Vec::new();
        };
        let from = &shown.settings;
        let mut questions = Vec::new();
        let changed = |before: &Option<String>, after: &Option<String>| match after {
            Some(address) if before != after => Some(address.clone()),
            _ => None,
        };
        if let Some(Ok(domain)) =
            changed(&from.server_domain, &to.server_domain).map(|address| Domain::parse(&address))
        {
            let ca_file = to.ca_file.clone();
            questions.push((Field::ServerDomain, Question::Server { domain, ca_file }));
        }
        for (field, before, after) in [
            (Field::AnacondaOrgDomain, &from.anaconda_org, &to.anaconda_org),
            (Field::RepositoryDomain, &from.repository, &to.repository),
        ] {
            if let Some(Ok(api)) = changed(before, after).map(|address| BinstarApi::parse(&address)) {
                questions.push((field, Question::Repository(api)));
            }
        }
        questions
    }

    fn asked(&self, to: Settings) -> Asked {
        Asked {
            to,
            draft: self.draft.clone(),
        }
    }

    fn begin(&mut self, asked: Asked) -> Action {
        let Some(shown) = &self.shown else {
            return Action::None;
        };
        let key = Key::fresh();
        let from = Box::new(shown.settings.clone());
        let to = Box::new(asked.to.clone());
        self.state = State::Applying {
            key,
            asked: Box::new(asked),
        };
        Action::Apply { key, from, to }
    }

    fn checked(&mut self, key: Key, unanswered: Vec<(Field, Problem)>) -> Action {
        let State::Checking { key: own, asked } = &self.state else {
            return Action::None;
        };
        if *own != key {
            return Action::None;
        }
        if unanswered.is_empty() {
            let asked = (**asked).clone();
            return self.begin(asked);
        }
        self.state = State::Ready;
        self.unanswered = unanswered.into_iter().collect();
        Action::None
    }

    fn save_anyway(&mut self) -> Action {
        match &self.state {
            // The work that asks is dropped by the parent when its answer is not awaited any more.
            State::Checking { asked, .. } => {
                let asked = (**asked).clone();
                self.begin(asked)
            }
            _ => match self.to_apply() {
                Some(to) => {
                    self.unanswered.clear();
                    self.begin(self.asked(to))
                }
                None => Action::None,
            },
        }
    }

    fn applied(&mut self, key: Key, result: Result<Option<String>, Problem>) -> Action {
        let State::Applying { key: own, asked } = &self.state else {
            return Action::None;
        };
        if *own != key {
            return Action::None;
        }
        match result {
            Err(problem) => {
                self.problem = Some(problem);
                self.state = State::Ready;
                Action::None
            }
            Ok(entry) => {
                // So that what is read next is not taken for somebody else's change. What was not edited since shows as
                // it is stored.
                let Asked { to, draft } = (**asked).clone();
                self.draft.follow(&draft, &Draft::of(&to));
                if let Some(shown) = &mut self.shown {
                    shown.settings = to;
                }
                let read = Key::fresh();
                self.state = State::Reading(read);
                Action::Done { entry, read }
            }
        }
    }

    fn is_busy(&self) -> bool {
        matches!(self.state, State::Checking { .. } | State::Applying { .. })
    }

    /// How many settings differ from the files.
    fn changes(&self) -> usize {
        Field::ALL
            .into_iter()
            .filter(|field| self.is_changed(*field))
            .count()
    }

    fn is_changed(&self, field: Field) -> bool {
        self.shown
            .as_ref()
            .is_some_and(|shown| !self.draft.is_same(&Draft::of(&shown.settings), field))
    }

    /// What is wrong with what is typed.
    fn fault(&self, field: Field) -> Option<Fault> {
        self.draft.fault(field)
    }

    fn can_apply(&self) -> bool {
        self.to_apply().is_some()
    }

    pub fn view(&self) -> Element<'_, Message> {
        page::view(self)
    }
}

#[cfg(test)]
mod tests;
