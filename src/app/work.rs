//! Work in the background: its name, how far it is, and how it is stopped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use iced::Task;
use iced::futures::channel::{mpsc, oneshot};
use iced::futures::{SinkExt, Stream, StreamExt, future, stream};
use iced::task::Handle;

use super::Message;
use super::standing::Standing;
use crate::screen::Key;
use crate::service::Services;

/// Work that ends sooner is not shown in the status line.
const NOTICED_AFTER: Duration = Duration::from_millis(400);

#[derive(Debug, Default)]
pub struct Works(Vec<Work>);

#[derive(Debug)]
pub struct Work {
    pub key: Key,
    pub name: String,
    pub share: Option<f32>,
    pub is_noticed: bool,
    /// Whether it changes files; when it ends, they are read again anyway.
    is_change: bool,
    stop: Stop,
}

#[derive(Debug)]
enum Stop {
    /// Dropping the work is all there is to it.
    Abort(Handle),
    /// The work cleans up after itself when asked to stop.
    Ask(Option<Bell>),
}

/// How work is asked to stop.
#[derive(Debug)]
pub enum Bell {
    Waiting(oneshot::Sender<()>),
    /// Work that occupies its thread looks at it between two steps.
    Flag(Arc<AtomicBool>),
}

impl From<oneshot::Sender<()>> for Bell {
    fn from(sender: oneshot::Sender<()>) -> Self {
        Self::Waiting(sender)
    }
}

impl From<Arc<AtomicBool>> for Bell {
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self::Flag(flag)
    }
}

impl Bell {
    fn ring(self) {
        match self {
            // An error means that it has just ended; its answer is on the way.
            Self::Waiting(sender) => drop(sender.send(())),
            Self::Flag(flag) => flag.store(true, Ordering::Relaxed),
        }
    }
}

/// How work ended, as seen by whoever still waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    ByItself,
    /// It was asked to stop before.
    Stopped,
    /// It is not known (any more).
    Unknown,
}

impl Works {
    /// Begins work that is dropped when it is cancelled. `task` answers with [`Message::Answered`] and this key.
    pub fn begin(&mut self, key: Key, name: impl Into<String>, task: Task<Message>) -> Task<Message> {
        let (task, handle) = task.abortable();
        self.add(key, name.into(), Stop::Abort(handle), task)
    }

    /// The same for work that changes files; `task` is made by [`changing`].
    pub fn begin_change(&mut self, key: Key, name: impl Into<String>, task: Task<Message>) -> Task<Message> {
        let begun = self.begin(key, name, task);
        if let Some(work) = self.of_mut(key) {
            work.is_change = true;
        }
        begun
    }

    /// Begins work that changes files and is asked to stop through `stop`, and answers all the same.
    pub fn begin_orderly(
        &mut self,
        key: Key,
        name: impl Into<String>,
        stop: impl Into<Bell>,
        task: Task<Message>,
    ) -> Task<Message> {
        self.add(key, name.into(), Stop::Ask(Some(stop.into())), task)
    }

    /// The same for work that leaves the person's configuration alone, and may take long: what others change there is
    /// noticed meanwhile.
    pub fn begin_stoppable(
        &mut self,
        key: Key,
        name: impl Into<String>,
        stop: impl Into<Bell>,
        task: Task<Message>,
    ) -> Task<Message> {
        let begun = self.begin_orderly(key, name, stop, task);
        if let Some(work) = self.of_mut(key) {
            work.is_change = false;
        }
        begun
    }

    fn add(&mut self, key: Key, name: String, stop: Stop, task: Task<Message>) -> Task<Message> {
        self.0.push(Work {
            key,
            name,
            share: None,
            is_noticed: false,
            is_change: matches!(stop, Stop::Ask(_)),
            stop,
        });
        let lasted = Task::perform(tokio::time::sleep(NOTICED_AFTER), move |()| {
            Message::WorkLasted(key)
        });
        Task::batch([task, lasted])
    }

    pub fn notice(&mut self, key: Key) {
        if let Some(work) = self.of_mut(key) {
            work.is_noticed = true;
        }
    }

