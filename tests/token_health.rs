//! The tokens of this machine: days left, renewal as one change, and left-over tokens, over a temporary home and the practice
//! server.

#[path = "support/services.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod services;

use std::time::Duration;

use services::Machine;
use sextant::error::{Explain, Kind};
use sextant::practice::{Effect, Fault, Trouble};
use sextant::service::connection::{ProgramName, Service};
use sextant::service::tokens::{Renewal, TokenState};

const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";

#[test]
fn a_token_is_renewed_in_every_file_and_the_former_is_revoked() {
    let machine = Machine::new();
    machine.sign_in();
    let former = machine.practice.tokens()[0].clone();
    let condarc = machine.file(".condarc");

    let plan = machine.services.plan_renewal(Service::Server).unwrap();
    assert_eq!(machine.practice.tokens().len(), 1, "planning changes nothing");
    assert_eq!(plan.revokes.as_deref(), Some(former.name.as_str()));
    let renewed = machine
        .wait(machine.services.renew(Service::Server, &plan, None))
        .unwrap();
    assert_eq!(renewed.former_revoked, Some(true));
    let tokens = machine.practice.tokens();
    assert_eq!(tokens.len(), 1);
    assert_ne!(tokens[0].id, former.id);
    assert_eq!(renewed.token.id.as_deref(), Some(tokens[0].id.as_str()));
    let value = tokens[0].value.expose();
    assert!(machine.file(INI).contains(value));
    assert_eq!(machine.token_values(), [value, value, value, value]);
    assert_eq!(machine.file(".condarc"), condarc);
    let health = machine.services.token_health().unwrap();
    assert_eq!(health[0].name.as_deref(), Some(tokens[0].name.as_str()));
    assert!(!machine.services.needs_recovery());

    // Signing out afterwards puts back what was there before signing in.
    machine.sign_out();
    assert!(machine.practice.tokens().is_empty());
    assert_eq!(machine.file(".condarc"), services::CONDARC);
    assert!(machine.token_values().is_empty());
}

#[test]
fn a_renewal_that_fails_leaves_the_former_token_in_use() {
    let machine = Machine::new();
    machine.sign_in();
    let before = machine.listing();
    for trouble in [
        // The token is made, its answer lost.
        Trouble::fault(Fault::Drop {
            effect: Effect::Performed,
        })
        .only_method("POST")
        .only_path("/tokens"),
        // The new token is not accepted.
        Trouble::status(401).only_path("/token-info"),
    ] {
        machine.practice.set_trouble(trouble);
        let plan = machine.services.plan_renewal(Service::Server).unwrap();
        machine
            .wait(machine.services.renew(Service::Server, &plan, None))
            .unwrap_err();
        machine.practice.set_trouble(Trouble::none());
        assert_eq!(machine.practice.tokens().len(), 1, "the new one is gone again");
        assert_eq!(machine.listing(), before);
    }
    assert!(!machine.services.needs_recovery());
}

#[test]
fn an_ended_session_asks_for_the_password() {
    let machine = Machine::new();
    machine.sign_in();
    machine.practice.expire_sessions();
    machine.clock.advance(Duration::from_secs(11 * 3600));
    machine.practice.advance_clock(Duration::from_secs(11 * 3600));
    assert_eq!(
        machine.services.token_health().unwrap()[0].renewal,
        Renewal::WithPassword
    );
    let plan = machine.services.plan_renewal(Service::Server).unwrap();
    let error = machine
        .wait(machine.services.renew(Service::Server, &plan, None))
        .unwrap_err();
    assert_eq!(error.explain().kind, Kind::Auth);
    let renewed = machine
        .wait(
            machine
                .services
                .renew(Service::Server, &plan, Some(&services::password())),
        )
        .unwrap();
    assert_eq!(renewed.former_revoked, Some(true));
}

#[test]
fn days_are_counted_and_warned_of() {
    let machine = Machine::new();
    machine.sign_in();
    let state = |machine: &Machine| {
        let health = machine.services.token_health().unwrap().remove(0);
        (health.days_left, health.state)
    };
    assert!(matches!(state(&machine), (Some(364..=365), TokenState::Good)));
    machine.clock.advance(Duration::from_secs(336 * 86_400));
    assert!(matches!(state(&machine), (Some(28..=29), TokenState::EndsSoon)));
    machine.clock.advance(Duration::from_secs(40 * 86_400));
    assert_eq!(state(&machine), (Some(0), TokenState::Expired));
}

#[test]
fn left_over_tokens_of_this_machine_are_found_and_revoked() {
    let machine = Machine::new();
    // A sign-in whose home was lost.
    machine.sign_in();
    let lost = machine.practice.tokens()[0].name.clone();
    machine.forget_everything();
    machine.sign_in();
    let found = machine
        .wait(machine.services.left_over_tokens(Service::Server, None))
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, lost);
    assert_eq!(found[0].made_by, ProgramName::Sextant);
    assert!(found[0].surely_of_this_machine);
    let revoked = machine
        .wait(machine.services.revoke_left_over(Service::Server, &found, None))
        .unwrap();
    assert!(revoked.iter().all(|token| token.failed.is_none()));
    assert_eq!(machine.practice.tokens().len(), 1);
    assert_ne!(machine.practice.tokens()[0].name, lost);
}
