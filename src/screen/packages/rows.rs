//! The packages as data: what each row shows, and which rows the filter and the search leave.

use std::collections::HashMap;
use std::fmt;

/// A package of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    pub name: String,
    pub version: String,
    pub build: String,
    /// The channel that it is from, as conda calls it.
    pub channel: String,
    /// Of its archive, in bytes.
    pub size: Option<u64>,
    /// A person asked for it by name.
    pub is_requested: bool,
    /// Linked by conda; anything else was installed by pip.
    pub is_conda: bool,
}

/// What the channel that is searched first has newest of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// Empty where the channel tells only when it is asked for its versions.
    pub version: String,
    pub channel: String,
}

/// A package of the index, as a search finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub name: String,
    pub newest: Newest,
}

/// What the index says about an installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub newest: Newest,
    /// Whether that is newer than what is installed.
    pub is_newer: bool,
}

/// What a search found, at most as many as asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// Which packages are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Show {
    #[default]
    Installed,
    NotInstalled,
    Updatable,
    All,
}

impl Show {
    pub const ALL: [Self; 4] = [Self::Installed, Self::NotInstalled, Self::Updatable, Self::All];

    /// Whether the index has to be searched for it.
    pub fn is_of_index(self) -> bool {
        matches!(self, Self::NotInstalled | Self::All)
    }
}

impl fmt::Display for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Installed => "Installed",
            Self::NotInstalled => "Not installed",
            Self::Updatable => "Updatable",
            Self::All => "All",
        })
    }
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    pub installed: Option<Installed>,
    pub newest: Option<Newest>,
    pub can_update: bool,
}

impl Row {
    /// The version that stands in the table.
    pub fn version(&self) -> &str {
        match (&self.installed, &self.newest) {
            (Some(installed), _) => &installed.version,
            (None, Some(newest)) => &newest.version,
            (None, None) => "",
        }
    }

    pub fn channel(&self) -> &str {
        match (&self.installed, &self.newest) {
            (Some(installed), _) => &installed.channel,
            (None, Some(newest)) => &newest.channel,
            (None, None) => "",
        }
    }

    pub fn size(&self) -> Option<u64> {
        self.installed.as_ref().and_then(|installed| installed.size)
    }

    /// The newer version, where there is one.
    pub fn update(&self) -> Option<&Newest> {
        self.newest.as_ref().filter(|_| self.can_update)
    }
}

/// All rows of the environment, what the index added, and which of them are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// By name.
    installed: Vec<Row>,
    by_name: HashMap<String, usize>,
    found: Vec<Row>,
    is_cut: bool,
    show: Show,
    words: Vec<String>,
    /// Of the installed ones, unless the index is shown.
    shown: Vec<usize>,
}

impl Rows {
    /// Takes in what the environment holds; tells whether that is something else than before.
    pub fn install(&mut self, mut packages: Vec<Installed>) -> bool {
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        let before = self.installed.iter().filter_map(|row| row.installed.as_ref());
        if before.eq(packages.iter()) {
            return false;
        }
        let known = std::mem::take(&mut self.installed);
        let known: HashMap<&str, &Row> = known.iter().map(|row| (row.name.as_str(), row)).collect();
        self.installed = packages
            .into_iter()
            .map(|package| {
                // What the index said stays until it is asked again, as long as it is about the same version.
                let before = known
                    .get(package.name.as_str())
                    .filter(|row| row.version() == package.version);
                Row {
                    name: package.name.clone(),
                    newest: before.and_then(|row| row.newest.clone()),
                    can_update: before.is_some_and(|row| row.can_update),
                    installed: Some(package),
                }
            })
            .collect();
        let names = self.installed.iter().enumerate();
        self.by_name = names.map(|(index, row)| (row.name.clone(), index)).collect();
        // Hits that are installed now, or no longer.
        let hits = self.found.drain(..).map(|row| (row.name, row.newest));
        let hits: Vec<(String, Option<Newest>)> = hits.collect();
        self.found = hits
            .into_iter()
            .map(|(name, newest)| self.merged(name, newest))
            .collect();
        self.filter();
        true
    }

    pub fn compare(&mut self, mut newest: HashMap<String, Comparison>) {
        for row in &mut self.installed {
            let comparison = newest.remove(&row.name);
            row.can_update = comparison.as_ref().is_some_and(|comparison| comparison.is_newer);
            row.newest = comparison.map(|comparison| comparison.newest);
        }
        self.filter();
    }

    /// Takes in what was found for the search and filter as they are now.
    pub fn find(&mut self, found: Found) {
        self.is_cut = found.is_cut;
        let show = self.show;
        let rows = found
            .hits
            .into_iter()
            .map(|hit| self.merged(hit.name, Some(hit.newest)));
        let rows = rows.filter(|row| show != Show::NotInstalled || row.installed.is_none());
        self.found = rows.collect();
    }

