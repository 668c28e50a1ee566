//! The dialog that writes down what an environment holds, so that it can be made again elsewhere.

use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, scrollable};
use iced::{Element, Length};

use super::{Environment, label};
use crate::error::{Kind, Problem};
use crate::screen::attempt::Attempt;
use crate::screen::{Key, shown};
use crate::service::plan::{Warning, short_path};
use crate::ui::form_field::FormField;
use crate::ui::modal::{Dialog, slim_bar};
use crate::ui::pick::pick;
use crate::ui::style::{self, Tone};
use crate::ui::{button, font, progress, spacing, text};

/// The field of the file, for tests.
pub const PATH: &str = "export-path";

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Every package with version and build.
    Yml,
    /// Every package with its version.
    Versions,
    /// What was asked for.
    FromHistory,
    /// The address of every package file.
    Explicit,
    /// Every package with its hash, for the tools that read lock files.
    Lock,
}

impl Format {
    pub const ALL: [Self; 5] = [
        Self::Yml,
        Self::Versions,
        Self::FromHistory,
        Self::Explicit,
        Self::Lock,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Yml => "environment.yml, every package",
            Self::Versions => "environment.yml, without builds",
            Self::FromHistory => "environment.yml, what was asked for",
            Self::Explicit => "Explicit list of package files",
            Self::Lock => "Lock file",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::Yml => "Versions and builds as they are here; for machines of the same kind.",
            Self::Versions => "Every package in its version; machines of another kind may have other builds.",
            Self::FromHistory => {
                "Only what was asked for by name; conda chooses the rest anew, on machines of any kind."
            }
            Self::Explicit => {
                "The very same files, without choosing anything; for machines of the same kind."
            }
            Self::Lock => "The very same files with their checksums.",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Yml | Self::Versions | Self::FromHistory => "yml",
            Self::Explicit => "txt",
            Self::Lock => "lock",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Export {
    of: Environment,
    label: String,
    home: PathBuf,
    format: Format,
    path: String,
    /// The person wrote the path: it is left alone.
    is_own_path: bool,
    content: Content,
    attempt: Attempt,
    /// The file that is there already, once that was told.
    replaces: Option<String>,
}

#[derive(Debug, Clone)]
enum Content {
    Reading(Key),
    Read(Rendered),
    Failed(Problem),
}

/// What would be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rendered {
    pub text: String,
    /// What the form cannot hold.
    pub warnings: Vec<Warning>,
}

#[derive(Debug, Clone)]
pub enum Message {
    FormatChosen(Format),
    /// What would be written.
    Rendered {
        key: Key,
        result: Result<Rendered, Problem>,
    },
    PathTyped(String),
    SavePressed,
    CancelPressed,
    CopyPressed,
    Saved {
        key: Key,
        result: Result<PathBuf, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    Render {
        key: Key,
        prefix: PathBuf,
        format: Format,
    },
    /// Write this text; a file that is there is left alone unless `replace`.
    Save {
        key: Key,
        path: PathBuf,
        text: String,
        replace: bool,
    },
    Copy(String),
    Abort(Key),
    Close,
    Done(PathBuf),
}

impl Export {
    pub fn new(of: Environment, home: &Path) -> (Self, Action) {
        let mut dialog = Self {
            label: label(&of, home),
            of,
            home: home.to_owned(),
            format: Format::Yml,
            path: String::new(),
            is_own_path: false,
            content: Content::Read(Rendered::default()),
            attempt: Attempt::Asking,
            replaces: None,
        };
        dialog.path = dialog.usual_path();
        let action = dialog.render();
        (dialog, action)
    }

    fn usual_path(&self) -> String {
        let name = self.of.name.clone();
        let name = name.or_else(|| Some(self.of.prefix.file_name()?.to_string_lossy().into_owned()));
        let name = name.unwrap_or_else(|| "environment".to_owned());
        let file = format!("{name}.{}", self.format.ending());
        short_path(&self.home.join(file), &self.home)
    }

