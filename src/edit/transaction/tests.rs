use super::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

const QUIET: Observer<'static> = &|_| {};

fn home() -> (tempfile::TempDir, PathBuf, History) {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new(folder.path().join("data/history"));
    let journals = folder.path().join("data/journal");
    (folder, journals, history)
}

fn begin(journals: &Path, observer: Observer<'_>) -> Result<Transaction, TransactionError> {
    Transaction::begin(
        journals,
        "t1",
        "Test",
        Timestamp::UNIX_EPOCH,
        Vec::new(),
        observer,
    )
}

fn writes(home: &Path) -> Vec<FileWrite> {
    let write = |name: &str, before: Option<&str>, after: Option<&str>| FileWrite {
        mode: None,
        path: home.join(name),
        before: before.map(|text| text.as_bytes().to_vec()),
        after: after.map(|text| text.as_bytes().to_vec()),
        new_mode: 0o600,
    };
    vec![
        write("edited", Some("old"), Some("new")),
        write("created/deep/file", None, Some("made")),
        write("removed", Some("gone soon"), None),
    ]
}

fn seed(home: &Path) {
    fs::write(home.join("edited"), "old").unwrap();
    fs::write(home.join("removed"), "gone soon").unwrap();
}

fn listing(home: &Path) -> Vec<(String, String)> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(root).unwrap().display().to_string();
            if name == "data" {
                continue;
            }
            if path.is_dir() {
                found.push((name, "folder".to_owned()));
                walk(&path, root, found);
            } else {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(home, home, &mut found);
    found.sort();
    found
}

fn run(
    home: &Path,
    journals: &Path,
    history: &History,
    observer: Observer<'_>,
) -> Result<(), TransactionError> {
    let mut transaction = begin(journals, observer)?;
    transaction.stage(&writes(home), None, observer)?;
    transaction.apply(observer)?;
    transaction.finish(history, observer)
}

#[test]
fn a_stop_at_any_step_ends_as_before_or_as_after() {
    let (reference, journals, history) = home();
    seed(reference.path());
    let before = listing(reference.path());
    run(reference.path(), &journals, &history, QUIET).unwrap();
    let after = listing(reference.path());
    assert_ne!(before, after);

    let mut step = 0;
    let mut seen = [0, 0];
    loop {
        let (folder, journals, history) = home();
        seed(folder.path());
        let count = AtomicUsize::new(0);
        let stop = |_: &str| {
            if count.fetch_add(1, Ordering::SeqCst) == step {
                std::panic::resume_unwind(Box::new("stopped"));
            }
        };
        let stopped = catch_unwind(AssertUnwindSafe(|| {
            run(folder.path(), &journals, &history, &stop)
        }))
        .is_err();
        for mut pending in Transaction::pending(&journals).unwrap() {
            pending.resume(QUIET).unwrap();
            pending.finish(&history, QUIET).unwrap();
        }
        let now = listing(folder.path());
        assert!(now == before || now == after, "step {step}: {now:?}");
        seen[usize::from(now == after)] += 1;
        assert!(Transaction::pending(&journals).unwrap().is_empty());
        if !stopped {
            break;
        }
        step += 1;
    }
    assert!(seen[0] > 1 && seen[1] > 1, "{seen:?}");
}

#[test]
fn a_file_that_cannot_be_written_puts_the_others_back() {
    let (folder, journals, history) = home();
    seed(folder.path());
    let before = listing(folder.path());
    let mut transaction = begin(&journals, QUIET).unwrap();
    transaction.stage(&writes(folder.path()), None, QUIET).unwrap();
    // After the first file was replaced, a folder appears where the second one should go.
    let obstacle = folder.path().join("created/deep/file");
    let block = |step: &str| {
        if step.starts_with("write") && step.ends_with("edited: after") {
            fs::create_dir_all(&obstacle).unwrap();
        }
    };
    transaction.apply(&block).unwrap_err();
    assert_eq!(transaction.phase(), Phase::Back);
    assert_eq!(fs::read_to_string(folder.path().join("edited")).unwrap(), "old");
    fs::remove_dir_all(folder.path().join("created")).unwrap();
    transaction.resume(QUIET).unwrap();
    transaction.finish(&history, QUIET).unwrap();
    assert_eq!(listing(folder.path()), before);
}

#[test]
fn a_file_changed_meanwhile_stops_the_change_before_anything_is_written() {
    let (folder, journals, _) = home();
    seed(folder.path());
    fs::write(folder.path().join("removed"), "somebody else's").unwrap();
    let before = listing(folder.path());
    let mut transaction = begin(&journals, QUIET).unwrap();
    let refused = transaction
        .stage(&writes(folder.path()), None, QUIET)
        .unwrap_err();
    assert!(matches!(refused, TransactionError::Changed { .. }));
    assert_eq!(listing(folder.path()), before);
}

#[test]
fn a_file_changed_after_a_crash_is_left_alone() {
    let (folder, journals, history) = home();
    seed(folder.path());
    let mut transaction = begin(&journals, QUIET).unwrap();
    transaction.stage(&writes(folder.path()), None, QUIET).unwrap();
    drop(transaction);
    fs::write(folder.path().join("edited"), "somebody else's").unwrap();
    let mut pending = Transaction::pending(&journals).unwrap().remove(0);
    let ended = pending.resume(QUIET).unwrap();
    pending.finish(&history, QUIET).unwrap();
    assert_eq!(ended.left_alone, [folder.path().join("edited")]);
    assert_eq!(
        fs::read_to_string(folder.path().join("edited")).unwrap(),
        "somebody else's"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("created/deep/file")).unwrap(),
        "made"
    );
}

#[cfg(unix)]
#[test]
fn permissions_alone_change_with_everything_else_or_not_at_all() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    // The file is read-only, which keeps nobody from closing it to others.
    let begun = |home: &Path, journals: &Path| {
        let path = home.join("secret");
        let _ = fs::remove_file(&path);
        fs::write(&path, "token").unwrap();
        set(&path, 0o444);
        let write = FileWrite {
            path,
            before: Some(b"token".to_vec()),
            after: Some(b"token".to_vec()),
            new_mode: 0o600,
            mode: Some(0o400),
        };
        let mut transaction = begin(journals, QUIET).unwrap();
        transaction.stage(&[write], None, QUIET).unwrap();
        transaction
    };
    let (folder, journals, history) = home();
    let path = folder.path().join("secret");
    let mut transaction = begun(folder.path(), &journals);
    transaction.apply(QUIET).unwrap();
    assert_eq!(
        (mode(&path), fs::read_to_string(&path).unwrap().as_str()),
        (0o400, "token")
    );
    transaction.roll_back(QUIET).unwrap();
    assert_eq!(mode(&path), 0o444);
    transaction.finish(&history, QUIET).unwrap();

    // A crash right after the point of no return: the next start closes the file.
    drop(begun(folder.path(), &journals));
    let mut found = Transaction::pending(&journals).unwrap();
    found[0].resume(QUIET).unwrap();
    assert_eq!(mode(&path), 0o400);
    found.remove(0).finish(&history, QUIET).unwrap();

    // Another program wrote the file meanwhile: it is left alone.
    drop(begun(folder.path(), &journals));
    set(&path, 0o644);
    fs::write(&path, "another").unwrap();
    let mut found = Transaction::pending(&journals).unwrap();
    assert_eq!(
        found[0].resume(QUIET).unwrap().left_alone,
        std::slice::from_ref(&path)
    );
    assert_eq!(mode(&path), 0o644);
}
