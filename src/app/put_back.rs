//! Signing out, and undoing a change from the history: planned, shown, and carried out.

use std::sync::Arc;

use iced::Task;
use iced::futures::FutureExt;
use iced::futures::channel::oneshot;

use super::work::{changing, unless_stopped};
use super::{App, Dialog, Message, Turn};
use crate::error::Problem;
use crate::screen::put_back::{self, PutBackDialog, Subject};
use crate::service::Services;
use crate::service::merge::PutBack;
use crate::service::recover::Recovery;
use crate::service::undo::UndoPlan;

impl App {
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
            // What becomes of packages has a dialog of its own, with a preview and consents.
            put_back::Action::Packages(back) => self.reverse(Arc::new((*back).into())),
            put_back::Action::Run(task) => task.map(Message::PutBack),
            put_back::Action::Done(undone) => {
                self.dialog = None;
                self.put_back(&undone)
            }
        }
    }
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
