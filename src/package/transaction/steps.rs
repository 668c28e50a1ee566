//! The steps from the environment as it is to the environment as it will be: renames and nothing else.
//!
//! A folder of which everything goes is taken away as a whole, and one that is not there yet comes as a whole, so that most
//! packages take a handful of steps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::journal::Step;
use super::prefix::META;

/// What the steps lead to, with paths told from the prefix.
#[derive(Debug, Default)]
pub(super) struct Goal {
    /// Files that go, and folders that packages had although nothing was in them.
    pub removed: BTreeSet<PathBuf>,
    /// Folders that are to stay although nothing is in them.
    pub needed_folders: BTreeSet<PathBuf>,
    /// Files that lie in the stage.
    pub placed: BTreeSet<PathBuf>,
    /// Folders that lie in the stage although nothing is in them.
    pub placed_folders: BTreeSet<PathBuf>,
    /// Files in the stage that take the place of others without a moment in between.
    pub replaced: BTreeSet<PathBuf>,
}

/// The steps, in their order.
pub(super) fn plan(prefix: &Path, stage: &Path, goal: &Goal) -> Vec<Step> {
    let mut real = RealFolders {
        prefix,
        known: HashMap::new(),
    };
    // What comes behind a link of the prefix needs the folder that the link leads to.
    let mut needed = goal.needed_folders.clone();
    for path in &goal.placed {
        let place = real.path(path);
        if place != *path {
            needed.extend(place.ancestors().skip(1).map(Path::to_owned));
        }
    }
    let kept = kept(goal, &needed, &mut real);
    let mut steps: Vec<Step> = kept
        .iter()
        .map(|path| Step::Keep {
            path: path.clone(),
            is_foreign: false,
        })
        .collect();
    // The deepest first: what lies behind a link goes before the link.
    steps.sort_by_key(|step| match step {
        Step::Keep { path, .. } => std::cmp::Reverse((path.components().count(), path.clone())),
        _ => std::cmp::Reverse((0, PathBuf::new())),
    });
    let mut tree = Node::default();
    for folder in &goal.placed_folders {
        tree.insert(folder, false);
    }
    for file in &goal.placed {
        tree.insert(file, true);
    }
    let mut placing = Placing {
        prefix,
        stage,
        kept: &kept,
        real,
        steps,
    };
    for (name, node) in &tree.children {
        placing.place(node, Path::new(name));
    }
    let mut steps = placing.steps;
    for path in &goal.replaced {
        let path = path.clone();
        steps.push(match prefix.join(&path).symlink_metadata() {
            Ok(_) => Step::Replace { path },
            Err(_) => Step::Place { path },
        });
    }
    steps
}

/// What goes and is there: whole folders where all that is in them goes, single files elsewhere.
fn kept(goal: &Goal, needed: &BTreeSet<PathBuf>, real: &mut RealFolders<'_>) -> BTreeSet<PathBuf> {
    let prefix = real.prefix;
    let mut kept = BTreeSet::new();
    // How much goes out of each folder.
    let mut going: HashMap<PathBuf, usize> = HashMap::new();
    for path in &goal.removed {
        let path = real.path(path);
        let Ok(metadata) = prefix.join(&path).symlink_metadata() else {
            continue;
        };
        if metadata.is_dir() {
            going.entry(path).or_default();
        } else if kept.insert(path.clone())
            && let Some(folder) = path.parent()
        {
            *going.entry(folder.to_owned()).or_default() += 1;
        }
    }
    let mut folders: Vec<PathBuf> = going.keys().cloned().collect();
    folders.sort_by_key(|folder| folder.components().count());
    let mut whole = BTreeSet::new();
    // From the deepest up; a folder that goes counts for the one that it lies in.
    while let Some(folder) = folders.pop() {
        let is_fixed = folder.as_os_str().is_empty() || folder == Path::new(META) || needed.contains(&folder);
        if is_fixed || going.get(&folder) != entries_of(&prefix.join(&folder)).as_ref() {
            continue;
        }
        if let Some(above) = folder.parent() {
            let count = going.entry(above.to_owned()).or_insert_with(|| {
                let at =
                    folders.partition_point(|other| other.components().count() <= above.components().count());
                folders.insert(at, above.to_owned());
                0
            });
            *count += 1;
        }
        whole.insert(folder);
    }
    kept.retain(|path| !path.ancestors().skip(1).any(|above| whole.contains(above)));
    let outermost = whole
        .iter()
        .filter(|folder| !folder.ancestors().skip(1).any(|above| whole.contains(above)));
    kept.extend(outermost.cloned());
    kept
}

