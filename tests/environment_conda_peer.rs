//! What Sextant says about environments is what conda itself says, and what Sextant leaves is what conda goes on with, where a
//! conda is installed on this machine. conda is in no index of packages, so that nothing is installed for it.

#[path = "support/environment_home.rs"]
mod environment_home;
#[path = "support/prefix.rs"]
mod prefix;

use std::path::{Path, PathBuf};
use std::process::Command;

use environment_home::{Home, named};
use prefix::Package;
use serde_json::Value;
use sextant::conda::environment::history::{self, Change, History};
use sextant::service::environments::{ExportFormat, NewEnvironment};

struct Conda {
    program: PathBuf,
    root: PathBuf,
}

impl Conda {
    /// The conda on `PATH`, if there is one.
    fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&path)
            .map(|folder| folder.join("conda"))
            .find(|program| program.is_file());
        let Some(program) = program else {
            eprintln!("skipped, because there is no conda on this machine");
            return None;
        };
        let mut conda = Self {
            program,
            root: PathBuf::new(),
        };
        let folder = tempfile::tempdir().unwrap();
        let root = conda.json(folder.path(), &["config", "--show", "root_prefix", "--json"]);
        conda.root = root["root_prefix"].as_str()?.into();
        Some(conda)
    }

    /// conda in a home, with nothing of this process's environment.
    fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("HOME", home)
            .env("PATH", "/usr/bin:/bin")
            .env("CONDA_OFFLINE", "1")
            .current_dir(home);
        command
    }

    fn say(&self, home: &Path, words: &[&str]) -> String {
        let output = self.command(home).args(words).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{words:?}: {text} {}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    fn json(&self, home: &Path, words: &[&str]) -> Value {
        let text = self.say(home, words);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// A home in which conda and Sextant see the same installation.
    fn home(&self) -> Home {
        let home = Home::new().with_variables(&[("CONDA_ROOT", &self.root)]);
        home.write(".condarc", CONDARC);
        home
    }

    /// The environments that conda lists in this home.
    fn environments(&self, home: &Home) -> Vec<PathBuf> {
        let listed = self.json(&home.folder, &["env", "list", "--json"]);
        let listed = listed["envs"].as_array().unwrap().iter();
        let mut listed: Vec<PathBuf> = listed
            .map(|prefix| PathBuf::from(prefix.as_str().unwrap()))
            .filter(|prefix| prefix.starts_with(&home.folder))
            .collect();
        listed.sort();
        listed
    }
}

/// For an administrator conda reads the lists in the homes of everybody but the one that it is told: it then knows of no
/// environment outside `envs_dirs`.
fn known_to_conda(mut prefixes: Vec<PathBuf>) -> Vec<PathBuf> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            prefixes.retain(|prefix| prefix.parent().unwrap().ends_with("envs"));
        }
    }
    prefixes.sort();
    prefixes
}

