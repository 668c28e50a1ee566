//! How the dialog looks.

use iced::widget::{Column, column, container, row};
use iced::{Element, Length as Extent};

use super::{Choice, Create, DAY, End, Length, Message, NAME, Standing};
use crate::screen::shown;
use crate::service::connection::Service;
use crate::service::tokens::Preset;
use crate::ui::banner::Banner;
use crate::ui::check_box::check_box;
use crate::ui::copy_line::copy_line;
use crate::ui::form_field::FormField;
use crate::ui::icon::Icon;
use crate::ui::modal::Dialog;
use crate::ui::pick::pick;
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, spacing, text};

pub(super) fn view(create: &Create) -> Dialog<'_, Message> {
    let (title, verb) = match &create.replaced {
        Some(token) => (format!("Replace {}", token.name), "Replace"),
        None => ("Create a token".to_owned(), "Create"),
    };
    let content: Column<'_, Message> = column![
        problem(create),
        steps(create),
        name(create),
        collision(create),
        purpose(create),
        end(create),
        owner(create),
        strength(create),
        command(create),
    ]
    .spacing(spacing::L);
    let go = create.can_submit().then_some(Message::Submitted);
    let mut dialog = Dialog::new("token-create", title, content)
        .eyebrow(create.seat.service.title())
        .subtitle(match &create.replaced {
            Some(_) => {
                "A server tells the text of a token once. Where it was lost, a new one takes its place."
            }
            None => "For a colleague, a machine that builds, pip. Its text is shown once.",
        })
        .wide()
        .focus(match &create.replaced {
            Some(_) => "token-create-go",
            None => NAME,
        })
        .button(
            button::secondary("Cancel")
                .id("token-create-cancel")
                .on_press(Message::CancelPressed),
        )
        .button(
            button::primary(verb)
                .id("token-create-go")
                .on_press_maybe(go.clone()),
        )
        .on_close(Message::CancelPressed)
        .on_submit(go);
    if create.attempt.is_running() {
        dialog = dialog.aside(shown::working("Making the token"));
    }
    dialog
}

fn problem(create: &Create) -> Option<Element<'_, Message>> {
    let problem = create.attempt.failed().or_else(|| create.attempt.refused())?;
    Some(shown::problem(problem).into())
}

/// What replacing a lost token means for whoever uses it.
fn steps(create: &Create) -> Option<Element<'_, Message>> {
    let token = create.replaced.as_ref()?;
    let line = |words: String| text::body(words).style(style::muted);
    let lines = column![
        line(format!("1.  A new token {} is made, as below.", token.name)),
        line("2.  The old one is revoked: whoever still uses it is refused from then on.".to_owned()),
        line("3.  The new text is shown, to be put where the old one was used.".to_owned()),
    ];
    Some(lines.spacing(spacing::XS).into())
}

fn name(create: &Create) -> Option<Element<'_, Message>> {
    if create.replaced.is_some() {
        return None;
    }
    let mut field = FormField::new("ci", &create.name)
        .label("Name")
        .id(NAME)
        .on_submit(Message::Submitted);
    if !create.attempt.is_running() {
        field = field.on_input(Message::NameTyped);
    }
    let field = match create.standing() {
        Standing::InUse => field.error(Some(
            "This machine uses the token of that name. Renew it instead, or choose another name.",
        )),
        Standing::Free | Standing::Taken(_) => {
            field.hint("Under this name it is listed and revoked. Name it after what it is for.")
        }
    };
    Some(field.into())
}

/// A token of the name is there: what becomes of it is the person's to say.
fn collision(create: &Create) -> Option<Element<'_, Message>> {
    let Standing::Taken(token) = create.standing() else {
        return None;
    };
    if create.replaced.is_some() {
        return None;
    }
    let whose = token.and_then(|token| token.hostname.as_deref());
    let cause = match whose.filter(|host| !host.is_empty()) {
        Some(host) => format!("It was last used or made for {host}."),
        None => "It may be in use elsewhere.".to_owned(),
    };
    let tick = check_box(create.may_replace)
        .label("Revoke it, and make this one in its place")
        .id("token-replace")
        .on_toggle(Message::ReplaceTicked);
    let banner = Banner::new(
        Tone::Warning,
        format!("There is a token {} already", create.name.trim()),
    )
    .cause(cause)
    .remedy("Choose another name, or:");
    Some(
        column![Element::from(banner), Element::from(tick)]
            .spacing(spacing::S)
            .into(),
    )
}

fn purpose(create: &Create) -> Element<'_, Message> {
    let choice = segmented(create.choices(), create.choice(), Message::PresetChosen)
        .id("token-purpose")
        .enabled(!create.attempt.is_running());
    let (tone, note) = note(create);
    let note = text::small(note).style(move |theme| match tone {
        Tone::Neutral => style::muted(theme),
        tone => style::toned(tone)(theme),
    });
    let icon = if create.is_unfolded {
        Icon::ChevronDown
    } else {
        Icon::ChevronRight
    };
    let fold = button::small_link("Choose each scope")
        .flush()
        .glyph(icon)
        .id("token-scopes")
        .on_press(Message::FoldToggled);
    let above = column![text::small("What it may do"), choice, note].spacing(spacing::XS);
    let list = create.is_unfolded.then(|| scopes(create));
    column![above, fold, list].spacing(spacing::S).into()
}

