//! The logins of Anaconda Repository and of Anaconda.org, over the services.

use iced::Task;
use jiff::tz::TimeZone;

use super::domain::Repository;
use super::sign_in::ready;
use super::{App, Dialog, Message};
use crate::error::Problem;
use crate::repository::Extent;
use crate::screen::anaconda_org_login::{self, AnacondaOrgLogin};
use crate::screen::repository_login::{self, How, RepositoryLogin};
use crate::screen::set_domain::Wanted;
use crate::service::blocking;
use crate::service::connection::Service;
use crate::service::sign_in::repository as service;

/// The one scope for everything. A list without any would be read as the same, which nobody would have asked for.
const EVERYTHING: &str = "all";

impl App {
    pub(super) fn open_repository_login(&mut self, repository: Repository) -> Task<Message> {
        let hint = self.hint();
        let (dialog, action) = RepositoryLogin::new(
            repository.api.clone(),
            repository.facts.clone(),
            repository.wants.clone(),
            self.name_at(Service::Repository),
            hint,
            TimeZone::system(),
        );
        self.met.repository = Some(repository);
        self.dialog = Some(Dialog::RepositoryLogin(Box::new(dialog)));
        self.repository_login_acted(action)
    }

    pub(super) fn repository_login_acted(&mut self, action: repository_login::Action) -> Task<Message> {
        match action {
            repository_login::Action::None => Task::none(),
            repository_login::Action::LookForTicket(key) => {
                let services = self.services.clone();
                let work = async move {
                    let kerberos = services.kerberos().clone();
                    let found = blocking(|| kerberos.ticket()).map_err(Problem::from);
                    (services.now(), found)
                };
                let task = Task::perform(work, move |(at, result)| {
                    let message = repository_login::Message::ticket_found(key, at, result);
                    Message::Answered(key, Box::new(Message::RepositoryLogin(message)))
                });
                self.works.begin(key, "Looking for a ticket", task)
            }
            repository_login::Action::AskForScopes { key, api } => {
                let services = self.services.clone();
                let ca_file = self.ca_file_of_repository();
                let work = async move {
                    let offer = services.repository_offer(&api, ca_file.as_deref()).await?;
                    Ok(offer.scopes)
                };
                let task = Task::perform(work, move |result: Result<_, Problem>| {
                    let message = repository_login::Message::scopes_told(key, result);
                    Message::Answered(key, Box::new(Message::RepositoryLogin(message)))
                });
                self.works.begin(key, "Asking for the scopes", task)
            }
            repository_login::Action::LogIn {
                key,
                api,
                how,
                extent,
            } => {
                if let How::Password { name, .. } = &how {
                    self.met.names.insert(Service::Repository, name.clone());
                }
                let (services, replacing) = (self.services.clone(), self.flow.replacing.clone());
                let ca_file = self.ca_file_of_repository();
                let work = async move {
                    let login = services.log_in_to_repository(
                        &api,
                        ca_file.as_deref(),
                        proof(how),
                        scopes(extent),
                    )?;
                    ready(&services, login, &replacing)
                };
                let task = Task::perform(work, move |result| {
                    let message = repository_login::Message::Answered { key, result };
                    Message::Answered(key, Box::new(Message::RepositoryLogin(message)))
                });
                self.works.begin(key, "Logging in", task)
            }
            repository_login::Action::Copy(text) => iced::clipboard::write(text),
            repository_login::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            repository_login::Action::Change => self.open_set_domain(Wanted::Repository),
            repository_login::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            repository_login::Action::Done(ready) => self.open_review(*ready),
            repository_login::Action::Run(task) => task.map(Message::RepositoryLogin),
        }
    }

    fn ca_file_of_repository(&self) -> Option<std::path::PathBuf> {
        self.met
            .repository
            .as_ref()
            .and_then(|repository| repository.ca_file.clone())
    }

    pub(super) fn open_anaconda_org_login(&mut self) -> Task<Message> {
        let login = AnacondaOrgLogin::new(self.name_at(Service::AnacondaOrg));
        self.dialog = Some(Dialog::AnacondaOrgLogin(login));
        Task::none()
    }

    pub(super) fn anaconda_org_login_acted(&mut self, action: anaconda_org_login::Action) -> Task<Message> {
        match action {
            anaconda_org_login::Action::None => Task::none(),
            anaconda_org_login::Action::Browser => match self.services.anaconda_com() {
                Ok(domain) => self.open_browser_wait(Service::AnacondaOrg, domain),
                Err(error) => self.notify(super::Notice::problem(&error.into())),
            },
            anaconda_org_login::Action::Device => match self.services.anaconda_com() {
                Ok(domain) => self.open_device_code(Service::AnacondaOrg, domain, None),
                Err(error) => self.notify(super::Notice::problem(&error.into())),
            },
            anaconda_org_login::Action::Password { key, name, password } => {
                self.met.names.insert(Service::AnacondaOrg, name.clone());
                let (services, replacing) = (self.services.clone(), self.flow.replacing.clone());
                let work = async move {
                    let login = services.log_in_to_anaconda_org(&name, &password)?;
                    ready(&services, login, &replacing)
                };
                let task = Task::perform(work, move |result| {
                    let message = anaconda_org_login::Message::Answered { key, result };
                    Message::Answered(key, Box::new(Message::AnacondaOrgLogin(message)))
                });
                self.works.begin(key, "Signing in", task)
            }
            anaconda_org_login::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            anaconda_org_login::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            anaconda_org_login::Action::Done(ready) => self.open_review(*ready),
            anaconda_org_login::Action::Run(task) => task.map(Message::AnacondaOrgLogin),
        }
    }

    /// The service did not accept a password that it saw only now: back to where it was given, which says so.
    pub(super) fn credentials_refused(&mut self, service: Service, problem: Problem) -> Task<Message> {
        let opened = self.open_credentials(service);
        let refused = match &mut self.dialog {
            Some(Dialog::RepositoryLogin(dialog)) => {
                let action = dialog.refuse(problem);
                self.repository_login_acted(action)
            }
            Some(Dialog::AnacondaOrgLogin(dialog)) => {
                let action = dialog.refuse(problem);
                self.anaconda_org_login_acted(action)
            }
            _ => self.notify(super::Notice::problem(&problem)),
        };
        Task::batch([opened, refused])
    }
}

fn proof(how: How) -> service::RepositoryLogin {
    match how {
        How::Password { name, password } => service::RepositoryLogin::Password {
            username: name,
            password,
        },
        How::Kerberos { over_plain_http } => service::RepositoryLogin::Kerberos { over_plain_http },
    }
}

fn scopes(extent: Extent) -> Vec<String> {
    match extent {
        Extent::Everything => vec![EVERYTHING.to_owned()],
        Extent::Scopes(scopes) => scopes.into_iter().collect(),
    }
}
