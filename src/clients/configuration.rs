//! YAML configuration that several files make up together, as anaconda-client and conda-repo-cli merge it: a later file
//! prevails key by key, maps are merged at every depth (repository reference, section 2.1).

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::found::{Remark, Tool};
use crate::edit::file;

/// A value of such a file, as far as it matters here: maps and texts.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Tree {
    Map(Vec<(String, Tree)>),
    Text(String),
    /// `null`, a number, a truth value or a list.
    Other,
}

impl<const N: usize> From<[(&str, Tree); N]> for Tree {
    fn from(entries: [(&str, Tree); N]) -> Self {
        let owned = entries.map(|(key, value)| (key.to_owned(), value));
        Self::Map(owned.into())
    }
}

impl Default for Tree {
    fn default() -> Self {
        Self::Map(Vec::new())
    }
}

impl Tree {
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The entries of a map, in the order in which they were first named; none of anything else.
    pub fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            Self::Text(_) | Self::Other => &[],
        }
    }

    /// Lays another value over this one.
    fn update(&mut self, with: Self) {
        match (&mut *self, with) {
            (Self::Map(entries), Self::Map(others)) => {
                for (key, value) in others {
                    match entries.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, known)) => known.update(value),
                        None => entries.push((key, value)),
                    }
                }
            }
            (_, other) => *self = other,
        }
    }

    /// The value as the tool sees it once the site's own keys lie over the general ones.
    pub fn with_site(&self, site: &str) -> Self {
        let mut whole = self.clone();
        if let Some(own) = self.get("sites").and_then(|sites| sites.get(site)) {
            whole.update(own.clone());
        }
        whole
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        while items.next_element::<Tree>()?.is_some() {}
        Ok(Tree::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries: Vec<(String, Tree)> = Vec::new();
        while let Some((key, value)) = map.next_entry::<Tree, Tree>()? {
            if let Tree::Text(key) = key {
                // A key that stands there twice keeps its last value, as PyYAML has it.
                entries.retain(|(known, _)| *known != key);
                entries.push((key, value));
            }
        }
        Ok(Tree::Map(entries))
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

/// The YAML files of a folder whose name `counts`, in the order in which the folder lists them: that is the order the
/// tools read them in, too.
pub(super) fn files_in(folder: &Path, counts: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_str().is_some_and(&counts))
        .map(|entry| entry.path())
        .collect()
}

/// What the files say together, laid over the tool's own `defaults`, later ones prevailing. A file that is named twice
/// keeps its first place. What cannot be read is left out and remarked on.
pub(super) fn merged(tool: Tool, defaults: Tree, files: Vec<PathBuf>, remarks: &mut Vec<Remark>) -> Tree {
    let mut whole = defaults;
    let mut seen: Vec<PathBuf> = Vec::new();
    for path in files {
        if seen.contains(&path) {
            continue;
        }
        match read(&path) {
            Ok(Some(tree)) => whole.update(tree),
            Ok(None) => {}
            Err(reason) => remarks.push(Remark {
                tool,
                path: Some(path.clone()),
                message: format!("the configuration of {} cannot be read: {reason}", tool.title()),
            }),
        }
        seen.push(path);
    }
    whole
}

/// The map in a file; nothing for an empty one. The reason names a line, never a value.
fn read(path: &Path) -> Result<Option<Tree>, String> {
    let Some(image) = file::read(path).map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    match serde_yaml::from_slice::<Option<Tree>>(&image.bytes) {
        Ok(Some(tree @ Tree::Map(_))) => Ok(Some(tree)),
        Ok(None) => Ok(None),
        Ok(Some(Tree::Text(_) | Tree::Other)) => Err("it is no map of settings".to_owned()),
        Err(error) => Err(match error.location() {
            Some(at) => format!("line {} is no YAML", at.line()),
            None => "it is no YAML".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged_from(files: &[&str]) -> (Tree, Vec<Remark>) {
        let folder = tempfile::tempdir().unwrap();
        let paths = files.iter().enumerate().map(|(number, content)| {
            let path = folder.path().join(format!("{number}.yaml"));
            fs::write(&path, content).unwrap();
            path
        });
        let mut remarks = Vec::new();
        let tree = merged(
            Tool::AnacondaClient,
            Tree::default(),
            paths.collect(),
            &mut remarks,
        );
        (tree, remarks)
    }

    #[test]
    fn later_files_prevail_key_by_key_and_maps_are_merged() {
        let (tree, remarks) = merged_from(&[
            "url: https://one\ndefault_site: a\nsites:\n  a: {url: https://a, ssl_verify: true}\n",
            "",
            "# nothing\n",
            "sites:\n  a: {url: https://a2}\n  b: {url: https://b}\nurl: https://two\nurl: https://three\n",
            "default_site: null\n",
        ]);
        assert!(remarks.is_empty(), "{remarks:?}");
        assert_eq!(tree.text("url"), Some("https://three"));
        assert_eq!(tree.text("default_site"), None);
        let sites = tree.get("sites").unwrap();
        assert_eq!(sites.get("a").unwrap().text("url"), Some("https://a2"));
        assert!(sites.get("a").unwrap().get("ssl_verify").is_some());
        assert_eq!(tree.with_site("b").text("url"), Some("https://b"));
        assert_eq!(tree.with_site("none").text("url"), Some("https://three"));
    }

    #[test]
    fn a_file_that_is_no_yaml_is_remarked_on_without_its_content() {
        let (tree, remarks) = merged_from(&[
            "url: https://one\n",
            "url: [canary\n",
            "canary\n",
            "a: 1\n---\nb: 2\n",
        ]);
        assert_eq!(tree.text("url"), Some("https://one"));
        assert_eq!(remarks.len(), 3, "{remarks:?}");
        assert!(!format!("{remarks:?}").contains("canary"));
        assert!(remarks[0].message.contains("line "), "{remarks:?}");
    }
}
