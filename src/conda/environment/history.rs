//! `conda-meta/history`: what was done to an environment, as conda reads and writes it.
//!
//! ```text
//! ==> 2026-11-24 10:12:13 <==
//! # cmd: /opt/conda/bin/conda install numpy
//! # conda version: 26.7.0
//! -conda-forge/linux-64::libblas-3.9.0-1_openblas
//! +conda-forge/linux-64::numpy-2.1.0-py312h1_0
//! # update specs: ['numpy']
//! ```
//!
//! What the person has asked for is not written down as such; conda works it out from all the blocks, and so does
//! [`History::requested_specs`].

mod python;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;

use super::match_spec::MatchSpec;
use super::{EnvironmentError, meta};
use crate::edit::file;

/// What stands behind `# conda version:`. No conda did it, but conda reads the line: versions 4.4 to 4.6 stop at an environment
/// that a newer conda has changed. mamba writes the same for the same reason.
const CONDA_VERSION: &str = "3.8.0";

/// The mode of a new file, before the umask of most systems.
const ORDINARY: u32 = 0o644;

/// The file of a prefix.
pub fn path(prefix: &Path) -> PathBuf {
    meta(prefix).join("history")
}

/// One change of an environment, as its block says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Block {
    /// As it is written: local time, `2026-11-24 10:12:13`.
    pub at: String,
    /// `+` or `-`, and the package as `channel/subdir::name-version-build`; in old files, what is there, without a sign.
    pub packages: BTreeSet<String>,
    /// Lines that begin with `#`.
    comments: Vec<String>,
}

/// What the comments of a block say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    pub command: Option<String>,
    pub conda_version: Option<String>,
    pub update_specs: Vec<String>,
    pub remove_specs: Vec<String>,
    /// Specs that conda has weakened to make a later one possible.
    pub neutered_specs: Vec<String>,
}

impl Block {
    pub fn request(&self) -> Request {
        let mut request = Request::default();
        for comment in &self.comments {
            request.take(comment);
        }
        request
    }
}

impl Request {
    fn take(&mut self, comment: &str) {
        let Some(rest) = comment.strip_prefix('#').map(str::trim_start) else {
            return;
        };
        if let Some(command) = rest.strip_prefix("cmd:").map(str::trim_start) {
            if !command.is_empty() {
                self.command = Some(command.to_owned());
            }
        } else if let Some(version) = rest.strip_prefix("conda version:").map(str::trim_start) {
            if !version.is_empty() {
                self.conda_version = Some(version.to_owned());
            }
        } else if let Some((action, specs)) = action(rest) {
            let specs = specs_of(specs);
            let place = match action {
                "update" | "install" | "create" => &mut self.update_specs,
                "remove" | "uninstall" => &mut self.remove_specs,
                "neutered" => &mut self.neutered_specs,
                _ => return,
            };
            if !specs.is_empty() {
                *place = specs;
            }
        }
    }
}

/// The action and the specs of `update specs: ['a']`.
fn action(text: &str) -> Option<(&str, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = text.len() - text.trim_start_matches(is_word).len();
    let (action, rest) = text.split_at(word);
    if action.is_empty() {
        return None;
    }
    // In Python's expression the space between the two may be missing, and then the word gives its end away.
    match rest.trim_start().strip_prefix("specs:") {
        Some(specs) => Some((action, specs.trim())),
        None => Some((
            action.strip_suffix("specs").filter(|action| !action.is_empty())?,
            rest.strip_prefix(':')?.trim(),
        )),
    }
}

fn specs_of(text: &str) -> Vec<String> {
    let specs = match text.starts_with('[') {
        true => python::list_of_texts(text).unwrap_or_default(),
        false if text.contains('[') => Vec::new(),
        false => old_specs(text),
    };
    specs
        .into_iter()
        .filter(|spec| !spec.is_empty() && !spec.ends_with('@'))
        .collect()
}

/// Before conda 4.5: `python>=3.5.1,jupyter >=1.0.0,<2.0`, where what begins with a relation belongs to the one before.
fn old_specs(text: &str) -> Vec<String> {
    let mut specs: Vec<String> = Vec::new();
    for part in text.split(',') {
        match specs.last_mut() {
            Some(last) if is_relation(part) => {
                last.push(',');
                last.push_str(part);
            }
            _ => specs.push(part.to_owned()),
        }
    }
    specs
}

fn is_relation(part: &str) -> bool {
    const RELATIONS: [&str; 8] = ["==", "!=", "<=", ">=", "~=", "=", "<", ">"];
    let sign = |c: char| "=<>!~".contains(c);
    RELATIONS
        .into_iter()
        .filter_map(|relation| part.strip_prefix(relation))
        .any(|rest| !rest.is_empty() && !rest.starts_with(sign) && !rest.contains(char::is_whitespace))
}

/// Everything that was done to an environment, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    pub blocks: Vec<Block>,
}

impl History {
    /// Reads the history of a prefix; a file that is not there says nothing.
    ///
    /// Errors: file errors.
    pub fn read(prefix: &Path) -> Result<Self, EnvironmentError> {
        let image = file::read(&path(prefix))?;
        let bytes = image.map(|image| image.bytes).unwrap_or_default();
        Ok(Self::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// Whatever the text is, there is a history in it; what stands before the first block counts for nothing.
    pub fn parse(text: &str) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        for line in python::lines(text).map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(at) = head(line) {
                blocks.push(Block {
                    at: at.to_owned(),
                    ..Block::default()
                });
                continue;
            }
            let Some(block) = blocks.last_mut() else { continue };
            if line.starts_with('#') {
                block.comments.push(line.to_owned());
            } else {
                block.packages.insert(line.to_owned());
            }
        }
        Self { blocks }
    }

