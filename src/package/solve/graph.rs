//! Who needs whom among the packages of an environment.

use std::collections::{BTreeMap, BTreeSet};

use rattler_conda_types::{
    GenericVirtualPackage, MatchSpec, Matches, ParseMatchSpecOptions, RepoDataRecord, RepodataRevision,
};

/// The packages of an environment by name, with the names each depends on.
pub(super) struct Graph<'a> {
    needs: BTreeMap<&'a str, BTreeSet<String>>,
}

impl<'a> Graph<'a> {
    pub fn of(records: impl IntoIterator<Item = &'a RepoDataRecord>) -> Self {
        let needs = |record: &'a RepoDataRecord| {
            let package = &record.package_record;
            let names = package.depends.iter().filter_map(|depend| unconditional(depend));
            (package.name.as_normalized(), names.collect())
        };
        Self {
            needs: records.into_iter().map(needs).collect(),
        }
    }

    /// These packages and every one that needs one of them, directly or not.
    pub fn with_dependents(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let mut all = names.clone();
        loop {
            let more: Vec<_> = self
                .needs
                .iter()
                .filter(|(name, needs)| !all.contains(**name) && !needs.is_disjoint(&all))
                .map(|(name, _)| (*name).to_owned())
                .collect();
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    }

    /// These packages and every one that they need, directly or not, of those that are there.
    pub fn with_needs<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut open: Vec<String> = names.into_iter().map(str::to_owned).collect();
        while let Some(name) = open.pop() {
            if let Some(needs) = self.needs.get(name.as_str())
                && all.insert(name)
            {
                open.extend(needs.iter().cloned());
            }
        }
        all
    }
}

/// The name that a dependency is on, unless it holds only under a condition.
fn unconditional(depend: &str) -> Option<String> {
    let spec = parse(depend)?;
    match spec.condition {
        Some(_) => None,
        None => Some(spec.name.as_exact()?.as_normalized().to_owned()),
    }
}

fn parse(depend: &str) -> Option<MatchSpec> {
    let options = ParseMatchSpecOptions::lenient().with_repodata_revision(RepodataRevision::V3);
    MatchSpec::from_str(depend, options).ok()
}

/// The packages whose dependencies are not fulfilled by the others, each with the first that is not.
pub(super) fn broken<'a>(
    records: &'a [RepoDataRecord],
    machine: &[GenericVirtualPackage],
) -> BTreeMap<&'a str, &'a str> {
    let fulfilled = |depend: &str| {
        parse(depend).is_none_or(|spec| {
            spec.condition.is_some()
                || records.iter().any(|record| spec.matches(&record.package_record))
                || machine.iter().any(|package| spec.matches(package))
        })
    };
    let mut broken = BTreeMap::new();
    for record in records {
        let package = &record.package_record;
        if let Some(depend) = package.depends.iter().find(|depend| !fulfilled(depend)) {
            broken.insert(package.name.as_normalized(), depend.as_str());
        }
    }
    broken
}
