//! Anaconda Navigator's own configuration, `anaconda-navigator.ini`: where it is, what it says about the server
//! a person is signed in to, and the changes that signing in and out make to it.
//!
//! Contract: server reference, sections 4.3 and 5.3 to 5.5; product research, section 1.6.

mod error;
pub mod literal;
pub mod location;
pub mod options;
pub mod preferences;
pub mod snapshots;

use std::fmt;

use crate::edit::ini::{IniError, IniFile};
use crate::secret::Secret;

pub use error::NavigatorError;
pub use literal::Literal;

const MAIN: &str = "main";
const LOGGED_BRAND: &str = "logged_brand";
const LOGGED_API_URL: &str = "logged_api_url";

/// The brand that Navigator writes when a person is signed in to an Anaconda Server.
pub const SERVER_BRAND: &str = "Anaconda Server";

/// That of Package Security Manager Cloud.
pub const CLOUD_BRAND: &str = "Anaconda Professional";

/// That of Anaconda Repository.
pub const REPOSITORY_BRAND: &str = "Enterprise 4 Repository";

const REPOSITORY_API_URL: &str = "enterprise_4_repo_api_url";

/// The two sets of names that Navigator has used for what it knows of an Anaconda Server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Navigator 2.4.0 and newer: `anaconda_server_…`.
    AnacondaServer,
    /// Before 2.4.0: `team_edition_…`.
    TeamEdition,
}

/// The options of one generation.
struct Names {
    domain: &'static str,
    token: &'static str,
    token_id: &'static str,
}

impl Names {
    fn all(&self) -> [&'static str; 3] {
        [self.domain, self.token, self.token_id]
    }
}

impl Generation {
    fn names(self) -> &'static Names {
        match self {
            Self::AnacondaServer => &Names {
                domain: "anaconda_server_api_url",
                token: "anaconda_server_token",
                token_id: "anaconda_server_token_id",
            },
            Self::TeamEdition => &Names {
                domain: "team_edition_api_url",
                token: "team_edition_token",
                token_id: "team_edition_token_id",
            },
        }
    }

    fn other(self) -> Self {
        match self {
            Self::AnacondaServer => Self::TeamEdition,
            Self::TeamEdition => Self::AnacondaServer,
        }
    }
}

/// The content of `anaconda-navigator.ini`. Every change is made wholly or not at all.
#[derive(Clone)]
pub struct NavigatorFile {
    ini: IniFile,
    told: Option<Generation>,
}

impl NavigatorFile {
    /// Reads the content of the file.
    ///
    /// Errors: [`NavigatorError::Unreadable`] with the line that Python would stumble over as well.
    pub fn parse(bytes: &[u8]) -> Result<Self, NavigatorError> {
        let ini = IniFile::parse(bytes).map_err(NavigatorError::Unreadable)?;
        Ok(Self { ini, told: None })
    }

    /// The content of a file that does not exist yet. Navigator fills in its defaults for what is missing.
    pub fn empty() -> Self {
        Self {
            ini: IniFile::empty(),
            told: None,
        }
    }

    /// Uses the names of `generation` whatever the file has; `None` lets the file decide.
    #[must_use]
    pub fn with_generation(mut self, generation: Option<Generation>) -> Self {
        self.told = generation;
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.ini.bytes()
    }

    /// The names in use: those told, else those the file has; with both, those that hold a value; in doubt those
    /// of the newer Navigator.
    pub fn generation(&self) -> Generation {
        self.told
            .or_else(|| self.only_generation(|option| self.has_value(option)))
            .or_else(|| self.only_generation(|option| self.get(option).is_some()))
            .unwrap_or(Generation::AnacondaServer)
    }

    /// The generation of which `counts` accepts an option, unless it accepts options of both or none.
    fn only_generation(&self, counts: impl Fn(&str) -> bool) -> Option<Generation> {
        let (new, old) = (Generation::AnacondaServer, Generation::TeamEdition);
        let accepted = |generation: Generation| generation.names().all().into_iter().any(&counts);
        match (accepted(new), accepted(old)) {
            (true, false) => Some(new),
            (false, true) => Some(old),
            (true, true) | (false, false) => None,
        }
    }

