//! How the page is laid out, in each of its states and sizes.

use iced::widget::{Column, column, container, responsive, row};
use iced::{Center, Element, Length, Size};

use crate::service::plan::short_path;
use crate::ui::icon::Icon;
use crate::ui::pick::menu;
use crate::ui::style::{self, Tone};
use crate::ui::{button, form_field, progress, spacing, text};

use super::rows::{Deed, Row, Rows, hindrance, label};
use super::{Environments, Message, SEARCH, table};
use crate::screen::quantity;

/// A page smaller than this has no room but for the list.
const ROOMY: f32 = 560.0;
const TALL: f32 = 400.0;
const SEARCH_WIDTH: f32 = 300.0;

pub(super) fn view(page: &Environments, is_connected: bool) -> Element<'_, Message> {
    responsive(move |size| sized(page, is_connected, size)).into()
}

fn sized(page: &Environments, is_connected: bool, size: Size) -> Element<'_, Message> {
    let is_roomy = size.width >= ROOMY && size.height >= TALL;
    let margin = if is_roomy { spacing::PAGE } else { spacing::M };
    let inner = (size.width - 2.0 * margin).max(0.0);
    let (gap, head) = if is_roomy {
        (spacing::L, head(page))
    } else {
        (spacing::S, short_head(page))
    };
    let body = match &page.rows {
        None => progress::activity(),
        Some(rows) if rows.all().is_empty() => empty(is_connected, is_roomy),
        Some(rows) => {
            let table = table::view(page, rows, inner);
            match (is_roomy, page.list.cursor().and_then(|place| rows.at(place))) {
                (true, Some(row)) => column![table, deeds(page, row)].spacing(spacing::M).into(),
                (true, None) => column![table, container(note(page, rows)).padding([6, 0])]
                    .spacing(spacing::M)
                    .into(),
                (false, _) => table,
            }
        }
    };
    column![head, body]
        .spacing(gap)
        .padding(margin)
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn head(page: &Environments) -> Element<'_, Message> {
    let import = button::secondary("Import")
        .id("environments-import")
        .on_press(Message::ImportPressed);
    let create = button::primary("Create")
        .id("environments-create")
        .on_press(Message::CreatePressed);
    let title = row![
        container(text::title("Environments")).width(Length::Fill),
        import,
        create
    ]
    .spacing(spacing::S)
    .align_y(Center);
    let tools = page.rows.as_ref().filter(|rows| !rows.all().is_empty());
    let tools = tools.map(|rows| {
        row![
            search(page).width(SEARCH_WIDTH),
            refresh(page),
            container(text::small(summary(page, rows)).style(style::muted)).width(Length::Fill),
        ]
        .spacing(spacing::S)
        .align_y(Center)
    });
    column![title, tools].spacing(spacing::L).into()
}

/// Search, and everything else in a menu.
fn short_head(page: &Environments) -> Element<'_, Message> {
    const MORE: [&str; 3] = ["Create", "Import", "Refresh"];
    let more = menu("New", MORE, |index| match index {
        0 => Message::CreatePressed,
        1 => Message::ImportPressed,
        _ => Message::ReloadPressed,
    });
    row![search(page), more.id("environments-more")]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}

fn search(page: &Environments) -> form_field::FormField<'_, Message> {
    form_field::search("Search environments…", &page.search)
        .id(SEARCH)
        .on_input(Message::SearchChanged)
        .on_submit(Message::SearchSubmitted)
}

fn refresh(page: &Environments) -> Element<'_, Message> {
    let press = page.loading.is_none().then_some(Message::ReloadPressed);
    button::secondary("Refresh")
        .id("environments-refresh")
        .on_press_maybe(press)
        .into()
}

/// `3 environments, 8.2 GB on disk`
fn summary(page: &Environments, rows: &Rows) -> String {
    let count = quantity::count(rows.all().len(), "environment");
    match (page.total, page.measuring) {
        (_, Some(_)) => format!("{count}, measuring their sizes…"),
        (Some(total), None) => format!("{count}, {} on disk", quantity::bytes(total)),
        (None, None) => count,
    }
}

/// What the keys do, as long as no environment is chosen.
fn note<'a>(page: &Environments, rows: &Rows) -> Element<'a, Message> {
    let words = if rows.len() == 0 && !page.search.is_empty() {
        ""
    } else {
        "Enter opens the packages of an environment."
    };
    text::small(words).style(style::muted).into()
}

/// The environment under the cursor, and what can be done with it.
fn deeds<'a>(page: &Environments, row: &'a Row) -> Element<'a, Message> {
    let button_of = |deed: Deed| -> Element<'a, Message> {
        let hindrance = hindrance(&row.environment, deed);
        let press = hindrance.is_none().then_some(Message::DeedChosen(deed));
        let button = match deed {
            Deed::Remove => button::quiet_danger(deed.label()),
            _ => button::secondary(deed.label()),
        };
        let button = button.id(id_of(deed)).on_press_maybe(press);
        match hindrance {
            Some(hindrance) => text::hint(button, format!("Not possible: {}.", hindrance.reason())),
            None => button.into(),
        }
    };
    let buttons = Deed::ALL.map(button_of);
    let folder = text::small(short_path(&row.environment.prefix, &page.home))
        .style(style::muted)
        .wrapping(iced::widget::text::Wrapping::None);
    let what = column![text::strong(label(&row.environment, &page.home)), folder];
    row![
        container(what).width(Length::Fill).clip(true),
        iced::widget::Row::with_children(buttons).spacing(spacing::S)
    ]
    .spacing(spacing::M)
    .align_y(Center)
    .into()
}

fn id_of(deed: Deed) -> &'static str {
    match deed {
        Deed::Packages => "environment-packages",
        Deed::OpenTerminal => "environment-terminal",
        Deed::Clone => "environment-clone",
        Deed::Rename => "environment-rename",
        Deed::Export => "environment-export",
        Deed::Remove => "environment-remove",
    }
}

fn empty<'a>(is_connected: bool, is_roomy: bool) -> Element<'a, Message> {
    let mark = is_roomy.then(|| {
        Icon::Mark
            .view()
            .width(36)
            .height(36)
            .style(style::icon(Tone::Neutral))
    });
    let words: Column<'a, Message> = column![
        mark,
        text::heading("No conda environments on this machine yet"),
        text::body("Create one here; those that conda, mamba or Navigator make appear too.")
            .style(style::muted),
    ];
    let words = if is_connected {
        words
    } else {
        words
            .push(
                text::body("Before that, connect to the package repository of your organisation.")
                    .style(style::muted),
            )
            .push(
                container(
                    button::primary("Connect")
                        .id("empty-connect")
                        .on_press(Message::ConnectPressed),
                )
                .padding(spacing::S),
            )
    };
    container(words.spacing(spacing::S).align_x(Center))
        .center(Length::Fill)
        .into()
}
