//! Noticing what other programs, or the person with an editor, changed: nobody can tell who it was, but what it was.
//!
//! Every look compares the files with the last one and with the newest entry about them, which is Sextant's own work.
//! What differs from both becomes an entry. The first look at a place records nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::edit::file::{self, Image};
use crate::edit::history::{Chest, Entry, FileVersions, History, Known, OUTSIDE, Version};
use crate::edit::lock::Lock;
use crate::edit::snapshot::{Named, digest};
use crate::edit::transaction::Transaction;
use crate::secret::Secret;
use crate::service::watch::Subject;
use crate::service::{ServiceError, Services, blocking};

/// A larger file is no configuration; its changes are not kept.
const LARGEST: u64 = 8 * 1024 * 1024;

/// What is found at a place.
enum Found {
    File(Image),
    Nothing,
    /// It cannot be read now; that is no change.
    Unreadable,
}

/// A file that is not as it was.
struct Changed {
    path: PathBuf,
    subject: Subject,
    before: Option<Version>,
    after: Option<Image>,
    at: Timestamp,
}

impl Services {
    /// Records what was changed outside Sextant since the last time, and returns the entries, oldest first. Asks no
    /// network.
    ///
    /// Errors: [`ServiceError::Lock`] while another change is under way, whose end is the time to look again; file
    /// errors.
    pub fn notice_changes(&self) -> Result<Vec<Entry>, ServiceError> {
        blocking(|| {
            let lock = Lock::take(&self.locations().lock())?;
            // Files that an interrupted change left half-way are nobody else's.
            if !Transaction::pending(&self.locations().journals())?.is_empty() {
                return Ok(Vec::new());
            }
            let entries = self.notice_locked(&lock)?;
            self.trim_history(&lock)?;
            Ok(entries)
        })
    }

    pub(crate) fn notice_locked(&self, _lock: &Lock) -> Result<Vec<Entry>, ServiceError> {
        let history = self.history();
        let known = history.known().ok().flatten();
        let mut look = Look {
            services: self,
            newest: newest(&history.entries()?),
            now: self.now(),
            next: Known::default(),
            // Its secrets, where a file is seen for the first time.
            chest: Chest::of(&format!("known-{}", self.new_id())),
            changed: Vec::new(),
            known,
            history,
        };
        for (place, subject) in self.followed_places() {
            look.at_place(&place, subject)?;
        }
        look.finish()
    }

    /// Files, and folders of files, whose changes are told.
    fn followed_places(&self) -> Vec<(PathBuf, Subject)> {
        let counts = |subject| matches!(subject, Subject::Condarc | Subject::Navigator | Subject::Tokens);
        let places = self.watched_places().into_iter();
        // One place may be named by several programs.
        let places: BTreeMap<PathBuf, Subject> = places.filter(|(_, subject)| counts(*subject)).collect();
        places.into_iter().collect()
    }
}

/// The last known version of every file that an entry speaks of.
fn newest(entries: &[Entry]) -> BTreeMap<PathBuf, Option<Version>> {
    let mut newest = BTreeMap::new();
    for file in entries.iter().flat_map(|entry| &entry.files) {
        newest
            .entry(file.path.clone())
            .or_insert_with(|| file.after.clone());
    }
    newest
}

/// One look at all files.
struct Look<'a> {
    services: &'a Services,
    history: History,
    known: Option<Known>,
    newest: BTreeMap<PathBuf, Option<Version>>,
    now: Timestamp,
    next: Known,
    chest: Chest,
    changed: Vec<Changed>,
}

