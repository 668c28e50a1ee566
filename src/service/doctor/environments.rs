//! Whether conda's list of environments is right, and every package in them can be told.

use std::path::PathBuf;

use super::KIND;
use super::check::{Finding, Kind, Outcome};
use super::remedy::Remedy;
use super::run::{Desk, Job};
use crate::conda::environment::{Found, registry};
use crate::edit::file;
use crate::service::plan::{Owner, Plan, PlannedFile};
use crate::service::{ServiceError, Services};

pub(super) fn job() -> Job {
    Job::local(Kind::Environments, look)
}

fn look(desk: &Desk) -> Finding {
    let found = desk.services.find_environments();
    if let Some(reason) = &found.unread {
        return Finding::warn("the list of environments cannot be read")
            .because(reason.clone())
            .remedy("mend or remove ~/.conda/environments.txt: conda writes it anew");
    }
    let damaged = damaged_records(desk, &found);
    let finding = match (found.stale.len(), damaged.len()) {
        (0, 0) => return Finding::pass(counted(found.environments.len())),
        (0, _) => Finding::warn("what some packages are cannot be read")
            .because("their records in conda-meta are damaged: conda cannot update or remove them")
            .remedy("make the environment anew, or install these packages again with conda"),
        (count, _) => Finding::warn(match count {
            1 => "an environment on conda's list is not there any more".to_owned(),
            count => format!("{count} environments on conda's list are not there any more"),
        })
        .remedy("strike out the lines that lead nowhere")
        .fixed_by(Some(Remedy::StrikeOutEnvironments {
            prefixes: found.stale.clone(),
        })),
    };
    let stale = found.stale.iter().map(|prefix| prefix.display().to_string());
    stale
        .chain(damaged)
        .fold(finding, |finding, text| finding.with(Outcome::Warn, text))
}

fn counted(environments: usize) -> String {
    match environments {
        0 => "there is no environment yet".to_owned(),
        1 => "there is one environment".to_owned(),
        count => format!("there are {count} environments"),
    }
}

/// The records that cannot be read, with their reasons.
fn damaged_records(desk: &Desk, found: &Found) -> Vec<String> {
    let environments = found.environments.iter();
    environments
        .take_while(|_| !desk.is_left())
        .filter_map(|environment| desk.services.installed(&environment.prefix).ok())
        .flat_map(|installed| installed.damaged)
        .map(|(path, reason)| format!("{}: {reason}", path.display()))
        .collect()
}

/// The list without the lines of these prefixes, which lead nowhere.
///
/// # Errors
/// File errors.
pub(super) fn strike_out(services: &Services, prefixes: &[PathBuf]) -> Result<Plan, ServiceError> {
    let path = registry::path(&services.surroundings());
    let mut plan = Plan::new(KIND, "Struck out environments that are not there");
    let Some(image) = file::read(&path)? else {
        return Ok(plan);
    };
    let mut after = image.bytes.clone();
    for prefix in prefixes {
        if let Some(without) = registry::without(Some(&after), prefix) {
            after = without;
        }
    }
    if after != image.bytes {
        plan.files.push(PlannedFile::new(
            path,
            Owner::Other,
            Some(image.bytes),
            Some(after),
        ));
    }
    Ok(plan)
}
