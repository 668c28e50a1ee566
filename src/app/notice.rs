//! What was done, told in passing, with a way to undo it or to try again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iced::Task;

use super::Message;
use super::change::Reversal;
use crate::error::Problem;
use crate::screen::connect::host_of;
use crate::screen::put_back::Outcome;
use crate::service::connection::Service;
use crate::service::recover::{self, Recovery};
use crate::service::sign_in::{EndedSignIn, SignedIn};
use crate::service::status::ConnectionStatus;
use crate::service::tokens::Renewed;
use crate::ui::style::Tone;
use crate::ui::toast::Toast;

/// How long a notice stays that offers nothing. One that does stays until it is dismissed or pushed out.
const STAY: Duration = Duration::from_secs(8);

#[derive(Debug, Clone)]
pub struct Notice {
    pub id: u64,
    tone: Tone,
    words: String,
    detail: Option<String>,
    pub offer: Option<Offer>,
}

/// What a notice lets the person do.
#[derive(Debug, Clone)]
pub enum Offer {
    /// Undo this entry of the history.
    Undo(String),
    /// Try again what waits.
    Retry,
    /// Look at the channels of a login that another program made.
    ChooseChannels,
    /// Get a new token for a service.
    Renew(Service),
    /// Undo a change of packages.
    Reverse(Arc<Reversal>),
}

impl Notice {
    fn new(tone: Tone, words: String) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self {
            id: LAST.fetch_add(1, Ordering::Relaxed),
            tone,
            words,
            detail: None,
            offer: None,
        }
    }

    pub fn good(words: impl Into<String>) -> Self {
        Self::new(Tone::Good, words.into())
    }

    pub fn info(words: impl Into<String>) -> Self {
        Self::new(Tone::Info, words.into())
    }

    pub fn problem(problem: &Problem) -> Self {
        let detail = [&problem.cause, &problem.remedy].into_iter().flatten().cloned();
        let detail: Vec<String> = detail.collect();
        Self::new(Tone::Bad, problem.message.clone()).detail((!detail.is_empty()).then(|| detail.join(" — ")))
    }

    /// A sign-in of Sextant's whose token files are gone.
    pub fn token_lost(connection: &ConnectionStatus) -> Self {
        let host = host_of(&connection.domain);
        let notice = Self::new(
            Tone::Warning,
            format!("Another program removed the token for {host}"),
        );
        let detail = "conda does not open its private channels any more.";
        let notice = notice.detail(Some(detail.to_owned()));
        match connection.service {
            // Only the person can bring another one.
            Service::Cloud => notice,
            service => notice.offering(Offer::Renew(service)),
        }
    }

    #[cfg(test)]
    pub fn words(&self) -> &str {
        &self.words
    }

    pub fn outcome(outcome: Outcome) -> Self {
        let notice = Self::new(outcome.tone, outcome.words).detail(outcome.detail);
        if outcome.token_waits {
            notice.offering(Offer::Retry)
        } else {
            notice
        }
    }

    pub fn detail(mut self, detail: Option<String>) -> Self {
        self.detail = detail;
        self
    }

    pub fn offering(mut self, offer: Offer) -> Self {
        self.offer = Some(offer);
        self
    }

    pub fn offers_undo(&self) -> bool {
        matches!(self.offer, Some(Offer::Undo(_) | Offer::Reverse(_)))
    }

    pub fn expiry(&self) -> Task<Message> {
        if self.offer.is_some() || matches!(self.tone, Tone::Bad | Tone::Warning) {
            return Task::none();
        }
        let id = self.id;
        Task::perform(tokio::time::sleep(STAY), move |()| Message::NoticeDismissed(id))
    }

    pub fn view(&self) -> Toast<Message> {
        let mut toast =
            Toast::new(self.tone, self.words.clone()).on_dismiss(Message::NoticeDismissed(self.id));
        if let Some(detail) = &self.detail {
            toast = toast.detail(detail.clone());
        }
        match self.offer {
            Some(Offer::Undo(_) | Offer::Reverse(_)) => toast.action("Undo", Message::NoticePressed(self.id)),
            Some(Offer::Retry) => toast.action("Retry", Message::NoticePressed(self.id)),
            Some(Offer::Renew(_)) => toast.action("Renew", Message::NoticePressed(self.id)),
            Some(Offer::ChooseChannels) => toast.action("Choose channels", Message::NoticePressed(self.id)),
            None => toast,
        }
    }
}

