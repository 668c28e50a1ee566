//! What is told where there is no solution.

use super::universe::{Universe, build, unsolvable};
use crate::error::{Explain, Kind};
use crate::package::solve::{ChannelPriority, SolveError};

fn lines(told: &crate::package::solve::Explanation) -> Vec<String> {
    fn write(reason: &crate::package::solve::Reason, depth: usize, into: &mut Vec<String>) {
        into.push(format!("{}{}", "  ".repeat(depth), reason.text));
        for reason in &reason.because {
            write(reason, depth + 1, into);
        }
    }
    let mut all = Vec::new();
    for reason in &told.reasons {
        write(reason, 0, &mut all);
    }
    all
}

#[test]
fn a_misspelt_name_is_told_with_those_that_come_close() {
    let told = unsolvable(Universe::new(&[("main", &[build("numpy 1.0", &[])])]).install(&["nmupy"]));
    assert_eq!(told.headline, "no channel that is searched has a package nmupy");
    assert_eq!(told.advice[0], "check the spelling of nmupy: there is numpy");
    let problem = SolveError::Unsolvable(Box::new(told)).explain();
    assert_eq!(problem.kind, Kind::Unsolvable);
}

#[test]
fn a_version_that_is_not_there_is_told_with_those_that_are() {
    let builds = [build("a 1.0", &[]), build("a 1.1", &[]), build("a 2.0", &[])];
    let told = unsolvable(Universe::new(&[("main", &builds)]).install(&["a=3"]));
    assert_eq!(told.headline, "a=3 cannot be had");
    assert_eq!(
        lines(&told),
        ["a=3, which was asked for no channel that is searched has that; the newest is 2.0 in main"]
    );
    assert_eq!(told.advice, ["a 2.0 can be had: ask for a alone"]);
}

#[test]
fn two_wishes_that_exclude_one_another_are_told_with_what_is_between_them() {
    let builds = [
        build("left 1.0", &["shared <2"]),
        build("left 1.1", &["shared <2"]),
        build("right 3.0", &["middle"]),
        build("middle 5.0", &["shared >=2"]),
        build("shared 1.0", &[]),
        build("shared 2.0", &[]),
    ];
    let told = unsolvable(Universe::new(&[("main", &builds)]).install(&["left", "right"]));
    assert_eq!(told.headline, "left and right cannot be had together");
    assert_eq!(
        lines(&told),
        [
            "left, which was asked for: left 1.0 and 1.1 need shared <2",
            "right, which was asked for: right 3.0 needs middle",
            "  middle 5.0 needs shared >=2",
        ]
    );
}

#[test]
fn what_the_machine_lacks_is_told() {
    let builds = [
        build("a 1.0", &["__glibc >=2.34"]),
        build("b 1.0", &["__cuda >=11"]),
    ];
    let universe = Universe::new(&[("main", &builds)]);
    let told = unsolvable(universe.install(&["a"]));
    assert_eq!(
        lines(&told),
        ["a, which was asked for: a 1.0 needs __glibc >=2.34; this machine has glibc 2.31"]
    );
    let told = unsolvable(universe.install(&["b"]));
    assert_eq!(
        lines(&told),
        ["b, which was asked for: b 1.0 needs __cuda >=11; this machine has no cuda"]
    );
}

#[test]
fn a_dependency_that_nobody_has_is_told() {
    let builds = [
        build("a 1.0", &["ghost >=1"]),
        build("b 1.0", &["c >=9"]),
        build("c 2.0", &[]),
    ];
    let universe = Universe::new(&[("main", &builds)]);
    let told = unsolvable(universe.install(&["a"]));
    assert_eq!(
        lines(&told),
        ["a, which was asked for: a 1.0 needs ghost >=1; no channel that is searched has ghost"]
    );
    let told = unsolvable(universe.install(&["b"]));
    assert_eq!(
        lines(&told),
        [
            "b, which was asked for: b 1.0 needs c >=9; no channel that is searched has that; the newest is 2.0 in main"
        ]
    );
}

#[test]
fn what_strict_priority_hides_is_told_with_its_channel() {
    let high = [build("lib 1.0", &[])];
    let low = [build("lib 2.0", &[]), build("app 1.0", &["lib >=2"])];
    let universe = Universe::new(&[("high", &high), ("low", &low)]).priority(ChannelPriority::Strict);
    let told = unsolvable(universe.install(&["app"]));
    assert_eq!(
        lines(&told),
        [
            "app, which was asked for: app 1.0 needs lib >=2",
            "  lib 2.0 is in low; under strict channel priority lib comes from high only",
        ]
    );
    assert_eq!(
        told.advice,
        [
            "under flexible channel priority it can be had, with app 1.0 from low: set channel_priority to flexible"
        ]
    );
}

#[test]
fn packages_made_for_other_pythons_are_told_in_one_line() {
    let mut builds = vec![
        build("python 3.11.1", &[]),
        build("python 3.9.1", &[]),
        build("python 3.8.1", &[]),
    ];
    for (minor, next) in [(8, 9), (9, 10)] {
        let needs = format!("python >=3.{minor},<3.{next}.0a0");
        builds.push(build(&format!("old 1.0 py3{minor}_0"), &[&needs]));
        builds.push(build(&format!("old 1.1 py3{minor}_0"), &[&needs]));
    }
    let universe = Universe::new(&[("main", &builds)])
        .installed("main", &builds[..1])
        .requested(&["python"]);
    let told = unsolvable(universe.install(&["old"]));
    assert_eq!(told.headline, "old cannot be had while python 3.11 stays");
    assert_eq!(
        lines(&told),
        [
            "old, which was asked for: old 1.0 and 1.1 are there for python 3.8 and 3.9 only",
            "python 3.11 stays, since another minor version was not asked for",
        ]
    );
    assert_eq!(
        told.advice,
        ["it can be had with python 3.9: ask for python=3.9 too"]
    );
}

#[test]
fn constraints_of_packages_are_told() {
    let builds = [
        build("a 1.0", &[]).constrains(&["b >=2"]),
        build("b 1.0", &[]),
        build("b 2.0", &[]),
    ];
    let told = unsolvable(Universe::new(&[("main", &builds)]).install(&["a", "b=1"]));
    assert_eq!(told.headline, "a and b=1 cannot be had together");
    assert_eq!(
        lines(&told),
        ["a, which was asked for: a 1.0 goes only with b >=2"]
    );
    assert_eq!(told.advice, ["b 2.0 can be had: ask for b alone"]);
}

#[test]
fn an_earlier_wish_that_is_in_the_way_is_told() {
    let builds = [
        build("lib 1.0", &[]),
        build("lib 2.0", &[]),
        build("app 1.0", &["lib >=2"]),
    ];
    let universe = Universe::new(&[("main", &builds)])
        .installed("main", &builds[..1])
        .requested(&["lib=1"]);
    let told = unsolvable(universe.install(&["app"]));
    assert_eq!(told.headline, "app and lib=1 cannot be had together");
    assert_eq!(told.advice, ["it can be had with lib 2.0: ask for lib=2.0 too"]);
}

#[test]
fn a_package_from_a_channel_that_has_it_not_is_told() {
    let universe = Universe::new(&[("one", &[build("a 1.0", &[])]), ("two", &[build("b 1.0", &[])])]);
    let told = unsolvable(universe.install(&["two::a"]));
    assert_eq!(told.headline, "two::a cannot be had");
    assert!(told.problem().cause.unwrap().contains("is in one"), "{told:?}");
}
