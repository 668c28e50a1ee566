//! R, or what stands in for it, and a few of its libraries.

use crate::practice::package::{PLACEHOLDER, PLATFORMS, Package, Subdir};

pub(super) fn all() -> Vec<Package> {
    let mut packages = Vec::new();
    for subdir in PLATFORMS {
        for version in ["4.3.3", "4.4.1"] {
            packages.push(base(version, subdir));
        }
    }
    packages.extend([
        library("r-rlang", "1.1.4", "4.3", &[]),
        library("r-rlang", "1.1.6", "4.4", &[]),
        library("r-cli", "3.6.3", "4.3", &[]),
        library("r-cli", "3.6.5", "4.4", &[]),
        library("r-pillar", "1.9.0", "4.3", &["r-cli >=2.3.0", "r-rlang >=1.0.2"]),
        library("r-pillar", "1.11.1", "4.4", &["r-cli >=3.4.0", "r-rlang >=1.0.2"]),
        library("r-tibble", "3.2.1", "4.3", &["r-pillar >=1.8.1"]),
        library("r-tibble", "3.3.0", "4.4", &["r-pillar >=1.8.1"]),
    ]);
    packages
}

fn base(version: &str, subdir: Subdir) -> Package {
    let package = Package::native("r-base", version, "h9a4e3a6_3", subdir).license("GPL-2.0-or-later");
    if subdir.is_windows() {
        return package.text("Scripts/R.bat", format!("@echo R version {version}\r\n"));
    }
    package
        .program(
            "bin/R",
            format!("#!/bin/sh\nR_HOME={PLACEHOLDER}/lib/R\necho 'R version {version}, made for practice'\n"),
        )
        .text(
            "lib/R/library/base/DESCRIPTION",
            format!("Package: base\nVersion: {version}\n"),
        )
}

/// For one minor version of R.
fn library(name: &str, version: &str, minor: &str, depends: &[&str]) -> Package {
    let next = if minor == "4.3" { "4.4" } else { "4.5" };
    let pin = format!("r-base >={minor},<{next}.0a0");
    let mut depends = depends.to_vec();
    depends.push(&pin);
    let tag = minor.replace('.', "");
    let folder = name.trim_start_matches("r-");
    Package::generic(name, version)
        .build(&format!("r{tag}hc72bb7e_0"), 0)
        .license("MIT")
        .depends(&depends)
        .text(
            format!("lib/R/library/{folder}/DESCRIPTION"),
            format!("Package: {folder}\nVersion: {version}\n"),
        )
}
