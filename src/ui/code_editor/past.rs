//! What was typed, to be undone and done again.

use std::ops::Range;

/// How many steps are remembered, and how many bytes they may hold together.
const MOST_STEPS: usize = 1_000;
const MOST_BYTES: usize = 8 << 20;

/// One change of a text: at a place, a part was replaced.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub at: usize,
    pub removed: String,
    pub inserted: String,
}

/// A change to be made: what stands in `range` becomes `text`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Replacement {
    pub range: Range<usize>,
    pub text: String,
}

/// The steps that led to the text as it is, and those that were undone.
#[derive(Default)]
pub(super) struct Past {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The next step never joins the last one.
    is_sealed: bool,
}

impl Step {
    /// The change from one text to another; none where they are equal. Never cuts a character in two.
    pub fn between(before: &str, after: &str) -> Option<Self> {
        if before == after {
            return None;
        }
        let start = common_start(before, after);
        let end = common_end(&before[start..], &after[start..]);
        Some(Self {
            at: start,
            removed: before[start..before.len() - end].to_owned(),
            inserted: after[start..after.len() - end].to_owned(),
        })
    }

    fn backward(&self) -> Replacement {
        Replacement {
            range: self.at..self.at + self.inserted.len(),
            text: self.removed.clone(),
        }
    }

    fn forward(&self) -> Replacement {
        Replacement {
            range: self.at..self.at + self.removed.len(),
            text: self.inserted.clone(),
        }
    }

    fn bytes(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }

    /// Joins a step that only goes on with what this one began: typing a word, or deleting letter by letter.
    fn absorb(&mut self, next: &Self) -> bool {
        let is_letter = |text: &str| text.chars().count() == 1 && text != "\n";
        let begins_word = |next: &str| {
            let is_space = |text: &str, last: bool| {
                let letter = if last {
                    text.chars().next_back()
                } else {
                    text.chars().next()
                };
                letter.is_some_and(char::is_whitespace)
            };
            is_space(&self.inserted, true) && !is_space(next, false)
        };
        let typed = self.removed.is_empty()
            && next.removed.is_empty()
            && !self.inserted.ends_with('\n')
            && is_letter(&next.inserted)
            && next.at == self.at + self.inserted.len()
            && !begins_word(&next.inserted);
        if typed {
            self.inserted.push_str(&next.inserted);
            return true;
        }
        let deletes = self.inserted.is_empty() && next.inserted.is_empty() && is_letter(&next.removed);
        if deletes && next.at + next.removed.len() == self.at {
            self.at = next.at;
            self.removed.insert_str(0, &next.removed);
            return true;
        }
        if deletes && next.at == self.at {
            self.removed.push_str(&next.removed);
            return true;
        }
        false
    }
}

impl Past {
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// The next step stands for itself: the caret went elsewhere meanwhile.
    pub fn seal(&mut self) {
        self.is_sealed = true;
    }

    pub fn record(&mut self, step: Step) {
        self.undone.clear();
        let is_sealed = std::mem::take(&mut self.is_sealed);
        if !is_sealed
            && let Some(last) = self.done.last_mut()
            && last.absorb(&step)
        {
            return;
        }
        self.done.push(step);
        let mut bytes: usize = self.done.iter().map(Step::bytes).sum();
        while self.done.len() > 1 && (self.done.len() > MOST_STEPS || bytes > MOST_BYTES) {
            bytes -= self.done.remove(0).bytes();
        }
    }

    pub fn undo(&mut self) -> Option<Replacement> {
        let step = self.done.pop()?;
        let back = step.backward();
        self.undone.push(step);
        self.is_sealed = true;
        Some(back)
    }

    pub fn redo(&mut self) -> Option<Replacement> {
        let step = self.undone.pop()?;
        let forward = step.forward();
        self.done.push(step);
        self.is_sealed = true;
        Some(forward)
    }
}

