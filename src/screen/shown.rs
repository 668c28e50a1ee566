//! Values of the lower floors as pieces of a screen: file changes, problems, warnings.

use std::path::Path;

use iced::widget::{Column, column, row};
use iced::{Center, Element, Length};

use crate::credential::Place;
use crate::edit::diff::{Change, FileDiff, LineKind as Kind};
use crate::error::Problem;
use crate::secret::MASK;
use crate::service::plan::{EndedLogin, KeptEdit, Plan, PlannedToken, Warning, short_path};
use crate::service::sign_in::sso::SignOnSite;
use crate::ui::banner::Banner;
use crate::ui::diff_view::{Diff, DiffLine, LineKind, diff_view};
use crate::ui::facts::{Fact, facts};
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

/// The file changes of a plan, with paths as a person writes them.
pub fn diffs(plan: &Plan, home: &Path) -> Vec<Diff> {
    plan.diffs().iter().map(|diff| file_diff(diff, home)).collect()
}

/// The change of one file, with its path as a person writes it.
pub fn file_diff(diff: &FileDiff, home: &Path) -> Diff {
    let path = short_path(&diff.path, home);
    let path = match diff.change {
        Change::Created => format!("{path}, new"),
        Change::Removed => format!("{path}, removed"),
        Change::Edited | Change::Unchanged => path,
    };
    let kind = |kind: Kind| match kind {
        Kind::Context => LineKind::Context,
        Kind::Added => LineKind::Added,
        Kind::Removed => LineKind::Removed,
        Kind::Gap => LineKind::Gap,
    };
    let lines = diff
        .lines
        .iter()
        .map(|line| DiffLine::new(kind(line.kind), line.text.clone()));
    let mut lines: Vec<DiffLine> = lines.collect();
    // One secret in place of another: both are masked, so nothing else tells them apart.
    if lines.is_empty() && diff.change == Change::Edited {
        lines.push(DiffLine::new(LineKind::Removed, MASK));
        lines.push(DiffLine::new(LineKind::Added, format!("{MASK} (another one)")));
    }
    Diff { path, lines }
}

/// The diffs under each other.
pub fn diff_views<'a, Message: 'a>(diffs: &[Diff]) -> Element<'a, Message> {
    Column::with_children(diffs.iter().map(diff_view))
        .spacing(spacing::M)
        .width(Length::Fill)
        .into()
}

/// What happened, why, and what to do.
pub fn problem<'a, Message: 'a>(problem: &Problem) -> Banner<'a, Message> {
    toned(Tone::Bad, problem)
}

/// Where Sextant keeps a secret, within a sentence.
pub fn kept_in(secrets: &Place) -> &'static str {
    match secrets {
        Place::Keyring => "in the keyring of this computer",
        Place::File(_) => "in a file that only you can read, because there is no keyring",
    }
}

/// All of it in lines, for where there is no room for a banner: under a field.
pub fn lines(problem: &Problem) -> String {
    [
        Some(&problem.message),
        problem.cause.as_ref(),
        problem.remedy.as_ref(),
    ]
    .into_iter()
    .flatten()
    .map(|part| sentence(part))
    .collect::<Vec<_>>()
    .join("\n")
}

/// The same in another tone.
pub fn toned<'a, Message: 'a>(tone: Tone, problem: &Problem) -> Banner<'a, Message> {
    let mut banner = Banner::new(tone, sentence(&problem.message));
    if let Some(cause) = &problem.cause {
        banner = banner.cause(sentence(cause));
    }
    if let Some(remedy) = &problem.remedy {
        banner = banner.remedy(sentence(remedy));
    }
    banner
}

/// Where one signs in, as a person calls it.
pub fn site(site: &SignOnSite) -> &str {
    match site {
        SignOnSite::Server { domain, .. } => domain.host_and_port(),
        SignOnSite::AnacondaCom => "Anaconda.com",
    }
}

/// A server sends people to a site of another name to sign in: whether to go on is theirs to say.
pub fn other_site<'a, Message: Clone + 'a>(
    problem: &Problem,
    host: &str,
    go_on: Message,
) -> Banner<'a, Message> {
    toned(Tone::Warning, problem).button(
        button::secondary(format!("Go on to {host}"))
            .id("go-on-to-site")
            .on_press(go_on),
    )
}

/// Published credentials: the practice server's.
pub fn hint<'a, Message: 'a>(hint: &str) -> Banner<'a, Message> {
    Banner::new(Tone::Info, hint)
}

/// What is known about the server of a dialog, and the way to another one.
pub fn changeable<'a, Message: Clone + 'a>(facts: String, change: Option<Message>) -> Element<'a, Message> {
    row![
        text::small(facts).style(style::muted),
        button::small_link("change")
            .id("change-domain")
            .on_press_maybe(change)
    ]
    .spacing(spacing::XS)
    .align_y(Center)
    .wrap()
    .into()
}