    pub fn progress(&mut self, key: Key, share: Option<f32>) {
        if let Some(work) = self.of_mut(key) {
            work.share = share;
        }
    }

    /// Stops work. What is dropped is forgotten at once; what cleans up stays, under another name.
    pub fn cancel(&mut self, key: Key) {
        let Some(at) = self.0.iter().position(|work| work.key == key) else {
            return;
        };
        let work = &mut self.0[at];
        match &mut work.stop {
            Stop::Abort(handle) => {
                handle.abort();
                self.0.remove(at);
            }
            Stop::Ask(bell) => {
                if let Some(bell) = bell.take() {
                    bell.ring();
                    work.name = "Cleaning up".to_owned();
                    work.share = None;
                }
            }
        }
    }

    pub fn end(&mut self, key: Key) -> Ended {
        let Some(at) = self.0.iter().position(|work| work.key == key) else {
            return Ended::Unknown;
        };
        match self.0.remove(at).stop {
            Stop::Ask(None) => Ended::Stopped,
            Stop::Ask(Some(_)) | Stop::Abort(_) => Ended::ByItself,
        }
    }

    pub fn is_running(&self, key: Key) -> bool {
        self.0.iter().any(|work| work.key == key)
    }

    /// Whether files are being changed by this program.
    pub fn is_changing(&self) -> bool {
        self.0.iter().any(|work| work.is_change)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn noticed(&self) -> impl Iterator<Item = &Work> {
        self.0.iter().filter(|work| work.is_noticed)
    }

    fn of_mut(&mut self, key: Key) -> Option<&mut Work> {
        self.0.iter_mut().find(|work| work.key == key)
    }
}

impl Work {
    pub fn can_be_cancelled(&self) -> bool {
        !matches!(self.stop, Stop::Ask(None))
    }
}

/// Work that changes what the machine's files say: they are read again first, so that whoever is told the answer
/// sees them as they are now.
pub fn changing(services: Services, work: impl Future<Output = Message> + Send + 'static) -> Task<Message> {
    let messages = async move {
        let answer = work.await;
        let standing = Message::StandingRead(Box::new(Standing::read(&services)));
        stream::iter([standing, answer])
    };
    Task::stream(stream::once(messages).flatten())
}

/// The work's answer, or nothing when the stop came first; the work is dropped then.
pub async fn unless_stopped<T>(work: impl Future<Output = T>, stopped: oneshot::Receiver<()>) -> Option<T> {
    let stopped = async {
        // The other end is dropped only together with the window.
        if stopped.await.is_err() {
            future::pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        () = stopped => None,
        done = work => Some(done),
    }
}

/// What comes out of work that tells how far it is.
#[derive(Debug)]
pub enum Report<P, T> {
    Progress(P),
    Done(T),
}

/// Runs work that reports through a channel; every report comes before the end. Dropping the stream drops the work.
pub fn reporting<P, T, F>(
    work: impl FnOnce(mpsc::UnboundedSender<P>) -> F + Send + 'static,
) -> impl Stream<Item = Report<P, T>> + Send
where
    P: Send + 'static,
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    iced::stream::channel(16, async move |mut out: mpsc::Sender<Report<P, T>>| {
        let (tell, mut told) = mpsc::unbounded();
        let mut work = std::pin::pin!(work(tell));
        let done = loop {
            tokio::select! {
                biased;
                Some(progress) = told.next() => {
                    // The receiver is gone only when the whole stream is.
                    let _ = out.send(Report::Progress(progress)).await;
                }
                done = &mut work => break done,
            }
        };
        while let Some(Some(progress)) = iced::futures::FutureExt::now_or_never(told.next()) {
            let _ = out.send(Report::Progress(progress)).await;
        }
        let _ = out.send(Report::Done(done)).await;
    })
}

/// Lets news through at most so often, so that the window draws what can be seen and nothing else.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<Option<Instant>>);

impl Throttle {
    const PAUSE: Duration = Duration::from_millis(50);

    /// Whether it is time for the next.
    pub fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_due = last.is_none_or(|last| now.duration_since(last) >= Self::PAUSE);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}
