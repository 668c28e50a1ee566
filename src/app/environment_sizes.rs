//! What environments take on the disk: counted in the background, while what was counted last is shown.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use iced::Task;
use iced::futures::StreamExt;
use iced::futures::channel::mpsc;

use super::work::{Report, reporting};
use super::{App, Message};
use crate::conda::environment::size::{Size, SizeProgress};
use crate::screen::Key;
use crate::screen::environments::{self, DiskSize, Measure};
use crate::service::Services;

/// Stops the counting when nobody waits for it any more.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl App {
    pub(super) fn measure(&mut self, key: Key, prefixes: Vec<PathBuf>) -> Task<Message> {
        if let Some(older) = self.measuring.replace(key) {
            self.works.cancel(older);
        }
        let services = self.services.clone();
        let stream = reporting(move |tell| count(services, prefixes, tell));
        let stream = stream.map(move |report| match report {
            Report::Progress(size) => Message::Reported(key, Box::new(measured(key, size))),
            Report::Done(total) => {
                let message = environments::Message::MeasuringEnded { key, total };
                Message::Answered(key, Box::new(Message::Environments(message)))
            }
        });
        self.works
            .begin(key, "Measuring environments", Task::stream(stream))
    }
}

fn measured(key: Key, size: Size) -> Message {
    Message::Environments(environments::Message::Measured {
        key,
        measure: Measure::Known(DiskSize {
            own: size.own,
            shared: size.shared,
        }),
        prefix: size.prefix,
    })
}

/// Tells what was counted last, then counts anew; what all of them take together, where it came to an end.
async fn count(services: Services, prefixes: Vec<PathBuf>, tell: mpsc::UnboundedSender<Size>) -> Option<u64> {
    let stop = StopOnDrop(Arc::default());
    let wished = stop.0.clone();
    let counting = tokio::task::spawn_blocking(move || {
        for (_, known) in services.known_sizes() {
            let _ = tell.unbounded_send(known.size);
        }
        let progress = |progress| {
            if let SizeProgress::Counted(size) = progress {
                // Nobody listens any more once it was cancelled.
                let _ = tell.unbounded_send(size);
            }
        };
        services.measure_environments(&prefixes, &progress, &wished)
    });
    let counted = counting.await;
    drop(stop);
    Some(counted.ok()?.ok()?.total)
}
