//! What a person should know about a change before it happens.

use std::path::{Path, PathBuf};

use crate::package::index::Stale;
use crate::package::solve::{self, GoesAlong, Note, Solved};
use crate::package::{PackageCache, Record};
use crate::service::plan::Warning;

/// What the solver noticed, and what changes more than it looks. `private` are the addresses of channels that a token or a
/// login opens.
pub(super) fn about(solved: &Solved, private: &[String]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let (along, rest): (Vec<&Note>, Vec<&Note>) = solved
        .notes
        .iter()
        .partition(|note| matches!(note, Note::GoesAlong { .. }));
    let (along, together) = match along.len() > MOST_ALONG {
        true => (Vec::new(), Some(all_along(&along))),
        false => (along, None),
    };
    warnings.extend(together);
    for note in along.into_iter().chain(rest) {
        warnings.push(match note {
            Note::GoesAlong { name, why } => Warning::new(match why {
                GoesAlong::Needs(removed) => format!("the package {name} is removed too, since it needs {removed}"),
                GoesAlong::Unneeded => format!("the package {name} is removed too, since nothing else needs it"),
                GoesAlong::DoesNotFit => format!("the package {name} is removed, since it does not go with the rest"),
            }),
            Note::Broken { name, needs } => Warning::with_remedy(
                format!("the package {name} needs {needs}, which was not there before either; it is left as it was"),
                format!("update it, or remove it: sextant remove {name}"),
            ),
            Note::Unmet { name, needs } => Warning::with_remedy(
                format!("the package {name} needs {needs}, which does not come with it"),
                "packages given by address bring nothing along: add what they need to the list",
            ),
            Note::Loosened { was, now } => Warning::new(format!(
                "what was asked for before gives way: {was} becomes {now}"
            )),
        });
    }
    for (before, after) in &solved.changed {
        warnings.extend(about_change(before, after, private));
    }
    warnings
}

/// More than so many packages that go along are told as one: their names are in the list of what is removed.
const MOST_ALONG: usize = 3;

