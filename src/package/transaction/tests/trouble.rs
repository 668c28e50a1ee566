//! What can go wrong around a change.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::sync::Arc;

use super::super::*;
use super::world::World;
use super::{app, child, library, python};
use crate::edit::file::FileError;
use crate::error::{Explain, Kind};
use crate::package::cache::CacheError;
use crate::package::fixture::{Answer, Built, Package, tree};

/// An environment, and a change of it that would be possible.
async fn before_an_update() -> (World, Built, Built) {
    let world = World::new();
    let python = python("3.12.4");
    world.hold(&[&python, &app("1.0")]).await.unwrap();
    world.told.lock().unwrap().clear();
    (world, python, app("2.0"))
}

async fn apply_to(world: &World, packages: &[&Built]) -> Result<Outcome, TransactionError> {
    let request = world.request(packages, Arc::new(|_| {}));
    apply(request, |_| {}, std::future::pending::<Result<(), ()>>()).await
}

#[tokio::test]
async fn a_download_that_fails_leaves_the_environment_alone() {
    let half = |built: &Built| built.bytes[..built.bytes.len() / 2].to_vec();
    let (_, _, sample) = before_an_update().await;
    let troubles = [
        (Answer::Nobody, Kind::Network),
        (Answer::BreaksAfter(half(&sample)), Kind::Network),
        (Answer::Gives(half(&sample)), Kind::Conflict),
        (Answer::Gives(b"<html>sign in</html>".to_vec()), Kind::Conflict),
        (Answer::Status(403), Kind::Forbidden),
    ];
    for (answer, kind) in troubles {
        let (world, python, update) = before_an_update().await;
        let before = world.state();
        let other = library("1.3");
        world.server.offers(&other);
        world.server.answers_with(&update, [answer.clone()]);
        let failed = apply_to(&world, &[&python, &update, &other]).await.unwrap_err();
        assert_eq!(failed.explain().kind, kind, "{answer:?}");
        assert_eq!(world.state(), before, "{answer:?}");
        world.assert_tidy();
    }
}

#[tokio::test]
async fn hostile_packages_leave_the_environment_alone() {
    let (world, python, _) = before_an_update().await;
    let before = world.state();
    let evil = Package::new("evil", "1").link("lib/way", "../../..").build();
    let refused = world.hold(&[&python, &evil]).await.unwrap_err();
    let expected =
        "evil-1-0 is refused: it holds a link that leads out of the environment: lib/way -> ../../..";
    assert_eq!(refused.to_string(), expected);
    assert!(matches!(
        refused,
        TransactionError::Cache(CacheError::Hostile { .. })
    ));
    assert_eq!(world.state(), before);
    world.assert_tidy();
}

/// A link may stay in the package and lead out of the environment once it is moved for Python.
#[tokio::test]
async fn a_site_packages_folder_does_not_lead_out() {
    let world = World::new();
    let mut python = python("3.12.4");
    python.record.package_record.python_site_packages_path = Some("../../outside".to_owned());
    let refused = world.hold(&[&python, &app("1.0")]).await.unwrap_err();
    assert!(
        matches!(refused, TransactionError::Cache(CacheError::Hostile { .. })),
        "{refused:?}"
    );
    assert!(!world.prefix.exists() && !world.folder.path().join("outside").exists());
}

#[tokio::test]
async fn a_change_that_is_not_what_was_shown_is_refused() {
    let (mut world, python, update) = before_an_update().await;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    world.expected = Some(Expected {
        gone: names(&["app-1.0-0"]),
        linked: names(&["app-2.0-0"]),
    });
    // Somebody else has removed it meanwhile.
    fs::remove_file(world.prefix.join("conda-meta/app-1.0-0.json")).unwrap();
    let before = world.state();
    let refused = world.hold(&[&python, &update]).await.unwrap_err();
    assert!(matches!(refused, TransactionError::Changed { .. }));
    assert_eq!(refused.explain().kind, Kind::Conflict);
    assert_eq!(world.state(), before);
    assert_eq!(world.server.requests(), 2, "nothing was fetched for it");
    world.assert_tidy();
}

