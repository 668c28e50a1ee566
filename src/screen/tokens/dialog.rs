//! The dialogs of the page as one: at most one of them is open.

use super::create::{self, Create};
use super::issued::{self, Issued};
use super::of_organization::{self, OfOrganization};
use super::revoke::{self, Revoke};
use crate::ui::modal;

#[derive(Debug, Clone)]
pub enum Dialog {
    Create(Box<Create>),
    Issued(Box<Issued>),
    Revoke(Revoke),
    OfOrganization(OfOrganization),
}

#[derive(Debug, Clone)]
pub enum Message {
    Create(create::Message),
    Issued(issued::Message),
    Revoke(revoke::Message),
    OfOrganization(of_organization::Message),
}

#[derive(Debug)]
pub enum Action {
    Create(create::Action),
    Issued(issued::Action),
    Revoke(revoke::Action),
    OfOrganization(of_organization::Action),
    /// The message was for a dialog that is closed.
    None,
}

impl Dialog {
    pub fn update(&mut self, message: Message) -> Action {
        match (self, message) {
            (Self::Create(dialog), Message::Create(message)) => Action::Create(dialog.update(message)),
            (Self::Issued(dialog), Message::Issued(message)) => Action::Issued(dialog.update(message)),
            (Self::Revoke(dialog), Message::Revoke(message)) => Action::Revoke(dialog.update(message)),
            (Self::OfOrganization(dialog), Message::OfOrganization(message)) => {
                Action::OfOrganization(dialog.update(message))
            }
            _ => Action::None,
        }
    }

    /// What the window shows, for the desktop's list of windows.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Create(_) => "Create a token",
            Self::Issued(_) => "Token",
            Self::Revoke(_) | Self::OfOrganization(_) => "Revoke",
        }
    }

    pub fn view(&self) -> modal::Dialog<'_, Message> {
        match self {
            Self::Create(dialog) => dialog.view().map(Message::Create),
            Self::Issued(dialog) => dialog.view().map(Message::Issued),
            Self::Revoke(dialog) => dialog.view().map(Message::Revoke),
            Self::OfOrganization(dialog) => dialog.view().map(Message::OfOrganization),
        }
    }
}
