//! The Set Domain dialog: the address of the server, made of whatever was pasted, and checked step by step.

use std::path::PathBuf;

use iced::widget::{Column, column, container};
use iced::{Element, Length};

use super::typed::Typed;
use super::{Key, SERVER, shown};
use crate::error::{Explain, Problem};
use crate::repository::{CheckStep, Domain, Outcome, Parsed, Step};
use crate::ui::form_field::FormField;
use crate::ui::icon::Icon;
use crate::ui::modal::Dialog;
use crate::ui::progress::{self, StepState};
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing};

#[derive(Debug, Clone)]
pub struct SetDomain {
    text: Typed,
    ca_file: CaFile,
    /// What is wrong with the text; said once it was submitted.
    error: Option<Problem>,
    check: Check,
}

#[derive(Debug, Clone)]
enum CaFile {
    Folded,
    Asked(String),
}

#[derive(Debug, Clone)]
enum Check {
    NotYet,
    Running { key: Key, steps: Vec<CheckStep> },
    Failed { steps: Vec<CheckStep>, problem: Problem },
}

#[derive(Debug, Clone)]
pub enum Message {
    Typed(Typed),
    CaFileUnfolded,
    CaFileTyped(String),
    SetPressed,
    CancelPressed,
    Stepped {
        key: Key,
        step: CheckStep,
    },
    /// Checked and stored, with what the server says it is.
    Ended {
        key: Key,
        result: Result<Found, Problem>,
    },
}

/// A server that answered and whose domain is stored now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub domain: Domain,
    pub ca_file: Option<PathBuf>,
    /// A line about it: TLS, product, time.
    pub facts: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    None,
    /// Check the domain and, when it is a server, store it.
    Check {
        key: Key,
        domain: Domain,
        ca_file: Option<PathBuf>,
    },
    Abort(Key),
    Close,
    Done(Found),
}

impl SetDomain {
    /// The dialog with `domain` in its field, which may be empty.
    pub fn new(domain: &str, ca_file: Option<PathBuf>) -> Self {
        Self {
            text: Typed::new(domain),
            ca_file: match ca_file {
                Some(path) => CaFile::Asked(path.display().to_string()),
                None => CaFile::Folded,
            },
            error: None,
            check: Check::NotYet,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Typed(text) => {
                self.text = text;
                self.start_over();
                Action::None
            }
            Message::CaFileUnfolded => {
                self.ca_file = match self.ca_file {
                    CaFile::Folded => CaFile::Asked(String::new()),
                    CaFile::Asked(_) => CaFile::Folded,
                };
                Action::None
            }
            Message::CaFileTyped(path) => {
                self.ca_file = CaFile::Asked(path);
                self.start_over();
                Action::None
            }
            Message::SetPressed => self.set(),
            Message::CancelPressed => match self.check {
                Check::Running { key, .. } => {
                    self.check = Check::NotYet;
                    Action::Abort(key)
                }
                _ => Action::Close,
            },
            Message::Stepped { key, step } => {
                if let Check::Running { key: own, steps } = &mut self.check
                    && *own == key
                {
                    steps.retain(|known| known.step != step.step);
                    steps.push(step);
                }
                Action::None
            }
            Message::Ended { key, result } => self.ended(key, result),
        }
    }

    fn start_over(&mut self) {
        self.error = None;
        if matches!(self.check, Check::Failed { .. }) {
            self.check = Check::NotYet;
        }
    }

    fn set(&mut self) -> Action {
        if matches!(self.check, Check::Running { .. }) {
            return Action::None;
        }
        match Domain::parse_pasted(self.text.as_str()) {
            Err(error) => {
                self.error = Some(error.explain());
                self.check = Check::NotYet;
                Action::None
            }
            Ok(Parsed { domain, .. }) => {
                let key = Key::fresh();
                self.error = None;
                self.check = Check::Running {
                    key,
                    steps: Vec::new(),
                };
                let ca_file = match &self.ca_file {
                    CaFile::Asked(path) if !path.trim().is_empty() => Some(PathBuf::from(path.trim())),
                    _ => None,
                };
                Action::Check { key, domain, ca_file }
            }
        }
    }

    fn ended(&mut self, key: Key, result: Result<Found, Problem>) -> Action {
        let steps = match &mut self.check {
            Check::Running { key: own, steps } if *own == key => std::mem::take(steps),
            _ => return Action::None,
        };
        match result {
            Ok(found) => Action::Done(found),
            Err(problem) => {
                self.check = Check::Failed { steps, problem };
                Action::None
            }
        }
    }

