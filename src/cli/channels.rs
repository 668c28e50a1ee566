//! `sextant channels`.

use serde_json::json;

use super::Asked;
use super::arguments::{ChannelWords, ChannelsCommand};
use super::output::{files_json, plan_json, plan_text};
use super::remedy::reach;
use super::sign_in::addresses;
use crate::conda::channel::ChannelEntry;
use crate::error::{Kind, Problem};
use crate::service::channels::ListedChannel;
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::sign_in::ChannelChoice;

pub(super) async fn channels(asked: &Asked<'_>, command: ChannelsCommand) -> Result<(), Problem> {
    let services = asked.services;
    match command {
        ChannelsCommand::Available => available(asked).await,
        ChannelsCommand::List => {
            list(asked);
            Ok(())
        }
        ChannelsCommand::Add { names, default } => {
            let names = resolved(asked, parse_names(&names)?)?;
            apply(asked, &services.plan_add_channels(&names, default)?).await
        }
        ChannelsCommand::Remove { names } => {
            let names = resolved(asked, entries(&names))?;
            apply(asked, &services.plan_remove_channels_anywhere(&names)?).await
        }
        ChannelsCommand::Order { names } => {
            let names = resolved(asked, entries(&names))?;
            apply(asked, &services.plan_order_channels(&names)?).await
        }
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

async fn available(asked: &Asked<'_>) -> Result<(), Problem> {
    let services = asked.services;
    let channels = reach(asked, async || services.available_channels(|_| {}).await).await?;
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
            json!({ "channels": channels })
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

fn list(asked: &Asked<'_>) {
    let listed = asked.services.list_channels();
    asked.output.answer(
        || json!(listed),
        || {
            let lines = |title: &str, channels: &[ListedChannel]| {
                let mut text = format!("{title}:");
                for channel in channels {
                    text.push_str(&format!(
                        "\n  {:<24} {}  ({})",
                        channel.name, channel.url, channel.source
                    ));
                }
                if channels.is_empty() {
                    text.push_str(" none");
                }
                text
            };
            format!(
                "{}\n{}",
                lines("channels", &listed.channels),
                lines("default_channels", &listed.default_channels)
            )
        },
    );
}

async fn apply(asked: &Asked<'_>, plan: &Plan) -> Result<(), Problem> {
    asked.output.warn(&plan.warnings);
    let document = |dry_run: bool| {
        let mut document = json!({
            "channels": plan.channels,
            "default_channels": plan.default_channels,
            "files": files_json(plan),
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
