//! Devices that wait for a person's consent (RFC 8628).

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Granted;
use crate::practice::account::Account;
use crate::practice::clock::later;
use crate::practice::random::{bytes, hex};
use crate::secret::Secret;

/// No vowels and nothing that looks like something else (RFC 8628, section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How much slower a client must ask after each `slow_down` (RFC 8628, section 3.5).
const SLOWER: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug)]
struct Device {
    code: Secret,
    user_code: String,
    client: &'static str,
    scope: Option<String>,
    decision: Decision,
    until: Timestamp,
    interval: SignedDuration,
    /// When it asked last.
    asked: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
enum Decision {
    Open,
    Approved(&'static Account),
    Denied,
}

/// What a device is told that asks for its token.
#[derive(Debug)]
pub(super) enum Told {
    Granted(Granted),
    Pending,
    /// It asked sooner than the interval allows, which is longer from now on.
    SlowDown,
    Denied,
    Expired,
    /// There is no such device, or it has its token.
    Unknown,
}

/// What a device is to show, and how often it may ask.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) code: Secret,
    pub(super) user_code: String,
    pub(super) expires_in: SignedDuration,
    pub(super) interval: SignedDuration,
}

#[derive(Debug)]
pub(super) struct Devices {
    lifetime: SignedDuration,
    interval: SignedDuration,
    waiting: Mutex<Vec<Device>>,
}

impl Devices {
    pub(super) fn new(lifetime: SignedDuration, interval: SignedDuration) -> Self {
        Self {
            lifetime,
            interval,
            waiting: Mutex::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Device>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(
        &self,
        client: &'static str,
        scope: Option<String>,
        now: Timestamp,
    ) -> Result<Begun, getrandom::Error> {
        let code = Secret::new(hex(&bytes::<32>()?));
        let user_code = user_code(bytes()?);
        self.waiting().push(Device {
            code: code.clone(),
            user_code: user_code.clone(),
            client,
            scope,
            decision: Decision::Open,
            until: later(now, self.lifetime),
            interval: self.interval,
            asked: None,
        });
        Ok(Begun {
            code,
            user_code,
            expires_in: self.lifetime,
            interval: self.interval,
        })
    }

    /// Notes what a person decided; false if no device with that code still waits for it.
    fn decide(&self, user_code: &str, decision: Decision, now: Timestamp) -> bool {
        let mut waiting = self.waiting();
        let device = waiting.iter_mut().find(|device| {
            device.until > now
                && matches!(device.decision, Decision::Open)
                && letters(&device.user_code) == letters(user_code)
        });
        device.map(|device| device.decision = decision).is_some()
    }

    pub(super) fn approve(&self, user_code: &str, account: &'static Account, now: Timestamp) -> bool {
        self.decide(user_code, Decision::Approved(account), now)
    }

    pub(super) fn deny(&self, user_code: &str, now: Timestamp) -> bool {
        self.decide(user_code, Decision::Denied, now)
    }

    /// Answers a device that asks; whoever was told of an end is forgotten.
    pub(super) fn ask(&self, code: &str, client: &str, now: Timestamp) -> Told {
        let mut waiting = self.waiting();
        let Some(at) = waiting
            .iter()
            .position(|device| device.code.expose() == code && device.client == client)
        else {
            return Told::Unknown;
        };
        let device = &mut waiting[at];
        let too_soon = device
            .asked
            .is_some_and(|asked| now < later(asked, device.interval));
        device.asked = Some(now);
        if device.until <= now {
            waiting.remove(at);
            return Told::Expired;
        }
        if too_soon {
            device.interval = device.interval.saturating_add(SLOWER);
            return Told::SlowDown;
        }
        match device.decision {
            Decision::Open => Told::Pending,
            Decision::Denied => {
                waiting.remove(at);
                Told::Denied
            }
            Decision::Approved(account) => {
                let device = waiting.remove(at);
                Told::Granted(Granted {
                    account,
                    client: device.client,
                    scope: device.scope,
                    nonce: None,
                })
            }
        }
    }
}

fn user_code(random: [u8; 8]) -> String {
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte) % LETTERS.len()]);
    let all: String = random.into_iter().map(letter).collect();
    format!("{}-{}", &all[..4], &all[4..])
}

/// People type codes as they like: case and punctuation do not matter.
fn letters(code: &str) -> String {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> &'static Account {
        Account::named("alice").unwrap()
    }

    struct Table {
        devices: Devices,
        begun: Begun,
        start: Timestamp,
    }

    impl Table {
        fn new() -> Self {
            let seconds = SignedDuration::from_secs;
            let devices = Devices::new(seconds(60), seconds(5));
            let start = Timestamp::now();
            let begun = devices.begin("one", None, start).unwrap();
            Self {
                devices,
                begun,
                start,
            }
        }

        fn after(&self, seconds: i64) -> Timestamp {
            later(self.start, SignedDuration::from_secs(seconds))
        }

        fn ask(&self, seconds: i64) -> Told {
            let at = self.after(seconds);
            self.devices.ask(self.begun.code.expose(), "one", at)
        }
    }

    #[test]
    fn a_device_gets_its_token_once() {
        let table = Table::new();
        let typed = table.begun.user_code.replace('-', " ").to_lowercase();
        assert!(matches!(table.ask(0), Told::Pending));
        assert!(!table.devices.approve("BBBB-BBBB1", alice(), table.after(1)));
        assert!(table.devices.approve(&typed, alice(), table.after(1)));
        assert!(!table.devices.deny(&typed, table.after(1)), "decided is decided");
        let code = table.begun.code.expose();
        assert!(matches!(
            table.devices.ask(code, "two", table.after(2)),
            Told::Unknown
        ));
        let Told::Granted(granted) = table.ask(5) else {
            panic!("no token");
        };
        assert_eq!(granted.account, alice());
        assert!(matches!(table.ask(10), Told::Unknown));
    }

    #[test]
    fn a_device_that_asks_too_often_is_slowed_down() {
        let table = Table::new();
        assert!(matches!(table.ask(0), Told::Pending));
        assert!(matches!(table.ask(4), Told::SlowDown));
        assert!(matches!(table.ask(13), Told::SlowDown), "ten seconds from now on");
        assert!(matches!(table.ask(28), Told::Pending), "fifteen");
    }

    #[test]
    fn a_device_is_told_of_its_end() {
        let table = Table::new();
        assert!(table.devices.deny(&table.begun.user_code, table.after(1)));
        assert!(matches!(table.ask(2), Told::Denied));
        assert!(matches!(table.ask(60), Told::Unknown));

        let table = Table::new();
        assert!(matches!(table.ask(60), Told::Expired));
        let late = table
            .devices
            .approve(&table.begun.user_code, alice(), table.after(61));
        assert!(!late);
    }

    #[test]
    fn codes_for_people_can_be_read_aloud() {
        let code = user_code([0, 1, 19, 20, 255, 7, 8, 9]);
        assert_eq!(code, "BCZB-TKLM");
    }
}
