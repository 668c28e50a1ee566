use std::fs;

use super::*;
use crate::conda::fixture::Machine;

fn record(name: &str, version: &str, files: &[&str]) -> String {
    let record = serde_json::json!({
        "build": "0", "build_number": 0, "channel": "https://ana:pw@conda.example.com/t/tok-1/main/noarch",
        "files": files, "fn": format!("{name}-{version}-0.conda"), "name": name, "noarch": "python", "size": 12,
        "subdir": "noarch", "url": format!("https://conda.example.com/t/tok-1/main/noarch/{name}-{version}-0.conda"),
        "version": version,
    });
    serde_json::to_string_pretty(&record).unwrap()
}

const SITE: &str = "e/lib/python3.12/site-packages";

fn machine() -> Machine {
    Machine::linux()
        .file("e/conda-meta/history", "")
        .file(
            "e/conda-meta/python-3.12.4-0.json",
            record("python", "3.12.4", &["bin/python"]),
        )
        .file(
            "e/conda-meta/numpy-2.1-0.json",
            record(
                "numpy",
                "2.1",
                &["lib/python3.12/site-packages/numpy-2.1.dist-info/RECORD"],
            ),
        )
        .file(
            format!("{SITE}/numpy-2.1.dist-info/METADATA").as_str(),
            "Name: numpy\nVersion: 2.1\n",
        )
}

fn names(installed: &Installed) -> Vec<String> {
    installed
        .packages
        .iter()
        .map(|package| format!("{} {} {}", package.name, package.version, package.channel))
        .collect()
}

#[test]
fn packages_come_by_name_and_without_secrets() {
    let machine = machine();
    let installed = read(&machine.path("e")).unwrap();
    assert_eq!(
        names(&installed),
        [
            "numpy 2.1 https://conda.example.com/main",
            "python 3.12.4 https://conda.example.com/main"
        ]
    );
    let numpy = installed.get("numpy").unwrap();
    assert_eq!(
        numpy.url.as_deref(),
        Some("https://conda.example.com/main/noarch/numpy-2.1-0.conda")
    );
    assert_eq!((numpy.size, numpy.noarch), (Some(12), Some(Noarch::Python)));
    assert!(!format!("{installed:?}").contains("tok-1"));
}

#[test]
fn what_pip_installed_stands_beside_it() {
    let machine = machine()
        .file(
            format!("{SITE}/My.Package_x-1.0.dist-info/METADATA").as_str(),
            "Metadata-Version: 2.1\nName: My.Package_x\nVersion: 1.0\n\nName: not this\n",
        )
        .file(
            format!("{SITE}/old-2.egg-info").as_str(),
            "Name: old\nVersion: 2\n",
        )
        .file(
            format!("{SITE}/older.egg-info/PKG-INFO").as_str(),
            "Name: older\nVersion: 1\n",
        )
        .file(format!("{SITE}/empty.dist-info/RECORD").as_str(), "")
        .file("work/mine/mine.egg-info/PKG-INFO", "Name: mine\nVersion: 0.1\n");
    let link = format!("{}\n.", machine.path("work/mine").display());
    let machine = machine.file(format!("{SITE}/mine.egg-link").as_str(), link);
    let installed = read(&machine.path("e")).unwrap();
    let pypi: Vec<_> = installed
        .pypi()
        .map(|package| {
            format!(
                "{} {} {} {}",
                package.name, package.version, package.channel, package.build
            )
        })
        .collect();
    assert_eq!(
        pypi,
        [
            "mine 0.1 <develop> dev_0",
            "my-package-x 1.0 pypi pypi_0",
            "old 2 pypi pypi_0",
            "older 1 pypi pypi_0"
        ]
    );
    assert_eq!(installed.conda().count(), 2);
}

#[test]
fn what_pip_put_over_condas_package_counts() {
    let machine = machine().file(
        format!("{SITE}/numpy-2.2.dist-info/METADATA").as_str(),
        "Name: numpy\nVersion: 2.2\n",
    );
    fs::remove_dir_all(machine.path(&format!("{SITE}/numpy-2.1.dist-info"))).unwrap();
    let installed = read(&machine.path("e")).unwrap();
    assert_eq!(names(&installed)[0], "numpy 2.2 pypi");
    // The record stays, it is not ours to remove.
    assert!(machine.path("e/conda-meta/numpy-2.1-0.json").is_file());
}

#[test]
fn damaged_records_are_told_and_the_others_shown() {
    let machine = machine()
        .file("e/conda-meta/broken-1-0.json", "{\n  \"name\": \"bro")
        .file("e/conda-meta/misnamed-1-0.json", record("other", "1", &[]))
        .file("e/conda-meta/._numpy-2.1-0.json", "left by macOS")
        .file("e/conda-meta/state", "{}");
    let installed = read(&machine.path("e")).unwrap();
    assert_eq!(installed.packages.len(), 2);
    let told: Vec<_> = installed
        .damaged
        .iter()
        .map(|(path, reason)| format!("{}: {reason}", machine.inside(path)))
        .collect();
    assert_eq!(
        told,
        [
            "e/conda-meta/broken-1-0.json: line 2 is no JSON: a closing quotation mark is missing",
            "e/conda-meta/misnamed-1-0.json: the name of the file is not that of the package in it, and conda passes it over"
        ]
    );
    assert!(matches!(
        read(&machine.path("home")),
        Err(EnvironmentError::NotAnEnvironment { .. })
    ));
}
