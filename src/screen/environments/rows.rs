//! The environments as data: what each row shows, which rows the search leaves, in which order.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use crate::service::plan::short_path;
use crate::ui::button::Order;

/// An environment as the list tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What `conda activate` takes; nothing where only the folder activates it.
    pub name: Option<String>,
    pub prefix: PathBuf,
    pub python: Option<String>,
    pub packages: usize,
    /// Whether it is the installation that conda itself runs from.
    pub is_base: bool,
    /// What keeps it from being changed.
    pub guard: Option<Guard>,
}

/// What keeps an environment from being changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Whoever made it does not want it changed (CEP-22), with what they say about it.
    Frozen(String),
    /// This account may not write there.
    ReadOnly,
}

/// What an environment takes on the disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSize {
    /// What removing it would give back.
    pub own: u64,
    /// Hard links to files that the package cache or other environments hold too.
    pub shared: u64,
}

impl DiskSize {
    pub fn total(self) -> u64 {
        self.own.saturating_add(self.shared)
    }
}

/// How far the size of an environment is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Waiting,
    Known(DiskSize),
    /// Its files cannot be read.
    Unknown,
}

/// What a person does with an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    Packages,
    OpenTerminal,
    Clone,
    Rename,
    Export,
    Remove,
}

impl Deed {
    pub const ALL: [Self; 6] = [
        Self::Packages,
        Self::OpenTerminal,
        Self::Clone,
        Self::Rename,
        Self::Export,
        Self::Remove,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Self::Packages => "Packages",
            Self::OpenTerminal => "Open terminal",
            Self::Clone => "Clone",
            Self::Rename => "Rename",
            Self::Export => "Export",
            Self::Remove => "Remove",
        }
    }
}

impl Listed {
    /// Its name, or the folder where it has none.
    pub fn label(&self, home: &Path) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => short_path(&self.prefix, home),
        }
    }

    /// Why this cannot be done with it.
    pub fn hindrance(&self, deed: Deed) -> Option<&'static str> {
        let moves = matches!(deed, Deed::Rename | Deed::Remove);
        match &self.guard {
            _ if !moves => None,
            _ if self.is_base => Some("conda itself runs from it"),
            Some(Guard::Frozen(_)) => Some("it is frozen"),
            Some(Guard::ReadOnly) => Some("this account may not write there"),
            None => None,
        }
    }

    /// What can be done with it, in the order of a menu.
    pub fn deeds(&self) -> impl Iterator<Item = Deed> {
        Deed::ALL.into_iter().filter(|deed| self.hindrance(*deed).is_none())
    }
}

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Name,
    Python,
    Packages,
    Size,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub listed: Listed,
    pub measure: Measure,
    /// Name and folder in lower case.
    haystack: String,
}

/// All rows, those that are shown, and why.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    rows: Vec<Row>,
    shown: Vec<usize>,
    words: Vec<String>,
    sort: (Column, Order),
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            shown: Vec::new(),
            words: Vec::new(),
            sort: (Column::Name, Order::Ascending),
        }
    }
}

impl Rows {
    /// Takes in what was found anew. Sizes that are known stay until they are measured again.
    pub fn replace(&mut self, found: Vec<Listed>, home: &Path) {
        let known = std::mem::take(&mut self.rows);
        self.rows = found
            .into_iter()
            .map(|listed| {
                let before = known.iter().find(|row| row.listed.prefix == listed.prefix);
                let measure = before.map_or(Measure::Waiting, |row| row.measure);
                let name = listed.name.as_deref().unwrap_or_default();
                Row {
                    haystack: format!("{name}\n{}", short_path(&listed.prefix, home)).to_lowercase(),
                    listed,
                    measure,
                }
            })
            .collect();
        self.arrange();
    }

