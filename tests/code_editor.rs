//! The editor for files as iced drives it: keys, pointer, scrolling, what is drawn.
//!
//! `SEXTANT_GALLERY_DIR=/some/folder cargo test --test code_editor` keeps the pictures to be looked at.

#[path = "support/canvas.rs"]
#[allow(dead_code)]
mod canvas;

use std::path::PathBuf;

use canvas::{Canvas, Picture, press};
use iced::advanced::text::editor::{Action, Edit};
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::widget::container;
use iced::{Element, Event, Fill, Point, Theme, mouse, theme::Mode};
use sextant::ui::code_editor::{self, Caret, Content, Language, Mark, Outcome, Proposal, code_editor};
use sextant::ui::modal::modal;
use sextant::ui::style::{self, Tone};
use sextant::ui::theme::{Appearance, Contrast, Palette, Preference, palette};

const YAML: Language = Language::Yaml { indent: 2 };

const CONDARC: &str = "# Packages for everyday work\nchannels: #!final\n  - research/gpu\n  - https://repo.example.com/t/abc123def/main  # private\n  - defaults\nssl_verify: maybe\nchannel_alias: 'https://repo.example.com/api/repo'\nremote_read_timeout_secs: 60.5\nproxy_servers: {http: http://proxy.example.com:3128, https: \"http://proxy.example.com:3128\"}\nchanels:\n  - x\ndescription: |\n  some text\n  of two lines\nauto_activate_base: false\n";

const INI: &str = "[main]\nversion = 2.0.0\nname = Anaconda Navigator\nfirst_run = True\nlogged_brand = Anaconda Server\nlogged_api_url = 'https://psm.example.com'\nanaconda_server_token = 'abc123def456'\nanaconda_server_token_id = None\n; comment\n[ssl]\ntrusted_servers = ['psm.example.com']\n";

fn themes() -> [(&'static str, Theme); 4] {
    [
        ("light", Preference::Light, Contrast::Standard),
        ("dark", Preference::Dark, Contrast::Standard),
        ("light-high", Preference::Light, Contrast::High),
        ("dark-high", Preference::Dark, Contrast::High),
    ]
    .map(|(name, preference, contrast)| {
        let appearance = Appearance {
            system: Mode::None,
            preference,
            contrast,
        };
        (name, appearance.theme())
    })
}

fn light() -> Theme {
    themes()[0].1.clone()
}

fn secrets(line: &str) -> Vec<std::ops::Range<usize>> {
    sextant::secret::find_in_text(line)
}

fn marks() -> Vec<Mark> {
    let mark = |line, columns, tone, words: &str| Mark {
        line,
        columns,
        tone,
        words: words.to_owned(),
    };
    vec![
        mark(
            5,
            12..17,
            Tone::Bad,
            "ssl_verify cannot be maybe: true, false, truststore or the path of a file",
        ),
        mark(
            9,
            0..7,
            Tone::Warning,
            "conda knows no setting chanels; did you mean channels?",
        ),
        mark(
            14,
            0..0,
            Tone::Info,
            "auto_activate_base has been auto_activate since conda 25.5",
        ),
    ]
}

/// An editor in a window, and everything it told.
struct Bench {
    content: Content,
    language: Language,
    marks: Vec<Mark>,
    proposals: Vec<Proposal>,
    is_read_only: bool,
    told: Vec<code_editor::Event>,
    canvas: Canvas,
}

impl Bench {
    fn open(text: &str, language: Language, width: f32, height: f32) -> Self {
        Self {
            content: Content::new(text),
            language,
            marks: Vec::new(),
            proposals: Vec::new(),
            is_read_only: false,
            told: Vec::new(),
            canvas: Canvas::new(width, height),
        }
    }

    /// Split in its fields, so that the canvas can be used while the view lives.
    fn view<'a>(
        content: &'a Content,
        language: Language,
        marks: &'a [Mark],
        proposals: &[Proposal],
        is_read_only: bool,
    ) -> Element<'a, code_editor::Event> {
        let editor = code_editor(content, language, |event| event)
            .id("editor")
            .marks(marks)
            .covered(Some(secrets))
            .read_only(is_read_only)
            .proposals(proposals, 1);
        modal(
            container(editor)
                .padding(12)
                .width(Fill)
                .height(Fill)
                .style(style::page),
            None,
        )
    }

    fn send(&mut self, events: &[Event]) {
        let view = Self::view(
            &self.content,
            self.language,
            &self.marks,
            &self.proposals,
            self.is_read_only,
        );
        let told = self.canvas.send(view, events);
        for event in told {
            self.told.push(event.clone());
            self.content.update(event, self.language);
        }
    }

    fn key(&mut self, key: Named) {
        self.send(&[press(Key::Named(key), Modifiers::empty())]);
    }

    fn letters(&mut self, text: &str) {
        for letter in text.chars() {
            self.send(&[press(
                Key::Character(letter.to_string().into()),
                Modifiers::empty(),
            )]);
        }
    }

    fn click(&mut self, x: f32, y: f32) {
        self.canvas.point_at(Point::new(x, y));
        self.send(&[
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)),
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)),
        ]);
    }

    fn wheel(&mut self, lines: f32) {
        self.send(&[Event::Mouse(mouse::Event::WheelScrolled {
            delta: mouse::ScrollDelta::Lines { x: 0.0, y: lines },
        })]);
    }

    fn picture(&mut self, theme: &Theme, scale: f32) -> Picture {
        let view = Self::view(
            &self.content,
            self.language,
            &self.marks,
            &self.proposals,
            self.is_read_only,
        );
        self.canvas.picture(view, theme, scale)
    }
}

