use super::*;
use crate::repository::{CLOUD_REPOSITORY, CloudBase, Domain};
use crate::screen::dialog_trial::shows;
use crate::secret::Token;
use crate::service::connection::Service;
use crate::service::plan::KeptEdit;
use crate::service::sign_in::Grant;

fn cloud(change: impl FnOnce(&mut Plan)) -> Review {
    let mut plan = Plan::new("sign-in", "Signed in to repo.anaconda.cloud");
    change(&mut plan);
    let login = LoggedIn {
        service: Service::Cloud,
        domain: Domain::parse("https://repo.anaconda.cloud").unwrap(),
        ca_file: None,
        user: String::new(),
        scopes: Vec::new(),
        grant: Grant::Cloud {
            base: CloudBase::parse(CLOUD_REPOSITORY).unwrap(),
            token: Token::parse("abc123").unwrap(),
        },
    };
    Review::new(Ready { login, plan }, Path::new("/home/ana"))
}

#[test]
fn a_token_that_is_brought_is_not_called_new() {
    let screen = cloud(|_| {});
    assert!(shows(screen.view(), "Sign in to repo.anaconda.cloud"));
    assert!(shows(screen.view(), "Your token") && !shows(screen.view(), "A new token on the server"));
    assert!(shows(screen.view(), Service::Cloud.title()));
}

#[test]
fn what_ends_and_what_is_kept_is_named() {
    let screen = cloud(|plan| {
        plan.ends = vec![Ended {
            service: Service::Server,
            domain: "https://psm.example.com".to_owned(),
            user: "alice".to_owned(),
            revokes: Some("sextant-alice".to_owned()),
        }];
        plan.kept_edits = vec![
            KeptEdit {
                key: "channels".to_owned(),
                restored: None,
                present: Some("[\"theirs\"]".to_owned()),
                kept: true,
            },
            KeptEdit {
                key: "ssl_verify".to_owned(),
                restored: None,
                present: Some("false".to_owned()),
                kept: false,
            },
        ];
    });
    for words in [
        "Signed out of first",
        "Package Security Manager (On-prem): psm.example.com as alice.",
        "The token sextant-alice is revoked.",
        "channels: [\"theirs\"]",
    ] {
        assert!(shows(screen.view(), words), "{words}");
    }
    assert!(!shows(screen.view(), "ssl_verify: false"));
}

#[test]
fn the_person_s_token_never_shows() {
    let screen = cloud(|_| {});
    assert!(!format!("{screen:?}").contains("abc123"));
}
