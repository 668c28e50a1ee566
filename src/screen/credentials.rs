//! User name and password as part of a dialog.

use iced::widget::column;
use iced::{Element, Task};

use super::secret_field::{self, SecretField};
use crate::error::Problem;
use crate::secret::Secret;
use crate::ui::form_field::FormField;
use crate::ui::spacing;

pub use super::secret_field::Standing;

pub const NAME: &str = "user-name";
pub const PASSWORD: &str = "password";

/// What was typed so far.
#[derive(Debug, Clone)]
pub struct Credentials {
    name: String,
    password: SecretField,
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
    Password(secret_field::Message),
    Submitted,
}

impl Credentials {
    /// `name` may be empty.
    pub fn new(name: String) -> Self {
        Self {
            name,
            password: SecretField::new(PASSWORD, "reveal"),
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
            Message::NameTyped(name) => {
                self.name = name;
                Standing::Changed
            }
            Message::Password(message) => self.password.update(message),
            Message::Submitted => Standing::Same,
        }
    }

    pub fn name(&self) -> &str {
        self.name.trim()
    }

    pub fn has_password(&self) -> bool {
        !self.password.is_empty()
    }

    pub fn is_complete(&self) -> bool {
        !self.name().is_empty() && self.has_password()
    }

    /// Name and password to be sent, when both are there; the password is hidden on the screen from then on.
    pub fn take(&mut self) -> Option<(String, Secret)> {
        if !self.is_complete() {
            return None;
        }
        let password = self.password.take();
        Some((self.name().to_owned(), password))
    }

    pub fn forget_password(&mut self) {
        self.password.forget();
    }

    /// After a refusal: the password, selected, to be typed over.
    pub fn retype<M: Send + 'static>(&self) -> Task<M> {
        self.password.retype()
    }

    /// The field to begin with.
    pub fn first_empty(&self) -> &'static str {
        if self.name().is_empty() { NAME } else { PASSWORD }
    }

    /// Both fields; greyed unless `is_enabled`. A refusal stands under the password.
    pub fn view(&self, is_enabled: bool, refused: Option<&Problem>) -> Element<'_, Message> {
        let name = FormField::new("", &self.name).label("User name").id(NAME);
        let name = if is_enabled {
            name.on_input(Message::NameTyped)
        } else {
            name
        };
        let password = self
            .password
            .password_view("Password", is_enabled, refused, None, Message::Password);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::typed::Typed;

    fn typed(password: &str) -> Message {
        Message::Password(secret_field::Message::Typed(Typed::new(password)))
    }

    #[test]
    fn they_are_complete_with_both() {
        for (name, password, is_complete) in [
            ("", "x", false),
            (" ", "x", false),
            ("jsmith", "", false),
            (" jsmith ", "x", true),
        ] {
            let mut credentials = Credentials::new(name.to_owned());
            credentials.update(typed(password));
            assert_eq!(credentials.is_complete(), is_complete, "{name:?} {password:?}");
            let taken = credentials.take().map(|(name, _)| name);
            assert_eq!(taken.as_deref(), is_complete.then_some("jsmith"));
        }
    }

    #[test]
    fn only_typing_makes_them_others() {
        let mut credentials = Credentials::new("jsmith".to_owned());
        for seen in [
            secret_field::Message::RevealToggled,
            secret_field::Message::CapsLock(true),
        ] {
            assert_eq!(credentials.update(Message::Password(seen)), Standing::Same);
        }
        assert_eq!(
            credentials.update(Message::NameTyped("j".to_owned())),
            Standing::Changed
        );
    }

    #[test]
    fn sending_hides_the_password_and_debug_never_shows_it() {
        let mut credentials = Credentials::new("jsmith".to_owned());
        credentials.update(typed("hunter2"));
        credentials.update(Message::Password(secret_field::Message::RevealToggled));
        let (_, password) = credentials.take().expect("both");
        assert_eq!(password.expose(), "hunter2");
        assert!(!credentials.password.is_revealed());
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
