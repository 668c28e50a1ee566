//! The files through which conda and its relatives find the token of a server.
//!
//! Which tool reads what (server reference, sections 3.1 and 4; repository reference, section 2.5):
//!
//! | folder | read by |
//! |---|---|
//! | conda's (`~/.config/binstar`, `BINSTAR_CONFIG_DIR/data`, …) | conda, anaconda-client, conda-repo-cli, Navigator |
//! | `~/.continuum/anaconda-client/tokens` | anaconda-client, Navigator, mamba |
//! | `BINSTAR_CONFIG_DIR/data/tokens`, where that is set | anaconda-client instead |
//! | `~/.local/share/binstar` | conda 23.11 only |
//! | `~/.conda/tokens` | conda-repo-cli, beside conda's |
//!
//! A token goes into conda's folder and anaconda-client's. conda 23.11's is written only where it exists already, so that
//! an old token there cannot win; the last one holds conda-repo-cli's own token and is only looked in.
//!
//! Under which keys a token is stored, `<api>` being written without a slash at its end:
//!
//! | server | conda's folders | anaconda-client's folders |
//! |---|---|---|
//! | Anaconda Server | `<api>`, `<api>/repo`, as Navigator and conda-repo-cli have it | the same |
//! | Anaconda Repository, Anaconda.org | `<api>/` | `<api>/`, `<api>` |
//!
//! A key in conda's folders never ends within a host, because conda would send its token to other hosts too (server
//! reference, section 3.6): `https://api.corp.example` also means `https://conda.corp.example.evil.net`. In
//! anaconda-client's own folders it may, since nobody compares beginnings of text there: mamba compares whole hosts, and
//! anaconda-client nothing but the whole `url` of its configuration, letter by letter. What anaconda-client 1.13.0 and
//! 1.16.0 find, both alike, by the spelling of that `url`:
//!
//! | key of the file | `url: <api>` | `url: <api>/` |
//! |---|---|---|
//! | `<api>` in either folder | found | only from conda's, when conda can be imported |
//! | `<api>/` in conda's folder | only when conda can be imported | found |
//! | `<api>/` in anaconda-client's | not found | found |
//!
//! So both spellings in anaconda-client's folder, and the closed one in conda's, serve every combination without a leak.
//! mamba finds the login of a repository only where the API has a host of its own.

mod api_base;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

pub use api_base::{ApiBase, InvalidApiBase};

use super::error::CondaError;
use super::token_match::{conda_form, matching_keys};
use super::{Platform, Surroundings};
use crate::edit::file::{self, FileError};
use crate::secret::Token;

/// Whose folder a token file lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Read by conda itself.
    Conda,
    /// Read by anaconda-client, Navigator and mamba.
    AnacondaClient,
    /// Read by conda 23.11 on Linux, and by no other version.
    Conda2311,
    /// Read by conda-repo-cli.
    RepoCli,
}

impl Place {
    fn is_read_by_conda(self) -> bool {
        matches!(self, Self::Conda | Self::Conda2311)
    }
}

/// A folder that may hold token files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFolder {
    pub place: Place,
    pub path: PathBuf,
}

/// A file that holds a token, or will; the token itself stays in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFile {
    pub place: Place,
    pub path: PathBuf,
    /// The address the token is stored for.
    pub key: String,
}

/// Every folder that is looked in, conda's own first. They need not exist.
pub fn folders(surroundings: &Surroundings) -> Vec<TokenFolder> {
    let mut folders: Vec<TokenFolder> = Vec::new();
    let mut add = |place, path: PathBuf| {
        if !folders.iter().any(|folder| folder.path == path) {
            folders.push(TokenFolder { place, path });
        }
    };
    for path in conda_folders(surroundings) {
        add(Place::Conda, path);
    }
    if let Some(folder) = surroundings.folder("BINSTAR_CONFIG_DIR") {
        add(Place::AnacondaClient, folder.join("data/tokens"));
    }
    // mamba looks here in any case.
    add(
        Place::AnacondaClient,
        surroundings.home.join(".continuum/anaconda-client/tokens"),
    );
    // conda 23.11 honoured BINSTAR_CONFIG_DIR like the others.
    if surroundings.platform == Platform::Linux && surroundings.variable("BINSTAR_CONFIG_DIR").is_none() {
        let data = surroundings
            .folder("XDG_DATA_HOME")
            .unwrap_or_else(|| surroundings.home.join(".local/share"));
        add(Place::Conda2311, data.join("binstar"));
    }
    add(Place::RepoCli, surroundings.home.join(".conda/tokens"));
    folders
}

