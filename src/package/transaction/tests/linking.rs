//! What an environment is after a change.

use std::fs;

use super::super::*;
use super::world::World;
use super::{app, library, python};
use crate::package::fixture::{Package, tree};

#[tokio::test]
async fn a_new_environment_holds_what_it_shall() {
    let world = World::new();
    let (python, app, library) = (python("3.12.4"), app("1.0"), library("1.3"));
    let outcome = world.hold(&[&python, &app, &library]).await.unwrap();
    assert_eq!(outcome.linked, ["app-1.0-0", "python-3.12.4-0", "zlib-1.3-0"]);
    assert!(outcome.gone.is_empty() && outcome.set_aside.is_empty() && outcome.problems.is_empty());

    let site = "lib/python3.12/site-packages";
    assert_eq!(world.read(&format!("{site}/app/__init__.py")), "version = '1.0'");
    assert_eq!(world.read("bin/app-raw"), "raw");
    let command = world.read("bin/app");
    let python = world.prefix.join("bin/python3.12");
    assert!(command.contains(&python.display().to_string()), "{command}");
    assert!(command.contains("from app import main"), "{command}");
    let config = world.read("bin/zlib-config");
    assert!(
        config.starts_with(&format!("#!{}/bin/python", world.prefix.display())),
        "{config}"
    );
    assert!(world.has("share/zlib"));
    if cfg!(unix) {
        assert_eq!(tree(&world.prefix)[Path::new("lib/libz.so")], "-> libz.so.1.3");
        assert!(tree(&world.prefix)[Path::new("bin/app")].starts_with("755"));
    }
    assert_eq!(
        world.read("conda-meta/history"),
        "==> app-1.0 python-3.12.4 zlib-1.3 <==\n"
    );
    let list = fs::read_to_string(world.folder.path().join("environments.txt")).unwrap();
    assert_eq!(list, format!("{}\n", world.prefix.display()));
    world.assert_tidy();
}

