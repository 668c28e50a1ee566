//! What a product gave out: tokens and API keys, by id and by value, until they end.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::secret::Secret;

/// Something that was given out to be presented later.
pub(super) trait Issued: Clone {
    fn id(&self) -> &str;
    fn value(&self) -> &Secret;
    fn expires_at(&self) -> Timestamp;
    fn expire(&mut self, now: Timestamp);
}

/// Every record has the same fields for it.
macro_rules! issued {
    ($record:ty) => {
        impl crate::practice::ledger::Issued for $record {
            fn id(&self) -> &str {
                &self.id
            }

            fn value(&self) -> &Secret {
                &self.value
            }

            fn expires_at(&self) -> Timestamp {
                self.expires_at
            }

            fn expire(&mut self, now: Timestamp) {
                self.expires_at = now;
            }
        }
    };
}
pub(super) use issued;

/// All of one kind, oldest first.
#[derive(Debug)]
pub(super) struct Ledger<Record> {
    records: Mutex<Vec<Record>>,
}

/// What turns out of something that was presented.
#[derive(Debug, Clone)]
pub(super) enum Presented<Record> {
    Valid(Record),
    Expired,
    /// Never issued, or revoked, or replaced.
    Unknown,
}

impl<Record> Default for Ledger<Record> {
    fn default() -> Self {
        Self {
            records: Mutex::default(),
        }
    }
}

impl<Record> Ledger<Record> {
    pub(super) fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Record: Issued> Ledger<Record> {
    pub(super) fn all(&self) -> Vec<Record> {
        self.records().clone()
    }

    pub(super) fn those(&self, chosen: impl Fn(&Record) -> bool) -> Vec<Record> {
        let records = self.records();
        records.iter().filter(|record| chosen(record)).cloned().collect()
    }

    pub(super) fn add(&self, record: Record) {
        self.records().push(record);
    }

    /// Removes one whoever owns it, as an administrator would; false if there is none.
    pub(super) fn revoke(&self, id: &str) -> bool {
        self.remove_where(|record| record.id() == id)
    }

    /// False if there is none.
    pub(super) fn remove_where(&self, chosen: impl Fn(&Record) -> bool) -> bool {
        let mut records = self.records();
        let before = records.len();
        records.retain(|record| !chosen(record));
        records.len() < before
    }

    /// Lets one end now; false if there is none.
    pub(super) fn expire(&self, id: &str, now: Timestamp) -> bool {
        let mut records = self.records();
        let record = records.iter_mut().find(|record| record.id() == id);
        record.map(|record| record.expire(now)).is_some()
    }

    pub(super) fn look_up(&self, value: &str, now: Timestamp) -> Presented<Record> {
        let records = self.records();
        match records.iter().find(|record| record.value().expose() == value) {
            Some(record) if record.expires_at() <= now => Presented::Expired,
            Some(record) => Presented::Valid(record.clone()),
            None => Presented::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone)]
    struct Pass {
        id: &'static str,
        value: Secret,
        expires_at: Timestamp,
    }

    impl Issued for Pass {
        fn id(&self) -> &str {
            self.id
        }

        fn value(&self) -> &Secret {
            &self.value
        }

        fn expires_at(&self) -> Timestamp {
            self.expires_at
        }

        fn expire(&mut self, now: Timestamp) {
            self.expires_at = now;
        }
    }

    #[test]
    fn what_was_issued_counts_until_it_ends_or_is_revoked() {
        let now: Timestamp = "2026-11-23T08:40:00Z".parse().unwrap();
        let ledger = Ledger::default();
        for id in ["one", "two"] {
            ledger.add(Pass {
                id,
                value: Secret::new(format!("value of {id}")),
                expires_at: Timestamp::MAX,
            });
        }
        assert!(matches!(ledger.look_up("value of one", now), Presented::Valid(pass) if pass.id == "one"));
        assert!(ledger.expire("one", now) && !ledger.expire("three", now));
        assert!(matches!(ledger.look_up("value of one", now), Presented::Expired));
        assert!(ledger.revoke("two") && !ledger.revoke("two"));
        assert!(matches!(ledger.look_up("value of two", now), Presented::Unknown));
        assert_eq!(ledger.all().len(), 1);
    }
}