    /// An option of `[main]`; `None` when it is not there.
    pub fn get(&self, option: &str) -> Option<Literal> {
        self.ini.get(MAIN, option).map(Literal::read)
    }

    /// The line of `[main]`, counted from 1, that sets an option.
    pub fn line_of(&self, option: &str) -> Option<usize> {
        self.ini.line_of(MAIN, option)
    }

    fn text(&self, option: &str) -> Option<String> {
        let literal = self.get(option)?;
        literal.text().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The text of an option in the names in use, else in the other ones.
    fn text_of(&self, name: impl Fn(&Names) -> &'static str) -> Option<String> {
        let generation = self.generation();
        self.text(name(generation.names()))
            .or_else(|| self.text(name(generation.other().names())))
    }

    fn has_value(&self, option: &str) -> bool {
        self.get(option).is_some_and(|value| value != Literal::None)
    }

    /// The address of the Anaconda Server that Preferences name, without a slash at its end.
    pub fn domain(&self) -> Option<String> {
        let domain = self.text_of(|names| names.domain)?;
        Some(domain.trim_end_matches('/').to_owned())
    }

    /// The token that Navigator uses. It may be one that conda cannot use; see [`crate::secret::Token::parse`].
    pub fn token(&self) -> Option<Secret> {
        self.text_of(|names| names.token).map(Secret::new)
    }

    /// The server's identifier of that token.
    pub fn token_id(&self) -> Option<String> {
        self.text_of(|names| names.token_id)
    }

    /// The address that Navigator is signed in to, whatever the brand.
    pub fn logged_api_url(&self) -> Option<String> {
        self.text(LOGGED_API_URL)
    }

    /// The product that Navigator is signed in to, in Navigator's words.
    pub fn logged_brand(&self) -> Option<String> {
        self.text(LOGGED_BRAND)
    }

    /// Whether a person chose to work offline; Navigator's default is no.
    pub fn offline_mode(&self) -> bool {
        self.get("offline_mode")
            .and_then(|value| value.bool())
            .unwrap_or(false)
    }

    /// Whether certificates are checked; Navigator's default is yes.
    pub fn ssl_verification(&self) -> bool {
        self.get("ssl_verification")
            .and_then(|value| value.bool())
            .unwrap_or(true)
    }

    /// The path of the certificate file that Preferences name.
    pub fn ssl_certificate(&self) -> Option<String> {
        self.text("ssl_certificate")
    }

    /// The hosts whose certificates are not checked.
    pub fn trusted_servers(&self) -> Vec<String> {
        match self.ini.get("ssl", "trusted_servers").map(Literal::read) {
            Some(Literal::List(hosts)) => hosts
                .iter()
                .filter_map(|host| host.text().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Records that a person is signed in to the Anaconda Server at `domain`.
    ///
    /// Where the file has the names of both generations, both get the values, so that no Navigator sees a stale
    /// token. `token` and `token_id` are written as they are, and may be marks that are filled in later; see
    /// [`Literal::write`]; an empty `token_id` is one that is not known. A slash at the end of `domain` is dropped, because Navigator wants none.
    ///
    /// Errors: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn set_signed_in(&mut self, domain: &str, token: &str, token_id: &str) -> Result<(), NavigatorError> {
        let domain = Literal::Text(domain.trim_end_matches('/').to_owned());
        let token = Literal::Text(token.to_owned());
        let token_id = match token_id {
            "" => Literal::None,
            token_id => Literal::Text(token_id.to_owned()),
        };
        self.change(|file| {
            let generation = file.generation();
            file.set(LOGGED_BRAND, &Literal::Bare(SERVER_BRAND.to_owned()))?;
            file.set(LOGGED_API_URL, &domain)?;
            file.set_pair(generation, |names| names.domain, &domain)?;
            file.set_pair(generation, |names| names.token, &token)?;
            file.set_pair(generation, |names| names.token_id, &token_id)
        })
    }

    /// Records that a person is signed in to Package Security Manager Cloud at `address`.
    ///
    /// Errors: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn set_signed_in_to_cloud(&mut self, address: &str) -> Result<(), NavigatorError> {
        let address = Literal::Text(address.trim_end_matches('/').to_owned());
        self.change(|file| {
            file.set(LOGGED_BRAND, &Literal::Bare(CLOUD_BRAND.to_owned()))?;
            file.set(LOGGED_API_URL, &address)
        })
    }

    /// Records that a person is signed in to the Anaconda Repository whose API is at `api`.
    ///
    /// Errors: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn set_signed_in_to_repository(&mut self, api: &str) -> Result<(), NavigatorError> {
        let api = Literal::Text(api.trim_end_matches('/').to_owned());
        self.change(|file| {
            file.set(LOGGED_BRAND, &Literal::Bare(REPOSITORY_BRAND.to_owned()))?;
            file.set(LOGGED_API_URL, &api)?;
            file.set(REPOSITORY_API_URL, &api)
        })
    }

    /// The address of the Anaconda Repository's API that Preferences name.
    pub fn repository_api_url(&self) -> Option<String> {
        self.text(REPOSITORY_API_URL)
    }

    /// The address of Anaconda.org's API that Preferences name.
    pub fn anaconda_api_url(&self) -> Option<String> {
        self.text("anaconda_api_url")
    }

    /// Records that a person is signed out: brand, address, token and its identifier become `None`, in the
    /// names of both generations where the file has them. The domain stays for the next sign-in.
    ///
    /// Errors: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn set_signed_out(&mut self) -> Result<(), NavigatorError> {
        let (new, old) = (
            Generation::AnacondaServer.names(),
            Generation::TeamEdition.names(),
        );
        let options = [
            LOGGED_BRAND,
            LOGGED_API_URL,
            new.token,
            new.token_id,
            old.token,
            old.token_id,
        ];
        self.change(|file| file.set_to_none(&options))
    }

