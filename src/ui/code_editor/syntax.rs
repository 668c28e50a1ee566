//! The colours of a file's words.
//!
//! A line is read with what the lines above left open: a quoted text, a block of text, a bracket. That is kept for every
//! line, so that after a change only what stands below is read again.

mod ini;
mod yaml;

use std::ops::Range;

use iced::Font;
use iced::Theme;
use iced::advanced::text::highlighter::{Format, Highlighter};

use super::Language;
use crate::ui::font;
use crate::ui::theme::palette;

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    Comment,
    /// The name of a setting.
    Key,
    /// The head of a section.
    Section,
    /// Text in quotes, or of several lines.
    Quoted,
    Number,
    /// `true`, `None` and their like.
    Constant,
    /// Signs that give the file its form.
    Sign,
    /// A mark that changes how the file is read: `#!final`, an anchor, a tag.
    Directive,
}

/// What the lines above leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Open {
    #[default]
    Nothing,
    /// Inside brackets, so many deep.
    Brackets(u8),
    /// Inside quotes; within brackets so many deep.
    Quotes { mark: u8, brackets: u8 },
    /// A block of text whose lines are indented deeper than this.
    Block { indent: usize },
    /// A value that may go on in indented lines.
    Value,
}

type Words = Vec<(Range<usize>, Word)>;

/// Reads lines one after the other; iced's text engine drives it.
pub(super) struct SyntaxHighlighter {
    language: Language,
    /// What is open before the line of the same index.
    before: Vec<Open>,
    next: usize,
}

impl SyntaxHighlighter {
    fn line(&self, line: &str, open: Open) -> (Words, Open) {
        match self.language {
            Language::Yaml { .. } => yaml::line(line, open),
            Language::Ini => ini::line(line, open),
        }
    }
}

impl Highlighter for SyntaxHighlighter {
    type Settings = Language;
    type Highlight = Word;
    type Iterator<'a> = std::vec::IntoIter<(Range<usize>, Word)>;

    fn new(language: &Language) -> Self {
        Self {
            language: *language,
            before: vec![Open::Nothing],
            next: 0,
        }
    }

    fn update(&mut self, language: &Language) {
        self.language = *language;
        self.change_line(0);
    }

    fn change_line(&mut self, line: usize) {
        self.next = self.next.min(line);
        self.before.truncate(self.next + 1);
    }

    fn highlight_line(&mut self, line: &str) -> Self::Iterator<'_> {
        let open = self.before.get(self.next).copied().unwrap_or_default();
        let (words, open) = self.line(line, open);
        self.next += 1;
        self.before.truncate(self.next);
        self.before.push(open);
        words.into_iter()
    }

    fn current_line(&self) -> usize {
        self.next
    }
}

/// How a word is drawn.
pub(super) fn format(word: &Word, theme: &Theme) -> Format<Font> {
    let p = palette(theme);
    let color = match word {
        Word::Comment | Word::Sign => p.muted,
        Word::Key | Word::Section => p.accent,
        Word::Quoted => p.good,
        Word::Number | Word::Constant => p.warning,
        Word::Directive => p.bad,
    };
    let is_strong = matches!(word, Word::Section | Word::Directive);
    Format {
        color: Some(color),
        font: is_strong.then_some(font::MONOSPACE_STRONG),
    }
}

/// Whether a value is a number, as both kinds of file write it.
fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.parse::<f64>().is_ok()
        && !digits.eq_ignore_ascii_case("inf")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(highlighter: &mut SyntaxHighlighter, lines: &[&str]) -> Vec<Words> {
        lines[highlighter.current_line()..]
            .iter()
            .map(|line| highlighter.highlight_line(line).collect())
            .collect()
    }

    #[test]
    fn after_a_change_the_lines_below_are_read_as_if_anew() {
        let before = ["a: 'x", "  y'", "b: 1", "c: |", "  text", "d: 2"];
        let after = ["a: 'x'", "  y'", "b: 1", "c: |", "  text", "d: 2"];
        let language = Language::Yaml { indent: 2 };
        let mut changed = SyntaxHighlighter::new(&language);
        feed(&mut changed, &before);
        changed.change_line(0);
        let again = feed(&mut changed, &after);
        assert_eq!(again, feed(&mut SyntaxHighlighter::new(&language), &after));
        changed.change_line(3);
        assert_eq!(changed.current_line(), 3);
        assert_eq!(feed(&mut changed, &after), again[3..]);
    }

    #[test]
    fn numbers_are_told_from_words() {
        for text in ["1", "-2", "0.5", "1e3"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["inf", "1.2.3", "main", "", "-", "+inf", "3.11.9"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
