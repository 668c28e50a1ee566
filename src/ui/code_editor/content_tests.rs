use iced::advanced::text::editor::{Action, Edit, Motion};
use proptest::prelude::*;

use super::*;

const YAML: Language = Language::Yaml { indent: 2 };

fn acted(content: &mut Content, action: Action) -> Outcome {
    content.update(Event::Acted(action), YAML)
}

fn type_text(content: &mut Content, text: &str) {
    for letter in text.chars() {
        match letter {
            '\n' => content.update(Event::LineBroken, YAML),
            letter => acted(content, Action::Edit(Edit::Insert(letter))),
        };
    }
}

fn at_end(text: &str) -> Content {
    let mut content = Content::new(text);
    acted(&mut content, Action::Move(Motion::DocumentEnd));
    content
}

fn caret(line: usize, column: usize) -> Caret {
    Caret { line, column }
}

#[test]
fn what_is_typed_can_be_undone_and_done_again() {
    let mut content = at_end("a: 1\n");
    type_text(&mut content, "b: 2");
    assert_eq!(content.text(), "a: 1\nb: 2");
    assert_eq!(
        content.update(Event::Undone, YAML),
        Outcome::Changed { by_letter: false }
    );
    assert_eq!(content.text(), "a: 1\nb: ");
    content.update(Event::Undone, YAML);
    assert_eq!(content.text(), "a: 1\n");
    assert!(!content.can_undo() && content.can_redo());
    assert_eq!(content.update(Event::Undone, YAML), Outcome::Nothing);
    content.update(Event::Redone, YAML);
    content.update(Event::Redone, YAML);
    assert_eq!(content.text(), "a: 1\nb: 2");
    assert_eq!(content.caret(), caret(1, 4));
}

#[test]
fn a_new_line_is_indented_like_the_one_above() {
    let mut content = at_end("channels:");
    type_text(&mut content, "\n- a\n- b");
    assert_eq!(content.text(), "channels:\n  - a\n  - b");
    let mut content = at_end("# note:");
    type_text(&mut content, "\nx");
    assert_eq!(content.text(), "# note:\nx");
    let mut content = at_end("[main]\n  a = 1");
    content.update(Event::LineBroken, Language::Ini);
    assert_eq!(content.text(), "[main]\n  a = 1\n");
}

#[test]
fn lines_are_indented_and_commented_as_one_step() {
    let mut content = Content::new("a: 1\n\n  b: 2\nc: 3\n");
    content.select(1..9);
    content.update(Event::Indented, YAML);
    assert_eq!(content.text(), "  a: 1\n  \n    b: 2\nc: 3\n");
    content.update(Event::Unindented, YAML);
    assert_eq!(content.text(), "a: 1\n\n  b: 2\nc: 3\n");
    content.update(Event::CommentToggled, YAML);
    assert_eq!(content.text(), "# a: 1\n\n  # b: 2\nc: 3\n");
    content.update(Event::CommentToggled, YAML);
    assert_eq!(content.text(), "a: 1\n\n  b: 2\nc: 3\n");
    content.update(Event::Undone, YAML);
    assert_eq!(content.text(), "# a: 1\n\n  # b: 2\nc: 3\n");
}

#[test]
fn the_caret_goes_with_its_line() {
    let mut content = Content::new("aä: 1\n");
    content.go_to(caret(0, 3));
    content.update(Event::Indented, YAML);
    assert_eq!(content.caret(), caret(0, 5));
    content.update(Event::Unindented, YAML);
    assert_eq!(content.caret(), caret(0, 3));
    content.go_to(caret(99, 99));
    assert_eq!(content.caret(), caret(1, 0));
}

