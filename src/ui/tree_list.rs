//! A tree whose branches are opened and closed: a long list of lines with the lines of a tree before them.
//!
//! It is one Tab stop. Up and Down go from line to line, Right opens and goes in, Left closes and goes out; Enter and Space
//! are the screen's. The screen keeps the roots and a [`TreeState`]:
//!
//! ```
//! use iced::{Element, Task};
//! use sextant::ui::text;
//! use sextant::ui::tree_list::{self, Branch, Outcome, TreeState, tree_list};
//!
//! struct Package { name: String, needs: Vec<Package> }
//! impl Branch for Package {
//!     fn branches(&self) -> &[Self] { &self.needs }
//! }
//!
//! # #[derive(Clone)] enum Message { Tree(tree_list::Event) }
//! let roots = [Package { name: "pandas".into(), needs: vec![Package { name: "numpy".into(), needs: vec![] }] }];
//! let mut tree = TreeState::new("needs");
//! tree.grow(&roots);
//! let view: Element<'_, Message> = tree_list(&tree, &roots, Message::Tree, |package| text::body(&package.name).into());
//! # drop(view);
//! assert_eq!(tree.len(), 2, "a first line that stands alone is open");
//! ```

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use iced::advanced::widget::{Tree, Widget};
use iced::advanced::{Layout, Renderer as _, layout, mouse, renderer};
use iced::widget::{container, row, space};
use iced::{Center, Element, Length, Point, Rectangle, Renderer, Size, Task, Theme};

use super::icon::Icon;
use super::theme::palette;
use super::virtual_list::{self, ListState, ROW_HEIGHT, virtual_list};
use super::{button, spacing};

/// A thing with things below it.
pub trait Branch: Sized {
    fn branches(&self) -> &[Self];
}

/// The way from the roots to a line: an index at each fork.
pub type Path = Vec<usize>;

/// A line in sight.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    path: Path,
    fold: Fold,
    /// For each fork above and its own, whether more comes below it there.
    goes_on: Vec<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    Leaf,
    Closed,
    Open,
}

/// Made by the tree, consumed by [`TreeState::update`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    List(virtual_list::Event),
    /// The arrow of a line was pressed.
    Folded(usize),
}

/// What the screen has to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Nothing,
    /// Run [`TreeState::scroll_to`] with it.
    ScrollTo(f32),
    /// Enter on a line, or two quick presses.
    Activate(Path),
    /// Space on a line.
    Toggle(Path),
}

/// Which branches are open, where the cursor stands.
#[derive(Debug, Clone)]
pub struct TreeState {
    list: ListState,
    open: HashSet<Path>,
    lines: Vec<Line>,
}

impl TreeState {
    #[must_use]
    pub fn new(id: &'static str) -> Self {
        Self {
            list: ListState::new(id),
            open: HashSet::new(),
            lines: Vec::new(),
        }
    }

    /// Takes in other roots: everything is closed, but for a root that stands alone.
    pub fn grow<B: Branch>(&mut self, roots: &[B]) {
        self.open.clear();
        if let [_] = roots {
            self.open.insert(vec![0]);
        }
        self.list.set_cursor(None);
        self.lay_out(roots);
    }

    /// Takes in other roots of the same shape: what was open stays so.
    pub fn regrow<B: Branch>(&mut self, roots: &[B]) {
        self.lay_out(roots);
    }

    /// Opens every line on the way to `path`, not itself.
    pub fn open_to<B: Branch>(&mut self, roots: &[B], path: &[usize]) {
        for end in 1..path.len() {
            self.open.insert(path[..end].to_vec());
        }
        self.lay_out(roots);
    }

    /// How many lines are in sight.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Which thing a line shows.
    #[must_use]
    pub fn path(&self, line: usize) -> Option<&[usize]> {
        self.lines.get(line).map(|line| &line.path[..])
    }

    /// The line of the cursor.
    #[must_use]
    pub fn cursor(&self) -> Option<&[usize]> {
        self.path(self.list.cursor()?)
    }

