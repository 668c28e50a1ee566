//! Packages of channels that nobody described closely: some data, and tools that need it.

use crate::practice::package::{PLATFORMS, Package, Subdir};

/// `<stem>-data` in two versions for every platform, and `<stem>-tools` in two for each.
pub(in crate::practice) fn data_and_tools(stem: &str) -> Vec<Package> {
    let mut packages = vec![data(stem, "1.0.0").tar_bz2(), data(stem, "1.1.0")];
    for subdir in PLATFORMS {
        packages.push(tools(stem, "0.9.2", subdir).tar_bz2().depends(&[]));
        packages.push(tools(stem, "1.0.0", subdir));
    }
    packages
}

fn data(stem: &str, version: &str) -> Package {
    Package::generic(&format!("{stem}-data"), version)
        .text(format!("share/{stem}/data.csv"), format!("version\n{version}\n"))
}

fn tools(stem: &str, version: &str, subdir: Subdir) -> Package {
    let name = format!("{stem}-tools");
    let package =
        Package::native(&name, version, "h5eb1b0e_0", subdir).depends(&[&format!("{stem}-data >=1.0.0")]);
    if subdir.is_windows() {
        package.text(
            format!("Scripts/{name}.bat"),
            format!("@echo {name} {version}\r\n"),
        )
    } else {
        package.program(
            format!("bin/{name}"),
            format!("#!/bin/sh\necho '{name} {version}'\n"),
        )
    }
}
