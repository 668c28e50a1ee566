//! The editor as iced sees it: where it lies, what it does with events, what it draws.

use std::cell::RefCell;

use iced::advanced::input_method::{self, InputMethod};
use iced::advanced::text::Editor as _;
use iced::advanced::text::editor::{Action, Edit};
use iced::advanced::text::highlighter::Highlighter as _;
use iced::advanced::widget::{Operation, Tree, Widget, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, clipboard, layout, mouse, overlay, renderer};
use iced::theme::Base as _;
use iced::time::{Duration, Instant};
use iced::widget::text::{LineHeight, Wrapping};
use iced::{Event as Happening, Length, Point, Rectangle, Renderer, Size, Theme, Vector, keyboard, window};

use super::content::Engine;
use super::geometry::{self, Seen};
use super::keys::{Wish, wish};
use super::paint::{Painter, Places, SIGNS};
use super::pointer::Drag;
use super::popup::{self, Beside, PADDING};
use super::syntax::{SyntaxHighlighter, format};
use super::{CodeEditor, Event, LINE, Language, SIZE};
use crate::ui::focus::Focus;
use crate::ui::style::Tone;
use crate::ui::{font, press, spacing};

/// How long the caret is shown, and then not.
const BLINK: Duration = Duration::from_millis(500);
/// Width of a digit of the line numbers.
const DIGIT: f32 = 7.5;

/// What an editor looks like just now, as far as it depends on events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    is_focused: bool,
    is_bar_held: bool,
    pub pointed: Option<usize>,
}

pub(super) struct State {
    pub focus: Focus,
    /// When something was done last; the caret blinks from then on.
    touched: Instant,
    now: Instant,
    is_window_focused: bool,
    highlighter: RefCell<SyntaxHighlighter>,
    language: Language,
    theme: RefCell<String>,
    preedit: Option<input_method::Preedit>,
    pub click: Option<mouse::Click>,
    pub drag: Option<Drag>,
    pub scroll: f32,
    pub modifiers: keyboard::Modifiers,
    /// The line under the pointer, if something is said about it.
    pub pointed: Option<usize>,
}

impl State {
    fn is_caret_shown(&self) -> bool {
        let since = self.now.saturating_duration_since(self.touched);
        self.focus.is_held()
            && self.is_window_focused
            && (since.as_millis() / BLINK.as_millis()).is_multiple_of(2)
    }

    pub fn touch(&mut self) {
        self.touched = Instant::now();
        self.now = self.touched;
    }
}

