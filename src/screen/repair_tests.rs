use std::fs;
use std::sync::Arc;

use super::*;
use crate::credential::FileStore;
use crate::error::Kind;
use crate::locations::Locations;
use crate::screen::dialog_trial::{press, shows};
use crate::service::{Services, SystemClock};

/// The repair of a home with these files.
fn repair_of(files: &[(&str, &str)]) -> Box<RepairPlan> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let locations = Locations::inside(folder.path());
    let credentials = Arc::new(FileStore::new(locations.credentials()));
    let services = Services::with(locations, credentials, Arc::new(SystemClock));
    Box::new(services.plan_repair(None).unwrap())
}

fn stuck() -> Box<RepairPlan> {
    repair_of(&[
        (
            ".anaconda/navigator/anaconda-navigator.ini",
            "[main]\nlogged_api_url = 'https://psm.example.com'\nanaconda_server_token = 'stale1'\n",
        ),
        (".condarc", "channel_alias: https://psm.example.com/api/repo\n"),
    ])
}

fn planned(repair: Box<RepairPlan>) -> RepairDialog {
    match RepairDialog::new(Path::new("/home/ana")) {
        (mut dialog, Action::Plan(key)) => {
            dialog.update(Message::Planned {
                key,
                result: Ok(repair),
            });
            dialog
        }
        (_, action) => panic!("{action:?}"),
    }
}

#[test]
fn what_goes_is_seen_before_it_goes_and_then_one_signs_in_again() {
    let mut dialog = planned(stuck());
    assert!(shows(
        dialog.view(),
        "channel_alias: https://psm.example.com/api/repo"
    ));
    assert!(!shows(dialog.view(), "anaconda_server_token = 'stale1'"));
    let message = press(dialog.view(), "Repair").remove(0);
    let Action::Repair { key, .. } = dialog.update(message) else {
        panic!("nothing is repaired");
    };
    let done = Box::new(RepairDone {
        entry: None,
        sign_in_to: Some(Domain::parse("https://psm.example.com").unwrap()),
        set_aside: Vec::new(),
    });
    let action = dialog.update(Message::Ended {
        key,
        end: End::Done(done),
    });
    assert!(matches!(action, Action::Repaired), "{action:?}");
    assert!(shows(dialog.view(), "Now sign in to psm.example.com again."));
    let message = press(dialog.view(), "Sign in again").remove(0);
    let action = dialog.update(message);
    assert!(
        matches!(action, Action::SignIn(Some(ref domain)) if domain.host() == "psm.example.com"),
        "{action:?}"
    );
}

#[test]
fn with_nothing_to_repair_signing_in_is_what_is_left() {
    let mut dialog = planned(repair_of(&[]));
    assert!(shows(dialog.view(), "There is nothing to repair"));
    assert!(!shows(dialog.view(), "Repair"));
    let message = press(dialog.view(), "Sign in again").remove(0);
    assert!(matches!(dialog.update(message), Action::SignIn(None)));
}

#[test]
fn a_failure_is_told_and_tried_again_and_a_file_that_changed_is_planned_anew() {
    let mut dialog = planned(stuck());
    let Action::Repair { key, .. } = dialog.update(Message::RepairPressed) else {
        panic!("nothing is repaired");
    };
    let problem = Problem::new(Kind::Busy, "another Sextant is changing files right now");
    let stale = dialog.update(Message::Ended {
        key: Key::fresh(),
        end: End::Stale,
    });
    assert!(matches!(stale, Action::None), "an answer to another question");
    dialog.update(Message::Ended {
        key,
        end: End::Failed(problem),
    });
    assert!(shows(
        dialog.view(),
        "Another Sextant is changing files right now."
    ));
    let message = press(dialog.view(), "Try again").remove(0);
    let Action::Plan(key) = dialog.update(message) else {
        panic!("nothing is planned");
    };
    dialog.update(Message::Planned {
        key,
        result: Ok(stuck()),
    });
    let Action::Repair { key, .. } = dialog.update(Message::RepairPressed) else {
        panic!("nothing is repaired");
    };
    let action = dialog.update(Message::Ended { key, end: End::Stale });
    assert!(matches!(action, Action::Plan(_)), "{action:?}");
}
