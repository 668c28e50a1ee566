//! `sextant install`, `update` and `remove`.

use super::Asked;
use super::arguments::{Consents, Install, Remove, Target, Update};
use super::change::{carry_out, solving_text};
use super::target::environment;
use crate::error::Problem;
use crate::service::packages::change::{Updates, Wanted};
use crate::service::packages::plan::ChangeOptions;

pub(super) async fn install(asked: &Asked<'_>, words: Install) -> Result<(), Problem> {
    let wanted = Wanted {
        install: words.specs.clone(),
        ..Wanted::default()
    };
    change(asked, "install", &words.target, wanted, words.consents, &words.specs).await
}

pub(super) async fn update(asked: &Asked<'_>, words: Update) -> Result<(), Problem> {
    let (update, said) = match words.all {
        true => (Updates::Everything, vec!["--all".to_owned()]),
        false => (Updates::Packages(words.specs.clone()), words.specs),
    };
    let wanted = Wanted {
        update,
        ..Wanted::default()
    };
    change(asked, "update", &words.target, wanted, words.consents, &said).await
}

pub(super) async fn remove(asked: &Asked<'_>, words: Remove) -> Result<(), Problem> {
    let wanted = Wanted {
        remove: words.specs.clone(),
        ..Wanted::default()
    };
    change(asked, "remove", &words.target, wanted, words.consents, &words.specs).await
}

/// `said` is what stands in the environment's history behind the verb.
async fn change(
    asked: &Asked<'_>,
    verb: &str,
    target: &Target,
    wanted: Wanted,
    consents: Consents,
    said: &[String],
) -> Result<(), Problem> {
    let environment = environment(asked, target)?;
    let options = ChangeOptions {
        although_frozen: consents.override_protection,
        ..ChangeOptions::default()
    };
    let line = asked.output.shared_progress();
    let told = line.clone();
    let solving = move |progress| told.show(|| solving_text(&progress));
    let planned = asked
        .services
        .plan_change_with(&environment.prefix, &wanted, &options, solving)
        .await;
    line.wipe();
    let prefix = environment.prefix.display();
    let command = format!("sextant {verb} --prefix {prefix} {}", said.join(" "));
    carry_out(asked, &planned?, consents, &command).await
}
