//! Other programs change the files while the window is open: what it shows of them is read again, and what ended or
//! began is told.

use std::hash::{Hash, Hasher};

use iced::futures::{Stream, StreamExt, stream};
use iced::{Subscription, Task};

use super::notice::Notice;
use super::standing::Standing;
use super::{App, Message, Page};
use crate::screen::connect::{host_of, other_program};
use crate::service::Services;
use crate::service::status::ConnectionStatus;
use crate::service::watch::Changed;

/// The services as the one thing that is watched: it stays the same as long as the window is open.
struct Watched(Services);

impl Hash for Watched {
    fn hash<H: Hasher>(&self, state: &mut H) {
        "files of other programs".hash(state);
    }
}

fn changes(watched: &Watched) -> impl Stream<Item = Changed> + use<> {
    let services = watched.0.clone();
    // Reads files before it watches them, which is not for the window's thread.
    stream::once(async move { services.watch() }).flatten()
}

impl App {
    pub(super) fn files_of_others(&self) -> Subscription<Message> {
        Subscription::run_with(Watched(self.services.clone()), changes).map(Message::FilesChanged)
    }

    pub(super) fn files_changed(&mut self) -> Task<Message> {
        // What this program changes it reads again itself, once it is done.
        if self.works.is_changing() {
            return Task::none();
        }
        let services = self.services.clone();
        let standing = Task::perform(async move { Standing::read(&services) }, |standing| {
            Message::StandingFound(Box::new(standing))
        });
        Task::batch([standing, self.preferences_touched(), self.notice_changes()])
    }

    /// What the files say now, after somebody changed them.
    pub(super) fn standing_found(&mut self, standing: Standing) -> Task<Message> {
        if self.works.is_changing() {
            return Task::none();
        }
        let before = std::mem::replace(&mut self.standing, standing);
        self.refresh_connect();
        let mut told: Vec<Task<Message>> = ended(&before, &self.standing)
            .into_iter()
            .map(|notice: Notice| self.notify(notice))
            .collect();
        if let Some(began) = began(&before, &self.standing) {
            told.push(self.notify(began));
        }
        let is_another = identity(before.foremost()) != identity(self.standing.foremost());
        if is_another && self.page == Page::Channels {
            told.push(self.reload_channels());
        }
        if is_another && matches!(self.page, Page::Tokens | Page::Access) {
            told.push(self.reload_page());
        }
        if is_another {
            self.unreachable = None;
        }
        Task::batch(told)
    }
}

type Identity<'a> = Option<(&'a str, &'a str)>;

fn identity(connection: Option<&ConnectionStatus>) -> Identity<'_> {
    connection.map(|connection| (connection.service.name(), connection.domain.as_str()))
}

/// What was there before and is not any more.
fn ended(before: &Standing, now: &Standing) -> Vec<Notice> {
    let is_gone = |connection: &&ConnectionStatus| {
        !now.connections
            .iter()
            .any(|other| identity(Some(other)) == identity(Some(connection)))
    };
    let gone = before.connections.iter().filter(is_gone).map(|connection| {
        let host = host_of(&connection.domain);
        let is_own = before.own.contains(&connection.service);
        match other_program(connection) {
            Some(program) if !is_own => Notice::info(format!("{program} is no longer logged in to {host}")),
            _ => Notice::info(format!("Signed out of {host} by another program")),
        }
    });
    let lost = now
        .without_token
        .iter()
        .filter(|service| !before.without_token.contains(service))
        .filter_map(|service| now.of(*service))
        .map(Notice::token_lost);
    gone.chain(lost).collect()
}

/// A login that another program has made meanwhile.
fn began(before: &Standing, now: &Standing) -> Option<Notice> {
    let found = now.found().filter(|_| now.repository().is_none())?;
    let is_new = !before
        .connections
        .iter()
        .any(|known| identity(Some(known)) == identity(Some(found)));
    is_new.then(|| super::notice::of_found(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::connection::{ProgramName, Service};
    use crate::service::status::ConnectionState;
    use crate::service::tokens::TokenState;

    fn connection(service: Service, origin: ProgramName) -> ConnectionStatus {
        ConnectionStatus {
            service,
            domain: "https://psm.example.com".to_owned(),
            user: "alice".to_owned(),
            state: ConnectionState::Connected,
            token_expires_at: None,
            origin,
            token_days_left: None,
            token_state: TokenState::Unknown,
            can_be_taken_over: origin != ProgramName::Sextant,
        }
    }

    fn standing(connections: &[ConnectionStatus], own: &[Service]) -> Standing {
        Standing {
            connections: connections.to_vec(),
            own: own.to_vec(),
            ..Standing::default()
        }
    }

    fn words(notices: &[Notice]) -> Vec<&str> {
        notices.iter().map(Notice::words).collect()
    }

    #[test]
    fn what_ended_is_told_by_whose_it_was() {
        let nobody = Standing::default();
        let own = standing(
            &[connection(Service::Server, ProgramName::Sextant)],
            &[Service::Server],
        );
        assert_eq!(
            words(&ended(&own, &nobody)),
            ["Signed out of psm.example.com by another program"]
        );
        let found = standing(&[connection(Service::Server, ProgramName::CondaRepoCli)], &[]);
        assert_eq!(
            words(&ended(&found, &nobody)),
            ["conda-repo-cli is no longer logged in to psm.example.com"]
        );
        assert!(ended(&own, &own).is_empty() && ended(&nobody, &own).is_empty());
    }

    #[test]
    fn a_token_that_is_gone_is_told_once() {
        let own = standing(
            &[connection(Service::Server, ProgramName::Sextant)],
            &[Service::Server],
        );
        let lost = Standing {
            without_token: vec![Service::Server],
            ..own.clone()
        };
        assert_eq!(
            words(&ended(&own, &lost)),
            ["Another program removed the token for psm.example.com"]
        );
        assert!(ended(&lost, &lost).is_empty());
    }

    #[test]
    fn a_new_login_is_told_unless_sextant_is_signed_in_itself() {
        let nobody = Standing::default();
        let found = standing(&[connection(Service::Cloud, ProgramName::CondaToken)], &[]);
        assert!(began(&nobody, &found).is_some());
        assert!(began(&found, &found).is_none());
        let beside = standing(
            &[
                connection(Service::Server, ProgramName::Sextant),
                connection(Service::Cloud, ProgramName::CondaToken),
            ],
            &[Service::Server],
        );
        assert!(began(&nobody, &beside).is_none());
    }
}
