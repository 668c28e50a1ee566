//! The Channels page: its work over the services.

use std::sync::Arc;

use iced::Task;
use iced::futures::channel::mpsc::UnboundedSender;
use iced::futures::{FutureExt, StreamExt};

use super::notice::{self, Notice, Offer};
use super::work::{Report, changing, reporting};
use super::{App, Message, Page, Turn};
use crate::conda::condarc;
use crate::edit::history::Entry;
use crate::error::{Kind, Problem};
use crate::repository::{Channel, ChannelProgress};
use crate::screen::channels::{Action, ChannelChoice, Channels, Listing, Preview, Source};
use crate::screen::connect;
use crate::screen::{Key, channels, manage_channels};
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::sign_in::{LoggedIn, Replacing, SignedIn};
use crate::service::{ServiceError, Services};
use crate::ui::keyboard::Intent;

/// The page, and the work it has under way.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub screen: Option<Channels>,
    /// Whether it is shown, in the place of what conda searches.
    pub picks: bool,
    access: Access,
    /// Reading what stands in `.condarc`, which comes before the page.
    opening: Option<Key>,
    load: Option<Key>,
    preview: Option<Key>,
}

/// As whom the service is asked, and what adding channels means.
#[derive(Debug, Clone, Default)]
enum Access {
    /// Sextant is signed in.
    #[default]
    Own,
    /// Another program is; adding channels takes its login over.
    Found {
        login: Box<LoggedIn>,
        replacing: Replacing,
    },
}

/// Which channels are to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opens {
    /// Of the service that Sextant is signed in to.
    Present,
    /// Of the service right after signing in to it.
    AfterSignIn,
    /// Of a login that another program made.
    Found { service: Service, replacing: Replacing },
}

/// What stands in `.condarc` as the page opens, and whose channels are shown.
#[derive(Debug, Clone)]
pub struct Opening {
    source: Option<Source>,
    access: Access,
    is_after_sign_in: bool,
    chosen: ChannelChoice,
}

/// What adding channels has changed.
#[derive(Debug, Clone)]
pub enum Applied {
    /// The file said all of it already.
    Nothing,
    Chosen(Entry),
    /// The login of another program is looked after by Sextant now.
    TakenOver(Box<SignedIn>),
}

impl App {
    /// Opens the page anew, for whoever is signed in: Sextant, else another program.
    pub(super) fn open_channels(&mut self) -> Task<Message> {
        let opens = match (self.standing.repository(), self.standing.found()) {
            (None, Some(found)) => Opens::Found {
                service: found.service,
                replacing: Replacing::Nothing,
            },
            _ => Opens::Present,
        };
        self.open_channels_of(opens)
    }

    /// Reads the page that is shown anew.
    pub(super) fn reload_channels(&mut self) -> Task<Message> {
        match self.channels.picks {
            true => self.open_channels(),
            false => self.open_manage_channels(),
        }
    }

    pub(super) fn open_channels_of(&mut self, opens: Opens) -> Task<Message> {
        self.drop_channels_work();
        self.channels.picks = true;
        // Whoever was invited to this page is here now.
        self.notices
            .retain(|notice| !matches!(notice.offer, Some(Offer::ChooseChannels)));
        let key = Key::fresh();
        self.channels.opening = Some(key);
        let services = self.services.clone();
        let source = self.standing.repository().map(source_of);
        let task = Task::perform(async move { opening(&services, opens, source) }, move |opening| {
            Message::Answered(key, Box::new(Message::ChannelsOpened(opening)))
        });
        self.works.begin(key, "Reading what conda searches", task)
    }

