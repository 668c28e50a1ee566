//! One package in detail: its versions and builds, what it needs, why it is here, what needs it.

use iced::Task;

use crate::error::Problem;
use crate::package::Record;
use crate::screen::Key;
pub use crate::service::packages::tree::Branch as Reason;
use crate::ui::tree_list::{self, Branch, Outcome, TreeState};

use super::basket::Choice;

/// A part of the pane that opens and closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    Versions,
    Dependencies,
    /// Why is this here.
    Why,
    /// What needs this.
    Needs,
}

impl Section {
    pub const ALL: [Self; 4] = [Self::Versions, Self::Dependencies, Self::Why, Self::Needs];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Versions => "Versions",
            Self::Dependencies => "Dependencies",
            Self::Why => "Why is this here",
            Self::Needs => "What needs this",
        }
    }

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Versions => "package-versions",
            Self::Dependencies => "package-dependencies",
            Self::Why => "package-why",
            Self::Needs => "package-needs",
        }
    }
}

impl Branch for Reason {
    fn branches(&self) -> &[Self] {
        &self.below
    }
}

/// A version with its builds, or a build.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one package's releases at a time")]
pub(super) enum Release {
    Version {
        version: String,
        /// The channels that have it, in their order.
        channels: String,
        builds: Vec<Release>,
    },
    Build(Record),
}

impl Branch for Release {
    fn branches(&self) -> &[Self] {
        match self {
            Self::Version { builds, .. } => builds,
            Self::Build(_) => &[],
        }
    }
}

/// What is known of a package, as far as it was asked for.
#[derive(Debug, Clone)]
pub(super) struct Details {
    pub name: String,
    key: Key,
    pub releases: Part<Vec<Release>>,
    pub release_tree: TreeState,
    pub why: Part<Vec<Reason>>,
    pub why_tree: TreeState,
    pub needs: Part<Vec<Reason>>,
    pub needs_tree: TreeState,
    pub is_installed: bool,
}

/// Something that is read when it is looked at.
#[derive(Debug, Clone)]
pub(super) enum Part<T> {
    /// Nobody looked yet.
    Unread,
    Reading(Key),
    Read(T),
    Failed(Problem),
}

impl<T> Part<T> {
    /// Takes in an answer; tells whether it was the one that is waited for.
    fn answer(&mut self, key: Key, result: Result<T, Problem>) -> bool {
        if !matches!(self, Self::Reading(own) if *own == key) {
            return false;
        }
        *self = match result {
            Ok(read) => Self::Read(read),
            Err(problem) => Self::Failed(problem),
        };
        true
    }

    fn cancel(&mut self, key: Key) {
        if matches!(self, Self::Reading(own) if *own == key) {
            *self = Self::Unread;
        }
    }
}

/// What is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Releases(Key),
    Why(Key),
    Needs(Key),
}

impl Details {
    pub fn new(name: &str, is_installed: bool) -> Self {
        Self {
            name: name.to_owned(),
            key: Key::fresh(),
            releases: Part::Unread,
            release_tree: TreeState::new("package-releases"),
            why: Part::Unread,
            why_tree: TreeState::new("package-why-tree"),
            needs: Part::Unread,
            needs_tree: TreeState::new("package-needs-tree"),
            is_installed,
        }
    }

    /// What has to be read for the sections that are open.
    pub fn ask(&mut self, open: &[Section]) -> Vec<Question> {
        let mut questions = Vec::new();
        if matches!(self.releases, Part::Unread) {
            self.releases = Part::Reading(self.key);
            questions.push(Question::Releases(self.key));
        }
        if self.is_installed && open.contains(&Section::Why) && matches!(self.why, Part::Unread) {
            let key = Key::fresh();
            self.why = Part::Reading(key);
            questions.push(Question::Why(key));
        }
        if self.is_installed && open.contains(&Section::Needs) && matches!(self.needs, Part::Unread) {
            let key = Key::fresh();
            self.needs = Part::Reading(key);
            questions.push(Question::Needs(key));
        }
        questions
    }

    /// Takes in all records of the package, the newest first.
    pub fn released(&mut self, key: Key, result: Result<Vec<Record>, Problem>) {
        if self.releases.answer(key, result.map(grouped))
            && let Part::Read(releases) = &self.releases
        {
            self.release_tree.grow(releases);
        }
    }

