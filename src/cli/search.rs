//! `sextant search`.

use serde_json::{Value, json};

use super::Asked;
use super::arguments::Search;
use super::change::{as_warning, table};
use super::index::fetched;
use super::progress::{bytes_text, counted};
use crate::error::{Explain, Kind, Problem};
use crate::package::Record;
use crate::package::index::PackageIndex;
use crate::service::plan::Warning;

/// A package of one channel, and every build of it, the newest first.
struct Found {
    name: String,
    channel: String,
    records: Vec<Record>,
}

pub(super) async fn search(asked: &Asked<'_>, words: Search) -> Result<(), Problem> {
    let query = words.query.trim();
    if query.is_empty() {
        return Err(Problem::new(Kind::Usage, "nothing to search for was named")
            .remedy("name a package, or a part of its name"));
    }
    let index = opened(asked).await?;
    let hits = index.search(query, words.limit);
    let mut found = Vec::new();
    for hit in &hits {
        let records = index.versions(&hit.name).await?;
        for offer in &hit.offers {
            let of_channel = records
                .iter()
                .filter(|record| record.channel.url == offer.channel.url);
            found.push(Found {
                name: hit.name.clone(),
                channel: offer.channel.name.clone(),
                records: of_channel.cloned().collect(),
            });
        }
    }
    asked.output.answer(
        || {
            let packages: Vec<Value> = found.iter().map(|found| found.to_json(words.details)).collect();
            json!({ "packages": packages })
        },
        || {
            if found.is_empty() {
                return format!(
                    "No package fits {query}, of {} that are known.",
                    counted(index.len(), "name")
                );
            }
            match words.details {
                true => found.iter().map(Found::to_text).collect(),
                false => table(&found.iter().map(Found::row).collect::<Vec<_>>()),
            }
        },
    );
    Ok(())
}

/// The indexes that are kept; where none is, they are fetched first.
async fn opened(asked: &Asked<'_>) -> Result<PackageIndex, Problem> {
    let index = asked.services.package_index()?;
    if index.is_empty() && !index.lacking().is_empty() {
        asked.output.note("There is no index yet; it is fetched first.");
        fetched(asked).await?;
        return Ok(asked.services.package_index()?);
    }
    let lacking: Vec<Warning> = index
        .lacking()
        .iter()
        .map(|error| as_warning(&error.explain()))
        .collect();
    asked.output.warn(&lacking);
    Ok(index)
}

impl Found {
    /// Each version once, the newest first.
    fn versions(&self) -> Vec<&str> {
        let mut versions: Vec<&str> = Vec::new();
        for record in &self.records {
            if !versions.contains(&record.version.as_str()) {
                versions.push(&record.version);
            }
        }
        versions
    }

    fn to_json(&self, details: bool) -> Value {
        let mut document = json!({
            "name": self.name,
            "versions": self.versions(),
            "channel": self.channel,
        });
        if details {
            document["builds"] = json!(self.records);
        }
        document
    }

    fn row(&self) -> [String; 3] {
        const SHOWN: usize = 6;
        let versions = self.versions();
        let mut text = versions[..versions.len().min(SHOWN)].join(", ");
        if versions.len() > SHOWN {
            text.push_str(&format!(", {} more", versions.len() - SHOWN));
        }
        [self.name.clone(), self.channel.clone(), text]
    }

    fn to_text(&self) -> String {
        let mut text = format!("{} from {}\n", self.name, self.channel);
        for record in &self.records {
            text.push_str(&format!(
                "  {} {}  {}  {}  {}\n",
                record.version,
                record.build,
                record.subdir,
                record.size.map(bytes_text).unwrap_or_default(),
                record.license.as_deref().unwrap_or("no licence given"),
            ));
            if !record.depends.is_empty() {
                text.push_str(&format!("    needs {}\n", record.depends.join(", ")));
            }
        }
        text
    }
}
