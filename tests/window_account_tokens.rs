//! All tokens of an account through the window: made, put to use, replaced and revoked; over the practice servers, checked by
//! what is on them and in the files.

#[path = "support/at_repository.rs"]
mod at_repository;
#[path = "support/window.rs"]
#[allow(dead_code, reason = "every test uses its part")]
mod window;

use at_repository::{prove, sign_in_to_repository};
use iced_test::selector::id;
use sextant::practice::{Effect, Fault, RepositoryToken, Trouble};
use window::{CONDARC, Window};

/// The account's tokens at the repository, read.
fn opened() -> Window {
    let mut window = Window::with_condarc();
    sign_in_to_repository(&mut window);
    open(&mut window);
    window
}

fn open(window: &mut Window) {
    window.click("page-tokens");
    window.until_it_says("days left, until");
    window.click_text("Of the account");
    prove(window, "account-tokens-password", "account-tokens-go");
    window.until_it_says("in use here");
    window.until_idle();
}

fn create(window: &mut Window, name: &str) {
    window.click("tokens-create");
    window.type_into("token-name", name);
    window.click("token-create-go");
    window.until_it_says(&format!("The token {name}"));
    window.until_idle();
}

fn close(window: &mut Window) {
    window.click("token-close");
    if window.has(id("token-leave")) {
        window.click("token-leave");
    }
    window.until_idle();
}

fn named(window: &Window, name: &str) -> Vec<RepositoryToken> {
    let mut tokens = window.practice.repository_tokens();
    tokens.retain(|token| token.name == name);
    tokens
}

fn value(window: &Window, name: &str) -> String {
    named(window, name)[0].value.expose().to_owned()
}

#[test]
fn a_token_is_made_and_its_text_shown_only_when_it_is_asked_for() {
    let mut window = opened();
    create(&mut window, "ci");
    let token = value(&window, "ci");
    assert_eq!(named(&window, "ci")[0].scopes, ["conda:download", "repos"]);
    let shows = |window: &mut Window| window.texts().iter().any(|text| text.contains(&token));
    assert!(!shows(&mut window));
    window.click("token-reveal");
    assert!(shows(&mut window));
    let alias = format!("{}/conda", window.practice.repository_url());
    assert!(window.says(&format!("conda config --add channels {alias}/t/••••/alice")));
    close(&mut window);
    assert!(!shows(&mut window), "never again");
    assert!(window.says("ci"));
    assert_eq!(
        window.file(".condarc"),
        CONDARC.replace(CONDARC, &window.file(".condarc"))
    );
    assert_eq!(
        window.practice.repository_tokens().len(),
        2,
        "and nothing else is left there"
    );
}

#[test]
fn a_channel_is_added_with_it_and_can_be_taken_back() {
    let mut window = opened();
    create(&mut window, "desk");
    let before = window.file(".condarc");
    window.click_text("Add a channel");
    window.until_it_says("Leads to");
    window.type_over("token-channel", "practice-org/label/beta");
    window.until_it_says("/conda/practice-org/label/beta");
    assert!(window.says("sends the token of your sign-in there"));
    assert_eq!(
        window.file(".condarc"),
        before,
        "nothing happens before it is confirmed"
    );
    window.until_idle();
    window.click("token-use");
    window.until_it_says("conda searches practice-org/label/beta now");
    window.until_idle();
    let condarc = window.file(".condarc");
    assert!(condarc.contains("- practice-org/label/beta"), "{condarc}");
    assert!(!condarc.contains(&value(&window, "desk")));
    close(&mut window);
    window.click_text("Undo");
    window.until_it_says("Undid: ");
    window.until_idle();
    assert_eq!(window.file(".condarc"), before);
}

#[test]
fn conda_takes_it_in_the_place_of_the_token_of_the_sign_in() {
    let mut window = opened();
    create(&mut window, "desk");
    window.click_text("Token store only");
    window.until_it_says("(another one)");
    window.until_idle();
    window.click("token-use");
    window.until_it_says("Sextant looks after it, and signing out revokes it.");
    window.until_idle();
    let left = window.practice.repository_tokens();
    assert_eq!(left.len(), 1, "the one before is revoked");
    let token = value(&window, "desk");
    let folder = std::fs::read_dir(window.path(".config/binstar")).unwrap();
    let held = folder
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap_or_default())
        .filter(|text| *text == token)
        .count();
    assert_eq!(held, 1);
    close(&mut window);
    window.click("connect");
    window.click("connect-repository");
    window.until_it_says("is revoked.");
    window.click("put-back-now");
    window.until_it_says("Signed out.");
    assert!(window.practice.repository_tokens().is_empty());
    assert_eq!(window.token_files(), 0);
}