/// Where folders of the prefix are once links are followed, as far as that is in the prefix.
struct RealFolders<'a> {
    prefix: &'a Path,
    known: HashMap<PathBuf, PathBuf>,
}

impl RealFolders<'_> {
    /// The path with its folder as it really is; what lies there may be a link itself.
    fn path(&mut self, path: &Path) -> PathBuf {
        match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) if !folder.as_os_str().is_empty() => self.folder(folder).join(name),
            _ => path.to_owned(),
        }
    }

    fn folder(&mut self, folder: &Path) -> PathBuf {
        if let Some(known) = self.known.get(folder) {
            return known.clone();
        }
        let mut real = self.path(folder);
        let place = self.prefix.join(&real);
        if place.is_symlink()
            && let (Ok(root), Ok(place)) = (self.prefix.canonicalize(), place.canonicalize())
            && let Ok(inside) = place.strip_prefix(root)
        {
            real = inside.to_owned();
        }
        self.known.insert(folder.to_owned(), real.clone());
        real
    }
}

/// How many entries a folder has; nothing for a link to one.
fn entries_of(folder: &Path) -> Option<usize> {
    let is_folder = folder.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    is_folder
        .then(|| fs::read_dir(folder).ok().map(Iterator::count))
        .flatten()
}

/// What lies in the stage.
#[derive(Debug, Default)]
struct Node {
    is_file: bool,
    children: BTreeMap<OsString, Node>,
}

impl Node {
    fn insert(&mut self, path: &Path, is_file: bool) {
        let mut node = self;
        for part in path.components() {
            node = node.children.entry(part.as_os_str().to_owned()).or_default();
        }
        node.is_file = is_file;
    }
}

struct Placing<'a> {
    prefix: &'a Path,
    stage: &'a Path,
    kept: &'a BTreeSet<PathBuf>,
    real: RealFolders<'a>,
    steps: Vec<Step>,
}

impl Placing<'_> {
    fn place(&mut self, node: &Node, path: &Path) {
        let place = self.prefix.join(path);
        let goes = self.kept.contains(path) || self.kept.contains(&self.real.path(path));
        let is_free = goes || place.symlink_metadata().is_err();
        if !is_free {
            // A folder may be a link to one: what comes goes behind it.
            if !node.is_file && place.is_dir() {
                for (name, child) in &node.children {
                    self.place(child, &path.join(name));
                }
                return;
            }
            self.steps.push(Step::Keep {
                path: path.to_owned(),
                is_foreign: !is_same_file(&place, &self.stage.join(path)),
            });
        }
        self.steps.push(Step::Place {
            path: path.to_owned(),
        });
    }
}

/// Whether nothing is lost when one takes the place of the other.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let kind = |path: &Path| {
        path.symlink_metadata()
            .ok()
            .map(|found| (found.is_file(), found.is_symlink(), found.len()))
    };
    match (kind(one), kind(other)) {
        (Some((true, _, length)), Some((true, _, other_length))) => {
            length == other_length
                && matches!((fs::read(one), fs::read(other)), (Ok(one), Ok(other)) if one == other)
        }
        (Some((_, true, _)), Some((_, true, _))) => {
            matches!((fs::read_link(one), fs::read_link(other)), (Ok(one), Ok(other)) if one == other)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
