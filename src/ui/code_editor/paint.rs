//! How the editor is drawn, from the paper to the covers.

use std::ops::Range;

use iced::advanced::svg::Renderer as _;
use iced::advanced::text::Renderer as _;
use iced::advanced::{Renderer as _, Text, renderer, svg};
use iced::widget::text::{Alignment, LineHeight, Shaping, Wrapping};
use iced::{Border, Color, Point, Rectangle, Renderer, Size, Theme, Vector, alignment, border};

use super::content::Engine;
use super::find::occurrences;
use super::geometry::{Row, Seen, places};
use super::{Covering, LINE, Mark};
use crate::ui::icon::Icon;
use crate::ui::style::Tone;
use crate::ui::theme::{Palette, palette};
use crate::ui::{font, spacing};

/// Size of line numbers.
const NUMBER: f32 = 12.0;
/// Width of a digit for its size, in the fonts with letters of one width.
const ADVANCE: f32 = 0.602;
/// Room for the sign of a mark, left of the number.
pub(super) const SIGNS: f32 = 20.0;
const SIGN: f32 = 14.0;
pub(super) const BAR: f32 = 6.0;

/// Where everything stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    pub frame: Rectangle,
    /// The column of the line numbers.
    pub gutter: Rectangle,
    /// The text, without the room around it.
    pub text: Rectangle,
}

impl Places {
    /// The corner to which the places of lines are relative.
    fn corner(&self) -> Vector {
        self.text.position() - Point::ORIGIN
    }

    /// The way of the scroll bar.
    pub fn bar(&self) -> Rectangle {
        Rectangle {
            x: self.frame.x + self.frame.width - BAR - 3.0,
            y: self.frame.y + 3.0,
            width: BAR,
            height: (self.frame.height - 6.0).max(0.0),
        }
    }
}

pub(super) struct Painter<'a> {
    pub renderer: &'a mut Renderer,
    pub theme: &'a Theme,
    pub places: Places,
    pub rows: &'a [Row],
}

