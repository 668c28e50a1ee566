//! `sextant env`: what there is, other names, the trash. Making environments is in `create`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Asked;
use super::arguments::{EnvCommand, EnvRemove, EnvRename, EnvTerminal, EnvTrashCommand};
use super::change::table;
use super::output::{files_json, plan_json, plan_text};
use super::progress::{bytes_text, counted};
use super::target::{environment, new_by_word, which};
use crate::conda::environment::Environment;
use crate::conda::environment::size::SizeProgress;
use crate::error::{Kind, Problem};
use crate::service::environments::{EnvironmentAction, EnvironmentPlan, Trashed};
use crate::service::{ServiceError, blocking};

pub(super) async fn environments(asked: &Asked<'_>, command: EnvCommand) -> Result<(), Problem> {
    match command {
        EnvCommand::List => list(asked),
        EnvCommand::Rename(words) => rename(asked, words).await,
        EnvCommand::Remove(words) => remove(asked, words).await,
        EnvCommand::Trash(command) => trash(asked, command).await,
        EnvCommand::Export(words) => super::export::export(asked, words),
        EnvCommand::Create(words) => super::create::create(asked, words).await,
        EnvCommand::Clone(words) => super::create::clone(asked, words).await,
        EnvCommand::Import(words) => super::create::import(asked, words).await,
        EnvCommand::Terminal(words) => terminal(asked, &words),
    }
}

fn terminal(asked: &Asked<'_>, words: &EnvTerminal) -> Result<(), Problem> {
    let environment = environment(asked, &words.target)?;
    if asked.dry_run {
        let text = format!("open a terminal with {} active", environment.prefix.display());
        asked.output.answer(
            || json!({"prefix": environment.prefix, "dry_run": true}),
            || text.clone(),
        );
        return Ok(());
    }
    let opened = asked.services.open_terminal(&environment)?;
    asked.output.answer(
        || json!({"prefix": environment.prefix, "program": opened.program, "shell": opened.shell}),
        || {
            format!(
                "{} is active in {}.",
                environment.prefix.display(),
                opened.program
            )
        },
    );
    Ok(())
}

fn list(asked: &Asked<'_>) -> Result<(), Problem> {
    let environments = asked.services.environments();
    let sizes = sizes(asked, &environments)?;
    asked.output.answer(
        || {
            let json = |environment: &Environment| {
                json!({
                    "name": environment.name,
                    "prefix": environment.prefix,
                    "python": environment.python,
                    "packages": environment.packages,
                    "bytes": sizes.get(&environment.prefix),
                    "base": environment.is_base,
                    "protections": asked.services.protections(environment),
                })
            };
            json!({"environments": environments.iter().map(json).collect::<Vec<_>>()})
        },
        || {
            if environments.is_empty() {
                return "There is no environment yet. Make one: sextant env create -n NAME python".to_owned();
            }
            let row = |environment: &Environment| {
                [
                    environment.name.clone().unwrap_or_default(),
                    match &environment.python {
                        Some(python) => format!("python {python}"),
                        None => String::new(),
                    },
                    counted(environment.packages, "package"),
                    sizes
                        .get(&environment.prefix)
                        .map(|bytes| bytes_text(*bytes))
                        .unwrap_or_default(),
                    environment.prefix.display().to_string(),
                ]
            };
            table(&environments.iter().map(row).collect::<Vec<_>>())
        },
    );
    Ok(())
}

/// What each environment takes; those are counted that changed since they were counted last.
///
/// Errors: it was interrupted.
fn sizes(asked: &Asked<'_>, environments: &[Environment]) -> Result<BTreeMap<PathBuf, u64>, Problem> {
    let known = asked.services.known_sizes();
    let mut sizes = BTreeMap::new();
    let mut unknown = Vec::new();
    for environment in environments {
        match known.get(&environment.prefix).filter(|known| known.is_current()) {
            Some(known) => drop(sizes.insert(environment.prefix.clone(), known.size.bytes())),
            None => unknown.push(environment.prefix.clone()),
        }
    }
    if unknown.is_empty() {
        return Ok(sizes);
    }
    let listening = asked.interrupt.listen();
    let line = asked.output.shared_progress();
    let told = |progress: SizeProgress| {
        if let SizeProgress::Counting { prefix, files } = progress {
            line.show(|| format!("counting {files} files in {}", prefix.display()));
        }
    };
    let measured = blocking(|| {
        let services = asked.services;
        services.measure_environments(&unknown, &told, listening.stop())
    })?;
    let measured = measured.environments.into_iter();
    sizes.extend(measured.map(|size| (size.prefix.clone(), size.bytes())));
    Ok(sizes)
}

async fn rename(asked: &Asked<'_>, words: EnvRename) -> Result<(), Problem> {
    let services = asked.services;
    let planned = services.plan_rename_environment(
        &which(&words.target)?,
        &new_by_word(&words.to)?,
        words.override_protection,
    )?;
    carry_out(asked, &planned).await
}

async fn remove(asked: &Asked<'_>, words: EnvRemove) -> Result<(), Problem> {
    let services = asked.services;
    let planned = services.plan_remove_environment(&which(&words.target)?, words.override_protection)?;
    carry_out(asked, &planned).await
}