fn keep(name: &str, picture: &Picture) {
    if let Some(folder) = std::env::var_os("SEXTANT_GALLERY_DIR") {
        let file = PathBuf::from(folder).join(format!("{name}.png"));
        std::fs::write(file, picture.png()).expect("the gallery's folder");
    }
}

fn numbered(lines: usize) -> String {
    (1..=lines).map(|line| format!("key_{line}: {line}\n")).collect()
}

#[test]
fn both_languages_are_drawn_in_every_theme() {
    for (language_name, text, language) in [("yaml", CONDARC, YAML), ("ini", INI, Language::Ini)] {
        for (theme_name, theme) in themes() {
            let mut bench = Bench::open(text, language, 760.0, 380.0);
            if language == YAML {
                bench.marks = marks();
            }
            bench.click(200.0, 60.0);
            let picture = bench.picture(&theme, 1.0);
            let p = palette(&theme);
            for (what, color) in [("text", p.text), ("keys", p.accent), ("constants", p.warning)] {
                assert!(
                    picture.share_of(color) > 0.000_03,
                    "{language_name} {theme_name}: no {what}"
                );
            }
            keep(&format!("editor-{language_name}-{theme_name}"), &picture);
        }
    }
}

#[test]
fn a_click_gives_the_focus_and_typing_goes_where_it_was() {
    let mut bench = Bench::open("channels:\n  - a\n", YAML, 600.0, 300.0);
    bench.letters("x");
    assert!(bench.told.is_empty(), "nothing has the focus");
    // Behind the end of the second line.
    bench.click(400.0, 12.0 + 6.0 + 30.0);
    assert_eq!(bench.content.caret(), Caret { line: 1, column: 5 });
    bench.letters("bc");
    bench.key(Named::Enter);
    bench.letters("d");
    assert_eq!(bench.content.text(), "channels:\n  - abc\n  d\n");
    bench.send(&[press(Key::Character("z".into()), Modifiers::COMMAND)]);
    bench.send(&[press(Key::Character("z".into()), Modifiers::COMMAND)]);
    assert_eq!(bench.content.text(), "channels:\n  - abc\n");
}

#[test]
fn tab_comes_in_and_goes_out() {
    let mut bench = Bench::open("a: 1\n", YAML, 600.0, 300.0);
    bench.key(Named::Tab);
    bench.letters("x");
    assert_eq!(bench.content.text(), "xa: 1\n");
    bench.key(Named::Tab);
    assert_eq!(bench.content.text(), "xa: 1\n", "Tab is no text");
}

#[test]
fn what_can_only_be_read_is_not_changed() {
    let mut bench = Bench::open("a: 1\n", YAML, 600.0, 300.0);
    bench.is_read_only = true;
    bench.click(400.0, 20.0);
    bench.letters("x");
    bench.key(Named::Enter);
    bench.key(Named::Backspace);
    bench.send(&[press(Key::Character("/".into()), Modifiers::COMMAND)]);
    assert_eq!(bench.content.text(), "a: 1\n");
    bench.key(Named::Home);
    assert_eq!(bench.content.caret(), Caret { line: 0, column: 0 });
}

#[test]
fn the_wheel_scrolls_without_asking_anybody() {
    let mut bench = Bench::open(&numbered(2_000), YAML, 600.0, 300.0);
    bench.click(300.0, 100.0);
    let told = bench.told.len();
    let line = bench.content.caret().line;
    bench.wheel(-200.0);
    assert_eq!(bench.told.len(), told);
    // A click now is a click on a far line.
    bench.click(300.0, 100.0);
    assert_eq!(bench.content.caret().line, line + 600);
    bench.wheel(9_999.0);
    bench.click(300.0, 100.0);
    assert_eq!(bench.content.caret().line, line);
}

#[test]
fn a_caret_out_of_sight_is_no_trouble() {
    let mut bench = Bench::open(&numbered(2_000), YAML, 600.0, 300.0);
    bench.click(300.0, 100.0);
    bench.wheel(-500.0);
    // Another theme makes every line in sight anew, and the caret is in none of them.
    for (name, theme) in themes() {
        let picture = bench.picture(&theme, 1.0);
        assert!(picture.share_of(palette(&theme).accent) > 0.000_03, "{name}");
    }
    bench.letters("x");
    let picture = bench.picture(&light(), 1.0);
    assert!(picture.share_of(Palette::LIGHT.accent) > 0.000_03);
    assert!(bench.content.text().contains('x'), "typing brings it back");
}