    fn render(&mut self) -> Action {
        let key = Key::fresh();
        self.content = Content::Reading(key);
        Action::Render {
            key,
            prefix: self.of.prefix.clone(),
            format: self.format,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::FormatChosen(format) if !self.attempt.is_running() => {
                self.format = format;
                self.attempt = Attempt::Asking;
                if !self.is_own_path {
                    self.path = self.usual_path();
                    self.replaces = None;
                }
                self.render()
            }
            Message::Rendered { key, result } => {
                if matches!(self.content, Content::Reading(own) if own == key) {
                    self.content = match result {
                        Ok(rendered) => Content::Read(rendered),
                        Err(problem) => Content::Failed(problem),
                    };
                }
                Action::None
            }
            Message::PathTyped(path) if !self.attempt.is_running() => {
                self.path = path;
                self.is_own_path = true;
                self.replaces = None;
                self.attempt = Attempt::Asking;
                Action::None
            }
            Message::SavePressed => self.save(),
            Message::CopyPressed => match &self.content {
                Content::Read(rendered) => Action::Copy(rendered.text.clone()),
                _ => Action::None,
            },
            Message::CancelPressed => match self.attempt.stop() {
                Some(key) => Action::Abort(key),
                None => Action::Close,
            },
            Message::Saved { key, result } if self.attempt.awaits(key) => match result {
                Ok(path) => Action::Done(path),
                Err(problem) => {
                    if problem.kind == Kind::Conflict {
                        self.replaces = Some(self.path.clone());
                    }
                    self.attempt = Attempt::Failed(problem);
                    Action::None
                }
            },
            Message::FormatChosen(_) | Message::PathTyped(_) | Message::Saved { .. } => Action::None,
        }
    }

    fn save(&mut self) -> Action {
        let (true, Content::Read(rendered)) = (self.can_save(), &self.content) else {
            return Action::None;
        };
        let text = rendered.text.clone();
        let replace = self.replaces.as_ref() == Some(&self.path);
        let key = self.attempt.begin();
        Action::Save {
            key,
            path: written_path(&self.path, &self.home),
            text,
            replace,
        }
    }

