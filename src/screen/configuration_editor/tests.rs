use std::fs;

use iced::advanced::text::editor::{Action as Act, Edit, Motion};
use iced::keyboard::key::Named;
use iced_test::Simulator;
use iced_test::selector::id;

use super::*;
use crate::error::Kind;
use crate::locations::Locations;
use crate::service::Services;
use crate::ui::modal::modal;

const CONDARC: &str = "channels:\n  - main\nssl_verify: true\n";

struct Trial {
    home: tempfile::TempDir,
    services: Services,
    screen: ConfigurationEditor,
}

impl Trial {
    fn open(text: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(".condarc"), text).unwrap();
        let services = Services::new(Locations::inside(home.path()));
        let edited = services.open_for_editing(ConfigurationFile::Conda).unwrap();
        let (screen, action) = ConfigurationEditor::new(edited, home.path());
        assert!(matches!(action, Action::Run(_)), "the editor has the focus");
        Self {
            home,
            services,
            screen,
        }
    }

    fn ui(&self) -> Simulator<'_, Message> {
        let window = iced::Size::new(1000.0, 700.0);
        Simulator::with_size(
            crate::ui::font::settings(),
            window,
            modal(self.screen.view(), None),
        )
    }

    /// What pressing a button gives; it must be there and not greyed.
    fn press(&mut self, name: &'static str) -> Action {
        let messages: Vec<Message> = {
            let mut ui = self.ui();
            assert!(ui.click(id(name)).is_ok(), "there is no {name}");
            ui.into_messages().collect()
        };
        let [message] = messages.as_slice() else {
            panic!("{name} gives {messages:?}");
        };
        self.screen.update(message.clone())
    }

    fn is_greyed(&self, name: &'static str) -> bool {
        let mut ui = self.ui();
        assert!(ui.click(id(name)).is_ok(), "there is no {name}");
        ui.into_messages().next().is_none()
    }

    fn shows(&self, words: &str) -> bool {
        let wanted = words.to_owned();
        let holds = move |candidate: iced_test::selector::Candidate<'_>| match candidate {
            iced_test::selector::Candidate::Text { content, .. } if content.contains(&wanted) => Some(()),
            _ => None,
        };
        self.ui().find(holds).is_ok()
    }

    fn act(&mut self, action: Act) {
        let _ = self.screen.update(Message::Editor(Event::Acted(action)));
    }

    fn type_text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '\n' => {
                    let _ = self.screen.update(Message::Editor(Event::LineBroken));
                }
                letter => self.act(Act::Edit(Edit::Insert(letter))),
            }
        }
    }

    fn at_end(&mut self) {
        self.act(Act::Move(Motion::DocumentEnd));
    }

    fn text(&self) -> &str {
        self.screen.content.text()
    }

    /// The answer to a question about the file on disk.
    fn look(&mut self, action: Action) -> Action {
        let Action::Look { key, edited } = action else {
            panic!("nobody looks: {action:?}");
        };
        let is_unchanged = self.services.is_unchanged(&edited).map_err(Problem::from);
        self.screen.update(Message::Looked { key, is_unchanged })
    }

    fn read(&mut self, action: Action) -> Action {
        let Action::Read { key, file } = action else {
            panic!("nothing is read: {action:?}");
        };
        let edited = self.services.open_for_editing(file);
        let result = edited.map(Box::new).map_err(Problem::from);
        self.screen.update(Message::Read { key, result })
    }
}

