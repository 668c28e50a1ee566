//! Preferences and the two editors through the window, checked by what stands in the files.

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use std::fs;

use sextant::practice::{Effect, Fault, Trouble};
use window::{CONDARC, Window};

const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";
const OWN: &str = ".config/sextant/preferences.toml";
const EDITOR: &str = "configuration-text";

fn open() -> Window {
    let mut window = Window::open(&[(".condarc", CONDARC), (INI, "[main]\n# mine\n")]);
    window.click("page-preferences");
    window.until_it_says("PSM On-Prem API domain");
    window.until_idle();
    window
}

fn open_editor(button: &'static str) -> Window {
    let mut window = open();
    window.click(button);
    window.until("the editor", |window| window.has(iced_test::selector::id(EDITOR)));
    window.until_idle();
    window
}

#[test]
fn the_domain_is_asked_stored_and_undone() {
    let mut window = open();
    let url = window.practice.url().to_owned();
    window.type_over("preferences-server", &format!("{url}/api/system"));
    assert!(window.says(&format!("using {url}")));
    window.click("preferences-apply");
    window.until_it_says("The preferences are saved");
    assert!(
        window
            .file(INI)
            .contains(&format!("anaconda_server_api_url = '{url}'"))
    );
    window.until_it_says("anaconda-navigator.ini, line 2");
    window.click_text("Undo");
    window.until("the file comes back", |window| {
        window.file(INI) == "[main]\n# mine\n"
    });
    window.until_idle();
    assert!(!window.says("anaconda-navigator.ini, line 2"), "the page follows");
}

#[test]
fn a_domain_that_does_not_answer_is_saved_anyway() {
    let mut window = open();
    let url = window.practice.url().to_owned();
    window.practice.set_trouble(Trouble {
        fault: Some(Fault::Drop {
            effect: Effect::default(),
        }),
        ..Trouble::default()
    });
    window.type_over("preferences-server", &url);
    window.click("preferences-apply");
    window.until("the answer", |window| {
        window.says("Save anyway") && !window.says("Asking the server")
    });
    assert!(
        !window.file(INI).contains(&url),
        "nothing is stored before it answered"
    );
    window.click("preferences-save-anyway");
    window.until_it_says("The preferences are saved");
    assert!(window.file(INI).contains(&url));
}

#[test]
fn a_server_that_never_answers_does_not_block() {
    let mut window = open();
    let url = window.practice.url().to_owned();
    window.practice.set_trouble(Trouble {
        fault: Some(Fault::Stall {
            effect: Effect::default(),
        }),
        ..Trouble::default()
    });
    window.type_over("preferences-server", &url);
    window.click("preferences-apply");
    assert!(window.says("Asking the server"));
    window.click("preferences-cancel");
    assert!(!window.says("Asking the server") && !window.file(INI).contains(&url));
    window.click("preferences-apply");
    window.click("preferences-save-anyway");
    window.until_it_says("The preferences are saved");
    assert!(window.file(INI).contains(&url));
}

#[test]
fn while_signed_in_the_domain_is_locked() {
    let mut window = Window::open(&[(".condarc", CONDARC)]);
    window.sign_in();
    window.click("page-preferences");
    window.until_it_says("You are signed in to");
    assert!(window.says("Sign out to change the domain."));
}

#[test]
fn the_look_is_shown_while_it_is_chosen_and_kept_once_it_is_applied() {
    let mut window = open();
    assert_eq!(window.scale_factor(), 1.0);
    window.scroll_to_end_and_click("preferences-text-larger");
    assert_eq!(window.scale_factor(), 1.1);
    window.click("page-environments");
    assert_eq!(window.scale_factor(), 1.0, "it is not applied yet");
    window.click("page-preferences");
    window.until_idle();
    assert_eq!(window.scale_factor(), 1.1);
    window.click("preferences-apply");
    window.until_it_says("The preferences are saved");
    window.until_idle();
    assert!(window.file(OWN).contains("text-size = 110"));
    let mut window = window.reopen();
    window.until_idle();
    assert_eq!(window.scale_factor(), 1.1);
}

#[test]
fn condas_file_is_edited_saved_and_undone() {
    let mut window = open_editor("configure-conda");
    assert_eq!(window.title(), "Configure Conda - Sextant");
    window.type_into(EDITOR, "quiet: true");
    assert!(window.says("not saved"));
    assert_eq!(window.file(".condarc"), CONDARC);
    window.click("editor-save");
    window.until_it_says("conda's file is saved");
    assert_eq!(window.file(".condarc"), format!("{CONDARC}quiet: true"));
    assert!(!window.says("not saved"));
    window.click_text("Undo");
    window.until("the file comes back", |window| window.file(".condarc") == CONDARC);
    window.until_idle();
    window.click("editor-close");
    window.until_it_says("PSM On-Prem API domain");
}

