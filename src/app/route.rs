//! Pages and what belongs to no screen: environments, history, undo from a notice, recovery, preferences.

use iced::Task;
use iced::futures::FutureExt;

use super::notice::{self, Notice, Offer};
use super::standing::Standing;
use super::work::changing;
use super::{App, Message, Page};
use crate::error::{Kind, Problem};
use crate::screen::Key;
use crate::screen::put_back;
use crate::service::blocking;
use crate::service::merge::PutBack;
use crate::service::undo::Undone;

impl App {
    pub(super) fn open_page(&mut self, page: Page) -> Task<Message> {
        let was = std::mem::replace(&mut self.page, page);
        if was != page {
            self.leave_accounts(was);
        }
        match page {
            Page::Environments => self.open_environments(was),
            Page::Channels => self.open_manage_channels(),
            Page::Tokens => self.reload_tokens(),
            Page::Access => self.open_access(),
            Page::Preferences => self.open_preferences(),
            Page::Clients => self.open_clients(),
            Page::Doctor => self.open_doctor(),
            Page::History => self.reload_history(),
        }
    }

    pub(super) fn notice_pressed(&mut self, id: u64) -> Task<Message> {
        let Some(at) = self.notices.iter().position(|notice| notice.id == id) else {
            return Task::none();
        };
        match self.notices.remove(at).offer {
            Some(Offer::Undo(entry)) => self.undo(entry),
            Some(Offer::Retry) => self.recover(),
            Some(Offer::ChooseChannels) => {
                self.page = Page::Channels;
                self.open_channels()
            }
            Some(Offer::Renew(service)) => self.renew(service),
            Some(Offer::Reverse(reversal)) => self.reverse(reversal),
            None => Task::none(),
        }
    }

    /// Undoes an entry without asking: what somebody else changed meanwhile stays theirs.
    pub(super) fn undo(&mut self, entry: String) -> Task<Message> {
        let key = Key::fresh();
        let (services, turn) = (self.services.clone(), self.turn.clone());
        let work = async move {
            let _turn = turn.lock().await;
            let plan = services.plan_undo(Some(&entry), &PutBack::KeepEdits)?;
            Ok(Box::new(services.undo(&plan).await?))
        };
        let work = work.map(move |result: Result<Box<Undone>, Problem>| {
            Message::Answered(key, Box::new(Message::Undone(result)))
        });
        let task = changing(self.services.clone(), work);
        self.works.begin_change(key, "Undoing", task)
    }

    /// Something was put back: said, and everything that shows files is read again.
    pub(super) fn put_back(&mut self, undone: &Undone) -> Task<Message> {
        // What the notices offer to undo may be gone now.
        self.notices.retain(|notice| !notice.offers_undo());
        if let Undone::SignedOut(signed_out) = undone {
            self.hear(signed_out.not_revoked_because.as_ref());
        }
        let told = self.notify(Notice::outcome(put_back::outcome(undone)));
        let left = match undone {
            Undone::SignedOut(signed_out) => self.open_left_behind(signed_out),
            Undone::Files(_) | Undone::Packages(_) => Task::none(),
        };
        Task::batch([told, left, self.reload_page()])
    }

    /// Reads the standing again, and the page if it shows the person's files.
    pub(super) fn read_again(&mut self) -> Task<Message> {
        Task::batch([self.reload_page(), self.read_standing()])
    }

    pub(super) fn reload_page(&mut self) -> Task<Message> {
        match self.page {
            Page::Environments => self.reload_environments_page(),
            Page::Channels => self.reload_channels(),
            Page::Tokens => self.reload_tokens(),
            Page::Access => self.open_access(),
            Page::Preferences => self.preferences_touched(),
            Page::Clients => self.open_clients(),
            Page::Doctor => self.doctor_changed(),
            Page::History => self.reload_history(),
        }
    }

    pub(super) fn read_standing(&mut self) -> Task<Message> {
        let services = self.services.clone();
        Task::perform(async move { Standing::read(&services) }, |standing| {
            Message::StandingRead(Box::new(standing))
        })
    }

    /// Asks where secrets are kept: a keyring may take its time to answer.
    pub(super) fn find_secrets(&self) -> Task<Message> {
        let credentials = self.services.credentials().clone();
        Task::perform(
            async move { blocking(|| credentials.place()) },
            Message::SecretsPlaced,
        )
    }

    /// Lets go what a killed program could not remove any more.
    pub(super) fn sweep(&self) -> Task<Message> {
        let services = self.services.clone();
        Task::future(async move { services.sweep_discarded_files() }).discard()
    }

    pub(super) fn recover(&mut self) -> Task<Message> {
        let key = Key::fresh();
        let (services, turn) = (self.services.clone(), self.turn.clone());
        let work = async move {
            let _turn = turn.lock().await;
            services.recover().await.map_err(Problem::from)
        };
        let work = work.map(move |result| Message::Answered(key, Box::new(Message::Recovered(result))));
        let task = changing(self.services.clone(), work);
        self.works
            .begin_change(key, "Making good what was interrupted", task)
    }

    pub(super) fn recovered(
        &mut self,
        result: Result<crate::service::recover::Recovery, Problem>,
    ) -> Task<Message> {
        let notices = match &result {
            Ok(recovery) => notice::of_recovery(recovery),
            Err(problem) => vec![Notice::problem(problem).offering(Offer::Retry)],
        };
        let told: Vec<Task<Message>> = notices.into_iter().map(|notice| self.notify(notice)).collect();
        Task::batch([Task::batch(told), self.notice_changes(), self.reload_page()])
    }

    pub(super) fn store_preferences(&mut self) -> Task<Message> {
        let Some(preferences) = self.standing.preferences.clone() else {
            return Task::none();
        };
        let services = self.services.clone();
        let work = async move { services.set_preferences(&preferences).map_err(Problem::from) };
        Task::perform(work, Message::PreferencesStored)
    }

    /// Remembers whether the server answered when it was asked.
    pub(super) fn hear(&mut self, problem: Option<&Problem>) {
        match problem {
            Some(problem) if is_about_reaching(problem) => self.unreachable = Some(problem.clone()),
            Some(_) => {}
            None => self.unreachable = None,
        }
    }
}

/// Whether a problem is about reaching the server, so that the top bar tells it.
fn is_about_reaching(problem: &Problem) -> bool {
    matches!(problem.kind, Kind::Network | Kind::Tls | Kind::NotAServer)
}
