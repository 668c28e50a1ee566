//! The table of channels, and what stands above it.

use iced::widget::{column, container, row, space};
use iced::{Center, Element, Fill, Length};

use crate::ui::check_box::check_box;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{header, virtual_list};
use crate::ui::{button, form_field, pick::pick, spacing, text};

use super::Message;
use super::picker::{Pick, Picker, SEARCH};
use super::rows::{Column, PrivacyFilter, Row};
use super::selection::List;

const SEARCH_WIDTH: f32 = 300.0;
const PRIVACY_WIDTH: f32 = 98.0;
const ARTIFACTS_WIDTH: f32 = 72.0;
/// Below, the search field has a line of its own.
const ONE_LINE: f32 = 600.0;

/// Which columns there is room for; name and ticks are always there.
#[derive(Debug, Clone, Copy)]
struct Columns {
    has_privacy: bool,
    has_owners: bool,
    has_artifacts: bool,
    default_channels: f32,
    channels: f32,
}

impl Columns {
    fn for_width(width: f32) -> Self {
        Self {
            has_privacy: width >= 440.0,
            has_owners: width >= 600.0,
            has_artifacts: width >= 520.0,
            default_channels: 116.0,
            channels: if width >= 480.0 { 80.0 } else { 64.0 },
        }
    }

    fn tick_width(self, list: List) -> f32 {
        match list {
            List::Channels => self.channels,
            List::DefaultChannels => self.default_channels,
        }
    }
}

/// Search, filter, **Tick all shown**.
pub(super) fn tools<'a>(picker: &'a Picker, width: f32) -> Element<'a, Message> {
    let search = form_field::search("Search channels…", &picker.search)
        .id(SEARCH)
        .on_input(|search| Message::Pick(Pick::SearchChanged(search)))
        .on_submit(Message::Pick(Pick::SearchSubmitted));
    let chosen = PrivacyFilter::ALL
        .iter()
        .position(|filter| *filter == picker.rows.privacy());
    let privacy = pick(
        PrivacyFilter::ALL.map(PrivacyFilter::label),
        chosen.unwrap_or(0),
        |index| {
            let filter = PrivacyFilter::ALL.get(index).copied().unwrap_or_default();
            Message::Pick(Pick::PrivacyChosen(filter))
        },
    )
    .id("channels-privacy");
    let can_tick = !picker.is_applying() && picker.tickable_shown().next().is_some();
    let label = if picker.is_all_shown_ticked() {
        "Untick all shown"
    } else {
        "Tick all shown"
    };
    let tick_all = button::secondary(label)
        .id("channels-tick-all")
        .on_press_maybe(can_tick.then_some(Message::Pick(Pick::TickAllPressed)));
    let tick_all = text::hint(tick_all, "In the column “Add to channels”.");
    let which = (width >= 400.0).then(|| text::small("for channels").style(style::muted));
    let rest = row![privacy, tick_all, which].spacing(spacing::S).align_y(Center);
    if width >= ONE_LINE {
        row![search.width(SEARCH_WIDTH), rest]
            .spacing(spacing::S)
            .align_y(Center)
            .into()
    } else {
        column![search, rest].spacing(spacing::S).into()
    }
}

/// Header and rows, as high as its place.
pub(super) fn view<'a>(picker: &'a Picker, width: f32) -> Element<'a, Message> {
    let columns = Columns::for_width(width);
    let shown = picker.rows.shown().len();
    let rows: Element<'a, Message> = if shown == 0 {
        nothing(picker)
    } else {
        virtual_list(
            &picker.table,
            shown,
            |event| Message::Pick(Pick::Table(event)),
            move |position| {
                let Some((index, row)) = picker.row_at(position) else {
                    return (usize::MAX, space().into());
                };
                (index, row_view(picker, columns, position, index, row))
            },
        )
    };
    column![heads(picker, columns), rows]
        .width(Fill)
        .height(Fill)
        .into()
}

