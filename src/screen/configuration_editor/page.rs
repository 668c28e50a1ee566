//! How the page is laid out.

use iced::keyboard::{self, Key, key::Named};
use iced::widget::text::Wrapping;
use iced::widget::{Column, Row, column, container, responsive, row, scrollable, space};
use iced::{Center, Element, Event, Fill, Length, Size};

use crate::screen::shown;
use crate::screen::typed::Typed;
use crate::ui::banner::Banner;
use crate::ui::button::{self, Button};
use crate::ui::code_editor::{Covering, Event as Edit, code_editor};
use crate::ui::diff_view::diff_view;
use crate::ui::form_field;
use crate::ui::icon::Icon;
use crate::ui::intercept::intercept;
use crate::ui::modal::slim_bar;
use crate::ui::style::{self, Tone};
use crate::ui::{progress, spacing, text};

use super::search::Search;
use super::{ConfigurationEditor, Disk, EDITOR, Message, Pane, SEARCH, State, Step, secrets};

/// A page lower or narrower than this has no room for words that can be done without.
const LOW: f32 = 380.0;
const NARROW: f32 = 560.0;
const SEARCH_WIDTH: f32 = 420.0;
/// The key of shortcuts.
const COMMAND: &str = if cfg!(target_os = "macos") { "Cmd" } else { "Ctrl" };

pub(super) fn view(screen: &ConfigurationEditor) -> Element<'_, Message> {
    let is_searching = screen.search.is_some() && !screen.proposals.is_open();
    intercept(responsive(move |size| page(screen, size)), move |seen| {
        shortcut(seen.event, is_searching)
    })
    .into()
}

/// Keys that work wherever the focus is on the page.
fn shortcut(event: &Event, is_searching: bool) -> Option<Message> {
    let Event::Keyboard(keyboard::Event::KeyPressed {
        key,
        physical_key,
        modifiers,
        ..
    }) = event
    else {
        return None;
    };
    let step = if modifiers.shift() {
        Step::Previous
    } else {
        Step::Next
    };
    match key.as_ref() {
        Key::Named(Named::F3) if is_searching => Some(Message::SearchMoved(step)),
        Key::Named(Named::F8) => Some(Message::FindingMoved(step)),
        Key::Named(Named::Escape) if is_searching => Some(Message::SearchClosed),
        _ if modifiers.command() && !modifiers.alt() => {
            let letter = key
                .to_latin(*physical_key)
                .map(|letter| letter.to_ascii_lowercase());
            match letter {
                Some('s') if modifiers.shift() => Some(Message::SaveAndRestartPressed),
                Some('s') => Some(Message::SavePressed),
                Some('f') if !modifiers.shift() => Some(Message::SearchPressed),
                _ => None,
            }
        }
        _ => None,
    }
}

/// How much room there is.
#[derive(Clone, Copy)]
struct Room {
    is_low: bool,
    is_narrow: bool,
}

fn page(screen: &ConfigurationEditor, size: Size) -> Element<'_, Message> {
    let room = Room {
        is_low: size.height < LOW,
        is_narrow: size.width < NARROW,
    };
    let around = if room.is_low { spacing::S } else { spacing::L };
    let search = screen
        .search
        .as_ref()
        .map(|search| search_bar(screen, search, room));
    let body = match &screen.pane {
        Pane::Text => editor(screen),
        Pane::Changes { diff, .. } => changes(diff.as_ref()),
    };
    let banners = banners(screen);
    // Where there is little room, the text comes first.
    let has_findings = !room.is_low || (banners.is_empty() && !screen.findings.is_empty());
    let findings = has_findings.then(|| findings(screen));
    let mut parts = column![head(screen, room)].spacing(if room.is_low { spacing::XS } else { spacing::M });
    for banner in banners {
        parts = parts.push(banner);
    }
    parts
        .push(search)
        .push(container(body).width(Fill).height(Fill))
        .push(findings)
        .push(foot(screen, room))
        .padding(around)
        .width(Fill)
        .height(Fill)
        .into()
}

fn head(screen: &ConfigurationEditor, room: Room) -> Element<'_, Message> {
    let back = button::icon(Icon::ChevronLeft, "Back to Preferences")
        .id("editor-back")
        .on_press(Message::ClosePressed);
    let title = if room.is_low {
        text::heading(screen.title()).wrapping(Wrapping::None)
    } else {
        text::title(screen.title()).wrapping(Wrapping::None)
    };
    let state = screen
        .is_changed()
        .then(|| text::badge("not saved", Tone::Warning));
    let path = text::small(screen.path()).style(style::muted);
    let words = column![row![title, state].spacing(spacing::S).align_y(Center)];
    let words = if room.is_low { words } else { words.push(path) };
    row![back, container(words).width(Fill).clip(true), tools(screen)]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}

