//! Ctrl-C while something is done that must end in good order: it is told to stop instead of being dropped.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

/// Knows whether the command at work wants to hear of Ctrl-C itself.
#[derive(Debug)]
pub(super) struct Interrupt {
    listening: AtomicUsize,
    pressed: watch::Sender<bool>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self {
            listening: AtomicUsize::new(0),
            pressed: watch::Sender::new(false),
        }
    }
}

impl Interrupt {
    /// From now on, and as long as the answer lives, Ctrl-C is told to it.
    pub(super) fn listen(&self) -> Listening<'_> {
        self.listening.fetch_add(1, Ordering::SeqCst);
        Listening {
            interrupt: self,
            pressed: self.pressed.subscribe(),
        }
    }

    /// Tells of Ctrl-C. False where nobody listens.
    pub(super) fn press(&self) -> bool {
        let heard = self.listening.load(Ordering::SeqCst) > 0;
        if heard {
            self.pressed.send_replace(true);
        }
        heard
    }
}

/// Somebody who hears of Ctrl-C.
#[derive(Debug)]
pub(super) struct Listening<'a> {
    interrupt: &'a Interrupt,
    pressed: watch::Receiver<bool>,
}

impl Listening<'_> {
    /// Comes back when Ctrl-C was pressed.
    pub(super) async fn pressed(&mut self) {
        // The sender lives as long as `interrupt`.
        let _ = self.pressed.wait_for(|pressed| *pressed).await;
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.interrupt.listening.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_who_listens_hears() {
        let interrupt = Interrupt::default();
        assert!(!interrupt.press());
        let mut listening = interrupt.listen();
        assert!(interrupt.press());
        listening.pressed().await;
        drop(listening);
        assert!(!interrupt.press());
    }
}
