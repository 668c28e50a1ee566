//! The Tokens page: the tokens by which this machine opens private channels, how long they live, and those that earlier
//! sign-ins of this machine left on the server; and beside them all tokens of an account, whoever made them.

pub mod account;
pub mod create;
pub mod dialog;
pub mod issued;
mod left_over;
mod machine;
pub mod of_organization;
pub mod revoke;

use std::path::{Path, PathBuf};

use iced::widget::{column, container, responsive, row};
use iced::{Center, Element, Length, Size, Task};

use super::Key;
use super::desk::Question as AccountQuestion;
use super::seat::Seat;
use crate::error::Problem;
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::tokens::{LeftOver, Renewal, ServerToken, TokenHealth};
use crate::ui::keyboard::Intent;
use crate::ui::pick::menu;
use crate::ui::segmented::segmented;
use crate::ui::style;
use crate::ui::{button, spacing, text};

use account::{Account, Desired};
pub use left_over::Message as LeftOverMessage;
use left_over::{LeftOvers, Step};

/// A page smaller than this has no room but for the list.
const ROOMY: f32 = 560.0;
const TALL: f32 = 400.0;

#[derive(Debug, Clone)]
pub struct Tokens {
    home: PathBuf,
    part: Part,
    content: Content,
    /// Once it was looked at.
    account: Option<Account>,
}

/// The two sides of the page. `Display` is the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Machine,
    Account,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Machine => "On this machine",
            Self::Account => "Of the account",
        })
    }
}

#[derive(Debug, Clone)]
enum Content {
    Loading(Key),
    Failed(Problem),
    Loaded {
        tokens: Vec<TokenHealth>,
        left_over: Vec<LeftOvers>,
    },
}

#[derive(Debug, Clone)]
pub enum Message {
    Loaded {
        key: Key,
        result: Result<Vec<TokenHealth>, Problem>,
    },
    RenewPressed(Service),
    ReloadPressed,
    ConnectPressed,
    LeftOver(Service, LeftOverMessage),
    PartChosen(Part),
    CreatePressed,
    Account(account::Message),
    /// A key that no widget used.
    Key(Intent),
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Read the tokens of this machine.
    Load(Key),
    /// Renew this token, after its plan was seen.
    Renew(Box<TokenHealth>),
    /// Ask for a new token of this service, to take the place of the old one.
    BringToken(Service),
    Connect,
    /// Ask the servers which tokens were left over.
    Look(Vec<Question>),
    /// Revoke these tokens on the server.
    Revoke {
        key: Key,
        service: Service,
        tokens: Vec<LeftOver>,
        password: Option<Secret>,
    },
    /// Ask a server for all tokens of an account.
    Read(AccountQuestion),
    /// Ask what a new token shall be; in the place of one that is there, where one is named.
    Create(Box<Desired>, Option<ServerToken>),
    /// Ask before these are revoked.
    AskToRevoke(Box<Desired>, Vec<ServerToken>),
    /// Ask which token of an organisation is to be revoked.
    AskForOrganization(Box<Desired>),
    OpenPages(Seat),
    All(Vec<Action>),
    Run(Task<Message>),
}

/// A question for the left-over tokens of a service.
#[derive(Debug)]
pub struct Question {
    pub key: Key,
    pub service: Service,
    pub password: Option<Secret>,
}

impl Tokens {
    pub fn new(home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let tokens = Self {
            home: home.to_owned(),
            part: Part::Machine,
            content: Content::Loading(key),
            account: None,
        };
        (tokens, Action::Load(key))
    }

