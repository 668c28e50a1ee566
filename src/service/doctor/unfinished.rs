//! What a crash, a cancelled sign-in or an unreachable server left behind.

use super::check::{Finding, Kind, Outcome};
use super::remedy::Remedy;
use super::run::{Desk, Job};
use crate::edit::transaction::Transaction;
use crate::error::Explain;

pub(super) fn job() -> Job {
    Job::local(Kind::Unfinished, look)
}

fn look(desk: &Desk) -> Finding {
    let services = &desk.services;
    let pending = match Transaction::pending(&services.locations().journals()) {
        Ok(pending) => pending,
        Err(error) => return Finding::of_problem(Outcome::Fail, error.explain()),
    };
    let waiting = match services.connections() {
        Ok(connections) => connections.revocations,
        Err(error) => return Finding::of_problem(Outcome::Fail, error.explain()),
    };
    if pending.is_empty() && waiting.is_empty() {
        return Finding::pass("nothing is left unfinished");
    }
    let message = match (pending.len(), waiting.len()) {
        (0, 1) => "a token waits to be revoked".to_owned(),
        (0, count) => format!("{count} tokens wait to be revoked"),
        (1, _) => "a change was interrupted".to_owned(),
        (count, _) => format!("{count} changes were interrupted"),
    };
    let finding = Finding::warn(message)
        .remedy("make it good")
        .fixed_by(Some(Remedy::Recover));
    let finding = pending.iter().fold(finding, |finding, change| {
        finding.with(Outcome::Warn, change.what())
    });
    waiting.iter().fold(finding, |finding, revocation| {
        let because = revocation.reason.as_deref().map(|reason| format!(": {reason}"));
        finding.with(
            Outcome::Warn,
            format!(
                "token {} at {}{}",
                revocation.token_name,
                revocation.domain,
                because.unwrap_or_default()
            ),
        )
    })
}
