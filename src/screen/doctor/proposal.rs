//! What a remedy will change, shown below its check before it happens.

use std::path::Path;

use iced::widget::{Column, column, container, row};
use iced::{Element, Length, Padding};

use super::Message;
use crate::error::Problem;
use crate::screen::{Key, shown};
use crate::service::doctor::{CheckId, RemedyPlan};
use crate::ui::diff_view::Diff;
use crate::ui::{button, spacing, style, text};

#[derive(Debug, Clone)]
pub(super) struct Proposal {
    id: CheckId,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Planning(Key),
    Shown { plan: Box<RemedyPlan>, diffs: Vec<Diff> },
    CarryingOut { key: Key, diffs: Vec<Diff> },
    Failed(Problem),
}

impl Proposal {
    pub fn new(id: CheckId, key: Key) -> Self {
        Self {
            id,
            state: State::Planning(key),
        }
    }

    pub fn is_for(&self, id: &CheckId) -> bool {
        self.id == *id
    }

    pub fn planned(&mut self, key: Key, result: Result<Box<RemedyPlan>, Problem>, home: &Path) {
        if !matches!(self.state, State::Planning(own) if own == key) {
            return;
        }
        self.state = match result {
            Ok(plan) => State::Shown {
                diffs: plan
                    .plan()
                    .map(|plan| shown::diffs(plan, home))
                    .unwrap_or_default(),
                plan,
            },
            Err(problem) => State::Failed(problem),
        };
    }

    /// The plan that is to be carried out, the first time it is asked for.
    pub fn apply(&mut self) -> Option<(Key, Box<RemedyPlan>)> {
        let State::Shown { plan, diffs } = &self.state else {
            return None;
        };
        let key = Key::fresh();
        let plan = plan.clone();
        self.state = State::CarryingOut {
            key,
            diffs: diffs.clone(),
        };
        Some((key, plan))
    }

    pub fn waits_for(&self, key: Key) -> bool {
        matches!(self.state, State::CarryingOut { key: own, .. } if own == key)
    }

    pub fn is_carried_out(&self) -> bool {
        matches!(self.state, State::CarryingOut { .. })
    }

    pub fn failed(&mut self, problem: Problem) {
        self.state = State::Failed(problem);
    }

    pub fn view(&self) -> Element<'_, Message> {
        let close = |label: &'static str| {
            button::secondary(label)
                .id("doctor-proposal-close")
                .on_press(Message::ProposalClosed)
        };
        let content: Element<'_, Message> = match &self.state {
            State::Planning(_) => shown::working("Reading the files"),
            State::Failed(problem) => shown::problem(problem).button(close("Close")).into(),
            State::CarryingOut { diffs, .. } => {
                column![shown::diff_views(diffs), shown::working("Changing the files")]
                    .spacing(spacing::M)
                    .into()
            }
            State::Shown { plan, diffs } => {
                let aside = match &**plan {
                    RemedyPlan::SetAside(path) => {
                        let words = format!("{} gets another name beside it.", path.display());
                        Some(text::body(words).into())
                    }
                    _ => None,
                };
                let plan = plan.plan();
                let is_empty = plan.is_some_and(crate::service::plan::Plan::is_empty);
                let warnings = plan
                    .map(|plan| shown::warnings(&plan.warnings))
                    .unwrap_or_default();
                let ended = plan.and_then(|plan| shown::ended_logins(&plan.ends_logins));
                let apply = button::primary("Apply")
                    .id("doctor-apply")
                    .on_press_maybe((!is_empty).then_some(Message::ApplyPressed));
                let mut parts = warnings;
                parts.push(shown::diff_views(diffs));
                parts.extend(aside);
                parts.extend(ended);
                parts.push(row![apply, close("Not now")].spacing(spacing::S).into());
                Column::with_children(parts).spacing(spacing::M).into()
            }
        };
        container(
            container(content)
                .width(Length::Fill)
                .padding(spacing::M)
                .style(style::well),
        )
        .padding(Padding::ZERO.top(spacing::S))
        .into()
    }
}