const CONDARC: &str = "channel_alias: https://conda.example.com
channels: [main, https://user:secret@other.example.com/t/secret-1/team]
envs_dirs: [~/work/envs]
";

fn packages() -> Vec<Package> {
    let python = |name: &str, version: &str| Package {
        is_python: true,
        ..Package::new(name, version)
    };
    vec![
        Package::new("python", "3.12.4"),
        python("numpy", "2.1.0"),
        python("six-extra", "1.0"),
        Package::new("zlib", "1.3.1"),
        Package::new("_libgcc_mutex", "0.1"),
    ]
}

/// An environment `etl` with packages of conda and of pip, known to conda by its list.
fn furnish(home: &Home) -> PathBuf {
    let prefix = home.path("work/envs/etl");
    prefix::make(&prefix, &packages());
    let site = "work/envs/etl/lib/python3.12/site-packages";
    home.write(
        &format!("{site}/Six_Two.x-2.0.dist-info/METADATA"),
        "Metadata-Version: 2.1\nName: Six_Two.x\nVersion: 2.0\n",
    );
    home.write(&format!("{site}/Six_Two.x-2.0.dist-info/RECORD"), "");
    home.write(&format!("{site}/old-1.egg-info"), "Name: old\nVersion: 1\n");
    home.write(
        "work/envs/etl/conda-meta/state",
        r#"{"env_vars": {"MODE": "fast", "FLAG": "no"}}"#,
    );
    home.write(".conda/environments.txt", format!("{}\n", prefix.display()));
    prefix
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn packages_are_listed_as_conda_lists_them() {
    let Some(conda) = Conda::find() else { return };
    let home = conda.home();
    let prefix = furnish(&home);
    let said = conda.json(
        &home.folder,
        &["list", "--json", "--prefix", &prefix.display().to_string()],
    );
    let said: Vec<[String; 4]> = said
        .as_array()
        .unwrap()
        .iter()
        .map(|package| ["name", "version", "build_string", "channel"].map(|key| text(&package[key])))
        .collect();
    let installed = home.services.installed(&prefix).unwrap();
    let ours: Vec<[String; 4]> = installed
        .packages
        .into_iter()
        .map(|package| [package.name, package.version, package.build, package.channel])
        .collect();
    assert_eq!(ours, said);
    assert_eq!(ours.len(), 7);
}

#[test]
fn environments_are_found_as_conda_finds_them() {
    let Some(conda) = Conda::find() else { return };
    let home = conda.home();
    let prefix = furnish(&home);
    home.write(".conda/envs/other/conda-meta/history", "");
    home.write(".conda/envs/none/readme", "");
    home.write("anywhere/conda-meta/history", "");
    home.write(
        ".conda/environments.txt",
        format!(
            "{}\n{}\n/gone\n",
            prefix.display(),
            home.path("anywhere").display()
        ),
    );
    let ours = || {
        let found = home.services.environments().into_iter();
        let mut found: Vec<PathBuf> = found
            .map(|found| found.prefix)
            .filter(|prefix| prefix.starts_with(&home.folder))
            .collect();
        found.sort();
        found
    };
    let found = ours();
    assert_eq!(found.len(), 3);
    assert_eq!(conda.environments(&home), known_to_conda(found));
}

#[test]
fn what_sextant_makes_renames_and_removes_conda_knows() {
    let Some(conda) = Conda::find() else { return };
    let home = conda.home();
    furnish(&home);
    home.create(&NewEnvironment::Named("fresh".to_owned())).unwrap();
    home.create(&NewEnvironment::At(home.path("elsewhere/env")))
        .unwrap();
    let at = |names: &[&str]| known_to_conda(names.iter().map(|name| home.path(name)).collect());
    assert_eq!(
        conda.environments(&home),
        at(&["elsewhere/env", "work/envs/etl", "work/envs/fresh"])
    );
    let listed = conda.json(&home.folder, &["list", "--json", "--name", "fresh"]);
    assert_eq!(listed, serde_json::json!([]));
    let revisions = conda.json(
        &home.folder,
        &["list", "--revisions", "--json", "--name", "fresh"],
    );
    assert_eq!(revisions.as_array().unwrap().len(), 1);

    home.rename("etl", "forecast").unwrap();
    let listed = conda.json(&home.folder, &["list", "--json", "--name", "forecast"]);
    assert_eq!(listed.as_array().unwrap().len(), 7);
    home.remove("fresh").unwrap();
    assert_eq!(
        conda.environments(&home),
        at(&["elsewhere/env", "work/envs/forecast"])
    );
    home.undo(None).unwrap();
    assert_eq!(
        conda.environments(&home),
        at(&["elsewhere/env", "work/envs/forecast", "work/envs/fresh"])
    );
}

#[test]
fn exports_say_what_condas_say() {
    let Some(conda) = Conda::find() else { return };
    let home = conda.home();
    let prefix = furnish(&home);
    let at = "2026-11-24T10:12:13".parse().unwrap();
    let present = History::read(&prefix).unwrap().packages();
    let mut change = Change::between(
        &History::read(&prefix).unwrap(),
        &present,
        at,
        "sextant install numpy",
    );
    change.update_specs = ["numpy >=2,<3", "python=3.12", "main::zlib 1.3.1", "gone"]
        .map(str::to_owned)
        .to_vec();
    history::append(&prefix, &change).unwrap();

    let shown = prefix.display().to_string();
    let export = |more: &[&str]| {
        conda.say(
            &home.folder,
            &[&["env", "export", "--prefix", &shown], more].concat(),
        )
    };
    let ours = |format| home.services.export_environment(&prefix, format).unwrap().text;
    let read = |text: &str| {
        let mut value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        // conda writes the secrets of its configuration into every export.
        let channels = value["channels"].as_sequence_mut().unwrap();
        for channel in channels {
            let text = channel
                .as_str()
                .unwrap()
                .replace("user:secret@", "")
                .replace("/t/secret-1", "");
            *channel = text.into();
        }
        value
    };
    for (words, format) in [
        (&[][..], ExportFormat::Yml { builds: true }),
        (&["--no-builds"][..], ExportFormat::Yml { builds: false }),
        (&["--from-history"][..], ExportFormat::FromHistory),
    ] {
        let ours = ours(format);
        assert!(!ours.contains("secret"), "{ours}");
        assert_eq!(read(&ours), read(&export(words)), "{format:?}");
    }

    let lines = |text: &str| {
        let mut lines: Vec<String> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.replace("#sha256:", "#"))
            .collect();
        lines.sort();
        lines
    };
    let said = conda.say(
        &home.folder,
        &["list", "--explicit", "--sha256", "--prefix", &shown],
    );
    assert_eq!(lines(&ours(ExportFormat::Explicit)), lines(&said));
}

#[test]
fn frozen_environments_are_frozen_for_both() {
    let Some(conda) = Conda::find() else { return };
    let home = conda.home();
    let prefix = furnish(&home);
    home.write(
        "work/envs/etl/conda-meta/frozen",
        r#"{"message": "In production."}"#,
    );
    let mut command = conda.command(&home.folder);
    let output = command
        .args(["remove", "--yes", "--offline", "--all", "--prefix"])
        .arg(&prefix)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("In production."));
    let refused = home.services.plan_remove_environment(&named("etl"), false);
    assert!(refused.is_err());
}
