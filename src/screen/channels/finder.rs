//! Adding a channel that no list holds, by its name or address: it is asked for on the server first.

use iced::Element;
use iced::widget::{container, row};

use crate::error::Problem;
use crate::screen::shown;
use crate::ui::form_field::FormField;
use crate::ui::{button, progress, spacing};

use super::Message;
use super::picker::Pick;

/// The field, for focus and tests.
pub const FIND: &str = "channels-find";

/// The widest that the field gets, and what the button beside it takes.
const WIDTH: f32 = 460.0;
const BESIDE: f32 = 96.0;

#[derive(Debug, Default)]
pub(super) struct Finder {
    pub text: String,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Asking(u64),
    Failed(Problem),
}

impl Finder {
    pub fn type_text(&mut self, text: String) {
        self.text = text;
        if matches!(self.state, State::Failed(_)) {
            self.state = State::Idle;
        }
    }

    /// What is to be asked for, if there is anything.
    pub fn ask(&mut self, key: u64) -> Option<String> {
        let text = self.text.trim().to_owned();
        if text.is_empty() || self.is_asking() {
            return None;
        }
        self.state = State::Asking(key);
        Some(text)
    }

    /// Whether this is the answer that is waited for; the field is empty again after a good one.
    pub fn answered(&mut self, key: u64, problem: Option<Problem>) -> bool {
        if !matches!(self.state, State::Asking(asked) if asked == key) {
            return false;
        }
        match problem {
            Some(problem) => self.state = State::Failed(problem),
            None => *self = Self::default(),
        }
        true
    }

    fn is_asking(&self) -> bool {
        matches!(self.state, State::Asking(_))
    }

    pub fn view(&self, can_add: bool, width: f32) -> Element<'_, Message> {
        let field = FormField::new("organisation/channel, or an address", &self.text)
            .label("Add a channel by name")
            .id(FIND)
            .width((width - BESIDE).clamp(0.0, WIDTH))
            .on_submit(Message::Pick(Pick::FindPressed));
        let field = match &self.state {
            State::Failed(problem) => field.error(Some(shown::lines(problem))),
            _ => field,
        };
        let can_type = can_add && !self.is_asking();
        let field = if can_type {
            field.on_input(|text| Message::Pick(Pick::FindTyped(text)))
        } else {
            field
        };
        let can_find = can_type && !self.text.trim().is_empty();
        let find = button::secondary("Find")
            .id("channels-find-now")
            .on_press_maybe(can_find.then_some(Message::Pick(Pick::FindPressed)));
        let activity = self.is_asking().then(progress::activity);
        // Beside the field itself, below its label.
        let beside = container(row![find, activity].spacing(spacing::S).align_y(iced::Center))
            .padding(iced::Padding::ZERO.top(22.0));
        row![field, beside].spacing(spacing::S).into()
    }
}
