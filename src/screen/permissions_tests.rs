use iced_test::selector::id;
use iced_test::simulator;

use super::*;

fn shows(permissions: &Permissions, words: &str) -> bool {
    simulator(permissions.view(true)).find(words).is_ok()
}

fn pressed(permissions: &mut Permissions, words: &str) {
    let messages: Vec<Message> = {
        let mut ui = simulator(permissions.view(true));
        ui.click(words).expect("something to press");
        ui.into_messages().collect()
    };
    assert_eq!(messages.len(), 1, "{words}");
    for message in messages {
        permissions.update(message);
    }
}

fn scopes(permissions: &Permissions) -> Vec<String> {
    permissions.scopes().unwrap_or_default()
}

#[test]
fn the_least_is_the_default_and_the_usual_choices_are_a_press_away() {
    let mut permissions = Permissions::new();
    assert_eq!(scopes(&permissions), ["conda:download", "repos"]);
    pressed(&mut permissions, "Download and pip");
    assert_eq!(scopes(&permissions), ["conda:download", "pypi:download", "repos"]);
    pressed(&mut permissions, "Everything");
    assert_eq!(scopes(&permissions), ["all"]);
    let danger = "Whoever gets hold of it can upload, change and delete in your name.";
    assert!(shows(&permissions, danger));
    pressed(&mut permissions, "Download packages");
    assert_eq!(scopes(&permissions), ["conda:download", "repos"]);
    assert!(!shows(&permissions, danger));
}

#[test]
fn each_can_be_chosen_by_itself() {
    let mut permissions = Permissions::new();
    assert!(!shows(&permissions, "pypi:upload"));
    pressed(&mut permissions, "Choose each permission");
    assert!(shows(&permissions, "Allow uploads to PyPI repositories"));
    pressed(&mut permissions, "pypi:upload");
    assert_eq!(permissions.preset(), Preset::AsTicked);
    assert!(shows(
        &permissions,
        "As ticked: conda:download, pypi:upload, repos."
    ));
    pressed(&mut permissions, "pypi:upload");
    assert_eq!(
        permissions.preset(),
        Preset::Download,
        "the same as the usual choice"
    );
}

#[test]
fn nothing_is_not_everything() {
    let mut permissions = Permissions::new();
    permissions.update(Message::FoldToggled);
    pressed(&mut permissions, "repos");
    pressed(&mut permissions, "conda:download");
    assert_eq!(permissions.scopes(), None);
    assert!(shows(
        &permissions,
        "Nothing is ticked, and the repository would take that for everything. Tick what the token may do, or choose \
         Everything."
    ));
}

#[test]
fn all_is_dangerous_by_whichever_way_it_was_ticked() {
    let mut permissions = Permissions::new();
    permissions.update(Message::Ticked {
        scope: "all".to_owned(),
        is_ticked: true,
    });
    assert!(shows(
        &permissions,
        "Whoever gets hold of it can upload, change and delete in your name."
    ));
}

#[test]
fn the_servers_own_list_is_shown_and_what_it_lacks_stays_in_sight() {
    let mut permissions = Permissions::new();
    permissions.tell(vec![Scope {
        name: "repos".to_owned(),
        description: "Every repository".to_owned(),
    }]);
    permissions.update(Message::FoldToggled);
    assert!(shows(&permissions, "Every repository") && !shows(&permissions, "pypi:upload"));
    assert!(shows(&permissions, "Not in the list of this repository"));
    pressed(&mut permissions, "conda:download");
    assert_eq!(scopes(&permissions), ["repos"]);
    assert!(!shows(&permissions, "Not in the list of this repository"));
}

#[test]
fn greyed_it_changes_nothing() {
    let mut permissions = Permissions::new();
    permissions.update(Message::FoldToggled);
    let mut ui = simulator(permissions.view(false));
    ui.click("Everything").expect("the choice");
    ui.click("pypi").expect("a box");
    ui.click(id(PRESET)).expect("the choices");
    assert_eq!(ui.into_messages().count(), 0);
}