impl Look<'_> {
    fn at_place(&mut self, place: &Path, subject: Subject) -> Result<(), ServiceError> {
        let before = self
            .known
            .as_ref()
            .and_then(|known| known.places.get(place))
            .cloned();
        let is_first = before.is_none();
        if is_first && !place.is_dir() && matches!(look_at(place), Found::Unreadable) {
            // It is seen for the first time once it can be.
            return Ok(());
        }
        let before = before.unwrap_or_default();
        let paths: BTreeSet<PathBuf> = files_at(place, subject)
            .into_iter()
            .chain(before.keys().cloned())
            .collect();
        let mut files = BTreeMap::new();
        for path in paths {
            let was = before.get(&path);
            if let Some(version) = self.at_file(&path, subject, was, is_first)? {
                files.insert(path, version);
            }
        }
        self.next.places.insert(place.to_owned(), files);
        Ok(())
    }

    /// The version that is known from now on. A change that is to be told is put aside; its version comes later.
    fn at_file(
        &mut self,
        path: &Path,
        subject: Subject,
        was: Option<&Version>,
        is_first: bool,
    ) -> Result<Option<Version>, ServiceError> {
        let image = match look_at(path) {
            Found::Unreadable => return Ok(was.cloned()),
            Found::Nothing => None,
            Found::File(image) => Some(image),
        };
        let now = image.as_ref().map(|image| digest(&image.bytes));
        let is = |version: Option<&Version>| version.map(|version| &version.digest) == now.as_ref();
        if !is_first && is(was) {
            return Ok(was.cloned());
        }
        let ours = self.newest.get(path).filter(|ours| is(ours.as_ref()));
        match ours {
            // An entry need not have kept the content that it speaks of.
            Some(Some(version)) if !self.history.is_kept(version) => {}
            Some(version) => return Ok(version.clone()),
            None => {}
        }
        if is_first || ours.is_some() {
            let Some(image) = image else { return Ok(None) };
            return Ok(Some(keep(&self.history, subject, &image, &mut self.chest)?));
        }
        self.changed.push(Changed {
            at: self.time_of(path),
            path: path.to_owned(),
            subject,
            before: was.cloned(),
            after: image,
        });
        Ok(None)
    }

    /// When the file was changed: as its own time says, if that can be true.
    fn time_of(&self, path: &Path) -> Timestamp {
        let since = self.known.as_ref().map(|known| known.at);
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        modified
            .and_then(|modified| Timestamp::try_from(modified).ok())
            .filter(|modified| since.is_some_and(|since| *modified > since) && *modified <= self.now)
            .unwrap_or(self.now)
    }

    fn finish(mut self) -> Result<Vec<Entry>, ServiceError> {
        let mut entries = Vec::new();
        for group in grouped(std::mem::take(&mut self.changed)) {
            entries.push(self.record(group)?);
        }
        entries.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let dropped: BTreeSet<String> = self
            .known
            .iter()
            .flat_map(Known::versions)
            .filter_map(|version| version.chest().map(str::to_owned))
            .collect();
        let is_new = |known: &Known| known.places != self.next.places;
        if self.known.as_ref().is_none_or(is_new) || !entries.is_empty() {
            self.next.at = self.now;
            if !self.lock_up(&self.chest) {
                let name = self.chest.name().to_owned();
                for version in self.next.places.values_mut().flat_map(BTreeMap::values_mut) {
                    forget_secrets(version, &name);
                }
            }
            self.history.set_known(&self.next)?;
            self.services.forget_unused_chests(dropped)?;
        }
        Ok(entries)
    }

    fn record(&mut self, group: Vec<Changed>) -> Result<Entry, ServiceError> {
        let id = self.services.new_id();
        let mut chest = Chest::of(&id);
        let what = said(self.services, &group);
        let at = group.iter().map(|changed| changed.at).max().unwrap_or(self.now);
        let mut files = Vec::new();
        for changed in group {
            let after = match &changed.after {
                Some(image) => Some(keep(&self.history, changed.subject, image, &mut chest)?),
                None => None,
            };
            files.push(FileVersions {
                path: changed.path,
                before: changed.before,
                after,
            });
        }
        if !self.lock_up(&chest) {
            for version in files.iter_mut().filter_map(|file| file.after.as_mut()) {
                forget_secrets(version, chest.name());
            }
        }
        for file in &files {
            let places = self.next.places.iter_mut();
            for (_, known) in places.filter(|(place, _)| file.path.starts_with(place)) {
                if let Some(version) = &file.after {
                    known.insert(file.path.clone(), version.clone());
                }
            }
        }
        let entry = Entry {
            id,
            at,
            by: OUTSIDE.to_owned(),
            kind: "outside".to_owned(),
            what,
            files,
            undoes: None,
        };
        self.history.record(&entry)?;
        Ok(entry)
    }

    /// Puts the secrets of versions away. A credential store that does not take them is no reason not to tell a change.
    fn lock_up(&self, chest: &Chest) -> bool {
        match chest.locked() {
            Some((name, secrets)) => self.services.credentials().write(name, &secrets).is_ok(),
            None => true,
        }
    }
}