impl<Message: Clone> CodeEditor<'_, Message> {
    fn places(&self, frame: Rectangle) -> Places {
        let digits = self.content.line_count().max(10).ilog10() + 1;
        let gutter = Rectangle {
            width: (SIGNS + digits as f32 * DIGIT + spacing::S).min(frame.width),
            ..frame
        };
        let left = gutter.width + PADDING.left;
        let room = frame.height - PADDING.top - PADDING.bottom;
        let text = Rectangle {
            x: frame.x + left,
            y: frame.y + PADDING.top,
            width: (frame.width - left - PADDING.right).max(1.0),
            // Whole lines: the engine draws one that begins inside to its end.
            height: ((room / LINE).floor() * LINE).max(LINE),
        };
        Places { frame, gutter, text }
    }

    pub(super) fn tell(&self, event: Event, shell: &mut Shell<'_, Message>) {
        let changes = !matches!(
            event,
            Event::Acted(
                Action::Move(_)
                    | Action::Select(_)
                    | Action::SelectWord
                    | Action::SelectLine
                    | Action::SelectAll
                    | Action::Click(_)
                    | Action::Drag(_)
                    | Action::Scroll { .. }
            )
        );
        if !(changes && self.is_read_only) {
            shell.publish((self.on_event)(event));
        }
    }

    fn key(
        &self,
        state: &mut State,
        event: &keyboard::Event,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
    ) {
        let Some(wish) = wish(event, self.proposal_count > 0) else {
            return;
        };
        let copy = |clipboard: &mut dyn Clipboard| {
            let selected = self.content.selected_text();
            let is_something = selected.is_some();
            if let Some(text) = selected {
                clipboard.write(clipboard::Kind::Standard, text);
            }
            is_something
        };
        match wish {
            Wish::Tell(event) => self.tell(event, shell),
            Wish::Copy => {
                copy(clipboard);
            }
            Wish::Cut => {
                if copy(clipboard) {
                    self.tell(Event::Acted(Action::Edit(Edit::Delete)), shell);
                }
            }
            Wish::Paste => {
                if let Some(text) = clipboard.read(clipboard::Kind::Standard) {
                    self.tell(Event::Acted(Action::Edit(Edit::Paste(text.into()))), shell);
                }
            }
        }
        state.touch();
        shell.capture_event();
        shell.request_redraw();
    }

    fn input_method(&self, state: &mut State, event: &input_method::Event, shell: &mut Shell<'_, Message>) {
        match event {
            input_method::Event::Opened | input_method::Event::Closed => {
                state.preedit = matches!(event, input_method::Event::Opened).then(input_method::Preedit::new);
                shell.request_redraw();
            }
            input_method::Event::Preedit(content, selection) if state.focus.is_held() => {
                state.preedit = Some(input_method::Preedit {
                    content: content.clone(),
                    selection: selection.clone(),
                    text_size: Some(SIZE.into()),
                });
                shell.request_redraw();
            }
            input_method::Event::Commit(text) if state.focus.is_held() => {
                let paste = Edit::Paste(text.clone().into());
                self.tell(Event::Acted(Action::Edit(paste)), shell);
            }
            _ => {}
        }
    }

    /// The caret and whatever blinks with it, when a frame begins.
    fn frame(&self, state: &mut State, now: Instant, places: &Places, shell: &mut Shell<'_, Message>) {
        if !state.focus.is_held() || !state.is_window_focused {
            return;
        }
        state.now = now;
        let since = now.saturating_duration_since(state.touched).as_millis();
        let left = BLINK.as_millis() - since % BLINK.as_millis();
        shell.request_redraw_at(now + Duration::from_millis(left as u64));
        let caret = geometry::caret(&self.content.engine()).unwrap_or_default();
        shell.request_input_method(&InputMethod::Enabled {
            cursor: caret + (places.text.position() - Point::ORIGIN),
            purpose: input_method::Purpose::Normal,
            preedit: state.preedit.as_ref().map(input_method::Preedit::as_ref),
        });
    }

    fn paint(&self, state: &State, painter: &mut Painter<'_>, engine: &Engine) {
        let caret = engine.cursor().position.line;
        let is_focused = self.drawn.unwrap_or_default().is_focused;
        painter.paper(is_focused);
        if is_focused {
            painter.band(caret);
        }
        painter.found(engine, self.needle);
        painter.selection(geometry::selected(engine));
        for mark in self.marks {
            painter.underline(engine, mark);
        }
        painter.text(engine);
        if state.is_caret_shown()
            && let Some(place) = geometry::caret(engine)
        {
            painter.caret(place);
        }
        painter.gutter(caret, self.marks);
        if let Some(covered) = self.covered {
            painter.covers(engine, covered);
        }
        if let Some(seen) = Seen::of(engine) {
            let is_held = matches!(state.drag, Some(Drag::Bar { .. }));
            painter.bar(seen, is_held, self.marks);
        }
    }
}

