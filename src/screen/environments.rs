//! The Environments page, where the window opens: what conda has on this machine.

use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, row, rule};
use iced::{Center, Element, Length, Task};

use super::Key;
use crate::conda::environment::Environment;
use crate::service::plan::short_path;
use crate::ui::icon::Icon;
use crate::ui::style::{self, Tone};
use crate::ui::virtual_list::{self, ListState, Outcome, virtual_list};
use crate::ui::{button, progress, spacing, text};

#[derive(Debug, Clone)]
pub struct Environments {
    content: Content,
    home: PathBuf,
    list: ListState,
}

#[derive(Debug, Clone)]
enum Content {
    Loading(Key),
    Loaded(Vec<Environment>),
}

#[derive(Debug, Clone)]
pub enum Message {
    Loaded { key: Key, found: Vec<Environment> },
    List(virtual_list::Event),
    ReloadPressed,
    ConnectPressed,
}

#[derive(Debug)]
pub enum Action {
    None,
    Load(Key),
    Connect,
    Run(Task<Message>),
}

impl Environments {
    pub fn new(home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let screen = Self {
            content: Content::Loading(key),
            home: home.to_owned(),
            list: ListState::new("environments"),
        };
        (screen, Action::Load(key))
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Loaded { key, found } => {
                if matches!(self.content, Content::Loading(own) if own == key) {
                    self.content = Content::Loaded(found);
                }
                Action::None
            }
            Message::List(event) => match self.list.update(event, self.len()) {
                Outcome::ScrollTo(offset) => Action::Run(self.list.scroll_to(offset)),
                _ => Action::None,
            },
            Message::ReloadPressed => {
                let key = Key::fresh();
                self.content = Content::Loading(key);
                Action::Load(key)
            }
            Message::ConnectPressed => Action::Connect,
        }
    }

    fn len(&self) -> usize {
        match &self.content {
            Content::Loading(_) => 0,
            Content::Loaded(found) => found.len(),
        }
    }

    /// `is_connected` decides what an empty page suggests.
    pub fn view(&self, is_connected: bool) -> Element<'_, Message> {
        let reload = match self.content {
            Content::Loading(_) => None,
            Content::Loaded(_) => Some(Message::ReloadPressed),
        };
        let title = row![
            container(text::title("Environments")).width(Length::Fill),
            button::secondary("Refresh")
                .id("environments-refresh")
                .on_press_maybe(reload)
        ]
        .align_y(Center);
        let body = match &self.content {
            Content::Loading(_) => progress::activity(),
            Content::Loaded(found) if found.is_empty() => empty(is_connected),
            Content::Loaded(found) => self.table(found),
        };
        column![title, body]
            .spacing(spacing::L)
            .height(Length::Fill)
            .into()
    }

    fn table<'a>(&'a self, found: &'a [Environment]) -> Element<'a, Message> {
        let head = row![
            container(text::column_header("Name")).width(Length::FillPortion(2)),
            container(text::column_header("Python")).width(PYTHON),
            container(text::column_header("Packages")).width(PACKAGES),
            container(text::column_header("Folder")).width(Length::FillPortion(4)),
        ]
        .spacing(spacing::L);
        let list = virtual_list(&self.list, found.len(), Message::List, |index| {
            (index, self.row(&found[index]))
        });
        let head = container(head).padding([spacing::S, spacing::S]);
        column![
            head,
            rule::horizontal(spacing::LINE).style(style::separator),
            list
        ]
        .height(Length::Fill)
        .into()
    }

    fn row<'a>(&self, environment: &'a Environment) -> Element<'a, Message> {
        let name = match &environment.name {
            Some(name) => text::strong(name.as_str()),
            None => text::body("—").style(style::muted),
        };
        let badge = environment
            .is_base
            .then(|| text::badge("conda itself", Tone::Neutral));
        let name = container(row![name, badge].spacing(spacing::S).align_y(Center))
            .width(Length::FillPortion(2))
            .clip(true);
        let python = environment.python.as_deref().unwrap_or("—");
        row![
            name,
            text::cell(text::body(python), PYTHON),
            text::cell(text::body(environment.packages.to_string()), PACKAGES),
            text::cell(
                text::body(short_path(&environment.prefix, &self.home)).style(style::muted),
                Length::FillPortion(4)
            ),
        ]
        .spacing(spacing::L)
        .align_y(Center)
        .into()
    }
}

const PYTHON: f32 = 96.0;
const PACKAGES: f32 = 96.0;

fn empty<'a>(is_connected: bool) -> Element<'a, Message> {
    let words: Column<'a, Message> = column![
        Icon::Mark
            .view()
            .width(36)
            .height(36)
            .style(style::icon(Tone::Neutral)),
        text::heading("No conda environments on this machine yet"),
        text::body("Environments that conda, mamba or Navigator make appear here.").style(style::muted),
    ];
    let words = if is_connected {
        words
    } else {
        words
            .push(
                text::body("Meanwhile you can connect to the package repository of your organisation.")
                    .style(style::muted),
            )
            .push(
                container(
                    button::primary("Connect")
                        .id("empty-connect")
                        .on_press(Message::ConnectPressed),
                )
                .padding(spacing::S),
            )
    };
    container(words.spacing(spacing::S).align_x(Center))
        .center(Length::Fill)
        .into()
}

#[cfg(test)]
mod tests {
    use iced_test::simulator;

    use super::*;

    fn loaded(found: Vec<Environment>) -> Environments {
        let (mut screen, Action::Load(key)) = Environments::new(Path::new("/home/ana")) else {
            panic!("nothing is loaded");
        };
        screen.update(Message::Loaded { key, found });
        screen
    }

    fn base() -> Environment {
        Environment {
            name: Some("base".to_owned()),
            prefix: "/home/ana/miniconda3".into(),
            python: Some("3.12.4".to_owned()),
            packages: 318,
            is_base: true,
            protections: Vec::new(),
        }
    }

    #[test]
    fn an_environment_is_shown_with_what_is_in_it() {
        let screen = loaded(vec![base()]);
        let mut ui = simulator(screen.view(true));
        for words in ["base", "3.12.4", "318", "~/miniconda3"] {
            ui.find(words).unwrap_or_else(|_| panic!("{words}"));
        }
    }

    #[test]
    fn an_empty_page_helps_on() {
        let mut screen = loaded(Vec::new());
        let messages: Vec<Message> = {
            let mut ui = simulator(screen.view(false));
            ui.click("Connect").expect("the button");
            ui.into_messages().collect()
        };
        let actions: Vec<Action> = messages
            .into_iter()
            .map(|message| screen.update(message))
            .collect();
        assert!(matches!(&actions[..], [Action::Connect]));
        assert!(simulator(screen.view(true)).find("Connect").is_err());
    }

    #[test]
    fn a_list_read_for_an_older_question_is_dropped() {
        let mut screen = loaded(Vec::new());
        screen.update(Message::Loaded {
            key: Key::fresh(),
            found: vec![base()],
        });
        assert_eq!(screen.len(), 0);
    }
}
