//! What a person has marked to be changed, until it is applied.

use std::collections::BTreeMap;

use crate::screen::quantity;
use crate::service::packages::change::{Updates, Wanted};

/// What becomes of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// In this version, or the best that fits.
    Install(Option<Choice>),
    Update,
    Remove,
}

/// A version, and a build of it if that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub version: String,
    pub build: Option<String>,
}

impl Choice {
    fn spec(&self, name: &str) -> String {
        match &self.build {
            Some(build) => format!("{name}=={}={build}", self.version),
            None => format!("{name}=={}", self.version),
        }
    }
}

/// All marks, by package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Basket {
    marks: BTreeMap<String, Mark>,
    /// Everything that is installed gets to its newest.
    has_everything: bool,
}

impl Basket {
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty() && !self.has_everything
    }

    pub fn len(&self) -> usize {
        self.marks.len() + usize::from(self.has_everything)
    }

    pub fn get(&self, name: &str) -> Option<&Mark> {
        self.marks.get(name)
    }

    pub fn has_everything(&self) -> bool {
        self.has_everything
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Mark)> {
        self.marks.iter().map(|(name, mark)| (name.as_str(), mark))
    }

    /// Marks a package; the same mark once more takes it away.
    pub fn toggle(&mut self, name: &str, mark: Mark) {
        if self.marks.get(name) == Some(&mark) {
            self.marks.remove(name);
        } else {
            self.marks.insert(name.to_owned(), mark);
        }
    }

    pub fn take_out(&mut self, name: &str) {
        self.marks.remove(name);
    }

    pub fn update_everything(&mut self, is_wanted: bool) {
        self.has_everything = is_wanted;
        if is_wanted {
            self.marks.retain(|_, mark| *mark != Mark::Update);
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes out what no longer means anything, as the packages of the environment are now.
    pub fn settle(&mut self, is_installed: impl Fn(&str) -> bool) {
        self.marks.retain(|name, mark| match mark {
            Mark::Install(Some(_)) => true,
            Mark::Install(None) => !is_installed(name),
            Mark::Update | Mark::Remove => is_installed(name),
        });
    }

    /// The marks in the words of the solver.
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        let mut updated = Vec::new();
        for (name, mark) in self.iter() {
            match mark {
                Mark::Install(None) => wanted.install.push(name.to_owned()),
                Mark::Install(Some(choice)) => wanted.install.push(choice.spec(name)),
                Mark::Update => updated.push(name.to_owned()),
                Mark::Remove => wanted.remove.push(name.to_owned()),
            }
        }
        wanted.update = match (self.has_everything, updated.is_empty()) {
            (true, _) => Updates::Everything,
            (false, true) => Updates::Nothing,
            (false, false) => Updates::Packages(updated),
        };
        wanted
    }

    /// `3 changes`
    pub fn count(&self) -> String {
        quantity::count(self.len(), "change")
    }

    /// The marks in a line: `install numpy 2.3.1, scipy; update pandas; remove pip`.
    pub fn summary(&self) -> String {
        let of = |pick: fn(&Mark) -> bool| {
            let named = self
                .iter()
                .filter(|(_, mark)| pick(mark))
                .map(|(name, mark)| match mark {
                    Mark::Install(Some(choice)) => format!("{name} {}", choice.version),
                    _ => name.to_owned(),
                });
            named.collect::<Vec<_>>().join(", ")
        };
        let everything = self.has_everything.then(|| "update everything".to_owned());
        let part = |verb: &str, names: String| (!names.is_empty()).then(|| format!("{verb} {names}"));
        let parts = [
            part("install", of(|mark| matches!(mark, Mark::Install(_)))),
            part("update", of(|mark| *mark == Mark::Update)),
            everything,
            part("remove", of(|mark| *mark == Mark::Remove)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Basket {
        let mut basket = Basket::default();
        let choice = Choice {
            version: "2.3.1".to_owned(),
            build: None,
        };
        basket.toggle("numpy", Mark::Install(Some(choice)));
        basket.toggle("scipy", Mark::Install(None));
        basket.toggle("pandas", Mark::Update);
        basket.toggle("pip", Mark::Remove);
        basket
    }

    #[test]
    fn marks_become_what_is_wanted() {
        let basket = full();
        let wanted = basket.wanted();
        assert_eq!(wanted.install, ["numpy==2.3.1", "scipy"]);
        assert_eq!(wanted.update, Updates::Packages(vec!["pandas".to_owned()]));
        assert_eq!(wanted.remove, ["pip"]);
        assert_eq!(
            basket.summary(),
            "install numpy 2.3.1, scipy; update pandas; remove pip"
        );
        assert_eq!(basket.count(), "4 changes");
        let exact = Choice {
            version: "2.3.1".to_owned(),
            build: Some("py313_0".to_owned()),
        };
        assert_eq!(exact.spec("numpy"), "numpy==2.3.1=py313_0");
    }

    #[test]
    fn updating_everything_takes_the_place_of_single_updates() {
        let mut basket = full();
        basket.update_everything(true);
        assert_eq!(basket.wanted().update, Updates::Everything);
        assert_eq!(basket.get("pandas"), None);
        basket.update_everything(false);
        assert_eq!(basket.wanted().update, Updates::Nothing);
    }

    #[test]
    fn the_same_mark_again_takes_it_away_and_another_replaces_it() {
        let mut basket = full();
        basket.toggle("pip", Mark::Update);
        assert_eq!(basket.get("pip"), Some(&Mark::Update));
        basket.toggle("pip", Mark::Update);
        assert_eq!(basket.get("pip"), None);
    }

    #[test]
    fn what_came_true_meanwhile_leaves_the_basket() {
        let mut basket = full();
        basket.settle(|name| name == "scipy" || name == "pandas");
        let left: Vec<&str> = basket.iter().map(|(name, _)| name).collect();
        assert_eq!(left, ["numpy", "pandas"]);
    }
}
