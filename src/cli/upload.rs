//! `sextant upload`.

use std::path::Path;

use serde_json::{Value, json};

use super::Asked;
use super::arguments::{OnConflictName, Upload};
use super::as_person::AsPerson;
use super::progress::{SharedLine, bytes_text, counted};
use super::which::service_of;
use crate::error::{Kind, Problem};
use crate::package::Stop;
use crate::service::connection::Service;
use crate::service::upload::{
    OnConflict, Outlook, PlannedUpload, There, UploadOutcome, UploadPlace, UploadPlan, UploadProgress,
    UploadReport, UploadStep, UploadWish, UploadedFile, WishedAccess,
};

pub(super) async fn upload(asked: &Asked<'_>, words: Upload) -> Result<(), Problem> {
    let service = service_for(asked, &words)?;
    let mut person = AsPerson::new(asked, service, words.person.password_stdin).await?;
    let wish = UploadWish {
        to: words.to.or(words.channel).or(words.owner),
        labels: words.labels,
        access: match words.private {
            true => WishedAccess::Private,
            false => WishedAccess::Usual,
        },
        files: words.files,
    };
    let line = asked.output.shared_progress();
    let planned = person
        .call(async |password| {
            until_interrupted(asked, async |stop| {
                let told = |path: &Path| line.show(|| format!("reading {}", path.display()));
                asked
                    .services
                    .plan_upload(service, &wish, password, stop, told)
                    .await
            })
            .await
        })
        .await;
    line.wipe();
    let mut plan = planned?;
    asked.output.warn(&plan.warnings);
    if let [
        PlannedUpload {
            outlook: Outlook::Refused(problem),
            ..
        },
    ] = plan.files.as_slice()
    {
        return Err(problem.clone());
    }
    decide(asked, &mut plan, words.on_conflict).await?;
    if asked.dry_run {
        asked.output.answer(|| plan_json(&plan), || plan_text(&plan));
        return Ok(());
    }
    if plan.files.iter().any(PlannedUpload::will_be_sent) {
        asked.output.agrees_to(&plan_text(&plan), asked.yes).await?;
    }
    let told = line.clone();
    let told = |progress: UploadProgress| tell(&told, &plan, &progress);
    let sent = person
        .call(async |password| {
            until_interrupted(asked, async |stop| {
                asked.services.upload(&plan, password, stop, told).await
            })
            .await
        })
        .await;
    line.wipe();
    answer(asked, &plan, &sent?)
}

/// Ctrl-C ends the work in good order: what was begun is taken back. Questions are not part of it.
async fn until_interrupted<T>(asked: &Asked<'_>, work: impl AsyncFnOnce(&Stop) -> T) -> T {
    let (listening, stop) = (asked.interrupt.listen(), Stop::default());
    let mut work = std::pin::pin!(work(&stop));
    tokio::select! {
        biased;
        done = &mut work => return done,
        () = listening.pressed() => stop.set(),
    }
    work.await
}

/// A channel is Anaconda Server's, an owner a repository's; `--service` decides in any case.
fn service_for(asked: &Asked<'_>, words: &Upload) -> Result<Service, Problem> {
    let service = service_of(asked, words.person.service)?;
    let wrong = |what: &str, remedy: &str| {
        Problem::new(Kind::Usage, format!("{} has no {what}", service.title())).remedy(remedy)
    };
    match service {
        Service::Server if words.owner.is_some() => {
            Err(wrong("owners to upload to", "name a channel: --channel"))
        }
        Service::Repository | Service::AnacondaOrg if words.channel.is_some() => Err(wrong(
            "channels apart from accounts",
            "name the account or organisation: --owner",
        )),
        _ => Ok(service),
    }
}

