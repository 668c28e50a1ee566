use std::fs;
use std::sync::Arc;

use super::*;
use crate::conda::channel::ChannelEntry;
use crate::credential::FileStore;
use crate::error::Kind;
use crate::locations::Locations;
use crate::screen::dialog_trial::{press, shows};
use crate::service::{Services, SystemClock};

struct Home {
    folder: tempfile::TempDir,
    services: Services,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let locations = Locations::inside(folder.path());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let services = Services::with(locations, credentials, Arc::new(SystemClock));
        let text =
            "channels:\n  - https://repo.anaconda.cloud/t/secret1/repo/org/one\n  - two\n  - defaults\n";
        fs::write(folder.path().join(".condarc"), text).unwrap();
        Self { folder, services }
    }

    fn items(&self) -> Vec<LeftBehind> {
        let names = ["https://repo.anaconda.cloud/repo/org/one", "two"].map(ChannelEntry::from_text);
        names
            .iter()
            .flat_map(|name| self.services.places_of_channel(name))
            .collect()
    }

    fn opened(&self) -> LeftBehindDialog {
        let opened = LeftBehindDialog::new("repo.anaconda.cloud", self.items(), self.folder.path());
        let (mut dialog, Action::Plan { key, gone }) = opened else {
            panic!("nothing is planned");
        };
        self.answer(&mut dialog, key, &gone);
        dialog
    }

    fn answer(&self, dialog: &mut LeftBehindDialog, key: Key, gone: &[LeftBehind]) {
        let plan = self.services.plan_remove_left_behind(gone).unwrap();
        dialog.update(Message::Planned {
            key,
            result: Ok(Box::new(plan)),
        });
    }
}

#[test]
fn everything_is_removed_that_is_not_kept_and_defaults_is_none_of_it() {
    let home = Home::new();
    let mut dialog = home.opened();
    assert!(shows(
        dialog.view(),
        "https://repo.anaconda.cloud/t/••••/repo/org/one"
    ));
    assert!(!shows(dialog.view(), "defaults"));
    let Action::Plan { key, gone } = dialog.update(Message::Chosen {
        at: 1,
        fate: Fate::Keep,
    }) else {
        panic!("nothing is planned");
    };
    assert_eq!(gone.len(), 1);
    home.answer(&mut dialog, key, &gone);
    let message = press(dialog.view(), "Remove").remove(0);
    let Action::Remove { plan, .. } = dialog.update(message) else {
        panic!("nothing is removed");
    };
    let diff = plan.diffs()[0].to_text();
    assert!(diff.contains("- "), "{diff}");
    assert!(!diff.contains("secret1") && !diff.contains("-   - two"), "{diff}");
}

#[test]
fn all_can_be_kept() {
    let home = Home::new();
    let mut dialog = home.opened();
    for at in 0..2 {
        dialog.update(Message::Chosen { at, fate: Fate::Keep });
    }
    assert!(matches!(dialog.update(Message::RemovePressed), Action::None));
    assert!(matches!(
        press(dialog.view(), "Keep all").as_slice(),
        [Message::Closed]
    ));
}

#[test]
fn a_stale_answer_is_dropped_and_a_failure_is_told() {
    let home = Home::new();
    let mut dialog = home.opened();
    let Action::Remove { key, .. } = dialog.update(Message::RemovePressed) else {
        panic!("nothing is removed");
    };
    let dropped = dialog.update(Message::Ended {
        key: Key::fresh(),
        end: End::Stale,
    });
    assert!(matches!(dropped, Action::None));
    dialog.update(Message::Ended {
        key,
        end: End::Failed(Problem::new(Kind::File, "there is no space left")),
    });
    assert!(shows(dialog.view(), "There is no space left."));
}
