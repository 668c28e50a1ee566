use super::super::fixture::{FakeKeyring, Mood};
use super::*;
use crate::error::Explain as _;

/// What hangs is waited for this long.
const SHORT: Duration = Duration::from_millis(300);

/// What works is waited for this long, however busy the machine is.
const LONG: Duration = Duration::from_secs(60);

struct Stage {
    folder: tempfile::TempDir,
    keyring: FakeKeyring,
}

impl Stage {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            keyring: FakeKeyring::default(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("data/credentials.json")
    }

    /// The store of another run of the program.
    fn store(&self) -> SystemStore {
        let patience = match self.keyring.mood() {
            Mood::Hangs => SHORT,
            Mood::Works | Mood::Locked | Mood::Absent => LONG,
        };
        SystemStore::with(self.file(), Arc::new(self.keyring.clone()), patience)
    }

    fn files(&self) -> Vec<String> {
        let folder = std::fs::read_dir(self.folder.path().join("data"));
        let mut names: Vec<String> = folder
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn value(store: &SystemStore, name: &str) -> Option<String> {
    store.read(name).unwrap().map(|secret| secret.expose().to_owned())
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

#[test]
fn secrets_lie_in_the_keyring_and_their_names_beside_it() {
    let stage = Stage::new();
    let store = stage.store();
    assert_eq!(store.place(), Place::Keyring);
    store.write("a", &secret("one")).unwrap();
    store.write("a", &secret(&"two".repeat(2_000))).unwrap();
    assert_eq!(value(&stage.store(), "a"), Some("two".repeat(2_000)));
    assert_eq!(stage.files(), [NAMES]);
    let names = std::fs::read_to_string(stage.folder.path().join("data").join(NAMES)).unwrap();
    assert!(!names.contains("two"), "{names}");
    store.remove("a").unwrap();
    assert_eq!(value(&store, "a"), None);
    assert!(stage.files().is_empty() && stage.keyring.names().is_empty());
}

#[test]
fn a_name_that_was_never_stored_troubles_no_keyring() {
    let stage = Stage::new();
    stage.keyring.set_mood(Mood::Hangs);
    let store = stage.store();
    assert_eq!(value(&store, "a"), None);
    store.remove("a").unwrap();
    assert_eq!(stage.keyring.calls(), 0);
}

#[test]
fn a_secret_in_a_keyring_that_cannot_be_asked_is_not_called_absent() {
    let stage = Stage::new();
    stage.store().write("a", &secret("one")).unwrap();
    stage.keyring.set_mood(Mood::Locked);
    let error = stage.store().read("a").unwrap_err();
    assert!(matches!(error, CredentialError::KeyringLocked));
    assert!(error.explain().remedy.unwrap().contains("unlock the keyring"));
    stage.keyring.set_mood(Mood::Absent);
    assert!(matches!(
        stage.store().read("a"),
        Err(CredentialError::KeyringAbsent { .. })
    ));
    stage.keyring.set_mood(Mood::Hangs);
    assert!(matches!(
        stage.store().read("a"),
        Err(CredentialError::KeyringSilent)
    ));
    stage.keyring.set_mood(Mood::Works);
    assert_eq!(value(&stage.store(), "a").as_deref(), Some("one"));
}

#[test]
fn while_the_keyring_cannot_take_it_the_file_does_and_later_it_moves() {
    for mood in [Mood::Locked, Mood::Absent, Mood::Hangs] {
        let stage = Stage::new();
        stage.keyring.set_mood(mood);
        let store = stage.store();
        store.write("a", &secret("one")).unwrap();
        assert_eq!(value(&store, "a").as_deref(), Some("one"), "{mood:?}");
        assert!(stage.files().contains(&"credentials.json".to_owned()), "{mood:?}");
        stage.keyring.set_mood(Mood::Works);
        assert_eq!(value(&stage.store(), "a").as_deref(), Some("one"), "{mood:?}");
        assert_eq!(stage.files(), [NAMES], "{mood:?}");
        assert_eq!(stage.keyring.names(), ["a"], "{mood:?}");
        assert_eq!(value(&stage.store(), "a").as_deref(), Some("one"), "{mood:?}");
    }
}

#[test]
fn where_there_is_no_keyring_no_names_are_kept() {
    let stage = Stage::new();
    stage.keyring.set_mood(Mood::Absent);
    let store = stage.store();
    assert_eq!(store.place(), Place::File(stage.file()));
    store.write("a", &secret("one")).unwrap();
    assert_eq!(stage.files(), ["credentials.json"]);
    store.remove("a").unwrap();
    assert!(stage.files().is_empty());
    // It was asked once whether it is there.
    assert_eq!(stage.keyring.calls(), 1);
}

#[test]
fn the_newer_value_counts_when_the_older_one_is_locked_away() {
    let stage = Stage::new();
    stage.store().write("a", &secret("old")).unwrap();
    stage.keyring.set_mood(Mood::Locked);
    stage.store().write("a", &secret("new")).unwrap();
    assert_eq!(value(&stage.store(), "a").as_deref(), Some("new"));
    stage.keyring.set_mood(Mood::Works);
    assert_eq!(value(&stage.store(), "a").as_deref(), Some("new"));
    assert_eq!(stage.files(), [NAMES]);
    assert_eq!(value(&stage.store(), "a").as_deref(), Some("new"));
}

#[test]
fn what_is_removed_while_the_keyring_is_locked_is_gone_at_once_and_taken_out_later() {
    for mood in [Mood::Locked, Mood::Absent, Mood::Hangs] {
        let stage = Stage::new();
        stage.store().write("a", &secret(&"long ".repeat(1_000))).unwrap();
        stage.store().write("b", &secret("stays")).unwrap();
        stage.keyring.set_mood(mood);
        stage.store().remove("a").unwrap();
        assert_eq!(value(&stage.store(), "a"), None, "{mood:?}");
        stage.keyring.set_mood(Mood::Works);
        assert_eq!(value(&stage.store(), "b").as_deref(), Some("stays"), "{mood:?}");
        assert_eq!(stage.keyring.names(), ["b"], "{mood:?}");
        assert_eq!(value(&stage.store(), "a"), None, "{mood:?}");
    }
}

#[test]
fn a_person_is_asked_to_unlock_once_not_at_every_read() {
    let stage = Stage::new();
    stage.keyring.set_mood(Mood::Locked);
    let store = stage.store();
    store.write("a", &secret("one")).unwrap();
    value(&store, "a");
    let asked = stage.keyring.calls();
    for _ in 0..5 {
        value(&store, "a");
    }
    assert_eq!(stage.keyring.calls(), asked);
}

#[test]
fn a_silent_keyring_is_waited_for_once_and_used_again_when_it_speaks() {
    let stage = Stage::new();
    stage.store().write("a", &secret("one")).unwrap();
    stage.keyring.set_mood(Mood::Hangs);
    let store = stage.store();
    assert!(matches!(store.read("a"), Err(CredentialError::KeyringSilent)));
    let asked = stage.keyring.calls();
    for _ in 0..20 {
        assert!(matches!(store.read("a"), Err(CredentialError::KeyringSilent)));
        store.write("b", &secret("two")).unwrap();
        assert_eq!(store.place(), Place::File(stage.file()));
    }
    assert_eq!(stage.keyring.calls(), asked);
    stage.keyring.set_mood(Mood::Works);
    while store.worker.is_held_up() {
        std::thread::yield_now();
    }
    assert_eq!(value(&store, "a").as_deref(), Some("one"));
    assert_eq!(value(&store, "b").as_deref(), Some("two"));
    assert_eq!(store.place(), Place::Keyring);
    assert_eq!(stage.files(), [NAMES]);
}
