//! Stopping work that runs on several threads and tasks at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A wish to stop. Whoever works looks at it between files, or waits for it beside the network.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Wish>);

#[derive(Debug, Default)]
struct Wish {
    is_set: AtomicBool,
    bell: Notify,
}

impl Stop {
    pub fn set(&self) {
        self.0.is_set.store(true, Ordering::SeqCst);
        self.0.bell.notify_waiters();
    }

    pub fn is_set(&self) -> bool {
        self.0.is_set.load(Ordering::SeqCst)
    }

    /// Comes back once the wish is there.
    pub async fn wished(&self) {
        let mut bell = std::pin::pin!(self.0.bell.notified());
        // Enlisted first: a wish between the look and the wait is heard.
        bell.as_mut().enable();
        if !self.is_set() {
            bell.await;
        }
    }
}

/// Sets the wish when it goes out of scope, so that work which nobody waits for any more ends by itself.
#[derive(Debug)]
pub(in crate::package) struct StopOnDrop(pub Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wish_is_heard_whenever_it_comes() {
        let stop = Stop::default();
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.wished().await }
        });
        tokio::task::yield_now().await;
        assert!(!stop.is_set());
        drop(StopOnDrop(stop.clone()));
        waiting.await.unwrap();
        stop.wished().await;
        assert!(stop.is_set());
    }
}
