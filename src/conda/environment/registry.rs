//! `~/.conda/environments.txt`: the prefixes of all environments that conda has made for this person, one a line.
//!
//! conda adds a line when it links packages and rewrites the file when it removes an environment, without comments and
//! without the lines that lead nowhere. Here every line of others stays, and the file is replaced as a whole.

use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use super::EnvironmentError;
use crate::conda::Surroundings;
use crate::conda::configuration::Configuration;
use crate::conda::setting::Key;
use crate::edit::file;
use crate::edit::lock::{Lock, LockError};

/// The mode of a new file, before the umask of most systems.
const ORDINARY: u32 = 0o644;

/// Where it is.
pub fn path(surroundings: &Surroundings) -> PathBuf {
    surroundings.home.join(".conda").join("environments.txt")
}

/// The prefixes that are written down, in their order.
///
/// Errors: file errors; a file that is not there lists nothing.
pub fn read(surroundings: &Surroundings) -> Result<Vec<PathBuf>, EnvironmentError> {
    let image = file::read(&path(surroundings))?;
    Ok(prefixes(&image.map(|image| image.bytes).unwrap_or_default()))
}

fn prefixes(bytes: &[u8]) -> Vec<PathBuf> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().filter_map(named).map(PathBuf::from).collect()
}

/// What a line names: conda skips empty ones and comments.
fn named(line: &str) -> Option<&str> {
    let line = line.trim();
    (!line.is_empty() && !line.starts_with('#')).then_some(line)
}

/// The content with this prefix in it; nothing where it is there already, or where conda would not write it down: the
/// environments of conda-build. `before` is the present content, nothing where there is no file.
pub fn with(before: Option<&[u8]>, prefix: &Path) -> Option<Vec<u8>> {
    let line = line_of(prefix);
    if line.contains("placehold_pl") || line.contains("skeleton_") || line.contains(['\n', '\r']) {
        return None;
    }
    let mut content = before.unwrap_or_default().to_vec();
    if lines(&content).any(|known| named(known.text) == Some(line.as_str())) {
        return None;
    }
    let end = match content.windows(2).any(|end| end == b"\r\n") {
        true => "\r\n",
        false => "\n",
    };
    if !content.is_empty() && !content.ends_with(b"\n") {
        content.extend(end.bytes());
    }
    content.extend(line.bytes());
    content.extend(end.bytes());
    Some(content)
}

/// The content without this prefix; nothing where it is not there.
pub fn without(before: Option<&[u8]>, prefix: &Path) -> Option<Vec<u8>> {
    let before = before?;
    let line = line_of(prefix);
    let kept: Vec<u8> = lines(before)
        .filter(|known| named(known.text) != Some(line.as_str()))
        .flat_map(|known| known.whole.to_vec())
        .collect();
    (kept.len() != before.len()).then_some(kept)
}

/// Writes the prefix down, as conda does at the end of every transaction, unless `register_envs` is switched off. `turn` is a
/// file that those who do so take turns by: of two that read the list at once, one would lose its line.
///
/// Errors: file errors.
pub fn register(surroundings: &Surroundings, prefix: &Path, turn: &Path) -> Result<(), EnvironmentError> {
    if is_wanted(surroundings) {
        change(surroundings, turn, |before| with(before, prefix))?;
    }
    Ok(())
}

/// Strikes the prefix out; as [`register`].
///
/// Errors: file errors.
pub fn unregister(surroundings: &Surroundings, prefix: &Path, turn: &Path) -> Result<(), EnvironmentError> {
    change(surroundings, turn, |before| without(before, prefix))
}

/// Whether environments are to be written down.
pub fn is_wanted(surroundings: &Surroundings) -> bool {
    let value = Configuration::read(surroundings).explain(Key::RegisterEnvs).value;
    value.as_switch() != Some(false)
}

/// Waits for the turn. Whoever does not get it in good time goes on without: the list is for convenience, and found anew.
fn take_turn(turn: &Path) -> Option<Lock> {
    const PAUSE: Duration = Duration::from_millis(10);
    let until = Instant::now() + Lock::PATIENCE;
    loop {
        match Lock::take(turn) {
            Ok(lock) => return Some(lock),
            Err(LockError::Busy { .. }) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(_) => return None,
        }
    }
}

fn change(
    surroundings: &Surroundings,
    turn: &Path,
    change: impl FnOnce(Option<&[u8]>) -> Option<Vec<u8>>,
) -> Result<(), EnvironmentError> {
    let _turn = take_turn(turn);
    let path = path(surroundings);
    let before = file::read(&path)?.map(|image| image.bytes);
    if let Some(after) = change(before.as_deref()) {
        file::write(&path, &after, ORDINARY)?;
    }
    Ok(())
}

struct Line<'a> {
    /// With its end.
    whole: &'a [u8],
    /// As text; one that is not UTF-8 names nothing.
    text: &'a str,
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(|whole| Line {
        whole,
        text: std::str::from_utf8(whole).unwrap_or_default(),
    })
}

/// The prefix as conda writes it: Python's `normpath`, without resolving links.
fn line_of(prefix: &Path) -> String {
    normal(prefix).display().to_string()
}

/// Without `.`, `..` and slashes too many.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                // Above the root there is nothing.
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests;
