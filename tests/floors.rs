//! A module uses only what lies below it (ARCHITECTURE.md, "Floors").

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms and what each may use of the crate, beside itself.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let ground = vec![
        "credential",
        "edit",
        "error",
        "locations",
        "secret",
        "side_by_side",
    ];
    let and = |more: &[&'static str]| [ground.clone(), more.to_vec()].concat();
    BTreeMap::from([
        ("secret", vec![]),
        ("error", vec![]),
        ("side_by_side", vec![]),
        ("locations", vec!["error"]),
        ("edit", vec!["error", "locations", "secret"]),
        ("credential", vec!["edit", "error", "secret"]),
        ("repository", ground.clone()),
        ("clients", ground.clone()),
        ("conda", ground.clone()),
        ("navigator", ground.clone()),
        ("package", ground.clone()),
        ("practice", vec!["error", "secret"]),
        (
            "service",
            and(&["clients", "conda", "navigator", "package", "repository"]),
        ),
        ("ui", vec![]),
        (
            "screen",
            and(&["clients", "conda", "package", "repository", "service", "ui"]),
        ),
        (
            "cli",
            and(&["clients", "conda", "package", "practice", "repository", "service"]),
        ),
        (
            "app",
            and(&[
                "clients",
                "conda",
                "package",
                "practice",
                "repository",
                "screen",
                "service",
                "ui",
            ]),
        ),
    ])
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The room that a source file belongs to: the first part of its path under `src`.
fn room(file: &Path, root: &Path) -> String {
    let first = file.strip_prefix(root).unwrap().components().next().unwrap();
    let name = first.as_os_str().to_str().unwrap();
    name.trim_end_matches(".rs").to_owned()
}

/// Every room that a line of code names through `crate::`, grouped imports included.
fn named(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for part in text.split("crate::").skip(1) {
        let names: Vec<&str> = match part.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![part],
        };
        for name in names {
            let word: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            if !word.is_empty() {
                rooms.push(word);
            }
        }
    }
    rooms
}

/// The code of a file: comments left out, and what comes after the unit tests begin.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn nothing_points_up_or_sideways() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    let allowed = allowed();
    let mut wrong = Vec::new();
    for file in &files {
        let room = room(file, &root);
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let Some(allowed) = allowed.get(room.as_str()) else {
            wrong.push(format!("{}: the room {room} has no floor", file.display()));
            continue;
        };
        for used in named(&code(file)) {
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: {room} uses {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a line of code names a crate: `Noticed::` is not `iced::`.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let before = &code[..at];
        let after = &code[at + name.len()..];
        !before.ends_with(is_word)
            && (after.starts_with("::") || (before.ends_with("use ") && !after.starts_with(is_word)))
    })
}

#[test]
fn only_what_a_person_sees_knows_the_window_and_the_command_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let room = room(&file, &root);
        let code = code(&file);
        if names(&code, "iced") {
            assert!(
                matches!(room.as_str(), "app" | "screen" | "ui"),
                "{} knows iced",
                file.display()
            );
        }
        if names(&code, "clap") {
            assert_eq!(room, "cli", "{} knows clap", file.display());
        }
    }
}

#[test]
fn the_reader_of_imports_sees_every_form() {
    assert_eq!(named("use crate::edit::{a, b};"), ["edit"]);
    assert!(names("use iced::Task;", "iced") && names("use iced;", "iced") && names("x: iced::Task", "iced"));
    assert!(!names("Noticed::Events; use iced_test::x", "iced"));
    assert_eq!(named("use crate::{error::Problem, secret};"), ["error", "secret"]);
    assert_eq!(
        named("x(crate::conda::A); crate::service::B"),
        ["conda", "service"]
    );
}
