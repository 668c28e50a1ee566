//! What is sent where, and what of it is seen.

#[path = "../../../../tests/support/scripted_server.rs"]
#[allow(
    clippy::duplicate_mod,
    reason = "rooms do not know one another, not in their tests either"
)]
mod scripted_server;

use std::sync::Arc;

use tempfile::TempDir;

use self::scripted_server::{Received, Reply, ScriptedServer};
use super::*;
use crate::conda::token_file;
use crate::credential::FileStore;
use crate::locations::Locations;
use crate::service::SystemClock;

const TOKEN: &str = "canary-token-1";

fn services(condarc: &str, tokens: &[(String, &str)]) -> (TempDir, Services) {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".condarc"), condarc).unwrap();
    let folder = home.path().join(".config/binstar");
    std::fs::create_dir_all(&folder).unwrap();
    for (key, token) in tokens {
        std::fs::write(folder.join(token_file::file_name(key)), token).unwrap();
    }
    let locations = Locations::inside(home.path());
    let credentials = Arc::new(FileStore::new(locations.credentials()));
    let services = Services::with(locations, credentials, Arc::new(SystemClock));
    (home, services)
}

async fn carried(services: &Services, url: &str) -> Result<Response, CourierError> {
    let request = Request::new(Method::GET, Url::parse(url).unwrap());
    Arc::new(services.desk()).carry(request).await
}

fn reply(status: u16, headers: &[(&str, String)], body: &str) -> Reply {
    let mut head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    Reply::Raw(format!("{head}\r\n{body}").into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_that_of_the_address_that_was_asked_for() {
    let server = ScriptedServer::start(|request: &Received| {
        let headers = [
            ("ETag", "\"1\"".to_owned()),
            ("Content-Location", request.target.clone()),
            ("Set-Cookie", format!("session={TOKEN}")),
            ("X-Seen", request.target.clone()),
            ("Last-Modified", TOKEN.to_owned()),
        ];
        reply(200, &headers, "body")
    })
    .await;
    let url = server.url();
    let (_home, services) = services(
        &format!("channel_alias: {url}/api/repo\n"),
        &[(format!("{url}/api"), TOKEN)],
    );
    let asked = format!("{url}/api/repo/main/noarch/x.conda");
    let answer = carried(&services, &asked).await.unwrap();
    assert_eq!(answer.url().as_str(), asked);
    let headers = answer.headers();
    assert_eq!(headers.get("etag").unwrap(), "\"1\"");
    for hidden in ["content-location", "set-cookie", "x-seen", "last-modified"] {
        assert_eq!(headers.get(hidden), None, "{hidden}");
    }
    assert_eq!(answer.content_length(), Some(4));
    assert_eq!(answer.text().await.unwrap(), "body");
    assert_eq!(
        server.requests()[0].target,
        format!("/api/repo/t/{TOKEN}/main/noarch/x.conda")
    );
    assert_eq!(server.requests()[0].header("referer"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_keeps_a_login_at_home() {
    let elsewhere = ScriptedServer::start(|_: &Received| reply(200, &[], "there")).await;
    let there = elsewhere.url();
    let server = ScriptedServer::start(move |request: &Received| match request.path() {
        "/c/noarch/near" => reply(302, &[("Location", "/c/noarch/here".to_owned())], ""),
        "/c/noarch/here" => reply(200, &[], "here"),
        "/c/noarch/far" => reply(302, &[("Location", format!("{there}/x"))], ""),
        _ => reply(302, &[("Location", format!("{there}/canary-pw"))], ""),
    })
    .await;
    let host = server.url().replace("http://", "");
    let (_home, services) = services(&format!("channels: ['http://al:canary-pw@{host}/c']\n"), &[]);
    let text = |path: &'static str| {
        let (services, url) = (services.clone(), format!("{}{path}", server.url()));
        async move {
            carried(&services, &url)
                .await
                .map(|answer| (answer.url().to_string(), answer))
        }
    };
    let (url, answer) = text("/c/noarch/near").await.unwrap();
    assert_eq!(
        (url, answer.text().await.unwrap().as_str()),
        (format!("{}/c/noarch/near", server.url()), "here")
    );
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.header("authorization").is_some()),
        "{:?}",
        server.requests()
    );
    let (_, answer) = text("/c/noarch/far").await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "there");
    assert_eq!(elsewhere.requests()[0].header("authorization"), None);
    let CourierError(problem) = text("/c/noarch/leak").await.unwrap_err();
    assert_eq!(problem.kind, Kind::Auth);
    assert!(!format!("{problem:?}").contains("canary"), "{problem:?}");
    assert_eq!(elsewhere.requests().len(), 1);
}

#[test]
fn secrets_stay_with_the_server_they_are_meant_for() {
    for (from, to, keeps) in [
        ("https://h/a", "https://h/b", true),
        ("https://h/a", "https://h:443/b", true),
        ("http://h/a", "https://h/a", true),
        ("https://h/a", "http://h/a", false),
        ("https://h/a", "https://h:8443/a", false),
        ("http://h:8080/a", "https://h/a", false),
        ("https://h/a", "https://h.evil.net/a", false),
        ("https://h/a", "https://g/a", false),
    ] {
        let url = |text: &str| Url::parse(text).unwrap();
        assert_eq!(keeps_secrets(&url(from), &url(to)), keeps, "{from} {to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_shows_no_token() {
    let server = ScriptedServer::start(|_: &Received| Reply::Raw(Vec::new())).await;
    let url = server.url();
    let (_home, services) = services("", &[(format!("{url}/"), TOKEN)]);
    let CourierError(problem) = carried(&services, &format!("{url}/c/noarch/x"))
        .await
        .unwrap_err();
    let shown = format!("{problem:?}");
    assert!(
        shown.contains("/c/noarch/x") && !shown.contains("canary"),
        "{shown}"
    );
    assert_eq!(problem.kind, Kind::Network);
}
