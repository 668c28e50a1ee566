//! How the page is laid out, in each of its states.

use iced::widget::{Column, column, container, responsive, row, scrollable, space};
use iced::{Center, Element, Fill, Padding, Size};

use crate::error::{Kind, Problem};
use crate::repository::ChannelProgress;
use crate::ui::banner::Banner;
use crate::ui::intercept::{self, intercept};
use crate::ui::modal::slim_bar;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

use super::picker::{Phase, Picker};
use super::rows::grouped;
use super::selection::List;
use super::{Channels, Listing, Message, State, order_pane, table};

/// From here on the order of search has its place beside the table.
const WIDE: f32 = 760.0;
const TALL: f32 = 440.0;
/// How high the table is where the page as a whole scrolls.
const LOW_TABLE: f32 = 6.0 * spacing::ROW_HEIGHT;
/// The widest that words and banners get.
const MEASURE: f32 = 560.0;

pub(super) fn view(channels: &Channels) -> Element<'_, Message> {
    match &channels.state {
        State::NotSignedIn => alone(
            text::title("Channels"),
            column![
                text::body("You are not signed in. Sign in to a repository, then choose here which of its channels conda searches.")
                    .style(style::muted),
                button::primary("Connect").id("channels-connect").on_press(Message::ConnectPressed),
            ]
            .spacing(spacing::L),
            None,
        ),
        State::Loading { progress, .. } => alone(title(channels), loading(*progress), skip(channels)),
        State::Failed(problem) => alone(title(channels), failed(problem), skip(channels)),
        State::Ready(picker) => intercept(
            responsive(move |size| ready(channels, picker, size)),
            |seen| intercept::is_confirm(seen.event).then_some(Message::AddPressed),
        )
        .into(),
    }
}

fn title(channels: &Channels) -> iced::widget::Text<'_> {
    text::title(format!("Channels of {}", channels.source.host))
}

/// A page with one thing to say.
fn alone<'a>(
    title: iced::widget::Text<'a>,
    content: impl Into<Element<'a, Message>>,
    skip: Option<Element<'a, Message>>,
) -> Element<'a, Message> {
    let content = container(content).max_width(MEASURE);
    scrollable(
        column![title, content, skip]
            .spacing(spacing::L)
            .padding(spacing::PAGE)
            .width(Fill),
    )
    .direction(scrollable::Direction::Vertical(slim_bar()))
    .style(style::scroll)
    .width(Fill)
    .height(Fill)
    .into()
}

fn loading<'a>(progress: Option<ChannelProgress>) -> Element<'a, Message> {
    let count = |number: usize| grouped(number as u64, ',');
    let (words, share) = match progress {
        None => ("Reading the channels…".to_owned(), None),
        Some(ChannelProgress { loaded, total: None }) => {
            (format!("Reading the channels: {}", count(loaded)), None)
        }
        Some(ChannelProgress {
            loaded,
            total: Some(total),
        }) => (
            format!(
                "Reading the channels: {} of {}",
                count(loaded),
                count(total.max(loaded))
            ),
            Some(loaded as f32 / total.max(1) as f32),
        ),
    };
    let cancel = button::secondary("Cancel")
        .id("channels-cancel")
        .on_press(Message::CancelPressed);
    let line = row![
        progress::activity(),
        container(text::body(words)).width(Fill),
        cancel
    ]
    .spacing(spacing::M)
    .align_y(Center);
    column![line, share.map(progress::bar)].spacing(spacing::S).into()
}

fn failed<'a>(problem: &Problem) -> Element<'a, Message> {
    let tone = if problem.kind == Kind::Cancelled {
        Tone::Neutral
    } else {
        Tone::Bad
    };
    let retry = button::secondary("Retry")
        .id("channels-retry")
        .on_press(Message::RetryPressed);
    banner(tone, problem).button(retry).into()
}

/// A problem where it happened.
pub(super) fn banner<'a>(tone: Tone, problem: &Problem) -> Banner<'a, Message> {
    let mut banner = Banner::new(tone, problem.message.clone());
    if let Some(cause) = &problem.cause {
        banner = banner.cause(cause.clone());
    }
    if let Some(remedy) = &problem.remedy {
        banner = banner.remedy(remedy.clone());
    }
    banner
}

const SKIP_HINT: &str = "conda finds no packages until channels are added";

/// **Skip** under a list that is not there.
fn skip<'a>(channels: &Channels) -> Option<Element<'a, Message>> {
    let line = || {
        row![
            button::secondary("Skip")
                .id("channels-skip")
                .on_press(Message::SkipPressed),
            text::small(format!("{SKIP_HINT}.")).style(style::muted),
        ]
        .spacing(spacing::M)
        .align_y(Center)
        .into()
    };
    channels.is_after_sign_in.then(line)
}

