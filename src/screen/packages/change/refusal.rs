//! Why there is no plan, in a form that can be read.

use iced::widget::{Column, column, container, row, rule};
use iced::{Element, Length};

use crate::error::{Kind, Problem};
use crate::package::solve::{Explanation, Reason};
use crate::screen::shown;
use crate::ui::banner::Banner;
use crate::ui::style::{self, Tone};
use crate::ui::{spacing, text};

use super::Message;

/// What stands in the way of what is wanted.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// No set of packages fulfils it.
    Unsolvable(Explanation),
    /// Anything else.
    Other(Problem),
}

impl From<Explanation> for Refusal {
    fn from(explanation: Explanation) -> Self {
        Self::Unsolvable(explanation)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

impl Refusal {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Unsolvable(_) => Kind::Unsolvable,
            Self::Other(problem) => problem.kind,
        }
    }

    pub(super) fn view(&self) -> Element<'_, Message> {
        let explanation = match self {
            Self::Unsolvable(explanation) => explanation,
            Self::Other(problem) => return shown::problem(problem).into(),
        };
        let why = (!explanation.reasons.is_empty()).then(|| {
            let reasons = explanation.reasons.iter().map(|reason| reason_view(reason, true));
            let reasons = Column::with_children(reasons).spacing(spacing::S);
            let well = container(reasons)
                .padding(spacing::M)
                .width(Length::Fill)
                .style(style::well);
            column![text::heading("Why"), well].spacing(spacing::XS)
        });
        let advice = (!explanation.advice.is_empty()).then(|| {
            let lines = explanation.advice.iter().map(|line| {
                row![
                    text::body("•").style(style::accent),
                    text::body(shown::sentence(line))
                ]
                .spacing(spacing::S)
                .into()
            });
            column![text::heading("What you can try"), Column::with_children(lines)].spacing(spacing::XS)
        });
        column![
            Banner::new(Tone::Bad, shown::sentence(&explanation.headline)),
            why,
            advice
        ]
        .spacing(spacing::L)
        .into()
    }
}

/// A sentence, and what stands behind it under a line of its own.
fn reason_view(reason: &Reason, is_first: bool) -> Element<'_, Message> {
    let words = text::body(shown::sentence(&reason.text));
    let words = if is_first {
        words
    } else {
        words.style(style::muted)
    };
    if reason.because.is_empty() {
        return words.into();
    }
    let because = reason.because.iter().map(|reason| reason_view(reason, false));
    let because = Column::with_children(because).spacing(spacing::XS);
    let line = container(rule::vertical(spacing::LINE).style(style::separator)).padding([0.0, spacing::S]);
    column![words, row![line, because].height(Length::Shrink)]
        .spacing(spacing::XS)
        .into()
}
