//! Python, or what stands in for it, and the tools that come with it.
//!
//! The interpreter is a shell script: it says the version of its package and hands every program to a Python of the machine,
//! if there is one, with the site-packages of its environment. So programs of an environment can be tried. On Windows there
//! is only a batch file to be tried, and `python.exe` is a text that says so.

use crate::practice::package::{Body, PLACEHOLDER, PLATFORMS, Package, Subdir};

/// A version of Python.
#[derive(Debug, Clone, Copy)]
pub(in crate::practice) struct Release(pub(in crate::practice) &'static str);

impl Release {
    /// `3.12` of `3.12.8`.
    pub(super) fn minor(self) -> String {
        let mut parts = self.0.split('.');
        let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        format!("{major}.{minor}")
    }

    /// Where modules lie in an environment.
    pub(super) fn site_packages(self, subdir: Subdir) -> String {
        if subdir.is_windows() {
            "Lib/site-packages".to_owned()
        } else {
            format!("lib/python{}/site-packages", self.minor())
        }
    }

    /// The dependency of a package that is built for this minor version: `python >=3.12,<3.13.0a0`.
    pub(super) fn pin(self) -> String {
        let minor = self.minor();
        let next = match minor.split_once('.') {
            Some((major, minor)) => format!("{major}.{}", minor.parse::<u32>().unwrap_or(0) + 1),
            None => minor.clone(),
        };
        format!("python >={minor},<{next}.0a0")
    }

    /// `py312`.
    pub(super) fn tag(self) -> String {
        format!("py{}", self.minor().replace('.', ""))
    }
}

const RELEASES: [Release; 6] = [
    Release("3.11.10"),
    Release("3.11.11"),
    Release("3.12.7"),
    Release("3.12.8"),
    Release("3.13.0"),
    Release("3.13.1"),
];

/// The releases that libraries with a platform are built for.
pub(super) const BUILT_FOR: [Release; 3] = [Release("3.11"), Release("3.12"), Release("3.13")];

pub(super) fn all() -> Vec<Package> {
    let mut packages = vec![
        Package::generic("tzdata", "2025b")
            .tar_bz2()
            .license("LicenseRef-Public-Domain")
            .text("share/zoneinfo/tzdata.zi", "# version 2025b\nZ Etc/UTC 0 - UTC\n"),
        Package::generic("tzdata", "2026a")
            .license("LicenseRef-Public-Domain")
            .text(
                "share/zoneinfo/tzdata.zi",
                "# version 2026a\nZ Etc/UTC 0 - UTC\nZ Europe/Berlin 1 - CET\n",
            ),
    ];
    for release in RELEASES {
        for subdir in PLATFORMS {
            packages.push(interpreter(release, subdir).depends(&[
                "openssl >=3.0.15,<4.0a0",
                "tzdata",
                "zlib >=1.3.1,<2.0a0",
            ]));
        }
    }
    packages.extend(tools());
    packages
}

/// The interpreter itself, which needs nothing.
pub(in crate::practice) fn interpreter(release: Release, subdir: Subdir) -> Package {
    let Release(version) = release;
    let site_packages = release.site_packages(subdir);
    let package = Package::native("python", version, "h5eb1b0e_0_cpython", subdir)
        .license("Python-2.0")
        .constrains(&["python_abi <0.0a0"])
        .text(
            format!("{site_packages}/README.txt"),
            "This directory exists so that third-party packages can be installed here.\n",
        );
    if subdir.is_windows() {
        return package
            .text(
                "python.exe",
                "Not a program: the practice server has no Python for Windows.\r\n",
            )
            .text("python.bat", format!("@echo Python {version}\r\n"));
    }
    let minor = release.minor();
    let library = if subdir.is_mac() { "dylib" } else { "so" };
    package
        .program(format!("bin/python{minor}"), stand_in(release))
        .entry("bin/python3", Body::Link(format!("python{minor}")))
        .entry("bin/python", Body::Link(format!("python{minor}")))
        .program(
            format!("bin/python{minor}-config"),
            format!("#!/bin/sh\necho '-I{PLACEHOLDER}/include/python{minor}'\n"),
        )
        .text(
            format!("lib/python{minor}/_sysconfigdata_practice.py"),
            format!("build_time_vars = {{'prefix': '{PLACEHOLDER}', 'VERSION': '{minor}'}}\n"),
        )
        .entry(
            format!("lib/libpython{minor}.1.0.{library}"),
            library_with_prefix("libpython", version),
        )
        .entry(
            format!("lib/libpython{minor}.{library}"),
            Body::Link(format!("libpython{minor}.1.0.{library}")),
        )
}

/// The bytes of a library that knows where it lies: text that ends with a zero, among others.
pub(super) fn library_with_prefix(name: &str, version: &str) -> Body {
    let mut bytes = b"\x7fELF\x02\x01\x01practice\0".to_vec();
    bytes.extend_from_slice(format!("{name} {version}\0{PLACEHOLDER}/lib\0").as_bytes());
    bytes.extend_from_slice(format!("{PLACEHOLDER}/share\0end\0").as_bytes());
    Body::Binary(bytes)
}

/// A word by which one stand-in knows another, so that none hands its work to the next.
const MARK: &str = "practice-stand-in";

fn stand_in(release: Release) -> String {
    let Release(version) = release;
    let minor = release.minor();
    format!(
        r#"#!/bin/sh
# {MARK}: says its version, and hands programs to a Python of this machine.
prefix='{PLACEHOLDER}'
case "${{1-}}" in
    -V | -VV | --version)
        echo 'Python {version}'
        exit 0
        ;;
esac
PYTHONPATH="$prefix/lib/python{minor}/site-packages${{PYTHONPATH:+:$PYTHONPATH}}"
export PYTHONPATH
rest="$PATH:/usr/local/bin:/usr/bin"
while [ -n "$rest" ]; do
    folder=${{rest%%:*}}
    case "$rest" in
        *:*) rest=${{rest#*:}} ;;
        *) rest='' ;;
    esac
    if [ -x "$folder/python3" ] && ! head -n 2 "$folder/python3" | grep -q '^# {MARK}'; then
        exec "$folder/python3" "$@"
    fi
done
echo 'python: this Python is made for practice, and there is no other on this machine to work for it' >&2
exit 127
"#
    )
}

