//! Trouble on demand: everything a network or a broken server may do to a client (server reference, section 7, item 8).
//!
//! A [`Trouble`] is switched on when the server starts, with [`super::Practice::set_trouble`], or from another process
//! with `POST /practice/trouble`. As JSON:
//!
//! ```json
//! {"slow_ms": 200, "fault": {"kind": "status", "status": 503, "retry_after": 2},
//!  "only_site": "server", "only_method": "POST", "only_path": "/api/account/tokens", "from": 1, "times": 1}
//! ```
//!
//! Everything may be left out; `{}` ends all trouble.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::site::Site;

/// What goes wrong, and with which requests. The default is: nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trouble {
    /// The wait before anything is done; in JSON `slow_ms`.
    #[serde(rename = "slow_ms", with = "milliseconds")]
    pub slow: Option<Duration>,
    pub fault: Option<Fault>,
    /// Only requests to this product; otherwise those to all of them, counted together.
    pub only_site: Option<Site>,
    /// Only requests with this method.
    pub only_method: Option<String>,
    /// Only requests whose path contains this text.
    pub only_path: Option<String>,
    /// Begins with the so-manieth request that fits, counted from when the trouble was set; 0 and 1 mean the first.
    pub from: usize,
    /// Ends after so many requests that fit.
    pub times: Option<usize>,
}

/// What happens instead of the right answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// No answer ever comes, and the connection stays.
    Stall {
        #[serde(default)]
        effect: Effect,
    },
    /// The connection ends without an answer.
    Drop {
        #[serde(default)]
        effect: Effect,
    },
    /// The connection ends in the middle of the request, after so many bytes of its body.
    DropRequest { after: u64 },
    /// After so many bytes of its body nothing of the request is read any more, and no answer ever comes.
    StallRequest { after: u64 },
    /// This status with the server's error body; nothing is done.
    Status {
        status: u16,
        /// The seconds of a `Retry-After` header.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// A sign-in page with status 200, as portals in between give; nothing is done.
    Html,
    /// 302 to this address; nothing is done.
    Redirect { to: String },
    /// A JSON answer of so many bytes that does not announce its length; nothing is done.
    HugeBody { bytes: u64 },
    /// The request is fulfilled, but the answer is not JSON although it says so.
    GarbageJson,
    /// The request is fulfilled, but the answer breaks off in the middle.
    Truncate,
    /// The request is fulfilled, but the answer is only its first half, and claims to be all.
    Halve,
    /// The request is fulfilled, but one byte in the middle of the answer is another.
    Corrupt,
    /// The request is fulfilled, and the answer takes its time.
    Trickle { bytes_per_second: u64 },
    /// The request is fulfilled, but these keys are missing from the answer at every depth; all keys if none is named.
    MissingFields {
        #[serde(default)]
        fields: Vec<String>,
    },
}

/// Whether the request was fulfilled although its answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    #[default]
    NotPerformed,
    Performed,
}

impl Trouble {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every request meets this fault.
    pub fn fault(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::default()
        }
    }

    /// Every answer takes so long.
    pub fn slow(wait: Duration) -> Self {
        Self {
            slow: Some(wait),
            ..Self::default()
        }
    }

    /// Every request gets this status.
    pub fn status(status: u16) -> Self {
        Self::fault(Fault::Status {
            status,
            retry_after: None,
        })
    }

    /// The connection drops at the nth request, before anything is done.
    pub fn drop_at(nth: usize) -> Self {
        Self::fault(Fault::Drop {
            effect: Effect::NotPerformed,
        })
        .from(nth)
        .times(1)
    }

    /// The connection drops at the nth request, which is fulfilled all the same.
    pub fn drop_after_effect_at(nth: usize) -> Self {
        Self::fault(Fault::Drop {
            effect: Effect::Performed,
        })
        .from(nth)
        .times(1)
    }

    /// Answers arrive so slowly.
    pub fn trickle(bytes_per_second: u64) -> Self {
        Self::fault(Fault::Trickle { bytes_per_second })
    }

    #[must_use]
    pub fn only_path(mut self, part: impl Into<String>) -> Self {
        self.only_path = Some(part.into());
        self
    }

    #[must_use]
    pub fn only_site(mut self, site: Site) -> Self {
        self.only_site = Some(site);
        self
    }

    #[must_use]
    pub fn only_method(mut self, method: impl Into<String>) -> Self {
        self.only_method = Some(method.into());
        self
    }

    #[must_use]
    pub fn from(mut self, nth: usize) -> Self {
        self.from = nth;
        self
    }

    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = Some(times);
        self
    }

    fn concerns(&self, site: Site, method: &str, path: &str) -> bool {
        self.only_site.is_none_or(|only| only == site)
            && self
                .only_method
                .as_deref()
                .is_none_or(|only| only.eq_ignore_ascii_case(method))
            && self.only_path.as_deref().is_none_or(|only| path.contains(only))
    }
}

