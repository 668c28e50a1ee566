//! How the page is laid out, in each of its states and sizes.

use iced::widget::{column, container, responsive, row, rule, scrollable};
use iced::{Center, Element, Length, Size};

use crate::screen::package_index::IndexLine;
use crate::screen::{quantity, shown};
use crate::service::plan::short_path;
use crate::ui::banner::Banner;
use crate::ui::icon::Icon;
use crate::ui::intercept::{self, intercept};
use crate::ui::modal::slim_bar;
use crate::ui::pick::{menu, pick};
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, form_field, progress, spacing, text};

use super::rows::Show;
use super::{Content, Guard, Message, Packages, SEARCH, pane, table};

/// A page smaller than this has no room but for the table.
const ROOMY: f32 = 560.0;
const TALL: f32 = 400.0;
/// From here on the details have their place beside the table.
const WIDE: f32 = 800.0;
const SEARCH_WIDTH: f32 = 260.0;
const PANE: f32 = 340.0;

pub(super) fn view<'a>(page: &'a Packages, index: &'a IndexLine) -> Element<'a, Message> {
    intercept(responsive(move |size| sized(page, index, size)), |seen| {
        intercept::is_confirm(seen.event).then_some(Message::ApplyPressed)
    })
    .into()
}

fn sized<'a>(page: &'a Packages, index: &'a IndexLine, size: Size) -> Element<'a, Message> {
    let is_roomy = size.width >= ROOMY && size.height >= TALL;
    let is_wide = is_roomy && size.width >= WIDE;
    let margin = if is_roomy { spacing::PAGE } else { spacing::M };
    let gap = if is_roomy { spacing::M } else { spacing::S };
    let inner = (size.width - 2.0 * margin).max(0.0);
    if let (false, true, Some(details)) = (is_wide, page.is_looking, &page.details) {
        let back = button::link(page.environment.label.clone())
            .flush()
            .glyph(Icon::ChevronLeft)
            .id("package-back")
            .on_press(Message::LookEnded);
        let pane = scrollable(container(pane::view(page, details)).padding([0.0, spacing::S]))
            .direction(scrollable::Direction::Vertical(slim_bar()))
            .style(style::scroll)
            .width(Length::Fill)
            .height(Length::Fill);
        return column![back, pane, footer(page, inner)]
            .spacing(spacing::S)
            .padding(margin)
            .into();
    }
    let head = if is_roomy {
        head(page, index, inner)
    } else {
        short_head(page, index)
    };
    let guard = page.environment.guard.as_ref().filter(|_| !page.is_overridden);
    let guard = guard.map(|guard| {
        let banner = Banner::new(Tone::Warning, shown::sentence(guard.reason()));
        match guard {
            Guard::Frozen(_) => banner.button(
                button::secondary("Change it nevertheless")
                    .id("packages-nevertheless")
                    .on_press(Message::NeverthelessPressed),
            ),
            Guard::Final(_) => banner,
        }
    });
    let middle = middle(page, index, inner, is_roomy, is_wide);
    column![head, guard, middle, footer(page, inner)]
        .spacing(gap)
        .padding(margin)
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

fn middle<'a>(
    page: &'a Packages,
    index: &'a IndexLine,
    inner: f32,
    is_roomy: bool,
    is_wide: bool,
) -> Element<'a, Message> {
    let fill = |content: Element<'a, Message>| -> Element<'a, Message> {
        container(content).width(Length::Fill).height(Length::Fill).into()
    };
    match &page.content {
        // What was there before stays in sight.
        Content::Reading(_) if page.rows.installed().is_empty() && !page.show.is_of_index() => {
            return fill(progress::activity());
        }
        Content::Failed(problem) => {
            let banner = shown::problem(problem).button(
                button::secondary("Try again")
                    .id("packages-again")
                    .on_press(Message::ReloadPressed),
            );
            return fill(banner.into());
        }
        Content::Reading(_) | Content::Read => {}
    }
    if is_wide {
        let pane = match &page.details {
            Some(details) => pane::view(page, details),
            None => text::small("Choose a package to see its versions, what it needs and what needs it.")
                .style(style::muted)
                .into(),
        };
        // Room for the ring of what has the focus, and for the bar.
        let pane = scrollable(container(pane).padding([spacing::XS, spacing::M]))
            .direction(scrollable::Direction::Vertical(slim_bar()))
            .style(style::scroll)
            .width(PANE)
            .height(Length::Fill);
        let table = table::view(page, index, inner - PANE - spacing::L, true);
        return row![table, rule::vertical(spacing::LINE).style(style::separator), pane]
            .spacing(spacing::S)
            .height(Length::Fill)
            .into();
    }
    table::view(page, index, inner, is_roomy)
}

fn back<'a>() -> button::Button<'a, Message> {
    button::link("Environments")
        .flush()
        .glyph(Icon::ChevronLeft)
        .id("packages-back")
        .on_press(Message::BackPressed)
}

