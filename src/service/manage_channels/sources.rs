//! Which installed packages a new order of channels would cut off from where they came from, and which would come from
//! elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::caution::{Caution, CautionKind};

/// An installed package, and the channel that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InstalledFrom {
    /// The environment as a person calls it.
    pub environment: String,
    pub package: String,
    /// The address of the channel.
    pub channel: String,
}

/// A channel that is searched: what it is called, and its address.
pub(super) type Searched = (String, String);

/// Packages that share a fate: their names, and the environments they are in.
#[derive(Debug, Default)]
struct Affected {
    packages: BTreeSet<String>,
    environments: BTreeSet<String>,
}

impl Affected {
    fn add(&mut self, installed: &InstalledFrom) {
        self.packages.insert(installed.package.clone());
        self.environments.insert(installed.environment.clone());
    }

    fn count(&self) -> String {
        match self.packages.len() {
            1 => "1 installed package".to_owned(),
            count => format!("{count} installed packages"),
        }
    }

    fn environments(&self) -> String {
        let all: Vec<&str> = self.environments.iter().map(String::as_str).collect();
        match all.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first @ .., last] if first.len() < 4 => format!("{} and {last}", first.join(", ")),
            several => format!("{} environments", several.len()),
        }
    }
}

/// What the change from one order of search to another does to what is installed. `offered_by` gives the addresses of the
/// channels that have a package.
pub(super) fn cautions(
    installed: &[InstalledFrom],
    before: &[Searched],
    after: &[Searched],
    offered_by: impl Fn(&str) -> Vec<String>,
) -> Vec<Caution> {
    let addresses = |searched: &[Searched]| -> Vec<String> {
        searched.iter().map(|(_, address)| address.clone()).collect()
    };
    let (old, new) = (addresses(before), addresses(after));
    if old == new {
        return Vec::new();
    }
    let mut lost: BTreeMap<String, Affected> = BTreeMap::new();
    let mut moved: BTreeMap<(String, String), Affected> = BTreeMap::new();
    for package in installed {
        if !new.contains(&package.channel) {
            if old.contains(&package.channel) {
                lost.entry(package.channel.clone()).or_default().add(package);
            }
            continue;
        }
        let offered = offered_by(&package.package);
        let first = |order: &[String]| order.iter().find(|address| offered.contains(address)).cloned();
        match (first(&old), first(&new)) {
            (was, Some(now)) if now != package.channel && was.as_ref() != Some(&now) => {
                moved
                    .entry((package.channel.clone(), now))
                    .or_default()
                    .add(package);
            }
            _ => {}
        }
    }
    let called = |address: &str| -> String {
        let mut all = before.iter().chain(after);
        let known = all.find(|(_, known)| known == address);
        known.map_or_else(|| address.to_owned(), |(name, _)| name.clone())
    };
    let lost = lost.into_iter().map(|(channel, affected)| {
        let name = called(&channel);
        Caution {
            channels: vec![name.clone()],
            packages: affected.packages.iter().cloned().collect(),
            ..Caution::new(
                CautionKind::SourceLost,
                format!(
                    "{} came from {name}, which is no longer searched",
                    affected.count()
                ),
            )
            .because(format!(
                "conda finds no updates of them then; they are in {}",
                affected.environments()
            ))
            .remedy(format!("keep {name}, if need be at the end"))
        }
    });
    let moved = moved.into_iter().map(|((from, to), affected)| {
        let (from, to) = (called(&from), called(&to));
        Caution {
            channels: vec![from.clone(), to.clone()],
            packages: affected.packages.iter().cloned().collect(),
            ..Caution::new(
                CautionKind::SourceChanged,
                format!("{} would come from {to} instead of {from}", affected.count()),
            )
            .because(format!(
                "conda searches {to} first, which has them too; they are in {}, and change with their next update",
                affected.environments()
            ))
        }
    });
    lost.chain(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(names: &[&str]) -> Vec<Searched> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), format!("https://h/{name}")))
            .collect()
    }

    fn told(before: &[&str], after: &[&str]) -> Vec<String> {
        let installed = |environment: &str, package: &str, channel: &str| InstalledFrom {
            environment: environment.to_owned(),
            package: package.to_owned(),
            channel: format!("https://h/{channel}"),
        };
        let all = [
            installed("forecast", "numpy", "main"),
            installed("etl", "numpy", "main"),
            installed("etl", "risk", "ours"),
            installed("etl", "old", "gone-long-ago"),
        ];
        let offered = |package: &str| -> Vec<String> {
            let channels: &[&str] = match package {
                "numpy" => &["main", "forge"],
                "risk" => &["ours"],
                _ => &[],
            };
            channels.iter().map(|name| format!("https://h/{name}")).collect()
        };
        cautions(&all, &searched(before), &searched(after), offered)
            .iter()
            .map(|caution| {
                format!(
                    "{}; {} ({})",
                    caution.message,
                    caution.cause.as_deref().unwrap_or_default(),
                    caution.packages.join(" ")
                )
            })
            .collect()
    }

    #[test]
    fn what_is_cut_off_and_what_moves_is_told() {
        assert_eq!(told(&["main", "ours"], &["main", "ours"]), [""; 0]);
        assert_eq!(
            told(&["main", "ours"], &["main"]),
            [
                "1 installed package came from ours, which is no longer searched; conda finds no updates of them then; they \
                 are in etl (risk)"
            ]
        );
        assert_eq!(
            told(&["main", "ours"], &["forge", "main", "ours"]),
            [
                "1 installed package would come from forge instead of main; conda searches forge first, which has them too; they \
                 are in etl and forecast, and change with their next update (numpy)"
            ]
        );
        assert_eq!(told(&["main", "ours"], &["main", "forge", "ours"]), [""; 0]);
        // It did before, too.
        assert_eq!(
            told(&["forge", "main", "ours"], &["forge", "main", "ours", "x"]),
            [""; 0]
        );
    }
}
