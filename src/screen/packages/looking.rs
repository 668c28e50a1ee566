//! Looking at one package in detail, and going from it to another.

use super::basket::Mark;
use super::details::{Details, Question, Section};
use super::{Action, Packages};
use crate::ui::tree_list;

impl Packages {
    /// Shows the package at a place of the table in detail.
    pub(super) fn look_at(&mut self, place: usize) -> Action {
        let Some(row) = self.rows.at(place) else {
            return Action::None;
        };
        if self
            .details
            .as_ref()
            .is_some_and(|details| details.name == row.name)
        {
            return Action::None;
        }
        self.details = Some(Box::new(Details::new(&row.name, row.installed.is_some())));
        self.ask()
    }

    /// Reads anew what is looked at.
    pub(super) fn look_again(&mut self) -> Action {
        let Some(details) = &self.details else {
            return Action::None;
        };
        let name = details.name.clone();
        let is_installed = self.rows.get(&name).is_some();
        self.details = Some(Box::new(Details::new(&name, is_installed)));
        self.ask()
    }

    /// Reads what the open sections show.
    pub(super) fn ask(&mut self) -> Action {
        let Some(details) = &mut self.details else {
            return Action::None;
        };
        let name = details.name.clone();
        let prefix = self.environment.prefix.clone();
        let questions = details
            .ask(&self.open)
            .into_iter()
            .map(|question| match question {
                Question::Releases(key) => Action::ReadReleases {
                    key,
                    name: name.clone(),
                },
                Question::Why(key) | Question::Needs(key) => Action::Explain {
                    key,
                    prefix: prefix.clone(),
                    name: name.clone(),
                    is_why: matches!(question, Question::Why(_)),
                },
            });
        Action::All(questions.collect())
    }

    pub(super) fn tree(&mut self, section: Section, event: tree_list::Event) -> Action {
        let can_change = self.can_change();
        let Some(details) = &mut self.details else {
            return Action::None;
        };
        match details.tree_event(section, event) {
            tree_list::Outcome::ScrollTo(offset) => Action::Run(details.scroll(section, offset)),
            tree_list::Outcome::Activate(path) | tree_list::Outcome::Toggle(path)
                if section == Section::Versions =>
            {
                if let (Some(choice), true) = (details.choice(&path), can_change) {
                    self.basket.toggle(&details.name, Mark::Install(Some(choice)));
                }
                Action::None
            }
            tree_list::Outcome::Activate(path) => {
                let name = details.reason(section, &path).map(|reason| reason.name.clone());
                name.map_or(Action::None, |name| self.go_to(&name))
            }
            tree_list::Outcome::Toggle(_) | tree_list::Outcome::Nothing => Action::None,
        }
    }

    /// From a package in a tree to its own details.
    fn go_to(&mut self, name: &str) -> Action {
        if self.details.as_ref().is_some_and(|details| details.name == name) {
            return Action::None;
        }
        let is_installed = self.rows.get(name).is_some();
        let place = self.rows.place_of(name);
        self.list.set_cursor(place);
        self.details = Some(Box::new(Details::new(name, is_installed)));
        let ask = self.ask();
        match place {
            Some(place) => Action::All(vec![ask, Action::Run(self.list.reveal(place))]),
            None => ask,
        }
    }
}
