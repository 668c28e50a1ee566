//! The list of packages.

use iced::widget::{column, container, row, space};
use iced::{Center, Element, Length};

use super::packages::{Show, identity, meaning};
use super::page::Room;
use super::{Access, Message, PackagesMessage};
use crate::repository::{OwnedPackage, PackageKind, Visibility};
use crate::screen::quantity;
use crate::service::access::OwnedByAccount;
use crate::ui::check_box::check_box;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{header, virtual_list};
use crate::ui::{button, spacing, text};

/// Which columns there is room for; tick, name and access are always there.
#[derive(Debug, Clone, Copy)]
struct Columns {
    has_kind: bool,
    has_version: bool,
    has_downloads: bool,
}

const TICK: f32 = 20.0;
const KIND: f32 = 112.0;
const ACCESS: f32 = 84.0;
const VERSION: f32 = 72.0;
const DOWNLOADS: f32 = 80.0;

impl Columns {
    /// Only where there is something to show in it.
    fn new(width: f32, owned: &OwnedByAccount) -> Self {
        let any = |has: fn(&OwnedPackage) -> bool| owned.packages.iter().any(has);
        let has_downloads = any(|package| package.downloads.is_some());
        Self {
            has_kind: width >= 420.0,
            has_version: width >= if has_downloads { 640.0 } else { 560.0 }
                && any(|package| package.latest_version.is_some()),
            has_downloads: width >= 500.0 && has_downloads,
        }
    }
}

/// The room that the pane beside the list takes.
const PANE: f32 = 340.0;

pub(super) fn view<'a>(page: &'a Access, owned: &'a OwnedByAccount, room: Room) -> Element<'a, Message> {
    let width = if room.is_wide {
        room.width - PANE
    } else {
        room.width
    };
    let columns = Columns::new(width, owned);
    let packages = &page.packages;
    let rows: Element<'a, Message> = if packages.shown.is_empty() {
        nothing(page, owned)
    } else {
        virtual_list(
            &packages.list,
            packages.shown.len(),
            |event| Message::Packages(PackagesMessage::List(event)),
            move |place| match packages.package(owned, place) {
                Some(package) => (hash(package), row_view(page, columns, place, package)),
                None => (0, space().into()),
            },
        )
    };
    column![room.is_roomy.then(|| heads(columns)), rows]
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn hash(package: &OwnedPackage) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    identity(package).hash(&mut hasher);
    hasher.finish()
}

fn heads<'a>(columns: Columns) -> Element<'a, Message> {
    let head = |label: &'static str, width: f32| text::cell(text::column_header(label), width);
    let cells = row![
        space().width(TICK),
        text::cell(text::column_header("Package"), Length::Fill),
        columns.has_kind.then(|| head("Type", KIND)),
        head("Access", ACCESS),
        columns.has_version.then(|| head("Version", VERSION)),
        columns.has_downloads.then(|| head("Downloads", DOWNLOADS)),
    ];
    header(cells.spacing(spacing::S).align_y(Center))
}

fn row_view<'a>(
    page: &'a Access,
    columns: Columns,
    place: usize,
    package: &'a OwnedPackage,
) -> Element<'a, Message> {
    let tick = check_box(page.packages.ticked.contains(&identity(package)))
        .name(format!("{}/{}: chosen", package.owner, package.name))
        .tab_stop(false)
        .on_toggle(move |_| Message::Packages(PackagesMessage::TickPressed(place)));
    let unwrapped = iced::widget::text::Wrapping::None;
    let name = row![
        text::body(format!("{}/", package.owner))
            .style(style::muted)
            .wrapping(unwrapped),
        text::strong(package.name.as_str()).wrapping(unwrapped)
    ];
    let muted = |words: String| text::body(words).style(style::muted);
    let or_dash = |words: Option<String>| words.unwrap_or_else(|| "—".to_owned());
    row![
        container(tick).width(TICK),
        container(name).width(Length::Fill).clip(true),
        columns.has_kind.then(|| text::cell(muted(kinds(package)), KIND)),
        container(access(package.visibility)).width(ACCESS).clip(true),
        columns
            .has_version
            .then(|| text::cell(muted(or_dash(package.latest_version.clone())), VERSION)),
        columns.has_downloads.then(|| {
            let downloads = package.downloads.map(|count| quantity::grouped(count, ','));
            text::cell(muted(or_dash(downloads)), DOWNLOADS)
        }),
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

pub(super) fn kinds(package: &OwnedPackage) -> String {
    let kinds: Vec<&str> = package.kinds.iter().map(PackageKind::title).collect();
    match kinds.is_empty() {
        true => "—".to_owned(),
        false => kinds.join(", "),
    }
}

pub(super) fn access<'a>(visibility: Option<Visibility>) -> Element<'a, Message> {
    let Some(visibility) = visibility else {
        return text::hint(
            text::body("—").style(style::muted),
            "The server does not say who may see it.",
        );
    };
    let (word, explained) = meaning(visibility);
    let tone = match visibility {
        Visibility::Public => Tone::Neutral,
        Visibility::Authenticated => Tone::Info,
        Visibility::Private => Tone::Good,
    };
    text::hint(text::badge(word, tone), explained)
}

/// In the place of rows that are not there.
fn nothing<'a>(page: &'a Access, owned: &'a OwnedByAccount) -> Element<'a, Message> {
    if owned.packages.is_empty() {
        let words = "Neither the account nor an organisation of it has a package yet. What is uploaded is public unless it is \
                     said otherwise.";
        return container(text::body(words).style(style::muted))
            .padding([spacing::M, spacing::S])
            .height(Length::Fill)
            .into();
    }
    let clear = match page.packages.search.is_empty() {
        false => button::link("Clear the search")
            .on_press(Message::Packages(PackagesMessage::SearchChanged(String::new()))),
        true => button::link("Show all").on_press(Message::Packages(PackagesMessage::ShowChosen(Show::All))),
    };
    container(
        row![
            text::body("No package matches.").style(style::muted),
            clear.id("access-clear-search")
        ]
        .spacing(spacing::S)
        .align_y(Center),
    )
    .padding([spacing::M, spacing::S])
    .height(Length::Fill)
    .into()
}