/// Its secrets are kept nowhere.
fn forget_secrets(version: &mut Version, chest: &str) {
    if version.chest() == Some(chest) {
        version.secrets = None;
    }
}

/// One file is one change; token files of one look are one, since a login writes several.
fn grouped(changed: Vec<Changed>) -> Vec<Vec<Changed>> {
    let (tokens, others): (Vec<_>, Vec<_>) = changed
        .into_iter()
        .partition(|changed| changed.subject == Subject::Tokens);
    let mut groups: Vec<Vec<Changed>> = others.into_iter().map(|changed| vec![changed]).collect();
    if !tokens.is_empty() {
        groups.push(tokens);
    }
    groups
}

fn said(services: &Services, group: &[Changed]) -> String {
    let verb = |changed: &Changed| match (&changed.before, &changed.after) {
        (None, _) => "created",
        (_, None) => "removed",
        _ => "changed",
    };
    let verbs: BTreeSet<&str> = group.iter().map(verb).collect();
    let verb = match verbs.len() {
        1 => verbs.into_iter().next().unwrap_or("changed"),
        _ => "changed",
    };
    match group {
        [one] if one.subject != Subject::Tokens => {
            format!("{} was {verb} outside Sextant", services.short(&one.path))
        }
        [_] => format!("A token file was {verb} outside Sextant"),
        several => format!("{} token files were {verb} outside Sextant", several.len()),
    }
}

/// The files of a place that count. A file that was there before is looked at whether or not it is listed.
fn files_at(place: &Path, subject: Subject) -> Vec<PathBuf> {
    if !place.is_dir() {
        return vec![place.to_owned()];
    }
    let counts = |path: &Path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match subject {
            Subject::Tokens => matches!(extension, Some("token" | "jwt")),
            Subject::Condarc => matches!(extension, Some("yml" | "yaml")),
            _ => false,
        }
    };
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| counts(path))
        .collect()
}

fn look_at(path: &Path) -> Found {
    let is_small = fs::metadata(path).map_or(true, |metadata| metadata.len() <= LARGEST);
    if !is_small {
        return Found::Unreadable;
    }
    match file::read(path) {
        Ok(Some(image)) => Found::File(image),
        Ok(None) => Found::Nothing,
        Err(_) => Found::Unreadable,
    }
}

/// Puts a content away that Sextant did not write. Tokens are other programs' to keep: they never come back.
fn keep(
    history: &History,
    subject: Subject,
    image: &Image,
    chest: &mut Chest,
) -> Result<Version, ServiceError> {
    Ok(match subject {
        Subject::Condarc => history.keep(image, Named::NOTHING, chest)?,
        Subject::Navigator => {
            let tokens = tokens_in_ini(&image.bytes);
            let tokens: Vec<&str> = tokens.iter().map(Secret::expose).collect();
            history.keep(image, Named::gone(&tokens), chest)?
        }
        _ => history.keep_nothing_of(image)?,
    })
}

/// The values of options that are named for tokens, in a file that need not be whole.
fn tokens_in_ini(bytes: &[u8]) -> Vec<Secret> {
    let text = String::from_utf8_lossy(bytes);
    let value = |line: &str| {
        let (name, value) = line.split_once(['=', ':'])?;
        let name = name.trim().to_lowercase();
        let is_token = (name.contains("token") && !name.ends_with("_id")) || name.contains("password");
        let value = value.trim().trim_matches(['\'', '"']);
        (is_token && !value.is_empty() && value != "None").then(|| Secret::new(value))
    };
    text.lines().filter_map(value).collect()
}

#[cfg(test)]
mod tests;
