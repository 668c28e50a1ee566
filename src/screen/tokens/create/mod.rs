//! The dialog in which a token is made, or one that is there replaced: name, what it may do, until when, for whom.

mod command;
mod end;
mod view;

use std::collections::BTreeSet;

use iced::Task;
use iced::widget::operation;
use jiff::civil::Date;

use super::account::Desired;
use crate::error::{Kind, Problem};
use crate::repository::Strength;
use crate::screen::Key;
use crate::screen::attempt::Attempt;
use crate::screen::seat::Seat;
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::tokens::{IssuedToken, Preset, SameName, ServerToken, TokenWish};
use crate::ui::modal::Dialog;

pub use end::End;

/// The fields, for focus and tests.
pub const NAME: &str = "token-name";
pub const DAY: &str = "token-day";

#[derive(Debug, Clone)]
pub struct Create {
    seat: Seat,
    password: Option<Secret>,
    desired: Box<Desired>,
    /// The token whose place the new one takes, known from the beginning.
    replaced: Option<ServerToken>,
    today: Date,
    name: String,
    chosen: BTreeSet<String>,
    is_unfolded: bool,
    end: End,
    day: String,
    /// Zero for the account itself, else the organisation before this place.
    owner: usize,
    strength: Strength,
    /// The person said that the token of the same name may go.
    may_replace: bool,
    shows_command: bool,
    /// The server knows a token of the name that its list does not have.
    is_taken: bool,
    attempt: Attempt,
}

#[derive(Debug, Clone)]
pub enum Message {
    NameTyped(String),
    PresetChosen(Choice),
    FoldToggled,
    ScopeTicked {
        scope: String,
        is_ticked: bool,
    },
    EndChosen(usize),
    DayTyped(String),
    OwnerChosen(usize),
    StrengthChosen(Length),
    ReplaceTicked(bool),
    CommandToggled,
    CommandCopied(usize),
    Submitted,
    CancelPressed,
    Ended {
        key: Key,
        result: Result<Box<IssuedToken>, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    Create {
        key: Key,
        service: Service,
        wish: TokenWish,
        password: Option<Secret>,
    },
    /// Stop; the token may be there all the same.
    Abort(Key),
    Close,
    Created(Box<Made>),
    /// Nothing secret is in it.
    Copy(String),
    Run(Task<Message>),
}

/// A token that is there now, with what is needed to put it to use.
#[derive(Debug)]
pub struct Made {
    pub seat: Seat,
    pub password: Option<Secret>,
    pub issued: IssuedToken,
    /// Whose packages it is for.
    pub owner: String,
    pub organization: Option<String>,
}

/// The purposes to choose from. `Display` is their label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    For(Preset),
    /// What is ticked, which is none of the others.
    AsTicked,
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::For(Preset::Download) => "Download",
            Self::For(Preset::PipDownload) => "pip download",
            Self::For(Preset::Upload) => "CI upload",
            Self::For(Preset::Everything) => "Everything",
            Self::AsTicked => "As ticked",
        })
    }
}

/// How long the text of the token is. `Display` is its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub Strength);

impl Length {
    const ALL: [Self; 2] = [Self(Strength::Strong), Self(Strength::Weak)];
}

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Strength::Strong => "Strong",
            Strength::Weak => "Short",
        })
    }
}

/// What stands against the name.
enum Standing<'a> {
    Free,
    /// A token of this name would go.
    Taken(Option<&'a ServerToken>),
    /// This machine uses it: only renewing keeps conda working.
    InUse,
}

impl Create {
    /// `today` is the server's day. With `replaced` the dialog begins with what that one may do.
    pub fn new(desired: Box<Desired>, replaced: Option<ServerToken>, today: Date) -> Self {
        let service = desired.seat.service;
        let scopes = match &replaced {
            Some(token) => token.scopes.clone(),
            None => Preset::Download.scopes(service, &desired.account.scopes),
        };
        Self {
            seat: desired.seat.clone(),
            password: desired.password.clone(),
            name: replaced
                .as_ref()
                .map(|token| token.name.clone())
                .unwrap_or_default(),
            may_replace: replaced.is_some(),
            replaced,
            today,
            chosen: scopes.into_iter().collect(),
            is_unfolded: false,
            end: End::OneYear,
            day: String::new(),
            owner: 0,
            strength: Strength::Strong,
            is_taken: false,
            shows_command: false,
            attempt: Attempt::Asking,
            desired,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::CancelPressed => {
                return match self.attempt.stop() {
                    Some(key) => Action::Abort(key),
                    None => Action::Close,
                };
            }
            Message::Ended { key, result } => return self.ended(key, result),
            Message::Submitted => return self.submit(),
            Message::FoldToggled => {
                self.is_unfolded = !self.is_unfolded;
                return Action::None;
            }
            Message::CommandToggled => {
                self.shows_command = !self.shows_command;
                return Action::None;
            }
            Message::CommandCopied(index) => {
                let command = self.commands().into_iter().nth(index);
                return command.map_or(Action::None, Action::Copy);
            }
            _ if self.attempt.is_running() => return Action::None,
            Message::NameTyped(name) => {
                self.name = name;
                self.may_replace = false;
                self.is_taken = false;
            }
            Message::PresetChosen(Choice::For(preset)) => {
                let scopes = preset.scopes(self.seat.service, &self.desired.account.scopes);
                self.chosen = scopes.into_iter().collect();
            }
            Message::PresetChosen(Choice::AsTicked) => self.is_unfolded = true,
            Message::ScopeTicked { scope, is_ticked } => {
                if is_ticked {
                    self.chosen.insert(scope);
                } else {
                    self.chosen.remove(&scope);
                }
            }
            Message::EndChosen(place) => {
                self.end = End::ALL.get(place).copied().unwrap_or(End::OneYear);
                if self.end == End::OnDay {
                    return Action::Run(operation::focus(DAY));
                }
            }
            Message::DayTyped(day) => self.day = day,
            Message::OwnerChosen(owner) => {
                self.owner = owner;
                self.may_replace = false;
                self.is_taken = false;
            }
            Message::StrengthChosen(length) => self.strength = length.0,
            Message::ReplaceTicked(may) => self.may_replace = may,
        }
        self.attempt.settle();
        Action::None
    }

