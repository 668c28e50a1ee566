//! `sextant channels`.

mod add;
mod check;
mod list;

use serde_json::json;

use super::Asked;
use super::arguments::{ChannelWords, ChannelsCommand, MoreChannels, PriorityName};
use super::as_person::AsPerson;
use super::output::{files_json, plan_json, plan_text};
use super::remedy::reach;
use super::sign_in::addresses;
use crate::conda::channel::{ChannelEntry, ChannelPriority};
use crate::error::{Kind, Problem};
use crate::service::connection::Service;
use crate::service::manage_channels::{Arrangement, List};
use crate::service::plan::Warning;
use crate::service::sign_in::ChannelChoice;

pub(super) async fn channels(asked: &Asked<'_>, command: ChannelsCommand) -> Result<(), Problem> {
    let services = asked.services;
    match command {
        ChannelsCommand::Available { password_stdin } => available(asked, password_stdin).await,
        ChannelsCommand::List => {
            list::list(asked);
            Ok(())
        }
        ChannelsCommand::Check { names } => check::check(asked, &entries(&names)).await,
        ChannelsCommand::Add(words) => add::add(asked, words).await,
        ChannelsCommand::Remove { names } => {
            let names = resolved(asked, entries(&names))?;
            apply(asked, &services.without_channels(&names)?).await
        }
        ChannelsCommand::Order { names, default } => {
            let names = resolved(asked, entries(&names))?;
            let list = list_of(default);
            apply(asked, &services.ordered_channels(&names, list)?).await
        }
        ChannelsCommand::Priority { value: None } => {
            let priority = services.managed_channels()?.priority;
            asked.output.answer(
                || json!({"priority": priority.value, "source": priority.place}),
                || priority.value.to_string(),
            );
            Ok(())
        }
        ChannelsCommand::Priority { value: Some(value) } => {
            let value = match value {
                PriorityName::Strict => ChannelPriority::Strict,
                PriorityName::Flexible => ChannelPriority::Flexible,
                PriorityName::Disabled => ChannelPriority::Disabled,
            };
            apply(asked, &services.with_priority(value)?).await
        }
    }
}

fn list_of(default: bool) -> List {
    match default {
        true => List::DefaultChannels,
        false => List::Channels,
    }
}

/// What shall be searched after a sign-in.
pub(super) fn choice_of(words: &ChannelWords) -> Result<ChannelChoice, Problem> {
    Ok(ChannelChoice::new(
        parse_names(&words.add_to_channels)?,
        parse_names(&words.add_to_default_channels)?,
    ))
}

/// The entries as they stand, or shall stand, in `.condarc`: channels of Package Security Manager Cloud by their
/// address, since conda looks for bare names elsewhere. A bare name that stands there already is meant.
fn resolved(asked: &Asked<'_>, entries: Vec<ChannelEntry>) -> Result<Vec<ChannelEntry>, Problem> {
    let connections = asked.services.connections()?;
    let Some(connection) = connections.of(Service::Cloud) else {
        return Ok(entries);
    };
    let base = asked.services.cloud_base_of(connection)?;
    let chosen = asked.services.chosen_channels()?;
    let stands =
        |entry: &ChannelEntry| chosen.channels().contains(entry) || chosen.default_channels().contains(entry);
    Ok(entries
        .into_iter()
        .flat_map(|entry| match stands(&entry) {
            true => vec![entry],
            false => addresses(&base, &[entry]),
        })
        .collect())
}

/// Channels that are searched before all others for one command, as conda's own would be written.
///
/// Errors: a text that is no channel, or that holds a secret.
pub(super) fn searched_first(asked: &Asked<'_>, more: &MoreChannels) -> Result<Vec<String>, Problem> {
    let mut named = Vec::new();
    for text in &more.channels {
        named.extend(add::entries_of(asked, text)?);
    }
    let entries = resolved(asked, named)?;
    Ok(entries.iter().map(|entry| entry.expose().into_owned()).collect())
}

