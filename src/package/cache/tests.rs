use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tar::EntryType;
use tempfile::TempDir;

use super::*;
use crate::error::{Explain, Kind};
use crate::package::fixture::{Answer, Built, Form, Package, Server, tree};
use crate::package::stop::Stop;

pub(in crate::package) fn hexadecimal_of(digest: &[u8]) -> String {
    super::hexadecimal(digest)
}

/// A machine with a cache and a server.
struct World {
    folder: TempDir,
    server: Server,
    cache: PackageCache,
    stop: Stop,
    told: Arc<Mutex<Vec<Told>>>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = PackageCache::new(folder.path().join("pkgs"), vec![folder.path().join("conda")]);
        Self {
            folder,
            server: Server::default(),
            cache,
            stop: Stop::default(),
            told: Arc::default(),
        }
    }

    async fn provide(&self, packages: &[&Built]) -> Result<Vec<Contents>, CacheError> {
        let needed = packages.iter().map(|built| Needed {
            record: built.record.clone(),
            is_unindexed: false,
        });
        let told = self.told.clone();
        let hear = move |word| told.lock().unwrap().push(word);
        provide(
            &self.cache,
            &self.server.transport(),
            needed.collect(),
            hear,
            &self.stop,
        )
        .await
    }

    /// Everything below the folder of the cache.
    fn kept(&self) -> Vec<String> {
        let kept = tree(&self.folder.path().join("pkgs"));
        kept.keys().map(|path| path.display().to_string()).collect()
    }

    /// Puts a package where conda would have unpacked it.
    async fn give_to_conda(&self, built: &Built) {
        let other = World::new();
        other.server.offers(built);
        let unpacked = other.provide(&[built]).await.unwrap().remove(0).folder;
        let place = self.folder.path().join("conda");
        fs::create_dir_all(&place).unwrap();
        fs::rename(unpacked, place.join(stem_of(&built.record))).unwrap();
    }
}

fn zlib(form: Form) -> Built {
    Package::new("zlib", "1.3")
        .form(form)
        .file("lib/libz.so.1", "binary")
        .link("lib/libz.so", "libz.so.1")
        .program("bin/minigzip", "#!/bin/sh\n")
        .folder("share/zlib")
        .build()
}

#[tokio::test]
async fn both_forms_come_in_whole_and_are_fetched_once() {
    for form in [Form::Conda, Form::TarBz2] {
        let world = World::new();
        let zlib = zlib(form);
        world.server.offers(&zlib);
        let contents = world.provide(&[&zlib]).await.unwrap().remove(0);
        assert_eq!(contents.record, zlib.record);
        assert_eq!(contents.paths.paths.len(), 4);
        let unpacked = tree(&contents.folder);
        let at = |path: &str| unpacked[Path::new(path)].clone();
        assert_eq!(at("lib/libz.so"), "-> libz.so.1");
        assert!(at("lib/libz.so.1").ends_with("binary"));
        if cfg!(unix) {
            assert!(at("bin/minigzip").starts_with("755"), "{form:?}");
        }
        assert!(at("share/zlib").starts_with("folder"));
        let told = world.told.lock().unwrap().clone();
        let size = zlib.bytes.len() as u64;
        let package = "zlib-1.3-0".to_owned();
        assert_eq!(
            told,
            [
                Told::Downloading {
                    bytes: size,
                    total: size,
                    package: package.clone()
                },
                Told::Unpacking {
                    done: 1,
                    total: 1,
                    package
                }
            ]
        );
        // A second time nobody is asked, and nothing of the way lies about.
        world.provide(&[&zlib]).await.unwrap();
        assert_eq!(world.server.requests(), 1);
        assert!(world.cache.holds(&zlib.record));
        assert!(world.kept().iter().all(|path| !path.contains(".fetching")));
    }
}

