//! The dialog before a token is renewed: the new one, what becomes of the old one, and what changes on this machine.
//! Where the session has ended, the password is asked for here.

use std::path::{Path, PathBuf};

use iced::Task;
use iced::widget::{Column, column};

use super::connect::host_of;
use super::secret_field::{self, SecretField, Standing};
use super::{Key, attempt, shown};
use crate::error::{Kind, Problem};
use crate::secret::Secret;
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::tokens::{Renewal, Renewed, TokenHealth};
use crate::ui::diff_view::Diff;
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::{button, spacing, text};

const RENEW: &str = "renew-now";
const PASSWORD: &str = "renew-password";

#[derive(Debug, Clone)]
pub struct Renew {
    token: TokenHealth,
    home: PathBuf,
    proof: Proof,
    planned: Option<Planned>,
    state: State,
}

#[derive(Debug, Clone)]
struct Planned {
    plan: Plan,
    diffs: Vec<Diff>,
}

/// What it takes.
#[derive(Debug, Clone)]
enum Proof {
    Session,
    Password(SecretField),
}

#[derive(Debug, Clone)]
enum State {
    Planning(Key),
    Asking,
    /// A file was changed between plan and commit; this is the new plan.
    PlannedAnew,
    Running(Key),
    /// The password was refused, or the session has ended.
    Refused(Problem),
    Failed(Problem),
}

/// How it ended.
pub type End = attempt::End<Renewed>;

#[derive(Debug, Clone)]
pub enum Message {
    Planned {
        key: Key,
        result: Result<Box<Plan>, Problem>,
    },
    Password(secret_field::Message),
    RenewPressed,
    CancelPressed,
    Ended {
        key: Key,
        end: End,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    Plan {
        key: Key,
        service: Service,
    },
    Renew {
        key: Key,
        service: Service,
        plan: Box<Plan>,
        password: Option<Secret>,
    },
    /// Stop, and leave no trace.
    Abort(Key),
    Close,
    Done(Box<Renewed>),
    Run(Task<Message>),
}

impl Renew {
    pub fn new(token: TokenHealth, home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let service = token.service;
        let proof = match token.renewal {
            Renewal::AtOnce | Renewal::BringNewToken => Proof::Session,
            Renewal::WithPassword => Proof::asked(),
        };
        let dialog = Self {
            token,
            home: home.to_owned(),
            proof,
            planned: None,
            state: State::Planning(key),
        };
        (dialog, Action::Plan { key, service })
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Planned { key, result } => self.planned(key, result),
            Message::Password(message) => {
                let standing = match &mut self.proof {
                    Proof::Password(field) => field.update(message),
                    Proof::Session => Standing::Same,
                };
                let is_over = matches!(self.state, State::Refused(_) | State::Failed(_));
                if standing == Standing::Changed && is_over {
                    self.state = State::Asking;
                }
                Action::None
            }
            Message::RenewPressed => self.renew(),
            Message::CancelPressed => match self.state {
                State::Running(key) => {
                    self.state = State::Asking;
                    Action::Abort(key)
                }
                _ => Action::Close,
            },
            Message::Ended { key, end } => self.ended(key, end),
        }
    }