    fn lay_out<B: Branch>(&mut self, roots: &[B]) {
        self.lines.clear();
        let (open, lines) = (&self.open, &mut self.lines);
        add(roots, &mut Vec::new(), &mut Vec::new(), open, lines);
    }

    pub fn update<B: Branch>(&mut self, event: Event, roots: &[B]) -> Outcome {
        match event {
            Event::Folded(line) => {
                self.list.set_cursor(Some(line));
                self.fold(line, roots);
                Outcome::Nothing
            }
            Event::List(event) => {
                let outcome = self.list.update(event, self.lines.len());
                self.heed(outcome, roots)
            }
        }
    }

    fn heed<B: Branch>(&mut self, outcome: virtual_list::Outcome, roots: &[B]) -> Outcome {
        use virtual_list::Outcome as Listed;
        let path = |tree: &Self, at: usize| tree.lines.get(at).map(|line| line.path.clone());
        match outcome {
            Listed::ScrollTo(offset) => Outcome::ScrollTo(offset),
            Listed::Activate(at) => path(self, at).map_or(Outcome::Nothing, Outcome::Activate),
            Listed::Toggle(at) => path(self, at).map_or(Outcome::Nothing, Outcome::Toggle),
            Listed::Right(at) => match self.lines.get(at).map(|line| line.fold) {
                Some(Fold::Closed) => {
                    self.fold(at, roots);
                    Outcome::Nothing
                }
                Some(Fold::Open) => self.go_to(at + 1),
                Some(Fold::Leaf) | None => Outcome::Nothing,
            },
            Listed::Left(at) => match self.lines.get(at) {
                Some(line) if line.fold == Fold::Open => {
                    self.fold(at, roots);
                    Outcome::Nothing
                }
                Some(line) => {
                    let above = line
                        .path
                        .len()
                        .checked_sub(1)
                        .map(|end| line.path[..end].to_vec());
                    let at = above.and_then(|above| self.lines.iter().position(|line| line.path == above));
                    at.map_or(Outcome::Nothing, |at| self.go_to(at))
                }
                None => Outcome::Nothing,
            },
            _ => Outcome::Nothing,
        }
    }

    fn go_to(&mut self, line: usize) -> Outcome {
        self.list.set_cursor(Some(line));
        self.list
            .offset_to(line)
            .map_or(Outcome::Nothing, Outcome::ScrollTo)
    }

    /// Opens what is closed, closes what is open.
    fn fold<B: Branch>(&mut self, line: usize, roots: &[B]) {
        let Some(line) = self.lines.get(line) else {
            return;
        };
        let path = line.path.clone();
        match line.fold {
            Fold::Open => {
                self.open.remove(&path);
            }
            Fold::Closed => {
                self.open.insert(path);
            }
            Fold::Leaf => {}
        }
        self.lay_out(roots);
    }

    pub fn scroll_to<Message: Send + 'static>(&mut self, offset: f32) -> Task<Message> {
        self.list.scroll_to(offset)
    }

    /// Back to the first line.
    pub fn reset<Message: Send + 'static>(&mut self) -> Task<Message> {
        self.list.reset()
    }
}

/// The thing at a line.
pub fn at<'b, B: Branch>(roots: &'b [B], path: &[usize]) -> Option<&'b B> {
    let (first, rest) = path.split_first()?;
    let mut thing = roots.get(*first)?;
    for index in rest {
        thing = thing.branches().get(*index)?;
    }
    Some(thing)
}

fn add<B: Branch>(
    branches: &[B],
    path: &mut Path,
    goes_on: &mut Vec<bool>,
    open: &HashSet<Path>,
    lines: &mut Vec<Line>,
) {
    for (index, branch) in branches.iter().enumerate() {
        path.push(index);
        goes_on.push(index + 1 < branches.len());
        let fold = match (branch.branches().is_empty(), open.contains(path)) {
            (true, _) => Fold::Leaf,
            (false, true) => Fold::Open,
            (false, false) => Fold::Closed,
        };
        lines.push(Line {
            path: path.clone(),
            fold,
            goes_on: goes_on.clone(),
        });
        if fold == Fold::Open {
            add(branch.branches(), path, goes_on, open, lines);
        }
        goes_on.pop();
        path.pop();
    }
}

