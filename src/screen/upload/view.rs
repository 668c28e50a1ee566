//! How the dialog is laid out, in each of its stages.

use std::fmt;
use std::path::Path;

use iced::widget::{Column, column, container, row};
use iced::{Center, Element, Fill, Length, Padding};

use super::{LABELS, Message, PATH, PLACE, Stage, Target, Upload, can_send, sent_of};
use crate::error::{Kind, Problem};
use crate::screen::{quantity, shown};
use crate::service::connection::Service;
use crate::service::plan::short_path;
use crate::service::upload::{
    OnConflict, Outlook, PlannedUpload, There, UploadOutcome, UploadPlan, UploadReport, UploadStep,
    WishedAccess,
};
use crate::ui::check_box::check_box;
use crate::ui::form_field::FormField;
use crate::ui::icon::Icon;
use crate::ui::modal::Dialog;
use crate::ui::pick::pick;
use crate::ui::segmented::segmented;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

/// What to do where another file is in the way, in few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decision(OnConflict);

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            OnConflict::Replace => "Replace",
            OnConflict::Skip | OnConflict::Fail => "Keep",
        })
    }
}

impl Upload {
    pub fn view(&self) -> Dialog<'_, Message> {
        let (content, subtitle) = match &self.stage {
            Stage::Choosing(problem) => (self.choosing(problem.as_ref()), None),
            Stage::Planning(_) => (self.choosing(None), None),
            Stage::Planned { plan, problem } => (planned(plan, problem.as_ref()), Some(place_words(plan))),
            Stage::Sending { plan, steps, .. } => (sending(plan, steps), Some(place_words(plan))),
            Stage::Ended { plan, report } => (ended(plan, report), Some(place_words(plan))),
        };
        let dialog = Dialog::new("upload-dialog", self.title(), content).wide();
        let dialog = match subtitle {
            Some(words) => dialog.subtitle(words),
            None => dialog,
        };
        self.with_buttons(dialog)
    }

    fn title(&self) -> &'static str {
        match &self.stage {
            Stage::Sending {
                is_stopping: true, ..
            } => "Cancelling",
            Stage::Sending { .. } => "Uploading",
            Stage::Ended { report, .. } if report.rest().is_empty() => "Uploaded",
            Stage::Ended { .. } => "Not everything was uploaded",
            _ => "Upload",
        }
    }

    fn with_buttons<'a>(&'a self, dialog: Dialog<'a, Message>) -> Dialog<'a, Message> {
        let cancel = |words: &'static str| {
            button::secondary(words)
                .id("upload-cancel")
                .on_press(Message::CancelPressed)
        };
        match &self.stage {
            Stage::Choosing(_) => {
                let go = self.can_preview().then_some(Message::PreviewPressed);
                dialog
                    .focus(PATH)
                    .on_close(Message::Closed)
                    .on_submit(go.clone())
                    .button(cancel("Cancel"))
                    .button(button::primary("Preview").id("upload-preview").on_press_maybe(go))
            }
            Stage::Planning(_) => dialog
                .aside(shown::working("Reading the files, and asking what is there"))
                .focus("upload-cancel")
                .on_close(Message::CancelPressed)
                .button(cancel("Cancel"))
                .button(button::primary("Preview").id("upload-preview")),
            Stage::Planned { plan, .. } => {
                let go = can_send(plan).then_some(Message::UploadPressed);
                dialog
                    .focus("upload-go")
                    .aside(text::small(total(plan)).style(style::muted))
                    .on_close(Message::Closed)
                    .on_submit(go.clone())
                    .button(
                        button::secondary("Back")
                            .id("upload-back")
                            .on_press(Message::BackPressed),
                    )
                    .button(button::primary("Upload").id("upload-go").on_press_maybe(go))
            }
            Stage::Sending { is_stopping, .. } => {
                let stop = (!is_stopping).then_some(Message::CancelPressed);
                let dialog = match is_stopping {
                    true => dialog.aside(shown::working("Taking back what was begun")),
                    false => dialog,
                };
                dialog
                    .focus("upload-cancel")
                    .on_close(Message::Closed)
                    .button(
                        button::secondary("Go on in the background")
                            .id("upload-close")
                            .on_press(Message::Closed),
                    )
                    .button(
                        button::secondary("Cancel")
                            .id("upload-cancel")
                            .on_press_maybe(stop),
                    )
            }
            Stage::Ended { report, .. } => {
                let rest = (!report.rest().is_empty()).then(|| {
                    button::secondary("Upload the rest")
                        .id("upload-rest")
                        .on_press(Message::RestPressed)
                });
                let dialog = dialog
                    .focus("upload-close")
                    .on_close(Message::Closed)
                    .on_submit(Some(Message::Closed));
                let dialog = match rest {
                    Some(rest) => dialog.button(rest),
                    None => dialog,
                };
                dialog.button(
                    button::primary("Close")
                        .id("upload-close")
                        .on_press(Message::Closed),
                )
            }
        }
    }

    fn choosing(&self, problem: Option<&Problem>) -> Element<'_, Message> {
        let is_free = matches!(self.stage, Stage::Choosing(_));
        let refused = problem.filter(|problem| problem.kind == Kind::Auth && self.password.is_some());
        let told = problem
            .filter(|_| refused.is_none())
            .map(|problem| Element::from(shown::problem(problem)));
        let files = (!self.files.is_empty()).then(|| {
            let rows = self
                .files
                .iter()
                .enumerate()
                .map(|(at, path)| self.chosen_row(at, path));
            container(Column::with_children(rows).spacing(spacing::XS))
                .padding(spacing::S)
                .width(Fill)
                .style(style::well)
        });
        let add = (!self.path.trim().is_empty()).then_some(Message::PathSubmitted);
        let mut path = FormField::new("~/dist/tools-1.0-0.conda", &self.path)
            .label("Add a file")
            .id(PATH)
            .hint("A conda package, a wheel, a notebook or an environment file. You can also drop files on this window.")
            .trailing(button::small_link("Add").id("upload-add").on_press_maybe(add))
            .on_submit(Message::PathSubmitted);
        if is_free {
            path = path.on_input(Message::PathTyped);
        }
        let target = self.target();
        let service = target.map(|target| target.service);
        let mut place = FormField::new(&place_placeholder(target), &self.place)
            .label(match service {
                Some(Service::Server) => "Channel",
                _ => "Account or organisation",
            })
            .id(PLACE)
            .on_submit(Message::PreviewPressed);
        let mut labels = FormField::new("main", &self.labels)
            .label("Labels")
            .id(LABELS)
            .on_submit(Message::PreviewPressed);
        if is_free {
            place = place.on_input(Message::PlaceTyped);
            labels = labels.on_input(Message::LabelsTyped);
        }
        let has_labels = target.is_some_and(Target::has_labels);
        let where_to = row![place, has_labels.then_some(labels)].spacing(spacing::M);
        let mut private = check_box(self.access == WishedAccess::Private)
            .id("upload-private")
            .explained_label("Private", private_words(service));
        if is_free {
            private = private.on_toggle(Message::PrivateToggled);
        }
        let password = self.password.as_ref().map(|field| {
            let label = match target.map(|target| target.user.as_str()) {
                Some(user) if !user.is_empty() => format!("Password of {user}"),
                _ => "Password".to_owned(),
            };
            let hint = match target.is_some_and(Target::takes_ticket) {
                true => {
                    "The token that conda uses may only download. Leave it empty to use your Kerberos ticket."
                }
                false => "The token that conda uses may only download. The password is not kept.",
            };
            field.password_view(label, is_free, refused, Some(hint), Message::Password)
        });
        // Whatever comes and goes has a place of its own, so that the fields keep theirs, and the focus with it.
        let told = told.map(|told| container(told).padding(Padding::ZERO.bottom(spacing::L)));
        column![
            column![told],
            path,
            column![files.map(apart)],
            column![self.targets_view().map(apart)],
            apart(where_to),
            apart(private),
            column![password.map(apart)],
        ]
        .into()
    }

    fn chosen_row<'a>(&'a self, at: usize, path: &'a Path) -> Element<'a, Message> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let folder = path.parent().map(|folder| short_path(folder, &self.home));
        let words = column![
            text::body(name.clone().unwrap_or_default()),
            text::small(folder.unwrap_or_default()).style(style::muted),
        ];
        let remove = button::icon(Icon::Close, format!("Leave out {}", name.unwrap_or_default()))
            .id(format!("upload-remove-{at}"))
            .on_press(Message::RemovePressed(at));
        row![container(words).width(Fill).clip(true), remove]
            .spacing(spacing::M)
            .align_y(Center)
            .into()
    }

    /// Where to, for whoever is signed in to several.
    fn targets_view(&self) -> Option<Element<'_, Message>> {
        let names = self
            .targets
            .iter()
            .map(|target| format!("{} ({})", target.host, target.service.title()));
        (self.targets.len() > 1).then(|| {
            column![
                text::small("Where to"),
                pick(names, self.target, Message::TargetChosen).id("upload-target"),
            ]
            .spacing(spacing::XS)
            .into()
        })
    }
}

