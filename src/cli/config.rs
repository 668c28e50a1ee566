//! `sextant config`.

mod edit;

use serde_json::{Value, json};

use super::Asked;
use super::arguments::{ConfigCommand, ConfigSet};
use super::output::{files_json, plan_json, plan_text};
use crate::error::{Kind, Problem};
use crate::secret::mask_text;
use crate::service::configuration::{
    ConfigurationFile, Effective, Explained, ExplainedSource, Origin, Part, Place, PlaceState, SettingValue,
    known_keys,
};
use crate::service::plan::Plan;

pub(super) async fn config(asked: &Asked<'_>, command: ConfigCommand) -> Result<(), Problem> {
    match command {
        ConfigCommand::Show { file, all } => show(asked, file.into(), all),
        ConfigCommand::Get { file, key } => get(asked, file.into(), &key),
        ConfigCommand::Set(arguments) => set(asked, arguments).await,
        ConfigCommand::Unset { file, key } => {
            let file = file.into();
            let plan = asked.services.plan_unset(file, &key)?;
            change(asked, file, &key, None, &plan).await
        }
        ConfigCommand::Edit(arguments) => edit::edit(asked, arguments).await,
        ConfigCommand::Explain { key, file } => explain(asked, file.into(), &key),
    }
}

pub(super) fn show(asked: &Asked<'_>, file: ConfigurationFile, all: bool) -> Result<(), Problem> {
    let mut effective = asked.services.effective(file)?;
    if all {
        add_defaults(asked, &mut effective);
    }
    asked.output.warn(&effective.warnings);
    asked.output.answer(
        || {
            json!({
                "file": file,
                "places": effective.places.iter().map(place_json).collect::<Vec<_>>(),
                "settings": effective.settings.iter().map(explained_json).collect::<Vec<_>>(),
                "warnings": effective.warnings,
            })
        },
        || show_text(&effective),
    );
    Ok(())
}

/// What is known and nowhere set, with its default.
fn add_defaults(asked: &Asked<'_>, effective: &mut Effective) {
    let file = effective.file;
    let names: Vec<&str> = known_keys(file)
        .iter()
        .map(|known| known.name)
        .filter(|name| !effective.settings.iter().any(|set| set.key == *name))
        .collect();
    let keys: Vec<(ConfigurationFile, &str)> = names.iter().map(|name| (file, *name)).collect();
    let explained = asked.services.explain_all(&keys);
    effective.settings.extend(explained.into_iter().flatten());
    effective.settings.sort_by(|a, b| a.key.cmp(&b.key));
}

fn show_text(effective: &Effective) -> String {
    let mut lines = Vec::new();
    for setting in &effective.settings {
        lines.push(format!(
            "{} = {}",
            setting.key,
            value_text(setting.value.as_ref())
        ));
        for source in setting.sources.iter().rev() {
            lines.push(format!("    {}", source_text(source)));
        }
    }
    if effective.settings.is_empty() {
        lines.push(format!(
            "Nothing is set for {}; its defaults apply.",
            effective.file
        ));
    }
    lines.push(String::new());
    lines.push("Read in this order, later ones prevailing:".to_owned());
    for place in &effective.places {
        let state = match &place.state {
            PlaceState::Read => "read".to_owned(),
            PlaceState::Missing => "not there".to_owned(),
            PlaceState::Unused { reason } => format!("not used: {reason}"),
        };
        let own = if place.is_own { ", your own" } else { "" };
        lines.push(format!(
            "    {} ({}{own}): {state}",
            place.origin.place(),
            place.scope
        ));
    }
    lines.join("\n")
}

fn get(asked: &Asked<'_>, file: ConfigurationFile, key: &str) -> Result<(), Problem> {
    let explained = asked.services.explain(file, key)?;
    if explained.value.is_none() {
        asked.output.note(&format!("{} is not set", explained.key));
    }
    asked.output.answer(
        || json!({"key": explained.key, "value": explained.value.as_ref().map(SettingValue::to_json)}),
        || match &explained.value {
            // One line an item, for programs that read lines.
            Some(SettingValue::List(items)) => lines(items.iter().map(ToString::to_string)),
            Some(SettingValue::Map(entries)) => lines(
                entries
                    .iter()
                    .map(|(name, value)| format!("{}: {value}", mask_text(name))),
            ),
            Some(SettingValue::Nothing) | None => String::new(),
            Some(value) => value.to_string(),
        },
    );
    Ok(())
}

fn lines(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("\n")
}

async fn set(asked: &Asked<'_>, arguments: ConfigSet) -> Result<(), Problem> {
    let file = arguments.file.into();
    let value = match arguments.value {
        Some(value) => value,
        None => {
            let typed = asked.output.secret(arguments.value_stdin, "Value: ").await;
            let nothing = || Problem::new(Kind::Usage, "there is no value on standard input");
            typed.ok_or_else(nothing)?.expose().to_owned()
        }
    };
    let plan = asked.services.plan_set(file, &arguments.key, &value)?;
    change(asked, file, &arguments.key, Some(&value), &plan).await
}

