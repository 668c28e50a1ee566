//! Environments made, renamed and removed, brought back, and left alone where they are protected.

#[path = "support/environment_home.rs"]
mod environment_home;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use environment_home::{Home, digest, named};
use jiff::SignedDuration;
use sextant::error::{Explain, Kind};
use sextant::service::environments::{EnvironmentAction, NewEnvironment, TrashLimits, WhichEnvironment};
use sextant::service::merge::PutBack;
use sextant::service::undo::Undoable;

fn new(name: &str) -> NewEnvironment {
    NewEnvironment::Named(name.to_owned())
}

#[test]
fn an_empty_environment_is_made_as_conda_makes_it_and_unmade_again() {
    let home = Home::furnished();
    let before = home.listing();
    let plan = home.services.plan_empty_environment(&new("fresh")).unwrap();
    assert_eq!(plan.prefix, home.path("conda/envs/fresh"));
    assert_eq!(plan.action, EnvironmentAction::Create);
    assert_eq!(plan.plan.diffs().len(), 1);
    assert_eq!(home.listing(), before, "planning changes nothing");
    let entry = home.change(&plan).unwrap();
    assert_eq!(entry.what, "Made the environment fresh");
    assert_eq!(home.names(), ["base", "etl", "fresh"]);
    let history = home.read("conda/envs/fresh/conda-meta/history");
    assert!(history.starts_with("==> 20"), "{history}");
    assert!(
        history.contains("\n# cmd: sextant env create --prefix "),
        "{history}"
    );
    assert!(
        home.read(".conda/environments.txt")
            .ends_with("/conda/envs/fresh\n")
    );

    home.undo(None).unwrap();
    assert_eq!(home.names(), ["base", "etl"]);
    assert_eq!(home.listing(), before);
}

#[test]
fn a_prefix_anywhere_gets_the_folders_it_needs() {
    let home = Home::furnished();
    let prefix = home.path("work/project/.env");
    home.create(&NewEnvironment::At(prefix.clone())).unwrap();
    let found = home
        .services
        .environment(&WhichEnvironment::At(prefix.clone()))
        .unwrap();
    assert_eq!((found.name, found.packages), (None, 0));
    assert!(home.names().contains(&prefix.display().to_string()));
}

#[test]
fn what_cannot_be_made_is_refused_with_a_reason() {
    let home = Home::furnished();
    home.write("conda/envs/occupied/file", "");
    home.write("conda/envs/a-file", "");
    fs::create_dir_all(home.path("conda/envs/empty")).unwrap();
    let refused = |wanted: NewEnvironment| {
        home.services
            .plan_empty_environment(&wanted)
            .map(|plan| plan.prefix)
    };
    let kind = |wanted| refused(wanted).unwrap_err().explain().kind;
    for name in ["", "a/b", "a b", "a:b", "a#b", "base", "root", ".."] {
        assert_eq!(kind(new(name)), Kind::Usage, "{name:?}");
    }
    assert_eq!(kind(new("etl")), Kind::Conflict);
    assert_eq!(kind(new("occupied")), Kind::Conflict);
    assert_eq!(kind(new("a-file")), Kind::Conflict);
    assert_eq!(kind(NewEnvironment::At(PathBuf::from("relative"))), Kind::Usage);
    assert_eq!(
        kind(NewEnvironment::At(home.path("conda/envs/etl/inner"))),
        Kind::Usage
    );
    assert_eq!(kind(NewEnvironment::At(home.path("with:colon"))), Kind::Usage);
    assert_eq!(refused(new("empty")).unwrap(), home.path("conda/envs/empty"));
    let spaced = home
        .services
        .plan_empty_environment(&NewEnvironment::At(home.path("with space")))
        .unwrap();
    assert_eq!(spaced.plan.warnings.len(), 1);
    home.create(&new("empty")).unwrap();
    assert!(home.names().contains(&"empty".to_owned()));
}

#[test]
fn conda_may_be_told_not_to_list_new_environments() {
    let home = Home::furnished();
    home.write(".condarc", "register_envs: false\n");
    let before = home.read(".conda/environments.txt");
    home.create(&new("quiet")).unwrap();
    assert_eq!(home.read(".conda/environments.txt"), before);
}

