//! What was done, with **Undo**: cards at the lower edge of the page that leave the page usable.
//!
//! ```
//! use iced::widget::text;
//! use sextant::ui::{style::Tone, toast::{self, Toast}};
//!
//! #[derive(Clone)]
//! enum Message { Undo, Dismiss }
//!
//! let toast = Toast::new(Tone::Good, "3 channels added to .condarc")
//!     .action("Undo", Message::Undo)
//!     .on_dismiss(Message::Dismiss);
//! let page: iced::Element<'_, Message> = toast::layer(text("the page"), [toast]);
//! ```

use iced::widget::{Column, container, opaque, row, stack};
use iced::{Bottom, Center, Element, Length};

use super::icon::Icon;
use super::style::{self, Tone};
use super::{button, spacing, text};

const WIDTH: f32 = 440.0;

/// One notice.
pub struct Toast<Message> {
    tone: Tone,
    words: String,
    detail: Option<String>,
    action: Option<(String, Message)>,
    on_dismiss: Option<Message>,
}

impl<Message: Clone> Toast<Message> {
    pub fn new(tone: Tone, words: impl Into<String>) -> Self {
        Self {
            tone,
            words: words.into(),
            detail: None,
            action: None,
            on_dismiss: None,
        }
    }

    /// A second, smaller line.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// A link-like button, **Undo** as a rule.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, message: Message) -> Self {
        self.action = Some((label.into(), message));
        self
    }

    /// Shows a cross that sends this. How long a toast stays is the app's.
    #[must_use]
    pub fn on_dismiss(mut self, message: Message) -> Self {
        self.on_dismiss = Some(message);
        self
    }

    fn view<'a>(self) -> Element<'a, Message>
    where
        Message: 'a,
    {
        let icon = match self.tone {
            Tone::Good => Icon::Check,
            Tone::Warning | Tone::Bad => Icon::Warning,
            Tone::Neutral | Tone::Info => Icon::Info,
        };
        let detail = self.detail.map(|detail| text::small(detail).style(style::muted));
        let words = Column::new()
            .push(text::body(self.words).style(style::plain))
            .push(detail);
        let action = self
            .action
            .map(|(label, message)| button::link(label).on_press(message));
        let close = self
            .on_dismiss
            .map(|message| button::icon(Icon::Close, "Dismiss").on_press(message));
        let line = row![
            icon.view().style(style::icon(self.tone)),
            container(words).width(Length::Fill),
            row![action, close].spacing(spacing::XS).align_y(Center),
        ]
        .spacing(spacing::M)
        .align_y(Center);
        let card = container(line)
            .padding([spacing::S, spacing::M])
            .max_width(WIDTH)
            .style(style::floating);
        opaque(card)
    }
}

/// Toasts under each other at the middle of their place, the newest last: for a frame that gives them room of their
/// own, so that they cover nothing. Takes no room where there is none.
pub fn strip<'a, Message: Clone + 'a>(
    toasts: impl IntoIterator<Item = Toast<Message>>,
) -> Element<'a, Message> {
    let cards: Vec<_> = toasts.into_iter().map(Toast::view).collect();
    let padding = if cards.is_empty() { 0.0 } else { spacing::S };
    let cards = Column::with_children(cards).spacing(spacing::S).align_x(Center);
    container(cards).center_x(Length::Fill).padding(padding).into()
}

/// Lays toasts over `base`, the newest last and lowest. What lies beside them stays usable; by Tab they come after
/// the page.
pub fn layer<'a, Message: Clone + 'a>(
    base: impl Into<Element<'a, Message>>,
    toasts: impl IntoIterator<Item = Toast<Message>>,
) -> Element<'a, Message> {
    let cards: Vec<_> = toasts.into_iter().map(Toast::view).collect();
    let cards = Column::with_children(cards).spacing(spacing::S).align_x(Center);
    let layer = container(cards)
        .center_x(Length::Fill)
        .align_y(Bottom)
        .height(Length::Fill)
        .padding(spacing::L);
    stack![base.into(), layer]
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}
