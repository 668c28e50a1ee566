//! `sextant history`, `undo`, `restore` and `recover`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Asked;
use super::arguments::{Consents, History, HistoryCommand, Restore, Undo};
use super::output::{change_word, files_json, plan_json, plan_text};
use crate::edit::history::Entry;
use crate::error::{Kind, Problem};
use crate::service::connection::Connections;
use crate::service::history::{Contents, FileSnapshot};
use crate::service::merge::PutBack;
use crate::service::recover::Outcome;
use crate::service::undo::{UndoPlan, Undoable, Undone};

pub(super) fn history(asked: &Asked<'_>, words: History) -> Result<(), Problem> {
    // What was changed meanwhile belongs to the time line; that another Sextant is at work is no reason not to show it.
    let _ = asked.services.notice_changes();
    match words.command {
        None => list(asked, words.file.as_deref()),
        Some(HistoryCommand::Show { id }) => show(asked, &id),
        Some(HistoryCommand::Versions { file }) => versions(asked, &file),
    }
}

/// The file that is meant by its name or path.
pub(super) fn file_named(asked: &Asked<'_>, name: &str) -> Result<PathBuf, Problem> {
    Ok(match name {
        "conda" => asked.services.condarc_path()?,
        "navigator" => asked.services.navigator_file(),
        path => std::path::absolute(path).map_err(|error| {
            Problem::new(Kind::Usage, format!("{path} is no path")).because(error.to_string())
        })?,
    })
}

fn list(asked: &Asked<'_>, file: Option<&str>) -> Result<(), Problem> {
    let all = asked.services.entries()?;
    let entries = match file {
        Some(name) => asked.services.entries_of(&file_named(asked, name)?)?,
        None => all.clone(),
    };
    // A damaged file is told elsewhere; without it no sign-in can be undone.
    let connections = asked.services.connections().unwrap_or_default();
    asked.output.answer(
        || {
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| entry_json(asked, entry, &all, &connections))
                .collect();
            json!({ "entries": entries })
        },
        || {
            if entries.is_empty() {
                return "Nothing was changed yet.".to_owned();
            }
            let line = |entry: &Entry| {
                let undone = if entry.is_undone(&all) { "  (undone)" } else { "" };
                format!(
                    "{}  {}  {}{undone}",
                    entry.id,
                    entry.at.strftime("%Y-%m-%d %H:%M"),
                    entry.what
                )
            };
            entries.iter().map(line).collect::<Vec<_>>().join("\n")
        },
    );
    Ok(())
}

fn entry_json(asked: &Asked<'_>, entry: &Entry, all: &[Entry], connections: &Connections) -> Value {
    let files: Vec<_> = entry.files.iter().map(|versions| &versions.path).collect();
    let undoable = asked.services.undoable(entry, all, connections);
    json!({
        "id": entry.id,
        "at": entry.at,
        "by": entry.by,
        "kind": entry.kind,
        "what": entry.what,
        "files": files,
        "undoes": entry.undoes,
        "undone": undoable == Undoable::Undone,
        "can_be_undone": undoable == Undoable::Yes,
    })
}

fn show(asked: &Asked<'_>, id: &str) -> Result<(), Problem> {
    let services = asked.services;
    let entry = services.entry(id)?;
    let diffs = services.entry_diffs(&entry)?;
    let all = services.entries()?;
    let connections = services.connections().unwrap_or_default();
    let undoable = services.undoable(&entry, &all, &connections);
    asked.output.answer(
        || {
            let mut document = entry_json(asked, &entry, &all, &connections);
            document["diffs"] = json!(diffs);
            if let Undoable::No { reason, remedy } = &undoable {
                document["cannot_be_undone_because"] = json!({"reason": reason, "remedy": remedy});
            }
            document
        },
        || {
            let mut text = format!(
                "{}\n{}  by {}\n",
                entry.what,
                entry.at.strftime("%Y-%m-%d %H:%M:%S"),
                by(&entry)
            );
            for diff in &diffs {
                text.push_str(&format!("{} {}\n", change_word(diff.change), diff.path.display()));
                text.push_str(&diff.to_text());
            }
            text.push_str(&match &undoable {
                Undoable::Yes => format!("undo it with: sextant undo {}", entry.id),
                Undoable::Undone => "It was undone.".to_owned(),
                Undoable::No { reason, .. } => format!("It cannot be undone: {reason}."),
            });
            text
        },
    );
    Ok(())
}

fn by(entry: &Entry) -> &'static str {
    match entry.is_from_outside() {
        true => "another program, or by hand",
        false => "Sextant",
    }
}

fn versions(asked: &Asked<'_>, name: &str) -> Result<(), Problem> {
    let path = file_named(asked, name)?;
    let snapshots = asked.services.snapshots_of(&path)?;
    asked.output.answer(
        || json!({"file": path, "versions": snapshots}),
        || match snapshots.is_empty() {
            true => format!("No version of {} is kept yet.", path.display()),
            false => snapshots.iter().map(version_line).collect::<Vec<_>>().join("\n"),
        },
    );
    Ok(())
}

fn version_line(snapshot: &FileSnapshot) -> String {
    let at = snapshot.at.map_or_else(
        || " ".repeat(16),
        |at: Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string(),
    );
    let state = match &snapshot.contents {
        _ if snapshot.is_present => "  (as it is now)".to_owned(),
        Contents::Good => String::new(),
        Contents::Broken { reason } => format!("  (broken: {reason})"),
        Contents::WithoutToken => "  (without the token that stood in it)".to_owned(),
        Contents::Incomplete => "  (a secret in it is kept nowhere)".to_owned(),
    };
    format!("{}  {at}  {}{state}", snapshot.id, snapshot.what)
}

