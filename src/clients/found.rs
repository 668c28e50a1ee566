//! The logins of this machine that other tools made.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use super::address;
use super::machine::Machine;
use super::token_files::TokenFiles;
use super::{anaconda_auth, anaconda_client, conda, conda_token, navigator, repo_cli};
use crate::secret::{Secret, Token};

/// The program that uses a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    CondaRepoCli,
    AnacondaClient,
    CondaToken,
    AnacondaAuth,
    Navigator,
    /// Conda itself, through a token file that no other tool's configuration speaks of.
    Conda,
}

impl Tool {
    /// The name as its makers write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::CondaRepoCli => "conda-repo-cli",
            Self::AnacondaClient => "anaconda-client",
            Self::CondaToken => "conda-token",
            Self::AnacondaAuth => "anaconda-auth",
            Self::Navigator => "Anaconda Navigator",
            Self::Conda => "conda",
        }
    }
}

/// What a login is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// Anaconda Server / Package Security Manager (On-prem), or Anaconda Platform on a company's own host.
    Server,
    /// Package Security Manager Cloud, anaconda.com.
    Cloud,
    /// Anaconda Repository (Enterprise 4).
    Repository,
    /// Anaconda.org.
    AnacondaOrg,
}

/// What a login consists of.
#[derive(Debug, Clone)]
pub enum Credential {
    /// What conda puts into `/t/<token>/`, and what the servers take as a token.
    Token(Token),
    /// A key of anaconda.com or of an Anaconda Platform: a JWT that is sent as `Authorization: Bearer`.
    ApiKey(Secret),
    /// Navigator's session with an Anaconda Server, where it left no token: the JWT of its login.
    Session(Secret),
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(one), Self::Token(two)) => one == two,
            (Self::ApiKey(one), Self::ApiKey(two)) | (Self::Session(one), Self::Session(two)) => {
                one.expose() == two.expose()
            }
            _ => false,
        }
    }
}

impl Eq for Credential {}

/// Where the credential of a login lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file that holds the token and nothing else.
    TokenFile(PathBuf),
    /// Navigator's `….jwt` file: its session with the server.
    SessionFile(PathBuf),
    /// Navigator's `anaconda-navigator.ini`.
    NavigatorFile(PathBuf),
    /// The keyring of anaconda-auth, under a domain.
    Keyring { path: PathBuf, domain: String },
}

impl Place {
    /// The file.
    pub fn path(&self) -> &PathBuf {
        match self {
            Self::TokenFile(path) | Self::SessionFile(path) | Self::NavigatorFile(path) => path,
            Self::Keyring { path, .. } => path,
        }
    }
}

/// Whether a login can be used, as far as its files tell. A server may have ended it meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum LoginState {
    Usable,
    Expired,
    /// The tool itself cannot use it. The reason holds no secret.
    Damaged {
        reason: String,
    },
}

/// A login: one credential for one address, in however many files it lies and however many tools use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLogin {
    /// Every tool that uses it, each once.
    pub tools: Vec<Tool>,
    pub product: Product,
    /// Server: `scheme://host[:port]`. Cloud: the base of the repository, with a slash at the end. Anaconda Repository
    /// and Anaconda.org: the base of the API, without one.
    pub address: String,
    /// The organisation that a token of the cloud is for, where it is known.
    pub organization: Option<String>,
    pub user: Option<String>,
    /// Nothing where it is damaged.
    pub credential: Option<Credential>,
    /// The server's identifier of the token, where a tool wrote it down.
    pub token_id: Option<String>,
    pub places: Vec<Place>,
    /// When the credential ends, where its files tell.
    pub expires_at: Option<Timestamp>,
    /// When Navigator's session beside the token ends.
    pub session_expires_at: Option<Timestamp>,
    pub state: LoginState,
}

