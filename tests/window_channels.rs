//! Managing channels through the window: what stands in the files is what the page showed, and one click takes it back.

#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use sextant::practice::{Effect, Fault, Trouble};
use window::{CONDARC, Window};

/// Signed in, with these channels in the file.
fn signed_in(channels: &[&str]) -> Window {
    let mut window = Window::with_condarc();
    window.sign_in();
    window.until_idle();
    let list: String = channels.iter().map(|name| format!("\n  - {name}")).collect();
    let text = window
        .file(".condarc")
        .replace("channels: []", &format!("channels:{list}"));
    std::fs::write(window.path(".condarc"), text).unwrap();
    window.click("page-environments");
    window.click("page-channels");
    window.until_it_says("What conda searches, in this order.");
    window.until_idle();
    window
}

#[test]
fn a_channel_is_added_by_its_name_and_the_order_is_written_and_undone() {
    let mut window = signed_in(&["main", "research"]);
    let before = window.file(".condarc");
    assert!(
        window.says("found") && window.says(".condarc:"),
        "{:#?}",
        window.texts()
    );
    window.type_into("manage-add", "research/gpu");
    window.until_it_says("/api/repo/research/gpu.");
    window.click("manage-add-now");
    window.until_it_says("What Apply changes");
    window.until_idle();
    assert!(
        window.has("new") && window.says("found, private"),
        "{:#?}",
        window.texts()
    );
    assert_eq!(window.file(".condarc"), before, "nothing is written yet");
    // What was added is the one that is looked at: its buttons are there.
    window.click_text("Move up research/gpu");
    window.until_idle();
    window.click_text("Strict");
    window.until_it_says("channel_priority: strict");
    window.until_idle();
    window.click("manage-apply");
    window.until_it_says("conda searches these channels now");
    window.until_idle();
    let after = window.file(".condarc");
    assert!(
        after.contains("channels:\n  - main\n  - research/gpu\n  - research\n")
            && after.contains("channel_priority: strict\n"),
        "{after}"
    );
    assert!(!window.says("What Apply changes"));
    window.click_text("Undo");
    window.until_idle();
    assert_eq!(window.file(".condarc"), before);
    assert!(
        !window.says("repo/research/gpu"),
        "the page follows: {:#?}",
        window.texts()
    );
}

#[test]
fn a_pasted_line_with_a_token_leaves_no_token_anywhere() {
    let mut window = signed_in(&["main"]);
    let url = window.practice.url().to_owned();
    let line = format!("conda config --append channels {url}/api/repo/t/secret-12345/research");
    window.type_into("manage-add", &line);
    window.until_it_says("The token goes into the token store");
    window.click("manage-add-now");
    window.until_it_says("What Apply changes");
    window.until_idle();
    // The server is the one that one is signed in to: the channel is written by its name, and its token is there already.
    assert!(
        window.says("is not kept, since conda sends the one in"),
        "{:#?}",
        window.texts()
    );
    window.click("manage-apply");
    window.until_it_says("conda searches these channels now");
    window.until_idle();
    let after = window.file(".condarc");
    assert!(after.contains("channels:\n  - main\n  - research\n"), "{after}");
    let mut files = vec![window.path("")];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .flatten()
                    .map(|entry| entry.path()),
            );
        } else {
            let bytes = std::fs::read(&path).unwrap();
            assert!(
                !String::from_utf8_lossy(&bytes).contains("secret-12345"),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn the_servers_channels_are_chosen_from_and_the_way_back_is_there() {
    let mut window = signed_in(&["main"]);
    window.click("manage-choose");
    window.until_it_says("research: Add to channels");
    window.click("channels-manage");
    window.until_it_says("What conda searches, in this order.");
    window.until_idle();
    window.click("page-channels");
    window.until_idle();
    assert!(window.says("What conda searches, in this order."));
}

#[test]
fn without_a_sign_in_one_is_offered() {
    let mut window = Window::open(&[(".condarc", "channels: []\n")]);
    window.click("page-channels");
    window.until_it_says("conda searches nothing yet.");
    window.until_idle();
    window.click("manage-connect");
    assert!(window.says("One repository at a time"), "{:#?}", window.texts());
}

#[test]
fn a_server_that_is_gone_is_said_in_the_rows_and_in_the_top_bar() {
    let mut window = signed_in(&["main", "research"]);
    window.practice.set_trouble(Trouble::fault(Fault::Drop {
        effect: Effect::NotPerformed,
    }));
    window.click("manage-check");
    window.until_it_says("not reached");
    window.until_it_says("Connected, but the server does not answer");
    window.practice.set_trouble(Trouble::none());
    window.until_idle();
    window.click("manage-check");
    window.until("it is there again", |window| {
        !window.says("not reached") && window.says("found")
    });
    assert!(window.says("Connected to 127.0.0.1"));
}

#[test]
fn asking_can_be_cancelled() {
    let mut window = signed_in(&["main", "research"]);
    window.practice.set_trouble(Trouble::fault(Fault::Stall {
        effect: Effect::NotPerformed,
    }));
    window.click("manage-check");
    window.until_it_says("Asking the channels");
    window.click_text("Cancel");
    assert!(
        window.says("not asked") && !window.says("asking…"),
        "{:#?}",
        window.texts()
    );
    window.until_idle();
}

#[test]
fn a_change_of_somebody_else_is_not_lost() {
    let mut window = signed_in(&["main", "research"]);
    window.type_into("manage-add", "sandbox");
    window.click("manage-add-now");
    window.until_it_says("What Apply changes");
    window.until_idle();
    let theirs = window
        .file(".condarc")
        .replace("  - main\n", "  - main\n  - theirs\n");
    std::fs::write(window.path(".condarc"), &theirs).unwrap();
    window.click("manage-apply");
    window.until_it_says("changed by another program meanwhile");
    window.until_idle();
    assert_eq!(window.file(".condarc"), theirs);
    window.click("manage-revert");
    window.until_it_says("theirs");
}

#[test]
fn what_stands_in_a_broken_file_is_told_and_tried_again() {
    let mut window = Window::open(&[(".condarc", "channels: [unclosed\n")]);
    window.click("page-channels");
    window.until_there("manage-retry");
    std::fs::write(window.path(".condarc"), CONDARC).unwrap();
    window.click("manage-retry");
    window.until_it_says("What conda searches, in this order.");
    window.until_idle();
}
