//! Libraries for Python without a platform.

use crate::practice::package::Package;

pub(super) fn all() -> Vec<Package> {
    vec![
        Package::python("certifi", "2025.8.3").license("ISC"),
        Package::python("certifi", "2026.1.4").license("ISC"),
        Package::python("chardet", "5.2.0").license("LGPL-2.1-only"),
        // Not together with requests, which does not need it.
        Package::python("chardet", "7.0.0").license("LGPL-2.1-only"),
        Package::python("charset-normalizer", "3.4.4").license("MIT"),
        Package::python("idna", "3.11"),
        Package::python("urllib3", "1.26.20").license("MIT"),
        Package::python("urllib3", "2.5.0").license("MIT"),
        requests("2.31.0"),
        requests("2.32.5"),
        Package::python("colorama", "0.4.6"),
        click("8.1.8"),
        click_for_windows("8.1.8"),
        click("8.3.1"),
        click_for_windows("8.3.1"),
        Package::python("markupsafe", "3.0.3"),
        Package::python("jinja2", "3.1.6").depends(&["markupsafe >=2.0", "python >=3.9"]),
        Package::python("werkzeug", "3.1.4").depends(&["markupsafe >=2.1.1", "python >=3.9"]),
        Package::python("flask", "3.1.2")
            .depends(&[
                "click >=8.1.3",
                "jinja2 >=3.1.2",
                "python >=3.9",
                "werkzeug >=3.1.0",
            ])
            .entry_point("flask = flask.cli:main")
            .text(
                "site-packages/flask/cli.py",
                "def main():\n    print(\"flask 3.1.2\")\n    return 0\n",
            ),
        Package::python("joblib", "1.5.2"),
        Package::python("threadpoolctl", "3.6.0"),
        // Stays behind: it needs a Python that nobody builds libraries for any more.
        Package::python("py2-bridge", "0.9.0").depends(&["python <3"]),
    ]
}

fn requests(version: &str) -> Package {
    Package::python("requests", version)
        .license("Apache-2.0")
        .depends(&[
            "certifi >=2017.4.17",
            "charset-normalizer >=2,<4",
            "idna >=2.5,<4",
            "python >=3.9",
            "urllib3 >=1.21.1,<3",
        ])
        .constrains(&["chardet >=3.0.2,<6"])
}

/// Of a package without architecture there may be a build for each kind of system.
fn click(version: &str) -> Package {
    Package::python("click", version)
        .depends(&["__unix", "python >=3.9"])
        .build("pyh707e725_0", 0)
}

fn click_for_windows(version: &str) -> Package {
    Package::python("click", version)
        .depends(&["__win", "colorama", "python >=3.9"])
        .build("pyha7b4d00_0", 0)
}
