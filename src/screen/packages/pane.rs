//! The details of one package.

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length};

use crate::error::Problem;
use crate::package::Record;
use crate::screen::{quantity, shown};
use crate::service::packages::tree::BranchKind;
use crate::ui::facts::{Fact, facts};
use crate::ui::icon::Icon;
use crate::ui::style::{self, Tone};
use crate::ui::tree_list::{self, TreeState, tree_list};
use crate::ui::{button, progress, spacing, text};

use super::basket::Mark;
use super::details::{Details, Part, Reason, Release, Section};
use super::rows::Row;
use super::{Message, Packages};

/// The lines of a tree that are seen at once.
const LINES: usize = 7;

pub(super) fn view<'a>(page: &'a Packages, details: &'a Details) -> Element<'a, Message> {
    let row = page.rows.known(&details.name);
    let sections = Section::ALL
        .into_iter()
        .filter(|section| details.is_installed || !matches!(section, Section::Why | Section::Needs))
        .map(|section| section_view(page, details, row, section));
    column![
        text::heading(details.name.as_str()),
        about(details, row),
        marks(page, details, row),
        Column::with_children(sections).spacing(spacing::XS)
    ]
    .spacing(spacing::M)
    .width(Length::Fill)
    .into()
}

fn about<'a>(details: &'a Details, row: Option<&'a Row>) -> Element<'a, Message> {
    let installed = row.and_then(|row| row.installed.as_ref());
    let record = details.record(installed.map(|installed| installed.version.as_str()));
    let newest = details.record(None);
    let record = record.or(newest);
    let mut all = Vec::new();
    if let Some(installed) = installed {
        all.push(Fact::new(
            "Installed",
            format!("{} ({})", installed.version, installed.build),
        ));
    }
    if let Some(newest) = newest {
        let tone = match row.is_some_and(|row| row.can_update) {
            true => Tone::Info,
            false => Tone::Neutral,
        };
        all.push(Fact::new("Newest", newest.version.clone()).tone(tone));
    }
    let channel = installed.map(|installed| installed.channel.clone());
    let channel = channel.or_else(|| record.map(|record| record.channel.name.clone()));
    all.extend(channel.map(|channel| Fact::new("Channel", channel)));
    let size = installed.and_then(|installed| installed.size);
    let size = size.or_else(|| record.and_then(|record| record.size));
    all.extend(size.map(|size| Fact::new("Size", quantity::bytes(size))));
    let license = record.and_then(|record| record.license.clone());
    all.extend(license.map(|license| Fact::new("Licence", license)));
    let built = record.and_then(|record| record.timestamp);
    all.extend(built.map(|built| Fact::new("Built", built.strftime("%-d %B %Y").to_string())));
    facts(all)
}

/// What can be marked, and what is.
fn marks<'a>(page: &'a Packages, details: &'a Details, row: Option<&'a Row>) -> Element<'a, Message> {
    let marked = page.basket.get(&details.name);
    let can_change = row.map_or_else(|| page.can_change(), |row| page.can_mark(row));
    let toggle = |label: &str, taken_back: &str, mark: Mark, id: &'static str| {
        let label = if marked == Some(&mark) { taken_back } else { label };
        button::secondary(label)
            .id(id)
            .on_press_maybe(can_change.then_some(Message::MarkPressed(mark)))
    };
    let is_installed = row.is_some_and(|row| row.installed.is_some());
    let update = row
        .filter(|row| row.update().is_some() && !page.basket.has_everything())
        .map(|_| toggle("Update", "Do not update", Mark::Update, "package-update"));
    let other = if is_installed {
        toggle("Remove", "Keep", Mark::Remove, "package-remove")
    } else {
        let mark = match marked {
            Some(mark @ Mark::Install(_)) => mark.clone(),
            _ => Mark::Install(None),
        };
        toggle("Install", "Do not install", mark, "package-install")
    };
    let chosen = match marked {
        Some(Mark::Install(Some(choice))) => {
            let words = match &choice.build {
                Some(build) => format!("{} ({build}) is chosen.", choice.version),
                None => format!("{} is chosen.", choice.version),
            };
            let take_back = is_installed.then(|| {
                button::small_link("Take back")
                    .id("package-take-back")
                    .on_press(Message::MarkPressed(Mark::Install(Some(choice.clone()))))
            });
            Some(row![text::small(words).style(style::accent), take_back].align_y(Center))
        }
        _ => None,
    };
    column![row![update, other].spacing(spacing::S), chosen]
        .spacing(spacing::XS)
        .into()
}

