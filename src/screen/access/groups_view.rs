//! The part of the page about groups: the list, and beside it what is in one.

use iced::widget::{Column, column, container, row, rule, space};
use iced::{Center, Element, Length};

use super::deed::Deed;
use super::groups::{Content, GroupEdit};
use super::page::{self, Room};
use super::{Access, GroupsMessage, MEMBER, Message, PACKAGE, Part};
use crate::repository::Permission;
use crate::screen::{quantity, shown};
use crate::service::access::{GroupShown, GroupSubject, OwnedByAccount};
use crate::ui::banner::Banner;
use crate::ui::form_field::FormField;
use crate::ui::icon::Icon;
use crate::ui::pick::menu;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{header, virtual_list};
use crate::ui::{button, progress, spacing, text};

const PANE: f32 = 360.0;
const PERMISSION: f32 = 84.0;
const COUNT: f32 = 76.0;

pub(super) fn view<'a>(page: &'a Access, owned: &'a OwnedByAccount, room: Room) -> Element<'a, Message> {
    if owned.organizations.is_empty() {
        return column![
            text::body("Your account belongs to no organisation, and only organisations have groups."),
            text::body(
                "Make one on the pages of the server, upload or transfer packages to it, and its groups appear here."
            )
            .style(style::muted)
        ]
        .spacing(spacing::S)
        .max_width(560)
        .into();
    }
    let selected = page.groups.selected();
    if let (false, Some(group)) = (room.is_wide, selected) {
        let back = button::link("Groups")
            .flush()
            .glyph(Icon::ChevronLeft)
            .id("access-groups-back")
            .on_press(Message::Groups(GroupsMessage::LookEnded));
        return column![back, page::scrolling(details(page, owned, group))]
            .spacing(spacing::S)
            .into();
    }
    let body: Element<'a, Message> = match &page.groups.content {
        Content::Unread | Content::Reading(_) => row![
            progress::activity(),
            text::body("Asking for the groups…").style(style::muted)
        ]
        .spacing(spacing::M)
        .align_y(Center)
        .into(),
        Content::Failed(problem) => shown::problem(problem)
            .button(
                button::secondary("Try again")
                    .id("access-groups-retry")
                    .on_press(Message::Groups(GroupsMessage::RetryPressed)),
            )
            .into(),
        Content::Read(groups) | Content::ReadingAgain(_, groups) => {
            let list = table(page, groups, room);
            if room.is_wide {
                let pane = match selected {
                    Some(group) => details(page, owned, group),
                    None => text::small("Choose a group to see its members and packages.")
                        .style(style::muted)
                        .into(),
                };
                row![
                    list,
                    rule::vertical(spacing::LINE).style(style::separator),
                    container(page::scrolling(pane)).width(PANE)
                ]
                .spacing(spacing::S)
                .height(Length::Fill)
                .into()
            } else {
                list
            }
        }
    };
    let tools = match room.is_roomy {
        true => tools(page),
        false => short_tools(),
    };
    column![tools, container(body).height(Length::Fill)]
        .spacing(if room.is_roomy { spacing::M } else { spacing::S })
        .into()
}

fn short_tools<'a>() -> Element<'a, Message> {
    let more = menu("More", ["Packages", "New group…", "Refresh"], |at| match at {
        0 => Message::PartChosen(Part::Packages),
        1 => Message::Groups(GroupsMessage::NewPressed),
        _ => Message::RefreshPressed,
    });
    row![
        container(text::heading("Groups")).width(Length::Fill),
        more.id("access-more")
    ]
    .align_y(Center)
    .into()
}

