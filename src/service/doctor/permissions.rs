//! Whether what holds a secret is for its owner alone.

use std::path::{Path, PathBuf};

use super::check::{Finding, Kind, Outcome};
use super::remedy::Remedy;
use super::run::{Desk, Job};
use super::secrets::{holds_secret, places};
use crate::conda::token_file;
use crate::locations::Platform;
use crate::service::Services;
use crate::service::plan::shown_mode;

/// The bits that let anybody but the owner in.
const OTHERS: u32 = 0o077;

/// What the operating system says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Permission bits.
    pub mode: u32,
    /// The number of the account that owns it.
    pub owner: u32,
}

/// What the operating system says of the file that `path` leads to; nothing where there is none, or no such bits.
pub(super) fn standing(path: &Path) -> Option<Standing> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(path).ok()?;
        Some(Standing {
            mode: metadata.mode() & 0o7777,
            owner: metadata.uid(),
        })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Whether others than the owner may read the file.
pub(super) fn is_open(path: &Path) -> bool {
    standing(path).is_some_and(|standing| standing.mode & OTHERS != 0)
}

pub(super) fn job() -> Job {
    Job::local(Kind::Permissions, look)
}

/// Every file that holds a secret by its nature, or that turned out to hold one.
pub(super) fn secret_files(services: &Services) -> Vec<PathBuf> {
    let locations = services.locations();
    let surroundings = services.surroundings();
    let machine = services.machine();
    let mut files = vec![
        locations.credentials(),
        locations.connections(),
        locations.home.join(".anaconda/keyring"),
        locations.home.join(".rattler/credentials.json"),
        locations.home.join(".mamba/auth/authentication.json"),
        locations.home.join(".netrc"),
    ];
    files.extend(
        token_file::existing(&surroundings)
            .into_iter()
            .map(|file| file.path),
    );
    for folder in token_file::folders(&surroundings) {
        let entries = std::fs::read_dir(&folder.path).into_iter().flatten().flatten();
        let sessions = entries.map(|entry| entry.path()).filter(|path| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            name.starts_with("jwt_") && name.ends_with(".jwt")
        });
        files.extend(sessions);
    }
    let with_token = machine.navigator.into_iter().filter(|reading| {
        let values = reading.values.as_ref();
        values.is_ok_and(|values| values.server_token.is_some())
    });
    files.extend(with_token.map(|reading| reading.path));
    let plain = places::conda(services).into_iter().chain(places::pip(services));
    files.extend(plain.filter(|path| path.starts_with(&locations.home) && holds_secret(path)));
    files.sort();
    files.dedup();
    files.retain(|path| path.is_file());
    files
}

fn look(desk: &Desk) -> Finding {
    let locations = desk.services.locations();
    if locations.platform == Platform::Windows {
        return Finding::skip("on Windows, a person's folder is closed to others as a whole");
    }
    let me = standing(&locations.home).map(|standing| standing.owner);
    let files = secret_files(&desk.services);
    let mut open = Vec::new();
    let mut foreign = Vec::new();
    for path in &files {
        let Some(found) = standing(path) else { continue };
        if me.is_some_and(|me| me != found.owner) {
            foreign.push((path.clone(), found));
        } else if found.mode & OTHERS != 0 {
            open.push((path.clone(), found));
        }
    }
    if open.is_empty() && foreign.is_empty() {
        return Finding::pass(match files.len() {
            0 => "there is no file with a secret".to_owned(),
            1 => "the file with a secret is readable by you alone".to_owned(),
            count => format!("the {count} files with secrets are readable by you alone"),
        });
    }
    judged(desk, open, foreign)
}

fn judged(desk: &Desk, open: Vec<(PathBuf, Standing)>, foreign: Vec<(PathBuf, Standing)>) -> Finding {
    let finding = match (open.len(), foreign.len()) {
        (0, _) => Finding::warn("a file with a secret belongs to somebody else")
            .because("a program was run as another account, such as by sudo; it may keep you from changing the file")
            .remedy("give it back to yourself: sudo chown \"$USER\" FILE"),
        (1, _) => Finding::fail("others can read a file that holds a secret"),
        (count, _) => Finding::fail(format!("others can read {count} files that hold secrets")),
    };
    let finding = if open.is_empty() {
        finding
    } else {
        let paths = open.iter().map(|(path, _)| path.clone()).collect();
        finding
            .because("their permissions let in more than their owner")
            .remedy("make them readable for you alone")
            .fixed_by(Some(Remedy::RestrictPermissions { paths }))
    };
    let finding = open.iter().fold(finding, |finding, (path, found)| {
        finding.with(
            Outcome::Fail,
            format!("{}: {}", desk.world.short(path), shown_mode(found.mode)),
        )
    });
    foreign.iter().fold(finding, |finding, (path, found)| {
        finding.with(
            Outcome::Warn,
            format!("{}: owned by account {}", desk.world.short(path), found.owner),
        )
    })
}
