//! `sextant doctor`.

use std::collections::BTreeMap;

use serde_json::json;

use super::Asked;
use super::arguments::{Doctor, TokensCommand, TokensRenew};
use super::output::{files_json, plan_json, plan_text, say};
use super::sign_in::whole_path;
use crate::error::{Kind, Problem};
use crate::service::doctor::{
    Announced, Check, CheckId, Examination, Group, Names, Outcome, Progress, Remedy, RemedyPlan,
};

pub(super) async fn doctor(asked: &Asked<'_>, arguments: Doctor) -> Result<(), Problem> {
    if let Some(id) = &arguments.fix {
        return fix(asked, id, arguments.password_stdin).await;
    }
    let mut printer = Printer::default();
    let is_text = !asked.output.is_json();
    let checks = asked
        .services
        .examine(&Examination::default(), |progress| {
            if is_text {
                printer.note(progress);
            }
        })
        .await;
    printer.finish();
    let report = whole_path(arguments.report);
    if let Some(path) = report.as_deref().filter(|_| !asked.dry_run) {
        let names = if arguments.keep_names {
            Names::Kept
        } else {
            Names::Masked
        };
        asked.services.write_report(path, &checks, names)?;
    }
    asked.output.answer(
        || {
            let mut document = json!({"checks": checks.iter().map(Check::to_json).collect::<Vec<_>>()});
            if let Some(path) = &report {
                document["report"] = json!(path);
            }
            document
        },
        || {
            let mut text = summary(&checks);
            if let Some(path) = report.as_ref().filter(|_| !asked.dry_run) {
                text.push_str(&format!(
                    "\nThe report is in {}. Read it before you send it.",
                    path.display()
                ));
            }
            text
        },
    );
    Ok(())
}

/// Prints checks in their order, each as soon as all before it are done. Those of one group that were left out for the
/// same reason are one line.
#[derive(Default)]
struct Printer {
    announced: Vec<Announced>,
    done: BTreeMap<CheckId, Check>,
    printed: usize,
    group: Option<Group>,
    /// The line that may still grow.
    left_out: Option<LeftOut>,
}

struct LeftOut {
    titles: Vec<&'static str>,
    reason: String,
}

impl Printer {
    fn note(&mut self, progress: Progress) {
        match progress {
            Progress::Announced(announced) => self.announced = announced,
            Progress::Done(check) => {
                self.done.insert(check.id().clone(), check);
            }
        }
        while let Some(next) = self.announced.get(self.printed) {
            let Some(check) = self.done.remove(&next.id) else {
                return;
            };
            let group = next.group();
            self.printed += 1;
            self.print(group, &check);
        }
    }

    fn print(&mut self, group: Group, check: &Check) {
        if self.group != Some(group) {
            self.finish();
            say(&heading(group, self.group.is_some()));
            self.group = Some(group);
        }
        let finding = &check.finding;
        if finding.outcome != Outcome::Skip || !check.announced.subject.is_empty() {
            self.finish();
            say(&told(check));
            return;
        }
        if self
            .left_out
            .as_ref()
            .is_some_and(|left| left.reason != finding.message)
        {
            self.finish();
        }
        let left = self.left_out.get_or_insert_with(|| LeftOut {
            titles: Vec::new(),
            reason: finding.message.clone(),
        });
        left.titles.push(check.announced.title());
    }

    /// Prints what is held back.
    fn finish(&mut self) {
        if let Some(left) = self.left_out.take() {
            say(&format!("  skip  {}: {}", left.titles.join(", "), left.reason));
        }
    }
}

fn heading(group: Group, is_later: bool) -> String {
    let gap = if is_later { "\n" } else { "" };
    format!("{gap}{}", group.title())
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "ok",
        Outcome::Warn => "warn",
        Outcome::Fail => "FAIL",
        Outcome::Skip => "skip",
    }
}

/// A check as a person reads it: what is not well with everything that is known of it.
fn told(check: &Check) -> String {
    let finding = &check.finding;
    let subject = match check.announced.subject.as_str() {
        "" => String::new(),
        subject => format!(" {subject}"),
    };
    let took = match check.took.as_millis() {
        0 => String::new(),
        milliseconds => format!(" ({milliseconds} ms)"),
    };
    let mut text = format!(
        "  {:4}  {}{subject}{took}: {}",
        word(finding.outcome),
        check.announced.title(),
        finding.message
    );
    if matches!(finding.outcome, Outcome::Pass | Outcome::Skip) {
        return text;
    }
    let mut add = |label: &str, words: &str| text.push_str(&format!("\n        {label}: {words}"));
    if let Some(cause) = &finding.cause {
        add("cause", cause);
    }
    for detail in &finding.details {
        add(word(detail.outcome), &detail.text);
    }
    if let Some(remedy) = &finding.remedy {
        add("try", remedy);
    }
    if let Some(fix) = &finding.fix {
        add("do", &fix.command(check.id()));
    }
    text
}

