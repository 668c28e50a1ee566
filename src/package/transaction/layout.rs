//! Where every file of a change goes, worked out before any is touched.
//!
//! Two packages may bring one path. As with conda, the package that needs the other wins; unlike there, the file of the
//! other is not lost: it lies in `__clobbers__/<package>/<path>`, where its record says so, and comes back when the winner
//! goes. rattler and pixi keep such files in the same place.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rattler_conda_types::package::PathType;
use rattler_conda_types::prefix_record;
use rattler_conda_types::{PackageRecord, PrefixRecord};

use super::change::{Change, dist};
use super::error::TransactionError;
use super::prefix::{Installed, paths_of};
use crate::package::cache::{CacheError, Contents, Hostile};
use crate::package::inside::{inside, led_to};

const CLOBBERS: &str = "__clobbers__";

/// Links that lead to links, as deep as anybody builds them.
const DEEPEST: usize = 16;

/// Where the content of a file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// An entry of a package's list of paths.
    File { package: usize, entry: usize },
    /// A command of a package for every Python.
    Command {
        package: usize,
        command: usize,
        part: CommandPart,
    },
    /// A file of a package that stays, at another place of the environment.
    Moved { from: PathBuf },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommandPart {
    UnixScript,
    WindowsScript,
    WindowsProgram,
}

/// A file of the environment as it will be, told from the prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Laid {
    pub origin: Origin,
    /// Where its record says it is.
    pub recorded: PathBuf,
    /// Where that is once the links of packages are followed.
    pub place: PathBuf,
    /// Where it would be if another package had no file there.
    pub original: Option<PathBuf>,
}

impl Laid {
    /// The package that brings it.
    pub fn package(&self) -> Option<usize> {
        match self.origin {
            Origin::File { package, .. } | Origin::Command { package, .. } => Some(package),
            Origin::Moved { .. } => None,
        }
    }
}

/// A path that several packages bring.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Clobbered {
    pub path: PathBuf,
    /// The package whose file lies there.
    pub winner: String,
    /// The packages whose file of that name lies in `__clobbers__`.
    pub others: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Every file that is made, those of one package side by side.
    pub laid: Vec<Laid>,
    /// Folders that packages bring although nothing is in them.
    pub folders: BTreeSet<PathBuf>,
    /// Files that go from where they are.
    pub removed: BTreeSet<PathBuf>,
    /// Records of packages that stay, of which a file has changed its place: by index in [`Change::staying`].
    pub rewritten: BTreeMap<usize, PrefixRecord>,
    pub clobbered: Vec<Clobbered>,
}

impl Layout {
    /// Errors: [`TransactionError::NoPython`], [`TransactionError::Collision`], and a package that names a path out of the
    /// environment.
    pub fn plan(change: &Change, contents: &[Contents]) -> Result<Self, TransactionError> {
        let mut layout = Self::default();
        for (package, contents) in contents.iter().enumerate() {
            layout.lay_out(package, contents, change)?;
        }
        let gone = change.gone.iter().flat_map(|one| paths_of(&one.record));
        layout.removed = gone.map(Path::to_owned).collect();
        layout.settle_claims(change, contents);
        layout.follow_links(contents);
        layout.check_collisions(contents)?;
        Ok(layout)
    }