    pub fn explained(&mut self, key: Key, result: Result<Vec<Reason>, Problem>) {
        if matches!(self.why, Part::Reading(own) if own == key) {
            self.why.answer(key, result);
            if let Part::Read(reasons) = &self.why {
                self.why_tree.grow(reasons);
                // The shortest way from each that was asked for is in sight at once.
                for (at, reason) in reasons.iter().enumerate() {
                    if let Some(way) = way_to(reason, &self.name) {
                        let way: Vec<usize> = std::iter::once(at).chain(way).collect();
                        self.why_tree.open_to(reasons, &way);
                    }
                }
            }
        } else if self.needs.answer(key, result)
            && let Part::Read(reasons) = &self.needs
        {
            self.needs_tree.grow(reasons);
        }
    }

    pub fn cancelled(&mut self, key: Key) {
        self.releases.cancel(key);
        self.why.cancel(key);
        self.needs.cancel(key);
    }

    /// The first record, which is the newest, or the one of a version.
    pub fn record(&self, version: Option<&str>) -> Option<&Record> {
        let Part::Read(releases) = &self.releases else {
            return None;
        };
        let builds = releases.iter().flat_map(Branch::branches);
        let mut records = builds.filter_map(|build| match build {
            Release::Build(record) => Some(record),
            Release::Version { .. } => None,
        });
        records.find(|record| version.is_none_or(|version| record.version == version))
    }

    /// What choosing a line of the versions means.
    pub fn choice(&self, path: &[usize]) -> Option<Choice> {
        let Part::Read(releases) = &self.releases else {
            return None;
        };
        tree_list::at(releases, path).map(Release::choice)
    }

    pub fn tree_event(&mut self, section: Section, event: tree_list::Event) -> Outcome {
        match section {
            Section::Versions => match &self.releases {
                Part::Read(releases) => self.release_tree.update(event, releases),
                _ => Outcome::Nothing,
            },
            Section::Why => match &self.why {
                Part::Read(reasons) => self.why_tree.update(event, reasons),
                _ => Outcome::Nothing,
            },
            Section::Needs => match &self.needs {
                Part::Read(reasons) => self.needs_tree.update(event, reasons),
                _ => Outcome::Nothing,
            },
            Section::Dependencies => Outcome::Nothing,
        }
    }

    /// The package at a line of a tree of reasons.
    pub fn reason(&self, section: Section, path: &[usize]) -> Option<&Reason> {
        let part = match section {
            Section::Why => &self.why,
            Section::Needs => &self.needs,
            Section::Versions | Section::Dependencies => return None,
        };
        match part {
            Part::Read(reasons) => tree_list::at(reasons, path),
            _ => None,
        }
    }

    pub fn scroll<M: Send + 'static>(&mut self, section: Section, offset: f32) -> Task<M> {
        match section {
            Section::Versions => self.release_tree.scroll_to(offset),
            Section::Why => self.why_tree.scroll_to(offset),
            Section::Needs => self.needs_tree.scroll_to(offset),
            Section::Dependencies => Task::none(),
        }
    }
}

impl Release {
    pub fn choice(&self) -> Choice {
        match self {
            Self::Version { version, .. } => Choice {
                version: version.clone(),
                build: None,
            },
            Self::Build(record) => Choice {
                version: record.version.clone(),
                build: Some(record.build.clone()),
            },
        }
    }
}

/// The shortest way from a package in a tree to the one of this name below it.
fn way_to(reason: &Reason, name: &str) -> Option<Vec<usize>> {
    if reason.name == name {
        return Some(Vec::new());
    }
    let ways = reason.below.iter().enumerate().filter_map(|(at, below)| {
        let way = way_to(below, name)?;
        Some(std::iter::once(at).chain(way).collect::<Vec<_>>())
    });
    ways.min_by_key(Vec::len)
}

