//! Changes of packages in Sextant's history, each with what the environment held before it, so that it can be undone like
//! every other change.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::apply::Consent;
use super::back::Earlier;
use super::change::{ChangeProgress, Preview};
use super::plan::ChangePlan;
use crate::conda::environment::folders;
use crate::conda::environment::history::RequestedSpec;
use crate::conda::environment::match_spec::MatchSpec;
use crate::edit::file::{self, PRIVATE};
use crate::edit::history::Entry;
use crate::edit::lock::Lock;
use crate::edit::transaction::FileWrite;
use crate::error::{Explain, Problem};
use crate::package::solve::Installed;
use crate::package::transaction::Outcome;
use crate::service::commit::Filling;
use crate::service::environments::WhichEnvironment;
use crate::service::plan::{Plan, short_path};
use crate::service::recover::{Outcome as Recovery, Recovered};
use crate::service::under_way::Held;
use crate::service::undo::Undoable;
use crate::service::{ServiceError, Services, blocking};

/// The kind of history entry.
pub(crate) const KIND: &str = "packages";

/// Where the notes of changes that are under way lie.
const UNDER_WAY: &str = "changing-packages";

/// A change of packages that has happened.
#[derive(Debug, Clone)]
pub struct ChangedPackages {
    pub outcome: Outcome,
    /// Its entry in the history; none where nothing had to change, or where it could not be written, which the outcome's
    /// problems tell.
    pub entry: Option<Entry>,
    /// What the environment held before.
    pub earlier: Earlier,
}

/// The way back from a change of packages.
#[derive(Debug, Clone)]
pub struct PackagesBack {
    /// The entry that is undone.
    pub entry: Entry,
    pub earlier: Earlier,
    /// The environment, as a person calls it.
    pub label: String,
    pub change: ChangePlan,
    /// What the history will call it, and warnings.
    pub plan: Plan,
}

/// A change that is under way.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// Of its entry in the history.
    id: String,
    what: String,
    undoes: Option<String>,
    kept: Kept,
}

/// What is kept of an environment before a change.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    prefix: PathBuf,
    /// Package names and conda's spelling of what was asked for.
    requested: Vec<(String, String)>,
    installed: Value,
}

impl Services {
    /// [`Services::apply_change`] of an environment that is there, with an entry in the history. `undoes` is the entry that it
    /// takes back.
    ///
    /// # Errors
    /// As [`Services::apply_change`]; what cannot be read of the environment. It is as before then.
    pub async fn change_packages<E>(
        &self,
        plan: &ChangePlan,
        consent: &Consent,
        undoes: Option<&Entry>,
        progress: impl FnMut(ChangeProgress),
        stop: impl Future<Output = Result<(), E>>,
    ) -> Result<ChangedPackages, ServiceError> {
        let preview = &plan.preview;
        let earlier = self.remember_environment(&preview.prefix)?;
        let note = Note {
            id: self.new_id(),
            what: match undoes {
                Some(undone) => format!("Undid: {}", undone.what),
                None => what(preview, &asked_for(plan), &self.called(&preview.prefix)),
            },
            undoes: undoes.map(|entry| entry.id.clone()),
            kept: Kept::of(&earlier),
        };
        let id = note.id.clone();
        let held = blocking(|| self.hold_note(UNDER_WAY, &id, note))?;
        let outcome = self.apply_change(plan, consent, progress, stop).await;
        let is_changed = outcome
            .as_ref()
            .is_ok_and(|outcome| !(outcome.gone.is_empty() && outcome.linked.is_empty()));
        if !is_changed {
            blocking(|| self.forget_note(held))?;
            return outcome.map(|outcome| ChangedPackages {
                outcome,
                entry: None,
                earlier,
            });
        }
        let mut outcome = outcome?;
        let recorded = match self.turn().await {
            Ok(lock) => blocking(|| {
                let entry = self.record_packages(&held.note, &lock)?;
                self.forget_note(held)?;
                Ok(entry)
            }),
            // The note stays for whoever is at work.
            Err(error) => Err(error),
        };
        let entry = recorded
            .map_err(|error| outcome.problems.push(not_recorded(&error.explain())))
            .ok();
        Ok(ChangedPackages {
            outcome,
            entry,
            earlier,
        })
    }

