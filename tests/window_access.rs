//! Who may see which package, through the window: over the practice repository, checked by what it says afterwards.

#[path = "support/at_repository.rs"]
mod at_repository;
#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use at_repository::{PASSWORD, prove, sign_in_to_repository};
use sextant::practice::{Effect, Fault, Trouble};
use sextant::repository::Visibility;
use sextant::secret::Secret;
use sextant::service::access::{GroupShown, PackageReference};
use sextant::service::connection::Service;
use window::{INI, Window};

/// The Access page, read.
fn opened() -> Window {
    let mut window = Window::with_condarc();
    sign_in_to_repository(&mut window);
    window.click("page-access");
    prove(&mut window, "access-password", "access-go");
    window.until_it_says("risk-report");
    window.until_idle();
    window
}

fn access_of(window: &Window, package: &str) -> Option<Visibility> {
    let password = Secret::new(PASSWORD);
    let package: PackageReference = package.parse().unwrap();
    let services = window.services.clone();
    window.wait(async {
        let viewers = services
            .who_sees(Service::Repository, &package, Some(&password))
            .await;
        viewers.unwrap().access
    })
}

fn group(window: &Window, name: &str) -> GroupShown {
    let password = Secret::new(PASSWORD);
    let services = window.services.clone();
    window.wait(async {
        let groups = services
            .access_groups(Service::Repository, Some("practice-org"), Some(&password))
            .await;
        groups
            .unwrap()
            .into_iter()
            .find(|group| group.name == name)
            .unwrap()
    })
}

#[test]
fn it_is_told_who_sees_a_package_and_why() {
    let mut window = opened();
    // Only the sign-in's token is left: those that the page works with end with the work.
    assert_eq!(window.practice.repository_tokens().len(), 1);
    window.click_text("risk-report");
    window.until_it_says("In the group analysts, which has it to read");
    window.until_idle();
    assert!(window.says("In the group release, which has it to write"));
    assert!(window.says("In the group owners, which may do everything"));
    assert!(window.says("alice (you)"));
    window.click_text("draft");
    window.until_it_says("Owns it");
    window.until_idle();
    window.type_into("access-collaborator", "bob");
    window.click("access-add");
    window.until_it_says("bob is a collaborator now.");
    window.until_it_says("A collaborator of the package");
    window.until_idle();
    window.click("access-put-back");
    window.until_it_says("bob is no longer a collaborator.");
    window.until_idle();
    assert!(!window.says("A collaborator of the package"));
    assert_eq!(window.practice.repository_tokens().len(), 1);
    // Somebody whom the server does not know.
    window.type_into("access-collaborator", "nobody");
    window.click("access-add");
    window.until("it is refused", |window| {
        !window.says("bob is no longer a collaborator.")
            && window.has(iced_test::selector::id("access-collaborator"))
    });
    window.until_idle();
    assert!(!window.says("nobody is a collaborator now."));
}

#[test]
fn a_package_is_made_private_and_public_after_it_was_asked() {
    let mut window = opened();
    window.click_text("forecast");
    window.until_idle();
    window.click("access-change");
    assert!(window.says("Who may see forecast?"));
    assert!(window.says("Public → Private"));
    assert_eq!(
        access_of(&window, "practice-org/forecast"),
        Some(Visibility::Public)
    );
    window.click("set-access-go");
    window.until_it_says("1 package is private now");
    window.until_idle();
    assert_eq!(
        access_of(&window, "practice-org/forecast"),
        Some(Visibility::Private)
    );
    window.click("access-change");
    assert!(window.says("What others have downloaded by the time you close it again stays with them."));
    window.click("set-access-go");
    window.until_it_says("1 package is public now");
    window.until_idle();
    assert_eq!(
        access_of(&window, "practice-org/forecast"),
        Some(Visibility::Public)
    );
}

#[test]
fn several_are_changed_at_once_and_the_filter_by_type_is_kept() {
    let mut window = opened();
    window.click_text("Notebooks");
    assert!(window.says("No package matches."));
    window.click("access-clear-search");
    window.type_into("access-search", "alice");
    assert!(!window.says("risk-report"));
    window.click_text("alice/alice-tools: chosen");
    window.click_text("alice/alice-tools-next: chosen");
    assert!(window.says("2 packages chosen"));
    window.click("access-change");
    window.click("set-access-go");
    window.until_it_says("2 packages are private now");
    window.until_idle();
    for package in ["alice/alice-tools", "alice/alice-tools-next"] {
        assert_eq!(
            access_of(&window, package),
            Some(Visibility::Private),
            "{package}"
        );
    }
}

