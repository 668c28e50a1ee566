//! The Doctor page: what keeps things from working, and what to do about it. It looks when it is opened and when it is asked
//! to, never by itself.

mod proposal;
mod report;
mod rows;

use std::path::{Path, PathBuf};

use iced::widget::{Column, column, container, responsive, row, scrollable};
use iced::{Center, Element, Length};

use super::{Key, shown};
use crate::error::Problem;
use crate::service::connection::Service;
use crate::service::doctor::{
    Announced, CarriedOut, Check, CheckId, Group, Names, Outcome, Remedy, RemedyPlan,
};
use crate::ui::modal::slim_bar;
use crate::ui::style::{self, Tone};
use crate::ui::{button, progress, spacing, text};

use proposal::Proposal;
use report::Report;
use rows::Row;

#[derive(Debug, Clone)]
pub struct Doctor {
    home: PathBuf,
    stage: Stage,
    /// Only some of the checks are made, or were made last.
    is_part: bool,
    rows: Vec<Row>,
    /// The remedy that is looked at, if any.
    proposal: Option<Proposal>,
    /// Where the report goes, while that is asked.
    report: Option<Report>,
    /// The check whose remedy is under way outside this page: it is made again when something has changed.
    awaited: Option<CheckId>,
}

/// How the examination stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running(Key),
    Done,
    /// It was stopped; what was not reached stays unknown.
    Cancelled,
}

#[derive(Debug, Clone)]
pub enum Message {
    Announced {
        key: Key,
        checks: Vec<Announced>,
    },
    Checked {
        key: Key,
        check: Box<Check>,
    },
    Ended {
        key: Key,
    },
    RunPressed,
    CancelPressed,
    DetailsToggled(CheckId),
    RemedyPressed(CheckId),
    Planned {
        key: Key,
        result: Result<Box<RemedyPlan>, Problem>,
    },
    ApplyPressed,
    ProposalClosed,
    CarriedOut {
        key: Key,
        result: Result<Box<CarriedOut>, Problem>,
    },
    ReportPressed,
    ReportPathTyped(String),
    ReportNamesToggled(bool),
    ReportSavePressed,
    ReportClosed,
    ReportSaved {
        key: Key,
        result: Result<(), Problem>,
    },
}

#[derive(Debug)]
pub enum Action {
    None,
    /// Make every check, or this one and what is looked at together with it, and tell of each.
    Examine {
        key: Key,
        only: Option<CheckId>,
    },
    /// Stop that.
    Stop(Key),
    /// Work out what a remedy changes.
    Plan {
        key: Key,
        remedy: Remedy,
    },
    CarryOut {
        key: Key,
        plan: Box<RemedyPlan>,
    },
    /// It was carried out: to be told, with a way to undo it.
    Told(Box<CarriedOut>),
    /// The dialog that renews a token.
    Renew(Service),
    /// Make good what was interrupted.
    Recover,
    /// A remedy that takes a person: its dialog.
    Open(Remedy),
    SaveReport {
        key: Key,
        path: PathBuf,
        names: Names,
        checks: Vec<Check>,
    },
}

impl Doctor {
    pub fn new(home: &Path) -> (Self, Action) {
        let key = Key::fresh();
        let screen = Self {
            home: home.to_owned(),
            stage: Stage::Running(key),
            is_part: false,
            rows: Vec::new(),
            proposal: None,
            report: None,
            awaited: None,
        };
        (screen, Action::Examine { key, only: None })
    }

    pub fn update(&mut self, message: Message) -> Action {
        match message {
            Message::Announced { key, checks } if self.is_running(key) => {
                self.announced(checks);
                Action::None
            }
            Message::Checked { key, check } if self.is_running(key) => {
                if self.awaited.as_ref() == Some(check.id()) && check.outcome() == Outcome::Pass {
                    self.awaited = None;
                }
                if let Some(row) = self.rows.iter_mut().find(|row| row.id() == check.id()) {
                    row.answered(*check);
                }
                Action::None
            }
            Message::Ended { key } if self.is_running(key) => {
                self.stage = Stage::Done;
                Action::None
            }
            Message::Announced { .. } | Message::Checked { .. } | Message::Ended { .. } => Action::None,
            Message::RunPressed => self.run_again(),
            Message::CancelPressed => match self.stage {
                Stage::Running(key) => {
                    self.stage = Stage::Cancelled;
                    Action::Stop(key)
                }
                Stage::Done | Stage::Cancelled => Action::None,
            },
            Message::DetailsToggled(id) => {
                if let Some(row) = self.rows.iter_mut().find(|row| *row.id() == id) {
                    row.toggle();
                }
                Action::None
            }
            Message::RemedyPressed(id) => self.propose(&id),
            Message::Planned { key, result } => {
                if let Some(proposal) = &mut self.proposal {
                    proposal.planned(key, result, &self.home);
                }
                Action::None
            }
            Message::ApplyPressed => match self.proposal.as_mut().and_then(Proposal::apply) {
                Some((key, plan)) => Action::CarryOut { key, plan },
                None => Action::None,
            },
            Message::ProposalClosed => {
                if self
                    .proposal
                    .as_ref()
                    .is_some_and(|proposal| !proposal.is_carried_out())
                {
                    self.proposal = None;
                }
                Action::None
            }
            Message::CarriedOut { key, result } => self.carried_out(key, result),
            message => self.update_report(message),
        }
    }

