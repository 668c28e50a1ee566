//! What becomes of what is there: installing, updating and removing in an environment.

use super::universe::{Build, Universe, build, held, texts};
use crate::package::solve::{Dependencies, Goal, GoesAlong, Latitude, Note, SolveError};

fn channel() -> Vec<Build> {
    vec![
        build("python 3.10.1", &[]),
        build("python 3.11.1", &[]),
        build("python 3.11.9", &[]),
        build("python 3.12.2", &[]),
        build("lib 1.0", &[]),
        build("lib 1.1", &[]),
        build("lib 2.0", &[]),
        build("app 1.0", &["lib >=1,<2", "python"]),
        build("app 1.1", &["lib >=1.1,<2", "python"]),
        build("app 2.0", &["lib >=2", "python"]),
        build("tool 1.0", &["lib"]),
        build("tool 2.0", &["lib"]),
        build("extra 1.0", &["lib <2"]),
        build("fresh 1.0", &["lib >=2"]),
        build("py-new 1.0", &["python >=3.12"]),
        build("openssl 1.1", &[]),
        build("openssl 3.0", &[]),
    ]
}

/// An environment with python 3.11.1, lib 1.0, app 1.0 and tool 1.0.
fn environment() -> Universe {
    let there = [
        build("python 3.11.1", &[]),
        build("lib 1.0", &[]),
        build("app 1.0", &["lib >=1,<2", "python"]),
        build("tool 1.0", &["lib"]),
    ];
    Universe::new(&[("main", &channel())])
        .installed("main", &there)
        .requested(&["python", "app", "tool"])
}

#[test]
fn an_install_leaves_the_rest_as_it_is() {
    let solved = environment().install(&["extra"]).unwrap();
    assert_eq!(
        held(&solved),
        ["app 1.0", "extra 1.0", "lib 1.0", "python 3.11.1", "tool 1.0"]
    );
    assert_eq!(solved.added.len(), 1);
    assert!(solved.changed.is_empty() && solved.removed.is_empty() && solved.notes.is_empty());
    assert_eq!(solved.solution.requested, ["app", "extra", "python", "tool"]);
    assert_eq!(solved.solution.history.update, ["extra"]);
}

#[test]
fn an_install_changes_what_is_in_its_way() {
    let solved = environment().install(&["fresh"]).unwrap();
    assert_eq!(
        held(&solved),
        ["app 2.0", "fresh 1.0", "lib 2.0", "python 3.11.1", "tool 1.0"]
    );
    let changed: Vec<_> = solved
        .changed
        .iter()
        .map(|(_, after)| after.name.as_str())
        .collect();
    assert_eq!(changed, ["app", "lib"]);
}

#[test]
fn an_installed_package_that_is_asked_for_again_is_free() {
    let solved = environment().install(&["tool"]).unwrap();
    assert_eq!(held(&solved), ["app 1.0", "lib 1.0", "python 3.11.1", "tool 2.0"]);
    let solved = environment().install(&["python=3.12"]).unwrap();
    assert!(held(&solved).contains(&"python 3.12.2".to_owned()));
    assert_eq!(solved.solution.requested, ["app", "python=3.12", "tool"]);
}

#[test]
fn an_update_takes_the_newest_that_goes() {
    // Nothing else has to move for it.
    let solved = environment().update(&["tool"]).unwrap();
    assert_eq!(held(&solved), ["app 1.0", "lib 1.0", "python 3.11.1", "tool 2.0"]);
    // What it needs moves along.
    let solved = environment().update(&["app"]).unwrap();
    assert_eq!(held(&solved), ["app 2.0", "lib 2.0", "python 3.11.1", "tool 1.0"]);
    // An earlier wish of another package holds it back.
    let solved = environment().requested(&["lib=1"]).update(&["app"]).unwrap();
    assert_eq!(held(&solved), ["app 1.1", "lib 1.1", "python 3.11.1", "tool 1.0"]);
    // An earlier wish for itself does not.
    let solved = environment().requested(&["tool=1"]).update(&["tool"]).unwrap();
    assert!(held(&solved).contains(&"tool 2.0".to_owned()));
    assert_eq!(solved.solution.requested, ["app", "python", "tool"]);
}

