//! The form of a policy or preset. `assets/policy/example.toml` shows all of it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::conda::channel::ChannelEntry;
use crate::repository::{Domain, ProxyAddress};
use crate::service::connection::Service;
use crate::service::network::ProxyChoice;
use crate::service::sign_in::ChannelChoice;
use crate::service::trust::in_line;

/// What can be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The address of the server.
    Domain,
    /// Whom to trust for it.
    CaFile,
    /// What one may sign in to.
    Services,
    /// `channels` and `default_channels` of conda.
    Channels,
    /// `proxy` and `no-proxy`.
    Proxy,
}

impl Field {
    pub const ALL: [Self; 5] = [
        Self::Domain,
        Self::CaFile,
        Self::Services,
        Self::Channels,
        Self::Proxy,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::CaFile => "ca-file",
            Self::Services => "services",
            Self::Channels => "channels",
            Self::Proxy => "proxy",
        }
    }
}

/// What one file decides. Every part of it may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyFile {
    /// Whose policy it is.
    pub organisation: Option<String>,
    /// Whom to ask about it.
    pub contact: Option<String>,
    pub domain: Option<Domain>,
    pub ca_file: Option<PathBuf>,
    pub services: Option<Vec<Service>>,
    pub channels: Option<Vec<ChannelEntry>>,
    pub default_channels: Option<Vec<ChannelEntry>>,
    pub proxy: Option<ProxyChoice>,
    pub no_proxy: Option<String>,
    /// The fields that the person cannot change, each with the reason.
    pub locked: BTreeMap<Field, String>,
}

/// Every key of the file.
const KEYS: [&str; 10] = [
    "organisation",
    "contact",
    "domain",
    "ca-file",
    "services",
    "channels",
    "default-channels",
    "proxy",
    "no-proxy",
    "locked",
];

type Value<'a> = Spanned<DeValue<'a>>;

impl PolicyFile {
    /// Reads a whole file.
    ///
    /// Errors: everything that is wrong with it, each with its line. Values are not repeated.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<String>> {
        let text = std::str::from_utf8(bytes).map_err(|_| vec!["it is not UTF-8".to_owned()])?;
        let table = DeTable::parse(text)
            .map_err(|error| vec![in_line(text, error.span(), error.message())])?
            .into_inner();
        let mut reader = Reader {
            text,
            problems: Vec::new(),
        };
        let file = reader.file(&table);
        match reader.problems.is_empty() {
            true => Ok(file),
            false => Err(reader.problems),
        }
    }

    /// The channels as conda is to search them; nothing where the file names none.
    pub fn choice(&self) -> Option<ChannelChoice> {
        if self.channels.is_none() && self.default_channels.is_none() {
            return None;
        }
        let list = |list: &Option<Vec<ChannelEntry>>| list.clone().unwrap_or_default();
        Some(ChannelChoice::new(
            list(&self.channels),
            list(&self.default_channels),
        ))
    }

    /// Names and values for a person to read, in the order of the file.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let joined = |list: &Option<Vec<ChannelEntry>>| {
            let list = list.as_ref()?.iter().map(ToString::to_string);
            Some(list.collect::<Vec<_>>().join(", "))
        };
        let services = |list: &Vec<Service>| {
            let names = list.iter().map(|service| service.name());
            names.collect::<Vec<_>>().join(", ")
        };
        let parts = [
            ("organisation", self.organisation.clone()),
            ("contact", self.contact.clone()),
            ("domain", self.domain.as_ref().map(ToString::to_string)),
            (
                "ca-file",
                self.ca_file.as_ref().map(|path| path.display().to_string()),
            ),
            ("services", self.services.as_ref().map(services)),
            ("channels", joined(&self.channels)),
            ("default-channels", joined(&self.default_channels)),
            ("proxy", self.proxy.as_ref().map(said)),
            ("no-proxy", self.no_proxy.clone()),
        ];
        let locked = self.locked.iter().map(|(field, reason)| match field {
            Field::Domain => ("domain is locked", reason.clone()),
            Field::CaFile => ("ca-file is locked", reason.clone()),
            Field::Services => ("services are locked", reason.clone()),
            Field::Channels => ("channels are locked", reason.clone()),
            Field::Proxy => ("proxy is locked", reason.clone()),
        });
        parts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .chain(locked)
            .collect()
    }
}

fn said(proxy: &ProxyChoice) -> String {
    let address = |address: &Option<ProxyAddress>| match address {
        Some(address) => address.to_string(),
        None => "none".to_owned(),
    };
    match proxy {
        ProxyChoice::System => "system".to_owned(),
        ProxyChoice::None => "none".to_owned(),
        ProxyChoice::Everywhere(address) => address.to_string(),
        ProxyChoice::PerScheme { http, https } => {
            format!("{} for http, {} for https", address(http), address(https))
        }
    }
}

