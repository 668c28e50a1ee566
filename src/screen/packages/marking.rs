//! Marking packages for the basket, and what stands against it.

use super::Packages;
use super::basket::Mark;
use super::rows::Row;

impl Packages {
    /// Whether a package is to be there, turned round.
    pub(super) fn tick(&mut self, place: usize) {
        let Some(row) = self.rows.at(place).filter(|row| self.can_mark(row)) else {
            return;
        };
        let mark = self.basket.get(&row.name);
        match (row.installed.is_some(), mark) {
            (true, None | Some(Mark::Update | Mark::Install(_))) => {
                self.basket.toggle(&row.name, Mark::Remove);
            }
            (false, None) => self.basket.toggle(&row.name, Mark::Install(None)),
            (true, Some(Mark::Remove)) | (false, Some(_)) => self.basket.take_out(&row.name),
        }
    }

    pub(super) fn mark_update(&mut self, place: usize) {
        if let Some(row) = self.rows.at(place).filter(|row| self.can_mark(row))
            && row.update().is_some()
            && !self.basket.has_everything()
        {
            self.basket.toggle(&row.name, Mark::Update);
        }
    }

    pub(super) fn can_change(&self) -> bool {
        self.environment.guard.is_none() || self.is_overridden
    }

    /// Whether this package can be marked: what pip has installed is pip's.
    pub(super) fn can_mark(&self, row: &Row) -> bool {
        self.can_change() && row.installed.as_ref().is_none_or(|installed| installed.is_conda)
    }

    /// Whether what protects the environment is to be passed over.
    pub fn is_overridden(&self) -> bool {
        self.is_overridden
    }

    pub(super) fn can_apply(&self) -> bool {
        self.can_change() && !self.basket.is_empty()
    }
}