#[test]
fn a_selection_is_replaced_by_what_is_typed_or_pasted() {
    let mut content = Content::new("channels: [x]\n");
    content.select(11..12);
    assert_eq!(content.selected_text().as_deref(), Some("x"));
    type_text(&mut content, "y");
    assert_eq!(content.text(), "channels: [y]\n");
    content.select(0..13);
    acted(
        &mut content,
        Action::Edit(Edit::Paste("a:\r\n  - b".to_owned().into())),
    );
    assert_eq!(content.text(), "a:\n  - b\n");
    content.update(Event::Undone, YAML);
    assert_eq!(content.text(), "channels: [y]\n");
    assert_eq!(content.selected_text(), None);
}

#[test]
fn another_text_is_one_step_and_leaves_the_caret_where_it_is() {
    let mut content = Content::new("a: 1\nb: 2\nc: 3\n");
    content.go_to(caret(2, 4));
    content.set_text("a: 1\nb: 20\nc: 3\n");
    assert_eq!(content.caret(), caret(2, 4));
    content.update(Event::Undone, YAML);
    assert_eq!(content.text(), "a: 1\nb: 2\nc: 3\n");
}

#[test]
fn places_are_bytes_and_characters() {
    let content = Content::new("äö\nü: x\n");
    assert_eq!(content.caret_at(5), caret(1, 0));
    assert_eq!(content.caret_at(7), caret(1, 1));
    assert_eq!(content.caret_at(6), caret(1, 0), "within a character");
    assert_eq!(content.caret_at(99), caret(2, 0));
    assert_eq!(content.offset_at(caret(1, 1)), 7);
    assert_eq!(content.offset_at(caret(0, 9)), 4);
}

#[test]
fn nothing_prints_the_text() {
    let content = Content::new("anaconda_server_token = 'hunter2'");
    let event = Event::Acted(Action::Edit(Edit::Paste("hunter2".to_owned().into())));
    let letter = Event::Acted(Action::Edit(Edit::Insert('h')));
    let shown = format!("{content:?} {event:?} {letter:?}");
    assert!(!shown.contains("hunter2") && !shown.contains('h'.to_string().repeat(2).as_str()));
    assert!(shown.contains("Edit(..)"));
}

/// One thing a person does.
fn event() -> impl Strategy<Value = Event> {
    let motion = prop_oneof![
        Just(Motion::Left),
        Just(Motion::Right),
        Just(Motion::Up),
        Just(Motion::Down),
        Just(Motion::WordLeft),
        Just(Motion::End),
        Just(Motion::Home),
        Just(Motion::DocumentEnd),
    ];
    let edit = prop_oneof![
        "[a-c:# ä€]".prop_map(|text| Edit::Insert(text.chars().next().unwrap())),
        "[a-b\n\r ä]{0,6}".prop_map(|text| Edit::Paste(text.into())),
        Just(Edit::Backspace),
        Just(Edit::Delete),
    ];
    prop_oneof![
        3 => edit.prop_map(|edit| Event::Acted(Action::Edit(edit))),
        2 => motion.clone().prop_map(|motion| Event::Acted(Action::Move(motion))),
        1 => motion.prop_map(|motion| Event::Acted(Action::Select(motion))),
        1 => Just(Event::LineBroken),
        1 => Just(Event::Indented),
        1 => Just(Event::Unindented),
        1 => Just(Event::CommentToggled),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn undoing_everything_gives_the_first_text_and_redoing_the_last(
        text in "[a-c:#\n ä]{0,24}",
        events in proptest::collection::vec(event(), 1..24),
    ) {
        let mut content = Content::new(&text);
        prop_assert_eq!(content.text(), &text);
        for event in events {
            content.update(event, YAML);
            prop_assert_eq!(content.text(), &text_of(&content.engine()));
        }
        let last = content.text().to_owned();
        while content.can_undo() {
            content.update(Event::Undone, YAML);
        }
        prop_assert_eq!(content.text(), &text);
        while content.can_redo() {
            content.update(Event::Redone, YAML);
        }
        prop_assert_eq!(content.text(), &last);
    }
}