#[test]
fn an_update_makes_nothing_older() {
    let channel = [
        build("a 1.0", &[]),
        build("b 1.0", &["a"]),
        build("b 2.0", &["a <2"]),
    ];
    let there = [build("a 2.0", &[]), build("b 1.0", &["a"])];
    let solved = Universe::new(&[("main", &channel)])
        .installed("gone", &there)
        .update(&["b"])
        .unwrap();
    assert_eq!(held(&solved), ["a 2.0", "b 1.0"]);
}

#[test]
fn python_keeps_its_minor_version_unless_it_is_asked_for() {
    let solved = environment().update(&["python"]).unwrap();
    assert!(held(&solved).contains(&"python 3.12.2".to_owned()));
    let solved = environment().update_all().unwrap();
    assert_eq!(held(&solved), ["app 2.0", "lib 2.0", "python 3.11.9", "tool 2.0"]);
    let told = super::universe::unsolvable(environment().install(&["py-new"]));
    assert_eq!(told.headline, "py-new cannot be had while python 3.11 stays");
    assert_eq!(
        told.advice,
        ["it can be had with python 3.12: ask for python=3.12 too"]
    );
    let solved = environment().install(&["py-new", "python=3.12"]).unwrap();
    assert!(held(&solved).contains(&"python 3.12.2".to_owned()));
}

#[test]
fn pins_hold_for_everything() {
    let solved = environment().pin("lib <2").update_all().unwrap();
    assert_eq!(held(&solved), ["app 1.1", "lib 1.1", "python 3.11.9", "tool 2.0"]);
    // Without a version, the package stays as it is.
    let solved = environment().pin("lib").update_all().unwrap();
    assert_eq!(held(&solved), ["app 1.0", "lib 1.0", "python 3.11.9", "tool 2.0"]);
    // A pin of what is not there brings nothing.
    let solved = environment().pin("fresh 1.0").install(&["extra"]).unwrap();
    assert!(!held(&solved).contains(&"fresh 1.0".to_owned()));
    let told = super::universe::unsolvable(environment().pin("lib <2").install(&["fresh"]));
    assert_eq!(told.headline, "fresh cannot be had with the pin lib <2 in pinned");
    assert!(
        told.advice
            .contains(&"it can be had without the pin lib <2 in pinned".to_owned()),
        "{told:?}"
    );
}

#[test]
fn everything_is_updated_but_what_is_pinned() {
    let solved = environment().pin("tool 1.0").update_all().unwrap();
    assert_eq!(held(&solved), ["app 2.0", "lib 2.0", "python 3.11.9", "tool 1.0"]);
    // Earlier wishes with a version give way, and that is written down.
    let solved = environment().requested(&["lib=1.0"]).update_all().unwrap();
    assert_eq!(held(&solved), ["app 2.0", "lib 2.0", "python 3.11.9", "tool 2.0"]);
    assert_eq!(solved.solution.history.neutered, ["lib"]);
    assert_eq!(
        solved.notes,
        [Note::Loosened {
            was: "lib=1.0".to_owned(),
            now: "lib".to_owned()
        }]
    );
    assert!(solved.solution.history.update.is_empty());
}

#[test]
fn a_removal_takes_along_what_needs_it_and_what_nobody_needs() {
    let solved = environment().remove(&["lib"]).unwrap();
    assert_eq!(held(&solved), ["python 3.11.1"]);
    let along: Vec<_> = solved.removed.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(along, ["app", "lib", "tool"]);
    assert!(solved.notes.contains(&Note::GoesAlong {
        name: "app".to_owned(),
        why: GoesAlong::Needs("lib".to_owned())
    }));
    assert_eq!(solved.solution.requested, ["python"]);
    assert_eq!(solved.solution.history.remove, ["lib"]);

    // lib stays for tool; python was asked for.
    assert_eq!(
        held(&environment().remove(&["app"]).unwrap()),
        ["lib 1.0", "python 3.11.1", "tool 1.0"]
    );
    let solved = environment().remove(&["app", "tool"]).unwrap();
    assert_eq!(held(&solved), ["python 3.11.1"]);
    assert!(solved.notes.contains(&Note::GoesAlong {
        name: "lib".to_owned(),
        why: GoesAlong::Unneeded
    }));
    assert_eq!(
        held(&environment().remove(&["t*l"]).unwrap()),
        ["app 1.0", "lib 1.0", "python 3.11.1"]
    );
    assert_eq!(held(&environment().remove(&["tool=1.0"]).unwrap()).len(), 3);
    for spec in ["nothing", "tool=2", "x*"] {
        assert!(matches!(
            environment().remove(&[spec]),
            Err(SolveError::NotInstalled { names }) if names == [spec]
        ));
    }
}

