//! Who needs whom in an environment, as trees to be drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use crate::conda::environment::history::History;
use crate::conda::environment::{self, EnvironmentError};
use crate::package::solve::Installed;
use crate::package::{ChannelNames, Record};
use crate::service::{ServiceError, Services, blocking};

/// What a tree of a package shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// From what was asked for down to the package: why is it here?
    Why,
    /// From the package up: what needs it?
    NeededBy,
    /// From the package down: what does it need?
    Needs,
}

/// A package in a tree, and what hangs below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    pub name: String,
    /// None where it is not there.
    pub version: Option<String>,
    /// The match spec by which the one of the two needs the other; none at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Whether somebody asked for it.
    pub is_requested: bool,
    pub kind: BranchKind,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub below: Vec<Branch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BranchKind {
    Package,
    /// It stands elsewhere in the tree already, with all that is below it.
    Repeated,
    /// It stands above itself: the packages need one another.
    Circle,
    /// A property of the machine, such as `__glibc`.
    Machine,
    /// The environment lacks it.
    Missing,
}

impl Services {
    /// The trees that answer the question for a package of an environment. For [`Question::Why`] there is one for each package
    /// that was asked for and needs it; otherwise one.
    ///
    /// # Errors
    /// [`EnvironmentError::NotAnEnvironment`]; records that cannot be read;
    /// [`SolveError::NotInstalled`](crate::package::solve::SolveError::NotInstalled).
    pub fn package_trees(
        &self,
        prefix: &Path,
        name: &str,
        question: Question,
    ) -> Result<Vec<Branch>, ServiceError> {
        blocking(|| {
            if !prefix.join("conda-meta").is_dir() {
                let prefix = prefix.to_owned();
                return Err(EnvironmentError::NotAnEnvironment { prefix }.into());
            }
            let records = Installed::read(prefix)?.packages(&ChannelNames::default());
            let history = History::read(prefix)?;
            let requested = history.requested_specs(records.iter().map(|record| record.name.as_str()));
            let requested = requested.into_iter().map(|spec| spec.name);
            let dependencies = Dependencies::of(&records, requested);
            let name = environment::match_spec::MatchSpec::parse(name).name().to_owned();
            Ok(dependencies.trees(&name, question)?)
        })
    }
}

/// Which package of an environment needs which.
#[derive(Debug)]
pub struct Dependencies<'a> {
    packages: BTreeMap<&'a str, &'a Record>,
    /// By package, what it needs: name and spec.
    needs: BTreeMap<&'a str, Vec<(&'a str, &'a str)>>,
    /// By package, what needs it: name and spec.
    needed_by: BTreeMap<&'a str, Vec<(&'a str, &'a str)>>,
    requested: BTreeSet<String>,
}

impl<'a> Dependencies<'a> {
    /// `requested` are the names of the packages that somebody asked for. Where there are none, those that nothing needs stand
    /// for them.
    pub fn of(records: &'a [Record], requested: impl IntoIterator<Item = String>) -> Self {
        let mut dependencies = Self {
            packages: records
                .iter()
                .map(|record| (record.name.as_str(), record))
                .collect(),
            needs: BTreeMap::new(),
            needed_by: BTreeMap::new(),
            requested: requested.into_iter().collect(),
        };
        for record in records {
            for spec in &record.depends {
                let name = name_of(spec);
                let needs = dependencies.needs.entry(&record.name).or_default();
                if needs.iter().all(|(known, _)| *known != name) {
                    needs.push((name, spec));
                    let needed_by = dependencies.needed_by.entry(name).or_default();
                    needed_by.push((&record.name, spec));
                }
            }
        }
        let all = dependencies
            .needs
            .values_mut()
            .chain(dependencies.needed_by.values_mut());
        for names in all {
            names.sort_unstable();
        }
        if dependencies.requested.is_empty() {
            let tops = dependencies.packages.keys();
            let tops = tops.filter(|name| !dependencies.needed_by.contains_key(**name));
            dependencies.requested = tops.map(|name| (*name).to_owned()).collect();
        }
        dependencies
    }

