//! The Doctor page: its work over the services, and the dialogs in which a person carries a remedy out.

use iced::Task;
use iced::futures::channel::mpsc::UnboundedSender;
use iced::futures::{FutureExt, StreamExt};

use super::notice::{Notice, Offer};
use super::work::{Report, changing, reporting};
use super::{App, Dialog, Flow, Message, Source};
use crate::error::Problem;
use crate::repository::{Domain, TlsFailure};
use crate::screen::Key;
use crate::screen::certificate::CertificateDialog;
use crate::screen::doctor::{self, Action, Doctor};
use crate::screen::proxy_login::ProxyLogin;
use crate::service::doctor::{CarriedOut, CheckId, ERASURE, Examination, Progress, Remedy};

impl App {
    /// The first time, it begins to look; after that it shows what was found until it is told to look again.
    pub(super) fn open_doctor(&mut self) -> Task<Message> {
        if self.doctor.is_some() {
            return self.doctor_changed();
        }
        let (screen, action) = Doctor::new(&self.home);
        self.doctor = Some(screen);
        self.doctor_acted(action)
    }

    /// Something was changed, which a remedy may have been about.
    pub(super) fn doctor_changed(&mut self) -> Task<Message> {
        match self.doctor.as_mut().map(Doctor::changed) {
            Some(action) => self.doctor_acted(action),
            None => Task::none(),
        }
    }

    pub(super) fn doctor_cancelled(&mut self, key: Key) {
        if let Some(screen) = &mut self.doctor {
            screen.cancelled(key);
        }
    }

    pub(super) fn update_doctor(&mut self, message: doctor::Message) -> Task<Message> {
        let Some(screen) = &mut self.doctor else {
            return Task::none();
        };
        let action = screen.update(message);
        if let Some((key, share)) = screen.progress() {
            self.works.progress(key, Some(share));
        }
        self.doctor_acted(action)
    }

    fn doctor_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Examine { key, only } => self.examine(key, only),
            Action::Stop(key) => {
                self.works.cancel(key);
                Task::none()
            }
            Action::Plan { key, remedy } => {
                let services = self.services.clone();
                let work = async move { services.plan_remedy(&remedy).map(Box::new).map_err(Problem::from) };
                let task = Task::perform(work, move |result| {
                    answered(key, doctor::Message::Planned { key, result })
                });
                self.works.begin(key, "Reading the files", task)
            }
            Action::CarryOut { key, plan } => {
                let (services, turn) = (self.services.clone(), self.turn.clone());
                let work = async move {
                    let _turn = turn.lock().await;
                    let done = services.carry_out_remedy(&plan, None).await;
                    done.map(Box::new).map_err(Problem::from)
                };
                let work = work.map(move |result| answered(key, doctor::Message::CarriedOut { key, result }));
                let task = changing(self.services.clone(), work);
                self.works.begin_change(key, "Changing the files", task)
            }
            Action::Told(done) => self.carried_out(&done),
            Action::Renew(service) => self.renew(service),
            Action::Recover => self.recover(),
            Action::Open(remedy) => self.open_remedy(remedy),
            Action::SaveReport {
                key,
                path,
                names,
                checks,
            } => {
                let services = self.services.clone();
                let work = async move {
                    services
                        .write_report(&path, &checks, names)
                        .map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    answered(key, doctor::Message::ReportSaved { key, result })
                });
                self.works.begin(key, "Saving the report", task)
            }
        }
    }

    fn examine(&mut self, key: Key, only: Option<CheckId>) -> Task<Message> {
        let services = self.services.clone();
        let examination = only.map_or_else(Examination::default, Examination::of);
        let reports = reporting(move |tell: UnboundedSender<Progress>| async move {
            let report = |progress| {
                // Nobody listens any more once it was cancelled.
                let _ = tell.unbounded_send(progress);
            };
            services.examine(&examination, report).await;
        });
        let messages = reports.map(move |report| match report {
            Report::Progress(Progress::Announced(checks)) => {
                let message = doctor::Message::Announced { key, checks };
                Message::Reported(key, Box::new(Message::Doctor(message)))
            }
            Report::Progress(Progress::Done(check)) => {
                let check = Box::new(check);
                let message = doctor::Message::Checked { key, check };
                Message::Reported(key, Box::new(Message::Doctor(message)))
            }
            Report::Done(()) => answered(key, doctor::Message::Ended { key }),
        });
        self.works.begin(key, "Examining", Task::stream(messages))
    }

    fn carried_out(&mut self, done: &CarriedOut) -> Task<Message> {
        let mut notice = Notice::good(done.told());
        if let CarriedOut::Files(entry) = done
            && entry.kind != ERASURE
        {
            notice = notice.offering(Offer::Undo(entry.id.clone()));
        }
        let told = self.notify(notice);
        Task::batch([told, self.doctor_changed()])
    }

    /// The dialog in which a person types or decides what a remedy takes.
    fn open_remedy(&mut self, remedy: Remedy) -> Task<Message> {
        match remedy {
            Remedy::SignIn { service, .. } => {
                self.flow = Flow::default();
                self.begin(service, Source::Asked)
            }
            Remedy::Edit { file } => self.open_editor(file),
            Remedy::ProxyLogin { proxy } => {
                // No domain is being checked that it would go back to.
                self.checked = None;
                let dialog = ProxyLogin::new(proxy, String::new(), None).keeping(self.secrets.clone());
                self.dialog = Some(Dialog::Proxy(dialog));
                Task::none()
            }
            Remedy::Certificate { address } => self.look_at_certificate(address),
            // The others are planned on the page.
            _ => Task::none(),
        }
    }

    fn look_at_certificate(&mut self, address: String) -> Task<Message> {
        let key = Key::fresh();
        let services = self.services.clone();
        let work = async move {
            let domain = Domain::parse(&address)?;
            let presented = services.certificates_of(&domain, None).await?;
            Ok((domain, presented.refused.map(Box::new)))
        };
        let task = Task::perform(work, move |result| {
            Message::Answered(key, Box::new(Message::CertificateSeen(result)))
        });
        self.works.begin(key, "Looking at the certificate", task)
    }

    pub(super) fn certificate_seen(
        &mut self,
        seen: Result<(Domain, Option<Box<TlsFailure>>), Problem>,
    ) -> Task<Message> {
        match seen {
            Ok((domain, Some(failure))) => {
                self.checked = None;
                self.dialog = Some(Dialog::Certificate(CertificateDialog::new(domain, *failure)));
                Task::none()
            }
            // It is accepted by now.
            Ok((_, None)) => self.doctor_changed(),
            Err(problem) => self.notify(Notice::problem(&problem)),
        }
    }
}

fn answered(key: Key, message: doctor::Message) -> Message {
    Message::Answered(key, Box::new(Message::Doctor(message)))
}
