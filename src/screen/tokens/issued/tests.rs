use super::*;
use crate::error::Kind;
use crate::screen::dialog_trial::{click, shows, type_into};
use crate::screen::tokens::create::tests::{desired, issued};
use crate::secret::MASK;

fn dialog(service: Service) -> Issued {
    let made = Made {
        seat: desired(service).seat,
        password: None,
        issued: issued("ci"),
        owner: "alice".to_owned(),
        organization: None,
    };
    Issued::new(made, Path::new("/home/ana"))
}

const TEXT: &str = "al-0b0b0b0b-0000-4000-8000-000000000000";

fn copied(dialog: &mut Issued, name: &'static str) -> String {
    let message = click(dialog.view(), name).pop().expect("a message");
    match dialog.update(message) {
        Action::Copy(text) => text.expose().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn channel(has_token: bool) -> ChannelHere {
    ChannelHere {
        entry: crate::conda::channel::ChannelEntry::from_text("alice"),
        address: "https://conda.aer.example.com/alice".to_owned(),
        has_token,
    }
}

fn planned(has_token: bool) -> Box<PlannedUse> {
    let before = b"channels: []\n".as_slice();
    let after = b"channels:\n  - alice\n".as_slice();
    let path = Path::new("/home/ana/.condarc");
    Box::new(PlannedUse {
        diffs: vec![FileDiff::between(path, Some(before), Some(after), &[])],
        warnings: Vec::new(),
        channel: Some(channel(has_token)),
    })
}

#[test]
fn the_text_is_masked_until_it_is_asked_for() {
    let mut dialog = dialog(Service::Repository);
    assert!(!shows(dialog.view(), TEXT));
    assert!(shows(dialog.view(), &MASK.repeat(6)));
    for message in click(dialog.view(), "token-reveal") {
        dialog.update(message);
    }
    assert!(shows(dialog.view(), TEXT));
    assert_eq!(copied(&mut dialog, "token-copy"), TEXT);
    assert!(!format!("{dialog:?}").contains("0b0b"), "and no log shows it");
}

#[test]
fn lines_show_the_mask_and_are_copied_whole() {
    let mut dialog = dialog(Service::Repository);
    assert!(shows(
        dialog.view(),
        &format!("conda config --add channels https://conda.aer.example.com/t/{MASK}/alice")
    ));
    let typed = type_into(dialog.view(), CHANNEL, "").is_none();
    assert!(typed, "nothing is typed");
    dialog.update(Message::ChannelTyped("team/label/dev".to_owned()));
    for (name, line) in [
        (
            "token-copy-channel",
            format!("conda config --add channels https://conda.aer.example.com/t/{TEXT}/team/label/dev"),
        ),
        (
            "token-copy-label",
            format!("conda config --add channels https://conda.aer.example.com/t/{TEXT}/team/label/dev"),
        ),
        (
            "token-copy-install",
            format!("conda install -c https://conda.aer.example.com/t/{TEXT}/team/label/dev PACKAGE"),
        ),
        (
            "token-copy-pip",
            format!("pip install --index-url https://pypi.aer.example.com/t/{TEXT}/team/simple PACKAGE"),
        ),
    ] {
        assert_eq!(copied(&mut dialog, name), line);
    }
}

#[test]
fn closing_asks_once_where_the_text_would_be_lost() {
    let mut dialog = dialog(Service::Repository);
    assert!(matches!(dialog.update(Message::ClosePressed), Action::None));
    assert!(shows(dialog.view(), "The token was not copied and is not in use"));
    copied(&mut dialog, "token-copy");
    assert!(!shows(
        dialog.view(),
        "The token was not copied and is not in use"
    ));
    assert!(matches!(dialog.update(Message::ClosePressed), Action::Close));
    let mut careless = self::dialog(Service::Repository);
    careless.update(Message::ClosePressed);
    let message = click(careless.view(), "token-leave").pop().expect("a message");
    assert!(matches!(careless.update(message), Action::Close));
}

#[test]
fn a_channel_is_added_after_it_was_seen_what_changes() {
    let mut dialog = dialog(Service::Repository);
    let Action::Plan { key, channel, .. } = dialog.update(Message::WayChosen(Way::Channel)) else {
        panic!("nothing is planned");
    };
    assert_eq!(channel, "alice");
    assert!(
        matches!(dialog.update(Message::UsePressed), Action::None),
        "not yet"
    );
    let Action::Plan { key: newer, .. } = dialog.update(Message::ChannelTyped("team".to_owned())) else {
        panic!("nothing is planned anew");
    };
    dialog.update(Message::Planned {
        key,
        result: Err(Problem::new(Kind::Usage, "late")),
    });
    dialog.update(Message::Planned {
        key: newer,
        result: Ok(planned(false)),
    });
    assert!(shows(
        dialog.view(),
        "Leads to https://conda.aer.example.com/alice"
    ));
    let Action::Use {
        key, channel, way, ..
    } = dialog.update(Message::UsePressed)
    else {
        panic!("nothing is done");
    };
    assert_eq!((channel.as_str(), way), ("team", Way::Channel));
    let used = Used::Channel {
        name: "team".to_owned(),
        entry: None,
    };
    let done = dialog.update(Message::Ended {
        key,
        result: Ok(Box::new(used)),
    });
    assert!(matches!(done, Action::Used(_)));
    assert!(shows(dialog.view(), "conda searches team now."));
    assert!(
        matches!(dialog.update(Message::ClosePressed), Action::Close),
        "it is in use"
    );
}

#[test]
fn where_the_sign_in_opens_the_channel_that_is_said() {
    let mut dialog = dialog(Service::Repository);
    let Action::Plan { key, .. } = dialog.update(Message::WayChosen(Way::Channel)) else {
        panic!("nothing is planned");
    };
    dialog.update(Message::Planned {
        key,
        result: Ok(planned(true)),
    });
    let words = "conda on this machine searches the channel, and sends the token of your sign-in there. To have it send the \
                 new one, choose Token store only.";
    assert!(shows(dialog.view(), words));
}

#[test]
fn a_failure_keeps_the_token_in_sight() {
    let mut dialog = dialog(Service::Server);
    assert!(matches!(
        dialog.update(Message::WayChosen(Way::Channel)),
        Action::None
    ));
    assert!(shows(dialog.view(), "Name the channel that the token is for."));
    let Action::Plan { key, .. } = dialog.update(Message::WayChosen(Way::Store)) else {
        panic!("nothing is planned");
    };
    dialog.update(Message::Planned {
        key,
        result: Ok(planned(false)),
    });
    let Action::Use { key, .. } = dialog.update(Message::UsePressed) else {
        panic!("nothing is done");
    };
    dialog.update(Message::Ended {
        key,
        result: Err(Problem::new(Kind::File, "the disk is full")),
    });
    assert!(shows(dialog.view(), "The disk is full."));
    assert!(
        matches!(dialog.update(Message::ClosePressed), Action::None),
        "it is still to be copied"
    );
}
