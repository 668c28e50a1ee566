//! A field for something secret as part of a dialog: hidden until it is revealed.

use iced::Task;

use super::shown;
use super::typed::Typed;
use crate::error::Problem;
use crate::secret::Secret;
use crate::ui::button;
use crate::ui::form_field::FormField;
use crate::ui::style::Tone;

/// What was typed so far.
#[derive(Debug, Clone)]
pub struct SecretField {
    id: &'static str,
    /// The id of the button that reveals it.
    reveal_id: &'static str,
    text: Typed,
    is_revealed: bool,
    caps_lock: bool,
}

#[derive(Debug, Clone)]
pub enum Message {
    Typed(Typed),
    RevealToggled,
    CapsLock(bool),
}

/// Whether what is given is still that of the last try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Same,
    Changed,
}

impl SecretField {
    /// The ids are those of the field and of the button that reveals it.
    pub fn new(id: &'static str, reveal_id: &'static str) -> Self {
        Self {
            id,
            reveal_id,
            text: Typed::default(),
            is_revealed: false,
            caps_lock: false,
        }
    }

    /// Whether what was said about the last try still holds: it is about what was typed then.
    pub fn update(&mut self, message: Message) -> Standing {
        match message {
            Message::Typed(text) => {
                self.text = text;
                return Standing::Changed;
            }
            Message::RevealToggled => self.is_revealed = !self.is_revealed,
            Message::CapsLock(is_on) => self.caps_lock = is_on,
        }
        Standing::Same
    }

    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What is to be sent; it is hidden on the screen from then on.
    pub fn take(&mut self) -> Secret {
        self.hide();
        self.text.to_secret()
    }

    pub fn hide(&mut self) {
        self.is_revealed = false;
    }

    #[cfg(test)]
    pub fn is_revealed(&self) -> bool {
        self.is_revealed
    }

    pub fn forget(&mut self) {
        self.text = Typed::default();
    }

    /// After a refusal: what was typed, selected, to be typed over.
    pub fn retype<M: Send + 'static>(&self) -> Task<M> {
        use iced::widget::operation::{focus, select_all};
        focus(self.id).chain(select_all(self.id))
    }

    /// The field, greyed unless `is_enabled`, with `placeholder` while it is empty. `wrap` makes its messages the dialog's.
    pub fn view<'a, M: Clone + 'a>(
        &'a self,
        placeholder: &str,
        is_enabled: bool,
        wrap: fn(Message) -> M,
    ) -> FormField<'a, M> {
        let reveal = if self.is_revealed { "hide" } else { "show" };
        let field = FormField::new(placeholder, self.as_str())
            .id(self.id)
            .secure(!self.is_revealed)
            .trailing(
                button::small_link(reveal)
                    .id(self.reveal_id)
                    .on_press(wrap(Message::RevealToggled)),
            );
        if is_enabled {
            field.on_input(move |text| wrap(Message::Typed(Typed::new(text))))
        } else {
            field
        }
    }

    /// The same for a password. Underneath stands a refusal, else that Caps Lock is on, else `hint`.
    pub fn password_view<'a, M: Clone + 'a>(
        &'a self,
        label: impl Into<String>,
        is_enabled: bool,
        refused: Option<&Problem>,
        hint: Option<&str>,
        wrap: fn(Message) -> M,
    ) -> FormField<'a, M> {
        let field = self
            .view("", is_enabled, wrap)
            .label(label)
            .on_caps_lock(move |is_on| wrap(Message::CapsLock(is_on)));
        match (refused, hint) {
            (Some(problem), _) => field.error(Some(shown::sentence(&problem.message))),
            (None, _) if self.caps_lock => field.note(Tone::Warning, "Caps Lock is on"),
            (None, Some(hint)) => field.hint(hint),
            (None, None) => field,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_typing_makes_it_another() {
        let mut field = SecretField::new("secret", "reveal");
        assert_eq!(field.update(Message::RevealToggled), Standing::Same);
        assert_eq!(field.update(Message::CapsLock(true)), Standing::Same);
        let typed = Message::Typed(Typed::new("hunter2"));
        assert_eq!(field.update(typed), Standing::Changed);
    }

    #[test]
    fn sending_hides_it_and_debug_never_shows_it() {
        let mut field = SecretField::new("secret", "reveal");
        field.update(Message::Typed(Typed::new("hunter2")));
        field.update(Message::RevealToggled);
        assert_eq!(field.take().expose(), "hunter2");
        assert!(!field.is_revealed());
        assert!(!format!("{field:?}").contains("hunter2"));
        field.forget();
        assert!(field.is_empty());
    }
}
