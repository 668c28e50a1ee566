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
use crate::screen::countdown::Countdown;
use crate::screen::device_code::{self, DeviceCode, Prompt};
use crate::screen::login::Ready;
use crate::service::connection::Service;
use crate::service::sign_in::Replacing;
use crate::service::sign_in::sso::{BrowserOpened, SignOnSite};
use crate::service::{ServiceError, Services};

/// How a sign-in elsewhere ended.
enum Ended {
    Ready(Box<Ready>),
    /// The person has to agree to a site of another name first.
    OtherSite {
        site: String,
        problem: Problem,
    },
    Failed(Problem),
}

impl App {
    pub(super) fn open_browser_wait(&mut self, service: Service, domain: Domain) -> Task<Message> {
        let (dialog, action) = BrowserWait::new(service, domain);
        self.dialog = Some(Dialog::BrowserWait(dialog));
        self.browser_wait_acted(action)
    }

    pub(super) fn open_device_code(
        &mut self,
        service: Service,
        domain: Domain,
        agreed_site: Option<String>,
    ) -> Task<Message> {
        let (dialog, action) = DeviceCode::new(service, domain, agreed_site);
        self.dialog = Some(Dialog::DeviceCode(dialog));
        self.device_code_acted(action)
    }

    fn site_of(&self, service: Service, domain: Domain, through: Option<String>) -> SignOnSite {
        match service {
            Service::AnacondaOrg => SignOnSite::AnacondaCom,
            _ => SignOnSite::Server {
                domain,
                ca_file: self.met.ca_file.clone(),
                through,
            },
        }
    }

    pub(super) fn browser_wait_acted(&mut self, action: browser_wait::Action) -> Task<Message> {
        match action {
            browser_wait::Action::None => Task::none(),
            browser_wait::Action::Begin {
                key,
                service,
                domain,
                agreed_site,
            } => {
                let site = self.site_of(service, domain, agreed_site);
                let stream = in_browser(self.services.clone(), site, self.flow.replacing.clone());
                let stream = stream.flat_map(move |report| {
                    let messages = match report {
                        Report::Progress(opened) => began(key, opened)
                            .into_iter()
                            .map(|message| Message::Reported(key, Box::new(Message::BrowserWait(message))))
                            .collect(),
                        Report::Done(ended) => vec![Message::Answered(
                            key,
                            Box::new(Message::BrowserWait(browser_message(key, ended))),
                        )],
                    };
                    iced::futures::stream::iter(messages)
                });
                self.works
                    .begin(key, "Waiting for the browser", Task::stream(stream))
            }
            browser_wait::Action::OpenAgain(address) => {
                let services = self.services.clone();
                let key = match &self.dialog {
                    Some(Dialog::BrowserWait(dialog)) => dialog.running(),
                    _ => None,
                };
                let work = async move { services.open_in_browser(&address).await };
                Task::future(work).then(move |opened| match (opened, key) {
                    (Err(error), Some(key)) => {
                        let problem = error.into();
                        Task::done(Message::BrowserWait(browser_wait::Message::NotOpened {
                            key,
                            problem,
                        }))
                    }
                    _ => Task::none(),
                })
            }
            browser_wait::Action::Copy(text) => iced::clipboard::write(text),
            browser_wait::Action::UseCode {
                running,
                service,
                domain,
                agreed_site,
            } => {
                if let Some(key) = running {
                    self.works.cancel(key);
                }
                self.open_device_code(service, domain, agreed_site)
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
            device_code::Action::Begin {
                key,
                service,
                domain,
                agreed_site,
            } => {
                let site = self.site_of(service, domain, agreed_site);
                let stream = with_code(self.services.clone(), site, self.flow.replacing.clone());
                let stream = stream.map(move |report| match report {
                    Report::Progress(prompt) => {
                        Message::Reported(key, Box::new(Message::DeviceCode(code_given(key, prompt))))
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
) -> impl iced::futures::Stream<Item = Report<BrowserOpened, Ended>> + Send {
    reporting(move |tell: UnboundedSender<BrowserOpened>| async move {
        let login = services
            .sign_on_with_browser(&site, None, move |opened| {
                // Nobody listens any more once it was cancelled.
                let _ = tell.unbounded_send(opened);
            })
            .await;
        ended(login.map(|login| ready(&services, login, &replacing)))
    })
}

fn with_code(
    services: Services,
    site: SignOnSite,
    replacing: Replacing,
) -> impl iced::futures::Stream<Item = Report<DevicePrompt, Ended>> + Send {
    reporting(move |tell: UnboundedSender<DevicePrompt>| async move {
        let login = services
            .sign_on_with_code(&site, move |prompt| {
                let _ = tell.unbounded_send(prompt);
            })
            .await;
        ended(login.map(|login| ready(&services, login, &replacing)))
    })
}

fn ended(login: Result<Result<Box<Ready>, Problem>, ServiceError>) -> Ended {
    match login {
        Ok(Ok(ready)) => Ended::Ready(ready),
        Ok(Err(problem)) => Ended::Failed(problem),
        Err(ServiceError::SingleSignOn(error @ OidcError::OtherSite { .. })) => {
            let site = match &error {
                OidcError::OtherSite { site, .. } => site.clone(),
                _ => String::new(),
            };
            Ended::OtherSite {
                site,
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
        Ended::OtherSite { site, problem } => browser_wait::Message::OtherSite { key, site, problem },
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
        Ended::OtherSite { site, problem } => device_code::Message::OtherSite { key, site, problem },
        Ended::Failed(problem) => device_code::Message::Answered {
            key,
            result: Err(problem),
        },
    }
}

/// What is told once the browser has, or should have, opened.
fn began(key: Key, opened: BrowserOpened) -> Vec<browser_wait::Message> {
    let left = Countdown::new(opened.limit, Instant::now());
    let mut messages = vec![
        browser_wait::Message::Discovered {
            key,
            site: opened.site,
            offers_code: opened.offers_code,
        },
        browser_wait::Message::Began {
            key,
            address: opened.address,
            left,
        },
    ];
    if let Some(problem) = opened.not_opened {
        messages.push(browser_wait::Message::NotOpened { key, problem });
    }
    messages
}

fn code_given(key: Key, prompt: DevicePrompt) -> device_code::Message {
    device_code::Message::Began {
        key,
        left: Countdown::new(prompt.expires_in, Instant::now()),
        prompt: Prompt {
            code: prompt.user_code,
            page: prompt.verification_uri,
            page_with_code: prompt.verification_uri_complete,
        },
    }
}