    fn set_to_none(&mut self, options: &[&str]) -> Result<(), IniError> {
        options
            .iter()
            .try_for_each(|option| match self.has_value(option) {
                true => self.set(option, &Literal::None),
                false => Ok(()),
            })
    }

    /// Forgets the token of the Anaconda Server and its identifier, in the names of both generations where the file has
    /// them. The login itself may be another product's, and stays.
    ///
    /// Errors: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn forget_server_token(&mut self) -> Result<(), NavigatorError> {
        let (new, old) = (
            Generation::AnacondaServer.names(),
            Generation::TeamEdition.names(),
        );
        let options = [new.token, new.token_id, old.token, old.token_id];
        self.change(|file| file.set_to_none(&options))
    }

    /// Changes the address of the Anaconda Server that Preferences name; `None` forgets it.
    ///
    /// Errors: [`NavigatorError::Unchangeable`], with nothing changed.
    pub fn set_domain(&mut self, domain: Option<&str>) -> Result<(), NavigatorError> {
        let domain = domain.map_or(Literal::None, |domain| {
            Literal::Text(domain.trim_end_matches('/').to_owned())
        });
        self.change(|file| file.set_pair(file.generation(), |names| names.domain, &domain))
    }

    fn change(&mut self, change: impl Fn(&mut Self) -> Result<(), IniError>) -> Result<(), NavigatorError> {
        let mut changed = self.clone();
        change(&mut changed).map_err(NavigatorError::Unchangeable)?;
        *self = changed;
        Ok(())
    }

    /// Leaves a value alone that already means the same, however it is spelled.
    fn set(&mut self, option: &str, value: &Literal) -> Result<(), IniError> {
        if self.get(option).as_ref() == Some(value) {
            return Ok(());
        }
        self.ini.set(MAIN, option, &value.write())
    }

    /// Sets an option in the names of `generation`, and in the other names if the file has it there.
    fn set_pair(
        &mut self,
        generation: Generation,
        name: impl Fn(&Names) -> &'static str,
        value: &Literal,
    ) -> Result<(), IniError> {
        self.set(name(generation.names()), value)?;
        let other = name(generation.other().names());
        match self.get(other) {
            Some(_) => self.set(other, value),
            None => Ok(()),
        }
    }
}

/// Without the content: it holds a token.
impl fmt::Debug for NavigatorFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NavigatorFile")
            .field("generation", &self.generation())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