fn tools(screen: &ConfigurationEditor) -> Element<'_, Message> {
    let is_text = matches!(screen.pane, Pane::Text);
    let undo = |icon, name: &'static str, keys: &str, id: &'static str, is_possible: bool, event| {
        let button = button::icon(icon, name)
            .id(id)
            .on_press_maybe((is_possible && is_text).then_some(Message::Editor(event)));
        text::hint(button, format!("{name} ({COMMAND}-{keys})"))
    };
    let (cover, words) = if screen.shows_secrets {
        (Icon::EyeOff, "Cover tokens and passwords")
    } else {
        (Icon::Eye, "Show tokens and passwords")
    };
    let tool = |icon, name: &'static str, hint: String, id: &'static str, message| {
        text::hint(button::icon(icon, name).id(id).on_press(message), hint)
    };
    let changes = match (is_text, screen.is_changed()) {
        (true, _) => small("Changes", "editor-changes", Message::ChangesToggled(true)),
        (false, _) => small("Text", "editor-text", Message::ChangesToggled(false)),
    };
    row![
        undo(
            Icon::Undo,
            "Undo typing",
            "Z",
            "editor-undo",
            screen.content.can_undo(),
            Edit::Undone
        ),
        undo(
            Icon::Redo,
            "Redo typing",
            "Shift-Z",
            "editor-redo",
            screen.content.can_redo(),
            Edit::Redone
        ),
        tool(
            Icon::Search,
            "Find",
            format!("Find ({COMMAND}-F)"),
            "editor-find",
            Message::SearchPressed
        ),
        tool(
            cover,
            words,
            words.to_owned(),
            "editor-secrets",
            Message::SecretsToggled
        ),
        changes
    ]
    .spacing(spacing::XXS)
    .align_y(Center)
    .into()
}

fn small<'a>(label: &'static str, id: &'static str, message: Message) -> Button<'a, Message> {
    button::link(label).id(id).on_press(message)
}

fn search_bar<'a>(screen: &'a ConfigurationEditor, search: &'a Search, room: Room) -> Element<'a, Message> {
    let summary = text::small(search.summary(&screen.content))
        .style(style::muted)
        .wrapping(Wrapping::None);
    let field = form_field::search("Find", search.text())
        .id(SEARCH)
        .on_input(|text| Message::SearchTyped(Typed::new(text)))
        .on_submit(Message::SearchMoved(Step::Next))
        .trailing(container(summary).padding([0.0, spacing::XS]));
    let step = |icon, name: &'static str, id: &'static str, step| {
        button::icon(icon, name)
            .id(id)
            .on_press_maybe((!search.text().is_empty()).then_some(Message::SearchMoved(step)))
    };
    row![
        field.width(if room.is_narrow {
            Length::Fill
        } else {
            Length::Fixed(SEARCH_WIDTH)
        }),
        step(Icon::ArrowUp, "Previous place", "search-previous", Step::Previous),
        step(Icon::ArrowDown, "Next place", "search-next", Step::Next),
        button::icon(Icon::Close, "Close the search")
            .id("search-close")
            .on_press(Message::SearchClosed),
    ]
    .spacing(spacing::XS)
    .align_y(Center)
    .into()
}

fn editor(screen: &ConfigurationEditor) -> Element<'_, Message> {
    let (proposals, marked) = screen.proposals.shown();
    let covered = (!screen.shows_secrets).then_some(secrets::in_line as Covering);
    let needle = screen.search.as_ref().map_or("", Search::text);
    code_editor(&screen.content, screen.language(), Message::Editor)
        .id(EDITOR)
        .marks(&screen.findings.marks)
        .needle(needle)
        .covered(covered)
        .read_only(screen.is_busy())
        .proposals(proposals, marked)
        .into()
}

fn changes(diff: Option<&Result<crate::ui::diff_view::Diff, crate::error::Problem>>) -> Element<'_, Message> {
    let content: Element<'_, Message> = match diff {
        None => progress::activity(),
        Some(Ok(diff)) => diff_view(diff),
        Some(Err(problem)) => shown::problem(problem).into(),
    };
    scrollable(container(content).padding([spacing::XS, spacing::M]))
        .direction(scrollable::Direction::Vertical(slim_bar()))
        .style(style::scroll)
        .width(Fill)
        .height(Fill)
        .into()
}

