//! What every pressable widget shares: a press by mouse, finger or key, and the focus that goes with it.

use iced::advanced::widget::Id;
use iced::advanced::{Shell, mouse};
use iced::keyboard::{self, key};
use iced::{Event, Rectangle, touch, window};

use super::focus::Focus;

/// What a widget looks like just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Look {
    #[default]
    Resting,
    Hovered,
    Pressed,
    Disabled,
}

/// Which keys press a focused widget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    EnterAndSpace,
    /// Enter stays free for the default button.
    Space,
}

/// The state in the widget tree.
#[derive(Debug, Default)]
pub(super) struct State {
    pub focus: Focus,
    is_down: bool,
}

impl State {
    pub fn new(id: Option<&Id>) -> Self {
        Self {
            focus: Focus::new(id),
            is_down: false,
        }
    }

    /// Handles one event; tells whether the widget was pressed by it. A disabled widget (`is_enabled` false) never is,
    /// and loses its focus.
    pub fn update<Message>(
        &mut self,
        event: &Event,
        bounds: Rectangle,
        cursor: mouse::Cursor,
        shell: &mut Shell<'_, Message>,
        keys: Keys,
        is_enabled: bool,
    ) -> bool {
        if !is_enabled {
            self.focus.release();
            self.is_down = false;
            return false;
        }
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. }) => {
                if cursor.is_over(bounds) && !shell.is_event_captured() {
                    self.is_down = true;
                    self.focus.take_by_pointer();
                    shell.capture_event();
                    shell.request_redraw();
                } else if self.focus.is_held() {
                    self.focus.release();
                    shell.request_redraw();
                }
                false
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerLifted { .. }) => {
                let was_down = std::mem::take(&mut self.is_down);
                if was_down {
                    shell.request_redraw();
                    shell.capture_event();
                }
                was_down && cursor.is_over(bounds)
            }
            Event::Touch(touch::Event::FingerLost { .. }) => {
                self.is_down = false;
                false
            }
            Event::Keyboard(event) => {
                let is_pressed = self.focus.is_held() && !shell.is_event_captured() && presses(event, keys);
                if is_pressed {
                    shell.capture_event();
                }
                is_pressed
            }
            _ => false,
        }
    }

    pub fn look(&self, bounds: Rectangle, cursor: mouse::Cursor, is_enabled: bool) -> Look {
        if !is_enabled {
            Look::Disabled
        } else if !cursor.is_over(bounds) {
            Look::Resting
        } else if self.is_down {
            Look::Pressed
        } else {
            Look::Hovered
        }
    }
}

/// Keeps a widget's drawn look current: it is taken over when a frame begins, and a change asks for a frame.
pub(super) fn refresh<T: Copy + PartialEq, Message>(
    drawn: &mut Option<T>,
    now: T,
    event: &Event,
    shell: &mut Shell<'_, Message>,
) {
    if let Event::Window(window::Event::RedrawRequested(_)) = event {
        *drawn = Some(now);
    } else if drawn.is_some_and(|drawn| drawn != now) {
        shell.request_redraw();
    }
}

fn presses(event: &keyboard::Event, keys: Keys) -> bool {
    let keyboard::Event::KeyPressed {
        key,
        modifiers,
        repeat: false,
        ..
    } = event
    else {
        return false;
    };
    if modifiers.control() || modifiers.alt() || modifiers.logo() {
        return false;
    }
    match key.as_ref() {
        keyboard::Key::Named(key::Named::Space) | keyboard::Key::Character(" ") => true,
        keyboard::Key::Named(key::Named::Enter) => keys == Keys::EnterAndSpace,
        _ => false,
    }
}