    fn merged(&self, name: String, newest: Option<Newest>) -> Row {
        match self.get(&name) {
            Some(row) => row.clone(),
            None => Row {
                name,
                installed: None,
                newest,
                can_update: false,
            },
        }
    }

    pub fn show(&mut self, show: Show) {
        if self.show.is_of_index() != show.is_of_index() || show == Show::NotInstalled {
            self.found
                .retain(|row| show != Show::NotInstalled || row.installed.is_none());
        }
        self.show = show;
        self.filter();
    }

    pub fn search(&mut self, search: &str) {
        self.words = search
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        self.filter();
    }

    fn filter(&mut self) {
        let (rows, words, show) = (&self.installed, &self.words, self.show);
        self.shown.clear();
        self.shown.extend((0..rows.len()).filter(|index| {
            let row = &rows[*index];
            (show != Show::Updatable || row.can_update)
                && words.iter().all(|word| row.name.contains(word.as_str()))
        }));
    }

    pub fn len(&self) -> usize {
        if self.show.is_of_index() {
            self.found.len()
        } else {
            self.shown.len()
        }
    }

    pub fn at(&self, place: usize) -> Option<&Row> {
        if self.show.is_of_index() {
            self.found.get(place)
        } else {
            self.installed.get(*self.shown.get(place)?)
        }
    }

    /// An installed package.
    pub fn get(&self, name: &str) -> Option<&Row> {
        self.installed.get(*self.by_name.get(name)?)
    }

    /// Any package that is known here.
    pub fn known(&self, name: &str) -> Option<&Row> {
        self.get(name)
            .or_else(|| self.found.iter().find(|row| row.name == name))
    }

    pub fn place_of(&self, name: &str) -> Option<usize> {
        (0..self.len()).find(|place| self.at(*place).is_some_and(|row| row.name == name))
    }

    /// Whether more match in the index than are shown.
    pub fn is_cut(&self) -> bool {
        self.show.is_of_index() && self.is_cut && !self.found.is_empty()
    }

    pub fn installed(&self) -> &[Row] {
        &self.installed
    }

    pub fn updatable(&self) -> usize {
        self.installed.iter().filter(|row| row.can_update).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(name: &str, version: &str) -> Installed {
        Installed {
            name: name.to_owned(),
            version: version.to_owned(),
            build: "py_0".to_owned(),
            channel: "research".to_owned(),
            size: None,
            is_requested: false,
            is_conda: true,
        }
    }

    fn newest(version: &str) -> Newest {
        Newest {
            version: version.to_owned(),
            channel: "main".to_owned(),
        }
    }

    fn names(rows: &Rows) -> Vec<&str> {
        (0..rows.len())
            .filter_map(|place| rows.at(place))
            .map(|row| row.name.as_str())
            .collect()
    }

    fn hits(names: &[&str]) -> Found {
        let hits = names.iter().map(|name| Hit {
            name: (*name).to_owned(),
            newest: newest("9.0"),
        });
        Found {
            hits: hits.collect(),
            is_cut: true,
        }
    }

    fn rows() -> Rows {
        let mut rows = Rows::default();
        rows.install(vec![installed("pandas", "2.1"), installed("numpy", "1.26")]);
        let newer = |version| Comparison {
            newest: newest(version),
            is_newer: true,
        };
        rows.compare(HashMap::from([("numpy".to_owned(), newer("2.3"))]));
        rows
    }

    #[test]
    fn filters_and_the_search_leave_what_they_say() {
        let mut rows = rows();
        assert_eq!(names(&rows), ["numpy", "pandas"]);
        rows.show(Show::Updatable);
        assert_eq!(names(&rows), ["numpy"]);
        assert_eq!(
            rows.at(0)
                .and_then(Row::update)
                .map(|newest| newest.version.as_str()),
            Some("2.3")
        );
        rows.show(Show::Installed);
        rows.search("PAN");
        assert_eq!(names(&rows), ["pandas"]);
        rows.show(Show::All);
        rows.find(hits(&["pandas", "pandas-stubs"]));
        assert_eq!(names(&rows), ["pandas", "pandas-stubs"]);
        assert_eq!(
            rows.at(0).map(Row::version),
            Some("2.1"),
            "what is there is told as it is there"
        );
        assert!(rows.is_cut());
        rows.show(Show::NotInstalled);
        assert_eq!(names(&rows), ["pandas-stubs"]);
    }

    #[test]
    fn hits_follow_what_is_installed_meanwhile() {
        let mut rows = rows();
        rows.show(Show::All);
        rows.find(hits(&["scipy", "numpy"]));
        assert!(rows.at(0).is_some_and(|row| row.installed.is_none()));
        rows.install(vec![installed("scipy", "1.0")]);
        assert_eq!(names(&rows), ["scipy", "numpy"]);
        assert!(rows.at(0).is_some_and(|row| row.installed.is_some()));
        assert!(
            rows.at(1).is_some_and(|row| row.installed.is_none()),
            "it was removed"
        );
        assert_eq!(rows.at(1).map(Row::version), Some("2.3"));
    }
}
