//! Where lines and parts of lines stand, seen from the corner of the text.

use std::ops::Range;

use iced::advanced::text::Editor as _;
use iced::advanced::text::editor::Selection;
use iced::{Point, Rectangle, Size};

use super::LINE;
use super::content::Engine;

/// A line in sight. A long one is broken and takes several rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub line: usize,
    pub top: f32,
    pub height: f32,
}

/// The lines in sight, from the top.
pub(super) fn rows(engine: &Engine) -> Vec<Row> {
    let buffer = engine.buffer();
    let scroll = buffer.scroll();
    let height = engine.bounds().height;
    let mut top = -scroll.vertical;
    let mut rows = Vec::new();
    for (line, laid) in buffer.lines.iter().enumerate().skip(scroll.line) {
        if top >= height {
            break;
        }
        let count = laid.layout_opt().map_or(1, Vec::len).max(1);
        let row = Row {
            line,
            top,
            height: count as f32 * LINE,
        };
        top += row.height;
        rows.push(row);
    }
    rows
}

/// The places of a part of a line, in bytes: one where it is not broken. An empty part has a place of no width.
pub(super) fn places(engine: &Engine, row: &Row, part: &Range<usize>) -> Vec<Rectangle> {
    let Some(line) = engine.buffer().lines.get(row.line) else {
        return Vec::new();
    };
    let Some(layout) = line.layout_opt() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, visual) in layout.iter().enumerate() {
        let mut edges: Option<(f32, f32)> = None;
        let inside = visual
            .glyphs
            .iter()
            .filter(|glyph| glyph.start < part.end && glyph.end > part.start);
        for glyph in inside {
            let (left, right) = (glyph.x, glyph.x + glyph.w);
            edges = Some(edges.map_or((left, right), |(first, last)| (first.min(left), last.max(right))));
        }
        if let Some((left, right)) = edges {
            let corner = Point::new(left, row.top + index as f32 * LINE);
            found.push(Rectangle::new(corner, Size::new(right - left, LINE)));
        }
    }
    if found.is_empty() {
        // At or behind the end of the line.
        let right = layout.last().map_or(0.0, |visual| visual.w);
        let top = row.top + layout.len().saturating_sub(1) as f32 * LINE;
        found.push(Rectangle::new(Point::new(right, top), Size::new(0.0, LINE)));
    }
    found
}

/// The caret, and whether it is in sight.
pub(super) fn caret(engine: &Engine) -> Option<Rectangle> {
    let line = engine.cursor().position.line;
    // The engine stops the program for a caret in a line that it has not laid out.
    engine.buffer().lines.get(line)?.layout_opt()?;
    let rows = rows(engine);
    if !rows.iter().any(|row| row.line == line) {
        return None;
    }
    match engine.selection() {
        Selection::Caret(position) => Some(Rectangle::new(position, Size::new(1.0, LINE))),
        Selection::Range(ranges) => ranges.last().map(|range| Rectangle {
            width: 1.0,
            x: range.x + range.width,
            ..*range
        }),
    }
}

/// What is selected.
pub(super) fn selected(engine: &Engine) -> Vec<Rectangle> {
    let line = engine.cursor().position.line;
    let is_laid_out = engine
        .buffer()
        .lines
        .get(line)
        .is_some_and(|line| line.layout_opt().is_some());
    match is_laid_out.then(|| engine.selection()) {
        Some(Selection::Range(ranges)) => ranges,
        _ => Vec::new(),
    }
}

/// Which part of the lines is in sight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    /// The line at the top; a part of it where it is cut.
    pub first: f32,
    /// How many there are room for.
    pub count: f32,
    pub total: f32,
}

impl Seen {
    /// Nothing where all lines are in sight.
    pub fn of(engine: &Engine) -> Option<Self> {
        let rows = rows(engine);
        let height = engine.bounds().height;
        let total = engine.line_count();
        let from_start = rows.first().is_some_and(|row| row.line == 0 && row.top > -0.5);
        let to_end = rows
            .last()
            .is_some_and(|row| row.line + 1 == total && row.top + row.height < height + 0.5);
        let scroll = engine.buffer().scroll();
        (!from_start || !to_end).then(|| Self {
            first: scroll.line as f32 + scroll.vertical / LINE,
            count: height / LINE,
            total: total as f32,
        })
    }

    /// The furthest line that can be at the top.
    fn furthest(self) -> f32 {
        (self.total - self.count).max(self.first).max(1.0)
    }

    /// How long the thumb of the scroll bar is, of 1.
    pub fn length(self) -> f32 {
        (self.count / self.total.max(1.0)).clamp(0.06, 0.94)
    }

    /// Where the thumb begins, of 1.
    pub fn start(self) -> f32 {
        (self.first / self.furthest()).clamp(0.0, 1.0) * (1.0 - self.length())
    }

    /// How many lines to scroll so that the thumb begins there.
    pub fn lines_to(self, start: f32) -> i32 {
        let share = (start / (1.0 - self.length())).clamp(0.0, 1.0);
        (share * self.furthest() - self.first).round() as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumb_of_the_scroll_bar_follows_the_lines() {
        let seen = Seen {
            first: 0.0,
            count: 20.0,
            total: 100.0,
        };
        assert_eq!((seen.start(), seen.length()), (0.0, 0.2));
        let end = Seen { first: 80.0, ..seen };
        assert_eq!(end.start(), 0.8);
        assert_eq!(seen.lines_to(0.4), 40);
        assert_eq!(end.lines_to(0.0), -80);
        assert_eq!(seen.lines_to(9.0), 80);
    }
}
