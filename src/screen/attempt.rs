//! One try at what a dialog asks for: not begun, running, or how it ended.

use super::Key;
use super::secret_field::Standing;
use crate::error::{Kind, Problem};
use crate::service::plan::Plan;

#[derive(Debug, Clone)]
pub enum Attempt {
    /// Nothing was tried with what stands in the dialog.
    Asking,
    Running(Key),
    /// What was given was refused, and is to be given anew.
    Refused(Problem),
    Failed(Problem),
}

/// How carrying out a plan ended.
#[derive(Debug, Clone)]
pub enum End<Done> {
    Done(Box<Done>),
    /// Nothing was changed: a file was no longer what the plan had seen. This is the plan made anew.
    Stale(Box<Plan>),
    Failed(Problem),
}

impl Attempt {
    /// The key is the one that the answer comes back with.
    pub fn begin(&mut self) -> Key {
        let key = Key::fresh();
        *self = Self::Running(key);
        key
    }

    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }

    /// Whether the answer with this key is the one that is waited for.
    pub fn awaits(&self, key: Key) -> bool {
        matches!(self, Self::Running(own) if *own == key)
    }

    /// Waits no longer for what runs; nothing where nothing does.
    pub fn stop(&mut self) -> Option<Key> {
        let Self::Running(key) = *self else {
            return None;
        };
        *self = Self::Asking;
        Some(key)
    }

    /// Something else was given: what was said about the last try is about what was given then.
    pub fn settle(&mut self) {
        if !self.is_running() {
            *self = Self::Asking;
        }
    }

    /// The same where what is given has changed.
    pub fn heed(&mut self, standing: Standing) {
        if standing == Standing::Changed {
            self.settle();
        }
    }

    /// It came to nothing; a problem with who one is counts as a refusal.
    pub fn fail(&mut self, problem: Problem) {
        *self = match problem.kind {
            Kind::Auth => Self::Refused(problem),
            _ => Self::Failed(problem),
        };
    }

    pub fn refused(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    pub fn failed(&self) -> Option<&Problem> {
        match self {
            Self::Failed(problem) => Some(problem),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_awaits_its_own_answer_until_it_is_stopped() {
        let mut attempt = Attempt::Asking;
        let first = attempt.begin();
        assert_eq!(attempt.stop(), Some(first));
        assert!(!attempt.awaits(first));
        let second = attempt.begin();
        assert!(attempt.awaits(second) && !attempt.awaits(first));
        attempt.settle();
        assert!(attempt.is_running(), "typing stops nothing");
    }

    #[test]
    fn what_it_came_to_is_said_until_something_else_is_given() {
        for (kind, is_refused) in [(Kind::Auth, true), (Kind::Network, false)] {
            let mut attempt = Attempt::Asking;
            attempt.begin();
            attempt.fail(Problem::new(kind, "no"));
            assert_eq!(attempt.refused().is_some(), is_refused);
            assert_eq!(attempt.failed().is_some(), !is_refused);
            assert_eq!(attempt.stop(), None);
            attempt.heed(Standing::Same);
            assert!(!matches!(attempt, Attempt::Asking));
            attempt.heed(Standing::Changed);
            assert!(matches!(attempt, Attempt::Asking));
        }
    }
}
