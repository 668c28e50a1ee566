//! `environment.yml`, laid out as conda lays it out.

use std::collections::BTreeMap;

use crate::edit::yaml;

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub name: String,
    pub channels: Vec<String>,
    pub dependencies: Vec<String>,
    pub pip: Vec<String>,
    pub variables: BTreeMap<String, String>,
    pub prefix: String,
}

impl Document {
    pub fn to_text(&self) -> String {
        let mut text = format!("name: {}\n", yaml::text(&self.name));
        if !self.channels.is_empty() {
            text.push_str("channels:\n");
            for channel in &self.channels {
                text.push_str(&format!("  - {}\n", yaml::text(channel)));
            }
        }
        match self.dependencies.is_empty() && self.pip.is_empty() {
            true => text.push_str("dependencies: []\n"),
            false => text.push_str("dependencies:\n"),
        }
        for dependency in &self.dependencies {
            text.push_str(&format!("  - {}\n", yaml::text(dependency)));
        }
        if !self.pip.is_empty() {
            text.push_str("  - pip:\n");
            for package in &self.pip {
                text.push_str(&format!("      - {}\n", yaml::text(package)));
            }
        }
        if !self.variables.is_empty() {
            text.push_str("variables:\n");
            for (name, value) in &self.variables {
                text.push_str(&format!("  {}: {}\n", yaml::text(name), yaml::text(value)));
            }
        }
        text.push_str(&format!("prefix: {}\n", yaml::text(&self.prefix)));
        text
    }
}

/// A spec as `conda env export --from-history` writes it: without its channel, and with one `=`.
pub(super) fn of_spec(spec: &str) -> String {
    let without = spec.split_once("::").map_or(spec, |(_, spec)| spec);
    without.replacen("==", "=", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_laid_out_as_conda_lays_it_out() {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let document = Document {
            name: "2026".to_owned(),
            channels: own(&["main", "https://h/x"]),
            dependencies: own(&["python=3.12.4=h1_0", "numpy[version='>=2']"]),
            pip: own(&["six==1.16"]),
            variables: BTreeMap::from([("A".to_owned(), "no".to_owned())]),
            prefix: "/envs/2026".to_owned(),
        };
        let text = "name: \"2026\"
channels:
  - main
  - https://h/x
dependencies:
  - python=3.12.4=h1_0
  - \"numpy[version='>=2']\"
  - pip:
      - six==1.16
variables:
  A: \"no\"
prefix: /envs/2026
";
        assert_eq!(document.to_text(), text);
        let empty = Document {
            channels: Vec::new(),
            dependencies: Vec::new(),
            pip: Vec::new(),
            variables: BTreeMap::new(),
            ..document
        };
        assert_eq!(
            empty.to_text(),
            "name: \"2026\"\ndependencies: []\nprefix: /envs/2026\n"
        );
    }

    #[test]
    fn specs_lose_their_channel() {
        for (spec, written) in [
            ("main::numpy==1.2=py_0", "numpy=1.2=py_0"),
            ("numpy[version='>=1,<2']", "numpy[version='>=1,<2']"),
            ("python=3.12", "python=3.12"),
        ] {
            assert_eq!(of_spec(spec), written);
        }
    }
}
