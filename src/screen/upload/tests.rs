use super::*;
use crate::package::distribution::{About, Distribution, Form};
use crate::repository::Visibility;
use crate::screen::dialog_trial::{click, enter_in, press, shows, type_into};
use crate::screen::typed::Typed;
use crate::service::plan::Warning;
use crate::service::upload::{
    Outlook, PlannedUpload, ReadyFile, There, UploadOutcome, UploadPlace, UploadedFile,
};

fn target(service: Service) -> Target {
    Target {
        service,
        host: "repo.example.com".to_owned(),
        user: "ana".to_owned(),
    }
}

fn dialog(service: Service) -> Upload {
    Upload::new(Path::new("/home/ana"), vec![target(service)])
}

fn file(name: &str, there: There) -> PlannedUpload {
    PlannedUpload {
        path: PathBuf::from(format!("/home/ana/{name}")),
        on_conflict: OnConflict::default(),
        outlook: Outlook::Ready(Box::new(ReadyFile {
            visible_to: Some(Visibility::Private),
            there,
            distribution: Distribution {
                path: PathBuf::from(format!("/home/ana/{name}")),
                file_name: name.to_owned(),
                size: 1_000_000,
                sha256: [0; 32],
                md5: [0; 16],
                name: "plot".to_owned(),
                version: "2026.01.01".to_owned(),
                about: About::default(),
                form: Form::Notebook,
            },
        })),
    }
}

fn refused(name: &str) -> PlannedUpload {
    let problem = Problem::new(Kind::File, format!("{name} is damaged")).remedy("build it again");
    PlannedUpload {
        path: PathBuf::from(format!("/home/ana/{name}")),
        on_conflict: OnConflict::default(),
        outlook: Outlook::Refused(problem),
    }
}

fn plan(files: Vec<PlannedUpload>) -> Box<UploadPlan> {
    Box::new(UploadPlan {
        service: Service::Server,
        domain: "https://repo.example.com".to_owned(),
        place: UploadPlace::Account {
            login: "ana".to_owned(),
        },
        labels: vec!["main".to_owned()],
        access: WishedAccess::Usual,
        files,
        warnings: vec![Warning {
            message: "the weather is bad".to_owned(),
            remedy: None,
        }],
    })
}

/// A dialog that has a plan of these files.
fn planned(files: Vec<PlannedUpload>) -> Upload {
    let mut dialog = dialog(Service::Server);
    for file in &files {
        dialog.update(Message::Dropped(file.path.clone()));
    }
    let Action::Plan { key, .. } = dialog.update(Message::PreviewPressed) else {
        panic!("nothing is planned");
    };
    let other = plan(Vec::new());
    let stale = dialog.update(Message::Planned {
        key: Key::fresh(),
        result: Ok(other),
    });
    assert!(
        matches!(stale, Action::None),
        "the answer to another question is dropped"
    );
    dialog.update(Message::Planned {
        key,
        result: Ok(plan(files)),
    });
    dialog
}

fn sending(files: Vec<PlannedUpload>) -> (Upload, Key) {
    let mut dialog = planned(files);
    let Action::Upload { key, .. } = dialog.update(Message::UploadPressed) else {
        panic!("nothing is sent");
    };
    (dialog, key)
}

#[test]
fn files_come_from_the_field_and_from_outside_each_once() {
    let mut dialog = dialog(Service::Server);
    assert!(
        matches!(dialog.update(Message::PreviewPressed), Action::None),
        "there is no file"
    );
    let typed = type_into(dialog.view(), PATH, "~/a.conda").unwrap();
    dialog.update(typed);
    for message in enter_in(dialog.view(), PATH) {
        dialog.update(message);
    }
    dialog.update(Message::Dropped(PathBuf::from("/tmp/b.whl")));
    dialog.update(Message::Dropped(PathBuf::from("/tmp/b.whl")));
    assert!(shows(dialog.view(), "a.conda") && shows(dialog.view(), "b.whl"));
    // What stands in the field counts too.
    dialog.update(Message::PathTyped("/tmp/c.ipynb".to_owned()));
    let Action::Plan { wish, password, .. } = dialog.update(Message::PreviewPressed) else {
        panic!("nothing is planned");
    };
    let files = ["/home/ana/a.conda", "/tmp/b.whl", "/tmp/c.ipynb"].map(PathBuf::from);
    assert_eq!(wish.files, files);
    assert!(wish.to.is_none() && wish.labels.is_empty() && password.is_none());
}

