//! `sextant packages`.

use serde_json::{Value, json};

use super::Asked;
use super::arguments::{Packages, PackagesCommand, Target};
use super::change::table;
use super::progress::counted;
use super::target::environment;
use super::tree::tree;
use crate::conda::environment::{Installed, InstalledPackage};
use crate::error::{Kind, Problem};
use crate::service::packages::tree::Question;
use crate::service::plan::Warning;

pub(super) fn packages(asked: &Asked<'_>, words: Packages) -> Result<(), Problem> {
    match (words.target, words.command) {
        (_, Some(PackagesCommand::Why(words))) => tree(asked, &words, Question::Why),
        (_, Some(PackagesCommand::Needs(words))) => tree(asked, &words, Question::Needs),
        (_, Some(PackagesCommand::NeededBy(words))) => tree(asked, &words, Question::NeededBy),
        (Some(target), None) => list(asked, &target),
        (None, None) => Err(Problem::new(Kind::Usage, "which environment is meant?")
            .remedy("name it with -n NAME or -p PREFIX")),
    }
}

fn list(asked: &Asked<'_>, target: &Target) -> Result<(), Problem> {
    let environment = environment(asked, target)?;
    let installed = asked.services.installed(&environment.prefix)?;
    asked.output.warn(&damaged(&installed));
    asked.output.answer(
        || {
            let packages: Vec<Value> = installed.packages.iter().map(package_json).collect();
            json!({"prefix": environment.prefix, "packages": packages})
        },
        || {
            let rows: Vec<_> = installed.packages.iter().map(row).collect();
            let mut text = table(&rows);
            text.push_str(&counted(rows.len(), "package"));
            text
        },
    );
    Ok(())
}

fn package_json(package: &InstalledPackage) -> Value {
    json!({
        "name": package.name,
        "version": package.version,
        "build": package.build,
        "channel": package.channel,
        "subdir": package.subdir,
        "requested": !package.requested_specs.is_empty(),
    })
}

fn row(package: &InstalledPackage) -> [String; 4] {
    [&package.name, &package.version, &package.build, &package.channel].map(Clone::clone)
}

fn damaged(installed: &Installed) -> Vec<Warning> {
    let warning = |(path, reason): &(std::path::PathBuf, String)| {
        Warning::new(format!("{} cannot be read: {reason}", path.display()))
    };
    installed.damaged.iter().map(warning).collect()
}
