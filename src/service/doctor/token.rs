//! Whether the service takes the token in each of its files, for how long, and whether it is good for conda.

use std::path::PathBuf;

use jiff::Timestamp;

use super::check::{Detail, Finding, Kind, Outcome};
use super::remedy::Remedy;
use super::run::Desk;
use super::world::Target;
use crate::conda::token_file;
use crate::error::{Explain, Problem};
use crate::repository::RepositoryError;
use crate::secret::Token;
use crate::service::connection::{Connection, Service};
use crate::service::tokens::{TokenCheck, TokenOutcome, TokenState, days_until};
use crate::service::{ServiceError, Services};

/// The scope without which conda gets no package, by service; any of the others stands in for it.
const DOWNLOAD: [&str; 1] = ["artifact:download"];
const DOWNLOAD_OF_BINSTAR: [&str; 4] = ["conda:download", "conda", "repos", "all"];

pub(super) async fn ask(desk: &Desk, target: &Target) {
    let announced = target.announce(Kind::Token);
    let Some(connection) = &target.connection else {
        desk.skip(announced, "nobody is signed in");
        return;
    };
    if connection.token_files.is_empty() {
        let reason = format!("{} keeps no token for conda", connection.origin.title());
        desk.skip(announced, reason);
        return;
    }
    desk.ask(announced, async {
        let checked = if target.is_ours {
            desk.services.check_tokens(target.service).await
        } else {
            Ok(check_found(&desk.services, connection).await)
        };
        match checked {
            Ok(checks) => judged(desk, target, connection, &checks),
            Err(error) => Finding::of_problem(Outcome::Fail, error.explain()),
        }
    })
    .await;
}

/// As [`Services::check_tokens`], for the login of another program.
async fn check_found(services: &Services, connection: &Connection) -> Vec<TokenCheck> {
    let mut checks: Vec<TokenCheck> = Vec::new();
    let mut asked: Vec<(Token, TokenOutcome)> = Vec::new();
    for path in &connection.token_files {
        let outcome = match token_file::read(path) {
            Ok(Some(token)) => match asked.iter().find(|(known, _)| *known == token) {
                Some((_, outcome)) => outcome.clone(),
                None => {
                    let outcome = ask_about(services, connection, &token).await;
                    asked.push((token, outcome.clone()));
                    outcome
                }
            },
            Ok(None) => continue,
            Err(error) => TokenOutcome::Refused(error.explain()),
        };
        checks.push(TokenCheck {
            path: path.clone(),
            host: connection.domain.clone(),
            outcome,
        });
    }
    checks
}

/// What the service says of a token.
pub(super) async fn ask_about(services: &Services, connection: &Connection, token: &Token) -> TokenOutcome {
    match services.end_of(connection, token).await {
        Ok(end) => TokenOutcome::Accepted(end),
        Err(
            error @ ServiceError::Repository(
                RepositoryError::TokenNotAccepted { .. } | RepositoryError::CloudTokenRefused { .. },
            ),
        ) => TokenOutcome::Refused(error.explain()),
        Err(error) => TokenOutcome::Unknown(error.explain()),
    }
}

fn judged(desk: &Desk, target: &Target, connection: &Connection, checks: &[TokenCheck]) -> Finding {
    let now = desk.services.now();
    let told_by_service = checks.iter().find_map(|check| match check.outcome {
        TokenOutcome::Accepted(end) => end,
        _ => None,
    });
    let end = told_by_service.or(connection.token.expires_at);
    let details = checks.iter().map(|check| detail(desk, check));
    let refused = problem_of(checks, |outcome| matches!(outcome, TokenOutcome::Refused(_)));
    let unknown = problem_of(checks, |outcome| matches!(outcome, TokenOutcome::Unknown(_)));
    let fix = || known_fix(&desk.services, target);
    let finding = match (refused, unknown) {
        (Some((problem, files)), _) => {
            let among = if files.len() < checks.len() {
                "; the others are good"
            } else {
                ""
            };
            let files: Vec<String> = files.iter().map(|path| desk.world.short(path)).collect();
            let mut finding = Finding::of_problem(Outcome::Fail, problem);
            finding.cause = Some(format!(
                "it lies in {}{among}; with it conda is refused, on public channels too",
                files.join(", ")
            ));
            finding.fixed_by(fix())
        }
        (None, Some((problem, _))) => Finding::of_problem(Outcome::Warn, problem),
        (None, None) => match lifetime(end, now) {
            finding if finding.outcome == Outcome::Pass => finding,
            ending => ending.fixed_by(fix()),
        },
    };
    with_scopes(target, connection, finding.with_all(details))
}

