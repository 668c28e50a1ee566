//! The dialogs of the Environments page: creating, exporting, importing, copying.

use std::path::PathBuf;

use iced::Task;

use super::notice::Notice;
use super::{App, Dialog, Message};
use crate::edit::file;
use crate::error::{Explain, Kind, Problem};
use crate::package::solve::check_spec;
use crate::screen::environments::Environment;
use crate::screen::environments::create::{self, Create};
use crate::screen::environments::dialog::{self, Dialog as EnvironmentDialog};
use crate::screen::environments::export::{self, Export};
use crate::screen::environments::import;
use crate::screen::{Key, shown};
use crate::service::environments::{ExportFormat, NewEnvironment};
use crate::service::plan::short_path;

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

    pub(super) fn open_export(&mut self, environment: Environment) -> Task<Message> {
        let (dialog, action) = Export::new(environment, &self.home);
        self.dialog = Some(Dialog::Environment(EnvironmentDialog::Export(Box::new(dialog))));
        self.export_acted(action)
    }

    pub(super) fn export_acted(&mut self, action: export::Action) -> Task<Message> {
        let message = |message: export::Message| Message::Environment(dialog::Message::Export(message));
        match action {
            export::Action::None => Task::none(),
            export::Action::Render { key, prefix, format } => {
                let services = self.services.clone();
                let render = async move {
                    let exported = services.export_environment(&prefix, format_of(format));
                    exported.map(|exported| exported.text).map_err(Problem::from)
                };
                let task = Task::perform(render, move |result| {
                    Message::Answered(key, Box::new(message(export::Message::Rendered { key, result })))
                });
                self.works.begin(key, "Reading the environment", task)
            }
            export::Action::Save {
                key,
                path,
                text,
                replace,
            } => {
                let save = async move { saved(path, &text, replace) };
                let task = Task::perform(save, move |result| {
                    Message::Answered(key, Box::new(message(export::Message::Saved { key, result })))
                });
                self.works.begin(key, "Writing the file", task)
            }
            export::Action::Copy(text) => iced::clipboard::write(text),
            export::Action::Abort(key) => {
                self.works.cancel(key);
                self.close_dialog()
            }
            export::Action::Close => self.close_dialog(),
            export::Action::Done(path) => {
                let told = self.notify(Notice::good(format!("Wrote {}.", short_path(&path, &self.home))));
                Task::batch([self.close_dialog(), told])
            }
        }
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

fn format_of(format: export::Format) -> ExportFormat {
    match format {
        export::Format::Yml => ExportFormat::Yml { builds: true },
        export::Format::FromHistory => ExportFormat::FromHistory,
        export::Format::Explicit => ExportFormat::Explicit,
        export::Format::Lock => ExportFormat::Lock,
    }
}

/// Writes what was exported; a file that is there is left alone unless the person said that it is to be replaced.
fn saved(path: PathBuf, text: &str, replace: bool) -> Result<PathBuf, Problem> {
    if path.exists() && !replace {
        return Err(
            Problem::new(Kind::Conflict, format!("{} is there already", path.display()))
                .remedy("press the button once more to replace it, or name another file"),
        );
    }
    // As any new file of a person's own.
    const READABLE: u32 = 0o644;
    match file::write(&path, text.as_bytes(), READABLE) {
        Ok(_) => Ok(path),
        Err(error) => Err(error.explain()),
    }
}

/// What is wrong with a match spec.
fn wrong_spec(text: &str) -> Option<String> {
    let problem = check_spec(text).err()?.explain();
    Some(shown::lines(&problem))
}
