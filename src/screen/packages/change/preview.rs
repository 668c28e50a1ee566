//! What a change would do, drawn.

use iced::widget::{container, row, space};
use iced::{Center, Element, Length};

use crate::package::Record;
use crate::package::solve::is_older;
use crate::screen::quantity;
use crate::service::packages::change::Preview;
use crate::ui::check_box::check_box;
use crate::ui::icon::Icon;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{ListState, ROW_HEIGHT, virtual_list};
use crate::ui::{spacing, text};

use super::{Message, Offered};

/// As many lines are seen at once.
const LINES: usize = 8;

/// A preview, laid out in lines.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    preview: Preview,
    pip: Vec<String>,
    lines: Vec<Line>,
}

/// One line; a number is the place in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Head(Group),
    Added(usize),
    Changed(usize),
    Removed(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Added,
    Changed,
    Removed,
}

impl Shown {
    pub fn new(offered: Offered) -> Self {
        let Offered { preview, pip } = offered;
        let group = |group: Group, count: usize, line: fn(usize) -> Line| {
            let head = (count > 0).then_some(Line::Head(group));
            head.into_iter().chain((0..count).map(line))
        };
        let changed = group(Group::Changed, preview.changed.len(), Line::Changed);
        let added = group(Group::Added, preview.added.len(), Line::Added);
        let removed = group(Group::Removed, preview.removed.len(), Line::Removed);
        let lines = added.chain(changed).chain(removed).collect();
        Self { preview, pip, lines }
    }

    pub fn preview(&self) -> &Preview {
        &self.preview
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// `3 added, 2 changed, 1 removed; 84.2 MB to download`
    pub fn summary(&self) -> String {
        let preview = &self.preview;
        let parts = [
            (preview.added.len(), "added"),
            (preview.changed.len(), "changed"),
            (preview.removed.len(), "removed"),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, what)| format!("{} {what}", quantity::grouped(count as u64, ',')))
            .collect();
        if parts.is_empty() {
            return "Everything is as it is wanted already.".to_owned();
        }
        let download = match preview.bytes_to_download {
            0 => "nothing to download".to_owned(),
            bytes => format!("{} to download", quantity::bytes(bytes)),
        };
        format!("{}; {download}", parts.join(", "))
    }

    /// The scripts of packages, which run only if the person lets them.
    pub fn scripts_consent(&self, is_consented: bool) -> Option<Element<'_, Message>> {
        let scripts = &self.preview.scripts;
        (!scripts.is_empty()).then(|| {
            check_box(is_consented)
                .explained_label(
                    format!("Let them run scripts: {}", scripts.join(", ")),
                    "They run as you and can do anything that you can. Without them, these packages may work only in part.",
                )
                .id("change-consent")
                .on_toggle(Message::ScriptsToggled)
                .into()
        })
    }

    /// What pip would install, only if the person lets it.
    pub fn pip_consent(&self, is_consented: bool) -> Option<Element<'_, Message>> {
        (!self.pip.is_empty()).then(|| {
            check_box(is_consented)
                .explained_label(
                    format!("Let pip install: {}", self.pip.join(", ")),
                    "pip fetches them from its own sources afterwards. Whether they fit the packages here is not checked.",
                )
                .id("change-pip")
                .on_toggle(Message::PipToggled)
                .into()
        })
    }

    pub fn list<'a>(&'a self, list: &ListState) -> Element<'a, Message> {
        if self.is_empty() {
            return text::body("Nothing would change.").style(style::muted).into();
        }
        let lines = virtual_list(list, self.lines.len(), Message::List, move |index| {
            let line = self.lines.get(index).and_then(|line| self.line(*line));
            (index, line.unwrap_or_else(|| space().into()))
        });
        let height = self.lines.len().min(LINES) as f32 * ROW_HEIGHT;
        container(container(lines).height(height))
            .padding(spacing::LINE)
            .style(style::card)
            .into()
    }

    fn line(&self, line: Line) -> Option<Element<'_, Message>> {
        let preview = &self.preview;
        Some(match line {
            Line::Head(group) => {
                let (name, count) = match group {
                    Group::Added => ("Added", preview.added.len()),
                    Group::Changed => ("Changed", preview.changed.len()),
                    Group::Removed => ("Removed", preview.removed.len()),
                };
                text::column_header(format!("{name} ({count})")).into()
            }
            Line::Added(at) => {
                let record = preview.added.get(at)?;
                package(
                    Icon::Plus,
                    Tone::Good,
                    record,
                    version(record),
                    origin(&record.channel.name, None),
                )
            }
            Line::Removed(at) => {
                let record = preview.removed.get(at)?;
                package(
                    Icon::Dash,
                    Tone::Bad,
                    record,
                    version(record),
                    origin(&record.channel.name, None),
                )
            }
            Line::Changed(at) => {
                let (old, new) = preview.changed.get(at)?;
                let from = (old.channel != new.channel).then_some(old.channel.name.as_str());
                let (icon, tone) = if is_older(&new.version, &old.version) {
                    (Icon::ArrowDown, Tone::Warning)
                } else if is_older(&old.version, &new.version) {
                    (Icon::ArrowUp, Tone::Info)
                } else {
                    (Icon::Redo, Tone::Info)
                };
                let origin = origin(&new.channel.name, from);
                package(icon, tone, new, versions(old, new), origin)
            }
        })
    }
}

