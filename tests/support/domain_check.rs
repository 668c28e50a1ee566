//! Running a domain check and keeping what it told.

// Every test file that includes this uses only a part of it.
#![allow(dead_code)]

use sextant::error::Explain;
use sextant::repository::{
    CaBundle, CheckStep, Checked, Domain, HttpClient, HttpSettings, Outcome, RepositoryError, check_domain,
};

use crate::scripted_server::{Received, Reply};

pub const SYSTEM: &str = r#"{"service_name":"repo","status":"ok","brand":"PSM"}"#;

pub fn system(_: &Received) -> Reply {
    Reply::Json(200, SYSTEM.into())
}

/// The check and the steps it reported.
pub async fn check(
    domain: &str,
    settings: &HttpSettings,
) -> (Result<Checked, RepositoryError>, Vec<CheckStep>) {
    let http = HttpClient::open(settings.clone()).await.unwrap();
    let mut steps = Vec::new();
    let result = check_domain(&http, &Domain::parse(domain).unwrap(), |step| steps.push(step)).await;
    (result, steps)
}

pub async fn failure(domain: &str, settings: &HttpSettings) -> RepositoryError {
    let (result, steps) = check(domain, settings).await;
    let error = result.unwrap_err();
    // What failed was reported last, and nothing stayed at running.
    assert!(matches!(&steps.last().unwrap().outcome, Outcome::Failed { error: last, .. } if *last == error));
    let shown = format!("{steps:?} {error} {error:?} {:?}", error.explain());
    assert!(!shown.contains("canary"), "{shown}");
    error
}

pub fn trusting(ca: &str) -> HttpSettings {
    HttpSettings {
        ca: CaBundle::from_bytes(ca.as_bytes()).unwrap(),
        ..HttpSettings::default()
    }
}

/// `step: outcome` of every report, durations left out.
pub fn told(steps: &[CheckStep]) -> Vec<String> {
    let told = steps.iter().map(|CheckStep { step, outcome }| match outcome {
        Outcome::Running => format!("{step}…"),
        Outcome::Done { found, .. } => format!("{step}: {found}"),
        Outcome::Failed { error, .. } => format!("{step} failed: {error}"),
        Outcome::Skipped => format!("{step}: skipped"),
    });
    told.collect()
}
