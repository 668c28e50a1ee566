//! `sextant install`, `update` and `remove`.

use super::Asked;
use super::arguments::{Consents, Install, MoreChannels, Remove, Target, Update};
use super::change::{carry_out, solving_text};
use super::channels::searched_first;
use super::target::environment;
use crate::error::Problem;
use crate::service::packages::change::{Updates, Wanted};
use crate::service::packages::plan::ChangeOptions;

pub(super) async fn install(asked: &Asked<'_>, words: Install) -> Result<(), Problem> {
    let wanted = Wanted {
        install: words.specs,
        ..Wanted::default()
    };
    change(asked, &words.target, wanted, &words.more, words.consents).await
}

pub(super) async fn update(asked: &Asked<'_>, words: Update) -> Result<(), Problem> {
    let wanted = Wanted {
        update: match words.all {
            true => Updates::Everything,
            false => Updates::Packages(words.specs),
        },
        ..Wanted::default()
    };
    change(asked, &words.target, wanted, &words.more, words.consents).await
}

pub(super) async fn remove(asked: &Asked<'_>, words: Remove) -> Result<(), Problem> {
    let wanted = Wanted {
        remove: words.specs,
        ..Wanted::default()
    };
    change(
        asked,
        &words.target,
        wanted,
        &MoreChannels::default(),
        words.consents,
    )
    .await
}

async fn change(
    asked: &Asked<'_>,
    target: &Target,
    wanted: Wanted,
    more: &MoreChannels,
    consents: Consents,
) -> Result<(), Problem> {
    let environment = environment(asked, target)?;
    let options = ChangeOptions {
        channels: searched_first(asked, more)?,
        although_frozen: consents.override_protection,
        ..ChangeOptions::default()
    };
    // What a kill has left half way is made good first: a plan made over it would be for another environment.
    if !asked.dry_run
        && asked
            .services
            .unfinished_environments()
            .contains(&environment.prefix)
    {
        asked.services.recover_environments();
    }
    let line = asked.output.shared_progress();
    let told = line.clone();
    let solving = move |progress| told.show(|| solving_text(&progress));
    let planned = asked
        .services
        .plan_change_with(&environment.prefix, &wanted, &options, solving)
        .await;
    line.wipe();
    carry_out(asked, &planned?, consents, None).await
}
