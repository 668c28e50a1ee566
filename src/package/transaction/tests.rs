mod child;
mod clobbering;
mod kill;
mod linking;
mod scripts;
mod trouble;
mod world;

use crate::package::fixture::{Built, Package};

/// A Python that is a text.
fn python(version: &str) -> Built {
    let (major_minor, _) = version.rsplit_once('.').unwrap();
    Package::new("python", version)
        .program(&format!("bin/python{major_minor}"), "interpreter")
        .link("bin/python", &format!("python{major_minor}"))
        .file(&format!("lib/python{major_minor}/os.py"), "os")
        .build()
}

fn app(version: &str) -> Built {
    Package::new("app", version)
        .for_every_python()
        .file("site-packages/app/__init__.py", &format!("version = '{version}'"))
        .file(
            &format!("site-packages/app/only_in_{}.py", version.replace('.', "_")),
            "x",
        )
        .file("python-scripts/app-raw", "raw")
        .command("app = app:main")
        .build()
}

fn library(version: &str) -> Built {
    Package::new("zlib", version)
        .file(&format!("lib/libz.so.{version}"), "binary")
        .link("lib/libz.so", &format!("libz.so.{version}"))
        .text_with_prefix("bin/zlib-config")
        .folder("share/zlib")
        .build()
}
