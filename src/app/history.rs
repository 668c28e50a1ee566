//! The History page, its dialogs, and noticing what others change.

use std::path::PathBuf;

use iced::Task;
use iced::futures::FutureExt;
use iced::futures::channel::oneshot;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::notice::{Notice, Offer};
use super::work::{changing, unless_stopped};
use super::{App, Dialog, Message, Page, Turn};
use crate::edit::history::Entry;
use crate::edit::lock::LockError;
use crate::error::Problem;
use crate::screen::Key;
use crate::screen::history::details::{self, Details, Looked};
use crate::screen::history::versions::{self, Followed, Listed, Versions};
use crate::screen::history::{self, History, Row, Undo};
use crate::screen::put_back::Subject;
use crate::service::plan::{Plan, short_path};
use crate::service::recover::Recovery;
use crate::service::undo::Undoable;
use crate::service::{ServiceError, Services};

impl App {
    pub(super) fn reload_history(&mut self) -> Task<Message> {
        let action = match &mut self.history {
            Some(history) => history.reload(),
            None => {
                let (history, action) = History::new();
                self.history = Some(history);
                action
            }
        };
        self.history_acted(action)
    }

    pub(super) fn history_acted(&mut self, action: history::Action) -> Task<Message> {
        match action {
            history::Action::None => Task::none(),
            history::Action::Load(key) => {
                let (services, turn) = (self.services.clone(), self.turn.clone());
                let work = async move {
                    // What others have changed belongs to it.
                    let _ = notice(&services, &turn).await;
                    history_rows(&services)
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::History(history::Message::Loaded { key, result })),
                    )
                });
                self.works.begin(key, "Reading the history", task)
            }
            history::Action::Look(row) => {
                let (dialog, action) = Details::new(row, &self.home);
                self.dialog = Some(Dialog::Details(dialog));
                self.details_acted(action)
            }
            history::Action::Undo { id, what } => self.open_put_back(Subject::Entry { id, what }),
            history::Action::OpenVersions => self.open_versions(),
            history::Action::Run(task) => task.map(Message::History),
        }
    }

    pub(super) fn details_acted(&mut self, action: details::Action) -> Task<Message> {
        match action {
            details::Action::None => Task::none(),
            details::Action::Load { key, id } => {
                let services = self.services.clone();
                let task = Task::perform(async move { looked(&services, &id) }, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Details(details::Message::Loaded { key, result })),
                    )
                });
                self.works.begin(key, "Reading the history", task)
            }
            details::Action::Undo { id, what } => self.open_put_back(Subject::Entry { id, what }),
            details::Action::Close => {
                self.dialog = None;
                Task::none()
            }
        }
    }

    pub(super) fn open_versions(&mut self) -> Task<Message> {
        let mut files = vec![Followed {
            path: self.services.navigator_file(),
            name: "Anaconda Navigator",
        }];
        // A damaged memory of sign-ins is told elsewhere; conda's file is where it usually is then.
        let condarc = self.services.condarc_path();
        let path = condarc.unwrap_or_else(|_| self.home.join(".condarc"));
        files.insert(0, Followed { path, name: "conda" });
        let (dialog, action) = Versions::new(files, &self.home);
        self.dialog = Some(Dialog::Versions(Box::new(dialog)));
        self.versions_acted(action)
    }

    pub(super) fn versions_acted(&mut self, action: versions::Action) -> Task<Message> {
        match action {
            versions::Action::None => Task::none(),
            versions::Action::Load { key, path } => {
                let (services, turn) = (self.services.clone(), self.turn.clone());
                let work = async move {
                    let _ = notice(&services, &turn).await;
                    let snapshots = services.snapshots_of(&path)?;
                    let listed = snapshots.into_iter().map(|snapshot| Listed {
                        when: snapshot.at.map(local_time).unwrap_or_default(),
                        snapshot,
                    });
                    Ok(listed.collect())
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Versions(versions::Message::Loaded { key, result })),
                    )
                });
                self.works.begin(key, "Reading the history", task)
            }
            versions::Action::Plan { key, path, id } => {
                let services = self.services.clone();
                let work = async move {
                    let plan = services.plan_restore(&path, &id);
                    plan.map(Box::new).map_err(Problem::from)
                };
                let task = Task::perform(work, move |result| {
                    Message::Answered(
                        key,
                        Box::new(Message::Versions(versions::Message::Planned { key, result })),
                    )
                });
                self.works.begin(key, "Reading the files", task)
            }
            versions::Action::PutBack { key, plan } => {
                let (stop, stopped) = oneshot::channel();
                let work = restore(self.services.clone(), self.turn.clone(), *plan, stopped);
                let work = work.map(move |ended| {
                    let message = match ended {
                        Ok(end) => Message::Versions(versions::Message::Ended { key, end }),
                        Err(recovered) => Message::Recovered(recovered),
                    };
                    Message::Answered(key, Box::new(message))
                });
                let task = changing(self.services.clone(), work);
                self.works.begin_orderly(key, "Putting back", stop, task)
            }
            versions::Action::Close => {
                self.dialog = None;
                Task::none()
            }
            versions::Action::Done(entry) => {
                self.dialog = None;
                self.changed_by(&entry)
            }
            versions::Action::Run(task) => task.map(Message::Versions),
        }
    }

    /// A change of files happened: told, with a way to undo it, and whatever shows files is read again.
    pub(super) fn changed_by(&mut self, entry: &Entry) -> Task<Message> {
        let notice = Notice::good(entry.what.clone()).offering(Offer::Undo(entry.id.clone()));
        let told = self.notify(notice);
        Task::batch([told, self.reload_page()])
    }

    /// Records what others changed, and shows it where the history is shown.
    pub(super) fn notice_changes(&mut self) -> Task<Message> {
        let key = Key::fresh();
        let (services, turn) = (self.services.clone(), self.turn.clone());
        let work = async move { notice(&services, &turn).await };
        let task = Task::perform(work, move |result| {
            Message::Answered(key, Box::new(Message::ChangesNoticed(result)))
        });
        self.works.begin(key, "Looking at the files", task)
    }

    pub(super) fn changes_noticed(&mut self, result: Result<usize, Problem>) -> Task<Message> {
        match result {
            Ok(0) => Task::none(),
            Ok(_) if self.page == Page::History => self.reload_history(),
            Ok(_) => Task::none(),
            // Without it everything works but the time line.
            Err(problem) => {
                self.standing.note(problem);
                Task::none()
            }
        }
    }
}

