//! Finding words in the text.

use std::ops::Range;

use crate::screen::typed::Typed;
use crate::ui::code_editor::{Content, occurrences};

use super::Step;

/// What is searched for.
#[derive(Debug)]
pub(super) struct Search {
    text: Typed,
}

impl Search {
    /// Begins with what is selected on one line, or else with what was searched for before.
    pub fn new(selected: Option<&str>, before: Option<Self>) -> Self {
        let selected = selected.filter(|text| !text.contains('\n'));
        Self {
            text: match (selected, before) {
                (Some(selected), _) => Typed::new(selected),
                (None, Some(before)) => before.text,
                (None, None) => Typed::default(),
            },
        }
    }

    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Another text to search for: the first place of it from the caret on is selected.
    pub fn typed(&mut self, text: Typed, content: &mut Content) {
        self.text = text;
        let found = self.places(content);
        let caret = content.offset_at(content.caret());
        // What is selected already may just have become longer.
        let from = caret.saturating_sub(self.text().len());
        if let Some(range) = found.iter().find(|range| range.start >= from).or(found.first()) {
            content.select(range.clone());
        }
    }

    /// Selects the next or the previous place, going round at the end.
    pub fn go(&self, step: Step, content: &mut Content) {
        let found = self.places(content);
        let caret = content.offset_at(content.caret());
        let range = match step {
            // The caret stands behind what is selected.
            Step::Next => found.iter().find(|range| range.start >= caret).or(found.first()),
            Step::Previous => found
                .iter()
                .rev()
                .find(|range| range.end < caret)
                .or(found.last()),
        };
        if let Some(range) = range {
            content.select(range.clone());
        }
    }

    /// "3 of 12".
    pub fn summary(&self, content: &Content) -> String {
        if self.text.is_empty() {
            return String::new();
        }
        let found = self.places(content);
        let caret = content.offset_at(content.caret());
        match (found.len(), found.iter().position(|range| range.end == caret)) {
            (0, _) => "not found".to_owned(),
            (count, Some(at)) => format!("{} of {count}", at + 1),
            (count, None) => format!("{count} found"),
        }
    }

    fn places(&self, content: &Content) -> Vec<Range<usize>> {
        occurrences(content.text(), self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(content: &Content) -> (usize, Option<String>) {
        (content.caret().line, content.selected_text())
    }

    #[test]
    fn the_search_goes_round() {
        let mut content = Content::new("aa\nab\nb\naab\n");
        let mut search = Search::new(None, None);
        search.typed(Typed::new("a"), &mut content);
        search.typed(Typed::new("ab"), &mut content);
        assert_eq!(selected(&content), (1, Some("ab".to_owned())));
        assert_eq!(search.summary(&content), "1 of 2");
        search.go(Step::Next, &mut content);
        assert_eq!(content.caret().line, 3);
        search.go(Step::Next, &mut content);
        assert_eq!(content.caret().line, 1);
        search.go(Step::Previous, &mut content);
        assert_eq!(
            (content.caret().line, search.summary(&content)),
            (3, "2 of 2".to_owned())
        );
        search.typed(Typed::new("xyz"), &mut content);
        assert_eq!(search.summary(&content), "not found");
    }

    #[test]
    fn a_selected_word_is_what_is_searched_for() {
        let before = Search::new(Some("old"), None);
        assert_eq!(Search::new(Some("word"), None).text(), "word");
        assert_eq!(Search::new(Some("two\nlines"), Some(before)).text(), "old");
    }
}
