//! `sextant history`, `undo` and `recover`.

use serde_json::json;

use super::Asked;
use super::arguments::Undo;
use super::output::{files_json, plan_json, plan_text};
use crate::error::{Kind, Problem};
use crate::service::merge::PutBack;
use crate::service::recover::Outcome;
use crate::service::undo::Undone;

pub(super) fn history(asked: &Asked<'_>) -> Result<(), Problem> {
    let entries = asked.services.entries()?;
    asked.output.answer(
        || {
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| {
                    let files: Vec<_> = entry.files.iter().map(|versions| &versions.path).collect();
                    json!({
                        "id": entry.id,
                        "at": entry.at,
                        "by": entry.by,
                        "what": entry.what,
                        "files": files,
                        "undoes": entry.undoes,
                    })
                })
                .collect();
            json!({ "entries": entries })
        },
        || {
            if entries.is_empty() {
                return "Nothing was changed yet.".to_owned();
            }
            entries
                .iter()
                .map(|entry| {
                    format!(
                        "{}  {}  {}",
                        entry.id,
                        entry.at.strftime("%Y-%m-%d %H:%M"),
                        entry.what
                    )
                })
                .collect::<Vec<_>>()
                .join("\n")
        },
    );
    Ok(())
}

pub(super) async fn undo(asked: &Asked<'_>, arguments: Undo) -> Result<(), Problem> {
    let how = if arguments.exact {
        PutBack::Exact
    } else {
        PutBack::KeepEdits
    };
    let undo = asked.services.plan_undo(arguments.id.as_deref(), &how)?;
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
        Undone::SignedOut(signed_out) => super::sign_out::report(asked, plan, &signed_out),
        Undone::Files(entry) => asked.output.answer(
            || json!({"id": entry.id, "undoes": entry.undoes, "what": entry.what, "files": files_json(plan), "kept_edits": plan.kept_edits}),
            || format!("{}.", entry.what),
        ),
    }
    Ok(())
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
            if lines.is_empty() {
                lines.push("Nothing was left unfinished.".to_owned());
            }
            lines.join("\n")
        },
    );
    Ok(())
}
