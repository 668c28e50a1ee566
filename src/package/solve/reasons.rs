//! A clash in sentences: from what is wanted down to what contradicts.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use rattler_conda_types::{MatchSpec, Matches, ParseMatchSpecOptions, Version};

use super::candidates::{Candidates, Left};
use super::clash::{Clash, Considered, Edge, Node, Set};
use super::demand::{Demand, Force, Why};
use super::explanation::{Reason, and, shown};
use super::request::Request;
use super::solution::channel_address;

/// How deep and how wide the reasons go. What is beyond that is counted.
const DEEPEST: usize = 6;
const WIDEST: usize = 4;

pub(super) struct Reasons<'a> {
    pub candidates: &'a Candidates,
    pub request: &'a Request,
    /// The demands that the clash stands on.
    pub core: &'a [Demand],
    pub clash: &'a Clash,
}

/// Builds of one package that are in the way for the same reasons.
struct Group<'a> {
    name: &'a str,
    versions: BTreeSet<Version>,
    nodes: Vec<usize>,
    /// By set, the packages that fit.
    needs: BTreeMap<usize, Vec<usize>>,
    forbids: BTreeSet<usize>,
    excluded: BTreeSet<&'a str>,
}

impl<'a> Reasons<'a> {
    pub fn tell(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for (at, demand) in self.core.iter().enumerate() {
            match demand.force {
                Force::Must => reasons.extend(self.wanted(at, demand)),
                Force::IfThere => reasons.extend(limit(demand)),
            }
        }
        reasons
    }

    fn wanted(&self, at: usize, demand: &Demand) -> Vec<Reason> {
        let is_it = |set: usize| self.clash.demands_of[set].contains(&at);
        let edges = self.clash.edges.iter();
        let fitting: Vec<_> = edges
            .filter(|(from, _, edge)| {
                self.clash.nodes[*from] == Node::Demands && matches!(edge, Edge::Needs { set } if is_it(*set))
            })
            .map(|(_, to, _)| *to)
            .collect();
        if fitting.is_empty() {
            return Vec::new();
        }
        let who = who(demand);
        if fitting.iter().any(|to| self.clash.nodes[*to] == Node::Missing) {
            let set = Set {
                name: demand.name().to_owned(),
                fits: fits(demand),
            };
            return vec![Reason::new(format!("{who} {}", self.missing(&set)))];
        }
        let mut seen = BTreeSet::new();
        let mut reasons = self.of_each(&fitting, 0, &mut seen);
        if let Some(first) = reasons.first_mut()
            && demand.why != Why::Installed
        {
            first.text = format!("{who}: {}", first.text);
        }
        reasons
    }

    /// What stands against each of these packages.
    fn of_each(&self, nodes: &[usize], depth: usize, seen: &mut BTreeSet<(String, usize)>) -> Vec<Reason> {
        let groups = self.groups(nodes);
        if let Some(reason) = self.for_other_pythons(&groups) {
            return vec![reason];
        }
        let mut reasons = Vec::new();
        let more = groups.len().saturating_sub(WIDEST);
        for group in groups.into_iter().take(WIDEST) {
            reasons.extend(self.of_group(&group, depth, seen));
        }
        if more > 0 && !reasons.is_empty() {
            reasons.push(Reason::new(format!("and {more} more like these")));
        }
        reasons
    }

    fn of_group(&self, group: &Group<'a>, depth: usize, seen: &mut BTreeSet<(String, usize)>) -> Vec<Reason> {
        let title = group.title();
        let (needs, goes) = match group.versions.len() {
            0 | 1 => ("needs", "goes"),
            _ => ("need", "go"),
        };
        let mut reasons = Vec::new();
        for reason in &group.excluded {
            reasons.push(Reason::new(self.excluded(&title, group.name, reason)));
        }
        for set in &group.forbids {
            let set = &self.clash.sets[*set];
            reasons.push(Reason::new(format!("{title} {goes} only with {set}")));
        }
        for (set, fitting) in &group.needs {
            let needed = &self.clash.sets[*set];
            if fitting.iter().any(|to| self.clash.nodes[*to] == Node::Missing) {
                reasons.push(Reason::new(format!(
                    "{title} {needs} {needed}; {}",
                    self.missing(needed)
                )));
                continue;
            }
            let mut reason = Reason::new(format!("{title} {needs} {needed}"));
            if depth < DEEPEST && seen.insert((title.clone(), *set)) {
                reason.because = self.of_each(fitting, depth + 1, seen);
            }
            reasons.push(reason);
        }
        reasons
    }

