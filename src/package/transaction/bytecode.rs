//! What Python has compiled: it stays behind when the source goes, and may be taken for that of a new one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The compiled files that are in the prefix of every source among `gone`.
///
/// Packages that conda has linked list theirs; what Python compiles later, nobody lists.
pub(super) fn compiled(prefix: &Path, gone: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let mut modules: HashMap<PathBuf, HashSet<&OsStr>> = HashMap::new();
    for source in gone {
        if source.extension() == Some(OsStr::new("py"))
            && let (Some(folder), Some(stem)) = (source.parent(), source.file_stem())
        {
            modules
                .entry(folder.join("__pycache__"))
                .or_default()
                .insert(stem);
        }
    }
    let mut found = Vec::new();
    for (folder, stems) in modules {
        for entry in fs::read_dir(prefix.join(&folder)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if is_compiled_from(&name, &stems) {
                found.push(folder.join(name));
            }
        }
    }
    found
}

/// `module.cpython-312.pyc`, `module.cpython-312.opt-1.pyc`
fn is_compiled_from(name: &OsStr, stems: &HashSet<&OsStr>) -> bool {
    let text = name.to_string_lossy();
    let Some(rest) = text.strip_suffix(".pyc") else {
        return false;
    };
    let rest = match rest.rsplit_once(".opt-") {
        Some((rest, _)) => rest,
        None => rest,
    };
    rest.rsplit_once('.')
        .is_some_and(|(stem, _)| stems.contains(OsStr::new(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_compiled_from_the_sources_is_found() {
        let prefix = tempfile::tempdir().unwrap();
        let cache = prefix.path().join("site/pkg/__pycache__");
        fs::create_dir_all(&cache).unwrap();
        for name in [
            "a.cpython-312.pyc",
            "a.cpython-312.opt-1.pyc",
            "b.cpython-312.pyc",
            "a.b.cpython-312.pyc",
            "a.txt",
        ] {
            fs::write(cache.join(name), "").unwrap();
        }
        let gone = BTreeSet::from([PathBuf::from("site/pkg/a.py"), PathBuf::from("lib/none.py")]);
        let mut found = compiled(prefix.path(), &gone);
        found.sort();
        let cache = Path::new("site/pkg/__pycache__");
        assert_eq!(
            found,
            [
                cache.join("a.cpython-312.opt-1.pyc"),
                cache.join("a.cpython-312.pyc")
            ]
        );
    }
}
