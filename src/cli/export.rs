//! `sextant env export`.

use serde_json::json;

use super::Asked;
use super::arguments::{EnvExport, ExportForm};
use super::target::{environment, whole};
use crate::edit::file;
use crate::error::{Explain, Kind, Problem};
use crate::service::blocking;
use crate::service::environments::ExportFormat;

/// The mode of a new file: there is no secret in it.
const ORDINARY: u32 = 0o644;

pub(super) fn export(asked: &Asked<'_>, words: EnvExport) -> Result<(), Problem> {
    let environment = environment(asked, &words.target)?;
    let format = match words.format {
        ExportForm::Yml => ExportFormat::Yml {
            builds: !words.no_builds,
        },
        ExportForm::FromHistory => ExportFormat::FromHistory,
        ExportForm::Explicit => ExportFormat::Explicit,
        ExportForm::Lock => ExportFormat::Lock,
    };
    let exported = asked.services.export_environment(&environment.prefix, format)?;
    asked.output.warn(&exported.warnings);
    let file = words.file.as_deref().map(whole).transpose()?;
    if let Some(path) = file.as_ref().filter(|_| !asked.dry_run) {
        if path.is_dir() {
            return Err(
                Problem::new(Kind::Usage, format!("{} is a folder", path.display()))
                    .remedy(format!("name a file in it, such as {}", format.file_name())),
            );
        }
        blocking(|| file::write(path, exported.text.as_bytes(), ORDINARY))
            .map_err(|error| error.explain())?;
    }
    asked.output.answer(
        || {
            json!({
                "prefix": environment.prefix,
                "format": format,
                "text": exported.text,
                "file": file,
                "warnings": exported.warnings,
            })
        },
        || match &file {
            Some(path) if !asked.dry_run => format!("Wrote {}.", path.display()),
            _ => exported.text.clone(),
        },
    );
    Ok(())
}