    /// Reads everything anew; the part that is shown stays, and what it shows until then.
    pub fn reload(&mut self) -> Action {
        let key = Key::fresh();
        self.content = Content::Loading(key);
        Action::Load(key)
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Loaded { key, result } => self.loaded(key, result),
            Message::RenewPressed(service) => {
                let token = self.tokens().iter().find(|token| token.service == service);
                match token {
                    Some(token) if token.renewal == Renewal::BringNewToken => Action::BringToken(service),
                    Some(token) => Action::Renew(Box::new(token.clone())),
                    None => Action::None,
                }
            }
            Message::ReloadPressed => self.reload(),
            Message::ConnectPressed => Action::Connect,
            Message::LeftOver(service, message) => match self.left_over_mut(service) {
                Some(part) => {
                    let step = part.update(message);
                    acted(service, step)
                }
                None => Action::None,
            },
            Message::PartChosen(part) => {
                self.part = part;
                match (part, &self.account) {
                    (Part::Account, None) => self.open_account(),
                    _ => Action::None,
                }
            }
            Message::CreatePressed => self.create(),
            Message::Account(account::Message::MachinePressed) => {
                self.part = Part::Machine;
                Action::None
            }
            Message::Account(message) => match &mut self.account {
                Some(account) => {
                    let step = account.update(message);
                    self.stepped(step)
                }
                None => Action::None,
            },
            Message::Key(intent) if self.part == Part::Account => {
                self.update(Message::Account(account::Message::Key(intent)))
            }
            Message::Key(_) => Action::None,
        }
    }

    /// A dialog made a difference to the account's tokens.
    pub fn account_changed(&mut self) -> Action {
        match &mut self.account {
            Some(account) => {
                let step = account.update(account::Message::RefreshPressed);
                self.stepped(step)
            }
            None => Action::None,
        }
    }

    /// Whether the account that is read is one of a repository, and not one beside it.
    pub fn asks_repository(&self) -> bool {
        let seat = self.account.as_ref().and_then(Account::seat);
        seat.is_some_and(|seat| seat.service.is_repository())
    }

    /// Those whose server lists its tokens. While they are read there are none.
    fn seats(&self) -> Vec<Seat> {
        let listing = self
            .tokens()
            .iter()
            .filter(|token| token.service != Service::Cloud);
        listing
            .map(|token| Seat {
                service: token.service,
                domain: token.domain.clone(),
                user: token.user.clone(),
            })
            .collect()
    }

    fn open_account(&mut self) -> Action {
        if !matches!(self.content, Content::Loaded { .. }) {
            // It is opened as soon as it is known which accounts there are.
            return Action::None;
        }
        let (account, step) = Account::new(self.seats());
        self.account = Some(account);
        self.stepped(step)
    }

    fn create(&mut self) -> Action {
        self.part = Part::Account;
        let opened = match &self.account {
            None => self.open_account(),
            Some(_) => Action::None,
        };
        let wanted = match &mut self.account {
            Some(account) => {
                let step = account.want_new();
                self.stepped(step)
            }
            None => Action::None,
        };
        Action::All(vec![opened, wanted])
    }

    fn stepped(&self, step: account::Step) -> Action {
        use account::Step as To;

        match step {
            To::Nothing => Action::None,
            To::Read(question) => Action::Read(question),
            To::Create(desired, replaced) => Action::Create(desired, replaced),
            To::Revoke(desired, tokens) => Action::AskToRevoke(desired, tokens),
            To::RevokeOfOrganization(desired) => Action::AskForOrganization(desired),
            To::Renew(service) => {
                let mut tokens = self.tokens().iter();
                let token = tokens.find(|token| token.service == service);
                token.map_or(Action::None, |token| Action::Renew(Box::new(token.clone())))
            }
            To::Connect => Action::Connect,
            To::OpenPages(seat) => Action::OpenPages(seat),
            To::Run(task) => Action::Run(task.map(Message::Account)),
        }
    }

    /// Work was cancelled from outside: no part of the page waits for it any more.
    pub fn cancelled(&mut self, key: Key) {
        if let Content::Loaded { left_over, .. } = &mut self.content {
            for part in left_over {
                part.cancelled(key);
            }
        }
        if let Some(account) = &mut self.account {
            account.cancelled(key);
        }
    }

    fn tokens(&self) -> &[TokenHealth] {
        match &self.content {
            Content::Loaded { tokens, .. } => tokens,
            Content::Loading(_) | Content::Failed(_) => &[],
        }
    }

    fn left_over_mut(&mut self, service: Service) -> Option<&mut LeftOvers> {
        match &mut self.content {
            Content::Loaded { left_over, .. } => left_over.iter_mut().find(|part| part.service() == service),
            Content::Loading(_) | Content::Failed(_) => None,
        }
    }

    fn loaded(&mut self, key: Key, result: Result<Vec<TokenHealth>, Problem>) -> Action {
        if !matches!(self.content, Content::Loading(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(tokens) => {
                let mut questions = Vec::new();
                let parts = tokens
                    .iter()
                    .filter(|token| token.service != Service::Cloud)
                    .map(|token| {
                        let (part, question) = LeftOvers::new(token);
                        questions.extend(question);
                        part
                    });
                let left_over = parts.collect();
                self.content = Content::Loaded { tokens, left_over };
                let looked = if questions.is_empty() {
                    Action::None
                } else {
                    Action::Look(questions)
                };
                let seats = self.seats();
                let read = match (&mut self.account, self.part) {
                    (Some(account), _) => {
                        let step = account.read_again(seats);
                        self.stepped(step)
                    }
                    (None, Part::Account) => self.open_account(),
                    (None, Part::Machine) => Action::None,
                };
                match read {
                    Action::None => looked,
                    read => Action::All(vec![looked, read]),
                }
            }
            Err(problem) => {
                self.content = Content::Failed(problem);
                Action::None
            }
        }
    }

    /// The page fills its place and brings its own margins.
    pub fn view(&self) -> Element<'_, Message> {
        responsive(|size| self.sized(size)).into()
    }

    /// One line where there is little room; none where the account brings its own.
    fn short_head(&self) -> Option<Element<'_, Message>> {
        let is_listed = self.account.as_ref().is_some_and(Account::is_read);
        let other = match self.part {
            Part::Account if is_listed => return None,
            Part::Account => Part::Machine,
            Part::Machine => Part::Account,
        };
        let mut labels = vec![other.to_string()];
        if !self.tokens().is_empty() {
            labels.push("Create a token".to_owned());
        }
        let more = menu("More", labels, move |at| match at {
            0 => Message::PartChosen(other),
            _ => Message::CreatePressed,
        });
        let line = row![
            container(text::heading(self.part.to_string())).width(Length::Fill),
            more.id("tokens-more")
        ];
        Some(line.align_y(Center).into())
    }

    fn sized(&self, size: Size) -> Element<'_, Message> {
        let is_roomy = size.width >= ROOMY && size.height >= TALL;
        let margin = if is_roomy { spacing::PAGE } else { spacing::M };
        let gap = if is_roomy { spacing::L } else { spacing::S };
        let create = button::primary("Create a token")
            .id("tokens-create")
            .on_press_maybe((!self.tokens().is_empty()).then_some(Message::CreatePressed));
        let part =
            segmented([Part::Machine, Part::Account], self.part, Message::PartChosen).id("tokens-part");
        let head: Option<Element<'_, Message>> = if is_roomy {
            let words = match self.part {
                Part::Machine => "With these, conda opens the private channels of this machine.",
                Part::Account => "All tokens of the account, for whatever machine they were made.",
            };
            let title =
                column![text::title("Tokens"), text::body(words).style(style::muted)].spacing(spacing::XS);
            let title = row![container(title).width(Length::Fill), create].spacing(spacing::M);
            Some(column![title, part].spacing(spacing::L).into())
        } else {
            self.short_head()
        };
        let body: Element<'_, Message> = match (self.part, &self.account) {
            (Part::Account, Some(account)) => account
                .view((size.width - 2.0 * margin).max(0.0), is_roomy)
                .map(Message::Account),
            (Part::Machine, _) | (Part::Account, None) => machine::view(self),
        };
        column![head, body]
            .spacing(gap)
            .padding(margin)
            .width(Length::Fill)
            .height(Length::Fill)
            .into()
    }
}

fn acted(service: Service, step: Step) -> Action {
    match step {
        Step::Nothing => Action::None,
        Step::Look { key, password } => Action::Look(vec![Question {
            key,
            service,
            password,
        }]),
        Step::Revoke {
            key,
            tokens,
            password,
        } => Action::Revoke {
            key,
            service,
            tokens,
            password,
        },
        Step::Run(task) => Action::Run(task.map(move |message| Message::LeftOver(service, message))),
    }
}

#[cfg(test)]
mod tests;
