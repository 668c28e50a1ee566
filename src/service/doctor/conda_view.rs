//! What conda makes of its files: whether it can read them, whether its channels are the chosen ones and lead to the
//! server, whether it uses stored tokens, and whether a list of allowed or denied channels is in the way.

use std::path::PathBuf;

use super::check::{Finding, Kind, Outcome};
use super::files::mend_of_conda;
use super::remedy::Remedy;
use super::run::{Desk, Job};
use crate::conda::channel::{ChannelEntry, ChannelUrl};
use crate::conda::condarc::{ChannelChoice, Condarc};
use crate::conda::configuration::{Configuration, Note, Origin};
use crate::conda::search_path::Scope;
use crate::conda::setting::Key;
use crate::conda::warnings::{Goal, Warning, warnings};
use crate::conda::{Flaw, Reaction};
use crate::edit::file;
use crate::error::Explain;

pub(super) fn jobs() -> Vec<Job> {
    vec![
        Job::local(Kind::CondaFiles, files),
        Job::local(Kind::CondaChannels, channels),
        Job::local(Kind::CondaToken, |desk| token(&desk.world.configuration)),
        Job::local(Kind::CondaLists, lists),
    ]
}

fn files(desk: &Desk) -> Finding {
    let configuration = &desk.world.configuration;
    let notes = configuration.notes();
    let ignored = configuration.ignored_condarc().cloned();
    let count = configuration
        .sources()
        .filter(|source| source.path().is_some())
        .count();
    if notes.is_empty() && ignored.is_none() {
        return Finding::pass(match count {
            0 => "conda has no configuration file here".to_owned(),
            1 => "conda reads 1 file".to_owned(),
            count => format!("conda reads {count} files"),
        });
    }
    let stops = notes.iter().any(stops_conda);
    let ignored = ignored.map(|ignored| Warning::CondarcIgnored { ignored }.to_string());
    let told: Vec<(Outcome, String)> = notes
        .iter()
        .map(|note| {
            let outcome = if stops_conda(note) {
                Outcome::Fail
            } else {
                Outcome::Warn
            };
            (outcome, note.to_string())
        })
        .chain(ignored.map(|words| (Outcome::Warn, words)))
        .collect();
    let finding = if stops {
        Finding::fail("conda stops at a file")
    } else {
        Finding::warn("conda ignores a file")
    };
    let fix = notes
        .iter()
        .filter_map(|note| note.origin.path())
        .find_map(|path| mend_of_conda(&desk.services, path));
    let finding = finding.fixed_by(fix).remedy(
        "correct the line, or bring back an earlier version of the file from the history: sextant history",
    );
    match told.as_slice() {
        [(_, only)] => finding.because(only.clone()),
        _ => told
            .into_iter()
            .fold(finding, |finding, (outcome, words)| finding.with(outcome, words)),
    }
}

fn stops_conda(note: &Note) -> bool {
    !matches!(
        note.flaw,
        Flaw::Broken {
            reaction: Reaction::Ignores | Reaction::Unknown,
            ..
        }
    )
}

fn token(configuration: &Configuration) -> Finding {
    let switch = configuration.explain(Key::AddAnacondaToken);
    if switch.value.as_switch() != Some(false) {
        return Finding::pass("conda sends stored tokens");
    }
    let origin = switch.decided_by().map(|source| source.origin.clone());
    let place = origin.as_ref().map_or_else(String::new, Origin::to_string);
    let own = origin.as_ref().and_then(own_file);
    Finding::fail("conda does not send the stored token")
        .because(format!("{place} sets add_anaconda_token to false"))
        .remedy("set it to true, or take the line out")
        .fixed_by(own.map(|path| Remedy::UseStoredTokens { path }))
}

/// The file of an origin, if it is the person's to change.
fn own_file(origin: &Origin) -> Option<PathBuf> {
    match origin {
        Origin::File {
            path,
            scope: Scope::Person | Scope::Named,
            ..
        } => Some(path.clone()),
        _ => None,
    }
}

