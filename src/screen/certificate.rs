//! The dialog about a certificate that was not accepted: what is wrong with it, what it says, and the ways on.
//!
//! There is no way to leave the check out. A CA file makes the check succeed; a certificate that is pinned is the only
//! one that its server is accepted with from then on.

use std::path::PathBuf;

use iced::Element;
use iced::widget::{Column, column, row};

use super::{Key, shown};
use crate::error::{Explain, Problem};
use crate::repository::{Certificate, Domain, Fingerprint, TlsFailure, TlsReason};
use crate::ui::banner::Banner;
use crate::ui::check_box::check_box;
use crate::ui::facts::{Fact, facts};
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

const CA_FILE: &str = "certificate-ca-file";
const CLOSE: &str = "certificate-close";

#[derive(Debug, Clone)]
pub struct CertificateDialog {
    /// The server that trust is set for. The certificate may be that of another host, of a proxy on the way to it.
    domain: Domain,
    failure: TlsFailure,
    ca_file: String,
    has_compared: bool,
    is_copied: bool,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Asking,
    Running {
        key: Key,
        decision: Decision,
    },
    /// The file is no CA file, or does not make the certificate good.
    CaFileRefused(Problem),
    Failed(Problem),
}

/// Whom to trust from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The authorities in this file too.
    CaFile(PathBuf),
    /// This certificate alone, whoever issued it.
    Pin(Fingerprint),
    /// Whom the operating system trusts, and no longer the pinned certificate alone.
    RemovePin,
}

#[derive(Debug, Clone)]
pub enum Message {
    CaFileTyped(String),
    UseCaFilePressed,
    ComparedToggled(bool),
    TrustPressed,
    RemovePinPressed,
    CopyPressed,
    ClosePressed,
    /// Whether it is settled.
    Answered {
        key: Key,
        result: Result<(), Problem>,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    None,
    /// Set this for the server; of a CA file, check first that it is one.
    Decide {
        key: Key,
        domain: Domain,
        decision: Decision,
    },
    Copy(String),
    Abort(Key),
    Close,
    /// Settled: what the certificate had stopped can be tried again.
    Done(Decision),
}

/// What helps against a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaysOn {
    /// It is for others to mend.
    None,
    CaFile,
    CaFileOrPin,
    /// Another certificate is pinned.
    Pinned {
        trusted_otherwise: bool,
    },
}

impl CertificateDialog {
    /// `domain` is the server that was asked when this happened.
    pub fn new(domain: Domain, failure: TlsFailure) -> Self {
        Self {
            domain,
            failure,
            ca_file: String::new(),
            has_compared: false,
            is_copied: false,
            state: State::Asking,
        }
    }

    fn ways_on(&self) -> WaysOn {
        let bare = |host: &str| host.trim_matches(['[', ']', '.']).to_ascii_lowercase();
        // A pin concerns the server itself and no proxy.
        let can_pin = self.failure.leaf().is_some() && bare(&self.failure.host) == bare(self.domain.host());
        match self.failure.reason {
            // Only where nobody vouches for the certificate can a person vouch for it. One that has expired, was revoked
            // or is made for another name is wrong whoever made it.
            TlsReason::SelfSigned | TlsReason::UnknownIssuer if can_pin => WaysOn::CaFileOrPin,
            TlsReason::SelfSigned
            | TlsReason::UnknownIssuer
            | TlsReason::NoTrustStore
            | TlsReason::Other { .. } => WaysOn::CaFile,
            TlsReason::OtherThanPinned {
                trusted_otherwise, ..
            } if can_pin => WaysOn::Pinned { trusted_otherwise },
            TlsReason::OtherThanPinned { .. }
            | TlsReason::Expired
            | TlsReason::NotYetValid
            | TlsReason::WrongName
            | TlsReason::Revoked
            | TlsReason::WeakKey { .. }
            | TlsReason::WeakSignature { .. }
            | TlsReason::WantsClientCertificate
            | TlsReason::RefusedClientCertificate { .. }
            | TlsReason::NotTls
            | TlsReason::Handshake { .. } => WaysOn::None,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::CaFileTyped(path) => {
                self.ca_file = path;
                if !self.is_running() {
                    self.state = State::Asking;
                }
                Action::None
            }
            Message::UseCaFilePressed => match self.ca_file.trim() {
                "" => Action::None,
                path => self.decide(Decision::CaFile(PathBuf::from(path))),
            },
            Message::ComparedToggled(has_compared) => {
                self.has_compared = has_compared;
                Action::None
            }
            Message::TrustPressed => match (self.ways_on(), self.failure.leaf()) {
                (WaysOn::CaFileOrPin | WaysOn::Pinned { .. }, Some(leaf)) if self.has_compared => {
                    self.decide(Decision::Pin(leaf.fingerprint))
                }
                _ => Action::None,
            },
            Message::RemovePinPressed => match self.ways_on() {
                WaysOn::Pinned {
                    trusted_otherwise: true,
                } if self.has_compared => self.decide(Decision::RemovePin),
                _ => Action::None,
            },
            Message::CopyPressed => match self.failure.leaf() {
                Some(leaf) => {
                    self.is_copied = true;
                    Action::Copy(leaf.fingerprint.to_string())
                }
                None => Action::None,
            },
            Message::ClosePressed => match self.state {
                State::Running { key, .. } => {
                    self.state = State::Asking;
                    Action::Abort(key)
                }
                _ => Action::Close,
            },
            Message::Answered { key, result } => self.answered(key, result),
        }
    }