async fn change(
    asked: &Asked<'_>,
    file: ConfigurationFile,
    key: &str,
    value: Option<&str>,
    plan: &Plan,
) -> Result<(), Problem> {
    asked.output.warn(&plan.warnings);
    let document = json!({
        "file": file,
        "key": mask_text(key),
        "value": value.map(mask_text),
        "files": files_json(plan),
        "warnings": plan.warnings,
    });
    if asked.dry_run {
        let with = json!({"dry_run": true, "plan": plan_json(plan)});
        asked.output.answer(|| joined(document, with), || plan_text(plan));
        return Ok(());
    }
    let entry = match plan.is_empty() {
        true => None,
        false => Some(asked.services.change_configuration(plan).await?),
    };
    let id = json!({"id": entry.as_ref().map(|entry| &entry.id)});
    asked.output.answer(
        || joined(document, id),
        || match &entry {
            None => "It is so already.".to_owned(),
            Some(entry) => format!("{}. To take it back: sextant undo {}", entry.what, entry.id),
        },
    );
    Ok(())
}

/// Two JSON objects in one.
fn joined(mut document: Value, with: Value) -> Value {
    if let (Value::Object(document), Value::Object(with)) = (&mut document, with) {
        document.extend(with);
    }
    document
}

fn explain(asked: &Asked<'_>, file: ConfigurationFile, key: &str) -> Result<(), Problem> {
    let explained = asked.services.explain(file, key)?;
    asked
        .output
        .answer(|| explained_json(&explained), || explained_text(&explained));
    Ok(())
}

fn explained_json(explained: &Explained) -> Value {
    json!({
        "key": explained.key,
        "value": explained.value.as_ref().map(SettingValue::to_json),
        "sources": explained.sources.iter().map(|source| json!({
            "origin": source.origin.place(),
            "line": source.origin.line(),
            "name": source.spelling,
            "value": source.value.to_json(),
            "wins": source.wins(),
            "part": part(source.part),
        })).collect::<Vec<_>>(),
        "locked_by": explained.locked_by.as_ref().map(Origin::place),
        "default": explained.default.as_ref().map(SettingValue::to_json),
        "flags": explained.flags,
        "documentation": explained.documentation,
        "warnings": explained.hindrances,
    })
}

fn place_json(place: &Place) -> Value {
    let (state, reason) = match &place.state {
        PlaceState::Read => ("read", None),
        PlaceState::Missing => ("missing", None),
        PlaceState::Unused { reason } => ("unused", Some(reason)),
    };
    json!({
        "origin": place.origin.place(),
        "scope": place.scope,
        "state": state,
        "reason": reason,
        "own": place.is_own,
    })
}

const fn part(part: Part) -> &'static str {
    match part {
        Part::Decides => "decides",
        Part::Contributes => "contributes",
        Part::Overridden => "overridden",
        Part::ShutOut => "locked-out",
        Part::Ignored => "ignored",
    }
}

fn explained_text(explained: &Explained) -> String {
    let mut lines = vec![format!(
        "{} = {}",
        explained.key,
        value_text(explained.value.as_ref())
    )];
    lines.extend(explained.documentation.map(str::to_owned));
    if explained.sources.is_empty() {
        lines.push("Nothing sets it; this is the default.".to_owned());
    } else {
        lines.push(String::new());
        lines.push("From the highest to the lowest:".to_owned());
        lines.extend(
            explained
                .sources
                .iter()
                .rev()
                .map(|source| format!("    {}", source_text(source))),
        );
        if let Some(default) = &explained.default {
            lines.push(format!("    the default: {default}"));
        }
    }
    if let Some(origin) = &explained.locked_by {
        lines.push(format!("Locked by {origin}."));
    }
    if !explained.flags.is_empty() {
        lines.push(format!("On the command line: {}", explained.flags.join(", ")));
    }
    for hindrance in &explained.hindrances {
        lines.push(format!("Note: {}", hindrance.message));
        lines.extend(hindrance.remedy.iter().map(|remedy| format!("   try: {remedy}")));
    }
    lines.join("\n")
}

fn value_text(value: Option<&SettingValue>) -> String {
    value.map_or_else(|| "(depends on the machine)".to_owned(), ToString::to_string)
}

fn source_text(source: &ExplainedSource) -> String {
    let part = match source.part {
        Part::Decides => "decides",
        Part::Contributes => "adds",
        Part::Overridden => "overridden",
        Part::ShutOut => "locked out",
        Part::Ignored => "not used",
    };
    format!("{}: {} ({part})", source.origin, source.value)
}

/// A failure that tells a person where the text is that could not be saved.
fn kept(problem: Problem, path: &std::path::Path) -> Problem {
    let kept = format!("your text is kept in {}", path.display());
    let remedy = match problem.remedy {
        Some(remedy) => format!("{remedy}; {kept}"),
        None => kept,
    };
    Problem {
        remedy: Some(remedy),
        ..problem
    }
}

/// A failure to start the editor.
fn no_editor(cause: impl Into<String>) -> Problem {
    Problem::new(Kind::Usage, "there is no editor to open the file with")
        .because(cause)
        .remedy("name one: export EDITOR=nano")
}