    fn is_running(&self) -> bool {
        matches!(self.check, Check::Running { .. })
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let mut content: Column<'_, Message> = column![self.field(), self.ca_part()].spacing(spacing::L);
        match &self.check {
            Check::NotYet => {}
            Check::Running { steps, .. } => content = content.push(steps_view(steps, true)),
            Check::Failed { steps, problem } => {
                if !steps.is_empty() {
                    content = content.push(steps_view(steps, false));
                }
                content = content.push(shown::problem(problem));
            }
        }
        let can_set = !self.is_running() && !self.text.as_str().trim().is_empty();
        let set = can_set.then_some(Message::SetPressed);
        Dialog::new("set-domain", "Set the domain of your server", content)
            .eyebrow(SERVER)
            .subtitle("Paste any address of it; it is reduced to the domain.")
            .focus("domain")
            .button(
                button::secondary("Cancel")
                    .id("set-domain-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::primary("Set Domain")
                    .id("set-domain-set")
                    .on_press_maybe(set.clone()),
            )
            .on_close(Message::CancelPressed)
            .on_submit(set)
    }

    fn field(&self) -> FormField<'_, Message> {
        let field = FormField::new("https://repo.example.com", self.text.as_str())
            .label("Domain")
            .id("domain");
        let field = if self.is_running() {
            field
        } else {
            field.on_input(|text| Message::Typed(Typed::new(text)))
        };
        let field = match &self.error {
            Some(problem) => {
                let remedy = problem.remedy.as_deref().unwrap_or_default();
                field.error(Some(format!("{} {remedy}", shown::sentence(&problem.message))))
            }
            None => field,
        };
        match Domain::parse_pasted(self.text.as_str()) {
            Ok(parsed) if parsed.domain.is_plain_http() => field.note(
                Tone::Warning,
                format!(
                    "using {}: not encrypted, password and token can be read on the way",
                    parsed.domain
                ),
            ),
            Ok(parsed) if !parsed.changes.is_empty() => field.hint(format!("using {}", parsed.domain)),
            _ => field,
        }
    }

    fn ca_part(&self) -> Element<'_, Message> {
        let fold = |icon| {
            button::small_link("The server uses our own certificate authority")
                .flush()
                .glyph(icon)
                .id("ca-fold")
                .on_press(Message::CaFileUnfolded)
        };
        match &self.ca_file {
            CaFile::Folded => fold(Icon::ChevronRight).into(),
            CaFile::Asked(path) => {
                let field = FormField::new("/path/to/authority.pem", path)
                    .label("CA file")
                    .id("ca-file")
                    .hint("The certificate of your authority, in PEM. It is trusted beside those of the system.");
                let field = if self.is_running() {
                    field
                } else {
                    field.on_input(Message::CaFileTyped)
                };
                column![fold(Icon::ChevronDown), field].spacing(spacing::S).into()
            }
        }
    }
}

/// The steps so far; while the check runs also those to come.
fn steps_view<'a>(reported: &[CheckStep], is_running: bool) -> Element<'a, Message> {
    let shown =
        Step::ALL
            .into_iter()
            .filter_map(|step| match reported.iter().find(|found| found.step == step) {
                Some(found) => Some(step_view(found)),
                None => is_running.then(|| progress::Step::new(step.to_string(), StepState::Pending)),
            });
    container(progress::steps(shown))
        .padding(spacing::M)
        .width(Length::Fill)
        .style(style::well)
        .into()
}

fn step_view(found: &CheckStep) -> progress::Step {
    let step = |state| progress::Step::new(found.step.to_string(), state);
    let milliseconds = |took: &std::time::Duration| match took.as_millis() {
        0 => "< 1 ms".to_owned(),
        took => format!("{took} ms"),
    };
    match &found.outcome {
        Outcome::Running => step(StepState::Running),
        Outcome::Done { took, found } => step(StepState::Done)
            .time(milliseconds(took))
            .note(found.to_string()),
        Outcome::Failed { took, .. } => step(StepState::Failed).time(milliseconds(took)),
        Outcome::Skipped => step(StepState::Skipped).note(match found.step {
            Step::Proxy => "no proxy on the way",
            Step::Tls => "plain http has none",
            _ => "not needed",
        }),
    }
}

/// The line about a server for the next page, out of its steps.
pub fn facts(steps: &[CheckStep]) -> String {
    let mut parts = Vec::new();
    for found in steps {
        match (found.step, &found.outcome) {
            (Step::Tls, Outcome::Done { .. }) => parts.push("TLS verified".to_owned()),
            (Step::Tls, Outcome::Skipped) => parts.push("not encrypted".to_owned()),
            (Step::Answer, Outcome::Done { took, found }) => {
                parts.push(found.to_string());
                parts.push(format!("{} ms", took.as_millis().max(1)));
            }
            _ => {}
        }
    }
    parts.join(" · ")
}

#[cfg(test)]
#[path = "set_domain_tests.rs"]
mod tests;
