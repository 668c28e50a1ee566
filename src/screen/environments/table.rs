//! The list of environments.

use iced::widget::{column, container, row, space};
use iced::{Center, Element, Length};

use crate::conda::environment::Protection;
use crate::screen::{quantity, shown};
use crate::service::plan::short_path;
use crate::ui::pick::menu;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{header, virtual_list};
use crate::ui::{button, progress, spacing, text};

use super::rows::{Column, Deed, Measure, Row, Rows, deeds, label};
use super::{Environments, Message};

/// Which columns there is room for; name and size are always there.
#[derive(Debug, Clone, Copy)]
struct Columns {
    has_python: bool,
    has_packages: bool,
    has_bar: bool,
    has_folder: bool,
}

const PYTHON: f32 = 72.0;
const PACKAGES: f32 = 76.0;
const BAR: f32 = 120.0;
const BYTES: f32 = 64.0;
const MORE: f32 = 64.0;

impl Columns {
    fn for_width(width: f32) -> Self {
        Self {
            has_python: width >= 360.0,
            has_packages: width >= 460.0,
            has_bar: width >= 620.0,
            has_folder: width >= 780.0,
        }
    }

    fn size(self) -> f32 {
        if self.has_bar {
            BAR + spacing::S + BYTES
        } else {
            BYTES
        }
    }
}

pub(super) fn view<'a>(page: &'a Environments, rows: &'a Rows, width: f32) -> Element<'a, Message> {
    let columns = Columns::for_width(width);
    let body: Element<'a, Message> = if rows.len() == 0 {
        nothing()
    } else {
        let largest = rows.largest();
        virtual_list(&page.list, rows.len(), Message::List, move |place| {
            match rows.at(place) {
                Some(row) => (hash(row), row_view(page, columns, place, row, largest)),
                None => (0, space().into()),
            }
        })
    };
    column![heads(rows, columns), body]
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn hash(row: &Row) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    row.environment.prefix.hash(&mut hasher);
    hasher.finish()
}

fn heads<'a>(rows: &Rows, columns: Columns) -> Element<'a, Message> {
    let head = |label: &str, column: Column| {
        button::column_header(label, rows.order_of(column)).on_press(Message::HeaderPressed(column))
    };
    let size = if columns.has_bar { "Size on disk" } else { "Size" };
    let cells = row![
        container(head("Name", Column::Name)).width(Length::FillPortion(2)),
        columns
            .has_python
            .then(|| container(head("Python", Column::Python)).width(PYTHON)),
        columns
            .has_packages
            .then(|| container(head("Packages", Column::Packages)).width(PACKAGES)),
        container(head(size, Column::Size)).width(columns.size()),
        columns
            .has_folder
            .then(|| text::cell(text::column_header("Folder"), Length::FillPortion(2))),
        space().width(MORE),
    ];
    header(cells.spacing(spacing::M).align_y(Center))
}

fn row_view<'a>(
    page: &'a Environments,
    columns: Columns,
    place: usize,
    row: &'a Row,
    largest: u64,
) -> Element<'a, Message> {
    let environment = &row.environment;
    let or_dash = |words: Option<&'a str>| match words {
        Some(words) => text::body(words),
        None => text::body("—").style(style::muted),
    };
    row![
        container(name(page, row))
            .width(Length::FillPortion(2))
            .clip(true),
        columns
            .has_python
            .then(|| text::cell(or_dash(environment.python.as_deref()), PYTHON)),
        columns.has_packages.then(|| text::cell(
            text::body(quantity::grouped(environment.packages as u64, ',')),
            PACKAGES
        )),
        container(size(row.measure, columns, largest)).width(columns.size()),
        columns.has_folder.then(|| text::cell(
            text::body(short_path(&environment.prefix, &page.home)).style(style::muted),
            Length::FillPortion(2)
        )),
        container(more(page, place, row)).width(MORE).align_x(iced::Right),
    ]
    .spacing(spacing::M)
    .align_y(Center)
    .into()
}

fn name<'a>(page: &Environments, row: &'a Row) -> Element<'a, Message> {
    let name = match &row.environment.name {
        Some(name) => text::strong(name.as_str()),
        None => text::body(label(&row.environment, &page.home)),
    };
    let name = name.wrapping(iced::widget::text::Wrapping::None);
    let badges = row.environment.protections.iter().filter_map(|protection| {
        let (word, tone) = match protection {
            Protection::Base => ("base", Tone::Neutral),
            Protection::Running { .. } => ("running", Tone::Info),
            Protection::Frozen { .. } => ("frozen", Tone::Warning),
            Protection::ReadOnly { .. } => ("read-only", Tone::Neutral),
            Protection::Active => ("active", Tone::Info),
            Protection::ActivatedByDefault => ("default", Tone::Info),
        };
        let reason = shown::sentence(&protection.reason());
        // Its name says so already.
        let is_said = *protection == Protection::Base && row.environment.name.as_deref() == Some(word);
        (!is_said).then(|| text::hint(text::badge(word, tone), reason))
    });
    let badges = iced::widget::Row::with_children(badges).spacing(spacing::XS);
    row![name, badges].spacing(spacing::S).align_y(Center).into()
}

fn size<'a>(measure: Measure, columns: Columns, largest: u64) -> Element<'a, Message> {
    let words = |words: String| text::body(words).wrapping(iced::widget::text::Wrapping::None);
    match measure {
        Measure::Waiting => words("…".to_owned()).style(style::muted).into(),
        Measure::Unknown => words("—".to_owned()).style(style::muted).into(),
        Measure::Known(size) => {
            let total = words(quantity::bytes(size.total()));
            let shown: Element<'a, Message> = if columns.has_bar {
                let share = |part: u64| part as f32 / largest.max(1) as f32;
                let bar = progress::parts(share(size.own), share(size.shared), BAR);
                row![bar, total].spacing(spacing::S).align_y(Center).into()
            } else {
                total.into()
            };
            let explained = format!(
                "{} of its own, {} in files that the package cache or other environments hold too.",
                quantity::bytes(size.own),
                quantity::bytes(size.shared)
            );
            text::hint(shown, explained)
        }
    }
}

/// What can be done with one environment. By Tab it is reached in the row of the cursor.
fn more<'a>(page: &Environments, place: usize, row: &Row) -> Element<'a, Message> {
    let deeds: Vec<Deed> = deeds(&row.environment).collect();
    let labels: Vec<&str> = deeds.iter().map(|deed| deed.label()).collect();
    let is_cursor = page.list.cursor() == Some(place);
    menu("…", labels, move |index| {
        let deed = deeds.get(index).copied().unwrap_or(Deed::Packages);
        Message::RowDeedChosen(place, deed)
    })
    .id(format!("environment-more-{place}"))
    .bare()
    .tab_stop(is_cursor)
    .into()
}

/// In the place of rows that are not there.
fn nothing<'a>() -> Element<'a, Message> {
    let clear = button::link("Clear the search")
        .id("environments-clear")
        .on_press(Message::SearchChanged(String::new()));
    container(
        row![text::body("No environment matches.").style(style::muted), clear]
            .spacing(spacing::S)
            .align_y(Center),
    )
    .padding([spacing::M, spacing::S])
    .height(Length::Fill)
    .into()
}