/// What happens to files that are there already.
async fn decide(
    asked: &Asked<'_>,
    plan: &mut UploadPlan,
    chosen: Option<OnConflictName>,
) -> Result<(), Problem> {
    let chosen = match chosen {
        Some(OnConflictName::Skip) => Some(OnConflict::Skip),
        Some(OnConflictName::Replace) => Some(OnConflict::Replace),
        Some(OnConflictName::Fail) => Some(OnConflict::Fail),
        None if asked.yes || asked.dry_run || !asked.output.can_ask() => Some(OnConflict::Fail),
        None => None,
    };
    let place = plan.place.name().to_owned();
    for planned in &mut plan.files {
        if !planned.is_conflict() {
            continue;
        }
        let name = name_of(planned);
        planned.on_conflict = match chosen {
            Some(chosen) => chosen,
            None => {
                let question = format!("{name} is at {place} already, and it is another file. Replace it?");
                match asked.output.confirms(&question, false).await {
                    true => OnConflict::Replace,
                    false => OnConflict::Skip,
                }
            }
        };
    }
    let in_the_way: Vec<String> = plan
        .files
        .iter()
        .filter(|planned| planned.is_conflict() && planned.on_conflict == OnConflict::Fail)
        .map(name_of)
        .collect();
    match in_the_way.is_empty() || asked.dry_run {
        true => Ok(()),
        false => Err(Problem::new(
            Kind::Conflict,
            format!(
                "{} is at {place} already, with other content",
                in_the_way.join(", ")
            ),
        )
        .because("nothing was sent")
        .remedy("add --on-conflict replace to take its place, or --on-conflict skip to upload the others")),
    }
}

fn name_of(planned: &PlannedUpload) -> String {
    match planned.ready() {
        Some(ready) => ready.distribution.file_name.clone(),
        None => planned.path.display().to_string(),
    }
}

fn tell(line: &SharedLine, plan: &UploadPlan, progress: &UploadProgress) {
    let Some(planned) = plan.files.get(progress.file) else {
        return;
    };
    let size = planned.ready().map_or(0, |ready| ready.distribution.size);
    let what = match &progress.step {
        UploadStep::Preparing => "preparing".to_owned(),
        UploadStep::Sending { sent } => format!("{} of {}", bytes_text(*sent), bytes_text(size)),
        UploadStep::TakingOver => "the server takes it over".to_owned(),
        UploadStep::TakingBack => "taking back what was begun".to_owned(),
        UploadStep::Ended(_) => return,
    };
    let (number, all) = (progress.file + 1, plan.files.len());
    line.show(|| format!("{number}/{all} {}: {what}", name_of(planned)));
}

fn answer(asked: &Asked<'_>, plan: &UploadPlan, report: &UploadReport) -> Result<(), Problem> {
    let rest = report.rest();
    let document = || report_json(plan, report);
    let text = || report_text(plan, report);
    let is_cancelled = report
        .files
        .iter()
        .any(|file| file.outcome == UploadOutcome::Cancelled);
    let problem = match (report.failure(), rest.is_empty()) {
        (_, true) => {
            asked.output.answer(document, text);
            return Ok(());
        }
        (Some(problem), false) if report.files.len() == 1 => return Err(problem.clone()),
        (Some(problem), false) => Problem {
            message: format!("not every file was uploaded: {}", problem.message),
            ..problem.clone()
        },
        (None, false) => Problem::new(Kind::Cancelled, "cancelled").because(match is_cancelled {
            true => "the file on its way was broken off; nothing of it is there",
            false => "the files that are left were not sent",
        }),
    };
    asked.output.answer_in_part(&problem, document, text);
    asked.output.note(&format!(
        "left to upload: {}",
        rest.iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join(" ")
    ));
    Err(problem)
}

fn place_json(plan: &UploadPlan) -> Value {
    let (owner, channel) = match &plan.place {
        UploadPlace::Account { login } => (Some(login), None),
        UploadPlace::Channel { path, .. } => (None, Some(path)),
    };
    json!({
        "service": plan.service,
        "domain": plan.domain,
        "to": plan.place.name(),
        "owner": owner,
        "channel": channel,
        "labels": plan.labels,
    })
}

fn file_json(planned: &PlannedUpload) -> Value {
    let mut file = json!({ "path": planned.path });
    match &planned.outlook {
        Outlook::Ready(ready) => {
            let distribution = &ready.distribution;
            file["file"] = json!(distribution.file_name);
            file["type"] = json!(distribution.form.word());
            file["name"] = json!(distribution.name);
            file["version"] = json!(distribution.version);
            file["size"] = json!(distribution.size);
            file["access"] = json!(ready.visible_to);
        }
        Outlook::Refused(problem) => file["problem"] = json!(problem),
    }
    file
}

