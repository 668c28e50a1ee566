//! Small worlds for tests: channels with a handful of packages, and environments over them.

use std::path::{Path, PathBuf};

use rattler_conda_types::RepoDataRecord;
use serde_json::{Map, Value, json};

use crate::package::Channel;
use crate::package::solve::{
    ChannelPriority, Explanation, Goal, Indexes, Installed, Machine, Pin, Request, Rules, SearchedChannel,
    SolveError, Solved, solve,
};

/// One build of a package, as an index lists it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::package::solve) struct Build {
    pub name: String,
    pub version: String,
    pub build: String,
    pub build_number: u64,
    pub subdir: String,
    pub depends: Vec<String>,
    pub constrains: Vec<String>,
    pub track_features: String,
    pub timestamp: u64,
}

/// `name version [build]`, and what it depends on.
pub(in crate::package::solve) fn build(id: &str, depends: &[&str]) -> Build {
    let mut parts = id.split(' ');
    let mut next = || parts.next().map(str::to_owned);
    let (name, version) = (next().unwrap(), next().unwrap());
    let build = next().unwrap_or_else(|| "0".to_owned());
    let number = build.rsplit('_').next().and_then(|number| number.parse().ok());
    Build {
        name,
        version,
        build_number: number.unwrap_or(0),
        build,
        subdir: "linux-64".to_owned(),
        depends: depends.iter().map(|depend| (*depend).to_owned()).collect(),
        constrains: Vec::new(),
        track_features: String::new(),
        timestamp: 1_600_000_000_000,
    }
}

impl Build {
    pub fn noarch(mut self) -> Self {
        self.subdir = "noarch".to_owned();
        self
    }

    pub fn constrains(mut self, specs: &[&str]) -> Self {
        self.constrains = specs.iter().map(|spec| (*spec).to_owned()).collect();
        self
    }

    pub fn tracks(mut self, features: &str) -> Self {
        self.track_features = features.to_owned();
        self
    }

    pub fn built(mut self, timestamp: u64) -> Self {
        self.timestamp = timestamp;
        self
    }

    pub fn file_name(&self) -> String {
        format!("{}-{}-{}.conda", self.name, self.version, self.build)
    }

    pub fn json(&self) -> Value {
        json!({
            "name": self.name, "version": self.version, "build": self.build, "build_number": self.build_number,
            "subdir": self.subdir, "depends": self.depends, "constrains": self.constrains,
            "track_features": self.track_features, "timestamp": self.timestamp, "size": 1000,
            "md5": format!("{:032x}", fingerprint(&self.file_name())),
        })
    }

    pub fn record(&self, channel: &str) -> RepoDataRecord {
        let mut fields = self.json();
        let url = format!("{channel}/{}/{}", self.subdir, self.file_name());
        fields["fn"] = self.file_name().into();
        fields["url"] = url.into();
        // As conda writes it.
        fields["channel"] = format!("{channel}/{}", self.subdir).into();
        serde_json::from_value(fields).unwrap()
    }
}

fn fingerprint(text: &str) -> u128 {
    text.bytes()
        .fold(7, |sum, byte| sum.wrapping_mul(1_000_003) ^ u128::from(byte))
}

/// Channels on disk, and a machine to solve for.
pub(in crate::package::solve) struct Universe {
    folder: tempfile::TempDir,
    channels: Vec<SearchedChannel>,
    indexes: Indexes,
    pub rules: Rules,
    pub machine: Machine,
    installed: Vec<RepoDataRecord>,
    requested: Vec<String>,
}