/// Set off from what stands above it.
fn apart<'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    container(content)
        .padding(Padding::ZERO.top(spacing::L))
        .width(Fill)
        .into()
}

fn place_placeholder(target: Option<&Target>) -> String {
    match target {
        Some(Target {
            service: Service::Server,
            ..
        }) => "your own channel".to_owned(),
        Some(target) if !target.user.is_empty() => target.user.clone(),
        _ => "your own account".to_owned(),
    }
}

fn private_words(service: Option<Service>) -> &'static str {
    match service {
        Some(Service::Server) => "This server has no private packages: who may read the channel sees them.",
        _ => "New packages are for you and whom you let in. Otherwise everybody sees them.",
    }
}

fn place_words(plan: &UploadPlan) -> String {
    let labels = match plan.labels.as_slice() {
        [] => String::new(),
        [label] => format!(", label {label}"),
        labels => format!(", labels {}", labels.join(", ")),
    };
    let host = crate::screen::connect::host_of(&plan.domain);
    format!("To {} at {host}{labels}", plan.place.name())
}

fn total(plan: &UploadPlan) -> String {
    let count = plan.files.iter().filter(|file| file.will_be_sent()).count();
    match count {
        0 => "Nothing to send".to_owned(),
        count => format!(
            "{}, {}",
            quantity::count(count, "file"),
            quantity::bytes(plan.bytes())
        ),
    }
}

