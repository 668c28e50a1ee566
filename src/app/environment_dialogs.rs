//! The dialogs of the Environments page: creating, exporting, importing, copying.

use iced::Task;

use super::{App, Dialog, Message};
use crate::error::{Explain, Problem};
use crate::package::solve::check_spec;
use crate::screen::environments::Environment;
use crate::screen::environments::create::{self, Create};
use crate::screen::environments::dialog::{self, Dialog as EnvironmentDialog};
use crate::screen::environments::export;
use crate::screen::environments::import;
use crate::screen::{Key, shown};
use crate::service::environments::NewEnvironment;

impl App {
    pub(super) fn open_create(&mut self) -> Task<Message> {
        let dialog = Create::new(&self.home, self.environments.taken(), wrong_spec);
        self.dialog = Some(Dialog::Environment(EnvironmentDialog::Create(dialog)));
        Task::none()
    }

    pub(super) fn create_acted(&mut self, action: create::Action) -> Task<Message> {
        match action {
            create::Action::None => Task::none(),
            create::Action::Locate { key, name } => {
                let services = self.services.clone();
                let look = async move {
                    let target = services.new_environment(&NewEnvironment::Named(name));
                    target.map(|target| target.prefix).map_err(Problem::from)
                };
                let task = Task::perform(look, move |result| {
                    let message = create::Message::Located { key, result };
                    Message::Answered(
                        key,
                        Box::new(Message::Environment(dialog::Message::Create(message))),
                    )
                });
                self.works.begin(key, "Looking where it goes", task)
            }
            create::Action::Create { key, name } => {
                let work = format!("Creating {name}");
                let wanted = NewEnvironment::Named(name);
                self.change_environment(key, work, std::path::PathBuf::new(), move |services| {
                    services.plan_empty_environment(&wanted)
                })
            }
            create::Action::Plan { name, prefix, specs } => self.create_with(name, prefix, specs),
            create::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            create::Action::Close => self.close_dialog(),
        }
    }

    pub(super) fn open_export(&mut self, _environment: Environment) -> Task<Message> {
        Task::none()
    }

    pub(super) fn export_acted(&mut self, _action: export::Action) -> Task<Message> {
        Task::none()
    }

    pub(super) fn open_import(&mut self) -> Task<Message> {
        Task::none()
    }

    pub(super) fn import_acted(&mut self, _action: import::Action) -> Task<Message> {
        Task::none()
    }

    pub(super) fn clone_environment(&mut self, _key: Key, _of: Environment, _name: String) -> Task<Message> {
        Task::none()
    }

    pub(super) fn open_terminal(&mut self, _environment: Environment) -> Task<Message> {
        Task::none()
    }
}

/// What is wrong with a match spec.
fn wrong_spec(text: &str) -> Option<String> {
    let problem = check_spec(text).err()?.explain();
    Some(shown::lines(&problem))
}
