//! The list of an account's tokens.

use iced::widget::{column, container, row, space};
use iced::{Center, Element, Length};
use jiff::Timestamp;

use crate::service::tokens::{SOON_DAYS, ServerToken};
use crate::ui::check_box::check_box;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{header, virtual_list};
use crate::ui::{button, spacing, text};

use super::{Account, Listing, Message, identity};

/// Which columns there is room for, and something to show in; tick, name and end are always there.
#[derive(Debug, Clone, Copy)]
struct Columns {
    has_scopes: bool,
    has_created: bool,
    has_host: bool,
}

const TICK: f32 = 20.0;
const DATE: f32 = 92.0;
const HOST: f32 = 132.0;

impl Columns {
    fn new(width: f32, tokens: &[ServerToken]) -> Self {
        Self {
            has_scopes: width >= 460.0,
            has_created: width >= 640.0 && tokens.iter().any(|token| token.created_at.is_some()),
            has_host: width >= 560.0 && tokens.iter().any(|token| token.hostname.is_some()),
        }
    }
}

/// Rows, and heads above them where there is room.
pub(super) fn view<'a>(
    account: &'a Account,
    listing: &'a Listing,
    width: f32,
    has_heads: bool,
) -> Element<'a, Message> {
    let columns = Columns::new(width, &listing.account.tokens);
    let rows: Element<'a, Message> = if listing.shown.is_empty() {
        nothing(account)
    } else {
        virtual_list(
            &account.list,
            listing.shown.len(),
            Message::List,
            move |place| match account.token(place) {
                Some(token) => (hash(token), row_view(account, columns, listing.at, place, token)),
                None => (0, space().into()),
            },
        )
    };
    column![has_heads.then(|| heads(columns)), rows]
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn hash(token: &ServerToken) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    identity(token).hash(&mut hasher);
    hasher.finish()
}

fn heads<'a>(columns: Columns) -> Element<'a, Message> {
    let head = |label: &'static str, width: Length| -> Element<'a, Message> {
        text::cell(text::column_header(label), width)
    };
    let cells = row![
        space().width(TICK),
        head("Name", Length::FillPortion(3)),
        columns.has_scopes.then(|| head("Scopes", Length::FillPortion(3))),
        columns.has_created.then(|| head("Created", DATE.into())),
        head("Expires", DATE.into()),
        columns.has_host.then(|| head("Last host", HOST.into())),
    ];
    header(cells.spacing(spacing::M).align_y(Center))
}

fn row_view<'a>(
    account: &'a Account,
    columns: Columns,
    now: Timestamp,
    place: usize,
    token: &'a ServerToken,
) -> Element<'a, Message> {
    let mut tick = check_box(account.ticked.contains(identity(token)))
        .name(format!("{}: revoke", token.name))
        .tab_stop(false);
    if !token.in_use {
        tick = tick.on_toggle(move |_| Message::TickPressed(place));
    }
    let muted = |words: String| text::body(words).style(style::muted);
    let host = || match token.hostname.as_deref() {
        None | Some("") => "—".to_owned(),
        Some(host) => host.to_owned(),
    };
    row![
        container(tick).width(TICK),
        container(name(token)).width(Length::FillPortion(3)).clip(true),
        columns.has_scopes.then(|| {
            let scopes = allowed(token);
            text::hint(text::cell(muted(scopes.clone()), Length::FillPortion(3)), scopes)
        }),
        columns
            .has_created
            .then(|| text::cell(muted(date(token.created_at)), DATE)),
        end(token, now),
        columns.has_host.then(|| text::cell(muted(host()), HOST)),
    ]
    .spacing(spacing::M)
    .align_y(Center)
    .into()
}

fn name(token: &ServerToken) -> Element<'_, Message> {
    let words = text::strong(token.name.as_str()).wrapping(iced::widget::text::Wrapping::None);
    let badge = match (token.in_use, token.surely_of_this_machine) {
        (true, _) => Some(text::hint(
            text::badge("in use here", Tone::Good),
            "conda on this machine opens private channels with it. Signing out revokes it.",
        )),
        (false, true) => Some(text::hint(
            text::badge("left over", Tone::Neutral),
            "An earlier sign-in of this machine made it. Nothing here uses it any more.",
        )),
        (false, false) => None,
    };
    row![words, badge].spacing(spacing::S).align_y(Center).into()
}

/// What it may do, in one line.
pub(super) fn allowed(token: &ServerToken) -> String {
    match (token.scopes.as_slice(), token.resources.as_slice()) {
        ([], []) => "the server does not say".to_owned(),
        ([], resources) => format!("only {}", resources.join(", ")),
        (scopes, []) => scopes.join(", "),
        (scopes, resources) => format!("{}; only {}", scopes.join(", "), resources.join(", ")),
    }
}

fn end<'a>(token: &ServerToken, now: Timestamp) -> Element<'a, Message> {
    let (tone, words) = match token.expires_at {
        None => (Tone::Neutral, "—".to_owned()),
        Some(end) if end <= now => (Tone::Bad, "expired".to_owned()),
        Some(end) => {
            let soon = end.as_second() - now.as_second() < SOON_DAYS * 86_400;
            let tone = if soon { Tone::Warning } else { Tone::Neutral };
            (tone, date(Some(end)))
        }
    };
    let words = text::body(words).style(move |theme| match tone {
        Tone::Neutral => style::muted(theme),
        tone => style::toned(tone)(theme),
    });
    text::cell(words, DATE)
}

pub(super) fn date(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "—".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// In the place of rows that are not there.
fn nothing(account: &Account) -> Element<'_, Message> {
    let (words, press) = match account.search.is_empty() {
        false => (
            "No token matches.",
            button::link("Clear the search")
                .id("account-tokens-clear-search")
                .on_press(Message::SearchChanged(String::new())),
        ),
        true => (
            "The account has no token.",
            button::link("Create one")
                .id("account-tokens-first")
                .on_press(Message::CreatePressed),
        ),
    };
    container(
        row![text::body(words).style(style::muted), press]
            .spacing(spacing::S)
            .align_y(Center),
    )
    .padding([spacing::M, spacing::S])
    .height(Length::Fill)
    .into()
}
