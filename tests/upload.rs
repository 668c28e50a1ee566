//! Uploading to both products: what is planned, what is sent, what stands in the way, what a broken connection and a wish to
//! stop leave behind.

#[path = "support/distributions.rs"]
mod distributions;
#[allow(dead_code, reason = "every test uses its part")]
#[path = "support/services.rs"]
mod services;
#[path = "support/upload_desk.rs"]
mod upload_desk;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use distributions::{ENVIRONMENT, NOTEBOOK, conda, noise, wheel};
use sextant::error::{Explain, Kind};
use sextant::package::Stop;
use sextant::practice::{Effect, Fault, Trouble};
use sextant::repository::Visibility;
use sextant::secret::Secret;
use sextant::service::ServiceError;
use sextant::service::connection::Service;
use sextant::service::upload::{
    OnConflict, There, UploadOutcome, UploadProgress, UploadReport, UploadStep, UploadWish, WishedAccess,
};
use upload_desk::{At, BOTH, Desk};

/// Larger than whatever lies between two programs of one machine.
const LARGE: usize = 24 * 1024 * 1024;

fn outcomes(report: &UploadReport) -> Vec<&'static str> {
    report.files.iter().map(|file| file.outcome.word()).collect()
}

fn quiet(_: UploadProgress) {}

#[test]
fn files_of_every_kind_arrive_as_they_are() {
    for at in BOTH {
        let desk = Desk::new(at);
        let package = conda("field-notes", "1.0", b"first");
        let files = [
            desk.put("whatever.conda", &package),
            desk.put("small_tools-1.2-py3-none-any.whl", wheel("small-tools", "1.2")),
            desk.put("My Plot.ipynb", NOTEBOOK),
            desk.put("environment.yml", ENVIRONMENT),
        ];
        let plan = desk.plan(&desk.wish(&files));
        assert_eq!(plan.place.name(), "alice", "one's own is where files go");
        let kinds: Vec<&str> = plan
            .files
            .iter()
            .map(|file| file.ready().unwrap().distribution.form.word())
            .collect();
        assert_eq!(kinds, ["conda", "wheel", "notebook", "environment"]);
        assert!(
            plan.files
                .iter()
                .all(|file| file.ready().unwrap().there == There::Nothing)
        );
        assert!(
            !desk.is_listed("field-notes-1.0-0.conda"),
            "planning sends nothing"
        );

        let told = Mutex::new(Vec::new());
        let report = desk.carry_out(&plan, &Stop::default(), |step| told.lock().unwrap().push(step));
        assert_eq!(outcomes(&report), ["uploaded"; 4], "{at:?}: {report:?}");
        assert!(report.rest().is_empty());
        let told = told.into_inner().unwrap();
        for place in 0..4 {
            let own: Vec<&UploadStep> = told
                .iter()
                .filter(|one| one.file == place)
                .map(|one| &one.step)
                .collect();
            assert_eq!(own.first(), Some(&&UploadStep::Preparing));
            assert!(matches!(
                own.last(),
                Some(UploadStep::Ended(UploadOutcome::Uploaded { .. }))
            ));
        }
        // The name of a conda package follows from what is inside, and it is the same file to the byte.
        let record = desk.repodata()["packages.conda"]["field-notes-1.0-0.conda"].clone();
        assert_eq!(record["size"], package.len());
        assert_eq!(desk.fetch("noarch/field-notes-1.0-0.conda"), (200, package));
        if at == At::Server {
            assert_eq!(desk.fetch("jupyter/My Plot.ipynb"), (200, NOTEBOOK.into()));
        } else {
            let names: Vec<String> = desk.packages().into_iter().map(|(name, _)| name).collect();
            for name in ["field-notes", "small-tools", "my-plot", "work"] {
                assert!(names.contains(&name.to_owned()), "{names:?}");
            }
            assert_eq!(desk.machine.practice.repository_announcements(), 0);
        }
        desk.has_left_no_token();
    }
}

