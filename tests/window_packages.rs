//! Environments and packages through the window, on the practice server: what a person clicks and types, checked by what
//! stands on the disk.

#![cfg(unix)]

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use iced_test::selector::id;
use sextant::app::Message;
use sextant::practice::{Effect, Fault, Practice, Trouble};
use sextant::screen::environments;
use sextant::screen::packages::{self, Show};
use sextant::ui::keyboard::Intent;
use sextant::ui::virtual_list;
use window::Window;

/// A home whose conda searches these channels of the practice server.
fn window(channels: &[&str]) -> Window {
    let channels: Vec<String> = channels.iter().map(|channel| (*channel).to_owned()).collect();
    Window::open_after(&[], move |home, practice| searching(home, practice, &channels))
}

fn searching(home: &Path, practice: &Practice, channels: &[String]) {
    let list: String = channels
        .iter()
        .map(|channel| format!("  - {channel}\n"))
        .collect();
    let condarc = format!("channel_alias: {}/api/repo\nchannels:\n{list}", practice.url());
    fs::write(home.join(".condarc"), condarc).unwrap();
}

fn prefix(window: &Window, name: &str) -> PathBuf {
    window.path(".conda/envs").join(name)
}

/// The versions of the packages of an environment, as its own files say.
fn versions(prefix: &Path) -> BTreeMap<String, String> {
    let meta = fs::read_dir(prefix.join("conda-meta"));
    let meta = meta.unwrap_or_else(|error| panic!("{}: {error}", prefix.display()));
    meta.map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let record: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let text = |key: &str| record[key].as_str().unwrap().to_owned();
            (text("name"), text("version"))
        })
        .collect()
}

/// Creates an environment with these packages through the dialog.
fn create(window: &mut Window, name: &str, python: &str, packages: &str) {
    window.until_idle();
    window.click("environments-create");
    window.type_into("create-name", name);
    window.until_it_says("Its folder will be ");
    if !python.is_empty() {
        window.type_into("create-python", python);
    }
    if !packages.is_empty() {
        window.type_into("create-packages", packages);
    }
    window.click("create-go");
}

/// To the packages of the environment at a place of the list.
fn open_packages(window: &mut Window, place: usize) {
    window.until_idle();
    window.send(Message::Environments(environments::Message::List(
        virtual_list::Event::DoublePressed(place),
    )));
    window.until_it_says("Packages of ");
    window.until_idle();
}

fn key(window: &mut Window, intent: Intent) {
    let event = virtual_list::Event::Key(intent);
    window.send(Message::Packages(packages::Message::List(event)));
}

/// The package of this name under the cursor, out of everything there is.
fn look_for(window: &mut Window, name: &str) {
    window.send(Message::Packages(packages::Message::ShowChosen(Show::All)));
    window.type_over("packages-search", name);
    window.until_idle();
    window.until("it is found", |window| window.has(name));
    key(window, Intent::Down);
    window.until_idle();
}

#[test]
fn an_empty_environment_is_made_renamed_removed_and_brought_back() {
    let mut window = window(&["main"]);
    create(&mut window, "work", "", "");
    window.until_it_says("Made the environment work");
    window.until_idle();
    assert!(prefix(&window, "work").join("conda-meta/history").is_file());
    assert!(window.says("~/.conda/envs/work"), "the cursor stands on it");

    // A name that is taken is told while it is typed.
    window.click("environments-create");
    window.type_into("create-name", "Work");
    assert!(window.says("There is an environment Work already."));
    window.click("create-cancel");

    window.click("environment-rename");
    window.until_there("environment-name");
    window.type_over("environment-name", "renamed");
    window.click("environment-name-go");
    window.until_it_says("Renamed the environment work to renamed");
    window.until_idle();
    assert!(!prefix(&window, "work").exists() && prefix(&window, "renamed").is_dir());

    window.click("environment-remove");
    window.until_it_says("Removed the environment renamed");
    window.until_idle();
    assert!(!prefix(&window, "renamed").exists());
    assert!(window.says("No conda environments on this machine yet"));
    window.click_text("Undo");
    window.until_it_says("Undid: Removed the environment renamed");
    window.until_idle();
    assert!(prefix(&window, "renamed").join("conda-meta/history").is_file());
    window.until("it is listed again", |window| window.has("renamed"));
}

