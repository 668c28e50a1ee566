//! anaconda-auth: `anaconda login` and `anaconda token install` at anaconda.com or at an Anaconda Platform of one's own
//! (server reference, sections 2.2 and 4.2; product research, section 1.10).

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::address;
use super::conda_token;
use super::found::{Credential, Found, FoundLogin, LoginState, Place, Product, Remark, Tool};
use super::jwt;
use super::keyring::{Entry, Keyring};
use super::machine::Machine;
use super::navigator::state_at;
use super::token_files::TokenFiles;
use crate::edit::file;
use crate::secret::Token;

/// The domains of the cloud, past ones included; anaconda-auth moves what it finds under those.
const CLOUD_DOMAINS: [&str; 3] = ["anaconda.com", "anaconda.cloud", "id.anaconda.cloud"];

/// The logins in its keyring.
pub(super) fn look(machine: &Machine, _files: &TokenFiles) -> Found {
    let settings = Settings::read(machine);
    let mut found = Found {
        logins: Vec::new(),
        remarks: settings.remarks,
    };
    let path = settings.keyring;
    let remark = |reason: String| Remark {
        tool: Tool::AnacondaAuth,
        path: Some(path.clone()),
        message: format!("the keyring of anaconda-auth cannot be read: {reason}"),
    };
    let keyring = match file::read(&path) {
        Ok(None) => return found,
        Ok(Some(image)) => Keyring::parse(&image.bytes),
        Err(error) => Err(error.to_string()),
    };
    match keyring {
        Ok(keyring) => {
            for (domain, entry) in keyring.entries() {
                found.logins.extend(logins_of(machine, &path, domain, entry));
            }
        }
        Err(reason) => found.remarks.push(remark(reason)),
    }
    found
}

/// The logins under one domain: its API key, and each token of an organisation.
fn logins_of(
    machine: &Machine,
    path: &Path,
    domain: String,
    entry: Result<Entry, String>,
) -> Vec<FoundLogin> {
    let (product, address) = match CLOUD_DOMAINS.contains(&domain.as_str()) {
        true => (Product::Cloud, conda_token::repository(machine)),
        false => (Product::Server, address::origin(&domain)),
    };
    let login = FoundLogin {
        places: vec![Place::Keyring {
            path: path.to_owned(),
            domain,
        }],
        ..FoundLogin::new(Tool::AnacondaAuth, product, address)
    };
    let entry = match entry {
        Ok(entry) => entry,
        Err(reason) => return vec![login.damaged(reason)],
    };
    let mut logins = Vec::new();
    let login = FoundLogin {
        user: entry.username.clone(),
        ..login
    };
    if let Some(key) = entry.api_key {
        let claims = jwt::claims(key.expose());
        let expires_at = claims.as_ref().and_then(|claims| claims.expires_at);
        let readable = claims.is_some();
        let state = match readable {
            true => state_at(machine, expires_at),
            false => LoginState::Damaged {
                reason: "the API key is no JSON Web Token".to_owned(),
            },
        };
        logins.push(FoundLogin {
            user: login.user.clone().or(claims.and_then(|claims| claims.user)),
            credential: Some(Credential::ApiKey(key)),
            expires_at,
            state,
            ..login.clone()
        });
    }
    for repo_token in entry.repo_tokens {
        let login = FoundLogin {
            organization: repo_token.organization,
            ..login.clone()
        };
        logins.push(match Token::parse(repo_token.token.expose()) {
            Ok(token) => FoundLogin {
                credential: Some(Credential::Token(token)),
                ..login
            },
            Err(invalid) => login.damaged(invalid.to_string()),
        });
    }
    logins
}

/// What its settings say of the keyring.
#[derive(Debug)]
pub(super) struct Settings {
    /// The keyring's file; it need not exist.
    pub keyring: PathBuf,
    /// `config.toml`.
    pub file: PathBuf,
    remarks: Vec<Remark>,
}

