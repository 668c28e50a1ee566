//! A request made ready for solving: every spec parsed, and who may change how.

use std::collections::{BTreeMap, BTreeSet};

use rattler_conda_types::{MatchSpec, PackageName, RepoDataRecord, VersionSpec, version_spec::RangeOperator};

use super::SolveError;
use super::demand::{Demand, Why};
use super::graph::{self, Graph};
use super::request::{Latitude, Request};
use super::spec::{Source, Spec};

/// Packages that no change takes away by the way, as in conda.
const KEPT: [&str; 7] = [
    "python",
    "anaconda",
    "conda",
    "conda-build",
    "python.app",
    "console_shortcut",
    "powershell_shortcut",
];

/// How much of what is there is held on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hold {
    /// Everything stays as it is, but for these.
    Frozen { released: BTreeSet<String> },
    /// Everything stays in some version, that which is there being tried first.
    Preferred,
    /// What somebody asked for stays, in whatever build; the rest may go.
    Loose,
    /// The same, and an update may make things older.
    Older,
}

pub(super) struct Situation<'a> {
    pub request: &'a Request,
    pub asked: Vec<Spec>,
    /// Specs that are in force from before, of packages that are there.
    pub earlier: BTreeMap<String, Spec>,
    pub updated: BTreeSet<String>,
    pub removed: BTreeSet<String>,
    /// Packages that need something which is to be removed.
    dependents: BTreeSet<String>,
    pub pins: Vec<(Spec, String)>,
    /// Packages that are brought up to date by every change.
    pub always_updated: BTreeSet<String>,
    /// Packages whose dependencies were not fulfilled before, with the first that was not.
    pub broken: BTreeMap<&'a str, &'a str>,
}

impl<'a> Situation<'a> {
    /// # Errors
    /// [`SolveError::BadSpec`], [`SolveError::UnknownChannel`], [`SolveError::NotInstalled`],
    /// [`SolveError::UpdateWithVersion`].
    pub fn of(request: &'a Request) -> Result<Self, SolveError> {
        let parse = |text: &String| Spec::parse(text, &request.channels);
        let rules = &request.rules;
        let installed = &request.installed;
        let mut pins = Vec::new();
        for pin in &rules.pins {
            pins.push((parse_leniently(&pin.spec, request)?, pin.source.clone()));
        }
        // What is no spec any more was written by another program, and holds nobody back.
        let earlier = request
            .requested
            .iter()
            .filter_map(|text| parse_leniently(text, request).ok())
            .filter(|spec| installed.holds(spec.name.as_normalized()))
            .map(|spec| (spec.name.as_normalized().to_owned(), spec))
            .collect();
        let everything = request.goal.update_everything || rules.latitude == Latitude::Everything;
        let mut always_updated: BTreeSet<String> = rules
            .always_updated
            .iter()
            .filter_map(|text| parse_leniently(text, request).ok())
            .map(|spec| spec.name.as_normalized().to_owned())
            .collect();
        if rules.is_base && rules.conda_updates_itself {
            always_updated.insert("conda".to_owned());
        }
        always_updated.retain(|name| installed.holds(name));
        let mut situation = Self {
            request,
            asked: request.goal.install.iter().map(parse).collect::<Result<_, _>>()?,
            earlier,
            updated: updates(request)?,
            dependents: BTreeSet::new(),
            removed: removals(request)?,
            pins,
            always_updated,
            broken: graph::broken(installed.records(), request.machine.records()),
        };
        situation.dependents = Graph::of(installed.records()).with_dependents(&situation.removed);
        if everything {
            let all = installed.records().iter().map(name_of);
            let stays = |name: &str| situation.pin(name).is_some_and(|(pin, _)| pin.is_bare());
            let free = all.filter(|name| !stays(name) && !situation.removed.contains(*name));
            situation.updated = free.map(str::to_owned).collect();
        }
        Ok(situation)
    }

    pub fn is_update(&self) -> bool {
        !self.updated.is_empty()
    }

    pub fn updates_everything(&self) -> bool {
        self.request.goal.update_everything || self.request.rules.latitude == Latitude::Everything
    }

    pub fn is_asked(&self, name: &str) -> bool {
        self.asked.iter().any(|spec| spec.name.as_normalized() == name)
    }

    pub fn pin(&self, name: &str) -> Option<&(Spec, String)> {
        self.pins
            .iter()
            .find(|(spec, _)| spec.name.as_normalized() == name)
    }

    /// Whether the installed build of the package is the one to try first.
    fn is_held(&self, name: &str) -> bool {
        let is_pinned = self.pin(name).is_some_and(|(pin, _)| pin.is_bare());
        let is_free = self.is_asked(name)
            || self.updated.contains(name)
            || self.removed.contains(name)
            || self.always_updated.contains(name);
        is_pinned || !is_free
    }

    /// What of the environment is to be tried first.
    pub fn favored(&self) -> Vec<RepoDataRecord> {
        let records = self.request.installed.records();
        records
            .iter()
            .filter(|record| self.is_held(name_of(record)))
            .cloned()
            .collect()
    }

