use super::*;
use crate::screen::dialog_trial::{click, press, shows, type_into};
use crate::service::tokens::{AccountTokens, ScopeShown, TokenUses};

fn scope(name: &str) -> ScopeShown {
    ScopeShown {
        name: name.to_owned(),
        description: format!("Allow {name}"),
    }
}

pub(in crate::screen::tokens) fn token(name: &str) -> ServerToken {
    ServerToken {
        id: format!("id-{name}"),
        name: name.to_owned(),
        scopes: vec!["pypi:download".to_owned()],
        resources: Vec::new(),
        created_at: None,
        expires_at: Some("2027-01-31T00:00:00Z".parse().unwrap()),
        hostname: Some("build-7".to_owned()),
        in_use: false,
        surely_of_this_machine: false,
    }
}

pub(in crate::screen::tokens) fn desired(service: Service) -> Box<Desired> {
    let in_use = ServerToken {
        in_use: true,
        ..token("sextant-alice@desk")
    };
    Box::new(Desired {
        seat: Seat {
            service,
            domain: "https://aer.example.com".to_owned(),
            user: "alice".to_owned(),
        },
        password: None,
        account: AccountTokens {
            login: "alice".to_owned(),
            tokens: vec![in_use, token("ci")],
            organizations: vec!["team".to_owned()],
            scopes: [
                "all",
                "api:read",
                "api:write",
                "conda:download",
                "pypi:download",
                "pypi:upload",
                "repos",
            ]
            .map(scope)
            .to_vec(),
        },
    })
}

pub(in crate::screen::tokens) fn issued(name: &str) -> IssuedToken {
    IssuedToken {
        id: None,
        name: name.to_owned(),
        scopes: vec!["repos".to_owned(), "conda:download".to_owned()],
        expires_at: Some("2027-11-25T00:00:00Z".parse().unwrap()),
        token: crate::secret::Token::parse("al-0b0b0b0b-0000-4000-8000-000000000000").unwrap(),
        uses: TokenUses {
            conda_channel: Some(
                "conda config --add channels https://conda.aer.example.com/t/<token>/CHANNEL".to_owned(),
            ),
            conda_label: Some(
                "conda config --add channels https://conda.aer.example.com/t/<token>/CHANNEL/label/LABEL"
                    .to_owned(),
            ),
            conda_install: Some(
                "conda install -c https://conda.aer.example.com/t/<token>/CHANNEL PACKAGE".to_owned(),
            ),
            pip_install: Some(
                "pip install --index-url https://pypi.aer.example.com/t/<token>/CHANNEL/simple PACKAGE"
                    .to_owned(),
            ),
        },
        former_remains: None,
    }
}

fn dialog(replaced: Option<ServerToken>) -> Create {
    let today = "2026-11-25".parse().unwrap();
    Create::new(desired(Service::Repository), replaced, today)
}

fn named(name: &str) -> Create {
    let mut dialog = dialog(None);
    dialog.update(Message::NameTyped(name.to_owned()));
    dialog
}

