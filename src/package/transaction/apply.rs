//! One change from its beginning to its end.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::error::TransactionError;
use super::opened::Opened;
use super::{Outcome, Progress, Request};
use crate::package::cache::{Told, provide};
use crate::package::stop::{Stop, StopOnDrop};

pub(super) type Tell = mpsc::UnboundedSender<Progress>;

/// Brings the environment of `request` to what its solution holds, or leaves it as it was.
///
/// `told` hears how far it is. When `stop` comes to its end with success the change ends: at once as long as the environment was
/// not touched, after taking everything back otherwise; a `stop` that fails is no wish to stop. Dropping the future does the
/// same, without anybody waiting for it.
///
/// Errors: whatever failed, and then the environment is as it was, except with [`TransactionError::NotPutBack`], where the next
/// [`recover`](super::recover) tries again.
pub async fn apply<E>(
    request: Request,
    mut told: impl FnMut(Progress),
    stop: impl Future<Output = Result<(), E>>,
) -> Result<Outcome, TransactionError> {
    let wish = Stop::default();
    let _ends = StopOnDrop(wish.clone());
    let (tell, mut hear) = mpsc::unbounded_channel();
    let mut work = std::pin::pin!(carry_out(Arc::new(request), tell, wish.clone()));
    let mut stop = std::pin::pin!(stop);
    let mut may_stop = true;
    loop {
        tokio::select! {
            biased;
            wished = &mut stop, if may_stop => {
                may_stop = false;
                if wished.is_ok() {
                    wish.set();
                }
            }
            Some(progress) = hear.recv() => told(progress),
            ended = &mut work => {
                while let Ok(progress) = hear.try_recv() {
                    told(progress);
                }
                return ended;
            }
        }
    }
}

async fn carry_out(request: Arc<Request>, tell: Tell, stop: Stop) -> Result<Outcome, TransactionError> {
    let opened = {
        let (request, stop) = (request.clone(), stop.clone());
        off_the_runtime(move || Opened::open(request, stop)).await?
    };
    let Some(opened) = opened else {
        return Ok(Outcome::default());
    };
    request.watch("fetch: before");
    let hear = tell.clone();
    let fetched = provide(
        &request.cache,
        &request.transport,
        opened.needed(),
        move |told| {
            let _ = hear.send(told.into());
        },
        &stop,
    );
    let contents = fetched.await?;
    request.watch("fetch: after");
    off_the_runtime(move || opened.change_to(contents, &tell)).await
}

/// File work, off the threads that wait for the network.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransactionError> + Send + 'static,
) -> Result<T, TransactionError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going down.
            Err(_) => Err(TransactionError::Cancelled),
        },
    }
}

impl From<Told> for Progress {
    fn from(told: Told) -> Self {
        match told {
            Told::Downloading {
                bytes,
                total,
                package,
            } => Self::Downloading {
                bytes,
                total,
                package,
            },
            Told::Unpacking { done, total, package } => Self::Unpacking { done, total, package },
        }
    }
}
