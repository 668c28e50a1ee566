//! How the page is laid out, in each of its states.

use iced::widget::{column, container, responsive, row, scrollable};
use iced::{Center, Element, Fill, Padding, Size};

use super::editor::{Editor, Phase};
use super::{ADD, ManageChannels, Message, State, side, table};
use crate::conda::channel::ChannelPriority;
use crate::error::Problem;
use crate::screen::shown;
use crate::screen::typed::Typed;
use crate::ui::form_field::FormField;
use crate::ui::intercept::{self, intercept};
use crate::ui::modal::slim_bar;
use crate::ui::segmented::segmented;
use crate::ui::style;
use crate::ui::{button, progress, spacing, text};

/// From here on details and changes have their place beside the table.
const WIDE: f32 = 820.0;
const TALL: f32 = 440.0;
/// How high the table is where the page as a whole scrolls.
const LOW_TABLE: f32 = 6.0 * spacing::ROW_HEIGHT;
/// The widest that words and banners get.
const MEASURE: f32 = 560.0;
/// Below, the choice of the priority has a line of its own.
const ONE_LINE: f32 = 640.0;

pub(super) fn view(page: &ManageChannels) -> Element<'_, Message> {
    match &page.state {
        State::Loading(_) => alone(
            row![
                progress::activity(),
                text::body("Reading what conda searches…").style(style::muted)
            ]
            .spacing(spacing::M)
            .align_y(Center),
        ),
        State::Failed(problem) => alone(failed(problem)),
        State::Ready(editor) => intercept(responsive(move |size| ready(page, editor, size)), |seen| {
            intercept::is_confirm(seen.event).then_some(Message::ApplyPressed)
        })
        .into(),
    }
}

/// A page with one thing to say.
fn alone<'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    let content = container(content).max_width(MEASURE);
    scrollable(
        column![text::title("Channels"), content]
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

fn failed<'a>(problem: &Problem) -> Element<'a, Message> {
    shown::problem(problem)
        .button(
            button::secondary("Try again")
                .id("manage-retry")
                .on_press(Message::RetryPressed),
        )
        .into()
}

fn ready<'a>(page: &'a ManageChannels, editor: &'a Editor, size: Size) -> Element<'a, Message> {
    let is_wide = size.width >= WIDE && size.height >= TALL;
    let margin = if is_wide { spacing::PAGE } else { spacing::L };
    let inner = (size.width - 2.0 * margin).max(0.0);
    let refusal = match &editor.phase {
        Phase::Refused(problem) => Some(Element::from(shown::problem(problem))),
        Phase::Arranging | Phase::Applying | Phase::Written => None,
    };
    if is_wide {
        let left = inner - side::WIDTH - spacing::L;
        let list = column![adding(editor), table::view(editor, &page.home, left)].spacing(spacing::M);
        let pane = scrollable(container(side::view(page, editor)).padding(side::AROUND))
            .direction(scrollable::Direction::Vertical(slim_bar()))
            .style(style::scroll)
            .width(side::WIDTH)
            .height(Fill);
        return column![
            head(editor, size),
            row![list, pane].spacing(spacing::L).height(Fill),
            refusal,
            footer(editor, inner),
        ]
        .spacing(spacing::L)
        .padding(margin)
        .into();
    }
    let height = (editor.draft.positions().len().clamp(2, 6) + 1) as f32 * spacing::ROW_HEIGHT;
    let table =
        container(table::view(editor, &page.home, inner)).height(height.min(LOW_TABLE + spacing::ROW_HEIGHT));
    let whole = column![
        head(editor, size),
        adding(editor),
        table,
        side::view(page, editor)
    ]
    .spacing(spacing::L)
    .padding(margin);
    let sides = Padding {
        top: spacing::S,
        ..Padding::from(margin)
    };
    let foot = column![refusal, footer(editor, inner)].spacing(spacing::S);
    column![
        scrollable(whole)
            .direction(scrollable::Direction::Vertical(slim_bar()))
            .style(style::scroll)
            .width(Fill)
            .height(Fill),
        container(foot).padding(sides),
    ]
    .into()
}

fn head(editor: &Editor, size: Size) -> Element<'_, Message> {
    let is_narrow = size.width < ONE_LINE;
    let (label, id, press) = match (&editor.server, is_narrow) {
        (Some(_), false) => ("Choose from the server…", "manage-choose", Message::ChoosePressed),
        (Some(_), true) => ("Choose…", "manage-choose", Message::ChoosePressed),
        (None, false) => ("Sign in to choose…", "manage-connect", Message::ConnectPressed),
        (None, true) => ("Sign in…", "manage-connect", Message::ConnectPressed),
    };
    let choose = button::secondary(label)
        .id(id)
        .on_press_maybe((!editor.is_applying()).then_some(press));
    // A low page has no height to give to words that are known by the second time.
    let words = (size.height >= TALL).then(|| {
        text::body("What conda searches, in this order. Where two channels have a package, the upper one comes first.")
            .style(style::muted)
    });
    let words = column![text::title("Channels"), words].spacing(spacing::XXS);
    let upload = button::secondary("Upload…")
        .id("manage-upload")
        .on_press_maybe((!editor.is_applying()).then_some(Message::UploadPressed));
    row![container(words).width(Fill), upload, choose]
        .spacing(spacing::M)
        .into()
}

