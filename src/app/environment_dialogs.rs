//! The dialogs of the Environments page: creating, exporting, importing, copying.

use std::path::Path;

use iced::Task;

use super::notice::Notice;
use super::{App, Dialog, Message};
use crate::edit::file;
use crate::error::{Explain, Kind, Problem};
use crate::package::solve::check_spec;
use crate::screen::environments::create::{self, Create};
use crate::screen::environments::dialog::{self, Dialog as EnvironmentDialog};
use crate::screen::environments::export::{self, Export, Format};
use crate::screen::environments::import::{self, Described, Import};
use crate::screen::environments::{Environment, label};
use crate::screen::{Key, quantity, shown};
use crate::service::blocking;
use crate::service::environments::{Asked, ExportFormat, Imported, NewEnvironment};
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
        match action {
            export::Action::None => Task::none(),
            export::Action::Render { key, prefix, format } => {
                let services = self.services.clone();
                let work = async move {
                    let exported = services.export_environment(&prefix, written(format))?;
                    Ok(export::Rendered {
                        text: exported.text,
                        warnings: exported.warnings,
                    })
                };
                self.export_work(key, "Writing down the environment", work, move |result| {
                    export::Message::Rendered { key, result }
                })
            }
            export::Action::Save {
                key,
                path,
                text,
                replace,
            } => {
                let work = async move { blocking(|| save(&path, &text, replace)).map(|()| path) };
                self.export_work(key, "Saving", work, move |result| export::Message::Saved {
                    key,
                    result,
                })
            }
            export::Action::Copy(text) => iced::clipboard::write(text),
            export::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            export::Action::Close => self.close_dialog(),
            export::Action::Done(path) => {
                let words = format!("Saved {}", short_path(&path, &self.home));
                let told = self.notify(Notice::good(words));
                Task::batch([self.close_dialog(), told])
            }
        }
    }

    fn export_work<T: Send + 'static>(
        &mut self,
        key: Key,
        name: &'static str,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
        answer: impl Fn(Result<T, Problem>) -> export::Message + Send + 'static,
    ) -> Task<Message> {
        let task = Task::perform(work, move |result| {
            let message = dialog::Message::Export(answer(result));
            Message::Answered(key, Box::new(Message::Environment(message)))
        });
        self.works.begin(key, name, task)
    }

    pub(super) fn open_import(&mut self) -> Task<Message> {
        let dialog = Import::new(&self.home, self.environments.taken());
        self.dialog = Some(Dialog::Environment(EnvironmentDialog::Import(dialog)));
        Task::none()
    }

    pub(super) fn import_acted(&mut self, action: import::Action) -> Task<Message> {
        match action {
            import::Action::None => Task::none(),
            import::Action::Read { key, path } => {
                let services = self.services.clone();
                let read = async move {
                    let imported = services.read_environment_file(&path);
                    imported.map(described).map_err(Problem::from)
                };
                let task = Task::perform(read, move |result| {
                    let message = dialog::Message::Import(import::Message::Read { key, result });
                    Message::Answered(key, Box::new(Message::Environment(message)))
                });
                self.works.begin(key, "Reading the file", task)
            }
            import::Action::Plan { path, name } => self.import_from(name, path),
            import::Action::Close => self.close_dialog(),
        }
    }

    pub(super) fn open_terminal(&mut self, environment: Environment) -> Task<Message> {
        let services = self.services.clone();
        let key = Key::fresh();
        let work = format!("Opening a terminal for {}", label(&environment, &self.home));
        let open = async move {
            let opened = services.open_terminal(&environment);
            opened.map(|_| ()).map_err(Problem::from)
        };
        let task = Task::perform(open, move |result| {
            Message::Answered(key, Box::new(Message::TerminalOpened(result)))
        });
        self.works.begin(key, work, task)
    }
}

/// What is in a file, in a sentence.
fn described(imported: Imported) -> Described {
    let packages = match &imported.asked {
        Asked::Specs(specs) => quantity::count(specs.len(), "package"),
        Asked::Addresses(addresses) => format!("{} by address", quantity::count(addresses.len(), "package")),
    };
    let channels = match imported.channels.len() {
        0 => String::new(),
        _ => format!(" from {}", imported.channels.join(", ")),
    };
    let pip = match imported.pip.len() {
        0 => String::new(),
        count => format!(", and {count} for pip"),
    };
    Described {
        what: format!("{packages}{channels}{pip}."),
        name: imported.name,
    }
}

fn written(format: Format) -> ExportFormat {
    match format {
        Format::Yml => ExportFormat::Yml { builds: true },
        Format::Versions => ExportFormat::Yml { builds: false },
        Format::FromHistory => ExportFormat::FromHistory,
        Format::Explicit => ExportFormat::Explicit,
        Format::Lock => ExportFormat::Lock,
    }
}

/// Writes a file; one that is there is left alone unless the person said so.
fn save(path: &Path, text: &str, replace: bool) -> Result<(), Problem> {
    if !replace && path.symlink_metadata().is_ok() {
        let problem = Problem::new(Kind::Conflict, format!("{} is there already", path.display()));
        return Err(problem.remedy("replace it, or choose another name"));
    }
    Ok(file::write(path, text.as_bytes(), ORDINARY)?)
}

/// The mode of a new file, before the umask of most systems.
const ORDINARY: u32 = 0o644;

/// What is wrong with a match spec.
fn wrong_spec(text: &str) -> Option<String> {
    let problem = check_spec(text).err()?.explain();
    Some(shown::lines(&problem))
}
