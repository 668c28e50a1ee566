//! An operation's view of what must not take the focus.

use std::any::Any;

use iced::advanced::widget::Id;
use iced::advanced::widget::operation::{self, Operation, Scrollable};
use iced::{Rectangle, Vector};

/// Lets an operation see everything but what can be focused: for what lies behind a dialog, and for greyed fields.
pub(super) struct Unfocusable<'o> {
    pub operation: &'o mut dyn Operation,
}

impl Operation for Unfocusable<'_> {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        self.operation
            .traverse(&mut |operation| operate(&mut Unfocusable { operation }));
    }

    fn container(&mut self, id: Option<&Id>, bounds: Rectangle) {
        self.operation.container(id, bounds);
    }

    fn scrollable(
        &mut self,
        id: Option<&Id>,
        bounds: Rectangle,
        content: Rectangle,
        translation: Vector,
        state: &mut dyn Scrollable,
    ) {
        self.operation.scrollable(id, bounds, content, translation, state);
    }

    fn text_input(&mut self, id: Option<&Id>, bounds: Rectangle, state: &mut dyn operation::TextInput) {
        self.operation.text_input(id, bounds, state);
    }

    fn text(&mut self, id: Option<&Id>, bounds: Rectangle, text: &str) {
        self.operation.text(id, bounds, text);
    }

    fn custom(&mut self, id: Option<&Id>, bounds: Rectangle, state: &mut dyn Any) {
        self.operation.custom(id, bounds, state);
    }
}
