//! From the Connect dialog to the credentials of a service, over the sign-out of another where one is in the way.

use iced::Task;

use super::channels::Opens;
use super::domain::Repository;
use super::{App, Dialog, Flow, Message, Page, Source};
use crate::error::{Explain as _, Problem};
use crate::repository::Domain;
use crate::screen::cloud_token::CloudToken;
use crate::screen::connect::{self, Connect};
use crate::screen::put_back::Subject;
use crate::screen::replace::{self, Replace};
use crate::screen::set_domain::Wanted;
use crate::service::connection::Service;
use crate::service::sign_in::Replacing;

impl App {
    pub(super) fn open_connect(&mut self) -> Task<Message> {
        self.dialog = Some(Dialog::Connect(self.connect()));
        Task::none()
    }

    fn connect(&self) -> Connect {
        Connect::new(
            self.standing.connections.clone(),
            self.secrets.clone(),
            &self.home,
        )
    }

    /// What the dialog shows has changed while it was open.
    pub(super) fn refresh_connect(&mut self) {
        if matches!(self.dialog, Some(Dialog::Connect(_))) {
            self.dialog = Some(Dialog::Connect(self.connect()));
        }
    }

    pub(super) fn connect_acted(&mut self, action: connect::Action) -> Task<Message> {
        match action {
            connect::Action::SignIn(service) => self.begin(service, Source::Asked),
            connect::Action::SignOut(service) => self.open_sign_out(service),
            connect::Action::Renew(service) => self.renew(service),
            connect::Action::ChooseChannels(service) => self.begin(service, Source::Found),
            connect::Action::Repair => self.open_repair(),
            connect::Action::Close => {
                self.dialog = None;
                Task::none()
            }
        }
    }

    /// To the credentials, unless another repository service has to be signed out of first (seed 003: one at a time).
    pub(super) fn begin(&mut self, service: Service, source: Source) -> Task<Message> {
        if let Err(told) = self.may_begin(service) {
            self.dialog = None;
            return told;
        }
        self.behind = None;
        self.flow = Flow {
            source,
            replacing: Replacing::Nothing,
        };
        match self.standing.repository() {
            Some(other) if service.is_repository() => {
                let (dialog, action) = Replace::new(service, other.clone());
                self.dialog = Some(Dialog::Replace(dialog));
                self.replace_acted(action)
            }
            _ => self.open_credentials(service),
        }
    }

    pub(super) fn replace_acted(&mut self, action: replace::Action) -> Task<Message> {
        match action {
            replace::Action::None => Task::none(),
            replace::Action::Plan { key, service, how } => {
                let services = self.services.clone();
                let work = async move {
                    services
                        .plan_sign_out(service, &how)
                        .map(Box::new)
                        .map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Replace(replace::Message::Planned { key, result })),
                    )
                });
                self.works.begin(key, "Reading the files", task)
            }
            replace::Action::GoOn { service, how } => {
                self.flow.replacing = Replacing::Other(how);
                self.open_credentials(service)
            }
            replace::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            replace::Action::Run(task) => task.map(Message::Replace),
        }
    }

    /// Where a service asks for what it takes to sign in, or to its channels where another program has that already.
    pub(super) fn open_credentials(&mut self, service: Service) -> Task<Message> {
        if self.flow.source == Source::Found {
            let replacing = std::mem::take(&mut self.flow).replacing;
            self.dialog = None;
            self.page = Page::Channels;
            return self.open_channels_of(Opens::Found { service, replacing });
        }
        match service {
            Service::Server => match self.standing.domain.as_deref().map(Domain::parse) {
                Some(Ok(domain)) => self.open_login(domain),
                _ => self.open_set_domain(Wanted::Server),
            },
            Service::Cloud => {
                let base = self.services.cloud_base().map_err(|error| error.explain());
                let practice = self
                    .demonstration
                    .as_ref()
                    .and_then(|demonstration| demonstration.cloud_token.clone());
                self.dialog = Some(Dialog::CloudToken(CloudToken::new(base, practice)));
                Task::none()
            }
            Service::Repository => {
                match (self.met.repository.clone(), self.standing.repository_api.clone()) {
                    (Some(known), _) => self.open_repository_login(known),
                    (None, Some(api)) => self.open_repository_login(Repository {
                        api,
                        ca_file: None,
                        facts: String::new(),
                    }),
                    (None, None) => self.open_set_domain(Wanted::Repository),
                }
            }
            Service::AnacondaOrg => self.open_anaconda_org_login(),
        }
    }

    fn open_sign_out(&mut self, service: Service) -> Task<Message> {
        let Some(connection) = self.standing.of(service) else {
            return Task::none();
        };
        self.open_put_back(Subject::SignIn {
            service,
            domain: connection.domain.clone(),
            user: connection.user.clone(),
        })
    }
}
