//! Copying what belongs to no package from one environment into another.

use std::fs;
use std::io;
use std::path::Path;

use super::{LARGEST_TEXT, Recorded, Relocation, unrecorded};
use crate::conda::environment::{EnvironmentError, history, meta};
use crate::edit::file::FileError;

/// Files of `conda-meta` that are the person's own and hold for a copy too: pins and environment variables.
const OF_META: [&str; 2] = ["pinned", "state"];

/// What would be copied, relative to the prefix.
///
/// Errors: file errors; [`EnvironmentError::NotAnEnvironment`].
pub fn planned(from: &Path) -> Result<Vec<String>, EnvironmentError> {
    let recorded = Recorded::read(from)?;
    let mut files = unrecorded(from, &recorded.files, None)?;
    let own = OF_META.iter().filter(|name| meta(from).join(name).is_file());
    files.extend(own.map(|name| format!("conda-meta/{name}")));
    Ok(files)
}

/// Copies all of it. In texts, and in links, the prefix of the copy takes the place of the other one. `copied` hears of each
/// file: how many are done, of how many, and which comes next; it stops the work by saying false.
///
/// Errors: file errors; [`EnvironmentError::Cancelled`]; [`EnvironmentError::NotAnEnvironment`].
pub fn copy(
    from: &Path,
    to: &Path,
    copied: &mut dyn FnMut(usize, usize, &str) -> bool,
) -> Result<usize, EnvironmentError> {
    debug_assert!(history::path(to).is_file());
    let files = planned(from)?;
    let relocation = Relocation::new(from, to);
    for (number, inside) in files.iter().enumerate() {
        if !copied(number, files.len(), inside) {
            return Err(EnvironmentError::Cancelled);
        }
        let place = to.join(inside);
        one(&relocation, &from.join(inside), &place)
            .map_err(|error| FileError::of_io(error, &place, "written"))?;
    }
    Ok(files.len())
}

fn one(relocation: &Relocation, from: &Path, to: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(from) {
        // It was there a moment ago, and is no longer part of what is copied.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    // A copy that was interrupted begins again.
    if to.symlink_metadata().is_ok() {
        fs::remove_file(to)?;
    }
    if metadata.is_symlink() {
        let target = fs::read_link(from)?;
        let moved = relocation.of_text(target.as_os_str().as_encoded_bytes());
        let moved = moved.and_then(|moved| String::from_utf8(moved).ok());
        return super::staging::link(&moved.map_or(target, Into::into), to);
    }
    if !metadata.is_file() {
        // Sockets and pipes belong to a program that runs.
        return Ok(());
    }
    let replaced = match metadata.len() <= LARGEST_TEXT {
        true => {
            let content = fs::read(from)?;
            let is_text = std::str::from_utf8(&content).is_ok();
            is_text.then(|| relocation.of_text(&content)).flatten()
        }
        false => None,
    };
    match replaced {
        Some(content) => {
            fs::write(to, content)?;
            fs::set_permissions(to, metadata.permissions())?;
        }
        None => drop(fs::copy(from, to)?),
    }
    if let Ok(modified) = metadata.modified() {
        // A file that nobody may write keeps the time of the copy.
        let _ = fs::File::options()
            .write(true)
            .open(to)
            .and_then(|file| file.set_modified(modified));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::fixture::Machine;

    fn machine() -> Machine {
        let machine = Machine::linux();
        let prefix = machine.path("envs/a").display().to_string();
        let machine = machine
            .file("envs/a/conda-meta/history", "")
            .file("envs/a/conda-meta/pinned", "python 3.12.*\n")
            .file("envs/a/conda-meta/frozen", "")
            .file(
                "envs/a/conda-meta/x-1-0.json",
                r#"{"name": "x", "files": ["bin/x"]}"#,
            )
            .file("envs/a/bin/x", "of a package")
            .file("envs/a/bin/own", format!("#!{prefix}/bin/python\n"))
            .file("envs/a/data/model.bin", [0xff, 0, 1])
            .file("envs/a/lib/__pycache__/own.cpython-312.pyc", "x")
            .file("envs/a/pkgs/x", "of the installation")
            .file("envs/b/conda-meta/history", "");
        #[cfg(unix)]
        std::os::unix::fs::symlink(format!("{prefix}/bin/own"), machine.path("envs/a/bin/link")).unwrap();
        machine
    }

    #[test]
    fn what_belongs_to_no_package_is_copied_and_names_the_copy() {
        let machine = machine();
        let (from, to) = (machine.path("envs/a"), machine.path("envs/b"));
        let mut told = Vec::new();
        let count = copy(&from, &to, &mut |done, all, inside| {
            told.push(format!("{done}/{all} {inside}"));
            true
        })
        .unwrap();
        assert_eq!(count, if cfg!(unix) { 4 } else { 3 });
        assert_eq!(told.len(), count);
        let own = fs::read_to_string(to.join("bin/own")).unwrap();
        assert_eq!(own, format!("#!{}/bin/python\n", to.display()));
        assert_eq!(fs::read(to.join("data/model.bin")).unwrap(), [0xff, 0, 1]);
        assert!(to.join("conda-meta/pinned").is_file());
        for not in ["conda-meta/frozen", "bin/x", "lib", "pkgs"] {
            assert!(!to.join(not).exists(), "{not}");
        }
        #[cfg(unix)]
        assert_eq!(fs::read_link(to.join("bin/link")).unwrap(), to.join("bin/own"));
        let modified = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        assert_eq!(modified(&to.join("bin/own")), modified(&from.join("bin/own")));
        // Once more, as after an interruption.
        assert_eq!(copy(&from, &to, &mut |_, _, _| true).unwrap(), count);
        let stopped = copy(&from, &to, &mut |_, _, _| false);
        assert!(matches!(stopped, Err(EnvironmentError::Cancelled)));
    }
}
