//! The dialog before one repository service takes the place of another: which one is signed out of, what that undoes,
//! and that nothing of it happens before the new sign-in does.

use iced::Task;
use iced::widget::{Column, column};

use super::connect::{connected_to, host_of, other_program};
use super::{Key, shown};
use crate::error::{Kind, Problem};
use crate::service::connection::Service;
use crate::service::merge::PutBack;
use crate::service::plan::{Owner, Plan};
use crate::service::status::ConnectionStatus;
use crate::ui::banner::Banner;
use crate::ui::modal::Dialog;
use crate::ui::style;
use crate::ui::{button, spacing, text};

const GO_ON: &str = "replace-go-on";

#[derive(Debug, Clone)]
pub struct Replace {
    wanted: Service,
    other: ConnectionStatus,
    how: PutBack,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Planning(Key),
    Planned(Box<Plan>),
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    /// What signing out of the other service would change.
    Planned {
        key: Key,
        result: Result<Box<Plan>, Problem>,
    },
    ExactPressed,
    GoOnPressed,
    CancelPressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Find out what signing out of a service changes.
    Plan {
        key: Key,
        service: Service,
        how: PutBack,
    },
    /// On with the sign-in to the wanted service, which ends the other one.
    GoOn {
        service: Service,
        how: PutBack,
    },
    Close,
    Run(Task<Message>),
}

impl Replace {
    /// `wanted` takes the place of `other`.
    pub fn new(wanted: Service, other: ConnectionStatus) -> (Self, Action) {
        let mut dialog = Self {
            wanted,
            other,
            how: PutBack::KeepEdits,
            state: State::Planning(Key::fresh()),
        };
        let action = dialog.plan(PutBack::KeepEdits);
        (dialog, action)
    }

    fn plan(&mut self, how: PutBack) -> Action {
        let key = Key::fresh();
        self.state = State::Planning(key);
        self.how = how.clone();
        Action::Plan {
            key,
            service: self.other.service,
            how,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Planned { key, result } => self.planned(key, result),
            Message::ExactPressed => self.plan(PutBack::Exact),
            Message::GoOnPressed => match self.state {
                State::Planned(_) => Action::GoOn {
                    service: self.wanted,
                    how: self.how.clone(),
                },
                _ => Action::None,
            },
            Message::CancelPressed => Action::Close,
        }
    }

    fn planned(&mut self, key: Key, result: Result<Box<Plan>, Problem>) -> Action {
        if !matches!(self.state, State::Planning(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(plan) => {
                self.state = State::Planned(plan);
                // Until now the button could not be focused; it is what Enter is for.
                Action::Run(iced::widget::operation::focus(GO_ON))
            }
            Err(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let host = host_of(&self.other.domain);
        let who = match other_program(&self.other) {
            Some(program) => format!("{}, signed in with {program}.", connected_to(&self.other)),
            None => format!("{}.", connected_to(&self.other)),
        };
        let mut content: Column<'_, Message> =
            column![shown::part(self.other.service.title(), text::body(who))].spacing(spacing::L);
        match &self.state {
            State::Planning(_) => {}
            State::Planned(plan) => content = self.planned_view(content, plan),
            State::Failed(problem) => content = content.push(failure(problem)),
        }
        let go = matches!(self.state, State::Planned(_)).then_some(Message::GoOnPressed);
        let dialog = Dialog::new("replace", format!("Sign out of {host} first?"), content)
            .eyebrow(self.wanted.title())
            .subtitle("A machine is signed in to one repository service at a time.")
            .focus(GO_ON)
            .button(
                button::secondary("Cancel")
                    .id("replace-cancel")
                    // A quick Enter must not cancel what has not been shown yet.
                    .tab_stop(!matches!(self.state, State::Planning(_)))
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::primary("Sign out and go on")
                    .id(GO_ON)
                    .on_press_maybe(go.clone()),
            )
            .on_close(Message::CancelPressed)
            .on_submit(go);
        match self.state {
            State::Planning(_) => dialog.aside(shown::working("Reading the files")),
            _ => dialog,
        }
    }

    fn planned_view<'a>(&self, content: Column<'a, Message>, plan: &Plan) -> Column<'a, Message> {
        let changes = |owner: Owner| {
            plan.files
                .iter()
                .any(|file| file.owner == owner && file.changes())
        };
        let mut here: Column<'_, Message> = column![];
        if changes(Owner::Condarc) {
            let words = match self.how {
                PutBack::Exact => ".condarc becomes what it was before that sign-in, to the byte.",
                _ => "What that sign-in changed in .condarc goes back to what it was.",
            };
            here = here.push(text::body(words));
        }
        if changes(Owner::TokenFile) {
            here = here.push(text::body("The token is taken off this machine."));
        }
        let note = format!(
            "It is one change together with the new sign-in. Until you have confirmed that, nothing happens, and \
             you stay signed in to {}.",
            host_of(&self.other.domain)
        );
        content
            .extend(shown::warnings(&plan.warnings))
            .push(shown::part("On this machine", here))
            .push(shown::part(
                "On the server",
                text::body(shown::end_of_token(plan.revokes.as_deref())),
            ))
            .push(shown::ended_logins(&plan.ends_logins))
            .push(shown::kept_edits(&plan.kept_edits))
            .push(text::body(note).style(style::muted))
    }
}

/// A file that somebody broke cannot be merged, but it can be replaced.
fn failure<'a>(problem: &Problem) -> Banner<'a, Message> {
    let banner = shown::problem(problem);
    if problem.kind == Kind::RefusedEdit {
        banner.button(button::secondary("Put the old file back as it was").on_press(Message::ExactPressed))
    } else {
        banner
    }
}

#[cfg(test)]
#[path = "replace_tests.rs"]
mod tests;
