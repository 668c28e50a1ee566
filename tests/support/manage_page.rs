//! The page Manage Channels with the part of the program that answers it.

use std::path::{Path, PathBuf};

use futures::StreamExt;
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::{Operation, Outcome};
use iced::keyboard::{Key as Press, Modifiers, key::Named};
use iced::{Event, Point, Rectangle, Task, mouse};
use iced_test::futures::futures::executor::block_on;
use iced_test::runtime::{self, task};
use sextant::conda::channel::{ChannelEntry, ChannelPriority};
use sextant::edit::diff::FileDiff;
use sextant::error::{Kind, Problem};
use sextant::screen::Key;
use sextant::screen::manage_channels::{Action, ManageChannels, Message, Opening, Review};
use sextant::service::manage_channels::{
    Access, Arrangement, Caution, ChannelState, CheckedAddress, CheckedChannel, Freedom, ManagedChannel,
    ManagedChannels, ManagedPriority, RowPlace,
};
use sextant::ui::modal::modal;
use sextant::ui::style;
use sextant::ui::theme::{Appearance, Contrast, Preference};

use crate::canvas::{Canvas, Picture, press};

pub const ALIAS: &str = "https://psm.example.com/api/repo";
const HOME: &str = "/home/alice";

pub fn problem(message: &str) -> Problem {
    Problem::new(Kind::Network, message)
        .because("psm.example.com refused the connection.")
        .remedy("Ask whether the server is running.")
}

fn entries(texts: &[&str]) -> Vec<ChannelEntry> {
    texts.iter().map(|text| ChannelEntry::from_text(text)).collect()
}

/// An entry of the person's own file, in this line.
pub fn channel(text: &str, line: usize) -> ManagedChannel {
    let entry = ChannelEntry::from_text(text);
    let addresses = match &entry {
        ChannelEntry::Url(url) => vec![url.public()],
        ChannelEntry::Defaults => Vec::new(),
        _ => vec![format!("{ALIAS}/{text}")],
    };
    ManagedChannel {
        canonical_names: vec![entry.to_string()],
        has_secret: text.contains("/t/"),
        addresses,
        entry,
        place: RowPlace::File {
            path: PathBuf::from(HOME).join(".condarc"),
            line: (line > 0).then_some(line),
        },
        freedom: Freedom::Free,
    }
}

/// What stands in the person's file, after what others say.
pub fn managed(
    fixed: &[ManagedChannel],
    arrangement: &Arrangement,
    priority: ChannelPriority,
) -> ManagedChannels {
    let row = |(at, entry): (usize, &ChannelEntry)| channel(&entry.expose(), at + 2);
    let mut channels: Vec<ManagedChannel> = fixed.to_vec();
    channels.extend(arrangement.channels.iter().enumerate().map(row));
    let default_channels: Vec<ManagedChannel> =
        arrangement.default_channels.iter().enumerate().map(row).collect();
    for channel in &mut channels {
        if channel.entry == ChannelEntry::Defaults {
            channel.addresses = default_channels
                .iter()
                .flat_map(|channel| channel.addresses.clone())
                .collect();
        }
    }
    ManagedChannels {
        path: PathBuf::from(HOME).join(".condarc"),
        channels,
        default_channels,
        priority: ManagedPriority {
            value: priority,
            place: RowPlace::Preset,
            fixed_because: None,
        },
        locked_because: None,
        arrangement: Arrangement {
            channels: arrangement.channels.clone(),
            default_channels: arrangement.default_channels.clone(),
            ..Arrangement::default()
        },
    }
}

pub fn arrangement(channels: &[&str], default_channels: &[&str]) -> Arrangement {
    Arrangement {
        channels: entries(channels),
        default_channels: entries(default_channels),
        ..Arrangement::default()
    }
}

/// How a server answers about an address.
pub fn answer(url: &str) -> CheckedAddress {
    let (state, problem) = if url.ends_with("/gone") {
        (
            ChannelState::Missing,
            Some(
                Problem::new(Kind::Usage, format!("there is no channel at {url} (404)"))
                    .because("it has no noarch/repodata.json, without which conda fails")
                    .remedy("check the spelling, or take it out"),
            ),
        )
    } else if url.ends_with("/closed") {
        (
            ChannelState::Closed,
            Some(Problem::new(
                Kind::Forbidden,
                format!("{url} is closed to you (403)"),
            )),
        )
    } else if url.contains("far.example") {
        (
            ChannelState::Unreachable,
            Some(problem("far.example does not answer")),
        )
    } else {
        (ChannelState::Found, None)
    };
    CheckedAddress {
        url: url.to_owned(),
        access: if url.contains("research") {
            Access::Closed
        } else {
            Access::Open
        },
        credential: None,
        mirror: url.ends_with("/main"),
        artifacts: Some(86),
        state,
        problem,
    }
}

