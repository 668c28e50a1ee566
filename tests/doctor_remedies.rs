//! The remedies of the doctor: each is a plan that is shown, carried out, and undone like any other change.

#[path = "support/doctor.rs"]
mod doctor;
#[path = "support/services.rs"]
#[allow(dead_code)]
mod services;

use std::fs;
use std::path::{Path, PathBuf};

use doctor::{examine, fix, of, said, undo, unwell};
use services::Machine;
use sextant::conda::token_file::file_name;
use sextant::edit::diff::FileDiff;
use sextant::error::Explain;
use sextant::service::configuration::ConfigurationFile;
use sextant::service::doctor::{Outcome, Remedy, RemedyPlan};
use sextant::service::merge::PutBack;

/// A token that no server knows.
const FOREIGN: &str = "canary0foreign0token0abcdef0123456789abcdef01234";

/// A machine of which nothing leads anywhere but to the practice server.
fn quiet() -> Machine {
    let machine = Machine::new();
    machine.write(".condarc", "channels: []\n");
    machine
}

fn token_files(machine: &Machine) -> Vec<PathBuf> {
    let files = machine.listing().into_keys();
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "token"))
        .map(|path| machine.path(path.to_str().unwrap()))
        .collect()
}

/// A host where nobody answers.
const HERE: &str = "http://127.0.0.1:1";

/// Everything that Sextant keeps of what happened, the keyring's stand-in left out.
fn kept(machine: &Machine) -> String {
    fn walk(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), text);
            } else {
                text.push_str(&String::from_utf8_lossy(&fs::read(entry.path()).unwrap()));
            }
        }
    }
    let mut text = String::new();
    walk(&machine.path(".local/share/sextant/history"), &mut text);
    text
}

fn planned(machine: &Machine, id: &str) -> RemedyPlan {
    let checks = examine(machine);
    let remedy = of(&checks, id).finding.fix.clone().unwrap();
    machine.services.plan_remedy(&remedy).unwrap()
}

#[cfg(unix)]
#[test]
fn permissions_are_restricted_and_given_back() {
    use doctor::{mode, set_mode};
    let machine = Machine::new();
    machine.sign_in();
    let files = token_files(&machine);
    let credentials = machine.path(".local/share/sextant/credentials.json");
    for path in files.iter().chain([&credentials]) {
        set_mode(path, 0o644);
    }
    // Read-only files can be closed, too.
    set_mode(&files[0], 0o444);
    let checks = examine(&machine);
    let permissions = of(&checks, "permissions");
    assert_eq!(permissions.outcome(), Outcome::Fail);
    assert_eq!(
        permissions.finding.message,
        format!("others can read {} files that hold secrets", files.len() + 1)
    );
    assert!(said(permissions).contains("rw-r--r-- (644)"));
    let RemedyPlan::Files(plan) = planned(&machine, "permissions") else {
        panic!("no plan");
    };
    let shown: Vec<String> = plan.diffs().iter().map(FileDiff::to_text).collect();
    assert_eq!(shown.len(), files.len() + 1);
    assert!(
        shown.contains(&"- permissions rw-r--r-- (644)\n+ permissions rw------- (600)\n".to_owned()),
        "{shown:?}"
    );
    let before = machine.listing();
    let done = fix(&machine, "permissions");
    assert_eq!(machine.listing(), before);
    assert_eq!(mode(&files[0]), 0o400);
    assert!(files[1..].iter().all(|path| mode(path) == 0o600));
    assert_eq!(mode(&credentials), 0o600);
    assert_eq!(of(&examine(&machine), "permissions").outcome(), Outcome::Pass);
    // No content was put away for it.
    assert!(!kept(&machine).contains(&machine.token_values()[0]));
    undo(&machine, done.entry().unwrap());
    assert_eq!((mode(&files[0]), mode(&files[1])), (0o444, 0o644));
}

