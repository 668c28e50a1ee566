use super::*;
use crate::edit::history::SEXTANT;
use crate::repository::Domain;
use crate::service::history::fixture::{Home, NAVIGATOR, block_on};
use crate::service::merge::PutBack;

const TOKEN: &str = ".config/binstar/https%3A%2F%2Fpsm.example.com%2Fapi.token";

#[test]
fn the_first_look_records_nothing_and_later_ones_what_changed() {
    let home = Home::new(&[(".condarc", "channels: [a]\n")]);
    assert!(home.said().is_empty());
    assert!(home.said().is_empty());
    home.write(".condarc", "channels: [a, b]\n");
    let entries = home.noticed();
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!((entry.by.as_str(), entry.kind.as_str()), (OUTSIDE, "outside"));
    assert_eq!(entry.what, "~/.condarc was changed outside Sextant");
    assert_eq!(home.diff(entry), "- channels: [a]\n+ channels: [a, b]\n");
    assert!(home.said().is_empty());
    assert_eq!(home.services.entries().unwrap().len(), 1);
}

#[test]
fn files_come_and_go() {
    let home = Home::new(&[]);
    assert!(home.said().is_empty());
    home.write(".condarc", "channels: [a]\n");
    home.write(NAVIGATOR, "[main]\n");
    let mut said = home.said();
    said.sort();
    assert_eq!(
        said,
        [
            "~/.anaconda/navigator/anaconda-navigator.ini was created outside Sextant",
            "~/.condarc was created outside Sextant"
        ]
    );
    fs::remove_file(home.path(".condarc")).unwrap();
    assert_eq!(home.said(), ["~/.condarc was removed outside Sextant"]);
    home.write(".condarc", "");
    assert_eq!(home.said(), ["~/.condarc was created outside Sextant"]);
}

#[test]
fn the_time_is_that_of_the_file_where_it_can_be_true() {
    let home = Home::new(&[(".condarc", "channels: [a]\n")]);
    home.noticed();
    home.write(".condarc", "channels: [b]\n");
    let written = fs::metadata(home.path(".condarc")).unwrap().modified().unwrap();
    assert_eq!(home.noticed()[0].at, Timestamp::try_from(written).unwrap());
    home.write(".condarc", "channels: [c]\n");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1);
    fs::File::options()
        .write(true)
        .open(home.path(".condarc"))
        .unwrap()
        .set_modified(old)
        .unwrap();
    assert!(home.noticed()[0].at > Timestamp::try_from(written).unwrap());
}

#[test]
fn what_sextant_writes_is_not_told_and_what_came_before_it_is() {
    let home = Home::new(&[(NAVIGATOR, "[main]\noffline_mode = False\n")]);
    home.noticed();
    home.write(NAVIGATOR, "[main]\noffline_mode = True\n");
    let domain = Domain::parse("https://psm.example.com").unwrap();
    let plan = home.services.plan_domain(&domain).unwrap();
    block_on(home.services.set_domain(&plan)).unwrap();
    assert!(home.said().is_empty());
    let entries = home.services.entries().unwrap();
    let by: Vec<&str> = entries.iter().map(|entry| entry.by.as_str()).collect();
    assert_eq!(by, [SEXTANT, OUTSIDE]);
    assert!(home.diff(&entries[1]).contains("+ offline_mode = True"));
    assert!(!home.diff(&entries[0]).contains("offline_mode = False"));
}

#[test]
fn a_login_that_writes_several_token_files_is_one_change_of_which_no_token_is_kept() {
    let home = Home::new(&[]);
    home.noticed();
    home.write(TOKEN, "verysecrettoken1");
    home.write(
        ".continuum/anaconda-client/tokens/https%3A%2F%2Fpsm.example.com%2Fapi.token",
        "verysecrettoken1",
    );
    let entries = home.noticed();
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].what, "2 token files were created outside Sextant");
    assert!(!home.history_holds("verysecrettoken1"));
    assert!(!home.diff(&entries[0]).contains("verysecret"));
    home.write(TOKEN, "anothersecret");
    let entries = home.noticed();
    assert_eq!(entries[0].what, "A token file was changed outside Sextant");
    assert!(!home.services.entry_diffs(&entries[0]).unwrap().is_empty());
    let refused = home.services.plan_undo(Some(&entries[0].id), &PutBack::KeepEdits);
    assert!(matches!(refused, Err(ServiceError::History(_))), "{refused:?}");
}

