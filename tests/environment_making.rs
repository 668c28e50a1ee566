//! Environments made with packages from the practice server: from match specs, as copies, and from files; whole or not at all.

#![cfg(unix)]

#[path = "support/environment_home.rs"]
mod environment_home;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use environment_home::{Home, named};
use sextant::error::{Explain, Kind};
use sextant::package::transaction::Scripts;
use sextant::practice::{Options, Practice};
use sextant::service::ServiceError;
use sextant::service::environments::{
    ExportFormat, MadeEnvironment, NewEnvironment, NewEnvironmentPlan, Origin,
};
use sextant::service::packages::apply::Consent;
use sextant::service::packages::change::ChangeProgress;
use sextant::service::packages::plan::ChangeOptions;

struct Machine {
    home: Home,
    practice: Practice,
}

impl Machine {
    fn new() -> Self {
        let home = Home::new();
        let practice = home.wait(Practice::start(Options::default())).unwrap();
        home.write(".condarc", condarc(&practice));
        Self { home, practice }
    }

    fn plan(&self, name: &str, specs: &[&str]) -> NewEnvironmentPlan {
        let specs: Vec<String> = specs.iter().map(|spec| (*spec).to_owned()).collect();
        let services = &self.home.services;
        let wanted = new(name);
        let options = ChangeOptions::default();
        let planned = services.plan_new_environment(&wanted, &specs, &options, |_| {});
        self.home.wait(planned).unwrap()
    }

    fn make(&self, planned: &NewEnvironmentPlan) -> Result<MadeEnvironment, ServiceError> {
        let never = std::future::pending::<Result<(), ()>>();
        let services = &self.home.services;
        self.home
            .wait(services.make_environment(planned, &consent(), |_| {}, never))
    }

    fn made(&self, name: &str, specs: &[&str]) -> std::path::PathBuf {
        let planned = self.plan(name, specs);
        self.make(&planned).unwrap();
        planned.target.prefix
    }

    fn packages(&self, prefix: &Path) -> BTreeMap<String, String> {
        let installed = self.home.services.installed(prefix).unwrap();
        let packages = installed.packages.into_iter();
        packages
            .map(|package| {
                (
                    package.name,
                    format!("{} {} {}", package.version, package.build, package.channel),
                )
            })
            .collect()
    }

    fn requested(&self, prefix: &Path) -> Vec<String> {
        let requested = self.home.services.requested_specs(prefix).unwrap();
        requested.into_iter().map(|spec| spec.spec).collect()
    }

    fn imported(&self, path: &Path, name: Option<&str>) -> Result<NewEnvironmentPlan, ServiceError> {
        let services = &self.home.services;
        let file = services.read_environment_file(path)?;
        let wanted = name.map(new);
        self.home
            .wait(services.plan_import_environment(&file, wanted.as_ref(), |_| {}))
    }
}

fn condarc(practice: &Practice) -> String {
    format!("channel_alias: {}/api/repo\nchannels: [main]\n", practice.url())
}

fn new(name: &str) -> NewEnvironment {
    NewEnvironment::Named(name.to_owned())
}

fn consent() -> Consent {
    Consent {
        scripts: Scripts::Skip,
        command: "sextant env create".to_owned(),
    }
}