    fn update_report(&mut self, message: Message) -> Action {
        match (message, &mut self.report) {
            (Message::ReportPressed, _) => {
                self.report = Some(Report::new(&self.home));
                Action::None
            }
            (Message::ReportClosed, _) => {
                self.report = None;
                Action::None
            }
            (Message::ReportPathTyped(path), Some(report)) => {
                report.path_typed(path);
                Action::None
            }
            (Message::ReportNamesToggled(kept), Some(report)) => {
                report.names_toggled(kept);
                Action::None
            }
            (Message::ReportSavePressed, Some(report)) => match report.save(&self.home) {
                Some((key, path, names)) => Action::SaveReport {
                    key,
                    path,
                    names,
                    checks: self.checks().cloned().collect(),
                },
                None => Action::None,
            },
            (Message::ReportSaved { key, result }, Some(report)) => {
                report.saved(key, result);
                Action::None
            }
            _ => Action::None,
        }
    }

    /// Makes every check again; what was found before stays until it is known which checks there are.
    fn run_again(&mut self) -> Action {
        if matches!(self.stage, Stage::Running(_)) {
            return Action::None;
        }
        self.awaited = None;
        self.proposal = None;
        self.examine(None)
    }

    /// Something on this machine was changed: the check whose remedy that may be is made again.
    pub fn changed(&mut self) -> Action {
        match (&self.awaited, self.stage) {
            (Some(id), Stage::Done | Stage::Cancelled) => self.examine(Some(id.clone())),
            _ => Action::None,
        }
    }

    fn examine(&mut self, only: Option<CheckId>) -> Action {
        let key = Key::fresh();
        self.stage = Stage::Running(key);
        self.is_part = only.is_some();
        Action::Examine { key, only }
    }

    /// The checks of a whole examination take the place of the former ones; those of a part keep what they found until they
    /// are made again.
    fn announced(&mut self, checks: Vec<Announced>) {
        if !self.is_part {
            self.rows = checks.into_iter().map(Row::new).collect();
        }
    }

    /// Work was stopped elsewhere, such as in the status line.
    pub fn cancelled(&mut self, key: Key) {
        if self.is_running(key) {
            self.stage = Stage::Cancelled;
        }
    }

    fn propose(&mut self, id: &CheckId) -> Action {
        let check = self.checks().find(|check| check.id() == id);
        let Some(remedy) = check.and_then(|check| check.finding.fix.clone()) else {
            return Action::None;
        };
        if self.proposal.as_ref().is_some_and(Proposal::is_carried_out) {
            return Action::None;
        }
        self.awaited = Some(id.clone());
        match remedy {
            Remedy::RenewToken { service } => Action::Renew(service),
            Remedy::Recover => Action::Recover,
            remedy if remedy.takes_a_person() => Action::Open(remedy),
            remedy => {
                let key = Key::fresh();
                self.proposal = Some(Proposal::new(id.clone(), key));
                Action::Plan { key, remedy }
            }
        }
    }

    fn carried_out(&mut self, key: Key, result: Result<Box<CarriedOut>, Problem>) -> Action {
        let Some(proposal) = self.proposal.as_mut().filter(|proposal| proposal.waits_for(key)) else {
            // It happened all the same.
            return result.map_or(Action::None, Action::Told);
        };
        match result {
            Ok(done) => {
                self.proposal = None;
                Action::Told(done)
            }
            Err(problem) => {
                proposal.failed(problem);
                Action::None
            }
        }
    }

    /// How much of an examination under way is done, and its key.
    pub fn progress(&self) -> Option<(Key, f32)> {
        match self.stage {
            Stage::Running(key) if !self.is_part && !self.rows.is_empty() => {
                Some((key, self.checks().count() as f32 / self.rows.len() as f32))
            }
            _ => None,
        }
    }

    fn is_running(&self, key: Key) -> bool {
        self.stage == Stage::Running(key)
    }

