//! The Environments page and its dialogs: their work over the services.

use iced::Task;

use super::{App, Dialog, Message, Page};
use crate::screen::environments::dialog::{self, Dialog as EnvironmentDialog};
use crate::screen::environments::nevertheless::{self, Nevertheless};
use crate::screen::environments::{self, Action, Deed, Environment, label};
use crate::ui::keyboard::Intent;

impl App {
    /// Opens the page; from itself, or from the packages of an environment, back to the list.
    pub(super) fn open_environments(&mut self, was: Page) -> Task<Message> {
        if was == Page::Environments && self.packages.is_some() {
            return self.close_packages();
        }
        self.reload_environments()
    }

    /// Reads the environments again.
    pub(super) fn reload_environments(&mut self) -> Task<Message> {
        let action = self.environments.reload();
        self.environments_acted(action)
    }

    pub(super) fn environments_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Load(key) => {
                let services = self.services.clone();
                let task = Task::perform(async move { services.environments() }, move |found| {
                    let message = environments::Message::Loaded { key, found };
                    Message::Answered(key, Box::new(Message::Environments(message)))
                });
                self.works.begin(key, "Looking for environments", task)
            }
            Action::Measure { key, prefixes } => self.measure(key, prefixes),
            Action::Create => self.open_create(),
            Action::Import => self.open_import(),
            Action::Do(deed, environment) => self.do_deed(deed, environment),
            Action::Connect => self.update(Message::ConnectPressed),
            // An open dialog holds the focus; the page must not take it away.
            Action::Run(_) if self.dialog.is_some() || self.page != Page::Environments => Task::none(),
            Action::Run(task) => task.map(Message::Environments),
        }
    }

    fn do_deed(&mut self, deed: Deed, environment: Environment) -> Task<Message> {
        if environments::objection(&environment, deed).is_some() {
            let label = label(&environment, &self.home);
            let dialog = Nevertheless::new(deed, environment, label);
            self.dialog = Some(Dialog::Environment(EnvironmentDialog::Nevertheless(dialog)));
            return Task::none();
        }
        self.do_now(deed, environment, false)
    }
}

impl App {
    fn measure(&mut self, _key: crate::screen::Key, _prefixes: Vec<std::path::PathBuf>) -> Task<Message> {
        Task::none()
    }

    fn open_create(&mut self) -> Task<Message> {
        Task::none()
    }

    fn open_import(&mut self) -> Task<Message> {
        Task::none()
    }

    pub(super) fn do_now(
        &mut self,
        deed: Deed,
        environment: Environment,
        _is_overridden: bool,
    ) -> Task<Message> {
        match deed {
            Deed::Packages => self.open_packages(environment),
            _ => Task::none(),
        }
    }

    pub(super) fn environment_dialog_acted(&mut self, action: dialog::Action) -> Task<Message> {
        match action {
            dialog::Action::Nevertheless(nevertheless::Action::Do(deed, environment)) => {
                self.dialog = None;
                self.do_now(deed, environment, true)
            }
            dialog::Action::Nevertheless(nevertheless::Action::Close) => {
                self.dialog = None;
                Task::none()
            }
            dialog::Action::Run(task) => task.map(Message::Environment),
            _ => Task::none(),
        }
    }

    /// Keys that no widget used, while the page is what the person sees.
    pub(super) fn environments_key(&mut self, intent: Intent) -> Task<Message> {
        if self.packages.is_some() {
            return self.update_packages(crate::screen::packages::Message::Key(intent));
        }
        let action = self.environments.update(environments::Message::Key(intent));
        self.environments_acted(action)
    }
}
