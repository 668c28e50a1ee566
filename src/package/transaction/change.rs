//! From what an environment holds to what it shall hold.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

use rattler::install::PythonInfo;
use rattler_conda_types::{MatchSpec, PackageRecord, ParseStrictness, RepoDataRecord, Subdir};

use super::error::TransactionError;
use super::prefix::Installed;
use crate::package::Solution;
use crate::package::solve::without_credentials;

/// What goes, comes and stays. A package that is linked anew goes and comes.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub gone: Vec<Installed>,
    pub linked: Vec<RepoDataRecord>,
    pub staying: Vec<Installed>,
    /// The Python that packages for every Python are linked for.
    pub python: Option<PythonInfo>,
    pub platform: Subdir,
}

impl Change {
    /// Errors: [`TransactionError::NoPlatform`].
    pub fn between(installed: Vec<Installed>, solution: &Solution) -> Result<Self, TransactionError> {
        let no_platform = || TransactionError::NoPlatform {
            subdir: solution.subdir.clone(),
        };
        let platform = Subdir::from_str(&solution.subdir).map_err(|_| no_platform())?;
        let is_python = |record: &&PackageRecord| record.name.as_normalized() == "python";
        let python = |record: Option<&PackageRecord>| {
            record.and_then(|record| PythonInfo::from_python_record(record, platform).ok())
        };
        let before = installed
            .iter()
            .map(|one| &one.record.repodata_record.package_record);
        let before = python(before.into_iter().find(is_python));
        let after = solution.records().iter().map(|record| &record.package_record);
        let after = python(after.into_iter().find(is_python));
        let moves_python = match (&before, &after) {
            (Some(before), Some(after)) => {
                after.is_relink_required(before) || after.site_packages_path != before.site_packages_path
            }
            (before, after) => before.is_some() != after.is_some(),
        };
        let mut wanted: HashMap<&str, &RepoDataRecord> = solution
            .records()
            .iter()
            .map(|record| (record.package_record.name.as_normalized(), record))
            .collect();
        let mut change = Self {
            gone: Vec::new(),
            linked: Vec::new(),
            staying: Vec::new(),
            python: after,
            platform,
        };
        for one in installed {
            let name = one.record.name().as_normalized();
            let Some(record) = wanted.get(name).copied() else {
                change.gone.push(one);
                continue;
            };
            let is_for_every_python = record.package_record.noarch.is_python();
            if is_same(&one.record.repodata_record, record) && !(moves_python && is_for_every_python) {
                wanted.remove(name);
                change.staying.push(one);
            } else {
                change.gone.push(one);
            }
        }
        change.linked = wanted.into_values().cloned().collect();
        change
            .linked
            .sort_by(|one, other| one.package_record.name.cmp(&other.package_record.name));
        Ok(change)
    }

    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.linked.is_empty()
    }

    /// `<name>-<version>-<build>` of what goes and of what comes, without what is only linked anew.
    pub fn difference(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let gone = self.gone.iter().map(|one| dist(&one.record.repodata_record));
        let gone: BTreeSet<String> = gone.collect();
        let linked: BTreeSet<String> = self.linked.iter().map(dist).collect();
        (
            gone.difference(&linked).cloned().collect(),
            linked.difference(&gone).cloned().collect(),
        )
    }
}

/// `<name>-<version>-<build>`
pub(super) fn dist(record: &RepoDataRecord) -> String {
    let package = &record.package_record;
    format!(
        "{}-{}-{}",
        package.name.as_normalized(),
        package.version,
        package.build.as_str()
    )
}

/// Whether a record of the environment is of the very file that is wanted. Programs write records differently, so that not
/// every field can be compared.
fn is_same(present: &RepoDataRecord, wanted: &RepoDataRecord) -> bool {
    if present == wanted {
        return true;
    }
    let (one, other) = (&present.package_record, &wanted.package_record);
    let agree = |same: Option<bool>| same.unwrap_or(true);
    dist(present) == dist(wanted)
        && one.build_number == other.build_number
        && one.subdir == other.subdir
        && without_credentials(&present.url) == without_credentials(&wanted.url)
        && agree(one.sha256.zip(other.sha256).map(|(one, other)| one == other))
        && agree(one.md5.zip(other.md5).map(|(one, other)| one == other))
}

/// The match specs in force that name each package.
pub(super) fn requested(solution: &Solution) -> HashMap<String, Vec<String>> {
    let mut requested: HashMap<String, Vec<String>> = HashMap::new();
    for text in &solution.requested {
        let Ok(spec) = MatchSpec::from_str(text, ParseStrictness::Lenient) else {
            continue;
        };
        let name = spec.name.to_string();
        requested
            .entry(name.to_lowercase())
            .or_default()
            .push(text.clone());
    }
    requested
}
