//! Days of the calendar.

use std::fmt;

/// A day, `YYYY-MM-DD`. The order of the texts is the order of the days.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(String);

impl Day {
    /// A day from a date or a date-time (whose time of day is left out), if the calendar has it.
    pub fn parse(text: &str) -> Option<Self> {
        let date = text.get(..10)?;
        let rest = &text[10..];
        let fits = date.bytes().enumerate().all(|(n, b)| if n == 4 || n == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !fits || !(rest.is_empty() || rest.starts_with(['T', 't', ' '])) {
            return None;
        }
        let (year, month, day): (u32, u32, u32) = (date[..4].parse().ok()?, date[5..7].parse().ok()?, date[8..].parse().ok()?);
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            _ => return None,
        };
        (1..=last).contains(&day).then(|| Self(date.to_owned()))
    }

    /// Whether it comes before the day `YYYY-MM-DD`.
    pub fn is_before(&self, day: &str) -> bool {
        self.0.as_str() < day
    }

    /// Whether it comes after the day `YYYY-MM-DD`.
    pub fn is_after(&self, day: &str) -> bool {
        self.0.as_str() > day
    }

    /// The day `days` after 1970-01-01 (Howard Hinnant's `civil_from_days`).
    pub fn since_epoch(days: i64) -> Self {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let of_era = z.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self(format!("{year:04}-{month:02}-{day:02}"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_decides_what_a_day_is() {
        for good in ["2027-03-31", "2028-02-29", "2027-03-31T10:00:00Z"] {
            assert!(Day::parse(good).is_some(), "{good}");
        }
        for bad in ["2027-02-29", "2027-13-01", "2027-00-10", "27-03-31", "2027-03-31x", "soon", "2027/03/31"] {
            assert!(Day::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn days_since_the_epoch_are_civil_days() {
        assert_eq!(Day::since_epoch(0).to_string(), "1970-01-01");
        assert_eq!(Day::since_epoch(11_016).to_string(), "2000-02-29");
        assert_eq!(Day::since_epoch(20_780).to_string(), "2026-11-23");
    }
}
