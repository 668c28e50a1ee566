//! The dialog that makes an environment out of a file that tells what it holds.

use std::path::{Path, PathBuf};

use iced::widget::column;

use super::{export::written_path, name};
use crate::error::Problem;
use crate::screen::Key;
use crate::screen::shown;
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::style::Tone;
use crate::ui::{button, spacing};

/// The fields, for focus and tests.
pub const PATH: &str = "import-path";
pub const NAME: &str = "import-name";

/// What a file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What kind of file it is and what is in it, in a sentence.
    pub what: String,
    /// The name that it gives.
    pub name: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Import {
    home: PathBuf,
    taken: Vec<String>,
    path: String,
    name: String,
    /// The person wrote the name: it is left alone.
    is_own_name: bool,
    file: File,
}

#[derive(Debug, Clone)]
enum File {
    None,
    Reading(Key),
    Read(Described),
    /// There is none, or it is no such file. While the path is typed that is no mistake yet.
    Unread(Problem),
    Refused(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    PathTyped(String),
    NameTyped(String),
    Read {
        key: Key,
        result: Result<Described, Problem>,
    },
    Submitted,
    CancelPressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Read {
        key: Key,
        path: PathBuf,
    },
    /// Find out what it takes, and show it.
    Plan {
        path: PathBuf,
        name: String,
    },
    Close,
}

impl Import {
    pub fn new(home: &Path, taken: Vec<String>) -> Self {
        Self {
            home: home.to_owned(),
            taken,
            path: String::new(),
            name: String::new(),
            is_own_name: false,
            file: File::None,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::PathTyped(path) => {
                self.path = path;
                self.read()
            }
            Message::NameTyped(name) => {
                self.is_own_name = !name.is_empty();
                self.name = name;
                Action::None
            }
            Message::Read { key, result } => {
                if matches!(self.file, File::Reading(own) if own == key) {
                    self.file = match result {
                        Ok(described) => {
                            if let (false, Some(name)) = (self.is_own_name, &described.name) {
                                self.name.clone_from(name);
                            }
                            File::Read(described)
                        }
                        Err(problem) => File::Unread(problem),
                    };
                }
                Action::None
            }
            Message::Submitted => self.submit(),
            Message::CancelPressed => Action::Close,
        }
    }

    fn read(&mut self) -> Action {
        if self.path.trim().is_empty() {
            self.file = File::None;
            return Action::None;
        }
        let key = Key::fresh();
        self.file = File::Reading(key);
        Action::Read {
            key,
            path: written_path(&self.path, &self.home),
        }
    }

    fn submit(&mut self) -> Action {
        if let File::Unread(problem) = &self.file {
            self.file = File::Refused(problem.clone());
        }
        if !self.can_submit() {
            return Action::None;
        }
        Action::Plan {
            path: written_path(&self.path, &self.home),
            name: self.name.trim().to_owned(),
        }
    }

    fn can_submit(&self) -> bool {
        let is_named = !self.name.trim().is_empty() && name::wrong(&self.name, &self.taken).is_none();
        is_named && matches!(self.file, File::Read(_))
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let path = FormField::new("~/environment.yml", &self.path)
            .label("File")
            .id(PATH)
            .on_input(Message::PathTyped)
            .on_submit(Message::Submitted);
        let path = match &self.file {
            File::None | File::Reading(_) => {
                path.hint("An environment.yml, an explicit list of package files, or a lock file.")
            }
            File::Read(described) => path.note(Tone::Good, described.what.clone()),
            File::Unread(problem) => path.hint(shown::sentence(&problem.message)),
            File::Refused(problem) => path.error(Some(shown::lines(problem))),
        };
        let name = FormField::new("forecast", &self.name)
            .label("Name of the new environment")
            .id(NAME)
            .error(name::wrong(&self.name, &self.taken))
            .on_input(Message::NameTyped)
            .on_submit(Message::Submitted);
        let content = column![path, name].spacing(spacing::L);
        let go = self.can_submit().then_some(Message::Submitted);
        Dialog::new("environment-import-dialog", "Import an environment", content)
            .focus(PATH)
            .on_close(Message::CancelPressed)
            .on_submit(Some(Message::Submitted))
            .button(
                button::secondary("Cancel")
                    .id("import-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(button::primary("Preview").id("import-go").on_press_maybe(go))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::screen::dialog_trial::{click, shows};

    fn read(result: Result<Described, Problem>) -> Import {
        let mut dialog = Import::new(Path::new("/home/ana"), vec!["etl".to_owned()]);
        let Action::Read { key: older, .. } = dialog.update(Message::PathTyped("~/a".to_owned())) else {
            panic!("it is not read");
        };
        let Action::Read { key, path } = dialog.update(Message::PathTyped("~/a.yml".to_owned())) else {
            panic!("it is not read");
        };
        assert_eq!(path, Path::new("/home/ana/a.yml"));
        let other = Described {
            what: "Something else.".to_owned(),
            name: Some("other".to_owned()),
        };
        dialog.update(Message::Read {
            key: older,
            result: Ok(other),
        });
        assert!(dialog.name.is_empty(), "the answer about another path is dropped");
        dialog.update(Message::Read { key, result });
        dialog
    }

    fn described(name: &str) -> Described {
        Described {
            what: "12 packages from 2 channels.".to_owned(),
            name: Some(name.to_owned()),
        }
    }

    #[test]
    fn the_file_tells_what_is_in_it_and_gives_the_name() {
        let mut dialog = read(Ok(described("forecast")));
        assert!(shows(dialog.view(), "12 packages from 2 channels."));
        assert_eq!(click(dialog.view(), "import-go").len(), 1);
        let Action::Plan { path, name } = dialog.update(Message::Submitted) else {
            panic!("nothing is planned");
        };
        assert_eq!(
            (path.as_path(), name.as_str()),
            (Path::new("/home/ana/a.yml"), "forecast")
        );
        dialog.update(Message::NameTyped("mine".to_owned()));
        let Action::Read { key, .. } = dialog.update(Message::PathTyped("~/b.yml".to_owned())) else {
            panic!("it is not read");
        };
        dialog.update(Message::Read {
            key,
            result: Ok(described("theirs")),
        });
        assert_eq!(dialog.name, "mine");
    }

    #[test]
    fn a_name_that_is_taken_and_a_file_that_is_none_are_said() {
        let mut dialog = read(Ok(described("etl")));
        assert!(shows(dialog.view(), "There is an environment etl already."));
        assert!(matches!(dialog.update(Message::Submitted), Action::None));
        let mut dialog = read(Err(
            Problem::new(Kind::File, "there is no such file").remedy("check the path")
        ));
        assert!(shows(dialog.view(), "There is no such file."));
        dialog.update(Message::Submitted);
        assert!(shows(dialog.view(), "There is no such file.\nCheck the path."));
    }
}