#[tokio::test]
async fn records_say_what_conda_wants_to_know() {
    let world = World::new();
    world
        .hold(&[&python("3.12.4"), &app("1.0"), &library("1.3")])
        .await
        .unwrap();
    let record = world.record("zlib-1.3-0");
    assert_eq!(record["fn"], "zlib-1.3-0.conda");
    assert_eq!(record["channel"], "https://packages.test/main");
    assert_eq!(record["requested_specs"], serde_json::json!(["zlib"]));
    assert_eq!(record["requested_spec"], "zlib");
    assert_eq!(record["link"]["type"], 1);
    let files: Vec<&str> = record["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|file| file.as_str())
        .collect();
    // A folder is no file: conda would take it for one.
    assert_eq!(files, ["bin/zlib-config", "lib/libz.so", "lib/libz.so.1.3"]);
    let paths = record["paths_data"]["paths"].as_array().unwrap();
    let path = |name: &str| paths.iter().find(|path| path["_path"] == name).unwrap();
    assert_eq!(path("share/zlib")["path_type"], "directory");
    assert_eq!(path("lib/libz.so")["path_type"], "softlink");
    let config = path("bin/zlib-config");
    assert_eq!(config["file_mode"], "text");
    assert_ne!(config["sha256"], config["sha256_in_prefix"]);
    let content = fs::read(world.prefix.join("bin/zlib-config")).unwrap();
    let digest = rattler_digest::compute_bytes_digest::<rattler_digest::Sha256>(&content);
    let digest = crate::package::cache::tests::hexadecimal_of(&digest);
    assert_eq!(config["sha256_in_prefix"], digest);
    assert_eq!(config["size_in_bytes"], content.len());

    let record = world.record("app-1.0-0");
    let paths = record["paths_data"]["paths"].as_array().unwrap();
    let command = paths.iter().find(|path| path["_path"] == "bin/app").unwrap();
    assert_eq!(command["path_type"], "unix_python_entry_point");
    let package = Path::new(record["extracted_package_dir"].as_str().unwrap());
    assert!(package.join("info/repodata_record.json").is_file());
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_second_names_of_those_in_the_cache() {
    use std::os::unix::fs::MetadataExt;
    let world = World::new();
    world.hold(&[&library("1.3")]).await.unwrap();
    let links = |path: &str| fs::metadata(world.prefix.join(path)).unwrap().nlink();
    assert_eq!(links("lib/libz.so.1.3"), 2);
    assert_eq!(links("bin/zlib-config"), 1);
}

#[tokio::test]
async fn an_update_exchanges_files_and_leaves_the_rest_alone() {
    let world = World::new();
    let python = python("3.12.4");
    world
        .hold(&[&python, &app("1.0"), &library("1.3")])
        .await
        .unwrap();
    let site = "lib/python3.12/site-packages";
    world.write(
        &format!("{site}/app/__pycache__/__init__.cpython-312.pyc"),
        "compiled",
    );
    world.write(
        &format!("{site}/app/__pycache__/own.cpython-312.pyc"),
        "of the person's own module",
    );
    world.write("notes.txt", "mine");
    let kept = world.read("conda-meta/python-3.12.4-0.json");

    let outcome = world
        .hold(&[&python, &app("2.0"), &library("1.3")])
        .await
        .unwrap();
    assert_eq!(
        (outcome.gone, outcome.linked),
        (vec!["app-1.0-0".to_owned()], vec!["app-2.0-0".to_owned()])
    );
    assert_eq!(world.read(&format!("{site}/app/__init__.py")), "version = '2.0'");
    assert!(world.has(&format!("{site}/app/only_in_2_0.py")));
    assert!(!world.has(&format!("{site}/app/only_in_1_0.py")));
    assert!(!world.has(&format!("{site}/app/__pycache__/__init__.cpython-312.pyc")));
    assert!(world.has(&format!("{site}/app/__pycache__/own.cpython-312.pyc")));
    assert!(!world.has("conda-meta/app-1.0-0.json"));
    assert_eq!(world.read("conda-meta/python-3.12.4-0.json"), kept);
    assert_eq!(world.read("notes.txt"), "mine");
    assert_eq!(
        world.read("conda-meta/history"),
        "==> app-1.0 python-3.12.4 zlib-1.3 <==\n==> app-2.0 python-3.12.4 zlib-1.3 <==\n"
    );
    world.assert_tidy();
}

#[tokio::test]
async fn removing_takes_empty_folders_along() {
    let world = World::new();
    let python = python("3.12.4");
    world
        .hold(&[&python, &app("1.0"), &library("1.3")])
        .await
        .unwrap();
    world.write(
        "lib/python3.12/site-packages/app/__pycache__/__init__.cpython-312.pyc",
        "compiled",
    );
    world.hold(&[&python]).await.unwrap();
    for gone in [
        "lib/python3.12/site-packages",
        "share",
        "bin/app",
        "bin/app-raw",
        "lib/libz.so",
    ] {
        assert!(!world.has(gone), "{gone}");
    }
    assert!(world.has("bin/python3.12") && world.has("lib/python3.12/os.py"));

    // Everything goes: an environment without packages is left.
    world.hold(&[]).await.unwrap();
    let left: Vec<String> = tree(&world.prefix)
        .keys()
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(left, ["conda-meta", "conda-meta/history"]);
    world.assert_tidy();
}

#[tokio::test]
async fn another_python_takes_its_packages_along() {
    let world = World::new();
    let app = app("1.0");
    world.hold(&[&python("3.12.4"), &app]).await.unwrap();
    world.hold(&[&python("3.12.5"), &app]).await.unwrap();
    let outcome = world.hold(&[&python("3.13.0"), &app]).await.unwrap();
    assert_eq!(outcome.linked, ["app-1.0-0", "python-3.13.0-0"]);
    assert!(world.has("lib/python3.13/site-packages/app/__init__.py"));
    assert!(!world.has("lib/python3.12"));
    assert!(world.read("bin/app").contains("bin/python3.13"));
    world.assert_tidy();
}

#[tokio::test]
async fn nothing_to_do_touches_nothing() {
    let world = World::new();
    let library = library("1.3");
    world.hold(&[&library]).await.unwrap();
    let before = world.state();
    let outcome = world.hold(&[&library]).await.unwrap();
    assert_eq!(outcome, Outcome::default());
    assert_eq!(world.state(), before);
}

#[tokio::test]
async fn an_environment_without_packages_can_be_made() {
    let world = World::new();
    world.hold(&[]).await.unwrap();
    assert_eq!(world.read("conda-meta/history"), "==>  <==\n");
    world.assert_tidy();
}

#[tokio::test]
async fn files_of_nobody_that_are_in_the_way_are_given_back() {
    let world = World::new();
    world.hold(&[&python("3.12.4")]).await.unwrap();
    world.write("bin/zlib-config", "mine");
    world.write("lib/libz.so.1.3", "binary");
    let outcome = world.hold(&[&python("3.12.4"), &library("1.3")]).await.unwrap();
    let aside = Path::new(".kept/20261124-101213-abcdef/bin/zlib-config");
    assert_eq!(outcome.set_aside, [aside]);
    assert_eq!(world.read(&aside.display().to_string()), "mine");
    assert!(world.read("bin/zlib-config").starts_with("#!"));
    world.assert_tidy();
}

#[tokio::test]
async fn a_package_for_every_python_needs_one() {
    let world = World::new();
    let failed = world.hold(&[&app("1.0")]).await.unwrap_err();
    assert!(matches!(&failed, TransactionError::NoPython { package } if package == "app-1.0-0"));
    assert!(!world.prefix.exists());
    world.assert_tidy();
}

#[tokio::test]
async fn progress_is_told_in_order() {
    let world = World::new();
    let python = python("3.12.4");
    world.hold(&[&python, &app("1.0")]).await.unwrap();
    world.told.lock().unwrap().clear();
    world.hold(&[&python, &app("2.0")]).await.unwrap();
    let told = world.told.lock().unwrap().clone();
    let package = "app-2.0-0".to_owned();
    assert!(matches!(&told[0], Progress::Downloading { bytes, total, .. } if bytes == total));
    assert_eq!(
        told[1..],
        [
            Progress::Unpacking {
                done: 1,
                total: 1,
                package: package.clone()
            },
            Progress::Linking {
                done: 1,
                total: 1,
                package
            },
            Progress::Unlinking {
                done: 1,
                total: 1,
                package: "app-1.0-0".to_owned()
            }
        ]
    );
}

#[tokio::test]
async fn what_an_address_alone_named_is_recorded_as_its_archive_says() {
    let world = World::new();
    let whole = Package::new("tool", "1.0")
        .depends("libc")
        .file("bin/tool", "x")
        .build();
    world.server.offers(&whole);
    let mut bare = whole.record.clone();
    let package = &mut bare.package_record;
    package.depends = Vec::new();
    (package.sha256, package.md5, package.size) = (None, None, None);
    let mut request = world.request(&[], std::sync::Arc::new(|_| {}));
    let address = bare.url.clone();
    request.solution = Solution::new(
        world.prefix.clone(),
        crate::package::fixture::platform(),
        vec![bare],
    )
    .read_off_addresses([address].into());
    let stop = std::future::pending::<Result<(), ()>>();
    apply(request, |_| {}, stop).await.unwrap();
    let record = world.record("tool-1.0-0");
    assert_eq!(record["depends"], serde_json::json!(["libc"]));
    assert_eq!(record["size"], whole.bytes.len());
    assert!(record["sha256"].is_string());
}

/// The cache on another file system: nothing can be linked, everything is copied.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_cache_on_another_device_is_copied_from() {
    use std::os::unix::fs::MetadataExt;
    let mut world = World::new();
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("skipped: there is no /dev/shm");
        return;
    };
    if fs::metadata(other.path()).unwrap().dev() == fs::metadata(world.folder.path()).unwrap().dev() {
        eprintln!("skipped: /dev/shm is no other device");
        return;
    }
    world.cache = other.path().join("pkgs");
    world
        .hold(&[&python("3.12.4"), &app("1.0"), &library("1.3")])
        .await
        .unwrap();
    let metadata = fs::metadata(world.prefix.join("lib/libz.so.1.3")).unwrap();
    assert_eq!(metadata.nlink(), 1);
    assert_eq!(metadata.mtime(), 1_700_000_000);
    assert_eq!(world.record("zlib-1.3-0")["link"]["type"], 3);
    world.hold(&[]).await.unwrap();
    world.assert_tidy();
}

/// conda links `lib64` and its like; other packages bring files behind them.
#[cfg(unix)]
#[tokio::test]
async fn files_behind_the_link_of_another_package_go_where_it_leads() {
    for together in [true, false] {
        let world = World::new();
        let base = Package::new("base-layout", "1")
            .file("lib/readme", "x")
            .link("lib64", "lib")
            .build();
        let tool = Package::new("tool", "1")
            .depends("base-layout")
            .file("lib64/tool.so", "tool")
            .build();
        if !together {
            world.hold(&[&base]).await.unwrap();
        }
        world.hold(&[&base, &tool]).await.unwrap();
        assert_eq!(world.read("lib/tool.so"), "tool");
        assert_eq!(tree(&world.prefix)[Path::new("lib64")], "-> lib");
        assert_eq!(
            world.record("tool-1-0")["files"],
            serde_json::json!(["lib64/tool.so"])
        );
        world.hold(&[&base]).await.unwrap();
        assert!(!world.has("lib/tool.so") && world.has("lib/readme"));
        world.hold(&[&base, &tool]).await.unwrap();
        world.hold(&[]).await.unwrap();
        assert!(!world.has("lib64") && !world.has("lib"));
        world.assert_tidy();
    }
}