fn common_start(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    (0..=same)
        .rev()
        .find(|at| one.is_char_boundary(*at) && other.is_char_boundary(*at))
        .unwrap_or(0)
}

fn common_end(one: &str, other: &str) -> usize {
    let pairs = one.bytes().rev().zip(other.bytes().rev());
    let same = pairs.take_while(|(a, b)| a == b).count();
    (0..=same)
        .rev()
        .find(|length| {
            one.is_char_boundary(one.len() - length) && other.is_char_boundary(other.len() - length)
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(text: &mut String, replacement: &Replacement) {
        text.replace_range(replacement.range.clone(), &replacement.text);
    }

    /// Types every text after the other.
    fn past_of(texts: &[&str]) -> Past {
        let mut past = Past::default();
        for pair in texts.windows(2) {
            past.record(Step::between(pair[0], pair[1]).unwrap());
        }
        past
    }

    fn undo_all(past: &mut Past, text: &str) -> Vec<String> {
        let mut text = text.to_owned();
        let mut seen = Vec::new();
        while let Some(back) = past.undo() {
            apply(&mut text, &back);
            seen.push(text.clone());
        }
        seen
    }

    #[test]
    fn a_typed_word_is_one_step() {
        let mut past = past_of(&["", "a", "ab", "ab ", "ab c", "ab cd"]);
        assert_eq!(undo_all(&mut past, "ab cd"), ["ab ", ""]);
    }

    #[test]
    fn lines_pastes_and_other_places_are_steps_of_their_own() {
        let mut past = past_of(&["", "a", "a\n", "a\nb", "a\nbxyz"]);
        assert_eq!(undo_all(&mut past, "a\nbxyz"), ["a\nb", "a\n", "a", ""]);
        let mut past = Past::default();
        past.record(Step::between("", "a").unwrap());
        past.seal();
        past.record(Step::between("a", "ab").unwrap());
        assert_eq!(undo_all(&mut past, "ab"), ["a", ""]);
    }

    #[test]
    fn deleting_joins_in_both_directions() {
        let mut past = past_of(&["abcd", "abc", "ab"]);
        assert_eq!(undo_all(&mut past, "ab"), ["abcd"]);
        let mut past = past_of(&["abcd", "bcd", "cd"]);
        assert_eq!(undo_all(&mut past, "cd"), ["abcd"]);
    }

    #[test]
    fn a_new_step_ends_what_was_undone() {
        let mut past = past_of(&["", "a"]);
        past.undo();
        assert!(past.can_redo());
        past.record(Step::between("", "b").unwrap());
        assert!(!past.can_redo());
    }

    #[test]
    fn what_is_too_much_is_forgotten_oldest_first() {
        let mut past = Past::default();
        for at in 0..MOST_STEPS + 5 {
            past.record(Step {
                at,
                removed: "x".to_owned(),
                inserted: "yz".to_owned(),
            });
        }
        assert_eq!(past.done.len(), MOST_STEPS);
        assert_eq!(past.done[0].at, 5);
    }

    proptest! {
        #[test]
        fn every_way_back_and_forth_gives_the_texts_again(
            texts in proptest::collection::vec("[a-cäß€\n ]{0,12}", 2..12)
        ) {
            let mut past = Past::default();
            for pair in texts.windows(2) {
                if let Some(step) = Step::between(&pair[0], &pair[1]) {
                    past.seal();
                    past.record(step);
                }
            }
            let mut text = texts.last().unwrap().clone();
            let mut seen = vec![text.clone()];
            while let Some(back) = past.undo() {
                apply(&mut text, &back);
                seen.push(text.clone());
            }
            prop_assert_eq!(&text, &texts[0]);
            while let Some(forward) = past.redo() {
                prop_assert_eq!(&text, &seen.pop().unwrap());
                apply(&mut text, &forward);
            }
            prop_assert_eq!(&text, texts.last().unwrap());
        }
    }
}
