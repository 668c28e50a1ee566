//! How far a change is, phase by phase.

use iced::Element;
use iced::widget::{Column, column};

use crate::screen::quantity;
use crate::service::packages::change::{ChangeProgress, Preview};
use crate::ui::progress::{self, Step, StepState};
use crate::ui::spacing;

use super::Message;

/// The phases of a change, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Downloading,
    Unpacking,
    Unlinking,
    Linking,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Downloading, Self::Unpacking, Self::Unlinking, Self::Linking];

    fn name(self) -> &'static str {
        match self {
            Self::Downloading => "Download",
            Self::Unpacking => "Check and unpack",
            Self::Unlinking => "Remove what goes",
            Self::Linking => "Put in place what comes",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Phases {
    /// Those that this change has.
    needed: Vec<Phase>,
    at: Option<Phase>,
    /// How much of the present one is done.
    share: f32,
    note: String,
    /// The environment gets back what it had.
    back: Option<Back>,
}

#[derive(Debug, Clone, Copy)]
struct Back {
    done: usize,
    total: usize,
}

impl Phases {
    pub fn new(preview: &Preview) -> Self {
        let comes = !preview.added.is_empty() || !preview.changed.is_empty();
        let goes = !preview.removed.is_empty() || !preview.changed.is_empty();
        let is_needed = |phase: &Phase| match phase {
            Phase::Downloading => preview.bytes_to_download > 0,
            Phase::Unpacking | Phase::Linking => comes,
            Phase::Unlinking => goes,
        };
        Self {
            needed: Phase::ALL.into_iter().filter(is_needed).collect(),
            at: None,
            share: 0.0,
            note: String::new(),
            back: None,
        }
    }

    pub fn stop(&mut self) {
        self.back.get_or_insert(Back { done: 0, total: 0 });
    }

    pub fn progressed(&mut self, progress: ChangeProgress) {
        let share = |done: usize, total: usize| done as f32 / total.max(1) as f32;
        let (phase, part, note) = match progress {
            ChangeProgress::Downloading {
                bytes,
                total,
                package,
            } => (
                Phase::Downloading,
                bytes as f32 / total.max(1) as f32,
                format!(
                    "{} of {}, {package}",
                    quantity::bytes(bytes),
                    quantity::bytes(total.max(bytes))
                ),
            ),
            ChangeProgress::Unpacking { done, total, package } => (
                Phase::Unpacking,
                share(done, total),
                counted(done, total, &package),
            ),
            ChangeProgress::Unlinking { done, total, package } => (
                Phase::Unlinking,
                share(done, total),
                counted(done, total, &package),
            ),
            ChangeProgress::Linking { done, total, package } => {
                (Phase::Linking, share(done, total), counted(done, total, &package))
            }
            ChangeProgress::RollingBack { done, total } => {
                self.back = Some(Back { done, total });
                return;
            }
        };
        // Downloads and unpacking overlap: a phase that was left is not gone back to.
        if self.at.is_some_and(|at| at > phase) {
            return;
        }
        if !self.needed.contains(&phase) {
            self.needed.push(phase);
            self.needed.sort();
        }
        self.at = Some(phase);
        self.share = part.clamp(0.0, 1.0);
        self.note = note;
    }

    /// How much of all phases is done.
    pub fn share(&self) -> Option<f32> {
        if let Some(back) = self.back {
            return Some(1.0 - back.done as f32 / back.total.max(1) as f32);
        }
        let at = self.needed.iter().position(|phase| Some(*phase) == self.at)?;
        Some((at as f32 + self.share) / self.needed.len().max(1) as f32)
    }

    pub fn view<'a>(&self, is_stopping: bool) -> Element<'a, Message> {
        let is_back = self.back.is_some();
        let step = |phase: &Phase| {
            let is_present = Some(*phase) == self.at;
            let state = match self.at {
                Some(at) if *phase < at => StepState::Done,
                Some(_) if is_present && is_back => StepState::Skipped,
                Some(_) if is_present => StepState::Running,
                _ if is_back => StepState::Skipped,
                _ => StepState::Pending,
            };
            let step = Step::new(phase.name(), state);
            if is_present && !is_back {
                step.note(self.note.clone())
            } else {
                step
            }
        };
        let mut steps: Vec<Step> = self.needed.iter().map(step).collect();
        if let Some(back) = self.back {
            let step = Step::new("Roll back", StepState::Running);
            steps.push(match back.total {
                0 => step,
                total => step.note(format!("{} of {total}", back.done)),
            });
        } else if self.at.is_none() {
            // Locking the environment, looking at what is there.
            steps.insert(0, Step::new("Prepare", StepState::Running));
        }
        let bar = (!is_stopping).then(|| self.share().map(progress::bar)).flatten();
        let bar: Column<'a, Message> = column![].push(bar);
        column![progress::steps(steps), bar].spacing(spacing::L).into()
    }
}

fn counted(done: usize, total: usize, package: &str) -> String {
    format!("{done} of {total}, {package}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phases() -> Phases {
        let preview = Preview {
            prefix: "/home/ana/envs/forecast".into(),
            added: Vec::new(),
            changed: Vec::new(),
            removed: Vec::new(),
            bytes_to_download: 0,
            scripts: Vec::new(),
            warnings: Vec::new(),
        };
        Phases {
            needed: vec![Phase::Downloading, Phase::Unpacking, Phase::Linking],
            ..Phases::new(&preview)
        }
    }

    #[test]
    fn the_share_is_of_all_phases_and_never_goes_back() {
        let mut phases = phases();
        assert_eq!(phases.share(), None);
        let package = "numpy".to_owned();
        phases.progressed(ChangeProgress::Downloading {
            bytes: 50,
            total: 100,
            package: package.clone(),
        });
        assert_eq!(phases.share(), Some(0.5 / 3.0));
        phases.progressed(ChangeProgress::Unpacking {
            done: 0,
            total: 2,
            package: package.clone(),
        });
        assert_eq!(phases.share(), Some(1.0 / 3.0));
        phases.progressed(ChangeProgress::Downloading {
            bytes: 60,
            total: 100,
            package,
        });
        assert_eq!(phases.share(), Some(1.0 / 3.0));
        phases.progressed(ChangeProgress::RollingBack { done: 1, total: 4 });
        assert_eq!(phases.share(), Some(0.75));
    }
}
