//! Tokens that conda may send where they do not belong: to hosts whose name begins alike, or one of several in the place of
//! the right one.

use std::path::PathBuf;

use super::check::{Announced, CheckId, Detail, Finding, Kind, Outcome};
use super::remedy::Remedy;
use super::run::{Desk, Job};
use super::token::{ask_about, known_fix};
use super::world::Target;
use crate::clients::{self, Credential, FoundLogin};
use crate::conda::token_file::{self, TokenFile};
use crate::repository::Domain;
use crate::service::connection::{Connection, ProgramName, Service, TokenRecord};
use crate::service::tokens::TokenOutcome;

pub(super) fn jobs() -> Vec<Job> {
    let conflicts = Announced::new(CheckId::new(Kind::TokenConflicts), "");
    vec![
        Job::local(Kind::TokenKeys, keys),
        Job::new(vec![conflicts.clone()], move |desk| async move {
            desk.ask(conflicts, several(&desk)).await;
        }),
    ]
}

fn keys(desk: &Desk) -> Finding {
    let surroundings = desk.services.surroundings();
    let leaks = token_file::leaks(&surroundings);
    let mut intruders: Vec<(TokenFile, &Target)> = Vec::new();
    for target in &desk.world.targets {
        let Ok(base) = target.api_base(&desk.services) else {
            continue;
        };
        for file in token_file::intruders(&surroundings, &base) {
            if !intruders.iter().any(|(known, _)| *known == file) {
                intruders.push((file, target));
            }
        }
    }
    if leaks.is_empty() && intruders.is_empty() {
        return Finding::pass("every token is kept for one host");
    }
    let told_of_leaks = leaks.iter().map(|file| {
        (
            Outcome::Fail,
            format!(
                "{} is kept for {}, so also for every host whose name begins like that",
                desk.world.short(&file.path),
                file.key
            ),
        )
    });
    let told_of_intruders = intruders.iter().map(|(file, target)| {
        (
            Outcome::Warn,
            format!(
                "{} is kept for {}, and conda may send it to {} instead of the right one",
                desk.world.short(&file.path),
                file.key,
                target.domain.host_and_port()
            ),
        )
    });
    let details = told_of_leaks
        .chain(told_of_intruders)
        .map(|(outcome, text)| Detail { outcome, text })
        .collect::<Vec<_>>();
    let paths: Vec<PathBuf> = leaks.iter().map(|file| file.path.clone()).collect();
    let finding = if leaks.is_empty() {
        Finding::warn("conda may send a token to a host that it is not for")
            .because("it compares nothing but the beginning of addresses")
            .remedy("sign out where you no longer need the login, or remove the file")
    } else {
        Finding::fail("conda would send a token to hosts whose names begin alike")
            .because("it compares nothing but the beginning of addresses, and nothing ends the host there")
            .remedy("keep the token under a key in which a slash follows the host")
            .fixed_by(Some(Remedy::CloseTokenKeys { paths }))
    };
    finding.with_all(details)
}

async fn several(desk: &Desk) -> Finding {
    let machine = desk.services.machine();
    let logins = match tokio::task::spawn_blocking(move || clients::logins(&machine).logins).await {
        Ok(logins) => logins,
        Err(error) => return Finding::skip(error.to_string()),
    };
    let conflicts = clients::conflicts(&logins);
    if conflicts.is_empty() {
        return Finding::pass("there is no more than one token for a host");
    }
    let mut finding = Finding::warn(match conflicts.as_slice() {
        [one] => format!("there are {} different tokens for {}", one.logins.len(), one.address),
        several => format!("there are different tokens for each of {} hosts", several.len()),
    })
    .because("which of them a program sends depends on where it looks first, so that one may work where another fails");
    let mut refused = Vec::new();
    for login in conflicts.iter().flat_map(|conflict| &conflict.logins) {
        let outcome = if desk.world.offline.is_some() {
            None
        } else {
            Some(ask_of(desk, login).await)
        };
        let (mark, said) = match &outcome {
            Some(TokenOutcome::Accepted(_)) => (Outcome::Pass, "accepted".to_owned()),
            Some(TokenOutcome::Refused(problem)) => (Outcome::Fail, problem.message.clone()),
            Some(TokenOutcome::Unknown(problem)) => (Outcome::Warn, problem.message.clone()),
            None => (Outcome::Skip, "not asked".to_owned()),
        };
        for place in &login.places {
            finding = finding.with(mark, format!("{}, {said}", desk.world.short(place.path())));
            let is_token_file = matches!(place, clients::Place::TokenFile(_));
            if is_token_file && matches!(outcome, Some(TokenOutcome::Refused(_))) {
                refused.push(place.path().clone());
            }
        }
    }
    if refused.is_empty() {
        return finding.remedy("sign out with the programs that you no longer use there");
    }
    let of_sign_in = desk.world.targets.iter().find(|target| {
        let files = target
            .connection
            .as_ref()
            .map(|connection| &connection.token_files);
        files.is_some_and(|files| refused.iter().any(|path| files.contains(path)))
    });
    if let Some(target) = of_sign_in {
        return finding
            .remedy("renew the token, which puts the new one into every file of the sign-in")
            .fixed_by(known_fix(&desk.services, target));
    }
    finding
        .remedy("remove those that the server refuses")
        .fixed_by(Some(Remedy::RemoveTokenFiles { paths: refused }))
}

/// What the service says of the token of a login.
async fn ask_of(desk: &Desk, login: &FoundLogin) -> TokenOutcome {
    let Some(Credential::Token(token)) = &login.credential else {
        return TokenOutcome::Accepted(None);
    };
    let service = match login.product {
        clients::Product::Server => Service::Server,
        clients::Product::Cloud => Service::Cloud,
        clients::Product::Repository => Service::Repository,
        clients::Product::AnacondaOrg => Service::AnacondaOrg,
    };
    let known = desk.world.targets.iter().find(|target| {
        Domain::parse(&login.address).is_ok_and(|domain| domain == target.domain)
            && target.connection.is_some()
    });
    let connection = Connection {
        service,
        domain: login.address.clone(),
        user: String::new(),
        signed_in_at: desk.services.now(),
        token: TokenRecord::default(),
        ca_file: known.and_then(|target| target.ca_file().map(std::path::Path::to_owned)),
        session: None,
        condarc: None,
        token_files: Vec::new(),
        entry: String::new(),
        origin: ProgramName::Conda,
    };
    ask_about(&desk.services, &connection, token).await
}
