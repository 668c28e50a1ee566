//! The logins of Anaconda Repository and of Anaconda.org, over the services.

use iced::Task;
use jiff::tz::TimeZone;

use super::domain::Repository;
use super::sign_in::ready;
use super::{App, Dialog, Message};
use crate::error::Problem;
use crate::screen::anaconda_org_login::{self, AnacondaOrgLogin};
use crate::screen::repository_login::{self, RepositoryLogin};
use crate::screen::set_domain::Wanted;
use crate::service::connection::Service;
use crate::service::sign_in::repository::RepositoryLogin as Credential;
use crate::service::sign_in::sso::SignOnSite;

impl App {
    pub(super) fn open_repository_login(&mut self, repository: Repository) -> Task<Message> {
        let (dialog, action) = RepositoryLogin::new(
            repository.api.clone(),
            repository.facts.clone(),
            self.name_at(Service::Repository),
            self.hint(),
            TimeZone::system(),
        );
        self.met.repository = Some(repository);
        self.dialog = Some(Dialog::RepositoryLogin(Box::new(dialog)));
        self.repository_login_acted(action)
    }

    pub(super) fn repository_login_acted(&mut self, action: repository_login::Action) -> Task<Message> {
        match action {
            repository_login::Action::None => Task::none(),
            repository_login::Action::AskForOffer { key, api } => {
                let services = self.services.clone();
                let ca_file = self.ca_file_of_repository();
                let work = async move {
                    let offer = services.repository_offer(&api, ca_file.as_deref()).await;
                    (services.now(), offer.map(Box::new).map_err(Problem::from))
                };
                let task = Task::perform(work, move |(at, result)| {
                    let message = repository_login::Message::Offered { key, at, result };
                    Message::Answered(key, Box::new(Message::RepositoryLogin(message)))
                });
                self.works.begin(key, "Asking how to sign in", task)
            }
            repository_login::Action::LogIn {
                key,
                api,
                credential,
                scopes,
            } => {
                if let Credential::Password { username, .. } = &credential {
                    self.met.names.insert(Service::Repository, username.clone());
                }
                let (services, replacing) = (self.services.clone(), self.flow.replacing.clone());
                let ca_file = self.ca_file_of_repository();
                let work = async move {
                    let login =
                        services.log_in_to_repository(&api, ca_file.as_deref(), credential, scopes)?;
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
        let login = AnacondaOrgLogin::new(self.name_at(Service::AnacondaOrg))
            .keeping(self.secrets.clone())
            .hinting(self.hint());
        self.dialog = Some(Dialog::AnacondaOrgLogin(login));
        Task::none()
    }

    pub(super) fn anaconda_org_login_acted(&mut self, action: anaconda_org_login::Action) -> Task<Message> {
        match action {
            anaconda_org_login::Action::None => Task::none(),
            anaconda_org_login::Action::Browser => self.open_browser_wait(SignOnSite::AnacondaCom),
            anaconda_org_login::Action::Device => self.open_device_code(SignOnSite::AnacondaCom),
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
        let opened = match self.behind.take() {
            Some(dialog) => {
                self.dialog = Some(dialog);
                Task::none()
            }
            None => self.open_credentials(service),
        };
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
