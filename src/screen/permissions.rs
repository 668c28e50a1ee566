//! What a token of a repository may do, as part of a dialog: three usual choices, and every permission by itself.
//!
//! A repository takes a token without scopes for one that may do everything (repository reference, section 1.2). So
//! nothing here ends there by being left out: everything is chosen by name, or the dialog cannot go on.

use std::collections::BTreeSet;
use std::fmt;

use iced::widget::{Column, column, container};
use iced::{Element, Length};

use crate::repository::Scope;
use crate::service::sign_in::repository::{DOWNLOAD_SCOPES, KNOWN_SCOPES};
use crate::ui::check_box::check_box;
use crate::ui::icon::Icon;
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// The id of the usual choices.
pub const PRESET: &str = "token-preset";

/// The scope that is the same as no limit at all.
const ALL: &str = "all";

const PIP_DOWNLOAD: &str = "pypi:download";

/// The usual choices. `Display` is their label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    Download,
    DownloadAndPip,
    Everything,
    /// None of the others: what is ticked.
    AsTicked,
}

impl Preset {
    const OFFERED: [Self; 3] = [Self::Download, Self::DownloadAndPip, Self::Everything];

    /// The scopes that it stands for.
    fn scopes(self) -> BTreeSet<String> {
        let scopes: &[&str] = match self {
            Self::Download => &DOWNLOAD_SCOPES,
            Self::DownloadAndPip => &[DOWNLOAD_SCOPES[0], DOWNLOAD_SCOPES[1], PIP_DOWNLOAD],
            Self::Everything => &[ALL],
            Self::AsTicked => &[],
        };
        scopes.iter().map(|scope| (*scope).to_owned()).collect()
    }
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
    chosen: BTreeSet<String>,
    /// What there is to choose from.
    scopes: Vec<Scope>,
    is_unfolded: bool,
}

#[derive(Debug, Clone)]
pub enum Message {
    PresetChosen(Preset),
    FoldToggled,
    Ticked { scope: String, is_ticked: bool },
}

impl Default for Permissions {
    fn default() -> Self {
        Self::new()
    }
}

impl Permissions {
    /// Downloading conda packages, and nothing else. To choose from are the scopes of every repository that is known.
    pub fn new() -> Self {
        let known = KNOWN_SCOPES.iter().map(|(name, description)| Scope {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
        });
        Self {
            chosen: Preset::Download.scopes(),
            scopes: known.collect(),
            is_unfolded: false,
        }
    }

    /// Takes over the server's own list.
    pub fn tell(&mut self, scopes: Vec<Scope>) {
        self.scopes = scopes;
    }

    pub fn update(&mut self, message: Message) {
        match message {
            Message::PresetChosen(Preset::AsTicked) => {}
            Message::PresetChosen(preset) => self.chosen = preset.scopes(),
            Message::FoldToggled => self.is_unfolded = !self.is_unfolded,
            Message::Ticked { scope, is_ticked } => {
                if is_ticked {
                    self.chosen.insert(scope);
                } else {
                    self.chosen.remove(&scope);
                }
            }
        }
    }

    fn preset(&self) -> Preset {
        let is_it = |preset: &Preset| preset.scopes() == self.chosen;
        Preset::OFFERED
            .into_iter()
            .find(is_it)
            .unwrap_or(Preset::AsTicked)
    }

    /// The scopes of the token; `None` while there are none.
    pub fn scopes(&self) -> Option<Vec<String>> {
        (!self.chosen.is_empty()).then(|| self.chosen.iter().cloned().collect())
    }

    pub fn view(&self, is_enabled: bool) -> Element<'_, Message> {
        let choice = segmented(Preset::OFFERED, self.preset(), Message::PresetChosen)
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
        if self.chosen.is_empty() {
            let words = "Nothing is ticked, and the repository would take that for everything. Tick what the token may \
                         do, or choose Everything.";
            return (Tone::Bad, words.to_owned());
        }
        if self.chosen.contains(ALL) {
            let words = "Whoever gets hold of it can upload, change and delete in your name.";
            return (Tone::Warning, words.to_owned());
        }
        let scopes: Vec<&str> = self.chosen.iter().map(String::as_str).collect();
        let scopes = scopes.join(", ");
        let words = match self.preset() {
            Preset::Download => format!("conda downloads private packages with it ({scopes})."),
            Preset::DownloadAndPip => format!("conda and pip download private packages with it ({scopes})."),
            Preset::Everything | Preset::AsTicked => format!("As ticked: {scopes}."),
        };
        (Tone::Neutral, words)
    }

    fn list_view(&self, is_enabled: bool) -> Element<'_, Message> {
        let listed = self
            .scopes
            .iter()
            .map(|scope| (scope.name.as_str(), scope.description.as_str()));
        // What is chosen stays in sight, also where the server does not list it.
        let others = self
            .chosen
            .iter()
            .filter(|chosen| self.scopes.iter().all(|scope| scope.name != **chosen))
            .map(|scope| (scope.as_str(), "Not in the list of this repository"));
        let boxes = listed
            .chain(others)
            .map(|(name, description)| self.tick(name, description, is_enabled));
        container(Column::with_children(boxes).spacing(spacing::S))
            .padding(spacing::M)
            .width(Length::Fill)
            .style(style::well)
            .into()
    }

    fn tick<'a>(&self, name: &'a str, description: &str, is_enabled: bool) -> Element<'a, Message> {
        let tick = check_box(self.chosen.contains(name))
            .explained_label(name, description)
            .id(format!("scope-{name}"));
        let tick = if is_enabled {
            tick.on_toggle(move |is_ticked| Message::Ticked {
                scope: name.to_owned(),
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
