//! Whether the clocks of this machine and of the server agree.

use std::time::Duration;

use super::check::{Finding, Kind, Outcome};
use super::run::Desk;
use super::way::Stopped;
use super::world::Target;
use crate::error::Explain;
use crate::repository::{Clocks, compare_clocks};

/// From here on Kerberos refuses tickets.
const KERBEROS_SECONDS: i64 = 300;

/// From here on certificates and tokens are taken for ended, or for not valid yet.
const DANGEROUS_SECONDS: i64 = 86_400;

/// Asks the server what time it is.
pub(super) async fn compare(desk: &Desk, target: &Target) {
    let announced = target.announce(Kind::Clock);
    desk.ask(announced, async {
        let http = match desk.services.http(&target.domain, target.ca_file()).await {
            Ok(http) => http,
            Err(error) => return Finding::of_problem(Outcome::Warn, error.explain()),
        };
        match compare_clocks(&http, &target.domain, || desk.services.now()).await {
            Ok(Some(clocks)) => judged(clocks),
            Ok(None) => Finding::skip("the server does not tell the time"),
            Err(error) => Finding::of_problem(Outcome::Warn, error.explain()),
        }
    })
    .await;
}

/// What is known where the way ended: a refused certificate may have brought the clocks to light.
pub(super) fn after(desk: &Desk, target: &Target, stopped: &Stopped) {
    let announced = target.announce(Kind::Clock);
    match stopped.tls.as_ref().and_then(|failure| failure.clocks) {
        Some(clocks) => desk.tell(announced, Duration::ZERO, judged(clocks)),
        None => desk.skip(announced, stopped.reason()),
    }
}

fn judged(clocks: Clocks) -> Finding {
    let Clocks { here, there } = clocks;
    let ahead = here.as_second() - there.as_second();
    let direction = if ahead < 0 { "behind" } else { "ahead" };
    let apart = match ahead.abs() {
        seconds @ 0..120 => format!("{seconds} seconds"),
        seconds @ 120..7_200 => format!("{} minutes", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} hours", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    };
    let told = |finding: Finding| {
        finding
            .because(format!(
                "it says {}, and the server says {}",
                minute(here),
                minute(there)
            ))
            .remedy("set the date and time of this computer right, or let it keep them by itself")
    };
    match ahead.abs() {
        0..=2 => Finding::pass("it agrees with that of this computer"),
        3..=KERBEROS_SECONDS => Finding::pass(format!("{apart} apart from that of this computer")),
        seconds if seconds < DANGEROUS_SECONDS => told(Finding::warn(format!(
            "the clock of this computer is {apart} {direction}, so that Kerberos refuses it"
        ))),
        _ => told(Finding::fail(format!(
            "the clock of this computer is {apart} {direction}, so that certificates and tokens seem out of date"
        ))),
    }
}

fn minute(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_what_it_breaks() {
        let judge = |here: &str| {
            judged(Clocks {
                here: here.parse().unwrap(),
                there: "2026-11-25T12:00:00Z".parse().unwrap(),
            })
        };
        assert_eq!(judge("2026-11-25T12:00:07Z").outcome, Outcome::Pass);
        let slow = judge("2026-11-25T11:50:00Z");
        assert_eq!(slow.outcome, Outcome::Warn);
        assert!(slow.message.contains("10 minutes behind"), "{}", slow.message);
        let wrong = judge("2019-01-01T00:00:00Z");
        assert_eq!(wrong.outcome, Outcome::Fail);
        assert!(wrong.cause.unwrap().contains("it says 2019-01-01 00:00 UTC"));
    }
}
