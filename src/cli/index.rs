//! `sextant index`.

use serde_json::json;

use super::Asked;
use super::arguments::IndexCommand;
use super::change::{as_warning, table};
use super::progress::bytes_text;
use crate::error::{Kind, Problem};
use crate::service::packages::index::{IndexProgress, IndexStatus, IndexedSubdir};
use crate::service::plan::Warning;

pub(super) async fn index(asked: &Asked<'_>, command: IndexCommand) -> Result<(), Problem> {
    match command {
        IndexCommand::Update => update(asked).await,
    }
}

async fn update(asked: &Asked<'_>) -> Result<(), Problem> {
    if asked.dry_run {
        return Err(Problem::new(Kind::Usage, "index update has no --dry-run")
            .because("what it fetches depends on what the servers have")
            .remedy("see which channels are searched: sextant channels list"));
    }
    let rows = fetched(asked).await?;
    asked
        .output
        .answer(|| json!({ "channels": rows }), || text_of(&rows));
    Ok(())
}

/// Fetches every index and says how far it is. What could not be fetched is warned of.
///
/// Errors: there is no channel; none of the indexes could be fetched.
pub(super) async fn fetched(asked: &Asked<'_>) -> Result<Vec<IndexedSubdir>, Problem> {
    let mut line = asked.output.progress();
    let mut count = Count::default();
    let rows = asked.services.update_index(|progress| {
        count.take(progress);
        line.show(|| count.text());
    });
    let rows = rows.await?;
    line.wipe();
    let failed = |row: &&IndexedSubdir| row.status == IndexStatus::Failed;
    let problems: Vec<&Problem> = rows
        .iter()
        .filter(failed)
        .filter_map(|row| row.problem.as_ref())
        .collect();
    if let Some(first) = problems.first().filter(|_| problems.len() == rows.len()) {
        return Err((*first).clone());
    }
    let warnings: Vec<Warning> = problems.into_iter().map(as_warning).collect();
    asked.output.warn(&warnings);
    Ok(rows)
}

/// How much has arrived of how many indexes.
#[derive(Debug, Default)]
struct Count {
    planned: usize,
    ended: usize,
    bytes: std::collections::BTreeMap<(String, String), u64>,
}

impl Count {
    fn take(&mut self, progress: IndexProgress) {
        match progress {
            IndexProgress::Planned(rows) => self.planned = rows.len(),
            IndexProgress::Received {
                name, subdir, bytes, ..
            } => drop(self.bytes.insert((name, subdir), bytes)),
            IndexProgress::Ended(_) => self.ended += 1,
        }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.values().sum();
        format!(
            "fetching indexes: {} of {}, {}",
            self.ended,
            self.planned,
            bytes_text(bytes)
        )
    }
}

fn text_of(rows: &[IndexedSubdir]) -> String {
    if rows.is_empty() {
        return "conda searches no channel. Choose some: sextant channels add NAME".to_owned();
    }
    let status = |row: &IndexedSubdir| match row.status {
        IndexStatus::Updated => "updated",
        IndexStatus::Unchanged => "unchanged",
        IndexStatus::Missing => "has no such platform",
        IndexStatus::Failed => "failed",
    };
    let row = |row: &IndexedSubdir| {
        [
            row.name.clone(),
            row.subdir.clone(),
            match row.status {
                IndexStatus::Missing | IndexStatus::Failed => String::new(),
                _ => row.records.to_string(),
            },
            status(row).to_owned(),
        ]
    };
    table(&rows.iter().map(row).collect::<Vec<_>>())
}