impl FoundLogin {
    pub(super) fn new(tool: Tool, product: Product, address: impl Into<String>) -> Self {
        Self {
            tools: vec![tool],
            product,
            address: address.into(),
            organization: None,
            user: None,
            credential: None,
            token_id: None,
            places: Vec::new(),
            expires_at: None,
            session_expires_at: None,
            state: LoginState::Usable,
        }
    }

    pub(super) fn damaged(mut self, reason: impl Into<String>) -> Self {
        self.state = LoginState::Damaged {
            reason: reason.into(),
        };
        self
    }

    /// Takes in what another tool knows of the same login.
    fn absorb(&mut self, other: Self) {
        for tool in other.tools {
            if !self.tools.contains(&tool) {
                self.tools.push(tool);
            }
        }
        for place in other.places {
            if !self.places.contains(&place) {
                self.places.push(place);
            }
        }
        self.organization = self.organization.take().or(other.organization);
        self.user = self.user.take().or(other.user);
        self.token_id = self.token_id.take().or(other.token_id);
        self.expires_at = self.expires_at.or(other.expires_at);
        self.session_expires_at = self.session_expires_at.or(other.session_expires_at);
    }

    fn is_the_login_of(&self, other: &Self) -> bool {
        self.credential.is_some()
            && self.credential == other.credential
            && address::origin(&self.address) == address::origin(&other.address)
    }
}

/// Something about another tool's login that a person should know, and that is no login itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    pub tool: Tool,
    pub path: Option<PathBuf>,
    /// One sentence without a full stop; holds no secret.
    pub message: String,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// By address. What Sextant itself signed in to is among them: a login lies in files, whoever wrote them.
    pub logins: Vec<FoundLogin>,
    pub remarks: Vec<Remark>,
}

/// Two or more tokens for one address: which one a tool sends depends on where it looks first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<'a> {
    pub address: &'a str,
    pub logins: Vec<&'a FoundLogin>,
}

/// Every login that other tools left on this machine. Reads files, asks no network, changes nothing; what cannot be
/// read becomes a remark.
pub fn logins(machine: &Machine) -> Found {
    let files = TokenFiles::read(machine);
    let mut all = Found::default();
    for look in [
        repo_cli::look,
        anaconda_client::look,
        conda_token::look,
        anaconda_auth::look,
        navigator::look,
    ] {
        let found = look(machine, &files);
        all.logins.extend(found.logins);
        all.remarks.extend(found.remarks);
    }
    let claimed: Vec<PathBuf> = all
        .logins
        .iter()
        .flat_map(|login| login.places.iter().map(|place| place.path().clone()))
        .collect();
    all.logins.extend(conda::look(machine, &files, &claimed));
    Found {
        logins: joined(all.logins),
        remarks: all.remarks,
    }
}

/// The same credential for the same host is one login.
fn joined(found: Vec<FoundLogin>) -> Vec<FoundLogin> {
    let mut all: Vec<FoundLogin> = Vec::new();
    for login in found {
        match all.iter_mut().find(|known| known.is_the_login_of(&login)) {
            Some(known) => known.absorb(login),
            None => all.push(login),
        }
    }
    all.sort_by(|one, two| (one.product, &one.address).cmp(&(two.product, &two.address)));
    all
}

/// The addresses for which there is more than one token. Tokens of different organisations are no conflict.
pub fn conflicts(logins: &[FoundLogin]) -> Vec<Conflict<'_>> {
    let is_token = |login: &&FoundLogin| matches!(login.credential, Some(Credential::Token(_)));
    let key = |login: &FoundLogin| (address::origin(&login.address), login.organization.clone());
    let mut seen = Vec::new();
    let mut conflicts = Vec::new();
    for login in logins.iter().filter(is_token) {
        if seen.contains(&key(login)) {
            continue;
        }
        seen.push(key(login));
        let same: Vec<&FoundLogin> = logins
            .iter()
            .filter(is_token)
            .filter(|other| key(other) == key(login))
            .collect();
        if same.len() > 1 {
            conflicts.push(Conflict {
                address: &login.address,
                logins: same,
            });
        }
    }
    conflicts
}