fn tools(page: &Access) -> Element<'_, Message> {
    let new = button::primary("New group…")
        .id("access-new-group")
        .on_press(Message::Groups(GroupsMessage::NewPressed));
    let seat = page.desk.seat_view().map(|seat| seat.map(Message::Desk));
    let count = quantity::count(page.groups.all().len(), "group");
    let words = match &page.groups.content {
        Content::Unread | Content::Reading(_) | Content::Failed(_) => String::new(),
        Content::ReadingAgain(..) => format!("{count}, reading again…"),
        Content::Read(_) => count,
    };
    row![
        new,
        page::refresh(page),
        seat,
        container(
            text::small(words)
                .style(style::muted)
                .wrapping(iced::widget::text::Wrapping::None)
        )
        .width(Length::Fill)
        .clip(true)
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

fn table<'a>(page: &'a Access, groups: &'a [GroupShown], room: Room) -> Element<'a, Message> {
    let has_counts = room.width >= 460.0;
    let head = |label: &'static str, width: f32| text::cell(text::column_header(label), width);
    let heads = header(
        row![
            text::cell(text::column_header("Group"), Length::Fill),
            head("May", PERMISSION),
            has_counts.then(|| head("Members", COUNT)),
            has_counts.then(|| head("Packages", COUNT)),
        ]
        .spacing(spacing::S)
        .align_y(Center),
    );
    let rows: Element<'a, Message> = if groups.is_empty() {
        container(text::body("There is no group yet.").style(style::muted))
            .padding([spacing::M, spacing::S])
            .height(Length::Fill)
            .into()
    } else {
        virtual_list(
            &page.groups.list,
            groups.len(),
            |event| Message::Groups(GroupsMessage::List(event)),
            move |place| match groups.get(place) {
                Some(group) => (place, row_view(group, has_counts)),
                None => (place, space().into()),
            },
        )
    };
    column![room.is_roomy.then_some(heads), rows]
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn row_view(group: &GroupShown, has_counts: bool) -> Element<'_, Message> {
    let unwrapped = iced::widget::text::Wrapping::None;
    let name = row![
        text::body(format!("{}/", group.organization))
            .style(style::muted)
            .wrapping(unwrapped),
        text::strong(group.name.as_str()).wrapping(unwrapped)
    ];
    let muted = |words: String| text::body(words).style(style::muted);
    row![
        container(name).width(Length::Fill).clip(true),
        text::cell(muted(group.permission.to_string()), PERMISSION),
        has_counts.then(|| text::cell(muted(group.members.len().to_string()), COUNT)),
        has_counts.then(|| text::cell(muted(package_count(group)), COUNT)),
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

/// The owners of an organisation have all of its packages, whatever is listed.
fn package_count(group: &GroupShown) -> String {
    match is_owners(group) {
        true => "all".to_owned(),
        false => group.packages.len().to_string(),
    }
}

fn is_owners(group: &GroupShown) -> bool {
    group.permission == Permission::Admin && group.name == "owners"
}

fn details<'a>(page: &'a Access, owned: &'a OwnedByAccount, group: &'a GroupShown) -> Element<'a, Message> {
    let is_busy = page.groups.deed.is_running();
    let about = match is_owners(group) {
        true => format!(
            "Its members may do everything with all packages of {}.",
            group.organization
        ),
        false => match &group.permission {
            Permission::Read => "Its members see and download these packages.".to_owned(),
            Permission::Write => "Its members see, download and upload these packages.".to_owned(),
            Permission::Admin => "Its members may do everything with these packages.".to_owned(),
            Permission::Other(word) => format!("Its members have the permission {word}."),
        },
    };
    let members = group.members.iter().map(|member| {
        let name = match (&member.name, member.login == owned.login) {
            (_, true) => format!("{} (you)", member.login),
            (Some(name), false) => format!("{}, {name}", member.login),
            (None, false) => member.login.clone(),
        };
        let subject = GroupSubject::User(member.login.clone());
        line(name, format!("access-out-{}", member.login), subject, is_busy)
    });
    let packages = group.packages.iter().map(|package| {
        let subject = GroupSubject::Package(package.clone());
        line(
            package.clone(),
            format!("access-out-package-{package}"),
            subject,
            is_busy,
        )
    });
    let packages: Element<'a, Message> = if is_owners(group) {
        text::small("All of the organisation").style(style::muted).into()
    } else {
        column![
            listed(
                packages.collect(),
                "None yet: nobody sees anything by this group."
            ),
            adding(
                "Add a package",
                PACKAGE,
                &page.groups.package,
                is_busy,
                GroupsMessage::PackageTyped,
                GroupsMessage::AddPackagePressed,
                "access-add-package",
            )
        ]
        .spacing(spacing::S)
        .into()
    };
    column![
        column![
            text::heading(format!("{}/{}", group.organization, group.name)),
            text::small(about).style(style::muted)
        ]
        .spacing(spacing::XXS),
        told(page),
        column![
            text::strong("Members"),
            listed(members.collect(), "None yet."),
            adding(
                "Add a member",
                MEMBER,
                &page.groups.member,
                is_busy,
                GroupsMessage::MemberTyped,
                GroupsMessage::AddMemberPressed,
                "access-add-member",
            )
        ]
        .spacing(spacing::S),
        column![text::strong("Packages"), packages].spacing(spacing::S),
    ]
    .spacing(spacing::L)
    .into()
}