fn planned<'a>(plan: &'a UploadPlan, problem: Option<&Problem>) -> Element<'a, Message> {
    let rows = plan
        .files
        .iter()
        .enumerate()
        .map(|(at, file)| planned_row(at, file));
    column![problem.map(shown::problem)]
        .extend(shown::warnings(&plan.warnings))
        .push(Column::with_children(rows).spacing(spacing::M))
        .spacing(spacing::L)
        .into()
}

fn name_of(file: &PlannedUpload) -> String {
    match file.ready() {
        Some(ready) => ready.distribution.file_name.clone(),
        None => {
            let name = file.path.file_name();
            name.map_or_else(
                || file.path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            )
        }
    }
}

/// What the file is.
fn facts(file: &PlannedUpload) -> String {
    let Some(ready) = file.ready() else {
        return String::new();
    };
    let distribution = &ready.distribution;
    format!(
        "{} {} {}, {}",
        shown::capitalised(distribution.form.title()),
        distribution.name,
        distribution.version,
        quantity::bytes(distribution.size)
    )
}

/// A mark, what the file is, and something beside it.
fn line<'a>(
    file: &PlannedUpload,
    mark: Element<'a, Message>,
    below: Element<'a, Message>,
    beside: Option<Element<'a, Message>>,
) -> Element<'a, Message> {
    let words = column![text::strong(name_of(file)), below].spacing(spacing::XXS);
    row![mark, container(words).width(Fill).clip(true), beside]
        .spacing(spacing::M)
        .align_y(Center)
        .into()
}

fn mark<'a>(icon: Icon, tone: Tone) -> Element<'a, Message> {
    icon.view().style(style::icon(tone)).into()
}

fn small<'a>(words: String) -> Element<'a, Message> {
    text::small(words).style(style::muted).into()
}