    pub fn measured(&mut self, prefix: &Path, measure: Measure) {
        let row = self.rows.iter_mut().find(|row| row.listed.prefix == prefix);
        if let Some(row) = row {
            row.measure = measure;
            if self.sort.0 == Column::Size {
                self.arrange();
            }
        }
    }

    /// Nobody measures any more: what waits stays unknown.
    pub fn give_up(&mut self) {
        for row in &mut self.rows {
            if row.measure == Measure::Waiting {
                row.measure = Measure::Unknown;
            }
        }
    }

    pub fn all(&self) -> &[Row] {
        &self.rows
    }

    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// The row at a place of the list as it is shown.
    pub fn at(&self, place: usize) -> Option<&Row> {
        self.rows.get(*self.shown.get(place)?)
    }

    pub fn place_of(&self, prefix: &Path) -> Option<usize> {
        self.shown
            .iter()
            .position(|index| self.rows[*index].listed.prefix == prefix)
    }

    /// The largest size that is known, for the length of the bars.
    pub fn largest(&self) -> u64 {
        let known = self.rows.iter().filter_map(|row| match row.measure {
            Measure::Known(size) => Some(size.total()),
            Measure::Waiting | Measure::Unknown => None,
        });
        known.max().unwrap_or_default()
    }

    pub fn search(&mut self, search: &str) {
        self.words = search.to_lowercase().split_whitespace().map(str::to_owned).collect();
        self.filter();
    }

    pub fn order_of(&self, column: Column) -> Option<Order> {
        (self.sort.0 == column).then_some(self.sort.1)
    }

    /// Sorts by a column; once more reverses it. Sizes and counts begin with the largest.
    pub fn sort_by(&mut self, column: Column) {
        let first = match column {
            Column::Name | Column::Python => Order::Ascending,
            Column::Packages | Column::Size => Order::Descending,
        };
        let order = match self.order_of(column) {
            Some(Order::Ascending) => Order::Descending,
            Some(Order::Descending) => Order::Ascending,
            None => first,
        };
        self.sort = (column, order);
        self.arrange();
    }

    fn arrange(&mut self) {
        let (column, order) = self.sort;
        let directed = |ordering: Ordering| match order {
            Order::Ascending => ordering,
            Order::Descending => ordering.reverse(),
        };
        // What is equal, and what is not known, stands in the order of names.
        self.rows.sort_by(|a, b| by_name(&a.listed, &b.listed));
        self.rows.sort_by(|a, b| match column {
            Column::Name => directed(by_name(&a.listed, &b.listed)),
            Column::Python => {
                let (one, other) = (&a.listed.python, &b.listed.python);
                (one.is_none().cmp(&other.is_none())).then_with(|| {
                    let numbers = |python: &Option<String>| version_key(python.as_deref().unwrap_or_default());
                    directed(numbers(one).cmp(&numbers(other)))
                })
            }
            Column::Packages => directed(a.listed.packages.cmp(&b.listed.packages)),
            Column::Size => match (a.measure, b.measure) {
                (Measure::Known(one), Measure::Known(other)) => directed(one.total().cmp(&other.total())),
                (Measure::Known(_), _) => Ordering::Less,
                (_, Measure::Known(_)) => Ordering::Greater,
                _ => Ordering::Equal,
            },
        });
        self.filter();
    }

    fn filter(&mut self) {
        let (rows, words) = (&self.rows, &self.words);
        self.shown.clear();
        self.shown.extend((0..rows.len()).filter(|index| {
            let row = &rows[*index];
            words.iter().all(|word| row.haystack.contains(word.as_str()))
        }));
    }
}

/// conda's own installations first, what has no name last.
fn by_name(a: &Listed, b: &Listed) -> Ordering {
    let key = |listed: &Listed| {
        (
            !listed.is_base,
            listed.name.is_none(),
            listed.name.as_deref().unwrap_or_default().to_lowercase(),
            listed.prefix.clone(),
        )
    };
    key(a).cmp(&key(b))
}

