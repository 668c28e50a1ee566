//! The page Manage Channels: its work over the services.

use iced::Task;
use iced::futures::channel::mpsc::UnboundedSender;
use iced::futures::{FutureExt, StreamExt, stream};

use super::notice::{Notice, Offer};
use super::work::{Report, changing, reporting};
use super::{App, Message, Page, Turn};
use crate::edit::history::Entry;
use crate::error::{Kind, Problem};
use crate::screen::Key;
use crate::screen::connect::host_of;
use crate::screen::manage_channels::{self as page, Action, ManageChannels, Opening, Question, Review};
use crate::service::Services;
use crate::service::manage_channels::{Arrangement, ChannelState, CheckedChannel, WantedChannel};

/// So many servers are asked at once.
const AT_ONCE: usize = 8;

/// The page, and the work it has under way.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub screen: Option<ManageChannels>,
    load: Option<Key>,
    review: Option<Key>,
    resolve: Option<Key>,
    checks: Vec<Key>,
}

impl App {
    /// Opens the page, or reads it anew.
    pub(super) fn open_manage_channels(&mut self) -> Task<Message> {
        self.channels.picks = false;
        let action = match &mut self.manage_channels.screen {
            Some(screen) => screen.reload(),
            None => {
                let (screen, action) = ManageChannels::new(&self.home);
                self.manage_channels.screen = Some(screen);
                action
            }
        };
        self.manage_channels_acted(action)
    }

    pub(super) fn update_manage_channels(&mut self, message: page::Message) -> Task<Message> {
        if let page::Message::Checked { checked, .. } = &message {
            self.hear_of_channels(checked);
        }
        let Some(screen) = &mut self.manage_channels.screen else {
            return Task::none();
        };
        let action = screen.update(message);
        self.manage_channels_acted(action)
    }

    /// Whether the server that one is signed in to answers, as its channels tell.
    fn hear_of_channels(&mut self, checked: &CheckedChannel) {
        let Some(connection) = self.standing.foremost() else {
            return;
        };
        let host = host_of(&connection.domain).to_owned();
        let of_server = checked
            .addresses
            .iter()
            .filter(|address| host_of(&address.url) == host);
        for address in of_server {
            match address.state {
                ChannelState::Unreachable => self.hear(address.problem.as_ref()),
                ChannelState::NotAsked => {}
                _ => self.hear(None),
            }
        }
    }

    /// Work was cancelled from the status line: the page must not wait for it.
    pub(super) fn manage_channels_cancelled(&mut self, key: Key) {
        if !self.manage_channels.checks.contains(&key) {
            return;
        }
        for check in std::mem::take(&mut self.manage_channels.checks) {
            self.works.cancel(check);
        }
        if let Some(screen) = &mut self.manage_channels.screen {
            screen.checks_cancelled();
        }
    }