#[test]
fn save_is_greyed_until_something_has_changed() {
    let mut trial = Trial::open(CONDARC);
    assert!(trial.is_greyed("editor-save") && trial.is_greyed("editor-undo"));
    trial.at_end();
    trial.type_text("offline: true\n");
    assert!(trial.shows("not saved"));
    let Action::Save { key, edited, saving } = trial.press("editor-save") else {
        panic!("nothing is saved");
    };
    assert_eq!(saving, Saving::Refuse);
    assert!(edited.text.ends_with("offline: true\n"));
    assert!(trial.is_greyed("editor-save"), "while it is being saved");
    trial.type_text("x");
    assert!(!trial.text().contains('x'), "nothing is typed meanwhile");
    let end = End::Saved {
        edited: edited.clone(),
        entry: Some("entry".to_owned()),
    };
    let stale = Message::Saved {
        key: Key::fresh(),
        end: end.clone(),
    };
    assert!(matches!(trial.screen.update(stale), Action::None));
    let done = trial.screen.update(Message::Saved { key, end });
    assert!(matches!(
        done,
        Action::Done { entry: Some(entry), then: Then::Stay } if entry == "entry"
    ));
    assert!(!trial.screen.is_changed() && trial.is_greyed("editor-save"));
    trial.press("editor-undo");
    assert!(
        trial.screen.is_changed(),
        "what was saved can be undone in the editor"
    );
    trial.press("editor-redo");
    assert!(!trial.screen.is_changed());
}

#[test]
fn a_text_that_conda_would_stumble_over_is_not_saved() {
    let mut trial = Trial::open(CONDARC);
    trial.at_end();
    trial.type_text("channel_alias: [");
    assert!(trial.screen.findings.has_errors());
    assert!(trial.is_greyed("editor-save") && trial.is_greyed("editor-save-and-restart"));
    assert!(trial.shows("error"));
    let _ = trial.press("finding-next");
    assert!(trial.shows("Line "), "the finding is told at its line");
    let _ = trial.screen.update(Message::Editor(Event::Undone));
    let _ = trial.screen.update(Message::Editor(Event::Undone));
    assert!(!trial.screen.findings.has_errors());
}

#[test]
fn the_way_from_one_finding_to_the_next_goes_round() {
    let mut trial = Trial::open("chanels: []\nssl_verify: true\nchanel_alias: x\n");
    assert!(
        trial.screen.findings.marks.len() >= 2,
        "{:?}",
        trial.screen.findings
    );
    trial.at_end();
    let mut lines = Vec::new();
    for _ in 0..3 {
        let _ = trial.screen.update(Message::FindingMoved(Step::Next));
        lines.push(trial.screen.content.caret().line);
    }
    assert_eq!(lines, [0, 2, 0]);
    let _ = trial.screen.update(Message::FindingMoved(Step::Previous));
    assert_eq!(trial.screen.content.caret().line, 2);
}

#[test]
fn keys_are_proposed_while_they_are_typed_and_written_by_enter() {
    let mut trial = Trial::open("");
    trial.type_text("channel_al");
    let (shown, marked) = trial.screen.proposals.shown();
    assert_eq!((shown[0].label.as_str(), marked), ("channel_alias", 0));
    assert!(!shown[0].documentation.is_empty());
    let _ = trial.screen.update(Message::Editor(Event::CompletionTaken(None)));
    assert_eq!(trial.text(), "channel_alias: ");
    assert!(!trial.screen.proposals.is_open());
    let _ = trial.screen.update(Message::Editor(Event::Undone));
    assert_eq!(trial.text(), "channel_al", "a proposal is one step");
}

#[test]
fn proposals_are_asked_for_moved_and_dismissed() {
    let mut trial = Trial::open("");
    let _ = trial.screen.update(Message::Editor(Event::CompletionAsked));
    let count = trial.screen.proposals.shown().0.len();
    assert!(count > 10, "everything that can stand here");
    let _ = trial.screen.update(Message::Editor(Event::CompletionMoved(-1)));
    assert_eq!(trial.screen.proposals.shown().1, count - 1, "round the end");
    let _ = trial.screen.update(Message::Editor(Event::CompletionMoved(1)));
    assert_eq!(trial.screen.proposals.shown().1, 0);
    let _ = trial.screen.update(Message::Editor(Event::CompletionDismissed));
    assert!(!trial.screen.proposals.is_open());
    trial.type_text("ssl");
    assert!(trial.screen.proposals.is_open());
    trial.act(Act::Move(Motion::Left));
    assert!(!trial.screen.proposals.is_open(), "who moves on wants none");
}

