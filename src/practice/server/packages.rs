//! The content of Anaconda Server's channels.

use super::channel::Channel;
use crate::practice::shelf::{Offers, Shelf};
use crate::practice::stock::{MAIN, OLD, R, company, simple};

/// What lies in a channel. One without artifacts is empty, those that nobody described closely have a few packages.
pub(super) fn shelf(channel: &Channel) -> Shelf {
    if channel.artifacts == 0 {
        return Shelf::default();
    }
    match channel.path().as_str() {
        "main" => MAIN.clone(),
        "r-main" => R.clone().offering(Offers::Sharded),
        "legacy-2019" => OLD.clone().offering(Offers::Old),
        "research" => company::RESEARCH.clone(),
        "research/gpu" => company::GPU.clone(),
        "risk-models" => company::RISK.clone(),
        "vendor-a" => company::VENDOR.clone().offering(Offers::Sharded),
        "genomics" => company::GENOMICS.clone(),
        "sandbox" => company::SANDBOX.clone(),
        other => Shelf::new(simple::data_and_tools(&other.replace('/', "-"))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::world::channels;
    use super::*;
    use crate::practice::shelf::tests::check;

    #[test]
    fn records_are_complete_and_depend_on_what_exists() {
        let world = channels(10);
        let (mut names, mut wanted) = (BTreeSet::new(), BTreeSet::new());
        for channel in &world {
            check(&shelf(channel), &mut names, &mut wanted);
        }
        assert!(wanted.is_subset(&names), "{:?}", wanted.difference(&names));
    }
}
