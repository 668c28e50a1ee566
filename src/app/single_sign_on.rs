//! Single sign-on: in the person's own browser, or with a code on another device.

use std::time::Instant;

use iced::Task;
use iced::futures::StreamExt;
use iced::futures::channel::mpsc::UnboundedSender;

use super::sign_in::ready;
use super::work::{Report, reporting};
use super::{App, Dialog, Message};
use crate::error::Problem;
use crate::repository::Domain;
use crate::repository::oidc::{DevicePrompt, OidcError};
use crate::screen::Key;
use crate::screen::browser_wait::{self, BrowserWait};
use crate::screen::device_code::{self, DeviceCode};
use crate::screen::login::Ready;
use crate::service::sign_in::Replacing;
use crate::service::sign_in::sso::{BrowserOpened, SignOnProgress, SignOnSite};
use crate::service::{ServiceError, Services};

/// How a sign-in elsewhere ended.
enum Ended {
    Ready(Box<Ready>),
    /// The person has to agree to a site of another name first.
    OtherSite {
        host: String,
        problem: Problem,
    },
    Failed(Problem),
}

impl App {
    /// Where one signs in to the server.
    pub(super) fn site_of_server(&self, domain: Domain) -> SignOnSite {
        SignOnSite::Server {
            domain,
            ca_file: self.met.ca_file.clone(),
            through: None,
        }
    }

    pub(super) fn open_browser_wait(&mut self, site: SignOnSite) -> Task<Message> {
        let (dialog, action) = BrowserWait::new(site);
        self.dialog = Some(Dialog::BrowserWait(dialog));
        self.browser_wait_acted(action)
    }

    pub(super) fn open_device_code(&mut self, site: SignOnSite) -> Task<Message> {
        let (dialog, action) = DeviceCode::new(site);
        self.dialog = Some(Dialog::DeviceCode(dialog));
        self.device_code_acted(action)
    }

    pub(super) fn browser_wait_acted(&mut self, action: browser_wait::Action) -> Task<Message> {
        match action {
            browser_wait::Action::None => Task::none(),
            browser_wait::Action::Begin { key, site } => {
                let stream = in_browser(self.services.clone(), site, self.flow.replacing.clone());
                let stream = stream.map(move |report| match report {
                    Report::Progress(progress) => {
                        let at = Instant::now();
                        let message = match progress {
                            SignOnProgress::Waiting(opened) => {
                                browser_wait::Message::Opened { key, opened, at }
                            }
                            SignOnProgress::Finishing => browser_wait::Message::CameBack { key },
                        };
                        Message::Reported(key, Box::new(Message::BrowserWait(message)))
                    }
                    Report::Done(ended) => {
                        Message::Answered(key, Box::new(Message::BrowserWait(browser_message(key, ended))))
                    }
                });
                self.works
                    .begin(key, "Waiting for the browser", Task::stream(stream))
            }
            browser_wait::Action::OpenAgain { key, address } => {
                let services = self.services.clone();
                let work = async move { services.open_in_browser(&address).await };
                Task::future(work).then(move |opened| match opened {
                    Ok(()) => Task::none(),
                    Err(error) => Task::done(Message::BrowserWait(browser_wait::Message::NotOpened {
                        key,
                        problem: error.into(),
                    })),
                })
            }
            browser_wait::Action::Copy(text) => iced::clipboard::write(text),
            browser_wait::Action::UseCode { running, site } => {
                if let Some(key) = running {
                    self.works.cancel(key);
                }
                self.open_device_code(site)
            }
            browser_wait::Action::Abort(key) => {
                self.works.cancel(key);
                self.back_to_credentials()
            }
            browser_wait::Action::Close => self.back_to_credentials(),
            browser_wait::Action::Done(ready) => self.open_review(*ready),
            browser_wait::Action::Run(task) => task.map(Message::BrowserWait),
        }
    }