#[test]
fn what_is_frozen_is_changed_only_when_that_was_said() {
    let mut window = window(&["main"]);
    create(&mut window, "service", "", "");
    window.until_it_says("Made the environment service");
    window.until_idle();
    let frozen = prefix(&window, "service").join("conda-meta/frozen");
    fs::write(frozen, r#"{"message": "a service runs here"}"#).unwrap();
    window.click("environments-refresh");
    window.until_it_says("frozen");
    window.until_idle();
    window.click("environment-remove");
    window.until_it_says("It is frozen: a service runs here");
    window.click("nevertheless-cancel");
    window.until_idle();
    assert!(prefix(&window, "service").is_dir());
    window.click("environment-remove");
    window.until_there("nevertheless-go");
    window.click("nevertheless-go");
    window.until_it_says("Removed the environment service");
    assert!(!prefix(&window, "service").exists());
}

#[test]
fn the_index_is_updated_with_its_failures_in_place() {
    let mut window = window(&["main", "risk-models", "no-such-channel"]);
    create(&mut window, "work", "", "");
    window.until_it_says("Made the environment work");
    open_packages(&mut window, 0);
    assert!(window.says("There is no index of packages yet."));
    window.send(Message::Packages(packages::Message::ShowChosen(Show::All)));
    window.until_there("packages-fetch-index");
    window.click("packages-fetch-index");
    window.until_it_says("failed");
    window.until_idle();
    for words in [
        "the server wants a sign-in (401)",
        "(404)",
        "It is private, and there is no token for it on this machine.",
    ] {
        assert!(window.says(words), "{words}: {:#?}", window.texts());
    }
    assert!(window.has(id("index-connect")));
    window.click("index-close");
    window.until_idle();
    assert!(window.says("The index is of today: "), "{:#?}", window.texts());
    // What could be fetched is there.
    look_for(&mut window, "flask");
    assert!(window.says("BSD-3-Clause"), "its details: {:#?}", window.texts());
    // Cancelling keeps what is there and leaves nothing running.
    window.practice.set_trouble(Trouble::fault(Fault::Stall {
        effect: Effect::NotPerformed,
    }));
    window.click("packages-update-index");
    window.until_there("index-cancel");
    window.click("index-cancel");
    assert!(window.says("Cancelled. What was fetched before stays in use."));
    window.until_idle();
    window.click("index-close");
    assert!(window.says("The index is of today: "));
}

#[test]
fn what_cannot_be_had_is_explained_and_nothing_is_done() {
    let mut window = window(&["main"]);
    create(&mut window, "work", "3.12", "numpy=9000");
    window.until_it_says("Nothing was changed.");
    window.until_idle();
    assert!(
        window.says("numpy") && window.says("What you can try"),
        "{:#?}",
        window.texts()
    );
    window.click("change-cancel");
    assert!(!prefix(&window, "work").exists());
    // A name that no channel has.
    create(&mut window, "work", "", "nonesuch");
    window.until_it_says("Nothing was changed.");
    assert!(window.says("nonesuch"), "{:#?}", window.texts());
    window.click("change-cancel");
    // Stopped while the server is silent.
    window.practice.set_trouble(Trouble::fault(Fault::Stall {
        effect: Effect::NotPerformed,
    }));
    create(&mut window, "other", "3.12", "");
    window.until_there("change-cancel");
    window.click("change-cancel");
    assert!(!window.has(id("change-cancel")), "it is gone at once");
    window.until_idle();
    assert!(!prefix(&window, "other").exists());
}