/// Shows the plan, asks, and does it.
async fn carry_out(asked: &Asked<'_>, planned: &EnvironmentPlan) -> Result<(), Problem> {
    let plan = &planned.plan;
    asked.output.warn(&plan.warnings);
    if asked.dry_run {
        asked.output.answer(
            || {
                let mut document = document(planned, false);
                document["dry_run"] = json!(true);
                document["plan"] = plan_json(plan);
                document
            },
            || text_of(planned),
        );
        return Ok(());
    }
    asked.output.agrees_to(&text_of(planned), asked.yes).await?;
    let listening = asked.interrupt.listen();
    let entry = asked
        .services
        .change_environment(planned, listening.stop())
        .await?;
    drop(listening);
    asked.output.answer(
        || {
            let mut document = document(planned, true);
            document["id"] = json!(entry.id);
            document
        },
        || match &planned.action {
            EnvironmentAction::Remove { .. } => {
                format!(
                    "{}. To put it back: sextant env trash restore {}",
                    entry.what, entry.id
                )
            }
            _ => format!("{}.", entry.what),
        },
    );
    Ok(())
}

fn document(planned: &EnvironmentPlan, done: bool) -> Value {
    let mut document = json!({
        "prefix": planned.prefix,
        "files": files_json(&planned.plan),
        "warnings": planned.plan.warnings,
        "done": done,
    });
    match &planned.action {
        EnvironmentAction::Remove { trash } => document["trash"] = json!(trash),
        EnvironmentAction::Rename { to } => document["to"] = json!(to),
        _ => {}
    }
    document
}

fn text_of(planned: &EnvironmentPlan) -> String {
    let prefix = planned.prefix.display();
    let first = match &planned.action {
        EnvironmentAction::Remove { trash } => format!("move {prefix} to the trash, {}\n", trash.display()),
        EnvironmentAction::Rename { to } => format!("move {prefix} to {}\n", to.display()),
        EnvironmentAction::Restore { trash } => format!("move {} back to {prefix}\n", trash.display()),
        _ => format!("make {prefix}\n"),
    };
    match planned.plan.is_empty() {
        true => first,
        false => first + &plan_text(&planned.plan),
    }
}

async fn trash(asked: &Asked<'_>, command: EnvTrashCommand) -> Result<(), Problem> {
    match command {
        EnvTrashCommand::List => {
            list_trash(asked);
            Ok(())
        }
        EnvTrashCommand::Restore { id } => {
            let trashed = trashed(asked, &id)?;
            super::history::undo_entry(asked, &trashed.entry).await
        }
        EnvTrashCommand::Empty { id } => empty_trash(asked, id).await,
    }
}

fn list_trash(asked: &Asked<'_>) {
    let trash = asked.services.trash();
    asked.output.answer(
        || {
            let json = |one: &Trashed| {
                json!({"id": one.entry, "prefix": one.prefix, "trash": one.trash, "at": one.at, "bytes": one.bytes})
            };
            json!({"trash": trash.iter().map(json).collect::<Vec<_>>()})
        },
        || {
            if trash.is_empty() {
                return "The trash is empty.".to_owned();
            }
            let row = |one: &Trashed| {
                [
                    one.entry.clone(),
                    one.at.strftime("%Y-%m-%d %H:%M").to_string(),
                    one.bytes.map(bytes_text).unwrap_or_default(),
                    one.prefix.display().to_string(),
                ]
            };
            table(&trash.iter().map(row).collect::<Vec<_>>())
        },
    );
}

fn trashed(asked: &Asked<'_>, id: &str) -> Result<Trashed, Problem> {
    let mut all = asked.services.trash().into_iter();
    all.find(|one| one.entry == id || one.trash == Path::new(id))
        .ok_or_else(|| {
            Problem::new(Kind::Usage, format!("there is no {id} in the trash"))
                .remedy("see what is there: sextant env trash list")
        })
}

/// What is deleted here does not come back, so it takes a person's word.
async fn empty_trash(asked: &Asked<'_>, id: Option<String>) -> Result<(), Problem> {
    let leaving = match &id {
        Some(id) => vec![trashed(asked, id)?],
        None => asked.services.trash(),
    };
    let prefixes: Vec<&PathBuf> = leaving.iter().map(|one| &one.prefix).collect();
    let text = || -> String {
        match leaving.as_slice() {
            [] => "The trash is empty.".to_owned(),
            leaving => leaving
                .iter()
                .map(|one| format!("delete {} for good\n", one.prefix.display()))
                .collect(),
        }
    };
    if asked.dry_run || leaving.is_empty() {
        asked.output.answer(
            || json!({"deleted": prefixes, "dry_run": asked.dry_run, "done": false}),
            text,
        );
        return Ok(());
    }
    if !asked.yes && !asked.output.can_ask() {
        return Err(Problem::new(Kind::Usage, "this needs your word")
            .because("what is deleted from the trash does not come back")
            .remedy("say so with --yes, or see what it would be with --dry-run"));
    }
    asked.output.agrees_to(&text(), asked.yes).await?;
    let entries: Vec<String> = leaving.iter().map(|one| one.entry.clone()).collect();
    let deleted: Result<usize, ServiceError> = asked.services.empty_trash(Some(&entries)).await;
    let count = deleted?;
    asked.output.answer(
        || json!({"deleted": prefixes, "done": true}),
        || format!("Deleted {}.", counted(count, "environment")),
    );
    Ok(())
}