    /// # Errors
    /// [`SolveError::NotInstalled`](crate::package::solve::SolveError::NotInstalled).
    pub fn trees(
        &self,
        name: &str,
        question: Question,
    ) -> Result<Vec<Branch>, crate::package::solve::SolveError> {
        let Some((name, _)) = self.packages.get_key_value(name) else {
            let names = vec![name.to_owned()];
            return Err(crate::package::solve::SolveError::NotInstalled { names });
        };
        let mut drawing = Drawing {
            dependencies: self,
            question,
            target: name,
            leading: self.all_that_need(name),
            drawn: BTreeSet::new(),
            above: Vec::new(),
        };
        Ok(match question {
            Question::NeededBy | Question::Needs => vec![drawing.branch(name, None)],
            Question::Why => {
                let tops = self
                    .requested
                    .iter()
                    .filter_map(|top| self.packages.get_key_value(top.as_str()));
                let leading: Vec<_> = tops.filter(|(top, _)| drawing.leading.contains(**top)).collect();
                match leading.is_empty() {
                    // Nobody asked for it, and nothing that was asked for needs it.
                    true => vec![drawing.branch(name, None)],
                    false => leading
                        .into_iter()
                        .map(|(top, _)| drawing.branch(top, None))
                        .collect(),
                }
            }
        })
    }

    /// The package, and every one that needs it, directly or not.
    fn all_that_need(&self, name: &'a str) -> BTreeSet<&'a str> {
        let mut all = BTreeSet::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            if all.insert(name) {
                let needed_by = self.needed_by.get(name).into_iter().flatten();
                open.extend(needed_by.map(|(name, _)| *name));
            }
        }
        all
    }
}

struct Drawing<'a, 'd> {
    dependencies: &'d Dependencies<'a>,
    question: Question,
    target: &'a str,
    /// What leads to the target.
    leading: BTreeSet<&'a str>,
    /// What has been drawn with all that is below it.
    drawn: BTreeSet<&'a str>,
    above: Vec<&'a str>,
}

impl<'a> Drawing<'a, '_> {
    fn branch(&mut self, name: &'a str, spec: Option<&str>) -> Branch {
        let record = self.dependencies.packages.get(name);
        let below = self.below(name);
        let kind = if name.starts_with("__") {
            BranchKind::Machine
        } else if record.is_none() {
            BranchKind::Missing
        } else if self.above.contains(&name) {
            BranchKind::Circle
        } else if !below.is_empty() && !self.drawn.insert(name) {
            BranchKind::Repeated
        } else {
            BranchKind::Package
        };
        let mut branch = Branch {
            name: name.to_owned(),
            version: record.map(|record| record.version.clone()),
            spec: spec.map(str::to_owned),
            is_requested: self.dependencies.requested.contains(name),
            kind,
            below: Vec::new(),
        };
        if kind == BranchKind::Package {
            self.above.push(name);
            branch.below = below
                .into_iter()
                .map(|(name, spec)| self.branch(name, Some(spec)))
                .collect();
            self.above.pop();
        }
        branch
    }

    fn below(&self, name: &str) -> Vec<(&'a str, &'a str)> {
        let of =
            |map: &BTreeMap<&'a str, Vec<(&'a str, &'a str)>>| map.get(name).cloned().unwrap_or_default();
        match self.question {
            Question::Needs => of(&self.dependencies.needs),
            Question::NeededBy => of(&self.dependencies.needed_by),
            // The way ends at the package that was asked about.
            Question::Why if name == self.target => Vec::new(),
            Question::Why => {
                let mut below = of(&self.dependencies.needs);
                below.retain(|(name, _)| self.leading.contains(name));
                below
            }
        }
    }
}

