//! The dialog about a certificate that was not accepted: what is wrong with it, what it says, and the ways on.
//!
//! There is no way to leave the check out. A CA file makes the check succeed; a certificate trusted by its fingerprint
//! is trusted for this server alone.

use std::path::PathBuf;

use iced::Element;
use iced::widget::{Column, column};

use super::{Key, shown};
use crate::error::{Explain, Problem};
use crate::repository::{Certificate, Fingerprint, TlsFailure, TlsReason};
use crate::ui::banner::Banner;
use crate::ui::check_box::check_box;
use crate::ui::facts::{Fact, facts};
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

const CA_FILE: &str = "certificate-ca-file";

#[derive(Debug, Clone)]
pub struct CertificateDialog {
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
        trust: Trust,
    },
    /// The file is no CA file, or does not make the certificate good.
    CaFileRefused(Problem),
    Failed(Problem),
}

/// What is to be trusted from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The authorities in this file.
    CaFile(PathBuf),
    /// One certificate, by its SHA-256 fingerprint, for one host.
    Pin { host: String, fingerprint: Fingerprint },
}

#[derive(Debug, Clone)]
pub enum Message {
    CaFileTyped(String),
    UseCaFilePressed,
    ComparedToggled(bool),
    TrustPressed,
    CopyPressed,
    ClosePressed,
    /// Whether it is trusted now.
    Answered {
        key: Key,
        result: Result<(), Problem>,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    None,
    /// Check that the file is a CA file, and trust it.
    UseCaFile {
        key: Key,
        path: PathBuf,
    },
    /// Trust the certificate with this fingerprint, for this host only.
    Pin {
        key: Key,
        host: String,
        fingerprint: Fingerprint,
    },
    Copy(String),
    Abort(Key),
    Close,
    /// Trusted: what the certificate had stopped can be tried again.
    Done(Trust),
}

/// What helps against a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaysOn {
    /// It is for others to mend.
    None,
    CaFile,
    CaFileOrPin,
}

fn ways_on(failure: &TlsFailure) -> WaysOn {
    match failure.reason {
        // Only where nobody vouches for the certificate can a person vouch for it. One that is expired, revoked, or made
        // for another name is wrong whoever made it.
        TlsReason::SelfSigned | TlsReason::UnknownIssuer | TlsReason::OtherThanPinned { .. }
            if failure.leaf().is_some() =>
        {
            WaysOn::CaFileOrPin
        }
        TlsReason::SelfSigned
        | TlsReason::UnknownIssuer
        | TlsReason::OtherThanPinned { .. }
        | TlsReason::NoTrustStore
        | TlsReason::Other { .. } => WaysOn::CaFile,
        TlsReason::Expired
        | TlsReason::NotYetValid
        | TlsReason::WrongName
        | TlsReason::Revoked
        | TlsReason::WantsClientCertificate
        | TlsReason::RefusedClientCertificate { .. }
        | TlsReason::NotTls
        | TlsReason::Handshake { .. } => WaysOn::None,
    }
}

