//! Folders on other machines: what is changed there is reported to nobody here.

use std::fs;
use std::path::Path;

/// File systems that other machines write to as well.
const SHARED: [&str; 16] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "fuse.davfs2",
    "fuse.glusterfs",
    "fuse.sshfs",
    "glusterfs",
    "gpfs",
    "lustre",
    "nfs",
    "nfs4",
    "smb3",
    "smbfs",
];

/// Why changes in this folder may go unreported; nothing where it lies on this machine, or where that cannot be told.
pub(super) fn network_file_system_of(folder: &Path) -> Option<String> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let folder = fs::canonicalize(folder).ok()?;
    let kind = file_system_of(&mounts, &folder)?;
    SHARED
        .contains(&kind)
        .then(|| format!("your home folder lies on a network file system ({kind})"))
}

/// The kind of the file system that holds a path, by the kernel's list of mounts (`proc_pid_mountinfo(5)`).
fn file_system_of<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let parsed = mounts.lines().filter_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let point = unescaped(mount.split(' ').nth(4)?);
        Some((point, file_system.split(' ').next()?))
    });
    parsed
        .filter(|(point, _)| path.starts_with(point))
        // Of mounts on one point the last one is seen.
        .max_by_key(|(point, _)| point.len())
        .map(|(_, kind)| kind)
}

/// Space, tab, line end and backslash stand as octal numbers.
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .into_iter()
        .fold(text.to_owned(), |text, (written, meant)| {
            text.replace(written, meant)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:45 / /home rw,relatime shared:2 master:1 - nfs4 server:/home rw,vers=4.2
31 30 0:46 / /home/ann/my\\040work rw - fuse.sshfs ann@host: rw
32 30 8:2 / /home/bob rw - ext4 /dev/sda2 rw
33 32 0:47 / /home/bob rw - cifs //server/bob rw
";

    #[test]
    fn the_innermost_mount_counts() {
        for (path, kind) in [
            ("/etc", "ext4"),
            ("/home/ann", "nfs4"),
            ("/home/ann/my work/x", "fuse.sshfs"),
            ("/home/bob/x", "cifs"),
            ("/homes", "ext4"),
        ] {
            assert_eq!(file_system_of(MOUNTS, Path::new(path)), Some(kind), "{path}");
        }
        assert_eq!(file_system_of("", Path::new("/")), None);
        assert_eq!(file_system_of("nonsense\n1 2 - x\n", Path::new("/")), None);
    }

    #[test]
    fn this_machines_own_folders_are_its_own() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(network_file_system_of(&folder.path().join("missing")), None);
    }
}
