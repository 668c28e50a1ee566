//! The environments as data: what each row shows, which rows the search leaves, in which order.

use std::cmp::Ordering;
use std::path::Path;

use crate::conda::environment::{Environment, Intent, Protection};
use crate::service::plan::short_path;
use crate::ui::button::Order;

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

    /// What it means to the environment, if it changes anything there.
    fn intent(self) -> Option<Intent> {
        match self {
            Self::Rename => Some(Intent::Rename),
            Self::Remove => Some(Intent::Remove),
            Self::Packages | Self::OpenTerminal | Self::Clone | Self::Export => None,
        }
    }
}

/// Its name, or the folder where it has none.
pub fn label(environment: &Environment, home: &Path) -> String {
    match &environment.name {
        Some(name) => name.clone(),
        None => short_path(&environment.prefix, home),
    }
}

/// What stands against a deed, whatever the person says.
pub fn hindrance(environment: &Environment, deed: Deed) -> Option<&Protection> {
    let mut against = environment.protections.iter();
    against.find(|protection| {
        let is_meant = deed.intent().is_some_and(|intent| protection.forbids(intent));
        is_meant && !protection.can_be_overridden()
    })
}

/// What stands against a deed unless the person says that it is to be done nevertheless.
pub fn objection(environment: &Environment, deed: Deed) -> Option<&Protection> {
    let refusal = environment.refusal(deed.intent()?)?;
    (refusal.can_be_overridden() && hindrance(environment, deed).is_none()).then_some(refusal)
}

/// What can be done with an environment, in the order of a menu.
pub fn deeds(environment: &Environment) -> impl Iterator<Item = Deed> {
    Deed::ALL
        .into_iter()
        .filter(|deed| hindrance(environment, *deed).is_none())
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
    pub environment: Environment,
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
    pub fn replace(&mut self, found: Vec<Environment>, home: &Path) {
        let known = std::mem::take(&mut self.rows);
        self.rows = found
            .into_iter()
            .map(|environment| {
                let before = known
                    .iter()
                    .find(|row| row.environment.prefix == environment.prefix);
                let measure = before.map_or(Measure::Waiting, |row| row.measure);
                let name = environment.name.as_deref().unwrap_or_default();
                Row {
                    haystack: format!("{name}\n{}", short_path(&environment.prefix, home)).to_lowercase(),
                    environment,
                    measure,
                }
            })
            .collect();
        self.arrange();
    }

    pub fn measured(&mut self, prefix: &Path, measure: Measure) {
        let row = self.rows.iter_mut().find(|row| row.environment.prefix == prefix);
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
            .position(|index| self.rows[*index].environment.prefix == prefix)
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
        self.words = search
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
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
        self.rows.sort_by(|a, b| by_name(&a.environment, &b.environment));
        self.rows.sort_by(|a, b| match column {
            Column::Name => directed(by_name(&a.environment, &b.environment)),
            Column::Python => {
                let (one, other) = (&a.environment.python, &b.environment.python);
                (one.is_none().cmp(&other.is_none())).then_with(|| {
                    let numbers =
                        |python: &Option<String>| version_key(python.as_deref().unwrap_or_default());
                    directed(numbers(one).cmp(&numbers(other)))
                })
            }
            Column::Packages => directed(a.environment.packages.cmp(&b.environment.packages)),
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
fn by_name(a: &Environment, b: &Environment) -> Ordering {
    let key = |environment: &Environment| {
        (
            !environment.is_base,
            environment.name.is_none(),
            environment.name.as_deref().unwrap_or_default().to_lowercase(),
            environment.prefix.clone(),
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

    fn environment(name: &str, python: Option<&str>, packages: usize) -> Environment {
        Environment {
            name: (!name.is_empty()).then(|| name.to_owned()),
            prefix: format!("/home/ana/envs/{}", if name.is_empty() { "hidden" } else { name }).into(),
            python: python.map(str::to_owned),
            packages,
            is_base: name == "base",
            protections: Vec::new(),
        }
    }

    fn rows() -> Rows {
        let mut rows = Rows::default();
        let found = vec![
            environment("forecast", Some("3.9.2"), 40),
            environment("", None, 3),
            environment("Etl", Some("3.13.0"), 12),
            environment("base", Some("3.12.4"), 318),
        ];
        rows.replace(found, Path::new("/home/ana"));
        rows
    }

    fn names(rows: &Rows) -> Vec<&str> {
        let rows = (0..rows.len()).filter_map(|place| rows.at(place));
        rows.map(|row| row.environment.name.as_deref().unwrap_or("-"))
            .collect()
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
        assert_eq!(
            names(&rows),
            ["base", "Etl", "forecast", "-"],
            "nothing is known yet"
        );
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
        let found = vec![environment("base", None, 1), environment("new", None, 0)];
        rows.replace(found, Path::new("/home/ana"));
        assert_eq!(rows.at(0).map(|row| row.measure), Some(size));
        assert_eq!(rows.at(1).map(|row| row.measure), Some(Measure::Waiting));
        rows.give_up();
        assert_eq!(rows.at(1).map(|row| row.measure), Some(Measure::Unknown));
    }

    #[test]
    fn what_protects_an_environment_leaves_what_does_not_touch_it() {
        let base = Environment {
            protections: vec![Protection::Base],
            ..environment("base", None, 0)
        };
        assert!(hindrance(&base, Deed::Remove).is_some() && hindrance(&base, Deed::Packages).is_none());
        let safe: Vec<Deed> = deeds(&base).collect();
        assert_eq!(
            safe,
            [Deed::Packages, Deed::OpenTerminal, Deed::Clone, Deed::Export]
        );
        // What is frozen is changed when a person says so.
        let frozen = Environment {
            protections: vec![Protection::Frozen { message: None }],
            ..environment("frozen", None, 0)
        };
        assert_eq!(deeds(&frozen).count(), Deed::ALL.len());
        assert!(objection(&frozen, Deed::Rename).is_some() && objection(&frozen, Deed::Clone).is_none());
        let both = Environment {
            protections: vec![Protection::Frozen { message: None }, Protection::Base],
            ..environment("base", None, 0)
        };
        assert!(objection(&both, Deed::Remove).is_none() && hindrance(&both, Deed::Remove).is_some());
    }
}