/// The trouble in force, and how many requests it concerned so far.
#[derive(Debug)]
pub(super) struct Troubles {
    current: Mutex<(Trouble, usize)>,
}

/// What one request meets.
#[derive(Debug, Default)]
pub(super) struct Met {
    pub(super) slow: Option<Duration>,
    pub(super) fault: Option<Fault>,
}

impl Troubles {
    pub(super) fn new(trouble: Trouble) -> Self {
        Self {
            current: Mutex::new((trouble, 0)),
        }
    }

    fn current(&self) -> MutexGuard<'_, (Trouble, usize)> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the trouble and begins to count anew.
    pub(super) fn set(&self, trouble: Trouble) {
        *self.current() = (trouble, 0);
    }

    pub(super) fn in_force(&self) -> Trouble {
        self.current().0.clone()
    }

    /// Counts a request and says what it meets.
    pub(super) fn meet(&self, site: Site, method: &str, path: &str) -> Met {
        let mut current = self.current();
        let (trouble, seen) = &mut *current;
        if !trouble.concerns(site, method, path) {
            return Met::default();
        }
        *seen += 1;
        let first = trouble.from.max(1);
        let over = trouble
            .times
            .is_some_and(|times| *seen >= first.saturating_add(times));
        if *seen < first || over {
            return Met::default();
        }
        Met {
            slow: trouble.slow,
            fault: trouble.fault.clone(),
        }
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        wait: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_chosen_requests_meet_it() {
        let troubles = Troubles::new(
            Trouble::status(503)
                .only_method("post")
                .only_path("/tokens")
                .from(2)
                .times(2),
        );
        let hit = |method: &str, path: &str| troubles.meet(Site::Server, method, path).fault.is_some();
        assert!(!hit("POST", "/api/account/tokens"), "the first is spared");
        assert!(!hit("GET", "/api/account/tokens"), "another method");
        assert!(!hit("POST", "/api/auth/login"), "another path");
        assert!(hit("POST", "/api/account/tokens"));
        assert!(hit("POST", "/api/account/tokens"));
        assert!(!hit("POST", "/api/account/tokens"), "two were enough");
    }

    #[test]
    fn setting_it_counts_anew() {
        let troubles = Troubles::new(Trouble::drop_at(1));
        let meet = |site| troubles.meet(site, "GET", "/").fault;
        assert!(meet(Site::Cloud).is_some());
        assert!(meet(Site::Server).is_none());
        troubles.set(Trouble::drop_after_effect_at(1));
        assert_eq!(
            meet(Site::Server),
            Some(Fault::Drop {
                effect: Effect::Performed
            })
        );
    }

    #[test]
    fn one_product_alone_may_meet_it() {
        let troubles = Troubles::new(Trouble::status(503).only_site(Site::AnacondaOrg));
        let meet = |site| troubles.meet(site, "GET", "/").fault.is_some();
        assert!(!meet(Site::Server) && !meet(Site::Repository) && !meet(Site::Cloud));
        assert!(meet(Site::AnacondaOrg));
    }

    #[test]
    fn the_documented_json_is_read_and_written() {
        let text = r#"{"slow_ms":200,"fault":{"kind":"status","status":503,"retry_after":2},
            "only_method":"POST","only_path":"/api/account/tokens","from":1,"times":1}"#;
        let trouble: Trouble = serde_json::from_str(text).unwrap();
        assert_eq!(trouble.slow, Some(Duration::from_millis(200)));
        assert_eq!(
            trouble.fault,
            Some(Fault::Status {
                status: 503,
                retry_after: Some(2)
            })
        );
        let again: Trouble = serde_json::from_str(&serde_json::to_string(&trouble).unwrap()).unwrap();
        assert_eq!(again, trouble);
        assert_eq!(serde_json::from_str::<Trouble>("{}").unwrap(), Trouble::none());
        assert!(
            serde_json::from_str::<Trouble>(r#"{"stal":true}"#).is_err(),
            "a slip must not pass for no trouble"
        );
    }
}
