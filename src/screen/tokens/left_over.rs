//! The part of the Tokens page about tokens that were left over on a server.

use std::collections::BTreeSet;

use iced::widget::{Column, column, container, row, rule};
use iced::{Center, Element, Length, Task};
use jiff::Timestamp;

use super::super::connect::host_of;
use super::super::typed::Typed;
use super::super::{Key, shown};
use super::Question;
use crate::error::{Kind, Problem};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::tokens::{LeftOver, Renewal, RevokedLeftOver, TokenHealth};
use crate::ui::banner::Banner;
use crate::ui::check_box::check_box;
use crate::ui::form_field::FormField;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

const DATE_WIDTH: f32 = 96.0;
const PROGRAM_WIDTH: f32 = 128.0;

/// What was left over of one service.
#[derive(Debug, Clone)]
pub(super) struct LeftOvers {
    service: Service,
    host: String,
    user: String,
    /// Given by the person because the session has ended; used as long as the page is open.
    password: Typed,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    /// The session has ended: the password is needed to look. With what was wrong with the last one.
    AskingPassword(Option<Problem>),
    Looking(Key),
    Failed(Problem),
    Found {
        tokens: Vec<LeftOver>,
        /// The identifiers of those that are ticked.
        ticked: BTreeSet<String>,
        /// What became of the last revocation.
        refusals: Vec<(String, Problem)>,
        revoking: Option<Key>,
    },
}

#[derive(Debug, Clone)]
pub enum Message {
    PasswordTyped(Typed),
    LookPressed,
    Looked {
        key: Key,
        result: Result<Vec<LeftOver>, Problem>,
    },
    TickToggled {
        id: String,
        is_ticked: bool,
    },
    RevokePressed,
    Revoked {
        key: Key,
        result: Result<Vec<RevokedLeftOver>, Problem>,
    },
}

/// What follows from a message.
#[derive(Debug)]
pub(super) enum Step {
    Nothing,
    Look {
        key: Key,
        password: Option<Secret>,
    },
    Revoke {
        key: Key,
        tokens: Vec<LeftOver>,
        password: Option<Secret>,
    },
    Run(Task<Message>),
}

impl LeftOvers {
    /// Looks at once where the session is good; otherwise the password is asked for.
    pub fn new(token: &TokenHealth) -> (Self, Option<Question>) {
        let key = Key::fresh();
        let looks = token.renewal == Renewal::AtOnce;
        let part = Self {
            service: token.service,
            host: host_of(&token.domain).to_owned(),
            user: token.user.clone(),
            password: Typed::default(),
            state: if looks {
                State::Looking(key)
            } else {
                State::AskingPassword(None)
            },
        };
        let question = looks.then_some(Question {
            key,
            service: token.service,
            password: None,
        });
        (part, question)
    }

    pub fn service(&self) -> Service {
        self.service
    }

    fn secret(&self) -> Option<Secret> {
        (!self.password.is_empty()).then(|| self.password.to_secret())
    }

    pub fn cancelled(&mut self, key: Key) {
        match &mut self.state {
            State::Looking(own) if *own == key => {
                let problem = Problem::new(Kind::Cancelled, "looking for left-over tokens was cancelled");
                self.state = State::Failed(problem);
            }
            State::Found { revoking, .. } if *revoking == Some(key) => *revoking = None,
            _ => {}
        }
    }

    pub fn update(&mut self, message: Message) -> Step {
        match message {
            Message::PasswordTyped(password) => {
                self.password = password;
                if let State::AskingPassword(problem) = &mut self.state {
                    *problem = None;
                }
                Step::Nothing
            }
            Message::LookPressed => self.look(),
            Message::Looked { key, result } => self.looked(key, result),
            Message::TickToggled { id, is_ticked } => {
                if let State::Found {
                    ticked,
                    revoking: None,
                    ..
                } = &mut self.state
                {
                    if is_ticked {
                        ticked.insert(id);
                    } else {
                        ticked.remove(&id);
                    }
                }
                Step::Nothing
            }
            Message::RevokePressed => self.revoke(),
            Message::Revoked { key, result } => self.revoked(key, result),
        }
    }

