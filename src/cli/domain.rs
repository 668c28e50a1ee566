//! `sextant domain`.

use std::path::Path;

use serde_json::json;

use super::Asked;
use super::arguments::{DomainCommand, ProductName};
use super::output::{files_json, plan_json, plan_text};
use super::remedy::reach;
use crate::error::{Explain, Problem};
use crate::repository::{BinstarApi, CheckStep, Domain, Found, Outcome};
use crate::service::plan::{Plan, Warning};

pub(super) async fn domain(asked: &Asked<'_>, command: DomainCommand) -> Result<(), Problem> {
    match command {
        DomainCommand::Show => show(asked),
        DomainCommand::Set {
            url,
            ca_file,
            no_check,
        } => {
            let domain = parse(asked, &url)?;
            let plan = asked.services.plan_domain(&domain)?;
            if !no_check && !asked.dry_run {
                let services = asked.services;
                reach(asked, async || {
                    services
                        .check_domain(&domain, ca_file.as_deref(), |step| note(asked, &step))
                        .await
                })
                .await?;
            }
            set(asked, &domain, &plan).await
        }
        DomainCommand::Forget => forget(asked).await,
        DomainCommand::Check {
            url,
            product: ProductName::Server,
            ca_file,
        } => check_server(asked, &url, ca_file.as_deref()).await,
        DomainCommand::Check {
            url,
            product: ProductName::Repository,
            ca_file,
        } => check_repository(asked, &url, ca_file.as_deref()).await,
    }
}

async fn check_server(asked: &Asked<'_>, url: &str, ca_file: Option<&Path>) -> Result<(), Problem> {
    let domain = parse(asked, url)?;
    let services = asked.services;
    let mut steps = Vec::new();
    let found = reach(asked, async || {
        steps.clear();
        let report = |step| take(asked, step, &mut steps);
        services.check_domain(&domain, ca_file, report).await
    })
    .await?;
    let server = Found::Server(found.info);
    asked.output.answer(
        || {
            json!({
                "domain": domain.as_str(),
                "ok": true,
                "product": "server",
                "server": server.to_string(),
                "steps": steps_json(&steps),
            })
        },
        || format!("{domain} is an Anaconda Server ({server})."),
    );
    Ok(())
}

async fn check_repository(asked: &Asked<'_>, url: &str, ca_file: Option<&Path>) -> Result<(), Problem> {
    let api = read_repository(asked, url)?;
    warn_of_plain_http(asked, api.domain());
    let services = asked.services;
    let mut steps = Vec::new();
    reach(asked, async || {
        steps.clear();
        let report = |step| take(asked, step, &mut steps);
        services.check_repository(&api, ca_file, report).await
    })
    .await?;
    let server = steps.iter().find_map(|step| match &step.outcome {
        Outcome::Done {
            found: found @ Found::Repository(_),
            ..
        } => Some(found.to_string()),
        _ => None,
    });
    asked.output.answer(
        || {
            json!({
                "domain": api.domain().as_str(),
                "api": api.as_str(),
                "ok": true,
                "product": "repository",
                "server": server,
                "steps": steps_json(&steps),
            })
        },
        || {
            let server = server.as_deref().unwrap_or_default();
            format!("{} is an Anaconda Repository ({server}).", api.domain())
        },
    );
    Ok(())
}

fn take(asked: &Asked<'_>, step: CheckStep, steps: &mut Vec<CheckStep>) {
    note(asked, &step);
    steps.push(step);
}

fn steps_json(steps: &[CheckStep]) -> Vec<serde_json::Value> {
    steps.iter().filter_map(step_json).collect()
}

/// [`read`], with a warning where the address is not encrypted.
fn parse(asked: &Asked<'_>, text: &str) -> Result<Domain, Problem> {
    let domain = read(asked, text)?;
    warn_of_plain_http(asked, &domain);
    Ok(domain)
}