fn section_view<'a>(
    page: &'a Packages,
    details: &'a Details,
    row: Option<&'a Row>,
    section: Section,
) -> Element<'a, Message> {
    let is_open = page.open.contains(&section);
    let icon = if is_open {
        Icon::ChevronDown
    } else {
        Icon::ChevronRight
    };
    let head = button::link(section.label())
        .flush()
        .glyph(icon)
        .id(section.id())
        .on_press(Message::SectionPressed(section));
    if !is_open {
        return head.into();
    }
    let content = match section {
        Section::Versions => versions(page, details, row),
        Section::Dependencies => dependencies(details, row),
        Section::Why => part(&details.why, |reasons| {
            let words = match &reasons[..] {
                [only] if only.name == details.name && only.is_requested => "It was asked for by name.",
                [only] if only.name == details.name => {
                    "Nobody asked for it, and nothing that was asked for needs it."
                }
                _ => "From what was asked for down to it.",
            };
            reasons_view(Section::Why, words, &details.why_tree, reasons)
        }),
        Section::Needs => part(&details.needs, |reasons| {
            if reasons.iter().all(|reason| reason.below.is_empty()) {
                return text::small("Nothing else here needs it.")
                    .style(style::muted)
                    .into();
            }
            reasons_view(Section::Needs, "", &details.needs_tree, reasons)
        }),
    };
    column![head, container(content).padding([spacing::XS, spacing::XS])].into()
}

/// A part in each of its states.
fn part<'a, T>(part: &'a Part<T>, read: impl FnOnce(&'a T) -> Element<'a, Message>) -> Element<'a, Message> {
    match part {
        Part::Unread => text::small("Not read").style(style::muted).into(),
        Part::Reading(_) => progress::activity(),
        Part::Failed(problem) => failed(problem),
        Part::Read(content) => read(content),
    }
}

fn failed<'a>(problem: &Problem) -> Element<'a, Message> {
    text::small(shown::lines(problem)).style(style::bad).into()
}

fn versions<'a>(page: &'a Packages, details: &'a Details, row: Option<&'a Row>) -> Element<'a, Message> {
    part(&details.releases, |releases| {
        if releases.is_empty() {
            return text::small("The index does not know it.")
                .style(style::muted)
                .into();
        }
        let installed = row.and_then(|row| row.installed.as_ref());
        let chosen = match page.basket.get(&details.name) {
            Some(Mark::Install(Some(choice))) => Some(choice),
            _ => None,
        };
        let line = move |release: &'a Release| -> Element<'a, Message> {
            let is_chosen = chosen.is_some_and(|chosen| *chosen == release.choice());
            match release {
                Release::Version {
                    version, channels, ..
                } => {
                    let is_there = installed.is_some_and(|installed| installed.version == *version);
                    release_line(
                        text::body(version.as_str()),
                        channels.clone(),
                        is_there,
                        is_chosen,
                    )
                }
                Release::Build(record) => build_line(
                    record,
                    installed.is_some_and(|installed| {
                        installed.version == record.version && installed.build == record.build
                    }),
                    is_chosen,
                ),
            }
        };
        let tree = tree_list(
            &details.release_tree,
            releases,
            |event| Message::Tree(Section::Versions, event),
            line,
        );
        let note = page
            .can_change()
            .then(|| text::small("Space or Enter chooses a version, or a build of it.").style(style::muted));
        let height = tree_list::height(details.release_tree.len(), LINES);
        column![container(tree).height(height), note]
            .spacing(spacing::XS)
            .into()
    })
}

