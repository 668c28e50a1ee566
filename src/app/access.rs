//! The Access page and its dialogs: their work over the services.

use iced::Task;
use url::Url;

use super::notice::Notice;
use super::{App, Dialog, Message};
use crate::error::{Kind, Problem};
use crate::repository::Visibility;
use crate::screen::access::dialog::{self, Dialog as AccessDialog};
use crate::screen::access::new_group::{self, NewGroup};
use crate::screen::access::set_access::{self, SetAccess};
use crate::screen::access::{
    Access, Action, GroupsMessage, Message as AccessMessage, PackagesMessage, Person,
};
use crate::screen::desk::Question;
use crate::screen::seat::Seat;
use crate::screen::{Key, quantity};
use crate::service::ServiceError;
use crate::service::connection::Service;

impl App {
    pub(super) fn open_access(&mut self) -> Task<Message> {
        let (seats, elsewhere) = self.seats_of_access();
        let action = match &mut self.access {
            Some(access) => access.reload(seats, elsewhere),
            None => {
                let (access, action) = Access::new(seats, elsewhere);
                self.access = Some(access);
                action
            }
        };
        self.access_acted(action)
    }

    /// Accounts that own packages, and where one is signed in besides.
    fn seats_of_access(&self) -> (Vec<Seat>, Option<Seat>) {
        let own = self
            .standing
            .connections
            .iter()
            .filter(|connection| self.standing.own.contains(&connection.service));
        let seats = own.map(|connection| Seat {
            service: connection.service,
            domain: connection.domain.clone(),
            user: connection.user.clone(),
        });
        let (with, without): (Vec<Seat>, Vec<Seat>) =
            seats.partition(|seat| matches!(seat.service, Service::Repository | Service::AnacondaOrg));
        (with, without.into_iter().next())
    }

    pub(super) fn update_access(&mut self, message: AccessMessage) -> Task<Message> {
        let Some(access) = &mut self.access else {
            return Task::none();
        };
        let heard = match &message {
            AccessMessage::Read { result, .. } if access.asks_repository() => {
                Some(result.as_ref().err().cloned())
            }
            _ => None,
        };
        let action = access.update(message);
        if let Some(problem) = heard {
            self.hear(problem.as_ref());
        }
        self.access_acted(action)
    }

    fn access_acted(&mut self, action: Action) -> Task<Message> {
        let services = self.services.clone();
        match action {
            Action::None => Task::none(),
            Action::All(actions) => {
                let tasks: Vec<Task<Message>> = actions
                    .into_iter()
                    .map(|action| self.access_acted(action))
                    .collect();
                Task::batch(tasks)
            }
            Action::Read(Question {
                key,
                service,
                password,
            }) => {
                let work = async move {
                    let owned = services.owned_by_account(service, password.as_ref()).await;
                    owned.map(Box::new)
                };
                self.asked_of_access(key, "Asking for the packages", work, move |result| {
                    AccessMessage::Read { key, result }
                })
            }
            Action::ReadGroups { key, person } => {
                let Person { service, password } = person;
                let work = async move { services.access_groups(service, None, password.as_ref()).await };
                self.asked_of_access(key, "Asking for the groups", work, move |result| {
                    AccessMessage::Groups(GroupsMessage::Read { key, result })
                })
            }
            Action::Look {
                key,
                person,
                package,
                instead,
            } => {
                if let Some(instead) = instead {
                    self.works.cancel(instead);
                }
                let Person { service, password } = person;
                let work = async move {
                    let viewers = services.who_sees(service, &package, password.as_ref()).await;
                    viewers.map(Box::new)
                };
                self.asked_of_access(key, "Asking who can see it", work, move |result| {
                    AccessMessage::Packages(PackagesMessage::Looked { key, result })
                })
            }
            Action::SetCollaborator { key, person, edit } => {
                let Person { service, password } = person;
                let package = crate::service::access::PackageReference {
                    owner: Some(edit.of.0),
                    name: edit.of.1,
                };
                let (user, is_one) = (edit.user, edit.is_one);
                let work = async move {
                    services
                        .set_collaborator(service, &package, &user, is_one, password.as_ref())
                        .await
                };
                self.asked_of_access(key, "Changing the collaborators", work, move |result| {
                    AccessMessage::Packages(PackagesMessage::CollaboratorSet { key, result })
                })
            }
            Action::ChangeGroup { key, person, edit } => {
                let Person { service, password } = person;
                let work = async move {
                    let (organization, group) = (&edit.organization, &edit.group);
                    let password = password.as_ref();
                    match edit.is_in {
                        true => {
                            services
                                .add_to_group(service, organization, group, &edit.subject, password)
                                .await
                        }
                        false => {
                            services
                                .remove_from_group(service, organization, group, &edit.subject, password)
                                .await
                        }
                    }
                };
                self.asked_of_access(key, "Changing the group", work, move |result| {
                    AccessMessage::Groups(GroupsMessage::Changed { key, result })
                })
            }
            Action::AskAccess {
                seat,
                password,
                packages,
            } => {
                let dialog = SetAccess::new(seat, password, packages);
                self.dialog = Some(Dialog::Access(AccessDialog::SetAccess(dialog)));
                Task::none()
            }
            Action::AskGroup {
                seat,
                password,
                organizations,
                taken,
            } => {
                let dialog = NewGroup::new(seat, password, organizations, taken);
                self.dialog = Some(Dialog::Access(AccessDialog::NewGroup(dialog)));
                Task::none()
            }
            Action::OpenPage { service, package } => match services.access_page(service, &package) {
                Ok(page) => self.open_address(&page),
                Err(error) => self.notify(Notice::problem(&Problem::from(error))),
            },
            Action::OpenPages(seat) => self.open_pages(&seat),
            Action::Connect => self.open_connect(),
            // An open dialog holds the focus; the page must not take it away.
            Action::Run(_) if self.dialog.is_some() => Task::none(),
            Action::Run(task) => task.map(Message::Access),
        }
    }

