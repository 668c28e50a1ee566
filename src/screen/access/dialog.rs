//! The dialogs of the page as one: at most one of them is open.

use super::new_group::{self, NewGroup};
use super::set_access::{self, SetAccess};
use crate::ui::modal;

#[derive(Debug, Clone)]
pub enum Dialog {
    SetAccess(SetAccess),
    NewGroup(NewGroup),
}

#[derive(Debug, Clone)]
pub enum Message {
    SetAccess(set_access::Message),
    NewGroup(new_group::Message),
}

#[derive(Debug)]
pub enum Action {
    SetAccess(set_access::Action),
    NewGroup(new_group::Action),
    /// The message was for a dialog that is closed.
    None,
}

impl Dialog {
    pub fn update(&mut self, message: Message) -> Action {
        match (self, message) {
            (Self::SetAccess(dialog), Message::SetAccess(message)) => {
                Action::SetAccess(dialog.update(message))
            }
            (Self::NewGroup(dialog), Message::NewGroup(message)) => Action::NewGroup(dialog.update(message)),
            _ => Action::None,
        }
    }

    /// What the window shows, for the desktop's list of windows.
    pub fn title(&self) -> &'static str {
        match self {
            Self::SetAccess(_) => "Set access",
            Self::NewGroup(_) => "New group",
        }
    }

    pub fn view(&self) -> modal::Dialog<'_, Message> {
        match self {
            Self::SetAccess(dialog) => dialog.view().map(Message::SetAccess),
            Self::NewGroup(dialog) => dialog.view().map(Message::NewGroup),
        }
    }
}