fn channels(desk: &Desk) -> Finding {
    let found = match found(desk) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let relevant = found.warnings.iter().filter(|warning| {
        matches!(
            warning,
            Warning::FileNotRead { .. }
                | Warning::Overridden { .. }
                | Warning::Locked { .. }
                | Warning::Added { .. }
                | Warning::DefaultsReplaced { .. }
                | Warning::NameTaken { .. }
        )
    });
    let told: Vec<String> = relevant.map(ToString::to_string).collect();
    let path = desk.world.short(&found.path);
    if told.is_empty() {
        return Finding::pass(match (&found.host, found.exists) {
            (Some(host), _) => format!("conda follows {path}, and names of channels lead to {host}"),
            (None, true) => format!("conda follows {path}"),
            (None, false) => "there is no file of yours; conda follows those of the machine".to_owned(),
        });
    }
    let leads_elsewhere = found.host.is_some()
        && found.warnings.iter().any(|warning| {
            matches!(
                warning,
                Warning::Overridden {
                    key: Key::ChannelAlias,
                    ..
                } | Warning::Locked {
                    key: Key::ChannelAlias,
                    ..
                }
            )
        });
    let finding = if leads_elsewhere {
        Finding::fail("names of channels do not lead to the server")
    } else {
        Finding::warn(format!("conda does not search just what {path} says"))
    };
    several(finding, told).remedy("see where each setting comes from: sextant config explain channels")
}

fn lists(desk: &Desk) -> Finding {
    let found = match found(desk) {
        Ok(found) => found,
        Err(finding) => return *finding,
    };
    let relevant = found
        .warnings
        .iter()
        .filter(|warning| matches!(warning, Warning::Denied { .. } | Warning::NotAllowed { .. }));
    let told: Vec<String> = relevant.map(ToString::to_string).collect();
    if told.is_empty() {
        return Finding::pass("conda may search every channel that is chosen");
    }
    several(Finding::fail("conda refuses a channel that is chosen"), told)
        .remedy("ask the administrator of this computer to allow it, or take the channel out")
}

/// One reason as the cause, several one below the other.
fn several(finding: Finding, told: Vec<String>) -> Finding {
    match <[String; 1]>::try_from(told) {
        Ok([only]) => finding.because(only),
        Err(told) => told
            .into_iter()
            .fold(finding, |finding, words| finding.with(Outcome::Warn, words)),
    }
}

/// What keeps the person's `.condarc` from having its effect.
struct FoundWarnings {
    path: PathBuf,
    /// The server to which names of channels should lead.
    host: Option<String>,
    exists: bool,
    warnings: Vec<Warning>,
}

fn found(desk: &Desk) -> Result<FoundWarnings, Box<Finding>> {
    let services = &desk.services;
    let configuration = &desk.world.configuration;
    let failed = |error: &dyn Explain| Box::new(Finding::of_problem(Outcome::Fail, error.explain()));
    let path = services.condarc_path().map_err(|error| failed(&error))?;
    let bytes = file::read(&path).map_err(|error| failed(&error))?;
    let exists = bytes.is_some();
    let bytes = bytes.map(|image| image.bytes).unwrap_or_default();
    let choice = Condarc::parse(&bytes)
        .and_then(|condarc| Ok((condarc.channels()?, condarc.default_channels()?)))
        .map_err(|error| failed(&error))?;
    let target = desk
        .world
        .targets
        .iter()
        .find(|target| target.connection.is_some() && target.service.is_repository());
    let alias = target.and_then(|target| target.channel_alias(services));
    let effective = configuration.explain(Key::ChannelAlias).value;
    let effective = effective.as_text().map(|text| text.expose().to_owned());
    let wanted = alias
        .clone()
        .or(effective)
        .and_then(|text| ChannelUrl::parse(&text).ok());
    let Some(channel_alias) = wanted else {
        return Err(Box::new(
            Finding::fail("channel_alias is no address")
                .because("conda cannot tell where a channel is that is given by its name")
                .remedy("correct the line, or take it out"),
        ));
    };
    // Without a file of one's own, what conda searches is what is meant.
    let choice = if exists {
        ChannelChoice::new(choice.0, choice.1)
    } else {
        let items = configuration.explain(Key::Channels).value;
        let entries = items
            .items()
            .iter()
            .map(|text| ChannelEntry::from_text(text.expose()));
        ChannelChoice::new(entries.collect::<Vec<_>>(), Vec::new())
    };
    let mut all = warnings(
        configuration,
        &path,
        &Goal {
            channel_alias,
            choice,
        },
    );
    if !exists {
        all.retain(|warning| !matches!(warning, Warning::FileNotRead { .. }));
    }
    Ok(FoundWarnings {
        path,
        host: alias
            .and(target)
            .map(|target| target.domain.host_and_port().to_owned()),
        exists,
        warnings: all,
    })
}
