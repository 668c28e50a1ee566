//! The dialogs of the page as one: at most one of them is open.

use iced::Task;

use super::create::{self, Create};
use super::export::{self, Export};
use super::import::{self, Import};
use super::name::{self, NameDialog};
use super::nevertheless::{self, Nevertheless};
use crate::error::Problem;
use crate::screen::Key;
use crate::ui::modal;

#[derive(Debug, Clone)]
pub enum Dialog {
    Create(Create),
    Name(NameDialog),
    Export(Box<Export>),
    Import(Import),
    Nevertheless(Nevertheless),
}

#[derive(Debug, Clone)]
pub enum Message {
    Create(create::Message),
    Name(name::Message),
    Export(export::Message),
    Import(import::Message),
    Nevertheless(nevertheless::Message),
}

#[derive(Debug)]
pub enum Action {
    Create(create::Action),
    Name(name::Action),
    Export(export::Action),
    Import(import::Action),
    Nevertheless(nevertheless::Action),
    /// The message was for a dialog that is closed.
    None,
    Run(Task<Message>),
}

impl Dialog {
    pub fn update(&mut self, message: Message) -> Action {
        match (self, message) {
            (Self::Create(dialog), Message::Create(message)) => Action::Create(dialog.update(message)),
            (Self::Name(dialog), Message::Name(message)) => match dialog.update(message) {
                name::Action::Run(task) => Action::Run(task.map(Message::Name)),
                action => Action::Name(action),
            },
            (Self::Export(dialog), Message::Export(message)) => Action::Export(dialog.update(message)),
            (Self::Import(dialog), Message::Import(message)) => Action::Import(dialog.update(message)),
            (Self::Nevertheless(dialog), Message::Nevertheless(message)) => {
                Action::Nevertheless(dialog.update(message))
            }
            _ => Action::None,
        }
    }

    /// Whether this work is what the dialog waits for.
    pub fn awaits(&self, key: Key) -> bool {
        match self {
            Self::Create(dialog) => dialog.awaits(key),
            Self::Name(dialog) => dialog.awaits(key),
            Self::Export(_) | Self::Import(_) | Self::Nevertheless(_) => false,
        }
    }

    /// What it waits for has failed.
    pub fn failed(&mut self, key: Key, problem: Problem) {
        let result = Err(problem);
        match self {
            Self::Create(dialog) => drop(dialog.update(create::Message::Ended { key, result })),
            Self::Name(dialog) => drop(dialog.update(name::Message::Ended { key, result })),
            Self::Export(_) | Self::Import(_) | Self::Nevertheless(_) => {}
        }
    }

    /// What the window shows, for the desktop's list of windows.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Create(_) => "Create",
            Self::Name(dialog) => dialog.verb(),
            Self::Export(_) => "Export",
            Self::Import(_) => "Import",
            Self::Nevertheless(dialog) => dialog.verb(),
        }
    }

    pub fn view(&self) -> modal::Dialog<'_, Message> {
        match self {
            Self::Create(dialog) => dialog.view().map(Message::Create),
            Self::Name(dialog) => dialog.view().map(Message::Name),
            Self::Export(dialog) => dialog.view().map(Message::Export),
            Self::Import(dialog) => dialog.view().map(Message::Import),
            Self::Nevertheless(dialog) => dialog.view().map(Message::Nevertheless),
        }
    }
}
