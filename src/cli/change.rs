//! What the commands that change environments have in common: showing what a change would do, asking, and carrying it out.

use std::convert::Infallible;

use serde_json::{Value, json};

use super::Asked;
use super::arguments::Consents;
use super::progress::{bytes_text, counted};
use crate::edit::history::Entry;
use crate::error::Problem;
use crate::package::Record;
use crate::package::solve::SolveProgress;
use crate::package::transaction::{Outcome, Scripts};
use crate::secret::mask_text;
use crate::service::packages::apply::Consent;
use crate::service::packages::change::{ChangeProgress, Preview};
use crate::service::packages::history::ChangedPackages;
use crate::service::packages::plan::ChangePlan;
use crate::service::plan::Warning;

/// A package as every answer names it (command-line contract, "JSON answers").
pub(super) fn package_json(record: &Record) -> Value {
    json!({
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "channel": record.channel.name,
    })
}

/// The answer of `install`, `update`, `remove` and `env create`. What takes another's place is in `install`, what it
/// takes the place of in `remove`; `change` has the pairs.
pub(super) fn document(preview: &Preview, done: bool) -> Value {
    let (before, after): (Vec<_>, Vec<_>) = preview.changed.iter().map(|(old, new)| (old, new)).unzip();
    let install: Vec<Value> = preview.added.iter().chain(after).map(package_json).collect();
    let remove: Vec<Value> = preview.removed.iter().chain(before).map(package_json).collect();
    let change: Vec<Value> = preview
        .changed
        .iter()
        .map(|(old, new)| json!({"name": new.name, "from": package_json(old), "to": package_json(new)}))
        .collect();
    json!({
        "prefix": preview.prefix,
        "install": install,
        "remove": remove,
        "change": change,
        "bytes_to_download": preview.bytes_to_download,
        "scripts": preview.scripts,
        "warnings": preview.warnings,
        "done": done,
    })
}

/// Whether nothing would change.
pub(super) fn is_empty(preview: &Preview) -> bool {
    preview.added.is_empty() && preview.changed.is_empty() && preview.removed.is_empty()
}

/// A line for every package, sign first, and a sum.
pub(super) fn preview_text(preview: &Preview) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for record in &preview.added {
        rows.push(row("+", &record.name, &version(record), record));
    }
    for (old, new) in &preview.changed {
        rows.push(row("~", &new.name, &changed(old, new), new));
    }
    for record in &preview.removed {
        rows.push(row("-", &record.name, &version(record), record));
    }
    let mut text = table(&rows);
    text.push_str(&sum(preview));
    text
}

fn row(sign: &str, name: &str, version: &str, record: &Record) -> [String; 4] {
    [sign, name, version, &record.channel.name].map(str::to_owned)
}

fn version(record: &Record) -> String {
    format!("{} {}", record.version, record.build)
}

/// What differs: the version, else the build, else where it comes from.
fn changed(old: &Record, new: &Record) -> String {
    if old.version != new.version {
        format!("{} -> {}", old.version, new.version)
    } else if old.build != new.build {
        format!("{} {} -> {}", new.version, old.build, new.build)
    } else {
        format!("{} {} (was from {})", new.version, new.build, old.channel.name)
    }
}

