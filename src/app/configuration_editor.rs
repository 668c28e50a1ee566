//! The editor of configuration files: its work over the services.

use iced::Task;
use iced::futures::FutureExt;

use super::notice::{Notice, Offer};
use super::work::changing;
use super::{App, Message, Page, Turn};
use crate::error::Problem;
use crate::screen::Key;
use crate::screen::configuration_editor::{self, Action, ConfigurationEditor, End, Then};
use crate::service::configuration::{ConfigurationError, ConfigurationFile, EditedFile, Saving};
use crate::service::{ServiceError, Services};

impl App {
    /// Opens the editor from anywhere. One that is open with changes stays, so that nothing typed is lost.
    pub(super) fn edit(&mut self, file: ConfigurationFile) -> Task<Message> {
        let is_kept = |editor: &ConfigurationEditor| editor.file() == file || editor.is_changed();
        self.dialog = None;
        match &self.preferences.editor {
            Some(editor) if is_kept(editor) => self.open_page(Page::Preferences),
            _ => self.open_editor(file),
        }
    }

    pub(super) fn open_editor(&mut self, file: ConfigurationFile) -> Task<Message> {
        let key = Key::fresh();
        if let Some(older) = self.preferences.opening.replace(key) {
            self.works.cancel(older);
        }
        let services = self.services.clone();
        let work = async move {
            services
                .open_for_editing(file)
                .map(Box::new)
                .map_err(Problem::from)
        };
        let task = Task::perform(work, move |result| {
            Message::Answered(key, Box::new(Message::EditorOpened { key, result }))
        });
        self.works.begin(key, "Opening the file", task)
    }

    pub(super) fn editor_opened(
        &mut self,
        key: Key,
        result: Result<Box<EditedFile>, Problem>,
    ) -> Task<Message> {
        if self.preferences.opening != Some(key) {
            return Task::none();
        }
        self.preferences.opening = None;
        match result {
            Err(problem) => self.notify(Notice::problem(&problem)),
            Ok(edited) => {
                let (editor, action) = ConfigurationEditor::new(*edited, &self.home);
                self.preferences.editor = Some(editor);
                self.page = Page::Preferences;
                self.editor_acted(action)
            }
        }
    }

    pub(super) fn update_editor(&mut self, message: configuration_editor::Message) -> Task<Message> {
        let Some(editor) = &mut self.preferences.editor else {
            return Task::none();
        };
        if matches!(message, configuration_editor::Message::KeepEditingPressed) {
            self.preferences.closes_window = false;
        }
        let action = editor.update(message);
        self.editor_acted(action)
    }

    /// Whether the editor is what the person sees.
    pub(super) fn is_editing(&self) -> bool {
        self.page == Page::Preferences && self.preferences.editor.is_some()
    }

    fn editor_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Look { key, edited } => {
                let services = self.services.clone();
                let work = async move { services.is_unchanged(&edited).map_err(Problem::from) };
                let task = Task::perform(work, move |is_unchanged| {
                    let message = configuration_editor::Message::Looked { key, is_unchanged };
                    Message::Answered(key, Box::new(Message::ConfigurationEditor(message)))
                });
                self.works.begin(key, "Looking at the file", task)
            }
            Action::Read { key, file } => {
                let services = self.services.clone();
                let work = async move {
                    services
                        .open_for_editing(file)
                        .map(Box::new)
                        .map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    let message = configuration_editor::Message::Read { key, result };
                    Message::Answered(key, Box::new(Message::ConfigurationEditor(message)))
                });
                self.works.begin(key, "Reading the file", task)
            }
            Action::Compare { key, edited } => {
                let services = self.services.clone();
                let work = async move {
                    services
                        .diff_to_disk(&edited)
                        .map(Box::new)
                        .map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    let message = configuration_editor::Message::Compared { key, result };
                    Message::Answered(key, Box::new(Message::ConfigurationEditor(message)))
                });
                self.works.begin(key, "Comparing", task)
            }
            Action::Save { key, edited, saving } => {
                let work = save(self.services.clone(), self.turn.clone(), *edited, saving);
                let work = work.map(move |end| {
                    let message = configuration_editor::Message::Saved { key, end };
                    Message::Answered(key, Box::new(Message::ConfigurationEditor(message)))
                });
                let task = changing(self.services.clone(), work);
                self.works.begin_change(key, "Saving the file", task)
            }
            Action::Done { entry, then } => self.editor_done(entry, then),
            Action::Close => self.close_editor(),
            // An open dialog holds the focus; the page must not take it away.
            Action::Run(_) if self.dialog.is_some() => Task::none(),
            Action::Run(task) => task.map(Message::ConfigurationEditor),
        }
    }

    fn editor_done(&mut self, entry: Option<String>, then: Then) -> Task<Message> {
        let told = match (entry, &self.preferences.editor) {
            (Some(entry), Some(editor)) => {
                let words = match editor.file() {
                    ConfigurationFile::Navigator => "Navigator's file is saved",
                    ConfigurationFile::Conda => "conda's file is saved",
                    ConfigurationFile::AnacondaClient => "anaconda-client's file is saved",
                    ConfigurationFile::Pip => "pip's file is saved",
                };
                self.notify(Notice::good(words).offering(Offer::Undo(entry)))
            }
            _ => Task::none(),
        };
        let next = match then {
            Then::Stay => Task::none(),
            Then::Close => self.close_editor(),
            Then::Restart => self.begin_restart(),
        };
        Task::batch([told, next])
    }

    fn close_editor(&mut self) -> Task<Message> {
        self.preferences.editor = None;
        if self.preferences.closes_window {
            return iced::exit();
        }
        self.open_preferences()
    }

    /// The person closes the window: at once, unless something typed would be lost.
    pub(super) fn window_close_asked(&mut self) -> Task<Message> {
        let has_changes = self
            .preferences
            .editor
            .as_ref()
            .is_some_and(ConfigurationEditor::is_changed);
        // Asked twice, it means it.
        if !has_changes || self.preferences.closes_window {
            return iced::exit();
        }
        self.dialog = None;
        self.page = Page::Preferences;
        self.preferences.closes_window = true;
        self.update_editor(configuration_editor::Message::ClosePressed)
    }
}

async fn save(services: Services, turn: Turn, edited: EditedFile, saving: Saving) -> End {
    let _turn = turn.lock().await;
    match saved(&services, &edited, saving).await {
        Ok((edited, entry)) => End::Saved {
            edited: Box::new(edited),
            entry,
        },
        Err(ServiceError::Configuration(ConfigurationError::ChangedMeanwhile { .. })) => {
            End::ChangedMeanwhile
        }
        Err(error) if error.is_stale_plan() => End::ChangedMeanwhile,
        Err(error) => End::Failed(error.into()),
    }
}

async fn saved(
    services: &Services,
    edited: &EditedFile,
    saving: Saving,
) -> Result<(EditedFile, Option<String>), ServiceError> {
    let plan = services.plan_save(edited, saving)?;
    let entry = match plan.is_empty() {
        true => None,
        false => Some(services.change_configuration(&plan).await?.id),
    };
    Ok((services.open_file_for_editing(edited.file, &edited.path)?, entry))
}