/// What Python of an environment says of itself, through a script of a package.
fn says(program: &Path, words: &[&str]) -> String {
    let output = Command::new(program).args(words).env_clear().output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_environment_is_made_recorded_and_goes_when_that_is_undone() {
    let machine = Machine::new();
    let planned = machine.plan("work", &["python=3.12", "numpy"]);
    assert_eq!(planned.origin, Origin::Specs);
    assert!(!planned.target.prefix.exists());
    let made = machine.make(&planned).unwrap();
    let entry = made.entry.unwrap();
    assert_eq!(entry.what, "Made the environment work");
    assert_eq!(machine.home.names(), ["work"]);
    assert_eq!(
        machine.requested(&planned.target.prefix),
        ["python=3.12", "numpy"]
    );
    assert!(!machine.home.services.needs_recovery());

    machine.home.undo(None).unwrap();
    assert!(machine.home.names().is_empty());
    machine
        .home
        .undo(Some(&machine.home.services.entries().unwrap()[0].id))
        .unwrap();
    assert_eq!(machine.home.names(), ["work"]);
}

#[test]
fn a_copy_holds_the_same_and_stands_alone() {
    let machine = Machine::new();
    let work = machine.made("work", &["python=3.12", "numpy"]);
    let text = work.display().to_string();
    let home = &machine.home;
    home.write(".conda/envs/work/bin/own", format!("#!{text}/bin/python\n"));
    home.write(".conda/envs/work/models/large.bin", [0xff; 100]);
    home.write(".conda/envs/work/conda-meta/pinned", "numpy 2.*\n");
    // No server is needed for it.
    home.write(
        ".condarc",
        condarc(&machine.practice).replace("127.0.0.1", "127.0.0.9"),
    );
    let planned = home
        .services
        .plan_clone_environment(&named("work"), &new("copy"))
        .unwrap();
    let files = match &planned.origin {
        Origin::Copy { of, files } if *of == work => *files,
        other => panic!("{other:?}"),
    };
    assert_eq!(files, 3);
    machine.practice.forget_requests();
    let made = machine.make(&planned).unwrap();
    assert_eq!(made.entry.unwrap().what, "Cloned the environment work to copy");
    assert!(machine.practice.requests().is_empty());

    let copy = planned.target.prefix.clone();
    assert_eq!(machine.packages(&copy), machine.packages(&work));
    assert_eq!(machine.requested(&copy), ["python=3.12", "numpy"]);
    let own = fs::read_to_string(copy.join("bin/own")).unwrap();
    assert_eq!(own, format!("#!{}/bin/python\n", copy.display()));
    assert_eq!(fs::read(copy.join("models/large.bin")).unwrap(), [0xff; 100]);
    assert!(copy.join("conda-meta/pinned").is_file());
    // Nothing of the copy knows of the other.
    home.remove("work").unwrap();
    assert_eq!(says(&copy.join("bin/python"), &["-V"]), "Python 3.12.8\n");
    let found = Command::new("grep")
        .args(["-rlF", &text])
        .arg(&copy)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "", "{found:?}");
}

#[test]
fn a_renamed_environment_works_as_before() {
    let machine = Machine::new();
    let work = machine.made("work", &["python=3.12", "numpy", "pip"]);
    let before = machine.packages(&work);
    machine
        .home
        .rename("work", "a-name-that-is-somewhat-longer")
        .unwrap();
    let renamed = work.with_file_name("a-name-that-is-somewhat-longer");
    assert_eq!(machine.packages(&renamed), before);
    assert_eq!(says(&renamed.join("bin/python"), &["-V"]), "Python 3.12.8\n");
    let text = format!("{}/", work.display());
    let found = Command::new("grep")
        .args(["-rlF", &text])
        .arg(&renamed)
        .output()
        .unwrap();
    let found = String::from_utf8(found.stdout).unwrap();
    // What was done under the old name stays written down.
    let found: Vec<&str> = found
        .lines()
        .filter(|file| !file.ends_with("conda-meta/history"))
        .collect();
    assert!(found.is_empty(), "{found:?}");
    // And packages come and go.
    let installed = machine.home.services.installed(&renamed).unwrap();
    assert!(installed.damaged.is_empty());
}

#[test]
fn what_is_exported_can_be_imported() {
    let machine = Machine::new();
    let work = machine.made("work", &["python=3.12", "numpy"]);
    let home = &machine.home;
    home.write(
        ".conda/envs/work/conda-meta/state",
        r#"{"env_vars": {"MODE": "fast"}}"#,
    );
    let before = machine.packages(&work);
    for (number, format) in [
        ExportFormat::Yml { builds: true },
        ExportFormat::Yml { builds: false },
        ExportFormat::FromHistory,
        ExportFormat::Explicit,
        ExportFormat::Lock,
    ]
    .into_iter()
    .enumerate()
    {
        let exported = home.services.export_environment(&work, format).unwrap();
        assert!(exported.warnings.is_empty(), "{format:?} {:?}", exported.warnings);
        let path = home.path(&format!("file-{number}"));
        fs::write(&path, &exported.text).unwrap();
        let name = format!("copy-{number}");
        let planned = machine.imported(&path, Some(&name)).unwrap();
        assert_eq!(planned.origin, Origin::File { path });
        machine.make(&planned).unwrap();
        let prefix = &planned.target.prefix;
        assert_eq!(machine.packages(prefix), before, "{format:?}\n{}", exported.text);
        let again = home.services.export_environment(prefix, format).unwrap();
        let plain = |text: &str| -> String {
            let lines = text
                .lines()
                .filter(|line| !line.starts_with("name:") && !line.starts_with("prefix:"));
            lines.map(|line| format!("{line}\n")).collect()
        };
        // A lock file tells what packages need, to which a solve adds pip for Python, as conda does.
        if !matches!(format, ExportFormat::FromHistory | ExportFormat::Lock) {
            assert_eq!(plain(&again.text), plain(&exported.text), "{format:?}");
        }
    }
    let yml = home
        .services
        .export_environment(&home.path(".conda/envs/copy-0"), ExportFormat::FromHistory);
    assert!(yml.unwrap().text.contains("variables:\n  MODE: fast\n"));
}

