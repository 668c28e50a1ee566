//! `sextant env create`.

use super::Asked;
use super::arguments::EnvCreate;
use super::change::{carry_out, solving_text};
use super::target::new;
use crate::error::Problem;
use crate::service::packages::plan::ChangeOptions;

pub(super) async fn create(asked: &Asked<'_>, words: EnvCreate) -> Result<(), Problem> {
    let services = asked.services;
    let wanted = new(words.target.name.as_deref(), words.target.prefix.as_deref())?;
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
