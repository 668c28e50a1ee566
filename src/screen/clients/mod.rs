//! The Clients page: the programs of this machine that work with a repository, how each is set up, and setting it up. Every
//! section shows what is, what will happen, does it, and the notice afterwards undoes it.

mod anaconda_client;
mod browsers;
mod kerberos;
mod page;
mod proposal;
mod python;

use std::path::{Path, PathBuf};

use iced::Element;

use super::Key;
use crate::edit::history::Entry;
use crate::error::Problem;
use crate::repository::Domain;
use crate::repository::kerberos::Ticket;
use crate::secret::Secret;
use crate::service::setup::{
    ClientSetup, ClientsStanding, IndexAddress, KerberosState, PipAnswer, ServersInQuestion, SetupPlan,
};

use proposal::Proposal;

pub use anaconda_client::Message as AnacondaClientMessage;
pub use browsers::Message as BrowsersMessage;
pub use kerberos::Message as KerberosMessage;
pub use python::Message as PythonMessage;

/// The sections of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    AnacondaClient,
    Python,
    Kerberos,
    Browsers,
}

#[derive(Debug, Clone)]
pub struct Clients {
    home: PathBuf,
    standing: Standing,
    anaconda_client: anaconda_client::Section,
    python: python::Section,
    kerberos: kerberos::Section,
    browsers: browsers::Section,
    /// What is looked at before it happens; one at a time.
    proposal: Option<Proposal>,
}

/// What is known of how the clients stand.
#[derive(Debug, Clone)]
enum Standing {
    Reading(Key),
    Read(Box<ClientsStanding>),
    /// It is read once more; what was read before is shown.
    ReadingAgain(Key, Box<ClientsStanding>),
    Failed(Problem),
}

#[derive(Debug, Clone)]
pub enum Message {
    StandingRead {
        key: Key,
        result: Result<Box<ClientsStanding>, Problem>,
    },
    AnacondaClient(AnacondaClientMessage),
    Python(PythonMessage),
    Kerberos(KerberosMessage),
    Browsers(BrowsersMessage),
    Planned {
        key: Key,
        result: Result<Box<SetupPlan>, Problem>,
    },
    ApplyPressed,
    ProposalClosed,
    /// The command of a step that is done by hand.
    CopyPressed(usize),
    SetUp {
        key: Key,
        result: Result<Option<Box<Entry>>, Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Read how the clients stand; Kerberos and the browsers at these servers.
    Read {
        key: Key,
        servers: ServersInQuestion,
    },
    /// Work out what a set-up changes.
    Plan {
        key: Key,
        setup: Box<ClientSetup>,
    },
    SetUp {
        key: Key,
        plan: Box<SetupPlan>,
    },
    /// It was done: to be told, with a way to undo it.
    Told(Box<Entry>),
    Copy(String),
    /// Ask pip what it has read.
    AskPip {
        key: Key,
        address: IndexAddress,
    },
    /// Look at ticket, key servers and clock.
    LookAtKerberos {
        key: Key,
        server: String,
        more: Vec<String>,
    },
    GetTicket {
        key: Key,
        principal: String,
        password: Secret,
    },
    /// The way to sign in to the repository.
    SignIn,
    /// Several of them, in order.
    All(Vec<Action>),
}

/// What a section wants.
#[derive(Debug)]
enum Wish {
    None,
    /// Show what this changes.
    Plan(ClientSetup),
    /// Look at the files anew.
    ReadAgain,
    Do(Action),
}

impl Clients {
    pub fn new(home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let screen = Self {
            home: home.to_owned(),
            standing: Standing::Reading(key),
            anaconda_client: anaconda_client::Section::default(),
            python: python::Section::default(),
            kerberos: kerberos::Section::default(),
            browsers: browsers::Section::default(),
            proposal: None,
        };
        let servers = ServersInQuestion::default();
        (screen, Action::Read { key, servers })
    }

    /// Files have changed, or the page is opened again: it is read anew, and what was typed stays.
    pub fn read_again(&mut self) -> Action {
        let key = Key::fresh();
        self.standing = match std::mem::replace(&mut self.standing, Standing::Reading(key)) {
            Standing::Read(standing) | Standing::ReadingAgain(_, standing) => {
                Standing::ReadingAgain(key, standing)
            }
            Standing::Reading(_) | Standing::Failed(_) => Standing::Reading(key),
        };
        Action::Read {
            key,
            servers: self.servers(),
        }
    }

