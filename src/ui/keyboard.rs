//! What a key press that no widget used asks for.
//!
//! Tab, Shift-Tab, Esc and Enter inside a dialog are handled by [`modal`](super::modal::modal) itself. What is left
//! over reaches the app through `iced::keyboard::listen`, which reports uncaptured events only:
//!
//! ```
//! use sextant::ui::keyboard::{Intent, intent};
//!
//! # #[derive(Debug, PartialEq)]
//! enum Message { OpenConnect, Cancel }
//!
//! fn on_key(event: &iced::keyboard::Event) -> Option<Message> {
//!     match intent(event)? {
//!         Intent::Shortcut('k') => Some(Message::OpenConnect),
//!         Intent::Cancel => Some(Message::Cancel),
//!         _ => None,
//!     }
//! }
//! ```

use iced::keyboard::{Event, Key, Modifiers, key::Named};

/// A wish expressed by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Tab.
    FocusNext,
    /// Shift-Tab.
    FocusPrevious,
    /// Esc.
    Cancel,
    /// Enter.
    Submit,
    /// Space.
    Toggle,
    /// Shift-Space: toggle the other of two things.
    ToggleOther,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    /// Alt-Up: move the thing itself up.
    MoveUp,
    /// Alt-Down.
    MoveDown,
    /// Delete: take the thing out.
    Delete,
    /// F2: give the thing another name.
    Rename,
    /// Ctrl (on macOS Cmd) and a letter, in lower case.
    Shortcut(char),
}

/// The wish behind a key press; `None` for releases, other keys and held modifiers that change their meaning.
#[must_use]
pub fn intent(event: &Event) -> Option<Intent> {
    let Event::KeyPressed { key, modifiers, .. } = event else {
        return None;
    };
    if modifiers.command() {
        return match key.as_ref() {
            Key::Character(text) if !modifiers.alt() => {
                let mut letters = text.chars().flat_map(char::to_lowercase);
                let letter = letters.next()?;
                letters.next().is_none().then_some(Intent::Shortcut(letter))
            }
            _ => None,
        };
    }
    let Key::Named(named) = key else {
        return match (key.as_ref(), *modifiers) {
            (Key::Character(" "), Modifiers::NONE) => Some(Intent::Toggle),
            (Key::Character(" "), Modifiers::SHIFT) => Some(Intent::ToggleOther),
            _ => None,
        };
    };
    if modifiers.control() || modifiers.logo() {
        return None;
    }
    match (named, modifiers.alt(), modifiers.shift()) {
        (Named::ArrowUp, true, false) => Some(Intent::MoveUp),
        (Named::ArrowDown, true, false) => Some(Intent::MoveDown),
        (Named::Tab, false, false) => Some(Intent::FocusNext),
        (Named::Tab, false, true) => Some(Intent::FocusPrevious),
        (Named::Escape, false, false) => Some(Intent::Cancel),
        (Named::Delete, false, false) => Some(Intent::Delete),
        // The key of that name on a Mac.
        (Named::Backspace, false, false) if cfg!(target_os = "macos") => Some(Intent::Delete),
        (Named::Enter, false, false) => Some(Intent::Submit),
        (Named::Space, false, false) => Some(Intent::Toggle),
        (Named::Space, false, true) => Some(Intent::ToggleOther),
        (Named::ArrowUp, false, false) => Some(Intent::Up),
        (Named::ArrowDown, false, false) => Some(Intent::Down),
        (Named::ArrowLeft, false, false) => Some(Intent::Left),
        (Named::ArrowRight, false, false) => Some(Intent::Right),
        (Named::PageUp, false, false) => Some(Intent::PageUp),
        (Named::PageDown, false, false) => Some(Intent::PageDown),
        (Named::Home, false, false) => Some(Intent::Home),
        (Named::End, false, false) => Some(Intent::End),
        (Named::F2, false, false) => Some(Intent::Rename),
        _ => None,
    }
}

/// What a typed letter tells about Caps Lock: on when its case contradicts Shift, `None` for anything but a letter.
#[must_use]
pub fn caps_lock(event: &Event) -> Option<bool> {
    let Event::KeyPressed {
        text: Some(text),
        modifiers,
        ..
    } = event
    else {
        return None;
    };
    let mut letters = text.chars();
    let letter = letters.next()?;
    let is_single = letters.next().is_none();
    let has_case = letter.is_uppercase() != letter.is_lowercase();
    (is_single && has_case && !modifiers.command() && !modifiers.alt())
        .then(|| letter.is_uppercase() != modifiers.shift())
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced::keyboard::{Location, Modifiers, key::NativeCode, key::Physical};

    fn pressed(key: Key, modifiers: Modifiers, text: Option<&str>) -> Event {
        Event::KeyPressed {
            modified_key: key.clone(),
            key,
            physical_key: Physical::Unidentified(NativeCode::Unidentified),
            location: Location::Standard,
            modifiers,
            text: text.map(Into::into),
            repeat: false,
        }
    }

    #[test]
    fn keys_become_intents() {
        let none = Modifiers::empty();
        let of = |key, modifiers| intent(&pressed(key, modifiers, None));
        assert_eq!(of(Key::Named(Named::Tab), none), Some(Intent::FocusNext));
        assert_eq!(
            of(Key::Named(Named::Tab), Modifiers::SHIFT),
            Some(Intent::FocusPrevious)
        );
        assert_eq!(of(Key::Named(Named::ArrowUp), none), Some(Intent::Up));
        assert_eq!(
            of(Key::Named(Named::ArrowUp), Modifiers::ALT),
            Some(Intent::MoveUp)
        );
        assert_eq!(of(Key::Named(Named::Tab), Modifiers::ALT), None);
        assert_eq!(
            of(Key::Character("k".into()), Modifiers::COMMAND),
            Some(Intent::Shortcut('k'))
        );
        assert_eq!(
            of(Key::Character("K".into()), Modifiers::COMMAND | Modifiers::SHIFT),
            Some(Intent::Shortcut('k'))
        );
        assert_eq!(of(Key::Character("k".into()), none), None);
        assert_eq!(of(Key::Character(" ".into()), none), Some(Intent::Toggle));
        assert_eq!(
            of(Key::Named(Named::Space), Modifiers::SHIFT),
            Some(Intent::ToggleOther)
        );
    }

    #[test]
    fn caps_lock_shows_in_the_case_of_a_letter() {
        let letter = |text, modifiers| caps_lock(&pressed(Key::Character("a".into()), modifiers, Some(text)));
        assert_eq!(letter("A", Modifiers::empty()), Some(true));
        assert_eq!(letter("a", Modifiers::empty()), Some(false));
        assert_eq!(letter("A", Modifiers::SHIFT), Some(false));
        assert_eq!(letter("a", Modifiers::SHIFT), Some(true));
        assert_eq!(letter("7", Modifiers::empty()), None);
        assert_eq!(letter("ß", Modifiers::empty()), Some(false));
    }
}