    /// The packages whose builds have to be known, with all that they may need: those that certainly change, or all.
    pub fn names(&self, all: bool) -> BTreeSet<PackageName> {
        let mut names: BTreeSet<_> = self.asked.iter().map(|spec| spec.name.clone()).collect();
        let records = self.request.installed.records();
        let changing = records.iter().filter(|record| {
            let name = name_of(record);
            !self.removed.contains(name) && (all || !self.is_held(name))
        });
        names.extend(changing.map(|record| record.package_record.name.clone()));
        names
    }

    /// Where packages may come from, by name, as far as what is asked for or pinned says so.
    pub fn sources(&self) -> BTreeMap<String, Vec<Source>> {
        let mut sources: BTreeMap<String, Vec<Source>> = BTreeMap::new();
        let pins = self.pins.iter().map(|(spec, _)| spec);
        for spec in self.asked.iter().chain(pins).filter(|spec| !spec.source.is_any()) {
            let name = spec.name.as_normalized().to_owned();
            sources.entry(name).or_default().push(spec.source.clone());
        }
        sources
    }

    /// Everything that a solution has to fulfil.
    pub fn demands(&self, hold: &Hold) -> Vec<Demand> {
        let mut demands: Vec<_> = self
            .asked
            .iter()
            .map(|spec| Demand::must(spec.clone(), Why::Asked))
            .collect();
        for record in self.request.installed.records() {
            let name = name_of(record);
            if self.removed.contains(name) {
                demands.extend(Demand::absent(&record.package_record.name));
            } else if !self.is_asked(name) {
                demands.extend(self.kept(record, hold));
            }
            demands.extend(self.limit(record, hold));
        }
        for (pin, source) in self.pins.iter().filter(|(pin, _)| !pin.is_bare()) {
            let why = Why::Pinned {
                source: source.clone(),
            };
            demands.push(Demand::if_there(pin.clone(), why));
        }
        demands
    }

    /// What is demanded for the sake of a package that is there and was not asked for now.
    fn kept(&self, record: &RepoDataRecord, hold: &Hold) -> Option<Demand> {
        let name = name_of(record);
        let bare = || Spec::bare(&record.package_record.name);
        if let Some((pin, source)) = self.pin(name)
            && pin.is_bare()
        {
            let why = Why::Pinned {
                source: source.clone(),
            };
            return Some(Demand::exactly(record, why));
        }
        let earlier = self.earlier.get(name);
        let is_kept = earlier.is_some() || KEPT.contains(&name);
        let is_loose = is_letting_go(hold) && !is_kept;
        if is_letting_go(hold) && self.dependents.contains(name) {
            return None;
        }
        if self.updated.contains(name) {
            let is_named = !self.updates_everything();
            return (is_named || !is_loose).then(|| Demand::must(bare(), Why::Updated));
        }
        // What does not work anyway is neither a reason to stop nor to change something else.
        if self.broken.contains_key(name) {
            return None;
        }
        if self.always_updated.contains(name) {
            return (!is_loose).then(|| Demand::must(bare(), Why::AlwaysUpdated));
        }
        let in_force = |spec: &&Spec| spec.matches(record) || !spec.source.is_any();
        match hold {
            Hold::Frozen { released } if !released.contains(name) => {
                Some(Demand::exactly(record, Why::Installed))
            }
            Hold::Frozen { .. } | Hold::Preferred => Some(match earlier.filter(in_force) {
                Some(spec) => Demand::must(spec.clone(), Why::Earlier),
                None => Demand::must(bare(), Why::Installed),
            }),
            Hold::Loose | Hold::Older => match earlier.filter(in_force) {
                Some(spec) if spec.is_exact() => Some(Demand::must(spec.loosened(), Why::Earlier)),
                Some(spec) => Some(Demand::must(spec.clone(), Why::Earlier)),
                None => is_kept.then(|| Demand::must(bare(), Why::Installed)),
            },
        }
    }

    /// How far a package that is there may move, if it stays.
    fn limit(&self, record: &RepoDataRecord, hold: &Hold) -> Vec<Demand> {
        let package = &record.package_record;
        let name = name_of(record);
        if self.is_asked(name) || self.removed.contains(name) {
            return Vec::new();
        }
        let range = |operator, version, why| {
            let mut matcher = MatchSpec::from(package.name.clone());
            matcher.version = Some(VersionSpec::Range(operator, version));
            let spec = Spec {
                text: matcher.to_string(),
                name: package.name.clone(),
                matcher,
                source: Source::default(),
            };
            Demand::if_there(spec, why)
        };
        let mut limits = Vec::new();
        let is_pinned = self.pin(name).is_some();
        let not_older = || {
            range(
                RangeOperator::GreaterEquals,
                package.version.version().clone(),
                Why::NotOlder,
            )
        };
        let is_named = self.updated.contains(name) && !self.updates_everything();
        if name == "python" && !is_pinned && !is_named {
            limits.extend(python_stays(record));
        }
        let is_conda = name == "conda" && self.request.rules.is_base;
        if is_conda || (self.is_update() && *hold != Hold::Older && !is_pinned) {
            limits.push(not_older());
        }
        limits
    }

