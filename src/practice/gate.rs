//! The gate that every request passes: it is recorded, meets the trouble in force, and is answered.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect};
use axum::{Json, Router};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use thiserror::Error;
use tower::ServiceExt;

use super::common::Common;
use super::multipart::is_form;
use super::record::RecordedRequest;
use super::site::Site;
use super::trouble::{Effect, Fault, Met};

/// More is refused with 413; no request of any contract but an upload comes near.
const LARGEST_BODY: usize = 1024 * 1024;
/// The same of forms, which hold files.
const LARGEST_FORM: usize = 64 * 1024 * 1024;

/// The connection is to end without an answer.
#[derive(Debug, Error)]
#[error("no answer")]
pub(super) struct Unanswered;

/// Lets a request in. An error makes the HTTP layer close the connection without a word.
pub(super) async fn pass(
    site: Site,
    common: Arc<Common>,
    router: Router,
    request: Request<Body>,
) -> Result<Response<Body>, Unanswered> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let is_control = path.starts_with("/practice/");
    let met = match is_control {
        true => Met::default(),
        false => common.troubles.meet(site, parts.method.as_str(), path),
    };
    if let Some(Fault::DropRequest { after } | Fault::StallRequest { after }) = met.fault {
        let record = RecordedRequest::new(
            site,
            common.clock.now(),
            &parts.method,
            &parts.uri,
            &parts.headers,
            &[],
        );
        common.records.asked(record);
        read_some(body, after).await;
        if matches!(met.fault, Some(Fault::StallRequest { .. })) {
            stopped(&common).await;
        }
        return Err(Unanswered);
    }
    let Some(body) = whole(body, largest(&parts.headers)).await else {
        return Ok(failing(site, StatusCode::PAYLOAD_TOO_LARGE));
    };
    if is_control {
        return Ok(answer(router, Request::from_parts(parts, Body::from(body))).await);
    }
    let record = RecordedRequest::new(
        site,
        common.clock.now(),
        &parts.method,
        &parts.uri,
        &parts.headers,
        &body,
    );
    let number = common.records.asked(record);
    if let Some(wait) = met.slow {
        wait_unless_stopping(&common, wait).await?;
    }
    let request = Request::from_parts(parts, Body::from(body));
    let response = match met.fault {
        None => answer(router, request).await,
        Some(fault) => meet(site, &common, fault, router, request).await?,
    };
    common.records.answered(number, response.status().as_u16());
    Ok(response)
}

fn largest(headers: &HeaderMap) -> usize {
    match is_form(headers) {
        true => LARGEST_FORM,
        false => LARGEST_BODY,
    }
}

/// The body, or nothing if it is too large. It is read to its end in any case: whoever is cut off while speaking does not
/// hear the answer.
async fn whole(body: Body, largest: usize) -> Option<Bytes> {
    let mut kept = Some(Vec::new());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        kept = kept.filter(|kept| kept.len() + chunk.len() <= largest);
        if let Some(kept) = &mut kept {
            kept.extend_from_slice(&chunk);
        }
    }
    kept.map(Bytes::from)
}

/// Reads so many bytes, or what there is.
async fn read_some(body: Body, bytes: u64) {
    let mut read = 0;
    let mut chunks = body.into_data_stream();
    while read < bytes
        && let Some(Ok(chunk)) = chunks.next().await
    {
        read += chunk.len() as u64;
    }
}

