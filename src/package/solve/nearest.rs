//! Names that somebody may have meant.

/// The names that come closest to a misspelt one, the best first; at most three.
pub(super) fn to<'a>(name: &str, all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let plain = plain(name);
    let limit = (plain.len() / 3).clamp(1, 3);
    let mut near: Vec<_> = all
        .filter_map(|known| {
            let distance = distance(&plain, &self::plain(known), limit)?;
            Some((distance, known.len().abs_diff(name.len()), known))
        })
        .collect();
    near.sort_unstable();
    near.dedup();
    near.truncate(3);
    near.into_iter().map(|(_, _, known)| known).collect()
}

/// Spellings that people mix up look the same: `scikit_learn`, `Scikit.Learn`.
fn plain(name: &str) -> Vec<u8> {
    let same = |byte: u8| {
        if matches!(byte, b'_' | b'.') {
            b'-'
        } else {
            byte.to_ascii_lowercase()
        }
    };
    name.bytes().map(same).collect()
}

/// How many letters have to be added, removed, changed or swapped with their neighbour; nothing beyond the limit.
fn distance(one: &[u8], other: &[u8], limit: usize) -> Option<usize> {
    if one.len().abs_diff(other.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, known) in other.iter().enumerate() {
            let change = last[column] + usize::from(letter != known);
            let mut least = change.min(last[column + 1] + 1).min(next[column] + 1);
            let is_swapped = row > 0
                && column > 0
                && *letter == other[column - 1]
                && one[row - 1] == *known
                && letter != known;
            if is_swapped {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least);
        }
        if next.iter().min().is_some_and(|least| *least > limit) {
            return None;
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_recognised() {
        let all = [
            "numpy",
            "numpydoc",
            "scikit-learn",
            "scipy",
            "pandas",
            "panda",
            "r",
            "zlib",
            "nump",
        ];
        let near = |name| to(name, all.into_iter());
        assert_eq!(near("nmupy"), ["numpy"]);
        assert_eq!(near("numpi"), ["numpy", "nump"]);
        assert_eq!(near("scikit_learn")[0], "scikit-learn");
        assert_eq!(near("sickit-learn"), ["scikit-learn"]);
        assert_eq!(near("Pandsa")[0], "pandas");
        assert_eq!(near("tensorflow"), Vec::<&str>::new());
        assert_eq!(near("q"), ["r"]);
    }
}