    pub(super) fn device_code_acted(&mut self, action: device_code::Action) -> Task<Message> {
        match action {
            device_code::Action::None => Task::none(),
            device_code::Action::Begin { key, site } => {
                let stream = with_code(self.services.clone(), site, self.flow.replacing.clone());
                let stream = stream.map(move |report| match report {
                    Report::Progress(progress) => {
                        let at = Instant::now();
                        let message = match progress {
                            SignOnProgress::Waiting(prompt) => {
                                device_code::Message::Given { key, prompt, at }
                            }
                            SignOnProgress::Finishing => device_code::Message::CodeUsed { key },
                        };
                        Message::Reported(key, Box::new(Message::DeviceCode(message)))
                    }
                    Report::Done(ended) => {
                        Message::Answered(key, Box::new(Message::DeviceCode(device_message(key, ended))))
                    }
                });
                self.works
                    .begin(key, "Waiting for the code", Task::stream(stream))
            }
            device_code::Action::OpenPage(address) => {
                let services = self.services.clone();
                let work = async move { services.open_in_browser(&address).await };
                Task::future(work).then(|opened| match opened {
                    Ok(()) => Task::none(),
                    Err(error) => Task::done(Message::NotOpened(error.into())),
                })
            }
            device_code::Action::Copy(text) => iced::clipboard::write(text),
            device_code::Action::Abort(key) => {
                self.works.cancel(key);
                self.back_to_credentials()
            }
            device_code::Action::Close => self.back_to_credentials(),
            device_code::Action::Done(ready) => self.open_review(*ready),
            device_code::Action::Run(task) => task.map(Message::DeviceCode),
        }
    }

    /// To where another way to sign in can be chosen.
    fn back_to_credentials(&mut self) -> Task<Message> {
        let service = match &self.dialog {
            Some(Dialog::BrowserWait(dialog)) => dialog.service(),
            Some(Dialog::DeviceCode(dialog)) => dialog.service(),
            _ => return Task::none(),
        };
        self.open_credentials(service)
    }

    /// Whether a dialog counts time down.
    pub(super) fn is_counting(&self) -> bool {
        match &self.dialog {
            Some(Dialog::BrowserWait(dialog)) => dialog.is_counting(),
            Some(Dialog::DeviceCode(dialog)) => dialog.is_counting(),
            _ => false,
        }
    }

    pub(super) fn ticked(&mut self, now: Instant) -> Task<Message> {
        match &mut self.dialog {
            Some(Dialog::BrowserWait(dialog)) => {
                let action = dialog.update(browser_wait::Message::Ticked(now));
                self.browser_wait_acted(action)
            }
            Some(Dialog::DeviceCode(dialog)) => {
                let action = dialog.update(device_code::Message::Ticked(now));
                self.device_code_acted(action)
            }
            _ => Task::none(),
        }
    }
}

fn in_browser(
    services: Services,
    site: SignOnSite,
    replacing: Replacing,
) -> impl iced::futures::Stream<Item = Report<SignOnProgress<BrowserOpened>, Ended>> + Send {
    reporting(
        move |tell: UnboundedSender<SignOnProgress<BrowserOpened>>| async move {
            let login = services
                .sign_on_with_browser(&site, None, move |progress| {
                    // Nobody listens any more once it was cancelled.
                    let _ = tell.unbounded_send(progress);
                })
                .await;
            ended(login.map(|login| ready(&services, login, &replacing)))
        },
    )
}

fn with_code(
    services: Services,
    site: SignOnSite,
    replacing: Replacing,
) -> impl iced::futures::Stream<Item = Report<SignOnProgress<DevicePrompt>, Ended>> + Send {
    reporting(
        move |tell: UnboundedSender<SignOnProgress<DevicePrompt>>| async move {
            let login = services
                .sign_on_with_code(&site, move |progress| {
                    let _ = tell.unbounded_send(progress);
                })
                .await;
            ended(login.map(|login| ready(&services, login, &replacing)))
        },
    )
}

fn ended(login: Result<Result<Box<Ready>, Problem>, ServiceError>) -> Ended {
    match login {
        Ok(Ok(ready)) => Ended::Ready(ready),
        Ok(Err(problem)) => Ended::Failed(problem),
        Err(ServiceError::SingleSignOn(error @ OidcError::OtherSite { .. })) => {
            let host = match &error {
                OidcError::OtherSite { site, .. } => site.clone(),
                _ => String::new(),
            };
            Ended::OtherSite {
                host,
                problem: error.into(),
            }
        }
        Err(error) => Ended::Failed(error.into()),
    }
}

fn browser_message(key: Key, ended: Ended) -> browser_wait::Message {
    match ended {
        Ended::Ready(ready) => browser_wait::Message::Answered {
            key,
            result: Ok(ready),
        },
        Ended::OtherSite { host, problem } => browser_wait::Message::OtherSite { key, host, problem },
        Ended::Failed(problem) => browser_wait::Message::Answered {
            key,
            result: Err(problem),
        },
    }
}

fn device_message(key: Key, ended: Ended) -> device_code::Message {
    match ended {
        Ended::Ready(ready) => device_code::Message::Answered {
            key,
            result: Ok(ready),
        },
        Ended::OtherSite { host, problem } => device_code::Message::OtherSite { key, host, problem },
        Ended::Failed(problem) => device_code::Message::Answered {
            key,
            result: Err(problem),
        },
    }
}