#[tokio::test]
async fn a_conda_that_runs_meanwhile_is_noticed() {
    let (world, python, update) = before_an_update().await;
    let history = world.prefix.join("conda-meta/history");
    let watcher = move |step: &str| {
        if step == "fetch: after" {
            let mut file = fs::File::options().append(true).open(&history).unwrap();
            file.write_all(b"==> of conda <==\n").unwrap();
        }
    };
    let stop = std::future::pending();
    let refused = world
        .hold_watched(&[&python, &update], Arc::new(watcher), stop)
        .await
        .unwrap_err();
    assert!(matches!(refused, TransactionError::Changed { .. }), "{refused:?}");
    assert!(world.read("conda-meta/history").ends_with("==> of conda <==\n"));
    assert!(world.has("conda-meta/app-1.0-0.json"));
    world.assert_tidy();
}

#[tokio::test]
async fn other_programs_at_work_are_respected() {
    let (world, python, update) = before_an_update().await;
    for (trace, program) in [(".condatmp/x", "conda"), ("conda-meta/conda-meta.lock", "mamba")] {
        world.write(trace, "");
        let refused = world.hold(&[&python, &update]).await.unwrap_err();
        let problem = refused.explain();
        assert_eq!(problem.kind, Kind::Busy);
        assert!(problem.message.starts_with(program), "{problem:?}");
        let _ = fs::remove_dir_all(world.prefix.join(".condatmp"));
        let _ = fs::remove_file(world.prefix.join("conda-meta/conda-meta.lock"));
    }
    world.hold(&[&python, &update]).await.unwrap();
    world.assert_tidy();
}

#[tokio::test]
async fn two_sextants_do_not_change_one_environment_at_once() {
    let (world, python, update) = before_an_update().await;
    world
        .server
        .answers_with(&update, [Answer::StallsAfter(Vec::new())]);
    let first = world.request(&[&python, &update], Arc::new(|_| {}));
    let (wish, stop) = tokio::sync::oneshot::channel();
    let first = apply(first, |_| {}, stop);
    let second = async {
        while world.server.requests() < 3 {
            tokio::task::yield_now().await;
        }
        let refused = apply_to(&world, &[&python]).await.unwrap_err();
        // One that recovers meanwhile leaves it alone as well.
        let recovered = world.recover();
        wish.send(()).unwrap();
        (refused, recovered)
    };
    let (first, (refused, recovered)) = tokio::join!(first, second);
    assert!(matches!(first, Err(TransactionError::Cancelled)));
    let problem = refused.explain();
    assert_eq!(problem.kind, Kind::Busy);
    assert_eq!(
        problem.cause,
        Some(format!("it is process {}", std::process::id()))
    );
    assert!(recovered.is_empty(), "{recovered:?}");
    world.assert_tidy();
}

