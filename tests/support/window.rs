//! The window without a screen: what a person clicks and types goes through the views, and the work that follows is
//! carried out, so that a test sees what a person sees.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use iced::{Size, Task};
use iced_test::Simulator;
use iced_test::futures::BoxStream;
use iced_test::futures::futures::StreamExt;
use iced_test::futures::futures::stream::SelectAll;
use iced_test::runtime::{Action, task};
use iced_test::selector::{Bounded, Selector, id};
use sextant::app::{App, Message, Start};
use sextant::credential::FileStore;
use sextant::locations::Locations;
use sextant::practice::{Effect, Fault, Options, Practice, TokenState, Trouble};
use sextant::service::browser::{Browser, BrowserError};
use sextant::service::{Services, SystemClock};
use sextant::ui::font;
use tempfile::TempDir;

/// How long anything may take before the test gives up on it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A machine with a practice server, and the window on it.
pub struct Window {
    pub practice: Practice,
    pub services: Services,
    app: App,
    work: SelectAll<BoxStream<Action<Message>>>,
    runtime: tokio::runtime::Runtime,
    home: TempDir,
    has_ended: bool,
}

/// A browser in which alice signs in at once.
#[derive(Debug)]
struct Person;

impl Browser for Person {
    fn open(&self, url: &url::Url) -> Result<(), BrowserError> {
        let address = format!("{url}&practice_user=alice");
        std::thread::spawn(move || {
            let _ = rustls::crypto::ring::default_provider().install_default();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let client = reqwest::Client::builder().no_proxy().build().unwrap();
                let _ = client.get(address).send().await;
            });
        });
        Ok(())
    }
}

pub const CONDARC: &str = "# mine\nchannels:\n  - conda-forge  # fast\nssl_verify: true\n";
pub const INI: &str = ".anaconda/navigator/anaconda-navigator.ini";

impl Window {
    /// Opens the window in a home with a `.condarc`, which is [`CONDARC`].
    pub fn with_condarc() -> Self {
        Self::open(&[(".condarc", CONDARC)])
    }

    /// Opens the window in a home with these files.
    pub fn open(files: &[(&str, &str)]) -> Self {
        Self::open_after(files, |_, _| {})
    }

    /// The same after something has happened there.
    pub fn open_after(files: &[(&str, &str)], before: impl FnOnce(&std::path::Path, &Practice)) -> Self {
        Self::open_beside(Options::default(), files, before)
    }

    /// The same beside a practice server of this kind.
    pub fn open_beside(
        options: Options,
        files: &[(&str, &str)],
        before: impl FnOnce(&std::path::Path, &Practice),
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = home.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let practice = runtime.block_on(Practice::start(options)).unwrap();
        before(home.path(), &practice);
        Self::start(home, practice, runtime)
    }

    /// Closes the window and opens another one on the same home and server.
    pub fn reopen(self) -> Self {
        Self::start(self.home, self.practice, self.runtime)
    }

    /// Opens the window in a home that is there already, and stays.
    pub fn open_in(home: PathBuf) -> Self {
        Self::open_with(Locations::inside(&home))
    }

