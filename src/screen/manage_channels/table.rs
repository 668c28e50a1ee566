//! The list of channels: order, name, address, how the server answers, and where the entry stands.

use std::path::Path;

use iced::widget::{column, container, mouse_area, row, space};
use iced::{Center, Element, Fill, Length, mouse};

use super::Message;
use super::arranging::Edit;
use super::draft::{CheckState, Position, Row};
use super::editor::Editor;
use crate::conda::channel::ChannelEntry;
use crate::service::manage_channels::{ChannelState, CheckedChannel, Freedom, List, RowPlace};
use crate::service::plan::short_path;
use crate::ui::icon::{self, Icon};
use crate::ui::intercept::{self, intercept};
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{header, virtual_list};
use crate::ui::{button, spacing, text};

const NUMBER_WIDTH: f32 = 30.0;
const STATE_WIDTH: f32 = 108.0;
const PLACE_WIDTH: f32 = 112.0;
/// The usual width of a letter, for what has to be shortened.
const LETTER: f32 = 8.2;
/// The buttons of a row.
const BUTTONS_WIDTH: f32 = 4.0 * 24.0;

/// Which columns there is room for; order, name and state are always there.
#[derive(Debug, Clone, Copy)]
struct Columns {
    has_address: bool,
    has_place: bool,
    /// For how many letters there is room.
    name_letters: usize,
    address_letters: usize,
}

impl Columns {
    fn for_width(width: f32) -> Self {
        let (has_address, has_place) = (width >= 580.0, width >= 440.0);
        let last = if has_place { PLACE_WIDTH } else { BUTTONS_WIDTH };
        let gaps = if has_address { 7.0 } else { 6.0 } * spacing::S;
        let rest = width - icon::SIZE - NUMBER_WIDTH - STATE_WIDTH - last - gaps;
        let letters = |share: f32| (rest * share / LETTER).max(8.0) as usize;
        Self {
            has_address,
            has_place,
            name_letters: letters(if has_address { 0.4 } else { 1.0 }),
            address_letters: letters(0.6),
        }
    }

    /// What is left of the name's cell at least.
    fn last_width(self) -> f32 {
        match self.has_place {
            true => PLACE_WIDTH,
            false => BUTTONS_WIDTH,
        }
    }
}

/// Header and rows, as high as its place.
pub(super) fn view<'a>(editor: &'a Editor, home: &'a Path, width: f32) -> Element<'a, Message> {
    let columns = Columns::for_width(width);
    let positions = editor.draft.positions();
    if positions.is_empty() {
        return nothing(editor);
    }
    let len = positions.len();
    let rows = virtual_list(
        &editor.table,
        len,
        |event| Message::Edit(Edit::Table(event)),
        move |at| match positions
            .get(at)
            .and_then(|position| Some((*position, editor.draft.row(*position)?)))
        {
            Some((position, row)) => (row.id, row_view(editor, home, columns, at, position, row)),
            None => (u64::MAX, space().into()),
        },
    );
    let is_held = editor.held.is_some();
    let rows = intercept(rows, move |seen| {
        // Letting go counts always: it may come together with the press, before this view knows of it.
        if intercept::is_release(seen.event) {
            return Some(Message::Edit(Edit::Dropped));
        }
        let pointer = seen
            .pointer
            .filter(|_| is_held && intercept::is_move(seen.event))?;
        Some(Message::Edit(Edit::Dragged {
            y: pointer.y,
            height: seen.size.height,
        }))
    })
    .interaction(is_held.then_some(mouse::Interaction::Grabbing));
    column![heads(columns), rows].width(Fill).height(Fill).into()
}

fn heads<'a>(columns: Columns) -> Element<'a, Message> {
    let head = |label: &'static str| text::column_header(label);
    let cells = row![
        space().width(icon::SIZE + spacing::S + NUMBER_WIDTH),
        container(head("Channel")).width(Length::FillPortion(2)),
        columns
            .has_address
            .then(|| container(head("Leads to")).width(Length::FillPortion(3))),
        container(head("Answer")).width(STATE_WIDTH),
        container(head(if columns.has_place { "Stands in" } else { "" })).width(columns.last_width()),
    ];
    header(cells.spacing(spacing::S).align_y(Center))
}

fn row_view<'a>(
    editor: &'a Editor,
    home: &'a Path,
    columns: Columns,
    at: usize,
    position: Position,
    row: &'a Row,
) -> Element<'a, Message> {
    let is_active = editor.pointed == Some(row.id) || editor.table.cursor() == Some(at);
    let can_change = !editor.is_applying() && editor.held.is_none();
    let last: Element<'a, Message> = if is_active && can_change && row.channel.freedom != fixed(row) {
        container(buttons(editor, position, row))
            .width(columns.last_width())
            .into()
    } else if columns.has_place {
        text::cell(
            text::small(place(row, home)).style(style::muted),
            columns.last_width(),
        )
    } else {
        space().width(columns.last_width()).into()
    };
    let line = row![
        handle(row),
        text::cell(number(editor, position), NUMBER_WIDTH),
        container(name(position, row, columns))
            .width(Length::FillPortion(2))
            .clip(true),
        columns
            .has_address
            .then(|| text::cell(address(row, columns), Length::FillPortion(3))),
        container(state(&row.check, row)).width(STATE_WIDTH).clip(true),
        last,
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .height(Fill);
    mouse_area(line)
        .on_enter(Message::Edit(Edit::PointerEntered(row.id)))
        .on_exit(Message::Edit(Edit::PointerLeft(row.id)))
        .into()
}

