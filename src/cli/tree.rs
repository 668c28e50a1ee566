//! `sextant packages why` and `needs`: who needs whom, drawn as a tree.

use serde_json::json;

use super::Asked;
use super::arguments::OfPackage;
use super::target::environment;
use crate::error::Problem;
use crate::service::packages::tree::{Branch, BranchKind, Question};

pub(super) fn tree(asked: &Asked<'_>, words: &OfPackage, question: Question) -> Result<(), Problem> {
    let environment = environment(asked, &words.target)?;
    let trees = asked
        .services
        .package_trees(&environment.prefix, &words.package, question)?;
    asked.output.answer(
        || json!({"prefix": environment.prefix, "package": words.package, "trees": trees}),
        || {
            if trees.is_empty() {
                return format!("Nothing that was asked for needs {}.", words.package);
            }
            trees.iter().map(drawn).collect()
        },
    );
    Ok(())
}

/// A line for each branch, with the lines that lead to it.
fn drawn(tree: &Branch) -> String {
    let mut text = format!("{}\n", label(tree));
    draw_below(tree, "", &mut text);
    text
}

fn draw_below(branch: &Branch, indent: &str, text: &mut String) {
    let last = branch.below.len().saturating_sub(1);
    for (place, below) in branch.below.iter().enumerate() {
        let (corner, bar) = match place == last {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        text.push_str(&format!("{indent}{corner}{}\n", label(below)));
        draw_below(below, &format!("{indent}{bar}"), text);
    }
}

fn label(branch: &Branch) -> String {
    let mut label = branch.name.clone();
    if let Some(version) = &branch.version {
        label.push_str(&format!(" {version}"));
    }
    if let Some(spec) = branch.spec.as_deref().filter(|spec| *spec != branch.name) {
        label.push_str(&format!("  ({spec})"));
    }
    if branch.is_requested {
        label.push_str("  asked for");
    }
    label.push_str(match branch.kind {
        BranchKind::Package => "",
        BranchKind::Repeated => "  as above",
        BranchKind::Circle => "  which needs the one above it again",
        BranchKind::Machine => "  of this machine",
        BranchKind::Missing => "  missing",
    });
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(name: &str, spec: Option<&str>, below: Vec<Branch>) -> Branch {
        Branch {
            name: name.to_owned(),
            version: Some("1.0".to_owned()),
            spec: spec.map(str::to_owned),
            is_requested: spec.is_none(),
            kind: BranchKind::Package,
            below,
        }
    }

    #[test]
    fn lines_lead_to_every_branch() {
        let leaf = |name: &str| branch(name, Some(&format!("{name} >=1")), Vec::new());
        let tree = branch(
            "top",
            None,
            vec![
                branch("one", Some("one"), vec![leaf("two"), leaf("three")]),
                branch("four", Some("four"), vec![leaf("five")]),
            ],
        );
        assert_eq!(
            drawn(&tree),
            "top 1.0  asked for\n\
             ├─ one 1.0\n\
             │  ├─ two 1.0  (two >=1)\n\
             │  └─ three 1.0  (three >=1)\n\
             └─ four 1.0\n   \
                └─ five 1.0  (five >=1)\n"
        );
    }
}