fn package<'a>(
    icon: Icon,
    tone: Tone,
    record: &'a Record,
    version: Element<'a, Message>,
    origin: Element<'a, Message>,
) -> Element<'a, Message> {
    let name = text::strong(record.name.as_str()).wrapping(iced::widget::text::Wrapping::None);
    let size = record.size.map(quantity::bytes).unwrap_or_default();
    row![
        icon.view().width(12).height(12).style(style::icon(tone)),
        container(name).width(Length::FillPortion(4)).clip(true),
        container(version).width(Length::FillPortion(4)).clip(true),
        container(origin).width(Length::FillPortion(3)).clip(true),
        text::cell(text::small(size).style(style::muted), 52.0),
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

fn line_of<'a>(words: impl iced::widget::text::IntoFragment<'a>) -> iced::widget::Text<'a> {
    text::small(words).wrapping(iced::widget::text::Wrapping::None)
}

fn version(record: &Record) -> Element<'_, Message> {
    text::hint(
        line_of(record.version.as_str()),
        format!("build {}", record.build),
    )
}

/// What is there, and what takes its place.
fn versions<'a>(old: &'a Record, new: &'a Record) -> Element<'a, Message> {
    let is_rebuilt = old.version == new.version;
    let shown = |record: &'a Record| match is_rebuilt {
        true => record.build.as_str(),
        false => record.version.as_str(),
    };
    let words = row![
        line_of(shown(old)).style(style::muted),
        Icon::ChevronRight
            .view()
            .width(10)
            .height(10)
            .style(style::icon(Tone::Neutral)),
        line_of(shown(new)),
    ]
    .spacing(spacing::XXS)
    .align_y(Center);
    let builds = format!("{} {} → {} {}", old.version, old.build, new.version, new.build);
    text::hint(words, builds)
}

/// The channel that it comes from; marked where that is another than before.
fn origin<'a>(channel: &'a str, before: Option<&'a str>) -> Element<'a, Message> {
    match before {
        None => line_of(channel).style(style::muted).into(),
        Some(before) => {
            let mark = Icon::Warning
                .view()
                .width(12)
                .height(12)
                .style(style::icon(Tone::Warning));
            let words = row![mark, line_of(channel).style(style::warning)]
                .spacing(spacing::XS)
                .align_y(Center);
            text::hint(words, format!("Another channel: it came from {before} before."))
        }
    }
}
