//! Packages by their addresses.

use super::universe::{Universe, build, held};
use crate::package::solve::{ExplicitRequest, Note, SolveError, Solved, explicit};

fn ask(universe: &Universe, addresses: &[String]) -> Result<Solved, SolveError> {
    let request = universe.request(Default::default());
    let request = ExplicitRequest {
        prefix: request.prefix,
        installed: request.installed,
        requested: request.requested,
        addresses: addresses.to_vec(),
        channels: request.channels,
        machine: request.machine,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(explicit(request, universe.indexes(), |_| {}))
}

fn universe() -> Universe {
    let builds = [
        build("a 1.0 h_0", &["b"]),
        build("a 2.0 h_0", &["b >=2"]),
        build("b 1.0", &[]).noarch(),
        build("b 2.0", &[]).noarch(),
    ];
    Universe::new(&[("main", &builds)])
}

#[test]
fn addresses_say_what_comes_and_the_rest_stays() {
    let universe = universe()
        .installed("main", &[build("a 1.0 h_0", &["b"]), build("keep 1.0", &[])])
        .requested(&["keep"]);
    let url = universe.url("main");
    let sum = build("a 2.0 h_0", &[]).json()["md5"].as_str().unwrap().to_owned();
    let solved = ask(
        &universe,
        &[
            format!("{url}/linux-64/a-2.0-h_0.conda#{sum}"),
            format!("{url}/noarch/b-2.0-0.conda"),
        ],
    )
    .unwrap();
    assert_eq!(held(&solved), ["a 2.0 h_0", "b 2.0", "keep 1.0"]);
    assert_eq!((solved.added.len(), solved.changed.len()), (1, 1));
    // The index tells what is needed.
    assert_eq!(solved.changed[0].1.depends, ["b >=2"]);
    assert_eq!(
        solved.solution.history.update,
        ["main/linux-64::a==2.0=h_0", "main/noarch::b==2.0=0"]
    );
    assert_eq!(
        solved.solution.requested,
        ["main/linux-64::a==2.0=h_0", "main/noarch::b==2.0=0", "keep"]
    );
    assert!(solved.notes.is_empty());
}

#[test]
fn what_is_needed_and_does_not_come_is_told() {
    let universe = universe();
    let url = universe.url("main");
    let solved = ask(
        &universe,
        &[
            format!("{url}/linux-64/a-2.0-h_0.conda"),
            format!("{url}/noarch/b-1.0-0.conda"),
        ],
    );
    assert_eq!(
        solved.unwrap().notes,
        [Note::Unmet {
            name: "a".to_owned(),
            needs: "b >=2".to_owned()
        }]
    );
}

#[test]
fn a_package_that_no_index_has_is_read_off_its_address() {
    let universe = universe();
    let sha = "ab".repeat(32);
    let address = format!("https://me:secret@h/t/secret/c/linux-64/own-1.5-py3_7.tar.bz2#sha256:{sha}");
    let solved = ask(&universe, &[address]).unwrap();
    assert_eq!(held(&solved), ["own 1.5 py3_7"]);
    let record = &solved.solution.records()[0];
    assert!(solved.solution.is_unindexed(record));
    assert_eq!(record.url.as_str(), "https://h/c/linux-64/own-1.5-py3_7.tar.bz2");
    assert_eq!(serde_json::to_value(record).unwrap()["sha256"], sha);
    assert_eq!(
        solved.solution.history.update,
        ["https://h/c/linux-64::own==1.5=py3_7"]
    );
}

#[test]
fn what_is_no_package_for_here_is_refused() {
    let universe = universe();
    let url = universe.url("main");
    for address in [
        "a".to_owned(),
        "https://h/c/linux-64".to_owned(),
        "https://h/c/a-1.0-h_0.conda".to_owned(),
        format!("{url}/linux-64/a-1.0-h_0.conda#0123"),
    ] {
        assert!(
            matches!(
                ask(&universe, std::slice::from_ref(&address)),
                Err(SolveError::BadSpec { .. })
            ),
            "{address}"
        );
    }
    let twice = [
        format!("{url}/linux-64/a-1.0-h_0.conda"),
        format!("{url}/linux-64/a-2.0-h_0.conda"),
    ];
    assert!(matches!(ask(&universe, &twice), Err(SolveError::BadSpec { .. })));
    let elsewhere = ask(&universe, &["https://h/c/osx-arm64/a-1.0-h_0.conda".to_owned()]);
    assert!(matches!(elsewhere, Err(SolveError::OtherPlatform { subdir, .. }) if subdir == "osx-arm64"));
    let other = format!("{url}/linux-64/a-1.0-h_0.conda#{}", "0".repeat(32));
    assert!(matches!(
        ask(&universe, &[other]),
        Err(SolveError::OtherSum { .. })
    ));
}
