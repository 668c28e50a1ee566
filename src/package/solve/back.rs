//! Back to what an environment held before a change: nothing is solved.

use std::path::Path;

use super::installed::Installed;
use super::outcome::{self, Solved};
use super::solution::{ChangeSpecs, ChannelNames, Solution};

/// What takes an environment that holds `present` back to `earlier`. `requested` are the match specs in force then, `history`
/// is what brings conda's history back to them.
pub fn back(
    prefix: &Path,
    present: &Installed,
    earlier: &Installed,
    requested: Vec<String>,
    history: ChangeSpecs,
    names: &ChannelNames,
) -> Solved {
    let there = present.records();
    let records = earlier.records().iter().cloned();
    let records: Vec<_> = records.map(|record| outcome::as_it_is(record, there)).collect();
    let (added, changed, removed) = outcome::difference(there, &records, names);
    let subdir = earlier.subdir().or(present.subdir()).unwrap_or("noarch");
    let solution = Solution::new(prefix.to_owned(), subdir.to_owned(), records);
    Solved {
        solution: solution.asked(requested, history),
        added,
        changed,
        removed,
        notes: Vec::new(),
    }
}