#[test]
fn a_text_that_conda_stumbles_over_is_not_saved() {
    let mut window = open_editor("configure-conda");
    window.type_into(EDITOR, "quiet: [");
    assert!(window.says("Mend what is marked as an error to save."));
    window.click("editor-save");
    window.until_idle();
    assert_eq!(window.file(".condarc"), CONDARC);
}

#[test]
fn navigators_domain_is_set_by_hand_under_either_name() {
    for name in ["team_edition_api_url", "anaconda_server_api_url"] {
        let mut window = open_editor("configure-navigator");
        window.type_into(EDITOR, &format!("{name} = 'https://psm.example.com'"));
        window.click("editor-save");
        window.until_it_says("Navigator's file is saved");
        window.until_idle();
        window.click("editor-back");
        window.until_it_says("anaconda-navigator.ini, line 3");
        let domain = window.services.domain().unwrap().domain;
        assert_eq!(domain.as_deref(), Some("https://psm.example.com"), "{name}");
    }
}

#[test]
fn a_file_that_another_program_changes_is_noticed() {
    let mut window = open_editor("configure-conda");
    window.watch();
    fs::write(window.path(".condarc"), format!("{CONDARC}offline: false\n")).unwrap();
    window.until_it_says("Another program has changed the file; this is how it is now.");
    window.type_into(EDITOR, "quiet: true");
    fs::write(window.path(".condarc"), "# theirs\nchannels: []\n").unwrap();
    window.until_it_says("Another program has changed the file meanwhile.");
    window.click("disk-reload");
    window.until("theirs", |window| !window.says("not saved"));
    assert!(!window.says("Another program has changed the file meanwhile."));
}

#[test]
fn both_changes_are_joined() {
    let mut window = open_editor("configure-conda");
    window.watch();
    window.type_into(EDITOR, "quiet: true");
    fs::write(window.path(".condarc"), format!("# theirs\n{CONDARC}")).unwrap();
    window.until_it_says("Another program has changed the file meanwhile.");
    window.click("disk-merge");
    window.until_it_says("conda's file is saved");
    let file = window.file(".condarc");
    assert!(
        file.starts_with("# theirs\n") && file.contains("quiet: true"),
        "{file}"
    );
}

#[test]
fn preferences_follow_what_others_write() {
    let mut window = open();
    window.watch();
    fs::write(
        window.path(INI),
        "[main]\n\nteam_edition_api_url = 'https://theirs.example.com'\n",
    )
    .unwrap();
    window.until_it_says("anaconda-navigator.ini, line 3");
}

#[test]
fn the_window_asks_before_typed_text_is_lost() {
    let mut window = open_editor("configure-conda");
    window.type_into(EDITOR, "quiet: true");
    window.send(sextant::app::Message::WindowCloseAsked);
    assert!(window.says("Your changes are not saved."));
    window.click("leave-stay");
    assert!(!window.says("Your changes are not saved."));
    assert!(!window.has_ended());
    window.send(sextant::app::Message::WindowCloseAsked);
    window.click("leave-discard");
    window.until("the window closes", |window| window.has_ended());
    assert_eq!(window.file(".condarc"), CONDARC);
}

#[test]
fn the_size_of_the_text_changes_by_keys_anywhere() {
    let mut window = Window::open(&[(".condarc", CONDARC)]);
    window.until_idle();
    let shortcut =
        |letter| sextant::app::Message::KeyPressed(sextant::ui::keyboard::Intent::Shortcut(letter));
    window.send(shortcut('+'));
    window.send(shortcut('+'));
    assert_eq!(window.scale_factor(), 1.25);
    window.send(shortcut('-'));
    window.until("it is kept", |window| {
        window.file(OWN).contains("text-size = 110")
    });
    window.send(shortcut('0'));
    assert_eq!(window.scale_factor(), 1.0);
}

#[test]
fn a_broken_file_is_mended_in_the_editor() {
    let mut window = Window::open(&[(".condarc", "# mine\nchannels: [a")]);
    window.until_idle();
    window.click("trouble-edit");
    window.until("the editor", |window| window.has(iced_test::selector::id(EDITOR)));
    window.until_idle();
    assert!(
        window.says("1 error") || window.says("Line "),
        "it says what is wrong"
    );
    window.type_into(EDITOR, "]");
    window.click("editor-save");
    window.until_it_says("conda's file is saved");
    window.until_idle();
    window.click("editor-close");
    window.until_idle();
    assert!(
        !window.has(iced_test::selector::id("trouble-edit")),
        "nothing is broken any more"
    );
}
