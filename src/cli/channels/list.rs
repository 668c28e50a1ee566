//! `sextant channels list`.

use serde_json::{Value, json};

use crate::cli::Asked;
use crate::error::Problem;
use crate::service::channels::ListedChannel;
use crate::service::manage_channels::{List, ManagedChannel, ManagedChannels, RowPlace};

pub(super) fn list(asked: &Asked<'_>) {
    let services = asked.services;
    let listed = services.list_channels();
    // A file that cannot be edited is no reason to show nothing.
    let managed = services.managed_channels().ok();
    let searched = services.searched_addresses().map_err(Problem::from);
    let rows = |list: List| -> &[ManagedChannel] {
        managed
            .as_ref()
            .map(|managed| managed.list(list))
            .unwrap_or_default()
    };
    asked.output.answer(
        || {
            let mut document = json!({
                "channels": documents(&listed.channels, rows(List::Channels)),
                "default_channels": documents(&listed.default_channels, rows(List::DefaultChannels)),
            });
            if let Some(managed) = &managed {
                document["priority"] = json!(managed.priority.value);
                document["edited_file"] = json!(managed.path);
            }
            match &searched {
                Ok(searched) => document["searched"] = json!(searched),
                Err(problem) => document["refused"] = json!(problem),
            }
            document
        },
        || {
            let mut text = format!(
                "{}\n{}",
                lines("channels", &listed.channels, rows(List::Channels)),
                lines(
                    "default_channels",
                    &listed.default_channels,
                    rows(List::DefaultChannels)
                )
            );
            if let Some(ManagedChannels { priority, .. }) = &managed {
                text.push_str(&format!("\npriority: {}", priority.value));
            }
            if let Err(problem) = &searched {
                text.push_str(&format!(
                    "\nconda stops: {}",
                    problem.cause.as_ref().unwrap_or(&problem.message)
                ));
            }
            text
        },
    );
}

fn documents(listed: &[ListedChannel], rows: &[ManagedChannel]) -> Vec<Value> {
    let mut documents = Vec::new();
    for (at, channel) in listed.iter().enumerate() {
        let mut document = json!(channel);
        if let Some(row) = rows.get(at) {
            document["line"] = json!(line(row));
            document["canonical_names"] = json!(row.canonical_names);
            document["addresses"] = json!(row.addresses);
            document["can_be_moved"] = json!(row.freedom.is_movable());
            document["can_be_removed"] = json!(row.freedom.is_removable());
            if let Some(reason) = row.freedom.reason() {
                document["fixed_because"] = json!(reason);
            }
        }
        documents.push(document);
    }
    documents
}

fn line(row: &ManagedChannel) -> Option<usize> {
    match &row.place {
        RowPlace::File { line, .. } => *line,
        RowPlace::Variable { .. } | RowPlace::Preset => None,
    }
}

fn lines(title: &str, listed: &[ListedChannel], rows: &[ManagedChannel]) -> String {
    let mut text = format!("{title}:");
    for (at, channel) in listed.iter().enumerate() {
        let source = match rows.get(at).and_then(line) {
            Some(line) => format!("{}, line {line}", channel.source),
            None => channel.source.clone(),
        };
        text.push_str(&format!("\n  {:<24} {}  ({source})", channel.name, channel.url));
    }
    if listed.is_empty() {
        text.push_str(" none");
    }
    text
}
