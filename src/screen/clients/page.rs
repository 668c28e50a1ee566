//! How the page is laid out: a head, and a card for each section.

use std::path::Path;

use iced::widget::{Column, Row, column, container, scrollable};
use iced::{Element, Length};

use super::{Clients, Message, Part, Standing};
use crate::screen::shown;
use crate::service::configuration::SettingValue;
use crate::service::plan::short_path;
use crate::ui::button::Button;
use crate::ui::modal::slim_bar;
use crate::ui::{button, spacing, style, text};

/// Wider lines are hard to read.
const WIDEST: f32 = 760.0;

/// One section: what is, the fields, the buttons, and what will happen.
pub(super) struct Card<'a> {
    part: Part,
    title: &'static str,
    facts: Option<Element<'a, Message>>,
    form: Option<Element<'a, Message>>,
    buttons: Vec<Element<'a, Message>>,
}

impl<'a> Card<'a> {
    pub fn new(part: Part, title: &'static str) -> Self {
        Self {
            part,
            title,
            facts: None,
            form: None,
            buttons: Vec::new(),
        }
    }

    pub fn facts(mut self, facts: Option<Element<'a, Message>>) -> Self {
        self.facts = facts;
        self
    }

    pub fn form(mut self, form: impl Into<Element<'a, Message>>) -> Self {
        self.form = Some(form.into());
        self
    }

    pub fn button(mut self, button: impl Into<Element<'a, Message>>) -> Self {
        self.buttons.push(button.into());
        self
    }

    pub fn view(self, page: &'a Clients) -> Element<'a, Message> {
        let buttons = Row::with_children(self.buttons).spacing(spacing::S).wrap();
        let parts = [
            self.facts,
            self.form,
            Some(buttons.into()),
            page.proposal_of(self.part),
        ];
        let inside = Column::with_children(parts.into_iter().flatten()).spacing(spacing::M);
        let card = container(inside)
            .width(Length::Fill)
            .padding(spacing::L)
            .style(style::card);
        column![text::heading(self.title), card]
            .spacing(spacing::S)
            .into()
    }
}

/// The button that shows what a section will change.
pub(super) fn show_button<'a>(page: &Clients, id: &'static str, message: Message) -> Button<'a, Message> {
    button::secondary("Show changes")
        .id(id)
        .on_press_maybe(page.can_plan().then_some(message))
}

/// A value as a person reads it, secrets masked.
pub(super) fn written(value: &SettingValue) -> String {
    match value {
        SettingValue::List(items) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            items.join(", ")
        }
        value => value.to_string(),
    }
}

impl Clients {
    /// A path as a person writes it.
    pub(super) fn short(&self, path: &str) -> String {
        short_path(Path::new(path), &self.home)
    }

    pub fn view(&self) -> Element<'_, Message> {
        let words = "What works with an Anaconda Repository on this computer. Nothing is changed before it was shown.";
        let head =
            column![text::title("Clients"), text::body(words).style(style::muted)].spacing(spacing::XS);
        let standing: Option<Element<'_, Message>> = match &self.standing {
            Standing::Reading(_) => Some(shown::working("Reading the files of this machine")),
            Standing::Failed(problem) => Some(shown::problem(problem).into()),
            Standing::Read(_) | Standing::ReadingAgain(..) => None,
        };
        let sections = [
            self.anaconda_client.view(self),
            self.python.view(self),
            self.kerberos.view(self),
            self.browsers.view(self),
        ];
        let parts = [Some(head.into()), standing];
        let all = parts.into_iter().flatten().chain(sections);
        let page = Column::with_children(all).spacing(spacing::XL).max_width(WIDEST);
        scrollable(
            container(page)
                .width(Length::Fill)
                .padding(iced::Padding::ZERO.right(spacing::M)),
        )
        .direction(scrollable::Direction::Vertical(slim_bar()))
        .style(style::scroll)
        .height(Length::Fill)
        .into()
    }
}
