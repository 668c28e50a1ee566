//! What the doctor looks at, and what it found.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::remedy::Remedy;
use crate::error::Problem;

/// How a check ended; the words are those of the command line's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Pass,
    /// Something works, but not as it should.
    Warn,
    /// Something does not work, or is dangerous.
    Fail,
    /// It does not apply here.
    Skip,
}

impl Outcome {
    /// The one of the two that a person has to know of.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let weight = |outcome| match outcome {
            Self::Skip => 0,
            Self::Pass => 1,
            Self::Warn => 2,
            Self::Fail => 3,
        };
        if weight(other) > weight(self) { other } else { self }
    }
}

/// The parts in which checks are shown, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    Network,
    Server,
    Account,
    Conda,
    Machine,
}

impl Group {
    pub const ALL: [Self; 5] = [
        Self::Network,
        Self::Server,
        Self::Account,
        Self::Conda,
        Self::Machine,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Server => "Server",
            Self::Account => "Account and token",
            Self::Conda => "conda",
            Self::Machine => "This machine",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $group:ident, $title:literal;)*) => {
        /// What is checked, in the order in which it is shown.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The name on the command line and in JSON; a contract that only grows.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            pub const fn group(self) -> Group {
                match self { $(Self::$kind => Group::$group,)* }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)* }
            }
        }
    };
}

kinds! {
    /// The name is known to the name service.
    Dns = "dns", Network, "Name";
    /// The computer behind the name takes connections.
    Tcp = "tcp", Network, "Connection";
    /// The proxy on the way lets through.
    Proxy = "proxy", Network, "Proxy";
    /// The connection can be secured.
    Tls = "tls", Network, "TLS";
    /// Who vouches for the server, by what settings.
    Trust = "trust", Network, "Trust";
    /// The expected product answers.
    Server = "server", Server, "Server";
    /// The clocks of server and machine agree.
    Clock = "clock", Server, "Clock";
    /// The server knows the account.
    Account = "account", Account, "Account";
    /// The token in every file is accepted, and for how long.
    Token = "token", Account, "Token";
    /// A channel that conda searches has an index for it.
    Channel = "channel", Conda, "Channel";
    /// conda can read its files.
    CondaFiles = "conda-files", Conda, "Files of conda";
    /// conda's channels are those that were chosen, and lead to the server.
    CondaChannels = "conda-channels", Conda, "Search order";
    /// conda uses the stored token.
    CondaToken = "conda-token", Conda, "Use of tokens";
    /// No list of allowed or denied channels is in the way.
    CondaLists = "conda-lists", Conda, "Allowed channels";
    /// No token is kept where conda would send it to other hosts.
    TokenKeys = "token-keys", Conda, "Look-alike hosts";
    /// One host, one token.
    TokenConflicts = "token-conflicts", Conda, "Several tokens";
    /// The environments that conda has written down are there, and their records can be read.
    Environments = "environments", Conda, "Environments";
    /// Every file can be read as what it is.
    Files = "files", Machine, "Files";
    /// Where secrets are kept, and whether that answers.
    Keyring = "keyring", Machine, "Keyring";
    /// What holds a secret is for its owner alone.
    Permissions = "permissions", Machine, "File permissions";
    /// Secrets in the clear in files of conda.
    SecretsConda = "secrets-conda", Machine, "Secrets in conda's files";
    SecretsPip = "secrets-pip", Machine, "Secrets in pip's files";
    SecretsShell = "secrets-shell", Machine, "Secrets in shell histories";
    SecretsLogs = "secrets-logs", Machine, "Secrets in logs";
    /// Changes that were interrupted, tokens that wait to be revoked.
    Unfinished = "unfinished", Machine, "Unfinished changes";
}

/// The name of a check: what is checked and, where that is not the one thing, of what. `Display` gives `tls`,
/// `tls:anaconda-org`, `channel:research`. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId {
    kind: Kind,
    of: Option<String>,
}

/// There is no check of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no check called {0}")]
pub struct UnknownCheck(String);

impl CheckId {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, of: None }
    }

    pub(super) fn of(kind: Kind, of: Option<impl Into<String>>) -> Self {
        Self {
            kind,
            of: of.map(Into::into),
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        match &self.of {
            Some(of) => write!(f, ":{of}"),
            None => Ok(()),
        }
    }
}

impl FromStr for CheckId {
    type Err = UnknownCheck;

    fn from_str(text: &str) -> Result<Self, UnknownCheck> {
        let (name, of) = match text.split_once(':') {
            Some((name, of)) => (name, Some(of)),
            None => (text, None),
        };
        let kind = Kind::ALL.iter().find(|kind| kind.name() == name);
        kind.map(|kind| Self::of(*kind, of))
            .ok_or_else(|| UnknownCheck(crate::secret::mask_text(text)))
    }
}

