//! Fetching the index of one place: asked for conditionally, in the smallest form the server has, and kept only when it is
//! whole.
//!
//! rattler's own way of fetching `repodata.json` is not taken. It puts whatever arrives in the place of what was kept, also
//! a gateway's sign-in page, before anybody has looked into it; it waits for another process without end and without being
//! cancelled; it reads and hashes hundreds of megabytes again at every start; and what it keeps is of no use for a search.
//! Sharded channels (CEP 16) do go through it.

mod body;
mod local;
mod sharded;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode};
use url::Url;

use super::error::IndexTrouble;
use super::intake::Encoding;
use super::lock::Lock;
use super::place::{self, Place};
use super::state::{Content, State};
use super::store::Stored;
use crate::edit::file::FileError;
use crate::package::Transport;

/// How long is waited before what failed in passing is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1500)];

/// A server may ask for so much more patience.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How much has come, and of how much.
pub(super) type OnBytes<'f> = dyn Fn(u64, Option<u64>) + Send + Sync + 'f;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    Updated,
    Unchanged,
    /// The server has no such subdir.
    Missing,
}

/// What one fetch needs to know.
pub(super) struct Fetch<'f> {
    pub(super) transport: &'f Transport,
    pub(super) cache: &'f Path,
    pub(super) now: Timestamp,
    pub(super) place: &'f Place,
    pub(super) use_zst: bool,
    pub(super) use_shards: bool,
    pub(super) on_bytes: &'f OnBytes<'f>,
}

/// How one variant of the index was met.
enum Met {
    Kept(News),
    /// The server does not have it, which is remembered.
    Absent,
    /// It is not to be had there now.
    NotThis(IndexTrouble),
}

/// What is kept, as far as it can be used.
pub(super) struct Kept {
    pub(super) state: State,
    /// Nothing where the place is empty.
    pub(super) stored: Option<Stored>,
}

impl Kept {
    pub(super) fn read(cache: &Path, place: &Place) -> Option<Self> {
        let folder = place::folder(cache);
        let state = State::read(&folder, place)?;
        let stored = match state.content.file() {
            Some(file) => Some(Stored::open(&folder.join(file)).ok()?),
            None => None,
        };
        Some(Self { state, stored })
    }
}

impl Fetch<'_> {
    /// Asks the server, and makes what it has what is kept.
    pub(super) async fn run(&self) -> Result<News, IndexTrouble> {
        let folder = place::folder(self.cache);
        std::fs::create_dir_all(&folder).map_err(|error| FileError::of_io(error, &folder, "created"))?;
        let (lock, has_waited) = Lock::take(&folder, self.place).await?;
        let lock = Arc::new(lock);
        let known = Kept::read(self.cache, self.place);
        if let Some(kept) = known.as_ref().filter(|_| has_waited)
            && kept.state.checked >= self.now
        {
            // Whoever was waited for has just asked.
            return Ok(match kept.stored {
                Some(_) => News::Unchanged,
                None => News::Missing,
            });
        }
        let known = known.map(|kept| kept.state);
        if self.place.url.scheme() == "file" {
            return self.local(lock, known).await;
        }
        self.remote(lock, known).await
    }

    async fn remote(&self, lock: Arc<Lock>, known: Option<State>) -> Result<News, IndexTrouble> {
        let mut next = State::new(self.place, Content::Nothing, self.now);
        if let Some(known) = &known {
            next.absent.clone_from(&known.absent);
        }
        if let Some(news) = self.sharded(&lock, known.as_ref(), &mut next).await? {
            return Ok(news);
        }
        for encoding in [Encoding::Zst, Encoding::Bz2] {
            let variant = encoding.extension();
            let is_unwanted = encoding == Encoding::Zst && !self.use_zst;
            if is_unwanted || next.lacks(variant, self.now) {
                continue;
            }
            match self.variant(encoding, &lock, known.as_ref(), &next).await? {
                Met::Kept(news) => return Ok(news),
                Met::Absent => drop(next.absent.insert(variant.to_owned(), self.now)),
                Met::NotThis(IndexTrouble::Unauthorized { address }) => {
                    return Err(IndexTrouble::Unauthorized { address });
                }
                Met::NotThis(_) => {}
            }
        }
        match self
            .variant(Encoding::Plain, &lock, known.as_ref(), &next)
            .await?
        {
            Met::Kept(news) => Ok(news),
            Met::NotThis(trouble) => Err(trouble),
            // conda takes any other subdir that is not there for empty (server reference, section 1.11).
            Met::Absent if self.place.is_noarch() => Err(IndexTrouble::NotThere {
                address: self.place.beside(&self.place.file_name)?.to_string(),
            }),
            Met::Absent => {
                next.write(&place::folder(self.cache), self.place)?;
                Ok(News::Missing)
            }
        }
    }

    /// Fetches one variant, again where it fails in passing.
    async fn variant(
        &self,
        encoding: Encoding,
        lock: &Arc<Lock>,
        known: Option<&State>,
        next: &State,
    ) -> Result<Met, IndexTrouble> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let (trouble, patience) = match self.attempt(encoding, lock, known, next).await {
                Ok(met) => return Ok(met),
                Err(failed) => failed,
            };
            let is_worth_it = trouble.is_passing() && !is_servers_own(&trouble, encoding);
            match pauses.next().filter(|_| is_worth_it) {
                Some(pause) => tokio::time::sleep(pause.max(patience)).await,
                // The plain index decides what is wrong with a server.
                None if is_servers_own(&trouble, encoding) => return Ok(Met::NotThis(trouble)),
                None => return Err(trouble),
            }
        }
    }

    /// One request and its answer; with a failure, how long the server wants to be left alone.
    async fn attempt(
        &self,
        encoding: Encoding,
        lock: &Arc<Lock>,
        known: Option<&State>,
        next: &State,
    ) -> Result<Met, (IndexTrouble, Duration)> {
        let at_once = |trouble| (trouble, Duration::ZERO);
        let file_name = format!("{}{}", self.place.file_name, encoding.extension());
        let url = self.place.beside(&file_name).map_err(at_once)?;
        let asked_before = known.filter(|known| known.content.encoding() == Some(encoding));
        let request = self
            .transport
            .client()
            .get(url.clone())
            .headers(conditions(asked_before));
        let response = request
            .send()
            .await
            .map_err(|error| at_once(IndexTrouble::of_request(&error)))?;
        let address = url.to_string();
        let is_plain = encoding == Encoding::Plain;
        match response.status() {
            StatusCode::NOT_MODIFIED if asked_before.is_some() => {
                let unchanged = asked_before.map(|known| self.unchanged(known, response.headers()));
                unchanged.transpose().map_err(at_once)?;
                Ok(Met::Kept(News::Unchanged))
            }
            StatusCode::OK => self
                .take_in(encoding, response, &url, lock.clone(), next)
                .await
                .map_err(at_once),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Met::Absent),
            StatusCode::NOT_IMPLEMENTED if !is_plain => Ok(Met::Absent),
            StatusCode::UNAUTHORIZED => Ok(Met::NotThis(IndexTrouble::Unauthorized { address })),
            StatusCode::FORBIDDEN => Ok(Met::NotThis(IndexTrouble::Forbidden { address })),
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                let patience = patience_for(&response);
                let status = status.as_u16();
                Err((IndexTrouble::ServerFailed { address, status }, patience))
            }
            status => Ok(Met::NotThis(IndexTrouble::NotAnIndex {
                address,
                what: format!("the answer had the status {}", status.as_u16()),
            })),
        }
    }

    /// The server says that what is kept is what it has.
    fn unchanged(&self, known: &State, headers: &HeaderMap) -> Result<(), IndexTrouble> {
        let mut state = known.clone();
        state.checked = self.now;
        if let Some(max_age) = max_age(headers) {
            state.max_age = Some(max_age);
        }
        state.write(&place::folder(self.cache), self.place)?;
        Ok(())
    }
}