#[test]
fn the_search_finds_and_is_closed_by_escape() {
    let mut trial = Trial::open(CONDARC);
    assert!(matches!(trial.press("editor-find"), Action::Run(_)));
    let _ = trial.screen.update(Message::SearchTyped(Typed::new("ma")));
    assert!(trial.shows("1 of 1"));
    let _ = trial.screen.update(Message::SearchTyped(Typed::new("e")));
    let _ = trial.press("search-next");
    let _ = trial.press("search-previous");
    let messages: Vec<Message> = {
        let mut ui = trial.ui();
        ui.tap_key(Named::Escape);
        ui.into_messages().collect()
    };
    assert!(matches!(messages.as_slice(), [Message::SearchClosed]));
    let _ = trial.press("search-close");
    assert!(trial.screen.search.is_none());
}

#[test]
fn tokens_are_covered_until_they_are_asked_for() {
    let mut trial = Trial::open("channels:\n  - https://h/t/abc/x\n");
    assert!(!trial.screen.shows_secrets);
    let _ = trial.press("editor-secrets");
    assert!(trial.screen.shows_secrets);
}

#[test]
fn the_changes_are_shown_against_the_disk() {
    let mut trial = Trial::open("channels:\n  - https://h/t/abc123/x\n");
    trial.at_end();
    trial.type_text("offline: true\n");
    let Action::Compare { key, edited } = trial.press("editor-changes") else {
        panic!("nothing is compared");
    };
    let diff = trial.services.diff_to_disk(&edited);
    let result = diff.map(Box::new).map_err(Problem::from);
    let _ = trial.screen.update(Message::Compared { key, result });
    assert!(trial.shows("offline: true") && !trial.shows("abc123"));
    let _ = trial.press("editor-text");
    assert!(matches!(trial.screen.pane, Pane::Text));
}

#[test]
fn a_file_that_nobody_edited_here_is_simply_read_again() {
    let mut trial = Trial::open(CONDARC);
    fs::write(trial.home.path().join(".condarc"), "offline: true\n").unwrap();
    let action = trial.screen.update(Message::DiskTouched);
    let action = trial.look(action);
    trial.read(action);
    assert_eq!(trial.text(), "offline: true\n");
    assert!(!trial.screen.is_changed());
}

#[test]
fn a_file_that_both_changed_is_asked_about() {
    let mut trial = Trial::open(CONDARC);
    trial.at_end();
    trial.type_text("offline: true\n");
    fs::write(
        trial.home.path().join(".condarc"),
        format!("{CONDARC}quiet: true\n"),
    )
    .unwrap();
    let action = trial.screen.update(Message::DiskTouched);
    assert!(matches!(trial.look(action), Action::None));
    assert!(trial.shows("Another program has changed the file meanwhile."));

    let Action::Save { key, saving, .. } = trial.press("disk-merge") else {
        panic!("nothing is merged");
    };
    assert_eq!(saving, Saving::Merge);
    let failed = Problem::new(Kind::Conflict, "both changes cannot be joined");
    let end = End::Failed(failed);
    let _ = trial.screen.update(Message::Saved { key, end });
    assert!(trial.shows("Both changes cannot be joined."));

    let _ = trial.press("disk-keep");
    assert!(matches!(
        trial.press("editor-save"),
        Action::Save {
            saving: Saving::Overwrite,
            ..
        }
    ));
}

#[test]
fn reloading_takes_what_is_there_and_can_be_undone() {
    let mut trial = Trial::open(CONDARC);
    trial.at_end();
    trial.type_text("offline: true\n");
    let mine = trial.text().to_owned();
    fs::write(trial.home.path().join(".condarc"), "quiet: true\n").unwrap();
    let action = trial.screen.update(Message::DiskTouched);
    trial.look(action);
    let action = trial.press("disk-reload");
    trial.read(action);
    assert_eq!(trial.text(), "quiet: true\n");
    let _ = trial.screen.update(Message::Editor(Event::Undone));
    assert_eq!(trial.text(), mine);
}

#[test]
fn saving_first_notices_what_was_not_told() {
    let mut trial = Trial::open(CONDARC);
    trial.at_end();
    trial.type_text("offline: true\n");
    let Action::Save { key, .. } = trial.press("editor-save") else {
        panic!("nothing is saved");
    };
    let end = End::ChangedMeanwhile;
    let _ = trial.screen.update(Message::Saved { key, end });
    assert!(trial.shows("Another program has changed the file meanwhile."));
}

