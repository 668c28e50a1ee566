//! The packages of an environment: the page's work over the services.

use iced::Task;

use super::{App, Message, Page};
use crate::error::Problem;
use crate::screen::environments::{Environment, label};
use crate::screen::packages::{self, Action, Guard, Installed, Packages};
use crate::screen::shown;

impl App {
    pub(super) fn open_packages(&mut self, environment: Environment) -> Task<Message> {
        let basket = self.baskets.remove(&environment.prefix).unwrap_or_default();
        let shown = packages::Environment {
            label: label(&environment, &self.home),
            guard: guard(&environment),
            python: environment.python.clone(),
            prefix: environment.prefix,
        };
        let (page, action) = Packages::new(shown, &self.home, basket);
        self.packages = Some(page);
        self.packages_acted(action)
    }

    /// Back to the list of environments. What was marked is there when the page is opened again.
    pub(super) fn close_packages(&mut self) -> Task<Message> {
        let Some(page) = self.packages.take() else {
            return Task::none();
        };
        let prefix = page.environment().prefix.clone();
        let action = self.environments.reload_at(&prefix);
        self.baskets.insert(prefix, page.basket().clone());
        self.environments_acted(action)
    }

    pub(super) fn update_packages(&mut self, message: packages::Message) -> Task<Message> {
        let Some(page) = &mut self.packages else {
            return Task::none();
        };
        let action = page.update(message);
        self.packages_acted(action)
    }

    pub(super) fn packages_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::All(actions) => {
                let tasks: Vec<Task<Message>> = actions
                    .into_iter()
                    .map(|action| self.packages_acted(action))
                    .collect();
                Task::batch(tasks)
            }
            Action::ReadInstalled { key, prefix } => {
                let services = self.services.clone();
                let work = async move {
                    let installed = services.installed(&prefix).map_err(Problem::from)?;
                    let packages = installed.packages.into_iter().map(|package| Installed {
                        is_conda: package.is_conda(),
                        is_requested: !package.requested_specs.is_empty(),
                        name: package.name,
                        version: package.version,
                        build: package.build,
                        channel: package.channel,
                        size: package.size,
                    });
                    Ok(packages.collect())
                };
                let task = Task::perform(work, move |result| {
                    let message = packages::Message::InstalledRead { key, result };
                    Message::Answered(key, Box::new(Message::Packages(message)))
                });
                self.works.begin(key, "Reading the packages", task)
            }
            Action::Back => self.close_packages(),
            // An open dialog holds the focus; the page must not take it away.
            Action::Run(_) if self.dialog.is_some() || self.page != Page::Environments => Task::none(),
            Action::Run(task) => task.map(Message::Packages),
            _ => Task::none(),
        }
    }
}

/// What stands against changing the packages of an environment.
fn guard(environment: &Environment) -> Option<Guard> {
    use crate::conda::environment::Intent;
    let refusal = environment.refusal(Intent::ChangePackages)?;
    let reason = format!(
        "The packages of this environment cannot be changed: {}",
        shown::sentence(&refusal.reason())
    );
    let refused =
        |protection: &&crate::conda::environment::Protection| protection.forbids(Intent::ChangePackages);
    let mut all = environment.protections.iter().filter(refused);
    Some(
        match all.all(crate::conda::environment::Protection::can_be_overridden) {
            true => Guard::Frozen(reason),
            false => Guard::Final(reason),
        },
    )
}