/// Draws the tree, as high as its place. `line` draws a thing, to the right of its lines.
pub fn tree_list<'a, B: Branch, Message: Clone + 'a>(
    state: &'a TreeState,
    roots: &'a [B],
    on_event: impl Fn(Event) -> Message + Clone + 'a,
    line: impl Fn(&'a B) -> Element<'a, Message>,
) -> Element<'a, Message> {
    let of_list = on_event.clone();
    virtual_list(
        &state.list,
        state.lines.len(),
        move |event| of_list(Event::List(event)),
        |index| {
            let drawn = state
                .lines
                .get(index)
                .and_then(|line| Some((line, at(roots, &line.path)?)));
            let Some((line_state, thing)) = drawn else {
                return (0, space().into());
            };
            let arrow: Element<'a, Message> = match line_state.fold {
                Fold::Leaf => space().width(24).into(),
                Fold::Closed => arrow(Icon::ChevronRight, "Open", on_event(Event::Folded(index))),
                Fold::Open => arrow(Icon::ChevronDown, "Close", on_event(Event::Folded(index))),
            };
            let guides = Element::new(Guides(&line_state.goes_on));
            let content = container(line(thing)).width(Length::Fill).clip(true);
            let parts = row![guides, arrow, content].spacing(spacing::XXS).align_y(Center);
            (key(&line_state.path), parts.into())
        },
    )
}

/// The height of a tree of so many lines that shows at most `most` of them.
#[must_use]
pub fn height(lines: usize, most: usize) -> f32 {
    lines.clamp(1, most) as f32 * ROW_HEIGHT
}

fn arrow<'a, Message: Clone + 'a>(icon: Icon, name: &str, message: Message) -> Element<'a, Message> {
    button::icon(icon, name)
        .small()
        .tab_stop(false)
        .on_press(message)
        .into()
}

/// A line stays the same wherever it is moved by lines above it.
fn key(path: &[usize]) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

/// The lines before a line of the tree: down where more comes, and across to the thing itself.
struct Guides<'a>(&'a [bool]);

const STEP: f32 = 16.0;