#[test]
fn a_name_that_is_taken_is_asked_about_and_a_lost_token_replaced() {
    let mut window = opened();
    create(&mut window, "ci");
    let first = value(&window, "ci");
    close(&mut window);
    window.click("tokens-create");
    window.type_into("token-name", "ci");
    assert!(window.says("There is a token ci already"));
    window.click("token-create-go");
    assert!(window.says("There is a token ci already"), "nothing is made");
    window.click("token-create-cancel");

    window.click_text("ci");
    window.click("account-tokens-replace");
    assert!(window.says("The old one is revoked"));
    window.click("token-create-go");
    window.until_it_says("The token ci");
    window.until_idle();
    assert_eq!(named(&window, "ci").len(), 1);
    assert_ne!(value(&window, "ci"), first);
    close(&mut window);
}

#[test]
fn several_are_revoked_after_it_was_asked() {
    let mut window = opened();
    for name in ["one", "two"] {
        create(&mut window, name);
        close(&mut window);
    }
    window.click_text("one: revoke");
    window.click_text("two: revoke");
    window.click("account-tokens-revoke");
    assert!(window.says("Revoke 2 tokens?"));
    assert!(window.says("Other machines may use 2 of them."));
    assert_eq!(window.practice.repository_tokens().len(), 3);
    window.click("token-revoke-go");
    window.until_it_says("2 tokens were revoked");
    window.until_idle();
    assert_eq!(
        window.practice.repository_tokens().len(),
        1,
        "the one in use stays"
    );
    assert!(window.says("1 token of alice on"));
}

#[test]
fn a_token_of_an_organisation_is_made_and_revoked_by_its_name() {
    let mut window = opened();
    window.click("tokens-create");
    window.type_into("token-name", "team");
    window.send(sextant::app::Message::Token(
        sextant::screen::tokens::dialog::Message::Create(
            sextant::screen::tokens::create::Message::OwnerChosen(1),
        ),
    ));
    assert!(window.says("It acts for practice-org"));
    window.click("token-create-go");
    window.until_it_says("The token team");
    window.until_idle();
    assert_eq!(named(&window, "team")[0].owner, "practice-org");
    close(&mut window);
    window.click("account-tokens-of-organization");
    window.type_into("organization-token-name", "nothing");
    window.click("organization-token-go");
    window.until_it_says("practice-org has no token of this name");
    window.until_idle();
    window.type_over("organization-token-name", "team");
    window.click("organization-token-go");
    window.until_it_says("1 token was revoked");
    assert!(named(&window, "team").is_empty());
}

#[test]
fn a_cancelled_creation_says_that_the_token_may_be_there() {
    let mut window = opened();
    window.click("tokens-create");
    window.type_into("token-name", "slow");
    let stall = Fault::Stall {
        effect: Effect::Performed,
    };
    let trouble = Trouble::fault(stall)
        .only_method("POST")
        .only_path("/authentications");
    window.practice.set_trouble(trouble);
    window.click("token-create-go");
    window.until("the token is made", |window| !named(window, "slow").is_empty());
    window.practice.set_trouble(Trouble::none());
    window.click("token-create-cancel");
    assert!(window.says("Cancelled. Where the server was quicker, the list shows the token."));
    window.until_idle();
    window.click("token-create-cancel");
    assert!(window.says("slow"), "the list was read again");
}

#[test]
fn at_anaconda_server_no_password_is_asked_for_as_long_as_the_session_lasts() {
    let mut window = Window::with_condarc();
    window.sign_in();
    window.open_tokens();
    window.click_text("Of the account");
    window.until_it_says("in use here");
    window.until_idle();
    assert!(window.says("Created") && !window.says("Last host"));
    window.click("tokens-create");
    assert!(!window.says("Strength") && !window.says("For the packages of"));
    window.type_into("token-name", "ci");
    window.click_text("CI upload");
    window.click("token-create-go");
    window.until_it_says("The token ci");
    window.until_idle();
    let tokens = window.practice.tokens();
    let made = tokens.iter().find(|token| token.name == "ci").unwrap();
    assert!(
        made.scopes.iter().any(|scope| scope == "artifact:create"),
        "{made:?}"
    );
    assert!(
        made.scopes.iter().all(|scope| scope != "artifact:delete"),
        "{made:?}"
    );
    close(&mut window);
    window.click_text("ci");
    window.click("account-tokens-revoke");
    window.click("token-revoke-go");
    window.until_it_says("1 token was revoked");
    assert_eq!(window.practice.tokens().len(), 1);
}

#[test]
fn the_token_in_use_is_renewed_from_the_list_too() {
    let mut window = Window::with_condarc();
    window.sign_in();
    let name = window.practice.tokens()[0].name.clone();
    window.open_tokens();
    window.click_text("Of the account");
    window.until_it_says("in use here");
    window.until_idle();
    window.click_text(&name);
    window.click("account-tokens-renew");
    window.until_it_says("is revoked once the new one works.");
    window.click("renew-now");
    window.until_it_says("is renewed");
    window.until_idle();
    let now = window.practice.tokens()[0].name.clone();
    assert_ne!(now, name);
    assert!(window.says(&now), "the list is read again");
}
