//! The order of search, the order inside `defaults`, and what all of it changes in `.condarc`.

use iced::widget::{container, mouse_area, row, space};
use iced::{Center, Element, Fill, Padding, mouse};

use crate::conda::channel::ChannelEntry;
use crate::ui::banner::Banner;
use crate::ui::diff_view::diff_view;
use crate::ui::icon::Icon;
use crate::ui::intercept::{self, intercept};
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{ROW_HEIGHT, virtual_list};
use crate::ui::{button, spacing, text};

use super::Message;
use super::page::{banner, stack};
use super::picker::{Pick, Picker};
use super::preview::Shown;
use super::selection::{List, Place};

/// Width of the pane beside the table.
pub(super) const WIDTH: f32 = 276.0;
/// Room for the ring around what has the focus, and for the scroll bar, where the pane scrolls by itself.
pub(super) const AROUND: Padding = Padding {
    top: 4.0,
    right: 12.0,
    bottom: 4.0,
    left: 4.0,
};
const MOST_CHANNELS: usize = 8;
const MOST_DEFAULT_CHANNELS: usize = 5;

pub(super) fn view(picker: &Picker) -> Element<'_, Message> {
    let mut parts = vec![
        text::heading("Order of search").into(),
        text::small("Top is searched first. Drag, or Alt+↑ ↓.")
            .style(style::muted)
            .into(),
        space().height(spacing::XXS).into(),
        order(picker, List::Channels, MOST_CHANNELS),
    ];
    if picker.selection.list(List::DefaultChannels).len() > 1 {
        parts.extend([
            space().height(spacing::S).into(),
            text::heading("Order inside defaults").into(),
            space().height(spacing::XXS).into(),
            order(picker, List::DefaultChannels, MOST_DEFAULT_CHANNELS),
        ]);
    }
    parts.extend(changes(picker));
    stack(parts, spacing::XS)
}

fn order(picker: &Picker, list: List, most: usize) -> Element<'_, Message> {
    let places = picker.selection.list(list);
    if places.is_empty() {
        let words = text::small("Nothing yet. Tick channels in the table.").style(style::muted);
        return container(words)
            .padding([spacing::M, spacing::M])
            .width(Fill)
            .style(style::card)
            .into();
    }
    let rows = virtual_list(
        &picker.order(list).state,
        places.len(),
        move |event| Message::Pick(Pick::Order(list, event)),
        move |at| match places.get(at) {
            Some(place) => (place.id, place_view(picker, list, at, place)),
            None => (u64::MAX, space().into()),
        },
    );
    let card = container(rows)
        .width(Fill)
        .height(places.len().min(most) as f32 * ROW_HEIGHT + 2.0 * spacing::LINE)
        .padding(spacing::LINE)
        .clip(false)
        .style(style::card);
    let is_held = picker.drag.is_some_and(|drag| drag.list == list);
    intercept(card, move |seen| {
        // Letting go counts always: it may come together with the press, before this view knows of it.
        if intercept::is_release(seen.event) {
            return Some(Message::Pick(Pick::Dropped));
        }
        let pointer = seen
            .pointer
            .filter(|_| is_held && intercept::is_move(seen.event))?;
        Some(Message::Pick(Pick::Dragged {
            y: pointer.y,
            height: seen.size.height - 2.0 * spacing::LINE,
        }))
    })
    .interaction(is_held.then_some(mouse::Interaction::Grabbing))
    .into()
}

