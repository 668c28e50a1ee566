//! `sextant env create`, `clone` and `import`.

use std::convert::Infallible;

use serde_json::json;

use super::Asked;
use super::arguments::{Consents, EnvClone, EnvCreate, EnvImport};
use super::change::{
    consent, document, done_text, left_over, outcome_json, preview_text, progress_text, solving_text,
};
use super::channels::searched_first;
use super::output::{files_json, plan_text};
use super::progress::counted;
use super::target::{new, new_by_word, which, whole};
use crate::conda::configuration::Configuration;
use crate::conda::setting::Key;
use crate::error::Problem;
use crate::service::environments::{NewEnvironment, NewEnvironmentPlan, Origin};
use crate::service::packages::change::{ChangeProgress, Preview};
use crate::service::packages::plan::ChangeOptions;

pub(super) async fn create(asked: &Asked<'_>, words: EnvCreate) -> Result<(), Problem> {
    let wanted = new(words.target.name.as_deref(), words.target.prefix.as_deref())?;
    if words.specs.is_empty() && !has_default_packages(asked) {
        return create_empty(asked, &wanted).await;
    }
    let line = asked.output.shared_progress();
    let told = line.clone();
    let solving = move |progress| told.show(|| solving_text(&progress));
    let options = ChangeOptions {
        channels: searched_first(asked, &words.more)?,
        ..ChangeOptions::default()
    };
    let planned = asked
        .services
        .plan_new_environment(&wanted, &words.specs, &options, solving)
        .await;
    line.wipe();
    make(asked, &planned?, words.consents, false).await
}

pub(super) async fn clone(asked: &Asked<'_>, words: EnvClone) -> Result<(), Problem> {
    let services = asked.services;
    let planned = services.plan_clone_environment(&which(&words.target)?, &new_by_word(&words.to)?)?;
    make(asked, &planned, words.consents, false).await
}

pub(super) async fn import(asked: &Asked<'_>, words: EnvImport) -> Result<(), Problem> {
    let file = asked.services.read_environment_file(&whole(&words.file)?)?;
    let wanted = match (words.name.as_deref(), words.prefix.as_deref()) {
        (None, None) => None,
        (name, prefix) => Some(new(name, prefix)?),
    };
    let line = asked.output.shared_progress();
    let told = line.clone();
    let solving = move |progress| told.show(|| solving_text(&progress));
    let planned = asked
        .services
        .plan_import_environment(&file, wanted.as_ref(), solving)
        .await;
    line.wipe();
    make(asked, &planned?, words.consents, words.pip).await
}

/// Shows what the new environment will hold, asks, and makes it. `with_pip` lets pip install what it is to install.
///
/// Errors: the person does not want it; whatever keeps it from being made, and nothing is there then. What pip cannot install
/// leaves the environment without it.
async fn make(
    asked: &Asked<'_>,
    planned: &NewEnvironmentPlan,
    consents: Consents,
    with_pip: bool,
) -> Result<(), Problem> {
    let preview = &planned.change.preview;
    asked.output.warn(&planned.warnings);
    asked.output.warn(&preview.warnings);
    let warnings = [planned.warnings.as_slice(), preview.warnings.as_slice()].concat();
    let text = || about(planned, with_pip) + &preview_text(preview);
    let document = |done: bool| {
        let mut document = document(preview, done);
        document["warnings"] = json!(warnings);
        document["pip"] = json!(planned.pip);
        document
    };
    if asked.dry_run {
        asked.output.answer(
            || {
                let mut document = document(false);
                document["dry_run"] = json!(true);
                document
            },
            text,
        );
        return Ok(());
    }
    asked.output.agrees_to(&text(), asked.yes).await?;
    let mut line = asked.output.progress();
    let listening = asked.interrupt.listen();
    let stop = async {
        listening.pressed().await;
        Ok::<(), Infallible>(())
    };
    let show = |progress: ChangeProgress| line.show(|| progress_text(&progress));
    let made = asked
        .services
        .make_environment(planned, &consent(consents), show, stop)
        .await;
    line.wipe();
    let made = made?;
    drop(listening);
    asked.output.warn(&left_over(&made.outcome));
    if with_pip && !planned.pip.is_empty() {
        install_with_pip(asked, planned).await?;
    }
    asked.output.answer(
        || {
            let mut document = document(true);
            document["id"] = json!(made.entry.as_ref().map(|entry| &entry.id));
            outcome_json(&made.outcome, &mut document);
            document
        },
        || done_text(preview, &made.outcome),
    );
    Ok(())
}

/// What is not in the list of packages.
fn about(planned: &NewEnvironmentPlan, with_pip: bool) -> String {
    let mut text = format!("make {}\n", planned.target.prefix.display());
    if let Origin::Copy { of, files } = &planned.origin {
        let files = counted(*files, "file");
        text.push_str(&format!(
            "copy {files} that belong to no package from {}\n",
            of.display()
        ));
    }
    for (name, value) in &planned.variables {
        text.push_str(&format!("set {name} to {value} when it is activated\n"));
    }
    if with_pip {
        for requirement in &planned.pip {
            text.push_str(&format!("let pip install {requirement}\n"));
        }
    }
    text
}

/// What pip says is passed on; on standard error, since the answer is another.
///
/// Errors: pip could not install it. The environment is there.
async fn install_with_pip(asked: &Asked<'_>, planned: &NewEnvironmentPlan) -> Result<(), Problem> {
    let folder = match &planned.origin {
        Origin::File { path } => path.parent().unwrap_or(&planned.target.prefix),
        Origin::Specs | Origin::Copy { .. } => &planned.target.prefix,
    };
    let done = asked
        .services
        .install_with_pip(&planned.target.prefix, &planned.pip, folder, |line| {
            asked.output.note(line);
        });
    Ok(done.await?)
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
