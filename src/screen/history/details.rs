//! The dialog about one entry of the history: what it did to the files.

use std::path::{Path, PathBuf};

use iced::widget::{Column, column};

use super::{Row, Undo};
use crate::edit::diff::FileDiff;
use crate::error::Problem;
use crate::screen::{Key, shown};
use crate::ui::banner::Banner;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

#[derive(Debug, Clone)]
pub struct Details {
    row: Row,
    home: PathBuf,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Loading(Key),
    Loaded(Looked),
    Failed(Problem),
}

/// What is known of an entry.
#[derive(Debug, Clone)]
pub struct Looked {
    pub diffs: Vec<FileDiff>,
    /// Why it cannot be undone, and what to do instead.
    pub cannot_be_undone: Option<(String, String)>,
}

#[derive(Debug, Clone)]
pub enum Message {
    Loaded {
        key: Key,
        result: Result<Looked, Problem>,
    },
    UndoPressed,
    Closed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Load { key: Key, id: String },
    Undo { id: String, what: String },
    Close,
}

impl Details {
    pub fn new(row: Row, home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let action = Action::Load {
            key,
            id: row.id.clone(),
        };
        let dialog = Self {
            row,
            home: home.to_owned(),
            content: Content::Loading(key),
        };
        (dialog, action)
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Loaded { key, result } => {
                if matches!(self.content, Content::Loading(own) if own == key) {
                    self.content = match result {
                        Ok(looked) => Content::Loaded(looked),
                        Err(problem) => Content::Failed(problem),
                    };
                }
                Action::None
            }
            Message::UndoPressed if self.row.undo == Undo::Possible => Action::Undo {
                id: self.row.id.clone(),
                what: self.row.what.clone(),
            },
            Message::UndoPressed => Action::None,
            Message::Closed => Action::Close,
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let by = match self.row.is_from_outside {
            true => "by another program, or by hand",
            false => "by Sextant",
        };
        let dialog = Dialog::new("entry", self.row.what.clone(), self.content_view())
            .subtitle(format!("{}, {by}", self.row.when))
            .wide()
            .on_close(Message::Closed);
        let dialog = match self.content {
            Content::Loading(_) => dialog.aside(shown::working("Reading the history")),
            _ => dialog,
        };
        let close = button::secondary("Close")
            .id("entry-close")
            .on_press(Message::Closed);
        let dialog = dialog.focus("entry-close").button(close);
        match self.row.undo {
            Undo::Possible => dialog.button(
                button::primary("Undo")
                    .id("entry-undo")
                    .on_press(Message::UndoPressed),
            ),
            Undo::Undone | Undo::Impossible => dialog,
        }
    }

    fn content_view(&self) -> Column<'_, Message> {
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        match &self.content {
            Content::Loading(_) => {}
            Content::Failed(problem) => content = content.push(shown::problem(problem)),
            Content::Loaded(looked) => {
                if self.row.undo == Undo::Undone {
                    content = content.push(Banner::new(Tone::Info, "It was undone."));
                }
                if let Some((reason, remedy)) = &looked.cannot_be_undone {
                    let banner = Banner::new(Tone::Info, "It cannot be undone")
                        .cause(shown::sentence(reason))
                        .remedy(shown::sentence(remedy));
                    content = content.push(banner);
                }
                content = match looked.diffs.is_empty() {
                    true => content.push(text::body("No file was changed.").style(style::muted)),
                    false => {
                        let diffs: Vec<_> = looked
                            .diffs
                            .iter()
                            .map(|diff| shown::file_diff(diff, &self.home))
                            .collect();
                        content.push(shown::diff_views(&diffs))
                    }
                };
            }
        }
        content
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::screen::dialog_trial::{press, shows};

    fn dialog(undo: Undo) -> (Details, Key) {
        let row = Row {
            id: "e1".to_owned(),
            when: "2026-11-24 10:00".to_owned(),
            what: "Added research".to_owned(),
            files: "~/.condarc".to_owned(),
            is_from_outside: false,
            undo,
        };
        match Details::new(row, Path::new("/home/ana")) {
            (dialog, Action::Load { key, .. }) => (dialog, key),
            (_, action) => panic!("{action:?}"),
        }
    }

    fn looked() -> Looked {
        let path = Path::new("/home/ana/.condarc");
        let diff = FileDiff::between(
            path,
            Some(b"channels: []\n"),
            Some(b"channels: [research]\n"),
            &[],
        );
        Looked {
            diffs: vec![diff],
            cannot_be_undone: None,
        }
    }

    #[test]
    fn it_shows_the_differences_and_leads_to_the_undo() {
        let (mut dialog, key) = dialog(Undo::Possible);
        dialog.update(Message::Loaded {
            key,
            result: Ok(looked()),
        });
        assert!(shows(dialog.view(), "channels: [research]"));
        let message = press(dialog.view(), "Undo").remove(0);
        assert!(matches!(dialog.update(message), Action::Undo { id, .. } if id == "e1"));
    }

    #[test]
    fn why_it_cannot_be_undone_is_said() {
        let (mut dialog, key) = dialog(Undo::Impossible);
        let reason = ("the token was revoked".to_owned(), "sign in again".to_owned());
        dialog.update(Message::Loaded {
            key,
            result: Ok(Looked {
                cannot_be_undone: Some(reason),
                ..looked()
            }),
        });
        assert!(shows(dialog.view(), "The token was revoked."));
        assert!(!shows(dialog.view(), "Undo"));
    }

    #[test]
    fn a_stale_answer_is_dropped_and_a_failure_is_told() {
        let (mut dialog, key) = dialog(Undo::Undone);
        dialog.update(Message::Loaded {
            key: Key::fresh(),
            result: Ok(looked()),
        });
        assert!(!shows(dialog.view(), "channels: [research]"));
        dialog.update(Message::Loaded {
            key,
            result: Err(Problem::new(Kind::File, "the history is damaged")),
        });
        assert!(shows(dialog.view(), "The history is damaged."));
        assert!(matches!(
            press(dialog.view(), "Close").as_slice(),
            [Message::Closed]
        ));
    }
}
