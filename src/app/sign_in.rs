//! Signing in: credentials, review, signed in.

use iced::Task;
use iced::futures::FutureExt;
use iced::futures::channel::oneshot;

use super::channels::Opens;
use super::notice::{self, Notice};
use super::work::{changing, unless_stopped};
use super::{App, Dialog, Flow, Message, Page, Turn};
use crate::error::Problem;
use crate::repository::{CloudBase, Domain};
use crate::screen::Key;
use crate::screen::cloud_token;
use crate::screen::login::{self, Login, Ready};
use crate::screen::review::{self, Review};
use crate::screen::set_domain::Wanted;
use crate::secret::Token;
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::recover::Recovery;
use crate::service::sign_in::{ChannelChoice, LoggedIn, Replacing, SignedIn};
use crate::service::{ServiceError, Services};

impl App {
    /// Who signed in to a service last, for its Login dialog; empty where nobody did.
    pub(super) fn name_at(&self, service: Service) -> String {
        self.met.names.get(&service).cloned().unwrap_or_default()
    }

    /// What the demonstration says in a Login dialog.
    pub(super) fn hint(&self) -> Option<String> {
        self.demonstration
            .as_ref()
            .map(|demonstration| demonstration.hint.clone())
    }

    pub(super) fn open_login(&mut self, domain: Domain) -> Task<Message> {
        let hint = self.hint();
        let name = self.name_at(Service::Server);
        let login = Login::new(domain, self.met.facts.clone(), name, hint);
        self.dialog = Some(Dialog::Login(login));
        Task::none()
    }

    pub(super) fn login_acted(&mut self, action: login::Action) -> Task<Message> {
        match action {
            login::Action::None => Task::none(),
            login::Action::LogIn {
                key,
                domain,
                name,
                password,
            } => {
                self.met.names.insert(Service::Server, name.clone());
                let ca_file = self.met.ca_file.clone();
                let (services, replacing) = (self.services.clone(), self.flow.replacing.clone());
                let work = async move {
                    let login = services
                        .log_in(&domain, ca_file.as_deref(), &name, &password)
                        .await?;
                    ready(&services, login, &replacing)
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Login(login::Message::Answered { key, result })),
                    )
                });
                self.works.begin(key, "Logging in", task)
            }
            login::Action::SignInWithSso { domain } => self.open_browser_wait(self.site_of_server(domain)),
            login::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            login::Action::Change => self.open_set_domain(Wanted::Server),
            login::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            login::Action::Done(ready) => self.open_review(*ready),
            login::Action::Run(task) => task.map(Message::Login),
        }
    }

    pub(super) fn cloud_token_acted(&mut self, action: cloud_token::Action) -> Task<Message> {
        match action {
            cloud_token::Action::None => Task::none(),
            cloud_token::Action::LogIn { key, base, token } => {
                let work = log_in_to_cloud(self.services.clone(), base, token, self.flow.replacing.clone());
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::CloudToken(cloud_token::Message::Answered {
                            key,
                            result,
                        })),
                    )
                });
                self.works.begin(key, "Checking the token", task)
            }
            cloud_token::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            cloud_token::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            cloud_token::Action::Done(ready) => self.open_review(*ready),
            cloud_token::Action::Run(task) => task.map(Message::CloudToken),
        }
    }

    pub(super) fn open_review(&mut self, ready: Ready) -> Task<Message> {
        self.behind = self.dialog.take().filter(Dialog::asks_for_credentials);
        if self.standing.reviews_sign_in() {
            self.dialog = Some(Dialog::Review(Review::new(ready, &self.home)));
            return Task::none();
        }
        let (review, action) = Review::without_asking(ready, &self.home);
        self.dialog = Some(Dialog::Review(review));
        self.review_acted(action)
    }

    pub(super) fn review_acted(&mut self, action: review::Action) -> Task<Message> {
        match action {
            review::Action::None => Task::none(),
            review::Action::SignIn {
                key,
                login,
                plan,
                shows_next_time,
            } => {
                let remembered = self.remember_review(shows_next_time);
                let (stop, stopped) = oneshot::channel();
                let work = sign_in(
                    self.services.clone(),
                    self.turn.clone(),
                    *login,
                    *plan,
                    self.flow.replacing.clone(),
                    stopped,
                );
                let work = work.map(move |ended| {
                    let message = match ended {
                        Ok(end) => Message::SignInEnded { key, end },
                        Err(cleaned) => Message::CleanedUp("Sign-in", cleaned),
                    };
                    Message::Answered(key, Box::new(message))
                });
                let task = changing(self.services.clone(), work);
                let begun = self.works.begin_orderly(key, "Signing in", stop, task);
                Task::batch([remembered, begun])
            }
            review::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            review::Action::Back(service) => match self.behind.take() {
                Some(dialog) => {
                    self.dialog = Some(dialog);
                    Task::none()
                }
                None => self.open_credentials(service),
            },
            review::Action::Refused { service, problem } => self.credentials_refused(service, problem),
            review::Action::Close => {
                self.dialog = None;
                self.behind = None;
                Task::none()
            }
            review::Action::Done(signed_in) => {
                self.dialog = None;
                self.signed_in(&signed_in)
            }
        }
    }

    fn remember_review(&mut self, shows_next_time: bool) -> Task<Message> {
        match &mut self.standing.preferences {
            Some(preferences) if preferences.review_before_sign_in != shows_next_time => {
                preferences.review_before_sign_in = shows_next_time;
                self.store_preferences()
            }
            _ => Task::none(),
        }
    }

    /// A sign-in that went through although it was asked to stop happened all the same: it is told, with a way back.
    pub(super) fn sign_in_ended(&mut self, key: Key, end: review::End, was_stopped: bool) -> Task<Message> {
        match (end, was_stopped) {
            (review::End::Done(signed_in), true) => {
                self.dialog = None;
                self.signed_in(&signed_in)
            }
            (_, true) => Task::none(),
            (end, false) => {
                self.hear(match &end {
                    review::End::Failed(problem) => Some(problem),
                    _ => None,
                });
                self.update(Message::Review(review::Message::Ended { key, end }))
            }
        }
    }

    fn signed_in(&mut self, signed_in: &SignedIn) -> Task<Message> {
        if !signed_in.user.is_empty() {
            self.met.names.insert(signed_in.service, signed_in.user.clone());
        }
        self.flow = Flow::default();
        self.behind = None;
        self.unreachable = None;
        let mut tasks: Vec<Task<Message>> = notice::of_sign_in(signed_in)
            .into_iter()
            .map(|notice: Notice| self.notify(notice))
            .collect();
        if signed_in.service.is_repository() {
            self.page = Page::Channels;
            tasks.push(self.open_channels_of(Opens::AfterSignIn));
        } else {
            tasks.push(self.reload_page());
        }
        Task::batch(tasks)
    }
}

