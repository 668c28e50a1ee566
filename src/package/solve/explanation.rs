//! Why there is no solution, for a person to read.

use std::time::{Duration, Instant};

use rattler_conda_types::PackageName;
use rattler_solve::CancellationToken;
use serde::Serialize;

use super::SolveError;
use super::advice;
use super::candidates::Candidates;
use super::clash::Clash;
use super::demand::{Demand, Force, Why};
use super::engine::{Engine, Failure};
use super::nearest;
use super::reasons::Reasons;
use super::situation::Situation;
use crate::error::{Kind, Problem};

/// How long the explanation may take. What is found by then is told.
const PATIENCE: Duration = Duration::from_secs(4);

/// Why what is wanted cannot be had, and what could be had instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What cannot be had, or not together: one sentence without a full stop.
    pub headline: String,
    /// What is in the way.
    pub reasons: Vec<Reason>,
    /// What one could try. What is promised here has been tried.
    pub advice: Vec<String>,
}

/// A sentence, and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    pub text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Reason>,
}

impl Reason {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            because: Vec::new(),
        }
    }

    fn write(&self, into: &mut Vec<String>) {
        into.push(self.text.clone());
        for reason in &self.because {
            reason.write(into);
        }
    }
}

impl Explanation {
    /// The same in the form of every other failure.
    pub fn problem(&self) -> Problem {
        let mut lines = Vec::new();
        for reason in &self.reasons {
            reason.write(&mut lines);
        }
        let mut problem = Problem::new(Kind::Unsolvable, self.headline.clone());
        problem.cause = (!lines.is_empty()).then(|| lines.join("; "));
        problem.remedy = (!self.advice.is_empty()).then(|| self.advice.join("; or "));
        problem
    }
}

/// Explains demands that have no solution: [`SolveError::Unsolvable`], or [`SolveError::Cancelled`]. `names` are those of
/// all packages there are.
pub(super) fn of(
    candidates: &Candidates,
    situation: &Situation<'_>,
    demands: &[Demand],
    names: &[PackageName],
    stop: &CancellationToken,
) -> SolveError {
    let until = Instant::now() + PATIENCE;
    match explain(candidates, situation, demands, names, stop, until) {
        Ok(explanation) => SolveError::Unsolvable(Box::new(explanation)),
        Err(error) => error,
    }
}

fn explain(
    candidates: &Candidates,
    situation: &Situation<'_>,
    demands: &[Demand],
    names: &[PackageName],
    stop: &CancellationToken,
    until: Instant,
) -> Result<Explanation, SolveError> {
    let request = situation.request;
    let unknown: Vec<_> = situation
        .asked
        .iter()
        .map(|spec| spec.name.as_normalized())
        .filter(|name| candidates.builds_of(name).is_empty() && !request.installed.holds(name))
        .collect();
    if !unknown.is_empty() {
        return Ok(no_such_package(&unknown, names));
    }
    let machine = request.machine.records();
    let mut engine = Engine::new(candidates, machine, request.rules.priority, stop)?;
    let (core, clash) = smallest(&mut engine, demands, until)?;
    let reasons = Reasons {
        candidates,
        request,
        core: &core,
        clash: &clash,
    };
    let reasons = reasons.tell();
    let advice = advice::of(&mut engine, candidates, situation, demands, &core, stop, until)?;
    Ok(Explanation {
        headline: headline(&core),
        reasons,
        advice,
    })
}

fn no_such_package(unknown: &[&str], names: &[PackageName]) -> Explanation {
    let advice = unknown.iter().filter_map(|name| {
        let near = nearest::to(name, names.iter().map(PackageName::as_normalized));
        match near.as_slice() {
            [] => None,
            near => Some(format!("check the spelling of {name}: there is {}", or(near))),
        }
    });
    Explanation {
        headline: format!("no channel that is searched has a package {}", or(unknown)),
        advice: advice
            .chain(["add the channel that has it: sextant channels add".to_owned()])
            .collect(),
        reasons: Vec::new(),
    }
}

/// A part of the demands that has no solution either, as small as the time allows.
fn smallest(
    engine: &mut Engine<'_>,
    demands: &[Demand],
    until: Instant,
) -> Result<(Vec<Demand>, Clash), SolveError> {
    let mut core = demands.to_vec();
    let mut clash = Clash::default();
    let mut is_clash = |core: &[Demand]| match engine.solve(core) {
        Ok(_) => Ok(None),
        Err(Failure::Clash(clash)) => Ok(Some(clash)),
        Err(Failure::Cancelled) => Err(SolveError::Cancelled),
    };
    // A clash names the demands it stands on, which are few, and not always all of them needed.
    while let Some(found) = is_clash(&core)? {
        let fewer: Vec<_> = found
            .involved
            .iter()
            .filter_map(|at| core.get(*at).cloned())
            .collect();
        clash = found;
        if fewer.len() >= core.len() || fewer.is_empty() {
            break;
        }
        core = fewer;
    }
    // What the person wants goes last, so that it is told rather than what follows from it.
    let mut at = core.len();
    while at > 0 && core.len() > 1 && Instant::now() < until {
        at -= 1;
        let mut fewer = core.clone();
        fewer.remove(at);
        if let Some(found) = is_clash(&fewer)? {
            core = fewer;
            clash = found;
        }
    }
    if clash.nodes.is_empty()
        && let Some(found) = is_clash(&core)?
    {
        clash = found;
    }
    Ok((core, clash))
}

fn headline(core: &[Demand]) -> String {
    let named: Vec<_> = core
        .iter()
        .filter(|demand| demand.force == Force::Must)
        .map(|demand| match demand.why {
            Why::Installed => format!("{}, which is there", shown(demand)),
            _ => shown(demand),
        })
        .collect();
    let limits: Vec<_> = core.iter().filter_map(limit).collect();
    let mut headline = match named.as_slice() {
        [] => "what is wanted cannot be had".to_owned(),
        [one] => format!("{one} cannot be had"),
        many => format!("{} cannot be had together", and(many)),
    };
    if !limits.is_empty() {
        headline.push(' ');
        headline.push_str(&limits.join(" and "));
    }
    headline
}

/// A demand as a person would write it.
pub(super) fn shown(demand: &Demand) -> String {
    match demand.why {
        Why::Installed => demand.spec.text.replacen("==", " ", 1),
        _ => demand.spec.text.clone(),
    }
}

/// What a demand on something that need not be there adds to the headline.
fn limit(demand: &Demand) -> Option<String> {
    if demand.force == Force::Must {
        return None;
    }
    let spec = &demand.spec.text;
    Some(match &demand.why {
        Why::Pinned { source } => format!("with the pin {spec} in {source}"),
        Why::PythonStays => format!("while {} stays", spec.trim_end_matches(".*")),
        Why::NotOlder => format!("without making {} older", demand.name()),
        Why::Removed => format!("without {}", demand.name()),
        Why::Asked | Why::Updated | Why::Earlier | Why::Installed | Why::AlwaysUpdated => {
            format!("with {spec}")
        }
    })
}

pub(super) fn and<T: AsRef<str>>(items: &[T]) -> String {
    joined(items, "and")
}

pub(super) fn or<T: AsRef<str>>(items: &[T]) -> String {
    joined(items, "or")
}

fn joined<T: AsRef<str>>(items: &[T], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {word} {}", first.join(", "), last.as_ref())
        }
    }
}