fn listed<'a>(lines: Vec<Element<'a, Message>>, none: &'a str) -> Element<'a, Message> {
    if lines.is_empty() {
        return text::small(none).style(style::muted).into();
    }
    Column::with_children(lines).spacing(spacing::XXS).into()
}

fn line<'a>(name: String, id: String, subject: GroupSubject, is_busy: bool) -> Element<'a, Message> {
    let press = (!is_busy).then_some(Message::Groups(GroupsMessage::RemovePressed(subject)));
    let out = button::small_link("Take out").id(id).on_press_maybe(press);
    row![
        container(text::body(name).wrapping(iced::widget::text::Wrapping::None))
            .width(Length::Fill)
            .clip(true),
        out
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

fn adding<'a>(
    placeholder: &'a str,
    id: &'static str,
    value: &'a str,
    is_busy: bool,
    typed: fn(String) -> GroupsMessage,
    add: GroupsMessage,
    button_id: &'static str,
) -> Element<'a, Message> {
    let can_add = !value.trim().is_empty() && !is_busy;
    FormField::new(placeholder, value)
        .id(id)
        .on_input(move |text| Message::Groups(typed(text)))
        .on_submit(Message::Groups(add.clone()))
        .trailing(
            button::small_link("Add")
                .id(button_id)
                .on_press_maybe(can_add.then_some(Message::Groups(add))),
        )
        .into()
}

/// What became of the last change, with the way back; or the question before one that has none.
fn told(page: &Access) -> Option<Element<'_, Message>> {
    if let Some(edit) = &page.groups.asked {
        return Some(
            Banner::new(
                Tone::Warning,
                format!("You would leave {}/{}", edit.organization, edit.group),
            )
            .cause(
                "You could not come back by yourself; another administrator would have to put you in again.",
            )
            .button(
                button::secondary("Leave nevertheless")
                    .id("access-leave")
                    .on_press(Message::Groups(GroupsMessage::NeverthelessPressed)),
            )
            .button(
                button::secondary("Stay")
                    .id("access-stay")
                    .on_press(Message::Groups(GroupsMessage::KeepPressed)),
            )
            .into(),
        );
    }
    match &page.groups.deed {
        Deed::Idle => None,
        Deed::Running(..) => Some(shown::working("Asking the server")),
        Deed::Failed(problem) => Some(shown::problem(problem).into()),
        Deed::Done(edit) => Some(done(edit)),
    }
}

fn done(edit: &GroupEdit) -> Element<'_, Message> {
    let words = match edit.is_in {
        true => format!("{} is in {} now.", edit.name(), edit.group),
        false => format!("{} is no longer in {}.", edit.name(), edit.group),
    };
    let back = button::small_link(match edit.is_in {
        true => "Take out again",
        false => "Put back",
    })
    .id("access-group-back")
    .on_press(Message::Groups(GroupsMessage::PutBackPressed));
    row![text::state(Tone::Good, text::small(words)), back]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}