/// Records by version, in the order in which versions first come.
fn grouped(records: Vec<Record>) -> Vec<Release> {
    let mut releases: Vec<(String, Vec<String>, Vec<Release>)> = Vec::new();
    for record in records {
        let at = releases
            .iter()
            .rposition(|(version, _, _)| *version == record.version);
        let at = at.unwrap_or_else(|| {
            releases.push((record.version.clone(), Vec::new(), Vec::new()));
            releases.len() - 1
        });
        if let Some((_, channels, builds)) = releases.get_mut(at) {
            if !channels.contains(&record.channel.name) {
                channels.push(record.channel.name.clone());
            }
            builds.push(Release::Build(record));
        }
    }
    let version = |(version, channels, builds): (String, Vec<String>, Vec<Release>)| Release::Version {
        version,
        channels: channels.join(", "),
        builds,
    };
    releases.into_iter().map(version).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Channel;
    use crate::service::packages::tree::BranchKind;

    fn record(version: &str, build: &str, channel: &str) -> Record {
        Record {
            name: "numpy".to_owned(),
            version: version.to_owned(),
            build: build.to_owned(),
            build_number: 0,
            channel: Channel {
                name: channel.to_owned(),
                url: format!("https://psm.example.com/api/repo/{channel}"),
            },
            subdir: "linux-64".to_owned(),
            file_name: format!("numpy-{version}-{build}.conda"),
            size: Some(7_000_000),
            license: Some("BSD-3-Clause".to_owned()),
            depends: vec!["python >=3.12".to_owned()],
            constrains: Vec::new(),
            timestamp: None,
        }
    }

    fn read() -> Details {
        let mut details = Details::new("numpy", true);
        let questions = details.ask(&[Section::Versions]);
        let [Question::Releases(key)] = questions[..] else {
            panic!("{questions:?}");
        };
        let records = vec![
            record("2.3", "py313_0", "main"),
            record("2.3", "py312_0", "research"),
            record("2.2", "py313_0", "main"),
        ];
        details.released(key, Ok(records));
        details
    }

    #[test]
    fn records_are_grouped_by_version() {
        let details = read();
        let Part::Read(releases) = &details.releases else {
            panic!("nothing was read");
        };
        let [
            Release::Version {
                version,
                channels,
                builds,
            },
            _,
        ] = &releases[..]
        else {
            panic!("{releases:?}");
        };
        assert_eq!(
            (version.as_str(), channels.as_str(), builds.len()),
            ("2.3", "main, research", 2)
        );
        assert_eq!(
            details.choice(&[1]).map(|choice| choice.version),
            Some("2.2".to_owned())
        );
        let exact = details.choice(&[0, 1]).and_then(|choice| choice.build);
        assert_eq!(exact.as_deref(), Some("py312_0"));
        assert_eq!(
            details.record(Some("2.2")).map(|record| record.build.as_str()),
            Some("py313_0")
        );
        assert_eq!(details.choice(&[7]), None);
    }

    #[test]
    fn the_way_down_to_the_package_is_open() {
        let reason = |name: &str, below| Reason {
            name: name.to_owned(),
            version: None,
            spec: None,
            is_requested: false,
            kind: BranchKind::Package,
            below,
        };
        let long = reason("scipy", vec![reason("blas", vec![reason("numpy", Vec::new())])]);
        let short = reason("libx", vec![reason("numpy", Vec::new())]);
        let pandas = reason("pandas", vec![long, short]);
        let mut details = read();
        let questions = details.ask(&[Section::Why]);
        let [Question::Why(key)] = questions[..] else {
            panic!("{questions:?}");
        };
        details.explained(key, Ok(vec![pandas, reason("pip", Vec::new())]));
        let names: Vec<&str> = (0..details.why_tree.len())
            .filter_map(|line| details.reason(Section::Why, details.why_tree.path(line)?))
            .map(|reason| reason.name.as_str())
            .collect();
        assert_eq!(names, ["pandas", "scipy", "libx", "numpy", "pip"]);
    }

    #[test]
    fn only_what_is_looked_at_is_read_and_once() {
        let mut details = read();
        assert!(
            details
                .ask(&[Section::Versions, Section::Dependencies])
                .is_empty()
        );
        let questions = details.ask(&[Section::Why, Section::Needs]);
        let [Question::Why(why), Question::Needs(needs)] = questions[..] else {
            panic!("{questions:?}");
        };
        assert!(details.ask(&[Section::Why, Section::Needs]).is_empty());
        let reason = |name: &str| Reason {
            name: name.to_owned(),
            version: Some("1".to_owned()),
            spec: None,
            is_requested: true,
            kind: BranchKind::Package,
            below: Vec::new(),
        };
        details.explained(needs, Ok(vec![reason("pandas")]));
        details.explained(Key::fresh(), Ok(vec![reason("stranger")]));
        details.explained(why, Ok(vec![reason("numpy")]));
        assert_eq!(
            details
                .reason(Section::Why, &[0])
                .map(|reason| reason.name.as_str()),
            Some("numpy")
        );
        assert_eq!(
            details
                .reason(Section::Needs, &[0])
                .map(|reason| reason.name.as_str()),
            Some("pandas")
        );
        // What is not in the environment has no reason to be there.
        let mut absent = Details::new("scipy", false);
        assert_eq!(absent.ask(&Section::ALL).len(), 1);
    }
}
