//! The way to a service, joint by joint: name, connection, proxy, TLS, and what answers at its end.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::chain;
use super::check::{Finding, Kind, Outcome};
use super::remedy::Remedy;
use super::run::{Desk, Job, too_long};
use super::world::Target;
use crate::error::{Explain, Problem};
use crate::repository::{
    BinstarApi, CheckStep, Domain, Found, Outcome as StepOutcome, ProxyError, RepositoryError, Step,
    SystemInfo, TlsFacts, TlsFailure, TlsReason, check_way, probe_channel,
};
use crate::service::connection::Service;
use crate::service::network::Way;
use crate::service::{ServiceError, Services};

/// A certificate that ends within so many days is told of.
const ENDS_SOON_DAYS: i64 = 21;

/// The channel that every cloud repository has.
const CURATED: &str = "main";

const STEPS: [(Step, Kind); 5] = [
    (Step::Name, Kind::Dns),
    (Step::Connection, Kind::Tcp),
    (Step::Proxy, Kind::Proxy),
    (Step::Tls, Kind::Tls),
    (Step::Answer, Kind::Server),
];

/// Where the way ended.
#[derive(Debug, Clone)]
pub(super) struct Stopped {
    /// The check that failed; none where the way was not gone at all.
    at: Option<Kind>,
    reason: String,
    /// What is wrong with the certificate, where that is it.
    pub tls: Option<Box<TlsFailure>>,
}

impl Stopped {
    /// Why what comes later is skipped.
    pub fn reason(&self) -> String {
        match self.at {
            Some(kind) => format!("not reached, because the check \"{}\" failed", kind.title()),
            None => self.reason.clone(),
        }
    }
}

/// Goes the way and tells of each joint. What is not reached is skipped.
///
/// # Errors
/// Where the way ends before the service answers.
pub(super) async fn go(desk: &Desk, target: &Target) -> Result<(), Stopped> {
    if let Some(reason) = desk.world.offline {
        return Err(not_gone(desk, target, reason));
    }
    let journey = Journey::new(desk, target);
    let ended = journey
        .within_patience(walk(&desk.services, target, |step| journey.note(step)))
        .await;
    match ended {
        Ok(()) => Ok(()),
        Err(error) => Err(journey.end_at(error.as_ref())),
    }
}

fn not_gone(desk: &Desk, target: &Target, reason: &str) -> Stopped {
    for (_, kind) in STEPS {
        desk.skip(target.announce(kind), reason);
    }
    Stopped {
        at: None,
        reason: reason.to_owned(),
        tls: None,
    }
}

/// Every step to the service of the target, its answer included.
async fn walk(
    services: &Services,
    target: &Target,
    mut report: impl FnMut(CheckStep) + Send,
) -> Result<(), ServiceError> {
    let ca_file = target.ca_file();
    match target.service {
        Service::Server => {
            services.check_domain(&target.domain, ca_file, report).await?;
            Ok(())
        }
        Service::Repository | Service::AnacondaOrg => {
            let api = api_of(services, target)?;
            services.check_repository(&api, ca_file, report).await
        }
        Service::Cloud => {
            let http = services.http(&target.domain, ca_file).await?;
            check_way(&http, &target.domain, &mut report).await?;
            let step = |outcome| CheckStep {
                step: Step::Answer,
                outcome,
            };
            report(step(StepOutcome::Running));
            let began = Instant::now();
            let base = target
                .connection
                .as_ref()
                .map(|connection| connection.domain.clone());
            let base = base.unwrap_or_else(|| target.domain.as_str().to_owned());
            let asked = probe_channel(&http, &base, None, CURATED).await;
            let took = began.elapsed();
            match asked {
                // Without a token it refuses, and that is an answer.
                Ok(_) | Err(RepositoryError::Redirected { .. }) => {
                    let found = Found::Server(SystemInfo {
                        brand: Some("the repository".to_owned()),
                        ..SystemInfo::default()
                    });
                    report(step(StepOutcome::Done { took, found }));
                    Ok(())
                }
                Err(error) => {
                    report(step(StepOutcome::Failed {
                        took,
                        error: error.clone(),
                    }));
                    Err(error.into())
                }
            }
        }
    }
}

fn api_of(services: &Services, target: &Target) -> Result<BinstarApi, ServiceError> {
    let address = target
        .connection
        .as_ref()
        .map_or(target.domain.as_str(), |connection| connection.domain.as_str());
    services.api_of(target.service, address)
}

/// What was seen of the way so far.
struct Journey<'a> {
    desk: &'a Desk,
    target: &'a Target,
    /// How the way is set up; nothing where that cannot be told.
    way: Option<Way>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The step that is under way, and since when.
    running: Option<(Kind, Instant)>,
    told: Vec<Kind>,
    failed: Option<Stopped>,
}