    fn planned(&mut self, key: Key, result: Result<Box<Plan>, Problem>) -> Action {
        if !matches!(self.state, State::Planning(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(plan) => {
                self.take(*plan);
                self.state = State::Asking;
                // Until now the button could not be focused.
                Action::Run(iced::widget::operation::focus(self.first()))
            }
            Err(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    fn take(&mut self, plan: Plan) {
        self.planned = Some(Planned {
            diffs: shown::diffs(&plan, &self.home),
            plan,
        });
    }

    /// What comes first: the password where it is asked for.
    fn first(&self) -> &'static str {
        match self.proof {
            Proof::Session => RENEW,
            Proof::Password(_) => PASSWORD,
        }
    }

    fn renew(&mut self) -> Action {
        let (true, Some(planned)) = (self.can_renew(), &self.planned) else {
            return Action::None;
        };
        let key = Key::fresh();
        let password = match &mut self.proof {
            Proof::Session => None,
            Proof::Password(field) => {
                let password = field.take();
                (!field.is_empty()).then_some(password)
            }
        };
        let plan = Box::new(planned.plan.clone());
        self.state = State::Running(key);
        Action::Renew {
            key,
            service: self.token.service,
            plan,
            password,
        }
    }

    fn ended(&mut self, key: Key, end: End) -> Action {
        // It may have gone through although it was asked to stop: it happened all the same.
        if !matches!(self.state, State::Running(own) if own == key) && !matches!(end, End::Done(_)) {
            return Action::None;
        }
        match end {
            End::Done(renewed) => Action::Done(renewed),
            End::Stale(plan) => {
                self.take(*plan);
                self.state = State::PlannedAnew;
                Action::None
            }
            End::Failed(problem) if problem.kind == Kind::Auth => {
                // The session may have ended without this machine knowing: then the password helps.
                self.state = State::Refused(problem);
                if matches!(self.proof, Proof::Session) {
                    self.proof = Proof::asked();
                }
                match &self.proof {
                    Proof::Password(field) => Action::Run(field.retype()),
                    Proof::Session => Action::None,
                }
            }
            End::Failed(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    /// With a Kerberos ticket there is no password to type.
    fn takes_ticket(&self) -> bool {
        self.token.service == Service::Repository
    }

    fn can_renew(&self) -> bool {
        let is_proven = match &self.proof {
            Proof::Session => true,
            Proof::Password(field) => !field.is_empty() || self.takes_ticket(),
        };
        self.planned.is_some() && is_proven && !self.is_running()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let host = host_of(&self.token.domain);
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        match &self.state {
            State::PlannedAnew => content = content.push(shown::planned_anew("renewing")),
            State::Failed(problem) => content = content.push(shown::problem(problem)),
            _ => {}
        }
        if let Proof::Password(field) = &self.proof {
            content = content.push(self.password_field(field));
        }
        if let Some(planned) = &self.planned {
            content = planned_view(content, planned);
        }
        let go = self.can_renew().then_some(Message::RenewPressed);
        let is_planning = matches!(self.state, State::Planning(_));
        let dialog = Dialog::new("renew", format!("Renew the token for {host}"), content)
            .eyebrow(self.token.service.title())
            .subtitle("The new token has to work before it takes the place of the old one.")
            .wide()
            .focus(self.first())
            .button(
                button::secondary("Cancel")
                    .id("renew-cancel")
                    // A quick Enter must not cancel what has not been shown yet.
                    .tab_stop(!is_planning)
                    .on_press(Message::CancelPressed),
            )
            .button(button::primary("Renew").id(RENEW).on_press_maybe(go.clone()))
            .on_close(Message::CancelPressed)
            .on_submit(go);
        match self.state {
            State::Planning(_) => dialog.aside(shown::working("Reading the files")),
            State::Running(_) => dialog.aside(shown::working("Renewing the token")),
            _ => dialog,
        }
    }

    fn password_field<'a>(&'a self, field: &'a SecretField) -> FormField<'a, Message> {
        let label = match self.token.user.as_str() {
            "" => "Password".to_owned(),
            user => format!("Password of {user}"),
        };
        let hint = match self.takes_ticket() {
            true => "Leave it empty to use your Kerberos ticket.",
            false => "The session has ended. The password is used once and not kept.",
        };
        let refused = match &self.state {
            State::Refused(problem) => Some(problem),
            _ => None,
        };
        field.password_view(label, !self.is_running(), refused, Some(hint), Message::Password)
    }
}

impl Proof {
    fn asked() -> Self {
        Self::Password(SecretField::new(PASSWORD, "renew-reveal"))
    }
}

fn planned_view<'a>(content: Column<'a, Message>, planned: &'a Planned) -> Column<'a, Message> {
    let plan = &planned.plan;
    let content = content.extend(shown::warnings(&plan.warnings));
    let content = match &plan.token {
        Some(token) => content.push(shown::new_token(token)),
        None => content,
    };
    content
        .push(shown::part(
            "The old one",
            text::body(match &plan.revokes {
                Some(name) => format!("The token {name} is revoked once the new one works."),
                None => "It stays valid on the server, because Sextant did not create it.".to_owned(),
            }),
        ))
        .push(
            column![
                text::heading("On this machine"),
                shown::diff_views(&planned.diffs)
            ]
            .spacing(spacing::S),
        )
}

#[cfg(test)]
#[path = "renew_tests.rs"]
mod tests;
