//! `sextant env create`.

use serde_json::json;

use super::Asked;
use super::arguments::EnvCreate;
use super::change::{carry_out, document, solving_text};
use super::output::{files_json, plan_text};
use super::target::new;
use crate::conda::configuration::Configuration;
use crate::conda::setting::Key;
use crate::error::Problem;
use crate::service::environments::NewEnvironment;
use crate::service::packages::change::Preview;
use crate::service::packages::plan::ChangeOptions;

pub(super) async fn create(asked: &Asked<'_>, words: EnvCreate) -> Result<(), Problem> {
    let services = asked.services;
    let wanted = new(words.target.name.as_deref(), words.target.prefix.as_deref())?;
    if words.specs.is_empty() && !has_default_packages(asked) {
        return create_empty(asked, &wanted).await;
    }
    let target = services.new_environment(&wanted)?;
    asked.output.warn(&target.warnings);
    let line = asked.output.shared_progress();
    let told = line.clone();
    let solving = move |progress| told.show(|| solving_text(&progress));
    let options = ChangeOptions::default();
    let planned = services
        .plan_create(&target.prefix, &words.specs, &options, solving)
        .await;
    line.wipe();
    carry_out(asked, &planned?, words.consents).await
}

/// Whether conda puts packages into every new environment.
fn has_default_packages(asked: &Asked<'_>) -> bool {
    let configuration = Configuration::read(&asked.services.surroundings());
    let value = configuration.explain(Key::CreateDefaultPackages).value;
    !value.items().is_empty()
}

/// Nothing is asked of a channel for it.
async fn create_empty(asked: &Asked<'_>, wanted: &NewEnvironment) -> Result<(), Problem> {
    let planned = asked.services.plan_empty_environment(wanted)?;
    let plan = &planned.plan;
    asked.output.warn(&plan.warnings);
    let preview = Preview {
        prefix: planned.prefix.clone(),
        added: Vec::new(),
        changed: Vec::new(),
        removed: Vec::new(),
        bytes_to_download: 0,
        scripts: Vec::new(),
        warnings: plan.warnings.clone(),
    };
    let text = || format!("make {}\n{}", planned.prefix.display(), plan_text(plan));
    if asked.dry_run {
        asked.output.answer(
            || {
                let mut document = document(&preview, false);
                document["dry_run"] = json!(true);
                document["files"] = files_json(plan);
                document
            },
            text,
        );
        return Ok(());
    }
    asked.output.agrees_to(&text(), asked.yes).await?;
    let listening = asked.interrupt.listen();
    let entry = asked
        .services
        .change_environment(&planned, listening.stop())
        .await?;
    asked.output.answer(
        || {
            let mut document = document(&preview, true);
            document["files"] = files_json(plan);
            document["id"] = json!(entry.id);
            document
        },
        || format!("{}.", entry.what),
    );
    Ok(())
}