fn heads<'a>(picker: &Picker, columns: Columns) -> Element<'a, Message> {
    let head = |label: &str, column: Column| {
        button::column_header(label, picker.rows.order_of(column))
            .on_press(Message::Pick(Pick::HeaderPressed(column)))
    };
    let ticks = |label: &str, list: List| {
        container(head(label, Column::Ticks(list))).center_x(columns.tick_width(list))
    };
    let cells = row![
        container(head("Name", Column::Name)).width(Length::FillPortion(2)),
        columns
            .has_privacy
            .then(|| container(head("Privacy", Column::Privacy)).width(PRIVACY_WIDTH)),
        columns
            .has_owners
            .then(|| container(head("Owners", Column::Owners)).width(Length::FillPortion(1))),
        columns
            .has_artifacts
            .then(|| container(head("Artifacts", Column::Artifacts)).width(ARTIFACTS_WIDTH)),
        ticks("Add to\ndefault_channels", List::DefaultChannels),
        ticks("Add to\nchannels", List::Channels),
    ];
    header(cells.spacing(spacing::S).align_y(Center))
}

fn row_view<'a>(
    picker: &'a Picker,
    columns: Columns,
    position: usize,
    index: usize,
    row: &'a Row,
) -> Element<'a, Message> {
    let muted = |words: &'a str| text::body(if words.is_empty() { "—" } else { words }).style(style::muted);
    let tick = |list: List| {
        let can_tick = row.entry.is_some() && !picker.is_applying();
        let mut tick = check_box(picker.selection.is_ticked(list, index))
            .name(format!("{}: Add to {}", row.name, list.key()))
            .tab_stop(false);
        if can_tick {
            tick = tick.on_toggle(move |_| Message::Pick(Pick::TickPressed { list, position }));
        }
        container(tick).center_x(columns.tick_width(list))
    };
    row![
        container(name(row)).width(Length::FillPortion(2)).clip(true),
        columns
            .has_privacy
            .then(|| text::cell(privacy(row), PRIVACY_WIDTH)),
        columns
            .has_owners
            .then(|| text::cell(muted(&row.owners), Length::FillPortion(1))),
        columns
            .has_artifacts
            .then(|| text::cell(artifacts(row), ARTIFACTS_WIDTH)),
        tick(List::DefaultChannels),
        tick(List::Channels),
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

fn name(row: &Row) -> Element<'_, Message> {
    let name = text::strong(row.name.as_str()).wrapping(iced::widget::text::Wrapping::None);
    let badge = row.is_mirror.then(|| text::badge("mirror", Tone::Neutral));
    let line = row![name, badge].spacing(spacing::S).align_y(Center);
    let explanation = match (&row.entry, row.description.as_str()) {
        (None, _) => "conda would not understand this name, so it cannot be added.",
        (Some(_), "") => return line.into(),
        (Some(_), description) => description,
    };
    text::hint(line, explanation)
}

fn privacy(row: &Row) -> iced::widget::Text<'_> {
    match row.privacy.as_str() {
        "" => text::body("—").style(style::muted),
        word => text::body(word),
    }
}

fn artifacts(row: &Row) -> iced::widget::Text<'_> {
    match row.artifacts.as_str() {
        "" => text::body("—").style(style::muted),
        count => text::body(count),
    }
}

/// In the place of rows that are not there.
fn nothing<'a>(picker: &Picker) -> Element<'a, Message> {
    let words = if picker.rows.len() == 0 {
        "The server lists no channels for this account."
    } else {
        "No channel matches."
    };
    let clear = (!picker.search.is_empty()).then(|| {
        button::link("Clear the search")
            .id("channels-clear")
            .on_press(Message::Pick(Pick::SearchChanged(String::new())))
    });
    container(
        row![text::body(words).style(style::muted), clear]
            .spacing(spacing::S)
            .align_y(Center),
    )
    .padding([spacing::M, spacing::S])
    .height(Fill)
    .into()
}
