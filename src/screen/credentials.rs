//! User name and password as part of a dialog.

use iced::widget::column;
use iced::{Element, Task};

use super::shown;
use super::typed::Typed;
use crate::error::Problem;
use crate::secret::Secret;
use crate::ui::form_field::FormField;
use crate::ui::style::Tone;
use crate::ui::{button, spacing};

pub const NAME: &str = "user-name";
pub const PASSWORD: &str = "password";

/// What was typed so far.
#[derive(Debug, Clone)]
pub struct Credentials {
    name: String,
    password: Typed,
    is_revealed: bool,
    caps_lock: bool,
    enter: Enter,
}

/// Who answers Enter in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enter {
    /// The dialog, with its default button.
    Dialog,
    /// The fields themselves, with [`Message::Submitted`]: the default button is for something else.
    Fields,
}

#[derive(Debug, Clone)]
pub enum Message {
    NameTyped(String),
    PasswordTyped(Typed),
    RevealToggled,
    CapsLock(bool),
    Submitted,
}

impl Credentials {
    /// `name` may be empty.
    pub fn new(name: String) -> Self {
        Self {
            name,
            password: Typed::default(),
            is_revealed: false,
            caps_lock: false,
            enter: Enter::Dialog,
        }
    }

    /// Lets Enter in the fields give [`Message::Submitted`].
    #[must_use]
    pub fn submitting(mut self) -> Self {
        self.enter = Enter::Fields;
        self
    }

    /// Whether what was said about the last try still holds: it is about what was typed then.
    pub fn update(&mut self, message: Message) -> Standing {
        match message {
            Message::NameTyped(name) => self.name = name,
            Message::PasswordTyped(password) => self.password = password,
            Message::RevealToggled => {
                self.is_revealed = !self.is_revealed;
                return Standing::Same;
            }
            Message::CapsLock(is_on) => {
                self.caps_lock = is_on;
                return Standing::Same;
            }
            Message::Submitted => return Standing::Same,
        }
        Standing::Changed
    }

    pub fn name(&self) -> &str {
        self.name.trim()
    }

    pub fn is_complete(&self) -> bool {
        !self.name().is_empty() && !self.password.is_empty()
    }

    /// Name and password to be sent, when both are there; the password is hidden on the screen from then on.
    pub fn take(&mut self) -> Option<(String, Secret)> {
        if !self.is_complete() {
            return None;
        }
        self.is_revealed = false;
        Some((self.name().to_owned(), self.password.to_secret()))
    }

    pub fn forget_password(&mut self) {
        self.password = Typed::default();
    }

    /// The field to begin with.
    pub fn first_empty(&self) -> &'static str {
        if self.name().is_empty() { NAME } else { PASSWORD }
    }

    /// Both fields; greyed unless `is_enabled`. A refusal stands under the password.
    pub fn view(&self, is_enabled: bool, refused: Option<&Problem>) -> Element<'_, Message> {
        let name = FormField::new("", &self.name).label("User name").id(NAME);
        let reveal = if self.is_revealed { "hide" } else { "show" };
        let password = FormField::new("", self.password.as_str())
            .label("Password")
            .id(PASSWORD)
            .secure(!self.is_revealed)
            .on_caps_lock(Message::CapsLock)
            .trailing(
                button::small_link(reveal)
                    .id("reveal")
                    .on_press(Message::RevealToggled),
            );
        let password = match refused {
            Some(problem) => password.error(Some(shown::sentence(&problem.message))),
            None if self.caps_lock => password.note(Tone::Warning, "Caps Lock is on"),
            None => password,
        };
        let (name, password) = if is_enabled {
            (
                name.on_input(Message::NameTyped),
                password.on_input(|text| Message::PasswordTyped(Typed::new(text))),
            )
        } else {
            (name, password)
        };
        let (name, password) = match self.enter {
            Enter::Dialog => (name, password),
            Enter::Fields => (
                name.on_submit(Message::Submitted),
                password.on_submit(Message::Submitted),
            ),
        };
        column![name, password].spacing(spacing::L).into()
    }
}

/// Whether credentials are still those of the last try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Same,
    Changed,
}

/// After a refusal: the password, selected, to be typed over.
pub fn retype<M: Send + 'static>() -> Task<M> {
    use iced::widget::operation::{focus, select_all};
    focus(PASSWORD).chain(select_all(PASSWORD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_complete_with_both() {
        for (name, password, is_complete) in [
            ("", "x", false),
            (" ", "x", false),
            ("jsmith", "", false),
            (" jsmith ", "x", true),
        ] {
            let mut credentials = Credentials::new(name.to_owned());
            credentials.update(Message::PasswordTyped(Typed::new(password)));
            assert_eq!(credentials.is_complete(), is_complete, "{name:?} {password:?}");
            let taken = credentials.take().map(|(name, _)| name);
            assert_eq!(taken.as_deref(), is_complete.then_some("jsmith"));
        }
    }

    #[test]
    fn only_typing_makes_them_others() {
        let mut credentials = Credentials::new("jsmith".to_owned());
        assert_eq!(credentials.update(Message::RevealToggled), Standing::Same);
        assert_eq!(credentials.update(Message::CapsLock(true)), Standing::Same);
        assert_eq!(
            credentials.update(Message::NameTyped("j".to_owned())),
            Standing::Changed
        );
    }

    #[test]
    fn sending_hides_the_password_and_debug_never_shows_it() {
        let mut credentials = Credentials::new("jsmith".to_owned());
        credentials.update(Message::PasswordTyped(Typed::new("hunter2")));
        credentials.update(Message::RevealToggled);
        let (_, password) = credentials.take().expect("both");
        assert_eq!(password.expose(), "hunter2");
        assert!(!credentials.is_revealed);
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
