//! `sextant channels check`.

use futures::StreamExt;
use serde_json::{Value, json};

use crate::cli::Asked;
use crate::conda::channel::ChannelEntry;
use crate::error::{Kind, Problem};
use crate::service::manage_channels::{CheckedChannel, List, ManagedChannel};

/// So many servers are asked at once.
const AT_ONCE: usize = 8;

/// Asks about every channel, or only about those that are named.
pub(super) async fn check(asked: &Asked<'_>, names: &[ChannelEntry]) -> Result<(), Problem> {
    let managed = asked.services.managed_channels()?;
    let is_meant = |channel: &ManagedChannel| {
        let named = |name: &ChannelEntry| {
            *name == channel.entry || channel.addresses.contains(&name.expose().into_owned())
        };
        names.is_empty() || names.iter().any(named)
    };
    // What `defaults` stands for is asked one by one.
    let rows: Vec<(List, ManagedChannel)> = managed
        .searched()
        .filter(|(_, channel)| channel.entry != ChannelEntry::Defaults && is_meant(channel))
        .map(|(list, channel)| (list, channel.clone()))
        .collect();
    if rows.is_empty() && !names.is_empty() {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        return Err(
            Problem::new(Kind::Usage, format!("conda does not search {}", names.join(", ")))
                .remedy("see what it searches: sextant channels list"),
        );
    }
    let checks = rows.into_iter().map(|(list, channel)| async move {
        let checked = asked.services.check_channel(&channel, None).await;
        (list, channel, checked)
    });
    let checked: Vec<(List, ManagedChannel, CheckedChannel)> =
        futures::stream::iter(checks).buffered(AT_ONCE).collect().await;
    asked.output.answer(
        || json!({ "channels": checked.iter().flat_map(documents).collect::<Vec<_>>() }),
        || checked.iter().flat_map(lines).collect::<Vec<_>>().join("\n"),
    );
    Ok(())
}

fn documents((list, channel, checked): &(List, ManagedChannel, CheckedChannel)) -> Vec<Value> {
    let document = |address| {
        let mut document = json!(address);
        document["name"] = json!(channel.entry.to_string());
        document["list"] = json!(list);
        document
    };
    match checked.addresses.is_empty() {
        true => vec![json!({
            "name": channel.entry.to_string(),
            "list": list,
            "url": null,
            "state": "nowhere",
        })],
        false => checked.addresses.iter().map(document).collect(),
    }
}

fn lines((_, channel, checked): &(List, ManagedChannel, CheckedChannel)) -> Vec<String> {
    let name = channel.entry.to_string();
    if checked.addresses.is_empty() {
        return vec![format!("{:<18} {name}", "leads nowhere")];
    }
    let mut lines = Vec::new();
    for address in &checked.addresses {
        lines.push(format!("{:<18} {name:<24} {}", address.state.word(), address.url));
        if let Some(problem) = &address.problem {
            lines.push(format!("  {}", problem.message));
            lines.extend(problem.cause.iter().map(|cause| format!("  cause: {cause}")));
            lines.extend(problem.remedy.iter().map(|remedy| format!("  try: {remedy}")));
        }
    }
    lines
}
