//! One check on the page.

use iced::widget::{Column, Space, container, row, rule};
use iced::{Element, Length, Padding};

use super::Message;
use super::proposal::Proposal;
use crate::screen::shown::sentence;
use crate::service::doctor::{Announced, Check, CheckId, Detail, Group, Outcome};
use crate::ui::icon::{self, Icon};
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

/// Room for `20000 ms`.
const TIME: f32 = 72.0;

/// A check that was announced, and what came of it so far.
#[derive(Debug, Clone)]
pub(super) struct Row {
    announced: Announced,
    check: Option<Check>,
    /// Its details are shown.
    is_open: bool,
}

impl Row {
    pub fn new(announced: Announced) -> Self {
        Self {
            announced,
            check: None,
            is_open: false,
        }
    }

    pub fn id(&self) -> &CheckId {
        &self.announced.id
    }

    pub fn group(&self) -> Group {
        self.announced.group()
    }

    pub fn check(&self) -> Option<&Check> {
        self.check.as_ref()
    }

    /// Whether both were left out for the same reason, and neither says what it would have looked at.
    pub fn is_left_out_like(&self, other: &Self) -> bool {
        let reason = |row: &Self| {
            let check = row.check.as_ref()?;
            let is_left_out = check.outcome() == Outcome::Skip && row.announced.subject.is_empty();
            is_left_out.then(|| check.finding.message.clone())
        };
        reason(self).is_some_and(|own| reason(other) == Some(own))
    }

    /// What is not well shows its details at once.
    pub fn answered(&mut self, check: Check) {
        self.is_open = matches!(check.outcome(), Outcome::Warn | Outcome::Fail);
        self.check = Some(check);
    }

    pub fn toggle(&mut self) {
        self.is_open = !self.is_open;
    }

    pub fn view<'a>(&'a self, is_running: bool, proposal: Option<&'a Proposal>) -> Element<'a, Message> {
        let took = match &self.check {
            Some(check) if check.took.as_millis() > 0 => format!("{} ms", check.took.as_millis()),
            _ => String::new(),
        };
        let took = text::small(took)
            .style(style::muted)
            .wrapping(iced::widget::text::Wrapping::None);
        // Only what is there takes up space.
        let parts = [
            Some(self.title()),
            self.words(),
            self.details(),
            proposal.map(Proposal::view),
        ];
        let words = Column::with_children(parts.into_iter().flatten()).spacing(spacing::XXS);
        row![
            container(self.mark(is_running)).padding([2, 0]),
            container(words).width(Length::Fill),
            container(took).align_right(TIME).padding([2, 0]),
        ]
        .spacing(spacing::M)
        .into()
    }

    fn mark<'a>(&self, is_running: bool) -> Element<'a, Message> {
        let (icon, tone) = match self.check.as_ref().map(Check::outcome) {
            None if is_running => return progress::activity(),
            None => return Space::new().width(icon::SIZE).height(icon::SIZE).into(),
            Some(outcome) => mark_of(outcome),
        };
        icon.view().style(style::icon(tone)).into()
    }

