//! An index in the likeness of a big channel, made up: libraries that need one another, packages built for every Python, packages
//! for all of them, each in many versions. The same in every run.

#![allow(dead_code, reason = "every test and bench uses its part")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const PYTHONS: [(u32, u32); 5] = [(9, 21), (10, 16), (11, 11), (12, 8), (13, 2)];
/// How many times everything was released anew.
const RELEASES: usize = 24;

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }
}

/// How many packages of each kind there are.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    pub libraries: usize,
    pub built: usize,
    pub noarch: usize,
}

impl Amount {
    /// About so many records in all.
    pub fn of_records(records: usize) -> Self {
        // A package of each kind has so many records over all releases, and there are as many of each.
        let unit = RELEASES + RELEASES * PYTHONS.len() / 2 + RELEASES;
        let each = (records / unit).max(3);
        Self {
            libraries: each,
            built: each,
            noarch: each,
        }
    }
}

/// Writes `noarch/repodata.json` and `linux-64/repodata.json` of a channel; the number of records.
pub fn write(channel: &Path, amount: Amount) -> usize {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut native = Index::begin(channel, "linux-64");
    let mut noarch = Index::begin(channel, "noarch");
    for (minor, patches) in PYTHONS {
        for patch in 0..=patches {
            native.add(
                "python",
                &format!("3.{minor}.{patch}"),
                "h0_0",
                0,
                &depends(&mut numbers, RELEASES, amount, 3),
            );
        }
    }
    noarch.add("pip", "24.0", "py_0", 0, &["python >=3.8".to_owned()]);
    for release in 0..RELEASES {
        for number in 0..amount.libraries {
            let depends = depends_below(&mut numbers, release, number, 3);
            native.add(
                &library(number),
                &version(release),
                &format!("h{number:x}_0"),
                0,
                &depends,
            );
        }
        for number in 0..amount.built {
            for (minor, _) in pythons_of(release) {
                let mut depends = depends(&mut numbers, release, amount, 3);
                depends.push(format!("python >=3.{minor},<3.{}.0a0", minor + 1));
                if number > 0 {
                    let other = numbers.below(number);
                    depends.push(format!(
                        "{} >={}",
                        built(other),
                        version(release.saturating_sub(3))
                    ));
                }
                native.add(
                    &built(number),
                    &version(release),
                    &format!("py3{minor}h{number:x}_1"),
                    1,
                    &depends,
                );
            }
        }
        for number in 0..amount.noarch {
            let mut depends = vec!["python >=3.9".to_owned()];
            for _ in 0..numbers.below(3) {
                depends.push(built(numbers.below(amount.built)));
            }
            if number > 0 && numbers.below(2) == 0 {
                depends.push(format!(
                    "{} >={}",
                    pure(numbers.below(number)),
                    version(release.saturating_sub(4))
                ));
            }
            noarch.add(&pure(number), &version(release), "pyhd8ed1ab_0", 0, &depends);
        }
    }
    native.end() + noarch.end()
}

/// For which Pythons something was built in a release: half of them.
fn pythons_of(release: usize) -> impl Iterator<Item = (u32, u32)> {
    let newest = 2 + release * (PYTHONS.len() - 2) / RELEASES;
    PYTHONS
        .into_iter()
        .enumerate()
        .filter(move |(at, _)| (newest.saturating_sub(2)..=newest).contains(at))
        .map(|(_, python)| python)
}

pub fn library(number: usize) -> String {
    format!("lib{number:04}")
}

pub fn built(number: usize) -> String {
    format!("built-{number:04}")
}

pub fn pure(number: usize) -> String {
    format!("pure-{number:04}")
}

pub fn version(release: usize) -> String {
    format!("{}.{}.{}", 1 + release / 8, release % 8, release % 3)
}

fn depends(numbers: &mut Numbers, release: usize, amount: Amount, most: usize) -> Vec<String> {
    let count = numbers.below(most + 1);
    let mut depends = Vec::new();
    for _ in 0..count {
        depends.push(needs_library(numbers.below(amount.libraries), release));
    }
    depends.push("__glibc >=2.17".to_owned());
    depends
}

fn depends_below(numbers: &mut Numbers, release: usize, number: usize, most: usize) -> Vec<String> {
    let mut depends = Vec::new();
    if number > 0 {
        for _ in 0..numbers.below(most + 1) {
            depends.push(needs_library(numbers.below(number), release));
        }
    }
    depends
}

/// At least the version of the time, and less than the next major one.
fn needs_library(number: usize, release: usize) -> String {
    let release = release.min(RELEASES - 1);
    let next = 2 + release / 8;
    format!(
        "{} >={},<{next}.0a0",
        library(number),
        version(release.saturating_sub(2))
    )
}

/// The records of a subdir by their files' names, which is the order in which those who make indexes write them.
struct Index {
    path: PathBuf,
    subdir: &'static str,
    records: BTreeMap<String, String>,
}

impl Index {
    fn begin(channel: &Path, subdir: &'static str) -> Self {
        fs::create_dir_all(channel.join(subdir)).unwrap();
        Self {
            path: channel.join(subdir).join("repodata.json"),
            subdir,
            records: BTreeMap::new(),
        }
    }

    fn add(&mut self, name: &str, version: &str, build: &str, number: u64, depends: &[String]) {
        let depends: Vec<_> = depends.iter().map(|depend| format!("\"{depend}\"")).collect();
        let noarch = if self.subdir == "noarch" {
            r#""noarch":"python","#
        } else {
            ""
        };
        let so_far = self.records.len();
        let at = 1_600_000_000_000_u64 + so_far as u64 * 60_000;
        let sum = so_far as u128 * 0x1234_5678_9abc_def1;
        let record = format!(
            r#"{{"name":"{name}","version":"{version}","build":"{build}","build_number":{number},{noarch}"subdir":"{}","depends":[{}],"md5":"{sum:032x}","sha256":"{sum:064x}","size":{},"license":"BSD-3-Clause","timestamp":{at}}}"#,
            self.subdir,
            depends.join(","),
            20_000 + so_far % 900_000,
        );
        self.records
            .insert(format!("{name}-{version}-{build}.conda"), record);
    }

    fn end(self) -> usize {
        let mut file = BufWriter::new(File::create(&self.path).unwrap());
        let subdir = self.subdir;
        write!(
            file,
            r#"{{"info":{{"subdir":"{subdir}"}},"packages":{{}},"packages.conda":{{"#
        )
        .unwrap();
        for (number, (name, record)) in self.records.iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            write!(file, r#"{comma}"{name}":{record}"#).unwrap();
        }
        write!(file, r#"}},"removed":[],"repodata_version":1}}"#).unwrap();
        file.flush().unwrap();
        self.records.len()
    }
}