#[test]
fn a_token_that_look_alike_hosts_would_get_moves_to_a_closed_key_and_back() {
    let machine = quiet();
    let open = format!(".config/binstar/{}", file_name(HERE));
    machine.write(&open, FOREIGN);
    let checks = examine(&machine);
    let keys = of(&checks, "token-keys");
    assert_eq!(keys.outcome(), Outcome::Fail);
    assert!(
        said(keys).contains("http://127.0.0.1:1, so also for every host"),
        "{}",
        said(keys)
    );
    let done = fix(&machine, "token-keys");
    assert!(!machine.path(&open).exists());
    let closed = format!(".config/binstar/{}", file_name(&format!("{HERE}/")));
    let of_client = format!(".continuum/anaconda-client/tokens/{}", file_name(HERE));
    assert_eq!(
        (machine.file(&closed), machine.file(&of_client)),
        (FOREIGN.to_owned(), FOREIGN.to_owned())
    );
    assert_eq!(of(&examine(&machine), "token-keys").outcome(), Outcome::Pass);
    assert!(!kept(&machine).contains(FOREIGN));
    undo(&machine, done.entry().unwrap());
    assert_eq!(machine.file(&open), FOREIGN);
    assert!(!machine.path(&closed).exists() && !machine.path(&of_client).exists());
}

#[test]
fn of_two_tokens_for_a_host_the_refused_one_goes_and_comes_back() {
    let machine = Machine::new();
    machine.sign_in();
    let url = machine.practice.url();
    let foreign = format!(".conda/tokens/{}", file_name(&format!("{url}/api")));
    machine.write(&foreign, FOREIGN);
    machine.write(
        ".conda/repo-cli-config.yaml",
        &format!("default_site: s\nsites:\n  s: {{url: {url}/api}}\n"),
    );
    let checks = examine(&machine);
    let conflicts = of(&checks, "token-conflicts");
    assert_eq!(conflicts.outcome(), Outcome::Warn, "{}", said(conflicts));
    assert_eq!(
        conflicts.finding.fix,
        Some(Remedy::RemoveTokenFiles {
            paths: vec![machine.path(&foreign)]
        })
    );
    let done = fix(&machine, "token-conflicts");
    assert!(!machine.path(&foreign).exists());
    assert_eq!(of(&examine(&machine), "token-conflicts").outcome(), Outcome::Pass);
    assert!(!kept(&machine).contains(FOREIGN));
    undo(&machine, done.entry().unwrap());
    assert_eq!(machine.file(&foreign), FOREIGN);
    // Somebody else's change is not overwritten.
    let done = fix(&machine, "token-conflicts");
    machine.write(&foreign, "another");
    let error = machine
        .services
        .plan_undo(done.entry(), &PutBack::KeepEdits)
        .unwrap_err();
    assert!(error.explain().cause.unwrap().contains("another program changed"));
}

#[test]
fn tokens_in_channels_move_into_condas_store_and_the_same_is_asked_for() {
    let machine = Machine::new();
    machine.sign_in();
    let token = machine.token_values()[0].clone();
    machine.sign_out();
    // A token that still works, in an address, as people copy it from a manual.
    machine.sign_in();
    let token = {
        let present = machine.token_values()[0].clone();
        assert_ne!(present, token);
        present
    };
    machine.forget_everything();
    let url = machine.practice.url().to_owned();
    let condarc = format!(
        "# mine\nchannel_alias: {url}/api/repo  # the server\nchannels:\n  - {url}/api/repo/t/{token}/research  # shared by bob\n  - \
         http://al:pw@127.0.0.1:1/c\n  - main\n"
    );
    machine.write(".condarc", &condarc);
    let probe = |machine: &Machine| {
        machine.practice.forget_requests();
        let checks = examine(machine);
        let id = format!("channel:{url}/api/repo/research");
        assert_eq!(
            of(&checks, &id).outcome(),
            Outcome::Pass,
            "{}",
            said(of(&checks, &id))
        );
        let requests = machine.practice.requests().into_iter();
        let asked = requests
            .map(|request| request.path)
            .filter(|path| path.contains("/research/"));
        asked.collect::<Vec<_>>()
    };
    let before = probe(&machine);
    let checks = examine(&machine);
    let secrets = of(&checks, "secrets-conda");
    let shown = said(secrets);
    assert!(
        shown.contains("~/.condarc, line 4: a token in an address"),
        "{shown}"
    );
    assert!(
        shown.contains("~/.condarc, line 5: a user name and password in an address"),
        "{shown}"
    );
    assert!(!shown.contains(&token) && !shown.contains("pw"), "{shown}");
    let done = fix(&machine, "secrets-conda");
    assert_eq!(
        machine.file(".condarc"),
        condarc.replace(&format!("t/{token}/"), "")
    );
    assert_eq!(machine.token_values(), std::slice::from_ref(&token));
    assert_eq!(probe(&machine), before);
    assert!(!kept(&machine).contains(&token));
    undo(&machine, done.entry().unwrap());
    assert_eq!(machine.file(".condarc"), condarc);
    assert!(machine.token_values().is_empty());
}

