//! What is asked for, and what is kept.

use sextant::service::packages::index::{IndexProgress, IndexStatus};

use crate::channel_server::{Home, SUBDIR, Shelf, bz2, files_with, record, repodata, zst};
use crate::scripted_server::ScriptedServer;

fn noarch() -> Vec<u8> {
    repodata(
        "noarch",
        &[
            record("tzdata", "2026b", "0", &[]),
            record("six", "1.17.0", "py_0", &["python"]),
        ],
    )
}

fn native() -> Vec<u8> {
    repodata(
        SUBDIR,
        &[
            record("python", "3.9.1", "h1_0", &["libc"]),
            record("python", "3.13.0", "h2_0", &[]),
            record("python", "3.10.4", "h3_0", &[]),
            record("six", "1.16.0", "py39_0", &[]),
        ],
    )
}

fn asked(server: &ScriptedServer) -> Vec<String> {
    let mut asked: Vec<String> = server
        .requests()
        .iter()
        .map(|request| format!("{} {}", request.method, request.target))
        .collect();
    asked.sort();
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_fetched_once_and_then_only_asked_after() {
    let shelf = Shelf::default();
    shelf.put("/main/noarch/repodata.json", noarch());
    shelf.put("/main/linux-64/repodata.json.zst", zst(&native()));
    shelf.put("/extra/noarch/repodata.json.bz2", bz2(&noarch()));
    let server = shelf.serve().await;
    let url = server.url();
    let home = Home::new(&format!(
        "channel_alias: {url}\nchannels: [main, '{url}/extra']\n"
    ));
    let mut told = Vec::new();
    let rows = home
        .services
        .update_index(|progress| told.push(progress))
        .await
        .unwrap();
    let briefly: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.name.as_str(),
                row.url.as_str(),
                row.subdir.as_str(),
                row.status,
                row.records,
            )
        })
        .collect();
    let (main, extra) = (format!("{url}/main"), format!("{url}/extra"));
    assert_eq!(
        briefly,
        [
            ("main", main.as_str(), "linux-64", IndexStatus::Updated, 4),
            ("main", main.as_str(), "noarch", IndexStatus::Updated, 2),
            ("extra", extra.as_str(), "linux-64", IndexStatus::Missing, 0),
            ("extra", extra.as_str(), "noarch", IndexStatus::Updated, 2),
        ]
    );
    assert!(
        rows.iter()
            .all(|row| row.problem.is_none() && row.as_of.is_some())
    );
    let IndexProgress::Planned(planned) = &told[0] else {
        panic!("the rows come first: {told:?}");
    };
    assert_eq!(planned.len(), 4);
    let ended = told
        .iter()
        .filter(|told| matches!(told, IndexProgress::Ended(_)))
        .count();
    assert_eq!(ended, 4);
    let received = |wanted: &str| {
        told.iter().any(|told| {
            matches!(told, IndexProgress::Received { name, subdir, bytes, total }
                if name == wanted && subdir == "noarch" && *bytes > 0 && total.is_some())
        })
    };
    assert!(received("main") && received("extra"), "{told:?}");

    let first = server.requests().len();
    let again = home.update_briefly().await;
    let statuses: Vec<_> = again
        .iter()
        .map(|(_, status, records)| (*status, *records))
        .collect();
    assert_eq!(
        statuses,
        [
            (IndexStatus::Unchanged, 4),
            (IndexStatus::Unchanged, 2),
            (IndexStatus::Missing, 0),
            (IndexStatus::Unchanged, 2),
        ]
    );
    // What the server lacked a moment ago is not asked for again; the rest is asked for conditionally.
    let again: Vec<_> = server.requests().split_off(first);
    assert_eq!(again.len(), 4, "{again:?}");
    let conditional = again
        .iter()
        .filter(|request| request.header("if-none-match").is_some())
        .count();
    assert_eq!(conditional, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_takes_the_place_of_what_was_kept() {
    let shelf = Shelf::default();
    shelf.put("/main/noarch/repodata.json", noarch());
    let server = shelf.serve().await;
    let home = Home::new(&format!("channel_alias: {}\nchannels: [main]\n", server.url()));
    home.update().await;
    assert_eq!(home.found("tzdata"), ["tzdata"]);
    let open = home.services.package_index().unwrap();
    shelf.put(
        "/main/noarch/repodata.json",
        repodata("noarch", &[record("attrs", "25.1", "0", &[])]),
    );
    assert_eq!(
        home.update_briefly().await[1],
        ("noarch".to_owned(), IndexStatus::Updated, 1)
    );
    assert_eq!(home.found("tzdata"), [""; 0]);
    assert_eq!(home.found("attrs"), ["attrs"]);
    // An index that was open before still tells what it told.
    assert_eq!(open.versions("tzdata").await.unwrap().len(), 1);
    let indexes = home
        .kept()
        .into_iter()
        .filter(|name| name.ends_with(".index"))
        .count();
    assert_eq!(indexes, 1, "{:?}", home.kept());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smallest_form_that_is_there_is_taken() {
    for (forms, taken) in [
        (["", ".bz2", ".zst"].as_slice(), ".zst"),
        (&["", ".bz2"], ".bz2"),
        (&[""], ""),
    ] {
        let shelf = Shelf::default();
        for form in forms {
            let bytes = match *form {
                ".zst" => zst(&noarch()),
                ".bz2" => bz2(&noarch()),
                _ => noarch(),
            };
            shelf.put(&format!("/c/noarch/repodata.json{form}"), bytes);
        }
        let server = shelf.serve().await;
        let home = Home::new(&format!("channels: ['{}/c/noarch']\n", server.url()));
        assert_eq!(
            home.update_briefly().await,
            [("noarch".to_owned(), IndexStatus::Updated, 2)]
        );
        let requests = server.requests();
        let last = requests.iter().rfind(|request| request.method == "GET");
        assert_eq!(
            last.unwrap().target,
            format!("/c/noarch/repodata.json{taken}"),
            "{forms:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conda_decides_about_forms_and_names() {
    let shelf = Shelf::default();
    shelf.put("/c/noarch/repodata.json.zst", zst(&noarch()));
    shelf.put("/c/noarch/repodata.json", noarch());
    let short = repodata("noarch", &[record("six", "1.17.0", "py_0", &[])]);
    shelf.put("/c/noarch/current_repodata.json", short);
    let server = shelf.serve().await;
    let channels = format!("channels: ['{}/c/noarch']\n", server.url());
    let home = Home::new(&format!(
        "{channels}repodata_use_zst: false\nrepodata_use_shards: false\n"
    ));
    home.update().await;
    assert_eq!(
        asked(&server),
        ["GET /c/noarch/repodata.json", "GET /c/noarch/repodata.json.bz2"]
    );

    let home = Home::new(&format!(
        "{channels}repodata_fns: [nothing.json, current_repodata.json]\n"
    ));
    assert_eq!(home.update_briefly().await[0].2, 1);
    assert_eq!(home.found("tz"), [""; 0]);
    // A name that would lead elsewhere is none, and the whole index comes last.
    let home = Home::new(&format!(
        "{channels}repodata_fns: ['../../x.json', nothing.json]\n"
    ));
    assert_eq!(home.update_briefly().await[0].2, 2);
    assert!(
        server
            .requests()
            .iter()
            .all(|request| !request.target.contains("x.json"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_a_channel_too() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("noarch/repodata.json");
    std::fs::create_dir_all(index.parent().unwrap()).unwrap();
    std::fs::write(&index, noarch()).unwrap();
    let home = Home::new(&format!("channels: ['file://{}']\n", folder.path().display()));
    let briefly = home.update_briefly().await;
    assert_eq!(briefly[0].1, IndexStatus::Missing);
    assert_eq!(briefly[1], ("noarch".to_owned(), IndexStatus::Updated, 2));
    assert_eq!(home.update_briefly().await[1].1, IndexStatus::Unchanged);
    std::fs::write(&index, repodata("noarch", &[record("attrs", "25.1", "0", &[])])).unwrap();
    assert_eq!(
        home.update_briefly().await[1],
        ("noarch".to_owned(), IndexStatus::Updated, 1)
    );
    std::fs::remove_dir_all(folder.path().join("noarch")).unwrap();
    let rows = home.update().await;
    assert_eq!(rows[1].status, IndexStatus::Failed);
    assert!(
        rows[1]
            .problem
            .as_ref()
            .unwrap()
            .cause
            .as_ref()
            .unwrap()
            .contains("noarch")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_ask_the_server_once() {
    let shelf = Shelf::default();
    shelf.put("/c/noarch/repodata.json", noarch());
    let server = shelf.serve().await;
    let home = Home::new(&format!("channels: ['{}/c/noarch']\n", server.url()));
    let (one, other) = tokio::join!(home.update_briefly(), home.update_briefly());
    let mut statuses = [one[0].1, other[0].1];
    statuses.sort_by_key(|status| *status as u8);
    assert_eq!(statuses, [IndexStatus::Updated, IndexStatus::Unchanged]);
    let whole = asked(&server)
        .iter()
        .filter(|asked| *asked == "GET /c/noarch/repodata.json")
        .count();
    assert_eq!(whole, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_half_done_is_gone_after_the_next_update() {
    let shelf = Shelf::default();
    shelf.put("/c/noarch/repodata.json", noarch());
    let server = shelf.serve().await;
    let home = Home::new(&format!("channels: ['{}/c/noarch']\n", server.url()));
    home.update().await;
    let kept = home.kept();
    let key = kept[0].split(['-', '.']).next().unwrap().to_owned();
    // As a program that is killed leaves them.
    for name in [
        format!("{key}.part"),
        format!("{key}-1.index"),
        format!("{key}.json.part"),
    ] {
        std::fs::write(home.path(".cache/sextant/index").join(name), "canary-half").unwrap();
    }
    shelf.put("/c/noarch/repodata.json", native());
    home.update().await;
    assert_eq!(home.kept().len(), 2, "{:?}", home.kept());
    assert_eq!(files_with(home.folder.path(), &["canary-half"]), []);
}