    /// Opens the window on a machine of which only this is known.
    pub fn open_with(locations: Locations) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let practice = runtime.block_on(Practice::start(Options::default())).unwrap();
        Self::start_with(locations, tempfile::tempdir().unwrap(), practice, runtime)
    }

    fn start(home: TempDir, practice: Practice, runtime: tokio::runtime::Runtime) -> Self {
        Self::start_with(Locations::inside(home.path()), home, practice, runtime)
    }

    fn start_with(
        mut locations: Locations,
        home: TempDir,
        practice: Practice,
        runtime: tokio::runtime::Runtime,
    ) -> Self {
        let cloud = practice.cloud_url();
        locations.variables.extend([
            ("CONDA_TOKEN_REPO_URL".to_owned(), format!("{cloud}/repo/")),
            ("ANACONDA_AUTH_DOMAIN".to_owned(), cloud.to_owned()),
            // Channels of the world outside are asked for by a page, and no test may reach them.
            ("HTTPS_PROXY".to_owned(), "http://127.0.0.1:9".to_owned()),
            ("HTTP_PROXY".to_owned(), "http://127.0.0.1:9".to_owned()),
            ("NO_PROXY".to_owned(), "127.0.0.1,localhost".to_owned()),
        ]);
        let credentials = Arc::new(FileStore::new(locations.credentials()));
        let services =
            Services::with(locations, credentials, Arc::new(SystemClock)).with_browser(Arc::new(Person));
        let start = Start {
            services: services.clone(),
            demonstration: None,
        };
        let guard = runtime.enter();
        let (app, task) = App::new(start);
        drop(guard);
        let mut window = Self {
            practice,
            services,
            app,
            work: SelectAll::new(),
            runtime,
            home,
            has_ended: false,
        };
        window.take_on(task);
        window
    }

    fn take_on(&mut self, task: Task<Message>) {
        self.work.extend(task::into_stream(task));
    }

    /// Watches the files as the window's subscription does.
    pub fn watch(&mut self) {
        let guard = self.runtime.enter();
        let changes = self.services.watch();
        drop(guard);
        self.take_on(Task::run(changes, Message::FilesChanged));
    }

    pub fn send(&mut self, message: Message) {
        let guard = self.runtime.enter();
        let task = self.app.update(message);
        drop(guard);
        self.take_on(task);
    }

    pub fn with_view<T>(&mut self, act: impl FnOnce(&mut Simulator<'_, Message>) -> T) -> T {
        let mut ui = Simulator::with_size(font::settings(), Size::new(1180.0, 760.0), self.app.view());
        let done = act(&mut ui);
        let messages: Vec<Message> = ui.into_messages().collect();
        for message in messages {
            self.send(message);
        }
        done
    }

    /// Clicks on what has this id.
    #[track_caller]
    pub fn click(&mut self, name: &'static str) {
        self.with_view(|ui| ui.click(id(name)).map(drop))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Clicks on what shows this text.
    #[track_caller]
    pub fn click_text(&mut self, text: &str) {
        self.with_view(|ui| ui.click(text).map(drop))
            .unwrap_or_else(|error| panic!("{text}: {error}"));
    }

    /// Types into the field with this id, behind what is there.
    #[track_caller]
    pub fn type_into(&mut self, name: &'static str, text: &str) {
        self.with_view(|ui| {
            ui.click(id(name)).map(drop)?;
            ui.tap_key(iced::keyboard::key::Named::End);
            ui.typewrite(text);
            Ok::<_, iced_test::Error>(())
        })
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Types into the field with this id, in the place of what is there.
    #[track_caller]
    pub fn type_over(&mut self, name: &'static str, text: &str) {
        let steps = |ui: &mut Simulator<'_, Message>| {
            ui.click(id(name)).map(drop)?;
            ui.tap_key(iced::keyboard::key::Named::End);
            for _ in 0..64 {
                ui.tap_key(iced::keyboard::key::Named::Backspace);
            }
            Ok::<_, iced_test::Error>(())
        };
        self.with_view(steps)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        self.type_into(name, text);
    }

    pub fn has<S>(&mut self, what: S) -> bool
    where
        S: Selector + Send,
        S::Output: Bounded + Clone + Send,
    {
        self.with_view(|ui| ui.find(what).is_ok())
    }

    /// Whether some text on the window contains this.
    pub fn says(&mut self, part: &str) -> bool {
        let part = part.to_owned();
        self.with_view(|ui| {
            let holds = move |candidate: iced_test::selector::Candidate<'_>| match candidate {
                iced_test::selector::Candidate::Text { content, .. } if content.contains(&part) => Some(()),
                _ => None,
            };
            ui.find(holds).is_ok()
        })
    }

    /// What the window shows, for drawing it.
    pub fn view(&self) -> iced::Element<'_, Message> {
        self.app.view()
    }

    /// Every text on the window.
    pub fn texts(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut ui = Simulator::with_size(font::settings(), Size::new(1180.0, 760.0), self.app.view());
        let every = |candidate: iced_test::selector::Candidate<'_>| match candidate {
            iced_test::selector::Candidate::Text { content, .. } => {
                texts.push(content.to_owned());
                None::<()>
            }
            _ => None,
        };
        let _ = ui.find(every);
        texts
    }

    /// Carries out work until `done`.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let end = std::time::Instant::now() + PATIENCE;
        while !done(self) {
            let left = end.saturating_duration_since(std::time::Instant::now());
            let (runtime, work) = (&self.runtime, &mut self.work);
            let next = runtime.block_on(async { tokio::time::timeout(left, work.next()).await });
            match next {
                Ok(Some(Action::Output(message))) => self.send(message),
                Ok(Some(Action::Exit)) => self.has_ended = true,
                // Focus, scroll positions, the system's theme: nothing here answers them.
                Ok(Some(_)) => {}
                Ok(None) => panic!(
                    "{what}: there is nothing left to do, and the window says {:#?}",
                    self.texts()
                ),
                Err(_) => panic!(
                    "{what}: it did not happen, and the window says {:#?}",
                    self.texts()
                ),
            }
        }
    }

    #[track_caller]
    pub fn until_it_says(&mut self, part: &str) {
        self.until(part, |window| window.says(part));
    }

    /// Waits for what has this id.
    #[track_caller]
    pub fn until_there(&mut self, name: &'static str) {
        self.until(name, |window| window.has(id(name)));
    }

    #[track_caller]
    pub fn until_idle(&mut self) {
        self.until("the work ends", |window| !window.app.is_busy());
    }

    /// Waits for work beside the window.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub fn title(&self) -> String {
        self.app.title()
    }

    pub fn scale_factor(&self) -> f32 {
        self.app.scale_factor()
    }

    /// Whether the window was told to close.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Scrolls what lies in the middle to its end and clicks on what has this id.
    #[track_caller]
    pub fn scroll_to_end_and_click(&mut self, name: &'static str) {
        self.with_view(|ui| {
            ui.point_at(iced::Point::new(700.0, 400.0));
            let _ = ui.simulate([iced::Event::Mouse(iced::mouse::Event::WheelScrolled {
                delta: iced::mouse::ScrollDelta::Pixels { x: 0.0, y: -10_000.0 },
            })]);
            ui.click(id(name)).map(drop)
        })
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.home.path().join(inside)
    }

    pub fn file(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap_or_default()
    }

    pub fn token_files(&self) -> usize {
        fs::read_dir(self.path(".config/binstar"))
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "token")
            })
            .count()
    }

    /// From the Environments page to the login of the practice server.
    pub fn open_login(&mut self) {
        let url = self.practice.url().to_owned();
        self.set_domain(&url);
        self.until_it_says("Log in to 127.0.0.1");
    }

    /// From the Environments page to the check of a domain.
    pub fn set_domain(&mut self, url: &str) {
        self.click("connect");
        self.click("connect-server");
        self.type_into("domain", url);
        self.click("set-domain-set");
    }

    pub fn open_review(&mut self) {
        self.open_login();
        self.log_in();
    }

    /// From the login, where no name is known yet, to the review.
    pub fn log_in(&mut self) {
        self.type_into("user-name", "alice");
        self.type_into("password", "sextant");
        self.click("login");
        self.until_it_says("A new token on the server");
    }

    pub fn sign_in(&mut self) {
        self.open_review();
        self.click("review-sign-in");
        self.until_it_says("Signed in to 127.0.0.1");
    }

    /// The token of the practice server's cloud that is good.
    pub fn cloud_token(&self) -> String {
        let tokens = self.practice.cloud_tokens();
        let good = tokens.iter().find(|token| token.state == TokenState::Valid);
        good.unwrap().value.expose().to_owned()
    }

    /// From the Environments page to the review of a sign-in to the cloud.
    pub fn open_review_of_cloud(&mut self) {
        self.click("connect");
        self.click("connect-cloud");
        self.set_cloud_token();
    }

    /// From the dialog for the token to the review.
    pub fn set_cloud_token(&mut self) {
        let token = self.cloud_token();
        self.type_into("cloud-token", &token);
        self.click("cloud-token-set");
        self.until_it_says("Your token");
    }

    /// From a page to the dialog for the token of the cloud, over the end of another sign-in.
    pub fn open_replace(&mut self) {
        self.click("connect");
        self.click("connect-cloud");
        self.until_it_says("is revoked.");
        self.click("replace-go-on");
    }

    pub fn open_sign_out(&mut self) {
        self.click("connect");
        self.click("connect-server");
        self.until_it_says("is revoked.");
    }

    /// To the Tokens page, until it has looked for everything.
    pub fn open_tokens(&mut self) {
        self.click("page-tokens");
        self.until_it_says("days left, until");
        self.until_idle();
    }

    /// The next token is created, but the answer never comes: the worst moment to stop.
    pub fn lose_answer_to_new_token(&self) {
        let stall = Fault::Stall {
            effect: Effect::Performed,
        };
        let trouble = Trouble::fault(stall).only_method("POST").only_path("/tokens");
        self.practice.set_trouble(trouble);
    }
}
