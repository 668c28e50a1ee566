//! Notebooks and environment files: they have no version of their own, so the time of the last change is it. The same file
//! therefore is the same version whenever it is uploaded.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{About, DistributionError, Form, Inside, Reading, said};

pub(super) fn read_notebook(reading: &Reading<'_>, changed: Timestamp) -> Result<Inside, DistributionError> {
    let notebook = read_whole(reading)?;
    let notebook = reading.json(&notebook, "the notebook")?;
    // `worksheets` is how notebooks before IPython 3 keep their cells.
    let has_cells = ["cells", "worksheets"]
        .iter()
        .any(|key| notebook[*key].is_array());
    if !has_cells || !notebook["nbformat"].is_u64() {
        return Err(reading.lacks("nbformat and cells, so it is no notebook"));
    }
    let metadata = &notebook["metadata"];
    let stem = &reading.name[..reading.name.len() - ".ipynb".len()];
    Ok(Inside {
        name: parameterized(stem),
        version: version(changed, "%Y.%m.%d.%H%M"),
        about: About {
            summary: said(metadata, "summary").or_else(|| Some("Jupyter Notebook".to_owned())),
            description: said(metadata, "description"),
            ..About::default()
        },
        form: Form::Notebook,
        file_name: None,
    })
}

pub(super) fn read_environment(
    reading: &Reading<'_>,
    changed: Timestamp,
) -> Result<Inside, DistributionError> {
    let bytes = read_whole(reading)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| reading.damaged(error))?;
    let environment: Value = serde_yaml::from_str(text).map_err(|error| reading.damaged(error))?;
    if !environment["dependencies"].is_array() {
        // Any other YAML file.
        return Err(reading.lacks("dependencies, so it is no environment file"));
    }
    let name =
        said(&environment, "name").ok_or_else(|| reading.lacks("a name; write \"name: …\" into it"))?;
    Ok(Inside {
        name,
        version: version(changed, "%Y.%m.%d.%H%M%S"),
        about: About {
            summary: Some("Environment file".to_owned()),
            ..About::default()
        },
        form: Form::Environment,
        file_name: None,
    })
}

fn read_whole(reading: &Reading<'_>) -> Result<Vec<u8>, DistributionError> {
    use std::io::Read as _;
    /// Notebooks hold pictures.
    const LARGEST: u64 = 256 * 1024 * 1024;

    let mut bytes = Vec::new();
    let read = reading.open()?.take(LARGEST).read_to_end(&mut bytes);
    read.map_err(|error| reading.damaged(error))?;
    if bytes.len() as u64 == LARGEST {
        return Err(reading.damaged("it is larger than any honest file of its kind"));
    }
    Ok(bytes)
}

fn version(changed: Timestamp, pattern: &str) -> String {
    TimeZone::UTC.to_datetime(changed).strftime(pattern).to_string()
}

/// What a name looks like in an address.
fn parameterized(stem: &str) -> String {
    let plain: String = stem
        .to_lowercase()
        .chars()
        .map(|c| match c.is_ascii_alphanumeric() || c == '_' {
            true => c,
            false => '-',
        })
        .collect();
    let parts = plain.split('-').filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("-");
    match name.as_str() {
        // A name in letters that no address has.
        "" => "notebook".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_notebooks_are_plain() {
        assert_eq!(parameterized("My First Notebook (2)"), "my-first-notebook-2");
        assert_eq!(parameterized("été_1"), "t-_1");
        assert_eq!(parameterized("…"), "notebook");
    }
}
