//! How the page is laid out, in each of its states and sizes.

use iced::widget::{column, container, responsive, row, rule, scrollable};
use iced::{Center, Element, Length, Size};

use super::packages::Show;
use super::{Access, Message, PackagesMessage, Part, SEARCH, groups_view, pane, table};
use crate::screen::quantity;
use crate::service::access::OwnedByAccount;
use crate::service::connection::Service;
use crate::ui::icon::Icon;
use crate::ui::modal::slim_bar;
use crate::ui::pick::{menu, pick};
use crate::ui::segmented::segmented;
use crate::ui::style;
use crate::ui::{button, form_field, spacing, text};

/// A page smaller than this has no room but for the list.
const ROOMY: f32 = 560.0;
const TALL: f32 = 400.0;
/// From here on what is chosen is shown beside the list.
const WIDE: f32 = 800.0;
const SEARCH_WIDTH: f32 = 220.0;
const PANE: f32 = 320.0;
/// Why the password is asked for.
const PURPOSE: &str = "What conda uses may only download. What is private is told to you alone.";

pub(super) fn view(page: &Access) -> Element<'_, Message> {
    responsive(move |size| sized(page, size)).into()
}

/// What there is room for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub width: f32,
    pub is_roomy: bool,
    pub is_wide: bool,
}

fn sized(page: &Access, size: Size) -> Element<'_, Message> {
    let is_roomy = size.width >= ROOMY && size.height >= TALL;
    let margin = if is_roomy { spacing::PAGE } else { spacing::M };
    let room = Room {
        width: (size.width - 2.0 * margin).max(0.0),
        is_roomy,
        is_wide: is_roomy && size.width >= WIDE,
    };
    let body = if page.desk.seats().is_empty() {
        nowhere(page, is_roomy)
    } else if let Some(waiting) = page.desk.waiting_view(PURPOSE, is_roomy) {
        let seat = page.desk.seat_view().map(|seat| seat.map(Message::Desk));
        column![seat, waiting.map(Message::Desk)]
            .spacing(spacing::L)
            .height(Length::Fill)
            .into()
    } else if let Some(owned) = page.desk.value() {
        read(page, owned, room)
    } else {
        nowhere(page, is_roomy)
    };
    // Where there is little room, what is read brings a line of its own.
    let has_head = is_roomy || page.desk.value().is_none();
    column![has_head.then(|| head(page, room)), body]
        .spacing(if is_roomy { spacing::L } else { spacing::S })
        .padding(margin)
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn head(page: &Access, room: Room) -> Element<'_, Message> {
    let part = segmented([Part::Packages, Part::Groups], page.part, Message::PartChosen).id("access-part");
    let is_read = page.desk.value().is_some();
    if !room.is_roomy {
        return text::heading("Access").into();
    }
    let words = match page.part {
        Part::Packages => "Who may see and download what belongs to you and your organisations.",
        Part::Groups => "Groups let some people of an organisation see some of its packages.",
    };
    let title = column![text::title("Access"), text::body(words).style(style::muted)].spacing(spacing::XS);
    column![title, is_read.then_some(part)].spacing(spacing::L).into()
}

/// Not signed in to anything that has it.
fn nowhere(page: &Access, is_roomy: bool) -> Element<'_, Message> {
    let about = match &page.elsewhere {
        Some(seat) if seat.service == Service::Server => Some((
            format!(
                "{} decides about whole channels: a channel is public, for whoever is logged in, or private, and has \
                 groups of its own. That is set on the pages of the server.",
                seat.host()
            ),
            "Open its pages",
        )),
        Some(seat) => Some((
            format!(
                "Who may use the channels of {} is set on its own pages.",
                seat.host()
            ),
            "Open its pages",
        )),
        None => None,
    };
    let about = about.map(|(words, label)| {
        column![
            text::body(words),
            button::secondary(label)
                .id("access-elsewhere")
                .on_press(Message::ElsewherePressed)
        ]
        .spacing(spacing::M)
    });
    let content = column![
        about,
        text::body(
            "Access to single packages is set at Anaconda Repository and Anaconda.org. This machine is signed in to neither."
        )
        .style(style::muted),
        button::primary("Connect")
            .id("access-connect")
            .on_press(Message::ConnectPressed),
    ]
    .spacing(spacing::L)
    .max_width(560);
    if is_roomy {
        return container(content).height(Length::Fill).into();
    }
    scrollable(container(content).padding(4))
        .direction(scrollable::Direction::Vertical(slim_bar()))
        .style(style::scroll)
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn read<'a>(page: &'a Access, owned: &'a OwnedByAccount, room: Room) -> Element<'a, Message> {
    match page.part {
        Part::Groups => groups_view::view(page, owned, room),
        Part::Packages => packages(page, owned, room),
    }
}