/// The page, what it asked for, and a window around it.
pub struct Page {
    pub screen: ManageChannels,
    pub canvas: Canvas,
    pub actions: Vec<Action>,
    pub before: ManagedChannels,
    pub fixed: Vec<ManagedChannel>,
    pub cautions: Vec<Caution>,
    pub server: Option<String>,
    /// Whether servers answer at once.
    pub answers: bool,
}

impl Page {
    /// The page while it is being read.
    pub fn loading(fixed: Vec<ManagedChannel>, wanted: &Arrangement) -> Self {
        let (screen, action) = ManageChannels::new(Path::new(HOME));
        Self {
            screen,
            canvas: Canvas::new(992.0, 680.0),
            actions: vec![action],
            before: managed(&fixed, wanted, ChannelPriority::Flexible),
            fixed,
            cautions: Vec::new(),
            server: Some("psm.example.com".to_owned()),
            answers: true,
        }
    }

    pub fn opened(channels: &[&str], default_channels: &[&str]) -> Self {
        Self::opened_with(Vec::new(), channels, default_channels, |_| {})
    }

    pub fn opened_with(
        fixed: Vec<ManagedChannel>,
        channels: &[&str],
        default_channels: &[&str],
        furnish: impl FnOnce(&mut Self),
    ) -> Self {
        let mut page = Self::loading(fixed, &arrangement(channels, default_channels));
        furnish(&mut page);
        page.load();
        page
    }

    pub fn load(&mut self) {
        let key = self.load_key();
        let opening = Opening {
            managed: self.before.clone(),
            cautions: self.cautions.clone(),
            server: self.server.clone(),
        };
        self.tell(Message::Loaded {
            key,
            outcome: Ok(Box::new(opening)),
        });
        self.settle();
    }

    pub fn load_key(&self) -> Key {
        let key = |action: &Action| match action {
            Action::Load(key) => Some(*key),
            _ => None,
        };
        self.actions.iter().rev().find_map(key).expect("a question")
    }

