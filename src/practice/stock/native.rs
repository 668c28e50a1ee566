//! Libraries that programs are built on, with a platform.

use super::python::library_with_prefix;
use crate::practice::package::{Body, PLACEHOLDER, PLATFORMS, Package, Subdir};

pub(super) fn libraries() -> Vec<Package> {
    let mut packages = Vec::new();
    for subdir in PLATFORMS {
        packages.push(
            library("zlib", "1.2.13", "h4ab18f5_6", subdir)
                .tar_bz2()
                .license("Zlib"),
        );
        packages.push(library("zlib", "1.3.1", "hb9d3cd8_2", subdir).license("Zlib"));
        for version in ["3.0.15", "3.4.0"] {
            packages.push(openssl(version, subdir));
        }
        packages.push(library("libopenblas", "0.3.28", "h94d23a6_1", subdir));
        packages.push(library("libopenblas", "0.3.29", "h94d23a6_0", subdir));
    }
    packages
}

/// A library with the links that go with it.
fn library(name: &str, version: &str, build: &str, subdir: Subdir) -> Package {
    let stem = if name.starts_with("lib") {
        name.to_owned()
    } else {
        format!("lib{name}")
    };
    let package = Package::native(name, version, build, subdir);
    let body = Body::Binary(format!("\x7f{stem} {version}\0").into_bytes());
    if subdir.is_windows() {
        return package.entry(format!("Library/bin/{name}.dll"), body);
    }
    let extension = if subdir.is_mac() { "dylib" } else { "so" };
    let full = format!("{stem}.{extension}.{version}");
    package
        .entry(format!("lib/{full}"), body)
        .entry(format!("lib/{stem}.{extension}"), Body::Link(full))
        .text(
            format!("lib/pkgconfig/{name}.pc"),
            format!("prefix={PLACEHOLDER}\nName: {name}\nVersion: {version}\nLibs: -L${{prefix}}/lib\n"),
        )
}

fn openssl(version: &str, subdir: Subdir) -> Package {
    let package = Package::native("openssl", version, "h7b32b05_0", subdir).license("Apache-2.0");
    if subdir.is_windows() {
        return package.text("Library/ssl/openssl.cnf", "# made for practice\r\n");
    }
    let extension = if subdir.is_mac() { "dylib" } else { "so" };
    package
        .program(
            "bin/openssl",
            format!("#!/bin/sh\n# made for practice, in {PLACEHOLDER}\necho 'OpenSSL {version}'\n"),
        )
        .entry(
            format!("lib/libcrypto.{extension}.3"),
            library_with_prefix("OPENSSLDIR", version),
        )
        .entry(
            format!("lib/libcrypto.{extension}"),
            Body::Link(format!("libcrypto.{extension}.3")),
        )
        .text("ssl/openssl.cnf", format!("dir = {PLACEHOLDER}/ssl\n"))
}