impl<'a> Journey<'a> {
    fn new(desk: &'a Desk, target: &'a Target) -> Self {
        Self {
            desk,
            target,
            way: desk.services.way_to(&target.domain, target.ca_file()).ok(),
            state: Mutex::new(State {
                running: None,
                told: Vec::new(),
                failed: None,
            }),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the work until it ends, or until one of its steps has taken too long; nothing then.
    async fn within_patience(
        &self,
        work: impl Future<Output = Result<(), ServiceError>>,
    ) -> Result<(), Option<ServiceError>> {
        let patience = self.desk.patience;
        let mut work = std::pin::pin!(work);
        let mut since = Instant::now();
        loop {
            let left = (since + patience).saturating_duration_since(Instant::now());
            tokio::select! {
                biased;
                done = &mut work => return done.map_err(Some),
                () = sleep(left) => {
                    let running = self.state().running.map(|(_, began)| began);
                    match running {
                        Some(began) if began > since => since = began,
                        _ => return Err(None),
                    }
                }
            }
        }
    }

    fn note(&self, step: CheckStep) {
        let kind = kind_of(step.step);
        let (took, finding) = match step.outcome {
            StepOutcome::Running => {
                self.state().running = Some((kind, Instant::now()));
                return;
            }
            StepOutcome::Done { took, found } => (took, self.found(kind, found)),
            StepOutcome::Failed { took, error } => {
                let tls = match &error {
                    RepositoryError::Tls(failure) => Some(failure.clone()),
                    _ => None,
                };
                self.state().failed = Some(Stopped {
                    at: Some(kind),
                    reason: String::new(),
                    tls,
                });
                (took, self.failed(&error))
            }
            StepOutcome::Skipped => (Duration::ZERO, self.skipped(kind)),
        };
        self.tell(kind, took, finding);
    }

    fn tell(&self, kind: Kind, took: Duration, finding: Finding) {
        {
            let mut state = self.state();
            state.running = None;
            state.told.push(kind);
        }
        self.desk.tell(self.target.announce(kind), took, finding);
    }

    /// Tells of what the error is about, and skips what was not reached.
    fn end_at(&self, error: Option<&ServiceError>) -> Stopped {
        let (running, failed) = {
            let state = self.state();
            (state.running, state.failed.clone())
        };
        let stopped = failed.unwrap_or_else(|| {
            // No step said so: its time was up, or what is set for the server keeps every step from being taken.
            let (kind, took, finding) = match (running, error) {
                (Some((kind, began)), None) => (kind, began.elapsed(), too_long(self.desk.patience)),
                (Some((kind, began)), Some(error)) => (
                    kind,
                    began.elapsed(),
                    Finding::of_problem(Outcome::Fail, error.explain()),
                ),
                (None, Some(error)) => (
                    blamed(error),
                    Duration::ZERO,
                    Finding::of_problem(Outcome::Fail, error.explain()),
                ),
                (None, None) => (Kind::Dns, self.desk.patience, too_long(self.desk.patience)),
            };
            self.tell(kind, took, finding);
            Stopped {
                at: Some(kind),
                reason: String::new(),
                tls: None,
            }
        });
        for (_, kind) in STEPS {
            if !self.state().told.contains(&kind) {
                self.desk.skip(self.target.announce(kind), stopped.reason());
            }
        }
        stopped
    }

    fn found(&self, kind: Kind, found: Found) -> Finding {
        match found {
            Found::Tls(facts) => self.secured(&facts),
            Found::Proxy(proxy) if kind == Kind::Proxy => {
                let set_by = self.way.as_ref().and_then(|way| way.proxy.as_ref());
                let source = set_by.map(|proxy| format!(", set by {}", proxy.source));
                Finding::pass(format!("{proxy} lets through{}", source.unwrap_or_default()))
            }
            Found::Server(info) => Finding::pass(format!(
                "{} answers",
                info.brand.as_deref().unwrap_or("an Anaconda Server")
            )),
            Found::Repository(info) => Finding::pass(format!("{info} answers")),
            found => Finding::pass(found.to_string()),
        }
    }

    fn secured(&self, facts: &TlsFacts) -> Finding {
        let now = self.desk.services.now();
        let details = chain::explained(&facts.chain, None, self.target.domain.host(), now);
        let ends = facts
            .chain
            .iter()
            .min_by_key(|certificate| certificate.valid_until);
        let days =
            ends.map(|certificate| (certificate.valid_until.as_second() - now.as_second()).max(0) / 86_400);
        let finding = match (ends, days) {
            (Some(certificate), Some(days)) if days < ENDS_SOON_DAYS => Finding::warn(format!(
                "the certificate of {} ends in {days} days",
                certificate.subject_name()
            ))
            .remedy("tell the administrator of the server to renew it; afterwards nobody gets in"),
            _ => Finding::pass(match &facts.certificate {
                Some(certificate) => format!("{}, {certificate}", facts.version),
                None => facts.version.to_owned(),
            }),
        };
        finding.with_all(details)
    }

    fn failed(&self, error: &RepositoryError) -> Finding {
        let finding = Finding::of_problem(Outcome::Fail, error.explain());
        match error {
            RepositoryError::Tls(failure) => {
                let details = chain::explained(
                    &failure.chain,
                    Some(&failure.reason),
                    &failure.host,
                    self.desk.services.now(),
                );
                let fix = can_be_decided(&failure.reason).then(|| Remedy::Certificate {
                    address: self.target.domain.as_str().to_owned(),
                });
                finding.with_all(details).fixed_by(fix)
            }
            RepositoryError::Proxy(error) => finding.fixed_by(login_at(error)),
            _ => finding,
        }
    }

    fn skipped(&self, kind: Kind) -> Finding {
        match kind {
            Kind::Tls if is_this_machine(&self.target.domain) => {
                Finding::skip("not encrypted, and does not leave this machine")
            }
            Kind::Tls => Finding::warn(format!(
                "the connection to {} is not encrypted",
                self.target.domain
            ))
            .because("everybody on the way can read the token, and change the packages")
            .remedy("ask the administrator whether the server has an address that begins with https://"),
            _ => Finding::skip("the server is reached directly"),
        }
    }
}

/// Whether a person can decide to trust the server all the same.
fn can_be_decided(reason: &TlsReason) -> bool {
    matches!(
        reason,
        TlsReason::SelfSigned
            | TlsReason::UnknownIssuer
            | TlsReason::OtherThanPinned { .. }
            | TlsReason::NoTrustStore
            | TlsReason::Other { .. }
    )
}

fn login_at(error: &ProxyError) -> Option<Remedy> {
    error.asks_for_credentials().map(|proxy| Remedy::ProxyLogin {
        proxy: proxy.to_owned(),
    })
}

/// What a connection that is not encrypted does not leave.
fn is_this_machine(domain: &Domain) -> bool {
    let host = domain.host().trim_start_matches('[').trim_end_matches(']');
    let address: Result<std::net::IpAddr, _> = host.parse();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

fn kind_of(step: Step) -> Kind {
    match step {
        Step::Name => Kind::Dns,
        Step::Connection => Kind::Tcp,
        Step::Proxy => Kind::Proxy,
        Step::Tls => Kind::Tls,
        Step::Answer => Kind::Server,
    }
}

/// The joint that settings of this kind are about.
fn blamed(error: &ServiceError) -> Kind {
    match error {
        ServiceError::Repository(RepositoryError::Proxy(_)) => Kind::Proxy,
        ServiceError::NoTrustFile { .. }
        | ServiceError::CaFile { .. }
        | ServiceError::ClientCertificate { .. }
        | ServiceError::DamagedTrust { .. } => Kind::Tls,
        _ => Kind::Dns,
    }
}

/// Who vouches for the server, and what of the settings about that is not followed.
pub(super) fn trust(target: Target) -> Job {
    let announced = target.announce(Kind::Trust);
    Job::new(vec![announced.clone()], move |desk| async move {
        desk.look(announced, move |desk| {
            match desk.services.way_to(&target.domain, target.ca_file()) {
                Ok(way) => vouched(&way),
                Err(error) => Finding::of_problem(Outcome::Fail, error.explain()),
            }
        })
        .await;
    })
}

fn vouched(way: &Way) -> Finding {
    let trusted: Vec<String> = way.trust.iter().map(ToString::to_string).collect();
    let finding = match (way.warnings.as_slice(), trusted.as_slice()) {
        ([], []) => Finding::skip("nobody vouches for the server: the connection is not encrypted"),
        ([], _) => Finding::pass(format!("vouched for by {}", trusted.join(", and by "))),
        ([one], _) => of_warning(one.message.clone(), one.remedy.clone()),
        (several, _) => {
            let finding = Finding::warn(format!("{} settings are not followed", several.len()));
            let told = several.iter().fold(finding, |finding, warning| {
                finding.with(Outcome::Warn, warning.message.clone())
            });
            match several.iter().find_map(|warning| warning.remedy.clone()) {
                Some(remedy) => told.remedy(remedy),
                None => told,
            }
        }
    };
    match &way.client_certificate {
        Some(client) => finding.with(
            Outcome::Pass,
            format!(
                "client certificate of {}, set by {}",
                client.subject, client.source
            ),
        ),
        None => finding,
    }
}

fn of_warning(message: String, remedy: Option<String>) -> Finding {
    Finding::of_problem(
        Outcome::Warn,
        Problem {
            kind: crate::error::Kind::Tls,
            message,
            cause: None,
            remedy,
        },
    )
}
