//! Examining a machine and carrying out what the doctor offers.

#![allow(dead_code, reason = "every test uses its part")]

use sextant::service::Services;
use sextant::service::doctor::{CarriedOut, Check, Examination, Outcome};

use crate::services::Machine;

pub fn examine(machine: &Machine) -> Vec<Check> {
    examine_with(machine, &machine.services)
}

/// Every check, and that none of them changed a thing.
pub fn examine_with(machine: &Machine, services: &Services) -> Vec<Check> {
    let before = machine.listing();
    let checks = machine.wait(services.examine(&Examination::default(), |_| {}));
    assert_eq!(machine.listing(), before);
    checks
}

#[track_caller]
pub fn of<'a>(checks: &'a [Check], id: &str) -> &'a Check {
    let found = checks.iter().find(|check| check.id().to_string() == id);
    found.unwrap_or_else(|| panic!("no check {id} in {:?}", ids(checks)))
}

pub fn ids(checks: &[Check]) -> Vec<String> {
    checks.iter().map(|check| check.id().to_string()).collect()
}

/// The checks that are not well, with their outcomes.
pub fn unwell(checks: &[Check]) -> Vec<(String, Outcome)> {
    let unwell = checks
        .iter()
        .filter(|check| matches!(check.outcome(), Outcome::Warn | Outcome::Fail));
    unwell
        .map(|check| (check.id().to_string(), check.outcome()))
        .collect()
}

/// Everything that a check says.
pub fn said(check: &Check) -> String {
    check.to_json().to_string()
}

/// Carries out what the check `id` offers, as a person would who looks at it now.
#[track_caller]
pub fn fix(machine: &Machine, id: &str) -> CarriedOut {
    let checks = examine(machine);
    let check = of(&checks, id);
    let remedy = check
        .finding
        .fix
        .clone()
        .unwrap_or_else(|| panic!("no remedy: {}", said(check)));
    let plan = machine.services.plan_remedy(&remedy).unwrap();
    machine
        .wait(machine.services.carry_out_remedy(&plan, None))
        .unwrap()
}

/// Undoes a change.
#[track_caller]
pub fn undo(machine: &Machine, entry: &str) {
    let plan = machine
        .services
        .plan_undo(Some(entry), &sextant::service::merge::PutBack::KeepEdits)
        .unwrap();
    machine.wait(machine.services.undo(&plan)).unwrap();
}

#[cfg(unix)]
pub fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
pub fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
