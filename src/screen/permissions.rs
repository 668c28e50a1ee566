//! What a token of a repository may do, as part of a dialog: three usual choices, and every permission by itself.
//!
//! A repository takes a token without scopes for one that may do everything (repository reference, section 1.2). So no
//! choice here ends there by leaving something out: it is made by name, or the dialog cannot go on.

use std::collections::BTreeSet;
use std::fmt;

use iced::Element;
use iced::widget::{Column, column, container};

use super::{Key, shown};
use crate::error::Problem;
use crate::repository::{Extent, Scope};
use crate::ui::check_box::check_box;
use crate::ui::icon::Icon;
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// The id of the usual choices.
pub const PRESET: &str = "token-preset";

/// The scope that is the same as no limit at all.
const ALL: &str = "all";

/// The scopes of every repository that is known, for one that does not list its own (seed 004).
const USUAL: [(&str, &str); 11] = [
    ("all", "Allow all operations"),
    ("api", "Allow all API operations"),
    ("api:modify-group", "Allow addition and modification of groups"),
    ("api:read", "Allow read access to the API site"),
    ("api:write", "Allow write access to the API site"),
    ("conda", "Allow all operations on conda repositories"),
    (
        "conda:download",
        "Allow private downloads from conda repositories",
    ),
    ("pypi", "Allow all operations on PyPI repositories"),
    ("pypi:download", "Allow private downloads from PyPI repositories"),
    ("pypi:upload", "Allow uploads to PyPI repositories"),
    ("repos", "Allow access to all package repositories"),
];

const DOWNLOAD: [&str; 2] = ["conda:download", "repos"];
const DOWNLOAD_AND_PIP: [&str; 3] = ["conda:download", "pypi:download", "repos"];

/// The usual choices. `Display` is their label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    Download,
    DownloadAndPip,
    Everything,
    /// None of the others: what is ticked.
    AsTicked,
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Download => "Download packages",
            Self::DownloadAndPip => "Download and pip",
            Self::Everything => "Everything",
            Self::AsTicked => "As ticked",
        })
    }
}

/// The choice so far.
#[derive(Debug, Clone)]
pub struct Permissions {
    choice: Choice,
    list: List,
    is_unfolded: bool,
}

#[derive(Debug, Clone)]
enum Choice {
    Everything,
    Scopes(BTreeSet<String>),
}

/// What the server says there is.
#[derive(Debug, Clone)]
enum List {
    NotAsked,
    Asked(Key),
    Told(Vec<Scope>),
    /// It said nothing that could be used; the usual ones stand in.
    NotTold(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    PresetChosen(Preset),
    FoldToggled,
    Ticked {
        scope: String,
        is_ticked: bool,
    },
    /// The server's own list.
    Told {
        key: Key,
        result: Result<Vec<Scope>, Problem>,
    },
}

/// What the dialog has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    None,
    /// Ask the server for its list.
    Ask(Key),
}

fn set(scopes: &[&str]) -> BTreeSet<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

impl Permissions {
    /// Downloading conda packages, and nothing else.
    pub fn new() -> Self {
        Self {
            choice: Choice::Scopes(set(&DOWNLOAD)),
            list: List::NotAsked,
            is_unfolded: false,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::PresetChosen(preset) => match preset {
                Preset::Download => self.choice = Choice::Scopes(set(&DOWNLOAD)),
                Preset::DownloadAndPip => self.choice = Choice::Scopes(set(&DOWNLOAD_AND_PIP)),
                Preset::Everything => self.choice = Choice::Everything,
                Preset::AsTicked => {}
            },
            Message::FoldToggled => {
                self.is_unfolded = !self.is_unfolded;
                if self.is_unfolded && matches!(self.list, List::NotAsked | List::NotTold(_)) {
                    let key = Key::fresh();
                    self.list = List::Asked(key);
                    return Action::Ask(key);
                }
            }
            Message::Ticked { scope, is_ticked } => {
                if let Choice::Scopes(scopes) = &mut self.choice {
                    if is_ticked {
                        scopes.insert(scope);
                    } else {
                        scopes.remove(&scope);
                    }
                }
            }
            Message::Told { key, result } => {
                if matches!(self.list, List::Asked(own) if own == key) {
                    self.list = match result {
                        Ok(scopes) => List::Told(scopes),
                        Err(problem) => List::NotTold(problem),
                    };
                }
            }
        }
        Action::None
    }

    fn preset(&self) -> Preset {
        match &self.choice {
            Choice::Everything => Preset::Everything,
            Choice::Scopes(scopes) if *scopes == set(&DOWNLOAD) => Preset::Download,
            Choice::Scopes(scopes) if *scopes == set(&DOWNLOAD_AND_PIP) => Preset::DownloadAndPip,
            Choice::Scopes(_) => Preset::AsTicked,
        }
    }

