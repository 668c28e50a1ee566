//! Secrets in the clear: in conda's and pip's files, in what shells remember, and in logs. They are reported with file and
//! line, never with their value.

pub(super) mod places;
pub(super) mod scan;

use std::path::{Path, PathBuf};

use super::check::{Detail, Finding, Kind, Outcome};
use super::permissions::is_open;
use super::remedy::Remedy;
use super::run::{Desk, Job};
use crate::conda::token_file;
use crate::edit::file;
use crate::secret::Secret;
use crate::service::Services;
use scan::Span;

/// No more places than this are listed.
const MOST_SHOWN: usize = 20;

/// No larger file is rewritten to take secrets out.
pub(super) const LARGEST_REWRITTEN: usize = 8 * 1024 * 1024;

pub(super) fn jobs() -> Vec<Job> {
    vec![
        Job::local(Kind::SecretsConda, |desk| look(desk, &CONDA)),
        Job::local(Kind::SecretsPip, |desk| look(desk, &PIP)),
        Job::local(Kind::SecretsShell, |desk| look(desk, &SHELL)),
        Job::local(Kind::SecretsLogs, |desk| look(desk, &LOGS)),
    ]
}

/// One family of files.
struct Family {
    /// What they are called.
    name: &'static str,
    files: fn(&Services) -> Vec<PathBuf>,
    remedy: &'static str,
    fix: fn(&Desk, &[Hit]) -> Option<Remedy>,
}

const CONDA: Family = Family {
    name: "conda's files",
    files: places::conda,
    remedy: "sign in, so that conda gets the token from its token store, and write bare addresses",
    fix: of_conda,
};

const PIP: Family = Family {
    name: "pip's files",
    files: places::pip,
    remedy: "let pip ask a keyring, or keep the login in ~/.netrc, readable for you alone; then renew the token",
    fix: restrict,
};

const SHELL: Family = Family {
    name: "what shells remember",
    files: places::shells,
    remedy: "erase them there, and renew the token if somebody else could read them",
    fix: erase,
};

const LOGS: Family = Family {
    name: "logs",
    files: places::logs,
    remedy: "erase them there before you send a log to anybody, and renew the token if somebody else could read them",
    fix: erase,
};

/// A file with secrets in it.
struct Hit {
    path: PathBuf,
    spans: Vec<Span>,
}

/// The secrets of this machine by their values: what lies in token files.
pub(super) fn known(services: &Services) -> Vec<Secret> {
    let files = token_file::existing(&services.surroundings());
    let tokens = files
        .iter()
        .filter_map(|file| token_file::read(&file.path).ok().flatten());
    tokens.map(|token| Secret::new(token.expose())).collect()
}

/// Whether a file holds a secret that anybody can recognise.
pub(super) fn holds_secret(path: &Path) -> bool {
    let image = file::read(path).ok().flatten();
    image.is_some_and(|image| !scan::spans(&image.bytes, &[], || false).is_empty())
}

fn look(desk: &Desk, family: &Family) -> Finding {
    let known = known(&desk.services);
    let mut hits = Vec::new();
    let mut unread = Vec::new();
    let mut count = 0;
    for path in (family.files)(&desk.services) {
        match file::read(&path) {
            Ok(Some(image)) => {
                count += 1;
                let spans = scan::spans(&image.bytes, &known, || desk.is_left());
                if !spans.is_empty() {
                    hits.push(Hit { path, spans });
                }
            }
            Ok(None) => {}
            Err(error) => unread.push(Detail {
                outcome: Outcome::Skip,
                text: error.to_string(),
            }),
        }
    }
    let finding = match (hits.is_empty(), count) {
        (true, 0) => Finding::skip("there is no such file"),
        (true, 1) => Finding::pass("none in 1 file"),
        (true, count) => Finding::pass(format!("none in {count} files")),
        (false, _) => found(desk, family, &hits),
    };
    finding.with_all(unread)
}

fn found(desk: &Desk, family: &Family, hits: &[Hit]) -> Finding {
    let total: usize = hits.iter().map(|hit| hit.spans.len()).sum();
    let message = match total {
        1 => format!("there is a secret in {}", family.name),
        count => format!("there are {count} secrets in {}", family.name),
    };
    let is_open = hits.iter().any(|hit| is_open(&hit.path));
    let finding = if is_open {
        Finding::fail(message).because("the permissions of the file let others than you read it")
    } else {
        Finding::warn(message).because("whoever gets to see such a file has them")
    };
    let lines = hits.iter().flat_map(|hit| {
        let path = desk.world.short(&hit.path);
        hit.spans
            .iter()
            .map(move |span| format!("{path}, line {}: {}", span.line, span.kind))
    });
    let mut finding = lines
        .take(MOST_SHOWN)
        .fold(finding, |finding, line| finding.with(Outcome::Warn, line));
    if total > MOST_SHOWN {
        finding = finding.with(Outcome::Warn, format!("and {} more", total - MOST_SHOWN));
    }
    finding.remedy(family.remedy).fixed_by((family.fix)(desk, hits))
}

fn of_conda(desk: &Desk, hits: &[Hit]) -> Option<Remedy> {
    let own = desk.services.condarc_path().ok()?;
    let in_own = hits.iter().any(|hit| hit.path == own);
    if in_own && super::fix::can_move(&desk.services, &own) {
        return Some(Remedy::MoveTokens { path: own });
    }
    restrict(desk, hits)
}

/// Files of the machine are not the person's to close.
fn restrict(desk: &Desk, hits: &[Hit]) -> Option<Remedy> {
    let home = &desk.services.locations().home;
    let open = hits
        .iter()
        .filter(|hit| is_open(&hit.path) && hit.path.starts_with(home));
    let paths: Vec<PathBuf> = open.map(|hit| hit.path.clone()).collect();
    (!paths.is_empty()).then_some(Remedy::RestrictPermissions { paths })
}

fn erase(_: &Desk, hits: &[Hit]) -> Option<Remedy> {
    let small = hits.iter().filter(|hit| {
        std::fs::metadata(&hit.path).is_ok_and(|metadata| metadata.len() <= LARGEST_REWRITTEN as u64)
    });
    let paths: Vec<PathBuf> = small.map(|hit| hit.path.clone()).collect();
    (!paths.is_empty()).then_some(Remedy::EraseSecrets { paths })
}
