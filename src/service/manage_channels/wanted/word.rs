//! One word as a channel.

use super::line::Found;
use super::{Change, NotWanted, WantedChannel};
use crate::conda::channel::{ChannelEntry, ChannelName, ChannelUrl};
use crate::conda::subdir;
use crate::secret::{InvalidToken, Token};

/// The site on which people look at channels that are elsewhere.
const PAGES: [&str; 2] = ["https://anaconda.org/", "https://www.anaconda.org/"];
/// Where these channels are.
const BEHIND_PAGES: &str = "https://conda.anaconda.org/";
/// First parts of a page that name no channel.
const NO_CHANNELS: [&str; 6] = ["search", "account", "about", "auth", "api", "docs"];

/// What names of files in a channel end in.
const FILE_ENDINGS: [&str; 6] = [
    ".json",
    ".json.zst",
    ".json.bz2",
    ".msgpack.zst",
    ".conda",
    ".tar.bz2",
];

/// # Errors
/// The word is no channel.
pub(super) fn channel(found: &Found) -> Result<WantedChannel, NotWanted> {
    let word = found.word.expose().trim();
    let mut changes = Vec::new();
    if found.is_out_of_line {
        changes.push(Change::OutOfLine);
    }
    let token = match &found.token {
        Some(token) => {
            changes.push(Change::TokenTakenOut);
            Some(Token::parse(token.expose()).map_err(NotWanted::Token)?)
        }
        None => None,
    };
    let mut wanted = WantedChannel {
        entry: ChannelEntry::Defaults,
        token,
        list: found.list,
        end: found.end,
        changes,
    };
    wanted.read(word)?;
    Ok(wanted)
}

impl WantedChannel {
    fn read(&mut self, word: &str) -> Result<(), NotWanted> {
        if word.contains(['<', '>']) {
            return Err(NotWanted::Placeholder);
        }
        match word {
            "" => return Err(NotWanted::Nothing),
            "defaults" => return self.is(ChannelEntry::Defaults),
            "local" => return self.is(ChannelEntry::Local),
            _ => {}
        }
        if let Some(address) = address(word) {
            return self.read_address(&address);
        }
        let bare = self.without_token(word)?;
        let is_whole = bare.len() == word.len();
        if is_whole && matches!(ChannelEntry::from_text(word), ChannelEntry::Folder(_)) {
            return self.read_folder(word);
        }
        if looks_like_host(bare) {
            self.changes.push(Change::SchemeAdded);
            return self.read_address(&format!("https://{bare}"));
        }
        self.read_name(bare)
    }

    fn is(&mut self, entry: ChannelEntry) -> Result<(), NotWanted> {
        self.entry = entry;
        Ok(())
    }