    /// What the person has asked for and is there: match specs by the name of the package, in the order in which they were
    /// first asked for. `installed` are the names of the packages that the prefix holds.
    pub fn requested_specs<'a>(&self, installed: impl IntoIterator<Item = &'a str>) -> Vec<RequestedSpec> {
        let mut requested: Vec<RequestedSpec> = Vec::new();
        // conda counts only what a command did.
        let requests = self.blocks.iter().map(Block::request);
        for request in requests.filter(|request| request.command.is_some()) {
            for spec in request.remove_specs.iter().map(|text| MatchSpec::parse(text)) {
                requested.retain(|other| other.name != spec.name());
            }
            for text in request.update_specs.iter().chain(&request.neutered_specs) {
                let spec = MatchSpec::parse(text);
                let name = spec.name().to_owned();
                let spec = spec.to_string();
                match requested.iter_mut().find(|other| other.name == name) {
                    Some(other) => other.spec = spec,
                    None => requested.push(RequestedSpec { name, spec }),
                }
            }
        }
        let installed: BTreeSet<&str> = installed.into_iter().collect();
        requested.retain(|spec| installed.contains(spec.name.as_str()));
        requested
    }

    /// The packages that are there according to the history, as `channel/subdir::name-version-build`.
    pub fn packages(&self) -> BTreeSet<String> {
        let mut present = BTreeSet::new();
        for block in &self.blocks {
            let is_change = block
                .packages
                .iter()
                .any(|package| package.starts_with(['-', '+']));
            if !is_change {
                present = block.packages.clone();
                continue;
            }
            for package in &block.packages {
                if let Some(gone) = package.strip_prefix('-') {
                    present.remove(gone);
                } else if let Some(new) = package.strip_prefix('+') {
                    present.insert(new.to_owned());
                }
            }
        }
        present
    }
}

/// The date of a line that begins a block.
fn head(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("==>")?.trim_start();
    // Something must stand before the end.
    let (first, _) = rest.char_indices().nth(1)?;
    let end = first + rest[first..].find("<==")?;
    Some(rest[..end].trim_end())
}

/// A package that the person has asked for by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedSpec {
    /// Of the package.
    pub name: String,
    /// In conda's own spelling, such as `numpy==2.1.0` or `python[version='>=3.12']`.
    pub spec: String,
}

/// A change of an environment that is to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Local time.
    pub at: DateTime,
    /// The words of the command that does it, or what stands for them.
    pub command: String,
    /// The packages that go, as `channel/subdir::name-version-build`, where the channel is named as conda names it.
    pub removed: BTreeSet<String>,
    pub added: BTreeSet<String>,
    pub remove_specs: Vec<String>,
    pub update_specs: Vec<String>,
    pub neutered_specs: Vec<String>,
}

impl Change {
    /// From what the history says was there to what is there now, as conda works it out.
    pub fn between(history: &History, present: &BTreeSet<String>, at: DateTime, command: &str) -> Self {
        let before = history.packages();
        Self {
            at,
            command: command.to_owned(),
            removed: before.difference(present).cloned().collect(),
            added: present.difference(&before).cloned().collect(),
            remove_specs: Vec::new(),
            update_specs: Vec::new(),
            neutered_specs: Vec::new(),
        }
    }

    /// The block, to be put behind what the file holds.
    pub fn to_text(&self) -> String {
        let line = |text: &str| text.replace(['\n', '\r'], " ");
        let mut text = format!(
            "==> {} <==\n# cmd: {}\n# conda version: {CONDA_VERSION}\n",
            self.at.strftime("%Y-%m-%d %H:%M:%S"),
            line(&self.command)
        );
        let lists = [("-", &self.removed), ("+", &self.added)];
        for (sign, packages) in lists {
            for package in packages {
                text.push_str(&format!("{sign}{}\n", line(package)));
            }
        }
        for (action, specs) in [
            ("remove", &self.remove_specs),
            ("update", &self.update_specs),
            ("neutered", &self.neutered_specs),
        ] {
            if !specs.is_empty() {
                let specs = specs.iter().map(|spec| MatchSpec::parse(spec).to_string());
                text.push_str(&format!("# {action} specs: {}\n", python::repr_of_list(specs)));
            }
        }
        text
    }
}

/// The content of a history with this change at its end. `before` is the present content, nothing where there is no file.
pub fn with(before: Option<&[u8]>, change: &Change) -> Vec<u8> {
    let mut content = before.unwrap_or_default().to_vec();
    if !content.is_empty() && !content.ends_with(b"\n") {
        content.push(b'\n');
    }
    content.extend(change.to_text().bytes());
    content
}

/// Writes a change down at the end of a prefix's history, which is made where there is none.
///
/// Errors: file errors.
pub fn append(prefix: &Path, change: &Change) -> Result<(), EnvironmentError> {
    let path = path(prefix);
    let before = file::read(&path)?.map(|image| image.bytes);
    Ok(file::write(&path, &with(before.as_deref(), change), ORDINARY)?)
}

#[cfg(test)]
mod tests;