#[test]
fn labels_and_organisations_and_sub_channels_are_places_too() {
    let desk = Desk::new(At::Repository);
    let file = desk.put("a.conda", conda("labelled", "1.0", b"x"));
    let wish = UploadWish {
        to: Some("Practice-Org".to_owned()),
        labels: vec!["beta".to_owned(), "beta".to_owned(), "nightly".to_owned()],
        ..desk.wish(&[file])
    };
    let plan = desk.plan(&wish);
    assert_eq!(plan.place.name(), "practice-org", "as the server spells it");
    assert_eq!(plan.labels, ["beta", "nightly"]);
    let report = desk.carry_out(&plan, &Stop::default(), quiet);
    assert_eq!(outcomes(&report), ["uploaded"]);
    let of = |path: &str| {
        let url = format!(
            "{}/conda/{path}/noarch/repodata.json",
            desk.machine.practice.repository_url()
        );
        let (_, body) = desk.get(&url);
        String::from_utf8_lossy(&body).contains("labelled-1.0-0.conda")
    };
    assert!(of("practice-org/label/nightly") && of("practice-org/label/beta"));
    assert!(!of("practice-org"), "without main it is in no other channel");
    let wrong = UploadWish {
        labels: vec!["a/b".to_owned()],
        ..wish
    };
    assert_eq!(desk.try_plan(&wrong).unwrap_err().explain().kind, Kind::Usage);

    let desk = Desk::new(At::Server);
    let file = desk.put("a.conda", conda("fast", "1.0", b"x"));
    let wish = UploadWish {
        to: Some("research/gpu".to_owned()),
        labels: vec!["beta".to_owned()],
        ..desk.wish(&[file])
    };
    let plan = desk.plan(&wish);
    assert!(
        plan.warnings[0].message.contains("no labels"),
        "{:?}",
        plan.warnings
    );
    let report = desk.carry_out(&plan, &Stop::default(), quiet);
    assert_eq!(outcomes(&report), ["uploaded"]);
    let again = desk.plan(&wish);
    assert_eq!(again.files[0].ready().unwrap().there, There::SameFile);
    for (to, kind) in [("nowhere", Kind::Usage), ("a/b/c", Kind::Usage)] {
        let wish = UploadWish {
            to: Some(to.to_owned()),
            ..wish.clone()
        };
        assert_ne!(
            desk.try_plan(&wish).unwrap_err().explain().kind,
            Kind::Internal,
            "{to} {kind:?}"
        );
    }
}

#[test]
fn what_is_there_already_is_told_and_becomes_what_is_decided() {
    for at in BOTH {
        let desk = Desk::new(at);
        let first = conda("field-notes", "1.0", b"first");
        let file = desk.put("field-notes-1.0-0.conda", &first);
        assert_eq!(outcomes(&desk.upload(std::slice::from_ref(&file))), ["uploaded"]);
        // The same once more is nothing to do.
        assert_eq!(
            outcomes(&desk.upload(std::slice::from_ref(&file))),
            ["already-there"]
        );
        let second = conda("field-notes", "1.0", b"second");
        let file = desk.put("field-notes-1.0-0.conda", &second);
        let mut plan = desk.plan(&desk.wish(std::slice::from_ref(&file)));
        assert!(plan.has_conflict() && plan.bytes() == 0);
        let kept = desk.carry_out(&plan, &Stop::default(), quiet);
        assert_eq!(outcomes(&kept), ["skipped"]);
        plan.files[0].on_conflict = OnConflict::Fail;
        let failed = desk.carry_out(&plan, &Stop::default(), quiet);
        assert_eq!(failed.failure().unwrap().kind, Kind::Conflict);
        assert_eq!(desk.fetch("noarch/field-notes-1.0-0.conda"), (200, first));
        plan.files[0].on_conflict = OnConflict::Replace;
        assert_eq!(plan.bytes(), second.len() as u64);
        let replaced = desk.carry_out(&plan, &Stop::default(), quiet);
        assert_eq!(outcomes(&replaced), ["replaced"], "{replaced:?}");
        assert_eq!(desk.fetch("noarch/field-notes-1.0-0.conda"), (200, second));
        desk.has_left_no_token();
    }
}

#[test]
fn a_file_that_appears_meanwhile_is_a_conflict_and_the_others_go_on() {
    for at in BOTH {
        let desk = Desk::new(at);
        let files = [
            desk.put("a.conda", conda("one", "1.0", b"a")),
            desk.put("b.conda", conda("two", "1.0", b"b")),
        ];
        let plan = desk.plan(&desk.wish(&files));
        // Somebody else is quicker.
        let other = desk.put("other.conda", conda("one", "1.0", b"somebody else's"));
        assert_eq!(outcomes(&desk.upload(&[other])), ["uploaded"]);
        let report = desk.carry_out(&plan, &Stop::default(), quiet);
        assert_eq!(outcomes(&report), ["failed", "uploaded"], "{at:?}");
        assert_eq!(report.failure().unwrap().kind, Kind::Conflict);
        assert_eq!(report.rest(), [files[0].clone()]);
    }
}

