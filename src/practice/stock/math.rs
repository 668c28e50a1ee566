//! Libraries for Python that are built for each platform and each minor version of Python.

use super::python::{BUILT_FOR, Release};
use crate::practice::package::{Body, PLATFORMS, Package, Subdir};

pub(super) fn all() -> Vec<Package> {
    let mut packages = Vec::new();
    for subdir in PLATFORMS {
        for release in BUILT_FOR {
            // The last NumPy of its kind was never built for Python 3.13.
            if release.minor() != "3.13" {
                packages.push(numpy("1.26.4", release, subdir).depends(&numbers(release)));
            }
            for version in ["2.1.3", "2.2.5"] {
                packages.push(numpy(version, release, subdir).depends(&numbers(release)));
            }
            packages.extend(on_numpy(release, subdir));
        }
    }
    packages
}

fn numbers(release: Release) -> [&'static str; 2] {
    let pin = match release.minor().as_str() {
        "3.11" => "python >=3.11,<3.12.0a0",
        "3.12" => "python >=3.12,<3.13.0a0",
        _ => "python >=3.13,<3.14.0a0",
    };
    ["libopenblas >=0.3.28", pin]
}

/// Arrays, for one minor version of Python, which is all it needs.
pub(in crate::practice) fn numpy(version: &str, release: Release, subdir: Subdir) -> Package {
    let program = format!(
        "def main():\n    print(\"{version}\")\n\n\nif __name__ == \"__main__\":\n    raise SystemExit(main())\n"
    );
    let package = module("numpy", version, release, subdir, &[]);
    package.text(
        format!("{}/numpy/_configtool.py", release.site_packages(subdir)),
        program,
    )
}

/// What stands on NumPy.
fn on_numpy(release: Release, subdir: Subdir) -> Vec<Package> {
    let new = |name: &str, version: &str, depends: &[&str]| module(name, version, release, subdir, depends);
    let mut packages = Vec::new();
    if release.minor() != "3.13" {
        let depends = ["numpy >=1.26,<2", "python-dateutil >=2.8.2", "pytz >=2020.1"];
        packages.push(new("pandas", "2.1.4", &depends));
    }
    let depends = [
        "numpy >=2.1",
        "python-dateutil >=2.8.2",
        "pytz >=2020.1",
        "tzdata >=2022.7",
    ];
    packages.extend([
        new("pandas", "2.2.3", &depends),
        new("pandas", "2.3.3", &depends),
        new("scipy", "1.14.1", &["libopenblas >=0.3.28", "numpy >=1.26,<3"]),
        new("scipy", "1.16.3", &["libopenblas >=0.3.28", "numpy >=1.26,<3"]),
        new(
            "scikit-learn",
            "1.7.2",
            &[
                "joblib >=1.2.0",
                "numpy >=1.26,<3",
                "scipy >=1.8",
                "threadpoolctl >=3.1.0",
            ],
        ),
    ]);
    packages
}

/// A module with something compiled in it.
fn module(name: &str, version: &str, release: Release, subdir: Subdir, depends: &[&str]) -> Package {
    let pin = release.pin();
    let mut depends = depends.to_vec();
    depends.push(&pin);
    let site_packages = release.site_packages(subdir);
    let tag = release.tag();
    let import = name.replace('-', "_");
    let compiled = if subdir.is_windows() { "pyd" } else { "so" };
    Package::native(
        name,
        version,
        &format!("{tag}h{:07x}_0", version.len() * 9_973),
        subdir,
    )
    .depends(&depends)
    .text(
        format!("{site_packages}/{import}/__init__.py"),
        format!("\"\"\"{name}, made for practice.\"\"\"\n\n__version__ = \"{version}\"\n"),
    )
    .entry(
        format!("{site_packages}/{import}/_core.{compiled}"),
        Body::Binary(format!("\x7f{name} {version} {tag}\0").into_bytes()),
    )
    .text(
        format!("{site_packages}/{import}-{version}.dist-info/METADATA"),
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
    )
    .text(
        format!("{site_packages}/{import}-{version}.dist-info/INSTALLER"),
        "conda\n",
    )
    .text(
        format!("{site_packages}/{import}-{version}.dist-info/RECORD"),
        format!("{import}/__init__.py,,\n"),
    )
}