/// Channels to be written. A text that conda would not understand is refused.
fn parse_names(names: &[String]) -> Result<Vec<ChannelEntry>, Problem> {
    let entries = entries(names);
    for entry in &entries {
        let refused = |because: &str| {
            Err(Problem::new(Kind::Usage, format!("{entry} is no channel name"))
                .because(because)
                .remedy("give a name as the server lists it, as in: main or research/gpu"))
        };
        match entry {
            ChannelEntry::Other(_) => return refused("conda would not understand it"),
            ChannelEntry::Url(url) if url.has_secret() => {
                return refused(
                    "it holds a token or password, which would then stand in .condarc for anyone to read",
                );
            }
            _ => {}
        }
    }
    Ok(entries)
}

fn entries(names: &[String]) -> Vec<ChannelEntry> {
    names
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
        .map(ChannelEntry::from_text)
        .collect()
}

async fn available(asked: &Asked<'_>, password_stdin: bool) -> Result<(), Problem> {
    let services = asked.services;
    let connections = services.connections()?;
    let at_repository = connections
        .repository()
        .is_some_and(|connection| connection.service == Service::Repository);
    let channels = match password_stdin && at_repository {
        true => {
            let mut person = AsPerson::new(asked, Service::Repository, true).await?;
            person
                .call(async |password| services.channels_of_person(password).await)
                .await?
        }
        false => reach(asked, async || services.available_channels(|_| {}).await).await?,
    };
    let mut warnings = Vec::new();
    // One organisation that is listed shows that the server lists them.
    if !password_stdin && channels.len() < 2 && services.hides_organizations()? {
        warnings.push(Warning::with_remedy(
            "channels of your organisations are not listed: the token of this machine may download, but not read the \
             account",
            "look with the password: sextant channels available --password-stdin",
        ));
    }
    asked.output.warn(&warnings);
    asked.output.answer(
        || {
            let channels: Vec<_> = channels
                .iter()
                .map(|channel| {
                    json!({
                        "name": channel.path(),
                        "url": channel.address,
                        "privacy": channel.privacy.as_str(),
                        "owners": channel.owners,
                        "artifacts": channel.artifact_count,
                        "mirror": channel.mirror,
                    })
                })
                .collect();
            json!({ "channels": channels, "warnings": warnings })
        },
        || {
            channels
                .iter()
                .map(|channel| {
                    format!(
                        "{:<32} {:<14} {}",
                        channel.path(),
                        channel.privacy.as_str(),
                        channel.owners.join(", ")
                    )
                })
                .collect::<Vec<_>>()
                .join("\n")
        },
    );
    Ok(())
}

/// Carries a new order out, or prints what it would change.
async fn apply(asked: &Asked<'_>, wanted: &Arrangement) -> Result<(), Problem> {
    let planned = asked.services.review_arrangement(wanted, &[])?;
    let plan = &planned.plan;
    let cautions: Vec<Warning> = planned.cautions.iter().map(Warning::from).collect();
    asked.output.warn(&plan.warnings);
    asked.output.warn(&cautions);
    let document = |dry_run: bool| {
        let mut document = json!({
            "channels": plan.channels,
            "default_channels": plan.default_channels,
            "priority": planned.after.priority.value,
            "files": files_json(plan),
            "cautions": planned.cautions,
        });
        if dry_run {
            document["dry_run"] = json!(true);
            document["plan"] = plan_json(plan);
        }
        document
    };
    if asked.dry_run {
        asked.output.answer(|| document(true), || plan_text(plan));
        return Ok(());
    }
    asked.output.agrees(plan, asked.yes).await?;
    if !plan.is_empty() {
        asked.services.apply_channels(plan).await?;
    }
    asked.output.answer(
        || document(false),
        || format!("conda searches: {}", plan.channels.join(", ")),
    );
    Ok(())
}