fn planned_row<'a>(at: usize, file: &'a PlannedUpload) -> Element<'a, Message> {
    let ready = match &file.outlook {
        Outlook::Refused(problem) => {
            let words = text::small(shown::lines(problem)).style(style::bad).into();
            return line(file, mark(Icon::Error, Tone::Bad), words, None);
        }
        Outlook::Ready(ready) => ready,
    };
    match ready.there {
        There::Nothing => {
            let access = ready
                .visible_to
                .map(|access| text::badge(access.name(), Tone::Neutral));
            line(
                file,
                mark(Icon::ArrowUp, Tone::Neutral),
                small(facts(file)),
                access,
            )
        }
        There::SameFile => {
            let words = format!("{}. The very same file is there already.", facts(file));
            line(file, mark(Icon::Check, Tone::Good), small(words), None)
        }
        There::OtherFile => {
            let words = match file.on_conflict {
                OnConflict::Replace => "The file that is there is removed before this one is sent.",
                OnConflict::Skip | OnConflict::Fail => "Another file of this name is there, and stays.",
            };
            let words = column![small(facts(file)), text::small(words).style(style::warning)];
            let options = [Decision(OnConflict::Skip), Decision(OnConflict::Replace)];
            let decide = segmented(options, Decision(file.on_conflict), move |decision: Decision| {
                Message::ConflictDecided(at, decision.0)
            })
            .id(format!("upload-conflict-{at}"));
            line(
                file,
                mark(Icon::Warning, Tone::Warning),
                words.into(),
                Some(decide.into()),
            )
        }
    }
}

fn sending<'a>(plan: &'a UploadPlan, steps: &[Option<UploadStep>]) -> Element<'a, Message> {
    let rows = plan
        .files
        .iter()
        .zip(steps)
        .map(|(file, step)| sending_row(file, step.as_ref()));
    Column::with_children(rows).spacing(spacing::M).into()
}

fn sending_row<'a>(file: &PlannedUpload, step: Option<&UploadStep>) -> Element<'a, Message> {
    let size = file.ready().map_or(0, |ready| ready.distribution.size);
    let words = match step {
        Some(UploadStep::Ended(outcome)) => return outcome_row(file, outcome),
        None if file.will_be_sent() => "waiting".to_owned(),
        None => "left out".to_owned(),
        Some(UploadStep::Preparing) => "preparing".to_owned(),
        Some(UploadStep::Sending { sent }) => {
            format!("{} of {}", quantity::bytes(*sent), quantity::bytes(size))
        }
        Some(UploadStep::TakingOver) => "the server takes it over".to_owned(),
        Some(UploadStep::TakingBack) => "what was begun is taken back".to_owned(),
    };
    let bar = step.map(|step| {
        let share = sent_of(Some(step), size) as f32 / size.max(1) as f32;
        container(progress::bar(share)).width(Length::Fixed(BAR)).into()
    });
    let sign = match step {
        Some(_) => progress::activity(),
        None => mark(Icon::Dash, Tone::Neutral),
    };
    line(file, sign, small(words), bar)
}

/// How long a bar is.
const BAR: f32 = 160.0;

fn ended<'a>(plan: &'a UploadPlan, report: &'a UploadReport) -> Element<'a, Message> {
    let rows = plan
        .files
        .iter()
        .zip(&report.files)
        .map(|(file, uploaded)| outcome_row(file, &uploaded.outcome));
    Column::with_children(rows).spacing(spacing::M).into()
}

fn outcome_row<'a>(file: &PlannedUpload, outcome: &UploadOutcome) -> Element<'a, Message> {
    let (icon, tone, words) = match outcome {
        UploadOutcome::Uploaded { replaced: false } => (Icon::Check, Tone::Good, "uploaded".to_owned()),
        UploadOutcome::Uploaded { replaced: true } => (
            Icon::Check,
            Tone::Good,
            "uploaded, in the place of another".to_owned(),
        ),
        UploadOutcome::AlreadyThere => (Icon::Check, Tone::Good, "was there already".to_owned()),
        UploadOutcome::Skipped => {
            let words = "left out: another file of this name is there";
            (Icon::Dash, Tone::Neutral, words.to_owned())
        }
        UploadOutcome::Failed(problem) => {
            let words = text::small(shown::lines(problem)).style(style::bad).into();
            return line(file, mark(Icon::Error, Tone::Bad), words, None);
        }
        UploadOutcome::Cancelled => {
            let words = "cancelled; nothing of it is there";
            (Icon::Dash, Tone::Neutral, words.to_owned())
        }
        UploadOutcome::NotTried => (Icon::Dash, Tone::Neutral, "not sent".to_owned()),
    };
    line(file, mark(icon, tone), small(words), None)
}