    /// The files of one package, as if it were alone.
    fn lay_out(
        &mut self,
        package: usize,
        contents: &Contents,
        change: &Change,
    ) -> Result<(), TransactionError> {
        let hostile = |path: &Path| CacheError::Hostile {
            package: dist(&contents.record),
            what: Hostile::Path {
                path: path.to_owned(),
            },
        };
        let is_for_every_python = contents.index.noarch.is_python();
        let python = match (&change.python, is_for_every_python) {
            (Some(python), true) => Some(python),
            (None, true) => {
                return Err(TransactionError::NoPython {
                    package: dist(&contents.record),
                });
            }
            (_, false) => None,
        };
        let mut seen = HashSet::new();
        let mut lay = |laid: &mut Vec<Laid>, origin: Origin, target: &Path| {
            let target = inside(target).ok_or_else(|| hostile(target))?;
            if seen.insert(target.clone()) {
                laid.push(Laid {
                    origin,
                    recorded: target.clone(),
                    place: target,
                    original: None,
                });
            }
            Ok::<_, TransactionError>(())
        };
        for (entry, path) in contents.paths.paths.iter().enumerate() {
            let target = match python {
                Some(python) => python.get_python_noarch_target_path(&path.relative_path),
                None => path.relative_path.as_path().into(),
            };
            if path.path_type == PathType::Directory {
                self.folders
                    .insert(inside(&target).ok_or_else(|| hostile(&target))?);
            }
            lay(&mut self.laid, Origin::File { package, entry }, &target)?;
        }
        let Some(python) = python else { return Ok(()) };
        for (command, entry_point) in contents.entry_points.iter().enumerate() {
            let name = &entry_point.command;
            let parts = match change.platform.is_windows() {
                false => vec![(CommandPart::UnixScript, name.clone())],
                true => vec![
                    (CommandPart::WindowsScript, format!("{name}-script.py")),
                    (CommandPart::WindowsProgram, format!("{name}.exe")),
                ],
            };
            for (part, name) in parts {
                let origin = Origin::Command {
                    package,
                    command,
                    part,
                };
                lay(&mut self.laid, origin, &python.bin_dir.join(name))?;
            }
        }
        Ok(())
    }

    /// Decides about the paths that several packages bring.
    fn settle_claims(&mut self, change: &Change, contents: &[Contents]) {
        let mut new: HashMap<PathBuf, Vec<usize>> = HashMap::with_capacity(self.laid.len());
        for (at, laid) in self.laid.iter().enumerate() {
            if !self.folders.contains(&laid.recorded) {
                new.entry(laid.recorded.clone()).or_default().push(at);
            }
        }
        let mut staying: BTreeMap<PathBuf, Vec<(usize, PathBuf)>> = BTreeMap::new();
        for (package, one) in change.staying.iter().enumerate() {
            let folders = one.record.paths_data.paths.iter();
            let folders = folders.filter(|path| path.path_type == prefix_record::PathType::Directory);
            let folders: HashSet<&Path> = folders.map(|path| path.relative_path.as_path()).collect();
            let aside = Path::new(CLOBBERS).join(one.record.name().as_normalized());
            for present in paths_of(&one.record).filter(|path| !folders.contains(path)) {
                let claimed = present.strip_prefix(&aside).unwrap_or(present);
                if new.contains_key(claimed) || self.removed.contains(claimed) {
                    let claims = staying.entry(claimed.to_owned()).or_default();
                    claims.push((package, present.to_owned()));
                }
            }
        }
        let contested = new.iter().filter(|(_, claims)| claims.len() > 1);
        let mut contested: BTreeSet<PathBuf> = contested.map(|(path, _)| path.clone()).collect();
        contested.extend(staying.keys().cloned());
        if contested.is_empty() {
            return;
        }
        let ranks = ranks(change);
        let rank = |name: &str| ranks.get(name).copied().unwrap_or_default();
        for path in contested {
            let mut claims: Vec<Claim> = Vec::new();
            for at in new.get(&path).into_iter().flatten() {
                if let Some(package) = self.laid[*at].package() {
                    let name = contents[package].index.name.as_normalized().to_owned();
                    claims.push(Claim::New { at: *at, name });
                }
            }
            for (package, present) in staying.get(&path).into_iter().flatten() {
                let name = change.staying[*package].record.name().as_normalized().to_owned();
                claims.push(Claim::Staying {
                    package: *package,
                    present: present.clone(),
                    name,
                });
            }
            claims.sort_by_key(|claim| rank(claim.name()));
            self.settle(&path, &claims, &change.staying);
        }
    }

    /// The last of `claims` gets the path.
    fn settle(&mut self, path: &Path, claims: &[Claim], staying: &[Installed]) {
        let Some((winner, others)) = claims.split_last() else {
            return;
        };
        self.give(path, winner, path, staying);
        for other in others {
            let place = Path::new(CLOBBERS).join(other.name()).join(path);
            self.give(path, other, &place, staying);
        }
        if !others.is_empty() {
            self.clobbered.push(Clobbered {
                path: path.to_owned(),
                winner: winner.name().to_owned(),
                others: others.iter().map(|other| other.name().to_owned()).collect(),
            });
        }
    }

