//! The dialog for the token of Package Security Manager Cloud.
//!
//! Labels and help: seed 003, "PSM (Cloud)".

use iced::widget::{Column, column, container};
use iced::{Element, Length, Task};

use super::attempt::Attempt;
use super::login::Ready;
use super::secret_field::{self, SecretField};
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
    token: SecretField,
    has_help: bool,
    state: Attempt,
}

#[derive(Debug, Clone)]
pub enum Message {
    Token(secret_field::Message),
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
            token: SecretField::new(TOKEN, "cloud-token-reveal"),
            has_help: false,
            state: Attempt::Asking,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Token(message) => {
                self.state.heed(self.token.update(message));
                Action::None
            }
            Message::PracticePressed => match &self.practice {
                Some(token) if !self.state.is_running() => {
                    let typed = Typed::new(token.expose());
                    self.state
                        .heed(self.token.update(secret_field::Message::Typed(typed)));
                    Action::Run(iced::widget::operation::focus(TOKEN))
                }
                _ => Action::None,
            },
            Message::HelpToggled => {
                self.has_help = !self.has_help;
                Action::None
            }
            Message::SetPressed => self.set(),
            Message::CancelPressed => match self.state.stop() {
                Some(key) => Action::Abort(key),
                None => {
                    self.token.forget();
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
                self.token.hide();
                Action::LogIn {
                    key: self.state.begin(),
                    base: base.clone(),
                    token,
                }
            }
            Err(error) => {
                let problem = Problem::new(Kind::Usage, error.to_string()).remedy(error.remedy());
                self.state = Attempt::Refused(problem);
                // The next token takes the place of this one.
                Action::Run(self.token.retype())
            }
        }
    }

    fn answered(&mut self, key: Key, result: Result<Box<Ready>, Problem>) -> Action {
        if !self.state.awaits(key) {
            return Action::None;
        }
        match result {
            Ok(ready) => {
                self.token.forget();
                self.state = Attempt::Asking;
                Action::Done(ready)
            }
            Err(problem) => {
                self.state.fail(problem);
                match self.state.refused() {
                    Some(_) => Action::Run(self.token.retype()),
                    None => Action::None,
                }
            }
        }
    }

    fn can_set(&self) -> bool {
        !self.state.is_running() && self.base.is_ok() && !self.token.as_str().trim().is_empty()
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
        content = content
            .push(self.field())
            .push(self.help())
            .push(self.state.failed().map(shown::problem));
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
        if self.state.is_running() {
            dialog.aside(shown::working("Checking the token"))
        } else {
            dialog
        }
    }

    fn field(&self) -> FormField<'_, Message> {
        let is_idle = !self.state.is_running();
        let field = self
            .token
            .view("Paste your token", is_idle, Message::Token)
            .label("Token");
        match (self.state.refused(), Token::from_pasted(self.token.as_str())) {
            (Some(problem), _) => field.error(Some(shown::lines(problem))),
            (None, Ok((_, changes))) if !changes.is_empty() => field.hint(shown::sentence(&joined(&changes))),
            (None, _) => field,
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
