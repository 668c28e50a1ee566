//! Making checks side by side, each within its time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::channel::mpsc::{self, UnboundedSender};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::check::{Announced, Check, CheckId, Finding, Kind};
use super::world::{Target, World};
use super::{
    account, channels, clock, conda_view, environments, files, keyring, permissions, secrets, token,
    token_keys, unfinished, way,
};
use crate::service::{Services, blocking};

/// How many checks are under way at a time.
const SIDE_BY_SIDE: usize = 8;

/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is to be examined, and how patiently.
#[derive(Debug, Clone)]
pub struct Examination {
    only: Option<CheckId>,
    patience: Duration,
}

impl Default for Examination {
    fn default() -> Self {
        Self {
            only: None,
            patience: PATIENCE,
        }
    }
}

impl Examination {
    /// This check, and what is looked at together with it.
    pub fn of(id: CheckId) -> Self {
        Self {
            only: Some(id),
            ..Self::default()
        }
    }

    /// Gives each check this long.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

/// How an examination goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Every check that will be made, in the order in which they are shown.
    Announced(Vec<Announced>),
    Done(Check),
}

/// A piece of work that makes one or several checks.
pub(super) struct Job {
    announced: Vec<Announced>,
    work: Box<dyn FnOnce(Desk) -> BoxFuture<'static, ()> + Send>,
}

impl Job {
    pub fn new<F>(announced: Vec<Announced>, work: impl FnOnce(Desk) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            announced,
            work: Box::new(move |desk| work(desk).boxed()),
        }
    }

    /// A check that only looks at this machine.
    pub fn local(kind: Kind, look: impl FnOnce(&Desk) -> Finding + Send + 'static) -> Self {
        let announced = Announced::new(CheckId::new(kind), "");
        Self::new(vec![announced.clone()], move |desk| async move {
            desk.look(announced, look).await;
        })
    }
}

/// Where a job finds what it needs, and tells what it found. Cheap to clone.
#[derive(Clone)]
pub(super) struct Desk {
    pub services: Services,
    pub world: Arc<World>,
    pub patience: Duration,
    done: UnboundedSender<Check>,
    left: Arc<AtomicBool>,
    /// How it stands with the way to each target.
    ways: Arc<Vec<watch::Sender<Way>>>,
}

/// How it stands with the way to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// Nobody goes it in this examination.
    NotGone,
    Going,
    Reached,
    /// Why it ended early.
    Stopped(String),
}

impl Desk {
    /// Nobody waits for the examination any more: what looks at much looks here now and then.
    pub fn is_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }

    pub fn tell(&self, announced: Announced, took: Duration, finding: Finding) {
        // The receiver is gone only when the examination is.
        let _ = self.done.unbounded_send(Check {
            announced,
            took,
            finding,
        });
    }

    pub fn skip(&self, announced: Announced, reason: impl Into<String>) {
        self.tell(announced, Duration::ZERO, Finding::skip(reason));
    }

    /// Waits until somebody has gone the way to the service, if anybody does.
    ///
    /// # Errors
    /// Why it is not reached.
    pub async fn reached(&self, target: &Target) -> Result<(), String> {
        let place = self
            .world
            .targets
            .iter()
            .position(|known| known.domain == target.domain);
        let Some(way) = place.and_then(|place| self.ways.get(place)) else {
            return Ok(());
        };
        let mut way = way.subscribe();
        match way.wait_for(|way| *way != Way::Going).await.as_deref() {
            Ok(Way::Stopped(reason)) => Err(reason.clone()),
            _ => Ok(()),
        }
    }

    fn note_way(&self, target: &Target, way: Way) {
        let place = self
            .world
            .targets
            .iter()
            .position(|known| known.domain == target.domain);
        if let Some(sender) = place.and_then(|place| self.ways.get(place)) {
            sender.send_replace(way);
        }
    }

    /// Makes a check that waits for others, within its time.
    pub async fn ask(&self, announced: Announced, work: impl Future<Output = Finding>) {
        let began = Instant::now();
        let finding = timeout(self.patience, work)
            .await
            .unwrap_or_else(|_| too_long(self.patience));
        self.tell(announced, began.elapsed(), finding);
    }

    /// Makes a check that reads files, beside the threads that wait for the network.
    pub async fn look(&self, announced: Announced, look: impl FnOnce(&Self) -> Finding + Send + 'static) {
        let desk = self.clone();
        let looked = tokio::task::spawn_blocking(move || look(&desk));
        self.ask(announced, async {
            match looked.await {
                Ok(finding) => finding,
                Err(error) => Finding::fail("the check broke off")
                    .because(error.to_string())
                    .remedy("this is a defect of Sextant; please report it"),
            }
        })
        .await;
    }
}

pub(super) fn too_long(patience: Duration) -> Finding {
    Finding::fail(format!(
        "it took longer than {} seconds",
        patience.as_secs_f32().ceil()
    ))
    .remedy("run it again; if it stays so, check your network connection, your VPN and your proxy")
}

