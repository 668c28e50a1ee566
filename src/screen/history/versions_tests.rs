use std::fs;
use std::sync::Arc;

use super::*;
use crate::credential::FileStore;
use crate::locations::Locations;
use crate::screen::dialog_trial::{press, shows};
use crate::service::{Services, SystemClock};

/// A home whose `.condarc` has two earlier versions.
struct Home {
    _folder: tempfile::TempDir,
    services: Services,
    path: PathBuf,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let locations = Locations::inside(folder.path());
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let services = Services::with(locations, credentials, Arc::new(SystemClock));
        let path = folder.path().join(".condarc");
        for text in ["channels: [one]\n", "channels: [two\n", "channels: [three]\n"] {
            fs::write(&path, text).unwrap();
            services.notice_changes().unwrap();
        }
        Self {
            _folder: folder,
            services,
            path,
        }
    }

    fn listed(&self) -> Vec<Listed> {
        let snapshots = self.services.snapshots_of(&self.path).unwrap();
        snapshots
            .into_iter()
            .map(|snapshot| Listed {
                snapshot,
                when: "2026-11-24 10:00".to_owned(),
            })
            .collect()
    }

    fn plan(&self, id: &str) -> Box<Plan> {
        Box::new(self.services.plan_restore(&self.path, id).unwrap())
    }

    fn dialog(&self) -> Versions {
        let files = vec![
            Followed {
                path: self.path.clone(),
                name: ".condarc",
            },
            Followed {
                path: "/home/ana/x.ini".into(),
                name: "Navigator",
            },
        ];
        match Versions::new(files, Path::new("/home/ana")) {
            (mut dialog, Action::Load { key, path }) => {
                assert_eq!(path, self.path);
                dialog.update(Message::Loaded {
                    key,
                    result: Ok(self.listed()),
                });
                dialog
            }
            (_, action) => panic!("{action:?}"),
        }
    }
}

fn chosen(dialog: &mut Versions, at: usize) -> (Key, String) {
    match dialog.update(Message::Chosen(at)) {
        Action::Plan { key, id, .. } => (key, id),
        action => panic!("{action:?}"),
    }
}

#[test]
fn a_version_is_looked_at_before_it_is_put_back() {
    let home = Home::new();
    let mut dialog = home.dialog();
    assert!(shows(dialog.view(), "as it is now") && shows(dialog.view(), "broken"));
    // The present one is none to be put back.
    assert!(matches!(dialog.update(Message::Chosen(0)), Action::None));
    let (key, id) = chosen(&mut dialog, 2);
    dialog.update(Message::Planned {
        key,
        result: Ok(home.plan(&id)),
    });
    assert!(shows(dialog.view(), "channels: [one]"));
    let message = press(dialog.view(), "Put back").remove(0);
    let action = dialog.update(message);
    assert!(matches!(action, Action::PutBack { .. }), "{action:?}");
    assert!(
        matches!(dialog.update(Message::Chosen(1)), Action::None),
        "it is being put back"
    );
}

#[test]
fn an_answer_about_another_version_is_dropped() {
    let home = Home::new();
    let mut dialog = home.dialog();
    let (first, id) = chosen(&mut dialog, 2);
    let (_, _) = chosen(&mut dialog, 1);
    dialog.update(Message::Planned {
        key: first,
        result: Ok(home.plan(&id)),
    });
    assert!(!shows(dialog.view(), "channels: [one]"));
    assert!(matches!(dialog.update(Message::PutBackPressed), Action::None));
}

#[test]
fn another_file_is_another_list_and_a_failure_is_told() {
    let home = Home::new();
    let mut dialog = home.dialog();
    let Action::Load { key, path } = dialog.update(Message::FileChosen("Navigator")) else {
        panic!("nothing is loaded");
    };
    assert_eq!(path, Path::new("/home/ana/x.ini"));
    dialog.update(Message::Loaded {
        key,
        result: Ok(Vec::new()),
    });
    assert!(shows(dialog.view(), "No version of it is kept yet."));
    let problem = Problem::new(crate::error::Kind::File, "the history cannot be read");
    let Action::Load { key, .. } = dialog.update(Message::FileChosen(".condarc")) else {
        panic!("nothing is loaded");
    };
    dialog.update(Message::Loaded {
        key,
        result: Err(problem),
    });
    assert!(shows(dialog.view(), "The history cannot be read."));
}

#[test]
fn a_file_that_has_changed_meanwhile_is_planned_anew() {
    let home = Home::new();
    let mut dialog = home.dialog();
    let (key, id) = chosen(&mut dialog, 2);
    dialog.update(Message::Planned {
        key,
        result: Ok(home.plan(&id)),
    });
    let Action::PutBack { key, .. } = dialog.update(Message::PutBackPressed) else {
        panic!("nothing is put back");
    };
    let again = dialog.update(Message::Ended { key, end: End::Stale });
    assert!(
        matches!(again, Action::Plan { id: ref planned, .. } if *planned == id),
        "{again:?}"
    );
}