#[test]
fn who_leaves_with_changes_is_asked() {
    let mut trial = Trial::open(CONDARC);
    assert!(matches!(trial.press("editor-close"), Action::Close));
    trial.at_end();
    trial.type_text("offline: true\n");
    assert!(matches!(trial.press("editor-back"), Action::None));
    assert!(trial.shows("Your changes are not saved."));
    let _ = trial.press("leave-stay");
    assert!(!trial.shows("Your changes are not saved."));
    let _ = trial.press("editor-close");
    assert!(matches!(trial.press("leave-discard"), Action::Close));
    let Action::Save { key, edited, .. } = trial.press("leave-save") else {
        panic!("nothing is saved");
    };
    let end = End::Saved { edited, entry: None };
    let done = trial.screen.update(Message::Saved { key, end });
    assert!(matches!(
        done,
        Action::Done {
            then: Then::Close,
            ..
        }
    ));
}

#[test]
fn save_and_restart_restarts_also_where_nothing_is_to_be_saved() {
    let mut trial = Trial::open(CONDARC);
    let done = trial.press("editor-save-and-restart");
    assert!(matches!(
        done,
        Action::Done {
            entry: None,
            then: Then::Restart
        }
    ));
    trial.at_end();
    trial.type_text("offline: true\n");
    let Action::Save { key, edited, .. } = trial.press("editor-save-and-restart") else {
        panic!("nothing is saved");
    };
    let end = End::Saved { edited, entry: None };
    let done = trial.screen.update(Message::Saved { key, end });
    assert!(matches!(
        done,
        Action::Done {
            then: Then::Restart,
            ..
        }
    ));
}

#[test]
fn shortcuts_work_wherever_the_focus_is() {
    let mut trial = Trial::open(CONDARC);
    trial.at_end();
    trial.type_text("offline: true\n");
    let pressed = |trial: &Trial, key: &str| -> Vec<Message> {
        let mut ui = trial.ui();
        let event = iced::keyboard::Event::KeyPressed {
            key: iced::keyboard::Key::Character(key.into()),
            modified_key: iced::keyboard::Key::Character(key.into()),
            physical_key: iced::keyboard::key::Physical::Unidentified(
                iced::keyboard::key::NativeCode::Unidentified,
            ),
            location: iced::keyboard::Location::Standard,
            modifiers: iced::keyboard::Modifiers::COMMAND,
            text: None,
            repeat: false,
        };
        let _ = ui.simulate([iced::Event::Keyboard(event)]);
        ui.into_messages().collect()
    };
    assert!(matches!(pressed(&trial, "s").as_slice(), [Message::SavePressed]));
    assert!(matches!(
        pressed(&trial, "f").as_slice(),
        [Message::SearchPressed]
    ));
    assert!(pressed(&trial, "x").is_empty());
}

#[test]
fn lone_carriage_returns_are_no_change() {
    let trial = Trial::open("a: 1\rb: 2\n");
    assert!(!trial.screen.is_changed());
    assert_eq!(trial.screen.present().text, trial.screen.edited.text);
}

#[test]
fn a_broken_file_opens_at_what_is_wrong_with_it() {
    let trial = Trial::open("channels:\n  - a\nssl_verify: [\n");
    assert!(trial.screen.findings.has_errors());
    assert!(trial.screen.content.caret().line >= 2);
    assert!(trial.shows("Line "));
}

#[test]
fn nothing_prints_the_text() {
    let mut trial = Trial::open("channels:\n  - https://h/t/hunter2/x\n");
    let _ = trial.screen.update(Message::SearchPressed);
    let searched = Message::SearchTyped(Typed::new("hunter2"));
    let shown = format!("{searched:?}");
    let _ = trial.screen.update(searched);
    trial.at_end();
    trial.type_text("x");
    let action = trial.screen.save(Saving::Refuse, Then::Stay);
    let shown = format!("{shown} {:?} {action:?}", trial.screen);
    assert!(!shown.contains("hunter2"), "{shown}");
}