/// The numbers of a version of Python, so that 3.9 comes before 3.10.
fn version_key(version: &str) -> Vec<u64> {
    version
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, python: Option<&str>, packages: usize) -> Listed {
        Listed {
            name: (!name.is_empty()).then(|| name.to_owned()),
            prefix: format!("/home/ana/envs/{}", if name.is_empty() { "hidden" } else { name }).into(),
            python: python.map(str::to_owned),
            packages,
            is_base: name == "base",
            guard: None,
        }
    }

    fn rows() -> Rows {
        let mut rows = Rows::default();
        let found = vec![
            listed("forecast", Some("3.9.2"), 40),
            listed("", None, 3),
            listed("Etl", Some("3.13.0"), 12),
            listed("base", Some("3.12.4"), 318),
        ];
        rows.replace(found, Path::new("/home/ana"));
        rows
    }

    fn names(rows: &Rows) -> Vec<&str> {
        let rows = (0..rows.len()).filter_map(|place| rows.at(place));
        rows.map(|row| row.listed.name.as_deref().unwrap_or("-")).collect()
    }

    #[test]
    fn rows_sort_by_every_column_and_back() {
        let mut rows = rows();
        assert_eq!(names(&rows), ["base", "Etl", "forecast", "-"]);
        rows.sort_by(Column::Python);
        assert_eq!(names(&rows), ["forecast", "base", "Etl", "-"]);
        rows.sort_by(Column::Python);
        assert_eq!(
            names(&rows),
            ["Etl", "base", "forecast", "-"],
            "no Python comes last both ways"
        );
        rows.sort_by(Column::Packages);
        assert_eq!(names(&rows), ["base", "forecast", "Etl", "-"]);
        rows.sort_by(Column::Size);
        assert_eq!(names(&rows), ["base", "Etl", "forecast", "-"], "nothing is known yet");
        let size = |own| Measure::Known(DiskSize { own, shared: 1 });
        rows.measured(Path::new("/home/ana/envs/hidden"), size(10));
        rows.measured(Path::new("/home/ana/envs/forecast"), size(30));
        rows.measured(Path::new("/home/ana/envs/base"), Measure::Unknown);
        assert_eq!(names(&rows), ["forecast", "-", "base", "Etl"]);
        assert_eq!(rows.largest(), 31);
    }

    #[test]
    fn the_search_looks_at_names_and_folders() {
        let mut rows = rows();
        rows.search("ETL");
        assert_eq!(names(&rows), ["Etl"]);
        rows.search("envs hid");
        assert_eq!(names(&rows), ["-"]);
        rows.search("");
        assert_eq!(rows.len(), 4);
    }

    #[test]
    fn sizes_outlive_a_reload() {
        let mut rows = rows();
        let size = Measure::Known(DiskSize { own: 5, shared: 0 });
        rows.measured(Path::new("/home/ana/envs/base"), size);
        let found = vec![listed("base", None, 1), listed("new", None, 0)];
        rows.replace(found, Path::new("/home/ana"));
        assert_eq!(rows.at(0).map(|row| row.measure), Some(size));
        assert_eq!(rows.at(1).map(|row| row.measure), Some(Measure::Waiting));
        rows.give_up();
        assert_eq!(rows.at(1).map(|row| row.measure), Some(Measure::Unknown));
    }

    #[test]
    fn what_protects_an_environment_leaves_what_does_not_touch_it() {
        let base = listed("base", None, 0);
        assert!(base.hindrance(Deed::Remove).is_some() && base.hindrance(Deed::Packages).is_none());
        let frozen = Listed {
            guard: Some(Guard::Frozen("kept by IT".to_owned())),
            ..listed("frozen", None, 0)
        };
        let deeds: Vec<Deed> = frozen.deeds().collect();
        assert_eq!(
            deeds,
            [Deed::Packages, Deed::OpenTerminal, Deed::Clone, Deed::Export]
        );
    }
}