impl<'a, Message: Clone + 'a> Widget<Message, Theme, Renderer> for CodeEditor<'a, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        let now = Instant::now();
        tree::State::new(State {
            focus: Focus::new(self.id.as_ref()),
            touched: now,
            now,
            is_window_focused: true,
            highlighter: RefCell::new(SyntaxHighlighter::new(&self.language)),
            language: self.language,
            theme: RefCell::default(),
            preedit: None,
            click: None,
            drag: None,
            scroll: 0.0,
            modifiers: keyboard::Modifiers::default(),
            pointed: None,
        })
    }

    /// The proposals, and what is said about the line under the pointer.
    fn children(&self) -> Vec<Tree> {
        let proposals = self.proposals.as_ref().map_or_else(Tree::empty, Tree::new);
        vec![proposals, Tree::empty()]
    }

    fn diff(&self, tree: &mut Tree) {
        let state = tree.state.downcast_mut::<State>();
        state.focus.reconcile(self.id.as_ref());
        match (&self.proposals, tree.children.first_mut()) {
            (Some(proposals), Some(child)) => child.diff(proposals),
            (None, Some(child)) => *child = Tree::empty(),
            (_, None) => tree.children = self.children(),
        }
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fill)
    }

    fn layout(&mut self, tree: &mut Tree, _: &Renderer, limits: &layout::Limits) -> layout::Node {
        let state = tree.state.downcast_mut::<State>();
        let highlighter = state.highlighter.get_mut();
        if state.language != self.language {
            state.language = self.language;
            highlighter.update(&self.language);
        }
        let size = limits.resolve(Length::Fill, Length::Fill, Size::ZERO);
        let places = self.places(Rectangle::with_size(size));
        self.content.engine_mut().update(
            places.text.size(),
            font::MONOSPACE,
            SIZE.into(),
            LineHeight::Absolute(LINE.into()),
            Wrapping::WordOrGlyph,
            highlighter,
        );
        layout::Node::new(size)
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, _: &Renderer, operation: &mut dyn Operation) {
        let state = tree.state.downcast_mut::<State>();
        operation.container(self.id.as_ref(), layout.bounds());
        operation.focusable(self.id.as_ref(), layout.bounds(), &mut state.focus);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Happening,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _: &Rectangle,
    ) {
        let places = self.places(layout.bounds());
        let state = tree.state.downcast_mut::<State>();
        match event {
            Happening::Keyboard(event) => {
                if let keyboard::Event::ModifiersChanged(modifiers) = event {
                    state.modifiers = *modifiers;
                }
                if state.focus.is_held() && !shell.is_event_captured() {
                    self.key(state, event, clipboard, shell);
                }
            }
            Happening::Mouse(event) => self.pointer(state, event, &places, cursor, shell),
            Happening::InputMethod(event) => self.input_method(state, event, shell),
            Happening::Window(window::Event::RedrawRequested(now)) => {
                self.frame(state, *now, &places, shell);
            }
            Happening::Window(window::Event::Focused) => {
                state.is_window_focused = true;
                state.touch();
                shell.request_redraw();
            }
            Happening::Window(window::Event::Unfocused) => {
                state.is_window_focused = false;
                shell.request_redraw();
            }
            _ => {}
        }
        let look = Look {
            is_focused: state.focus.is_held(),
            is_bar_held: matches!(state.drag, Some(Drag::Bar { .. })),
            pointed: state.pointed,
        };
        press::refresh(&mut self.drawn, look, event, shell);
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let Some(seen) = bounds.intersection(viewport) else {
            return;
        };
        if bounds.width < 8.0 || bounds.height < 8.0 {
            return;
        }
        let state = tree.state.downcast_ref::<State>();
        {
            let mut highlighter = state.highlighter.borrow_mut();
            if *state.theme.borrow() != theme.name() {
                highlighter.change_line(0);
                theme.name().clone_into(&mut state.theme.borrow_mut());
            }
            let mut engine = self.content.engine_mut();
            engine.highlight(font::MONOSPACE, &mut *highlighter, |word| format(word, theme));
        }
        let engine = self.content.engine();
        let rows = geometry::rows(&engine);
        let places = self.places(bounds);
        renderer.with_layer(seen, |renderer| {
            let mut painter = Painter {
                renderer,
                theme,
                places,
                rows: &rows,
            };
            self.paint(state, &mut painter, &engine);
        });
    }

    fn mouse_interaction(
        &self,
        _: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Rectangle,
        _: &Renderer,
    ) -> mouse::Interaction {
        let places = self.places(layout.bounds());
        let is_over_bar = cursor.is_over(places.bar().expand(4.0));
        if cursor.is_over(places.frame) && !is_over_bar && !cursor.is_over(places.gutter) {
            mouse::Interaction::Text
        } else {
            mouse::Interaction::default()
        }
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        _: &Renderer,
        _: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        let places = self.places(layout.bounds());
        let corner = places.text.position();
        let state = tree.state.downcast_ref::<State>();
        let (first, rest) = tree.children.split_first_mut()?;
        if let Some(element) = &mut self.proposals {
            let caret = geometry::caret(&self.content.engine())?;
            return Some(overlay::Element::new(Box::new(Beside {
                element,
                tree: first,
                place: popup::moved(caret, corner, translation),
                is_pressable: true,
            })));
        }
        let line = state.pointed.filter(|_| state.drag.is_none())?;
        let said: Vec<(Tone, String)> = self
            .marks
            .iter()
            .filter(|mark| mark.line == line)
            .map(|mark| (mark.tone, mark.words.clone()))
            .collect();
        let row = geometry::rows(&self.content.engine())
            .into_iter()
            .find(|row| row.line == line)?;
        let place = Rectangle {
            x: 0.0,
            y: row.top,
            width: places.text.width,
            height: row.height,
        };
        let bubble = self.bubble.insert(popup::bubble(said.into_iter()));
        let child = rest.first_mut()?;
        child.diff(&*bubble);
        Some(overlay::Element::new(Box::new(Beside {
            element: bubble,
            tree: child,
            place: popup::moved(place, corner, translation),
            is_pressable: false,
        })))
    }
}