fn warn_of_plain_http(asked: &Asked<'_>, domain: &Domain) {
    if domain.is_plain_http() {
        asked.output.warn(&[Warning {
            message: format!("{domain} is not encrypted"),
            remedy: None,
        }]);
    }
}

/// The address of a repository in a text of any shape, likewise.
pub(super) fn read_repository(asked: &Asked<'_>, text: &str) -> Result<BinstarApi, Problem> {
    let pasted = BinstarApi::parse_pasted(text).map_err(|error| error.explain())?;
    if !pasted.changes.is_empty() {
        asked.output.note(&format!("using {}", pasted.api));
    }
    Ok(pasted.api)
}

/// The address in a text of any shape; what it became is said when it is not what was typed.
pub(super) fn read(asked: &Asked<'_>, text: &str) -> Result<Domain, Problem> {
    let parsed = Domain::parse_pasted(text).map_err(|error| error.explain())?;
    if !parsed.changes.is_empty() {
        asked.output.note(&format!("using {}", parsed.domain));
    }
    Ok(parsed.domain)
}

fn show(asked: &Asked<'_>) -> Result<(), Problem> {
    let shown = asked.services.domain()?;
    asked.output.answer(
        || json!(shown),
        || {
            let mut text = match &shown.domain {
                Some(domain) => domain.clone(),
                None => "No domain is set.".to_owned(),
            };
            if let Some(lock) = &shown.locked {
                text.push_str(&format!(
                    "\nIt cannot be changed: {} ({})",
                    lock.reason,
                    lock.path.display()
                ));
            }
            text
        },
    );
    Ok(())
}

async fn forget(asked: &Asked<'_>) -> Result<(), Problem> {
    let plan = asked.services.plan_forget_domain()?;
    if asked.dry_run {
        asked.output.answer(
            || json!({"domain": null, "files": files_json(&plan), "dry_run": true, "plan": plan_json(&plan)}),
            || plan_text(&plan),
        );
        return Ok(());
    }
    if !plan.is_empty() {
        asked.services.set_domain(&plan).await?;
    }
    asked.output.answer(
        || json!({"domain": null, "files": files_json(&plan)}),
        || "No domain is set now.".to_owned(),
    );
    Ok(())
}

async fn set(asked: &Asked<'_>, domain: &Domain, plan: &Plan) -> Result<(), Problem> {
    if asked.dry_run {
        asked.output.answer(
            || json!({"domain": domain.as_str(), "files": files_json(plan), "dry_run": true, "plan": plan_json(plan)}),
            || plan_text(plan),
        );
        return Ok(());
    }
    if !plan.is_empty() {
        asked.services.set_domain(plan).await?;
    }
    asked.output.answer(
        || json!({"domain": domain.as_str(), "files": files_json(plan)}),
        || format!("The domain is {domain}."),
    );
    Ok(())
}

fn note(asked: &Asked<'_>, step: &CheckStep) {
    let title = step.step.to_string();
    match &step.outcome {
        Outcome::Running => {}
        Outcome::Done { took, found } => {
            asked.output.note(&format!(
                "ok      {title:<11} {:>5} ms  {found}",
                took.as_millis()
            ));
        }
        Outcome::Failed { took, error } => {
            asked.output.note(&format!(
                "failed  {title:<11} {:>5} ms  {error}",
                took.as_millis()
            ));
        }
        Outcome::Skipped => asked.output.note(&format!("skipped {title}")),
    }
}

fn step_json(step: &CheckStep) -> Option<serde_json::Value> {
    let (outcome, took, found) = match &step.outcome {
        Outcome::Running => return None,
        Outcome::Done { took, found } => ("pass", Some(took), Some(found.to_string())),
        Outcome::Failed { took, error } => ("fail", Some(took), Some(error.to_string())),
        Outcome::Skipped => ("skip", None, None),
    };
    Some(json!({
        "id": step.step.to_string().to_lowercase(),
        "outcome": outcome,
        "ms": took.map(std::time::Duration::as_millis),
        "found": found,
    }))
}