#[test]
fn what_cannot_be_uploaded_is_known_before_anything_is_sent() {
    for at in BOTH {
        let desk = Desk::new(at);
        let good = conda("good", "1.0", b"x");
        let files = [
            desk.put("broken.conda", &good[..good.len() - 40]),
            desk.put("notes.txt", "hello"),
            desk.put("good.conda", &good),
            desk.put("the-same.conda", &good),
            desk.machine.path("files/missing.conda"),
        ];
        let plan = desk.plan(&desk.wish(&files));
        let refused: Vec<bool> = plan.files.iter().map(|file| file.ready().is_none()).collect();
        assert_eq!(refused, [true, true, false, true, true], "{:?}", plan.files);
        let report = desk.carry_out(&plan, &Stop::default(), quiet);
        assert_eq!(
            outcomes(&report),
            ["failed", "failed", "uploaded", "failed", "failed"]
        );
        assert_eq!(report.failure().unwrap().kind, Kind::File);
    }
}

#[test]
fn a_dropped_connection_is_told_and_the_rest_can_be_uploaded() {
    for at in BOTH {
        let desk = Desk::new(at);
        let files = [
            desk.put("a.conda", conda("one", "1.0", &noise(400_000))),
            desk.put("b.conda", conda("two", "1.0", b"b")),
            desk.put("c.conda", conda("three", "1.0", b"c")),
        ];
        let plan = desk.plan(&desk.wish(&files));
        // One file alone: the others go on.
        desk.machine
            .practice
            .set_trouble(desk.trouble(Fault::DropRequest { after: 100_000 }).times(1));
        let report = desk.carry_out(&plan, &Stop::default(), quiet);
        assert_eq!(
            outcomes(&report),
            ["failed", "uploaded", "uploaded"],
            "{at:?} {report:?}"
        );
        assert_eq!(report.failure().unwrap().kind, Kind::Network);
        assert_eq!(report.rest(), [files[0].clone()]);
        assert!(!desk.is_listed("one-1.0-0.conda"));
        assert_eq!(desk.machine.practice.repository_announcements(), 0);

        // The network is gone: after the second failure nothing more is tried.
        let files = ["four", "five", "six"]
            .map(|name| desk.put(&format!("{name}.conda"), conda(name, "1.0", name.as_bytes())));
        let plan = desk.plan(&desk.wish(&files));
        desk.machine.practice.set_trouble(desk.trouble(Fault::Drop {
            effect: Effect::NotPerformed,
        }));
        let report = desk.carry_out(&plan, &Stop::default(), quiet);
        assert_eq!(outcomes(&report), ["failed", "failed", "not-tried"], "{at:?}");
        desk.machine.practice.set_trouble(Trouble::none());
        assert_eq!(outcomes(&desk.upload(&report.rest())), ["uploaded"; 3]);
        desk.has_left_no_token();
    }
}

#[test]
fn a_file_whose_answer_was_lost_counts_as_what_it_is() {
    for at in BOTH {
        let desk = Desk::new(at);
        let file = desk.put("a.conda", conda("one", "1.0", b"a"));
        let plan = desk.plan(&desk.wish(&[file]));
        let last = match at {
            At::Repository => "/commit/",
            At::Server => "/artifacts",
        };
        let trouble = Trouble::fault(Fault::Drop {
            effect: Effect::Performed,
        })
        .only_method("POST");
        desk.machine.practice.set_trouble(trouble.only_path(last));
        let report = desk.carry_out(&plan, &Stop::default(), quiet);
        assert_eq!(outcomes(&report), ["uploaded"], "{at:?} {report:?}");
        assert!(desk.is_listed("one-1.0-0.conda"));
    }
}

