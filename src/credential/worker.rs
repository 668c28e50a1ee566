//! One thread for the keyring, so that a keyring that does not answer holds up that thread and nobody else.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::error::CredentialError;

type Job = Box<dyn FnOnce() + Send>;

/// Numbers of calls: which one was given up last, and which one ended last. Calls run in the order of their numbers.
#[derive(Debug, Default)]
struct Progress {
    given_up: AtomicU64,
    ended: AtomicU64,
}

/// Runs calls one after the other. A call that takes longer than the patience is given up by whoever asked, and until it
/// has ended all others are refused at once: the keyring is asked nothing more while it owes an answer.
pub(super) struct Worker {
    patience: Duration,
    jobs: Mutex<Option<(Sender<Job>, u64)>>,
    progress: Arc<Progress>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

impl Worker {
    pub fn new(patience: Duration) -> Self {
        Self {
            patience,
            jobs: Mutex::new(None),
            progress: Arc::default(),
        }
    }

    /// Whether a call was given up that has not ended yet.
    pub fn is_held_up(&self) -> bool {
        let given_up = self.progress.given_up.load(Ordering::SeqCst);
        given_up > self.progress.ended.load(Ordering::SeqCst)
    }

    /// The answer of a call.
    ///
    /// Errors: those of the call, and [`CredentialError::KeyringSilent`] when it takes too long or an earlier one still
    /// does. A call that was given up before it began is not begun.
    pub fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> Result<T, CredentialError> + Send + 'static,
    ) -> Result<T, CredentialError> {
        if self.is_held_up() {
            return Err(CredentialError::KeyringSilent);
        }
        let (answer, wait) = mpsc::sync_channel(1);
        let abandoned = Arc::new(AtomicBool::new(false));
        let (progress, is_abandoned) = (Arc::clone(&self.progress), Arc::clone(&abandoned));
        let number = self.send(move |number| {
            Box::new(move || {
                if !is_abandoned.load(Ordering::SeqCst) {
                    // Nobody may be waiting any more.
                    let _ = answer.send(call());
                }
                progress.ended.store(number, Ordering::SeqCst);
            })
        })?;
        wait.recv_timeout(self.patience).unwrap_or_else(|_| {
            abandoned.store(true, Ordering::SeqCst);
            self.progress.given_up.fetch_max(number, Ordering::SeqCst);
            Err(CredentialError::KeyringSilent)
        })
    }

    /// Queues a job, made for the number it gets; the first one starts the thread.
    fn send(&self, job: impl FnOnce(u64) -> Job) -> Result<u64, CredentialError> {
        let no_thread = |error: &dyn fmt::Display| CredentialError::Keyring {
            reason: format!("no thread could be started for it: {error}"),
        };
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.is_none() {
            let (sender, receiver) = mpsc::channel::<Job>();
            thread::Builder::new()
                .name("keyring".to_owned())
                .spawn(move || receiver.into_iter().for_each(|job| job()))
                .map_err(|error| no_thread(&error))?;
            *jobs = Some((sender, 0));
        }
        let Some((sender, last)) = jobs.as_mut() else {
            return Err(no_thread(&"it ended"));
        };
        *last += 1;
        sender.send(job(*last)).map_err(|error| no_thread(&error))?;
        Ok(*last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    fn silent(result: Result<u32, CredentialError>) {
        assert!(
            matches!(result, Err(CredentialError::KeyringSilent)),
            "{result:?}"
        );
    }

    #[test]
    fn a_call_that_hangs_is_given_up_once_and_its_end_frees_the_way() {
        let worker = Worker::new(Duration::from_millis(20));
        let (release, held) = channel::<()>();
        silent(worker.ask(move || {
            let _ = held.recv();
            Ok(1)
        }));
        assert!(worker.is_held_up());
        // Refused, not queued: they never run.
        let (tell, told) = channel();
        for _ in 0..100 {
            let tell = tell.clone();
            silent(worker.ask(move || {
                let _ = tell.send(());
                Ok(2)
            }));
        }
        release.send(()).unwrap();
        while worker.is_held_up() {
            thread::yield_now();
        }
        assert_eq!(Worker::new(Duration::from_secs(60)).ask(|| Ok(3)).unwrap(), 3);
        drop(tell);
        assert_eq!(told.iter().count(), 0);
    }

    #[test]
    fn what_waits_behind_a_call_that_hangs_is_not_begun_afterwards() {
        let worker = Arc::new(Worker::new(Duration::from_millis(300)));
        let (release, held) = channel::<()>();
        let (began, begun) = channel();
        let first = {
            let worker = Arc::clone(&worker);
            thread::spawn(move || {
                silent(worker.ask(move || {
                    began.send(()).unwrap();
                    let _ = held.recv();
                    Ok(1)
                }));
            })
        };
        begun.recv().unwrap();
        let (tell, told) = channel();
        silent(worker.ask(move || {
            let _ = tell.send(());
            Ok(2)
        }));
        first.join().unwrap();
        release.send(()).unwrap();
        while worker.is_held_up() {
            thread::yield_now();
        }
        assert!(told.recv().is_err());
        while worker.ask(|| Ok(4)).is_err() {}
    }
}