#[test]
fn a_token_in_navigators_file_is_not_kept_even_when_the_file_is_broken() {
    let home = Home::new(&[(NAVIGATOR, "[main]\nanaconda_server_token = 'navtoken1'\nx = 1\n")]);
    home.noticed();
    home.write(
        NAVIGATOR,
        "no section\nteam_edition_token: \"navtoken2\"\nanaconda_server_token_id = 'an-id'\n",
    );
    let entries = home.noticed();
    assert_eq!(entries.len(), 1);
    assert!(!home.history_holds("navtoken1") && !home.history_holds("navtoken2"));
    assert!(home.history_holds("an-id"));
    assert!(!home.services.locations().credentials().exists());
}

#[test]
fn a_change_by_others_is_undone_with_the_secrets_that_stood_in_it() {
    let text = "channels:\n  - https://repo.anaconda.cloud/t/persons1/repo/org/c\n";
    let home = Home::new(&[(".condarc", text)]);
    home.noticed();
    assert!(!home.history_holds("persons1"));
    home.write(".condarc", "channels: []\n");
    let entry = home.noticed().remove(0);
    home.write(".condarc", "channels: []\nssl_verify: false # mine\n");
    home.noticed();
    let undo = home
        .services
        .plan_undo(Some(&entry.id), &PutBack::KeepEdits)
        .unwrap();
    block_on(home.services.undo(&undo)).unwrap();
    assert_eq!(home.read(".condarc"), format!("{text}ssl_verify: false # mine\n"));
    let chest = entry.files[0].before.as_ref().unwrap().chest().unwrap();
    assert!(home.secret(chest).unwrap().contains("persons1"));
}

#[test]
fn what_cannot_be_read_has_not_changed() {
    let home = Home::new(&[(".condarc", "channels: [a]\n")]);
    home.noticed();
    fs::remove_file(home.path(".condarc")).unwrap();
    fs::create_dir(home.path(".condarc")).unwrap();
    home.noticed();
    fs::remove_dir(home.path(".condarc")).unwrap();
    home.write(".condarc", "channels: [a]\n");
    home.noticed();
    #[cfg(unix)]
    {
        fs::remove_file(home.path(".condarc")).unwrap();
        std::os::unix::fs::symlink("nowhere", home.path(".condarc")).unwrap();
        assert!(home.said().is_empty());
    }
    let large = vec![b'#'; LARGEST as usize + 1];
    fs::remove_file(home.path(".condarc")).unwrap();
    home.write(".condarc", large);
    assert!(home.said().is_empty());
}

#[test]
fn a_damaged_note_of_what_is_known_begins_anew() {
    let home = Home::new(&[(".condarc", "channels: [a]\n")]);
    home.noticed();
    fs::write(home.services.locations().history().join("known.json"), "{").unwrap();
    home.write(".condarc", "channels: [b]\n");
    assert!(home.said().is_empty());
    home.write(".condarc", "channels: [c]\n");
    assert_eq!(home.said().len(), 1);
}

#[test]
fn nothing_is_noticed_while_another_change_is_under_way() {
    let home = Home::new(&[(".condarc", "channels: [a]\n")]);
    home.noticed();
    home.write(".condarc", "channels: [b]\n");
    let held = Lock::take(&home.services.locations().lock()).unwrap();
    let busy = home.services.notice_changes().unwrap_err();
    assert!(matches!(busy, ServiceError::Lock(_)), "{busy:?}");
    drop(held);
    assert_eq!(home.said().len(), 1);
}

