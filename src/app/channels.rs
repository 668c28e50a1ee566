//! The Channels page: its work over the services.

use std::sync::Arc;

use iced::Task;
use iced::futures::channel::mpsc::UnboundedSender;
use iced::futures::{FutureExt, StreamExt};

use super::notice::{Notice, Offer};
use super::work::{Report, changing, reporting};
use super::{App, Message, Page, Turn};
use crate::conda::condarc;
use crate::edit::history::Entry;
use crate::error::{Kind, Problem};
use crate::repository::{Channel, ChannelProgress};
use crate::screen::channels::{Action, ChannelChoice, Channels, Preview, Warning};
use crate::screen::{Key, channels, connect};
use crate::service::Services;
use crate::ui::keyboard::Intent;

/// The page, and the work it has under way.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub screen: Option<Channels>,
    /// Reading what stands in `.condarc`, which comes before the page.
    opening: Option<Key>,
    load: Option<Key>,
    preview: Option<Key>,
}

/// What stands in `.condarc` as the page opens.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The server, right after signing in to it.
    signed_in_to: Option<String>,
    chosen: ChannelChoice,
}

impl App {
    /// Opens the page anew, and right after a sign-in (`signed_in_to`) as the last step of it.
    pub(super) fn open_channels(&mut self, signed_in_to: Option<String>) -> Task<Message> {
        self.drop_channels_work();
        let key = Key::fresh();
        self.channels.opening = Some(key);
        let services = self.services.clone();
        let work = async move {
            // A file that cannot be read is told in a banner; the page begins with nothing chosen then.
            let chosen = services.chosen_channels().unwrap_or_default();
            Opening {
                signed_in_to,
                chosen: ChannelChoice {
                    channels: chosen.channels().to_vec(),
                    default_channels: chosen.default_channels().to_vec(),
                },
            }
        };
        let task = Task::perform(work, move |opening| {
            Message::Answered(key, Box::new(Message::ChannelsOpened(opening)))
        });
        self.works.begin(key, "Reading what conda searches", task)
    }

    pub(super) fn channels_opened(&mut self, opening: Opening) -> Task<Message> {
        self.channels.opening = None;
        let is_after_sign_in = opening.signed_in_to.is_some();
        let repository = self.standing.repository();
        let host = opening
            .signed_in_to
            .or_else(|| repository.map(|connection| connect::host_of(&connection.domain).to_owned()));
        let (screen, action) = Channels::new(host, opening.chosen, is_after_sign_in);
        self.channels.screen = Some(screen);
        self.channels_acted(action)
    }

    pub(super) fn update_channels(&mut self, message: channels::Message) -> Task<Message> {
        let Some(screen) = &mut self.channels.screen else {
            return Task::none();
        };
        let heard = match &message {
            channels::Message::Loaded { outcome, .. } => Some(outcome.as_ref().err().cloned()),
            _ => None,
        };
        let action = screen.update(message);
        if let Some(problem) = heard {
            self.hear(problem.as_ref());
        }
        self.channels_acted(action)
    }

    /// Keys that no widget used, while the page is what the person sees.
    pub(super) fn channels_key(&mut self, intent: Intent) -> Task<Message> {
        if self.page == Page::Channels && self.dialog.is_none() {
            self.update_channels(channels::Message::Key(intent))
        } else {
            Task::none()
        }
    }

    /// Work was cancelled from the status line: the page must not wait for it.
    pub(super) fn channels_cancelled(&mut self, key: Key) -> Task<Message> {
        if self.channels.load == Some(key) {
            self.channels.load = None;
            self.update_channels(channels::Message::CancelPressed)
        } else {
            Task::none()
        }
    }

