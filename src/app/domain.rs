//! The domain of a server or repository: asked for, checked and, of a server, stored; and what may stand in the way of
//! the check, a certificate or a proxy.

use std::path::{Path, PathBuf};

use iced::Task;
use iced::futures::StreamExt;
use iced::futures::channel::mpsc::UnboundedSender;

use super::work::{Report, reporting};
use super::{App, Dialog, Message, Turn};
use crate::error::{Kind, Problem};
use crate::repository::{BinstarApi, CheckStep, Domain, Outcome, Product, RepositoryError};
use crate::screen::certificate::{self, CertificateDialog, Decision};
use crate::screen::proxy_login::{self, ProxyLogin};
use crate::screen::set_domain::{self, Found, SetDomain, Wanted};
use crate::service::connection::Service;
use crate::service::trust::Trust;
use crate::service::{ServiceError, Services};

/// A check that something stood in the way of.
#[derive(Debug, Clone)]
pub(super) struct Check {
    wanted: Wanted,
    domain: Domain,
    ca_file: Option<PathBuf>,
}

/// A repository that answered.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    pub api: BinstarApi,
    pub ca_file: Option<PathBuf>,
    /// A line about it.
    pub facts: String,
}

impl App {
    pub(super) fn open_set_domain(&mut self, wanted: Wanted) -> Task<Message> {
        let demonstration = self.demonstration.as_ref();
        let suggested = match wanted {
            Wanted::Server => self
                .standing
                .domain
                .clone()
                .or_else(|| demonstration.map(|demonstration| demonstration.domain.clone())),
            Wanted::Repository => self
                .standing
                .repository_api
                .as_ref()
                .map(ToString::to_string)
                .or_else(|| demonstration.map(|demonstration| demonstration.repository.clone())),
        };
        let ca_file = match wanted {
            Wanted::Server => self.met.ca_file.clone(),
            Wanted::Repository => self
                .met
                .repository
                .as_ref()
                .and_then(|repository| repository.ca_file.clone()),
        };
        let suggested = suggested.unwrap_or_default();
        self.dialog = Some(Dialog::SetDomain(SetDomain::new(wanted, &suggested, ca_file)));
        Task::none()
    }

    /// The dialog in the middle of its check.
    pub(super) fn check_again(&mut self, check: Check) -> Task<Message> {
        let (dialog, action) = SetDomain::checking(check.wanted, check.domain.as_str(), check.ca_file);
        self.dialog = Some(Dialog::SetDomain(dialog));
        self.set_domain_acted(action)
    }

    pub(super) fn set_domain_acted(&mut self, action: set_domain::Action) -> Task<Message> {
        match action {
            set_domain::Action::None => Task::none(),
            set_domain::Action::Check {
                key,
                wanted,
                domain,
                ca_file,
            } => {
                self.checked = Some(Check {
                    wanted,
                    domain: domain.clone(),
                    ca_file: ca_file.clone(),
                });
                let name = format!("Checking {}", domain.host_and_port());
                let work = check(self.services.clone(), self.turn.clone(), wanted, domain, ca_file);
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
            set_domain::Action::Certificate { domain, failure } => {
                self.dialog = Some(Dialog::Certificate(CertificateDialog::new(domain, *failure)));
                Task::none()
            }
            set_domain::Action::Proxy { proxy, refusal } => {
                let dialog = ProxyLogin::new(proxy, String::new(), refusal).keeping(self.secrets.clone());
                self.dialog = Some(Dialog::Proxy(dialog));
                Task::none()
            }
            set_domain::Action::OtherProduct { domain, product } => self.other_product(domain, product),
            set_domain::Action::Done(found) => self.domain_found(found),
        }
    }

    /// Something else answered than what was looked for: on to its own sign-in.
    fn other_product(&mut self, domain: Domain, product: Product) -> Task<Message> {
        let ca_file = self.checked.as_ref().and_then(|check| check.ca_file.clone());
        let check = |wanted| Check {
            wanted,
            domain,
            ca_file,
        };
        match product {
            Product::AnacondaServer => self.check_again(check(Wanted::Server)),
            Product::AnacondaRepository => self.check_again(check(Wanted::Repository)),
            Product::AnacondaOrg => self.open_credentials(Service::AnacondaOrg),
            Product::AnacondaCloud => self.open_credentials(Service::Cloud),
        }
    }

    fn domain_found(&mut self, found: Found) -> Task<Message> {
        let wanted = self.checked.as_ref().map(|check| check.wanted);
        if wanted != Some(Wanted::Repository) {
            self.met.ca_file = found.ca_file;
            self.met.facts = found.facts;
            self.standing.domain = Some(found.domain.to_string());
            return Task::batch([self.open_login(found.domain), self.read_standing()]);
        }
        match BinstarApi::parse(found.domain.as_str()) {
            Ok(api) => self.open_repository_login(Repository {
                api,
                ca_file: found.ca_file,
                facts: found.facts,
            }),
            // It was made of this very domain before.
            Err(error) => self.notify(super::Notice::problem(&error.into())),
        }
    }

    pub(super) fn certificate_acted(&mut self, action: certificate::Action) -> Task<Message> {
        match action {
            certificate::Action::None => Task::none(),
            certificate::Action::Decide {
                key,
                domain,
                decision,
            } => {
                let services = self.services.clone();
                let work = async move { decide(&services, &domain, decision).await };
                let task = Task::perform(work, move |result| {
                    let message = certificate::Message::Answered { key, result };
                    Message::Answered(key, Box::new(Message::Certificate(message)))
                });
                self.works.begin(key, "Checking the certificate", task)
            }
            certificate::Action::Copy(text) => iced::clipboard::write(text),
            certificate::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            certificate::Action::Close => self.back_to_domain(),
            certificate::Action::Done(_) => self.back_to_check(),
        }
    }

    pub(super) fn proxy_acted(&mut self, action: proxy_login::Action) -> Task<Message> {
        match action {
            proxy_login::Action::None => Task::none(),
            proxy_login::Action::Use {
                key,
                proxy,
                name,
                password,
            } => {
                let services = self.services.clone();
                let domain = self.checked.as_ref().map(|check| check.domain.clone());
                let work = async move {
                    services.set_proxy_credentials(&proxy, &name, &password)?;
                    match domain {
                        Some(domain) => through_proxy(&services, &domain).await,
                        None => Ok(()),
                    }
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Proxy(proxy_login::Message::Answered { key, result })),
                    )
                });
                self.works.begin(key, "Asking the proxy", task)
            }
            proxy_login::Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            proxy_login::Action::Close => self.back_to_domain(),
            proxy_login::Action::Done => self.back_to_check(),
            proxy_login::Action::Run(task) => task.map(Message::Proxy),
        }
    }

    /// Nothing was decided: the check would end as it did.
    fn back_to_domain(&mut self) -> Task<Message> {
        self.dialog = self.checked.clone().map(|check| {
            let domain = check.domain.as_str();
            Dialog::SetDomain(SetDomain::new(check.wanted, domain, check.ca_file))
        });
        Task::none()
    }

    fn back_to_check(&mut self) -> Task<Message> {
        match self.checked.clone() {
            Some(check) => self.check_again(check),
            // It was not a check of a domain that led here.
            None => {
                self.dialog = None;
                self.reload_page()
            }
        }
    }
}