#[test]
fn secrets_go_with_the_last_entry_that_needs_them() {
    let home = Home::new(&[(".condarc", "channels: [https://h/t/first1/c]\n")]);
    home.noticed();
    let first = home.services.history().known().unwrap().unwrap();
    let chest = first.versions().find_map(Version::chest).unwrap().to_owned();
    home.write(".condarc", "channels: [https://h/t/second2/c]\n");
    let entry = home.noticed().remove(0);
    let own = Chest::name_of(&entry.id);
    assert!(home.secret(&chest).unwrap().contains("first1"));
    assert!(home.secret(&own).unwrap().contains("second2"));
    home.write(".condarc", "channels: []\n");
    home.noticed();
    // Many changes later.
    for number in 0..600 {
        let filler = Entry {
            id: format!("filler-{number}"),
            at: Timestamp::now(),
            files: Vec::new(),
            ..entry.clone()
        };
        let path = home
            .services
            .locations()
            .history()
            .join(format!("entries/{}.json", filler.id));
        fs::write(path, serde_json::to_vec(&filler).unwrap()).unwrap();
    }
    home.write(".condarc", "channels: [x]\n");
    home.noticed();
    assert_eq!(home.services.entries().unwrap().len(), 500);
    assert!(home.services.entry(&entry.id).is_err());
    assert_eq!((home.secret(&chest), home.secret(&own)), (None, None));
    assert!(home.services.credentials().read(&own).unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn the_history_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new(&[(".condarc", "channels: [a]\n")]);
    home.noticed();
    home.write(".condarc", "channels: [b]\n");
    home.noticed();
    let history = home.services.locations().history();
    let mut folders = vec![history];
    while let Some(folder) = folders.pop() {
        assert_eq!(
            fs::metadata(&folder).unwrap().permissions().mode() & 0o077,
            0,
            "{folder:?}"
        );
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                assert_eq!(
                    entry.metadata().unwrap().permissions().mode() & 0o077,
                    0,
                    "{entry:?}"
                );
            }
        }
    }
}

/// Entries about permissions alone, and about what was erased, keep no content.
#[test]
fn a_version_whose_content_no_entry_keeps_is_neither_lost_nor_brought_back_as_an_empty_file() {
    let home = Home::new(&[(".condarc", "channels: [a]\n")]);
    home.noticed();
    home.write(".condarc", "channels: [erased]\n");
    let entry = home.noticed().remove(0);
    let nothing = home.services.history().keep(
        &Image {
            bytes: Vec::new(),
            mode: None,
        },
        Named::NOTHING,
        &mut Chest::of("x"),
    );
    let text = "channels: [after]\n";
    let unkept = Entry {
        id: "erasure".to_owned(),
        at: Timestamp::now(),
        by: SEXTANT.to_owned(),
        kind: "doctor-erasure".to_owned(),
        files: vec![FileVersions {
            path: home.path(".condarc"),
            before: entry.files[0].after.clone(),
            after: Some(Version {
                digest: digest(text.as_bytes()),
                ..nothing.unwrap()
            }),
        }],
        ..entry
    };
    home.write(".condarc", text);
    home.services.history().record(&unkept).unwrap();
    assert!(home.said().is_empty(), "it is Sextant's own");
    home.write(".condarc", "channels: [after, theirs]\n");
    let theirs = home.noticed().remove(0);
    assert_eq!(
        home.diff(&theirs),
        "- channels: [after]\n+ channels: [after, theirs]\n"
    );
    let undo = home
        .services
        .plan_undo(Some(&theirs.id), &PutBack::KeepEdits)
        .unwrap();
    block_on(home.services.undo(&undo)).unwrap();
    assert_eq!(home.read(".condarc"), text);
    let refused = home.services.plan_restore(&home.path(".condarc"), "erasure");
    let restored = refused.map(|plan| plan.diffs().len());
    assert!(restored.is_err() || restored.is_ok_and(|diffs| diffs == 0));
    home.write(".condarc", "broken: [\n");
    let good = home
        .services
        .last_good_snapshot(&home.path(".condarc"))
        .unwrap()
        .unwrap();
    let plan = home
        .services
        .plan_restore(&home.path(".condarc"), &good.id)
        .unwrap();
    assert!(plan.diffs()[0].to_text().contains("+ channels: ["));
}