/// The field for a channel to add.
fn adding(editor: &Editor) -> Element<'_, Message> {
    let adding = &editor.adding;
    let field = FormField::new(
        "Add a channel: research, https://… or a line from a manual",
        adding.text(),
    )
    .id(ADD)
    .on_input(|text| Message::AddTyped(Typed::new(text)))
    .on_submit(Message::AddPressed);
    let add = button::secondary("Add")
        .id("manage-add-now")
        .on_press_maybe((adding.can_add() && !editor.is_applying()).then_some(Message::AddPressed));
    let line = row![
        Element::from(field),
        container(add).padding(Padding::ZERO.top(2.0))
    ]
    .spacing(spacing::S);
    let below: Element<'_, Message> = match adding.problem() {
        Some(problem) => shown::problem(problem).into(),
        None => text::small(adding.note()).style(style::muted).into(),
    };
    column![line, below].spacing(spacing::XS).into()
}

/// The values of the channel priority as a person chooses among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Priority(ChannelPriority);

impl std::fmt::Display for Priority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            ChannelPriority::Strict => "Strict",
            ChannelPriority::Flexible => "Flexible",
            ChannelPriority::Disabled => "Disabled",
        })
    }
}

pub(super) fn priority(editor: &Editor) -> Element<'_, Message> {
    let before = &editor.draft.before().priority;
    let value = editor.draft.priority;
    let choice = segmented(ChannelPriority::ALL.map(Priority), Priority(value), |chosen| {
        Message::PriorityChosen(chosen.0)
    })
    .id("manage-priority")
    .enabled(before.fixed_because.is_none() && !editor.is_applying());
    let words = match (&before.fixed_because, value) {
        (Some(reason), _) => reason.clone(),
        (None, ChannelPriority::Strict) => {
            "A package comes from the first channel that has it, and from no other.".to_owned()
        }
        (None, ChannelPriority::Flexible) => {
            "A later channel is looked at where no version of an earlier one fits.".to_owned()
        }
        (None, ChannelPriority::Disabled) => "The newest version wins, from whatever channel.".to_owned(),
    };
    column![
        text::heading("Channel priority"),
        choice,
        text::small(words).style(style::muted)
    ]
    .spacing(spacing::XS)
    .into()
}

fn footer(editor: &Editor, width: f32) -> Element<'_, Message> {
    let is_applying = editor.is_applying();
    let note = if is_applying {
        "Writing…"
    } else if editor.draft.before().locked_because.is_some() {
        "The channels of this computer are fixed."
    } else if width >= WIDE - 2.0 * spacing::PAGE {
        "Alt+↑ ↓ moves, → and ← go into and out of defaults, Delete takes out."
    } else {
        ""
    };
    let note = row![
        is_applying.then(progress::activity),
        text::small(note).style(style::muted)
    ]
    .spacing(spacing::S)
    .align_y(Center);
    let again = (width >= ONE_LINE).then(|| {
        let press = (!editor.is_checking() && !is_applying).then_some(Message::CheckAgainPressed);
        button::secondary("Check again")
            .id("manage-check")
            .on_press_maybe(press)
    });
    let can_apply = editor.can_apply();
    let revert = button::secondary("Revert")
        .id("manage-revert")
        .on_press_maybe(can_apply.then_some(Message::RevertPressed));
    let apply = button::primary("Apply")
        .id("manage-apply")
        .on_press_maybe(can_apply.then_some(Message::ApplyPressed));
    row![container(note).width(Fill), again, revert, apply]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}