    fn channels_acted(&mut self, action: Action) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Load { key } => self.load_channels(key),
            Action::CancelLoad => {
                if let Some(key) = self.channels.load.take() {
                    self.works.cancel(key);
                }
                Task::none()
            }
            Action::Preview { key, choice } => self.preview_channels(key, choice),
            Action::Apply(choice) => self.apply_channels(choice),
            Action::Skip => self.open_page(Page::Environments),
            Action::Connect => self.update(Message::ConnectPressed),
            // An open dialog holds the focus; the page must not take it away.
            Action::Run(_) if self.dialog.is_some() => Task::none(),
            Action::Run(task) => task.map(Message::Channels),
        }
    }

    fn drop_channels_work(&mut self) {
        let place = std::mem::take(&mut self.channels);
        for key in [place.opening, place.load, place.preview].into_iter().flatten() {
            self.works.cancel(key);
        }
        // The old page stays in sight until the new one is there.
        self.channels.screen = place.screen;
    }

    fn load_channels(&mut self, asked: u64) -> Task<Message> {
        let key = Key::fresh();
        self.channels.load = Some(key);
        let stream = available(self.services.clone()).map(move |report| match report {
            Report::Progress(progress) => Message::Reported(
                key,
                Box::new(Message::Channels(channels::Message::Progressed {
                    key: asked,
                    progress,
                })),
            ),
            Report::Done(outcome) => Message::Answered(
                key,
                Box::new(Message::Channels(channels::Message::Loaded {
                    key: asked,
                    outcome,
                })),
            ),
        });
        self.works
            .begin(key, "Reading the channels", Task::stream(stream))
    }

    fn preview_channels(&mut self, asked: u64, choice: ChannelChoice) -> Task<Message> {
        if let Some(older) = self.channels.preview.take() {
            self.works.cancel(older);
        }
        let key = Key::fresh();
        self.channels.preview = Some(key);
        let services = self.services.clone();
        let work = async move { preview(&services, choice) };
        let task = Task::perform(work, move |outcome| {
            Message::Answered(
                key,
                Box::new(Message::Channels(channels::Message::Previewed {
                    key: asked,
                    outcome,
                })),
            )
        });
        self.works.begin(key, "Comparing", task)
    }

    fn apply_channels(&mut self, choice: ChannelChoice) -> Task<Message> {
        let key = Key::fresh();
        let work = apply(self.services.clone(), self.turn.clone(), choice);
        let work = work.map(move |result| Message::Answered(key, Box::new(Message::ChannelsApplied(result))));
        let task = changing(self.services.clone(), work);
        self.works.begin(key, "Adding channels", task)
    }

    pub(super) fn channels_applied(&mut self, result: Result<Option<Entry>, Problem>) -> Task<Message> {
        let told = match &result {
            Ok(Some(entry)) => {
                let notice = Notice::good("conda searches the chosen channels now");
                self.notify(notice.offering(Offer::Undo(entry.id.clone())))
            }
            Ok(None) | Err(_) => Task::none(),
        };
        let page = self.update_channels(channels::Message::Applied(result.map(drop)));
        Task::batch([told, page])
    }
}

fn available(
    services: Services,
) -> impl iced::futures::Stream<Item = Report<ChannelProgress, Result<Arc<Vec<Channel>>, Problem>>> + Send {
    reporting(move |tell: UnboundedSender<ChannelProgress>| async move {
        let found = services
            .available_channels(|progress| {
                // Nobody listens any more once it was cancelled.
                let _ = tell.unbounded_send(progress);
            })
            .await?;
        Ok(Arc::new(found))
    })
}

fn written(choice: ChannelChoice) -> condarc::ChannelChoice {
    condarc::ChannelChoice::new(choice.channels, choice.default_channels)
}

fn preview(services: &Services, choice: ChannelChoice) -> Result<Preview, Problem> {
    let plan = services.plan_channels(&written(choice))?;
    let warnings = plan.warnings.iter().map(|warning| Warning {
        message: warning.message.clone(),
        remedy: warning.remedy.clone(),
    });
    Ok(Preview {
        diffs: plan.diffs(),
        warnings: warnings.collect(),
    })
}

/// Writes the choice; nothing where the file says all of it already. A file that was changed between plan and commit
/// is planned again once: the choice is what the person confirmed.
async fn apply(services: Services, turn: Turn, choice: ChannelChoice) -> Result<Option<Entry>, Problem> {
    let _turn = turn.lock().await;
    let choice = written(choice);
    for _ in 0..2 {
        let plan = services.plan_channels(&choice)?;
        if plan.is_empty() {
            return Ok(None);
        }
        match services.apply_channels(&plan).await {
            Ok(entry) => return Ok(Some(entry)),
            Err(error) if error.is_stale_plan() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(
        Problem::new(Kind::Conflict, "another program keeps changing the file")
            .remedy("wait until it is done, then add the channels again"),
    )
}
