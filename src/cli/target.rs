//! Which environment is meant.

use std::path::{Path, PathBuf};

use super::Asked;
use super::arguments::Target;
use crate::conda::environment::Environment;
use crate::error::{Kind, Problem};
use crate::service::environments::{NewEnvironment, WhichEnvironment};

/// An environment that is there, as the services want it named.
///
/// Errors: nothing was named, or what is no path.
pub(super) fn which(target: &Target) -> Result<WhichEnvironment, Problem> {
    match (&target.name, &target.prefix) {
        (Some(name), _) => Ok(WhichEnvironment::Named(name.clone())),
        (None, Some(prefix)) => Ok(WhichEnvironment::At(whole(prefix)?)),
        (None, None) => Err(unnamed()),
    }
}

/// One that is to be made.
///
/// Errors: as [`which`].
pub(super) fn new(name: Option<&str>, prefix: Option<&Path>) -> Result<NewEnvironment, Problem> {
    match (name, prefix) {
        (Some(name), _) => Ok(NewEnvironment::Named(name.to_owned())),
        (None, Some(prefix)) => Ok(NewEnvironment::At(whole(prefix)?)),
        (None, None) => Err(unnamed()),
    }
}

/// One that is to be made, by one word: a name, or a path if there is a separator in it.
///
/// Errors: what is no path.
pub(super) fn new_by_word(word: &str) -> Result<NewEnvironment, Problem> {
    match word.contains(['/', '\\']) {
        true => new(None, Some(Path::new(word))),
        false => new(Some(word), None),
    }
}

/// The environment that was named.
///
/// Errors: there is none of this name, or in this folder.
pub(super) fn environment(asked: &Asked<'_>, target: &Target) -> Result<Environment, Problem> {
    Ok(asked.services.environment(&which(target)?)?)
}

fn unnamed() -> Problem {
    Problem::new(Kind::Usage, "which environment is meant?").remedy("name it with -n NAME or -p PREFIX")
}

/// An absolute path, since a relative one means another place to whoever reads it later.
pub(super) fn whole(path: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(path).map_err(|error| {
        Problem::new(Kind::Usage, format!("{} is no path", path.display())).because(error.to_string())
    })
}