#[test]
fn the_bar_is_dragged_to_any_line() {
    let mut bench = Bench::open(&numbered(1_000), YAML, 600.0, 300.0);
    let x = 600.0 - 12.0 - 6.0;
    bench.canvas.point_at(Point::new(x, 17.0));
    bench.send(&[Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))]);
    bench.canvas.point_at(Point::new(x, 400.0));
    bench.send(&[Event::Mouse(mouse::Event::CursorMoved {
        position: Point::new(x, 400.0),
    })]);
    bench.send(&[Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))]);
    bench.click(300.0, 280.0);
    assert!(bench.content.caret().line > 990, "{:?}", bench.content.caret());
}

#[test]
fn a_press_on_a_number_selects_the_line() {
    let mut bench = Bench::open("first: 1\nsecond: 2\n", YAML, 600.0, 300.0);
    bench.click(30.0, 12.0 + 6.0 + 30.0);
    bench.letters("x");
    assert_eq!(bench.content.text(), "first: 1\nx\n");
}

#[test]
fn proposals_stand_at_the_caret_and_take_the_keys() {
    let proposals: Vec<Proposal> = ["channels", "channel_alias", "channel_priority"]
        .map(|label| Proposal {
            label: label.to_owned(),
            documentation: format!("What {label} is about."),
        })
        .into();
    let mut bench = Bench::open("cha\n", YAML, 600.0, 300.0);
    bench.click(400.0, 20.0);
    bench.proposals = proposals;
    let picture = bench.picture(&light(), 1.0);
    keep("editor-proposals", &picture);
    assert!(
        picture.share_of(Palette::LIGHT.accent_weak) > 0.005,
        "the marked one"
    );
    let told = bench.told.len();
    bench.key(Named::ArrowDown);
    bench.key(Named::Enter);
    bench.key(Named::Escape);
    use code_editor::Event::{CompletionDismissed, CompletionMoved, CompletionTaken};
    assert_eq!(
        bench.told[told..],
        [CompletionMoved(1), CompletionTaken(None), CompletionDismissed]
    );
    // By pointer, too: the list begins below the caret.
    let view = Bench::view(&bench.content, YAML, &[], &bench.proposals, false);
    let found = bench
        .canvas
        .find(view, "channel_priority")
        .expect("the third one");
    let middle = iced_test::selector::Bounded::bounds(&found).center();
    bench.click(middle.x, middle.y);
    assert_eq!(bench.told.last(), Some(&CompletionTaken(Some(2))));
}

#[test]
fn what_is_said_about_a_line_shows_under_the_pointer() {
    let mut bench = Bench::open(CONDARC, YAML, 700.0, 380.0);
    bench.marks = marks();
    bench
        .canvas
        .point_at(Point::new(200.0, 12.0 + 6.0 + 5.0 * 20.0 + 10.0));
    let position = Point::new(200.0, 128.0);
    bench.send(&[Event::Mouse(mouse::Event::CursorMoved { position })]);
    let view = Bench::view(&bench.content, YAML, &bench.marks, &[], false);
    let words = bench.marks[0].words.clone();
    assert!(bench.canvas.find(view, words).is_some());
    keep("editor-bubble", &bench.picture(&light(), 1.0));
}

#[test]
fn secrets_lie_under_a_cover() {
    let theme = light();
    let line = |token: &str| format!("- https://h/t/{token}/x\n");
    let mut bench = Bench::open(&line("aaaaaaaaaa"), YAML, 500.0, 80.0);
    let one = bench.picture(&theme, 1.0);
    let mut bench = Bench::open(&line("zzzzzzzzzz"), YAML, 500.0, 80.0);
    let other = bench.picture(&theme, 1.0);
    assert!(one.rgba == other.rgba, "two tokens of one length look the same");
    let mut bench = Bench::open(&line("zzzzzzzzzzzz"), YAML, 500.0, 80.0);
    assert!(bench.picture(&theme, 1.0).rgba != one.rgba);
}

#[test]
fn the_smallest_window_holds_an_editor() {
    let mut bench = Bench::open(CONDARC, YAML, 320.0, 120.0);
    bench.marks = marks();
    keep("editor-small", &bench.picture(&light(), 2.0));
    for (width, height) in [(40.0, 30.0), (24.0, 24.0), (10.0, 200.0)] {
        let mut bench = Bench::open(CONDARC, YAML, width, height);
        bench.marks = marks();
        let _ = bench.picture(&light(), 1.0);
    }
}

#[test]
fn an_event_outcome_tells_typing_from_moving() {
    let mut content = Content::new("a\n");
    let typed = code_editor::Event::Acted(Action::Edit(Edit::Insert('b')));
    assert_eq!(content.update(typed, YAML), Outcome::Changed { by_letter: true });
    let asked = code_editor::Event::CompletionAsked;
    assert_eq!(content.update(asked, YAML), Outcome::Nothing);
}
