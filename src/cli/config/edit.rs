//! `sextant config edit`: the person's own editor on a private copy.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use serde_json::json;

use super::super::Asked;
use super::super::arguments::ConfigEdit;
use super::super::output::{files_json, plan_json, plan_text};
use super::{kept, no_editor};
use crate::edit::file::{self, PRIVATE};
use crate::error::{Explain, Kind, Problem};
use crate::locations::Locations;
use crate::service::ServiceError;
use crate::service::configuration::{ConfigurationError, EditedFile, Saving};

/// A copy of the text that nobody else can read. It goes when it is dropped, unless it is to be kept.
struct PrivateCopy {
    folder: PathBuf,
    path: PathBuf,
    keep: bool,
}

impl PrivateCopy {
    fn of(edited: &EditedFile, locations: &Locations, id: &str) -> Result<Self, Problem> {
        let above = locations.data.join("edits");
        let folder = above.join(id);
        file::private_folder(&above)?;
        file::private_folder(&folder)?;
        // The same name, so that the editor knows the language.
        let name = edited
            .path
            .file_name()
            .map_or_else(|| "file".into(), ToOwned::to_owned);
        let copy = Self {
            path: folder.join(name),
            folder,
            keep: false,
        };
        file::write(&copy.path, edited.text.as_bytes(), PRIVATE)?;
        Ok(copy)
    }

    fn text(&self) -> Result<String, Problem> {
        let bytes = file::read(&self.path)?
            .map(|image| image.bytes)
            .unwrap_or_default();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(text.replace("\r\n", "\n")),
            Err(_) => Err(
                Problem::new(Kind::RefusedEdit, "the editor did not save the text as UTF-8")
                    .because("conda, Navigator and pip read nothing else")
                    .remedy("set the editor to UTF-8"),
            ),
        }
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        if !self.keep {
            let _ = std::fs::remove_dir_all(&self.folder);
            // Only where no other copy is left in it.
            if let Some(above) = self.folder.parent() {
                let _ = std::fs::remove_dir(above);
            }
        }
    }
}

pub(super) async fn edit(asked: &Asked<'_>, arguments: ConfigEdit) -> Result<(), Problem> {
    let services = asked.services;
    let mut edited = services.open_for_editing(arguments.file.into())?;
    let mut copy = PrivateCopy::of(&edited, services.locations(), &services.new_id())?;
    let plan = loop {
        run_editor(asked, &copy.path).await?;
        // From here on nothing of what was typed may be lost.
        copy.keep = true;
        edited.text = copy.text().map_err(|problem| kept(problem, &copy.path))?;
        if !edited.is_changed() {
            copy.keep = false;
            asked.output.answer(
                || json!({"file": edited.file, "files": [], "id": null}),
                || "Nothing was changed.".to_owned(),
            );
            return Ok(());
        }
        match plan_save(asked, &edited, &arguments).await {
            Ok(plan) => break plan,
            Err(problem) => {
                if problem.kind == Kind::RefusedEdit && asked.output.can_ask() && !asked.yes {
                    asked.output.fail(&problem);
                    if asked.output.confirms("Edit it again?", true).await {
                        continue;
                    }
                }
                return Err(kept(problem, &copy.path));
            }
        }
    };
    asked.output.warn(&plan.warnings);
    if asked.dry_run {
        copy.keep = false;
        asked.output.answer(
            || json!({"file": edited.file, "files": files_json(&plan), "dry_run": true, "plan": plan_json(&plan)}),
            || plan_text(&plan),
        );
        return Ok(());
    }
    let saved = match asked.output.agrees(&plan, asked.yes).await {
        Ok(()) if plan.is_empty() => Ok(None),
        Ok(()) => services
            .change_configuration(&plan)
            .await
            .map(Some)
            .map_err(|error| error.explain()),
        Err(problem) => Err(problem),
    };
    let entry = saved.map_err(|problem| kept(problem, &copy.path))?;
    copy.keep = false;
    asked.output.answer(
        || {
            json!({
                "file": edited.file,
                "files": files_json(&plan),
                "warnings": plan.warnings,
                "id": entry.as_ref().map(|entry| &entry.id),
            })
        },
        || match &entry {
            None => "Nothing was changed.".to_owned(),
            Some(entry) => format!("{}. To take it back: sextant undo {}", entry.what, entry.id),
        },
    );
    Ok(())
}

/// The plan; where the file changed meanwhile, as the person says.
async fn plan_save(
    asked: &Asked<'_>,
    edited: &EditedFile,
    arguments: &ConfigEdit,
) -> Result<crate::service::plan::Plan, Problem> {
    let saving = match (arguments.merge, arguments.overwrite) {
        (true, _) => Saving::Merge,
        (_, true) => Saving::Overwrite,
        _ => Saving::Refuse,
    };
    match asked.services.plan_save(edited, saving) {
        Err(ServiceError::Configuration(ConfigurationError::ChangedMeanwhile { path })) => {
            asked
                .output
                .note(&format!("{} has changed since it was opened", path.display()));
            if asked.output.confirms("Join both changes?", true).await {
                return Ok(asked.services.plan_save(edited, Saving::Merge)?);
            }
            let error = ConfigurationError::ChangedMeanwhile { path };
            Err(error
                .explain()
                .remedy("join both changes with --merge, or overwrite the file with --overwrite"))
        }
        other => Ok(other?),
    }
}

/// Waits for the editor in a thread of its own.
async fn run_editor(asked: &Asked<'_>, path: &Path) -> Result<(), Problem> {
    let locations = asked.services.locations();
    let named = ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| locations.variable(name))
        .find(|editor| !editor.trim().is_empty());
    let editor = match named {
        Some(editor) => editor.to_owned(),
        None if cfg!(windows) => "notepad".to_owned(),
        None if asked.output.can_ask() => "vi".to_owned(),
        None => return Err(no_editor("neither VISUAL nor EDITOR is set")),
    };
    let mut command = command(&editor, path);
    let ended = tokio::task::spawn_blocking(move || command.status())
        .await
        .map_err(|error| {
            Problem::new(Kind::Internal, "the editor was not waited for").because(error.to_string())
        })?;
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Problem::new(
            Kind::Cancelled,
            format!("the editor {editor} ended with an error"),
        )
        .because(format!("{}; nothing was changed", how(status)))
        .remedy("end it after saving, without an error")),
        Err(error) => Err(no_editor(format!("{editor}: {error}"))),
    }
}

fn how(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => "it was stopped".to_owned(),
    }
}

/// `EDITOR` may hold options, as in `code --wait`: the shell takes it apart.
fn command(editor: &str, path: &Path) -> Command {
    if cfg!(windows) {
        let mut words = editor.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or("notepad"));
        command.args(words).arg(path);
        return command;
    }
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{editor} \"$@\""))
        .arg(editor)
        .arg(path);
    command
}
