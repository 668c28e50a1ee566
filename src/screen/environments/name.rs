//! The dialog that gives an environment a name: its copy, or itself.

use iced::widget::column;
use iced::{Task, widget::operation};

use super::Environment;
use crate::conda::environment::EnvironmentName;
use crate::error::Problem;
use crate::screen::attempt::Attempt;
use crate::screen::{Key, shown};
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::{button, spacing};

/// The field, for focus and tests.
pub const NAME: &str = "environment-name";

/// What the name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Clone,
    Rename,
}

#[derive(Debug, Clone)]
pub struct NameDialog {
    purpose: Purpose,
    of: Environment,
    label: String,
    name: String,
    taken: Vec<String>,
    /// The person said that it is to be done although something stands against it.
    is_overridden: bool,
    attempt: Attempt,
}

#[derive(Debug, Clone)]
pub enum Message {
    Typed(String),
    Submitted,
    CancelPressed,
    /// It was done, or not.
    Ended {
        key: Key,
        result: Result<(), Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Find out what the copy takes, and make it.
    Clone {
        of: Environment,
        name: String,
    },
    Rename {
        key: Key,
        of: Environment,
        name: String,
        is_overridden: bool,
    },
    /// Stop what was begun.
    Abort(Key),
    Close,
    Run(Task<Message>),
}

impl NameDialog {
    /// `label` is what the environment is called, `taken` are the names that are given already.
    pub fn new(purpose: Purpose, of: Environment, label: String, taken: Vec<String>) -> (Self, Action) {
        let own = of.name.clone().unwrap_or_default();
        let name = match purpose {
            Purpose::Clone if own.is_empty() => String::new(),
            Purpose::Clone => free_name(&own, &taken),
            Purpose::Rename => own,
        };
        let dialog = Self {
            purpose,
            of,
            label,
            name,
            taken,
            is_overridden: false,
            attempt: Attempt::Asking,
        };
        (dialog, Action::Run(operation::select_all(NAME)))
    }

    /// The same where the person said that it is to be done nevertheless.
    #[must_use]
    pub fn overriding(mut self, is_overridden: bool) -> Self {
        self.is_overridden = is_overridden;
        self
    }

    /// Whether this work is what it waits for.
    pub(super) fn awaits(&self, key: Key) -> bool {
        self.attempt.awaits(key)
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Typed(name) => {
                if !self.attempt.is_running() {
                    self.name = name;
                    self.attempt = Attempt::Asking;
                }
                Action::None
            }
            Message::Submitted => self.submit(),
            Message::CancelPressed => match self.attempt.stop() {
                Some(key) => Action::Abort(key),
                None => Action::Close,
            },
            Message::Ended { key, result } if self.attempt.awaits(key) => match result {
                Ok(()) => Action::Close,
                Err(problem) => {
                    self.attempt = Attempt::Failed(problem);
                    Action::None
                }
            },
            Message::Ended { .. } => Action::None,
        }
    }

    fn submit(&mut self) -> Action {
        if !self.can_submit() {
            return Action::None;
        }
        let (of, name) = (self.of.clone(), self.name.trim().to_owned());
        match self.purpose {
            Purpose::Clone => Action::Clone { of, name },
            Purpose::Rename => Action::Rename {
                key: self.attempt.begin(),
                of,
                name,
                is_overridden: self.is_overridden,
            },
        }
    }

    fn is_same(&self) -> bool {
        self.of.name.as_deref() == Some(self.name.trim())
    }

    fn wrong(&self) -> Option<String> {
        match self.purpose {
            // Its own name is no mistake, but no change either.
            Purpose::Rename if self.is_same() => None,
            _ => wrong(&self.name, &self.taken),
        }
    }

    fn can_submit(&self) -> bool {
        let is_unchanged = self.purpose == Purpose::Rename && self.is_same();
        !self.attempt.is_running() && !self.name.trim().is_empty() && !is_unchanged && self.wrong().is_none()
    }

