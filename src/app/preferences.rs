//! Preferences: their work over the services, and how the window looks.

use iced::Task;
use iced::futures::{FutureExt, future};

use super::notice::{Notice, Offer};
use super::work::changing;
use super::{App, Message, Page, Turn};
use crate::error::{Kind, Problem};
use crate::screen::configuration_editor::ConfigurationEditor;
use crate::screen::preferences::{self, Action, EnvironmentChoice, Look, Preferences, Question};
use crate::screen::{Key, configuration_editor};
use crate::service::Services;
use crate::service::preferences::{self as stored, Field, Settings, TextSize};
use crate::ui::theme;

/// The page, the editor that takes its place, and the work under way.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub screen: Option<Preferences>,
    pub editor: Option<ConfigurationEditor>,
    /// A file that is being opened for editing.
    pub opening: Option<Key>,
    /// The window is to close once the editor is left.
    pub closes_window: bool,
    checking: Option<Key>,
}

impl App {
    /// Opens the page, or the editor that was left open on it.
    pub(super) fn open_preferences(&mut self) -> Task<Message> {
        if self.preferences.editor.is_some() {
            return self.disk_touched();
        }
        let action = match &mut self.preferences.screen {
            Some(screen) => screen.refresh(),
            None => {
                let (screen, action) = Preferences::new(&self.home);
                self.preferences.screen = Some(screen);
                action
            }
        };
        self.preferences_acted(action)
    }

    pub(super) fn update_preferences(&mut self, message: preferences::Message) -> Task<Message> {
        match &mut self.preferences.screen {
            Some(screen) => {
                let action = screen.update(message);
                self.preferences_acted(action)
            }
            None => Task::none(),
        }
    }

    /// Files have changed: what was not edited here follows them.
    pub(super) fn preferences_touched(&mut self) -> Task<Message> {
        let page = match self.page {
            Page::Preferences => self.update_preferences(preferences::Message::FilesTouched),
            _ => Task::none(),
        };
        Task::batch([page, self.disk_touched()])
    }

    fn disk_touched(&mut self) -> Task<Message> {
        self.update_editor(configuration_editor::Message::DiskTouched)
    }

    /// Work was cancelled from the status line: the page must not wait for it.
    pub(super) fn preferences_cancelled(&mut self, key: Key) -> Task<Message> {
        if self.preferences.checking == Some(key) {
            self.update_preferences(preferences::Message::CancelPressed)
        } else {
            Task::none()
        }
    }

