//! A change on the server that can be taken back: it is done at once, and afterwards there is a way back.

use crate::error::Problem;
use crate::screen::Key;

#[derive(Debug, Clone, Default)]
pub(super) enum Deed<E> {
    #[default]
    Idle,
    Running(Key, E),
    Failed(Problem),
    Done(E),
}

impl<E: Clone> Deed<E> {
    /// Begins it, unless another one runs.
    pub fn begin(&mut self, edit: E) -> Option<Key> {
        if self.is_running() {
            return None;
        }
        let key = Key::fresh();
        *self = Self::Running(key, edit);
        Some(key)
    }

    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running(..))
    }

    /// What was done, if this is the answer that is waited for and it was.
    pub fn ended(&mut self, key: Key, result: Result<(), Problem>) -> Option<E> {
        let Self::Running(own, edit) = self else {
            return None;
        };
        if *own != key {
            return None;
        }
        let edit = edit.clone();
        match result {
            Ok(()) => {
                *self = Self::Done(edit.clone());
                Some(edit)
            }
            Err(problem) => {
                *self = Self::Failed(problem);
                None
            }
        }
    }

    /// Work was cancelled from outside.
    pub fn cancelled(&mut self, key: Key) {
        if matches!(self, Self::Running(own, _) if *own == key) {
            *self = Self::Idle;
        }
    }

    /// Something else is looked at.
    pub fn forget(&mut self) {
        if !self.is_running() {
            *self = Self::Idle;
        }
    }
}
