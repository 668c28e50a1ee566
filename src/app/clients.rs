//! The Clients page: its work over the services.

use iced::Task;
use iced::futures::FutureExt;

use super::notice::{Notice, Offer};
use super::work::changing;
use super::{App, Message};
use crate::error::Problem;
use crate::screen::Key;
use crate::screen::clients::{Action, Clients, Message as ClientsMessage, answers};
use crate::service::blocking;

impl App {
    /// The first time it is read; after that what was typed stays.
    pub(super) fn open_clients(&mut self) -> Task<Message> {
        let action = match &mut self.clients {
            Some(screen) => screen.read_again(),
            None => {
                let (screen, action) = Clients::new(&self.home);
                self.clients = Some(screen);
                action
            }
        };
        self.clients_acted(action)
    }

    pub(super) fn update_clients(&mut self, message: ClientsMessage) -> Task<Message> {
        let Some(screen) = &mut self.clients else {
            return Task::none();
        };
        let action = screen.update(message);
        self.clients_acted(action)
    }

    fn clients_acted(&mut self, action: Action) -> Task<Message> {
        let services = self.services.clone();
        match action {
            Action::None => Task::none(),
            Action::All(actions) => {
                let tasks: Vec<Task<Message>> = actions
                    .into_iter()
                    .map(|action| self.clients_acted(action))
                    .collect();
                Task::batch(tasks)
            }
            Action::Read { key, servers } => {
                let work = async move { services.clients_standing(&servers).map(Box::new) };
                self.asked_of_clients(key, "Reading the files", work, move |result| {
                    ClientsMessage::StandingRead { key, result }
                })
            }
            Action::Plan { key, setup } => {
                let work = async move { services.plan_client_setup(&setup).map(Box::new) };
                self.asked_of_clients(key, "Reading the files", work, move |result| {
                    ClientsMessage::Planned { key, result }
                })
            }
            Action::SetUp { key, plan } => {
                let turn = self.turn.clone();
                let work = async move {
                    let _turn = turn.lock().await;
                    let done = services.set_up(&plan).await;
                    done.map(|entry| entry.map(Box::new)).map_err(Problem::from)
                };
                let work = work.map(move |result| answered(key, ClientsMessage::SetUp { key, result }));
                let task = changing(self.services.clone(), work);
                self.works.begin_change(key, "Changing the files", task)
            }
            Action::Told(entry) => {
                let notice = Notice::good(format!("{}.", entry.what));
                self.notify(notice.offering(Offer::Undo(entry.id.clone())))
            }
            Action::Copy(text) => iced::clipboard::write(text),
            Action::AskPip { key, address } => {
                let work = async move { blocking(|| services.ask_pip(&address)) };
                self.asked_of_clients(key, "Asking pip", work, move |result| answers::pip(key, result))
            }
            Action::LookAtKerberos { key, server, more } => {
                let work = async move { services.kerberos_state(&server, &more).await.map(Box::new) };
                self.asked_of_clients(key, "Asking the key servers", work, move |result| {
                    answers::kerberos(key, result)
                })
            }
            Action::GetTicket {
                key,
                principal,
                password,
            } => {
                let work = async move { services.get_ticket(&principal, &password).await };
                self.asked_of_clients(key, "Getting a ticket", work, move |result| {
                    answers::ticket(key, result)
                })
            }
            Action::SignIn => self.update(Message::ConnectPressed),
        }
    }

    /// A question whose answer changes no file.
    fn asked_of_clients<T: Send + 'static>(
        &mut self,
        key: Key,
        name: &'static str,
        work: impl Future<Output = Result<T, crate::service::ServiceError>> + Send + 'static,
        answer: impl Fn(Result<T, Problem>) -> ClientsMessage + Send + 'static,
    ) -> Task<Message> {
        let task = Task::perform(work, move |result| {
            answered(key, answer(result.map_err(Problem::from)))
        });
        self.works.begin(key, name, task)
    }
}

fn answered(key: Key, message: ClientsMessage) -> Message {
    Message::Answered(key, Box::new(Message::Clients(message)))
}
