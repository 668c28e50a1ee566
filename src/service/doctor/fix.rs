//! The file changes of remedies, as plans: shown before they happen, journalled, in the history, and undone from there.

use std::path::{Path, PathBuf};

use super::permissions::standing;
use super::secrets::{LARGEST_REWRITTEN, known, scan};
use super::{ERASURE, KIND};
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::condarc::Condarc;
use crate::conda::configuration::Configuration;
use crate::conda::setting::Key;
use crate::conda::token_file::{self, Place};
use crate::conda::token_match::matching_keys;
use crate::edit::file;
use crate::secret::{Secret, Token};
use crate::service::plan::{Owner, Plan, PlannedFile, Warning, short_path};
use crate::service::sign_in::files::paths_for_conda;
use crate::service::{ServiceError, Services};

/// What stands in the place of an erased secret: it looks like none itself.
const ERASED: &str = "<REMOVED>";

/// The bits of the owner.
const OWNER_BITS: u32 = 0o700;

fn no_remedy(reason: impl Into<String>, remedy: impl Into<String>) -> ServiceError {
    ServiceError::NoRemedy {
        reason: reason.into(),
        remedy: remedy.into(),
    }
}

/// `1 file`, `3 files`, or the path of a single one.
fn counted(services: &Services, paths: &[PathBuf]) -> String {
    match paths {
        [one] => short_path(one, &services.locations().home),
        several => format!("{} files", several.len()),
    }
}

/// The files become readable for their owner alone; those that are already stay as they are.
pub(super) fn restrict(services: &Services, paths: &[PathBuf]) -> Result<Plan, ServiceError> {
    let mut plan = Plan::new(
        KIND,
        format!("Restricted the permissions of {}", counted(services, paths)),
    );
    for path in paths {
        let Some(image) = file::read(path)? else { continue };
        let Some(found) = standing(path) else { continue };
        let wanted = found.mode & OWNER_BITS;
        if wanted != found.mode {
            plan.files.push(PlannedFile::with_mode(
                path.clone(),
                Owner::Other,
                image.bytes,
                wanted,
            ));
        }
    }
    Ok(plan)
}

/// The token files go; undoing brings them back.
pub(super) fn remove_token_files(services: &Services, paths: &[PathBuf]) -> Result<Plan, ServiceError> {
    let mut plan = Plan::new(KIND, format!("Removed {}", counted(services, paths)));
    for path in paths {
        put_token(&mut plan, path.clone(), None)?;
    }
    services.note_logins_without_files(&mut plan);
    Ok(plan)
}

fn put_token(plan: &mut Plan, path: PathBuf, token: Option<&str>) -> Result<(), ServiceError> {
    let after = token.map(|token| token.as_bytes().to_vec());
    let before = file::read(&path)?.map(|image| image.bytes);
    if before == after {
        return Ok(());
    }
    plan.files.push(PlannedFile {
        keeps_token: true,
        ..PlannedFile::new(path, Owner::TokenFile, before, after)
    });
    Ok(())
}

/// The tokens move to keys that end in a slash, in the same folder. anaconda-client, which looks for the whole address
/// letter by letter, finds its own copy in its own folder, where nobody compares beginnings (see `conda::token_file`).
pub(super) fn close_keys(services: &Services, paths: &[PathBuf]) -> Result<Plan, ServiceError> {
    let surroundings = services.surroundings();
    let of_client = token_file::folders(&surroundings)
        .into_iter()
        .find(|folder| folder.place == Place::AnacondaClient);
    let mut plan = Plan::new(KIND, "Kept tokens for their own hosts only");
    for path in paths {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let (Some(key), Some(token)) = (
            token_file::key_of(name),
            token_file::read(path).map_err(ServiceError::from)?,
        ) else {
            continue;
        };
        let closed = path.with_file_name(token_file::file_name(&format!("{}/", key.trim_end_matches('/'))));
        match token_file::read(&closed).map_err(ServiceError::from)? {
            Some(other) if other != token => {
                return Err(no_remedy(
                    format!(
                        "there is another token for the same address in {}",
                        closed.display()
                    ),
                    "sign out there with the program that you no longer use, and try again",
                ));
            }
            Some(_) => {}
            None => put_token(&mut plan, closed, Some(token.expose()))?,
        }
        if let Some(folder) = &of_client {
            let copy = folder.path.join(name);
            if copy != *path && token_file::read(&copy).ok().flatten().is_none() {
                put_token(&mut plan, copy, Some(token.expose()))?;
            }
        }
        put_token(&mut plan, path.clone(), None)?;
    }
    Ok(plan)
}

/// conda uses stored tokens again.
pub(super) fn use_stored_tokens(services: &Services, path: &Path) -> Result<Plan, ServiceError> {
    let mut condarc = read_condarc(path)?;
    condarc
        .use_stored_tokens()
        .map_err(ServiceError::in_condarc(path))?;
    let mut plan = Plan::new(KIND, "Let conda use stored tokens");
    plan.set_condarc(&services.surroundings(), path.to_owned(), &condarc)?;
    Ok(plan)
}

fn read_condarc(path: &Path) -> Result<Condarc, ServiceError> {
    file::check_writable(path)?;
    let bytes = file::read(path)?.map(|image| image.bytes).unwrap_or_default();
    Condarc::parse(&bytes).map_err(ServiceError::in_condarc(path))
}

/// An address with a token in it, and what conda would send for it from its token store.
struct Move {
    url: ChannelUrl,
    token: Token,
    /// The key under which the token is kept afterwards.
    key: String,
    /// The token lies in conda's store already.
    is_stored: bool,
}

