//! The way through the Connect dialog: domain, login, review, signed in; and out again.

use iced::Task;
use iced::futures::channel::oneshot;
use iced::futures::{FutureExt, StreamExt, future};

use super::notice::{Notice, Offer};
use super::work::{Report, changing, reporting};
use super::{App, Dialog, Message, Page, Turn};
use crate::error::{Kind, Problem};
use crate::repository::{CheckStep, Domain, Outcome};
use crate::screen::login::{self, Login, Ready};
use crate::screen::put_back::{self, PutBackDialog, Subject};
use crate::screen::review::{self, Review};
use crate::screen::set_domain::{self, Found, SetDomain};
use crate::screen::{Key, connect};
use crate::secret::Secret;
use crate::service::Services;
use crate::service::connection::Service;
use crate::service::merge::PutBack;
use crate::service::plan::Plan;
use crate::service::recover::Recovery;
use crate::service::sign_in::{ChannelChoice, LoggedIn, Replacing, SignedIn};
use crate::service::undo::UndoPlan;

impl App {
    pub(super) fn connect_acted(&mut self, action: connect::Action) -> Task<Message> {
        match action {
            connect::Action::SignIn => self.open_sign_in(),
            connect::Action::SignOut(service) => self.open_sign_out(service),
            connect::Action::Close => {
                self.dialog = None;
                Task::none()
            }
        }
    }

    /// To the login when a domain is set, to the domain otherwise.
    fn open_sign_in(&mut self) -> Task<Message> {
        match self.standing.domain.as_deref().map(Domain::parse) {
            Some(Ok(domain)) => self.open_login(domain),
            _ => self.open_set_domain(),
        }
    }

    fn open_set_domain(&mut self) -> Task<Message> {
        let suggested = match (&self.standing.domain, &self.demonstration) {
            (Some(domain), _) => domain.clone(),
            (None, Some(demonstration)) => demonstration.domain.clone(),
            (None, None) => String::new(),
        };
        self.dialog = Some(Dialog::SetDomain(SetDomain::new(
            set_domain::Wanted::Server,
            &suggested,
            self.met.ca_file.clone(),
        )));
        Task::none()
    }

    fn open_login(&mut self, domain: Domain) -> Task<Message> {
        let hint = self
            .demonstration
            .as_ref()
            .map(|demonstration| demonstration.hint.clone());
        let login = Login::new(domain, self.met.facts.clone(), self.met.user.clone(), hint);
        self.dialog = Some(Dialog::Login(login));
        Task::none()
    }

    pub(super) fn set_domain_acted(&mut self, action: set_domain::Action) -> Task<Message> {
        match action {
            set_domain::Action::None
            | set_domain::Action::Certificate(_)
            | set_domain::Action::Proxy { .. }
            | set_domain::Action::OtherProduct { .. } => Task::none(),
            set_domain::Action::Check {
                key,
                wanted: _,
                domain,
                ca_file,
            } => {
                let name = format!("Checking {}", domain.host_and_port());
                let work = check_and_store(self.services.clone(), self.turn.clone(), domain, ca_file);
                let stream = work.map(move |report| match report {
                    Report::Progress(step) => Message::Reported(
                        key,
                        Box::new(Message::SetDomain(set_domain::Message::Stepped { key, step })),
                    ),
                    Report::Done(result) => Message::Answered(
                        key,
                        Box::new(Message::SetDomain(set_domain::Message::Ended { key, result })),
                    ),
                });
                self.works.begin(key, name, Task::stream(stream))
            }
            set_domain::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            set_domain::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            set_domain::Action::Done(found) => {
                self.met.ca_file = found.ca_file;
                self.met.facts = found.facts;
                self.standing.domain = Some(found.domain.to_string());
                Task::batch([self.open_login(found.domain), self.read_standing()])
            }
        }
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
                self.met.user.clone_from(&name);
                let ca_file = self.met.ca_file.clone();
                let work = log_in(self.services.clone(), domain, ca_file, name, password);
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Login(login::Message::Answered { key, result })),
                    )
                });
                self.works.begin(key, "Logging in", task)
            }
            login::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            login::Action::Change => self.open_set_domain(),
            login::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            login::Action::Done(ready) => self.open_review(*ready),
            login::Action::Run(task) => task.map(Message::Login),
        }
    }

    fn open_review(&mut self, ready: Ready) -> Task<Message> {
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
                let work = sign_in(self.services.clone(), self.turn.clone(), *login, *plan, stopped);
                let work = work.map(move |ended| {
                    let message = match ended {
                        Ok(end) => Message::SignInEnded { key, end },
                        Err(cleaned) => Message::CleanedUp(cleaned),
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
            review::Action::Back => self.open_sign_in(),
            review::Action::Close => {
                self.dialog = None;
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
        self.met.user.clone_from(&signed_in.user);
        self.unreachable = None;
        self.page = Page::Channels;
        let host = connect::host_of(&signed_in.domain).to_owned();
        let told = Notice::good(format!("Signed in to {host} as {}", signed_in.user))
            .offering(Offer::Undo(signed_in.entry.clone()));
        Task::batch([self.notify(told), self.open_channels(Some(host))])
    }

    fn open_sign_out(&mut self, service: Service) -> Task<Message> {
        let Some(server) = &self.standing.server else {
            return Task::none();
        };
        self.open_put_back(Subject::SignIn {
            service,
            domain: server.domain.clone(),
            user: server.user.clone(),
        })
    }

    pub(super) fn open_put_back(&mut self, subject: Subject) -> Task<Message> {
        let (dialog, action) = PutBackDialog::new(subject, &self.home);
        self.dialog = Some(Dialog::PutBack(dialog));
        self.put_back_acted(action)
    }

    pub(super) fn put_back_acted(&mut self, action: put_back::Action) -> Task<Message> {
        match action {
            put_back::Action::None => Task::none(),
            put_back::Action::Plan { key, subject, how } => {
                let services = self.services.clone();
                let work = async move { plan_put_back(&services, subject, &how) };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::PutBack(put_back::Message::Planned { key, result })),
                    )
                });
                self.works.begin(key, "Reading the files", task)
            }
            put_back::Action::PutBack { key, plan } => {
                let (stop, stopped) = oneshot::channel();
                let work = put_back_now(self.services.clone(), self.turn.clone(), *plan, stopped);
                let work = work.map(move |ended| {
                    let message = match ended {
                        Ok(end) => Message::PutBack(put_back::Message::Ended { key, end }),
                        Err(recovered) => Message::Recovered(recovered),
                    };
                    Message::Answered(key, Box::new(message))
                });
                let task = changing(self.services.clone(), work);
                self.works.begin_orderly(key, "Putting back", stop, task)
            }
            put_back::Action::Abort(key) => {
                self.works.cancel(key);
                self.dialog = None;
                Task::none()
            }
            put_back::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            put_back::Action::Run(task) => task.map(Message::PutBack),
            put_back::Action::Done(undone) => {
                self.dialog = None;
                self.put_back(&undone)
            }
        }
    }
}

