use iced::keyboard::key::Named;
use iced_test::selector::id;
use iced_test::{Simulator, simulator};

use super::new_group::NewGroup;
use super::set_access::{self, SetAccess};
use super::*;
use crate::error::Kind;
use crate::repository::{Member, PackageKind, Permission, Visibility};
use crate::screen::dialog_trial;
use crate::service::access::{
    AccessChanged, AccessOutcome, GroupShown, GroupSubject, Reason, Viewer, Viewers,
};
use crate::ui::modal::modal;
use crate::ui::virtual_list::Event;

fn seat(service: Service) -> Seat {
    Seat {
        service,
        domain: "https://aer.example.com".to_owned(),
        user: "alice".to_owned(),
    }
}

fn package(owner: &str, name: &str, kind: PackageKind, visibility: Option<Visibility>) -> OwnedPackage {
    OwnedPackage {
        owner: owner.to_owned(),
        name: name.to_owned(),
        summary: None,
        kinds: vec![kind],
        visibility,
        latest_version: Some("1.0.0".to_owned()),
        downloads: Some(1204),
    }
}

fn owned() -> OwnedByAccount {
    OwnedByAccount {
        login: "alice".to_owned(),
        organizations: vec!["team".to_owned()],
        packages: vec![
            package("alice", "draft", PackageKind::Conda, Some(Visibility::Private)),
            package(
                "alice",
                "analysis",
                PackageKind::Notebook,
                Some(Visibility::Public),
            ),
            package(
                "team",
                "prices",
                PackageKind::Pypi,
                Some(Visibility::Authenticated),
            ),
            package("team", "stack", PackageKind::Environment, None),
        ],
    }
}

fn read() -> Access {
    let (mut access, Action::Read(question)) = Access::new(vec![seat(Service::Repository)], None) else {
        panic!("nothing is asked");
    };
    access.update(Message::Read {
        key: question.key,
        result: Ok(Box::new(owned())),
    });
    access
}

fn view(access: &Access) -> Element<'_, Message> {
    modal(access.view(), None)
}

fn ui(access: &Access) -> Simulator<'_, Message> {
    simulator(view(access))
}

fn shows(access: &Access, words: &str) -> bool {
    ui(access).find(words).is_ok()
}

fn flat(actions: Vec<Action>) -> Vec<Action> {
    actions
        .into_iter()
        .flat_map(|action| match action {
            Action::All(actions) => flat(actions),
            Action::None => Vec::new(),
            action => vec![action],
        })
        .collect()
}

