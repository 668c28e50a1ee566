//! The promise that 10,000 channels feel like ten: from a key press in the search to the new view within 16 ms.
//!
//! `cargo bench --bench channel_search`. It prints the median and the worst of many presses, and fails beyond the promise
//! only in an optimised build.

#[path = "../tests/support/canvas.rs"]
#[allow(dead_code)]
mod canvas;

use std::sync::Arc;
use std::time::{Duration, Instant};

use canvas::Canvas;
use sextant::repository::{Channel, Privacy};
use sextant::screen::channels::{Action, ChannelChoice, Channels, Column, Message, Pick, Source};

const COUNT: u64 = 10_000;
const PROMISE: Duration = Duration::from_millis(16);
const ROUNDS: usize = 20;

fn channel(index: u64) -> Channel {
    let privacies = [Privacy::Public, Privacy::Authenticated, Privacy::Private];
    Channel {
        name: format!(
            "{}-{index:05}",
            ["genomics", "risk", "vision", "climate"][(index % 4) as usize]
        ),
        parent: (index % 10 == 9).then(|| format!("team-{:03}", index % 300)),
        privacy: privacies[(index % 3) as usize].clone(),
        description: format!(
            "Packages of group {} for the cluster of building {}",
            index % 97,
            index % 13
        ),
        owners: vec![format!("user{}", index % 500), "team-it".to_owned()],
        artifact_count: Some(index * 7 % 5000),
        subchannel_count: None,
        mirror: index.is_multiple_of(5),
        updated: None,
        address: None,
    }
}

/// The page with its 10,000 channels, and a window.
struct Page {
    screen: Channels,
    canvas: Canvas,
}

impl Page {
    fn open() -> Self {
        let (mut screen, action) = Channels::new(
            Some(Source::complete("psm.example.com")),
            ChannelChoice::default(),
            true,
        );
        let Action::Load { key } = action else {
            panic!("the page asks for the channels");
        };
        let channels = Arc::new((0..COUNT).map(channel).collect::<Vec<_>>());
        let _ = screen.update(Message::Loaded {
            key,
            outcome: Ok(channels),
        });
        let mut page = Self {
            screen,
            canvas: Canvas::new(1180.0, 760.0),
        };
        page.settle();
        page
    }

    /// Lays the view out, as the running program does before it draws.
    fn settle(&mut self) {
        for message in self.canvas.send(self.screen.view(), &[]) {
            let _ = self.screen.update(message);
        }
    }

    /// The time from the message to the new view, laid out; and how much of it `update` took.
    fn time(&mut self, pick: Pick) -> (Duration, Duration) {
        let start = Instant::now();
        let action = self.screen.update(Message::Pick(pick));
        let updated = start.elapsed();
        self.settle();
        drop(action);
        (start.elapsed(), updated)
    }
}

fn report(what: &str, mut times: Vec<(Duration, Duration)>) -> Duration {
    let mut updates: Vec<Duration> = times.iter().map(|(_, update)| *update).collect();
    times.sort_unstable();
    updates.sort_unstable();
    let (median, worst) = (times[times.len() / 2].0, times[times.len() - 1].0);
    println!(
        "{what:<24} median {median:>8.2?}, worst {worst:>8.2?}; update alone: median {:>8.2?}",
        updates[updates.len() / 2]
    );
    median
}

fn main() {
    let mut page = Page::open();
    let mut worst = Duration::ZERO;

    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let word = "risk group 12";
        for end in 1..=word.len() {
            times.push(page.time(Pick::SearchChanged(word[..end].to_owned())));
        }
        times.push(page.time(Pick::SearchChanged(String::new())));
    }
    worst = worst.max(report("a letter in the search", times));

    for (what, column) in [
        ("sorting by name", Column::Name),
        ("sorting by owners", Column::Owners),
    ] {
        let times = (0..ROUNDS)
            .map(|_| page.time(Pick::HeaderPressed(column)))
            .collect();
        worst = worst.max(report(what, times));
    }
    let times = (0..ROUNDS).map(|_| page.time(Pick::TickAllPressed)).collect();
    worst = worst.max(report("ticking all 10,000", times));

    println!("promised: {PROMISE:?}");
    assert!(
        cfg!(debug_assertions) || worst <= PROMISE,
        "{worst:?} is longer than promised"
    );
}
