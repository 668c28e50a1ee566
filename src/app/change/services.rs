//! The part of the services: working a change out, and carrying it out.

use std::sync::Arc;

use iced::futures::channel::oneshot;

use super::order::{Changed, Order, Planned, Undoing};
use crate::error::{Kind, Problem};
use crate::package::solve::{SolveError, SolveProgress};
use crate::package::transaction::{Scripts, TransactionError};
use crate::screen::packages::change::{Consents, End, Refusal};
use crate::screen::quantity;
use crate::service::environments::{NewEnvironment, Origin, WhichEnvironment};
use crate::service::packages::apply::Consent;
use crate::service::packages::change::ChangeProgress;
use crate::service::packages::plan::ChangeOptions;
use crate::service::{ServiceError, Services};

pub(super) async fn planned(
    services: &Services,
    order: Order,
    progress: impl Fn(SolveProgress) + Send + Sync + 'static,
) -> Result<Planned, Box<Refusal>> {
    let new = |plan| Planned::New(Arc::new(plan));
    let done = match order {
        Order::Packages {
            prefix,
            wanted,
            is_overridden,
            ..
        } => {
            let options = ChangeOptions {
                although_frozen: is_overridden,
                ..ChangeOptions::default()
            };
            let plan = services.plan_change_with(&prefix, &wanted, &options, progress);
            plan.await.map(|plan| Planned::Packages(Arc::new(plan)))
        }
        Order::Back(reversal) => {
            let plan = services.plan_earlier(&reversal.earlier);
            plan.map(|plan| Planned::Packages(Arc::new(plan)))
        }
        Order::Create { prefix, specs, .. } => {
            let wanted = NewEnvironment::At(prefix);
            let options = ChangeOptions::default();
            let plan = services.plan_new_environment(&wanted, &specs, &options, progress);
            plan.await.map(new)
        }
        Order::Clone { of, name, .. } => {
            let (which, wanted) = (WhichEnvironment::At(of), NewEnvironment::Named(name));
            services.plan_clone_environment(&which, &wanted).map(new)
        }
        Order::Import { name, file } => match services.read_environment_file(&file) {
            Ok(imported) => {
                let wanted = NewEnvironment::Named(name);
                let plan = services.plan_import_environment(&imported, Some(&wanted), progress);
                plan.await.map(new)
            }
            Err(error) => Err(error.into()),
        },
    };
    done.map_err(|error| Box::new(refusal(error)))
}

pub(super) async fn applied(
    services: &Services,
    order: &Order,
    plan: &Planned,
    consents: Consents,
    progress: impl FnMut(ChangeProgress),
    stopped: oneshot::Receiver<()>,
) -> Result<Box<Changed>, End> {
    let prefix = &plan.preview().prefix;
    let consent = Consent {
        scripts: if consents.scripts {
            Scripts::Run
        } else {
            Scripts::Skip
        },
        command: order.command(prefix),
    };
    match plan {
        Planned::Packages(plan) => {
            let undoes = match order {
                Order::Back(reversal) => reversal.undoes.as_ref(),
                _ => None,
            };
            let changed = services.change_packages(plan, &consent, undoes, progress, stopped);
            let changed = changed.await.map_err(ended)?;
            Ok(Box::new(Changed {
                outcome: changed.outcome,
                undoing: Undoing::Back {
                    earlier: Box::new(changed.earlier),
                    entry: changed.entry,
                },
                pip: None,
            }))
        }
        Planned::New(plan) => {
            let made = services.make_environment(plan, &consent, progress, stopped);
            let made = made.await.map_err(ended)?;
            let pip = match (consents.pip, &plan.origin) {
                (true, Origin::File { path }) => {
                    let folder = path.parent().unwrap_or(path);
                    let installed = services.install_with_pip(prefix, &plan.pip, folder, |_| {});
                    installed.await.err().map(Problem::from)
                }
                _ => None,
            };
            Ok(Box::new(Changed {
                outcome: made.outcome,
                undoing: Undoing::Entry(made.entry),
                pip,
            }))
        }
    }
}

/// How a change ended that did not happen.
fn ended(error: ServiceError) -> End {
    match error {
        ServiceError::EnvironmentTransaction(TransactionError::Cancelled) => End::Stopped,
        ServiceError::EnvironmentTransaction(TransactionError::Changed { .. }) => End::Stale,
        error => match Problem::from(error) {
            problem if problem.kind == Kind::Cancelled => End::Stopped,
            problem => End::Failed(problem),
        },
    }
}

/// Why there is no plan.
fn refusal(error: ServiceError) -> Refusal {
    match error {
        ServiceError::Solve(SolveError::Unsolvable(explanation)) => Refusal::from(*explanation),
        error => Refusal::from(Problem::from(error)),
    }
}

pub(super) fn noted(progress: SolveProgress) -> String {
    match progress {
        SolveProgress::ReadingIndex => "Reading the index".to_owned(),
        SolveProgress::Solving { candidates } => format!(
            "Finding packages that fit together, out of {}",
            quantity::count(candidates, "candidate")
        ),
        SolveProgress::Explaining => "They do not fit: looking for the reason".to_owned(),
    }
}
