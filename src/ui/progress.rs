//! Work that takes time: the activity mark, the bar, and the visible steps of a check.
//!
//! When to show what is the caller's: nothing under 0.1 s, [`activity`] from 1 s on, a [`bar`] from 10 s on.
//!
//! ```
//! use sextant::ui::progress::{self, Step, StepState};
//!
//! let steps: iced::Element<'_, ()> = progress::steps([
//!     Step::new("Name", StepState::Done).time("12 ms"),
//!     Step::new("Connection", StepState::Running),
//!     Step::new("TLS", StepState::Pending),
//! ]);
//! ```

use std::time::Duration;

use iced::advanced::widget::{Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, layout, mouse, renderer};
use iced::time::Instant;
use iced::widget::{Column, column, container, progress_bar, row, space};
use iced::{
    Center, Element, Event, Length, Padding, Point, Rectangle, Renderer, Size, Theme, border, window,
};

use super::icon::{self, Icon};
use super::style::{self, Tone};
use super::theme::{Palette, palette};
use super::{spacing, text};

/// Three dots that swell one after the other. It asks for eight frames a second while it is shown, and none otherwise.
pub fn activity<'a, Message: 'a>() -> Element<'a, Message> {
    Element::new(Activity)
}

const DOT: f32 = 4.0;
const BEAT: Duration = Duration::from_millis(125);
/// Beats of one round: three dots and a rest.
const ROUND: u32 = 6;

struct Activity;

#[derive(Debug, Default)]
struct Beat {
    last: Option<Instant>,
    count: u32,
}

impl<Message> Widget<Message, Theme, Renderer> for Activity {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<Beat>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(Beat::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fixed(icon::SIZE), Length::Fixed(icon::SIZE))
    }

    fn layout(&mut self, _: &mut Tree, _: &Renderer, limits: &layout::Limits) -> layout::Node {
        layout::atomic(limits, icon::SIZE, icon::SIZE)
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        _: Layout<'_>,
        _: mouse::Cursor,
        _: &Renderer,
        _: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _: &Rectangle,
    ) {
        if let Event::Window(window::Event::RedrawRequested(now)) = event {
            let beat = tree.state.downcast_mut::<Beat>();
            let is_due = beat
                .last
                .is_none_or(|last| now.saturating_duration_since(last) >= BEAT);
            if is_due {
                beat.count = (beat.count + u32::from(beat.last.is_some())) % ROUND;
                beat.last = Some(*now);
            }
            shell.request_redraw_at(beat.last.unwrap_or(*now) + BEAT);
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
        _: &Rectangle,
    ) {
        let p = palette(theme);
        let bounds = layout.bounds();
        let count = tree.state.downcast_ref::<Beat>().count;
        for dot in 0..3_u32 {
            let is_lit = count == dot + 1;
            let center = Point::new(bounds.x + 2.0 + dot as f32 * 6.0, bounds.center_y());
            let quad = renderer::Quad {
                bounds: Rectangle::new(
                    center - iced::Vector::new(DOT / 2.0, DOT / 2.0),
                    Size::new(DOT, DOT),
                ),
                border: iced::border::rounded(DOT / 2.0),
                ..renderer::Quad::default()
            };
            renderer.fill_quad(
                quad,
                if is_lit {
                    p.accent
                } else {
                    p.accent.scale_alpha(0.35)
                },
            );
        }
    }
}

/// A bar filled by `share` (0 to 1), as wide as its place.
pub fn bar<'a, Message: 'a>(share: f32) -> Element<'a, Message> {
    // Anything begun shows at least its round end.
    let share = if share.is_finite() && share > 0.0 {
        share.clamp(0.08, 1.0)
    } else {
        0.0
    };
    progress_bar(0.0..=1.0, share)
        .girth(6)
        .style(style::progress)
        .into()
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepState {
    Pending,
    Running,
    Done,
    Failed,
    /// Not needed here: no proxy, no TLS.
    Skipped,
}

/// A line of a list of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    name: String,
    state: StepState,
    time: Option<String>,
    note: Option<String>,
}

