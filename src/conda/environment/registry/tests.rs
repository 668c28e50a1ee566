use std::fs;

use proptest::prelude::*;

use super::*;
use crate::conda::fixture::Machine;

fn text(bytes: Option<Vec<u8>>) -> Option<String> {
    bytes.map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn a_prefix_is_written_down_once_in_its_plain_form() {
    let after = |before: Option<&str>, prefix: &str| text(with(before.map(str::as_bytes), Path::new(prefix)));
    assert_eq!(after(None, "/envs/a/").as_deref(), Some("/envs/a\n"));
    assert_eq!(after(None, "/envs//x/../a/.").as_deref(), Some("/envs/a\n"));
    assert_eq!(after(Some("/envs/a\n"), "/envs/a"), None);
    assert_eq!(after(Some("  /envs/a \r\n"), "/envs/a"), None);
    // A line without an end is not joined with the next one.
    assert_eq!(
        after(Some("/envs/b"), "/envs/a").as_deref(),
        Some("/envs/b\n/envs/a\n")
    );
    assert_eq!(
        after(Some("/envs/b\r\n"), "/envs/a").as_deref(),
        Some("/envs/b\r\n/envs/a\r\n")
    );
    assert_eq!(after(None, "/build/_h_env_placehold_placehold_pl"), None);
    assert_eq!(after(None, "/build/skeleton_1"), None);
    assert_eq!(after(None, "/envs/a\n/envs/b"), None);
}

#[test]
fn striking_out_leaves_the_lines_of_others() {
    let after = |before: &str, prefix: &str| text(without(Some(before.as_bytes()), Path::new(prefix)));
    assert_eq!(
        after("# mine\n\n/gone\n/envs/a\n/envs/ab\n", "/envs/a").as_deref(),
        Some("# mine\n\n/gone\n/envs/ab\n")
    );
    assert_eq!(after("/envs/a\n/envs/a\n/b", "/envs/a/").as_deref(), Some("/b"));
    assert_eq!(after("#/envs/a\n", "/envs/a"), None);
    assert_eq!(text(without(None, Path::new("/envs/a"))), None);
}

#[test]
fn conda_may_be_told_not_to_register() {
    let machine = Machine::linux();
    let prefix = machine.path("envs/a");
    let turn = machine.path("data/environments.lock");
    register(&machine.surroundings, &prefix, &turn).unwrap();
    register(&machine.surroundings, &prefix, &turn).unwrap();
    let file = path(&machine.surroundings);
    let line = format!("{}\n", prefix.display());
    assert_eq!(fs::read_to_string(&file).unwrap(), line);
    assert_eq!(
        read(&machine.surroundings).unwrap(),
        std::slice::from_ref(&prefix)
    );
    unregister(&machine.surroundings, &prefix, &turn).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "");

    let machine = machine.file("home/.condarc", "register_envs: false\n");
    register(&machine.surroundings, &prefix, &turn).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
}

proptest! {
    /// Whatever stands in the file: a prefix that is put in and taken out again leaves every other line.
    #[test]
    fn in_and_out_again(lines in prop::collection::vec("[ #a-z/é\u{0}]{0,12}", 0..8), ends in any::<bool>(), name in "[a-z]{1,8}") {
        let mut before = lines.join("\n");
        if ends && !before.is_empty() {
            before.push('\n');
        }
        let prefix = PathBuf::from(format!("/envs/{name}"));
        if let Some(put_in) = with(Some(before.as_bytes()), &prefix) {
            prop_assert!(prefixes(&put_in).contains(&prefix));
            prop_assert_eq!(with(Some(&put_in), &prefix), None);
            let out = without(Some(&put_in), &prefix).unwrap();
            let text = String::from_utf8(out).unwrap();
            prop_assert_eq!(text.trim_end_matches('\n'), before.trim_end_matches('\n'));
        } else {
            prop_assert!(prefixes(before.as_bytes()).contains(&prefix));
        }
    }

    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let prefix = Path::new("/envs/a");
        let _ = prefixes(&bytes);
        if let Some(put_in) = with(Some(&bytes), prefix) {
            prop_assert!(put_in.starts_with(&bytes));
        }
        if let Some(out) = without(Some(&bytes), prefix) {
            prop_assert!(out.len() < bytes.len());
        }
    }
}

#[test]
fn nobody_who_registers_at_the_same_time_loses_a_line() {
    let machine = Machine::linux();
    let turn = machine.path("data/environments.lock");
    let register_all = |who: usize| {
        for number in 0..20 {
            let prefix = machine.path(&format!("envs/{who}-{number}"));
            register(&machine.surroundings, &prefix, &turn).unwrap();
        }
    };
    std::thread::scope(|scope| {
        for who in 0..3 {
            scope.spawn(move || register_all(who));
        }
    });
    assert_eq!(read(&machine.surroundings).unwrap().len(), 60);
}
