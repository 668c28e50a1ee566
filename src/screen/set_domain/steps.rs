//! The steps of a check, as they are shown and as they are summed up.

use iced::widget::container;
use iced::{Element, Length};

use crate::repository::{CheckStep, Outcome, Step};
use crate::ui::progress::{self, StepState};
use crate::ui::{spacing, style};

/// The steps so far; while the check runs also those to come.
pub(super) fn steps_view<'a, Message: 'a>(reported: &[CheckStep], is_running: bool) -> Element<'a, Message> {
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