#[tokio::test]
async fn what_is_not_announced_is_refused_and_leaves_nothing() {
    let world = World::new();
    let zlib = zlib(Form::Conda);
    let other = Package::new("zlib", "1.3").file("lib/libz.so.1", "other").build();
    world.server.answers_with(&zlib, [Answer::Gives(other.bytes)]);
    let refused = world.provide(&[&zlib]).await.unwrap_err();
    assert!(matches!(&refused, CacheError::WrongContent { package, .. } if package == "zlib-1.3-0"));
    assert_eq!(refused.explain().kind, Kind::Conflict);
    assert!(world.kept().is_empty(), "{:?}", world.kept());

    // Where only the size is announced, a truncated file is told by it.
    let mut short = zlib.clone();
    short.record.package_record.sha256 = None;
    short.record.package_record.md5 = None;
    let half = short.bytes[..short.bytes.len() / 2].to_vec();
    world.server.answers_with(&short, [Answer::Gives(half.clone())]);
    let refused = world.provide(&[&short]).await.unwrap_err();
    assert!(matches!(refused, CacheError::WrongContent { .. }), "{refused:?}");

    // And where nothing is, by what it is.
    short.record.package_record.size = None;
    let refused = world.provide(&[&short]).await.unwrap_err();
    assert!(matches!(refused, CacheError::Damaged { .. }), "{refused:?}");
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[tokio::test]
async fn a_truncated_tar_is_damaged_wherever_it_ends() {
    let world = World::new();
    let whole = zlib(Form::TarBz2);
    for length in [10, whole.bytes.len() / 2, whole.bytes.len() - 4] {
        let mut short = whole.clone();
        let package = &mut short.record.package_record;
        (package.sha256, package.md5, package.size) = (None, None, None);
        world
            .server
            .answers_with(&short, [Answer::Gives(short.bytes[..length].to_vec())]);
        let refused = world.provide(&[&short]).await.unwrap_err();
        assert!(
            matches!(refused, CacheError::Damaged { .. }),
            "{length}: {refused:?}"
        );
    }
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[tokio::test]
async fn hostile_packages_are_named_and_leave_nothing() {
    type Make = fn(Package) -> Package;
    let makes: [(&str, Make); 14] = [
        ("a path upwards", |package| {
            package.smuggled("../evil", EntryType::Regular, "")
        }),
        ("a path up and down", |package| {
            package.smuggled("lib/../../evil", EntryType::Regular, "")
        }),
        ("a root", |package| {
            package.smuggled("/tmp/evil", EntryType::Regular, "")
        }),
        ("a folder upwards", |package| {
            package.smuggled("../folder", EntryType::Directory, "")
        }),
        ("a link upwards", |package| package.link("lib/evil", "../../etc")),
        ("a link to a root", |package| {
            package.link("lib/evil", "/etc/passwd")
        }),
        ("a smuggled link", |package| {
            package.smuggled("lib/evil", EntryType::Symlink, "/etc")
        }),
        ("a second name of a file outside", |package| {
            package.smuggled("lib/evil", EntryType::Link, "../../etc/passwd")
        }),
        ("a file behind its own link", |package| {
            package
                .link("lib/way", ".")
                .smuggled("lib/way/evil", EntryType::Regular, "")
        }),
        ("a device", |package| {
            package.smuggled("dev/evil", EntryType::Char, "")
        }),
        ("a listed path upwards", |package| {
            package.listed("../evil", "hardlink")
        }),
        ("a listed root", |package| {
            package.listed("/etc/passwd", "hardlink")
        }),
        ("conda's own record", |package| {
            package.file("conda-meta/other-1-0.json", "{}")
        }),
        ("conda's history", |package| {
            package.file("conda-meta/history", "")
        }),
    ];
    for form in [Form::Conda, Form::TarBz2] {
        for (what, make) in makes {
            let world = World::new();
            let evil = make(Package::new("evil", "1.0").form(form).file("lib/x", "x")).build();
            world.server.offers(&evil);
            let refused = world.provide(&[&evil]).await.unwrap_err();
            assert!(
                matches!(&refused, CacheError::Hostile { package, .. } if package.starts_with("evil-1.0-0")),
                "{what}, {form:?}: {refused:?}"
            );
            assert!(refused.to_string().contains("evil-1.0-0"));
            assert!(world.kept().is_empty(), "{what}, {form:?}: {:?}", world.kept());
            let beside = tree(world.folder.path());
            assert!(
                beside.keys().all(|path| !path.ends_with("evil")),
                "{what}: {beside:?}"
            );
        }
    }
}

#[tokio::test]
async fn names_of_an_index_do_not_lead_out_of_the_cache() {
    let world = World::new();
    let mut zlib = zlib(Form::Conda);
    let mut record = serde_json::to_value(&zlib.record).unwrap();
    record["name"] = serde_json::json!("../../evil");
    zlib.record = serde_json::from_value(record).unwrap();
    world.server.offers(&zlib);
    let refused = world.provide(&[&zlib]).await.unwrap_err();
    assert!(
        matches!(
            refused,
            CacheError::Hostile {
                what: Hostile::Name { .. },
                ..
            }
        ),
        "{refused:?}"
    );
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test]
async fn a_package_in_disguise_is_refused() {
    let world = World::new();
    let mut openssl = zlib(Form::Conda);
    openssl.record.package_record.name = "openssl".parse().unwrap();
    world.server.offers(&openssl);
    let refused = world.provide(&[&openssl]).await.unwrap_err();
    assert!(
        matches!(&refused, CacheError::Hostile { what: Hostile::Disguised { found }, .. } if found == "zlib-1.3-0"),
        "{refused:?}"
    );
    assert!(world.kept().is_empty());
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let world = World::new();
    let zlib = zlib(Form::Conda);
    let half = zlib.bytes[..zlib.bytes.len() / 2].to_vec();
    let breaks = Answer::BreaksAfter(half);
    world.server.answers_with(
        &zlib,
        [
            breaks.clone(),
            Answer::Status(503),
            Answer::Gives(zlib.bytes.clone()),
        ],
    );
    world.provide(&[&zlib]).await.unwrap();
    assert_eq!(world.server.requests(), 3);

    let world = World::new();
    world.server.answers_with(&zlib, [breaks]);
    let failed = world.provide(&[&zlib]).await.unwrap_err();
    assert!(matches!(failed, CacheError::BrokeOff { .. }), "{failed:?}");
    assert_eq!(failed.explain().kind, Kind::Network);
    assert_eq!(world.server.requests(), 3);
    assert!(world.kept().is_empty());

    // The network is gone: the courier says why, and asking again would not help.
    let world = World::new();
    world.server.answers_with(&zlib, [Answer::Nobody]);
    let failed = world.provide(&[&zlib]).await.unwrap_err();
    assert_eq!(failed.explain().kind, Kind::Network);
    assert!(failed.to_string().contains("there is no network"), "{failed:?}");
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test]
async fn refusals_of_the_server_say_what_to_do() {
    for (status, kind) in [(401, Kind::Auth), (403, Kind::Forbidden), (404, Kind::Conflict)] {
        let world = World::new();
        let zlib = zlib(Form::Conda);
        world.server.answers_with(&zlib, [Answer::Status(status)]);
        let refused = world.provide(&[&zlib]).await.unwrap_err().explain();
        assert_eq!(refused.kind, kind);
        assert!(refused.remedy.is_some() && refused.cause.unwrap().contains(&status.to_string()));
    }
}

#[tokio::test]
async fn a_wish_to_stop_ends_a_stalled_download_and_leaves_nothing() {
    let world = World::new();
    let zlib = zlib(Form::Conda);
    world
        .server
        .answers_with(&zlib, [Answer::StallsAfter(zlib.bytes[..20].to_vec())]);
    let stop = world.stop.clone();
    let wanted = [&zlib];
    let (ended, ()) = tokio::join!(world.provide(&wanted), async {
        while world.told.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.set();
    });
    assert!(matches!(ended, Err(CacheError::Cancelled)));
    assert!(world.kept().is_empty(), "{:?}", world.kept());
}

#[tokio::test]
async fn one_failure_ends_the_rest() {
    let world = World::new();
    let zlib = zlib(Form::Conda);
    let stalls = Package::new("stalls", "1").build();
    world.server.answers_with(&zlib, [Answer::Status(404)]);
    world
        .server
        .answers_with(&stalls, [Answer::StallsAfter(Vec::new())]);
    let failed = world.provide(&[&stalls, &zlib]).await.unwrap_err();
    assert!(
        matches!(failed, CacheError::Status { status: 404, .. }),
        "{failed:?}"
    );
    assert!(world.kept().is_empty());
}

#[tokio::test]
async fn what_conda_has_is_used_where_it_lies() {
    let world = World::new();
    let zlib = zlib(Form::Conda);
    world.give_to_conda(&zlib).await;
    let before = tree(&world.folder.path().join("conda"));
    let contents = world.provide(&[&zlib]).await.unwrap().remove(0);
    assert!(contents.folder.starts_with(world.folder.path().join("conda")));
    assert_eq!(world.server.requests(), 0);
    assert_eq!(tree(&world.folder.path().join("conda")), before);
    assert!(world.kept().is_empty());

    // Not where a file is missing or is not what it was; then it is fetched, and conda's stays as it is.
    let unpacked = world.folder.path().join("conda/zlib-1.3-0");
    fs::write(unpacked.join("lib/libz.so.1"), "another").unwrap();
    world.server.offers(&zlib);
    let contents = world.provide(&[&zlib]).await.unwrap().remove(0);
    assert!(contents.folder.starts_with(world.folder.path().join("pkgs")));
    assert_eq!(
        fs::read_to_string(unpacked.join("lib/libz.so.1")).unwrap(),
        "another"
    );
}

#[tokio::test]
async fn what_conda_has_of_another_file_is_not_used() {
    let world = World::new();
    let zlib = zlib(Form::Conda);
    // The same name, version and build from another channel.
    let other = Package::new("zlib", "1.3")
        .file("lib/libz.so.1", "foreign")
        .build();
    world.give_to_conda(&other).await;
    world.server.offers(&zlib);
    let contents = world.provide(&[&zlib]).await.unwrap().remove(0);
    assert!(contents.folder.starts_with(world.folder.path().join("pkgs")));
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test]
async fn archives_that_conda_has_kept_save_the_download() {
    let world = World::new();
    let zlib = zlib(Form::TarBz2);
    let conda = world.folder.path().join("conda");
    fs::create_dir_all(&conda).unwrap();
    fs::write(conda.join("zlib-1.3-0.tar.bz2"), &zlib.bytes).unwrap();
    world.provide(&[&zlib]).await.unwrap();
    assert_eq!(world.server.requests(), 0);

    // One of the right size and another content is not believed.
    let world = World::new();
    let conda = world.folder.path().join("conda");
    fs::create_dir_all(&conda).unwrap();
    fs::write(conda.join("zlib-1.3-0.tar.bz2"), vec![0; zlib.bytes.len()]).unwrap();
    world.server.offers(&zlib);
    world.provide(&[&zlib]).await.unwrap();
    assert_eq!(world.server.requests(), 1);
}

#[tokio::test]
async fn a_damaged_package_of_the_cache_is_fetched_anew() {
    let world = World::new();
    let zlib = zlib(Form::Conda);
    world.server.offers(&zlib);
    let folder = world.provide(&[&zlib]).await.unwrap().remove(0).folder;
    fs::remove_file(folder.join("lib/libz.so.1")).unwrap();
    let contents = world.provide(&[&zlib]).await.unwrap().remove(0);
    assert_eq!(
        fs::read_to_string(contents.folder.join("lib/libz.so.1")).unwrap(),
        "binary"
    );
    assert_eq!(world.server.requests(), 2);
}

#[tokio::test]
async fn two_sessions_at_once_do_not_hurt_one_another() {
    let world = World::new();
    let packages: Vec<Built> = (0..12)
        .map(|number| {
            Package::new(&format!("p{number}"), "1")
                .file("x", &number.to_string())
                .build()
        })
        .collect();
    for built in &packages {
        world.server.offers(built);
    }
    let all: Vec<&Built> = packages.iter().collect();
    let (one, other) = tokio::join!(world.provide(&all), world.provide(&all));
    assert_eq!((one.unwrap().len(), other.unwrap().len()), (12, 12));
    assert!(world.kept().iter().all(|path| !path.contains(".fetching")));
}

#[tokio::test]
async fn what_a_killed_session_left_is_swept_by_the_next() {
    let world = World::new();
    let fetching = world.folder.path().join("pkgs/.fetching");
    fs::create_dir_all(fetching.join("dead/x")).unwrap();
    fs::write(fetching.join("dead.lock"), "").unwrap();
    fs::create_dir_all(fetching.join("alone")).unwrap();
    let alive = crate::edit::lock::Lock::take(&fetching.join("alive.lock")).unwrap();
    fs::create_dir_all(fetching.join("alive")).unwrap();
    let zlib = zlib(Form::Conda);
    world.server.offers(&zlib);
    world.provide(&[&zlib]).await.unwrap();
    let left: Vec<String> = tree(&fetching)
        .keys()
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(left, ["alive", "alive.lock"]);
    drop(alive);
}

#[tokio::test]
async fn channels_of_this_machine_need_no_server() {
    let world = World::new();
    let mut zlib = zlib(Form::Conda);
    let path = world.folder.path().join("zlib-1.3-0.conda");
    fs::write(&path, &zlib.bytes).unwrap();
    zlib.record.url = url::Url::from_file_path(&path).unwrap();
    world.provide(&[&zlib]).await.unwrap();
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test]
async fn what_only_an_address_names_is_told_by_its_archive() {
    let world = World::new();
    let whole = Package::new("app", "1.0")
        .depends("zlib >=1.3")
        .file("x", "x")
        .build();
    world.server.offers(&whole);
    let mut bare = whole.clone();
    let package = &mut bare.record.package_record;
    package.depends = Vec::new();
    (package.sha256, package.md5, package.size) = (None, None, None);
    let needed = vec![Needed {
        record: bare.record,
        is_unindexed: true,
    }];
    let transport = world.server.transport();
    let provided = provide(&world.cache, &transport, needed, |_| {}, &world.stop);
    let contents = provided.await.unwrap().remove(0);
    assert_eq!(contents.record, whole.record);
}

#[cfg(unix)]
#[tokio::test]
async fn no_package_gives_more_rights_than_the_person_does() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let built = Package::new("rights", "1")
        .mode("bin/everybody", 0o4777)
        .mode("bin/nobody", 0o000)
        .build();
    world.server.offers(&built);
    let folder = world.provide(&[&built]).await.unwrap().remove(0).folder;
    let mode = |path: &str| fs::metadata(folder.join(path)).unwrap().permissions().mode() & 0o7777;
    let plain = {
        let path = world.folder.path().join("plain");
        fs::write(&path, "").unwrap();
        fs::metadata(&path).unwrap().permissions().mode() & 0o777
    };
    let umask = 0o666 & !plain;
    assert_eq!(mode("bin/everybody") & 0o4000, 0);
    assert_eq!(mode("bin/everybody") & umask, 0);
    assert_eq!(mode("bin/nobody") & 0o600, 0o600);
}
