//! What the tests of dialogs do with them: look, press, type.

use iced::keyboard::key::Named;
use iced::{Settings, Size};
use iced_test::Simulator;
use iced_test::selector::id;

use super::login::Ready;
use crate::repository::{CloudBase, Domain};
use crate::secret::Token;
use crate::service::connection::Service;
use crate::service::plan::Plan;
use crate::service::sign_in::{Grant, LoggedIn};
use crate::ui::modal::{Dialog, modal};
use crate::ui::text;

/// A window in which every dialog is seen as a whole.
fn simulator<'a, M: Clone + 'a>(dialog: Dialog<'a, M>) -> Simulator<'a, M> {
    let window = Size::new(1000.0, 1400.0);
    Simulator::with_size(
        Settings::default(),
        window,
        modal(text::body("page"), Some(dialog)),
    )
}

pub fn shows<M: Clone>(dialog: Dialog<'_, M>, words: &str) -> bool {
    simulator(dialog).find(words).is_ok()
}

/// What pressing what bears these words gives; it must be there.
pub fn press<M: Clone>(dialog: Dialog<'_, M>, words: &str) -> Vec<M> {
    let mut ui = simulator(dialog);
    assert!(ui.click(words).is_ok(), "there is no {words:?} to be pressed");
    ui.into_messages().collect()
}

/// Likewise for what has this id.
pub fn click<M: Clone>(dialog: Dialog<'_, M>, name: &'static str) -> Vec<M> {
    let mut ui = simulator(dialog);
    assert!(ui.click(id(name)).is_ok(), "there is no {name} to be pressed");
    ui.into_messages().collect()
}

/// Likewise for a text field, and then typing into it; the last message has all of it.
pub fn type_into<M: Clone>(dialog: Dialog<'_, M>, field: &'static str, words: &str) -> Option<M> {
    let mut ui = simulator(dialog);
    assert!(ui.click(id(field)).is_ok(), "there is no field {field}");
    let _ = ui.typewrite(words);
    ui.into_messages().last()
}

/// What a key gives right after the dialog opened.
pub fn key<M: Clone>(dialog: Dialog<'_, M>, key: Named) -> Vec<M> {
    let mut ui = simulator(dialog);
    ui.tap_key(key);
    ui.into_messages().collect()
}

/// What Enter gives in a field.
pub fn enter_in<M: Clone>(dialog: Dialog<'_, M>, field: &'static str) -> Vec<M> {
    let mut ui = simulator(dialog);
    assert!(ui.click(id(field)).is_ok(), "there is no field {field}");
    ui.tap_key(Named::Enter);
    ui.into_messages().collect()
}

/// A login that was accepted.
pub fn ready() -> Box<Ready> {
    let token = Token::parse("abcdefghijklmnopqrstuvwxyz0123456789").expect("a token");
    let base = CloudBase::parse("https://repo.anaconda.cloud/repo/").expect("a base");
    Box::new(Ready {
        login: LoggedIn {
            service: Service::Cloud,
            domain: Domain::parse("https://repo.anaconda.cloud").expect("a domain"),
            ca_file: None,
            user: "jsmith".to_owned(),
            scopes: Vec::new(),
            grant: Grant::Cloud { base, token },
        },
        plan: Plan::new("sign-in", "Signed in".to_owned()),
    })
}
