//! What this account may not do: shown as a difference, and as the command for somebody who may.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::holds_secret;
use crate::edit::diff::FileDiff;
use crate::locations::Platform;
use crate::service::plan::PlannedFile;

/// A change that takes the rights of an administrator, or that no file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByHand {
    /// What is changed, in a person's words where it is no file.
    pub what: String,
    pub path: Option<PathBuf>,
    pub diff: Option<FileDiff>,
    /// For a terminal; on Windows for PowerShell.
    pub command: String,
    /// It takes an administrator.
    pub needs_administrator: bool,
}

impl ByHand {
    /// A file. `words` are those of Sextant's command line that make the same change: they take the place of the content
    /// where that holds a secret.
    pub(super) fn file(planned: &PlannedFile, platform: Platform, words: &str) -> Self {
        let content = planned.after.as_deref().unwrap_or_default();
        let command = match (holds_secret(content), platform) {
            (true, Platform::Windows) => format!("sextant {words}"),
            (true, _) => format!("sudo sextant {words}"),
            (false, Platform::Windows) => in_powershell(&planned.path, content),
            (false, Platform::Linux | Platform::MacOs) => in_shell(&planned.path, content),
        };
        Self {
            what: planned.path.display().to_string(),
            path: Some(planned.path.clone()),
            diff: Some(planned.diff()),
            command,
            needs_administrator: true,
        }
    }

    /// A command for what is no file.
    pub(super) fn command(what: impl Into<String>, command: String, needs_administrator: bool) -> Self {
        Self {
            what: what.into(),
            path: None,
            diff: None,
            command,
            needs_administrator,
        }
    }
}

/// A text as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':' | '@' | ',');
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Lays the whole content down; the shell changes nothing in it.
fn in_shell(path: &Path, content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let end = match text.lines().any(|line| line == "END") {
        true => "END-OF-FILE",
        false => "END",
    };
    let target = quoted(&path.display().to_string());
    let folder = path
        .parent()
        .filter(|folder| !folder.is_dir())
        .map(|folder| format!("sudo mkdir -p {} &&\n", quoted(&folder.display().to_string())))
        .unwrap_or_default();
    format!(
        "{folder}sudo tee {target} >/dev/null <<'{end}'\n{}\n{end}",
        text.trim_end_matches('\n')
    )
}

fn in_powershell(path: &Path, content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let folder = path
        .parent()
        .filter(|folder| !folder.is_dir())
        .map(|folder| {
            let folder = literal(&folder.display().to_string());
            format!("New-Item -ItemType Directory -Force -Path {folder} | Out-Null\n")
        })
        .unwrap_or_default();
    format!(
        "{folder}Set-Content -Encoding ascii -LiteralPath {} -Value @'\n{}\n'@",
        literal(&path.display().to_string()),
        text.trim_end_matches(['\r', '\n'])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_are_quoted_where_they_must_be() {
        assert_eq!(quoted("/etc/krb5.conf"), "/etc/krb5.conf");
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[cfg(unix)]
    #[test]
    fn the_command_lays_the_very_content_down() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new folder/x.json");
        let content = "{\n  \"a\": \"$HOME `x` \\ 'q'\"\nEND\n}\n";
        let shell = in_shell(&path, content.as_bytes()).replace("sudo ", "");
        let status = std::process::Command::new("sh").arg("-c").arg(shell).status();
        assert!(status.unwrap().success());
        assert_eq!(std::fs::read_to_string(path).unwrap(), content);
    }
}
