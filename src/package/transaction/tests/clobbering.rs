//! Paths that several packages bring.

use super::super::*;
use super::world::World;
use crate::package::fixture::{Built, Package};

fn one() -> Built {
    Package::new("one", "1")
        .file("share/common", "of one")
        .file("share/one", "1")
        .build()
}

/// Needs `one`, so that its file wins.
fn other() -> Built {
    let package = Package::new("other", "1").depends("one");
    package
        .file("share/common", "of other")
        .file("share/other", "2")
        .build()
}

fn third() -> Built {
    Package::new("third", "1")
        .depends("other")
        .file("share/common", "of third")
        .build()
}

#[tokio::test]
async fn the_package_that_needs_the_other_wins_whichever_came_first() {
    let (one, other) = (one(), other());
    let together = World::new();
    let outcome = together.hold(&[&one, &other]).await.unwrap();
    let clobbered = Clobbered {
        path: "share/common".into(),
        winner: "other".to_owned(),
        others: vec!["one".to_owned()],
    };
    assert_eq!(outcome.clobbered, std::slice::from_ref(&clobbered));

    let first_one = World::new();
    first_one.hold(&[&one]).await.unwrap();
    assert_eq!(
        first_one.hold(&[&one, &other]).await.unwrap().clobbered,
        std::slice::from_ref(&clobbered)
    );

    let first_other = World::new();
    first_other.hold(&[&other]).await.unwrap();
    assert_eq!(
        first_other.hold(&[&one, &other]).await.unwrap().clobbered,
        [clobbered]
    );

    for world in [&together, &first_one, &first_other] {
        assert_eq!(world.read("share/common"), "of other");
        assert_eq!(world.read("__clobbers__/one/share/common"), "of one");
        let files = world.record("one-1-0")["files"].clone();
        let mut files: Vec<&str> = files
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|file| file.as_str())
            .collect();
        files.sort_unstable();
        assert_eq!(files, ["__clobbers__/one/share/common", "share/one"]);
        world.assert_tidy();
    }
}

#[tokio::test]
async fn the_file_of_the_other_comes_back_when_the_winner_goes() {
    let (one, other, third) = (one(), other(), third());
    let world = World::new();
    let outcome = world.hold(&[&one, &other, &third]).await.unwrap();
    assert_eq!(outcome.clobbered[0].others, ["one", "other"]);
    assert_eq!(world.read("share/common"), "of third");
    world.hold(&[&one, &other]).await.unwrap();
    assert_eq!(world.read("share/common"), "of other");
    assert_eq!(world.read("__clobbers__/one/share/common"), "of one");
    world.hold(&[&one]).await.unwrap();
    assert_eq!(world.read("share/common"), "of one");
    assert!(!world.has("__clobbers__"));
    let record = world.record("one-1-0");
    assert!(
        record["files"]
            .as_array()
            .unwrap()
            .contains(&serde_json::json!("share/common"))
    );
    assert!(
        record["paths_data"]["paths"]
            .as_array()
            .unwrap()
            .iter()
            .all(|path| path["original_path"].is_null())
    );
    world.hold(&[]).await.unwrap();
    assert!(!world.has("share"));
    world.assert_tidy();
}

#[tokio::test]
async fn removing_the_other_leaves_the_winner_alone() {
    let (one, other) = (one(), other());
    let world = World::new();
    world.hold(&[&one, &other]).await.unwrap();
    world.hold(&[&other]).await.unwrap();
    assert_eq!(world.read("share/common"), "of other");
    assert!(!world.has("__clobbers__") && !world.has("share/one"));
}

/// With conda both records name the path, and whoever came last has written it.
#[tokio::test]
async fn a_path_that_two_records_name_stays_when_one_of_them_goes() {
    let (one, other) = (one(), other());
    let world = World::new();
    world.hold(&[&one]).await.unwrap();
    let record = world.read("conda-meta/one-1-0.json");
    world.hold(&[&one, &other]).await.unwrap();
    world.write("conda-meta/one-1-0.json", &record);
    std::fs::remove_dir_all(world.prefix.join("__clobbers__")).unwrap();
    world.hold(&[&one]).await.unwrap();
    assert_eq!(world.read("share/common"), "of other");
}

#[tokio::test]
async fn a_file_and_a_folder_of_one_name_cannot_be_together() {
    let world = World::new();
    let file = Package::new("file", "1").file("etc", "x").build();
    let folder = Package::new("folder", "1").file("etc/conf", "x").build();
    let failed = world.hold(&[&file, &folder]).await.unwrap_err();
    assert!(
        matches!(&failed, TransactionError::Collision { path, .. } if path == Path::new("etc")),
        "{failed:?}"
    );
    assert!(!world.prefix.exists());
}