#[test]
fn a_removed_environment_comes_back_whole() {
    let home = Home::furnished();
    let before = home.listing();
    let entry = home.remove("etl").unwrap();
    assert_eq!(entry.what, "Removed the environment etl");
    assert_eq!(home.names(), ["base"]);
    assert!(!home.path("conda/envs/etl").exists());
    assert_eq!(home.read(".conda/environments.txt"), "# mine\n/gone/long/ago\n");
    let trash = home.services.trash();
    assert_eq!(trash.len(), 1);
    assert_eq!(
        (&trash[0].entry, &trash[0].prefix),
        (&entry.id, &home.path("conda/envs/etl"))
    );

    let undone = home.undo(Some(&entry.id)).unwrap();
    assert_eq!(undone.undoes.as_deref(), Some(entry.id.as_str()));
    let mut now = home.listing();
    // conda's list names it again, at its end.
    let list = now.insert(
        ".conda/environments.txt".to_owned(),
        before[".conda/environments.txt"].clone(),
    );
    assert!(list.unwrap().ends_with("/conda/envs/etl\n"));
    assert_eq!(now, before);
    assert!(home.services.trash().is_empty());
    assert_eq!(
        fs::read_dir(home.path(".local/share/sextant/trash"))
            .unwrap()
            .count(),
        1
    );

    // And goes once more when that is undone.
    home.undo(Some(&undone.id)).unwrap();
    assert_eq!(home.names(), ["base"]);
}

#[test]
fn what_was_removed_does_not_come_back_over_something_else() {
    let home = Home::furnished();
    let entry = home.remove("etl").unwrap();
    home.create(&new("etl")).unwrap();
    let undoable = |id: &str| {
        let entries = home.services.entries().unwrap();
        let entry = home.services.entry(id).unwrap();
        let connections = Default::default();
        home.services.undoable(&entry, &entries, &connections)
    };
    assert!(matches!(undoable(&entry.id), Undoable::No { .. }));
    assert!(home.undo(Some(&entry.id)).is_err());
    fs::remove_dir_all(home.path("conda/envs/etl")).unwrap();
    assert_eq!(undoable(&entry.id), Undoable::Yes);
}

#[test]
fn the_trash_is_emptied_by_age_by_size_and_on_request() {
    let home = Home::furnished();
    home.remove("etl").unwrap();
    for name in ["one", "two"] {
        home.create(&new(name)).unwrap();
        home.write(&format!("conda/envs/{name}/big"), vec![7; 200_000]);
        home.remove(name).unwrap();
    }
    home.services.weigh_trash();
    let prefixes = || -> Vec<String> {
        let trash = home.services.trash().into_iter();
        trash
            .map(|trashed| trashed.prefix.file_name().unwrap().to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(prefixes(), ["two", "one", "etl"]);
    let limits = |age: i64, bytes: u64| TrashLimits {
        age: SignedDuration::from_secs(age),
        bytes,
    };
    let trim = |limits| home.wait(home.services.trim_trash(limits)).unwrap();
    assert_eq!(trim(TrashLimits::default()), 0);
    // Room for the newest and for the small one.
    assert_eq!(trim(limits(3600, 300_000)), 1);
    assert_eq!(prefixes(), ["two", "etl"]);
    let gone = home
        .services
        .entries()
        .unwrap()
        .into_iter()
        .find(|entry| entry.what.ends_with(" one"))
        .unwrap();
    assert!(home.undo(Some(&gone.id)).is_err());
    home.clock.advance(Duration::from_secs(7200));
    assert_eq!(trim(limits(3600, 1_000_000)), 2);
    assert!(prefixes().is_empty());
    assert!(!home.path(".local/share/sextant/trash").exists());

    home.create(&new("three")).unwrap();
    home.write("conda/envs/three/closed/file", "");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let closed = fs::Permissions::from_mode(0o500);
        fs::set_permissions(home.path("conda/envs/three/closed"), closed).unwrap();
    }
    home.remove("three").unwrap();
    assert_eq!(home.wait(home.services.empty_trash(None)).unwrap(), 1);
    assert!(!home.path(".local/share/sextant/trash").exists());
}

#[test]
fn a_renamed_environment_names_itself_by_its_new_prefix() {
    let home = Home::furnished();
    let before = home.listing();
    let entry = home.rename("etl", "forecast-of-sales").unwrap();
    assert_eq!(entry.what, "Renamed the environment etl to forecast-of-sales");
    assert_eq!(home.names(), ["base", "forecast-of-sales"]);
    let prefix = home.path("conda/envs/forecast-of-sales");
    let text = prefix.display().to_string();
    let inside = |name: &str| fs::read_to_string(prefix.join(name)).unwrap();
    assert_eq!(inside("bin/tool"), format!("#!{text}/bin/python\n"));
    assert_eq!(inside("bin/mine"), format!("#!{text}/bin/python\nprint()\n"));
    let library = fs::read(prefix.join("lib/lib.so")).unwrap();
    assert!(library.starts_with(format!("\u{7f}ELF{text}/lib\0").as_bytes()));
    let record: serde_json::Value = serde_json::from_str(&inside("conda-meta/tool-1-0.json")).unwrap();
    let paths = &record["paths_data"]["paths"];
    assert_eq!(paths[0]["sha256_in_prefix"], digest(&prefix.join("bin/tool")));
    assert_eq!(paths[1]["sha256_in_prefix"], digest(&prefix.join("lib/lib.so")));
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(prefix.join("bin/link")).unwrap(),
        prefix.join("bin/tool")
    );
    assert_eq!(
        home.read(".conda/environments.txt"),
        format!("# mine\n/gone/long/ago\n{text}\n")
    );
    // Nothing of the work is left in it.
    let names: Vec<String> = home
        .listing()
        .into_keys()
        .filter(|name| name.contains(".sextant"))
        .collect();
    assert!(names.is_empty(), "{names:?}");

    home.undo(None).unwrap();
    let mut now = home.listing();
    now.insert(
        ".conda/environments.txt".to_owned(),
        before[".conda/environments.txt"].clone(),
    );
    assert_eq!(now, before);
}