    fn preferences_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Read(key) => self.read_preferences(key),
            Action::Check { key, questions } => {
                self.preferences.checking = Some(key);
                let work = ask(self.services.clone(), questions);
                let task = Task::perform(work, move |unanswered| {
                    Message::Answered(
                        key,
                        Box::new(Message::Preferences(preferences::Message::Checked {
                            key,
                            unanswered,
                        })),
                    )
                });
                self.works.begin(key, "Asking the server", task)
            }
            Action::Abort(key) => {
                self.works.cancel(key);
                Task::none()
            }
            Action::Apply { key, from, to } => {
                // Saving anyway does not wait for answers.
                if let Some(asking) = self.preferences.checking.take() {
                    self.works.cancel(asking);
                }
                let work = apply(self.services.clone(), self.turn.clone(), *from, *to);
                let work = work.map(move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Preferences(preferences::Message::Applied {
                            key,
                            result,
                        })),
                    )
                });
                let task = changing(self.services.clone(), work);
                self.works.begin_change(key, "Saving the preferences", task)
            }
            Action::Done { entry, read } => {
                let told = match entry {
                    Some(entry) => {
                        let notice = Notice::good("The preferences are saved");
                        self.notify(notice.offering(Offer::Undo(entry)))
                    }
                    None => Task::none(),
                };
                Task::batch([told, self.read_preferences(read)])
            }
            Action::Configure(file) => self.open_editor(file),
        }
    }

    fn read_preferences(&mut self, key: Key) -> Task<Message> {
        let services = self.services.clone();
        let work = async move {
            let shown = Box::new(services.settings());
            let environments = services
                .environments()
                .into_iter()
                .map(|found| EnvironmentChoice {
                    name: found.name.unwrap_or_else(|| found.prefix.display().to_string()),
                    prefix: found.prefix,
                });
            preferences::Message::Read {
                key,
                shown,
                environments: environments.collect(),
            }
        };
        let task = Task::perform(work, move |message| {
            Message::Answered(key, Box::new(Message::Preferences(message)))
        });
        self.works.begin(key, "Reading the preferences", task)
    }

    /// How the window looks: as it is being chosen, or else as it was chosen.
    fn look(&self) -> Look {
        let chosen = match self.page {
            Page::Preferences => self.preferences.screen.as_ref().and_then(Preferences::look),
            _ => None,
        };
        chosen.unwrap_or_else(|| {
            let stored = self.standing.preferences.clone().unwrap_or_default();
            Look {
                appearance: stored.appearance,
                contrast: stored.contrast,
                text_size: stored.text_size,
            }
        })
    }

    pub(super) fn appearance(&self) -> theme::Appearance {
        let look = self.look();
        theme::Appearance {
            system: self.system_theme,
            preference: match look.appearance {
                stored::Appearance::System => theme::Preference::System,
                stored::Appearance::Light => theme::Preference::Light,
                stored::Appearance::Dark => theme::Preference::Dark,
            },
            contrast: match look.contrast {
                stored::Contrast::Standard => theme::Contrast::Standard,
                stored::Contrast::High => theme::Contrast::High,
            },
        }
    }

    /// By how much everything is enlarged.
    pub fn scale_factor(&self) -> f32 {
        self.look().text_size.factor()
    }

    /// Ctrl-plus, Ctrl-minus and Ctrl-0: at once, wherever one is.
    pub(super) fn text_size_key(&mut self, letter: char) -> Task<Message> {
        let now = self.look().text_size;
        let size = match letter {
            '+' | '=' => now.larger(),
            '-' => now.smaller(),
            _ => Some(TextSize::USUAL),
        };
        let Some(size) = size.filter(|size| *size != now) else {
            return Task::none();
        };
        if self.page == Page::Preferences && self.preferences.editor.is_none() {
            return self.update_preferences(preferences::Message::TextSizeChosen(size));
        }
        match &mut self.standing.preferences {
            Some(preferences) => {
                preferences.text_size = size;
                self.store_preferences()
            }
            // A damaged file is the person's to mend.
            None => Task::none(),
        }
    }
}

/// Asks every address at once; those that did not answer, and why.
async fn ask(services: Services, questions: Vec<(Field, Question)>) -> Vec<(Field, Problem)> {
    let asked = questions.into_iter().map(|(field, question)| {
        let services = &services;
        async move {
            let answered = match question {
                Question::Server { domain, ca_file } => services
                    .check_domain(&domain, ca_file.as_deref(), |_| {})
                    .await
                    .map(drop),
                Question::Repository(api) => services.check_repository(&api, None, |_| {}).await.map(drop),
            };
            answered.err().map(|error| (field, Problem::from(error)))
        }
    });
    future::join_all(asked).await.into_iter().flatten().collect()
}

/// Writes what differs. A file that was changed between plan and commit is planned again once.
async fn apply(
    services: Services,
    turn: Turn,
    from: Settings,
    to: Settings,
) -> Result<Option<String>, Problem> {
    let _turn = turn.lock().await;
    for _ in 0..2 {
        let plan = services.plan_preferences(&from, &to)?;
        if plan.is_empty() {
            return Ok(None);
        }
        match services.change_preferences(&plan).await {
            Ok(entry) => return Ok(Some(entry.id)),
            Err(error) if error.is_stale_plan() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(
        Problem::new(Kind::Conflict, "another program keeps changing the files")
            .remedy("wait until it is done, then apply again"),
    )
}