fn click(access: &mut Access, name: &'static str) -> Vec<Action> {
    let messages: Vec<Message> = {
        let mut ui = ui(access);
        ui.click(id(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        ui.into_messages().collect()
    };
    flat(
        messages
            .into_iter()
            .map(|message| access.update(message))
            .collect(),
    )
}

fn say(access: &mut Access, message: PackagesMessage) -> Action {
    access.update(Message::Packages(message))
}

fn count(access: &mut Access, show: Show, search: &str) -> usize {
    say(access, PackagesMessage::ShowChosen(show));
    say(access, PackagesMessage::SearchChanged(search.to_owned()));
    access.packages.shown.len()
}

#[test]
fn packages_are_listed_with_type_access_and_downloads() {
    let access = read();
    for words in [
        "draft",
        "conda package",
        "notebook",
        "Python package",
        "environment",
        "Private",
        "Public",
        "Logged in",
        "1,204",
    ] {
        assert!(shows(&access, words), "{words}");
    }
}

#[test]
fn they_are_filtered_by_type_and_searched() {
    let mut access = read();
    for (show, search, found) in [
        (Show::All, "", 4),
        (Show::Conda, "", 1),
        (Show::Python, "", 1),
        (Show::Notebooks, "", 1),
        (Show::Environments, "", 1),
        (Show::All, "TEAM/", 2),
        (Show::Notebooks, "prices", 0),
    ] {
        assert_eq!(count(&mut access, show, search), found, "{show} {search}");
    }
    assert!(shows(&access, "No package matches."));
    access.update(Message::Key(Intent::Cancel));
    assert_eq!(
        access.packages.shown.len(),
        1,
        "the search is cleared, the type stays"
    );
}

fn viewers() -> Box<Viewers> {
    let viewer = |login: &str, reasons: Vec<Reason>| Viewer {
        login: login.to_owned(),
        reasons,
    };
    Box::new(Viewers {
        owner: "alice".to_owned(),
        name: "draft".to_owned(),
        access: Some(Visibility::Private),
        people: vec![
            viewer("alice", vec![Reason::Owner]),
            viewer(
                "bob",
                vec![
                    Reason::Group {
                        group: "analysts".to_owned(),
                        permission: Permission::Read,
                    },
                    Reason::Collaborator,
                ],
            ),
        ],
        unknown: vec!["the groups of team, which you may not list".to_owned()],
    })
}

/// The page with the viewers of the first package.
fn looked() -> Access {
    let mut access = read();
    let Action::Look { key, package, .. } = say(&mut access, PackagesMessage::List(Event::Pressed(0))) else {
        panic!("nothing is looked at");
    };
    assert_eq!(package.to_string(), "alice/draft");
    assert!(shows(&access, "Asking who can see it"));
    say(
        &mut access,
        PackagesMessage::Looked {
            key,
            result: Ok(viewers()),
        },
    );
    access
}

#[test]
fn who_sees_a_package_is_told_with_every_reason() {
    let access = looked();
    for words in [
        "Who can see it, and why",
        "alice (you)",
        "Owns it",
        "bob",
        "In the group analysts, which has it to read",
        "A collaborator of the package",
        "Not looked at: the groups of team, which you may not list.",
    ] {
        assert!(shows(&access, words), "{words}");
    }
}

#[test]
fn a_later_look_takes_the_place_of_an_earlier_one() {
    let mut access = read();
    let Action::Look { key: first, .. } = say(&mut access, PackagesMessage::List(Event::Pressed(0))) else {
        panic!("nothing is looked at");
    };
    // The arrow keys only pass by.
    assert!(matches!(
        say(&mut access, PackagesMessage::List(Event::Key(Intent::Down))),
        Action::None
    ));
    let enter = PackagesMessage::List(Event::Key(Intent::Submit));
    let Action::Look { instead, .. } = say(&mut access, enter) else {
        panic!("nothing is looked at");
    };
    assert_eq!(instead, Some(first));
    say(
        &mut access,
        PackagesMessage::Looked {
            key: first,
            result: Ok(viewers()),
        },
    );
    assert!(!shows(&access, "Owns it"), "it is dropped");
}

#[test]
fn collaborators_are_added_taken_out_and_put_back() {
    let mut access = looked();
    say(
        &mut access,
        PackagesMessage::CollaboratorTyped("carol".to_owned()),
    );
    let actions = click(&mut access, "access-add");
    let [Action::SetCollaborator { key, edit, .. }] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert!(edit.is_one && edit.user == "carol");
    let done = say(
        &mut access,
        PackagesMessage::CollaboratorSet {
            key: *key,
            result: Ok(()),
        },
    );
    assert!(matches!(done, Action::Look { .. }), "the reasons are read anew");
    assert!(shows(&access, "carol is a collaborator now."));
    let actions = click(&mut access, "access-put-back");
    let [Action::SetCollaborator { key, edit, .. }] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert!(!edit.is_one && edit.user == "carol");
    say(
        &mut access,
        PackagesMessage::CollaboratorSet {
            key: *key,
            result: Err(Problem::new(Kind::Forbidden, "alice/draft is not yours")),
        },
    );
    assert!(shows(&access, "alice/draft is not yours."));
}

#[test]
fn ticked_packages_are_asked_about_together() {
    let mut access = read();
    say(&mut access, PackagesMessage::TickPressed(0));
    say(&mut access, PackagesMessage::TickPressed(3));
    assert!(shows(&access, "2 packages chosen"));
    let actions = click(&mut access, "access-change");
    assert!(matches!(&actions[..], [Action::AskAccess { packages, .. }] if packages.len() == 2));
    click(&mut access, "access-clear");
    say(&mut access, PackagesMessage::List(Event::Pressed(2)));
    let actions = click(&mut access, "access-page");
    assert!(
        matches!(&actions[..], [Action::OpenPage { package, .. }] if package.to_string() == "team/prices")
    );
}

fn group(name: &str, permission: Permission, members: &[&str]) -> GroupShown {
    GroupShown {
        organization: "team".to_owned(),
        name: name.to_owned(),
        permission,
        members: members
            .iter()
            .map(|login| Member {
                login: (*login).to_owned(),
                name: None,
            })
            .collect(),
        packages: vec!["prices".to_owned()],
    }
}

fn with_groups() -> Access {
    let mut access = read();
    let actions = flat(vec![access.update(Message::PartChosen(Part::Groups))]);
    let [Action::ReadGroups { key, .. }] = &actions[..] else {
        panic!("{actions:?}");
    };
    access.update(Message::Groups(GroupsMessage::Read {
        key: *key,
        result: Ok(vec![
            group("owners", Permission::Admin, &["alice"]),
            group("analysts", Permission::Read, &["bob"]),
        ]),
    }));
    access
}

fn stand_on_group(access: &mut Access, place: usize) {
    access.update(Message::Groups(GroupsMessage::List(Event::Pressed(place))));
}

fn change(actions: &[Action]) -> (Key, GroupEdit) {
    match actions {
        [Action::ChangeGroup { key, edit, .. }] => (*key, edit.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn groups_are_listed_and_changed_with_a_way_back() {
    let mut access = with_groups();
    stand_on_group(&mut access, 1);
    for words in [
        "team/analysts",
        "Its members see and download these packages.",
        "bob",
    ] {
        assert!(shows(&access, words), "{words}");
    }
    let (key, edit) = change(&click(&mut access, "access-out-bob"));
    assert_eq!(
        (&edit.subject, edit.is_in),
        (&GroupSubject::User("bob".to_owned()), false)
    );
    access.update(Message::Groups(GroupsMessage::Changed { key, result: Ok(()) }));
    assert!(shows(&access, "bob is no longer in analysts."));
    let (key, edit) = change(&click(&mut access, "access-group-back"));
    assert!(edit.is_in);
    access.update(Message::Groups(GroupsMessage::Changed { key, result: Ok(()) }));
    assert!(shows(&access, "bob is in analysts now."));

    access.update(Message::Groups(GroupsMessage::PackageTyped(
        "team/draft".to_owned(),
    )));
    let (key, edit) = change(&click(&mut access, "access-add-package"));
    assert_eq!(
        edit.subject,
        GroupSubject::Package("draft".to_owned()),
        "of the organisation"
    );
    access.update(Message::Groups(GroupsMessage::Changed {
        key,
        result: Err(Problem::new(Kind::Usage, "there is no package team/draft")),
    }));
    assert!(shows(&access, "There is no package team/draft"));
}

#[test]
fn leaving_the_administrators_is_asked_about() {
    let mut access = with_groups();
    stand_on_group(&mut access, 0);
    assert!(click(&mut access, "access-out-alice").is_empty());
    assert!(shows(&access, "You would leave team/owners"));
    click(&mut access, "access-stay");
    assert!(!shows(&access, "You would leave team/owners"));
    click(&mut access, "access-out-alice");
    let (_, edit) = change(&click(&mut access, "access-leave"));
    assert!(!edit.is_in);
}

#[test]
fn an_account_without_organisations_is_told_how_there_come_to_be_groups() {
    let (mut access, Action::Read(question)) = Access::new(vec![seat(Service::Repository)], None) else {
        panic!("nothing is asked");
    };
    access.update(Message::Read {
        key: question.key,
        result: Ok(Box::new(OwnedByAccount {
            organizations: Vec::new(),
            ..owned()
        })),
    });
    access.update(Message::PartChosen(Part::Groups));
    assert!(shows(
        &access,
        "Your account belongs to no organisation, and only organisations have groups."
    ));
}

#[test]
fn where_nobody_is_signed_in_connecting_is_offered() {
    let (mut access, action) = Access::new(Vec::new(), None);
    assert!(matches!(action, Action::None));
    assert!(matches!(
        click(&mut access, "access-connect")[..],
        [Action::Connect]
    ));
    let (mut access, _) = Access::new(Vec::new(), Some(seat(Service::Server)));
    assert!(matches!(
        &click(&mut access, "access-elsewhere")[..],
        [Action::OpenPages(seat)] if seat.service == Service::Server
    ));
}

#[test]
fn loading_the_password_and_failure_have_their_place() {
    let (mut access, Action::Read(question)) = Access::new(vec![seat(Service::AnacondaOrg)], None) else {
        panic!("nothing is asked");
    };
    assert!(shows(&access, "Asking the server…"));
    access.cancelled(question.key);
    assert!(shows(&access, "Asking the server was cancelled."));
    let actions = click(&mut access, "access-retry");
    let [Action::Read(question)] = &actions[..] else {
        panic!("{actions:?}");
    };
    access.update(Message::Read {
        key: question.key,
        result: Err(Problem::new(Kind::Auth, "no")),
    });
    assert!(shows(&access, "Password of alice"));
}

fn asking(packages: Vec<OwnedPackage>) -> SetAccess {
    SetAccess::new(seat(Service::Repository), None, packages)
}

fn begun(dialog: &mut SetAccess) -> (Key, Visibility) {
    match dialog.update(set_access::Message::ChangePressed) {
        set_access::Action::Change { key, access, .. } => (key, access),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_change_of_access_means_is_said_before() {
    let all = owned().packages;
    let private = asking(vec![all[0].clone()]);
    assert!(dialog_trial::shows(private.view(), "Who may see draft?"));
    assert!(dialog_trial::shows(private.view(), "Private → Public"));
    assert!(dialog_trial::shows(
        private.view(),
        "What others have downloaded by the time you close it again stays with them."
    ));
    assert!(
        dialog_trial::key(private.view(), Named::Enter).is_empty(),
        "a quick Enter opens nothing"
    );
    let mut public = asking(all[1..3].to_vec());
    assert_eq!(begun(&mut public).1, Visibility::Private);
    assert!(dialog_trial::shows(public.view(), "Who may see 2 packages?"));
}

#[test]
fn what_the_server_leaves_to_its_pages_is_opened_there() {
    let mut dialog = asking(vec![owned().packages[1].clone()]);
    let (key, access) = begun(&mut dialog);
    let page = "https://aer.example.com/alice/analysis/settings/admin".to_owned();
    let told = dialog.update(set_access::Message::Ended {
        key,
        result: Ok(vec![AccessChanged {
            owner: "alice".to_owned(),
            name: "analysis".to_owned(),
            outcome: AccessOutcome::OnlyInBrowser { page: page.clone() },
        }]),
    });
    assert!(matches!(
        told,
        set_access::Action::Changed {
            count: 0,
            is_over: false,
            ..
        }
    ));
    assert_eq!(access, Visibility::Private);
    let message = dialog_trial::click(dialog.view(), "set-access-open")
        .pop()
        .expect("a message");
    assert!(matches!(dialog.update(message), set_access::Action::Open(opened) if opened == page));
    assert!(
        matches!(
            dialog.update(set_access::Message::ChangePressed),
            set_access::Action::None
        ),
        "asking again would change nothing"
    );
}

#[test]
fn what_failed_is_told_by_package_and_tried_again() {
    let all = owned().packages;
    let mut dialog = asking(vec![all[1].clone(), all[2].clone()]);
    let (key, access) = begun(&mut dialog);
    let changed = |name: &str, owner: &str, outcome| AccessChanged {
        owner: owner.to_owned(),
        name: name.to_owned(),
        outcome,
    };
    let told = dialog.update(set_access::Message::Ended {
        key,
        result: Ok(vec![
            changed("analysis", "alice", AccessOutcome::Changed { access }),
            changed(
                "prices",
                "team",
                AccessOutcome::Failed {
                    problem: Problem::new(Kind::Forbidden, "it is not yours"),
                },
            ),
        ]),
    });
    assert!(matches!(
        told,
        set_access::Action::Changed {
            count: 1,
            is_over: false,
            ..
        }
    ));
    assert!(dialog_trial::shows(
        dialog.view(),
        "team/prices was not changed: it is not yours"
    ));
    let set_access::Action::Change { packages, .. } = dialog.update(set_access::Message::ChangePressed)
    else {
        panic!("it cannot be tried again");
    };
    assert_eq!(packages.len(), 1);
}

#[test]
fn a_group_needs_a_name_that_is_free() {
    let taken = vec![("team".to_owned(), "owners".to_owned())];
    let mut dialog = NewGroup::new(seat(Service::Repository), None, vec!["team".to_owned()], taken);
    let typed = dialog_trial::type_into(dialog.view(), new_group::NAME, "owners").expect("a message");
    dialog.update(typed);
    assert!(dialog_trial::shows(
        dialog.view(),
        "team has a group of this name already."
    ));
    assert!(matches!(
        dialog.update(new_group::Message::Submitted),
        new_group::Action::None
    ));
    dialog.update(new_group::Message::NameTyped("readers".to_owned()));
    for message in dialog_trial::press(dialog.view(), "Write") {
        dialog.update(message);
    }
    let new_group::Action::Create {
        key,
        organization,
        name,
        permission,
        ..
    } = dialog.update(new_group::Message::Submitted)
    else {
        panic!("nothing is made");
    };
    assert_eq!(
        (organization.as_str(), name.as_str(), permission),
        ("team", "readers", Permission::Write)
    );
    dialog.update(new_group::Message::Ended {
        key,
        result: Err(Problem::new(Kind::Conflict, "there is one")),
    });
    assert!(dialog_trial::shows(
        dialog.view(),
        "team has a group of this name already."
    ));
}