fn note(create: &Create) -> (Tone, String) {
    if create.chosen.is_empty() {
        return (
            Tone::Bad,
            "Nothing is ticked, so it could do nothing. Choose a purpose, or tick scopes.".to_owned(),
        );
    }
    let everything = || {
        (
            Tone::Warning,
            "Whoever gets hold of it can upload, change and delete in your name.".to_owned(),
        )
    };
    let scopes: Vec<&str> = create.chosen.iter().map(String::as_str).collect();
    let scopes = scopes.join(", ");
    match create.choice() {
        Choice::For(Preset::Everything) => everything(),
        Choice::AsTicked if create.chosen.contains("all") => everything(),
        Choice::For(Preset::Download) => (
            Tone::Neutral,
            format!("conda downloads with it, private packages too ({scopes})."),
        ),
        Choice::For(Preset::PipDownload) => (
            Tone::Neutral,
            format!("pip downloads with it, private packages too ({scopes})."),
        ),
        Choice::For(Preset::Upload) => (
            Tone::Neutral,
            format!("A machine that builds uploads with it ({scopes})."),
        ),
        Choice::AsTicked => (Tone::Neutral, format!("As ticked: {scopes}.")),
    }
}

fn scopes(create: &Create) -> Element<'_, Message> {
    let account = &create.desired.account;
    let listed = account
        .scopes
        .iter()
        .map(|scope| (scope.name.as_str(), scope.description.as_str()));
    // What is chosen stays in sight, also where the server does not list it.
    let others = create
        .chosen
        .iter()
        .filter(|chosen| account.scopes.iter().all(|scope| scope.name != **chosen))
        .map(|scope| (scope.as_str(), "Not in the list of this server"));
    let boxes = listed.chain(others).map(|(name, description)| {
        let tick = check_box(create.chosen.contains(name)).id(format!("scope-{name}"));
        let tick = match description {
            "" => tick.label(name),
            description => tick.explained_label(name, description),
        };
        let tick = if create.attempt.is_running() {
            tick
        } else {
            tick.on_toggle(move |is_ticked| Message::ScopeTicked {
                scope: name.to_owned(),
                is_ticked,
            })
        };
        tick.into()
    });
    container(Column::with_children(boxes).spacing(spacing::S))
        .padding(spacing::M)
        .width(Extent::Fill)
        .style(style::well)
        .into()
}

fn end(create: &Create) -> Element<'_, Message> {
    let labels = End::ALL.map(|end| end.label(create.today));
    let at = End::ALL.iter().position(|end| *end == create.end);
    let choice = pick(labels, at.unwrap_or_default(), Message::EndChosen).id("token-end");
    let day = (create.end == End::OnDay).then(|| {
        let field = FormField::new("2027-03-31", &create.day)
            .id(DAY)
            .width(160)
            .on_input(Message::DayTyped)
            .on_submit(Message::Submitted);
        match create.ends_on() {
            Err(said) if !said.is_empty() => field.error(Some(said)),
            _ => field,
        }
    });
    column![
        text::small("It ends"),
        row![choice, day.map(Element::from)].spacing(spacing::S)
    ]
    .spacing(spacing::XS)
    .into()
}

/// Whose packages it is for; where there is nothing to choose, nothing is shown.
fn owner(create: &Create) -> Option<Element<'_, Message>> {
    let account = &create.desired.account;
    if account.organizations.is_empty() || create.replaced.is_some() {
        return None;
    }
    let labels = std::iter::once(format!("{} (your account)", account.login))
        .chain(account.organizations.iter().cloned());
    let choice = pick(labels, create.owner, Message::OwnerChosen).id("token-owner");
    let note = match create.organization() {
        Some(organization) => format!(
            "It acts for {organization} and covers all of its packages. No list of yours shows it: keep its name, by which \
             it is revoked."
        ),
        None => "It covers all packages of the channel. For single packages, groups of an organisation do better: see \
                 Access."
            .to_owned(),
    };
    Some(
        column![
            text::small("For the packages of"),
            choice,
            text::small(note).style(style::muted)
        ]
        .spacing(spacing::XS)
        .into(),
    )
}

/// Anaconda Server has one kind of token.
fn strength(create: &Create) -> Option<Element<'_, Message>> {
    if create.seat.service == Service::Server {
        return None;
    }
    let choice = segmented(Length::ALL, Length(create.strength), Message::StrengthChosen)
        .id("token-strength")
        .enabled(!create.attempt.is_running());
    let note = match create.strength {
        crate::repository::Strength::Strong => "A long text, to be pasted.",
        crate::repository::Strength::Weak => "A short text that can be typed, and guessed more easily.",
    };
    Some(
        column![
            text::small("Strength"),
            row![choice, text::small(note).style(style::muted)]
                .spacing(spacing::M)
                .align_y(iced::Center)
        ]
        .spacing(spacing::XS)
        .into(),
    )
}

/// The same for whoever does it again, or elsewhere.
fn command(create: &Create) -> Element<'_, Message> {
    let icon = if create.shows_command {
        Icon::ChevronDown
    } else {
        Icon::ChevronRight
    };
    let fold = button::small_link("The same as a command")
        .flush()
        .glyph(icon)
        .id("token-command")
        .on_press(Message::CommandToggled);
    let lines = create.shows_command.then(|| {
        let line = |index: usize, command: String| {
            let copy = button::small_link("Copy")
                .id(format!("token-command-{index}"))
                .on_press(Message::CommandCopied(index));
            copy_line(command, copy)
        };
        let lines = create.commands().into_iter().enumerate();
        Column::with_children(lines.map(|(index, command)| line(index, command))).spacing(spacing::XS)
    });
    column![fold, lines].spacing(spacing::XS).into()
}