/// What the person has to know or to decide before going on.
fn banners(screen: &ConfigurationEditor) -> Vec<Element<'_, Message>> {
    let choice = |label: &'static str, id: &'static str, message: Message| {
        button::secondary(label)
            .id(id)
            .on_press_maybe((!screen.is_busy()).then_some(message))
    };
    let mut banners = Vec::new();
    if screen.disk == Disk::Changed {
        let merge = (!screen.findings.has_errors())
            .then(|| choice("Merge and save", "disk-merge", Message::MergePressed));
        let buttons = row![
            choice("Reload", "disk-reload", Message::ReloadPressed),
            choice("Keep mine", "disk-keep", Message::KeepMinePressed),
            merge
        ]
        .spacing(spacing::S);
        let banner =
            Banner::new(Tone::Warning, "Another program has changed the file meanwhile.").button(buttons);
        banners.push(banner.into());
    }
    if screen.state == State::Leaving {
        let save = (!screen.findings.has_errors())
            .then(|| choice("Save", "leave-save", Message::SaveAndClosePressed));
        let buttons = row![
            save,
            choice("Discard", "leave-discard", Message::DiscardPressed),
            choice("Keep editing", "leave-stay", Message::KeepEditingPressed)
        ]
        .spacing(spacing::S);
        let banner = Banner::new(Tone::Warning, "Your changes are not saved.").button(buttons);
        banners.push(banner.into());
    }
    if let Some(problem) = &screen.problem {
        banners.push(shown::problem(problem).into());
    }
    banners
}

/// What is wrong with the line of the caret, and the way to the next such place.
fn findings(screen: &ConfigurationEditor) -> Element<'_, Message> {
    let found = &screen.findings;
    let here = found.at(screen.content.caret());
    let words: Element<'_, Message> = match (here, found.is_empty()) {
        (_, true) => text::small("No problems found.").style(style::muted).into(),
        (Some((line, tone, words)), _) => text::small(format!("Line {line}: {words}"))
            .style(style::toned(tone))
            .into(),
        (None, _) => text::small(found.summary()).style(style::muted).into(),
    };
    let step = |icon, name: &'static str, keys: &str, id: &'static str, step| {
        let button = button::icon(icon, name)
            .small()
            .id(id)
            .on_press(Message::FindingMoved(step));
        text::hint(button, format!("{name} ({keys})"))
    };
    let steps = (!found.is_empty()).then(|| {
        row![
            step(
                Icon::ArrowUp,
                "Previous finding",
                "Shift-F8",
                "finding-previous",
                Step::Previous
            ),
            step(Icon::ArrowDown, "Next finding", "F8", "finding-next", Step::Next)
        ]
    });
    row![container(words).width(Fill), steps]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}

fn foot(screen: &ConfigurationEditor, room: Room) -> Element<'_, Message> {
    let caret = screen.content.caret();
    let place = format!("Line {}, column {}", caret.line + 1, caret.column + 1);
    let aside: Element<'_, Message> = match screen.state {
        State::Saving { .. } => shown::working("Saving"),
        State::Reading(_) => shown::working("Reading the file"),
        _ if room.is_narrow => space().width(Fill).into(),
        _ if screen.findings.has_errors() => text::small("Mend what is marked as an error to save.")
            .style(style::bad)
            .into(),
        _ if screen.follows => {
            let words = "Another program has changed the file; this is how it is now.";
            text::small(words).style(style::accent).into()
        }
        _ => text::small(place).style(style::muted).into(),
    };
    let buttons = [
        button::secondary("Close")
            .id("editor-close")
            .on_press(Message::ClosePressed),
        button::secondary("Save and Restart")
            .id("editor-save-and-restart")
            .on_press_maybe(screen.can_restart().then_some(Message::SaveAndRestartPressed)),
        button::primary("Save")
            .id("editor-save")
            .on_press_maybe(screen.can_save().then_some(Message::SavePressed)),
    ];
    let buttons = Row::with_children(buttons.into_iter().map(Element::from)).spacing(spacing::S);
    let line: Row<'_, Message> = row![container(aside).width(Fill).clip(true), buttons];
    Column::new()
        .push(line.spacing(spacing::M).align_y(Center))
        .into()
}
