//! Where the report goes.

use std::path::{Path, PathBuf};

use iced::widget::{Column, container, row};
use iced::{Element, Length};

use super::Message;
use crate::error::Problem;
use crate::screen::{Key, shown};
use crate::service::doctor::Names;
use crate::service::plan::short_path;
use crate::ui::banner::Banner;
use crate::ui::check_box::check_box;
use crate::ui::form_field::FormField;
use crate::ui::style::Tone;
use crate::ui::{button, spacing, style, text};

/// The name that is offered.
const NAME: &str = "sextant-report.txt";

#[derive(Debug, Clone)]
pub(super) struct Report {
    path: String,
    names: Names,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Asking,
    Saving(Key),
    Saved,
    Failed(Problem),
}

impl Report {
    pub fn new(home: &Path) -> Self {
        Self {
            path: short_path(&home.join(NAME), home),
            names: Names::Masked,
            state: State::Asking,
        }
    }

    pub fn path_typed(&mut self, path: String) {
        if !matches!(self.state, State::Saving(_)) {
            self.path = path;
            self.state = State::Asking;
        }
    }

    pub fn names_toggled(&mut self, kept: bool) {
        if !matches!(self.state, State::Saving(_)) {
            self.names = if kept { Names::Kept } else { Names::Masked };
            self.state = State::Asking;
        }
    }

    /// The whole path of the file; a relative one begins at the home.
    fn whole_path(&self, home: &Path) -> Option<PathBuf> {
        let typed = self.path.trim();
        if typed.is_empty() {
            return None;
        }
        Some(match typed.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => home.join(typed),
        })
    }

    /// What is to be written, unless that is under way already.
    pub fn save(&mut self, home: &Path) -> Option<(Key, PathBuf, Names)> {
        if matches!(self.state, State::Saving(_)) {
            return None;
        }
        let path = self.whole_path(home)?;
        let key = Key::fresh();
        self.state = State::Saving(key);
        Some((key, path, self.names))
    }

    pub fn saved(&mut self, key: Key, result: Result<(), Problem>) {
        if matches!(self.state, State::Saving(own) if own == key) {
            self.state = match result {
                Ok(()) => State::Saved,
                Err(problem) => State::Failed(problem),
            };
        }
    }

    pub fn view(&self) -> Element<'_, Message> {
        let is_saving = matches!(self.state, State::Saving(_));
        let can_save = !is_saving && !self.path.trim().is_empty();
        let field = FormField::new("~/sextant-report.txt", &self.path)
            .label("Save the report as")
            .id("doctor-report-path")
            .on_input(Message::ReportPathTyped)
            .on_submit(Message::ReportSavePressed)
            .hint("With .json at its end, it is written for programs.");
        let names = check_box(self.names == Names::Kept)
            .label("Leave names of people in it")
            .id("doctor-report-names")
            .on_toggle(Message::ReportNamesToggled);
        let save = button::primary("Save")
            .id("doctor-report-save")
            .on_press_maybe(can_save.then_some(Message::ReportSavePressed));
        let close = button::secondary("Close")
            .id("doctor-report-close")
            .on_press(Message::ReportClosed);
        let outcome: Option<Element<'_, Message>> = match &self.state {
            State::Asking => None,
            State::Saving(_) => Some(shown::working("Saving")),
            State::Saved => Some(
                Banner::new(Tone::Good, format!("The report is in {}.", self.path.trim()))
                    .cause("Only you can read the file. Read it before you send it to anybody.")
                    .into(),
            ),
            State::Failed(problem) => Some(shown::problem(problem).into()),
        };
        let about = text::small(
            "Versions, every check, conda's settings, names and permissions of files, and the titles of the last changes. Tokens \
             and passwords are masked.",
        )
        .style(style::muted);
        let mut parts: Vec<Element<'_, Message>> = vec![field.into(), about.into(), names.into()];
        parts.extend(outcome);
        parts.push(row![save, close].spacing(spacing::S).into());
        container(Column::with_children(parts).spacing(spacing::M))
            .width(Length::Fill)
            .padding(spacing::L)
            .style(style::card)
            .into()
    }
}