    /// Packages that are made for one Python each: for which there are any.
    fn for_other_pythons(&self, groups: &[Group<'a>]) -> Option<Reason> {
        let name = groups.first()?.name;
        let mut pythons = BTreeSet::new();
        for group in groups {
            let [(set, fitting)] = group.needs.iter().collect::<Vec<_>>()[..] else {
                return None;
            };
            if self.clash.sets[*set].name != "python"
                || !group.forbids.is_empty()
                || !group.excluded.is_empty()
            {
                return None;
            }
            for node in fitting {
                if let Node::Package(python) = &self.clash.nodes[*node] {
                    pythons.extend(Version::from_str(&python.version).ok()?.as_major_minor());
                }
            }
        }
        if pythons.is_empty() || groups.len() < 2 {
            return None;
        }
        let versions: BTreeSet<_> = groups
            .iter()
            .flat_map(|group| group.versions.iter().cloned())
            .collect();
        let verb = if versions.len() > 1 { "are" } else { "is" };
        let pythons: Vec<_> = pythons
            .iter()
            .map(|(major, minor)| format!("{major}.{minor}"))
            .collect();
        let title = titled(name, &versions);
        Some(Reason::new(format!(
            "{title} {verb} there for python {} only",
            and(&pythons)
        )))
    }

    fn groups(&self, nodes: &[usize]) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        for node in nodes {
            let Node::Package(package) = &self.clash.nodes[*node] else {
                continue;
            };
            let one = self.group_of_one(*node, package);
            let same = groups.iter_mut().find(|group| {
                group.needs.keys().eq(one.needs.keys())
                    && group.forbids == one.forbids
                    && group.excluded == one.excluded
            });
            match same {
                Some(group) => {
                    group.versions.extend(one.versions);
                    group.nodes.extend(one.nodes);
                    for (set, fitting) in one.needs {
                        let known = group.needs.entry(set).or_default();
                        known.extend(fitting);
                        known.sort_unstable();
                        known.dedup();
                    }
                }
                None => groups.push(one),
            }
        }
        groups
    }