/// Whether a compressed variant fails in a way that says nothing about the plain one.
fn is_servers_own(trouble: &IndexTrouble, encoding: Encoding) -> bool {
    encoding != Encoding::Plain && matches!(trouble, IndexTrouble::ServerFailed { .. })
}

/// The headers by which a server can say that nothing changed.
fn conditions(known: Option<&State>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut add = |name, value: Option<&String>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    };
    add(header::IF_NONE_MATCH, known.and_then(|known| known.etag.as_ref()));
    add(
        header::IF_MODIFIED_SINCE,
        known.and_then(|known| known.last_modified.as_ref()),
    );
    headers
}

/// Takes down what the server says about asking again.
fn note_version(state: &mut State, headers: &HeaderMap) {
    let text = |name| {
        let value: &HeaderValue = headers.get(name)?;
        Some(value.to_str().ok()?.to_owned())
    };
    state.etag = text(header::ETAG);
    state.last_modified = text(header::LAST_MODIFIED);
    state.max_age = max_age(headers);
}

/// For how many seconds an answer is good.
fn max_age(headers: &HeaderMap) -> Option<u64> {
    let control = headers
        .get(header::CACHE_CONTROL)?
        .to_str()
        .ok()?
        .to_ascii_lowercase();
    let directives = || control.split(',').map(str::trim);
    if directives().any(|directive| matches!(directive, "no-cache" | "no-store")) {
        return Some(0);
    }
    directives().find_map(|directive| directive.strip_prefix("max-age=")?.trim().parse().ok())
}

fn patience_for(response: &Response) -> Duration {
    let after = response.headers().get(header::RETRY_AFTER);
    let seconds = after.and_then(|after| after.to_str().ok()?.trim().parse().ok());
    seconds
        .map_or(Duration::ZERO, Duration::from_secs)
        .min(LONGEST_PAUSE)
}

/// The address as rattler takes it.
pub(super) fn rattler_channel(place: &Place) -> Result<rattler_conda_types::Channel, IndexTrouble> {
    let address = format!("{}/", place.channel.url.trim_end_matches('/'));
    let url = Url::parse(&address).map_err(|error| IndexTrouble::Address {
        address,
        reason: error.to_string(),
    })?;
    Ok(rattler_conda_types::Channel::from_url(url))
}
