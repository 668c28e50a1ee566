//! `sextant env export`.

use serde_json::json;

use super::Asked;
use super::arguments::{EnvExport, ExportFormat as Word};
use super::sign_in::whole_path;
use super::target::environment;
use crate::edit::file;
use crate::error::{Explain, Kind, Problem};
use crate::service::blocking;
use crate::service::environments::ExportFormat;

/// As any new file of a person's own.
const READABLE: u32 = 0o644;

pub(super) fn export(asked: &Asked<'_>, words: EnvExport) -> Result<(), Problem> {
    let environment = environment(asked, &words.target)?;
    let format = match words.format {
        Word::Yml => ExportFormat::Yml {
            builds: !words.no_builds,
        },
        Word::FromHistory => ExportFormat::FromHistory,
        Word::Explicit => ExportFormat::Explicit,
        Word::Lock => ExportFormat::Lock,
    };
    let exported = asked.services.export_environment(&environment.prefix, format)?;
    asked.output.warn(&exported.warnings);
    let file = whole_path(words.file);
    if let Some(path) = file.as_deref().filter(|_| !asked.dry_run) {
        if path.exists() && !asked.yes {
            return Err(
                Problem::new(Kind::Conflict, format!("{} is there already", path.display()))
                    .remedy("name another file, or say that it is to be replaced: --yes"),
            );
        }
        blocking(|| file::write(path, exported.text.as_bytes(), READABLE))
            .map_err(|error| error.explain())?;
    }
    asked.output.answer(
        || {
            json!({
                "prefix": environment.prefix,
                "format": format,
                "text": exported.text,
                "file": file,
                "done": !asked.dry_run,
            })
        },
        || match &file {
            Some(path) if asked.dry_run => format!("Would write {}:\n{}", path.display(), exported.text),
            Some(path) => format!("Wrote {}.", path.display()),
            None => exported.text.clone(),
        },
    );
    Ok(())
}