fn ready<'a>(channels: &'a Channels, picker: &'a Picker, size: Size) -> Element<'a, Message> {
    let is_wide = size.width >= WIDE && size.height >= TALL;
    let margin = if is_wide { spacing::PAGE } else { spacing::L };
    let inner = (size.width - 2.0 * margin).max(0.0);
    let program = channels.source.program.map(|program| {
        let words = format!(
            "{program} is logged in here. With Add Channels, Sextant looks after that login too; until then nothing is changed."
        );
        text::body(words).style(style::muted)
    });
    let manage = button::secondary("All channels of conda")
        .id("channels-manage")
        .on_press_maybe((!picker.is_applying()).then_some(Message::ManagePressed));
    let words = column![
        title(channels),
        text::body(summary(picker.rows.len(), picker.rows.shown().len())).style(style::muted),
        program,
    ]
    .spacing(spacing::XXS);
    let head: Element<'_, Message> = match inner >= MEASURE {
        true => row![container(words).width(Fill), manage]
            .spacing(spacing::M)
            .into(),
        false => column![words, manage].spacing(spacing::S).into(),
    };
    let finder = (channels.source.listing == Listing::Partial)
        .then(|| picker.finder.view(!picker.is_applying(), inner));
    let refusal = match &picker.phase {
        Phase::Refused(problem) => Some(banner(Tone::Bad, problem)),
        _ => None,
    };
    if is_wide {
        let table = table::view(picker, inner - order_pane::WIDTH - spacing::L);
        let pane = scrollable(container(order_pane::view(picker)).padding(order_pane::AROUND))
            .direction(scrollable::Direction::Vertical(slim_bar()))
            .style(style::scroll)
            .width(order_pane::WIDTH)
            .height(Fill);
        return column![
            column![head, finder, table::tools(picker, inner)].spacing(spacing::L),
            row![table, pane].spacing(spacing::L).height(Fill),
            refusal,
            footer(channels, picker, inner),
        ]
        .spacing(spacing::M)
        .padding(margin)
        .into();
    }
    let table = container(table::view(picker, inner)).height(LOW_TABLE);
    let page = column![
        head,
        finder,
        table::tools(picker, inner),
        table,
        order_pane::view(picker)
    ]
    .spacing(spacing::L)
    .padding(margin);
    let sides = Padding {
        top: spacing::S,
        ..Padding::from(margin)
    };
    let foot = column![refusal, footer(channels, picker, inner)].spacing(spacing::S);
    column![
        scrollable(page)
            .direction(scrollable::Direction::Vertical(slim_bar()))
            .style(style::scroll)
            .width(Fill)
            .height(Fill),
        container(foot).padding(sides),
    ]
    .into()
}

/// `Choose what conda searches. 2,501 channels, 9 shown.`
fn summary(all: usize, shown: usize) -> String {
    let noun = if all == 1 { "channel" } else { "channels" };
    let count = |number: usize| grouped(number as u64, ',');
    format!(
        "Choose what conda searches. {} {noun}, {} shown.",
        count(all),
        count(shown)
    )
}

fn footer<'a>(channels: &'a Channels, picker: &'a Picker, width: f32) -> Element<'a, Message> {
    let is_applying = picker.is_applying();
    let note = if is_applying {
        "Writing…".to_owned()
    } else if channels.is_after_sign_in && picker.selection.list(List::Channels).is_empty() {
        format!("{SKIP_HINT}.")
    } else if width >= WIDE {
        "In the table, Space ticks channels and Shift+Space default_channels.".to_owned()
    } else {
        String::new()
    };
    let note = row![
        is_applying.then(progress::activity),
        text::small(note).style(style::muted)
    ]
    .spacing(spacing::S)
    .align_y(Center);
    let other = if channels.is_after_sign_in {
        let press = (!is_applying).then_some(Message::SkipPressed);
        let skip = button::secondary("Skip")
            .id("channels-skip")
            .on_press_maybe(press);
        text::hint(skip, SKIP_HINT)
    } else {
        let press = picker
            .can_apply()
            .then_some(Message::Pick(super::Pick::RevertPressed));
        button::secondary("Revert")
            .id("channels-revert")
            .on_press_maybe(press)
            .into()
    };
    let add = button::primary("Add Channels")
        .id("channels-add")
        .on_press_maybe(picker.can_apply().then_some(Message::AddPressed));
    row![container(note).width(Fill), other, add]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}

/// Parts under each other, as wide as their place.
pub(super) fn stack<'a>(
    parts: impl IntoIterator<Item = Element<'a, Message>>,
    gap: f32,
) -> Element<'a, Message> {
    let mut stack = Column::new().spacing(gap).width(Fill);
    for part in parts {
        stack = stack.push(part);
    }
    stack.push(space().height(0)).into()
}