/// The freedom of a row with which nothing can be done.
fn fixed(row: &Row) -> Freedom {
    match &row.channel.freedom {
        Freedom::Fixed(reason) => Freedom::Fixed(reason.clone()),
        _ => Freedom::Fixed(String::new()),
    }
}

fn handle<'a>(row: &'a Row) -> Element<'a, Message> {
    match row.channel.freedom.reason() {
        None => mouse_area(Icon::DragHandle.view().style(style::icon(Tone::Neutral)))
            .interaction(mouse::Interaction::Grab)
            .into(),
        Some(reason) => text::hint(
            container(Icon::Dash.view().style(style::icon(Tone::Neutral))),
            reason.to_owned(),
        ),
    }
}

/// `3`, and `3.1` for what `defaults` stands for.
fn number<'a>(editor: &Editor, position: Position) -> iced::widget::Text<'a> {
    let defaults = || {
        let mut rows = editor.draft.list(List::Channels).iter();
        rows.position(|row| row.channel.entry == ChannelEntry::Defaults)
    };
    let number = match (position.list, defaults()) {
        (List::Channels, _) => (position.at + 1).to_string(),
        (List::DefaultChannels, Some(at)) => format!("{}.{}", at + 1, position.at + 1),
        (List::DefaultChannels, None) => "–".to_owned(),
    };
    match position.list {
        List::Channels => text::body(number),
        List::DefaultChannels => text::small(number).style(style::muted),
    }
}

fn name<'a>(position: Position, row: &'a Row, columns: Columns) -> Element<'a, Message> {
    let whole = row.channel.entry.to_string();
    let badge_letters = if row.is_new || row.channel.has_secret {
        7
    } else {
        0
    };
    let indent_letters = if position.list == List::DefaultChannels {
        3
    } else {
        0
    };
    let room = columns
        .name_letters
        .saturating_sub(badge_letters + indent_letters);
    let shown = match whole.chars().count() > room {
        // The scheme is the first that can be done without.
        true => shortened(
            whole.split_once("://").map_or(whole.as_str(), |(_, rest)| rest),
            room,
        ),
        false => whole.clone(),
    };
    let words = match position.list {
        List::Channels => text::strong(shown.clone()),
        List::DefaultChannels => text::body(shown.clone()),
    };
    let badge = if row.is_new {
        Some(text::badge("new", Tone::Info))
    } else if row.channel.has_secret {
        Some(text::badge("secret", Tone::Warning))
    } else {
        None
    };
    let indent = match position.list {
        List::Channels => 0.0,
        List::DefaultChannels => spacing::L,
    };
    let line = row![
        space().width(indent),
        words.wrapping(iced::widget::text::Wrapping::None),
        badge
    ]
    .spacing(if indent > 0.0 { spacing::XS } else { spacing::S })
    .align_y(Center);
    match shown == whole {
        true => line.into(),
        false => text::hint(line, whole),
    }
}

/// An address with its middle left out, since its end tells it from others; a name with its end left out.
fn shortened(text: &str, room: usize) -> String {
    let count = text.chars().count();
    let room = room.max(8);
    if count <= room {
        return text.to_owned();
    }
    let end = |letters: usize| text.chars().skip(count - letters).collect::<String>();
    let start = |letters: usize| text.chars().take(letters).collect::<String>();
    match text.contains('/') {
        true => {
            let last = text.rsplit('/').next().map_or(0, |last| last.chars().count() + 1);
            // The host as far as there is room beside the last part.
            let last = last.min(room - 4);
            format!("{}…{}", start(room - 1 - last), end(last))
        }
        false => format!("{}…", start(room - 1)),
    }
}

/// Where it leads; what is the entry itself is not said twice.
fn address<'a>(row: &'a Row, columns: Columns) -> iced::widget::Text<'a> {
    let short = |address: &str| {
        let bare = address.strip_prefix("https://").unwrap_or(address);
        shortened(bare, columns.address_letters)
    };
    let muted = |words: String| text::body(words).style(style::muted);
    match (&row.channel.entry, row.channel.addresses.as_slice()) {
        (ChannelEntry::Defaults, addresses) => muted(match addresses.len() {
            0 => "nothing".to_owned(),
            1 => "the channel below".to_owned(),
            several => format!("the {several} channels below"),
        }),
        (_, []) => muted("nowhere that conda could tell".to_owned()),
        (ChannelEntry::Url(url), [one])
            if *one == url.public() && one.chars().count() <= columns.name_letters =>
        {
            muted("as it is written".to_owned())
        }
        (_, [one]) => muted(short(one)),
        (_, several) => muted(format!("{} channels", several.len())),
    }
}