#[test]
fn an_environment_without_a_name_gets_one() {
    let home = Home::furnished();
    home.create(&NewEnvironment::At(home.path("work/.env"))).unwrap();
    let which = WhichEnvironment::At(home.path("work/.env"));
    let plan = home
        .services
        .plan_rename_environment(&which, &new("project"), false)
        .unwrap();
    assert_eq!(
        plan.action,
        EnvironmentAction::Rename {
            to: home.path("conda/envs/project")
        }
    );
    home.change(&plan).unwrap();
    assert_eq!(home.names(), ["base", "etl", "project"]);
    let taken = home
        .services
        .plan_rename_environment(&named("etl"), &new("project"), false);
    assert_eq!(taken.unwrap_err().explain().kind, Kind::Conflict);
}

#[test]
fn a_path_that_is_too_long_changes_nothing() {
    let home = Home::furnished();
    let before = home.listing();
    let refused = home.rename("etl", &"x".repeat(240)).unwrap_err().explain();
    assert_eq!(refused.kind, Kind::Usage);
    assert!(refused.cause.unwrap().contains("lib.so"));
    assert_eq!(home.listing(), before);
    assert!(!home.services.needs_recovery());
    assert!(home.services.entries().unwrap().is_empty());
}

#[test]
fn a_change_is_cancelled_without_a_trace() {
    let home = Home::furnished();
    let before = home.listing();
    let plan = home
        .services
        .plan_rename_environment(&named("etl"), &new("x"), false)
        .unwrap();
    let stopped = home.wait(home.services.change_environment(&plan, &AtomicBool::new(true)));
    assert_eq!(stopped.unwrap_err().explain().kind, Kind::Cancelled);
    assert_eq!(home.listing(), before);
    assert!(!home.services.needs_recovery());
}

#[test]
fn protected_environments_are_left_alone() {
    let home = Home::furnished();
    let refused = |name: &str| {
        let problem = home.remove(name).unwrap_err().explain();
        assert_eq!(problem.kind, Kind::Forbidden, "{problem:?}");
        problem.cause.unwrap()
    };
    assert_eq!(refused("base"), "conda itself runs from it");
    home.write(
        "conda/envs/etl/conda-meta/frozen",
        r#"{"message": "In production."}"#,
    );
    assert_eq!(refused("etl"), "it is frozen: In production.");
    assert!(home.rename("etl", "other").is_err());
    // CEP 22: a person may go past it, saying so.
    let plan = home
        .services
        .plan_remove_environment(&named("etl"), true)
        .unwrap();
    home.change(&plan).unwrap();
    assert_eq!(home.names(), ["base"]);
    assert!(
        home.services
            .plan_remove_environment(&named("base"), true)
            .is_err()
    );
    assert!(matches!(
        home.remove("nowhere").unwrap_err().explain().kind,
        Kind::Usage
    ));
}