fn sum(preview: &Preview) -> String {
    if is_empty(preview) {
        return "nothing to change\n".to_owned();
    }
    let parts: Vec<String> = [
        (preview.added.len(), "to install"),
        (preview.changed.len(), "to change"),
        (preview.removed.len(), "to remove"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{count} {what}"))
    .collect();
    let download = match preview.bytes_to_download {
        0 => "nothing to download".to_owned(),
        bytes => format!("{} to download", bytes_text(bytes)),
    };
    format!("{}; {download}\n", parts.join(", "))
}

/// Shows what was worked out, asks, and does it.
///
/// Errors: the person does not want it; whatever keeps it from being done, and the environment is then as before.
pub(super) async fn carry_out(
    asked: &Asked<'_>,
    plan: &ChangePlan,
    consents: Consents,
    undoes: Option<&Entry>,
) -> Result<(), Problem> {
    let preview = &plan.preview;
    asked.output.warn(&preview.warnings);
    if asked.dry_run {
        asked.output.answer(
            || {
                let mut document = document(preview, false);
                document["dry_run"] = json!(true);
                document
            },
            || preview_text(preview),
        );
        return Ok(());
    }
    if !is_empty(preview) {
        asked.output.agrees_to(&preview_text(preview), asked.yes).await?;
    }
    let ChangedPackages { outcome, entry, .. } = applied(asked, plan, consents, undoes).await?;
    asked.output.warn(&left_over(&outcome));
    asked.output.answer(
        || {
            let mut document = document(preview, true);
            document["id"] = json!(entry.as_ref().map(|entry| &entry.id));
            if let Some(undone) = undoes {
                document["undoes"] = json!(undone.id);
            }
            outcome_json(&outcome, &mut document);
            document
        },
        || done_text(preview, &outcome),
    );
    Ok(())
}

async fn applied(
    asked: &Asked<'_>,
    plan: &ChangePlan,
    consents: Consents,
    undoes: Option<&Entry>,
) -> Result<ChangedPackages, Problem> {
    let mut line = asked.output.progress();
    let listening = asked.interrupt.listen();
    let stop = async {
        listening.pressed().await;
        Ok::<(), Infallible>(())
    };
    let show = |progress: ChangeProgress| line.show(|| progress_text(&progress));
    Ok(asked
        .services
        .change_packages(plan, &consent(consents), undoes, show, stop)
        .await?)
}

pub(super) fn consent(consents: Consents) -> Consent {
    Consent {
        scripts: match consents.allow_scripts {
            true => Scripts::Run,
            false => Scripts::Skip,
        },
        command: command_words(),
    }
}

/// What an answer says beside the packages.
pub(super) fn outcome_json(outcome: &Outcome, document: &mut Value) {
    document["scripts_run"] = json!(outcome.scripts_run);
    document["scripts_skipped"] = json!(outcome.scripts_skipped);
    document["messages"] = json!(outcome.messages);
}

/// The call as it was typed, for the environment's history. An address in it may hold a secret.
fn command_words() -> String {
    let words = std::env::args_os().skip(1);
    let words: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    mask_text(&format!("sextant {}", words.join(" ")))
}

/// What a person has to know of a change that was done.
pub(super) fn left_over(outcome: &Outcome) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for script in &outcome.scripts_skipped {
        warnings.push(Warning {
            message: format!("the script of {script} did not run"),
            remedy: Some("if you trust it, remove it and install it again with --allow-scripts".to_owned()),
        });
    }
    for clobbered in &outcome.clobbered {
        warnings.push(Warning {
            message: format!(
                "{} is in several packages: that of {} is used, not that of {}",
                clobbered.path.display(),
                clobbered.winner,
                clobbered.others.join(", ")
            ),
            remedy: None,
        });
    }
    for path in &outcome.set_aside {
        warnings.push(Warning {
            message: format!(
                "a file that belongs to no package was in the way; it is now {}",
                path.display()
            ),
            remedy: None,
        });
    }
    let problems = outcome.not_registered.iter().chain(&outcome.problems);
    warnings.extend(problems.map(as_warning));
    warnings
}

/// A failure that does not keep the rest back.
pub(super) fn as_warning(problem: &Problem) -> Warning {
    let message = match &problem.cause {
        Some(cause) => format!("{}: {cause}", problem.message),
        None => problem.message.clone(),
    };
    Warning {
        message,
        remedy: problem.remedy.clone(),
    }
}

pub(super) fn done_text(preview: &Preview, outcome: &Outcome) -> String {
    let parts: Vec<String> = [
        ("installed", preview.added.len()),
        ("changed", preview.changed.len()),
        ("removed", preview.removed.len()),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
    .map(|(what, count)| format!("{what} {}", counted(count, "package")))
    .collect();
    let mut text = match parts.is_empty() {
        true => format!("There was nothing to change in {}.", preview.prefix.display()),
        false => format!("In {}: {}.", preview.prefix.display(), parts.join(", ")),
    };
    for message in &outcome.messages {
        text.push_str(&format!("\n{}", message.trim_end()));
    }
    text
}

/// Columns as wide as their widest entry.
pub(super) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// How far the search for what fits together is.
pub(super) fn solving_text(progress: &SolveProgress) -> String {
    match progress {
        SolveProgress::ReadingIndex => "reading the indexes".to_owned(),
        SolveProgress::Solving { candidates } => {
            format!("looking for what fits together, among {candidates} builds")
        }
        SolveProgress::Explaining => "finding out why nothing fits".to_owned(),
    }
}

/// How far a change is, in a line.
pub(super) fn progress_text(progress: &ChangeProgress) -> String {
    let step = |what: &str, done: &usize, total: &usize, package: &str| {
        format!("{what} {done} of {}: {package}", counted(*total, "package"))
    };
    match progress {
        ChangeProgress::Downloading {
            bytes,
            total,
            package,
        } => format!(
            "downloading {} of {}: {package}",
            bytes_text(*bytes),
            bytes_text(*total)
        ),
        ChangeProgress::Unpacking { done, total, package } => step("unpacking", done, total, package),
        ChangeProgress::Unlinking { done, total, package } => step("removing", done, total, package),
        ChangeProgress::Linking { done, total, package } => step("installing", done, total, package),
        ChangeProgress::RollingBack { done, total } => format!("putting back {done} of {total}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Channel;

    fn record(name: &str, version: &str, build: &str, channel: &str) -> Record {
        Record {
            name: name.to_owned(),
            version: version.to_owned(),
            build: build.to_owned(),
            build_number: 0,
            channel: Channel {
                name: channel.to_owned(),
                url: format!("https://psm.example.com/api/repo/{channel}"),
            },
            subdir: "noarch".to_owned(),
            file_name: format!("{name}-{version}-{build}.conda"),
            size: Some(1_000),
            license: None,
            depends: Vec::new(),
            constrains: Vec::new(),
            timestamp: None,
        }
    }

    fn preview() -> Preview {
        Preview {
            prefix: "/home/alice/envs/work".into(),
            added: vec![record("six", "1.17.0", "py_0", "main")],
            changed: vec![
                (
                    record("numpy", "2.1.3", "0", "main"),
                    record("numpy", "2.2.5", "0", "main"),
                ),
                (
                    record("pip", "25.3", "0", "main"),
                    record("pip", "25.3", "1", "main"),
                ),
                (
                    record("tool", "1.0", "0", "main"),
                    record("tool", "1.0", "0", "research"),
                ),
            ],
            removed: vec![record("attrs", "1", "0", "research")],
            bytes_to_download: 12_345,
            scripts: Vec::new(),
            warnings: Vec::new(),
        }
    }

    #[test]
    fn the_document_has_what_comes_and_what_goes() {
        let document = document(&preview(), true);
        assert_eq!(document["prefix"], "/home/alice/envs/work");
        assert_eq!(
            document["install"][0],
            json!({"name": "six", "version": "1.17.0", "build": "py_0", "channel": "main"})
        );
        let names = |key: &str| -> Vec<&str> {
            let list = document[key].as_array().unwrap();
            list.iter().map(|one| one["name"].as_str().unwrap()).collect()
        };
        assert_eq!(names("install"), ["six", "numpy", "pip", "tool"]);
        assert_eq!(names("remove"), ["attrs", "numpy", "pip", "tool"]);
        assert_eq!(document["change"][0]["from"]["version"], "2.1.3");
        assert_eq!(document["bytes_to_download"], 12_345);
        assert_eq!(document["done"], true);
    }

    #[test]
    fn the_text_says_what_differs() {
        assert_eq!(
            preview_text(&preview()),
            "+  six    1.17.0 py_0            main\n\
             ~  numpy  2.1.3 -> 2.2.5         main\n\
             ~  pip    25.3 0 -> 1            main\n\
             ~  tool   1.0 0 (was from main)  research\n\
             -  attrs  1 0                    research\n\
             1 to install, 3 to change, 1 to remove; 12.3 kB to download\n"
        );
    }

    #[test]
    fn no_change_is_said_so() {
        let nothing = Preview {
            added: Vec::new(),
            changed: Vec::new(),
            removed: Vec::new(),
            bytes_to_download: 0,
            ..preview()
        };
        assert!(is_empty(&nothing));
        assert_eq!(preview_text(&nothing), "nothing to change\n");
    }
}
