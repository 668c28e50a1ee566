use super::*;

fn mode(path: &Path) -> u32 {
    mode_of(&fs::metadata(path).unwrap()).unwrap_or(0)
}

#[test]
fn a_new_file_gets_the_mode_asked_for_and_an_old_one_keeps_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/file");
    write(&path, b"one", PRIVATE).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        write(&path, b"two", PRIVATE).unwrap();
        assert_eq!(mode(&path), 0o664);
    }
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_odd_things_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("dotfiles/condarc");
    let link = folder.path().join(".condarc");
    write(&real, b"a", 0o644).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    write(&link, b"b", 0o644).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&real).unwrap(), b"b");

    fs::remove_file(&real).unwrap();
    assert!(matches!(
        write(&link, b"c", 0o644),
        Err(FileError::DanglingLink { .. })
    ));
    assert!(matches!(read(folder.path()), Err(FileError::IsFolder { .. })));
    let looped = folder.path().join("loop");
    std::os::unix::fs::symlink(&looped, &looped).unwrap();
    assert!(matches!(read(&looped), Err(FileError::LinkLoop { .. })));
}

#[test]
fn a_read_only_file_is_refused_and_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    write(&path, b"one", 0o644).unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    assert!(matches!(
        write(&path, b"two", 0o644),
        Err(FileError::ReadOnly { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), b"one");
}

#[test]
fn what_a_killed_change_left_is_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    write(&path, b"one", 0o644).unwrap();
    let staged = stage(&path, b"two", 0o644, "sextant-x1").unwrap();
    // A killed process runs no destructor.
    std::mem::forget(staged);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    remove_waiting(&path, "sextant-x1");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(fs::read(&path).unwrap(), b"one");
}
