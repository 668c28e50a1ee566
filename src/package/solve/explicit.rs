//! Packages given by their addresses, as `conda list --explicit` writes them: nothing is left to solve.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rattler_conda_types::package::CondaArchiveIdentifier;
use rattler_conda_types::{PackageName, RepoDataRecord, Subdir};
use rattler_repodata_gateway::RepoData;
use serde_json::json;
use url::Url;

use super::SolveError;
use super::graph;
use super::index::Indexes;
use super::installed::Installed;
use super::outcome::{self, Note, Solved};
use super::request::{Request, Rules, SearchedChannel, SolveProgress};
use super::situation::name_of;
use super::solution::{ChangeSpecs, Solution, channel_address, without_credentials};
use super::virtual_packages::Machine;

/// Packages by address, for an environment.
#[derive(Debug, Clone)]
pub struct ExplicitRequest {
    pub prefix: PathBuf,
    pub installed: Installed,
    /// What was asked for before and is in force.
    pub requested: Vec<String>,
    /// `https://host/channel/subdir/name-version-build.conda`, with `#` and an MD5 or SHA-256 sum at the end or without.
    /// Credentials in it are left out.
    pub addresses: Vec<String>,
    /// The channels that the addresses are of.
    pub channels: Vec<SearchedChannel>,
    pub machine: Machine,
}

/// One address, taken apart.
struct Wanted {
    /// Without credentials and sum.
    url: Url,
    id: CondaArchiveIdentifier,
    subdir: String,
    sum: Option<Sum>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Md5,
    Sha256,
}

/// A checksum in lower-case hexadecimal digits.
struct Sum {
    kind: Kind,
    digits: String,
}

/// What an environment shall hold once these packages have taken their places; the rest stays. Indexes of the channels are
/// asked for what the packages need; a channel without one is no error.
///
/// # Errors
/// [`SolveError::BadSpec`] for what is no address of a package, or two of one package; [`SolveError::OtherPlatform`];
/// [`SolveError::OtherSum`] when a channel has another file there.
pub async fn explicit(
    request: ExplicitRequest,
    indexes: &Indexes,
    progress: impl Fn(SolveProgress) + Send + Sync + 'static,
) -> Result<Solved, SolveError> {
    let mut wanted = Vec::new();
    for text in &request.addresses {
        let one = parse(text, request.machine.subdir())?;
        let is_twice = wanted
            .iter()
            .any(|known: &Wanted| known.id.identifier.name == one.id.identifier.name);
        if is_twice {
            return Err(bad(text, "another address before it is of the same package"));
        }
        wanted.push(one);
    }
    progress(SolveProgress::ReadingIndex);
    let known = described(&request, &wanted, indexes).await?;
    progress(SolveProgress::Solving {
        candidates: wanted.len(),
    });
    let mut unindexed = BTreeSet::new();
    let mut coming = Vec::new();
    for one in &wanted {
        match known.get(one.url.as_str()) {
            Some(record) => coming.push(one.checked(record)?),
            None => {
                unindexed.insert(one.url.clone());
                coming.push(one.read_off()?);
            }
        }
    }
    Ok(put_together(request, coming, unindexed))
}

/// What the indexes of the channels say about the wanted files, by address.
async fn described(
    request: &ExplicitRequest,
    wanted: &[Wanted],
    indexes: &Indexes,
) -> Result<BTreeMap<String, RepoDataRecord>, SolveError> {
    let mut known = BTreeMap::new();
    for searched in &request.channels {
        let channel = searched.channel.url.trim_end_matches('/');
        let here: Vec<_> = wanted.iter().filter(|one| one.is_of(channel)).collect();
        if here.is_empty() {
            continue;
        }
        let names: BTreeSet<_> = here
            .iter()
            .filter_map(|one| one.id.identifier.name.parse::<PackageName>().ok())
            .collect();
        let mut subdirs: Vec<_> = here
            .iter()
            .filter_map(|one| one.subdir.parse::<Subdir>().ok())
            .collect();
        subdirs.sort();
        subdirs.dedup();
        let found = match indexes
            .builds_of(std::slice::from_ref(searched), &subdirs, &names)
            .await
        {
            Err(SolveError::Cancelled) => return Err(SolveError::Cancelled),
            // The archive itself will tell.
            Err(_) => continue,
            Ok(found) => found,
        };
        for record in found.iter().flat_map(RepoData::iter) {
            known.insert(without_credentials(&record.url), record.clone());
        }
    }
    Ok(known)
}

