//! Tokens and passwords go to their server and nowhere else.

use std::fs;

use sextant::error::Kind;
use sextant::service::packages::index::{IndexStatus, IndexedSubdir};

use crate::channel_server::{Home, Shelf, answer, files_with, record, repodata};
use crate::scripted_server::{Received, Reply, ScriptedServer};

const STORED: &str = "canary-stored-1";
const ALIAS: &str = "canary-alias-2";
const WRITTEN: &str = "canary-written-3";
const PASSWORD: &str = "canary-pass%40-4";
const NETRC: &str = "canary-netrc-5";
const CANARIES: [&str; 6] = [
    STORED,
    ALIAS,
    WRITTEN,
    "canary-pass%40-4",
    "canary-pass@-4",
    NETRC,
];

fn token_file(folder: &std::path::Path, key: &str, token: &str) {
    let file: String = key
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let tokens = folder.join(".config/binstar");
    fs::create_dir_all(&tokens).unwrap();
    fs::write(tokens.join(format!("{file}.token")), token).unwrap();
}

/// Everything is there for whoever brings the right credential, and the server repeats it wherever it can.
fn guarded(request: &Received) -> Reply {
    use base64::Engine as _;
    let path = request.path();
    let basic = |pair: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let authorization = request.header("authorization").unwrap_or_default().to_owned();
    let is_open = [
        format!("/api/repo/t/{STORED}/main/"),
        format!("/conda/t/{ALIAS}/team/"),
        format!("/t/{WRITTEN}/deep/own/"),
    ]
    .iter()
    .any(|start| path.starts_with(start.as_str()))
        || (path.starts_with("/basic/") && authorization == basic("al:canary-pass@-4"))
        || (path.starts_with("/rc/") && authorization == basic(&format!("me:{NETRC}")));
    if !is_open {
        return answer(request, 401, &[], format!("no {path} {authorization}").as_bytes());
    }
    if !path.ends_with("/noarch/repodata.json") {
        return answer(request, 404, &[], path.as_bytes());
    }
    let mut index: serde_json::Value =
        serde_json::from_slice(&repodata("noarch", &[record("six", "1.0", "0", &[])])).unwrap();
    let base = format!(
        "http://{}{}",
        request.header("host").unwrap(),
        path.trim_end_matches("repodata.json")
    );
    index["info"]["base_url"] = base.clone().into();
    let headers = [
        ("ETag", format!("\"{path}\"")),
        ("Content-Location", base.clone()),
        ("Link", format!("<{base}>; rel=self")),
        ("X-Authorization", authorization),
        ("Cache-Control", "max-age=60".to_owned()),
    ];
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    answer(request, 200, &headers, index.to_string().as_bytes())
}