/// Checks a domain and, when a server answers, stores it.
fn check_and_store(
    services: Services,
    turn: Turn,
    domain: Domain,
    ca_file: Option<std::path::PathBuf>,
) -> impl iced::futures::Stream<Item = Report<CheckStep, Result<Found, Problem>>> + Send {
    reporting(
        move |tell: iced::futures::channel::mpsc::UnboundedSender<CheckStep>| async move {
            let mut ended = Vec::new();
            let report = |step: CheckStep| {
                if step.outcome != Outcome::Running {
                    ended.push(step.clone());
                }
                // Nobody listens any more once the check was cancelled.
                let _ = tell.unbounded_send(step);
            };
            services.check_domain(&domain, ca_file.as_deref(), report).await?;
            let _turn = turn.lock().await;
            let plan = services.plan_domain(&domain)?;
            if !plan.is_empty() {
                services.set_domain(&plan).await?;
            }
            Ok(Found {
                domain,
                ca_file,
                authentication: None,
                facts: set_domain::facts(&ended),
            })
        },
    )
}

async fn log_in(
    services: Services,
    domain: Domain,
    ca_file: Option<std::path::PathBuf>,
    name: String,
    password: Secret,
) -> Result<Box<Ready>, Problem> {
    let login = services
        .log_in(&domain, ca_file.as_deref(), &name, &password)
        .await?;
    let plan = services.plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing)?;
    Ok(Box::new(Ready { login, plan }))
}

/// Signs in; when it is asked to stop, the sign-in is dropped and nothing of it stays (`Err`).
async fn sign_in(
    services: Services,
    turn: Turn,
    login: LoggedIn,
    plan: Plan,
    stopped: oneshot::Receiver<()>,
) -> Result<review::End, Result<Recovery, Problem>> {
    let work = async {
        let _turn = turn.lock().await;
        services.sign_in(&login, &plan).await
    };
    let Some(done) = unless_stopped(work, stopped).await else {
        let _turn = turn.lock().await;
        return Err(services.recover().await.map_err(Problem::from));
    };
    Ok(match done {
        Ok(signed_in) => review::End::Done(Box::new(signed_in)),
        Err(error) if error.is_stale_plan() => {
            match services.plan_sign_in(&login, &ChannelChoice::default(), &Replacing::Nothing) {
                Ok(plan) => review::End::Stale(Box::new(plan)),
                Err(error) => review::End::Failed(error.into()),
            }
        }
        Err(error) => review::End::Failed(error.into()),
    })
}

fn plan_put_back(services: &Services, subject: Subject, how: &PutBack) -> Result<Box<UndoPlan>, Problem> {
    let plan = match subject {
        Subject::SignIn { service, .. } => UndoPlan::SignOut {
            service,
            plan: services.plan_sign_out(service, how)?,
        },
        Subject::Entry { id, .. } => services.plan_undo(Some(&id), how)?,
    };
    Ok(Box::new(plan))
}

/// Puts back; when it is asked to stop waiting, what has begun is finished by a recovery (`Err`).
async fn put_back_now(
    services: Services,
    turn: Turn,
    plan: UndoPlan,
    stopped: oneshot::Receiver<()>,
) -> Result<put_back::End, Result<Recovery, Problem>> {
    let work = async {
        let _turn = turn.lock().await;
        services.undo(&plan).await
    };
    let Some(done) = unless_stopped(work, stopped).await else {
        let _turn = turn.lock().await;
        return Err(services.recover().await.map_err(Problem::from));
    };
    Ok(match done {
        Ok(undone) => put_back::End::Done(Box::new(undone)),
        Err(error) if error.is_stale_plan() => put_back::End::Stale,
        Err(error) => put_back::End::Failed(error.into()),
    })
}

/// The work's answer, or nothing when the stop came first; the work is dropped then.
async fn unless_stopped<T>(work: impl Future<Output = T>, stopped: oneshot::Receiver<()>) -> Option<T> {
    let stopped = async {
        // The other end is dropped only together with the window.
        if stopped.await.is_err() {
            future::pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        () = stopped => None,
        done = work => Some(done),
    }
}

/// Whether a problem is about reaching the server, so that the top bar tells it.
pub(super) fn is_about_reaching(problem: &Problem) -> bool {
    matches!(problem.kind, Kind::Network | Kind::Tls | Kind::NotAServer)
}