pub(super) async fn undo(asked: &Asked<'_>, arguments: Undo) -> Result<(), Problem> {
    let how = match (arguments.exact, arguments.put_back.is_empty()) {
        (true, _) => PutBack::Exact,
        (false, true) => PutBack::KeepEdits,
        (false, false) => {
            let choices = arguments.put_back.into_iter().map(|key| (key, false));
            PutBack::PerKey(choices.collect::<BTreeMap<_, _>>())
        }
    };
    undo_as(asked, arguments.id.as_deref(), &how).await
}

/// Undoes an entry; what was changed since stays.
pub(super) async fn undo_entry(asked: &Asked<'_>, id: &str) -> Result<(), Problem> {
    undo_as(asked, Some(id), &PutBack::KeepEdits).await
}

async fn undo_as(asked: &Asked<'_>, id: Option<&str>, how: &PutBack) -> Result<(), Problem> {
    let undo = asked.services.plan_undo(id, how)?;
    if let UndoPlan::Packages(back) = &undo {
        return super::change::carry_out(asked, &back.change, Consents::default(), Some(&back.entry)).await;
    }
    let plan = undo.plan();
    asked.output.warn(&plan.warnings);
    super::sign_out::note_ended_logins(asked, plan);
    if asked.dry_run {
        asked.output.answer(
            || json!({"what": plan.what, "files": files_json(plan), "dry_run": true, "plan": plan_json(plan)}),
            || plan_text(plan),
        );
        return Ok(());
    }
    asked.output.agrees(plan, asked.yes).await?;
    match asked.services.undo(&undo).await? {
        // Shown and carried out above.
        Undone::Packages(_) => {}
        Undone::SignedOut(signed_out) => super::sign_out::report(asked, plan, &signed_out),
        Undone::Files(entry) => asked.output.answer(
            || json!({"id": entry.id, "undoes": entry.undoes, "what": entry.what, "files": files_json(plan), "kept_edits": plan.kept_edits}),
            || {
                let mut text = format!("{}.", entry.what);
                for edit in plan.kept_edits.iter().filter(|edit| edit.kept) {
                    text.push_str(&format!(
                        "\nKept: {}, which was changed since (to put it back all the same: --put-back {})",
                        edit.key, edit.key
                    ));
                }
                text
            },
        ),
    }
    Ok(())
}

pub(super) async fn restore(asked: &Asked<'_>, words: Restore) -> Result<(), Problem> {
    let services = asked.services;
    let _ = services.notice_changes();
    let path = file_named(asked, &words.file)?;
    let id = match words.to {
        Some(id) => id,
        None => last_good(asked, &path)?,
    };
    let plan = services.plan_restore(&path, &id)?;
    asked.output.warn(&plan.warnings);
    if asked.dry_run {
        asked.output.answer(
            || json!({"file": path, "version": id, "files": files_json(&plan), "dry_run": true, "plan": plan_json(&plan)}),
            || plan_text(&plan),
        );
        return Ok(());
    }
    asked.output.agrees(&plan, asked.yes).await?;
    let entry = match plan.is_empty() {
        true => None,
        false => Some(services.restore(&plan).await?),
    };
    asked.output.answer(
        || json!({"file": path, "version": id, "id": entry.as_ref().map(|entry| &entry.id), "files": files_json(&plan)}),
        || match &entry {
            Some(entry) => format!("{}.", entry.what),
            None => format!("{} is so already.", path.display()),
        },
    );
    Ok(())
}

/// Only a file that is broken has a version that is meant without being named.
fn last_good(asked: &Asked<'_>, path: &Path) -> Result<String, Problem> {
    let troubles = asked.services.troubles();
    let trouble = troubles.into_iter().find(|trouble| trouble.path == path);
    match trouble {
        Some(trouble) => match trouble.snapshot {
            Some(snapshot) => Ok(snapshot.id),
            None => Err(Problem::new(
                Kind::Conflict,
                format!("no good version of {} is kept", path.display()),
            )
            .because("Sextant has not seen the file before it broke")
            .remedy("mend it by hand")),
        },
        None => Err(Problem::new(Kind::Usage, "which version is meant?")
            .because(format!("{} is not broken", path.display()))
            .remedy(format!(
                "name one with --to; to list them: sextant history versions {}",
                path.display()
            ))),
    }
}

pub(super) async fn recover(asked: &Asked<'_>) -> Result<(), Problem> {
    if asked.dry_run {
        return Err(Problem::new(Kind::Usage, "recover has no --dry-run")
            .because("what it does depends on what the server answers"));
    }
    let recovery = asked.services.recover().await?;
    asked.output.answer(
        || json!(recovery),
        || {
            let mut lines = Vec::new();
            for change in &recovery.changes {
                lines.push(match change.outcome {
                    Outcome::Finished => format!("Finished: {}", change.what),
                    Outcome::RolledBack => format!("Put back: {}", change.what),
                });
                for path in &change.left_alone {
                    lines.push(format!(
                        "  left as it is, another program changed it: {}",
                        path.display()
                    ));
                }
            }
            for name in &recovery.revoked {
                lines.push(format!("Revoked token {name}"));
            }
            for waiting in &recovery.waiting {
                lines.push(format!(
                    "Token {} at {} still waits to be revoked: {}",
                    waiting.token_name, waiting.domain, waiting.reason
                ));
            }
            for stuck in &recovery.environments {
                lines.push(format!(
                    "{} is still in the middle of a change: {}",
                    stuck.prefix.display(),
                    stuck.problem.message
                ));
            }
            if lines.is_empty() {
                lines.push("Nothing was left unfinished.".to_owned());
            }
            lines.join("\n")
        },
    );
    Ok(())
}