impl Painter<'_> {
    fn palette(&self) -> &'static Palette {
        palette(self.theme)
    }

    fn quad(&mut self, bounds: Rectangle, border: Border, color: Color) {
        // The CPU renderer cannot draw a quad without an area.
        if bounds.width < 0.5 || bounds.height < 0.5 {
            return;
        }
        let quad = renderer::Quad {
            bounds,
            border,
            ..renderer::Quad::default()
        };
        self.renderer.fill_quad(quad, color);
    }

    fn fill(&mut self, bounds: Rectangle, color: Color) {
        self.quad(bounds, Border::default(), color);
    }

    pub fn paper(&mut self, is_focused: bool) {
        let p = self.palette();
        let (frame, gutter) = (self.places.frame, self.places.gutter);
        let edge = if is_focused { p.accent } else { p.field_edge() };
        let border = Border {
            color: edge,
            width: if is_focused { 2.0 } else { spacing::LINE },
            radius: spacing::RADIUS.into(),
        };
        self.quad(frame, border, p.surface);
        let inset = border.width;
        let gutter = Rectangle {
            x: gutter.x + inset,
            y: gutter.y + inset,
            width: gutter.width - inset,
            height: gutter.height - 2.0 * inset,
        };
        let corners = border::Radius::default()
            .top_left(spacing::RADIUS - inset)
            .bottom_left(spacing::RADIUS - inset);
        self.quad(gutter, border::rounded(corners), p.sunken);
    }

    /// A band behind the line of the caret.
    pub fn band(&mut self, line: usize) {
        let p = self.palette();
        let color = Palette::mix(p.surface, p.accent, if p.is_dark { 0.10 } else { 0.06 });
        if let Some(row) = self.rows.iter().find(|row| row.line == line) {
            let band = Rectangle {
                x: self.places.text.x - 4.0,
                y: self.places.text.y + row.top,
                width: self.places.text.width + 4.0,
                height: row.height,
            };
            if let Some(seen) = band.intersection(&self.places.text.expand(4.0)) {
                self.fill(seen, color);
            }
        }
    }

    fn in_text(&mut self, place: Rectangle, color: Color) {
        if let Some(seen) = (place + self.places.corner()).intersection(&self.places.text) {
            self.fill(seen, color);
        }
    }

    pub fn selection(&mut self, selected: Vec<Rectangle>) {
        let p = self.palette();
        let color = Palette::mix(p.surface, p.accent, 0.3);
        for place in selected {
            self.in_text(place, color);
        }
    }

    /// Every place in sight of what is searched for.
    pub fn found(&mut self, engine: &Engine, needle: &str) {
        let p = self.palette();
        let color = Palette::mix(p.surface, p.warning, 0.28);
        for row in self.rows {
            let Some(line) = engine.buffer().lines.get(row.line) else {
                continue;
            };
            for part in occurrences(line.text(), needle) {
                for place in places(engine, row, &part) {
                    self.in_text(place, color);
                }
            }
        }
    }

    /// A line under what a mark is about.
    pub fn underline(&mut self, engine: &Engine, mark: &Mark) {
        let Some(row) = self.rows.iter().find(|row| row.line == mark.line).copied() else {
            return;
        };
        let Some(line) = engine.buffer().lines.get(mark.line) else {
            return;
        };
        let color = mark.tone.color(self.palette());
        for place in places(engine, &row, &bytes_of(line.text(), &mark.columns)) {
            let width = place.width.max(6.0);
            let y = place.y + LINE - 3.0;
            // Not by colour alone: what is wrong is underlined, what is worth a thought is dotted.
            if mark.tone == Tone::Bad {
                let place = Rectangle::new(Point::new(place.x, y), Size::new(width, 2.0));
                self.in_text(place, color);
                continue;
            }
            let mut x = place.x;
            while x < place.x + width {
                self.in_text(Rectangle::new(Point::new(x, y), Size::new(2.0, 2.0)), color);
                x += 4.0;
            }
        }
    }

    pub fn caret(&mut self, place: Rectangle) {
        let color = self.palette().text;
        let place = Rectangle {
            x: place.x.round(),
            width: 2.0,
            ..place
        };
        // Before the first letter it may stand a pixel outside.
        if let Some(seen) = (place + self.places.corner()).intersection(&self.places.text.expand(2.0)) {
            self.fill(seen, color);
        }
    }

    pub fn text(&mut self, engine: &Engine) {
        let color = self.palette().text;
        let text = self.places.text;
        self.renderer.fill_editor(engine, text.position(), color, text);
    }

    /// Numbers, and the signs of marks beside them.
    pub fn gutter(&mut self, caret: usize, marks: &[Mark]) {
        let p = self.palette();
        let gutter = self.places.gutter;
        for row in self.rows {
            let worst = marks
                .iter()
                .filter(|mark| mark.line == row.line)
                .map(|mark| mark.tone)
                .max_by_key(|tone| weight(*tone));
            let y = self.places.text.y + row.top;
            let color = match worst {
                Some(tone @ (Tone::Bad | Tone::Warning)) => tone.color(p),
                _ if row.line == caret => p.text,
                _ => p.muted,
            };
            let number = (row.line + 1).to_string();
            // Set from the left: what is aligned otherwise is not redrawn where it stands.
            let width = number.len() as f32 * NUMBER * ADVANCE;
            let left = Point::new(gutter.x + gutter.width - spacing::S - width, y);
            let number = Text {
                content: number,
                bounds: Size::new(gutter.width, LINE),
                size: NUMBER.into(),
                line_height: LineHeight::Absolute(LINE.into()),
                font: font::MONOSPACE,
                align_x: Alignment::Left,
                align_y: alignment::Vertical::Top,
                shaping: Shaping::Basic,
                wrapping: Wrapping::None,
            };
            self.renderer.fill_text(number, left, color, gutter);
            if let Some(tone) = worst {
                let place = Rectangle {
                    x: gutter.x + 5.0,
                    y: y + (LINE - SIGN) / 2.0,
                    width: SIGN,
                    height: SIGN,
                };
                let is_whole = place.y >= gutter.y && place.y + SIGN <= gutter.y + gutter.height;
                if is_whole {
                    let picture = svg::Svg::new(sign(tone).handle()).color(tone.color(p));
                    self.renderer.draw_svg(picture, place, gutter);
                }
            }
        }
    }

    /// Covers over secrets, above the text.
    pub fn covers(&mut self, engine: &Engine, covered: Covering) {
        let p = self.palette();
        let mut all = Vec::new();
        for row in self.rows {
            let Some(line) = engine.buffer().lines.get(row.line) else {
                continue;
            };
            for part in covered(line.text()) {
                all.extend(places(engine, row, &part));
            }
        }
        if all.is_empty() {
            return;
        }
        let (text, corner) = (self.places.text, self.places.corner());
        let color = Palette::mix(p.surface, p.muted, 0.45);
        self.renderer.with_layer(text, |renderer| {
            for place in all {
                let place = place + corner;
                let cover = Rectangle {
                    x: place.x - 1.0,
                    y: place.y + 2.0,
                    width: place.width + 2.0,
                    height: LINE - 4.0,
                };
                if cover.width < 3.0 || cover.intersection(&text).is_none() {
                    continue;
                }
                let quad = renderer::Quad {
                    bounds: cover,
                    border: border::rounded(3),
                    ..renderer::Quad::default()
                };
                renderer.fill_quad(quad, color);
            }
        });
    }

    /// The scroll bar, and on its way where the marks are.
    pub fn bar(&mut self, seen: Seen, is_held: bool, marks: &[Mark]) {
        let p = self.palette();
        let way = self.places.bar();
        let rest = Palette::mix(p.line, p.muted, 0.35);
        let thumb = Rectangle {
            y: way.y + way.height * seen.start(),
            height: (way.height * seen.length()).max(BAR),
            ..way
        };
        let color = if is_held { p.muted } else { rest };
        self.quad(thumb, border::rounded(3), color);
        for mark in marks {
            let y = way.y + way.height * (mark.line as f32 / seen.total.max(1.0));
            let tick = Rectangle {
                y: y.min(way.y + way.height - 3.0),
                height: 3.0,
                ..way
            };
            self.fill(tick, mark.tone.color(p));
        }
    }
}

fn weight(tone: Tone) -> u8 {
    match tone {
        Tone::Bad => 3,
        Tone::Warning => 2,
        Tone::Info => 1,
        Tone::Neutral | Tone::Good => 0,
    }
}

fn sign(tone: Tone) -> Icon {
    match tone {
        Tone::Bad => Icon::Error,
        Tone::Warning => Icon::Warning,
        Tone::Neutral | Tone::Info | Tone::Good => Icon::Info,
    }
}

/// The columns in bytes; none mean the whole line without the white space around it.
fn bytes_of(line: &str, columns: &Range<usize>) -> Range<usize> {
    let at = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    if columns.is_empty() {
        let start = line.len() - line.trim_start().len();
        return start..line.trim_end().len().max(start);
    }
    at(columns.start)..at(columns.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(bytes_of("  äb: c", &(2..4)), 2..5);
        assert_eq!(bytes_of("  ab  ", &(0..0)), 2..4);
        assert_eq!(bytes_of("ab", &(5..9)), 2..2);
    }
}