#[test]
fn refusals_of_the_server_are_told_apart() {
    for at in BOTH {
        let desk = Desk::new(at);
        for (status, kind, rest) in [
            (401, Kind::Auth, "not-tried"),
            (402, Kind::Conflict, "not-tried"),
            (403, Kind::Forbidden, "failed"),
            (409, Kind::Conflict, "failed"),
            (413, Kind::Conflict, "failed"),
            (507, Kind::Conflict, "not-tried"),
            (503, Kind::Network, "failed"),
        ] {
            let files = ["x", "y"].map(|name| {
                let content = format!("{name}{status}");
                desk.put(
                    &format!("{content}.conda"),
                    conda(&content, "1.0", content.as_bytes()),
                )
            });
            let plan = desk.plan(&desk.wish(&files));
            let path = match at {
                At::Repository => "/stage/",
                At::Server => "/artifacts",
            };
            let trouble = Trouble::status(status).only_method("POST").only_path(path);
            desk.machine.practice.set_trouble(trouble);
            let report = desk.carry_out(&plan, &Stop::default(), quiet);
            desk.machine.practice.set_trouble(Trouble::none());
            assert_eq!(outcomes(&report), ["failed", rest], "{at:?} {status}");
            let problem = report.failure().unwrap();
            assert_eq!(problem.kind, kind, "{status} {problem:?}");
            assert!(problem.remedy.is_some(), "{problem:?}");
        }
        if at == At::Repository {
            let left: Vec<_> = desk
                .packages()
                .into_iter()
                .filter(|(name, _)| name.starts_with('x'))
                .collect();
            assert!(
                left.is_empty(),
                "packages that were made for nothing are gone: {left:?}"
            );
        }
        desk.has_left_no_token();
    }
}

#[test]
fn a_real_limit_of_the_server_is_heard_although_the_file_was_still_on_its_way() {
    for at in BOTH {
        let desk = Desk::new(at);
        // More than the practice server takes.
        let file = desk.put("a.conda", conda("one", "1.0", &noise(65 * 1024 * 1024)));
        let report = desk.upload(&[file]);
        let problem = report.failure().unwrap();
        assert!(problem.message.contains("too large"), "{problem:?}");
    }
}

#[test]
fn somebody_elses_place_is_refused() {
    let desk = Desk::new(At::Repository);
    let file = desk.put("a.conda", conda("one", "1.0", b"a"));
    let wish = UploadWish {
        to: Some("bob".to_owned()),
        ..desk.wish(std::slice::from_ref(&file))
    };
    let plan = desk.plan(&wish);
    assert!(
        plan.warnings[0].message.contains("does not belong to bob"),
        "{:?}",
        plan.warnings
    );
    let report = desk.carry_out(&plan, &Stop::default(), quiet);
    assert_eq!(report.failure().unwrap().kind, Kind::Forbidden);
    let desk = Desk::new(At::Server);
    let file = desk.put("a.conda", conda("one", "1.0", b"a"));
    let to = |name: &str| UploadWish {
        to: Some(name.to_owned()),
        ..desk.wish(std::slice::from_ref(&file))
    };
    // She may read it, and no more.
    let report = desk.carry_out(&desk.plan(&to("main")), &Stop::default(), quiet);
    assert_eq!(report.failure().unwrap().kind, Kind::Forbidden);
    assert!(matches!(
        desk.try_plan(&to("bob")),
        Err(ServiceError::ChannelClosed { .. })
    ));
    assert!(matches!(
        desk.try_plan(&to("nowhere")),
        Err(ServiceError::NoSuchChannel { .. })
    ));
}

#[test]
fn private_packages_are_private_from_the_first_moment_on() {
    let desk = Desk::new(At::Repository);
    let file = desk.put("a.conda", conda("secret-plan", "1.0", b"a"));
    let private = |files: &[PathBuf]| UploadWish {
        access: WishedAccess::Private,
        ..desk.wish(files)
    };
    let plan = desk.plan(&private(&[file]));
    assert_eq!(
        plan.files[0].ready().unwrap().visible_to,
        Some(Visibility::Private)
    );
    let report = desk.carry_out(&plan, &Stop::default(), quiet);
    assert_eq!(outcomes(&report), ["uploaded"]);
    let owned = desk.packages();
    assert!(
        owned.contains(&("secret-plan".to_owned(), Some(Visibility::Private))),
        "{owned:?}"
    );
    assert!(
        !desk.is_listed("secret-plan-1.0-0.conda"),
        "nobody in particular does not see it"
    );
    // A package that everybody sees stays so, and what shall be private does not go there.
    let file = desk.put("b.conda", conda("alice-tools", "9.0", b"b"));
    let plan = desk.plan(&private(&[file]));
    let report = desk.carry_out(&plan, &Stop::default(), quiet);
    let problem = report.failure().unwrap();
    assert!(problem.message.contains("public"), "{problem:?}");
    assert!(!desk.is_listed("alice-tools-9.0-0.conda"));
}

