//! The server's clock, which a test can move on, and the way the server writes times.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

/// The machine's clock, advanced by what a test asked for.
#[derive(Debug, Default)]
pub(super) struct Clock {
    advanced: Mutex<SignedDuration>,
}

impl Clock {
    pub(super) fn now(&self) -> Timestamp {
        let advanced = *self.advanced.lock().unwrap_or_else(PoisonError::into_inner);
        later(Timestamp::now(), advanced)
    }

    /// Moves the clock on; never back.
    pub(super) fn advance(&self, by: Duration) {
        let mut advanced = self.advanced.lock().unwrap_or_else(PoisonError::into_inner);
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        *advanced = advanced.saturating_add(by);
    }
}

/// The moment so much later, or the last moment there is.
pub(super) fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The beginning of a day in UTC, which is how the server reads a bare date.
pub(super) fn midnight(date: Date) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// The day of a moment in UTC.
pub(super) fn day(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

/// The recorded way of writing a moment: `2021-04-02T12:22:55.244876+00:00`, the fraction left out when it is zero
/// (server reference, section 9).
pub(super) fn written(moment: Timestamp) -> String {
    if moment.subsec_nanosecond() / 1_000 == 0 {
        moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
    } else {
        moment.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_recorded() {
        let whole: Timestamp = "2021-05-02T00:00:00Z".parse().unwrap();
        let fraction: Timestamp = "2021-04-02T12:22:55.244876Z".parse().unwrap();
        assert_eq!(written(whole), "2021-05-02T00:00:00+00:00");
        assert_eq!(written(fraction), "2021-04-02T12:22:55.244876+00:00");
    }

    #[test]
    fn the_clock_goes_only_where_it_is_sent() {
        let clock = Clock::default();
        let before = Timestamp::now();
        assert!(clock.now() >= before);
        clock.advance(Duration::from_secs(86_400));
        assert!(clock.now() >= later(before, SignedDuration::from_hours(24)));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }
}
