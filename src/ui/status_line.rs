//! The line at the bottom of the window: what happened last, and what is running.
//!
//! ```
//! use sextant::ui::status_line::{StatusLine, Work};
//!
//! #[derive(Clone)]
//! enum Message { Cancel, Undo }
//!
//! let line: iced::Element<'_, Message> = StatusLine::new("Signed in.")
//!     .action("Undo", Message::Undo)
//!     .work(Work::new("Reading the index of research").share(0.4).on_cancel(Message::Cancel))
//!     .into();
//! ```

use iced::widget::text::Wrapping;
use iced::widget::{Row, column, container, row, rule};
use iced::{Center, Element, Length};

use super::{button, progress, spacing, style, text};

/// A running piece of work.
pub struct Work<Message> {
    name: String,
    share: Option<f32>,
    on_cancel: Option<Message>,
}

impl<Message> Work<Message> {
    /// Shown with the activity mark until a share is known.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            share: None,
            on_cancel: None,
        }
    }

    /// How much is done, 0 to 1.
    #[must_use]
    pub fn share(mut self, share: f32) -> Self {
        self.share = Some(share);
        self
    }

    #[must_use]
    pub fn on_cancel(mut self, message: Message) -> Self {
        self.on_cancel = Some(message);
        self
    }
}

/// The line itself.
pub struct StatusLine<Message> {
    words: String,
    action: Option<(String, Message)>,
    work: Vec<Work<Message>>,
}

impl<Message: Clone> StatusLine<Message> {
    /// A line with a few words, or none.
    pub fn new(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            action: None,
            work: Vec::new(),
        }
    }

    /// A link after the words.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, message: Message) -> Self {
        self.action = Some((label.into(), message));
        self
    }

    /// Adds a running piece of work at the right.
    #[must_use]
    pub fn work(mut self, work: Work<Message>) -> Self {
        self.work.push(work);
        self
    }
}

fn work_view<'a, Message: Clone + 'a>(work: Work<Message>) -> Element<'a, Message> {
    let name = text::small(work.name)
        .style(style::muted)
        .wrapping(Wrapping::None);
    let mark = match work.share {
        Some(share) => {
            let percent = format!("{:.0} %", share.clamp(0.0, 1.0) * 100.0);
            let bar = container(progress::bar(share)).width(96);
            row![bar, text::small(percent).style(style::muted)]
                .spacing(spacing::S)
                .align_y(Center)
                .into()
        }
        None => progress::activity(),
    };
    let cancel = work
        .on_cancel
        .map(|message| button::small_link("Cancel").on_press(message));
    row![name, mark, cancel]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}

impl<'a, Message: Clone + 'a> From<StatusLine<Message>> for Element<'a, Message> {
    fn from(line: StatusLine<Message>) -> Self {
        let words = text::small(line.words)
            .style(style::muted)
            .wrapping(Wrapping::None);
        let action = line
            .action
            .map(|(label, message)| button::small_link(label).on_press(message));
        let left = row![words, action].spacing(spacing::S).align_y(Center);
        let works = Row::with_children(line.work.into_iter().map(work_view)).spacing(spacing::XL);
        let body = row![
            container(left).width(Length::Fill).clip(true),
            works.align_y(Center)
        ]
        .spacing(spacing::L)
        .align_y(Center);
        let body = container(body)
            .width(Length::Fill)
            .height(spacing::STATUS_HEIGHT - spacing::LINE)
            .align_y(Center)
            .padding([0.0, spacing::L])
            .style(style::surface);
        column![rule::horizontal(spacing::LINE).style(style::separator), body].into()
    }
}
