//! The part of the Tokens page about all tokens of an account on its server: listed, made, replaced and revoked.
//!
//! The parent answers [`Step::Read`] with [`Message::Read`]; answers carry the key of the question.

mod page;
mod table;

use std::collections::BTreeSet;

use iced::widget::operation;
use iced::{Element, Task};
use jiff::Timestamp;

use crate::error::Problem;
use crate::screen::Key;
use crate::screen::desk::{self, Desk, Heard, Ids, Question};
use crate::screen::seat::Seat;
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::tokens::{AccountTokens, ServerToken};
use crate::ui::keyboard::Intent;
use crate::ui::virtual_list::{self, ListState, Outcome};

/// The search field, for focus and tests.
pub const SEARCH: &str = "account-tokens-search";
/// The list.
pub const TABLE: &str = "account-tokens";

const IDS: Ids = Ids {
    password: "account-tokens-password",
    reveal: "account-tokens-reveal",
    go: "account-tokens-go",
    retry: "account-tokens-retry",
    seat: "account-tokens-seat",
};

#[derive(Debug, Clone)]
pub struct Account {
    desk: Desk<Listing>,
    search: String,
    list: ListState,
    /// By what [`identity`] gives.
    ticked: BTreeSet<String>,
    /// A new token was asked for before the account was read.
    wants_new: bool,
}

/// The account as it was read, and which of its tokens are shown.
#[derive(Debug, Clone)]
struct Listing {
    account: AccountTokens,
    /// When it was read.
    at: Timestamp,
    /// Places within the tokens, in the order of the list.
    shown: Vec<usize>,
}

#[derive(Debug, Clone)]
pub enum Message {
    Desk(desk::Message),
    Read {
        key: Key,
        at: Timestamp,
        result: Result<Box<AccountTokens>, Problem>,
    },
    SearchChanged(String),
    SearchSubmitted,
    List(virtual_list::Event),
    TickPressed(usize),
    ClearPressed,
    RefreshPressed,
    CreatePressed,
    ReplacePressed,
    RenewPressed,
    RevokePressed,
    OfOrganizationPressed,
    ConnectPressed,
    PagesPressed,
    /// To the tokens of this machine; the page answers it.
    MachinePressed,
    /// A key that no widget used.
    Key(Intent),
}

/// What a dialog needs to know of the account.
#[derive(Debug, Clone)]
pub struct Desired {
    pub seat: Seat,
    pub password: Option<Secret>,
    pub account: AccountTokens,
}

/// What follows from a message.
#[derive(Debug)]
pub enum Step {
    Nothing,
    Read(Question),
    /// Ask what the new token shall be; in the place of one that is there, where one is named.
    Create(Box<Desired>, Option<ServerToken>),
    /// Ask before these are revoked.
    Revoke(Box<Desired>, Vec<ServerToken>),
    /// Ask which token of an organisation is to be revoked.
    RevokeOfOrganization(Box<Desired>),
    /// The token that this machine uses.
    Renew(Service),
    Connect,
    /// The pages of the service, where tokens for certain channels are made.
    OpenPages(Seat),
    Run(Task<Message>),
}

/// What tells a token from the others: some servers know them by ids, some by names.
pub fn identity(token: &ServerToken) -> &str {
    match token.id.as_str() {
        "" => &token.name,
        id => id,
    }
}

impl Account {
    pub fn new(seats: Vec<Seat>) -> (Self, Step) {
        let (desk, question) = Desk::new(IDS, seats);
        let account = Self {
            desk,
            search: String::new(),
            list: ListState::new(TABLE),
            ticked: BTreeSet::new(),
            wants_new: false,
        };
        (account, question.map_or(Step::Nothing, Step::Read))
    }

    /// Something has changed: what the server says is read anew. What was read stays in sight.
    pub fn read_again(&mut self, seats: Vec<Seat>) -> Step {
        self.desk.with_seats(seats);
        self.desk.ask_again().map_or(Step::Nothing, Step::Read)
    }

