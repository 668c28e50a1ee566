//! Channels that mean harm or are broken. No list of channels names them; they are public.
//!
//! | channel | what is wrong there |
//! |---|---|
//! | `trouble-archives` | packages whose archives lead out of the prefix, or are none; their records are sound |
//! | `trouble-index` | an index in which sound records stand among broken ones |
//! | `trouble-large-<n>` | an index of so many records on one line; there are no files |

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::body::{Body as Answer, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::{Value, json};

use crate::practice::package::{Body, Flaw, PLATFORMS, Package, SUBDIRS};
use crate::practice::shelf::{Document, Shelf};

/// What every one of them would write, somewhere it must not.
const ESCAPED: &str = "this file lies where no package may write\n";

/// Each package has one fault, of which its name tells; each comes in both forms of archive.
pub(in crate::practice) static ARCHIVES: LazyLock<Shelf> = LazyLock::new(|| {
    let mut packages = Vec::new();
    for version in ["1.0.0", "2.0.0"] {
        let all = harmful(version).into_iter().chain(broken(version));
        packages.extend(all.map(|package| match version {
            "1.0.0" => package.tar_bz2(),
            _ => package,
        }));
    }
    for subdir in PLATFORMS {
        packages.push(
            Package::native("script-that-fails", "1.0.0", "0", subdir)
                .text("share/script-that-fails/there.txt", "there\n")
                .program(
                    "bin/.script-that-fails-post-link.sh",
                    "#!/bin/sh\necho 'the script gave up' >&2\nexit 3\n",
                ),
        );
    }
    Shelf::new(packages)
});

/// Archives that would put something outside the prefix, if they were believed.
fn harmful(version: &str) -> Vec<Package> {
    let new = |name: &str| Package::generic(name, version).text(format!("share/{name}/sound.txt"), "sound\n");
    let escaped = || Body::Text(ESCAPED.to_owned());
    vec![
        new("path-to-parent").entry("../../escaped.txt", escaped()),
        new("path-in-the-middle").entry("share/../../../escaped.txt", escaped()),
        new("path-from-root").entry("/tmp/sextant-practice-escaped.txt", escaped()),
        new("path-for-windows").entry("..\\..\\escaped.txt", escaped()),
        new("link-to-root").entry("share/out", Body::Link("/etc/hostname".to_owned())),
        new("link-to-parent").entry("share/out", Body::Link("../../../../escaped.txt".to_owned())),
        new("file-through-link")
            .entry("share/out", Body::Link("../../..".to_owned()))
            .entry("share/out/escaped.txt", escaped()),
        new("hard-link-out").entry("share/out", Body::HardLink("../../../../etc/hostname".to_owned())),
        new("unlisted-path").unlisted("../../escaped.txt", escaped()),
        new("info-from-outside").unlisted("info/../../escaped.txt", escaped()),
        Package::python("command-to-parent", version).entry_point("../../escaped = command_to_parent:main"),
        Package::python("module-to-parent", version)
            .entry("site-packages/../../../../../escaped.py", escaped()),
    ]
}

fn broken(version: &str) -> Vec<Package> {
    let new = |name: &str| Package::generic(name, version).text(format!("share/{name}/sound.txt"), "sound\n");
    vec![
        new("wrong-checksum").flawed(Flaw::WrongChecksum),
        new("half-an-archive").flawed(Flaw::HalfAnArchive),
        new("not-an-archive").flawed(Flaw::NotAnArchive),
        new("another-package").flawed(Flaw::AnotherPackage),
        new("no-info").flawed(Flaw::NoInfo),
    ]
}

/// An index with broken records among sound ones, of which there are two.
pub(in crate::practice) fn index(subdir: &str) -> Option<Document> {
    SUBDIRS.iter().find(|one| one.as_str() == subdir)?;
    let sound = |name: &str, version: &str| {
        json!({
            "build": "0", "build_number": 0, "depends": [], "md5": "0".repeat(32), "name": name,
            "sha256": "0".repeat(64), "size": 1_000, "subdir": subdir, "version": version,
        })
    };
    let with = |key: &str, value: Value| {
        let mut record = sound("broken", "1.0");
        record[key] = value;
        record
    };
    let without = |key: &str| {
        let mut record = sound("broken", "1.0");
        if let Some(entries) = record.as_object_mut() {
            entries.remove(key);
        }
        record
    };
    Some(Document::json(
        json!({
            "info": {"subdir": subdir},
            "packages": {
                "sound-1.0-0.tar.bz2": sound("sound", "1.0"),
                "no-name-1.0-0.tar.bz2": without("name"),
                "no-version-1.0-0.tar.bz2": without("version"),
                "odd-version-1.0-0.tar.bz2": with("version", json!("1..0!!")),
                "empty-version-1.0-0.tar.bz2": with("version", json!("")),
                "version-is-a-number-1.0-0.tar.bz2": with("version", json!(1.0)),
                "null-1.0-0.tar.bz2": Value::Null,
            },
            "packages.conda": {
                "sound-2.0-0.conda": sound("sound", "2.0"),
                "odd-name-1.0-0.conda": with("name", json!("../odd name")),
                "size-is-negative-1.0-0.conda": with("size", json!(-1)),
                "size-is-text-1.0-0.conda": with("size", json!("1000")),
                "odd-checksum-1.0-0.conda": with("sha256", json!("zz")),
                "odd-depends-1.0-0.conda": with("depends", json!(["python >=", "[[", 7])),
                "depends-is-text-1.0-0.conda": with("depends", json!("python")),
                "odd-time-1.0-0.conda": with("timestamp", json!(u64::MAX)),
                "../escaped-1.0-0.conda": sound("escaped", "1.0"),
                "not-a-package": sound("not-a-package", "1.0"),
                "list-1.0-0.conda": [],
            },
            "removed": null,
            "repodata_version": 1,
        })
        .to_string(),
    ))
}

/// A `repodata.json` of so many records on one line, made while it is sent.
pub(in crate::practice) fn large(subdir: &str, records: u64) -> Option<Response> {
    const AT_ONCE: u64 = 500;
    let subdir = SUBDIRS.iter().find(|one| one.as_str() == subdir)?.as_str();
    let begin =
        format!("{{\"info\": {{\"subdir\": \"{subdir}\"}}, \"packages\": {{}}, \"packages.conda\": {{");
    let end = "}, \"removed\": [], \"repodata_version\": 1}";
    let chunks = stream::unfold((0_u64, false), move |(written, ended)| {
        let mut chunk = if written == 0 && !ended {
            begin.clone()
        } else {
            String::new()
        };
        let until = records.min(written + AT_ONCE);
        for number in written..until {
            record(&mut chunk, subdir, number);
        }
        let last = until == records;
        if last && !ended {
            chunk.push_str(end);
        }
        async move { (!ended).then(|| (Ok::<_, Infallible>(Bytes::from(chunk)), (until, last))) }
    });
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    Some((content_type, Answer::from_stream(chunks)).into_response())
}

fn record(chunk: &mut String, subdir: &str, number: u64) {
    // Ten versions of each name, as channels have them.
    let (name, version) = (number / 10, number % 10);
    let comma = if number == 0 { "" } else { "," };
    // Writing to a string cannot fail.
    let _ = write!(
        chunk,
        "{comma}\"package-{name:06}-1.{version}.0-0.conda\": {{\"build\": \"0\", \"build_number\": 0, \"depends\": \
         [\"package-{:06} >=1.0\"], \"license\": \"MIT\", \"md5\": \"{number:032x}\", \"name\": \"package-{name:06}\", \
         \"sha256\": \"{number:064x}\", \"size\": {}, \"subdir\": \"{subdir}\", \"timestamp\": 1767225600000, \
         \"version\": \"1.{version}.0\"}}",
        name / 2,
        10_000 + number,
    );
}
