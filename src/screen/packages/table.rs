//! The table of packages.

use std::borrow::Cow;

use iced::widget::{column, container, row, space};
use iced::{Center, Element, Length};

use crate::screen::package_index::IndexLine;
use crate::screen::{quantity, shown};
use crate::ui::check_box::check_box;
use crate::ui::icon::Icon;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{header, virtual_list};
use crate::ui::{button, spacing, text};

use super::basket::Mark;
use super::rows::{Row, Show};
use super::{Message, Packages};

/// Which columns there is room for; tick, name and version are always there.
#[derive(Debug, Clone, Copy)]
struct Columns {
    has_channel: bool,
    has_size: bool,
    version: f32,
}

const TICK: f32 = 20.0;
const CHANNEL: f32 = 104.0;
const SIZE: f32 = 64.0;
const LOOK: f32 = 24.0;

impl Columns {
    /// What the index has tells its size only in detail.
    fn for_width(width: f32, show: Show) -> Self {
        Self {
            has_channel: width >= 480.0,
            has_size: width >= 400.0 && !show.is_of_index(),
            version: if width >= 340.0 { 164.0 } else { 92.0 },
        }
    }

    /// Whether the newer version stands beside the one that is there.
    fn has_newest(self) -> bool {
        self.version > 120.0
    }
}

/// Rows, and heads above them where there is room.
pub(super) fn view<'a>(
    page: &'a Packages,
    index: &'a IndexLine,
    width: f32,
    has_heads: bool,
) -> Element<'a, Message> {
    let columns = Columns::for_width(width, page.show);
    let rows: Element<'a, Message> = if page.rows.len() == 0 {
        nothing(page, index)
    } else {
        virtual_list(
            &page.list,
            page.rows.len(),
            Message::List,
            move |place| match page.row(place) {
                Some(row) => (hash(&row.name), row_view(page, columns, place, row)),
                None => (0, space().into()),
            },
        )
    };
    let more = page.rows.is_cut().then(|| {
        let words = "More match than are shown. Type more to find the one you look for.";
        container(text::small(words).style(style::muted)).padding([spacing::XS, spacing::S])
    });
    column![has_heads.then(|| heads(columns)), rows, more]
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

/// Of a channel that has no name but its address, the end, which tells more than the beginning where there is no room for both.
/// The details have all of it.
fn end_of(channel: &str) -> Cow<'_, str> {
    let path = channel
        .split_once("://")
        .map(|(_, path)| path.trim_end_matches('/'));
    match path.map(|path| (path, path.rsplit_once('/'))) {
        Some((_, Some((_, end)))) => format!("…/{end}").into(),
        Some((host, None)) => host.into(),
        None => channel.into(),
    }
}