impl Serialize for CheckId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A check that is going to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    pub id: CheckId,
    /// What it is about: a host, a channel; empty where the title says it all.
    pub subject: String,
}

impl Announced {
    pub(super) fn new(id: CheckId, subject: impl Into<String>) -> Self {
        Self {
            id,
            subject: subject.into(),
        }
    }

    pub fn title(&self) -> &'static str {
        self.id.kind.title()
    }

    pub fn group(&self) -> Group {
        self.id.kind.group()
    }
}

/// One of several things that a check looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    pub outcome: Outcome,
    pub text: String,
}

/// What a check found. Secrets are masked before they get here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub outcome: Outcome,
    /// One sentence without a full stop.
    pub message: String,
    pub cause: Option<String>,
    pub remedy: Option<String>,
    pub details: Vec<Detail>,
    /// What can be done with one click.
    pub fix: Option<Remedy>,
}

impl Finding {
    fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self {
            outcome,
            message: message.into(),
            cause: None,
            remedy: None,
            details: Vec::new(),
            fix: None,
        }
    }

    pub(super) fn pass(message: impl Into<String>) -> Self {
        Self::new(Outcome::Pass, message)
    }

    pub(super) fn warn(message: impl Into<String>) -> Self {
        Self::new(Outcome::Warn, message)
    }

    pub(super) fn fail(message: impl Into<String>) -> Self {
        Self::new(Outcome::Fail, message)
    }

    pub(super) fn skip(reason: impl Into<String>) -> Self {
        Self::new(Outcome::Skip, reason)
    }

    pub(super) fn of_problem(outcome: Outcome, problem: Problem) -> Self {
        Self {
            cause: problem.cause,
            remedy: problem.remedy,
            ..Self::new(outcome, problem.message)
        }
    }

    #[must_use]
    pub(super) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    #[must_use]
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    #[must_use]
    pub(super) fn fixed_by(mut self, fix: Option<Remedy>) -> Self {
        self.fix = fix;
        self
    }

    #[must_use]
    pub(super) fn with(mut self, outcome: Outcome, text: impl Into<String>) -> Self {
        self.details.push(Detail {
            outcome,
            text: text.into(),
        });
        self
    }

    #[must_use]
    pub(super) fn with_all(mut self, details: impl IntoIterator<Item = Detail>) -> Self {
        self.details.extend(details);
        self
    }
}

/// A check that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub announced: Announced,
    pub took: Duration,
    pub finding: Finding,
}

impl Check {
    pub fn id(&self) -> &CheckId {
        &self.announced.id
    }

    pub fn outcome(&self) -> Outcome {
        self.finding.outcome
    }

    /// Why it is not well: what was found, and the reason of it where that is known; nothing for a check that passed.
    pub fn cause(&self) -> Option<String> {
        let Finding {
            outcome,
            message,
            cause,
            ..
        } = &self.finding;
        match (outcome, cause) {
            (Outcome::Pass, _) => None,
            (_, Some(cause)) => Some(format!("{message}: {cause}")),
            (_, None) => Some(message.clone()),
        }
    }

    /// The document of the command line's contract (`id`, `outcome`, `ms`, `cause`, `remedy`), and what is known beside it.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id(),
            "outcome": self.outcome(),
            "ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "cause": self.cause(),
            "remedy": self.finding.remedy,
            "group": self.announced.group(),
            "title": self.announced.title(),
            "subject": self.announced.subject,
            "found": self.finding.message,
            "details": self.finding.details,
            "fix": self.finding.fix.as_ref().map(|fix| json!({
                "label": fix.label(),
                "command": fix.command(self.id()),
            })),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_found_by_its_name() {
        for kind in Kind::ALL {
            let id = CheckId::new(*kind);
            assert_eq!(id.to_string().parse::<CheckId>().unwrap(), id);
        }
        let id: CheckId = "channel:https://h:8443/c".parse().unwrap();
        assert_eq!(
            (id.kind(), id.to_string().as_str()),
            (Kind::Channel, "channel:https://h:8443/c")
        );
        let error = "canary:https://h/t/canary2/c"
            .parse::<CheckId>()
            .unwrap_err()
            .to_string();
        assert!(!error.contains("canary2"), "{error}");
    }

    #[test]
    fn the_order_of_kinds_keeps_groups_together() {
        let groups: Vec<Group> = Kind::ALL.iter().map(|kind| kind.group()).collect();
        assert!(groups.is_sorted(), "{groups:?}");
    }

    #[test]
    fn what_is_worse_counts() {
        use Outcome::{Fail, Pass, Skip, Warn};
        assert_eq!(Pass.worse(Warn), Warn);
        assert_eq!(Fail.worse(Warn), Fail);
        assert_eq!(Skip.worse(Pass), Pass);
    }
}
