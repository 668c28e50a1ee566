use iced::keyboard::key::Named;

use super::*;
use crate::package::solve::{Explanation, Reason};
use crate::package::{Channel, Record};
use crate::screen::dialog_trial::{click, key, shows};
use crate::service::plan::Warning;

fn record(name: &str, version: &str, channel: &str) -> Record {
    Record {
        name: name.to_owned(),
        version: version.to_owned(),
        build: format!("py_{version}"),
        build_number: 0,
        channel: Channel {
            name: channel.to_owned(),
            url: format!("https://psm.example.com/api/repo/{channel}"),
        },
        subdir: "noarch".to_owned(),
        file_name: format!("{name}-{version}-py_0.conda"),
        size: Some(7_100_000),
        license: None,
        depends: Vec::new(),
        constrains: Vec::new(),
        timestamp: None,
    }
}

fn preview() -> Preview {
    Preview {
        prefix: "/home/ana/envs/forecast".into(),
        added: vec![record("scipy", "1.16", "main")],
        changed: vec![(
            record("numpy", "1.26", "research"),
            record("numpy", "2.3", "main"),
        )],
        removed: vec![record("prophet", "1.2", "main")],
        bytes_to_download: 84_200_000,
        scripts: vec!["scipy".to_owned()],
        warnings: vec![Warning {
            message: "scipy is in two channels".to_owned(),
            remedy: None,
        }],
    }
}

fn begun() -> (ChangeDialog, Key) {
    let subject = Subject::Packages {
        environment: "forecast".to_owned(),
    };
    match ChangeDialog::new(subject) {
        (dialog, Action::Plan(key)) => (dialog, key),
        _ => panic!("nothing is planned"),
    }
}

fn planned(preview: Preview) -> ChangeDialog {
    let (mut dialog, key) = begun();
    let result = Ok(Box::new(preview.into()));
    assert!(matches!(
        dialog.update(Message::Planned { key, result }),
        Action::Run(_)
    ));
    dialog
}