    fn look(&mut self) -> Step {
        if matches!(self.state, State::Looking(_)) {
            return Step::Nothing;
        }
        let key = Key::fresh();
        self.state = State::Looking(key);
        Step::Look {
            key,
            password: self.secret(),
        }
    }

    fn looked(&mut self, key: Key, result: Result<Vec<LeftOver>, Problem>) -> Step {
        if !matches!(self.state, State::Looking(own) if own == key) {
            return Step::Nothing;
        }
        match result {
            Ok(tokens) => {
                self.state = State::Found {
                    tokens,
                    ticked: BTreeSet::new(),
                    refusals: Vec::new(),
                    revoking: None,
                };
                Step::Nothing
            }
            Err(problem) => self.ask_password_or_fail(problem),
        }
    }

    /// Only a session that has ended or a wrong password is mended by a password.
    fn ask_password_or_fail(&mut self, problem: Problem) -> Step {
        if problem.kind != Kind::Auth {
            self.state = State::Failed(problem);
            return Step::Nothing;
        }
        let was_wrong = !self.password.is_empty();
        self.state = State::AskingPassword(was_wrong.then_some(problem));
        use iced::widget::operation::{focus, select_all};
        match was_wrong {
            true => Step::Run(focus(self.field_id()).chain(select_all(self.field_id()))),
            false => Step::Nothing,
        }
    }

    fn field_id(&self) -> String {
        format!("left-over-password-{}", self.service.name())
    }

    fn revoke(&mut self) -> Step {
        let password = self.secret();
        let State::Found {
            tokens,
            ticked,
            refusals,
            revoking,
        } = &mut self.state
        else {
            return Step::Nothing;
        };
        if revoking.is_some() || ticked.is_empty() {
            return Step::Nothing;
        }
        let key = Key::fresh();
        *revoking = Some(key);
        refusals.clear();
        let chosen = tokens.iter().filter(|token| ticked.contains(&token.id));
        Step::Revoke {
            key,
            tokens: chosen.cloned().collect(),
            password,
        }
    }

    fn revoked(&mut self, key: Key, result: Result<Vec<RevokedLeftOver>, Problem>) -> Step {
        let State::Found {
            tokens,
            ticked,
            refusals,
            revoking,
        } = &mut self.state
        else {
            return Step::Nothing;
        };
        if *revoking != Some(key) {
            return Step::Nothing;
        }
        *revoking = None;
        match result {
            Ok(outcomes) => {
                for outcome in outcomes {
                    match outcome.failed {
                        None => {
                            tokens.retain(|token| token.id != outcome.token.id);
                            ticked.remove(&outcome.token.id);
                        }
                        Some(problem) => refusals.push((outcome.token.name, problem)),
                    }
                }
                Step::Nothing
            }
            Err(problem) => self.ask_password_or_fail(problem),
        }
    }

