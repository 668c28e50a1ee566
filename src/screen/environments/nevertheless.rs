//! The dialog before something is done to an environment that is better left alone: whoever froze it said why, or a program
//! of it is running.

use iced::widget::column;

use super::{Deed, Environment, objection};
use crate::screen::shown;
use crate::ui::banner::Banner;
use crate::ui::modal::Dialog;
use crate::ui::style::Tone;
use crate::ui::{button, spacing, text};

#[derive(Debug, Clone)]
pub struct Nevertheless {
    deed: Deed,
    environment: Environment,
    label: String,
}

#[derive(Debug, Clone)]
pub enum Message {
    GoPressed,
    CancelPressed,
}

#[derive(Debug)]
pub enum Action {
    /// Do it nevertheless.
    Do(Deed, Environment),
    Close,
}

impl Nevertheless {
    pub fn new(deed: Deed, environment: Environment, label: String) -> Self {
        Self {
            deed,
            environment,
            label,
        }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::GoPressed => Action::Do(self.deed, self.environment.clone()),
            Message::CancelPressed => Action::Close,
        }
    }

    pub fn verb(&self) -> &'static str {
        self.deed.label()
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let reason = objection(&self.environment, self.deed)
            .map(|protection| shown::sentence(&protection.reason()))
            .unwrap_or_default();
        let content = column![
            Banner::new(Tone::Warning, reason),
            text::body("It can be done all the same, if you know that nobody is hurt by it."),
        ]
        .spacing(spacing::L);
        let verb = self.deed.label();
        Dialog::new("nevertheless-dialog", format!("{verb} {}?", self.label), content)
            .focus("nevertheless-cancel")
            .on_close(Message::CancelPressed)
            .on_submit(None)
            .button(
                button::secondary("Cancel")
                    .id("nevertheless-cancel")
                    .on_press(Message::CancelPressed),
            )
            .button(
                button::quiet_danger(format!("{verb} nevertheless"))
                    .id("nevertheless-go")
                    .on_press(Message::GoPressed),
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conda::environment::Protection;
    use crate::screen::dialog_trial::{click, key, shows};

    #[test]
    fn the_reason_stands_before_the_way_on_and_enter_cancels() {
        let frozen = Environment {
            name: Some("service".to_owned()),
            prefix: "/opt/service".into(),
            python: None,
            packages: 3,
            is_base: false,
            protections: vec![Protection::Frozen {
                message: Some("a service runs here".to_owned()),
            }],
        };
        let mut dialog = Nevertheless::new(Deed::Remove, frozen, "service".to_owned());
        assert!(shows(dialog.view(), "It is frozen: a service runs here"));
        assert!(matches!(
            key(dialog.view(), iced::keyboard::key::Named::Enter)[..],
            [Message::CancelPressed]
        ));
        assert!(matches!(
            click(dialog.view(), "nevertheless-go")[..],
            [Message::GoPressed]
        ));
        assert!(matches!(
            dialog.update(Message::GoPressed),
            Action::Do(Deed::Remove, _)
        ));
    }
}
