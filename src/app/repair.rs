//! Repairing a login, and removing what is left behind of a service: planned, shown, and carried out.

use iced::Task;
use iced::futures::FutureExt;
use iced::futures::channel::oneshot;

use super::notice::Notice;
use super::work::{changing, unless_stopped};
use super::{App, Dialog, Message, Turn};
use crate::error::Problem;
use crate::screen::connect::host_of;
use crate::screen::left_behind::{self, LeftBehindDialog};
use crate::screen::repair::{self, RepairDialog};
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::recover::Recovery;
use crate::service::repair::RepairPlan;
use crate::service::sign_out::SignedOut;
use crate::service::{ServiceError, Services};

impl App {
    pub(super) fn open_repair(&mut self) -> Task<Message> {
        let (dialog, action) = RepairDialog::new(&self.home);
        self.dialog = Some(Dialog::Repair(Box::new(dialog)));
        self.repair_acted(action)
    }

    pub(super) fn repair_acted(&mut self, action: repair::Action) -> Task<Message> {
        match action {
            repair::Action::None => Task::none(),
            repair::Action::Plan(key) => {
                let services = self.services.clone();
                let work = async move {
                    let repair = services.plan_repair(None);
                    repair.map(Box::new).map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Repair(repair::Message::Planned { key, result })),
                    )
                });
                self.works.begin(key, "Reading the files", task)
            }
            repair::Action::Repair { key, repair } => {
                let (stop, stopped) = oneshot::channel();
                let work = repaired(self.services.clone(), self.turn.clone(), *repair, stopped);
                let work = work.map(move |ended| {
                    let message = match ended {
                        Ok(end) => Message::Repair(repair::Message::Ended { key, end }),
                        Err(recovered) => Message::Recovered(recovered),
                    };
                    Message::Answered(key, Box::new(message))
                });
                let task = changing(self.services.clone(), work);
                self.works.begin_orderly(key, "Repairing", stop, task)
            }
            repair::Action::Repaired => {
                self.unreachable = None;
                // What they offer is a part of what was repaired.
                self.notices.retain(|notice| !notice.offers_undo());
                self.reload_page()
            }
            repair::Action::SignIn(_) => self.begin(Service::Server, super::Source::Asked),
            repair::Action::Undo(entry) => {
                self.dialog = None;
                self.undo(entry)
            }
            repair::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            repair::Action::Run(task) => task.map(Message::Repair),
        }
    }

    /// After signing out: what conda still searches of the service, if there is anything.
    pub(super) fn open_left_behind(&mut self, signed_out: &SignedOut) -> Task<Message> {
        if signed_out.left_behind.is_empty() || self.dialog.is_some() {
            return Task::none();
        }
        let name = match host_of(&signed_out.domain) {
            "" => signed_out.service.title().to_owned(),
            host => host.to_owned(),
        };
        let (dialog, action) = LeftBehindDialog::new(name, signed_out.left_behind.clone(), &self.home);
        self.dialog = Some(Dialog::LeftBehind(Box::new(dialog)));
        self.left_behind_acted(action)
    }

    pub(super) fn left_behind_acted(&mut self, action: left_behind::Action) -> Task<Message> {
        match action {
            left_behind::Action::None => Task::none(),
            left_behind::Action::Plan { key, gone } => {
                let services = self.services.clone();
                let work = async move {
                    let plan = services.plan_remove_left_behind(&gone);
                    plan.map(Box::new).map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::LeftBehind(left_behind::Message::Planned { key, result })),
                    )
                });
                self.works.begin(key, "Comparing", task)
            }
            left_behind::Action::Remove { key, plan } => {
                let (stop, stopped) = oneshot::channel();
                let work = removed(self.services.clone(), self.turn.clone(), *plan, stopped);
                let work = work.map(move |ended| {
                    let message = match ended {
                        Ok(end) => Message::LeftBehind(left_behind::Message::Ended { key, end }),
                        Err(recovered) => Message::Recovered(recovered),
                    };
                    Message::Answered(key, Box::new(message))
                });
                let task = changing(self.services.clone(), work);
                self.works.begin_orderly(key, "Removing channels", stop, task)
            }
            left_behind::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            left_behind::Action::Done(entry) => {
                self.dialog = None;
                self.changed_by(&entry)
            }
            left_behind::Action::Run(task) => task.map(Message::LeftBehind),
        }
    }

    /// Whether one may sign in there; what forbids it is told.
    pub(super) fn may_begin(&mut self, service: Service) -> Result<(), Task<Message>> {
        match self.services.may_sign_in(service, None) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.notify(Notice::problem(&error.into()))),
        }
    }
}

/// Repairs; when it is asked to stop waiting, what has begun is finished by a recovery (`Err`).
async fn repaired(
    services: Services,
    turn: Turn,
    repair: RepairPlan,
    stopped: oneshot::Receiver<()>,
) -> Result<repair::End, Result<Recovery, Problem>> {
    let work = async {
        let _turn = turn.lock().await;
        services.repair(&repair).await
    };
    let Some(done) = unless_stopped(work, stopped).await else {
        let _turn = turn.lock().await;
        return Err(services.recover().await.map_err(Problem::from));
    };
    Ok(match done {
        Ok(done) => repair::End::Done(Box::new(done)),
        Err(error) if error.is_stale_plan() => repair::End::Stale,
        Err(error) => repair::End::Failed(error.into()),
    })
}

/// Likewise for channels that are left behind.
async fn removed(
    services: Services,
    turn: Turn,
    plan: Plan,
    stopped: oneshot::Receiver<()>,
) -> Result<left_behind::End, Result<Recovery, Problem>> {
    let work = async {
        let _turn = turn.lock().await;
        services.remove_left_behind(&plan).await
    };
    let Some(done) = unless_stopped(work, stopped).await else {
        let _turn = turn.lock().await;
        return Err(services.recover().await.map_err(Problem::from));
    };
    Ok(match done {
        Ok(entry) => left_behind::End::Done(Box::new(entry)),
        Err(error @ ServiceError::Transaction(_)) if error.is_stale_plan() => left_behind::End::Stale,
        Err(error) => left_behind::End::Failed(error.into()),
    })
}
