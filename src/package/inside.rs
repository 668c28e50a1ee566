//! Paths that come with packages and must not lead out of the folder they are meant for.

use std::path::{Component, Path, PathBuf};

/// The path without `.`, if it stays inside whatever folder it is joined to and names something in it.
///
/// Neither `..` nor a root is taken, also where they would lead back inside: nobody who packs files honestly writes them.
pub(in crate::package) fn inside(path: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => clean.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!clean.as_os_str().is_empty()).then_some(clean)
}

/// Where a link at `link` leads that holds `target`, both told from one folder; nothing when it leads out of that folder.
pub(in crate::package) fn led_to(link: &Path, target: &Path) -> Option<PathBuf> {
    let mut place = link.parent().unwrap_or(Path::new("")).to_owned();
    for component in target.components() {
        match component {
            Component::Normal(part) => place.push(part),
            Component::CurDir => {}
            Component::ParentDir if place.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_stay_inside_are_taken() {
        let clean = |path: &str| inside(Path::new(path)).map(|path| path.display().to_string());
        assert_eq!(clean("lib/./x").as_deref(), Some("lib/x"));
        assert_eq!(clean("./info/index.json").as_deref(), Some("info/index.json"));
        for path in ["", ".", "..", "/etc/passwd", "lib/../../x", "lib/../x", "../x"] {
            assert_eq!(clean(path), None, "{path}");
        }
    }

    #[test]
    fn links_are_followed_as_far_as_the_folder_goes() {
        let led = |link: &str, target: &str| {
            led_to(Path::new(link), Path::new(target)).map(|path| path.display().to_string())
        };
        assert_eq!(led("lib/libz.so", "libz.so.1").as_deref(), Some("lib/libz.so.1"));
        assert_eq!(led("bin/x", "../lib/./x").as_deref(), Some("lib/x"));
        assert_eq!(led("lib64", "lib").as_deref(), Some("lib"));
        assert_eq!(led("a/b", "..").as_deref(), Some(""));
        for (link, target) in [("lib/x", "/etc/passwd"), ("lib/x", "../../x"), ("x", "..")] {
            assert_eq!(led(link, target), None, "{link} -> {target}");
        }
    }
}
