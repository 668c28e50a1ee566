//! What goes wrong on the way, and what is kept then.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sextant::error::{Kind, Problem};
use sextant::service::packages::index::{IndexStatus, IndexedSubdir};

use crate::channel_server::{Home, Shelf, answer, cut, page, record, repodata, stalled, tag, zst};
use crate::scripted_server::{Received, Reply, ScriptedServer};

const INDEX: &str = "/c/noarch/repodata.json";

/// An index of some hundred kilobytes.
fn large() -> Vec<u8> {
    let records: Vec<_> = (0..1500)
        .map(|number| record(&format!("package-{number:04}"), "1.0", "0", &["python >=3.9,<4"]))
        .collect();
    repodata("noarch", &records)
}

fn home_at(server: &ScriptedServer) -> Home {
    Home::new(&format!("channels: ['{}/c/noarch']\n", server.url()))
}

fn problem(rows: &[IndexedSubdir]) -> &Problem {
    assert_eq!(rows[0].status, IndexStatus::Failed, "{rows:?}");
    rows[0].problem.as_ref().unwrap()
}

/// A server of which a test decides what it does next.
struct Moody {
    server: ScriptedServer,
    mood: Arc<Mutex<Box<Mood>>>,
}

type Mood = dyn FnMut(&Received) -> Reply + Send;

impl Moody {
    async fn start(mood: impl FnMut(&Received) -> Reply + Send + 'static) -> Self {
        let mood: Arc<Mutex<Box<Mood>>> = Arc::new(Mutex::new(Box::new(mood)));
        let now = mood.clone();
        let server = ScriptedServer::start(move |request| (now.lock().unwrap())(request)).await;
        Self { server, mood }
    }

    fn becomes(&self, mood: impl FnMut(&Received) -> Reply + Send + 'static) {
        *self.mood.lock().unwrap() = Box::new(mood);
    }
}

/// Only the plain index, by this answer; everything else is not there.
fn plainly(mut index: impl FnMut(&Received) -> Reply) -> impl FnMut(&Received) -> Reply {
    move |request| match request.path() {
        INDEX => index(request),
        _ => answer(request, 404, &[], b""),
    }
}