fn packages<'a>(page: &'a Access, owned: &'a OwnedByAccount, room: Room) -> Element<'a, Message> {
    let look = page.packages.look.as_ref();
    if let (false, Some(look)) = (room.is_wide, look) {
        let back = button::link("Packages")
            .flush()
            .glyph(Icon::ChevronLeft)
            .id("access-back")
            .on_press(Message::Packages(PackagesMessage::LookEnded));
        let pane = scrolling(pane::view(owned, look));
        return column![back, pane, footer(page, owned, room)]
            .spacing(spacing::S)
            .into();
    }
    let list = table::view(page, owned, room);
    let middle: Element<'a, Message> = if room.is_wide {
        let pane = match look {
            Some(look) => pane::view(owned, look),
            None => text::small("Choose a package to see who can see it, and why.")
                .style(style::muted)
                .into(),
        };
        row![
            list,
            rule::vertical(spacing::LINE).style(style::separator),
            container(scrolling(pane)).width(PANE)
        ]
        .spacing(spacing::S)
        .height(Length::Fill)
        .into()
    } else {
        list
    };
    column![tools(page, owned, room), middle, footer(page, owned, room)]
        .spacing(if room.is_roomy { spacing::M } else { spacing::S })
        .into()
}

/// Room for the ring of what has the focus, and for the bar.
pub(super) fn scrolling<'a>(content: Element<'a, Message>) -> Element<'a, Message> {
    scrollable(container(content).padding([spacing::XS, spacing::M]))
        .direction(scrollable::Direction::Vertical(slim_bar()))
        .style(style::scroll)
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

/// Search, and everything else in a menu.
fn short_tools<'a>(
    search: form_field::FormField<'a, Message>,
    choose: impl Fn(Show) -> Message + 'a,
) -> Element<'a, Message> {
    let shows = Show::ALL.map(|show| match show {
        Show::All => "All packages".to_owned(),
        show => format!("Only {show}"),
    });
    let labels = ["Groups".to_owned(), "Refresh".to_owned()]
        .into_iter()
        .chain(shows);
    let more = menu("More", labels, move |at| match at {
        0 => Message::PartChosen(Part::Groups),
        1 => Message::RefreshPressed,
        at => choose(Show::ALL.get(at - 2).copied().unwrap_or_default()),
    });
    row![search, more.id("access-more")]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}

fn tools<'a>(page: &'a Access, owned: &'a OwnedByAccount, room: Room) -> Element<'a, Message> {
    let search = form_field::search("Search packages…", &page.packages.search)
        .id(SEARCH)
        .on_input(|text| Message::Packages(PackagesMessage::SearchChanged(text)))
        .on_submit(Message::Packages(PackagesMessage::SearchSubmitted));
    let choose = |show| Message::Packages(PackagesMessage::ShowChosen(show));
    if !room.is_roomy {
        return short_tools(search, choose);
    }
    let seat = page.desk.seat_view().map(|seat| seat.map(Message::Desk));
    if room.width < 720.0 {
        let at = Show::ALL.iter().position(|show| *show == page.packages.show);
        let kind = pick(
            Show::ALL.map(|show| show.to_string()),
            at.unwrap_or_default(),
            move |at| choose(Show::ALL.get(at).copied().unwrap_or_default()),
        )
        .id("access-show");
        return column![
            seat,
            row![search, kind, refresh(page)]
                .spacing(spacing::S)
                .align_y(Center)
        ]
        .spacing(spacing::S)
        .into();
    }
    let kind = segmented(Show::ALL, page.packages.show, choose).id("access-show");
    let count = quantity::count(owned.packages.len(), "package");
    let words = match page.desk.is_reading() {
        true => format!("{count}, reading again…"),
        false => count,
    };
    let words = text::small(words)
        .style(style::muted)
        .wrapping(iced::widget::text::Wrapping::None);
    row![
        search.width(SEARCH_WIDTH),
        kind,
        seat,
        refresh(page),
        container(words).width(Length::Fill).clip(true)
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

pub(super) fn refresh(page: &Access) -> Element<'_, Message> {
    button::secondary("Refresh")
        .id("access-refresh")
        .on_press_maybe((!page.desk.is_reading()).then_some(Message::RefreshPressed))
        .into()
}

/// What can be done with what is chosen.
fn footer<'a>(page: &'a Access, owned: &'a OwnedByAccount, room: Room) -> Element<'a, Message> {
    let packages = &page.packages;
    let ticked = packages.ticked.len();
    let message = |message| Message::Packages(message);
    let change = button::secondary("Change access…")
        .id("access-change")
        .on_press(message(PackagesMessage::ChangePressed));
    if ticked > 0 {
        let clear = button::secondary("Clear")
            .id("access-clear")
            .on_press(message(PackagesMessage::ClearPressed));
        let words = text::strong(format!("{} chosen", quantity::count(ticked, "package")));
        return row![container(words).width(Length::Fill), clear, change]
            .spacing(spacing::S)
            .align_y(Center)
            .into();
    }
    let Some(package) = packages.selected(owned) else {
        if !room.is_roomy {
            return column![].into();
        }
        let note = "Space ticks a package, Enter shows who can see it.";
        return container(text::small(note).style(style::muted))
            .height(spacing::BUTTON_HEIGHT)
            .align_y(Center)
            .into();
    };
    let open = room.is_roomy.then(|| {
        text::hint(
            button::secondary("Its page")
                .id("access-page")
                .on_press(message(PackagesMessage::PagePressed)),
            "Opens its settings in the browser: Settings, Admin, Set access.",
        )
    });
    let name = text::strong(format!("{}/{}", package.owner, package.name))
        .wrapping(iced::widget::text::Wrapping::None);
    row![container(name).width(Length::Fill).clip(true), open, change]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}
