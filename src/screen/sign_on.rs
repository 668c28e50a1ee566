//! A sign-in that goes on elsewhere, in the browser or on another device, while a dialog waits for it.

use std::time::Duration;

use iced::Element;
use iced::time::Instant;

use super::countdown::Countdown;
use super::{Key, shown};
use crate::error::Problem;
use crate::service::connection::Service;
use crate::service::sign_in::sso::SignOnSite;
use crate::ui::button;
use crate::ui::modal::Dialog;

/// Where it is, and how far. `Waited` is what the person has to know while they are busy elsewhere.
#[derive(Debug, Clone)]
pub struct SignOn<Waited> {
    site: SignOnSite,
    stage: Stage<Waited>,
}

#[derive(Debug, Clone)]
pub enum Stage<Waited> {
    Preparing(Key),
    Waiting {
        key: Key,
        left: Countdown,
        waited: Box<Waited>,
    },
    /// The person is done there; the rest is between Sextant and the server.
    Finishing(Key),
    /// The server would have one sign in at a host of another name. Nothing was sent there.
    OtherSite {
        host: String,
        problem: Problem,
    },
    /// It failed before there was anything to wait for.
    NotBegun(Problem),
    /// What was waited for came to nothing: too late, declined, or the network failed.
    Spent(Problem),
}

impl<Waited> SignOn<Waited> {
    /// Begins at once; the key is that of all reports.
    pub fn new(site: SignOnSite) -> (Self, Key) {
        let key = Key::fresh();
        let stage = Stage::Preparing(key);
        (Self { site, stage }, key)
    }

    /// Begins again.
    pub fn begin(&mut self) -> Key {
        let key = Key::fresh();
        self.stage = Stage::Preparing(key);
        key
    }

    pub fn site(&self) -> &SignOnSite {
        &self.site
    }

    pub fn service(&self) -> Service {
        self.site.service()
    }

    pub fn stage(&self) -> &Stage<Waited> {
        &self.stage
    }

    /// Whether time runs out, so that ticks are of use.
    pub fn is_counting(&self) -> bool {
        matches!(self.stage, Stage::Waiting { .. })
    }

    pub fn has_failed(&self) -> bool {
        matches!(self.stage, Stage::NotBegun(_) | Stage::Spent(_))
    }

    /// The key of what runs: nothing that comes with another one counts.
    pub fn running(&self) -> Option<Key> {
        match &self.stage {
            Stage::Preparing(key) | Stage::Finishing(key) | Stage::Waiting { key, .. } => Some(*key),
            Stage::OtherSite { .. } | Stage::NotBegun(_) | Stage::Spent(_) => None,
        }
    }

    /// What is waited for; nothing before and afterwards.
    pub fn waited(&mut self) -> Option<&mut Waited> {
        match &mut self.stage {
            Stage::Waiting { waited, .. } => Some(waited),
            _ => None,
        }
    }

    /// The person is busy elsewhere from `at` on, and has as long as `limit`.
    pub fn wait(&mut self, key: Key, limit: Duration, at: Instant, waited: Waited) {
        self.stage = Stage::Waiting {
            key,
            left: Countdown::new(limit, at),
            waited: Box::new(waited),
        };
    }

    pub fn tick(&mut self, now: Instant) {
        if let Stage::Waiting { left, .. } = &mut self.stage {
            left.tick(now);
        }
    }

    pub fn finish(&mut self, key: Key) {
        self.stage = Stage::Finishing(key);
    }

    pub fn meet_other_site(&mut self, host: String, problem: Problem) {
        self.stage = Stage::OtherSite { host, problem };
    }

    /// Begins again where the person agrees to sign in at the host of another name; nothing where none was met.
    pub fn go_on(&mut self) -> Option<Key> {
        let Stage::OtherSite { host, .. } = &self.stage else {
            return None;
        };
        if let SignOnSite::Server { through, .. } = &mut self.site {
            *through = Some(host.clone());
        }
        Some(self.begin())
    }

    pub fn fail(&mut self, problem: Problem) {
        self.stage = match self.stage {
            Stage::Preparing(_) => Stage::NotBegun(problem),
            _ => Stage::Spent(problem),
        };
    }

    /// The dialog around `content`, with a button for `cancel` whose id is `cancel_id`.
    pub fn dialog<'a, Message: Clone + 'a>(
        &self,
        id: &'static str,
        content: Element<'a, Message>,
        cancel_id: &'static str,
        cancel: Message,
    ) -> Dialog<'a, Message> {
        let is_preparing = matches!(self.stage, Stage::Preparing(_));
        let title = format!("Sign in to {}", shown::site(&self.site));
        Dialog::new(id, title, content)
            .eyebrow(self.service().title())
            .button(
                button::secondary("Cancel")
                    .id(cancel_id)
                    // Enter opened this; a second one must not end it before anything was shown.
                    .tab_stop(!is_preparing)
                    .on_press(cancel.clone()),
            )
            .on_close(cancel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn problem() -> Problem {
        Problem::new(Kind::Auth, "no")
    }

    #[test]
    fn only_what_runs_has_a_key() {
        let (mut sign_on, key) = SignOn::new(SignOnSite::AnacondaCom);
        assert_eq!(sign_on.running(), Some(key));
        sign_on.wait(key, Duration::from_secs(60), Instant::now(), ());
        assert!(sign_on.is_counting() && sign_on.running() == Some(key));
        sign_on.finish(key);
        assert!(!sign_on.is_counting() && sign_on.running() == Some(key));
        sign_on.fail(problem());
        assert!(sign_on.has_failed() && sign_on.running().is_none());
        assert_eq!(sign_on.go_on(), None, "there is no other site");
    }

    #[test]
    fn a_failure_tells_whether_there_was_something_to_wait_for() {
        let (mut sign_on, key) = SignOn::new(SignOnSite::AnacondaCom);
        sign_on.fail(problem());
        assert!(matches!(sign_on.stage(), Stage::NotBegun(_)));
        sign_on.begin();
        sign_on.wait(key, Duration::from_secs(60), Instant::now(), ());
        sign_on.fail(problem());
        assert!(matches!(sign_on.stage(), Stage::Spent(_)));
    }
}