    fn can_save(&self) -> bool {
        let is_read = matches!(&self.content, Content::Read(rendered) if !rendered.text.is_empty());
        is_read && !self.attempt.is_running() && !self.path.trim().is_empty()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let at = Format::ALL.iter().position(|format| *format == self.format);
        let format = pick(Format::ALL.map(Format::label), at.unwrap_or_default(), |index| {
            Message::FormatChosen(Format::ALL.get(index).copied().unwrap_or(Format::Yml))
        })
        .id("export-format");
        let format = column![
            text::small("Format"),
            format,
            text::small(self.format.explanation()).style(style::muted)
        ]
        .spacing(spacing::XS);
        let mut path = FormField::new("~/environment.yml", &self.path)
            .label("File")
            .id(PATH)
            .on_submit(Message::SavePressed);
        if !self.attempt.is_running() {
            path = path.on_input(Message::PathTyped);
        }
        let problem = self.attempt.failed().map(|problem| match problem.kind {
            Kind::Conflict => shown::toned(Tone::Warning, problem),
            _ => shown::problem(problem),
        });
        let content = column![problem, format, path, self.content_view()].spacing(spacing::L);
        let go = self.can_save().then_some(Message::SavePressed);
        let mut dialog = Dialog::new(
            "environment-export-dialog",
            format!("Export {}", self.label),
            content,
        )
        .wide()
        .focus("export-format")
        .on_close(Message::CancelPressed)
        .on_submit(go.clone());
        if self.attempt.is_running() {
            dialog = dialog.aside(shown::working("Writing"));
        } else if matches!(self.content, Content::Read(_)) {
            dialog = dialog.aside(
                button::link("Copy")
                    .id("export-copy")
                    .flush()
                    .on_press(Message::CopyPressed),
            );
        }
        let label = if self.replaces.is_some() {
            "Replace"
        } else {
            "Save"
        };
        dialog
            .button(
                button::secondary("Cancel")
                    .id("export-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(button::primary(label).id("export-save").on_press_maybe(go))
    }

    /// What would be written.
    fn content_view(&self) -> Element<'_, Message> {
        match &self.content {
            Content::Reading(_) => progress::activity(),
            Content::Failed(problem) => shown::problem(problem).into(),
            Content::Read(rendered) => {
                let (seen, rest) = beginning(&rendered.text);
                let words = text::small(seen).font(font::MONOSPACE);
                let rest = (rest > 0).then(|| {
                    let words = format!("and {rest} more lines");
                    text::small(words).style(style::muted)
                });
                let lines = container(column![words, rest].spacing(spacing::XS))
                    .padding(spacing::M)
                    .width(Length::Fill);
                let lines = scrollable(lines)
                    .direction(scrollable::Direction::Vertical(slim_bar()))
                    .style(style::scroll)
                    .width(Length::Fill);
                let lines = container(lines).max_height(200).style(style::well);
                let warnings = Column::with_children(shown::warnings(&rendered.warnings)).spacing(spacing::S);
                let warnings = (!rendered.warnings.is_empty()).then_some(warnings);
                column![warnings, lines].spacing(spacing::M).into()
            }
        }
    }
}

/// As much of a text as is worth laying out, and how many lines are left.
fn beginning(text: &str) -> (&str, usize) {
    const LINES: usize = 200;
    match text.match_indices('\n').nth(LINES) {
        Some((end, _)) => {
            let rest = text[end + 1..].lines().count();
            (&text[..end], rest)
        }
        None => (text.trim_end(), 0),
    }
}

/// A path as a person writes it, made absolute.
pub(in crate::screen) fn written_path(path: &str, home: &Path) -> PathBuf {
    let path = path.trim();
    match path
        .strip_prefix('~')
        .map(|rest| rest.trim_start_matches(['/', '\\']))
    {
        Some(rest) => home.join(rest),
        None => home.join(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::dialog_trial::{click, shows, type_into};

    fn begun() -> (Export, Key) {
        let of = Environment {
            name: Some("forecast".to_owned()),
            prefix: "/home/ana/envs/forecast".into(),
            python: None,
            packages: 3,
            is_base: false,
            protections: Vec::new(),
        };
        match Export::new(of, Path::new("/home/ana")) {
            (dialog, Action::Render { key, .. }) => (dialog, key),
            _ => panic!("nothing is read"),
        }
    }

    fn text(text: &str) -> Rendered {
        Rendered {
            text: text.to_owned(),
            warnings: Vec::new(),
        }
    }

    fn read() -> Export {
        let (mut dialog, key) = begun();
        let rendered = text("name: forecast\ndependencies:\n  - numpy\n");
        dialog.update(Message::Rendered {
            key,
            result: Ok(rendered),
        });
        dialog
    }

    #[test]
    fn what_is_written_is_seen_before() {
        let (dialog, _) = begun();
        assert!(matches!(
            dialog.clone().update(Message::SavePressed),
            Action::None
        ));
        let mut dialog = read();
        assert!(shows(dialog.view(), "name: forecast\ndependencies:\n  - numpy"));
        assert_eq!(click(dialog.view(), "export-save").len(), 1);
        let Action::Save {
            key, path, replace, ..
        } = dialog.update(Message::SavePressed)
        else {
            panic!("nothing is saved");
        };
        assert_eq!(
            (path.as_path(), replace),
            (Path::new("/home/ana/forecast.yml"), false)
        );
        let Action::Done(_) = dialog.update(Message::Saved {
            key,
            result: Ok(path),
        }) else {
            panic!("it does not end");
        };
    }

    #[test]
    fn the_file_follows_the_format_until_the_person_names_one() {
        let mut dialog = read();
        let Action::Render { key: older, .. } = dialog.update(Message::FormatChosen(Format::Explicit)) else {
            panic!("it is not read anew");
        };
        assert_eq!(dialog.path, "~/forecast.txt");
        dialog.update(Message::PathTyped("~/mine.yml".to_owned()));
        let Action::Render { key, .. } = dialog.update(Message::FormatChosen(Format::Lock)) else {
            panic!("it is not read anew");
        };
        assert_eq!(dialog.path, "~/mine.yml");
        // The answer about the other format comes late.
        dialog.update(Message::Rendered {
            key: older,
            result: Ok(text("@EXPLICIT")),
        });
        assert!(!shows(dialog.view(), "@EXPLICIT"));
        dialog.update(Message::Rendered {
            key,
            result: Ok(text("version: 6")),
        });
        assert!(shows(dialog.view(), "version: 6"));
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_that_was_said() {
        let mut dialog = read();
        let Action::Save { key, .. } = dialog.update(Message::SavePressed) else {
            panic!("nothing is saved");
        };
        let problem = Problem::new(Kind::Conflict, "there is such a file already");
        dialog.update(Message::Saved {
            key,
            result: Err(problem),
        });
        assert!(shows(dialog.view(), "There is such a file already.") && shows(dialog.view(), "Replace"));
        let Action::Save { replace: true, .. } = dialog.clone().update(Message::SavePressed) else {
            panic!("it is not replaced");
        };
        // Another name is another question.
        let typed = type_into(dialog.view(), PATH, "x").expect("a message");
        dialog.update(typed);
        let Action::Save { replace: false, .. } = dialog.update(Message::SavePressed) else {
            panic!("it would be replaced");
        };
    }

    #[test]
    fn paths_are_read_as_a_person_writes_them() {
        let home = Path::new("/home/ana");
        for (written, path) in [
            ("~/a.yml", "/home/ana/a.yml"),
            ("a.yml", "/home/ana/a.yml"),
            (" /tmp/a.yml ", "/tmp/a.yml"),
        ] {
            assert_eq!(written_path(written, home), Path::new(path));
        }
        assert_eq!(beginning(&"line\n".repeat(250)).1, 49);
    }
}
