//! What a set-up will change, shown in its section before it happens, and what an administrator has to do.

use std::path::Path;

use iced::widget::{Column, column, container, row};
use iced::{Element, Length};

use super::{Message, Part};
use crate::error::Problem;
use crate::screen::{Key, shown};
use crate::service::setup::{ByHand, SetupPlan};
use crate::ui::banner::Banner;
use crate::ui::copy_line::copy_line;
use crate::ui::diff_view::{Diff, diff_view};
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

/// The id of the button that carries it out.
pub(super) const APPLY: &str = "clients-apply";

#[derive(Debug, Clone)]
pub(super) struct Proposal {
    part: Part,
    state: State,
    /// The step whose command lies in the clipboard.
    copied: Option<usize>,
}

#[derive(Debug, Clone)]
enum State {
    Planning(Key),
    Shown(Shown),
    AtWork {
        key: Key,
        shown: Shown,
    },
    /// Sextant's part is done; the rest is for somebody else.
    ByHand(Shown),
    Failed(Problem),
}

#[derive(Debug, Clone)]
struct Shown {
    plan: Box<SetupPlan>,
    diffs: Vec<Diff>,
    by_hand: Vec<Option<Diff>>,
}

impl Proposal {
    pub fn new(part: Part, key: Key) -> Self {
        Self {
            part,
            state: State::Planning(key),
            copied: None,
        }
    }

    pub fn is_for(&self, part: Part) -> bool {
        self.part == part
    }

    pub fn planned(&mut self, key: Key, result: Result<Box<SetupPlan>, Problem>, home: &Path) {
        if !matches!(self.state, State::Planning(own) if own == key) {
            return;
        }
        self.state = match result {
            Ok(plan) => State::Shown(Shown {
                diffs: shown::diffs(&plan.plan, home),
                by_hand: plan
                    .by_hand
                    .iter()
                    .map(|step| step.diff.as_ref().map(|diff| shown::file_diff(diff, home)))
                    .collect(),
                plan,
            }),
            Err(problem) => State::Failed(problem),
        };
    }

    /// The plan that is to be carried out, the first time it is asked for.
    pub fn apply(&mut self) -> Option<(Key, Box<SetupPlan>)> {
        let State::Shown(shown) = &self.state else {
            return None;
        };
        if shown.plan.plan.is_empty() {
            return None;
        }
        let key = Key::fresh();
        let plan = shown.plan.clone();
        self.state = State::AtWork {
            key,
            shown: shown.clone(),
        };
        Some((key, plan))
    }

    pub fn waits_for(&self, key: Key) -> bool {
        matches!(&self.state, State::AtWork { key: own, .. } if *own == key)
    }

    pub fn is_at_work(&self) -> bool {
        matches!(self.state, State::AtWork { .. })
    }

    /// It was carried out. Whether something is left to be done by hand.
    pub fn done(&mut self) -> bool {
        let State::AtWork { shown, .. } = &self.state else {
            return false;
        };
        let is_left = !shown.plan.by_hand.is_empty();
        if is_left {
            self.state = State::ByHand(shown.clone());
        }
        is_left
    }

    pub fn failed(&mut self, problem: Problem) {
        self.state = State::Failed(problem);
    }

    /// The command of a step, to be copied.
    pub fn copied(&mut self, step: usize) -> Option<String> {
        let (State::Shown(shown) | State::ByHand(shown)) = &self.state else {
            return None;
        };
        let command = shown.plan.by_hand.get(step)?.command.clone();
        self.copied = Some(step);
        Some(command)
    }

    pub fn view(&self) -> Element<'_, Message> {
        let close = |label: &'static str| {
            button::secondary(label)
                .id("clients-close")
                .on_press(Message::ProposalClosed)
        };
        let content: Element<'_, Message> = match &self.state {
            State::Planning(_) => shown::working("Reading the files"),
            State::Failed(problem) => shown::problem(problem).button(close("Close")).into(),
            State::AtWork { shown, .. } => column![
                shown::diff_views(&shown.diffs),
                shown::working("Changing the files")
            ]
            .spacing(spacing::M)
            .into(),
            State::ByHand(shown) => {
                let parts = self.steps(shown).into_iter().chain([close("Close").into()]);
                Column::with_children(parts).spacing(spacing::M).into()
            }
            State::Shown(shown) if shown.plan.is_empty() => {
                let same = text::body("It is so already.").style(style::good);
                let mut parts = shown::warnings(&shown.plan.plan.warnings);
                parts.extend([same.into(), close("Close").into()]);
                Column::with_children(parts).spacing(spacing::M).into()
            }
            State::Shown(shown) => {
                let mut parts = Vec::new();
                if !shown.diffs.is_empty() {
                    parts.push(shown::diff_views(&shown.diffs));
                }
                parts.extend(shown::warnings(&shown.plan.plan.warnings));
                let apply = (!shown.plan.plan.is_empty())
                    .then(|| button::primary("Apply").id(APPLY).on_press(Message::ApplyPressed));
                let not_now = close(if apply.is_some() { "Not now" } else { "Close" });
                parts.extend(self.steps(shown));
                parts.push(row![apply, not_now].spacing(spacing::S).into());
                Column::with_children(parts).spacing(spacing::M).into()
            }
        };
        container(content)
            .width(Length::Fill)
            .padding(spacing::M)
            .style(style::well)
            .into()
    }

    /// What is done by hand, and what is left to do afterwards.
    fn steps<'a>(&'a self, shown: &'a Shown) -> Vec<Element<'a, Message>> {
        let steps = shown.plan.by_hand.iter().zip(&shown.by_hand).enumerate();
        let steps = steps.map(|(at, (step, diff))| self.step(at, step, diff.as_ref()));
        let afterwards = shown.plan.afterwards.iter();
        let afterwards =
            afterwards.map(|step| text::small(format!("Then {step}")).style(style::muted).into());
        steps.chain(afterwards).collect()
    }

    fn step<'a>(&self, at: usize, step: &'a ByHand, diff: Option<&'a Diff>) -> Element<'a, Message> {
        let words = match step.needs_administrator {
            true => format!(
                "This account may not change {}. An administrator can, with this command.",
                step.what
            ),
            false => format!("{} is changed by this command.", step.what),
        };
        let label = if self.copied == Some(at) { "Copied" } else { "Copy" };
        let copy = button::small_link(label)
            .id(format!("clients-copy-{at}"))
            .on_press(Message::CopyPressed(at));
        let parts = [
            Some(Banner::new(Tone::Info, words).into()),
            diff.map(diff_view),
            Some(copy_line(step.command.clone(), copy)),
        ];
        Column::with_children(parts.into_iter().flatten())
            .spacing(spacing::S)
            .into()
    }
}
