//! `sextant repair`.

use serde_json::{Value, json};

use super::Asked;
use super::arguments::Repair;
use super::output::{files_json, plan_json, plan_text};
use crate::error::{Explain, Problem};
use crate::repository::Domain;
use crate::service::repair::RepairPlan;

pub(super) async fn repair(asked: &Asked<'_>, words: Repair) -> Result<(), Problem> {
    let services = asked.services;
    let domain = words
        .domain
        .map(|text| Domain::parse(&text))
        .transpose()
        .map_err(|error| error.explain())?;
    let repair = services.plan_repair(domain.as_ref())?;
    let plan = &repair.plan;
    asked.output.warn(&plan.warnings);
    super::sign_out::note_ended_logins(asked, plan);
    if asked.dry_run {
        asked.output.answer(
            || {
                let mut document = document(&repair);
                document["dry_run"] = json!(true);
                document["plan"] = plan_json(plan);
                document
            },
            || text_of(&repair),
        );
        return Ok(());
    }
    if repair.is_empty() {
        asked.output.answer(
            || document(&repair),
            || "There is nothing to repair: no trace of a login is left.".to_owned(),
        );
        return Ok(());
    }
    asked.output.agrees_to(&text_of(&repair), asked.yes).await?;
    let done = services.repair(&repair).await?;
    asked.output.answer(
        || {
            let mut document = document(&repair);
            document["id"] = json!(done.entry.as_ref().map(|entry| &entry.id));
            document["set_aside"] = json!(done.set_aside);
            document
        },
        || {
            let mut text = match &done.entry {
                Some(entry) => format!("{}.", entry.what),
                None => "Put aside what could not be read.".to_owned(),
            };
            for path in &done.set_aside {
                text.push_str(&format!("\nPut aside as {}", path.display()));
            }
            text.push_str(&match &done.sign_in_to {
                Some(domain) => format!("\nNow sign in again: sextant sign-in server --domain {domain}"),
                None => "\nNow sign in again: sextant sign-in server".to_owned(),
            });
            text
        },
    );
    Ok(())
}

fn document(repair: &RepairPlan) -> Value {
    let servers: Vec<&str> = repair.servers.iter().map(Domain::as_str).collect();
    json!({
        "servers": servers,
        "files": files_json(&repair.plan),
        "set_aside": repair.set_aside,
        "sign_in_to": repair.sign_in_to.as_ref().map(Domain::as_str),
        "warnings": repair.plan.warnings,
    })
}

fn text_of(repair: &RepairPlan) -> String {
    let mut text = String::new();
    for path in &repair.set_aside {
        text.push_str(&format!(
            "put aside, since it cannot be read: {}\n",
            path.display()
        ));
    }
    if let Some(connection) = repair.forgets() {
        text.push_str(&format!("forget the sign-in to {}\n", connection.domain));
    }
    if !repair.plan.is_empty() || text.is_empty() {
        text.push_str(&plan_text(&repair.plan));
    }
    text
}
