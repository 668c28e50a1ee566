//! The machine as conda sees it: the home folder, the environment variables and the platform.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub use crate::locations::Platform;

/// Everything outside its own files that changes what conda reads. The caller fills it once.
#[derive(Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The person's home folder: what conda expands `~` to.
    pub home: PathBuf,
    /// The environment conda would be started with. conda expands `$NAME` in several settings, so this
    /// is the whole environment, not only the variables named `CONDA_…`.
    pub variables: BTreeMap<String, String>,
    pub platform: Platform,
    /// `/` on Linux and macOS, the system drive on Windows; a temporary folder in tests.
    pub system_root: PathBuf,
}

impl Surroundings {
    /// The value of a variable; one that is set but empty counts as not set.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The path a variable names, with a leading `~` expanded. A relative one counts as not set: it would
    /// depend on the folder in which conda is started.
    pub fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name)
            .map(|value| self.expand_home(value))
            .filter(|path| path.is_absolute())
    }

    /// Replaces a leading `~` by the home folder, as Python's `Path.expanduser` does for one's own home.
    pub fn expand_home(&self, path: &str) -> PathBuf {
        match path.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest)
                if rest.starts_with('/')
                    || (self.platform == Platform::Windows && rest.starts_with('\\')) =>
            {
                self.home.join(&rest[1..])
            }
            _ => PathBuf::from(path),
        }
    }

    /// The folder of the base installation. conda sets `CONDA_ROOT` for itself, from where it is installed;
    /// outside of conda the shell integration leaves `CONDA_EXE` and `_CONDA_ROOT`.
    pub fn conda_root(&self) -> Option<PathBuf> {
        self.folder("CONDA_ROOT")
            .or_else(|| self.folder("_CONDA_ROOT"))
            .or_else(|| {
                let executable = self.folder("CONDA_EXE")?;
                // <root>/bin/conda, or <root>\Scripts\conda.exe
                executable.parent().and_then(Path::parent).map(Path::to_path_buf)
            })
    }

    /// Expands `$NAME` and `${NAME}` (on Windows also `%NAME%`) as Python's `os.path.expandvars` does;
    /// a variable that is not set stays as it is written.
    pub fn expand_variables(&self, text: &str) -> String {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(|c| c == '$' || (c == '%' && self.platform == Platform::Windows)) {
            expanded.push_str(&rest[..at]);
            let (length, name) = reference(&rest[at..]);
            match name.and_then(|name| self.variables.get(name)) {
                Some(value) => expanded.push_str(value),
                None => expanded.push_str(&rest[at..at + length]),
            }
            rest = &rest[at + length..];
        }
        expanded.push_str(rest);
        expanded
    }
}

/// The length of the variable reference that `text` starts with, and its name; one character and no name
/// where a `$` or `%` starts none.
fn reference(text: &str) -> (usize, Option<&str>) {
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .map(char::len_utf8)
            .sum()
    };
    if let Some(inside) = text.strip_prefix("${") {
        if let Some(end) = inside.find('}') {
            return (end + 3, Some(&inside[..end]));
        }
    } else if let Some(after) = text.strip_prefix('$') {
        let length: usize = word(after);
        if length > 0 {
            return (length + 1, Some(&after[..length]));
        }
    } else if let Some(after) = text.strip_prefix('%') {
        let length: usize = word(after);
        if length > 0 && after[length..].starts_with('%') {
            return (length + 2, Some(&after[..length]));
        }
    }
    (1, None)
}

/// Shows the names of the variables only: any of their values may be a secret.
impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings")
            .field("home", &self.home)
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .field("platform", &self.platform)
            .field("system_root", &self.system_root)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(platform: Platform, variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            home: PathBuf::from("/home/ana"),
            variables: variables
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            platform,
            system_root: PathBuf::from("/"),
        }
    }

    #[test]
    fn variables_expand_as_python_expands_them() {
        let linux = surroundings(Platform::Linux, &[("TOK", "abc"), ("EMPTY", "")]);
        for (text, expanded) in [
            ("https://h/t/${TOK}/x", "https://h/t/abc/x"),
            ("$TOK/$TOKEN/$TOK-1", "abc/$TOKEN/abc-1"),
            ("${MISSING} $ ${ $$TOK", "${MISSING} $ ${ $abc"),
            ("%TOK% ünï", "%TOK% ünï"),
            ("a${EMPTY}b", "ab"),
        ] {
            assert_eq!(linux.expand_variables(text), expanded, "{text}");
        }
        let windows = surroundings(Platform::Windows, &[("TOK", "abc")]);
        assert_eq!(windows.expand_variables("%TOK% 100% %NO%"), "abc 100% %NO%");
    }

    #[test]
    fn the_base_folder_is_found_through_what_the_shell_integration_leaves() {
        let with = |variables| surroundings(Platform::Linux, variables).conda_root();
        assert_eq!(
            with(&[("CONDA_EXE", "/opt/conda/bin/conda")]),
            Some(PathBuf::from("/opt/conda"))
        );
        assert_eq!(
            with(&[("CONDA_ROOT", "~/mini"), ("CONDA_EXE", "/o/bin/c")]),
            Some("/home/ana/mini".into())
        );
        assert_eq!(with(&[("CONDA_ROOT", "")]), None);
    }

    #[test]
    fn the_values_of_variables_do_not_show() {
        let shown = format!("{:?}", surroundings(Platform::Linux, &[("AER_TOKEN", "hunter2")]));
        assert!(
            shown.contains("AER_TOKEN") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