impl CertificateDialog {
    pub fn new(failure: TlsFailure) -> Self {
        Self {
            failure,
            ca_file: String::new(),
            has_compared: false,
            is_copied: false,
            state: State::Asking,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::CaFileTyped(path) => {
                self.ca_file = path;
                self.settle();
                Action::None
            }
            Message::UseCaFilePressed => match self.ca_file.trim() {
                "" => Action::None,
                path => self.run(Trust::CaFile(PathBuf::from(path))),
            },
            Message::ComparedToggled(has_compared) => {
                self.has_compared = has_compared;
                Action::None
            }
            Message::TrustPressed => match self.failure.leaf() {
                Some(leaf) if self.has_compared && ways_on(&self.failure) == WaysOn::CaFileOrPin => {
                    let trust = Trust::Pin {
                        host: self.failure.host.clone(),
                        fingerprint: leaf.fingerprint,
                    };
                    self.run(trust)
                }
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

    fn settle(&mut self) {
        if !self.is_running() {
            self.state = State::Asking;
        }
    }

    fn run(&mut self, trust: Trust) -> Action {
        if self.is_running() {
            return Action::None;
        }
        let key = Key::fresh();
        let action = match trust.clone() {
            Trust::CaFile(path) => Action::UseCaFile { key, path },
            Trust::Pin { host, fingerprint } => Action::Pin {
                key,
                host,
                fingerprint,
            },
        };
        self.state = State::Running { key, trust };
        action
    }

    fn answered(&mut self, key: Key, result: Result<(), Problem>) -> Action {
        let trust = match &self.state {
            State::Running { key: own, trust } if *own == key => trust.clone(),
            _ => return Action::None,
        };
        match (result, trust) {
            (Ok(()), trust) => return Action::Done(trust),
            (Err(problem), Trust::CaFile(_)) => self.state = State::CaFileRefused(problem),
            (Err(problem), Trust::Pin { .. }) => self.state = State::Failed(problem),
        }
        Action::None
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let problem = self.failure.explain();
        let ways = ways_on(&self.failure);
        let mut banner = Banner::new(Tone::Bad, shown::sentence(&problem.message));
        // The fingerprint stands below, and the ways on speak for themselves.
        if self.failure.reason != TlsReason::SelfSigned
            && let Some(cause) = &problem.cause
        {
            banner = banner.cause(shown::sentence(cause));
        }
        if ways == WaysOn::None
            && let Some(remedy) = &problem.remedy
        {
            banner = banner.remedy(shown::sentence(remedy));
        }
        let mut content: Column<'_, Message> = column![banner].spacing(spacing::L);
        if let Some(leaf) = self.failure.leaf() {
            content = content.push(self.certificate_view(leaf));
        }
        if ways != WaysOn::None {
            content = content.push(self.ca_file_view());
        }
        if let (WaysOn::CaFileOrPin, Some(leaf)) = (ways, self.failure.leaf()) {
            content = content.push(self.pin_view(leaf));
        }
        if let State::Failed(problem) = &self.state {
            content = content.push(shown::problem(problem));
        }
        let close = if self.is_running() { "Cancel" } else { "Close" };
        let dialog = Dialog::new("certificate", self.title(), content)
            .subtitle("Nothing was sent: no name, no password, no token.")
            .wide()
            // Nothing here is to be trusted by a quick Enter.
            .focus("certificate-close")
            .button(
                button::secondary(close)
                    .id("certificate-close")
                    .on_press(Message::ClosePressed),
            )
            .on_close(Message::ClosePressed);
        if self.is_running() {
            dialog.aside(shown::working("Checking"))
        } else {
            dialog
        }
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
        let names = match leaf.names.as_slice() {
            [] => "none".to_owned(),
            names => names.join(", "),
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
            Fact::new("SHA-256", in_lines(&leaf.fingerprint.to_string()))
                .monospace()
                .trailing(copy),
        ];
        let above = chain.iter().skip(1).enumerate().map(|(index, certificate)| {
            let name = if index == 0 { "Sent with it" } else { "" };
            Fact::new(name, certificate.to_string())
        });
        facts(own.into_iter().chain(above))
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

    fn pin_view<'a>(&'a self, leaf: &'a Certificate) -> Element<'a, Message> {
        let advice = format!(
            "Ask the administrator for the fingerprint, by telephone or in person, and compare it with the one above. \
             It is trusted for {} only, until {}.",
            self.failure.host,
            leaf.valid_until.strftime("%Y-%m-%d")
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
        column![
            text::heading("If it has none"),
            text::small(advice).style(style::muted),
            tick,
            trust
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
fn in_lines(fingerprint: &str) -> String {
    let pairs: Vec<&str> = fingerprint.split(':').collect();
    let lines: Vec<String> = pairs.chunks(8).map(|pairs| pairs.join(":")).collect();
    lines.join("\n")
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