#[test]
fn groups_are_made_filled_and_emptied() {
    let mut window = opened();
    window.click_text("Groups");
    window.until_it_says("analysts");
    window.until_idle();
    window.click("access-new-group");
    window.type_into("group-name", "readers");
    window.click("group-go");
    window.until_it_says("The group practice-org/readers is there");
    window.until_it_says("None yet: nobody sees anything by this group.");
    window.until_idle();
    window.type_into("access-member", "bob");
    window.click("access-add-member");
    window.until_it_says("bob is in readers now.");
    window.type_into("access-package", "pricing");
    window.click("access-add-package");
    window.until_it_says("pricing is in readers now.");
    window.until_idle();
    let made = group(&window, "readers");
    assert_eq!(
        (made.members.len(), made.packages.as_slice()),
        (1, &["pricing".to_owned()][..])
    );
    window.click("access-out-bob");
    window.until_it_says("bob is no longer in readers.");
    window.until_idle();
    assert!(group(&window, "readers").members.is_empty());
    window.click("access-group-back");
    window.until_it_says("bob is in readers now.");
    window.until_idle();
    assert_eq!(group(&window, "readers").members.len(), 1);
    // A package that is none is refused in place.
    window.type_into("access-package", "no-such-package");
    window.click("access-add-package");
    window.until("it is refused", |window| !window.says("bob is in readers now."));
    window.until_idle();
    assert!(!window.says("no-such-package is in readers now."));
    assert_eq!(group(&window, "readers").packages.len(), 1);
}

#[test]
fn a_server_without_a_call_for_it_names_its_page() {
    let mut window = Window::open_after(&[], |home, practice| {
        let path = home.join(INI);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text = format!("[main]\nanaconda_api_url = {}\n", practice.anaconda_org_url());
        std::fs::write(path, text).unwrap();
    });
    window.click("connect");
    window.click("connect-anaconda-org");
    window.click("anaconda-device");
    window.until_there("device-open-page");
    window.click("device-open-page");
    window.until_it_says("A new token on the server");
    window.click("review-sign-in");
    window.until_it_says("Signed in to");
    window.until_idle();
    window.click("page-access");
    prove(&mut window, "access-password", "access-go");
    window.until_it_says("alice-tools");
    window.until_idle();
    window.click_text("draft");
    window.until_idle();
    window.click("access-change");
    window.click("set-access-go");
    window.until_it_says("This server lets only its own pages change alice/draft");
    window.until_idle();
    assert!(window.says("/alice/draft/settings/admin"));
    assert!(window.says("There: Settings, Admin, Set access."));
}

#[test]
fn a_wrong_password_is_said_and_the_page_is_left_without_it() {
    let mut window = Window::with_condarc();
    sign_in_to_repository(&mut window);
    window.click("page-access");
    window.until_there("access-password");
    window.type_into("access-password", "wrong");
    window.click("access-go");
    window.until("it is refused", |window| {
        window.says("does not accept") || window.says("wrong") || window.says("Wrong")
    });
    window.until_idle();
    window.type_over("access-password", PASSWORD);
    window.click("access-go");
    window.until_it_says("risk-report");
    window.until_idle();
    window.click("page-environments");
    window.click("page-access");
    window.until_there("access-password");
}

#[test]
fn cancelling_waits_for_nothing_and_a_failure_is_tried_again() {
    let mut window = Window::with_condarc();
    sign_in_to_repository(&mut window);
    let stall = Fault::Stall {
        effect: Effect::NotPerformed,
    };
    window
        .practice
        .set_trouble(Trouble::fault(stall).only_path("/packages/"));
    window.click("page-access");
    prove(&mut window, "access-password", "access-go");
    window.until_it_says("Asking for the packages");
    window.click_text("Cancel");
    assert!(window.says("Asking the server was cancelled."));
    window.until_idle();
    window
        .practice
        .set_trouble(Trouble::status(503).only_path("/packages/"));
    window.click("access-retry");
    window.until_there("access-retry");
    window.until_idle();
    window.practice.set_trouble(Trouble::none());
    window.click("access-retry");
    window.until_it_says("risk-report");
}

#[test]
fn who_is_signed_in_to_nothing_that_has_it_is_offered_to_connect() {
    let mut window = Window::with_condarc();
    window.click("page-access");
    assert!(window.says("This machine is signed in to neither."));
    window.click("access-connect");
    assert!(window.says("One repository at a time."));
    window.click("connect-close");
    window.sign_in();
    window.click("page-access");
    window.until_idle();
    assert!(window.says("decides about whole channels"));
    assert!(window.has(iced_test::selector::id("access-elsewhere")));
}