fn all_along(along: &[&Note]) -> Warning {
    let why = |wanted: fn(&GoesAlong) -> bool| {
        let is_so = |note: &&&Note| matches!(note, Note::GoesAlong { why, .. } if wanted(why));
        along.iter().filter(is_so).count()
    };
    let parts = [
        (
            why(|why| matches!(why, GoesAlong::Needs(_))),
            "that need what is removed",
        ),
        (
            why(|why| matches!(why, GoesAlong::Unneeded)),
            "that nothing else needs",
        ),
        (
            why(|why| matches!(why, GoesAlong::DoesNotFit)),
            "that do not go with the rest",
        ),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    Warning::new(format!(
        "{} more packages are removed too: {}",
        along.len(),
        parts.join(", ")
    ))
}

/// An index that could not be asked after, so that an older one is used.
pub(super) fn outdated(stale: &Stale) -> Warning {
    let since = stale
        .index
        .checked
        .map(|checked| checked.strftime("%Y-%m-%d %H:%M UTC").to_string());
    Warning::with_remedy(
        format!(
            "the index of {}/{} is that of {}, since it could not be updated: {}",
            stale.index.channel.name,
            stale.index.subdir,
            since.as_deref().unwrap_or("an unknown time"),
            stale.error.reason
        ),
        "update it when the server can be reached: sextant index update",
    )
}

fn about_change(before: &Record, after: &Record, private: &[String]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let name = &before.name;
    if solve::is_older(&after.version, &before.version) {
        warnings.push(Warning::new(format!(
            "an older {name} comes: {} instead of {}",
            after.version, before.version
        )));
    }
    let minor = |version: &str| {
        version
            .splitn(3, '.')
            .take(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    if name == "python" && minor(&before.version) != minor(&after.version) {
        warnings.push(Warning::with_remedy(
            format!(
                "python becomes {} instead of {}: every package that is made for one python changes, and what pip has \
                 installed is no longer found",
                after.version, before.version
            ),
            "make another environment for the other python: sextant env create",
        ));
    }
    if before.channel.url != after.channel.url {
        let is_private = |record: &Record| private.contains(&record.channel.url);
        let (from, to) = (&before.channel.name, &after.channel.name);
        match (is_private(before), is_private(after)) {
            (true, false) => warnings.push(Warning::with_remedy(
                format!(
                    "the package {name} came from the private channel {from}, and would come from the public channel {to}"
                ),
                format!("if it is your organisation's own, ask for it with its channel: {from}::{name}"),
            )),
            (false, true) => warnings.push(Warning::new(format!(
                "the package {name} came from the public channel {from}, and would come from the private channel {to}"
            ))),
            _ => {}
        }
    }
    warnings
}

/// The packages with a script that conda would run before or after this change, as far as it can be known without unpacking.
pub(super) fn scripts(prefix: &Path, cache: &PackageCache, solved: &Solved) -> Vec<String> {
    let changed = solved.changed.iter().map(|(before, _)| before);
    let gone: Vec<_> = solved.removed.iter().chain(changed).collect();
    script_names(prefix, &gone, &solved.unpacked(cache))
}

/// `coming` are the packages that lie unpacked: name and folder.
fn script_names(prefix: &Path, gone: &[&Record], coming: &[(String, PathBuf)]) -> Vec<String> {
    let has = |folder: &Path, name: &str, when: &str| {
        let unix = folder.join("bin").join(format!(".{name}-{when}.sh"));
        let windows = folder.join("Scripts").join(format!(".{name}-{when}.bat"));
        unix.is_file() || windows.is_file()
    };
    let gone = gone.iter().map(|record| &record.name);
    let gone = gone.filter(|name| has(prefix, name, "pre-unlink"));
    let coming = coming
        .iter()
        .filter(|(name, folder)| has(folder, name, "post-link"));
    let coming = coming.map(|(name, _)| name);
    let mut names: Vec<_> = gone.chain(coming).cloned().collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Channel;

    fn record(name: &str, version: &str, channel: &str) -> Record {
        Record {
            name: name.to_owned(),
            version: version.to_owned(),
            build: "0".to_owned(),
            build_number: 0,
            channel: Channel {
                name: channel.to_owned(),
                url: format!("https://h/{channel}"),
            },
            subdir: "linux-64".to_owned(),
            file_name: format!("{name}-{version}-0.conda"),
            size: None,
            license: None,
            depends: Vec::new(),
            constrains: Vec::new(),
            timestamp: None,
        }
    }

    fn told(name: &str, before: (&str, &str), after: (&str, &str)) -> Vec<String> {
        let private = ["https://h/own".to_owned()];
        let warnings = about_change(
            &record(name, before.0, before.1),
            &record(name, after.0, after.1),
            &private,
        );
        warnings.into_iter().map(|warning| warning.message).collect()
    }

    #[test]
    fn what_becomes_older_is_told() {
        assert_eq!(told("a", ("1.9", "c"), ("1.10", "c")), Vec::<String>::new());
        assert_eq!(
            told("a", ("1.10", "c"), ("1.9", "c")),
            ["an older a comes: 1.9 instead of 1.10"]
        );
    }

    #[test]
    fn another_python_is_told() {
        assert_eq!(told("python", ("3.11.1", "c"), ("3.11.9", "c")).len(), 0);
        assert!(
            told("python", ("3.11.1", "c"), ("3.12.0", "c"))[0]
                .starts_with("python becomes 3.12.0 instead of 3.11.1")
        );
    }

    #[test]
    fn a_private_package_that_would_come_from_elsewhere_is_told() {
        assert_eq!(
            told("a", ("1", "own"), ("2", "public")),
            [
                "the package a came from the private channel own, and would come from the public channel public"
            ]
        );
        assert_eq!(
            told("a", ("1", "public"), ("2", "own")),
            [
                "the package a came from the public channel public, and would come from the private channel own"
            ]
        );
        assert_eq!(told("a", ("1", "public"), ("2", "other")), Vec::<String>::new());
    }

    #[test]
    fn scripts_are_found_where_they_lie() {
        let folder = tempfile::tempdir().unwrap();
        let (prefix, cache) = (folder.path().join("env"), folder.path().join("pkgs"));
        let write = |path: PathBuf| {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        write(prefix.join("bin/.old-pre-unlink.sh"));
        write(cache.join("new-1-0/bin/.new-post-link.sh"));
        let (old, kept) = (record("old", "1", "c"), record("kept", "1", "c"));
        let unpacked = |name: &str| (name.to_owned(), cache.join(format!("{name}-1-0")));
        let found = script_names(&prefix, &[&old, &kept], &[unpacked("new"), unpacked("plain")]);
        assert_eq!(found, ["new", "old"]);
    }
}
