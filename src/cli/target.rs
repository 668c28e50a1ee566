//! Which environment is meant.

use std::path::{Path, PathBuf};

use super::Asked;
use super::arguments::Target;
use crate::conda::environment::{self, Environment, EnvironmentError};
use crate::error::{Kind, Problem};

/// The environment that was named, which must be there.
///
/// Errors: there is none of this name, or in this folder.
pub(super) fn environment(asked: &Asked<'_>, target: &Target) -> Result<Environment, Problem> {
    match (&target.name, &target.prefix) {
        (Some(name), _) => named(asked, name),
        (None, Some(prefix)) => {
            let prefix = whole(prefix)?;
            let found = environment::at(&asked.services.surroundings(), &prefix);
            Ok(found.ok_or(EnvironmentError::NotAnEnvironment { prefix })?)
        }
        // The words demand one of them.
        (None, None) => Err(Problem::new(Kind::Usage, "which environment is meant?")
            .remedy("name it with -n NAME or -p PREFIX")),
    }
}

fn named(asked: &Asked<'_>, name: &str) -> Result<Environment, Problem> {
    let mut all = asked.services.environments().into_iter();
    all.find(|environment| environment.name.as_deref() == Some(name))
        .ok_or_else(|| {
            Problem::new(Kind::Usage, format!("there is no environment named {name}"))
                .remedy("see what there is: sextant env list")
        })
}

/// An absolute path, since a relative one means another place to whoever reads it later.
pub(super) fn whole(path: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(path).map_err(|error| {
        Problem::new(Kind::Usage, format!("{} is no path", path.display())).because(error.to_string())
    })
}
