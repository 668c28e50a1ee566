//! `METADATA` and `PKG-INFO`: headers as in mail, then perhaps a description (the core metadata of Python packages).

use super::About;

/// The headers, in order, and what follows them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    fields: Vec<(String, String)>,
    body: String,
}

impl Metadata {
    pub(super) fn parse(text: &str) -> Self {
        let mut metadata = Self::default();
        let mut lines = text.lines();
        for line in lines.by_ref() {
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = metadata.fields.last_mut() {
                    value.push('\n');
                    // How setuptools folds long texts.
                    let text = line.trim_start();
                    value.push_str(text.strip_prefix('|').unwrap_or(text));
                }
            } else if let Some((name, value)) = line.split_once(':') {
                metadata
                    .fields
                    .push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        metadata.body = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
        metadata
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A header that says something; `UNKNOWN` is what old tools write where nobody said anything.
    pub(super) fn one(&self, name: &str) -> Option<String> {
        self.all(name)
            .find(|value| !matches!(*value, "" | "UNKNOWN"))
            .map(str::to_owned)
    }

    pub(super) fn requires(&self) -> Vec<String> {
        self.all("Requires-Dist").map(str::to_owned).collect()
    }

    pub(super) fn about(&self) -> About {
        let named = |wanted: &str| {
            self.all("Project-URL").find_map(|line| {
                let (name, address) = line.split_once(',')?;
                name.trim()
                    .eq_ignore_ascii_case(wanted)
                    .then(|| address.trim().to_owned())
            })
        };
        About {
            summary: self.one("Summary"),
            description: self
                .one("Description")
                .or_else(|| (!self.body.is_empty()).then(|| self.body.clone())),
            home: self
                .one("Home-page")
                .or_else(|| named("Homepage"))
                .or_else(|| named("Home")),
            license: self.one("License-Expression").or_else(|| self.one("License")),
            license_url: None,
            license_family: None,
        }
    }
}

/// Whether two spellings name one Python project (PEP 503).
pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| {
        let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("-").to_lowercase()
    };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_with_their_folds() {
        let metadata = Metadata::parse(
            "Metadata-Version: 2.1\nName: Tools\nVersion: 1.0\nSummary: Small\n  helpers\nLicense: UNKNOWN\n\
             License-Expression: MIT\nProject-URL: Homepage, https://tools.example\nRequires-Dist: a>=1\n\
             requires-dist: b\n\nLong: words\n",
        );
        assert_eq!(metadata.one("name").as_deref(), Some("Tools"));
        assert_eq!(metadata.requires(), ["a>=1", "b"]);
        let about = metadata.about();
        assert_eq!(about.summary.as_deref(), Some("Small\nhelpers"));
        assert_eq!(about.license.as_deref(), Some("MIT"));
        assert_eq!(about.home.as_deref(), Some("https://tools.example"));
        assert_eq!(about.description.as_deref(), Some("Long: words"));
    }

    #[test]
    fn names_are_compared_as_indexes_do() {
        assert!(is_same_name("My.Tools", "my_tools"));
        assert!(!is_same_name("mytools", "my-tools"));
    }
}
