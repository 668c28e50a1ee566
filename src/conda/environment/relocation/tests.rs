use std::collections::BTreeMap;
use std::fs;

use serde_json::json;

use super::*;
use crate::conda::fixture::Machine;

fn record(paths: serde_json::Value) -> String {
    let files: Vec<_> = paths
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path["_path"].clone())
        .collect();
    let record = json!({
        "name": "a", "version": "1", "build": "0", "files": files,
        "paths_data": {"paths": paths, "paths_version": 1},
    });
    serde_json::to_string_pretty(&record).unwrap()
}

/// An environment at `envs/old` in which many files name the prefix in many ways.
fn machine() -> Machine {
    let machine = Machine::linux();
    let prefix = machine.path("envs/old").display().to_string();
    let placeholder = "p".repeat(200);
    let mut library = format!("\u{7f}ELF{prefix}/lib:{prefix}/x").into_bytes();
    library.extend(vec![0; 1 + 2 * (placeholder.len() - prefix.len())]);
    library.extend(b"end");
    let machine = machine
        .file("envs/old/conda-meta/history", format!("# cmd: conda create -p {prefix}\n"))
        .file(
            "envs/old/conda-meta/a-1-0.json",
            record(json!([
                {"_path": "bin/tool", "path_type": "hardlink", "file_mode": "text", "prefix_placeholder": placeholder,
                 "sha256": "0", "sha256_in_prefix": "old"},
                {"_path": "lib/a.so", "path_type": "hardlink", "file_mode": "binary", "prefix_placeholder": placeholder,
                 "sha256_in_prefix": "old"},
                {"_path": "bin/entry", "path_type": "unix_python_entry_point"},
                {"_path": "share/doc", "path_type": "hardlink", "sha256_in_prefix": "same"},
                {"_path": "gone", "path_type": "hardlink", "file_mode": "text", "prefix_placeholder": placeholder},
            ])),
        )
        .file("envs/old/conda-meta/old-1-0.json", r#"{"name": "old", "files": ["bin/ancient"]}"#)
        .file("envs/old/bin/tool", format!("#!{prefix}/bin/python\n"))
        .file("envs/old/bin/entry", format!("#!{prefix}/bin/python\n"))
        .file("envs/old/bin/ancient", format!("#!{prefix}/bin/sh\n"))
        .file("envs/old/lib/a.so", library)
        .file("envs/old/share/doc", format!("built in {prefix}, which is how it came\n"))
        .file("envs/old/bin/of-pip", format!("#!{prefix}/bin/python\n"))
        .file("envs/old/lib/unknown.bin", [b"\xff".as_slice(), prefix.as_bytes()].concat())
        .file("envs/old/lib/__pycache__/x.cpython-312.pyc", format!("{prefix}\n"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(format!("{prefix}/bin/tool"), machine.path("envs/old/bin/link")).unwrap();
        std::os::unix::fs::symlink("tool", machine.path("envs/old/bin/near")).unwrap();
    }
    machine
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                folders.push(path);
            } else if metadata.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                found.insert(name, format!("-> {}", target.display()).into_bytes());
            } else {
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn changed(machine: &Machine, new: &str) -> Vec<String> {
    let relocation = Relocation::new(&machine.path("envs/old"), &machine.path(new));
    let mut changed = Vec::new();
    relocation
        .each(&|| true, &mut |inside, _| {
            changed.push(inside.to_owned());
            Ok(())
        })
        .unwrap();
    changed.sort();
    changed
}

#[test]
fn the_files_that_name_the_prefix_are_found_and_no_others() {
    let machine = machine();
    let mut expected = vec!["bin/ancient", "bin/entry", "bin/of-pip", "bin/tool", "lib/a.so"];
    if cfg!(unix) {
        expected.insert(2, "bin/link");
    }
    assert_eq!(changed(&machine, "envs/new-and-longer"), expected);
}

#[test]
fn an_exchange_is_whole_and_can_be_put_back() {
    let machine = machine();
    let (old, new) = (machine.path("envs/old"), machine.path("envs/new-and-longer"));
    let before = contents(&old);
    let staging = Staging::of(&old, "1");
    let count = staging.prepare(&Relocation::new(&old, &new), &|| true).unwrap();
    assert_eq!(count, if cfg!(unix) { 7 } else { 6 });
    staging.exchange(&|_| {}).unwrap();
    let text = |name: &str| fs::read_to_string(old.join(name)).unwrap();
    assert_eq!(text("bin/tool"), format!("#!{}/bin/python\n", new.display()));
    let library = fs::read(old.join("lib/a.so")).unwrap();
    assert_eq!(library.len(), before["lib/a.so"].len());
    assert!(library.starts_with(format!("\u{7f}ELF{0}/lib:{0}/x\0", new.display()).as_bytes()));
    assert!(library.ends_with(b"\0end"));
    let record: serde_json::Value = serde_json::from_str(&text("conda-meta/a-1-0.json")).unwrap();
    let paths = &record["paths_data"]["paths"];
    let digest = |bytes: &[u8]| crate::edit::snapshot::digest(bytes);
    assert_eq!(paths[0]["sha256_in_prefix"], digest(text("bin/tool").as_bytes()));
    assert_eq!(paths[0]["sha256"], "0");
    assert_eq!(paths[1]["sha256_in_prefix"], digest(&library));
    assert_eq!(paths[3]["sha256_in_prefix"], "same");
    #[cfg(unix)]
    assert_eq!(fs::read_link(old.join("bin/link")).unwrap(), new.join("bin/tool"));

    staging.put_back().unwrap();
    assert_eq!(contents(&old), before);
    // Nothing is left to put back.
    staging.put_back().unwrap();
    assert_eq!(contents(&old), before);
}

#[test]
fn an_exchange_can_be_put_back_from_every_step() {
    let before = contents(&machine().path("envs/old")).len();
    for stop in 0.. {
        let machine = machine();
        let old = machine.path("envs/old");
        let original = contents(&old);
        assert_eq!(original.len(), before);
        let staging = Staging::of(&old, "1");
        staging
            .prepare(&Relocation::new(&old, &machine.path("envs/other")), &|| true)
            .unwrap();
        let step = std::sync::atomic::AtomicUsize::new(0);
        let crashed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            staging.exchange(&|_| {
                if step.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == stop {
                    std::panic::resume_unwind(Box::new("crash"));
                }
            })
        }));
        staging.put_back().unwrap();
        assert_eq!(contents(&old), original, "stopped at step {stop}");
        if crashed.is_ok() {
            assert!(stop > 10);
            break;
        }
    }
}

