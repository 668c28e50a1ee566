//! A window without a screen: builds views one after the other over the same widget tree, as the running program
//! does, and takes pictures at any scale.

use iced::advanced::widget::Id;
use iced::{Element, Event, Point, Rectangle, Renderer, Size, Theme, keyboard, mouse, window};
use iced_test::core::renderer::Headless;
use iced_test::core::theme::Base;
use iced_test::core::widget::operation::{Focusable, Operation, Outcome};
use iced_test::core::{clipboard, renderer};
use iced_test::futures::futures::executor::block_on;
use iced_test::runtime::user_interface::{Cache, UserInterface};
use iced_test::selector::{Bounded, Selector};
use sextant::ui::font;

/// The window: its size in logical pixels, and what outlives a view.
pub struct Canvas {
    renderer: Renderer,
    size: Size,
    cache: Option<Cache>,
    cursor: mouse::Cursor,
}

/// A picture, as rows of RGBA.
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

impl Canvas {
    pub fn new(width: f32, height: f32) -> Self {
        let mut system = iced_test::renderer::graphics::text::font_system()
            .write()
            .expect("the font system");
        for bytes in font::FONTS {
            system.load_font((*bytes).into());
        }
        drop(system);
        let settings = font::settings();
        let made = <Renderer as Headless>::new(
            settings.default_font,
            settings.default_text_size,
            Some("tiny-skia"),
        );
        Self {
            renderer: block_on(made).expect("the CPU renderer"),
            size: Size::new(width, height),
            cache: Some(Cache::default()),
            cursor: mouse::Cursor::Unavailable,
        }
    }

    fn with<'a, Message, T>(
        &mut self,
        view: Element<'a, Message>,
        use_it: impl FnOnce(&mut UserInterface<'a, Message, Theme, Renderer>, &mut Self) -> T,
    ) -> T {
        let cache = self.cache.take().unwrap_or_default();
        let mut interface = UserInterface::build(view, self.size, cache, &mut self.renderer);
        let answer = use_it(&mut interface, self);
        self.cache = Some(interface.into_cache());
        answer
    }

    /// Sends events to a view; gives the messages that came out.
    pub fn send<Message>(&mut self, view: Element<'_, Message>, events: &[Event]) -> Vec<Message> {
        self.with(view, |interface, canvas| {
            let mut messages = Vec::new();
            let mut clipboard = clipboard::Null;
            // A frame comes before every event, as in the running program.
            let frame = Event::Window(window::Event::RedrawRequested(iced::time::Instant::now()));
            for event in std::iter::once(&frame).chain(events) {
                let cursor = canvas.cursor;
                let _ = interface.update(
                    std::slice::from_ref(event),
                    cursor,
                    &mut canvas.renderer,
                    &mut clipboard,
                    &mut messages,
                );
            }
            messages
        })
    }

    pub fn key<Message>(&mut self, view: Element<'_, Message>, key: keyboard::key::Named) -> Vec<Message> {
        self.send(
            view,
            &[press(keyboard::Key::Named(key), keyboard::Modifiers::empty())],
        )
    }

    pub fn shift_tab<Message>(&mut self, view: Element<'_, Message>) -> Vec<Message> {
        let tab = keyboard::Key::Named(keyboard::key::Named::Tab);
        self.send(view, &[press(tab, keyboard::Modifiers::SHIFT)])
    }

