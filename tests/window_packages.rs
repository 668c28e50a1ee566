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
use sextant::screen::environments::{self, dialog, export};
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

/// Presses **Apply**, waits for what it would do, and goes on.
fn apply(window: &mut Window) {
    window.click("packages-apply");
    window.until_there("change-go");
    window.click("change-go");
}

/// An environment with a Python and packages in it.
fn created(packages: &str) -> Window {
    let mut window = window(&["main"]);
    create(&mut window, "work", "3.12", packages);
    window.until_there("change-go");
    assert!(
        !prefix(&window, "work").exists(),
        "nothing happens before it is seen"
    );
    assert!(
        window.says("added") && window.says("python"),
        "{:#?}",
        window.texts()
    );
    window.click("change-go");
    window.until_it_says("work is created");
    window.until_idle();
    window
}

#[test]
fn packages_are_installed_updated_and_removed_and_each_can_be_undone() {
    let mut window = created("numpy=2.1.3");
    let work = prefix(&window, "work");
    assert_eq!(versions(&work)["numpy"], "2.1.3");
    assert_eq!(versions(&work)["python"], "3.12.8");
    let said = std::process::Command::new(work.join("bin/python"))
        .arg("-V")
        .output();
    assert_eq!(String::from_utf8_lossy(&said.unwrap().stdout), "Python 3.12.8\n");
    assert!(window.says("1 environment"), "{:#?}", window.texts());

    open_packages(&mut window, 0);
    window.click("packages-update-index");
    window.until_there("index-again");
    window.click("index-close");
    window.until_idle();

    // Installed.
    look_for(&mut window, "flask");
    key(&mut window, Intent::Toggle);
    assert!(window.says("install flask"));
    apply(&mut window);
    window.until_it_says("work is changed");
    window.until_idle();
    assert!(
        versions(&work).contains_key("werkzeug"),
        "what it needs came with it"
    );
    assert!(!window.says("install flask"), "the basket is empty again");

    // Undone: it is shown what that means.
    let with_flask = versions(&work);
    window.click_text("Undo");
    window.until_there("change-go");
    assert!(
        window.says("Undo the change of work") && window.says("removed"),
        "{:#?}",
        window.texts()
    );
    window.click("change-go");
    window.until_it_says("work holds again what it held before");
    window.until_idle();
    assert!(!versions(&work).contains_key("flask") && !versions(&work).contains_key("werkzeug"));
    let history = fs::read_to_string(work.join("conda-meta/history")).unwrap();
    assert!(history.contains("# remove specs: ['flask']"), "{history}");
    assert!(with_flask.len() > versions(&work).len());

    // Updated.
    window.send(Message::Packages(packages::Message::ShowChosen(Show::Updatable)));
    window.type_over("packages-search", "numpy");
    window.until_idle();
    key(&mut window, Intent::Down);
    window.until_idle();
    key(&mut window, Intent::ToggleOther);
    assert!(window.says("update numpy"));
    apply(&mut window);
    window.until_it_says("work is changed");
    window.until_idle();
    assert_ne!(versions(&work)["numpy"], "2.1.3");

    // Another version is chosen.
    look_for(&mut window, "numpy");
    let press = |window: &mut Window, intent| {
        let event = sextant::ui::tree_list::Event::List(virtual_list::Event::Key(intent));
        let message = packages::Message::Tree(packages::Section::Versions, event);
        window.send(Message::Packages(message));
    };
    press(&mut window, Intent::End);
    press(&mut window, Intent::Toggle);
    assert!(window.says("is chosen."), "{:#?}", window.texts());
    apply(&mut window);
    window.until_it_says("work is changed");
    window.until_idle();
    assert_eq!(versions(&work)["numpy"], "1.26.4");

    // Why it is here, and what needs it.
    look_for(&mut window, "libopenblas");
    let why = packages::Section::Why;
    window.send(Message::Packages(packages::Message::SectionPressed(why)));
    window.until_it_says("From what was asked for down to it.");
    window.until_idle();
    assert!(window.says("asked for"));

    // Removed.
    look_for(&mut window, "numpy");
    key(&mut window, Intent::Delete);
    assert!(window.says("remove numpy"));
    window.click("packages-basket");
    window.until_there("basket-apply");
    window.click("basket-apply");
    window.until_there("change-go");
    window.click("change-go");
    window.until_it_says("work is changed");
    window.until_idle();
    assert!(!versions(&work).contains_key("numpy"));

    // Written down, and the file that is there is not written over by accident.
    window.click("packages-back");
    window.until_idle();
    for format in [export::Format::FromHistory, export::Format::Explicit] {
        window.click("environment-export");
        let message = dialog::Message::Export(export::Message::FormatChosen(format));
        window.send(Message::Environment(message));
        window.until_idle();
        window.click("export-save");
        window.until_it_says("Saved ~/work.");
        window.until_idle();
    }
    let written = window.file("work.yml");
    assert!(
        written.contains("- python=3.12") && !written.contains("flask"),
        "{written}"
    );
    assert!(window.file("work.txt").contains("@EXPLICIT"));
    window.click("environment-export");
    window.until_idle();
    window.click("export-save");
    window.until_it_says("is there already");
    assert_eq!(window.file("work.yml"), written);
    window.click("export-save");
    window.until_it_says("Saved ~/work.yml");
    window.until_idle();
    assert_ne!(window.file("work.yml"), written);

    // Copied, and made again out of what was written down.
    window.click("environment-clone");
    window.until_there("environment-name");
    window.click("environment-name-go");
    window.until_it_says("work-copy is created");
    window.until_idle();
    assert_eq!(versions(&prefix(&window, "work-copy")), versions(&work));
    window.click("environments-import");
    window.type_into("import-path", "~/work.txt");
    window.until_it_says(" by address.");
    window.type_over("import-name", "again");
    window.click("import-go");
    window.until_there("change-go");
    assert!(!prefix(&window, "again").exists());
    window.click("change-go");
    window.until_it_says("again is created");
    window.until_idle();
    assert_eq!(versions(&prefix(&window, "again")), versions(&work));
    window.click_text("Undo");
    window.until_it_says("Undid: Made the environment again");
    window.until_idle();
    assert!(!prefix(&window, "again").exists());
    window.send(Message::Environments(environments::Message::List(
        virtual_list::Event::Pressed(0),
    )));

    // A terminal changed it meanwhile: seen when the person comes back.
    fs::write(work.join("conda-meta/frozen"), "").unwrap();
    window.send(Message::WindowFocused);
    window.until_it_says("frozen");
    window.until_idle();
    fs::remove_file(work.join("conda-meta/frozen")).unwrap();
    window.send(Message::WindowFocused);
    window.until_idle();

    // And the environment itself: into the trash.
    window.click("environment-remove");
    window.until_it_says("Removed the environment work");
    assert!(!work.exists());
}

