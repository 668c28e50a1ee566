//! The packages of an environment: the page's work over the services.

use std::collections::HashMap;
use std::path::Path;

use iced::Task;

use super::{App, Message, Page};
use crate::conda::environment::{Intent, Protection};
use crate::error::Problem;
use crate::package::index::{Offer, PackageIndex};
use crate::package::solve::is_older;
use crate::screen::environments::{Environment, label};
use crate::screen::packages::{self, Action, Comparison, Found, Guard, Hit, Installed, Newest, Packages};
use crate::screen::{Key, shown};
use crate::service::packages::tree::Question;
use crate::service::{ServiceError, Services, blocking};

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
        // The channels may be others by now.
        Task::batch([self.packages_acted(action), self.read_index()])
    }

    /// Back to the list of environments. What was marked is there when the page is opened again.
    pub(super) fn close_packages(&mut self) -> Task<Message> {
        let Some(page) = self.packages.take() else {
            return Task::none();
        };
        let prefix = page.environment().prefix.clone();
        let action = self.environments.reload_at(&prefix);
        if !page.basket().is_empty() {
            self.baskets.insert(prefix, page.basket().clone());
        }
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
                let tasks = actions.into_iter().map(|action| self.packages_acted(action));
                let tasks: Vec<Task<Message>> = tasks.collect();
                Task::batch(tasks)
            }
            Action::ReadInstalled { key, prefix } => {
                let services = self.services.clone();
                let work = async move { installed_packages(&services, &prefix).map_err(Problem::from) };
                self.ask(key, "Reading the packages", work, move |result| {
                    packages::Message::InstalledRead { key, result }
                })
            }
            Action::Compare { key, installed } => self.compare(key, installed),
            Action::Search { key, text, most } => self.search_index(key, text, most),
            Action::ReadReleases { key, name } => {
                let Some(index) = self.index.opened() else {
                    // It is asked again when the index is there.
                    return Task::none();
                };
                let work = async move { index?.versions(&name).await.map_err(Problem::from) };
                self.ask(key, "Reading the versions", work, move |result| {
                    packages::Message::ReleasesRead { key, result }
                })
            }
            Action::Explain {
                key,
                prefix,
                name,
                is_why,
            } => {
                let services = self.services.clone();
                let question = if is_why { Question::Why } else { Question::NeededBy };
                let work = async move {
                    services
                        .package_trees(&prefix, &name, question)
                        .map_err(Problem::from)
                };
                self.ask(key, "Looking what needs what", work, move |result| {
                    packages::Message::Explained { key, result }
                })
            }
            Action::OpenBasket => self.open_basket(),
            Action::Plan(basket) => self.change_packages(&basket),
            Action::UpdateIndex => self.update_index(),
            Action::ShowIndex => self.show_index(),
            Action::Back => self.close_packages(),
            // An open dialog holds the focus; the page must not take it away.
            Action::Run(_) if self.dialog.is_some() || self.page != Page::Environments => Task::none(),
            Action::Run(task) => task.map(Message::Packages),
        }
    }

    /// Work whose answer is for the page.
    fn ask<T: Send + 'static>(
        &mut self,
        key: Key,
        name: &'static str,
        work: impl Future<Output = T> + Send + 'static,
        answer: impl Fn(T) -> packages::Message + Send + 'static,
    ) -> Task<Message> {
        let task = Task::perform(work, move |answered| {
            Message::Answered(key, Box::new(Message::Packages(answer(answered))))
        });
        self.works.begin(key, name, task)
    }

    fn compare(&mut self, key: Key, installed: Vec<(String, String)>) -> Task<Message> {
        let Some(Ok(index)) = self.index.opened() else {
            return Task::none();
        };
        let work = async move { blocking(|| compared(&index, installed)) };
        self.ask(key, "Comparing with the index", work, move |newest| {
            packages::Message::Compared { key, newest }
        })
    }

    fn search_index(&mut self, key: Key, text: String, most: usize) -> Task<Message> {
        // The one before is not waited for any more.
        if let Some(older) = self.searching.replace(key) {
            self.works.cancel(older);
        }
        let Some(index) = self.index.opened() else {
            return Task::none();
        };
        let work = async move {
            let index = index?;
            Ok(blocking(|| found(&index, &text, most)))
        };
        self.ask(key, "Searching", work, move |result| packages::Message::Found {
            key,
            result,
        })
    }
}

fn installed_packages(services: &Services, prefix: &Path) -> Result<Vec<Installed>, ServiceError> {
    let installed = services.installed(prefix)?;
    // A history that cannot be read is told when something is to be changed.
    let requested = services.requested_specs(prefix).unwrap_or_default();
    let packages = installed.packages.into_iter().map(|package| Installed {
        is_conda: package.is_conda(),
        is_requested: requested.iter().any(|spec| spec.name == package.name),
        name: package.name,
        version: package.version,
        build: package.build,
        channel: package.channel,
        size: package.size,
    });
    Ok(packages.collect())
}

/// What the channel that is searched first has.
fn newest(offers: &[Offer]) -> Option<Newest> {
    let first = offers
        .iter()
        .find(|offer| offer.newest.is_some())
        .or(offers.first())?;
    Some(Newest {
        version: first.newest.clone().unwrap_or_default(),
        channel: first.channel.name.clone(),
    })
}

fn compared(index: &PackageIndex, installed: Vec<(String, String)>) -> HashMap<String, Comparison> {
    let compared = installed.into_iter().filter_map(|(name, version)| {
        let newest = newest(&index.offers(&name))?;
        let is_newer = is_older(&version, &newest.version);
        Some((name, Comparison { newest, is_newer }))
    });
    compared.collect()
}

fn found(index: &PackageIndex, text: &str, most: usize) -> Found {
    // One more tells whether there are more.
    let mut hits = index.search(text, most + 1);
    let is_cut = hits.len() > most;
    hits.truncate(most);
    let hits = hits.into_iter().filter_map(|hit| {
        Some(Hit {
            newest: newest(&hit.offers)?,
            name: hit.name,
        })
    });
    Found {
        hits: hits.collect(),
        is_cut,
    }
}

/// What stands against changing the packages of an environment.
fn guard(environment: &Environment) -> Option<Guard> {
    let refusal = environment.refusal(Intent::ChangePackages)?;
    let reason = format!(
        "the packages of this environment are to stay: {}",
        refusal.reason()
    );
    let mut all = environment
        .protections
        .iter()
        .filter(|protection| protection.forbids(Intent::ChangePackages));
    Some(match all.all(Protection::can_be_overridden) {
        true => Guard::Frozen(shown::capitalised(&reason)),
        false => Guard::Final(shown::capitalised(&reason)),
    })
}
