//! Who can see one package, and why; and its collaborators.

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length};

use super::deed::Deed;
use super::packages::{CollaboratorEdit, Look, LookState, identity, meaning};
use super::{COLLABORATOR, Message, PackagesMessage, table};
use crate::repository::Visibility;
use crate::screen::{quantity, shown};
use crate::service::access::{OwnedByAccount, Reason, Viewer, Viewers};
use crate::ui::form_field::FormField;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

pub(super) fn view<'a>(owned: &'a OwnedByAccount, look: &'a Look) -> Element<'a, Message> {
    let package = owned.packages.iter().find(|package| identity(package) == look.of);
    let about = package.map(|package| {
        let mut words = vec![package.owner.clone(), table::kinds(package)];
        if let Some(downloads) = package.downloads {
            words.push(format!("{} downloads", quantity::grouped(downloads, ',')));
        }
        let summary = package.summary.as_deref().map(text::small);
        column![summary, text::small(words.join("  ·  ")).style(style::muted)].spacing(spacing::XXS)
    });
    let head = column![text::heading(look.of.1.as_str()), about].spacing(spacing::XXS);
    let who: Element<'a, Message> = match &look.state {
        LookState::Asking(_) => shown::working("Asking who can see it"),
        LookState::Failed(problem) => shown::problem(problem)
            .button(
                button::secondary("Try again")
                    .id("access-look-again")
                    .on_press(Message::Packages(PackagesMessage::LookPressed)),
            )
            .into(),
        LookState::Known(viewers) => who(owned, look, viewers),
    };
    column![
        head,
        text::strong("Who can see it, and why"),
        told(look),
        who,
        collaborator(look)
    ]
    .spacing(spacing::M)
    .into()
}

fn who<'a>(owned: &'a OwnedByAccount, look: &'a Look, viewers: &'a Viewers) -> Element<'a, Message> {
    let sentence = match viewers.access {
        Some(access) => meaning(access).1,
        None => "The server does not say who may see it. These surely do.",
    };
    let sentence = row![
        container(table::access(viewers.access)).padding(iced::Padding::ZERO.top(1.0)),
        container(text::small(sentence).style(style::muted)).width(Length::Fill)
    ]
    .spacing(spacing::S);
    let head = match viewers.access {
        Some(Visibility::Private) | None => None,
        Some(_) => Some(text::small("Whatever its access, these see it by name:").style(style::muted)),
    };
    let lines = viewers.people.iter().map(|viewer| person(owned, look, viewer));
    let unknown = viewers.unknown.iter().map(|unknown| {
        text::small(format!("Not looked at: {unknown}."))
            .style(style::warning)
            .into()
    });
    column![sentence, head]
        .push(Column::with_children(lines).spacing(spacing::S))
        .push(Column::with_children(unknown).spacing(spacing::XS))
        .spacing(spacing::M)
        .into()
}

fn person<'a>(owned: &'a OwnedByAccount, look: &'a Look, viewer: &'a Viewer) -> Element<'a, Message> {
    let name = match viewer.login == owned.login {
        true => format!("{} (you)", viewer.login),
        false => viewer.login.clone(),
    };
    let reasons = viewer.reasons.iter().map(|reason| {
        text::small(reason_words(reason))
            .style(style::muted)
            .width(Length::Fill)
            .into()
    });
    let is_collaborator = viewer.reasons.contains(&Reason::Collaborator);
    let remove = is_collaborator.then(|| {
        let press = (!look.deed.is_running())
            .then(|| Message::Packages(PackagesMessage::RemovePressed(viewer.login.clone())));
        button::small_link("Take out")
            .id(format!("access-remove-{}", viewer.login))
            .on_press_maybe(press)
    });
    row![
        column![text::strong(name)]
            .push(Column::with_children(reasons))
            .width(Length::Fill),
        remove
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

pub(super) fn reason_words(reason: &Reason) -> String {
    match reason {
        Reason::Owner => "Owns it".to_owned(),
        Reason::Administrator { group } => {
            format!("In the group {group}, which may do everything")
        }
        Reason::Group { group, permission } => {
            format!("In the group {group}, which has it to {permission}")
        }
        Reason::Collaborator => "A collaborator of the package".to_owned(),
    }
}

fn collaborator(look: &Look) -> Element<'_, Message> {
    let can_add = !look.user.trim().is_empty() && !look.deed.is_running();
    let add = Message::Packages(PackagesMessage::AddPressed);
    let field = FormField::new("bob", &look.user)
        .label("Add a collaborator")
        .id(COLLABORATOR)
        .on_input(|text| Message::Packages(PackagesMessage::CollaboratorTyped(text)))
        .on_submit(add.clone())
        .trailing(
            button::small_link("Add")
                .id("access-add")
                .on_press_maybe(can_add.then_some(add)),
        )
        .hint("One person, this package alone. For more, use a group.");
    column![Element::from(field), told(look)]
        .spacing(spacing::S)
        .into()
}

/// What became of the last change, with the way back.
fn told(look: &Look) -> Option<Element<'_, Message>> {
    match &look.deed {
        Deed::Idle => None,
        Deed::Running(..) => Some(shown::working("Asking the server")),
        Deed::Failed(problem) => Some(shown::problem(problem).into()),
        Deed::Done(CollaboratorEdit { user, is_one, .. }) => {
            let words = match is_one {
                true => format!("{user} is a collaborator now."),
                false => format!("{user} is no longer a collaborator."),
            };
            let back = button::small_link("Put back")
                .id("access-put-back")
                .on_press(Message::Packages(PackagesMessage::PutBackPressed));
            Some(
                row![text::state(Tone::Good, text::small(words)), back]
                    .spacing(spacing::S)
                    .align_y(Center)
                    .into(),
            )
        }
    }
}