    fn decide(&mut self, decision: Decision) -> Action {
        if self.is_running() {
            return Action::None;
        }
        let key = Key::fresh();
        self.state = State::Running {
            key,
            decision: decision.clone(),
        };
        Action::Decide {
            key,
            domain: self.domain.clone(),
            decision,
        }
    }

    fn answered(&mut self, key: Key, result: Result<(), Problem>) -> Action {
        let decision = match &self.state {
            State::Running { key: own, decision } if *own == key => decision.clone(),
            _ => return Action::None,
        };
        match (result, decision) {
            (Ok(()), decision) => return Action::Done(decision),
            (Err(problem), Decision::CaFile(_)) => self.state = State::CaFileRefused(problem),
            (Err(problem), Decision::Pin(_) | Decision::RemovePin) => self.state = State::Failed(problem),
        }
        Action::None
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let ways = self.ways_on();
        let mut content: Column<'_, Message> = column![self.trouble()].spacing(spacing::L);
        if let Some(leaf) = self.failure.leaf() {
            content = content.push(self.certificate_view(leaf));
        }
        if matches!(ways, WaysOn::CaFile | WaysOn::CaFileOrPin) {
            content = content.push(self.ca_file_view());
        }
        if let WaysOn::CaFileOrPin | WaysOn::Pinned { .. } = ways {
            content = content.push(self.pin_view(ways));
        }
        if let State::Failed(problem) = &self.state {
            content = content.push(shown::problem(problem));
        }
        let close = if self.is_running() { "Cancel" } else { "Close" };
        let dialog = Dialog::new("certificate", self.title(), content)
            .subtitle("Nothing was sent: no name, no password, no token.")
            .wide()
            // Nothing here is to be trusted by a quick Enter.
            .focus(CLOSE)
            .button(button::secondary(close).id(CLOSE).on_press(Message::ClosePressed))
            .on_close(Message::ClosePressed);
        if self.is_running() {
            dialog.aside(shown::working("Checking"))
        } else {
            dialog
        }
    }