fn hash(name: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

fn heads<'a>(columns: Columns) -> Element<'a, Message> {
    let head = |label: &'static str, width: f32| text::cell(text::column_header(label), width);
    let cells = row![
        space().width(TICK),
        text::cell(text::column_header("Name"), Length::Fill),
        head("Version", columns.version),
        columns.has_channel.then(|| head("Channel", CHANNEL)),
        columns.has_size.then(|| head("Size", SIZE)),
        space().width(LOOK),
    ];
    header(cells.spacing(spacing::S).align_y(Center))
}

fn row_view<'a>(page: &'a Packages, columns: Columns, place: usize, row: &'a Row) -> Element<'a, Message> {
    let mark = page.basket.get(&row.name);
    let is_there_after = match mark {
        Some(Mark::Remove) => false,
        Some(_) => true,
        None => row.installed.is_some(),
    };
    let mut tick = check_box(is_there_after)
        .name(format!("{}: installed", row.name))
        .tab_stop(false);
    if page.can_mark(row) {
        tick = tick.on_toggle(move |_| Message::TickPressed(place));
    }
    let size = match row.size() {
        Some(size) => text::body(quantity::bytes(size)).style(style::muted),
        None => text::body("—").style(style::muted),
    };
    let look = button::icon(Icon::ChevronRight, format!("{}: details", row.name))
        .small()
        .tab_stop(false)
        .on_press(Message::LookPressed(place));
    row![
        container(tick).width(TICK),
        container(name(page, row, mark)).width(Length::Fill).clip(true),
        container(version(page, columns, place, row, mark))
            .width(columns.version)
            .clip(true),
        columns
            .has_channel
            .then(|| text::cell(text::body(end_of(row.channel())).style(style::muted), CHANNEL)),
        columns.has_size.then(|| text::cell(size, SIZE)),
        container(look).width(LOOK),
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

fn name<'a>(page: &'a Packages, row: &'a Row, mark: Option<&Mark>) -> Element<'a, Message> {
    let is_requested = row
        .installed
        .as_ref()
        .is_some_and(|installed| installed.is_requested);
    let name = if is_requested || row.installed.is_none() {
        text::strong(row.name.as_str())
    } else {
        text::body(row.name.as_str())
    };
    let name = name.wrapping(iced::widget::text::Wrapping::None);
    let is_updated = page.basket.has_everything() && row.update().is_some();
    let badge = match mark {
        Some(Mark::Install(None)) => Some(("install".to_owned(), Tone::Good)),
        Some(Mark::Install(Some(choice))) => Some((format!("install {}", choice.version), Tone::Good)),
        Some(Mark::Update) => Some(("update".to_owned(), Tone::Info)),
        Some(Mark::Remove) => Some(("remove".to_owned(), Tone::Bad)),
        None if is_updated => Some(("update".to_owned(), Tone::Info)),
        None => None,
    };
    let badge = badge.map(|(words, tone)| text::badge(words, tone));
    row![name, badge].spacing(spacing::S).align_y(Center).into()
}

/// What is there, and beside it what is newer.
fn version<'a>(
    page: &Packages,
    columns: Columns,
    place: usize,
    row: &'a Row,
    mark: Option<&Mark>,
) -> Element<'a, Message> {
    let told = if row.version().is_empty() {
        "—"
    } else {
        row.version()
    };
    let there = text::body(told).wrapping(iced::widget::text::Wrapping::None);
    let newest = row.update().filter(|_| columns.has_newest()).map(|newest| {
        let is_marked = mark == Some(&Mark::Update) || page.basket.has_everything();
        let can_mark = page.can_change() && !page.basket.has_everything();
        let press = can_mark.then_some(Message::UpdatePressed(place));
        let link = button::small_link(newest.version.clone())
            .tab_stop(false)
            .on_press_maybe(press);
        let arrow = Icon::ArrowUp.view().width(12).height(12);
        let tone = if is_marked { Tone::Info } else { Tone::Neutral };
        text::hint(
            row![arrow.style(style::icon(tone)), link].align_y(Center),
            "Newer, in the index. Press to mark the update.",
        )
    });
    // A narrow table only tells that there is something newer.
    let arrow = (row.update().is_some() && newest.is_none()).then(|| {
        Icon::ArrowUp
            .view()
            .width(12)
            .height(12)
            .style(style::icon(Tone::Info))
    });
    row![there, arrow, newest]
        .spacing(spacing::XS)
        .align_y(Center)
        .into()
}

/// In the place of rows that are not there.
fn nothing<'a>(page: &'a Packages, index: &IndexLine) -> Element<'a, Message> {
    if let (Some(problem), true) = (&page.unsearched, page.show.is_of_index()) {
        return container(shown::problem(problem))
            .padding([spacing::M, 0.0])
            .height(Length::Fill)
            .into();
    }
    let is_unfetched = *index == IndexLine::Missing && page.show != Show::Installed;
    let words = match page.show {
        _ if page.searching.is_some() => "",
        _ if is_unfetched => "Until the index of your channels was fetched, only what is installed is known.",
        _ if !page.search.is_empty() => "No package matches.",
        Show::Installed => "This environment is empty.",
        Show::Updatable => "Nothing newer is in the index.",
        Show::NotInstalled | Show::All => "The index holds no packages.",
    };
    let go_on: Option<Element<'a, Message>> = if is_unfetched {
        let update = button::secondary("Update index").id("packages-fetch-index");
        Some(update.on_press(Message::UpdateIndexPressed).into())
    } else if !page.search.is_empty() && page.searching.is_none() {
        let clear = button::link("Clear the search").id("packages-clear-search");
        Some(clear.on_press(Message::SearchChanged(String::new())).into())
    } else {
        None
    };
    container(
        row![text::body(words).style(style::muted), go_on]
            .spacing(spacing::S)
            .align_y(Center)
            .wrap(),
    )
    .padding([spacing::M, spacing::S])
    .height(Length::Fill)
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_the_end_is_shown() {
        assert_eq!(end_of("main"), "main");
        assert_eq!(end_of("research/staging"), "research/staging");
        assert_eq!(
            end_of("https://conda.example.com/get/conda-forge/"),
            "…/conda-forge"
        );
        assert_eq!(end_of("https://conda.example.com/"), "conda.example.com");
    }
}