    /// What is asked for, now and before, once the change is done; by name.
    pub fn in_force_after(&self, records: &[RepoDataRecord]) -> (Vec<String>, Vec<String>) {
        let mut specs = self.earlier.clone();
        let updated = self
            .request
            .goal
            .update
            .iter()
            .filter_map(|text| text.parse::<PackageName>().ok());
        for name in updated {
            specs.insert(name.as_normalized().to_owned(), Spec::bare(&name));
        }
        for spec in &self.asked {
            specs.insert(spec.name.as_normalized().to_owned(), spec.clone());
        }
        let mut loosened = Vec::new();
        let mut in_force = Vec::new();
        for (name, spec) in specs {
            let Some(record) = records.iter().find(|record| name_of(record) == name) else {
                continue;
            };
            let fits = spec.matches(record) || !spec.source.is_any() && spec.loosened().matches(record);
            let text = match (fits, spec.loosened()) {
                (true, _) => spec.text,
                (false, version) => {
                    let text = if version.matches(record) {
                        version.text
                    } else {
                        name.clone()
                    };
                    loosened.push(text.clone());
                    text
                }
            };
            in_force.push(text);
        }
        (in_force, loosened)
    }

    /// What goes with the removed packages: everything that needs one of them, and what was there for them only.
    pub fn removal(&self) -> BTreeSet<String> {
        let records = self.request.installed.records();
        let graph = Graph::of(records);
        let mut gone = graph.with_dependents(&self.removed);
        if self.earlier.is_empty() {
            // Nothing tells what was wanted: all of it, then.
            return gone;
        }
        let wanted = self.earlier.keys().map(String::as_str).chain(KEPT);
        let still_wanted: Vec<_> = wanted.filter(|name| !gone.contains(*name)).collect();
        let rest = Graph::of(records.iter().filter(|record| !gone.contains(name_of(record))));
        let needed = rest.with_needs(still_wanted);
        let theirs = graph.with_needs(gone.iter().map(String::as_str));
        // Whatever something outside needs stays, also where nobody asked for that something.
        let outside = records.iter().map(name_of).filter(|name| !theirs.contains(*name));
        let needed_outside = rest.with_needs(outside);
        let unneeded = theirs
            .into_iter()
            .filter(|name| !needed.contains(name) && !needed_outside.contains(name));
        gone.extend(unneeded);
        gone
    }
}

fn is_letting_go(hold: &Hold) -> bool {
    matches!(hold, Hold::Loose | Hold::Older)
}

pub(super) fn name_of(record: &RepoDataRecord) -> &str {
    record.package_record.name.as_normalized()
}

/// `python` stays in its minor version.
fn python_stays(record: &RepoDataRecord) -> Option<Demand> {
    let (major, minor) = record.package_record.version.version().as_major_minor()?;
    let spec = Spec::parse(&format!("python {major}.{minor}.*"), &[]).ok()?;
    Some(Demand::if_there(spec, Why::PythonStays))
}

/// A spec from a file: a channel in it that is not searched any more does not count.
fn parse_leniently(text: &str, request: &Request) -> Result<Spec, SolveError> {
    match Spec::parse(text, &request.channels) {
        Err(SolveError::UnknownChannel { .. }) => {
            let (_, rest) = super::spec::split_channel(text);
            Spec::parse(rest, &request.channels)
        }
        other => other,
    }
}

fn updates(request: &Request) -> Result<BTreeSet<String>, SolveError> {
    let mut updates = BTreeSet::new();
    let mut missing = Vec::new();
    for text in &request.goal.update {
        let spec = Spec::parse(text, &request.channels)?;
        if !spec.is_bare() {
            return Err(SolveError::UpdateWithVersion { text: text.clone() });
        }
        let name = spec.name.as_normalized().to_owned();
        match request.installed.holds(&name) {
            true => updates.extend([name]),
            false => missing.push(text.clone()),
        }
    }
    all_installed(missing)?;
    Ok(updates)
}

/// The names of the packages that the specs to remove stand for; `*` stands for any letters.
fn removals(request: &Request) -> Result<BTreeSet<String>, SolveError> {
    let mut removals = BTreeSet::new();
    let mut missing = Vec::new();
    for text in &request.goal.remove {
        let records = request.installed.records();
        let matching: Vec<_> = if text.contains('*') && !text.contains(['=', '[', ' ', ':']) {
            records
                .iter()
                .map(name_of)
                .filter(|name| matches_glob(text, name))
                .collect()
        } else {
            let spec = Spec::parse(text, &request.channels)?;
            records
                .iter()
                .filter(|record| spec.matches(record))
                .map(name_of)
                .collect()
        };
        match matching.is_empty() {
            true => missing.push(text.clone()),
            false => removals.extend(matching.into_iter().map(str::to_owned)),
        }
    }
    all_installed(missing)?;
    Ok(removals)
}

fn all_installed(missing: Vec<String>) -> Result<(), SolveError> {
    match missing.is_empty() {
        true => Ok(()),
        false => Err(SolveError::NotInstalled { names: missing }),
    }
}

fn matches_glob(glob: &str, name: &str) -> bool {
    let glob = glob.to_lowercase();
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
