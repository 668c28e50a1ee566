//! uv's indexes: where they stand, and adding one without touching anything else (repository reference, section 4.3).
//!
//! uv reads neither pip's files nor its variables.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::layered::Scope;
use super::machine::Machine;
use crate::edit::file;
use crate::locations::Platform;

/// What uv's variables are called that prevail over its files.
const VARIABLES: [&str; 4] = [
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
];

/// Why a file was not changed. Never holds a value of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UvError {
    #[error("the file is not UTF-8 text")]
    NotUtf8,
    #[error("line {line} is no TOML")]
    NotToml { line: usize },
    #[error("its indexes are written in brackets on one line")]
    Inline,
    #[error("changing the index {name} would change other lines too")]
    OtherLines { name: String },
}

/// A package index of uv's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UvIndex {
    pub name: Option<String>,
    pub url: String,
    /// It takes the place of the public index.
    pub is_default: bool,
}

/// A file that uv reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UvPlace {
    pub path: PathBuf,
    pub scope: Scope,
    /// Nothing where there is no file; the reason where it cannot be read.
    pub indexes: Option<Result<Vec<UvIndex>, String>>,
}

/// What uv's files and variables say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UvSettings {
    /// Lowest precedence first; indexes of the higher come first.
    pub places: Vec<UvPlace>,
    /// Variables that are set and prevail.
    pub variables: Vec<String>,
}

impl UvSettings {
    /// Never fails: what cannot be read has a reason.
    pub fn read(machine: &Machine) -> Self {
        let place = |(path, scope): (PathBuf, Scope)| UvPlace {
            indexes: match file::read(&path) {
                Ok(None) => None,
                Ok(Some(image)) => Some(indexes(&image.bytes).map_err(|error| error.to_string())),
                Err(error) => Some(Err(error.to_string())),
            },
            path,
            scope,
        };
        Self {
            places: files(machine).into_iter().map(place).collect(),
            variables: VARIABLES
                .into_iter()
                .filter(|name| machine.variable(name).is_some())
                .map(str::to_owned)
                .collect(),
        }
    }
}

fn files(machine: &Machine) -> Vec<(PathBuf, Scope)> {
    if let Some(named) = machine.folder("UV_CONFIG_FILE") {
        return vec![(named, Scope::Named)];
    }
    vec![
        (system_file(machine), Scope::Machine),
        (own_file(machine), Scope::Person),
    ]
}

/// The person's own file.
pub fn own_file(machine: &Machine) -> PathBuf {
    if let Some(named) = machine.folder("UV_CONFIG_FILE") {
        return named;
    }
    let home = machine.home();
    let config = match machine.locations.platform {
        Platform::Windows => machine
            .folder("APPDATA")
            .unwrap_or_else(|| home.join("AppData/Roaming")),
        Platform::Linux | Platform::MacOs => machine
            .folder("XDG_CONFIG_HOME")
            .unwrap_or_else(|| home.join(".config")),
    };
    config.join("uv/uv.toml")
}

/// The file for everybody on this machine.
pub fn system_file(machine: &Machine) -> PathBuf {
    if machine.locations.platform == Platform::Windows {
        return machine.system("ProgramData/uv/uv.toml");
    }
    let folders = machine.variable("XDG_CONFIG_DIRS").unwrap_or_default();
    let first = folders
        .split(':')
        .map(|folder| Path::new(folder).join("uv/uv.toml"))
        .find(|path| path.is_absolute() && path.is_file());
    first.unwrap_or_else(|| machine.system("etc/uv/uv.toml"))
}

/// The indexes of a file, in its order.
pub fn indexes(bytes: &[u8]) -> Result<Vec<UvIndex>, UvError> {
    let (_, table) = parse(bytes)?;
    let text = |index: &Value, name: &str| index.get(name).and_then(Value::as_str).map(str::to_owned);
    let items = table.get("index").and_then(Value::as_array);
    Ok(items
        .into_iter()
        .flatten()
        .filter_map(|index| {
            Some(UvIndex {
                name: text(index, "name"),
                url: text(index, "url")?,
                is_default: index.get("default").and_then(Value::as_bool).unwrap_or(false),
            })
        })
        .collect())
}

fn parse(bytes: &[u8]) -> Result<(&str, Table), UvError> {
    let text = std::str::from_utf8(bytes).map_err(|_| UvError::NotUtf8)?;
    let table = toml::from_str(text).map_err(|error: toml::de::Error| UvError::NotToml {
        line: error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1),
    })?;
    Ok((text, table))
}

