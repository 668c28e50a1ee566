//! `sextant policy`, `sextant --preset` and `sextant offline`.

use std::path::Path;

use serde_json::{Value, json};

use super::Asked;
use super::arguments::{Offline, OfflineSwitch, PolicyCommand};
use crate::edit::file;
use crate::error::{Explain, Kind, Problem};
use crate::service::offline::OfflineReason;
use crate::service::policy::{Authority, Decided, Field, Policy, PolicyError, PolicyFile};

pub(super) fn policy(asked: &Asked<'_>, command: PolicyCommand) -> Result<(), Problem> {
    match command {
        PolicyCommand::Show => show(asked),
        PolicyCommand::Check { file } => check(asked, &file),
        PolicyCommand::ForgetPreset => forget(asked),
    }
}

fn show(asked: &Asked<'_>) -> Result<(), Problem> {
    let services = asked.services;
    let policy = services.policy()?;
    asked.output.answer(
        || {
            json!({
                "policy_file": services.policy_path(),
                "preset_file": services.preset_path(),
                "decided": policy.decided().iter().map(decided_json).collect::<Vec<_>>(),
                "locked": locks_json(&policy),
            })
        },
        || {
            if policy.is_empty() {
                return format!(
                    "Nothing is decided for you: there is neither {} nor a preset.",
                    services.policy_path().display()
                );
            }
            policy
                .decided()
                .iter()
                .map(decided_text)
                .collect::<Vec<_>>()
                .join("\n")
        },
    );
    Ok(())
}

fn locks_json(policy: &Policy) -> Value {
    let locks = Field::ALL.into_iter().filter_map(|field| {
        let lock = policy.lock(field)?;
        Some((field.name().to_owned(), json!(lock)))
    });
    Value::Object(locks.collect())
}

fn decided_json(decided: &Decided) -> Value {
    json!({"by": decided.by, "path": decided.path, "values": values_json(&decided.file)})
}

fn values_json(file: &PolicyFile) -> Value {
    let values = file
        .shown()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)));
    Value::Object(values.collect())
}

fn decided_text(decided: &Decided) -> String {
    let head = match decided.by {
        Authority::Policy => "Decided by the administrator",
        Authority::Preset => "Taken over as a preset",
    };
    format!(
        "{head}, {}:\n{}",
        decided.path.display(),
        values_text(&decided.file)
    )
}

fn values_text(file: &PolicyFile) -> String {
    let lines = file
        .shown()
        .into_iter()
        .map(|(name, value)| format!("  {name}: {value}"));
    let lines: Vec<String> = lines.collect();
    match lines.is_empty() {
        true => "  nothing".to_owned(),
        false => lines.join("\n"),
    }
}

fn check(asked: &Asked<'_>, path: &Path) -> Result<(), Problem> {
    let image = file::read(path)?;
    let Some(image) = image else {
        return Err(PolicyError::NoPreset {
            path: path.to_owned(),
        }
        .explain());
    };
    let file = PolicyFile::parse(&image.bytes).map_err(|problems| {
        Problem::new(Kind::File, format!("{} cannot be understood", path.display()))
            .because(problems.join("; "))
            .remedy("correct these lines; assets/policy/example.toml shows every key")
    })?;
    asked.output.answer(
        || json!({"path": path, "ok": true, "values": values_json(&file)}),
        || format!("{} is right:\n{}", path.display(), values_text(&file)),
    );
    Ok(())
}

fn forget(asked: &Asked<'_>) -> Result<(), Problem> {
    let services = asked.services;
    let path = services.preset_path();
    let was_there = match asked.dry_run {
        true => path.exists(),
        false => services.forget_preset()?,
    };
    asked.output.answer(
        || json!({"path": path, "forgotten": was_there && !asked.dry_run}),
        || match (was_there, asked.dry_run) {
            (false, _) => "There was no preset.".to_owned(),
            (true, true) => format!("remove {}", path.display()),
            (true, false) => "The preset is no longer in force.".to_owned(),
        },
    );
    Ok(())
}

/// Takes a preset over from a file or a link, once its content was shown.
pub(super) async fn take_preset(asked: &Asked<'_>, source: &str) -> Result<(), Problem> {
    let services = asked.services;
    let preset = services.read_preset(source).await?;
    let shown = format!("{source} decides:\n{}", values_text(&preset.file));
    if asked.dry_run {
        asked.output.answer(
            || json!({"source": source, "values": values_json(&preset.file), "stored": false, "dry_run": true}),
            || shown.clone(),
        );
        return Ok(());
    }
    match asked.output.can_ask() && !asked.yes {
        true => asked.output.agrees_to(&shown, false).await?,
        false => asked.output.note(&shown),
    }
    services.store_preset(&preset)?;
    asked.output.answer(
        || json!({"source": source, "values": values_json(&preset.file), "stored": true, "path": services.preset_path()}),
        || {
            format!(
                "Stored in {}. To take it out of force: sextant policy forget-preset",
                services.preset_path().display()
            )
        },
    );
    Ok(())
}

pub(super) fn offline(asked: &Asked<'_>, words: &Offline) -> Result<(), Problem> {
    if let Some(switch) = words.switch
        && !asked.dry_run
    {
        asked.services.set_offline(match switch {
            OfflineSwitch::On => Some(true),
            OfflineSwitch::Off => Some(false),
            OfflineSwitch::Follow => None,
        })?;
    }
    let reason = asked.services.offline();
    asked.output.answer(
        || json!({"offline": reason.is_some(), "reason": reason}),
        || match &reason {
            None => "Sextant uses the network.".to_owned(),
            Some(OfflineReason::Preferences) => "Sextant works offline, as its preferences say.".to_owned(),
            Some(OfflineReason::Navigator { path }) => format!(
                "Sextant works offline, as Anaconda Navigator's preferences say ({}).",
                path.display()
            ),
            Some(OfflineReason::Network) => "This computer has no network.".to_owned(),
        },
    );
    Ok(())
}