/// The name in a match spec of an index.
fn name_of(spec: &str) -> &str {
    let spec = spec.rsplit_once("::").map_or(spec, |(_, rest)| rest).trim();
    let end = spec.find(|c: char| c.is_whitespace() || "=<>!~[;".contains(c));
    &spec[..end.unwrap_or(spec.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Channel;

    fn record(name: &str, depends: &[&str]) -> Record {
        Record {
            name: name.to_owned(),
            version: "1.0".to_owned(),
            build: "0".to_owned(),
            build_number: 0,
            channel: Channel {
                name: "main".to_owned(),
                url: "https://h/main".to_owned(),
            },
            subdir: "noarch".to_owned(),
            file_name: format!("{name}-1.0-0.conda"),
            size: None,
            license: None,
            depends: depends.iter().map(|depend| (*depend).to_owned()).collect(),
            constrains: Vec::new(),
            timestamp: None,
        }
    }

    fn environment() -> Vec<Record> {
        vec![
            record("python", &["pip", "zlib >=1.2", "__glibc >=2.17"]),
            record("pip", &["python >=3.8"]),
            record("zlib", &[]),
            record("numpy", &["python >=3.10,<3.11.0a0", "blas=*=openblas"]),
            record("blas", &["zlib"]),
            record("pandas", &["numpy>=1.20", "python", "pytz"]),
            record("stray", &[]),
        ]
    }

    /// One line for each branch: depth, name, and the mark of its kind.
    fn drawn(branches: &[Branch]) -> Vec<String> {
        fn draw(branch: &Branch, depth: usize, into: &mut Vec<String>) {
            let mark = match branch.kind {
                BranchKind::Package => "",
                BranchKind::Repeated => " (repeated)",
                BranchKind::Circle => " (circle)",
                BranchKind::Machine => " (machine)",
                BranchKind::Missing => " (missing)",
            };
            let star = if branch.is_requested { "*" } else { "" };
            into.push(format!("{}{}{star}{mark}", "  ".repeat(depth), branch.name));
            for branch in &branch.below {
                draw(branch, depth + 1, into);
            }
        }
        let mut lines = Vec::new();
        for branch in branches {
            draw(branch, 0, &mut lines);
        }
        lines
    }

    fn ask(requested: &[&str], name: &str, question: Question) -> Vec<String> {
        let records = environment();
        let requested = requested.iter().map(|name| (*name).to_owned());
        drawn(
            &Dependencies::of(&records, requested)
                .trees(name, question)
                .unwrap(),
        )
    }

    #[test]
    fn why_a_package_is_here_is_told_from_what_was_asked_for() {
        assert_eq!(
            ask(&["pandas", "python"], "zlib", Question::Why),
            [
                "pandas*",
                "  numpy",
                "    blas",
                "      zlib",
                "    python*",
                "      pip",
                "        python* (circle)",
                "      zlib",
                "  python* (repeated)",
                "python* (repeated)",
            ]
        );
        assert_eq!(ask(&["pandas"], "pandas", Question::Why), ["pandas*"]);
        assert_eq!(ask(&["pandas"], "stray", Question::Why), ["stray"]);
        assert_eq!(
            ask(&["numpy", "zlib"], "blas", Question::Why),
            ["numpy*", "  blas"]
        );
    }

    #[test]
    fn without_wishes_what_nothing_needs_stands_for_them() {
        assert_eq!(
            ask(&[], "blas", Question::Why),
            ["pandas*", "  numpy", "    blas"]
        );
        assert_eq!(ask(&[], "stray", Question::Why), ["stray*"]);
    }

    #[test]
    fn what_needs_a_package_is_told_up_to_the_top() {
        assert_eq!(
            ask(&["pandas"], "zlib", Question::NeededBy),
            [
                "zlib",
                "  blas",
                "    numpy",
                "      pandas*",
                "  python",
                "    numpy (repeated)",
                "    pandas*",
                "    pip",
                "      python (circle)",
            ]
        );
    }

    #[test]
    fn what_a_package_needs_is_told_down_to_the_machine() {
        assert_eq!(
            ask(&["pandas"], "pandas", Question::Needs),
            [
                "pandas*",
                "  numpy",
                "    blas",
                "      zlib",
                "    python",
                "      __glibc (machine)",
                "      pip",
                "        python (circle)",
                "      zlib",
                "  python (repeated)",
                "  pytz (missing)",
            ]
        );
        let records = environment();
        let dependencies = Dependencies::of(&records, []);
        let branches = dependencies.trees("numpy", Question::Needs).unwrap();
        assert_eq!(branches[0].below[0].spec.as_deref(), Some("blas=*=openblas"));
        assert!(dependencies.trees("gone", Question::Why).is_err());
    }

    #[test]
    fn a_deep_environment_is_drawn_once_and_quickly() {
        // Each needs all before it: as many ways as two to the power of their number.
        let names: Vec<_> = (0..400).map(|number| format!("p{number:03}")).collect();
        let records: Vec<_> = (0..400)
            .map(|number| {
                let before: Vec<_> = names[..number].iter().map(String::as_str).collect();
                record(&names[number], &before)
            })
            .collect();
        let dependencies = Dependencies::of(&records, []);
        for question in [Question::Needs, Question::Why] {
            let branches =
                dependencies.trees(if question == Question::Why { "p000" } else { "p399" }, question);
            let lines = drawn(&branches.unwrap()).len();
            assert!(lines <= 400 * 400, "{lines}");
        }
    }
}
