//! Reading the channels of a server, however its lists are cut into pages.

#[path = "support/scripted_server.rs"]
mod scripted_server;

use scripted_server::{Received, Reply, ScriptedServer};
use sextant::error::{Explain, Kind};
use sextant::repository::{ChannelProgress, Domain, HttpClient, HttpSettings, RepositoryError, ServerClient};
use sextant::secret::Token;

fn client(domain: &str) -> ServerClient {
    ServerClient::new(
        HttpClient::new(&HttpSettings::default()).unwrap(),
        Domain::parse(domain).unwrap(),
    )
}

fn token() -> Token {
    Token::parse("46e98d3d").unwrap()
}

fn json(body: impl Into<String>) -> Reply {
    Reply::Json(200, body.into())
}

/// `count` top-level channels, page by page.
fn paged(request: &Received, prefix: &str, count: usize, with_total: bool) -> Reply {
    let number = |name| {
        request
            .query(name)
            .and_then(|value| value.parse::<usize>().ok())
            .unwrap()
    };
    let (offset, limit) = (number("offset"), number("limit"));
    let items: Vec<_> = (offset..count.min(offset + limit))
        .map(|n| serde_json::json!({"name": format!("{prefix}{n:04}")}))
        .collect();
    let mut body = serde_json::json!({ "items": items });
    if with_total {
        body["total_count"] = count.into();
    }
    json(body.to_string())
}

#[tokio::test]
async fn all_pages_of_both_lists_are_read_and_each_channel_once() {
    for with_total in [true, false] {
        let server = ScriptedServer::start(move |request| match request.path() {
            "/api/account/channels" => paged(request, "c", 2500, with_total),
            _ => paged(request, "c", 1001, with_total),
        })
        .await;
        let mut progress: Vec<ChannelProgress> = Vec::new();
        let channels = client(&server.url())
            .channels(&token(), |step| progress.push(step))
            .await
            .unwrap();
        assert_eq!(channels.len(), 2500);
        assert_eq!(
            (channels[0].name.as_str(), channels[2499].name.as_str()),
            ("c0000", "c2499")
        );
        assert_eq!(
            progress.last().unwrap(),
            &ChannelProgress {
                loaded: 3501,
                total: with_total.then_some(3501)
            }
        );
        assert!(progress.is_sorted_by_key(|step| step.loaded));
        let requests = server.requests();
        // Three pages and two; without a total each list needs one more to see its end.
        assert_eq!(requests.len(), if with_total { 5 } else { 7 });
        assert_eq!(requests[0].query("sort").as_deref(), Some("name,updated_at"));
        assert_eq!(requests[0].query("include_subchannels").as_deref(), Some("true"));
    }
}

#[tokio::test]
async fn a_list_that_does_not_end_as_announced_ends_all_the_same() {
    // Announces more than it has; knows no offset; sends a bare list; has nothing at all.
    for (body, expected) in [
        (r#"{"total_count":9999,"items":[{"name":"a"},{"name":"b"}]}"#, 2),
        (r#"{"items":[{"name":"a"},{"nom":"b"},null]}"#, 1),
        (r#"[{"name":"a"}]"#, 1),
        (r#"{"items":[],"total_count":50}"#, 0),
        (r#"{"items":[],"total_count":null}"#, 0),
    ] {
        let server = ScriptedServer::start(move |_| json(body)).await;
        let channels = client(&server.url()).channels(&token(), |_| ()).await.unwrap();
        assert_eq!(channels.len(), expected, "{body}");
    }
}

#[tokio::test]
async fn one_list_may_be_closed_to_the_account() {
    for (closed, status) in [("/api/channels", 403), ("/api/account/channels", 404)] {
        let server = ScriptedServer::start(move |request| {
            if request.path() == closed {
                Reply::Json(status, "{}".into())
            } else {
                paged(request, "c", 3, true)
            }
        })
        .await;
        assert_eq!(
            client(&server.url())
                .channels(&token(), |_| ())
                .await
                .unwrap()
                .len(),
            3
        );
    }
    let server = ScriptedServer::start(|_| Reply::Json(403, "{}".into())).await;
    let error = client(&server.url())
        .channels(&token(), |_| ())
        .await
        .unwrap_err();
    assert_eq!(error.explain().kind, Kind::Forbidden);
    let server = ScriptedServer::start(|request| match request.path() {
        "/api/channels" => Reply::Json(500, "{}".into()),
        _ => paged(request, "c", 3, true),
    })
    .await;
    let error = client(&server.url())
        .channels(&token(), |_| ())
        .await
        .unwrap_err();
    assert!(
        matches!(error, RepositoryError::ServerFailed { status: 500, .. }),
        "{error:?}"
    );
}