    /// Moves the pointer to the middle of what a selector finds and presses there.
    pub fn click<Message, S>(
        &mut self,
        view: Element<'_, Message>,
        again: Element<'_, Message>,
        what: S,
    ) -> Vec<Message>
    where
        S: Selector + Send,
        S::Output: Bounded + Clone + Send,
    {
        let bounds = self
            .find(view, what)
            .and_then(|found| found.visible_bounds())
            .expect("a visible target");
        self.point_at(bounds.center());
        self.send(
            again,
            &[
                Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)),
                Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)),
            ],
        )
    }

    pub fn point_at(&mut self, position: Point) {
        self.cursor = mouse::Cursor::Available(position);
    }

    pub fn find<Message, S>(&mut self, view: Element<'_, Message>, what: S) -> Option<S::Output>
    where
        S: Selector + Send,
        S::Output: Clone + Send,
    {
        let mut search = what.find();
        self.with(view, |interface, canvas| {
            let mut operation = iced_test::core::widget::operation::black_box(&mut search);
            interface.operate(&canvas.renderer, &mut operation);
        });
        match search.finish() {
            Outcome::Some(found) => found,
            _ => None,
        }
    }

    /// Runs an operation such as `focus` on a view.
    pub fn operate<Message>(&mut self, view: Element<'_, Message>, operation: &mut dyn Operation) {
        self.with(view, |interface, canvas| {
            interface.operate(&canvas.renderer, operation);
        });
    }

    /// The id of what has the focus.
    pub fn focused<Message>(&mut self, view: Element<'_, Message>) -> Option<Id> {
        let mut seek = SeekFocus(None);
        self.operate(view, &mut seek);
        seek.0
    }

    /// Draws a view.
    pub fn picture<Message>(&mut self, view: Element<'_, Message>, theme: &Theme, scale: f32) -> Picture {
        self.with(view, |interface, canvas| {
            let mut messages = Vec::new();
            let frame = Event::Window(window::Event::RedrawRequested(iced::time::Instant::now()));
            let cursor = canvas.cursor;
            let _ = interface.update(
                &[frame],
                cursor,
                &mut canvas.renderer,
                &mut clipboard::Null,
                &mut messages,
            );
            let base = theme.base();
            let style = renderer::Style {
                text_color: base.text_color,
            };
            interface.draw(&mut canvas.renderer, theme, &style, cursor);
            let (width, height) = (
                (canvas.size.width * scale).round() as u32,
                (canvas.size.height * scale).round() as u32,
            );
            let rgba = canvas
                .renderer
                .screenshot(Size::new(width, height), scale, base.background_color);
            Picture { width, height, rgba }
        })
    }
}

struct SeekFocus(Option<Id>);

impl Operation for SeekFocus {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn focusable(&mut self, id: Option<&Id>, _: Rectangle, state: &mut dyn Focusable) {
        if state.is_focused() {
            self.0 = id.cloned();
        }
    }
}

/// A key going down.
pub fn press(key: keyboard::Key, modifiers: keyboard::Modifiers) -> Event {
    let text = match &key {
        keyboard::Key::Character(text) => Some(text.clone()),
        keyboard::Key::Named(keyboard::key::Named::Space) => Some(" ".into()),
        _ => None,
    };
    Event::Keyboard(keyboard::Event::KeyPressed {
        modified_key: key.clone(),
        key,
        physical_key: keyboard::key::Physical::Unidentified(keyboard::key::NativeCode::Unidentified),
        location: keyboard::Location::Standard,
        modifiers,
        text,
        repeat: false,
    })
}

impl Picture {
    /// The share of pixels of exactly this colour.
    pub fn share_of(&self, color: iced::Color) -> f64 {
        let wanted = color.into_rgba8();
        let (count, hits) = self
            .rgba
            .chunks_exact(4)
            .fold((0_u32, 0_u32), |(count, hits), pixel| {
                (count + 1, hits + u32::from(pixel[..3] == wanted[..3]))
            });
        f64::from(hits) / f64::from(count.max(1))
    }

    /// The picture as an uncompressed PNG.
    pub fn png(&self) -> Vec<u8> {
        let mut raw = Vec::new();
        for row in self.rgba.chunks_exact(self.width as usize * 4) {
            raw.push(0);
            raw.extend_from_slice(row);
        }
        let mut packed = vec![0x78, 0x01];
        let mut blocks = raw.chunks(0xffff).peekable();
        while let Some(block) = blocks.next() {
            packed.push(u8::from(blocks.peek().is_none()));
            let length = block.len() as u16;
            packed.extend_from_slice(&length.to_le_bytes());
            packed.extend_from_slice(&(!length).to_le_bytes());
            packed.extend_from_slice(block);
        }
        packed.extend_from_slice(&adler32(&raw).to_be_bytes());

        let mut head = Vec::new();
        head.extend_from_slice(&self.width.to_be_bytes());
        head.extend_from_slice(&self.height.to_be_bytes());
        head.extend_from_slice(&[8, 6, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [(b"IHDR", &head), (b"IDAT", &packed), (b"IEND", &Vec::new())] {
            png.extend_from_slice(&(data.len() as u32).to_be_bytes());
            let start = png.len();
            png.extend_from_slice(kind);
            png.extend_from_slice(data);
            let sum = crc32(&png[start..]);
            png.extend_from_slice(&sum.to_be_bytes());
        }
        png
    }
}

fn adler32(data: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

fn crc32(data: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (index, entry) in table.iter_mut().enumerate() {
        *entry = (0..8).fold(index as u32, |c, _| {
            if c & 1 == 1 {
                0xedb8_8320 ^ (c >> 1)
            } else {
                c >> 1
            }
        });
    }
    !data.iter().fold(!0_u32, |c, byte| {
        table[((c ^ u32::from(*byte)) & 0xff) as usize] ^ (c >> 8)
    })
}