#[test]
fn a_package_that_becomes_public_meanwhile_gets_nothing_that_shall_be_private() {
    let desk = Desk::new(At::Repository);
    let file = desk.put("a.conda", conda("secret-plan", "1.0", b"a"));
    let wish = UploadWish {
        access: WishedAccess::Private,
        ..desk.wish(&[file])
    };
    let plan = desk.plan(&wish);
    let other = desk.put("b.conda", conda("secret-plan", "0.9", b"b"));
    assert_eq!(outcomes(&desk.upload(&[other])), ["uploaded"]);
    let report = desk.carry_out(&plan, &Stop::default(), quiet);
    let problem = report.failure().unwrap();
    assert!(problem.message.contains("public"), "{problem:?}");
    assert!(!desk.is_listed("secret-plan-1.0-0.conda") && desk.is_listed("secret-plan-0.9-0.conda"));
}

#[test]
fn what_shall_be_private_is_not_sent_where_the_server_does_not_say_that_it_is() {
    let desk = Desk::new(At::Repository);
    let file = desk.put("a.conda", conda("secret-plan", "1.0", b"a"));
    let wish = UploadWish {
        access: WishedAccess::Private,
        ..desk.wish(&[file])
    };
    let plan = desk.plan(&wish);
    let silent = Trouble::fault(Fault::MissingFields {
        fields: ["public", "access"].map(str::to_owned).to_vec(),
    });
    desk.machine
        .practice
        .set_trouble(silent.only_method("GET").only_path("/package/"));
    let report = desk.carry_out(&plan, &Stop::default(), quiet);
    desk.machine.practice.set_trouble(Trouble::none());
    let problem = report.failure().unwrap();
    assert!(
        problem.message.contains("does not say that it is private"),
        "{problem:?}"
    );
    let names: Vec<String> = desk.packages().into_iter().map(|(name, _)| name).collect();
    assert!(!names.contains(&"secret-plan".to_owned()), "{names:?}");
}

#[test]
fn a_token_of_the_work_that_cannot_be_deleted_now_waits_for_it() {
    let desk = Desk::new(At::Server);
    let file = desk.put("a.conda", conda("field-notes", "1.0", b"a"));
    let plan = desk.plan(&desk.wish(&[file]));
    let trouble = Trouble::status(503)
        .only_method("DELETE")
        .only_path("/account/tokens");
    desk.machine.practice.set_trouble(trouble);
    let report = desk.carry_out(&plan, &Stop::default(), quiet);
    assert_eq!(outcomes(&report), ["uploaded"]);
    assert_eq!(desk.machine.practice.tokens().len(), 2);
    desk.machine.practice.set_trouble(Trouble::none());
    let services = &desk.machine.services;
    assert!(services.needs_recovery());
    let recovery = desk.machine.wait(services.recover()).unwrap();
    assert_eq!(recovery.revoked.len(), 1, "{recovery:?}");
    desk.has_left_no_token();
}

#[test]
fn a_server_without_private_packages_is_told_before_or_after_and_gets_nothing() {
    // Anaconda Server decides by channel, and says so before.
    let desk = Desk::new(At::Server);
    let file = desk.put("a.conda", conda("one", "1.0", b"a"));
    let wish = |to: &str| UploadWish {
        access: WishedAccess::Private,
        to: Some(to.to_owned()),
        ..desk.wish(std::slice::from_ref(&file))
    };
    let plan = desk.plan(&wish("research"));
    assert!(
        plan.warnings[0].message.contains("no private packages"),
        "{:?}",
        plan.warnings
    );
    assert_eq!(
        outcomes(&desk.carry_out(&plan, &Stop::default(), quiet)),
        ["uploaded"]
    );
    assert!(
        desk.plan(&wish("alice")).warnings.is_empty(),
        "this channel is private"
    );
}