fn summary(checks: &[Check]) -> String {
    let count = |outcome| checks.iter().filter(|check| check.outcome() == outcome).count();
    let failed = count(Outcome::Fail);
    let warned = count(Outcome::Warn);
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    match (failed, warned) {
        (0, 0) => "\nEverything is well.".to_owned(),
        (0, warned) => format!("\n{warned} warning{}, nothing failed.", plural(warned)),
        (failed, 0) => format!("\n{failed} check{} failed.", plural(failed)),
        (failed, warned) => format!(
            "\n{failed} check{} failed, {warned} warning{}.",
            plural(failed),
            plural(warned)
        ),
    }
}

/// Carries out the remedy of one check.
async fn fix(asked: &Asked<'_>, name: &str, password_stdin: bool) -> Result<(), Problem> {
    let list = "see the checks: sextant doctor";
    let id: CheckId = name
        .parse()
        .map_err(|error| Problem::new(Kind::Usage, format!("{error}")).remedy(list))?;
    let checks = asked.services.examine(&Examination::of(id.clone()), |_| {}).await;
    let Some(check) = checks.into_iter().find(|check| *check.id() == id) else {
        return Err(Problem::new(
            Kind::Usage,
            format!("there is no check called {id} on this machine"),
        )
        .remedy(list));
    };
    let Some(remedy) = check.finding.fix.clone() else {
        return without_remedy(asked, &check);
    };
    match &remedy {
        // Both have commands of their own, which also know what to ask for.
        Remedy::RenewToken { service } => {
            let renew = TokensRenew {
                which: Some(service.name().to_owned()),
                password_stdin,
            };
            super::tokens::tokens(asked, TokensCommand::Renew(renew)).await
        }
        Remedy::Recover => super::history::recover(asked).await,
        remedy if remedy.takes_a_person() => Err(Problem::new(Kind::Conflict, check.finding.message.clone())
            .because("something has to be typed or decided")
            .remedy(remedy.command(&id))),
        remedy => {
            let plan = asked.services.plan_remedy(remedy)?;
            carry_out(asked, &check, &plan).await
        }
    }
}

/// There is nothing to do, or nothing that a program could do.
fn without_remedy(asked: &Asked<'_>, check: &Check) -> Result<(), Problem> {
    let id = check.id();
    match check.outcome() {
        Outcome::Pass | Outcome::Skip => {
            asked.output.answer(
                || json!({"check": id, "what": null, "files": []}),
                || format!("There is nothing to do: {}.", check.finding.message),
            );
            Ok(())
        }
        Outcome::Warn | Outcome::Fail => Err(Problem {
            kind: Kind::Conflict,
            message: format!("no program can mend this: {}", check.finding.message),
            cause: check.finding.cause.clone(),
            remedy: check.finding.remedy.clone(),
        }),
    }
}

async fn carry_out(asked: &Asked<'_>, check: &Check, planned: &RemedyPlan) -> Result<(), Problem> {
    let id = check.id();
    let files = planned.plan().map_or_else(|| json!([]), files_json);
    if let Some(plan) = planned.plan() {
        asked.output.warn(&plan.warnings);
    }
    if asked.dry_run {
        asked.output.answer(
            || {
                json!({
                    "check": id, "what": planned.plan().map(|plan| &plan.what), "files": files,
                    "dry_run": true, "plan": planned.plan().map(plan_json),
                })
            },
            || match planned {
                RemedyPlan::SetAside(path) => {
                    format!("put {} aside, under another name beside it", path.display())
                }
                _ => planned.plan().map(plan_text).unwrap_or_default(),
            },
        );
        return Ok(());
    }
    if let Some(plan) = planned.plan() {
        asked.output.agrees(plan, asked.yes).await?;
    }
    let done = asked.services.carry_out_remedy(planned, None).await?;
    asked.output.answer(
        || json!({"check": id, "id": done.entry(), "what": done.told().trim_end_matches('.'), "files": files}),
        || done.told(),
    );
    Ok(())
}