/// A plan was overtaken by another program, and made anew.
pub fn planned_anew<'a, Message: 'a>(what: &str) -> Banner<'a, Message> {
    Banner::new(Tone::Info, "A file was changed by another program meanwhile.")
        .remedy(format!("Nothing was done yet. This is what {what} changes now."))
}

/// What is going on, beside the buttons of a dialog.
pub fn working<'a, Message: 'a>(words: impl Into<String>) -> Element<'a, Message> {
    row![
        progress::activity(),
        text::small(words.into()).style(style::muted)
    ]
    .spacing(spacing::S)
    .align_y(Center)
    .into()
}

pub fn warnings<'a, 'w, Message: 'a>(
    warnings: impl IntoIterator<Item = &'w Warning>,
) -> Vec<Element<'a, Message>> {
    let shown = |warning: &Warning| {
        let banner = Banner::new(Tone::Warning, sentence(&warning.message));
        match &warning.remedy {
            Some(remedy) => banner.remedy(sentence(remedy)).into(),
            None => banner.into(),
        }
    };
    warnings.into_iter().map(shown).collect()
}

/// What becomes of the token of a sign-in that ends; `revokes` is its name where Sextant created it.
pub fn end_of_token(revokes: Option<&str>) -> String {
    match revokes {
        Some(name) => format!("The token {name} is revoked."),
        None => {
            "No token is revoked, because Sextant did not create it: it is only forgotten on this machine."
                .to_owned()
        }
    }
}

/// The logins of other programs that end, one a line; nothing where there are none.
pub fn ended_logins<'a, Message: 'a>(logins: &[EndedLogin]) -> Option<Element<'a, Message>> {
    let lines = logins.iter().map(|login| {
        let words = format!("{} is logged out of {} too.", login.program, login.address);
        text::body(words).into()
    });
    (!logins.is_empty()).then(|| part("Other programs", Column::with_children(lines)))
}

/// What somebody else changed meanwhile and what therefore stays, for where it is not asked about.
pub fn kept_edits<'a, Message: 'a>(edits: &[KeptEdit]) -> Option<Element<'a, Message>> {
    let kept: Vec<&KeptEdit> = edits.iter().filter(|edit| edit.kept).collect();
    let lines = kept.iter().map(|edit| {
        let present = edit.present.as_deref().unwrap_or("nothing");
        text::body(format!("{}: {present}", edit.key)).into()
    });
    let lines = Column::with_children(lines);
    (!kept.is_empty()).then(|| part("Changed by somebody else meanwhile, and kept", lines))
}

/// The token that will be created on the server.
pub fn new_token<'a, Message: 'a>(token: &PlannedToken) -> Element<'a, Message> {
    let token = facts([
        Fact::new("Name", token.name.clone()),
        Fact::new("Scopes", token.scopes.join(", ")),
        Fact::new("Until", token.expires_on.strftime("%-d %B %Y").to_string()),
    ]);
    column![text::heading("A new token on the server"), token]
        .spacing(spacing::S)
        .into()
}

/// A heading, and what it is about.
pub fn part<'a, Message: 'a>(
    heading: &'a str,
    content: impl Into<Element<'a, Message>>,
) -> Element<'a, Message> {
    column![text::heading(heading), content.into()]
        .spacing(spacing::XS)
        .into()
}

/// The text with a capital letter in front and a full stop behind, unless it ends in something that may be a command,
/// a path or an address, where a full stop would be copied with it.
pub fn sentence(text: &str) -> String {
    let text = capitalised(text);
    let last_word = text.rsplit(' ').next().unwrap_or_default();
    let may_be_copied = text.contains(": ") || last_word.contains(['/', '\\', '@', '~']);
    if may_be_copied || text.ends_with(['.', '!', '?', ':', ')']) {
        text
    } else {
        text + "."
    }
}

/// The text with a capital letter in front, where it begins with a word.
pub fn capitalised(text: &str) -> String {
    let text = text.trim();
    let mut letters = text.chars();
    let is_word = text
        .split([' ', ','])
        .next()
        .is_some_and(|word| word.chars().all(char::is_alphabetic));
    match letters.next() {
        Some(first) if is_word => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_read_as_sentences() {
        assert_eq!(sentence("the name was not found"), "The name was not found.");
        assert_eq!(
            sentence("psm.example.com does not answer"),
            "psm.example.com does not answer."
        );
        assert_eq!(
            sentence("sign out first: sextant sign-out"),
            "Sign out first: sextant sign-out"
        );
        assert_eq!(
            sentence("use https://repo.example.com"),
            "Use https://repo.example.com"
        );
        assert_eq!(
            sentence("/home/a/.condarc cannot be edited"),
            "/home/a/.condarc cannot be edited."
        );
        assert_eq!(sentence("Done."), "Done.");
    }
}