/// How many changes of others were recorded. That another Sextant is at work is no failure: it records them.
async fn notice(services: &Services, turn: &Turn) -> Result<usize, Problem> {
    let _turn = turn.lock().await;
    match services.notice_changes() {
        Ok(entries) => Ok(entries.len()),
        Err(ServiceError::Lock(LockError::Busy { .. })) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn local_time(at: Timestamp) -> String {
    let zoned = at.to_zoned_datetime(TimeZone::system());
    zoned.strftime("%Y-%m-%d %H:%M").to_string()
}

fn history_rows(services: &Services) -> Result<Vec<Row>, Problem> {
    let entries = services.entries()?;
    // A damaged file is told elsewhere; without it no sign-in can be undone.
    let connections = services.connections().unwrap_or_default();
    let home = &services.locations().home;
    let rows = entries.iter().map(|entry| {
        let files: Vec<String> = entry
            .files
            .iter()
            .map(|file| short_path(&file.path, home))
            .collect();
        Row {
            id: entry.id.clone(),
            when: local_time(entry.at),
            what: entry.what.clone(),
            files: files.join(", "),
            is_from_outside: entry.is_from_outside(),
            undo: match services.undoable(entry, &entries, &connections) {
                Undoable::Yes => Undo::Possible,
                Undoable::Undone => Undo::Undone,
                Undoable::No { .. } => Undo::Impossible,
            },
        }
    });
    Ok(rows.collect())
}

fn looked(services: &Services, id: &str) -> Result<Looked, Problem> {
    let entry = services.entry(id)?;
    let entries = services.entries()?;
    let connections = services.connections().unwrap_or_default();
    Ok(Looked {
        diffs: services.entry_diffs(&entry)?,
        cannot_be_undone: match services.undoable(&entry, &entries, &connections) {
            Undoable::No { reason, remedy } => Some((reason, remedy)),
            Undoable::Yes | Undoable::Undone => None,
        },
    })
}

/// Puts a version back; when it is asked to stop waiting, what has begun is finished by a recovery (`Err`).
async fn restore(
    services: Services,
    turn: Turn,
    plan: Plan,
    stopped: oneshot::Receiver<()>,
) -> Result<versions::End, Result<Recovery, Problem>> {
    let work = async {
        let _turn = turn.lock().await;
        services.restore(&plan).await
    };
    let Some(done) = unless_stopped(work, stopped).await else {
        let _turn = turn.lock().await;
        return Err(services.recover().await.map_err(Problem::from));
    };
    Ok(match done {
        Ok(entry) => versions::End::Done(Box::new(entry)),
        Err(error) if error.is_stale_plan() => versions::End::Stale,
        Err(error) => versions::End::Failed(error.into()),
    })
}

/// What a banner about a broken file lets the person do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mending {
    /// Put this version of the file back.
    PutBack { path: PathBuf, snapshot: String },
    /// Put the file aside, as it is Sextant's own.
    SetAside(PathBuf),
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Mended {
    PutBack(Box<Entry>),
    SetAside { was: PathBuf, is: PathBuf },
}

impl App {
    pub(super) fn mend(&mut self, mending: Mending) -> Task<Message> {
        let key = Key::fresh();
        let (services, turn) = (self.services.clone(), self.turn.clone());
        let work = async move {
            let _turn = turn.lock().await;
            mended(&services, mending).await.map_err(Problem::from)
        };
        let work = work.map(move |result| Message::Answered(key, Box::new(Message::Mended(result))));
        let task = changing(self.services.clone(), work);
        self.works.begin_change(key, "Mending", task)
    }

    pub(super) fn mended(&mut self, result: Result<Mended, Problem>) -> Task<Message> {
        match result {
            Ok(Mended::PutBack(entry)) => self.changed_by(&entry),
            Ok(Mended::SetAside { was, is }) => {
                let words = format!("{} was put aside", short_path(&was, &self.home));
                let detail = format!("It is {} now.", short_path(&is, &self.home));
                let told = self.notify(Notice::good(words).detail(Some(detail)));
                Task::batch([told, self.reload_page()])
            }
            Err(problem) => self.notify(Notice::problem(&problem)),
        }
    }
}

async fn mended(services: &Services, mending: Mending) -> Result<Mended, ServiceError> {
    match mending {
        Mending::PutBack { path, snapshot } => {
            let plan = services.plan_restore(&path, &snapshot)?;
            Ok(Mended::PutBack(Box::new(services.restore(&plan).await?)))
        }
        Mending::SetAside(was) => {
            let is = services.set_aside(&was)?;
            Ok(Mended::SetAside { was, is })
        }
    }
}