async fn answer(router: Router, request: Request<Body>) -> Response<Body> {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn wait_unless_stopping(common: &Common, wait: Duration) -> Result<(), Unanswered> {
    tokio::select! {
        () = tokio::time::sleep(wait) => Ok(()),
        () = stopped(common) => Err(Unanswered),
    }
}

/// Ends when the server stops.
async fn stopped(common: &Common) {
    let mut stopping = common.stopping.clone();
    // An error means that the server is gone, which is as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

async fn meet(
    site: Site,
    common: &Common,
    fault: Fault,
    router: Router,
    request: Request<Body>,
) -> Result<Response<Body>, Unanswered> {
    match fault {
        Fault::Stall { effect } => {
            perform(effect, router, request).await;
            stopped(common).await;
            Err(Unanswered)
        }
        Fault::Drop { effect } => {
            perform(effect, router, request).await;
            Err(Unanswered)
        }
        // Met before the request was read.
        Fault::DropRequest { .. } | Fault::StallRequest { .. } => Err(Unanswered),
        Fault::Status { status, retry_after } => Ok(refused(site, status, retry_after)),
        Fault::Html => {
            Ok(Html("<!DOCTYPE html><title>Sign in</title><p>Sign in to the network.</p>").into_response())
        }
        Fault::Redirect { to } => Ok(redirect(&to)),
        Fault::HugeBody { bytes } => Ok(huge(bytes)),
        Fault::GarbageJson => {
            let response = answer(router, request).await;
            Ok(with_json(
                response.status(),
                "{\"token\": \"46e9\", \"items\": [{,",
            ))
        }
        Fault::Truncate => Ok(truncated(answer(router, request).await).await),
        Fault::Halve => {
            Ok(rewritten(answer(router, request).await, |body| body.slice(..body.len() / 2)).await)
        }
        Fault::Corrupt => Ok(rewritten(answer(router, request).await, corrupt).await),
        Fault::Trickle { bytes_per_second } => {
            Ok(trickling(answer(router, request).await, bytes_per_second).await)
        }
        Fault::MissingFields { fields } => Ok(without_fields(answer(router, request).await, &fields).await),
    }
}

async fn perform(effect: Effect, router: Router, request: Request<Body>) {
    match effect {
        Effect::NotPerformed => {}
        Effect::Performed => drop(answer(router, request).await),
    }
}

/// A failure in the site's own shape.
fn failing(site: Site, status: StatusCode) -> Response<Body> {
    (status, Json(site.failure(status))).into_response()
}

/// A number that is no final status becomes 500.
fn refused(site: Site, status: u16, retry_after: Option<u64>) -> Response<Body> {
    let status = StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = failing(site, status);
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn redirect(to: &str) -> Response<Body> {
    match HeaderValue::from_str(to) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => Redirect::to("/").into_response(),
    }
}

fn with_json(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    (status, [(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}

/// One JSON string, made while it is sent, so that the server itself needs no memory for it.
fn huge(bytes: u64) -> Response<Body> {
    const CHUNK: u64 = 64 * 1024;
    let chunks = stream::unfold(0_u64, move |sent| async move {
        let size = CHUNK.min(bytes.saturating_sub(sent));
        let mut chunk = vec![b'a'; usize::try_from(size).ok().filter(|size| *size > 0)?];
        if sent == 0 {
            chunk[0] = b'"';
        }
        if sent + size == bytes
            && let Some(last) = chunk.last_mut()
        {
            *last = b'"';
        }
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), sent + size))
    });
    with_json(StatusCode::OK, Body::from_stream(chunks))
}

/// Announces the whole length, sends half, and breaks off.
async fn truncated(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = body.slice(..body.len() / 2);
    let chunks = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // Lets the HTTP layer send the first half before it learns of the end.
                tokio::task::yield_now().await;
                Some((Err(Unanswered), None))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(chunks))
}

async fn rewritten(response: Response<Body>, rewrite: impl FnOnce(Bytes) -> Bytes) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let body = rewrite(to_bytes(body, usize::MAX).await.unwrap_or_default());
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, Body::from(body))
}

fn corrupt(body: Bytes) -> Bytes {
    let mut bytes = body.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0xff;
    }
    Bytes::from(bytes)
}

/// Twenty parts a second, of which the first is sent at once.
async fn trickling(response: Response<Body>, bytes_per_second: u64) -> Response<Body> {
    const PARTS_PER_SECOND: u64 = 20;
    const PAUSE: Duration = Duration::from_millis(1_000 / PARTS_PER_SECOND);
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let at_once = usize::try_from(bytes_per_second / PARTS_PER_SECOND)
        .unwrap_or(usize::MAX)
        .max(1);
    let whole = body.len();
    let chunks = stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        if rest.len() < whole {
            tokio::time::sleep(PAUSE).await;
        }
        let part = rest.split_to(at_once.min(rest.len()));
        Some((Ok::<_, Infallible>(part), rest))
    });
    Response::from_parts(parts, Body::from_stream(chunks))
}

async fn without_fields(response: Response<Body>, fields: &[String]) -> Response<Body> {
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap_or_default();
    match serde_json::from_slice(&body) {
        Ok(json) => with_json(status, stripped(json, fields).to_string()),
        Err(_) => with_json(status, body),
    }
}

fn stripped(value: Value, fields: &[String]) -> Value {
    match value {
        Value::Object(_) if fields.is_empty() => json!({}),
        Value::Object(entries) => entries
            .into_iter()
            .filter(|(key, _)| !fields.contains(key))
            .map(|(key, value)| (key, stripped(value, fields)))
            .collect(),
        Value::Array(items) => items.into_iter().map(|item| stripped(item, fields)).collect(),
        other => other,
    }
}