    pub(super) fn channels_opened(&mut self, opening: Result<Box<Opening>, Problem>) -> Task<Message> {
        self.channels.opening = None;
        let opening = match opening {
            Ok(opening) => *opening,
            Err(problem) => {
                let (screen, _) = Channels::new(None, ChannelChoice::default(), false);
                self.channels.screen = Some(screen);
                return self.notify(Notice::problem(&problem));
            }
        };
        self.channels.access = opening.access;
        let (screen, action) = Channels::new(opening.source, opening.chosen, opening.is_after_sign_in);
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
        match self.page == Page::Channels && self.dialog.is_none() {
            true if self.channels.picks => self.update_channels(channels::Message::Key(intent)),
            true => self.update_manage_channels(manage_channels::Message::Key(intent)),
            false => Task::none(),
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
            Action::Find { key, text } => self.find_channel(key, text),
            Action::Apply(choice) => self.apply_channels(choice),
            Action::Skip => self.open_page(Page::Environments),
            Action::Manage => self.open_manage_channels(),
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
        self.channels.picks = place.picks;
    }

    fn load_channels(&mut self, asked: u64) -> Task<Message> {
        let key = Key::fresh();
        self.channels.load = Some(key);
        let stream = available(self.services.clone(), self.channels.access.clone());
        let stream = stream.map(move |report| match report {
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
        let (services, access) = (self.services.clone(), self.channels.access.clone());
        let work = async move { preview(&services, &access, choice) };
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

    fn find_channel(&mut self, asked: u64, text: String) -> Task<Message> {
        let key = Key::fresh();
        let services = self.services.clone();
        let work = async move { services.find_channel(&text).await.map_err(Problem::from) };
        let task = Task::perform(work, move |outcome| {
            Message::Answered(
                key,
                Box::new(Message::Channels(channels::Message::Found {
                    key: asked,
                    outcome,
                })),
            )
        });
        self.works.begin(key, "Looking for the channel", task)
    }

    fn apply_channels(&mut self, choice: ChannelChoice) -> Task<Message> {
        let key = Key::fresh();
        let work = apply(
            self.services.clone(),
            self.turn.clone(),
            self.channels.access.clone(),
            choice,
        );
        let work = work.map(move |result| Message::Answered(key, Box::new(Message::ChannelsApplied(result))));
        let task = changing(self.services.clone(), work);
        self.works.begin_change(key, "Adding channels", task)
    }

    pub(super) fn channels_applied(&mut self, result: Result<Applied, Problem>) -> Task<Message> {
        let told = match &result {
            Ok(Applied::Chosen(entry)) => {
                let notice = Notice::good("conda searches the chosen channels now");
                self.notify(notice.offering(Offer::Undo(entry.id.clone())))
            }
            // The page is another one now: that of a service that Sextant looks after.
            Ok(Applied::TakenOver(signed_in)) => {
                let told: Vec<Task<Message>> = notice::of_taking_over(signed_in)
                    .into_iter()
                    .map(|notice: Notice| self.notify(notice))
                    .collect();
                return Task::batch([Task::batch(told), self.open_channels()]);
            }
            Ok(Applied::Nothing) | Err(_) => Task::none(),
        };
        let page = self.update_channels(channels::Message::Applied(result.map(drop)));
        Task::batch([told, page])
    }
}

/// Whose channels are chosen, of a service that Sextant is signed in to.
fn source_of(connection: &crate::service::status::ConnectionStatus) -> Source {
    Source {
        host: connect::host_of(&connection.domain).to_owned(),
        listing: match connection.service {
            Service::Server => Listing::Complete,
            // Only what surely concerns the person is listed there.
            Service::Cloud | Service::Repository | Service::AnacondaOrg => Listing::Partial,
        },
        program: None,
    }
}

fn opening(services: &Services, opens: Opens, own: Option<Source>) -> Result<Box<Opening>, Problem> {
    // A file that cannot be read is told in a banner; the page begins with nothing chosen then.
    let chosen = services.chosen_channels().unwrap_or_default();
    let mut opening = Opening {
        source: own,
        access: Access::Own,
        is_after_sign_in: opens == Opens::AfterSignIn,
        chosen: ChannelChoice {
            channels: chosen.channels().to_vec(),
            default_channels: chosen.default_channels().to_vec(),
        },
    };
    if let Opens::Found { service, replacing } = opens {
        let found = services.found_login(service)?.ok_or(ServiceError::NotSignedIn {
            service: service.title(),
        })?;
        let login = services.take_over(&found)?;
        opening.source = Some(Source {
            program: Some(found.program.title()),
            ..Source::complete(login.domain.host_and_port())
        });
        opening.access = Access::Found {
            login: Box::new(login),
            replacing,
        };
    }
    Ok(Box::new(opening))
}

fn available(
    services: Services,
    access: Access,
) -> impl iced::futures::Stream<Item = Report<ChannelProgress, Result<Arc<Vec<Channel>>, Problem>>> + Send {
    reporting(move |tell: UnboundedSender<ChannelProgress>| async move {
        let progress = |progress| {
            // Nobody listens any more once it was cancelled.
            let _ = tell.unbounded_send(progress);
        };
        let found = match &access {
            Access::Own => services.available_channels(progress).await?,
            Access::Found { login, .. } => services.channels_for(login, progress).await?,
        };
        Ok(Arc::new(found))
    })
}

fn written(choice: ChannelChoice) -> condarc::ChannelChoice {
    condarc::ChannelChoice::new(choice.channels, choice.default_channels)
}

fn plan(services: &Services, access: &Access, choice: &condarc::ChannelChoice) -> Result<Plan, ServiceError> {
    match access {
        Access::Own => services.plan_channels(choice),
        Access::Found { login, replacing } => services.plan_sign_in(login, choice, replacing),
    }
}

fn preview(services: &Services, access: &Access, choice: ChannelChoice) -> Result<Preview, Problem> {
    let plan = plan(services, access, &written(choice))?;
    Ok(Preview {
        diffs: plan.diffs(),
        warnings: plan.warnings,
    })
}

/// Writes the choice; nothing where the file says all of it already. A file that was changed between plan and commit
/// is planned again once: the choice is what the person confirmed.
async fn apply(
    services: Services,
    turn: Turn,
    access: Access,
    choice: ChannelChoice,
) -> Result<Applied, Problem> {
    let _turn = turn.lock().await;
    let choice = written(choice);
    for _ in 0..2 {
        let plan = plan(&services, &access, &choice)?;
        let done = match &access {
            Access::Own if plan.is_empty() => return Ok(Applied::Nothing),
            Access::Own => services.apply_channels(&plan).await.map(Applied::Chosen),
            Access::Found { login, .. } => services
                .sign_in(login, &plan)
                .await
                .map(|signed_in| Applied::TakenOver(Box::new(signed_in))),
        };
        match done {
            Ok(applied) => return Ok(applied),
            Err(error) if error.is_stale_plan() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(
        Problem::new(Kind::Conflict, "another program keeps changing the file")
            .remedy("wait until it is done, then add the channels again"),
    )
}