    fn manage_channels_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::All(actions) => {
                let tasks: Vec<Task<Message>> = actions
                    .into_iter()
                    .map(|action| self.manage_channels_acted(action))
                    .collect();
                Task::batch(tasks)
            }
            Action::Load(key) => self.load_manage_channels(key),
            Action::Check(questions) => self.check_channels(questions),
            Action::Review {
                key,
                arrangement,
                checked,
            } => self.review_channels(key, *arrangement, checked),
            Action::Resolve { key, wanted } => self.resolve_channels(key, wanted),
            Action::Apply { before, arrangement } => self.apply_arrangement(*before, *arrangement),
            Action::Choose => self.open_channels(),
            Action::Connect => self.update(Message::ConnectPressed),
            Action::Upload => self.open_upload(),
            // An open dialog holds the focus; the page must not take it away.
            Action::Run(_) if self.dialog.is_some() || self.page != Page::Channels => Task::none(),
            Action::Run(task) => task.map(Message::ManageChannels),
        }
    }

    fn load_manage_channels(&mut self, key: Key) -> Task<Message> {
        if let Some(older) = self.manage_channels.load.replace(key) {
            self.works.cancel(older);
        }
        let services = self.services.clone();
        let connection = self.standing.repository().or(self.standing.found());
        let server = connection.map(|connection| host_of(&connection.domain).to_owned());
        let work = async move {
            let managed = services.managed_channels()?;
            let cautions = services.channel_cautions(&managed);
            Ok(Box::new(Opening {
                managed,
                cautions,
                server,
            }))
        };
        let task = Task::perform(work, move |outcome: Result<Box<Opening>, Problem>| {
            answered(key, page::Message::Loaded { key, outcome })
        });
        self.works.begin(key, "Reading what conda searches", task)
    }

    fn check_channels(&mut self, questions: Vec<Question>) -> Task<Message> {
        let key = Key::fresh();
        self.manage_channels.checks.push(key);
        let services = self.services.clone();
        let work = reporting(move |tell: UnboundedSender<(u64, CheckedChannel)>| async move {
            let checks = questions.into_iter().map(|question| {
                let services = services.clone();
                async move {
                    let checked = services
                        .check_channel(&question.channel, question.token.as_ref())
                        .await;
                    (question.key, checked)
                }
            });
            let mut checks = stream::iter(checks).buffer_unordered(AT_ONCE);
            while let Some(checked) = checks.next().await {
                // Nobody listens any more once it was cancelled.
                let _ = tell.unbounded_send(checked);
            }
        });
        let work = work.map(move |report| match report {
            Report::Progress((asked, checked)) => Message::Reported(
                key,
                Box::new(Message::ManageChannels(page::Message::Checked {
                    key: asked,
                    checked,
                })),
            ),
            Report::Done(()) => Message::Answered(key, Box::new(Message::ChannelsChecked(key))),
        });
        self.works.begin(key, "Asking the channels", Task::stream(work))
    }

    pub(super) fn channels_checked(&mut self, key: Key) -> Task<Message> {
        self.manage_channels.checks.retain(|check| *check != key);
        Task::none()
    }

    fn review_channels(
        &mut self,
        asked: u64,
        arrangement: Arrangement,
        checked: Vec<CheckedChannel>,
    ) -> Task<Message> {
        let key = Key::fresh();
        if let Some(older) = self.manage_channels.review.replace(key) {
            self.works.cancel(older);
        }
        let services = self.services.clone();
        let work = async move {
            let planned = services.review_arrangement(&arrangement, &checked)?;
            Ok(Box::new(Review {
                diffs: planned.plan.diffs(),
                warnings: planned.plan.warnings,
                after: planned.after,
                cautions: planned.cautions,
            }))
        };
        let task = Task::perform(work, move |outcome: Result<Box<Review>, Problem>| {
            answered(key, page::Message::Reviewed { key: asked, outcome })
        });
        self.works.begin(key, "Comparing", task)
    }

    fn resolve_channels(&mut self, asked: u64, wanted: Vec<WantedChannel>) -> Task<Message> {
        let key = Key::fresh();
        if let Some(older) = self.manage_channels.resolve.replace(key) {
            self.works.cancel(older);
        }
        let services = self.services.clone();
        let work = async move { services.resolve_wanted(&wanted).map_err(Problem::from) };
        let task = Task::perform(work, move |outcome| {
            answered(key, page::Message::Resolved { key: asked, outcome })
        });
        self.works.begin(key, "Resolving", task)
    }

    fn apply_arrangement(&mut self, before: Arrangement, arrangement: Arrangement) -> Task<Message> {
        let key = Key::fresh();
        let work = apply(self.services.clone(), self.turn.clone(), before, arrangement);
        let work =
            work.map(move |result| Message::Answered(key, Box::new(Message::ArrangementApplied(result))));
        let task = changing(self.services.clone(), work);
        self.works.begin_change(key, "Writing the channels", task)
    }

    pub(super) fn arrangement_applied(&mut self, result: Result<Option<Entry>, Problem>) -> Task<Message> {
        let told = match &result {
            Ok(Some(entry)) => {
                let notice = Notice::good("conda searches these channels now");
                self.notify(notice.offering(Offer::Undo(entry.id.clone())))
            }
            Ok(None) | Err(_) => Task::none(),
        };
        let page = self.update_manage_channels(page::Message::Applied(result.map(drop)));
        Task::batch([told, page])
    }
}

fn answered(key: Key, message: page::Message) -> Message {
    Message::Answered(key, Box::new(Message::ManageChannels(message)))
}

/// Writes a new order; nothing where the files say all of it already.
///
/// # Errors
/// Somebody changed the lists meanwhile: their change would be lost, and nobody has seen it.
async fn apply(
    services: Services,
    turn: Turn,
    before: Arrangement,
    arrangement: Arrangement,
) -> Result<Option<Entry>, Problem> {
    let _turn = turn.lock().await;
    for _ in 0..2 {
        let now = services.managed_channels()?;
        let is_as_before = now.arrangement.channels == before.channels
            && now.arrangement.default_channels == before.default_channels;
        if !is_as_before {
            return Err(Problem::new(
                Kind::Conflict,
                "the channels were changed by another program meanwhile",
            )
            .because(format!(
                "what {} says now was not seen here yet",
                now.path.display()
            ))
            .remedy("Revert shows it; then make your change again"));
        }
        let planned = services.plan_arrangement(&arrangement)?;
        if planned.plan.is_empty() {
            return Ok(None);
        }
        match services.apply_channels(&planned.plan).await {
            Ok(entry) => return Ok(Some(entry)),
            Err(error) if error.is_stale_plan() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(
        Problem::new(Kind::Conflict, "another program keeps changing the file")
            .remedy("wait until it is done, then apply again"),
    )
}