/// Tells the jobs that nobody waits for them any more.
struct Leaving(Arc<AtomicBool>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Services {
    /// Makes every check of the examination, several at a time, and tells `report` of each as it ends. The answer holds
    /// all of them in the order in which they are shown. Dropping the future ends it within a moment; nothing is changed
    /// by it in any case.
    pub async fn examine(&self, examination: &Examination, mut report: impl FnMut(Progress)) -> Vec<Check> {
        let world = Arc::new(blocking(|| World::read(self)));
        let mut jobs = jobs(&world);
        if let Some(only) = &examination.only {
            jobs.retain(|job| job.announced.iter().any(|announced| announced.id == *only));
        }
        let mut announced: Vec<Announced> = jobs.iter().flat_map(|job| job.announced.clone()).collect();
        // Stable: within a group, what belongs to one service stays together.
        announced.sort_by_key(Announced::group);
        report(Progress::Announced(announced.clone()));
        let (sender, mut done) = mpsc::unbounded();
        let leaving = Leaving(Arc::default());
        let is_gone = |target: &Target| {
            let id = target.announce(Kind::Dns).id;
            announced.iter().any(|announced| announced.id == id)
        };
        let ways = world
            .targets
            .iter()
            .map(|target| watch::Sender::new(if is_gone(target) { Way::Going } else { Way::NotGone }));
        let ways = ways.collect();
        let desk = Desk {
            services: self.clone(),
            world,
            patience: examination.patience,
            done: sender,
            left: leaving.0.clone(),
            ways: Arc::new(ways),
        };
        let mut checks: Vec<Check> = Vec::new();
        let mut take = |check: Check, checks: &mut Vec<Check>| {
            report(Progress::Done(check.clone()));
            checks.push(check);
        };
        let work = jobs.into_iter().map(|job| (job.work)(desk.clone()));
        let mut work = stream::iter(work).buffer_unordered(SIDE_BY_SIDE);
        loop {
            tokio::select! {
                biased;
                Some(check) = done.next() => take(check, &mut checks),
                ended = work.next() => if ended.is_none() { break },
            }
        }
        while let Some(Some(check)) = done.next().now_or_never() {
            take(check, &mut checks);
        }
        in_order(announced, checks)
    }
}

/// The checks in the order in which they were announced.
fn in_order(announced: Vec<Announced>, mut checks: Vec<Check>) -> Vec<Check> {
    let mut ordered = Vec::new();
    let mut seen = BTreeSet::new();
    for announced in announced {
        if !seen.insert(announced.id.clone()) {
            continue;
        }
        match checks.iter().position(|check| *check.id() == announced.id) {
            Some(at) => ordered.push(checks.swap_remove(at)),
            None => ordered.push(Check {
                announced,
                took: Duration::ZERO,
                finding: Finding::skip("it was not reached"),
            }),
        }
    }
    ordered
}

fn jobs(world: &World) -> Vec<Job> {
    let mut jobs = Vec::new();
    if world.targets.is_empty() {
        for kind in [
            Kind::Dns,
            Kind::Tcp,
            Kind::Proxy,
            Kind::Tls,
            Kind::Trust,
            Kind::Server,
            Kind::Clock,
            Kind::Account,
            Kind::Token,
        ] {
            let announced = Announced::new(CheckId::new(kind), "");
            jobs.push(Job::new(vec![announced.clone()], move |desk| async move {
                desk.skip(announced, "no service is signed in to, and no domain is set");
            }));
        }
    }
    for target in &world.targets {
        jobs.push(of_target(target.clone()));
        jobs.push(way::trust(target.clone()));
    }
    jobs.extend(conda_view::jobs());
    jobs.extend(channels::jobs(world));
    jobs.extend(token_keys::jobs());
    jobs.push(environments::job());
    jobs.push(files::job());
    jobs.push(keyring::job());
    jobs.push(permissions::job());
    jobs.extend(secrets::jobs());
    jobs.push(unfinished::job());
    jobs
}

/// The way to a service, then what it says: what comes later is skipped where the way fails.
fn of_target(target: Target) -> Job {
    let way = [Kind::Dns, Kind::Tcp, Kind::Proxy, Kind::Tls, Kind::Server];
    let later = [Kind::Clock, Kind::Account, Kind::Token];
    let announced = way.iter().chain(&later).map(|kind| target.announce(*kind));
    Job::new(announced.collect(), move |desk| async move {
        match way::go(&desk, &target).await {
            Ok(()) => {
                desk.note_way(&target, Way::Reached);
                futures::join!(
                    clock::compare(&desk, &target),
                    account::ask(&desk, &target),
                    token::ask(&desk, &target)
                );
            }
            Err(stopped) => {
                desk.note_way(&target, Way::Stopped(stopped.reason()));
                clock::after(&desk, &target, &stopped);
                for kind in &later[1..] {
                    desk.skip(target.announce(*kind), stopped.reason());
                }
            }
        }
    })
}