    /// What the token is to be allowed; `None` while nothing is.
    pub fn extent(&self) -> Option<Extent> {
        match &self.choice {
            Choice::Everything => Some(Extent::Everything),
            Choice::Scopes(scopes) if scopes.is_empty() => None,
            Choice::Scopes(scopes) => Some(Extent::Scopes(scopes.iter().cloned().collect())),
        }
    }

    pub fn view(&self, is_enabled: bool) -> Element<'_, Message> {
        let presets = [Preset::Download, Preset::DownloadAndPip, Preset::Everything];
        let choice = segmented(presets, self.preset(), Message::PresetChosen)
            .id(PRESET)
            .enabled(is_enabled);
        let (tone, note) = self.note();
        let note = text::small(note).style(move |theme| match tone {
            Tone::Neutral => style::muted(theme),
            tone => style::toned(tone)(theme),
        });
        let icon = if self.is_unfolded {
            Icon::ChevronDown
        } else {
            Icon::ChevronRight
        };
        let fold = button::small_link("Choose each permission")
            .flush()
            .glyph(icon)
            .id("token-fold")
            .on_press(Message::FoldToggled);
        let above = column![text::small("What the token may do"), choice, note].spacing(spacing::XS);
        let list = self.is_unfolded.then(|| self.list_view(is_enabled));
        column![above, fold, list].spacing(spacing::S).into()
    }

    fn note(&self) -> (Tone, String) {
        const DANGER: &str = "Whoever gets hold of it can upload, change and delete in your name.";
        match (&self.choice, self.preset()) {
            (Choice::Everything, _) => (Tone::Warning, DANGER.to_owned()),
            (Choice::Scopes(scopes), _) if scopes.is_empty() => (
                Tone::Bad,
                "Nothing is ticked, and the repository would take that for everything. Tick what the token may do, \
                 or choose Everything."
                    .to_owned(),
            ),
            (Choice::Scopes(scopes), _) if scopes.contains(ALL) => (Tone::Warning, DANGER.to_owned()),
            (_, Preset::Download) => (
                Tone::Neutral,
                "conda downloads private packages with it (conda:download, repos).".to_owned(),
            ),
            (_, Preset::DownloadAndPip) => (
                Tone::Neutral,
                "conda and pip download private packages with it (conda:download, pypi:download, repos).".to_owned(),
            ),
            (Choice::Scopes(scopes), _) => {
                let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
                (Tone::Neutral, scopes.join(", "))
            }
        }
    }

    fn list_view(&self, is_enabled: bool) -> Element<'_, Message> {
        let usual = || {
            USUAL
                .map(|(name, words)| (name.to_owned(), words.to_owned()))
                .to_vec()
        };
        let (problem, scopes) = match &self.list {
            List::NotAsked | List::Asked(_) => return shown::working("Asking the repository for its list"),
            List::Told(scopes) => {
                let scopes = scopes
                    .iter()
                    .map(|scope| (scope.name.clone(), scope.description.clone()));
                (None, scopes.collect())
            }
            List::NotTold(problem) => (Some(problem), usual()),
        };
        let note = problem.map(|problem| {
            let why = shown::sentence(&problem.message);
            text::small(format!("These are the usual ones. {why}")).style(style::muted)
        });
        let boxes = self
            .with_the_chosen(scopes)
            .into_iter()
            .map(|(name, description)| self.tick(name, description, is_enabled));
        let boxes = Column::with_children(boxes).spacing(spacing::S);
        container(column![note, boxes].spacing(spacing::S))
            .padding(spacing::M)
            .width(iced::Fill)
            .style(style::well)
            .into()
    }

    /// What is chosen stays in sight, also where the server does not list it.
    fn with_the_chosen(&self, mut scopes: Vec<(String, String)>) -> Vec<(String, String)> {
        if let Choice::Scopes(chosen) = &self.choice {
            let missing: Vec<&String> = chosen
                .iter()
                .filter(|scope| scopes.iter().all(|(name, _)| name != *scope))
                .collect();
            let missing = missing
                .into_iter()
                .map(|scope| (scope.clone(), "Not in the list of this repository".to_owned()));
            scopes.extend(missing);
        }
        scopes
    }

    fn tick<'a>(&self, name: String, description: String, is_enabled: bool) -> Element<'a, Message> {
        let (is_ticked, is_open) = match &self.choice {
            Choice::Everything => (true, false),
            Choice::Scopes(scopes) => (scopes.contains(&name), is_enabled),
        };
        let tick = check_box(is_ticked)
            .explained_label(name.clone(), description)
            .id(format!("scope-{name}"));
        let tick = if is_open {
            tick.on_toggle(move |is_ticked| Message::Ticked {
                scope: name.clone(),
                is_ticked,
            })
        } else {
            tick
        };
        tick.into()
    }
}

#[cfg(test)]
#[path = "permissions_tests.rs"]
mod tests;
