//! The Set Domain dialog: the address of the server, made of whatever was pasted, and checked step by step.

mod offer;
mod steps;
mod wanted;

use std::path::PathBuf;

use iced::Element;
use iced::widget::{Column, column};

use super::typed::Typed;
use super::{Key, shown};
use crate::error::{Explain, Problem};
use crate::repository::{CheckStep, Domain, Product, TlsFailure};
use crate::ui::banner::Banner;
use crate::ui::form_field::FormField;
use crate::ui::icon::Icon;
use crate::ui::modal::Dialog;
use crate::ui::style::Tone;
use crate::ui::{button, spacing};
use offer::Offer;
use steps::steps_view;
use wanted::Reduced;

pub use steps::facts;
pub use wanted::Wanted;

#[derive(Debug, Clone)]
pub struct SetDomain {
    wanted: Wanted,
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
    Running {
        key: Key,
        domain: Domain,
        steps: Vec<CheckStep>,
    },
    Failed {
        domain: Domain,
        steps: Vec<CheckStep>,
        problem: Problem,
    },
}

#[derive(Debug, Clone)]
pub enum Message {
    Typed(Typed),
    CaFileUnfolded,
    CaFileTyped(String),
    SetPressed,
    CancelPressed,
    /// The way on that a failure leaves.
    OfferPressed,
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
    /// Of a repository, the domain of its API.
    pub domain: Domain,
    pub ca_file: Option<PathBuf>,
    /// A line about it: TLS, product, time.
    pub facts: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    None,
    /// Check the domain and, when it is what is wanted, store it. Of a repository, the domain of its API, from which
    /// [`BinstarApi::parse`](crate::repository::BinstarApi::parse) makes the API again.
    Check {
        key: Key,
        wanted: Wanted,
        domain: Domain,
        ca_file: Option<PathBuf>,
    },
    Abort(Key),
    Close,
    /// Show the certificate that was not accepted.
    Certificate {
        domain: Domain,
        failure: Box<TlsFailure>,
    },
    /// Ask for the user name and password of this proxy, which is named as it is shown.
    Proxy {
        proxy: String,
        /// Those that were known are no longer good.
        refusal: Option<Problem>,
    },
    /// Go to the sign-in of what answers at this domain.
    OtherProduct {
        domain: Domain,
        product: Product,
    },
    Done(Found),
}

impl SetDomain {
    /// The dialog with `domain` in its field, which may be empty.
    pub fn new(wanted: Wanted, domain: &str, ca_file: Option<PathBuf>) -> Self {
        Self {
            wanted,
            text: Typed::new(domain),
            ca_file: match ca_file {
                Some(path) => CaFile::Asked(path.display().to_string()),
                None => CaFile::Folded,
            },
            error: None,
            check: Check::NotYet,
        }
    }

    /// The product whose address is asked for.
    pub fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// The dialog in the middle of its check: for coming back from a certificate or a proxy that stood in the way.
    pub fn checking(wanted: Wanted, domain: &str, ca_file: Option<PathBuf>) -> (Self, Action) {
        let mut screen = Self::new(wanted, domain, ca_file);
        let action = screen.set();
        (screen, action)
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
            Message::OfferPressed => self.offer().map_or(Action::None, Offer::action),
            Message::Stepped { key, step } => {
                if let Check::Running { key: own, steps, .. } = &mut self.check
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
        match self.wanted.reduce(self.text.as_str()) {
            Err(error) => {
                self.error = Some(error.explain());
                self.check = Check::NotYet;
                Action::None
            }
            Ok(Reduced { domain, .. }) => {
                let key = Key::fresh();
                self.error = None;
                self.check = Check::Running {
                    key,
                    domain: domain.clone(),
                    steps: Vec::new(),
                };
                let ca_file = match &self.ca_file {
                    CaFile::Asked(path) if !path.trim().is_empty() => Some(PathBuf::from(path.trim())),
                    _ => None,
                };
                Action::Check {
                    key,
                    wanted: self.wanted,
                    domain,
                    ca_file,
                }
            }
        }
    }

    fn ended(&mut self, key: Key, result: Result<Found, Problem>) -> Action {
        let (domain, steps) = match &mut self.check {
            Check::Running {
                key: own,
                domain,
                steps,
            } if *own == key => (domain.clone(), std::mem::take(steps)),
            _ => return Action::None,
        };
        match result {
            Ok(found) => Action::Done(found),
            Err(problem) => {
                self.check = Check::Failed {
                    domain,
                    steps,
                    problem,
                };
                Action::None
            }
        }
    }

    fn offer(&self) -> Option<Offer<'_>> {
        match &self.check {
            Check::Failed { domain, steps, .. } => Offer::after(domain, steps),
            Check::NotYet | Check::Running { .. } => None,
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
            Check::Failed { steps, problem, .. } => {
                if !steps.is_empty() {
                    content = content.push(steps_view(steps, false));
                }
                content = content.push(self.failure_view(problem));
            }
        }
        let can_set = !self.is_running() && !self.text.as_str().trim().is_empty();
        let set = can_set.then_some(Message::SetPressed);
        Dialog::new("set-domain", self.wanted.title(), content)
            .eyebrow(self.wanted.service().title())
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

    fn failure_view(&self, problem: &Problem) -> Banner<'_, Message> {
        match self.offer() {
            None => shown::problem(problem),
            Some(offer) => shown::problem(&offer.shorten(problem)).button(
                button::secondary(offer.label())
                    .id("set-domain-offer")
                    .on_press(Message::OfferPressed),
            ),
        }
    }

    fn field(&self) -> FormField<'_, Message> {
        let field = FormField::new(self.wanted.example(), self.text.as_str())
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
        match self.wanted.reduce(self.text.as_str()) {
            Ok(reduced) if reduced.domain.is_plain_http() => field.note(
                Tone::Warning,
                format!(
                    "using {}: not encrypted, password and token can be read on the way",
                    reduced.shown
                ),
            ),
            Ok(reduced) if reduced.is_changed => field.hint(format!("using {}", reduced.shown)),
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

#[cfg(test)]
#[path = "set_domain_tests.rs"]
mod tests;
