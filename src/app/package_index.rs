//! The index of packages: opened for the pages that search it, and updated.

use iced::Task;
use iced::futures::StreamExt;
use iced::futures::channel::mpsc::UnboundedSender;

use super::work::{Report, reporting};
use super::{App, Dialog, Message, Page};
use crate::error::Problem;
use crate::package::index::PackageIndex;
use crate::screen::Key;
use crate::screen::package_index::{self, Action, IndexLine, IndexUpdate};
use crate::service::packages::index::IndexProgress;

/// The index, as far as it is open, and the last update.
#[derive(Debug, Default)]
pub(super) struct Place {
    line: IndexLine,
    update: Option<IndexUpdate>,
    opening: Option<Key>,
    opened: Option<Result<PackageIndex, Problem>>,
}

/// The index, and since when its oldest part is as it is.
#[derive(Debug, Clone)]
pub struct Opened {
    index: PackageIndex,
    days: u32,
}

impl Place {
    /// What a page says about it.
    pub fn line(&self) -> &IndexLine {
        &self.line
    }

    /// The index to search in; nothing while it is being opened.
    pub fn opened(&self) -> Option<Result<PackageIndex, Problem>> {
        self.opened.clone()
    }

    pub fn update(&self) -> Option<&IndexUpdate> {
        self.update.as_ref()
    }

    fn retell(&mut self, days: Option<u32>) {
        let before = match self.line {
            IndexLine::Known { days, .. } => days,
            _ => 0,
        };
        let running = self.update.as_ref().and_then(IndexUpdate::line);
        self.line = match (running, &self.opened) {
            (Some(running), _) => running,
            (None, None) => IndexLine::Unread,
            (None, Some(Err(_))) => IndexLine::Missing,
            (None, Some(Ok(index))) if index.subdirs().is_empty() => IndexLine::Missing,
            (None, Some(Ok(index))) => IndexLine::Known {
                packages: index.record_count(),
                days: days.unwrap_or(before),
                failed: self.update.as_ref().map_or(0, IndexUpdate::failures),
                lacking: index.lacking().len(),
            },
        };
    }
}

impl App {
    /// Opens what is kept of the index.
    pub(super) fn read_index(&mut self) -> Task<Message> {
        if let Some(older) = self.index.opening.take() {
            self.works.cancel(older);
        }
        let key = Key::fresh();
        self.index.opening = Some(key);
        let services = self.services.clone();
        let work = async move {
            let index = services.package_index()?;
            let oldest = index.subdirs().iter().filter_map(|subdir| subdir.checked).min();
            let age = oldest.map(|oldest| services.now().duration_since(oldest).as_hours() / 24);
            // A clock that was set back makes nothing younger than today.
            let days = u32::try_from(age.unwrap_or_default()).unwrap_or_default();
            Ok(Box::new(Opened { index, days }))
        };
        let task = Task::perform(work, move |result: Result<Box<Opened>, Problem>| {
            Message::Answered(key, Box::new(Message::IndexOpened(result)))
        });
        self.works.begin(key, "Opening the index", task)
    }

    pub(super) fn index_opened(&mut self, result: Result<Box<Opened>, Problem>) -> Task<Message> {
        self.index.opening = None;
        let days = result.as_ref().ok().map(|opened| opened.days);
        self.index.opened = Some(result.map(|opened| opened.index));
        self.index.retell(days);
        match &mut self.packages {
            Some(page) => {
                let action = page.index_changed();
                self.packages_acted(action)
            }
            None => Task::none(),
        }
    }

    /// Begins an update, unless one is under way, and shows it.
    pub(super) fn update_index(&mut self) -> Task<Message> {
        self.dialog = Some(Dialog::Index);
        if self.index.update.as_ref().is_some_and(IndexUpdate::is_running) {
            return Task::none();
        }
        let (update, action) = IndexUpdate::new();
        self.index.update = Some(update);
        self.index.retell(None);
        self.index_acted(action)
    }

    /// Shows the update that is under way or was; begins one where there was none.
    pub(super) fn show_index(&mut self) -> Task<Message> {
        if self.index.update.is_none() {
            return self.update_index();
        }
        self.dialog = Some(Dialog::Index);
        Task::none()
    }

    pub(super) fn index_heard(&mut self, message: package_index::Message) -> Task<Message> {
        let Some(update) = &mut self.index.update else {
            return Task::none();
        };
        let action = update.update(message);
        if let Some((key, share)) = update.share() {
            self.works.progress(key, Some(share));
        }
        self.index.retell(None);
        self.index_acted(action)
    }

    /// Work was cancelled in the status line.
    pub(super) fn index_cancelled(&mut self, key: Key) {
        if let Some(update) = &mut self.index.update {
            update.cancelled(key);
            self.index.retell(None);
        }
        if self.index.opening == Some(key) {
            self.index.opening = None;
        }
    }

    fn index_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Update(key) => self.fetch_index(key),
            Action::Stop(key) => {
                self.works.cancel(key);
                // What was fetched by then is there.
                self.read_index()
            }
            Action::Close => {
                if matches!(self.dialog, Some(Dialog::Index)) {
                    self.dialog = self.change.is_some().then_some(Dialog::Change);
                }
                Task::none()
            }
            Action::Changed => self.read_index(),
            Action::Tokens => {
                self.dialog = None;
                self.open_page(Page::Tokens)
            }
            Action::Connect => self.open_connect(),
        }
    }

    fn fetch_index(&mut self, key: Key) -> Task<Message> {
        let services = self.services.clone();
        let stream = reporting(move |tell: UnboundedSender<IndexProgress>| async move {
            let progress = |progress| {
                // Nobody listens any more once it was cancelled.
                let _ = tell.unbounded_send(progress);
            };
            services.update_index(progress).await.map_err(Problem::from)
        });
        let stream = stream.map(move |report| match report {
            Report::Progress(progress) => {
                let message = package_index::Message::Progressed { key, progress };
                Message::Reported(key, Box::new(Message::Index(message)))
            }
            Report::Done(result) => {
                let message = package_index::Message::Ended { key, result };
                Message::Answered(key, Box::new(Message::Index(message)))
            }
        });
        self.works
            .begin(key, "Updating the package index", Task::stream(stream))
    }
}