/// A sign-in, and what became of the one that ended for it. The last one offers to undo the sign-in.
pub fn of_sign_in(signed_in: &SignedIn) -> Vec<Notice> {
    let who = match signed_in.user.as_str() {
        "" => String::new(),
        user => format!(" as {user}"),
    };
    let words = format!("Signed in to {}{who}", host_of(&signed_in.domain));
    let (mut notices, ended) = of_ended(&signed_in.ended);
    notices.push(
        Notice::good(words)
            .detail(ended)
            .offering(Offer::Undo(signed_in.entry.clone())),
    );
    notices
}

/// A login of another program that Sextant looks after from now on. To undo that would log the program out, so it is not
/// offered in passing.
pub fn of_taking_over(signed_in: &SignedIn) -> Vec<Notice> {
    let (mut notices, ended) = of_ended(&signed_in.ended);
    notices.push(Notice::good("conda searches the chosen channels now").detail(ended));
    notices
}

/// What became of sign-ins that ended for another: tokens that still have to be revoked, and the rest in a sentence.
fn of_ended(all: &[EndedSignIn]) -> (Vec<Notice>, Option<String>) {
    let mut notices = Vec::new();
    let mut ended = Vec::new();
    for other in all {
        let host = host_of(&other.domain);
        match other.token_revoked {
            Some(true) => ended.push(format!("Signed out of {host}; its token was revoked.")),
            Some(false) => {
                ended.push(format!("Signed out of {host}."));
                let words = format!("The token was not revoked on {host}");
                let reason = other.not_revoked_because.as_ref();
                let detail = reason
                    .map(|problem| format!("{}. It is tried again at the next start.", problem.message));
                let notice = Notice::new(Tone::Warning, words).detail(detail);
                notices.push(notice.offering(Offer::Retry));
            }
            None => ended.push(format!("Signed out of {host}; its token was forgotten here.")),
        }
    }
    (notices, (!ended.is_empty()).then(|| ended.join(" ")))
}

/// A login that another program made, at the start (seed 000, "CLI Login Detection").
pub fn of_found(found: &ConnectionStatus) -> Notice {
    let words = format!(
        "{} is logged in to {}",
        found.origin.title(),
        host_of(&found.domain)
    );
    Notice::info(words)
        .detail(Some("Check which channels conda uses.".to_owned()))
        .offering(Offer::ChooseChannels)
}

/// A renewal, and what became of the token before it.
pub fn of_renewal(host: &str, renewed: &Renewed) -> Notice {
    let words = format!("The token for {host} is renewed");
    match (renewed.former_revoked, &renewed.not_revoked_because) {
        (Some(false), because) => {
            let reason = because.as_ref().map(|problem| format!(": {}", problem.message));
            let detail = format!(
                "The old one was not revoked{}. It is tried again at the next start.",
                reason.unwrap_or_default()
            );
            Notice::new(Tone::Warning, words)
                .detail(Some(detail))
                .offering(Offer::Retry)
        }
        (Some(true), _) => Notice::good(words).detail(Some("The old one was revoked.".to_owned())),
        (None, _) => Notice::good(words),
    }
}

/// What a recovery did, as far as there is something to tell.
pub fn of_recovery(recovery: &Recovery) -> Vec<Notice> {
    let mut notices = Vec::new();
    for change in &recovery.changes {
        let words = match change.outcome {
            recover::Outcome::Finished => format!("Finished what was interrupted: {}", change.what),
            recover::Outcome::RolledBack => format!("Put back what was interrupted: {}", change.what),
        };
        let left: Vec<String> = change
            .left_alone
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let detail = (!left.is_empty()).then(|| {
            format!(
                "Changed by another program meanwhile, so left alone: {}",
                left.join(", ")
            )
        });
        notices.push(Notice::info(words).detail(detail));
    }
    match recovery.revoked.len() {
        0 => {}
        1 => notices.push(Notice::good(
            "The token that was still to be revoked is revoked now.",
        )),
        count => notices.push(Notice::good(format!(
            "{count} tokens that were still to be revoked are revoked now."
        ))),
    }
    for waiting in &recovery.waiting {
        let words = format!("A token is still to be revoked on {}", waiting.domain);
        let notice = Notice::new(Tone::Warning, words).detail(Some(waiting.reason.clone()));
        notices.push(notice.offering(Offer::Retry));
    }
    for stuck in &recovery.environments {
        let words = format!("{} is still in the middle of a change", stuck.prefix.display());
        let notice = Notice::new(Tone::Warning, words).detail(Some(stuck.problem.message.clone()));
        notices.push(notice.offering(Offer::Retry));
    }
    notices
}