/// Collects what is wrong while it reads.
struct Reader<'a> {
    text: &'a str,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn complain(&mut self, span: Range<usize>, what: &str) {
        self.problems.push(in_line(self.text, Some(span), what));
    }

    fn file(&mut self, table: &DeTable<'_>) -> PolicyFile {
        let mut file = PolicyFile::default();
        let mut locked = None;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "organisation" => file.organisation = self.words(value),
                "contact" => file.contact = self.words(value),
                "domain" => file.domain = self.domain(value),
                "ca-file" => file.ca_file = self.path(value),
                "services" => file.services = self.list(value, Self::service),
                "channels" => file.channels = self.list(value, Self::channel),
                "default-channels" => file.default_channels = self.list(value, Self::channel),
                "proxy" => file.proxy = self.proxy(value),
                "no-proxy" => file.no_proxy = self.words(value),
                "locked" => locked = Some(value),
                unknown => {
                    let what = misspelt(unknown, &KEYS);
                    self.complain(key.span(), &what);
                }
            }
        }
        if let Some(locked) = locked {
            self.locked(locked, &mut file);
        }
        file
    }

    fn locked(&mut self, value: &Value<'_>, file: &mut PolicyFile) {
        let Some(table) = value.get_ref().as_table() else {
            self.complain(
                value.span(),
                "locked must be a table: [locked], and below it field = \"reason\"",
            );
            return;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let Some(field) = Field::ALL.into_iter().find(|field| field.name() == name) else {
                let what = misspelt(name, &Field::ALL.map(Field::name));
                self.complain(key.span(), &what);
                continue;
            };
            let Some(reason) = self.words(value) else { continue };
            if !file.sets(field) {
                let what = format!("{name} is locked, but the file says nothing of it");
                self.complain(key.span(), &what);
            }
            file.locked.insert(field, reason);
        }
    }

    fn words(&mut self, value: &Value<'_>) -> Option<String> {
        match value.get_ref().as_str().map(str::trim) {
            Some("") => {
                self.complain(value.span(), "there are no words");
                None
            }
            Some(words) => Some(words.to_owned()),
            None => {
                self.complain(value.span(), "a text in quotation marks must stand here");
                None
            }
        }
    }

    fn domain(&mut self, value: &Value<'_>) -> Option<Domain> {
        let text = self.words(value)?;
        match Domain::parse(&text) {
            Ok(domain) => Some(domain),
            Err(error) => {
                self.complain(value.span(), &error.to_string());
                None
            }
        }
    }

    fn path(&mut self, value: &Value<'_>) -> Option<PathBuf> {
        let text = self.words(value)?;
        let path = Path::new(&text);
        // What is whole on one system may not be on another, where the same file is used.
        if path.is_absolute() || text.starts_with('/') || text.get(1..3).is_some_and(|drive| drive == ":\\") {
            return Some(path.to_owned());
        }
        self.complain(value.span(), "the whole path must stand here");
        None
    }

    fn list<T>(
        &mut self,
        value: &Value<'_>,
        read: impl Fn(&mut Self, &Value<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(items) = value.get_ref().as_array() else {
            self.complain(value.span(), "a list in square brackets must stand here");
            return None;
        };
        items.iter().map(|item| read(self, item)).collect()
    }

    fn service(&mut self, value: &Value<'_>) -> Option<Service> {
        let name = self.words(value)?;
        let found = Service::ALL.into_iter().find(|service| service.name() == name);
        if found.is_none() {
            let what = misspelt(&name, &Service::ALL.map(Service::name)).replacen("key", "service", 1);
            self.complain(value.span(), &what);
        }
        found
    }

    fn channel(&mut self, value: &Value<'_>) -> Option<ChannelEntry> {
        match ChannelEntry::from_text(&self.words(value)?) {
            ChannelEntry::Other(_) => self.complain(value.span(), "conda would not understand this channel"),
            ChannelEntry::Url(url) if url.has_secret() => {
                self.complain(value.span(), "a token or password must not stand here");
            }
            entry => return Some(entry),
        }
        None
    }

    fn proxy(&mut self, value: &Value<'_>) -> Option<ProxyChoice> {
        let Some(table) = value.get_ref().as_table() else {
            let text = self.words(value)?;
            return self.proxy_of(value, &text);
        };
        let (mut http, mut https) = (None, None);
        for (key, value) in table {
            let place = match key.get_ref().as_ref() {
                "http" => &mut http,
                "https" => &mut https,
                unknown => {
                    let what = misspelt(unknown, &["http", "https"]);
                    self.complain(key.span(), &what);
                    continue;
                }
            };
            let text = self.words(value)?;
            match self.proxy_of(value, &text)? {
                ProxyChoice::Everywhere(address) => *place = Some(address),
                _ => self.complain(value.span(), "the address of a proxy must stand here"),
            }
        }
        Some(ProxyChoice::PerScheme { http, https })
    }

    fn proxy_of(&mut self, value: &Value<'_>, text: &str) -> Option<ProxyChoice> {
        match ProxyChoice::parse(text) {
            Ok(choice) => Some(choice),
            Err(error) => {
                self.complain(value.span(), &error.to_string());
                None
            }
        }
    }
}

impl PolicyFile {
    fn sets(&self, field: Field) -> bool {
        match field {
            Field::Domain => self.domain.is_some(),
            Field::CaFile => self.ca_file.is_some(),
            Field::Services => self.services.is_some(),
            Field::Channels => self.choice().is_some(),
            Field::Proxy => self.proxy.is_some() || self.no_proxy.is_some(),
        }
    }
}

/// That a word is not known, and which one may be meant.
fn misspelt(word: &str, known: &[&str]) -> String {
    // Somebody may have put a secret in the wrong place; no word that is known is longer.
    let shown: String = word.chars().take(24).collect();
    let plain = word.to_lowercase().replace('_', "-");
    match similar::get_close_matches(plain.as_str(), known, 1, 0.6).first() {
        Some(meant) => format!("there is no key {shown}; did you mean {meant}?"),
        None => format!("there is no key {shown}; there are {}", known.join(", ")),
    }
}
