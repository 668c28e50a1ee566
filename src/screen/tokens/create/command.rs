//! What the dialog asks for, as commands.

use super::Create;
use crate::repository::Strength;
use crate::service::connection::Service;

impl Create {
    /// Sextant's own, and anaconda-client's where it makes such tokens (repository reference, section 1.2, A3). The first
    /// asks for the password itself.
    pub(super) fn commands(&self) -> Vec<String> {
        let name = match self.name.trim() {
            "" => "NAME".to_owned(),
            name => quoted(name),
        };
        let scopes = self.scopes();
        let day = self.ends_on().ok();
        let mut own = format!(
            "sextant tokens create --service {} --name {name} --scopes {}",
            self.seat.service.name(),
            quoted(&scopes.join(","))
        );
        if let Some(day) = day {
            own.push_str(&format!(" --expires {day}"));
        }
        if let Some(organization) = self.organization() {
            own.push_str(&format!(" --organization {}", quoted(organization)));
        }
        if self.strength == Strength::Weak {
            own.push_str(" --weak");
        }
        if self.may_replace {
            own.push_str(" --replace");
        }
        if self.seat.service == Service::Server {
            return vec![own];
        }
        let mut theirs = format!(
            "anaconda auth --create --name {name} --scopes '{}'",
            scopes.join(" ")
        );
        if let Some(organization) = self.organization() {
            theirs.push_str(&format!(" --org {}", quoted(organization)));
        }
        if let Some(days) = day.and_then(|day| (day - self.today).total((jiff::Unit::Day, self.today)).ok()) {
            theirs.push_str(&format!(" --max-age {}", days as i64 * 86_400));
        }
        if self.strength == Strength::Weak {
            theirs.push_str(" --strength weak");
        }
        vec![own, theirs]
    }
}

/// A word for the shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.,:@/".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
