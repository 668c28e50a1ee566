//! Each setting with its control.

use iced::widget::{container, row};
use iced::{Center, Element};

use crate::repository::{BinstarApi, Domain};
use crate::screen::shown::{self, sentence};
use crate::screen::typed::Typed;
use crate::service::plan::short_path;
use crate::service::preferences::{Appearance, Contrast, Field, NavigatorNames, Source, TextSize};
use crate::ui::button;
use crate::ui::check_box::check_box;
use crate::ui::form_field::FormField;
use crate::ui::icon::Icon;
use crate::ui::pick::pick;
use crate::ui::segmented::segmented;
use crate::ui::style::Tone;
use crate::ui::text;

use super::draft::Draft;
use super::section::{Setting, note, source};
use super::{Message, Preferences};

impl Preferences {
    pub(super) fn setting<'a>(
        &'a self,
        field: Field,
        name: &'static str,
        control: impl Into<Element<'a, Message>>,
    ) -> Setting<'a> {
        Setting {
            name,
            source: self.source(field),
            control: control.into(),
            notes: self.notes(field),
            links: self.links(field, name),
        }
    }

    fn source(&self, field: Field) -> Element<'_, Message> {
        let (short, whole) = match self.shown.as_ref().and_then(|shown| shown.facts(field)) {
            _ if self.is_changed(field) => ("not applied yet".to_owned(), None),
            None => ("default".to_owned(), None),
            Some(facts) => match &facts.source {
                Source::Default => ("default".to_owned(), None),
                Source::Variable { name } => (format!("set by {name}"), None),
                Source::File { path, line } => {
                    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                    let whole = short_path(path, &self.home);
                    match line {
                        Some(line) => (
                            format!("{name}, line {line}"),
                            Some(format!("line {line} of {whole}")),
                        ),
                        None => (name.into_owned(), Some(whole)),
                    }
                }
            },
        };
        source(short, whole)
    }

    /// Why it cannot be changed, what overrides it, why a domain did not answer.
    fn notes(&self, field: Field) -> Vec<Element<'_, Message>> {
        let mut notes = Vec::new();
        if let Some(facts) = self.shown.as_ref().and_then(|shown| shown.facts(field)) {
            let lock = facts
                .lock
                .iter()
                .map(|lock| (Tone::Neutral, &lock.reason, &lock.remedy));
            let warnings = facts
                .notes
                .iter()
                .map(|warning| (Tone::Warning, &warning.message, &warning.remedy));
            for (tone, words, remedy) in lock.chain(warnings) {
                notes.push(note(tone, sentence(words)));
                if let Some(remedy) = remedy {
                    notes.push(note(Tone::Neutral, sentence(remedy)));
                }
            }
        }
        if let Some(problem) = self.unanswered.get(&field) {
            let anyway = button::secondary("Save anyway")
                .id("preferences-save-anyway")
                .on_press_maybe(self.can_apply().then_some(Message::SaveAnywayPressed));
            notes.push(shown::toned(Tone::Warning, problem).button(anyway).into());
        }
        notes
    }

    fn links(&self, field: Field, name: &str) -> Vec<Element<'_, Message>> {
        if self.is_locked(field) {
            return Vec::new();
        }
        let link = |label: &'static str, what: &str, message| {
            button::small_link(label)
                .flush()
                .id(format!("{what}-{name}"))
                .on_press(message)
                .into()
        };
        let mut links = Vec::new();
        if self.is_changed(field) {
            links.push(link("Revert", "revert", Message::RevertPressed(field)));
        }
        let default = Draft::default();
        let is_stored =
            |shown: &crate::service::preferences::Shown| default.is_same(&Draft::of(&shown.settings), field);
        let reverting_is_resetting = self.is_changed(field) && self.shown.as_ref().is_some_and(is_stored);
        if !self.draft.is_same(&default, field) && !reverting_is_resetting {
            links.push(link("Reset", "reset", Message::ResetPressed(field)));
        }
        links
    }

    pub(super) fn is_locked(&self, field: Field) -> bool {
        self.shown
            .as_ref()
            .is_none_or(|shown| shown.lock(field).is_some())
    }

    pub(super) fn text_field<'a>(
        &'a self,
        field: Field,
        id: &'static str,
        placeholder: &str,
        text: &'a Typed,
    ) -> FormField<'a, Message> {
        let input = FormField::new(placeholder, text.as_str()).id(id);
        let input = if self.is_locked(field) {
            input
        } else {
            input
                .on_input(move |text| Message::Typed(field, Typed::new(text)))
                .on_submit(Message::ApplyPressed)
        };
        match self.fault(field) {
            Some(fault) => {
                let remedy = fault.0.remedy.as_deref().map(sentence).unwrap_or_default();
                input.error(Some(format!("{} {remedy}", sentence(&fault.0.message))))
            }
            None => input,
        }
    }

    pub(super) fn servers(&self) -> Vec<Setting<'_>> {
        let draft = &self.draft;
        let server = self.text_field(
            Field::ServerDomain,
            "preferences-server",
            "https://repo.example.com",
            &draft.server,
        );
        let server = match Domain::parse_pasted(draft.server.as_str()) {
            Ok(parsed) => using(
                server,
                parsed.domain.as_str(),
                !parsed.changes.is_empty(),
                parsed.domain.is_plain_http(),
            ),
            Err(_) => server,
        };
        let anaconda_org = self.text_field(
            Field::AnacondaOrgDomain,
            "preferences-anaconda-org",
            "https://api.anaconda.org",
            &draft.anaconda_org,
        );
        let repository = self.text_field(
            Field::RepositoryDomain,
            "preferences-repository",
            "http://repo.example.com:8080/api",
            &draft.repository,
        );
        let hidden = check_box(draft.shows_hidden_channels)
            .label("Show hidden channels of the server")
            .id("preferences-hidden");
        let hidden = if self.is_locked(Field::HiddenChannels) {
            hidden
        } else {
            hidden.on_toggle(|is_on| Message::Toggled(Field::HiddenChannels, is_on))
        };
        vec![
            self.setting(Field::ServerDomain, "PSM On-Prem API domain", server),
            self.setting(
                Field::AnacondaOrgDomain,
                "Anaconda.org API domain",
                reduced(anaconda_org, &draft.anaconda_org),
            ),
            self.setting(
                Field::RepositoryDomain,
                "Enterprise 4 Repository domain",
                reduced(repository, &draft.repository),
            ),
            self.setting(Field::HiddenChannels, "Hidden channels", hidden),
        ]
    }

    pub(super) fn environment(&self) -> Vec<Setting<'_>> {
        let chosen = &self.draft.default_environment;
        let mut options = vec![("As Navigator chooses".to_owned(), None)];
        options.extend(
            self.environments
                .iter()
                .map(|choice| (choice.name.clone(), Some(choice.prefix.clone()))),
        );
        if !options.iter().any(|(_, prefix)| prefix == chosen)
            && let Some(prefix) = chosen
        {
            options.push((short_path(prefix, &self.home), Some(prefix.clone())));
        }
        let at = options
            .iter()
            .position(|(_, prefix)| prefix == chosen)
            .unwrap_or_default();
        let (labels, prefixes): (Vec<String>, Vec<_>) = options.into_iter().unzip();
        let control: Element<'_, Message> = if self.is_locked(Field::DefaultEnvironment) {
            text::body(labels.get(at).cloned().unwrap_or_default()).into()
        } else {
            pick(labels, at, move |index| {
                Message::EnvironmentChosen(prefixes.get(index).cloned().flatten())
            })
            .id("preferences-environment")
            .into()
        };
        vec![self.setting(Field::DefaultEnvironment, "Default environment", control)]
    }

    pub(super) fn look_settings(&self) -> Vec<Setting<'_>> {
        let draft = &self.draft;
        let is_free = !self.is_locked(Field::Appearance);
        let theme = segmented(Theme::ALL, Theme(draft.appearance), |theme| {
            Message::AppearanceChosen(theme.0)
        })
        .id("preferences-theme")
        .enabled(is_free);
        let contrast = check_box(draft.contrast == Contrast::High)
            .label("High contrast")
            .id("preferences-contrast");
        let contrast = if is_free {
            contrast.on_toggle(|is_on| Message::Toggled(Field::Contrast, is_on))
        } else {
            contrast
        };
        vec![
            self.setting(Field::Appearance, "Theme", theme),
            self.setting(Field::Contrast, "Contrast", contrast),
            self.setting(Field::TextSize, "Text size", self.text_size()),
        ]
    }

    fn text_size(&self) -> Element<'_, Message> {
        let size = self.draft.text_size;
        let is_free = !self.is_locked(Field::TextSize);
        let step = |icon, name: &'static str, id: &'static str, to: Option<TextSize>| {
            button::icon(icon, name)
                .id(id)
                .on_press_maybe(to.filter(|_| is_free).map(Message::TextSizeChosen))
        };
        let words = container(text::body(format!("{} %", size.percent())))
            .width(56)
            .align_x(Center);
        row![
            step(
                Icon::Dash,
                "Smaller text",
                "preferences-text-smaller",
                size.smaller()
            ),
            words,
            step(
                Icon::Plus,
                "Larger text",
                "preferences-text-larger",
                size.larger()
            )
        ]
        .align_y(Center)
        .into()
    }

    pub(super) fn navigator(&self) -> Vec<Setting<'_>> {
        let draft = &self.draft;
        let chosen = NAMES
            .iter()
            .position(|(names, _)| *names == draft.navigator_names)
            .unwrap_or_default();
        let names: Element<'_, Message> = if self.is_locked(Field::NavigatorNames) {
            text::body(NAMES[chosen].1).into()
        } else {
            pick(NAMES.map(|(_, label)| label), chosen, |index| {
                Message::NamesChosen(
                    NAMES
                        .get(index)
                        .map_or(NavigatorNames::Automatic, |(names, _)| *names),
                )
            })
            .id("preferences-names")
            .into()
        };
        let review = check_box(draft.reviews_sign_in)
            .label("Show what signing in changes before it happens")
            .id("preferences-review");
        let review = if self.is_locked(Field::ReviewBeforeSignIn) {
            review
        } else {
            review.on_toggle(|is_on| Message::Toggled(Field::ReviewBeforeSignIn, is_on))
        };
        vec![
            self.setting(Field::NavigatorNames, "Navigator's file is for", names),
            self.setting(Field::ReviewBeforeSignIn, "Signing in", review),
        ]
    }
}

