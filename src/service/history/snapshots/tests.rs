use std::fs;

use super::*;
use crate::service::history::fixture::{Home, NAVIGATOR, block_on};

fn names(home: &Home, inside: &str) -> Vec<(String, bool, Contents)> {
    let snapshots = home.services.snapshots_of(&home.path(inside)).unwrap();
    snapshots
        .into_iter()
        .map(|snapshot| (snapshot.what, snapshot.is_present, snapshot.contents))
        .collect()
}

#[test]
fn every_version_is_there_once_newest_first() {
    let home = Home::new(&[(".condarc", "channels: [a]\n")]);
    home.noticed();
    let known = "as it was seen last".to_owned();
    assert_eq!(names(&home, ".condarc"), [(known, true, Contents::Good)]);
    home.write(".condarc", "channels: [a\n");
    home.noticed();
    home.write(".condarc", "channels: [c]\n");
    home.noticed();
    let found = names(&home, ".condarc");
    let changed = "~/.condarc was changed outside Sextant".to_owned();
    assert_eq!(found.len(), 3, "{found:#?}");
    assert_eq!(found[0], (changed.clone(), true, Contents::Good));
    assert!(matches!(&found[1], (what, false, Contents::Broken { .. }) if *what == changed));
    assert_eq!(found[2].0, format!("before \"{changed}\""));
    assert_eq!(found[2].2, Contents::Good);
}

#[test]
fn a_broken_file_has_a_last_good_version_which_comes_back() {
    let text = "# mine\nchannels:\n  - https://h/t/mine1/c\n";
    let home = Home::new(&[(".condarc", text)]);
    home.noticed();
    home.write(".condarc", "channels: [a\0\n");
    // Whether or not anybody has noticed yet.
    for _ in 0..2 {
        let good = home
            .services
            .last_good_snapshot(&home.path(".condarc"))
            .unwrap()
            .unwrap();
        let plan = home
            .services
            .plan_restore(&home.path(".condarc"), &good.id)
            .unwrap();
        assert!(!format!("{:?}", plan.diffs()).contains("mine1"));
        home.noticed();
    }
    let good = home
        .services
        .last_good_snapshot(&home.path(".condarc"))
        .unwrap()
        .unwrap();
    let plan = home
        .services
        .plan_restore(&home.path(".condarc"), &good.id)
        .unwrap();
    block_on(home.services.restore(&plan)).unwrap();
    assert_eq!(home.read(".condarc"), text);
    // And that is undone like anything else.
    let undo = home
        .services
        .plan_undo(None, &crate::service::merge::PutBack::KeepEdits)
        .unwrap();
    block_on(home.services.undo(&undo)).unwrap();
    assert_eq!(home.read(".condarc"), "channels: [a\0\n");
}

#[test]
fn navigators_file_comes_back_without_the_token_that_stood_in_it() {
    let text = "[main]\nanaconda_server_token = 'navtoken1'\noffline_mode = True\n";
    let home = Home::new(&[(NAVIGATOR, text)]);
    home.noticed();
    home.write(NAVIGATOR, "[main\n");
    home.noticed();
    let path = home.path(NAVIGATOR);
    let good = home.services.last_good_snapshot(&path).unwrap().unwrap();
    assert_eq!(good.contents, Contents::WithoutToken);
    let plan = home.services.plan_restore(&path, &good.id).unwrap();
    assert_eq!(plan.warnings.len(), 1);
    block_on(home.services.restore(&plan)).unwrap();
    assert_eq!(
        home.read(NAVIGATOR),
        "[main]\nanaconda_server_token = None\noffline_mode = True\n"
    );
}

#[test]
fn navigators_copies_are_offered_and_never_touched() {
    const MAIN: &str = ".anaconda/navigator/condarc_storage/.condarc_fad58de7366495db4650cfefac2fcd61";
    let home = Home::new(&[
        (".condarc", "channels: [now]\n"),
        (
            MAIN,
            "channels: [then]\nproxy_servers:\n  https: http://me:pw1@proxy:80\n",
        ),
        (".condarc_copy", "channels: [broken\n"),
    ]);
    let before = |inside| {
        (
            home.read(inside),
            fs::metadata(home.path(inside)).unwrap().modified().unwrap(),
        )
    };
    let untouched = (before(MAIN), before(".condarc_copy"));
    let copies = home.services.snapshots_of_navigator();
    let mut ids: Vec<&str> = copies.iter().map(|copy| copy.id.as_str()).collect();
    ids.sort();
    assert_eq!(ids, ["navigator:condarc_copy", "navigator:main"]);
    let main = copies.iter().find(|copy| copy.id == "navigator:main").unwrap();
    let shown = home.services.shown_snapshot(main).unwrap();
    assert!(!String::from_utf8(shown).unwrap().contains("pw1"));
    let path = home.path(".condarc");
    let plan = home.services.plan_restore(&path, "navigator:main").unwrap();
    assert_eq!(plan.kind, "import");
    block_on(home.services.restore(&plan)).unwrap();
    assert_eq!(home.read(".condarc"), home.read(MAIN));
    assert!(
        home.services
            .plan_restore(&path, "navigator:condarc_copy")
            .is_err()
    );
    assert!(home.services.plan_restore(&path, "navigator:nothing").is_err());
    let undo = home
        .services
        .plan_undo(None, &crate::service::merge::PutBack::KeepEdits)
        .unwrap();
    block_on(home.services.undo(&undo)).unwrap();
    assert_eq!(home.read(".condarc"), "channels: [now]\n");
    assert_eq!((before(MAIN), before(".condarc_copy")), untouched);
}