#[test]
fn a_path_that_is_too_long_is_refused_before_anything_changes() {
    let machine = machine();
    let old = machine.path("envs/old");
    let before = contents(&old);
    let staging = Staging::of(&old, "1");
    let long = machine.path(&format!("envs/{}", "x".repeat(220)));
    let refused = staging
        .prepare(&Relocation::new(&old, &long), &|| true)
        .unwrap_err();
    assert!(
        matches!(&refused, EnvironmentError::PrefixTooLong { path, .. } if path.ends_with("lib/a.so")),
        "{refused}"
    );
    staging.put_back().unwrap();
    assert_eq!(contents(&old), before);
    let stopped = staging.prepare(&Relocation::new(&old, &machine.path("envs/b")), &|| false);
    assert!(matches!(stopped, Err(EnvironmentError::Cancelled)));
}

#[cfg(unix)]
#[test]
fn a_hard_link_to_the_package_cache_is_not_written_through() {
    let machine = machine();
    let old = machine.path("envs/old");
    let cached = machine.path("tool-in-cache");
    fs::hard_link(old.join("bin/tool"), &cached).unwrap();
    let before = fs::read(&cached).unwrap();
    let staging = Staging::of(&old, "1");
    staging
        .prepare(&Relocation::new(&old, &machine.path("envs/other")), &|| true)
        .unwrap();
    staging.exchange(&|_| {}).unwrap();
    assert_ne!(fs::read(old.join("bin/tool")).unwrap(), before);
    assert_eq!(fs::read(&cached).unwrap(), before);
}
