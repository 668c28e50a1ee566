use iced_test::simulator;

use super::*;

fn row(id: &str, is_from_outside: bool, undo: Undo) -> Row {
    Row {
        id: id.to_owned(),
        when: "2026-11-24 10:00".to_owned(),
        what: format!("Changed {id}"),
        files: "~/.condarc".to_owned(),
        is_from_outside,
        undo,
    }
}

fn loaded(rows: Vec<Row>) -> History {
    let (mut screen, Action::Load(key)) = History::new() else {
        panic!("nothing is loaded");
    };
    screen.update(Message::Loaded {
        key,
        result: Ok(rows),
    });
    screen
}

fn pressed(screen: &mut History, words: &str) -> Vec<Action> {
    let messages: Vec<Message> = {
        let mut ui = simulator(screen.view());
        ui.click(words).expect("it is there once");
        ui.into_messages().collect()
    };
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

#[test]
fn undo_is_offered_where_it_is_possible() {
    let mut screen = loaded(vec![
        row("c", false, Undo::Impossible),
        row("b", false, Undo::Undone),
        row("a", false, Undo::Possible),
    ]);
    let actions = pressed(&mut screen, "Undo");
    let undoes = |action: &Action| matches!(action, Action::Undo { id, .. } if id == "a");
    assert!(actions.iter().any(undoes), "{actions:?}");
    assert!(simulator(screen.view()).find("undone").is_ok());
}

#[test]
fn every_change_can_be_looked_at_by_mouse_and_by_key() {
    let mut screen = loaded(vec![row("b", true, Undo::Possible)]);
    let actions = pressed(&mut screen, "Details");
    let looks = |action: &Action| matches!(action, Action::Look(row) if row.id == "b");
    assert!(actions.iter().any(looks), "{actions:?}");
    for intent in [
        crate::ui::keyboard::Intent::Down,
        crate::ui::keyboard::Intent::Submit,
    ] {
        let action = screen.update(Message::List(virtual_list::Event::Key(intent)));
        if intent == crate::ui::keyboard::Intent::Submit {
            assert!(looks(&action), "{action:?}");
        }
    }
}

#[test]
fn whose_changes_are_shown_can_be_chosen_and_rows_keep_their_meaning() {
    let mut screen = loaded(vec![
        row("mine", false, Undo::Possible),
        row("theirs", true, Undo::Possible),
    ]);
    screen.update(Message::ShowChosen(Show::Others));
    assert!(simulator(screen.view()).find("Changed mine").is_err());
    let action = screen.update(Message::UndoPressed(0));
    assert!(
        matches!(action, Action::Undo { ref id, .. } if id == "theirs"),
        "{action:?}"
    );
    screen.update(Message::ShowChosen(Show::Sextant));
    let action = screen.update(Message::UndoPressed(0));
    assert!(
        matches!(action, Action::Undo { ref id, .. } if id == "mine"),
        "{action:?}"
    );
    // A choice outlives a reload.
    screen.reload();
    assert_eq!(screen.show, Show::Sextant);
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let (mut screen, _) = History::new();
    let stale = Message::Loaded {
        key: Key::fresh(),
        result: Ok(vec![row("a", false, Undo::Possible)]),
    };
    screen.update(stale);
    assert!(matches!(screen.content, Content::Loading(_)));
}

#[test]
fn an_empty_history_says_so_and_still_leads_to_earlier_versions() {
    let mut screen = loaded(Vec::new());
    simulator(screen.view())
        .find("Nothing was changed yet.")
        .expect("the sentence");
    let actions = pressed(&mut screen, "Earlier versions");
    assert!(
        matches!(actions.as_slice(), [Action::OpenVersions]),
        "{actions:?}"
    );
}