    /// The entry in the history, and what undoing it needs. Doing it again does no harm.
    fn record_packages(&self, note: &Note, _lock: &Lock) -> Result<Entry, ServiceError> {
        let id = &note.id;
        if let Some(entry) = self.entries()?.into_iter().find(|entry| entry.id == *id) {
            return Ok(entry);
        }
        let kind = match note.undoes {
            Some(_) => "undo",
            None => KIND,
        };
        let plan = Plan::new(kind, note.what.clone());
        let begun = self.begin_transaction(id, &plan.what, Vec::new())?;
        let filling = Filling {
            undoes: note.undoes.clone(),
            ..Filling::default()
        };
        let prepared = self.prepare(id, &plan, &filling).and_then(|mut prepared| {
            let kept = serde_json::to_vec(&note.kept);
            prepared.writes.push(FileWrite {
                path: self.kept_packages(id),
                before: None,
                after: Some(kept.map_err(|error| ServiceError::Internal(error.to_string()))?),
                new_mode: PRIVATE,
                mode: None,
            });
            Ok(prepared)
        });
        let (_, entry) = self.carry_out(begun, prepared)?;
        self.forget_old_packages();
        Ok(entry)
    }

    /// Finishes the entries of changes during which somebody killed the program.
    ///
    /// Errors: file errors; it is tried again next time.
    pub(crate) fn recover_packages_history(&self, lock: &Lock) -> Result<Vec<Recovered>, ServiceError> {
        let abandoned: Vec<Held<Note>> = self.abandoned_notes(UNDER_WAY)?;
        let mut recovered = Vec::new();
        if abandoned.is_empty() {
            return Ok(recovered);
        }
        self.recover_environments();
        let stuck = self.unfinished_environments();
        for held in abandoned {
            let kept = &held.note.kept;
            if stuck.contains(&kept.prefix) {
                continue;
            }
            let is_changed =
                Installed::read(&kept.prefix).is_ok_and(|present| present.to_json() != kept.installed);
            if is_changed {
                self.record_packages(&held.note, lock)?;
            }
            recovered.push(Recovered {
                what: held.note.what.clone(),
                outcome: match is_changed {
                    true => Recovery::Finished,
                    false => Recovery::RolledBack,
                },
                left_alone: Vec::new(),
            });
            self.forget_note(held)?;
        }
        Ok(recovered)
    }

    /// Whether a kill has left an entry to finish.
    pub(crate) fn has_abandoned_packages(&self) -> bool {
        let abandoned = self.abandoned_notes::<Note>(UNDER_WAY);
        abandoned.is_ok_and(|abandoned| !abandoned.is_empty())
    }

    /// Drops what belongs to entries that the history has dropped.
    fn forget_old_packages(&self) {
        let Ok(entries) = self.entries() else {
            return;
        };
        let folder = self.locations().data.join("packages");
        for kept in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = kept.path();
            let id = path.file_stem().map(|id| id.to_string_lossy().into_owned());
            if !entries.iter().any(|entry| Some(&entry.id) == id.as_ref()) {
                // It is tried again at the next change.
                let _ = file::remove(&path);
            }
        }
    }

    fn kept_packages(&self, id: &str) -> PathBuf {
        self.locations().data.join("packages").join(format!("{id}.json"))
    }

    /// What the environment held before the change of this entry; nothing where it is not kept any more.
    fn packages_before(&self, id: &str) -> Result<Option<Earlier>, ServiceError> {
        let image = file::read(&self.kept_packages(id))?;
        let kept = image.and_then(|image| serde_json::from_slice::<Kept>(&image.bytes).ok());
        Ok(kept.and_then(Kept::into_earlier))
    }

    /// Whether a change of packages can be undone, as far as the disk tells.
    pub(crate) fn packages_undoable(&self, entry: &Entry) -> Undoable {
        let no = |reason: &str, remedy: &str| Undoable::No {
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        };
        match blocking(|| self.packages_before(&entry.id)) {
            Ok(Some(earlier)) if folders::is_environment(earlier.prefix()) => Undoable::Yes,
            Ok(Some(_)) => no(
                "the environment is not there any more",
                "see what there is: sextant env list",
            ),
            Ok(None) | Err(_) => no(
                "what the environment held before is kept nowhere",
                "see what it holds: sextant packages",
            ),
        }
    }

    /// The way back to what the environment held before the change of this entry.
    pub(crate) fn plan_undo_of_packages(&self, entry: Entry) -> Result<PackagesBack, ServiceError> {
        let earlier = self.packages_before(&entry.id)?;
        let earlier = earlier.ok_or(ServiceError::NothingToUndo)?;
        let change = self.plan_earlier(&earlier)?;
        let mut plan = Plan::new("undo", format!("Undid: {}", entry.what));
        plan.warnings.clone_from(&change.preview.warnings);
        Ok(PackagesBack {
            label: self.called(earlier.prefix()),
            entry,
            earlier,
            change,
            plan,
        })
    }

    /// The name of an environment, or its folder.
    fn called(&self, prefix: &Path) -> String {
        let found = self.environment(&WhichEnvironment::At(prefix.to_owned()));
        let name = found.ok().and_then(|environment| environment.name);
        name.unwrap_or_else(|| short_path(prefix, &self.locations().home))
    }
}