fn running() -> (ChangeDialog, Key) {
    let mut dialog = planned(preview());
    match dialog.update(Message::ApplyPressed) {
        Action::Apply { key, consents } if consents == Consents::default() => (dialog, key),
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_is_seen_before_anything_happens() {
    let (dialog, _) = begun();
    assert!(shows(dialog.view(), "Finding packages that fit together"));
    let dialog = planned(preview());
    for words in [
        "1 added, 1 changed, 1 removed; 84.2 MB to download",
        "Scipy is in two channels.",
        "Added (1)",
        "scipy",
        "1.16",
        "Changed (1)",
        "1.26",
        "2.3",
        "Removed (1)",
        "prophet",
        "Let them run scripts: scipy",
    ] {
        assert!(shows(dialog.view(), words), "{words}");
    }
    assert!(matches!(
        key(dialog.view(), Named::Enter)[..],
        [Message::ApplyPressed]
    ));
    assert!(matches!(
        key(dialog.view(), Named::Escape)[..],
        [Message::CancelPressed]
    ));
}

#[test]
fn scripts_run_only_with_consent() {
    let mut dialog = planned(preview());
    let messages = click(dialog.view(), "change-consent");
    assert!(matches!(messages[..], [Message::ScriptsToggled(true)]));
    dialog.update(Message::ScriptsToggled(true));
    let Action::Apply {
        consents: Consents {
            scripts: true,
            pip: false,
        },
        ..
    } = dialog.update(Message::ApplyPressed)
    else {
        panic!("the consent is lost");
    };
    let without = Preview {
        scripts: Vec::new(),
        ..preview()
    };
    assert!(!shows(planned(without).view(), "Let them run scripts: scipy"));
}

#[test]
fn nothing_to_do_is_said_and_cannot_be_applied() {
    let nothing = Preview {
        added: Vec::new(),
        changed: Vec::new(),
        removed: Vec::new(),
        scripts: Vec::new(),
        warnings: Vec::new(),
        ..preview()
    };
    let mut dialog = planned(nothing.clone());
    assert!(shows(dialog.view(), "Everything is as it is wanted already."));
    assert!(matches!(dialog.update(Message::ApplyPressed), Action::None));
    assert!(matches!(
        key(dialog.view(), Named::Enter)[..],
        [Message::CancelPressed]
    ));
    // A new environment may be empty.
    let (mut dialog, action) = ChangeDialog::new(Subject::Create {
        name: "new".to_owned(),
    });
    let Action::Plan(key) = action else {
        panic!("nothing is planned");
    };
    dialog.update(Message::Planned {
        key,
        result: Ok(Box::new(nothing.into())),
    });
    assert!(matches!(
        dialog.update(Message::ApplyPressed),
        Action::Apply { .. }
    ));
}

#[test]
fn what_cannot_be_had_is_explained() {
    let (mut dialog, key) = begun();
    let reason = |text: &str, because| Reason {
        text: text.to_owned(),
        because,
    };
    let explanation = Explanation {
        headline: "numpy 2.3 cannot be in this environment".to_owned(),
        reasons: vec![reason(
            "numpy 2.3 needs python >=3.12",
            vec![reason("the environment holds python 3.9 to 3.11", Vec::new())],
        )],
        advice: vec![
            "leave out the version of numpy".to_owned(),
            "update python too".to_owned(),
        ],
    };
    dialog.update(Message::Planned {
        key,
        result: Err(Box::new(explanation.into())),
    });
    for words in [
        "Numpy 2.3 cannot be in this environment.",
        "Numpy 2.3 needs python >=3.12.",
        "The environment holds python 3.9 to 3.11.",
        "What you can try",
        "Update python too.",
        "Nothing was changed.",
    ] {
        assert!(shows(dialog.view(), words), "{words}");
    }
    assert!(matches!(
        click(dialog.view(), "change-index")[..],
        [Message::IndexPressed]
    ));
    assert!(matches!(dialog.update(Message::AgainPressed), Action::Plan(_)));
}

#[test]
fn any_other_failure_is_told_too() {
    let (mut dialog, key) = begun();
    let problem = Problem::new(Kind::Network, "psm.example.com does not answer")
        .because("the connection was refused")
        .remedy("check the network");
    dialog.update(Message::Planned {
        key,
        result: Err(Box::new(problem.into())),
    });
    for words in [
        "psm.example.com does not answer.",
        "The connection was refused.",
        "Check the network.",
    ] {
        assert!(shows(dialog.view(), words), "{words}");
    }
}

#[test]
fn each_phase_tells_how_far_it_is() {
    let (mut dialog, key) = running();
    assert!(shows(dialog.view(), "Prepare"));
    let progress = ChangeProgress::Downloading {
        bytes: 42_100_000,
        total: 84_200_000,
        package: "scipy".to_owned(),
    };
    dialog.update(Message::Progressed {
        key: Key::fresh(),
        progress: progress.clone(),
    });
    assert!(shows(dialog.view(), "Prepare"), "somebody else's");
    dialog.update(Message::Progressed { key, progress });
    assert!(shows(dialog.view(), "42.1 MB of 84.2 MB, scipy"));
    assert_eq!(dialog.share(), Some((key, 0.125)));
    let end = End::Done;
    assert!(matches!(
        dialog.update(Message::Ended {
            key: Key::fresh(),
            end: end.clone()
        }),
        Action::None
    ));
    assert!(matches!(dialog.update(Message::Ended { key, end }), Action::Done));
}

#[test]
fn cancelling_rolls_back_and_says_so() {
    let (mut dialog, key) = running();
    assert!(matches!(
        click(dialog.view(), "change-cancel")[..],
        [Message::CancelPressed]
    ));
    assert!(matches!(dialog.update(Message::CancelPressed), Action::Stop(own) if own == key));
    assert!(shows(
        dialog.view(),
        "Cancelled: the environment gets back what it had."
    ));
    assert!(
        matches!(dialog.update(Message::CancelPressed), Action::None),
        "once"
    );
    dialog.update(Message::Progressed {
        key,
        progress: ChangeProgress::RollingBack { done: 3, total: 8 },
    });
    assert!(shows(dialog.view(), "3 of 8"));
    assert!(matches!(
        dialog.update(Message::Ended {
            key,
            end: End::Stopped
        }),
        Action::Stopped
    ));
    // While packages are looked for, nothing is there to be put back.
    let (mut dialog, key) = begun();
    assert!(matches!(dialog.update(Message::CancelPressed), Action::Stop(own) if own == key));
    assert!(dialog.is_over());
}

#[test]
fn a_failure_and_a_stale_plan_are_told() {
    let (mut dialog, key) = running();
    let problem = Problem::new(Kind::File, "the disk is full").remedy("make room");
    dialog.update(Message::Ended {
        key,
        end: End::Failed(problem),
    });
    for words in [
        "The disk is full.",
        "Make room.",
        "The environment has what it had before.",
    ] {
        assert!(shows(dialog.view(), words), "{words}");
    }
    let (mut dialog, key) = running();
    let Action::Plan(key) = dialog.update(Message::Ended { key, end: End::Stale }) else {
        panic!("it is not planned anew");
    };
    dialog.update(Message::Planned {
        key,
        result: Ok(Box::new(preview().into())),
    });
    assert!(shows(
        dialog.view(),
        "The environment was changed by another program meanwhile."
    ));
}

#[test]
fn it_goes_on_when_the_dialog_closes() {
    let (mut dialog, _) = running();
    assert!(matches!(
        click(dialog.view(), "change-hide")[..],
        [Message::HidePressed]
    ));
    assert!(matches!(dialog.update(Message::HidePressed), Action::Hide));
    assert!(dialog.is_running());
}

#[test]
fn a_copy_is_made_at_once_unless_there_is_something_to_decide() {
    let cloning = || {
        let (dialog, action) = ChangeDialog::new(Subject::Clone {
            of: "forecast".to_owned(),
            name: "copy".to_owned(),
        });
        match action {
            Action::Plan(key) => (dialog, key),
            _ => panic!("nothing is planned"),
        }
    };
    let plain = Preview {
        scripts: Vec::new(),
        warnings: Vec::new(),
        ..preview()
    };
    let (mut dialog, key) = cloning();
    let result = Ok(Box::new(plain.into()));
    assert!(matches!(
        dialog.update(Message::Planned { key, result }),
        Action::Apply { .. }
    ));
    let (mut dialog, key) = cloning();
    let result = Ok(Box::new(preview().into()));
    assert!(matches!(
        dialog.update(Message::Planned { key, result }),
        Action::Run(_)
    ));
    assert!(shows(dialog.view(), "Let them run scripts: scipy"));
}

#[test]
fn pip_installs_only_with_consent() {
    let (mut dialog, action) = ChangeDialog::new(Subject::Import {
        name: "new".to_owned(),
        file: "~/environment.yml".to_owned(),
    });
    let Action::Plan(key) = action else {
        panic!("nothing is planned");
    };
    let offered = Offered {
        preview: preview(),
        pip: vec!["polars==1.34".to_owned()],
    };
    dialog.update(Message::Planned {
        key,
        result: Ok(Box::new(offered)),
    });
    assert!(shows(dialog.view(), "Let pip install: polars==1.34"));
    let messages = click(dialog.view(), "change-pip");
    assert!(matches!(messages[..], [Message::PipToggled(true)]));
    dialog.update(Message::PipToggled(true));
    let Action::Apply { consents, .. } = dialog.update(Message::ApplyPressed) else {
        panic!("nothing is applied");
    };
    assert!(consents.pip && !consents.scripts);
}