    pub fn verb(&self) -> &'static str {
        match self.purpose {
            Purpose::Clone => "Clone",
            Purpose::Rename => "Rename",
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let hint = match self.purpose {
            Purpose::Clone => "The packages are linked from the same cache, so a copy takes little room.",
            Purpose::Rename => "Scripts that name the folder of the environment have to be changed by hand.",
        };
        let mut field = FormField::new("forecast", &self.name)
            .label("Name")
            .id(NAME)
            .hint(hint)
            .error(self.wrong())
            .on_submit(Message::Submitted);
        if !self.attempt.is_running() {
            field = field.on_input(Message::Typed);
        }
        let problem = self.attempt.failed().map(shown::problem);
        let content = column![problem, field].spacing(spacing::L);
        let title = format!("{} {}", self.verb(), self.label);
        let mut dialog = Dialog::new("environment-name-dialog", title, content)
            .focus(NAME)
            .on_close(Message::CancelPressed)
            .on_submit(self.can_submit().then_some(Message::Submitted));
        if self.attempt.is_running() {
            dialog = dialog.aside(shown::working("Renaming"));
        }
        dialog
            .button(
                button::secondary("Cancel")
                    .id("environment-name-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::primary(self.verb())
                    .id("environment-name-go")
                    .on_press_maybe(self.can_submit().then_some(Message::Submitted)),
            )
    }
}

/// What is wrong with a name for a new environment; nothing while there is none.
pub(super) fn wrong(name: &str, taken: &[String]) -> Option<String> {
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    if let Err(error) = EnvironmentName::parse(name) {
        return Some(shown::sentence(&error.to_string()));
    }
    // On some systems folders that differ in case are one.
    let is_taken = taken
        .iter()
        .any(|other| other.to_lowercase() == name.to_lowercase());
    is_taken.then(|| format!("There is an environment {name} already."))
}

/// `name-copy`, or the next that is free.
fn free_name(name: &str, taken: &[String]) -> String {
    let names = std::iter::once(format!("{name}-copy")).chain((2..1000).map(|n| format!("{name}-copy-{n}")));
    let mut free = names.filter(|name| !taken.contains(name));
    free.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::screen::dialog_trial::{click, shows, type_into};

    fn environment() -> Environment {
        Environment {
            name: Some("forecast".to_owned()),
            prefix: "/home/ana/envs/forecast".into(),
            python: None,
            packages: 3,
            is_base: false,
            protections: Vec::new(),
        }
    }

    fn dialog(purpose: Purpose) -> NameDialog {
        let taken = vec!["forecast".to_owned(), "forecast-copy".to_owned()];
        NameDialog::new(purpose, environment(), "forecast".to_owned(), taken).0
    }

    #[test]
    fn a_copy_gets_a_name_that_is_free() {
        let mut dialog = dialog(Purpose::Clone);
        let messages = click(dialog.view(), "environment-name-go");
        let [Message::Submitted] = &messages[..] else {
            panic!("it is not asked to go on");
        };
        let Action::Clone { name, .. } = dialog.update(Message::Submitted) else {
            panic!("nothing is cloned");
        };
        assert_eq!(name, "forecast-copy-2");
    }

    fn renaming() -> (NameDialog, Key) {
        let mut dialog = dialog(Purpose::Rename);
        dialog.update(Message::Typed("etl".to_owned()));
        match dialog.update(Message::Submitted) {
            Action::Rename { key, name, .. } if name == "etl" => (dialog, key),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_failure_is_told_in_place() {
        let (mut dialog, key) = renaming();
        assert!(shows(dialog.view(), "Renaming"));
        assert!(matches!(dialog.update(Message::Submitted), Action::None), "once");
        let problem = Problem::new(Kind::File, "the disk is full");
        dialog.update(Message::Ended {
            key,
            result: Err(problem),
        });
        assert!(shows(dialog.view(), "The disk is full."));
        assert!(matches!(dialog.update(Message::CancelPressed), Action::Close));
    }

    #[test]
    fn names_are_checked_while_they_are_typed() {
        let mut dialog = dialog(Purpose::Rename);
        assert!(!dialog.can_submit(), "it has this name");
        for (name, said) in [
            ("a b", "The name of an environment cannot hold ' '."),
            ("a/b", "The name of an environment cannot hold '/'"),
            ("base", "Base is conda's own name for its installation."),
            ("Forecast-copy", "There is an environment Forecast-copy already."),
        ] {
            dialog.update(Message::Typed(name.to_owned()));
            assert!(shows(dialog.view(), said), "{name}");
            assert!(matches!(dialog.update(Message::Submitted), Action::None));
        }
        dialog.update(Message::Typed(String::new()));
        let typed = type_into(dialog.view(), NAME, "etl");
        assert!(matches!(&typed, Some(Message::Typed(name)) if name == "etl"));
        dialog.update(typed.expect("a message"));
        assert!(matches!(dialog.update(Message::Submitted), Action::Rename { .. }));
    }

    #[test]
    fn cancelling_stops_what_runs_and_drops_its_answer() {
        let (mut dialog, key) = renaming();
        assert!(matches!(dialog.update(Message::CancelPressed), Action::Abort(own) if own == key));
        let late = Message::Ended { key, result: Ok(()) };
        assert!(matches!(dialog.update(late), Action::None));
    }
}