    /// Gives the page a message; what it asks for is answered at once.
    pub fn tell(&mut self, message: Message) {
        let action = self.screen.update(message);
        self.act(action);
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::All(actions) => actions.into_iter().for_each(|action| self.act(action)),
            Action::Run(task) => self.run(task),
            Action::Check(questions) if self.answers => {
                let answers: Vec<Message> = questions
                    .iter()
                    .map(|question| Message::Checked {
                        key: question.key,
                        checked: CheckedChannel {
                            addresses: question.channel.addresses.iter().map(|url| answer(url)).collect(),
                        },
                    })
                    .collect();
                self.actions.push(Action::Check(questions));
                answers.into_iter().for_each(|answer| self.tell(answer));
            }
            Action::Review {
                key,
                arrangement,
                checked,
            } => {
                let outcome = Ok(Box::new(self.review(&arrangement)));
                self.actions.push(Action::Review {
                    key,
                    arrangement,
                    checked,
                });
                self.tell(Message::Reviewed { key, outcome });
            }
            Action::Resolve { key, wanted } => {
                let rows = wanted
                    .iter()
                    .map(|wanted| channel(&wanted.entry.expose(), 0))
                    .collect();
                self.actions.push(Action::Resolve { key, wanted });
                self.tell(Message::Resolved {
                    key,
                    outcome: Ok(rows),
                });
            }
            Action::None => {}
            action => self.actions.push(action),
        }
    }

    fn review(&self, wanted: &Arrangement) -> Review {
        let mut fixed = self.fixed.clone();
        fixed.retain(|channel| !wanted.taken_out.iter().any(|gone| gone.entry == channel.entry));
        let priority = wanted.priority.unwrap_or(self.before.priority.value);
        let diff = FileDiff::between(
            Path::new("/home/alice/.condarc"),
            Some(condarc(&self.before.arrangement).as_bytes()),
            Some(condarc(wanted).as_bytes()),
            &[],
        );
        Review {
            diffs: if diff.lines.is_empty() {
                Vec::new()
            } else {
                vec![diff]
            },
            warnings: Vec::new(),
            after: managed(&fixed, wanted, priority),
            cautions: self.cautions.clone(),
        }
    }

    /// Does what a task asks of the window: focus and scroll positions.
    fn run(&mut self, task: Task<Message>) {
        let Some(mut stream) = task::into_stream(task) else {
            return;
        };
        while let Some(action) = block_on(stream.next()) {
            match action {
                runtime::Action::Output(message) => self.tell(message),
                runtime::Action::Widget(operation) => {
                    let mut next = Some(operation);
                    while let Some(mut operation) = next.take() {
                        self.canvas.operate(view(&self.screen), operation.as_mut());
                        if let Outcome::Chain(following) = operation.finish() {
                            next = Some(following);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Lets a frame pass: the list reports how high it is.
    pub fn settle(&mut self) {
        let messages = self.canvas.send(view(&self.screen), &[]);
        messages.into_iter().for_each(|message| self.tell(message));
    }

    pub fn send(&mut self, events: &[Event]) {
        let messages = self.canvas.send(view(&self.screen), events);
        messages.into_iter().for_each(|message| self.tell(message));
        self.settle();
    }

    /// Presses what bears exactly this text or name.
    pub fn click(&mut self, text: &str) {
        let messages = self.canvas.click(view(&self.screen), view(&self.screen), text);
        messages.into_iter().for_each(|message| self.tell(message));
        self.settle();
    }

    pub fn key(&mut self, key: Named, modifiers: Modifiers) {
        self.send(&[press(Press::Named(key), modifiers)]);
    }

    pub fn focus(&mut self, id: &'static str) {
        let mut focus = iced::advanced::widget::operation::focusable::focus::<()>(id.into());
        self.canvas.operate(view(&self.screen), &mut focus);
    }

    pub fn type_into(&mut self, field: &'static str, text: &str) {
        self.focus(field);
        for letter in text.chars() {
            self.send(&[press(
                Press::Character(letter.to_string().into()),
                Modifiers::empty(),
            )]);
        }
    }

    pub fn has(&mut self, text: &str) -> bool {
        self.canvas.find(view(&self.screen), text).is_some()
    }

    pub fn says(&mut self, part: &str) -> bool {
        self.texts().iter().any(|text| text.contains(part))
    }

    /// The middle of what bears this text.
    pub fn place_of(&mut self, text: &str) -> Point {
        self.canvas
            .find(view(&self.screen), text)
            .and_then(|found| found.visible_bounds())
            .unwrap_or_else(|| panic!("{text} is not in sight"))
            .center()
    }

    pub fn move_to(&mut self, position: Point) {
        self.canvas.point_at(position);
        self.send(&[Event::Mouse(mouse::Event::CursorMoved { position })]);
    }

    /// Every text on the page, in sight or not.
    pub fn texts(&mut self) -> Vec<String> {
        let mut texts = Texts::default();
        self.canvas.operate(view(&self.screen), &mut texts);
        texts.0
    }

    pub fn focused(&mut self) -> Option<Id> {
        self.canvas.focused(view(&self.screen))
    }

    /// `channels`, then `default_channels`, as the last review has them.
    pub fn lists(&self) -> (String, String) {
        let shown = |entries: &[ChannelEntry]| {
            let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
            entries.join(" ")
        };
        let last = self.last_arrangement();
        (shown(&last.channels), shown(&last.default_channels))
    }

    pub fn last_arrangement(&self) -> Arrangement {
        let found = self.actions.iter().rev().find_map(|action| match action {
            Action::Review { arrangement, .. } | Action::Apply { arrangement, .. } => {
                Some(arrangement.as_ref().clone())
            }
            _ => None,
        });
        found.expect("a review")
    }

    pub fn asked(&self) -> usize {
        let questions = self.actions.iter().map(|action| match action {
            Action::Check(questions) => questions.len(),
            _ => 0,
        });
        questions.sum()
    }

    pub fn last(&self) -> &Action {
        self.actions.last().expect("an action")
    }

    /// Draws the page; the picture is kept where the environment names a folder.
    pub fn picture(&mut self, name: &str, theme_name: &str, size: (f32, f32), scale: f32) -> Picture {
        let appearance = Appearance {
            preference: if theme_name.starts_with("dark") {
                Preference::Dark
            } else {
                Preference::Light
            },
            contrast: if theme_name.ends_with("high") {
                Contrast::High
            } else {
                Contrast::Standard
            },
            ..Appearance::default()
        };
        let old = std::mem::replace(&mut self.canvas, Canvas::new(size.0, size.1));
        self.settle();
        let picture = self
            .canvas
            .picture(view(&self.screen), &appearance.theme(), scale);
        self.canvas = old;
        self.settle();
        if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
            let file = PathBuf::from(folder).join(format!("{name}-{theme_name}.png"));
            std::fs::write(file, picture.png()).expect("the gallery's folder");
        }
        picture
    }
}

#[derive(Default)]
struct Texts(Vec<String>);

impl Operation for Texts {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn text(&mut self, _: Option<&Id>, _: Rectangle, text: &str) {
        self.0.push(text.to_owned());
    }
}

fn view(screen: &ManageChannels) -> iced::Element<'_, Message> {
    let page = iced::widget::container(screen.view())
        .width(iced::Fill)
        .height(iced::Fill)
        .style(style::page);
    modal(page, None)
}

fn condarc(wanted: &Arrangement) -> String {
    let mut text = format!("channel_alias: {ALIAS}\n");
    for (key, list) in [
        ("channels", &wanted.channels),
        ("default_channels", &wanted.default_channels),
    ] {
        if !list.is_empty() {
            text.push_str(&format!("{key}:\n"));
            list.iter()
                .for_each(|entry| text.push_str(&format!("  - {entry}\n")));
        }
    }
    if let Some(priority) = wanted.priority {
        text.push_str(&format!("channel_priority: {priority}\n"));
    }
    text
}