const NAMES: [(NavigatorNames, &str); 3] = [
    (NavigatorNames::Automatic, "The Navigator that wrote it"),
    (NavigatorNames::AnacondaServer, "Navigator 2.4.0 and newer"),
    (NavigatorNames::TeamEdition, "Navigator before 2.4.0"),
];

/// A theme as it is called.
#[derive(Clone, Copy, PartialEq)]
struct Theme(Appearance);

impl Theme {
    const ALL: [Self; 3] = [
        Self(Appearance::System),
        Self(Appearance::Light),
        Self(Appearance::Dark),
    ];
}

impl std::fmt::Display for Theme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Appearance::System => "System",
            Appearance::Light => "Light",
            Appearance::Dark => "Dark",
        })
    }
}

/// What the text comes down to, and a warning where everybody can read what is sent.
fn using<'a>(
    field: FormField<'a, Message>,
    address: &str,
    is_changed: bool,
    is_plain: bool,
) -> FormField<'a, Message> {
    if is_plain {
        let words = format!("using {address}: not encrypted, password and token can be read on the way");
        field.note(Tone::Warning, words)
    } else if is_changed {
        field.hint(format!("using {address}"))
    } else {
        field
    }
}

fn reduced<'a>(field: FormField<'a, Message>, text: &Typed) -> FormField<'a, Message> {
    match BinstarApi::parse_pasted(text.as_str()) {
        Ok(pasted) => {
            let is_changed = pasted.api.as_str() != text.as_str().trim();
            using(field, pasted.api.as_str(), is_changed, pasted.api.is_plain_http())
        }
        Err(_) => field,
    }
}