#[tokio::test]
async fn two_sextants_may_change_two_environments_at_once() {
    let world = World::new();
    let mut other = World::in_folder(world.folder.path());
    other.prefix = world.folder.path().join("envs/other");
    let (python, library) = (python("3.12.4"), library("1.3"));
    let one = [&python, &library];
    let (first, second) = tokio::join!(world.hold(&one), other.hold(&one));
    // One server each, one cache for both.
    first.unwrap();
    second.unwrap();
    let list = fs::read_to_string(world.folder.path().join("environments.txt")).unwrap();
    assert_eq!(list.lines().count(), 2);
    other.settle();
    world.assert_tidy();
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_ends_by_itself() {
    let (world, python, update) = before_an_update().await;
    let before = world.state();
    world
        .server
        .answers_with(&update, [Answer::StallsAfter(Vec::new())]);
    let request = world.request(&[&python, &update], Arc::new(|_| {}));
    {
        let mut work = std::pin::pin!(apply(request, |_| {}, std::future::pending::<Result<(), ()>>()));
        while world.server.requests() < 3 {
            tokio::select! {
                ended = &mut work => panic!("{ended:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    assert_eq!(world.state(), before);
    world.assert_tidy();
}

#[tokio::test]
async fn broken_records_are_named_and_not_touched() {
    let (world, python, update) = before_an_update().await;
    world.write("conda-meta/broken-1-0.json", "{ half a rec");
    world.write(
        "conda-meta/._broken-1-0.json",
        "what macOS leaves on a network drive",
    );
    let mut evil = world.record("app-1.0-0");
    evil["name"] = serde_json::json!("evil");
    evil["paths_data"]["paths"][0]["_path"] = serde_json::json!("../../precious");
    world.write("conda-meta/evil-1.0-0.json", &evil.to_string());
    let twin = world.read("conda-meta/app-1.0-0.json");
    world.write("conda-meta/app-1.0-1.json", &twin);
    let before = world.state();
    let refused = world.hold(&[&python, &update]).await.unwrap_err();
    let TransactionError::BrokenRecords { records, .. } = &refused else {
        panic!("{refused:?}");
    };
    let names: Vec<String> = records
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names, ["app-1.0-1.json", "broken-1-0.json", "evil-1.0-0.json"]);
    assert!(refused.explain().cause.unwrap().contains("../../precious"));
    assert_eq!(world.state(), before);
    world.assert_tidy();
}

#[tokio::test]
async fn an_environment_that_cannot_be_listed_is_one_all_the_same() {
    let mut world = World::new();
    world.refuses_to_register = true;
    let outcome = world.hold(&[&library("1.3")]).await.unwrap();
    assert_eq!(
        outcome.not_registered.unwrap().message,
        "the list cannot be written"
    );
    assert!(world.has("lib/libz.so"));
    world.assert_tidy();
}

/// What lies in a folder that was there before stays, and so does the folder.
#[tokio::test]
async fn a_folder_that_was_there_stays_when_making_an_environment_fails() {
    let world = World::new();
    world.write("mine", "mine");
    let failed = world.hold(&[&app("1.0")]).await.unwrap_err();
    assert!(matches!(failed, TransactionError::NoPython { .. }));
    let left: Vec<_> = tree(&world.prefix).into_keys().collect();
    assert_eq!(left, [Path::new("mine")]);
}

/// Between planning and placing somebody lays a file where one is to come.
#[tokio::test]
async fn a_file_that_appears_at_the_last_moment_is_not_overwritten() {
    let (world, python, _) = before_an_update().await;
    let before = world.state();
    let place = world.prefix.join("lib/libz.so.1.3");
    let watcher = {
        let place = place.clone();
        move |step: &str| {
            if step == "commit: after" {
                fs::write(&place, "mine").unwrap();
            }
        }
    };
    let stop = std::future::pending();
    let packages = [&python, &library("1.3")];
    let refused = world
        .hold_watched(&packages, Arc::new(watcher), stop)
        .await
        .unwrap_err();
    assert!(matches!(refused, TransactionError::Changed { .. }), "{refused:?}");
    assert_eq!(fs::read_to_string(&place).unwrap(), "mine");
    fs::remove_file(&place).unwrap();
    assert_eq!(world.state(), before);
    world.assert_tidy();
}

/// A program of the environment runs while it is exchanged.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_in_use_goes_on_running() {
    let world = World::new();
    let sleep = ["/bin/sleep", "/usr/bin/sleep"]
        .iter()
        .find_map(|path| fs::read(path).ok());
    let Some(sleep) = sleep else {
        eprintln!("skipped: there is no sleep");
        return;
    };
    let tool = |version: &str| {
        let package = Package::new("tool", version).file("share/version", version);
        package.binary("bin/tool", &sleep).build()
    };
    world.hold(&[&tool("1")]).await.unwrap();
    // Found and started before it is exchanged; multi-call programs go by their name.
    let mut running = Command::new(world.prefix.join("bin/tool"));
    std::os::unix::process::CommandExt::arg0(&mut running, "sleep");
    let mut running = running.arg("1000").spawn().unwrap();
    world.hold(&[&tool("2")]).await.unwrap();
    assert!(running.try_wait().unwrap().is_none(), "it ended");
    assert_eq!(world.read("share/version"), "2");
    world.hold(&[]).await.unwrap();
    assert!(running.try_wait().unwrap().is_none(), "it ended");
    running.kill().unwrap();
    running.wait().unwrap();
    world.assert_tidy();
}

/// Run where file systems of its own can be mounted.
#[test]
fn mounted() {
    let Some((role, folder)) = child::role() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = World::in_folder(&folder);
    match role.as_str() {
        "read-only" => runtime.block_on(in_a_read_only_prefix(&world)),
        _ => runtime.block_on(on_a_small_disk(&world)),
    }
}

async fn in_a_read_only_prefix(world: &World) {
    let before = world.state();
    let asked = world.server.requests();
    let refused = world.hold(&[&python("3.12.4"), &app("2.0")]).await.unwrap_err();
    let TransactionError::File(error @ FileError::ReadOnly { path }) = &refused else {
        panic!("{refused:?}");
    };
    assert_eq!((path, error.explain().kind), (&world.prefix, Kind::File));
    assert_eq!(world.server.requests(), asked, "nothing is fetched for it");
    assert_eq!(world.state(), before);
}

#[tokio::test]
async fn a_read_only_environment_is_told_before_anything_is_fetched() {
    let (world, ..) = before_an_update().await;
    let envs = world.folder.path().join("envs");
    let mounts = format!(
        "mount --bind '{0}' '{0}'; mount -o remount,bind,ro '{0}'",
        envs.display()
    );
    let Some(mut command) = child::with_mounts("trouble::mounted", "read-only", world.folder.path(), &mounts)
    else {
        return;
    };
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A large update on a disk on which nothing, or only a part of it, or just too little fits.
async fn on_a_small_disk(world: &World) {
    let large = |version: &str| {
        let mut package = Package::new("large", version);
        for part in 0..6 {
            package = package.binary(&format!("lib/part{part}"), &vec![b'x'; 40_000]);
        }
        package.build()
    };
    let filler = world.prefix.join("filler");
    let old = large("1");
    world.hold(&[&old]).await.unwrap();
    let (mut failed, mut done) = (0, 0);
    // From a full disk to one with room enough.
    for room in (0..340_000).step_by(16_384) {
        world.hold(&[&old]).await.unwrap();
        fill(&filler, room);
        let before = world.state();
        let ended = world.hold(&[&large("2")]).await;
        match ended {
            Ok(_) => {
                done += 1;
                assert!(world.has("conda-meta/large-2-0.json"));
            }
            Err(error) => {
                failed += 1;
                let is_full = matches!(error, TransactionError::File(FileError::NoSpace { .. }));
                assert!(is_full, "with room for {room}: {error:?}");
                assert_eq!(world.state(), before, "with room for {room}");
            }
        }
        fs::remove_file(&filler).unwrap();
        assert!(world.recover().is_empty());
        world.assert_tidy();
    }
    assert!(failed > 5 && done > 1, "{failed} {done}");
}

/// Leaves room for so many bytes.
fn fill(filler: &Path, room: u64) {
    let mut file = fs::File::create(filler).unwrap();
    let block = [0; 4096];
    while file.write_all(&block).is_ok() {}
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(room)).unwrap();
}

#[test]
fn a_full_disk_leaves_the_environment_as_it_was() {
    let world = World::new();
    let envs = world.folder.path().join("envs");
    fs::create_dir_all(&envs).unwrap();
    let mounts = format!("mount -t tmpfs -o size=2m tmpfs '{}'", envs.display());
    let Some(mut command) = child::with_mounts("trouble::mounted", "small", world.folder.path(), &mounts)
    else {
        return;
    };
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_damaged_journal_is_named_and_stops_the_change() {
    let world = World::new();
    let folder = world.prefix.join("conda-meta/.sextant-change");
    world.write("conda-meta/history", "");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("journal.json"), "{").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let failed = runtime.block_on(world.hold(&[&library("1.3")])).unwrap_err();
    assert!(matches!(failed, TransactionError::DamagedJournal { .. }));
    assert!(
        folder.join("journal.json").exists(),
        "what it is about must not be lost"
    );
}
