//! Channels of a few packages in folders, and an environment that holds some of them, as conda would have made it.

#![allow(dead_code, reason = "every test uses its part")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// `name version [build]`, and what it depends on.
#[derive(Debug, Clone, Copy)]
pub struct Build(pub &'static str, pub &'static [&'static str]);

impl Build {
    fn parts(&self) -> (&'static str, &'static str, &'static str) {
        let mut parts = self.0.split(' ');
        let mut next = || parts.next();
        let (name, version) = (next().unwrap(), next().unwrap());
        (name, version, next().unwrap_or("0"))
    }

    pub fn file_name(&self) -> String {
        let (name, version, build) = self.parts();
        format!("{name}-{version}-{build}.conda")
    }

    pub fn json(&self) -> Value {
        let (name, version, build) = self.parts();
        let number: u64 = build
            .rsplit('_')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(0);
        let sum = self
            .0
            .bytes()
            .fold(7_u128, |sum, byte| sum.wrapping_mul(1_000_003) ^ u128::from(byte));
        json!({
            "name": name, "version": version, "build": build, "build_number": number, "subdir": "linux-64",
            "depends": self.1, "timestamp": 1_600_000_000_000_u64, "size": 1000, "md5": format!("{sum:032x}"),
            "sha256": format!("{sum:064x}"), "license": "MIT",
        })
    }
}

pub struct SmallWorld(TempDir);

impl SmallWorld {
    /// A home whose conda searches these channels, in order.
    pub fn new(channels: &[(&str, &[Build])]) -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        for (name, builds) in channels {
            for subdir in ["noarch", "linux-64"] {
                let mut packages = Map::new();
                for build in builds.iter().filter(|_| subdir == "linux-64") {
                    packages.insert(build.file_name(), build.json());
                }
                let index = json!({"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages,
                    "removed": [], "repodata_version": 1});
                let folder = world.path("channels").join(name).join(subdir);
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join("repodata.json"), index.to_string()).unwrap();
            }
        }
        let urls: Vec<_> = channels
            .iter()
            .map(|(name, _)| format!("  - {}\n", world.channel(name)))
            .collect();
        world.write("home/.condarc", &format!("channels:\n{}", urls.concat()));
        world
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub fn prefix(&self) -> PathBuf {
        self.path("env")
    }

    pub fn channel(&self, name: &str) -> String {
        format!("file://{}", self.path("channels").join(name).display())
    }

    pub fn write(&self, inside: &str, content: &str) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Adds lines to conda's configuration.
    pub fn configure(&self, lines: &str) {
        let path = self.path("home/.condarc");
        let before = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{before}{lines}\n")).unwrap();
    }

    /// Fills the environment, as if these specs had been asked for.
    pub fn install(&self, channel: &str, builds: &[Build], requested: &[&str]) {
        let mut history =
            String::from("==> 2026-11-20 08:00:00 <==\n# cmd: conda create\n# conda version: 26.7.0\n");
        let url = self.channel(channel);
        for build in builds {
            let mut record = build.json();
            let (name, version, string) = build.parts();
            let file = build.file_name();
            record["fn"] = file.clone().into();
            record["channel"] = format!("{url}/linux-64").into();
            record["url"] = format!("{url}/linux-64/{file}").into();
            record["files"] = json!([]);
            record["paths_data"] = json!({"paths": [], "paths_version": 1});
            record["link"] = json!({"source": "/nowhere", "type": 1});
            record["extracted_package_dir"] = "/nowhere".into();
            record["package_tarball_full_path"] = "/nowhere".into();
            record["constrains"] = json!([]);
            let path = format!("env/conda-meta/{name}-{version}-{string}.json");
            self.write(&path, &record.to_string());
            history.push_str(&format!("+{url}/linux-64::{name}-{version}-{string}\n"));
        }
        if !requested.is_empty() {
            let specs: Vec<_> = requested.iter().map(|spec| format!("'{spec}'")).collect();
            history.push_str(&format!("# update specs: [{}]\n", specs.join(", ")));
        }
        self.write("env/conda-meta/history", &history);
    }

    /// Every file below the environment, with its content.
    pub fn environment(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        collect(&self.prefix(), &mut found);
        found.sort();
        found
    }
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            let content = fs::read_to_string(&path).unwrap_or_default();
            found.push((path, content));
        }
    }
}
