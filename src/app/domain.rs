//! The domain of the server: asked for, checked and stored.

use iced::Task;
use iced::futures::StreamExt;

use super::work::{Report, reporting};
use super::{App, Dialog, Message, Turn};
use crate::error::Problem;
use crate::repository::{CheckStep, Domain, Outcome};
use crate::screen::set_domain::{self, Found, SetDomain};
use crate::service::Services;

impl App {
    pub(super) fn open_set_domain(&mut self) -> Task<Message> {
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

    pub(super) fn set_domain_acted(&mut self, action: set_domain::Action) -> Task<Message> {
        match action {
            set_domain::Action::None
            | set_domain::Action::Certificate { .. }
            | set_domain::Action::Proxy { .. }
            | set_domain::Action::OtherProduct { .. } => Task::none(),
            set_domain::Action::Check {
                key, domain, ca_file, ..
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
                facts: set_domain::facts(&ended),
            })
        },
    )
}