#[test]
fn a_file_is_left_out_again() {
    let mut dialog = dialog(Service::Server);
    dialog.update(Message::Dropped(PathBuf::from("/tmp/a.conda")));
    dialog.update(Message::Dropped(PathBuf::from("/tmp/b.conda")));
    for message in click(dialog.view(), "upload-remove-0") {
        dialog.update(message);
    }
    assert!(!shows(dialog.view(), "a.conda") && shows(dialog.view(), "b.conda"));
}

#[test]
fn a_repository_wants_a_password_and_has_labels_and_private_packages() {
    let mut dialog = dialog(Service::AnacondaOrg);
    dialog.update(Message::Dropped(PathBuf::from("/tmp/a.conda")));
    assert!(
        matches!(dialog.update(Message::PreviewPressed), Action::None),
        "no password yet"
    );
    dialog.update(Message::Password(secret_field::Message::Typed(Typed::new(
        "hunter2",
    ))));
    dialog.update(Message::PlaceTyped(" team ".to_owned()));
    dialog.update(Message::LabelsTyped("beta, nightly".to_owned()));
    for message in press(dialog.view(), "Private") {
        dialog.update(message);
    }
    let Action::Plan {
        key, wish, password, ..
    } = dialog.update(Message::PreviewPressed)
    else {
        panic!("nothing is planned");
    };
    assert_eq!(wish.to.as_deref(), Some("team"));
    assert_eq!(wish.labels, ["beta", "nightly"]);
    assert_eq!(wish.access, WishedAccess::Private);
    assert_eq!(password.unwrap().expose(), "hunter2");
    assert!(!format!("{dialog:?}").contains("hunter2"));
    // A refusal stands at the field, and nothing that was filled in is lost.
    let refusal = Problem::new(Kind::Auth, "wrong password");
    let retyped = dialog.update(Message::Planned {
        key,
        result: Err(refusal),
    });
    assert!(matches!(retyped, Action::Run(_)));
    assert!(shows(dialog.view(), "Wrong password.") && shows(dialog.view(), "a.conda"));
}

#[test]
fn a_session_that_has_ended_asks_for_the_password() {
    let mut dialog = dialog(Service::Server);
    assert!(!shows(dialog.view(), "Password of ana"));
    assert!(!shows(dialog.view(), "Labels"), "this server has none");
    dialog.update(Message::Dropped(PathBuf::from("/tmp/a.conda")));
    let Action::Plan { key, .. } = dialog.update(Message::PreviewPressed) else {
        panic!("nothing is planned");
    };
    let ended = Problem::new(Kind::Auth, "the session has ended");
    dialog.update(Message::Planned {
        key,
        result: Err(ended),
    });
    assert!(shows(dialog.view(), "Password of ana"));
}

#[test]
fn what_would_happen_is_shown_and_conflicts_are_decided() {
    let files = vec![
        file("new.ipynb", There::Nothing),
        file("same.ipynb", There::SameFile),
        file("other.ipynb", There::OtherFile),
        refused("broken.conda"),
    ];
    let mut dialog = planned(files);
    assert!(shows(dialog.view(), "The weather is bad."));
    assert!(shows(dialog.view(), "private"));
    assert!(shows(dialog.view(), "broken.conda is damaged.\nBuild it again."));
    assert!(shows(dialog.view(), "1 file, 1.0 MB"));
    assert!(shows(
        dialog.view(),
        "Another file of this name is there, and stays."
    ));
    for message in press(dialog.view(), "Replace") {
        dialog.update(message);
    }
    assert!(shows(dialog.view(), "2 files, 2.0 MB"));
    let Action::Upload { plan, .. } = dialog.update(Message::UploadPressed) else {
        panic!("nothing is sent");
    };
    assert_eq!(plan.files[2].on_conflict, OnConflict::Replace);
}

#[test]
fn nothing_is_sent_where_there_is_nothing_to_send() {
    let mut dialog = planned(vec![file("same.ipynb", There::SameFile), refused("broken.conda")]);
    assert!(matches!(dialog.update(Message::UploadPressed), Action::None));
    for message in press(dialog.view(), "Back") {
        dialog.update(message);
    }
    assert!(shows(dialog.view(), "same.ipynb"), "one can choose anew");
}

