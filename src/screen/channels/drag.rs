//! Moving an entry of an order with the pointer: where it goes while it is held.

use crate::ui::virtual_list::ROW_HEIGHT;

use super::selection::List;

/// An entry that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drag {
    pub list: List,
    /// Where it was taken up.
    pub from: usize,
    /// Where it is now.
    pub at: usize,
}

impl Drag {
    pub fn new(list: List, from: usize) -> Self {
        Self { list, from, at: from }
    }
}

/// The place under the pointer in a list of `len` rows. `y` counts from the upper edge of a window of `height` that is
/// scrolled by `offset`; beyond an edge it is the next row that is not in sight, so that the list can follow.
pub(in crate::screen) fn place_under(y: f32, height: f32, offset: f32, len: usize) -> usize {
    let last = len.saturating_sub(1);
    let inside = y.clamp(-1.0, height.max(1.0) + 1.0) + offset;
    ((inside.max(0.0) / ROW_HEIGHT).floor() as usize).min(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_follows_the_pointer_and_leaves_the_window_by_one_row() {
        let height = 4.0 * ROW_HEIGHT;
        let under = |rows: f32, offset: f32| place_under(rows * ROW_HEIGHT, height, offset * ROW_HEIGHT, 10);
        assert_eq!(under(0.5, 0.0), 0);
        assert_eq!(under(2.5, 0.0), 2);
        assert_eq!(under(2.5, 3.0), 5);
        assert_eq!(under(-8.0, 0.0), 0);
        assert_eq!(under(-8.0, 3.0), 2);
        assert_eq!(under(30.0, 0.0), 4);
        assert_eq!(under(30.0, 6.0), 9);
        assert_eq!(place_under(50.0, height, 0.0, 0), 0);
    }
}