    /// A new token is wanted, now or as soon as the account is read.
    pub fn want_new(&mut self) -> Step {
        match self.desired() {
            Some(desired) => Step::Create(desired, None),
            None => {
                self.wants_new = true;
                Step::Nothing
            }
        }
    }

    pub fn seat(&self) -> Option<&Seat> {
        self.desk.seat()
    }

    /// Whether there is a list to show.
    pub fn is_read(&self) -> bool {
        self.desk.value().is_some()
    }

    pub fn cancelled(&mut self, key: Key) {
        self.desk.cancelled(key);
    }

    pub fn update(&mut self, message: Message) -> Step {
        match message {
            Message::Desk(message) => {
                if matches!(message, desk::Message::SeatChosen(_)) {
                    self.ticked.clear();
                    self.list.set_cursor(None);
                }
                self.desk.update(message).map_or(Step::Nothing, Step::Read)
            }
            Message::Read { key, at, result } => self.read(key, at, result),
            Message::SearchChanged(search) => {
                self.search = search;
                self.show();
                Step::Run(self.list.reset())
            }
            Message::SearchSubmitted => self.enter_list(),
            Message::List(event) => self.listed(event),
            Message::TickPressed(place) => self.tick(place),
            Message::ClearPressed => {
                self.ticked.clear();
                Step::Nothing
            }
            Message::RefreshPressed => match self.desk.is_reading() {
                true => Step::Nothing,
                false => self.desk.ask_again().map_or(Step::Nothing, Step::Read),
            },
            Message::CreatePressed => self.want_new(),
            Message::ReplacePressed => match (self.desired(), self.selected()) {
                (Some(desired), Some(token)) if !token.in_use => Step::Create(desired, Some(token.clone())),
                _ => Step::Nothing,
            },
            Message::RenewPressed => match (self.desk.seat(), self.selected()) {
                (Some(seat), Some(token)) if token.in_use => Step::Renew(seat.service),
                _ => Step::Nothing,
            },
            Message::RevokePressed => self.revoke(),
            Message::OfOrganizationPressed => {
                self.desired().map_or(Step::Nothing, Step::RevokeOfOrganization)
            }
            Message::ConnectPressed => Step::Connect,
            Message::MachinePressed => Step::Nothing,
            Message::PagesPressed => self.desk.seat().cloned().map_or(Step::Nothing, Step::OpenPages),
            Message::Key(intent) => self.key(intent),
        }
    }

    fn read(&mut self, key: Key, at: Timestamp, result: Result<Box<AccountTokens>, Problem>) -> Step {
        let selected = self.selected().map(|token| identity(token).to_owned());
        let result = result.map(|account| Listing {
            account: sorted(*account),
            at,
            shown: Vec::new(),
        });
        match self.desk.answered(key, result) {
            Heard::Read => {}
            Heard::Asks => return Step::Run(self.desk.focus()),
            Heard::Nothing | Heard::Failed => return Step::Nothing,
        }
        self.show();
        let tokens = self.tokens();
        let place = selected.and_then(|selected| {
            let listing = self.desk.value()?;
            let shown = &listing.shown;
            shown
                .iter()
                .position(|index| identity(&listing.account.tokens[*index]) == selected)
        });
        let there: BTreeSet<String> = tokens.iter().map(|token| identity(token).to_owned()).collect();
        self.ticked.retain(|ticked| there.contains(ticked));
        self.list.set_cursor(place);
        if std::mem::take(&mut self.wants_new) {
            return self.want_new();
        }
        Step::Nothing
    }

    /// Which tokens the search leaves.
    fn show(&mut self) {
        let search = self.search.trim().to_lowercase();
        let Some(listing) = self.desk.value_mut() else {
            return;
        };
        let fits = |token: &ServerToken| {
            search.is_empty()
                || token.name.to_lowercase().contains(&search)
                || token.scopes.iter().any(|scope| scope.contains(&search))
                || token
                    .hostname
                    .as_ref()
                    .is_some_and(|host| host.to_lowercase().contains(&search))
        };
        let places = listing.account.tokens.iter().enumerate();
        listing.shown = places
            .filter(|(_, token)| fits(token))
            .map(|(place, _)| place)
            .collect();
    }

