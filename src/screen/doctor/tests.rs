use std::time::Duration;

use iced_test::selector::id;
use iced_test::{Simulator, simulator};

use super::*;
use crate::error::Kind as ProblemKind;
use crate::service::doctor::{Detail, Finding};

fn finding(outcome: Outcome, message: &str) -> Finding {
    Finding {
        outcome,
        message: message.to_owned(),
        cause: None,
        remedy: None,
        details: Vec::new(),
        fix: None,
    }
}

fn check(name: &str, finding: Finding) -> Check {
    Check {
        announced: Announced {
            id: name.parse().unwrap(),
            subject: "psm.example.com".to_owned(),
        },
        took: Duration::from_millis(12),
        finding,
    }
}

fn begun() -> (Doctor, Key) {
    let (screen, Action::Examine { key, only: None }) = Doctor::new(Path::new("/home/al")) else {
        panic!("it begins at once");
    };
    (screen, key)
}

/// A page on which these checks were made.
fn examined(checks: Vec<Check>) -> Doctor {
    let (mut screen, key) = begun();
    let announced = checks.iter().map(|check| check.announced.clone()).collect();
    screen.update(Message::Announced {
        key,
        checks: announced,
    });
    for check in checks {
        screen.update(Message::Checked {
            key,
            check: Box::new(check),
        });
    }
    screen.update(Message::Ended { key });
    screen
}

fn with_remedy(remedy: Remedy) -> Check {
    let mut finding = finding(Outcome::Fail, "others can read a file");
    finding.fix = Some(remedy);
    finding.details.push(Detail {
        outcome: Outcome::Fail,
        text: "~/x: rw-r--r-- (644)".to_owned(),
    });
    check("permissions", finding)
}

fn restrict() -> Remedy {
    Remedy::RestrictPermissions {
        paths: vec!["/home/al/x".into()],
    }
}

fn sees(screen: &Doctor, words: &str) -> bool {
    simulator(screen.view()).find(words).is_ok()
}

/// Presses what has this id; gives what the screen wants done.
fn press(screen: &mut Doctor, what: &'static str) -> Vec<Action> {
    let mut ui: Simulator<'_, Message> = simulator(screen.view());
    ui.click(id(what)).unwrap_or_else(|_| panic!("no {what}"));
    let messages: Vec<Message> = ui.into_messages().collect();
    messages
        .into_iter()
        .map(|message| screen.update(message))
        .collect()
}

#[test]
fn it_begins_at_once_and_tells_how_far_it_is() {
    let (mut screen, key) = begun();
    assert!(sees(&screen, "Reading the files of this machine"));
    let dns = check("dns", finding(Outcome::Pass, "10.0.0.7"));
    let tls = check("tls", finding(Outcome::Pass, "TLS 1.3"));
    screen.update(Message::Announced {
        key,
        checks: vec![dns.announced.clone(), tls.announced.clone()],
    });
    screen.update(Message::Checked {
        key,
        check: Box::new(dns),
    });
    for words in ["1 of 2 checks made", "12 ms", "Network", "10.0.0.7"] {
        assert!(sees(&screen, words), "{words}");
    }
    screen.update(Message::Checked {
        key,
        check: Box::new(tls),
    });
    screen.update(Message::Ended { key });
    assert!(sees(&screen, "Everything is well."));
}

#[test]
fn cancelling_stops_it_and_late_answers_are_dropped() {
    let (mut screen, key) = begun();
    let dns = check("dns", finding(Outcome::Pass, "10.0.0.7"));
    screen.update(Message::Announced {
        key,
        checks: vec![dns.announced.clone()],
    });
    let stopped = press(&mut screen, "doctor-cancel");
    assert!(matches!(stopped[..], [Action::Stop(stopped)] if stopped == key));
    screen.update(Message::Checked {
        key,
        check: Box::new(dns),
    });
    assert!(sees(&screen, "Cancelled after 0 of 1 checks."));
    let again = press(&mut screen, "doctor-run");
    assert!(matches!(&again[..], [Action::Examine { key: fresh, only: None }] if *fresh != key));
}

#[test]
fn what_is_not_well_shows_everything_and_what_is_well_folds_it() {
    let mut bad = finding(Outcome::Fail, "the certificate has expired");
    bad.cause = Some("it was valid until yesterday".to_owned());
    bad.remedy = Some("renew it".to_owned());
    bad.details.push(Detail {
        outcome: Outcome::Fail,
        text: "1. psm.example.com".to_owned(),
    });
    let mut good = finding(Outcome::Pass, "accepted");
    good.details.push(Detail {
        outcome: Outcome::Pass,
        text: "~/.config/x.token: accepted".to_owned(),
    });
    let mut screen = examined(vec![check("tls", bad), check("token", good)]);
    for words in [
        "1 check failed.",
        "The certificate has expired.",
        "It was valid until yesterday.",
        "Renew it.",
        "1. psm.example.com",
    ] {
        assert!(sees(&screen, words), "{words}");
    }
    assert!(!sees(&screen, "~/.config/x.token: accepted"));
    press(&mut screen, "details-token");
    assert!(sees(&screen, "~/.config/x.token: accepted"));
    press(&mut screen, "details-tls");
    assert!(!sees(&screen, "1. psm.example.com"));
}

