//! How the part is laid out, in each of its states.

use iced::widget::{column, container, row};
use iced::{Center, Element, Length};

use crate::screen::quantity;
use crate::service::connection::Service;
use crate::service::tokens::ServerToken;
use crate::ui::pick::menu;
use crate::ui::style;
use crate::ui::{button, form_field, spacing, text};

use super::table::{self, allowed, date};
use super::{Account, Listing, Message, SEARCH};

const SEARCH_WIDTH: f32 = 240.0;
/// From here on search, choice and the rest have one line.
const ONE_LINE: f32 = 560.0;

pub(super) fn view(account: &Account, width: f32, is_roomy: bool) -> Element<'_, Message> {
    if account.desk.seats().is_empty() {
        return nowhere();
    }
    let purpose = "The server tells nobody about the tokens of an account without it.";
    if let Some(waiting) = account.desk.waiting_view(purpose, is_roomy) {
        let seat = account.desk.seat_view().map(|seat| seat.map(Message::Desk));
        return column![seat, waiting.map(Message::Desk)]
            .spacing(spacing::L)
            .into();
    }
    let Some(listing) = account.desk.value() else {
        return nowhere();
    };
    column![
        match is_roomy {
            true => tools(account, listing, width),
            false => short_tools(account),
        },
        table::view(account, listing, width, is_roomy),
        footer(account, listing, width, is_roomy),
    ]
    .spacing(if is_roomy { spacing::M } else { spacing::S })
    .into()
}

fn nowhere<'a>() -> Element<'a, Message> {
    column![
        text::body(
            "This machine is not signed in to a service that lists its tokens: Anaconda Repository, Anaconda.org or \
             Package Security Manager (On-prem)."
        )
        .style(style::muted),
        button::primary("Connect")
            .id("account-tokens-connect")
            .on_press(Message::ConnectPressed),
    ]
    .spacing(spacing::L)
    .into()
}

fn search(account: &Account) -> form_field::FormField<'_, Message> {
    form_field::search("Search tokens…", &account.search)
        .id(SEARCH)
        .on_input(Message::SearchChanged)
        .on_submit(Message::SearchSubmitted)
}

/// Search, and everything else in a menu.
fn short_tools(account: &Account) -> Element<'_, Message> {
    const MORE: [&str; 3] = ["Create a token", "Refresh", "On this machine"];
    let more = menu("More", MORE, |at| match at {
        0 => Message::CreatePressed,
        1 => Message::RefreshPressed,
        _ => Message::MachinePressed,
    });
    row![search(account), more.id("tokens-more")]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}

fn tools<'a>(account: &'a Account, listing: &'a Listing, width: f32) -> Element<'a, Message> {
    let search = search(account);
    let refresh = button::secondary("Refresh")
        .id("account-tokens-refresh")
        .on_press_maybe((!account.desk.is_reading()).then_some(Message::RefreshPressed));
    let seat = account.desk.seat_view().map(|seat| seat.map(Message::Desk));
    if width < ONE_LINE {
        return column![seat, row![search, refresh].spacing(spacing::S).align_y(Center)]
            .spacing(spacing::S)
            .into();
    }
    let whose = match account.desk.seat() {
        Some(seat) if account.desk.seats().len() == 1 => format!(" of {}", seat.label()),
        _ => String::new(),
    };
    let count = quantity::count(listing.account.tokens.len(), "token");
    let words = match account.desk.is_reading() {
        true => format!("{count}{whose}, reading again…"),
        false => format!("{count}{whose}"),
    };
    let words = text::small(words)
        .style(style::muted)
        .wrapping(iced::widget::text::Wrapping::None);
    row![
        search.width(SEARCH_WIDTH),
        seat,
        refresh,
        container(words).width(Length::Fill).clip(true)
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

/// What can be done with what is chosen.
fn footer<'a>(
    account: &'a Account,
    listing: &'a Listing,
    width: f32,
    is_roomy: bool,
) -> Element<'a, Message> {
    let ticked = account.ticked.len();
    let revoke = |label: String| {
        button::quiet_danger(label)
            .id("account-tokens-revoke")
            .on_press(Message::RevokePressed)
    };
    if ticked > 0 {
        let clear = button::secondary("Clear")
            .id("account-tokens-clear")
            .on_press(Message::ClearPressed);
        let words = text::strong(format!("{} chosen", quantity::count(ticked, "token")));
        return row![
            container(words).width(Length::Fill),
            clear,
            revoke(format!("Revoke {}…", quantity::count(ticked, "token")))
        ]
        .spacing(spacing::S)
        .align_y(Center)
        .into();
    }
    let Some(token) = account.selected() else {
        return match is_roomy {
            true => rest(account, listing, width),
            false => column![].into(),
        };
    };
    let press: Element<'a, Message> = if token.in_use {
        button::secondary("Renew")
            .id("account-tokens-renew")
            .on_press(Message::RenewPressed)
            .into()
    } else {
        row![
            text::hint(
                button::secondary("Replace…")
                    .id("account-tokens-replace")
                    .on_press(Message::ReplacePressed),
                "The way out when its text was lost: a new one of the same name is made and this one revoked."
            ),
            revoke("Revoke…".to_owned())
        ]
        .spacing(spacing::S)
        .into()
    };
    let details = is_roomy.then(|| text::small(details(token)).style(style::muted));
    let what = column![
        text::strong(token.name.as_str()).wrapping(iced::widget::text::Wrapping::None),
        details
    ];
    row![container(what).width(Length::Fill).clip(true), press]
        .spacing(spacing::M)
        .align_y(Center)
        .into()
}

fn details(token: &ServerToken) -> String {
    let mut parts = vec![allowed(token)];
    if token.created_at.is_some() {
        parts.push(format!("made on {}", date(token.created_at)));
    }
    if token.expires_at.is_some() {
        parts.push(format!("ends on {}", date(token.expires_at)));
    }
    if let Some(host) = token.hostname.as_deref().filter(|host| !host.is_empty()) {
        parts.push(format!("for {host}"));
    }
    parts.join("  ·  ")
}

/// Where nothing is chosen.
fn rest<'a>(account: &'a Account, listing: &'a Listing, width: f32) -> Element<'a, Message> {
    let note = if width >= ONE_LINE {
        "Space ticks a token, Delete revokes. A server tells the text of a token only once."
    } else {
        ""
    };
    let of_organization = (!listing.account.organizations.is_empty()).then(|| {
        button::small_link("Revoke a token of an organisation…")
            .id("account-tokens-of-organization")
            .on_press(Message::OfOrganizationPressed)
    });
    let is_server = account
        .desk
        .seat()
        .is_some_and(|seat| seat.service == Service::Server);
    let pages = is_server.then(|| {
        text::hint(
            button::small_link("Tokens for certain channels…")
                .id("account-tokens-pages")
                .on_press(Message::PagesPressed),
            "A token that is limited to channels, with read, write or manage, is made on the pages of the server. This opens them.",
        )
    });
    row![
        container(text::small(note).style(style::muted)).width(Length::Fill),
        of_organization,
        pages
    ]
    .spacing(spacing::M)
    .align_y(Center)
    .height(spacing::BUTTON_HEIGHT)
    .into()
}