    fn title(&self) -> Element<'_, Message> {
        let name = text::strong(self.announced.title());
        let name = match self.check.as_ref().map(Check::outcome) {
            Some(Outcome::Skip) | None => name.style(style::muted),
            _ => name.style(style::plain),
        };
        let subject = (!self.announced.subject.is_empty())
            .then(|| text::body(self.announced.subject.as_str()).style(style::muted));
        // What is well takes one line.
        let found = self.check.as_ref().filter(|check| is_well(check)).map(|check| {
            let words = sentence(&check.finding.message);
            text::body(words.trim_end_matches('.').to_owned()).style(style::muted)
        });
        row![name, subject, found].spacing(spacing::S).wrap().into()
    }

    /// What was found, why, what to do, and the button that does it.
    fn words(&self) -> Option<Element<'_, Message>> {
        let check = self.check.as_ref()?;
        let finding = &check.finding;
        let is_well = is_well(check);
        let message = (!is_well).then(|| {
            let message = text::body(sentence(&finding.message));
            match finding.outcome {
                Outcome::Fail => message.style(style::bad),
                _ => message.style(style::warning),
            }
        });
        let line = |words: &Option<String>| words.as_ref().map(|words| text::body(sentence(words)));
        let fix = finding.fix.as_ref().map(|fix| {
            button::secondary(fix.label())
                .id(format!("fix-{}", check.id()))
                .on_press(Message::RemedyPressed(check.id().clone()))
        });
        let details = (!finding.details.is_empty()).then(|| {
            let label = match (self.is_open, finding.details.len()) {
                (true, _) => "Hide details".to_owned(),
                (false, 1) => "1 detail".to_owned(),
                (false, count) => format!("{count} details"),
            };
            button::small_link(label)
                .flush()
                .id(format!("details-{}", check.id()))
                .on_press(Message::DetailsToggled(check.id().clone()))
        });
        let buttons = (fix.is_some() || details.is_some()).then(|| {
            let buttons = row![fix, details]
                .spacing(spacing::M)
                .align_y(iced::Center)
                .wrap();
            container(buttons).padding(Padding::ZERO.top(spacing::XS))
        });
        let remedy = if is_well { None } else { line(&finding.remedy) };
        let parts = [
            message.map(Element::from),
            line(&finding.cause).map(Element::from),
            remedy.map(Element::from),
            buttons.map(Element::from),
        ];
        let parts: Vec<Element<'_, Message>> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| Column::with_children(parts).spacing(spacing::XXS).into())
    }

    fn details(&self) -> Option<Element<'_, Message>> {
        let details = &self.check.as_ref()?.finding.details;
        if !self.is_open || details.is_empty() {
            return None;
        }
        let lines = Column::with_children(details.iter().map(detail)).spacing(spacing::XS);
        let well = container(lines)
            .width(Length::Fill)
            .padding([spacing::S, spacing::M])
            .style(style::well);
        Some(container(well).padding(Padding::ZERO.top(spacing::XS)).into())
    }
}

/// One row for checks that were left out for the same reason.
pub(super) fn left_out<'a>(rows: &[&'a Row]) -> Element<'a, Message> {
    let titles: Vec<&str> = rows.iter().map(|row| row.announced.title()).collect();
    let reason = rows.iter().find_map(|row| row.check.as_ref());
    let reason = reason.map(|check| {
        let words = sentence(&check.finding.message);
        text::body(words.trim_end_matches('.').to_owned()).style(style::muted)
    });
    let (icon, tone) = mark_of(Outcome::Skip);
    row![
        container(icon.view().style(style::icon(tone))).padding([2, 0]),
        row![text::strong(titles.join(", ")).style(style::muted), reason]
            .spacing(spacing::S)
            .width(Length::Fill)
            .wrap(),
    ]
    .spacing(spacing::M)
    .into()
}

fn is_well(check: &Check) -> bool {
    matches!(check.outcome(), Outcome::Pass | Outcome::Skip)
}

fn mark_of(outcome: Outcome) -> (Icon, Tone) {
    match outcome {
        Outcome::Pass => (Icon::Check, Tone::Good),
        Outcome::Warn => (Icon::Warning, Tone::Warning),
        Outcome::Fail => (Icon::Close, Tone::Bad),
        Outcome::Skip => (Icon::Dash, Tone::Neutral),
    }
}

fn detail(detail: &Detail) -> Element<'_, Message> {
    let (icon, tone) = mark_of(detail.outcome);
    row![
        icon.view().style(style::icon(tone)),
        container(text::small(detail.text.as_str())).width(Length::Fill)
    ]
    .spacing(spacing::S)
    .into()
}

/// The rows of a group in a card, lines between them.
pub(super) fn card<'a>(rows: Vec<Element<'a, Message>>) -> Element<'a, Message> {
    let mut all = Column::new().spacing(spacing::M);
    for (place, row) in rows.into_iter().enumerate() {
        if place > 0 {
            all = all.push(rule::horizontal(spacing::LINE).style(style::separator));
        }
        all = all.push(row);
    }
    container(all)
        .width(Length::Fill)
        .padding([spacing::M, spacing::L])
        .style(style::card)
        .into()
}
