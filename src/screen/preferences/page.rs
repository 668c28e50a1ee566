//! How the page is laid out.

use iced::widget::{Column, column, container, responsive, row, rule, scrollable, space};
use iced::{Center, Element, Fill, Padding, Size};

use crate::screen::shown;
use crate::service::configuration::ConfigurationFile;
use crate::ui::intercept::{self, intercept};
use crate::ui::modal::slim_bar;
use crate::ui::style;
use crate::ui::{button, focus, progress, spacing, text};

use super::section::section;
use super::{Message, Preferences, State};

/// The widest that the page gets.
const MEASURE: f32 = 920.0;
const NARROW: f32 = 600.0;
const LOW: f32 = 360.0;

pub(super) fn view(screen: &Preferences) -> Element<'_, Message> {
    intercept(responsive(move |size| page(screen, size)), |seen| {
        intercept::is_confirm(seen.event).then_some(Message::ApplyPressed)
    })
    .into()
}

fn page(screen: &Preferences, size: Size) -> Element<'_, Message> {
    let is_low = size.height < LOW || size.width < NARROW;
    let around = if is_low { spacing::L } else { spacing::PAGE };
    let width = (size.width - 2.0 * around).min(MEASURE);
    let mut parts = Column::new().spacing(spacing::XL).max_width(MEASURE).width(Fill);
    parts = parts.push(head(width));
    if screen.shown.is_none() {
        parts = parts.push(progress::activity());
    } else {
        parts = parts
            .push(section("Servers", screen.servers(), width))
            .push(section("Connection", screen.connection(), width))
            .push(section("Appearance", screen.look_settings(), width))
            .push(section("Environments", screen.environment(), width))
            .push(section("Navigator and signing in", screen.navigator(), width));
    }
    // The rings of focused widgets reach beyond them; what clips leaves them room.
    let content = container(parts).padding(Padding {
        top: around,
        bottom: around + focus::RING_REACH,
        left: around,
        right: around,
    });
    let body = scrollable(content)
        .direction(scrollable::Direction::Vertical(slim_bar()))
        .style(style::scroll)
        .width(Fill)
        .height(Fill);
    column![body, foot(screen, around)]
        .width(Fill)
        .height(Fill)
        .into()
}

fn head<'a>(width: f32) -> Element<'a, Message> {
    let edit = |label, id: &'static str, file| {
        button::secondary(label)
            .id(id)
            .on_press(Message::ConfigurePressed(file))
    };
    let buttons = row![
        edit(
            "Configure Navigator",
            "configure-navigator",
            ConfigurationFile::Navigator
        ),
        edit("Configure Conda", "configure-conda", ConfigurationFile::Conda)
    ]
    .spacing(spacing::S);
    let title = text::title("Preferences");
    if width < NARROW {
        return column![title, buttons.wrap()].spacing(spacing::M).into();
    }
    row![title, space().width(Fill), buttons].align_y(Center).into()
}

/// What is going on, and the buttons, always in sight.
fn foot(screen: &Preferences, around: f32) -> Element<'_, Message> {
    let problem = screen
        .problem
        .as_ref()
        .map(|problem| container(shown::problem(problem)).max_height(140));
    let changes = screen.changes();
    let words: Element<'_, Message> = match &screen.state {
        State::Checking { .. } => shown::working("Asking the server"),
        State::Applying { .. } => shown::working("Saving"),
        State::Ready | State::Reading(_) => {
            let words = match changes {
                0 => String::new(),
                1 => "1 change".to_owned(),
                count => format!("{count} changes"),
            };
            text::small(words).style(style::muted).into()
        }
    };
    let buttons = match &screen.state {
        State::Checking { .. } => row![
            button::secondary("Cancel")
                .id("preferences-cancel")
                .on_press(Message::CancelPressed),
            button::secondary("Save anyway")
                .id("preferences-save-anyway")
                .on_press(Message::SaveAnywayPressed),
        ],
        _ => row![
            button::secondary("Discard")
                .id("preferences-discard")
                .on_press_maybe((changes > 0 && !screen.is_busy()).then_some(Message::DiscardPressed)),
            button::primary("Apply")
                .id("preferences-apply")
                .on_press_maybe(screen.can_apply().then_some(Message::ApplyPressed)),
        ],
    };
    let line = row![container(words).width(Fill), buttons.spacing(spacing::S)].align_y(Center);
    let above = if around < spacing::PAGE {
        spacing::XS
    } else {
        spacing::S
    };
    let bar = container(column![problem, line].spacing(spacing::S).max_width(MEASURE))
        .padding([above, around])
        .width(Fill)
        .style(style::surface);
    column![rule::horizontal(spacing::LINE).style(style::separator), bar].into()
}
