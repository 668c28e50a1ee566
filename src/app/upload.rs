//! Uploading: its dialog, and its work over the services.

use std::path::PathBuf;

use iced::Task;
use iced::futures::StreamExt;
use iced::futures::channel::{mpsc::UnboundedSender, oneshot};

use super::notice::Notice;
use super::work::{Report, reporting};
use super::{App, Dialog, Message, Page};
use crate::error::Problem;
use crate::package::Stop;
use crate::screen::connect::host_of;
use crate::screen::upload::{self, Action, Target, Upload};
use crate::screen::{Key, quantity};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::upload::{UploadPlan, UploadProgress, UploadWish};

impl App {
    /// Opens the dialog; one that sends, or has something to tell, as it stands.
    pub(super) fn open_upload(&mut self) -> Task<Message> {
        if !self.upload.as_ref().is_some_and(Upload::is_worth_keeping) {
            let targets = self.upload_targets();
            if targets.is_empty() {
                return self.open_connect();
            }
            self.upload = Some(Upload::new(&self.home, targets));
        }
        self.dialog = Some(Dialog::Upload);
        Task::none()
    }

    /// A file was let fall on the window: it is one to upload where that is what the person is about.
    pub(super) fn file_dropped(&mut self, path: PathBuf) -> Task<Message> {
        let is_open = matches!(self.dialog, Some(Dialog::Upload));
        if !is_open && (self.dialog.is_some() || !self.shows(Page::Channels)) {
            return Task::none();
        }
        let opened = match is_open {
            true => Task::none(),
            false => self.open_upload(),
        };
        if !matches!(self.dialog, Some(Dialog::Upload)) {
            return opened;
        }
        Task::batch([opened, self.upload_heard(upload::Message::Dropped(path))])
    }

    /// The sign-ins of Sextant's own that take uploads, the repository service first.
    fn upload_targets(&self) -> Vec<Target> {
        let takes = [Service::Server, Service::Repository, Service::AnacondaOrg];
        let signed_in = takes.iter().filter(|service| self.standing.own.contains(service));
        signed_in
            .filter_map(|service| self.standing.of(*service))
            .map(|connection| Target {
                service: connection.service,
                host: host_of(&connection.domain).to_owned(),
                user: connection.user.clone(),
            })
            .collect()
    }

    pub(super) fn upload_heard(&mut self, message: upload::Message) -> Task<Message> {
        let Some(screen) = &mut self.upload else {
            return Task::none();
        };
        let action = screen.update(message);
        if let Some((key, share)) = screen.share() {
            self.works.progress(key, Some(share));
        }
        let told = match screen.result() {
            Some(result) if !matches!(self.dialog, Some(Dialog::Upload)) => self.tell_of_uploads(result),
            _ => Task::none(),
        };
        Task::batch([told, self.upload_acted(action)])
    }

    /// What ended while nobody looked.
    fn tell_of_uploads(&mut self, (all, left): (usize, usize)) -> Task<Message> {
        let files = |count| quantity::count(count, "file");
        self.notify(match left {
            0 => Notice::good(format!("Uploaded {}", files(all))),
            left => Notice::info(format!(
                "{} of {} could not be uploaded. Upload… on the page Channels shows why.",
                left,
                files(all)
            )),
        })
    }

    /// Work was cancelled in the status line.
    pub(super) fn upload_cancelled(&mut self, key: Key) {
        if let Some(screen) = &mut self.upload {
            screen.cancelled(key);
        }
    }

    fn upload_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Plan {
                key,
                service,
                wish,
                password,
            } => self.plan_upload(key, service, wish, password),
            Action::Upload { key, plan, password } => self.send_files(key, *plan, password),
            Action::Stop(key) => {
                self.works.cancel(key);
                Task::none()
            }
            Action::Close => {
                if matches!(self.dialog, Some(Dialog::Upload)) {
                    self.dialog = None;
                }
                // Secrets do not stay in a dialog that is closed, and what was told is told.
                if !self.upload.as_ref().is_some_and(Upload::is_sending) {
                    self.upload = None;
                }
                Task::none()
            }
            Action::Run(task) => task.map(Message::Upload),
        }
    }

    fn plan_upload(
        &mut self,
        key: Key,
        service: Service,
        wish: UploadWish,
        password: Option<Secret>,
    ) -> Task<Message> {
        let services = self.services.clone();
        let (ring, rung) = oneshot::channel();
        let work = async move {
            let stop = Stop::default();
            let planning = services.plan_upload(service, &wish, password.as_ref(), &stop, |_| {});
            let planned = unless_rung(planning, rung, &stop).await;
            planned.map(Box::new).map_err(Problem::from)
        };
        let task = Task::perform(work, move |result| {
            let message = upload::Message::Planned { key, result };
            Message::Answered(key, Box::new(Message::Upload(message)))
        });
        self.works
            .begin_stoppable(key, "Looking at what is to be uploaded", ring, task)
    }

    fn send_files(&mut self, key: Key, plan: UploadPlan, password: Option<Secret>) -> Task<Message> {
        let services = self.services.clone();
        let (ring, rung) = oneshot::channel();
        let name = format!("Uploading to {}", plan.place.name());
        let stream = reporting(move |tell: UnboundedSender<UploadProgress>| async move {
            let stop = Stop::default();
            let told = move |progress| {
                // Nobody listens any more once the window is gone.
                let _ = tell.unbounded_send(progress);
            };
            let sending = services.upload(&plan, password.as_ref(), &stop, told);
            unless_rung(sending, rung, &stop).await.map_err(Problem::from)
        });
        let stream = stream.map(move |report| match report {
            Report::Progress(progress) => {
                let message = upload::Message::Progressed { key, progress };
                Message::Reported(key, Box::new(Message::Upload(message)))
            }
            Report::Done(result) => {
                let message = upload::Message::Ended { key, result };
                Message::Answered(key, Box::new(Message::Upload(message)))
            }
        });
        self.works.begin_stoppable(key, name, ring, Task::stream(stream))
    }
}

/// Does the work to its end; when the bell rings before, it is told to stop, and ends in good order.
async fn unless_rung<T>(work: impl Future<Output = T>, rung: oneshot::Receiver<()>, stop: &Stop) -> T {
    let mut work = std::pin::pin!(work);
    let rung = async {
        // The other end goes without ringing when the work is forgotten.
        if rung.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        done = &mut work => return done,
        () = rung => stop.set(),
    }
    work.await
}
