//! What becomes of a token that was just made: shown with what to type, or straight into use on this machine.

use serde_json::{Value, json};

use super::super::Asked;
use super::super::arguments::{TokenUseName, TokensCreate};
use super::super::as_person::AsPerson;
use super::super::output::{files_json, plan_json, plan_text};
use super::super::remedy::in_commands;
use crate::error::{Kind, Problem};
use crate::service::connection::Service;
use crate::service::plan::{Plan, Warning};
use crate::service::tokens::{ChannelHere, IssuedToken, TokenWish};

/// What is to be done, found possible before there is a token.
pub(super) enum ToDo {
    Show,
    AddChannel { channel: ChannelHere, plan: Plan },
    KeepForConda { plan: Plan },
}

impl ToDo {
    /// Errors: a channel that is none, files that cannot be edited, a policy that forbids it.
    pub fn plan(
        asked: &Asked<'_>,
        service: Service,
        words: &TokensCreate,
        wish: &TokenWish,
    ) -> Result<Self, Problem> {
        let services = asked.services;
        match words.put_to_use {
            TokenUseName::Show => Ok(Self::Show),
            TokenUseName::Store => Ok(Self::KeepForConda {
                plan: services.plan_adoption(service, &wish.name, &wish.scopes)?,
            }),
            TokenUseName::Channel => {
                let name = match (&words.channel, &wish.organization, service) {
                    (Some(name), _, _) | (None, Some(name), _) => name.clone(),
                    (None, None, Service::Server) => {
                        return Err(Problem::new(Kind::Usage, "which channel is not said")
                            .remedy("name it: --channel research"));
                    }
                    (None, None, _) => services
                        .connections()?
                        .of(service)
                        .map(|connection| connection.user.clone())
                        .unwrap_or_default(),
                };
                let channel = services
                    .channel_of_service(service, &name)
                    .map_err(|error| in_commands(&error))?;
                if channel.has_token {
                    asked.output.note(
                        "conda sends the token of the sign-in there already, and goes on to; --use store lets it send the new one",
                    );
                }
                let planned = services.plan_channel_use(&channel, None)?;
                let cautions: Vec<Warning> = planned.cautions.iter().map(Warning::from).collect();
                asked.output.warn(&cautions);
                Ok(Self::AddChannel {
                    channel,
                    plan: planned.plan,
                })
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::AddChannel { .. } => "channel",
            Self::KeepForConda { .. } => "store",
        }
    }

    /// The plan for a person to see before, where files change.
    pub fn shown(&self) -> Option<&Plan> {
        match self {
            Self::Show => None,
            Self::AddChannel { plan, .. } | Self::KeepForConda { plan } => Some(plan),
        }
    }

    pub fn dry_run(&self, document: &mut Value) {
        document["use"] = json!(self.name());
        if let Some(plan) = self.shown() {
            document["files"] = files_json(plan);
            document["plan"] = plan_json(plan);
        }
    }

    pub fn dry_run_text(&self) -> String {
        self.shown().map(plan_text).unwrap_or_default()
    }

    /// Does it; what goes wrong keeps nothing from the token, which has to be told all the same.
    pub async fn carry_out(
        &self,
        asked: &Asked<'_>,
        service: Service,
        person: &mut AsPerson<'_>,
        issued: &IssuedToken,
    ) -> Used {
        match self {
            Self::Show => Used::nothing(self.name()),
            Self::AddChannel { channel, .. } => {
                let added = self.add_channel(asked, channel, issued).await;
                let mut used = Used::nothing(self.name());
                match added {
                    Ok(plan) => {
                        used.sentence = Some(format!("conda searches {} now.", channel.entry));
                        used.channel = Some(channel.entry.to_string());
                        used.files = files_json(&plan);
                    }
                    Err(problem) => used.failed = Some(problem),
                }
                used
            }
            Self::KeepForConda { plan } => {
                let services = asked.services;
                let kept = person
                    .call(async |password| services.adopt_token(service, plan, issued, password).await)
                    .await;
                let mut used = Used::nothing(self.name());
                match kept {
                    Ok(renewed) => {
                        used.sentence = Some(
                            "conda uses it from now on, in the place of the token before; signing out revokes it."
                                .to_owned(),
                        );
                        if let Some(problem) = &renewed.not_revoked_because {
                            asked.output.tell(&format!(
                                "warning: the former token was not revoked: {}\n   try: sextant recover; Sextant remembers it",
                                problem.message
                            ));
                        }
                        used.files = files_json(plan);
                    }
                    Err(problem) => used.failed = Some(problem),
                }
                used
            }
        }
    }

    async fn add_channel(
        &self,
        asked: &Asked<'_>,
        channel: &ChannelHere,
        issued: &IssuedToken,
    ) -> Result<Plan, Problem> {
        let services = asked.services;
        let plan = services.plan_channel_use(channel, Some(&issued.token))?.plan;
        asked.output.warn(&plan.warnings);
        if !plan.is_empty() {
            services.apply_channels(&plan).await?;
        }
        Ok(plan)
    }
}

/// What became of it.
pub(super) struct Used {
    name: &'static str,
    channel: Option<String>,
    files: Value,
    pub sentence: Option<String>,
    pub failed: Option<Problem>,
}

impl Used {
    fn nothing(name: &'static str) -> Self {
        Self {
            name,
            channel: None,
            files: json!([]),
            sentence: None,
            failed: None,
        }
    }

    pub fn add_to(&self, document: &mut Value) {
        document["use"] = json!(self.name);
        document["channel"] = json!(self.channel);
        document["files"] = self.files.clone();
        if let Some(problem) = &self.failed {
            document["error"] = json!(problem);
        }
    }
}