    /// `t/<token>/<name>`, with or without a slash before it: the token is taken, the rest given back.
    fn without_token<'w>(&mut self, word: &'w str) -> Result<&'w str, NotWanted> {
        let Some(rest) = word.strip_prefix("/t/").or_else(|| word.strip_prefix("t/")) else {
            return Ok(word);
        };
        let (token, name) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            return Ok(word);
        }
        self.token = Some(Token::parse(token).map_err(NotWanted::Token)?);
        self.changes.push(Change::TokenTakenOut);
        Ok(name)
    }

    fn read_name(&mut self, word: &str) -> Result<(), NotWanted> {
        // A match spec: `channel::package`.
        let word = word.split("::").next().unwrap_or_default();
        let word = self.without_subdir(word.trim_matches('/'));
        let name = ChannelName::parse(word).map_err(|source| NotWanted::Name {
            // Only what can be a name is repeated; anything else might be a secret.
            text: match may_be_shown(word) {
                true => format!("'{word}'"),
                false => "this".to_owned(),
            },
            source,
        })?;
        self.is(ChannelEntry::Name(name))
    }

    fn read_folder(&mut self, word: &str) -> Result<(), NotWanted> {
        if word.starts_with('.') {
            return Err(NotWanted::RelativeFolder);
        }
        let word = self.without_subdir(word.trim_end_matches(['/', '\\']));
        if word.is_empty() {
            return Err(NotWanted::Nothing);
        }
        self.is(ChannelEntry::Folder(word.to_owned()))
    }

    fn read_address(&mut self, address: &str) -> Result<(), NotWanted> {
        let address = match address.split_once(['?', '#']) {
            Some((address, _)) => {
                self.changes.push(Change::QueryDropped);
                address
            }
            None => address,
        };
        let address = self.behind_page(address);
        let url = ChannelUrl::parse(&address).map_err(|_| NotWanted::Address)?;
        if has_credentials(&address) {
            return Err(NotWanted::Password);
        }
        if let Some((_, rest)) = address.split_once("/t/") {
            let text = rest.split('/').next().unwrap_or_default();
            let token = match text {
                "" => Err(InvalidToken::Empty),
                text => Token::parse(text),
            };
            self.token = Some(token.map_err(NotWanted::Token)?);
            self.changes.push(Change::TokenTakenOut);
        }
        let public = url.public();
        let (rest, last) = public.rsplit_once('/').unwrap_or(("", &public));
        let is_file = FILE_ENDINGS.iter().any(|ending| last.ends_with(ending));
        let folder = match is_file && rest.contains("://") {
            true => {
                self.changes.push(Change::FileDropped);
                rest
            }
            false => &public,
        };
        let folder = self.without_subdir(folder).to_owned();
        let url = ChannelUrl::parse(&folder).map_err(|_| NotWanted::Address)?;
        if url.has_secret() {
            return Err(NotWanted::Address);
        }
        self.is(ChannelEntry::Url(url))
    }

    /// The channel that a page of anaconda.org shows.
    fn behind_page(&mut self, address: &str) -> String {
        let Some(rest) = PAGES.iter().find_map(|page| address.strip_prefix(page)) else {
            return address.to_owned();
        };
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [] => address.to_owned(),
            [first, ..] if NO_CHANNELS.contains(first) || *first == "t" => address.to_owned(),
            [owner, "label", label, ..] => {
                self.changes.push(Change::PageRead);
                format!("{BEHIND_PAGES}{owner}/label/{label}")
            }
            [owner, ..] => {
                self.changes.push(Change::PageRead);
                format!("{BEHIND_PAGES}{owner}")
            }
        }
    }

    fn without_subdir<'w>(&mut self, word: &'w str) -> &'w str {
        match word.rsplit_once('/') {
            Some((rest, last)) if subdir::is_known(last) && !rest.ends_with('/') => {
                self.changes.push(Change::SubdirDropped(last.to_owned()));
                rest
            }
            _ => word,
        }
    }
}

/// Whether a word that is no name can be repeated: it looks like one, and no token can stand in it.
fn may_be_shown(word: &str) -> bool {
    let looks_like_name = word.chars().all(|c| c.is_alphanumeric() || "-_./ ".contains(c));
    looks_like_name && word.len() < 40 && !word.contains("/t/")
}

/// The word as an address, its scheme in lower case, where it has one.
fn address(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
    is_scheme.then(|| format!("{}://{rest}", scheme.to_ascii_lowercase()))
}

/// `host.example/path`, which conda would take for a name.
fn looks_like_host(word: &str) -> bool {
    let Some((first, rest)) = word.split_once('/') else {
        return false;
    };
    let host = first.split(':').next().unwrap_or_default();
    let is_host = host.contains('.') || host == "localhost" || first.contains(':');
    !rest.is_empty()
        && is_host
        && !host.is_empty()
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && first
            .split_once(':')
            .is_none_or(|(_, port)| port.parse::<u16>().is_ok())
}

/// `user@` or `user:password@` before the host.
fn has_credentials(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().contains('@')
}
