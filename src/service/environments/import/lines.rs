//! Files with one package a line: addresses behind `@EXPLICIT`, or match specs.

use std::path::Path;

use super::{Asked, ImportError, Imported, nonsense};
use crate::conda::channel::ChannelUrl;

/// The line that says that addresses follow.
pub(super) const EXPLICIT: &str = "@EXPLICIT";

/// What conda takes from a file with [`EXPLICIT`] in it: every other line that is no comment.
pub(super) fn addresses(path: &Path, text: &str) -> Result<Imported, ImportError> {
    let mut addresses = Vec::new();
    for line in meaningful(text)
        .map(|(_, line)| line)
        .filter(|line| *line != EXPLICIT)
    {
        addresses.push(address(path, line)?);
    }
    Ok(Imported::new(path, Asked::Addresses(addresses)))
}

/// An address without what lets somebody in; a file beside the list, or anywhere, becomes an address too.
fn address(list: &Path, line: &str) -> Result<String, ImportError> {
    if !line.contains("://") {
        let (file, sum) = line.split_once('#').map_or((line, ""), |(file, sum)| (file, sum));
        let file = list.parent().unwrap_or(list).join(file);
        let url =
            url::Url::from_file_path(&file).map_err(|()| nonsense(list, format!("{line} is no address")))?;
        return Ok(match sum {
            "" => url.to_string(),
            sum => format!("{url}#{sum}"),
        });
    }
    match ChannelUrl::parse(line) {
        Ok(url) => Ok(url.public()),
        Err(error) => Err(nonsense(list, format!("{line}: {error}"))),
    }
}

/// Match specs, as `conda list --export` and `conda install --file` have them.
pub(super) fn specs(path: &Path, text: &str) -> Result<Imported, ImportError> {
    let mut specs = Vec::new();
    for (number, line) in meaningful(text) {
        let line = line.split(" #").next().unwrap_or_default().trim();
        // Options, markers and direct references are pip's.
        let is_pips =
            line.starts_with('-') || line.contains(';') || line.contains(" @ ") || line.contains("===");
        if is_pips {
            return Err(ImportError::ForPip {
                path: path.to_owned(),
                line: number,
            });
        }
        let name: &str = line
            .split([' ', '=', '<', '>', '!', '~', '['])
            .next()
            .unwrap_or_default();
        let name = name.rsplit("::").next().unwrap_or_default();
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if !is_name {
            return Err(nonsense(
                path,
                format!("line {number} begins with no name of a package"),
            ));
        }
        specs.push(line.to_owned());
    }
    match specs.is_empty() {
        true => Err(nonsense(path, "it names no package")),
        false => Ok(Imported::new(path, Asked::Specs(specs))),
    }
}

/// Lines with their numbers, neither empty nor comments.
fn meaningful(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}
