//! Ctrl-C. Most commands are dropped where they stand, which leaves nothing behind; what must end in good order is told to
//! stop instead.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::poll;
use tokio::sync::{oneshot, watch};

/// Who hears of Ctrl-C. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Interrupt(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    listening: AtomicUsize,
    /// Set once somebody who listens was told.
    stop: Arc<AtomicBool>,
    /// How often it was pressed while nobody listened.
    unheard: watch::Sender<usize>,
    heard: watch::Sender<bool>,
}

impl Interrupt {
    fn new() -> Self {
        Self(Arc::new(Inner {
            listening: AtomicUsize::new(0),
            stop: Arc::default(),
            unheard: watch::Sender::new(0),
            heard: watch::Sender::new(false),
        }))
    }

    /// Listens to the terminal from now on: on a thread of its own, since the command may keep its thread busy.
    pub(super) async fn watch() -> Self {
        let interrupt = Self::new();
        let (ready, is_ready) = oneshot::channel();
        let told = interrupt.clone();
        tokio::spawn(async move {
            let mut ready = Some(ready);
            loop {
                let mut pressed = Box::pin(tokio::signal::ctrl_c());
                // The first look makes it heard.
                let mut first = poll!(&mut pressed);
                if let Some(ready) = ready.take() {
                    let _ = ready.send(());
                }
                if first.is_pending() {
                    first = std::task::Poll::Ready(pressed.await);
                }
                if !matches!(first, std::task::Poll::Ready(Ok(()))) {
                    return;
                }
                told.press();
            }
        });
        let _ = is_ready.await;
        interrupt
    }

    fn press(&self) {
        if self.0.listening.load(Ordering::SeqCst) > 0 {
            self.0.stop.store(true, Ordering::SeqCst);
            self.0.heard.send_replace(true);
        } else {
            self.0.unheard.send_modify(|count| *count += 1);
        }
    }

    /// Comes back when it was pressed while nobody listened.
    pub(super) async fn unheard(&self) {
        // The sender lives as long as `self`.
        let _ = self.0.unheard.subscribe().wait_for(|count| *count > 0).await;
    }

    /// Comes back when it is pressed once more.
    pub(super) async fn again(&self) {
        let mut unheard = self.0.unheard.subscribe();
        unheard.mark_unchanged();
        let _ = unheard.changed().await;
    }

    /// From now on, and as long as the answer lives, Ctrl-C is told to it.
    pub(super) fn listen(&self) -> Listening {
        self.0.listening.fetch_add(1, Ordering::SeqCst);
        Listening(self.clone())
    }
}

/// Somebody who hears of Ctrl-C.
#[derive(Debug)]
pub(super) struct Listening(Interrupt);

impl Listening {
    /// True once it was pressed; for work that looks now and then.
    pub(super) fn stop(&self) -> &AtomicBool {
        &self.0.0.stop
    }

    /// Comes back when it was pressed.
    pub(super) async fn pressed(&self) {
        let _ = self.0.0.heard.subscribe().wait_for(|heard| *heard).await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.0.listening.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_listens_is_told_and_nobody_else() {
        let interrupt = Interrupt::new();
        let listening = interrupt.listen();
        interrupt.press();
        listening.pressed().await;
        assert!(listening.stop().load(Ordering::SeqCst));
        assert!(poll!(Box::pin(interrupt.unheard())).is_pending());
        drop(listening);
        interrupt.press();
        interrupt.unheard().await;
        let mut again = Box::pin(interrupt.again());
        assert!(poll!(&mut again).is_pending());
        interrupt.press();
        again.await;
    }
}
