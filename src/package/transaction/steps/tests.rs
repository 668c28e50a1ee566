use std::fs;

use super::*;

fn path(text: &str) -> PathBuf {
    PathBuf::from(text)
}

fn paths(texts: &[&str]) -> BTreeSet<PathBuf> {
    texts.iter().map(PathBuf::from).collect()
}

/// A prefix and a stage with these files.
fn laid(prefix: &[&str], stage: &[&str]) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("prefix"), folder.path().join("stage"));
    for (root, files) in [(&here, prefix), (&there, stage)] {
        for file in files {
            let place = root.join(file);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, format!("{file} in {}", root.display())).unwrap();
        }
    }
    fs::create_dir_all(here.join(META)).unwrap();
    (folder, here, there)
}

fn keep(text: &str) -> Step {
    Step::Keep {
        path: path(text),
        is_foreign: false,
    }
}

fn place(text: &str) -> Step {
    Step::Place { path: path(text) }
}

#[test]
fn what_is_not_there_yet_comes_as_whole_folders() {
    let (_folder, prefix, stage) = laid(&[], &["bin/a", "lib/p/x", "lib/p/y"]);
    let goal = Goal {
        placed: paths(&["bin/a", "lib/p/x", "lib/p/y"]),
        ..Goal::default()
    };
    assert_eq!(plan(&prefix, &stage, &goal), [place("bin"), place("lib")]);
}

#[test]
fn a_folder_goes_as_a_whole_only_when_all_of_it_goes() {
    let files = ["lib/p/x", "lib/p/sub/y", "lib/q/z", "lib/q/own"];
    let (_folder, prefix, stage) = laid(&files, &[]);
    let goal = Goal {
        removed: paths(&["lib/p/x", "lib/p/sub/y", "lib/q/z", "lib/gone-already"]),
        ..Goal::default()
    };
    assert_eq!(plan(&prefix, &stage, &goal), [keep("lib/q/z"), keep("lib/p")]);

    // Nor when a package that stays needs it.
    let goal = Goal {
        removed: paths(&["lib/p/x", "lib/p/sub/y"]),
        needed_folders: paths(&["lib/p/sub"]),
        ..Goal::default()
    };
    assert_eq!(
        plan(&prefix, &stage, &goal),
        [keep("lib/p/sub/y"), keep("lib/p/x")]
    );
}

#[test]
fn folders_above_go_along_and_the_prefix_stays() {
    let (_folder, prefix, stage) = laid(&["lib/a/b/c/x", "bin/y"], &[]);
    let goal = Goal {
        removed: paths(&["lib/a/b/c/x", "bin/y"]),
        ..Goal::default()
    };
    assert_eq!(plan(&prefix, &stage, &goal), [keep("lib"), keep("bin")]);
    fs::remove_dir(prefix.join(META)).unwrap();
    assert_eq!(plan(&prefix, &stage, &goal), [keep("lib"), keep("bin")]);
}

#[test]
fn an_empty_folder_that_a_package_brought_goes_with_it() {
    let (_folder, prefix, stage) = laid(&[], &[]);
    fs::create_dir_all(prefix.join("share/empty")).unwrap();
    fs::create_dir_all(prefix.join("share/other")).unwrap();
    let goal = Goal {
        removed: paths(&["share/empty"]),
        ..Goal::default()
    };
    assert_eq!(plan(&prefix, &stage, &goal), [keep("share/empty")]);
}

#[test]
fn what_is_replaced_goes_before_it_comes() {
    let files = ["lib/p/x", "bin/tool", "bin/other"];
    let (_folder, prefix, stage) = laid(&files, &files[..2]);
    let goal = Goal {
        removed: paths(&files[..2]),
        placed: paths(&files[..2]),
        ..Goal::default()
    };
    let steps = plan(&prefix, &stage, &goal);
    // `lib` holds nothing else, so that it is exchanged as a whole.
    assert_eq!(
        steps,
        [keep("bin/tool"), keep("lib"), place("bin/tool"), place("lib")]
    );
}

#[test]
fn files_of_nobody_that_are_in_the_way_are_told_apart() {
    let (_folder, prefix, stage) = laid(
        &["bin/tool", "lib/x/own", "etc"],
        &["bin/tool", "lib/x", "etc/conf"],
    );
    let goal = Goal {
        placed: paths(&["bin/tool", "lib/x", "etc/conf"]),
        ..Goal::default()
    };
    let foreign = |text: &str| Step::Keep {
        path: path(text),
        is_foreign: true,
    };
    let steps = plan(&prefix, &stage, &goal);
    assert_eq!(
        steps,
        [
            foreign("bin/tool"),
            place("bin/tool"),
            foreign("etc"),
            place("etc"),
            foreign("lib/x"),
            place("lib/x")
        ]
    );
    // One that says the same is no loss.
    fs::write(stage.join("bin/tool"), fs::read(prefix.join("bin/tool")).unwrap()).unwrap();
    assert_eq!(plan(&prefix, &stage, &goal)[0], keep("bin/tool"));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_is_gone_through_and_never_taken_for_one() {
    use std::os::unix::fs::symlink;
    let (_folder, prefix, stage) = laid(&["lib/x"], &["lib64/y"]);
    symlink("lib", prefix.join("lib64")).unwrap();
    let goal = Goal {
        removed: paths(&["lib64/x"]),
        placed: paths(&["lib64/y"]),
        ..Goal::default()
    };
    assert_eq!(plan(&prefix, &stage, &goal), [keep("lib64/x"), place("lib64/y")]);

    // What lies behind a link goes before the link.
    let goal = Goal {
        removed: paths(&["lib64", "lib64/x"]),
        ..Goal::default()
    };
    assert_eq!(plan(&prefix, &stage, &goal), [keep("lib64/x"), keep("lib64")]);
}

#[test]
fn the_history_is_never_missing() {
    let (_folder, prefix, stage) = laid(&["conda-meta/history"], &["conda-meta/history"]);
    let goal = Goal {
        replaced: paths(&["conda-meta/history"]),
        ..Goal::default()
    };
    let history = path("conda-meta/history");
    assert_eq!(
        plan(&prefix, &stage, &goal),
        [Step::Replace {
            path: history.clone()
        }]
    );
    fs::remove_file(prefix.join(&history)).unwrap();
    assert_eq!(plan(&prefix, &stage, &goal), [Step::Place { path: history }]);
}
