//! The dialog for the token of Package Security Manager Cloud.
//!
//! Labels and help: seed 003, "PSM (Cloud)".

use iced::widget::{Column, column, container};
use iced::{Element, Length, Task};

use super::login::Ready;
use super::typed::Typed;
use super::{Key, shown};
use crate::error::{Kind, Problem};
use crate::repository::{CLOUD_REPOSITORY, CloudBase};
use crate::secret::{PasteChange, Secret, Token};
use crate::service::connection::Service;
use crate::ui::banner::Banner;
use crate::ui::facts::{Fact, facts};
use crate::ui::form_field::FormField;
use crate::ui::icon::Icon;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

const TOKEN: &str = "cloud-token";

#[derive(Debug, Clone)]
pub struct CloudToken {
    base: Result<CloudBase, Problem>,
    /// A published token: the practice server's.
    practice: Option<Secret>,
    token: Typed,
    is_revealed: bool,
    has_help: bool,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Asking,
    Running(Key),
    /// What was typed is no token, or the service refused it.
    Refused(Problem),
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    TokenTyped(Typed),
    RevealToggled,
    PracticePressed,
    HelpToggled,
    SetPressed,
    CancelPressed,
    Answered {
        key: Key,
        result: Result<Box<Ready>, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Ask the service whether the token is good.
    LogIn {
        key: Key,
        base: CloudBase,
        token: Token,
    },
    Abort(Key),
    Close,
    Done(Box<Ready>),
    Run(Task<Message>),
}

impl CloudToken {
    /// `base` is where the repository is, or what is wrong with the address that the environment names.
    pub fn new(base: Result<CloudBase, Problem>, practice: Option<Secret>) -> Self {
        Self {
            base,
            practice,
            token: Typed::default(),
            is_revealed: false,
            has_help: false,
            state: State::Asking,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::TokenTyped(token) => {
                self.token = token;
                if !self.is_running() {
                    self.state = State::Asking;
                }
                Action::None
            }
            Message::RevealToggled => {
                self.is_revealed = !self.is_revealed;
                Action::None
            }
            Message::PracticePressed => match &self.practice {
                Some(token) if !self.is_running() => {
                    self.token = Typed::new(token.expose());
                    self.state = State::Asking;
                    Action::Run(iced::widget::operation::focus(TOKEN))
                }
                _ => Action::None,
            },
            Message::HelpToggled => {
                self.has_help = !self.has_help;
                Action::None
            }
            Message::SetPressed => self.set(),
            Message::CancelPressed => match self.state {
                State::Running(key) => {
                    self.state = State::Asking;
                    Action::Abort(key)
                }
                _ => {
                    self.token = Typed::default();
                    Action::Close
                }
            },
            Message::Answered { key, result } => self.answered(key, result),
        }
    }

    fn set(&mut self) -> Action {
        let (true, Ok(base)) = (self.can_set(), &self.base) else {
            return Action::None;
        };
        match Token::from_pasted(self.token.as_str()) {
            Ok((token, _)) => {
                let key = Key::fresh();
                let base = base.clone();
                self.state = State::Running(key);
                self.is_revealed = false;
                Action::LogIn { key, base, token }
            }
            Err(error) => self.refuse(Problem::new(Kind::Usage, error.to_string()).remedy(error.remedy())),
        }
    }

    fn answered(&mut self, key: Key, result: Result<Box<Ready>, Problem>) -> Action {
        if !matches!(self.state, State::Running(own) if own == key) {
            return Action::None;
        }
        match result {
            Ok(ready) => {
                self.token = Typed::default();
                self.state = State::Asking;
                Action::Done(ready)
            }
            Err(problem) if problem.kind == Kind::Auth => self.refuse(problem),
            Err(problem) => {
                self.state = State::Failed(problem);
                Action::None
            }
        }
    }

