//! The field for a channel to add: a name, an address, or whatever a person pastes.

use super::editor::Resolved;
use crate::error::{Explain, Problem};
use crate::screen::shown;
use crate::screen::typed::Typed;
use crate::service::manage_channels::{Change, ManagedChannel, NotWanted, WantedChannel};

/// What the field holds, and what comes of it.
#[derive(Debug, Default)]
pub(super) struct Adding {
    text: Typed,
    state: State,
    /// Why the last attempt came to nothing.
    problem: Option<Problem>,
    /// What was there already.
    known: Option<String>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Empty,
    /// No channel yet, or none at all.
    Unclear(NotWanted),
    /// Where it leads is being asked; with whether it is added then.
    Resolving {
        key: u64,
        wanted: Vec<WantedChannel>,
        is_pressed: bool,
    },
    Resolved(Resolved),
}

/// What follows from an answer.
pub(super) enum Answer {
    Nothing,
    Add,
    /// There is nothing to add: the person has to type something else.
    Refused,
}

impl Adding {
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    pub fn can_add(&self) -> bool {
        !matches!(self.state, State::Empty)
    }

    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Takes in what is typed; the channels in it are to be resolved.
    pub fn type_text(&mut self, text: Typed, key: u64) -> Option<Vec<WantedChannel>> {
        self.problem = None;
        self.known = None;
        let parsed = WantedChannel::parse(text.as_str());
        self.text = text;
        match parsed {
            _ if self.text.as_str().trim().is_empty() => {
                self.state = State::Empty;
                None
            }
            Ok(wanted) => {
                self.state = State::Resolving {
                    key,
                    wanted: wanted.clone(),
                    is_pressed: false,
                };
                Some(wanted)
            }
            Err(error) => {
                self.state = State::Unclear(error);
                None
            }
        }
    }

    /// **Add**.
    pub fn press(&mut self) -> Answer {
        match &mut self.state {
            State::Empty => Answer::Nothing,
            State::Unclear(error) => {
                self.problem = Some(error.explain());
                Answer::Refused
            }
            State::Resolving { is_pressed, .. } => {
                *is_pressed = true;
                Answer::Nothing
            }
            State::Resolved(_) => Answer::Add,
        }
    }

    pub fn resolved(&mut self, key: u64, outcome: Result<Vec<ManagedChannel>, Problem>) -> Answer {
        let State::Resolving {
            key: asked,
            wanted,
            is_pressed,
        } = &mut self.state
        else {
            return Answer::Nothing;
        };
        if *asked != key {
            return Answer::Nothing;
        }
        let is_pressed = *is_pressed;
        let wanted = std::mem::take(wanted);
        match outcome {
            Ok(channels) => {
                self.state = State::Resolved(wanted.into_iter().zip(channels).collect());
                match is_pressed {
                    true => Answer::Add,
                    false => Answer::Nothing,
                }
            }
            Err(problem) => {
                self.problem = Some(problem);
                self.state = State::Empty;
                Answer::Nothing
            }
        }
    }

    /// The channels to add; the field is empty then.
    pub fn take(&mut self) -> Resolved {
        match std::mem::take(self).state {
            State::Resolved(resolved) => resolved,
            _ => Vec::new(),
        }
    }

    pub fn say_known(&mut self, known: &[String]) {
        self.known = match known {
            [] => None,
            [one] => Some(format!("{one} is in the list already.")),
            several => Some(format!("{} are in the list already.", several.join(", "))),
        };
    }

    /// Empties the field. Tells whether there was anything.
    pub fn clear(&mut self) -> bool {
        let was_empty = self.text.is_empty();
        *self = Self::default();
        !was_empty
    }

    /// What stands below the field: where the text leads, and what was done to it.
    pub fn note(&self) -> String {
        if let Some(known) = &self.known {
            return known.clone();
        }
        match &self.state {
            State::Resolved(resolved) => {
                let mut parts: Vec<String> = match resolved.as_slice() {
                    [(_, channel)] => vec![leads_to(channel)],
                    several => vec![format!("{} channels.", several.len())],
                };
                let mut changes: Vec<String> = Vec::new();
                let told = |change: &&Change| !matches!(change, Change::OutOfLine | Change::FileDropped);
                for change in resolved
                    .iter()
                    .flat_map(|(wanted, _)| &wanted.changes)
                    .filter(told)
                {
                    let change = shown::sentence(&change.to_string());
                    if !changes.contains(&change) {
                        changes.push(change);
                    }
                }
                parts.extend(changes);
                parts.join(" ")
            }
            State::Empty | State::Unclear(_) | State::Resolving { .. } => {
                "A name as the server lists it, parent/child, an address, or a line from a manual.".to_owned()
            }
        }
    }
}

fn leads_to(channel: &ManagedChannel) -> String {
    match channel.addresses.as_slice() {
        [] => "conda cannot tell where this is.".to_owned(),
        addresses => format!("Leads to {}.", addresses.join(", ")),
    }
}
