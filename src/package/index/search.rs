//! How well a name fits what somebody types.

/// How a name fits, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    Exact,
    Prefix,
    /// A word inside the name begins with it.
    Word,
    Substring,
    /// With so many slips of the pen.
    Slip(u8),
    /// The letters are there in this order.
    Letters,
}

/// The fewest letters for which a slip is forgiven.
const SHORTEST_FOR_SLIPS: usize = 3;

/// A longer text is nobody's slip.
const LONGEST_FOR_SLIPS: usize = 48;

/// What somebody types, prepared to be compared with many names.
pub(super) struct Query {
    words: Vec<String>,
    letters: u64,
}

impl Query {
    pub(super) fn new(typed: &str) -> Self {
        let words: Vec<String> = typed.split_whitespace().map(plain).collect();
        Self {
            letters: words.iter().fold(0, |all, word| all | letters(word)),
            words,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How a name holds every word that was typed.
    pub(super) fn fit(&self, name: &str) -> Option<Fit> {
        let holder;
        let name = match name
            .bytes()
            .any(|byte| matches!(byte, b'_' | b'.') || byte.is_ascii_uppercase())
        {
            true => {
                holder = plain(name);
                holder.as_str()
            }
            false => name,
        };
        let mut worst = Fit::Exact;
        for word in &self.words {
            worst = worst.max(of_word(name, word)?);
        }
        Some(worst)
    }

    /// How a name nearly holds it. `name_letters` are the name's, from [`letters`].
    pub(super) fn near_fit(&self, name: &str, name_letters: u64) -> Option<Fit> {
        let [word] = self.words.as_slice() else {
            return None;
        };
        let length = word.len();
        if !(SHORTEST_FOR_SLIPS..=LONGEST_FOR_SLIPS).contains(&length) {
            return None;
        }
        let missing = (self.letters & !name_letters).count_ones();
        let allowed: u8 = if length < 5 { 1 } else { 2 };
        // One slip may cost two letters at most, one missing and one too many.
        if missing <= u32::from(allowed)
            && name.len().abs_diff(length) <= usize::from(allowed)
            && (name_letters & !self.letters).count_ones() <= u32::from(allowed)
        {
            let name = plain(name);
            if let Some(slips) = slips(word.as_bytes(), name.as_bytes(), allowed) {
                return Some(Fit::Slip(slips));
            }
        }
        (missing == 0 && is_in_order(word, &plain(name))).then_some(Fit::Letters)
    }
}

/// Lower case, and one sign between words.
fn plain(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '_' | '.' => '-',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// Which letters and digits a text has; everything else counts as one.
pub(super) fn letters(text: &str) -> u64 {
    text.bytes().fold(0, |all, byte| {
        all | match byte.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => 1 << (letter - b'a'),
            digit @ b'0'..=b'9' => 1 << (26 + digit - b'0'),
            _ => 1 << 36,
        }
    })
}

fn of_word(name: &str, word: &str) -> Option<Fit> {
    if let Some(rest) = name.strip_prefix(word) {
        return Some(if rest.is_empty() { Fit::Exact } else { Fit::Prefix });
    }
    let mut from = 0;
    let mut found = None;
    while let Some(at) = name[from..].find(word).map(|at| from + at) {
        if name.as_bytes()[at - 1] == b'-' {
            return Some(Fit::Word);
        }
        found = Some(Fit::Substring);
        from = at + 1;
        while !name.is_char_boundary(from) {
            from += 1;
        }
    }
    found
}

/// How many letters were left out, added, changed or swapped with the next (optimal string alignment); nothing beyond
/// `allowed`.
fn slips(one: &[u8], other: &[u8], allowed: u8) -> Option<u8> {
    let width = other.len() + 1;
    let mut before: Vec<u8> = vec![0; width];
    let mut last: Vec<u8> = (0..width).map(|count| count.min(255) as u8).collect();
    let mut row = vec![0; width];
    for (at, &letter) in one.iter().enumerate() {
        row[0] = (at + 1).min(255) as u8;
        let mut best = row[0];
        for column in 1..width {
            let changed = last[column - 1] + u8::from(other[column - 1] != letter);
            let mut cost = changed.min(last[column] + 1).min(row[column - 1] + 1);
            let is_swapped =
                at > 0 && column > 1 && other[column - 2] == letter && other[column - 1] == one[at - 1];
            if is_swapped {
                cost = cost.min(before[column - 2] + 1);
            }
            row[column] = cost;
            best = best.min(cost);
        }
        if best > allowed {
            return None;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    (1..=allowed).contains(&last[width - 1]).then(|| last[width - 1])
}

/// Whether the letters of a word come in a name in their order, the first of them at the beginning of a word.
fn is_in_order(word: &str, name: &str) -> bool {
    let Some(first) = word.bytes().next() else {
        return false;
    };
    let bytes = name.as_bytes();
    let starts = (0..bytes.len()).filter(|&at| bytes[at] == first && (at == 0 || bytes[at - 1] == b'-'));
    starts.into_iter().any(|start| {
        let mut rest = bytes[start..].iter();
        word.bytes().all(|letter| rest.any(|byte| *byte == letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(typed: &str, name: &str) -> Option<Fit> {
        let query = Query::new(typed);
        query.fit(name).or_else(|| query.near_fit(name, letters(name)))
    }

    #[test]
    fn names_fit_what_is_typed_more_or_less() {
        for (typed, name, expected) in [
            ("numpy", "numpy", Some(Fit::Exact)),
            ("NumPy ", "numpy", Some(Fit::Exact)),
            ("num", "numpy", Some(Fit::Prefix)),
            ("learn", "scikit-learn", Some(Fit::Word)),
            ("scikit_learn", "scikit-learn", Some(Fit::Exact)),
            ("umpy", "numpy", Some(Fit::Substring)),
            ("scikit image", "scikit-image", Some(Fit::Word)),
            ("image scikit", "scikit-image", Some(Fit::Word)),
            ("image numpy", "scikit-image", None),
            ("nupmy", "numpy", Some(Fit::Slip(1))),
            ("numppy", "numpy", Some(Fit::Slip(1))),
            ("nunpi", "numpy", Some(Fit::Slip(2))),
            ("sklearn", "scikit-learn", Some(Fit::Letters)),
            ("xy", "yx", None),
            ("python", "r-base", None),
            ("ünïcode", "numpy", None),
        ] {
            assert_eq!(fit(typed, name), expected, "{typed:?} {name}");
        }
        assert!(Fit::Exact < Fit::Prefix && Fit::Slip(1) < Fit::Slip(2) && Fit::Slip(2) < Fit::Letters);
    }
}