fn tools() -> Vec<Package> {
    vec![
        Package::python("wheel", "0.45.1").license("MIT"),
        Package::python("setuptools", "75.8.0").license("MIT"),
        Package::python("setuptools", "80.9.0").license("MIT"),
        pip("25.0"),
        pip("25.3"),
        Package::python("six", "1.16.0").tar_bz2().license("MIT"),
        Package::python("six", "1.17.0").license("MIT"),
        Package::python("python-dateutil", "2.9.0").depends(&["python >=3.9", "six >=1.5"]),
        Package::python("pytz", "2025.2").license("MIT"),
        Package::python("packaging", "24.2"),
        Package::python("packaging", "25.0"),
        Package::python("typing_extensions", "4.15.0").license("PSF-2.0"),
    ]
}

fn pip(version: &str) -> Package {
    Package::python("pip", version)
        .license("MIT")
        .depends(&["python >=3.9", "setuptools", "wheel"])
        .entry_point("pip = pip._internal.cli.main:main")
        .entry_point("pip3 = pip._internal.cli.main:main")
        .text("site-packages/pip/_internal/__init__.py", "")
        .text("site-packages/pip/_internal/cli/__init__.py", "")
        .text(
            "site-packages/pip/_internal/cli/main.py",
            format!(
                "import sys\n\n\ndef main():\n    print(\"pip {version}, made for practice: it installs nothing\")\n    \
                 return int(\"install\" in sys.argv)\n"
            ),
        )
        .text(
            "site-packages/pip/__main__.py",
            "import sys\n\nfrom pip._internal.cli.main import main\n\nsys.exit(main())\n",
        )
}
