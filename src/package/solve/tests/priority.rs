//! Which build is taken: channels, versions, builds, features, the machine.

use super::universe::{Build, Universe, build, channel_of, held, unsolvable};
use crate::package::solve::{ChannelPriority, Machine};

fn two_channels() -> [(&'static str, Vec<Build>); 2] {
    [
        ("high", vec![build("lib 1.0", &[]), build("app 1.0", &["lib"])]),
        (
            "low",
            vec![
                build("lib 2.0", &[]),
                build("app 2.0", &["lib >=2"]),
                build("only 1.0", &[]),
            ],
        ),
    ]
}

fn universe(channels: &[(&'static str, Vec<Build>)]) -> Universe {
    let channels: Vec<_> = channels
        .iter()
        .map(|(name, builds)| (*name, builds.as_slice()))
        .collect();
    Universe::new(&channels)
}

#[test]
fn priorities_are_condas() {
    use ChannelPriority::{Disabled, Flexible, Strict};
    for (priority, wanted, expected) in [
        (Strict, "app", Some(vec!["app 1.0", "lib 1.0"])),
        (Flexible, "app", Some(vec!["app 1.0", "lib 1.0"])),
        (Disabled, "app", Some(vec!["app 2.0", "lib 2.0"])),
        // Only the later channel has it.
        (Strict, "only", Some(vec!["only 1.0"])),
        // The later channel has what the earlier one lacks.
        (Strict, "app=2", None),
        (Flexible, "app=2", Some(vec!["app 2.0", "lib 2.0"])),
        (Strict, "low::lib", Some(vec!["lib 2.0"])),
        (Flexible, "low::lib", Some(vec!["lib 2.0"])),
        (Disabled, "high::lib", Some(vec!["lib 1.0"])),
    ] {
        let solved = universe(&two_channels()).priority(priority).install(&[wanted]);
        match expected {
            Some(expected) => assert_eq!(held(&solved.unwrap()), expected, "{priority:?} {wanted}"),
            None => drop(unsolvable(solved)),
        }
    }
}

#[test]
fn channels_of_one_multichannel_have_one_priority() {
    let channels = [
        ("main", vec![build("lib 1.0", &[])]),
        ("r", vec![build("lib 2.0", &[])]),
        ("later", vec![build("lib 3.0", &[])]),
    ];
    for priority in [ChannelPriority::Strict, ChannelPriority::Flexible] {
        let solved = universe(&channels)
            .multichannel("defaults", &["main", "r"])
            .priority(priority)
            .install(&["lib"]);
        assert_eq!(held(&solved.unwrap()), ["lib 2.0"], "{priority:?}");
        let named = universe(&channels)
            .multichannel("defaults", &["main", "r"])
            .priority(ChannelPriority::Disabled)
            .install(&["defaults::lib"]);
        assert_eq!(held(&named.unwrap()), ["lib 2.0"], "{priority:?}");
    }
}

#[test]
fn the_best_build_is_taken() {
    for (builds, expected) in [
        // The version goes before the build number.
        (
            vec![build("a 1.0 h_5", &[]), build("a 1.1 h_0", &[])],
            "a 1.1 h_0",
        ),
        (
            vec![
                build("a 1.0 x_1", &[]),
                build("a 1.0 x_2", &[]),
                build("a 1.0 x_0", &[]),
            ],
            "a 1.0 x_2",
        ),
        (
            vec![
                build("a 1.0 x_1", &[]),
                build("a 1.0 y_1", &[]).built(1_700_000_000_000),
            ],
            "a 1.0 y_1",
        ),
        // What tracks a feature counts less, whatever its version.
        (
            vec![build("a 2.0 mkl_0", &[]).tracks("mkl"), build("a 1.0", &[])],
            "a 1.0",
        ),
        // Prefers what needs the newer dependency.
        (
            vec![
                build("a 1.0 old_0", &["b <2"]),
                build("a 1.0 new_0", &["b >=2"]),
                build("b 1.0", &[]),
                build("b 2.0", &[]),
            ],
            "a 1.0 new_0",
        ),
        (vec![build("a 1.0", &[]), build("a 1.1", &[]).noarch()], "a 1.1"),
        (
            vec![
                build("a 1.0rc1", &[]),
                build("a 1.0", &[]),
                build("a 1.0.post1", &[]),
            ],
            "a 1.0.post1",
        ),
    ] {
        let solved = Universe::new(&[("main", &builds)]).install(&["a"]).unwrap();
        assert!(
            held(&solved).iter().any(|held| held == expected),
            "{expected}: {:?}",
            held(&solved)
        );
    }
}

#[test]
fn specs_say_what_is_taken() {
    let builds = [
        build("a 1.0 py38_0", &[]),
        build("a 1.0 py39_0", &[]).built(1_700_000_000_000),
        build("a 1.5 py39_0", &[]),
        build("a 2.0 py39_3", &[]),
    ];
    let md5 = builds[1].json()["md5"].as_str().unwrap().to_owned();
    for (spec, expected) in [
        ("a", "a 2.0 py39_3"),
        ("a=1", "a 1.5 py39_0"),
        ("a=1.0", "a 1.0 py39_0"),
        ("a 1.0", "a 1.0 py39_0"),
        ("a<1.5", "a 1.0 py39_0"),
        ("a>=1,<2", "a 1.5 py39_0"),
        ("a=1.0=py38*", "a 1.0 py38_0"),
        ("a[version='1.*',build_number=0,build=py38_0]", "a 1.0 py38_0"),
        (&format!("a[md5={md5}]"), "a 1.0 py39_0"),
        ("main/linux-64::a=1", "a 1.5 py39_0"),
    ] {
        let solved = Universe::new(&[("main", &builds)]).install(&[spec]).unwrap();
        assert_eq!(held(&solved), [expected], "{spec}");
    }
    let universe = Universe::new(&[("main", &builds)]);
    let url = format!("{}/linux-64/a-1.0-py38_0.conda", universe.url("main"));
    assert_eq!(held(&universe.install(&[&url]).unwrap()), ["a 1.0 py38_0"]);
}

#[test]
fn the_machine_decides_along() {
    let builds = [
        build("a 1.0", &["__glibc >=2.17"]),
        build("a 2.0", &["__glibc >=2.34"]),
        build("gpu 1.0 cuda_0", &["__cuda"]),
        build("gpu 1.0 cpu_0", &[]),
        build("gpu 0.9 cuda_0", &["__cuda"]),
    ];
    let mut universe = Universe::new(&[("main", &builds)]);
    assert_eq!(
        held(&universe.install(&["a", "gpu"]).unwrap()),
        ["a 1.0", "gpu 1.0 cpu_0"]
    );
    universe.machine = Machine::with("linux-64", &[("__glibc", "2.39"), ("__cuda", "12.2")]);
    let solved = universe.install(&["a", "gpu=*=cuda*"]).unwrap();
    assert_eq!(held(&solved), ["a 2.0", "gpu 1.0 cuda_0"]);
}

#[test]
fn constraints_hold_for_what_is_there() {
    let builds = [
        build("a 1.0", &[]).constrains(&["b >=2"]),
        build("b 1.0", &[]),
        build("b 2.0", &[]),
        build("c 1.0", &["b <2"]),
    ];
    let universe = Universe::new(&[("main", &builds)]);
    assert_eq!(held(&universe.install(&["a"]).unwrap()), ["a 1.0"]);
    assert_eq!(held(&universe.install(&["a", "b"]).unwrap()), ["a 1.0", "b 2.0"]);
    unsolvable(universe.install(&["a", "c"]));
}

#[test]
fn python_brings_pip_where_a_channel_has_it() {
    let python = [
        build("python 3.12.1", &[]),
        build("pip 24.0", &["python"]).noarch(),
    ];
    let solved = Universe::new(&[("main", &python)]).install(&["python"]).unwrap();
    assert_eq!(held(&solved), ["pip 24.0", "python 3.12.1"]);
    let solved = Universe::new(&[("main", &python[..1])])
        .install(&["python"])
        .unwrap();
    assert_eq!(held(&solved), ["python 3.12.1"]);
    let mut universe = Universe::new(&[("main", &python)]);
    universe.rules.pip_comes_with_python = false;
    assert_eq!(held(&universe.install(&["python"]).unwrap()), ["python 3.12.1"]);
}

#[test]
fn what_was_published_too_late_does_not_count() {
    let builds = [
        build("a 1.0", &[]).built(1_600_000_000_000),
        build("a 2.0", &[]).built(1_700_000_000_000),
    ];
    let cutoff = jiff::Timestamp::from_millisecond(1_650_000_000_000).unwrap();
    let mut universe = Universe::new(&[("main", &builds)]);
    universe.rules.cutoffs.all = Some(cutoff);
    assert_eq!(held(&universe.install(&["a"]).unwrap()), ["a 1.0"]);
    let told = unsolvable(universe.install(&["a=2"]));
    assert!(told.problem().cause.unwrap().contains("exclude_newer"));
    let url = universe.url("main");
    universe.rules.cutoffs.channels.insert(url.clone(), None);
    assert_eq!(held(&universe.install(&["a"]).unwrap()), ["a 2.0"]);
    universe
        .rules
        .cutoffs
        .packages
        .insert("a".to_owned(), Some(cutoff));
    assert_eq!(held(&universe.install(&["a"]).unwrap()), ["a 1.0"]);
}

#[test]
fn a_channel_is_told_for_each_package() {
    let solved = universe(&two_channels()).install(&["app", "only"]).unwrap();
    assert_eq!(channel_of(&solved, "app"), "high");
    assert_eq!(channel_of(&solved, "only"), "low");
    let told: Vec<_> = solved
        .added
        .iter()
        .map(|record| (record.name.as_str(), record.channel.name.as_str()))
        .collect();
    assert_eq!(told, [("app", "high"), ("lib", "high"), ("only", "low")]);
}
