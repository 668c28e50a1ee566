//! The promise that a long file is typed into like a short one: from a key press in a file of 2,000 lines to the new
//! view, checked and laid out, within 16 ms.
//!
//! `cargo bench --bench code_editor`. It prints the median and the worst of many presses, and fails beyond the promise
//! only in an optimised build.

#[path = "../tests/support/canvas.rs"]
#[allow(dead_code)]
mod canvas;

use std::time::{Duration, Instant};

use canvas::Canvas;
use iced::advanced::text::editor::{Action as Act, Edit, Motion};
use sextant::locations::Locations;
use sextant::screen::configuration_editor::{ConfigurationEditor, Message};
use sextant::service::Services;
use sextant::service::configuration::ConfigurationFile;
use sextant::ui::code_editor::Event;

const LINES: usize = 2_000;
const PROMISE: Duration = Duration::from_millis(16);
const ROUNDS: usize = 40;

fn text(file: ConfigurationFile) -> String {
    match file {
        ConfigurationFile::Conda => {
            let channels = (1..LINES).map(|line| format!("  - https://repo.example.com/channel-{line}\n"));
            std::iter::once("channels:\n".to_owned())
                .chain(channels)
                .collect()
        }
        _ => {
            let options = (1..LINES).map(|line| format!("my_option_{line} = 'value {line}'\n"));
            std::iter::once("[main]\n".to_owned()).chain(options).collect()
        }
    }
}

/// The editor with a long file, and a window.
struct Page {
    screen: ConfigurationEditor,
    canvas: Canvas,
}

impl Page {
    fn open(file: ConfigurationFile, folder: &std::path::Path) -> Self {
        let services = Services::new(Locations::inside(folder));
        let path = services.configuration_path(file).expect("a path");
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(&path, text(file)).expect("the file");
        let edited = services.open_for_editing(file).expect("the file opens");
        let (screen, _) = ConfigurationEditor::new(edited, folder);
        Self {
            screen,
            canvas: Canvas::new(1180.0, 760.0),
        }
    }

    fn does(&mut self, event: Event) -> Duration {
        let begun = Instant::now();
        let _ = self.screen.update(Message::Editor(event));
        let _ = self.canvas.send(self.screen.view(), &[]);
        begun.elapsed()
    }
}

fn typed(page: &mut Page) -> Vec<Duration> {
    let letters = "ssl_verify: true".chars().cycle().take(ROUNDS);
    letters
        .map(|letter| page.does(Event::Acted(Act::Edit(Edit::Insert(letter)))))
        .collect()
}

fn report(what: &str, mut took: Vec<Duration>) -> bool {
    took.sort_unstable();
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    println!("{what:<44} median {median:>10.2?}, worst {worst:>10.2?}");
    median <= PROMISE
}

fn main() {
    let mut is_kept = true;
    for file in [ConfigurationFile::Conda, ConfigurationFile::Navigator] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut page = Page::open(file, folder.path());
        let opened = page.does(Event::Acted(Act::Move(Motion::DocumentEnd)));
        println!("{file}: to the end of {LINES} lines {opened:.2?}");
        page.does(Event::LineBroken);
        is_kept &= report("  a letter at the end", typed(&mut page));
        for _ in 0..LINES / 2 {
            let _ = page
                .screen
                .update(Message::Editor(Event::Acted(Act::Move(Motion::Up))));
        }
        is_kept &= report("  a letter in the middle", typed(&mut page));
        let undone = (0..ROUNDS / 4).map(|_| page.does(Event::Undone)).collect();
        is_kept &= report("  undoing", undone);
        let moved = (0..ROUNDS)
            .map(|_| page.does(Event::Acted(Act::Move(Motion::Down))))
            .collect();
        is_kept &= report("  the caret", moved);
    }
    assert!(
        is_kept || cfg!(debug_assertions),
        "beyond the promise of {PROMISE:?}"
    );
}