fn put_together(request: ExplicitRequest, coming: Vec<RepoDataRecord>, unindexed: BTreeSet<Url>) -> Solved {
    let installed = request.installed.records();
    let machine = request.machine.records();
    let mut records: Vec<_> = installed
        .iter()
        .filter(|record| !coming.iter().any(|new| name_of(new) == name_of(record)))
        .cloned()
        .collect();
    let mut history = ChangeSpecs::default();
    let mut in_force: BTreeMap<String, String> = request
        .requested
        .iter()
        .filter_map(|text| Some((super::name_of_spec(text)?, text.clone())))
        .collect();
    let as_request = Request {
        prefix: request.prefix.clone(),
        channels: request.channels.clone(),
        installed: request.installed.clone(),
        requested: Vec::new(),
        goal: Default::default(),
        rules: Rules::default(),
        machine: request.machine.clone(),
    };
    let names = outcome::channel_names(&as_request);
    for record in coming {
        let there = installed
            .iter()
            .find(|known| outcome::is_same_build(known, &record));
        if there.is_none() {
            // As conda writes down what was given by its address.
            let package = &record.package_record;
            let spec = format!(
                "{}/{}::{}=={}={}",
                names.at(&channel_address(&record)).name,
                package.subdir,
                name_of(&record),
                package.version,
                package.build
            );
            in_force.insert(name_of(&record).to_owned(), spec.clone());
            history.update.push(spec);
        }
        records.push(there.cloned().unwrap_or(record));
    }
    records.sort_by(|one, other| name_of(one).cmp(name_of(other)));
    let before = graph::broken(installed, machine);
    let after = graph::broken(&records, machine);
    // What an unknown package needs is told by its archive only.
    let notes = after
        .into_iter()
        .filter(|(name, _)| !before.contains_key(name))
        .map(|(name, needs)| Note::Unmet {
            name: name.to_owned(),
            needs: needs.to_owned(),
        });
    let notes = notes.collect();
    let (added, changed, removed) = outcome::difference(installed, &records, &names);
    Solved {
        added,
        changed,
        removed,
        notes,
        solution: Solution::new(request.prefix, request.machine.subdir().to_owned(), records)
            .asked(in_force.into_values().collect(), history)
            .read_off_addresses(unindexed),
    }
}

impl Wanted {
    fn is_of(&self, channel: &str) -> bool {
        let rest = self.url.as_str().strip_prefix(channel);
        rest.is_some_and(|rest| rest.trim_matches('/').split('/').count() == 2)
    }

    /// The entry of the index, if it is of the same file.
    fn checked(&self, record: &RepoDataRecord) -> Result<RepoDataRecord, SolveError> {
        let mut fields = serde_json::to_value(record).map_err(|error| defect(&error))?;
        if let Some(sum) = &self.sum {
            let key = sum.kind.key();
            match fields[key].as_str() {
                Some(known) if !known.eq_ignore_ascii_case(&sum.digits) => {
                    return Err(SolveError::OtherSum {
                        address: self.url.to_string(),
                    });
                }
                Some(_) => {}
                None => fields[key] = sum.digits.clone().into(),
            }
        }
        serde_json::from_value(fields).map_err(|error| defect(&error))
    }

    fn read_off(&self) -> Result<RepoDataRecord, SolveError> {
        let id = &self.id.identifier;
        let mut fields = json!({
            "name": id.name, "version": id.version, "build": id.build_string, "build_number": 0,
            "subdir": self.subdir, "depends": [], "fn": self.id.to_file_name(), "url": self.url.as_str(),
        });
        if let Some(sum) = &self.sum {
            fields[sum.kind.key()] = sum.digits.clone().into();
        }
        let mut record: RepoDataRecord =
            serde_json::from_value(fields).map_err(|error| bad(self.url.as_str(), &error.to_string()))?;
        record.channel = Some(format!("{}/", channel_address(&record)));
        Ok(record)
    }
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha256 => "sha256",
        }
    }
}

fn parse(text: &str, platform: &str) -> Result<Wanted, SolveError> {
    let text = text.trim();
    let mut url = Url::parse(text).map_err(|error| bad(text, &error.to_string()))?;
    let sum = match url.fragment().filter(|fragment| !fragment.is_empty()) {
        Some(fragment) => {
            Some(sum(fragment).ok_or_else(|| bad(text, "what stands behind # is no MD5 or SHA-256 sum"))?)
        }
        None => None,
    };
    url.set_fragment(None);
    let public = without_credentials(&url);
    let url = Url::parse(&public).map_err(|error| bad(&public, &error.to_string()))?;
    let no_package = || {
        bad(
            &public,
            "it does not end like the address of a package: subdir/name-version-build.conda",
        )
    };
    let id = CondaArchiveIdentifier::try_from_url(&url).ok_or_else(no_package)?;
    let subdir = url.path().rsplit('/').nth(1).unwrap_or_default().to_owned();
    if subdir.parse::<Subdir>().is_err() {
        return Err(no_package());
    }
    if subdir != "noarch" && subdir != platform {
        return Err(SolveError::OtherPlatform {
            address: public,
            subdir,
            platform: platform.to_owned(),
        });
    }
    Ok(Wanted { url, id, subdir, sum })
}

fn sum(fragment: &str) -> Option<Sum> {
    let digits = fragment.strip_prefix("sha256:").unwrap_or(fragment);
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let kind = match digits.len() {
        32 if digits == fragment => Kind::Md5,
        64 => Kind::Sha256,
        _ => return None,
    };
    is_hexadecimal.then(|| Sum {
        kind,
        digits: digits.to_lowercase(),
    })
}

fn bad(text: &str, reason: &str) -> SolveError {
    SolveError::BadSpec {
        text: text.to_owned(),
        reason: reason.to_owned(),
    }
}

fn defect(error: &serde_json::Error) -> SolveError {
    SolveError::Defect {
        cause: error.to_string(),
    }
}
