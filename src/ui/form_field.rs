//! A labelled text field with its hint or error underneath, and the search field.
//!
//! ```
//! use sextant::ui::{button, form_field::FormField};
//!
//! #[derive(Clone)]
//! enum Message { Password(String), ShowPassword, CapsLock(bool), Login }
//!
//! let field: iced::Element<'_, Message> = FormField::new("", "secret value")
//!     .label("Password")
//!     .id("password")
//!     .secure(true)
//!     .on_input(Message::Password)
//!     .on_submit(Message::Login)
//!     .on_caps_lock(Message::CapsLock)
//!     .trailing(button::small_link("show").on_press(Message::ShowPassword))
//!     .error(Some("The server did not accept this name and password."))
//!     .into();
//! ```

use iced::advanced::widget::Id;
use iced::widget::{TextInput, column, text_input};
use iced::{Element, Length, Padding};

use super::field_frame::Frame;
use super::icon::{self, Icon};
use super::style::{self, Tone};
use super::{font, spacing, text};

/// A field of a form. Without [`on_input`](Self::on_input) it is greyed and cannot be focused.
pub struct FormField<'a, Message: Clone> {
    input: TextInput<'a, Message>,
    label: Option<String>,
    note: Option<(Tone, String)>,
    has_error: bool,
    glyph: Option<Icon>,
    trailing: Option<Element<'a, Message>>,
    on_caps_lock: Option<Box<dyn Fn(bool) -> Message + 'a>>,
    width: Length,
    is_enabled: bool,
}

/// A field to search with: a magnifying glass, no label.
pub fn search<'a, Message: Clone + 'a>(placeholder: &str, value: &str) -> FormField<'a, Message> {
    FormField {
        glyph: Some(Icon::Search),
        ..FormField::new(placeholder, value)
    }
}

impl<'a, Message: Clone + 'a> FormField<'a, Message> {
    /// A field showing `value`, or `placeholder` while that is empty.
    #[must_use]
    pub fn new(placeholder: &str, value: &str) -> Self {
        Self {
            input: text_input(placeholder, value)
                .size(spacing::BODY)
                .font(font::REGULAR)
                .line_height(text_input_line())
                .style(style::bare_input),
            label: None,
            note: None,
            has_error: false,
            glyph: None,
            trailing: None,
            on_caps_lock: None,
            width: Length::Fill,
            is_enabled: false,
        }
    }

    /// The words above the field.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The id of the text field, for `operation::focus` and tests.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.input = self.input.id(id);
        self
    }

    /// Masks what is typed; iced then refuses to copy it and tells the input method.
    #[must_use]
    pub fn secure(mut self, is_secure: bool) -> Self {
        self.input = self.input.secure(is_secure);
        self
    }

    #[must_use]
    pub fn on_input(mut self, on_input: impl Fn(String) -> Message + 'a) -> Self {
        self.input = self.input.on_input(on_input);
        self.is_enabled = true;
        self
    }

    /// What pasting gives instead of [`on_input`](Self::on_input), with the whole new value.
    #[must_use]
    pub fn on_paste(mut self, on_paste: impl Fn(String) -> Message + 'a) -> Self {
        self.input = self.input.on_paste(on_paste);
        self
    }

    /// The message of Enter. Without one Enter goes on to the dialog's default button.
    #[must_use]
    pub fn on_submit(mut self, message: Message) -> Self {
        self.input = self.input.on_submit(message);
        self
    }

    /// Told with each letter whether Caps Lock seems to be on: iced knows no such state, but a capital letter
    /// without Shift gives it away.
    #[must_use]
    pub fn on_caps_lock(mut self, on_caps_lock: impl Fn(bool) -> Message + 'a) -> Self {
        self.on_caps_lock = Some(Box::new(on_caps_lock));
        self
    }

    /// A small element inside the field, at its right end.
    #[must_use]
    pub fn trailing(mut self, element: impl Into<Element<'a, Message>>) -> Self {
        self.trailing = Some(element.into());
        self
    }

    /// A line underneath that helps; an error takes its place.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        self.note(Tone::Neutral, hint)
    }

    /// A line underneath in a tone, such as a warning about `http://`.
    #[must_use]
    pub fn note(mut self, tone: Tone, note: impl Into<String>) -> Self {
        if !self.has_error {
            self.note = Some((tone, note.into()));
        }
        self
    }

    /// What is wrong with the value, shown underneath and by the edge of the field.
    #[must_use]
    pub fn error(mut self, error: Option<impl Into<String>>) -> Self {
        if let Some(error) = error {
            self.has_error = true;
            self.note = Some((Tone::Bad, error.into()));
        }
        self
    }

    /// The width, all there is by default.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }
}

fn text_input_line() -> iced::widget::text::LineHeight {
    iced::widget::text::LineHeight::Absolute(20.0.into())
}

impl<'a, Message: Clone + 'a> From<FormField<'a, Message>> for Element<'a, Message> {
    fn from(field: FormField<'a, Message>) -> Self {
        let upright = (spacing::FIELD_HEIGHT - 20.0) / 2.0;
        let left = if field.glyph.is_some() {
            spacing::M + icon::SIZE + spacing::S
        } else {
            spacing::M
        };
        let padding = Padding {
            top: upright,
            bottom: upright,
            left,
            right: spacing::M,
        };
        let input = field.input.padding(padding).into();
        let frame = Frame::new(input, field.trailing, field.is_enabled)
            .glyph(field.glyph)
            .error(field.has_error)
            .on_caps_lock(field.on_caps_lock);
        let label = field.label.map(text::small);
        let note = field.note.map(|(tone, note)| {
            text::small(note).style(move |theme| match tone {
                Tone::Neutral => style::muted(theme),
                tone => style::toned(tone)(theme),
            })
        });
        let mut parts = column![].spacing(spacing::XS).width(field.width);
        if let Some(label) = label {
            parts = parts.push(label);
        }
        parts = parts.push(frame);
        if let Some(note) = note {
            parts = parts.push(note);
        }
        parts.into()
    }
}
