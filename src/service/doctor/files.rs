//! Whether every file can be read as what it is.

use std::path::Path;

use super::check::{Finding, Kind, Outcome};
use super::remedy::Remedy;
use super::run::{Desk, Job};
use crate::service::Services;
use crate::service::broken::Trouble;
use crate::service::configuration::ConfigurationFile;

pub(super) fn job() -> Job {
    Job::local(Kind::Files, look)
}

fn look(desk: &Desk) -> Finding {
    let troubles = desk.services.troubles();
    let finding = match troubles.as_slice() {
        [] => return Finding::pass("every file can be read as what it is"),
        [one] => Finding::of_problem(Outcome::Fail, one.problem.clone()),
        several => Finding::fail(format!("{} files cannot be read as what they are", several.len()))
            .remedy("mend the lines, or bring back earlier versions: sextant history"),
    };
    let finding = troubles.iter().fold(finding, |finding, trouble| {
        let path = desk.world.short(&trouble.path);
        let place = match trouble.line {
            Some(line) => format!("{path}, line {line}"),
            None => path,
        };
        finding.with(Outcome::Fail, format!("{place}: {}", trouble.problem.message))
    });
    let fix = troubles.iter().find_map(|trouble| mend(&desk.services, trouble));
    finding.fixed_by(fix)
}

/// What brings a broken file back, or gets it out of the way.
fn mend(services: &Services, trouble: &Trouble) -> Option<Remedy> {
    let path = trouble.path.clone();
    match &trouble.snapshot {
        Some(snapshot) => Some(Remedy::RestoreFile {
            path,
            snapshot: snapshot.id.clone(),
        }),
        None if trouble.can_be_set_aside => Some(Remedy::SetAside { path }),
        None => edit(services, &path),
    }
}

/// The same for a file that conda cannot use.
pub(super) fn mend_of_conda(services: &Services, path: &Path) -> Option<Remedy> {
    let troubles = services.troubles();
    match troubles.iter().find(|trouble| trouble.path == path) {
        Some(trouble) => mend(services, trouble),
        // It can be read, but what it says is wrong.
        None => edit(services, path),
    }
}

/// The editor, where the file is one that it is for.
fn edit(services: &Services, path: &Path) -> Option<Remedy> {
    let is_it = |file: &ConfigurationFile| services.configuration_path(*file).is_ok_and(|own| own == path);
    let file = ConfigurationFile::ALL.into_iter().find(|file| is_it(file))?;
    Some(Remedy::Edit { file })
}