#[test]
fn a_token_stays_where_another_is_kept_for_the_same_address() {
    let machine = Machine::new();
    machine.sign_in();
    let url = machine.practice.url().to_owned();
    let condarc = format!("channels:\n  - {url}/api/repo/t/{FOREIGN}/research\n");
    machine.write(".condarc", &condarc);
    let checks = examine(&machine);
    // Conda would then send one or the other, so that is not offered.
    assert!(!matches!(
        of(&checks, "secrets-conda").finding.fix,
        Some(Remedy::MoveTokens { .. })
    ));
    let remedy = Remedy::MoveTokens {
        path: machine.path(".condarc"),
    };
    let problem = machine.services.plan_remedy(&remedy).unwrap_err().explain();
    assert!(
        problem.cause.as_ref().unwrap().contains("another token is kept"),
        "{problem:?}"
    );
    assert!(!format!("{problem:?}").contains(FOREIGN));
    assert_eq!(machine.file(".condarc"), condarc);
}

#[test]
fn secrets_in_histories_and_logs_are_erased_and_nothing_else() {
    let machine = quiet();
    let history = b"ls /t/x\n\xff\xfe conda install -c https://h/t/tok-1/c x\n: 1700000000:0;anaconda login --password hunter2hunter2\n";
    fs::write(machine.path(".zsh_history"), history).unwrap();
    let log = format!("a\nSaving token {FOREIGN} to x\nb\n");
    machine.write(".local/state/binstar/log/cli.log", &log);
    machine.write(
        &format!(".config/binstar/{}", file_name(&format!("{HERE}/api"))),
        FOREIGN,
    );
    let checks = examine(&machine);
    let shell = said(of(&checks, "secrets-shell"));
    assert!(
        shell.contains("~/.zsh_history, line 2: a token in an address"),
        "{shell}"
    );
    assert!(
        shell.contains("~/.zsh_history, line 3: a secret that was typed"),
        "{shell}"
    );
    let logs = said(of(&checks, "secrets-logs"));
    assert!(
        logs.contains("cli.log, line 2: a token of this machine"),
        "{logs}"
    );
    assert!(
        ![&shell, &logs]
            .iter()
            .any(|said| said.contains(FOREIGN) || said.contains("hunter2"))
    );
    let RemedyPlan::Files(plan) = planned(&machine, "secrets-shell") else {
        panic!("no plan")
    };
    let diff: String = plan.diffs().iter().map(FileDiff::to_text).collect();
    assert!(
        diff.contains("+ ") && diff.contains("<REMOVED>") && !diff.contains("hunter2"),
        "{diff}"
    );
    fix(&machine, "secrets-shell");
    let done = fix(&machine, "secrets-logs");
    let expected = b"ls /t/x\n\xff\xfe conda install -c https://h/t/<REMOVED>/c x\n: 1700000000:0;anaconda login --password <REMOVED>\n";
    assert_eq!(fs::read(machine.path(".zsh_history")).unwrap(), expected);
    assert_eq!(
        machine.file(".local/state/binstar/log/cli.log"),
        log.replace(FOREIGN, "<REMOVED>")
    );
    assert!(!kept(&machine).contains(FOREIGN) && !kept(&machine).contains("hunter2"));
    let checks = examine(&machine);
    assert_eq!(of(&checks, "secrets-shell").outcome(), Outcome::Pass);
    assert_eq!(of(&checks, "secrets-logs").outcome(), Outcome::Pass);
    let error = machine
        .services
        .plan_undo(done.entry(), &PutBack::KeepEdits)
        .unwrap_err();
    assert!(error.explain().cause.unwrap().contains("kept nowhere"));
}

