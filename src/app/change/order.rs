//! What is to be changed, what carries it out, and what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::edit::history::Entry;
use crate::error::Problem;
use crate::package::transaction::Outcome;
use crate::screen::packages::change::{Offered, Subject};
use crate::service::environments::NewEnvironmentPlan;
use crate::service::packages::back::Earlier;
use crate::service::packages::change::{Preview, Updates, Wanted};
use crate::service::packages::history::PackagesBack;
use crate::service::packages::plan::ChangePlan;
use crate::service::plan::{Warning, short_path};

/// What carries a change out.
#[derive(Debug, Clone)]
pub enum Planned {
    /// Of an environment that is there.
    Packages(Arc<ChangePlan>),
    New(Arc<NewEnvironmentPlan>),
}

impl Planned {
    pub(super) fn preview(&self) -> &Preview {
        match self {
            Self::Packages(plan) => &plan.preview,
            Self::New(plan) => &plan.change.preview,
        }
    }

    /// What the person is to see of it.
    pub(super) fn offered(&self) -> Offered {
        match self {
            Self::Packages(plan) => plan.preview.clone().into(),
            Self::New(plan) => {
                let mut preview = plan.change.preview.clone();
                // What pip is for has a tick of its own.
                let pip = plan.pip.join(", ");
                let is_about_pip = |warning: &Warning| !pip.is_empty() && warning.message.ends_with(&pip);
                let warnings = plan.warnings.iter().filter(|warning| !is_about_pip(warning));
                preview.warnings.extend(warnings.cloned());
                Offered {
                    preview,
                    pip: plan.pip.clone(),
                }
            }
        }
    }
}

/// What is to be changed.
#[derive(Debug, Clone)]
pub(in crate::app) enum Order {
    /// Packages of an environment.
    Packages {
        prefix: PathBuf,
        label: String,
        wanted: Wanted,
        is_overridden: bool,
    },
    /// A new environment of this name with these packages.
    Create {
        name: String,
        prefix: PathBuf,
        specs: Vec<String>,
    },
    /// A copy of this environment.
    Clone {
        of: PathBuf,
        label: String,
        name: String,
    },
    /// A new environment of this name, as a file tells.
    Import { name: String, file: PathBuf },
    /// Back to what an environment held before.
    Back(Arc<Reversal>),
}

/// What undoing a change of packages means: the environment gets back what it held.
#[derive(Debug, Clone)]
pub struct Reversal {
    pub(super) label: String,
    pub(super) earlier: Earlier,
    /// Its entry in the history, where it has one.
    pub(super) undoes: Option<Entry>,
}

impl From<PackagesBack> for Reversal {
    fn from(back: PackagesBack) -> Self {
        Self {
            label: back.label,
            earlier: back.earlier,
            undoes: Some(back.entry),
        }
    }
}

/// A change that has happened.
#[derive(Debug, Clone)]
pub struct Changed {
    pub(super) outcome: Outcome,
    pub(super) undoing: Undoing,
    /// Why pip did not install what it was to install.
    pub(super) pip: Option<Problem>,
}

/// How a change is undone.
#[derive(Debug, Clone)]
pub(super) enum Undoing {
    /// The environment was made; its entry in the history.
    Entry(Option<Entry>),
    Back {
        earlier: Box<Earlier>,
        entry: Option<Entry>,
    },
}

impl Order {
    pub(super) fn subject(&self, home: &Path) -> Subject {
        match self {
            Self::Packages { label, .. } => Subject::Packages {
                environment: label.clone(),
            },
            Self::Create { name, .. } => Subject::Create { name: name.clone() },
            Self::Clone { label, name, .. } => Subject::Clone {
                of: label.clone(),
                name: name.clone(),
            },
            Self::Import { name, file } => Subject::Import {
                name: name.clone(),
                file: short_path(file, home),
            },
            Self::Back(reversal) => Subject::Back {
                environment: reversal.label.clone(),
            },
        }
    }

    pub(super) fn label(&self) -> &str {
        match self {
            Self::Packages { label, .. } => label,
            Self::Back(reversal) => &reversal.label,
            Self::Create { name, .. } | Self::Clone { name, .. } | Self::Import { name, .. } => name,
        }
    }

    /// The work in the status line.
    pub(super) fn work(&self) -> String {
        match self {
            Self::Create { name, .. } | Self::Import { name, .. } => format!("Creating {name}"),
            Self::Clone { label, .. } => format!("Cloning {label}"),
            _ => format!("Changing {}", self.label()),
        }
    }

    /// What was done, for the toast.
    pub(super) fn done(&self) -> String {
        match self {
            Self::Packages { label, .. } => format!("{label} is changed"),
            Self::Create { name, .. } | Self::Clone { name, .. } | Self::Import { name, .. } => {
                format!("{name} is created")
            }
            Self::Back(reversal) => format!("{} holds again what it held before", reversal.label),
        }
    }

    /// The same by the command line, for conda's history of the environment.
    pub(super) fn command(&self, prefix: &Path) -> String {
        let place = format!("-p {}", prefix.display());
        let with = |verb: &str, words: &[String]| {
            (!words.is_empty()).then(|| format!("sextant {verb} {place} {}", words.join(" ")))
        };
        match self {
            Self::Create { specs, .. } => format!("sextant env create {place} {}", specs.join(" ")),
            Self::Clone { of, .. } => format!("sextant env clone -p {} {}", of.display(), prefix.display()),
            Self::Import { file, .. } => format!("sextant env import {} {place}", file.display()),
            Self::Back(reversal) => match &reversal.undoes {
                Some(entry) => format!("sextant undo {}", entry.id),
                None => format!("sextant (undo) {place}"),
            },
            Self::Packages { wanted, .. } => {
                let update = match &wanted.update {
                    Updates::Nothing => None,
                    Updates::Packages(names) => with("update", names),
                    Updates::Everything => Some(format!("sextant update {place} --all")),
                };
                let parts = [
                    with("install", &wanted.install),
                    update,
                    with("remove", &wanted.remove),
                ];
                parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
            }
        }
    }
}