/// The first problem of a kind, and all files that have one.
fn problem_of(
    checks: &[TokenCheck],
    is_meant: impl Fn(&TokenOutcome) -> bool,
) -> Option<(Problem, Vec<PathBuf>)> {
    let meant: Vec<&TokenCheck> = checks.iter().filter(|check| is_meant(&check.outcome)).collect();
    let problem = meant.iter().find_map(|check| match &check.outcome {
        TokenOutcome::Refused(problem) | TokenOutcome::Unknown(problem) => Some(problem.clone()),
        TokenOutcome::Accepted(_) => None,
    })?;
    Some((problem, meant.iter().map(|check| check.path.clone()).collect()))
}

fn detail(desk: &Desk, check: &TokenCheck) -> Detail {
    let path = desk.world.short(&check.path);
    let (outcome, said) = match &check.outcome {
        TokenOutcome::Accepted(Some(end)) => (Outcome::Pass, format!("accepted until {}", day(*end))),
        TokenOutcome::Accepted(None) => (Outcome::Pass, "accepted".to_owned()),
        TokenOutcome::Refused(problem) => (Outcome::Fail, problem.message.clone()),
        TokenOutcome::Unknown(problem) => (Outcome::Warn, problem.message.clone()),
    };
    Detail {
        outcome,
        text: format!("{path}: {said}"),
    }
}

/// What there is to say of an accepted token.
fn lifetime(end: Option<Timestamp>, now: Timestamp) -> Finding {
    match (TokenState::at(end, now), end) {
        (TokenState::Expired, _) => Finding::fail("the token has expired").remedy("renew it"),
        (TokenState::EndsSoon, Some(end)) => {
            let days = days_until(end, now);
            let plural = if days == 1 { "" } else { "s" };
            Finding::warn(format!("the token ends in {days} day{plural}, on {}", day(end)))
                .because("from then on conda is refused, on public channels too")
                .remedy("renew it")
        }
        (_, Some(end)) => Finding::pass(format!("accepted, {} days left", days_until(end, now))),
        (_, None) => Finding::pass("accepted; the service does not say until when"),
    }
}

fn with_scopes(target: &Target, connection: &Connection, mut finding: Finding) -> Finding {
    let scopes = &connection.token.scopes;
    if scopes.is_empty() {
        return finding;
    }
    let wanted: &[&str] = match target.service {
        Service::Server | Service::Cloud => &DOWNLOAD,
        Service::Repository | Service::AnacondaOrg => &DOWNLOAD_OF_BINSTAR,
    };
    let shown = format!("scopes: {}", scopes.join(", "));
    if scopes.iter().any(|scope| wanted.contains(&scope.as_str())) {
        return finding.with(Outcome::Pass, shown);
    }
    finding = finding.with(Outcome::Warn, shown);
    if finding.outcome == Outcome::Pass {
        finding.outcome = Outcome::Warn;
        finding.message = format!(
            "the token lacks the scope {}, without which conda gets no packages",
            wanted[0]
        );
        finding.remedy = Some("sign out, and sign in again with that scope".to_owned());
    }
    finding
}

/// What gives a machine a token that works.
pub(super) fn known_fix(services: &Services, target: &Target) -> Option<Remedy> {
    let is_renewable = target.is_ours && target.service != Service::Cloud;
    if is_renewable && services.plan_renewal(target.service).is_ok() {
        return Some(Remedy::RenewToken {
            service: target.service,
        });
    }
    Some(sign_in(target))
}

pub(super) fn sign_in(target: &Target) -> Remedy {
    Remedy::SignIn {
        service: target.service,
        domain: target.domain.as_str().to_owned(),
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}