    /// Said under the field, where the next token takes the place of this one.
    fn refuse(&mut self, problem: Problem) -> Action {
        use iced::widget::operation::{focus, select_all};
        self.state = State::Refused(problem);
        Action::Run(focus(TOKEN).chain(select_all(TOKEN)))
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    fn can_set(&self) -> bool {
        !self.is_running() && self.base.is_ok() && !self.token.as_str().trim().is_empty()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let mut content: Column<'_, Message> = column![].spacing(spacing::L);
        if self.practice.is_some() {
            let use_it = button::secondary("Use its token")
                .id("cloud-token-practice")
                .on_press(Message::PracticePressed);
            content = content.push(Banner::new(Tone::Info, "This is the practice server.").button(use_it));
        }
        content = match &self.base {
            Err(problem) => content.push(shown::problem(problem)),
            Ok(base) if base.as_str() == CLOUD_REPOSITORY => content,
            Ok(base) => content.push(facts([Fact::new("Address", base.as_str())])),
        };
        content = content.push(self.field()).push(self.help());
        if let State::Failed(problem) = &self.state {
            content = content.push(shown::problem(problem));
        }
        let submit = self.can_set().then_some(Message::SetPressed);
        let dialog = Dialog::new(
            "cloud-token-dialog",
            "Set the token of your organisation",
            content,
        )
        .eyebrow(Service::Cloud.title())
        .subtitle("It is checked before anything is changed.")
        .focus(TOKEN)
        .button(
            button::secondary("Cancel")
                .id("cloud-token-cancel")
                .on_press(Message::CancelPressed),
        )
        .button(
            button::primary("Set Token")
                .id("cloud-token-set")
                .on_press_maybe(submit.clone()),
        )
        .on_close(Message::CancelPressed)
        .on_submit(submit);
        if self.is_running() {
            dialog.aside(shown::working("Checking the token"))
        } else {
            dialog
        }
    }

    fn field(&self) -> FormField<'_, Message> {
        let reveal = if self.is_revealed { "hide" } else { "show" };
        let field = FormField::new("Paste your token", self.token.as_str())
            .label("Token")
            .id(TOKEN)
            .secure(!self.is_revealed)
            .trailing(
                button::small_link(reveal)
                    .id("cloud-token-reveal")
                    .on_press(Message::RevealToggled),
            );
        let field = match (&self.state, Token::from_pasted(self.token.as_str())) {
            (State::Refused(problem), _) => field.error(Some(said(problem))),
            (_, Ok((_, changes))) if !changes.is_empty() => field.hint(shown::sentence(&joined(&changes))),
            _ => field,
        };
        if self.is_running() {
            field
        } else {
            field.on_input(|text| Message::TokenTyped(Typed::new(text)))
        }
    }

    fn help(&self) -> Element<'_, Message> {
        let icon = if self.has_help {
            Icon::ChevronDown
        } else {
            Icon::ChevronRight
        };
        let fold = button::small_link("Where is my token?")
            .flush()
            .glyph(icon)
            .id("cloud-token-help")
            .on_press(Message::HelpToggled);
        let help = self.has_help.then(|| {
            let lines = HELP.map(|line| text::body(line).into());
            container(Column::with_children(lines).spacing(spacing::S))
                .padding(spacing::M)
                .width(Length::Fill)
                .style(style::well)
        });
        column![fold, help].spacing(spacing::S).into()
    }
}

const HELP: [&str; 3] = [
    "You can issue yourself a private access token from the Token Access page of your Anaconda.com organisation.",
    "You must be assigned a seat to issue yourself a token.",
    "If you have lost your token, you can re-issue yourself a new one at any time. Re-issuing a token invalidates the \
     previous one.",
];

/// All of a problem in the lines under the field.
fn said(problem: &Problem) -> String {
    [
        Some(&problem.message),
        problem.cause.as_ref(),
        problem.remedy.as_ref(),
    ]
    .into_iter()
    .flatten()
    .map(|part| shown::sentence(part))
    .collect::<Vec<_>>()
    .join(" ")
}

fn joined(changes: &[PasteChange]) -> String {
    changes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
#[path = "cloud_token_tests.rs"]
mod tests;