#[test]
fn stopping_breaks_the_file_off_at_once_and_leaves_nothing() {
    for at in BOTH {
        let desk = Desk::new(at);
        let files = [
            desk.put("a.conda", conda("large", "1.0", &noise(LARGE))),
            desk.put("b.conda", conda("small", "1.0", b"b")),
        ];
        let plan = desk.plan(&desk.wish(&files));
        // The server takes a part, and then nothing any more.
        desk.machine
            .practice
            .set_trouble(desk.trouble(Fault::StallRequest { after: 1_000_000 }));
        let stop = Stop::default();
        let stopped_at = Mutex::new(None);
        let broken_off_after = Mutex::new(None);
        let report = desk.carry_out(&plan, &stop, |progress| match progress.step {
            UploadStep::Sending { sent } if sent > 0 => {
                stopped_at.lock().unwrap().get_or_insert_with(Instant::now);
                stop.set();
            }
            UploadStep::TakingBack => {
                let began: Option<Instant> = *stopped_at.lock().unwrap();
                *broken_off_after.lock().unwrap() = began.map(|began| began.elapsed());
            }
            _ => {}
        });
        assert_eq!(outcomes(&report), ["cancelled", "not-tried"], "{at:?} {report:?}");
        assert_eq!(report.rest(), files);
        // An order of magnitude above what it takes, for machines that have other things to do.
        let after: Duration = broken_off_after.into_inner().unwrap().unwrap();
        assert!(after < Duration::from_secs(5), "{after:?}");
        desk.machine.practice.set_trouble(Trouble::none());
        assert!(!desk.is_listed("large-1.0-0.conda"));
        assert_eq!(desk.machine.practice.repository_announcements(), 0);
        if at == At::Repository {
            assert!(
                desk.packages().iter().all(|(name, _)| name != "large"),
                "the package is gone too"
            );
        }
        desk.has_left_no_token();
        let again = desk.upload(&report.rest());
        assert_eq!(outcomes(&again), ["uploaded"; 2], "{at:?} {again:?}");
    }
}

#[test]
fn stopping_while_it_is_planned_ends_it() {
    let desk = Desk::new(At::Server);
    let file = desk.put("a.conda", conda("one", "1.0", b"a"));
    let stop = Stop::default();
    stop.set();
    let wish = desk.wish(&[file]);
    let planned =
        desk.machine.wait(
            desk.machine
                .services
                .plan_upload(Service::Server, &wish, None, &stop, |_| {}),
        );
    assert_eq!(planned.unwrap_err().explain().kind, Kind::Cancelled);
    desk.has_left_no_token();
}

#[test]
fn a_file_that_changes_after_it_was_planned_is_not_sent() {
    for at in BOTH {
        let desk = Desk::new(at);
        let path = desk.put("a.conda", conda("one", "1.0", b"a"));
        let plan = desk.plan(&desk.wish(std::slice::from_ref(&path)));
        let mut other = std::fs::read(&path).unwrap();
        let last = other.len() - 1;
        other[last] ^= 1;
        std::fs::write(&path, other).unwrap();
        let report = desk.carry_out(&plan, &Stop::default(), quiet);
        let problem = report.failure().unwrap();
        assert_eq!(problem.kind, Kind::File, "{at:?} {problem:?}");
        assert!(problem.message.contains("was changed"), "{problem:?}");
        assert!(!desk.is_listed("one-1.0-0.conda"));
    }
}

#[test]
fn an_upload_asks_for_the_password_before_anything_is_sent() {
    let desk = Desk::new(At::Repository);
    let file = desk.put("a.conda", conda("one", "1.0", b"a"));
    let wish = desk.wish(&[file]);
    let services = &desk.machine.services;
    let planned =
        desk.machine
            .wait(services.plan_upload(Service::Repository, &wish, None, &Stop::default(), |_| {}));
    assert_eq!(planned.unwrap_err().explain().kind, Kind::Auth);
    let wrong = Secret::new("wrong");
    let planned = desk.machine.wait(services.plan_upload(
        Service::Repository,
        &wish,
        Some(&wrong),
        &Stop::default(),
        |_| {},
    ));
    assert_eq!(planned.unwrap_err().explain().kind, Kind::Auth);
    let planned =
        desk.machine
            .wait(services.plan_upload(Service::Cloud, &wish, None, &Stop::default(), |_| {}));
    assert_eq!(planned.unwrap_err().explain().kind, Kind::Usage);
}
