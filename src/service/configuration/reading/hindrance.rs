//! What keeps a person's own file from having its full effect, in words.

use std::path::Path;

use crate::service::configuration::Origin;
use crate::service::plan::Warning;

/// What to do where another source decides.
pub(super) fn way_out(origin: &Origin) -> String {
    match origin {
        Origin::File { path, .. } => format!("change it there: {}", path.display()),
        Origin::Variable { name } => {
            format!("unset {name}, where it is set: in your shell's start-up files or by your administrator")
        }
        Origin::CommandLine => "leave the option out".to_owned(),
    }
}

/// Another source prevails over the person's file.
pub(super) fn overridden(key: &str, value: &str, by: &Origin, own: &Path) -> Warning {
    Warning::with_remedy(
        format!("{key} stays {value}: {by} prevails over {}", own.display()),
        way_out(by),
    )
}

/// A source further down has marked the setting as final.
pub(super) fn locked(key: &str, by: &Origin, own: &Path) -> Warning {
    let (mark, remedy) = match by {
        Origin::Variable { name } => ("!important", format!("unset {name}")),
        Origin::File { path, .. } => (
            "#!final",
            format!(
                "take the mark #!final out of {}, or ask whoever looks after that file",
                path.display()
            ),
        ),
        Origin::CommandLine => ("an option", "leave the option out".to_owned()),
    };
    Warning::with_remedy(
        format!(
            "{key} is locked by {by} with {mark}, so that {} does not count",
            own.display()
        ),
        remedy,
    )
}