    fn organization(&self) -> Option<&str> {
        let place = self.owner.checked_sub(1)?;
        self.desired.account.organizations.get(place).map(String::as_str)
    }

    fn choice(&self) -> Choice {
        let is_it = |preset: &Preset| {
            let scopes = preset.scopes(self.seat.service, &self.desired.account.scopes);
            !scopes.is_empty() && scopes.into_iter().collect::<BTreeSet<_>>() == self.chosen
        };
        Preset::ALL
            .into_iter()
            .find(is_it)
            .map_or(Choice::AsTicked, Choice::For)
    }

    /// The purposes that the server has scopes for, each once.
    fn choices(&self) -> Vec<Choice> {
        let mut seen: Vec<Vec<String>> = Vec::new();
        let mut choices = Vec::new();
        for preset in Preset::ALL {
            let scopes = preset.scopes(self.seat.service, &self.desired.account.scopes);
            if !scopes.is_empty() && !seen.contains(&scopes) {
                seen.push(scopes);
                choices.push(Choice::For(preset));
            }
        }
        choices.push(Choice::AsTicked);
        choices
    }

    fn standing(&self) -> Standing<'_> {
        let name = self.name.trim();
        // No list has the tokens of an organisation.
        let known = match self.organization() {
            None => self
                .desired
                .account
                .tokens
                .iter()
                .find(|token| token.name == name),
            Some(_) => None,
        };
        match known {
            Some(token) if token.in_use => Standing::InUse,
            Some(token) => Standing::Taken(Some(token)),
            None if self.is_taken => Standing::Taken(None),
            None => Standing::Free,
        }
    }

    /// The day it ends; an error says what is wrong with what was typed.
    fn ends_on(&self) -> Result<Date, String> {
        self.end.day(self.today, &self.day)
    }

    fn can_submit(&self) -> bool {
        let is_free = match self.standing() {
            Standing::Free => true,
            Standing::Taken(_) => self.may_replace,
            Standing::InUse => false,
        };
        is_free
            && !self.attempt.is_running()
            && !self.name.trim().is_empty()
            && !self.chosen.is_empty()
            && self.ends_on().is_ok()
    }

    /// What is chosen, in the server's order.
    fn scopes(&self) -> Vec<String> {
        let offered = self.desired.account.scopes.iter().map(|scope| &scope.name);
        let listed = offered.filter(|scope| self.chosen.contains(*scope));
        let is_listed = |scope: &&String| self.desired.account.scopes.iter().any(|one| one.name == **scope);
        let others = self.chosen.iter().filter(|scope| !is_listed(scope));
        listed.chain(others).cloned().collect()
    }

    fn submit(&mut self) -> Action {
        let (true, Ok(day)) = (self.can_submit(), self.ends_on()) else {
            return Action::None;
        };
        let same_name = match self.may_replace {
            true => SameName::Replace,
            false => SameName::Refuse,
        };
        let scopes = self.scopes();
        Action::Create {
            key: self.attempt.begin(),
            service: self.seat.service,
            wish: TokenWish {
                name: self.name.trim().to_owned(),
                scopes,
                expires_on: Some(day),
                organization: self.organization().map(str::to_owned),
                strength: self.strength,
                same_name,
            },
            password: self.password.clone(),
        }
    }

    fn ended(&mut self, key: Key, result: Result<Box<IssuedToken>, Problem>) -> Action {
        if !self.attempt.awaits(key) {
            return Action::None;
        }
        self.attempt = Attempt::Asking;
        match result {
            Ok(issued) => {
                let organization = self.organization().map(str::to_owned);
                Action::Created(Box::new(Made {
                    seat: self.seat.clone(),
                    password: self.password.clone(),
                    owner: organization
                        .clone()
                        .unwrap_or_else(|| self.desired.account.login.clone()),
                    organization,
                    issued: *issued,
                }))
            }
            Err(problem) if problem.kind == Kind::Conflict && !self.may_replace => {
                self.is_taken = true;
                Action::None
            }
            Err(problem) => {
                self.attempt = Attempt::Failed(problem);
                Action::None
            }
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        view::view(self)
    }
}

#[cfg(test)]
pub(super) mod tests;
