//! How far an upload is.

use std::time::Duration;

use super::UploadOutcome;
use crate::repository::BytesSent;

/// How often it is told how much of a file has gone out.
const PACE: Duration = Duration::from_millis(100);

/// Something happened to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadProgress {
    /// Its place in the plan.
    pub file: usize,
    pub step: UploadStep,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadStep {
    /// The package and the version are looked for, or made.
    Preparing,
    Sending {
        sent: u64,
    },
    /// Everything is out, and the server has work to do.
    TakingOver,
    /// What was begun is taken back.
    TakingBack,
    Ended(UploadOutcome),
}

/// Whom to tell.
pub(super) type Told<'a> = &'a (dyn Fn(UploadProgress) + Send + Sync);

/// The teller of one file.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub file: usize,
    pub size: u64,
    pub told: Told<'a>,
}

impl Teller<'_> {
    pub(super) fn tell(&self, step: UploadStep) {
        (self.told)(UploadProgress {
            file: self.file,
            step,
        });
    }

    /// Does `work`, and tells meanwhile how much has gone out.
    pub(super) async fn while_sending<T>(&self, sent: &BytesSent, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let mut last = None;
        loop {
            let now = sent.get().min(self.size);
            if last != Some(now) {
                self.tell(match now == self.size && self.size > 0 {
                    true => UploadStep::TakingOver,
                    false => UploadStep::Sending { sent: now },
                });
                last = Some(now);
            }
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(PACE) => {}
            }
        }
    }
}
