//! Where Navigator keeps its configuration.
//!
//! Contract: product research, section 1.6, "Where it is"; server reference, section 4.3.

use std::path::{Path, PathBuf};

use crate::locations::Platform;

/// The name of the file.
pub const FILE_NAME: &str = "anaconda-navigator.ini";

/// The file that Navigator reads, and further copies of it that older Navigators may have left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavigatorPaths {
    /// The file to read and change; it need not exist yet.
    pub file: PathBuf,
    /// Other places where the file exists. A token that is removed from `file` may still stand there.
    pub copies: Vec<PathBuf>,
}

/// Finds the file. `variable` looks up an environment variable, `exists` tells whether a file or folder is there.
///
/// Linux and macOS: `<home>/.anaconda/navigator`. Windows: the first of `HOME`, `APPDATA`, `USERPROFILE` and
/// `TMP` that already holds `.anaconda\navigator`, else the first of them that exists, else `home`. Navigator
/// 1.9.12 repeated the folder inside itself on Windows; such a file is used only where it is the only one.
pub fn find(
    home: &Path,
    variable: impl Fn(&str) -> Option<String>,
    platform: Platform,
    exists: impl Fn(&Path) -> bool,
) -> NavigatorPaths {
    let bases = bases(home, variable, platform);
    let base = bases
        .iter()
        .find(|base| exists(&folder(base)))
        .or_else(|| bases.iter().find(|base| exists(base)))
        .map_or(home, PathBuf::as_path);
    let usual = folder(base).join(FILE_NAME);
    let nested = folder(&folder(base)).join(FILE_NAME);
    let file = if platform == Platform::Windows && !exists(&usual) && exists(&nested) {
        nested
    } else {
        usual
    };
    let copies = candidates_in(&bases, platform)
        .into_iter()
        .filter(|path| *path != file && exists(path))
        .collect();
    NavigatorPaths { file, copies }
}

/// Every place where the file may be, the likeliest first.
pub fn candidates(
    home: &Path,
    variable: impl Fn(&str) -> Option<String>,
    platform: Platform,
) -> Vec<PathBuf> {
    candidates_in(&bases(home, variable, platform), platform)
}

fn candidates_in(bases: &[PathBuf], platform: Platform) -> Vec<PathBuf> {
    let usual = bases.iter().map(|base| folder(base));
    let folders: Vec<PathBuf> = match platform {
        Platform::Linux | Platform::MacOs => usual.collect(),
        Platform::Windows => usual.flat_map(|outer| [outer.clone(), folder(&outer)]).collect(),
    };
    folders.into_iter().map(|folder| folder.join(FILE_NAME)).collect()
}

/// The folders in which `.anaconda` may lie, in Navigator's order, each once.
fn bases(home: &Path, variable: impl Fn(&str) -> Option<String>, platform: Platform) -> Vec<PathBuf> {
    let mut bases: Vec<PathBuf> = Vec::new();
    if platform == Platform::Windows {
        for name in ["HOME", "APPDATA", "USERPROFILE", "TMP"] {
            if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
                bases.push(PathBuf::from(value));
            }
        }
    }
    bases.push(home.to_owned());
    let mut seen = Vec::new();
    bases.retain(|base| {
        let is_new = !seen.contains(base);
        seen.push(base.clone());
        is_new
    });
    bases
}

fn folder(base: &Path) -> PathBuf {
    base.join(".anaconda").join("navigator")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "/Users/ada";
    const ROAMING: &str = "/Users/ada/AppData/Roaming";

    /// Finds the file on a machine where exactly these paths exist, with their parents.
    fn find_among(platform: Platform, variables: &[(&str, &str)], existing: &[PathBuf]) -> NavigatorPaths {
        find(
            Path::new(HOME),
            |name| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            },
            platform,
            |path| existing.iter().any(|there| there.starts_with(path)),
        )
    }

    fn file(base: &str) -> PathBuf {
        folder(Path::new(base)).join(FILE_NAME)
    }

    fn nested(base: &str) -> PathBuf {
        folder(&folder(Path::new(base))).join(FILE_NAME)
    }

    const VARIABLES: [(&str, &str); 3] = [("APPDATA", ROAMING), ("USERPROFILE", HOME), ("TMP", "/Temp")];

    #[test]
    fn on_linux_and_macos_it_is_in_the_home() {
        for platform in [Platform::Linux, Platform::MacOs] {
            let elsewhere = [file(ROAMING), nested(HOME)];
            let paths = find_among(platform, &VARIABLES, &elsewhere);
            assert_eq!(
                paths.file,
                Path::new("/Users/ada/.anaconda/navigator/anaconda-navigator.ini")
            );
            assert_eq!(paths.copies, Vec::<PathBuf>::new());
        }
    }

    #[test]
    fn on_windows_the_folder_that_is_there_decides() {
        let find = |existing: &[PathBuf]| find_among(Platform::Windows, &VARIABLES, existing);
        assert_eq!(find(&[file(HOME), PathBuf::from(ROAMING)]).file, file(HOME));
        // The folder without the file counts as well.
        let folder_alone = [folder(Path::new(ROAMING)), file(HOME)];
        assert_eq!(find(&folder_alone).file, file(ROAMING));
        assert_eq!(find(&folder_alone).copies, [file(HOME)]);
        assert_eq!(find(&[file("/Temp")]).file, file("/Temp"));
    }

    #[test]
    fn on_windows_with_nothing_there_the_first_folder_that_exists_is_taken() {
        let find = |existing: &[PathBuf]| find_among(Platform::Windows, &VARIABLES, existing);
        assert_eq!(find(&[PathBuf::from(ROAMING)]).file, file(ROAMING));
        assert_eq!(find(&[PathBuf::from(HOME)]).file, file(HOME));
        assert_eq!(find(&[]).file, file(HOME));
        assert_eq!(
            find_among(Platform::Windows, &[("HOME", "")], &[]).file,
            file(HOME)
        );
    }

    #[test]
    fn a_nested_copy_is_used_alone_and_named_beside_another() {
        let find = |existing: &[PathBuf]| find_among(Platform::Windows, &VARIABLES, existing);
        let alone = find(&[nested(ROAMING)]);
        assert_eq!((alone.file, alone.copies), (nested(ROAMING), vec![]));
        let both = find(&[nested(ROAMING), file(ROAMING), file(HOME)]);
        assert_eq!(both.file, file(ROAMING));
        assert_eq!(both.copies, [nested(ROAMING), file(HOME)]);
    }

    #[test]
    fn candidates_name_each_place_once() {
        let all = candidates(
            Path::new(HOME),
            |name| (name != "TMP").then(|| HOME.to_owned()),
            Platform::Windows,
        );
        assert_eq!(all, [file(HOME), nested(HOME)]);
        assert_eq!(
            candidates(Path::new(HOME), |_| None, Platform::MacOs),
            [file(HOME)]
        );
    }
}