fn head<'a>(page: &'a Packages, index: &'a IndexLine, inner: f32) -> Element<'a, Message> {
    let environment = &page.environment;
    let title = container(text::title(format!("Packages of {}", environment.label))).width(Length::Fill);
    let update = button::secondary("Update index")
        .id("packages-update-index")
        .on_press(Message::UpdateIndexPressed);
    let mut facts = vec![short_path(&environment.prefix, &page.home)];
    facts.extend(
        environment
            .python
            .as_ref()
            .map(|python| format!("Python {python}")),
    );
    facts.push(quantity::count(page.rows.installed().len(), "package"));
    let facts = text::body(facts.join("  ·  ")).style(style::muted);
    let line = row![container(facts).width(Length::Fill), index_line(index)]
        .spacing(spacing::M)
        .align_y(Center);
    let search = search(page).width(SEARCH_WIDTH);
    let rest = row![filter(page), update_all(page)]
        .spacing(spacing::S)
        .align_y(Center);
    let tools: Element<'a, Message> = if inner >= 620.0 {
        row![search, rest].spacing(spacing::S).align_y(Center).into()
    } else {
        column![search, rest].spacing(spacing::S).into()
    };
    column![
        back(),
        row![title, update].spacing(spacing::M).align_y(Center),
        line,
        container(tools).padding(iced::Padding::ZERO.top(spacing::XS))
    ]
    .spacing(spacing::XS)
    .into()
}

/// Search and filter, and everything else in a menu.
fn short_head<'a>(page: &'a Packages, index: &'a IndexLine) -> Element<'a, Message> {
    let mut entries = vec![
        ("Environments", Message::BackPressed),
        ("Update index", Message::UpdateIndexPressed),
    ];
    if page.rows.updatable() > 0 && page.can_change() {
        entries.push(("Update all", Message::UpdateAllPressed));
    }
    let labels: Vec<&str> = entries.iter().map(|(label, _)| *label).collect();
    let more = menu("…", labels, move |at| {
        entries
            .get(at)
            .map_or(Message::BackPressed, |(_, message)| message.clone())
    });
    let at = Show::ALL.iter().position(|show| *show == page.show);
    let show = pick(
        Show::ALL.map(|show| show.to_string()),
        at.unwrap_or_default(),
        |at| Message::ShowChosen(Show::ALL.get(at).copied().unwrap_or_default()),
    );
    let failed = index.failures().map(|words| text::badge(words, Tone::Bad));
    row![
        search(page),
        show.id("packages-show"),
        failed,
        more.bare().id("packages-more")
    ]
    .spacing(spacing::XS)
    .align_y(Center)
    .into()
}

fn search(page: &Packages) -> form_field::FormField<'_, Message> {
    form_field::search("Search packages…", &page.search)
        .id(SEARCH)
        .on_input(Message::SearchChanged)
        .on_submit(Message::SearchSubmitted)
}

fn filter(page: &Packages) -> Element<'_, Message> {
    segmented(Show::ALL, page.show, Message::ShowChosen)
        .id("packages-show")
        .into()
}

/// Shown where there is something to update.
fn update_all(page: &Packages) -> Option<Element<'_, Message>> {
    let count = page.rows.updatable();
    let is_shown = count > 0 && page.can_change() && page.show == Show::Updatable;
    let label = if page.basket.has_everything() {
        "Update all: take back".to_owned()
    } else {
        "Update all".to_owned()
    };
    is_shown.then(|| {
        button::secondary(label)
            .id("packages-update-all")
            .on_press(Message::UpdateAllPressed)
            .into()
    })
}

/// What is known of the index, with the way to what failed.
fn index_line(index: &IndexLine) -> Element<'_, Message> {
    let words = text::body(index.words());
    let words = if index.is_old() || *index == IndexLine::Missing {
        words.style(style::warning)
    } else {
        words.style(style::muted)
    };
    let mark = matches!(index, IndexLine::Updating { .. }).then(progress::activity);
    let link = match (index, index.failures()) {
        (IndexLine::Updating { .. }, _) => Some("Show".to_owned()),
        (_, failures) => failures,
    };
    let link = link.map(|words| {
        button::small_link(words)
            .id("packages-index")
            .on_press(Message::ShowIndexPressed)
    });
    row![mark, words, link].spacing(spacing::S).align_y(Center).into()
}

/// The basket, always in sight.
fn footer(page: &Packages, inner: f32) -> Element<'_, Message> {
    let basket = &page.basket;
    let apply = button::primary("Apply")
        .id("packages-apply")
        .on_press_maybe(page.can_apply().then_some(Message::ApplyPressed));
    let rule = rule::horizontal(spacing::LINE).style(style::separator);
    if basket.is_empty() {
        let words = if inner >= 520.0 && page.can_change() {
            "Space marks a package to be installed or removed, Shift+Space its update."
        } else {
            "No changes yet"
        };
        let note = container(text::small(words).style(style::muted)).width(Length::Fill);
        let line = row![note, apply].spacing(spacing::S).align_y(Center);
        return column![rule, line].spacing(spacing::S).into();
    }
    let count = button::secondary(basket.count())
        .id("packages-basket")
        .on_press(Message::BasketPressed);
    let is_wide = inner >= 520.0;
    let summary = text::small(if is_wide { basket.summary() } else { String::new() })
        .style(style::muted)
        .wrapping(iced::widget::text::Wrapping::None);
    let clear = is_wide.then(|| {
        button::secondary("Clear")
            .id("packages-clear")
            .on_press(Message::ClearPressed)
    });
    let line = row![
        count,
        container(summary).width(Length::Fill).clip(true),
        clear,
        apply
    ]
    .spacing(spacing::S)
    .align_y(Center);
    column![rule, line].spacing(spacing::S).into()
}