impl Universe {
    /// Channels in the order of search.
    pub fn new(channels: &[(&str, &[Build])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut searched = Vec::new();
        for (name, builds) in channels {
            let path = folder.path().join("channels").join(name);
            write(&path, builds);
            searched.push(SearchedChannel {
                channel: Channel {
                    name: (*name).to_owned(),
                    url: url::Url::from_file_path(&path).unwrap().to_string(),
                },
                multichannel: None,
            });
        }
        Self {
            indexes: Indexes::of_folders(&folder.path().join("cache")),
            channels: searched,
            rules: Rules {
                always_updated: Vec::new(),
                ..Rules::default()
            },
            machine: Machine::with(
                "linux-64",
                &[("__unix", "0"), ("__linux", "6.1"), ("__glibc", "2.31")],
            ),
            installed: Vec::new(),
            requested: Vec::new(),
            folder,
        }
    }

    pub fn priority(mut self, priority: ChannelPriority) -> Self {
        self.rules.priority = priority;
        self
    }

    pub fn pin(mut self, spec: &str) -> Self {
        self.rules.pins.push(Pin {
            spec: spec.to_owned(),
            source: "pinned".to_owned(),
        });
        self
    }

    /// Makes these channels parts of one multichannel.
    pub fn multichannel(mut self, name: &str, members: &[&str]) -> Self {
        for searched in &mut self.channels {
            if members.contains(&searched.channel.name.as_str()) {
                searched.multichannel = Some(name.to_owned());
            }
        }
        self
    }

    /// Fills the environment: `channel/name-version-build`s are not needed, the builds are.
    pub fn installed(mut self, channel: &str, builds: &[Build]) -> Self {
        let url = self.url(channel);
        self.installed
            .extend(builds.iter().map(|build| build.record(&url)));
        self
    }

    pub fn requested(mut self, specs: &[&str]) -> Self {
        self.requested.extend(specs.iter().map(|spec| (*spec).to_owned()));
        self
    }

    /// The address of a channel, also of one that is not searched.
    pub fn url(&self, channel: &str) -> String {
        let known = self
            .channels
            .iter()
            .find(|searched| searched.channel.name == channel);
        known.map_or_else(
            || format!("https://elsewhere/{channel}"),
            |searched| searched.channel.url.clone(),
        )
    }

    pub fn prefix(&self) -> PathBuf {
        self.folder.path().join("env")
    }

    pub fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    pub fn request(&self, goal: Goal) -> Request {
        Request {
            prefix: self.prefix(),
            channels: self.channels.clone(),
            installed: Installed::of(self.installed.clone()),
            requested: self.requested.clone(),
            goal,
            rules: self.rules.clone(),
            machine: self.machine.clone(),
        }
    }

    pub fn solve(&self, goal: Goal) -> Result<Solved, SolveError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(solve(self.request(goal), &self.indexes, |_| {}))
    }

    pub fn install(&self, specs: &[&str]) -> Result<Solved, SolveError> {
        self.solve(Goal {
            install: texts(specs),
            ..Goal::default()
        })
    }

    pub fn update(&self, names: &[&str]) -> Result<Solved, SolveError> {
        self.solve(Goal {
            update: texts(names),
            ..Goal::default()
        })
    }

    pub fn update_all(&self) -> Result<Solved, SolveError> {
        self.solve(Goal {
            update_everything: true,
            ..Goal::default()
        })
    }

    pub fn remove(&self, specs: &[&str]) -> Result<Solved, SolveError> {
        self.solve(Goal {
            remove: texts(specs),
            ..Goal::default()
        })
    }
}

pub(in crate::package::solve) fn texts(specs: &[&str]) -> Vec<String> {
    specs.iter().map(|spec| (*spec).to_owned()).collect()
}

fn write(channel: &Path, builds: &[Build]) {
    for subdir in ["noarch", "linux-64"] {
        let mut packages = Map::new();
        for build in builds.iter().filter(|build| build.subdir == subdir) {
            packages.insert(build.file_name(), build.json());
        }
        let index = json!({"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages});
        std::fs::create_dir_all(channel.join(subdir)).unwrap();
        std::fs::write(channel.join(subdir).join("repodata.json"), index.to_string()).unwrap();
    }
}

/// `name version [build]` of every package of a solution that is no filler, by name.
pub(in crate::package::solve) fn held(solved: &Solved) -> Vec<String> {
    let records = solved.solution.records();
    let mut held: Vec<_> = records
        .iter()
        .map(|record| {
            let package = &record.package_record;
            let build = package.build.as_str();
            let build = if build == "0" {
                String::new()
            } else {
                format!(" {build}")
            };
            format!("{} {}{build}", package.name.as_normalized(), package.version)
        })
        .collect();
    held.sort();
    held
}

/// The channel that a package of a solution is from.
pub(in crate::package::solve) fn channel_of(solved: &Solved, name: &str) -> String {
    let records = solved.solution.records();
    let record = records
        .iter()
        .find(|record| record.package_record.name.as_normalized() == name)
        .unwrap();
    let address = crate::package::solve::solution::channel_address(record);
    address.rsplit('/').next().unwrap().to_owned()
}

pub(in crate::package::solve) fn unsolvable(result: Result<Solved, SolveError>) -> Explanation {
    match result {
        Err(SolveError::Unsolvable(explanation)) => *explanation,
        Ok(solved) => panic!("there is a solution: {:?}", held(&solved)),
        Err(error) => panic!("another error: {error:?}"),
    }
}