#[test]
fn progress_is_shown_and_cancelling_counts_at_once() {
    let (mut dialog, key) = sending(vec![
        file("a.ipynb", There::Nothing),
        file("b.ipynb", There::Nothing),
    ]);
    let sent = |file: usize, step: UploadStep| Message::Progressed {
        key,
        progress: UploadProgress { file, step },
    };
    dialog.update(sent(0, UploadStep::Sending { sent: 500_000 }));
    assert!(shows(dialog.view(), "500 kB of 1.0 MB") && shows(dialog.view(), "waiting"));
    assert_eq!(dialog.share(), Some((key, 0.25)));
    dialog.update(Message::Progressed {
        key: Key::fresh(),
        progress: UploadProgress {
            file: 1,
            step: UploadStep::Preparing,
        },
    });
    assert!(
        shows(dialog.view(), "waiting"),
        "what is told of other work is dropped"
    );
    let cancel = click(dialog.view(), "upload-cancel");
    assert!(matches!(dialog.update(cancel[0].clone()), Action::Stop(stopped) if stopped == key));
    assert!(shows(dialog.view(), "Cancelling"));
    assert!(click(dialog.view(), "upload-cancel").is_empty(), "once is enough");
    dialog.update(sent(0, UploadStep::TakingBack));
    let outcomes = [UploadOutcome::Cancelled, UploadOutcome::NotTried];
    dialog.update(Message::Ended {
        key,
        result: Ok(report(outcomes)),
    });
    assert!(shows(dialog.view(), "cancelled; nothing of it is there") && shows(dialog.view(), "not sent"));
    assert_eq!(dialog.result(), Some((2, 2)));
}

fn report(outcomes: [UploadOutcome; 2]) -> UploadReport {
    let names = ["a.ipynb", "b.ipynb"];
    let files = names.iter().zip(outcomes).map(|(name, outcome)| UploadedFile {
        path: PathBuf::from(format!("/home/ana/{name}")),
        outcome,
    });
    UploadReport {
        files: files.collect(),
    }
}

#[test]
fn the_rest_is_uploaded_after_a_failure() {
    let (mut dialog, key) = sending(vec![
        file("a.ipynb", There::Nothing),
        file("b.ipynb", There::Nothing),
    ]);
    let failed = UploadOutcome::Failed(Problem::new(Kind::Network, "the connection broke off"));
    dialog.update(Message::Ended {
        key,
        result: Ok(report([UploadOutcome::Uploaded { replaced: false }, failed])),
    });
    assert!(shows(dialog.view(), "Not everything was uploaded"));
    assert!(shows(dialog.view(), "The connection broke off."));
    assert!(dialog.is_worth_keeping());
    let rest = click(dialog.view(), "upload-rest");
    let Action::Plan { wish, .. } = dialog.update(rest[0].clone()) else {
        panic!("nothing is planned");
    };
    assert_eq!(wish.files, [PathBuf::from("/home/ana/b.ipynb")]);
}

#[test]
fn it_may_go_on_in_the_background_and_a_dropped_file_begins_the_next_round() {
    let (mut dialog, key) = sending(vec![
        file("a.ipynb", There::Nothing),
        file("b.ipynb", There::Nothing),
    ]);
    let close = click(dialog.view(), "upload-close");
    assert!(matches!(dialog.update(close[0].clone()), Action::Close));
    assert!(dialog.is_sending());
    let done = || UploadOutcome::Uploaded { replaced: false };
    dialog.update(Message::Ended {
        key,
        result: Ok(report([done(), done()])),
    });
    assert!(shows(dialog.view(), "Uploaded"));
    dialog.update(Message::Dropped(PathBuf::from("/tmp/c.conda")));
    assert!(shows(dialog.view(), "c.conda") && !shows(dialog.view(), "a.ipynb"));
}

#[test]
fn it_is_cancelled_from_the_status_line_too() {
    let (mut dialog, key) = sending(vec![file("a.ipynb", There::Nothing)]);
    dialog.cancelled(Key::fresh());
    assert!(shows(dialog.view(), "Uploading"));
    dialog.cancelled(key);
    assert!(shows(dialog.view(), "Cancelling"));
}
