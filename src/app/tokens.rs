//! The Tokens page and the renewal of a token: their work over the services.

use iced::Task;
use iced::futures::FutureExt;
use iced::futures::channel::oneshot;

use super::notice::{self, Notice};
use super::work::{changing, unless_stopped};
use super::{App, Dialog, Flow, Message, Source, Turn};
use crate::error::Problem;
use crate::screen::renew::{self, Renew};
use crate::screen::tokens::{self, LeftOverMessage, Question, Tokens, account};
use crate::screen::{Key, connect};
use crate::secret::Secret;
use crate::service::Services;
use crate::service::connection::Service;
use crate::service::merge::PutBack;
use crate::service::plan::Plan;
use crate::service::recover::Recovery;
use crate::service::sign_in::Replacing;
use crate::service::tokens::{Renewed, TokenHealth};

impl App {
    pub(super) fn reload_tokens(&mut self) -> Task<Message> {
        let action = match &mut self.tokens {
            Some(tokens) => tokens.reload(),
            None => {
                let (tokens, action) = Tokens::new(&self.home);
                self.tokens = Some(tokens);
                action
            }
        };
        self.tokens_acted(action)
    }

    pub(super) fn tokens_acted(&mut self, action: tokens::Action) -> Task<Message> {
        match action {
            tokens::Action::None => Task::none(),
            tokens::Action::Load(key) => {
                let services = self.services.clone();
                let work = async move { services.token_health().map_err(Problem::from) };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Tokens(tokens::Message::Loaded { key, result })),
                    )
                });
                self.works.begin(key, "Reading the tokens", task)
            }
            tokens::Action::Renew(token) => self.open_renew(*token),
            tokens::Action::BringToken(service) => {
                // The old one ends together with the coming of the new one.
                self.flow = Flow {
                    source: Source::Asked,
                    replacing: Replacing::Other(PutBack::KeepEdits),
                };
                self.open_credentials(service)
            }
            tokens::Action::Connect => self.open_connect(),
            tokens::Action::Look(questions) => {
                let tasks: Vec<Task<Message>> = questions
                    .into_iter()
                    .map(|question| self.look_for_left_over(question))
                    .collect();
                Task::batch(tasks)
            }
            tokens::Action::Revoke {
                key,
                service,
                tokens,
                password,
            } => {
                let (services, turn) = (self.services.clone(), self.turn.clone());
                let work = async move {
                    let _turn = turn.lock().await;
                    services
                        .revoke_left_over(service, &tokens, password.as_ref())
                        .await
                        .map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    let message = LeftOverMessage::Revoked { key, result };
                    Message::Answered(
                        key,
                        Box::new(Message::Tokens(tokens::Message::LeftOver(service, message))),
                    )
                });
                self.works.begin(key, "Revoking", task)
            }
            tokens::Action::Read(question) => self.read_account_tokens(question),
            tokens::Action::Create(desired, replaced) => self.open_create_token(desired, replaced),
            tokens::Action::AskToRevoke(desired, tokens) => self.open_revoke_tokens(*desired, tokens),
            tokens::Action::AskForOrganization(desired) => self.open_revoke_of_organization(*desired),
            tokens::Action::OpenPages(seat) => self.open_pages(&seat),
            tokens::Action::All(actions) => {
                let tasks: Vec<Task<Message>> = actions
                    .into_iter()
                    .map(|action| self.tokens_acted(action))
                    .collect();
                Task::batch(tasks)
            }
            // An open dialog holds the focus; the page must not take it away.
            tokens::Action::Run(_) if self.dialog.is_some() => Task::none(),
            tokens::Action::Run(task) => task.map(Message::Tokens),
        }
    }

    fn look_for_left_over(&mut self, question: Question) -> Task<Message> {
        let Question {
            key,
            service,
            password,
        } = question;
        let services = self.services.clone();
        let work = async move {
            services
                .left_over_tokens(service, password.as_ref())
                .await
                .map_err(Problem::from)
        };
        let task = Task::perform(work, move |result| {
            let message = LeftOverMessage::Looked { key, result };
            Message::Answered(
                key,
                Box::new(Message::Tokens(tokens::Message::LeftOver(service, message))),
            )
        });
        self.works.begin(key, "Looking for left-over tokens", task)
    }

    /// What an answer tells beside the page: whether the server answered, and what was revoked there.
    pub(super) fn hear_of_tokens(&mut self, message: &tokens::Message) -> Task<Message> {
        match message {
            tokens::Message::Account(account::Message::Read { result, .. }) => {
                if self.tokens.as_ref().is_some_and(Tokens::asks_repository) {
                    self.hear(result.as_ref().err());
                }
                Task::none()
            }
            tokens::Message::LeftOver(service, LeftOverMessage::Looked { result, .. }) => {
                if service.is_repository() {
                    self.hear(result.as_ref().err());
                }
                Task::none()
            }
            tokens::Message::LeftOver(
                _,
                LeftOverMessage::Revoked {
                    result: Ok(outcomes), ..
                },
            ) => match outcomes.iter().filter(|outcome| outcome.failed.is_none()).count() {
                0 => Task::none(),
                1 => self.notify(Notice::good("1 token was revoked")),
                count => self.notify(Notice::good(format!("{count} tokens were revoked"))),
            },
            _ => Task::none(),
        }
    }

    /// Renewing from the Connect dialog: what is known of the token is read first.
    pub(super) fn renew(&mut self, service: Service) -> Task<Message> {
        let key = Key::fresh();
        let services = self.services.clone();
        let work = async move {
            services
                .token_health()
                .map(|all| {
                    all.into_iter()
                        .find(|token| token.service == service)
                        .map(Box::new)
                })
                .map_err(Problem::from)
        };
        let task = Task::perform(work, move |found| {
            Message::Answered(key, Box::new(Message::TokenFound(found)))
        });
        self.works.begin(key, "Reading the tokens", task)
    }

    pub(super) fn token_found(&mut self, found: Result<Option<Box<TokenHealth>>, Problem>) -> Task<Message> {
        match found {
            Ok(Some(token)) => self.open_renew(*token),
            // It ended meanwhile; the dialog shows so.
            Ok(None) => self.read_standing(),
            Err(problem) => self.notify(Notice::problem(&problem)),
        }
    }

    fn open_renew(&mut self, token: TokenHealth) -> Task<Message> {
        let (dialog, action) = Renew::new(token, &self.home);
        self.dialog = Some(Dialog::Renew(dialog));
        self.renew_acted(action)
    }

    pub(super) fn renew_acted(&mut self, action: renew::Action) -> Task<Message> {
        match action {
            renew::Action::None => Task::none(),
            renew::Action::Plan { key, service } => {
                let services = self.services.clone();
                let work = async move {
                    services
                        .plan_renewal(service)
                        .map(Box::new)
                        .map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Renew(renew::Message::Planned { key, result })),
                    )
                });
                self.works.begin(key, "Reading the files", task)
            }
            renew::Action::Renew {
                key,
                service,
                plan,
                password,
            } => {
                let (stop, stopped) = oneshot::channel();
                let work = renew_now(
                    self.services.clone(),
                    self.turn.clone(),
                    service,
                    *plan,
                    password,
                    stopped,
                );
                let work = work.map(move |ended| {
                    let message = match ended {
                        Ok(end) => Message::Renew(renew::Message::Ended { key, end }),
                        Err(cleaned) => Message::CleanedUp("Renewal", cleaned),
                    };
                    Message::Answered(key, Box::new(message))
                });
                let task = changing(self.services.clone(), work);
                self.works.begin_orderly(key, "Renewing the token", stop, task)
            }
            renew::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            renew::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            renew::Action::Done(renewed) => {
                self.dialog = None;
                self.renewed(&renewed)
            }
            renew::Action::Run(task) => task.map(Message::Renew),
        }
    }

    pub(super) fn renewed(&mut self, renewed: &Renewed) -> Task<Message> {
        self.unreachable = None;
        let host = connect::host_of(&renewed.domain);
        let told = self.notify(notice::of_renewal(host, renewed));
        Task::batch([told, self.reload_page()])
    }

    pub(super) fn tokens_cancelled(&mut self, key: Key) {
        if let Some(tokens) = &mut self.tokens {
            tokens.cancelled(key);
        }
    }
}

/// Renews; when it is asked to stop, the renewal is dropped and nothing of it stays (`Err`).
async fn renew_now(
    services: Services,
    turn: Turn,
    service: Service,
    plan: Plan,
    password: Option<Secret>,
    stopped: oneshot::Receiver<()>,
) -> Result<renew::End, Result<Recovery, Problem>> {
    let work = async {
        let _turn = turn.lock().await;
        services.renew(service, &plan, password.as_ref()).await
    };
    let Some(done) = unless_stopped(work, stopped).await else {
        let _turn = turn.lock().await;
        return Err(services.recover().await.map_err(Problem::from));
    };
    Ok(match done {
        Ok(renewed) => renew::End::Done(Box::new(renewed)),
        Err(error) if error.is_stale_plan() => stale(&services, service),
        Err(error) => renew::End::Failed(error.into()),
    })
}

fn stale(services: &Services, service: Service) -> renew::End {
    match services.plan_renewal(service) {
        Ok(plan) => renew::End::Stale(Box::new(plan)),
        Err(error) => renew::End::Failed(error.into()),
    }
}
