//! The Channels page with the part of the program that answers it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::StreamExt;
use iced::advanced::widget::Id;
use iced::advanced::widget::operation::{Operation, Outcome};
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::{Event, Point, Rectangle, Task, mouse};
use iced_test::futures::futures::executor::block_on;
use iced_test::runtime::{self, task};
use sextant::conda::channel::ChannelEntry;
use sextant::edit::diff::FileDiff;
use sextant::error::{Kind, Problem};
use sextant::repository::{Channel, Privacy};
use sextant::screen::channels::{Action, ChannelChoice, Channels, Message, Preview, SEARCH, Source};
use sextant::ui::modal::modal;
use sextant::ui::style;
use sextant::ui::theme::{Appearance, Preference};

use crate::canvas::{Canvas, Picture, press};

pub const HOST: &str = "psm.example.com";

pub fn channel(path: &str, privacy: Privacy, owners: &[&str], artifacts: u64) -> Channel {
    let (parent, name) = match path.split_once('/') {
        Some((parent, name)) => (Some(parent.to_owned()), name),
        None => (None, path),
    };
    Channel {
        name: name.to_owned(),
        parent,
        privacy,
        description: String::new(),
        owners: owners.iter().map(|owner| (*owner).to_owned()).collect(),
        artifact_count: Some(artifacts),
        subchannel_count: None,
        mirror: false,
        updated: None,
        address: None,
    }
}

/// The channels of the mock.
pub fn example() -> Vec<Channel> {
    use Privacy::{Authenticated, Private, Public};
    let mut channels = vec![
        channel("genomics", Private, &["bio-core"], 233),
        channel("legacy-2019", Public, &["team-it"], 64),
        channel("main", Public, &["team-it"], 1204),
        channel("r-main", Public, &["team-it"], 5118),
        channel("research", Authenticated, &["alice", "bob"], 86),
        channel("research/gpu", Private, &["alice"], 12),
        channel("risk-models", Private, &["risk"], 41),
        channel("sandbox", Public, &[], 7),
        channel("vendor-a", Authenticated, &["procurement"], 390),
    ];
    for channel in &mut channels {
        channel.mirror = ["main", "r-main", "vendor-a"].contains(&channel.name.as_str());
    }
    channels
}

pub fn many(count: u64) -> Vec<Channel> {
    let privacies = [Privacy::Public, Privacy::Authenticated, Privacy::Private];
    let make = |index: u64| {
        let privacy = privacies[(index % 3) as usize].clone();
        channel(&format!("team-{index:05}"), privacy, &["alice"], index * 7)
    };
    (0..count).map(make).collect()
}

pub fn entries(texts: &[&str]) -> Vec<ChannelEntry> {
    texts.iter().map(|text| ChannelEntry::from_text(text)).collect()
}

pub fn problem(message: &str) -> Problem {
    Problem::new(Kind::Network, message)
        .because("psm.example.com refused the connection.")
        .remedy("Ask whether the server is running.")
}

/// The page, what it asked for, and a window around it.
pub struct Page {
    pub screen: Channels,
    pub canvas: Canvas,
    pub actions: Vec<Action>,
    before: ChannelChoice,
}

impl Page {
    pub fn new(channels: &[&str], default_channels: &[&str], is_after_sign_in: bool) -> Self {
        Self::of(
            Source::complete(HOST),
            channels,
            default_channels,
            is_after_sign_in,
        )
    }

    pub fn of(source: Source, channels: &[&str], default_channels: &[&str], is_after_sign_in: bool) -> Self {
        let before = ChannelChoice {
            channels: entries(channels),
            default_channels: entries(default_channels),
        };
        let (screen, action) = Channels::new(Some(source), before.clone(), is_after_sign_in);
        Self {
            screen,
            canvas: Canvas::new(992.0, 680.0),
            actions: vec![action],
            before,
        }
    }

    /// The page once the server has answered.
    pub fn opened(
        offered: Vec<Channel>,
        channels: &[&str],
        default_channels: &[&str],
        is_after_sign_in: bool,
    ) -> Self {
        let mut page = Self::new(channels, default_channels, is_after_sign_in);
        page.load(offered);
        page
    }

    /// The server answers.
    pub fn load(&mut self, offered: Vec<Channel>) {
        let key = self.load_key();
        self.tell(Message::Loaded {
            key,
            outcome: Ok(Arc::new(offered)),
        });
        self.settle();
    }

    pub fn load_key(&self) -> u64 {
        let key = |action: &Action| match action {
            Action::Load { key } => Some(*key),
            _ => None,
        };
        self.actions
            .iter()
            .rev()
            .find_map(key)
            .expect("a question for the channels")
    }

