//! The window's frame for dialogs: the page below, at most one dialog above it.
//!
//! Wrap the whole view in [`modal`], with or without a dialog. It moves the focus on Tab and Shift-Tab (also without a
//! dialog), and while one is open
//! - nothing below can be pressed, typed into or focused, and what was focused there gets the focus back afterwards;
//! - Esc sends the dialog's `on_close`, and Enter that no widget used its `on_submit`;
//! - the first field (or [`Dialog::focus`]) has the focus from the start.
//!
//! ```
//! use iced::widget::text;
//! use sextant::ui::{button, form_field::FormField, modal::{Dialog, modal}};
//!
//! #[derive(Clone)]
//! enum Message { Name(String), Login, Close }
//!
//! let dialog = Dialog::new("login", "Log in to psm.example.com", FormField::new("", "alice").on_input(Message::Name))
//!     .eyebrow("Package Security Manager (On-prem)")
//!     .button(button::secondary("Cancel").on_press(Message::Close))
//!     .button(button::primary("Login").on_press(Message::Login))
//!     .on_close(Message::Close)
//!     .on_submit(Some(Message::Login));
//! let view: iced::Element<'_, Message> = modal(text("the page"), Some(dialog));
//! ```

use iced::advanced::widget::Id;
use iced::widget::{Column, Row, column, row, scrollable, space};
use iced::{Center, Element, Length, Padding};

use super::modal_sheet::{HEAD, Sheet};
use super::modal_stage::Stage;
use super::{focus, spacing, style, text};

/// A dialog: title, content that scrolls when the window is too low, and a footer that always stays in sight.
pub struct Dialog<'a, Message> {
    id: Id,
    eyebrow: Option<String>,
    title: String,
    subtitle: Option<Element<'a, Message>>,
    content: Element<'a, Message>,
    aside: Option<Element<'a, Message>>,
    buttons: Vec<Element<'a, Message>>,
    width: f32,
    focus: Option<Id>,
    on_close: Option<Message>,
    on_submit: Option<Message>,
}

impl<'a, Message: Clone + 'a> Dialog<'a, Message> {
    /// `id` tells one dialog from the next: when it changes, focus and scroll position start anew.
    pub fn new(
        id: impl Into<Id>,
        title: impl Into<String>,
        content: impl Into<Element<'a, Message>>,
    ) -> Self {
        Self {
            id: id.into(),
            eyebrow: None,
            title: title.into(),
            subtitle: None,
            content: content.into(),
            aside: None,
            buttons: Vec::new(),
            width: spacing::DIALOG_NARROW,
            focus: None,
            on_close: None,
            on_submit: None,
        }
    }

    /// Small words above the title: the service this is about.
    #[must_use]
    pub fn eyebrow(mut self, eyebrow: impl Into<String>) -> Self {
        self.eyebrow = Some(eyebrow.into());
        self
    }

    /// A sentence under the title.
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = Some(text::body(subtitle.into()).style(style::muted).into());
        self
    }

    /// Anything under the title: facts with a link beside them.
    #[must_use]
    pub fn subtitle_element(mut self, subtitle: impl Into<Element<'a, Message>>) -> Self {
        self.subtitle = Some(subtitle.into());
        self
    }

    /// What stands at the left of the footer: another way, a note.
    #[must_use]
    pub fn aside(mut self, aside: impl Into<Element<'a, Message>>) -> Self {
        self.aside = Some(aside.into());
        self
    }

    /// Adds a button at the right of the footer, the default one last.
    #[must_use]
    pub fn button(mut self, button: impl Into<Element<'a, Message>>) -> Self {
        self.buttons.push(button.into());
        self
    }

    /// 600 px instead of 460: for lists and diffs.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.width = spacing::DIALOG_WIDE;
        self
    }

    /// What has the focus when the dialog opens, instead of its first field.
    #[must_use]
    pub fn focus(mut self, id: impl Into<Id>) -> Self {
        self.focus = Some(id.into());
        self
    }

    /// The message of Esc.
    #[must_use]
    pub fn on_close(mut self, message: Message) -> Self {
        self.on_close = Some(message);
        self
    }

    /// The message of Enter where no widget uses it: the default button's, `None` while that is greyed.
    #[must_use]
    pub fn on_submit(mut self, message: Option<Message>) -> Self {
        self.on_submit = message;
        self
    }

    /// The same dialog with its messages wrapped: a screen's within the app's.
    pub fn map<B: Clone + 'a>(self, wrap: impl Fn(Message) -> B + Clone + 'a) -> Dialog<'a, B>
    where
        Message: 'a,
    {
        let each = |part: Element<'a, Message>| part.map(wrap.clone());
        Dialog {
            id: self.id,
            eyebrow: self.eyebrow,
            title: self.title,
            subtitle: self.subtitle.map(each),
            content: each(self.content),
            aside: self.aside.map(each),
            buttons: self.buttons.into_iter().map(each).collect(),
            width: self.width,
            focus: self.focus,
            on_close: self.on_close.map(&wrap),
            on_submit: self.on_submit.map(&wrap),
        }
    }

    fn into_sheet(self) -> Sheet<'a, Message> {
        let mut head: Column<'a, Message> = column![].spacing(spacing::XS);
        if let Some(eyebrow) = self.eyebrow {
            head = head.push(text::small(eyebrow).style(style::muted));
        }
        head = head.push(text::title(self.title));
        if let Some(subtitle) = self.subtitle {
            head = head.push(subtitle);
        }
        // The rings of focused widgets reach beyond them; what clips leaves them room.
        let room = Padding {
            top: spacing::XL - HEAD,
            bottom: focus::RING_REACH,
            left: spacing::XL,
            right: spacing::XL,
        };
        let content = column![head, self.content].spacing(spacing::L).padding(room);
        let body = scrollable(content)
            .direction(scrollable::Direction::Vertical(slim_bar()))
            .width(Length::Fill)
            .style(style::scroll);
        let has_footer = self.aside.is_some() || !self.buttons.is_empty();
        let footer = has_footer.then(|| {
            let aside = self.aside.unwrap_or_else(|| space().into());
            let buttons = Row::with_children(self.buttons)
                .spacing(spacing::S)
                .align_y(Center);
            let sides = Padding {
                top: spacing::M,
                bottom: spacing::XL,
                left: spacing::XL,
                right: spacing::XL,
            };
            let line = row![iced::widget::container(aside).width(Length::Fill), buttons];
            line.spacing(spacing::M).align_y(Center).padding(sides).into()
        });
        Sheet::new(self.id, body.into(), footer, self.width)
            .focus(self.focus)
            .on_close(self.on_close)
            .on_submit(self.on_submit)
    }
}

/// The scroll bar of every scrollable of ours: 6 px, two from the edge.
#[must_use]
pub fn slim_bar() -> scrollable::Scrollbar {
    scrollable::Scrollbar::new().width(6).scroller_width(6).margin(2)
}

/// Shows `base`, and above it `dialog` if there is one. Fills the window.
pub fn modal<'a, Message: Clone + 'a>(
    base: impl Into<Element<'a, Message>>,
    dialog: Option<Dialog<'a, Message>>,
) -> Element<'a, Message> {
    Element::new(Stage::new(base.into(), dialog.map(Dialog::into_sheet)))
}