#[test]
fn a_file_says_what_it_is_called_and_what_is_for_pip() {
    let machine = Machine::new();
    let home = &machine.home;
    let file = home.path("environment.yml");
    fs::write(
        &file,
        "name: from-file\nchannels: [main]\ndependencies:\n  - python=3.12\n  - pip:\n      - six==1.16\n",
    )
    .unwrap();
    let planned = machine.imported(&file, None).unwrap();
    assert_eq!(planned.target.name.as_deref(), Some("from-file"));
    assert_eq!(planned.pip, ["six==1.16"]);
    assert!(
        planned
            .warnings
            .iter()
            .any(|warning| warning.message.contains("six==1.16"))
    );
    machine.make(&planned).unwrap();
    assert!(machine.packages(&planned.target.prefix).contains_key("pip"));

    let nameless = home.path("specs.txt");
    fs::write(&nameless, "python=3.12\n").unwrap();
    let refused = machine.imported(&nameless, None).unwrap_err().explain();
    assert_eq!(refused.kind, Kind::Usage);
    assert!(refused.remedy.unwrap().contains("--name"));
    // The stand-in of the practice server has no pip that could install anything: its failure is told.
    let prefix = &planned.target.prefix;
    let failed = home.wait(
        home.services
            .install_with_pip(prefix, &planned.pip, &home.folder, |_| {}),
    );
    let problem = failed.unwrap_err().explain();
    assert!(problem.message.starts_with("pip of "), "{problem:?}");
}

#[test]
fn what_is_cancelled_or_fails_leaves_nothing() {
    let machine = Machine::new();
    let home = &machine.home;
    let work = machine.made("work", &["python=3.12", "numpy"]);
    home.write(".conda/envs/work/own", "x");
    let before = home.listing();
    let unpacked = |listing: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let lasting = listing.iter().filter(|(name, _)| !name.starts_with(".cache"));
        lasting
            .map(|(name, content)| (name.clone(), content.clone()))
            .collect()
    };
    let entries = home.services.entries().unwrap().len();

    // While packages are linked, and while what belongs to none is copied.
    for at_last in [false, true] {
        let planned = home
            .services
            .plan_clone_environment(&named("work"), &new("copy"))
            .unwrap();
        let (wish, wished) = tokio::sync::oneshot::channel::<()>();
        let wish = std::cell::RefCell::new(Some(wish));
        let all = planned.change.preview.added.len();
        let progress = |progress| {
            if let ChangeProgress::Linking { total, .. } = progress {
                let is_copying = total != all;
                if is_copying == at_last
                    && let Some(wish) = wish.take()
                {
                    let _ = wish.send(());
                }
            }
        };
        let made = home.wait(
            home.services
                .make_environment(&planned, &consent(), progress, wished),
        );
        if let Err(error) = made {
            assert_eq!(error.explain().kind, Kind::Cancelled, "{error:?}");
            assert_eq!(unpacked(&home.listing()), unpacked(&before));
            assert_eq!(home.services.entries().unwrap().len(), entries);
        } else {
            // The one file was copied before the wish was heard.
            assert!(at_last);
            home.undo(None).unwrap();
        }
        assert!(!home.services.needs_recovery());
    }

    // What is to be copied cannot be read.
    let planned = home
        .services
        .plan_clone_environment(&named("work"), &new("copy-2"))
        .unwrap();
    fs::remove_dir_all(&work).unwrap();
    assert!(machine.make(&planned).is_err());
    assert!(!planned.target.prefix.exists());
    assert!(!home.read(".conda/environments.txt").contains("copy-2"));
    assert!(!home.services.needs_recovery());
}
