//! How the dialog looks.

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Length};

use super::{CHANNEL, Issued, Line, Message, PLACE, Preview, Way};
use crate::screen::shown;
use crate::secret::MASK;
use crate::service::connection::Service;
use crate::ui::banner::Banner;
use crate::ui::copy_line::copy_line;
use crate::ui::diff_view::diff_view;
use crate::ui::facts::{Fact, facts};
use crate::ui::form_field::FormField;
use crate::ui::modal::Dialog;
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, font, spacing, text};

pub(super) fn view(issued: &Issued) -> Dialog<'_, Message> {
    let mut content: Column<'_, Message> = column![].spacing(spacing::L);
    if issued.is_leaving {
        content = content.push(leaving());
    }
    content = content.push(value(issued)).push(about(issued));
    if let Some(problem) = &issued.issued.former_remains {
        content = content.push(
            Banner::new(
                Tone::Warning,
                "The former token of this name is still on the server",
            )
            .cause(shown::sentence(&problem.message))
            .remedy("Revoke it in the list."),
        );
    }
    for done in &issued.done {
        content = content.push(text::state(Tone::Good, text::body(done.as_str())));
    }
    content = content.push(put_to_use(issued));
    let mut dialog = Dialog::new(
        "token-issued",
        format!("The token {}", issued.issued.name),
        content,
    )
    .eyebrow(issued.seat.label())
    .subtitle("This is the only time that its text is shown. Keep it like a password.")
    .wide()
    .focus("token-copy")
    .on_close(Message::ClosePressed);
    let close = |label: &'static str| {
        button::secondary(label)
            .id("token-close")
            .on_press(Message::ClosePressed)
    };
    dialog = match issued.way {
        Way::Show => dialog.button(
            button::primary("Done")
                .id("token-close")
                .on_press(Message::ClosePressed),
        ),
        way => {
            let verb = match way {
                Way::Channel => "Add channel",
                Way::Show | Way::Store => "Use it",
            };
            let go = issued.can_use().then_some(Message::UsePressed);
            dialog
                .button(close(match issued.attempt.is_running() {
                    true => "Cancel",
                    false => "Done",
                }))
                .button(button::primary(verb).id("token-use").on_press_maybe(go))
        }
    };
    match issued.attempt.is_running() {
        true => dialog.aside(shown::working("Writing the files")),
        false => dialog,
    }
}

fn leaving<'a>() -> Element<'a, Message> {
    Banner::new(Tone::Warning, "The token was not copied and is not in use")
        .cause("Its text cannot be had again; a lost one has to be replaced.")
        .button(
            button::secondary("Close nevertheless")
                .id("token-leave")
                .on_press(Message::LeavePressed),
        )
        .into()
}

fn value(issued: &Issued) -> Element<'_, Message> {
    let words = match issued.is_revealed {
        true => issued.token().expose().to_owned(),
        false => MASK.repeat(6),
    };
    let words = text::body(words).font(font::MONOSPACE);
    let reveal = button::small_link(if issued.is_revealed { "hide" } else { "show" })
        .id("token-reveal")
        .on_press(Message::RevealToggled);
    let copy = button::primary("Copy")
        .id("token-copy")
        .on_press(Message::CopyPressed);
    let copied = issued
        .is_kept
        .then(|| text::small("Copied or in use").style(style::good));
    let line = row![container(words).width(Length::Fill), copied, reveal, copy]
        .spacing(spacing::M)
        .align_y(Center);
    container(line)
        .padding([spacing::S, spacing::M])
        .width(Length::Fill)
        .style(style::well)
        .into()
}

fn about(issued: &Issued) -> Element<'_, Message> {
    let token = &issued.issued;
    let mut all = vec![Fact::new("Scopes", token.scopes.join(", "))];
    if let Some(end) = token.expires_at {
        all.push(Fact::new("Ends", end.strftime("%-d %B %Y").to_string()));
    }
    if let Some(organization) = &issued.organization {
        all.push(Fact::new(
            "For",
            format!("{organization}; it is revoked by its name, {}", token.name),
        ));
    }
    facts(all)
}