async fn log_in_to_cloud(
    services: Services,
    base: CloudBase,
    token: Token,
    replacing: Replacing,
) -> Result<Box<Ready>, Problem> {
    let login = services.log_in_to_cloud(&base, &token).await?;
    ready(&services, login, &replacing)
}

/// What signing in will change, for the review.
pub(super) fn ready(
    services: &Services,
    login: LoggedIn,
    replacing: &Replacing,
) -> Result<Box<Ready>, Problem> {
    let plan = plan(services, &login, replacing)?;
    Ok(Box::new(Ready { login, plan }))
}

/// Channels are chosen once signed in, unless a policy or preset proposes some.
fn plan(services: &Services, login: &LoggedIn, replacing: &Replacing) -> Result<Plan, ServiceError> {
    let choice = match login.service {
        Service::Server => services.proposed_channels()?,
        _ => ChannelChoice::default(),
    };
    services.plan_sign_in(login, &choice, replacing)
}

/// Signs in; when it is asked to stop, the sign-in is dropped and nothing of it stays (`Err`).
async fn sign_in(
    services: Services,
    turn: Turn,
    login: LoggedIn,
    planned: Plan,
    replacing: Replacing,
    stopped: oneshot::Receiver<()>,
) -> Result<review::End, Result<Recovery, Problem>> {
    let work = async {
        let _turn = turn.lock().await;
        services.sign_in(&login, &planned).await
    };
    let Some(done) = unless_stopped(work, stopped).await else {
        let _turn = turn.lock().await;
        return Err(services.recover().await.map_err(Problem::from));
    };
    Ok(match done {
        Ok(signed_in) => review::End::Done(Box::new(signed_in)),
        Err(error) if error.is_stale_plan() => match plan(&services, &login, &replacing) {
            Ok(plan) => review::End::Stale(Box::new(plan)),
            Err(error) => review::End::Failed(error.into()),
        },
        Err(error) => review::End::Failed(error.into()),
    })
}
