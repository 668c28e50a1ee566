//! A keyring in memory that can be locked, absent, silent or broken, and takes no more than Windows does.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};

use super::error::CredentialError;
use super::keyring::Entries;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mood {
    #[default]
    Works,
    Locked,
    Absent,
    Hangs,
}

#[derive(Debug, Default)]
struct Inside {
    values: BTreeMap<String, String>,
    mood: Mood,
    calls: usize,
    calls_left: Option<usize>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct FakeKeyring(Arc<(Mutex<Inside>, Condvar)>);

impl FakeKeyring {
    pub fn names(&self) -> Vec<String> {
        self.0.0.lock().unwrap().values.keys().cloned().collect()
    }

    pub fn set_mood(&self, mood: Mood) {
        self.0.0.lock().unwrap().mood = mood;
        self.0.1.notify_all();
    }

    pub fn mood(&self) -> Mood {
        self.0.0.lock().unwrap().mood
    }

    /// How often it was asked anything.
    pub fn calls(&self) -> usize {
        self.0.0.lock().unwrap().calls
    }

    /// Fails every call after this many.
    pub fn break_off_after(&self, calls: usize) {
        self.0.0.lock().unwrap().calls_left = Some(calls);
    }

    pub fn mend(&self) {
        self.0.0.lock().unwrap().calls_left = None;
    }

    /// One call. A locked keyring finds names, and opens none.
    fn call<T>(
        &self,
        name: &str,
        act: impl FnOnce(&mut BTreeMap<String, String>) -> T,
        stores: bool,
    ) -> Result<T, CredentialError> {
        let mut inside = self.0.0.lock().unwrap();
        inside.calls += 1;
        while inside.mood == Mood::Hangs {
            inside = self.0.1.wait(inside).unwrap();
        }
        if let Some(left) = &mut inside.calls_left {
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => {
                    return Err(CredentialError::Keyring {
                        reason: "broken off".to_owned(),
                    });
                }
            }
        }
        match inside.mood {
            Mood::Absent => Err(CredentialError::KeyringAbsent {
                reason: "none".to_owned(),
            }),
            Mood::Locked if stores || inside.values.contains_key(name) => Err(CredentialError::KeyringLocked),
            Mood::Works | Mood::Locked | Mood::Hangs => Ok(act(&mut inside.values)),
        }
    }
}

impl Entries for FakeKeyring {
    fn get(&self, name: &str) -> Result<Option<String>, CredentialError> {
        self.call(name, |values| values.get(name).cloned(), false)
    }

    fn set(&self, name: &str, value: &str) -> Result<(), CredentialError> {
        assert!(2 * value.encode_utf16().count() <= 2_560, "too long for Windows");
        self.call(
            name,
            |values| {
                values.insert(name.to_owned(), value.to_owned());
            },
            true,
        )
    }

    fn delete(&self, name: &str) -> Result<(), CredentialError> {
        self.call(
            name,
            |values| {
                values.remove(name);
            },
            false,
        )
    }
}
