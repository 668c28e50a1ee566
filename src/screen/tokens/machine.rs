//! The part of the Tokens page about the tokens that the sign-ins of this machine use.

use iced::widget::{Column, column, container, row, scrollable};
use iced::{Center, Element, Length};

use super::left_over::LeftOvers;
use super::{Content, Message, Tokens};
use crate::screen::connect::{count_of_days, host_of};
use crate::screen::shown;
use crate::service::connection::ProgramName;
use crate::service::plan::short_path;
use crate::service::tokens::{Renewal, TokenHealth, TokenState};
use crate::ui::facts::{Fact, facts};
use crate::ui::modal::slim_bar;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

/// The days of a full bar: as long as a token lives unless the server says less.
const FULL_BAR: f32 = 365.0;
/// The widest that blocks get: beyond, lines are hard to read.
const MEASURE: f32 = 760.0;

pub(super) fn view(page: &Tokens) -> Element<'_, Message> {
    let body: Element<'_, Message> = match &page.content {
        Content::Loading(_) => progress::activity(),
        Content::Failed(problem) => shown::problem(problem)
            .button(button::secondary("Try again").on_press(Message::ReloadPressed))
            .into(),
        Content::Loaded { tokens, .. } if tokens.is_empty() => nothing(),
        Content::Loaded { tokens, left_over } => loaded(page, tokens, left_over),
    };
    // Room for the ring of what has the focus, and for the bar.
    let page = container(container(body).max_width(MEASURE)).padding(iced::Padding {
        right: 12.0,
        bottom: 4.0,
        ..iced::Padding::ZERO
    });
    scrollable(page)
        .direction(scrollable::Direction::Vertical(slim_bar()))
        .style(style::scroll)
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn loaded<'a>(page: &Tokens, tokens: &'a [TokenHealth], left_over: &'a [LeftOvers]) -> Element<'a, Message> {
    let blocks = tokens.iter().map(|token| block(page, token));
    let mut parts: Column<'a, Message> = Column::with_children(blocks).spacing(spacing::L);
    for part in left_over {
        let service = part.service();
        parts = parts.push(
            part.view()
                .map(move |message| Message::LeftOver(service, message)),
        );
    }
    parts.into()
}

fn block<'a>(page: &Tokens, token: &'a TokenHealth) -> Element<'a, Message> {
    let label = match token.renewal {
        Renewal::AtOnce | Renewal::WithPassword => "Renew",
        Renewal::BringNewToken => "Set a new token",
    };
    // Nothing to press where another program holds the login.
    let renew = (token.made_by == ProgramName::Sextant).then(|| {
        button::secondary(label)
            .id(format!("token-renew-{}", token.service.name()))
            .on_press(Message::RenewPressed(token.service))
    });
    let who = match token.user.as_str() {
        "" => host_of(&token.domain).to_owned(),
        user => format!("{} as {user}", host_of(&token.domain)),
    };
    let words = column![
        text::small(token.service.title()).style(style::muted),
        text::heading(who)
    ];
    let head = row![container(words).width(Length::Fill), renew]
        .spacing(spacing::M)
        .align_y(Center);
    let files: Vec<String> = token
        .files
        .iter()
        .map(|path| short_path(path, &page.home))
        .collect();
    let mut all = Vec::new();
    if let Some(name) = &token.name {
        all.push(Fact::new("Name", name.clone()));
    }
    all.push(Fact::new("Made by", made_by(token)));
    if !token.scopes.is_empty() {
        all.push(Fact::new("Scopes", token.scopes.join(", ")));
    }
    if !files.is_empty() {
        all.push(Fact::new("Kept in", files.join("\n")));
    }
    let card = column![head, life(token), facts(all)].spacing(spacing::M);
    container(card)
        .padding(spacing::L)
        .width(Length::Fill)
        .style(style::card)
        .into()
}

fn made_by(token: &TokenHealth) -> String {
    match (token.made_by, &token.name) {
        // It was brought: Sextant only set it.
        (ProgramName::Sextant, None) => "you, on the pages of the service".to_owned(),
        (program, _) => program.title().to_owned(),
    }
}

/// How long it lives, in words and as a bar.
fn life<'a>(token: &TokenHealth) -> Element<'a, Message> {
    let until = token
        .expires_at
        .map(|end| end.strftime("%-d %B %Y").to_string())
        .unwrap_or_default();
    let days = token.days_left.unwrap_or_default();
    let (tone, words) = match token.state {
        TokenState::Good => (Tone::Good, format!("{} left, until {until}", count_of_days(days))),
        TokenState::EndsSoon => (
            Tone::Warning,
            format!("{} left, until {until}", count_of_days(days)),
        ),
        TokenState::Expired => (Tone::Bad, format!("Expired on {until}: conda is refused with it")),
        TokenState::Unknown => (Tone::Neutral, "Nobody said when it ends".to_owned()),
    };
    let bar = match token.state {
        TokenState::Good | TokenState::EndsSoon => Some(progress::bar(days as f32 / FULL_BAR)),
        TokenState::Expired | TokenState::Unknown => None,
    };
    let line = text::state(tone, text::body(words));
    column![line, bar].spacing(spacing::S).into()
}

fn nothing<'a>() -> Element<'a, Message> {
    column![
        text::body("There are none: this machine is not signed in anywhere.").style(style::muted),
        button::primary("Connect")
            .id("tokens-connect")
            .on_press(Message::ConnectPressed),
    ]
    .spacing(spacing::L)
    .into()
}
