//! The tools of a company: they need one another, and are for few.

use std::sync::LazyLock;

use super::simple::data_and_tools;
use crate::practice::package::{Body, PLACEHOLDER, PLATFORMS, Package, Subdir};
use crate::practice::shelf::Shelf;

/// Risk models: what is needed of others lies in `main`.
pub(in crate::practice) static RISK: LazyLock<Shelf> = LazyLock::new(|| {
    let mut packages = data_and_tools("risk-models");
    packages.extend([
        utilities("1.3.0"),
        utilities("1.4.0"),
        engine("2.0.0", "company-utils >=1.3", "numpy >=2.1"),
        engine("2.1.0", "company-utils >=1.4", "numpy >=2.2"),
        // Cannot be had together with the engine.
        Package::python("legacy-pricing", "1.0.0").depends(&[
            "company-utils <2",
            "numpy <2",
            "pandas <2.2",
            "python >=3.9,<3.13",
        ]),
    ]);
    Shelf::new(packages)
});

/// What belongs to the research group: among it a file that takes a while.
pub(in crate::practice) static RESEARCH: LazyLock<Shelf> = LazyLock::new(|| {
    let mut packages = data_and_tools("research");
    packages.extend([
        Package::generic("research-corpus", "2026.1")
            .license("LicenseRef-Proprietary")
            .entry("share/research-corpus/corpus.bin", Body::Noise(8_000_000)),
        images(),
        Package::python("text-lab", "0.4.0")
            .depends(&["click >=8", "python >=3.11", "research-corpus >=2026.1"])
            .entry_point("text-lab = text_lab.cli:main")
            .text("site-packages/text_lab/cli.py", program("text-lab", "0.4.0")),
    ]);
    Shelf::new(packages)
});

/// Many small files.
fn images() -> Package {
    (0..500).fold(Package::generic("research-images", "1.0.0"), |package, number| {
        package.text(
            format!("share/research-images/{:02}/{number:03}.txt", number / 50),
            format!("image {number}\n"),
        )
    })
}

/// Builds that need a graphics card, and ones that do not.
pub(in crate::practice) static GPU: LazyLock<Shelf> = LazyLock::new(|| {
    let mut packages = data_and_tools("research-gpu");
    for subdir in PLATFORMS {
        let tensor = |build: &str, number| {
            Package::native("tensor-core", "2.5.1", build, subdir)
                .build(build, number)
                .text("share/tensor-core/build.txt", format!("{build}\n"))
        };
        packages.push(tensor("cpu_0", 0));
        packages.push(tensor("cuda126_200", 200).depends(&["__cuda >=12.6", "gpu-runtime >=12.6"]));
        packages.push(
            Package::native("gpu-runtime", "12.6.3", "h5eb1b0e_0", subdir)
                .depends(&["__cuda >=12"])
                .license("LicenseRef-NVIDIA-End-User-License-Agreement")
                .text("share/gpu-runtime/version.txt", "12.6.3\n"),
        );
    }
    Shelf::new(packages)
});

/// A vendor's packages: one runs scripts when it is linked and unlinked.
pub(in crate::practice) static VENDOR: LazyLock<Shelf> = LazyLock::new(|| {
    let mut packages = data_and_tools("vendor-a");
    for subdir in PLATFORMS {
        packages.push(registered("1.0.0", subdir));
        packages.push(registered("1.1.0", subdir));
    }
    Shelf::new(packages)
});

/// Pipelines: a program that knows its prefix in text and in binary.
pub(in crate::practice) static GENOMICS: LazyLock<Shelf> = LazyLock::new(|| {
    let mut packages = data_and_tools("genomics");
    for subdir in PLATFORMS {
        if !subdir.is_windows() {
            packages.push(aligner("0.7.17", subdir));
            packages.push(aligner("0.7.18", subdir));
        }
    }
    Shelf::new(packages)
});