#[test]
fn conda_uses_stored_tokens_again_and_the_sign_in_still_ends_without_a_trace() {
    let machine = Machine::new();
    let original = machine.file(".condarc");
    machine.sign_in();
    let condarc = machine.file(".condarc");
    machine.write(".condarc", &format!("{condarc}add_anaconda_token: no  # why?\n"));
    let done = fix(&machine, "conda-token");
    assert!(
        machine
            .file(".condarc")
            .contains("add_anaconda_token: true  # why?"),
        "{}",
        machine.file(".condarc")
    );
    assert_eq!(of(&examine(&machine), "conda-token").outcome(), Outcome::Pass);
    undo(&machine, done.entry().unwrap());
    assert_eq!(
        machine.file(".condarc"),
        format!("{condarc}add_anaconda_token: no  # why?\n")
    );
    machine.write(".condarc", &condarc);
    machine.sign_out();
    assert_eq!(machine.file(".condarc"), original);
}

#[test]
fn a_broken_file_comes_back_or_is_put_aside() {
    let machine = quiet();
    machine.sign_in();
    let good = machine.file(".condarc");
    machine.write(".condarc", "channels: [a\n");
    let checks = examine(&machine);
    let files = of(&checks, "files");
    assert_eq!(files.outcome(), Outcome::Fail);
    assert!(said(files).contains("~/.condarc, line "), "{}", said(files));
    assert_eq!(of(&checks, "conda-files").outcome(), Outcome::Warn);
    for id in ["files", "conda-files"] {
        assert!(
            matches!(of(&checks, id).finding.fix, Some(Remedy::RestoreFile { .. })),
            "{}",
            said(of(&checks, id))
        );
    }
    let done = fix(&machine, "files");
    assert_eq!(machine.file(".condarc"), good);
    assert_eq!(of(&examine(&machine), "files").outcome(), Outcome::Pass);
    undo(&machine, done.entry().unwrap());
    assert_eq!(machine.file(".condarc"), "channels: [a\n");
    machine.write(".condarc", &good);

    machine.write(".config/sextant/preferences.toml", "appearance = [\n");
    let done = fix(&machine, "files");
    assert!(
        done.told().contains("preferences.toml.damaged-"),
        "{}",
        done.told()
    );
    assert!(!machine.path(".config/sextant/preferences.toml").exists());
    assert_eq!(of(&examine(&machine), "files").outcome(), Outcome::Pass);
}

#[test]
fn a_file_without_an_earlier_version_is_opened_in_the_editor() {
    let machine = quiet();
    machine.write(".condarc", "channels: [a]\nchannels: [b]\n");
    let checks = examine(&machine);
    let fix = of(&checks, "conda-files").finding.fix.clone().unwrap();
    assert_eq!(
        fix,
        Remedy::Edit {
            file: ConfigurationFile::Conda
        }
    );
    assert_eq!(
        fix.command(of(&checks, "conda-files").id()),
        "sextant config edit conda"
    );
}

#[test]
fn what_takes_a_person_has_no_plan() {
    let machine = quiet();
    for remedy in [
        Remedy::Certificate {
            address: "https://h".to_owned(),
        },
        Remedy::ProxyLogin {
            proxy: "http://p:3128".to_owned(),
        },
    ] {
        assert!(remedy.takes_a_person());
        let problem = machine.services.plan_remedy(&remedy).unwrap_err().explain();
        assert!(problem.remedy.unwrap().starts_with("sextant "), "{remedy:?}");
    }
    assert!(
        unwell(&examine(&machine))
            .iter()
            .all(|(_, outcome)| *outcome != Outcome::Fail)
    );
}