    /// Gives the page a message; previews are answered at once.
    pub fn tell(&mut self, message: Message) {
        let action = self.screen.update(message);
        let answer = match &action {
            Action::Preview { key, choice } => Some(Message::Previewed {
                key: *key,
                outcome: Ok(preview(&self.before, choice)),
            }),
            _ => None,
        };
        match action {
            Action::Run(task) => self.run(task),
            action => self.actions.push(action),
        }
        if let Some(answer) = answer {
            self.tell(answer);
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

    fn tell_all(&mut self, messages: Vec<Message>) {
        for message in messages {
            self.tell(message);
        }
        self.settle();
    }

    /// Lets a frame pass: lists report how high they are.
    pub fn settle(&mut self) {
        let messages = self.canvas.send(view(&self.screen), &[]);
        for message in messages {
            self.tell(message);
        }
    }

    pub fn send(&mut self, events: &[Event]) {
        let messages = self.canvas.send(view(&self.screen), events);
        self.tell_all(messages);
    }

    /// Presses what bears exactly this text or name.
    pub fn click(&mut self, text: &str) {
        let messages = self.canvas.click(view(&self.screen), view(&self.screen), text);
        self.tell_all(messages);
    }

    pub fn key(&mut self, key: Named, modifiers: Modifiers) {
        self.send(&[press(Key::Named(key), modifiers)]);
    }

    pub fn focus(&mut self, id: &'static str) {
        let mut focus = iced::advanced::widget::operation::focusable::focus::<()>(id.into());
        self.canvas.operate(view(&self.screen), &mut focus);
    }

    /// Types into the search field.
    pub fn search(&mut self, text: &str) {
        self.type_into(SEARCH, text);
    }

    /// Types into a field.
    pub fn type_into(&mut self, field: &'static str, text: &str) {
        self.focus(field);
        for letter in text.chars() {
            self.send(&[press(
                Key::Character(letter.to_string().into()),
                Modifiers::empty(),
            )]);
        }
    }

    pub fn has(&mut self, text: &str) -> bool {
        self.canvas.find(view(&self.screen), text).is_some()
    }

    /// The middle of what bears this text.
    pub fn place_of(&mut self, text: &str) -> Point {
        self.canvas
            .find(view(&self.screen), text)
            .and_then(|found| found.visible_bounds())
            .unwrap_or_else(|| panic!("{text} is not in sight"))
            .center()
    }

    /// Moves the pointer somewhere, which the page is told as in the running program.
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

    /// The id of what has the focus.
    pub fn focused(&mut self) -> Option<Id> {
        self.canvas.focused(view(&self.screen))
    }

    /// The choice of the last question for a preview.
    pub fn choice(&self) -> (Vec<String>, Vec<String>) {
        let choice = |action: &Action| match action {
            Action::Preview { choice, .. } | Action::Apply(choice) => Some(choice.clone()),
            _ => None,
        };
        let choice = self.actions.iter().rev().find_map(choice).unwrap_or_default();
        let shown = |entries: &[ChannelEntry]| entries.iter().map(ToString::to_string).collect();
        (shown(&choice.channels), shown(&choice.default_channels))
    }

    /// How often the page asked for a preview or to apply the choice.
    pub fn questions(&self) -> usize {
        let is_question = |action: &&Action| matches!(action, Action::Preview { .. } | Action::Apply(_));
        self.actions.iter().filter(is_question).count()
    }

    pub fn last(&self) -> &Action {
        self.actions.last().expect("an action")
    }

    /// Draws the page; the picture is kept where the environment names a folder.
    pub fn picture(&mut self, name: &str, theme_name: &str, size: (f32, f32), scale: f32) -> Picture {
        let theme = Appearance {
            preference: if theme_name == "dark" {
                Preference::Dark
            } else {
                Preference::Light
            },
            ..Appearance::default()
        }
        .theme();
        let old = std::mem::replace(&mut self.canvas, Canvas::new(size.0, size.1));
        self.settle();
        let picture = self.canvas.picture(view(&self.screen), &theme, scale);
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

fn view(screen: &Channels) -> iced::Element<'_, Message> {
    let page = iced::widget::container(screen.view())
        .width(iced::Fill)
        .height(iced::Fill)
        .style(style::page);
    modal(page, None)
}

/// What the services would answer.
pub fn preview(before: &ChannelChoice, after: &ChannelChoice) -> Preview {
    let diff = FileDiff::between(
        Path::new("/home/alice/.condarc"),
        Some(condarc(before).as_bytes()),
        Some(condarc(after).as_bytes()),
        &[],
    );
    Preview {
        diffs: vec![diff],
        warnings: Vec::new(),
    }
}

fn condarc(choice: &ChannelChoice) -> String {
    let mut text = String::from("channel_alias: https://psm.example.com/api/repo\n");
    for (key, entries) in [
        ("channels", &choice.channels),
        ("default_channels", &choice.default_channels),
    ] {
        match (key, entries.is_empty()) {
            ("channels", true) => text.push_str("channels: []\n"),
            (_, true) => {}
            _ => {
                text.push_str(&format!("{key}:\n"));
                for entry in entries {
                    text.push_str(&format!("  - {entry}\n"));
                }
            }
        }
    }
    text
}
