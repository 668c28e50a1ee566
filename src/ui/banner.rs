//! A message that stays where it happened: what happened, why, what to do, and buttons to do it.
//!
//! ```
//! use sextant::ui::{banner::Banner, button, style::Tone};
//!
//! #[derive(Clone)]
//! enum Message { Retry }
//!
//! let banner: iced::Element<'_, Message> = Banner::new(Tone::Bad, "The server does not answer")
//!     .cause("psm.example.com refused the connection.")
//!     .remedy("Check the domain, or ask whether the server is running.")
//!     .button(button::secondary("Try again").on_press(Message::Retry))
//!     .into();
//! ```

use iced::widget::{Column, Row, container, row};
use iced::{Center, Element, Length, Padding};

use super::icon::Icon;
use super::style::{self, Tone};
use super::{spacing, text};

/// A message in a box, as wide as its place.
pub struct Banner<'a, Message> {
    tone: Tone,
    message: String,
    cause: Option<String>,
    remedy: Option<String>,
    buttons: Vec<Element<'a, Message>>,
}

impl<'a, Message: 'a> Banner<'a, Message> {
    pub fn new(tone: Tone, message: impl Into<String>) -> Self {
        Self {
            tone,
            message: message.into(),
            cause: None,
            remedy: None,
            buttons: Vec::new(),
        }
    }

    /// Why.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    #[must_use]
    pub fn button(mut self, button: impl Into<Element<'a, Message>>) -> Self {
        self.buttons.push(button.into());
        self
    }
}

impl<'a, Message: 'a> From<Banner<'a, Message>> for Element<'a, Message> {
    fn from(banner: Banner<'a, Message>) -> Self {
        let icon = match banner.tone {
            Tone::Good => Icon::Check,
            Tone::Warning | Tone::Bad => Icon::Warning,
            Tone::Neutral | Tone::Info => Icon::Info,
        };
        let has_more = banner.cause.is_some() || banner.remedy.is_some();
        let message = if has_more {
            text::strong(banner.message)
        } else {
            text::body(banner.message)
        };
        let detail = |words: Option<String>| words.map(|words| text::body(words).style(style::plain));
        let buttons = (!banner.buttons.is_empty()).then(|| {
            let above = Padding::ZERO.top(spacing::S).bottom(spacing::XS);
            container(
                Row::with_children(banner.buttons)
                    .spacing(spacing::S)
                    .align_y(Center),
            )
            .padding(above)
        });
        let words = Column::new()
            .spacing(spacing::XXS)
            .push(message)
            .push(detail(banner.cause))
            .push(detail(banner.remedy))
            .push(buttons);
        let mark = container(icon.view().style(style::icon(banner.tone))).padding([2, 0]);
        container(row![mark, container(words).width(Length::Fill)].spacing(spacing::M))
            .width(Length::Fill)
            .padding([spacing::S, spacing::M])
            .style(style::banner(banner.tone))
            .into()
    }
}