fn whole(body: Vec<u8>) -> impl FnMut(&Received) -> Reply {
    plainly(move |request| answer(request, 200, &[], &body))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_instead_of_an_index_is_told_and_takes_nothing_away() {
    let moody = Moody::start(whole(large())).await;
    let home = home_at(&moody.server);
    assert_eq!(home.update_briefly().await[0].2, 1500);
    moody.becomes(page);
    let rows = home.update().await;
    let told = problem(&rows);
    assert_eq!(told.kind, Kind::NotAServer);
    assert_eq!(
        told.cause.as_deref(),
        Some("a web page called \"Corporate sign-in\" answered")
    );
    assert!(told.message.contains("/c/noarch: "), "{told:?}");
    // What is there is used, and how old it is is told.
    assert_eq!(
        (rows[0].records, rows[0].as_of.unwrap().to_string().as_str()),
        (1500, "2026-11-25T12:00:00Z")
    );
    assert_eq!(home.found("package-0007")[0], "package-0007");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_index_is_no_index() {
    for (body, said) in [
        (
            br#"{"packages": {"a-1-0.conda": {"name""#.as_slice(),
            "in the middle",
        ),
        (br#"{"info": {}}"#, "it has no packages"),
        (br#"{"packages": []}"#, "not JSON from byte"),
        (br#"{"packages": {}} trailing"#, "not JSON from byte"),
        (br#"["packages"]"#, "something else than an index"),
        (b"", "the answer was empty"),
        (b"\x1f\x8b\x08\x00", "something else than an index"),
    ] {
        let moody = Moody::start(whole(body.to_owned())).await;
        let home = home_at(&moody.server);
        let rows = home.update().await;
        let told = problem(&rows);
        let text = format!("{} {}", told.message, told.cause.clone().unwrap_or_default());
        assert!(text.contains(said), "{said}: {text}");
        assert!(told.remedy.is_some());
        assert_eq!(rows[0].as_of, None);
        assert_eq!(home.kept(), [""; 0]);
        assert_eq!(home.services.search_packages("a", 9).unwrap().lacking.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_index_that_is_broken_leads_to_the_plain_one() {
    for broken in [
        &zst(&large())[..2000],
        b"\x28\xb5\x2f\xfdnonsense",
        b"nothing of the kind",
        b"",
    ] {
        let shelf = Shelf::default();
        shelf.put(&format!("{INDEX}.zst"), broken).put(INDEX, large());
        let server = shelf.serve().await;
        let home = home_at(&server);
        assert_eq!(home.update_briefly().await[0].2, 1500, "{} bytes", broken.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_records_are_left_out_and_counted() {
    let mut index: serde_json::Value =
        serde_json::from_slice(&repodata("noarch", &[record("good", "1.0", "0", &[])])).unwrap();
    let map = index["packages"].as_object_mut().unwrap();
    let mut broken = |file: &str, change: &dyn Fn(&mut serde_json::Value)| {
        let mut record = record("bad", "1.0", "0", &[]);
        change(&mut record);
        map.insert(file.to_owned(), record);
    };
    broken("bad-1.0-0.tar.bz2", &|record| record["version"] = "..!".into());
    broken("bad-1.0-1.tar.bz2", &|record| record["depends"] = "python".into());
    broken("bad-1.0-2.tar.bz2", &|record| record["build_number"] = "0".into());
    broken("bad-1.0-3.tar.bz2", &|record| {
        drop(record.as_object_mut().unwrap().remove("name"));
    });
    broken("bad-1.0-4.tar.bz2", &|record| {
        *record = serde_json::json!([1, {"}": "]"}]);
    });
    broken("bad-1.0-5.tar.bz2", &|record| record["name"] = "../../x".into());
    broken("../../bad-1.0-6.tar.bz2", &|_| {});
    broken("bad-1.0-7.exe", &|_| {});
    let server = ScriptedServer::start({
        let body = index.to_string().into_bytes();
        move |request| match request.path() {
            INDEX => answer(request, 200, &[], &body),
            _ => answer(request, 404, &[], b""),
        }
    })
    .await;
    let home = home_at(&server);
    let rows = home.update().await;
    assert_eq!(
        (rows[0].status, rows[0].records, rows[0].skipped),
        (IndexStatus::Updated, 1, 8)
    );
    assert_eq!(home.found(""), ["good"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_drops_is_gone_on_with() {
    let body = large();
    let version = tag(&body);
    let moody = {
        let (body, version) = (body.clone(), version.clone());
        Moody::start(plainly(move |request| match request.header("range") {
            None => cut(&[("ETag", &version)], &body, 60_000),
            Some(range) => {
                let from: usize = range["bytes=".len()..range.len() - 1].parse().unwrap();
                assert_eq!(request.header("if-range"), Some(version.as_str()));
                let place = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
                let rest = &body[from..];
                // And breaks off once more.
                match from < 100_000 {
                    true => {
                        let Reply::Raw(mut bytes) = answer(request, 206, &[("Content-Range", &place)], rest)
                        else {
                            unreachable!()
                        };
                        bytes.truncate(bytes.len() - rest.len() + 70_000);
                        Reply::Raw(bytes)
                    }
                    false => answer(request, 206, &[("Content-Range", &place)], rest),
                }
            }
        }))
        .await
    };
    let home = home_at(&moody.server);
    assert_eq!(
        home.update_briefly().await[0],
        ("noarch".to_owned(), IndexStatus::Updated, 1500)
    );
    let ranges: Vec<_> = moody
        .server
        .requests()
        .iter()
        .filter(|request| request.path() == INDEX)
        .map(|request| request.header("range").map(str::to_owned))
        .collect();
    assert_eq!(ranges.len(), 3, "{ranges:?}");
    assert!(ranges[1].is_some() && ranges[2].is_some() && ranges[1] != ranges[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn halves_of_two_versions_are_never_joined() {
    let (old, new) = (large(), repodata("noarch", &[record("attrs", "25.1", "0", &[])]));
    let asked = Arc::new(AtomicUsize::new(0));
    let moody = {
        let (old, new, asked) = (old.clone(), new.clone(), asked.clone());
        Moody::start(plainly(move |request| {
            match asked.fetch_add(1, Ordering::SeqCst) {
                0 => cut(&[("ETag", &tag(&old))], &old, 60_000),
                // The server has another version by now, and so gives the whole of it.
                _ => answer(request, 200, &[("ETag", &tag(&new))], &new),
            }
        }))
        .await
    };
    let home = home_at(&moody.server);
    assert_eq!(
        home.update_briefly().await[0],
        ("noarch".to_owned(), IndexStatus::Updated, 1)
    );
    assert_eq!(home.found(""), ["attrs"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_always_drops_is_given_up_with_a_reason() {
    let body = large();
    let moody = Moody::start(whole(body.clone())).await;
    let home = home_at(&moody.server);
    home.update().await;
    let kept = home.kept();
    moody.becomes(plainly(move |_| cut(&[], &body, 60_000)));
    let rows = home.update().await;
    let told = problem(&rows);
    assert_eq!(told.kind, Kind::Network);
    assert!(told.message.contains("broke off"), "{told:?}");
    assert_eq!(rows[0].records, 1500);
    assert_eq!(home.kept(), kept);
    let tries = moody
        .server
        .requests()
        .iter()
        .filter(|request| request.path() == INDEX)
        .count();
    assert_eq!(tries, 1 + 3, "the first update, and three tries");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_is_asked_again_and_then_named() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let moody = Moody::start(plainly(move |request| {
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => answer(request, 503, &[("Retry-After", "0")], b""),
            _ => answer(request, 200, &[], &large()),
        }
    }))
    .await;
    let home = home_at(&moody.server);
    assert_eq!(home.update_briefly().await[0].1, IndexStatus::Updated);
    moody.becomes(plainly(|request| answer(request, 500, &[], b"")));
    let rows = home.update().await;
    assert!(problem(&rows).message.contains("(500)"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_told_for_each_channel_and_keeps_no_other_back() {
    let shelf = Shelf::default();
    shelf.put(INDEX, large());
    let server = shelf.serve().await;
    let gone = ScriptedServer::start(|_| Reply::Silence).await;
    let away = gone.url();
    drop(gone);
    let home = Home::new(&format!(
        "channels: ['{away}/x/noarch', '{}/c/noarch']\n",
        server.url()
    ));
    let rows = home.update().await;
    assert_eq!(rows[0].status, IndexStatus::Failed);
    assert_eq!(rows[0].problem.as_ref().unwrap().kind, Kind::Network);
    assert_eq!((rows[1].status, rows[1].records), (IndexStatus::Updated, 1500));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_noarch_is_an_error_and_another_missing_subdir_is_none() {
    let server = Shelf::default().serve().await;
    let home = Home::new(&format!("channels: ['{}/c']\n", server.url()));
    let rows = home.update().await;
    assert_eq!(
        (rows[0].subdir.as_str(), rows[0].status),
        ("linux-64", IndexStatus::Missing)
    );
    assert_eq!(
        (rows[1].subdir.as_str(), rows[1].status),
        ("noarch", IndexStatus::Failed)
    );
    let told = rows[1].problem.as_ref().unwrap();
    assert!(
        told.message.contains("404") && told.cause.as_ref().unwrap().contains(INDEX),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_leaves_what_was_kept_and_nothing_half_done() {
    let body = large();
    let moody = Moody::start(whole(body.clone())).await;
    let home = home_at(&moody.server);
    home.update().await;
    let kept = home.kept();
    moody.becomes(plainly(move |_| stalled(&body, 90_000)));
    let (sender, mut received) = tokio::sync::mpsc::unbounded_channel();
    let update = {
        let services = home.services.clone();
        tokio::spawn(async move {
            let told = |told| drop(sender.send(format!("{told:?}")));
            services.update_index(told).await
        })
    };
    while let Some(told) = received.recv().await {
        if told.starts_with("Received") {
            break;
        }
    }
    update.abort();
    assert!(update.await.unwrap_err().is_cancelled());
    // The client goes away at once.
    moody.server.abandoned.notified().await;
    // The thread that wrote gives way to the next update, which waits for it.
    moody.becomes(plainly(|request| answer(request, 500, &[], b"")));
    home.update().await;
    assert_eq!(home.kept(), kept);
    assert_eq!(home.found("package-0007")[0], "package-0007");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_older_file_is_made_anew() {
    let shelf = Shelf::default();
    shelf.put(INDEX, large());
    let server = shelf.serve().await;
    let home = home_at(&server);
    type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);
    let damages: [(&str, Damage<'_>); 6] = [
        (".index", &|bytes| bytes.truncate(bytes.len() / 2)),
        (".index", &|bytes| bytes.clear()),
        (".index", &|bytes| bytes[15] = 0),
        (".index", &|bytes| {
            let middle = bytes.len() - 100;
            bytes[middle] ^= 1;
        }),
        (".json", &|bytes| bytes.truncate(20)),
        (".json", &|bytes| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            *bytes = text.replace("\"format\": 1", "\"format\": 0").into_bytes();
        }),
    ];
    for (number, (extension, damage)) in damages.into_iter().enumerate() {
        home.update().await;
        let name = home
            .kept()
            .into_iter()
            .find(|name| name.ends_with(extension))
            .unwrap();
        let path = home.path(".cache/sextant/index").join(name);
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let found = home.services.search_packages("package", 9).unwrap();
        assert_eq!((found.hits.len(), found.lacking.len()), (0, 1), "damage {number}");
        let rows = home.update().await;
        assert_eq!(
            (rows[0].status, rows[0].records),
            (IndexStatus::Updated, 1500),
            "damage {number}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_in_the_records_is_told_and_mended_by_the_next_update() {
    let shelf = Shelf::default();
    shelf.put(INDEX, large());
    let server = shelf.serve().await;
    let home = home_at(&server);
    home.update().await;
    let name = home
        .kept()
        .into_iter()
        .find(|name| name.ends_with(".index"))
        .unwrap();
    let path = home.path(".cache/sextant/index").join(name);
    let mut bytes = fs::read(&path).unwrap();
    for byte in &mut bytes[30..200] {
        *byte ^= 0x55;
    }
    fs::write(&path, bytes).unwrap();
    let index = home.services.package_index().unwrap();
    let error = index.versions("package-0001").await.unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    assert_eq!(
        home.update_briefly().await[0],
        ("noarch".to_owned(), IndexStatus::Updated, 1500)
    );
    assert_eq!(
        home.services
            .package_versions("package-0000")
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_cannot_be_written_is_named() {
    let server = Shelf::default().serve().await;
    let home = Home::furnished(&format!("channels: ['{}/c/noarch']\n", server.url()), |folder| {
        fs::create_dir_all(folder.join(".cache/sextant")).unwrap();
        fs::write(
            folder.join(".cache/sextant/index"),
            "a file where the folder should be",
        )
        .unwrap();
    });
    let rows = home.update().await;
    let told = problem(&rows);
    assert_eq!(told.kind, Kind::File);
    assert!(told.message.contains(".cache/sextant/index"), "{told:?}");
    assert_eq!(
        server.requests().len(),
        0,
        "nothing is asked for that cannot be kept"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_nothing_is_asked_and_the_age_of_what_is_there_is_told() {
    let shelf = Shelf::default();
    shelf.put(INDEX, large());
    let server = shelf.serve().await;
    let home = home_at(&server);
    home.update().await;
    let asked = server.requests().len();
    home.clock.set("2026-12-01T08:00:00Z");
    home.services.set_offline(Some(true)).unwrap();
    let rows = home.update().await;
    assert!(problem(&rows).message.contains("offline"), "{rows:?}");
    assert_eq!(
        (rows[0].records, rows[0].as_of.unwrap().to_string().as_str()),
        (1500, "2026-11-25T12:00:00Z")
    );
    assert_eq!(server.requests().len(), asked);
    assert_eq!(
        home.services
            .package_versions("package-0000")
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_in_the_past_is_no_obstacle() {
    let shelf = Shelf::default();
    shelf.put(INDEX, large());
    let server = shelf.serve().await;
    let home = home_at(&server);
    home.update().await;
    home.clock.set("1999-01-01T00:00:00Z");
    assert_eq!(home.update_briefly().await[0].1, IndexStatus::Unchanged);
    shelf.put(INDEX, repodata("noarch", &[record("attrs", "25.1", "0", &[])]));
    assert_eq!(
        home.update_briefly().await[0],
        ("noarch".to_owned(), IndexStatus::Updated, 1)
    );
    let last = server.requests();
    // What was found lacking in a future that is not yet is asked for again.
    assert!(
        last.iter()
            .filter(|request| request.path() == format!("{INDEX}.zst"))
            .count()
            >= 2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_leads_on_and_a_circle_does_not() {
    let shelf = Shelf::default();
    shelf.put("/elsewhere.json", large());
    let mirror = shelf.serve().await;
    let to = format!("{}/elsewhere.json", mirror.url());
    let moody = Moody::start(plainly(move |request| {
        answer(request, 302, &[("Location", &to)], b"")
    }))
    .await;
    let home = home_at(&moody.server);
    assert_eq!(
        home.update_briefly().await[0],
        ("noarch".to_owned(), IndexStatus::Updated, 1500)
    );
    moody.becomes(plainly(|request| {
        answer(request, 301, &[("Location", INDEX)], b"")
    }));
    let rows = home.update().await;
    assert!(problem(&rows).message.contains("in a circle"), "{rows:?}");
}
