//! The Tokens page: the tokens by which this machine opens private channels, how long they live, and those that earlier
//! sign-ins of this machine left on the server.

mod left_over;

use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, row, scrollable};
use iced::{Center, Element, Length, Task};

use super::connect::{count_of_days, host_of};
use super::{Key, shown};
use crate::error::Problem;
use crate::secret::Secret;
use crate::service::connection::{ProgramName, Service};
use crate::service::plan::short_path;
use crate::service::tokens::{LeftOver, Renewal, TokenHealth, TokenState};
use crate::ui::facts::{Fact, facts};
use crate::ui::modal::slim_bar;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

pub use left_over::Message as LeftOverMessage;
use left_over::{LeftOvers, Step};

/// The days of a full bar: as long as a token lives unless the server says less.
const FULL_BAR: f32 = 365.0;

#[derive(Debug, Clone)]
pub struct Tokens {
    home: PathBuf,
    content: Content,
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
            content: Content::Loading(key),
        };
        (tokens, Action::Load(key))
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
            Message::ReloadPressed => {
                let (tokens, action) = Self::new(&self.home);
                *self = tokens;
                action
            }
            Message::ConnectPressed => Action::Connect,
            Message::LeftOver(service, message) => match self.left_over_mut(service) {
                Some(part) => {
                    let step = part.update(message);
                    acted(service, step)
                }
                None => Action::None,
            },
        }
    }

    /// Work was cancelled from outside: no part of the page waits for it any more.
    pub fn cancelled(&mut self, key: Key) {
        if let Content::Loaded { left_over, .. } = &mut self.content {
            for part in left_over {
                part.cancelled(key);
            }
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
                if questions.is_empty() {
                    Action::None
                } else {
                    Action::Look(questions)
                }
            }
            Err(problem) => {
                self.content = Content::Failed(problem);
                Action::None
            }
        }
    }

    pub fn view(&self) -> Element<'_, Message> {
        let head = column![
            text::title("Tokens"),
            text::body("With these, conda opens the private channels of this machine.").style(style::muted)
        ]
        .spacing(spacing::XS);
        let body: Element<'_, Message> = match &self.content {
            Content::Loading(_) => progress::activity(),
            Content::Failed(problem) => shown::problem(problem)
                .button(button::secondary("Try again").on_press(Message::ReloadPressed))
                .into(),
            Content::Loaded { tokens, .. } if tokens.is_empty() => nothing(),
            Content::Loaded { tokens, left_over } => self.loaded_view(tokens, left_over),
        };
        // Room for the ring of what has the focus, and for the bar.
        let page =
            container(column![head, body].spacing(spacing::L).max_width(MEASURE)).padding(iced::Padding {
                right: 12.0,
                bottom: 4.0,
                ..iced::Padding::ZERO
            });
        scrollable(page)
            .direction(scrollable::Direction::Vertical(slim_bar()))
            .style(style::scroll)
            .width(Length::Fill)
            .height(Length::Fill)
            .into()
    }

    fn loaded_view<'a>(&self, tokens: &'a [TokenHealth], left_over: &'a [LeftOvers]) -> Element<'a, Message> {
        let blocks = tokens.iter().map(|token| self.block(token));
        let mut parts: Column<'a, Message> = Column::with_children(blocks).spacing(spacing::L);
        for part in left_over {
            let service = part.service();
            parts = parts.push(
                part.view()
                    .map(move |message| Message::LeftOver(service, message)),
            );
        }
        parts.into()
    }

    fn block<'a>(&self, token: &'a TokenHealth) -> Element<'a, Message> {
        let label = match token.renewal {
            Renewal::AtOnce | Renewal::WithPassword => "Renew",
            Renewal::BringNewToken => "Set a new token",
        };
        // Nothing to press where another program holds the login.
        let renew = (token.made_by == ProgramName::Sextant).then(|| {
            button::secondary(label)
                .id(format!("token-renew-{}", token.service.name()))
                .on_press(Message::RenewPressed(token.service))
        });
        let who = match token.user.as_str() {
            "" => host_of(&token.domain).to_owned(),
            user => format!("{} as {user}", host_of(&token.domain)),
        };
        let words = column![
            text::small(token.service.title()).style(style::muted),
            text::heading(who)
        ];
        let head = row![container(words).width(Length::Fill), renew]
            .spacing(spacing::M)
            .align_y(Center);
        let files: Vec<String> = token
            .files
            .iter()
            .map(|path| short_path(path, &self.home))
            .collect();
        let mut all = Vec::new();
        if let Some(name) = &token.name {
            all.push(Fact::new("Name", name.clone()));
        }
        all.push(Fact::new("Made by", made_by(token)));
        if !token.scopes.is_empty() {
            all.push(Fact::new("Scopes", token.scopes.join(", ")));
        }
        if !files.is_empty() {
            all.push(Fact::new("Kept in", files.join("\n")));
        }
        let card = column![head, life(token), facts(all)].spacing(spacing::M);
        container(card)
            .padding(spacing::L)
            .width(Length::Fill)
            .style(style::card)
            .into()
    }
}

/// The widest that blocks get: beyond, lines are hard to read.
const MEASURE: f32 = 760.0;

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

fn made_by(token: &TokenHealth) -> String {
    match (token.made_by, &token.name) {
        // It was brought: Sextant only set it.
        (ProgramName::Sextant, None) => "you, on the pages of the service".to_owned(),
        (program, _) => program.title().to_owned(),
    }
}

/// How long it lives, in words and as a bar.
fn life<'a>(token: &TokenHealth) -> Element<'a, Message> {
    let until = token
        .expires_at
        .map(|end| end.strftime("%-d %B %Y").to_string())
        .unwrap_or_default();
    let days = token.days_left.unwrap_or_default();
    let (tone, words) = match token.state {
        TokenState::Good => (Tone::Good, format!("{} left, until {until}", count_of_days(days))),
        TokenState::EndsSoon => (
            Tone::Warning,
            format!("{} left, until {until}", count_of_days(days)),
        ),
        TokenState::Expired => (Tone::Bad, format!("Expired on {until}: conda is refused with it")),
        TokenState::Unknown => (Tone::Neutral, "Nobody said when it ends".to_owned()),
    };
    let bar = match token.state {
        TokenState::Good | TokenState::EndsSoon => Some(progress::bar(days as f32 / FULL_BAR)),
        TokenState::Expired | TokenState::Unknown => None,
    };
    let line = text::state(tone, text::body(words));
    column![line, bar].spacing(spacing::S).into()
}

fn nothing<'a>() -> Element<'a, Message> {
    column![
        text::body("There are none: this machine is not signed in anywhere.").style(style::muted),
        button::primary("Connect")
            .id("tokens-connect")
            .on_press(Message::ConnectPressed),
    ]
    .spacing(spacing::L)
    .into()
}

#[cfg(test)]
mod tests;