/// Where conda looks: one folder, except on macOS with `XDG_CONFIG_HOME` set, where it depends on the version
/// of the library that conda asks for it.
fn conda_folders(surroundings: &Surroundings) -> Vec<PathBuf> {
    if let Some(folder) = surroundings.folder("BINSTAR_CONFIG_DIR") {
        return vec![folder.join("data")];
    }
    let home = &surroundings.home;
    let xdg = surroundings
        .folder("XDG_CONFIG_HOME")
        .map(|folder| folder.join("binstar"));
    match surroundings.platform {
        Platform::Linux => vec![xdg.unwrap_or_else(|| home.join(".config/binstar"))],
        Platform::MacOs => [home.join("Library/Application Support/binstar")]
            .into_iter()
            .chain(xdg)
            .collect(),
        Platform::Windows => {
            let local = surroundings
                .folder("LOCALAPPDATA")
                .unwrap_or_else(|| home.join("AppData").join("Local"));
            vec![local.join("ContinuumIO").join("binstar")]
        }
    }
}

/// The files that a sign-in writes: the keys of the table above in each folder that conda or anaconda-client reads, and
/// where conda 23.11 left its folder, there too.
pub fn files_to_write(surroundings: &Surroundings, api: &ApiBase) -> Vec<TokenFile> {
    let written = |folder: &TokenFolder| match folder.place {
        Place::Conda | Place::AnacondaClient => true,
        Place::Conda2311 => folder.path.is_dir(),
        Place::RepoCli => false,
    };
    let mut files = Vec::new();
    for folder in folders(surroundings).into_iter().filter(written) {
        for key in api.keys_in(folder.place) {
            files.push(TokenFile {
                place: folder.place,
                path: folder.path.join(file_name(&key)),
                key,
            });
        }
    }
    files
}

/// Every token file in the folders that are looked in. Folders that do not exist or cannot be listed hold none.
pub fn existing(surroundings: &Surroundings) -> Vec<TokenFile> {
    let mut files = Vec::new();
    for TokenFolder { place, path } in folders(surroundings) {
        let Ok(entries) = fs::read_dir(&path) else {
            continue;
        };
        let mut names: Vec<_> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        for name in names {
            if let Some(key) = key_of(&name) {
                files.push(TokenFile {
                    place,
                    path: path.join(&name),
                    key,
                });
            }
        }
    }
    files
}

/// Every existing token file of this server's host that conda may use for one of its channels, or that another
/// tool holds for it under another spelling: other letter case, a slash at the end, the bare host, a shorter
/// path, the backslash that tools on Windows write. A sign-in replaces or removes them, so that no old token wins.
///
/// The files that [`files_to_write`] names are among them where they exist.
pub fn stale(surroundings: &Surroundings, api: &ApiBase) -> Vec<TokenFile> {
    let of_host = |key: &str| is_of_host(key, api) && (applies(key, api) || is_spelling(key, api));
    existing(surroundings)
        .into_iter()
        .filter(|file| of_host(&file.key))
        .collect()
}

/// Every existing token file that is kept for another host, but whose token conda may send to this server: its
/// key happens to be the beginning of the server's address, or becomes it by the rule of `api` and `conda`.
/// They are not this server's to remove, and any of them may win over its own token.
pub fn intruders(surroundings: &Surroundings, api: &ApiBase) -> Vec<TokenFile> {
    let intrudes = |key: &str| applies(key, api) && !is_of_host(key, api);
    let read_by_conda = |file: &TokenFile| file.place.is_read_by_conda();
    existing(surroundings)
        .into_iter()
        .filter(|file| read_by_conda(file) && intrudes(&file.key))
        .collect()
}

/// Whether conda's rule takes a key for some channel of this server.
fn applies(key: &str, api: &ApiBase) -> bool {
    let channels = format!("{}/", api.channel_alias());
    let below = |key: &str| key.starts_with(&channels);
    // The name of some channel must follow, or the slash at the end would not count.
    let above = !matching_keys(&format!("{channels}channel"), [key]).is_empty();
    above || below(key) || below(&conda_form(key))
}

/// Whether a key is one of this server's, spelled differently.
fn is_spelling(key: &str, api: &ApiBase) -> bool {
    let spelling = spelled_plainly(key);
    let is = |address: &str| [address, origin(address), host(address)].contains(&spelling.as_str());
    api.addresses().into_iter().any(is)
}