impl<Message> Widget<Message, Theme, Renderer> for Guides<'_> {
    fn size(&self) -> Size<Length> {
        let depth = self.0.len().saturating_sub(1);
        Size::new(
            Length::Fixed(depth as f32 * STEP),
            Length::Fixed(ROW_HEIGHT - 1.0),
        )
    }

    fn layout(&mut self, _: &mut Tree, _: &Renderer, limits: &layout::Limits) -> layout::Node {
        let depth = self.0.len().saturating_sub(1);
        layout::atomic(limits, depth as f32 * STEP, ROW_HEIGHT - 1.0)
    }

    fn draw(
        &self,
        _: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
        _: &Rectangle,
    ) {
        let color = palette(theme).edge;
        let bounds = layout.bounds();
        let mut line = |x: f32, y: f32, width: f32, height: f32| {
            let quad = renderer::Quad {
                bounds: Rectangle::new(Point::new(bounds.x + x, bounds.y + y), Size::new(width, height)),
                ..renderer::Quad::default()
            };
            renderer.fill_quad(quad, color);
        };
        let middle = (bounds.height / 2.0).round();
        // The roots hang from nothing.
        let forks = self.0.get(1..).unwrap_or_default();
        for (depth, goes_on) in forks.iter().enumerate() {
            let x = (depth as f32 * STEP + STEP / 2.0).round();
            let is_own = depth + 1 == forks.len();
            match (is_own, goes_on) {
                (_, true) => line(x, 0.0, 1.0, ROW_HEIGHT),
                (true, false) => line(x, 0.0, 1.0, middle + 1.0),
                (false, false) => {}
            }
            if is_own {
                line(x, middle, STEP / 2.0, 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::keyboard::Intent;
    use super::*;

    struct Named(&'static str, Vec<Named>);

    impl Branch for Named {
        fn branches(&self) -> &[Self] {
            &self.1
        }
    }

    fn forest() -> Vec<Named> {
        let leaf = |name| Named(name, Vec::new());
        vec![
            Named(
                "pandas",
                vec![Named("numpy", vec![leaf("libblas")]), leaf("tzdata")],
            ),
            leaf("pip"),
        ]
    }

    fn shown<'f>(tree: &TreeState, roots: &'f [Named]) -> Vec<&'f str> {
        let named = tree.lines.iter().filter_map(|line| at(roots, &line.path));
        named.map(|thing| thing.0).collect()
    }

    fn key(tree: &mut TreeState, roots: &[Named], intent: Intent) -> Outcome {
        tree.update(Event::List(virtual_list::Event::Key(intent)), roots)
    }

    #[test]
    fn keys_open_go_in_go_out_and_close() {
        let roots = forest();
        let mut tree = TreeState::new("tree");
        tree.grow(&roots);
        assert_eq!(shown(&tree, &roots), ["pandas", "pip"]);
        key(&mut tree, &roots, Intent::Down);
        key(&mut tree, &roots, Intent::Right);
        assert_eq!(shown(&tree, &roots), ["pandas", "numpy", "tzdata", "pip"]);
        key(&mut tree, &roots, Intent::Right);
        assert_eq!(tree.cursor(), Some(&[0, 0][..]));
        key(&mut tree, &roots, Intent::Right);
        assert_eq!(
            shown(&tree, &roots),
            ["pandas", "numpy", "libblas", "tzdata", "pip"]
        );
        assert_eq!(
            key(&mut tree, &roots, Intent::Submit),
            Outcome::Activate(vec![0, 0])
        );
        assert_eq!(
            key(&mut tree, &roots, Intent::Toggle),
            Outcome::Toggle(vec![0, 0])
        );
        key(&mut tree, &roots, Intent::Down);
        key(&mut tree, &roots, Intent::Right);
        assert_eq!(tree.cursor(), Some(&[0, 0, 0][..]), "a leaf has nothing to open");
        key(&mut tree, &roots, Intent::Left);
        assert_eq!(tree.cursor(), Some(&[0, 0][..]));
        key(&mut tree, &roots, Intent::Left);
        assert_eq!(shown(&tree, &roots), ["pandas", "numpy", "tzdata", "pip"]);
        key(&mut tree, &roots, Intent::Left);
        key(&mut tree, &roots, Intent::Left);
        assert_eq!(shown(&tree, &roots), ["pandas", "pip"]);
        assert_eq!(key(&mut tree, &roots, Intent::Left), Outcome::Nothing);
    }

    #[test]
    fn lines_know_where_the_tree_goes_on() {
        let roots = forest();
        let mut tree = TreeState::new("tree");
        tree.grow(&roots);
        tree.open_to(&roots, &[0, 0, 0]);
        let goes_on: Vec<&[bool]> = tree.lines.iter().map(|line| &line.goes_on[..]).collect();
        assert_eq!(
            goes_on,
            [
                &[true][..],
                &[true, true],
                &[true, true, false],
                &[true, false],
                &[false]
            ]
        );
        // The arrow of a line does what the keys do.
        tree.update(Event::Folded(1), &roots);
        assert_eq!(shown(&tree, &roots), ["pandas", "numpy", "tzdata", "pip"]);
        assert_eq!(tree.cursor(), Some(&[0, 0][..]));
    }

    #[test]
    fn what_stands_alone_is_open_at_once() {
        let roots = [Named("pandas", vec![Named("numpy", Vec::new())])];
        let mut tree = TreeState::new("tree");
        tree.grow(&roots);
        assert_eq!(shown(&tree, &roots), ["pandas", "numpy"]);
        tree.update(Event::Folded(0), &roots);
        tree.regrow(&roots);
        assert_eq!(shown(&tree, &roots), ["pandas"]);
    }
}
