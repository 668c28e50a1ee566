//! The dialog that creates an environment, with a Python and packages in it if that is wanted.

use std::path::{Path, PathBuf};

use iced::widget::column;

use super::name;
use crate::error::Problem;
use crate::screen::attempt::Attempt;
use crate::screen::{Key, shown};
use crate::service::plan::short_path;
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::{button, spacing};

/// The fields, for focus and tests.
pub const NAME: &str = "create-name";
pub const PYTHON: &str = "create-python";
pub const PACKAGES: &str = "create-packages";

/// Tells what is wrong with a match spec, if anything is.
pub type CheckSpec = fn(&str) -> Option<String>;

#[derive(Debug, Clone)]
pub struct Create {
    home: PathBuf,
    place: Place,
    taken: Vec<String>,
    check: CheckSpec,
    name: String,
    python: String,
    packages: String,
    attempt: Attempt,
}

/// Where the environment will lie.
#[derive(Debug, Clone)]
enum Place {
    /// No name yet, or one that conda does not take.
    Unasked,
    Asking(Key),
    Known(PathBuf),
    /// Nothing can be made there.
    Refused(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    NameTyped(String),
    /// Where an environment of this name will lie.
    Located {
        key: Key,
        result: Result<PathBuf, Problem>,
    },
    PythonTyped(String),
    PackagesTyped(String),
    Submitted,
    CancelPressed,
    /// The empty environment is there, or not.
    Ended {
        key: Key,
        result: Result<(), Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Find out where an environment of this name will lie.
    Locate {
        key: Key,
        name: String,
    },
    /// Make it without packages.
    Create {
        key: Key,
        name: String,
    },
    /// Find out what these packages need, and show it.
    Plan {
        name: String,
        prefix: PathBuf,
        specs: Vec<String>,
    },
    Abort(Key),
    Close,
}

impl Create {
    pub fn new(home: &Path, taken: Vec<String>, check: CheckSpec) -> Self {
        Self {
            home: home.to_owned(),
            place: Place::Unasked,
            taken,
            check,
            name: String::new(),
            python: String::new(),
            packages: String::new(),
            attempt: Attempt::Asking,
        }
    }

    /// Whether this work is what it waits for.
    pub(super) fn awaits(&self, key: Key) -> bool {
        self.attempt.awaits(key)
    }

    pub fn update(&mut self, message: Message) -> Action {
        let is_running = self.attempt.is_running();
        match message {
            Message::NameTyped(text) if !is_running => {
                self.name = text;
                self.attempt = Attempt::Asking;
                return self.locate();
            }
            Message::Located { key, result } => {
                if matches!(self.place, Place::Asking(own) if own == key) {
                    self.place = match result {
                        Ok(prefix) => Place::Known(prefix),
                        Err(problem) => Place::Refused(problem),
                    };
                }
                return Action::None;
            }
            Message::PythonTyped(text) if !is_running => self.python = text,
            Message::PackagesTyped(text) if !is_running => self.packages = text,
            Message::Submitted => return self.submit(),
            Message::CancelPressed => {
                return match self.attempt.stop() {
                    Some(key) => Action::Abort(key),
                    None => Action::Close,
                };
            }
            Message::Ended { key, result } if self.attempt.awaits(key) => match result {
                Ok(()) => return Action::Close,
                Err(problem) => {
                    self.attempt = Attempt::Failed(problem);
                    return Action::None;
                }
            },
            _ => return Action::None,
        }
        self.attempt = Attempt::Asking;
        Action::None
    }

    fn locate(&mut self) -> Action {
        let name = self.name.trim();
        if name.is_empty() || name::wrong(name, &self.taken).is_some() {
            self.place = Place::Unasked;
            return Action::None;
        }
        let key = Key::fresh();
        self.place = Place::Asking(key);
        Action::Locate {
            key,
            name: name.to_owned(),
        }
    }

    fn wrong_name(&self) -> Option<String> {
        let wrong = name::wrong(&self.name, &self.taken);
        wrong.or_else(|| match &self.place {
            Place::Refused(problem) => Some(shown::lines(problem)),
            _ => None,
        })
    }

    fn submit(&mut self) -> Action {
        let (true, Place::Known(prefix)) = (self.can_submit(), &self.place) else {
            return Action::None;
        };
        let prefix = prefix.clone();
        let name = self.name.trim().to_owned();
        let specs = self.specs();
        if specs.is_empty() {
            let key = self.attempt.begin();
            return Action::Create { key, name };
        }
        Action::Plan { name, prefix, specs }
    }

    /// The match specs of all fields.
    fn specs(&self) -> Vec<String> {
        let python = self.python.trim();
        let python = (!python.is_empty()).then(|| python_spec(python));
        python.into_iter().chain(split(&self.packages)).collect()
    }

    fn wrong_python(&self) -> Option<String> {
        let python = self.python.trim();
        if python.is_empty() {
            return None;
        }
        let is_version = python
            .trim_start_matches(['=', '<', '>', '!', '~'])
            .starts_with(|letter: char| letter.is_ascii_digit());
        match is_version {
            true => (self.check)(&python_spec(python)),
            false => Some("A version is meant, such as 3.13.".to_owned()),
        }
    }

    fn wrong_packages(&self) -> Option<String> {
        split(&self.packages).iter().find_map(|spec| (self.check)(spec))
    }

    fn can_submit(&self) -> bool {
        !self.attempt.is_running()
            && matches!(self.place, Place::Known(_))
            && self.wrong_python().is_none()
            && self.wrong_packages().is_none()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let is_free = !self.attempt.is_running();
        let folder = match &self.place {
            Place::Known(prefix) => format!("Its folder will be {}", short_path(prefix, &self.home)),
            _ => "As conda activate takes it.".to_owned(),
        };
        let mut name = FormField::new("forecast", &self.name)
            .label("Name")
            .id(NAME)
            .hint(folder)
            .error(self.wrong_name())
            .on_submit(Message::Submitted);
        let mut python = FormField::new("3.13", &self.python)
            .label("Python version")
            .id(PYTHON)
            .hint("Without one, Python comes only if a package needs it.")
            .error(self.wrong_python())
            .on_submit(Message::Submitted);
        let mut packages = FormField::new("numpy pandas>=2", &self.packages)
            .label("Packages")
            .id(PACKAGES)
            .hint("With a space between them. What they need comes with them.")
            .error(self.wrong_packages())
            .on_submit(Message::Submitted);
        if is_free {
            name = name.on_input(Message::NameTyped);
            python = python.on_input(Message::PythonTyped);
            packages = packages.on_input(Message::PackagesTyped);
        }
        let problem = self.attempt.failed().map(shown::problem);
        let content = column![problem, name, python, packages].spacing(spacing::L);
        let go = self.can_submit().then_some(Message::Submitted);
        let mut dialog = Dialog::new("environment-create-dialog", "Create an environment", content)
            .focus(NAME)
            .on_close(Message::CancelPressed)
            .on_submit(go.clone());
        if !is_free {
            dialog = dialog.aside(shown::working("Creating"));
        }
        let label = if self.specs().is_empty() {
            "Create"
        } else {
            "Preview"
        };
        dialog
            .button(
                button::secondary("Cancel")
                    .id("create-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(button::primary(label).id("create-go").on_press_maybe(go))
    }
}

/// `3.13` means a version of that series, as `conda create python=3.13` does.
fn python_spec(python: &str) -> String {
    match python.starts_with(['=', '<', '>', '!', '~']) {
        true => format!("python{python}"),
        false => format!("python={python}"),
    }
}

/// The specs of a line: with spaces or commas between them, but not the commas within a version.
fn split(text: &str) -> Vec<String> {
    let mut specs: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        for (index, part) in word.split(',').enumerate() {
            // `numpy>=1,<2` is one spec.
            let goes_on = index > 0 && part.starts_with(['=', '<', '>', '!', '~', '*']);
            match specs.last_mut() {
                Some(last) if goes_on => *last = format!("{last},{part}"),
                _ if part.is_empty() => {}
                _ => specs.push(part.to_owned()),
            }
        }
    }
    specs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::screen::dialog_trial::{click, enter_in, shows};

    fn check(spec: &str) -> Option<String> {
        spec.contains("==>").then(|| format!("{spec} is no package."))
    }

    fn dialog() -> Create {
        Create::new(Path::new("/home/ana"), vec!["etl".to_owned()], check)
    }

    fn typed(name: &str, python: &str, packages: &str) -> Create {
        let mut dialog = dialog();
        if let Action::Locate { key, name } = dialog.update(Message::NameTyped(name.to_owned())) {
            let late = Message::Located {
                key: Key::fresh(),
                result: Ok("/elsewhere".into()),
            };
            dialog.update(late);
            let prefix = Path::new("/home/ana/miniconda3/envs").join(name);
            dialog.update(Message::Located {
                key,
                result: Ok(prefix),
            });
        }
        dialog.update(Message::PythonTyped(python.to_owned()));
        dialog.update(Message::PackagesTyped(packages.to_owned()));
        dialog
    }

    #[test]
    fn an_environment_without_packages_is_made_at_once() {
        let mut dialog = typed("forecast", "", " ");
        assert!(shows(
            dialog.view(),
            "Its folder will be ~/miniconda3/envs/forecast"
        ));
        assert_eq!(enter_in(dialog.view(), NAME).len(), 1);
        let Action::Create { key, name } = dialog.update(Message::Submitted) else {
            panic!("nothing is created");
        };
        assert_eq!(name, "forecast");
        assert!(shows(dialog.view(), "Creating"));
        assert!(matches!(
            dialog.update(Message::Ended { key, result: Ok(()) }),
            Action::Close
        ));
    }

    #[test]
    fn packages_are_looked_at_before_anything_is_made() {
        let mut dialog = typed("forecast", "3.13", "numpy>=1,<3 pandas, scipy=1.*");
        assert_eq!(click(dialog.view(), "create-go").len(), 1);
        let Action::Plan { name, prefix, specs } = dialog.update(Message::Submitted) else {
            panic!("nothing is planned");
        };
        assert_eq!(name, "forecast");
        assert_eq!(prefix, Path::new("/home/ana/miniconda3/envs/forecast"));
        assert_eq!(specs, ["python=3.13", "numpy>=1,<3", "pandas", "scipy=1.*"]);
        let Action::Plan { specs, .. } = typed("a", ">=3.12", "").update(Message::Submitted) else {
            panic!("nothing is planned");
        };
        assert_eq!(specs, ["python>=3.12"]);
    }

    #[test]
    fn every_field_is_checked_while_it_is_typed() {
        for (dialog, said) in [
            (typed("etl", "", ""), "There is an environment etl already."),
            (typed("a", "latest", ""), "A version is meant, such as 3.13."),
            (typed("a", "", "numpy ==>1"), "==>1 is no package."),
        ] {
            assert!(shows(dialog.view(), said), "{said}");
            assert!(!dialog.can_submit());
        }
        assert!(!dialog().can_submit(), "a name is needed");
        // What only the disk tells.
        let mut dialog = dialog();
        let Action::Locate { key, .. } = dialog.update(Message::NameTyped("new".to_owned())) else {
            panic!("nobody looks");
        };
        let problem = Problem::new(Kind::Conflict, "/envs/new is there already and not empty");
        dialog.update(Message::Located {
            key,
            result: Err(problem),
        });
        assert!(shows(dialog.view(), "/envs/new is there already and not empty."));
        assert!(!dialog.can_submit());
    }
}