fn plan_json(plan: &UploadPlan) -> Value {
    let mut document = place_json(plan);
    let files = plan.files.iter().map(|planned| {
        let mut file = file_json(planned);
        if let Some(ready) = planned.ready() {
            file["there"] = json!(ready.there);
            file["on_conflict"] = json!(planned.is_conflict().then_some(planned.on_conflict));
        }
        file["will_be_sent"] = json!(planned.will_be_sent());
        file
    });
    document["files"] = files.collect();
    document["bytes"] = json!(plan.bytes());
    document["warnings"] = json!(plan.warnings);
    document["dry_run"] = json!(true);
    document["done"] = json!(false);
    document
}

fn report_json(plan: &UploadPlan, report: &UploadReport) -> Value {
    let mut document = place_json(plan);
    let files = plan.files.iter().zip(&report.files).map(|(planned, uploaded)| {
        let mut file = file_json(planned);
        file["outcome"] = json!(uploaded.outcome.word());
        if let UploadOutcome::Failed(problem) = &uploaded.outcome {
            file["problem"] = json!(problem);
        }
        file
    });
    document["files"] = files.collect();
    document["rest"] = json!(report.rest());
    document["warnings"] = json!(plan.warnings);
    document["done"] = json!(report.rest().is_empty());
    document
}

fn plan_text(plan: &UploadPlan) -> String {
    let labels = match plan.labels.as_slice() {
        [] => String::new(),
        labels => format!(", label {}", labels.join(", ")),
    };
    let mut text = format!("upload to {} at {}{labels}:", plan.place.name(), plan.domain);
    for planned in &plan.files {
        text.push_str(&format!("\n  {}", planned_line(planned)));
    }
    let count = plan.files.iter().filter(|file| file.will_be_sent()).count();
    text.push_str(&format!(
        "\n{}, {}",
        counted(count, "file"),
        bytes_text(plan.bytes())
    ));
    text
}

fn planned_line(planned: &PlannedUpload) -> String {
    let ready = match &planned.outlook {
        Outlook::Ready(ready) => ready,
        Outlook::Refused(problem) => {
            let cause = problem.cause.as_ref().map(|cause| format!(" ({cause})"));
            return format!(
                "cannot be uploaded: {}{}",
                problem.message,
                cause.unwrap_or_default()
            );
        }
    };
    let distribution = &ready.distribution;
    let access = ready
        .visible_to
        .map_or("as the server decides", |access| access.name());
    let there = match (ready.there, planned.on_conflict) {
        (There::Nothing, _) => "",
        (There::SameFile, _) => "; it is there already",
        (There::OtherFile, OnConflict::Skip) => "; another file is there and stays",
        (There::OtherFile, OnConflict::Replace) => "; the file that is there is removed first",
        (There::OtherFile, OnConflict::Fail) => "; another file is there already",
    };
    format!(
        "{}  {} {} {}, {}, {access}{there}",
        distribution.file_name,
        distribution.form.title(),
        distribution.name,
        distribution.version,
        bytes_text(distribution.size),
    )
}

fn report_text(plan: &UploadPlan, report: &UploadReport) -> String {
    let lines = plan.files.iter().zip(&report.files).map(|(planned, uploaded)| {
        let UploadedFile { outcome, .. } = uploaded;
        let name = name_of(planned);
        match outcome {
            UploadOutcome::Uploaded { replaced: false } => format!("{name} is at {} now.", plan.place.name()),
            UploadOutcome::Uploaded { replaced: true } => {
                format!("{name} is at {} now, in the place of another.", plan.place.name())
            }
            UploadOutcome::AlreadyThere => format!("{name} was there already."),
            UploadOutcome::Skipped => format!("{name} was left out: another file of its name is there."),
            UploadOutcome::Failed(problem) => format!("{name} was not uploaded: {}", problem.message),
            UploadOutcome::Cancelled => format!("{name} was broken off; nothing of it is there."),
            UploadOutcome::NotTried => format!("{name} was not sent."),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
