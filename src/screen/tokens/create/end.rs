//! Until when a token lives.

use jiff::ToSpan;
use jiff::civil::Date;

/// The choices; the first is the server's own (seed 004: "By default, tokens expire after one year").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    OneYear,
    NinetyDays,
    ThirtyDays,
    SevenDays,
    /// The day that is typed.
    OnDay,
}

impl End {
    pub const ALL: [Self; 5] = [
        Self::OneYear,
        Self::NinetyDays,
        Self::ThirtyDays,
        Self::SevenDays,
        Self::OnDay,
    ];

    fn length(self) -> Option<(jiff::Span, &'static str)> {
        Some(match self {
            Self::OneYear => (1.year(), "In one year"),
            Self::NinetyDays => (90.days(), "In 90 days"),
            Self::ThirtyDays => (30.days(), "In 30 days"),
            Self::SevenDays => (7.days(), "In 7 days"),
            Self::OnDay => return None,
        })
    }

    /// As the person chooses it.
    pub fn label(self, today: Date) -> String {
        match self.length() {
            Some((length, words)) => match today.checked_add(length) {
                Ok(day) => format!("{words}, on {}", day.strftime("%-d %B %Y")),
                Err(_) => words.to_owned(),
            },
            None => "On another day…".to_owned(),
        }
    }

    /// The day. `typed` counts where it is chosen by itself.
    ///
    /// Errors: in words for under the field; empty while there is nothing to say.
    pub fn day(self, today: Date, typed: &str) -> Result<Date, String> {
        if let Some((length, _)) = self.length() {
            return today.checked_add(length).map_err(|error| error.to_string());
        }
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(String::new());
        }
        // As it is written everywhere else; other forms mean different days to different people.
        let day = (typed.len() == "YYYY-MM-DD".len())
            .then(|| typed.parse::<Date>().ok())
            .flatten()
            .ok_or_else(|| "Write the day as 2027-03-31.".to_owned())?;
        match day > today {
            true => Ok(day),
            false => Err("This day is over. Choose one from tomorrow on.".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_year_is_a_year_and_days_are_days() {
        let today: Date = "2026-11-25".parse().unwrap();
        assert_eq!(End::OneYear.label(today), "In one year, on 25 November 2027");
        assert_eq!(End::SevenDays.day(today, "").unwrap().to_string(), "2026-12-02");
    }

    #[test]
    fn a_day_that_is_typed_lies_ahead() {
        let today: Date = "2026-11-25".parse().unwrap();
        let day = |typed: &str| End::OnDay.day(today, typed);
        assert_eq!(day("2027-03-31").unwrap().to_string(), "2027-03-31");
        assert_eq!(day("").unwrap_err(), "");
        for (typed, said) in [
            ("2026-11-25", "is over"),
            ("2026-02-30", "Write the day"),
            ("31.3.2027", "Write the day"),
            ("20270331", "Write the day"),
        ] {
            assert!(day(typed).unwrap_err().contains(said), "{typed}");
        }
    }
}
