//! The Environments page and its dialogs: their work over the services.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use iced::Task;
use iced::futures::FutureExt;

use super::notice::{Notice, Offer};
use super::work::changing;
use super::{App, Dialog, Message, Page};
use crate::edit::history::Entry;
use crate::error::{Kind, Problem};
use crate::screen::Key;
use crate::screen::environments::dialog::{self, Dialog as EnvironmentDialog};
use crate::screen::environments::name::{self, NameDialog, Purpose};
use crate::screen::environments::nevertheless::{self, Nevertheless};
use crate::screen::environments::{self, Action, Deed, Environment, label};
use crate::service::environments::{EnvironmentAction, EnvironmentPlan, NewEnvironment, WhichEnvironment};
use crate::service::{ServiceError, Services};
use crate::ui::keyboard::Intent;

/// How a change of an environment as a whole ended.
#[derive(Debug, Clone)]
pub struct DeedEnd {
    key: Key,
    /// Where the environment lies then.
    prefix: PathBuf,
    result: Result<Entry, Problem>,
}

impl App {
    /// Opens the page; from the packages of an environment, back to the list.
    pub(super) fn open_environments(&mut self, was: Page) -> Task<Message> {
        match &self.packages {
            Some(_) if was == Page::Environments => self.close_packages(),
            // It comes back as it was left.
            Some(_) => Task::none(),
            None => self.reload_environments(),
        }
    }

    /// Reads the environments again.
    pub(super) fn reload_environments(&mut self) -> Task<Message> {
        let action = self.environments.reload();
        self.environments_acted(action)
    }

    /// Reads again what the page shows: the environments, or the packages of one.
    pub(super) fn reload_environments_page(&mut self) -> Task<Message> {
        match &mut self.packages {
            Some(page) => {
                let action = page.reload();
                self.packages_acted(action)
            }
            None => self.reload_environments(),
        }
    }

    /// Environments may have been made or changed in a terminal meanwhile.
    pub(super) fn window_focused(&mut self) -> Task<Message> {
        let is_at_rest = self.dialog.is_none() && self.change.is_none() && !self.works.is_changing();
        if is_at_rest && self.page == Page::Environments {
            self.reload_environments_page()
        } else {
            Task::none()
        }
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
        match deed {
            Deed::Packages => self.open_packages(environment),
            Deed::OpenTerminal => self.open_terminal(environment),
            Deed::Clone => self.open_name(Purpose::Clone, environment, false),
            Deed::Export => self.open_export(environment),
            Deed::Rename | Deed::Remove => {
                // Only now it is looked whether a program of it is running.
                let key = Key::fresh();
                let services = self.services.clone();
                let look = async move {
                    let protections = services.protections(&environment);
                    Environment {
                        protections,
                        ..environment
                    }
                };
                let task = Task::perform(look, move |environment| {
                    let message = Message::EnvironmentLookedAt(deed, Box::new(environment));
                    Message::Answered(key, Box::new(message))
                });
                self.works.begin(key, "Looking at the environment", task)
            }
        }
    }

    /// What stands against renaming or removing an environment is known.
    pub(super) fn environment_looked_at(&mut self, deed: Deed, environment: Environment) -> Task<Message> {
        if self.dialog.is_some() {
            return Task::none();
        }
        let label = label(&environment, &self.home);
        if let Some(hindrance) = environments::hindrance(&environment, deed) {
            let problem = Problem::new(Kind::Conflict, format!("{label} is left where it is"))
                .because(hindrance.reason())
                .remedy(hindrance.remedy(&environment.prefix));
            return self.notify(Notice::problem(&problem));
        }
        if environments::objection(&environment, deed).is_some() {
            let dialog = Nevertheless::new(deed, environment, label);
            self.dialog = Some(Dialog::Environment(EnvironmentDialog::Nevertheless(dialog)));
            return Task::none();
        }
        self.do_now(deed, environment, false)
    }

    fn do_now(&mut self, deed: Deed, environment: Environment, is_overridden: bool) -> Task<Message> {
        match deed {
            Deed::Remove => {
                let prefix = environment.prefix.clone();
                let which = WhichEnvironment::At(prefix.clone());
                let name = format!("Removing {}", label(&environment, &self.home));
                self.change_environment(Key::fresh(), name, prefix, move |services| {
                    services.plan_remove_environment(&which, is_overridden)
                })
            }
            _ => self.open_name(Purpose::Rename, environment, is_overridden),
        }
    }

