//! What a channel held that was frozen in 2019: the old form of archives only.

use super::python::{Release, interpreter};
use crate::practice::package::{PLATFORMS, Package};

pub(super) fn all() -> Vec<Package> {
    let mut packages = vec![
        Package::generic("legacy-2019-data", "1.0.0")
            .tar_bz2()
            .text("share/legacy-2019/data.csv", "year,value\n2018,1\n"),
        Package::generic("legacy-2019-data", "1.1.0")
            .tar_bz2()
            .text("share/legacy-2019/data.csv", "year,value\n2018,1\n2019,2\n"),
    ];
    for subdir in PLATFORMS {
        packages.push(interpreter(Release("3.7.3"), subdir).tar_bz2());
        for version in ["0.9.2", "1.0.0"] {
            packages.push(
                Package::native("legacy-2019-tools", version, "h5eb1b0e_0", subdir)
                    .tar_bz2()
                    .depends(&["legacy-2019-data >=1.0.0"])
                    .text("share/legacy-2019/tools.txt", format!("tools {version}\n")),
            );
        }
    }
    packages
}