    fn open_address(&mut self, address: &str) -> Task<Message> {
        match Url::parse(address) {
            Ok(page) => self.open_page_in_browser(page),
            Err(_) => Task::none(),
        }
    }

    fn asked_of_access<T: Send + 'static>(
        &mut self,
        key: Key,
        name: &'static str,
        work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
        answer: impl Fn(Result<T, Problem>) -> AccessMessage + Send + 'static,
    ) -> Task<Message> {
        let task = Task::perform(work, move |result| {
            let message = answer(result.map_err(Problem::from));
            Message::Answered(key, Box::new(Message::Access(message)))
        });
        self.works.begin(key, name, task)
    }

    pub(super) fn access_dialog_acted(&mut self, action: dialog::Action) -> Task<Message> {
        match action {
            dialog::Action::None => Task::none(),
            dialog::Action::SetAccess(action) => self.set_access_acted(action),
            dialog::Action::NewGroup(action) => self.new_group_acted(action),
        }
    }

    fn set_access_acted(&mut self, action: set_access::Action) -> Task<Message> {
        match action {
            set_access::Action::None => Task::none(),
            set_access::Action::Change {
                key,
                service,
                packages,
                access,
                password,
            } => {
                let services = self.services.clone();
                let work = async move {
                    services
                        .set_access(service, &packages, access, password.as_ref())
                        .await
                };
                let task = Task::perform(work, move |result| {
                    let result = result.map_err(Problem::from);
                    answered(
                        key,
                        dialog::Message::SetAccess(set_access::Message::Ended { key, result }),
                    )
                });
                self.works.begin(key, "Changing the access", task)
            }
            set_access::Action::Abort(key) => {
                self.works.cancel(key);
                self.dialog = None;
                let notice = Notice::info(
                    "Changing the access was cancelled. The list shows what was changed by then.",
                );
                Task::batch([self.notify(notice), self.refresh_access()])
            }
            set_access::Action::Open(page) => self.open_address(&page),
            set_access::Action::Changed {
                count,
                access,
                is_over,
            } => {
                if is_over {
                    self.dialog = None;
                }
                let told = match count {
                    0 => Task::none(),
                    count => {
                        let verb = if count == 1 { "is" } else { "are" };
                        let now = match access {
                            Visibility::Public => "public",
                            Visibility::Authenticated => "open to whoever is logged in",
                            Visibility::Private => "private",
                        };
                        let count = quantity::count(count, "package");
                        self.notify(Notice::good(format!("{count} {verb} {now} now")))
                    }
                };
                Task::batch([told, self.refresh_access()])
            }
            set_access::Action::Close => {
                self.dialog = None;
                Task::none()
            }
        }
    }

    fn new_group_acted(&mut self, action: new_group::Action) -> Task<Message> {
        match action {
            new_group::Action::None => Task::none(),
            new_group::Action::Create {
                key,
                service,
                organization,
                name,
                permission,
                password,
            } => {
                let services = self.services.clone();
                let work = async move {
                    services
                        .create_group(service, &organization, &name, &permission, password.as_ref())
                        .await
                };
                let task = Task::perform(work, move |result| {
                    let result = result.map_err(Problem::from);
                    answered(
                        key,
                        dialog::Message::NewGroup(new_group::Message::Ended { key, result }),
                    )
                });
                self.works.begin(key, "Making the group", task)
            }
            new_group::Action::Abort(key) => {
                self.works.cancel(key);
                self.refresh_access()
            }
            new_group::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            new_group::Action::Created { organization, name } => {
                self.dialog = None;
                let told = self.notify(Notice::good(format!("The group {organization}/{name} is there")));
                let read = match &mut self.access {
                    Some(access) => {
                        let action = access.group_created(&organization, &name);
                        self.access_acted(action)
                    }
                    None => Task::none(),
                };
                Task::batch([told, read])
            }
        }
    }

    fn refresh_access(&mut self) -> Task<Message> {
        let Some(access) = &mut self.access else {
            return Task::none();
        };
        let action = access.refresh();
        self.access_acted(action)
    }

    /// Work was cancelled from the status line: neither page nor dialog must wait for it.
    pub(super) fn access_cancelled(&mut self, key: Key) -> Task<Message> {
        if let Some(access) = &mut self.access {
            access.cancelled(key);
        }
        let Some(Dialog::Access(dialog)) = &mut self.dialog else {
            return Task::none();
        };
        let problem = Problem::new(Kind::Cancelled, "this was cancelled");
        let message = match dialog {
            AccessDialog::SetAccess(_) => dialog::Message::SetAccess(set_access::Message::Ended {
                key,
                result: Err(problem),
            }),
            AccessDialog::NewGroup(_) => dialog::Message::NewGroup(new_group::Message::Ended {
                key,
                result: Err(problem),
            }),
        };
        let action = dialog.update(message);
        self.access_dialog_acted(action)
    }
}

fn answered(key: Key, message: dialog::Message) -> Message {
    Message::Answered(key, Box::new(Message::AccessDialog(message)))
}