    /// The checks that were made so far.
    fn checks(&self) -> impl Iterator<Item = &Check> {
        self.rows.iter().filter_map(Row::check)
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.checks().filter(|check| check.outcome() == outcome).count()
    }

    pub fn view(&self) -> Element<'_, Message> {
        responsive(|size| {
            let head = self.head(size.width >= WIDE);
            let parts = self
                .report
                .as_ref()
                .map(Report::view)
                .into_iter()
                .chain([self.groups()]);
            let body = Column::with_children(parts).spacing(spacing::XL);
            // A page that is low has no height to give to a head that stays.
            if size.height < HIGH {
                return scrolled(column![head, body].spacing(spacing::L));
            }
            column![head, scrolled(body)].spacing(spacing::L).into()
        })
        .into()
    }

    fn head(&self, is_wide: bool) -> Element<'_, Message> {
        let is_running = matches!(self.stage, Stage::Running(_));
        let run = if is_running {
            button::secondary("Cancel")
                .id("doctor-cancel")
                .on_press(Message::CancelPressed)
        } else {
            // One primary button at a time: what was opened last has it.
            let run = if self.proposal.is_none() && self.report.is_none() {
                button::primary("Run again")
            } else {
                button::secondary("Run again")
            };
            run.id("doctor-run").on_press(Message::RunPressed)
        };
        let can_save = !is_running && !self.rows.is_empty();
        let save = button::secondary("Save report…")
            .id("doctor-report")
            .on_press_maybe(can_save.then_some(Message::ReportPressed));
        let title = column![text::title("Doctor"), self.summary()].spacing(spacing::XS);
        let buttons = row![save, run].spacing(spacing::S);
        if !is_wide {
            return column![title, buttons].spacing(spacing::M).into();
        }
        row![container(title).width(Length::Fill), buttons]
            .spacing(spacing::L)
            .align_y(Center)
            .into()
    }

    fn summary(&self) -> Element<'_, Message> {
        let made = self.checks().count();
        let (failed, warned) = (self.count(Outcome::Fail), self.count(Outcome::Warn));
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let (tone, words) = match (self.stage, failed, warned) {
            (Stage::Running(_), ..) => {
                let words = match self.rows.len() {
                    0 => "Reading the files of this machine".to_owned(),
                    _ if self.is_part => "Looking again".to_owned(),
                    all => format!("{made} of {all} checks made"),
                };
                return shown::working(words);
            }
            (Stage::Cancelled, ..) => {
                let words = format!("Cancelled after {made} of {} checks.", self.rows.len());
                (Tone::Neutral, words)
            }
            (_, 0, 0) => (Tone::Good, "Everything is well.".to_owned()),
            (_, 0, warned) => (
                Tone::Warning,
                format!("{warned} warning{}, nothing failed.", plural(warned)),
            ),
            (_, failed, 0) => (Tone::Bad, format!("{failed} check{} failed.", plural(failed))),
            (_, failed, warned) => (
                Tone::Bad,
                format!(
                    "{failed} check{} failed, {warned} warning{}.",
                    plural(failed),
                    plural(warned)
                ),
            ),
        };
        text::state(tone, text::body(words).style(style::muted))
    }

    fn groups(&self) -> Element<'_, Message> {
        if self.rows.is_empty() {
            return progress::activity();
        }
        let is_running = matches!(self.stage, Stage::Running(_));
        let groups = Group::ALL.into_iter().filter_map(|group| {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.group() == group).collect();
            // Checks that were left out for one reason are one row.
            let shown: Vec<Element<'_, Message>> = rows
                .chunk_by(|one, next| one.is_left_out_like(next))
                .map(|alike| match alike {
                    [row] => {
                        let proposal = self
                            .proposal
                            .as_ref()
                            .filter(|proposal| proposal.is_for(row.id()));
                        row.view(is_running, proposal)
                    }
                    alike => rows::left_out(alike),
                })
                .collect();
            (!shown.is_empty()).then(|| {
                column![text::heading(group.title()), rows::card(shown)]
                    .spacing(spacing::S)
                    .into()
            })
        });
        Column::with_children(groups).spacing(spacing::XL).into()
    }
}

/// From here on the buttons have room beside the title.
const WIDE: f32 = 520.0;
/// From here on the head stays while the checks scroll.
const HIGH: f32 = 360.0;

fn scrolled<'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    let content = container(content).padding(iced::Padding::ZERO.right(spacing::L).bottom(spacing::XL));
    scrollable(content)
        .direction(scrollable::Direction::Vertical(slim_bar()))
        .style(style::scroll)
        .width(Length::Fill)
        .height(Length::Fill)
        .into()
}

#[cfg(test)]
mod tests;