fn shown(rows: &[IndexedSubdir]) -> String {
    let rows = serde_json::to_string(rows).unwrap() + &format!("{rows:?}");
    assert!(CANARIES.iter().all(|canary| !rows.contains(canary)), "{rows}");
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_every_kind_open_their_channels_and_are_found_nowhere_afterwards() {
    let server = ScriptedServer::start(guarded).await;
    let url = server.url();
    let host = url.trim_start_matches("http://").to_owned();
    let by_name = url.replace("127.0.0.1", "localhost");
    let condarc = format!(
        "channel_alias: http://{host}/conda/t/{ALIAS}\n\
         custom_channels:\n  main: {url}/api/repo\n\
         channels:\n  - main\n  - team\n  - http://{host}/t/{WRITTEN}/deep/own\n  - http://al:{PASSWORD}@{host}/basic\n  - {by_name}/rc\n"
    );
    let home = Home::furnished(&condarc, |folder| {
        token_file(folder, &format!("{url}/api"), STORED);
        fs::write(
            folder.join(".netrc"),
            format!("machine localhost login me password {NETRC}\n"),
        )
        .unwrap();
    });
    let rows = home.update().await;
    let statuses: Vec<_> = rows
        .iter()
        .filter(|row| row.subdir == "noarch")
        .map(|row| row.status)
        .collect();
    assert_eq!(statuses, [IndexStatus::Updated; 5], "{}", shown(&rows));
    home.update().await;
    for record in home.services.package_versions("six").await.unwrap() {
        let shown = format!("{record:?}");
        assert!(CANARIES.iter().all(|canary| !shown.contains(canary)), "{shown}");
    }
    let found: Vec<_> = files_with(home.folder.path(), &CANARIES)
        .into_iter()
        .map(|(path, _)| {
            path.strip_prefix(home.folder.path())
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    let is_own =
        |path: &String| path == ".condarc" || path == ".netrc" || path.starts_with(".config/binstar/");
    assert!(found.iter().all(is_own), "{found:?}");
    assert_eq!(found.len(), 5, "they are where they were put: {found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_named_by_its_file_and_never_by_its_value() {
    let refused = |status: u16| {
        ScriptedServer::start(move |request| {
            let body = format!("<html><title>{}</title></html>", request.target);
            answer(request, status, &[], body.as_bytes())
        })
    };
    let server = refused(401).await;
    let condarc = |url: &str| format!("channels: ['{url}/main/noarch']\n");
    let home = Home::furnished(&condarc(&server.url()), |folder| {
        token_file(folder, &format!("{}/main", server.url()), STORED);
    });
    let rows = home.update().await;
    let text = shown(&rows);
    let told = rows[0].problem.as_ref().unwrap();
    assert_eq!(told.kind, Kind::Auth);
    assert!(
        told.message.contains("/main/noarch") && told.message.contains("401"),
        "{text}"
    );
    let cause = told.cause.as_ref().unwrap();
    assert!(
        cause.contains(".config/binstar") && cause.contains(".token"),
        "{text}"
    );
    // A login that was refused is not tried for every form of the index.
    assert_eq!(
        server
            .requests()
            .iter()
            .filter(|request| request.method == "GET")
            .count(),
        1
    );

    let nobody = Home::new(&condarc(&server.url()));
    let rows = nobody.update().await;
    let cause = rows[0].problem.as_ref().unwrap().cause.as_ref().unwrap();
    assert!(cause.contains("there is no token for it"), "{cause}");

    let server = refused(403).await;
    let url = server.url();
    let home = Home::new(&format!("channels: ['{url}/t/{WRITTEN}/main/noarch']\n"));
    let rows = home.update().await;
    let text = shown(&rows);
    let told = rows[0].problem.as_ref().unwrap();
    assert_eq!(told.kind, Kind::Forbidden);
    assert!(
        told.cause.as_ref().unwrap().contains("channels in line 2 of"),
        "{text}"
    );
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.target.starts_with(&format!("/t/{WRITTEN}/")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_meant_for_one_host_is_not_carried_to_another() {
    let shelf = Shelf::default();
    shelf.put(
        "/plain.json",
        repodata("noarch", &[record("six", "1.0", "0", &[])]),
    );
    let other = shelf.serve().await;
    let there = other.url().replace("127.0.0.1", "localhost");
    let server = ScriptedServer::start(move |request| {
        let to = match request.path().ends_with("/repodata.json") {
            true => format!("{there}/plain.json"),
            // With the token in it.
            false => format!("{there}{}", request.target),
        };
        answer(request, 302, &[("Location", &to)], b"")
    })
    .await;
    let url = server.url();
    let host = url.trim_start_matches("http://");
    let home = Home::furnished(
        &format!("channels: ['http://al:{PASSWORD}@{host}/c/noarch']\n"),
        |folder| {
            token_file(folder, &format!("{url}/c"), STORED);
        },
    );
    let rows = home.update().await;
    shown(&rows);
    let asked = other.requests();
    assert!(!asked.is_empty() || rows[0].status == IndexStatus::Failed);
    for request in asked {
        assert_eq!(request.header("authorization"), None);
        assert!(!request.target.contains(STORED), "{}", request.target);
    }
}
