//! The packages of one environment for another: nothing is left to solve, and no index to be asked.

use std::path::PathBuf;

use super::installed::Installed;
use super::outcome::Solved;
use super::solution::{ChangeSpecs, ChannelNames, Solution, without_credentials};
use crate::package::Record;

/// What a new environment at `prefix` shall hold so that it holds what another one does. `requested` are the match specs in force
/// in that one, `subdir` its platform where no package of it tells.
pub fn copied(
    of: &Installed,
    prefix: PathBuf,
    requested: Vec<String>,
    subdir: &str,
    names: &ChannelNames,
) -> Solved {
    let mut records = of.records().to_vec();
    for record in &mut records {
        // A record of conda may hold the login with which its package was fetched.
        if let Ok(url) = without_credentials(&record.url).parse() {
            record.url = url;
        }
    }
    let subdir = of.subdir().unwrap_or(subdir);
    let history = ChangeSpecs {
        update: requested.clone(),
        ..ChangeSpecs::default()
    };
    Solved {
        added: records.iter().map(|record| Record::of(record, names)).collect(),
        changed: Vec::new(),
        removed: Vec::new(),
        notes: Vec::new(),
        solution: Solution::new(prefix, subdir.to_owned(), records).asked(requested, history),
    }
}