fn is_of_host(key: &str, api: &ApiBase) -> bool {
    let spelling = spelled_plainly(key);
    let of_host = |address: &str| [origin(address), host(address)].contains(&origin(&spelling));
    api.addresses().into_iter().any(of_host)
}

/// A key with the differences of spelling taken out that mean no other server.
fn spelled_plainly(key: &str) -> String {
    let plain = key.replace('\\', "/");
    match Url::parse(&plain) {
        Ok(url) if url.has_host() => url.as_str().trim_end_matches('/').to_owned(),
        _ => plain.trim_end_matches('/').to_lowercase(),
    }
}

/// The token files whose token conda would send to other hosts than the one they are stored for, because
/// nothing ends the host in their key: with `https://psm.example.com`, also to `psm.example.com.evil.net`.
pub fn leaks(surroundings: &Surroundings) -> Vec<TokenFile> {
    existing(surroundings)
        .into_iter()
        .filter(|file| file.place.is_read_by_conda() && origin(&file.key) == file.key)
        .collect()
}

/// Scheme, host and port of a key, without what follows; the whole key where nothing does.
fn origin(key: &str) -> &str {
    let host = key.find("://").map_or(0, |at| at + 3);
    key[host..].find('/').map_or(key, |end| &key[..host + end])
}

/// Host and port of an address.
fn host(address: &str) -> &str {
    origin(address).split_once("://").map_or("", |(_, host)| host)
}

/// What Python's `quote_plus` leaves as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b' ');

fn quote_plus(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string().replace(' ', "+")
}

/// The name of the file that holds the token for `key` (server reference, section 3.2).
pub fn file_name(key: &str) -> String {
    format!("{}.token", quote_plus(key))
}

/// The address that a token file of this name is for; nothing if it is no token file to conda.
pub fn key_of(file_name: &str) -> Option<String> {
    let quoted = file_name.strip_suffix(".token")?.replace('+', " ");
    Some(percent_decode_str(&quoted).decode_utf8_lossy().into_owned())
}

/// The name under which Navigator stores its session with a server, `server` being what its settings hold
/// (server reference, section 4.3). Such files are only ever found and removed.
pub fn session_file_name(server: &str) -> String {
    format!("jwt_{}.jwt", quote_plus(server))
}

/// Navigator's session files for this server, as far as they exist.
pub fn session_files(surroundings: &Surroundings, api: &ApiBase) -> Vec<PathBuf> {
    let names = [api.origin(), api.as_str()].map(session_file_name);
    let folders = folders(surroundings)
        .into_iter()
        .filter(|f| matches!(f.place, Place::Conda | Place::AnacondaClient));
    folders
        .flat_map(|folder| {
            names
                .iter()
                .map(move |name| folder.path.join(name))
                .collect::<Vec<_>>()
        })
        .filter(|path| path.is_file())
        .collect()
}

/// Reads a token file, white space around the token left away (conda itself would send it). A missing or
/// empty file holds none.
pub fn read(path: &Path) -> Result<Option<Token>, CondaError> {
    let unreadable = |source| CondaError::TokenUnreadable {
        path: path.to_owned(),
        source,
    };
    // Not by reading whatever it is: something that never ends may lie there under the name of a token.
    let text = match file::read(path) {
        Ok(Some(image)) => String::from_utf8_lossy(&image.bytes).into_owned(),
        Ok(None) | Err(FileError::DanglingLink { .. }) => return Ok(None),
        Err(error) => return Err(unreadable(io::Error::other(error.to_string()))),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let unusable = |source| CondaError::TokenUnusable {
        path: path.to_owned(),
        source,
    };
    Token::parse(&text).map(Some).map_err(unusable)
}

/// Writes a token file: the bare token, no line end (conda would send it along), readable by its owner from
/// the first moment on, and never half-written.
pub fn write(path: &Path, token: &Token) -> Result<(), CondaError> {
    let write = || -> io::Result<()> {
        let folder = path
            .parent()
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        create_folder(folder)?;
        // Its name must not end in `.token`: conda reads whatever does.
        let mut file = tempfile::Builder::new().prefix(".sextant-").tempfile_in(folder)?;
        file.write_all(token.expose().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|source| CondaError::TokenUnwritable {
        path: path.to_owned(),
        source,
    })
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Removes a token file. Returns whether there was one.
pub fn remove(path: &Path) -> Result<bool, CondaError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(CondaError::TokenNotRemoved {
            path: path.to_owned(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests;
