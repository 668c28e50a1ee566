//! Tests that run themselves once more in another process, to be killed there or to see another file system.

use std::path::Path;
use std::process::Command;

const ROLE: &str = "SEXTANT_TEST_ROLE";
const FOLDER: &str = "SEXTANT_TEST_FOLDER";

/// The test of this name (below `package::transaction::tests`) in a process of its own.
pub(super) fn command(test: &str, role: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    as_role(command.args(arguments(test)), role, folder);
    command
}

/// The same where file systems can be mounted that nobody else sees, after `mounts` was run in a shell; nothing where the
/// system does not allow that.
pub(super) fn with_mounts(test: &str, role: &str, folder: &Path, mounts: &str) -> Option<Command> {
    let can_mount = Command::new("unshare").args(["-rm", "true"]).output();
    if !can_mount.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this account can mount nothing of its own");
        return None;
    }
    let mut command = Command::new("unshare");
    let script = format!("{mounts}; exec \"$0\" \"$@\"");
    command
        .args(["-rm", "sh", "-ec", &script])
        .arg(std::env::current_exe().unwrap());
    as_role(command.args(arguments(test)), role, folder);
    Some(command)
}

fn arguments(test: &str) -> [String; 4] {
    let test = format!("package::transaction::tests::{test}");
    [
        "--exact".to_owned(),
        test,
        "--nocapture".to_owned(),
        "--test-threads=1".to_owned(),
    ]
}

fn as_role(command: &mut Command, role: &str, folder: &Path) {
    command.env(ROLE, role).env(FOLDER, folder);
}

/// What this process is to do, and where, if it is such a process.
pub(super) fn role() -> Option<(String, std::path::PathBuf)> {
    Some((std::env::var(ROLE).ok()?, std::env::var_os(FOLDER)?.into()))
}
