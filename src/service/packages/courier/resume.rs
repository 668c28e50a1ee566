//! A body that goes on where a connection broke off.
//!
//! The rest is asked for with `Range`, and `If-Range` names the version that has begun, so that halves of two versions are
//! never joined (RFC 9110, sections 13.1.5 and 14.2). What cannot go on ends with the failure that broke it off.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Method, Request, Response};
use url::Url;

use super::{Answered, Desk, refused};
use crate::package::CourierError;

/// How often in a row a body is gone on with that brings nothing more.
const MOST_ATTEMPTS: u32 = 3;

/// What is needed to ask for the rest of an answer.
pub(super) struct Again {
    url: Url,
    headers: HeaderMap,
    is_possible: bool,
}

impl Again {
    pub(super) fn of(request: &Request) -> Self {
        Self {
            url: request.url().clone(),
            headers: request.headers().clone(),
            is_possible: request.method() == Method::GET && !request.headers().contains_key(header::RANGE),
        }
    }
}

/// What names the version of an answer: a strong entity tag, or a date.
fn version_of(headers: &HeaderMap) -> Option<HeaderValue> {
    let tag = headers
        .get(header::ETAG)
        .filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    tag.or_else(|| headers.get(header::LAST_MODIFIED)).cloned()
}

struct State {
    desk: Arc<Desk>,
    again: Again,
    version: Option<HeaderValue>,
    /// Bytes of the whole, where that is known and the body is not decoded on the way.
    length: Option<u64>,
    received: u64,
    /// Failures since the last byte.
    failures: u32,
    current: Answered,
}

/// The body of `answered`, whatever becomes of its connection.
pub(super) fn body(desk: Arc<Desk>, again: Again, answered: Answered) -> reqwest::Body {
    let length = answered.response.content_length();
    let state = State {
        version: version_of(answered.response.headers()),
        length,
        received: 0,
        failures: 0,
        desk,
        again,
        current: answered,
    };
    let stream = stream::try_unfold(state, |mut state| async move {
        Ok(state.next().await?.map(|bytes| (bytes, state)))
    });
    reqwest::Body::wrap(Resuming {
        stream: Mutex::new(stream.boxed()),
        remaining: length,
    })
}

impl State {
    async fn next(&mut self) -> Result<Option<Bytes>, CourierError> {
        loop {
            match self.current.response.chunk().await {
                Ok(Some(bytes)) => {
                    self.received += bytes.len() as u64;
                    self.failures = 0;
                    return Ok(Some(bytes));
                }
                Ok(None) => return Ok(None),
                Err(error) => {
                    let failure = self.current.http.broken_body(&error, &self.current.from);
                    self.failures += 1;
                    if self.failures > MOST_ATTEMPTS || !self.go_on().await {
                        return Err(refused(failure.into()));
                    }
                }
            }
        }
    }

    /// Asks for the rest. Whether that is what comes now.
    async fn go_on(&mut self) -> bool {
        let (Some(version), Some(length)) = (&self.version, self.length) else {
            return false;
        };
        if !self.again.is_possible
            || self.current.response.status().as_u16() / 100 != 2
            || self.received >= length
        {
            return false;
        }
        let mut request = Request::new(Method::GET, self.again.url.clone());
        *request.headers_mut() = self.again.headers.clone();
        for condition in [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE] {
            request.headers_mut().remove(condition);
        }
        let range = HeaderValue::from_str(&format!("bytes={}-", self.received));
        let Ok(range) = range else { return false };
        request.headers_mut().insert(header::RANGE, range);
        request.headers_mut().insert(header::IF_RANGE, version.clone());
        // Anew, since a redirect may have led to an address that is good for a while only.
        let Ok(in_flight) = self.desk.credentials.for_address(&self.again.url) else {
            return false;
        };
        match self.desk.answer(request, &in_flight).await {
            Ok(answered) if is_rest(&answered.response, self.received, length) => {
                self.current = answered;
                true
            }
            _ => false,
        }
    }
}

/// Whether an answer holds everything from this byte on, of a whole of this length.
fn is_rest(response: &Response, from: u64, length: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE);
    let range = range.and_then(|range| range.to_str().ok()).unwrap_or_default();
    response.status().as_u16() == 206 && range == format!("bytes {from}-{}/{length}", length - 1)
}

struct Resuming {
    /// Locked by nobody: it makes the stream one that threads may share, as a body has to be.
    stream: Mutex<BoxStream<'static, Result<Bytes, CourierError>>>,
    remaining: Option<u64>,
}

impl Body for Resuming {
    type Data = Bytes;
    type Error = CourierError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CourierError>>> {
        let stream = self.stream.get_mut().unwrap_or_else(PoisonError::into_inner);
        let next = stream.poll_next_unpin(context);
        if let (Poll::Ready(Some(Ok(bytes))), Some(remaining)) = (&next, self.remaining) {
            self.remaining = Some(remaining.saturating_sub(bytes.len() as u64));
        }
        next.map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.remaining
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