#[test]
fn without_a_history_everything_counts_as_wanted() {
    let there = [build("lib 1.0", &[]), build("tool 1.0", &["lib"])];
    let universe = Universe::new(&[("main", &channel())]).installed("main", &there);
    assert_eq!(held(&universe.remove(&["tool"]).unwrap()), ["lib 1.0"]);
    let solved = universe.update_all().unwrap();
    assert_eq!(held(&solved), ["lib 2.0", "tool 2.0"]);
}

#[test]
fn removing_and_installing_go_together() {
    let goal = Goal {
        install: texts(&["fresh"]),
        remove: texts(&["app"]),
        ..Goal::default()
    };
    let solved = environment().solve(goal).unwrap();
    assert_eq!(
        held(&solved),
        ["fresh 1.0", "lib 2.0", "python 3.11.1", "tool 1.0"]
    );
    // What needs the removed package goes, also where it was asked for.
    let goal = Goal {
        install: texts(&["openssl"]),
        remove: texts(&["lib"]),
        ..Goal::default()
    };
    let solved = environment().solve(goal).unwrap();
    assert_eq!(held(&solved), ["openssl 3.0", "python 3.11.1"]);
}

#[test]
fn some_packages_are_updated_by_every_change() {
    let mut universe = environment().installed("main", &[build("openssl 1.1", &[])]);
    universe.rules.always_updated = texts(&["openssl", "certifi"]);
    let solved = universe.install(&["extra"]).unwrap();
    assert!(held(&solved).contains(&"openssl 3.0".to_owned()));
    assert!(held(&solved).contains(&"lib 1.0".to_owned()));
}

#[test]
fn what_is_not_there_cannot_be_updated() {
    assert!(matches!(
        environment().update(&["fresh"]),
        Err(SolveError::NotInstalled { names }) if names == ["fresh"]
    ));
    assert!(matches!(
        environment().update(&["app=2"]),
        Err(SolveError::UpdateWithVersion { text }) if text == "app=2"
    ));
}

#[test]
fn what_no_channel_has_any_more_stays() {
    let there = [build("own 1.0", &["lib <2"]), build("lib 1.0", &[])];
    let universe = Universe::new(&[("main", &channel())]).installed("elsewhere", &there);
    let solved = universe.install(&["tool"]).unwrap();
    assert_eq!(held(&solved), ["lib 1.0", "own 1.0", "tool 2.0"]);
    assert!(solved.changed.is_empty());
}

#[test]
fn the_same_build_is_no_change() {
    // Tokens and the way a channel is written are no difference.
    let mut universe = environment();
    let mut record = build("tool 2.0", &["lib"]).record(&universe.url("main"));
    record.url.set_query(Some("signature=secret"));
    universe = universe.installed("main", &[]);
    let mut request = universe.request(Goal {
        install: texts(&["tool"]),
        ..Goal::default()
    });
    let mut records = request.installed.records().to_vec();
    records.retain(|known| known.package_record.name.as_normalized() != "tool");
    records.push(record.clone());
    request.installed = crate::package::solve::Installed::of(records);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let solved = runtime
        .block_on(crate::package::solve::solve(request, universe.indexes(), |_| {}))
        .unwrap();
    assert!(solved.added.is_empty() && solved.changed.is_empty(), "{solved:?}");
    assert!(solved.solution.records().contains(&record));
}