#[test]
fn the_active_environment_and_the_one_that_terminals_begin_in_stay() {
    let home = Home::furnished();
    let etl = home.path("conda/envs/etl");
    let home = home.with_variables(&[("CONDA_PREFIX", &etl)]);
    let cause = |home: &Home| home.remove("etl").unwrap_err().explain().cause.unwrap();
    assert!(cause(&home).contains("active"));
    let home = home.with_variables(&[]);
    home.write(".condarc", "default_activation_env: etl\n");
    assert!(cause(&home).contains("default_activation_env"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_environment_whose_program_runs_stays_unless_one_insists() {
    let home = Home::furnished();
    fs::copy("/bin/sleep", home.path("conda/envs/etl/bin/python")).unwrap();
    let mut child = std::process::Command::new(home.path("conda/envs/etl/bin/python"))
        .arg("60")
        .spawn()
        .unwrap();
    let refused = home.remove("etl").map_err(|error| error.explain().cause.unwrap());
    let insisted = home
        .services
        .plan_remove_environment(&named("etl"), true)
        .map(|_| ());
    let _ = child.kill();
    child.wait().unwrap();
    assert_eq!(
        refused.unwrap_err(),
        format!("python of it is running (process {})", child.id())
    );
    insisted.unwrap();
}

#[test]
fn conda_may_write_its_list_between_plan_and_change() {
    let home = Home::furnished();
    let plan = home
        .services
        .plan_remove_environment(&named("etl"), false)
        .unwrap();
    let list = home.read(".conda/environments.txt");
    home.write(".conda/environments.txt", format!("{list}/new/one\n"));
    home.change(&plan).unwrap();
    assert_eq!(
        home.read(".conda/environments.txt"),
        "# mine\n/gone/long/ago\n/new/one\n"
    );
}

#[test]
fn a_list_that_cannot_be_written_undoes_the_move() {
    let home = Home::furnished();
    let plan = home
        .services
        .plan_remove_environment(&named("etl"), false)
        .unwrap();
    fs::remove_file(home.path(".conda/environments.txt")).unwrap();
    fs::create_dir(home.path(".conda/environments.txt")).unwrap();
    let before = home.listing();
    assert!(home.change(&plan).is_err());
    assert_eq!(home.listing(), before);
    assert!(!home.services.needs_recovery());
    let _ = home.services.plan_undo(None, &PutBack::KeepEdits).unwrap_err();
}

#[cfg(unix)]
#[test]
fn sizes_are_counted_and_remembered() {
    let home = Home::furnished();
    home.write("conda/pkgs/tool-1-0/share/data", vec![7; 100_000]);
    fs::remove_file(home.path("conda/envs/etl/share/data")).unwrap();
    fs::hard_link(
        home.path("conda/pkgs/tool-1-0/share/data"),
        home.path("conda/envs/etl/share/data"),
    )
    .unwrap();
    let prefix = home.path("conda/envs/etl");
    assert!(home.services.known_sizes().is_empty());
    let told = std::cell::RefCell::new(0);
    let sizes = home
        .services
        .measure_environments(
            std::slice::from_ref(&prefix),
            &|_| *told.borrow_mut() += 1,
            &AtomicBool::new(false),
        )
        .unwrap();
    assert_eq!(sizes.environments.len(), 1);
    assert!(sizes.environments[0].shared >= 100_000);
    assert_eq!(sizes.caches.len(), 1);
    assert_eq!(*told.borrow(), 2);
    let known = &home.services.known_sizes()[&prefix];
    assert_eq!(known.size, sizes.environments[0]);
    assert!(known.is_current());
    let stopped = home
        .services
        .measure_environments(&[prefix], &|_| {}, &AtomicBool::new(true));
    assert_eq!(stopped.unwrap_err().explain().kind, Kind::Cancelled);
}