fn release_line<'a>(
    name: iced::widget::Text<'a>,
    beside: String,
    is_there: bool,
    is_chosen: bool,
) -> Element<'a, Message> {
    let there = is_there.then(|| text::badge("installed", Tone::Neutral));
    let chosen = is_chosen.then(|| text::badge("chosen", Tone::Good));
    let beside = text::small(beside)
        .style(style::muted)
        .wrapping(iced::widget::text::Wrapping::None);
    row![
        name.wrapping(iced::widget::text::Wrapping::None),
        there,
        chosen,
        container(beside)
            .width(Length::Fill)
            .align_x(iced::Right)
            .clip(true)
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

fn build_line<'a>(record: &'a Record, is_there: bool, is_chosen: bool) -> Element<'a, Message> {
    let size = record.size.map(quantity::bytes).unwrap_or_default();
    let beside = format!("{}  {size}", record.channel.name);
    release_line(text::small(record.build.as_str()), beside, is_there, is_chosen)
}

fn dependencies<'a>(details: &'a Details, row: Option<&'a Row>) -> Element<'a, Message> {
    part(&details.releases, |_| {
        let installed = row.and_then(|row| row.installed.as_ref());
        let record = details.record(installed.map(|installed| installed.version.as_str()));
        let Some(record) = record.or_else(|| details.record(None)) else {
            return text::small("The index does not know it.")
                .style(style::muted)
                .into();
        };
        if record.depends.is_empty() {
            return text::small("It needs nothing.").style(style::muted).into();
        }
        let lines = record
            .depends
            .iter()
            .map(|spec| text::small(spec.as_str()).into());
        let lines = Column::with_children(lines).spacing(spacing::XXS);
        container(lines)
            .padding(spacing::S)
            .width(Length::Fill)
            .style(style::well)
            .into()
    })
}

fn reasons_view<'a>(
    section: Section,
    words: &'a str,
    tree: &'a TreeState,
    reasons: &'a [Reason],
) -> Element<'a, Message> {
    let words = (!words.is_empty()).then(|| text::small(words).style(style::muted));
    let lines = tree_list(
        tree,
        reasons,
        move |event| Message::Tree(section, event),
        reason_line,
    );
    let height = tree_list::height(tree.len(), LINES);
    column![words, container(lines).height(height)]
        .spacing(spacing::XS)
        .into()
}

fn reason_line(reason: &Reason) -> Element<'_, Message> {
    let name = if reason.is_requested {
        text::strong(reason.name.as_str())
    } else {
        text::body(reason.name.as_str())
    };
    let name = name.wrapping(iced::widget::text::Wrapping::None);
    let version = text::small(reason.version.as_deref().unwrap_or_default())
        .style(style::muted)
        .wrapping(iced::widget::text::Wrapping::None);
    let requested = reason.is_requested.then(|| text::badge("asked for", Tone::Info));
    let (note, tone) = match reason.kind {
        BranchKind::Package => ("", Tone::Neutral),
        BranchKind::Repeated => ("see above", Tone::Neutral),
        BranchKind::Circle => ("they need one another", Tone::Neutral),
        BranchKind::Machine => ("of this machine", Tone::Neutral),
        BranchKind::Missing => ("missing", Tone::Bad),
    };
    let repeated = (!note.is_empty()).then(|| match tone {
        Tone::Neutral => text::small(note).style(style::muted),
        _ => text::small(note).style(style::bad),
    });
    let line = row![name, version, requested, repeated]
        .spacing(spacing::S)
        .align_y(Center);
    match &reason.spec {
        Some(spec) => text::hint(line, spec.as_str()),
        None => line.into(),
    }
}