#[test]
fn what_was_broken_before_is_left_as_it_was() {
    let there = [
        build("half 1.0", &["missing >=1"]),
        build("tool 1.0", &["lib"]),
        build("lib 1.0", &[]),
    ];
    let universe = Universe::new(&[("main", &channel())])
        .installed("main", &there)
        .requested(&["half", "tool"]);
    let solved = universe.install(&["extra"]).unwrap();
    assert_eq!(held(&solved), ["extra 1.0", "half 1.0", "lib 1.0", "tool 1.0"]);
    assert_eq!(
        solved.notes,
        [Note::Broken {
            name: "half".to_owned(),
            needs: "missing >=1".to_owned()
        }]
    );
    assert_eq!(
        held(&universe.remove(&["half"]).unwrap()),
        ["lib 1.0", "tool 1.0"]
    );
}

#[test]
fn conda_can_be_told_how_much_may_change() {
    let mut universe = environment();
    universe.rules.latitude = Latitude::Frozen;
    super::universe::unsolvable(universe.install(&["fresh"]));
    assert!(universe.install(&["extra"]).is_ok());
    universe.rules.latitude = Latitude::OnlyIfUnmet;
    assert!(universe.install(&["tool"]).unwrap().changed.is_empty());
    universe.rules.latitude = Latitude::WithDependencies;
    let solved = universe.install(&["extra"]).unwrap();
    assert!(
        held(&solved).contains(&"lib 1.1".to_owned()),
        "{:?}",
        held(&solved)
    );
    universe.rules.latitude = Latitude::AsNeeded;
    universe.rules.dependencies = Dependencies::Without;
    assert_eq!(
        held(&universe.install(&["fresh"]).unwrap()),
        ["app 1.0", "fresh 1.0", "lib 1.0", "python 3.11.1", "tool 1.0"]
    );
    universe.rules.dependencies = Dependencies::Only;
    assert_eq!(
        held(&universe.install(&["fresh"]).unwrap()),
        ["app 2.0", "lib 2.0", "python 3.11.1", "tool 1.0"]
    );
}

#[test]
fn conda_is_not_taken_away_from_where_it_runs() {
    let there = [
        build("python 3.11.1", &[]),
        build("conda 24.1", &["python", "requests"]),
        build("requests 2.0", &["python"]),
        build("toy 1.0", &["python"]),
    ];
    let channel = [
        build("conda 23.1", &["python"]),
        build("conda 24.1", &["python", "requests"]),
    ];
    let mut universe = Universe::new(&[("main", &channel)]).installed("main", &there);
    universe.rules.is_base = true;
    for name in ["conda", "requests", "python"] {
        assert!(
            matches!(universe.remove(&[name]), Err(SolveError::CondaNeeds { .. })),
            "{name}"
        );
    }
    assert!(universe.remove(&["toy"]).is_ok());
    universe.rules.is_base = false;
    assert!(universe.remove(&["conda"]).is_ok());
}

#[test]
fn what_is_disallowed_does_not_come() {
    let mut universe = environment();
    universe.rules.disallowed = texts(&["lib>=2"]);
    assert!(matches!(
        universe.install(&["fresh"]),
        Err(SolveError::Disallowed { rule, .. }) if rule == "lib>=2"
    ));
    assert!(universe.install(&["extra"]).is_ok());
}

#[test]
fn wishes_that_are_none_are_told() {
    assert!(matches!(
        environment().install(&["=1"]),
        Err(SolveError::BadSpec { .. })
    ));
    assert!(matches!(
        environment().install(&["other::lib"]),
        Err(SolveError::UnknownChannel { .. })
    ));
    assert!(matches!(
        Universe::new(&[]).install(&["lib"]),
        Err(SolveError::NoChannels)
    ));
    assert!(environment().install(&[]).unwrap().changed.is_empty());
}

#[test]
fn what_goes_along_is_told_from_what_was_named_outwards() {
    let environment = environment();
    let solved = environment.remove(&["python"]).unwrap();
    let why = |name: &str| {
        solved.notes.iter().find_map(|note| match note {
            Note::GoesAlong { name: gone, why } if gone == name => Some(why.clone()),
            _ => None,
        })
    };
    // app needs lib and python; it goes for python, and lib stays for tool.
    assert_eq!(why("app"), Some(GoesAlong::Needs("python".to_owned())));
    assert_eq!(why("lib"), None);
}