impl Kept {
    fn of(earlier: &Earlier) -> Self {
        let spelled = |spec: &RequestedSpec| (spec.name.clone(), spec.spec.clone());
        Self {
            prefix: earlier.prefix.clone(),
            requested: earlier.requested.iter().map(spelled).collect(),
            installed: earlier.installed.to_json(),
        }
    }

    fn into_earlier(self) -> Option<Earlier> {
        let requested = self.requested.into_iter();
        Some(Earlier {
            prefix: self.prefix,
            installed: Installed::from_json(self.installed)?,
            requested: requested
                .map(|(name, spec)| RequestedSpec { name, spec })
                .collect(),
        })
    }
}

/// The packages that the person named.
fn asked_for(plan: &ChangePlan) -> BTreeSet<String> {
    let history = &plan.solution.history;
    let specs = history.update.iter().chain(&history.remove);
    specs
        .map(|spec| MatchSpec::parse(spec).name().to_owned())
        .collect()
}

/// A change in a sentence: `In work: installed scipy`. What was asked for stands in front of what goes along.
fn what(preview: &Preview, asked_for: &BTreeSet<String>, environment: &str) -> String {
    let names = |mut names: Vec<&str>| {
        names.sort_by_key(|name| !asked_for.contains(*name));
        match names.as_slice() {
            [first, second, third, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second}, {third} and {} more", rest.len())
            }
            few => few.join(", "),
        }
    };
    let added: Vec<&str> = preview.added.iter().map(|record| record.name.as_str()).collect();
    let changed: Vec<&str> = preview
        .changed
        .iter()
        .map(|(_, after)| after.name.as_str())
        .collect();
    let removed: Vec<&str> = preview
        .removed
        .iter()
        .map(|record| record.name.as_str())
        .collect();
    let parts: Vec<String> = [("installed", added), ("changed", changed), ("removed", removed)]
        .into_iter()
        .filter(|(_, packages)| !packages.is_empty())
        .map(|(verb, packages)| format!("{verb} {}", names(packages)))
        .collect();
    format!("In {environment}: {}", parts.join("; "))
}

fn not_recorded(problem: &Problem) -> Problem {
    let reason = match &problem.cause {
        Some(cause) => format!("{}: {cause}", problem.message),
        None => problem.message.clone(),
    };
    Problem::new(
        problem.kind,
        "the packages are changed, but Sextant's history could not take note of it",
    )
    .because(reason)
    .remedy("conda can take it back: conda list --revisions, then conda install --revision")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{Channel, Record};

    fn record(name: &str) -> Record {
        Record {
            name: name.to_owned(),
            version: "1.0".to_owned(),
            build: "0".to_owned(),
            channel: Channel {
                name: "main".to_owned(),
                url: "https://h/main".to_owned(),
            },
            build_number: 0,
            subdir: "noarch".to_owned(),
            file_name: format!("{name}-1.0-0.conda"),
            size: None,
            license: None,
            depends: Vec::new(),
            constrains: Vec::new(),
            timestamp: None,
        }
    }

    #[test]
    fn a_change_reads_as_a_person_says_it() {
        let asked_for = BTreeSet::from(["e".to_owned()]);
        let mut preview = Preview {
            prefix: "/envs/work".into(),
            added: vec![record("scipy")],
            changed: Vec::new(),
            removed: Vec::new(),
            bytes_to_download: 0,
            scripts: Vec::new(),
            warnings: Vec::new(),
        };
        assert_eq!(what(&preview, &asked_for, "work"), "In work: installed scipy");
        // What was asked for is named even where much goes along.
        preview.added = ["a", "b", "c", "d", "e"].map(record).into();
        preview.changed = vec![(record("x"), record("x"))];
        preview.removed = vec![record("y"), record("z")];
        assert_eq!(
            what(&preview, &asked_for, "work"),
            "In work: installed e, a, b and 2 more; changed x; removed y, z"
        );
    }
}
