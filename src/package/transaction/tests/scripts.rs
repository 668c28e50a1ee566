//! Scripts that packages bring.

#![cfg(unix)]

use super::super::*;
use super::world::World;
use crate::error::Explain;
use crate::package::fixture::{Built, Package};

fn with_scripts(version: &str, post_link: &str) -> Built {
    Package::new("font", version)
        .file("share/font", version)
        .file("bin/.font-post-link.sh", post_link)
        .file("bin/.font-pre-unlink.sh", "echo gone > \"$PREFIX/../unlinked\"")
        .build()
}

const GREETS: &str = "echo \"$PKG_NAME $PKG_VERSION $PKG_BUILDNUM\" > \"$PREFIX/linked\"\n\
    command -v own-tool >> \"$PREFIX/linked\"\n\
    echo 'restart your browser' > \"$PREFIX/.messages.txt\"\n";

#[tokio::test]
async fn without_consent_none_runs_and_that_is_told() {
    let world = World::new();
    let outcome = world.hold(&[&with_scripts("1", GREETS)]).await.unwrap();
    assert_eq!(outcome.scripts_skipped, ["font (post-link)"]);
    assert!(outcome.scripts_run.is_empty() && !world.has("linked"));
    let outcome = world.hold(&[]).await.unwrap();
    assert_eq!(outcome.scripts_skipped, ["font (pre-unlink)"]);
    assert!(!world.folder.path().join("envs/unlinked").exists());
}

#[tokio::test]
async fn with_consent_they_run_in_the_activated_environment() {
    let mut world = World::new();
    world.scripts = Scripts::Run;
    let tool = Package::new("tool", "1")
        .program("bin/own-tool", "#!/bin/sh\n")
        .build();
    let outcome = world.hold(&[&tool, &with_scripts("1", GREETS)]).await.unwrap();
    assert_eq!(outcome.scripts_run, ["font (post-link)"]);
    assert_eq!(outcome.messages, ["restart your browser\n"]);
    assert!(!world.has(".messages.txt"));
    let tool_path = world.prefix.join("bin/own-tool");
    assert_eq!(
        world.read("linked"),
        format!("font 1 0\n{}\n", tool_path.display())
    );
    let outcome = world.hold(&[&tool]).await.unwrap();
    assert_eq!(outcome.scripts_run, ["font (pre-unlink)"]);
    assert!(world.folder.path().join("envs/unlinked").exists());
    world.assert_tidy();
}

#[tokio::test]
async fn a_script_that_fails_takes_the_change_back() {
    let mut world = World::new();
    world.scripts = Scripts::Run;
    world.hold(&[&with_scripts("1", "true")]).await.unwrap();
    let before = world.state();
    let breaks = with_scripts("2", "echo no fonts here >&2; exit 3");
    let failed = world.hold(&[&breaks]).await.unwrap_err();
    assert!(
        matches!(
            &failed,
            TransactionError::Script {
                script: "post-link",
                ..
            }
        ),
        "{failed:?}"
    );
    assert!(failed.explain().cause.unwrap().contains("no fonts here"));
    let mut after = world.state();
    // What the script that ran before unlinking has done elsewhere is its own.
    after.remove(Path::new("unlinked"));
    assert_eq!(after, before);
    let told = world.told.lock().unwrap().clone();
    assert!(
        told.iter()
            .any(|progress| matches!(progress, Progress::RollingBack { .. }))
    );
    world.assert_tidy();
}

#[tokio::test]
async fn a_script_before_unlinking_that_fails_stops_nothing() {
    let mut world = World::new();
    world.scripts = Scripts::Run;
    let stubborn = Package::new("font", "1")
        .file("bin/.font-pre-unlink.sh", "exit 1")
        .build();
    world.hold(&[&stubborn]).await.unwrap();
    let outcome = world.hold(&[]).await.unwrap();
    assert_eq!(outcome.problems.len(), 1);
    assert!(!world.has("bin"));
}

#[tokio::test]
async fn a_script_that_never_ends_is_ended_by_a_wish_to_stop() {
    let mut world = World::new();
    world.scripts = Scripts::Run;
    let endless = with_scripts("1", "touch \"$PREFIX/../running\"; exec sleep 1000");
    let running = world.folder.path().join("envs/running");
    let (wish, stop) = tokio::sync::oneshot::channel();
    let packages = [&endless];
    let waits = async {
        while !running.exists() {
            tokio::task::yield_now().await;
        }
        wish.send(()).unwrap();
    };
    let stop = async { stop.await.map_err(drop) };
    let work = world.hold_watched(&packages, std::sync::Arc::new(|_| {}), stop);
    let (ended, ()) = tokio::join!(work, waits);
    assert!(matches!(ended, Err(TransactionError::Cancelled)), "{ended:?}");
    assert!(!world.prefix.exists());
    world.assert_tidy();
}