impl Settings {
    /// In its own order: its variables, the default site, what its older name left (variables and `[plugin.cloud]`), and
    /// `[plugin.auth]`.
    pub fn read(machine: &Machine) -> Self {
        let usual = machine.home().join(".anaconda");
        let file = machine
            .folder("ANACONDA_CONFIG_TOML")
            .unwrap_or_else(|| usual.join("config.toml"));
        let mut settings = Self {
            keyring: usual.join("keyring"),
            file,
            remarks: Vec::new(),
        };
        let text = settings.text();
        let table = settings.table(&text);
        let site = table.as_ref().and_then(default_site);
        let plugin = |name: &str| inner(inner(table.as_ref()?, "plugin")?, name);
        let (cloud, auth) = (plugin("cloud"), plugin("auth"));
        let variable = |plugin: &str, name: &str| {
            machine.variable(&format!("ANACONDA_{plugin}_{}", name.to_uppercase()))
        };
        let setting = |name: &str| {
            variable("AUTH", name)
                .or_else(|| text_of(site?, name))
                .or_else(|| variable("CLOUD", name))
                .or_else(|| text_of(cloud?, name))
                .or_else(|| text_of(auth?, name))
        };
        if let Some(path) = setting("keyring_path").and_then(|path| machine.expand(path)) {
            settings.keyring = path;
        }
        let mut remarks = Vec::new();
        if setting("preferred_token_storage") == Some("system") {
            remarks.push(
                "anaconda-auth keeps its login in the keyring of the operating system, which is not looked into",
            );
        }
        if variable("AUTH", "api_key").is_some() {
            remarks.push(
                "anaconda-auth uses the API key in the variable ANACONDA_AUTH_API_KEY, whatever its keyring holds",
            );
        } else if setting("api_key").is_some() {
            remarks.push("anaconda-auth uses the API key among its settings, whatever its keyring holds");
        }
        let path = settings.file.clone();
        settings.remarks.extend(remarks.into_iter().map(|message| Remark {
            tool: Tool::AnacondaAuth,
            path: Some(path.clone()),
            message: message.to_owned(),
        }));
        settings
    }

    /// The text of `config.toml`; empty where there is none.
    fn text(&mut self) -> String {
        let read = match file::read(&self.file) {
            Ok(None) => return String::new(),
            Ok(Some(image)) => String::from_utf8(image.bytes).map_err(|_| "it is no text".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        read.unwrap_or_else(|reason| {
            self.cannot_be_read(reason);
            String::new()
        })
    }

    /// Its content. The reason of a remark names a line, never what stands there.
    fn table<'a>(&mut self, text: &'a str) -> Option<DeTable<'a>> {
        match DeTable::parse(text) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                let line = error.span().map(|span| {
                    let before = text.get(..span.start).unwrap_or_default();
                    before.lines().count().max(1)
                });
                self.cannot_be_read(match line {
                    Some(line) => format!("line {line} is no TOML"),
                    None => "it is no TOML".to_owned(),
                });
                None
            }
        }
    }

    fn cannot_be_read(&mut self, reason: String) {
        self.remarks.push(Remark {
            tool: Tool::AnacondaAuth,
            path: Some(self.file.clone()),
            message: format!("the configuration of anaconda-auth cannot be read: {reason}"),
        });
    }
}

fn inner<'t, 'a>(table: &'t DeTable<'a>, name: &str) -> Option<&'t DeTable<'a>> {
    table.get(name)?.get_ref().as_table()
}

/// The site that is used where none is named: `default_site`, a name or a domain, else the first in the file.
fn default_site<'a, 't>(table: &'t DeTable<'a>) -> Option<&'t DeTable<'a>> {
    let sites = inner(table, "sites")?;
    match text_of(table, "default_site") {
        Some(name) => sites
            .iter()
            .filter_map(|(key, site)| Some((key, site.get_ref().as_table()?)))
            .find(|(key, site)| key.get_ref() == name || text_of(site, "domain") == Some(name))
            .map(|(_, site)| site),
        None => sites
            .iter()
            .min_by_key(|(key, _)| key.span().start)
            .and_then(|(_, site)| site.get_ref().as_table()),
    }
}

fn text_of<'t>(table: &'t DeTable<'_>, name: &str) -> Option<&'t str> {
    match table.get(name)?.get_ref() {
        DeValue::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}