fn submit(dialog: &mut Create) -> (Key, TokenWish) {
    match dialog.update(Message::Submitted) {
        Action::Create { key, wish, .. } => (key, wish),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_begins_with_downloading_for_one_year() {
    let mut dialog = dialog(None);
    assert!(shows(dialog.view(), "In one year, on 25 November 2027"));
    assert!(
        matches!(dialog.update(Message::Submitted), Action::None),
        "it has no name"
    );
    let typed = type_into(dialog.view(), NAME, "colleague").expect("a message");
    dialog.update(typed);
    let (_, wish) = submit(&mut dialog);
    assert_eq!(wish.name, "colleague");
    assert_eq!(wish.scopes, ["conda:download", "repos"], "in the server's order");
    assert_eq!(wish.expires_on.unwrap().to_string(), "2027-11-25");
    assert_eq!((wish.organization, wish.same_name), (None, SameName::Refuse));
    assert!(matches!(dialog.update(Message::Submitted), Action::None), "once");
}

#[test]
fn every_purpose_and_every_scope_can_be_chosen() {
    let mut dialog = named("x");
    for (words, scopes) in [
        ("pip download", vec!["pypi:download"]),
        ("CI upload", vec!["api:read", "api:write", "pypi:upload", "repos"]),
        ("Everything", vec!["all"]),
    ] {
        for message in press(dialog.view(), words) {
            dialog.update(message);
        }
        assert_eq!(dialog.scopes(), scopes, "{words}");
    }
    assert!(shows(
        dialog.view(),
        "Whoever gets hold of it can upload, change and delete in your name."
    ));
    for message in click(dialog.view(), "token-scopes") {
        dialog.update(message);
    }
    assert!(shows(dialog.view(), "Allow pypi:upload"), "with its meaning");
    for name in ["scope-all", "scope-repos"] {
        for message in click(dialog.view(), name) {
            dialog.update(message);
        }
    }
    assert_eq!(dialog.scopes(), ["repos"]);
    assert_eq!(dialog.choice(), Choice::AsTicked);
    for message in click(dialog.view(), "scope-repos") {
        dialog.update(message);
    }
    assert!(
        matches!(dialog.update(Message::Submitted), Action::None),
        "it could do nothing"
    );
}

#[test]
fn a_name_that_is_taken_is_asked_about() {
    let mut dialog = named("ci");
    assert!(shows(dialog.view(), "There is a token ci already"));
    assert!(shows(dialog.view(), "It was last used or made for build-7."));
    assert!(matches!(dialog.update(Message::Submitted), Action::None));
    for message in click(dialog.view(), "token-replace") {
        dialog.update(message);
    }
    let (_, wish) = submit(&mut dialog);
    assert_eq!(wish.same_name, SameName::Replace);
}

#[test]
fn what_only_the_server_knows_to_be_taken_is_asked_about_too() {
    let mut dialog = named("hidden");
    let (key, _) = submit(&mut dialog);
    let taken = Problem::new(Kind::Conflict, "there is a token of that name");
    dialog.update(Message::Ended {
        key,
        result: Err(taken),
    });
    assert!(shows(dialog.view(), "There is a token hidden already"));
    dialog.update(Message::NameTyped("other".to_owned()));
    assert_eq!(submit(&mut dialog).1.same_name, SameName::Refuse);
}

#[test]
fn the_token_in_use_is_never_replaced_from_here() {
    let mut dialog = named("sextant-alice@desk");
    dialog.update(Message::ReplaceTicked(true));
    assert!(matches!(dialog.update(Message::Submitted), Action::None));
}

#[test]
fn a_lost_token_is_replaced_by_one_like_it() {
    let mut dialog = dialog(Some(token("ci")));
    assert!(shows(dialog.view(), "Replace ci"));
    assert!(shows(
        dialog.view(),
        "2.  The old one is revoked: whoever still uses it is refused from then on."
    ));
    let (_, wish) = submit(&mut dialog);
    assert_eq!((wish.name.as_str(), wish.same_name), ("ci", SameName::Replace));
    assert_eq!(wish.scopes, ["pypi:download"]);
}

#[test]
fn an_organisation_and_a_short_text_can_be_chosen() {
    let mut dialog = named("ci");
    dialog.update(Message::OwnerChosen(1));
    // The tokens of the account say nothing about those of the organisation.
    assert!(!shows(dialog.view(), "There is a token ci already"));
    dialog.update(Message::StrengthChosen(Length(Strength::Weak)));
    dialog.update(Message::EndChosen(4));
    assert!(
        matches!(dialog.update(Message::Submitted), Action::None),
        "no day yet"
    );
    dialog.update(Message::DayTyped("2027-03-31".to_owned()));
    let commands = dialog.commands();
    assert_eq!(
        commands,
        [
            "sextant tokens create --service repository --name ci --scopes conda:download,repos --expires 2027-03-31 \
             --organization team --weak",
            "anaconda auth --create --name ci --scopes 'conda:download repos' --org team --max-age 10886400 --strength weak",
        ]
    );
    let (_, wish) = submit(&mut dialog);
    assert_eq!(wish.organization.as_deref(), Some("team"));
    assert_eq!(wish.strength, Strength::Weak);
    assert_eq!(wish.expires_on.unwrap().to_string(), "2027-03-31");
}

#[test]
fn a_failure_is_told_in_place_and_cancelling_drops_the_answer() {
    let mut dialog = named("x");
    let (key, _) = submit(&mut dialog);
    assert!(shows(dialog.view(), "Making the token"));
    dialog.update(Message::Ended {
        key,
        result: Err(Problem::new(Kind::Network, "the server does not answer").remedy("try again")),
    });
    assert!(shows(dialog.view(), "The server does not answer."));
    let (key, _) = submit(&mut dialog);
    assert!(matches!(dialog.update(Message::CancelPressed), Action::Abort(own) if own == key));
    let late = Message::Ended {
        key,
        result: Ok(Box::new(issued("x"))),
    };
    assert!(matches!(dialog.update(late), Action::None));
    assert!(matches!(dialog.update(Message::CancelPressed), Action::Close));
}

#[test]
fn anaconda_server_knows_neither_owners_nor_strengths() {
    let today = "2026-11-25".parse().unwrap();
    let mut desired = desired(Service::Server);
    desired.account.organizations.clear();
    desired.account.scopes = ["artifact:download", "artifact:create", "channel:view"]
        .map(scope)
        .to_vec();
    let mut dialog = Create::new(desired, None, today);
    for words in ["For the packages of", "Strength"] {
        assert!(!shows(dialog.view(), words), "{words}");
    }
    dialog.update(Message::NameTyped("two words".to_owned()));
    let commands = dialog.commands();
    assert_eq!(commands.len(), 1, "anaconda-client makes none there");
    assert!(commands[0].contains("--name 'two words'"), "{commands:?}");
    // What downloads conda packages downloads Python packages as well.
    let choices = dialog.choices();
    assert!(
        !choices.contains(&Choice::For(Preset::PipDownload)),
        "{choices:?}"
    );
    assert_eq!(
        submit(&mut dialog).1.scopes,
        ["artifact:download", "channel:view"]
    );
}