    fn tokens(&self) -> &[ServerToken] {
        self.desk.value().map_or(&[], |listing| &listing.account.tokens)
    }

    /// The token at a place of the list.
    fn token(&self, place: usize) -> Option<&ServerToken> {
        let listing = self.desk.value()?;
        listing.account.tokens.get(*listing.shown.get(place)?)
    }

    fn selected(&self) -> Option<&ServerToken> {
        self.token(self.list.cursor()?)
    }

    fn len(&self) -> usize {
        self.desk.value().map_or(0, |listing| listing.shown.len())
    }

    fn desired(&self) -> Option<Box<Desired>> {
        Some(Box::new(Desired {
            seat: self.desk.seat()?.clone(),
            password: self.desk.password(),
            account: self.desk.value()?.account.clone(),
        }))
    }

    /// The one in use is ended by signing out, which takes it out of conda's files as well.
    fn tick(&mut self, place: usize) -> Step {
        let Some(token) = self.token(place).filter(|token| !token.in_use) else {
            return Step::Nothing;
        };
        let ticked = identity(token).to_owned();
        if !self.ticked.remove(&ticked) {
            self.ticked.insert(ticked);
        }
        Step::Nothing
    }

    /// The ticked ones; without any, the one under the cursor.
    fn chosen(&self) -> Vec<ServerToken> {
        let ticked: Vec<ServerToken> = self
            .tokens()
            .iter()
            .filter(|token| self.ticked.contains(identity(token)))
            .cloned()
            .collect();
        match ticked.is_empty() {
            false => ticked,
            true => self
                .selected()
                .filter(|token| !token.in_use)
                .cloned()
                .into_iter()
                .collect(),
        }
    }

    fn revoke(&self) -> Step {
        let chosen = self.chosen();
        match self.desired() {
            Some(desired) if !chosen.is_empty() => Step::Revoke(desired, chosen),
            _ => Step::Nothing,
        }
    }

    fn listed(&mut self, event: virtual_list::Event) -> Step {
        match self.list.update(event, self.len()) {
            Outcome::ScrollTo(offset) => Step::Run(self.list.scroll_to(offset)),
            Outcome::Toggle(place) => self.tick(place),
            Outcome::Delete(_) => self.revoke(),
            _ => Step::Nothing,
        }
    }

    fn key(&mut self, intent: Intent) -> Step {
        match intent {
            Intent::Cancel if !self.search.is_empty() => {
                self.search.clear();
                self.show();
                Step::Run(Task::batch([self.list.reset(), operation::focus(SEARCH)]))
            }
            Intent::Down => self.enter_list(),
            Intent::Shortcut('f') => Step::Run(Task::batch([
                operation::focus(SEARCH),
                operation::select_all(SEARCH),
            ])),
            Intent::Shortcut('n') => self.want_new(),
            _ => Step::Nothing,
        }
    }

    /// From the search field to what it found.
    fn enter_list(&mut self) -> Step {
        if self.len() == 0 {
            return Step::Nothing;
        }
        if self.list.cursor().is_none() {
            self.list.set_cursor(Some(0));
        }
        Step::Run(operation::focus(TABLE))
    }

    /// The content below the head of the page; `width` is what there is for it.
    pub fn view(&self, width: f32, is_roomy: bool) -> Element<'_, Message> {
        page::view(self, width, is_roomy)
    }
}

/// The ones of this machine first, then by name.
fn sorted(mut account: AccountTokens) -> AccountTokens {
    account
        .tokens
        .sort_by_key(|token| (!token.in_use, token.name.to_lowercase()));
    account
}

#[cfg(test)]
mod tests;