    fn group_of_one(&self, node: usize, package: &'a Considered) -> Group<'a> {
        let mut group = Group {
            name: &package.name,
            versions: Version::from_str(&package.version).into_iter().collect(),
            nodes: vec![node],
            needs: BTreeMap::new(),
            forbids: BTreeSet::new(),
            excluded: BTreeSet::new(),
        };
        for (from, to, edge) in &self.clash.edges {
            if *from != node {
                continue;
            }
            match edge {
                Edge::Needs { set } => group.needs.entry(*set).or_default().push(*to),
                Edge::Forbids { set } => {
                    group.forbids.insert(*set);
                }
                Edge::Excluded => {
                    if let Node::Excluded(reason) = &self.clash.nodes[*to] {
                        group.excluded.insert(reason);
                    }
                }
                // The other one is told with what needs it.
                Edge::OnlyOne => {}
            }
        }
        group
    }

    /// Why nothing fits a spec: there is none at all, others only, or none that comes into question.
    fn missing(&self, set: &Set) -> String {
        let name = &set.name;
        if name.starts_with("__") {
            let machine = self.request.machine.virtual_packages();
            let here = machine.iter().find(|(known, _, _)| known == name);
            return match here {
                Some((_, version, _)) => {
                    format!("this machine has {} {version}", name.trim_start_matches('_'))
                }
                None => format!("this machine has no {}", name.trim_start_matches('_')),
            };
        }
        let builds = self.candidates.builds_of(name);
        if builds.is_empty() {
            return format!("no channel that is searched has {name}");
        }
        let options = ParseMatchSpecOptions::lenient();
        let spec = MatchSpec::from_str(&set.to_string(), options).ok();
        let fits = |record: &&(&rattler_conda_types::RepoDataRecord, Option<Left>)| {
            spec.as_ref()
                .is_some_and(|spec| spec.matches(&record.0.package_record))
        };
        if let Some((record, left)) = builds.iter().find(fits) {
            let channel = self.name_of(&channel_address(record));
            return match left {
                Some(Left::TooNew) => {
                    format!("what fits was published after the limit of exclude_newer, in {channel}")
                }
                Some(Left::OtherSource) => format!("what fits is in {channel}, from which it may not come"),
                None => format!("what fits in {channel} does not come into question"),
            };
        }
        let newest = builds
            .iter()
            .max_by_key(|(record, _)| record.package_record.version.clone());
        match newest {
            Some((record, _)) => format!(
                "no channel that is searched has that; the newest is {} in {}",
                record.package_record.version,
                self.name_of(&channel_address(record))
            ),
            None => format!("no channel that is searched has {name}"),
        }
    }

    fn name_of(&self, address: &str) -> String {
        let mut channels = self.request.channels.iter();
        let known = channels.find(|searched| searched.channel.url.trim_end_matches('/') == address);
        known.map_or_else(|| address.to_owned(), |searched| searched.channel.name.clone())
    }

    fn excluded(&self, title: &str, name: &str, reason: &str) -> String {
        let by_priority = reason
            .strip_prefix("due to strict channel priority not using this option from: '")
            .and_then(|rest| rest.strip_suffix('\''));
        match by_priority {
            Some(address) => {
                let channel = self.name_of(address.trim_end_matches('/'));
                let first = self.candidates.channels_with(name, &self.request.channels);
                let first = first
                    .first()
                    .map_or("another channel", |first| first.channel.name.as_str());
                format!(
                    "{title} is in {channel}; under strict channel priority {name} comes from {first} only"
                )
            }
            None => format!("{title} does not come into question: {reason}"),
        }
    }
}

impl Group<'_> {
    fn title(&self) -> String {
        titled(self.name, &self.versions)
    }
}

fn titled(name: &str, versions: &BTreeSet<Version>) -> String {
    let texts: Vec<_> = versions.iter().map(ToString::to_string).collect();
    match texts.as_slice() {
        [] => name.to_owned(),
        few if few.len() <= 3 => format!("{name} {}", and(few)),
        [first, .., last] => format!("{name} {first} to {last}"),
        _ => name.to_owned(),
    }
}

/// What a demand says beside the name.
fn fits(demand: &Demand) -> String {
    let text = demand.spec.matcher.to_string();
    text.strip_prefix(demand.name())
        .unwrap_or(&text)
        .trim()
        .to_owned()
}

fn who(demand: &Demand) -> String {
    let spec = shown(demand);
    match &demand.why {
        Why::Asked => format!("{spec}, which was asked for"),
        Why::Updated => format!("{spec}, which is to be updated"),
        Why::Earlier => format!("{spec}, which was asked for before"),
        Why::Installed => format!("{spec}, which is there"),
        Why::Pinned { source } => format!("{spec}, pinned in {source}"),
        Why::AlwaysUpdated => format!("{spec}, which every change brings up to date"),
        Why::PythonStays | Why::NotOlder | Why::Removed => spec,
    }
}

fn limit(demand: &Demand) -> Option<Reason> {
    let spec = &demand.spec.text;
    let text = match &demand.why {
        Why::Pinned { source } => format!("{spec} is pinned in {source}"),
        Why::PythonStays => {
            format!(
                "{} stays, since another minor version was not asked for",
                spec.trim_end_matches(".*")
            )
        }
        Why::NotOlder => format!("an update does not make {} older", demand.name()),
        Why::Removed => format!("{} is to be removed", demand.name()),
        Why::Asked | Why::Updated | Why::Earlier | Why::Installed | Why::AlwaysUpdated => return None,
    };
    Some(Reason::new(text))
}
