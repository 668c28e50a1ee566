//! Time that runs out while a person is busy elsewhere.

use std::fmt;
use std::time::Duration;

use iced::time::Instant;

/// How much time is left. It looks at no clock: whoever begins it and lets it tick says what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Countdown {
    until: Instant,
    now: Instant,
}

impl Countdown {
    /// `limit` from `now` on.
    pub fn new(limit: Duration, now: Instant) -> Self {
        Self {
            until: now.checked_add(limit).unwrap_or(now),
            now,
        }
    }

    /// It is `now`. Ticks may come late, and after a time of sleep.
    pub fn tick(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(self.now)
    }
}

/// `04:32`; of a second that has begun all is left.
impl fmt::Display for Countdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.left();
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if hours > 0 {
            write!(f, "{hours}:")?;
        }
        write!(f, "{minutes:02}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_reads_as_a_clock_shows_it() {
        let now = Instant::now();
        for (milliseconds, shown) in [
            (300_000, "05:00"),
            (299_001, "05:00"),
            (299_000, "04:59"),
            (59_000, "00:59"),
            (1, "00:01"),
            (0, "00:00"),
            (3_600_000, "1:00:00"),
            (86_399_000, "23:59:59"),
        ] {
            let left = Countdown::new(Duration::from_millis(milliseconds), now);
            assert_eq!(left.to_string(), shown);
        }
    }

    #[test]
    fn it_runs_down_to_nothing_and_never_back() {
        let now = Instant::now();
        let mut left = Countdown::new(Duration::from_secs(60), now);
        left.tick(now + Duration::from_secs(20));
        left.tick(now + Duration::from_secs(10));
        assert_eq!(left.left(), Duration::from_secs(40));
        left.tick(now + Duration::from_secs(3600));
        assert_eq!(left.left(), Duration::ZERO);
    }
}
