//! The scroll bar of a long list. iced's own thumb shrinks to 2 px over 10,000 rows; this one can always be grabbed.

use iced::advanced::widget::{Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, renderer};
use iced::{Element, Event, Length, Point, Rectangle, Renderer, Size, Theme, touch};

use super::press;
use super::theme::{Palette, palette};

const WIDTH: f32 = 6.0;
const LEAST: f32 = 32.0;

/// A vertical bar over content of height `content` scrolled by `offset`; made by the list.
pub(super) struct ListBar<'a, Message> {
    pub offset: f32,
    pub content: f32,
    /// Told the offset to scroll to.
    pub on_scroll: Box<dyn Fn(f32) -> Message + 'a>,
    pub drawn: Option<bool>,
}

/// How far below the thumb's top it is held, while it is.
#[derive(Debug, Default)]
struct Grip(Option<f32>);

/// Where the thumb stands in a track, relative to the track's top.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Thumb {
    top: f32,
    length: f32,
    /// The furthest offset, and how far the thumb travels for it.
    furthest: f32,
    travel: f32,
}

/// The thumb in a track as high as the window; `None` where everything is in sight or there is no room.
fn thumb(offset: f32, window: f32, content: f32) -> Option<Thumb> {
    if content <= window + 0.5 || window <= LEAST {
        return None;
    }
    let furthest = content - window;
    let length = (window * window / content).max(LEAST).min(window);
    let travel = window - length;
    let top = travel * (offset / furthest).clamp(0.0, 1.0);
    Some(Thumb {
        top,
        length,
        furthest,
        travel,
    })
}

impl Thumb {
    /// The offset that brings the thumb's top to `top`.
    fn offset(self, top: f32) -> f32 {
        if self.travel <= 0.0 {
            0.0
        } else {
            (top / self.travel).clamp(0.0, 1.0) * self.furthest
        }
    }
}

impl<'a, Message: 'a> Widget<Message, Theme, Renderer> for ListBar<'a, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<Grip>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(Grip::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fixed(WIDTH), Length::Fill)
    }

    fn layout(&mut self, _: &mut Tree, _: &Renderer, limits: &layout::Limits) -> layout::Node {
        layout::atomic(limits, WIDTH, Length::Fill)
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Renderer,
        _: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _: &Rectangle,
    ) {
        let grip = &mut tree.state.downcast_mut::<Grip>().0;
        let bounds = layout.bounds();
        let Some(thumb) = thumb(self.offset, bounds.height, self.content) else {
            *grip = None;
            return;
        };
        let pointer = cursor.land().position().map(|position| position.y - bounds.y);
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. })
                if cursor.is_over(bounds) =>
            {
                if let Some(at) = pointer {
                    let is_on_thumb = (thumb.top..=thumb.top + thumb.length).contains(&at);
                    // Beside the thumb, it comes under the pointer.
                    let held = if is_on_thumb {
                        at - thumb.top
                    } else {
                        thumb.length / 2.0
                    };
                    *grip = Some(held);
                    if !is_on_thumb {
                        shell.publish((self.on_scroll)(thumb.offset(at - held)));
                    }
                    shell.capture_event();
                }
            }
            Event::Mouse(mouse::Event::CursorMoved { .. })
            | Event::Touch(touch::Event::FingerMoved { .. }) => {
                if let (Some(held), Some(at)) = (*grip, pointer) {
                    shell.publish((self.on_scroll)(thumb.offset(at - held)));
                    shell.capture_event();
                }
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerLifted { .. } | touch::Event::FingerLost { .. }) => {
                let was_held = grip.take().is_some();
                if was_held {
                    shell.capture_event();
                }
            }
            _ => {}
        }
        let is_active = grip.is_some() || cursor.is_over(bounds);
        press::refresh(&mut self.drawn, is_active, event, shell);
    }

    fn draw(
        &self,
        _: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
        _: &Rectangle,
    ) {
        let bounds = layout.bounds();
        if let Some(thumb) = thumb(self.offset, bounds.height, self.content) {
            let p = palette(theme);
            let rest = Palette::mix(p.line, p.muted, 0.35);
            let place = Rectangle::new(
                Point::new(bounds.x, bounds.y + thumb.top),
                Size::new(WIDTH, thumb.length),
            );
            let border = iced::border::rounded(WIDTH / 2.0);
            let color = if self.drawn.unwrap_or_default() {
                p.muted
            } else {
                rest
            };
            renderer.fill_quad(
                renderer::Quad {
                    bounds: place,
                    border,
                    ..renderer::Quad::default()
                },
                color,
            );
        }
    }
}

impl<'a, Message: 'a> From<ListBar<'a, Message>> for Element<'a, Message> {
    fn from(bar: ListBar<'a, Message>) -> Self {
        Element::new(bar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumb_can_be_grabbed_and_reaches_both_ends() {
        assert_eq!(thumb(0.0, 500.0, 400.0), None);
        assert_eq!(thumb(0.0, 500.0, 500.0), None);
        let start = thumb(0.0, 500.0, 360_000.0).expect("a thumb");
        assert_eq!((start.top, start.length), (0.0, LEAST));
        let end = thumb(359_500.0, 500.0, 360_000.0).expect("a thumb");
        assert_eq!(end.top + end.length, 500.0);
        assert_eq!(end.offset(end.top), 359_500.0);
        assert_eq!(end.offset(-40.0), 0.0);
        assert_eq!(end.offset(9_999.0), 359_500.0);
        let half = thumb(500.0, 500.0, 1_500.0).expect("a thumb");
        assert!((half.offset(half.top) - 500.0).abs() < 0.01);
    }
}
