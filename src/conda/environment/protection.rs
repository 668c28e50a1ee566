//! What stands against changing an environment.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{folders, history, meta};
use crate::edit::file;

/// What somebody wants to do to an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Install, update or remove packages in it.
    ChangePackages,
    /// Give it another name or place.
    Rename,
    /// Remove it whole.
    Remove,
}

/// Something that stands against changing an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Protection {
    /// conda itself runs from it.
    Base,
    /// A program of it is running.
    Running { program: String, process: u32 },
    /// `conda-meta/frozen` is there (CEP 22), with the reason that it gives.
    Frozen { message: Option<String> },
    /// This account may not write there.
    ReadOnly { path: PathBuf },
    /// It is active where Sextant was started.
    Active,
    /// conda's setting `default_activation_env` names it.
    ActivatedByDefault,
}

impl Protection {
    /// Whether it forbids what is wanted; see [`Protection::can_be_overridden`].
    pub fn forbids(&self, intent: Intent) -> bool {
        match self {
            // conda takes packages into its base too; but it stays where it is.
            Self::Base | Self::Active | Self::ActivatedByDefault => intent != Intent::ChangePackages,
            Self::Running { .. } | Self::Frozen { .. } | Self::ReadOnly { .. } => true,
        }
    }

    /// Whether the person may say that it is to be done nevertheless. CEP 22: a tool should offer that, and never do it by
    /// itself.
    pub fn can_be_overridden(&self) -> bool {
        matches!(self, Self::Frozen { .. } | Self::Running { .. })
    }

    /// In words, to stand behind "cannot be changed: ".
    pub fn reason(&self) -> String {
        match self {
            Self::Base => "conda itself runs from it".to_owned(),
            Self::Running { program, process } => format!("{program} of it is running (process {process})"),
            Self::Frozen {
                message: Some(message),
            } => format!("it is frozen: {message}"),
            Self::Frozen { message: None } => {
                "it is frozen: whoever made it wants it to stay as it is".to_owned()
            }
            Self::ReadOnly { path } => format!("this account may not write {}", path.display()),
            Self::Active => "it is active in the terminal that Sextant was started from".to_owned(),
            Self::ActivatedByDefault => {
                "it is the one that new terminals begin in (default_activation_env)".to_owned()
            }
        }
    }

    pub fn remedy(&self, prefix: &Path) -> String {
        match self {
            Self::Base => "make another environment: sextant env create".to_owned(),
            Self::Running { .. } => "end that program first".to_owned(),
            Self::Frozen { .. } => format!(
                "say that it is to be changed nevertheless (--override-protection), or remove {}",
                frozen(prefix).display()
            ),
            Self::ReadOnly { path } => format!("check who owns it: ls -ld {}", path.display()),
            Self::Active => {
                "start Sextant from elsewhere, or deactivate it there: conda deactivate".to_owned()
            }
            Self::ActivatedByDefault => {
                "name another one first: sextant config set conda default_activation_env base".to_owned()
            }
        }
    }
}

/// The marker of CEP 22.
fn frozen(prefix: &Path) -> PathBuf {
    meta(prefix).join("frozen")
}

/// What lies on the disk against changing an environment.
pub fn of(prefix: &Path, is_base: bool) -> Vec<Protection> {
    let mut protections = Vec::new();
    if is_base {
        protections.push(Protection::Base);
    }
    if frozen(prefix).is_file() {
        protections.push(Protection::Frozen {
            message: message(prefix),
        });
    }
    // conda's own test.
    if folders::is_environment(prefix) && !folders::is_writable_environment(prefix) {
        protections.push(Protection::ReadOnly {
            path: history::path(prefix),
        });
    }
    protections
}

/// The reason that the marker gives: an object of JSON with the one key `message`.
fn message(prefix: &Path) -> Option<String> {
    let image = file::read(&frozen(prefix)).ok()??;
    let value: serde_json::Value = serde_json::from_slice(&image.bytes).ok()?;
    let message = value.get("message")?.as_str()?.trim();
    (!message.is_empty()).then(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::fixture::Machine;

    #[test]
    fn a_frozen_environment_says_why() {
        for (content, message) in [
            (
                r#"{"message": "A service runs here.\nHands off."}"#,
                Some("A service runs here.\nHands off."),
            ),
            ("", None),
            ("not json", None),
            (r#"{"message": 3}"#, None),
            (r#"{"message": " "}"#, None),
        ] {
            let machine = Machine::linux()
                .file("e/conda-meta/history", "")
                .file("e/conda-meta/frozen", content);
            let message = message.map(str::to_owned);
            assert_eq!(
                of(&machine.path("e"), false),
                [Protection::Frozen { message }],
                "{content}"
            );
        }
    }

    #[test]
    fn base_takes_packages_and_stays_where_it_is() {
        let intents = [Intent::ChangePackages, Intent::Rename, Intent::Remove];
        assert_eq!(
            intents.map(|intent| Protection::Base.forbids(intent)),
            [false, true, true]
        );
        let frozen = Protection::Frozen { message: None };
        assert!(intents.iter().all(|intent| frozen.forbids(*intent)));
        assert!(frozen.can_be_overridden() && !Protection::Base.can_be_overridden());
    }
}
