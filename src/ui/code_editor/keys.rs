//! What keys do in the editor.

use iced::advanced::text::editor::{Action, Edit};
use iced::keyboard::{self, Key, key::Named};
use iced::widget::text_editor::{Binding, KeyPress, Status};

use super::Event;

/// A wish expressed by a key.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wish {
    Tell(Event),
    Copy,
    Cut,
    Paste,
}

/// The proposals that a page further are.
const PAGE: isize = 8;

/// The wish behind a key press while the editor has the focus; nothing for a key that is not the editor's.
pub(super) fn wish(event: &keyboard::Event, has_proposals: bool) -> Option<Wish> {
    let keyboard::Event::KeyPressed {
        key,
        modified_key,
        physical_key,
        modifiers,
        text,
        ..
    } = event
    else {
        return None;
    };
    if has_proposals && let Some(event) = within_proposals(key, *modifiers) {
        return Some(Wish::Tell(event));
    }
    if modifiers.command() && !modifiers.alt() {
        let event = match key
            .to_latin(*physical_key)
            .map(|letter| letter.to_ascii_lowercase())
        {
            Some('z') if modifiers.shift() => Some(Event::Redone),
            Some('z') => Some(Event::Undone),
            Some('y') => Some(Event::Redone),
            Some(']') => Some(Event::Indented),
            Some('[') => Some(Event::Unindented),
            Some('/') => Some(Event::CommentToggled),
            _ => None,
        };
        if let Some(event) = event {
            return Some(Wish::Tell(event));
        }
    }
    let is_space = matches!(key.as_ref(), Key::Named(Named::Space) | Key::Character(" "));
    if is_space && modifiers.control() {
        return Some(Wish::Tell(Event::CompletionAsked));
    }
    match key.as_ref() {
        // To others: the dialog, the next widget.
        Key::Named(Named::Escape | Named::Tab) => return None,
        Key::Named(Named::Enter) if modifiers.command() => return None,
        _ => {}
    }
    // With AltGr, letters come with Ctrl and Alt held.
    let is_shortcut = modifiers.command() && !modifiers.alt();
    let press = KeyPress {
        key: key.clone(),
        modified_key: modified_key.clone(),
        physical_key: *physical_key,
        modifiers: *modifiers,
        text: text.clone(),
        status: Status::Focused { is_hovered: false },
    };
    let wish = match Binding::<()>::from_key_press(press)? {
        Binding::Copy => Wish::Copy,
        Binding::Cut => Wish::Cut,
        Binding::Paste => Wish::Paste,
        Binding::Enter => Wish::Tell(Event::LineBroken),
        Binding::Insert(_) if is_shortcut => return None,
        Binding::Insert(letter) => acted(Action::Edit(Edit::Insert(letter))),
        Binding::Backspace => acted(Action::Edit(Edit::Backspace)),
        Binding::Delete => acted(Action::Edit(Edit::Delete)),
        Binding::Move(motion) => acted(Action::Move(motion)),
        Binding::Select(motion) => acted(Action::Select(motion)),
        Binding::SelectWord => acted(Action::SelectWord),
        Binding::SelectLine => acted(Action::SelectLine),
        Binding::SelectAll => acted(Action::SelectAll),
        Binding::Unfocus | Binding::Sequence(_) | Binding::Custom(()) => return None,
    };
    Some(wish)
}

fn acted(action: Action) -> Wish {
    Wish::Tell(Event::Acted(action))
}

fn within_proposals(key: &Key, modifiers: keyboard::Modifiers) -> Option<Event> {
    if !modifiers.is_empty() {
        return None;
    }
    let Key::Named(named) = key.as_ref() else {
        return None;
    };
    match named {
        Named::ArrowDown => Some(Event::CompletionMoved(1)),
        Named::ArrowUp => Some(Event::CompletionMoved(-1)),
        Named::PageDown => Some(Event::CompletionMoved(PAGE)),
        Named::PageUp => Some(Event::CompletionMoved(-PAGE)),
        Named::Enter | Named::Tab => Some(Event::CompletionTaken(None)),
        Named::Escape => Some(Event::CompletionDismissed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use iced::advanced::text::editor::Motion;
    use iced::keyboard::{Location, Modifiers, key::NativeCode, key::Physical};

    use super::*;

    fn press(key: Key, modifiers: Modifiers, text: Option<&str>) -> keyboard::Event {
        keyboard::Event::KeyPressed {
            modified_key: key.clone(),
            key,
            physical_key: Physical::Unidentified(NativeCode::Unidentified),
            location: Location::Standard,
            modifiers,
            text: text.map(Into::into),
            repeat: false,
        }
    }

    fn letter(text: &str, modifiers: Modifiers) -> Option<Wish> {
        wish(&press(Key::Character(text.into()), modifiers, Some(text)), false)
    }

    fn named(named: Named, has_proposals: bool) -> Option<Wish> {
        wish(&press(Key::Named(named), Modifiers::empty(), None), has_proposals)
    }

    #[test]
    fn letters_are_typed_and_shortcuts_are_not() {
        let none = Modifiers::empty();
        let typed = |text: &str| acted(Action::Edit(Edit::Insert(text.chars().next().unwrap())));
        assert_eq!(letter("a", none), Some(typed("a")));
        assert_eq!(letter("s", Modifiers::COMMAND), None);
        assert_eq!(letter("z", Modifiers::COMMAND), Some(Wish::Tell(Event::Undone)));
        assert_eq!(
            letter("Z", Modifiers::COMMAND | Modifiers::SHIFT),
            Some(Wish::Tell(Event::Redone))
        );
        assert_eq!(letter("c", Modifiers::COMMAND), Some(Wish::Copy));
        assert_eq!(
            letter("/", Modifiers::COMMAND),
            Some(Wish::Tell(Event::CommentToggled))
        );
        assert_eq!(
            letter(" ", Modifiers::CTRL),
            Some(Wish::Tell(Event::CompletionAsked))
        );
        // AltGr on Windows.
        assert_eq!(letter("@", Modifiers::CTRL | Modifiers::ALT), Some(typed("@")));
    }

    #[test]
    fn keys_that_lead_out_of_the_editor_are_left_alone() {
        assert_eq!(named(Named::Tab, false), None);
        assert_eq!(named(Named::Escape, false), None);
        assert_eq!(named(Named::Enter, false), Some(Wish::Tell(Event::LineBroken)));
        let save = press(Key::Named(Named::Enter), Modifiers::COMMAND, None);
        assert_eq!(wish(&save, false), None);
    }

    #[test]
    fn proposals_take_the_keys_that_choose() {
        assert_eq!(
            named(Named::ArrowDown, false),
            Some(acted(Action::Move(Motion::Down)))
        );
        for (key, event) in [
            (Named::ArrowDown, Event::CompletionMoved(1)),
            (Named::ArrowUp, Event::CompletionMoved(-1)),
            (Named::Enter, Event::CompletionTaken(None)),
            (Named::Tab, Event::CompletionTaken(None)),
            (Named::Escape, Event::CompletionDismissed),
        ] {
            assert_eq!(named(key, true), Some(Wish::Tell(event)));
        }
        assert_eq!(
            named(Named::ArrowLeft, true),
            Some(acted(Action::Move(Motion::Left)))
        );
    }
}