    fn open_name(&mut self, purpose: Purpose, of: Environment, is_overridden: bool) -> Task<Message> {
        let label = label(&of, &self.home);
        let (dialog, action) = NameDialog::new(purpose, of, label, self.environments.taken());
        let dialog = dialog.overriding(is_overridden);
        self.dialog = Some(Dialog::Environment(EnvironmentDialog::Name(dialog)));
        self.name_acted(action)
    }

    pub(super) fn environment_dialog_acted(&mut self, action: dialog::Action) -> Task<Message> {
        match action {
            dialog::Action::None => Task::none(),
            dialog::Action::Run(task) => task.map(Message::Environment),
            dialog::Action::Name(action) => self.name_acted(action),
            dialog::Action::Create(action) => self.create_acted(action),
            dialog::Action::Export(action) => self.export_acted(action),
            dialog::Action::Import(action) => self.import_acted(action),
            dialog::Action::Nevertheless(nevertheless::Action::Do(deed, environment)) => {
                self.dialog = None;
                self.do_now(deed, environment, true)
            }
            dialog::Action::Nevertheless(nevertheless::Action::Close) => self.close_dialog(),
        }
    }

    pub(super) fn close_dialog(&mut self) -> Task<Message> {
        self.dialog = None;
        Task::none()
    }

    fn name_acted(&mut self, action: name::Action) -> Task<Message> {
        match action {
            name::Action::None => Task::none(),
            name::Action::Clone { of, name } => {
                let label = label(&of, &self.home);
                self.clone_to(of.prefix, label, name)
            }
            name::Action::Rename {
                key,
                of,
                name,
                is_overridden,
            } => {
                let work = format!("Renaming {}", label(&of, &self.home));
                let which = WhichEnvironment::At(of.prefix.clone());
                self.change_environment(key, work, of.prefix, move |services| {
                    services.plan_rename_environment(&which, &NewEnvironment::Named(name), is_overridden)
                })
            }
            name::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            name::Action::Close => self.close_dialog(),
            name::Action::Run(task) => {
                task.map(|message| Message::Environment(dialog::Message::Name(message)))
            }
        }
    }

    /// Carries out a change of an environment as a whole, and tells how it ended.
    pub(super) fn change_environment(
        &mut self,
        key: Key,
        name: String,
        prefix: PathBuf,
        plan: impl FnOnce(&Services) -> Result<EnvironmentPlan, ServiceError> + Send + 'static,
    ) -> Task<Message> {
        let stop = Arc::new(AtomicBool::new(false));
        let (services, turn, wished) = (self.services.clone(), self.turn.clone(), stop.clone());
        let work = async move {
            let _turn = turn.lock().await;
            let planned = plan(&services)?;
            let prefix = match &planned.action {
                EnvironmentAction::Rename { to } => to.clone(),
                _ => planned.prefix.clone(),
            };
            let entry = services.change_environment(&planned, &wished).await?;
            Ok::<_, Problem>((entry, prefix))
        };
        let work = work.map(move |done| {
            let (result, prefix) = match done {
                Ok((entry, prefix)) => (Ok(entry), prefix),
                Err(problem) => (Err(problem), prefix),
            };
            let end = DeedEnd { key, prefix, result };
            Message::Answered(key, Box::new(Message::EnvironmentChanged(Box::new(end))))
        });
        let task = changing(self.services.clone(), work);
        self.works.begin_orderly(key, name, stop, task)
    }

    /// A change of an environment as a whole has ended.
    pub(super) fn environment_changed(&mut self, end: DeedEnd) -> Task<Message> {
        let DeedEnd { key, prefix, result } = end;
        let is_awaited = match &mut self.dialog {
            Some(Dialog::Environment(dialog)) => dialog.awaits(key),
            _ => false,
        };
        match result {
            Ok(entry) => {
                if is_awaited {
                    self.dialog = None;
                }
                let notice = Notice::good(entry.what.clone()).offering(Offer::Undo(entry.id));
                let told = self.notify(notice);
                Task::batch([told, self.reload_environments_at(&prefix)])
            }
            Err(problem) if problem.kind == Kind::Cancelled => {
                let told = self.notify(Notice::info("Cancelled. Nothing was changed."));
                Task::batch([told, self.reload_environments()])
            }
            Err(problem) if is_awaited => {
                if let Some(Dialog::Environment(dialog)) = &mut self.dialog {
                    dialog.failed(key, problem);
                }
                Task::none()
            }
            Err(problem) => self.notify(Notice::problem(&problem)),
        }
    }

    /// Reads the environments again, with the cursor on this one.
    pub(super) fn reload_environments_at(&mut self, prefix: &Path) -> Task<Message> {
        let action = self.environments.reload_at(prefix);
        self.environments_acted(action)
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