impl Step {
    pub fn new(name: impl Into<String>, state: StepState) -> Self {
        Self {
            name: name.into(),
            state,
            time: None,
            note: None,
        }
    }

    /// How long it took, at the right.
    #[must_use]
    pub fn time(mut self, time: impl Into<String>) -> Self {
        self.time = Some(time.into());
        self
    }

    /// What came out, or why it failed or was skipped, underneath.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn mark<'a, Message: 'a>(&self) -> Element<'a, Message> {
        let (icon, tone) = match self.state {
            StepState::Running => return activity(),
            StepState::Pending => {
                let dot = container(space().width(8).height(8)).style(style::hollow);
                return container(dot).center_x(icon::SIZE).center_y(icon::SIZE).into();
            }
            StepState::Done => (Icon::Check, Tone::Good),
            StepState::Failed => (Icon::Close, Tone::Bad),
            StepState::Skipped => (Icon::Dash, Tone::Neutral),
        };
        icon.view().style(style::icon(tone)).into()
    }

    fn view<'a, Message: 'a>(self) -> Element<'a, Message> {
        let mark = self.mark();
        let name = text::body(self.name);
        let name = match self.state {
            StepState::Pending | StepState::Skipped => name.style(style::muted),
            StepState::Failed => name.style(style::bad),
            StepState::Running | StepState::Done => name.style(style::plain),
        };
        let time = self.time.map(|time| text::small(time).style(style::muted));
        let line = row![mark, container(name).width(Length::Fill), time]
            .spacing(spacing::M)
            .align_y(Center);
        let note = self.note.map(|note| {
            let indent = Padding::ZERO.left(icon::SIZE + spacing::M);
            container(text::small(note).style(style::muted)).padding(indent)
        });
        column![line, note].into()
    }
}

/// The steps under each other.
pub fn steps<'a, Message: 'a>(steps: impl IntoIterator<Item = Step>) -> Element<'a, Message> {
    Column::with_children(steps.into_iter().map(Step::view))
        .spacing(spacing::S)
        .width(Length::Fill)
        .into()
}

/// Two parts of a whole as one bar, the second paler: a size on disk, and what of it is shared with others. Both are
/// shares of `width`.
pub fn parts<'a, Message: 'a>(first: f32, second: f32, width: f32) -> Element<'a, Message> {
    const HEIGHT: f32 = 8.0;
    let share = |share: f32| {
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    let (first, second) = (share(first), share(second));
    // Whatever there is shows, at least as a dot.
    let pixels = |share: f32| {
        if share > 0.0 {
            (share * width).max(3.0)
        } else {
            0.0
        }
    };
    let strip = |wide: f32, corners: border::Radius, weight: f32| {
        (wide > 0.0).then(|| {
            container(space().width(wide).height(HEIGHT)).style(move |theme: &Theme| {
                let p = palette(theme);
                container::Style {
                    background: Some(Palette::mix(p.page, p.accent, weight).into()),
                    border: border::rounded(corners),
                    ..container::Style::default()
                }
            })
        })
    };
    let round = border::Radius::default();
    let (both, left, right) = (border::radius(4), round.left(4), round.right(4));
    let (one, other) = (pixels(first), pixels(second));
    let bar = row![
        strip(one, if other > 0.0 { left } else { both }, 1.0),
        strip(other, if one > 0.0 { right } else { both }, 0.4),
    ];
    container(bar).width(width).clip(true).into()
}

/// A share drawn as a short bar before its words, such as a size on disk.
pub fn share<'a, Message: 'a>(share: f32, width: f32, words: impl Into<String>) -> Element<'a, Message> {
    let share = if share.is_finite() {
        share.clamp(0.02, 1.0)
    } else {
        0.02
    };
    let strip = container(space().width((width * share).max(4.0)).height(8)).style(|theme: &Theme| {
        container::Style {
            background: Some(palette(theme).accent.into()),
            border: iced::border::rounded(4),
            ..container::Style::default()
        }
    });
    row![strip, text::body(words.into())]
        .spacing(spacing::S)
        .align_y(Center)
        .into()
}