#[test]
fn checks_that_were_left_out_for_one_reason_are_one_row() {
    let left_out = |name: &str, reason: &str| {
        let mut check = check(name, finding(Outcome::Skip, reason));
        check.announced.subject.clear();
        check
    };
    let screen = examined(vec![
        left_out("dns", "no domain is set"),
        left_out("tcp", "no domain is set"),
        left_out("proxy", "there is none"),
        left_out("server", "no domain is set"),
    ]);
    assert!(sees(&screen, "Name, Connection"));
    assert!(sees(&screen, "Proxy"));
    // Another group has a row of its own.
    assert!(sees(&screen, "Server"));
}

#[test]
fn a_remedy_is_shown_before_it_is_applied_and_its_check_is_made_again() {
    let mut screen = examined(vec![with_remedy(restrict())]);
    let asked = press(&mut screen, "fix-permissions");
    let [Action::Plan { key, .. }] = asked[..] else {
        panic!("{asked:?}")
    };
    screen.update(Message::Planned {
        key: Key::fresh(),
        result: Ok(Box::new(RemedyPlan::Recovery)),
    });
    assert!(simulator(screen.view()).find(id("doctor-apply")).is_err());
    let problem = Problem::new(ProblemKind::File, "the file is gone");
    screen.update(Message::Planned {
        key,
        result: Err(problem.clone()),
    });
    assert!(sees(&screen, "The file is gone."));
    press(&mut screen, "doctor-proposal-close");
    assert!(!sees(&screen, "The file is gone."));
    // What happens outside this page leads to another look.
    let again = screen.changed();
    assert!(
        matches!(&again, Action::Examine { only: Some(id), .. } if id.to_string() == "permissions"),
        "{again:?}"
    );
    let Action::Examine { key, .. } = again else {
        return;
    };
    let well = check("permissions", finding(Outcome::Pass, "for you alone"));
    screen.update(Message::Announced {
        key,
        checks: vec![well.announced.clone()],
    });
    assert!(
        sees(&screen, "Others can read a file."),
        "it stays until it is looked at again"
    );
    screen.update(Message::Checked {
        key,
        check: Box::new(well),
    });
    screen.update(Message::Ended { key });
    assert!(sees(&screen, "Everything is well."));
    assert!(matches!(screen.changed(), Action::None));
}

#[test]
fn remedies_that_take_a_person_open_their_dialogs() {
    for (remedy, is_right) in [
        (
            Remedy::RenewToken {
                service: Service::Server,
            },
            (|action| matches!(action, Action::Renew(Service::Server))) as fn(&Action) -> bool,
        ),
        (Remedy::Recover, |action| matches!(action, Action::Recover)),
        (
            Remedy::Certificate {
                address: "https://h".to_owned(),
            },
            |action| matches!(action, Action::Open(Remedy::Certificate { .. })),
        ),
    ] {
        let mut screen = examined(vec![with_remedy(remedy)]);
        let actions = press(&mut screen, "fix-permissions");
        assert!(actions.len() == 1 && is_right(&actions[0]), "{actions:?}");
    }
}

#[test]
fn the_report_is_saved_where_the_person_says() {
    let mut screen = examined(vec![check("dns", finding(Outcome::Pass, "10.0.0.7"))]);
    press(&mut screen, "doctor-report");
    screen.update(Message::ReportPathTyped("~/for-support.json".to_owned()));
    let actions = press(&mut screen, "doctor-report-save");
    let [
        Action::SaveReport {
            key,
            path,
            names,
            checks,
        },
    ] = &actions[..]
    else {
        panic!("{actions:?}")
    };
    assert_eq!(path, Path::new("/home/al/for-support.json"));
    assert_eq!((*names, checks.len()), (Names::Masked, 1));
    screen.update(Message::ReportSaved {
        key: *key,
        result: Ok(()),
    });
    assert!(sees(&screen, "The report is in ~/for-support.json."));
    press(&mut screen, "doctor-report-close");
    assert!(simulator(screen.view()).find(id("doctor-report-path")).is_err());
}

#[test]
fn no_report_is_offered_before_there_is_something_to_report() {
    let (screen, _) = begun();
    let mut ui = simulator(screen.view());
    ui.click(id("doctor-report")).expect("the button");
    assert_eq!(ui.into_messages().count(), 0);
}
