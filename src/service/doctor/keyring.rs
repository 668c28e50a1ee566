//! Where Sextant keeps its secrets, and whether that gives them back.

use super::check::{Finding, Kind, Outcome};
use super::run::{Desk, Job};
use crate::credential::{CredentialError, Place};
use crate::error::Explain;

pub(super) fn job() -> Job {
    Job::local(Kind::Keyring, look)
}

fn look(desk: &Desk) -> Finding {
    let store = desk.services.credentials();
    let mut names: Vec<String> = Vec::new();
    // A damaged file is told of elsewhere.
    if let Ok(connections) = desk.services.connections() {
        names.extend(connections.connections.into_iter().filter_map(|one| one.session));
        names.extend(connections.revocations.into_iter().map(|one| one.session));
    }
    let mut missing = 0;
    for name in &names {
        match store.read(name) {
            Ok(Some(_)) => {}
            Ok(None) => missing += 1,
            Err(error) => return refused(&error),
        }
    }
    let place = match store.place() {
        Place::Keyring => "the keyring of this computer".to_owned(),
        Place::File(path) => format!(
            "{}, since no keyring can be used in this session",
            desk.world.short(&path)
        ),
    };
    if missing > 0 {
        return Finding::warn("a session that Sextant stored is gone")
            .because(format!("it was kept in {place}; somebody removed it"))
            .remedy("nothing is lost but convenience: renewing or revoking the token takes your password");
    }
    Finding::pass(format!("secrets are kept in {place}"))
}

fn refused(error: &CredentialError) -> Finding {
    let outcome = match error {
        CredentialError::KeyringLocked | CredentialError::KeyringSilent => Outcome::Warn,
        _ => Outcome::Fail,
    };
    Finding::of_problem(outcome, error.explain())
}
