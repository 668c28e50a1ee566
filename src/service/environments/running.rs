//! Programs that run from an environment.

use std::path::Path;

/// A process whose program lies in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    pub name: String,
    pub process: u32,
}

/// The programs that run from a prefix, as far as this account can see. Windows itself refuses to move a program that runs.
pub fn from(prefix: &Path) -> Vec<Running> {
    let prefix = prefix.canonicalize().unwrap_or_else(|_| prefix.to_owned());
    let own = std::process::id();
    let mut running: Vec<Running> = programs()
        .into_iter()
        .filter(|(process, program)| *process != own && is_inside(program, &prefix))
        .map(|(process, program)| Running {
            name: program
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            process,
        })
        .collect();
    running.sort_by_key(|running| running.process);
    running
}

/// An installation's environments are environments of their own.
fn is_inside(program: &Path, prefix: &Path) -> bool {
    match program.strip_prefix(prefix) {
        Ok(inside) => !inside.starts_with("envs"),
        Err(_) => false,
    }
}

#[cfg(target_os = "linux")]
fn programs() -> Vec<(u32, std::path::PathBuf)> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            // Of other people's processes the link cannot be read.
            Some((process, std::fs::read_link(entry.path().join("exe")).ok()?))
        })
        .collect()
}

#[cfg(target_os = "macos")]
fn programs() -> Vec<(u32, std::path::PathBuf)> {
    let output = std::process::Command::new("/bin/ps")
        .args(["-axo", "pid=,comm="])
        .output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text)
        .lines()
        .filter_map(|line| {
            let (process, program) = line.trim_start().split_once(' ')?;
            Some((process.parse().ok()?, program.trim().into()))
        })
        .collect()
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn programs() -> Vec<(u32, std::path::PathBuf)> {
    Vec::new()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_the_environment_shows_while_it_runs() {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("e");
        std::fs::create_dir_all(prefix.join("bin")).unwrap();
        let program = prefix.join("bin/sleeper");
        std::fs::copy("/bin/sleep", &program).unwrap();
        assert_eq!(from(&prefix), []);
        let mut child = std::process::Command::new(&program).arg("60").spawn().unwrap();
        let found = from(&prefix);
        let _ = child.kill();
        child.wait().unwrap();
        let expected = Running {
            name: "sleeper".to_owned(),
            process: child.id(),
        };
        assert_eq!(found, [expected]);
        assert!(!is_inside(Path::new("/c/envs/a/bin/python"), Path::new("/c")));
    }
}