#[test]
fn a_change_undone_from_the_history_is_told_there_and_no_longer_offered() {
    let mut window = created("numpy");
    let work = prefix(&window, "work");
    open_packages(&mut window, 0);
    look_for(&mut window, "flask");
    key(&mut window, Intent::Toggle);
    apply(&mut window);
    window.until_it_says("work is changed");
    window.until_idle();
    window.click("page-history");
    window.until_it_says("In work: installed flask, click");
    window.until_idle();

    window.click_text("Details");
    window.until_idle();
    window.click("entry-undo");
    window.until_there("change-go");
    window.click("change-go");
    window.until_it_says("work holds again what it held before");
    window.until_idle();
    assert!(!versions(&work).contains_key("flask"));
    // The offer to undo what was undone is gone, and the page has both.
    assert!(!window.says("work is changed"), "{:#?}", window.texts());
    assert!(
        window.says("Undid: In work: installed flask, click"),
        "{:#?}",
        window.texts()
    );
}

#[test]
fn a_change_that_is_stopped_leaves_the_environment_as_it_was() {
    let mut window = created("");
    let work = prefix(&window, "work");
    open_packages(&mut window, 0);
    window.click("packages-update-index");
    window.until_there("index-again");
    window.click("index-close");
    window.until_idle();
    let before = versions(&work);
    let history = fs::read(work.join("conda-meta/history")).unwrap();
    look_for(&mut window, "flask");
    key(&mut window, Intent::Toggle);
    window.click("packages-apply");
    window.until_there("change-go");
    // The packages never arrive.
    window.practice.set_trouble(Trouble::fault(Fault::Stall {
        effect: Effect::NotPerformed,
    }));
    window.click("change-go");
    window.until_it_says("Download");
    window.click("change-cancel");
    assert!(window.says("Cancelled: the environment gets back what it had."));
    window.until_it_says("Cancelled. The environment is as it was.");
    window.until_idle();
    assert_eq!(versions(&work), before);
    assert_eq!(fs::read(work.join("conda-meta/history")).unwrap(), history);
    assert!(window.says("install flask"), "what was marked is still marked");

    // In the background, it goes on and is told at its end.
    window.practice.set_trouble(Trouble::none());
    apply(&mut window);
    if window.has(id("change-hide")) {
        window.click("change-hide");
    }
    window.until_it_says("work is changed");
    window.until_idle();
    assert!(versions(&work).contains_key("flask"));
}

#[test]
fn a_plan_that_was_overtaken_is_made_anew() {
    let mut window = created("six");
    let work = prefix(&window, "work");
    open_packages(&mut window, 0);
    window.type_into("packages-search", "six");
    key(&mut window, Intent::Down);
    key(&mut window, Intent::Down);
    key(&mut window, Intent::Delete);
    window.click("packages-apply");
    window.until_there("change-go");
    // Another program removes the package meanwhile.
    let records = fs::read_dir(work.join("conda-meta")).unwrap().flatten();
    let six = records.map(|entry| entry.path()).find(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("six-"))
    });
    fs::remove_file(six.unwrap()).unwrap();
    window.click("change-go");
    window.until("it is planned anew, or told why not", |window| {
        window.says("The environment was changed by another program meanwhile.")
            || window.says("Nothing was changed.")
    });
    window.until_idle();
    assert!(!window.says("work is changed"));
}