/// The content with the index: its address is changed where one of that name stands, else it is added at the end.
///
/// Errors: a file that cannot be changed without risk.
pub fn with_index(before: Option<&[u8]>, name: &str, url: &str, is_default: bool) -> Result<String, UvError> {
    let (text, mut table) = parse(before.unwrap_or_default())?;
    let other = || UvError::OtherLines {
        name: name.to_owned(),
    };
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let known = table.get("index").and_then(Value::as_array);
    let place = known.and_then(|known| {
        known
            .iter()
            .position(|index| index.get("name").and_then(Value::as_str) == Some(name))
    });
    let blocks = blocks(text);
    if known.is_some_and(|known| known.len() != blocks.len()) {
        return Err(UvError::Inline);
    }
    let written = |text: &str| Value::from(text).to_string();
    let changed = match place {
        Some(place) => {
            let block = blocks.get(place).cloned().ok_or_else(other)?;
            let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
            let at = (block.start..block.end).find(|at| key_of(&lines[*at]) == Some("url"));
            let line = at.map(|at| &mut lines[at]).ok_or_else(other)?;
            let old = table["index"][place]
                .get("url")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let (head, tail) = line.split_once('=').ok_or_else(other)?;
            let tail = tail.replacen(&old, url, 1);
            *line = format!("{head}={tail}");
            let is_new = is_default && table["index"][place].get("default") != Some(&Value::Boolean(true));
            if is_new {
                lines.insert(block.start + 1, format!("default = true{ending}"));
            }
            lines.concat()
        }
        None => {
            let gap = match text.trim().is_empty() {
                true => "",
                false if text.ends_with('\n') => ending,
                false => &format!("{ending}{ending}"),
            };
            let default = if is_default {
                format!("default = true{ending}")
            } else {
                String::new()
            };
            format!(
                "{text}{gap}[[index]]{ending}name = {}{ending}url = {}{ending}{default}",
                written(name),
                written(url)
            )
        }
    };
    // What is read again must be what was meant, and nothing else.
    let list = table
        .entry("index")
        .or_insert_with(|| Value::Array(Vec::new()))
        .as_array_mut()
        .ok_or(UvError::Inline)?;
    if place.is_none() {
        list.push(Value::Table(Table::from_iter([(
            "name".to_owned(),
            Value::from(name),
        )])));
    }
    let index = place.unwrap_or(list.len() - 1);
    if let Some(index) = list[index].as_table_mut() {
        index.insert("url".to_owned(), Value::from(url));
        if is_default {
            index.insert("default".to_owned(), Value::Boolean(true));
        }
    }
    match parse(changed.as_bytes()) {
        Ok((_, read)) if read == table => Ok(changed),
        _ => Err(other()),
    }
}

/// The lines of every `[[index]]`, from its header to the next one.
fn blocks(text: &str) -> Vec<std::ops::Range<usize>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let is_index = |line: &str| {
        let inside = line
            .trim_start()
            .strip_prefix("[[")
            .and_then(|rest| rest.split_once("]]"));
        inside.is_some_and(|(name, _)| name.trim() == "index")
    };
    let starts = (0..lines.len()).filter(|at| is_index(lines[*at]));
    starts
        .map(|start| {
            let end = (start + 1..lines.len()).find(|at| is_header(lines[*at]));
            start..end.unwrap_or(lines.len())
        })
        .collect()
}

fn key_of(line: &str) -> Option<&str> {
    line.split_once('=').map(|(key, _)| key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::fixture::Home;

    const URL: &str = "https://repo.corp/pypi/jane/simple";

    fn with(text: &str) -> String {
        with_index(Some(text.as_bytes()), "corp", URL, false).unwrap()
    }

    #[test]
    fn an_index_is_added_at_the_end() {
        let entry = format!("[[index]]\nname = \"corp\"\nurl = \"{URL}\"\n");
        assert_eq!(with(""), entry);
        let text = "# mine\nnative-tls = true # yes\n\n[[index]]\nname = \"other\"\nurl = 'https://o/simple'\n\n[pip]\nx = 1\n";
        assert_eq!(with(text), format!("{text}\n{entry}"));
        assert_eq!(with("a = 1"), format!("a = 1\n\n{entry}"));
        let default = with_index(None, "corp", URL, true).unwrap();
        assert_eq!(default, format!("{entry}default = true\n"));
    }

    #[test]
    fn an_index_of_that_name_gets_the_new_address() {
        let text = "[[index]]\r\n# the company's\r\nurl   = 'https://old/simple'  # here\r\nname = \"corp\"\r\nexplicit = true\r\n";
        assert_eq!(with(text), text.replace("https://old/simple", URL));
        assert_eq!(with(&with(text)), with(text));
        let default = with_index(Some(text.as_bytes()), "corp", URL, true).unwrap();
        assert!(
            default.starts_with("[[index]]\r\ndefault = true\r\n# the"),
            "{default}"
        );
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        let refused = |text: &str| with_index(Some(text.as_bytes()), "corp", URL, false).unwrap_err();
        assert_eq!(
            refused("index = [{name = \"a\", url = \"b\"}]\n"),
            UvError::Inline
        );
        assert_eq!(refused("a = 1\nb = [\n"), UvError::NotToml { line: 2 });
        assert!(matches!(
            refused("[[index]]\nname = \"corp\"\nurl = \"https:\\u002F\\u002Fold\"\n"),
            UvError::OtherLines { .. }
        ));
    }

    #[test]
    fn files_are_where_uv_looks() {
        let home = Home::new().variable("UV_INDEX", "x=https://x");
        let settings = UvSettings::read(&home.machine());
        let paths: Vec<_> = settings.places.iter().map(|place| place.path.clone()).collect();
        assert_eq!(
            paths,
            [
                home.path("system-root/etc/uv/uv.toml"),
                home.path(".config/uv/uv.toml")
            ]
        );
        assert_eq!(settings.variables, ["UV_INDEX"]);
        let named = home.path("n.toml").display().to_string();
        assert_eq!(
            own_file(&home.variable("UV_CONFIG_FILE", &named).machine()),
            Path::new(&named)
        );
    }
}