fn put_to_use(issued: &Issued) -> Element<'_, Message> {
    let choice = segmented(Way::ALL, issued.way, Message::WayChosen)
        .id("token-way")
        .enabled(!issued.attempt.is_running());
    let explained = match issued.way {
        Way::Show => "For another machine, or by hand. The token is filled in when you copy a line.",
        Way::Channel if has_token(issued) => {
            "conda on this machine searches the channel, and sends the token of your sign-in there. To have it send the \
             new one, choose Token store only."
        }
        Way::Channel => {
            "conda on this machine searches the channel. The token goes into conda's token store, never into .condarc."
        }
        Way::Store => {
            "conda on this machine uses it in the place of the token of your sign-in, which is revoked."
        }
    };
    let head = column![
        text::heading("Put it to use"),
        choice,
        text::small(explained).style(style::muted)
    ]
    .spacing(spacing::XS);
    let channel = (issued.way != Way::Store).then(|| channel(issued));
    let failed = issued.attempt.failed().or_else(|| issued.attempt.refused());
    let failed = failed.map(|problem| Element::from(shown::problem(problem)));
    let body = match issued.way {
        Way::Show => lines(issued),
        Way::Channel | Way::Store => preview(issued),
    };
    column![head, channel, failed, body].spacing(spacing::M).into()
}

/// Whether conda opens the channel by the sign-in already.
fn has_token(issued: &Issued) -> bool {
    matches!(&issued.preview, Preview::Planned { channel: Some(channel), .. } if channel.has_token)
}

fn channel(issued: &Issued) -> Element<'_, Message> {
    let (example, label) = match issued.seat.service {
        Service::Server => ("research/gpu", "Channel"),
        Service::Cloud | Service::Repository | Service::AnacondaOrg => {
            ("my-organisation/label/dev", "Channel, with or without a label")
        }
    };
    let mut field = FormField::new(example, &issued.channel)
        .label(label)
        .id(CHANNEL)
        .on_submit(Message::UsePressed);
    if !issued.attempt.is_running() {
        field = field.on_input(Message::ChannelTyped);
    }
    match &issued.preview {
        Preview::Wrong(problem) => field.error(Some(shown::lines(problem))).into(),
        Preview::Planned {
            channel: Some(channel),
            ..
        } => field.hint(format!("Leads to {}", channel.address)).into(),
        _ => field.into(),
    }
}

fn preview(issued: &Issued) -> Element<'_, Message> {
    match &issued.preview {
        Preview::Nothing => text::small("Name the channel that the token is for.")
            .style(style::muted)
            .into(),
        Preview::Planning(_) => shown::working("Reading the files"),
        Preview::Wrong(problem) if issued.way == Way::Store => shown::problem(problem).into(),
        Preview::Wrong(_) => column![].into(),
        Preview::Planned { diffs, warnings, .. } => {
            let warnings = shown::warnings(warnings);
            let mut parts: Column<'_, Message> = Column::new().extend(warnings).spacing(spacing::S);
            if diffs.is_empty() {
                parts = parts.push(
                    text::body("conda searches this channel already. Nothing would change.")
                        .style(style::muted),
                );
            }
            parts.extend(diffs.iter().map(diff_view)).into()
        }
    }
}

fn lines(issued: &Issued) -> Element<'_, Message> {
    if issued.issued.uses.is_empty() {
        return text::small("This token may not download packages, so conda and pip have no use for it.")
            .style(style::muted)
            .into();
    }
    let all = Line::ALL.into_iter().filter_map(|line| {
        let shown = issued.line(line)?.replace(PLACE, MASK);
        let copy = button::small_link("Copy")
            .id(id_of(line))
            .on_press(Message::LineCopied(line));
        Some(
            column![
                text::small(title_of(line)).style(style::muted),
                copy_line(shown, copy)
            ]
            .spacing(spacing::XXS)
            .into(),
        )
    });
    Column::with_children(all).spacing(spacing::S).into()
}

const fn id_of(line: Line) -> &'static str {
    match line {
        Line::Channel => "token-copy-channel",
        Line::Label => "token-copy-label",
        Line::Install => "token-copy-install",
        Line::Pip => "token-copy-pip",
    }
}

const fn title_of(line: Line) -> &'static str {
    match line {
        Line::Channel => "conda: add the channel",
        Line::Label => "conda: add a label of it",
        Line::Install => "conda: install a package without adding the channel",
        Line::Pip => "pip: install a package",
    }
}