    /// What Kerberos and the browsers are asked about; where one of them is not named, what the other one is.
    fn servers(&self) -> ServersInQuestion {
        let (kerberos, browsers) = (self.kerberos.server(), self.browsers.server());
        let or = |own: &str, other: &str| {
            if own.is_empty() {
                other.to_owned()
            } else {
                own.to_owned()
            }
        };
        ServersInQuestion {
            of_kerberos: or(kerberos, browsers),
            of_browsers: or(browsers, kerberos),
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::StandingRead { key, result } => self.standing_read(key, result),
            Message::AnacondaClient(message) => {
                let wish = self.anaconda_client.update(message);
                self.wished(Part::AnacondaClient, wish)
            }
            Message::Python(message) => {
                let wish = self.python.update(message);
                self.wished(Part::Python, wish)
            }
            Message::Kerberos(message) => {
                let wish = self.kerberos.update(message);
                self.wished(Part::Kerberos, wish)
            }
            Message::Browsers(message) => {
                let wish = self.browsers.update(message);
                self.wished(Part::Browsers, wish)
            }
            Message::Planned { key, result } => {
                if let Some(proposal) = &mut self.proposal {
                    proposal.planned(key, result, &self.home);
                }
                Action::None
            }
            Message::ApplyPressed => match self.proposal.as_mut().and_then(Proposal::apply) {
                Some((key, plan)) => Action::SetUp { key, plan },
                None => Action::None,
            },
            Message::ProposalClosed => {
                if self
                    .proposal
                    .as_ref()
                    .is_some_and(|proposal| !proposal.is_at_work())
                {
                    self.proposal = None;
                }
                Action::None
            }
            Message::CopyPressed(step) => match self.proposal.as_mut().and_then(|one| one.copied(step)) {
                Some(command) => Action::Copy(command),
                None => Action::None,
            },
            Message::SetUp { key, result } => self.set_up(key, result),
        }
    }

    fn standing_read(&mut self, key: Key, result: Result<Box<ClientsStanding>, Problem>) -> Action {
        let is_awaited = match &self.standing {
            Standing::Reading(own) | Standing::ReadingAgain(own, _) => *own == key,
            Standing::Read(_) | Standing::Failed(_) => false,
        };
        if !is_awaited {
            return Action::None;
        }
        let standing = match result {
            Ok(standing) => standing,
            Err(problem) => {
                self.standing = Standing::Failed(problem);
                return Action::None;
            }
        };
        self.anaconda_client.stands(&standing);
        let asked = self.servers();
        let url = anaconda_client::url_in_use(&standing);
        if let Some(host) = url.and_then(|url| Domain::parse(&url).ok()) {
            self.kerberos.is_about(host.host());
            self.browsers.is_about(host.host());
        }
        self.standing = Standing::Read(standing);
        match asked == self.servers() {
            true => Action::None,
            // Now it is known what Kerberos and the browsers are asked about.
            false => self.read_again(),
        }
    }

    fn wished(&mut self, part: Part, wish: Wish) -> Action {
        match wish {
            Wish::None => Action::None,
            Wish::ReadAgain => self.read_again(),
            Wish::Do(action) => action,
            // What is being written is not looked at anew.
            Wish::Plan(_) if self.proposal.as_ref().is_some_and(Proposal::is_at_work) => Action::None,
            Wish::Plan(setup) => {
                let key = Key::fresh();
                self.proposal = Some(Proposal::new(part, key));
                Action::Plan {
                    key,
                    setup: Box::new(setup),
                }
            }
        }
    }

    fn set_up(&mut self, key: Key, result: Result<Option<Box<Entry>>, Problem>) -> Action {
        let mut follow = Vec::new();
        match (
            self.proposal.as_mut().filter(|proposal| proposal.waits_for(key)),
            result,
        ) {
            (Some(proposal), Ok(entry)) => {
                // What is left to be done by hand stays in sight.
                if !proposal.done() {
                    self.proposal = None;
                }
                follow.extend(entry.map(Action::Told));
            }
            (Some(proposal), Err(problem)) => {
                proposal.failed(problem);
                return Action::None;
            }
            // It happened all the same.
            (None, Ok(entry)) => follow.extend(entry.map(Action::Told)),
            (None, Err(_)) => return Action::None,
        }
        follow.push(self.read_again());
        Action::All(follow)
    }

    fn read(&self) -> Option<&ClientsStanding> {
        match &self.standing {
            Standing::Read(standing) | Standing::ReadingAgain(_, standing) => Some(standing),
            Standing::Reading(_) | Standing::Failed(_) => None,
        }
    }

    /// The proposal of a section, where it is the one that is looked at.
    fn proposal_of(&self, part: Part) -> Option<Element<'_, Message>> {
        let proposal = self.proposal.as_ref().filter(|proposal| proposal.is_for(part));
        proposal.map(Proposal::view)
    }

    /// What a button that shows changes may do: nothing while files are being written.
    fn can_plan(&self) -> bool {
        !self.proposal.as_ref().is_some_and(Proposal::is_at_work)
    }
}

/// Answers to what a section asked for, told to it by its own messages.
pub(crate) mod answers {
    use super::{KerberosMessage, KerberosState, Key, Message, PipAnswer, Problem, PythonMessage, Ticket};

    pub fn pip(key: Key, result: Result<PipAnswer, Problem>) -> Message {
        Message::Python(PythonMessage::PipAnswered { key, result })
    }

    pub fn kerberos(key: Key, result: Result<Box<KerberosState>, Problem>) -> Message {
        Message::Kerberos(KerberosMessage::LookedAt { key, result })
    }

    pub fn ticket(key: Key, result: Result<Option<Ticket>, Problem>) -> Message {
        Message::Kerberos(KerberosMessage::TicketCame { key, result })
    }
}

#[cfg(test)]
mod tests;
