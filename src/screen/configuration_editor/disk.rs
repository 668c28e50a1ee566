//! The text and the file on disk: reading, saving, what another program does meanwhile, and leaving.

use super::{Action, ConfigurationEditor, Disk, End, State, Then};
use crate::error::Problem;
use crate::screen::Key;
use crate::screen::typed::Typed;
use crate::service::configuration::{EditedFile, Saving};

impl ConfigurationEditor {
    pub(super) fn look(&mut self) -> Action {
        if self.is_busy() || matches!(self.disk, Disk::Changed | Disk::GivenUp) {
            return Action::None;
        }
        let key = Key::fresh();
        self.disk = Disk::Looking(key);
        Action::Look {
            key,
            edited: Box::new(self.edited.clone()),
        }
    }

    pub(super) fn looked(&mut self, key: Key, is_unchanged: Result<bool, Problem>) -> Action {
        if self.disk != Disk::Looking(key) {
            return Action::None;
        }
        self.disk = Disk::Same;
        match is_unchanged {
            // A file that cannot be read just now is told when it is to be saved.
            Ok(true) | Err(_) => Action::None,
            Ok(false) if self.is_changed() => {
                self.disk = Disk::Changed;
                Action::None
            }
            Ok(false) => self.read(),
        }
    }

    pub(super) fn read(&mut self) -> Action {
        if self.is_busy() {
            return Action::None;
        }
        let key = Key::fresh();
        self.state = State::Reading(key);
        Action::Read {
            key,
            file: self.edited.file,
        }
    }

    pub(super) fn was_read(&mut self, key: Key, result: Result<Box<EditedFile>, Problem>) -> Action {
        if self.state != State::Reading(key) {
            return Action::None;
        }
        self.state = State::Editing;
        match result {
            Ok(edited) => {
                self.take_over(*edited);
                self.follows = true;
            }
            Err(problem) => self.problem = Some(problem),
        }
        self.compare()
    }

    /// The file is so now. What was typed before can still be had by undoing.
    fn take_over(&mut self, edited: EditedFile) {
        self.content.set_text(&edited.text);
        self.opened = Typed::new(self.content.text());
        self.edited = edited;
        self.disk = Disk::Same;
        self.proposals.close();
        self.check();
    }

    /// The file with the text as it is now.
    pub(super) fn present(&self) -> EditedFile {
        let mut edited = self.edited.clone();
        if self.is_changed() {
            self.content.text().clone_into(&mut edited.text);
        }
        edited
    }

    pub(super) fn usual_saving(&self) -> Saving {
        match self.disk {
            Disk::GivenUp => Saving::Overwrite,
            Disk::Same | Disk::Looking(_) | Disk::Changed => Saving::Refuse,
        }
    }

    pub(super) fn can_save(&self) -> bool {
        self.is_changed() && self.can_restart()
    }

    pub(super) fn can_restart(&self) -> bool {
        !self.is_busy() && !self.findings.has_errors()
    }

    pub(super) fn is_busy(&self) -> bool {
        matches!(self.state, State::Saving { .. } | State::Reading(_))
    }

    pub(super) fn save(&mut self, saving: Saving, then: Then) -> Action {
        if !self.can_restart() {
            return Action::None;
        }
        if !self.is_changed() && saving != Saving::Merge {
            return match then {
                Then::Stay => Action::None,
                Then::Close => Action::Close,
                Then::Restart => Action::Done { entry: None, then },
            };
        }
        let key = Key::fresh();
        self.state = State::Saving { key, then };
        self.problem = None;
        self.proposals.close();
        Action::Save {
            key,
            edited: Box::new(self.present()),
            saving,
        }
    }

    pub(super) fn saved(&mut self, key: Key, end: End) -> Action {
        let State::Saving { key: own, then } = self.state else {
            return Action::None;
        };
        if own != key {
            return Action::None;
        }
        self.state = State::Editing;
        self.follows = false;
        match end {
            End::Saved { edited, entry } => {
                self.take_over(*edited);
                Action::Done { entry, then }
            }
            End::ChangedMeanwhile => {
                self.disk = Disk::Changed;
                Action::None
            }
            End::Failed(problem) => {
                self.problem = Some(problem);
                Action::None
            }
        }
    }

    pub(super) fn close(&mut self) -> Action {
        if self.is_busy() {
            return Action::None;
        }
        if self.is_changed() && self.state != State::Leaving {
            self.state = State::Leaving;
            return Action::None;
        }
        match self.state {
            State::Leaving => Action::None,
            _ => Action::Close,
        }
    }
}