/// Whether any token of a `.condarc` can move into conda's token store.
pub(super) fn can_move(services: &Services, path: &Path) -> bool {
    read_condarc(path).is_ok_and(|condarc| !moves(services, &condarc).0.is_empty())
}

/// The tokens in the addresses move into conda's token store, and the addresses become bare. conda takes a token out of an
/// address and puts it in again before it asks, so that it asks for the same as before (server reference, section 3.5).
pub(super) fn move_tokens(services: &Services, path: &Path) -> Result<Plan, ServiceError> {
    let switch = Configuration::read(&services.surroundings()).explain(Key::AddAnacondaToken);
    if switch.value.as_switch() == Some(false) {
        return Err(no_remedy(
            "conda does not use stored tokens, because add_anaconda_token is false",
            "let it use them first: sextant doctor --fix conda-token",
        ));
    }
    let mut condarc = read_condarc(path)?;
    let (moves, kept) = moves(services, &condarc);
    if moves.is_empty() {
        return Err(no_remedy(
            kept.into_iter()
                .next()
                .unwrap_or_else(|| "there is no token in it that conda could keep elsewhere".to_owned()),
            "edit the file by hand",
        ));
    }
    let addresses: Vec<ChannelUrl> = moves.iter().map(|one| one.url.clone()).collect();
    condarc.bare(&addresses).map_err(ServiceError::in_condarc(path))?;
    let mut plan = Plan::new(KIND, "Moved tokens into conda's token store");
    plan.set_condarc(&services.surroundings(), path.to_owned(), &condarc)?;
    plan.warnings.extend(kept.into_iter().map(Warning::new));
    for one in moves.iter().filter(|one| !one.is_stored) {
        for path in paths_for_conda(&services.surroundings(), &one.key) {
            put_token(&mut plan, path, Some(one.token.expose()))?;
        }
    }
    Ok(plan)
}

/// The addresses whose tokens can move, and why others stay.
fn moves(services: &Services, condarc: &Condarc) -> (Vec<Move>, Vec<String>) {
    let stored = stored(services);
    let mut moves: Vec<Move> = Vec::new();
    let mut kept = Vec::new();
    for url in addresses(condarc) {
        let Some(token) = url.token().cloned() else {
            continue;
        };
        let key = format!("{}/", url.public());
        let index = format!("{key}noarch/repodata.json");
        if url.expose().contains('$') || url.expose().contains('@') {
            kept.push(format!(
                "{url} stays: something else in it belongs to the address"
            ));
            continue;
        }
        // Whatever else conda could send there must be the same token, or it would be left to chance which.
        let others = stored
            .iter()
            .map(|(key, token)| (key.as_str(), token))
            .chain(moves.iter().map(|one| (one.key.as_str(), &one.token)));
        let same: Vec<bool> = others
            .filter(|(key, _)| !matching_keys(&index, [*key]).is_empty())
            .map(|(_, other)| *other == token)
            .collect();
        if same.contains(&false) {
            kept.push(format!("{url} stays: another token is kept for that address"));
            continue;
        }
        moves.push(Move {
            is_stored: same.contains(&true),
            url,
            token,
            key,
        });
    }
    (moves, kept)
}

/// What conda keeps, with the keys.
fn stored(services: &Services) -> Vec<(String, Token)> {
    let files = token_file::existing(&services.surroundings()).into_iter();
    files
        .filter(|file| matches!(file.place, Place::Conda | Place::Conda2311))
        .filter_map(|file| Some((file.key, token_file::read(&file.path).ok()??)))
        .collect()
}

/// Every address in the file that a token may stand in.
fn addresses(condarc: &Condarc) -> Vec<ChannelUrl> {
    let channels = condarc.channels().unwrap_or_default();
    let defaults = condarc.default_channels().unwrap_or_default();
    let written = channels
        .into_iter()
        .chain(defaults)
        .filter_map(|entry| match entry {
            ChannelEntry::Url(url) => Some(url),
            _ => None,
        });
    let mut all: Vec<ChannelUrl> = Vec::new();
    for url in written.chain(condarc.channel_alias()) {
        if !all.contains(&url) {
            all.push(url);
        }
    }
    // The shortest first: what is kept for it is kept for all below.
    all.sort_by_key(|url| url.public().len());
    all
}

/// The secrets in the files are overwritten. They never come back.
pub(super) fn erase(services: &Services, paths: &[PathBuf]) -> Result<Plan, ServiceError> {
    let known = known(services);
    let mut plan = Plan::new(ERASURE, format!("Erased secrets in {}", counted(services, paths)));
    for path in paths {
        let Some(image) = file::read(path)? else { continue };
        if image.bytes.len() > LARGEST_REWRITTEN {
            plan.warnings.push(Warning::new(format!(
                "{} is left as it is: it is too large to be rewritten",
                short_path(path, &services.locations().home)
            )));
            continue;
        }
        let spans = scan::spans(&image.bytes, &known, || false);
        if spans.is_empty() {
            continue;
        }
        let mut after = Vec::with_capacity(image.bytes.len());
        let mut hidden = Vec::new();
        let mut at = 0;
        for span in spans {
            after.extend_from_slice(&image.bytes[at..span.range.start]);
            after.extend_from_slice(ERASED.as_bytes());
            hidden.push(Secret::new(String::from_utf8_lossy(
                &image.bytes[span.range.clone()],
            )));
            at = span.range.end;
        }
        after.extend_from_slice(&image.bytes[at..]);
        plan.files.push(PlannedFile {
            hidden,
            is_forgotten: true,
            ..PlannedFile::new(path.clone(), Owner::Other, Some(image.bytes), Some(after))
        });
    }
    Ok(plan)
}