/// How the server answers.
fn state<'a>(check: &'a CheckState, row: &'a Row) -> Element<'a, Message> {
    let line = |tone: Tone, words: &'a str| {
        row![
            text::state_dot(tone),
            text::small(words).wrapping(iced::widget::text::Wrapping::None)
        ]
        .spacing(spacing::S)
        .align_y(Center)
    };
    match check {
        CheckState::Unasked if row.channel.addresses.is_empty() => line(Tone::Neutral, "—").into(),
        CheckState::Unasked | CheckState::Asking(_) => line(Tone::Neutral, "asking…").into(),
        CheckState::Answered(checked) => match checked.worst() {
            Some(worst) => line(tone(&worst.state), word(checked)).into(),
            None => line(Tone::Neutral, "—").into(),
        },
    }
}

pub(super) fn tone(state: &ChannelState) -> Tone {
    match state {
        ChannelState::Found | ChannelState::Moved { .. } => Tone::Good,
        ChannelState::NotAsked => Tone::Neutral,
        ChannelState::Unreachable => Tone::Warning,
        ChannelState::SignInWanted
        | ChannelState::CredentialRefused
        | ChannelState::Closed
        | ChannelState::Missing => Tone::Bad,
    }
}

fn word(checked: &CheckedChannel) -> &'static str {
    checked.worst().map_or("—", |worst| worst.state.word())
}

/// `.condarc:5`, or what else adds the entry.
pub(super) fn place(row: &Row, home: &Path) -> String {
    match &row.channel.place {
        _ if row.is_new => "not written yet".to_owned(),
        RowPlace::File { path, line } => {
            let short = short_path(path, home);
            let short = short.strip_prefix("~/").unwrap_or(&short);
            match line {
                Some(line) => format!("{short}:{line}"),
                None => short.to_owned(),
            }
        }
        RowPlace::Variable { name } => format!("${name}"),
        RowPlace::Preset => "conda's own".to_owned(),
    }
}

fn buttons<'a>(editor: &'a Editor, position: Position, row: &'a Row) -> Element<'a, Message> {
    let name = row.channel.entry.to_string();
    let id = row.id;
    let small = |icon: Icon, what: &str, edit: Option<Edit>| {
        button::icon(icon, format!("{what} {name}"))
            .id(format!("{what}-{id}"))
            .small()
            .on_press_maybe(edit.map(Message::Edit))
    };
    let step = |is_up: bool| {
        editor
            .draft
            .neighbour(position.list, position.at, is_up)
            .map(|_| Edit::MovePressed { id, is_up })
    };
    let (other, words) = match position.list {
        List::Channels => (Icon::ChevronRight, "Into defaults:"),
        List::DefaultChannels => (Icon::ChevronLeft, "Out of defaults:"),
    };
    row![
        small(Icon::ArrowUp, "Move up", step(true)),
        small(Icon::ArrowDown, "Move down", step(false)),
        small(
            other,
            words,
            editor
                .draft
                .can_change_list(position)
                .then_some(Edit::ListPressed(id))
        ),
        small(
            Icon::Close,
            "Remove",
            row.channel
                .freedom
                .is_removable()
                .then_some(Edit::RemovePressed(id))
        ),
    ]
    .into()
}

/// In the place of rows that are not there.
fn nothing(editor: &Editor) -> Element<'_, Message> {
    let words = match editor.server {
        Some(_) => "conda searches nothing yet. Choose channels of your server, or add one above.",
        None => "conda searches nothing yet. Sign in to choose channels of your server, or add one above.",
    };
    container(text::body(words).style(style::muted))
        .padding(spacing::L)
        .width(Fill)
        .style(style::card)
        .into()
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn what_tells_addresses_apart_stays() {
        for (text, room, short) in [
            ("research", 20, "research"),
            (
                "psm.example.com/api/repo/research",
                40,
                "psm.example.com/api/repo/research",
            ),
            (
                "psm.example.com/api/repo/research",
                24,
                "psm.example.co…/research",
            ),
            ("psm.example.com/api/repo/gpu", 18, "psm.example.c…/gpu"),
            ("a-very-long-name-of-a-channel", 12, "a-very-long…"),
            ("h/a-very-long-name-of-a-channel", 12, "h/a…-channel"),
            ("ünïçødé/ünïçødé", 10, "ünï…nïçødé"),
        ] {
            let shown = shortened(text, room);
            assert!(shown.chars().count() <= room, "{shown}");
            assert_eq!(shown, short, "{text} {room}");
        }
    }
}