    /// The file that a package brings as `path` goes to `place`.
    fn give(&mut self, path: &Path, claim: &Claim, place: &Path, staying: &[Installed]) {
        let original = (place != path).then(|| path.to_owned());
        match claim {
            Claim::New { at, .. } => {
                let laid = &mut self.laid[*at];
                laid.recorded = place.to_owned();
                laid.place = place.to_owned();
                laid.original = original;
            }
            Claim::Staying { package, present, .. } => {
                if present == place {
                    self.removed.remove(place);
                    return;
                }
                self.removed.insert(present.clone());
                self.laid.push(Laid {
                    origin: Origin::Moved {
                        from: present.clone(),
                    },
                    recorded: place.to_owned(),
                    place: place.to_owned(),
                    original: original.clone(),
                });
                let record = self
                    .rewritten
                    .entry(*package)
                    .or_insert_with(|| staying[*package].record.clone());
                for file in record.files.iter_mut().filter(|file| *file == present) {
                    *file = place.to_owned();
                }
                let listed = record.paths_data.paths.iter_mut();
                for path in listed.filter(|path| path.relative_path == *present) {
                    path.relative_path = place.to_owned();
                    path.original_path.clone_from(&original);
                }
            }
        }
    }

    /// A package may bring `lib64` as a link to `lib`, and another `lib64/x`: that is `lib/x`.
    fn follow_links(&mut self, contents: &[Contents]) {
        let mut links: HashMap<PathBuf, PathBuf> = HashMap::new();
        for laid in &self.laid {
            let Origin::File { package, entry } = laid.origin else {
                continue;
            };
            let path = &contents[package].paths.paths[entry];
            if path.path_type == PathType::SoftLink
                && let Ok(target) = fs::read_link(contents[package].folder.join(&path.relative_path))
                && let Some(led) = led_to(&laid.recorded, &target)
            {
                links.insert(laid.recorded.clone(), led);
            }
        }
        if links.is_empty() {
            return;
        }
        for laid in &mut self.laid {
            for _ in 0..DEEPEST {
                let above = laid
                    .place
                    .ancestors()
                    .skip(1)
                    .find_map(|above| Some((above, links.get(above)?)));
                let Some((above, led)) = above else { break };
                let Ok(rest) = laid.place.strip_prefix(above) else {
                    break;
                };
                laid.place = led.join(rest);
            }
        }
    }

    /// Errors: a path that is a file of one package and a folder of another.
    fn check_collisions(&self, contents: &[Contents]) -> Result<(), TransactionError> {
        let files = self
            .laid
            .iter()
            .filter(|laid| !self.folders.contains(&laid.recorded));
        let files: HashMap<&Path, &Laid> = files.map(|laid| (laid.place.as_path(), laid)).collect();
        let mut seen: HashSet<&Path> = HashSet::new();
        for laid in &self.laid {
            for above in laid.place.ancestors().skip(1) {
                if !seen.insert(above) {
                    break;
                }
                if let Some(file) = files.get(above) {
                    let name = |laid: &Laid| match laid.package() {
                        Some(package) => dist(&contents[package].record),
                        None => "a package of the environment".to_owned(),
                    };
                    return Err(TransactionError::Collision {
                        one: name(file),
                        other: name(laid),
                        path: above.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// A package's claim to a path.
enum Claim {
    New {
        at: usize,
        name: String,
    },
    Staying {
        package: usize,
        /// Where its file lies now.
        present: PathBuf,
        name: String,
    },
}

impl Claim {
    fn name(&self) -> &str {
        match self {
            Self::New { name, .. } | Self::Staying { name, .. } => name,
        }
    }
}

/// Packages in the order in which they need one another: what is needed comes first.
fn ranks(change: &Change) -> HashMap<String, usize> {
    let staying = change
        .staying
        .iter()
        .map(|one| &one.record.repodata_record.package_record);
    let linked = change.linked.iter().map(|record| &record.package_record);
    let records: Vec<&PackageRecord> = staying.chain(linked).collect();
    PackageRecord::sort_topologically(records)
        .into_iter()
        .enumerate()
        .map(|(rank, record)| (record.name.as_normalized().to_owned(), rank))
        .collect()
}