    /// What is wrong.
    fn trouble(&self) -> Banner<'_, Message> {
        let mut problem = self.failure.explain();
        match self.failure.reason {
            // The fingerprints stand below, and what to do with them.
            TlsReason::SelfSigned => {
                problem.cause = None;
                problem.remedy = None;
            }
            TlsReason::OtherThanPinned {
                trusted_otherwise, ..
            } => {
                problem.cause =
                    trusted_otherwise.then(|| "Without the pin, this computer would trust it".to_owned());
            }
            _ => {}
        }
        shown::problem(&problem)
    }

    fn title(&self) -> String {
        let host = &self.failure.host;
        if self.failure.chain.is_empty() {
            format!("No secure connection to {host}")
        } else {
            format!("The certificate of {host}")
        }
    }

    fn certificate_view<'a>(&'a self, leaf: &'a Certificate) -> Element<'a, Message> {
        let reason = &self.failure.reason;
        let tone = |is_wrong| if is_wrong { Tone::Bad } else { Tone::Neutral };
        let issuer = if leaf.self_issued {
            "Itself".to_owned()
        } else {
            named(&leaf.issuer)
        };
        let names = leaf.shown_names();
        let names = if names.is_empty() {
            "none".to_owned()
        } else {
            names
        };
        let copy = button::small_link(if self.is_copied { "Copied" } else { "Copy" })
            .id("certificate-copy")
            .on_press(Message::CopyPressed);
        let chain = &self.failure.chain;
        // The one that is out of date may be further up the chain.
        let is_late = chain.iter().all(|c| leaf.valid_until <= c.valid_until);
        let is_early = chain.iter().all(|c| leaf.valid_from >= c.valid_from);
        let own = [
            Fact::new("Subject", named(&leaf.subject)),
            Fact::new("Issued by", issuer).tone(tone(matches!(
                reason,
                TlsReason::SelfSigned | TlsReason::UnknownIssuer
            ))),
            Fact::new("Valid from", time(leaf.valid_from))
                .tone(tone(is_early && *reason == TlsReason::NotYetValid)),
            Fact::new("Valid until", time(leaf.valid_until))
                .tone(tone(is_late && *reason == TlsReason::Expired)),
            Fact::new("Names", names).tone(tone(*reason == TlsReason::WrongName)),
            Fact::new("SHA-256", in_lines(leaf.fingerprint))
                .monospace()
                .trailing(copy),
        ];
        let above = chain.iter().skip(1).enumerate().map(|(index, certificate)| {
            let name = if index == 0 { "Sent with it" } else { "" };
            Fact::new(name, certificate.to_string())
        });
        let pinned = match reason {
            TlsReason::OtherThanPinned { pinned, .. } => {
                Some(Fact::new("Pinned", in_lines(*pinned)).monospace())
            }
            _ => None,
        };
        facts(own.into_iter().chain(pinned).chain(above))
    }

    fn ca_file_view(&self) -> Element<'_, Message> {
        let field = FormField::new("/path/to/authority.pem", &self.ca_file)
            .label("CA file")
            .id(CA_FILE)
            .hint("In PEM, from your administrator. It is trusted beside the authorities of this computer.");
        let field = match &self.state {
            State::CaFileRefused(problem) => {
                let remedy = problem.remedy.as_deref().map(shown::sentence).unwrap_or_default();
                let words = format!("{} {remedy}", shown::sentence(&problem.message));
                field.error(Some(words.trim_end().to_owned()))
            }
            _ => field,
        };
        let can_use = !self.is_running() && !self.ca_file.trim().is_empty();
        let submit = can_use.then_some(Message::UseCaFilePressed);
        let field = if self.is_running() {
            field
        } else {
            field
                .on_input(Message::CaFileTyped)
                .on_submit(Message::UseCaFilePressed)
        };
        let use_it = button::secondary("Use CA file")
            .id("certificate-use-ca-file")
            .on_press_maybe(submit);
        column![text::heading("If your organisation has a CA file"), field, use_it]
            .spacing(spacing::S)
            .into()
    }

    fn pin_view(&self, ways: WaysOn) -> Element<'_, Message> {
        let host = &self.failure.host;
        let heading = match ways {
            WaysOn::Pinned { .. } => "If the certificate was renewed",
            _ => "If it has none",
        };
        let advice = format!(
            "Ask the administrator for the fingerprint, by telephone or in person, and compare it with the one above. \
             From then on this certificate is the only one that {host} is accepted with."
        );
        let tick = check_box(self.has_compared)
            .label("I compared the fingerprint")
            .id("certificate-compared");
        let tick = if self.is_running() {
            tick
        } else {
            tick.on_toggle(Message::ComparedToggled)
        };
        let can_trust = self.has_compared && !self.is_running();
        let trust = button::secondary("Trust exactly this certificate")
            .id("certificate-trust")
            .on_press_maybe(can_trust.then_some(Message::TrustPressed));
        let is_trusted_otherwise = ways
            == WaysOn::Pinned {
                trusted_otherwise: true,
            };
        let remove = is_trusted_otherwise.then(|| {
            button::secondary("Remove the pin")
                .id("certificate-remove-pin")
                .on_press_maybe(can_trust.then_some(Message::RemovePinPressed))
        });
        column![
            text::heading(heading),
            text::small(advice).style(style::muted),
            tick,
            row![trust, remove].spacing(spacing::S)
        ]
        .spacing(spacing::S)
        .into()
    }
}

fn named(name: &str) -> String {
    if name.is_empty() {
        "nobody".to_owned()
    } else {
        name.to_owned()
    }
}

fn time(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A fingerprint in lines of eight pairs, which are compared more easily than one of thirty-two.
fn in_lines(fingerprint: Fingerprint) -> String {
    let fingerprint = fingerprint.to_string();
    let pairs: Vec<&str> = fingerprint.split(':').collect();
    let lines: Vec<String> = pairs.chunks(8).map(|pairs| pairs.join(":")).collect();
    lines.join("\n")
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
