//! Joining two changes of one text line by line, where they do not touch.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What takes the place of some lines of the base.
struct Hunk<'t> {
    base: Range<usize>,
    lines: Vec<&'t str>,
}

/// Both changes; nothing where they touch the same lines or lines side by side.
pub(in crate::service) fn joined(base: &str, mine: &str, theirs: &str) -> Option<String> {
    let (base, mine, theirs) = (split(base), split(mine), split(theirs));
    let mut hunks = hunks(&base, &mine);
    for hunk in self::hunks(&base, &theirs) {
        let same = |known: &Hunk<'_>| known.base == hunk.base && known.lines == hunk.lines;
        if hunks.iter().any(same) {
            continue;
        }
        let apart = |known: &Hunk<'_>| known.base.end < hunk.base.start || hunk.base.end < known.base.start;
        if !hunks.iter().all(apart) {
            return None;
        }
        hunks.push(hunk);
    }
    hunks.sort_by_key(|hunk| hunk.base.start);
    let mut joined = String::new();
    let mut at = 0;
    for hunk in hunks {
        joined.extend(base[at..hunk.base.start].iter().copied());
        joined.extend(hunk.lines);
        at = hunk.base.end;
    }
    joined.extend(base[at..].iter().copied());
    Some(joined)
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn hunks<'t>(base: &[&str], changed: &[&'t str]) -> Vec<Hunk<'t>> {
    let mut hunks: Vec<Hunk<'t>> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, base, changed) {
        let (base, new) = match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete {
                old_index, old_len, ..
            } => (old_index..old_index + old_len, 0..0),
            DiffOp::Insert {
                old_index,
                new_index,
                new_len,
            } => (old_index..old_index, new_index..new_index + new_len),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => (old_index..old_index + old_len, new_index..new_index + new_len),
        };
        hunks.push(Hunk {
            base,
            lines: changed[new].to_vec(),
        });
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_that_do_not_touch_are_joined() {
        let base = "a\nb\nc\nd\ne\n";
        assert_eq!(
            joined(base, "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\nf\n").as_deref(),
            Some("A\nb\nc\nd\nE\nf\n")
        );
        assert_eq!(
            joined(base, "a\nc\nd\ne\n", "a\nb\nc\nd\n").as_deref(),
            Some("a\nc\nd\n")
        );
        // The same change counts once.
        assert_eq!(
            joined(base, "a\nX\nc\nd\ne\n", "a\nX\nc\nd\ne\n").as_deref(),
            Some("a\nX\nc\nd\ne\n")
        );
        assert_eq!(joined(base, base, "").as_deref(), Some(""));
    }

    #[test]
    fn changes_that_touch_are_not() {
        let base = "a\nb\nc\n";
        assert_eq!(joined(base, "a\nX\nc\n", "a\nY\nc\n"), None);
        assert_eq!(joined(base, "a\nX\nc\n", "a\nb\nY\n"), None);
        assert_eq!(joined(base, "a\nb\nc\nX\n", "a\nb\nc\nY\n"), None);
        assert_eq!(joined("", "X\n", "Y\n"), None);
    }
}