/// Checks a domain and, when what is wanted answers there, stores that of a server. That of a repository is stored
/// together with the sign-in.
fn check(
    services: Services,
    turn: Turn,
    wanted: Wanted,
    domain: Domain,
    ca_file: Option<PathBuf>,
) -> impl iced::futures::Stream<Item = Report<CheckStep, Result<Found, Problem>>> + Send {
    reporting(move |tell: UnboundedSender<CheckStep>| async move {
        let mut ended = Vec::new();
        let report = |step: CheckStep| {
            if step.outcome != Outcome::Running {
                ended.push(step.clone());
            }
            // Nobody listens any more once the check was cancelled.
            let _ = tell.unbounded_send(step);
        };
        match wanted {
            Wanted::Server => {
                services.check_domain(&domain, ca_file.as_deref(), report).await?;
                let _turn = turn.lock().await;
                let plan = services.plan_domain(&domain)?;
                if !plan.is_empty() {
                    services.set_domain(&plan).await?;
                }
            }
            Wanted::Repository => {
                let api = BinstarApi::parse(domain.as_str())?;
                services
                    .check_repository(&api, ca_file.as_deref(), report)
                    .await?;
            }
        }
        Ok(Found {
            domain,
            ca_file,
            facts: set_domain::facts(&ended),
        })
    })
}

/// Sets whom to trust for a server.
async fn decide(services: &Services, domain: &Domain, decision: Decision) -> Result<(), Problem> {
    let present = services.trust_of(domain)?;
    let trust = match decision {
        Decision::CaFile(path) => {
            refuse_what_stays_untrusted(services, domain, &path).await?;
            Trust {
                ca_file: Some(path),
                ..present
            }
        }
        Decision::Pin(fingerprint) => Trust {
            pinned_certificate: Some(fingerprint),
            ..present
        },
        Decision::RemovePin => Trust {
            pinned_certificate: None,
            ..present
        },
    };
    Ok(services.set_trust(domain, trust)?)
}

/// What answers there may be something else than was looked for; what counts here is the certificate.
async fn refuse_what_stays_untrusted(
    services: &Services,
    domain: &Domain,
    ca_file: &Path,
) -> Result<(), Problem> {
    services.way_to(domain, Some(ca_file))?;
    match services.check_domain(domain, Some(ca_file), |_| {}).await {
        Ok(_) => Ok(()),
        Err(error) => {
            let problem = Problem::from(error);
            match problem.kind {
                Kind::Tls => Err(problem),
                _ => Ok(()),
            }
        }
    }
}

/// Whether the proxy lets us through now; what answers behind it does not matter here.
async fn through_proxy(services: &Services, domain: &Domain) -> Result<(), Problem> {
    match services.check_domain(domain, None, |_| {}).await {
        Err(ServiceError::Repository(RepositoryError::Proxy(error))) => Err(error.into()),
        _ => Ok(()),
    }
}
