use super::*;
use crate::screen::dialog_trial::{press, shows};
use crate::service::plan::{EndedLogin, Plan};

fn plan(edits: Vec<KeptEdit>) -> Box<UndoPlan> {
    let mut plan = Plan::new("sign-out", "Signed out of psm.example.com");
    plan.revokes = Some("sextant-alice".to_owned());
    plan.kept_edits = edits;
    Box::new(UndoPlan::SignOut {
        service: Service::Server,
        plan,
    })
}

fn edit() -> KeptEdit {
    KeptEdit {
        key: "channels".to_owned(),
        restored: Some("[\"conda-forge\"]".to_owned()),
        present: None,
        kept: true,
    }
}

fn opened() -> (PutBackDialog, Key) {
    let subject = Subject::SignIn {
        service: Service::Server,
        domain: "https://psm.example.com".to_owned(),
        user: "alice".to_owned(),
    };
    match PutBackDialog::new(subject, Path::new("/home/ana")) {
        (
            screen,
            Action::Plan {
                key,
                how: PutBack::KeepEdits,
                ..
            },
        ) => (screen, key),
        (_, action) => panic!("{action:?}"),
    }
}

fn planned(edits: Vec<KeptEdit>) -> PutBackDialog {
    let (mut screen, key) = opened();
    screen.update(Message::Planned {
        key,
        result: Ok(plan(edits)),
    });
    screen
}

fn pressed(screen: &mut PutBackDialog, label: &str) -> Vec<Action> {
    let messages = press(screen.view(), label);
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

#[test]
fn nothing_can_be_put_back_before_it_was_shown() {
    let (mut screen, _) = opened();
    assert!(pressed(&mut screen, "Sign out").is_empty());
}

#[test]
fn the_plan_is_shown_and_carried_out() {
    let mut screen = planned(Vec::new());
    assert!(shows(screen.view(), "The token sextant-alice is revoked."));
    assert!(matches!(
        &pressed(&mut screen, "Sign out")[..],
        [Action::PutBack { .. }]
    ));
}

#[test]
fn an_edit_of_somebody_else_is_decided_per_key() {
    let mut screen = planned(vec![edit()]);
    let action = screen.update(Message::Chosen {
        key: "channels".to_owned(),
        keep: Keep::Mine,
    });
    let Action::Plan { how, .. } = action else {
        panic!("{action:?}");
    };
    assert_eq!(
        how,
        PutBack::PerKey(BTreeMap::from([("channels".to_owned(), false)]))
    );
    assert!(
        pressed(&mut screen, "Sign out").is_empty(),
        "not with the old plan"
    );
}

#[test]
fn a_stale_plan_is_made_anew() {
    let mut screen = planned(Vec::new());
    let Action::PutBack { key, .. } = screen.update(Message::PutBackPressed) else {
        panic!("nothing is done");
    };
    let action = screen.update(Message::Ended { key, end: End::Stale });
    assert!(matches!(action, Action::Plan { .. }), "{action:?}");
}

#[test]
fn a_broken_file_can_be_replaced() {
    let (mut screen, key) = opened();
    screen.update(Message::Planned {
        key,
        result: Err(Problem::new(Kind::RefusedEdit, "line 3 is no YAML")),
    });
    let actions = pressed(&mut screen, "Put the old file back as it was");
    assert!(
        matches!(
            &actions[..],
            [Action::Plan {
                how: PutBack::Exact,
                ..
            }]
        ),
        "{actions:?}"
    );
}

#[test]
fn a_token_that_is_not_ours_is_only_forgotten() {
    let (mut screen, key) = opened();
    let mut plan = Plan::new("sign-out", "Signed out of repo.anaconda.cloud");
    plan.ends_logins = vec![EndedLogin {
        program: "conda-repo-cli",
        address: "psm.example.com".to_owned(),
    }];
    screen.update(Message::Planned {
        key,
        result: Ok(Box::new(UndoPlan::SignOut {
            service: Service::Cloud,
            plan,
        })),
    });
    for words in [
        "No token is revoked, because Sextant did not create it: it is only forgotten on this machine.",
        "conda-repo-cli is logged out of psm.example.com too.",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
}

#[test]
fn the_outcome_tells_revoked_from_forgotten_and_from_waiting() {
    let signed_out = |token_revoked, reason: Option<&str>| {
        outcome(&Undone::SignedOut(crate::service::sign_out::SignedOut {
            service: Service::Cloud,
            token_revoked,
            files: Vec::new(),
            kept_edits: Vec::new(),
            left_behind: Vec::new(),
            domain: String::new(),
            ended_logins: Vec::new(),
            not_revoked_because: reason.map(|reason| Problem::new(Kind::Network, reason)),
            entry: String::new(),
        }))
    };
    let revoked = signed_out(true, None);
    assert!(revoked.words.contains("was revoked") && !revoked.token_waits);
    let forgotten = signed_out(false, None);
    assert!(forgotten.words.contains("forgotten") && !forgotten.token_waits);
    assert_eq!(forgotten.tone, Tone::Good);
    let waiting = signed_out(false, Some("nobody answers"));
    assert!(waiting.words.contains("not revoked") && waiting.token_waits);
}