    pub fn view(&self) -> Element<'_, Message> {
        let head = column![
            text::heading(format!("Left over on {}", self.host)),
            text::small("Tokens that earlier sign-ins of this machine left there: after a reinstallation, or by a program that does not clean up.")
                .style(style::muted),
        ]
        .spacing(spacing::XXS);
        let body: Element<'_, Message> = match &self.state {
            State::AskingPassword(problem) => self.password_view(problem.as_ref()),
            State::Looking(_) => row![
                progress::activity(),
                text::body("Asking the server").style(style::muted)
            ]
            .spacing(spacing::S)
            .align_y(Center)
            .into(),
            State::Failed(problem) => shown::problem(problem)
                .button(
                    button::secondary("Try again")
                        .id(format!("left-over-retry-{}", self.service.name()))
                        .on_press(Message::LookPressed),
                )
                .into(),
            State::Found { tokens, refusals, .. } if tokens.is_empty() && refusals.is_empty() => {
                text::body("None.").style(style::muted).into()
            }
            State::Found {
                tokens,
                ticked,
                refusals,
                revoking,
            } => self.found_view(tokens, ticked, refusals, revoking.is_some()),
        };
        column![head, body].spacing(spacing::M).into()
    }

    fn password_view<'a>(&'a self, problem: Option<&'a Problem>) -> Element<'a, Message> {
        let label = match self.user.as_str() {
            "" => "Password".to_owned(),
            user => format!("Password of {user}"),
        };
        let field = FormField::new("", self.password.as_str())
            .label(label)
            .id(self.field_id())
            .secure(true)
            .width(280)
            .on_input(|text| Message::PasswordTyped(Typed::new(text)))
            .on_submit(Message::LookPressed);
        let field = match problem {
            Some(problem) => field.error(Some(shown::sentence(&problem.message))),
            None => field.hint(match self.service {
                Service::Repository => {
                    "What conda uses may only download; the server tells this to you alone."
                }
                _ => "The session has ended; the server tells nothing without it.",
            }),
        };
        let can_look = !self.password.is_empty() || self.service == Service::Repository;
        let look = button::secondary("Look")
            .id(format!("left-over-look-{}", self.service.name()))
            .on_press_maybe(can_look.then_some(Message::LookPressed));
        column![field, look].spacing(spacing::S).into()
    }

    fn found_view<'a>(
        &'a self,
        tokens: &'a [LeftOver],
        ticked: &'a BTreeSet<String>,
        refusals: &'a [(String, Problem)],
        is_revoking: bool,
    ) -> Element<'a, Message> {
        let head = row![
            container(text::column_header("Name")).width(Length::Fill),
            container(text::column_header("Made by")).width(PROGRAM_WIDTH),
            container(text::column_header("Created")).width(DATE_WIDTH),
            container(text::column_header("Expires")).width(DATE_WIDTH),
        ]
        .spacing(spacing::M);
        let rows = tokens.iter().map(|token| {
            let is_ticked = ticked.contains(&token.id);
            row_view(token, is_ticked, !is_revoking)
        });
        let mut parts: Column<'a, Message> = column![
            container(head).padding([0.0, spacing::XS]),
            rule::horizontal(spacing::LINE).style(style::separator)
        ]
        .extend(rows)
        .spacing(spacing::S);
        let may_be_elsewhere = tokens
            .iter()
            .any(|token| ticked.contains(&token.id) && !token.surely_of_this_machine);
        if may_be_elsewhere {
            let words = "Anaconda Navigator gives its tokens the same kind of name on every machine.";
            parts = parts.push(
                Banner::new(Tone::Warning, words)
                    .remedy("If another machine uses a token that you ticked, it loses its access."),
            );
        }
        for (name, problem) in refusals {
            let mut banner = Banner::new(Tone::Bad, format!("{name} was not revoked"))
                .cause(shown::sentence(&problem.message));
            if let Some(remedy) = &problem.remedy {
                banner = banner.remedy(shown::sentence(remedy));
            }
            parts = parts.push(banner);
        }
        let label = match ticked.len() {
            0 => "Revoke".to_owned(),
            1 => "Revoke 1 token".to_owned(),
            count => format!("Revoke {count} tokens"),
        };
        let can_revoke = !is_revoking && !ticked.is_empty();
        let revoke = button::secondary(label)
            .id(format!("left-over-revoke-{}", self.service.name()))
            .on_press_maybe(can_revoke.then_some(Message::RevokePressed));
        let working = is_revoking.then(|| shown::working("Revoking"));
        parts
            .push(row![revoke, working].spacing(spacing::M).align_y(Center))
            .into()
    }
}

fn row_view(token: &LeftOver, is_ticked: bool, can_tick: bool) -> Element<'_, Message> {
    let tick = check_box(is_ticked)
        .label(token.name.clone())
        .id(format!("left-over-{}", token.id));
    let tick = if can_tick {
        let id = token.id.clone();
        tick.on_toggle(move |is_ticked| Message::TickToggled {
            id: id.clone(),
            is_ticked,
        })
    } else {
        tick
    };
    let muted = |words: String| text::body(words).style(style::muted);
    let line = row![
        container(tick).width(Length::Fill).clip(true),
        text::cell(muted(token.made_by.title().to_owned()), PROGRAM_WIDTH),
        text::cell(muted(date(token.created_at)), DATE_WIDTH),
        text::cell(muted(date(token.expires_at)), DATE_WIDTH),
    ]
    .spacing(spacing::M)
    .align_y(Center);
    container(line).padding([0.0, spacing::XS]).into()
}

fn date(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "—".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}