fn place_view<'a>(picker: &'a Picker, list: List, at: usize, place: &'a Place) -> Element<'a, Message> {
    let is_pointed = picker.pointed == Some((list, at));
    let has_cursor = picker.order(list).state.cursor() == Some(at);
    let can_change = !picker.is_applying() && picker.drag.is_none();
    let handle = mouse_area(Icon::DragHandle.view().style(style::icon(Tone::Neutral)))
        .interaction(mouse::Interaction::Grab);
    let number = container(text::body((at + 1).to_string()).wrapping(iced::widget::text::Wrapping::None));
    let name = row![
        text::strong(name_of(picker, place)).wrapping(iced::widget::text::Wrapping::None),
        note(picker, place).map(|note| {
            text::small(note)
                .wrapping(iced::widget::text::Wrapping::None)
                .style(style::muted)
        }),
    ]
    .spacing(spacing::S)
    .align_y(Center);
    let name = match explanation(picker, list, at, place) {
        Some(explanation) => text::hint(name, explanation),
        None => name.into(),
    };
    let buttons = ((is_pointed || has_cursor) && can_change).then(|| buttons(picker, list, at, place));
    let line = row![handle, number, container(name).width(Fill).clip(true), buttons]
        .spacing(spacing::S)
        .align_y(Center)
        .height(Fill);
    mouse_area(line)
        .on_enter(Message::Pick(Pick::PointerEntered(list, at)))
        .on_exit(Message::Pick(Pick::PointerLeft(list, at)))
        .into()
}

/// What a person calls it: its name in the table, also where its address is written.
fn name_of(picker: &Picker, place: &Place) -> String {
    match place.row.and_then(|row| picker.rows.get(row)) {
        Some(row) => row.name.clone(),
        None => place.entry.to_string(),
    }
}

/// What stands beside a name.
fn note(picker: &Picker, place: &Place) -> Option<String> {
    let behind_defaults = picker.selection.list(List::DefaultChannels);
    match (&place.entry, place.row) {
        (ChannelEntry::Defaults, _) if behind_defaults.is_empty() => Some("= conda's own".to_owned()),
        (ChannelEntry::Defaults, _) => {
            // More would not be seen.
            let names: Vec<String> = behind_defaults
                .iter()
                .take(6)
                .map(|place| name_of(picker, place))
                .collect();
            Some(format!("= {}", names.join(", ")))
        }
        (_, None) => Some("not from this server".to_owned()),
        (_, Some(_)) => None,
    }
}

fn explanation(picker: &Picker, list: List, at: usize, place: &Place) -> Option<String> {
    if !picker.selection.is_removable(list, at) {
        return Some("defaults stands for default_channels: untick those to take it out.".to_owned());
    }
    let is_long = place.entry.to_string().chars().count() > 20;
    match (&place.entry, place.row) {
        (ChannelEntry::Defaults, _) => {
            Some("Without default_channels, conda searches Anaconda's public channels here.".to_owned())
        }
        (entry, None) => Some(format!(
            "{entry} stands in your configuration, but this server does not list it. It is kept."
        )),
        // What is written is more than what is shown, or does not fit.
        (entry, Some(_)) => is_long.then(|| entry.to_string()),
    }
}

fn buttons<'a>(picker: &Picker, list: List, at: usize, place: &Place) -> Element<'a, Message> {
    let last = picker.selection.list(list).len().saturating_sub(1);
    let name = name_of(picker, place);
    let small = |icon: Icon, what: &str, press: Option<Pick>| {
        button::icon(icon, format!("{what} {name}"))
            .id(format!("{what}-{}-{}", list.key(), place.id))
            .small()
            .on_press_maybe(press.map(Message::Pick))
    };
    let shift = |to: usize| Pick::MovePressed { list, from: at, to };
    row![
        small(Icon::ArrowUp, "Move up", at.checked_sub(1).map(shift)),
        small(Icon::ArrowDown, "Move down", (at < last).then(|| shift(at + 1))),
        small(
            Icon::Close,
            "Remove",
            picker
                .selection
                .is_removable(list, at)
                .then_some(Pick::RemovePressed { list, at }),
        ),
    ]
    .into()
}

/// What the choice changes.
fn changes(picker: &Picker) -> Vec<Element<'_, Message>> {
    let gap = || space().height(spacing::S).into();
    match picker.preview.shown() {
        Shown::Nothing => Vec::new(),
        Shown::Problem(problem) => vec![gap(), banner(Tone::Bad, problem).into()],
        Shown::Changes { diffs, warnings } => {
            let mut parts = vec![gap()];
            parts.extend(diffs.iter().map(diff_view));
            for warning in warnings {
                let mut banner = Banner::new(Tone::Warning, warning.message.clone());
                if let Some(remedy) = &warning.remedy {
                    banner = banner.remedy(remedy.clone());
                }
                parts.push(banner.into());
            }
            parts
        }
    }
}
