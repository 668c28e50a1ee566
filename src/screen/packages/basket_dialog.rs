//! What is marked to be changed, each to be taken out again.

use iced::widget::{Column, container, row};
use iced::{Center, Element, Length};

use super::{Basket, Mark};
use crate::ui::icon::Icon;
use crate::ui::modal::Dialog;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

#[derive(Debug, Clone)]
pub struct BasketDialog {
    environment: String,
    basket: Basket,
}

#[derive(Debug, Clone)]
pub enum Message {
    TakenOut(String),
    UpdateAllTakenOut,
    ClearPressed,
    ApplyPressed,
    Closed,
}

#[derive(Debug)]
pub enum Action {
    /// The basket is this now.
    Changed(Basket),
    /// Apply it as it is.
    Apply(Basket),
    Close,
}

impl BasketDialog {
    pub fn new(environment: String, basket: Basket) -> Self {
        Self { environment, basket }
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::TakenOut(name) => self.basket.take_out(&name),
            Message::UpdateAllTakenOut => self.basket.update_everything(false),
            Message::ClearPressed => self.basket.clear(),
            Message::ApplyPressed if !self.basket.is_empty() => return Action::Apply(self.basket.clone()),
            Message::ApplyPressed | Message::Closed => return Action::Close,
        }
        Action::Changed(self.basket.clone())
    }

    pub fn view(&self) -> Dialog<'_, Message> {
        let everything = self.basket.has_everything().then(|| {
            line(
                "update",
                Tone::Info,
                "everything that is installed".to_owned(),
                Message::UpdateAllTakenOut,
            )
        });
        let marks = self.basket.iter().map(|(name, mark)| {
            let (verb, tone) = match mark {
                Mark::Install(_) => ("install", Tone::Good),
                Mark::Update => ("update", Tone::Info),
                Mark::Remove => ("remove", Tone::Bad),
            };
            let words = match mark {
                Mark::Install(Some(choice)) => match &choice.build {
                    Some(build) => format!("{name} {} ({build})", choice.version),
                    None => format!("{name} {}", choice.version),
                },
                _ => name.to_owned(),
            };
            line(verb, tone, words, Message::TakenOut(name.to_owned()))
        });
        let lines = Column::with_children(everything.into_iter().chain(marks)).spacing(spacing::XS);
        let content: Element<'_, Message> = if self.basket.is_empty() {
            text::body("Nothing is marked.").style(style::muted).into()
        } else {
            lines.into()
        };
        let can_apply = !self.basket.is_empty();
        Dialog::new("basket-dialog", "Changes to be made", content)
            .subtitle(format!(
                "In {}. Nothing happens before Apply has shown what follows.",
                self.environment
            ))
            .focus("basket-apply")
            .on_close(Message::Closed)
            .on_submit(can_apply.then_some(Message::ApplyPressed))
            .aside(
                button::link("Clear")
                    .flush()
                    .id("basket-clear")
                    .on_press_maybe(can_apply.then_some(Message::ClearPressed)),
            )
            .button(
                button::secondary("Close")
                    .id("basket-close")
                    .on_press(Message::Closed),
            )
            .button(
                button::primary("Apply")
                    .id("basket-apply")
                    .on_press_maybe(can_apply.then_some(Message::ApplyPressed)),
            )
    }
}

fn line<'a>(verb: &'a str, tone: Tone, words: String, take_out: Message) -> Element<'a, Message> {
    let out = button::icon(Icon::Close, format!("Take out {words}"))
        .small()
        .on_press(take_out);
    row![
        container(text::badge(verb, tone)).width(68),
        container(text::body(words)).width(Length::Fill),
        out
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::dialog_trial::{click, press, shows};
    use crate::screen::packages::Choice;

    fn dialog() -> BasketDialog {
        let mut basket = Basket::default();
        let choice = Choice {
            version: "2.3".to_owned(),
            build: Some("py313_0".to_owned()),
        };
        basket.toggle("numpy", Mark::Install(Some(choice)));
        basket.toggle("pip", Mark::Remove);
        basket.update_everything(true);
        BasketDialog::new("forecast".to_owned(), basket)
    }

    #[test]
    fn what_is_marked_is_told_and_taken_out_again() {
        let mut dialog = dialog();
        for words in ["numpy 2.3 (py313_0)", "pip", "everything that is installed"] {
            assert!(shows(dialog.view(), words), "{words}");
        }
        for words in [
            "Take out pip",
            "Take out everything that is installed",
            "Take out numpy 2.3 (py313_0)",
        ] {
            let mut messages = press(dialog.view(), words);
            let Action::Changed(_) = dialog.update(messages.remove(0)) else {
                panic!("{words}");
            };
        }
        assert!(shows(dialog.view(), "Nothing is marked."));
        assert!(click(dialog.view(), "basket-apply").is_empty());
    }

    #[test]
    fn it_is_applied_from_here_too() {
        let mut dialog = dialog();
        let messages = click(dialog.view(), "basket-apply");
        assert!(matches!(messages[..], [Message::ApplyPressed]));
        assert!(matches!(dialog.update(Message::ApplyPressed), Action::Apply(basket) if basket.len() == 3));
        let Action::Changed(basket) = dialog.update(Message::ClearPressed) else {
            panic!("nothing changed");
        };
        assert!(basket.is_empty());
    }
}