/// For everyone to write to: somebody put a package here that has the name of a private one and a higher version, two share
/// a file, and one has a folder or a link where its earlier version had a file.
pub(in crate::practice) static SANDBOX: LazyLock<Shelf> = LazyLock::new(|| {
    let mut packages = data_and_tools("sandbox");
    packages.push(utilities("99.0.0").depends(&["python >=3.9"]));
    for name in ["theme-dark", "theme-light"] {
        packages.push(Package::generic(name, "1.0.0").text("share/theme/colours.txt", format!("{name}\n")));
    }
    let shape = |version| Package::generic("shape-shifter", version);
    packages.extend([
        shape("1.0.0").text("share/shape/form", "a file\n"),
        shape("2.0.0").text("share/shape/form/inside.txt", "a file in a folder\n"),
        shape("3.0.0")
            .text("share/shape/other", "what a link leads to\n")
            .entry("share/shape/form", Body::Link("other".to_owned())),
    ]);
    Shelf::new(packages)
});

fn utilities(version: &str) -> Package {
    Package::python("company-utils", version)
        .license("LicenseRef-Proprietary")
        .depends(&["click >=8", "python >=3.9"])
        .entry_point("company-utils = company_utils.cli:main")
        .text(
            "site-packages/company_utils/cli.py",
            program("company-utils", version),
        )
}

fn engine(version: &str, utilities: &str, numpy: &str) -> Package {
    Package::python("risk-engine", version)
        .license("LicenseRef-Proprietary")
        .depends(&[utilities, numpy, "pandas >=2.2", "python >=3.11"])
        .entry_point("risk-engine = risk_engine.cli:main")
        .text(
            "site-packages/risk_engine/cli.py",
            program("risk-engine", version),
        )
}

fn program(name: &str, version: &str) -> String {
    format!("def main():\n    print(\"{name} {version}\")\n    return 0\n")
}

/// Runs a script after linking and one before unlinking, as conda has them.
fn registered(version: &str, subdir: Subdir) -> Package {
    let name = "company-fonts";
    let package = Package::native(name, version, "h5eb1b0e_0", subdir).text(
        "share/company-fonts/regular.txt",
        format!("Company Sans {version}\n"),
    );
    if subdir.is_windows() {
        return package
            .text(
                "Scripts/.company-fonts-post-link.bat",
                "@echo off\r\nmkdir \"%PREFIX%\\var\\company-fonts\"\r\n\
                 echo %PKG_NAME% %PKG_VERSION%> \"%PREFIX%\\var\\company-fonts\\registered\"\r\n",
            )
            .text(
                "Scripts/.company-fonts-pre-unlink.bat",
                "@echo off\r\nrmdir /s /q \"%PREFIX%\\var\\company-fonts\"\r\n",
            );
    }
    package
        .program(
            "bin/.company-fonts-post-link.sh",
            "#!/bin/sh\nset -e\nmkdir -p \"$PREFIX/var/company-fonts\"\n\
             echo \"$PKG_NAME $PKG_VERSION $PKG_BUILDNUM\" > \"$PREFIX/var/company-fonts/registered\"\n\
             echo 'Fonts are registered.' >> \"$PREFIX/.messages.txt\"\n",
        )
        .program(
            "bin/.company-fonts-pre-unlink.sh",
            "#!/bin/sh\nrm -rf \"$PREFIX/var/company-fonts\"\n",
        )
}

fn aligner(version: &str, subdir: Subdir) -> Package {
    let mut binary = format!("\x7f aligner {version}\0").into_bytes();
    binary.extend_from_slice(format!("{PLACEHOLDER}/share/aligner/index\0rest\0").as_bytes());
    let package = Package::native("aligner", version, "h5eb1b0e_0", subdir)
        .license("GPL-3.0-or-later")
        .program(
            "bin/aligner",
            format!("#!/bin/sh\ncat {PLACEHOLDER}/share/aligner/version\n"),
        )
        .text("share/aligner/version", format!("aligner {version}\n"))
        .entry("lib/aligner/core.bin", Body::Binary(binary));
    match subdir {
        Subdir::Linux64 | Subdir::LinuxAarch64 => {
            package.depends(&["__glibc >=2.17,<3.0.a0", "genomics-data >=1.0"])
        }
        _ => package.depends(&["genomics-data >=1.0"]),
    }
}
